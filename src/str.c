/* SPDX-License-Identifier: MIT */
#include "muslcheck/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool mc_str_is(struct mc_str a, struct mc_str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

bool mc_str_starts(struct mc_str text, struct mc_str head)
{
	return text.len >= head.len && (!head.len || !memcmp(text.ptr, head.ptr, head.len));
}

bool mc_str_ends(struct mc_str text, struct mc_str tail)
{
	return text.len >= tail.len &&
	       (!tail.len || !memcmp(text.ptr + text.len - tail.len, tail.ptr, tail.len));
}

int mc_str_compare(struct mc_str a, struct mc_str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct mc_str mc_str_of(const char *text)
{
	return text ? (struct mc_str){text, strlen(text)} : (struct mc_str){"", 0};
}

enum mc_status mc_image_read(const struct mc_image *image, uint64_t off, void *buf, size_t nbytes,
			     size_t *got_nbytes_out, struct mc_error *err)
{
	size_t got = 0;

	*got_nbytes_out = 0;
	if (image->bytes.ptr) {
		if (off < image->bytes.len) {
			got = image->bytes.len - off < nbytes ? (size_t)(image->bytes.len - off) : nbytes;
			memcpy(buf, image->bytes.ptr + off, got);
		}
		*got_nbytes_out = got;
		return MC_OK;
	}
	while (got < nbytes) {
		ssize_t n = pread(image->fd, (char *)buf + got, nbytes - got, (off_t)(off + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return mc_fail(err, MC_ERR_IO, NULL, "cannot read");
		if (!n)
			break;
		got += (size_t)n;
	}
	*got_nbytes_out = got;
	return MC_OK;
}
