/* SPDX-License-Identifier: MIT */
/*
 * What of a survey can be counted: verdicts, rules, what is missing, what behaves differently.
 * Each bar stands beside its number, and says nothing that the number does not.
 */
#include "report_html.h"

#include "report_parts.h"
#include "report_place.h"

#include <stdlib.h>

enum { TOP_MAX = 15, NAMES_MAX = 12 };

/* ---- verdicts ---- */

void mc_html_verdicts(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	double at = 0;

	fputs("<section class=\"card\" aria-labelledby=\"h-verdicts\">\n<h3 id=\"h-verdicts\">Verdicts</h3>\n"
	      "<p class=\"soft\">",
	      h->out);
	mc_html_count(h, s->dists_count, "dist");
	fputs(" on ", h->out);
	mc_html_word(h, s->target.name);
	fputs("</p>\n", h->out);
	if (!s->dists_count) {
		fputs("</section>\n", h->out);
		return;
	}
	fputs("<svg class=\"bar verdicts\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", h->out);
	for (int v = 0; v < MC_VERDICTS_COUNT; v++) {
		double width = (double)s->counts[v] * 100 / (double)s->dists_count;

		if (s->counts[v])
			fprintf(h->out, "<rect class=\"v-%s\" x=\"%.3f\" width=\"%.3f\" height=\"10\"/>",
				mc_verdict_name((enum mc_verdict)v), at, width);
		at += width;
	}
	fputs("</svg>\n<ul class=\"legend\">\n", h->out);
	for (int v = 0; v < MC_VERDICTS_COUNT; v++)
		if (s->counts[v]) {
			fputs("<li>", h->out);
			mc_html_badge(h, (enum mc_verdict)v);
			fprintf(h->out, " <b>%zu</b> <span class=\"soft\">%s</span></li>\n", s->counts[v],
				mc_html_verdict_words((enum mc_verdict)v));
		}
	fputs("</ul>\n</section>\n", h->out);
}

/* ---- a table of counts ---- */

static int order_of_counts(const void *a, const void *b)
{
	const struct mc_count *x = a, *y = b;

	if (x->dists != y->dists)
		return x->dists < y->dists ? 1 : -1;
	if (x->findings != y->findings)
		return x->findings < y->findings ? 1 : -1;
	return mc_str_compare(x->name, y->name);
}

static void put_count(struct mc_html *h, const struct mc_count *item, size_t largest)
{
	fputs("<tr><th scope=\"row\">", h->out);
	mc_html_code(h, item->name);
	fputs("</th><td>", h->out);
	if (item->command)
		fprintf(h->out, "<code>%s ", item->command);
	if (item->note)
		mc_html_word(h, item->note);
	fprintf(h->out, "%s</td><td class=\"num\">%zu</td><td class=\"num\">%zu</td>", item->command ? "</code>" : "",
		item->dists, item->findings);
	/* Bars of one length tell nothing.  */
	if (largest > 1)
		fprintf(h->out,
			"<td class=\"plot\"><svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
			"aria-hidden=\"true\"><rect class=\"count\" width=\"%.2f\" height=\"10\"/></svg></td>",
			(double)item->dists * 100 / (double)largest);
	fputs("</tr>\n", h->out);
}

static void put_counts(struct mc_html *h, struct mc_counts *c, const char *caption, const char *what, const char *note)
{
	size_t shown = c->count > TOP_MAX && !h->style->show_all ? TOP_MAX : c->count;

	if (!c->count)
		return;
	qsort(c->items, c->count, sizeof(*c->items), order_of_counts);
	fprintf(h->out,
		"<div class=\"card\"><table class=\"counts stack sortable\">\n<caption>%s</caption>\n<thead><tr>"
		"<th scope=\"col\">%s</th>"
		"<th scope=\"col\">%s</th><th scope=\"col\" class=\"num\">Dists</th>"
		"<th scope=\"col\" class=\"num\">Findings</th>%s</tr></thead>\n<tbody>\n",
		caption, what, note, c->items[0].dists > 1 ? "<td class=\"plot\"></td>" : "");
	for (size_t i = 0; i < shown; i++)
		put_count(h, &c->items[i], c->items[0].dists);
	fputs("</tbody>\n</table>\n", h->out);
	if (shown < c->count)
		fprintf(h->out, "<p class=\"soft\">and %zu more: <code>-v</code></p>\n", c->count - shown);
	fputs("</div>\n", h->out);
}

enum mc_status mc_html_rules(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	struct mc_counts c;

	if (!s->findings_count)
		return MC_OK;
	MC_TRY(mc_counts_open(&c, &h->arena, MC_RULES_COUNT));
	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_rule_info *rule = mc_rule_info(s->findings[i].rule);
		struct mc_count *item;

		if (!mc_is_told(s, &s->findings[i]))
			continue;
		MC_TRY(mc_counts_add(&c, mc_str_of(rule->code), s->findings[i].dist, &item));
		item->note = rule->title;
	}
	fputs("<section id=\"rules\" aria-labelledby=\"h-rules\">\n<h2 id=\"h-rules\">Rules</h2>\n", h->out);
	put_counts(h, &c, "Rules, by dists that they say something of", "Rule", "About");
	fputs("</section>\n", h->out);
	return MC_OK;
}

/* ---- what is missing ---- */

static const char *class_words(enum mc_class name_class)
{
	switch (name_class) {
	case MC_CLASS_NONE: return "not known: a library's, or nobody's";
	case MC_CLASS_ARTEFACT: return "artefact: gone when compiled against musl";
	case MC_CLASS_INTERNAL: return "internal: glibc's own";
	case MC_CLASS_GNU_API: return "gnu-api: the source needs porting";
	case MC_CLASS_PACKAGE: return "package: another Alpine package has it";
	}
	return "";
}

static void put_classes(struct mc_html *h, const size_t *counts)
{
	size_t all = 0;

	for (int i = 0; i <= MC_CLASS_PACKAGE; i++)
		all += counts[i];
	if (!all)
		return;
	fputs("<ul class=\"chips\" aria-label=\"Missing symbols by class\">\n", h->out);
	for (int i = MC_CLASS_PACKAGE; i >= 0; i--)
		if (counts[i])
			fprintf(h->out, "<li><b>%zu</b> %s</li>\n", counts[i], class_words((enum mc_class)i));
	fputs("</ul>\n", h->out);
}

static void note_library(struct mc_count *item, const struct mc_finding *f)
{
	item->command = f->package ? "apk add" : NULL;
	item->note = f->package				  ? f->package
		     : f->rule == MC_RULE_GLIBC_LIBRARY ? "glibc's alone"
							  : "in no package that is known";
}

enum mc_status mc_html_missing(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	size_t classes[MC_CLASS_PACKAGE + 1] = {0};
	struct mc_counts symbols, libraries;
	struct mc_count *item;

	if (!h->has_missing)
		return MC_OK;
	MC_TRY(mc_counts_open(&symbols, &h->arena, s->findings_count));
	MC_TRY(mc_counts_open(&libraries, &h->arena, s->findings_count));
	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		if (!f->is_against && f->rule == MC_RULE_SYMBOL) {
			MC_TRY(mc_counts_add(&symbols, f->subject, f->dist, &item));
			classes[f->name_class] += item->findings == 1;
			item->note = *mc_class_name(f->name_class) ? mc_class_name(f->name_class) : "not known";
		}
		if (!f->is_against && (f->rule == MC_RULE_LIBRARY || f->rule == MC_RULE_GLIBC_LIBRARY)) {
			MC_TRY(mc_counts_add(&libraries, f->subject, f->dist, &item));
			note_library(item, f);
		}
	}
	fputs("<section id=\"missing\" aria-labelledby=\"h-missing\">\n"
	      "<h2 id=\"h-missing\">What is missing there</h2>\n",
	      h->out);
	put_classes(h, classes);
	put_counts(h, &symbols, "Missing symbols, by dists that want them", "Symbol", "Class");
	put_counts(h, &libraries, "Missing libraries, by dists that want them", "Library", "Where it is");
	fputs("</section>\n", h->out);
	return MC_OK;
}

/* ---- what runs and behaves differently ---- */

/* The first that a rule says, at its worst; NULL: nothing.  */
static const struct mc_finding *worst_of(const struct mc_survey *s, enum mc_rule rule)
{
	const struct mc_finding *worst = NULL;

	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		if (f->rule == rule && mc_is_told(s, f) && (!worst || f->severity > worst->severity))
			worst = f;
	}
	return worst;
}

static void put_names(struct mc_html *h, enum mc_rule rule)
{
	const struct mc_survey *s = h->survey;
	const struct mc_dist *last = NULL;
	size_t named = 0, left = 0;

	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		if (f->rule != rule || !mc_is_told(s, f) || f->dist == last)
			continue;
		last = f->dist;
		if (named == NAMES_MAX && !h->style->show_all) {
			left++;
			continue;
		}
		fputs(named++ ? ", " : "", h->out);
		if (last->name.len)
			mc_html_put(h, last->name);
		else
			mc_html_dist(h, last);
	}
	if (left)
		fprintf(h->out, " and %zu more", left);
}

static void put_note(struct mc_html *h, enum mc_rule rule, const struct mc_finding *worst)
{
	const struct mc_rule_info *info = mc_rule_info(rule);
	const char *severity = mc_severity_name(worst->severity);

	fprintf(h->out, "<li><p class=\"head\"><span class=\"sev s-%s\">%s</span> <span class=\"rule\">%s</span> <b>",
		severity, severity, info->code);
	mc_html_word(h, info->title);
	fputs("</b></p>\n", h->out);
	if (worst->fix.len) {
		fputs("<p class=\"fix\"><span class=\"unseen\">What to do: </span>", h->out);
		mc_html_put(h, worst->fix);
		fputs("</p>\n", h->out);
	}
	fputs("<p class=\"soft\">", h->out);
	put_names(h, rule);
	fputs("</p></li>\n", h->out);
}

enum mc_status mc_html_behaviour(struct mc_html *h)
{
	if (!h->has_behaviour)
		return MC_OK;
	fputs("<section id=\"behaviour\" aria-labelledby=\"h-behaviour\">\n"
	      "<h2 id=\"h-behaviour\">What runs there and behaves differently</h2>\n<ul class=\"list cards\">\n",
	      h->out);
	for (int severity = MC_SEVERITY_ERROR; severity >= 0; severity--)
		for (int rule = 0; rule < MC_RULES_COUNT; rule++) {
			const struct mc_finding *worst =
				mc_rule_is_behaviour((enum mc_rule)rule) ? worst_of(h->survey, (enum mc_rule)rule) : NULL;

			if (worst && (int)worst->severity == severity)
				put_note(h, (enum mc_rule)rule, worst);
		}
	fputs("</ul>\n</section>\n", h->out);
	return MC_OK;
}
