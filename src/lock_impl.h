/* SPDX-License-Identifier: MIT */
/*
 * lock_impl.h - shared by the readers of the single formats.  Private to the room lock.
 *
 * Takes:  texts that live as long as the scratch arena; whatever is kept is copied.
 *
 * Threads: one reader belongs to one thread.
 */
#ifndef MC_LOCK_IMPL_H
#define MC_LOCK_IMPL_H

#include "muslcheck/lock.h"
#include "problems.h"
#include "toml.h"

/* A short path below a long folder takes much more than its own bytes.  */
#define MC_LOCK_PLACE_NBYTES_MAX ((size_t)8 << 10)

/* Edges of a package, gathered.  */
struct mc_lock_edges {
	struct mc_lock_edge *items;
	size_t count, room;
};

struct mc_lock_reader {
	struct mc_arena *arena;   /* of the lock */
	struct mc_arena *scratch; /* of the text and its tree */
	struct mc_lock *lock;
	struct mc_error *err;
	const char *path; /* of the lock, for errors */
	struct mc_str folder; /* of the lock, with its slash; empty: the working directory */
	struct mc_map by_name; /* packages */
	struct mc_problems problems;
	size_t packages_room, edges_total;
};

/* One file that the lock names; texts of the scratch.  */
struct mc_lock_file {
	struct mc_str file_name; /* empty: the last part of 'url' or 'path' */
	struct mc_str url, path; /* 'path' is relative to 'base' */
	struct mc_str base;      /* relative to the lock's folder; empty: that folder */
	struct mc_str hash;      /* "sha256:...", or the digits alone */
	int64_t nbytes;
};

/* ---- lock.c ---- */

/* A line for a person; 'line' 0 is left out, and so are the lines past the bound.  */
enum mc_status mc_lock_problem(struct mc_lock_reader *r, unsigned line, const char *fmt,
			       ...) MC_PRINTF(3, 4) MC_MUST_CHECK;

/* The lock cannot be read as a whole; says which one.  */
enum mc_status mc_lock_fail(struct mc_lock_reader *r, enum mc_status status,
			    const char *text) MC_MUST_CHECK;

/*
 * A new package; its name, version and line are set, its other fields are the caller's.
 * '*package_out' is NULL where name or version is none: a problem line then says so.  The
 * version may be empty when 'needs_version' is not set.
 */
enum mc_status mc_lock_add(struct mc_lock_reader *r, unsigned line, struct mc_str name,
			   struct mc_str version, bool needs_version,
			   struct mc_lock_package **package_out) MC_MUST_CHECK;

/* Room for so many files.  */
enum mc_status mc_lock_room(struct mc_lock_reader *r, struct mc_lock_package *package,
			    size_t files_count) MC_MUST_CHECK;

/* Within that room.  What is no file of the package is a problem line.  */
enum mc_status mc_lock_add_file(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_lock_file *file) MC_MUST_CHECK;

/* Texts of the scratch into the lock's arena.  */
enum mc_status mc_lock_copy(struct mc_lock_reader *r, struct mc_str text,
			    struct mc_str *copy_out) MC_MUST_CHECK;
enum mc_status mc_lock_copy_list(struct mc_lock_reader *r, const struct mc_toml *items, size_t count,
				 const struct mc_str **list_out,
				 size_t *count_out) MC_MUST_CHECK;

/* The normalised name of a package, an extra or a group; empty when it is none.  */
enum mc_status mc_lock_name(struct mc_lock_reader *r, struct mc_str raw,
			    struct mc_str *name_out) MC_MUST_CHECK;

/* Packages of a normalised name, as mc_map_next(): '*at' is 0 at first, NULL after the last.  */
struct mc_lock_package *mc_lock_next(const struct mc_lock_reader *r, struct mc_str name, size_t *at);

/* Texts of 'edge' are the lock's already.  */
enum mc_status mc_lock_add_edge(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				const struct mc_lock_edge *edge) MC_MUST_CHECK;

/*
 * Edges to all packages that "name[extra]>=1; marker" means; a problem line when it is
 * malformed.  'edge' gives extra and group.
 */
enum mc_status mc_lock_add_requirement(struct mc_lock_reader *r, struct mc_lock_edges *edges,
				       unsigned line, struct mc_str text,
				       struct mc_lock_edge edge) MC_MUST_CHECK;

/*
 * ---- lock_project.c ----
 *
 * Adds a package of the kind MC_LOCK_PROJECT with edges to all that the pyproject.toml beside
 * the lock requires; nothing when there is none.  After all packages.
 */
enum mc_status mc_lock_read_project(struct mc_lock_reader *r) MC_MUST_CHECK;

/* ---- one format each ---- */

enum mc_status mc_lock_read_uv(struct mc_lock_reader *r, const struct mc_toml *root) MC_MUST_CHECK;
enum mc_status mc_lock_read_poetry(struct mc_lock_reader *r, const struct mc_toml *root) MC_MUST_CHECK;
enum mc_status mc_lock_read_pdm(struct mc_lock_reader *r, const struct mc_toml *root) MC_MUST_CHECK;
enum mc_status mc_lock_read_pylock(struct mc_lock_reader *r, const struct mc_toml *root) MC_MUST_CHECK;
enum mc_status mc_lock_read_json(struct mc_lock_reader *r, struct mc_str text) MC_MUST_CHECK;

#endif /* MC_LOCK_IMPL_H */
