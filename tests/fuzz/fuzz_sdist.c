/* SPDX-License-Identifier: MIT */
/* A source archive: tar or zip, compressed or not.  */
#include "fuzz.h"

#include "muslcheck/sdist.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	const char *path = fuzz_put("x-1.0.tar.gz", bytes, nbytes);
	struct mc_arena arena;
	struct mc_sdist sdist;

	mc_arena_init(&arena, NULL);
	if (!mc_sdist_read(path, MC_STR("x"), &arena, &sdist, NULL)) {
		FUZZ_CHECK(sdist.kinds_text.len);
		fuzz_touch(sdist.backend);
		for (size_t i = 0; i < sdist.packages_count; i++)
			fuzz_touch(sdist.packages[i].why);
		for (size_t i = 0; i < sdist.requires_dist_count; i++)
			fuzz_touch(sdist.requires_dist[i]);
	}
	mc_arena_clear(&arena);
	return 0;
}
