/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/project.h"
#include "starve.h"

struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_project project;
	struct mc_error err;
};

static int set_up(void **state)
{
	static struct scene s;

	fixture_open(&s.fixture);
	mc_arena_init(&s.arena, NULL);
	s.err = MC_ERROR_INIT;
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
	return 0;
}

static enum mc_status read_it(struct scene *s)
{
	s->err = MC_ERROR_INIT;
	return mc_project_read(mc_str_of(s->fixture.dir), &s->arena, &s->project, &s->err);
}

/* "name|text|text {extra}|gap" of what is there.  */
static void assert_says(struct scene *s, const char *wanted)
{
	char said[1024];
	size_t at = 0;

	assert_int_equal(read_it(s), MC_OK);
	at += (size_t)snprintf(said + at, sizeof(said) - at, "%.*s", MC_TEXT(s->project.name));
	for (size_t i = 0; i < s->project.count; i++) {
		const struct mc_project_line *line = &s->project.lines[i];

		at += (size_t)snprintf(said + at, sizeof(said) - at, "|%.*s", MC_TEXT(line->text));
		if (line->extra.len)
			at += (size_t)snprintf(said + at, sizeof(said) - at, " {%.*s}", MC_TEXT(line->extra));
	}
	if (s->project.gap.len)
		snprintf(said + at, sizeof(said) - at, "|gap: %.*s", MC_TEXT(s->project.gap));
	assert_string_equal(said, wanted);
}

static void pep_621_is_read(void **state)
{
	struct scene *s = *state;

	put_text(&s->fixture, "pyproject.toml",
		 "[project]\nname = 'My.App'\ndependencies = ['flask>=3', \"b; sys_platform == 'linux'\"]\n"
		 "[project.optional-dependencies]\nDev_X = ['pytest', 'my-app[more]']\nmore = ['torch']\n");
	put_text(&s->fixture, "setup.py", "setup(install_requires=['not-asked'])\n");
	assert_says(s, "my-app|flask>=3|b; sys_platform == 'linux'|pytest {dev-x}|my-app[more] {dev-x}|torch {more}");
	put_text(&s->fixture, "pyproject.toml", "[project]\nname = 'x'\n");
	assert_says(s, "x");
}

static void what_is_dynamic_is_read_from_setuptools_files_or_is_a_gap(void **state)
{
	struct scene *s = *state;

	put_text(&s->fixture, "pyproject.toml", "[project]\nname='x'\ndynamic=['dependencies']\n");
	assert_says(s, "x|gap: its dependencies are \"dynamic\": they come to be when it is built");
	put_text(&s->fixture, "pyproject.toml",
		 "[project]\nname='x'\ndynamic=['dependencies', 'optional-dependencies']\n"
		 "[tool.setuptools.dynamic]\ndependencies = {file = ['in.txt']}\n"
		 "[tool.setuptools.dynamic.optional-dependencies]\ndev = {file = 'dev.txt'}\n");
	put_text(&s->fixture, "in.txt", "# all\nflask # why\n\n  b==1\n");
	put_text(&s->fixture, "dev.txt", "pytest");
	assert_says(s, "x|pytest {dev}|flask|b==1");
	put_text(&s->fixture, "in.txt", "-r more.txt\nflask\n");
	assert_says(s, "x|pytest {dev}|flask|gap: an option stands among its dependencies");
	put_text(&s->fixture, "pyproject.toml",
		 "[project]\nname='x'\ndynamic=['dependencies']\n"
		 "[tool.setuptools.dynamic]\ndependencies = {file = ['nosuch.txt']}\n");
	assert_says(s, "x|gap: its dependencies are in nosuch.txt, which cannot be read");
}

/* The ranges are those of Poetry's manual, "Dependency specification".  */
static void poetry_is_read_with_its_carets_and_tildes(void **state)
{
	static const struct {
		const char *written, *read;
	} ranges[] = {
		{"^1.2.3", ">=1.2.3,<2"}, {"^1.2", ">=1.2,<2"},	      {"^1", ">=1,<2"},
		{"^0.2.3", ">=0.2.3,<0.3"}, {"^0.0.3", ">=0.0.3,<0.0.4"}, {"^0.0", ">=0.0,<0.1"},
		{"^0", ">=0,<1"},	      {"~1.2.3", ">=1.2.3,<1.3"}, {"~1.2", ">=1.2,<1.3"},
		{"~1", ">=1,<2"},	      {"1.2.*", "==1.2.*"},	      {">= 1.2, < 1.5", ">= 1.2,< 1.5"},
		{"1.2.3", "==1.2.3"},	      {"==1.2.3", "==1.2.3"},     {"~=1.2", "~=1.2"},
		{"!=1.2", "!=1.2"},	      {"*", ""},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		char text[256], wanted[256];

		snprintf(text, sizeof(text), "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\npython='^3.9'\na='%s'\n",
			 ranges[i].written);
		snprintf(wanted, sizeof(wanted), "x|a %s", ranges[i].read);
		put_text(&s->fixture, "pyproject.toml", text);
		assert_says(s, wanted);
	}
	put_text(&s->fixture, "pyproject.toml",
		 "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\n"
		 "a = {version='^1', extras=['y', 'z'], platform='linux', python='>=3.9'}\n"
		 "b = {version='*', optional=true}\nc = [{version='1', python='<3.9'}, {version='2'}]\n"
		 "[tool.poetry.extras]\nwith_b = ['b']\n[tool.poetry.group.dev.dependencies]\nd='*'\n");
	assert_says(s, "x|a[y,z] >=1,<2 ; sys_platform == \"linux\" and python_version >= \"3.9\"|b  {with-b}|"
		       "c ==1 ; python_version < \"3.9\"|c ==2");
	put_text(&s->fixture, "pyproject.toml", "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\na='^1 || ^2'\n");
	assert_says(s, "x|gap: which a it requires cannot be read");
	put_text(&s->fixture, "pyproject.toml", "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\na={git='u'}\n");
	assert_says(s, "x|gap: a comes from a place of its own, which is not looked at");
}

static void setup_cfg_is_read_and_setup_py_is_not_run(void **state)
{
	struct scene *s = *state;

	assert_int_equal(read_it(s), MC_ERR_NOT_FOUND);
	put_text(&s->fixture, "setup.py", "setup()\n");
	assert_says(s, "|gap: what it requires is worked out by its setup.py, which is not run");
	put_text(&s->fixture, "setup.cfg",
		 "[metadata]\nname = A_b\n[options]\ninstall_requires =\n    flask>=3 # web\n\n    # no\n    c\n"
		 "packages = find:\n[options.extras_require]\nx = one; two\n");
	assert_says(s, "a-b|flask>=3|c|one {x}|two {x}");
	put_text(&s->fixture, "pyproject.toml", "[build-system]\nrequires = ['setuptools']\n");
	assert_says(s, "a-b|flask>=3|c|one {x}|two {x}");
	put_text(&s->fixture, "pyproject.toml", "[tool.flit.metadata]\nmodule='x'\n");
	assert_says(s, "|gap: Flit's old table says what it requires, which is not read");
	put_text(&s->fixture, "pyproject.toml", "[project\n");
	assert_int_equal(read_it(s), MC_ERR_FORMAT);
	assert_non_null(strstr(s->err.subject, "pyproject.toml"));
}

static void odd_values_are_gaps_and_never_silence(void **state)
{
	static const char *const texts[] = {
		"[project]\nname='x'\ndependencies='flask'\n",
		"[project]\nname='x'\ndependencies=[1]\n",
		"[project]\nname='x'\ndependencies=['']\n",
		"[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\na=1\n",
		"[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\na='^x'\n",
		"[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\n'a b'='1'\n",
		"[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\na='1,,2'\n",
	};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put_text(&s->fixture, "pyproject.toml", texts[i]);
		assert_int_equal(read_it(s), MC_OK);
		if (!s->project.gap.len)
			fail_msg("no gap in %s", texts[i]);
	}
}

static void memory_may_run_out_anywhere(void **state)
{
	struct starve starve = {0};
	const struct mc_alloc alloc = {starve_take, starve_give, &starve};
	enum mc_status status = MC_ERR_NOMEM;
	struct scene *s = *state;

	put_text(&s->fixture, "pyproject.toml",
		 "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\n"
		 "a = {version='^1,<1.9', extras=['y'], platform='linux', python='>=3.9'}\n");
	for (size_t grants = 0; status == MC_ERR_NOMEM; grants++) {
		struct mc_project project;
		struct mc_arena arena;

		starve.left = grants;
		mc_arena_init(&arena, &alloc);
		status = mc_project_read(mc_str_of(s->fixture.dir), &arena, &project, NULL);
		assert_true(status == MC_ERR_NOMEM || status == MC_OK);
		if (!status && !project.gap.len)
			assert_string_equal(project.lines[0].text.ptr,
					    "a[y] >=1,<2,<1.9 ; sys_platform == \"linux\" and python_version >= \"3.9\"");
		mc_arena_clear(&arena);
		assert_int_equal(starve.live, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pep_621_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_dynamic_is_read_from_setuptools_files_or_is_a_gap, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(poetry_is_read_with_its_carets_and_tildes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(setup_cfg_is_read_and_setup_py_is_not_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_values_are_gaps_and_never_silence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_may_run_out_anywhere, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("project", tests, NULL, NULL);
}
