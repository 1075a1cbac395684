/* SPDX-License-Identifier: MIT */
/* From judged dists and findings to the ordered page with one advice.  */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- order ---- */

static int order_of_findings(const void *a, const void *b)
{
	const struct mc_finding *x = a, *y = b;
	int order = mc_str_compare(x->dist->name, y->dist->name);

	if (!order)
		order = mc_str_compare(x->dist->path, y->dist->path);
	if (!order)
		order = (int)x->is_against - (int)y->is_against;
	if (!order)
		order = (int)y->severity - (int)x->severity;
	if (!order)
		order = (int)x->rule - (int)y->rule;
	if (!order)
		order = mc_str_compare(x->path, y->path);
	return order ? order : mc_str_compare(x->subject, y->subject);
}

/* Worst first; among equals by name, then path.  */
static int order_of_dists(const void *a, const void *b)
{
	const struct mc_dist_verdict *x = a, *y = b;
	int order = (int)y->verdict - (int)x->verdict;

	if (!order)
		order = mc_str_compare(x->dist->name, y->dist->name);
	return order ? order : mc_str_compare(x->dist->path, y->dist->path);
}

static int order_of_packages(const void *a, const void *b)
{
	const struct mc_package_need *x = a, *y = b;

	return strcmp(x->package, y->package);
}

/* Hand each dist its findings: they stand together once sorted.  */
static enum mc_status share_findings(struct mc_survey_parts *parts, struct mc_arena *arena)
{
	const struct mc_finding **sorted =
		MC_TAKE_ARRAY(arena, const struct mc_finding *, parts->findings_count + 1);
	struct mc_map by_dist = {0};

	if (!sorted)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < parts->dists_count; i++) {
		parts->dists[i].findings = NULL;
		parts->dists[i].findings_count = 0;
		MC_TRY(mc_map_add(arena, &by_dist, mc_hash_pair((uintptr_t)parts->dists[i].dist, 0),
				  &parts->dists[i]));
	}
	for (size_t i = 0; i < parts->findings_count; i++) {
		const struct mc_finding *f = &parts->findings[i];
		struct mc_dist_verdict *v;

		sorted[i] = f;
		for (size_t at = 0;
		     (v = mc_map_next(&by_dist, mc_hash_pair((uintptr_t)f->dist, 0), &at));) {
			if (v->dist != f->dist)
				continue;
			if (!v->findings_count++)
				v->findings = &sorted[i];
			break;
		}
	}
	return MC_OK;
}

/* ---- packages ---- */

static enum mc_status list_packages(const struct mc_survey_parts *parts, bool is_against,
				    struct mc_arena *arena,
				    const struct mc_package_need **packages_out, size_t *count_out)
{
	struct mc_package_need *needs =
		MC_TAKE_ARRAY(arena, struct mc_package_need, parts->findings_count + 1);
	size_t count = 0, kept = 0;

	if (!needs)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < parts->findings_count; i++) {
		const struct mc_finding *f = &parts->findings[i];

		if (f->rule == MC_RULE_LIBRARY && f->package && f->is_against == is_against)
			needs[count++] = (struct mc_package_need){f->package, f->subject.ptr};
	}
	qsort(needs, count, sizeof(*needs), order_of_packages);
	for (size_t i = 0; i < count; i++)
		if (!kept || strcmp(needs[kept - 1].package, needs[i].package))
			needs[kept++] = needs[i];
	*packages_out = needs;
	*count_out = kept;
	return MC_OK;
}

/* ---- advice ---- */

bool mc_verdict_is_good(enum mc_verdict verdict)
{
	switch (verdict) {
	case MC_VERDICT_PURE:
	case MC_VERDICT_RUNS:
	case MC_VERDICT_SWAP:
	case MC_VERDICT_NEEDS_PACKAGES: return true;
	case MC_VERDICT_TAG_ONLY:
	case MC_VERDICT_DOWNGRADE:
	case MC_VERDICT_BUILDS:
	case MC_VERDICT_BLOCKED:
	case MC_VERDICT_BREAKS:
	case MC_VERDICT_UNKNOWN:
	case MC_VERDICTS_COUNT: break;
	}
	return false;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static struct mc_str say_alpine(const struct mc_survey *s, const char *subject, size_t natives,
				struct mc_arena *arena)
{
	const char *image = s->target.name, *add = s->packages_count ? " after apk add" : "";
	size_t total = s->dists_count, swaps = s->counts[MC_VERDICT_SWAP];

	if (!natives)
		return mc_arena_printf(arena, "nothing native in it: pure Python runs on %s", image);
	if (swaps)
		return mc_arena_printf(arena, "%s run%s on %s%s, %zu by another wheel of the same version",
				       subject, total == 1 ? "s" : "", image, add, swaps);
	if (s->question == MC_QUESTION_REINSTALL)
		return mc_arena_printf(arena, "%s run%s on %s%s", subject, total == 1 ? "s" : "", image, add);
	return mc_arena_printf(arena, "%s run%s on %s%s", subject, total == 1 ? "s" : "", image,
			       *add ? add : total == 1 ? " as it is" : " as they are");
}

/* Something that is here could not be read; else it is only that pip's choice is not known.  */
static bool is_unread(const struct mc_survey *s)
{
	for (size_t i = 0; i < s->dists_count; i++)
		if (s->dists[i].verdict == MC_VERDICT_UNKNOWN && s->dists[i].dist->kind != MC_DIST_WANTED)
			return true;
	return false;
}

static struct mc_str say_slim(const struct mc_survey *s, size_t bad, size_t standing,
			      struct mc_arena *arena)
{
	size_t total = s->dists_count, unknown = s->counts[MC_VERDICT_UNKNOWN];
	const struct mc_dist *only = total == 1 && s->dists[0].dist->name.len ? s->dists[0].dist : NULL;
	bool is_copy = s->question == MC_QUESTION_COPY;
	const char *image = s->target.name;

	if (unknown && bad > unknown)
		return mc_arena_printf(arena, "%zu of %zu dist%s %s, and %zu other%s would not run there",
				       unknown, total, plural(total),
				       is_unread(s) ? "could not be read" : "could not be judged",
				       bad - unknown, plural(bad - unknown));
	if (unknown)
		return mc_arena_printf(arena, "%zu of %zu dist%s %s", unknown, total, plural(total),
				       is_unread(s) ? "could not be read" : "could not be judged");
	if (bad && only)
		return mc_arena_printf(arena, "%.*s would not run on %s%s", MC_TEXT(only->name), image,
				       is_copy ? " as it is" : "");
	if (bad)
		return mc_arena_printf(arena, "%zu of %zu dist%s would not run on %s%s", bad, total,
				       plural(total), image,
				       !is_copy	  ? ""
				       : bad == 1 ? " as it is"
						  : " as they are");
	return mc_arena_printf(arena, "%zu finding%s stand%s against %s", standing, plural(standing),
			       standing == 1 ? "s" : "", image);
}

bool mc_finding_stands(const struct mc_survey *survey, const struct mc_finding *finding)
{
	return !finding->is_against && !finding->excuse && !survey->fail_never &&
	       finding->severity >= survey->fail_on;
}

void mc_survey_advise(struct mc_survey *s, struct mc_arena *arena)
{
	size_t bad = 0, excused = 0, standing = 0, natives = 0, total = s->dists_count;
	struct mc_str subject;

	for (size_t i = 0; i < total; i++) {
		bad += !mc_verdict_is_good(s->dists[i].verdict) && !s->dists[i].is_excused;
		excused += s->dists[i].is_excused;
		natives += s->dists[i].objects_count;
	}
	for (size_t i = 0; i < s->findings_count; i++)
		standing += mc_finding_stands(s, &s->findings[i]);
	s->advice = !bad && !standing ? MC_ADVICE_ALPINE : MC_ADVICE_SLIM;
	subject = total == 1 && s->dists[0].dist->name.len
			  ? mc_arena_printf(arena, "%.*s", MC_TEXT(s->dists[0].dist->name))
			  : mc_arena_printf(arena, "all of %zu dist%s", total, plural(total));
	s->reason = s->advice == MC_ADVICE_ALPINE ? say_alpine(s, subject.ptr, natives, arena)
						  : say_slim(s, bad, standing, arena);
	/* What would not run is never called fit: somebody answers for it.  */
	if (excused && s->advice == MC_ADVICE_ALPINE)
		s->reason = mc_arena_printf(arena, "%zu of %zu dist%s fit %s, and %zu would not run there and %s excused",
					    total - excused, total, plural(total), s->target.name, excused,
					    excused == 1 ? "is" : "are");
	else if (excused)
		s->reason = mc_arena_printf(arena, "%.*s (%zu excused)", MC_TEXT(s->reason), excused);
}

enum mc_status mc_survey_finish(struct mc_survey *survey, struct mc_survey_parts *parts,
				const struct mc_judge_options *options, struct mc_arena *arena,
				struct mc_error *err)
{
	if (parts->findings_count)
		qsort(parts->findings, parts->findings_count, sizeof(*parts->findings), order_of_findings);
	qsort(parts->dists, parts->dists_count, sizeof(*parts->dists), order_of_dists);
	if (share_findings(parts, arena) ||
	    list_packages(parts, false, arena, &survey->packages, &survey->packages_count) ||
	    list_packages(parts, true, arena, &survey->against_packages, &survey->against_packages_count))
		return mc_no_memory(err);
	survey->dists = parts->dists;
	survey->dists_count = parts->dists_count;
	survey->findings = parts->findings;
	survey->findings_count = parts->findings_count;
	memset(survey->counts, 0, sizeof(survey->counts));
	for (size_t i = 0; i < parts->dists_count; i++)
		survey->counts[parts->dists[i].verdict]++;
	mc_survey_measure(survey);
	survey->fail_on = options->fail_on;
	survey->fail_never = options->fail_never;
	mc_survey_advise(survey, arena);
	return MC_OK;
}

enum mc_status mc_survey_of(struct mc_survey *survey, struct mc_dist_verdict *dists, size_t dists_count,
			    struct mc_finding *findings, size_t findings_count,
			    const struct mc_judge_options *options, struct mc_arena *arena, struct mc_error *err)
{
	struct mc_survey_parts parts = {dists, dists_count, findings, findings_count};

	return mc_survey_finish(survey, &parts, options, arena, err);
}
