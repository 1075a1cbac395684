/* SPDX-License-Identifier: MIT */
/*
 * report_place.h - findings as the formats for other programs take them: which of them, where,
 * in which words, and known again in the next run.  Private to the report room.
 *
 * Takes:  a survey.
 * Hands:  texts in the caller's arena, not yet escaped; empty when memory runs out.
 *
 * Threads: reentrant.
 */
#ifndef MC_REPORT_PLACE_H
#define MC_REPORT_PLACE_H

#include "muslcheck/verdict.h"
#include "sha256.h"

/* What is wrong on the image to stay on matters only where it is advised; what is excused nowhere.  */
bool mc_is_told(const struct mc_survey *survey, const struct mc_finding *finding);

/* All that are told, worst first, then as in the survey.  Fails only with MC_ERR_NOMEM.  */
enum mc_status mc_told_findings(const struct mc_survey *survey, struct mc_arena *arena,
				const struct mc_finding ***told_out, size_t *count_out) MC_MUST_CHECK;

/*
 * The path to go to, as it was opened: a file of a tree, "x.whl!/member", a wheel, a .dist-info,
 * or the file that names what is wanted; without "./" before it.
 */
struct mc_str mc_place_of(struct mc_arena *arena, const struct mc_finding *finding);
unsigned mc_line_of(const struct mc_finding *finding); /* of that path, from 1 */

/* The same for a dist.  */
struct mc_str mc_dist_place(const struct mc_dist *dist);

/* "demo 1.0"; of files that no dist claims, just that.  */
struct mc_str mc_dist_title(struct mc_arena *arena, const struct mc_dist *dist);

/* The page of a rule below the address of docs/.  */
struct mc_str mc_page_url(struct mc_arena *arena, const char *docs_url, const struct mc_rule_info *rule);

/* Findings of one dist and rule that say the same of several subjects or files, and what to do.  */
bool mc_is_alike(const struct mc_finding *a, const struct mc_finding *b);

struct mc_alike {
	const struct mc_finding *first;
	size_t more;
};

/*
 * Put those of 'items' together that are alike, up to 'groups_max' groups in the order of their
 * first ones; '*left_out' findings are in none.  Those of a dist stand together.  Fails only
 * with MC_ERR_NOMEM.
 */
enum mc_status mc_group_alike(const struct mc_finding *const *items, size_t count, size_t groups_max,
			      struct mc_arena *arena, const struct mc_alike **groups_out, size_t *count_out,
			      size_t *left_out) MC_MUST_CHECK;

/*
 * "__printf_chk and 3 more: musl 1.2.5 has no such name", with the image where it is the one to
 * stay on and the words do not say so, and the file where the place does not tell it; the line with " -> " and what to do.
 */
struct mc_str mc_finding_text(struct mc_arena *arena, const struct mc_survey *survey,
			      const struct mc_alike *alike);
struct mc_str mc_finding_line(struct mc_arena *arena, const struct mc_survey *survey,
			      const struct mc_alike *alike);

/* "demo 1.0: " and the line of one finding.  */
struct mc_str mc_titled_line(struct mc_arena *arena, const struct mc_survey *survey,
			     const struct mc_finding *finding);

/*
 * Hex digits that a finding keeps from run to run, wherever its dist lies: of its rule, dist,
 * file in the dist and subject; among equal ones of their order.
 */
struct mc_fingerprint {
	const struct mc_finding *finding;
	char hex[MC_SHA256_HEX_NBYTES + 1];
};

/* Of the 'count' findings 'told', one by one.  Fails only with MC_ERR_NOMEM.  */
enum mc_status mc_fingerprints(const struct mc_finding *const *told, size_t count, struct mc_arena *arena,
			       const struct mc_fingerprint **prints_out) MC_MUST_CHECK;

#endif /* MC_REPORT_PLACE_H */
