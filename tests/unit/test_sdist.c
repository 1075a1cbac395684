/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/sdist.h"
#include "starve.h"

enum { TAR_ROOM = 256 * 1024 };

struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_sdist out;
	struct mc_error err;
	unsigned char *tar;
	size_t nbytes;
};

static void open_scene(struct scene *s)
{
	fixture_open(&s->fixture);
	mc_arena_init(&s->arena, NULL);
	s->err = MC_ERROR_INIT;
	s->tar = calloc(1, TAR_ROOM);
	s->nbytes = 0;
	assert_non_null(s->tar);
}

static void close_scene(struct scene *s)
{
	free(s->tar);
	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
}

/* A ustar header that says 'size', and the text.  */
static void put_entry(struct scene *s, const char *name, char type, unsigned long long size, const char *text)
{
	char *head = (char *)s->tar + s->nbytes;
	unsigned sum = 0;

	assert_true(s->nbytes + 1024 + strlen(text) + 1024 < TAR_ROOM);
	memcpy(head, name, strlen(name) < 100 ? strlen(name) : 100);
	memcpy(head + 100, "0000644", 8);
	memcpy(head + 108, "0000000", 8);
	memcpy(head + 116, "0000000", 8);
	for (size_t i = 12; i-- > 0; size /= 8)
		head[124 + i] = (char)('0' + size % 8);
	memcpy(head + 136, "00000000000", 12);
	memset(head + 148, ' ', 8);
	head[156] = type;
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)head[i];
	for (size_t i = 6; i-- > 0; sum /= 8)
		head[148 + i] = (char)('0' + sum % 8);
	head[154] = '\0';
	memcpy(head + 512, text, strlen(text));
	s->nbytes += 512 + (strlen(text) + 511) / 512 * 512;
}

static void put(struct scene *s, const char *name, const char *text)
{
	put_entry(s, name, '0', strlen(text), text);
}

static enum mc_status look(struct scene *s, const char *name)
{
	put_bytes(&s->fixture, "demo-1.0.tar", s->tar, s->nbytes + 1024);
	s->err = MC_ERROR_INIT;
	return mc_sdist_read(s->fixture.path, mc_str_of(name), &s->arena, &s->out, &s->err);
}

static bool has_package(const struct scene *s, const char *package)
{
	for (size_t i = 0; i < s->out.packages_count; i++)
		if (mc_str_is(s->out.packages[i].package, mc_str_of(package)))
			return true;
	return false;
}

static void python_alone_is_no_native_build(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, "demo-1.0/setup.py", "from setuptools import setup\n");
	put(&s, "demo-1.0/demo/x.py", "");
	put(&s, "demo-1.0/tests/x.c", "int x;"); /* pip builds no tests */
	assert_int_equal(look(&s, "demo"), MC_OK);
	assert_int_equal(s.out.kinds, 0);
	assert_string_equal(s.out.kinds_text.ptr, "pure Python");
	assert_string_equal(s.out.backend.ptr, "setuptools");
	assert_int_equal(s.out.packages_count, 0);
	close_scene(&s);
}

static void languages_are_told_by_files_and_backend(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, "demo-1.0/src/a.c", "");
	put(&s, "demo-1.0/src/b.cpp", "");
	put(&s, "demo-1.0/rust/lib.rs", "");
	put(&s, "demo-1.0/rust/Cargo.toml", "[dependencies]\nopenssl-sys = \"0.9\"\n");
	put(&s, "demo-1.0/f/x.f90", "");
	put(&s, "demo-1.0/CMakeLists.txt", "find_package(ZLIB REQUIRED)\n");
	put(&s, "demo-1.0/pyproject.toml",
	    "[build-system]\nrequires = [\"maturin>=1\", \"cffi\"]\nbuild-backend = \"maturin\"\n");
	assert_int_equal(look(&s, "demo"), MC_OK);
	assert_int_equal(s.out.kinds,
			 MC_SDIST_C | MC_SDIST_CXX | MC_SDIST_RUST | MC_SDIST_FORTRAN | MC_SDIST_CMAKE);
	assert_string_equal(s.out.kinds_text.ptr, "C, C++, Rust, Fortran, CMake");
	assert_string_equal(s.out.backend.ptr, "maturin");
	assert_string_equal(s.out.packages[0].package.ptr, "build-base");
	assert_true(has_package(&s, "cargo"));
	assert_true(has_package(&s, "gfortran"));
	assert_true(has_package(&s, "openssl-dev"));
	assert_true(has_package(&s, "zlib-dev"));
	assert_true(has_package(&s, "libffi-dev"));
	close_scene(&s);
}

static void a_project_is_known_by_name(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, "psycopg2-1.0/psycopg/x.c", "");
	assert_int_equal(look(&s, "psycopg2"), MC_OK);
	assert_true(has_package(&s, "postgresql-dev"));
	close_scene(&s);
}

/* PEP 643: what metadata 2.2 says is so, unless it is dynamic.  */
static void requirements_are_known_from_metadata_22_on(void **state)
{
	static const struct {
		const char *text;
		bool knows;
	} cases[] = {
		{"Metadata-Version: 2.2\nName: demo\nRequires-Dist: a\nRequires-Dist: b>1\n", true},
		{"Metadata-Version: 2.1\nName: demo\nRequires-Dist: a\n", false},
		{"Metadata-Version: 2.4\nDynamic: Requires-Dist\nRequires-Dist: a\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene s;

		open_scene(&s);
		put(&s, "demo-1.0/PKG-INFO", cases[i].text);
		assert_int_equal(look(&s, "demo"), MC_OK);
		assert_int_equal(s.out.knows_requires, cases[i].knows);
		assert_int_equal(s.out.requires_dist_count, cases[i].knows ? 2 : 0);
		close_scene(&s);
	}
}

static void strange_names_are_passed_over(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, "/etc/x.c", "");
	put(&s, "../../up.c", "");
	put(&s, "\xff\xfe/\x1b[1m.rs", "");
	put_entry(&s, "demo-1.0/link.c", '2', 0, "");
	put(&s, "demo-1.0/pyproject.toml", "[[[ no toml");
	assert_int_equal(look(&s, "demo"), MC_OK);
	assert_true(s.out.kinds & MC_SDIST_C); /* a name is no more than a name here */
	close_scene(&s);
}

static void what_is_no_archive_is_told(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put_bytes(&s.fixture, "x.tar.gz", "words", 5);
	assert_int_equal(mc_sdist_read(s.fixture.path, MC_STR("x"), &s.arena, &s.out, &s.err), MC_ERR_FORMAT);
	s.err = MC_ERROR_INIT;
	assert_int_equal(mc_sdist_read("/nosuch/x.tar.gz", MC_STR("x"), &s.arena, &s.out, &s.err), MC_ERR_IO);
	close_scene(&s);
}

static void a_file_that_is_cut_is_damaged(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put_entry(&s, "demo-1.0/setup.py", '0', 100000, "short");
	put_bytes(&s.fixture, "demo-1.0.tar", s.tar, s.nbytes);
	assert_int_equal(mc_sdist_read(s.fixture.path, MC_STR("demo"), &s.arena, &s.out, &s.err),
			 MC_ERR_FORMAT);
	close_scene(&s);
}

/* pip unpacks one layer; gzip in gzip is a way to keep a reader busy.  */
static void compression_in_compression_is_no_archive(void **state)
{
	struct scene s;
	struct libdeflate_compressor *packer = libdeflate_alloc_compressor(6);
	unsigned char once[4096], twice[4096];
	size_t nbytes;

	(void)state;
	open_scene(&s);
	assert_non_null(packer);
	put(&s, "demo-1.0/a.c", "");
	nbytes = libdeflate_gzip_compress(packer, s.tar, s.nbytes + 1024, once, sizeof(once));
	assert_true(nbytes);
	put_bytes(&s.fixture, "demo-1.0.tar.gz", once, nbytes);
	assert_int_equal(mc_sdist_read(s.fixture.path, MC_STR("demo"), &s.arena, &s.out, &s.err), MC_OK);
	assert_int_equal(s.out.kinds, MC_SDIST_C);
	nbytes = libdeflate_gzip_compress(packer, once, nbytes, twice, sizeof(twice));
	assert_true(nbytes);
	put_bytes(&s.fixture, "demo-1.0.tar.gz", twice, nbytes);
	assert_int_equal(mc_sdist_read(s.fixture.path, MC_STR("demo"), &s.arena, &s.out, &s.err),
			 MC_ERR_FORMAT);
	libdeflate_free_compressor(packer);
	close_scene(&s);
}

static void a_fifo_is_not_waited_for(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(mkfifo(fixture_path(&s.fixture, "demo-1.0.tar"), 0600), 0);
	assert_int_equal(mc_sdist_read(s.fixture.path, MC_STR("demo"), &s.arena, &s.out, &s.err),
			 MC_ERR_FORMAT);
	close_scene(&s);
}

static void what_the_build_does_not_need_is_not_told(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, "demo-1.0/a.c", "");
	put(&s, "demo-1.0/vendored-meson/meson/test cases/rust/1/x.rs", "");
	put(&s, "demo-1.0/pyproject.toml",
	    "[build-system]\nrequires = [\"cffi; implementation_name == 'pypy'\"]\n");
	put(&s, "demo-1.0/CMakeLists.txt", "set(URL \"\" CACHE STRING \"bundled libsodium\")");
	assert_int_equal(look(&s, "demo"), MC_OK);
	assert_int_equal(s.out.kinds, MC_SDIST_C | MC_SDIST_CMAKE);
	assert_false(has_package(&s, "libffi-dev"));
	assert_false(has_package(&s, "libsodium-dev"));
	close_scene(&s);
}

/* It is not inflated to be skipped.  */
static void a_huge_file_is_past_the_limit(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put_entry(&s, "demo-1.0/x.bin", '0', 1ull << 33, "");
	assert_int_equal(look(&s, "demo"), MC_ERR_LIMIT);
	close_scene(&s);
}

static void memory_that_runs_out_is_told(void **state)
{
	struct scene s;
	enum mc_status status;
	size_t n = 0;

	(void)state;
	open_scene(&s);
	put(&s, "demo-1.0/a.c", "");
	put(&s, "demo-1.0/setup.py", "pg_config");
	put(&s, "demo-1.0/PKG-INFO", "Metadata-Version: 2.2\nRequires-Dist: a\n");
	put_bytes(&s.fixture, "demo-1.0.tar", s.tar, s.nbytes + 1024);
	do {
		struct starve starve = {.left = n++};
		const struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena arena;

		mc_arena_init(&arena, &alloc);
		s.err = MC_ERROR_INIT;
		status = mc_sdist_read(s.fixture.path, MC_STR("demo"), &arena, &s.out, &s.err);
		assert_true(status == MC_OK || status == MC_ERR_NOMEM);
		mc_arena_clear(&arena);
		assert_int_equal(starve.live, 0);
	} while (status);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_alone_is_no_native_build),
		cmocka_unit_test(languages_are_told_by_files_and_backend),
		cmocka_unit_test(a_project_is_known_by_name),
		cmocka_unit_test(requirements_are_known_from_metadata_22_on),
		cmocka_unit_test(strange_names_are_passed_over),
		cmocka_unit_test(what_is_no_archive_is_told),
		cmocka_unit_test(a_file_that_is_cut_is_damaged),
		cmocka_unit_test(compression_in_compression_is_no_archive),
		cmocka_unit_test(a_fifo_is_not_waited_for),
		cmocka_unit_test(what_the_build_does_not_need_is_not_told),
		cmocka_unit_test(a_huge_file_is_past_the_limit),
		cmocka_unit_test(memory_that_runs_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
