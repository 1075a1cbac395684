/* SPDX-License-Identifier: MIT */
/*
 * The summary of a batch: how many, which rules, what is missing most often, dist by dist.
 */
#include "muslcheck/report.h"
#include "paper.h"

#include <stdlib.h>
#include <string.h>

enum { TOP_MAX = 15, DISTS_MAX = 60 };

/* What is counted: rules, symbols, libraries.  */
struct count {
	struct mc_str name, note;
	size_t findings, dists;
	const struct mc_dist *last; /* findings stand by dist: a new one is a new dist */
};

struct counts {
	struct count *items;
	size_t count;
	struct mc_map by_name;
	struct mc_arena *arena;
	bool has_failed;
};

struct page {
	const struct mc_survey *survey;
	const struct mc_report_style *style;
	struct mc_paper on;
};

static void tally(struct counts *c, struct mc_str name, struct mc_str note, const struct mc_dist *dist)
{
	struct count *item;

	for (size_t at = 0; (item = mc_map_next(&c->by_name, mc_hash_text(name), &at));)
		if (mc_str_is(item->name, name))
			break;
	if (!item) {
		item = &c->items[c->count++];
		*item = (struct count){.name = name, .note = note};
		c->has_failed |= mc_map_add(c->arena, &c->by_name, mc_hash_text(name), item) != MC_OK;
	}
	item->findings++;
	item->dists += item->last != dist;
	item->last = dist;
}

static int order_of_counts(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->dists != y->dists)
		return x->dists < y->dists ? 1 : -1;
	return mc_str_compare(x->name, y->name);
}

static bool open_counts(struct counts *c, struct mc_arena *arena, size_t most)
{
	*c = (struct counts){.arena = arena};
	c->items = MC_TAKE_ARRAY(arena, struct count, most + 1);
	return c->items != NULL;
}

static void put_counts(struct page *p, const char *title, struct counts *c, size_t most)
{
	if (!c->count)
		return;
	qsort(c->items, c->count, sizeof(*c->items), order_of_counts);
	mc_end_line(&p->on);
	mc_put_words(&p->on, mc_str_of(title), 0);
	mc_end_line(&p->on);
	for (size_t i = 0; i < c->count && (i < most || p->style->show_all); i++) {
		const struct count *item = &c->items[i];

		mc_indent(&p->on, 2);
		mc_put_word(&p->on, mc_arena_printf(&p->on.arena, "%6zu", item->dists), 9);
		mc_put_words(&p->on, item->name, 9);
		if (item->note.len) {
			mc_start(&p->on, MC_DIM);
			mc_put_words(&p->on, item->note, 9);
			mc_stop(&p->on, MC_DIM);
		}
		mc_end_line(&p->on);
	}
	if (c->count > most && !p->style->show_all) {
		mc_indent(&p->on, 2);
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "   and %zu more: -v", c->count - most), 9);
		mc_end_line(&p->on);
	}
}

/* Findings about the target, those of one rule (or of all, MC_RULES_COUNT) by their subject.  */
static enum mc_status put_rules(struct page *p)
{
	const struct mc_survey *s = p->survey;
	struct counts c;

	if (!open_counts(&c, &p->on.arena, MC_RULES_COUNT))
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_rule_info *rule = mc_rule_info(s->findings[i].rule);

		if (!s->findings[i].is_against)
			tally(&c, mc_str_of(rule->code), mc_str_of(rule->title), s->findings[i].dist);
	}
	put_counts(p, "Dists by rule:", &c, MC_RULES_COUNT);
	return c.has_failed ? MC_ERR_NOMEM : MC_OK;
}

static enum mc_status put_missing(struct page *p)
{
	const struct mc_survey *s = p->survey;
	struct counts symbols, libraries;

	if (!open_counts(&symbols, &p->on.arena, s->findings_count) ||
	    !open_counts(&libraries, &p->on.arena, s->findings_count))
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		if (f->is_against)
			continue;
		if (f->rule == MC_RULE_SYMBOL)
			tally(&symbols, f->subject, mc_str_of(mc_class_name(f->name_class)), f->dist);
		else if (f->rule == MC_RULE_LIBRARY || f->rule == MC_RULE_GLIBC_LIBRARY)
			tally(&libraries, f->subject,
			      f->package ? mc_arena_printf(&p->on.arena, "apk add %s", f->package)
			      : f->rule == MC_RULE_GLIBC_LIBRARY ? MC_STR("glibc's alone")
								 : MC_STR(""),
			      f->dist);
	}
	put_counts(p, "Missing symbols, by dists that want them:", &symbols, TOP_MAX);
	put_counts(p, "Missing libraries, by dists that want them:", &libraries, TOP_MAX);
	return symbols.has_failed || libraries.has_failed ? MC_ERR_NOMEM : MC_OK;
}

/* Names with what becomes of them: "numpy 2 breaks, 1 runs", worst first.  */
static int order_of_names(const void *a, const void *b)
{
	const struct mc_dist_verdict *x = *(const struct mc_dist_verdict *const *)a,
				     *y = *(const struct mc_dist_verdict *const *)b;
	int order = mc_str_compare(x->dist->name, y->dist->name);

	return order ? order : (int)y->verdict - (int)x->verdict;
}

static void put_name(struct page *p, const struct mc_dist_verdict *const *same, size_t count)
{
	mc_indent(&p->on, 2);
	mc_put_word(&p->on, same[0]->dist->name, 4);
	mc_put_mark(&p->on, ":");
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && same[end]->verdict == same[i]->verdict; end++)
			;
		if (i)
			mc_put_mark(&p->on, ",");
		mc_put_count(&p->on, end - i, mc_verdict_name(same[i]->verdict), 4);
	}
	mc_end_line(&p->on);
}

static enum mc_status put_names(struct page *p)
{
	const struct mc_survey *s = p->survey;
	const struct mc_dist_verdict **sorted =
		MC_TAKE_ARRAY(&p->on.arena, const struct mc_dist_verdict *, s->dists_count + 1);
	size_t named = 0, left = 0;

	if (!sorted)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < s->dists_count; i++)
		sorted[i] = &s->dists[i];
	qsort(sorted, s->dists_count, sizeof(*sorted), order_of_names);
	mc_end_line(&p->on);
	mc_put_words(&p->on, MC_STR("Dists that would not run there:"), 0);
	mc_end_line(&p->on);
	for (size_t i = 0, end; i < s->dists_count; i = end) {
		for (end = i + 1; end < s->dists_count && mc_str_is(sorted[end]->dist->name, sorted[i]->dist->name); end++)
			;
		if (mc_verdict_is_good(sorted[i]->verdict))
			continue;
		if (named++ < DISTS_MAX || p->style->show_all)
			put_name(p, &sorted[i], end - i);
		else
			left++;
	}
	if (left) {
		mc_indent(&p->on, 2);
		mc_put_words(&p->on, mc_arena_printf(&p->on.arena, "and %zu more: -v", left), 4);
		mc_end_line(&p->on);
	}
	if (!named) {
		mc_indent(&p->on, 2);
		mc_put_words(&p->on, MC_STR("none"), 4);
		mc_end_line(&p->on);
	}
	return MC_OK;
}

static void put_head(struct page *p)
{
	const struct mc_survey *s = p->survey;
	enum mc_color color = s->advice == MC_ADVICE_ALPINE ? MC_GREEN : MC_RED;

	mc_start(&p->on, color);
	mc_put_word(&p->on, s->advice == MC_ADVICE_ALPINE ? MC_STR("alpine:") : MC_STR("slim:"), 8);
	mc_stop(&p->on, color);
	mc_put_words(&p->on, s->reason, 8);
	mc_end_line(&p->on);
	mc_end_line(&p->on);
	mc_put_words(&p->on, MC_STR("Verdicts:"), 0);
	mc_end_line(&p->on);
	for (int v = 0; v < MC_VERDICTS_COUNT; v++) {
		if (!s->counts[v])
			continue;
		mc_indent(&p->on, 2);
		mc_put_words(&p->on,
			     mc_arena_printf(&p->on.arena, "%6zu %s (%.1f %%)", s->counts[v],
					     mc_verdict_name((enum mc_verdict)v),
					     (double)s->counts[v] * 100 / (double)s->dists_count),
			     9);
		mc_end_line(&p->on);
	}
}

static enum mc_status write_summary(const struct mc_survey *survey, const struct mc_report_style *style, FILE *out,
				    struct mc_error *err)
{
	struct page page = {.survey = survey, .style = style};
	enum mc_status status;

	mc_paper_open(&page.on, out, style->columns, style->use_color);
	put_head(&page);
	status = put_rules(&page);
	if (!status)
		status = put_missing(&page);
	if (!status)
		status = put_names(&page);
	mc_paper_close(&page.on);
	if (status < 0)
		return mc_fail(err, status, NULL, "out of memory");
	return ferror(out) ? mc_fail(err, MC_ERR_IO, NULL, "cannot write the report") : MC_OK;
}

const struct mc_report_format mc_report_summary = {"summary", write_summary};
