/* SPDX-License-Identifier: MIT */
/*
 * twins.h - members that are the same in several wheels, or twice in one, are read once and then
 * known: libgfortran in a hundred of them, libraries that did not change from a version to the
 * next.  Private to src/.
 *
 * What is read of a member is kept for a while, in a few megabytes, with the place where it lies.
 * When another one comes that looks alike by the archive's directory, the packed bytes of both are
 * compared, and the second is not inflated.
 *
 * Threads: any number may use one.
 */
#ifndef MC_TWINS_H
#define MC_TWINS_H

#include "muslcheck/objects.h"

struct mc_twins; /* opaque */

/* NULL when memory ran out, which does no harm.  'arena' outlives it.  */
struct mc_twins *mc_twins_open(struct mc_arena *arena);

/* NULL is allowed.  */
void mc_twins_close(struct mc_twins *twins);

/* As mc_object_read(), for the same member; 'twins' may be NULL.  */
enum mc_status mc_twins_read(struct mc_twins *twins, struct mc_arena *arena, struct mc_source *source,
			     const struct mc_member *member, struct mc_object **object_out,
			     struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_TWINS_H */
