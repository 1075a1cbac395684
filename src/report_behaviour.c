/* SPDX-License-Identifier: MIT */
#include "report_behaviour.h"

#include <stdlib.h>

enum {
	MARGIN = 8,
	PLACES_MAX = 4, /* of one paragraph, before "and N more" */
	NAMES_MAX = 8,
};

/* What one paragraph is made of.  */
struct group {
	const struct mc_finding **items;
	size_t count;
};

static int order_of_findings(const void *a, const void *b)
{
	const struct mc_finding *x = *(const struct mc_finding *const *)a, *y = *(const struct mc_finding *const *)b;
	int order = (int)y->severity - (int)x->severity;

	if (!order)
		order = (int)x->rule - (int)y->rule;
	if (!order && x->severity)
		order = mc_str_compare(x->message, y->message);
	if (!order)
		order = mc_str_compare(x->dist->name, y->dist->name);
	if (!order)
		order = mc_str_compare(x->subject, y->subject);
	return order ? order : (x > y) - (x < y);
}

static struct mc_str name_of(const struct mc_dist *dist)
{
	return dist->kind == MC_DIST_LOOSE ? MC_STR("(no dist)") : dist->name;
}

/* "shapely geos_c shapely/_libs.py:12" */
static void put_place(struct mc_paper *p, const struct mc_finding *f)
{
	mc_indent(p, MARGIN);
	mc_put_word(p, name_of(f->dist), MARGIN + 2);
	mc_put_word(p, f->subject, MARGIN + 2);
	mc_start(p, MC_DIM);
	mc_put_word(p, f->line ? mc_arena_printf(&p->arena, "%.*s:%u", MC_TEXT(mc_short_path(f->path)), f->line)
			       : mc_short_path(f->path),
		    MARGIN + 2);
	mc_stop(p, MC_DIM);
	mc_end_line(p);
}

static void put_fix(struct mc_paper *p, struct mc_str fix)
{
	if (!fix.len)
		return;
	mc_indent(p, MARGIN);
	mc_put_word(p, MC_STR("->"), MARGIN);
	mc_put_words(p, fix, MARGIN + 3);
	mc_end_line(p);
}

static void put_code(struct mc_paper *p, const struct mc_finding *f)
{
	enum mc_color color = f->severity == MC_SEVERITY_NOTE ? MC_DIM : MC_YELLOW;

	mc_indent(p, 2);
	mc_start(p, color);
	mc_put_word(p, mc_str_of(mc_rule_info(f->rule)->code), MARGIN);
	mc_stop(p, color);
}

/* Findings of one rule and one message, each with its place.  */
static void put_places(struct mc_paper *p, const struct group *g, bool show_all)
{
	size_t shown = g->count > PLACES_MAX && !show_all ? PLACES_MAX : g->count;

	put_code(p, g->items[0]);
	mc_put_words(p, g->items[0]->message, MARGIN);
	mc_end_line(p);
	for (size_t i = 0; i < shown; i++)
		put_place(p, g->items[i]);
	if (shown < g->count) {
		mc_indent(p, MARGIN);
		mc_put_word(p, MC_STR("and"), MARGIN);
		mc_put_count(p, g->count - shown, "more", MARGIN);
		mc_end_line(p);
	}
	put_fix(p, g->items[0]->fix);
}

/* Notes of one rule: what it is about, and the dists.  */
static void put_names(struct mc_paper *p, const struct group *g)
{
	size_t named = 0, distinct = 0;

	put_code(p, g->items[0]);
	mc_put_words(p, mc_str_of(mc_rule_info(g->items[0]->rule)->title), MARGIN);
	mc_put_mark(p, ":");
	for (size_t i = 0; i < g->count; i++) {
		if (i && g->items[i]->dist == g->items[i - 1]->dist)
			continue;
		distinct++;
		if (named == NAMES_MAX)
			continue;
		if (named++)
			mc_put_mark(p, ",");
		mc_put_word(p, name_of(g->items[i]->dist), MARGIN);
	}
	if (distinct > named) {
		mc_put_word(p, MC_STR("and"), MARGIN);
		mc_put_count(p, distinct - named, "more", MARGIN);
	}
	mc_end_line(p);
}

static bool is_together(const struct mc_finding *a, const struct mc_finding *b, bool show_all)
{
	return a->severity == b->severity && a->rule == b->rule &&
	       ((!a->severity && !show_all) || mc_str_is(a->message, b->message));
}

static void put_head(struct mc_paper *p, enum mc_severity severity)
{
	mc_end_line(p);
	mc_put_words(p, severity ? MC_STR("What runs there and behaves differently:")
				 : MC_STR("To know about musl ('muslcheck explain MC401'; -v shows where):"),
		     0);
	mc_end_line(p);
}

enum mc_status mc_put_behaviour(struct mc_paper *p, const struct mc_survey *s, bool show_all)
{
	struct mc_mark mark = mc_arena_mark(&p->arena);
	const struct mc_finding **sorted = MC_TAKE_ARRAY(&p->arena, const struct mc_finding *, s->findings_count + 1);
	size_t count = 0;

	if (!sorted)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < s->findings_count; i++)
		if (mc_rule_is_behaviour(s->findings[i].rule) && (show_all || !s->findings[i].excuse))
			sorted[count++] = &s->findings[i];
	if (count)
		qsort(sorted, count, sizeof(*sorted), order_of_findings);
	for (size_t i = 0; i < count;) {
		struct group group = {.items = &sorted[i], .count = 1};

		if (!i || sorted[i]->severity != sorted[i - 1]->severity)
			put_head(p, sorted[i]->severity);
		while (i + group.count < count && is_together(sorted[i], sorted[i + group.count], show_all))
			group.count++;
		if (sorted[i]->severity || show_all)
			put_places(p, &group, show_all);
		else
			put_names(p, &group);
		i += group.count;
	}
	mc_arena_rewind(&p->arena, mark);
	return MC_OK;
}
