/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "starve.h"
#include "toml.h"

static struct mc_arena arena;

static int open_arena(void **state)
{
	(void)state;
	mc_arena_init(&arena, NULL);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	return 0;
}

static const struct mc_toml *read_good(const char *text)
{
	struct mc_error err = MC_ERROR_INIT;
	const struct mc_toml *root = NULL;
	enum mc_status status = mc_toml_read(&arena, mc_str_of(text), &root, &err);

	if (status)
		print_error("%s\n", err.text);
	assert_int_equal(status, MC_OK);
	return root;
}

static void assert_bad(struct mc_str text, enum mc_status wanted, const char *words)
{
	struct mc_error err = MC_ERROR_INIT;
	const struct mc_toml *root = NULL;

	assert_int_equal(mc_toml_read(&arena, text, &root, &err), wanted);
	assert_null(root);
	assert_non_null(strstr(err.text, words));
	for (const char *c = err.text; *c; c++)
		assert_true(*c >= ' ' && *c <= '~');
}

static void a_table_gives_its_values_by_key(void **state)
{
	const struct mc_toml *root = read_good("b = 'two'\na = 1\n[t]\nyes = true\nx.y = [1.5, \"s\"]\n");
	const struct mc_toml *t = mc_toml_get(root, MC_STR("t"));
	size_t count;
	const struct mc_toml *list = mc_toml_items(mc_toml_get(t, MC_STR("x")), MC_STR("y"), &count);

	(void)state;
	assert_true(mc_str_is(mc_toml_text(root, MC_STR("b")), MC_STR("two")));
	assert_int_equal(mc_toml_get(root, MC_STR("a"))->integer, 1);
	assert_int_equal(mc_toml_get(t, MC_STR("yes"))->type, MC_TOML_BOOL);
	assert_int_equal(mc_toml_get(t, MC_STR("yes"))->integer, 1);
	assert_int_equal(mc_toml_get(t, MC_STR("yes"))->line, 4);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].type, MC_TOML_OTHER);
	assert_int_equal(list[1].type, MC_TOML_TEXT);
}

static void what_is_not_there_is_null_or_empty(void **state)
{
	const struct mc_toml *root = read_good("a = 1\n");
	size_t count = 7;

	(void)state;
	assert_null(mc_toml_get(NULL, MC_STR("a")));
	assert_null(mc_toml_get(mc_toml_get(root, MC_STR("a")), MC_STR("a")));
	assert_int_equal(mc_toml_text(root, MC_STR("a")).len, 0);
	assert_null(mc_toml_items(root, MC_STR("b"), &count));
	assert_int_equal(count, 0);
}

static void every_key_of_a_large_table_is_found(void **state)
{
	static char text[64 * 1024];
	const struct mc_toml *root;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "\"k%u\\u00e9\" = %u\n", i, i);
	root = read_good(text);
	assert_int_equal(root->items_count, 2000);
	for (unsigned i = 0; i < 2000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%u\xc3\xa9", i);
		assert_int_equal(mc_toml_get(root, mc_str_of(key))->integer, i);
	}
}

static void an_error_has_its_line(void **state)
{
	(void)state;
	assert_bad(MC_STR("a = 1\nb = \n"), MC_ERR_FORMAT, "line 2:");
	assert_bad(MC_STR("a = 1\na = 2\n"), MC_ERR_FORMAT, "line 2:");
	assert_bad(MC_STR("\"\xff\xfe\" = 1\n"), MC_ERR_FORMAT, "line 1:");
	assert_bad(MC_STR("a = '\001'\n"), MC_ERR_FORMAT, "line 1:");
	assert_bad(MC_STR("a = \"never closed"), MC_ERR_FORMAT, "line 1:");
	assert_bad(MC_STR("\0\0\0\0"), MC_ERR_FORMAT, "line 1:");
}

/* toml++ 3.3 has undefined behaviour where it asks whether these letters are blanks.  */
static void other_letters_are_no_blanks(void **state)
{
	const struct mc_toml *root = read_good("a = \"\"\"x\\\n  \xc3\xa9 y\"\"\"\n\"\xc3\xa9\" = 1 # \xc3\xa9\n");

	(void)state;
	assert_true(mc_str_is(mc_toml_text(root, MC_STR("a")), MC_STR("x\xc3\xa9 y")));
	assert_bad(MC_STR("\xc3\xa9 = 1\n"), MC_ERR_FORMAT, "line 1:");
	assert_bad(MC_STR("a\xc3\xa9 = 1\n"), MC_ERR_FORMAT, "line 1:");
	assert_bad(MC_STR("a = \xc3\xa9\n"), MC_ERR_FORMAT, "line 1:");
	assert_bad(MC_STR("[a]\n\xc3\xa9"), MC_ERR_FORMAT, "line 2:");
}

/* toml++ 3.3 dies of these where its assertions are on.  */
static void keys_that_are_none_are_errors(void **state)
{
	static const char *const texts[] = {"[.", "[.a]", "[[.a]]", "[", "[[", "[ ", "[a.", "[a. ", "a.",
					    "a. ", ".", ".a = 1", "a = {.b = 1}", "a = {", "a = {b.",
					    "a = {b. ", "[a.=]", "[=]", "[]", "[[]]", "[[a]", "\"", "'",
					    "a = ", "a =", "a", "a = [", "a = [1", "a = \"\\", "a = \"\\u"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char line[64];

		assert_bad(mc_str_of(texts[i]), MC_ERR_FORMAT, "line 1:");
		snprintf(line, sizeof(line), "%s\n", texts[i]);
		assert_bad(mc_str_of(line), MC_ERR_FORMAT, "line ");
	}
}

static void assert_repeated(const char *head, const char *part, size_t count,
			    enum mc_status wanted, const char *words)
{
	size_t head_nbytes = strlen(head), part_nbytes = strlen(part), at = head_nbytes;
	size_t nbytes = head_nbytes + part_nbytes * count;
	char *text = malloc(nbytes);

	assert_non_null(text);
	memcpy(text, head, head_nbytes);
	for (; at < nbytes; at += part_nbytes)
		memcpy(text + at, part, part_nbytes);
	assert_bad((struct mc_str){text, nbytes}, wanted, words);
	free(text);
}

/* toml++ 3.3 has no bound on the parts of a key, and frees its tables by recursion.  */
static void depth_and_counts_are_bounded(void **state)
{
	(void)state;
	assert_repeated("a=", "[", 1000000, MC_ERR_LIMIT, "nested too deep");
	assert_repeated("", "a={", 1000000, MC_ERR_LIMIT, "nested too deep");
	assert_repeated("", "a.", 1000000, MC_ERR_LIMIT, "too many parts");
	assert_repeated("[a", ".\"\"", 1000000, MC_ERR_LIMIT, "too many parts");
	assert_repeated("a=[", "0,", 3000000, MC_ERR_LIMIT, "too many values");
	assert_repeated("", "[a.b.c]\n", 400000, MC_ERR_LIMIT, "too many values");
	assert_repeated("", "#", MC_TOML_NBYTES_MAX + 1, MC_ERR_LIMIT, "longer than 64 MB");
}

/* Else a text could hide brackets from the bounds, or count those inside it.  */
static void bounds_see_where_a_text_ends(void **state)
{
	(void)state;
	read_good("a = \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"\n"
		  "b = '''\n[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[''[\n'''\n"
		  "c = 1 # [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
		  "d = \"1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9\"\n"
		  "'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t' = 1\n");
	assert_repeated("a=\"\\\"\"\nb=", "[", 1000, MC_ERR_LIMIT, "line 2: it is nested");
	assert_repeated("a='\\'\nb=", "[", 1000, MC_ERR_LIMIT, "line 2: it is nested");
	assert_repeated("a=\"\"\"x\"\"\"\"\"\nb=", "[", 1000, MC_ERR_LIMIT, "line 2: it is nested");
	assert_repeated("a='''\n''\\'''''\nb=", "[", 1000, MC_ERR_LIMIT, "line 3: it is nested");
	assert_repeated("a=\"\"\"\\\n\\\"\"\"\"\nb=", "[", 1000, MC_ERR_LIMIT, "line 3: it is nested");
	assert_repeated("a=''\nb=\"\"\nc=", "[", 1000, MC_ERR_LIMIT, "line 3: it is nested");
}

static void memory_that_runs_out_is_a_status(void **state)
{
	struct starve starve = {0};
	const struct mc_alloc alloc = {starve_take, starve_give, &starve};
	struct mc_arena poor;
	const struct mc_toml *root;
	enum mc_status status = MC_ERR_NOMEM;
	size_t grants = 0;

	(void)state;
	for (; status == MC_ERR_NOMEM; grants++) {
		starve.left = grants;
		mc_arena_init(&poor, &alloc);
		status = mc_toml_read(&poor, MC_STR("[a]\nb = ['x', {c = 1}]\n"), &root, NULL);
		mc_arena_clear(&poor);
		assert_int_equal(starve.live, 0);
	}
	assert_int_equal(status, MC_OK);
	assert_true(grants > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_gives_its_values_by_key),
		cmocka_unit_test(what_is_not_there_is_null_or_empty),
		cmocka_unit_test(every_key_of_a_large_table_is_found),
		cmocka_unit_test(an_error_has_its_line),
		cmocka_unit_test(other_letters_are_no_blanks),
		cmocka_unit_test(keys_that_are_none_are_errors),
		cmocka_unit_test(depth_and_counts_are_bounded),
		cmocka_unit_test(bounds_see_where_a_text_ends),
		cmocka_unit_test(memory_that_runs_out_is_a_status),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
