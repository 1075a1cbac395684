/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdbool.h>
#include <string.h>

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

/*
 * GitHub's runners take "##[" for a command wherever it stands in a line, Azure's "##vso["; a
 * report may be printed into their logs, in whatever format.
 */
static bool begins_command(const unsigned char *p, size_t left)
{
	return left >= 3 && p[0] == '#' && p[1] == '#' &&
	       (p[2] == '[' || (left >= 6 && !memcmp(p + 2, "vso[", 4)));
}

/* Bytes from 'p' on that may be written as they are.  */
static size_t harmless_nbytes(const unsigned char *p, size_t left)
{
	size_t n = 0;

	while (n < left) {
		uint32_t code;
		size_t step = mc_str_character((struct mc_str){(const char *)p + n, left - n}, &code);

		if (!step || !is_harmless(code) || begins_command(p + n, left - n))
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

size_t mc_text_command_at(struct mc_str text)
{
	size_t blanks = 0;

	while (blanks < text.len && text.ptr[blanks] == ' ')
		blanks++;
	return mc_str_starts(mc_str_skip(text, blanks), MC_STR("::")) ? blanks : SIZE_MAX;
}

void mc_text_put_first(FILE *out, struct mc_str text)
{
	size_t at = mc_text_command_at(text);

	if (at != SIZE_MAX) {
		fprintf(out, "%*s\\x3a", (int)at, "");
		text = mc_str_skip(text, at + 1);
	}
	mc_text_put(out, text);
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
