/* SPDX-License-Identifier: MIT */
/*
 * requirement.h - what a dist or a person asks for: "name[extra]>=1.0; marker" (PEP 508).
 *
 * Takes:  texts as Requires-Dist, requirements.txt and lock files hold them.
 * Hands:  their parts, and whether a marker holds on a target; as packaging 26.3 says
 *         (packaging.requirements, packaging.markers).  Any bytes may come in.
 * Knows no files, no projects and no versions that exist.
 *
 * Differs from packaging where that asks Unicode: letters have their case and blanks are
 * blanks in ASCII alone, and "\N{...}" in a quoted string is not known.
 *
 * Threads: reentrant; an arena belongs to one thread at a time.
 */
#ifndef MUSLCHECK_REQUIREMENT_H
#define MUSLCHECK_REQUIREMENT_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

/* What is past these bounds is MC_ERR_LIMIT.  */
#define MC_REQUIREMENT_NBYTES_MAX ((size_t)64 * 1024)
#define MC_REQUIREMENT_EXTRAS_MAX 256
#define MC_MARKER_DEPTH_MAX 64 /* parentheses in parentheses */

/* One requirement; empty texts for what it does not have.  */
struct mc_requirement {
	struct mc_str name;          /* normalised (PEP 503) */
	const struct mc_str *extras; /* normalised, each once */
	size_t extras_count;
	struct mc_str specifiers; /* for mc_pep440_takes() */
	struct mc_str url;        /* "name @ url"; then there are no specifiers */
	struct mc_str marker;     /* for mc_marker_holds(); well formed */
};

/*
 * What the variables of a marker stand for.  Texts that are not known are empty, as
 * packaging has them.
 */
struct mc_marker_env {
	struct mc_str python_version;      /* "3.12" */
	struct mc_str python_full_version; /* "3.12.4" */
	struct mc_str implementation_name, implementation_version;
	struct mc_str platform_python_implementation;
	struct mc_str os_name, sys_platform;
	struct mc_str platform_system, platform_machine;
	struct mc_str platform_release, platform_version;

	/*
	 * Those asked for.  A marker on "extra" holds when it does for one of them or for
	 * none: pip takes what foo[x] requires together with what foo does.
	 */
	const struct mc_str *extras;
	size_t extras_count;

	/* PEP 751: "extras" and "dependency_groups" are sets, and there is no "extra".  */
	bool is_lock;
	const struct mc_str *groups;
	size_t groups_count;
};

/*
 * CPython 3.'minor' on Linux, without extras; 'machine' as uname says it.  The texts are
 * in 'arena' or are the caller's.  With 'full_version' empty it is "3.MINOR.99": the tag
 * of an image moves on with the patch releases.  MC_ERR_NOMEM.
 */
enum mc_status mc_marker_env_linux(struct mc_arena *arena, unsigned minor,
				   struct mc_str full_version, struct mc_str machine,
				   struct mc_marker_env *env_out) MC_MUST_CHECK;

/*
 * Read one requirement; all of it is copied.  MC_ERR_FORMAT with what was expected and
 * where, MC_ERR_UNSUPPORTED, MC_ERR_LIMIT, MC_ERR_NOMEM; '*out' is then unspecified.
 */
enum mc_status mc_requirement_read(struct mc_arena *arena, struct mc_str text,
				   struct mc_requirement *out, struct mc_error *err) MC_MUST_CHECK;

/*
 * Whether a marker holds; the empty one does.  'arena' is as before when this returns.
 * MC_ERR_FORMAT when it is malformed, or asks what packaging refuses to answer: a variable
 * that there is not ("extra" in a lock file), "~=" and "===" of what is no version.
 * The other statuses as above.
 */
enum mc_status mc_marker_holds(struct mc_arena *arena, struct mc_str marker,
			       const struct mc_marker_env *env, bool *holds_out,
			       struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_REQUIREMENT_H */
