/* SPDX-License-Identifier: MIT */
/*
 * The summary of a batch: how many, which rules, what is missing most often, dist by dist.
 */
#include "muslcheck/report.h"
#include "paper.h"
#include "report_parts.h"

enum { TOP_MAX = 15, DISTS_MAX = 60 };

struct page {
	const struct mc_survey *survey;
	const struct mc_report_style *style;
	struct mc_paper on;
};

static void put_counts(struct page *p, const char *title, const struct mc_counts *c, size_t most)
{
	if (!c->count)
		return;
	mc_end_line(&p->on);
	mc_put_words(&p->on, mc_str_of(title), 0);
	mc_end_line(&p->on);
	for (size_t i = 0; i < c->count && (i < most || p->style->show_all); i++) {
		const struct mc_count *item = &c->items[i];

		mc_indent(&p->on, 2);
		mc_put_word(&p->on, mc_arena_printf(&p->on.arena, "%6zu", item->dists), 9);
		mc_put_words(&p->on, item->name, 9);
		if (item->note && *item->note) {
			mc_start(&p->on, MC_DIM);
			mc_put_words(&p->on, mc_str_of(item->command), 9);
			mc_put_words(&p->on, mc_str_of(item->note), 9);
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

static enum mc_status put_rules(struct page *p)
{
	struct mc_counts rules;

	MC_TRY(mc_count_rules(p->survey, &p->on.arena, &rules));
	put_counts(p, "Dists by rule:", &rules, MC_RULES_COUNT);
	return MC_OK;
}

static enum mc_status put_missing(struct page *p)
{
	struct mc_counts symbols, libraries;

	MC_TRY(mc_count_missing(p->survey, &p->on.arena, &symbols, &libraries));
	put_counts(p, "Missing symbols, by dists that want them:", &symbols, TOP_MAX);
	put_counts(p, "Missing libraries, by dists that want them:", &libraries, TOP_MAX);
	return MC_OK;
}

/* "numpy: 2 breaks, 1 runs", worst first.  */
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
	const struct mc_dist_verdict **sorted = mc_dists_by_name(s, &p->on.arena);
	size_t named = 0, left = 0;

	if (!sorted)
		return MC_ERR_NOMEM;
	mc_end_line(&p->on);
	mc_put_words(&p->on, MC_STR("Dists that would not run there:"), 0);
	mc_end_line(&p->on);
	for (size_t i = 0, same; i < s->dists_count; i += same) {
		same = mc_same_name(&sorted[i], s->dists_count - i);
		if (mc_verdict_is_good(sorted[i]->verdict))
			continue;
		if (named++ < DISTS_MAX || p->style->show_all)
			put_name(p, &sorted[i], same);
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
	if (s->excuses)
		mc_put_excuses(&p->on, s->excuses, p->style->show_all);
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
	return mc_report_end(out, status, err);
}

const struct mc_report_format mc_report_summary = {"summary", write_summary};
