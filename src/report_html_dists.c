/* SPDX-License-Identifier: MIT */
/*
 * The table of dists, and a section for each that there is something to say of.  Both carry in
 * data attributes what the script filters by; without it they are just there.
 */
#include "report_html.h"

#include "report_parts.h"
#include "report_place.h"

enum {
	GROUPS_MAX = 40, /* of one dist; JSON has all */
	SUBJECTS_MAX = 12,
	FILES_MAX = 2,
	OPEN_MAX = 3, /* sections that are open at first: the worst */
};

/* What is told of one dist.  */
struct told {
	const struct mc_finding **items;
	size_t count;
	bool is_rule[MC_RULES_COUNT];
	bool is_severity[MC_SEVERITY_ERROR + 1];
};

static enum mc_status gather(struct mc_html *h, const struct mc_dist_verdict *v, struct told *told)
{
	*told = (struct told){.items = MC_TAKE_ARRAY(&h->arena, const struct mc_finding *, v->findings_count + 1)};
	if (!told->items)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < v->findings_count; i++) {
		const struct mc_finding *f = v->findings[i];

		if (!mc_is_told(h->survey, f))
			continue;
		told->items[told->count++] = f;
		told->is_rule[f->rule] |= mc_is_counted(f);
		told->is_severity[f->severity] = true;
	}
	return MC_OK;
}

/* ---- what to filter by ---- */

static void put_words(struct mc_html *h, const char *name, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(h->out, "%s%s", i ? " " : name, words[i]);
	if (count)
		fputc('"', h->out);
}

static void put_data(struct mc_html *h, const struct mc_dist_verdict *v, const struct told *told)
{
	const char *rules[MC_RULES_COUNT], *severities[MC_SEVERITY_ERROR + 1];
	size_t rules_count = 0, severities_count = 0;

	for (int rule = 0; rule < MC_RULES_COUNT; rule++)
		if (told->is_rule[rule])
			rules[rules_count++] = mc_rule_info((enum mc_rule)rule)->code;
	for (int severity = MC_SEVERITY_ERROR; severity >= 0; severity--)
		if (told->is_severity[severity])
			severities[severities_count++] = mc_severity_name((enum mc_severity)severity);
	fprintf(h->out, " data-v=\"%s\"", mc_verdict_name(v->verdict));
	put_words(h, " data-r=\"", rules, rules_count);
	put_words(h, " data-s=\"", severities, severities_count);
}

static void put_choice_of(struct mc_html *h, const char *id, const char *label, const char *all)
{
	fprintf(h->out, "<p><label for=\"f-%s\">%s</label> <select id=\"f-%s\"><option value=\"\">%s</option>", id, label, id,
		all);
}

static void put_filter(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	bool is_rule[MC_RULES_COUNT] = {false};

	for (size_t i = 0; i < s->findings_count; i++)
		is_rule[s->findings[i].rule] |= mc_is_counted(&s->findings[i]);
	fputs("<div class=\"filter\" role=\"search\" aria-label=\"Filter the dists\" hidden>\n"
	      "<p class=\"text\"><label for=\"f-text\">Text</label> <input id=\"f-text\" type=\"search\" "
	      "autocomplete=\"off\" spellcheck=\"false\"></p>\n",
	      h->out);
	put_choice_of(h, "verdict", "Verdict", "all");
	for (int v = MC_VERDICTS_COUNT - 1; v >= 0; v--)
		if (s->counts[v])
			fprintf(h->out, "<option value=\"%s\">%s (%zu)</option>", mc_verdict_name((enum mc_verdict)v),
				mc_verdict_name((enum mc_verdict)v), s->counts[v]);
	fputs("</select></p>\n", h->out);
	put_choice_of(h, "rule", "Rule", "all");
	for (int rule = 0; rule < MC_RULES_COUNT; rule++)
		if (is_rule[rule]) {
			const struct mc_rule_info *info = mc_rule_info((enum mc_rule)rule);

			fprintf(h->out, "<option value=\"%s\">%s %s</option>", info->code, info->code, info->name);
		}
	fputs("</select></p>\n", h->out);
	put_choice_of(h, "severity", "Severity", "all");
	fputs("<option value=\"error\">error</option><option value=\"warning\">warning</option>"
	      "<option value=\"note\">note</option></select></p>\n"
	      "<p><button type=\"button\" id=\"f-reset\">Clear</button></p>\n</div>\n"
	      "<p class=\"state\" id=\"f-state\" role=\"status\" hidden></p>\n",
	      h->out);
}

/* ---- the table ---- */

/* The worst that was found on the target, or what the verdict means.  */
static void put_why(struct mc_html *h, const struct mc_dist_verdict *v, const struct told *told)
{
	const struct mc_finding *f = NULL;

	for (size_t i = 0; i < told->count && !f; i++)
		if (!told->items[i]->is_against)
			f = told->items[i];
	if (!f || mc_rule_is_behaviour(f->rule) || (mc_verdict_is_good(v->verdict) && f->severity < MC_SEVERITY_ERROR)) {
		fputs(mc_html_verdict_words(v->verdict), h->out);
		return;
	}
	fprintf(h->out, "<span class=\"rule\">%s</span> ", mc_rule_info(f->rule)->code);
	if (f->subject.len) {
		mc_html_code(h, f->subject);
		fputs(": ", h->out);
	}
	mc_html_put(h, f->message);
}

static bool has_section(const struct mc_html *h, const struct mc_dist_verdict *v, const struct told *told)
{
	return told->count || v->gcompat_would_do || v->build || mc_html_has_graph(h, v) ||
	       mc_html_has_excused(v);
}

static enum mc_status put_row(struct mc_html *h, size_t i)
{
	const struct mc_dist_verdict *v = &h->survey->dists[i];
	struct told told;
	bool is_asked = h->survey->question == MC_QUESTION_REINSTALL;

	MC_TRY(gather(h, v, &told));
	fputs("<tr", h->out);
	put_data(h, v, &told);
	fprintf(h->out, "><td data-k=\"%d\">", MC_VERDICTS_COUNT - (int)v->verdict);
	mc_html_badge(h, v->verdict);
	if (v->is_excused)
		fputs(" <span class=\"soft\">excused</span>", h->out);
	fputs("</td><th scope=\"row\">", h->out);
	if (has_section(h, v, &told))
		fprintf(h->out, "<a href=\"#d%zu\">", i);
	if (v->dist->name.len)
		mc_html_put(h, v->dist->name);
	else
		mc_html_dist(h, v->dist);
	if (has_section(h, v, &told))
		fputs("</a>", h->out);
	fputs("</th><td class=\"version\">", h->out);
	mc_html_put(h, v->dist->version);
	fputs("</td><td>", h->out);
	put_why(h, v, &told);
	if (is_asked) {
		fputs("</td><td class=\"file\">", h->out);
		mc_html_put(h, v->choice);
	}
	fprintf(h->out, "</td><td class=\"num\">%zu</td></tr>\n", told.count);
	return MC_OK;
}

static enum mc_status put_table(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;

	fputs("<section id=\"dists\" aria-labelledby=\"h-dists\">\n<h2 id=\"h-dists\">Dists</h2>\n", h->out);
	put_filter(h);
	fprintf(h->out,
		"<table class=\"stack sortable%s\" id=\"t-dists\">\n<caption>%s</caption>\n<thead><tr>"
		"<th scope=\"col\">Verdict</th><th scope=\"col\">Dist</th><th scope=\"col\">Version</th>"
		"<th scope=\"col\">Why</th>%s<th scope=\"col\" class=\"num\">Findings</th></tr></thead>\n<tbody>\n",
		s->question == MC_QUESTION_REINSTALL ? " asked" : "", "Every dist with its verdict, worst first",
		s->question == MC_QUESTION_REINSTALL ? "<th scope=\"col\">pip would take</th>" : "");
	for (size_t i = 0; i < s->dists_count; i++) {
		struct mc_mark mark = mc_arena_mark(&h->arena);
		enum mc_status status = put_row(h, i);

		mc_arena_rewind(&h->arena, mark);
		MC_TRY(status);
	}
	fputs("</tbody>\n</table>\n<p class=\"more\" hidden><button type=\"button\" id=\"more\">Show more</button> "
	      "<button type=\"button\" id=\"more-all\">Show the rest</button></p>\n</section>\n",
	      h->out);
	return MC_OK;
}

/* ---- findings ---- */

/* Texts that were told: each is told once.  */
struct once {
	struct mc_arena *arena;
	struct mc_map seen;
};

/* Also true when memory runs out: rather left out than told without end.  */
static bool was_told(struct once *once, struct mc_str text, unsigned line)
{
	struct place {
		struct mc_str text;
		unsigned line;
	} *place;
	uint64_t hash = mc_hash_pair(mc_hash_text(text), line);

	for (size_t at = 0; (place = mc_map_next(&once->seen, hash, &at));)
		if (place->line == line && mc_str_is(place->text, text))
			return true;
	place = MC_TAKE(once->arena, struct place);
	if (!place || mc_map_add(once->arena, &once->seen, hash, place))
		return true;
	*place = (struct place){text, line};
	return false;
}

/* The subjects of those that say the same.  */
static void put_subjects(struct mc_html *h, const struct told *told, const struct mc_finding *first)
{
	struct once once = {.arena = &h->arena};
	size_t named = 0;

	for (size_t i = 0; i < told->count; i++) {
		const struct mc_finding *f = told->items[i];

		if (!mc_is_alike(first, f) || !f->subject.len || was_told(&once, f->subject, 0) || ++named > SUBJECTS_MAX)
			continue;
		fputs(named > 1 ? " " : "<p class=\"subjects\">", h->out);
		mc_html_code(h, f->subject);
	}
	if (named > SUBJECTS_MAX)
		fprintf(h->out, " and %zu more", named - SUBJECTS_MAX);
	if (named)
		fputs("</p>\n", h->out);
}

/* Files of the dist; where that lies stands above.  */
static void put_places(struct mc_html *h, const struct told *told, const struct mc_finding *first)
{
	struct once once = {.arena = &h->arena};
	size_t named = 0;

	for (size_t i = 0; i < told->count; i++) {
		const struct mc_finding *f = told->items[i];

		if (!f->path.len || !mc_is_alike(first, f) || was_told(&once, f->path, f->line) || ++named > FILES_MAX)
			continue;
		fputs(named > 1 ? "<br>" : "<p class=\"where\">", h->out);
		mc_html_code(h, f->path);
		if (f->line)
			fprintf(h->out, " line %u", f->line);
	}
	if (named > FILES_MAX)
		fprintf(h->out, " and %zu more", named - FILES_MAX);
	if (named)
		fputs("</p>\n", h->out);
}

static const char *proof_of(const struct mc_html *h, const struct mc_finding *f)
{
	const struct mc_proof *proof = h->survey->proof;

	return proof ? mc_proof_name(proof->kinds[f - h->survey->findings]) : "";
}

static void put_group(struct mc_html *h, const struct told *told, const struct mc_alike *alike)
{
	const struct mc_finding *f = alike->first;
	const struct mc_rule_info *rule = mc_rule_info(f->rule);
	const char *severity = mc_severity_name(f->severity), *name_class = mc_class_name(f->name_class);

	fprintf(h->out,
		"<li data-r=\"%s\" data-s=\"%s\">\n<p class=\"head\"><span class=\"sev s-%s\">%s</span> "
		"<span class=\"rule\">",
		rule->code, severity, severity, severity);
	mc_html_rule(h, rule);
	fputs("</span> <b>", h->out);
	mc_html_word(h, rule->title);
	fprintf(h->out, "</b> <span class=\"soft\">%s", mc_certainty_name(f->certainty));
	if (*name_class)
		fprintf(h->out, ", %s", name_class);
	if (*proof_of(h, f))
		fprintf(h->out, ", %s", proof_of(h, f));
	if (f->is_against) {
		fputs(", on ", h->out);
		mc_html_word(h, h->survey->against.name);
	}
	fputs("</span></p>\n", h->out);
	put_subjects(h, told, f);
	fputs("<p>", h->out);
	mc_html_put(h, f->message);
	fputs("</p>\n", h->out);
	if (f->fix.len) {
		fputs("<p class=\"fix\"><span class=\"unseen\">What to do: </span>", h->out);
		mc_html_put(h, f->fix);
		fputs("</p>\n", h->out);
	}
	put_places(h, told, f);
	fputs("</li>\n", h->out);
}

static enum mc_status put_groups(struct mc_html *h, const struct told *told)
{
	const struct mc_alike *groups;
	size_t count, left;

	MC_TRY(mc_group_alike(told->items, told->count, GROUPS_MAX, &h->arena, &groups, &count, &left));
	if (count)
		fputs("<ul class=\"list\">\n", h->out);
	for (size_t i = 0; i < count; i++)
		put_group(h, told, &groups[i]);
	if (count)
		fputs("</ul>\n", h->out);
	if (left)
		fprintf(h->out, "<p class=\"soft\">and %zu findings more, which <code>--format json</code> lists</p>\n", left);
	return MC_OK;
}

/* ---- sections ---- */

static void put_build(struct mc_html *h, const struct mc_sdist *build)
{
	fputs("<p>A build from source (a guess): ", h->out);
	mc_html_put(h, build->kinds_text);
	fputs(", by ", h->out);
	mc_html_code(h, build->backend);
	for (size_t i = 0; i < build->packages_count; i++) {
		fputs(i ? " " : "; <code>apk add</code> ", h->out);
		mc_html_code(h, build->packages[i].package);
	}
	fputs(".</p>\n", h->out);
}

static void put_about(struct mc_html *h, const struct mc_dist_verdict *v)
{
	fputs("<p class=\"about soft\">", h->out);
	fputs(mc_html_verdict_words(v->verdict), h->out);
	fprintf(h->out, " there, <b>%s</b> on ", mc_verdict_name(v->against));
	mc_html_word(h, h->survey->against.name);
	if (v->objects_count) {
		fputs("; ", h->out);
		mc_html_count(h, v->objects_count, "native file");
	}
	fputs("; ", h->out);
	mc_html_code(h, mc_dist_place(v->dist));
	fputs("</p>\n", h->out);
	if (v->choice.len) {
		fputs("<p>pip would take ", h->out);
		mc_html_code(h, v->choice);
		fputs(".</p>\n", h->out);
	}
	if (v->build)
		put_build(h, v->build);
	if (v->gcompat_would_do)
		fputs("<p>gcompat has what is missing here: with <code>apk add gcompat</code> and "
		      "<code>LD_PRELOAD=/lib/libgcompat.so.0</code> it may load. It changes no tag and no file name, and "
		      "is to try, not for production.</p>\n",
		      h->out);
}

/* The id is inside of what opens: a link to it opens it, in browsers that know how.  */
static enum mc_status put_section(struct mc_html *h, size_t i)
{
	const struct mc_dist_verdict *v = &h->survey->dists[i];
	bool is_open = i < OPEN_MAX && !h->is_batch && !mc_verdict_is_good(v->verdict);
	struct told told;

	MC_TRY(gather(h, v, &told));
	if (!has_section(h, v, &told))
		return MC_OK;
	fputs("<details class=\"dist\"", h->out);
	put_data(h, v, &told);
	fprintf(h->out, "%s>\n<summary><h3>", is_open ? " open" : "");
	mc_html_dist(h, v->dist);
	fputs("</h3> ", h->out);
	mc_html_badge(h, v->verdict);
	fputs(" <span class=\"soft\">", h->out);
	mc_html_count(h, told.count, "finding");
	if (v->is_excused)
		fputs(", excused", h->out);
	fprintf(h->out, "</span></summary>\n<div id=\"d%zu\" class=\"body\" tabindex=\"-1\">\n", i);
	put_about(h, v);
	MC_TRY(put_groups(h, &told));
	mc_html_excused(h, v);
	MC_TRY(mc_html_graph(h, v));
	fputs("</div>\n</details>\n", h->out);
	return MC_OK;
}

static enum mc_status put_sections(struct mc_html *h)
{
	fputs("<section id=\"findings\" aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\">Findings by dist</h2>\n"
	      "<p class=\"fold\" hidden><button type=\"button\" id=\"fold-open\">Open all</button> "
	      "<button type=\"button\" id=\"fold-close\">Close all</button></p>\n",
	      h->out);
	for (size_t i = 0; i < h->survey->dists_count; i++) {
		struct mc_mark mark = mc_arena_mark(&h->arena);
		enum mc_status status = put_section(h, i);

		mc_arena_rewind(&h->arena, mark);
		MC_TRY(status);
	}
	fputs("<p class=\"soft none\" hidden>Nothing to show of these dists.</p>\n</section>\n", h->out);
	return MC_OK;
}

enum mc_status mc_html_dists(struct mc_html *h)
{
	if (!h->survey->dists_count)
		return MC_OK;
	MC_TRY(put_table(h));
	return put_sections(h);
}
