/* SPDX-License-Identifier: MIT */
/* The root file system of an image in a folder, as files: its libc, loader, settings, Python.  */
#include "fuzz.h"

#include "muslcheck/scan.h"
#include "muslcheck/sysroot.h"

#include <stdio.h>

static const char *const names[] = {
	"etc/os-release", "lib/ld-musl-x86_64.so.1", "etc/ld-musl-x86_64.path", "usr/lib/libx.so.1",
	"etc/ld.so.conf", "etc/ld.so.conf.d/a.conf", "lib/x86_64-linux-gnu/libc.so.6",
	"lib64/ld-linux-x86-64.so.2", "usr/local/bin/python3.12", "bin/sh", "usr/lib/os-release",
	"usr/local/lib/libpython3.12.so.1.0", "usr/local/lib/python3.12/site-packages/x/m.abi3.so",
	"usr/local/lib/python3.12/site-packages/x-1.0.dist-info/METADATA",
	"usr/local/lib/python3.12/site-packages/x-1.0.dist-info/RECORD", "lib/apk/db/installed",
	"var/lib/dpkg/status", "var/lib/dpkg/info/libx.list",
};

/* The image against itself: its own files are looked for in its own libraries.  */
static void scan(void)
{
	char path[512];
	const char *paths[] = {path};
	const struct mc_scan_options options = {.sysroot = fuzz_folder(), .question = MC_SCAN_COPY, .jobs = 1};
	struct mc_scan *found;

	snprintf(path, sizeof(path), "%s/usr/local/lib/python3.12/site-packages", fuzz_folder());
	if (!mc_scan_open(&options, paths, 1, &found, NULL))
		mc_scan_close(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct fuzz_input input = {bytes, nbytes};
	struct fuzz_files files = {.count = 0};
	const struct mc_sysroot *sysroot;
	struct mc_arena arena;
	uint8_t kind = fuzz_byte(&input);

	fuzz_take_files(&input, names, sizeof(names) / sizeof(*names), &files);
	fuzz_clear();
	fuzz_put_files(&files, "");
	mc_arena_init(&arena, NULL);
	if (!mc_sysroot_open(fuzz_folder(), "image", &arena, &sysroot, NULL)) {
		fuzz_touch(sysroot->os);
		fuzz_touch(sysroot->loader);
		FUZZ_CHECK(sysroot->libc_version.len);
		for (size_t i = 0; i < sysroot->folders_count; i++)
			FUZZ_CHECK(sysroot->folders[i].ptr[0] == '/');
	}
	mc_arena_clear(&arena);
	if (kind == 's')
		scan();
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	return fuzz_mutate_files(bytes, nbytes, room, seed);
}
