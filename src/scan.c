/* SPDX-License-Identifier: MIT */
#include "scan_impl.h"

#include "file.h"
#include "muslcheck/libc_file.h"
#include "path.h"
#include "refusal.h"
#include "rootfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- telling ---- */

void mc_scan_show(const struct mc_scan *scan, const char *what)
{
	if (scan->options->show_progress)
		scan->options->show_progress(scan->options->state, scan->done, scan->count, what);
}

void mc_scan_complain(const struct mc_scan *scan, const char *subject, struct mc_error *why)
{
	if (!why->subject[0])
		snprintf(why->subject, sizeof(why->subject), "%s", subject);
	if (scan->options->complain)
		scan->options->complain(scan->options->state, why);
}

enum mc_status mc_scan_heed(struct mc_scan *scan, const char *subject, enum mc_status refusal, struct mc_error *why)
{
	if (refusal == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	return refusal < 0 && !scan->has_error ? mc_scan_miss(scan, subject, why) : MC_OK;
}

/* ---- hauls ---- */

enum mc_status mc_haul_keep_dist(struct mc_scan *scan, struct mc_haul *haul, const struct mc_dist *dist)
{
	const struct mc_dist **dists = mc_arena_grow(&scan->arena, haul->dists, haul->dists_count,
						    &haul->dists_room, sizeof(*dists));

	if (!dists)
		return mc_no_memory(scan->err);
	haul->dists = dists;
	haul->dists[haul->dists_count++] = dist;
	return MC_OK;
}

enum mc_status mc_haul_keep_unreadable(struct mc_scan *scan, struct mc_haul *haul, const char *path,
				       const struct mc_error *why)
{
	struct mc_dist *dist = MC_TAKE(&scan->arena, struct mc_dist);
	char number[96];

	if (!dist || mc_arena_copy(&scan->arena, mc_str_of(path), &dist->path))
		return mc_no_memory(scan->err);
	dist->kind = MC_DIST_WHEEL;
	dist->name = mc_path_base(dist->path);
	dist->status = why->status;
	dist->problem = why->sys_errno
				? mc_arena_printf(&scan->arena, "%s: %s", why->text,
						  mc_errno_text(why->sys_errno, number, sizeof(number)))
				: mc_arena_printf(&scan->arena, "%s", why->text);
	return mc_haul_keep_dist(scan, haul, dist);
}

/* One after another: of one wheel, or with --confirm, which copies them to where a loader finds them.  */
static enum mc_status gather_members(struct mc_scan *scan, struct mc_haul *haul, struct mc_source *source)
{
	struct mc_member member;
	enum mc_status status;

	while ((status = mc_source_next(source, &member, scan->err)) == MC_OK) {
		struct mc_object *object;

		MC_TRY(mc_objects_add_member(&haul->objects, source, &member, &object, scan->err));
		if (object)
			MC_TRY(mc_scan_place(scan, source, object));
	}
	MC_TRY(status);
	mc_scan_place_next(scan);
	return MC_OK;
}

/* The dist of what no RECORD claims, when one of these objects is such; else NULL.  */
static const struct mc_dist *find_loose(const struct mc_objects *objects, size_t start)
{
	for (size_t i = start; i < objects->count; i++)
		if (objects->items[i]->dist->kind == MC_DIST_LOOSE)
			return objects->items[i]->dist;
	return NULL;
}

enum mc_status mc_haul_gather(struct mc_scan *scan, struct mc_haul *haul, struct mc_source *source, const char *shown)
{
	const struct mc_dist *const *dists, *loose;
	size_t start = haul->objects.count, count;

	if (mc_source_kind(source) == MC_SOURCE_TREE && !scan->confirm)
		MC_TRY(mc_scan_gather_tree(scan, haul, source, shown));
	else
		MC_TRY(gather_members(scan, haul, source));
	loose = find_loose(&haul->objects, start);
	dists = mc_source_dists(source, &count);
	for (size_t i = 0; i < count; i++) {
		MC_TRY(mc_haul_keep_dist(scan, haul, dists[i]));
		if (dists[i] == loose)
			loose = NULL;
	}
	/* Sources that no dist claims are told of when there is something to tell.  */
	return loose ? mc_haul_keep_dist(scan, haul, loose) : MC_OK;
}

/* ---- paths ---- */

enum mc_status mc_scan_miss(struct mc_scan *scan, const char *path, struct mc_error *why)
{
	struct mc_missed *missed = mc_arena_grow(&scan->arena, scan->missed, scan->missed_count,
						&scan->missed_room, sizeof(*missed));

	if (!missed)
		return mc_no_memory(scan->err);
	scan->missed = missed;
	scan->missed[scan->missed_count++] = (struct mc_missed){path, *why};
	mc_scan_complain(scan, path, why);
	scan->has_error = true;
	return MC_OK;
}

enum mc_status mc_scan_keep_failure(struct mc_scan *scan, const char *path, bool is_given,
				    struct mc_error *why)
{
	if (is_given && (why->status == MC_ERR_IO || why->status == MC_ERR_NOT_FOUND))
		return mc_scan_miss(scan, path, why);
	mc_scan_complain(scan, path, why);
	return mc_haul_keep_unreadable(scan, &scan->haul, path, why);
}

/* An image's tar is a tree once it is unpacked.  */
static enum mc_status unpack(struct mc_scan *scan, const char *path, struct mc_rootfs **image_out,
			     struct mc_error *why)
{
	struct mc_rootfs **images = mc_arena_grow(&scan->arena, scan->images, scan->images_count,
						 &scan->images_room, sizeof(*images));

	if (!images)
		return mc_no_memory(why);
	scan->images = images;
	mc_scan_show(scan, path);
	MC_TRY(mc_rootfs_open(path, &scan->arena, image_out, why));
	scan->images[scan->images_count++] = *image_out;
	return MC_OK;
}

/* Wheels that follow each other are read together, so that threads have something to share.  */
static enum mc_status wait_for(struct mc_scan *scan, const char *path, const char *shown, bool is_given)
{
	struct mc_gather_wheel *wheels = mc_arena_grow(&scan->arena, scan->waiting, scan->waiting_count,
						      &scan->waiting_room, sizeof(*wheels));

	if (!wheels)
		return mc_no_memory(scan->err);
	scan->waiting = wheels;
	scan->waiting[scan->waiting_count++] =
		(struct mc_gather_wheel){.path = path, .shown = shown, .is_given = is_given};
	return MC_OK;
}

static enum mc_status read_waiting(struct mc_scan *scan)
{
	size_t count = scan->waiting_count;

	scan->waiting_count = 0;
	return mc_scan_gather_wheels(scan, &scan->haul, scan->waiting, count);
}

static enum mc_status gather_source(struct mc_scan *scan, const char *path, const char *shown, bool is_given);

/* The wheels in a tree: told below 'shown', they lie below 'path'.  */
static enum mc_status gather_inner(struct mc_scan *scan, const char *path, const char *shown,
				   const char *const *wheels, size_t count)
{
	scan->count += count;
	for (size_t i = 0; i < count; i++) {
		const char *real = wheels[i];

		if (shown != path)
			real = mc_arena_printf(&scan->arena, "%s%s", path, wheels[i] + strlen(shown)).ptr;
		if (!*real)
			return mc_no_memory(scan->err);
		MC_TRY(scan->confirm ? gather_source(scan, real, wheels[i], false)
				     : wait_for(scan, real, wheels[i], false));
	}
	return read_waiting(scan);
}

/* 'shown' stands for 'path' where it is told.  */
static enum mc_status gather_source(struct mc_scan *scan, const char *path, const char *shown, bool is_given)
{
	const struct mc_source_options options = {
		.shown_as = shown,
		.wants_sources = !scan->options->no_sources,
		.kept = scan->kept,
	};
	struct mc_error why = MC_ERROR_INIT;
	struct mc_source *source;
	const char *const *wheels;
	enum mc_status status;
	size_t count;

	mc_scan_show(scan, shown);
	status = mc_source_open(path, &options, &scan->arena, &source, &why);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (status < 0)
		return mc_scan_keep_failure(scan, shown, is_given, &why);
	status = mc_haul_gather(scan, &scan->haul, source, shown);
	wheels = mc_source_wheels(source, &count);
	mc_source_close(source); /* what it handed out lives in the arena */
	MC_TRY(status);
	return gather_inner(scan, path, shown, wheels, count);
}

static bool is_file(const char *path)
{
	struct stat info;

	return !mc_heed(stat(path, &info)) && S_ISREG(info.st_mode);
}

static enum mc_status gather(struct mc_scan *scan, const char *path)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_rootfs *image;
	bool is_list;
	enum mc_status status = mc_scan_add_list(scan, path, &is_list, &why);

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (status < 0)
		return mc_scan_keep_failure(scan, path, true, &why);
	if (is_list)
		return MC_OK;
	if (strcmp(path, "-") != 0 && !mc_rootfs_is_tar(path)) {
		/* --confirm copies members to where a loader finds them, one after another.  */
		if (!scan->confirm && is_file(path))
			return wait_for(scan, path, path, true);
		MC_TRY(read_waiting(scan));
		return gather_source(scan, path, path, true);
	}
	MC_TRY(read_waiting(scan));
	status = unpack(scan, path, &image, &why);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (status < 0)
		return mc_scan_keep_failure(scan, path, true, &why);
	return gather_source(scan, mc_rootfs_dir(image), path, true);
}

/* ---- images ---- */

/* The Python that the run is for: the newest one that a dist or a module names.  */
static unsigned newest_minor(const struct mc_haul *haul)
{
	unsigned newest = 0;

	for (size_t i = 0; i < haul->dists_count; i++)
		if (haul->dists[i]->python_minor > newest)
			newest = haul->dists[i]->python_minor;
	for (size_t i = 0; !newest && i < haul->objects.count; i++)
		newest = mc_suffix_minor(haul->objects.items[i]->path);
	return newest;
}

/* "docker.io/library/python:3.12-slim" has a '/' too, but no file has that name.  */
static bool is_path_of_image(const char *name)
{
	struct stat info;

	return !mc_heed(stat(name, &info)) && (strchr(name, '/') || mc_rootfs_is_tar(name));
}

static enum mc_status open_image(struct mc_scan *scan, const char *path, struct mc_target *target_out,
				 const struct mc_sysroot **sysroot_out)
{
	const char *dir = path, *name = path;
	struct mc_rootfs *image;

	if (mc_rootfs_is_tar(path)) {
		MC_TRY(unpack(scan, path, &image, scan->err));
		dir = mc_rootfs_dir(image);
		if (mc_rootfs_tag(image).len)
			name = mc_rootfs_tag(image).ptr;
	}
	MC_TRY(mc_sysroot_open(dir, name, &scan->arena, sysroot_out, scan->err));
	*target_out = (*sysroot_out)->target;
	return MC_OK;
}

static enum mc_status find_image(struct mc_scan *scan, const char *name, struct mc_target *target_out,
				 const struct mc_sysroot **sysroot_out)
{
	return is_path_of_image(name) ? open_image(scan, name, target_out, sysroot_out)
				      : mc_target_find(mc_str_of(name), target_out, scan->err);
}

/* Those that have been named; what is wrong with a name is told before any work.  */
static enum mc_status find_images(struct mc_scan *scan)
{
	const struct mc_scan_options *o = scan->options;
	struct mc_judge_options *judge = &scan->judge;

	if (o->sysroot && (o->target || o->libc_path))
		return mc_fail(scan->err, MC_ERR_USAGE, "--sysroot",
			       "it is the target; give no --target and no --libc");
	if (o->sysroot)
		MC_TRY(open_image(scan, o->sysroot, &judge->target, &judge->sysroot));
	if (o->target)
		MC_TRY(find_image(scan, o->target, &judge->target, &judge->sysroot));
	if (judge->target.libc && judge->target.libc->family != MC_LIBC_MUSL)
		return mc_fail(scan->err, MC_ERR_USAGE, o->target ? o->target : o->sysroot,
			       "the image to move to has glibc: it must be one with musl; --against takes the other");
	if (o->against)
		MC_TRY(find_image(scan, o->against, &judge->against, &judge->against_sysroot));
	if (judge->sysroot && o->libc_path)
		return mc_fail(scan->err, MC_ERR_USAGE, "--libc", "%s has a libc of its own", o->target);
	return MC_OK;
}

/* The Python that the run is for, where nobody named an image; 0: nothing says.  */
static unsigned find_minor(struct mc_scan *scan)
{
	unsigned minor = scan->options->python_minor;

	if (!minor)
		minor = newest_minor(&scan->haul);
	if (!minor)
		minor = mc_scan_docker_minor(scan);
	return minor ? minor : mc_scan_wished_minor(scan);
}

static void choose_target(struct mc_scan *scan)
{
	const struct mc_scan_options *o = scan->options;
	struct mc_target *target = &scan->judge.target;
	unsigned minor = find_minor(scan);

	scan->judge.is_target_given = target->libc || o->python_minor;
	/* "alpine3.20": of the Python that the files are for, each of its own.  */
	if (o->target && !scan->judge.sysroot && !mc_target_tells_python(mc_str_of(o->target))) {
		scan->judge.is_target_given = o->python_minor;
		(void)mc_target_with_python(mc_str_of(o->target), minor, target);
	}
	if (scan->judge.sysroot && !target->python_minor)
		target->python_minor = mc_target_default(minor, MC_LIBC_MUSL).python_minor;
	if (target->libc) {
		if (o->python_minor)
			target->python_minor = o->python_minor;
		return;
	}
	if (!mc_scan_docker_image(scan, MC_LIBC_MUSL, target))
		*target = mc_target_default(minor, MC_LIBC_MUSL);
	if (o->libc_path)
		*target = (struct mc_target){.name = o->libc_path, .python_minor = target->python_minor};
}

static void choose_images(struct mc_scan *scan, const struct mc_libc_file *libc)
{
	static const struct mc_export_set *const no_sets[] = {NULL};
	const struct mc_scan_options *o = scan->options;
	struct mc_judge_options *judge = &scan->judge;

	judge->fail_on = o->fail_on;
	judge->fail_never = o->fail_never;
	judge->machine = o->machine ? o->machine : mc_scan_docker_machine(scan);
	if (!judge->machine)
		judge->machine = "x86_64";
	choose_target(scan);
	if (o->libc_path) {
		scan->bare_libc = (struct mc_libc){MC_LIBC_MUSL, libc->version.ptr, no_sets};
		judge->libc_elf = &libc->elf;
		judge->libc_version = libc->version;
		judge->target.libc = &scan->bare_libc;
	}
	if (o->against && !judge->against_sysroot)
		(void)mc_target_with_python(mc_str_of(o->against), judge->target.python_minor, &judge->against);
	if (!o->against && !mc_scan_docker_image(scan, MC_LIBC_GLIBC, &judge->against))
		judge->against = mc_target_default(judge->target.python_minor, MC_LIBC_GLIBC);
}

/* ---- the reinstall question ---- */

static bool is_asked_for(const struct mc_scan *scan, const struct mc_dist_verdict *v)
{
	const struct mc_scan_options *o = scan->options;

	if (mc_is_settled(&scan->survey, v) || o->question == MC_SCAN_COPY || v->dist->kind == MC_DIST_WANTED)
		return false;
	return o->question == MC_SCAN_REINSTALL || o->find_links_count ||
	       v->dist->kind == MC_DIST_INSTALLED;
}

static int order_of_picks(const void *a, const void *b)
{
	const struct mc_dist *x = (*(struct mc_pick *const *)a)->dist, *y = (*(struct mc_pick *const *)b)->dist;

	return ((uintptr_t)x > (uintptr_t)y) - ((uintptr_t)x < (uintptr_t)y);
}

/* The choices in the order of the survey's dists.  */
static enum mc_status list_choices(struct mc_scan *scan, const struct mc_survey *copy,
				   struct mc_choice **choices_out)
{
	struct mc_choice *choices =
		MC_TAKE_ARRAY(&scan->arena, struct mc_choice, copy->dists_count + 1);

	if (!choices)
		return mc_no_memory(scan->err);
	if (scan->picks_count)
		qsort(scan->picks, scan->picks_count, sizeof(*scan->picks), order_of_picks);
	for (size_t i = 0; i < copy->dists_count; i++) {
		struct mc_pick wanted = {.dist = copy->dists[i].dist}, *key = &wanted, **found;

		if (!scan->picks_count)
			break;
		found = bsearch(&key, scan->picks, scan->picks_count, sizeof(*scan->picks), order_of_picks);
		if (found)
			choices[i] = (*found)->choice;
		else
			choices[i].is_unasked = true;
	}
	*choices_out = choices;
	return MC_OK;
}

static enum mc_status reinstall(struct mc_scan *scan)
{
	struct mc_survey chosen, copy = scan->survey;
	struct mc_choice *choices = NULL;

	for (size_t i = 0; i < copy.dists_count; i++)
		if (is_asked_for(scan, &copy.dists[i]) &&
		    !mc_scan_add_pick(scan, copy.dists[i].dist, copy.dists[i].python_minor,
				      copy.dists[i].machine))
			return mc_no_memory(scan->err);
	MC_TRY(mc_scan_pick(scan));
	/* With nothing to choose from, the copy question is all that can be answered.  */
	if (!scan->index && !scan->options->find_links_count && !scan->locks_count && !scan->lists_count)
		return MC_OK;
	MC_TRY(list_choices(scan, &copy, &choices));
	scan->wheels.objects.disk_nbytes = mc_source_kept_disk_nbytes(scan->kept);
	MC_TRY(mc_judge(scan->wheels.dists, scan->wheels.dists_count, &scan->wheels.objects,
			&scan->judge, &scan->arena, &chosen, scan->err));
	scan->asked.source = mc_scan_name_sources(scan);
	scan->asked.is_offline = scan->options->index.is_offline;
	if (scan->index)
		scan->asked.nbytes = mc_index_stats(scan->index).nbytes;
	return mc_reinstall(&copy, choices, &chosen, &scan->asked, &scan->judge, &scan->arena,
			    &scan->survey, scan->err);
}

/* ---- the whole ---- */

static enum mc_status judge(struct mc_scan *scan, const char *first_path)
{
	struct mc_error why = MC_ERROR_INIT;
	enum mc_status refusal;

	MC_TRY(mc_scan_wish(scan));
	refusal = mc_refusal_take(&why);
	MC_TRY(mc_scan_heed(scan, first_path, refusal, &why));
	for (size_t i = 0; i < scan->picks_count; i++)
		MC_TRY(mc_haul_keep_dist(scan, &scan->haul, scan->picks[i]->dist));
	if (!scan->haul.dists_count) {
		if (scan->has_error)
			return MC_OK;
		return mc_fail(scan->err, MC_ERR_NOT_FOUND, first_path,
			       scan->locks_count || scan->lists_count
				       ? "nothing in it is for the target"
				       : "no Python dist and no native file in it");
	}
	/* Beside what was found they are dists of which nothing is known: that is never alpine.  */
	for (size_t i = 0; i < scan->missed_count; i++)
		MC_TRY(mc_haul_keep_unreadable(scan, &scan->haul, scan->missed[i].path,
					       &scan->missed[i].why));
	scan->haul.objects.disk_nbytes = mc_source_kept_disk_nbytes(scan->kept);
	MC_TRY(mc_judge(scan->haul.dists, scan->haul.dists_count, &scan->haul.objects, &scan->judge,
			&scan->arena, &scan->survey, scan->err));
	scan->has_survey = true;
	MC_TRY(reinstall(scan));
	MC_TRY(mc_scan_confirm(scan));
	return mc_scan_advise_dockerfiles(scan);
}

static enum mc_status scan_all(struct mc_scan *scan, const char *const *paths, size_t count)
{
	struct mc_libc_file *libc = MC_TAKE(&scan->arena, struct mc_libc_file);

	if (!libc)
		return mc_no_memory(scan->err);
	MC_TRY(mc_elf_startup(scan->err));
	MC_TRY(find_images(scan));
	MC_TRY(mc_scan_open_confirm(scan));
	if (scan->options->libc_path)
		MC_TRY(mc_libc_file_read(scan->options->libc_path, &scan->arena, libc, scan->err));
	for (size_t i = 0; i < scan->options->find_links_count; i++)
		MC_TRY(mc_candidates_add_folder(&scan->set, scan->options->find_links[i], scan->err));
	scan->count = count;
	for (size_t i = 0; i < count; i++) {
		MC_TRY(gather(scan, paths[i]));
	}
	MC_TRY(read_waiting(scan));
	choose_images(scan, libc);
	return judge(scan, paths[0]);
}

enum mc_status mc_scan_open(const struct mc_scan_options *options, const char *const *paths,
			    size_t count, struct mc_scan **scan_out, struct mc_error *err)
{
	struct mc_error why = MC_ERROR_INIT;
	enum mc_status status, refusal;
	struct mc_arena arena;
	struct mc_scan *scan;

	*scan_out = NULL;
	mc_arena_init(&arena, NULL);
	scan = MC_TAKE(&arena, struct mc_scan);
	if (!scan) {
		mc_arena_clear(&arena);
		return mc_no_memory(err);
	}
	scan->arena = arena; /* itself included */
	scan->options = options;
	scan->err = err;
	mc_objects_init(&scan->haul.objects, &scan->arena);
	mc_objects_init(&scan->wheels.objects, &scan->arena);
	mc_candidates_init(&scan->set, &scan->arena);
	mc_candidates_init(&scan->locked, &scan->arena);
	mc_refusal_take(NULL); /* of before */
	scan->kept = mc_source_kept_open(&scan->arena);
	status = scan->kept ? scan_all(scan, paths, count) : mc_no_memory(err);
	refusal = mc_refusal_take(&why);
	if (!status)
		status = mc_scan_heed(scan, paths[0], refusal, &why);
	/* Of what was judged already; before, it is a dist of which nothing is known.  */
	if (refusal < 0 && scan->survey.advice == MC_ADVICE_ALPINE) {
		scan->survey.advice = MC_ADVICE_SLIM;
		scan->survey.reason = MC_STR("something that it takes to judge could not be read");
	}
	scan->err = NULL;
	if (status < 0)
		mc_scan_close(scan);
	else
		*scan_out = scan;
	return status;
}

const struct mc_survey *mc_scan_survey(const struct mc_scan *scan)
{
	return scan->has_survey ? &scan->survey : NULL;
}

bool mc_scan_is_whole(const struct mc_scan *scan)
{
	return !scan->has_error;
}

void mc_scan_close(struct mc_scan *scan)
{
	struct mc_arena arena;

	if (!scan)
		return;
	mc_index_close(scan->index);
	mc_scan_close_confirm(scan);
	mc_scan_close_gather(scan);
	for (size_t i = 0; i < scan->images_count; i++)
		mc_rootfs_close(scan->images[i]);
	arena = scan->arena;
	mc_arena_clear(&arena);
}
