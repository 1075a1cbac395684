/* SPDX-License-Identifier: MIT */
/*
 * A survey as Markdown: the summary of a job on GitHub, a comment, a page.  What comes from
 * files is set so that it makes no markup of its own (report_escape.h).
 */
#include "muslcheck/report.h"
#include "report_escape.h"
#include "report_parts.h"
#include "report_place.h"

enum {
	ROWS_MAX = 200, /* of a table: GitHub cuts a summary at 1 MiB */
	DIST_ROWS_MAX = 10,
	NAMES_MAX = 12,
};

struct page {
	const struct mc_survey *survey;
	FILE *out;
	bool show_all;
	struct mc_arena arena;
};

static void put(struct page *p, struct mc_str text)
{
	mc_put_markdown(p->out, text);
}

static void put_code(struct page *p, struct mc_str text)
{
	mc_put_markdown_code(p->out, text);
}

static void put_heading(struct page *p, const char *text)
{
	fprintf(p->out, "\n### %s\n\n", text);
}

/* ---- what was found ---- */

/* How much is excused stands on every page, and the waivers that are of no use any more.  */
static void put_excused(struct page *p)
{
	const struct mc_excuses *e = p->survey->excuses;
	struct mc_str waived = mc_waived_text(&p->arena, p->survey->excuses), known = mc_known_text(&p->arena, p->survey->excuses);

	if (!e)
		return;
	fputc('\n', p->out);
	put(p, waived);
	fputs(waived.len && known.len ? " " : "", p->out);
	put(p, known);
	fputc('\n', p->out);
	for (size_t i = 0; i < e->waivers_count; i++) {
		const struct mc_waiver *w = &e->waivers[i];

		if (!w->is_expired && w->uses && !p->show_all)
			continue;
		fprintf(p->out, "\n- %s, line %u: %s ", mc_waiver_state(w), w->line, mc_rule_info(w->rule)->code);
		if (w->dist.len) {
			put_code(p, w->dist);
			fputc(' ', p->out);
		}
		fputs("(until ", p->out);
		put(p, w->expires);
		fputs("): ", p->out);
		put(p, w->reason);
	}
	fputc('\n', p->out);
}

static void put_advice(struct page *p)
{
	const struct mc_survey *s = p->survey;

	/* What comes from files begins no line: it could be a list or a heading there.  */
	fprintf(p->out, "## muslcheck\n\n**%s**: ", mc_advice_name(s->advice));
	put(p, s->reason);
	fputs(".\n\n", p->out);
	if (s->question == MC_QUESTION_COPY) {
		fputs("Judged: these very files (copy).\n", p->out);
		return;
	}
	fputs("Judged: what pip would install there (reinstall), by ", p->out);
	put(p, s->asked.source);
	fputs(".\n", p->out);
}

/* `demo` 1.0 */
static void put_dist(struct page *p, const struct mc_dist *dist)
{
	if (!dist->name.len) {
		put(p, mc_dist_title(&p->arena, dist));
		return;
	}
	put_code(p, dist->name);
	if (dist->version.len) {
		fputc(' ', p->out);
		put(p, dist->version);
	}
}

/* "| MC101 | `subject`: why | `file:1` | what to do |" */
static void put_finding(struct page *p, const struct mc_alike *alike)
{
	const struct mc_finding *f = alike->first;
	struct mc_finding told = *f;
	struct mc_alike rest = {&told, 0};

	fprintf(p->out, "| %s | ", mc_rule_info(f->rule)->code);
	if (f->subject.len) {
		put_code(p, f->subject);
		if (alike->more)
			fprintf(p->out, " and %zu more", alike->more);
		fputs(": ", p->out);
	}
	told.subject = MC_STR("");
	put(p, mc_finding_text(&p->arena, p->survey, &rest));
	fputs(" | ", p->out);
	put_code(p, f->line ? mc_arena_printf(&p->arena, "%.*s:%u", MC_TEXT(mc_place_of(&p->arena, f)), f->line)
			    : mc_place_of(&p->arena, f));
	fputs(" | ", p->out);
	put(p, f->fix);
	fputs(" |\n", p->out);
}

/* About the other image only what does not run there either.  */
static bool is_row(const struct page *p, const struct mc_dist_verdict *v, const struct mc_finding *f)
{
	if (mc_rule_is_behaviour(f->rule) || !mc_is_told(p->survey, f) || (f->is_against && v->against < MC_VERDICT_BREAKS))
		return false;
	return f->severity > MC_SEVERITY_NOTE || p->show_all || mc_finding_stands(p->survey, f);
}

static enum mc_status put_rows(struct page *p, const struct mc_dist_verdict *v, size_t *rows)
{
	const struct mc_finding **items = MC_TAKE_ARRAY(&p->arena, const struct mc_finding *, v->findings_count + 1);
	const struct mc_alike *groups;
	size_t count = 0, groups_count, left;

	if (!items)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < v->findings_count; i++)
		if (is_row(p, v, v->findings[i]))
			items[count++] = v->findings[i];
	MC_TRY(mc_group_alike(items, count, DIST_ROWS_MAX, &p->arena, &groups, &groups_count, &left));
	for (size_t i = 0; i < groups_count; i++, ++*rows) {
		if (!*rows) {
			put_heading(p, p->survey->advice == MC_ADVICE_ALPINE ? "What to know" : "What stops it");
			fputs("| dist | verdict | rule | why | where | what to do |\n"
			      "| --- | --- | --- | --- | --- | --- |\n",
			      p->out);
		}
		fputs("| ", p->out);
		put_dist(p, v->dist);
		fprintf(p->out, " | %s ", mc_verdict_name(groups[i].first->is_against ? v->against : v->verdict));
		put_finding(p, &groups[i]);
	}
	if (left) {
		fputs("| ", p->out);
		put_dist(p, v->dist);
		fprintf(p->out, " | | | and %zu findings more | | |\n", left);
	}
	return MC_OK;
}

static enum mc_status put_findings(struct page *p)
{
	size_t rows = 0, i = 0;

	for (; i < p->survey->dists_count && rows < ROWS_MAX; i++) {
		struct mc_mark mark = mc_arena_mark(&p->arena);
		enum mc_status status = put_rows(p, &p->survey->dists[i], &rows);

		mc_arena_rewind(&p->arena, mark);
		MC_TRY(status);
	}
	if (i < p->survey->dists_count)
		fprintf(p->out, "\nThe other %zu dists are in `--format json`.\n", p->survey->dists_count - i);
	return MC_OK;
}

/* The dists that another wheel stands in for.  */
static void put_swaps(struct page *p)
{
	const struct mc_survey *s = p->survey;
	size_t named = 0;

	for (size_t i = 0; i < s->dists_count; i++) {
		if (s->dists[i].verdict != MC_VERDICT_SWAP || (named == NAMES_MAX && !p->show_all))
			continue;
		fputs(named++ ? ", " : "\nSwap (these files do not run there, a wheel of the same version does): ",
		      p->out);
		put_code(p, s->dists[i].dist->name);
	}
	if (s->counts[MC_VERDICT_SWAP] > named && named)
		fprintf(p->out, " and %zu more", s->counts[MC_VERDICT_SWAP] - named);
	if (named)
		fputs(".\n", p->out);
}

/* ---- what runs and behaves differently ---- */

static enum mc_status put_warnings(struct page *p, const struct mc_finding *const *told, size_t count)
{
	const struct mc_finding **items = MC_TAKE_ARRAY(&p->arena, const struct mc_finding *, count + 1);
	const struct mc_alike *groups;
	size_t items_count = 0, groups_count, left;

	if (!items)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		if (mc_rule_is_behaviour(told[i]->rule) && (told[i]->severity > MC_SEVERITY_NOTE || p->show_all))
			items[items_count++] = told[i];
	MC_TRY(mc_group_alike(items, items_count, ROWS_MAX, &p->arena, &groups, &groups_count, &left));
	if (!groups_count)
		return MC_OK;
	put_heading(p, "What runs there and behaves differently");
	fputs("| dist | rule | why | where | what to do |\n| --- | --- | --- | --- | --- |\n", p->out);
	for (size_t i = 0; i < groups_count; i++) {
		fputs("| ", p->out);
		put_dist(p, groups[i].first->dist);
		fputc(' ', p->out);
		put_finding(p, &groups[i]);
	}
	if (left)
		fprintf(p->out, "\nAnd %zu more in `--format json`.\n", left);
	return MC_OK;
}

/* Notes of one rule: what it is about, and the dists.  */
static void put_rule_notes(struct page *p, enum mc_rule rule, const struct mc_finding *const *told, size_t count)
{
	const struct mc_dist *last = NULL;
	size_t distinct = 0;

	for (size_t i = 0; i < count; i++) {
		if (told[i]->rule != rule || told[i]->severity != MC_SEVERITY_NOTE || told[i]->dist == last)
			continue;
		last = told[i]->dist;
		if (!distinct) {
			fprintf(p->out, "- %s ", mc_rule_info(rule)->code);
			put(p, mc_str_of(mc_rule_info(rule)->title));
			fputs(": ", p->out);
		}
		if (distinct++ >= NAMES_MAX)
			continue;
		fputs(distinct > 1 ? ", " : "", p->out);
		if (last->name.len)
			put_code(p, last->name);
		else
			put(p, mc_dist_title(&p->arena, last));
	}
	if (distinct > NAMES_MAX)
		fprintf(p->out, " and %zu more", distinct - NAMES_MAX);
	if (distinct)
		fputc('\n', p->out);
}

static enum mc_status put_behaviour(struct page *p)
{
	const struct mc_finding **told;
	size_t count, notes = 0;

	MC_TRY(mc_told_findings(p->survey, &p->arena, &told, &count));
	MC_TRY(put_warnings(p, told, count));
	for (size_t i = 0; i < count; i++)
		notes += mc_rule_is_behaviour(told[i]->rule) && told[i]->severity == MC_SEVERITY_NOTE;
	if (!notes || p->show_all)
		return MC_OK;
	put_heading(p, "To know about musl");
	for (int rule = 0; rule < MC_RULES_COUNT; rule++)
		if (mc_rule_is_behaviour((enum mc_rule)rule))
			put_rule_notes(p, (enum mc_rule)rule, told, count);
	return MC_OK;
}

/* ---- what to write ---- */

static void put_install(struct page *p)
{
	struct mc_install install;

	if (!mc_install_of(p->survey, &install))
		return;
	put_heading(p, install.is_alpine ? "What to write" : "What to write for slim");
	fprintf(p->out, "```dockerfile\nFROM %s\n", install.image->name);
	if (install.packages_count)
		fputs(install.is_alpine ? "RUN apk add --no-cache"
				: "RUN apt-get update && apt-get install -y --no-install-recommends",
		      p->out);
	for (size_t i = 0; i < install.packages_count; i++)
		fprintf(p->out, " \\\n    %s", install.packages[i].package);
	if (install.packages_count)
		fputc('\n', p->out);
	if (install.is_whole)
		fputs("RUN pip install --no-cache-dir -r requirements.txt\n", p->out);
	fputs("```\n", p->out);
}

static void put_dockerfile(struct page *p, const struct mc_docker_changes *changes)
{
	fputs("\n### ", p->out);
	put_code(p, mc_str_of(changes->path));
	fprintf(p->out, ": %s\n", changes->count ? "what to change" : "nothing to change");
	if (changes->count)
		fputs("\n| line | is | becomes | why |\n| --- | --- | --- | --- |\n", p->out);
	for (size_t i = 0; i < changes->count; i++) {
		const struct mc_docker_change *c = &changes->items[i];

		fprintf(p->out, "| %u | ", c->line);
		if (c->is.len)
			put_code(p, c->is);
		else
			fputs("(behind it)", p->out);
		fputs(" | ", p->out);
		if (c->becomes.len)
			put_code(p, c->becomes);
		fputs(" | ", p->out);
		put(p, c->why);
		fputs(" |\n", p->out);
	}
}

/* ---- sizes and counts ---- */

static void put_size(struct page *p, const char *image, const struct mc_size *size)
{
	fputs("| ", p->out);
	put_code(p, mc_str_of(image));
	fprintf(p->out, " | %s%.0f | %.1f | %.1f | %.0f |\n", size->is_image_near ? "~" : "",
		(double)size->image_kb / 1e3, (double)size->dists_nbytes / 1e6, (double)size->packages_kb / 1e3,
		(double)mc_size_total(size) / 1e6);
}

static void put_sizes(struct page *p)
{
	const struct mc_survey *s = p->survey;
	const struct mc_sizes *z = &s->sizes;
	double now = (double)mc_size_total(&z->against), then = (double)mc_size_total(&z->target);

	if (!mc_has_sizes(s))
		return;
	put_heading(p, "What it takes (unpacked, MB)");
	fputs("| image | itself | dists | packages | all |\n| --- | ---: | ---: | ---: | ---: |\n", p->out);
	put_size(p, s->against.name, &z->against);
	put_size(p, s->target.name, &z->target);
	if (now < then)
		fprintf(p->out, "\nAlpine would take %.0f MB more.", (then - now) / 1e6);
	else
		fprintf(p->out, "\nAlpine %s %.0f MB (%.0f %%).",
			s->advice == MC_ADVICE_ALPINE ? "saves" : "would save", (now - then) / 1e6,
			(now - then) * 100 / now);
	if (z->dists_unknown)
		fprintf(p->out, " In neither: %zu dist%s of unknown size.", z->dists_unknown,
			z->dists_unknown == 1 ? "" : "s");
	if (z->target.is_image_near || z->against.is_image_near)
		fputs(" ~: as measured of the nearest image.", p->out);
	fputc('\n', p->out);
}

static void put_counts(struct page *p)
{
	const struct mc_survey *s = p->survey;
	bool is_first = true;

	fprintf(p->out, "\n%zu dist%s", s->dists_count, s->dists_count == 1 ? "" : "s");
	for (int v = 0; v < MC_VERDICTS_COUNT; v++) {
		if (!s->counts[v])
			continue;
		fprintf(p->out, "%s %zu %s", is_first ? ":" : ",", s->counts[v], mc_verdict_name((enum mc_verdict)v));
		is_first = false;
	}
	fputs(".\n", p->out);
}

static enum mc_status put_page(struct page *p)
{
	put_advice(p);
	put_excused(p);
	MC_TRY(put_findings(p));
	put_swaps(p);
	put_install(p);
	for (size_t i = 0; i < p->survey->dockerfiles_count; i++)
		put_dockerfile(p, &p->survey->dockerfiles[i]);
	put_sizes(p);
	MC_TRY(put_behaviour(p));
	put_counts(p);
	return MC_OK;
}

static enum mc_status write_markdown(const struct mc_survey *survey, const struct mc_report_style *style,
				     FILE *out, struct mc_error *err)
{
	struct page page = {.survey = survey, .out = out, .show_all = style->show_all};
	enum mc_status status;

	mc_arena_init(&page.arena, NULL);
	status = put_page(&page);
	mc_arena_clear(&page.arena);
	return mc_report_end(out, status, err);
}

const struct mc_report_format mc_report_markdown = {"markdown", write_markdown};
