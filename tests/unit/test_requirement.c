/* SPDX-License-Identifier: MIT */
/* The expected answers are those of packaging; probe/pep508-cases asks it.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "muslcheck/pep440.h"
#include "muslcheck/requirement.h"
#include "pep508_cases.h"
#include "starve.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A copy that ends where its memory does, so that ASan sees a read behind it.  */
static struct mc_str exact(const char *text)
{
	size_t len = strlen(text);
	char *copy = test_malloc(len + 1) /* malloc(0) may be NULL */;

	memcpy(copy + 1, text, len);
	return (struct mc_str){copy + 1, len};
}

static void drop(struct mc_str text)
{
	test_free((void *)(uintptr_t)(text.ptr - 1));
}

static void join_extras(const struct mc_requirement *requirement, char *text, size_t nbytes)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < requirement->extras_count; i++)
		len += (size_t)snprintf(text + len, nbytes - len, "%s%.*s", i ? "," : "",
					MC_TEXT(requirement->extras[i]));
}

static void drop_blanks(struct mc_str from, char *text)
{
	size_t len = 0;

	for (size_t i = 0; i < from.len; i++)
		if (!memchr(" \t\n\r\f\v\x1c", from.ptr[i], 7))
			text[len++] = from.ptr[i];
	/* "name>=3," is one specifier for both.  */
	while (len && text[len - 1] == ',')
		len--;
	text[len] = '\0';
}

static void assert_text(const char *of, struct mc_str got, const char *wanted)
{
	if (!mc_str_is(got, mc_str_of(wanted)))
		fail_msg("\"%s\": \"%.*s\", not \"%s\"", of, MC_TEXT(got), wanted);
}

static void assert_requirement(const struct pep508_requirement *wanted,
			       const struct mc_requirement *got)
{
	char text[512];

	assert_text(wanted->text, got->name, wanted->name);
	join_extras(got, text, sizeof(text));
	assert_text(wanted->text, mc_str_of(text), wanted->extras);
	drop_blanks(got->specifiers, text);
	assert_text(wanted->text, mc_str_of(text), wanted->specifiers);
	assert_text(wanted->text, got->url, wanted->url);
	if (!got->marker.len != !wanted->marker[0])
		fail_msg("\"%s\": a marker?", wanted->text);
}

static void requirements_are_read_as_packaging_reads_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pep508_requirements); i++) {
		const struct pep508_requirement *wanted = &pep508_requirements[i];
		struct mc_str text = exact(wanted->text);
		struct mc_error err = MC_ERROR_INIT;
		struct mc_requirement got;
		struct mc_arena arena;
		enum mc_status status;

		mc_arena_init(&arena, NULL);
		status = mc_requirement_read(&arena, text, &got, &err);
		if (status != (wanted->name ? MC_OK : MC_ERR_FORMAT))
			fail_msg("\"%s\": %s", wanted->text, mc_status_text(status));
		drop(text); /* all was copied */
		if (wanted->name)
			assert_requirement(wanted, &got);
		else
			assert_true(err.text[0]);
		mc_arena_clear(&arena);
	}
}

static size_t fill(const char *const *texts, struct mc_str *into)
{
	size_t count = 0;

	for (; texts[count]; count++)
		into[count] = mc_str_of(texts[count]);
	return count;
}

static char ask(struct mc_arena *arena, struct mc_str marker,
		const struct pep508_environment *environment)
{
	struct mc_str extras[4], groups[4];
	struct mc_marker_env env = {
		.python_version = mc_str_of(environment->python_version),
		.python_full_version = mc_str_of(environment->python_full_version),
		.implementation_name = mc_str_of(environment->implementation_name),
		.implementation_version = mc_str_of(environment->implementation_version),
		.platform_python_implementation =
			mc_str_of(environment->platform_python_implementation),
		.os_name = mc_str_of(environment->os_name),
		.sys_platform = mc_str_of(environment->sys_platform),
		.platform_system = mc_str_of(environment->platform_system),
		.platform_machine = mc_str_of(environment->platform_machine),
		.platform_release = mc_str_of(environment->platform_release),
		.platform_version = mc_str_of(environment->platform_version),
		.extras = extras,
		.extras_count = fill(environment->extras, extras),
		.is_lock = environment->is_lock,
		.groups = groups,
		.groups_count = fill(environment->groups, groups),
	};
	struct mc_error err = MC_ERROR_INIT;
	enum mc_status status;
	bool holds;

	status = mc_marker_holds(arena, marker, &env, &holds, &err);
	assert_int_equal(status, err.status);
	if (status == MC_ERR_FORMAT)
		return strstr(err.text, "expected") ? '!' : 'e';
	assert_int_equal(status, MC_OK);
	return holds ? '+' : '.';
}

static void markers_hold_where_packaging_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pep508_markers); i++) {
		struct mc_str marker = exact(pep508_markers[i].text);
		struct mc_arena arena;

		mc_arena_init(&arena, NULL);
		assert_int_equal(strlen(pep508_markers[i].answers), COUNT(pep508_environments));
		for (size_t k = 0; k < COUNT(pep508_environments); k++) {
			char answer = ask(&arena, marker, &pep508_environments[k]);

			if (answer != pep508_markers[i].answers[k])
				fail_msg("\"%s\" in environment %zu: %c, not %c",
					 pep508_markers[i].text, k, answer,
					 pep508_markers[i].answers[k]);
		}
		drop(marker);
		mc_arena_clear(&arena);
	}
}

static bool holds_on_alpine(const char *marker)
{
	struct mc_marker_env env;
	struct mc_arena arena;
	bool holds;

	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_marker_env_linux(&arena, 12, MC_STR(""), MC_STR("x86_64"), &env),
			 MC_OK);
	assert_int_equal(mc_marker_holds(&arena, mc_str_of(marker), &env, &holds, NULL), MC_OK);
	mc_arena_clear(&arena);
	return holds;
}

static void a_target_is_cpython_on_linux(void **state)
{
	(void)state;
	assert_true(holds_on_alpine(""));
	assert_true(holds_on_alpine("python_version == '3.12' and sys_platform == 'linux'"));
	assert_true(holds_on_alpine("implementation_name == 'cpython' and os_name == 'posix'"));
	assert_true(holds_on_alpine("platform_python_implementation == 'CPython'"));
	assert_true(holds_on_alpine("platform_system == 'Linux' and platform_machine == 'x86_64'"));
	assert_true(holds_on_alpine("python_full_version >= '3.12.4'"));
	assert_true(holds_on_alpine("python_full_version < '3.13'"));
	assert_false(holds_on_alpine("platform_release >= '5'"));
	assert_false(holds_on_alpine("extra == 'test'"));
}

static enum mc_status read_long(const char *head, const char *part, size_t count, const char *tail)
{
	size_t part_len = strlen(part), len = strlen(head) + part_len * count + strlen(tail);
	char *text = test_malloc(len + 1), *at = text + strlen(head);
	struct mc_requirement got;
	struct mc_arena arena;
	enum mc_status status;

	memcpy(text, head, strlen(head));
	for (size_t i = 0; i < count; i++, at += part_len)
		memcpy(at, part, part_len);
	memcpy(at, tail, strlen(tail) + 1);
	mc_arena_init(&arena, NULL);
	status = mc_requirement_read(&arena, (struct mc_str){text, len}, &got, NULL);
	mc_arena_clear(&arena);
	test_free(text);
	return status;
}

static void all_has_a_bound(void **state)
{
	(void)state;
	assert_int_equal(read_long("a;", "(", MC_MARKER_DEPTH_MAX, "os_name=='a'"), MC_ERR_FORMAT);
	assert_int_equal(read_long("a;", "(", MC_MARKER_DEPTH_MAX + 1, ""), MC_ERR_LIMIT);
	assert_int_equal(read_long("a;", "(", 60000, ""), MC_ERR_LIMIT);
	assert_int_equal(read_long("a", "a", MC_REQUIREMENT_NBYTES_MAX - 1, ""), MC_OK);
	assert_int_equal(read_long("a", "a", MC_REQUIREMENT_NBYTES_MAX, ""), MC_ERR_LIMIT);
	assert_int_equal(read_long("a[b", ",B", 30000, "]"), MC_OK);
	assert_int_equal(read_long("a", ">=1,", 15000, ""), MC_OK);
	assert_int_equal(read_long("a;os_name=='a'", " or os_name=='a'", 4000, ""), MC_OK);
	assert_int_equal(read_long("a;os_name=='", "\\x41", 16000, "'"), MC_OK);
}

static void too_many_extras_are_refused(void **state)
{
	char text[8192] = "a[x";
	size_t len = 3;
	struct mc_requirement got;
	struct mc_arena arena;

	(void)state;
	for (int i = 1; i < MC_REQUIREMENT_EXTRAS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",x%d", i);
	mc_arena_init(&arena, NULL);
	memcpy(text + len, "]", 2);
	assert_int_equal(mc_requirement_read(&arena, mc_str_of(text), &got, NULL), MC_OK);
	assert_int_equal(got.extras_count, MC_REQUIREMENT_EXTRAS_MAX);
	memcpy(text + len, ",y]", 4);
	assert_int_equal(mc_requirement_read(&arena, mc_str_of(text), &got, NULL), MC_ERR_LIMIT);
	mc_arena_clear(&arena);
}

/* That it ends and reads nothing behind its text is what ASan and the compiler can say.  */
static void no_byte_and_no_end_is_a_surprise(void **state)
{
	static const char text[] = "a.b[c]>=1.0,===x;os_name=='\\x41'and(extra not in\"b\")";
	struct mc_arena arena;

	(void)state;
	mc_arena_init(&arena, NULL);
	for (size_t len = 0; len < sizeof(text); len++)
		for (unsigned byte = 0; byte < 256; byte++) {
			char buf[sizeof(text)];
			struct mc_str end = {buf + sizeof(buf) - len, len};
			struct mc_mark mark = mc_arena_mark(&arena);
			struct mc_requirement got;
			struct mc_marker_env env;
			bool holds;

			memcpy(buf + sizeof(buf) - len, text, len);
			if (len)
				buf[sizeof(buf) - 1] = (char)byte;
			(void)!mc_requirement_read(&arena, end, &got, NULL);
			assert_int_equal(
				mc_marker_env_linux(&arena, 12, MC_STR("3.12.1"), MC_STR(""), &env),
				MC_OK);
			if (len > 17)
				(void)!mc_marker_holds(&arena, mc_str_skip(end, 17), &env, &holds,
						       NULL);
			mc_arena_rewind(&arena, mark);
		}
	mc_arena_clear(&arena);
}

static void errors_tell_the_place(void **state)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_requirement got;
	struct mc_arena arena;

	(void)state;
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_requirement_read(&arena, MC_STR("name=1.0"), &got, &err),
			 MC_ERR_FORMAT);
	assert_string_equal(err.text, "expected a version specifier or ';' at character 5");
	mc_arena_clear(&arena);
}

static enum mc_status read_all(struct mc_arena *arena)
{
	static const struct mc_str extras[] = {{"A", 1}, {"b", 1}};
	struct mc_requirement got;
	struct mc_marker_env env;
	bool holds;

	MC_TRY(mc_marker_env_linux(arena, 12, MC_STR(""), MC_STR("x86_64"), &env));
	env.extras = extras;
	env.extras_count = 2;
	MC_TRY(mc_requirement_read(
		arena, MC_STR("a[b,c,d]>=1;python_version>='3'and extra=='B' and os_name=='\\x41'"),
		&got, NULL));
	MC_TRY(mc_marker_holds(arena, got.marker, &env, &holds, NULL));
	assert_false(holds);
	return MC_OK;
}

/* Pages are 64 KiB: with so little left in the last one, each allocation may be refused.  */
static void running_out_of_memory_is_a_status(void **state)
{
	bool is_done = false;

	(void)state;
	for (size_t spare = 0; spare < 700; spare++) {
		struct starve starve = {1, 0};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena arena;
		enum mc_status status;

		mc_arena_init(&arena, &alloc);
		assert_non_null(mc_arena_take(&arena, (size_t)64 * 1024 - spare, 1));
		status = read_all(&arena);
		assert_true(status == MC_OK || status == MC_ERR_NOMEM);
		is_done = status == MC_OK;
		if (!spare)
			assert_false(is_done);
		mc_arena_clear(&arena);
		assert_int_equal(starve.live, 0);
	}
	assert_true(is_done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requirements_are_read_as_packaging_reads_them),
		cmocka_unit_test(markers_hold_where_packaging_says),
		cmocka_unit_test(a_target_is_cpython_on_linux),
		cmocka_unit_test(all_has_a_bound),
		cmocka_unit_test(too_many_extras_are_refused),
		cmocka_unit_test(no_byte_and_no_end_is_a_surprise),
		cmocka_unit_test(errors_tell_the_place),
		cmocka_unit_test(running_out_of_memory_is_a_status),
	};

	return cmocka_run_group_tests_name("requirement", tests, NULL, NULL);
}
