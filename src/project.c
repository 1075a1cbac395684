/* SPDX-License-Identifier: MIT */
#include "muslcheck/project.h"

#include "file.h"
#include "muslcheck/requirement.h"
#include "refusal.h"
#include "toml.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { PARTS_MAX = 6 };

struct reading {
	struct mc_arena *arena;
	struct mc_str folder;
	struct mc_project *project;
	struct mc_project_line *lines;
	size_t count, room;
	struct mc_error *err;
};

static struct mc_str place_of(struct mc_arena *arena, struct mc_str folder, struct mc_str name)
{
	return folder.len ? mc_arena_printf(arena, "%.*s/%.*s", MC_TEXT(folder), MC_TEXT(name))
			  : mc_arena_printf(arena, "%.*s", MC_TEXT(name));
}

static bool has_file(struct mc_arena *arena, struct mc_str folder, const char *name)
{
	struct mc_str place = place_of(arena, folder, mc_str_of(name));
	struct stat info;

	return place.len && !mc_heed(stat(place.ptr, &info)) && S_ISREG(info.st_mode);
}

bool mc_project_is_in(struct mc_arena *arena, struct mc_str folder)
{
	return has_file(arena, folder, "pyproject.toml") || has_file(arena, folder, "setup.cfg") ||
	       has_file(arena, folder, "setup.py");
}

static struct mc_str trimmed(struct mc_str text)
{
	while (text.len && strchr(" \t\r", text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && strchr(" \t\r", text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* A line of a list of requirements without blanks and comment.  */
static struct mc_str requirement_in(struct mc_str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '#' && (!i || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
			line.len = i;
	return trimmed(line);
}

/* The first reason is the one that is told.  */
static enum mc_status leave_gap(struct reading *r, struct mc_str why)
{
	if (!why.len)
		return mc_no_memory(r->err);
	if (!r->project->gap.len)
		r->project->gap = why;
	return MC_OK;
}

static enum mc_status add(struct reading *r, struct mc_str text, struct mc_str extra)
{
	struct mc_project_line *lines;

	if (r->count == MC_PROJECT_LINES_MAX)
		return mc_fail(r->err, MC_ERR_LIMIT, NULL, "it requires more than %zu dists", MC_PROJECT_LINES_MAX);
	lines = mc_arena_grow(r->arena, r->lines, r->count, &r->room, sizeof(*lines));
	if (!lines || !text.len)
		return mc_no_memory(r->err);
	r->lines = lines;
	r->lines[r->count++] = (struct mc_project_line){text, extra};
	return MC_OK;
}

/* PEP 503's form of a name; empty when it is none.  */
static enum mc_status normalise(struct reading *r, struct mc_str name, struct mc_str *out)
{
	struct mc_requirement read;
	enum mc_status status = mc_requirement_read(r->arena, name, &read, NULL);

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	*out = status ? MC_STR("") : read.name;
	return MC_OK;
}

/* ---- [project] ---- */

static enum mc_status add_array(struct reading *r, const struct mc_toml *list, struct mc_str extra)
{
	if (!list)
		return MC_OK;
	if (list->type != MC_TOML_ARRAY)
		return leave_gap(r, MC_STR("its dependencies are not a list"));
	for (size_t i = 0; i < list->items_count; i++) {
		if (list->items[i].type != MC_TOML_TEXT || !list->items[i].text.len)
			MC_TRY(leave_gap(r, MC_STR("its dependencies are not a list of texts")));
		else
			MC_TRY(add(r, list->items[i].text, extra));
	}
	return MC_OK;
}

static enum mc_status add_extras(struct reading *r, const struct mc_toml *table)
{
	for (size_t i = 0; table && table->type == MC_TOML_TABLE && i < table->items_count; i++) {
		struct mc_str extra;

		MC_TRY(normalise(r, table->items[i].key, &extra));
		if (extra.len)
			MC_TRY(add_array(r, &table->items[i], extra));
	}
	return MC_OK;
}

static bool is_dynamic(const struct mc_toml *project, struct mc_str name)
{
	size_t count;
	const struct mc_toml *list = mc_toml_items(project, MC_STR("dynamic"), &count);

	for (size_t i = 0; i < count; i++)
		if (mc_str_is(list[i].text, name))
			return true;
	return false;
}

/* ---- setuptools' "dynamic": dependencies = {file = ["requirements.txt"]} ---- */

static enum mc_status add_file(struct reading *r, struct mc_str name, struct mc_str extra)
{
	struct mc_str place = place_of(r->arena, r->folder, name), text;
	enum mc_status status = place.len && strlen(place.ptr) == place.len
					? mc_read_text(r->arena, AT_FDCWD, place.ptr, MC_PROJECT_NBYTES_MAX, &text)
					: MC_ERR_NOT_FOUND;

	if (status == MC_ERR_NOMEM || !place.len)
		return mc_no_memory(r->err);
	if (status || text.len == MC_PROJECT_NBYTES_MAX)
		return leave_gap(r, mc_arena_printf(r->arena, "its dependencies are in %.*s, which cannot be read",
						    name.len > 100 ? 100 : (int)name.len, name.ptr));
	while (text.len) {
		struct mc_str line = requirement_in(mc_str_cut(&text, '\n'));

		if (line.len && line.ptr[0] == '-')
			MC_TRY(leave_gap(r, MC_STR("an option stands among its dependencies")));
		else if (line.len)
			MC_TRY(add(r, line, extra));
	}
	return MC_OK;
}

static enum mc_status add_files(struct reading *r, const struct mc_toml *value, struct mc_str extra)
{
	const struct mc_toml *file = mc_toml_get(value, MC_STR("file"));

	if (file && file->type == MC_TOML_TEXT)
		return add_file(r, file->text, extra);
	if (!file || file->type != MC_TOML_ARRAY)
		return leave_gap(r, MC_STR("its dependencies are \"dynamic\": they come to be when it is built"));
	for (size_t i = 0; i < file->items_count; i++)
		MC_TRY(add_file(r, file->items[i].text, extra));
	return MC_OK;
}

static const struct mc_toml *dynamic_of(const struct mc_toml *root, struct mc_str name)
{
	const struct mc_toml *tool = mc_toml_get(root, MC_STR("tool"));

	return mc_toml_get(mc_toml_get(mc_toml_get(tool, MC_STR("setuptools")), MC_STR("dynamic")), name);
}

static enum mc_status add_dynamic_extras(struct reading *r, const struct mc_toml *table)
{
	for (size_t i = 0; table && table->type == MC_TOML_TABLE && i < table->items_count; i++) {
		struct mc_str extra;

		MC_TRY(normalise(r, table->items[i].key, &extra));
		MC_TRY(add_files(r, &table->items[i], extra));
	}
	return table ? MC_OK : leave_gap(r, MC_STR("its extras are \"dynamic\": they come to be when it is built"));
}

/* ---- [tool.poetry] ---- */

/* "1.2.3" as numbers; false when it is anything else.  */
static bool read_parts(struct mc_str text, unsigned long parts[static PARTS_MAX], size_t *count_out)
{
	size_t count = 0;

	while (text.len) {
		struct mc_str part = mc_str_cut(&text, '.');

		if (count == PARTS_MAX || !part.len || part.len > 9)
			return false;
		for (parts[count] = 0; part.len; part = mc_str_skip(part, 1)) {
			if (part.ptr[0] < '0' || part.ptr[0] > '9')
				return false;
			parts[count] = 10 * parts[count] + (unsigned long)(part.ptr[0] - '0');
		}
		count++;
	}
	*count_out = count;
	return count > 0;
}

/* Poetry's caret and tilde: up to the next number at 'kept', what is behind it left out.  */
static struct mc_str range_of(struct reading *r, struct mc_str version, bool is_caret)
{
	unsigned long parts[PARTS_MAX] = {0};
	struct mc_str upper = MC_STR("");
	size_t count, kept;

	if (!read_parts(version, parts, &count))
		return MC_STR("");
	kept = !is_caret && count > 1 ? 1 : 0;
	while (is_caret && kept + 1 < count && !parts[kept])
		kept++;
	for (size_t i = 0; i <= kept; i++) {
		upper = mc_arena_printf(r->arena, "%.*s%s%lu", MC_TEXT(upper), i ? "." : "",
					parts[i] + (i == kept));
		if (!upper.len)
			return upper;
	}
	return mc_arena_printf(r->arena, ">=%.*s,<%.*s", MC_TEXT(version), MC_TEXT(upper));
}

/* One part of a constraint as PEP 440's specifier; empty when it is not known.  */
static struct mc_str specifier_of(struct reading *r, struct mc_str part)
{
	if (part.ptr[0] == '^')
		return range_of(r, trimmed(mc_str_skip(part, 1)), true);
	if (part.ptr[0] == '~' && !mc_str_starts(part, MC_STR("~=")))
		return range_of(r, trimmed(mc_str_skip(part, 1)), false);
	if (strchr("<>!~", part.ptr[0]) || mc_str_starts(part, MC_STR("==")))
		return part;
	if (part.ptr[0] == '=')
		part = trimmed(mc_str_skip(part, 1));
	return part.len ? mc_arena_printf(r->arena, "==%.*s", MC_TEXT(part)) : part;
}

/* "^1.2", ">=1,<2", "*" as specifiers.  False: "||", or what is none.  */
static bool read_constraint(struct reading *r, struct mc_str text, struct mc_str *out)
{
	*out = MC_STR("");
	text = trimmed(text);
	if (mc_str_is(text, MC_STR("*")) || mc_str_is(text, MC_STR("")))
		return true;
	while (text.len) {
		struct mc_str part = trimmed(mc_str_cut(&text, ',')), specifier;

		if (!part.len || memchr(part.ptr, '|', part.len))
			return false;
		specifier = specifier_of(r, part);
		if (!specifier.len)
			return false;
		*out = mc_arena_printf(r->arena, "%.*s%s%.*s", MC_TEXT(*out), out->len ? "," : "", MC_TEXT(specifier));
		if (!out->len)
			return false;
	}
	return true;
}

static struct mc_str extras_of(struct reading *r, const struct mc_toml *value)
{
	size_t count;
	const struct mc_toml *list = mc_toml_items(value, MC_STR("extras"), &count);
	struct mc_str text = MC_STR("");

	for (size_t i = 0; i < count; i++)
		text = mc_arena_printf(r->arena, "%.*s%s%.*s", MC_TEXT(text), i ? "," : "[",
				       MC_TEXT(list[i].text));
	return count ? mc_arena_printf(r->arena, "%.*s]", MC_TEXT(text)) : text;
}

/* Poetry's markers, platform and python (as markers) of one entry.  */
static bool read_marker(struct reading *r, const struct mc_toml *value, struct mc_str *out)
{
	struct mc_str marker = mc_toml_text(value, MC_STR("markers"));
	struct mc_str platform = mc_toml_text(value, MC_STR("platform")), specifiers;

	if (platform.len)
		marker = mc_arena_printf(r->arena, "%.*s%ssys_platform == \"%.*s\"", MC_TEXT(marker),
					 marker.len ? " and " : "", MC_TEXT(platform));
	if (platform.len && !marker.len)
		return false;
	if (!read_constraint(r, mc_toml_text(value, MC_STR("python")), &specifiers))
		return false;
	while (specifiers.len) {
		struct mc_str part = mc_str_cut(&specifiers, ',');
		size_t mark = strspn(part.ptr, "<>=!~");

		marker = mc_arena_printf(r->arena, "%.*s%spython_version %.*s \"%.*s\"", MC_TEXT(marker),
					 marker.len ? " and " : "", (int)mark, part.ptr,
					 MC_TEXT(trimmed(mc_str_skip(part, mark))));
		if (!marker.len)
			return false;
	}
	*out = marker;
	return true;
}

static enum mc_status add_poetry_value(struct reading *r, struct mc_str name, const struct mc_toml *value,
				       struct mc_str extra)
{
	struct mc_str version = value->type == MC_TOML_TEXT ? value->text
							     : mc_toml_text(value, MC_STR("version"));
	struct mc_str specifiers, marker = MC_STR("");

	if (value->type == MC_TOML_TABLE && !version.len)
		return leave_gap(r, mc_arena_printf(r->arena, "%.*s comes from a place of its own, which is not looked at",
						    name.len > 100 ? 100 : (int)name.len, name.ptr));
	if ((value->type != MC_TOML_TABLE && value->type != MC_TOML_TEXT) ||
	    !read_constraint(r, version, &specifiers) ||
	    (value->type == MC_TOML_TABLE && !read_marker(r, value, &marker)))
		return leave_gap(r, mc_arena_printf(r->arena, "which %.*s it requires cannot be read",
						    name.len > 100 ? 100 : (int)name.len, name.ptr));
	return add(r,
		   mc_arena_printf(r->arena, "%.*s%.*s %.*s%s%.*s", MC_TEXT(name), MC_TEXT(extras_of(r, value)),
				   MC_TEXT(specifiers), marker.len ? " ; " : "", MC_TEXT(marker)),
		   extra);
}

/* The extras that name an optional dependency: it is required with each of them.  */
static enum mc_status add_optional(struct reading *r, struct mc_str name, const struct mc_toml *value,
				   const struct mc_toml *extras)
{
	for (size_t i = 0; extras && extras->type == MC_TOML_TABLE && i < extras->items_count; i++) {
		const struct mc_toml *list = &extras->items[i];
		struct mc_str extra;

		MC_TRY(normalise(r, list->key, &extra));
		for (size_t k = 0; list->type == MC_TOML_ARRAY && k < list->items_count; k++) {
			struct mc_str wanted;

			MC_TRY(normalise(r, list->items[k].text, &wanted));
			if (extra.len && wanted.len && mc_str_is(wanted, name))
				MC_TRY(add_poetry_value(r, name, value, extra));
		}
	}
	return MC_OK;
}

static enum mc_status add_poetry(struct reading *r, const struct mc_toml *poetry)
{
	const struct mc_toml *extras = mc_toml_get(poetry, MC_STR("extras"));
	size_t count;
	const struct mc_toml *table = mc_toml_items(poetry, MC_STR("dependencies"), &count);

	for (size_t i = 0; i < count; i++) {
		const struct mc_toml *value = &table[i], *optional = mc_toml_get(value, MC_STR("optional"));
		bool is_list = value->type == MC_TOML_ARRAY;
		struct mc_str name;

		MC_TRY(normalise(r, value->key, &name));
		if (mc_str_is(name, MC_STR("python")))
			continue;
		if (!name.len)
			MC_TRY(leave_gap(r, MC_STR("one of its dependencies has no name")));
		else if (optional && optional->integer)
			MC_TRY(add_optional(r, name, value, extras));
		else
			for (size_t k = 0; k < (is_list ? value->items_count : 1); k++)
				MC_TRY(add_poetry_value(r, name, is_list ? &value->items[k] : value, MC_STR("")));
	}
	return MC_OK;
}

/* ---- setup.cfg (setuptools' declarative configuration; configparser's syntax) ---- */

/* "a\n b" or "a; b".  */
static enum mc_status add_value_lines(struct reading *r, struct mc_str value, struct mc_str extra)
{
	char between = memchr(value.ptr, '\n', value.len) ? '\n' : ';';

	value = trimmed(value);
	if (mc_str_starts(value, MC_STR("file:")))
		return add_file(r, trimmed(mc_str_skip(value, 5)), extra);
	while (value.len) {
		struct mc_str line = requirement_in(mc_str_cut(&value, between));

		if (line.len)
			MC_TRY(add(r, line, extra));
	}
	return MC_OK;
}

static enum mc_status read_option(struct reading *r, struct mc_str section, struct mc_str key, struct mc_str value)
{
	struct mc_str extra;

	if (mc_str_is(section, MC_STR("metadata")) && mc_str_is(key, MC_STR("name")))
		return normalise(r, trimmed(value), &r->project->name);
	if (mc_str_is(section, MC_STR("options")) && mc_str_is(key, MC_STR("install_requires")))
		return add_value_lines(r, value, MC_STR(""));
	if (!mc_str_is(section, MC_STR("options.extras_require")))
		return MC_OK;
	MC_TRY(normalise(r, key, &extra));
	return extra.len ? add_value_lines(r, value, extra) : MC_OK;
}

static enum mc_status read_cfg(struct reading *r, struct mc_str text)
{
	struct mc_str section = MC_STR("");

	while (text.len) {
		struct mc_str line = mc_str_cut(&text, '\n'), value = line, key;

		if (!trimmed(line).len || strchr("#; \t", line.ptr[0]))
			continue;
		if (line.ptr[0] == '[') {
			section = mc_str_skip(line, 1);
			section = mc_str_cut(&section, ']');
			continue;
		}
		key = trimmed(mc_str_cut(&value, memchr(line.ptr, '=', line.len) ? '=' : ':'));
		/* What is indented goes on with the value; so do empty lines between.  */
		while (text.len && strchr(" \t\r\n#", text.ptr[0])) {
			struct mc_str more = mc_str_cut(&text, '\n');

			value.len = (size_t)(more.ptr + more.len - value.ptr);
		}
		MC_TRY(read_option(r, section, key, value));
	}
	return MC_OK;
}

static enum mc_status read_setuptools(struct reading *r)
{
	struct mc_str cfg = place_of(r->arena, r->folder, MC_STR("setup.cfg")), text;
	enum mc_status status = cfg.len ? mc_read_text(r->arena, AT_FDCWD, cfg.ptr, MC_PROJECT_NBYTES_MAX, &text)
					: MC_ERR_NOMEM;

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	if (!status)
		MC_TRY(read_cfg(r, text));
	if (!r->count && has_file(r->arena, r->folder, "setup.py"))
		return leave_gap(r, MC_STR("what it requires is worked out by its setup.py, which is not run"));
	return MC_OK;
}

/* ---- the project ---- */

static enum mc_status read_pyproject(struct reading *r, const struct mc_toml *root)
{
	const struct mc_toml *project = mc_toml_get(root, MC_STR("project"));
	const struct mc_toml *tool = mc_toml_get(root, MC_STR("tool"));
	const struct mc_toml *poetry = mc_toml_get(tool, MC_STR("poetry"));
	bool is_late = is_dynamic(project, MC_STR("dependencies"));

	MC_TRY(normalise(r, mc_toml_text(project ? project : poetry, MC_STR("name")), &r->project->name));
	if (project) {
		MC_TRY(add_array(r, mc_toml_get(project, MC_STR("dependencies")), MC_STR("")));
		MC_TRY(add_extras(r, mc_toml_get(project, MC_STR("optional-dependencies"))));
		if (is_dynamic(project, MC_STR("optional-dependencies")))
			MC_TRY(add_dynamic_extras(r, dynamic_of(root, MC_STR("optional-dependencies"))));
	}
	if (poetry && (!project || is_late))
		return add_poetry(r, poetry);
	if (is_late)
		return add_files(r, dynamic_of(root, MC_STR("dependencies")), MC_STR(""));
	if (!project && mc_toml_get(mc_toml_get(tool, MC_STR("flit")), MC_STR("metadata")))
		return leave_gap(r, MC_STR("Flit's old table says what it requires, which is not read"));
	return project ? MC_OK : read_setuptools(r);
}

enum mc_status mc_project_read(struct mc_str folder, struct mc_arena *arena, struct mc_project *out,
			       struct mc_error *err)
{
	struct mc_str path = place_of(arena, folder, MC_STR("pyproject.toml")), text;
	struct reading r = {.arena = arena, .folder = folder, .project = out, .err = err};
	struct mc_error trouble = MC_ERROR_INIT;
	const struct mc_toml *root = NULL;
	enum mc_status status;

	*out = (struct mc_project){.name = MC_STR(""), .gap = MC_STR("")};
	if (!path.len)
		return mc_no_memory(err);
	if (!mc_project_is_in(arena, folder))
		return mc_fail(err, MC_ERR_NOT_FOUND, path.ptr, "there is no pyproject.toml, setup.cfg or setup.py");
	if (has_file(arena, folder, "pyproject.toml")) {
		MC_TRY(mc_read_whole(arena, path.ptr, MC_PROJECT_NBYTES_MAX, &text, err));
		status = mc_toml_read(arena, text, &root, &trouble);
		if (status)
			return mc_fail(err, status, path.ptr, "%s", trouble.text);
	}
	MC_TRY(read_pyproject(&r, root));
	out->lines = r.lines;
	out->count = r.count;
	return MC_OK;
}
