/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/verdict.h"
#include "starve.h"
#include "tiny_elf.h"

#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct mc_tag musl_tag = {TEXT("cp312"), TEXT("cp312"), TEXT("musllinux_1_2_x86_64")};
static const struct mc_tag gnu_tag = {TEXT("cp312"), TEXT("cp312"), TEXT("manylinux_2_17_x86_64")};

static const struct mc_dist musl_wheel = {
	.kind = MC_DIST_WHEEL, .name = TEXT("m"), .tags = &musl_tag, .tags_count = 1, .python_minor = 12};
static const struct mc_dist gnu_wheel = {
	.kind = MC_DIST_WHEEL, .name = TEXT("g"), .tags = &gnu_tag, .tags_count = 1, .python_minor = 12};
static const struct mc_dist installed = {
	.kind = MC_DIST_INSTALLED, .name = TEXT("i"), .python_minor = 12};
static const struct mc_dist unreadable = {
	.kind = MC_DIST_WHEEL, .name = TEXT("u"), .status = MC_ERR_FORMAT, .problem = TEXT("cut short")};

/* One dist with at most one file, judged for python:3.12.  */
struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_objects objects;
	struct mc_survey survey;
};

static enum mc_status judge(struct scene *s, const struct mc_dist *dist)
{
	struct mc_judge_options options = {
		.target = mc_target_default(12, MC_LIBC_MUSL),
		.fail_on = MC_SEVERITY_ERROR,
	};
	struct mc_error err = MC_ERROR_INIT;

	/* The tiny files have no PT_GNU_STACK, which glibc 2.41 refuses.  */
	assert_int_equal(mc_target_find(MC_STR("python:3.12-slim-bookworm"), &options.against, &err), MC_OK);
	return mc_judge(&dist, 1, &s->objects, &options, &s->arena, &s->survey, &err);
}

static enum mc_status add(struct scene *s, const struct mc_dist *dist, const char *name,
			  const struct tiny_spec *spec)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_object *object;
	char path[600];
	struct tiny tiny;
	FILE *file;

	tiny_make(&tiny, spec);
	snprintf(path, sizeof(path), "%s/%s", s->fixture.dir, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(tiny.bytes, 1, tiny.nbytes, file), tiny.nbytes);
	assert_int_equal(fclose(file), 0);
	MC_TRY(mc_objects_add_file(&s->objects, mc_str_of(path), &object, &err));
	object->dist = dist;
	return MC_OK;
}

static void open_scene(struct scene *s, const struct mc_alloc *alloc)
{
	fixture_open(&s->fixture);
	mc_arena_init(&s->arena, alloc);
	mc_objects_init(&s->objects, &s->arena);
}

static void close_scene(struct scene *s)
{
	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
}

static void judge_one(struct scene *s, const struct mc_dist *dist, const char *name,
		      const struct tiny_spec *spec)
{
	open_scene(s, NULL);
	if (name)
		assert_int_equal(add(s, dist, name, spec), MC_OK);
	assert_int_equal(judge(s, dist), MC_OK);
	assert_int_equal(s->survey.dists_count, 1);
}

static const struct mc_finding *finding(const struct mc_survey *survey, enum mc_rule rule)
{
	for (size_t i = 0; i < survey->findings_count; i++)
		if (survey->findings[i].rule == rule && !survey->findings[i].is_against)
			return &survey->findings[i];
	return NULL;
}

static void rules_have_codes_of_their_own_in_order(void **state)
{
	(void)state;
	for (int rule = 1; rule < MC_RULES_COUNT; rule++)
		assert_true(strcmp(mc_rule_info((enum mc_rule)(rule - 1))->code,
				   mc_rule_info((enum mc_rule)rule)->code) < 0);
}

static void a_dist_without_native_files_is_pure_and_fine(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &installed, NULL, NULL);
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_PURE);
	assert_int_equal(s.survey.advice, MC_ADVICE_ALPINE);
	close_scene(&s);
}

static void a_module_that_loads_runs(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &musl_wheel, "x.cpython-312-x86_64-linux-musl.so",
		  &(struct tiny_spec){.needed = {"libc.so"}, .imports = {"fopen", "PyList_New"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_RUNS);
	assert_int_equal(s.survey.advice, MC_ADVICE_ALPINE);
	assert_true(s.survey.objects[0].loads);
	/* Nobody installs a musllinux wheel on slim: its files are not judged there.  */
	assert_int_equal(s.survey.dists[0].against, MC_VERDICT_TAG_ONLY);
	close_scene(&s);
}

static void a_missing_symbol_breaks_and_has_its_class(void **state)
{
	const struct mc_finding *f;
	struct scene s;

	(void)state;
	judge_one(&s, &musl_wheel, "x.abi3.so", &(struct tiny_spec){.imports = {"__memcpy_chk"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_BREAKS);
	assert_int_equal(s.survey.advice, MC_ADVICE_SLIM);
	f = finding(&s.survey, MC_RULE_SYMBOL);
	assert_non_null(f);
	assert_int_equal(f->name_class, MC_CLASS_ARTEFACT);
	assert_true(f->in_gcompat);
	assert_true(s.survey.dists[0].gcompat_would_do);
	close_scene(&s);
}

static void a_weak_missing_symbol_is_nothing(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &musl_wheel, "x.abi3.so", &(struct tiny_spec){.weak = {"__memcpy_chk"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_RUNS);
	close_scene(&s);
}

static void a_manylinux_wheel_whose_files_load_is_stopped_by_its_tag_only(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &gnu_wheel, "x.cpython-312-x86_64-linux-gnu.so",
		  &(struct tiny_spec){.needed = {"libc.so.6"}, .imports = {"fopen"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_TAG_ONLY);
	assert_int_equal(s.survey.dists[0].against, MC_VERDICT_RUNS);
	assert_non_null(finding(&s.survey, MC_RULE_TAG));
	assert_non_null(finding(&s.survey, MC_RULE_SUFFIX));
	assert_int_equal(s.survey.advice, MC_ADVICE_SLIM);
	close_scene(&s);
}

static void an_installed_dist_is_not_held_to_its_tag(void **state)
{
	struct mc_dist dist = installed;
	struct scene s;

	(void)state;
	dist.tags = &gnu_tag;
	dist.tags_count = 1;
	judge_one(&s, &dist, "x.abi3.so",
		  &(struct tiny_spec){.needed = {"libc.so.6"}, .imports = {"fopen"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_RUNS);
	close_scene(&s);
}

static void a_library_of_a_package_is_resolved_by_its_symbols(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &musl_wheel, "x.abi3.so",
		  &(struct tiny_spec){.needed = {"libstdc++.so.6"}, .imports = {"_Znwm"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_NEEDS_PACKAGES);
	assert_int_equal(s.survey.advice, MC_ADVICE_ALPINE);
	assert_int_equal(s.survey.packages_count, 1);
	assert_string_equal(s.survey.packages[0].package, "libstdc++");
	assert_false(s.survey.objects[0].loads); /* not before apk add */
	close_scene(&s);
	judge_one(&s, &musl_wheel, "x.abi3.so",
		  &(struct tiny_spec){.needed = {"libstdc++.so.6"}, .imports = {"_ZNosuchname"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_BREAKS);
	assert_non_null(finding(&s.survey, MC_RULE_SYMBOL));
	close_scene(&s);
}

static void what_a_missing_library_would_have_is_told_once(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &musl_wheel, "x.abi3.so",
		  &(struct tiny_spec){.needed = {"libnobody.so.1"}, .imports = {"nobody_a", "nobody_b"}});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_BREAKS);
	assert_non_null(finding(&s.survey, MC_RULE_LIBRARY));
	assert_null(finding(&s.survey, MC_RULE_SYMBOL));
	assert_int_equal(s.survey.objects[0].errors_count, 3); /* the loader itself names all */
	close_scene(&s);
}

static void what_cannot_be_read_is_never_alpine(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &unreadable, NULL, NULL);
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_UNKNOWN);
	assert_int_equal(s.survey.advice, MC_ADVICE_SLIM);
	assert_non_null(finding(&s.survey, MC_RULE_UNREADABLE));
	close_scene(&s);
}

static void a_module_for_another_python_is_refused_unless_it_has_a_twin(void **state)
{
	struct scene s;

	(void)state;
	judge_one(&s, &installed, "x.cpython-311-x86_64-linux-musl.so", &(struct tiny_spec){0});
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_TAG_ONLY);
	close_scene(&s);
	open_scene(&s, NULL);
	assert_int_equal(add(&s, &installed, "x.cpython-311-x86_64-linux-musl.so", &(struct tiny_spec){0}),
			 MC_OK);
	assert_int_equal(add(&s, &installed, "x.cpython-312-x86_64-linux-musl.so", &(struct tiny_spec){0}),
			 MC_OK);
	assert_int_equal(judge(&s, &installed), MC_OK);
	assert_int_equal(s.survey.dists[0].verdict, MC_VERDICT_RUNS);
	close_scene(&s);
}

static void suffixes_name_their_python(void **state)
{
	(void)state;
	assert_int_equal(mc_suffix_minor(MC_STR("a/x.cpython-312-x86_64-linux-gnu.so")), 12);
	assert_int_equal(mc_suffix_minor(MC_STR("x.cpython-39-x86_64-linux-gnu.so")), 9);
	assert_int_equal(mc_suffix_minor(MC_STR("x.cpython-37m-x86_64-linux-gnu.so")), 7);
	assert_int_equal(mc_suffix_minor(MC_STR("x.cpython-313t-x86_64-linux-gnu.so")), 0);
	assert_int_equal(mc_suffix_minor(MC_STR("x.pypy310-pp73-x86_64-linux-gnu.so")), 0);
	assert_int_equal(mc_suffix_minor(MC_STR("x.abi3.so")), 0);
	assert_int_equal(mc_suffix_minor(MC_STR("x.cpython-312-x86_64-linux-gnu.so/x.so")), 0);
}

static void every_failed_allocation_is_reported(void **state)
{
	const struct tiny_spec spec = {.needed = {"libstdc++.so.6", "libnobody.so"},
				       .imports = {"_Znwm", "__memcpy_chk", "nobody"}};

	(void)state;
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		enum mc_status status;
		struct scene s;

		open_scene(&s, &alloc);
		status = add(&s, &musl_wheel, "x.abi3.so", &spec);
		if (status == MC_OK)
			status = judge(&s, &musl_wheel);
		close_scene(&s);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 1000);
	}
}

static int start(void **state)
{
	(void)state;
	return mc_elf_startup(NULL) == MC_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_have_codes_of_their_own_in_order),
		cmocka_unit_test(a_dist_without_native_files_is_pure_and_fine),
		cmocka_unit_test(a_module_that_loads_runs),
		cmocka_unit_test(a_missing_symbol_breaks_and_has_its_class),
		cmocka_unit_test(a_weak_missing_symbol_is_nothing),
		cmocka_unit_test(a_manylinux_wheel_whose_files_load_is_stopped_by_its_tag_only),
		cmocka_unit_test(an_installed_dist_is_not_held_to_its_tag),
		cmocka_unit_test(a_library_of_a_package_is_resolved_by_its_symbols),
		cmocka_unit_test(what_a_missing_library_would_have_is_told_once),
		cmocka_unit_test(what_cannot_be_read_is_never_alpine),
		cmocka_unit_test(a_module_for_another_python_is_refused_unless_it_has_a_twin),
		cmocka_unit_test(suffixes_name_their_python),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("verdict", tests, start, NULL);
}
