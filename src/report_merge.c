/* SPDX-License-Identifier: MIT */
#include "report_merge.h"

#include "file.h"
#include "json_read.h"

#include <stdio.h>
#include <string.h>

/* A list that grows in the arena.  */
struct list {
	void *items;
	size_t count, room;
};

struct mc_merge {
	struct mc_arena *arena;
	struct list dists, findings, objects; /* mc_dist_verdict, mc_finding, mc_object_verdict */
	struct mc_map inputs;                 /* that are there, as struct mc_str */
	struct mc_map known;                  /* dists of the report that is read, by name and path */
	struct mc_str target, against;        /* images; the first ones */
	bool is_mixed, is_reinstall;
	bool keeps_excuses, has_excuses;
	struct list waivers; /* struct mc_waiver */
	struct mc_excuses excuses;
	struct mc_str source;
	const char *path; /* of the file that is read */
	struct mc_error *err;
};

/* ---- values of a report ---- */

static struct mc_str member(struct mc_merge *m, const json_t *object, const char *key, bool *has_failed)
{
	const json_t *value = json_object_get(object, key);
	struct mc_str text = {"", 0};

	if (json_is_string(value) &&
	    mc_arena_copy(m->arena, (struct mc_str){json_string_value(value), json_string_length(value)}, &text))
		*has_failed = true;
	return text;
}

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 && (uint64_t)value < MC_DIST_NBYTES_MAX ? (uint64_t)value : 0;
}

static bool flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* Which of 'count' names stands at 'key'; 'count' when it is none of them.  */
static int choice(const json_t *object, const char *key, const char *(*name_of)(int), int count)
{
	const char *text = json_string_value(json_object_get(object, key));
	int i = 0;

	while (i < count && (!text || strcmp(text, name_of(i)) != 0))
		i++;
	return i;
}

static const char *verdict_at(int i) { return mc_verdict_name((enum mc_verdict)i); }
static const char *severity_at(int i) { return mc_severity_name((enum mc_severity)i); }
static const char *certainty_at(int i) { return mc_certainty_name((enum mc_certainty)i); }
static const char *rule_at(int i) { return mc_rule_info((enum mc_rule)i)->code; }
static const char *class_at(int i) { return mc_class_name((enum mc_class)i); }

static const char *kind_at(int i)
{
	static const char *const kinds[] = {"wheel", "installed", "wanted", "loose"};

	return kinds[i];
}

/* Room for one more.  */
static void *grow(struct mc_merge *m, struct list *list, size_t nbytes)
{
	void *items = mc_arena_grow(m->arena, list->items, list->count, &list->room, nbytes);

	if (!items)
		return NULL;
	list->items = items;
	return (char *)items + nbytes * list->count++;
}

/* ---- dists ---- */

static uint64_t hash_of_dist(struct mc_str name, struct mc_str path)
{
	return mc_hash_pair(mc_hash_text(name), mc_hash_text(path));
}

static enum mc_status split_tags(struct mc_merge *m, const json_t *tags, struct mc_dist *dist)
{
	size_t count = json_array_size(tags), i;
	struct mc_tag *items = MC_TAKE_ARRAY(m->arena, struct mc_tag, count + 1);
	const json_t *tag;

	if (!items)
		return MC_ERR_NOMEM;
	json_array_foreach(tags, i, tag) {
		struct mc_str text = {"", 0};

		if (!json_is_string(tag))
			continue;
		MC_TRY(mc_arena_copy(m->arena, (struct mc_str){json_string_value(tag), json_string_length(tag)}, &text));
		items[dist->tags_count].python = mc_str_cut(&text, '-');
		items[dist->tags_count].abi = mc_str_cut(&text, '-');
		items[dist->tags_count++].platform = text;
	}
	dist->tags = items;
	return MC_OK;
}

static enum mc_status add_dist(struct mc_merge *m, const json_t *from)
{
	struct mc_dist_verdict *v = grow(m, &m->dists, sizeof(*v));
	struct mc_dist *dist = MC_TAKE(m->arena, struct mc_dist);
	bool has_failed = false;
	int verdict = choice(from, "verdict", verdict_at, MC_VERDICTS_COUNT);
	int against = choice(from, "against", verdict_at, MC_VERDICTS_COUNT);
	int kind = choice(from, "kind", kind_at, MC_DIST_LOOSE + 1);

	if (!v || !dist)
		return MC_ERR_NOMEM;
	dist->kind = kind <= MC_DIST_LOOSE ? (enum mc_dist_kind)kind : MC_DIST_WHEEL;
	dist->name = member(m, from, "name", &has_failed);
	dist->version = member(m, from, "version", &has_failed);
	dist->path = member(m, from, "path", &has_failed);
	dist->is_editable = flag(from, "editable");
	MC_TRY(split_tags(m, json_object_get(from, "tags"), dist));
	*v = (struct mc_dist_verdict){
		.dist = dist,
		/* A verdict that this program does not know is none that it may call good.  */
		.verdict = verdict < MC_VERDICTS_COUNT ? (enum mc_verdict)verdict : MC_VERDICT_UNKNOWN,
		.against = against < MC_VERDICTS_COUNT ? (enum mc_verdict)against : MC_VERDICT_UNKNOWN,
		.objects_count = (size_t)number(from, "native_files"),
		.choice = member(m, from, "choice", &has_failed),
		.choice_version = member(m, from, "choice_version", &has_failed),
		.nbytes = number(from, "nbytes"),
		.against_nbytes = number(from, "against_nbytes"),
		.gcompat_would_do = flag(from, "gcompat"),
		.is_excused = m->keeps_excuses && flag(from, "excused"),
	};
	if (has_failed)
		return MC_ERR_NOMEM;
	return mc_map_add(m->arena, &m->known, hash_of_dist(dist->name, dist->path), dist);
}

/* Of the report that is read; NULL: it has no such dist.  */
static const struct mc_dist *find_dist(const struct mc_merge *m, struct mc_str name, struct mc_str path)
{
	const struct mc_dist *dist;

	for (size_t at = 0; (dist = mc_map_next(&m->known, hash_of_dist(name, path), &at));)
		if (mc_str_is(dist->name, name) && mc_str_is(dist->path, path))
			return dist;
	return NULL;
}

/* An input of which there is no report, or not a whole one.  */
static enum mc_status add_unread(struct mc_merge *m, struct mc_str input, struct mc_str why)
{
	struct mc_dist_verdict *v = grow(m, &m->dists, sizeof(*v));
	struct mc_finding *f = grow(m, &m->findings, sizeof(*f));
	struct mc_dist *dist = MC_TAKE(m->arena, struct mc_dist);

	if (!v || !f || !dist)
		return MC_ERR_NOMEM;
	*dist = (struct mc_dist){.kind = MC_DIST_WHEEL, .name = input, .path = input, .version = {"", 0},
				 .status = MC_ERR_FORMAT, .problem = why};
	*v = (struct mc_dist_verdict){.dist = dist, .verdict = MC_VERDICT_UNKNOWN, .against = MC_VERDICT_UNKNOWN};
	*f = (struct mc_finding){.rule = MC_RULE_UNREADABLE, .severity = MC_SEVERITY_ERROR, .dist = dist,
				 .path = {"", 0}, .subject = {"", 0}, .message = why, .fix = {"", 0}};
	return MC_OK;
}

/* ---- what was excused ---- */

/* Each line of a batch was asked the same waivers: they stand once, and what they cover adds up.  */
static struct mc_waiver *find_waiver(struct mc_merge *m, unsigned line, enum mc_rule rule)
{
	struct mc_waiver *items = m->waivers.items;

	for (size_t i = 0; i < m->waivers.count; i++)
		if (items[i].line == line && items[i].rule == rule)
			return &items[i];
	return NULL;
}

static enum mc_status add_waiver(struct mc_merge *m, const json_t *from)
{
	int rule = choice(from, "rule", rule_at, MC_RULES_COUNT);
	unsigned line = (unsigned)number(from, "line");
	bool has_failed = false;
	struct mc_waiver *w;

	if (rule == MC_RULES_COUNT)
		return MC_OK;
	w = find_waiver(m, line, (enum mc_rule)rule);
	if (!w) {
		w = grow(m, &m->waivers, sizeof(*w));
		if (!w)
			return MC_ERR_NOMEM;
		*w = (struct mc_waiver){
			.line = line,
			.rule = (enum mc_rule)rule,
			.rule_text = mc_str_of(rule_at(rule)),
			.dist = member(m, from, "dist", &has_failed),
			.version = member(m, from, "version", &has_failed),
			.path = member(m, from, "path", &has_failed),
			.subject = member(m, from, "subject", &has_failed),
			.reason = member(m, from, "reason", &has_failed),
			.expires = member(m, from, "expires", &has_failed),
		};
	}
	w->is_expired |= flag(from, "expired");
	w->uses += (size_t)number(from, "findings");
	return has_failed ? MC_ERR_NOMEM : MC_OK;
}

static enum mc_status add_excuses(struct mc_merge *m, const json_t *from)
{
	bool has_failed = false;
	struct mc_str path, baseline;
	const json_t *item;
	size_t i;

	if (!m->keeps_excuses || !json_is_object(from))
		return MC_OK;
	m->has_excuses = true;
	path = member(m, from, "path", &has_failed);
	baseline = member(m, from, "baseline", &has_failed);
	if (path.len && !m->excuses.path)
		m->excuses.path = path.ptr;
	if (baseline.len && !m->excuses.baseline)
		m->excuses.baseline = baseline.ptr;
	m->excuses.baseline_findings += (size_t)number(from, "baseline_findings");
	json_array_foreach(json_object_get(from, "waivers"), i, item)
		MC_TRY(add_waiver(m, item));
	return has_failed ? MC_ERR_NOMEM : MC_OK;
}

static enum mc_status take_excuse(struct mc_merge *m, const json_t *from, struct mc_finding *f)
{
	bool has_failed = false;
	struct mc_str reason = member(m, from, "excuse", &has_failed);
	struct mc_excuse *excuse;

	if (!m->keeps_excuses || !reason.len)
		return has_failed ? MC_ERR_NOMEM : MC_OK;
	excuse = MC_TAKE(m->arena, struct mc_excuse);
	if (!excuse)
		return MC_ERR_NOMEM;
	*excuse = (struct mc_excuse){reason, {"", 0}};
	f->excuse = excuse;
	return MC_OK;
}

/* ---- findings and files ---- */

static enum mc_status add_finding(struct mc_merge *m, const json_t *from, struct mc_str against)
{
	bool has_failed = false;
	int rule = choice(from, "rule", rule_at, MC_RULES_COUNT);
	int severity = choice(from, "severity", severity_at, MC_SEVERITY_ERROR + 1);
	int certainty = choice(from, "certainty", certainty_at, MC_CERTAINTY_HEURISTIC + 1);
	int name_class = choice(from, "class", class_at, MC_CLASS_PACKAGE + 1);
	struct mc_str package = member(m, from, "package", &has_failed), image = member(m, from, "image", &has_failed);
	const struct mc_dist *dist = find_dist(m, member(m, from, "dist", &has_failed),
					       member(m, from, "dist_path", &has_failed));
	struct mc_finding *f;

	/* One of a rule that only a later version has is told by that version.  */
	if (rule == MC_RULES_COUNT || severity > MC_SEVERITY_ERROR || !dist)
		return has_failed ? MC_ERR_NOMEM : MC_OK;
	f = grow(m, &m->findings, sizeof(*f));
	if (!f)
		return MC_ERR_NOMEM;
	*f = (struct mc_finding){
		.rule = (enum mc_rule)rule,
		.severity = (enum mc_severity)severity,
		.certainty = certainty <= MC_CERTAINTY_HEURISTIC ? (enum mc_certainty)certainty : MC_CERTAINTY_HEURISTIC,
		.is_against = image.len && mc_str_is(image, against),
		.dist = dist,
		.path = member(m, from, "path", &has_failed),
		.line = (unsigned)number(from, "line"),
		.subject = member(m, from, "subject", &has_failed),
		.message = member(m, from, "message", &has_failed),
		.fix = member(m, from, "fix", &has_failed),
		.name_class = name_class <= MC_CLASS_PACKAGE ? (enum mc_class)name_class : MC_CLASS_NONE,
		.in_gcompat = flag(from, "gcompat"),
		.package = package.len ? package.ptr : NULL,
	};
	return has_failed ? MC_ERR_NOMEM : take_excuse(m, from, f);
}

/* The numbers behind "x86_64".  */
static void set_machine(struct mc_elf *elf, const char *name)
{
	static const uint16_t machines[] = {3, 8, 20, 21, 22, 40, 62, 183, 243, 258}; /* EM_* */

	for (size_t i = 0; name && i < sizeof(machines) / sizeof(*machines); i++)
		for (unsigned bits = 32; bits <= 64; bits += 32)
			for (int big = 0; big < 2; big++) {
				const char *its = mc_machine_name(machines[i], (uint8_t)bits, big);

				if (its && !strcmp(its, name)) {
					elf->machine = machines[i];
					elf->word_bits = (uint8_t)bits;
					elf->is_big_endian = big;
					return;
				}
			}
}

static const char *type_at(int i)
{
	static const char *const types[] = {"shared", "program", "static", "relocatable"};

	return types[i];
}

static enum mc_status add_object(struct mc_merge *m, const json_t *from)
{
	const json_t *errors = json_object_get(from, "errors"), *error;
	struct mc_object_verdict *v = grow(m, &m->objects, sizeof(*v));
	struct mc_object *object = MC_TAKE(m->arena, struct mc_object);
	struct mc_str *texts = MC_TAKE_ARRAY(m->arena, struct mc_str, json_array_size(errors) + 1), name;
	int type = choice(from, "type", type_at, MC_ELF_RELOCATABLE + 1);
	bool has_failed = false;
	size_t i;

	if (!v || !object || !texts)
		return MC_ERR_NOMEM;
	*v = (struct mc_object_verdict){.object = object, .loads = flag(from, "loads"), .errors = texts};
	object->kind = MC_MEMBER_ELF;
	object->path = member(m, from, "path", &has_failed);
	object->where = member(m, from, "where", &has_failed);
	object->status = type <= MC_ELF_RELOCATABLE ? MC_OK : MC_ERR_FORMAT;
	object->elf.type = type <= MC_ELF_RELOCATABLE ? (enum mc_elf_type)type : MC_ELF_RELOCATABLE;
	set_machine(&object->elf, json_string_value(json_object_get(from, "machine")));
	name = member(m, from, "dist", &has_failed);
	/* The last dist of that name: a report has one a name, as a rule.  */
	for (size_t n = m->dists.count; name.len && n-- && !object->dist;) {
		const struct mc_dist *dist = ((struct mc_dist_verdict *)m->dists.items)[n].dist;

		if (mc_str_is(dist->name, name))
			object->dist = dist;
		if (m->dists.count - n > 1000)
			break;
	}
	json_array_foreach(errors, i, error)
		if (json_is_string(error) &&
		    mc_arena_copy(m->arena, (struct mc_str){json_string_value(error), json_string_length(error)},
				  &texts[v->errors_count++]))
			return MC_ERR_NOMEM;
	return has_failed ? MC_ERR_NOMEM : MC_OK;
}

/* ---- reports ---- */

static bool is_report(const json_t *report)
{
	return json_integer_value(json_object_get(report, "schema")) == 1 &&
	       json_is_array(json_object_get(report, "dists")) && json_is_array(json_object_get(report, "findings"));
}

/* The image of the first report stands for all, unless they differ.  */
static void keep_image(struct mc_merge *m, struct mc_str *kept, struct mc_str image)
{
	if (!kept->len)
		*kept = image;
	else if (!mc_str_is(*kept, image))
		m->is_mixed = true;
}

static enum mc_status add_report(struct mc_merge *m, const json_t *report)
{
	const json_t *item, *question = json_object_get(report, "question");
	bool has_failed = false;
	struct mc_str target = member(m, json_object_get(report, "target"), "image", &has_failed);
	struct mc_str against = member(m, json_object_get(report, "against"), "image", &has_failed);
	size_t i;

	if (!is_report(report))
		return mc_fail(m->err, MC_ERR_FORMAT, m->path, "neither a report of this program nor lines of a batch");
	m->known = (struct mc_map){NULL, 0, 0};
	keep_image(m, &m->target, target);
	keep_image(m, &m->against, against);
	if (json_is_string(question) && !strcmp(json_string_value(question), "reinstall")) {
		m->is_reinstall = true;
		m->source = member(m, report, "question_source", &has_failed);
	}
	if (add_excuses(m, json_object_get(report, "excuses")))
		return mc_no_memory(m->err);
	json_array_foreach(json_object_get(report, "dists"), i, item)
		if (add_dist(m, item))
			return mc_no_memory(m->err);
	json_array_foreach(json_object_get(report, "findings"), i, item)
		if (add_finding(m, item, against))
			return mc_no_memory(m->err);
	json_array_foreach(json_object_get(report, "objects"), i, item)
		if (add_object(m, item))
			return mc_no_memory(m->err);
	return has_failed ? mc_no_memory(m->err) : MC_OK;
}

/* True when it was there before.  */
static bool is_input_known(struct mc_merge *m, struct mc_str input, bool *has_failed)
{
	struct mc_str *known;

	for (size_t at = 0; (known = mc_map_next(&m->inputs, mc_hash_text(input), &at));)
		if (mc_str_is(*known, input))
			return true;
	known = MC_TAKE(m->arena, struct mc_str);
	*has_failed |= !known || mc_map_add(m->arena, &m->inputs, mc_hash_text(input), known);
	if (known)
		*known = input;
	return false;
}

static enum mc_status add_line(struct mc_merge *m, const json_t *line)
{
	const json_t *report = json_object_get(line, "report");
	bool has_failed = false;
	struct mc_str input, error;

	if (!json_is_string(json_object_get(line, "input")))
		return add_report(m, line);
	input = member(m, line, "input", &has_failed);
	error = member(m, line, "error", &has_failed);
	if (has_failed || (input.len && is_input_known(m, input, &has_failed)))
		return has_failed ? mc_no_memory(m->err) : MC_OK;
	if (json_is_object(report))
		MC_TRY(add_report(m, report));
	else if (!error.len)
		error = MC_STR("nothing is told of it");
	if (error.len && add_unread(m, input, error))
		return mc_no_memory(m->err);
	return has_failed ? mc_no_memory(m->err) : MC_OK;
}

/* Takes one value of the text; its length is told by jansson.  */
static enum mc_status add_text(struct mc_merge *m, struct mc_str text)
{
	while (text.len) {
		json_error_t why;
		json_t *line;
		enum mc_status status;

		if (strchr(" \t\r\n", text.ptr[0]) && text.ptr[0]) {
			text = mc_str_skip(text, 1);
			continue;
		}
		line = mc_json_load(text, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, &why);
		if (!line) {
			/* What ended the run has cut its last line: which input it was of is not known.  */
			if (!memchr(text.ptr, '\n', text.len) && m->dists.count)
				return add_unread(m, mc_str_of(m->path), MC_STR("its last line is cut short: an input is missing"))
					       ? mc_no_memory(m->err)
					       : MC_OK;
			return mc_fail(m->err, MC_ERR_FORMAT, m->path, "no JSON: %.100s", why.text);
		}
		status = json_is_object(line) ? add_line(m, line)
					      : mc_fail(m->err, MC_ERR_FORMAT, m->path,
							"neither a report of this program nor lines of a batch");
		json_decref(line);
		MC_TRY(status);
		text = mc_str_skip(text, why.position > 0 && (size_t)why.position <= text.len ? (size_t)why.position
											     : text.len);
	}
	return MC_OK;
}

struct mc_merge *mc_merge_open(struct mc_arena *arena, bool keeps_excuses)
{
	struct mc_merge *m = MC_TAKE(arena, struct mc_merge);

	if (m)
		*m = (struct mc_merge){.arena = arena, .keeps_excuses = keeps_excuses};
	return m;
}

enum mc_status mc_merge_add(struct mc_merge *m, const char *path, struct mc_error *err)
{
	struct mc_arena scratch;
	struct mc_str text;
	enum mc_status status;

	mc_arena_init(&scratch, m->arena->alloc);
	m->path = path;
	m->err = err;
	status = mc_read_whole(&scratch, path, MC_MERGE_NBYTES_MAX, &text, err);
	if (!status)
		status = add_text(m, text);
	mc_arena_clear(&scratch);
	return status;
}

static struct mc_target target_of(const struct mc_merge *m, struct mc_str name, enum mc_libc_family family)
{
	struct mc_target target = mc_target_default(0, family);
	struct mc_error none = MC_ERROR_INIT;

	/* The image of a folder or a file has no row; only its name is told.  */
	if (!name.len || mc_target_find(name, &target, &none))
		target = mc_target_default(0, family);
	if (name.len)
		target.name = name.ptr;
	if (m->is_mixed) {
		target.name = family == MC_LIBC_MUSL ? "the alpine image of its Python" : "the slim image of its Python";
		target.image = NULL;
	}
	return target;
}

enum mc_status mc_merge_survey(struct mc_merge *m, const struct mc_judge_options *options,
			       struct mc_survey *survey, struct mc_error *err)
{
	if (!m->dists.count)
		return mc_fail(err, MC_ERR_NOT_FOUND, m->path, "no dist in it");
	m->excuses.waivers = m->waivers.items;
	m->excuses.waivers_count = m->waivers.count;
	*survey = (struct mc_survey){
		.excuses = m->has_excuses ? &m->excuses : NULL,
		.target = target_of(m, m->target, MC_LIBC_MUSL),
		.against = target_of(m, m->against, MC_LIBC_GLIBC),
		.question = m->is_reinstall ? MC_QUESTION_REINSTALL : MC_QUESTION_COPY,
		.asked = {.source = m->source},
		.objects = m->objects.items,
		.objects_count = m->objects.count,
	};
	return mc_survey_of(survey, m->dists.items, m->dists.count, m->findings.items, m->findings.count, options,
			    m->arena, err);
}
