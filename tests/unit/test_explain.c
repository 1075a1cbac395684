/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "muslcheck/explain.h"

/* docs/rules/ and src/rules.c name the same rules in the same order.  */
static void test_rules_page_is_the_programs(void **state)
{
	(void)state;
	assert_int_equal(mc_rule_texts_count, MC_RULES_COUNT);
	for (int i = 0; i < MC_RULES_COUNT; i++) {
		const struct mc_rule_info *info = mc_rule_info((enum mc_rule)i);

		assert_string_equal(mc_rule_texts[i].code, info->code);
		assert_string_equal(mc_rule_texts[i].name, info->name);
		assert_ptr_equal(mc_explain_rule(mc_str_of(info->code)), &mc_rule_texts[i]);
		assert_ptr_equal(mc_explain_rule(mc_str_of(info->name)), &mc_rule_texts[i]);
		assert_true(strlen(mc_rule_texts[i].what) > 0);
	}
	assert_null(mc_explain_rule(MC_STR("MC999")));
	assert_null(mc_explain_rule(MC_STR("")));
}

static void test_near_names(void **state)
{
	struct mc_str near[3];

	(void)state;
	assert_int_equal(mc_explain_near(MC_STR("missing-symbl"), near, 3), 1);
	assert_true(mc_str_is(near[0], MC_STR("missing-symbol")));
	assert_true(mc_explain_near(MC_STR("memcpyy"), near, 3) > 0);
	assert_true(mc_str_is(near[0], MC_STR("memcpy")));
	assert_int_equal(mc_explain_near(MC_STR("nobody_has_a_name_like_this"), near, 3), 0);
}

static void test_empty_name(void **state)
{
	const struct mc_answer *answers;
	struct mc_error err = MC_ERROR_INIT;
	struct mc_arena arena;
	size_t count;

	(void)state;
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_explain_symbol(MC_STR("@"), &arena, &answers, &count, &err), MC_OK);
	assert_int_equal(count, 0);
	mc_arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_page_is_the_programs),
		cmocka_unit_test(test_near_names),
		cmocka_unit_test(test_empty_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
