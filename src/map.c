/* SPDX-License-Identifier: MIT */
#include "muslcheck/map.h"

#define ROOM_MIN 1024

struct mc_map_slot {
	uint64_t hash;
	void *item; /* NULL: free */
};

static void put(struct mc_map *map, struct mc_map_slot from)
{
	uint64_t at = from.hash;

	while (map->slots[at & (map->room - 1)].item)
		at++;
	map->slots[at & (map->room - 1)] = from;
}

static enum mc_status grow(struct mc_arena *arena, struct mc_map *map)
{
	struct mc_map grown = {.room = map->room ? map->room * 2 : ROOM_MIN, .count = map->count};

	grown.slots = MC_TAKE_ARRAY(arena, struct mc_map_slot, grown.room);
	if (!grown.slots)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < map->room; i++)
		if (map->slots[i].item)
			put(&grown, map->slots[i]);
	*map = grown;
	return MC_OK;
}

enum mc_status mc_map_add(struct mc_arena *arena, struct mc_map *map, uint64_t hash, void *item)
{
	if (map->count >= map->room / 2)
		MC_TRY(grow(arena, map));
	put(map, (struct mc_map_slot){hash, item});
	map->count++;
	return MC_OK;
}

void *mc_map_next(const struct mc_map *map, uint64_t hash, size_t *at)
{
	while (map->room) {
		const struct mc_map_slot *slot = &map->slots[(hash + (*at)++) & (map->room - 1)];

		if (!slot->item || slot->hash == hash)
			return slot->item;
	}
	return NULL;
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
