/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "file.h"
#include "fixture.h"
#include "folder.h"

#include <errno.h>

struct place {
	struct fixture f;
	struct mc_arena arena;
	struct mc_folder folder;
};

static void open_place(struct place *p)
{
	fixture_open(&p->f);
	mc_arena_init(&p->arena, NULL);
	assert_int_equal(mc_folder_open(&p->arena, mc_str_of(fixture_path(&p->f, "a/b/c")), &p->folder), MC_OK);
}

static void close_place(struct place *p)
{
	mc_folder_close(&p->folder);
	mc_arena_clear(&p->arena);
	fixture_close(&p->f);
}

/* Write 'text' as part/name; its path.  */
static struct mc_str keep(struct place *p, struct mc_str part, struct mc_str name, struct mc_str text)
{
	struct mc_str temp, path = {"", 0};
	int fd = mc_folder_new_file(&p->folder, &p->arena, part, &temp);

	assert_true(fd >= 0);
	assert_true(mc_write_all(fd, text.ptr, text.len));
	close(fd);
	assert_int_equal(mc_folder_keep(&p->folder, &p->arena, part, temp, name, &path), MC_OK);
	return path;
}

static void a_kept_file_is_found(void **state)
{
	struct place p;
	struct mc_str path;
	char text[16] = "";
	int fd;

	(void)state;
	open_place(&p);
	assert_true(p.folder.fd >= 0);
	path = keep(&p, MC_STR("x/y"), MC_STR("n"), MC_STR("one"));
	assert_true(mc_str_ends(path, MC_STR("/a/b/c/x/y/n")));
	keep(&p, MC_STR("x/y"), MC_STR("n"), MC_STR("two"));
	fd = mc_folder_open_file(&p.folder, "x/y/n");
	assert_int_equal(mc_read_at(fd, 0, text, sizeof(text)), 3);
	assert_string_equal(text, "two");
	close(fd);
	assert_int_equal(mc_folder_open_file(&p.folder, "x/y/m"), -1);
	assert_int_equal(mc_folder_open_file(&p.folder, "x/y"), -1);
	close_place(&p);
}

static void one_that_is_not_kept_leaves_nothing(void **state)
{
	struct mc_str temp, none = {"", 0};
	struct place p;
	int fd;

	(void)state;
	open_place(&p);
	fd = mc_folder_new_file(&p.folder, &p.arena, MC_STR("x"), &temp);
	close(fd);
	assert_int_equal(faccessat(p.folder.fd, temp.ptr, F_OK, 0), 0);
	assert_int_equal(mc_folder_keep(&p.folder, &p.arena, MC_STR("x"), temp, none, NULL), MC_OK);
	assert_int_equal(faccessat(p.folder.fd, temp.ptr, F_OK, 0), -1);
	close_place(&p);
}

static void what_others_may_write_to_is_not_used(void **state)
{
	struct mc_folder other;
	struct mc_str path;
	struct place p;

	(void)state;
	open_place(&p);
	path = keep(&p, MC_STR("x"), MC_STR("n"), MC_STR("one"));
	assert_int_equal(chmod(path.ptr, 0620), 0);
	assert_int_equal(mc_folder_open_file(&p.folder, "x/n"), -1);
	assert_int_equal(chmod(path.ptr, 0600), 0);
	assert_int_equal(symlink("n", fixture_path(&p.f, "a/b/c/x/link")), 0);
	assert_int_equal(mc_folder_open_file(&p.folder, "x/link"), -1);

	assert_int_equal(chmod(p.folder.path.ptr, 0702), 0);
	assert_int_equal(mc_folder_open(&p.arena, p.folder.path, &other), MC_OK);
	assert_int_equal(other.fd, -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(mc_folder_open(&p.arena, path, &other), MC_OK); /* a file */
	assert_int_equal(other.fd, -1);
	close_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_file_is_found),
		cmocka_unit_test(one_that_is_not_kept_leaves_nothing),
		cmocka_unit_test(what_others_may_write_to_is_not_used),
	};

	return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
