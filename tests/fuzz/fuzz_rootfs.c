/* SPDX-License-Identifier: MIT */
/*
 * An image as a tar, unpacked into a folder of its own; then what is in it, as a tree and as an
 * image.  That nothing is written elsewhere is for unit/test_rootfs.c: here a file beside the
 * folder is looked at afterwards.
 */
#include "fuzz.h"

#include "muslcheck/source.h"
#include "muslcheck/sysroot.h"
#include "rootfs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void walk(const char *dir, struct mc_arena *arena)
{
	const struct mc_source_options options = {
		.limits = {.member_nbytes = 1 << 20, .total_nbytes = 4 << 20, .members_count = 1000, .tree_depth = 16},
		.wants_sources = true,
	};
	struct mc_source *source;
	struct mc_member member;

	if (mc_source_open(dir, &options, arena, &source, NULL))
		return;
	while (!mc_source_next(source, &member, NULL)) {
		FUZZ_CHECK(mc_str_starts(member.where, mc_str_of(dir))); /* no link leads out of it */
		fuzz_touch(member.path);
	}
	mc_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	const char *path = fuzz_put("image.tar", bytes, nbytes);
	const struct mc_sysroot *sysroot;
	struct mc_rootfs *rootfs;
	struct mc_arena arena;

	mc_arena_init(&arena, NULL);
	(void)mc_rootfs_is_tar(path);
	if (!mc_rootfs_open(path, &arena, &rootfs, NULL)) {
		const char *dir = mc_rootfs_dir(rootfs);
		char twin[4096];

		fuzz_touch(mc_rootfs_tag(rootfs));
		walk(dir, &arena);
		if (!mc_sysroot_open(dir, "image", &arena, &sysroot, NULL))
			fuzz_touch(sysroot->os);
		strcpy(twin, dir);
		mc_rootfs_close(rootfs);
		FUZZ_CHECK(access(twin, F_OK));
	}
	mc_arena_clear(&arena);
	return 0;
}
