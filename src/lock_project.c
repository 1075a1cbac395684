/* SPDX-License-Identifier: MIT */
/*
 * What the project itself requires, from the pyproject.toml beside a lock that does not say so:
 * [project] (PEP 621), [dependency-groups] (PEP 735), [tool.poetry] and [tool.pdm].
 */
#include "lock_impl.h"

#include "file.h"

#include <fcntl.h>

struct project {
	struct mc_lock_reader *r;
	struct mc_lock_edges edges;
};

/* ---- lists of PEP 508 texts ---- */

static enum mc_status add_list(struct project *p, const struct mc_toml *list, struct mc_lock_edge edge)
{
	size_t count = list && list->type == MC_TOML_ARRAY ? list->items_count : 0;

	for (size_t i = 0; i < count; i++)
		if (list->items[i].text.len) /* or "include-group" */
			MC_TRY(mc_lock_add_requirement(p->r, &p->edges, 0, list->items[i].text, edge));
	return MC_OK;
}

/* A table of such lists, by the name of an extra or of a group.  */
static enum mc_status add_lists(struct project *p, const struct mc_toml *table, bool is_extra)
{
	size_t count = table && table->type == MC_TOML_TABLE ? table->items_count : 0;

	for (size_t i = 0; i < count; i++) {
		struct mc_lock_edge edge = {.to = NULL};

		MC_TRY(mc_lock_name(p->r, table->items[i].key, is_extra ? &edge.extra : &edge.group));
		MC_TRY(add_list(p, &table->items[i], edge));
	}
	return MC_OK;
}

/* ---- Poetry's tables ---- */

static bool is_word(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.ptr[i] < 'a' || text.ptr[i] > 'z') && (text.ptr[i] < '0' || text.ptr[i] > '9'))
			return false;
	return text.len > 0;
}

static enum mc_status read_marker(struct mc_lock_reader *r, const struct mc_toml *value,
				  struct mc_str *marker_out)
{
	struct mc_str marker = mc_toml_text(value, MC_STR("markers"));
	struct mc_str platform = mc_toml_text(value, MC_STR("platform"));

	if (marker.len || !is_word(platform))
		return mc_lock_copy(r, marker, marker_out);
	*marker_out = mc_arena_printf(r->arena, "sys_platform == '%.*s'", MC_TEXT(platform));
	return marker_out->len ? MC_OK : mc_no_memory(r->err);
}

static enum mc_status add_value(struct project *p, struct mc_str name, const struct mc_toml *value,
				struct mc_lock_edge edge)
{
	size_t count;
	const struct mc_toml *extras = mc_toml_items(value, MC_STR("extras"), &count);

	MC_TRY(read_marker(p->r, value, &edge.marker));
	MC_TRY(mc_lock_copy_list(p->r, extras, count, &edge.extras, &edge.extras_count));
	for (size_t at = 0; (edge.to = mc_lock_next(p->r, name, &at));)
		MC_TRY(mc_lock_add_edge(p->r, &p->edges, &edge));
	return MC_OK;
}

/* "python" is a key among them, and no package.  */
static enum mc_status add_table(struct project *p, const struct mc_toml *table, struct mc_str group)
{
	size_t count = table && table->type == MC_TOML_TABLE ? table->items_count : 0;
	const struct mc_lock_edge edge = {.group = group};

	for (size_t i = 0; i < count; i++) {
		const struct mc_toml *value = &table->items[i];
		struct mc_str name;

		MC_TRY(mc_lock_name(p->r, value->key, &name));
		if (value->type != MC_TOML_ARRAY)
			MC_TRY(add_value(p, name, value, edge));
		for (size_t k = 0; value->type == MC_TOML_ARRAY && k < value->items_count; k++)
			MC_TRY(add_value(p, name, &value->items[k], edge));
	}
	return MC_OK;
}

static enum mc_status add_poetry(struct project *p, const struct mc_toml *poetry)
{
	size_t count;
	const struct mc_toml *groups = mc_toml_items(poetry, MC_STR("group"), &count);

	MC_TRY(add_table(p, mc_toml_get(poetry, MC_STR("dependencies")), (struct mc_str){"", 0}));
	MC_TRY(add_table(p, mc_toml_get(poetry, MC_STR("dev-dependencies")), MC_STR("dev")));
	for (size_t i = 0; i < count; i++) {
		struct mc_str group;

		MC_TRY(mc_lock_name(p->r, groups[i].key, &group));
		MC_TRY(add_table(p, mc_toml_get(&groups[i], MC_STR("dependencies")), group));
	}
	return MC_OK;
}

/* ---- the project ---- */

static enum mc_status add_all(struct project *p, const struct mc_toml *root)
{
	const struct mc_toml *project = mc_toml_get(root, MC_STR("project"));
	const struct mc_toml *tool = mc_toml_get(root, MC_STR("tool"));
	const struct mc_toml *pdm = mc_toml_get(tool, MC_STR("pdm"));

	MC_TRY(add_list(p, mc_toml_get(project, MC_STR("dependencies")),
			(struct mc_lock_edge){.to = NULL}));
	MC_TRY(add_lists(p, mc_toml_get(project, MC_STR("optional-dependencies")), true));
	MC_TRY(add_lists(p, mc_toml_get(root, MC_STR("dependency-groups")), false));
	MC_TRY(add_lists(p, mc_toml_get(pdm, MC_STR("dev-dependencies")), false));
	return add_poetry(p, mc_toml_get(tool, MC_STR("poetry")));
}

static enum mc_status add_project(struct mc_lock_reader *r, const struct mc_toml *root)
{
	struct project p = {.r = r};
	struct mc_lock_package *package;

	MC_TRY(add_all(&p, root));
	MC_TRY(mc_lock_add(r, 0, MC_STR("pyproject"), (struct mc_str){"", 0}, false, &package));
	if (!package)
		return MC_OK;
	package->kind = MC_LOCK_PROJECT;
	package->edges = p.edges.items;
	package->edges_count = p.edges.count;
	r->lock->knows_project = true;
	return MC_OK;
}

enum mc_status mc_lock_read_project(struct mc_lock_reader *r)
{
	struct mc_str path = mc_arena_printf(r->scratch, "%.*spyproject.toml", MC_TEXT(r->folder));
	const struct mc_toml *root;
	struct mc_str text;
	enum mc_status status;

	if (!path.len)
		return mc_no_memory(r->err);
	status = mc_read_text(r->scratch, AT_FDCWD, path.ptr, MC_LOCK_NBYTES_MAX, &text);
	if (status == MC_ERR_NOT_FOUND || status == MC_ERR_UNSUPPORTED)
		return MC_OK;
	if (!status)
		status = mc_toml_read(r->scratch, text, &root, NULL);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	if (status)
		return mc_lock_problem(r, 0, "pyproject.toml beside it cannot be read");
	return add_project(r, root);
}
