/* SPDX-License-Identifier: MIT */
/* From paths to one survey; what a person sees of it is in tests/cases.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "fixture.h"
#include "muslcheck/report.h"
#include "muslcheck/scan.h"
#include "tiny_elf.h"

#define WHEELS 14

static struct fixture fixture;
static char paths[WHEELS + 2][512];
static const char *list[WHEELS + 2];
static char padded[6 << 20]; /* an ELF file, and zeros behind it */

/* One wheel with modules that lack a symbol each, and now and then one that cannot be read.  */
static void put_wheel(unsigned i, bool is_large)
{
	static struct tiny modules[3];
	char names[3][64], symbols[3][32], wheel[64], metadata[64], headers[64], filename[64];
	struct zip_member members[6] = {
		{.name = wheel, .text = "Wheel-Version: 1.0\nTag: cp312-abi3-linux_x86_64\n"},
		{.name = metadata, .text = headers},
	};
	size_t n = 2;

	snprintf(wheel, sizeof(wheel), "demo%u-1.dist-info/WHEEL", i);
	snprintf(metadata, sizeof(metadata), "demo%u-1.dist-info/METADATA", i);
	snprintf(headers, sizeof(headers), "Name: demo%u\nVersion: 1\n", i);
	snprintf(filename, sizeof(filename), "demo%u-1-cp312-abi3-linux_x86_64.whl", i);
	for (unsigned m = 0; m < 3; m++) {
		const struct tiny_spec spec = {.imports = {symbols[m]}};

		snprintf(symbols[m], sizeof(symbols[m]), "lacks_%u_%u", i, m);
		snprintf(names[m], sizeof(names[m]), "demo%u/m%u.abi3.so", i, m);
		tiny_make(&modules[m], &spec);
		members[n++] = (struct zip_member){.name = names[m],
						   .text = (const char *)modules[m].bytes,
						   .text_nbytes = modules[m].nbytes,
						   .lies = i % 5 == 3 && m == 1 ? ZIP_LIE_CRC : 0};
	}
	if (is_large) {
		memcpy(padded, modules[0].bytes, modules[0].nbytes);
		members[2].text = padded;
		members[2].text_nbytes = sizeof(padded);
	}
	put_zip(&fixture, filename, members);
	snprintf(paths[i], sizeof(paths[i]), "%s/%s", fixture.dir, filename);
	list[i] = paths[i];
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

static size_t complaints;

static void count_complaint(void *state, const struct mc_error *why)
{
	(void)state, (void)why;
	complaints++;
}

/* The JSON report of the paths, read by so many threads.  */
static size_t report(unsigned jobs, size_t count, char *text, size_t room)
{
	const struct mc_scan_options options = {.question = MC_SCAN_COPY, .jobs = jobs, .complain = count_complaint};
	const struct mc_report_style style = {.columns = 80};
	struct mc_error err = MC_ERROR_INIT;
	struct mc_scan *scan;
	FILE *out = fmemopen(text, room, "w");
	size_t nbytes;

	assert_non_null(out);
	if (mc_scan_open(&options, list, count, &scan, &err))
		fail_msg("%s: %s", err.subject, err.text);
	assert_non_null(mc_scan_survey(scan));
	assert_int_equal(mc_report_json.write(mc_scan_survey(scan), &style, out, &err), MC_OK);
	nbytes = (size_t)ftell(out);
	assert_true(nbytes < room);
	fclose(out);
	mc_scan_close(scan);
	return nbytes;
}

static void nobody_sees_how_many_threads_there_were(void **state)
{
	static char one[1 << 20], many[1 << 20];
	size_t one_nbytes, count = WHEELS, complaints_of_one;

	(void)state;
	for (unsigned i = 0; i < WHEELS; i++)
		put_wheel(i, i == 4 || i == 9);
	put_text(&fixture, "broken-1-py3-none-any.whl", "no zip at all");
	snprintf(paths[count], sizeof(paths[count]), "%s/broken-1-py3-none-any.whl", fixture.dir);
	list[count] = paths[count];
	count++;
	complaints = 0;
	one_nbytes = report(1, count, one, sizeof(one));
	complaints_of_one = complaints;
	assert_true(complaints_of_one > 0);
	assert_non_null(strstr(one, "lacks_4_2"));
	for (unsigned jobs = 2; jobs <= 9; jobs += 7) {
		complaints = 0;
		memset(many, 0, sizeof(many));
		assert_int_equal(report(jobs, count, many, sizeof(many)), one_nbytes);
		assert_memory_equal(one, many, one_nbytes);
		assert_int_equal(complaints, complaints_of_one);
	}
}

static void wheels_in_a_folder_are_read_alike(void **state)
{
	static char one[1 << 20], many[1 << 20];
	size_t one_nbytes;

	(void)state;
	for (unsigned i = 0; i < WHEELS; i++)
		put_wheel(i, i == 2);
	list[0] = fixture.dir;
	one_nbytes = report(1, 1, one, sizeof(one));
	assert_int_equal(report(4, 1, many, sizeof(many)), one_nbytes);
	assert_memory_equal(one, many, one_nbytes);
}

static void a_path_that_is_not_there_is_told_and_the_rest_is_judged(void **state)
{
	const struct mc_scan_options options = {.question = MC_SCAN_COPY, .complain = count_complaint};
	struct mc_error err = MC_ERROR_INIT;
	struct mc_scan *scan;

	(void)state;
	put_wheel(0, false);
	list[1] = "/nosuch/wheel.whl";
	complaints = 0;
	assert_int_equal(mc_scan_open(&options, list, 2, &scan, &err), MC_OK);
	assert_int_equal(complaints, 1);
	assert_false(mc_scan_is_whole(scan));
	assert_int_equal(mc_scan_survey(scan)->dists_count, 2); /* never as if it had not been asked for */
	mc_scan_close(scan);
	assert_int_equal(mc_scan_open(&options, &list[1], 1, &scan, &err), MC_OK);
	assert_null(mc_scan_survey(scan));
	mc_scan_close(scan);
	mc_scan_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_sees_how_many_threads_there_were, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wheels_in_a_folder_are_read_alike, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_path_that_is_not_there_is_told_and_the_rest_is_judged, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
