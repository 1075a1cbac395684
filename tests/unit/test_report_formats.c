/* SPDX-License-Identifier: MIT */
/* What the formats for other programs promise, whatever bytes the names are made of.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "muslcheck/report.h"
#include "report_escape.h"
#include "report_html.h"
#include "report_place.h"
#include "starve.h"

enum { DISTS = 6, FINDINGS = 30, CHANGES = 3, WAIVERS = 3, NEEDED = 3, ROUNDS = 400, TEXT_MAX = 400 };

static const struct mc_report_format *const formats[] = {
	&mc_report_text,   &mc_report_json,   &mc_report_sarif,	  &mc_report_junit,
	&mc_report_github, &mc_report_gitlab, &mc_report_markdown, &mc_report_html};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

/* ---- names that an enemy chose ---- */

#define PIECE(literal) {literal, sizeof(literal) - 1}

static const struct mc_str pieces[] = {
	PIECE("\x1b[31m"), PIECE("\x1b]0;title\x07"), PIECE("\n"), PIECE("\r\n"), PIECE("\n::set-output name=x::y"),
	PIECE("::error file=x::"), PIECE("##[add-path]/tmp"), PIECE("%0A"), PIECE("%0a::stop-commands::x"), PIECE("%"),
	PIECE("<script>alert(1)</script>"), PIECE("<img src=x onerror=y>"), PIECE("<!--"), PIECE("-->"), PIECE("&amp;"),
	PIECE("&#10;"), PIECE("|"), PIECE("\\|"), PIECE("\\"), PIECE("\n|a|b|\n|-|-|\n"), PIECE("`"), PIECE("```\n"),
	PIECE("~~~\n"), PIECE("[text](http://evil.example)"), PIECE("![i](//evil.example/x.png)"), PIECE("]("),
	PIECE("http://evil.example"), PIECE("www.evil.example"), PIECE("a@evil.example"), PIECE("@user"), PIECE("#12"),
	PIECE("**bold**"), PIECE("__init__"), PIECE("$x$"), PIECE("]]>"), PIECE("<![CDATA["), PIECE("<?xml?>"),
	PIECE("\""), PIECE("'"), PIECE("{0}"), PIECE("\xff"), PIECE("\xc0\xaf"), PIECE("\xed\xa0\x80"),
	PIECE("\xf4\x90\x80\x80"), PIECE("\xe2\x80\xae"), PIECE("\xe2\x80\x8b"), PIECE("\xe2\x81\xa6"),
	PIECE("\xe2\x80\xa8"), PIECE("\xef\xbf\xbe"), PIECE("\xef\xb7\x90"), PIECE("\xf3\xa0\x81\xa1"), PIECE("\xc2\x85"),
	PIECE("\0"), PIECE("\0hidden"), PIECE("\x7f"), PIECE("gr\xc3\xbc\xc3\x9f"), PIECE("a/b.so"), PIECE("!/"),
	PIECE(" "), PIECE(","), PIECE(":"), PIECE("- "), PIECE("# "), PIECE("1. "), PIECE("x"), PIECE("=1"), PIECE("../"),
};

static uint32_t dice;

static uint32_t roll(uint32_t sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % sides;
}

/* A survey with room for its names.  */
struct hostile {
	char room[DISTS * 5 + FINDINGS * (6 + NEEDED) + CHANGES * 3 + WAIVERS * 6 + 10][TEXT_MAX];
	size_t used;
	struct mc_dist dists[DISTS];
	struct mc_object objects[FINDINGS];
	struct mc_str needed[FINDINGS][NEEDED];
	struct mc_object_verdict object_verdicts[FINDINGS];
	struct mc_finding findings[FINDINGS];
	const struct mc_finding *sorted[FINDINGS];
	struct mc_dist_verdict verdicts[DISTS];
	struct mc_docker_change changes[CHANGES];
	struct mc_docker_changes dockerfile;
	struct mc_waiver waivers[WAIVERS];
	struct mc_excuses excuses;
	struct mc_survey survey;
};

static struct mc_str name(struct hostile *h)
{
	char *text = h->room[h->used++];
	size_t len = 0, count = roll(6);

	assert_true(h->used <= sizeof(h->room) / sizeof(*h->room));
	for (size_t i = 0; i < count; i++) {
		struct mc_str piece = pieces[roll(sizeof(pieces) / sizeof(*pieces))];

		memcpy(text + len, piece.ptr, piece.len);
		len += piece.len;
	}
	text[len] = '\0';
	return (struct mc_str){text, len};
}

/* A native file that needs other ones, and libraries of elsewhere.  */
static void make_object(struct hostile *h, size_t i, const struct mc_dist *dist)
{
	struct mc_object *object = &h->objects[i];

	object->dist = dist;
	object->index = i;
	object->path = name(h);
	object->elf.soname = name(h);
	object->elf.needed = h->needed[i];
	object->elf.needed_count = roll(NEEDED + 1);
	for (size_t n = 0; n < NEEDED; n++)
		h->needed[i][n] = roll(2) ? name(h) : h->objects[roll((uint32_t)i + 1)].elf.soname;
	h->object_verdicts[i].object = object;
}

static void make_finding(struct hostile *h, size_t i)
{
	struct mc_dist *dist = &h->dists[i * DISTS / FINDINGS];
	struct mc_finding *f = &h->findings[i];

	make_object(h, i, roll(3) ? dist : &h->dists[0]);
	*f = (struct mc_finding){
		.rule = (enum mc_rule)roll(MC_RULES_COUNT),
		.severity = (enum mc_severity)roll(3),
		.certainty = (enum mc_certainty)roll(3),
		.is_against = !roll(4),
		.dist = dist,
		.object = roll(3) ? &h->objects[i] : NULL,
		.path = name(h),
		.line = roll(2) ? roll(1000) : 0,
		.subject = roll(3) ? name(h) : h->needed[i][0],
		.message = name(h),
		.fix = name(h),
		.name_class = (enum mc_class)roll(5),
	};
	h->sorted[i] = f;
}

static void make_dist(struct hostile *h, size_t i)
{
	enum { EACH = FINDINGS / DISTS };
	struct mc_dist *dist = &h->dists[i];

	*dist = (struct mc_dist){.kind = (enum mc_dist_kind)roll(4), .version = name(h), .path = name(h), .root = name(h)};
	dist->name = dist->kind == MC_DIST_LOOSE ? MC_STR("") : name(h);
	h->verdicts[i] = (struct mc_dist_verdict){
		.dist = dist,
		.verdict = (enum mc_verdict)roll(MC_VERDICTS_COUNT),
		.against = (enum mc_verdict)roll(MC_VERDICTS_COUNT),
		.findings = &h->sorted[i * EACH],
		.findings_count = EACH,
		.choice = roll(2) ? name(h) : MC_STR(""),
	};
	h->survey.counts[h->verdicts[i].verdict]++;
}

static void make_changes(struct hostile *h)
{
	for (size_t i = 0; i < CHANGES; i++)
		h->changes[i] = (struct mc_docker_change){
			.line = roll(50), .is = name(h), .becomes = name(h), .why = name(h)};
	h->dockerfile = (struct mc_docker_changes){.path = name(h).ptr, .items = h->changes, .count = CHANGES};
}

/* Waivers with names in each of their parts, some of them used, and a baseline.  */
static void make_excuses(struct hostile *h)
{
	for (size_t i = 0; i < WAIVERS; i++)
		h->waivers[i] = (struct mc_waiver){
			.line = roll(50), .rule = (enum mc_rule)roll(MC_RULES_COUNT), .dist = name(h), .version = name(h),
			.path = name(h), .subject = name(h), .reason = name(h), .expires = name(h),
			.is_expired = !roll(3), .uses = roll(3)};
	for (size_t i = 0; i < WAIVERS; i++)
		h->waivers[i].excuse = (struct mc_excuse){h->waivers[i].reason, h->waivers[i].expires};
	h->excuses = (struct mc_excuses){.path = name(h).ptr, .waivers = h->waivers, .waivers_count = WAIVERS,
					 .baseline = roll(2) ? name(h).ptr : NULL};
	h->survey.excuses = &h->excuses;
	for (size_t i = 0; i < FINDINGS; i++)
		if (!roll(4))
			h->findings[i].excuse = &h->waivers[roll(WAIVERS)].excuse;
	for (size_t i = 0; i < DISTS; i++)
		h->verdicts[i].is_excused = !roll(3);
}

static void make_survey(struct hostile *h, uint32_t seed)
{
	memset(h, 0, sizeof(*h));
	dice = seed;
	for (size_t i = 0; i < FINDINGS; i++)
		make_finding(h, i);
	for (size_t i = 0; i < DISTS; i++)
		make_dist(h, i);
	make_changes(h);
	if (roll(2))
		make_excuses(h);
	h->survey.target = mc_target_default(12, MC_LIBC_MUSL);
	h->survey.against = mc_target_default(12, MC_LIBC_GLIBC);
	h->survey.question = (enum mc_question)roll(2);
	h->survey.advice = (enum mc_advice)roll(2);
	h->survey.asked.source = name(h);
	h->survey.reason = name(h);
	h->survey.dists = h->verdicts;
	h->survey.dists_count = DISTS;
	h->survey.findings = h->findings;
	h->survey.findings_count = FINDINGS;
	h->survey.objects = h->object_verdicts;
	h->survey.objects_count = FINDINGS;
	h->survey.dockerfiles = &h->dockerfile;
	h->survey.dockerfiles_count = roll(2);
	h->survey.fail_on = (enum mc_severity)roll(3);
	h->survey.sizes = (struct mc_sizes){.target = {.image_kb = 50000}, .against = {.image_kb = 120000}};
}

/* ---- writing into memory ---- */

static char *written(const struct mc_report_format *format, const struct mc_survey *survey, bool show_all)
{
	struct mc_report_style style = {.show_all = show_all, .is_batch = show_all, .columns = 80};
	struct mc_error err = MC_ERROR_INIT;
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	assert_non_null(out);
	assert_int_equal(format->write(survey, &style, out, &err), MC_OK);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), nbytes); /* no NUL came through */
	return text;
}

/* UTF-8 without a control byte but line ends, and nothing that turns or hides text.  */
static void assert_is_harmless(const char *text)
{
	json_t *value = json_string(text); /* jansson takes valid UTF-8 alone */
	static const char *const marks[] = {"\xe2\x80\xae",	 "\xe2\x80\x8b", "\xe2\x81\xa6",     "\xe2\x80\xa8",
					    "\xef\xbf\xbe", "\xef\xb7\x90", "\xf3\xa0\x81\xa1", "\xc2\x85"};

	assert_non_null(value);
	json_decref(value);
	for (const char *p = text; *p; p++)
		assert_true(((unsigned char)*p >= 0x20 && *p != 0x7f) || *p == '\n');
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		assert_null(strstr(text, marks[i]));
}

/* ---- JSON ---- */

static void assert_strings_are_harmless(const json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(value)) {
		assert_null(strchr(json_string_value(value), '\n'));
		assert_is_harmless(json_string_value(value));
	}
	json_array_foreach(value, i, item)
		assert_strings_are_harmless(item);
	json_object_foreach((json_t *)(uintptr_t)value, key, item)
		assert_strings_are_harmless(item);
}

static json_t *parsed(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("line %d: %s", error.line, error.text);
	assert_strings_are_harmless(value);
	return value;
}

static const char *text_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_string(value));
	return json_string_value(value);
}

/* ---- SARIF: the rules of its schema for what is used of it ---- */

static void assert_keys(const json_t *object, const char *allowed)
{
	const char *key;
	json_t *value;

	assert_true(json_is_object(object));
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		char word[64];

		snprintf(word, sizeof(word), " %s ", key);
		if (!strstr(allowed, word))
			fail_msg("%s is none of%s", key, allowed);
	}
}

static void assert_message(const json_t *message)
{
	assert_keys(message, " text ");
	assert_null(strstr(text_at(message, "text"), "]("));
}

static void assert_level(const json_t *object, const char *key)
{
	const char *level = text_at(object, key);

	assert_true(!strcmp(level, "error") || !strcmp(level, "warning") || !strcmp(level, "note"));
}

static void assert_rule(const json_t *rule)
{
	assert_keys(rule, " id name shortDescription fullDescription help defaultConfiguration ");
	text_at(rule, "id");
	text_at(rule, "name");
	assert_message(json_object_get(rule, "shortDescription"));
	assert_message(json_object_get(rule, "fullDescription"));
	assert_message(json_object_get(rule, "help"));
	assert_keys(json_object_get(rule, "defaultConfiguration"), " level ");
	assert_level(json_object_get(rule, "defaultConfiguration"), "level");
}

/* RFC 3986: what needs no escape, and escapes that are whole.  */
static void assert_uri(const char *uri)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/!";

	if (!strncmp(uri, "file://", 7))
		uri += 7;
	for (; *uri; uri++) {
		if (strchr(plain, *uri))
			continue;
		assert_int_equal(*uri, '%');
		assert_int_equal(strspn(uri + 1, "0123456789ABCDEF") >= 2, 1);
		uri += 2;
	}
}

static void assert_location(const json_t *location)
{
	const json_t *physical = json_object_get(location, "physicalLocation");
	const json_t *region = json_object_get(physical, "region");

	assert_keys(location, " physicalLocation logicalLocations ");
	assert_keys(physical, " artifactLocation region ");
	assert_keys(json_object_get(physical, "artifactLocation"), " uri ");
	assert_uri(text_at(json_object_get(physical, "artifactLocation"), "uri"));
	assert_keys(region, " startLine ");
	assert_true(json_integer_value(json_object_get(region, "startLine")) >= 1);
	assert_keys(json_array_get(json_object_get(location, "logicalLocations"), 0), " fullyQualifiedName kind ");
}

static void assert_result(const json_t *result, const json_t *rules)
{
	const json_t *index = json_object_get(result, "ruleIndex");
	const json_t *rule = json_array_get(rules, (size_t)json_integer_value(index));
	const json_t *locations = json_object_get(result, "locations");

	assert_keys(result, " ruleId ruleIndex level message locations partialFingerprints properties ");
	assert_true(json_is_integer(index));
	assert_string_equal(text_at(result, "ruleId"), text_at(rule, "id"));
	assert_level(result, "level");
	assert_message(json_object_get(result, "message"));
	assert_int_equal(json_array_size(locations), 1);
	assert_location(json_array_get(locations, 0));
	assert_int_equal(strlen(text_at(json_object_get(result, "partialFingerprints"), "muslcheck/v1")), 64);
}

static void assert_sarif(const char *text, const struct mc_survey *survey)
{
	json_t *log = parsed(text), *item;
	const json_t *run = json_array_get(json_object_get(log, "runs"), 0);
	const json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
	const json_t *rules = json_object_get(driver, "rules"), *results = json_object_get(run, "results");
	size_t i, told = 0;

	assert_keys(log, " $schema version runs ");
	assert_string_equal(text_at(log, "version"), "2.1.0");
	assert_keys(run, " tool invocations properties results ");
	assert_keys(driver, " name version rules ");
	item = json_array_get(json_object_get(run, "invocations"), 0);
	assert_true(json_is_true(json_object_get(item, "executionSuccessful")));
	json_array_foreach(rules, i, item)
		assert_rule(item);
	json_array_foreach(results, i, item)
		assert_result(item, rules);
	for (i = 0; i < survey->findings_count; i++)
		told += mc_is_told(survey, &survey->findings[i]);
	assert_int_equal(json_array_size(results), told);
	json_decref(log);
}

/* ---- GitLab ---- */

static int order_of_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void assert_gitlab(const char *text)
{
	json_t *issues = parsed(text), *issue;
	const char *prints[FINDINGS];
	size_t i;

	assert_true(json_is_array(issues) && json_array_size(issues) <= FINDINGS);
	json_array_foreach(issues, i, issue)
	{
		const json_t *location = json_object_get(issue, "location");

		assert_keys(issue, " description check_name fingerprint severity location ");
		assert_non_null(strstr(" info minor major critical blocker ", text_at(issue, "severity")));
		text_at(issue, "description");
		text_at(location, "path");
		assert_true(json_integer_value(json_object_get(json_object_get(location, "lines"), "begin")) >= 1);
		prints[i] = text_at(issue, "fingerprint");
	}
	qsort(prints, i, sizeof(*prints), order_of_texts);
	while (i-- > 1)
		assert_string_not_equal(prints[i], prints[i - 1]);
	json_decref(issues);
}

/* ---- XML: well-formed, and no element or attribute but ours ---- */

static size_t reference_nbytes(const char *p)
{
	static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#58;"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(p, names[i], strlen(names[i])))
			return strlen(names[i]);
	fail_msg("no reference: %.20s", p);
	return 0;
}

/* Character data up to one of 'ends'.  */
static const char *skip_data(const char *p, const char *ends)
{
	while (!strchr(ends, *p)) {
		assert_int_not_equal(*p, '<');
		assert_int_not_equal(strncmp(p, "]]>", 3), 0);
		p += *p == '&' ? reference_nbytes(p) : 1;
	}
	assert_int_not_equal(*p, '\0');
	return p;
}

static const char *skip_word(const char *p, const char *among, char *word, size_t room)
{
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz-");
	char wanted[40];

	assert_true(n && n < room);
	memcpy(word, p, n);
	word[n] = '\0';
	snprintf(wanted, sizeof(wanted), " %s ", word);
	assert_non_null(strstr(among, wanted));
	return p + n;
}

static void assert_junit(const char *text, const struct mc_survey *survey)
{
	static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
	char open[8][24], word[24];
	size_t depth = 0, cases = 0, roots = 0;
	const char *p = text;

	assert_int_equal(strncmp(p, declaration, sizeof(declaration) - 1), 0);
	for (p += sizeof(declaration) - 1; *p;) {
		if (!depth) {
			assert_true(*p == '<' || *p == '\n');
			if (*p == '\n' && p++)
				continue;
		}
		p = skip_data(p, "<") + 1;
		if (*p == '/') {
			p = skip_word(p + 1, " testsuites testsuite properties property testcase failure error skipped system-out ",
				      word, sizeof(word));
			assert_int_equal(*p++, '>');
			assert_true(depth);
			assert_string_equal(open[--depth], word);
			continue;
		}
		p = skip_word(p, " testsuites testsuite properties property testcase failure error skipped system-out ", word,
			      sizeof(word));
		cases += !strcmp(word, "testcase");
		roots += !depth;
		assert_true(depth < 8);
		strcpy(open[depth++], word);
		while (*p == ' ') {
			p = skip_word(p + 1, " name tests failures errors skipped time value classname file type message ", word,
				      sizeof(word));
			assert_int_equal(strncmp(p, "=\"", 2), 0);
			p = skip_data(p + 2, "\"") + 1;
		}
		if (*p == '/' && p++)
			depth--;
		assert_int_equal(*p++, '>');
	}
	assert_int_equal(depth, 0);
	assert_int_equal(roots, 1);
	assert_int_equal(cases, survey->dists_count);
}

/* ---- GitHub ---- */

/* Up to 'end', with no escape but those that GitHub undoes.  */
static const char *skip_escaped(const char *p, const char *escapes, const char *ends)
{
	for (; !strchr(ends, *p); p++) {
		char escape[5] = " ";

		if (*p != '%')
			continue;
		snprintf(escape + 1, 4, "%.2s ", p + 1);
		assert_non_null(strstr(escapes, escape));
	}
	return p;
}

static void assert_github(const char *text)
{
	static const char *const commands[] = {"::error ", "::warning ", "::notice "};
	size_t counts[3] = {0};

	for (const char *p = text; *p; p++) {
		size_t kind = 0;

		while (kind < 3 && strncmp(p, commands[kind], strlen(commands[kind])))
			kind++;
		assert_true(kind < 3);
		assert_true(++counts[kind] <= 10);
		p += strlen(commands[kind]);
		assert_int_equal(strncmp(p, "title=muslcheck ", 16), 0);
		p = skip_escaped(p + 16, " 25 0A 0D 3A 2C ", ":,\n");
		if (!strncmp(p, ",file=", 6)) {
			p = skip_escaped(p + 6, " 25 0A 0D 3A 2C ", ":,\n");
			assert_int_equal(strncmp(p, ",line=", 6), 0);
			p += 6 + strspn(p + 6, "0123456789");
		}
		assert_int_equal(strncmp(p, "::", 2), 0);
		p = skip_escaped(p + 2, " 25 0A 0D ", "\n");
		assert_int_equal(*p, '\n');
	}
	assert_true(counts[2] >= 1);
}

/* ---- Markdown ---- */

/* A code span of ours holds nothing that could end it or the cell.  */
static const char *skip_code(const char *p)
{
	const char *end = strchr(p + 1, '`');

	assert_non_null(end);
	for (p++; p < end; p++)
		assert_null(strchr("\n|<>&\\[]*", *p));
	return end + 1;
}

/* One mark of a text, with what makes it text; the number of bytes.  */
static size_t mark_nbytes(const char *p)
{
	static const char *const ours[] = {"&amp;", "&lt;", "&gt;", "&#124;", "&#96;", "&#91;", "&#93;", "&#33;",
					   "&#36;", "&#126;", "&#92;", "\\*", "\\_", "@<!-- -->", "#<!-- -->",
					   "&#58;<!-- -->", "&#46;<!-- -->", "<code>", "</code>", "**alpine**", "**slim**"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strncmp(p, ours[i], strlen(ours[i])))
			return strlen(ours[i]);
	fail_msg("markup: %.30s", p);
	return 0;
}

/* What of a line is not code: no markup but ours, and the cells that it should have.  */
static bool is_waiver_line(const char *p)
{
	return !strncmp(p, "- expired, line ", 16) || !strncmp(p, "- unused, line ", 15) || !strncmp(p, "- used, line ", 13);
}

static void assert_markdown_line(const char *p, size_t *cells)
{
	bool is_row = *p == '|';
	size_t bars = 0;

	/* Only ours begins a line.  */
	if (!strncmp(p, "### ", 4) || !strncmp(p, "## muslcheck\n", 13))
		p += strspn(p, "#");
	else
		assert_true(*p == '\n' || *p == '|' || !strncmp(p, "**", 2) || !strncmp(p, "- MC4", 5) ||
			    is_waiver_line(p) ||
			    strchr("JSTAWK0123456789", *p));
	while (*p != '\n') {
		if (*p == '`') {
			p = skip_code(p);
			continue;
		}
		assert_int_not_equal(strncmp(p, "://", 3), 0);
		assert_int_not_equal(strncmp(p, "www.", 4), 0);
		bars += *p == '|';
		p += *p && strchr("&<>[]!$~*_\\@#", *p) ? mark_nbytes(p) : 1;
	}
	if (!is_row)
		assert_int_equal(bars, 0);
	else if (*cells)
		assert_int_equal(bars, *cells);
	*cells = bars;
}

static void assert_markdown(const char *text)
{
	bool is_fenced = false;
	size_t cells = 0;

	for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
		assert_non_null(strchr(p, '\n'));
		if (!strncmp(p, "```", 3)) {
			assert_true(!strncmp(p, "```dockerfile\n", 14) || (is_fenced && !strncmp(p, "```\n", 4)));
			is_fenced = !is_fenced;
		} else if (!is_fenced) {
			assert_markdown_line(p, &cells);
		}
	}
	assert_false(is_fenced);
}

/* ---- HTML: elements and attributes of ours alone, each closed, and no way out of the page ---- */

static const char *skip_name(const char *p, const char *among, char *word, size_t room)
{
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
	char wanted[40];

	assert_true(n && n < room);
	memcpy(word, p, n);
	word[n] = '\0';
	snprintf(wanted, sizeof(wanted), " %s ", word);
	if (!strstr(among, wanted))
		fail_msg("%s is none of%s", word, among);
	return p + n;
}

static const char *skip_lines(const char *p, const char *const *lines)
{
	for (; *lines; lines++) {
		assert_int_equal(strncmp(p, *lines, strlen(*lines)), 0);
		p += strlen(*lines);
	}
	return p;
}

/* What stands between the quotes of an attribute of that name.  */
static void assert_attribute(const char *word, const char *value, const char *end)
{
	size_t plain = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ .");

	/* A link stays in the page.  */
	if (!strcmp(word, "href"))
		assert_true(*value == '#' || !strncmp(value, "data:,\"", 7));
	/* Words of ours, of which no name is one.  */
	if (!strcmp(word, "id") || !strcmp(word, "class") || !strcmp(word, "for") || !strncmp(word, "data-", 5) ||
	    !strcmp(word, "role") || !strcmp(word, "type"))
		assert_true(value + plain == end);
}

static const char *skip_attributes(const char *p)
{
	static const char names[] =
		" lang charset http-equiv content name rel href class id aria-label aria-labelledby aria-hidden tabindex "
		"scope role for value type autocomplete spellcheck hidden open data-v data-r data-s data-k data-f x y width height rx "
		"d viewBox preserveAspectRatio ";
	char word[24];

	while (*p == ' ') {
		const char *value;

		p = skip_name(p + 1, names, word, sizeof(word));
		if (*p != '=') {
			assert_true(!strcmp(word, "hidden") || !strcmp(word, "open"));
			continue;
		}
		assert_int_equal(p[1], '"');
		value = p + 2;
		p = skip_data(value, "\"");
		assert_attribute(word, value, p);
		p++;
	}
	return p;
}

static const char html_elements[] =
	" html head meta link title style body a header nav main section footer div p span b h1 h2 h3 ul li dl dt dd br code "
	"pre button svg rect g text path figure figcaption table caption thead tbody tr th td details summary label input "
	"select option script ";

static bool is_void(const char *word)
{
	return !strcmp(word, "meta") || !strcmp(word, "link") || !strcmp(word, "br") || !strcmp(word, "input");
}

static void assert_html(const char *text, const struct mc_survey *survey)
{
	static const char doctype[] = "<!DOCTYPE html>\n";
	char open[24][16], word[16];
	size_t depth = 0, scripts = 0, styles = 0, rows = 0;
	const char *p = text;

	assert_int_equal(strncmp(p, doctype, sizeof(doctype) - 1), 0);
	for (p += sizeof(doctype) - 1; depth || *p != '\n';) {
		p = skip_data(p, "<") + 1;
		if (*p == '/') {
			p = skip_name(p + 1, html_elements, word, sizeof(word));
			assert_int_equal(*p++, '>');
			assert_true(depth);
			assert_string_equal(open[--depth], word);
			continue;
		}
		p = skip_name(p, html_elements, word, sizeof(word));
		p = skip_attributes(p);
		rows += !strcmp(word, "tr") && !strncmp(p - 1, "\"", 1);
		if (*p == '/') {
			p++; /* of SVG */
		} else if (!is_void(word)) {
			assert_true(depth < 24);
			strcpy(open[depth++], word);
		}
		assert_int_equal(*p++, '>');
		if (!strcmp(word, "style") && ++styles)
			p = skip_lines(p, mc_html_style);
		if (!strcmp(word, "script") && ++scripts)
			p = skip_lines(p, mc_html_script);
	}
	assert_int_equal(p[1], '\0');
	assert_int_equal(scripts, 1);
	assert_int_equal(styles, 1);
	assert_int_equal(rows, survey->dists_count);
	assert_non_null(strstr(text, "\"default-src &apos;none&apos;; style-src &apos;sha256-"));
}

/* ---- the property ---- */

static void assert_format(const struct mc_report_format *format, const struct mc_survey *survey, bool show_all)
{
	char *text = written(format, survey, show_all);

	assert_is_harmless(text);
	if (format == &mc_report_json)
		json_decref(parsed(text));
	if (format == &mc_report_sarif)
		assert_sarif(text, survey);
	if (format == &mc_report_gitlab)
		assert_gitlab(text);
	if (format == &mc_report_junit)
		assert_junit(text, survey);
	if (format == &mc_report_github)
		assert_github(text);
	if (format == &mc_report_markdown)
		assert_markdown(text);
	if (format == &mc_report_html)
		assert_html(text, survey);
	free(text);
}

static void hostile_names_are_names_in_every_format(void **state)
{
	static struct hostile h;

	(void)state;
	for (uint32_t seed = 1; seed <= ROUNDS; seed++) {
		make_survey(&h, seed);
		for (size_t i = 0; i < FORMATS; i++)
			assert_format(formats[i], &h.survey, seed % 2);
	}
}

/* Each piece alone, in every place at once: chance leaves none out.  */
static void each_hostile_piece_is_a_name_in_every_format(void **state)
{
	static struct hostile h;

	(void)state;
	for (size_t n = 0; n < sizeof(pieces) / sizeof(*pieces); n++) {
		make_survey(&h, 7);
		for (size_t i = 0; i < FINDINGS; i++) {
			h.findings[i].path = h.findings[i].subject = h.findings[i].message = h.findings[i].fix = pieces[n];
			h.findings[i].object = &h.objects[i];
			h.objects[i].dist = h.findings[i].dist;
			h.objects[i].path = h.objects[i].elf.soname = pieces[n];
			for (size_t k = 0; k < NEEDED; k++)
				h.needed[i][k] = pieces[n];
		}
		for (size_t i = 0; i < DISTS; i++)
			h.verdicts[i].choice = i % 2 ? pieces[n] : MC_STR("");
		for (size_t i = 0; i < DISTS; i++)
			h.dists[i].name = h.dists[i].version = h.dists[i].path = h.dists[i].root = pieces[n];
		h.survey.reason = h.survey.asked.source = pieces[n];
		for (size_t i = 0; i < FORMATS; i++)
			assert_format(formats[i], &h.survey, true);
	}
}

/* ---- a survey of one dist ---- */

static const struct mc_dist wheel = {
	.kind = MC_DIST_WHEEL, .name = PIECE("demo"), .version = PIECE("1.0"), .path = PIECE("./w/demo-1.0.whl")};
static const struct mc_dist other_wheel = {
	.kind = MC_DIST_WHEEL, .name = PIECE("demo"), .version = PIECE("2.0"), .path = PIECE("/elsewhere/demo-2.0.whl")};
static const struct mc_object member = {.dist = &wheel}, other_member = {.dist = &other_wheel};

static struct mc_finding finding_of(const struct mc_dist *dist, const struct mc_object *object)
{
	return (struct mc_finding){.rule = MC_RULE_SYMBOL,
				   .severity = MC_SEVERITY_ERROR,
				   .dist = dist,
				   .object = object,
				   .path = MC_STR("demo/x y.so"),
				   .subject = MC_STR("gone"),
				   .message = MC_STR("nobody has it")};
}

static struct mc_survey survey_of(const struct mc_finding *findings, size_t count)
{
	return (struct mc_survey){.target = mc_target_default(12, MC_LIBC_MUSL),
				  .against = mc_target_default(12, MC_LIBC_GLIBC),
				  .advice = MC_ADVICE_SLIM,
				  .reason = MC_STR("it would not run"),
				  .fail_on = MC_SEVERITY_ERROR,
				  .findings = findings,
				  .findings_count = count};
}

/* ---- places ---- */

static void assert_place(const struct mc_finding *f, const char *wanted, unsigned line)
{
	struct mc_arena arena;
	struct mc_str place;

	mc_arena_init(&arena, NULL);
	place = mc_place_of(&arena, f);
	assert_int_equal(place.len, strlen(wanted));
	assert_memory_equal(place.ptr, wanted, place.len);
	assert_int_equal(mc_line_of(f), line);
	mc_arena_clear(&arena);
}

static void a_place_is_a_path_as_it_was_opened(void **state)
{
	static const struct mc_dist installed = {.kind = MC_DIST_INSTALLED,
						 .name = PIECE("demo"),
						 .path = PIECE("./venv//site/demo-1.0.dist-info"),
						 .root = PIECE("./venv//")};
	static const struct mc_dist wanted = {.kind = MC_DIST_WANTED, .name = PIECE("demo"), .path = PIECE("app/uv.lock")};
	static const struct mc_object installed_member = {.dist = &installed};
	struct mc_finding f = finding_of(&wheel, &member);

	(void)state;
	f.line = 7;
	assert_place(&f, "w/demo-1.0.whl!/demo/x y.so", 7);
	f.dist = &wanted; /* of the wheel that pip would take */
	assert_place(&f, "app/uv.lock", 1);
	f.dist = &installed;
	assert_place(&f, "venv//site/demo-1.0.dist-info", 1);
	f.object = &installed_member;
	assert_place(&f, "venv/demo/x y.so", 7);
	f.path = MC_STR("/src/editable/x.so");
	assert_place(&f, "/src/editable/x.so", 7);
	f.path = MC_STR("");
	assert_place(&f, "venv//site/demo-1.0.dist-info", 1);
}

/* ---- fingerprints ---- */

static void a_finding_is_known_again_in_another_folder_and_version(void **state)
{
	struct mc_finding findings[] = {finding_of(&wheel, &member), finding_of(&other_wheel, &other_member),
					finding_of(&wheel, &member), finding_of(&wheel, &member),
					finding_of(&wheel, &member)};
	const struct mc_finding *alone[] = {&findings[1]}, *all[5];
	const struct mc_fingerprint *prints, *before;
	struct mc_arena arena;

	(void)state;
	mc_arena_init(&arena, NULL);
	findings[2].subject = MC_STR("other");
	findings[3].is_against = true;
	findings[4].path = MC_STR("lib/python3.12/site-packages/demo/x y.so");
	for (size_t i = 0; i < 5; i++)
		all[i] = &findings[i];
	assert_int_equal(mc_fingerprints(alone, 1, &arena, &before), MC_OK);
	assert_int_equal(mc_fingerprints(all, 5, &arena, &prints), MC_OK);
	assert_string_equal(before[0].hex, prints[0].hex);
	/* Equal but for the folder: told apart by their order; site-packages is no part of a path.  */
	for (size_t i = 0; i < 5; i++)
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(prints[i].hex, prints[n].hex);
	all[0] = &findings[4];
	assert_int_equal(mc_fingerprints(all, 1, &arena, &prints), MC_OK);
	assert_string_equal(before[0].hex, prints[0].hex);
	mc_arena_clear(&arena);
}

/* ---- GitHub's bounds ---- */

static void github_gets_the_worst_and_a_count_of_the_rest(void **state)
{
	enum { EACH = 25 };
	static struct mc_finding findings[3 * EACH];
	static char subjects[3 * EACH][8];
	struct mc_survey survey = survey_of(findings, 3 * EACH);
	char *text;

	(void)state;
	for (size_t i = 0; i < 3 * EACH; i++) {
		findings[i] = finding_of(&wheel, &member);
		findings[i].severity = (enum mc_severity)(i % 3);
		/* Messages that differ are no group.  */
		snprintf(subjects[i], sizeof(subjects[i]), "m%zu", i);
		findings[i].message = mc_str_of(subjects[i]);
	}
	text = written(&mc_report_github, &survey, false);
	assert_github(text);
	assert_int_equal(strncmp(text, "::error ", 8), 0);
	assert_non_null(strstr(text, "\n::notice title=muslcheck slim::it would not run; "
				     "not shown: 15 errors, 15 warnings, 16 notes\n"));
	free(text);
	for (size_t i = 0; i < 3 * EACH; i++)
		findings[i].message = MC_STR("same");
	text = written(&mc_report_github, &survey, false);
	assert_non_null(strstr(text, "::gone and 24 more: same\n"));
	assert_null(strstr(text, "not shown"));
	free(text);
}

/* ---- JUnit's outcomes ---- */

static void a_testcase_fails_for_its_verdict_or_what_fail_on_says(void **state)
{
	struct mc_finding f = finding_of(&wheel, &member);
	const struct mc_finding *sorted[] = {&f};
	struct mc_dist_verdict verdicts[] = {
		{.dist = &wheel, .verdict = MC_VERDICT_RUNS, .findings = sorted, .findings_count = 1},
		{.dist = &other_wheel, .verdict = MC_VERDICT_UNKNOWN},
	};
	const struct mc_excuse excuse = {MC_STR("it is <known>"), MC_STR("2999-01-01")};
	struct mc_survey survey = survey_of(&f, 1);
	char *text;

	(void)state;
	survey.dists = verdicts;
	survey.dists_count = 2;
	f.severity = MC_SEVERITY_WARNING;
	text = written(&mc_report_junit, &survey, false);
	assert_non_null(strstr(text, "tests=\"2\" failures=\"0\" errors=\"1\" time=\"0\" skipped=\"0\""));
	assert_non_null(strstr(text, "name=\"demo-1.0.whl\" file=\"w/demo-1.0.whl\" time=\"0\">\n      <system-out>MC101 gone: "));
	free(text);
	survey.fail_on = MC_SEVERITY_WARNING;
	text = written(&mc_report_junit, &survey, false);
	assert_non_null(strstr(text, "tests=\"2\" failures=\"1\" errors=\"1\" time=\"0\" skipped=\"0\""));
	assert_non_null(strstr(text, "<failure type=\"runs\" message=\"gone: nobody has it\">MC101 "));
	free(text);
	survey.fail_never = true;
	text = written(&mc_report_junit, &survey, false);
	assert_non_null(strstr(text, "failures=\"0\" errors=\"1\""));
	free(text);
	/* Excused, all of it: neither a success nor a failure.  */
	verdicts[0].verdict = MC_VERDICT_BREAKS;
	verdicts[0].is_excused = true;
	f.excuse = &excuse;
	text = written(&mc_report_junit, &survey, false);
	assert_non_null(strstr(text, "failures=\"0\" errors=\"1\" time=\"0\" skipped=\"1\""));
	assert_non_null(strstr(text, "<skipped message=\"excused until 2999-01-01: it is &lt;known&gt;\"/>"));
	free(text);
}

/* ---- who needs whom ---- */

/* No node lies on another, and no straight piece of a way behind a node.  */
static void assert_is_clear(const char *text)
{
	enum { NODES = 64 };
	static const char node[] = "<rect x=\"", way[] = "class=\"edge";
	int x[NODES], y[NODES], width, height, to_x, to_y, end;
	size_t count = 0, pieces_count = 0;

	for (const char *p = text; (p = strstr(p, node)); p += sizeof(node) - 1) {
		assert_true(count < NODES);
		assert_int_equal(sscanf(p, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", &x[count], &y[count], &width,
					&height), 4);
		for (size_t i = 0; i < count; i++)
			assert_true(x[i] >= x[count] + width || x[count] >= x[i] + width || y[i] >= y[count] + height ||
				    y[count] >= y[i] + height);
		count++;
	}
	for (const char *p = text; (p = strstr(p, way)); p += sizeof(way) - 1)
		for (const char *piece = p; (piece = strpbrk(piece + 1, "CH>")) && *piece != '>';) {
			if (*piece == 'C' && sscanf(piece, "C%*d %*d %*d %*d %d %dH%d", &to_x, &to_y, &end) != 3)
				continue;
			if (*piece == 'H')
				continue;
			pieces_count++;
			for (size_t i = 0; i < count; i++)
				assert_true(end <= x[i] || to_x >= x[i] + width || to_y <= y[i] || to_y >= y[i] + height);
		}
	assert_true(count > 2 && pieces_count > 0);
}

static void a_drawing_has_an_end(void **state)
{
	enum { FILES = 40, LIBRARIES = 70 };
	static char names[FILES + LIBRARIES][16];
	static struct mc_str needed[FILES][LIBRARIES];
	static struct mc_object objects[FILES];
	static struct mc_object_verdict files[FILES];
	struct mc_dist_verdict verdict = {.dist = &wheel, .verdict = MC_VERDICT_RUNS};
	struct mc_survey survey = survey_of(NULL, 0);
	char *text, *again;

	(void)state;
	for (size_t i = 0; i < FILES + LIBRARIES; i++)
		snprintf(names[i], sizeof(names[i]), "lib%zu.so", i);
	for (size_t i = 0; i < FILES; i++) {
		/* All need each other in a ring, and each many of elsewhere.  */
		needed[i][0] = mc_str_of(names[(i + 1) % FILES]);
		for (size_t n = 1; n < LIBRARIES; n++)
			needed[i][n] = mc_str_of(names[FILES + (i + n) % LIBRARIES]);
		objects[i] = (struct mc_object){.dist = &wheel, .path = mc_str_of(names[i]), .index = i};
		objects[i].elf.needed = needed[i];
		objects[i].elf.needed_count = LIBRARIES;
		files[i].object = &objects[i];
	}
	survey.objects = files;
	survey.objects_count = FILES;
	survey.dists = &verdict;
	survey.dists_count = survey.counts[MC_VERDICT_RUNS] = 1;
	text = written(&mc_report_html, &survey, false);
	again = written(&mc_report_html, &survey, false);
	assert_html(text, &survey);
	assert_string_equal(text, again);
	assert_non_null(strstr(text, "24 nodes of files, 24 of libraries, 0 missing"));
	assert_non_null(strstr(text, " Left out: 16 files. Left out: "));
	assert_null(strstr(text, "<rect x=\"0\" y=\"0\""));
	assert_is_clear(text);
	free(text);
	free(again);
}

/* ---- escapes ---- */

typedef void put_escaped(FILE *out, struct mc_str text);

static void assert_put(put_escaped *put, const char *text, const char *wanted)
{
	char *got = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&got, &nbytes);

	assert_non_null(out);
	put(out, mc_str_of(text));
	fclose(out);
	assert_string_equal(got, wanted);
	free(got);
}

static void texts_are_escaped_for_where_they_stand(void **state)
{
	(void)state;
	assert_put(mc_put_xml, "a<b>&\"'\x01\xff", "a&lt;b&gt;&amp;&quot;&apos;\\x01\\xff");
	assert_put(mc_put_command_text, "100%: a,b\n", "100%25: a,b\\x0a");
	assert_put(mc_put_command_property, "100%: a,b\n", "100%25%3A a%2Cb\\x0a");
	assert_put(mc_put_markdown, "a|b `c` *d* e_f <g>\n", "a&#124;b &#96;c&#96; \\*d\\* e\\_f &lt;g&gt;&#92;x0a");
	assert_put(mc_put_markdown, "see http://x WWW.y", "see http&#58;<!-- -->//x WWW&#46;<!-- -->y");
	assert_put(mc_put_markdown_code, "__printf_chk", "`__printf_chk`");
	assert_put(mc_put_markdown_code, "a`|b", "<code>a&#96;&#124;b</code>");
	assert_put(mc_put_markdown_code, "", "<code></code>");
}

static void paths_become_uris(void **state)
{
	static const char *const uris[][2] = {
		{"a b.whl!/x:y.so", "a%20b.whl!/x%3Ay.so"}, {"/abs/100%", "file:///abs/100%25"},
		{"gr\xc3\xbc\xff", "gr%C3%BC%FF"},	    {"", ""},
		{"\xe2\x80\xae?#", "%E2%80%AE%3F%23"},
	};
	struct mc_arena arena;

	(void)state;
	mc_arena_init(&arena, NULL);
	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		struct mc_str uri = mc_uri_of(&arena, mc_str_of(uris[i][0]));

		assert_int_equal(uri.len, strlen(uris[i][1]));
		assert_memory_equal(uri.ptr, uris[i][1], uri.len);
	}
	assert_true(mc_str_is(mc_sarif_message(&arena, MC_STR("[a](b) {0} x[1]")), MC_STR("[a]\\x28b) {{0}} x[1]")));
	mc_arena_clear(&arena);
}

/* ---- trouble ---- */

static void an_empty_survey_is_whole_in_every_format(void **state)
{
	struct mc_survey survey = survey_of(NULL, 0);

	(void)state;
	for (size_t i = 0; i < FORMATS; i++)
		assert_format(formats[i], &survey, true);
}

static void a_survey_of_a_part_says_so(void **state)
{
	struct mc_survey survey = survey_of(NULL, 0);
	struct mc_report_style style = {.is_partial = true};
	struct mc_error err = MC_ERROR_INIT;
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(out);
	assert_int_equal(mc_report_sarif.write(&survey, &style, out, &err), MC_OK);
	fclose(out);
	assert_non_null(strstr(text, "\"executionSuccessful\": false"));
}

static void a_full_disk_is_an_error(void **state)
{
	static struct hostile h;

	(void)state;
	make_survey(&h, 3);
	for (size_t i = 0; i < FORMATS; i++) {
		struct mc_report_style style = {0};
		struct mc_error err = MC_ERROR_INIT;
		FILE *out = fopen("/dev/full", "w");

		if (!out)
			skip();
		assert_int_equal(formats[i]->write(&h.survey, &style, out, &err) == MC_OK && !fflush(out), 0);
		fclose(out);
	}
}

static struct starve starve;

static void *take(size_t nbytes)
{
	return starve_take(&starve, nbytes);
}

static void give(void *ptr)
{
	if (ptr)
		starve_give(&starve, ptr);
}

static enum mc_status write_starved(const struct mc_report_format *format, const struct mc_survey *survey, size_t grant)
{
	struct mc_report_style style = {0};
	struct mc_error err = MC_ERROR_INIT;
	FILE *out = tmpfile();
	enum mc_status status;

	assert_non_null(out);
	starve = (struct starve){.left = grant};
	json_set_alloc_funcs(take, give);
	status = format->write(survey, &style, out, &err);
	json_set_alloc_funcs(malloc, free);
	fclose(out);
	assert_int_equal(starve.live, 0);
	return status;
}

static void every_failed_allocation_is_reported(void **state)
{
	static const struct mc_report_format *const json_formats[] = {&mc_report_sarif, &mc_report_gitlab};
	struct mc_finding f = finding_of(&wheel, &member);
	struct mc_survey survey = survey_of(&f, 1);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		enum mc_status status = MC_ERR_NOMEM;

		for (size_t grant = 0; status == MC_ERR_NOMEM && grant < 2000; grant++)
			status = write_starved(json_formats[i], &survey, grant);
		assert_int_equal(status, MC_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_are_names_in_every_format),
		cmocka_unit_test(each_hostile_piece_is_a_name_in_every_format),
		cmocka_unit_test(a_place_is_a_path_as_it_was_opened),
		cmocka_unit_test(a_finding_is_known_again_in_another_folder_and_version),
		cmocka_unit_test(github_gets_the_worst_and_a_count_of_the_rest),
		cmocka_unit_test(a_testcase_fails_for_its_verdict_or_what_fail_on_says),
		cmocka_unit_test(a_drawing_has_an_end),
		cmocka_unit_test(texts_are_escaped_for_where_they_stand),
		cmocka_unit_test(paths_become_uris),
		cmocka_unit_test(an_empty_survey_is_whole_in_every_format),
		cmocka_unit_test(a_survey_of_a_part_says_so),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("report formats", tests, NULL, NULL);
}
