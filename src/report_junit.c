/* SPDX-License-Identifier: MIT */
/* A survey as JUnit XML: one suite a run, one testcase a dist.  */
#include "muslcheck/report.h"
#include "path.h"
#include "report_escape.h"
#include "report_parts.h"
#include "report_place.h"

enum { GROUPS_MAX = 40 /* lines about one dist; JSON has all */ };

struct suite {
	const struct mc_survey *survey;
	FILE *out;
	bool show_all;
	struct mc_arena arena; /* rewound after each dist */
};

/* ---- what a dist comes to ---- */

enum outcome { PASSED, FAILED, NOT_KNOWN, EXCUSED };

static bool stands_alone(const struct mc_survey *survey, const struct mc_dist_verdict *v)
{
	for (size_t i = 0; i < v->findings_count; i++)
		if (mc_finding_stands(survey, v->findings[i]))
			return true;
	return false;
}

static enum outcome outcome_of(const struct mc_survey *survey, const struct mc_dist_verdict *v)
{
	if (v->verdict == MC_VERDICT_UNKNOWN)
		return NOT_KNOWN;
	/* Somebody answers for it: neither a success nor a failure.  */
	if (v->is_excused && !stands_alone(survey, v))
		return EXCUSED;
	return !mc_verdict_is_good(v->verdict) || stands_alone(survey, v) ? FAILED : PASSED;
}

static size_t count_of(const struct mc_survey *survey, enum outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < survey->dists_count; i++)
		count += outcome_of(survey, &survey->dists[i]) == outcome;
	return count;
}

/* ---- writing ---- */

static void put_attribute(struct suite *s, const char *name, struct mc_str text)
{
	fprintf(s->out, " %s=\"", name);
	mc_put_xml(s->out, text);
	fputc('"', s->out);
}

static void put_property(struct suite *s, const char *name, struct mc_str text)
{
	if (!text.len)
		return;
	fprintf(s->out, "      <property name=\"%s\"", name);
	put_attribute(s, "value", text);
	fputs("/>\n", s->out);
}

/* What counts for the outcome; a note is told when it does, or when all is asked for.  */
static bool is_line(const struct suite *s, const struct mc_finding *f)
{
	return !f->is_against && !f->excuse && (f->severity > MC_SEVERITY_NOTE || s->show_all || mc_finding_stands(s->survey, f));
}

static enum mc_status take_groups(struct suite *s, const struct mc_dist_verdict *v, const struct mc_alike **groups_out,
				  size_t *count_out, size_t *left_out)
{
	const struct mc_finding **lines = MC_TAKE_ARRAY(&s->arena, const struct mc_finding *, v->findings_count + 1);
	size_t count = 0;

	if (!lines)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < v->findings_count; i++)
		if (is_line(s, v->findings[i]))
			lines[count++] = v->findings[i];
	return mc_group_alike(lines, count, GROUPS_MAX, &s->arena, groups_out, count_out, left_out);
}

static void put_line(struct suite *s, const struct mc_alike *group)
{
	fprintf(s->out, "%s ", mc_rule_info(group->first->rule)->code);
	mc_put_xml(s->out, mc_finding_line(&s->arena, s->survey, group));
	fputs("\n  ", s->out);
	mc_put_xml(s->out, mc_place_of(&s->arena, group->first));
	fprintf(s->out, ":%u\n", mc_line_of(group->first));
}

/* By the reason of the worst one.  */
static void put_skipped(struct suite *s, const struct mc_dist_verdict *v)
{
	const struct mc_excuse *excuse = NULL;

	for (size_t i = 0; i < v->findings_count && !excuse; i++)
		excuse = v->findings[i]->excuse;
	fputs(">\n      <skipped", s->out);
	if (excuse) {
		fputs(" message=\"excused", s->out);
		if (excuse->until.len) {
			fputs(" until ", s->out);
			mc_put_xml(s->out, excuse->until);
		}
		fputs(": ", s->out);
		mc_put_xml(s->out, excuse->reason);
		fputc('"', s->out);
	}
	fputs("/>\n    </testcase>\n", s->out);
}

/* An element with a line a finding; on a good dist what it says is no failure.  */
static enum mc_status put_outcome(struct suite *s, const struct mc_dist_verdict *v, enum outcome outcome)
{
	static const char *const elements[] = {"system-out", "failure", "error"};
	const struct mc_alike *groups;
	size_t count, left;

	if (outcome == EXCUSED) {
		put_skipped(s, v);
		return MC_OK;
	}
	MC_TRY(take_groups(s, v, &groups, &count, &left));
	if (outcome == PASSED && !count) {
		fputs("/>\n", s->out);
		return MC_OK;
	}
	fprintf(s->out, ">\n      <%s", elements[outcome]);
	if (outcome != PASSED) {
		put_attribute(s, "type", mc_str_of(mc_verdict_name(v->verdict)));
		put_attribute(s, "message",
			      count ? mc_finding_text(&s->arena, s->survey, &groups[0])
				    : mc_arena_printf(&s->arena, "%s on %s", mc_verdict_name(v->verdict),
						      s->survey->target.name));
	}
	fputc('>', s->out);
	for (size_t i = 0; i < count; i++)
		put_line(s, &groups[i]);
	if (left)
		fprintf(s->out, "and %zu findings more, which --format json lists\n", left);
	fprintf(s->out, "</%s>\n    </testcase>\n", elements[outcome]);
	return MC_OK;
}

/* Two wheels may have one name and version; a wheel's file name tells them apart.  */
static struct mc_str name_of(struct suite *s, const struct mc_dist *dist)
{
	return dist->kind == MC_DIST_WHEEL ? mc_path_base(dist->path) : mc_dist_title(&s->arena, dist);
}

static enum mc_status put_testcase(struct suite *s, const struct mc_dist_verdict *v)
{
	struct mc_mark mark = mc_arena_mark(&s->arena);
	enum mc_status status;

	fputs("    <testcase classname=\"muslcheck\"", s->out);
	put_attribute(s, "name", name_of(s, v->dist));
	put_attribute(s, "file", mc_dist_place(v->dist));
	fputs(" time=\"0\"", s->out);
	status = put_outcome(s, v, outcome_of(s->survey, v));
	mc_arena_rewind(&s->arena, mark);
	return status;
}

static void put_counts(struct suite *s)
{
	fprintf(s->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"0\"", s->survey->dists_count,
		count_of(s->survey, FAILED), count_of(s->survey, NOT_KNOWN));
}

static enum mc_status put_suite(struct suite *s)
{
	const struct mc_survey *survey = s->survey;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"muslcheck\"", s->out);
	put_counts(s);
	fputs(">\n  <testsuite", s->out);
	put_attribute(s, "name", mc_arena_printf(&s->arena, "muslcheck %s", survey->target.name));
	put_counts(s);
	/* Of suites together it has no place in Jenkins' schema.  */
	fprintf(s->out, " skipped=\"%zu\">\n    <properties>\n", count_of(survey, EXCUSED));
	put_property(s, "advice", mc_str_of(mc_advice_name(survey->advice)));
	put_property(s, "reason", survey->reason);
	put_property(s, "question", mc_str_of(mc_question_name(survey->question)));
	put_property(s, "image", mc_str_of(survey->target.name));
	put_property(s, "against", mc_str_of(survey->against.name));
	put_property(s, "version", mc_str_of(MC_VERSION));
	put_property(s, "waived", mc_waived_text(&s->arena, survey->excuses));
	put_property(s, "baseline", mc_known_text(&s->arena, survey->excuses));
	fputs("    </properties>\n", s->out);
	for (size_t i = 0; i < survey->dists_count; i++)
		MC_TRY(put_testcase(s, &survey->dists[i]));
	fputs("  </testsuite>\n</testsuites>\n", s->out);
	return MC_OK;
}

static enum mc_status write_junit(const struct mc_survey *survey, const struct mc_report_style *style,
				  FILE *out, struct mc_error *err)
{
	struct suite suite = {.survey = survey, .out = out, .show_all = style->show_all};
	enum mc_status status;

	mc_arena_init(&suite.arena, NULL);
	status = put_suite(&suite);
	mc_arena_clear(&suite.arena);
	return mc_report_end(out, status, err);
}

const struct mc_report_format mc_report_junit = {"junit", write_junit};
