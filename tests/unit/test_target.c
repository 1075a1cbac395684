/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <elf.h>

#include <cmocka.h>

#include "muslcheck/target.h"

static struct mc_str text_of(const char *text)
{
	return (struct mc_str){text, strlen(text)};
}

static const struct mc_export_set *libc_set(const char *libc, uint16_t machine, const char *soname)
{
	const struct mc_libc *found = mc_libc_find(text_of(libc));
	uint8_t bits = machine == EM_386 || machine == EM_ARM ? 32 : 64;

	assert_non_null(found);
	return mc_export_set_pick(found->sets, machine, bits, text_of(soname));
}

static bool has(const struct mc_export_set *set, const char *name)
{
	assert_non_null(set);
	return mc_export_set_has(set, mc_name_id(text_of(name)), 0, true);
}

static bool has_version(const struct mc_export_set *set, const char *name, const char *version,
			bool skip_hidden)
{
	assert_non_null(set);
	return mc_export_set_has(set, mc_name_id(text_of(name)), mc_version_id(text_of(version)),
				 skip_hidden);
}

static const struct mc_export_set *library_set(const char *image, const char *soname,
					       uint16_t machine)
{
	struct mc_target target;
	const struct mc_library *library;

	assert_int_equal(mc_target_find(text_of(image), &target, NULL), MC_OK);
	library = mc_release_library(target.release, text_of(soname));
	assert_non_null(library);
	return mc_export_set_pick(library->sets, machine, 64, text_of(soname));
}

/* ---- the pool ---- */

static void every_name_is_found_by_its_text(void **state)
{
	uint32_t id = 1;

	(void)state;
	for (; mc_name_text(id).len; id++)
		assert_int_equal(mc_name_id(mc_name_text(id)), id);
	assert_in_range(id, 10000, 100000);
	assert_int_equal(mc_name_id(text_of("no_such_name_anywhere")), 0);
	assert_int_equal(mc_name_id(MC_STR("")), 0);
	assert_int_equal(mc_version_id(MC_STR("")), 0);
	assert_int_equal(mc_version_id(text_of("GLIBC_9.99")), 0);
}

static void keys_are_sorted_in_every_libc(void **state)
{
	const struct mc_libc *libc;

	(void)state;
	for (size_t i = 0; (libc = mc_libc_at(i)); i++)
		for (const struct mc_export_set *const *set = libc->sets; *set; set++)
			for (uint32_t k = 1; k < (*set)->keys_count; k++)
				assert_true((*set)->keys[k - 1] < (*set)->keys[k]);
}

/* ---- musl ---- */

static void musl_sets_have_the_counts_of_upstream(void **state)
{
	static const struct {
		const char *libc;
		uint32_t x86_64, aarch64;
	} facts[] = {
		{"musl-1.2.3", 1704, 1701},
		{"musl-1.2.4", 1644, 1641},
		{"musl-1.2.5", 1647, 1644},
		/* renameat2, posix_getdents and, in the release, __getauxval */
		{"musl-1.2.6", 1650, 1647},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		assert_int_equal(libc_set(facts[i].libc, EM_X86_64, "")->keys_count,
				 facts[i].x86_64);
		assert_int_equal(libc_set(facts[i].libc, EM_AARCH64, "")->keys_count,
				 facts[i].aarch64);
	}
}

/* Every machine of the images; two could not be had.  */
static void every_libc_has_its_machines(void **state)
{
	static const uint16_t machines[] = {EM_X86_64, EM_AARCH64, EM_386, EM_ARM,
					    EM_PPC64,  EM_S390,    243 /* EM_RISCV */};
	const struct mc_libc *libc;

	(void)state;
	for (size_t i = 0; (libc = mc_libc_at(i)); i++)
		for (size_t m = 0; m < sizeof(machines) / sizeof(machines[0]); m++) {
			uint16_t machine = machines[m];
			uint8_t bits = machine == EM_386 || machine == EM_ARM ? 32 : 64;
			bool is_had = true;

			if (strcmp(libc->version, "1.2.4") == 0)
				is_had = machine != EM_ARM && machine != EM_S390;
			if (strcmp(libc->version, "2.31") == 0)
				is_had = m < 4;
			if (strcmp(libc->version, "2.36") == 0)
				is_had = machine != 243;
			assert_int_equal(
				!!mc_export_set_pick(libc->sets, machine, bits, MC_STR("")),
				is_had);
		}
	assert_true(has(libc_set("musl-1.2.5", EM_S390, ""), "__tls_get_addr"));
}

static void lfs64_names_are_exports_only_before_1_2_4(void **state)
{
	(void)state;
	assert_true(has(libc_set("musl-1.2.3", EM_X86_64, ""), "open64"));
	assert_true(has(libc_set("musl-1.2.3", EM_AARCH64, ""), "posix_fallocate64"));
	assert_false(has(libc_set("musl-1.2.4", EM_X86_64, ""), "open64"));
	assert_false(has(libc_set("musl-1.2.5", EM_X86_64, ""), "posix_fallocate64"));
	assert_false(has(libc_set("musl-1.2.6", EM_X86_64, ""), "open64"));
	assert_false(has(libc_set("musl-1.2.3", EM_X86_64, ""), "fcntl64"));
}

static void musl_names_came_in_their_release(void **state)
{
	(void)state;
	assert_false(has(libc_set("musl-1.2.4", EM_X86_64, ""), "statx"));
	assert_true(has(libc_set("musl-1.2.5", EM_X86_64, ""), "statx"));
	assert_true(has(libc_set("musl-1.2.5", EM_AARCH64, ""), "preadv2"));
	assert_false(has(libc_set("musl-1.2.5", EM_X86_64, ""), "renameat2"));
	assert_true(has(libc_set("musl-1.2.6", EM_X86_64, ""), "renameat2"));
	assert_true(has(libc_set("musl-1.2.6", EM_AARCH64, ""), "posix_getdents"));
	assert_true(has(libc_set("musl-1.2.3", EM_X86_64, ""), "qsort_r"));
}

static void what_debian_adds_to_musl_or_drops_is_undone(void **state)
{
	static const char *const musls[] = {"musl-1.2.3", "musl-1.2.4", "musl-1.2.5", "musl-1.2.6"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_false(has(libc_set(musls[i], EM_X86_64, ""), "fts_open"));
		assert_true(has(libc_set(musls[i], EM_X86_64, ""), "crypt"));
		assert_true(has(libc_set(musls[i], EM_AARCH64, ""), "encrypt"));
	}
}

static void musl_exports_no_versions(void **state)
{
	const struct mc_export_set *set = libc_set("musl-1.2.5", EM_X86_64, "");

	(void)state;
	assert_int_equal(set->version_ids_count, 0);
	assert_false(has_version(set, "memcpy", "GLIBC_2.14", false));
	assert_false(mc_export_set_defines(set, 0));
}

/* ---- glibc ---- */

static void glibc_keeps_default_and_hidden_versions_apart(void **state)
{
	const struct mc_export_set *set = libc_set("glibc-2.41", EM_X86_64, "libc.so.6");

	(void)state;
	assert_true(has_version(set, "memcpy", "GLIBC_2.14", true));
	assert_false(has_version(set, "memcpy", "GLIBC_2.2.5", true));
	assert_true(has_version(set, "memcpy", "GLIBC_2.2.5", false));
	/* Only hidden ones are left of what glibc took back.  */
	assert_false(has(set, "__malloc_hook"));
	assert_true(mc_export_set_has(set, mc_name_id(text_of("__malloc_hook")), 0, false));
}

static void versions_without_symbols_are_defined_too(void **state)
{
	(void)state;
	assert_true(mc_export_set_defines(libc_set("glibc-2.36", EM_X86_64, "libc.so.6"),
					  mc_version_id(text_of("GLIBC_ABI_DT_RELR"))));
	assert_false(mc_export_set_defines(libc_set("glibc-2.31", EM_X86_64, "libc.so.6"),
					   mc_version_id(text_of("GLIBC_ABI_DT_RELR"))));
	assert_false(mc_export_set_defines(libc_set("glibc-2.36", EM_X86_64, "libc.so.6"),
					   mc_version_id(text_of("GLIBC_2.38"))));
}

static void libpthread_is_merged_into_libc_since_2_34(void **state)
{
	(void)state;
	assert_true(has_version(libc_set("glibc-2.31", EM_X86_64, "libpthread.so.0"),
				"pthread_create", "GLIBC_2.2.5", true));
	assert_false(has(libc_set("glibc-2.31", EM_X86_64, "libc.so.6"), "pthread_create"));
	assert_false(has(libc_set("glibc-2.36", EM_X86_64, "libpthread.so.0"), "pthread_create"));
	assert_true(has_version(libc_set("glibc-2.36", EM_X86_64, "libc.so.6"), "pthread_create",
				"GLIBC_2.34", true));
	/* What the empty libpthread keeps defining for programs of old.  */
	assert_true(mc_export_set_defines(libc_set("glibc-2.41", EM_X86_64, "libpthread.so.0"),
					  mc_version_id(text_of("GLIBC_2.2.5"))));
}

static void glibc_has_its_loader_and_side_libraries(void **state)
{
	(void)state;
	assert_true(
		has(libc_set("glibc-2.41", EM_X86_64, "ld-linux-x86-64.so.2"), "__tls_get_addr"));
	assert_non_null(libc_set("glibc-2.41", EM_AARCH64, "ld-linux-aarch64.so.1"));
	assert_non_null(libc_set("glibc-2.31", EM_X86_64, "libmvec.so.1"));
	assert_true(has_version(libc_set("glibc-2.36", EM_X86_64, "libm.so.6"), "exp", "GLIBC_2.29",
				true));
	assert_null(libc_set("glibc-2.36", EM_X86_64, "libstdc++.so.6"));
}

/* ---- images ---- */

static void assert_image(const char *name, const char *expected)
{
	struct mc_target target;

	assert_int_equal(mc_target_find(text_of(name), &target, NULL), MC_OK);
	assert_string_equal(target.name, expected);
	assert_ptr_equal(target.libc, target.release->libc);
}

static void images_are_found_in_every_form(void **state)
{
	(void)state;
	assert_image("python:3.12-alpine3.24", "python:3.12-alpine3.24");
	assert_image("python:3.12-alpine", "python:3.12-alpine3.24");
	assert_image("python:3.9-alpine", "python:3.9-alpine3.22");
	assert_image("python:3.12-slim", "python:3.12-slim-trixie");
	assert_image("3.12-slim-bookworm", "python:3.12-slim-bookworm");
	assert_image("docker.io/library/python:3.12.4-alpine3.20", "python:3.12-alpine3.20");
	assert_image("python:3.15-rc-slim", "python:3.15-slim-trixie");
	/* 3.15 was a release candidate when the list was made.  */
	assert_image("alpine3.23", "python:3.14-alpine3.23");
	assert_image("python:slim", "python:3.14-slim-trixie");
	assert_image("python:3-alpine", "python:3.14-alpine3.24");
}

static void pairs_that_never_existed_are_not_found(void **state)
{
	static const char *const names[] = {
		"python:3.9-alpine3.23",
		"python:3.15-slim-bullseye",
		"python:3.8-alpine",
		"python:2.7-alpine",
		"python:3.12-alpine3.99",
		"python:3.12-windows",
		"python:3.12",
		"python:",
		"",
	};
	struct mc_target target;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(mc_target_find(text_of(names[i]), &target, NULL),
				 MC_ERR_NOT_FOUND);
}

static void an_unknown_image_names_its_nearest(void **state)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_target target;

	(void)state;
	assert_int_equal(mc_target_find(MC_STR("python:3.9-alpine3.24"), &target, &err),
			 MC_ERR_NOT_FOUND);
	assert_string_equal(err.subject, "python:3.9-alpine3.24");
	assert_non_null(strstr(err.text, "python:3.9-alpine3.22"));
	err = MC_ERROR_INIT;
	assert_int_equal(mc_target_find(MC_STR("python:3.8-slim"), &target, &err),
			 MC_ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "-slim-trixie"));
}

static void the_default_pair_is_the_newest_of_its_python(void **state)
{
	(void)state;
	assert_string_equal(mc_target_default(12, MC_LIBC_MUSL).name, "python:3.12-alpine3.24");
	assert_string_equal(mc_target_default(9, MC_LIBC_GLIBC).name, "python:3.9-slim-trixie");
	assert_int_equal(mc_target_default(0, MC_LIBC_MUSL).python_minor, 14);
	assert_int_equal(mc_target_default(8, MC_LIBC_MUSL).python_minor, 9);
	assert_int_equal(mc_target_default(99, MC_LIBC_GLIBC).python_minor, 15);
}

static void images_know_their_libc_and_their_time(void **state)
{
	struct mc_target target;

	(void)state;
	assert_int_equal(mc_target_find(MC_STR("python:3.9-alpine3.18"), &target, NULL), MC_OK);
	assert_string_equal(target.libc->version, "1.2.4");
	assert_false(target.image->is_current);
	assert_int_equal(mc_target_find(MC_STR("python:3.12-alpine3.24"), &target, NULL), MC_OK);
	assert_string_equal(target.libc->version, "1.2.6");
	assert_true(target.image->is_current);
	assert_int_equal(target.image->size_kb, 48870);
	assert_int_equal(mc_target_find(MC_STR("3.11-slim-bullseye"), &target, NULL), MC_OK);
	assert_string_equal(target.libc->version, "2.31");
}

/* ---- classes ---- */

static void assert_class(const char *name, enum mc_class expected)
{
	const struct mc_name_class *found = mc_name_class(text_of(name));

	if (found->name_class != expected)
		fail_msg("%s has class %d", name, found->name_class);
}

static void classes_say_what_a_missing_name_means(void **state)
{
	(void)state;
	assert_class("__memcpy_chk", MC_CLASS_ARTEFACT);
	assert_class("__isoc23_strtol", MC_CLASS_ARTEFACT);
	assert_class("fcntl64", MC_CLASS_ARTEFACT);
	assert_class("open64", MC_CLASS_ARTEFACT);
	assert_class("_dl_argv", MC_CLASS_INTERNAL);
	assert_class("malloc_trim", MC_CLASS_GNU_API);
	assert_class("register_printf_function", MC_CLASS_GNU_API);
	assert_class("makecontext", MC_CLASS_PACKAGE);
	assert_class("fts_open", MC_CLASS_PACKAGE);
	assert_class("printf", MC_CLASS_NONE);
	assert_class("no_such_name_anywhere", MC_CLASS_NONE);
	assert_string_equal(mc_name_class(MC_STR("makecontext"))->package, "libucontext");
	assert_true(mc_name_class(MC_STR("__memcpy_chk"))->in_gcompat);
	assert_false(mc_name_class(MC_STR("fcntl64"))->in_gcompat);
	assert_string_equal(mc_name_class(MC_STR("canonicalize_file_name"))->replacement,
			    "realpath(path, NULL)");
}

/* Every default export of every glibc, against every musl of its machine.  */
static void every_glibc_name_that_a_musl_lacks_has_a_class(void **state)
{
	const struct mc_libc *glibc, *musl;

	(void)state;
	for (size_t g = 0; (glibc = mc_libc_at(g)); g++) {
		if (glibc->family != MC_LIBC_GLIBC)
			continue;
		for (size_t m = 0; (musl = mc_libc_at(m)) && musl->family == MC_LIBC_MUSL; m++) {
			for (const struct mc_export_set *const *set = glibc->sets; *set; set++) {
				const struct mc_export_set *other = mc_export_set_pick(
					musl->sets, (*set)->machine, (*set)->word_bits, MC_STR(""));

				for (uint32_t k = 0; other && k < (*set)->keys_count; k++) {
					uint32_t id = (*set)->keys[k] >> 12;
					struct mc_str name = mc_name_text(id);

					if (!mc_export_set_has(other, id, 0, true) &&
					    mc_name_class(name)->name_class == MC_CLASS_NONE)
						fail_msg("%.*s has no class", (int)name.len,
							 name.ptr);
				}
			}
		}
	}
}

/* ---- machines ---- */

static void machines_have_the_names_of_platform_tags(void **state)
{
	(void)state;
	assert_string_equal(mc_machine_name(EM_X86_64, 64, false), "x86_64");
	assert_null(mc_machine_name(EM_X86_64, 32, false));
	assert_string_equal(mc_machine_name(EM_AARCH64, 64, false), "aarch64");
	assert_string_equal(mc_machine_name(EM_ARM, 32, false), "armv7l");
	assert_string_equal(mc_machine_name(EM_386, 32, false), "i686");
	assert_string_equal(mc_machine_name(EM_PPC64, 64, false), "ppc64le");
	assert_null(mc_machine_name(EM_PPC64, 64, true));
	assert_string_equal(mc_machine_name(EM_S390, 64, true), "s390x");
	assert_string_equal(mc_machine_name(243, 64, false), "riscv64");
	assert_null(mc_machine_name(EM_MIPS, 32, false));
}

static void slim_libraries_are_of_the_suite_s_gcc(void **state)
{
	const struct mc_export_set *gcc12 =
		library_set("python:3.12-slim-bookworm", "libstdc++.so.6", EM_X86_64);
	const struct mc_export_set *gcc14 =
		library_set("python:3.12-slim-trixie", "libstdc++.so.6", EM_AARCH64);

	(void)state;
	assert_non_null(gcc12);
	assert_non_null(gcc14);
	assert_true(mc_export_set_defines(gcc12, mc_version_id(text_of("GLIBCXX_3.4.30"))));
	assert_false(mc_export_set_defines(gcc12, mc_version_id(text_of("GLIBCXX_3.4.32"))));
	assert_true(mc_export_set_defines(gcc14, mc_version_id(text_of("GLIBCXX_3.4.33"))));
}

static void alpine_libraries_are_of_the_release_s_gcc(void **state)
{
	/* std::chrono::tzdb::current_zone(), GLIBCXX_3.4.31 */
	static const char *const gcc13 = "_ZNKSt6chrono4tzdb12current_zoneEv";
	const struct mc_export_set *old =
		library_set("python:3.12-alpine3.18", "libstdc++.so.6", EM_X86_64);
	const struct mc_export_set *new =
		library_set("python:3.12-alpine3.19", "libstdc++.so.6", EM_X86_64);

	(void)state;
	assert_true(has(old, "_ZNSt13random_device14_M_init_pretr1ERKNSt7__cxx1112basic_"
			     "stringIcSt11char_traitsIcESaIcEEE"));
	assert_false(has(old, gcc13));
	assert_true(has(new, gcc13));
	assert_false(
		has(library_set("python:3.12-alpine3.18", "libstdc++.so.6", EM_AARCH64), gcc13));
	assert_true(
		has(library_set("python:3.12-alpine3.24", "libstdc++.so.6", EM_AARCH64), gcc13));
}

/* GCC 13's <iostream> asks for it; a libstdc++ without symbol versions, as Alpine's, has it not. */
static void libstdcxx_on_musl_lacks_ios_base_library_init(void **state)
{
	static const char *const name = "_ZSt21ios_base_library_initv";

	(void)state;
	assert_true(has(library_set("python:3.12-slim", "libstdc++.so.6", EM_X86_64), name));
	assert_false(has(library_set("3.12-slim-bookworm", "libstdc++.so.6", EM_X86_64), name));
	assert_false(has(library_set("3.12-alpine3.19", "libstdc++.so.6", EM_X86_64), name));
	assert_false(has(library_set("3.12-alpine3.22", "libstdc++.so.6", EM_AARCH64), name));
}

static void libstdcxx_on_musl_lacks_what_is_of_glibc_s_locales(void **state)
{
	static const char *const name = "_ZNSt10moneypunctIcLb0EEC1EP15__locale_structPKcm";

	(void)state;
	assert_true(has(library_set("python:3.12-slim", "libstdc++.so.6", EM_X86_64), name));
	assert_false(has(library_set("python:3.12-alpine", "libstdc++.so.6", EM_X86_64), name));
}

static void libgfortran_on_musl_lacks_ieee_on_aarch64(void **state)
{
	static const char *const name = "__ieee_exceptions_MOD_ieee_get_status";

	(void)state;
	assert_true(has(library_set("3.12-slim", "libgfortran.so.5", EM_AARCH64), name));
	assert_false(has(library_set("3.12-alpine3.22", "libgfortran.so.5", EM_AARCH64), name));
}

static void assert_library(const char *image, const char *soname, bool is_shipped,
			   const char *package)
{
	const struct mc_library *library;
	struct mc_target target;

	assert_int_equal(mc_target_find(text_of(image), &target, NULL), MC_OK);
	library = mc_target_library(&target, text_of(soname));
	if (!library)
		fail_msg("%s: no %s", image, soname);
	assert_int_equal(library->is_shipped, is_shipped);
	if (package)
		assert_string_equal(library->package, package);
}

static void images_ship_what_their_python_links_to(void **state)
{
	(void)state;
	assert_library("python:3.12-alpine", "libz.so.1", true, "zlib");
	assert_library("python:3.12-alpine", "libintl.so.8", true, "libintl");
	assert_library("python:3.12-alpine", "libstdc++.so.6", false, "libstdc++");
	assert_library("python:3.12-slim", "libstdc++.so.6", true, "libstdc++6");
	assert_library("python:3.12-slim", "libgomp.so.1", false, "libgomp1");
	assert_library("python:3.12-slim", "libGL.so.1", false, "libgl1");
	assert_library("python:3.12-slim", "libssl.so.3", true, "libssl3t64");
	assert_library("python:3.9-slim-bullseye", "libssl.so.1.1", true, "libssl1.1");
	assert_library("python:3.12-slim-bookworm", "libgdal.so.32", false, "libgdal32");
	assert_library("python:3.12-slim", "libblas.so.3", false, "libblas3");
}

static void only_its_own_libpython_is_in_an_image(void **state)
{
	struct mc_target target = mc_target_default(12, MC_LIBC_MUSL);

	(void)state;
	assert_library("python:3.12-alpine", "libpython3.12.so.1.0", true, NULL);
	assert_library("python:3.9-slim", "libpython3.so", true, NULL);
	assert_null(mc_target_library(&target, MC_STR("libpython3.11.so.1.0")));
	assert_null(mc_target_library(&target, MC_STR("libtinfo.so.6")));
	target.release = NULL;
	assert_null(mc_target_library(&target, MC_STR("libpython3.12.so.1.0")));
}

/* mc_release_library() is a binary search: the generated lists must be sorted.  */
static void every_library_of_every_release_is_found(void **state)
{
	const struct mc_image_entry *image;

	(void)state;
	for (size_t i = 0; (image = mc_image_at(i)); i++)
		for (size_t k = 0; k < image->release->libraries_count; k++) {
			const struct mc_library *library = &image->release->libraries[k];

			assert_ptr_equal(
				mc_release_library(image->release, text_of(library->soname)),
				library);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_found_by_its_text),
		cmocka_unit_test(keys_are_sorted_in_every_libc),
		cmocka_unit_test(musl_sets_have_the_counts_of_upstream),
		cmocka_unit_test(every_libc_has_its_machines),
		cmocka_unit_test(lfs64_names_are_exports_only_before_1_2_4),
		cmocka_unit_test(musl_names_came_in_their_release),
		cmocka_unit_test(what_debian_adds_to_musl_or_drops_is_undone),
		cmocka_unit_test(musl_exports_no_versions),
		cmocka_unit_test(glibc_keeps_default_and_hidden_versions_apart),
		cmocka_unit_test(versions_without_symbols_are_defined_too),
		cmocka_unit_test(libpthread_is_merged_into_libc_since_2_34),
		cmocka_unit_test(glibc_has_its_loader_and_side_libraries),
		cmocka_unit_test(images_are_found_in_every_form),
		cmocka_unit_test(pairs_that_never_existed_are_not_found),
		cmocka_unit_test(an_unknown_image_names_its_nearest),
		cmocka_unit_test(the_default_pair_is_the_newest_of_its_python),
		cmocka_unit_test(images_know_their_libc_and_their_time),
		cmocka_unit_test(classes_say_what_a_missing_name_means),
		cmocka_unit_test(every_glibc_name_that_a_musl_lacks_has_a_class),
		cmocka_unit_test(machines_have_the_names_of_platform_tags),
		cmocka_unit_test(slim_libraries_are_of_the_suite_s_gcc),
		cmocka_unit_test(alpine_libraries_are_of_the_release_s_gcc),
		cmocka_unit_test(libstdcxx_on_musl_lacks_ios_base_library_init),
		cmocka_unit_test(libstdcxx_on_musl_lacks_what_is_of_glibc_s_locales),
		cmocka_unit_test(libgfortran_on_musl_lacks_ieee_on_aarch64),
		cmocka_unit_test(images_ship_what_their_python_links_to),
		cmocka_unit_test(only_its_own_libpython_is_in_an_image),
		cmocka_unit_test(every_library_of_every_release_is_found),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
