/* SPDX-License-Identifier: MIT */
/*
 * poetry.lock 1.x and 2.x.  From 2.1 on (Poetry 2) each package has its groups and its marker;
 * before, there are only the dependencies of each package, and those of the project are in
 * pyproject.toml alone.
 */
#include "lock_impl.h"

#include <string.h>

struct poetry {
	struct mc_lock_reader *r;
	const struct mc_toml *extras; /* of the project: a list of names each */
	const struct mc_toml *files;  /* [metadata.files] of the old ones */
	bool has_markers;
};

/* Poetry's own syntax ("^3.8", "~3", "a || b") is not PEP 440.  */
static bool is_pep440_set(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char next = i + 1 < text.len ? text.ptr[i + 1] : '\0';

		if (text.ptr[i] == '^' || text.ptr[i] == '|' || (text.ptr[i] == '~' && next != '='))
			return false;
	}
	return !mc_str_is(text, MC_STR("*"));
}

static enum mc_status copy_python(struct mc_lock_reader *r, const struct mc_toml *table,
				  struct mc_str *set_out)
{
	struct mc_str set = mc_toml_text(table, MC_STR("python-versions"));

	return mc_lock_copy(r, is_pep440_set(set) ? set : (struct mc_str){"", 0}, set_out);
}

/* ---- where it is from ---- */

static enum mc_status read_kind(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_toml *source)
{
	struct mc_str type = mc_toml_text(source, MC_STR("type"));

	if (mc_str_is(type, MC_STR("url")))
		package->kind = MC_LOCK_URL;
	else if (mc_str_is(type, MC_STR("git")))
		package->kind = MC_LOCK_GIT;
	else if (mc_str_is(type, MC_STR("directory")) || mc_str_is(type, MC_STR("file")))
		package->kind = MC_LOCK_PATH;
	if (package->kind == MC_LOCK_INDEX) /* "legacy" names an index of its own */
		return MC_OK;
	return mc_lock_copy(r, mc_toml_text(source, MC_STR("url")), &package->place);
}

static enum mc_status add_file(struct mc_lock_reader *r, struct mc_lock_package *package,
			       const struct mc_toml *table, bool is_path)
{
	struct mc_lock_file file = {.file_name = mc_toml_text(table, MC_STR("file")),
				    .hash = mc_toml_text(table, MC_STR("hash"))};

	if (package->kind == MC_LOCK_URL)
		file.url = package->place;
	else if (package->kind == MC_LOCK_PATH && is_path)
		file.path = package->place;
	return mc_lock_add_file(r, package, &file);
}

static enum mc_status add_files(const struct poetry *p, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	struct mc_str type = mc_toml_text(mc_toml_get(table, MC_STR("source")), MC_STR("type"));
	size_t count;
	const struct mc_toml *files = mc_toml_items(table, MC_STR("files"), &count);

	if (!files)
		files = mc_toml_items(p->files, mc_toml_text(table, MC_STR("name")), &count);
	MC_TRY(mc_lock_room(p->r, package, count));
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_file(p->r, package, &files[i], mc_str_is(type, MC_STR("file"))));
	return MC_OK;
}

/* ---- when it is wanted ---- */

/* "A" and "B" of two groups make "(A) or (B)"; a group without one makes "always".  */
static enum mc_status join_markers(struct mc_lock_reader *r, struct mc_lock_package *package,
				   const struct mc_toml *by_group)
{
	size_t nbytes = 0, at = 0;
	char *text;

	if (by_group->items_count < package->groups_count)
		return MC_OK;
	for (size_t i = 0; i < by_group->items_count; i++) {
		if (!by_group->items[i].text.len)
			return MC_OK;
		nbytes += by_group->items[i].text.len + 6;
	}
	text = mc_arena_take(r->arena, nbytes + 1, 1);
	if (!text)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < by_group->items_count; i++) {
		struct mc_str one = by_group->items[i].text;

		memcpy(text + at, i ? " or (" : "(", i ? 5 : 1);
		at += i ? 5 : 1;
		memcpy(text + at, one.ptr, one.len);
		at += one.len;
		text[at++] = ')';
	}
	package->marker = (struct mc_str){text, at};
	return MC_OK;
}

static enum mc_status read_marker(struct mc_lock_reader *r, struct mc_lock_package *package,
				  const struct mc_toml *table)
{
	const struct mc_toml *markers = mc_toml_get(table, MC_STR("markers"));

	if (!markers)
		markers = mc_toml_get(table, MC_STR("marker")); /* Poetry 1.0 */
	if (markers && markers->type == MC_TOML_TABLE)
		return join_markers(r, package, markers);
	return mc_lock_copy(r, markers ? markers->text : (struct mc_str){"", 0}, &package->marker);
}

/* "main" is the project itself.  */
static enum mc_status read_groups(struct mc_lock_reader *r, struct mc_lock_package *package,
				  const struct mc_toml *table)
{
	const struct mc_toml *category = mc_toml_get(table, MC_STR("category")); /* Poetry 1.4 */
	size_t count;
	const struct mc_toml *items = mc_toml_items(table, MC_STR("groups"), &count);
	struct mc_str *groups;

	if (!items && category && category->text.len) {
		items = category;
		count = 1;
	}
	if (!count)
		return MC_OK;
	groups = MC_TAKE_ARRAY(r->arena, struct mc_str, count);
	if (!groups)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(items[i].text, MC_STR("main")))
			groups[i] = (struct mc_str){"", 0};
		else
			MC_TRY(mc_lock_name(r, items[i].text, &groups[i]));
	package->groups = groups;
	package->groups_count = count;
	return MC_OK;
}

/* Is the package among those of an extra?  "name" or "name (>=1.0)".  */
static enum mc_status names_package(const struct poetry *p, const struct mc_toml *list,
				    struct mc_str package, bool *does_out)
{
	*does_out = false;
	for (size_t i = 0; i < list->items_count && !*does_out; i++) {
		struct mc_str raw = list->items[i].text, name;
		size_t len = 0;

		while (len < raw.len && !memchr(" ([<>=!~;", raw.ptr[len], 9))
			len++;
		MC_TRY(mc_lock_name(p->r, (struct mc_str){raw.ptr, len}, &name));
		*does_out = mc_str_is(name, package);
	}
	return MC_OK;
}

/* Few packages are optional, and few extras there are; a hostile lock has a bound on both.  */
#define EXTRAS_WORK_MAX ((size_t)1 << 22)

static enum mc_status read_extras(const struct poetry *p, struct mc_lock_package *package,
				  size_t *work)
{
	size_t count = p->extras && p->extras->type == MC_TOML_TABLE ? p->extras->items_count : 0;
	struct mc_str *extras;

	if (!package->is_optional || !count)
		return MC_OK;
	extras = MC_TAKE_ARRAY(p->r->arena, struct mc_str, count);
	if (!extras)
		return mc_no_memory(p->r->err);
	for (size_t i = 0; i < count; i++) {
		const struct mc_toml *list = &p->extras->items[i];
		struct mc_mark mark = mc_arena_mark(p->r->arena);
		bool does;

		*work += list->items_count + 1;
		if (*work > EXTRAS_WORK_MAX)
			return mc_lock_fail(p->r, MC_ERR_LIMIT, "it has too many extras");
		MC_TRY(names_package(p, list, package->name, &does));
		mc_arena_rewind(p->r->arena, mark);
		if (!does)
			continue;
		MC_TRY(mc_lock_name(p->r, list->key, &extras[package->extras_count]));
		package->extras_count += extras[package->extras_count].len > 0;
	}
	package->extras = extras;
	return MC_OK;
}

/* ---- packages ---- */

static enum mc_status add_package(const struct poetry *p, const struct mc_toml *table, size_t *work,
				  struct mc_lock_package **package_out)
{
	const struct mc_toml *optional = mc_toml_get(table, MC_STR("optional"));
	struct mc_lock_package *package;

	MC_TRY(mc_lock_add(p->r, table->line, mc_toml_text(table, MC_STR("name")),
			   mc_toml_text(table, MC_STR("version")), true, &package));
	*package_out = package;
	if (!package)
		return MC_OK;
	package->is_optional = optional && optional->integer;
	MC_TRY(copy_python(p->r, table, &package->requires_python));
	MC_TRY(read_groups(p->r, package, table));
	MC_TRY(read_marker(p->r, package, table));
	MC_TRY(read_kind(p->r, package, mc_toml_get(table, MC_STR("source"))));
	MC_TRY(read_extras(p, package, work));
	return add_files(p, package, table);
}

/* ---- edges ---- */

/* "name = '>=1.0'" or "name = {version = ..., markers = ..., extras = [...]}".  */
static enum mc_status add_dependency(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				     struct mc_str name, const struct mc_toml *value)
{
	struct mc_lock_edge edge = {.to = NULL};
	size_t count;
	const struct mc_toml *extras = mc_toml_items(value, MC_STR("extras"), &count);

	MC_TRY(mc_lock_copy(r, mc_toml_text(value, MC_STR("markers")), &edge.marker));
	MC_TRY(mc_lock_copy_list(r, extras, count, &edge.extras, &edge.extras_count));
	for (size_t at = 0; (edge.to = mc_lock_next(r, name, &at));)
		MC_TRY(mc_lock_add_edge(r, edges, &edge));
	return MC_OK;
}

static enum mc_status add_edges(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	size_t count;
	const struct mc_toml *items = mc_toml_items(table, MC_STR("dependencies"), &count);
	struct mc_lock_edges edges = {NULL, 0, 0};

	for (size_t i = 0; i < count; i++) {
		struct mc_str name;

		MC_TRY(mc_lock_name(r, items[i].key, &name));
		if (items[i].type != MC_TOML_ARRAY)
			MC_TRY(add_dependency(r, &edges, name, &items[i]));
		for (size_t k = 0; items[i].type == MC_TOML_ARRAY && k < items[i].items_count; k++)
			MC_TRY(add_dependency(r, &edges, name, &items[i].items[k]));
	}
	package->edges = edges.items;
	package->edges_count = edges.count;
	return MC_OK;
}

/* ---- the lock ---- */

/* "1.1", "2.0", "2.1"; the first ones had none.  */
static bool check_version(struct mc_str version, bool *has_markers_out)
{
	struct mc_str major = mc_str_cut(&version, '.');

	*has_markers_out = mc_str_is(major, MC_STR("2")) && !mc_str_is(version, MC_STR("0"));
	return !major.len || mc_str_is(major, MC_STR("1")) || mc_str_is(major, MC_STR("2"));
}

static enum mc_status add_packages(const struct poetry *p, const struct mc_toml *tables, size_t count)
{
	struct mc_lock_package **packages =
		MC_TAKE_ARRAY(p->r->scratch, struct mc_lock_package *, count + 1);
	size_t work = 0;

	if (!packages)
		return mc_no_memory(p->r->err);
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_package(p, &tables[i], &work, &packages[i]));
	for (size_t i = 0; i < count && !p->has_markers; i++)
		if (packages[i])
			MC_TRY(add_edges(p->r, packages[i], &tables[i]));
	return p->has_markers ? MC_OK : mc_lock_read_project(p->r);
}

enum mc_status mc_lock_read_poetry(struct mc_lock_reader *r, const struct mc_toml *root)
{
	const struct mc_toml *metadata = mc_toml_get(root, MC_STR("metadata"));
	struct poetry p = {.r = r,
			   .extras = mc_toml_get(root, MC_STR("extras")),
			   .files = mc_toml_get(metadata, MC_STR("files"))};
	size_t count;
	const struct mc_toml *tables = mc_toml_items(root, MC_STR("package"), &count);

	r->lock->format = "poetry.lock";
	r->lock->names_files = true;
	if (!p.extras) /* Poetry 1.0 has it inside the metadata */
		p.extras = mc_toml_get(metadata, MC_STR("extras"));
	if (!metadata || !check_version(mc_toml_text(metadata, MC_STR("lock-version")), &p.has_markers))
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED, "only lock-version 1 and 2 of poetry.lock are read");
	MC_TRY(copy_python(r, metadata, &r->lock->requires_python));
	return add_packages(&p, tables, count);
}
