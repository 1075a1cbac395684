/* SPDX-License-Identifier: MIT */
/* test_pysrc.c - the tokenizer against Python's own words, and against broken sources.  */
#include "muslcheck/pysrc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* "n:import s:x o:( nl" of a source, for comparing; strings of it must be short.  */
static const char *words(struct mc_str source, bool *is_broken_out)
{
	static char out[4096];
	struct mc_pysrc reader;
	struct mc_py_token token;
	size_t len = 0;

	out[0] = '\0';
	mc_pysrc_open(&reader, source);
	do {
		const char *mark = "?";

		mc_pysrc_next(&reader, &token);
		switch (token.kind) {
		case MC_PY_NAME: mark = "n:"; break;
		case MC_PY_NUMBER: mark = "d:"; break;
		case MC_PY_STRING: mark = token.is_format ? "f:" : token.is_bytes ? "b:" : "s:"; break;
		case MC_PY_OP: mark = ""; break;
		case MC_PY_NEWLINE: mark = "nl"; break;
		case MC_PY_END: mark = "end"; break;
		}
		if (token.is_first && token.indent)
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%u>", token.indent);
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%.*s ", mark,
					token.kind == MC_PY_NEWLINE ? 0 : (int)token.text.len, token.text.ptr);
		assert_true(len < sizeof(out));
	} while (token.kind != MC_PY_END);
	if (is_broken_out)
		*is_broken_out = mc_pysrc_is_broken(&reader);
	return out;
}

#define WORDS(literal, wanted)                                        \
	do {                                                          \
		bool is_broken;                                       \
		assert_string_equal(words(MC_STR(literal), &is_broken), wanted); \
		assert_false(is_broken);                              \
	} while (0)

#define BROKEN(literal, wanted)                                       \
	do {                                                          \
		bool is_broken;                                       \
		assert_string_equal(words(MC_STR(literal), &is_broken), wanted); \
		assert_true(is_broken);                               \
	} while (0)

static void test_lines(void **state)
{
	(void)state;
	WORDS("", "end ");
	WORDS("\n\n  \n# c\n", "end ");
	WORDS("import os\n", "n:import n:os nl end ");
	WORDS("import os", "n:import n:os nl end ");
	WORDS("a\r\nb\rc\n", "n:a nl n:b nl n:c nl end ");
	WORDS("f(\n  a, # c\n  b)\n", "n:f ( n:a , n:b ) nl end ");
	WORDS("a = 1 + \\\n  2\n", "n:a = d:1 + d:2 nl end ");
	WORDS("if a:\n\tb\n    c\n", "n:if n:a : nl 8>n:b nl 4>n:c nl end ");
	WORDS("\xEF\xBB\xBFx = 1\n", "n:x = d:1 nl end ");
	WORDS("x = '#' # '\n", "n:x = s:# nl end ");
	WORDS("\f  x\n", "2>n:x nl end ");
	WORDS("# caf\xe9\nx = caf\xe9\n", "n:x = n:caf\xe9 nl end ");
}

static void test_strings(void **state)
{
	(void)state;
	WORDS("a = 'x' \"y\" b'z' Rb\"w\" u'v'\n", "n:a = s:x s:y b:z b:w s:v nl end ");
	WORDS("'a\\'b' \"\\\\\" '\\\nc'\n", "s:a\\'b s:\\\\ s:\\\nc nl end ");
	WORDS("'''a\n'b' \"\"\" '' c''' x\n", "s:a\n'b' \"\"\" '' c n:x nl end ");
	WORDS("\"\" ''''''\n", "s: s: nl end ");
}

static void test_raw(void **state)
{
	(void)state;
	/* A backslash keeps the quote in a raw string too.  */
	WORDS("r'\\'' x\n", "s:\\' n:x nl end ");
	WORDS("strange'x'\n", "n:strange s:x nl end ");
	WORDS("bar'x'\n", "n:bar s:x nl end ");
}

static void test_format_strings(void **state)
{
	(void)state;
	WORDS("f'a{b}c' x\n", "f:a{b}c n:x nl end ");
	WORDS("f'{{' x\n", "f:{{ n:x nl end ");
	WORDS("f'{a[\"b\"]}' x\n", "f:{a[\"b\"]} n:x nl end ");
	/* PEP 701 */
	WORDS("f'{a['b']}' x\n", "f:{a['b']} n:x nl end ");
	WORDS("f'{f'{f'{1}'}'}' x\n", "f:{f'{f'{1}'}'} n:x nl end ");
	WORDS("f'{\n a\n}' x\n", "f:{\n a\n} n:x nl end ");
	WORDS("f'{'}'}' x\n", "f:{'}'} n:x nl end ");
	/* A quote in a format is a character.  */
	WORDS("f\"{a:'>{w}}\" x\n", "f:{a:'>{w}} n:x nl end ");
	WORDS("f'{a[1:2]:>3}' x\n", "f:{a[1:2]:>3} n:x nl end ");
	WORDS("f'{ {1: 2}[1] }' x\n", "f:{ {1: 2}[1] } n:x nl end ");
	WORDS("f'\\N{DASH} {x}' y\n", "f:\\N{DASH} {x} n:y nl end ");
	WORDS("rf'\\d{3}' y\n", "f:\\d{3} n:y nl end ");
	WORDS("f'''{a}\n'{b}' ''' x\n", "f:{a}\n'{b}'  n:x nl end ");
	WORDS("t'{a}' x\n", "f:{a} n:x nl end ");
}

static void test_numbers(void **state)
{
	(void)state;
	WORDS("1 0x1F 1e-5 1_000 1.5j .5 0o7 0777L\n", "d:1 d:0x1F d:1e-5 d:1_000 d:1.5j . d:5 d:0o7 d:0777L nl end ");
	WORDS("1.5.real 1..imag\n", "d:1.5 . n:real d:1. . n:imag nl end ");
	WORDS("0xe+1 2-1\n", "d:0xe + d:1 d:2 - d:1 nl end ");
}

static void test_python2(void **state)
{
	(void)state;
	WORDS("print 'x', `y`\nexec ur'z' in d\n", "n:print s:x , ` n:y ` nl n:exec s:z n:in n:d nl end ");
	WORDS("raise E, 'x'\n", "n:raise n:E , s:x nl end ");
}

static void test_broken(void **state)
{
	(void)state;
	BROKEN("a = 'x\nb = 1\n", "n:a = s:x nl n:b = d:1 nl end ");
	BROKEN("a = '''x\nb = 1\n", "n:a = s:x\nb = 1\n nl end ");
	BROKEN("f'{a\nb = 1\n", "f:{a\nb = 1\n nl end ");
	BROKEN("f'{a:\nb = 1\n", "f:{a: nl n:b = d:1 nl end ");
	BROKEN("'", "s: nl end ");
	BROKEN("f'", "f: nl end ");
	BROKEN("'\\", "s:\\ nl end ");
	BROKEN("a\0b", "n:a nl end ");
	WORDS("\\", "\\ nl end ");
	WORDS(")]}\nx\n", ") ] } nl n:x nl end ");
	WORDS("(\nx\n\n", "( n:x nl end ");
	WORDS("$ ? !\n", "$ ? ! nl end ");
}

static void test_lines_are_counted(void **state)
{
	struct mc_str source = MC_STR("a\r\n'''\n\n'''\rb\nc");
	struct mc_pysrc reader;
	struct mc_py_token token;
	size_t lines[3], count = 0;

	(void)state;
	mc_pysrc_open(&reader, source);
	for (mc_pysrc_next(&reader, &token); token.kind != MC_PY_END; mc_pysrc_next(&reader, &token))
		if (token.kind == MC_PY_NAME)
			lines[count++] = mc_pysrc_line(&reader, token.text.ptr);
	assert_int_equal(count, 3);
	assert_int_equal(lines[0], 1);
	assert_int_equal(lines[1], 5);
	assert_int_equal(lines[2], 6);
}

/* 'unit' again and again: read to the end, in time that grows with the length alone.  */
static void read_many(const char *unit, size_t nbytes)
{
	size_t len = strlen(unit), count = nbytes / len, tokens = 0;
	char *text = malloc(count * len + 1);
	struct mc_pysrc reader;
	struct mc_py_token token;
	clock_t start = clock();

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * len, unit, len);
	mc_pysrc_open(&reader, (struct mc_str){text, count * len});
	do {
		mc_pysrc_next(&reader, &token);
		assert_true(++tokens <= 2 * count * len + 2);
		assert_true(token.text.ptr >= text && token.text.ptr + token.text.len <= text + count * len);
	} while (token.kind != MC_PY_END);
	assert_ptr_equal(reader.at, text + count * len);
	/* What is quadratic takes hours for a megabyte; this allows for any machine.  */
	assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
	free(text);
}

static void test_hostile(void **state)
{
	static const char *const units[] = {
		"x", "x\n", "(", ")", "'", "\"", "'''", "f'{", "f'{'", "f\"{r\\'''\n", "\\'\\\n", "f'{f\"{",
		"f'''{'''", "\\", "\\\n", " ", "\t", "#\n", "\r", "{", "f'{{", "f'\\N{", "'\\\n", "f'{x:{", "\xff",
		"\xEF\xBB\xBF", "1e-", "1e-x", "f'{\"\"\"\n", "b'''\\'''\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		read_many(units[i], (size_t)1 << 20);
}

/* Every beginning of it is read as well, and no byte behind it.  */
static void test_cut(void **state)
{
	const char source[] = "def f(a):\n\treturn f'''{a['x']:{w}}\\N{DASH}''' + rb'\\'' # c\n\\\n";

	(void)state;
	for (size_t len = 0; len < sizeof(source); len++) {
		char *copy = malloc(len + 1);
		struct mc_pysrc reader;
		struct mc_py_token token;

		assert_non_null(copy);
		memcpy(copy, source, len);
		copy = realloc(copy, len ? len : 1);
		assert_non_null(copy);
		mc_pysrc_open(&reader, (struct mc_str){copy, len});
		do
			mc_pysrc_next(&reader, &token);
		while (token.kind != MC_PY_END);
		free(copy);
	}
}

/* For probe/pysrc-check: kind, line, and place in the file of each name and string.  */
static int dump(const char *path)
{
	struct mc_pysrc reader;
	struct mc_py_token token;
	FILE *file = fopen(path, "rb");
	char *text;
	long nbytes;

	if (!file || fseek(file, 0, SEEK_END) || (nbytes = ftell(file)) < 0 || fseek(file, 0, SEEK_SET))
		return 2;
	text = malloc((size_t)nbytes + 1);
	if (!text || fread(text, 1, (size_t)nbytes, file) != (size_t)nbytes)
		return 2;
	fclose(file);
	mc_pysrc_open(&reader, (struct mc_str){text, (size_t)nbytes});
	do {
		mc_pysrc_next(&reader, &token);
		if (token.kind == MC_PY_NAME || token.kind == MC_PY_STRING || token.kind == MC_PY_NEWLINE)
			printf("%c %zu %td %zu\n", token.kind == MC_PY_NAME ? 'n' : token.kind == MC_PY_STRING ? 's' : 'l',
			       mc_pysrc_line(&reader, token.text.ptr), token.text.ptr - text, token.text.len);
	} while (token.kind != MC_PY_END);
	puts(mc_pysrc_is_broken(&reader) ? "broken" : "whole");
	free(text);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_format_strings),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_python2),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_lines_are_counted),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cut),
	};

	if (argc == 2)
		return dump(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
