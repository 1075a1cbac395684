/* SPDX-License-Identifier: MIT */
/*
 * The report for a person: the advice, what stops it by dist, what to write, the
 * rest in numbers.  What one rule says of many files or symbols is said once.
 */
#include "muslcheck/report.h"
#include "paper.h"
#include "report_behaviour.h"
#include "report_parts.h"
#include "report_place.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum {
	NAMES_MAX = 12, /* subjects named in one line before "and N more" */
	FILES_MAX = 2,
	GROUPS_MAX = 40, /* paragraphs about one dist; JSON has all */
};

struct paper {
	const struct mc_survey *survey;
	const struct mc_report_style *style;
	struct mc_paper on; /* its arena is for one dist, and rewound after it */
};

/* ---- findings of one dist, by rule ---- */

static enum mc_proof_kind proof_of(const struct paper *p, const struct mc_finding *f)
{
	const struct mc_proof *proof = p->survey->proof;

	return proof ? proof->kinds[f - p->survey->findings] : MC_PROOF_NONE;
}

/* Findings that one line can speak for: the same rule and the same words.  */
static bool is_alike(const struct paper *p, const struct mc_finding *a, const struct mc_finding *b)
{
	if (a->excuse != b->excuse || a->rule != b->rule || a->severity != b->severity || a->is_against != b->is_against ||
	    proof_of(p, a) != proof_of(p, b) || !mc_str_is(a->message, b->message))
		return false;
	/* Symbols are gathered under one message; a library is a case of its own.  */
	return a->rule == MC_RULE_SYMBOL || a->rule == MC_RULE_SUFFIX || a->rule == MC_RULE_MACHINE ||
	       mc_str_is(a->subject, b->subject);
}

static int order_of_texts(const void *a, const void *b)
{
	return mc_str_compare(*(const struct mc_str *)a, *(const struct mc_str *)b);
}

static void put_subjects(struct paper *p, const struct mc_finding *const *group, size_t count,
			 size_t margin)
{
	struct mc_str *subjects = MC_TAKE_ARRAY(&p->on.arena, struct mc_str, count);
	size_t named = 0, distinct = 0;

	if (!subjects)
		return;
	for (size_t i = 0; i < count; i++)
		subjects[i] = group[i]->subject;
	qsort(subjects, count, sizeof(*subjects), order_of_texts);
	for (size_t i = 0; i < count; i++) {
		if (!subjects[i].len || (i && mc_str_is(subjects[i - 1], subjects[i])))
			continue;
		distinct++;
		if (named == NAMES_MAX && !p->style->show_all)
			continue;
		named++;
		mc_put_word(&p->on, subjects[i], margin);
	}
	if (distinct > named) {
		mc_put_word(&p->on, MC_STR("and"), margin);
		mc_put_count(&p->on, distinct - named, "more", margin);
	}
}

static void put_files(struct paper *p, const struct mc_finding *const *group, size_t count,
		      size_t margin)
{
	size_t named = 0, distinct = 0;

	for (size_t i = 0; i < count; i++) {
		/* Findings are sorted by path within a rule.  */
		bool is_new = group[i]->path.len && (!i || !mc_str_is(group[i - 1]->path, group[i]->path));

		distinct += is_new;
		if (!is_new || (named == FILES_MAX && !p->style->show_all))
			continue;
		if (named++)
			mc_end_line(&p->on);
		else if (p->on.at)
			mc_end_line(&p->on);
		mc_indent(&p->on, margin);
		mc_start(&p->on, MC_DIM);
		mc_put_word(&p->on, mc_short_path(group[i]->path), margin);
		mc_stop(&p->on, MC_DIM);
	}
	if (distinct > named) {
		mc_put_word(&p->on, MC_STR("and"), margin);
		mc_put_count(&p->on, distinct - named, "more", margin);
	}
}

static enum mc_color color_of(enum mc_severity severity)
{
	switch (severity) {
	case MC_SEVERITY_NOTE: return MC_DIM;
	case MC_SEVERITY_WARNING: return MC_YELLOW;
	case MC_SEVERITY_ERROR: return MC_RED;
	}
	return MC_PLAIN;
}

/* One fix for all, or a few with their subjects; "muslcheck explain" has each.  */
static void put_fixes(struct paper *p, const struct mc_finding *const *group, size_t count)
{
	enum { FIXES_MAX = 3, MARGIN = 8 };
	const struct mc_finding *told[FIXES_MAX];
	size_t told_count = 0;
	bool is_one = true;

	for (size_t i = 1; i < count; i++)
		is_one &= mc_str_is(group[0]->fix, group[i]->fix);
	for (size_t i = 0; i < count && told_count < FIXES_MAX; i++) {
		size_t n = 0;

		while (n < told_count && !mc_str_is(told[n]->fix, group[i]->fix))
			n++;
		if (n < told_count || !group[i]->fix.len)
			continue;
		told[told_count++] = group[i];
		mc_indent(&p->on, MARGIN);
		mc_put_word(&p->on, MC_STR("->"), MARGIN);
		if (!is_one)
			mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%.*s:",
							     MC_TEXT(group[i]->subject)), MARGIN + 3);
		mc_put_words(&p->on, group[i]->fix, MARGIN + 3);
		mc_end_line(&p->on);
	}
}

static void put_group(struct paper *p, const struct mc_finding *const *group, size_t count)
{
	const struct mc_finding *first = group[0];
	enum mc_color color = color_of(first->severity);
	const size_t margin = 8;

	mc_indent(&p->on, 2);
	mc_start(&p->on, color);
	mc_put_word(&p->on, mc_str_of(mc_rule_info(first->rule)->code), margin);
	mc_stop(&p->on, color);
	put_subjects(p, group, count, margin);
	if (first->subject.len)
		mc_put_mark(&p->on, ":");
	mc_put_words(&p->on, first->message, margin);
	if (proof_of(p, first))
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "[%s]", mc_proof_name(proof_of(p, first))),
			     margin);
	if (first->excuse)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "[excused: %.*s]", MC_TEXT(first->excuse->reason)),
			     margin);
	put_files(p, group, count, margin);
	mc_end_line(&p->on);
	put_fixes(p, group, count);
}

static bool is_shown(const struct paper *p, const struct mc_finding *f)
{
	if (f->excuse && !p->style->show_all)
		return false;
	return !mc_rule_is_behaviour(f->rule) && (f->severity > MC_SEVERITY_NOTE || p->style->show_all);
}

/* Findings about one image, alike ones together, in the order of the first of each.  */
static enum mc_status put_findings(struct paper *p, const struct mc_dist_verdict *v, bool is_against)
{
	const struct mc_finding **group =
		MC_TAKE_ARRAY(&p->on.arena, const struct mc_finding *, v->findings_count + 1);
	bool *is_done = MC_TAKE_ARRAY(&p->on.arena, bool, v->findings_count + 1);
	size_t groups = 0, left = 0;

	if (!group || !is_done)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < v->findings_count; i++) {
		size_t count = 0;

		if (is_done[i] || v->findings[i]->is_against != is_against ||
		    !is_shown(p, v->findings[i]))
			continue;
		if (++groups > GROUPS_MAX) {
			left++;
			continue;
		}
		for (size_t n = i; n < v->findings_count; n++) {
			if (is_done[n] || !is_alike(p, v->findings[i], v->findings[n]))
				continue;
			is_done[n] = true;
			group[count++] = v->findings[n];
		}
		put_group(p, group, count);
	}
	if (left) {
		mc_indent(&p->on, 2);
		mc_put_word(&p->on, MC_STR("and"), 2);
		mc_put_count(&p->on, left, "findings more, which --format json lists", 2);
		mc_end_line(&p->on);
	}
	return MC_OK;
}

static size_t count_shown(const struct paper *p, const struct mc_dist_verdict *v, bool is_against)
{
	size_t count = 0;

	for (size_t i = 0; i < v->findings_count; i++)
		count += v->findings[i]->is_against == is_against && is_shown(p, v->findings[i]);
	return count;
}

static enum mc_color color_of_verdict(enum mc_verdict verdict)
{
	switch (verdict) {
	case MC_VERDICT_PURE:
	case MC_VERDICT_SWAP:
	case MC_VERDICT_RUNS: return MC_GREEN;
	case MC_VERDICT_NEEDS_PACKAGES:
	case MC_VERDICT_DOWNGRADE:
	case MC_VERDICT_BUILDS:
	case MC_VERDICT_TAG_ONLY: return MC_YELLOW;
	case MC_VERDICT_BLOCKED:
	case MC_VERDICT_BREAKS:
	case MC_VERDICT_UNKNOWN:
	case MC_VERDICTS_COUNT: return MC_RED;
	}
	return MC_PLAIN;
}

static void put_title(struct paper *p, const struct mc_dist *dist, enum mc_verdict verdict)
{
	mc_start(&p->on, MC_BOLD);
	if (dist->kind == MC_DIST_LOOSE)
		mc_put_words(&p->on, MC_STR("(files that no dist claims)"), 0);
	else
		mc_put_word(&p->on, dist->name, 0);
	if (dist->version.len)
		mc_put_word(&p->on, dist->version, 0);
	mc_stop(&p->on, MC_BOLD);
	mc_put_mark(&p->on, " ");
	mc_start(&p->on, color_of_verdict(verdict));
	mc_put_word(&p->on, mc_str_of(mc_verdict_name(verdict)), 0);
	mc_stop(&p->on, color_of_verdict(verdict));
	mc_end_line(&p->on);
}

static enum mc_status put_dist(struct paper *p, const struct mc_dist_verdict *v)
{
	struct mc_mark mark = mc_arena_mark(&p->on.arena);
	enum mc_status status;

	mc_end_line(&p->on);
	put_title(p, v->dist, v->verdict);
	status = put_findings(p, v, false);
	if (v->gcompat_would_do) {
		mc_indent(&p->on, 2);
		mc_put_words(&p->on,
			  MC_STR("gcompat has what is missing here: with 'apk add gcompat' and "
				 "LD_PRELOAD=/lib/libgcompat.so.0 it may load. It changes no tag and no "
				 "file name, and is to try, not for production."),
			  8);
		mc_end_line(&p->on);
	}
	mc_arena_rewind(&p->on.arena, mark);
	return status;
}

/* MC108 and MC204 speak of other Pythons and machines as well.  */
static bool is_name_for_glibc(const struct mc_finding *f)
{
	return (f->rule == MC_RULE_SUFFIX || f->rule == MC_RULE_TAG) &&
	       (mc_str_starts(f->fix, MC_STR("install the musllinux wheel")) ||
		mc_str_starts(f->fix, MC_STR("take its musllinux wheel")));
}

/* Nothing to say of it but that its names and tags are for the other libc.  */
static bool is_named_only(const struct paper *p, const struct mc_dist_verdict *v)
{
	if (v->verdict != MC_VERDICT_TAG_ONLY || p->style->show_all)
		return false;
	for (size_t i = 0; i < v->findings_count; i++)
		if (!v->findings[i]->is_against && is_shown(p, v->findings[i]) &&
		    !is_name_for_glibc(v->findings[i]))
			return false;
	return true;
}

/* "VERDICT: name 1.0, other 2.0": one more dist that a sentence can speak for.  */
static void put_listed(struct paper *p, const struct mc_dist_verdict *v, bool is_first)
{
	if (is_first) {
		mc_end_line(&p->on);
		mc_start(&p->on, color_of_verdict(v->verdict));
		mc_put_word(&p->on, mc_str_of(mc_verdict_name(v->verdict)), 0);
		mc_stop(&p->on, color_of_verdict(v->verdict));
		mc_put_mark(&p->on, ":");
	} else {
		mc_put_mark(&p->on, ",");
	}
	mc_put_word(&p->on, v->dist->name, 2);
	if (v->dist->version.len)
		mc_put_word(&p->on, v->dist->version, 2);
}

/* What pip would take is not known, and that is all there is to say.  */
static const struct mc_finding *only_not_asked(const struct paper *p, const struct mc_dist_verdict *v)
{
	const struct mc_finding *only = NULL;

	if (v->verdict != MC_VERDICT_UNKNOWN || p->style->show_all)
		return NULL;
	for (size_t i = 0; i < v->findings_count; i++) {
		if (v->findings[i]->is_against || !is_shown(p, v->findings[i]))
			continue;
		if (only || v->findings[i]->rule != MC_RULE_NOT_ASKED)
			return NULL;
		only = v->findings[i];
	}
	return only;
}

/* Dists that cannot be judged for one reason, together; 'first' is the first of them.  */
static void put_not_asked(struct paper *p, size_t first)
{
	const struct mc_survey *s = p->survey;
	const struct mc_finding *said = only_not_asked(p, &s->dists[first]);

	for (size_t i = 0; i < first; i++) {
		const struct mc_finding *other = only_not_asked(p, &s->dists[i]);

		if (other && mc_str_is(other->message, said->message))
			return;
	}
	for (size_t i = first; i < s->dists_count; i++) {
		const struct mc_finding *other = only_not_asked(p, &s->dists[i]);

		if (other && mc_str_is(other->message, said->message))
			put_listed(p, &s->dists[i], i == first);
	}
	mc_end_line(&p->on);
	put_group(p, &said, 1);
}

/* Many dists that one sentence can speak for.  */
static void put_named_only(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	bool is_said[MC_RULES_COUNT] = {false};
	size_t count = 0;

	for (size_t i = 0; i < s->dists_count; i++) {
		const struct mc_dist_verdict *v = &s->dists[i];

		if (!is_named_only(p, v))
			continue;
		put_listed(p, v, !count++);
		for (size_t k = 0; k < v->findings_count; k++)
			is_said[v->findings[k]->rule] |= !v->findings[k]->is_against;
	}
	if (!count)
		return;
	mc_end_line(&p->on);
	mc_indent(&p->on, 2);
	mc_put_words(&p->on,
		  mc_arena_printf(&p->on.arena,
				  "These files would load, but pip or import does not take them by their names "
				  "(%s%s%s).",
				  is_said[MC_RULE_SUFFIX] ? "MC108" : "",
				  is_said[MC_RULE_SUFFIX] && is_said[MC_RULE_TAG] ? ", " : "",
				  is_said[MC_RULE_TAG] ? "MC204" : ""),
		  8);
	mc_end_line(&p->on);
	mc_indent(&p->on, 8);
	mc_put_words(&p->on, MC_STR("-> install their musllinux wheels on Alpine"), 11);
	mc_end_line(&p->on);
}

/* The wheels that take the place of files that do not run.  */
static void put_swaps(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	size_t count = 0;

	for (size_t i = 0; i < s->dists_count; i++) {
		if (s->dists[i].verdict != MC_VERDICT_SWAP || p->style->show_all)
			continue;
		if (!count++) {
			mc_end_line(&p->on);
			mc_start(&p->on, MC_GREEN);
			mc_put_word(&p->on, mc_str_of(mc_verdict_name(MC_VERDICT_SWAP)), 0);
			mc_stop(&p->on, MC_GREEN);
			mc_put_mark(&p->on, ": these files do not run there, a wheel of the same version does");
			mc_end_line(&p->on);
		}
		mc_indent(&p->on, 2);
		mc_put_word(&p->on, s->dists[i].choice, 4);
		mc_end_line(&p->on);
	}
}

/* ---- the parts of the page ---- */

/* Which question, and what the answer rests on.  */
static void put_asked(struct paper *p)
{
	const struct mc_asked *asked = &p->survey->asked;

	mc_put_words(&p->on,
		  mc_arena_printf(&p->on.arena, "Judged: what pip would install there (reinstall), by %.*s:",
				  MC_TEXT(asked->source)),
		  8);
	if (asked->is_offline)
		mc_put_words(&p->on, MC_STR("no server asked,"), 8);
	if (asked->projects)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%zu project%s asked for,", asked->projects,
					     asked->projects == 1 ? "" : "s"), 8);
	if (asked->failed)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%zu without an answer,", asked->failed), 8);
	if (asked->by_tag)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%zu wheel%s judged by the tag alone,",
					     asked->by_tag, asked->by_tag == 1 ? "" : "s"), 8);
	mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%zu wheel%s read", asked->wheels,
				     asked->wheels == 1 ? "" : "s"), 8);
	if (asked->by_names)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "and of %zu the list of files", asked->by_names), 8);
	if (asked->nbytes >= 100000)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "(%.1f MB fetched)", (double)asked->nbytes / 1e6), 8);
	mc_put_mark(&p->on, ".");
	if (asked->unfollowed)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "What %zu of them require%s is not followed.",
					     asked->unfollowed, asked->unfollowed == 1 ? "s" : ""), 8);
	if (asked->folders)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "Of %zu project%s in a folder what %s judged, not the code.",
					     asked->folders, asked->folders == 1 ? "" : "s",
					     asked->folders == 1 ? "it requires is" : "they require is"), 8);
	if (asked->newest)
		mc_put_words(&p->on,
			  mc_arena_printf(&p->on.arena, "%zu asked for without a version: the newest of today.",
					  asked->newest),
			  8);
}

static void put_advice(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	enum mc_color color = s->advice == MC_ADVICE_ALPINE ? MC_GREEN : MC_RED;
	const char *word = s->advice == MC_ADVICE_ALPINE ? "alpine:" : "slim:";

	mc_start(&p->on, color);
	mc_put_word(&p->on, mc_str_of(word), 8);
	mc_stop(&p->on, color);
	mc_put_words(&p->on, s->reason, 8);
	mc_end_line(&p->on);
	mc_indent(&p->on, 8);
	mc_start(&p->on, MC_DIM);
	if (s->question == MC_QUESTION_COPY)
		mc_put_words(&p->on,
			  MC_STR("Judged: these very files (copy). What pip would install there instead "
				 "is not asked: --index or --find-links."),
			  8);
	else
		put_asked(p);
	mc_stop(&p->on, MC_DIM);
	mc_end_line(&p->on);
}

/* What musl's own loader said to it.  */
static void put_proof(struct paper *p, const struct mc_proof *proof)
{
	struct mc_arena *arena = &p->on.arena;

	mc_indent(&p->on, 8);
	if (!proof->files) {
		mc_put_words(&p->on, MC_STR("Not confirmed: no loader could be run on any file."), 8);
		mc_end_line(&p->on);
		return;
	}
	mc_put_words(&p->on, mc_arena_printf(arena, "Confirmed by %.*s: run on %zu file%s,", MC_TEXT(proof->loader),
					     proof->files, proof->files == 1 ? "" : "s"), 8);
	if (proof->differ)
		mc_put_words(&p->on, mc_arena_printf(arena, "of which it says something else to %zu;", proof->differ), 8);
	else
		mc_put_words(&p->on, MC_STR("it says the same to each;"), 8);
	mc_put_words(&p->on, mc_arena_printf(arena, "%zu finding%s confirmed, %zu not shown by it, %zu contradicted.",
					     proof->counts[MC_PROOF_CONFIRMED],
					     proof->counts[MC_PROOF_CONFIRMED] == 1 ? "" : "s",
					     proof->counts[MC_PROOF_UNSHOWN],
					     proof->counts[MC_PROOF_CONTRADICTED]), 8);
	mc_end_line(&p->on);
}

static void put_packages(struct paper *p, const char *command, const struct mc_package_need *packages,
			 size_t count)
{
	if (!count)
		return;
	mc_indent(&p->on, 2);
	mc_put_mark(&p->on, command);
	for (size_t i = 0; i < count; i++) {
		/* A line of a Dockerfile goes on behind a backslash.  */
		if (p->on.at + 3 + strlen(packages[i].package) > p->on.columns) {
			mc_put_mark(&p->on, " \\");
			mc_end_line(&p->on);
			mc_indent(&p->on, 5);
		}
		mc_put_mark(&p->on, " ");
		mc_put_mark(&p->on, packages[i].package);
	}
	mc_end_line(&p->on);
}

static void put_install(struct paper *p)
{
	struct mc_install install;

	if (!mc_install_of(p->survey, &install))
		return;
	mc_end_line(&p->on);
	mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "What to write%s (--dockerfile has the rest):",
					     install.is_alpine ? "" : " for slim"), 0);
	mc_end_line(&p->on);
	mc_indent(&p->on, 2);
	mc_put_mark(&p->on, "FROM ");
	mc_put_mark(&p->on, install.image->name);
	mc_end_line(&p->on);
	put_packages(p, install.is_alpine ? "RUN apk add --no-cache"
					  : "RUN apt-get update && apt-get install -y --no-install-recommends",
		     install.packages, install.packages_count);
	if (install.is_whole) {
		mc_indent(&p->on, 2);
		mc_put_mark(&p->on, "RUN pip install --no-cache-dir -r requirements.txt");
		mc_end_line(&p->on);
	}
}

static enum mc_status put_against(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	struct mc_mark mark = mc_arena_mark(&p->on.arena);
	enum mc_status status = MC_OK;
	size_t bad = 0;

	for (size_t i = 0; i < s->dists_count; i++)
		bad += count_shown(p, &s->dists[i], true) && s->dists[i].against >= MC_VERDICT_BREAKS;
	if (!bad)
		return MC_OK;
	mc_end_line(&p->on);
	mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "On %s:", s->against.name), 0);
	mc_end_line(&p->on);
	for (size_t i = 0; i < s->dists_count && !status; i++) {
		const struct mc_dist_verdict *v = &s->dists[i];

		if (v->against < MC_VERDICT_BREAKS || !count_shown(p, v, true))
			continue;
		put_title(p, v->dist, v->against);
		status = put_findings(p, v, true);
	}
	mc_arena_rewind(&p->on.arena, mark);
	return status;
}

/* ---- what it saves ---- */

enum { BAR_COLUMNS = 30 };

static void put_bar(struct paper *p, const char *name, const struct mc_size *size, uint64_t largest,
		    const char *image)
{
	uint64_t total = mc_size_total(size);
	size_t length = largest ? (size_t)(total * BAR_COLUMNS / largest) : 0;

	mc_end_line(&p->on);
	fprintf(p->on.out, "  %-7s", name);
	for (size_t i = 0; i < BAR_COLUMNS; i++)
		fputc(i < length ? '#' : ' ', p->on.out);
	fprintf(p->on.out, "%6.0f MB  ", (double)total / 1e6);
	p->on.at = 2 + 7 + BAR_COLUMNS + 11;
	mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%s%s %.0f", image, size->is_image_near ? " ~" : "",
				     (double)size->image_kb / 1e3), 9);
	if (size->dists_nbytes)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "+ dists %.1f", (double)size->dists_nbytes / 1e6), 9);
	if (size->packages_kb)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "+ packages %.1f", (double)size->packages_kb / 1e3),
			  9);
}

/* "saves 71 MB of 212 (33 %)", and what it costs or whether it is worth it.  */
static void put_saving(struct paper *p, uint64_t now, uint64_t then)
{
	const struct mc_survey *s = p->survey;
	double saved = (double)now - (double)then;
	size_t builds = s->counts[MC_VERDICT_BUILDS];
	size_t bad = 0;

	for (int v = 0; v < MC_VERDICTS_COUNT; v++)
		bad += mc_verdict_is_good((enum mc_verdict)v) || v == MC_VERDICT_BUILDS ? 0 : s->counts[v];
	if (saved < 0) {
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "Alpine would take %.0f MB more.", -saved / 1e6), 2);
		return;
	}
	mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "Alpine %s %.0f MB (%.0f %%)",
				     s->advice == MC_ADVICE_ALPINE ? "saves" : "would save", saved / 1e6,
				     saved * 100 / (double)now),
		  2);
	if (s->advice == MC_ADVICE_SLIM && builds)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "and cost %zu build%s from source", builds,
					     builds == 1 ? "" : "s"), 2);
	if (s->advice == MC_ADVICE_SLIM && bad)
		mc_put_words(&p->on, MC_STR("if it ran"), 2);
	mc_put_mark(&p->on, ".");
	if (saved * 5 < (double)now)
		mc_put_words(&p->on, MC_STR("That is little: slim is the default for production."), 2);
}

static void put_size_remarks(struct paper *p)
{
	const struct mc_sizes *z = &p->survey->sizes;
	size_t packages = z->target.packages_unknown + z->against.packages_unknown;

	if (z->dists_unknown)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "In neither: %zu dist%s of unknown size.",
					     z->dists_unknown, z->dists_unknown == 1 ? "" : "s"), 2);
	if (packages)
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "Not in it: %zu package%s of unknown size.", packages,
					     packages == 1 ? "" : "s"), 2);
	if (z->target.is_image_near || z->against.is_image_near)
		mc_put_words(&p->on, MC_STR("~: as measured of the nearest image."), 2);
}

static void put_sizes(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	uint64_t now = mc_size_total(&s->sizes.against), then = mc_size_total(&s->sizes.target);

	if (!mc_has_sizes(s))
		return;
	mc_end_line(&p->on);
	mc_put_words(&p->on, MC_STR("What it takes (unpacked, MB):"), 0);
	put_bar(p, "slim", &s->sizes.against, now > then ? now : then, s->against.name);
	put_bar(p, "alpine", &s->sizes.target, now > then ? now : then, s->target.name);
	mc_end_line(&p->on);
	mc_indent(&p->on, 2);
	put_saving(p, now, then);
	put_size_remarks(p);
	mc_end_line(&p->on);
}

/* Which lines of the Dockerfile to change; the file itself stays as it is.  */
static void put_dockerfile(struct paper *p, const struct mc_docker_changes *changes)
{
	mc_end_line(&p->on);
	mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "%s: %s", changes->path,
					     changes->count ? "what to change" : "nothing to change"), 0);
	mc_end_line(&p->on);
	for (size_t i = 0; i < changes->count; i++) {
		const struct mc_docker_change *c = &changes->items[i];

		mc_indent(&p->on, 2);
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "line %u: %.*s", c->line,
						     MC_TEXT(c->is.len ? c->is : MC_STR("behind it"))), 8);
		mc_end_line(&p->on);
		if (c->becomes.len) {
			mc_indent(&p->on, 8);
			mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "-> %.*s", MC_TEXT(c->becomes)), 11);
			mc_end_line(&p->on);
		}
		mc_indent(&p->on, 8);
		mc_start(&p->on, MC_DIM);
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "(%.*s)", MC_TEXT(c->why)), 8);
		mc_stop(&p->on, MC_DIM);
		mc_end_line(&p->on);
	}
}

static void put_counts(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	size_t notes = 0;
	bool is_first = true;

	mc_end_line(&p->on);
	mc_put_count(&p->on, s->dists_count, s->dists_count == 1 ? "dist:" : "dists:", 2);
	for (int v = 0; v < MC_VERDICTS_COUNT; v++) {
		if (!s->counts[v])
			continue;
		if (!is_first)
			mc_put_mark(&p->on, ",");
		is_first = false;
		mc_put_count(&p->on, s->counts[v], mc_verdict_name((enum mc_verdict)v), 2);
	}
	mc_end_line(&p->on);
	for (size_t i = 0; i < s->findings_count; i++)
		notes += s->findings[i].severity == MC_SEVERITY_NOTE && !mc_rule_is_behaviour(s->findings[i].rule);
	if (notes && !p->style->show_all) {
		mc_put_count(&p->on, notes, notes == 1 ? "note: -v shows it" : "notes: -v shows them", 0);
		mc_end_line(&p->on);
	}
}

static enum mc_status write_page(struct paper *p)
{
	const struct mc_survey *s = p->survey;

	put_advice(p);
	if (s->excuses)
		mc_put_excuses(&p->on, s->excuses, p->style->show_all);
	if (s->proof)
		put_proof(p, s->proof);
	for (size_t i = 0; i < s->dists_count; i++) {
		if (only_not_asked(p, &s->dists[i]))
			put_not_asked(p, i);
		else if (p->style->show_all ||
			 (count_shown(p, &s->dists[i], false) && !is_named_only(p, &s->dists[i])))
			MC_TRY(put_dist(p, &s->dists[i]));
	}
	put_named_only(p);
	put_swaps(p);
	/* What to write goes with the advice; the other image's packages are in JSON.  */
	if (s->advice == MC_ADVICE_SLIM)
		MC_TRY(put_against(p));
	MC_TRY(mc_put_behaviour(&p->on, s, p->style->show_all));
	put_install(p);
	for (size_t i = 0; i < s->dockerfiles_count; i++)
		put_dockerfile(p, &s->dockerfiles[i]);
	put_sizes(p);
	put_counts(p);
	return MC_OK;
}

static enum mc_status write_text(const struct mc_survey *survey, const struct mc_report_style *style,
				 FILE *out, struct mc_error *err)
{
	struct paper paper = {.survey = survey, .style = style};
	enum mc_status status;

	mc_paper_open(&paper.on, out, style->columns, style->use_color);
	status = write_page(&paper);
	mc_paper_close(&paper.on);
	return mc_report_end(out, status, err);
}

const struct mc_report_format mc_report_text = {"text", write_text};
