/* SPDX-License-Identifier: MIT */
/*
 * What does not stand against alpine, and is to be known: what runs there and behaves
 * differently, and what somebody answers for.
 */
#include "report_html.h"

#include "report_parts.h"
#include "report_place.h"

enum { NAMES_MAX = 12 };

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
	bool is_same;

	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		if (f->rule != rule || !mc_is_told(s, f) || f->dist == last)
			continue;
		/* Wheels of one name stand together.  */
		is_same = last && last->name.len && mc_str_is(last->name, f->dist->name);
		last = f->dist;
		if (is_same)
			continue;
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

/* ---- what is excused ---- */

/* In how many findings whatever the waiver's state is: an expired one says what came back.  */
static void put_waiver(struct mc_html *h, const struct mc_waiver *w)
{
	const char *state = mc_waiver_state(w);

	fprintf(h->out, "<tr><td><span class=\"sev %s\">%s</span></td><th scope=\"row\"><span class=\"rule\">%s</span>",
		w->is_expired ? "s-error" : w->uses ? "s-fine" : "s-warning", state, mc_rule_info(w->rule)->code);
	for (int i = 0; i < 4; i++) {
		struct mc_str pattern = i == 0 ? w->dist : i == 1 ? w->version : i == 2 ? w->path : w->subject;

		if (!pattern.len)
			continue;
		fputc(' ', h->out);
		mc_html_code(h, pattern);
	}
	fputs("</th><td>", h->out);
	mc_html_put(h, w->reason);
	fputs("</td><td class=\"day\">", h->out);
	mc_html_put(h, w->expires);
	fprintf(h->out, "</td><td class=\"num\">%zu</td><td class=\"num\">%u</td></tr>\n", w->uses, w->line);
}

void mc_html_waivers(struct mc_html *h)
{
	const struct mc_excuses *e = h->survey->excuses;

	if (!e || !e->waivers_count)
		return;
	fputs("<section id=\"waivers\" aria-labelledby=\"h-waivers\">\n<h2 id=\"h-waivers\">Waivers</h2>\n"
	      "<div class=\"card\"><table class=\"stack sortable waivers\">\n<caption>Those of <code>",
	      h->out);
	mc_html_word(h, e->path);
	fputs("</code></caption>\n<thead><tr><th scope=\"col\">State</th><th scope=\"col\">What</th>"
	      "<th scope=\"col\">Reason</th><th scope=\"col\">Until</th><th scope=\"col\" class=\"num\">Findings</th>"
	      "<th scope=\"col\" class=\"num\">Line</th></tr></thead>\n<tbody>\n",
	      h->out);
	for (size_t i = 0; i < e->waivers_count; i++)
		put_waiver(h, &e->waivers[i]);
	fputs("</tbody>\n</table></div>\n</section>\n", h->out);
}

static bool is_first(const struct mc_dist_verdict *v, size_t i)
{
	for (size_t n = 0; n < i; n++)
		if (v->findings[n]->excuse == v->findings[i]->excuse && v->findings[n]->rule == v->findings[i]->rule)
			return false;
	return true;
}

/* One paragraph a rule and reason.  */
static void put_excuse(struct mc_html *h, const struct mc_dist_verdict *v, size_t first)
{
	const struct mc_finding *f = v->findings[first];
	size_t named = 0, all = 0;

	fprintf(h->out, "<li class=\"excused\"><p class=\"head\"><span class=\"sev\">excused</span> "
			"<span class=\"rule\">%s</span> <b>", mc_rule_info(f->rule)->code);
	mc_html_word(h, mc_rule_info(f->rule)->title);
	fputs("</b></p>\n<p class=\"subjects\">", h->out);
	for (size_t i = first; i < v->findings_count; i++) {
		const struct mc_finding *like = v->findings[i];

		if (like->excuse != f->excuse || like->rule != f->rule)
			continue;
		all++;
		if (!like->subject.len || named == NAMES_MAX)
			continue;
		fputs(named++ ? " " : "", h->out);
		mc_html_code(h, like->subject);
	}
	if (all > named)
		fprintf(h->out, " in all %zu findings", all);
	fputs("</p>\n<p>", h->out);
	mc_html_put(h, f->excuse->reason);
	if (f->excuse->until.len) {
		fputs(" <span class=\"soft\">until ", h->out);
		mc_html_put(h, f->excuse->until);
		fputs("</span>", h->out);
	}
	fputs("</p></li>\n", h->out);
}

bool mc_html_has_excused(const struct mc_dist_verdict *v)
{
	for (size_t i = 0; i < v->findings_count; i++)
		if (v->findings[i]->excuse)
			return true;
	return false;
}

void mc_html_excused(struct mc_html *h, const struct mc_dist_verdict *v)
{
	if (!mc_html_has_excused(v))
		return;
	fputs("<ul class=\"list\">\n", h->out);
	for (size_t i = 0; i < v->findings_count; i++)
		if (v->findings[i]->excuse && is_first(v, i))
			put_excuse(h, v, i);
	fputs("</ul>\n", h->out);
}
