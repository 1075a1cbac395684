/* SPDX-License-Identifier: MIT */
/*
 * map.h - items found by a hash of what makes them equal.
 *
 * Takes:  a hash and an item that the caller owns; several items may share a hash.
 * Hands:  the items of a hash, one after another: the caller says which one it meant.
 * Nothing is ever taken out.  A zeroed map is an empty one.
 *
 *	for (size_t at = 0; (item = mc_map_next(&map, hash, &at));)
 *		if (mc_str_is(item->name, name))
 *			return item;
 *
 * Threads: readers may share a map that nobody adds to.
 */
#ifndef MUSLCHECK_MAP_H
#define MUSLCHECK_MAP_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

/* Open addressing, at most half full.  */
struct mc_map {
	struct mc_map_slot *slots; /* in the arena of mc_map_add(); NULL while empty */
	size_t room, count;
};

/* Cost: amortised O(1), also for items of one hash.  MC_ERR_NOMEM leaves the map as it was.  'item' is not NULL.  */
enum mc_status mc_map_add(struct mc_arena *arena, struct mc_map *map, uint64_t hash,
			  void *item) MC_MUST_CHECK;

/* The next item of this hash in no certain order; NULL after the last.  '*at' is 0 at first.  */
void *mc_map_next(const struct mc_map *map, uint64_t hash, size_t *at);

/* Fit for mc_map_add(): each bit of the input tells in the low bits of the hash.  */
uint64_t mc_hash_text(struct mc_str text);
uint64_t mc_hash_pair(uint64_t first, uint64_t second);

MC_DECLS_END

#endif /* MUSLCHECK_MAP_H */
