/* SPDX-License-Identifier: MIT */
/* A wheel: which entries of the archive matter, where pip puts them, whose they are.  */
#include "dist.h"
#include "file.h"
#include "muslcheck/map.h"
#include "path.h"
#include "source_impl.h"
#include "zip_archive.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 250000
#define TEXT_MAX_NBYTES ((uint64_t)16 << 20) /* METADATA, WHEEL */

/* What the name of an entry says, in its 'mark'.  */
#define MARK_NATIVE_NAME 1u
#define MARK_MAY_BE_SCRIPT 2u
#define MARK_TEXT 4u /* METADATA or WHEEL of a .dist-info folder: no member */
#define MARK_SOURCE 8u

struct wheel {
	struct mc_source base;
	struct mc_zip *zip;
	struct mc_zip_entry *const *entries; /* of 'zip' */
	size_t entries_count, next;
	struct mc_zip_entry *current;
	int fd; /* of the large member that was read last; -1: none */
	uint64_t total_nbytes; /* read so far */
	struct mc_dist dist;
	const struct mc_dist *dists[1];
	struct mc_str prefix, site;
	unsigned minor; /* of the Python that it is laid out for */
};

/* --- which entries --- */

/* What os.path.normpath() leaves out at the front.  */
static void skip_empty_parts(struct mc_str *path)
{
	while (mc_str_starts(*path, MC_STR("/")) || mc_str_starts(*path, MC_STR("./")))
		*path = mc_str_skip(*path, 1);
}

/* pip's is_data_scheme_path(): its first folder is called "NAME-VERSION.data".  */
static bool is_in_data_folder(struct mc_str path)
{
	struct mc_str top = mc_str_cut(&path, '/');

	return path.len && mc_str_ends(top, MC_STR(".data"));
}

/*
 * "NAME-VERSION.data/SCHEME/rest": cut both off 'path', as pip does; false when it is none, or one for
 * which pip has no place.
 */
static bool cut_data_scheme(struct mc_str *path, struct mc_str *name_out, struct mc_str *scheme_out)
{
	struct mc_str rest = *path;
	struct mc_str top = mc_str_cut(&rest, '/'), scheme;

	if (!is_in_data_folder(*path))
		return false;
	skip_empty_parts(&rest);
	scheme = mc_str_cut(&rest, '/');
	skip_empty_parts(&rest);
	if (!rest.len || mc_str_is(rest, MC_STR(".")) ||
	    !MC_STR_IS_ONE_OF(scheme, "purelib", "platlib", "data", "scripts", "headers"))
		return false;
	*name_out = mc_str_cut(&top, '-');
	*scheme_out = scheme;
	*path = rest;
	return true;
}

static bool is_in_scripts(struct mc_str path)
{
	struct mc_str name, scheme;

	return cut_data_scheme(&path, &name, &scheme) && mc_str_is(scheme, MC_STR("scripts"));
}

/* METADATA or WHEEL in a .dist-info folder on top.  */
static bool is_dist_text(struct mc_str name)
{
	struct mc_str folder = mc_path_parent(name), base = mc_path_base(name);

	return mc_name_ends(folder, MC_STR(".dist-info")) && !memchr(folder.ptr, '/', folder.len) &&
	       (mc_str_is(base, MC_STR("METADATA")) || mc_str_is(base, MC_STR("WHEEL")));
}

/* Is it worth more than its name?  */
static bool filter(struct mc_zip_entry *entry)
{
	struct mc_str name = entry->name, rest = name, data_name, scheme;
	const char *nul = memchr(name.ptr, '\0', name.len);
	enum mc_name_hint hint = mc_name_hint(name);

	if (is_in_data_folder(name) && !cut_data_scheme(&rest, &data_name, &scheme))
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("pip has no place for it: it is in a .data folder, and of no scheme"));
	/* pip stops at a member that it cannot unpack, whatever is in it.  */
	if (entry->status < 0)
		return true;
	if (is_dist_text(name)) {
		entry->mark = MARK_TEXT;
		return true;
	}
	/* zipfile takes a name to end at its first NUL.  */
	if (nul && hint == MC_NAME_RULED_OUT)
		hint = mc_name_hint((struct mc_str){name.ptr, (size_t)(nul - name.ptr)});
	if (hint == MC_NAME_RULED_OUT)
		return false;
	if (hint == MC_NAME_NATIVE)
		entry->mark = MARK_NATIVE_NAME;
	else if (entry->is_executable || is_in_scripts(name))
		entry->mark = MARK_MAY_BE_SCRIPT;
	return hint != MC_NAME_SCRIPT || entry->mark || !mc_name_ends(name, MC_STR(".py"));
}

static bool filter_with_sources(struct mc_zip_entry *entry)
{
	bool is_kept = filter(entry);

	if (entry->status < 0 || entry->mark & MARK_TEXT || !mc_name_ends(entry->name, MC_STR(".py")))
		return is_kept;
	entry->mark |= MARK_SOURCE;
	return true;
}

/* --- members --- */

/* Shown and joined instead of a name that must not be used: without "..", root and NUL.  */
static enum mc_status copy_harmless(struct mc_arena *arena, struct mc_str name,
				    struct mc_str *path_out)
{
	char *path;

	while (name.len && name.ptr[0] == '/')
		name = mc_str_skip(name, 1);
	path = mc_arena_take(arena, name.len + 1, 1);
	if (!path)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < name.len; i++) {
		bool is_start = !i || name.ptr[i - 1] == '/';

		path[i] = name.ptr[i] ? name.ptr[i] : '?';
		if (is_start && name.len - i >= 2 && name.ptr[i] == '.' && name.ptr[i + 1] == '.' &&
		    (name.len - i == 2 || name.ptr[i + 2] == '/')) {
			path[i] = path[i + 1] = '_';
			i++;
		}
	}
	*path_out = (struct mc_str){path, name.len};
	return MC_OK;
}

/* Where pip puts it (PEP 427, "The .data directory").  */
static enum mc_status locate_installed(const struct wheel *wheel, struct mc_str path,
				       struct mc_str *where_out)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_str name, scheme, rest = path, base = wheel->site;
	unsigned minor = wheel->minor;

	if (cut_data_scheme(&rest, &name, &scheme)) {
		if (mc_str_is(scheme, MC_STR("data"))) {
			base = wheel->prefix;
		} else if (mc_str_is(scheme, MC_STR("scripts"))) {
			MC_TRY(mc_path_join(arena, wheel->prefix, MC_STR("bin"), &base));
		} else if (mc_str_is(scheme, MC_STR("headers"))) {
			struct mc_str include = mc_arena_printf(arena, "include/python3.%u", minor);

			if (!include.len)
				return MC_ERR_NOMEM;
			MC_TRY(mc_path_join(arena, wheel->prefix, include, &base));
			MC_TRY(mc_path_join(arena, base, name, &base));
		}
	}
	return mc_path_join(arena, base, rest, where_out);
}

/* For another interpreter than Python, whatever its name says.  */
static bool is_foreign_script(struct mc_bytes head)
{
	struct mc_str line = {(const char *)head.ptr, head.len};

	return mc_str_starts(line, MC_STR("#!")) && !mc_str_find(mc_str_cut(&line, '\n'), MC_STR("python"), NULL);
}

/* 0: none of our business; 1: 'member' is filled; < 0: MC_ERR_NOMEM.  */
static int examine(struct wheel *wheel, struct mc_zip_entry *entry, struct mc_member *member)
{
	struct mc_arena *arena = wheel->base.arena;
	uint8_t first[MC_HEAD_NBYTES + 1];
	struct mc_bytes head = {first, 0};
	bool may_be_script = entry->mark & MARK_MAY_BE_SCRIPT;

	if (!(entry->mark & MARK_SOURCE) || may_be_script)
		head.len = mc_zip_peek(wheel->zip, entry, first, may_be_script ? sizeof(first) : 4);
	if (entry->status == MC_ERR_NOMEM)
		return MC_ERR_NOMEM;
	*member = (struct mc_member){
		.kind = MC_MEMBER_BROKEN,
		.dist = &wheel->dist,
		.path = entry->name,
		.nbytes = entry->nbytes,
		.head = {"", 0},
		.problem = {"", 0},
	};
	if (entry->status < 0) {
		member->problem = entry->problem;
		if (copy_harmless(arena, entry->name, &member->path) < 0)
			return MC_ERR_NOMEM;
	} else if (entry->mark & MARK_SOURCE && !(may_be_script && is_foreign_script(head))) {
		member->kind = MC_MEMBER_SOURCE;
	} else if (!mc_classify(head, entry->mark & MARK_NATIVE_NAME, may_be_script,
				&member->kind)) {
		return 0;
	}
	if (member->kind == MC_MEMBER_SCRIPT && mc_copy_head(arena, head, &member->head) < 0)
		return MC_ERR_NOMEM;
	return locate_installed(wheel, member->path, &member->where) < 0 ? MC_ERR_NOMEM : 1;
}

static enum mc_status next_member(struct mc_source *source, struct mc_member *member_out,
				  struct mc_error *err)
{
	struct wheel *wheel = (struct wheel *)source;

	wheel->current = NULL;
	while (wheel->next < wheel->entries_count) {
		struct mc_zip_entry *entry = wheel->entries[wheel->next++];
		struct mc_member member;
		int found = entry->mark & MARK_TEXT ? 0 : examine(wheel, entry, &member);

		if (found < 0)
			return mc_fail(err, MC_ERR_NOMEM, source->path, "no memory for a member");
		if (found) {
			wheel->current = entry;
			*member_out = member;
			return MC_OK;
		}
	}
	return MC_END;
}

/* "a.whl!/pkg/x.so" */
static const char *subject_of(const struct wheel *wheel, const struct mc_zip_entry *entry)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_str path, subject = {"", 0};

	if (copy_harmless(arena, entry->name, &path) == MC_OK)
		subject = mc_arena_printf(arena, "%s!/%.*s", wheel->base.path, MC_TEXT(path));
	return subject.len ? subject.ptr : wheel->base.path;
}

static enum mc_status read_current(struct mc_source *source, struct mc_image *image_out,
				   struct mc_error *err)
{
	struct wheel *wheel = (struct wheel *)source;
	struct mc_zip_entry *entry = wheel->current;
	struct mc_image image = {.fd = -1};
	enum mc_status status;

	mc_close_fd(wheel->fd);
	wheel->fd = -1;
	if (!entry)
		return mc_fail(err, MC_ERR_NOT_FOUND, source->path, "no member to read");
	if (entry->status == MC_OK &&
	    entry->nbytes > source->limits.total_nbytes - wheel->total_nbytes)
		mc_zip_spoil(
			entry, MC_ERR_LIMIT,
			mc_arena_printf(source->arena,
					"the members come to more than the limit of %llu bytes",
					(unsigned long long)source->limits.total_nbytes));
	if (entry->status == MC_OK)
		wheel->total_nbytes += entry->nbytes;
	status = mc_zip_memory_nbytes(entry) > source->limits.memory_nbytes
			 ? mc_zip_read_file(wheel->zip, entry, source->limits.member_nbytes, &wheel->fd)
			 : mc_zip_read(wheel->zip, entry, source->limits.member_nbytes, &image.bytes);
	if (status < 0)
		return mc_fail(err, entry->status, subject_of(wheel, entry), "%.*s",
			       MC_TEXT(entry->problem));
	image.fd = wheel->fd;
	image.nbytes = entry->nbytes;
	*image_out = image;
	return MC_OK;
}

/* Small ones are read faster than they are looked for.  */
#define ALIKE_NBYTES 16384

static uint64_t print_current(const struct mc_source *source)
{
	const struct mc_zip_entry *entry = ((const struct wheel *)source)->current;

	return entry && entry->status == MC_OK && entry->packed_nbytes >= ALIKE_NBYTES ? mc_zip_print(entry) | 1 : 0;
}

static bool place_current(struct mc_source *source, struct mc_zip_place *place_out)
{
	struct wheel *wheel = (struct wheel *)source;

	return mc_zip_place(wheel->zip, wheel->current, place_out);
}

static bool is_current_like(struct mc_source *source, int fd, const struct mc_zip_place *place)
{
	struct wheel *wheel = (struct wheel *)source;

	return mc_zip_is_like(wheel->zip, wheel->current, fd, place);
}

/* --- places --- */

/* Not where its name says, and so maybe where another is.  */
static bool is_moved(struct mc_str name)
{
	bool is_plain = !is_in_data_folder(name);

	while (is_plain && name.len) {
		struct mc_str part = mc_str_cut(&name, '/');

		is_plain = part.len && !mc_str_is(part, MC_STR("."));
	}
	return !is_plain;
}

static int order_by_name(const void *name, const void *entry)
{
	return mc_str_compare(*(const struct mc_str *)name, (*(const struct mc_zip_entry *const *)entry)->name);
}

static void spoil_both(struct mc_zip_entry *a, struct mc_zip_entry *b)
{
	const struct mc_str problem = MC_STR("pip puts another member of the archive in its place");

	mc_zip_spoil(a, MC_ERR_FORMAT, problem);
	mc_zip_spoil(b, MC_ERR_FORMAT, problem);
}

/* A member that pip moves, and where to.  */
struct moved {
	struct mc_zip_entry *entry;
	struct mc_str where;
};

/* Of two members for one place the one that pip unpacks last is there; which that is, is pip's affair.  */
static enum mc_status spoil_if_taken(struct wheel *wheel, struct mc_zip_entry *entry, struct mc_map *places)
{
	struct moved *moved = MC_TAKE(wheel->base.arena, struct moved), *other;
	struct mc_zip_entry *const *found;
	struct mc_str name;
	uint64_t hash;

	if (!moved)
		return MC_ERR_NOMEM;
	moved->entry = entry;
	MC_TRY(locate_installed(wheel, entry->name, &moved->where));
	hash = mc_hash_text(moved->where);
	for (size_t at = 0; (other = mc_map_next(places, hash, &at));)
		if (mc_str_is(other->where, moved->where))
			spoil_both(entry, other->entry);
	MC_TRY(mc_map_add(wheel->base.arena, places, hash, moved));
	if (!mc_str_starts(moved->where, wheel->site) || moved->where.len <= wheel->site.len + 1)
		return MC_OK;
	name = mc_str_skip(moved->where, wheel->site.len + 1);
	found = bsearch(&name, wheel->entries, wheel->entries_count, sizeof(*found), order_by_name);
	if (found && *found != entry)
		spoil_both(entry, *found);
	return MC_OK;
}

static enum mc_status spoil_taken(struct wheel *wheel)
{
	struct mc_map places = {NULL, 0, 0};

	for (size_t i = 0; i < wheel->entries_count; i++)
		if (wheel->entries[i]->status == MC_OK && is_moved(wheel->entries[i]->name))
			MC_TRY(spoil_if_taken(wheel, wheel->entries[i], &places));
	return MC_OK;
}

/* --- the dist --- */

static void spoil_dist(struct wheel *wheel, enum mc_status status, struct mc_str problem)
{
	if (wheel->dist.status < 0)
		return;
	wheel->dist.status = status;
	wheel->dist.problem = problem;
}

/*
 * Content of METADATA or WHEEL, borrowed from the archive; empty, and the dist
 * in trouble, when it cannot be read.  Fails with MC_ERR_NOMEM only.
 */
static enum mc_status read_text(struct wheel *wheel, struct mc_zip_entry *entry,
				struct mc_str *text_out)
{
	struct mc_bytes content = {NULL, 0};
	enum mc_status status = mc_zip_read(wheel->zip, entry, TEXT_MAX_NBYTES, &content);

	*text_out = (struct mc_str){"", 0};
	if (status == MC_OK)
		*text_out = (struct mc_str){(const char *)content.ptr, content.len};
	else if (status != MC_ERR_NOMEM)
		spoil_dist(wheel, status,
			   mc_arena_printf(wheel->base.arena, "%.64s: %.100s", entry->name.ptr,
					   entry->problem.ptr));
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* "pkg-1.0" of "pkg-1.0.dist-info".  */
static struct mc_str stem_of(struct mc_str folder)
{
	folder.len -= strlen(".dist-info");
	return folder;
}

/* The .dist-info folder on top that a member is in; empty: none.  */
static struct mc_str info_folder_of(struct mc_str path)
{
	struct mc_str top = mc_str_cut(&path, '/');

	return mc_str_ends(top, MC_STR(".dist-info")) ? top : MC_STR("");
}

/*
 * The .dist-info folder that belongs to 'name', else any; the archive's last of several.  pip refuses
 * several, whatever is in them, and one whose name does not begin as that of the wheel.
 */
static enum mc_status choose_folder(struct wheel *wheel, struct mc_str name,
				    struct mc_str *folder_out)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_str last = MC_STR(""), its_name = MC_STR("");
	uint64_t highest = 0;

	*folder_out = (struct mc_str){"", 0};
	for (size_t i = 0; i < wheel->entries_count; i++) {
		const struct mc_zip_entry *entry = wheel->entries[i];
		struct mc_str folder = info_folder_of(entry->name);
		uint64_t rank;

		if (!folder.len)
			continue;
		if (folder_out->len && !mc_str_is(folder, *folder_out))
			spoil_dist(wheel, MC_ERR_FORMAT,
				   MC_STR("it holds several .dist-info folders"));
		/* The entries are sorted: those of one folder come together.  */
		if (!mc_str_is(folder, last))
			MC_TRY(mc_dist_normalise(arena, stem_of(folder), &its_name));
		last = folder;
		rank = (uint64_t)mc_str_starts(its_name, name) << 33 | (uint64_t)!!(entry->mark & MARK_TEXT) << 32 |
		       entry->order;
		if (folder_out->len && rank < highest)
			continue;
		highest = rank;
		*folder_out = folder;
	}
	if (folder_out->len && !(highest >> 33))
		spoil_dist(wheel, MC_ERR_FORMAT,
			   mc_arena_printf(arena, "its .dist-info folder is %.*s: pip refuses it",
					   MC_TEXT(*folder_out)));
	return MC_OK;
}

/* The last of this name, which pip installs; NULL when there is none.  */
static struct mc_zip_entry *find_text(const struct wheel *wheel, struct mc_str folder,
				      struct mc_str base)
{
	struct mc_zip_entry *text = NULL;

	for (size_t i = 0; i < wheel->entries_count; i++)
		if (wheel->entries[i]->mark & MARK_TEXT &&
		    mc_str_is(mc_path_parent(wheel->entries[i]->name), folder) &&
		    mc_str_is(mc_path_base(wheel->entries[i]->name), base))
			text = wheel->entries[i];
	return text;
}

static enum mc_status read_metadata(struct wheel *wheel, struct mc_str text)
{
	struct mc_dist *dist = &wheel->dist;
	struct mc_str name = {"", 0}, version = {"", 0};

	MC_TRY(mc_dist_metadata(wheel->base.arena, text, &name, &version, &dist->requires_python));
	if (!mc_str_is_utf8(text))
		spoil_dist(wheel, MC_ERR_FORMAT, MC_STR("its METADATA is no UTF-8: pip refuses it"));
	else if (!name.len || !version.len)
		spoil_dist(wheel, MC_ERR_FORMAT,
			   MC_STR("its METADATA has no name or no version: pip refuses it"));
	if (name.len)
		dist->name = name;
	if (version.len)
		dist->version = version;
	return MC_OK;
}

static enum mc_status describe(struct wheel *wheel)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_dist *dist = &wheel->dist;
	struct mc_str path = mc_str_of(wheel->base.path), file_name = mc_path_base(path);
	struct mc_str name = {"", 0}, version = {"", 0}, build, folder, content;
	struct mc_tags tags = {NULL, 0};
	struct mc_zip_entry *text;
	enum mc_status status;

	*dist = (struct mc_dist){.kind = MC_DIST_WHEEL, .path = path, .problem = {"", 0}};
	status = mc_dist_wheel_name(arena, file_name, &name, &version, &build, &tags);
	if (status == MC_ERR_NOMEM)
		return status;
	MC_TRY(choose_folder(wheel, name, &folder));
	dist->name = name;
	dist->version = version;
	if (folder.len && !name.len)
		MC_TRY(mc_dist_folder_name(arena, stem_of(folder), &dist->name, &dist->version));

	text = find_text(wheel, folder, MC_STR("METADATA"));
	if (!text)
		spoil_dist(wheel, MC_ERR_FORMAT, MC_STR("it has no METADATA: pip refuses it"));
	if (text) {
		MC_TRY(read_text(wheel, text, &content));
		MC_TRY(read_metadata(wheel, content));
		status = mc_dist_requires(arena, content, &dist->requires_dist,
					  &dist->requires_dist_count);
		if (status == MC_ERR_NOMEM)
			return status;
		if (status)
			spoil_dist(wheel, status, MC_STR(MC_REQUIRES_TOO_MANY));
	}
	if (name.len && !mc_str_is(name, dist->name))
		spoil_dist(
			wheel, MC_ERR_FORMAT,
			mc_arena_printf(arena, "its METADATA says it is %.100s", dist->name.ptr));
	/* pip goes by the tags of the file name alone.  */
	text = find_text(wheel, folder, MC_STR("WHEEL"));
	if (!text)
		spoil_dist(wheel, MC_ERR_FORMAT, MC_STR("it has no WHEEL file: pip refuses it"));
	if (!tags.count)
		spoil_dist(wheel, MC_ERR_FORMAT, MC_STR("its name is none of a wheel: pip refuses it"));
	/* pip goes on only when it could read it, too.  */
	if (text) {
		MC_TRY(read_text(wheel, text, &content));
		if (!mc_dist_is_wheel_text(content))
			spoil_dist(wheel, MC_ERR_FORMAT, MC_STR("its WHEEL is none of version 1: pip refuses it"));
	}
	if (text && !tags.count) {
		status = mc_dist_wheel_tags(arena, content, &tags);
		if (status == MC_ERR_NOMEM)
			return status;
	}
	if (!dist->name.len) {
		if (mc_name_ends(file_name, MC_STR(".whl")))
			file_name.len -= 4;
		MC_TRY(mc_dist_normalise(arena, file_name, &dist->name));
	}
	dist->nbytes = mc_zip_total_nbytes(wheel->zip);
	if (dist->nbytes > MC_DIST_NBYTES_MAX)
		dist->nbytes = MC_DIST_NBYTES_MAX;
	dist->tags = tags.ptr;
	dist->tags_count = tags.count;
	dist->python_minor = mc_dist_tags_minor(tags);
	wheel->minor = dist->python_minor ? dist->python_minor : 12;
	return MC_OK;
}

static enum mc_status lay_out(struct wheel *wheel, const char *prefix)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_str site = mc_arena_printf(arena, "lib/python3.%u/site-packages", wheel->minor);

	if (!site.len)
		return MC_ERR_NOMEM;
	MC_TRY(mc_path_join(arena, MC_STR("/"), mc_str_of(prefix), &wheel->prefix));
	return mc_path_join(arena, wheel->prefix, site, &wheel->site);
}

/* No linker makes a smaller shared object: headers, dynamic segment, symbols, hash table.  */
#define SMALLEST_NATIVE 1024

/* What is looked into where the whole wheel is at hand must not pass for pure here.  */
static bool may_be_native(const struct wheel *wheel)
{
	for (size_t i = 0; i < wheel->entries_count; i++) {
		const struct mc_zip_entry *entry = wheel->entries[i];
		struct mc_str name = entry->name, top = name;

		if (entry->mark & (MARK_TEXT | MARK_SOURCE))
			continue;
		if (entry->status < 0 || entry->mark & MARK_NATIVE_NAME || is_in_scripts(name))
			return true;
		top = mc_str_cut(&top, '/');
		if (!mc_name_ends(top, MC_STR(".dist-info")) && mc_name_hint(name) != MC_NAME_SCRIPT &&
		    !mc_name_promises_data(name) && entry->nbytes >= SMALLEST_NATIVE)
			return true;
	}
	return false;
}

static void close_wheel(struct mc_source *source)
{
	mc_close_fd(((struct wheel *)source)->fd);
	mc_zip_close(((struct wheel *)source)->zip);
}

/* An entry costs a kilobyte; the largest wheels have some ten thousand.  */
static uint32_t entries_max(const struct mc_source *base)
{
	return base->limits.members_count < ENTRIES_MAX ? base->limits.members_count : ENTRIES_MAX;
}

enum mc_status mc_wheel_open(int fd, uint64_t nbytes, const char *prefix,
			     const struct mc_source *base, struct mc_source **source_out,
			     struct mc_error *err)
{
	struct wheel *wheel;
	struct mc_zip *zip;
	enum mc_status status = MC_ERR_NOMEM;

	MC_TRY(mc_zip_open(fd, nbytes, base->path, entries_max(base),
			   base->wants_sources ? filter_with_sources : filter, base->reader,
			   base->arena, &zip, err));
	wheel = MC_TAKE(base->arena, struct wheel);
	if (!wheel)
		goto out;
	*wheel = (struct wheel){.base = *base, .zip = zip, .fd = -1, .dists = {&wheel->dist}};
	wheel->base.kind = MC_SOURCE_WHEEL;
	wheel->base.next = next_member;
	wheel->base.read = read_current;
	wheel->base.print = print_current;
	wheel->base.place = place_current;
	wheel->base.is_like = is_current_like;
	wheel->base.close = close_wheel;
	wheel->base.dists = wheel->dists;
	wheel->base.dists_count = 1;
	wheel->entries = mc_zip_entries(zip, &wheel->entries_count);
	wheel->base.may_be_native = may_be_native(wheel);
	status = describe(wheel);
	if (status == MC_OK)
		status = lay_out(wheel, prefix);
	if (status == MC_OK)
		status = spoil_taken(wheel);
out:
	if (status < 0) {
		mc_zip_close(zip);
		return mc_fail(err, status, base->path, "no memory for its members");
	}
	*source_out = &wheel->base;
	return MC_OK;
}
