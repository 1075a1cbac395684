/* SPDX-License-Identifier: MIT */
/*
 * report_parts.h - what several formats for people tell alike: what to write, whether sizes are
 * told, what can be counted, and how a report ends.  Private to the report room.
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

/* ---- counting by name: rules, symbols, libraries ---- */

struct mc_count {
	struct mc_str name;
	const char *command, *note; /* the caller's: what stands beside it, and before that */
	size_t findings, dists;
	const struct mc_dist *last; /* findings stand by dist: a new one is a new dist */
};

struct mc_counts {
	struct mc_count *items;
	size_t count;
	struct mc_map by_name;
	struct mc_arena *arena;
};

/* Of at most 'most' names.  Both fail only with MC_ERR_NOMEM.  */
enum mc_status mc_counts_open(struct mc_counts *counts, struct mc_arena *arena, size_t most) MC_MUST_CHECK;
enum mc_status mc_counts_add(struct mc_counts *counts, struct mc_str name, const struct mc_dist *dist,
			     struct mc_count **item_out) MC_MUST_CHECK;

/* ---- what is excused ---- */

/* How much it is stands in every report for people, and what is wrong with the waivers.  */
void mc_put_excuses(struct mc_paper *paper, const struct mc_excuses *excuses, bool show_all);

/* ---- the end ---- */

/* 'status' is that of the writing, MC_OK or MC_ERR_NOMEM: all is written, or 'err' says why not.  */
enum mc_status mc_report_end(FILE *out, enum mc_status status, struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_REPORT_PARTS_H */
