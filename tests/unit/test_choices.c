/* SPDX-License-Identifier: MIT */
/*
 * pip's own choices, recorded by probe/choices: pages as an index answers them, and for each
 * project, specifier set and target the file that pip's code took.  With a folder as its
 * argument the records of that folder are compared (make choices-live).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index_impl.h"
#include "muslcheck/candidate.h"

#define PAGE_NBYTES_MAX ((size_t)64 << 20)

static const char *folder = "tests/fixtures/choices";

struct scene {
	struct mc_arena arena;
	struct mc_candidates set;
	size_t pages, compared, equal;
};

static FILE *open_record(const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (!file)
		print_error("%s: not there; run from the project's folder\n", path);
	assert_non_null(file);
	return file;
}

/* One page, through the room that reads what an index answers.  */
static void add_page(struct scene *s, struct mc_str text)
{
	const struct mc_str mark = MC_STR("\"name\":\"");
	struct mc_index_page page = {0};
	const char *problem = "";
	struct mc_str name = text;

	while (name.len && !mc_str_starts(name, mark))
		name = mc_str_skip(name, 1);
	name = mc_str_skip(name, mark.len);
	name = mc_str_cut(&name, '"');
	assert_int_equal(mc_index_page_read(&s->arena, MC_STR("application/vnd.pypi.simple.v1+json"),
					    MC_STR("https://index.example/simple/x/"), text, &page,
					    &problem),
			 MC_OK);
	for (size_t i = 0; i < page.count; i++) {
		page.offers[i].name = name;
		assert_int_not_equal(mc_candidates_add(&s->set, &page.offers[i]), MC_ERR_NOMEM);
	}
	s->pages++;
}

static void read_pages(struct scene *s)
{
	FILE *file = open_record("pages.jsonl");
	char *line = malloc(PAGE_NBYTES_MAX);

	assert_non_null(line);
	while (fgets(line, PAGE_NBYTES_MAX, file)) {
		struct mc_str kept;

		assert_int_equal(mc_arena_copy(&s->arena, mc_str_of(line), &kept), MC_OK);
		add_page(s, kept);
	}
	free(line);
	fclose(file);
}

/* "musl1.2-x86_64" */
static struct mc_chooser chooser_of(struct mc_str target, struct mc_str minor)
{
	static char versions[2][16], machine[16];
	struct mc_chooser chooser = {.minor = (unsigned)strtoul(minor.ptr, NULL, 10)};
	struct mc_str libc = mc_str_cut(&target, '-');
	bool is_musl = mc_str_starts(libc, MC_STR("musl"));

	libc = mc_str_skip(libc, is_musl ? 4 : 5);
	snprintf(versions[0], sizeof(versions[0]), "%.*s%s", MC_TEXT(libc), is_musl ? ".5" : "");
	snprintf(machine, sizeof(machine), "%.*s", MC_TEXT(target));
	chooser.family = is_musl ? MC_LIBC_MUSL : MC_LIBC_GLIBC;
	chooser.libc_version = versions[0];
	chooser.machine = machine;
	return chooser;
}

static void refuse_sdists(const struct scene *s, bool is_refused)
{
	for (size_t i = 0; i < s->set.count; i++)
		if (s->set.items[i]->is_sdist)
			s->set.items[i]->is_rejected = is_refused;
}

static void compare(struct scene *s, struct mc_str row)
{
	struct mc_str name = mc_str_cut(&row, '\t'), specifiers = mc_str_cut(&row, '\t');
	struct mc_str target = mc_str_cut(&row, '\t'), minor = mc_str_cut(&row, '\t');
	struct mc_str binary = mc_str_cut(&row, '\t'), wanted = row;
	struct mc_chooser chooser = chooser_of(target, minor);
	const struct mc_candidate *ours;
	struct mc_str file;

	refuse_sdists(s, mc_str_is(binary, MC_STR("yes")));
	ours = mc_candidates_choose(&s->set, name, specifiers, &chooser);
	file = ours ? ours->file_name : MC_STR("-");
	s->compared++;
	s->equal += mc_str_is(file, wanted);
	if (!mc_str_is(file, wanted))
		print_error("%.*s %.*s on %.*s, Python 3.%.*s, %.*s: %.*s, pip takes %.*s\n", MC_TEXT(name),
			    MC_TEXT(specifiers), MC_TEXT(target), MC_TEXT(minor), MC_TEXT(binary),
			    MC_TEXT(file), MC_TEXT(wanted));
}

static void choices_are_those_of_pip(void **state)
{
	struct scene s = {.pages = 0};
	char line[1024];
	FILE *file;

	(void)state;
	mc_arena_init(&s.arena, NULL);
	mc_candidates_init(&s.set, &s.arena);
	read_pages(&s);
	file = open_record("choices.tsv");
	while (fgets(line, sizeof(line), file)) {
		struct mc_str row = mc_str_of(line);

		if (line[0] == '#')
			continue;
		row.len--; /* the newline */
		line[row.len] = '\0';
		compare(&s, row);
	}
	fclose(file);
	print_message("%zu projects: %zu choices compared, %zu equal\n", s.pages, s.compared, s.equal);
	assert_true(s.pages >= 100);
	assert_true(s.compared >= 1000);
	assert_int_equal(s.compared, s.equal);
	mc_arena_clear(&s.arena);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices_are_those_of_pip),
	};

	if (argc > 1)
		folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
