/* SPDX-License-Identifier: MIT */
/* The reinstall question: pip's choices in the place of the files that do not run.  */
#include "judge.h"
#include "muslcheck/pep440.h"
#include "path.h"

struct work {
	const struct mc_survey *copy, *chosen;
	struct mc_survey_parts parts;
	size_t findings_room;
	struct mc_arena *arena;
	struct mc_error *err;
};

static void keep(struct work *w, const struct mc_finding *finding)
{
	w->parts.findings[w->parts.findings_count++] = *finding;
}

/* One of its own: about the dist, not about a file.  */
static void say(struct work *w, const struct mc_dist *dist, enum mc_rule rule,
		enum mc_severity severity, struct mc_str subject, struct mc_str message,
		struct mc_str fix)
{
	keep(w, &(struct mc_finding){.rule = rule,
				     .severity = severity,
				     .dist = dist,
				     .subject = subject,
				     .message = message,
				     .fix = fix});
}

#define SAY(...) mc_arena_printf(w->arena, __VA_ARGS__)

static const struct mc_dist_verdict *verdict_of(const struct mc_survey *survey,
						const struct mc_dist *dist)
{
	for (size_t i = 0; dist && i < survey->dists_count; i++)
		if (survey->dists[i].dist == dist)
			return &survey->dists[i];
	return NULL;
}

/* What was found in the chosen wheel, told of the dist it takes the place of.  */
static void take_over(struct work *w, struct mc_dist_verdict *v, const struct mc_dist_verdict *wheel)
{
	for (size_t i = 0; i < wheel->findings_count; i++) {
		struct mc_finding f = *wheel->findings[i];

		if (f.is_against)
			continue;
		f.path = f.path.len ? SAY("%.*s!/%.*s", MC_TEXT(v->choice), MC_TEXT(f.path)) : v->choice;
		f.dist = v->dist;
		keep(w, &f);
	}
	v->objects_count = wheel->objects_count;
	v->gcompat_would_do = wheel->gcompat_would_do;
	v->verdict = wheel->verdict == MC_VERDICT_PURE || wheel->verdict == MC_VERDICT_RUNS
			     ? MC_VERDICT_SWAP
			     : wheel->verdict;
}

static void judge_choice(struct work *w, struct mc_dist_verdict *v, const struct mc_choice *choice,
			 struct mc_str source)
{
	const struct mc_candidate *candidate = choice->candidate;
	const struct mc_dist_verdict *wheel = verdict_of(w->chosen, choice->dist);
	const struct mc_dist *dist = v->dist;
	int order;

	v->gcompat_would_do = false;
	if (!candidate) {
		v->verdict = MC_VERDICT_BLOCKED;
		say(w, dist, MC_RULE_NOTHING, MC_SEVERITY_ERROR, dist->name,
		    SAY("%.*s has neither a wheel for %s nor a source archive of it", MC_TEXT(source),
			w->copy->target.name),
		    MC_STR("stay on slim, or find another dist"));
		return;
	}
	v->choice = candidate->file_name;
	v->choice_version = candidate->version;
	order = mc_pep440_compare(candidate->version, dist->version);
	if (order)
		say(w, dist, MC_RULE_OTHER_VERSION, order < 0 ? MC_SEVERITY_ERROR : MC_SEVERITY_WARNING,
		    candidate->version,
		    SAY("pip would take this version there in the place of %.*s, without a word",
			MC_TEXT(dist->version)),
		    MC_STR("pin the version, and see whether there is a wheel of it"));
	if (candidate->is_sdist) {
		v->verdict = MC_VERDICT_BUILDS;
		say(w, dist, MC_RULE_BUILD, MC_SEVERITY_ERROR, v->choice,
		    SAY("no wheel for %s: pip would build it from source", w->copy->target.name),
		    MC_STR("build a wheel once ('pip wheel' on Alpine) and put it there, or stay on slim"));
		return;
	}
	if (wheel)
		take_over(w, v, wheel);
	else
		v->verdict = MC_VERDICT_UNKNOWN;
	if (order < 0 && mc_verdict_is_good(v->verdict))
		v->verdict = MC_VERDICT_DOWNGRADE;
}

enum mc_status mc_reinstall(const struct mc_survey *copy, const struct mc_choice *choices,
			    const struct mc_survey *chosen, struct mc_str source,
			    const struct mc_judge_options *options, struct mc_arena *arena,
			    struct mc_survey *survey_out, struct mc_error *err)
{
	struct work w = {.copy = copy, .chosen = chosen, .arena = arena, .err = err};
	/* A choice brings at most two findings of its own, and its wheel's.  */
	size_t room = copy->findings_count + 2 * copy->dists_count;

	for (size_t i = 0; i < copy->dists_count; i++) {
		const struct mc_dist_verdict *wheel = verdict_of(chosen, choices[i].dist);

		room += wheel ? wheel->findings_count : 0;
	}
	w.parts.dists = MC_TAKE_ARRAY(arena, struct mc_dist_verdict, copy->dists_count + 1);
	w.parts.findings = MC_TAKE_ARRAY(arena, struct mc_finding, room + 1);
	if (!w.parts.dists || !w.parts.findings)
		return mc_no_memory(err);
	*survey_out = *copy;
	survey_out->question = MC_QUESTION_REINSTALL;
	survey_out->question_source = source;
	for (size_t i = 0; i < copy->dists_count; i++) {
		struct mc_dist_verdict *v = &w.parts.dists[w.parts.dists_count++];
		bool stays;

		*v = copy->dists[i];
		/* Loose files are in no index; what cannot be read is not explained away.  */
		stays = mc_verdict_is_good(v->verdict) || v->verdict == MC_VERDICT_UNKNOWN ||
			v->dist->kind == MC_DIST_LOOSE;
		for (size_t n = 0; n < v->findings_count; n++)
			if (stays || v->findings[n]->is_against)
				keep(&w, v->findings[n]);
		if (!stays)
			judge_choice(&w, v, &choices[i], source);
	}
	return mc_survey_finish(survey_out, &w.parts, options, arena, err);
}
