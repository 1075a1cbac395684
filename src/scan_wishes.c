/* SPDX-License-Identifier: MIT */
/* Dists that are not there: what lock files and requirements ask for.  */
#include "scan_impl.h"

#include "dist.h"
#include "file.h"
#include "muslcheck/pep440.h"
#include "muslcheck/project.h"
#include "path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each may cost a request, and a wheel can require as many as it likes.  */
#define WISHES_MAX 5000
#define LINES_MAX ((size_t)500000) /* of Requires-Dist, read again for each new extra */
#define CHANGES_MAX 8
#define SPECIFIERS_NBYTES_MAX ((size_t)4096)
#define ASKED_BY_NBYTES_MAX ((size_t)200)

/* ---- lists: lock files and requirements files ---- */

enum mc_status mc_scan_add_lock(struct mc_scan *scan, const char *path, const struct mc_lock_wish *wish,
				struct mc_error *why)
{
	struct mc_lock *lock = MC_TAKE(&scan->arena, struct mc_lock), **locks;
	const struct mc_lock_wish **wishes;
	size_t room = scan->locks_room; /* the two lists grow as one */

	wishes = mc_arena_grow(&scan->arena, scan->lock_wishes, scan->locks_count, &room, sizeof(*wishes));
	locks = mc_arena_grow(&scan->arena, scan->locks, scan->locks_count, &scan->locks_room,
			     sizeof(*locks));
	if (!lock || !locks || !wishes)
		return MC_ERR_NOMEM;
	MC_TRY(mc_lock_read(path, &scan->arena, lock, why));
	scan->locks = locks;
	scan->lock_wishes = wishes;
	scan->lock_wishes[scan->locks_count] = wish;
	scan->locks[scan->locks_count++] = lock;
	return MC_OK;
}

static const char *get_env(const char *name, void *state)
{
	(void)state;
	return getenv(name);
}

/* 'text' in the place of what the file holds; a NULL slice: the file's own.  */
static enum mc_status add_requirements(struct mc_scan *scan, struct mc_str text, const char *path,
				       struct mc_error *why)
{
	const struct mc_requirements_options options = {get_env, NULL, false};
	struct mc_requirements *list = MC_TAKE(&scan->arena, struct mc_requirements), **lists;

	lists = mc_arena_grow(&scan->arena, scan->lists, scan->lists_count, &scan->lists_room,
			     sizeof(*lists));
	if (!list || !lists)
		return MC_ERR_NOMEM;
	if (text.ptr)
		MC_TRY(mc_requirements_read_text(text, path, &options, &scan->arena, list, why));
	else
		MC_TRY(mc_requirements_read(path, &options, &scan->arena, list, why));
	list->path = path;
	scan->lists = lists;
	scan->lists[scan->lists_count++] = list;
	return MC_OK;
}

enum mc_status mc_scan_add_requirements_text(struct mc_scan *scan, struct mc_str text, const char *path,
					     struct mc_error *why)
{
	return add_requirements(scan, text, path, why);
}

enum mc_status mc_scan_add_list(struct mc_scan *scan, const char *path, bool *is_list_out,
				struct mc_error *why)
{
	struct mc_str name = mc_path_base(mc_str_of(path));

	*is_list_out = true;
	mc_scan_show(scan, path);
	if (mc_lock_is_name(name) || mc_str_ends(name, MC_STR(".json")))
		return mc_scan_add_lock(scan, path, &scan->options->wish, why);
	if (mc_dockerfile_is_name(name))
		return mc_scan_add_dockerfile(scan, path, why);
	if (mc_str_is(name, MC_STR("pyproject.toml")))
		return add_requirements(scan, MC_STR("-e ."), path, why);
	/* Given by name, any text is taken for what pip would take it for.  */
	if (mc_requirements_is_name(mc_str_of(path)) || mc_str_ends(name, MC_STR(".txt")))
		return add_requirements(scan, (struct mc_str){NULL, 0}, path, why);
	*is_list_out = false;
	return MC_OK;
}

/* ---- for which Python? ---- */

enum { MINORS = 100 };

/* "x-1.0-cp312-cp312-musllinux_1_2_x86_64.whl": 12; 0 when another Python takes it too.  */
static unsigned minor_of_wheel(struct mc_str file_name)
{
	struct mc_str tag, rest = file_name, abi;
	unsigned minor = 0;

	mc_str_cut(&rest, '-');
	mc_str_cut(&rest, '-');
	do { /* a build tag may stand before it */
		tag = mc_str_cut(&rest, '-');
	} while (rest.len && !mc_str_starts(tag, MC_STR("cp3")));
	abi = mc_str_cut(&rest, '-');
	if (!mc_str_is(abi, tag) || tag.len < 4 || tag.len > 5)
		return 0;
	for (size_t i = 3; i < tag.len; i++) {
		if (tag.ptr[i] < '0' || tag.ptr[i] > '9')
			return 0;
		minor = minor * 10 + (unsigned)(tag.ptr[i] - '0');
	}
	return minor;
}

static void count_minors(const struct mc_lock *lock, size_t counts[static MINORS])
{
	for (size_t i = 0; i < lock->packages_count; i++) {
		const struct mc_lock_package *package = lock->packages[i];
		bool is_seen[MINORS] = {false};

		for (size_t k = 0; k < package->files_count; k++)
			is_seen[minor_of_wheel(package->files[k].file_name)] = true;
		for (size_t m = 1; m < MINORS; m++)
			counts[m] += is_seen[m];
	}
}

/*
 * A lock is for several Pythons, and says seldom which one is used.  That for which most of
 * its packages have wheels is the best guess, the newest of equals.
 */
static unsigned minor_of_lock(const struct mc_lock *lock)
{
	unsigned newest = mc_target_default(0, MC_LIBC_MUSL).python_minor, best = 0;
	size_t counts[MINORS] = {0};

	if (lock->python_minor)
		return lock->python_minor;
	count_minors(lock, counts);
	for (unsigned m = 1; m <= newest && m < MINORS; m++) {
		struct mc_chooser chooser = {.minor = m};

		if (counts[m] && counts[m] >= counts[best] &&
		    mc_chooser_fits_python(&chooser, lock->requires_python))
			best = m;
	}
	return best;
}

/* ".python-version" beside the list, which uv and pyenv go by.  */
static unsigned minor_beside(struct mc_scan *scan, const char *path)
{
	struct mc_str folder = mc_path_parent(mc_str_of(path)), text;
	struct mc_str place = mc_arena_printf(&scan->arena, "%.*s%s.python-version", MC_TEXT(folder),
					      strchr(path, '/') ? "/" : "");
	unsigned minor = 0;

	if (!place.len || mc_read_text(&scan->arena, AT_FDCWD, place.ptr, 64, &text))
		return 0;
	for (size_t i = 0; i + 2 < text.len; i++) {
		if (memcmp(text.ptr + i, "3.", 2) != 0)
			continue;
		for (i += 2; i < text.len && minor < 10 && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
			minor = minor * 10 + (unsigned)(text.ptr[i] - '0');
		return minor;
	}
	return 0;
}

unsigned mc_scan_wished_minor(struct mc_scan *scan)
{
	unsigned minor = 0;

	for (size_t i = 0; !minor && i < scan->locks_count; i++) {
		const struct mc_lock *lock = scan->locks[i];

		minor = lock->python_minor ? 0 : minor_beside(scan, lock->path);
		if (!minor)
			minor = minor_of_lock(lock);
	}
	for (size_t i = 0; !minor && i < scan->lists_count; i++)
		minor = minor_beside(scan, scan->lists[i]->path);
	return minor;
}

/* ---- locked packages ---- */

static struct mc_pick *add_wanted(struct mc_scan *scan, struct mc_str name, struct mc_str version,
				  const char *path)
{
	struct mc_dist *dist = MC_TAKE(&scan->arena, struct mc_dist);
	struct mc_wish *wish = MC_TAKE(&scan->arena, struct mc_wish);
	struct mc_pick *pick;

	if (!dist || !wish)
		return NULL;
	dist->kind = MC_DIST_WANTED;
	dist->name = name;
	dist->version = version;
	dist->path = mc_str_of(path);
	wish->dist = dist;
	wish->problem = wish->specifiers = MC_STR("");
	pick = mc_scan_add_pick(scan, dist, scan->judge.target.python_minor, scan->judge.machine);
	if (pick)
		pick->wish = wish;
	return pick;
}

/* What cannot be had from an index: why nothing can be said of it.  */
static struct mc_str name_problem(struct mc_scan *scan, const struct mc_lock_package *package)
{
	switch (package->kind) {
	case MC_LOCK_INDEX:
	case MC_LOCK_PROJECT: break;
	case MC_LOCK_URL:
	case MC_LOCK_GIT:
		return mc_arena_printf(&scan->arena, "it comes from %.*s, which is not fetched",
				       MC_TEXT(package->place));
	case MC_LOCK_PATH: break;
	}
	return MC_STR("");
}

static enum mc_status wish_package(struct mc_scan *scan, const struct mc_lock *lock,
				   const struct mc_lock_package *package)
{
	struct mc_pick *pick;

	if (package->kind == MC_LOCK_PATH && !package->files_count) {
		scan->asked.folders++;
		return MC_OK;
	}
	pick = add_wanted(scan, package->name, package->version, lock->path);
	if (!pick)
		return mc_no_memory(scan->err);
	pick->wish->is_locked = package->files_count > 0 && !lock->is_record;
	pick->wish->has_wheels = package->has_wheels;
	if (package->version.len)
		pick->wish->specifiers =
			mc_arena_printf(&scan->arena, "==%.*s", MC_TEXT(package->version));
	if (!pick->wish->is_locked)
		pick->wish->problem = name_problem(scan, package);
	for (size_t i = 0; pick->wish->is_locked && i < package->files_count; i++) {
		enum mc_status status = mc_candidates_add(&scan->locked, &package->files[i]);

		if (status == MC_ERR_NOMEM)
			return mc_no_memory(scan->err);
	}
	return MC_OK;
}

static enum mc_status make_env(struct mc_scan *scan, struct mc_marker_env *env_out)
{
	return mc_marker_env_linux(&scan->arena, scan->judge.target.python_minor, MC_STR(""),
				   mc_str_of(scan->judge.machine), env_out)
		       ? mc_no_memory(scan->err)
		       : MC_OK;
}

/* An entry that cannot be read is a dist of which nothing is known.  */
static enum mc_status tell_problems(struct mc_scan *scan, const char *path, const struct mc_str *problems,
				    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mc_error why = MC_ERROR_INIT;
		struct mc_str text = problems[i];

		/* Lines of requirements name their file, which may be another one.  */
		if (mc_str_starts(text, mc_str_of(path)))
			text = mc_str_skip(text, strlen(path));
		while (text.len && (text.ptr[0] == ':' || text.ptr[0] == ' '))
			text = mc_str_skip(text, 1);
		(void)!mc_fail(&why, MC_ERR_FORMAT, path, "%s%.*s",
			       text.len && text.ptr[0] >= '0' && text.ptr[0] <= '9' ? "line " : "",
			       MC_TEXT(text));
		MC_TRY(mc_haul_keep_unreadable(scan, &scan->haul, path, &why));
		mc_scan_complain(scan, path, &why);
	}
	return MC_OK;
}

static enum mc_status wish_lock(struct mc_scan *scan, struct mc_lock *lock, const struct mc_lock_wish *wish)
{
	struct mc_marker_env env;
	struct mc_mark mark;
	enum mc_status status;

	MC_TRY(make_env(scan, &env));
	mark = mc_arena_mark(&scan->arena);
	status = mc_lock_choose(lock, &scan->arena, &env, wish, scan->err);
	mc_arena_rewind(&scan->arena, mark);
	MC_TRY(status);
	MC_TRY(tell_problems(scan, lock->path, lock->problems, lock->problems_count));
	for (size_t i = 0; i < lock->packages_count; i++) {
		const struct mc_lock_package *package = lock->packages[i];

		if (package->is_wanted && package->kind != MC_LOCK_PROJECT)
			MC_TRY(wish_package(scan, lock, package));
	}
	return MC_OK;
}

/* ---- requirements ---- */

static struct mc_pick *find_wish(const struct mc_scan *scan, struct mc_str name)
{
	struct mc_pick *pick;

	for (size_t at = 0; (pick = mc_map_next(&scan->wishes, mc_hash_text(name), &at));)
		if (mc_str_is(pick->dist->name, name))
			return pick;
	return NULL;
}

/* More than that is nobody's application: what is past it is one dist that is not known.  */
static enum mc_status stop_wishing(struct mc_scan *scan, const char *path)
{
	struct mc_error why = MC_ERROR_INIT;

	if (scan->is_overfull)
		return MC_OK;
	scan->is_overfull = true;
	(void)!mc_fail(&why, MC_ERR_LIMIT, path,
		       "it asks for more than %d dists, or in more than %zu lines, with what they require",
		       WISHES_MAX, LINES_MAX);
	mc_scan_complain(scan, path, &why);
	return mc_haul_keep_unreadable(scan, &scan->haul, path, &why);
}

/* Is it one of the parts between commas?  */
static bool has_part(struct mc_str list, struct mc_str part)
{
	while (list.len)
		if (mc_str_is(mc_str_cut(&list, ','), part))
			return true;
	return false;
}

/* "a" and "b" as one list; empty when memory ran out, or both are.  */
static struct mc_str join(struct mc_scan *scan, struct mc_str a, struct mc_str b, const char *between)
{
	if (!a.len || !b.len)
		return a.len ? a : b;
	return mc_arena_printf(&scan->arena, "%.*s%s%.*s", MC_TEXT(a), between, MC_TEXT(b));
}

static bool has_text(const struct mc_str *list, size_t count, struct mc_str text)
{
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(list[i], text))
			return true;
	return false;
}

/* More extras of a dist that is wished for already.  */
static enum mc_status add_extras(struct mc_scan *scan, struct mc_pick *pick,
				 const struct mc_requirement *requirement)
{
	struct mc_wish *wish = pick->wish;
	struct mc_str *extras = !requirement->extras_count ? NULL : MC_TAKE_ARRAY(&scan->arena, struct mc_str,
					      wish->extras_count + requirement->extras_count + 1);
	size_t count = wish->extras_count;

	if (!requirement->extras_count)
		return MC_OK;
	if (!extras)
		return mc_no_memory(scan->err);
	if (count)
		memcpy(extras, wish->extras, count * sizeof(*extras));
	for (size_t i = 0; i < requirement->extras_count; i++)
		if (!has_text(extras, count, requirement->extras[i]))
			extras[count++] = requirement->extras[i];
	if (count > wish->extras_count) {
		pick->is_expanded = false;
		scan->is_extra_new = true;
	}
	wish->extras = extras;
	wish->extras_count = count;
	return MC_OK;
}

/* What was chosen does not fit what is asked for now: choose again.  */
static void change_mind(struct mc_pick *pick)
{
	const struct mc_candidate *candidate = pick->candidate;

	if (pick->wish->problem.len)
		pick->choice.problem = pick->wish->problem;
	if (!candidate || mc_pep440_takes(pick->wish->specifiers, candidate->version, true))
		return;
	if (pick->wish->changes++ == CHANGES_MAX) {
		pick->choice.problem = MC_STR("what is asked of it changes its own requirements, round and round");
		return;
	}
	pick->is_done = pick->is_expanded = false;
	pick->candidate = NULL;
	pick->choice.candidate = NULL;
	pick->choice.dist = NULL;
	pick->choice.build = NULL;
}

static enum mc_status constrain(struct mc_scan *scan, struct mc_wish *wish,
				const struct mc_marker_env *env)
{
	for (size_t l = 0; l < scan->lists_count; l++) {
		const struct mc_requirements_entry *limit;

		for (size_t at = 0;
		     (limit = mc_requirements_constraint(scan->lists[l], wish->dist->name, &at));) {
			bool holds = false;

			if (mc_marker_holds(&scan->arena, limit->requirement.marker, env, &holds, NULL) || !holds)
				continue;
			if (limit->kind != MC_REQUIREMENTS_INDEX)
				wish->problem = MC_STR("a constraint says where it comes from, which is not looked at");
			wish->specifiers = join(scan, wish->specifiers, limit->requirement.specifiers, ",");
		}
	}
	return MC_OK;
}

/* Wish for a dist by its name, on top of what is wished for already.  */
static enum mc_status wish_name(struct mc_scan *scan, const struct mc_requirements *list,
				const struct mc_requirement *requirement, struct mc_str asked_by,
				const struct mc_marker_env *env, struct mc_pick **pick_out)
{
	struct mc_pick *pick = find_wish(scan, requirement->name);
	struct mc_wish *wish;

	*pick_out = pick;
	if (!pick && scan->picks_count >= WISHES_MAX)
		return stop_wishing(scan, list->path);
	if (!pick) {
		pick = *pick_out = add_wanted(scan, requirement->name, MC_STR(""), list->path);
		if (!pick || mc_map_add(&scan->arena, &scan->wishes, mc_hash_text(requirement->name), pick))
			return mc_no_memory(scan->err);
		pick->wish->list = list;
		pick->wish->is_followed = true;
		pick->wish->asked_by = MC_STR("");
		pick->chooser.takes_prereleases = pick->against.takes_prereleases =
			has_text(list->all_releases.items, list->all_releases.count, requirement->name) ||
			has_text(list->all_releases.items, list->all_releases.count, MC_STR(":all:"));
		MC_TRY(constrain(scan, pick->wish, env));
	}
	wish = pick->wish;
	if (wish->specifiers.len <= SPECIFIERS_NBYTES_MAX &&
	    !has_part(wish->specifiers, requirement->specifiers))
		wish->specifiers = join(scan, wish->specifiers, requirement->specifiers, ",");
	if (wish->specifiers.len > SPECIFIERS_NBYTES_MAX)
		wish->problem = MC_STR("more is asked of its version than can be kept in mind");
	if (wish->asked_by.len < ASKED_BY_NBYTES_MAX)
		wish->asked_by = join(scan, wish->asked_by, asked_by, ", ");
	MC_TRY(add_extras(scan, pick, requirement));
	change_mind(pick);
	return MC_OK;
}

/* An archive at a place of its own is the only choice for its dist.  */
static enum mc_status wish_archive(struct mc_scan *scan, const struct mc_requirements *list,
				   const struct mc_requirements_entry *wanted)
{
	struct mc_candidate offer = {.place = wanted->place,
				     .name = wanted->requirement.name,
				     .is_remote = wanted->kind == MC_REQUIREMENTS_URL,
				     .requires_python = MC_STR(""),
				     .sha256 = wanted->sha256_count == 1 ? wanted->sha256[0] : MC_STR("")};
	enum mc_status status = mc_url_base(&scan->arena, wanted->place, &offer.file_name);
	const struct mc_candidate *kept;
	struct mc_pick *pick;

	if (!status)
		status = mc_candidates_add(&scan->locked, &offer);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	kept = status ? NULL : scan->locked.items[scan->locked.count - 1];
	pick = add_wanted(scan, kept ? kept->name : wanted->text, kept ? kept->version : MC_STR(""),
			  list->path);
	if (!pick)
		return mc_no_memory(scan->err);
	pick->wish->list = list;
	pick->wish->is_locked = kept;
	pick->wish->is_followed = true;
	pick->wish->asked_by = wanted->text;
	pick->wish->extras = wanted->requirement.extras;
	pick->wish->extras_count = wanted->requirement.extras_count;
	if (!kept)
		pick->wish->problem = MC_STR("its name is none of a wheel or a source archive");
	else
		pick->wish->specifiers = mc_arena_printf(&scan->arena, "===%.*s", MC_TEXT(kept->version));
	return mc_map_add(&scan->arena, &scan->wishes, mc_hash_text(pick->dist->name), pick)
		       ? mc_no_memory(scan->err)
		       : MC_OK;
}

static enum mc_status wish_repository(struct mc_scan *scan, const struct mc_requirements *list,
				      const struct mc_requirements_entry *wanted)
{
	struct mc_str name = wanted->requirement.name.len ? wanted->requirement.name : wanted->text;
	struct mc_pick *pick = add_wanted(scan, name, MC_STR(""), list->path);

	if (!pick || mc_map_add(&scan->arena, &scan->wishes, mc_hash_text(name), pick))
		return mc_no_memory(scan->err);
	pick->wish->asked_by = wanted->text;
	pick->wish->problem = MC_STR("it comes from a repository, which is not fetched");
	return MC_OK;
}

/* "dep @ URL": pip takes that very file, no other of that name.  */
static enum mc_status wish_place(struct mc_scan *scan, struct mc_pick *wished, struct mc_str url,
				 struct mc_str asked_by)
{
	if (wished->wish->is_locked && wished->candidate && mc_str_is(wished->candidate->place, url))
		return MC_OK;
	wished->wish->problem = wished->choice.problem =
		mc_arena_printf(&scan->arena, "%.*s requires it from a place of its own, which is not looked at",
				MC_TEXT(asked_by));
	return wished->wish->problem.len ? MC_OK : mc_no_memory(scan->err);
}

/* ---- folders: the project itself, or one beside it, which no index has ---- */

static bool is_archive(struct mc_str path)
{
	return mc_str_ends(path, MC_STR(".whl")) || mc_candidate_is_sdist_name(path);
}

/* Where "-e ./lib" is: beside the list, where pip is run as a rule, else below the working directory.  */
static struct mc_str find_folder(struct mc_scan *scan, const struct mc_requirements *list, struct mc_str place)
{
	struct mc_str beside = mc_path_parent(mc_str_of(list->path)), found;

	if (mc_str_starts(place, MC_STR("file://")))
		place = mc_str_skip(place, 7);
	while (mc_str_starts(place, MC_STR("./")))
		place = mc_str_skip(place, 2);
	while (place.len > 1 && place.ptr[place.len - 1] == '/')
		place.len--;
	if (mc_str_is(place, MC_STR(".")))
		place.len = 0;
	if (!beside.len || mc_str_starts(place, MC_STR("/")))
		return place;
	found = place.len ? join(scan, beside, place, "/") : beside;
	return mc_project_is_in(&scan->arena, found) ? found : place;
}

static enum mc_status tell_gap(struct mc_scan *scan, const struct mc_requirements *list, struct mc_str place,
			       const char *text)
{
	struct mc_error why = MC_ERROR_INIT;

	(void)!mc_fail(&why, MC_ERR_FORMAT, list->path, "the project in %.*s: %s",
		       place.len > 100 ? 100 : (int)place.len, place.ptr, text);
	mc_scan_complain(scan, list->path, &why);
	return mc_haul_keep_unreadable(scan, &scan->haul, list->path, &why);
}

/* "own[all]" among what own requires: more of its extras; true when there are.  */
static bool take_extras(const struct mc_requirement *own, struct mc_str *extras, size_t *count, size_t room)
{
	size_t before = *count;

	for (size_t i = 0; i < own->extras_count && *count < room; i++)
		if (!has_text(extras, *count, own->extras[i]))
			extras[(*count)++] = own->extras[i];
	return *count > before;
}

static enum mc_status wish_line(struct mc_scan *scan, const struct mc_requirements *list,
				const struct mc_requirement *requirement, struct mc_str asked_by,
				const struct mc_marker_env *env)
{
	struct mc_pick *pick;

	MC_TRY(wish_name(scan, list, requirement, asked_by, env, &pick));
	return requirement->url.len && pick ? wish_place(scan, pick, requirement->url, asked_by) : MC_OK;
}

/* What the project requires, with these extras of it, is wished for; its own code stays unjudged.  */
static enum mc_status wish_project(struct mc_scan *scan, const struct mc_requirements *list,
				   const struct mc_requirements_entry *wanted, const struct mc_project *project,
				   const struct mc_marker_env *env)
{
	struct mc_str extras[MC_REQUIREMENT_EXTRAS_MAX], asked_by = wanted->place;
	size_t count = 0;

	take_extras(&wanted->requirement, extras, &count, MC_REQUIREMENT_EXTRAS_MAX);
	for (size_t i = 0; i < project->count; i++) {
		const struct mc_project_line *line = &project->lines[i];
		struct mc_requirement requirement;
		bool holds = false;
		enum mc_status status;

		if (line->extra.len && !has_text(extras, count, line->extra))
			continue;
		status = mc_requirement_read(&scan->arena, line->text, &requirement, NULL);
		if (!status)
			status = mc_marker_holds(&scan->arena, requirement.marker, env, &holds, NULL);
		if (status == MC_ERR_NOMEM)
			return mc_no_memory(scan->err);
		if (status)
			MC_TRY(tell_gap(scan, list, wanted->place,
					mc_arena_printf(&scan->arena, "what it requires cannot be read: %.*s",
							line->text.len > 80 ? 80 : (int)line->text.len,
							line->text.ptr).ptr));
		else if (holds && project->name.len && mc_str_is(requirement.name, project->name))
			i = take_extras(&requirement, extras, &count, MC_REQUIREMENT_EXTRAS_MAX) ? (size_t)-1 : i;
		else if (holds)
			MC_TRY(wish_line(scan, list, &requirement, asked_by, env));
	}
	return MC_OK;
}

static enum mc_status wish_folder(struct mc_scan *scan, const struct mc_requirements *list,
				  const struct mc_requirements_entry *wanted, const struct mc_marker_env *env)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_project project;
	enum mc_status status = mc_project_read(find_folder(scan, list, wanted->place), &scan->arena, &project, &why);

	scan->asked.folders++;
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (status)
		return tell_gap(scan, list, wanted->place, why.text);
	if (project.gap.len)
		MC_TRY(tell_gap(scan, list, wanted->place, project.gap.ptr));
	return wish_project(scan, list, wanted, &project, env);
}

static enum mc_status wish_entry(struct mc_scan *scan, const struct mc_requirements *list,
				 const struct mc_requirements_entry *wanted, const struct mc_marker_env *env)
{
	struct mc_pick *pick;
	bool holds = true;
	enum mc_status status = mc_marker_holds(&scan->arena, wanted->requirement.marker, env, &holds, NULL);

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (!status && !holds)
		return MC_OK;
	switch (wanted->kind) {
	case MC_REQUIREMENTS_PATH:
		return is_archive(wanted->place) ? wish_archive(scan, list, wanted)
						 : wish_folder(scan, list, wanted, env);
	case MC_REQUIREMENTS_URL: return wish_archive(scan, list, wanted);
	case MC_REQUIREMENTS_VCS: return wish_repository(scan, list, wanted);
	case MC_REQUIREMENTS_INDEX: break;
	}
	MC_TRY(wish_name(scan, list, &wanted->requirement,
			 mc_arena_printf(&scan->arena, "%.*s:%u", MC_TEXT(mc_path_base(wanted->file)),
					 wanted->line),
			 env, &pick));
	if (pick && wanted->sha256_count)
		pick->wish->entry = wanted;
	return MC_OK;
}

static enum mc_status wish_list(struct mc_scan *scan, const struct mc_requirements *list)
{
	struct mc_marker_env env;

	MC_TRY(make_env(scan, &env));
	MC_TRY(tell_problems(scan, list->path, list->problems, list->problems_count));
	for (size_t i = 0; i < list->entries_count; i++)
		MC_TRY(wish_entry(scan, list, list->entries[i], &env));
	return MC_OK;
}

/* ---- what chosen wheels require ---- */

/* pip reads all that a wheel requires before it takes it: it refuses the wheel, or stops.  */
static enum mc_status refuse_line(struct mc_scan *scan, struct mc_pick *pick, struct mc_str line)
{
	const size_t shown = 80;

	line.len = line.len < shown ? line.len : shown;
	pick->choice.problem = mc_arena_printf(&scan->arena, "what it requires cannot be read: %.*s",
					       MC_TEXT(line));
	return pick->choice.problem.len ? MC_OK : mc_no_memory(scan->err);
}

static enum mc_status expand_pick(struct mc_scan *scan, struct mc_pick *pick, struct mc_marker_env *env)
{
	const struct mc_dist *dist = pick->choice.dist;
	const struct mc_sdist *build = pick->choice.build;
	const struct mc_str *list = dist ? dist->requires_dist : build->requires_dist;
	size_t count = dist ? dist->requires_dist_count : build->requires_dist_count;
	struct mc_pick *wished;

	env->extras = pick->wish->extras;
	env->extras_count = pick->wish->extras_count;
	for (size_t i = 0; i < count; i++) {
		struct mc_mark mark = mc_arena_mark(&scan->arena);
		struct mc_requirement requirement;
		bool holds = false;
		enum mc_status status =
			mc_requirement_read(&scan->arena, list[i], &requirement, NULL);

		if (scan->lines_read++ >= LINES_MAX)
			return stop_wishing(scan, pick->wish->list->path);
		if (!status)
			status = mc_marker_holds(&scan->arena, requirement.marker, env, &holds, NULL);
		if (status == MC_ERR_NOMEM)
			return mc_no_memory(scan->err);
		if (status || !holds) {
			mc_arena_rewind(&scan->arena, mark);
			if (status)
				MC_TRY(refuse_line(scan, pick, list[i]));
			continue;
		}
		MC_TRY(wish_name(scan, pick->wish->list, &requirement, pick->dist->name, env, &wished));
		if (requirement.url.len && wished)
			MC_TRY(wish_place(scan, wished, requirement.url, pick->dist->name));
	}
	return MC_OK;
}

enum mc_status mc_scan_expand(struct mc_scan *scan)
{
	struct mc_marker_env env;

	MC_TRY(make_env(scan, &env));
	/* One that is wished for with a further extra is looked through again, from the start.  */
	for (size_t i = 0; i < scan->picks_count; i++) {
		struct mc_pick *pick = scan->picks[i];

		if (!pick->is_done || pick->is_expanded || !pick->wish || !pick->wish->is_followed ||
		    !(pick->choice.dist || (pick->choice.build && pick->choice.build->knows_requires)))
			continue;
		pick->is_expanded = true;
		scan->is_extra_new = false;
		MC_TRY(expand_pick(scan, pick, &env));
		if (scan->is_extra_new)
			i = (size_t)-1;
	}
	return MC_OK;
}

void mc_scan_refuse(struct mc_scan *scan, struct mc_pick *pick)
{
	struct mc_wish *wish = pick->wish;
	struct mc_str name = pick->dist->name;
	bool takes_wheel, takes_sdist;
	struct mc_candidate *candidate;

	if (!wish || !wish->list || wish->is_locked)
		return;
	takes_wheel = mc_requirements_takes_wheel(wish->list, name);
	takes_sdist = mc_requirements_takes_sdist(wish->list, name);
	for (size_t at = 0; (candidate = mc_map_next(&scan->set.by_name, mc_hash_text(name), &at));) {
		bool is_other = wish->entry && candidate->sha256.len &&
				!mc_requirements_takes_sha256(wish->entry, candidate->sha256);

		if (!mc_str_is(candidate->name, name) || candidate->is_rejected)
			continue;
		candidate->is_rejected = is_other || !(candidate->is_sdist ? takes_sdist : takes_wheel);
		if (is_other && !candidate->is_sdist &&
		    mc_pep440_takes(wish->specifiers, candidate->version, true) &&
		    mc_candidate_fits(candidate, &pick->chooser))
			wish->is_hash_refused = true;
	}
}

/* ---- all of them ---- */

enum mc_status mc_scan_wish(struct mc_scan *scan)
{
	for (size_t i = 0; i < scan->locks_count; i++)
		MC_TRY(wish_lock(scan, scan->locks[i], scan->lock_wishes[i]));
	for (size_t i = 0; i < scan->lists_count; i++)
		MC_TRY(wish_list(scan, scan->lists[i]));
	return mc_scan_pick(scan);
}
