/* SPDX-License-Identifier: MIT */
/*
 * The report for a person: the advice, what stops it by dist, what to write, the
 * rest in numbers.  What one rule says of many files or symbols is said once.
 */
#include "muslcheck/report.h"
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
	FILE *out;
	size_t columns;
	size_t at;     /* column of the next character */
	bool has_word; /* on this line, so that the next one needs a space */
	struct mc_arena arena; /* for one dist; rewound after it */
};

enum color { PLAIN, BOLD, RED, GREEN, YELLOW, DIM };

static void start(struct paper *p, enum color color)
{
	static const char *const codes[] = {"", "\033[1m", "\033[1;31m", "\033[1;32m", "\033[33m",
					    "\033[2m"};

	if (p->style->use_color)
		fputs(codes[color], p->out);
}

static void stop(struct paper *p, enum color color)
{
	if (p->style->use_color && color != PLAIN)
		fputs("\033[0m", p->out);
}

/* ---- wrapping ---- */

static size_t width_of(struct mc_str text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80; /* not a UTF-8 tail byte */
	return width;
}

static void end_line(struct paper *p)
{
	fputc('\n', p->out);
	p->at = 0;
	p->has_word = false;
}

static void indent(struct paper *p, size_t columns)
{
	fprintf(p->out, "%*s", (int)columns, "");
	p->at = columns;
	p->has_word = false;
}

/* One word that is not broken, on this line if it fits, else on the next.  */
static void put_word(struct paper *p, struct mc_str word, size_t margin)
{
	size_t width;

	word = mc_text_safe(&p->arena, word);
	width = width_of(word);
	if (p->has_word && p->at + 1 + width > p->columns) {
		end_line(p);
		indent(p, margin);
	} else if (p->has_word) {
		fputc(' ', p->out);
		p->at++;
	}
	fwrite(word.ptr, 1, word.len, p->out);
	p->at += width;
	p->has_word = true;
}

/* A mark that belongs to what stands before it.  */
static void put_mark(struct paper *p, const char *mark)
{
	fputs(mark, p->out);
	p->at += strlen(mark);
}

/* Words apart by spaces, wrapped with 'margin' in front of further lines.  */
static void put_words(struct paper *p, struct mc_str text, size_t margin)
{
	for (size_t i = 0; i < text.len;) {
		size_t start_at;

		while (i < text.len && text.ptr[i] == ' ')
			i++;
		for (start_at = i; i < text.len && text.ptr[i] != ' ';)
			i++;
		if (i > start_at)
			put_word(p, (struct mc_str){text.ptr + start_at, i - start_at}, margin);
	}
}

/* "17 dists" */
static void put_count(struct paper *p, size_t count, const char *rest, size_t margin)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", count);
	put_words(p, mc_str_of(text), margin);
	put_words(p, mc_str_of(rest), margin);
}

/* ---- findings of one dist, by rule ---- */

/* Findings that one line can speak for: the same rule and the same words.  */
static bool is_alike(const struct mc_finding *a, const struct mc_finding *b)
{
	if (a->rule != b->rule || a->severity != b->severity || a->is_against != b->is_against ||
	    !mc_str_is(a->message, b->message))
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
	struct mc_str *subjects = MC_TAKE_ARRAY(&p->arena, struct mc_str, count);
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
		put_word(p, subjects[i], margin);
	}
	if (distinct > named) {
		put_word(p, MC_STR("and"), margin);
		put_count(p, distinct - named, "more", margin);
	}
}

/* What stands before site-packages is the same for all: left out.  */
static struct mc_str short_path(struct mc_str path)
{
	const struct mc_str mark = MC_STR("site-packages/");

	for (size_t i = 0; i + mark.len < path.len; i++)
		if (!memcmp(path.ptr + i, mark.ptr, mark.len))
			return (struct mc_str){path.ptr + i + mark.len, path.len - i - mark.len};
	return path;
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
			end_line(p);
		else if (p->at)
			end_line(p);
		indent(p, margin);
		start(p, DIM);
		put_word(p, short_path(group[i]->path), margin);
		stop(p, DIM);
	}
	if (distinct > named) {
		put_word(p, MC_STR("and"), margin);
		put_count(p, distinct - named, "more", margin);
	}
}

static enum color color_of(enum mc_severity severity)
{
	switch (severity) {
	case MC_SEVERITY_NOTE: return DIM;
	case MC_SEVERITY_WARNING: return YELLOW;
	case MC_SEVERITY_ERROR: return RED;
	}
	return PLAIN;
}

static void put_group(struct paper *p, const struct mc_finding *const *group, size_t count)
{
	const struct mc_finding *first = group[0];
	enum color color = color_of(first->severity);
	const size_t margin = 8;

	indent(p, 2);
	start(p, color);
	put_word(p, mc_str_of(mc_rule_info(first->rule)->code), margin);
	stop(p, color);
	put_subjects(p, group, count, margin);
	if (first->subject.len)
		put_mark(p, ":");
	put_words(p, first->message, margin);
	put_files(p, group, count, margin);
	end_line(p);
	if (first->fix.len) {
		bool is_one = true;

		for (size_t i = 1; i < count; i++)
			is_one &= mc_str_is(first->fix, group[i]->fix);
		if (!is_one)
			return; /* each has its own: "muslcheck libc" and JSON tell them */
		indent(p, margin);
		put_word(p, MC_STR("->"), margin);
		put_words(p, first->fix, margin + 3);
		end_line(p);
	}
}

static bool is_shown(const struct paper *p, const struct mc_finding *f)
{
	return f->severity > MC_SEVERITY_NOTE || p->style->show_all;
}

/* Findings about one image, alike ones together, in the order of the first of each.  */
static enum mc_status put_findings(struct paper *p, const struct mc_dist_verdict *v, bool is_against)
{
	const struct mc_finding **group =
		MC_TAKE_ARRAY(&p->arena, const struct mc_finding *, v->findings_count + 1);
	bool *is_done = MC_TAKE_ARRAY(&p->arena, bool, v->findings_count + 1);
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
			if (is_done[n] || !is_alike(v->findings[i], v->findings[n]))
				continue;
			is_done[n] = true;
			group[count++] = v->findings[n];
		}
		put_group(p, group, count);
	}
	if (left) {
		indent(p, 2);
		put_word(p, MC_STR("and"), 2);
		put_count(p, left, "findings more, which --format json lists", 2);
		end_line(p);
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

static enum color color_of_verdict(enum mc_verdict verdict)
{
	switch (verdict) {
	case MC_VERDICT_PURE:
	case MC_VERDICT_SWAP:
	case MC_VERDICT_RUNS: return GREEN;
	case MC_VERDICT_NEEDS_PACKAGES:
	case MC_VERDICT_DOWNGRADE:
	case MC_VERDICT_BUILDS:
	case MC_VERDICT_TAG_ONLY: return YELLOW;
	case MC_VERDICT_BLOCKED:
	case MC_VERDICT_BREAKS:
	case MC_VERDICT_UNKNOWN:
	case MC_VERDICTS_COUNT: return RED;
	}
	return PLAIN;
}

static void put_title(struct paper *p, const struct mc_dist *dist, enum mc_verdict verdict)
{
	start(p, BOLD);
	if (dist->kind == MC_DIST_LOOSE)
		put_words(p, MC_STR("(files that no dist claims)"), 0);
	else
		put_word(p, dist->name, 0);
	if (dist->version.len)
		put_word(p, dist->version, 0);
	stop(p, BOLD);
	put_mark(p, " ");
	start(p, color_of_verdict(verdict));
	put_word(p, mc_str_of(mc_verdict_name(verdict)), 0);
	stop(p, color_of_verdict(verdict));
	end_line(p);
}

static enum mc_status put_dist(struct paper *p, const struct mc_dist_verdict *v)
{
	struct mc_mark mark = mc_arena_mark(&p->arena);
	enum mc_status status;

	end_line(p);
	put_title(p, v->dist, v->verdict);
	status = put_findings(p, v, false);
	if (v->gcompat_would_do) {
		indent(p, 2);
		put_words(p,
			  MC_STR("gcompat has what is missing here: with 'apk add gcompat' and "
				 "LD_PRELOAD=/lib/libgcompat.so.0 it may load. It changes no tag and no "
				 "file name, and is to try, not for production."),
			  8);
		end_line(p);
	}
	mc_arena_rewind(&p->arena, mark);
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
		end_line(p);
		start(p, color_of_verdict(v->verdict));
		put_word(p, mc_str_of(mc_verdict_name(v->verdict)), 0);
		stop(p, color_of_verdict(v->verdict));
		put_mark(p, ":");
	} else {
		put_mark(p, ",");
	}
	put_word(p, v->dist->name, 2);
	if (v->dist->version.len)
		put_word(p, v->dist->version, 2);
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
	end_line(p);
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
	end_line(p);
	indent(p, 2);
	put_words(p,
		  mc_arena_printf(&p->arena,
				  "These files would load, but pip or import does not take them by their names "
				  "(%s%s%s).",
				  is_said[MC_RULE_SUFFIX] ? "MC108" : "",
				  is_said[MC_RULE_SUFFIX] && is_said[MC_RULE_TAG] ? ", " : "",
				  is_said[MC_RULE_TAG] ? "MC204" : ""),
		  8);
	end_line(p);
	indent(p, 8);
	put_words(p, MC_STR("-> install their musllinux wheels on Alpine"), 11);
	end_line(p);
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
			end_line(p);
			start(p, GREEN);
			put_word(p, mc_str_of(mc_verdict_name(MC_VERDICT_SWAP)), 0);
			stop(p, GREEN);
			put_mark(p, ": these files do not run there, a wheel of the same version does");
			end_line(p);
		}
		indent(p, 2);
		put_word(p, s->dists[i].choice, 4);
		end_line(p);
	}
}

/* ---- the parts of the page ---- */

/* Which question, and what the answer rests on.  */
static void put_asked(struct paper *p)
{
	const struct mc_asked *asked = &p->survey->asked;

	put_words(p,
		  mc_arena_printf(&p->arena, "Judged: what pip would install there (reinstall), by %.*s:",
				  MC_TEXT(asked->source)),
		  8);
	if (asked->is_offline)
		put_words(p, MC_STR("no server asked,"), 8);
	if (asked->projects)
		put_words(p, mc_arena_printf(&p->arena, "%zu project%s asked for,", asked->projects,
					     asked->projects == 1 ? "" : "s"), 8);
	if (asked->failed)
		put_words(p, mc_arena_printf(&p->arena, "%zu without an answer,", asked->failed), 8);
	if (asked->by_tag)
		put_words(p, mc_arena_printf(&p->arena, "%zu wheel%s judged by the tag alone,",
					     asked->by_tag, asked->by_tag == 1 ? "" : "s"), 8);
	put_words(p, mc_arena_printf(&p->arena, "%zu wheel%s read", asked->wheels,
				     asked->wheels == 1 ? "" : "s"), 8);
	if (asked->by_names)
		put_words(p, mc_arena_printf(&p->arena, "and of %zu the list of files", asked->by_names), 8);
	if (asked->nbytes >= 100000)
		put_words(p, mc_arena_printf(&p->arena, "(%.1f MB fetched)", (double)asked->nbytes / 1e6), 8);
	put_mark(p, ".");
	if (asked->unfollowed)
		put_words(p, mc_arena_printf(&p->arena, "What %zu of them require%s is not followed.",
					     asked->unfollowed, asked->unfollowed == 1 ? "s" : ""), 8);
	if (asked->folders)
		put_words(p, mc_arena_printf(&p->arena, "%zu project%s in a folder not judged.",
					     asked->folders, asked->folders == 1 ? "" : "s"), 8);
	if (asked->newest)
		put_words(p,
			  mc_arena_printf(&p->arena, "%zu asked for without a version: the newest of today.",
					  asked->newest),
			  8);
}

static void put_advice(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	enum color color = s->advice == MC_ADVICE_ALPINE ? GREEN : RED;
	const char *word = s->advice == MC_ADVICE_ALPINE ? "alpine:" : "slim:";

	start(p, color);
	put_word(p, mc_str_of(word), 8);
	stop(p, color);
	put_words(p, s->reason, 8);
	end_line(p);
	indent(p, 8);
	start(p, DIM);
	if (s->question == MC_QUESTION_COPY)
		put_words(p,
			  MC_STR("Judged: these very files (copy). What pip would install there instead "
				 "is not asked: --index or --find-links."),
			  8);
	else
		put_asked(p);
	stop(p, DIM);
	end_line(p);
}

static void put_install(struct paper *p, const char *head, const char *image, const char *command,
			const struct mc_package_need *packages, size_t count)
{
	if (!count)
		return;
	end_line(p);
	put_words(p, mc_str_of(head), 0);
	end_line(p);
	indent(p, 2);
	put_mark(p, "FROM ");
	put_mark(p, image);
	end_line(p);
	indent(p, 2);
	put_mark(p, command);
	for (size_t i = 0; i < count; i++) {
		/* A line of a Dockerfile goes on behind a backslash.  */
		if (p->at + 3 + strlen(packages[i].package) > p->columns) {
			put_mark(p, " \\");
			end_line(p);
			indent(p, 5);
		}
		put_mark(p, " ");
		put_mark(p, packages[i].package);
	}
	end_line(p);
}

static enum mc_status put_against(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	struct mc_mark mark = mc_arena_mark(&p->arena);
	enum mc_status status = MC_OK;
	size_t bad = 0;

	for (size_t i = 0; i < s->dists_count; i++)
		bad += count_shown(p, &s->dists[i], true) && s->dists[i].against >= MC_VERDICT_BREAKS;
	if (!bad)
		return MC_OK;
	end_line(p);
	put_words(p, mc_arena_printf(&p->arena, "On %s:", s->against.name), 0);
	end_line(p);
	for (size_t i = 0; i < s->dists_count && !status; i++) {
		const struct mc_dist_verdict *v = &s->dists[i];

		if (v->against < MC_VERDICT_BREAKS || !count_shown(p, v, true))
			continue;
		put_title(p, v->dist, v->against);
		status = put_findings(p, v, true);
	}
	mc_arena_rewind(&p->arena, mark);
	return status;
}

/* ---- what it saves ---- */

enum { BAR_COLUMNS = 30 };

static void put_bar(struct paper *p, const char *name, const struct mc_size *size, uint64_t largest,
		    const char *image)
{
	uint64_t total = mc_size_total(size);
	size_t length = largest ? (size_t)(total * BAR_COLUMNS / largest) : 0;

	end_line(p);
	fprintf(p->out, "  %-7s", name);
	for (size_t i = 0; i < BAR_COLUMNS; i++)
		fputc(i < length ? '#' : ' ', p->out);
	fprintf(p->out, "%6.0f MB  ", (double)total / 1e6);
	p->at = 2 + 7 + BAR_COLUMNS + 11;
	put_words(p, mc_arena_printf(&p->arena, "%s%s %.0f", image, size->is_image_near ? " ~" : "",
				     (double)size->image_kb / 1e3), 9);
	if (size->dists_nbytes)
		put_words(p, mc_arena_printf(&p->arena, "+ dists %.1f", (double)size->dists_nbytes / 1e6), 9);
	if (size->packages_kb)
		put_words(p, mc_arena_printf(&p->arena, "+ packages %.1f", (double)size->packages_kb / 1e3),
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
		put_words(p, mc_arena_printf(&p->arena, "Alpine would take %.0f MB more.", -saved / 1e6), 2);
		return;
	}
	put_words(p, mc_arena_printf(&p->arena, "Alpine %s %.0f MB (%.0f %%)",
				     s->advice == MC_ADVICE_ALPINE ? "saves" : "would save", saved / 1e6,
				     saved * 100 / (double)now),
		  2);
	if (s->advice == MC_ADVICE_SLIM && builds)
		put_words(p, mc_arena_printf(&p->arena, "and cost %zu build%s from source", builds,
					     builds == 1 ? "" : "s"), 2);
	if (s->advice == MC_ADVICE_SLIM && bad)
		put_words(p, MC_STR("if it ran"), 2);
	put_mark(p, ".");
	if (saved * 5 < (double)now)
		put_words(p, MC_STR("That is little: slim is the default for production."), 2);
}

static void put_size_remarks(struct paper *p)
{
	const struct mc_sizes *z = &p->survey->sizes;
	size_t packages = z->target.packages_unknown + z->against.packages_unknown;

	if (z->dists_unknown)
		put_words(p, mc_arena_printf(&p->arena, "In neither: %zu dist%s of unknown size.",
					     z->dists_unknown, z->dists_unknown == 1 ? "" : "s"), 2);
	if (packages)
		put_words(p, mc_arena_printf(&p->arena, "Not in it: %zu package%s of unknown size.", packages,
					     packages == 1 ? "" : "s"), 2);
	if (z->target.is_image_near || z->against.is_image_near)
		put_words(p, MC_STR("~: as measured of the nearest image."), 2);
}

/* Loose wheels are no application whose image is asked for.  */
static bool is_application(const struct mc_survey *s)
{
	bool is_one = s->question == MC_QUESTION_REINSTALL;

	for (size_t i = 0; i < s->dists_count && !is_one; i++)
		is_one = s->dists[i].dist->kind == MC_DIST_INSTALLED;
	return is_one;
}

static void put_sizes(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	uint64_t now = mc_size_total(&s->sizes.against), then = mc_size_total(&s->sizes.target);
	bool is_move = s->target.libc->family == MC_LIBC_MUSL && s->against.libc->family == MC_LIBC_GLIBC;

	if (!s->sizes.target.image_kb || !s->sizes.against.image_kb || !is_move || !is_application(s))
		return;
	end_line(p);
	put_words(p, MC_STR("What it takes (unpacked, MB):"), 0);
	put_bar(p, "slim", &s->sizes.against, now > then ? now : then, s->against.name);
	put_bar(p, "alpine", &s->sizes.target, now > then ? now : then, s->target.name);
	end_line(p);
	indent(p, 2);
	put_saving(p, now, then);
	put_size_remarks(p);
	end_line(p);
}

static void put_counts(struct paper *p)
{
	const struct mc_survey *s = p->survey;
	size_t notes = 0;
	bool is_first = true;

	end_line(p);
	put_count(p, s->dists_count, s->dists_count == 1 ? "dist:" : "dists:", 2);
	for (int v = 0; v < MC_VERDICTS_COUNT; v++) {
		if (!s->counts[v])
			continue;
		if (!is_first)
			put_mark(p, ",");
		is_first = false;
		put_count(p, s->counts[v], mc_verdict_name((enum mc_verdict)v), 2);
	}
	end_line(p);
	for (size_t i = 0; i < s->findings_count; i++)
		notes += s->findings[i].severity == MC_SEVERITY_NOTE;
	if (notes && !p->style->show_all) {
		put_count(p, notes, notes == 1 ? "note: -v shows it" : "notes: -v shows them", 0);
		end_line(p);
	}
}

static enum mc_status write_page(struct paper *p)
{
	const struct mc_survey *s = p->survey;

	put_advice(p);
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
	if (s->advice == MC_ADVICE_ALPINE) {
		put_install(p, "What it takes, in the Dockerfile:", s->target.name,
			    "RUN apk add --no-cache", s->packages,
			    s->packages_count);
	} else {
		MC_TRY(put_against(p));
		put_install(p, "What slim takes, in the Dockerfile:", s->against.name,
			    "RUN apt-get update && apt-get install -y --no-install-recommends",
			    s->against_packages, s->against_packages_count);
	}
	put_sizes(p);
	put_counts(p);
	return MC_OK;
}

static enum mc_status write_text(const struct mc_survey *survey, const struct mc_report_style *style,
				 FILE *out, struct mc_error *err)
{
	struct paper paper = {.survey = survey, .style = style, .out = out};
	enum mc_status status;

	paper.columns = style->columns < 40 ? 80 : style->columns > 120 ? 120 : style->columns;
	mc_arena_init(&paper.arena, NULL);
	status = write_page(&paper);
	mc_arena_clear(&paper.arena);
	if (status < 0)
		return mc_fail(err, status, NULL, "out of memory");
	if (ferror(out))
		return mc_fail(err, MC_ERR_IO, NULL, "cannot write the report");
	return MC_OK;
}

const struct mc_report_format mc_report_text = {"text", write_text};
