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
#include "muslcheck/resolve.h"
#include "starve.h"
#include "tiny_elf.h"

static void libc_names_are_those_of_load_library(void **state)
{
	static const char *const own[] = {
		"libc.so",      "libc.so.6",       "libc.musl-x86_64.so.1",
		"libc.",        "libpthread.so.0", "librt.so.1",
		"libm.so.6",    "libm.anything",   "libdl.so.2",
		"libutil.so.1", "libxnet.so.1"};
	static const char *const others[] = {"",
					     "lib",
					     "libc",
					     "libc++.so.1",
					     "libcrypt.so.1",
					     "libm-2.28.so",
					     "libmvec.so.1",
					     "libresolv.so.2",
					     "libnsl.so.1",
					     "xlibc.so.6",
					     "libgcc_s.so.1",
					     "ld-linux-x86-64.so.2",
					     "/lib/libc.so.6",
					     "LIBC.so.6"};

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		assert_true(mc_musl_is_libc_name(mc_str_of(own[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(mc_musl_is_libc_name(mc_str_of(others[i])));
	/* No NUL is promised behind a name.  */
	assert_false(mc_musl_is_libc_name((struct mc_str){"libc.so.6", 4}));
	assert_true(mc_musl_is_libc_name((struct mc_str){"libc.so.6", 5}));
}

static void assert_lfs64(const char *name, const char *version, const char *wanted)
{
	struct mc_str base = mc_musl_lfs64(mc_str_of(name), version);

	assert_int_equal(base.len, strlen(wanted));
	assert_memory_equal(base.ptr, wanted, base.len);
}

static void lfs64_names_are_mapped_from_1_2_4_on(void **state)
{
	static const char *const versions[] = {"1.2.4", "1.2.5", "1.2.6", "1.2.5-git-3-gabc",
					       "1.3.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		assert_lfs64("open64", versions[i], "open");
		assert_lfs64("__fxstatat64", versions[i], "__fxstatat");
		assert_lfs64("readdir64_r", versions[i], "readdir_r");
		assert_lfs64("fcntl64", versions[i], "");
		assert_lfs64("preadv64v2", versions[i], "");
		assert_lfs64("getdirentries64", versions[i], "");
		assert_lfs64("open", versions[i], "");
		assert_lfs64("64", versions[i], "");
		assert_lfs64("4", versions[i], "");
		assert_lfs64("", versions[i], "");
		assert_lfs64("open6464", versions[i], "");
	}
	assert_lfs64("open64", "1.2.3", "");
	assert_lfs64("open64", "1.1.24", "");
}

/* Upstream commit 53ac44ff: the buffer of 1.2.4 and 1.2.5 is one byte short.  */
static void posix_fallocate64_fails_in_1_2_4_and_1_2_5(void **state)
{
	(void)state;
	assert_lfs64("posix_fallocate64", "1.2.4", "");
	assert_lfs64("posix_fallocate64", "1.2.5", "");
	assert_lfs64("posix_fallocate64", "1.2.6", "posix_fallocate");
	assert_lfs64("posix_fadvise64", "1.2.4", "posix_fadvise");
}

static void versions_are_compared_by_their_numbers(void **state)
{
	static const struct {
		const char *a, *b;
		int wanted;
	} pairs[] = {
		{"1.2.5", "1.2.5", 0},       {"1.2.10", "1.2.9", 1}, {"2.9", "2.31", -1},
		{"1.2", "1.2.0", 0},         {"1.2", "1.2.1", -1},   {"2.36", "2.4", 1},
		{"1.2.5-git-3", "1.2.5", 0}, {"", "1", -1},          {"", "", 0},
		{"01.2", "1.2", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_int_equal(mc_version_compare(pairs[i].a, pairs[i].b), pairs[i].wanted);
		assert_int_equal(mc_version_compare(pairs[i].b, pairs[i].a), -pairs[i].wanted);
	}
}

/* ---- chains of files on disk ---- */

struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_objects objects;
	struct mc_resolver *resolver;
};

static void scene_open(struct scene *s, const struct mc_alloc *alloc, enum mc_libc_family family)
{
	struct mc_process process = {.target = mc_target_default(12, family), .has_python = true};
	struct mc_error err = MC_ERROR_INIT;

	fixture_open(&s->fixture);
	mc_arena_init(&s->arena, alloc);
	mc_objects_init(&s->objects, &s->arena);
	assert_int_equal(mc_resolver_open(&process, &s->objects, &s->arena, &s->resolver, &err),
			 MC_OK);
}

static void scene_close(struct scene *s)
{
	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
}

static void scene_put(struct scene *s, const char *name, const struct tiny_spec *spec)
{
	char path[600];
	struct tiny tiny;
	FILE *file;

	tiny_make(&tiny, spec);
	snprintf(path, sizeof(path), "%s/%s", s->fixture.dir, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(tiny.bytes, 1, tiny.nbytes, file), tiny.nbytes);
	assert_int_equal(fclose(file), 0);
}

static struct mc_load scene_load(struct scene *s, const char *name)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_object *object;
	struct mc_load load;
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", s->fixture.dir, name);
	assert_int_equal(mc_objects_add_file(&s->objects, mc_str_of(path), &object, &err), MC_OK);
	assert_int_equal(mc_resolve(s->resolver, object, &load, &err), MC_OK);
	return load;
}

static void assert_complaint(const struct mc_complaint *c, enum mc_complaint_kind kind,
			     const char *subject)
{
	assert_int_equal(c->kind, kind);
	assert_int_equal(c->subject.len, strlen(subject));
	assert_memory_equal(c->subject.ptr, subject, c->subject.len);
}

static void a_chain_is_loaded_breadth_first_and_once(void **state)
{
	static const char *const order[] = {"x.so", "liba.so", "libb.so", "libc.so", "libd.so"};
	struct scene s;
	struct mc_load load;

	(void)state;
	scene_open(&s, NULL, MC_LIBC_MUSL);
	scene_put(&s, "x.so",
		  &(struct tiny_spec){.needed = {"liba.so", "libb.so", "libc.so"},
				      .runpath = "$ORIGIN"});
	scene_put(&s, "liba.so",
		  &(struct tiny_spec){.needed = {"libd.so", "libb.so"}, .exports = {"a"}});
	scene_put(&s, "libb.so", &(struct tiny_spec){.needed = {"liba.so"}, .imports = {"a", "d"}});
	scene_put(&s, "libd.so", &(struct tiny_spec){.exports = {"d"}});
	load = scene_load(&s, "x.so");
	assert_true(load.loads);
	assert_int_equal(load.complaints_count, 0);
	assert_int_equal(load.chain_count, 5);
	for (size_t i = 1; i < 5; i++)
		assert_true(mc_str_is(load.chain[i].asked, mc_str_of(order[i])));
	assert_int_equal(load.chain[4].needed_by, 1);
	/* The same from another entrance, and with what was remembered of the first.  */
	load = scene_load(&s, "libd.so");
	assert_true(load.loads);
	load = scene_load(&s, "libb.so");
	assert_false(load.loads); /* no rpath of its own: liba.so is not found */
	assert_complaint(&load.complaints[0], MC_COMPLAINT_NO_LIBRARY, "liba.so");
	scene_close(&s);
}

static void what_is_missing_is_named_once_and_in_order(void **state)
{
	struct scene s;
	struct mc_load load;
	struct mc_str text;

	(void)state;
	scene_open(&s, NULL, MC_LIBC_MUSL);
	scene_put(&s, "x.so",
		  &(struct tiny_spec){.needed = {"libnosuch.so.1", "liba.so", "libc.so.6"},
				      .imports = {"nosuch", "puts", "PyErr_Format"},
				      .weak = {"weak_nosuch"},
				      .rpath = "$ORIGIN"});
	scene_put(&s, "liba.so", &(struct tiny_spec){.imports = {"nosuch", "__memcpy_chk"}});
	load = scene_load(&s, "x.so");
	assert_false(load.loads);
	assert_int_equal(load.complaints_count, 4);
	assert_complaint(&load.complaints[0], MC_COMPLAINT_NO_LIBRARY, "libnosuch.so.1");
	assert_complaint(&load.complaints[1], MC_COMPLAINT_NO_SYMBOL, "nosuch");
	assert_complaint(&load.complaints[2], MC_COMPLAINT_NO_SYMBOL, "nosuch"); /* of liba.so */
	assert_complaint(&load.complaints[3], MC_COMPLAINT_NO_SYMBOL, "__memcpy_chk");
	assert_ptr_not_equal(load.complaints[1].object, load.complaints[2].object);
	text = mc_complaint_text(&load.complaints[0], MC_LIBC_MUSL, &s.arena);
	assert_true(
		mc_str_starts(text, MC_STR("Error loading shared library libnosuch.so.1: No such "
					   "file or directory (needed by /")));
	text = mc_complaint_text(&load.complaints[3], MC_LIBC_MUSL, &s.arena);
	assert_true(mc_str_ends(text, MC_STR("/liba.so: __memcpy_chk: symbol not found")));
	scene_close(&s);
}

/* glibc does not hand a runpath on to what is needed further down; musl does.  */
static void runpath_is_inherited_by_musl_only(void **state)
{
	static const struct {
		enum mc_libc_family family;
		bool loads;
	} cases[] = {{MC_LIBC_MUSL, true}, {MC_LIBC_GLIBC, false}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct scene s;

		scene_open(&s, NULL, cases[i].family);
		scene_put(&s, "x.so",
			  &(struct tiny_spec){.needed = {"liba.so"}, .runpath = "$ORIGIN"});
		scene_put(&s, "liba.so", &(struct tiny_spec){.needed = {"libb.so"}});
		scene_put(&s, "libb.so", &(struct tiny_spec){.exports = {"b"}});
		assert_int_equal(scene_load(&s, "x.so").loads, cases[i].loads);
		scene_close(&s);
	}
}

static void an_rpath_with_another_token_is_void(void **state)
{
	static const struct {
		const char *rpath;
		bool loads;
	} cases[] = {
		{"$ORIGIN", true},
		{"${ORIGIN}", true},
		{"/nosuch:$ORIGIN/.", true},
		{"$ORIGIN:$LIB", false},
		{"$PLATFORM:$ORIGIN", false},
		{"$ORIGIN:$", false},
		{"${ORIGIN", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mc_load load;
		struct scene s;

		scene_open(&s, NULL, MC_LIBC_MUSL);
		scene_put(&s, "x.so",
			  &(struct tiny_spec){.needed = {"liba.so"}, .rpath = cases[i].rpath});
		scene_put(&s, "liba.so", &(struct tiny_spec){.exports = {"a"}});
		load = scene_load(&s, "x.so");
		assert_int_equal(load.loads, cases[i].loads);
		if (!load.loads)
			assert_int_equal(load.complaints[0].is_voided_rpath,
					 strchr(cases[i].rpath, '$') != NULL);
		scene_close(&s);
	}
}

static void relocation_types_and_machines_are_told_apart(void **state)
{
	struct scene s;
	struct mc_load load;

	(void)state;
	scene_open(&s, NULL, MC_LIBC_MUSL);
	scene_put(
		&s, "odd.so",
		&(struct tiny_spec){.imports = {"puts"}, .needed = {"libc.so"}, .reloc_type = 200});
	load = scene_load(&s, "odd.so");
	assert_false(load.loads);
	assert_int_equal(load.complaints[0].kind, MC_COMPLAINT_RELOC);
	assert_int_equal(load.complaints[0].number, 200);
	scene_put(&s, "vax.so", &(struct tiny_spec){.machine = EM_VAX, .is_32 = true});
	load = scene_load(&s, "vax.so");
	assert_false(load.loads);
	assert_int_equal(load.complaints[0].kind, MC_COMPLAINT_MACHINE);
	scene_close(&s);
}

static void every_failed_allocation_is_reported(void **state)
{
	(void)state;
	for (size_t grant = 2;; grant++) {
		struct starve starve = {.left = SIZE_MAX};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_error err = MC_ERROR_INIT;
		struct mc_object *object;
		enum mc_status status;
		struct mc_load load;
		struct scene s;
		char path[600];

		scene_open(&s, &alloc, MC_LIBC_MUSL);
		scene_put(&s, "x.so",
			  &(struct tiny_spec){.needed = {"liba.so", "libnosuch.so"},
					      .imports = {"a", "nosuch"},
					      .rpath = "$ORIGIN"});
		scene_put(&s, "liba.so",
			  &(struct tiny_spec){.exports = {"a"}, .imports = {"nosuch"}});
		snprintf(path, sizeof(path), "%s/x.so", s.fixture.dir);
		/* Fill the page that is there, so that what follows needs new ones.  */
		while (starve.live < 2)
			assert_non_null(mc_arena_take(&s.arena, 4096, 1));
		starve.left = grant - 2;
		status = mc_objects_add_file(&s.objects, mc_str_of(path), &object, &err);
		if (status == MC_OK)
			status = mc_resolve(s.resolver, object, &load, &err);
		scene_close(&s);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 100);
	}
}

static int start(void **state)
{
	struct mc_error err = MC_ERROR_INIT;

	(void)state;
	return mc_elf_startup(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libc_names_are_those_of_load_library),
		cmocka_unit_test(lfs64_names_are_mapped_from_1_2_4_on),
		cmocka_unit_test(posix_fallocate64_fails_in_1_2_4_and_1_2_5),
		cmocka_unit_test(versions_are_compared_by_their_numbers),
		cmocka_unit_test(a_chain_is_loaded_breadth_first_and_once),
		cmocka_unit_test(what_is_missing_is_named_once_and_in_order),
		cmocka_unit_test(runpath_is_inherited_by_musl_only),
		cmocka_unit_test(an_rpath_with_another_token_is_void),
		cmocka_unit_test(relocation_types_and_machines_are_told_apart),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("resolve", tests, start, NULL);
}
