/* SPDX-License-Identifier: MIT */
/*
 * archive_walk.h - tars and zips entry by entry, by libarchive.  Private to src/.
 *
 * Takes:  an open file, or an entry of an archive that is one itself; any bytes may come in.
 * Hands:  entries in the archive's order, and the content of those that are wanted.
 * Writes nothing to disk but what is inflated as a whole.  One layer of compression is taken off and no more.
 *
 * Threads: an archive belongs to one thread.
 */
#ifndef MC_ARCHIVE_WALK_H
#define MC_ARCHIVE_WALK_H

#include "muslcheck/mem.h"

#include <stdbool.h>

struct mc_archive_limits {
	size_t entries;
	uint64_t nbytes; /* unpacked */
};

/* Before there are threads that may open any: see late.h.  */
void mc_archive_prepare(void);

/* ---- one after another ---- */

enum mc_archive_kind {
	MC_ARCHIVE_FILE,
	MC_ARCHIVE_FOLDER,
	MC_ARCHIVE_SYMLINK,
	MC_ARCHIVE_HARDLINK, /* to an entry before it */
	MC_ARCHIVE_OTHER,    /* a device, a FIFO, a socket */
};

/* Texts are libarchive's own, until the next call.  */
struct mc_archive_entry {
	enum mc_archive_kind kind;
	struct mc_str path; /* as it is written there */
	struct mc_str link; /* where a link leads */
	bool is_executable;
	bool has_size;
	uint64_t nbytes;
};

struct mc_archive; /* opaque */

/*
 * Open the archive that 'fd' is, from its beginning; the caller keeps 'fd' open until the archive
 * is closed.  'path' is for errors, and lives as long.  MC_ERR_FORMAT when it is none.
 */
enum mc_status mc_archive_open(int fd, const char *path, const struct mc_archive_limits *limits,
			       struct mc_archive **archive_out, struct mc_error *err) MC_MUST_CHECK;

/* The same of the content of the entry that 'outer' stands at, which is used up by it.  */
enum mc_status mc_archive_open_inner(struct mc_archive *outer, const char *path,
				     const struct mc_archive_limits *limits,
				     struct mc_archive **archive_out,
				     struct mc_error *err) MC_MUST_CHECK;

/* MC_END after the last; MC_ERR_FORMAT, MC_ERR_LIMIT, MC_ERR_IO, MC_ERR_NOMEM.  */
enum mc_status mc_archive_next(struct mc_archive *archive, struct mc_archive_entry *entry_out,
			       struct mc_error *err) MC_MUST_CHECK;

/* The next bytes of its content, up to 'nbytes'; 0 at its end.  */
enum mc_status mc_archive_read(struct mc_archive *archive, void *into, size_t nbytes,
			       size_t *got_out, struct mc_error *err) MC_MUST_CHECK;

/* Take off what reading it has cost so far, down to nothing; NULL is allowed.  */
void mc_archive_charge(const struct mc_archive *archive, struct mc_archive_limits *left);

/*
 * Write what 'fd' is compressed from to 'to', up to 'limits->nbytes'.  MC_ERR_LIMIT, MC_ERR_FORMAT
 * when it is damaged, MC_ERR_IO, MC_ERR_NOMEM.
 */
enum mc_status mc_archive_inflate(int fd, const char *path, const struct mc_archive_limits *limits, int to,
				  struct mc_error *err) MC_MUST_CHECK;

/* An inner one before its outer one; NULL is allowed.  */
void mc_archive_close(struct mc_archive *archive);

/* ---- all of it ---- */

struct mc_archive_calls {
	/* Of each regular file: how many bytes of it are wanted; 0: none.  */
	size_t (*entry)(void *state, struct mc_str path);
	/* The content, or so much of it; a slice that is gone when this returns an error or not.  */
	enum mc_status (*text)(void *state, struct mc_str path, struct mc_str text);
	void *state;
};

/*
 * Walk through a .tar (plain, gzip, bzip2, xz, zstd) or .zip.  MC_ERR_FORMAT when it is none or is
 * damaged, MC_ERR_LIMIT, MC_ERR_IO, MC_ERR_NOMEM; an error of text() is passed on when it is
 * MC_ERR_NOMEM.  Contents are taken from 'arena' and stay there.
 */
enum mc_status mc_archive_walk(const char *path, const struct mc_archive_calls *calls,
			       const struct mc_archive_limits *limits, struct mc_arena *arena,
			       struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_ARCHIVE_WALK_H */
