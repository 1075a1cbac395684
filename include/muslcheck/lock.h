/* SPDX-License-Identifier: MIT */
/*
 * lock.h - what a lock file or a report of pip says would be installed.
 *
 * Takes:  uv.lock, poetry.lock, pdm.lock, pylock.toml (PEP 751), Pipfile.lock, and the JSON
 *         of 'pip inspect' and 'pip install --report'; any bytes may come in.
 * Hands:  locked packages with the files that the lock names, and which of them a target
 *         gets.  Opens no other file, but the pyproject.toml beside a poetry.lock or pdm.lock
 *         that does not say what the project itself requires; asks no index.
 * Does not know tags: which of the files fits is candidate.h's.
 *
 * A broken entry is one line in 'problems', and the rest goes on.
 *
 * Threads: one lock belongs to one thread at a time.
 */
#ifndef MUSLCHECK_LOCK_H
#define MUSLCHECK_LOCK_H

#include "muslcheck/candidate.h"
#include "muslcheck/requirement.h"

MC_DECLS_BEGIN

/* What is past these bounds is MC_ERR_LIMIT, or for a name a problem line.  */
#define MC_LOCK_NBYTES_MAX ((size_t)64 << 20)
#define MC_LOCK_EDGES_MAX ((size_t)1 << 20)
#define MC_LOCK_PACKAGES_MAX 100000
#define MC_LOCK_SAME_NAME_MAX 64 /* versions of one project in one lock */
#define MC_LOCK_PROBLEMS_MAX 100 /* the last line counts those that are left out */

/* Where a package comes from.  */
enum mc_lock_kind {
	MC_LOCK_INDEX,  /* an index, or a folder like one */
	MC_LOCK_URL,    /* one archive at a URL */
	MC_LOCK_GIT,    /* a repository, of whatever kind */
	MC_LOCK_PATH,   /* a folder or an archive on disk, editable or not */
	MC_LOCK_PROJECT /* what the lock is for: the project itself, a member of its workspace */
};

/* "The owner requires 'to'": only uv.lock, and poetry.lock and pdm.lock without markers of packages.  */
struct mc_lock_edge {
	struct mc_lock_package *to;
	struct mc_str marker;     /* empty: always */
	struct mc_str extra;      /* only when this extra of the owner is wanted; empty: always */
	struct mc_str group;      /* only with this dependency group of the owner; empty: always */
	const struct mc_str *extras; /* of 'to', wanted with it */
	size_t extras_count;
};

struct mc_lock_package {
	struct mc_str name;    /* normalised */
	struct mc_str version; /* empty only where 'kind' is not MC_LOCK_INDEX */
	struct mc_str marker;  /* PEP 508, not checked; empty: always */
	struct mc_str requires_python;
	struct mc_str place; /* of the other kinds: URL or path as the lock says it */
	enum mc_lock_kind kind;
	unsigned line; /* in the lock; 0: not known */

	/*
	 * The files the lock names, for mc_candidates_add(): file_name, place (empty where the
	 * lock gives none; a path is relative to the working directory), is_remote, sha256,
	 * nbytes, requires_python, name.  Tags and the rest are not set.
	 */
	struct mc_candidate *files;
	size_t files_count;
	bool has_wheels; /* for whatever platform */
	bool has_sdist;

	/* Groups it is in, "" for the project's own dependencies; none: not said.  */
	const struct mc_str *groups;
	size_t groups_count;
	bool is_optional;            /* only with an extra of the project, or of what needs it */
	const struct mc_str *extras; /* the project's that name it; poetry.lock alone says so */
	size_t extras_count;

	const struct mc_lock_edge *edges;
	size_t edges_count;

	bool is_root;   /* edges begin here */
	bool is_wanted; /* mc_lock_choose() says it; true before */
};

struct mc_lock {
	const char *path;   /* as it was given */
	const char *format; /* "uv.lock", "pip report" ...: for a person */
	struct mc_str requires_python;
	bool names_files; /* it is of a format that names files at all */
	bool is_record;   /* of one installation: its files are those taken there, and no others */
	unsigned python_minor; /* of that installation; 0: not said */
	bool has_roots;   /* edges lead from the project to all that it needs */
	bool knows_project; /* what the project itself requires came from pyproject.toml */
	bool is_pep751;   /* markers know "extras" and "dependency_groups" */

	struct mc_lock_package **packages; /* in the order of the lock */
	size_t packages_count;
	const struct mc_str *default_groups; /* PEP 751 */
	size_t default_groups_count;
	struct mc_str *problems; /* one printable line each */
	size_t problems_count;
};

/* What of the project is to be installed besides its own dependencies.  */
struct mc_lock_wish {
	const struct mc_str *extras; /* normalised */
	size_t extras_count;
	const struct mc_str *groups; /* normalised */
	size_t groups_count;
};

/* A file of that name is a lock; JSON reports have no name of their own.  */
bool mc_lock_is_name(struct mc_str file_name);

/*
 * Read a lock; its format is told by its name, that of other JSON by its content.  All is
 * in 'arena' ('lock_out' itself is the caller's).  MC_ERR_NOT_FOUND, MC_ERR_IO, MC_ERR_FORMAT
 * with the line where there is one, MC_ERR_UNSUPPORTED for another version of a format and
 * for what is none of them, MC_ERR_LIMIT, MC_ERR_NOMEM; '*lock_out' is then unspecified.
 */
enum mc_status mc_lock_read(const char *path, struct mc_arena *arena, struct mc_lock *lock_out,
			    struct mc_error *err) MC_MUST_CHECK;

/*
 * Set is_wanted of each package: does the environment get it?  'env' as of
 * mc_marker_env_linux(); its extras and groups are not read, those of the wish are.  A
 * marker that cannot be answered counts as true: rather one package too many.  'scratch' is
 * as before when this returns.  MC_ERR_LIMIT for a lock made to take long, MC_ERR_NOMEM.
 * Cost: linear in packages and edges, but for packages with very many extras.
 */
enum mc_status mc_lock_choose(struct mc_lock *lock, struct mc_arena *scratch,
			      const struct mc_marker_env *env, const struct mc_lock_wish *wish,
			      struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_LOCK_H */
