/* SPDX-License-Identifier: MIT */
#include "muslcheck/map.h"

#define ROOM_MIN 1024

/* A further item of a hash.  */
struct more {
	struct more *next;
	void *item;
};

struct mc_map_slot {
	uint64_t hash;
	void *item; /* NULL: free */
	struct more *more;
};

/* The slot of this hash, or the free one that would be.  */
static struct mc_map_slot *find(const struct mc_map *map, uint64_t hash)
{
	uint64_t at = hash;

	while (map->slots[at & (map->room - 1)].item && map->slots[at & (map->room - 1)].hash != hash)
		at++;
	return &map->slots[at & (map->room - 1)];
}

static enum mc_status grow(struct mc_arena *arena, struct mc_map *map)
{
	struct mc_map grown = {.room = map->room ? map->room * 2 : ROOM_MIN, .count = map->count};

	grown.slots = MC_TAKE_ARRAY(arena, struct mc_map_slot, grown.room);
	if (!grown.slots)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < map->room; i++)
		if (map->slots[i].item)
			*find(&grown, map->slots[i].hash) = map->slots[i];
	*map = grown;
	return MC_OK;
}

enum mc_status mc_map_add(struct mc_arena *arena, struct mc_map *map, uint64_t hash, void *item)
{
	struct mc_map_slot *slot;

	if (map->count >= map->room / 2)
		MC_TRY(grow(arena, map));
	slot = find(map, hash);
	if (slot->item) {
		/* Thousands of a name are an enemy's: to walk past them each time would take for ever.  */
		struct more *more = MC_TAKE(arena, struct more);

		if (!more)
			return MC_ERR_NOMEM;
		*more = (struct more){slot->more, item};
		slot->more = more;
	} else {
		*slot = (struct mc_map_slot){hash, item, NULL};
	}
	map->count++;
	return MC_OK;
}

/* Then '*at' is where the pointer to the one after it stands.  */
void *mc_map_next(const struct mc_map *map, uint64_t hash, size_t *at)
{
	struct mc_map_slot *slot;
	struct more *more;

	if (*at) {
		more = *(struct more **)*at;
		if (!more)
			return NULL;
		*at = (size_t)&more->next;
		return more->item;
	}
	if (!map->room)
		return NULL;
	slot = find(map, hash);
	*at = (size_t)&slot->more;
	return slot->item;
}

uint64_t mc_hash_text(struct mc_str text)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.ptr[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}

uint64_t mc_hash_pair(uint64_t first, uint64_t second)
{
	uint64_t hash = (second ^ first << 32 ^ first >> 32) * 0x9e3779b97f4a7c15;

	return hash ^ hash >> 32;
}
