/* SPDX-License-Identifier: MIT */
/* The expected answers are those of packaging; probe/pep440-cases asks it.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "muslcheck/pep440.h"
#include "pep440_cases.h"

#define VERSIONS_COUNT (sizeof(pep440_versions) / sizeof(*pep440_versions))
#define PROBES_COUNT (sizeof(pep440_probes) / sizeof(*pep440_probes))
#define SETS_COUNT (sizeof(pep440_sets) / sizeof(*pep440_sets))

static int compare(const char *a, const char *b)
{
	int order = mc_pep440_compare(mc_str_of(a), mc_str_of(b));

	return (order > 0) - (order < 0);
}

static bool takes(const char *specifiers, const char *version)
{
	return mc_pep440_takes(mc_str_of(specifiers), mc_str_of(version), true);
}

static void versions_are_valid_as_packaging_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS_COUNT; i++) {
		const struct pep440_version *version = &pep440_versions[i];
		struct mc_str text = mc_str_of(version->text);

		if (mc_pep440_is_valid(text) != version->is_valid)
			fail_msg("\"%s\": is_valid", version->text);
		if (mc_pep440_is_prerelease(text) != version->is_prerelease)
			fail_msg("\"%s\": is_prerelease", version->text);
	}
}

static void any_two_versions_stand_as_packaging_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS_COUNT; i++)
		for (size_t k = 0; k < VERSIONS_COUNT; k++) {
			const struct pep440_version *a = &pep440_versions[i],
						    *b = &pep440_versions[k];

			if (compare(a->text, b->text) != (a->rank > b->rank) - (a->rank < b->rank))
				fail_msg("\"%s\" and \"%s\"", a->text, b->text);
		}
}

static void sets_take_what_packaging_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < SETS_COUNT; i++) {
		struct mc_str specifiers = mc_str_of(pep440_sets[i].specifiers);

		assert_int_equal(strlen(pep440_sets[i].answers), PROBES_COUNT);
		for (size_t k = 0; k < PROBES_COUNT; k++) {
			struct mc_str probe = mc_str_of(pep440_probes[k]);
			char answer = '.';

			if (mc_pep440_takes(specifiers, probe, true))
				answer = mc_pep440_takes(specifiers, probe, false) ? '+' : 'p';
			else
				assert_false(mc_pep440_takes(specifiers, probe, false));
			if (answer != pep440_sets[i].answers[k])
				fail_msg("\"%s\" of \"%s\": %c", pep440_sets[i].specifiers,
					 pep440_probes[k], answer);
		}
	}
}

static void greater_takes_no_post_release_of_its_own(void **state)
{
	(void)state;
	assert_false(takes(">1.7", "1.7.post1"));
	assert_false(takes(">1.7", "1.7.0.post1"));
	assert_false(takes(">1.7", "1.7+local"));
	assert_true(takes(">1.7", "1.7.1"));
	assert_true(takes(">1.7.post1", "1.7.post2"));
}

static void less_takes_no_prerelease_of_its_own_unless_it_names_one(void **state)
{
	(void)state;
	assert_false(takes("<1.7", "1.7rc1"));
	assert_false(takes("<1.7", "1.7.dev0"));
	assert_true(takes("<1.7", "1.6.9rc1"));
	assert_true(takes("<1.7rc2", "1.7rc1"));
}

static void numbers_have_any_length(void **state)
{
	char a[10003] = "1.", b[10003] = "1.";

	(void)state;
	memset(a + 2, '9', 10000);
	memset(b + 2, '9', 10000);
	assert_int_equal(compare(a, b), 0);
	b[10001] = '8';
	assert_int_equal(compare(a, b), 1);
	memset(b + 2, '0', 9999);
	assert_int_equal(compare(b, "1.8"), 0);
	assert_int_equal(compare(a, b), 1);
}

static void no_byte_and_no_end_is_a_surprise(void **state)
{
	static const char text[] = "1!1.0a1-1.dev1+a.1";
	struct mc_str none = {NULL, 0};

	(void)state;
	for (size_t len = 1; len < sizeof(text); len++)
		for (unsigned byte = 0; byte < 256; byte++) {
			/* At the end of it, so that ASan sees a read behind the text.  */
			char buf[sizeof(text) + 1];
			struct mc_str version = {buf + sizeof(buf) - len, len};
			struct mc_str specifier = {version.ptr - 2, len + 2};

			memcpy(buf + sizeof(buf) - len - 2, "==", 2);
			memcpy(buf + sizeof(buf) - len, text, len);
			buf[sizeof(buf) - 1] = (char)byte;
			assert_int_equal(mc_pep440_compare(version, version), 0);
			assert_int_equal(mc_pep440_takes(specifier, version, true),
					 mc_pep440_is_valid(version));
		}
	assert_false(mc_pep440_is_valid((struct mc_str){"1.0\0", 4}));
	assert_false(mc_pep440_is_valid((struct mc_str){"1.0\xff", 4}));
	assert_false(mc_pep440_is_valid(none));
	assert_int_equal(mc_pep440_compare(none, none), 0);
	assert_true(mc_pep440_takes(none, none, false));
	assert_false(mc_pep440_takes(MC_STR("==1"), none, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_valid_as_packaging_says),
		cmocka_unit_test(any_two_versions_stand_as_packaging_says),
		cmocka_unit_test(sets_take_what_packaging_says),
		cmocka_unit_test(greater_takes_no_post_release_of_its_own),
		cmocka_unit_test(less_takes_no_prerelease_of_its_own_unless_it_names_one),
		cmocka_unit_test(numbers_have_any_length),
		cmocka_unit_test(no_byte_and_no_end_is_a_surprise),
	};

	return cmocka_run_group_tests_name("pep440", tests, NULL, NULL);
}
