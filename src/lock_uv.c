/* SPDX-License-Identifier: MIT */
/*
 * uv.lock, version 1.  No package has a marker; each dependency may have one, and uv installs
 * what it reaches from the project (uv: crates/uv-resolver/src/lock/installable.rs).
 */
#include "lock_impl.h"

struct source {
	enum mc_lock_kind kind;
	struct mc_str place;
	bool is_here; /* "." of the lock */
};

static struct source source_of(const struct mc_toml *package)
{
	static const struct {
		const char *key;
		enum mc_lock_kind kind;
	} kinds[] = {
		{"registry", MC_LOCK_INDEX}, {"url", MC_LOCK_URL},
		{"git", MC_LOCK_GIT},	     {"path", MC_LOCK_PATH},
		{"directory", MC_LOCK_PATH}, {"editable", MC_LOCK_PATH},
		{"virtual", MC_LOCK_PROJECT},
	};
	const struct mc_toml *table = mc_toml_get(package, MC_STR("source"));
	struct source source = {MC_LOCK_INDEX, {"", 0}, false};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct mc_str place = mc_toml_text(table, mc_str_of(kinds[i].key));

		if (!place.len)
			continue;
		source.kind = kinds[i].kind;
		source.place = place;
		source.is_here = i >= 4 && mc_str_is(place, MC_STR("."));
	}
	return source;
}

/* ---- files ---- */

static bool is_url(struct mc_str text)
{
	return mc_str_starts(text, MC_STR("https://")) || mc_str_starts(text, MC_STR("http://")) ||
	       mc_str_starts(text, MC_STR("file://"));
}

static enum mc_status add_file(struct mc_lock_reader *r, struct mc_lock_package *package,
			       const struct source *source, const struct mc_toml *table)
{
	const struct mc_toml *nbytes = mc_toml_get(table, MC_STR("size"));
	struct mc_lock_file file = {.file_name = mc_toml_text(table, MC_STR("filename")),
				    .url = mc_toml_text(table, MC_STR("url")),
				    .path = mc_toml_text(table, MC_STR("path")),
				    .hash = mc_toml_text(table, MC_STR("hash")),
				    .nbytes = nbytes ? nbytes->integer : 0};

	/* A path is relative to the folder that serves as an index.  */
	if (source->kind == MC_LOCK_INDEX && !is_url(source->place))
		file.base = source->place;
	/* The one file of a source is the source.  */
	if (!file.url.len && !file.path.len && source->kind == MC_LOCK_URL)
		file.url = source->place;
	if (!file.url.len && !file.path.len && source->kind == MC_LOCK_PATH)
		file.path = source->place;
	return mc_lock_add_file(r, package, &file);
}

static enum mc_status add_files(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct source *source, const struct mc_toml *table)
{
	size_t count;
	const struct mc_toml *wheels = mc_toml_items(table, MC_STR("wheels"), &count);
	const struct mc_toml *sdist = mc_toml_get(table, MC_STR("sdist"));

	/* A folder or a repository is built here, whatever uv has noted of it.  */
	if (source->kind == MC_LOCK_GIT || source->kind == MC_LOCK_PROJECT)
		return MC_OK;
	MC_TRY(mc_lock_room(r, package, count + 1));
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_file(r, package, source, &wheels[i]));
	return sdist && sdist->type == MC_TOML_TABLE ? add_file(r, package, source, sdist) : MC_OK;
}

/* ---- packages ---- */

static enum mc_status add_package(struct mc_lock_reader *r, const struct mc_toml *table,
				  struct mc_lock_package **package_out)
{
	struct source source = source_of(table);
	struct mc_lock_package *package;

	/* What is built here may have a version that only the build knows.  */
	MC_TRY(mc_lock_add(r, table->line, mc_toml_text(table, MC_STR("name")),
			   mc_toml_text(table, MC_STR("version")), source.kind == MC_LOCK_INDEX,
			   &package));
	*package_out = package;
	if (!package)
		return MC_OK;
	package->kind = source.is_here ? MC_LOCK_PROJECT : source.kind;
	package->is_root = source.is_here;
	if (source.kind != MC_LOCK_INDEX)
		MC_TRY(mc_lock_copy(r, source.place, &package->place));
	return add_files(r, package, &source, table);
}

/* ---- edges ---- */

static enum mc_status add_dependency(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				     const struct mc_toml *table, struct mc_lock_edge edge)
{
	struct mc_str version = mc_toml_text(table, MC_STR("version")), name;
	size_t count;
	const struct mc_toml *extras = mc_toml_items(table, MC_STR("extra"), &count);
	struct mc_mark mark = mc_arena_mark(r->scratch);
	bool is_known = false;

	MC_TRY(mc_lock_name(r, mc_toml_text(table, MC_STR("name")), &name));
	MC_TRY(mc_lock_copy(r, mc_toml_text(table, MC_STR("marker")), &edge.marker));
	MC_TRY(mc_lock_copy_list(r, extras, count, &edge.extras, &edge.extras_count));
	for (size_t at = 0; (edge.to = mc_lock_next(r, name, &at));) {
		is_known = true;
		/* A version is given where there are several.  */
		if (!version.len || mc_str_is(version, edge.to->version))
			MC_TRY(mc_lock_add_edge(r, edges, &edge));
	}
	mc_arena_rewind(r->scratch, mark);
	if (!is_known)
		return mc_lock_problem(r, table->line, "a dependency that is not in the lock");
	return MC_OK;
}

static enum mc_status add_dependencies(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				       const struct mc_toml *list, struct mc_lock_edge edge)
{
	size_t count = list && list->type == MC_TOML_ARRAY ? list->items_count : 0;

	for (size_t i = 0; i < count; i++)
		MC_TRY(add_dependency(r, edges, &list->items[i], edge));
	return MC_OK;
}

/* A table of lists, by the name of an extra or of a group.  */
static enum mc_status add_named(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				const struct mc_toml *table, const char *key, bool is_extra)
{
	size_t count;
	const struct mc_toml *lists = mc_toml_items(table, mc_str_of(key), &count);

	for (size_t i = 0; i < count; i++) {
		struct mc_lock_edge edge = {.to = NULL};
		struct mc_str *name = is_extra ? &edge.extra : &edge.group;

		MC_TRY(mc_lock_name(r, lists[i].key, name));
		if (name->len)
			MC_TRY(add_dependencies(r, edges, &lists[i], edge));
	}
	return MC_OK;
}

static enum mc_status add_edges(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	struct mc_lock_edges edges = {NULL, 0, 0};

	MC_TRY(add_dependencies(r, &edges, mc_toml_get(table, MC_STR("dependencies")),
				(struct mc_lock_edge){.to = NULL}));
	MC_TRY(add_named(r, &edges, table, "optional-dependencies", true));
	MC_TRY(add_named(r, &edges, table, "dev-dependencies", false));
	package->edges = edges.items;
	package->edges_count = edges.count;
	return MC_OK;
}

/* ---- roots ---- */

/* All members of a workspace are judged: which one is deployed the lock does not say.  */
static enum mc_status add_members(struct mc_lock_reader *r, const struct mc_toml *manifest)
{
	size_t count;
	const struct mc_toml *members = mc_toml_items(manifest, MC_STR("members"), &count);

	for (size_t i = 0; i < count; i++) {
		struct mc_lock_package *package;
		struct mc_str name;

		MC_TRY(mc_lock_name(r, members[i].text, &name));
		for (size_t at = 0; (package = mc_lock_next(r, name, &at));) {
			package->is_root = true;
			package->kind = MC_LOCK_PROJECT;
		}
	}
	return MC_OK;
}

/* The lock of a script (PEP 723) has no package for it.  */
static enum mc_status add_script(struct mc_lock_reader *r, const struct mc_toml *manifest)
{
	const struct mc_toml *list = mc_toml_get(manifest, MC_STR("requirements"));
	struct mc_lock_edges edges = {NULL, 0, 0};
	struct mc_lock_package *package;

	if (!list || list->type != MC_TOML_ARRAY || !list->items_count || r->lock->has_roots)
		return MC_OK;
	for (size_t i = 0; i < list->items_count; i++)
		MC_TRY(add_dependency(r, &edges, &list->items[i], (struct mc_lock_edge){.to = NULL}));
	MC_TRY(mc_lock_add(r, list->line, MC_STR("script"), (struct mc_str){"", 0}, false, &package));
	if (!package)
		return MC_OK;
	package->kind = MC_LOCK_PROJECT;
	package->is_root = r->lock->has_roots = true;
	package->edges = edges.items;
	package->edges_count = edges.count;
	return MC_OK;
}

static void look_for_roots(struct mc_lock *lock)
{
	for (size_t i = 0; i < lock->packages_count; i++)
		lock->has_roots |= lock->packages[i]->is_root;
}

enum mc_status mc_lock_read_uv(struct mc_lock_reader *r, const struct mc_toml *root)
{
	const struct mc_toml *version = mc_toml_get(root, MC_STR("version"));
	const struct mc_toml *manifest = mc_toml_get(root, MC_STR("manifest"));
	size_t count;
	const struct mc_toml *tables = mc_toml_items(root, MC_STR("package"), &count);
	struct mc_lock_package **packages;

	r->lock->format = "uv.lock";
	r->lock->names_files = true;
	if (!version || version->type != MC_TOML_INTEGER || version->integer != 1)
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED, "only version 1 of uv.lock is read");
	MC_TRY(mc_lock_copy(r, mc_toml_text(root, MC_STR("requires-python")),
			    &r->lock->requires_python));
	packages = MC_TAKE_ARRAY(r->scratch, struct mc_lock_package *, count + 1);
	if (!packages)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_package(r, &tables[i], &packages[i]));
	for (size_t i = 0; i < count; i++)
		if (packages[i])
			MC_TRY(add_edges(r, packages[i], &tables[i]));
	MC_TRY(add_members(r, manifest));
	look_for_roots(r->lock);
	return add_script(r, manifest);
}
