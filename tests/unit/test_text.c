/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

#define TEXT(literal) ((struct mc_str){literal, sizeof(literal) - 1})

static struct mc_arena arena;

static void assert_safe(struct mc_str text, const char *wanted)
{
	struct mc_str safe = mc_text_safe(&arena, text);

	assert_int_equal(safe.len, strlen(wanted));
	assert_memory_equal(safe.ptr, wanted, safe.len);
}

static void plain_text_is_handed_back_itself(void **state)
{
	static const char *const texts[] = {
		"",      "libc.so.6", "gr\xc3\xbc\xc3\x9f", "\xe6\xbc\xa2", "\xf0\x9f\x90\x8d",
		"a\\x1b"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct mc_str text = mc_str_of(texts[i]), safe = mc_text_safe(&arena, text);

		assert_ptr_equal(safe.ptr, text.ptr);
		assert_int_equal(safe.len, text.len);
	}
}

static void control_bytes_are_spelt_out(void **state)
{
	(void)state;
	assert_safe(TEXT("\x1b[31mred"), "\\x1b[31mred");
	assert_safe(TEXT("a\0b\nc\td\r"), "a\\x00b\\x0ac\\x09d\\x0d");
	assert_safe(TEXT("\x7f"), "\\x7f");
	assert_safe(TEXT("\xc2\x9b"
			 "31m"),
		    "\\xc2\\x9b31m"); /* CSI of the C1 set */
}

static void marks_that_turn_text_round_are_spelt_out(void **state)
{
	(void)state;
	assert_safe(TEXT("a\xe2\x80\xae"
			 "b"),
		    "a\\xe2\\x80\\xaeb");                     /* right-to-left override */
	assert_safe(TEXT("\xe2\x81\xa6"), "\\xe2\\x81\\xa6"); /* isolate */
	assert_safe(TEXT("\xe2\x80\x8b"), "\\xe2\\x80\\x8b"); /* zero width space */
	assert_safe(TEXT("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"); /* line separator */
	assert_safe(TEXT("\xef\xbb\xbf"), "\\xef\\xbb\\xbf"); /* byte order mark */
}

static void what_is_no_utf8_is_spelt_out(void **state)
{
	(void)state;
	assert_safe(TEXT("\xff\xfe"), "\\xff\\xfe");
	assert_safe(TEXT("\x80"), "\\x80");
	assert_safe(TEXT("\xc0\xaf"), "\\xc0\\xaf");                   /* overlong '/' */
	assert_safe(TEXT("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");          /* overlong, three bytes */
	assert_safe(TEXT("\xed\xa0\x80"), "\\xed\\xa0\\x80");          /* surrogate */
	assert_safe(TEXT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"); /* past U+10FFFF */
	assert_safe(TEXT("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80");
	assert_safe(TEXT("ab\xe6\xbc"), "ab\\xe6\\xbc"); /* cut short */
	assert_safe(TEXT("\xe6\xbc"
			 "a"),
		    "\\xe6\\xbca");
}

/* Every text of one and two bytes, and of three that begin like a sequence.  */
static void nothing_harmful_comes_through(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 0x30000; n++) {
		char bytes[3] = {(char)(n >> 8), (char)n, (char)0xbf};
		struct mc_str safe;
		struct mc_mark mark = mc_arena_mark(&arena);

		if (n >= 0x20000)
			bytes[0] = (char)(0xe0 | (n >> 8 & 0x1f));
		safe = mc_text_safe(&arena, (struct mc_str){bytes, n < 0x10000 ? 2 : 3});
		for (size_t i = 0; i < safe.len; i++) {
			unsigned char c = (unsigned char)safe.ptr[i];

			assert_true(c >= 0x20 && c != 0x7f);
			/* The lead bytes of C1 controls, and bytes that no UTF-8 has.  */
			assert_true(c != 0xc0 && c != 0xc1 && c < 0xf5);
			if (c == 0xc2)
				assert_true((unsigned char)safe.ptr[i + 1] >= 0xa0);
		}
		mc_arena_rewind(&arena, mark);
	}
}

static void writing_and_copying_agree(void **state)
{
	struct mc_str text = TEXT("x\x1b\xff\xe2\x80\xae gr\xc3\xbc\n");
	struct mc_str safe = mc_text_safe(&arena, text);
	char buf[100];
	FILE *out = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	assert_non_null(out);
	mc_text_put(out, text);
	assert_int_equal(ftell(out), safe.len);
	assert_int_equal(fclose(out), 0);
	assert_memory_equal(buf, safe.ptr, safe.len);
}

static int open_arena(void **state)
{
	(void)state;
	mc_arena_init(&arena, NULL);
	return 0;
}

static int clear_arena(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_handed_back_itself),
		cmocka_unit_test(control_bytes_are_spelt_out),
		cmocka_unit_test(marks_that_turn_text_round_are_spelt_out),
		cmocka_unit_test(what_is_no_utf8_is_spelt_out),
		cmocka_unit_test(nothing_harmful_comes_through),
		cmocka_unit_test(writing_and_copying_agree),
	};

	return cmocka_run_group_tests_name("text", tests, open_arena, clear_arena);
}
