/* SPDX-License-Identifier: MIT */
/*
 * pdm.lock.  With the strategy inherit_metadata (the default since PDM 2.11) each package has its
 * groups and its marker; without, there are only the dependencies of each package.
 */
#include "lock_impl.h"

struct pdm {
	struct mc_lock_reader *r;
	const struct mc_toml *files; /* [metadata.files], up to lock_version 4.2 */
	bool has_markers;
};

static enum mc_status read_kind(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	struct mc_str path = mc_toml_text(table, MC_STR("path"));
	struct mc_str url = mc_toml_text(table, MC_STR("url")), place = path;

	if (path.len) {
		package->kind = MC_LOCK_PATH;
	} else if (url.len) {
		package->kind = MC_LOCK_URL;
		place = url;
	} else if (mc_toml_get(table, MC_STR("revision"))) {
		package->kind = MC_LOCK_GIT;
		place = mc_toml_text(table, MC_STR("git"));
	}
	return mc_lock_copy(r, place, &package->place);
}

/* "default" is the project itself.  */
static enum mc_status read_groups(struct mc_lock_reader *r, struct mc_lock_package *package,
				  const struct mc_toml *table)
{
	size_t count;
	const struct mc_toml *items = mc_toml_items(table, MC_STR("groups"), &count);
	struct mc_str *groups;

	if (!count)
		return MC_OK;
	groups = MC_TAKE_ARRAY(r->arena, struct mc_str, count);
	if (!groups)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(items[i].text, MC_STR("default")))
			groups[i] = (struct mc_str){"", 0};
		else
			MC_TRY(mc_lock_name(r, items[i].text, &groups[i]));
	package->groups = groups;
	package->groups_count = count;
	return MC_OK;
}

static enum mc_status add_files(const struct pdm *p, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	size_t count;
	const struct mc_toml *files = mc_toml_items(table, MC_STR("files"), &count);

	if (!files) {
		struct mc_str key = mc_arena_printf(
			p->r->scratch, "%.*s %.*s", MC_TEXT(mc_toml_text(table, MC_STR("name"))),
			MC_TEXT(mc_toml_text(table, MC_STR("version"))));

		if (!key.len)
			return mc_no_memory(p->r->err);
		files = mc_toml_items(p->files, key, &count);
	}
	MC_TRY(mc_lock_room(p->r, package, count));
	for (size_t i = 0; i < count; i++) {
		struct mc_lock_file file = {.file_name = mc_toml_text(&files[i], MC_STR("file")),
					    .url = mc_toml_text(&files[i], MC_STR("url")),
					    .hash = mc_toml_text(&files[i], MC_STR("hash"))};

		if (!file.url.len && package->kind == MC_LOCK_URL)
			file.url = package->place;
		MC_TRY(mc_lock_add_file(p->r, package, &file));
	}
	return MC_OK;
}

/*
 * "uvicorn" and "uvicorn[standard]" are two entries of one package with the same files: the
 * second is found as the first, and what it requires is added there.
 */
static enum mc_status find_same(struct mc_lock_reader *r, const struct mc_toml *table,
				struct mc_lock_package **package_out)
{
	struct mc_str name;
	struct mc_lock_package *package;

	*package_out = NULL;
	MC_TRY(mc_lock_name(r, mc_toml_text(table, MC_STR("name")), &name));
	for (size_t at = 0; (package = mc_lock_next(r, name, &at));)
		if (mc_str_is(package->version, mc_toml_text(table, MC_STR("version"))) &&
		    mc_str_is(package->marker, mc_toml_text(table, MC_STR("marker"))))
			*package_out = package;
	return MC_OK;
}

static enum mc_status add_package(const struct pdm *p, const struct mc_toml *table)
{
	struct mc_lock_reader *r = p->r;
	struct mc_lock_package *package;
	bool is_built = mc_toml_get(table, MC_STR("path")) || mc_toml_get(table, MC_STR("url")) ||
			mc_toml_get(table, MC_STR("revision"));

	MC_TRY(mc_lock_add(r, table->line, mc_toml_text(table, MC_STR("name")),
			   mc_toml_text(table, MC_STR("version")), !is_built, &package));
	if (!package)
		return MC_OK;
	MC_TRY(mc_lock_copy(r, mc_toml_text(table, MC_STR("requires_python")),
			    &package->requires_python));
	MC_TRY(mc_lock_copy(r, mc_toml_text(table, MC_STR("marker")), &package->marker));
	MC_TRY(read_groups(r, package, table));
	MC_TRY(read_kind(r, package, table));
	return add_files(p, package, table);
}

/* First those that have no extras: all others are then found.  */
static enum mc_status add_packages(const struct pdm *p, const struct mc_toml *tables, size_t count,
				   bool with_extras)
{
	for (size_t i = 0; i < count; i++) {
		bool has_extras = mc_toml_get(&tables[i], MC_STR("extras"));
		struct mc_lock_package *same = NULL;

		if (has_extras != with_extras)
			continue;
		if (has_extras)
			MC_TRY(find_same(p->r, &tables[i], &same));
		if (!same)
			MC_TRY(add_package(p, &tables[i]));
	}
	return MC_OK;
}

/* ---- edges ---- */


static enum mc_status add_edges(struct mc_lock_reader *r, const struct mc_toml *table)
{
	size_t count;
	const struct mc_toml *items = mc_toml_items(table, MC_STR("dependencies"), &count);
	struct mc_lock_package *package;
	struct mc_lock_edges edges = {NULL, 0, 0};

	MC_TRY(find_same(r, table, &package));
	if (!package || !count)
		return MC_OK;
	for (size_t i = 0; i < package->edges_count; i++) /* of an entry with other extras */
		MC_TRY(mc_lock_add_edge(r, &edges, &package->edges[i]));
	for (size_t i = 0; i < count; i++)
		MC_TRY(mc_lock_add_requirement(r, &edges, table->line, items[i].text,
					       (struct mc_lock_edge){.to = NULL}));
	package->edges = edges.items;
	package->edges_count = edges.count;
	return MC_OK;
}

/* ---- the lock ---- */

static bool has_strategy(const struct mc_toml *metadata, struct mc_str wanted)
{
	size_t count;
	const struct mc_toml *items = mc_toml_items(metadata, MC_STR("strategy"), &count);

	for (size_t i = 0; i < count; i++)
		if (mc_str_is(items[i].text, wanted))
			return true;
	return false;
}

/* Of the one target; several have each their own.  */
static enum mc_status read_python(struct mc_lock_reader *r, const struct mc_toml *metadata)
{
	size_t count;
	const struct mc_toml *targets = mc_toml_items(metadata, MC_STR("targets"), &count);
	struct mc_str set = {"", 0};

	if (count == 1)
		set = mc_toml_text(targets, MC_STR("requires_python"));
	return mc_lock_copy(r, set, &r->lock->requires_python);
}

static bool is_known_version(struct mc_str version)
{
	struct mc_str major = mc_str_cut(&version, '.');

	return mc_str_is(major, MC_STR("3")) || mc_str_is(major, MC_STR("4"));
}

enum mc_status mc_lock_read_pdm(struct mc_lock_reader *r, const struct mc_toml *root)
{
	const struct mc_toml *metadata = mc_toml_get(root, MC_STR("metadata"));
	struct pdm p = {.r = r,
			.files = mc_toml_get(metadata, MC_STR("files")),
			.has_markers = has_strategy(metadata, MC_STR("inherit_metadata"))};
	size_t count;
	const struct mc_toml *tables = mc_toml_items(root, MC_STR("package"), &count);

	r->lock->format = "pdm.lock";
	r->lock->names_files = true;
	if (!is_known_version(mc_toml_text(metadata, MC_STR("lock_version"))))
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED, "only lock_version 3 and 4 of pdm.lock are read");
	MC_TRY(read_python(r, metadata));
	MC_TRY(add_packages(&p, tables, count, false));
	MC_TRY(add_packages(&p, tables, count, true));
	for (size_t i = 0; i < count && !p.has_markers; i++)
		MC_TRY(add_edges(r, &tables[i]));
	return p.has_markers ? MC_OK : mc_lock_read_project(r);
}
