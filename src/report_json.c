/* SPDX-License-Identifier: MIT */
/* A survey as JSON, schema 1 (docs/json.md).  */
#include "file.h"
#include "json_writer.h"
#include "muslcheck/report.h"

#include <string.h>

static json_t *target_value(struct mc_json_writer *w, const struct mc_target *target)
{
	json_t *object = json_object();
	char python[16] = "";

	if (target->python_minor)
		snprintf(python, sizeof(python), "3.%u", target->python_minor);
	mc_json_put(w, object, "image", mc_json_word_or_null(w, target->name));
	/* Without a table a musl loader was given as a file.  */
	mc_json_put(w, object, "libc",
		    mc_json_word_or_null(w,
			 target->libc && target->libc->family == MC_LIBC_GLIBC ? "glibc" : "musl"));
	mc_json_put(w, object, "libc_version",
		    mc_json_word_or_null(w, target->libc ? target->libc->version : NULL));
	mc_json_put(w, object, "python", mc_json_word_or_null(w, python));
	return object;
}

static json_t *tool_value(struct mc_json_writer *w)
{
	json_t *object = json_object();

	mc_json_put(w, object, "name", mc_json_word_or_null(w, "muslcheck"));
	mc_json_put(w, object, "version", mc_json_word_or_null(w, MC_VERSION));
	return object;
}

static json_t *asked_value(struct mc_json_writer *w, const struct mc_asked *asked)
{
	json_t *object = json_object();

	mc_json_put_count(w, object, "projects", asked->projects);
	mc_json_put_count(w, object, "failed", asked->failed);
	mc_json_put_count(w, object, "wheels", asked->wheels);
	mc_json_put_count(w, object, "by_names", asked->by_names);
	mc_json_put_count(w, object, "by_tag", asked->by_tag);
	mc_json_put_count(w, object, "newest", asked->newest);
	mc_json_put_count(w, object, "unfollowed", asked->unfollowed);
	mc_json_put_count(w, object, "folders", asked->folders);
	mc_json_put_count(w, object, "nbytes", asked->nbytes);
	mc_json_put(w, object, "offline", json_boolean(asked->is_offline));
	return object;
}

static json_t *summary_value(struct mc_json_writer *w, const struct mc_survey *survey)
{
	json_t *object = json_object(), *findings = json_object();
	size_t counts[MC_SEVERITY_ERROR + 1] = {0};

	mc_json_put_count(w, object, "dists", survey->dists_count);
	for (size_t i = 0; i < MC_VERDICTS_COUNT; i++)
		mc_json_put_count(w, object, mc_verdict_name((enum mc_verdict)i), survey->counts[i]);
	for (size_t i = 0; i < survey->findings_count; i++)
		counts[survey->findings[i].severity]++;
	for (size_t i = MC_SEVERITY_ERROR + 1; i--;)
		mc_json_put_count(w, findings, mc_severity_name((enum mc_severity)i), counts[i]);
	mc_json_put(w, object, "findings", findings);
	return object;
}

static void write_packages(struct mc_json_writer *w, const char *key,
			   const struct mc_package_need *packages, size_t packages_count)
{
	mc_json_open_array(w, key);
	for (size_t i = 0; i < packages_count && !w->status; i++) {
		json_t *object = json_object();

		mc_json_put(w, object, "package", mc_json_word_or_null(w, packages[i].package));
		mc_json_put(w, object, "soname", mc_json_word_or_null(w, packages[i].soname));
		mc_json_item(w, object);
	}
	mc_json_close_array(w);
}

static json_t *size_value(struct mc_json_writer *w, const struct mc_size *size)
{
	json_t *object = json_object();

	mc_json_put(w, object, "image_kb", size->image_kb ? json_integer((json_int_t)size->image_kb) : json_null());
	mc_json_put(w, object, "image_near", json_boolean(size->is_image_near));
	mc_json_put_count(w, object, "dists_nbytes", size->dists_nbytes);
	mc_json_put_count(w, object, "packages_kb", size->packages_kb);
	mc_json_put_count(w, object, "packages_unknown", size->packages_unknown);
	return object;
}

static json_t *sizes_value(struct mc_json_writer *w, const struct mc_sizes *sizes)
{
	json_t *object = json_object();

	mc_json_put(w, object, "target", size_value(w, &sizes->target));
	mc_json_put(w, object, "against", size_value(w, &sizes->against));
	mc_json_put_count(w, object, "dists_unknown", sizes->dists_unknown);
	return object;
}

static json_t *nbytes_value(uint64_t nbytes)
{
	return nbytes ? json_integer((json_int_t)nbytes) : json_null();
}

static json_t *change_value(struct mc_json_writer *w, const struct mc_docker_change *change)
{
	json_t *object = json_object();

	mc_json_put_count(w, object, "line", change->line);
	mc_json_put(w, object, "is", mc_json_text_or_null(w, change->is));
	mc_json_put(w, object, "becomes", mc_json_text_or_null(w, change->becomes));
	mc_json_put(w, object, "why", mc_json_text(w, change->why));
	return object;
}

static json_t *dockerfile_value(struct mc_json_writer *w, const struct mc_docker_changes *changes)
{
	json_t *object = json_object(), *items = json_array();

	mc_json_put(w, object, "path", mc_json_word_or_null(w, changes->path));
	for (size_t i = 0; i < changes->count; i++)
		mc_json_add(w, items, change_value(w, &changes->items[i]));
	mc_json_put(w, object, "changes", items);
	return object;
}

static const char *kind_name(enum mc_dist_kind kind)
{
	switch (kind) {
	case MC_DIST_WHEEL: return "wheel";
	case MC_DIST_INSTALLED: return "installed";
	case MC_DIST_WANTED: return "wanted";
	case MC_DIST_LOOSE: return "loose";
	}
	return "";
}

static json_t *tags_value(struct mc_json_writer *w, const struct mc_dist *dist)
{
	json_t *array = json_array();

	for (size_t i = 0; i < dist->tags_count; i++) {
		const struct mc_tag *tag = &dist->tags[i];
		struct mc_str triple = mc_arena_printf(
			&w->scratch, "%.*s-%.*s-%.*s", (int)tag->python.len, tag->python.ptr,
			(int)tag->abi.len, tag->abi.ptr, (int)tag->platform.len, tag->platform.ptr);

		mc_json_add(w, array, triple.len ? mc_json_text(w, triple) : NULL);
	}
	return array;
}

static json_t *build_value(struct mc_json_writer *w, const struct mc_sdist *build)
{
	json_t *object, *packages;

	if (!build)
		return json_null();
	object = json_object();
	packages = json_array();
	mc_json_put(w, object, "kinds", mc_json_text(w, build->kinds_text));
	mc_json_put(w, object, "backend", mc_json_text(w, build->backend));
	for (size_t i = 0; i < build->packages_count; i++)
		mc_json_add(w, packages, mc_json_text(w, build->packages[i].package));
	mc_json_put(w, object, "packages", packages);
	return object;
}

static json_t *dist_value(struct mc_json_writer *w, const struct mc_dist_verdict *verdict)
{
	const struct mc_dist *dist = verdict->dist;
	json_t *object = json_object();

	mc_json_put(w, object, "name", mc_json_text(w, dist->name));
	mc_json_put(w, object, "version", mc_json_text_or_null(w, dist->version));
	mc_json_put(w, object, "path", mc_json_text(w, dist->path));
	mc_json_put(w, object, "kind", mc_json_word_or_null(w, kind_name(dist->kind)));
	mc_json_put(w, object, "tags", tags_value(w, dist));
	mc_json_put(w, object, "verdict", mc_json_word_or_null(w, mc_verdict_name(verdict->verdict)));
	mc_json_put(w, object, "against", mc_json_word_or_null(w, mc_verdict_name(verdict->against)));
	mc_json_put(w, object, "choice", mc_json_text_or_null(w, verdict->choice));
	mc_json_put(w, object, "choice_version", mc_json_text_or_null(w, verdict->choice_version));
	mc_json_put(w, object, "build", build_value(w, verdict->build));
	mc_json_put_count(w, object, "native_files", verdict->objects_count);
	mc_json_put(w, object, "nbytes", nbytes_value(verdict->nbytes));
	mc_json_put(w, object, "against_nbytes", nbytes_value(verdict->against_nbytes));
	mc_json_put(w, object, "gcompat", json_boolean(verdict->gcompat_would_do));
	mc_json_put(w, object, "editable", json_boolean(dist->is_editable));
	mc_json_put(w, object, "excused", json_boolean(verdict->is_excused));
	return object;
}

static json_t *proof_value(struct mc_json_writer *w, const struct mc_proof *proof)
{
	json_t *object;

	if (!proof)
		return json_null();
	object = json_object();
	mc_json_put(w, object, "loader", mc_json_text(w, proof->loader));
	mc_json_put_count(w, object, "files", proof->files);
	mc_json_put_count(w, object, "differ", proof->differ);
	for (int kind = MC_PROOF_CONFIRMED; kind < MC_PROOF_KINDS_COUNT; kind++)
		mc_json_put_count(w, object, mc_proof_name((enum mc_proof_kind)kind), proof->counts[kind]);
	return object;
}

static const char *proof_of(const struct mc_survey *survey, const struct mc_finding *finding)
{
	return survey->proof ? mc_proof_name(survey->proof->kinds[finding - survey->findings]) : NULL;
}

static json_t *finding_value(struct mc_json_writer *w, const struct mc_survey *survey,
			     const struct mc_finding *finding)
{
	const struct mc_rule_info *rule = mc_rule_info(finding->rule);
	const struct mc_target *target = finding->is_against ? &survey->against : &survey->target;
	const struct mc_dist *dist = finding->dist;
	json_t *object = json_object();

	mc_json_put(w, object, "rule", mc_json_word_or_null(w, rule->code));
	mc_json_put(w, object, "name", mc_json_word_or_null(w, rule->name));
	mc_json_put(w, object, "severity", mc_json_word_or_null(w, mc_severity_name(finding->severity)));
	mc_json_put(w, object, "certainty", mc_json_word_or_null(w, mc_certainty_name(finding->certainty)));
	mc_json_put(w, object, "image", mc_json_word_or_null(w, target->name));
	mc_json_put(w, object, "dist", dist ? mc_json_text(w, dist->name) : json_null());
	mc_json_put(w, object, "version", dist ? mc_json_text_or_null(w, dist->version) : json_null());
	mc_json_put(w, object, "dist_path", dist ? mc_json_text_or_null(w, dist->path) : json_null());
	mc_json_put(w, object, "path", mc_json_text_or_null(w, finding->path));
	mc_json_put(w, object, "line", finding->line ? json_integer((json_int_t)finding->line) : json_null());
	mc_json_put(w, object, "subject", mc_json_text_or_null(w, finding->subject));
	mc_json_put(w, object, "message", mc_json_text(w, finding->message));
	mc_json_put(w, object, "fix", mc_json_text_or_null(w, finding->fix));
	mc_json_put(w, object, "class", mc_json_word_or_null(w, mc_class_name(finding->name_class)));
	mc_json_put(w, object, "gcompat", json_boolean(finding->in_gcompat));
	mc_json_put(w, object, "package", mc_json_word_or_null(w, finding->package));
	mc_json_put(w, object, "proof", mc_json_word_or_null(w, proof_of(survey, finding)));
	mc_json_put(w, object, "excuse", finding->excuse ? mc_json_text(w, finding->excuse->reason) : json_null());
	return object;
}

static json_t *waiver_value(struct mc_json_writer *w, const struct mc_waiver *waiver)
{
	json_t *object = json_object();

	mc_json_put_count(w, object, "line", waiver->line);
	mc_json_put(w, object, "rule", mc_json_word_or_null(w, mc_rule_info(waiver->rule)->code));
	mc_json_put(w, object, "dist", mc_json_text_or_null(w, waiver->dist));
	mc_json_put(w, object, "version", mc_json_text_or_null(w, waiver->version));
	mc_json_put(w, object, "path", mc_json_text_or_null(w, waiver->path));
	mc_json_put(w, object, "subject", mc_json_text_or_null(w, waiver->subject));
	mc_json_put(w, object, "reason", mc_json_text(w, waiver->reason));
	mc_json_put(w, object, "expires", mc_json_text(w, waiver->expires));
	mc_json_put(w, object, "expired", json_boolean(waiver->is_expired));
	mc_json_put_count(w, object, "findings", waiver->uses);
	return object;
}

static json_t *excuses_value(struct mc_json_writer *w, const struct mc_excuses *excuses)
{
	json_t *object, *waivers;

	if (!excuses)
		return json_null();
	object = json_object();
	waivers = json_array();
	for (size_t i = 0; i < excuses->waivers_count; i++)
		mc_json_add(w, waivers, waiver_value(w, &excuses->waivers[i]));
	mc_json_put(w, object, "path", mc_json_word_or_null(w, excuses->path));
	mc_json_put(w, object, "waivers", waivers);
	mc_json_put(w, object, "baseline", mc_json_word_or_null(w, excuses->baseline));
	mc_json_put_count(w, object, "baseline_findings", excuses->baseline_findings);
	return object;
}

static const char *type_name(const struct mc_object *object)
{
	if (object->kind != MC_MEMBER_ELF || object->status < 0)
		return NULL;
	switch (object->elf.type) {
	case MC_ELF_SHARED: return "shared";
	case MC_ELF_PROGRAM: return "program";
	case MC_ELF_STATIC: return "static";
	case MC_ELF_RELOCATABLE: return "relocatable";
	}
	return NULL;
}

static const char *machine_name(const struct mc_object *object)
{
	const struct mc_elf *elf = &object->elf;

	if (!type_name(object))
		return NULL;
	return mc_machine_name(elf->machine, elf->word_bits, elf->is_big_endian);
}

static json_t *object_value(struct mc_json_writer *w, const struct mc_object_verdict *verdict)
{
	const struct mc_object *file = verdict->object;
	json_t *object = json_object(), *errors = json_array();

	mc_json_put(w, object, "path", mc_json_text(w, file->path));
	mc_json_put(w, object, "where", mc_json_text(w, file->where));
	mc_json_put(w, object, "dist", file->dist ? mc_json_text(w, file->dist->name) : json_null());
	mc_json_put(w, object, "type", mc_json_word_or_null(w, type_name(file)));
	mc_json_put(w, object, "machine", mc_json_word_or_null(w, machine_name(file)));
	mc_json_put(w, object, "loads", json_boolean(verdict->loads));
	for (size_t i = 0; i < verdict->errors_count; i++)
		mc_json_add(w, errors, mc_json_text(w, verdict->errors[i]));
	mc_json_put(w, object, "errors", errors);
	return object;
}

/* The document, or what stands at 'key'.  */
static void write_survey(struct mc_json_writer *w, const char *key, const struct mc_survey *survey)
{
	mc_json_open_object(w, key);
	mc_json_member(w, "schema", json_integer(1));
	mc_json_member(w, "tool", tool_value(w));
	mc_json_member(w, "question", mc_json_word_or_null(w, mc_question_name(survey->question)));
	mc_json_member(w, "question_source", mc_json_text_or_null(w, survey->asked.source));
	mc_json_member(w, "asked", asked_value(w, &survey->asked));
	mc_json_member(w, "target", target_value(w, &survey->target));
	mc_json_member(w, "against", target_value(w, &survey->against));
	mc_json_member(w, "advice", mc_json_word_or_null(w, mc_advice_name(survey->advice)));
	mc_json_member(w, "reason", mc_json_text(w, survey->reason));
	mc_json_member(w, "summary", summary_value(w, survey));
	write_packages(w, "packages", survey->packages, survey->packages_count);
	write_packages(w, "against_packages", survey->against_packages,
		       survey->against_packages_count);
	mc_json_member(w, "sizes", sizes_value(w, &survey->sizes));
	mc_json_member(w, "proof", proof_value(w, survey->proof));
	mc_json_member(w, "excuses", excuses_value(w, survey->excuses));
	mc_json_open_array(w, "dockerfiles");
	for (size_t i = 0; i < survey->dockerfiles_count && !w->status; i++)
		mc_json_item(w, dockerfile_value(w, &survey->dockerfiles[i]));
	mc_json_close_array(w);
	mc_json_open_array(w, "dists");
	for (size_t i = 0; i < survey->dists_count && !w->status; i++)
		mc_json_item(w, dist_value(w, &survey->dists[i]));
	mc_json_close_array(w);
	mc_json_open_array(w, "findings");
	for (size_t i = 0; i < survey->findings_count && !w->status; i++)
		mc_json_item(w, finding_value(w, survey, &survey->findings[i]));
	mc_json_close_array(w);
	mc_json_open_array(w, "objects");
	for (size_t i = 0; i < survey->objects_count && !w->status; i++)
		mc_json_item(w, object_value(w, &survey->objects[i]));
	mc_json_close_array(w);
	mc_json_close_object(w);
}

/* "SUBJECT: TEXT: strerror", as on a terminal.  */
static json_t *error_value(struct mc_json_writer *w, const struct mc_error *error)
{
	char number[96];

	if (!error)
		return json_null();
	return mc_json_text(w, mc_arena_printf(&w->scratch, "%s%s%s%s%s", error->subject,
					       error->subject[0] ? ": " : "", error->text, error->sys_errno ? ": " : "",
					       error->sys_errno ? mc_errno_text(error->sys_errno, number, sizeof(number))
								: ""));
}

enum mc_status mc_report_write_line(const struct mc_report_line *line, FILE *out, struct mc_error *err)
{
	struct mc_json_writer w;

	mc_json_open(&w, out, err);
	w.is_one_line = true;
	mc_json_open_object(&w, NULL);
	mc_json_member(&w, "input", mc_json_text(&w, mc_str_of(line->input)));
	mc_json_member(&w, "error", error_value(&w, line->error));
	if (line->survey)
		write_survey(&w, "report", line->survey);
	else
		mc_json_member(&w, "report", json_null());
	mc_json_close_object(&w);
	return mc_json_close(&w);
}

static enum mc_status write_json(const struct mc_survey *survey,
				 const struct mc_report_style *style, FILE *out,
				 struct mc_error *err)
{
	struct mc_json_writer w;

	(void)style;
	mc_json_open(&w, out, err);
	write_survey(&w, NULL, survey);
	return mc_json_close(&w);
}

static enum mc_status write_ndjson(const struct mc_survey *survey, const struct mc_report_style *style, FILE *out,
				   struct mc_error *err)
{
	const struct mc_report_line line = {.input = "", .survey = survey};

	(void)style;
	return mc_report_write_line(&line, out, err);
}

const struct mc_report_format mc_report_json = {"json", write_json};
const struct mc_report_format mc_report_ndjson = {"ndjson", write_ndjson};
