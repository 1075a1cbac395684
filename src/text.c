/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdbool.h>
#include <string.h>

/* Bytes of the UTF-8 sequence at 'p' (RFC 3629), 0 when there is no valid one.  */
static size_t sequence_nbytes(const unsigned char *p, size_t left, uint32_t *code_out)
{
	uint32_t code;
	size_t n;

	if (p[0] < 0x80) {
		*code_out = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	if (!n || p[0] > 0xf4 || n > left)
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

static bool is_harmless(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	/* No characters, which XML does not take; tags, which nobody sees.  */
	if ((code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef) || (code >= 0xe0000 && code <= 0xe007f))
		return false;
	/* Unicode's bidirectional and zero-width controls, and its line ends.  */
	return !((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
		 (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0x61c);
}

/* Bytes from 'p' on that may be written as they are.  */
static size_t harmless_nbytes(const unsigned char *p, size_t left)
{
	size_t n = 0;

	while (n < left) {
		uint32_t code;
		size_t step = sequence_nbytes(p + n, left - n, &code);

		if (!step || !is_harmless(code))
			break;
		n += step;
	}
	return n;
}

static void spell(FILE *out, const char *bytes, size_t nbytes, mc_text_spelling *spelling)
{
	if (!spelling) {
		fwrite(bytes, 1, nbytes, out);
		return;
	}
	for (size_t i = 0; i < nbytes; i++) {
		const char *spelt = spelling(bytes[i]);

		if (spelt)
			fputs(spelt, out);
		else
			fputc(bytes[i], out);
	}
}

void mc_text_spell(FILE *out, struct mc_str text, mc_text_spelling *spelling)
{
	const char *p = text.ptr;
	size_t left = text.len;
	char escape[5];

	while (left) {
		size_t n = harmless_nbytes((const unsigned char *)p, left);

		spell(out, p, n, spelling);
		p += n;
		left -= n;
		if (left) {
			snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)*p++);
			spell(out, escape, 4, spelling);
			left--;
		}
	}
}

void mc_text_put(FILE *out, struct mc_str text)
{
	mc_text_spell(out, text, NULL);
}

struct mc_str mc_text_safe(struct mc_arena *arena, struct mc_str text)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t left = text.len, n;
	char *safe, *at;

	if (!left || harmless_nbytes(p, left) == left)
		return text;
	if (left > SIZE_MAX / 4 - 1 || !(safe = mc_arena_take(arena, 4 * left + 1, 1)))
		return MC_STR("(out of memory)");
	for (at = safe; left;) {
		n = harmless_nbytes(p, left);
		memcpy(at, p, n);
		at += n;
		p += n;
		left -= n;
		if (left) {
			snprintf(at, 5, "\\x%02x", *p++);
			at += 4;
			left--;
		}
	}
	return (struct mc_str){safe, (size_t)(at - safe)};
}
