/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath(), with glibc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/source.h"
#include "starve.h"

#define SITE "lib/python3.11/site-packages"

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_source *source;
static struct mc_error error;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	source = NULL;
	error = MC_ERROR_INIT;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_source_close(source);
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

static void open_tree(const char *rel)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%s%s", fixture.dir, *rel ? "/" : "", rel);
	assert_int_equal(mc_source_open(path, NULL, &arena, &source, &error), MC_OK);
	assert_int_equal(mc_source_kind(source), MC_SOURCE_TREE);
}

static void assert_str(struct mc_str text, const char *expected)
{
	if (text.len != strlen(expected) || (text.len && memcmp(text.ptr, expected, text.len)))
		fail_msg("\"%.*s\" is not \"%s\"", MC_TEXT(text), expected);
}

static void assert_within(struct mc_str text, const char *expected)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%.*s", MC_TEXT(text));
	if (!strstr(copy, expected))
		fail_msg("\"%s\" does not hold \"%s\"", copy, expected);
}

/* The next member; 'dist' "" is the loose one.  */
static struct mc_member next(enum mc_member_kind kind, const char *path, const char *dist)
{
	struct mc_member member;

	assert_int_equal(mc_source_next(source, &member, &error), MC_OK);
	assert_str(member.path, path);
	assert_int_equal(member.kind, kind);
	assert_str(member.dist->name, dist);
	assert_int_equal(member.dist->kind, *dist ? MC_DIST_INSTALLED : MC_DIST_LOOSE);
	assert_int_equal(member.where.ptr[0], '/');
	return member;
}

static void assert_end(void)
{
	struct mc_member member;

	member.path = MC_STR("");
	if (mc_source_next(source, &member, &error) != MC_END)
		fail_msg("one more: %.*s", MC_TEXT(member.path));
}

static const struct mc_dist *dist_at(size_t at, size_t expected_count)
{
	const struct mc_dist *const *dists;
	size_t count;

	dists = mc_source_dists(source, &count);
	assert_int_equal(count, expected_count);
	return dists[at];
}

static void put_elf(const char *rel)
{
	put_text(&fixture, rel, ELF_TEXT);
}

static void put_executable(const char *rel, const char *text)
{
	put_text(&fixture, rel, text);
	assert_int_equal(chmod(fixture.path, 0755), 0);
}

static void make_venv(void)
{
	put_text(&fixture, "pyvenv.cfg", "home = /usr/bin\nversion = 3.11.9\n");
	put_link(&fixture, "lib64", "lib");
	put_link(&fixture, "bin/python", "/bin/sh");
	put_link(&fixture, "bin/python3.11", "python");
	put_text(&fixture, "bin/activate", "# This file must be used with\n");
	put_executable("bin/tool", "#!/v/bin/python\nimport sys\n");
	put_text(&fixture, SITE "/my_pkg-1.0.dist-info/METADATA",
		 "Metadata-Version: 2.1\nName: My.Pkg\nVersion: 1.0\n\nlong\n");
	put_text(&fixture, SITE "/my_pkg-1.0.dist-info/WHEEL",
		 "Tag: cp311-cp311-manylinux1_x86_64\nTag: cp311-cp311-any\n");
	put_text(&fixture, SITE "/my_pkg-1.0.dist-info/RECORD",
		 "my_pkg/__init__.py,,\nmy_pkg/x.so,sha256=abc,50\nmy_pkg/gone.so,,\n"
		 "\"my_pkg/with, comma.so\",,\n../../../bin/tool,,\n"
		 "my_pkg-1.0.dist-info/RECORD,,\n/etc/shadow.so,,\n../../../../../../../x.so,,\n");
	put_text(&fixture, SITE "/my_pkg/__init__.py", "import x\n");
	put_elf(SITE "/my_pkg/x.so");
	put_elf(SITE "/my_pkg/with, comma.so");
	put_elf(SITE "/my_pkg/__pycache__/cached.so");
	put_elf(SITE "/other/y");
	put_text(&fixture, SITE "/other/y.json", ELF_TEXT);
	put_text(&fixture, SITE "/other/libz.so.1", "no ELF");
	put_text(&fixture, SITE "/other/empty", "");
}

static void record_says_whose_a_file_is(void **state)
{
	struct mc_member member;
	const struct mc_dist *dist;
	char where[4096];

	(void)state;
	make_venv();
	open_tree("");
	assert_int_equal(dist_at(0, 2)->kind, MC_DIST_LOOSE);
	assert_int_equal(dist_at(0, 2)->python_minor, 11);
	dist = dist_at(1, 2);
	assert_str(dist->name, "my-pkg");
	assert_str(dist->version, "1.0");
	assert_int_equal(dist->tags_count, 2);
	assert_int_equal(dist->python_minor, 11);
	assert_int_equal(dist->status, MC_OK);
	assert_false(dist->is_editable);
	snprintf(where, sizeof(where), "%s/" SITE "/my_pkg-1.0.dist-info", fixture.dir);
	assert_str(dist->path, where);

	member = next(MC_MEMBER_SCRIPT, "bin/tool", "my-pkg");
	assert_str(member.head, "#!/v/bin/python");
	next(MC_MEMBER_ELF, SITE "/my_pkg/__pycache__/cached.so", "");
	next(MC_MEMBER_ELF, SITE "/my_pkg/with, comma.so", "my-pkg");
	member = next(MC_MEMBER_ELF, SITE "/my_pkg/x.so", "my-pkg");
	snprintf(where, sizeof(where), "%s/" SITE "/my_pkg/x.so", fixture.dir);
	assert_str(member.where, where);
	assert_int_equal(member.nbytes, sizeof(ELF_TEXT) - 1);
	assert_true(member.ino);
	next(MC_MEMBER_CLAIMS, SITE "/other/libz.so.1", "");
	next(MC_MEMBER_ELF, SITE "/other/y", "");
	next(MC_MEMBER_ELF, SITE "/other/y.json", ""); /* by its magic, whatever it is called */
	assert_end();
	assert_end();
}

static void site_packages_alone_is_a_tree(void **state)
{
	(void)state;
	make_venv();
	open_tree(SITE);
	assert_int_equal(dist_at(1, 2)->python_minor, 11);
	next(MC_MEMBER_ELF, "my_pkg/__pycache__/cached.so", "");
	next(MC_MEMBER_ELF, "my_pkg/with, comma.so", "my-pkg");
	next(MC_MEMBER_ELF, "my_pkg/x.so", "my-pkg");
	next(MC_MEMBER_CLAIMS, "other/libz.so.1", "");
	next(MC_MEMBER_ELF, "other/y", "");
	next(MC_MEMBER_ELF, "other/y.json", "");
	assert_end();
}

static void any_folder_around_is_a_tree_and_a_link_to_it(void **state)
{
	(void)state;
	make_venv();
	put_link(&fixture, "../link-to-tree", fixture.dir);
	put_text(&fixture, "pyvenv.cfg", "");
	assert_int_equal(mc_source_open(fixture_path(&fixture, "../link-to-tree"), NULL, &arena,
					&source, &error),
			 MC_OK);
	unlink(fixture.path);
	assert_int_equal(dist_at(1, 2)->python_minor, 11);
	next(MC_MEMBER_SCRIPT, "bin/tool", "my-pkg");
}

static void content_is_behind_an_fd(void **state)
{
	struct mc_image image = {.fd = -1};
	char text[sizeof(ELF_TEXT)], new_path[4096];

	(void)state;
	put_elf("a.so");
	put_elf("b.so");
	open_tree("");
	assert_int_equal(mc_source_read(source, &image, &error), MC_ERR_NOT_FOUND);
	error = MC_ERROR_INIT;
	next(MC_MEMBER_ELF, "a.so", "");
	assert_int_equal(mc_source_read(source, &image, &error), MC_OK);
	assert_null(image.bytes.ptr);
	assert_int_equal(image.nbytes, sizeof(ELF_TEXT) - 1);
	assert_int_equal(pread(image.fd, text, sizeof(text), 0), sizeof(ELF_TEXT) - 1);
	assert_memory_equal(text, ELF_TEXT, sizeof(ELF_TEXT) - 1);
	/* Replaced after it was listed.  */
	next(MC_MEMBER_ELF, "b.so", "");
	put_elf("c.so");
	strcpy(new_path, fixture.path);
	assert_int_equal(rename(new_path, fixture_path(&fixture, "b.so")), 0);
	assert_int_equal(mc_source_read(source, &image, &error), MC_ERR_FORMAT);
	assert_within(mc_str_of(error.text), "another file");
	error = MC_ERROR_INIT;
	assert_int_equal(unlink(fixture_path(&fixture, "b.so")), 0);
	assert_int_equal(mc_source_read(source, &image, &error), MC_ERR_IO);
	assert_end();
}

static void members_come_in_order_of_their_whole_path(void **state)
{
	static const char *const names[] = {"a-b.so", "a.so", "a/b.so", "a0.so", "b.so", "b/a.so"};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		put_elf(names[i * 5 % 6]);
	open_tree("");
	for (size_t i = 0; i < 6; i++)
		next(MC_MEMBER_ELF, names[i], "");
	assert_end();
}

static void a_tree_without_members_has_no_loose_dist(void **state)
{
	size_t count = 7;

	(void)state;
	put_text(&fixture, "a/x.py", "pass");
	open_tree("");
	mc_source_dists(source, &count);
	assert_int_equal(count, 0);
	mc_source_wheels(source, &count);
	assert_int_equal(count, 0);
	assert_end();
}

static void wheels_are_listed_and_not_entered(void **state)
{
	const char *const *wheels;
	size_t count;
	char path[4096];

	(void)state;
	put_text(&fixture, "b-1-py3-none-any.whl", "x");
	put_text(&fixture, "sub/a-1-py3-none-any.WHL", "x");
	put_link(&fixture, "a-1-py3-none-any.whl", "b-1-py3-none-any.whl");
	open_tree("");
	wheels = mc_source_wheels(source, &count);
	assert_int_equal(count, 3);
	snprintf(path, sizeof(path), "%s/a-1-py3-none-any.whl", fixture.dir);
	assert_string_equal(wheels[0], path);
	snprintf(path, sizeof(path), "%s/b-1-py3-none-any.whl", fixture.dir);
	assert_string_equal(wheels[1], path);
	snprintf(path, sizeof(path), "%s/sub/a-1-py3-none-any.WHL", fixture.dir);
	assert_string_equal(wheels[2], path);
	assert_end();
}

static void links_are_followed_to_files_outside_alone(void **state)
{
	struct mc_member member;

	(void)state;
	put_elf("outside/real.bin");
	put_elf("outside/folder/x.so");
	put_elf("tree/lib.so.1.2");
	put_link(&fixture, "tree/lib.so", "lib.so.1.2");
	put_link(&fixture, "tree/far.so", "../outside/real.bin");
	put_link(&fixture, "tree/gone.so", "nowhere");
	put_link(&fixture, "tree/gone.txt", "nowhere");
	put_link(&fixture, "tree/self.so", "self.so");
	put_link(&fixture, "tree/sub/up", "..");
	put_link(&fixture, "tree/sub/away", "../../outside/folder");
	open_tree("tree");
	next(MC_MEMBER_ELF, "far.so", "");
	member = next(MC_MEMBER_BROKEN, "gone.so", "");
	assert_within(member.problem, "nowhere");
	next(MC_MEMBER_ELF, "lib.so.1.2", "");
	next(MC_MEMBER_BROKEN, "self.so", "");
	member = next(MC_MEMBER_BROKEN, "sub/away", "");
	assert_within(member.problem, "outside");
	assert_end();
}

static void odd_files_are_never_opened(void **state)
{
	(void)state;
	put_elf("x.so");
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo.so"), 0600), 0);
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo"), 0600), 0);
	put_elf(".git/objects/y.so");
	open_tree("");
	/* One that is named like a module might be read by others.  */
	assert_within(next(MC_MEMBER_BROKEN, "fifo.so", "").problem, "neither a file nor a folder");
	next(MC_MEMBER_ELF, "x.so", "");
	assert_end();
}

static void what_cannot_be_read_is_broken(void **state)
{
	bool is_root = !geteuid();
	struct mc_member member;

	(void)state;
	put_elf("closed.so");
	assert_int_equal(chmod(fixture.path, 0), 0);
	put_text(&fixture, "closed.txt", "x");
	assert_int_equal(chmod(fixture.path, 0), 0);
	put_elf("folder/x.so");
	assert_int_equal(chmod(fixture_path(&fixture, "folder"), 0), 0);
	put_text(&fixture, "pkg-1.dist-info/METADATA", "Name: pkg\n");
	assert_int_equal(chmod(fixture.path, 0), 0);
	put_text(&fixture, "shut-2.dist-info/METADATA", "Name: shut\n");
	assert_int_equal(chmod(fixture_path(&fixture, "shut-2.dist-info"), 0), 0);
	if (is_root && seteuid(65534))
		skip();
	open_tree("");
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(fixture_path(&fixture, "folder"), 0755), 0);
	assert_int_equal(chmod(fixture_path(&fixture, "shut-2.dist-info"), 0755), 0);

	member = next(MC_MEMBER_BROKEN, "closed.so", "");
	assert_within(member.problem, "cannot be opened: ");
	next(MC_MEMBER_BROKEN, "closed.txt", "");
	next(MC_MEMBER_BROKEN, "folder", "");
	next(MC_MEMBER_BROKEN, "shut-2.dist-info", "");
	assert_end();
	assert_str(dist_at(1, 3)->name, "pkg");
	assert_int_equal(dist_at(1, 3)->status, MC_ERR_IO);
	assert_within(dist_at(1, 3)->problem, "METADATA");
	assert_str(dist_at(2, 3)->name, "shut");
	assert_str(dist_at(2, 3)->version, "2");
	assert_int_equal(dist_at(2, 3)->status, MC_ERR_IO);
}

static void a_deep_tree_is_read_so_far(void **state)
{
	struct mc_source_options options = {.limits = {.tree_depth = 4}};
	struct mc_member member;

	(void)state;
	put_elf("1/2/3/x.so");
	put_elf("1/2/3/4/y.so");
	assert_int_equal(mc_source_open(fixture.dir, &options, &arena, &source, &error), MC_OK);
	member = next(MC_MEMBER_BROKEN, "1/2/3/4", "");
	assert_within(member.problem, "deeper than 4");
	next(MC_MEMBER_ELF, "1/2/3/x.so", "");
	assert_end();
}

static void a_large_tree_is_read_so_far(void **state)
{
	struct mc_source_options options = {.limits = {.members_count = 3}};
	struct mc_member member;
	bool has_broken = false;

	(void)state;
	for (int i = 0; i < 9; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d.so", i);
		put_elf(name);
	}
	assert_int_equal(mc_source_open(fixture.dir, &options, &arena, &source, &error), MC_OK);
	while (mc_source_next(source, &member, &error) == MC_OK)
		has_broken = has_broken || member.kind == MC_MEMBER_BROKEN;
	assert_true(has_broken);
}

/* Longer than PATH_MAX in all: reached step by step.  */
static void long_paths_are_walked(void **state)
{
	static char name[240];
	int fd = open(fixture.dir, O_RDONLY | O_DIRECTORY), count = 0;
	struct mc_member member;

	(void)state;
	memset(name, 'd', sizeof(name) - 1);
	for (int i = 0; i < 25; i++) {
		int below;

		assert_int_equal(mkdirat(fd, name, 0755), 0);
		below = openat(fd, name, O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = below;
		assert_true(fd >= 0);
	}
	close(openat(fd, "x.so", O_CREAT | O_WRONLY, 0644));
	close(fd);
	open_tree("");
	while (mc_source_next(source, &member, &error) == MC_OK) {
		struct mc_image image;

		assert_int_equal(member.kind, MC_MEMBER_CLAIMS);
		assert_true(member.path.len > 4096);
		/* It cannot be opened by its path, which is said and not hidden.  */
		assert_int_equal(mc_source_read(source, &image, &error), MC_ERR_IO);
		count++;
	}
	assert_int_equal(count, 1);
}

static void editable_installs_lead_to_their_source(void **state)
{
	char text[4096], where[4096];
	const struct mc_dist *dist;

	(void)state;
	put_elf("src/proj/ext.so");
	put_text(&fixture, "src/proj/proj.egg-info/PKG-INFO", "Name: proj\nVersion: 0\n");
	put_elf("src/finder/fx.so");
	put_elf("src/loose/l.so");
	put_elf("src/never/n.so");
	snprintf(text, sizeof(text),
		 "import os; os.system('x')\n# no\n\n%s/src/proj \r\n/nowhere\n/\n.\n",
		 fixture.dir);
	put_text(&fixture, "v/" SITE "/__editable__.proj-1.pth", text);
	put_text(&fixture, "v/" SITE "/proj-1.dist-info/RECORD",
		 "__editable__.proj-1.pth,,\nproj-1.dist-info/METADATA,,\n");
	put_text(&fixture, "v/" SITE "/proj-1.dist-info/METADATA", "Name: proj\nVersion: 1\n");
	snprintf(text, sizeof(text),
		 "{\"url\": \"file://%s/src/finder\", \"dir_info\": {\"editable\": true}}",
		 fixture.dir);
	put_text(&fixture, "v/" SITE "/finder-2.dist-info/direct_url.json", text);
	put_text(&fixture, "v/" SITE "/unclaimed.pth", "../../../../src/loose\nimport\tnever\n");
	/* Outside of a site folder a .pth is a text like others.  */
	put_text(&fixture, "v/share/x.pth", "../../src/never\n");
	open_tree("v");
	snprintf(where, sizeof(where), "%s/src/finder/fx.so", fixture.dir);
	assert_str(next(MC_MEMBER_ELF, where, "finder").where, where);
	snprintf(where, sizeof(where), "%s/src/loose/l.so", fixture.dir);
	next(MC_MEMBER_ELF, where, "");
	snprintf(where, sizeof(where), "%s/src/proj/ext.so", fixture.dir);
	next(MC_MEMBER_ELF, where, "proj");
	assert_end();
	dist = dist_at(1, 3);
	assert_str(dist->name, "finder");
	assert_true(dist->is_editable);
	dist = dist_at(2, 3);
	assert_str(dist->name, "proj");
	assert_str(dist->version, "1");
	assert_true(dist->is_editable);
}

static void develop_installs_are_known_by_their_egg_info(void **state)
{
	char text[4096];

	(void)state;
	put_elf("src/old/ext.so");
	put_text(&fixture, "src/old/Old.egg-info/PKG-INFO", "Name: Old\nVersion: 3\n");
	snprintf(text, sizeof(text), "%s/src/old\n", fixture.dir);
	put_text(&fixture, "v/" SITE "/easy-install.pth", text);
	open_tree("v");
	assert_str(dist_at(0, 1)->name, "old");
	assert_true(dist_at(0, 1)->is_editable);
	snprintf(text, sizeof(text), "%s/src/old/ext.so", fixture.dir);
	next(MC_MEMBER_ELF, text, "old");
	assert_end();
}

static void a_pth_that_leads_back_is_no_loop(void **state)
{
	char text[4096];

	(void)state;
	put_elf(SITE "/x.so");
	snprintf(text, sizeof(text), "..\n%s\n%s/..\n", fixture.dir, SITE);
	put_text(&fixture, SITE "/loop.pth", text);
	put_link(&fixture, SITE "/loop", "../..");
	open_tree(SITE);
	next(MC_MEMBER_ELF, "x.so", "");
	assert_end();
}

static void eggs_own_what_they_hold_or_list(void **state)
{
	(void)state;
	put_text(&fixture, "foo-1.2-py3.8.egg/EGG-INFO/PKG-INFO", "Name: foo\nVersion: 1.2\n");
	put_elf("foo-1.2-py3.8.egg/foo/x.so");
	put_text(&fixture, "bar-3-py3.8.egg-info/PKG-INFO", "Name: bar\nVersion: 3\n");
	put_text(&fixture, "bar-3-py3.8.egg-info/installed-files.txt", "../bar/y.so\nPKG-INFO\n");
	put_elf("bar/y.so");
	put_text(&fixture, "baz-4-py3.8.egg-info", "Name: Baz\nVersion: 4\n");
	put_text(&fixture, "zip-5-py3.8.egg", "PK");
	open_tree("");
	assert_str(dist_at(1, 4)->name, "bar");
	assert_str(dist_at(2, 4)->name, "baz");
	assert_str(dist_at(2, 4)->version, "4");
	assert_str(dist_at(3, 4)->version, "1.2");
	next(MC_MEMBER_ELF, "bar/y.so", "bar");
	next(MC_MEMBER_ELF, "foo-1.2-py3.8.egg/foo/x.so", "foo");
	next(MC_MEMBER_BROKEN, "zip-5-py3.8.egg", "");
	assert_end();
}

static void vendored_copies_are_no_dists(void **state)
{
	(void)state;
	put_text(&fixture, "tools-1.dist-info/RECORD",
		 "tools/_vendor/alpha-2.dist-info/METADATA,,\ntools/_vendor/alpha/x.so,,\n"
		 "other-3.dist-info/METADATA,,\n");
	put_text(&fixture, "tools/_vendor/alpha-2.dist-info/METADATA", "Name: alpha\n");
	put_text(&fixture, "tools/_vendor/alpha-2.dist-info/RECORD",
		 "alpha/x.so,,\n../../tools-1.dist-info/METADATA,,\n");
	put_elf("tools/_vendor/alpha/x.so");
	put_text(&fixture, "other-3.dist-info/RECORD", "tools-1.dist-info/METADATA,,\n");
	put_text(&fixture, "plugins/beta-4.dist-info/RECORD", "");
	open_tree("");
	assert_str(dist_at(0, 3)->name, "beta");
	assert_str(dist_at(1, 3)->name, "other");
	assert_str(dist_at(2, 3)->name, "tools");
	next(MC_MEMBER_ELF, "tools/_vendor/alpha/x.so", "tools");
	assert_end();
}

static void garbage_in_a_dist_info_is_survived(void **state)
{
	static const char garbage[] =
		"\0\xff\"\",\n\"\"\"\n../../..\n:\nName:\0\xff\nVersion: \x1b[0m";

	(void)state;
	put_bytes(&fixture, "a-1.dist-info/METADATA", garbage, sizeof(garbage));
	put_bytes(&fixture, "a-1.dist-info/RECORD", garbage, sizeof(garbage));
	put_bytes(&fixture, "a-1.dist-info/WHEEL", garbage, sizeof(garbage));
	put_bytes(&fixture, "a-1.dist-info/direct_url.json", garbage, sizeof(garbage));
	put_bytes(&fixture, "a.pth", garbage, sizeof(garbage));
	put_text(&fixture, ".dist-info/RECORD", "x.so,,\n");
	put_text(&fixture, "b.dist-info/METADATA/RECORD", "x.so,,\n");
	put_elf("x.so");
	open_tree("");
	assert_str(dist_at(1, 3)->name, "a");
	assert_str(dist_at(2, 3)->name, "b");
	next(MC_MEMBER_ELF, "x.so", "");
	assert_end();
}

static void scripts_are_seen_where_they_run(void **state)
{
	char line[400];
	struct mc_member member;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memcpy(line, "#!", 2);
	put_executable("a/tool", "#!/bin/bash\n");
	put_text(&fixture, "a/text", "#!/bin/bash\n");
	put_executable("a/x.sh", "#!/bin/sh -e\r\n");
	put_executable("a/x.py", "#!/usr/bin/env python\n");
	put_text(&fixture, "bin/x.py", "#!/usr/bin/env python\n");
	put_executable("bin/y", line);
	open_tree("");
	next(MC_MEMBER_SCRIPT, "a/tool", "");
	member = next(MC_MEMBER_SCRIPT, "a/x.sh", "");
	assert_str(member.head, "#!/bin/sh -e");
	next(MC_MEMBER_SCRIPT, "bin/x.py", "");
	member = next(MC_MEMBER_SCRIPT, "bin/y", "");
	assert_int_equal(member.head.len, 255);
	assert_end();
}

static enum mc_status scan(struct mc_arena *starved)
{
	struct mc_member member;
	enum mc_status status;

	MC_TRY(mc_source_open(fixture.dir, NULL, starved, &source, &error));
	while ((status = mc_source_next(source, &member, &error)) == MC_OK)
		;
	mc_source_close(source);
	source = NULL;
	return status;
}

/* Every page that an arena takes is refused once.  */
static void every_failed_allocation_is_reported_and_nothing_leaks(void **state)
{
	int fd_before = dup(0), fd_after;

	(void)state;
	close(fd_before);
	make_venv();
	for (int i = 0; i < 700; i++) {
		char name[300];

		snprintf(name, sizeof(name), SITE "/many/%0200d.so", i);
		put_elf(name);
	}
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena starved;
		enum mc_status status;

		mc_arena_init(&starved, &alloc);
		error = MC_ERROR_INIT;
		status = scan(&starved);
		mc_arena_clear(&starved);
		assert_int_equal(starve.live, 0);
		if (status == MC_END)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 1000);
	}
	fd_after = dup(0);
	close(fd_after);
	assert_int_equal(fd_after, fd_before);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(record_says_whose_a_file_is),
		CASE(site_packages_alone_is_a_tree),
		CASE(any_folder_around_is_a_tree_and_a_link_to_it),
		CASE(content_is_behind_an_fd),
		CASE(members_come_in_order_of_their_whole_path),
		CASE(a_tree_without_members_has_no_loose_dist),
		CASE(wheels_are_listed_and_not_entered),
		CASE(links_are_followed_to_files_outside_alone),
		CASE(odd_files_are_never_opened),
		CASE(what_cannot_be_read_is_broken),
		CASE(a_deep_tree_is_read_so_far),
		CASE(a_large_tree_is_read_so_far),
		CASE(long_paths_are_walked),
		CASE(editable_installs_lead_to_their_source),
		CASE(develop_installs_are_known_by_their_egg_info),
		CASE(a_pth_that_leads_back_is_no_loop),
		CASE(eggs_own_what_they_hold_or_list),
		CASE(vendored_copies_are_no_dists),
		CASE(garbage_in_a_dist_info_is_survived),
		CASE(scripts_are_seen_where_they_run),
		CASE(every_failed_allocation_is_reported_and_nothing_leaks),
	};

	return cmocka_run_group_tests_name("source_tree", tests, NULL, NULL);
}
