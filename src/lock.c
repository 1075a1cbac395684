/* SPDX-License-Identifier: MIT */
#include "lock_impl.h"

#include "dist.h"
#include "file.h"
#include "muslcheck/pep440.h"
#include "path.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- complaints ---- */

enum mc_status mc_lock_problem(struct mc_lock_reader *r, unsigned line, const char *fmt, ...)
{
	enum mc_status status;
	char head[32] = "";
	va_list args;

	if (line)
		snprintf(head, sizeof(head), "line %u: ", line);
	va_start(args, fmt);
	status = mc_problems_add(&r->problems, head, fmt, args);
	va_end(args);
	return status ? mc_no_memory(r->err) : MC_OK;
}

static enum mc_status end_problems(struct mc_lock_reader *r)
{
	if (mc_problems_end(&r->problems))
		return mc_no_memory(r->err);
	r->lock->problems = r->problems.items;
	r->lock->problems_count = r->problems.count;
	return MC_OK;
}

enum mc_status mc_lock_fail(struct mc_lock_reader *r, enum mc_status status, const char *text)
{
	return mc_fail(r->err, status, r->path, "%s", text);
}

/* ---- texts ---- */

enum mc_status mc_lock_copy(struct mc_lock_reader *r, struct mc_str text, struct mc_str *copy_out)
{
	if (text.len)
		return mc_arena_copy(r->arena, text, copy_out) ? mc_no_memory(r->err) : MC_OK;
	*copy_out = (struct mc_str){"", 0};
	return MC_OK;
}

enum mc_status mc_lock_name(struct mc_lock_reader *r, struct mc_str raw, struct mc_str *name_out)
{
	*name_out = (struct mc_str){"", 0};
	if (mc_is_name(raw) && mc_dist_normalise(r->arena, raw, name_out))
		return mc_no_memory(r->err);
	return MC_OK;
}

enum mc_status mc_lock_copy_list(struct mc_lock_reader *r, const struct mc_toml *items, size_t count,
				 const struct mc_str **list_out, size_t *count_out)
{
	struct mc_str *list = NULL;

	*list_out = NULL;
	*count_out = 0;
	if (!count)
		return MC_OK;
	list = MC_TAKE_ARRAY(r->arena, struct mc_str, count);
	if (!list)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < count; i++) {
		MC_TRY(mc_lock_name(r, items[i].text, &list[*count_out]));
		*count_out += list[*count_out].len > 0;
	}
	*list_out = list;
	return MC_OK;
}

/* ---- packages ---- */

struct mc_lock_package *mc_lock_next(const struct mc_lock_reader *r, struct mc_str name, size_t *at)
{
	struct mc_lock_package *package;

	while ((package = mc_map_next(&r->by_name, mc_hash_text(name), at)))
		if (mc_str_is(package->name, name))
			return package;
	return NULL;
}

/* All that share a hash are passed on each look: few may.  */
static bool is_crowded(const struct mc_lock_reader *r, struct mc_str name)
{
	size_t count = 0;

	for (size_t at = 0; mc_lock_next(r, name, &at);)
		count++;
	return count >= MC_LOCK_SAME_NAME_MAX;
}

static enum mc_status keep_package(struct mc_lock_reader *r, struct mc_lock_package *package)
{
	struct mc_lock *lock = r->lock;
	struct mc_lock_package **packages;

	if (lock->packages_count == MC_LOCK_PACKAGES_MAX)
		return mc_lock_fail(r, MC_ERR_LIMIT, "it has too many packages");
	packages = mc_arena_grow(r->arena, lock->packages, lock->packages_count, &r->packages_room, sizeof(*packages));
	if (!packages)
		return mc_no_memory(r->err);
	lock->packages = packages;
	lock->packages[lock->packages_count++] = package;
	return mc_map_add(r->arena, &r->by_name, mc_hash_text(package->name), package)
		       ? mc_no_memory(r->err)
		       : MC_OK;
}

enum mc_status mc_lock_add(struct mc_lock_reader *r, unsigned line, struct mc_str name,
			   struct mc_str version, bool needs_version,
			   struct mc_lock_package **package_out)
{
	struct mc_lock_package *package = MC_TAKE(r->arena, struct mc_lock_package);

	*package_out = NULL;
	if (!package)
		return mc_no_memory(r->err);
	package->line = line;
	package->is_wanted = true;
	MC_TRY(mc_lock_name(r, name, &package->name));
	if (!package->name.len)
		return mc_lock_problem(r, line, "a package without a proper name");
	if (version.len ? !mc_pep440_is_valid(version) : needs_version)
		return mc_lock_problem(r, line, "%.*s: no proper version", MC_TEXT(package->name));
	if (is_crowded(r, package->name))
		return mc_lock_problem(r, line, "%.*s: locked too often", MC_TEXT(package->name));
	MC_TRY(mc_lock_copy(r, version, &package->version));
	MC_TRY(keep_package(r, package));
	*package_out = package;
	return MC_OK;
}

/* ---- edges ---- */

enum mc_status mc_lock_add_edge(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				const struct mc_lock_edge *edge)
{
	struct mc_lock_edge *items;

	if (++r->edges_total > MC_LOCK_EDGES_MAX)
		return mc_lock_fail(r, MC_ERR_LIMIT, "it has too many dependencies");
	items = mc_arena_grow(r->arena, edges->items, edges->count, &edges->room, sizeof(*items));
	if (!items)
		return mc_no_memory(r->err);
	edges->items = items;
	edges->items[edges->count++] = *edge;
	return MC_OK;
}

static bool is_alone(const struct mc_lock_reader *r, struct mc_str name)
{
	size_t at = 0;

	return mc_lock_next(r, name, &at) && !mc_lock_next(r, name, &at);
}

static enum mc_status copy_extras(struct mc_lock_reader *r, const struct mc_requirement *wanted,
				  struct mc_lock_edge *edge)
{
	struct mc_str *extras;

	edge->extras_count = 0;
	if (!wanted->extras_count)
		return MC_OK;
	extras = MC_TAKE_ARRAY(r->arena, struct mc_str, wanted->extras_count);
	if (!extras)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < wanted->extras_count; i++)
		MC_TRY(mc_lock_copy(r, wanted->extras[i], &extras[i]));
	edge->extras = extras;
	edge->extras_count = wanted->extras_count;
	return MC_OK;
}

enum mc_status mc_lock_add_requirement(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				       unsigned line, struct mc_str text, struct mc_lock_edge edge)
{
	struct mc_requirement wanted;
	enum mc_status status = mc_requirement_read(r->scratch, text, &wanted, NULL);
	bool is_only;

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	if (status)
		return mc_lock_problem(r, line, "a dependency that cannot be read: %.*s",
				       text.len < 100 ? (int)text.len : 100, text.ptr);
	MC_TRY(mc_lock_copy(r, wanted.marker, &edge.marker));
	MC_TRY(copy_extras(r, &wanted, &edge));
	is_only = is_alone(r, wanted.name);
	for (size_t at = 0; (edge.to = mc_lock_next(r, wanted.name, &at));)
		if (is_only || !edge.to->version.len ||
		    mc_pep440_takes(wanted.specifiers, edge.to->version, true))
			MC_TRY(mc_lock_add_edge(r, edges, &edge));
	return MC_OK;
}

/* ---- files ---- */

/* It becomes the name of a file of ours, and a person reads it.  */
static bool is_file_name(struct mc_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == '/' || (unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
			return false;
	return name.len && name.len < 256 && name.ptr[0] != '.';
}

static bool is_sdist_name(struct mc_str name)
{
	return mc_str_ends(name, MC_STR(".tar.gz")) || mc_str_ends(name, MC_STR(".zip")) ||
	       mc_str_ends(name, MC_STR(".tar.bz2")) || mc_str_ends(name, MC_STR(".tar.xz")) ||
	       mc_str_ends(name, MC_STR(".tgz"));
}

static bool is_printable(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return false;
	return true;
}

/* A NUL would end the path early for the system.  */
static enum mc_status read_path(struct mc_lock_reader *r, const struct mc_lock_file *file,
				struct mc_str *path_out)
{
	bool has_base = file->base.len && file->path.ptr[0] != '/';
	bool has_folder = file->path.ptr[0] != '/' && (!has_base || file->base.ptr[0] != '/');
	struct mc_str folder = has_folder ? r->folder : (struct mc_str){"", 0};

	*path_out = (struct mc_str){"", 0};
	if (folder.len + file->base.len + file->path.len > MC_LOCK_PLACE_NBYTES_MAX ||
	    memchr(file->path.ptr, '\0', file->path.len) ||
	    (has_base && memchr(file->base.ptr, '\0', file->base.len)))
		return MC_OK;
	*path_out = mc_arena_printf(r->arena, "%.*s%.*s%s%.*s", MC_TEXT(folder),
				    has_base ? (int)file->base.len : 0,
				    has_base ? file->base.ptr : "", has_base ? "/" : "", MC_TEXT(file->path));
	return path_out->len ? MC_OK : mc_no_memory(r->err);
}

static enum mc_status read_place(struct mc_lock_reader *r, const struct mc_lock_file *file,
				 struct mc_candidate *offer)
{
	struct mc_str rest = file->url, url = mc_str_cut(&rest, '#');

	offer->place = (struct mc_str){"", 0};
	if (!url.len)
		return file->path.len ? read_path(r, file, &offer->place) : MC_OK;
	if (url.len > MC_LOCK_PLACE_NBYTES_MAX || !is_printable(url))
		return MC_OK;
	if (mc_str_starts(url, MC_STR("file://")))
		return mc_url_file(r->arena, url, &offer->place) ? mc_no_memory(r->err) : MC_OK;
	offer->is_remote = true;
	return mc_lock_copy(r, url, &offer->place);
}

static enum mc_status read_file_name(struct mc_lock_reader *r, const struct mc_lock_file *file,
				     struct mc_str *name_out)
{
	if (file->file_name.len)
		return mc_lock_copy(r, file->file_name, name_out);
	if (file->url.len)
		return mc_url_base(r->arena, file->url, name_out) ? mc_no_memory(r->err) : MC_OK;
	return mc_lock_copy(r, mc_path_base(file->path), name_out);
}

enum mc_status mc_lock_room(struct mc_lock_reader *r, struct mc_lock_package *package,
			    size_t files_count)
{
	if (!files_count)
		return MC_OK;
	package->files = MC_TAKE_ARRAY(r->arena, struct mc_candidate, files_count);
	return package->files ? MC_OK : mc_no_memory(r->err);
}

enum mc_status mc_lock_add_file(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_lock_file *file)
{
	struct mc_candidate offer = {.name = package->name,
				     .requires_python = package->requires_python,
				     .nbytes = file->nbytes > 0 ? (uint64_t)file->nbytes : 0};
	bool is_wheel;

	MC_TRY(read_file_name(r, file, &offer.file_name));
	if (!is_file_name(offer.file_name))
		return mc_lock_problem(r, package->line, "%.*s: a file without a proper name",
				       MC_TEXT(package->name));
	is_wheel = mc_str_ends(offer.file_name, MC_STR(".whl"));
	if (!is_wheel && !is_sdist_name(offer.file_name)) /* .egg, .exe: pip takes none of them */
		return MC_OK;
	MC_TRY(read_place(r, file, &offer));
	if (!offer.place.len && (file->url.len || file->path.len))
		return mc_lock_problem(r, package->line, "%.*s: a file without a proper place",
				       MC_TEXT(package->name));
	if (mc_sha256_text(r->arena, file->hash, &offer.sha256))
		return mc_no_memory(r->err);
	package->has_wheels |= is_wheel;
	package->has_sdist |= !is_wheel;
	package->files[package->files_count++] = offer;
	return MC_OK;
}

/* ---- which format ---- */

typedef enum mc_status (*toml_reader)(struct mc_lock_reader *r, const struct mc_toml *root);

/* PEP 751: "pylock.toml" or "pylock.NAME.toml", NAME without dots.  */
static bool is_pylock_name(struct mc_str name)
{
	if (!mc_str_starts(name, MC_STR("pylock.")) || !mc_str_ends(name, MC_STR(".toml")))
		return false;
	if (name.len < 13) /* one dot may serve both */
		return name.len == 11;
	name = (struct mc_str){name.ptr + 7, name.len - 12};
	return !memchr(name.ptr, '.', name.len);
}

static toml_reader toml_reader_of(struct mc_str name)
{
	if (mc_str_is(name, MC_STR("uv.lock")))
		return mc_lock_read_uv;
	if (mc_str_is(name, MC_STR("poetry.lock")))
		return mc_lock_read_poetry;
	if (mc_str_is(name, MC_STR("pdm.lock")))
		return mc_lock_read_pdm;
	return is_pylock_name(name) ? mc_lock_read_pylock : NULL;
}

bool mc_lock_is_name(struct mc_str file_name)
{
	return toml_reader_of(file_name) || mc_str_is(file_name, MC_STR("Pipfile.lock"));
}

static enum mc_status read_toml(struct mc_lock_reader *r, toml_reader reader, struct mc_str text)
{
	struct mc_error trouble = MC_ERROR_INIT;
	const struct mc_toml *root;
	enum mc_status status = mc_toml_read(r->scratch, text, &root, &trouble);

	if (status)
		return mc_fail(r->err, status, r->path, "%s", trouble.text);
	return reader(r, root);
}

static enum mc_status read_lock(struct mc_lock_reader *r, struct mc_str name)
{
	toml_reader reader = toml_reader_of(name);
	struct mc_str text;

	MC_TRY(mc_read_whole(r->scratch, r->path, MC_LOCK_NBYTES_MAX, &text, r->err));
	if (reader)
		MC_TRY(read_toml(r, reader, text));
	else
		MC_TRY(mc_lock_read_json(r, text));
	return end_problems(r);
}

enum mc_status mc_lock_read(const char *path, struct mc_arena *arena, struct mc_lock *lock_out,
			    struct mc_error *err)
{
	struct mc_str whole = mc_str_of(path), name = mc_path_base(whole);
	struct mc_arena scratch;
	struct mc_lock_reader r = {.arena = arena,
				   .scratch = &scratch,
				   .lock = lock_out,
				   .err = err,
				   .path = path,
				   .problems = {.arena = arena, .max = MC_LOCK_PROBLEMS_MAX},
				   .folder = {whole.ptr, whole.len - name.len}};
	enum mc_status status;

	*lock_out = (struct mc_lock){.path = path, .requires_python = {"", 0}};
	mc_arena_init(&scratch, arena->alloc);
	status = read_lock(&r, name);
	mc_arena_clear(&scratch);
	return status;
}
