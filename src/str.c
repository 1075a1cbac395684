/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem(), with glibc and musl */

#include "muslcheck/mem.h"

#include <string.h>

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

bool mc_str_find(struct mc_str text, struct mc_str part, size_t *at_out)
{
	const char *at = text.len >= part.len ? memmem(text.len ? text.ptr : "", text.len, part.ptr, part.len) : NULL;

	if (at && at_out)
		*at_out = (size_t)(at - text.ptr);
	return at != NULL;
}

bool mc_str_is_one_of(struct mc_str text, const char *const *words)
{
	for (; *words; words++)
		if (mc_str_is(text, mc_str_of(*words)))
			return true;
	return false;
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

struct mc_str mc_str_skip(struct mc_str text, size_t nbytes)
{
	/* A NULL slice has nothing to skip, and no address that anything could be added to.  */
	return nbytes ? (struct mc_str){text.ptr + nbytes, text.len - nbytes} : text;
}

struct mc_str mc_str_cut(struct mc_str *rest, char mark)
{
	const char *at = rest->len ? memchr(rest->ptr, mark, rest->len) : NULL;
	struct mc_str head = {rest->ptr, at ? (size_t)(at - rest->ptr) : rest->len};

	*rest = mc_str_skip(*rest, at ? head.len + 1 : head.len);
	return head;
}
