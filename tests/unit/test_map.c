/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "muslcheck/map.h"
#include "starve.h"

#define ITEMS_COUNT 5000

static int items[ITEMS_COUNT];

static enum mc_status fill(struct mc_arena *arena, struct mc_map *map, uint64_t modulus)
{
	for (size_t i = 0; i < ITEMS_COUNT; i++)
		MC_TRY(mc_map_add(arena, map, i % modulus, &items[i]));
	return MC_OK;
}

static void every_item_of_a_hash_comes_once(void **state)
{
	static const uint64_t moduli[] = {ITEMS_COUNT, 1000, 7, 1};
	struct mc_arena arena;

	(void)state;
	mc_arena_init(&arena, NULL);
	for (size_t m = 0; m < sizeof(moduli) / sizeof(moduli[0]); m++) {
		struct mc_map map = {NULL, 0, 0};
		bool is_met[ITEMS_COUNT] = {false};
		size_t count = 0;

		assert_int_equal(fill(&arena, &map, moduli[m]), MC_OK);
		for (uint64_t hash = 0; hash < moduli[m]; hash++) {
			const int *item;

			for (size_t at = 0; (item = mc_map_next(&map, hash, &at)); count++) {
				assert_int_equal((size_t)(item - items) % moduli[m], hash);
				assert_false(is_met[item - items]);
				is_met[item - items] = true;
			}
		}
		assert_int_equal(count, ITEMS_COUNT);
	}
	mc_arena_clear(&arena);
}

static void an_empty_map_has_nothing(void **state)
{
	struct mc_map map = {NULL, 0, 0};
	size_t at = 0;

	(void)state;
	assert_null(mc_map_next(&map, 0, &at));
}

static void like_keys_spread_over_the_low_bits(void **state)
{
	bool is_hit[2][1024] = {{false}, {false}};
	size_t hits[2] = {0, 0};

	(void)state;
	for (uint64_t i = 0; i < 1024; i++) {
		char text[64];

		snprintf(text, sizeof(text), "/usr/lib/python3/site-packages/pkg/%d.so", (int)i);
		is_hit[0][mc_hash_text(mc_str_of(text)) % 1024] = true;
		is_hit[1][mc_hash_pair(1, i << 32) % 1024] = true;
	}
	for (size_t i = 0; i < 2 * 1024; i++)
		hits[i / 1024] += is_hit[i / 1024][i % 1024];
	/* Throws at random hit 1024 * (1 - 1 / e) = 647 places.  */
	assert_true(hits[0] > 600 && hits[1] > 600);
}

static void every_failed_allocation_is_reported(void **state)
{
	(void)state;
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_map map = {NULL, 0, 0};
		struct mc_arena starved;
		enum mc_status status;

		mc_arena_init(&starved, &alloc);
		status = fill(&starved, &map, ITEMS_COUNT);
		mc_arena_clear(&starved);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_of_a_hash_comes_once),
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(like_keys_spread_over_the_low_bits),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
