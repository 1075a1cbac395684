/* SPDX-License-Identifier: MIT */
/*
 * scan.h - room 7: from paths to one survey.
 *
 * Takes:  venvs, trees, wheels, lock files, requirements files, and where wheels come from.
 * Hands:  a survey of the copy question or of the reinstall question, with all it points to.
 * Puts the other rooms in a row; policy is the verdict's, words are the report's.
 *
 * Threads: a scan belongs to one thread; different scans are independent.
 */
#ifndef MUSLCHECK_SCAN_H
#define MUSLCHECK_SCAN_H

#include "muslcheck/facts.h"
#include "muslcheck/index.h"
#include "muslcheck/lock.h"
#include "muslcheck/verdict.h"

MC_DECLS_BEGIN

enum mc_scan_question {
	/*
	 * Reinstall for lock files, requirements files and installed trees when an index or
	 * wheels are at hand, copy otherwise and for wheels.
	 */
	MC_SCAN_AUTO,
	MC_SCAN_COPY,      /* these very files; nothing is asked of anybody */
	MC_SCAN_REINSTALL, /* for wheels too; that there is no index is an error */
};

/* Zero is the default of each; texts outlive the scan.  */
struct mc_scan_options {
	/* Images, as mc_target_find() takes them, or the path (with a '/' in it, or ending like a
	 * tar) of a real one's root file system: a folder.  */
	const char *target, *against;
	const char *sysroot; /* the folder of the target's root file system, in the place of 'target' */
	unsigned python_minor;        /* where the paths do not say */
	const char *machine;          /* where the files do not say; NULL: "x86_64" */
	const char *libc_path;        /* a musl loader in the place of the target's libc */

	enum mc_scan_question question;
	const char *const *find_links; /* folders; then no index is asked but in REINSTALL */
	size_t find_links_count;
	unsigned jobs; /* threads that read wheels; 0: one a processor */
	struct mc_source_reader *reader; /* of this thread, for one scan after another; NULL: its own */
	struct mc_twins *twins; /* private: what a batch shares; NULL: the scan's own */
	const struct mc_facts *facts; /* of wheels that were read before, and where they are kept; NULL: none */
	bool no_sources; /* read no Python sources: MC401 and on come from native files alone */
	struct mc_index_options index;
	bool is_by_tag;           /* open no wheel of an index */
	struct mc_lock_wish wish; /* extras and groups of locked projects */

	/* Run musl's own loader on each judged file, in a sandbox, and compare; NULL: this host's.  */
	bool confirm;
	const char *confirm_loader;

	enum mc_severity fail_on;
	bool fail_never;

	/* Called often, "done of count, now at what"; NULL: not wanted.  */
	void (*show_progress)(void *state, size_t done, size_t count, const char *what);
	/* A path, or a part of one, that could not be read; the scan goes on.  NULL: not wanted.  */
	void (*complain)(void *state, const struct mc_error *why);
	void *state;
};

struct mc_scan; /* opaque */

/*
 * Scan 'count' paths, at least one.  What is wrong inside of a path becomes a finding;
 * a path that cannot be opened at all is complained of, and mc_scan_is_whole() is false.
 *
 * MC_ERR_NOT_FOUND when there is nothing to judge in any of them, for an unknown image or
 * an index that is not to be found; MC_ERR_IO and MC_ERR_FORMAT of libc_path and find_links;
 * MC_ERR_NOMEM.  On MC_OK the caller closes '*scan_out'; on failure it is NULL.
 */
enum mc_status mc_scan_open(const struct mc_scan_options *options, const char *const *paths,
			    size_t count, struct mc_scan **scan_out,
			    struct mc_error *err) MC_MUST_CHECK;

/* NULL when no path could be opened.  */
const struct mc_survey *mc_scan_survey(const struct mc_scan *scan);

/* Every path could be opened.  */
bool mc_scan_is_whole(const struct mc_scan *scan);

/* NULL is allowed.  */
void mc_scan_close(struct mc_scan *scan);

MC_DECLS_END

#endif /* MUSLCHECK_SCAN_H */
