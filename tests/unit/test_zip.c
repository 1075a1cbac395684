/* SPDX-License-Identifier: MIT */
/* The archive alone; test_source_wheel.c has most of what a hostile one can try.  */
#define _XOPEN_SOURCE 700 /* realpath(), with glibc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "zip_archive.h"

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_zip *zip;
static struct mc_zip_entry *const *entries;
static size_t entries_count;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	zip = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_zip_close(zip);
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

/* All but those in "not/".  */
static bool filter(struct mc_zip_entry *entry)
{
	entry->mark = entry->name.ptr[0] == 'a';
	return !mc_str_starts(entry->name, MC_STR("not/"));
}

static void open_made(const struct zip_member *members)
{
	struct mc_error error = MC_ERROR_INIT;
	struct stat info;
	int fd;

	put_zip(&fixture, "a.zip", members);
	fd = open(fixture.path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(mc_zip_open(fd, (uint64_t)info.st_size, fixture.path, 100, filter, NULL, &arena,
				     &zip, &error),
			 MC_OK);
	entries = mc_zip_entries(zip, &entries_count);
}

static void assert_reads(size_t i, const char *name, const char *text)
{
	struct mc_bytes content;

	assert_true(mc_str_is(entries[i]->name, mc_str_of(name)));
	assert_int_equal(mc_zip_read(zip, entries[i], 1000, &content), MC_OK);
	assert_int_equal(content.len, strlen(text));
	assert_memory_equal(content.ptr, text, content.len);
}

static void entries_that_the_filter_wants_come_sorted(void **state)
{
	static const struct zip_member members[] = {
		{.name = "b", .text = "stored", .lies = ZIP_EXECUTABLE},
		{.name = "not/this", .text = "x"},
		{.name = "folder/"},
		{.name = "a", .text = "deflated", .method = 8},
		{.name = "empty"},
		{.name = NULL},
	};
	uint8_t first[4];

	(void)state;
	open_made(members);
	assert_int_equal(entries_count, 3);
	assert_int_equal(entries[0]->mark, 1);
	assert_int_equal(entries[0]->order, 3);
	assert_false(entries[0]->is_executable);
	assert_true(entries[1]->is_executable);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(mc_zip_peek(zip, entries[i], first, sizeof(first)), 4);
		assert_memory_equal(first, i ? "stor" : "defl", 4);
	}
	assert_int_equal(mc_zip_peek(zip, entries[2], first, sizeof(first)), 0);
	assert_reads(0, "a", "deflated");
	assert_reads(1, "b", "stored");
	assert_reads(2, "empty", "");
	assert_reads(0, "a", "deflated");
}

static void trouble_with_an_entry_stays_in_it(void **state)
{
	static const struct zip_member members[] = {
		{.name = "a", .text = "first", .lies = ZIP_LIE_CRC},
		{.name = "b", .text = "second"},
		{.name = "b", .text = "third"},
		{.name = NULL},
	};
	struct mc_bytes content;

	(void)state;
	open_made(members);
	assert_int_equal(entries_count, 3);
	assert_int_equal(mc_zip_read(zip, entries[0], 1000, &content), MC_ERR_FORMAT);
	assert_non_null(strstr(entries[0]->problem.ptr, "CRC-32"));
	assert_int_equal(entries[1]->status, MC_ERR_FORMAT);
	assert_reads(2, "b", "third");
	assert_int_equal(mc_zip_read(zip, entries[2], 4, &content), MC_ERR_LIMIT);
	mc_zip_spoil(entries[2], MC_ERR_IO, MC_STR("too late"));
	assert_int_equal(entries[2]->status, MC_ERR_LIMIT);
}

/* zipfile since 3.12.2  */
static void no_two_entries_share_their_bytes(void **state)
{
	static const struct zip_member members[] = {
		{.name = "a", .text = "first"},
		{.name = "b", .text = "first", .lies = ZIP_OVERLAP},
		{.name = NULL},
	};
	struct mc_bytes content;

	(void)state;
	open_made(members);
	assert_int_equal(mc_zip_read(zip, entries[0], 1000, &content), MC_ERR_FORMAT);
	assert_non_null(strstr(entries[0]->problem.ptr, "overlaps"));
	assert_int_equal(mc_zip_read(zip, entries[1], 1000, &content), MC_ERR_FORMAT);
	assert_non_null(strstr(entries[1]->problem.ptr, "names another file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(entries_that_the_filter_wants_come_sorted, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(trouble_with_an_entry_stays_in_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_two_entries_share_their_bytes, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
