/* SPDX-License-Identifier: MIT */
/*
 * project.h - what the project in a folder requires, as its files say it.
 *
 * Takes:  a folder with a pyproject.toml ([project] of PEP 621, [tool.poetry], setuptools'
 *         dynamic "file"), or a setup.cfg; any bytes may come in.
 * Hands:  requirements as METADATA would have them.  Runs nothing: what a setup.py works out
 *         is not known, and neither is what another build backend adds.
 *
 * Threads: reentrant; an arena belongs to one thread at a time.
 */
#ifndef MUSLCHECK_PROJECT_H
#define MUSLCHECK_PROJECT_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

#define MC_PROJECT_NBYTES_MAX ((size_t)4 << 20) /* of each file */
#define MC_PROJECT_LINES_MAX ((size_t)10000)    /* more is MC_ERR_LIMIT */

struct mc_project_line {
	struct mc_str text;  /* PEP 508, not checked */
	struct mc_str extra; /* normalised; empty: always required */
};

struct mc_project {
	struct mc_str name; /* normalised; empty: not said */
	const struct mc_project_line *lines;
	size_t count;
	struct mc_str gap; /* why 'lines' are not all that it requires; empty: they are */
};

/* Is there a project in this folder ("": the working directory)?  */
bool mc_project_is_in(struct mc_arena *arena, struct mc_str folder);

/*
 * Read it, texts in 'arena'.  MC_ERR_NOT_FOUND when there is none, MC_ERR_FORMAT with the
 * line, MC_ERR_IO, MC_ERR_LIMIT, MC_ERR_NOMEM; '*out' is then unspecified.
 */
enum mc_status mc_project_read(struct mc_str folder, struct mc_arena *arena, struct mc_project *out,
			       struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_PROJECT_H */
