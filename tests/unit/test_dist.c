/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dist.h"
#include "muslcheck/requirement.h"
#include "starve.h"

static struct mc_arena arena;

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

#define assert_text(text, expected)                                        \
	do {                                                               \
		struct mc_str got_ = (text);                               \
		assert_int_equal(got_.len, strlen(expected));              \
		if (got_.len)                                              \
			assert_memory_equal(got_.ptr, expected, got_.len); \
	} while (0)

static void names_are_normalised_as_pep_503_says(void **state)
{
	static const char *const cases[][2] = {
		{"Friendly-Bard", "friendly-bard"},
		{"friendly.bard", "friendly-bard"},
		{"FRIENDLY_bard", "friendly-bard"},
		{"FrIeNdLy-._.-bArD", "friendly-bard"},
		{"a", "a"},
		{"", ""},
		{"\xc3\x89-\xff", "\xc3\x89-\xff"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mc_str name;

		assert_int_equal(mc_dist_normalise(&arena, mc_str_of(cases[i][0]), &name), MC_OK);
		assert_text(name, cases[i][1]);
	}
}

static void metadata_ends_at_its_first_empty_line(void **state)
{
	struct mc_str name = {"", 0}, version = {"", 0};

	(void)state;
	assert_int_equal(mc_dist_metadata(&arena,
					  MC_STR("Metadata-Version: 2.1\r\nnAME:  My_Pkg \r\n"
						 "Summary: Name: no\r\n  Version: 9\r\n"
						 "Version: 1.0+local\r\nVersion: 2\r\n\r\n"
						 "Name: other\r\n"),
					  &name, &version, NULL),
			 MC_OK);
	assert_text(name, "my-pkg");
	assert_text(version, "1.0+local");
}

/* Each line is what Python's email.message_from_string() says of the head.  */
static void heads_are_cut_as_email_does(void **state)
{
	static const struct {
		const char *text, *name, *python;
	} cases[] = {
		{"Name: x\nRequires-Python: >=3.9\nRequires-Python: >=3\n", "x", ">=3.9"},
		{"Name: x\nRequires-Python: >=3,\n <4\n", "x", ">=3,  <4"},
		{"Name:\n x\nRequires-Python:\n\t>=3\n", "x", ">=3"},
		{"Name: x\n   \nRequires-Python: >=3\n", "x", ">=3"},
		{"Summary: a\rName: x\r\nRequires-Python: >=3", "x", ">=3"},
		{" lead\nName: x\nFrom y\nRequires-Python: >=3\n", "x", ">=3"},
		{": z\nName: x\n\f\nRequires-Python: >=3\n", "x", ""},
		{"Name: x\n\n \nRequires-Python: >=3\n", "x", ""},
		{"Name: x\ngarbage\nRequires-Python: >=3\n", "x", ""},
		{"Name: x\nRequires-Python : >=3\n", "x", ""},
		{"\xef\xbb\xbfName: x\n", "", ""},
		{"\nName: x\n", "", ""},
		{"Name: a b\nName: x\n", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mc_str name = {"", 0}, version = {"", 0}, python = {"", 0};

		assert_int_equal(mc_dist_metadata(&arena, mc_str_of(cases[i].text), &name, &version, &python), MC_OK);
		assert_text(name, cases[i].name);
		assert_text(python, cases[i].python);
	}
}

static void metadata_without_a_name_leaves_what_was_known(void **state)
{
	struct mc_str name = MC_STR("known"), version = MC_STR("7");

	(void)state;
	assert_int_equal(mc_dist_metadata(&arena, MC_STR("Name:\nVersion\n:\n\nName: late"), &name,
					  &version, NULL),
			 MC_OK);
	assert_text(name, "known");
	assert_text(version, "7");
	/* Core metadata: it begins and ends with a letter or a digit.  */
	assert_int_equal(mc_dist_metadata(&arena, MC_STR("Name: x.\nName: -\nName: a b\n"), &name, &version, NULL),
			 MC_OK);
	assert_text(name, "known");
	assert_int_equal(mc_dist_metadata(&arena, (struct mc_str){NULL, 0}, &name, &version, NULL),
			 MC_OK);
	assert_text(name, "known");
}

static void what_a_dist_requires_is_handed_as_written(void **state)
{
	const struct mc_str *requires;
	size_t count;

	(void)state;
	assert_int_equal(mc_dist_requires(&arena,
					  MC_STR("Name: a\r\nRequires-Dist:  b[x]>=1 ; extra == 'y' \r\n"
						 "REQUIRES-DIST: c\nRequires-Dist:\nRequires: d\n"
						 "Requires-Dist-Not: e\n\nRequires-Dist: f\n"),
					  &requires, &count),
			 MC_OK);
	assert_int_equal(count, 2);
	assert_text(requires[0], "b[x]>=1 ; extra == 'y'");
	assert_text(requires[1], "c");
	assert_int_equal(mc_dist_requires(&arena, (struct mc_str){NULL, 0}, &requires, &count), MC_OK);
	assert_int_equal(count, 0);
}

static void what_a_dist_requires_is_bounded(void **state)
{
	static const char line[] = "Requires-Dist: abc\n";
	const size_t nbytes = sizeof(line) - 1, most = MC_REQUIRES_DIST_MAX;
	char *text = test_malloc((most + 1) * nbytes);
	struct mc_str head = {text, most * nbytes};
	const struct mc_str *requires;
	size_t count;

	(void)state;
	for (size_t i = 0; i <= most; i++)
		memcpy(text + i * nbytes, line, nbytes);
	assert_int_equal(mc_dist_requires(&arena, head, &requires, &count), MC_OK);
	assert_int_equal(count, most);
	head.len += nbytes;
	assert_int_equal(mc_dist_requires(&arena, head, &requires, &count), MC_ERR_LIMIT);
	assert_int_equal(count, most);
	assert_text(requires[most - 1], "abc");

	/* A line that no reader of requirements would take.  */
	memset(text + nbytes + 15, 'x', MC_REQUIREMENT_NBYTES_MAX + 1);
	text[nbytes + 15 + MC_REQUIREMENT_NBYTES_MAX + 1] = '\n';
	head.len = nbytes + 15 + MC_REQUIREMENT_NBYTES_MAX + 2;
	assert_int_equal(mc_dist_requires(&arena, head, &requires, &count), MC_ERR_LIMIT);
	assert_int_equal(count, 1);
	text[nbytes + 15 + MC_REQUIREMENT_NBYTES_MAX] = '\n';
	head.len--;
	assert_int_equal(mc_dist_requires(&arena, head, &requires, &count), MC_OK);
	assert_int_equal(count, 2);
	assert_int_equal(requires[1].len, MC_REQUIREMENT_NBYTES_MAX);
	test_free(text);
}

static void tag_sets_expand_to_triples(void **state)
{
	struct mc_tags tags;

	(void)state;
	assert_int_equal(
		mc_dist_expand_tag(&arena, MC_STR("cp38.cp39-abi3-manylinux1_x86_64.any"), &tags),
		MC_OK);
	assert_int_equal(tags.count, 4);
	assert_text(tags.ptr[0].python, "cp38");
	assert_text(tags.ptr[0].platform, "manylinux1_x86_64");
	assert_text(tags.ptr[1].platform, "any");
	assert_text(tags.ptr[3].python, "cp39");
	assert_text(tags.ptr[3].abi, "abi3");
}

static void malformed_tags_are_refused(void **state)
{
	static const char *const cases[] = {
		"",     "-",        "--",      "py3",    "py3-none", "py3-none-", "-none-any",
		"a--b", "a..b-c-d", "a-b-c-d", ".a-b-c", "a.-b-c",   "a-b-c.",    "a-b-c-",
	};
	struct mc_tags tags;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(mc_dist_expand_tag(&arena, mc_str_of(cases[i]), &tags),
				 MC_ERR_FORMAT);
}

static void a_tag_set_that_explodes_is_over_the_limit(void **state)
{
	char text[3 * 400 + 1] = "";
	struct mc_tags tags;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 199; k++)
			strcat(text, "a.");
		strcat(text, i < 2 ? "a-" : "a");
	}
	assert_int_equal(mc_dist_expand_tag(&arena, mc_str_of(text), &tags), MC_ERR_LIMIT);
}

static void wheel_lists_its_tags(void **state)
{
	struct mc_tags tags;

	(void)state;
	assert_int_equal(
		mc_dist_wheel_tags(&arena,
				   MC_STR("Wheel-Version: 1.0\nTag: cp312-cp312-linux_x86_64\n"
					  "Tag: nonsense\ntag:py2.py3-none-any\r\n"),
				   &tags),
		MC_OK);
	assert_int_equal(tags.count, 3);
	assert_text(tags.ptr[0].abi, "cp312");
	assert_text(tags.ptr[2].python, "py3");
	assert_text(tags.ptr[2].platform, "any");

	/* A field goes on in the next line, and the head ends at an empty one.  */
	assert_int_equal(mc_dist_wheel_tags(&arena, MC_STR("Tag:\n cp311-abi3-any\nX: y\n Tag: no-no-no\n\nTag: a-b-c\n"), &tags),
			 MC_OK);
	assert_int_equal(tags.count, 1);
	assert_text(tags.ptr[0].abi, "abi3");
}

static void wheel_names_have_five_or_six_parts(void **state)
{
	struct mc_str name, version, build;
	struct mc_tags tags;

	(void)state;
	assert_int_equal(mc_dist_wheel_name(&arena, MC_STR("My_Pkg-1.0-1build-cp312-cp312-any.whl"),
					    &name, &version, &build, &tags),
			 MC_OK);
	assert_text(name, "my-pkg");
	assert_text(version, "1.0");
	assert_int_equal(tags.count, 1);
	assert_text(tags.ptr[0].python, "cp312");
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("a-1-py3-none-any.whl"), &name, &version, &build, &tags),
		MC_OK);
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("a-1-py3-none.whl"), &name, &version, &build, &tags),
		MC_ERR_FORMAT);
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("a-1-py3-none-any.zip"), &name, &version, &build, &tags),
		MC_ERR_FORMAT);
	assert_int_equal(mc_dist_wheel_name(&arena, MC_STR("a-1-2-3-py3-none-any.whl"), &name,
					    &version, &build, &tags),
			 MC_ERR_FORMAT);
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("a-1-build-py3-none-any.whl"), &name, &version, &build, &tags),
		MC_ERR_FORMAT);
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("a-1 -py3-none-any.whl"), &name, &version, &build, &tags),
		MC_ERR_FORMAT);
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("a-1-py3-none-any.WHL"), &name, &version, &build, &tags),
		MC_ERR_FORMAT);
	assert_int_equal(
		mc_dist_wheel_name(&arena, MC_STR("-1-py3-none-any.whl"), &name, &version, &build, &tags),
		MC_ERR_FORMAT);
}

static unsigned minor_of(const char *tag)
{
	struct mc_tags tags;

	assert_int_equal(mc_dist_expand_tag(&arena, mc_str_of(tag), &tags), MC_OK);
	return mc_dist_tags_minor(tags);
}

static void python_is_known_from_a_version_bound_tag_alone(void **state)
{
	(void)state;
	assert_int_equal(minor_of("cp312-cp312-linux_x86_64"), 12);
	assert_int_equal(minor_of("cp313-cp313t-linux_x86_64"), 13);
	assert_int_equal(minor_of("cp38-abi3-linux_x86_64"), 0);
	assert_int_equal(minor_of("cp39-none-any"), 0);
	assert_int_equal(minor_of("py3-none-any"), 0);
	assert_int_equal(minor_of("pp310-pypy310_pp73-linux_x86_64"), 0);
	assert_int_equal(minor_of("cp3x-cp3x-any"), 0);
	assert_int_equal(minor_of("cp3-cp3-any"), 0);
	assert_int_equal(minor_of("cp39.cp310-cp310-any"), 10);
}

static void python_is_known_from_a_path(void **state)
{
	(void)state;
	assert_int_equal(mc_dist_path_minor(MC_STR("/v/lib/python3.11/site-packages")), 11);
	assert_int_equal(mc_dist_path_minor(MC_STR("/v/lib64/python3.9/x")), 9);
	assert_int_equal(mc_dist_path_minor(MC_STR("/v/lib/python3.13t/x")), 13);
	assert_int_equal(mc_dist_path_minor(MC_STR("/v/share/python3.11/x")), 0);
	assert_int_equal(mc_dist_path_minor(MC_STR("/v/lib/python3.11x/x")), 0);
	assert_int_equal(mc_dist_path_minor(MC_STR("/lib/python3.8/lib/python3.12")), 12);
	assert_int_equal(mc_dist_path_minor(MC_STR("")), 0);
	assert_true(mc_dist_is_standard_library(MC_STR("/usr/local/lib/python3.12/json/decoder.py")));
	assert_true(mc_dist_is_standard_library(MC_STR("usr/local/lib/python3.12/json/decoder.py")));
	assert_true(mc_dist_is_standard_library(MC_STR("lib/python3.12/ast.py")));
	assert_false(mc_dist_is_standard_library(MC_STR("/usr/local/lib/python3.12/site-packages/a/b.py")));
	assert_false(mc_dist_is_standard_library(MC_STR("usr/lib/python3/dist-packages/a.py")));
	assert_false(mc_dist_is_standard_library(MC_STR("usr/lib/python3.11/dist-packages/a.py")));
	assert_false(mc_dist_is_standard_library(MC_STR("/app/mylib/python3.12/a.py")));
	assert_false(mc_dist_is_standard_library(MC_STR("")));
}

static void python_is_known_from_pyvenv_cfg(void **state)
{
	(void)state;
	assert_int_equal(mc_dist_venv_minor(MC_STR("home = /usr\nversion = 3.12.1\n")), 12);
	assert_int_equal(mc_dist_venv_minor(MC_STR("version_info=3.9.7.final.0\r\n")), 9);
	assert_int_equal(mc_dist_venv_minor(MC_STR("version = 2.7\n")), 0);
	assert_int_equal(mc_dist_venv_minor(MC_STR("\0\0=\n=")), 0);
}

static void record_paths_may_be_quoted(void **state)
{
	struct mc_str rest =
		MC_STR("a/b.py,sha256=x,3\r\n\r\n\"q \"\"x\"\", y.so\",,\n,,\n../../c\n"
		       "\"open, never closed\n");
	struct mc_str path;
	uint64_t nbytes = 9;

	(void)state;
	assert_int_equal(mc_record_path(&arena, &rest, &path, &nbytes), MC_OK);
	assert_text(path, "a/b.py");
	assert_int_equal(nbytes, 3);
	assert_int_equal(mc_record_path(&arena, &rest, &path, &nbytes), MC_OK);
	assert_text(path, "q \"x\", y.so");
	assert_int_equal(nbytes, 0);
	assert_int_equal(mc_record_path(&arena, &rest, &path, &nbytes), MC_OK);
	assert_text(path, "../../c");
	assert_int_equal(mc_record_path(&arena, &rest, &path, &nbytes), MC_OK);
	assert_text(path, "open, never closed\n");
	assert_int_equal(mc_record_path(&arena, &rest, &path, &nbytes), MC_END);
}

static void editable_installs_say_so_in_direct_url_json(void **state)
{
	struct mc_str dir;
	bool is_editable;

	(void)state;
	assert_int_equal(mc_dist_direct_url(&arena,
					    MC_STR("{\"dir_info\": {\"editable\" : true},\n"
						   " \"url\": \"file:///src/my%20pkg\"}"),
					    &is_editable, &dir),
			 MC_OK);
	assert_true(is_editable);
	assert_text(dir, "/src/my pkg");
	assert_int_equal(mc_dist_direct_url(&arena,
					    MC_STR("{\"url\": \"file:///x\", \"dir_info\": {}}"),
					    &is_editable, &dir),
			 MC_OK);
	assert_false(is_editable);
	assert_text(dir, "");
	/* A value that looks like a key.  */
	assert_int_equal(
		mc_dist_direct_url(
			&arena,
			MC_STR("{\"url\": \"editable\", \"x\": \"\\\"editable\\\": true\"}"),
			&is_editable, &dir),
		MC_OK);
	assert_false(is_editable);
	assert_int_equal(mc_dist_direct_url(
				 &arena, MC_STR("{\"editable\": true, \"url\": \"file:///a%00b\"}"),
				 &is_editable, &dir),
			 MC_OK);
	assert_true(is_editable);
	assert_text(dir, "");
	assert_int_equal(
		mc_dist_direct_url(&arena, MC_STR("{\"editable\": \"\\"), &is_editable, &dir),
		MC_OK);
	assert_false(is_editable);
}

static void names_alone_rule_files_out(void **state)
{
	static const struct {
		const char *name;
		enum mc_name_hint hint;
	} cases[] = {
		{"a/libx.so", MC_NAME_NATIVE},
		{"a/libx.so.1.2", MC_NAME_NATIVE},
		{"X.SO", MC_NAME_NATIVE},
		{"x.cpython-312-x86_64-linux-gnu.so", MC_NAME_NATIVE},
		{"x.so7", MC_NAME_OPEN},
		{"x.so.py", MC_NAME_SCRIPT},
		{"x.PNG", MC_NAME_OPEN},
		{"x.txt", MC_NAME_OPEN},
		{"x.pyc", MC_NAME_RULED_OUT},
		{"x.PYI", MC_NAME_RULED_OUT},
		{"x.whl", MC_NAME_OPEN},
		{"x.pyo", MC_NAME_OPEN},
		{"x.pth", MC_NAME_RULED_OUT},
		{"x.parquets", MC_NAME_OPEN},
		{"txt", MC_NAME_OPEN},
		{".txt", MC_NAME_OPEN},
		{"x.", MC_NAME_OPEN},
		{"", MC_NAME_OPEN},
		{"a.txt/tool", MC_NAME_OPEN},
		{"tool.sh", MC_NAME_SCRIPT},
		{"x.bin", MC_NAME_OPEN},
		{"1.2.3", MC_NAME_OPEN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(mc_name_hint(mc_str_of(cases[i].name)), cases[i].hint);
}

/* The table behind it is searched by halves: every word must be found.  */
static void every_ending_of_data_is_found(void **state)
{
	static const char *const words[] = {
		"bz2", "c",    "cc",    "cfg",   "cpp", "css", "csv",  "gif",     "h",
		"hpp", "html", "ico",   "ipynb", "jpg", "js",  "json", "map",     "md",
		"mo",  "npy",  "npz",   "pdf",   "pem", "png", "po",   "pth",     "pxd",
		"pyc", "pyi",  "pyx",   "rs",    "rst", "svg", "toml", "ts",      "ttf",
		"txt", "whl",  "woff2", "xml",   "xz",  "yml", "zip",  "license",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "x.%s", words[i]);
		assert_true(mc_name_promises_data(mc_str_of(name)));
	}
	assert_false(mc_name_promises_data(MC_STR("x.bin")));
	assert_false(mc_name_promises_data(MC_STR("x.txt.so")));
	assert_false(mc_name_promises_data(MC_STR("txt")));
}

static enum mc_status parse_all(struct mc_arena *starved)
{
	uint64_t nbytes;
	struct mc_str name, version, build, dir, path, rest = MC_STR("\"a,b\",,\n");
	const struct mc_str *requires;
	size_t requires_count;
	struct mc_tags tags;
	bool is_editable;
	/* Room for one page each, so that every copy below is refused once.  */
	static char long_name[70000];

	memset(long_name, 'x', sizeof(long_name));
	memcpy(long_name, "Version: ", 9);
	MC_TRY(mc_dist_metadata(starved, (struct mc_str){long_name, sizeof(long_name)}, &name,
				&version, NULL));
	MC_TRY(mc_dist_metadata(starved, MC_STR("Name: x\n"), &name, &version, NULL));
	memcpy(long_name, "Requires-Dist: ", 15);
	MC_TRY(mc_dist_requires(starved, (struct mc_str){long_name, 15 + MC_REQUIREMENT_NBYTES_MAX},
				&requires, &requires_count));
	memset(long_name, 'x', 15);
	memcpy(long_name, "a-", 2);
	MC_TRY(mc_dist_folder_name(starved, (struct mc_str){long_name, sizeof(long_name)}, &name,
				   &version));
	memcpy(long_name, "a-b-", 4);
	MC_TRY(mc_dist_expand_tag(starved, (struct mc_str){long_name, sizeof(long_name)}, &tags));
	memcpy(long_name, "Tag:a-b-c\n", 10);
	MC_TRY(mc_dist_wheel_tags(starved, (struct mc_str){long_name, sizeof(long_name)}, &tags));
	MC_TRY(mc_dist_wheel_name(starved, MC_STR("a-1-py3-none-any.whl"), &name, &version, &build, &tags));
	memcpy(long_name, "\"editable\":true,\"url\":\"file:///", 31);
	MC_TRY(mc_dist_direct_url(starved, (struct mc_str){long_name, sizeof(long_name)},
				  &is_editable, &dir));
	memset(long_name, '"', sizeof(long_name));
	rest = (struct mc_str){long_name, sizeof(long_name)};
	MC_TRY(mc_record_path(starved, &rest, &path, &nbytes));
	return MC_OK;
}

static void every_failed_allocation_is_reported(void **state)
{
	(void)state;
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena starved;
		enum mc_status status;

		mc_arena_init(&starved, &alloc);
		status = parse_all(&starved);
		mc_arena_clear(&starved);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 100);
	}
}

static void pip_takes_wheel_texts_of_version_1(void **state)
{
	(void)state;
	assert_true(mc_dist_is_wheel_text(MC_STR("Wheel-Version: 1.0\n")));
	assert_true(mc_dist_is_wheel_text(MC_STR("Generator: x\nwheel-version:01.9\n\nWheel-Version: 7")));
	assert_false(mc_dist_is_wheel_text(MC_STR("")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Tag: py3-none-any\n\nWheel-Version: 1.0\n")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Wheel-Version:\n")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Wheel-Version: 2.0\n")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Wheel-Version: 10\n")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Wheel-Version: 1.x\n")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Wheel-Version: 1..0\n")));
	assert_false(mc_dist_is_wheel_text(MC_STR("Wheel-Version: 1.0\nGenerator: \xff\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pip_takes_wheel_texts_of_version_1),
		cmocka_unit_test(names_are_normalised_as_pep_503_says),
		cmocka_unit_test(metadata_ends_at_its_first_empty_line),
		cmocka_unit_test(heads_are_cut_as_email_does),
		cmocka_unit_test(metadata_without_a_name_leaves_what_was_known),
		cmocka_unit_test(what_a_dist_requires_is_handed_as_written),
		cmocka_unit_test(what_a_dist_requires_is_bounded),
		cmocka_unit_test(tag_sets_expand_to_triples),
		cmocka_unit_test(malformed_tags_are_refused),
		cmocka_unit_test(a_tag_set_that_explodes_is_over_the_limit),
		cmocka_unit_test(wheel_lists_its_tags),
		cmocka_unit_test(wheel_names_have_five_or_six_parts),
		cmocka_unit_test(python_is_known_from_a_version_bound_tag_alone),
		cmocka_unit_test(python_is_known_from_a_path),
		cmocka_unit_test(python_is_known_from_pyvenv_cfg),
		cmocka_unit_test(record_paths_may_be_quoted),
		cmocka_unit_test(editable_installs_say_so_in_direct_url_json),
		cmocka_unit_test(names_alone_rule_files_out),
		cmocka_unit_test(every_ending_of_data_is_found),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("dist", tests, open_arena, clear_arena);
}
