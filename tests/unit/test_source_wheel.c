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

#include <zip.h>

#define NAME "pkg-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
#define METADATA_MEMBER                                                                    \
	{                                                                                  \
		.name = "pkg-1.0.dist-info/METADATA", .text = "Name: Pkg\nVersion: 1.0\nRequires-Dist: b>=1\n", \
		.method = 8                                                                \
	}

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

static enum mc_status open_made(const struct mc_source_options *options)
{
	return mc_source_open(fixture.path, options, &arena, &source, &error);
}

static const struct mc_dist *only_dist(void)
{
	const struct mc_dist *const *dists;
	size_t count;

	dists = mc_source_dists(source, &count);
	assert_int_equal(count, 1);
	return dists[0];
}

static void assert_str(struct mc_str text, const char *expected)
{
	assert_int_equal(text.len, strlen(expected));
	if (text.len)
		assert_memory_equal(text.ptr, expected, text.len);
}

static void assert_within(struct mc_str text, const char *expected)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%.*s", MC_TEXT(text));
	if (!strstr(copy, expected))
		fail_msg("\"%s\" does not hold \"%s\"", copy, expected);
}

static struct mc_member next(enum mc_member_kind kind, const char *path)
{
	struct mc_member member;

	assert_int_equal(mc_source_next(source, &member, &error), MC_OK);
	assert_str(member.path, path);
	assert_int_equal(member.kind, kind);
	assert_ptr_equal(member.dist, only_dist());
	return member;
}

static void assert_end(void)
{
	struct mc_member member;

	assert_int_equal(mc_source_next(source, &member, &error), MC_END);
}

static void assert_reads(const char *text, size_t nbytes)
{
	struct mc_image image;

	assert_int_equal(mc_source_read(source, &image, &error), MC_OK);
	assert_int_equal(image.fd, -1);
	assert_int_equal(image.nbytes, nbytes);
	assert_int_equal(image.bytes.len, nbytes);
	assert_memory_equal(image.bytes.ptr, text, nbytes);
}

static void assert_read_fails(enum mc_status status, const char *text)
{
	struct mc_image image;
	struct mc_error failure = MC_ERROR_INIT;

	assert_int_equal(mc_source_read(source, &image, &failure), status);
	assert_within(mc_str_of(failure.text), text);
	assert_within(mc_str_of(failure.subject), ".whl!/");
}

static void members_come_sorted_with_their_bytes(void **state)
{
	static const struct zip_member members[] = {
		{.name = "pkg/z.so", .text = ELF_TEXT, .method = 8},
		{.name = "pkg/", .text = ""},
		{.name = "pkg/data.json", .text = ELF_TEXT},
		{.name = "pkg/tool", .text = ELF_TEXT},
		{.name = "pkg/a.so", .text = "INPUT(x)", .method = 8},
		{.name = "pkg/empty.so.1", .text = ""},
		{.name = "pkg/other", .text = "text"},
		{.name = "pkg-1.0.data/scripts/run", .text = "#!python\r\nimport x\n", .method = 8},
		{.name = "pkg-1.0.data/scripts/run.py", .text = "#!pythonw"},
		{.name = "pkg/go.sh", .text = "#!/bin/bash\n", .lies = ZIP_EXECUTABLE},
		{.name = "pkg/nogo.sh", .text = "#!/bin/bash\n"},
		METADATA_MEMBER,
		{.name = "pkg-1.0.dist-info/WHEEL", .text = "Wheel-Version: 1.0\nTag: py3-none-any\n"},
		{.name = "pkg-1.0.dist-info/RECORD", .text = ELF_TEXT},
		{.name = NULL},
	};
	struct mc_member member;
	const struct mc_dist *dist;

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_int_equal(mc_source_kind(source), MC_SOURCE_WHEEL);
	dist = only_dist();
	assert_int_equal(dist->kind, MC_DIST_WHEEL);
	assert_str(dist->name, "pkg");
	assert_str(dist->version, "1.0");
	assert_int_equal(dist->requires_dist_count, 1);
	assert_str(dist->requires_dist[0], "b>=1");
	assert_int_equal(dist->python_minor, 12);
	assert_int_equal(dist->status, MC_OK);
	/* pip goes by the file name.  */
	assert_int_equal(dist->tags_count, 1);
	assert_str(dist->tags[0].platform, "manylinux_2_17_x86_64");

	member = next(MC_MEMBER_SCRIPT, "pkg-1.0.data/scripts/run");
	assert_str(member.head, "#!python");
	assert_str(member.where, "/usr/local/bin/run");
	member = next(MC_MEMBER_SCRIPT, "pkg-1.0.data/scripts/run.py");
	assert_str(member.head, "#!pythonw");
	next(MC_MEMBER_ELF, "pkg-1.0.dist-info/RECORD");
	next(MC_MEMBER_CLAIMS, "pkg/a.so");
	assert_reads("INPUT(x)", 8);
	next(MC_MEMBER_ELF, "pkg/data.json"); /* by its magic, whatever it is called */
	next(MC_MEMBER_CLAIMS, "pkg/empty.so.1");
	assert_reads("", 0);
	next(MC_MEMBER_SCRIPT, "pkg/go.sh");
	next(MC_MEMBER_ELF, "pkg/tool");
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	member = next(MC_MEMBER_ELF, "pkg/z.so");
	assert_str(member.where, "/usr/local/lib/python3.12/site-packages/pkg/z.so");
	assert_int_equal(member.nbytes, sizeof(ELF_TEXT) - 1);
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	/* And again: a borrow ends, the content does not.  */
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	assert_end();
	assert_end();
	assert_int_equal(mc_source_read(source, &(struct mc_image){.fd = 0}, &error),
			 MC_ERR_NOT_FOUND);
}

static void data_folders_are_laid_out_as_pip_does(void **state)
{
	static const struct zip_member members[] = {
		{.name = "p-1.data/data/lib/d.so", .text = ELF_TEXT},
		{.name = "p-1.data/headers/h", .text = ELF_TEXT},
		{.name = "p-1.data/platlib/p/x.so", .text = ELF_TEXT},
		{.name = "p-1.data/purelib/q.so", .text = ELF_TEXT},
		{.name = "p-1.data/scripts//./s", .text = ELF_TEXT},
		{.name = "p//./y", .text = ELF_TEXT},
		{.name = NULL},
	};
	static const char *const where[] = {
		"/opt/v/lib/d.so",
		"/opt/v/include/python3.9/p/h",
		"/opt/v/lib/python3.9/site-packages/p/x.so",
		"/opt/v/lib/python3.9/site-packages/q.so",
		"/opt/v/bin/s",
		"/opt/v/lib/python3.9/site-packages/p/y",
	};

	(void)state;
	put_zip(&fixture, "p-1-cp39-cp39-linux_x86_64.whl", members);
	assert_int_equal(open_made(&(struct mc_source_options){.prefix = "/opt/v/"}), MC_OK);
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		assert_str(next(MC_MEMBER_ELF, members[i].name).where, where[i]);
	assert_end();
}

static void a_wheel_without_dist_info_is_known_by_its_name(void **state)
{
	static const struct zip_member members[] = {{.name = NULL}};

	(void)state;
	put_zip(&fixture, "My.Pkg-2-py2.py3-none-any.whl", members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_str(only_dist()->name, "my-pkg");
	assert_str(only_dist()->version, "2");
	assert_int_equal(only_dist()->tags_count, 2);
	assert_end();
}

static void a_badly_named_wheel_is_known_by_its_dist_info(void **state)
{
	static const struct zip_member members[] = {
		METADATA_MEMBER,
		{.name = "pkg-1.0.dist-info/WHEEL", .text = "Tag: cp310-cp310-any\n", .method = 8},
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, "download", members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_str(only_dist()->name, "pkg");
	assert_str(only_dist()->version, "1.0");
	assert_int_equal(only_dist()->python_minor, 10);
}

static void metadata_of_another_name_spoils_the_dist(void **state)
{
	static const struct zip_member members[] = {
		{.name = "pkg-1.0.dist-info/METADATA", .text = "Name: evil\nVersion: 1\n"}, {.name = NULL}};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_int_equal(only_dist()->status, MC_ERR_FORMAT);
	assert_within(only_dist()->problem, "evil");
}

static void damaged_metadata_spoils_the_dist(void **state)
{
	static const struct zip_member members[] = {
		{.name = "pkg-1.0.dist-info/METADATA", .text = "Name: pkg\n", .lies = ZIP_LIE_CRC},
		{.name = "pkg/x.so", .text = ELF_TEXT},
		{.name = NULL}};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_int_equal(only_dist()->status, MC_ERR_FORMAT);
	assert_within(only_dist()->problem, "METADATA");
	assert_str(only_dist()->name, "pkg");
	next(MC_MEMBER_ELF, "pkg/x.so");
	assert_end();
}

/* As Python's zipfile has it since 3.12.2.  */
static void metadata_that_shares_its_bytes_spoils_the_dist(void **state)
{
	static const struct zip_member members[] = {
		METADATA_MEMBER,
		{.name = "a.so", .text = ELF_TEXT, .lies = ZIP_OVERLAP},
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_int_equal(only_dist()->status, MC_ERR_FORMAT);
	assert_within(only_dist()->problem, "METADATA: it overlaps");
}

static void two_dist_infos_spoil_the_dist(void **state)
{
	static const struct zip_member members[] = {
		{.name = "evil-1.dist-info/METADATA", .text = "Name: evil\n"},
		METADATA_MEMBER,
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_int_equal(only_dist()->status, MC_ERR_FORMAT);
	assert_within(only_dist()->problem, "several");
	assert_str(only_dist()->name, "pkg");
}

static void names_that_lead_astray_are_broken_and_never_paths(void **state)
{
	static const struct zip_member members[] = {
		{.name = "../up.so", .text = ELF_TEXT},
		{.name = "/abs.so", .text = ELF_TEXT},
		{.name = "a\\b.so", .text = ELF_TEXT},
		{.name = "b\nc.so", .text = ELF_TEXT},
		{.name = "c.so\0.txt", .name_nbytes = 9, .text = ELF_TEXT},
		{.name = "d/../../x.so", .text = ELF_TEXT},
		{.name = "e/..f/g..so", .text = ELF_TEXT},
		{.name = "../harmless.txt", .text = ELF_TEXT},
		{.name = NULL},
	};
	struct mc_member member;

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	next(MC_MEMBER_BROKEN, "__/harmless.txt");
	member = next(MC_MEMBER_BROKEN, "__/up.so");
	assert_within(member.problem, "leads out");
	assert_str(member.where, "/usr/local/lib/python3.12/site-packages/__/up.so");
	assert_read_fails(MC_ERR_FORMAT, "leads out");
	assert_within(next(MC_MEMBER_BROKEN, "abs.so").problem, "absolute");
	assert_within(next(MC_MEMBER_BROKEN, "a\\b.so").problem, "backslash");
	assert_within(next(MC_MEMBER_BROKEN, "b\nc.so").problem, "line break");
	assert_within(next(MC_MEMBER_BROKEN, "c.so?.txt").problem, "NUL");
	next(MC_MEMBER_BROKEN, "d/__/__/x.so");
	next(MC_MEMBER_ELF, "e/..f/g..so");
	assert_end();
}

static void of_two_with_one_name_the_later_counts(void **state)
{
	static const struct zip_member members[] = {
		{.name = "x.so", .text = "first, innocent"},
		{.name = "x.so", .text = ELF_TEXT},
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_within(next(MC_MEMBER_BROKEN, "x.so").problem, "another file of this name");
	next(MC_MEMBER_ELF, "x.so");
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	assert_end();
}

/* pip stops at it, whatever it is; libzip takes method 99 for encryption.  */
static void methods_that_nobody_reads_are_broken(void **state)
{
	static const struct zip_member members[] = {
		{.name = "pkg/a.py", .text = "x", .method = 97},
		{.name = "pkg/b.so", .text = ELF_TEXT, .method = 99},
		METADATA_MEMBER,
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	assert_within(next(MC_MEMBER_BROKEN, "pkg/a.py").problem, "method 97");
	assert_within(next(MC_MEMBER_BROKEN, "pkg/b.so").problem, "method 99");
	assert_end();
}

static void lies_are_found_one_member_at_a_time(void **state)
{
	static const struct zip_member members[] = {
		{.name = "a-crc.so", .text = ELF_TEXT, .method = 8, .lies = ZIP_LIE_CRC},
		{.name = "b-local.so", .text = ELF_TEXT, .lies = ZIP_LIE_LOCAL_NAME},
		{.name = "c-nolocal.so", .text = ELF_TEXT, .lies = ZIP_NO_LOCAL},
		{.name = "d-encrypted.so", .text = ELF_TEXT, .flags = 1},
		{.name = "e-method.so", .text = ELF_TEXT, .method = 77},
		{.name = "f-short.so", .text = ELF_TEXT, .method = 8, .declared_nbytes = 20},
		{.name = "g-long.so", .text = ELF_TEXT, .method = 8, .declared_nbytes = 60},
		{.name = "h-stored.so", .text = ELF_TEXT, .declared_nbytes = 20},
		{.name = "i-bomb.so", .text = ELF_TEXT, .method = 8, .declared_nbytes = 2000000000},
		{.name = "j-over.so", .text = ELF_TEXT, .method = 8, .declared_nbytes = 4000000000},
		{.name = "k-zip64.so", .text = ELF_TEXT, .lies = ZIP_64_CUT},
		{.name = "l-good.so", .text = ELF_TEXT, .method = 8},
		{.name = "m-overlap.so", .text = ELF_TEXT, .method = 8, .lies = ZIP_OVERLAP},
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	next(MC_MEMBER_ELF, "a-crc.so");
	assert_read_fails(MC_ERR_FORMAT, "CRC-32");
	assert_within(next(MC_MEMBER_BROKEN, "b-local.so").problem, "names another file");
	assert_read_fails(MC_ERR_FORMAT, "names another file");
	assert_within(next(MC_MEMBER_BROKEN, "c-nolocal.so").problem, "no local header");
	assert_within(next(MC_MEMBER_BROKEN, "d-encrypted.so").problem, "encrypted");
	assert_read_fails(MC_ERR_UNSUPPORTED, "encrypted");
	assert_within(next(MC_MEMBER_BROKEN, "e-method.so").problem, "method 77");
	assert_read_fails(MC_ERR_UNSUPPORTED, "method 77");
	next(MC_MEMBER_ELF, "f-short.so");
	assert_read_fails(MC_ERR_FORMAT, "declared 20 bytes");
	next(MC_MEMBER_ELF, "g-long.so");
	assert_read_fails(MC_ERR_FORMAT, "declared 60 bytes");
	next(MC_MEMBER_ELF, "h-stored.so");
	assert_read_fails(MC_ERR_FORMAT, "stored");
	next(MC_MEMBER_ELF, "i-bomb.so");
	assert_read_fails(MC_ERR_FORMAT, "cannot become");
	next(MC_MEMBER_ELF, "j-over.so");
	assert_read_fails(MC_ERR_LIMIT, "limit");
	assert_within(next(MC_MEMBER_BROKEN, "k-zip64.so").problem, "zip64");
	/* The two share a local header; one of them overlaps, the other lies about its name.  */
	assert_within(next(MC_MEMBER_BROKEN, "l-good.so").problem, "overlaps");
	assert_within(next(MC_MEMBER_BROKEN, "m-overlap.so").problem, "names another file");
	assert_end();
}

static void assert_file_reads(const char *text, size_t nbytes)
{
	struct mc_image image;
	char content[512];
	size_t got_nbytes;

	assert_true(nbytes <= sizeof(content));
	assert_int_equal(mc_source_read(source, &image, &error), MC_OK);
	assert_true(image.fd >= 0);
	assert_null(image.bytes.ptr);
	assert_int_equal(image.nbytes, nbytes);
	assert_int_equal(mc_image_read(&image, 0, content, nbytes, &got_nbytes, &error), MC_OK);
	assert_memory_equal(content, text, nbytes);
}

static void large_members_are_behind_a_file(void **state)
{
	static const struct zip_member members[] = {
		{.name = "a.so", .text = ELF_TEXT},
		{.name = "b.so", .text = ELF_TEXT, .method = 8},
		{.name = "c.so", .text = ELF_TEXT, .method = 8, .declared_nbytes = sizeof(ELF_TEXT) + 2},
		{.name = "d.so", .text = ELF_TEXT, .method = 8, .declared_nbytes = 8},
		{.name = "e.so", .text = ELF_TEXT, .method = 8, .lies = ZIP_LIE_CRC},
		{.name = "f.so", .text = "x"},
		{.name = NULL},
	};
	const struct mc_source_options options = {.limits = {.memory_nbytes = 7}};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(&options), MC_OK);
	next(MC_MEMBER_ELF, "a.so");
	assert_file_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	next(MC_MEMBER_ELF, "b.so");
	assert_file_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	assert_file_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	next(MC_MEMBER_ELF, "c.so");
	assert_read_fails(MC_ERR_FORMAT, "size");
	next(MC_MEMBER_ELF, "d.so");
	assert_read_fails(MC_ERR_FORMAT, "size");
	next(MC_MEMBER_ELF, "e.so");
	assert_read_fails(MC_ERR_FORMAT, "CRC-32");
	next(MC_MEMBER_CLAIMS, "f.so");
	assert_reads("x", 1);
	assert_end();
}

static void what_is_packed_takes_memory_too(void **state)
{
	static const struct zip_member members[] = {
		{.name = "a.so", .text = ELF_TEXT},
		{.name = "b.so", .text = ELF_TEXT, .method = 8},
		{.name = NULL},
	};
	const struct mc_source_options options = {.limits = {.memory_nbytes = sizeof(ELF_TEXT)}};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(&options), MC_OK);
	next(MC_MEMBER_ELF, "a.so");
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	next(MC_MEMBER_ELF, "b.so");
	assert_file_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	assert_end();
}

static void limits_of_a_call_are_obeyed(void **state)
{
	static const struct zip_member members[] = {
		{.name = "a.so", .text = ELF_TEXT},
		{.name = "b.so", .text = ELF_TEXT, .method = 8},
		{.name = "c.so", .text = "x"},
		{.name = NULL},
	};
	const uint64_t nbytes = sizeof(ELF_TEXT) - 1;
	struct mc_source_options options = {.limits = {.total_nbytes = nbytes * 2 - 1}};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(&options), MC_OK);
	next(MC_MEMBER_ELF, "a.so");
	assert_reads(ELF_TEXT, nbytes);
	next(MC_MEMBER_ELF, "b.so");
	assert_read_fails(MC_ERR_LIMIT, "members come to more");
	next(MC_MEMBER_CLAIMS, "c.so");
	assert_reads("x", 1);
	mc_source_close(source);

	options.limits = (struct mc_limits){.member_nbytes = nbytes - 1};
	assert_int_equal(open_made(&options), MC_OK);
	next(MC_MEMBER_ELF, "a.so");
	assert_read_fails(MC_ERR_LIMIT, "more than the limit");
	mc_source_close(source);

	options.limits = (struct mc_limits){.members_count = 2};
	assert_int_equal(open_made(&options), MC_ERR_LIMIT);
	assert_null(source);
}

static const struct zip_member one_member[] = {
	{.name = "x.so", .text = ELF_TEXT, .method = 8},
	{.name = NULL},
};

static void put_padded(const void *before, size_t before_nbytes, const void *after,
		       size_t after_nbytes, bool with_end64)
{
	struct zip_bytes zip = zip_build(one_member, with_end64), padded = {NULL, 0, 0};

	zip_put(&padded, before, before_nbytes);
	zip_put(&padded, zip.ptr, zip.nbytes);
	zip_put(&padded, after, after_nbytes);
	put_bytes(&fixture, NAME, padded.ptr, padded.nbytes);
	free(zip.ptr);
	free(padded.ptr);
}

static void assert_one_member(void)
{
	assert_int_equal(open_made(NULL), MC_OK);
	next(MC_MEMBER_ELF, "x.so");
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	assert_end();
	mc_source_close(source);
	source = NULL;
}

static void prepended_and_appended_data_is_passed_over(void **state)
{
	static const char junk[70000] = "#!/bin/sh\n";

	(void)state;
	put_padded(junk, sizeof(junk), NULL, 0, false);
	assert_one_member();
	put_padded(junk, 1, junk, 1000, false);
	assert_one_member();
	put_padded(junk, sizeof(junk), NULL, 0, true);
	assert_one_member();
	put_padded(NULL, 0, NULL, 0, true);
	assert_one_member();
	/* zipfile looks no further back than 64 KiB.  */
	put_padded(NULL, 0, junk, sizeof(junk), false);
	assert_int_equal(open_made(NULL), MC_ERR_FORMAT);
}

/* A reader that takes the offset of the directory as it stands sees the first archive.  */
static void of_two_archives_the_last_counts(void **state)
{
	static const struct zip_member decoy[] = {{.name = "nothing.txt", .text = "x"},
						  {.name = NULL}};
	struct zip_bytes zip = zip_build(decoy, false);

	(void)state;
	put_padded(zip.ptr, zip.nbytes, NULL, 0, false);
	free(zip.ptr);
	assert_one_member();
}

static void zip64_sizes_are_read(void **state)
{
	static const struct zip_member members[] = {
		{.name = "x.so", .text = ELF_TEXT, .method = 8, .lies = ZIP_64}, {.name = NULL}};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_one_member();
}

static void what_is_no_archive_is_refused(void **state)
{
	struct zip_bytes zip = zip_build(one_member, false);

	(void)state;
	put_text(&fixture, NAME, "");
	assert_int_equal(open_made(NULL), MC_ERR_FORMAT);
	assert_null(source);
	put_text(&fixture, NAME, "P");
	assert_int_equal(open_made(NULL), MC_ERR_FORMAT);
	put_text(&fixture, NAME, "this is a text, and no archive of any kind at all");
	assert_int_equal(open_made(NULL), MC_ERR_FORMAT);
	fixture_path(&fixture, "missing.whl");
	error = MC_ERROR_INIT;
	assert_int_equal(open_made(NULL), MC_ERR_NOT_FOUND);
	fixture_path(&fixture, "fifo");
	assert_int_equal(mkfifo(fixture.path, 0600), 0);
	assert_int_equal(open_made(NULL), MC_ERR_FORMAT);
	free(zip.ptr);
}

/* Cut at every byte, and every byte set to 0 and 255: no crash, no hang, no wrong content.  */
static void damage_anywhere_is_survived(void **state)
{
	static const struct zip_member members[] = {
		METADATA_MEMBER,
		{.name = "x.so", .text = ELF_TEXT, .method = 8, .lies = ZIP_64},
		{.name = "y.so", .text = ELF_TEXT},
		{.name = "z", .text = "#!/bin/sh\n", .lies = ZIP_EXECUTABLE},
		{.name = NULL},
	};
	struct zip_bytes zip = zip_build(members, true);

	(void)state;
	for (size_t i = 0; i < zip.nbytes * 3; i++) {
		uint8_t *poked = zip.ptr + i % zip.nbytes, kept = *poked;
		struct mc_member member;
		enum mc_status status;

		if (i >= zip.nbytes)
			*poked = i < zip.nbytes * 2 ? 0 : 255;
		put_bytes(&fixture, NAME, zip.ptr, i < zip.nbytes ? i : zip.nbytes);
		*poked = kept;
		error = MC_ERROR_INIT;
		status = open_made(NULL);
		if (status < 0) {
			assert_null(source);
			assert_true(error.text[0]);
			continue;
		}
		while ((status = mc_source_next(source, &member, &error)) == MC_OK) {
			struct mc_image image;

			if (mc_source_read(source, &image, &error) == MC_OK &&
			    member.kind == MC_MEMBER_ELF)
				assert_memory_equal(image.bytes.ptr, ELF_TEXT,
						    sizeof(ELF_TEXT) - 1);
		}
		assert_int_equal(status, MC_END);
		mc_source_close(source);
		source = NULL;
		mc_arena_clear(&arena);
	}
	free(zip.ptr);
}

/* Written by libzip with what its build knows: bzip2, xz, zstd.  */
static void rarer_methods_are_read(void **state)
{
	static const zip_int32_t methods[] = {ZIP_CM_BZIP2, ZIP_CM_LZMA, ZIP_CM_XZ, 93};
	static char text[300000] = "\177ELF";

	(void)state;
	for (size_t i = 4; i < sizeof(text); i++)
		text[i] = (char)(i * i >> 7);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		const char *path = fixture_path(&fixture, NAME);
		zip_t *zip;

		if (!zip_compression_method_supported(methods[i], 1))
			continue;
		zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
		assert_non_null(zip);
		assert_int_equal(zip_file_add(zip, "pkg-1.0.dist-info/METADATA",
					      zip_source_buffer(zip, "Version: 5\n", 11, 0), 0),
				 0);
		assert_int_equal(
			zip_file_add(zip, "x.so", zip_source_buffer(zip, text, sizeof(text), 0), 0),
			1);
		assert_int_equal(zip_set_file_compression(zip, 0, methods[i], 0), 0);
		assert_int_equal(zip_set_file_compression(zip, 1, methods[i], 0), 0);
		assert_int_equal(zip_close(zip), 0);

		assert_int_equal(open_made(NULL), MC_OK);
		assert_str(only_dist()->version, "5");
		next(MC_MEMBER_ELF, "x.so");
		assert_reads(text, sizeof(text));
		assert_reads(text, sizeof(text));
		assert_end();
		mc_source_close(source);
		source = NULL;
	}
}

/* As Python's zipfile writes them, which libzip does not read.  */
static void lzma_members_are_read(void **state)
{
	static const char packed[] =
		"\011\004\005\000\135\000\000\200\000\000\077\221\105\204\150\075"
		"\211\253\101\122\365\061\234\054\153\131\216\321\212\157\265\253"
		"\355\271\257\341\377\377\371\045\340\000";
	static const struct zip_member members[] = {
		{.name = "good.so",
		 .text = packed,
		 .text_nbytes = sizeof(packed) - 1,
		 .method = 14,
		 .flags = 2,
		 .unpacked = ELF_TEXT},
		{.name = "long.so",
		 .text = packed,
		 .text_nbytes = sizeof(packed) - 1,
		 .method = 14,
		 .declared_nbytes = 60},
		{.name = "short.so",
		 .text = packed,
		 .text_nbytes = sizeof(packed) - 10,
		 .method = 14,
		 .unpacked = ELF_TEXT},
		{.name = "tiny.so", .text = "x", .method = 14, .declared_nbytes = 50},
		{.name = "vast.so",
		 .text = packed,
		 .text_nbytes = sizeof(packed) - 1,
		 .method = 14,
		 .declared_nbytes = 2000000000},
		{.name = NULL},
	};

	(void)state;
	put_zip(&fixture, NAME, members);
	assert_int_equal(open_made(NULL), MC_OK);
	next(MC_MEMBER_ELF, "good.so");
	assert_reads(ELF_TEXT, sizeof(ELF_TEXT) - 1);
	next(MC_MEMBER_ELF, "long.so");
	assert_read_fails(MC_ERR_FORMAT, "shorter than");
	next(MC_MEMBER_ELF, "short.so");
	assert_read_fails(MC_ERR_FORMAT, "");
	assert_within(next(MC_MEMBER_BROKEN, "tiny.so").problem, "LZMA");
	next(MC_MEMBER_ELF, "vast.so");
	assert_read_fails(MC_ERR_FORMAT, "cannot become");
}

static enum mc_status scan(struct mc_arena *starved)
{
	struct mc_member member;
	enum mc_status status;

	MC_TRY(mc_source_open(fixture.path, NULL, starved, &source, &error));
	while ((status = mc_source_next(source, &member, &error)) == MC_OK) {
		struct mc_image image;

		status = mc_source_read(source, &image, &error);
		if (status == MC_ERR_NOMEM)
			break;
	}
	mc_source_close(source);
	source = NULL;
	return status;
}

static void every_failed_allocation_is_reported_and_nothing_leaks(void **state)
{
	static const struct zip_member members[] = {
		METADATA_MEMBER,
		{.name = "../x.so", .text = ELF_TEXT, .method = 8},
		{.name = "y.so", .text = ELF_TEXT, .method = 8},
		{.name = "z", .text = "#!/bin/sh\n", .lies = ZIP_EXECUTABLE},
		{.name = NULL},
	};
	int fd_before = dup(0), fd_after;

	(void)state;
	close(fd_before);
	put_zip(&fixture, NAME, members);
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
		CASE(members_come_sorted_with_their_bytes),
		CASE(data_folders_are_laid_out_as_pip_does),
		CASE(a_wheel_without_dist_info_is_known_by_its_name),
		CASE(a_badly_named_wheel_is_known_by_its_dist_info),
		CASE(metadata_of_another_name_spoils_the_dist),
		CASE(damaged_metadata_spoils_the_dist),
		CASE(metadata_that_shares_its_bytes_spoils_the_dist),
		CASE(two_dist_infos_spoil_the_dist),
		CASE(names_that_lead_astray_are_broken_and_never_paths),
		CASE(of_two_with_one_name_the_later_counts),
		CASE(methods_that_nobody_reads_are_broken),
		CASE(lies_are_found_one_member_at_a_time),
		CASE(large_members_are_behind_a_file),
		CASE(what_is_packed_takes_memory_too),
		CASE(limits_of_a_call_are_obeyed),
		CASE(prepended_and_appended_data_is_passed_over),
		CASE(of_two_archives_the_last_counts),
		CASE(zip64_sizes_are_read),
		CASE(what_is_no_archive_is_refused),
		CASE(damage_anywhere_is_survived),
		CASE(rarer_methods_are_read),
		CASE(lzma_members_are_read),
		CASE(every_failed_allocation_is_reported_and_nothing_leaks),
	};

	return cmocka_run_group_tests_name("source_wheel", tests, NULL, NULL);
}
