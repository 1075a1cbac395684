/* SPDX-License-Identifier: MIT */
/* The expected choices are pip's: pip download --no-index --find-links DIR --no-deps
 * --platform musllinux_1_2_x86_64 --python-version 3.12 --only-binary :all: (wheels), and
 * packaging.tags.sys_tags() for the order of tags.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/candidate.h"

static const struct mc_chooser alpine = {MC_LIBC_MUSL, "1.2.5", 12, "x86_64", false};

struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_candidates house;
};

static void open_house(struct scene *s, const char *const *names)
{
	fixture_open(&s->fixture);
	mc_arena_init(&s->arena, NULL);
	mc_candidates_init(&s->house, &s->arena);
	for (; *names; names++) {
		char path[600];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", s->fixture.dir, *names);
		file = fopen(path, "wb");
		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
	}
	assert_int_equal(mc_candidates_add_folder(&s->house, s->fixture.dir, NULL), MC_OK);
}

static void close_house(struct scene *s)
{
	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
}

static void assert_choice(struct scene *s, const char *specifiers, const char *wanted)
{
	const struct mc_candidate *got =
		mc_candidates_choose(&s->house, MC_STR("my-pkg"), mc_str_of(specifiers), &alpine);

	if (wanted)
		assert_string_equal(got ? got->file_name.ptr : "(nothing)", wanted);
	else
		assert_null(got);
}

static void a_pin_is_met_by_the_wheel_with_the_best_tag(void **state)
{
	static const char *const names[] = {
		"my_pkg-1.0-py3-none-any.whl",
		"my_pkg-1.0-cp311-abi3-musllinux_1_2_x86_64.whl",
		"my_pkg-1.0-cp312-cp312-musllinux_1_1_x86_64.whl",
		"my_pkg-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
		"my_pkg-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
		"my_pkg-1.0-cp313-cp313-musllinux_1_2_x86_64.whl",
		"my_pkg-1.0.tar.gz",
		"my_pkg-2.0-py3-none-any.whl",
		NULL,
	};
	struct scene s;

	(void)state;
	open_house(&s, names);
	assert_choice(&s, "==1.0", "my_pkg-1.0-cp312-cp312-musllinux_1_2_x86_64.whl");
	assert_choice(&s, "==1.0.0", "my_pkg-1.0-cp312-cp312-musllinux_1_2_x86_64.whl");
	assert_choice(&s, "", "my_pkg-2.0-py3-none-any.whl");
	assert_choice(&s, "==3.0", NULL);
	close_house(&s);
}

static void tags_are_preferred_in_the_order_of_packaging(void **state)
{
	static const char *const order[] = {
		"cp312-cp312-musllinux_1_2_x86_64", "cp312-cp312-musllinux_1_0_x86_64",
		"cp312-cp312-linux_x86_64",	    "cp312-abi3-musllinux_1_2_x86_64",
		"cp312-none-musllinux_1_2_x86_64",  "cp311-abi3-musllinux_1_2_x86_64",
		"cp39-abi3-linux_x86_64",	    "py312-none-musllinux_1_2_x86_64",
		"py3-none-musllinux_1_1_x86_64",    "py311-none-linux_x86_64",
		"cp312-none-any",		    "py312-none-any",
		"py3-none-any",			    "py311-none-any",
	};

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(order) / sizeof(*order); i++) {
		char worse[128], better[128];
		const char *names[] = {worse, better, NULL};
		struct scene s;

		snprintf(better, sizeof(better), "my_pkg-1.0-%s.whl", order[i]);
		snprintf(worse, sizeof(worse), "my_pkg-1.0-%s.whl", order[i + 1]);
		open_house(&s, names);
		assert_choice(&s, "==1.0", better);
		close_house(&s);
	}
}

static void a_build_tag_counts_between_wheels_of_one_tag(void **state)
{
	static const char *const names[] = {"my_pkg-1.0-py3-none-any.whl", "my_pkg-1.0-9-py3-none-any.whl",
					    "my_pkg-1.0-10-py3-none-any.whl", NULL};
	struct scene s;

	(void)state;
	open_house(&s, names);
	assert_choice(&s, "==1.0", "my_pkg-1.0-10-py3-none-any.whl");
	close_house(&s);
}

static void a_newer_source_archive_wins_over_an_older_wheel(void **state)
{
	static const char *const names[] = {"my_pkg-1.0-py3-none-any.whl", "my_pkg-1.0.tar.gz",
					    "my-pkg-1.1.zip", NULL};
	struct scene s;

	(void)state;
	open_house(&s, names);
	assert_choice(&s, "", "my-pkg-1.1.zip");
	assert_choice(&s, "==1.0", "my_pkg-1.0-py3-none-any.whl");
	close_house(&s);
}

static void prereleases_are_taken_when_nothing_else_is_there(void **state)
{
	static const char *const both[] = {"my_pkg-1.0-py3-none-any.whl", "my_pkg-2.0rc1-py3-none-any.whl",
					   NULL};
	static const char *const one[] = {"my_pkg-2.0rc1-py3-none-any.whl", NULL};
	struct scene s;

	(void)state;
	open_house(&s, both);
	assert_choice(&s, "", "my_pkg-1.0-py3-none-any.whl");
	assert_choice(&s, "==2.0rc1", "my_pkg-2.0rc1-py3-none-any.whl");
	close_house(&s);
	open_house(&s, one);
	assert_choice(&s, "", "my_pkg-2.0rc1-py3-none-any.whl");
	close_house(&s);
}

static void a_rejected_file_is_no_choice_any_more(void **state)
{
	static const char *const names[] = {"my_pkg-1.0-py3-none-any.whl", "my_pkg-0.9-py3-none-any.whl",
					    "README.txt", "my_pkg.whl", "x-y-z.whl", NULL};
	struct scene s;

	(void)state;
	open_house(&s, names);
	assert_int_equal(s.house.count, 2);
	mc_candidates_choose(&s.house, MC_STR("my-pkg"), MC_STR(""), &alpine)->is_rejected = true;
	assert_choice(&s, "", "my_pkg-0.9-py3-none-any.whl");
	close_house(&s);
}

static void offer(struct scene *s, const char *file_name, const char *requires_python, bool is_yanked)
{
	struct mc_candidate c = {.file_name = mc_str_of(file_name),
				 .name = MC_STR("my-pkg"),
				 .requires_python = mc_str_of(requires_python),
				 .is_yanked = is_yanked};

	assert_int_equal(mc_candidates_add(&s->house, &c), MC_OK);
}

static void what_an_index_says_counts(void **state)
{
	static const char *const none[] = {NULL};
	struct mc_candidate other = {.file_name = MC_STR("other-1.0.tar.gz"), .name = MC_STR("my-pkg")};
	struct scene s;

	(void)state;
	open_house(&s, none);
	offer(&s, "my_pkg-1.0-py3-none-any.whl", "", false);
	offer(&s, "my_pkg-1.1-py3-none-any.whl", ">=3.8,<3.12", false);
	offer(&s, "my_pkg-1.2-py3-none-any.whl", "", true);
	assert_choice(&s, "", "my_pkg-1.0-py3-none-any.whl");
	assert_choice(&s, ">=1.1", NULL);
	assert_choice(&s, "==1.1", NULL);
	assert_choice(&s, "==1.2", "my_pkg-1.2-py3-none-any.whl");
	assert_choice(&s, "==1.2.*", NULL);
	assert_choice(&s, "==1.2, !=1.0", "my_pkg-1.2-py3-none-any.whl");
	assert_int_equal(mc_candidates_add(&s.house, &other), MC_ERR_FORMAT);
	close_house(&s);
}

/* pip's ARCHIVE_EXTENSIONS, and its parse_version() of what stands before them.  */
static void source_archives_have_these_names(void **state)
{
	static const struct {
		const char *name;
		bool is_taken;
	} cases[] = {{"my-pkg-1.0.tar", true},	   {"my-pkg-1.0.tar.lzma", true}, {"my-pkg-1.0.tbz", true},
		     {"my-pkg-1.0.txz", true},	   {"my-pkg-1.0.rar", false},	  {"my-pkg-2004d.tar.gz", false},
		     {"my-pkg-1.0-py2.7.tar.gz", false}, {"my-pkg-1.0-1.tar.gz", true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		static const char *const none[] = {NULL};
		struct mc_candidate c = {.file_name = mc_str_of(cases[i].name), .name = MC_STR("my-pkg")};
		struct scene s;

		open_house(&s, none);
		assert_int_equal(mc_candidates_add(&s.house, &c), cases[i].is_taken ? MC_OK : MC_ERR_FORMAT);
		close_house(&s);
	}
}

/* packaging filters pre-releases before pip looks at what is yanked.  */
static void a_yanked_release_keeps_prereleases_away(void **state)
{
	static const char *const none[] = {NULL};
	struct scene s;

	(void)state;
	open_house(&s, none);
	offer(&s, "my_pkg-1.0-py3-none-any.whl", "", true);
	offer(&s, "my_pkg-2.0rc1-py3-none-any.whl", "", false);
	assert_choice(&s, "", NULL);
	close_house(&s);
}

/* Of files that differ in nothing that pip chooses by, the last of a page.  */
static void of_equal_files_the_last_is_taken(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const names[] = {"my-pkg-1.0.zip", "my-pkg-1.0.tar.gz"};
	struct scene s;

	(void)state;
	open_house(&s, none);
	for (size_t i = 0; i < 2; i++) {
		struct mc_candidate c = {.file_name = mc_str_of(names[i]), .place = mc_str_of(names[i]),
					 .name = MC_STR("my-pkg"), .is_remote = true};

		assert_int_equal(mc_candidates_add(&s.house, &c), MC_OK);
	}
	assert_choice(&s, "", "my-pkg-1.0.tar.gz");
	close_house(&s);
}

static void the_range_is_of_wheels_that_fit(void **state)
{
	static const char *const names[] = {
		"my_pkg-0.9-py3-none-any.whl",   "my_pkg-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
		"my_pkg-0.8.tar.gz",		  "my_pkg-3.0-cp312-cp312-manylinux_2_17_x86_64.whl",
		"my_pkg-2.0rc1-py3-none-any.whl", NULL};
	const struct mc_candidate *newest, *oldest;
	struct scene s;

	(void)state;
	open_house(&s, names);
	mc_candidates_range(&s.house, MC_STR("my-pkg"), &alpine, &newest, &oldest);
	assert_string_equal(newest->version.ptr, "1.0");
	assert_string_equal(oldest->version.ptr, "0.9");
	mc_candidates_range(&s.house, MC_STR("other"), &alpine, &newest, &oldest);
	assert_null(newest);
	assert_null(oldest);
	close_house(&s);
}

/* "my-pkg-2" is not version 2 of "my-pkg" when the project is known.  */
static void the_project_tells_name_from_version(void **state)
{
	static const char *const none[] = {NULL};
	struct mc_candidate c = {.file_name = MC_STR("my-pkg-2-1.0.tar.gz"), .name = MC_STR("my-pkg-2")};
	struct scene s;

	(void)state;
	open_house(&s, none);
	assert_int_equal(mc_candidates_add(&s.house, &c), MC_OK);
	assert_string_equal(s.house.items[0]->version.ptr, "1.0");
	close_house(&s);
}

/* SpecifierSet(">=2.0rc1").prereleases is True, that of "!=2.0rc1" and "<2" None.  */
static void a_specifier_that_names_a_prerelease_takes_them(void **state)
{
	static const char *const names[] = {"my_pkg-1.0-py3-none-any.whl", "my_pkg-2.0rc2-py3-none-any.whl",
					    NULL};
	struct scene s;

	(void)state;
	open_house(&s, names);
	assert_choice(&s, ">=0.9", "my_pkg-1.0-py3-none-any.whl");
	assert_choice(&s, ">=0.9, !=2.0rc1", "my_pkg-1.0-py3-none-any.whl");
	assert_choice(&s, ">=0.9rc1", "my_pkg-2.0rc2-py3-none-any.whl");
	assert_choice(&s, ">1.0", "my_pkg-2.0rc2-py3-none-any.whl");
	close_house(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_is_met_by_the_wheel_with_the_best_tag),
		cmocka_unit_test(tags_are_preferred_in_the_order_of_packaging),
		cmocka_unit_test(a_build_tag_counts_between_wheels_of_one_tag),
		cmocka_unit_test(a_newer_source_archive_wins_over_an_older_wheel),
		cmocka_unit_test(prereleases_are_taken_when_nothing_else_is_there),
		cmocka_unit_test(a_rejected_file_is_no_choice_any_more),
		cmocka_unit_test(what_an_index_says_counts),
		cmocka_unit_test(source_archives_have_these_names),
		cmocka_unit_test(a_yanked_release_keeps_prereleases_away),
		cmocka_unit_test(of_equal_files_the_last_is_taken),
		cmocka_unit_test(the_range_is_of_wheels_that_fit),
		cmocka_unit_test(the_project_tells_name_from_version),
		cmocka_unit_test(a_specifier_that_names_a_prerelease_takes_them),
	};

	return cmocka_run_group_tests_name("candidate", tests, NULL, NULL);
}
