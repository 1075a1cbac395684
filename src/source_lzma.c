/* SPDX-License-Identifier: MIT */
/*
 * LZMA members of a wheel (method 14), which Python's zipfile writes and pip
 * installs, and which libzip leaves out.  The only file that knows liblzma;
 * without -DMC_WITH_LZMA such members are unsupported.
 */
#include "source_impl.h"

#ifdef MC_WITH_LZMA

#include <lzma.h>

#include <stdlib.h>

/* APPNOTE.TXT 5.8.8: version, size of the properties, the five bytes of LZMA's.  */
#define PROPERTIES_OFF 4
#define PROPERTIES_NBYTES 5
#define HEAD_NBYTES (PROPERTIES_OFF + PROPERTIES_NBYTES)

struct mc_lzma {
	lzma_stream stream;
	int fd;
	uint64_t off, left_nbytes; /* of what is still packed */
	uint8_t packed[16384];
};

enum mc_status mc_lzma_start(struct mc_arena *arena, int fd, uint64_t off, uint64_t packed_nbytes,
			     uint64_t nbytes, struct mc_lzma **lzma)
{
	static const lzma_stream fresh = LZMA_STREAM_INIT;
	lzma_filter filters[2] = {{.id = LZMA_FILTER_LZMA1}, {.id = LZMA_VLI_UNKNOWN}};
	lzma_options_lzma *options;
	uint8_t head[HEAD_NBYTES];
	lzma_ret result;

	if (packed_nbytes < sizeof(head) ||
	    mc_read_at(fd, off, head, sizeof(head)) != (int64_t)sizeof(head) ||
	    head[2] != PROPERTIES_NBYTES || head[3])
		return MC_ERR_FORMAT;
	if (!*lzma) {
		*lzma = MC_TAKE(arena, struct mc_lzma);
		if (!*lzma)
			return MC_ERR_NOMEM;
	}
	(*lzma)->stream = fresh;
	(*lzma)->fd = fd;
	(*lzma)->off = off + sizeof(head);
	(*lzma)->left_nbytes = packed_nbytes - sizeof(head);
	result =
		lzma_properties_decode(&filters[0], NULL, head + PROPERTIES_OFF, PROPERTIES_NBYTES);
	if (result != LZMA_OK)
		return result == LZMA_MEM_ERROR ? MC_ERR_NOMEM : MC_ERR_FORMAT;
	/* A window larger than the content is only a way to ask for memory.  */
	options = filters[0].options;
	if (options->dict_size > nbytes)
		options->dict_size =
			nbytes < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN : (uint32_t)nbytes;
	result = lzma_raw_decoder(&(*lzma)->stream, filters);
	free(filters[0].options);
	if (result != LZMA_OK)
		return result == LZMA_MEM_ERROR ? MC_ERR_NOMEM : MC_ERR_FORMAT;
	return MC_OK;
}

int64_t mc_lzma_read(struct mc_lzma *lzma, void *into, size_t nbytes)
{
	lzma_stream *stream = &lzma->stream;

	stream->next_out = into;
	stream->avail_out = nbytes;
	while (stream->avail_out) {
		lzma_ret result;

		if (!stream->avail_in && lzma->left_nbytes) {
			size_t want = sizeof(lzma->packed);
			int64_t got;

			if (want > lzma->left_nbytes)
				want = (size_t)lzma->left_nbytes;
			got = mc_read_at(lzma->fd, lzma->off, lzma->packed, want);
			if (got <= 0)
				return -1;
			stream->next_in = lzma->packed;
			stream->avail_in = (size_t)got;
			lzma->off += (uint64_t)got;
			lzma->left_nbytes -= (uint64_t)got;
		}
		result = lzma_code(stream, LZMA_RUN);
		if (result == LZMA_STREAM_END || result == LZMA_BUF_ERROR)
			break;
		if (result != LZMA_OK)
			return -1;
	}
	return (int64_t)(nbytes - stream->avail_out);
}

void mc_lzma_end(struct mc_lzma *lzma)
{
	if (lzma)
		lzma_end(&lzma->stream);
}

#else

enum mc_status mc_lzma_start(struct mc_arena *arena, int fd, uint64_t off, uint64_t packed_nbytes,
			     uint64_t nbytes, struct mc_lzma **lzma)
{
	(void)arena, (void)fd, (void)off, (void)packed_nbytes, (void)nbytes, (void)lzma;
	return MC_ERR_UNSUPPORTED;
}

int64_t mc_lzma_read(struct mc_lzma *lzma, void *into, size_t nbytes)
{
	(void)lzma, (void)into, (void)nbytes;
	return -1;
}

void mc_lzma_end(struct mc_lzma *lzma)
{
	(void)lzma;
}

#endif
