/* SPDX-License-Identifier: MIT */
/*
 * problems.h - what was wrong with single entries of a file, for a person.  Private to src/.
 *
 * Takes:  printf() formats; the texts in them may hold anything.
 * Hands:  printable lines in the arena, a bounded number of them.
 *
 * Threads: one list belongs to one thread at a time.
 */
#ifndef MC_PROBLEMS_H
#define MC_PROBLEMS_H

#include "muslcheck/mem.h"

#include <stdarg.h>

struct mc_problems {
	struct mc_arena *arena;
	size_t max; /* lines, at least 1; the last one counts those that are left out */
	struct mc_str *items;
	size_t count, total;
};

/* "HEAD" and then the line; MC_ERR_NOMEM.  */
enum mc_status mc_problems_add(struct mc_problems *problems, const char *head, const char *fmt,
			       va_list args) MC_PRINTF(3, 0) MC_MUST_CHECK;

/* After the last: how many there were more.  MC_ERR_NOMEM.  */
enum mc_status mc_problems_end(struct mc_problems *problems) MC_MUST_CHECK;

#endif /* MC_PROBLEMS_H */
