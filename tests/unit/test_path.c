/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "path.h"
#include "starve.h"

static struct mc_arena arena;

static int open_arena(void **state)
{
	(void)state;
	mc_arena_init(&arena, NULL);
	return 0;
}

static int clear_arena(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	return 0;
}

static void paths_join_by_text_alone(void **state)
{
	static const char *const cases[][3] = {
		{"/v/lib/site", "pkg/x.so", "/v/lib/site/pkg/x.so"},
		{"/v/lib/site", "../../bin/x", "/v/bin/x"},
		{"/v", "../../../..", "/"},
		{"/v", "./a//b/./c/", "/v/a/b/c"},
		{"/", "a", "/a"},
		{"/v", "/abs/../x", "/x"},
		{"/v", "", "/v"},
		{"/v", "..a/...", "/v/..a/..."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mc_str joined;

		assert_int_equal(mc_path_join(&arena, mc_str_of(cases[i][0]),
					      mc_str_of(cases[i][1]), &joined),
				 MC_OK);
		assert_string_equal(joined.ptr, cases[i][2]);
		assert_int_equal(joined.len, strlen(cases[i][2]));
	}
}

static void paths_are_normalised_in_a_buffer_that_just_fits(void **state)
{
	static const char *const cases[][2] = {
		{"/a/../b", "/b"}, {"/a/b", "/a/b"}, {"/", "/"}, {"/..", "/"}, {"//a/./", "/a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mc_str path = mc_str_of(cases[i][0]);
		char *buf = malloc(path.len + 2);

		assert_non_null(buf);
		assert_int_equal(mc_path_append(buf, 0, path), strlen(cases[i][1]));
		assert_string_equal(buf, cases[i][1]);
		free(buf);
	}
}

static void paths_come_apart_at_the_last_slash(void **state)
{
	static const char *const cases[][3] = {
		{"a/b/c", "a/b", "c"}, {"c", "", "c"}, {"/c", "", "c"},
		{"a/", "a", ""},       {"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mc_str path = mc_str_of(cases[i][0]);

		assert_true(mc_str_is(mc_path_parent(path), mc_str_of(cases[i][1])));
		assert_true(mc_str_is(mc_path_base(path), mc_str_of(cases[i][2])));
	}
}

static void a_failed_allocation_is_reported(void **state)
{
	struct starve starve = {.left = 0};
	struct mc_alloc alloc = {starve_take, starve_give, &starve};
	struct mc_arena starved;
	struct mc_str joined;

	(void)state;
	mc_arena_init(&starved, &alloc);
	assert_int_equal(mc_path_join(&starved, MC_STR("/a"), MC_STR("b"), &joined), MC_ERR_NOMEM);
	assert_int_equal(
		mc_path_join(&arena, MC_STR("/a"), (struct mc_str){"b", SIZE_MAX}, &joined),
		MC_ERR_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_join_by_text_alone),
		cmocka_unit_test(paths_are_normalised_in_a_buffer_that_just_fits),
		cmocka_unit_test(paths_come_apart_at_the_last_slash),
		cmocka_unit_test(a_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("path", tests, open_arena, clear_arena);
}
