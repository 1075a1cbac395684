/* SPDX-License-Identifier: MIT */
/* Answers as indexes give them, cut down to the fields that are read.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index_impl.h"

#define JSON "application/vnd.pypi.simple.v1+json"
#define BASE "https://example.org/simple/my-pkg/"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct mc_arena arena;
static struct mc_index_page page;
static const char *problem;

static int set_up(void **state)
{
	(void)state;
	mc_arena_init(&arena, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	return 0;
}

static enum mc_status read_as(const char *type, const char *text)
{
	return mc_index_page_read(&arena, mc_str_of(type), MC_STR(BASE), mc_str_of(text), &page,
				  &problem);
}

static void assert_text(struct mc_str got, const char *wanted)
{
	char text[600];

	snprintf(text, sizeof(text), "%.*s", MC_TEXT(got));
	assert_string_equal(text, wanted);
}

static void a_json_page_tells_all_of_a_file(void **state)
{
	const struct mc_candidate *o;

	(void)state;
	assert_int_equal(
		read_as(JSON "; charset=utf-8",
			"{\"alternate-locations\": [], \"files\": [ {\"core-metadata\": "
			"{\"sha256\": \"x\"},"
			"\"filename\": \"my_pkg-1.0-py3-none-any.whl\","
			"\"hashes\": {\"blake2b_256\": \"12\", \"sha256\": \"" HASH "\"},"
			"\"provenance\": null, \"requires-python\": \">=3.8\", \"size\": 1234,"
			"\"url\": \"https://files.example.org/ab/my_pkg-1.0-py3-none-any.whl\","
			"\"yanked\": \"broke [\\\"{\"},"
			"{\"url\": \"../../f/my_pkg-1.0%2Bcpu.tar.gz\", \"hashes\": {}, "
			"\"yanked\": false}"
			"], \"meta\": {\"_last-serial\": 1, \"api-version\": \"1.4\"}, \"name\": "
			"\"my-pkg\","
			"\"versions\": [\"1.0\"]}\n"),
		MC_OK);
	assert_int_equal(page.count, 2);
	o = &page.offers[0];
	assert_text(o->file_name, "my_pkg-1.0-py3-none-any.whl");
	assert_text(o->place, "https://files.example.org/ab/my_pkg-1.0-py3-none-any.whl");
	assert_text(o->sha256, HASH);
	assert_text(o->requires_python, ">=3.8");
	assert_int_equal(o->nbytes, 1234);
	assert_true(o->is_yanked && o->is_remote);
	o = &page.offers[1];
	assert_text(o->file_name, "my_pkg-1.0+cpu.tar.gz");
	assert_text(o->place, "https://example.org/f/my_pkg-1.0%2Bcpu.tar.gz");
	assert_int_equal(o->sha256.len, 0);
	assert_int_equal(o->nbytes, 0);
	assert_false(o->is_yanked);
}

/* pip's Link.from_json(): true and a text mean yanked, "" does not.  */
static void yanked_in_json(void **state)
{
	static const struct {
		const char *value;
		bool is_yanked;
	} rows[] = {{"true", true},
		    {"false", false},
		    {"\"\"", false},
		    {"\"x\"", true},
		    {"null", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[200];

		snprintf(text, sizeof(text), "{\"files\":[{\"url\":\"a-1.zip\",\"yanked\":%s}]}",
			 rows[i].value);
		assert_int_equal(read_as(JSON, text), MC_OK);
		assert_int_equal(page.offers[0].is_yanked, rows[i].is_yanked);
	}
}

static void json_that_is_none_says_so(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"[]",
		"{",
		"{}",
		"{\"files\"",
		"{\"files\":",
		"{\"files\":{}}",
		"{\"files\":[",
		"{\"files\":[1]}",
		"{\"files\":[{]}",
		"{\"files\":[{}",
		"{\"files\":[{},]}",
		"{\"files\":[{}]",
		"{\"files\":[]}x",
		"{\"files\":[]} {}",
		"{\"a\":\"",
		"{\"a\":]}",
		"{\"a\":1,}",
		"{1:2}",
		"{\"files\":[{\"url\":\"a\\u0000b\"}]}",
		"{\"files\":[\"\\",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_as(JSON, texts[i]), MC_ERR_FORMAT);
		assert_true(strlen(problem) > 0);
	}
}

static void an_entry_has_a_bound(void **state)
{
	size_t n = MC_INDEX_ENTRY_NBYTES_MAX + 100;
	char *text = malloc(n + 100);

	(void)state;
	strcpy(text, "{\"files\":[{\"url\":\"");
	memset(text + strlen(text), 'a', n);
	strcpy(text + n, "\"}]}");
	assert_int_equal(read_as(JSON, text), MC_ERR_LIMIT);
	/* What is not read may be as deep as it likes.  */
	memset(text, '[', n);
	memcpy(text, "{\"x\":", 5);
	memset(text + n / 2, ']', n - n / 2);
	text[n] = '\0';
	assert_int_equal(read_as(JSON, text), MC_ERR_FORMAT);
	free(text);
}

/* A link of one byte below a base of 8 KB is 8 KB.  */
static void a_long_base_fills_neither_memory_nor_time(void **state)
{
	size_t count = 20000, at = 0;
	char *text = malloc(count * 30 + 100), *base = malloc(8000);

	(void)state;
	memset(base, 'a', 7999);
	memcpy(base, "https://example.org/", 20);
	base[7998] = '/';
	base[7999] = '\0';
	for (size_t i = 0; i < count; i++) /* every other is no file, but takes its time */
		at += (size_t)sprintf(text + at, "<a href=b-1.zip><a href=.>");
	assert_int_equal(mc_index_page_read(&arena, MC_STR("text/html"), mc_str_of(base),
					    mc_str_of(text), &page, &problem),
			 MC_ERR_LIMIT);
	free(text);
	free(base);
}

/* PEP 629 */
static void another_major_version_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(read_as(JSON, "{\"meta\":{\"api-version\":\"2.0\"},\"files\":[]}"),
			 MC_ERR_UNSUPPORTED);
	assert_int_equal(read_as(JSON, "{\"meta\":{\"api-version\":\"1.99\"},\"files\":[]}"),
			 MC_OK);
	assert_int_equal(
		read_as("text/html", "<meta name=\"pypi:repository-version\" content=\"2.0\">"),
		MC_ERR_UNSUPPORTED);
	assert_int_equal(
		read_as("text/html", "<meta content='1.3' name='pypi:repository-version' />"),
		MC_OK);
	assert_int_equal(read_as("application/json", "{\"files\":[]}"), MC_ERR_UNSUPPORTED);
	assert_int_equal(read_as("", "{\"files\":[]}"), MC_ERR_UNSUPPORTED);
}

/* PEP 503, 592 */
static void an_html_page_is_its_anchors(void **state)
{
	(void)state;
	assert_int_equal(
		read_as("TEXT/HTML;charset=utf-8",
			"<!DOCTYPE html>\n<html><head><title>Links for "
			"my-pkg</title></head><body>\n"
			"<!-- <a href=\"my_pkg-0.1.zip\">no</a> -->\n"
			"<A HREF=\"../../f/my_pkg-1.0.tar.gz#sha256=" HASH "\" "
			"data-requires-python=\"&gt;=3.8,&#60;4\" "
			"rel=\"internal\">whatever</a><br/>\n"
			"<a data-yanked='' href='my_pkg-1.1-py3-none-any.whl#md5=1&amp;sha256=" HASH
			"'>x</a>"
			"<a href=https://example.com/my_pkg-1.2.zip?a=1&amp;b=2 data-yanked>x</a>"
			"<a title=\"a > b\" href=\"//example.net/my_pkg-1.3.zip\">"
			"<a name=x>nothing</a><a href=\"mailto:me@example.org\">mail</a>"
			"<a href=\"file:///etc/my_pkg-2.0.zip\">file</a><a "
			"href=\"javascript:1\">js</a>"),
		MC_OK);
	assert_int_equal(page.count, 4);
	assert_text(page.offers[0].place, "https://example.org/f/my_pkg-1.0.tar.gz");
	assert_text(page.offers[0].requires_python, ">=3.8,<4");
	assert_text(page.offers[0].sha256, HASH);
	assert_false(page.offers[0].is_yanked);
	assert_text(page.offers[1].place, BASE "my_pkg-1.1-py3-none-any.whl");
	assert_text(page.offers[1].sha256, HASH);
	assert_true(page.offers[1].is_yanked);
	assert_text(page.offers[2].place, "https://example.com/my_pkg-1.2.zip?a=1&b=2");
	assert_text(page.offers[2].file_name, "my_pkg-1.2.zip");
	assert_true(page.offers[2].is_yanked);
	assert_text(page.offers[3].place, "https://example.net/my_pkg-1.3.zip");
}

static void the_first_base_counts(void **state)
{
	(void)state;
	assert_int_equal(read_as("text/html", "<base href=\"/files/\"><base href=\"/other/\">"
					      "<a href=\"a-1.zip\">"),
			 MC_OK);
	assert_text(page.offers[0].place, "https://example.org/files/a-1.zip");
	assert_int_equal(read_as("text/html", "<base href=\"file:///\"><a href=\"a-1.zip\">"),
			 MC_OK);
	assert_text(page.offers[0].place, BASE "a-1.zip");
}

/* They become files of ours.  */
static void names_with_slashes_and_controls_are_passed_over(void **state)
{
	(void)state;
	assert_int_equal(read_as("text/html",
				 "<a href='a%2Fb-1.zip'><a href='a%00-1.zip'><a href='a%0A-1.zip'>"
				 "<a href='.a-1.zip'><a href='a/..'><a href='a/'><a href=''>"
				 "<a href='%2e%2e%2fa-1.zip'><a href='a&#10;-1.zip'>"),
			 MC_OK);
	assert_int_equal(page.count, 0);
	/* Credentials of a page are not for us to send.  */
	assert_int_equal(read_as("text/html", "<a href='https://u:p@example.org/a-1.zip'>"), MC_OK);
	assert_text(page.offers[0].place, "https://example.org/a-1.zip");
}

static void torn_html_ends_where_it_is_torn(void **state)
{
	static const char *const texts[] = {
		"<a href=\"a-1.zip", "<a href=", "<a", "<", "<!--", "<a \"", "<!-- -",
		"<a href='x' =\"=>"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		enum mc_status status = read_as("text/html", texts[i]);

		assert_true(status == MC_OK || status == MC_ERR_FORMAT);
	}
	assert_int_equal(read_as("text/html", "no markup at all"), MC_ERR_FORMAT);
}

static void entities_are_decoded_once(void **state)
{
	(void)state;
	assert_int_equal(read_as("text/html",
				 "<a href='a-1.zip' data-requires-python='&amp;gt;&quot;&#x3E;"
				 "&#xe9;&#x20ac;&#x1f600;&unknown;&#xd800;&#0;&'>"),
			 MC_OK);
	assert_text(page.offers[0].requires_python,
		    "&gt;\">\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80&unknown;&#xd800;&#0;&");
}

static void private_parts_of_urls_are_not_shown(void **state)
{
	static const char *const rows[][2] = {
		{"https://example.org/simple/", "https://example.org/simple/"},
		{"https://me:pass@example.org/x", "https://****@example.org/x"},
		{"https://me:pa/ss@word@example.org/x", "https://****@example.org/x"},
		{"https://me:pa?ss@example.org/x?sig=1#f", "https://****@example.org/x"},
		{"https://example.org/x?sig=abc", "https://example.org/x"},
		{"me:pass@example.org", "****@example.org"},
		{"https://example.org/\x1b[31m\n", "https://example.org/%1B[31m%0A"},
		/* What is before a later "://" is no scheme.  */
		{"/x?sig=abc&to=https://example.org/", "/x"},
		{"me:pass@example.org/x://", "****@example.org/x://"},
		{"", ""},
		{"@", "****@"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_text(mc_url_redact(&arena, mc_str_of(rows[i][0])), rows[i][1]);
}

static void urls_are_taken_apart(void **state)
{
	struct mc_url url;

	(void)state;
	assert_int_equal(mc_url_read(&arena, MC_STR(""),
				     MC_STR("HTTPS://me:p%40ss@Example.org/a b#f"), &url),
			 MC_OK);
	assert_text(url.origin, "https://example.org:443");
	assert_text(url.user, "me");
	assert_text(url.password, "p@ss");
	assert_text(url.fragment, "f");
	assert_null(strchr(url.text.ptr, '@'));
	assert_non_null(strstr(url.text.ptr, "/a%20b"));
	assert_int_equal(mc_url_read(&arena, MC_STR(""), MC_STR("ftp://example.org/"), &url),
			 MC_ERR_UNSUPPORTED);
	assert_int_equal(mc_url_read(&arena, MC_STR(""), MC_STR("file:///etc/passwd"), &url),
			 MC_ERR_UNSUPPORTED);
	assert_int_equal(mc_url_read(&arena, MC_STR(""), MC_STR("/relative"), &url), MC_ERR_FORMAT);
	assert_int_equal(mc_url_read(&arena, MC_STR(""), MC_STR(""), &url), MC_ERR_FORMAT);
	assert_int_equal(
		mc_url_read(&arena, MC_STR(""), MC_STR("http://u%0Ax:y@example.org/"), &url),
		MC_ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_json_page_tells_all_of_a_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(yanked_in_json, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_that_is_none_says_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_entry_has_a_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_base_fills_neither_memory_nor_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_major_version_is_not_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_html_page_is_its_anchors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_base_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_with_slashes_and_controls_are_passed_over,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(torn_html_ends_where_it_is_torn, set_up, tear_down),
		cmocka_unit_test_setup_teardown(entities_are_decoded_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(private_parts_of_urls_are_not_shown, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(urls_are_taken_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("index_page", tests, NULL, NULL);
}
