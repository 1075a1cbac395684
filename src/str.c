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

bool mc_str_is_word(struct mc_str text, const char *word)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != word[i] || !word[i])
			return false;
	return !word[text.len];
}

bool mc_str_is_one_of(struct mc_str text, const char *const *words)
{
	for (; *words; words++)
		if (mc_str_is_word(text, *words))
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

size_t mc_str_character(struct mc_str text, uint32_t *code_out)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	uint32_t code;
	size_t n;

	if (p[0] < 0x80) {
		*code_out = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	if (!n || p[0] > 0xf4 || n > text.len)
		return 0;
	code = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*code_out = code;
	return n;
}

bool mc_str_is_utf8(struct mc_str text)
{
	uint32_t code;

	while (text.len) {
		size_t n = mc_str_character(text, &code);

		if (!n)
			return false;
		text = mc_str_skip(text, n);
	}
	return true;
}

size_t mc_str_put_character(char *into, uint32_t code)
{
	size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};

	into[0] = (char)(heads[more] | code >> 6 * more);
	for (size_t i = 1; i <= more; i++)
		into[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3f));
	return more + 1;
}

/* Whatever setlocale() was told: Turkish i must not fold.  */
char mc_ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool mc_str_is_folded(struct mc_str a, struct mc_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (mc_ascii_lower(a.ptr[i]) != mc_ascii_lower(b.ptr[i]))
			return false;
	return true;
}
