/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "muslcheck/report.h"
#include "starve.h"

#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* ---- a survey with names that an enemy chose ---- */

static const struct mc_tag tags[] = {
	{TEXT("cp312"), TEXT("cp312"), TEXT("manylinux_2_17_x86_64")},
	{TEXT("cp312"), TEXT("cp312"), TEXT("linux\x1b[2J")},
};

static const struct mc_dist demo = {
	.kind = MC_DIST_WHEEL,
	.name = TEXT("demo"),
	.version = TEXT("1.0"),
	.path = TEXT("demo\xff-1.0.whl"),
	.tags = tags,
	.tags_count = 2,
};

static const struct mc_dist loose = {
	.kind = MC_DIST_LOOSE, .path = TEXT("venv"), .is_editable = true};

static const struct mc_object object = {
	.dist = &demo,
	.kind = MC_MEMBER_ELF,
	.path = TEXT("demo/\"quoted\"\\\n.so"),
	.where = TEXT("/usr/local/lib/\x1b]0;x\x07.so"),
	.elf = {.machine = 62, .word_bits = 64},
};

static const struct mc_object broken = {
	.kind = MC_MEMBER_ELF,
	.path = TEXT("broken.so"),
	.where = TEXT("/broken.so"),
	.status = MC_ERR_FORMAT,
	.problem = TEXT("cut short"),
};

static const struct mc_str errors[] = {TEXT("Error relocating x: \xe2\x80\xae: symbol not found")};

static const struct mc_finding findings[] = {
	{
		.rule = MC_RULE_SYMBOL,
		.severity = MC_SEVERITY_ERROR,
		.dist = &demo,
		.object = &object,
		.path = TEXT("demo/\"quoted\"\\\n.so"),
		.subject = TEXT("__printf_chk\0hidden"),
		.message = TEXT("musl 1.2.5 has no such name"),
		.fix = TEXT("build it there"),
		.name_class = MC_CLASS_ARTEFACT,
		.in_gcompat = true,
	},
	{
		.rule = MC_RULE_LIBRARY,
		.severity = MC_SEVERITY_WARNING,
		.certainty = MC_CERTAINTY_STRONG,
		.is_against = true,
		.dist = &loose,
		.message = TEXT("gr\xc3\xbc\xc3\x9f"),
		.package = "libgomp1",
	},
};

static const struct mc_finding *const worst[] = {&findings[0]};

static struct mc_survey survey_of(const struct mc_dist_verdict *dists, size_t dists_count)
{
	static const struct mc_object_verdict objects[] = {
		{.object = &object, .errors = errors, .errors_count = 1},
		{.object = &broken},
	};
	static const struct mc_package_need needs[] = {{"libgomp1", "libgomp.so.1"}};

	return (struct mc_survey){
		.target = mc_target_default(12, MC_LIBC_MUSL),
		.against = mc_target_default(12, MC_LIBC_GLIBC),
		.advice = MC_ADVICE_SLIM,
		.reason = TEXT("demo would not run"),
		.dists = dists,
		.dists_count = dists_count,
		.counts = {[MC_VERDICT_BREAKS] = 1, [MC_VERDICT_PURE] = 1},
		.findings = findings,
		.findings_count = 2,
		.objects = objects,
		.objects_count = 2,
		.against_packages = needs,
		.against_packages_count = 1,
	};
}

static const struct mc_dist_verdict verdicts[] = {
	{.dist = &demo,
	 .verdict = MC_VERDICT_BREAKS,
	 .against = MC_VERDICT_RUNS,
	 .objects_count = 1,
	 .findings = worst,
	 .findings_count = 1,
	 .gcompat_would_do = true},
	{.dist = &loose, .verdict = MC_VERDICT_PURE, .against = MC_VERDICT_PURE},
};

/* ---- writing into memory ---- */

static char *written(const struct mc_report_format *format, const struct mc_survey *survey,
		     enum mc_status wanted)
{
	struct mc_report_style style = {.show_all = true, .columns = 80};
	struct mc_error err = MC_ERROR_INIT;
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	assert_non_null(out);
	assert_int_equal(format->write(survey, &style, out, &err), wanted);
	assert_int_equal(err.status, wanted);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), nbytes); /* no NUL came through */
	return text;
}

static json_t *parsed(const struct mc_survey *survey)
{
	char *text = written(&mc_report_json, survey, MC_OK);
	json_error_t error;
	json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!report)
		fail_msg("line %d: %s", error.line, error.text);
	free(text);
	return report;
}

static void assert_string(const json_t *report, const char *array, size_t i, const char *key,
			  const char *wanted)
{
	const json_t *value =
		json_object_get(i == SIZE_MAX ? json_object_get(report, array)
					      : json_array_get(json_object_get(report, array), i),
				key);

	if (!wanted) {
		assert_true(json_is_null(value));
		return;
	}
	assert_true(json_is_string(value));
	assert_string_equal(json_string_value(value), wanted);
}

static void json_says_what_the_survey_says(void **state)
{
	struct mc_survey survey = survey_of(verdicts, 2);
	json_t *report = parsed(&survey);
	const json_t *summary = json_object_get(report, "summary");

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(report, "schema")), 1);
	assert_string(report, "tool", SIZE_MAX, "name", "muslcheck");
	assert_string(report, "target", SIZE_MAX, "libc", "musl");
	assert_string(report, "target", SIZE_MAX, "python", "3.12");
	assert_string(report, "against", SIZE_MAX, "libc", "glibc");
	assert_string_equal(json_string_value(json_object_get(report, "advice")), "slim");
	assert_string_equal(json_string_value(json_object_get(report, "question")), "copy");
	assert_int_equal(json_integer_value(json_object_get(summary, "dists")), 2);
	assert_int_equal(json_integer_value(json_object_get(summary, "breaks")), 1);
	assert_int_equal(json_integer_value(json_object_get(summary, "needs-packages")), 0);
	summary = json_object_get(summary, "findings");
	assert_int_equal(json_integer_value(json_object_get(summary, "error")), 1);
	assert_int_equal(json_integer_value(json_object_get(summary, "warning")), 1);
	assert_int_equal(json_integer_value(json_object_get(summary, "note")), 0);
	assert_int_equal(json_array_size(json_object_get(report, "packages")), 0);
	assert_string(report, "against_packages", 0, "package", "libgomp1");
	assert_string(report, "dists", 0, "kind", "wheel");
	assert_string(report, "dists", 0, "verdict", "breaks");
	assert_string(report, "dists", 0, "against", "runs");
	assert_string(report, "dists", 1, "kind", "loose");
	assert_string(report, "dists", 1, "version", NULL);
	assert_string(report, "findings", 0, "rule", "MC101");
	assert_string(report, "findings", 0, "class", "artefact");
	assert_string(report, "findings", 0, "package", NULL);
	assert_string(report, "findings", 0, "image", survey.target.name);
	assert_string(report, "findings", 1, "image", survey.against.name);
	assert_string(report, "findings", 1, "path", NULL);
	assert_string(report, "findings", 1, "fix", NULL);
	assert_string(report, "findings", 1, "class", NULL);
	assert_string(report, "findings", 1, "certainty", "strong");
	assert_string(report, "findings", 1, "message", "gr\xc3\xbc\xc3\x9f");
	assert_string(report, "objects", 0, "machine", "x86_64");
	assert_string(report, "objects", 0, "type", "shared");
	assert_string(report, "objects", 1, "type", NULL);
	assert_string(report, "objects", 1, "machine", NULL);
	assert_string(report, "objects", 1, "dist", NULL);
	json_decref(report);
}

static void hostile_names_are_spelt_out_in_json(void **state)
{
	struct mc_survey survey = survey_of(verdicts, 2);
	json_t *report = parsed(&survey);
	const json_t *list;

	(void)state;
	assert_string(report, "dists", 0, "path", "demo\\xff-1.0.whl");
	assert_string(report, "findings", 0, "subject", "__printf_chk\\x00hidden");
	assert_string(report, "findings", 0, "path", "demo/\"quoted\"\\\\x0a.so");
	assert_string(report, "objects", 0, "where", "/usr/local/lib/\\x1b]0;x\\x07.so");
	list = json_object_get(json_array_get(json_object_get(report, "objects"), 0), "errors");
	assert_string_equal(json_string_value(json_array_get(list, 0)),
			    "Error relocating x: \\xe2\\x80\\xae: symbol not found");
	list = json_object_get(json_array_get(json_object_get(report, "dists"), 0), "tags");
	assert_string_equal(json_string_value(json_array_get(list, 1)),
			    "cp312-cp312-linux\\x1b[2J");
	json_decref(report);
}

static void hostile_names_are_spelt_out_in_text(void **state)
{
	struct mc_survey survey = survey_of(verdicts, 2);
	char *text = written(&mc_report_text, &survey, MC_OK);

	(void)state;
	for (const char *p = text; *p; p++)
		assert_true((unsigned char)*p >= 0x20 || *p == '\n');
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "\\x00hidden"));
	free(text);
}

static void keys_come_in_the_documented_order(void **state)
{
	static const char *const keys[] = {
		"schema", "tool",   "question", "question_source", "asked", "target",
		"against", "advice", "reason",	"summary",	   "packages",
		"against_packages", "sizes", "proof", "excuses", "dockerfiles", "dists", "findings", "objects"};
	struct mc_survey survey = survey_of(verdicts, 2);
	json_t *report = parsed(&survey), *value;
	const char *key;
	size_t i = 0;

	(void)state;
	json_object_foreach(report, key, value)
	{
		assert_true(i < sizeof(keys) / sizeof(*keys));
		assert_string_equal(key, keys[i++]);
	}
	assert_int_equal(i, sizeof(keys) / sizeof(*keys));
	json_decref(report);
}

static void an_empty_survey_is_whole_json(void **state)
{
	struct mc_survey survey = {
		.target = mc_target_default(0, MC_LIBC_MUSL),
		.against = mc_target_default(0, MC_LIBC_GLIBC),
		.reason = TEXT("nothing native"),
	};
	json_t *report = parsed(&survey);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(report, "advice")), "alpine");
	assert_int_equal(json_array_size(json_object_get(report, "dists")), 0);
	json_decref(report);
}

static void a_bare_libc_has_no_release_nor_table(void **state)
{
	struct mc_survey survey = survey_of(verdicts, 2);
	json_t *report;

	(void)state;
	survey.target = (struct mc_target){.name = "libc.so"};
	report = parsed(&survey);
	assert_string(report, "target", SIZE_MAX, "image", "libc.so");
	assert_string(report, "target", SIZE_MAX, "python", NULL);
	json_decref(report);
}

static void thousands_of_dists_are_written(void **state)
{
	enum { COUNT = 5000 };
	struct mc_dist_verdict *many = calloc(COUNT, sizeof(*many));
	struct mc_survey survey;
	json_t *report;

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i < COUNT; i++)
		many[i] = verdicts[0];
	survey = survey_of(many, COUNT);
	report = parsed(&survey);
	assert_int_equal(json_array_size(json_object_get(report, "dists")), COUNT);
	json_decref(report);
	free(many);
}

static void a_full_disk_is_an_error(void **state)
{
	const struct mc_report_format *const formats[] = {&mc_report_json, &mc_report_text};
	struct mc_survey survey = survey_of(verdicts, 2);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct mc_report_style style = {0};
		struct mc_error err = MC_ERROR_INIT;
		FILE *out = fopen("/dev/full", "w");

		if (!out)
			skip();
		setbuf(out, NULL);
		assert_int_equal(formats[i]->write(&survey, &style, out, &err), MC_ERR_IO);
		assert_int_not_equal(err.sys_errno, 0);
		fclose(out);
	}
}

/* ---- jansson's memory ---- */

static struct starve starve;

static void *take(size_t nbytes)
{
	return starve_take(&starve, nbytes);
}

static void give(void *ptr)
{
	if (ptr)
		starve_give(&starve, ptr);
}

static void every_failed_allocation_is_reported(void **state)
{
	struct mc_survey survey = survey_of(verdicts, 2);

	(void)state;
	for (size_t grant = 0;; grant++) {
		struct mc_report_style style = {0};
		struct mc_error err = MC_ERROR_INIT;
		FILE *out = tmpfile();
		enum mc_status status;

		assert_non_null(out);
		starve = (struct starve){.left = grant};
		json_set_alloc_funcs(take, give);
		status = mc_report_json.write(&survey, &style, out, &err);
		json_set_alloc_funcs(malloc, free);
		fclose(out);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_says_what_the_survey_says),
		cmocka_unit_test(hostile_names_are_spelt_out_in_json),
		cmocka_unit_test(hostile_names_are_spelt_out_in_text),
		cmocka_unit_test(keys_come_in_the_documented_order),
		cmocka_unit_test(an_empty_survey_is_whole_json),
		cmocka_unit_test(a_bare_libc_has_no_release_nor_table),
		cmocka_unit_test(thousands_of_dists_are_written),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
