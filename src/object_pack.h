/* SPDX-License-Identifier: MIT */
/*
 * object_pack.h - what was read of one member in a block of bytes, without the place where it
 * lies.  See pack.h.  Private to src/.
 */
#ifndef MC_OBJECT_PACK_H
#define MC_OBJECT_PACK_H

#include "muslcheck/objects.h"
#include "pack.h"

/* All of an object that a member tells of itself, before it is read.  */
struct mc_object mc_object_of_member(const struct mc_source *source, const struct mc_member *member);

/* What the system refused this time, or a run had no more room for, is no fact of a member.  */
bool mc_object_is_lasting(const struct mc_object *object);

/* 'object' is what mc_object_read() gave for a member of that kind, or NULL.  Where it lies.  */
size_t mc_object_pack(struct mc_pack *pack, enum mc_member_kind kind, const struct mc_object *object);

/*
 * What mc_object_read() would give for the member.  MC_END when the block does not hold the facts
 * of such a member; MC_ERR_NOMEM.  Once for each place in a block.
 */
enum mc_status mc_object_unpack(struct mc_unpack *unpack, size_t at, struct mc_arena *arena,
				const struct mc_source *source, const struct mc_member *member,
				struct mc_object **object_out) MC_MUST_CHECK;

#endif
