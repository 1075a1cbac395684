/* SPDX-License-Identifier: MIT */
/*
 * refusal.h - what the machine refused a thread: memory, or to read.  Private to src/.
 *
 * Trouble of a file is a finding, and the work goes on; trouble of the machine is no finding of any
 * file, however deep below it came up, and a report that goes on without what was refused would
 * pass for a whole one.  So refusals are noted where they happen (mc_fail() does it by itself), and
 * whoever hands out an answer asks before.
 *
 * Threads: each has its own.
 */
#ifndef MC_REFUSAL_H
#define MC_REFUSAL_H

#include "muslcheck/status.h"

#include <stdbool.h>

/* Is that errno the machine's doing?  */
bool mc_is_refusal(int number);

/*
 * MC_ERR_NOMEM; MC_ERR_IO with errno, when that is the machine's doing; MC_ERR_UNSUPPORTED of a
 * library that is not there.  The first one stays.
 */
void mc_refusal_note(enum mc_status status);

/* What errno says: nothing when it is not the machine's doing.  Leaves errno.  */
void mc_refusal_note_errno(void);

/* That of a system call, which failed when it is negative.  */
static inline int mc_heed(int result)
{
	if (result < 0)
		mc_refusal_note_errno();
	return result;
}

/* Was anything noted?  */
bool mc_refusal_is_noted(void);

/* As mc_fail() when something was noted; MC_OK else.  Forgets it.  */
enum mc_status mc_refusal_take(struct mc_error *err);

#endif
