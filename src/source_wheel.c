/* SPDX-License-Identifier: MIT */
/*
 * A wheel.  With arena.c the only file that may call malloc() (the one member
 * buffer, reused), and the only one that knows libzip and libdeflate.
 *
 * The central directory is read here, by the rules of Python's zipfile: pip
 * installs what that module sees, and where readers can disagree (prepended
 * data, several end records, NUL in a name) a hostile wheel would show us one
 * archive and pip another.  Deflated and stored members, which is all that
 * real wheels hold, are read here as well.  libzip inflates the first bytes of
 * members for a peek and knows rarer methods; it is shown a directory that
 * we write from what was checked, never the stranger's (struct codec).
 */
#include "dist.h"
#include "source_impl.h"

#include <libdeflate.h>
#include <zip.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* APPNOTE.TXT 6.3.10, 4.3 */
#define LOCAL_SIG 0x04034b50u
#define LOCAL_NBYTES 30
#define CENTRAL_SIG 0x02014b50u
#define CENTRAL_NBYTES 46
#define END_SIG 0x06054b50u
#define END_NBYTES 22
#define END64_SIG 0x06064b50u
#define END64_NBYTES 56
#define LOCATOR_SIG 0x07064b50u
#define LOCATOR_NBYTES 20
#define ZIP64_EXTRA_ID 1
#define ZIP64_EXTRA_NBYTES 28 /* with its id and length, holding both sizes and the offset */

#define COMMENT_MAX_NBYTES 0xffff
/* An entry's fixed part with name, extra fields and comment of 64 KiB each.  */
#define ENTRY_MAX_NBYTES (CENTRAL_NBYTES + 3 * 0xffff)

#define FLAG_ENCRYPTED 0x0001

/* A match of 258 bytes takes two bits at the least.  */
#define DEFLATE_MAX_RATIO 1032

/* A repeated match of 273 bytes takes some 14 decisions of 0.022 bits: about 7000.  */
#define LZMA_MAX_RATIO 16384

#define TEXT_MAX_NBYTES ((uint64_t)16 << 20) /* METADATA, WHEEL */

/* One member of the archive that its name does not rule out.  */
struct entry {
	struct entry *next;
	struct mc_str name;             /* as found */
	uint64_t packed_nbytes, nbytes; /* as declared */
	uint64_t header_off;            /* of the local header, in the file */
	uint64_t end_off;               /* where the next of them begins */
	uint64_t data_off;              /* known after check_local() */
	uint32_t crc;
	uint32_t order; /* in the central directory */
	uint16_t method, flags;
	bool is_native_name;
	bool may_be_script;
	int64_t codec_index;   /* in the directory shown to libzip; -1: not there */
	enum mc_status status; /* < 0: cannot be read, and why */
	struct mc_str problem;
};

/* libzip's view: the file up to its central directory, then a directory of ours.  */
struct codec {
	zip_t *archive;
	enum mc_status status; /* of opening it */
	bool is_opening;
	uint8_t *directory;
	size_t directory_nbytes;
	uint64_t at;
	zip_error_t error;
};

struct wheel {
	struct mc_source base;
	int fd;
	uint64_t file_nbytes;
	uint64_t lead_nbytes; /* prepended data */
	uint64_t directory_off, directory_nbytes;
	struct entry **entries; /* sorted by name */
	struct entry *texts;    /* METADATA and WHEEL of .dist-info folders, last first */
	size_t entries_count, next;
	struct entry *current;
	uint64_t total_nbytes; /* read so far */
	struct mc_dist dist;
	const struct mc_dist *dists[1];
	struct mc_str prefix, site;
	unsigned minor;
	uint8_t *buffer;
	size_t buffer_nbytes;
	struct libdeflate_decompressor *inflater;
	struct codec codec;
	struct mc_lzma *lzma;
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) | (uint32_t)get16(at + 2) << 16;
}

static uint64_t get64(const uint8_t *at)
{
	return (uint64_t)get32(at) | (uint64_t)get32(at + 4) << 32;
}

static uint8_t *put(uint8_t *at, uint64_t value, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

/* Make room for 'nbytes', forgetting what was there.  */
static enum mc_status reserve(struct wheel *wheel, uint64_t nbytes)
{
	const size_t step = (size_t)1 << 20;
	size_t room;

	if (nbytes <= wheel->buffer_nbytes)
		return MC_OK;
	if (nbytes > SIZE_MAX - step)
		return MC_ERR_NOMEM;
	room = ((size_t)nbytes + step - 1) / step * step;
	free(wheel->buffer);
	wheel->buffer = malloc(room);
	wheel->buffer_nbytes = wheel->buffer ? room : 0;
	return wheel->buffer ? MC_OK : MC_ERR_NOMEM;
}

/* Make more room, keeping what is there.  */
static enum mc_status extend(struct wheel *wheel, size_t nbytes)
{
	uint8_t *buffer;

	if (nbytes <= wheel->buffer_nbytes)
		return MC_OK;
	buffer = realloc(wheel->buffer, nbytes);
	if (!buffer)
		return MC_ERR_NOMEM;
	wheel->buffer = buffer;
	wheel->buffer_nbytes = nbytes;
	return MC_OK;
}

/* Exactly 'nbytes' of the file at 'off'.  */
static enum mc_status read_exactly(const struct wheel *wheel, uint64_t off, void *into,
				   size_t nbytes, struct mc_error *err)
{
	int64_t got = mc_read_at(wheel->fd, off, into, nbytes);

	if (got < 0)
		return mc_fail(err, MC_ERR_IO, wheel->base.path, "cannot be read");
	if ((uint64_t)got != nbytes)
		return mc_fail(err, MC_ERR_FORMAT, wheel->base.path,
			       "ends at %llu, needed %zu bytes at %llu",
			       (unsigned long long)(off + (uint64_t)got), nbytes,
			       (unsigned long long)off);
	return MC_OK;
}

/* --- the end record and the central directory --- */

static bool is_end(const uint8_t *at)
{
	return get32(at) == END_SIG;
}

/*
 * The end record that zipfile takes: one without a comment at the very end,
 * else the last signature in the last 64 KiB.  Returns its place in 'tail',
 * or 'nbytes' when there is none.
 */
static size_t find_end(const uint8_t *tail, size_t nbytes)
{
	size_t at = nbytes - END_NBYTES;

	if (is_end(tail + at) && !get16(tail + at + 20))
		return at;
	for (at++; at-- > 0;)
		if (is_end(tail + at))
			return at;
	return nbytes;
}

/* Replace sizes by those of the zip64 end record, when a locator before 'end_off' leads to one.  */
static enum mc_status read_end64(const struct wheel *wheel, uint64_t *end_off, uint64_t *nbytes,
				 uint64_t *off, struct mc_error *err)
{
	uint8_t locator[LOCATOR_NBYTES], end[END64_NBYTES];
	uint64_t at;

	if (*end_off < LOCATOR_NBYTES + END64_NBYTES)
		return MC_OK;
	MC_TRY(read_exactly(wheel, *end_off - LOCATOR_NBYTES, locator, sizeof(locator), err));
	if (get32(locator) != LOCATOR_SIG)
		return MC_OK;
	if (get32(locator + 4) || get32(locator + 16) > 1)
		return mc_fail(err, MC_ERR_UNSUPPORTED, wheel->base.path,
			       "a zip archive of several disks");
	/* Right before its locator, wherever prepended data moved them.  */
	at = *end_off - LOCATOR_NBYTES - END64_NBYTES;
	MC_TRY(read_exactly(wheel, at, end, sizeof(end), err));
	if (get32(end) != END64_SIG)
		return mc_fail(err, MC_ERR_FORMAT, wheel->base.path,
			       "no zip64 end record before its locator");
	*end_off = at;
	*nbytes = get64(end + 40);
	*off = get64(end + 48);
	return MC_OK;
}

static enum mc_status locate_directory(struct wheel *wheel, struct mc_error *err)
{
	const char *path = wheel->base.path;
	uint64_t tail_nbytes = END_NBYTES + COMMENT_MAX_NBYTES;
	uint64_t end_off, off;
	size_t at;

	if (wheel->file_nbytes < END_NBYTES)
		return mc_fail(err, MC_ERR_FORMAT, path, "no zip archive: too short");
	if (tail_nbytes > wheel->file_nbytes)
		tail_nbytes = wheel->file_nbytes;
	if (reserve(wheel, tail_nbytes) < 0)
		return mc_fail(err, MC_ERR_NOMEM, path, "no memory to read it");
	MC_TRY(read_exactly(wheel, wheel->file_nbytes - tail_nbytes, wheel->buffer,
			    (size_t)tail_nbytes, err));
	at = find_end(wheel->buffer, (size_t)tail_nbytes);
	if (at == tail_nbytes)
		return mc_fail(err, MC_ERR_FORMAT, path, "no zip archive: no end record");
	end_off = wheel->file_nbytes - tail_nbytes + at;
	wheel->directory_nbytes = get32(wheel->buffer + at + 12);
	off = get32(wheel->buffer + at + 16);
	MC_TRY(read_end64(wheel, &end_off, &wheel->directory_nbytes, &off, err));
	if (wheel->directory_nbytes > end_off)
		return mc_fail(err, MC_ERR_FORMAT, path,
			       "its central directory is longer than the file");
	wheel->directory_off = end_off - wheel->directory_nbytes;
	if (off > wheel->directory_off)
		return mc_fail(err, MC_ERR_FORMAT, path,
			       "its central directory begins past its end record");
	wheel->lead_nbytes = wheel->directory_off - off;
	return MC_OK;
}

/* Take the true sizes and offset out of the zip64 extra field; false when it is wanting.  */
static bool read_zip64_extra(struct mc_bytes extra, struct entry *entry)
{
	while (extra.len >= 4) {
		uint16_t id = get16(extra.ptr), nbytes = get16(extra.ptr + 2);
		const uint8_t *at = extra.ptr + 4, *end = at + nbytes;
		uint64_t *const wanted[] = {&entry->nbytes, &entry->packed_nbytes,
					    &entry->header_off};

		if (nbytes > extra.len - 4)
			return false;
		extra = (struct mc_bytes){end, extra.len - 4 - nbytes};
		if (id != ZIP64_EXTRA_ID)
			continue;
		for (size_t i = 0; i < 3; i++) {
			if (*wanted[i] != UINT32_MAX)
				continue;
			if (end - at < 8)
				return false;
			*wanted[i] = get64(at);
			at += 8;
		}
		return true;
	}
	return false;
}

static void spoil(struct entry *entry, enum mc_status status, struct mc_str problem)
{
	if (entry->status < 0)
		return;
	entry->status = status;
	entry->problem = problem;
}

static bool has_parent_component(struct mc_str name)
{
	for (size_t at = 0; at < name.len;) {
		const char *slash = memchr(name.ptr + at, '/', name.len - at);
		size_t end = slash ? (size_t)(slash - name.ptr) : name.len;

		if (end - at == 2 && !memcmp(name.ptr + at, "..", 2))
			return true;
		at = end + 1;
	}
	return false;
}

static void judge_name(struct entry *entry)
{
	struct mc_str name = entry->name;

	if (memchr(name.ptr, '\0', name.len))
		spoil(entry, MC_ERR_FORMAT, MC_STR("its name in the archive holds a NUL byte"));
	else if (name.ptr[0] == '/')
		spoil(entry, MC_ERR_FORMAT, MC_STR("its name in the archive is absolute"));
	else if (has_parent_component(name))
		spoil(entry, MC_ERR_FORMAT,
		      MC_STR("its name in the archive leads out of it (\"..\")"));
	else if (memchr(name.ptr, '\\', name.len))
		spoil(entry, MC_ERR_FORMAT, MC_STR("its name in the archive holds a backslash"));
	else if (memchr(name.ptr, '\n', name.len) || memchr(name.ptr, '\r', name.len))
		spoil(entry, MC_ERR_FORMAT, MC_STR("its name in the archive holds a line break"));
}

static void judge_sizes(const struct wheel *wheel, struct entry *entry)
{
	uint64_t room;

	if (entry->flags & FLAG_ENCRYPTED)
		spoil(entry, MC_ERR_UNSUPPORTED, MC_STR("it is encrypted"));
	if (entry->header_off > wheel->directory_off - wheel->lead_nbytes) {
		spoil(entry, MC_ERR_FORMAT, MC_STR("it begins past the end of the archive"));
		return;
	}
	entry->header_off += wheel->lead_nbytes;
	room = wheel->directory_off - entry->header_off;
	if (room < LOCAL_NBYTES || entry->packed_nbytes > room - LOCAL_NBYTES)
		spoil(entry, MC_ERR_FORMAT, MC_STR("it goes past the end of the archive"));
}

/* "NAME-VERSION.data/SCHEME/rest": cut both off 'path'; false when it is none.  */
static bool cut_data_scheme(struct mc_str *path, struct mc_str *name_out, struct mc_str *scheme_out)
{
	const char *slash = memchr(path->ptr, '/', path->len);
	const char *next;
	struct mc_str top, rest;

	if (!slash)
		return false;
	top = (struct mc_str){path->ptr, (size_t)(slash - path->ptr)};
	if (top.len <= 5 || memcmp(top.ptr + top.len - 5, ".data", 5))
		return false;
	rest = (struct mc_str){slash + 1, path->len - top.len - 1};
	next = memchr(rest.ptr, '/', rest.len);
	if (!next)
		return false;
	*scheme_out = (struct mc_str){rest.ptr, (size_t)(next - rest.ptr)};
	*path = (struct mc_str){next + 1, rest.len - scheme_out->len - 1};
	*name_out = top;
	for (size_t i = 0; i < top.len; i++)
		if (top.ptr[i] == '-') {
			name_out->len = i;
			break;
		}
	return true;
}

static bool is_in_scripts(struct mc_str path)
{
	struct mc_str name, scheme;

	return cut_data_scheme(&path, &name, &scheme) && mc_str_is(scheme, MC_STR("scripts"));
}

/* Is it worth more than its name?  Fills the name's hints.  */
static bool is_candidate(struct entry *entry, uint16_t made_by, uint32_t attributes)
{
	struct mc_str name = entry->name;
	const char *nul = memchr(name.ptr, '\0', name.len);
	enum mc_name_hint hint;
	bool is_executable = made_by >> 8 == 3 && (attributes >> 16 & 0111);

	if (name.ptr[name.len - 1] == '/')
		return false;
	hint = mc_name_hint(name);
	/* zipfile takes a name to end at its first NUL.  */
	if (nul && hint == MC_NAME_RULED_OUT)
		hint = mc_name_hint((struct mc_str){name.ptr, (size_t)(nul - name.ptr)});
	if (hint == MC_NAME_RULED_OUT)
		return false;
	entry->is_native_name = hint == MC_NAME_NATIVE;
	entry->may_be_script = !entry->is_native_name && (is_executable || is_in_scripts(name));
	return hint != MC_NAME_SCRIPT || entry->may_be_script;
}

/* What reading the central directory collects.  */
struct harvest {
	struct entry *entries; /* candidates, last first */
	size_t entries_count;
	struct entry *texts;
};

static enum mc_status take_entry(struct wheel *wheel, const uint8_t *at, uint32_t order,
				 struct harvest *harvest)
{
	uint16_t name_nbytes = get16(at + 28), extra_nbytes = get16(at + 30);
	struct mc_str name = {(const char *)at + CENTRAL_NBYTES, name_nbytes};
	struct entry found = {
		.name = name,
		.flags = get16(at + 8),
		.method = get16(at + 10),
		.crc = get32(at + 16),
		.packed_nbytes = get32(at + 20),
		.nbytes = get32(at + 24),
		.header_off = get32(at + 42),
		.order = order,
		.codec_index = -1,
	};
	struct mc_bytes extra = {at + CENTRAL_NBYTES + name_nbytes, extra_nbytes};
	struct entry *entry;
	bool is_text;

	if (!name.len || !is_candidate(&found, get16(at + 4), get32(at + 38)))
		return MC_OK;
	if ((found.packed_nbytes == UINT32_MAX || found.nbytes == UINT32_MAX ||
	     found.header_off == UINT32_MAX) &&
	    !read_zip64_extra(extra, &found))
		spoil(&found, MC_ERR_FORMAT, MC_STR("its zip64 sizes are missing"));
	judge_name(&found);
	judge_sizes(wheel, &found);

	is_text = found.status == MC_OK && mc_is_dist_text(name) &&
		  !memchr(mc_path_parent(name).ptr, '/', mc_path_parent(name).len);
	if (is_text && !mc_name_ends(name, MC_STR("/METADATA")) &&
	    !mc_name_ends(name, MC_STR("/WHEEL")))
		return MC_OK;
	entry = MC_TAKE(wheel->base.arena, struct entry);
	if (!entry)
		return MC_ERR_NOMEM;
	*entry = found;
	MC_TRY(mc_arena_copy(wheel->base.arena, name, &entry->name));
	entry->next = is_text ? harvest->texts : harvest->entries;
	*(is_text ? &harvest->texts : &harvest->entries) = entry;
	harvest->entries_count += !is_text;
	return MC_OK;
}

static enum mc_status read_directory(struct wheel *wheel, struct harvest *harvest,
				     struct mc_error *err)
{
	const size_t room = 2 * (size_t)ENTRY_MAX_NBYTES;
	uint64_t left = wheel->directory_nbytes; /* not yet in the buffer */
	uint64_t off = wheel->directory_off;
	size_t start = 0, end = 0; /* of what is in the buffer */

	if (reserve(wheel, room) < 0)
		return mc_fail(err, MC_ERR_NOMEM, wheel->base.path, "no memory to read it");
	for (uint32_t order = 0; left || start < end; order++) {
		const uint8_t *at;
		size_t nbytes;

		if (end - start < ENTRY_MAX_NBYTES && left) {
			size_t more;

			memmove(wheel->buffer, wheel->buffer + start, end - start);
			end -= start;
			start = 0;
			more = left < room - end ? (size_t)left : room - end;
			MC_TRY(read_exactly(wheel, off, wheel->buffer + end, more, err));
			end += more;
			off += more;
			left -= more;
		}
		at = wheel->buffer + start;
		if (end - start < CENTRAL_NBYTES || get32(at) != CENTRAL_SIG)
			return mc_fail(err, MC_ERR_FORMAT, wheel->base.path,
				       "its central directory has no entry %lu where it should",
				       (unsigned long)order);
		nbytes = (size_t)CENTRAL_NBYTES + get16(at + 28) + get16(at + 30) + get16(at + 32);
		if (nbytes > end - start)
			return mc_fail(err, MC_ERR_FORMAT, wheel->base.path,
				       "entry %lu goes past its central directory",
				       (unsigned long)order);
		if (order >= wheel->base.limits.members_count)
			return mc_fail(err, MC_ERR_LIMIT, wheel->base.path, "more than %lu members",
				       (unsigned long)wheel->base.limits.members_count);
		if (take_entry(wheel, at, order, harvest) < 0)
			return mc_fail(err, MC_ERR_NOMEM, wheel->base.path,
				       "no memory for its members");
		start += nbytes;
	}
	return MC_OK;
}

static int order_entries(const void *a, const void *b)
{
	const struct entry *first = *(const struct entry *const *)a;
	const struct entry *second = *(const struct entry *const *)b;
	int order = mc_str_compare(first->name, second->name);

	return order ? order : (first->order > second->order) - (first->order < second->order);
}

static int order_offsets(const void *a, const void *b)
{
	const struct entry *first = *(const struct entry *const *)a;
	const struct entry *second = *(const struct entry *const *)b;

	if (first->header_off != second->header_off)
		return first->header_off < second->header_off ? -1 : 1;
	return (first->order > second->order) - (first->order < second->order);
}

/*
 * Each member ends where the next begins, as zipfile has it since 3.12.2:
 * members that share bytes are how a small archive unpacks to petabytes.
 */
static void bound_entries(struct wheel *wheel)
{
	uint64_t end_off = wheel->directory_off;

	qsort(wheel->entries, wheel->entries_count, sizeof(struct entry *), order_offsets);
	for (size_t i = wheel->entries_count; i-- > 0;) {
		wheel->entries[i]->end_off = end_off;
		end_off = wheel->entries[i]->header_off;
	}
}

static enum mc_status sort_entries(struct wheel *wheel, const struct harvest *harvest)
{
	size_t count = 0;

	wheel->entries =
		MC_TAKE_ARRAY(wheel->base.arena, struct entry *, harvest->entries_count + 1);
	if (!wheel->entries)
		return MC_ERR_NOMEM;
	for (struct entry *entry = harvest->entries; entry; entry = entry->next)
		wheel->entries[count++] = entry;
	wheel->entries_count = count;
	wheel->texts = harvest->texts;
	for (struct entry *text = wheel->texts; text; text = text->next)
		text->end_off = wheel->directory_off;
	bound_entries(wheel);
	qsort(wheel->entries, count, sizeof(struct entry *), order_entries);
	/* Of two that are called the same, pip installs the later one.  */
	for (size_t i = 1; i < count; i++)
		if (mc_str_is(wheel->entries[i - 1]->name, wheel->entries[i]->name))
			spoil(wheel->entries[i - 1], MC_ERR_FORMAT,
			      MC_STR("the archive holds another file of this name"));
	return MC_OK;
}

/* --- libzip as a codec --- */

static zip_int64_t read_codec_bytes(struct wheel *wheel, uint8_t *into, uint64_t nbytes)
{
	struct codec *codec = &wheel->codec;
	uint64_t done = 0;

	while (done < nbytes) {
		uint64_t left = nbytes - done, room;

		if (codec->at < wheel->directory_off) {
			room = wheel->directory_off - codec->at;
			if (left > room)
				left = room;
			/* While libzip looks for end records it shall find none but ours.  */
			if (codec->is_opening) {
				memset(into + done, 0, (size_t)left);
			} else {
				int64_t got =
					mc_read_at(wheel->fd, codec->at, into + done, (size_t)left);

				if (got < 0) {
					zip_error_set(&codec->error, ZIP_ER_READ, errno);
					return -1;
				}
				if (!got)
					break;
				left = (uint64_t)got;
			}
		} else {
			size_t from = (size_t)(codec->at - wheel->directory_off);

			room = codec->directory_nbytes - from;
			if (left > room)
				left = room;
			if (!left)
				break;
			memcpy(into + done, codec->directory + from, (size_t)left);
		}
		done += left;
		codec->at += left;
	}
	return (zip_int64_t)done;
}

static zip_int64_t serve_codec(void *state, void *data, zip_uint64_t nbytes,
			       zip_source_cmd_t command)
{
	struct wheel *wheel = state;
	struct codec *codec = &wheel->codec;
	uint64_t total = wheel->directory_off + codec->directory_nbytes;

	/* libzip has more commands than the few that a read-only source needs.  */
	if (command == ZIP_SOURCE_SUPPORTS)
		return zip_source_make_command_bitmap(
			ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
			ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
			ZIP_SOURCE_SUPPORTS, -1);
	if (command == ZIP_SOURCE_OPEN) {
		codec->at = 0;
		return 0;
	}
	if (command == ZIP_SOURCE_CLOSE || command == ZIP_SOURCE_FREE)
		return 0;
	if (command == ZIP_SOURCE_READ)
		return read_codec_bytes(wheel, data, nbytes);
	if (command == ZIP_SOURCE_TELL)
		return (zip_int64_t)codec->at;
	if (command == ZIP_SOURCE_ERROR)
		return zip_error_to_data(&codec->error, data, nbytes);
	if (command == ZIP_SOURCE_SEEK) {
		zip_int64_t at = zip_source_seek_compute_offset(codec->at, total, data, nbytes,
								&codec->error);

		if (at < 0)
			return -1;
		codec->at = (uint64_t)at;
		return 0;
	}
	if (command == ZIP_SOURCE_STAT) {
		zip_stat_t *info = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, nbytes, &codec->error);

		if (!info)
			return -1;
		zip_stat_init(info);
		info->size = total;
		info->valid = ZIP_STAT_SIZE;
		return sizeof(*info);
	}
	zip_error_set(&codec->error, ZIP_ER_OPNOTSUPP, 0);
	return -1;
}

static uint8_t *put_central(uint8_t *at, const struct entry *entry)
{
	at = put(at, CENTRAL_SIG, 4);
	at = put(at, 45, 2); /* made by, needs: version 4.5 */
	at = put(at, 45, 2);
	at = put(at, 0, 2); /* no flag matters to the methods it knows */
	at = put(at, entry->method, 2);
	at = put(at, 0x210000, 4); /* 1980-01-01 */
	at = put(at, entry->crc, 4);
	at = put(at, UINT32_MAX, 4);
	at = put(at, UINT32_MAX, 4);
	at = put(at, 0, 2); /* no name */
	at = put(at, ZIP64_EXTRA_NBYTES, 2);
	at = put(at, 0, 2 + 2 + 2); /* comment, disk, internal attributes */
	at = put(at, 0, 4);
	at = put(at, UINT32_MAX, 4);
	at = put(at, ZIP64_EXTRA_ID, 2);
	at = put(at, ZIP64_EXTRA_NBYTES - 4, 2);
	at = put(at, entry->nbytes, 8);
	at = put(at, entry->packed_nbytes, 8);
	return put(at, entry->header_off, 8);
}

static uint8_t *put_ends(uint8_t *at, uint64_t count, uint64_t nbytes, uint64_t off)
{
	at = put(at, END64_SIG, 4);
	at = put(at, END64_NBYTES - 12, 8);
	at = put(at, 45, 2);
	at = put(at, 45, 2);
	at = put(at, 0, 4 + 4);
	at = put(at, count, 8);
	at = put(at, count, 8);
	at = put(at, nbytes, 8);
	at = put(at, off, 8);
	at = put(at, LOCATOR_SIG, 4);
	at = put(at, 0, 4);
	at = put(at, off + nbytes, 8);
	at = put(at, 1, 4);
	at = put(at, END_SIG, 4);
	at = put(at, 0, 2 + 2);
	at = put(at, UINT16_MAX, 2);
	at = put(at, UINT16_MAX, 2);
	at = put(at, UINT32_MAX, 4);
	at = put(at, UINT32_MAX, 4);
	return put(at, 0, 2);
}

static bool needs_codec(const struct entry *entry)
{
	return entry->status == MC_OK && entry->method != ZIP_CM_STORE &&
	       entry->method != ZIP_CM_LZMA;
}

static uint8_t *show_entry(uint8_t *at, struct entry *entry, size_t *count)
{
	if (!needs_codec(entry))
		return at;
	entry->codec_index = (int64_t)(*count)++;
	return put_central(at, entry);
}

/* Show libzip the members that need it; once, at the first of them.  */
static enum mc_status open_codec(struct wheel *wheel)
{
	struct codec *codec = &wheel->codec;
	zip_source_t *source;
	zip_error_t error;
	size_t count = 0;
	uint8_t *at;

	if (codec->archive || codec->status < 0)
		return codec->status;
	codec->status = MC_ERR_NOMEM;
	for (size_t i = 0; i < wheel->entries_count; i++)
		count += needs_codec(wheel->entries[i]);
	for (struct entry *text = wheel->texts; text; text = text->next)
		count += needs_codec(text);
	codec->directory = mc_arena_take(wheel->base.arena,
					 count * (CENTRAL_NBYTES + ZIP64_EXTRA_NBYTES) +
						 END64_NBYTES + LOCATOR_NBYTES + END_NBYTES,
					 1);
	if (!codec->directory)
		return codec->status;
	at = codec->directory;
	count = 0;
	for (size_t i = 0; i < wheel->entries_count; i++)
		at = show_entry(at, wheel->entries[i], &count);
	for (struct entry *text = wheel->texts; text; text = text->next)
		at = show_entry(at, text, &count);
	at = put_ends(at, count, (uint64_t)(at - codec->directory), wheel->directory_off);
	codec->directory_nbytes = (size_t)(at - codec->directory);

	zip_error_init(&error);
	source = zip_source_function_create(serve_codec, wheel, &error);
	if (source) {
		codec->is_opening = true;
		codec->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
		codec->is_opening = false;
		if (!codec->archive)
			zip_source_free(source);
	}
	zip_error_fini(&error);
	if (codec->archive)
		codec->status = MC_OK;
	return codec->status;
}

/* A member being decompressed: 'file' is NULL where liblzma does it.  */
struct member_stream {
	zip_file_t *file;
	struct mc_lzma *lzma;
};

static void spoil_packed(struct wheel *wheel, struct entry *entry, const char *why)
{
	spoil(entry, MC_ERR_FORMAT,
	      mc_problem(wheel->base.arena, "it cannot be decompressed: %s", why));
}

static void spoil_method(struct wheel *wheel, struct entry *entry)
{
	spoil(entry, MC_ERR_UNSUPPORTED,
	      mc_problem(wheel->base.arena, "its compression method %u is not supported",
			 entry->method));
}

static void open_with_lzma(struct wheel *wheel, struct entry *entry, uint64_t nbytes)
{
	enum mc_status status = mc_lzma_start(wheel->base.arena, wheel->fd, entry->data_off,
					      entry->packed_nbytes, nbytes, &wheel->lzma);

	if (status == MC_ERR_NOMEM)
		spoil(entry, status, MC_STR("no memory to decompress it"));
	else if (status == MC_ERR_UNSUPPORTED)
		spoil_method(wheel, entry);
	else if (status < 0)
		spoil_packed(wheel, entry, "damaged LZMA properties");
}

static void open_with_libzip(struct wheel *wheel, struct entry *entry, struct member_stream *stream)
{
	zip_error_t *error;

	if (open_codec(wheel) < 0 || entry->codec_index < 0) {
		spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
		return;
	}
	stream->file = zip_fopen_index(wheel->codec.archive, (zip_uint64_t)entry->codec_index, 0);
	if (stream->file)
		return;
	error = zip_get_error(wheel->codec.archive);
	if (zip_error_code_zip(error) == ZIP_ER_COMPNOTSUPP)
		spoil_method(wheel, entry);
	else
		spoil_packed(wheel, entry, zip_error_strerror(error));
}

/*
 * Start to decompress the first 'nbytes'.  False with the entry spoilt when it
 * cannot be done; nothing is to be closed then.
 */
static bool open_member(struct wheel *wheel, struct entry *entry, uint64_t nbytes,
			struct member_stream *stream)
{
	*stream = (struct member_stream){NULL, NULL};
	if (entry->method == ZIP_CM_LZMA) {
		open_with_lzma(wheel, entry, nbytes);
		stream->lzma = wheel->lzma;
	} else {
		open_with_libzip(wheel, entry, stream);
	}
	if (entry->status < 0)
		mc_lzma_end(stream->lzma);
	return entry->status == MC_OK;
}

static void close_member(struct member_stream *stream)
{
	if (stream->file)
		zip_fclose(stream->file);
	mc_lzma_end(stream->lzma);
}

/* As fread(): less than 'nbytes' only at the end; -1 with the entry spoilt.  */
static int64_t read_member(struct wheel *wheel, struct entry *entry, struct member_stream *stream,
			   uint8_t *into, size_t nbytes)
{
	size_t done = 0;

	if (stream->lzma) {
		int64_t got = mc_lzma_read(stream->lzma, into, nbytes);

		if (got < 0)
			spoil_packed(wheel, entry, "damaged LZMA data");
		return got;
	}
	while (done < nbytes) {
		zip_int64_t got = zip_fread(stream->file, into + done, nbytes - done);

		if (got < 0) {
			spoil_packed(wheel, entry,
				     zip_error_strerror(zip_file_get_error(stream->file)));
			return -1;
		}
		if (!got)
			break;
		done += (size_t)got;
	}
	return (int64_t)done;
}

/* --- members --- */

/*
 * Find the data behind the local header, which must name the same file:
 * zipfile refuses a member where both differ, and so does pip.
 */
static void check_local(struct wheel *wheel, struct entry *entry)
{
	uint8_t header[LOCAL_NBYTES], name[512];
	uint64_t off = entry->header_off;

	if (entry->status < 0)
		return;
	if (mc_read_at(wheel->fd, off, header, sizeof(header)) != (int64_t)sizeof(header) ||
	    get32(header) != LOCAL_SIG) {
		spoil(entry, MC_ERR_FORMAT, MC_STR("it has no local header"));
		return;
	}
	off += LOCAL_NBYTES;
	if (get16(header + 26) != entry->name.len) {
		spoil(entry, MC_ERR_FORMAT, MC_STR("its local header names another file"));
		return;
	}
	for (size_t done = 0; done < entry->name.len;) {
		size_t nbytes = entry->name.len - done;

		if (nbytes > sizeof(name))
			nbytes = sizeof(name);
		if (mc_read_at(wheel->fd, off + done, name, nbytes) != (int64_t)nbytes ||
		    memcmp(name, entry->name.ptr + done, nbytes)) {
			spoil(entry, MC_ERR_FORMAT, MC_STR("its local header names another file"));
			return;
		}
		done += nbytes;
	}
	entry->data_off = off + entry->name.len + get16(header + 28);
	if (entry->data_off > entry->end_off ||
	    entry->packed_nbytes > entry->end_off - entry->data_off)
		spoil(entry, MC_ERR_FORMAT,
		      entry->end_off == wheel->directory_off
			      ? MC_STR("it goes past the end of the archive")
			      : MC_STR("it overlaps with another member"));
}

/* The first bytes of the content, as many as fit 'first'; the entry may be spoilt.  */
static size_t peek(struct wheel *wheel, struct entry *entry, uint8_t *first, size_t nbytes)
{
	int64_t got = -1;

	if (nbytes > entry->nbytes)
		nbytes = (size_t)entry->nbytes;
	if (entry->status < 0 || !nbytes)
		return 0;
	if (entry->method == ZIP_CM_STORE) {
		if (nbytes > entry->packed_nbytes)
			nbytes = (size_t)entry->packed_nbytes;
		got = mc_read_at(wheel->fd, entry->data_off, first, nbytes);
		if (got < 0)
			spoil(entry, MC_ERR_IO, MC_STR("it cannot be read"));
	} else {
		struct member_stream stream;

		if (open_member(wheel, entry, nbytes, &stream)) {
			got = read_member(wheel, entry, &stream, first, nbytes);
			close_member(&stream);
		}
	}
	return got > 0 ? (size_t)got : 0;
}

/* Before any memory is taken for it: is the declared size possible and allowed?  */
static void check_sizes(struct wheel *wheel, struct entry *entry, uint64_t limit_nbytes)
{
	if (entry->status < 0)
		return;
	if (entry->nbytes > limit_nbytes)
		spoil(entry, MC_ERR_LIMIT,
		      mc_problem(wheel->base.arena, "it is %llu bytes, more than the limit of %llu",
				 (unsigned long long)entry->nbytes,
				 (unsigned long long)limit_nbytes));
	else if (entry->method == ZIP_CM_STORE && entry->packed_nbytes != entry->nbytes)
		spoil(entry, MC_ERR_FORMAT,
		      MC_STR("it is stored, and its compressed size is another than its size"));
	else if ((entry->method == ZIP_CM_DEFLATE &&
		  entry->nbytes / DEFLATE_MAX_RATIO > entry->packed_nbytes) ||
		 (entry->method == ZIP_CM_LZMA &&
		  entry->nbytes / LZMA_MAX_RATIO > entry->packed_nbytes))
		spoil(entry, MC_ERR_FORMAT,
		      mc_problem(wheel->base.arena,
				 "%llu compressed bytes cannot become the declared %llu",
				 (unsigned long long)entry->packed_nbytes,
				 (unsigned long long)entry->nbytes));
	/* No encoder loses more than a few bytes a block.  */
	else if (entry->packed_nbytes / 2 > entry->nbytes + 65536)
		spoil(entry, MC_ERR_FORMAT,
		      mc_problem(wheel->base.arena,
				 "%llu compressed bytes for the declared %llu make no sense",
				 (unsigned long long)entry->packed_nbytes,
				 (unsigned long long)entry->nbytes));
}

static void read_packed(struct wheel *wheel, struct entry *entry, uint8_t *into)
{
	int64_t got = mc_read_at(wheel->fd, entry->data_off, into, (size_t)entry->packed_nbytes);

	if (got < 0)
		spoil(entry, MC_ERR_IO, MC_STR("it cannot be read"));
	else if ((uint64_t)got != entry->packed_nbytes)
		spoil(entry, MC_ERR_FORMAT, MC_STR("the file ends within it"));
}

static void inflate_entry(struct wheel *wheel, struct entry *entry)
{
	uint8_t *packed;
	size_t got = 0;

	if (!wheel->inflater)
		wheel->inflater = libdeflate_alloc_decompressor();
	if (!wheel->inflater || entry->packed_nbytes > UINT64_MAX - entry->nbytes ||
	    reserve(wheel, entry->nbytes + entry->packed_nbytes) < 0) {
		spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
		return;
	}
	packed = wheel->buffer + entry->nbytes;
	read_packed(wheel, entry, packed);
	if (entry->status < 0)
		return;
	if (libdeflate_deflate_decompress(wheel->inflater, packed, (size_t)entry->packed_nbytes,
					  wheel->buffer, (size_t)entry->nbytes,
					  &got) != LIBDEFLATE_SUCCESS ||
	    got != entry->nbytes)
		spoil(entry, MC_ERR_FORMAT,
		      mc_problem(
			      wheel->base.arena,
			      "its compressed data is damaged, or not of the declared %llu bytes",
			      (unsigned long long)entry->nbytes));
}

/* Rare methods: memory grows with what really comes out, as their ratio has no bound.  */
static void decompress_entry(struct wheel *wheel, struct entry *entry)
{
	struct member_stream stream;
	uint64_t done = 0;
	size_t room = (size_t)1 << 20;

	if (!open_member(wheel, entry, entry->nbytes, &stream))
		return;
	while (done < entry->nbytes) {
		int64_t got;

		if (room > entry->nbytes)
			room = (size_t)entry->nbytes;
		if (extend(wheel, room) < 0) {
			spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
			break;
		}
		got = read_member(wheel, entry, &stream, wheel->buffer + done, room - (size_t)done);
		if (got <= 0)
			break;
		done += (uint64_t)got;
		room = room > SIZE_MAX / 2 ? SIZE_MAX : room * 2;
	}
	close_member(&stream);
	if (done != entry->nbytes)
		spoil(entry, MC_ERR_FORMAT, MC_STR("it is shorter than the archive declares"));
}

/* The whole content to the buffer, its CRC checked; else the entry is spoilt.  */
static void read_entry(struct wheel *wheel, struct entry *entry, uint64_t limit_nbytes)
{
	check_sizes(wheel, entry, limit_nbytes);
	/* So that the buffer is there also for no bytes at all.  */
	if (entry->status == MC_OK && reserve(wheel, 1) < 0)
		spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to read it"));
	if (entry->status < 0)
		return;
	if (entry->method == ZIP_CM_DEFLATE) {
		inflate_entry(wheel, entry);
	} else if (entry->method == ZIP_CM_STORE) {
		if (reserve(wheel, entry->packed_nbytes) < 0)
			spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to read it"));
		else
			read_packed(wheel, entry, wheel->buffer);
	} else {
		decompress_entry(wheel, entry);
	}
	if (entry->status == MC_OK &&
	    libdeflate_crc32(0, wheel->buffer, (size_t)entry->nbytes) != entry->crc)
		spoil(entry, MC_ERR_FORMAT, MC_STR("its content fails the archive's CRC-32"));
}

/* Shown and joined instead of a name that must not be used: without "..", root and NUL.  */
static enum mc_status copy_harmless(struct mc_arena *arena, struct mc_str name,
				    struct mc_str *path_out)
{
	char *path;

	while (name.len && name.ptr[0] == '/')
		name = (struct mc_str){name.ptr + 1, name.len - 1};
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
			struct mc_str include = mc_problem(arena, "include/python3.%u", minor);

			MC_TRY(mc_path_join(arena, wheel->prefix, include, &base));
			MC_TRY(mc_path_join(arena, base, name, &base));
		} else if (!mc_str_is(scheme, MC_STR("purelib")) &&
			   !mc_str_is(scheme, MC_STR("platlib"))) {
			rest = path;
		}
	}
	return mc_path_join(arena, base, rest, where_out);
}

/* 0: none of our business; 1: 'member' is filled; < 0: MC_ERR_NOMEM.  */
static int examine(struct wheel *wheel, struct entry *entry, struct mc_member *member)
{
	struct mc_arena *arena = wheel->base.arena;
	uint8_t first[MC_HEAD_NBYTES + 1];
	struct mc_bytes head = {first, 0};

	check_local(wheel, entry);
	head.len = peek(wheel, entry, first, entry->may_be_script ? sizeof(first) : 4);
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
	} else if (!mc_classify(head, entry->is_native_name, entry->may_be_script, &member->kind)) {
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
		struct entry *entry = wheel->entries[wheel->next++];
		struct mc_member member;
		int found = examine(wheel, entry, &member);

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
static const char *subject_of(const struct wheel *wheel, const struct entry *entry)
{
	size_t nbytes = strlen(wheel->base.path);
	struct mc_str path;
	char *subject;

	if (copy_harmless(wheel->base.arena, entry->name, &path) < 0)
		return wheel->base.path;
	subject = mc_arena_take(wheel->base.arena, nbytes + 2 + path.len + 1, 1);
	if (!subject)
		return wheel->base.path;
	memcpy(subject, wheel->base.path, nbytes);
	memcpy(subject + nbytes, "!/", 2);
	memcpy(subject + nbytes + 2, path.ptr, path.len);
	return subject;
}

static enum mc_status read_current(struct mc_source *source, struct mc_image *image_out,
				   struct mc_error *err)
{
	struct wheel *wheel = (struct wheel *)source;
	struct entry *entry = wheel->current;
	if (!entry)
		return mc_fail(err, MC_ERR_NOT_FOUND, source->path, "no member to read");
	if (entry->status == MC_OK &&
	    entry->nbytes > source->limits.total_nbytes - wheel->total_nbytes)
		spoil(entry, MC_ERR_LIMIT,
		      mc_problem(source->arena,
				 "the members come to more than the limit of %llu bytes",
				 (unsigned long long)source->limits.total_nbytes));
	if (entry->status == MC_OK)
		wheel->total_nbytes += entry->nbytes;
	read_entry(wheel, entry, source->limits.member_nbytes);
	if (entry->status == MC_OK) {
		*image_out = (struct mc_image){
			.bytes = {wheel->buffer, (size_t)entry->nbytes},
			.fd = -1,
			.nbytes = entry->nbytes,
		};
		return MC_OK;
	}
	return mc_fail(err, entry->status, subject_of(wheel, entry), "%.*s",
		       (int)entry->problem.len, entry->problem.ptr);
}

/* --- the dist --- */

/*
 * Content of a text member, borrowed from the buffer; empty, and the dist in
 * trouble, when it cannot be read.  Fails with MC_ERR_NOMEM only.
 */
static enum mc_status read_text(struct wheel *wheel, struct entry *entry, struct mc_str *text_out)
{
	*text_out = (struct mc_str){"", 0};
	check_local(wheel, entry);
	read_entry(wheel, entry, TEXT_MAX_NBYTES);
	if (entry->status == MC_ERR_NOMEM)
		return MC_ERR_NOMEM;
	if (entry->status == MC_OK) {
		*text_out = (struct mc_str){(const char *)wheel->buffer, (size_t)entry->nbytes};
	} else if (wheel->dist.status == MC_OK) {
		wheel->dist.status = entry->status;
		wheel->dist.problem = mc_problem(wheel->base.arena, "%.64s: %.100s",
						 entry->name.ptr, entry->problem.ptr);
	}
	return MC_OK;
}

/* The .dist-info folder that belongs to 'name', else any; empty when there is none.  */
static enum mc_status choose_folder(struct wheel *wheel, struct mc_str name,
				    struct mc_str *folder_out)
{
	struct mc_str chosen = {"", 0};
	bool fits = false;

	for (const struct entry *text = wheel->texts; text; text = text->next) {
		struct mc_str folder = mc_path_parent(text->name), its_name, its_version;

		if (mc_str_is(folder, chosen))
			continue;
		if (chosen.len && wheel->dist.status == MC_OK) {
			wheel->dist.status = MC_ERR_FORMAT;
			wheel->dist.problem = MC_STR("it holds several .dist-info folders");
		}
		MC_TRY(mc_dist_folder_name(wheel->base.arena,
					   (struct mc_str){folder.ptr, folder.len - 10}, &its_name,
					   &its_version));
		if (!chosen.len || (!fits && mc_str_is(its_name, name))) {
			chosen = folder;
			fits = mc_str_is(its_name, name);
		}
	}
	*folder_out = chosen;
	return MC_OK;
}

static struct entry *find_text(struct entry *texts, struct mc_str folder, struct mc_str base)
{
	for (struct entry *text = texts; text; text = text->next)
		if (mc_str_is(mc_path_parent(text->name), folder) &&
		    mc_str_is(mc_path_base(text->name), base))
			return text;
	return NULL;
}

static enum mc_status describe(struct wheel *wheel)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_dist *dist = &wheel->dist;
	struct mc_str path = {wheel->base.path, strlen(wheel->base.path)};
	struct mc_str name = {"", 0}, version = {"", 0}, folder, content;
	struct mc_tags tags = {NULL, 0};
	struct entry *text;
	enum mc_status status;

	*dist = (struct mc_dist){.kind = MC_DIST_WHEEL, .path = path, .problem = {"", 0}};
	status = mc_dist_wheel_name(arena, mc_path_base(path), &name, &version, &tags);
	if (status == MC_ERR_NOMEM)
		return status;
	MC_TRY(choose_folder(wheel, name, &folder));
	dist->name = name;
	dist->version = version;
	if (folder.len && !name.len)
		MC_TRY(mc_dist_folder_name(arena, (struct mc_str){folder.ptr, folder.len - 10},
					   &dist->name, &dist->version));

	text = find_text(wheel->texts, folder, MC_STR("METADATA"));
	if (text) {
		MC_TRY(read_text(wheel, text, &content));
		MC_TRY(mc_dist_metadata(arena, content, &dist->name, &dist->version));
	}
	if (name.len && !mc_str_is(name, dist->name) && dist->status == MC_OK) {
		dist->status = MC_ERR_FORMAT;
		dist->problem = mc_problem(arena, "its METADATA says it is %.100s", dist->name.ptr);
	}
	/* pip goes by the tags of the file name alone.  */
	text = find_text(wheel->texts, folder, MC_STR("WHEEL"));
	if (text && !tags.count) {
		MC_TRY(read_text(wheel, text, &content));
		status = mc_dist_wheel_tags(arena, content, &tags);
		if (status == MC_ERR_NOMEM)
			return status;
	}
	if (!dist->name.len) {
		struct mc_str base = mc_path_base(path);

		if (mc_name_ends(base, MC_STR(".whl")))
			base.len -= 4;
		MC_TRY(mc_dist_normalise(arena, base, &dist->name));
	}
	dist->tags = tags.ptr;
	dist->tags_count = tags.count;
	dist->python_minor = mc_dist_tags_minor(tags);
	wheel->minor = dist->python_minor ? dist->python_minor : 12;
	return MC_OK;
}

static enum mc_status lay_out(struct wheel *wheel, const char *prefix)
{
	struct mc_arena *arena = wheel->base.arena;
	struct mc_str site = mc_problem(arena, "lib/python3.%u/site-packages", wheel->minor);

	MC_TRY(mc_path_join(arena, MC_STR("/"), (struct mc_str){prefix, strlen(prefix)},
			    &wheel->prefix));
	return mc_path_join(arena, wheel->prefix, site, &wheel->site);
}

static void close_wheel(struct mc_source *source)
{
	struct wheel *wheel = (struct wheel *)source;

	if (wheel->codec.archive)
		zip_discard(wheel->codec.archive);
	zip_error_fini(&wheel->codec.error);
	libdeflate_free_decompressor(wheel->inflater);
	free(wheel->buffer);
	mc_close_fd(wheel->fd);
}

enum mc_status mc_wheel_open(int fd, uint64_t nbytes, const char *prefix,
			     const struct mc_source *base, struct mc_source **source_out,
			     struct mc_error *err)
{
	struct wheel *wheel = MC_TAKE(base->arena, struct wheel);
	struct harvest harvest = {NULL, 0, NULL};
	enum mc_status status;

	if (!wheel) {
		mc_close_fd(fd);
		return mc_fail(err, MC_ERR_NOMEM, base->path, "no memory to open it");
	}
	wheel->base = *base;
	wheel->base.kind = MC_SOURCE_WHEEL;
	wheel->base.next = next_member;
	wheel->base.read = read_current;
	wheel->base.close = close_wheel;
	wheel->fd = fd;
	wheel->file_nbytes = nbytes;
	zip_error_init(&wheel->codec.error);

	status = locate_directory(wheel, err);
	if (status == MC_OK)
		status = read_directory(wheel, &harvest, err);
	if (status < 0)
		goto out;
	status = sort_entries(wheel, &harvest);
	if (status == MC_OK)
		status = describe(wheel);
	if (status == MC_OK)
		status = lay_out(wheel, prefix);
	if (status < 0)
		mc_fail(err, status, base->path, "no memory for its members");
out:
	if (status < 0) {
		close_wheel(&wheel->base);
		return status;
	}
	wheel->dists[0] = &wheel->dist;
	wheel->base.dists = wheel->dists;
	wheel->base.dists_count = 1;
	*source_out = &wheel->base;
	return MC_OK;
}
