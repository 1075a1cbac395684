/* SPDX-License-Identifier: MIT */
/* The expected answers are those of packaging.tags, asked with
 * python3 -c 'from packaging.tags import ...' and by pip download --platform.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "muslcheck/tag.h"

static bool takes(const char *python, const char *abi, const char *platform,
		  enum mc_libc_family family, const char *version, unsigned minor)
{
	struct mc_tag tag = {mc_str_of(python), mc_str_of(abi), mc_str_of(platform)};

	return mc_tag_is_taken(&tag, family, version, minor, "x86_64");
}

static void musl_takes_musllinux_up_to_its_own_minor(void **state)
{
	(void)state;
	assert_true(mc_platform_is_taken(MC_STR("musllinux_1_2_x86_64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_true(mc_platform_is_taken(MC_STR("musllinux_1_1_x86_64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("musllinux_1_3_x86_64"), MC_LIBC_MUSL, "1.2.6", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("musllinux_2_0_x86_64"), MC_LIBC_MUSL, "1.2.6", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("musllinux_1_2_aarch64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("manylinux_2_17_x86_64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("musllinux_1_2"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("musllinux_x_y_x86_64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
}

static void glibc_takes_manylinux_by_any_of_its_names(void **state)
{
	(void)state;
	assert_true(mc_platform_is_taken(MC_STR("manylinux1_x86_64"), MC_LIBC_GLIBC, "2.36", "x86_64"));
	assert_true(mc_platform_is_taken(MC_STR("manylinux2014_x86_64"), MC_LIBC_GLIBC, "2.36", "x86_64"));
	assert_true(mc_platform_is_taken(MC_STR("manylinux_2_36_x86_64"), MC_LIBC_GLIBC, "2.36", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("manylinux_2_37_x86_64"), MC_LIBC_GLIBC, "2.36", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("musllinux_1_1_x86_64"), MC_LIBC_GLIBC, "2.36", "x86_64"));
}

static void linux_and_any_are_taken_by_both(void **state)
{
	(void)state;
	assert_true(mc_platform_is_taken(MC_STR("linux_x86_64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_true(mc_platform_is_taken(MC_STR("linux_x86_64"), MC_LIBC_GLIBC, "2.41", "x86_64"));
	assert_true(mc_platform_is_taken(MC_STR("any"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("win_amd64"), MC_LIBC_MUSL, "1.2.5", "x86_64"));
	assert_false(mc_platform_is_taken(MC_STR("macosx_11_0_arm64"), MC_LIBC_GLIBC, "2.41", "x86_64"));
}

static void an_own_abi_wants_its_own_python(void **state)
{
	(void)state;
	assert_true(takes("cp312", "cp312", "linux_x86_64", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("cp311", "cp311", "linux_x86_64", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("cp313", "cp313t", "linux_x86_64", MC_LIBC_MUSL, "1.2.5", 13));
	assert_false(takes("pp310", "pypy310_pp73", "linux_x86_64", MC_LIBC_MUSL, "1.2.5", 10));
	assert_true(takes("cp312", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("cp311", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
}

static void abi3_and_py3_are_taken_from_their_version_on(void **state)
{
	(void)state;
	assert_true(takes("cp39", "abi3", "musllinux_1_2_x86_64", MC_LIBC_MUSL, "1.2.5", 12));
	assert_true(takes("cp312", "abi3", "musllinux_1_2_x86_64", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("cp313", "abi3", "musllinux_1_2_x86_64", MC_LIBC_MUSL, "1.2.5", 12));
	assert_true(takes("py3", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
	assert_true(takes("py310", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("py313", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("py2", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
	assert_false(takes("py3x", "none", "any", MC_LIBC_MUSL, "1.2.5", 12));
}

static void the_machine_stands_at_the_end_of_a_linux_platform(void **state)
{
	(void)state;
	assert_true(mc_str_is(mc_platform_machine(MC_STR("manylinux_2_17_aarch64")), MC_STR("aarch64")));
	assert_true(mc_str_is(mc_platform_machine(MC_STR("linux_armv7l")), MC_STR("armv7l")));
	assert_int_equal(mc_platform_machine(MC_STR("any")).len, 0);
	assert_int_equal(mc_platform_machine(MC_STR("macosx_10_9_x86_64")).len, 0);
}

/* tag_cases.h: best first for each system, then those that are not taken.  */
static void tags_stand_in_the_order_of_packaging(void **state)
{
	static const struct {
		enum mc_libc_family family;
		const char *libc_version, *machine;
		unsigned minor;
		const char *python, *abi, *platform;
		int place;
	} cases[] = {
#include "tag_cases.h"
	};
	long before = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mc_tag tag = {mc_str_of(cases[i].python), mc_str_of(cases[i].abi),
				     mc_str_of(cases[i].platform)};
		long rank = mc_tag_rank(&tag, cases[i].family, cases[i].libc_version, cases[i].minor,
					cases[i].machine);

		if (cases[i].place <= 0)
			before = -1;
		if ((rank >= 0) != (cases[i].place >= 0) || (rank >= 0 && rank <= before))
			fail_msg("%s-%s-%s on %s %s %s, Python 3.%u: place %d, rank %ld after %ld",
				 cases[i].python, cases[i].abi, cases[i].platform, cases[i].machine,
				 cases[i].family == MC_LIBC_MUSL ? "musl" : "glibc", cases[i].libc_version,
				 cases[i].minor, cases[i].place, rank, before);
		before = rank;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_stand_in_the_order_of_packaging),
		cmocka_unit_test(musl_takes_musllinux_up_to_its_own_minor),
		cmocka_unit_test(glibc_takes_manylinux_by_any_of_its_names),
		cmocka_unit_test(linux_and_any_are_taken_by_both),
		cmocka_unit_test(an_own_abi_wants_its_own_python),
		cmocka_unit_test(abi3_and_py3_are_taken_from_their_version_on),
		cmocka_unit_test(the_machine_stands_at_the_end_of_a_linux_platform),
	};

	return cmocka_run_group_tests_name("tag", tests, NULL, NULL);
}
