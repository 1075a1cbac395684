/* SPDX-License-Identifier: MIT */
#include "waivers.h"

#include "file.h"
#include "muslcheck/pep440.h"
#include "report_place.h"
#include "text.h"
#include "toml.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { WAIVERS_MAX = 10000, DATE_NBYTES = 10 };

#define FILE_NBYTES_MAX ((uint64_t)64 << 20)
#define BASELINE_HEAD "# muslcheck baseline 1"

struct mc_waivers {
	const char *path;
	struct mc_waiver *items;
	size_t count;
};

struct mc_baseline {
	const char *path;
	struct mc_map prints; /* struct mc_str */
	size_t count;
};

/* ---- reading a file of waivers ---- */

struct reading {
	struct mc_arena *arena;
	const char *path;
	struct mc_error *err;
};

static enum mc_status fail_at(const struct reading *r, unsigned line, const char *what, struct mc_str which)
{
	return mc_fail(r->err, MC_ERR_FORMAT, r->path, "line %u: %s%s%.*s", line, what, which.len ? " " : "",
		       which.len > 60 ? 60 : (int)which.len, which.ptr);
}

static bool is_date(struct mc_str text)
{
	static const char form[] = "dddd-dd-dd";

	if (text.len != DATE_NBYTES)
		return false;
	for (size_t i = 0; i < DATE_NBYTES; i++)
		if (form[i] == 'd' ? text.ptr[i] < '0' || text.ptr[i] > '9' : text.ptr[i] != form[i])
			return false;
	return true;
}

/* By code or name.  */
static bool find_rule(struct mc_str text, enum mc_rule *rule_out)
{
	for (int i = 0; i < MC_RULES_COUNT; i++) {
		const struct mc_rule_info *rule = mc_rule_info((enum mc_rule)i);

		if (!mc_str_is(text, mc_str_of(rule->code)) && !mc_str_is(text, mc_str_of(rule->name)))
			continue;
		*rule_out = (enum mc_rule)i;
		return true;
	}
	return false;
}

static enum mc_status take_key(const struct reading *r, const struct mc_toml *item, struct mc_waiver *waiver)
{
	struct {
		struct mc_str key, *field;
	} fields[] = {
		{MC_STR("rule"), &waiver->rule_text}, {MC_STR("dist"), &waiver->dist},
		{MC_STR("version"), &waiver->version}, {MC_STR("path"), &waiver->path},
		{MC_STR("subject"), &waiver->subject}, {MC_STR("reason"), &waiver->reason},
		{MC_STR("expires"), &waiver->expires},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (!mc_str_is(item->key, fields[i].key))
			continue;
		if ((item->type != MC_TOML_TEXT && item->type != MC_TOML_DATE) || !item->text.len)
			return fail_at(r, item->line, "not a text that says something:", item->key);
		*fields[i].field = item->text;
		return MC_OK;
	}
	return fail_at(r, item->line, "a waiver has no key", item->key);
}

static enum mc_status read_waiver(const struct reading *r, const struct mc_toml *table, struct mc_waiver *waiver)
{
	const struct mc_str none = MC_STR("");

	*waiver = (struct mc_waiver){.line = table->line, .rule_text = none, .dist = none, .version = none, .path = none,
				     .subject = none, .reason = none, .expires = none};
	if (table->type != MC_TOML_TABLE)
		return fail_at(r, table->line, "a waiver is a table: [[waiver]]", none);
	for (size_t i = 0; i < table->items_count; i++)
		MC_TRY(take_key(r, &table->items[i], waiver));
	if (!waiver->rule_text.len || !find_rule(waiver->rule_text, &waiver->rule))
		return fail_at(r, table->line, "a waiver of no rule that there is:", waiver->rule_text);
	if (waiver->rule == MC_RULE_UNREADABLE || waiver->rule == MC_RULE_NOT_ASKED)
		return fail_at(r, table->line, "what could not be judged cannot be waived:", waiver->rule_text);
	if (!waiver->reason.len)
		return fail_at(r, table->line, "a waiver without a reason:", waiver->rule_text);
	if (!is_date(waiver->expires))
		return fail_at(r, table->line, "a waiver without an expiry (expires = 2027-01-31):", waiver->rule_text);
	waiver->excuse = (struct mc_excuse){waiver->reason, waiver->expires};
	return MC_OK;
}

static enum mc_status read_settings(const struct reading *r, const struct mc_toml *root,
				    struct mc_waivers_settings *settings)
{
	struct {
		struct mc_str key, *field;
	} fields[] = {
		{MC_STR("target"), &settings->target},	     {MC_STR("against"), &settings->against},
		{MC_STR("python"), &settings->python},	     {MC_STR("index-url"), &settings->index_url},
		{MC_STR("fail-on"), &settings->fail_on},     {MC_STR("baseline"), &settings->baseline},
		{MC_STR("docs-url"), &settings->docs_url},
	};

	for (size_t i = 0; i < root->items_count; i++) {
		const struct mc_toml *item = &root->items[i];
		size_t n = 0;

		if (mc_str_is(item->key, MC_STR("waiver")))
			continue;
		while (n < sizeof(fields) / sizeof(*fields) && !mc_str_is(item->key, fields[n].key))
			n++;
		if (n == sizeof(fields) / sizeof(*fields))
			return fail_at(r, item->line, "no such setting:", item->key);
		if (item->type != MC_TOML_TEXT)
			return fail_at(r, item->line, "not a text:", item->key);
		*fields[n].field = item->text;
	}
	return MC_OK;
}

enum mc_status mc_waivers_read(struct mc_arena *arena, const char *path, struct mc_waivers **waivers_out,
			       struct mc_waivers_settings *settings_out, struct mc_error *err)
{
	const struct reading r = {arena, path, err};
	const struct mc_toml *root, *tool, *items;
	struct mc_waivers *waivers = MC_TAKE(arena, struct mc_waivers);
	struct mc_str text;
	size_t count;

	*settings_out = (struct mc_waivers_settings){{"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}};
	if (!waivers)
		return mc_no_memory(err);
	MC_TRY(mc_read_whole(arena, path, MC_TOML_NBYTES_MAX, &text, err));
	MC_TRY(mc_toml_read(arena, text, &root, err));
	tool = mc_toml_get(root, MC_STR("tool"));
	if (tool)
		root = mc_toml_get(tool, MC_STR("muslcheck"));
	if (!root)
		return mc_fail(err, MC_ERR_FORMAT, path, "it has no [tool.muslcheck]");
	MC_TRY(read_settings(&r, root, settings_out));
	items = mc_toml_items(root, MC_STR("waiver"), &count);
	if (count > WAIVERS_MAX)
		return mc_fail(err, MC_ERR_LIMIT, path, "more than %d waivers", WAIVERS_MAX);
	*waivers = (struct mc_waivers){path, MC_TAKE_ARRAY(arena, struct mc_waiver, count + 1), count};
	if (!waivers->items)
		return mc_no_memory(err);
	for (size_t i = 0; i < count; i++)
		MC_TRY(read_waiver(&r, &items[i], &waivers->items[i]));
	*waivers_out = waivers;
	return MC_OK;
}

bool mc_waivers_are_in(const char *path)
{
	struct mc_error none = MC_ERROR_INIT;
	const struct mc_toml *root = NULL, *tool;
	struct mc_arena arena;
	struct mc_str text;
	bool are_there;

	mc_arena_init(&arena, NULL);
	are_there = !mc_read_whole(&arena, path, MC_TOML_NBYTES_MAX, &text, &none) &&
		    !mc_toml_read(&arena, text, &root, &none) && (tool = mc_toml_get(root, MC_STR("tool"))) &&
		    mc_toml_get(tool, MC_STR("muslcheck"));
	mc_arena_clear(&arena);
	return are_there;
}

/* ---- baselines ---- */

static const struct mc_str *find_print(const struct mc_baseline *baseline, struct mc_str print)
{
	const struct mc_str *known;

	for (size_t at = 0; (known = mc_map_next(&baseline->prints, mc_hash_text(print), &at));)
		if (mc_str_is(*known, print))
			return known;
	return NULL;
}

enum mc_status mc_baseline_read(struct mc_arena *arena, const char *path, struct mc_baseline **baseline_out,
				struct mc_error *err)
{
	struct mc_baseline *baseline = MC_TAKE(arena, struct mc_baseline);
	struct mc_str text, line;

	if (!baseline)
		return mc_no_memory(err);
	MC_TRY(mc_read_whole(arena, path, FILE_NBYTES_MAX, &text, err));
	baseline->path = path;
	if (!mc_str_is(mc_str_cut(&text, '\n'), MC_STR(BASELINE_HEAD)))
		return mc_fail(err, MC_ERR_FORMAT, path, "no baseline: its first line is not '%s'", BASELINE_HEAD);
	while (text.len) {
		struct mc_str *print = MC_TAKE(arena, struct mc_str);

		line = mc_str_cut(&text, '\n');
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (!print)
			return mc_no_memory(err);
		*print = mc_str_cut(&line, '\t');
		if (print->len != MC_SHA256_HEX_NBYTES)
			return mc_fail(err, MC_ERR_FORMAT, path, "a line in it begins with no fingerprint");
		if (mc_map_add(arena, &baseline->prints, mc_hash_text(*print), print))
			return mc_no_memory(err);
		baseline->count++;
	}
	*baseline_out = baseline;
	return MC_OK;
}

/* Those about the target, and their fingerprints, one by one.  */
static enum mc_status print_all(const struct mc_survey *survey, struct mc_arena *arena,
				const struct mc_finding ***findings_out, const struct mc_fingerprint **prints_out,
				size_t *count_out)
{
	const struct mc_finding **findings =
		MC_TAKE_ARRAY(arena, const struct mc_finding *, survey->findings_count + 1);
	size_t count = 0;

	if (!findings)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < survey->findings_count; i++)
		if (!survey->findings[i].is_against)
			findings[count++] = &survey->findings[i];
	*findings_out = findings;
	*count_out = count;
	return mc_fingerprints(findings, count, arena, prints_out);
}

static int order_of_lines(const void *a, const void *b)
{
	return mc_str_compare(*(const struct mc_str *)a, *(const struct mc_str *)b);
}

enum mc_status mc_baseline_write(const struct mc_survey *survey, struct mc_arena *arena, FILE *out,
				 struct mc_error *err)
{
	const struct mc_fingerprint *prints;
	const struct mc_finding **findings;
	struct mc_str *lines;
	size_t count;

	if (print_all(survey, arena, &findings, &prints, &count))
		return mc_no_memory(err);
	lines = MC_TAKE_ARRAY(arena, struct mc_str, count + 1);
	for (size_t i = 0; lines && i < count; i++) {
		const struct mc_finding *f = findings[i];

		/* Behind the fingerprint stands what a person reads in a diff; it is not read again.  */
		lines[i] = mc_arena_printf(arena, "%s\t%s\t%.*s\t%.*s", prints[i].hex, mc_rule_info(f->rule)->code,
					   MC_TEXT(mc_text_safe(arena, f->dist->name)),
					   MC_TEXT(mc_text_safe(arena, f->subject)));
		if (!lines[i].len)
			return mc_no_memory(err);
	}
	if (!lines)
		return mc_no_memory(err);
	qsort(lines, count, sizeof(*lines), order_of_lines);
	fprintf(out, "%s\n", BASELINE_HEAD);
	for (size_t i = 0; i < count; i++)
		if (!i || !mc_str_is(lines[i - 1], lines[i]))
			fprintf(out, "%.*s\n", MC_TEXT(lines[i]));
	return fflush(out) || ferror(out) ? mc_fail(err, MC_ERR_IO, NULL, "cannot write the baseline") : MC_OK;
}

/* ---- excusing ---- */

/* A pattern of the shell's; the empty one takes all.  */
static bool matches(struct mc_arena *arena, struct mc_str pattern, struct mc_str text)
{
	struct mc_mark mark = mc_arena_mark(arena);
	struct mc_str copies[2];
	bool is_match = !pattern.len;

	if (!is_match && !mc_arena_copy(arena, pattern, &copies[0]) && !mc_arena_copy(arena, text, &copies[1]))
		is_match = !fnmatch(copies[0].ptr, copies[1].ptr, 0);
	mc_arena_rewind(arena, mark);
	return is_match;
}

static bool covers(struct mc_arena *arena, const struct mc_waiver *w, const struct mc_finding *f)
{
	return w->rule == f->rule && matches(arena, w->dist, f->dist->name) &&
	       (!w->version.len || mc_pep440_takes(w->version, f->dist->version, true)) &&
	       matches(arena, w->path, f->path) && matches(arena, w->subject, f->subject);
}

/* All that stands against the dist is excused, and nothing in it is unknown.  */
static void excuse_dist(struct mc_dist_verdict *v)
{
	size_t errors = 0, excused = 0;

	for (size_t i = 0; i < v->findings_count; i++) {
		const struct mc_finding *f = v->findings[i];

		if (f->is_against || f->severity != MC_SEVERITY_ERROR)
			continue;
		errors++;
		excused += f->excuse != NULL;
	}
	v->is_excused = !mc_verdict_is_good(v->verdict) && v->verdict != MC_VERDICT_UNKNOWN && errors &&
			errors == excused;
}

static void apply_waivers(struct mc_finding *findings, size_t count, struct mc_excuses *excuses,
			  struct mc_arena *arena)
{
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < excuses->waivers_count && !findings[i].is_against; n++) {
			struct mc_waiver *w = &excuses->waivers[n];

			if (findings[i].rule == MC_RULE_UNREADABLE || !covers(arena, w, &findings[i]))
				continue;
			w->uses++;
			if (!w->is_expired && !findings[i].excuse)
				findings[i].excuse = &w->excuse;
		}
}

static enum mc_status apply_baseline(const struct mc_survey *survey, struct mc_finding *findings,
				     const struct mc_baseline *baseline, struct mc_excuses *excuses,
				     struct mc_arena *arena)
{
	static const struct mc_excuse in_baseline = {{"in the baseline", 15}, {"", 0}};
	const struct mc_fingerprint *prints;
	const struct mc_finding **told;
	size_t count;

	MC_TRY(print_all(survey, arena, &told, &prints, &count));
	for (size_t i = 0; i < count; i++) {
		struct mc_finding *f = &findings[told[i] - survey->findings];

		if (f->excuse || f->rule == MC_RULE_UNREADABLE || f->rule == MC_RULE_NOT_ASKED ||
		    !find_print(baseline, mc_str_of(prints[i].hex)))
			continue;
		f->excuse = &in_baseline;
		excuses->baseline_findings++;
	}
	excuses->baseline = baseline->path;
	return MC_OK;
}

enum mc_status mc_excuse(const struct mc_survey *survey, const struct mc_waivers *waivers,
			 const struct mc_baseline *baseline, struct mc_str today, struct mc_arena *arena,
			 struct mc_survey *out, struct mc_error *err)
{
	struct mc_finding *findings = MC_TAKE_ARRAY(arena, struct mc_finding, survey->findings_count + 1);
	struct mc_dist_verdict *dists = MC_TAKE_ARRAY(arena, struct mc_dist_verdict, survey->dists_count + 1);
	const struct mc_judge_options options = {.fail_on = survey->fail_on, .fail_never = survey->fail_never};
	struct mc_excuses *excuses = MC_TAKE(arena, struct mc_excuses);

	if (!findings || !dists || !excuses)
		return mc_no_memory(err);
	if (survey->findings_count)
		memcpy(findings, survey->findings, survey->findings_count * sizeof(*findings));
	memcpy(dists, survey->dists, survey->dists_count * sizeof(*dists));
	if (waivers) {
		excuses->waivers = MC_TAKE_ARRAY(arena, struct mc_waiver, waivers->count + 1);
		if (!excuses->waivers)
			return mc_no_memory(err);
		memcpy(excuses->waivers, waivers->items, waivers->count * sizeof(*waivers->items));
		excuses->waivers_count = waivers->count;
		excuses->path = waivers->path;
		for (size_t i = 0; i < waivers->count; i++)
			excuses->waivers[i].is_expired = mc_str_compare(excuses->waivers[i].expires, today) < 0;
		apply_waivers(findings, survey->findings_count, excuses, arena);
	}
	if (baseline && apply_baseline(survey, findings, baseline, excuses, arena))
		return mc_no_memory(err);
	*out = *survey;
	out->excuses = excuses;
	MC_TRY(mc_survey_of(out, dists, survey->dists_count, findings, survey->findings_count, &options, arena, err));
	for (size_t i = 0; i < survey->dists_count; i++)
		excuse_dist(&dists[i]);
	mc_survey_advise(out, arena);
	return MC_OK;
}
