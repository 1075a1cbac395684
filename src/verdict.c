/* SPDX-License-Identifier: MIT */
#include "judge.h"
#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- dists ---- */

static int order_by_pointer(const void *a, const void *b)
{
	const struct mc_dist_state *x = a, *y = b;

	return ((uintptr_t)x->dist > (uintptr_t)y->dist) - ((uintptr_t)x->dist < (uintptr_t)y->dist);
}

struct mc_dist_state *mc_judge_dist(const struct mc_judge *j, const struct mc_dist *dist)
{
	struct mc_dist_state key = {.dist = dist};

	return bsearch(&key, j->dists, j->dists_count, sizeof(key), order_by_pointer);
}

static bool is_image_machine(const struct mc_elf *elf)
{
	return mc_machine_name(elf->machine, elf->word_bits, elf->is_big_endian) != NULL;
}

/* The machine of a dist: what its tags say, else what most of its objects are.  */
static void settle_machines(struct mc_judge *j)
{
	const struct mc_objects *objects = j->objects;

	for (size_t i = 0; i < j->objects_count; i++) {
		const struct mc_object *object = objects->items[i];
		const char *name = mc_machine_name(object->elf.machine, object->elf.word_bits,
						   object->elf.is_big_endian);
		struct mc_dist_state *state = mc_judge_dist(j, object->dist);

		if (!state || !name || object->kind != MC_MEMBER_ELF || object->status < 0)
			continue;
		/* Boyer and Moore's majority vote.  */
		if (!state->machine_votes) {
			state->machine = name;
			state->machine_votes = 1;
		} else {
			state->machine_votes += !strcmp(state->machine, name) ? 1 : -1;
		}
	}
	for (size_t i = 0; i < j->dists_count; i++) {
		const struct mc_dist *dist = j->dists[i].dist;
		struct mc_str machine = {"", 0};

		for (size_t t = 0; t < dist->tags_count && !machine.len; t++)
			machine = mc_platform_machine(dist->tags[t].platform);
		if (machine.len)
			j->dists[i].machine = machine.ptr;
		if (!j->dists[i].machine)
			j->dists[i].machine = j->options->machine ? j->options->machine : "x86_64";
	}
}

static enum mc_status open_dists(struct mc_judge *j, const struct mc_dist *const *dists, size_t count)
{
	j->dists = MC_TAKE_ARRAY(j->arena, struct mc_dist_state, count + 1);
	if (!j->dists)
		return mc_no_memory(j->err);
	for (size_t i = 0; i < count; i++) {
		unsigned own = j->options->is_target_given ? 0 : dists[i]->python_minor;

		j->dists[i].dist = dists[i];
		j->dists[i].minor = own ? own : j->options->target.python_minor;
		j->dists[i].is_unknown = dists[i]->kind == MC_DIST_WANTED; /* until pip's choice is known */
	}
	j->dists_count = count;
	qsort(j->dists, count, sizeof(*j->dists), order_by_pointer);
	return MC_OK;
}

/* ---- findings ---- */

static uint64_t hash_of(const struct mc_finding *f)
{
	return mc_hash_pair(mc_hash_pair((uintptr_t)f->dist, (uintptr_t)f->object),
			    mc_hash_text(f->subject) ^ (uint64_t)f->rule << 1 ^ f->is_against);
}

static bool is_same_finding(const struct mc_finding *a, const struct mc_finding *b)
{
	return a->rule == b->rule && a->is_against == b->is_against && a->dist == b->dist &&
	       a->object == b->object && mc_str_is(a->subject, b->subject);
}

/* One takes a kilobyte; real dists have 15, and some hundreds at the most.  */
enum { FINDINGS_RUN = 100000, FINDINGS_A_DIST = 100 };

static enum mc_status keep(struct mc_judge *j, const struct mc_finding *finding, struct mc_finding **kept_out)
{
	struct mc_finding *copy = MC_TAKE(j->arena, struct mc_finding);
	struct mc_finding **items =
		mc_arena_grow(j->arena, j->findings, j->findings_count, &j->findings_room, sizeof(*items));

	if (!copy || !items)
		return mc_no_memory(j->err);
	j->findings = items;
	if (mc_map_add(j->arena, &j->known, hash_of(finding), copy))
		return mc_no_memory(j->err);
	*copy = *finding;
	if (copy->object && !copy->path.len)
		copy->path = copy->object->path;
	j->findings[j->findings_count++] = *kept_out = copy;
	return MC_OK;
}

/* A dist of which not all is kept is not known, whoever answers for what is; told once.  */
static enum mc_status leave_out(struct mc_judge *j, const struct mc_finding *finding)
{
	struct mc_dist_state *state = mc_judge_dist(j, finding->dist);
	struct mc_finding *kept, f = {
		.rule = MC_RULE_UNREADABLE,
		.severity = MC_SEVERITY_ERROR,
		.dist = finding->dist,
		.subject = {"", 0},
		.message = MC_STR("not judged: more is found in this run than is kept"),
		.fix = {"", 0},
	};

	if (!state || state->is_overfull)
		return MC_OK;
	state->is_unknown = state->is_overfull = true;
	return keep(j, &f, &kept);
}

enum mc_status mc_judge_find(struct mc_judge *j, const struct mc_finding *finding,
			     struct mc_finding **new_out)
{
	uint64_t hash = hash_of(finding);
	const struct mc_finding *known;

	*new_out = NULL;
	for (size_t at = 0; (known = mc_map_next(&j->known, hash, &at));)
		if (is_same_finding(known, finding))
			return MC_OK;
	return j->findings_count >= FINDINGS_RUN + j->dists_count * FINDINGS_A_DIST ? leave_out(j, finding) : keep(j, finding, new_out);
}

/* ---- loading every object, once for each side ---- */

static enum mc_status index_names(struct mc_judge *j)
{
	for (size_t i = 0; i < j->objects_count; i++) {
		struct mc_object *object = j->objects->items[i];
		struct mc_str soname = object->elf.soname, name = mc_path_base(object->where);

		if (object->kind == MC_MEMBER_SOURCE)
			continue; /* x.py beside x.so is no other build of it */
		if (mc_map_add(j->arena, &j->by_stem, mc_judge_stem_hash(object), object))
			return mc_no_memory(j->err);
		if (object->kind != MC_MEMBER_ELF || object->status < 0)
			continue;
		if (mc_map_add(j->arena, &j->by_soname, mc_hash_text(name), object) ||
		    (soname.len && !mc_str_is(soname, name) &&
		     mc_map_add(j->arena, &j->by_soname, mc_hash_text(soname), object)))
			return mc_no_memory(j->err);
	}
	return MC_OK;
}

static enum mc_status load_object(struct mc_judge *j, struct mc_side *side, size_t i)
{
	const struct mc_object *object = j->objects->items[i];
	struct mc_load *load = &side->loads[i];

	MC_TRY(mc_resolve(side->with_packages, object, load, j->err));
	side->shipped_loads[i] = *load;
	for (size_t n = 1; n < load->chain_count; n++) {
		const struct mc_loaded *loaded = &load->chain[n];

		if (loaded->object && loaded->object->index < j->objects_count &&
		    loaded->object != object)
			j->is_reached[loaded->object->index] = true;
		if (!loaded->is_added)
			continue;
		/* As the image is, without the packages, the loader says something else.  */
		if (side->is_against)
			side->shipped_loads[i].loads = false;
		else if (side->shipped_loads[i].chain == load->chain)
			MC_TRY(mc_resolve(side->shipped, object, &side->shipped_loads[i], j->err));
	}
	return MC_OK;
}

static enum mc_status open_side(struct mc_judge *j, struct mc_side *side, bool is_against)
{
	const struct mc_judge_options *o = j->options;
	struct mc_process process = {
		.target = is_against ? o->against : o->target,
		.sysroot = is_against ? o->against_sysroot : o->sysroot,
		.has_python = true,
	};

	side->is_against = is_against;
	side->target = process.target;
	if (!is_against && o->libc_elf) {
		process.libc_elf = o->libc_elf;
		process.libc_version = o->libc_version;
		side->family = MC_LIBC_MUSL;
		side->libc_version = o->libc_version.ptr;
	} else {
		side->family = process.target.libc->family;
		side->libc_version = process.target.libc->version;
	}
	side->libc_name = side->family == MC_LIBC_MUSL ? "musl" : "glibc";
	MC_TRY(mc_resolver_open(&process, j->objects, j->arena, &side->shipped, j->err));
	process.has_packages = true;
	MC_TRY(mc_resolver_open(&process, j->objects, j->arena, &side->with_packages, j->err));
	side->loads = MC_TAKE_ARRAY(j->arena, struct mc_load, j->objects_count + 1);
	side->shipped_loads = MC_TAKE_ARRAY(j->arena, struct mc_load, j->objects_count + 1);
	if (!side->loads || !side->shipped_loads)
		return mc_no_memory(j->err);
	for (size_t i = 0; i < j->objects_count; i++) {
		const struct mc_object *object = j->objects->items[i];

		if (object->kind == MC_MEMBER_ELF && object->status == MC_OK &&
		    is_image_machine(&object->elf))
			MC_TRY(load_object(j, side, i));
	}
	return MC_OK;
}

/* ---- verdicts ---- */

static enum mc_verdict verdict_of(const struct mc_dist_state *state, const struct mc_side_state *side)
{
	if (state->is_unknown)
		return MC_VERDICT_UNKNOWN;
	if (side->is_broken)
		return MC_VERDICT_BREAKS;
	if (side->is_refused)
		return MC_VERDICT_TAG_ONLY;
	if (side->needs_packages)
		return MC_VERDICT_NEEDS_PACKAGES;
	return state->natives_count ? MC_VERDICT_RUNS : MC_VERDICT_PURE;
}

static enum mc_status list_objects(struct mc_judge *j, struct mc_survey *survey)
{
	struct mc_object_verdict *items =
		MC_TAKE_ARRAY(j->arena, struct mc_object_verdict, j->objects_count + 1);

	if (!items)
		return mc_no_memory(j->err);
	survey->objects = items;
	for (size_t i = 0; i < j->objects_count; i++) {
		const struct mc_object *object = j->objects->items[i];
		const struct mc_load *load = &j->target.shipped_loads[i];
		struct mc_object_verdict *item = &items[survey->objects_count];
		struct mc_str *errors;

		if (object->kind != MC_MEMBER_ELF)
			continue;
		survey->objects_count++;
		item->object = object;
		/* The kernel starts a static program; no loader is asked.  */
		item->loads = load->loads || (object->status == MC_OK && !object->elf.is_dynamic &&
					      object->elf.type == MC_ELF_STATIC);
		if (item->loads)
			continue;
		errors = MC_TAKE_ARRAY(j->arena, struct mc_str, load->complaints_count + 1);
		if (!errors)
			return mc_no_memory(j->err);
		item->errors = errors;
		if (object->status < 0)
			errors[item->errors_count++] = object->problem;
		for (size_t n = 0; n < load->complaints_count; n++) {
			struct mc_str text = mc_complaint_text(&load->complaints[n], j->target.family,
							       j->arena);

			if (text.len)
				errors[item->errors_count++] = text;
		}
	}
	return MC_OK;
}

static enum mc_status list_dists(struct mc_judge *j, struct mc_survey_parts *parts)
{
	parts->findings = MC_TAKE_ARRAY(j->arena, struct mc_finding, j->findings_count + 1);
	parts->dists = MC_TAKE_ARRAY(j->arena, struct mc_dist_verdict, j->dists_count + 1);
	if (!parts->findings || !parts->dists)
		return mc_no_memory(j->err);
	for (size_t i = 0; i < j->findings_count; i++)
		parts->findings[parts->findings_count++] = *j->findings[i];
	for (size_t i = 0; i < j->dists_count; i++) {
		const struct mc_dist_state *state = &j->dists[i];
		struct mc_dist_verdict *v = &parts->dists[parts->dists_count++];

		v->dist = state->dist;
		v->verdict = verdict_of(state, &state->target);
		v->against = verdict_of(state, &state->against);
		v->objects_count = state->natives_count;
		v->machine = state->machine;
		v->python_minor = state->minor;
		v->nbytes = v->against_nbytes = state->dist->nbytes;
		v->gcompat_would_do = v->verdict == MC_VERDICT_BREAKS && !state->is_beyond_gcompat;
	}
	return MC_OK;
}

enum mc_status mc_judge(const struct mc_dist *const *dists, size_t dists_count,
			struct mc_objects *objects, const struct mc_judge_options *options,
			struct mc_arena *arena, struct mc_survey *survey_out, struct mc_error *err)
{
	struct mc_survey_parts parts = {0};
	struct mc_judge j = {.options = options, .objects = objects, .arena = arena, .err = err};

	*survey_out = (struct mc_survey){.target = options->target, .against = options->against};
	j.objects_count = objects->count;
	j.is_reached = MC_TAKE_ARRAY(arena, bool, objects->count + 1);
	if (!j.is_reached)
		return mc_no_memory(err);
	MC_TRY(open_dists(&j, dists, dists_count));
	settle_machines(&j);
	MC_TRY(index_names(&j));
	MC_TRY(open_side(&j, &j.target, false));
	MC_TRY(open_side(&j, &j.against, true));
	MC_TRY(mc_judge_dists(&j));
	MC_TRY(mc_judge_tags(&j));
	MC_TRY(mc_judge_objects(&j, &j.target));
	MC_TRY(mc_judge_objects(&j, &j.against));
	MC_TRY(mc_judge_promises(&j));
	MC_TRY(mc_judge_behaviour(&j));
	MC_TRY(list_objects(&j, survey_out));
	MC_TRY(list_dists(&j, &parts));
	return mc_survey_finish(survey_out, &parts, options, arena, err);
}
