/* SPDX-License-Identifier: MIT */
/* The reinstall question: pip's choices in the place of the files that do not run.  */
#include "judge.h"
#include "muslcheck/pep440.h"
#include "path.h"

struct work {
	const struct mc_survey *copy, *chosen;
	const struct mc_asked *asked;
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
	v->nbytes = wheel->nbytes;
	v->verdict = wheel->verdict;
	if (v->dist->kind != MC_DIST_WANTED &&
	    (v->verdict == MC_VERDICT_PURE || v->verdict == MC_VERDICT_RUNS))
		v->verdict = MC_VERDICT_SWAP;
}

/* "; the newest version with a wheel for it is 2.1, the first 1.4", or nothing.  */
static struct mc_str other_versions(struct work *w, const struct mc_choice *choice)
{
	const struct mc_candidate *newest = choice->newest, *oldest = choice->oldest;

	if (!newest || newest == choice->candidate)
		return MC_STR("");
	if (!mc_pep440_compare(newest->version, oldest->version))
		return SAY("; there is a wheel for it of version %.*s alone", MC_TEXT(newest->version));
	return SAY("; the newest version with a wheel for it is %.*s, the first %.*s",
		   MC_TEXT(newest->version), MC_TEXT(oldest->version));
}

static void judge_nothing(struct work *w, struct mc_dist_verdict *v, const struct mc_choice *choice)
{
	const struct mc_dist *dist = v->dist;
	struct mc_str others = other_versions(w, choice);

	v->verdict = MC_VERDICT_BLOCKED;
	if (choice->is_locked)
		say(w, dist, MC_RULE_NOT_LOCKED, MC_SEVERITY_ERROR, dist->version,
		    SAY("the lock has wheels of it for other platforms, none for %s, and no source archive%.*s",
			w->copy->target.name, MC_TEXT(others)),
		    MC_STR("lock it again with the files of all platforms, or stay on slim"));
	else
		say(w, dist, MC_RULE_NOTHING, MC_SEVERITY_ERROR, dist->name,
		    SAY("%.*s has neither a wheel for %s nor a source archive of it%.*s", MC_TEXT(w->asked->source),
			w->copy->target.name, MC_TEXT(others)),
		    MC_STR("stay on slim, or find another dist"));
}

/* The version is not the one that is there, or was asked for.  */
static void judge_version(struct work *w, const struct mc_dist *dist, const struct mc_choice *choice,
			  int order)
{
	const struct mc_candidate *candidate = choice->candidate;
	struct mc_str first = choice->oldest && choice->oldest != candidate && order < 0
				      ? SAY("; the first version with a wheel for it is %.*s",
					    MC_TEXT(choice->oldest->version))
				      : MC_STR("");

	if (order)
		say(w, dist, MC_RULE_OTHER_VERSION, order < 0 ? MC_SEVERITY_ERROR : MC_SEVERITY_WARNING,
		    candidate->version,
		    SAY("pip would take this version there in the place of %.*s, without a word%.*s",
			MC_TEXT(dist->version), MC_TEXT(first)),
		    MC_STR("pin the version, and see whether there is a wheel of it"));
}

static bool is_newer(const struct mc_candidate *a, const struct mc_candidate *b)
{
	return a && mc_pep440_compare(a->version, b->version) > 0;
}

/* "apk add build-base cargo", as far as the source archive lets guess.  */
static struct mc_str name_way_out(struct work *w, const struct mc_choice *choice)
{
	struct mc_str need = MC_STR("");

	for (size_t i = 0; choice->build && i < choice->build->packages_count; i++)
		need = SAY("%.*s%s%.*s", MC_TEXT(need), i ? " " : " after apk add ",
			   MC_TEXT(choice->build->packages[i].package));
	if (need.len)
		need = SAY("%.*s (a guess)", MC_TEXT(need));
	if (is_newer(choice->newest, choice->candidate))
		return SAY("ask for %.*s, which has a wheel; or build one once ('pip wheel' on Alpine%.*s)",
			   MC_TEXT(choice->newest->version), MC_TEXT(need));
	return SAY("build a wheel once ('pip wheel' on Alpine%.*s) and put it there, or stay on slim",
		   MC_TEXT(need));
}

/* Nothing native is in it: pip builds it in a moment, and needs no compiler.  */
static void judge_pure_build(struct work *w, struct mc_dist_verdict *v)
{
	v->verdict = MC_VERDICT_PURE;
	if (v->against == MC_VERDICT_BUILDS)
		v->against = MC_VERDICT_PURE;
	keep(w, &(struct mc_finding){
			.rule = MC_RULE_BUILD,
			.severity = MC_SEVERITY_WARNING,
			.certainty = MC_CERTAINTY_HEURISTIC,
			.dist = v->dist,
			.subject = v->choice,
			.message = MC_STR("only a source archive, with nothing native in it: pip builds it "
					  "without a compiler")});
}

static void judge_sdist(struct work *w, struct mc_dist_verdict *v, const struct mc_choice *choice)
{
	struct mc_str others = other_versions(w, choice);
	const char *kinds = choice->build ? SAY(" (%.*s)", MC_TEXT(choice->build->kinds_text)).ptr : "";
	const char *also = choice->against && choice->against->is_sdist ? ", as on slim" : "";

	v->build = choice->build;
	if (choice->build && !choice->build->kinds) {
		judge_pure_build(w, v);
		return;
	}
	v->verdict = MC_VERDICT_BUILDS;
	say(w, v->dist, choice->is_locked ? MC_RULE_NOT_LOCKED : MC_RULE_BUILD, MC_SEVERITY_ERROR,
	    v->choice,
	    choice->is_locked
		    ? SAY("the lock has wheels of it for other platforms, none for %s: it would be built "
			  "from source%s%s%.*s",
			  w->copy->target.name, kinds, also, MC_TEXT(others))
		    : SAY("no wheel for %s: pip would build it from source%s%s%.*s",
			  w->copy->target.name, kinds, also, MC_TEXT(others)),
	    name_way_out(w, choice));
}

/* Its tags are all that is known of the wheel.  */
static void judge_tags(struct work *w, struct mc_dist_verdict *v, const struct mc_candidate *candidate)
{
	bool is_any = true;

	for (size_t i = 0; i < candidate->tags_count; i++)
		is_any = is_any && mc_str_is(candidate->tags[i].platform, MC_STR("any"));
	v->verdict = v->dist->kind != MC_DIST_WANTED ? MC_VERDICT_SWAP
		     : is_any			     ? MC_VERDICT_PURE
						     : MC_VERDICT_RUNS;
	keep(w, &(struct mc_finding){.rule = MC_RULE_BY_TAG,
				     .severity = MC_SEVERITY_NOTE,
				     .certainty = MC_CERTAINTY_STRONG,
				     .dist = v->dist,
				     .subject = v->choice,
				     .message = SAY("taken by its tag for %s; what is inside was not read",
						    w->copy->target.name)});
}

/* The trouble of asking is no answer: what the files themselves say stays.  */
static void judge_problem(struct work *w, struct mc_dist_verdict *v, struct mc_str problem)
{
	for (size_t n = 0; n < v->findings_count; n++)
		if (!v->findings[n]->is_against)
			keep(w, v->findings[n]);
	if (v->dist->kind == MC_DIST_WANTED)
		v->verdict = MC_VERDICT_UNKNOWN;
	say(w, v->dist, MC_RULE_NOT_ASKED,
	    v->verdict == MC_VERDICT_UNKNOWN ? MC_SEVERITY_ERROR : MC_SEVERITY_NOTE, MC_STR(""),
	    SAY("what pip would take there is not known: %.*s", MC_TEXT(problem)), MC_STR(""));
}

/* What pip would take on the other image, by its tags.  */
static enum mc_verdict judge_against(const struct mc_choice *choice)
{
	if (!choice->against)
		return MC_VERDICT_BLOCKED;
	return choice->against->is_sdist ? MC_VERDICT_BUILDS : MC_VERDICT_RUNS;
}

static void judge_choice(struct work *w, struct mc_dist_verdict *v, const struct mc_choice *choice)
{
	const struct mc_candidate *candidate = choice->candidate;
	const struct mc_dist_verdict *wheel = verdict_of(w->chosen, choice->dist);
	int order = 0;

	if (choice->problem.len) {
		judge_problem(w, v, choice->problem);
		return;
	}
	v->gcompat_would_do = false;
	if (v->dist->kind == MC_DIST_WANTED)
		v->against = judge_against(choice);
	if (!candidate) {
		judge_nothing(w, v, choice);
		return;
	}
	v->nbytes = 0;
	v->choice = candidate->file_name;
	v->choice_version = candidate->version;
	if (v->dist->version.len)
		order = mc_pep440_compare(candidate->version, v->dist->version);
	judge_version(w, v->dist, choice, order);
	if (candidate->is_sdist) {
		judge_sdist(w, v, choice);
		return;
	}
	if (wheel)
		take_over(w, v, wheel);
	if (v->dist->kind == MC_DIST_WANTED && choice->against == candidate)
		v->against_nbytes = v->nbytes;
	if (!wheel)
		judge_tags(w, v, candidate);
	if (order < 0 && mc_verdict_is_good(v->verdict))
		v->verdict = MC_VERDICT_DOWNGRADE;
}

static bool is_taken(const struct mc_target *target, const struct mc_dist_verdict *v)
{
	const struct mc_dist *dist = v->dist;

	for (size_t i = 0; i < dist->tags_count; i++)
		if (mc_tag_is_taken(&dist->tags[i], target->libc->family, target->libc->version,
				    v->python_minor, v->machine))
			return true;
	return !dist->tags_count;
}

bool mc_is_settled(const struct mc_survey *survey, const struct mc_dist_verdict *v)
{
	/* Loose files are in no index; what cannot be read is not explained away.  */
	return (mc_verdict_is_good(v->verdict) && is_taken(&survey->target, v)) ||
	       v->dist->kind == MC_DIST_LOOSE || !v->dist->name.len ||
	       (v->verdict == MC_VERDICT_UNKNOWN && v->dist->kind != MC_DIST_WANTED);
}

/* How the files here behave says how those behave that take their place, unless these were read.  */
static bool outlives(const struct work *w, const struct mc_choice *choice, const struct mc_finding *finding)
{
	/* What could not be asked for keeps all that was found, in judge_problem().  */
	return mc_rule_is_behaviour(finding->rule) && !choice->problem.len &&
	       !verdict_of(w->chosen, choice->dist);
}

enum mc_status mc_reinstall(const struct mc_survey *copy, const struct mc_choice *choices,
			    const struct mc_survey *chosen, const struct mc_asked *asked,
			    const struct mc_judge_options *options, struct mc_arena *arena,
			    struct mc_survey *survey_out, struct mc_error *err)
{
	struct work w = {
		.copy = copy, .chosen = chosen, .asked = asked, .arena = arena, .err = err};
	/* A choice brings at most three findings of its own, and its wheel's.  */
	size_t room = copy->findings_count + 3 * copy->dists_count;

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
	survey_out->asked = *asked;
	for (size_t i = 0; i < copy->dists_count; i++) {
		struct mc_dist_verdict *v = &w.parts.dists[w.parts.dists_count++];
		bool stays = mc_is_settled(copy, &copy->dists[i]) || choices[i].is_unasked;

		*v = copy->dists[i];
		survey_out->asked.newest += choices[i].is_newest;
		for (size_t n = 0; n < v->findings_count; n++)
			if (stays || v->findings[n]->is_against || outlives(&w, &choices[i], v->findings[n]))
				keep(&w, v->findings[n]);
		if (!stays)
			judge_choice(&w, v, &choices[i]);
	}
	return mc_survey_finish(survey_out, &w.parts, options, arena, err);
}
