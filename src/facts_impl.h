/* SPDX-License-Identifier: MIT */
/*
 * facts_impl.h - the facts of one wheel, for who reads wheels.  Private to src/.
 *
 * Threads: a wheel's facts belong to one thread at a time.
 */
#ifndef MC_FACTS_IMPL_H
#define MC_FACTS_IMPL_H

#include "muslcheck/facts.h"
#include "object_pack.h"
#include "sha256.h"

#include <sys/stat.h>

struct mc_wheel_facts {
	char key[MC_SHA256_HEX_NBYTES + 1]; /* empty: it cannot be kept */
	struct stat stamp;                  /* of the file, before its bytes were summed */
	struct mc_unpack block;             /* no bytes: nothing is known of it */
	const uint64_t *places;             /* in the block, of each member in its order */
	size_t count;
};

/* What one member gave; 'object' is NULL for one of which nothing is kept.  */
struct mc_member_facts {
	enum mc_member_kind kind;
	const struct mc_object *object;
};

/* Sum up the wheel, and look for it.  Only MC_ERR_NOMEM fails.  */
enum mc_status mc_facts_look(const struct mc_facts *facts, const char *path, bool has_sources,
			     struct mc_arena *arena, struct mc_wheel_facts *wheel_out) MC_MUST_CHECK;

/*
 * What mc_object_read() would give for the n-th member.  MC_END when that is not known;
 * MC_ERR_NOMEM.  Once for each.
 */
enum mc_status mc_facts_object(struct mc_wheel_facts *wheel, size_t n, struct mc_arena *arena,
			       const struct mc_source *source, const struct mc_member *member,
			       struct mc_object **object_out) MC_MUST_CHECK;

/* Keep what all members of the wheel gave.  That it fails is nobody's trouble.  */
void mc_facts_keep(const struct mc_facts *facts, const char *path, const struct mc_wheel_facts *wheel,
		   const struct mc_member_facts *members, size_t count);

#endif
