/* SPDX-License-Identifier: MIT */
/*
 * candidate.h - room 4: which of the files at hand pip would install.
 *
 * Takes:  names of wheels and sdists with what an index, a lock file or a wheelhouse
 *         says of them; a dist's name, a specifier set and a target.
 * Hands:  the file that pip chooses.  Opens no file but to list a wheelhouse.
 *
 * Threads: one set belongs to one thread at a time.
 */
#ifndef MUSLCHECK_CANDIDATE_H
#define MUSLCHECK_CANDIDATE_H

#include "muslcheck/map.h"
#include "muslcheck/tag.h"

MC_DECLS_BEGIN

/* One file.  */
struct mc_candidate {
	struct mc_str file_name;
	struct mc_str place;   /* its path, or its URL */
	struct mc_str name;    /* normalised */
	struct mc_str version, build;
	const struct mc_tag *tags;
	size_t tags_count;
	struct mc_str requires_python; /* a specifier set; empty: any Python */
	struct mc_str sha256;          /* 64 hex digits in lower case; empty: not known */
	uint64_t nbytes;               /* 0: not known */
	bool is_sdist;
	bool is_remote;   /* 'place' is a URL */
	bool is_yanked;   /* PEP 592: only for a pin */
	bool is_rejected; /* set by the caller: not a choice any more */
	size_t order;     /* its place in the set */
};

struct mc_candidates {
	struct mc_candidate **items; /* in the order they came */
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
	bool takes_prereleases; /* pip's --pre */
};

/* Start empty; everything lives in 'arena'.  */
void mc_candidates_init(struct mc_candidates *set, struct mc_arena *arena);

/*
 * Add a file: name, version, build, tags and is_sdist come from offer->file_name, all
 * else from the offer; texts are copied.  With offer->name given (normalised), the file
 * must be of that project.  MC_ERR_FORMAT for a name that pip would pass over,
 * MC_ERR_NOMEM.
 */
enum mc_status mc_candidates_add(struct mc_candidates *set,
				 const struct mc_candidate *offer) MC_MUST_CHECK;

/*
 * Add the wheels and sdists directly in the folder 'path' (pip's --find-links DIR); files
 * of other names are passed over.  MC_ERR_IO when the folder cannot be read.
 */
enum mc_status mc_candidates_add_folder(struct mc_candidates *set, const char *path,
					struct mc_error *err) MC_MUST_CHECK;

/*
 * The file that 'pip install NAME SPECIFIERS' takes; NULL when there is none.  Pre-releases
 * only when a specifier names one or there is nothing else; yanked files only for a pin.
 * A wheel is preferred to an sdist of the same version, a newer sdist to an older wheel
 * (pip's CandidateEvaluator).
 */
struct mc_candidate *mc_candidates_choose(const struct mc_candidates *set, struct mc_str name,
					  struct mc_str specifiers,
					  const struct mc_chooser *chooser);

/*
 * The newest and the oldest version that has a wheel which pip takes there, whatever was
 * asked for; no yanked files and no pre-releases.  NULL twice when there is none.
 */
void mc_candidates_range(const struct mc_candidates *set, struct mc_str name,
			 const struct mc_chooser *chooser, const struct mc_candidate **newest_out,
			 const struct mc_candidate **oldest_out);

/* By its ending: a source archive, if it is any (pip's ARCHIVE_EXTENSIONS but .whl).  */
bool mc_candidate_is_sdist_name(struct mc_str file_name);

/* pip takes the file there: a tag fits, and Requires-Python.  */
bool mc_candidate_fits(const struct mc_candidate *candidate, const struct mc_chooser *chooser);

/* Requires-Python takes the chooser's.  */
bool mc_chooser_fits_python(const struct mc_chooser *chooser, struct mc_str requires_python);

MC_DECLS_END

#endif /* MUSLCHECK_CANDIDATE_H */
