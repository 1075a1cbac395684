/* SPDX-License-Identifier: MIT */
/*
 * problems.h - what was wrong with single entries of a file, a line each.  Private to src/.
 *
 * Takes:  texts that may hold anything; the lines go to a terminal and hold ASCII alone.
 *
 * Threads: a list belongs to one thread at a time.
 */
#ifndef MC_PROBLEMS_H
#define MC_PROBLEMS_H

#include "muslcheck/mem.h"

#include <stdarg.h>

#define MC_PROBLEMS_MAX 100 /* the last line counts those that are left out */

struct mc_problems {
	struct mc_str *items;
	size_t count, total;
};

/* "line 12: ..."; 'line' 0 is left out.  MC_ERR_NOMEM.  */
enum mc_status mc_problems_add(struct mc_problems *problems, struct mc_arena *arena, unsigned line,
			       const char *fmt, va_list args) MC_MUST_CHECK;

/* Count what was left out.  MC_ERR_NOMEM.  */
enum mc_status mc_problems_end(struct mc_problems *problems, struct mc_arena *arena) MC_MUST_CHECK;

#endif /* MC_PROBLEMS_H */
