/* SPDX-License-Identifier: MIT */
/*
 * A survey as SARIF 2.1.0, for code scanning: a result a finding, and the rules that these need.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/
 */
#include "json_writer.h"
#include "muslcheck/explain.h"
#include "muslcheck/report.h"
#include "report_escape.h"
#include "report_parts.h"
#include "report_place.h"

struct log {
	struct mc_json_writer w;
	const struct mc_survey *survey;
	const char *docs_url; /* NULL: not known */
	struct mc_arena arena; /* the findings that are told, and their fingerprints */
	const struct mc_finding **told;
	const struct mc_fingerprint *prints;
	size_t told_count;
	size_t places[MC_RULES_COUNT]; /* of a rule in the log's list, from 1; 0: not in it */
};

/* Both texts are ours or made safe.  */
static json_t *message_value(struct mc_json_writer *w, struct mc_str text)
{
	json_t *object = json_object();

	mc_json_put(w, object, "text", mc_json_text(w, text));
	return object;
}

static void put_unless_empty(struct mc_json_writer *w, json_t *object, const char *key, struct mc_str text)
{
	if (text.len)
		mc_json_put(w, object, key, mc_json_text(w, text));
}

/* ---- rules ---- */

/* What a finding of it is as a rule: the page says when it is an error.  */
static const char *level_of(const struct mc_rule_text *text)
{
	struct mc_str when = mc_str_of(text->when_error);

	return mc_str_starts(when, MC_STR("a warning")) ? "warning" : mc_str_starts(when, MC_STR("a note")) ? "note" : "error";
}

static json_t *rule_value(struct log *log, const struct mc_rule_info *info)
{
	struct mc_json_writer *w = &log->w;
	const struct mc_rule_text *text = mc_explain_rule(mc_str_of(info->code));
	json_t *object = json_object(), *configuration = json_object();

	mc_json_put(w, object, "id", mc_json_word_or_null(w, info->code));
	mc_json_put(w, object, "name", mc_json_word_or_null(w, info->name));
	mc_json_put(w, object, "shortDescription", message_value(w, mc_str_of(info->title)));
	if (text) {
		mc_json_put(w, object, "fullDescription", message_value(w, mc_str_of(text->what)));
		mc_json_put(w, object, "help",
			    message_value(w, mc_arena_printf(&w->scratch, "%s %s.%s%s%s",
							     *level_of(text) == 'e' ? "An error:" : "It is",
							     text->when_error, *text->what_to_do ? " What to do: " : "",
							     text->what_to_do, *text->what_to_do ? "." : "")));
	}
	if (log->docs_url)
		mc_json_put(w, object, "helpUri", mc_json_text(w, mc_page_url(&w->scratch, log->docs_url, info)));
	mc_json_put(w, configuration, "level", mc_json_word_or_null(w, text ? level_of(text) : "error"));
	mc_json_put(w, object, "defaultConfiguration", configuration);
	return object;
}

/* Those that a result names, in the order of their codes.  */
static void write_rules(struct log *log)
{
	size_t count = 0;

	for (size_t i = 0; i < log->told_count; i++)
		log->places[log->told[i]->rule] = 1;
	mc_json_open_array(&log->w, "rules");
	for (int rule = 0; rule < MC_RULES_COUNT; rule++) {
		if (!log->places[rule])
			continue;
		log->places[rule] = ++count;
		mc_json_item(&log->w, rule_value(log, mc_rule_info((enum mc_rule)rule)));
	}
	mc_json_close_array(&log->w);
}

static void write_tool(struct log *log)
{
	mc_json_open_object(&log->w, "tool");
	mc_json_open_object(&log->w, "driver");
	mc_json_member(&log->w, "name", mc_json_word_or_null(&log->w, "muslcheck"));
	mc_json_member(&log->w, "version", mc_json_word_or_null(&log->w, MC_VERSION));
	write_rules(log);
	mc_json_close_object(&log->w);
	mc_json_close_object(&log->w);
}

/* ---- results ---- */

static json_t *location_value(struct mc_json_writer *w, const struct mc_finding *finding)
{
	json_t *location = json_object(), *physical = json_object(), *artifact = json_object();
	json_t *region = json_object(), *logical = json_object(), *logicals = json_array();

	mc_json_put(w, artifact, "uri", mc_json_text(w, mc_uri_of(&w->scratch, mc_place_of(&w->scratch, finding))));
	mc_json_put_count(w, region, "startLine", mc_line_of(finding));
	mc_json_put(w, physical, "artifactLocation", artifact);
	mc_json_put(w, physical, "region", region);
	mc_json_put(w, logical, "fullyQualifiedName", mc_json_text(w, mc_dist_title(&w->scratch, finding->dist)));
	mc_json_put(w, logical, "kind", mc_json_word_or_null(w, "package"));
	mc_json_add(w, logicals, logical);
	mc_json_put(w, location, "physicalLocation", physical);
	mc_json_put(w, location, "logicalLocations", logicals);
	return location;
}

static json_t *properties_value(struct log *log, const struct mc_finding *f)
{
	const struct mc_target *image = f->is_against ? &log->survey->against : &log->survey->target;
	const struct mc_proof *proof = log->survey->proof;
	struct mc_json_writer *w = &log->w;
	json_t *object = json_object();

	put_unless_empty(w, object, "dist", f->dist->name);
	put_unless_empty(w, object, "version", f->dist->version);
	put_unless_empty(w, object, "path", f->path);
	put_unless_empty(w, object, "subject", f->subject);
	put_unless_empty(w, object, "image", mc_str_of(image->name));
	put_unless_empty(w, object, "certainty", mc_str_of(mc_certainty_name(f->certainty)));
	put_unless_empty(w, object, "class", mc_str_of(mc_class_name(f->name_class)));
	put_unless_empty(w, object, "package", mc_str_of(f->package));
	put_unless_empty(w, object, "fix", f->fix);
	if (proof)
		put_unless_empty(w, object, "proof",
				 mc_str_of(mc_proof_name(proof->kinds[f - log->survey->findings])));
	return object;
}

/* GitHub knows an alert again by the first name alone, and else makes it from the file's lines.  */
static json_t *prints_value(struct mc_json_writer *w, const char *hex)
{
	json_t *object = json_object();

	mc_json_put(w, object, "primaryLocationLineHash", mc_json_word_or_null(w, hex));
	mc_json_put(w, object, "muslcheck/v1", mc_json_word_or_null(w, hex));
	return object;
}

static json_t *result_value(struct log *log, size_t i)
{
	const struct mc_finding *finding = log->told[i];
	struct mc_json_writer *w = &log->w;
	json_t *object = json_object(), *locations = json_array();
	struct mc_str line = mc_titled_line(&w->scratch, log->survey, finding);

	mc_json_put(w, object, "ruleId", mc_json_word_or_null(w, mc_rule_info(finding->rule)->code));
	mc_json_put_count(w, object, "ruleIndex", log->places[finding->rule] - 1);
	mc_json_put(w, object, "level", mc_json_word_or_null(w, mc_severity_name(finding->severity)));
	mc_json_put(w, object, "message", message_value(w, mc_sarif_message(&w->scratch, line)));
	mc_json_add(w, locations, location_value(w, finding));
	mc_json_put(w, object, "locations", locations);
	mc_json_put(w, object, "partialFingerprints", prints_value(w, log->prints[i].hex));
	mc_json_put(w, object, "properties", properties_value(log, finding));
	return object;
}

static void write_results(struct log *log)
{
	mc_json_open_array(&log->w, "results");
	for (size_t i = 0; i < log->told_count && !log->w.status; i++)
		mc_json_item(&log->w, result_value(log, i));
	mc_json_close_array(&log->w);
}

/* ---- the log ---- */

static void write_invocation(struct log *log, bool is_whole)
{
	json_t *object = json_object();

	mc_json_open_array(&log->w, "invocations");
	mc_json_put(&log->w, object, "executionSuccessful", json_boolean(is_whole));
	mc_json_item(&log->w, object);
	mc_json_close_array(&log->w);
}

static void write_properties(struct log *log)
{
	const struct mc_survey *survey = log->survey;
	struct mc_json_writer *w = &log->w;
	json_t *object = json_object();

	mc_json_put(w, object, "advice", mc_json_word_or_null(w, mc_advice_name(survey->advice)));
	mc_json_put(w, object, "reason", mc_json_text(w, survey->reason));
	mc_json_put(w, object, "question", mc_json_word_or_null(w, mc_question_name(survey->question)));
	put_unless_empty(w, object, "target", mc_str_of(survey->target.name));
	put_unless_empty(w, object, "against", mc_str_of(survey->against.name));
	put_unless_empty(w, object, "waived", mc_waived_text(&w->scratch, survey->excuses));
	put_unless_empty(w, object, "baseline", mc_known_text(&w->scratch, survey->excuses));
	mc_json_member(w, "properties", object);
}

static void write_log(struct log *log, bool is_whole)
{
	struct mc_json_writer *w = &log->w;

	mc_json_open_object(w, NULL);
	mc_json_member(w, "$schema",
		       mc_json_word_or_null(w, "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
					       "schemas/sarif-schema-2.1.0.json"));
	mc_json_member(w, "version", mc_json_word_or_null(w, "2.1.0"));
	mc_json_open_array(w, "runs");
	mc_json_open_object(w, NULL);
	write_tool(log);
	write_invocation(log, is_whole);
	write_properties(log);
	write_results(log);
	mc_json_close_object(w);
	mc_json_close_array(w);
	mc_json_close_object(w);
}

static enum mc_status write_sarif(const struct mc_survey *survey, const struct mc_report_style *style,
				  FILE *out, struct mc_error *err)
{
	struct log log = {.survey = survey, .docs_url = style->docs_url};
	enum mc_status status;

	mc_arena_init(&log.arena, NULL);
	mc_json_open(&log.w, out, err);
	if (mc_told_findings(survey, &log.arena, &log.told, &log.told_count) ||
	    mc_fingerprints(log.told, log.told_count, &log.arena, &log.prints))
		log.w.status = mc_no_memory(err);
	else
		write_log(&log, !style->is_partial);
	status = mc_json_close(&log.w);
	mc_arena_clear(&log.arena);
	return status;
}

const struct mc_report_format mc_report_sarif = {"sarif", write_sarif};
