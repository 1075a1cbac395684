/* SPDX-License-Identifier: MIT */
/* A wheel: the archive, its dist, and each member.  */
#include "fuzz.h"

#include "muslcheck/source.h"

#include <libdeflate.h>
#include <string.h>

#define WHEEL "x-1.0-cp312-cp312-musllinux_1_2_x86_64.whl"

static void read_members(struct mc_source *source)
{
	struct mc_member member;
	struct mc_image image;
	size_t n = 0;

	while (!mc_source_next(source, &member, NULL)) {
		FUZZ_CHECK(++n <= 2000);
		/* source.h: names of strangers.  */
		FUZZ_CHECK(member.path.len && member.path.ptr[0] != '/');
		FUZZ_CHECK(!memchr(member.path.ptr, '\0', member.path.len));
		FUZZ_CHECK(!mc_str_find(member.where, MC_STR("/../"), NULL));
		FUZZ_CHECK(member.where.ptr[0] == '/');
		fuzz_touch(member.head);
		fuzz_touch(member.problem);
		if (member.kind == MC_MEMBER_BROKEN || mc_source_read(source, &image, NULL))
			continue;
		FUZZ_CHECK(image.fd == -1 && image.bytes.len <= 1 << 20);
		fuzz_touch((struct mc_str){(const char *)image.bytes.ptr, image.bytes.len});
	}
}

static void touch_dist(const struct mc_dist *dist)
{
	fuzz_touch(dist->name);
	fuzz_touch(dist->version);
	fuzz_touch(dist->requires_python);
	FUZZ_CHECK(dist->nbytes <= MC_DIST_NBYTES_MAX && dist->requires_dist_count <= MC_REQUIRES_DIST_MAX);
	for (size_t i = 0; i < dist->tags_count; i++)
		fuzz_touch(dist->tags[i].platform);
	for (size_t i = 0; i < dist->requires_dist_count; i++)
		fuzz_touch(dist->requires_dist[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	const struct mc_source_options options = {
		.limits = {.member_nbytes = 1 << 20, .total_nbytes = 4 << 20, .members_count = 1000, .tree_depth = 16},
		.wants_sources = true,
	};
	const char *path = fuzz_put(WHEEL, bytes, nbytes);
	const struct mc_dist *const *dists;
	struct mc_source *source;
	struct mc_arena arena;
	size_t count;

	mc_arena_init(&arena, NULL);
	if (!mc_source_open(path, &options, &arena, &source, NULL)) {
		dists = mc_source_dists(source, &count);
		FUZZ_CHECK(count == 1);
		touch_dist(dists[0]);
		(void)mc_source_may_be_native(source);
		read_members(source);
		mc_source_close(source);
	} else {
		FUZZ_CHECK(!source);
	}
	mc_arena_clear(&arena);
	return 0;
}

/* ---- sums that fit again ---- */

static uint32_t get(const uint8_t *bytes, unsigned width)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value |= (uint32_t)bytes[i] << 8 * i;
	return value;
}

/* Give each stored entry the sum of its bytes: else nothing behind the sums is ever reached.  */
static void mend(uint8_t *bytes, size_t nbytes)
{
	for (size_t at = 0; at + 46 <= nbytes; at++) {
		size_t local, start, len;
		uint32_t sum;

		if (memcmp(bytes + at, "PK\1\2", 4) || get(bytes + at + 10, 2))
			continue;
		local = get(bytes + at + 42, 4);
		len = get(bytes + at + 20, 4);
		if (local + 30 > nbytes)
			continue;
		start = local + 30 + get(bytes + local + 26, 2) + get(bytes + local + 28, 2);
		if (start > nbytes || len > nbytes - start)
			continue;
		sum = libdeflate_crc32(0, bytes + start, len);
		for (unsigned i = 0; i < 4; i++)
			bytes[at + 16 + i] = bytes[local + 14 + i] = (uint8_t)(sum >> 8 * i);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	nbytes = LLVMFuzzerMutate(bytes, nbytes, room);
	if (seed % 2)
		mend(bytes, nbytes);
	return nbytes;
}
