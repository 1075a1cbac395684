/* SPDX-License-Identifier: MIT */
/*
 * A survey as workflow commands of GitHub, which become annotations.  Of a step it shows ten
 * errors, ten warnings and ten notices, so the worst come first and the last one counts the rest.
 */
#include "muslcheck/report.h"
#include "report_escape.h"
#include "report_parts.h"
#include "report_place.h"

enum { SHOWN_MAX = 10 };

struct annotations {
	const struct mc_survey *survey;
	FILE *out;
	struct mc_arena arena;
	size_t left[MC_SEVERITY_ERROR + 1];
};

static const char *command_of(enum mc_severity severity)
{
	return severity == MC_SEVERITY_NOTE ? "notice" : mc_severity_name(severity);
}

static void put_annotation(struct annotations *a, const struct mc_alike *alike)
{
	const struct mc_finding *f = alike->first;

	fprintf(a->out, "::%s title=muslcheck %s (", command_of(f->severity), mc_rule_info(f->rule)->code);
	mc_put_command_property(a->out, mc_dist_title(&a->arena, f->dist));
	fputs("),file=", a->out);
	mc_put_command_property(a->out, mc_place_of(&a->arena, f));
	fprintf(a->out, ",line=%u::", mc_line_of(f));
	mc_put_command_text(a->out, mc_finding_text(&a->arena, a->survey, alike));
	if (f->fix.len) {
		fputs("%0A-> ", a->out);
		mc_put_command_text(a->out, f->fix);
	}
	fputc('\n', a->out);
}

/* Of the findings of one severity, as many as are shown; one place is kept for the last line.  */
static enum mc_status put_severity(struct annotations *a, enum mc_severity severity,
				   const struct mc_finding *const *items, size_t count)
{
	size_t shown_max = severity == MC_SEVERITY_NOTE ? SHOWN_MAX - 1 : SHOWN_MAX, groups_count;
	const struct mc_alike *groups;

	MC_TRY(mc_group_alike(items, count, shown_max, &a->arena, &groups, &groups_count, &a->left[severity]));
	for (size_t i = 0; i < groups_count; i++)
		put_annotation(a, &groups[i]);
	return MC_OK;
}

static void put_excused(struct annotations *a, struct mc_str text)
{
	if (!text.len)
		return;
	fputs("%0A", a->out);
	mc_put_command_text(a->out, text);
}

static void put_last(struct annotations *a)
{
	bool is_first = true;

	fprintf(a->out, "::notice title=muslcheck %s::", mc_advice_name(a->survey->advice));
	mc_put_command_text(a->out, a->survey->reason);
	for (int severity = MC_SEVERITY_ERROR; severity >= MC_SEVERITY_NOTE; severity--) {
		size_t left = a->left[severity];

		if (!left)
			continue;
		fprintf(a->out, "%s%zu %s%s", is_first ? "; not shown: " : ", ", left,
			mc_severity_name((enum mc_severity)severity), left == 1 ? "" : "s");
		is_first = false;
	}
	put_excused(a, mc_waived_text(&a->arena, a->survey->excuses));
	put_excused(a, mc_known_text(&a->arena, a->survey->excuses));
	fputc('\n', a->out);
}

static enum mc_status put_all(struct annotations *a)
{
	const struct mc_finding **told;
	size_t count;

	MC_TRY(mc_told_findings(a->survey, &a->arena, &told, &count));
	for (size_t i = 0, n; i < count; i += n) {
		n = 1;
		while (i + n < count && told[i + n]->severity == told[i]->severity)
			n++;
		MC_TRY(put_severity(a, told[i]->severity, &told[i], n));
	}
	put_last(a);
	return MC_OK;
}

static enum mc_status write_github(const struct mc_survey *survey, const struct mc_report_style *style,
				   FILE *out, struct mc_error *err)
{
	struct annotations a = {.survey = survey, .out = out};
	enum mc_status status;

	(void)style;
	mc_arena_init(&a.arena, NULL);
	status = put_all(&a);
	mc_arena_clear(&a.arena);
	return mc_report_end(out, status, err);
}

const struct mc_report_format mc_report_github = {"github", write_github};
