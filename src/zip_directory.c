/* SPDX-License-Identifier: MIT */
/* End records and the central directory, and what they alone prove wrong.  */
#include "file.h"
#include "zip_impl.h"

#include <stdlib.h>
#include <string.h>

#define COMMENT_MAX_NBYTES 0xffff
/* An entry's fixed part with name, extra fields and comment of 64 KiB each.  */
#define ENTRY_MAX_NBYTES (MC_ZIP_CENTRAL_NBYTES + 3 * 0xffff)
#define WINDOW_NBYTES (2 * (size_t)ENTRY_MAX_NBYTES)

#define FLAG_ENCRYPTED 0x0001
#define MADE_BY_UNIX 3
/* zipfile.MAX_EXTRACT_VERSION, above which zipfile refuses the archive.  */
#define VERSION_MAX 63

/* Exactly 'nbytes' of the file at 'off'.  */
static enum mc_status read_exactly(const struct mc_zip *zip, uint64_t off, void *into,
				   size_t nbytes, struct mc_error *err)
{
	int64_t got = mc_read_at(zip->fd, off, into, nbytes);

	if (got < 0)
		return mc_fail(err, MC_ERR_IO, zip->path, "cannot be read");
	if ((uint64_t)got != nbytes)
		return mc_fail(
			err, MC_ERR_FORMAT, zip->path, "ends at %llu, needed %zu bytes at %llu",
			(unsigned long long)(off + (uint64_t)got), nbytes, (unsigned long long)off);
	return MC_OK;
}

/* --- the end record --- */

static bool is_end(const uint8_t *at)
{
	return mc_get32(at) == MC_ZIP_END_SIG;
}

/*
 * The end record that zipfile takes: one without a comment at the very end,
 * else the last signature in the last 64 KiB.  Returns its place in 'tail',
 * or 'nbytes' when there is none.
 */
static size_t find_end(const uint8_t *tail, size_t nbytes)
{
	size_t at = nbytes - MC_ZIP_END_NBYTES;

	if (is_end(tail + at) && !mc_get16(tail + at + 20))
		return at;
	for (at++; at-- > 0;)
		if (is_end(tail + at))
			return at;
	return nbytes;
}

/* Replace sizes by those of the zip64 end record, when a locator before 'end_off' leads to one.  */
static enum mc_status read_end64(const struct mc_zip *zip, uint64_t *end_off, uint64_t *nbytes,
				 uint64_t *off, struct mc_error *err)
{
	uint8_t locator[MC_ZIP_LOCATOR_NBYTES], end[MC_ZIP_END64_NBYTES];
	uint64_t at;

	if (*end_off < MC_ZIP_LOCATOR_NBYTES + MC_ZIP_END64_NBYTES)
		return MC_OK;
	MC_TRY(read_exactly(zip, *end_off - MC_ZIP_LOCATOR_NBYTES, locator, sizeof(locator), err));
	if (mc_get32(locator) != MC_ZIP_LOCATOR_SIG)
		return MC_OK;
	if (mc_get32(locator + 4) || mc_get32(locator + 16) > 1)
		return mc_fail(err, MC_ERR_UNSUPPORTED, zip->path,
			       "a zip archive of several disks");
	/* Right before its locator, wherever prepended data moved them.  */
	at = *end_off - MC_ZIP_LOCATOR_NBYTES - MC_ZIP_END64_NBYTES;
	MC_TRY(read_exactly(zip, at, end, sizeof(end), err));
	if (mc_get32(end) != MC_ZIP_END64_SIG)
		return mc_fail(err, MC_ERR_FORMAT, zip->path,
			       "no zip64 end record before its locator");
	*end_off = at;
	*nbytes = mc_get64(end + 40);
	*off = mc_get64(end + 48);
	return MC_OK;
}

/* As zipfile does, where offsets that fall short tell how much data is prepended.  */
static enum mc_status locate_directory(struct mc_zip *zip, struct mc_error *err)
{
	const char *path = zip->path;
	uint64_t tail_nbytes = MC_ZIP_END_NBYTES + COMMENT_MAX_NBYTES;
	uint64_t end_off, off;
	size_t at;

	if (zip->file_nbytes < MC_ZIP_END_NBYTES)
		return mc_fail(err, MC_ERR_FORMAT, path, "no zip archive: too short");
	if (tail_nbytes > zip->file_nbytes)
		tail_nbytes = zip->file_nbytes;
	if (mc_zip_reserve(zip, tail_nbytes) < 0)
		return mc_fail(err, MC_ERR_NOMEM, path, "no memory to read it");
	MC_TRY(read_exactly(zip, zip->file_nbytes - tail_nbytes, zip->reader->buffer, (size_t)tail_nbytes,
			    err));
	at = find_end(zip->reader->buffer, (size_t)tail_nbytes);
	if (at == tail_nbytes)
		return mc_fail(err, MC_ERR_FORMAT, path, "no zip archive: no end record");
	end_off = zip->file_nbytes - tail_nbytes + at;
	zip->directory_nbytes = mc_get32(zip->reader->buffer + at + 12);
	off = mc_get32(zip->reader->buffer + at + 16);
	MC_TRY(read_end64(zip, &end_off, &zip->directory_nbytes, &off, err));
	if (zip->directory_nbytes > end_off)
		return mc_fail(err, MC_ERR_FORMAT, path,
			       "its central directory is longer than the file");
	zip->directory_off = end_off - zip->directory_nbytes;
	if (off > zip->directory_off)
		return mc_fail(err, MC_ERR_FORMAT, path,
			       "its central directory begins past its end record");
	zip->lead_nbytes = zip->directory_off - off;
	return MC_OK;
}

/* --- names --- */

/* What zipfile decodes a name by that does not say it is UTF-8: code page 437, from 128 on.  */
static const uint16_t upper_half[128] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7,
	0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
	0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
	0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba,
	0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
	0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556,
	0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
	0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
	0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4,
	0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
	0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
	0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

/* As pip's file system has it: UTF-8, whatever the archive holds.  MC_ERR_NOMEM.  */
static enum mc_status decode_name(struct mc_arena *arena, struct mc_str raw, struct mc_str *name_out)
{
	char *name = mc_arena_take(arena, 3 * raw.len + 1, 1);
	size_t len = 0;

	if (!name)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < raw.len; i++) {
		unsigned c = (unsigned char)raw.ptr[i];

		len += mc_str_put_character(name + len, c < 0x80 ? c : upper_half[c - 0x80]);
	}
	*name_out = (struct mc_str){name, len};
	return MC_OK;
}

/*
 * Info-ZIP's Unicode Path (APPNOTE 4.6.9): zipfile of Python 3.12 and later calls the file by it, earlier
 * ones do not.  So it must say the same.
 */
static bool has_other_name(struct mc_bytes extra, struct mc_str name)
{
	while (extra.len >= 4) {
		size_t nbytes = mc_get16(extra.ptr + 2);

		if (nbytes > extra.len - 4)
			nbytes = extra.len - 4;
		/* A version and a CRC-32 come first.  */
		if (mc_get16(extra.ptr) == MC_ZIP_UNICODE_PATH_ID &&
		    (nbytes < 5 || !mc_str_is((struct mc_str){(const char *)extra.ptr + 9, nbytes - 5}, name)))
			return true;
		extra = (struct mc_bytes){extra.ptr + 4 + nbytes, extra.len - 4 - nbytes};
	}
	return false;
}

/* --- entries --- */

/* Take the true sizes and offset out of the zip64 extra field; false when it is wanting.  */
static bool read_zip64_extra(struct mc_bytes extra, struct mc_zip_entry *entry)
{
	while (extra.len >= 4) {
		uint16_t id = mc_get16(extra.ptr), nbytes = mc_get16(extra.ptr + 2);
		const uint8_t *at = extra.ptr + 4, *end = at + nbytes;
		uint64_t *const wanted[] = {&entry->nbytes, &entry->packed_nbytes,
					    &entry->header_off};

		if (nbytes > extra.len - 4)
			return false;
		extra = (struct mc_bytes){end, extra.len - 4 - nbytes};
		if (id != MC_ZIP_EXTRA64_ID)
			continue;
		for (size_t i = 0; i < 3; i++) {
			if (*wanted[i] != UINT32_MAX)
				continue;
			if (end - at < 8)
				return false;
			*wanted[i] = mc_get64(at);
			at += 8;
		}
		return true;
	}
	return false;
}

static bool has_parent_component(struct mc_str name)
{
	while (name.len)
		if (mc_str_is(mc_str_cut(&name, '/'), MC_STR("..")))
			return true;
	return false;
}

/* Linux takes no longer name, and no longer path; pip stops at it.  */
static bool is_too_long(struct mc_str name)
{
	bool is_long = name.len >= 4096;

	while (name.len && !is_long)
		is_long = mc_str_cut(&name, '/').len > 255;
	return is_long;
}

static void judge_name(struct mc_zip_entry *entry)
{
	struct mc_str name = entry->name, problem = {NULL, 0};

	if (memchr(name.ptr, '\0', name.len))
		problem = MC_STR("its name in the archive holds a NUL byte");
	else if (name.ptr[0] == '/')
		problem = MC_STR("its name in the archive is absolute");
	else if (has_parent_component(name))
		problem = MC_STR("its name in the archive leads out of it (\"..\")");
	else if (memchr(name.ptr, '\\', name.len))
		problem = MC_STR("its name in the archive holds a backslash");
	else if (memchr(name.ptr, '\n', name.len) || memchr(name.ptr, '\r', name.len))
		problem = MC_STR("its name in the archive holds a line break");
	else if (entry->flags & MC_ZIP_FLAG_UTF8 && !mc_str_is_utf8(name))
		problem = MC_STR("its name in the archive is not the UTF-8 that it says it is");
	else if (is_too_long(name))
		problem = MC_STR("its name in the archive is too long for a file");
	if (problem.ptr)
		mc_zip_spoil(entry, MC_ERR_FORMAT, problem);
}

/* What some zipfile of Python reads; libzip knows others, and would take some for encryption.  */
static bool is_method_known(uint16_t method)
{
	return method == MC_ZIP_STORED || method == MC_ZIP_DEFLATED || method == MC_ZIP_BZIP2 ||
	       method == MC_ZIP_LZMA || method == MC_ZIP_ZSTD;
}

static void judge_sizes(struct mc_zip *zip, struct mc_zip_entry *entry)
{
	uint64_t room;

	if (entry->flags & FLAG_ENCRYPTED)
		mc_zip_spoil(entry, MC_ERR_UNSUPPORTED, MC_STR("it is encrypted"));
	else if (!is_method_known(entry->method))
		mc_zip_spoil_method(zip, entry);
	else if (entry->version > VERSION_MAX)
		mc_zip_spoil(entry, MC_ERR_UNSUPPORTED,
			     mc_arena_printf(zip->arena, "it wants a reader of zip version %u.%u", entry->version / 10u,
					     entry->version % 10u));
	if (entry->header_off > zip->directory_off - zip->lead_nbytes) {
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("it begins past the end of the archive"));
		return;
	}
	entry->header_off += zip->lead_nbytes;
	room = zip->directory_off - entry->header_off;
	if (room < MC_ZIP_LOCAL_NBYTES || entry->packed_nbytes > room - MC_ZIP_LOCAL_NBYTES)
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("it goes past the end of the archive"));
}

/* Keep the entry whose central header is at 'at' on 'list', if the filter wants it.  */
static enum mc_status take_entry(struct mc_zip *zip, const uint8_t *at, uint32_t order,
				 mc_zip_filter *filter, struct mc_zip_entry **list)
{
	uint16_t name_nbytes = mc_get16(at + 28), extra_nbytes = mc_get16(at + 30);
	struct mc_bytes extra = {at + MC_ZIP_CENTRAL_NBYTES + name_nbytes, extra_nbytes};
	const struct mc_str raw_name = {(const char *)at + MC_ZIP_CENTRAL_NBYTES, name_nbytes};
	struct mc_zip_entry found = {
		.name = raw_name,
		.raw_name = raw_name,
		.is_executable = at[5] == MADE_BY_UNIX && (mc_get32(at + 38) >> 16 & 0111),
		.version = at[6],
		.flags = mc_get16(at + 8),
		.method = mc_get16(at + 10),
		.crc = mc_get32(at + 16),
		.packed_nbytes = mc_get32(at + 20),
		.nbytes = mc_get32(at + 24),
		.header_off = mc_get32(at + 42),
		.order = order,
		.libzip_index = -1,
		.problem = {"", 0},
	};
	struct mc_mark mark = mc_arena_mark(zip->arena);
	struct mc_zip_entry *entry;

	if (has_other_name(extra, raw_name))
		mc_zip_spoil(&found, MC_ERR_FORMAT, MC_STR("it has two names in the archive, which differ"));
	else if (!name_nbytes || raw_name.ptr[name_nbytes - 1] == '/')
		return MC_OK;
	/* Where the name of a folder is not all, it stands for a file.  */
	if (!name_nbytes)
		found.name = MC_STR("?");
	if (!(found.flags & MC_ZIP_FLAG_UTF8) && !mc_zip_is_ascii(found.name))
		MC_TRY(decode_name(zip->arena, raw_name, &found.name));
	if ((found.packed_nbytes == UINT32_MAX || found.nbytes == UINT32_MAX ||
	     found.header_off == UINT32_MAX) &&
	    !read_zip64_extra(extra, &found))
		mc_zip_spoil(&found, MC_ERR_FORMAT, MC_STR("its zip64 sizes are missing"));
	judge_name(&found);
	judge_sizes(zip, &found);
	zip->total_nbytes = found.nbytes > UINT64_MAX - zip->total_nbytes
				    ? UINT64_MAX
				    : zip->total_nbytes + found.nbytes;
	if (!filter(&found)) {
		mc_arena_rewind(zip->arena, mark);
		return MC_OK;
	}
	entry = MC_TAKE(zip->arena, struct mc_zip_entry);
	if (!entry)
		return MC_ERR_NOMEM;
	*entry = found;
	entry->next = *list;
	*list = entry;
	zip->entries_count++;
	MC_TRY(mc_arena_copy(zip->arena, found.raw_name, &entry->raw_name));
	/* Borrowed from the directory where it is not a name of ours.  */
	if (found.name.ptr == found.raw_name.ptr)
		entry->name = entry->raw_name;
	return MC_OK;
}

/* A stretch of the central directory, in the archive's buffer.  */
struct window {
	size_t start, end;         /* of what is not yet looked at, in the buffer */
	uint64_t off, left_nbytes; /* of what is still in the file */
};

/* So that the window holds the next entry, however long it is, or all that is left.  */
static enum mc_status refill(struct mc_zip *zip, struct window *window, struct mc_error *err)
{
	size_t room, have = window->end - window->start;

	if (have >= ENTRY_MAX_NBYTES || !window->left_nbytes)
		return MC_OK;
	memmove(zip->reader->buffer, zip->reader->buffer + window->start, have);
	room = WINDOW_NBYTES - have;
	if (room > window->left_nbytes)
		room = (size_t)window->left_nbytes;
	MC_TRY(read_exactly(zip, window->off, zip->reader->buffer + have, room, err));
	window->start = 0;
	window->end = have + room;
	window->off += room;
	window->left_nbytes -= room;
	return MC_OK;
}

static enum mc_status read_entries(struct mc_zip *zip, uint32_t entries_max, mc_zip_filter *filter,
				   struct mc_zip_entry **list, struct mc_error *err)
{
	struct window window = {.off = zip->directory_off, .left_nbytes = zip->directory_nbytes};

	if (mc_zip_reserve(zip, WINDOW_NBYTES) < 0)
		return mc_fail(err, MC_ERR_NOMEM, zip->path, "no memory to read it");
	for (uint32_t order = 0; window.left_nbytes || window.start < window.end; order++) {
		const uint8_t *at;
		size_t nbytes, have;

		MC_TRY(refill(zip, &window, err));
		at = zip->reader->buffer + window.start;
		have = window.end - window.start;
		if (have < MC_ZIP_CENTRAL_NBYTES || mc_get32(at) != MC_ZIP_CENTRAL_SIG)
			return mc_fail(err, MC_ERR_FORMAT, zip->path,
				       "its central directory has no entry %lu where it should",
				       (unsigned long)order);
		nbytes = (size_t)MC_ZIP_CENTRAL_NBYTES + mc_get16(at + 28) + mc_get16(at + 30) +
			 mc_get16(at + 32);
		if (nbytes > have)
			return mc_fail(err, MC_ERR_FORMAT, zip->path,
				       "entry %lu goes past its central directory",
				       (unsigned long)order);
		if (order >= entries_max)
			return mc_fail(err, MC_ERR_LIMIT, zip->path, "more than %lu members",
				       (unsigned long)entries_max);
		if (take_entry(zip, at, order, filter, list) < 0)
			return mc_fail(err, MC_ERR_NOMEM, zip->path, "no memory for its members");
		window.start += nbytes;
	}
	return MC_OK;
}

/* --- what the entries prove about one another --- */

static int order_names(const void *a, const void *b)
{
	const struct mc_zip_entry *first = *(const struct mc_zip_entry *const *)a;
	const struct mc_zip_entry *second = *(const struct mc_zip_entry *const *)b;
	int order = mc_str_compare(first->name, second->name);

	return order ? order : (first->order > second->order) - (first->order < second->order);
}

static int order_offsets(const void *a, const void *b)
{
	const struct mc_zip_entry *first = *(const struct mc_zip_entry *const *)a;
	const struct mc_zip_entry *second = *(const struct mc_zip_entry *const *)b;

	if (first->header_off != second->header_off)
		return first->header_off < second->header_off ? -1 : 1;
	return (first->order > second->order) - (first->order < second->order);
}

/*
 * Each entry ends where the next begins, as zipfile has it since 3.12.2:
 * entries that share bytes are how a small archive unpacks to petabytes.
 */
static void bound_entries(struct mc_zip *zip)
{
	uint64_t end_off = zip->directory_off;

	qsort(zip->entries, zip->entries_count, sizeof(struct mc_zip_entry *), order_offsets);
	for (size_t i = zip->entries_count; i-- > 0;) {
		zip->entries[i]->end_off = end_off;
		end_off = zip->entries[i]->header_off;
	}
}

/* Of two that are called the same, zipfile and pip leave the later one behind.  */
static void spoil_namesakes(struct mc_zip *zip)
{
	for (size_t i = 1; i < zip->entries_count; i++)
		if (mc_str_is(zip->entries[i - 1]->name, zip->entries[i]->name))
			mc_zip_spoil(zip->entries[i - 1], MC_ERR_FORMAT,
				     MC_STR("the archive holds another file of this name"));
}

enum mc_status mc_zip_read_directory(struct mc_zip *zip, uint32_t entries_max,
				     mc_zip_filter *filter, struct mc_error *err)
{
	struct mc_zip_entry *list = NULL;
	size_t count = 0;

	MC_TRY(locate_directory(zip, err));
	MC_TRY(read_entries(zip, entries_max, filter, &list, err));
	zip->entries = MC_TAKE_ARRAY(zip->arena, struct mc_zip_entry *, zip->entries_count + 1);
	if (!zip->entries)
		return mc_fail(err, MC_ERR_NOMEM, zip->path, "no memory for its members");
	for (struct mc_zip_entry *entry = list; entry; entry = entry->next)
		zip->entries[count++] = entry;
	bound_entries(zip);
	qsort(zip->entries, count, sizeof(struct mc_zip_entry *), order_names);
	spoil_namesakes(zip);
	return MC_OK;
}
