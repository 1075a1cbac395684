/* SPDX-License-Identifier: MIT */
/* A loader of musl's in the place of the tables (--libc).  */
#include "fuzz.h"

#include "muslcheck/libc_file.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	const char *path = fuzz_put("ld-musl-x86_64.so.1", bytes, nbytes);
	struct mc_error err = MC_ERROR_INIT;
	struct mc_libc_file file;
	struct mc_arena arena;
	static bool is_started;

	if (!is_started)
		FUZZ_CHECK(!mc_elf_startup(NULL));
	is_started = true;
	mc_arena_init(&arena, NULL);
	if (!mc_libc_file_read(path, &arena, &file, &err)) {
		FUZZ_CHECK(file.version.len && strlen(file.version.ptr) == file.version.len);
		fuzz_touch(file.elf.soname);
	} else {
		FUZZ_CHECK(err.status < 0);
		fuzz_check_safe(err.text, strlen(err.text));
	}
	mc_arena_clear(&arena);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	return fuzz_mutate_elf_file(bytes, nbytes, room, seed);
}
