/* SPDX-License-Identifier: MIT */
#include "problems.h"

#include <stdio.h>

static void blank_controls(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static enum mc_status keep(struct mc_problems *problems, struct mc_arena *arena, struct mc_str line)
{
	if (!problems->items)
		problems->items = MC_TAKE_ARRAY(arena, struct mc_str, MC_PROBLEMS_MAX);
	if (!problems->items)
		return MC_ERR_NOMEM;
	problems->items[problems->count++] = line;
	return MC_OK;
}

enum mc_status mc_problems_add(struct mc_problems *problems, struct mc_arena *arena, unsigned line,
			       const char *fmt, va_list args)
{
	char text[256];
	int head = 0;
	struct mc_str copy;

	if (++problems->total >= MC_PROBLEMS_MAX)
		return MC_OK;
	if (line)
		head = snprintf(text, sizeof(text), "line %u: ", line);
	vsnprintf(text + head, sizeof(text) - (size_t)head, fmt, args);
	blank_controls(text);
	MC_TRY(mc_arena_copy(arena, mc_str_of(text), &copy));
	return keep(problems, arena, copy);
}

enum mc_status mc_problems_end(struct mc_problems *problems, struct mc_arena *arena)
{
	size_t hidden = problems->total - problems->count;
	struct mc_str line;

	if (!hidden)
		return MC_OK;
	line = mc_arena_printf(arena, "and %zu problems more", hidden);
	return line.len ? keep(problems, arena, line) : MC_ERR_NOMEM;
}
