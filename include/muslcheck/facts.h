/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what was read of wheels before, in a folder that outlives the run.
 *
 * Takes:  a wheel, known by the SHA-256 of all its bytes.
 * Hands:  the facts of its members, without inflating one.
 *
 * Facts are what a member says, not what it means for an image: targets, options and policy are
 * no part of them.  They are of one build of the program alone (its build ID) and checked by a sum
 * when they are read; what is not right is read from the wheel again.  Files come by rename(), so
 * that runs may share a folder and be killed.  Nothing is ever removed from it.
 *
 * Threads: any number may use one.
 */
#ifndef MUSLCHECK_FACTS_H
#define MUSLCHECK_FACTS_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

struct mc_facts; /* opaque */

/*
 * Facts in the folder 'path', which is made where it is missing.  MC_ERR_IO when it cannot be had,
 * or when others than this user may write to it; MC_ERR_UNSUPPORTED where the program has no build
 * ID; MC_ERR_NOMEM.  On MC_OK the caller closes '*facts_out', before 'arena' goes.
 */
enum mc_status mc_facts_open(const char *path, struct mc_arena *arena, struct mc_facts **facts_out,
			     struct mc_error *err) MC_MUST_CHECK;

/* NULL is allowed.  */
void mc_facts_close(struct mc_facts *facts);

MC_DECLS_END

#endif /* MUSLCHECK_FACTS_H */
