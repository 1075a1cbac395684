/* SPDX-License-Identifier: MIT */
/* A survey as a code quality report of GitLab: one list of what is to be told.  */
#include "json_writer.h"
#include "muslcheck/report.h"
#include "report_place.h"

/* GitLab has five; only what a loader says itself blocks.  */
static const char *severity_of(const struct mc_finding *f)
{
	switch (f->severity) {
	case MC_SEVERITY_ERROR: return f->certainty == MC_CERTAINTY_EXACT ? "blocker" : "critical";
	case MC_SEVERITY_WARNING: return f->certainty == MC_CERTAINTY_HEURISTIC ? "minor" : "major";
	case MC_SEVERITY_NOTE: return "info";
	}
	return "info";
}

static json_t *location_value(struct mc_json_writer *w, const struct mc_finding *finding)
{
	json_t *location = json_object(), *lines = json_object();

	mc_json_put(w, location, "path", mc_json_text(w, mc_place_of(&w->scratch, finding)));
	mc_json_put_count(w, lines, "begin", mc_line_of(finding));
	mc_json_put(w, location, "lines", lines);
	return location;
}

static json_t *issue_value(struct mc_json_writer *w, const struct mc_survey *survey, const struct mc_finding *finding,
			   const char *fingerprint)
{
	json_t *issue = json_object();

	mc_json_put(w, issue, "description", mc_json_text(w, mc_titled_line(&w->scratch, survey, finding)));
	mc_json_put(w, issue, "check_name", mc_json_word_or_null(w, mc_rule_info(finding->rule)->code));
	mc_json_put(w, issue, "fingerprint", mc_json_word_or_null(w, fingerprint));
	mc_json_put(w, issue, "severity", mc_json_word_or_null(w, severity_of(finding)));
	mc_json_put(w, issue, "location", location_value(w, finding));
	return issue;
}

static enum mc_status write_issues(struct mc_json_writer *w, const struct mc_survey *survey, struct mc_arena *arena)
{
	const struct mc_fingerprint *prints;
	const struct mc_finding **told;
	size_t count;

	MC_TRY(mc_told_findings(survey, arena, &told, &count));
	MC_TRY(mc_fingerprints(told, count, arena, &prints));
	mc_json_open_array(w, NULL);
	for (size_t i = 0; i < count && !w->status; i++)
		mc_json_item(w, issue_value(w, survey, told[i], prints[i].hex));
	mc_json_close_array(w);
	return MC_OK;
}

static enum mc_status write_gitlab(const struct mc_survey *survey, const struct mc_report_style *style,
				   FILE *out, struct mc_error *err)
{
	struct mc_json_writer w;
	struct mc_arena arena;
	enum mc_status status;

	(void)style;
	mc_arena_init(&arena, NULL);
	mc_json_open(&w, out, err);
	if (write_issues(&w, survey, &arena))
		w.status = mc_no_memory(err);
	status = mc_json_close(&w);
	mc_arena_clear(&arena);
	return status;
}

const struct mc_report_format mc_report_gitlab = {"gitlab", write_gitlab};
