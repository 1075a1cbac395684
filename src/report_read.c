/* SPDX-License-Identifier: MIT */
#include "report_read.h"

#include "json_read.h"

#include <string.h>

/* The text at 'key', empty for null and for what is no text.  */
static struct mc_str member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value)
		       ? (struct mc_str){json_string_value(value), json_string_length(value)}
		       : MC_STR("");
}

static bool is_member(const json_t *object, const char *key, struct mc_str wanted)
{
	return mc_str_is(member(object, key), wanted);
}

/* "LABEL  text", wrapped behind the label; nothing for an empty text.  */
static void put_row(struct mc_paper *p, const char *label, struct mc_str text)
{
	enum { LABEL_COLUMNS = 12 };
	char padded[LABEL_COLUMNS + 1];

	if (!text.len)
		return;
	mc_indent(p, 2);
	snprintf(padded, sizeof(padded), "%-*s", LABEL_COLUMNS - 2, label);
	mc_put_mark(p, padded);
	mc_put_words(p, text, LABEL_COLUMNS);
	mc_end_line(p);
}

static struct mc_str image_of(const json_t *report, const char *side)
{
	return member(json_object_get(report, side), "image");
}

static void put_verdicts(struct mc_paper *p, const json_t *report, const json_t *dist)
{
	put_row(p, "verdict", mc_arena_printf(&p->arena, "%.*s on %.*s, %.*s on %.*s",
					      MC_TEXT(member(dist, "verdict")),
					      MC_TEXT(image_of(report, "target")),
					      MC_TEXT(member(dist, "against")),
					      MC_TEXT(image_of(report, "against"))));
	put_row(p, "takes", member(dist, "choice"));
	put_row(p, "from", member(dist, "path"));
}

static void put_finding(struct mc_paper *p, const json_t *finding)
{
	mc_end_line(p);
	mc_indent(p, 2);
	mc_put_words(p, mc_arena_printf(&p->arena, "%.*s %.*s: %.*s%s%.*s", MC_TEXT(member(finding, "rule")),
					MC_TEXT(member(finding, "severity")),
					MC_TEXT(member(finding, "subject")),
					member(finding, "subject").len ? ": " : "",
					MC_TEXT(member(finding, "message"))), 8);
	mc_end_line(p);
	put_row(p, "  on", member(finding, "image"));
	put_row(p, "  file", member(finding, "path"));
	put_row(p, "  sure", member(finding, "certainty"));
	put_row(p, "  class", member(finding, "class"));
	if (json_is_true(json_object_get(finding, "gcompat")))
		put_row(p, "  gcompat", MC_STR("has it, preloaded"));
	put_row(p, "  do", member(finding, "fix"));
}

/* Of several dists of one name the path tells.  */
static void put_findings(struct mc_paper *p, const json_t *report, const json_t *dist)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(json_object_get(report, "findings"), i, finding)
		if (is_member(finding, "dist", member(dist, "name")) &&
		    is_member(finding, "dist_path", member(dist, "path")))
			put_finding(p, finding);
}

static void put_objects(struct mc_paper *p, const json_t *report, const json_t *dist)
{
	const json_t *object, *error;
	size_t i, n;

	json_array_foreach(json_object_get(report, "objects"), i, object) {
		if (!is_member(object, "dist", member(dist, "name")) ||
		    json_is_true(json_object_get(object, "loads")))
			continue;
		mc_end_line(p);
		mc_indent(p, 2);
		mc_put_words(p, mc_arena_printf(&p->arena, "the loader says to %.*s:",
						MC_TEXT(member(object, "path"))), 4);
		mc_end_line(p);
		json_array_foreach(json_object_get(object, "errors"), n, error) {
			mc_indent(p, 4);
			mc_put_words(p, (struct mc_str){json_string_value(error), json_string_length(error)}, 6);
			mc_end_line(p);
		}
	}
}

static void put_dist(struct mc_paper *p, const json_t *report, const json_t *dist)
{
	mc_put_words(p, mc_arena_printf(&p->arena, "%.*s %.*s: dist of the report",
					MC_TEXT(member(dist, "name")), MC_TEXT(member(dist, "version"))), 2);
	mc_end_line(p);
	put_verdicts(p, report, dist);
	put_findings(p, report, dist);
	put_objects(p, report, dist);
}

/* Only the keys that are read here are looked for: each is used only as what it must be.  */
static bool is_report(const json_t *report)
{
	return json_integer_value(json_object_get(report, "schema")) == 1 &&
	       json_is_array(json_object_get(report, "dists")) &&
	       json_is_array(json_object_get(report, "findings"));
}

enum mc_status mc_report_put_dist(struct mc_paper *paper, struct mc_str text, const char *path,
				  struct mc_str name, size_t *found_out, struct mc_error *err)
{
	json_error_t trouble;
	json_t *report = mc_json_load(text, 0, &trouble);
	const json_t *dist;
	size_t i;

	*found_out = 0;
	if (!report || !is_report(report)) {
		json_decref(report);
		return mc_fail(err, MC_ERR_FORMAT, path, "not a report of muslcheck --format json");
	}
	json_array_foreach(json_object_get(report, "dists"), i, dist) {
		if (!is_member(dist, "name", name))
			continue;
		++*found_out;
		put_dist(paper, report, dist);
	}
	json_decref(report);
	return MC_OK;
}
