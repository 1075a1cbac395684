/* SPDX-License-Identifier: MIT */
/*
 * With arena.c the only file that may call malloc() (the one buffer, reused),
 * and the only one that knows libdeflate.
 */
#include "file.h"
#include "muslcheck/map.h"
#include "refusal.h"
#include "zip_impl.h"

#include <libdeflate.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A match of 258 bytes takes two bits at the least.  */
#define DEFLATE_MAX_RATIO 1032

/* A repeated match of 273 bytes takes some 14 decisions of 0.022 bits: about 7000.  */
#define LZMA_MAX_RATIO 16384

/* Native files of that size shrink to a third, rarely to a tenth; padding of 2 MiB
 * between segments gives small ones ratios of 200.  */
#define BOMB_NBYTES ((unsigned long long)64 << 20)
#define BOMB_RATIO 128

/* --- the buffer --- */

/*
 * What is there stays.  realloc() moves the pages of a large buffer to another address, where
 * new ones would have to be cleared first: a tenth of what it takes to inflate into them.
 */
enum mc_status mc_zip_reserve(struct mc_zip *zip, uint64_t nbytes)
{
	const size_t step = (size_t)1 << 20;
	uint8_t *buffer;
	size_t room;

	if (nbytes <= zip->reader->buffer_nbytes)
		return MC_OK;
	if (nbytes > SIZE_MAX - step)
		return MC_ERR_NOMEM;
	room = ((size_t)nbytes + step - 1) / step * step;
	buffer = realloc(zip->reader->buffer, room);
	if (!buffer)
		return MC_ERR_NOMEM;
	zip->reader->buffer = buffer;
	zip->reader->buffer_nbytes = room;
	return MC_OK;
}

/* --- spoiling --- */

void mc_zip_spoil(struct mc_zip_entry *entry, enum mc_status status, struct mc_str problem)
{
	if (entry->status < 0)
		return;
	entry->status = status;
	entry->problem = problem;
	/* What a codec was refused it may call damage; errno knows.  */
	mc_refusal_note(status == MC_ERR_NOMEM ? MC_ERR_NOMEM : MC_ERR_IO);
}

void mc_zip_spoil_packed(struct mc_zip *zip, struct mc_zip_entry *entry, const char *why)
{
	mc_zip_spoil(entry, MC_ERR_FORMAT,
		     mc_arena_printf(zip->arena, "it cannot be decompressed: %s", why));
}

void mc_zip_spoil_method(struct mc_zip *zip, struct mc_zip_entry *entry)
{
	mc_zip_spoil(entry, MC_ERR_UNSUPPORTED,
		     mc_arena_printf(zip->arena, "its compression method %u is not supported",
				     entry->method));
}

/* --- entries --- */

int64_t mc_zip_read_at(const struct mc_zip *zip, uint64_t off, void *into, size_t nbytes)
{
	const struct mc_zip_window *window = &zip->window;

	if (off < window->off || off - window->off > window->nbytes || nbytes > window->nbytes - (off - window->off))
		return mc_read_at(zip->fd, off, into, nbytes);
	memcpy(into, window->bytes + (off - window->off), nbytes);
	return (int64_t)nbytes;
}

/* A header, a name and what comes behind it in one go.  */
static void look_from(struct mc_zip *zip, uint64_t off)
{
	int64_t got = mc_read_at(zip->fd, off, zip->window.bytes, sizeof(zip->window.bytes));

	zip->window.off = off;
	zip->window.nbytes = got > 0 ? (size_t)got : 0;
}

/* Does the local header, of which 'off' is the name, name this entry?  */
static bool is_named_there(const struct mc_zip *zip, const struct mc_zip_entry *entry, uint64_t off)
{
	uint8_t name[512];

	for (size_t done = 0; done < entry->raw_name.len;) {
		size_t nbytes = entry->raw_name.len - done;

		if (nbytes > sizeof(name))
			nbytes = sizeof(name);
		if (mc_zip_read_at(zip, off + done, name, nbytes) != (int64_t)nbytes ||
		    memcmp(name, entry->raw_name.ptr + done, nbytes))
			return false;
		done += nbytes;
	}
	return true;
}

/*
 * Find the data behind the local header, which must name the same file:
 * zipfile refuses an entry where both differ, and so does pip.
 */
static void locate_data(struct mc_zip *zip, struct mc_zip_entry *entry)
{
	uint8_t header[MC_ZIP_LOCAL_NBYTES];
	uint64_t off = entry->header_off;

	if (entry->status < 0 || entry->data_off)
		return;
	look_from(zip, off);
	if (mc_zip_read_at(zip, off, header, sizeof(header)) != (int64_t)sizeof(header) ||
	    mc_get32(header) != MC_ZIP_LOCAL_SIG) {
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("it has no local header"));
		return;
	}
	off += MC_ZIP_LOCAL_NBYTES;
	if (mc_get16(header + 26) != entry->raw_name.len || !is_named_there(zip, entry, off) ||
	    (!mc_zip_is_ascii(entry->raw_name) && (mc_get16(header + 6) ^ entry->flags) & MC_ZIP_FLAG_UTF8)) {
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("its local header names another file"));
		return;
	}
	entry->data_off = off + entry->raw_name.len + mc_get16(header + 28);
	if (entry->data_off > entry->end_off ||
	    entry->packed_nbytes > entry->end_off - entry->data_off)
		mc_zip_spoil(entry, MC_ERR_FORMAT,
			     entry->end_off == zip->directory_off
				     ? MC_STR("it goes past the end of the archive")
				     : MC_STR("it overlaps with another member"));
}

static const struct mc_zip_codec *codec_of(const struct mc_zip_entry *entry)
{
	if (entry->method == MC_ZIP_DEFLATED)
		return &mc_zip_codec_deflate;
	return entry->method == MC_ZIP_LZMA ? &mc_zip_codec_lzma : &mc_zip_codec_libzip;
}

size_t mc_zip_peek(struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *first, size_t nbytes)
{
	const struct mc_zip_codec *codec = codec_of(entry);
	int64_t got = -1;

	errno = 0;
	locate_data(zip, entry);
	if (nbytes > entry->nbytes)
		nbytes = (size_t)entry->nbytes;
	if (entry->status < 0 || !nbytes)
		return 0;
	if (entry->method == MC_ZIP_STORED) {
		if (nbytes > entry->packed_nbytes)
			nbytes = (size_t)entry->packed_nbytes;
		got = mc_zip_read_at(zip, entry->data_off, first, nbytes);
		if (got < 0)
			mc_zip_spoil(entry, MC_ERR_IO, MC_STR("it cannot be read"));
	} else if (codec->start(zip, entry, nbytes)) {
		got = codec->read(zip, entry, first, nbytes);
		codec->end(zip);
	}
	return got > 0 ? (size_t)got : 0;
}

/* Before any memory is taken for it: is the declared size possible and allowed?  */
static void check_sizes(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t limit_nbytes)
{
	unsigned long long nbytes = entry->nbytes, packed_nbytes = entry->packed_nbytes;

	if (entry->status < 0)
		return;
	if (nbytes > limit_nbytes)
		mc_zip_spoil(entry, MC_ERR_LIMIT,
			     mc_arena_printf(zip->arena,
					     "it is %llu bytes, more than the limit of %llu",
					     nbytes, (unsigned long long)limit_nbytes));
	else if (entry->method == MC_ZIP_STORED && packed_nbytes != nbytes)
		mc_zip_spoil(
			entry, MC_ERR_FORMAT,
			MC_STR("it is stored, and its compressed size is another than its size"));
	else if ((entry->method == MC_ZIP_DEFLATED && nbytes / DEFLATE_MAX_RATIO > packed_nbytes) ||
		 (entry->method == MC_ZIP_LZMA && nbytes / LZMA_MAX_RATIO > packed_nbytes))
		mc_zip_spoil(
			entry, MC_ERR_FORMAT,
			mc_arena_printf(zip->arena,
					"%llu compressed bytes cannot become the declared %llu",
					packed_nbytes, nbytes));
	else if (nbytes > BOMB_NBYTES && nbytes / BOMB_RATIO > packed_nbytes)
		mc_zip_spoil(entry, MC_ERR_LIMIT,
			     mc_arena_printf(zip->arena,
					     "%llu bytes from %llu compressed ones: taken for a bomb",
					     nbytes, packed_nbytes));
	/* No encoder loses more than a few bytes a block.  */
	else if (packed_nbytes / 2 > nbytes + 65536)
		mc_zip_spoil(entry, MC_ERR_FORMAT,
			     mc_arena_printf(zip->arena,
					     "%llu compressed bytes for the declared %llu make no "
					     "sense",
					     packed_nbytes, nbytes));
}

static void read_packed(const struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *into)
{
	int64_t got = mc_read_at(zip->fd, entry->data_off, into, (size_t)entry->packed_nbytes);

	if (got < 0)
		mc_zip_spoil(entry, MC_ERR_IO, MC_STR("it cannot be read"));
	else if ((uint64_t)got != entry->packed_nbytes)
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("the file ends within it"));
}

static void read_stored(struct mc_zip *zip, struct mc_zip_entry *entry)
{
	if (mc_zip_reserve(zip, entry->packed_nbytes) < 0)
		mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to read it"));
	else
		read_packed(zip, entry, zip->reader->buffer);
}

/* The packed bytes go to the buffer's end, the content to its start.  */
static void read_deflated(struct mc_zip *zip, struct mc_zip_entry *entry)
{
	uint8_t *packed;
	size_t got = 0;

	if (!zip->reader->inflater)
		zip->reader->inflater = libdeflate_alloc_decompressor();
	if (!zip->reader->inflater || entry->packed_nbytes > UINT64_MAX - entry->nbytes ||
	    mc_zip_reserve(zip, entry->nbytes + entry->packed_nbytes) < 0) {
		mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
		return;
	}
	packed = zip->reader->buffer + entry->nbytes;
	read_packed(zip, entry, packed);
	if (entry->status < 0)
		return;
	if (libdeflate_deflate_decompress(zip->reader->inflater, packed, (size_t)entry->packed_nbytes,
					  zip->reader->buffer, (size_t)entry->nbytes,
					  &got) != LIBDEFLATE_SUCCESS ||
	    got != entry->nbytes)
		mc_zip_spoil(entry, MC_ERR_FORMAT,
			     mc_arena_printf(zip->arena,
					     "its compressed data is damaged, or not of the "
					     "declared %llu bytes",
					     (unsigned long long)entry->nbytes));
}

/* Rare methods: memory grows with what really comes out, as their ratio has no bound.  */
static void read_coded(struct mc_zip *zip, struct mc_zip_entry *entry)
{
	const struct mc_zip_codec *codec = codec_of(entry);
	uint64_t done = 0;
	size_t room = (size_t)1 << 20;

	if (!codec->start(zip, entry, entry->nbytes))
		return;
	while (done < entry->nbytes) {
		int64_t got;

		if (room > entry->nbytes)
			room = (size_t)entry->nbytes;
		if (mc_zip_reserve(zip, room) < 0) {
			mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
			break;
		}
		got = codec->read(zip, entry, zip->reader->buffer + done, room - (size_t)done);
		if (got <= 0)
			break;
		done += (uint64_t)got;
		room = room > SIZE_MAX / 2 ? SIZE_MAX : room * 2;
	}
	codec->end(zip);
	if (done != entry->nbytes)
		mc_zip_spoil(entry, MC_ERR_FORMAT,
			     MC_STR("it is shorter than the archive declares"));
}

uint64_t mc_zip_memory_nbytes(const struct mc_zip_entry *entry)
{
	uint64_t packed_nbytes = entry->method == MC_ZIP_DEFLATED ? entry->packed_nbytes : 0;

	return packed_nbytes > UINT64_MAX - entry->nbytes ? UINT64_MAX : entry->nbytes + packed_nbytes;
}

enum mc_status mc_zip_read(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t limit_nbytes,
			   struct mc_bytes *content_out)
{
	errno = 0;
	locate_data(zip, entry);
	check_sizes(zip, entry, limit_nbytes);
	/* So that the buffer is there also for no bytes at all.  */
	if (entry->status == MC_OK && mc_zip_reserve(zip, 1) < 0)
		mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to read it"));
	if (entry->status < 0)
		return entry->status;
	if (entry->method == MC_ZIP_STORED)
		read_stored(zip, entry);
	else if (entry->method == MC_ZIP_DEFLATED)
		read_deflated(zip, entry);
	else
		read_coded(zip, entry);
	if (entry->status == MC_OK &&
	    libdeflate_crc32(0, zip->reader->buffer, (size_t)entry->nbytes) != entry->crc)
		mc_zip_spoil(entry, MC_ERR_FORMAT,
			     MC_STR("its content fails the archive's CRC-32"));
	*content_out = (struct mc_bytes){zip->reader->buffer, (size_t)entry->nbytes};
	return entry->status;
}

/* --- large entries --- */

/* The next bytes of a stored or a packed entry; 0 at its end, -1: spoilt.  */
static int64_t read_part(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t done, uint8_t *into, size_t room)
{
	int64_t got;

	if (entry->method != MC_ZIP_STORED)
		return codec_of(entry)->read(zip, entry, into, room);
	got = mc_read_at(zip->fd, entry->data_off + done, into,
			 entry->nbytes - done < room ? (size_t)(entry->nbytes - done) : room);
	if (got < 0)
		mc_zip_spoil(entry, MC_ERR_IO, MC_STR("it cannot be read"));
	return got;
}

/* All of it to 'fd', its CRC-32 on the way.  */
static void copy_content(struct mc_zip *zip, struct mc_zip_entry *entry, int fd)
{
	uint8_t block[1 << 16];
	uint64_t done = 0;
	uint32_t crc = 0;
	int64_t got = 0;

	/* One byte more than is declared shows that there is more.  */
	while (done <= entry->nbytes && (got = read_part(zip, entry, done, block, sizeof(block))) > 0) {
		crc = libdeflate_crc32(crc, block, (size_t)got);
		if (!mc_write_all(fd, block, (size_t)got)) {
			mc_zip_spoil(entry, MC_ERR_IO, MC_STR("it cannot be written to a temporary file"));
			return;
		}
		done += (uint64_t)got;
	}
	if (got >= 0 && done != entry->nbytes)
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("it is not of the declared size"));
	else if (got >= 0 && crc != entry->crc)
		mc_zip_spoil(entry, MC_ERR_FORMAT, MC_STR("its content fails the archive's CRC-32"));
}

enum mc_status mc_zip_read_file(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t limit_nbytes, int *fd_out)
{
	bool is_stored = entry->method == MC_ZIP_STORED;

	*fd_out = -1;
	errno = 0;
	locate_data(zip, entry);
	check_sizes(zip, entry, limit_nbytes);
	if (entry->status == MC_OK && (*fd_out = mc_open_temp_file()) < 0)
		mc_zip_spoil(entry, MC_ERR_IO, MC_STR("no temporary file for it can be made"));
	if (entry->status < 0 || (!is_stored && !codec_of(entry)->start(zip, entry, entry->nbytes)))
		goto out;
	copy_content(zip, entry, *fd_out);
	if (!is_stored)
		codec_of(entry)->end(zip);
out:
	if (entry->status < 0) {
		mc_close_fd(*fd_out);
		*fd_out = -1;
	}
	return entry->status;
}

/* --- entries that are alike --- */

uint64_t mc_zip_print(const struct mc_zip_entry *entry)
{
	return mc_hash_pair((uint64_t)entry->crc << 16 | entry->method, entry->nbytes * 31 + entry->packed_nbytes);
}

bool mc_zip_place(struct mc_zip *zip, struct mc_zip_entry *entry, struct mc_zip_place *place_out)
{
	locate_data(zip, entry);
	*place_out = (struct mc_zip_place){.data_off = entry->data_off,
					   .nbytes = entry->nbytes,
					   .packed_nbytes = entry->packed_nbytes,
					   .crc = entry->crc,
					   .method = entry->method,
					   .flags = entry->flags};
	return entry->status == MC_OK;
}

static bool are_told_alike(const struct mc_zip_place *a, const struct mc_zip_place *b)
{
	return a->nbytes == b->nbytes && a->packed_nbytes == b->packed_nbytes && a->crc == b->crc &&
	       a->method == b->method && a->flags == b->flags;
}

bool mc_zip_is_like(struct mc_zip *zip, struct mc_zip_entry *entry, int fd, const struct mc_zip_place *place)
{
	uint8_t here[1 << 15], there[1 << 15];
	struct mc_zip_place own;

	if (!mc_zip_place(zip, entry, &own) || !are_told_alike(&own, place))
		return false;
	for (uint64_t done = 0; done < own.packed_nbytes;) {
		uint64_t left = own.packed_nbytes - done;
		size_t nbytes = left < sizeof(here) ? (size_t)left : sizeof(here);

		if (mc_read_at(zip->fd, own.data_off + done, here, nbytes) != (int64_t)nbytes ||
		    mc_read_at(fd, place->data_off + done, there, nbytes) != (int64_t)nbytes ||
		    memcmp(here, there, nbytes) != 0)
			return false;
		done += nbytes;
	}
	return true;
}

/* --- the archive --- */

enum mc_status mc_zip_open(int fd, uint64_t nbytes, const char *path, uint32_t entries_max,
			   mc_zip_filter *filter, struct mc_zip_reader *reader,
			   struct mc_arena *arena, struct mc_zip **zip_out, struct mc_error *err)
{
	struct mc_zip *zip = MC_TAKE(arena, struct mc_zip);
	enum mc_status status;

	*zip_out = NULL;
	if (!zip) {
		mc_close_fd(fd);
		return mc_fail(err, MC_ERR_NOMEM, path, "no memory to open it");
	}
	*zip = (struct mc_zip){.fd = fd, .path = path, .arena = arena, .file_nbytes = nbytes};
	zip->reader = reader ? reader : &zip->own_reader;
	status = mc_zip_read_directory(zip, entries_max, filter, err);
	if (status < 0) {
		mc_zip_close(zip);
		return status;
	}
	*zip_out = zip;
	return MC_OK;
}

struct mc_zip_entry *const *mc_zip_entries(const struct mc_zip *zip, size_t *count_out)
{
	*count_out = zip->entries_count;
	return zip->entries;
}

uint64_t mc_zip_total_nbytes(const struct mc_zip *zip)
{
	return zip->total_nbytes;
}

void mc_zip_reader_clear(struct mc_zip_reader *reader)
{
	libdeflate_free_decompressor(reader->inflater);
	free(reader->buffer);
	*reader = (struct mc_zip_reader){NULL, 0, NULL};
}

void mc_zip_close(struct mc_zip *zip)
{
	if (!zip)
		return;
	mc_zip_libzip_close(zip);
	mc_zip_deflate_close(zip);
	mc_zip_reader_clear(&zip->own_reader);
	mc_close_fd(zip->fd);
}
