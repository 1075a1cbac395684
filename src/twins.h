/* SPDX-License-Identifier: MIT */
/*
 * twins.h - members that are the same in several wheels, or twice in one, are inflated once or
 * twice and then known: libgfortran in a hundred of them, libraries that did not change from a
 * version to the next.  Private to src/.
 *
 * The first of a kind costs a look into a table.  When another one comes that looks alike by the
 * archive's directory, its packed bytes are summed up (SHA-256) and what is read of it is kept, in
 * a few megabytes; from then on such members are summed up, and not inflated.
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
