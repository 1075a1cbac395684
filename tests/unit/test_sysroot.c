/* SPDX-License-Identifier: MIT */
/* What an image says of itself; what its loaders do with it is in tests/cases/ldd-sysroot*.case.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/sysroot.h"

#include <unistd.h>

static const char loader[] = "/lib/ld-musl-x86_64.so.1";

static struct fixture fixture;
static struct mc_arena arena;
static const struct mc_sysroot *sysroot;
static struct mc_error err;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	memset(&err, 0, sizeof(err));
	return mc_elf_startup(&err);
}

static int tear_down(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

/* A real musl, where this host has one.  */
static void put_musl(void)
{
	if (access(loader, R_OK))
		skip();
	put_text(&fixture, "lib/here", "");
	put_link(&fixture, "lib/unused", "here");
	{
		char command[1024];

		snprintf(command, sizeof(command), "cp '%s' '%s/lib/'", loader, fixture.dir);
		assert_int_equal(system(command), 0);
	}
}

static void open_root(void)
{
	if (mc_sysroot_open(fixture.dir, "root", &arena, &sysroot, &err))
		fail_msg("%s: %s", err.subject, err.text);
}

static void a_release_is_known_by_os_release(void **state)
{
	(void)state;
	put_musl();
	put_text(&fixture, "etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID='3.22.1'\n");
	open_root();
	assert_int_equal(sysroot->family, MC_LIBC_MUSL);
	assert_string_equal(sysroot->os.ptr, "alpine 3.22.1");
	assert_non_null(sysroot->target.release);
	assert_string_equal(sysroot->target.release->name, "alpine3.22");
	assert_string_equal(sysroot->loader.ptr, loader);
	assert_true(sysroot->libc_version.len >= 5);
	assert_int_equal(sysroot->python_minor, 0);
	assert_string_equal(sysroot->target.name, "root");
}

static void another_system_has_no_packages(void **state)
{
	(void)state;
	put_musl();
	put_text(&fixture, "usr/lib/os-release", "ID=void\nVERSION_CODENAME=trixie\n");
	open_root();
	assert_null(sysroot->target.release);
	assert_string_equal(sysroot->os.ptr, "void trixie");
}

static void folders_are_musls_own_or_its_settings(void **state)
{
	(void)state;
	put_musl();
	open_root();
	assert_int_equal(sysroot->folders_count, 3);
	assert_string_equal(sysroot->folders[1].ptr, "/usr/local/lib");
	put_text(&fixture, "etc/ld-musl-x86_64.path", "/opt/lib:/usr/lib\nrelative\n/opt/lib\n");
	open_root();
	assert_int_equal(sysroot->folders_count, 2);
	assert_string_equal(sysroot->folders[0].ptr, "/opt/lib");
}

static void what_is_no_root_says_so(void **state)
{
	(void)state;
	assert_int_equal(mc_sysroot_open(fixture.dir, "r", &arena, &sysroot, &err), MC_ERR_UNSUPPORTED);
	put_text(&fixture, "file", "x");
	assert_int_equal(mc_sysroot_open(fixture_path(&fixture, "file"), "r", &arena, &sysroot, &err),
			 MC_ERR_UNSUPPORTED);
	assert_int_equal(mc_sysroot_open("/nosuch", "r", &arena, &sysroot, &err), MC_ERR_IO);
	put_text(&fixture, "lib/ld-musl-x86_64.so.1", "no ELF file");
	assert_int_equal(mc_sysroot_open(fixture.dir, "r", &arena, &sysroot, &err), MC_ERR_FORMAT);
	assert_null(sysroot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_release_is_known_by_os_release, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_system_has_no_packages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folders_are_musls_own_or_its_settings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_root_says_so, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("sysroot", tests, NULL, NULL);
}
