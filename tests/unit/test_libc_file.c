/* SPDX-License-Identifier: MIT */
/* Debian's musl is a test dependency where it is installed; elsewhere (and on
 * Alpine, where it is the system's own) the same file is looked for by name.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "muslcheck/libc_file.h"

static const char *loader(void)
{
	static const char *const paths[] = {"/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"};

	for (size_t i = 0; i < 2; i++)
		if (!access(paths[i], R_OK))
			return paths[i];
	return NULL;
}

static bool exports(const struct mc_libc_file *file, const char *name)
{
	struct mc_lookup lookup = mc_lookup(mc_str_of(name));
	struct mc_definition definition;

	return mc_elf_find(&file->elf, &lookup, &definition) && !definition.is_undefined;
}

static void a_real_loader_tells_its_version_and_exports(void **state)
{
	struct mc_arena arena;
	struct mc_libc_file file;

	(void)state;
	if (!loader())
		skip();
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_libc_file_read(loader(), &arena, &file, NULL), MC_OK);
	assert_memory_equal(file.version.ptr, "1.2.", 4);
	assert_false(file.is_version_guessed);
	assert_true(exports(&file, "fopen"));
	assert_false(exports(&file, "__memcpy_chk"));
	/* 1.2.4 took the LFS64 names out of the table.  */
	assert_int_equal(exports(&file, "open64"), strcmp(file.version.ptr, "1.2.4") < 0);
	mc_arena_clear(&arena);
}

static void glibc_is_refused(void **state)
{
	static const char *const paths[] = {"/lib/x86_64-linux-gnu/libc.so.6",
					    "/lib/aarch64-linux-gnu/libc.so.6"};
	struct mc_error err = MC_ERROR_INIT;
	struct mc_libc_file file;
	struct mc_arena arena;
	const char *path = NULL;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		if (!access(paths[i], R_OK))
			path = paths[i];
	if (!path)
		skip();
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_libc_file_read(path, &arena, &file, &err), MC_ERR_UNSUPPORTED);
	assert_string_equal(err.subject, path);
	mc_arena_clear(&arena);
}

static void what_is_no_elf_file_or_not_there_is_said_so(void **state)
{
	struct mc_error err = MC_ERROR_INIT, other = MC_ERROR_INIT;
	struct mc_libc_file file;
	struct mc_arena arena;

	(void)state;
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_libc_file_read("/etc/passwd", &arena, &file, &err), MC_ERR_FORMAT);
	assert_string_equal(err.subject, "/etc/passwd");
	assert_int_equal(mc_libc_file_read("/nonexistent", &arena, &file, &other), MC_ERR_IO);
	assert_int_equal(mc_libc_file_read("/", &arena, &file, NULL), MC_ERR_UNSUPPORTED);
	mc_arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_loader_tells_its_version_and_exports),
		cmocka_unit_test(glibc_is_refused),
		cmocka_unit_test(what_is_no_elf_file_or_not_there_is_said_so),
	};

	return cmocka_run_group_tests_name("libc_file", tests, NULL, NULL);
}
