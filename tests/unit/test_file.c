/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath(), with glibc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "file.h"
#include "fixture.h"

#include <errno.h>

static struct fixture fixture;
static struct mc_arena arena;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

static void texts_are_read_up_to_the_limit(void **state)
{
	struct mc_str text;

	(void)state;
	put_text(&fixture, "text", "0123456789");
	assert_int_equal(mc_read_text(&arena, AT_FDCWD, fixture.path, 100, &text), MC_OK);
	assert_true(mc_str_is(text, MC_STR("0123456789")));
	assert_int_equal(mc_read_text(&arena, AT_FDCWD, fixture.path, 4, &text), MC_OK);
	assert_true(mc_str_is(text, MC_STR("0123")));
}

static void what_is_no_file_is_told_and_never_waited_for(void **state)
{
	struct mc_str text;

	(void)state;
	assert_int_equal(mc_read_text(&arena, AT_FDCWD, fixture_path(&fixture, "none"), 9, &text),
			 MC_ERR_NOT_FOUND);
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo"), 0600), 0);
	assert_int_equal(mc_read_text(&arena, AT_FDCWD, fixture.path, 9, &text), MC_ERR_UNSUPPORTED);
	assert_int_equal(mc_read_text(&arena, AT_FDCWD, fixture.dir, 9, &text), MC_ERR_UNSUPPORTED);
	assert_int_equal(text.len, 0);
}

static void a_read_ends_where_the_file_does(void **state)
{
	char got[8];
	int fd;

	(void)state;
	put_text(&fixture, "text", "0123456789");
	fd = mc_open_at(AT_FDCWD, fixture.path, 0);
	assert_true(fd >= 0);
	assert_int_equal(mc_read_at(fd, 2, got, 4), 4);
	assert_memory_equal(got, "2345", 4);
	assert_int_equal(mc_read_at(fd, 7, got, 8), 3);
	assert_int_equal(mc_read_at(fd, 70, got, 8), 0);
	assert_int_equal(mc_read_at(fd, UINT64_MAX, got, 8), -1);
	assert_int_equal(errno, EOVERFLOW);
	mc_close_fd(fd);
	assert_int_equal(errno, EOVERFLOW);
}

static void images_read_alike_from_memory_and_file(void **state)
{
	struct mc_image images[2] = {{.bytes = {(const uint8_t *)"0123456789", 10}, .fd = -1}};

	(void)state;
	put_text(&fixture, "text", "0123456789");
	images[1].fd = mc_open_at(AT_FDCWD, fixture.path, 0);
	for (size_t i = 0; i < 2; i++) {
		char got[8];
		size_t nbytes;

		assert_int_equal(mc_image_read(&images[i], 7, got, 8, &nbytes, NULL), MC_OK);
		assert_int_equal(nbytes, 3);
		assert_memory_equal(got, "789", 3);
		assert_int_equal(mc_image_read(&images[i], 10, got, 8, &nbytes, NULL), MC_OK);
		assert_int_equal(nbytes, 0);
	}
	mc_close_fd(images[1].fd);
}

static void real_paths_have_no_links(void **state)
{
	struct mc_str real;

	(void)state;
	put_text(&fixture, "a/text", "x");
	put_link(&fixture, "b", "a");
	assert_int_equal(mc_real_path(&arena, fixture_path(&fixture, "b/../b"), &real), MC_OK);
	assert_true(mc_str_is(real, mc_str_of(fixture_path(&fixture, "a"))));
	assert_int_equal(mc_real_path(&arena, fixture_path(&fixture, "c"), &real), MC_ERR_IO);
}

static void expect_real(const char *path, const char *wanted)
{
	struct mc_str real, dir = mc_str_of(fixture.dir);

	assert_int_equal(mc_real_path_in(&arena, dir, mc_str_of(path), &real), MC_OK);
	assert_true(mc_str_starts(real, dir));
	assert_string_equal(real.ptr + dir.len, wanted);
}

static void expect_errno(const char *path, int number)
{
	struct mc_str real;

	errno = 0;
	assert_int_equal(mc_real_path_in(&arena, mc_str_of(fixture.dir), mc_str_of(path), &real),
			 MC_ERR_IO);
	assert_int_equal(errno, number);
}

/* As after chroot(): path_resolution(7).  */
static void paths_stay_in_a_root(void **state)
{
	char long_name[400];

	(void)state;
	put_text(&fixture, "usr/lib/file", "x");
	put_link(&fixture, "lib", "usr/lib");
	put_link(&fixture, "absolute", "/usr/lib/file");
	put_link(&fixture, "up", "../../../../../../../../usr/lib");
	put_link(&fixture, "usr/back", "../lib/file");
	put_link(&fixture, "loop", "loop");
	put_link(&fixture, "outside", "/etc/passwd");
	expect_real("/usr/lib/file", "/usr/lib/file");
	expect_real("usr//lib/./file", "/usr/lib/file");
	expect_real("/lib/file", "/usr/lib/file");
	expect_real("/lib/../lib/file", "/usr/lib/file");
	expect_real("/absolute", "/usr/lib/file");
	expect_real("/up/file", "/usr/lib/file");
	expect_real("/usr/back", "/usr/lib/file");
	expect_real("/../../usr", "/usr");
	expect_real("/", "");
	expect_errno("/loop", ELOOP);
	expect_errno("/outside", ENOENT);
	expect_errno("/usr/lib/file/x", ENOTDIR);
	expect_errno("/nosuch/../usr", ENOENT);
	memset(long_name, 'a', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	expect_errno(long_name, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(texts_are_read_up_to_the_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_told_and_never_waited_for,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_read_ends_where_the_file_does, set_up, tear_down),
		cmocka_unit_test_setup_teardown(images_read_alike_from_memory_and_file, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(real_paths_have_no_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(paths_stay_in_a_root, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
