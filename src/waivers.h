/* SPDX-License-Identifier: MIT */
/*
 * waivers.h - findings that somebody has looked at and answers for, and those of before.
 * Private to src/.
 *
 * Takes:  a muslcheck.toml (or the [tool.muslcheck] of a pyproject.toml), a baseline.
 * Hands:  a survey in which what is excused does not stand against alpine, and says so.
 *
 * Threads: reentrant.
 */
#ifndef MC_WAIVERS_H
#define MC_WAIVERS_H

#include "muslcheck/verdict.h"

#include <stdio.h>

struct mc_waivers; /* opaque */
struct mc_baseline;

/* What else such a file may set; empty: not set.  All of it gives way to the command line.  */
struct mc_waivers_settings {
	struct mc_str target, against, python, index_url, fail_on, baseline, docs_url;
};

/*
 * MC_ERR_NOT_FOUND, MC_ERR_IO; MC_ERR_FORMAT with the line for a waiver without reason or expiry,
 * for a key that is none, a rule that is none or that cannot be waived (MC100, MC208: nobody
 * knows what is in there).  All lives in 'arena'.
 */
enum mc_status mc_waivers_read(struct mc_arena *arena, const char *path, struct mc_waivers **waivers_out,
			       struct mc_waivers_settings *settings_out, struct mc_error *err) MC_MUST_CHECK;

/* 'path' is TOML with a [tool.muslcheck].  */
bool mc_waivers_are_in(const char *path);

/* What mc_baseline_write() wrote; the same failures.  */
enum mc_status mc_baseline_read(struct mc_arena *arena, const char *path, struct mc_baseline **baseline_out,
				struct mc_error *err) MC_MUST_CHECK;

/* The findings about the target, each by its fingerprint.  */
enum mc_status mc_baseline_write(const struct mc_survey *survey, struct mc_arena *arena, FILE *out,
				 struct mc_error *err) MC_MUST_CHECK;

/*
 * '*survey_out' is 'survey' with what 'waivers' and 'baseline' (either may be NULL) excuse.
 * 'today' is "2026-11-28": a waiver holds until the end of the day of its expiry.
 */
enum mc_status mc_excuse(const struct mc_survey *survey, const struct mc_waivers *waivers,
			 const struct mc_baseline *baseline, struct mc_str today, struct mc_arena *arena,
			 struct mc_survey *survey_out, struct mc_error *err) MC_MUST_CHECK;

#endif
