/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "build_id.h"
#include "elf_pack.h"
#include "starve.h"


static void texts_and_arrays_come_back(void **state)
{
	static const char texts[] = "one\0two";
	static const uint64_t numbers[] = {1, 2, 3};
	struct mc_str inside, outside, none, empty;
	struct mc_unpack unpack;
	struct mc_arena arena;
	struct mc_pack pack;
	void *array;

	(void)state;
	mc_arena_init(&arena, NULL);
	mc_pack_init(&pack, &arena);
	mc_pack_texts(&pack, texts, sizeof(texts) - 1);
	inside = mc_pack_text(&pack, (struct mc_str){texts + 4, 3});
	outside = mc_pack_text(&pack, MC_STR("three"));
	none = mc_pack_text(&pack, (struct mc_str){NULL, 0});
	empty = mc_pack_text(&pack, (struct mc_str){"", 0});
	array = mc_pack_pointer(mc_pack_put(&pack, numbers, sizeof(numbers)));
	assert_false(pack.has_failed);

	unpack = (struct mc_unpack){.bytes = pack.bytes, .nbytes = pack.nbytes};
	mc_unpack_text(&unpack, &inside);
	mc_unpack_text(&unpack, &outside);
	mc_unpack_text(&unpack, &none);
	mc_unpack_text(&unpack, &empty);
	assert_memory_equal(inside.ptr, "two", 4);
	assert_memory_equal(outside.ptr, "three", 6);
	assert_null(none.ptr);
	assert_non_null(empty.ptr);
	assert_int_equal(empty.len, 0);
	assert_memory_equal(mc_unpack_pointer(&unpack, array, 3, sizeof(*numbers)), numbers, sizeof(numbers));
	assert_null(mc_unpack_pointer(&unpack, NULL, 3, 8));
	assert_false(unpack.is_bad);
	mc_arena_clear(&arena);
}

static void offsets_that_lead_out_are_refused(void **state)
{
	uint64_t bytes[4] = {0};
	static const struct {
		size_t at, count;
	} arrays[] = {{0, 5}, {8, 4}, {32, 1}, {40, 0}, {3, 1}, {SIZE_MAX - 1, 1}, {0, SIZE_MAX / 8 + 2}};
	static const struct {
		size_t at, len;
	} texts[] = {{0, 32}, {31, 1}, {32, 0}, {SIZE_MAX - 1, 1}, {1, SIZE_MAX - 1}, {5, 2}};

	(void)state;
	((uint8_t *)bytes)[7] = 'x'; /* {5, 2} ends without a NUL */
	for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
		struct mc_unpack unpack = {.bytes = (uint8_t *)bytes, .nbytes = sizeof(bytes)};

		assert_null(mc_unpack_pointer(&unpack, mc_pack_pointer(arrays[i].at), arrays[i].count, 8));
		assert_true(unpack.is_bad);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct mc_unpack unpack = {.bytes = (uint8_t *)bytes, .nbytes = sizeof(bytes)};
		struct mc_str text = {mc_pack_pointer(texts[i].at), texts[i].len};

		mc_unpack_text(&unpack, &text);
		assert_true(unpack.is_bad);
		assert_int_equal(text.len, 0);
	}
}

static void assert_same_text(struct mc_str a, struct mc_str b)
{
	assert_true(mc_str_is(a, b));
	assert_int_equal(!a.ptr, !b.ptr);
}

static void assert_same_elf(const struct mc_elf *a, const struct mc_elf *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->machine, b->machine);
	assert_same_text(a->soname, b->soname);
	assert_same_text(a->runpath, b->runpath);
	assert_int_equal(a->needed_count, b->needed_count);
	for (size_t i = 0; i < a->needed_count; i++)
		assert_same_text(a->needed[i], b->needed[i]);
	assert_int_equal(a->need_versions_count, b->need_versions_count);
	assert_int_equal(a->imports_count, b->imports_count);
	for (size_t i = 0; i < a->imports_count; i++) {
		const struct mc_import *x = &a->imports[i], *y = &b->imports[i];
		struct mc_lookup lookup = mc_import_lookup(x), other = mc_import_lookup(y);
		struct mc_definition one = {0}, two = {0};

		assert_same_text(x->name, y->name);
		assert_same_text(x->version, y->version);
		assert_int_equal(x->uses, y->uses);
		assert_int_equal(mc_elf_find(a, &lookup, &one), mc_elf_find(b, &other, &two));
		assert_int_equal(one.type, two.type);
		assert_same_text(one.version, two.version);
	}
}

static enum mc_status pack_elf(const struct mc_elf *elf, struct mc_arena *arena, struct mc_pack *pack,
			       struct mc_elf *packed)
{
	mc_pack_init(pack, arena);
	*packed = mc_elf_pack(pack, elf);
	return pack->has_failed ? MC_ERR_NOMEM : MC_OK;
}

/* No byte is written behind a room that was given, and what does not fit is told.  */
static void a_room_that_was_given_is_all_there_is(void **state)
{
	static const size_t offset = 0;
	static const struct mc_pack_shape shape = {sizeof(struct mc_str), &offset, 1};
	const struct mc_str texts[] = {MC_STR("one"), MC_STR("two"), MC_STR("three")};
	uint64_t room[16];
	struct mc_pack pack;
	size_t least = 0;

	(void)state;
	for (size_t nbytes = 0; nbytes <= 15 * sizeof(*room); nbytes += sizeof(*room)) {
		memset(room, 0xaa, sizeof(room));
		mc_pack_init_in(&pack, (uint8_t *)room, nbytes);
		mc_pack_items(&pack, texts, 3, &shape);
		assert_true(pack.nbytes <= nbytes);
		for (size_t i = nbytes; i < sizeof(room); i++)
			assert_int_equal(((uint8_t *)room)[i], 0xaa);
		if (!pack.has_failed && !least)
			least = nbytes;
		assert_int_equal(pack.has_failed, !least);
	}
	assert_int_equal(least, 3 * sizeof(struct mc_str) + 3 * 8);
}

/* This very test is a file with versions, hash tables, relocations and a thousand symbols.  */
static void an_elf_file_comes_back(void **state)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_arena arena, scratch;
	struct mc_elf elf, packed;
	struct mc_image image = {.fd = open("/proc/self/exe", O_RDONLY)};
	struct mc_unpack unpack;
	struct mc_pack pack;
	struct stat info;

	(void)state;
	assert_int_equal(fstat(image.fd, &info), 0);
	image.nbytes = (uint64_t)info.st_size;
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_elf_startup(&err), MC_OK);
	assert_int_equal(mc_elf_read(&image, &arena, &elf, &err), MC_OK);
	close(image.fd);
	assert_true(elf.imports_count > 20);
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		enum mc_status status;

		mc_arena_init(&scratch, &alloc);
		status = pack_elf(&elf, &scratch, &pack, &packed);
		mc_arena_clear(&scratch); /* 'alloc' ends with this turn */
		assert_int_equal(starve.live, 0);
		if (!status)
			break;
	}
	mc_arena_init(&scratch, NULL);
	assert_int_equal(pack_elf(&elf, &scratch, &pack, &packed), MC_OK);
	unpack = (struct mc_unpack){.bytes = pack.bytes, .nbytes = pack.nbytes};
	mc_elf_unpack(&unpack, &packed);
	assert_false(unpack.is_bad);
	assert_same_elf(&elf, &packed);
	mc_arena_clear(&scratch);
	mc_arena_clear(&arena);
}

static void this_build_has_an_id(void **state)
{
	uint8_t id[MC_BUILD_ID_ROOM], again[MC_BUILD_ID_ROOM];
	size_t nbytes = mc_build_id(id);

	(void)state;
	assert_in_range(nbytes, 8, MC_BUILD_ID_ROOM);
	assert_int_equal(mc_build_id(again), nbytes);
	assert_memory_equal(id, again, nbytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_arrays_come_back),
		cmocka_unit_test(offsets_that_lead_out_are_refused),
		cmocka_unit_test(a_room_that_was_given_is_all_there_is),
		cmocka_unit_test(an_elf_file_comes_back),
		cmocka_unit_test(this_build_has_an_id),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
