/* SPDX-License-Identifier: MIT */
/* The list of uses, and the texts of native files.  */
#include "muslcheck/use.h"

#include "use_impl.h"

#include <string.h>

/* ---- the list ---- */

static bool has(const struct mc_use_list *list, enum mc_use_kind kind, struct mc_str subject)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == kind && mc_str_is(list->items[i].subject, subject))
			return true;
	return false;
}

void mc_use_list_add(struct mc_use_list *list, enum mc_use_kind kind, struct mc_str subject, unsigned line)
{
	struct mc_use *items, *use;

	if (list->count == MC_USES_MAX || has(list, kind, subject))
		return;
	items = mc_arena_grow(list->arena, list->items, list->count, &list->room, sizeof(*items));
	if (!items) {
		list->has_failed = true;
		return;
	}
	list->items = items;
	use = &list->items[list->count];
	*use = (struct mc_use){.kind = kind, .line = line};
	if (mc_arena_copy(list->arena, subject, &use->subject))
		list->has_failed = true;
	else
		list->count++;
}

enum mc_status mc_use_list_end(const struct mc_use_list *list, struct mc_uses *uses_out)
{
	*uses_out = (struct mc_uses){list->items, list->count};
	return list->has_failed ? MC_ERR_NOMEM : MC_OK;
}

/* ---- names of character sets ---- */

/*
 * Names that glibc's iconv() takes and musl's does not, or only to read (probe/behaviour.tsv), and
 * what glibc takes behind a name.
 */
static const char *const charsets[] = {
	"//TRANSLIT", "//IGNORE",   "GBK",    "GB18030",   "GB2312", "BIG5",   "BIG5-HKSCS", "EUC-KR",	 "CP949",
	"UTF-7",      "EUC-TW",	    "JOHAB",  "MACINTOSH", "VISCII", "IBM037", "ARMSCII-8",  "HP-ROMAN8",
};

enum {
	WINDOW = 1 << 16,
	OVERLAP = 64, /* more than the longest name and what stands around it */
	BLOCK = 64,
};

/* Those of the names, and a few more.  */
static bool is_first_letter(uint8_t letter)
{
	return (uint8_t)(letter - 'A') <= 'V' - 'A';
}

/*
 * May a name begin at one of the BLOCK bytes behind 'before'?  Without a branch, in bytes, so that
 * a compiler looks at 16 of them at once.
 */
static bool may_begin(const char *before)
{
	const uint8_t *at = (const uint8_t *)before;
	uint8_t found = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		uint8_t first = at[i + 1], second = at[i + 2];
		/* Functions begin with "AW", "AU", "UH", "US".  */
		uint8_t is_name = !at[i] & is_first_letter(first) & ((uint8_t)(second - 'A') <= 'U' - 'A') &
				  ((first != 'A') | (second == 'R')) & (second != 'H') & (second != 'S');
		uint8_t is_suffix = (first == '/') & (second == '/');

		found |= is_name | is_suffix;
	}
	return found;
}

/* Is it a text by itself, between NULs?  "UTF-8//TRANSLIT" is one as well.  */
static bool is_alone(struct mc_str text, size_t at, size_t len, bool is_suffix)
{
	char before = at ? text.ptr[at - 1] : '\0', after = at + len < text.len ? text.ptr[at + len] : '\0';

	return is_suffix ? !after || after == '/' : !before && !after;
}

/* A part of a file; what stands at its very ends another part has in its middle.  */
struct part {
	struct mc_str text;
	bool is_first, is_last;
};

static void see_place(struct mc_use_list *list, const struct part *part, size_t at)
{
	char first = part->text.ptr[at];

	if ((!at && !part->is_first) || !(is_first_letter((uint8_t)first) || first == '/'))
		return;
	/* "BIG5" begins "BIG5-HKSCS" */
	for (size_t i = 0; i < sizeof(charsets) / sizeof(*charsets); i++) {
		struct mc_str name;

		if (first != charsets[i][0])
			continue;
		name = mc_str_of(charsets[i]);
		if (mc_str_starts(mc_str_skip(part->text, at), name) &&
		    (at + name.len < part->text.len || part->is_last) &&
		    is_alone(part->text, at, name.len, name.ptr[0] == '/'))
			mc_use_list_add(list, MC_USES_CHARSET, name, 0);
	}
}

static void see_part(struct mc_use_list *list, const struct part *part)
{
	size_t len = part->text.len;

	for (size_t at = 0; at < len;) {
		size_t end = at ? at + BLOCK : 1;

		if (at && len - at > BLOCK && !may_begin(part->text.ptr + at - 1))
			at = end;
		for (; at < end && at < len; at++)
			see_place(list, part, at);
	}
}

static void see_span(struct mc_use_list *list, const struct mc_image *image, struct mc_span span)
{
	char window[WINDOW];
	size_t got = WINDOW;

	if (image->bytes.ptr) {
		struct mc_str text = {(const char *)image->bytes.ptr, image->bytes.len};

		text = mc_str_skip(text, span.off < text.len ? (size_t)span.off : text.len);
		if (text.len > span.nbytes)
			text.len = (size_t)span.nbytes;
		see_part(list, &(struct part){text, true, true});
		return;
	}
	for (uint64_t done = 0; got == WINDOW && done < span.nbytes; done += WINDOW - OVERLAP) {
		uint64_t left = span.nbytes - done;
		struct mc_error why = MC_ERROR_INIT;

		/* What cannot be read has been told by who read its tables.  */
		if (mc_image_read(image, span.off + done, window, left < WINDOW ? (size_t)left : WINDOW, &got, &why))
			break;
		see_part(list, &(struct part){{window, got}, !done, got < WINDOW || got == left});
	}
}

enum mc_status mc_uses_of_charsets(const struct mc_image *image, const struct mc_span *spans, size_t count,
				   struct mc_arena *arena, struct mc_uses *uses_out)
{
	struct mc_use_list list = {.arena = arena};

	if (!count)
		see_span(&list, image, (struct mc_span){0, image->bytes.ptr ? image->bytes.len : image->nbytes});
	for (size_t i = 0; i < count; i++)
		see_span(&list, image, spans[i]);
	return mc_use_list_end(&list, uses_out);
}
