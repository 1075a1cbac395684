/* SPDX-License-Identifier: MIT */
/*
 * libzip as a codec: it inflates the first bytes of entries for a peek and knows
 * rarer methods.  It is shown the file up to its central directory, then a
 * directory of ours, written from what was checked, never the stranger's.
 * The only file that knows libzip.
 */
#include "file.h"
#include "zip_impl.h"

#include <zip.h>

#include <errno.h>
#include <string.h>

#ifdef MC_LATE
#include "gen/late_zip.h"
#define load_library(err) mc_late_load(&late_zip_library, (err))
#define try_library() mc_late_try(&late_zip_library)
#else
#define load_library(err) ((void)(err), MC_OK)
#define try_library() ((void)0)
#endif

/* With its id and length; holds both sizes and the offset.  */
#define EXTRA64_NBYTES 28

struct mc_zip_libzip {
	zip_t *archive;   /* NULL when it could not be opened */
	zip_file_t *file; /* the entry in the works */
	bool is_opening;
	uint8_t *directory;
	size_t directory_nbytes;
	uint64_t at;
	zip_error_t error;
};

/* --- a directory of ours --- */

static uint8_t *put(uint8_t *at, uint64_t value, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

static uint8_t *put_central(uint8_t *at, const struct mc_zip_entry *entry)
{
	at = put(at, MC_ZIP_CENTRAL_SIG, 4);
	at = put(at, 45, 2); /* made by, needs: version 4.5 */
	at = put(at, 45, 2);
	at = put(at, 0, 2); /* no flag matters to the methods it knows */
	at = put(at, entry->method, 2);
	at = put(at, 0x210000, 4); /* 1980-01-01 */
	at = put(at, entry->crc, 4);
	at = put(at, UINT32_MAX, 4);
	at = put(at, UINT32_MAX, 4);
	at = put(at, 0, 2); /* no name */
	at = put(at, EXTRA64_NBYTES, 2);
	at = put(at, 0, 2 + 2 + 2); /* comment, disk, internal attributes */
	at = put(at, 0, 4);
	at = put(at, UINT32_MAX, 4);
	at = put(at, MC_ZIP_EXTRA64_ID, 2);
	at = put(at, EXTRA64_NBYTES - 4, 2);
	at = put(at, entry->nbytes, 8);
	at = put(at, entry->packed_nbytes, 8);
	return put(at, entry->header_off, 8);
}

static uint8_t *put_ends(uint8_t *at, uint64_t count, uint64_t nbytes, uint64_t off)
{
	at = put(at, MC_ZIP_END64_SIG, 4);
	at = put(at, MC_ZIP_END64_NBYTES - 12, 8);
	at = put(at, 45, 2);
	at = put(at, 45, 2);
	at = put(at, 0, 4 + 4);
	at = put(at, count, 8);
	at = put(at, count, 8);
	at = put(at, nbytes, 8);
	at = put(at, off, 8);
	at = put(at, MC_ZIP_LOCATOR_SIG, 4);
	at = put(at, 0, 4);
	at = put(at, off + nbytes, 8);
	at = put(at, 1, 4);
	at = put(at, MC_ZIP_END_SIG, 4);
	at = put(at, 0, 2 + 2);
	at = put(at, UINT16_MAX, 2);
	at = put(at, UINT16_MAX, 2);
	at = put(at, UINT32_MAX, 4);
	at = put(at, UINT32_MAX, 4);
	return put(at, 0, 2);
}

static bool needs_libzip(const struct mc_zip_entry *entry)
{
	return entry->status == MC_OK && entry->method != MC_ZIP_STORED &&
	       entry->method != MC_ZIP_LZMA;
}

static enum mc_status write_directory(struct mc_zip *zip, struct mc_zip_libzip *libzip)
{
	int64_t count = 0;
	uint8_t *at;

	for (size_t i = 0; i < zip->entries_count; i++)
		if (needs_libzip(zip->entries[i]))
			zip->entries[i]->libzip_index = count++;
	libzip->directory = mc_arena_take(zip->arena,
					  (size_t)count * (MC_ZIP_CENTRAL_NBYTES + EXTRA64_NBYTES) +
						  MC_ZIP_END64_NBYTES + MC_ZIP_LOCATOR_NBYTES +
						  MC_ZIP_END_NBYTES,
					  1);
	if (!libzip->directory)
		return MC_ERR_NOMEM;
	at = libzip->directory;
	for (size_t i = 0; i < zip->entries_count; i++)
		if (zip->entries[i]->libzip_index >= 0)
			at = put_central(at, zip->entries[i]);
	at = put_ends(at, (uint64_t)count, (uint64_t)(at - libzip->directory), zip->directory_off);
	libzip->directory_nbytes = (size_t)(at - libzip->directory);
	return MC_OK;
}

/* --- what libzip reads --- */

/* Up to the central directory: the file itself.  */
static int64_t serve_file(const struct mc_zip *zip, uint8_t *into, uint64_t nbytes)
{
	struct mc_zip_libzip *libzip = zip->libzip;
	int64_t got;

	if (nbytes > zip->directory_off - libzip->at)
		nbytes = zip->directory_off - libzip->at;
	/* While libzip looks for end records it shall find none but ours.  */
	if (libzip->is_opening) {
		memset(into, 0, (size_t)nbytes);
		return (int64_t)nbytes;
	}
	got = mc_read_at(zip->fd, libzip->at, into, (size_t)nbytes);
	if (got < 0)
		zip_error_set(&libzip->error, ZIP_ER_READ, errno);
	return got;
}

/* From there on: the directory of ours.  */
static int64_t serve_directory(const struct mc_zip *zip, uint8_t *into, uint64_t nbytes)
{
	const struct mc_zip_libzip *libzip = zip->libzip;
	size_t from = (size_t)(libzip->at - zip->directory_off);

	if (nbytes > libzip->directory_nbytes - from)
		nbytes = libzip->directory_nbytes - from;
	memcpy(into, libzip->directory + from, (size_t)nbytes);
	return (int64_t)nbytes;
}

static zip_int64_t serve_bytes(struct mc_zip *zip, uint8_t *into, uint64_t nbytes)
{
	uint64_t done = 0;

	while (done < nbytes) {
		int64_t got = zip->libzip->at < zip->directory_off
				      ? serve_file(zip, into + done, nbytes - done)
				      : serve_directory(zip, into + done, nbytes - done);

		if (got < 0)
			return -1;
		if (!got)
			break;
		done += (uint64_t)got;
		zip->libzip->at += (uint64_t)got;
	}
	return (zip_int64_t)done;
}

static zip_int64_t serve(void *state, void *data, zip_uint64_t nbytes, zip_source_cmd_t command)
{
	struct mc_zip *zip = state;
	struct mc_zip_libzip *libzip = zip->libzip;
	uint64_t total = zip->directory_off + libzip->directory_nbytes;

	/* libzip has more commands than the few that a read-only source needs.  */
	if (command == ZIP_SOURCE_SUPPORTS)
		return zip_source_make_command_bitmap(
			ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
			ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
			ZIP_SOURCE_SUPPORTS, -1);
	if (command == ZIP_SOURCE_OPEN) {
		libzip->at = 0;
		return 0;
	}
	if (command == ZIP_SOURCE_CLOSE || command == ZIP_SOURCE_FREE)
		return 0;
	if (command == ZIP_SOURCE_READ)
		return serve_bytes(zip, data, nbytes);
	if (command == ZIP_SOURCE_TELL)
		return (zip_int64_t)libzip->at;
	if (command == ZIP_SOURCE_ERROR)
		return zip_error_to_data(&libzip->error, data, nbytes);
	if (command == ZIP_SOURCE_SEEK) {
		zip_int64_t at = zip_source_seek_compute_offset(libzip->at, total, data, nbytes,
								&libzip->error);

		if (at < 0)
			return -1;
		libzip->at = (uint64_t)at;
		return 0;
	}
	if (command == ZIP_SOURCE_STAT) {
		zip_stat_t *info = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, nbytes, &libzip->error);

		if (!info)
			return -1;
		zip_stat_init(info);
		info->size = total;
		info->valid = ZIP_STAT_SIZE;
		return sizeof(*info);
	}
	zip_error_set(&libzip->error, ZIP_ER_OPNOTSUPP, 0);
	return -1;
}

/* Show libzip the entries that need it; once, at the first of them.  */
static zip_t *open_archive(struct mc_zip *zip)
{
	struct mc_zip_libzip *libzip = zip->libzip;
	zip_source_t *source = NULL;
	zip_error_t error;

	if (libzip)
		return libzip->archive;
	zip->libzip = libzip = MC_TAKE(zip->arena, struct mc_zip_libzip);
	if (!libzip)
		return NULL;
	zip_error_init(&libzip->error);
	if (write_directory(zip, libzip) < 0)
		return NULL;
	zip_error_init(&error);
	source = zip_source_function_create(serve, zip, &error);
	if (source) {
		libzip->is_opening = true;
		libzip->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
		libzip->is_opening = false;
		if (!libzip->archive)
			zip_source_free(source);
	}
	zip_error_fini(&error);
	return libzip->archive;
}

void mc_zip_libzip_close(struct mc_zip *zip)
{
	if (!zip->libzip)
		return;
	if (zip->libzip->archive)
		zip_discard(zip->libzip->archive);
	zip_error_fini(&zip->libzip->error);
}

/* --- the codec --- */

void mc_zip_prepare(void)
{
	try_library();
}

static bool start(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t nbytes)
{
	struct mc_error why = MC_ERROR_INIT;
	zip_error_t *error;
	zip_t *archive;

	(void)nbytes;
	if (load_library(&why)) {
		mc_zip_spoil(entry, why.status, mc_arena_printf(zip->arena, "%s %s", why.subject, why.text));
		return false;
	}
	archive = open_archive(zip);
	if (!archive || entry->libzip_index < 0) {
		mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
		return false;
	}
	zip->libzip->file = zip_fopen_index(archive, (zip_uint64_t)entry->libzip_index, 0);
	if (zip->libzip->file)
		return true;
	error = zip_get_error(archive);
	if (zip_error_code_zip(error) == ZIP_ER_COMPNOTSUPP)
		mc_zip_spoil_method(zip, entry);
	else
		mc_zip_spoil_packed(zip, entry, zip_error_strerror(error));
	return false;
}

static int64_t read_some(struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *into,
			 size_t nbytes)
{
	zip_file_t *file = zip->libzip->file;
	size_t done = 0;

	while (done < nbytes) {
		zip_int64_t got = zip_fread(file, into + done, nbytes - done);

		if (got < 0) {
			mc_zip_spoil_packed(zip, entry,
					    zip_error_strerror(zip_file_get_error(file)));
			return -1;
		}
		if (!got)
			break;
		done += (size_t)got;
	}
	return (int64_t)done;
}

static void end(struct mc_zip *zip)
{
	zip_fclose(zip->libzip->file);
}

const struct mc_zip_codec mc_zip_codec_libzip = {start, read_some, end};
