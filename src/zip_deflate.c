/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a deflated entry, by zlib: libdeflate knows whole entries only, and libelf
 * has brought zlib anyway.
 */
#include "zip_impl.h"

#include "file.h"

#include <zlib.h>

struct mc_zip_deflate {
	z_stream stream;
	uint64_t off, left; /* of the compressed bytes, in the file */
	uint8_t block[1 << 14];
	bool is_first; /* a few bytes will do for the first line of a script */
	bool is_ready; /* the stream has its memory, for one entry after another */
};

static bool make_ready(struct mc_zip_deflate *d)
{
	if (!d->is_ready)
		return inflateInit2(&d->stream, -MAX_WBITS) == Z_OK;
	d->stream.avail_in = 0;
	return inflateReset(&d->stream) == Z_OK;
}

static bool start(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t nbytes)
{
	struct mc_zip_deflate *d = zip->deflate;

	(void)nbytes;
	if (!d)
		zip->deflate = d = MC_TAKE(zip->arena, struct mc_zip_deflate);
	if (d && make_ready(d)) {
		d->is_ready = true;
		d->off = entry->data_off;
		d->left = entry->packed_nbytes;
		d->is_first = true;
		return true;
	}
	mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
	return false;
}

/* More of the compressed bytes; false where there are none, or none that can be read.  */
static bool fill(const struct mc_zip *zip, struct mc_zip_entry *entry, struct mc_zip_deflate *d)
{
	size_t room = d->is_first ? 512 : sizeof(d->block), nbytes = d->left < room ? (size_t)d->left : room;
	int64_t got = mc_zip_read_at(zip, d->off, d->block, nbytes);

	if (got < 0)
		mc_zip_spoil(entry, MC_ERR_IO, MC_STR("it cannot be read"));
	if (got <= 0)
		return false;
	d->is_first = false;
	d->off += (uint64_t)got;
	d->left -= (uint64_t)got;
	d->stream.next_in = d->block;
	d->stream.avail_in = (uInt)got;
	return true;
}

static int64_t read_some(struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *into, size_t nbytes)
{
	struct mc_zip_deflate *d = zip->deflate;
	int result = Z_OK;

	d->stream.next_out = into;
	d->stream.avail_out = (uInt)nbytes;
	while (d->stream.avail_out && result == Z_OK) {
		if (!d->stream.avail_in && !fill(zip, entry, d))
			break;
		result = inflate(&d->stream, Z_SYNC_FLUSH);
	}
	if (result == Z_OK || result == Z_STREAM_END)
		return (int64_t)(nbytes - d->stream.avail_out);
	mc_zip_spoil_packed(zip, entry, d->stream.msg ? d->stream.msg : "compressed data invalid");
	return -1;
}

static void end(struct mc_zip *zip)
{
	(void)zip; /* the next entry takes its memory */
}

void mc_zip_deflate_close(struct mc_zip *zip)
{
	if (zip->deflate && zip->deflate->is_ready)
		inflateEnd(&zip->deflate->stream);
}

const struct mc_zip_codec mc_zip_codec_deflate = {start, read_some, end};
