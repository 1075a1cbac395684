/* SPDX-License-Identifier: MIT */
/* Hostile tars: nothing is written, read or removed outside of the folder.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "rootfs.h"

#include <sys/stat.h>
#include <unistd.h>

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_rootfs *rootfs;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	put_text(&fixture, "canary", "alive");
	rootfs = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_rootfs_close(rootfs);
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

/* ---- a tar, byte by byte: POSIX ustar ---- */

struct tar {
	uint8_t bytes[1 << 18];
	size_t nbytes;
};

static void octal(uint8_t *at, size_t width, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*llo", (int)width - 1, (unsigned long long)value);
	memcpy(at, text, width);
}

static void add(struct tar *tar, char kind, const char *name, const char *link, const void *content,
		size_t nbytes)
{
	uint8_t *head = tar->bytes + tar->nbytes;
	unsigned sum = 0;

	assert_true(tar->nbytes + 512 + (nbytes + 511) / 512 * 512 + 1024 < sizeof(tar->bytes));
	assert_true(strlen(name) < 100 && strlen(link) < 100);
	memset(head, 0, 512);
	memcpy(head, name, strlen(name));
	octal(head + 100, 8, 0755);
	octal(head + 108, 8, 0);
	octal(head + 116, 8, 0);
	octal(head + 124, 12, nbytes);
	octal(head + 136, 12, 0);
	memset(head + 148, ' ', 8);
	head[156] = (uint8_t)kind;
	memcpy(head + 157, link, strlen(link));
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < 512; i++)
		sum += head[i];
	snprintf((char *)head + 148, 8, "%06o", sum);
	head[155] = ' ';
	tar->nbytes += 512;
	if (nbytes)
		memcpy(tar->bytes + tar->nbytes, content, nbytes);
	tar->nbytes += (nbytes + 511) / 512 * 512;
}

static void file(struct tar *tar, const char *name, const char *text)
{
	add(tar, '0', name, "", text, strlen(text));
}

static struct tar *start(void)
{
	static struct tar tar;

	memset(&tar, 0, sizeof(tar));
	file(&tar, "etc/os-release", "ID=test\n");
	return &tar;
}

static enum mc_status open_tar(const struct tar *tar, struct mc_error *err)
{
	put_bytes(&fixture, "image.tar", tar->bytes, tar->nbytes + 1024);
	return mc_rootfs_open(fixture_path(&fixture, "image.tar"), &arena, &rootfs, err);
}

static void unpack(const struct tar *tar)
{
	struct mc_error err = MC_ERROR_INIT;

	if (open_tar(tar, &err))
		fail_msg("%s: %s", err.subject, err.text);
}

/* ---- looking ---- */

static const char *inside(const char *name)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/%s", mc_rootfs_dir(rootfs), name);
	return path;
}

static void assert_content(const char *name, const char *wanted)
{
	char text[8192];
	FILE *in = fopen(inside(name), "r");
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[n] = '\0';
	assert_string_equal(text, wanted);
}

static bool is_there(const char *name)
{
	struct stat info;

	return !lstat(inside(name), &info);
}

static void assert_canary(void)
{
	char text[8] = "";
	FILE *in = fopen(fixture_path(&fixture, "canary"), "r");

	assert_non_null(in);
	assert_int_equal(fread(text, 1, sizeof(text), in), 5);
	fclose(in);
	assert_string_equal(text, "alive");
}

/* ---- tests ---- */

static void what_is_wanted_is_whole_and_the_rest_is_its_head(void **state)
{
	struct tar *tar = start();
	static char elf[6000], text[6000];

	(void)state;
	memset(elf, 'e', sizeof(elf));
	memcpy(elf, "\177ELF", 4);
	memset(text, 't', sizeof(text));
	add(tar, '0', "lib/x.so", "", elf, sizeof(elf));
	add(tar, '0', "usr/big.txt", "", text, sizeof(text));
	add(tar, '0', "site/a-1.dist-info/RECORD", "", text, sizeof(text));
	file(tar, "bin/run", "#!/bin/sh\nrest\n");
	unpack(tar);
	{
		struct stat info;

		assert_int_equal(stat(inside("lib/x.so"), &info), 0);
		assert_int_equal(info.st_size, sizeof(elf));
		assert_int_equal(info.st_mode & 0777, 0700);
		assert_int_equal(stat(inside("usr/big.txt"), &info), 0);
		assert_int_equal(info.st_size, 64);
		assert_int_equal(stat(inside("site/a-1.dist-info/RECORD"), &info), 0);
		assert_int_equal(info.st_size, sizeof(text));
	}
	assert_content("bin/run", "#!/bin/sh\nrest\n");
}

/* No file is passed over: what cannot be put anywhere is told, and the image with it.  */
static void refuse(const char *name)
{
	struct mc_error err = MC_ERROR_INIT;
	struct tar *tar = start();

	file(tar, name, "dead");
	assert_int_equal(open_tar(tar, &err), MC_ERR_LIMIT);
	assert_null(rootfs);
	assert_canary();
}

static void names_cannot_leave_the_folder(void **state)
{
	struct tar *tar;

	(void)state;
	refuse("../canary");
	refuse("a/../../canary");
	tar = start();
	file(tar, "/etc/absolute", "x");
	file(tar, "./dotted/./x", "y");
	unpack(tar);
	assert_canary();
	assert_content("etc/absolute", "x");
	assert_content("dotted/x", "y");
}

static void links_cannot_lead_out_of_the_folder(void **state)
{
	struct tar *tar = start();
	char far[100];

	(void)state;
	snprintf(far, sizeof(far), "%.90s", fixture.dir);
	add(tar, '2', "absolute", far, "", 0);
	add(tar, '2', "up", "../../../../../../../../tmp", "", 0);
	add(tar, '2', "passwd", "/etc/passwd", "", 0);
	add(tar, '2', "release", "/etc/os-release", "", 0);
	add(tar, '2', "deep/er/back", "../../etc/os-release", "", 0);
	add(tar, '2', "loop", "loop", "", 0);
	unpack(tar);
	assert_canary();
	assert_int_equal(access("/tmp/canary-of-muslcheck", F_OK), -1);
	assert_int_equal(access(inside("passwd"), F_OK), -1);
	assert_int_equal(access(inside("loop"), F_OK), -1);
	assert_int_equal(access(inside("absolute"), F_OK), -1);
	assert_content("release", "ID=test\n");
	assert_content("deep/er/back", "ID=test\n");
}

static void files_cannot_be_put_behind_links_that_lead_out(void **state)
{
	struct mc_error err = MC_ERROR_INIT;
	struct tar *tar = start();
	char far[100];

	(void)state;
	snprintf(far, sizeof(far), "%.90s", fixture.dir);
	add(tar, '2', "absolute", far, "", 0);
	file(tar, "absolute/canary", "dead");
	assert_int_equal(open_tar(tar, &err), MC_ERR_LIMIT);
	assert_canary();
}

/* Each link is made to lead straight to what it means.  */
static void folders_may_be_links(void **state)
{
	struct tar *tar = start();

	(void)state;
	add(tar, '5', "usr/lib", "", "", 0);
	add(tar, '2', "lib", "usr/lib", "", 0);
	add(tar, '2', "lib64", "/lib", "", 0);
	file(tar, "lib64/x", "content");
	add(tar, '1', "lib/y", "usr/lib/x", "", 0);
	unpack(tar);
	assert_content("usr/lib/x", "content");
	assert_content("lib64/y", "content");
}

static void a_later_entry_takes_the_place_of_an_earlier(void **state)
{
	struct tar *tar = start();

	(void)state;
	file(tar, "a/b/c", "1");
	file(tar, "a", "now a file");
	file(tar, "d", "1");
	file(tar, "d/e", "now a folder");
	add(tar, '2', "l", "canary", "", 0);
	file(tar, "l", "no link any more");
	add(tar, '3', "device", "", "", 0);
	add(tar, '6', "fifo", "", "", 0);
	unpack(tar);
	assert_content("a", "now a file");
	assert_content("d/e", "now a folder");
	assert_content("l", "no link any more");
	assert_false(is_there("device"));
	assert_false(is_there("fifo"));
}

static void assert_refused(const struct tar *tar, enum mc_status status, const char *text)
{
	struct mc_error err = MC_ERROR_INIT;

	assert_int_equal(open_tar(tar, &err), status);
	assert_null(rootfs);
	if (!strstr(err.text, text))
		fail_msg("%s", err.text);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void what_is_no_image_says_so(void **state)
{
	static const char *const hard[] = {"../canary", "absolute/canary", "nowhere"};
	static struct tar tar, cut;

	(void)state;
	memset(&tar, 0, sizeof(tar));
	file(&tar, "README", "x");
	assert_refused(&tar, MC_ERR_FORMAT, "neither manifest.json");
	memset(&tar, 0, sizeof(tar));
	file(&tar, "manifest.json", "[{\"Layers\": [\"a/layer.tar\"]}]");
	assert_refused(&tar, MC_ERR_FORMAT, "layer 1, a/layer.tar, is not in it");
	memset(&tar, 0, sizeof(tar));
	file(&tar, "manifest.json", "[]");
	assert_refused(&tar, MC_ERR_FORMAT, "names no layers");
	memset(&tar, 0, sizeof(tar));
	file(&tar, "index.json", "{\"manifests\": [{\"digest\": \"sha256:../../canary\"}]}");
	assert_refused(&tar, MC_ERR_FORMAT, "leads to no manifest");
	memset(&tar, 0, sizeof(tar));
	file(&tar, "manifest.json", "[{\"Layers\": [\"layer.tar\"]}]");
	file(&tar, "layer.tar", "no tar at all, but long enough to be looked at");
	assert_refused(&tar, MC_ERR_FORMAT, "not a tar");
	for (size_t i = 0; i < sizeof(hard) / sizeof(*hard); i++) {
		tar = *start();
		add(&tar, '2', "absolute", "/tmp", "", 0);
		add(&tar, '1', "hard", hard[i], "", 0);
		assert_refused(&tar, MC_ERR_FORMAT, "a hard link in it leads nowhere");
		assert_canary();
	}
	memset(&tar, 0, sizeof(tar));
	file(&tar, "a.tar", "x");
	file(&tar, "b.tar", "x");
	file(&tar, "manifest.json", "[{\"Layers\": [\"a.tar\"]}, {\"Layers\": [\"a.tar\", \"b.tar\"]}]");
	assert_refused(&tar, MC_ERR_FORMAT, "several are in it");
	memset(&tar, 0, sizeof(tar));
	file(&tar, "index.json", "{\"manifests\": [{\"digest\": \"sha256:a\"}, {\"digest\": \"sha256:b\"}]}");
	assert_refused(&tar, MC_ERR_FORMAT, "several are in it");
	memset(&tar, 0, sizeof(tar));
	file(&tar, "blobs/sha256/" ZEROS, "x");
	file(&tar, "manifest.json", "[{\"Layers\": [\"blobs/sha256/" ZEROS "\"]}]");
	assert_refused(&tar, MC_ERR_FORMAT, "layer 1 has another digest");
	cut = *start(); /* between two files */
	put_bytes(&fixture, "cut.tar", cut.bytes, cut.nbytes);
	assert_int_equal(mc_rootfs_open(fixture_path(&fixture, "cut.tar"), &arena, &rootfs, NULL),
			 MC_ERR_FORMAT);
	cut.nbytes = 600; /* in the middle of a file */
	put_bytes(&fixture, "cut.tar", cut.bytes, cut.nbytes);
	assert_int_equal(mc_rootfs_open(fixture_path(&fixture, "cut.tar"), &arena, &rootfs, NULL),
			 MC_ERR_FORMAT);
	assert_int_equal(mc_rootfs_open(fixture.dir, &arena, &rootfs, NULL), MC_ERR_FORMAT);
}

static void the_folder_goes_with_the_rootfs(void **state)
{
	char dir[512];

	(void)state;
	unpack(start());
	snprintf(dir, sizeof(dir), "%s", mc_rootfs_dir(rootfs));
	assert_int_equal(access(dir, F_OK), 0);
	mc_rootfs_close(rootfs);
	rootfs = NULL;
	assert_int_equal(access(dir, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_wanted_is_whole_and_the_rest_is_its_head, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(names_cannot_leave_the_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_cannot_lead_out_of_the_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_cannot_be_put_behind_links_that_lead_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folders_may_be_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_later_entry_takes_the_place_of_an_earlier, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_image_says_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_folder_goes_with_the_rootfs, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("rootfs", tests, NULL, NULL);
}
