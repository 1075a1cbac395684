/* SPDX-License-Identifier: MIT */
/*
 * requirements.h - what requirements.txt files ask for, as pip 26.3 reads them.
 *
 * Takes:  the path of a requirements or constraints file, and the environment for "${NAME}".
 * Hands:  entries in their order, constraints apart, and the options of the files; for
 *         somebody else to resolve.  Opens the files named by "-r" and "-c" as well, looks
 *         whether a folder of "--find-links" is there, and fetches nothing.
 *
 * Where pip stops at a broken line, that is one line in 'problems' here, and the rest goes
 * on.  Differs from pip in this too:
 * - a path is taken for one by its look ("./x", "x/y", "x.whl"); whether it is there is asked
 *   by whoever reads it;
 * - "--global-option", which pip 25 and older take, is passed over like "--config-settings",
 *   and any "--use-feature" is taken: both lists change from pip to pip;
 * - of the encodings of "# coding:" lines UTF-8, ASCII and Latin-1 are known.
 *
 * Credentials: 'place', 'index_urls' and 'find_links' hold what URLs and "${NAME}" hold.
 * 'text' is as it stands in the file, without values of variables; 'problems' quote no URL.
 *
 * Threads: reentrant; an arena belongs to one thread at a time.
 */
#ifndef MUSLCHECK_REQUIREMENTS_H
#define MUSLCHECK_REQUIREMENTS_H

#include "muslcheck/map.h"
#include "muslcheck/requirement.h"

MC_DECLS_BEGIN

/* What is past these bounds is MC_ERR_LIMIT, or for a line or a nested file a problem line.  */
#define MC_REQUIREMENTS_NBYTES_MAX ((size_t)64 << 20) /* of all files of one reading */
#define MC_REQUIREMENTS_LINE_NBYTES_MAX ((size_t)1 << 20) /* with its continuations */
#define MC_REQUIREMENTS_FILES_MAX 1024 /* each inclusion counts */
#define MC_REQUIREMENTS_DEPTH_MAX 32
#define MC_REQUIREMENTS_ENTRIES_MAX 100000 /* with the constraints */
#define MC_REQUIREMENTS_PROBLEMS_MAX 100 /* the last line counts those that are left out */

enum mc_requirements_kind {
	MC_REQUIREMENTS_INDEX, /* by name */
	MC_REQUIREMENTS_URL,   /* one archive at a URL */
	MC_REQUIREMENTS_VCS,   /* a repository: "git+https://..." */
	MC_REQUIREMENTS_PATH   /* a wheel, an sdist or a folder on disk, or its "file:" URL */
};

struct mc_requirements_entry {
	/*
	 * The name is empty only where 'kind' is not MC_REQUIREMENTS_INDEX and nothing says it;
	 * "./a-1.0-py3-none-any.whl" is a, "==1.0".
	 */
	struct mc_requirement requirement;
	enum mc_requirements_kind kind;
	struct mc_str place; /* of the other kinds; a path is relative to the working directory */
	bool is_editable;
	bool is_pinned; /* "==" without wildcard or "===", and nothing else */

	/*
	 * Of "--hash" and of a URL's fragment, in lower case.  has_other_hashes: one of another
	 * algorithm was given too, or digits that are none.
	 */
	const struct mc_str *sha256;
	size_t sha256_count;
	bool has_other_hashes;

	struct mc_str text; /* without options and comment; of editables the whole line */
	struct mc_str file; /* path: as given, nested ones by way of their includer */
	unsigned line;      /* where it begins */
};

/* Normalised names, each once, or ":all:".  */
struct mc_requirements_names {
	struct mc_str *items;
	size_t count, room;
};

struct mc_requirements_list {
	struct mc_str *items;
	size_t count, room;
};

struct mc_requirements {
	const char *path; /* as it was given */
	struct mc_requirements_entry **entries;
	size_t entries_count;
	struct mc_requirements_entry **constraints; /* MC_REQUIREMENTS_INDEX and others, without extras */
	size_t constraints_count;

	/*
	 * Options of all files; later lines win as with pip.  'index_urls' are asked besides
	 * those that are configured elsewhere, or with 'replaces_indexes' instead of them.
	 */
	bool has_no_index, replaces_indexes;
	struct mc_requirements_list index_urls, find_links, trusted_hosts, features;
	struct mc_requirements_names no_binary, only_binary;
	struct mc_requirements_names all_releases, only_final; /* "--pre": ":all:" in the first */
	bool prefers_binary;
	bool requires_hashes; /* "--require-hashes", or an entry or constraint has "--hash" */

	struct mc_str *problems; /* one printable line each */
	size_t problems_count;

	struct mc_map constraints_by_name; /* private */
};

struct mc_requirements_options {
	const char *(*get_env)(const char *name, void *state); /* getenv(); NULL: no variables */
	void *state;
	bool is_constraints; /* the file was given as "-c" */
};

/*
 * "requirements.txt", "dev-requirements.txt", "requirements/base.txt", "constraints.txt",
 * "dev.in": such a file is one.  Others are if a person says so.
 */
bool mc_requirements_is_name(struct mc_str path);

/*
 * Read a file and those it includes.  All is in 'arena' ('*out' itself is the caller's).
 * 'options' may be NULL.  MC_ERR_NOT_FOUND, MC_ERR_IO, MC_ERR_LIMIT, MC_ERR_NOMEM; '*out' is
 * then unspecified.  Cost: linear in the bytes, but for lines with many different variables.
 */
enum mc_status mc_requirements_read(const char *path, const struct mc_requirements_options *options,
				    struct mc_arena *arena, struct mc_requirements *out,
				    struct mc_error *err) MC_MUST_CHECK;

/*
 * The same of a text in the place of the file at 'path', which need not be there: for
 * requirements that stand in another file.
 */
enum mc_status mc_requirements_read_text(struct mc_str text, const char *path,
					 const struct mc_requirements_options *options,
					 struct mc_arena *arena, struct mc_requirements *out,
					 struct mc_error *err) MC_MUST_CHECK;

/* The constraints of a normalised name, all of which hold; '*at' is 0 at first, NULL after the last.  */
const struct mc_requirements_entry *
mc_requirements_constraint(const struct mc_requirements *requirements, struct mc_str name,
			   size_t *at);

/* pip's FormatControl: may a wheel, or a source archive, of this project be taken?  */
bool mc_requirements_takes_wheel(const struct mc_requirements *requirements, struct mc_str name);
bool mc_requirements_takes_sdist(const struct mc_requirements *requirements, struct mc_str name);

/*
 * Whether pip's hash mode lets a file pass with that SHA-256 (64 digits in lower case): it is
 * one of those given, or there are none, or one of another algorithm might be its.
 */
bool mc_requirements_takes_sha256(const struct mc_requirements_entry *entry, struct mc_str sha256);

MC_DECLS_END

#endif /* MUSLCHECK_REQUIREMENTS_H */
