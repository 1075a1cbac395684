/* SPDX-License-Identifier: MIT */
/*
 * archive_walk.h - tars and zips entry by entry, by libarchive.  Private to src/.
 *
 * Takes:  a path; any bytes may come in.
 * Hands:  names of regular files, and the content of those that are wanted.
 * Writes nothing to disk.
 *
 * Threads: reentrant.
 */
#ifndef MC_ARCHIVE_WALK_H
#define MC_ARCHIVE_WALK_H

#include "muslcheck/mem.h"

struct mc_archive_calls {
	/* Of each regular file: how many bytes of it are wanted; 0: none.  */
	size_t (*entry)(void *state, struct mc_str path);
	/* The content, or so much of it; a slice that is gone when this returns an error or not.  */
	enum mc_status (*text)(void *state, struct mc_str path, struct mc_str text);
	void *state;
};

struct mc_archive_limits {
	size_t entries;
	uint64_t nbytes; /* unpacked */
};

/*
 * Walk through a .tar (plain, gzip, bzip2, xz) or .zip.  MC_ERR_FORMAT when it is none or is
 * damaged, MC_ERR_LIMIT, MC_ERR_IO, MC_ERR_NOMEM; an error of text() is passed on when it is
 * MC_ERR_NOMEM.  Contents are taken from 'arena' and stay there.
 */
enum mc_status mc_archive_walk(const char *path, const struct mc_archive_calls *calls,
			       const struct mc_archive_limits *limits, struct mc_arena *arena,
			       struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_ARCHIVE_WALK_H */
