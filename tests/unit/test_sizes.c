/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judge.h"

#define TEXT(literal) {literal, sizeof(literal) - 1}

static struct mc_target image(const char *name)
{
	struct mc_target target;

	assert_int_equal(mc_target_find(mc_str_of(name), &target, NULL), MC_OK);
	return target;
}

static void sums_hold_what_is_known_on_both_images(void **state)
{
	static const struct mc_dist installed = {.kind = MC_DIST_INSTALLED, .name = TEXT("a")};
	static const struct mc_dist loose = {.kind = MC_DIST_LOOSE, .name = TEXT("")};
	const struct mc_dist_verdict dists[] = {
		{.dist = &installed, .nbytes = 1000, .against_nbytes = 3000},
		{.dist = &installed, .nbytes = 0, .against_nbytes = 7000},
		{.dist = &loose},
	};
	const struct mc_package_need needs[] = {{"libstdc++", "libstdc++.so.6"}, {"nosuch", "libx.so"}};
	struct mc_survey survey = {
		.target = image("python:3.12-alpine3.24"),
		.against = image("python:3.12-slim-trixie"),
		.dists = dists,
		.dists_count = 3,
		.packages = needs,
		.packages_count = 2,
	};

	(void)state;
	mc_survey_measure(&survey);
	assert_int_equal(survey.sizes.dists_unknown, 1);
	assert_int_equal(survey.sizes.target.dists_nbytes, 1000);
	assert_int_equal(survey.sizes.against.dists_nbytes, 3000);
	assert_int_equal(survey.sizes.target.packages_unknown, 1);
	assert_int_equal(survey.sizes.target.packages_kb,
			 mc_package_size_kb(MC_LIBC_MUSL, mc_str_of("libstdc++")));
	assert_true(survey.sizes.target.packages_kb > 2000);
	assert_false(survey.sizes.target.is_image_near);
	assert_int_equal(mc_size_total(&survey.sizes.target),
			 1000 + 1000 * (survey.target.image->size_kb + survey.sizes.target.packages_kb));
}

static void an_image_that_nobody_measured_takes_its_neighbours_size(void **state)
{
	struct mc_survey survey = {.target = image("python:3.9-alpine3.18"),
				   .against = image("python:3.9-slim-bullseye")};

	(void)state;
	assert_int_equal(survey.target.image->size_kb, 0);
	mc_survey_measure(&survey);
	assert_true(survey.sizes.target.is_image_near);
	assert_int_equal(survey.sizes.target.image_kb, image("python:3.10-alpine3.24").image->size_kb);
	assert_true(survey.sizes.against.is_image_near);
	assert_true(survey.sizes.against.image_kb > survey.sizes.target.image_kb);
}

static void a_bare_libc_has_no_size(void **state)
{
	struct mc_survey survey = {.target = {.name = "libc.so"},
				   .against = image("python:3.12-slim-trixie")};

	(void)state;
	mc_survey_measure(&survey);
	assert_int_equal(survey.sizes.target.image_kb, 0);
}

static void packages_are_of_one_family(void **state)
{
	(void)state;
	assert_int_equal(mc_package_size_kb(MC_LIBC_GLIBC, mc_str_of("libstdc++")), 0);
	assert_true(mc_package_size_kb(MC_LIBC_GLIBC, mc_str_of("libatomic1")) > 0);
	assert_int_equal(mc_package_size_kb(MC_LIBC_MUSL, mc_str_of("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_hold_what_is_known_on_both_images),
		cmocka_unit_test(an_image_that_nobody_measured_takes_its_neighbours_size),
		cmocka_unit_test(a_bare_libc_has_no_size),
		cmocka_unit_test(packages_are_of_one_family),
	};

	return cmocka_run_group_tests_name("sizes", tests, NULL, NULL);
}
