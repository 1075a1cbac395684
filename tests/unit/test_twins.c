/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "source_impl.h"
#include "twins.h"

#include <elf.h>
#include <sys/stat.h>

/* This very program, which is a file like any other, with some bytes behind.  */
struct content {
	uint8_t bytes[1 << 22];
	size_t nbytes;
};

static struct content x86, arm, long_one;

static void load(struct content *content, uint16_t machine, const char *tail)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	ssize_t got = read(fd, content->bytes, sizeof(content->bytes) - 64);

	close(fd);
	assert_in_range(got, 65536, sizeof(content->bytes) - 65);
	memcpy(content->bytes + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof(machine));
	memcpy(content->bytes + got, tail, strlen(tail));
	content->nbytes = (size_t)got + strlen(tail);
}

/* Four bytes behind it that give it the CRC-32 'wanted': the register is run backwards from there.  */
static void forge(struct content *content, uint32_t wanted)
{
	uint32_t now = ~libdeflate_crc32(0, content->bytes, content->nbytes), goal = ~wanted;

	for (int i = 0; i < 32; i++)
		goal = goal & 0x80000000 ? (goal ^ 0xedb88320) << 1 | 1 : goal << 1;
	now ^= goal;
	for (int i = 0; i < 4; i++)
		content->bytes[content->nbytes++] = (uint8_t)(now >> 8 * i);
	assert_int_equal(libdeflate_crc32(0, content->bytes, content->nbytes), wanted);
}

static unsigned reads;
static enum mc_status (*real_read)(struct mc_source *source, struct mc_image *image_out, struct mc_error *err);

static enum mc_status count_read(struct mc_source *source, struct mc_image *image_out, struct mc_error *err)
{
	reads++;
	return real_read(source, image_out, err);
}

/* Read the archive's members through 'twins'; their machines, or '!' for one that is not readable.  */
static void read_all(struct mc_twins *twins, const char *path, struct mc_arena *arena, char *machines)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_object *object;
	struct mc_member member;
	struct mc_source *source;

	reads = 0;
	assert_int_equal(mc_source_open(path, NULL, arena, &source, &err), MC_OK);
	real_read = source->read;
	source->read = count_read;
	while (mc_source_next(source, &member, &err) == MC_OK) {
		assert_int_equal(mc_twins_read(twins, arena, source, &member, &object, &err), MC_OK);
		*machines++ = object->status < 0 ? '!' : object->elf.machine == EM_AARCH64 ? 'a' : 'x';
		assert_true(mc_str_is(object->path, member.path));
		assert_true(object->status < 0 || object->elf.imports_count > 10);
	}
	*machines = '\0';
	mc_source_close(source);
}

#define MEMBER(member_name, content, its_lies) \
	{.name = (member_name), .text = (const char *)(content).bytes, .text_nbytes = (content).nbytes, .lies = (its_lies)}

static void only_what_is_the_same_is_known_again(void **state)
{
	const struct zip_member members[] = {
		MEMBER("d/1.so", x86, 0), MEMBER("d/2.so", x86, 0), MEMBER("d/3.so", x86, 0),
		MEMBER("d/4.so", arm, 0), /* alike in the directory: sizes and CRC */
		MEMBER("d/5.so", arm, 0), MEMBER("d/6.so", x86, 0), MEMBER("d/7.so", long_one, 0),
		MEMBER("d/8.so", x86, ZIP_LIE_CRC), MEMBER("d/9.so", x86, ZIP_LIE_CRC),
		{.name = NULL},
	};
	char machines[16];
	struct fixture f;
	struct mc_arena arena;
	struct mc_twins *twins;

	(void)state;
	fixture_open(&f);
	mc_arena_init(&arena, NULL);
	put_zip(&f, "d-1-cp312-cp312-linux_x86_64.whl", members);
	twins = mc_twins_open(&arena);
	read_all(NULL, f.path, &arena, machines);
	assert_string_equal(machines, "xxxaaxx!!");
	assert_int_equal(reads, 9);
	read_all(twins, f.path, &arena, machines);
	assert_string_equal(machines, "xxxaaxx!!");
	/* 1, 4 and 7; 8, which is like 1 but for the CRC, has facts of its own.  */
	assert_int_equal(reads, 4);
	read_all(twins, f.path, &arena, machines);
	assert_string_equal(machines, "xxxaaxx!!");
	assert_int_equal(reads, 0);
	mc_twins_close(twins);
	mc_arena_clear(&arena);
	fixture_close(&f);
}

/* What a member was like is known by the file that it lay in, as long as that is as it was.  */
static void who_is_gone_or_changed_has_no_twins(void **state)
{
	const struct zip_member members[] = {MEMBER("d/1.so", x86, 0), {.name = NULL}};
	char first[4096], machines[16];
	struct mc_arena arena;
	struct mc_twins *twins;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	mc_arena_init(&arena, NULL);
	twins = mc_twins_open(&arena);
	put_zip(&f, "d-1-cp312-cp312-linux_x86_64.whl", members);
	snprintf(first, sizeof(first), "%s", f.path);
	read_all(twins, first, &arena, machines);
	assert_int_equal(reads, 1);
	put_zip(&f, "d-2-cp312-cp312-linux_x86_64.whl", members);
	read_all(twins, f.path, &arena, machines);
	assert_int_equal(reads, 0);
	assert_int_equal(utimensat(AT_FDCWD, first, NULL, 0), 0);
	read_all(twins, f.path, &arena, machines);
	assert_int_equal(reads, 1);
	assert_string_equal(machines, "x");
	read_all(twins, first, &arena, machines); /* d-2's is known now */
	assert_int_equal(reads, 0);
	assert_int_equal(unlink(f.path), 0);
	for (int i = 0; i < 3; i++) {
		read_all(twins, first, &arena, machines);
		assert_int_equal(reads, i == 0); /* in the place of one whose file is gone */
	}
	mc_twins_close(twins);
	mc_arena_clear(&arena);
	fixture_close(&f);
}

/* More kinds than are kept, each three times: all right, and no more memory than is told.  */
static void the_oldest_are_forgotten(void **state)
{
	struct zip_member members[] = {MEMBER("d/1.so", long_one, 0), {.name = NULL}};
	struct mc_arena arena;
	struct mc_twins *twins;
	char machines[16];
	struct fixture f;

	(void)state;
	fixture_open(&f);
	mc_arena_init(&arena, NULL);
	twins = mc_twins_open(&arena);
	for (unsigned i = 0; i < 400; i++) {
		struct mc_arena scratch;

		mc_arena_init(&scratch, NULL);
		memcpy(long_one.bytes + long_one.nbytes - 4, &i, sizeof(i));
		put_zip(&f, "d-1-cp312-cp312-linux_x86_64.whl", members);
		for (unsigned n = 0; n < 3; n++) {
			read_all(twins, f.path, &scratch, machines);
			assert_string_equal(machines, "x");
			assert_int_equal(reads, n < 1);
		}
		mc_arena_clear(&scratch);
	}
	mc_twins_close(twins);
	mc_arena_clear(&arena);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_the_same_is_known_again),
		cmocka_unit_test(who_is_gone_or_changed_has_no_twins),
		cmocka_unit_test(the_oldest_are_forgotten),
	};

	if (mc_elf_startup(NULL))
		return 1;
	load(&x86, EM_X86_64, "one!");
	load(&arm, EM_AARCH64, "");
	forge(&arm, libdeflate_crc32(0, x86.bytes, x86.nbytes));
	load(&long_one, EM_X86_64, "another one");
	return cmocka_run_group_tests_name("twins", tests, NULL, NULL);
}
