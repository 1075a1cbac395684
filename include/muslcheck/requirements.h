/* SPDX-License-Identifier: MIT */
/*
 * requirements.h - what a requirements file asks for.
 *
 * Takes:  requirements.txt as pip reads it (pip 23.2 to 26, pip/_internal/req/req_file.py),
 *         with the files it names by -r and -c; any bytes may come in.
 * Hands:  entries to be resolved by somebody else, constraints, and what the file says of
 *         indexes.  Asks no index and fetches nothing: a file at a URL is a problem line.
 *
 * A broken line is one line in 'problems', and the rest goes on (pip would stop there).
 *
 * Threads: one result belongs to one thread at a time.
 */
#ifndef MUSLCHECK_REQUIREMENTS_H
#define MUSLCHECK_REQUIREMENTS_H

#include "muslcheck/map.h"
#include "muslcheck/requirement.h"

/* What is past these bounds is MC_ERR_LIMIT, or for one line a problem.  */
#define MC_REQUIREMENTS_NBYTES_MAX ((size_t)16 << 20) /* of one file */
#define MC_REQUIREMENTS_COUNT_MAX ((size_t)100000)
#define MC_REQUIREMENTS_DEPTH_MAX 32 /* files in files */
#define MC_REQUIREMENTS_FILES_MAX 1000

enum mc_wanted_kind {
	MC_WANTED_NAME,    /* of an index: requirement.name and .specifiers */
	MC_WANTED_ARCHIVE, /* a wheel or a source archive at 'place': a URL, or a path */
	MC_WANTED_FOLDER,  /* a folder: the project itself, or one beside it */
	MC_WANTED_VCS,     /* a repository */
};

/* One line that asks for something.  */
struct mc_wanted {
	enum mc_wanted_kind kind;
	struct mc_requirement requirement; /* name is empty for a bare place */
	struct mc_str place; /* URL, or path relative to the working directory; NUL-terminated */
	bool is_remote;      /* 'place' is a URL */
	bool is_editable;
	bool is_pinned;      /* "==1.0" or "===1.0" alone */
	const struct mc_str *sha256s; /* --hash: 64 digits in lower case each */
	size_t sha256s_count;
	bool has_hashes; /* of whatever kind */
	struct mc_str text; /* as it is written, without options */
	struct mc_str file; /* that the line stands in */
	unsigned line;
};

/* --no-binary and --only-binary, as pip's FormatControl: names, or ":all:".  */
struct mc_format_control {
	struct mc_str *names;
	size_t count, room;
};

struct mc_requirements {
	const char *path; /* as it was given */
	struct mc_wanted *entries;
	size_t entries_count;
	struct mc_wanted *constraints; /* of kind MC_WANTED_NAME */
	size_t constraints_count;
	struct mc_str index_url; /* the last one; empty: none */
	struct mc_str *extra_urls, *find_links;
	size_t extra_urls_count, find_links_count;
	bool has_no_index, takes_prereleases;
	struct mc_format_control no_binary, only_binary;
	struct mc_str *problems; /* one printable line each */
	size_t problems_count;
};

/* "requirements.txt", "requirements-dev.txt", "dev-requirements.in", "constraints.txt" ...  */
bool mc_requirements_is_name(struct mc_str file_name);

/*
 * Read a file and what it includes.  MC_ERR_NOT_FOUND, MC_ERR_IO, MC_ERR_LIMIT for the file
 * itself, MC_ERR_FORMAT for one that is no text (it holds a NUL), MC_ERR_NOMEM.  All is in
 * 'arena' ('out' itself is the caller's).
 */
enum mc_status mc_requirements_read(const char *path, struct mc_arena *arena,
				    struct mc_requirements *out, struct mc_error *err) MC_MUST_CHECK;

/* May a wheel, or a source archive, of this project be taken?  */
bool mc_requirements_takes_wheel(const struct mc_requirements *requirements, struct mc_str name);
bool mc_requirements_takes_sdist(const struct mc_requirements *requirements, struct mc_str name);

#endif /* MUSLCHECK_REQUIREMENTS_H */
