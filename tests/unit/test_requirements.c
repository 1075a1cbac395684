/* SPDX-License-Identifier: MIT */
/* What pip itself reads is in requirements_cases.h (probe/requirements-cases).  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/requirements.h"
#include "requirements_cases.h"
#include "starve.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"

struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_requirements out;
	struct mc_error err;
};

static void open_scene(struct scene *s)
{
	fixture_open(&s->fixture);
	mc_arena_init(&s->arena, NULL);
	s->err = MC_ERROR_INIT;
}

static void close_scene(struct scene *s)
{
	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
}

static void put(struct scene *s, const char *name, const char *text)
{
	put_bytes(&s->fixture, name, text, strlen(text));
}

static enum mc_status read_text(struct scene *s, const char *text)
{
	put(s, "other.txt", "inner==1\n-c limits.txt\n");
	put(s, "limits.txt", "numpy<2\nflask==2\n");
	put(s, "requirements.txt", text);
	return mc_requirements_read(s->fixture.path, &s->arena, &s->out, &s->err);
}

static void read_good(struct scene *s, const char *text)
{
	assert_int_equal(read_text(s, text), MC_OK);
}

static void assert_text(struct mc_str text, const char *wanted)
{
	assert_int_equal(text.len, strlen(wanted));
	assert_memory_equal(text.ptr, wanted, text.len);
}

/* ---- as pip ---- */

/* pip leaves the blanks before an option to the next reader.  */
static const char *stripped(const char *text)
{
	static char copy[256];
	size_t n = strlen(text);

	assert_true(n < sizeof(copy));
	memcpy(copy, text, n + 1);
	while (n && copy[n - 1] == ' ')
		copy[--n] = '\0';
	return copy;
}

static void compare_rows(const struct mc_wanted *ours, size_t count, const struct pip_case *c,
			 bool is_constraint)
{
	size_t at = 0;

	for (size_t i = 0; i < sizeof(c->rows) / sizeof(*c->rows) && c->rows[i].text; i++) {
		if (c->rows[i].is_constraint != is_constraint)
			continue;
		assert_true(at < count);
		assert_text(ours[at].text, stripped(c->rows[i].text));
		assert_int_equal(ours[at].is_editable, c->rows[i].is_editable);
		assert_int_equal(ours[at].sha256s_count, c->rows[i].hashes);
		at++;
	}
	assert_int_equal(at, count);
}

static void lines_are_read_as_pip_reads_them(void **state)
{
	(void)state;
	setenv("MC_SET", "1.5", 1);
	unsetenv("MC_UNSET");
	for (size_t i = 0; i < sizeof(pip_cases) / sizeof(*pip_cases); i++) {
		const struct pip_case *c = &pip_cases[i];
		struct scene s;

		open_scene(&s);
		read_good(&s, c->text);
		if (c->fails) {
			assert_true(s.out.problems_count > 0);
		} else if (!s.out.problems_count) { /* what is no requirement is told later by pip */
			compare_rows(s.out.entries, s.out.entries_count, c, false);
			compare_rows(s.out.constraints, s.out.constraints_count, c, true);
		}
		close_scene(&s);
	}
}

/* ---- kinds ---- */

static void places_are_told_from_names(void **state)
{
	static const struct {
		const char *text, *name, *place;
		enum mc_wanted_kind kind;
		bool is_remote;
	} cases[] = {
		{"flask", "flask", "", MC_WANTED_NAME, false},
		{".", "", ".", MC_WANTED_FOLDER, false},
		{"-e .[dev]", "", ".", MC_WANTED_FOLDER, false},
		{"../x/y", "", "../x/y", MC_WANTED_FOLDER, false},
		{"wheels/a-1.0-py3-none-any.whl", "", "wheels/a-1.0-py3-none-any.whl", MC_WANTED_ARCHIVE, false},
		{"a-1.0.tar.gz", "", "a-1.0.tar.gz", MC_WANTED_ARCHIVE, false},
		{"file:///x/a-1.0.zip", "", "/x/a-1.0.zip", MC_WANTED_ARCHIVE, false},
		{"https://example.org/a-1.0.zip#sha256=00", "", "https://example.org/a-1.0.zip",
		 MC_WANTED_ARCHIVE, true},
		{"A_b @ https://example.org/a.whl", "a-b", "https://example.org/a.whl", MC_WANTED_ARCHIVE, true},
		{"git+https://example.org/x@v1#egg=My_X[a]", "my-x", "git+https://example.org/x@v1",
		 MC_WANTED_VCS, true},
		{"-e git+ssh://git@example.org/x", "", "git+ssh://git@example.org/x", MC_WANTED_VCS, true},
		{"x @ git+https://example.org/x", "x", "git+https://example.org/x", MC_WANTED_VCS, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene s;

		open_scene(&s);
		read_good(&s, cases[i].text);
		assert_int_equal(s.out.entries_count, 1);
		assert_int_equal(s.out.entries[0].kind, cases[i].kind);
		assert_text(s.out.entries[0].requirement.name, cases[i].name);
		assert_text(s.out.entries[0].place, cases[i].place);
		assert_int_equal(s.out.entries[0].is_remote, cases[i].is_remote);
		close_scene(&s);
	}
}

static void a_pin_is_one_exact_version(void **state)
{
	static const struct {
		const char *text;
		bool is_pinned;
	} cases[] = {{"a==1", true},   {"a===1", true},  {"a == 1.0 ; python_version>'3'", true},
		     {"a==1.*", false}, {"a==1,<2", false}, {"a~=1.0", false}, {"a", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene s;

		open_scene(&s);
		read_good(&s, cases[i].text);
		assert_int_equal(s.out.entries[0].is_pinned, cases[i].is_pinned);
		close_scene(&s);
	}
}

static void hashes_are_kept_in_lower_case(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "a==1 --hash=sha256:" HASH " --hash md5:00\n");
	assert_true(s.out.entries[0].has_hashes);
	assert_int_equal(s.out.entries[0].sha256s_count, 1);
	assert_int_equal(s.out.entries[0].sha256s[0].ptr[63], 'f');
	assert_int_equal(s.out.entries[0].line, 1);
	close_scene(&s);
}

static void markers_are_kept(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "a ; sys_platform == 'win32'\n./b ; python_version < '3'\n");
	assert_text(s.out.entries[0].requirement.marker, "sys_platform == 'win32'");
	assert_text(s.out.entries[1].requirement.marker, "python_version < '3'");
	close_scene(&s);
}

/* ---- options ---- */

static void options_of_indexes_are_kept(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "-i https://a.example/simple\n--extra-index-url 'https://b.example'\n"
		      "--extra-index-url=\"https://c.example\"\n--no-index\n--pre\n-f /links\n");
	assert_text(s.out.index_url, "https://a.example/simple");
	assert_int_equal(s.out.extra_urls_count, 2);
	assert_text(s.out.extra_urls[1], "https://c.example");
	assert_true(s.out.has_no_index);
	assert_true(s.out.takes_prereleases);
	assert_int_equal(s.out.find_links_count, 1);
	assert_text(s.out.find_links[0], "/links");
	close_scene(&s);
}

/* FormatControl: a name is stronger than ":all:", and ":all:" forgets what came before.  */
static void formats_are_controlled_as_pip_does(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "--no-binary x\n--only-binary :all:\n--no-binary My_Pkg\n");
	assert_true(mc_requirements_takes_wheel(&s.out, MC_STR("x")));
	assert_false(mc_requirements_takes_sdist(&s.out, MC_STR("x")));
	assert_false(mc_requirements_takes_wheel(&s.out, MC_STR("my-pkg")));
	assert_true(mc_requirements_takes_sdist(&s.out, MC_STR("my-pkg")));
	close_scene(&s);
}

/* ---- what is wrong ---- */

static void a_broken_line_is_one_problem(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "good\nno good \033[1m\n--nosuch\nalso==1\n-r https://example.org/x.txt\n-r gone.txt\n");
	assert_int_equal(s.out.entries_count, 2);
	assert_int_equal(s.out.problems_count, 4);
	assert_non_null(strstr(s.out.problems[0].ptr, "line 2: no good ?[1m"));
	assert_text(s.out.problems[1], "line 3: an option that pip does not know");
	assert_non_null(strstr(s.out.problems[3].ptr, "there is no such regular file"));
	close_scene(&s);
}

static void files_that_include_themselves_end(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "a\n-r requirements.txt\n-r ./requirements.txt\n-c requirements.txt\n");
	assert_int_equal(s.out.entries_count, 1);
	assert_int_equal(s.out.constraints_count, 1);
	assert_int_equal(s.out.problems_count, 0);
	close_scene(&s);
}

static void what_is_no_text_is_refused(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put_bytes(&s.fixture, "requirements.txt", "a\0b", 3);
	assert_int_equal(mc_requirements_read(s.fixture.path, &s.arena, &s.out, &s.err), MC_ERR_FORMAT);
	s.err = MC_ERROR_INIT;
	assert_int_equal(mc_requirements_read("/nosuch/requirements.txt", &s.arena, &s.out, &s.err),
			 MC_ERR_NOT_FOUND);
	close_scene(&s);
}

/* What goes on in the next line is joined in linear memory.  */
static void many_continued_lines_stay_cheap(void **state)
{
	size_t count = 200000;
	char *text = malloc(count * 3 + 1);
	struct scene s;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + 3 * i, "a\\\n", 3);
	text[count * 3] = '\0';
	open_scene(&s);
	read_good(&s, text);
	assert_int_equal(s.out.problems_count, 1);
	close_scene(&s);
	free(text);
}

static void names_of_files(void **state)
{
	static const char *const good[] = {"requirements.txt", "requirements-dev.txt", "dev-requirements.in",
					   "constraints.txt"};
	static const char *const bad[] = {"notes.txt", "requirements.toml", "x.whl", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(mc_requirements_is_name(mc_str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(mc_requirements_is_name(mc_str_of(bad[i])));
}

static void memory_that_runs_out_is_told(void **state)
{
	struct scene s;
	size_t n = 0;
	enum mc_status status;

	(void)state;
	open_scene(&s);
	put(&s, "limits.txt", "numpy<2\n");
	put(&s, "requirements.txt", "-c limits.txt\na[x]==1 --hash=sha256:" HASH "\n./b\n--pre\n-f x\nbad line\n"
				    "--no-binary a,b\nc==${HOME}\n");
	do {
		struct starve starve = {.left = n++};
		const struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena arena;

		mc_arena_init(&arena, &alloc);
		s.err = MC_ERROR_INIT;
		status = mc_requirements_read(s.fixture.path, &arena, &s.out, &s.err);
		assert_true(status == MC_OK || status == MC_ERR_NOMEM);
		mc_arena_clear(&arena);
		assert_int_equal(starve.live, 0);
	} while (status);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_as_pip_reads_them),
		cmocka_unit_test(places_are_told_from_names),
		cmocka_unit_test(a_pin_is_one_exact_version),
		cmocka_unit_test(hashes_are_kept_in_lower_case),
		cmocka_unit_test(markers_are_kept),
		cmocka_unit_test(options_of_indexes_are_kept),
		cmocka_unit_test(formats_are_controlled_as_pip_does),
		cmocka_unit_test(a_broken_line_is_one_problem),
		cmocka_unit_test(files_that_include_themselves_end),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(many_continued_lines_stay_cheap),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(memory_that_runs_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
