/* SPDX-License-Identifier: MIT */
#include "problems.h"

#include <stdio.h>

/* What a file says may hold anything; these lines go to a terminal.  */
static void blank_controls(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static enum mc_status keep(struct mc_problems *problems, struct mc_str line)
{
	if (!problems->items)
		problems->items = MC_TAKE_ARRAY(problems->arena, struct mc_str, problems->max);
	if (!problems->items || !line.len)
		return MC_ERR_NOMEM;
	problems->items[problems->count++] = line;
	return MC_OK;
}

enum mc_status mc_problems_add(struct mc_problems *problems, const char *head, const char *fmt,
			       va_list args)
{
	char text[256];
	int len;

	if (++problems->total >= problems->max)
		return MC_OK;
	len = snprintf(text, sizeof(text), "%s", head);
	if (len >= 0 && (size_t)len < sizeof(text))
		vsnprintf(text + len, sizeof(text) - (size_t)len, fmt, args);
	blank_controls(text);
	return keep(problems, mc_arena_printf(problems->arena, "%s", text));
}

enum mc_status mc_problems_end(struct mc_problems *problems)
{
	size_t hidden = problems->total - problems->count;

	if (!hidden)
		return MC_OK;
	return keep(problems, mc_arena_printf(problems->arena, "and %zu problems more", hidden));
}
