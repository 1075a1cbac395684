/* SPDX-License-Identifier: MIT */
/* The expected answers are those of pip; probe/requirements-cases asks it.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "file.h"
#include "fixture.h"
#include "muslcheck/requirements.h"
#include "path.h"
#include "requirements_cases.h"
#include "starve.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define A16 "0123456789abcdef"
#define DIGITS A16 A16 A16 A16

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_requirements got;
static char home[4096];

static const char *get_env(const char *name, void *state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(requirements_env); i++)
		if (!strcmp(requirements_env[i][0], name))
			return requirements_env[i][1];
	return NULL;
}

static const struct mc_requirements_options with_env = {.get_env = get_env};

static int open_all(void **state)
{
	(void)state;
	assert_non_null(getcwd(home, sizeof(home)));
	fixture_open(&fixture);
	assert_int_equal(chdir(fixture.dir), 0);
	mc_arena_init(&arena, NULL);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	assert_int_equal(chdir(home), 0);
	fixture_close(&fixture);
	return 0;
}

static void assert_text(struct mc_str text, const char *expected)
{
	char copy[4096];

	assert_true(text.len < sizeof(copy));
	snprintf(copy, sizeof(copy), "%.*s", MC_TEXT(text));
	assert_string_equal(copy, expected);
}

static enum mc_status read_text(const char *text)
{
	put_text(&fixture, "requirements.txt", text);
	return mc_requirements_read("requirements.txt", &with_env, &arena, &got, NULL);
}

/* ---- what pip says ---- */

/* As probe/requirements-cases writes it.  */
struct dump {
	char text[1 << 16];
	size_t len;
};

static void put(struct dump *dump, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	dump->len += (size_t)vsnprintf(dump->text + dump->len, sizeof(dump->text) - dump->len, fmt,
				       args);
	va_end(args);
	assert_true(dump->len < sizeof(dump->text));
}

static int order(const void *a, const void *b)
{
	return mc_str_compare(*(const struct mc_str *)a, *(const struct mc_str *)b);
}

static void put_list(struct dump *dump, const struct mc_str *items, size_t count, bool is_sorted)
{
	struct mc_str copy[256];

	assert_true(count <= COUNT(copy));
	if (count)
		memcpy(copy, items, count * sizeof(*copy));
	if (is_sorted && count)
		qsort(copy, count, sizeof(*copy), order);
	for (size_t i = 0; i < count; i++)
		put(dump, "%s%.*s", i ? "," : "", MC_TEXT(copy[i]));
}

static void put_specifiers(struct dump *dump, struct mc_str set)
{
	struct mc_str items[64];
	char text[1024];
	size_t count = 0, len = 0;

	assert_true(set.len < sizeof(text));
	for (size_t i = 0; i < set.len; i++)
		if (set.ptr[i] != ' ')
			text[len++] = set.ptr[i];
	set = (struct mc_str){text, len};
	while (set.len) {
		struct mc_str item = mc_str_cut(&set, ',');

		assert_true(count < COUNT(items));
		if (item.len)
			items[count++] = item;
	}
	put_list(dump, items, count, true);
}

static void put_place(struct dump *dump, const struct mc_requirements_entry *entry)
{
	struct mc_str path;

	if (entry->kind != MC_REQUIREMENTS_PATH || mc_str_starts(entry->place, MC_STR("file:"))) {
		put(dump, "%.*s", MC_TEXT(entry->place));
		return;
	}
	assert_int_equal(mc_path_join(&arena, MC_STR("/"), entry->place, &path), MC_OK);
	if (entry->place.ptr[0] == '/') /* pip makes a URL of it */
		put(dump, "file://%.*s", MC_TEXT(path));
	else
		put(dump, "%.*s", MC_TEXT(mc_str_skip(path, 1)));
}

static void put_entry(struct dump *dump, const struct mc_requirements_entry *entry, bool is_constraint)
{
	static const char *const kinds[] = {"index", "url", "vcs", "path"};
	const struct mc_requirement *wanted = &entry->requirement;
	struct mc_str file;

	put(dump, "%s ", is_constraint ? "constraint" : entry->is_editable ? "editable" : "entry");
	put(dump, "%s%.*s [", wanted->name.len ? "" : "-", MC_TEXT(wanted->name));
	put_list(dump, wanted->extras, wanted->extras_count, true);
	put(dump, "] ");
	put_specifiers(dump, wanted->specifiers);
	put(dump, " %s %s %s ", entry->is_pinned ? "pinned" : "-",
	    wanted->marker.len ? "marker" : "-", kinds[entry->kind]);
	put_place(dump, entry);
	assert_int_equal(mc_path_join(&arena, MC_STR("/"), entry->file, &file), MC_OK);
	put(dump, " %.*s:%u ", MC_TEXT(mc_str_skip(file, 1)), entry->line);
	put_list(dump, entry->sha256, entry->sha256_count, true);
	put(dump, " %s\n", entry->has_other_hashes ? "other" : "-");
	assert_true(entry->text.len > 0);
}

static void put_links(struct dump *dump)
{
	for (size_t i = 0; i < got.find_links.count; i++) {
		struct mc_str link = got.find_links.items[i], path;

		/* pip's is normalised when it is there.  */
		if (link.ptr[0] != '/' && !access(link.ptr, F_OK)) {
			assert_int_equal(mc_path_join(&arena, MC_STR("/"), link, &path), MC_OK);
			link = path.len > 1 ? mc_str_skip(path, 1) : MC_STR(".");
		}
		put(dump, "%s%.*s", i ? "," : "", MC_TEXT(link));
	}
}

static const char *dump_all(struct dump *dump)
{
	const struct {
		const char *key;
		const struct mc_requirements_names *names;
	} sets[] = {{"no", &got.no_binary},
		    {"only", &got.only_binary},
		    {"all", &got.all_releases},
		    {"final", &got.only_final}};

	dump->len = 0;
	for (size_t i = 0; i < got.entries_count; i++)
		put_entry(dump, got.entries[i], false);
	for (size_t i = 0; i < got.constraints_count; i++)
		put_entry(dump, got.constraints[i], true);
	put(dump, "options %s %s urls=", got.has_no_index ? "no-index" : "-",
	    got.replaces_indexes && !got.has_no_index ? "instead" : "-");
	put_list(dump, got.index_urls.items, got.index_urls.count, false);
	put(dump, " links=");
	put_links(dump);
	put(dump, " hosts=");
	put_list(dump, got.trusted_hosts.items, got.trusted_hosts.count, false);
	put(dump, " features=");
	put_list(dump, got.features.items, got.features.count, false);
	for (size_t i = 0; i < COUNT(sets); i++) {
		put(dump, " %s=", sets[i].key);
		put_list(dump, sets[i].names->items, sets[i].names->count, true);
	}
	put(dump, " %s %s\n", got.prefers_binary ? "prefer" : "-",
	    got.requires_hashes ? "hashed" : "-");
	return dump->text;
}

static void check_case(const struct requirements_case *c, struct dump *dump)
{
	struct mc_requirements_options options = with_env;

	for (size_t i = 0; i < COUNT(c->files) && c->files[i].path; i++)
		put_bytes(&fixture, c->files[i].path, c->files[i].bytes, c->files[i].nbytes);
	options.is_constraints = c->is_constraints;
	assert_int_equal(mc_requirements_read(c->files[0].path, &options, &arena, &got, NULL), MC_OK);
	dump_all(dump);
	for (size_t i = 0; i < COUNT(c->files) && c->files[i].path; i++)
		assert_int_equal(unlink(c->files[i].path), 0);
}

static void pip_reads_the_same(void **state)
{
	static struct dump dump;
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(requirements_made); i++)
		put_text(&fixture, requirements_made[i], "");
	for (size_t i = 0; i < COUNT(requirements_cases); i++) {
		const struct requirements_case *c = &requirements_cases[i];
		bool is_same;

		check_case(c, &dump);
		is_same = c->answer ? !strcmp(dump.text, c->answer) : got.problems_count > 0;
		/* "--hash" alone is a warning of pip's, and a problem here.  */
		if (c->answer && got.problems_count &&
		    !mc_str_ends(got.problems[0], MC_STR("--hash without a requirement")))
			is_same = false;
		if (is_same)
			continue;
		failed++;
		print_message("case %zu: %s\n pip:  %s here: %s", i, c->files[0].bytes,
			      c->answer ? c->answer : "stops\n", dump.text);
		for (size_t j = 0; j < got.problems_count; j++)
			print_message(" problem: %.*s\n", MC_TEXT(got.problems[j]));
	}
	assert_int_equal(failed, 0);
}

/* Files of real tools; the answers are pip's (tests/fixtures/requirements/README.md).  */
static void files_of_tools_read_the_same(void **state)
{
	static const char *const names[] = {"universal.txt", "dev.txt", "freeze.txt", "dev.in"};
	static struct dump dump;
	struct mc_str answer;
	char path[64];

	(void)state;
	assert_int_equal(chdir(home), 0);
	assert_int_equal(chdir("tests/fixtures/requirements"), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s.answer", names[i]);
		assert_int_equal(mc_read_whole(&arena, path, 1 << 20, &answer, NULL), MC_OK);
		assert_int_equal(mc_requirements_read(names[i], NULL, &arena, &got, NULL), MC_OK);
		assert_int_equal(got.problems_count, 0);
		assert_true(got.entries_count > 4);
		assert_string_equal(dump_all(&dump), answer.ptr);
	}
}

/* ---- what pip does not say ---- */

static void a_broken_line_is_one_problem(void **state)
{
	(void)state;
	assert_int_equal(read_text("a\nb=1\nc \\\n \xff\nd --hash=x\n-r no\n-r https://h.example.org/r\n"
				   "-e x://u:secret@h.example.org/x\nz\n"),
			 MC_OK);
	assert_int_equal(got.entries_count, 2);
	assert_int_equal(got.entries[1]->line, 9);
	assert_int_equal(got.problems_count, 6);
	assert_text(got.problems[0], "requirements.txt:2: no requirement: b=1");
	assert_text(got.problems[1],
		    "requirements.txt:4: it has bytes that are no text in its encoding");
	assert_text(got.problems[3], "requirements.txt:6: there is no such regular file: -r no");
	assert_text(got.problems[4],
		    "requirements.txt:7: a requirements file at a URL is not fetched");
	assert_text(got.problems[5],
		    "requirements.txt:8: an editable one is a folder or a repository");
}

static void problems_are_bounded_and_printable(void **state)
{
	static char text[300 * 4];

	(void)state;
	for (size_t i = 0; i < 300; i++)
		memcpy(text + i * 4, "=\033x\n", 4);
	put_bytes(&fixture, "requirements.txt", text, sizeof(text));
	assert_int_equal(mc_requirements_read("requirements.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_int_equal(got.problems_count, MC_REQUIREMENTS_PROBLEMS_MAX);
	assert_text(got.problems[0], "requirements.txt:1: no requirement: =?x");
	assert_text(got.problems[99], "and 201 problems more");
}

static void text_is_as_written(void **state)
{
	(void)state;
	assert_int_equal(read_text("foo @ https://${NAME}@h.example.org/x.zip --hash=sha256:" DIGITS
				   " # c\n-e ./${X_1}\n"),
			 MC_OK);
	assert_text(got.entries[0]->text, "foo @ https://${NAME}@h.example.org/x.zip");
	assert_text(got.entries[0]->place, "https://foo@h.example.org/x.zip");
	assert_text(got.entries[1]->text, "-e ./${X_1}");
	assert_text(got.entries[1]->place, "./x");
}

static void hashes_refuse_other_files(void **state)
{
	const char *upper = "0123456789ABCDEF" A16 A16 A16;
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "a==1 --hash=sha256:%s\nb\nc --hash=sha512:00 --hash=sha256:%s\n",
		 upper, upper);
	assert_int_equal(read_text(text), MC_OK);
	assert_true(got.requires_hashes);
	assert_true(mc_requirements_takes_sha256(got.entries[0], MC_STR(DIGITS)));
	assert_false(mc_requirements_takes_sha256(got.entries[0], MC_STR("")));
	assert_false(mc_requirements_takes_sha256(got.entries[0], MC_STR("f" A16)));
	assert_true(mc_requirements_takes_sha256(got.entries[1], MC_STR("f" A16)));
	assert_true(mc_requirements_takes_sha256(got.entries[2], MC_STR("f" A16)));
}

static void constraints_are_found_by_name(void **state)
{
	size_t at = 0, count = 0;

	(void)state;
	put_text(&fixture, "c.txt", "Foo<2\nbar\nfoo!=1.1\n");
	assert_int_equal(read_text("-c c.txt\nfoo\n"), MC_OK);
	assert_int_equal(got.entries_count, 1);
	assert_int_equal(got.constraints_count, 3);
	while (mc_requirements_constraint(&got, MC_STR("foo"), &at))
		count++;
	assert_int_equal(count, 2);
	at = 0;
	assert_null(mc_requirements_constraint(&got, MC_STR("baz"), &at));
}

static void names_tell_requirements_files(void **state)
{
	static const char *const yes[] = {
		"requirements.txt",         "a/Requirements.txt",    "requirements-dev.txt",
		"dev_requirements.txt",     "requirements.test.txt", "requirements/base.txt",
		"/x/requirements/prod.txt", "constraints.txt",       "constraints-3.12.txt",
		"requirements.in",          "dev.in"};
	static const char *const no[] = {
		"", "requirements", ".txt", ".in", "README.txt", "requirementsx.txt", "MANIFEST.in",
		"config.h.in", "requirements.txt.bak", "requirements/x/base.txt", "requires.txt"};

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(mc_requirements_is_name(mc_str_of(yes[i])));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(mc_requirements_is_name(mc_str_of(no[i])));
}

static void files_are_included_32_deep(void **state)
{
	char name[32], text[64];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%d.txt", i);
		snprintf(text, sizeof(text), "p%d\n-r %d.txt\n", i, i + 1);
		put_text(&fixture, name, text);
	}
	assert_int_equal(mc_requirements_read("0.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_int_equal(got.entries_count, MC_REQUIREMENTS_DEPTH_MAX);
	assert_int_equal(got.problems_count, 1);
	assert_text(got.problems[0], "31.txt:2: files included too deep: -r 32.txt");
}

/* Each file twice as often as the one before.  */
static void files_that_multiply_are_bounded(void **state)
{
	char name[32], text[64];

	(void)state;
	for (int i = 0; i < 31; i++) {
		snprintf(name, sizeof(name), "%d.txt", i);
		snprintf(text, sizeof(text), "-r %d.txt\n-r %d.txt\n", i + 1, i + 1);
		put_text(&fixture, name, text);
	}
	put_text(&fixture, "31.txt", "a\n");
	assert_int_equal(mc_requirements_read("0.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_in_range(got.entries_count, 1, MC_REQUIREMENTS_FILES_MAX);
	assert_in_range(got.problems_count, 1, 62);
	assert_non_null(strstr(got.problems[0].ptr, ":1: too many files included: -r "));
}

static void sizes_are_bounded(void **state)
{
	const size_t most = MC_REQUIREMENTS_ENTRIES_MAX, line = MC_REQUIREMENTS_LINE_NBYTES_MAX;
	char *text = test_malloc(line + 16);
	struct mc_error err = MC_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i <= most; i++)
		memcpy(text + i * 2, "a\n", 2);
	put_bytes(&fixture, "requirements.txt", text, most * 2);
	assert_int_equal(mc_requirements_read("requirements.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_int_equal(got.entries_count, most);
	put_bytes(&fixture, "requirements.txt", text, most * 2 + 2);
	assert_int_equal(mc_requirements_read("requirements.txt", NULL, &arena, &got, &err),
			 MC_ERR_LIMIT);
	assert_string_equal(err.text, "there are too many entries");

	memset(text, ' ', line + 16);
	memcpy(text + line - 1, "a\nb\n", 4);
	put_bytes(&fixture, "requirements.txt", text, line + 3);
	assert_int_equal(mc_requirements_read("requirements.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_int_equal(got.entries_count, 2);
	memcpy(text + line - 1, " a\nb\n", 5);
	put_bytes(&fixture, "requirements.txt", text, line + 4);
	assert_int_equal(mc_requirements_read("requirements.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_int_equal(got.entries_count, 1);
	assert_text(got.problems[0], "requirements.txt:1: it is too long");
	test_free(text);

	put_text(&fixture, "big.txt", "");
	assert_int_equal(truncate("big.txt", (off_t)MC_REQUIREMENTS_NBYTES_MAX + 1), 0);
	assert_int_equal(mc_requirements_read("big.txt", NULL, &arena, &got, NULL), MC_ERR_LIMIT);
	put_text(&fixture, "requirements.txt", "-r big.txt\na\n");
	assert_int_equal(mc_requirements_read("requirements.txt", NULL, &arena, &got, NULL), MC_OK);
	assert_int_equal(got.entries_count, 1);
	assert_int_equal(got.problems_count, 1);
}

static void what_is_no_file_is_an_error(void **state)
{
	(void)state;
	put_text(&fixture, "folder/x", "");
	assert_int_equal(mc_requirements_read("none.txt", NULL, &arena, &got, NULL),
			 MC_ERR_NOT_FOUND);
	assert_int_equal(mc_requirements_read("folder", NULL, &arena, &got, NULL), MC_ERR_NOT_FOUND);
}

static void every_failed_allocation_is_reported(void **state)
{
	static const char text[] =
		"# coding: latin-1\n-r n.txt\n-c c.txt\na[x]>=1 ; os_name=='nt'\n"
		"b==1 --hash=sha256:" DIGITS "\n./b-1-py3-none-any.whl\n-e ./x[y]\n-e git://h/x#egg=x\n"
		"c @ https://h.example.org/c.zip\n-f x\n-i u\n--no-binary a,b\n--pre\n=\n${NAME}\n";

	(void)state;
	put_text(&fixture, "n.txt", "n\n");
	put_text(&fixture, "c.txt", "c<2\n");
	put_bytes(&fixture, "requirements.txt", text, sizeof(text) - 1);
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena starved;
		enum mc_status status;

		mc_arena_init(&starved, &alloc);
		status = mc_requirements_read("requirements.txt", &with_env, &starved, &got, NULL);
		if (status == MC_OK) {
			assert_int_equal(got.entries_count, 8);
			assert_int_equal(got.problems_count, 1);
		}
		mc_arena_clear(&starved);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK) {
			assert_true(grant > 3);
			break;
		}
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pip_reads_the_same, open_all, close_all),
		cmocka_unit_test_setup_teardown(files_of_tools_read_the_same, open_all, close_all),
		cmocka_unit_test_setup_teardown(a_broken_line_is_one_problem, open_all, close_all),
		cmocka_unit_test_setup_teardown(problems_are_bounded_and_printable, open_all, close_all),
		cmocka_unit_test_setup_teardown(text_is_as_written, open_all, close_all),
		cmocka_unit_test_setup_teardown(hashes_refuse_other_files, open_all, close_all),
		cmocka_unit_test_setup_teardown(constraints_are_found_by_name, open_all, close_all),
		cmocka_unit_test(names_tell_requirements_files),
		cmocka_unit_test_setup_teardown(files_are_included_32_deep, open_all, close_all),
		cmocka_unit_test_setup_teardown(files_that_multiply_are_bounded, open_all, close_all),
		cmocka_unit_test_setup_teardown(sizes_are_bounded, open_all, close_all),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_an_error, open_all, close_all),
		cmocka_unit_test_setup_teardown(every_failed_allocation_is_reported, open_all, close_all),
	};

	return cmocka_run_group_tests_name("requirements", tests, NULL, NULL);
}
