/* SPDX-License-Identifier: MIT */
#include "paper.h"

#include "text.h"

#include <string.h>

void mc_paper_open(struct mc_paper *p, FILE *out, size_t columns, bool use_color)
{
	*p = (struct mc_paper){.out = out, .use_color = use_color};
	p->columns = columns < 40 ? 80 : columns > 120 ? 120 : columns;
	mc_arena_init(&p->arena, NULL);
}

void mc_paper_close(struct mc_paper *p)
{
	mc_arena_clear(&p->arena);
}

void mc_start(struct mc_paper *p, enum mc_color color)
{
	static const char *const codes[] = {"", "\033[1m", "\033[1;31m", "\033[1;32m", "\033[33m",
					    "\033[2m"};

	if (p->use_color)
		fputs(codes[color], p->out);
}

void mc_stop(struct mc_paper *p, enum mc_color color)
{
	if (p->use_color && color != MC_PLAIN)
		fputs("\033[0m", p->out);
}

static size_t width_of(struct mc_str text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80; /* not a UTF-8 tail byte */
	return width;
}

void mc_end_line(struct mc_paper *p)
{
	fputc('\n', p->out);
	p->at = 0;
	p->has_word = false;
}

void mc_indent(struct mc_paper *p, size_t columns)
{
	fprintf(p->out, "%*s", (int)columns, "");
	p->at = columns;
	p->has_word = false;
}

void mc_put_word(struct mc_paper *p, struct mc_str word, size_t margin)
{
	size_t width, at;

	word = mc_text_safe(&p->arena, word);
	at = mc_text_command_at(word);
	if (at != SIZE_MAX)
		word = mc_arena_printf(&p->arena, "%*s\\x3a%.*s", (int)at, "", MC_TEXT(mc_str_skip(word, at + 1)));
	width = width_of(word);
	if (p->has_word && p->at + 1 + width > p->columns) {
		mc_end_line(p);
		mc_indent(p, margin);
	} else if (p->has_word) {
		fputc(' ', p->out);
		p->at++;
	}
	fwrite(word.ptr, 1, word.len, p->out);
	p->at += width;
	p->has_word = true;
}

void mc_put_mark(struct mc_paper *p, const char *mark)
{
	fputs(mark, p->out);
	p->at += strlen(mark);
}

void mc_put_words(struct mc_paper *p, struct mc_str text, size_t margin)
{
	for (size_t i = 0; i < text.len;) {
		size_t start_at;

		while (i < text.len && text.ptr[i] == ' ')
			i++;
		for (start_at = i; i < text.len && text.ptr[i] != ' ';)
			i++;
		if (i > start_at)
			mc_put_word(p, (struct mc_str){text.ptr + start_at, i - start_at}, margin);
	}
}

struct mc_str mc_short_path(struct mc_str path)
{
	const struct mc_str mark = MC_STR("site-packages/");
	size_t at;

	/* With something behind it.  */
	return mc_str_find(path, mark, &at) && at + mark.len < path.len ? mc_str_skip(path, at + mark.len) : path;
}

void mc_put_count(struct mc_paper *p, size_t count, const char *rest, size_t margin)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", count);
	mc_put_words(p, mc_str_of(text), margin);
	mc_put_words(p, mc_str_of(rest), margin);
}
