/* SPDX-License-Identifier: MIT */
/*
 * LZMA entries (method 14), which Python's zipfile writes and pip installs, and
 * which libzip leaves out.  The only file that knows liblzma.
 */
#include "file.h"
#include "zip_impl.h"

#include <lzma.h>

#include <stdlib.h>

/* APPNOTE.TXT 5.8.8: version, size of the properties, the five bytes of LZMA's.  */
#define PROPERTIES_OFF 4
#define PROPERTIES_NBYTES 5
#define HEAD_NBYTES (PROPERTIES_OFF + PROPERTIES_NBYTES)

struct mc_zip_lzma {
	lzma_stream stream;
	uint64_t off, left_nbytes; /* of what is still packed */
	uint8_t packed[16384];
};

/* "xz -9" has 64 MiB, Python's zipfile 8; the decoder holds as much of the content as the window says.  */
#define WINDOW_NBYTES_MAX ((uint32_t)64 << 20)

/* What the entry begins with; no larger window is taken than 'nbytes' can use.  */
static lzma_ret start_decoder(lzma_stream *stream, const uint8_t *properties, uint64_t nbytes)
{
	lzma_filter filters[2] = {{.id = LZMA_FILTER_LZMA1}, {.id = LZMA_VLI_UNKNOWN}};
	lzma_ret result = lzma_properties_decode(&filters[0], NULL, properties, PROPERTIES_NBYTES);
	lzma_options_lzma *options = filters[0].options;

	if (result != LZMA_OK)
		return result;
	/* A window larger than the content is only a way to ask for memory.  */
	if (options->dict_size > nbytes)
		options->dict_size =
			nbytes < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN : (uint32_t)nbytes;
	result = options->dict_size > WINDOW_NBYTES_MAX ? LZMA_MEMLIMIT_ERROR : lzma_raw_decoder(stream, filters);
	free(options);
	return result;
}

static bool start(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t nbytes)
{
	static const lzma_stream fresh = LZMA_STREAM_INIT;
	lzma_ret result = LZMA_FORMAT_ERROR;
	uint8_t head[HEAD_NBYTES];

	if (!zip->lzma)
		zip->lzma = MC_TAKE(zip->arena, struct mc_zip_lzma);
	if (!zip->lzma) {
		mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
		return false;
	}
	zip->lzma->stream = fresh;
	zip->lzma->off = entry->data_off + sizeof(head);
	if (entry->packed_nbytes >= sizeof(head) &&
	    mc_read_at(zip->fd, entry->data_off, head, sizeof(head)) == (int64_t)sizeof(head) &&
	    head[2] == PROPERTIES_NBYTES && !head[3]) {
		zip->lzma->left_nbytes = entry->packed_nbytes - sizeof(head);
		result = start_decoder(&zip->lzma->stream, head + PROPERTIES_OFF, nbytes);
	}
	if (result == LZMA_OK)
		return true;
	lzma_end(&zip->lzma->stream);
	if (result == LZMA_MEM_ERROR)
		mc_zip_spoil(entry, MC_ERR_NOMEM, MC_STR("no memory to decompress it"));
	else if (result == LZMA_MEMLIMIT_ERROR)
		mc_zip_spoil(entry, MC_ERR_LIMIT, MC_STR("its LZMA window is larger than any real one"));
	else
		mc_zip_spoil_packed(zip, entry, "damaged LZMA properties");
	return false;
}

/* More input, when there is none left; false when the file has less than it should.  */
static bool refill(struct mc_zip *zip)
{
	struct mc_zip_lzma *lzma = zip->lzma;
	size_t want = sizeof(lzma->packed);
	int64_t got;

	if (lzma->stream.avail_in || !lzma->left_nbytes)
		return true;
	if (want > lzma->left_nbytes)
		want = (size_t)lzma->left_nbytes;
	got = mc_read_at(zip->fd, lzma->off, lzma->packed, want);
	if (got <= 0)
		return false;
	lzma->stream.next_in = lzma->packed;
	lzma->stream.avail_in = (size_t)got;
	lzma->off += (uint64_t)got;
	lzma->left_nbytes -= (uint64_t)got;
	return true;
}

static int64_t read_some(struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *into,
			 size_t nbytes)
{
	lzma_stream *stream = &zip->lzma->stream;

	stream->next_out = into;
	stream->avail_out = nbytes;
	while (stream->avail_out) {
		lzma_ret result = refill(zip) ? lzma_code(stream, LZMA_RUN) : LZMA_DATA_ERROR;

		if (result == LZMA_STREAM_END || result == LZMA_BUF_ERROR)
			break;
		if (result != LZMA_OK) {
			mc_zip_spoil_packed(zip, entry, "damaged LZMA data");
			return -1;
		}
	}
	return (int64_t)(nbytes - stream->avail_out);
}

static void end(struct mc_zip *zip)
{
	lzma_end(&zip->lzma->stream);
}

const struct mc_zip_codec mc_zip_codec_lzma = {start, read_some, end};
