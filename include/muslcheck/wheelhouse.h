/* SPDX-License-Identifier: MIT */
/*
 * wheelhouse.h - room 4: what pip would take from a folder of wheels and sdists.
 *
 * Takes:  a folder (pip's --find-links DIR), a dist's name and version, a target.
 * Hands:  the file that pip chooses there.  Opens no file but to list the folder.
 *
 * Threads: one wheelhouse belongs to one thread at a time.
 */
#ifndef MUSLCHECK_WHEELHOUSE_H
#define MUSLCHECK_WHEELHOUSE_H

#include "muslcheck/map.h"
#include "muslcheck/tag.h"

/* One file of the folder.  */
struct mc_candidate {
	struct mc_str path;
	struct mc_str name;    /* normalised */
	struct mc_str version, build;
	const struct mc_tag *tags;
	size_t tags_count;
	bool is_sdist;
	bool is_rejected; /* set by the caller: not a choice any more */
};

struct mc_wheelhouse {
	struct mc_candidate **items; /* sorted by file name */
	size_t count, room;
	struct mc_map by_name;
	struct mc_arena *arena;
};

/* For whom pip chooses.  */
struct mc_chooser {
	enum mc_libc_family family;
	const char *libc_version;
	unsigned minor;      /* of Python 3 */
	const char *machine; /* as in platform tags */
};

/* Start empty; everything lives in 'arena'.  */
void mc_wheelhouse_init(struct mc_wheelhouse *house, struct mc_arena *arena);

/*
 * Add the wheels and sdists directly in the folder 'path'; files of other names are
 * passed over, as pip passes them over.  MC_ERR_IO when the folder cannot be read.
 */
enum mc_status mc_wheelhouse_add(struct mc_wheelhouse *house, const char *path,
				 struct mc_error *err) MC_MUST_CHECK;

/*
 * The file that 'pip install NAME==VERSION --no-index --find-links DIR' takes; with
 * 'version' empty, the one without a pin (pre-releases only when there is nothing
 * else).  NULL when there is none.  A wheel is preferred to an sdist of the same
 * version, a newer sdist to an older wheel (pip's _candidate_evaluator order).
 */
struct mc_candidate *mc_wheelhouse_choose(const struct mc_wheelhouse *house, struct mc_str name,
					  struct mc_str version,
					  const struct mc_chooser *chooser);

#endif /* MUSLCHECK_WHEELHOUSE_H */
