/* SPDX-License-Identifier: MIT */
/*
 * A survey as JSON, schema 1 (docs/json.md).  The document is written item by item:
 * a scan of thousands of dists never stands in memory a second time as a tree.
 */
#include "muslcheck/report.h"
#include "file.h"
#include "text.h"

#include <jansson.h>
#include <string.h>

#define INDENT 2

struct writer {
	FILE *out;
	struct mc_arena scratch; /* escaped text, until the item is written */
	struct mc_mark start;    /* of the scratch arena, one page already taken */
	struct mc_error *err;
	enum mc_status status; /* the first failure stays, and ends all writing */
	size_t depth;          /* of the open object or array */
	bool is_one_line;
	bool has_items;        /* in that object or array */
};

/* ---- values; NULL when memory runs out, which put() and add() take note of ---- */

static void no_memory(struct writer *w)
{
	if (!w->status)
		w->status = mc_fail(w->err, MC_ERR_NOMEM, NULL, "out of memory");
}

static json_t *text(struct writer *w, struct mc_str str)
{
	struct mc_str safe = mc_text_safe(&w->scratch, str);

	/* What was escaped holds a backslash; the one other text says that memory ran out.  */
	if (safe.ptr != str.ptr && !memchr(safe.ptr, '\\', safe.len))
		return NULL;
	return json_stringn_nocheck(safe.len ? safe.ptr : "", safe.len);
}

/* null for the empty text */
static json_t *text_or_null(struct writer *w, struct mc_str str)
{
	return str.len ? text(w, str) : json_null();
}

static json_t *word_or_null(struct writer *w, const char *word)
{
	return text_or_null(w, mc_str_of(word));
}

static void put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value))
		no_memory(w);
}

static void add(struct writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		no_memory(w);
}

static void put_count(struct writer *w, json_t *object, const char *key, size_t count)
{
	put(w, object, key, json_integer((json_int_t)count));
}

/* ---- writing ---- */

static void write_bytes(struct writer *w, const char *bytes, size_t nbytes)
{
	if (!w->status && nbytes && fwrite(bytes, 1, nbytes, w->out) != nbytes)
		w->status = mc_fail(w->err, MC_ERR_IO, NULL, "cannot write the report");
}

static void write_line_start(struct writer *w)
{
	static const char newline[] = "\n        ";

	if (!w->is_one_line)
		write_bytes(w, newline, 1 + w->depth * INDENT);
}

/* jansson indents from column 0; here a value stands 'depth' levels deep.  */
static int write_indented(const char *bytes, size_t nbytes, void *data)
{
	struct writer *w = data;

	while (nbytes) {
		const char *newline = memchr(bytes, '\n', nbytes);
		size_t n = newline ? (size_t)(newline - bytes) : nbytes;

		write_bytes(w, bytes, n);
		if (newline) {
			write_line_start(w);
			n++;
		}
		bytes += n;
		nbytes -= n;
	}
	return w->status ? -1 : 0;
}

static void write_value(struct writer *w, json_t *value)
{
	size_t how = w->is_one_line ? JSON_COMPACT : JSON_INDENT(INDENT);

	if (!w->status && json_dump_callback(value, write_indented, w, how | JSON_ENCODE_ANY))
		no_memory(w); /* unless a write failed, which was noted before */
	json_decref(value);
}

/* What goes before each item of the open object or array.  */
static void begin_item(struct writer *w)
{
	if (w->has_items)
		write_bytes(w, ",", 1);
	w->has_items = true;
	write_line_start(w);
}

static void begin_member(struct writer *w, const char *key)
{
	begin_item(w);
	write_bytes(w, "\"", 1);
	write_bytes(w, key, strlen(key));
	write_bytes(w, "\": ", w->is_one_line ? 2 : 3);
}

/* Takes 'value'.  */
static void write_member(struct writer *w, const char *key, json_t *value)
{
	begin_member(w, key);
	write_value(w, value);
}

static void write_item(struct writer *w, json_t *value)
{
	begin_item(w);
	write_value(w, value);
	mc_arena_rewind(&w->scratch, w->start);
}

static void open_array(struct writer *w, const char *key)
{
	begin_member(w, key);
	write_bytes(w, "[", 1);
	w->depth++;
	w->has_items = false;
}

static void close_array(struct writer *w)
{
	w->depth--;
	if (w->has_items)
		write_line_start(w);
	write_bytes(w, "]", 1);
	w->has_items = true; /* the array itself is an item of what is around it */
}

/* ---- the parts of a survey ---- */

static json_t *target_value(struct writer *w, const struct mc_target *target)
{
	json_t *object = json_object();
	char python[16] = "";

	if (target->python_minor)
		snprintf(python, sizeof(python), "3.%u", target->python_minor);
	put(w, object, "image", word_or_null(w, target->name));
	/* Without a table a musl loader was given as a file.  */
	put(w, object, "libc",
	    word_or_null(w,
			 target->libc && target->libc->family == MC_LIBC_GLIBC ? "glibc" : "musl"));
	put(w, object, "libc_version",
	    word_or_null(w, target->libc ? target->libc->version : NULL));
	put(w, object, "python", word_or_null(w, python));
	return object;
}

static json_t *tool_value(struct writer *w)
{
	json_t *object = json_object();

	put(w, object, "name", word_or_null(w, "muslcheck"));
	put(w, object, "version", word_or_null(w, MC_VERSION));
	return object;
}

static json_t *asked_value(struct writer *w, const struct mc_asked *asked)
{
	json_t *object = json_object();

	put_count(w, object, "projects", asked->projects);
	put_count(w, object, "failed", asked->failed);
	put_count(w, object, "wheels", asked->wheels);
	put_count(w, object, "by_names", asked->by_names);
	put_count(w, object, "by_tag", asked->by_tag);
	put_count(w, object, "newest", asked->newest);
	put_count(w, object, "unfollowed", asked->unfollowed);
	put_count(w, object, "folders", asked->folders);
	put_count(w, object, "nbytes", asked->nbytes);
	put(w, object, "offline", json_boolean(asked->is_offline));
	return object;
}

static json_t *summary_value(struct writer *w, const struct mc_survey *survey)
{
	json_t *object = json_object(), *findings = json_object();
	size_t counts[MC_SEVERITY_ERROR + 1] = {0};

	put_count(w, object, "dists", survey->dists_count);
	for (size_t i = 0; i < MC_VERDICTS_COUNT; i++)
		put_count(w, object, mc_verdict_name((enum mc_verdict)i), survey->counts[i]);
	for (size_t i = 0; i < survey->findings_count; i++)
		counts[survey->findings[i].severity]++;
	for (size_t i = MC_SEVERITY_ERROR + 1; i--;)
		put_count(w, findings, mc_severity_name((enum mc_severity)i), counts[i]);
	put(w, object, "findings", findings);
	return object;
}

static void write_packages(struct writer *w, const char *key,
			   const struct mc_package_need *packages, size_t packages_count)
{
	open_array(w, key);
	for (size_t i = 0; i < packages_count && !w->status; i++) {
		json_t *object = json_object();

		put(w, object, "package", word_or_null(w, packages[i].package));
		put(w, object, "soname", word_or_null(w, packages[i].soname));
		write_item(w, object);
	}
	close_array(w);
}

static json_t *size_value(struct writer *w, const struct mc_size *size)
{
	json_t *object = json_object();

	put(w, object, "image_kb", size->image_kb ? json_integer((json_int_t)size->image_kb) : json_null());
	put(w, object, "image_near", json_boolean(size->is_image_near));
	put_count(w, object, "dists_nbytes", size->dists_nbytes);
	put_count(w, object, "packages_kb", size->packages_kb);
	put_count(w, object, "packages_unknown", size->packages_unknown);
	return object;
}

static json_t *sizes_value(struct writer *w, const struct mc_sizes *sizes)
{
	json_t *object = json_object();

	put(w, object, "target", size_value(w, &sizes->target));
	put(w, object, "against", size_value(w, &sizes->against));
	put_count(w, object, "dists_unknown", sizes->dists_unknown);
	return object;
}

static json_t *nbytes_value(uint64_t nbytes)
{
	return nbytes ? json_integer((json_int_t)nbytes) : json_null();
}

static json_t *change_value(struct writer *w, const struct mc_docker_change *change)
{
	json_t *object = json_object();

	put_count(w, object, "line", change->line);
	put(w, object, "is", text_or_null(w, change->is));
	put(w, object, "becomes", text_or_null(w, change->becomes));
	put(w, object, "why", text(w, change->why));
	return object;
}

static json_t *dockerfile_value(struct writer *w, const struct mc_docker_changes *changes)
{
	json_t *object = json_object(), *items = json_array();

	put(w, object, "path", word_or_null(w, changes->path));
	for (size_t i = 0; i < changes->count; i++)
		add(w, items, change_value(w, &changes->items[i]));
	put(w, object, "changes", items);
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

static json_t *tags_value(struct writer *w, const struct mc_dist *dist)
{
	json_t *array = json_array();

	for (size_t i = 0; i < dist->tags_count; i++) {
		const struct mc_tag *tag = &dist->tags[i];
		struct mc_str triple = mc_arena_printf(
			&w->scratch, "%.*s-%.*s-%.*s", (int)tag->python.len, tag->python.ptr,
			(int)tag->abi.len, tag->abi.ptr, (int)tag->platform.len, tag->platform.ptr);

		add(w, array, triple.len ? text(w, triple) : NULL);
	}
	return array;
}

static json_t *build_value(struct writer *w, const struct mc_sdist *build)
{
	json_t *object, *packages;

	if (!build)
		return json_null();
	object = json_object();
	packages = json_array();
	put(w, object, "kinds", text(w, build->kinds_text));
	put(w, object, "backend", text(w, build->backend));
	for (size_t i = 0; i < build->packages_count; i++)
		add(w, packages, text(w, build->packages[i].package));
	put(w, object, "packages", packages);
	return object;
}

static json_t *dist_value(struct writer *w, const struct mc_dist_verdict *verdict)
{
	const struct mc_dist *dist = verdict->dist;
	json_t *object = json_object();

	put(w, object, "name", text(w, dist->name));
	put(w, object, "version", text_or_null(w, dist->version));
	put(w, object, "path", text(w, dist->path));
	put(w, object, "kind", word_or_null(w, kind_name(dist->kind)));
	put(w, object, "tags", tags_value(w, dist));
	put(w, object, "verdict", word_or_null(w, mc_verdict_name(verdict->verdict)));
	put(w, object, "against", word_or_null(w, mc_verdict_name(verdict->against)));
	put(w, object, "choice", text_or_null(w, verdict->choice));
	put(w, object, "choice_version", text_or_null(w, verdict->choice_version));
	put(w, object, "build", build_value(w, verdict->build));
	put_count(w, object, "native_files", verdict->objects_count);
	put(w, object, "nbytes", nbytes_value(verdict->nbytes));
	put(w, object, "against_nbytes", nbytes_value(verdict->against_nbytes));
	put(w, object, "gcompat", json_boolean(verdict->gcompat_would_do));
	put(w, object, "editable", json_boolean(dist->is_editable));
	return object;
}

static json_t *proof_value(struct writer *w, const struct mc_proof *proof)
{
	json_t *object;

	if (!proof)
		return json_null();
	object = json_object();
	put(w, object, "loader", text(w, proof->loader));
	put_count(w, object, "files", proof->files);
	put_count(w, object, "differ", proof->differ);
	for (int kind = MC_PROOF_CONFIRMED; kind < MC_PROOF_KINDS_COUNT; kind++)
		put_count(w, object, mc_proof_name((enum mc_proof_kind)kind), proof->counts[kind]);
	return object;
}

static const char *proof_of(const struct mc_survey *survey, const struct mc_finding *finding)
{
	return survey->proof ? mc_proof_name(survey->proof->kinds[finding - survey->findings]) : NULL;
}

static json_t *finding_value(struct writer *w, const struct mc_survey *survey,
			     const struct mc_finding *finding)
{
	const struct mc_rule_info *rule = mc_rule_info(finding->rule);
	const struct mc_target *target = finding->is_against ? &survey->against : &survey->target;
	const struct mc_dist *dist = finding->dist;
	json_t *object = json_object();

	put(w, object, "rule", word_or_null(w, rule->code));
	put(w, object, "name", word_or_null(w, rule->name));
	put(w, object, "severity", word_or_null(w, mc_severity_name(finding->severity)));
	put(w, object, "certainty", word_or_null(w, mc_certainty_name(finding->certainty)));
	put(w, object, "image", word_or_null(w, target->name));
	put(w, object, "dist", dist ? text(w, dist->name) : json_null());
	put(w, object, "version", dist ? text_or_null(w, dist->version) : json_null());
	put(w, object, "dist_path", dist ? text_or_null(w, dist->path) : json_null());
	put(w, object, "path", text_or_null(w, finding->path));
	put(w, object, "line", finding->line ? json_integer((json_int_t)finding->line) : json_null());
	put(w, object, "subject", text_or_null(w, finding->subject));
	put(w, object, "message", text(w, finding->message));
	put(w, object, "fix", text_or_null(w, finding->fix));
	put(w, object, "class", word_or_null(w, mc_class_name(finding->name_class)));
	put(w, object, "gcompat", json_boolean(finding->in_gcompat));
	put(w, object, "package", word_or_null(w, finding->package));
	put(w, object, "proof", word_or_null(w, proof_of(survey, finding)));
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

static json_t *object_value(struct writer *w, const struct mc_object_verdict *verdict)
{
	const struct mc_object *file = verdict->object;
	json_t *object = json_object(), *errors = json_array();

	put(w, object, "path", text(w, file->path));
	put(w, object, "where", text(w, file->where));
	put(w, object, "dist", file->dist ? text(w, file->dist->name) : json_null());
	put(w, object, "type", word_or_null(w, type_name(file)));
	put(w, object, "machine", word_or_null(w, machine_name(file)));
	put(w, object, "loads", json_boolean(verdict->loads));
	for (size_t i = 0; i < verdict->errors_count; i++)
		add(w, errors, text(w, verdict->errors[i]));
	put(w, object, "errors", errors);
	return object;
}

static void write_survey(struct writer *w, const struct mc_survey *survey)
{
	write_bytes(w, "{", 1);
	w->depth = 1;
	write_member(w, "schema", json_integer(1));
	write_member(w, "tool", tool_value(w));
	write_member(w, "question",
		     word_or_null(w, survey->question == MC_QUESTION_COPY ? "copy" : "reinstall"));
	write_member(w, "question_source", text_or_null(w, survey->asked.source));
	write_member(w, "asked", asked_value(w, &survey->asked));
	write_member(w, "target", target_value(w, &survey->target));
	write_member(w, "against", target_value(w, &survey->against));
	write_member(w, "advice",
		     word_or_null(w, survey->advice == MC_ADVICE_ALPINE ? "alpine" : "slim"));
	write_member(w, "reason", text(w, survey->reason));
	write_member(w, "summary", summary_value(w, survey));
	write_packages(w, "packages", survey->packages, survey->packages_count);
	write_packages(w, "against_packages", survey->against_packages,
		       survey->against_packages_count);
	write_member(w, "sizes", sizes_value(w, &survey->sizes));
	write_member(w, "proof", proof_value(w, survey->proof));
	open_array(w, "dockerfiles");
	for (size_t i = 0; i < survey->dockerfiles_count && !w->status; i++)
		write_item(w, dockerfile_value(w, &survey->dockerfiles[i]));
	close_array(w);
	open_array(w, "dists");
	for (size_t i = 0; i < survey->dists_count && !w->status; i++)
		write_item(w, dist_value(w, &survey->dists[i]));
	close_array(w);
	open_array(w, "findings");
	for (size_t i = 0; i < survey->findings_count && !w->status; i++)
		write_item(w, finding_value(w, survey, &survey->findings[i]));
	close_array(w);
	open_array(w, "objects");
	for (size_t i = 0; i < survey->objects_count && !w->status; i++)
		write_item(w, object_value(w, &survey->objects[i]));
	close_array(w);
	w->depth = 0;
	write_line_start(w);
	write_bytes(w, "}", 1);
}

/* "SUBJECT: TEXT: strerror", as on a terminal.  */
static json_t *error_value(struct writer *w, const struct mc_error *error)
{
	char number[96];

	if (!error)
		return json_null();
	return text(w, mc_arena_printf(&w->scratch, "%s%s%s%s%s", error->subject, error->subject[0] ? ": " : "",
				       error->text, error->sys_errno ? ": " : "",
				       error->sys_errno ? mc_errno_text(error->sys_errno, number, sizeof(number)) : ""));
}

static void open_writer(struct writer *w)
{
	mc_arena_init(&w->scratch, NULL);
	if (!mc_arena_take(&w->scratch, 1, 1))
		no_memory(w);
	w->start = mc_arena_mark(&w->scratch);
}

enum mc_status mc_report_write_line(const struct mc_report_line *line, FILE *out, struct mc_error *err)
{
	struct writer w = {.out = out, .err = err, .is_one_line = true};

	open_writer(&w);
	write_bytes(&w, "{", 1);
	write_member(&w, "input", text(&w, mc_str_of(line->input)));
	write_member(&w, "error", error_value(&w, line->error));
	begin_member(&w, "report");
	w.has_items = false;
	if (line->survey)
		write_survey(&w, line->survey);
	else
		write_bytes(&w, "null", 4);
	write_bytes(&w, "}\n", 2);
	mc_arena_clear(&w.scratch);
	return w.status;
}

static enum mc_status write_json(const struct mc_survey *survey,
				 const struct mc_report_style *style, FILE *out,
				 struct mc_error *err)
{
	struct writer w = {.out = out, .err = err};

	(void)style;
	open_writer(&w);
	write_survey(&w, survey);
	write_bytes(&w, "\n", 1);
	if (!w.status && fflush(out))
		w.status = mc_fail(err, MC_ERR_IO, NULL, "cannot write the report");
	mc_arena_clear(&w.scratch);
	return w.status;
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
