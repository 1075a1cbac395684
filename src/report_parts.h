/* SPDX-License-Identifier: MIT */
/*
 * report_parts.h - what several formats tell alike: what to write, whether sizes are told, what
 * is excused, what can be counted, and how a report ends.  Private to the report room.
 *
 * Takes:  a survey.
 * Hands:  slices of it.
 *
 * Threads: reentrant.
 */
#ifndef MC_REPORT_PARTS_H
#define MC_REPORT_PARTS_H

#include "muslcheck/verdict.h"
#include "paper.h"

#include <stdio.h>

/* The lines of a Dockerfile that the advice comes to; of wheels alone only what they take.  */
struct mc_install {
	const struct mc_target *image;
	const struct mc_package_need *packages;
	size_t packages_count;
	bool is_alpine, is_whole; /* whole: an application, with its requirements */
};

/* False where there is nothing to write, or a Dockerfile of the run is told its lines.  */
bool mc_install_of(const struct mc_survey *survey, struct mc_install *install_out);

/* Are both images measured, and is this a move of an application from glibc to musl?  */
bool mc_has_sizes(const struct mc_survey *survey);

/* ---- what is excused ---- */

/* How much it is stands in every report for people, and what is wrong with the waivers.  */
void mc_put_excuses(struct mc_paper *paper, const struct mc_excuses *excuses, bool show_all);

/* "Waived: 2 findings by all.toml (3 waivers: 0 expired, 1 unused)."; empty without a file of waivers.  */
struct mc_str mc_waived_text(struct mc_arena *arena, const struct mc_excuses *excuses);
/* "Known before: 1 finding, in base."; empty without a baseline.  Of both 'excuses' may be NULL.  */
struct mc_str mc_known_text(struct mc_arena *arena, const struct mc_excuses *excuses);
const char *mc_waiver_state(const struct mc_waiver *waiver); /* "expired", "used", "unused" */

/* ---- counting by name: rules, symbols, libraries ---- */

enum mc_library_kind { MC_LIBRARY_NOWHERE, MC_LIBRARY_GLIBC, MC_LIBRARY_PACKAGE };

struct mc_count {
	struct mc_str name;
	const char *command, *note; /* what stands beside it, and before that; may be NULL */
	int kind; /* of a rule its worst severity, of a symbol its class, of a library its mc_library_kind */
	size_t findings, dists;
	const struct mc_dist *last; /* findings stand by dist: a new one is a new dist */
};

struct mc_counts {
	struct mc_count *items; /* most dists first, then by name */
	size_t count;
	struct mc_map by_name;
	struct mc_arena *arena;
};

/* Findings about the target that nobody excused.  Both fail only with MC_ERR_NOMEM.  */
bool mc_is_counted(const struct mc_finding *finding);
enum mc_status mc_count_rules(const struct mc_survey *survey, struct mc_arena *arena,
			      struct mc_counts *rules_out) MC_MUST_CHECK;
enum mc_status mc_count_missing(const struct mc_survey *survey, struct mc_arena *arena,
				struct mc_counts *symbols_out, struct mc_counts *libraries_out) MC_MUST_CHECK;

/* All dists of a survey: those of one name together, of these the worst first.  NULL: no memory.  */
const struct mc_dist_verdict **mc_dists_by_name(const struct mc_survey *survey, struct mc_arena *arena);
/* How many of the 'count' dists are of the name of the first.  */
size_t mc_same_name(const struct mc_dist_verdict *const *sorted, size_t count);

/* ---- the end ---- */

/* 'status' is that of the writing, MC_OK or MC_ERR_NOMEM: all is written, or 'err' says why not.  */
enum mc_status mc_report_end(FILE *out, enum mc_status status, struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_REPORT_PARTS_H */
