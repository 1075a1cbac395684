/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath(), with glibc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "walk.h"

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_walk walk;
static char met[4096]; /* "a/b f" and the like, one a line, sorted */

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	walk = (struct mc_walk){.arena = &arena, .depth_max = 64, .entries_max = 1000};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_walk_stop(&walk);
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

static enum mc_status start(void)
{
	int fd = open(fixture.dir, O_RDONLY | O_DIRECTORY);

	assert_true(fd >= 0);
	return mc_walk_start(&walk, mc_str_of(fixture.dir), fd);
}

static int order_lines(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Go everywhere; a letter says what each entry is.  */
static void walk_all(void)
{
	static const char letters[] = {
		[MC_WALK_OTHER] = 'o',    [MC_WALK_FILE] = 'f',      [MC_WALK_FOLDER] = 'd',   [MC_WALK_FOLDER_LINK] = 'l',
		[MC_WALK_DEAD_LINK] = 'x', [MC_WALK_UNLISTED] = 'u', [MC_WALK_FULL] = '!',
	};
	static char lines[32][256];
	struct mc_walk_entry entry;
	size_t count = 0;

	while (mc_walk_next(&walk, &entry) == MC_OK) {
		char letter = letters[entry.kind];

		assert_true(count < 32);
		assert_int_equal(entry.where.len, strlen(entry.where.ptr));
		if (entry.kind == MC_WALK_FOLDER && mc_walk_enter(&walk, &entry) == MC_ERR_LIMIT)
			letter = 'D';
		snprintf(lines[count++], sizeof(lines[0]), "%.200s %c%s\n",
			 entry.where.ptr + strlen(fixture.dir) + 1, letter,
			 entry.is_link ? "l" : "");
	}
	assert_null(walk.top);
	qsort(lines, count, sizeof(lines[0]), order_lines);
	met[0] = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(met, lines[i]);
}

static void entries_come_with_what_they_are(void **state)
{
	(void)state;
	put_text(&fixture, "a/b/file", "x");
	put_text(&fixture, "top", "x");
	put_link(&fixture, "dead", "nowhere");
	put_link(&fixture, "to-file", "top");
	put_link(&fixture, "to-folder", "a");
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo"), 0600), 0);
	assert_int_equal(start(), MC_OK);
	walk_all();
	assert_string_equal(met,
			    "a d\na/b d\na/b/file f\ndead xl\nfifo o\nto-file fl\nto-folder ll\ntop f\n");
}

static void no_folder_is_entered_twice(void **state)
{
	struct stat info;

	(void)state;
	put_text(&fixture, "a/file", "x");
	assert_int_equal(start(), MC_OK);
	walk_all();
	assert_int_equal(start(), MC_END);
	assert_int_equal(stat(fixture.dir, &info), 0);
	assert_true(mc_walk_has(&walk, (uint64_t)info.st_dev, (uint64_t)info.st_ino));
	assert_false(mc_walk_has(&walk, (uint64_t)info.st_dev, 0));
}

static void depth_and_number_are_bounded(void **state)
{
	(void)state;
	put_text(&fixture, "a/b/c/file", "x");
	walk.depth_max = 3;
	assert_int_equal(start(), MC_OK);
	walk_all();
	assert_string_equal(met, "a d\na/b d\na/b/c D\n");

	walk = (struct mc_walk){.arena = &arena, .depth_max = 64, .entries_max = 2};
	assert_int_equal(start(), MC_OK);
	walk_all();
	assert_string_equal(met, "a d\na/b d\na/b/c !\n");
	assert_true(walk.is_full);
}

static void a_folder_swapped_for_a_link_is_not_entered(void **state)
{
	struct mc_walk_entry entry;

	(void)state;
	put_text(&fixture, "a/file", "x");
	assert_int_equal(start(), MC_OK);
	assert_int_equal(mc_walk_next(&walk, &entry), MC_OK);
	assert_int_equal(entry.kind, MC_WALK_FOLDER);
	remove_below(entry.dir_fd, "a");
	put_link(&fixture, "a", "/");
	assert_int_equal(mc_walk_enter(&walk, &entry), MC_END);
	assert_int_equal(mc_walk_next(&walk, &entry), MC_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(entries_come_with_what_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_folder_is_entered_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(depth_and_number_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_folder_swapped_for_a_link_is_not_entered, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
