/* SPDX-License-Identifier: MIT */
/* Dists that are not there: what lock files and requirements ask for.  */
#include "scan_impl.h"

#include "path.h"

#include <stdio.h>
#include <string.h>

/* ---- lock files ---- */

enum mc_status mc_scan_add_lock(struct mc_scan *scan, const char *path, bool *is_lock_out,
				struct mc_error *why)
{
	struct mc_str name = mc_path_base(mc_str_of(path));
	struct mc_lock **locks;
	struct mc_lock *lock;

	*is_lock_out = mc_lock_is_name(name) || mc_str_ends(name, MC_STR(".json"));
	if (!*is_lock_out)
		return MC_OK;
	mc_scan_show(scan, path);
	lock = MC_TAKE(&scan->arena, struct mc_lock);
	locks = mc_scan_grow(&scan->arena, scan->locks, scan->locks_count, &scan->locks_room,
			     sizeof(*locks));
	if (!lock || !locks)
		return MC_ERR_NOMEM;
	MC_TRY(mc_lock_read(path, &scan->arena, lock, why));
	lock->path = path;
	scan->locks = locks;
	scan->locks[scan->locks_count++] = lock;
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

unsigned mc_scan_wished_minor(const struct mc_scan *scan)
{
	unsigned minor = 0;

	for (size_t i = 0; !minor && i < scan->locks_count; i++)
		minor = minor_of_lock(scan->locks[i]);
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
	case MC_LOCK_PATH:
		return mc_arena_printf(&scan->arena, "it comes from the path %.*s: scan that as well",
				       MC_TEXT(package->place));
	}
	return MC_STR("");
}

static enum mc_status wish_package(struct mc_scan *scan, const struct mc_lock *lock,
				   const struct mc_lock_package *package)
{
	struct mc_pick *pick = add_wanted(scan, package->name, package->version, lock->path);

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

static enum mc_status wish_lock(struct mc_scan *scan, struct mc_lock *lock)
{
	struct mc_marker_env env;
	struct mc_mark mark;
	enum mc_status status;

	if (mc_marker_env_linux(&scan->arena, scan->judge.target.python_minor, MC_STR(""),
				mc_str_of(scan->judge.machine), &env))
		return mc_no_memory(scan->err);
	mark = mc_arena_mark(&scan->arena);
	status = mc_lock_choose(lock, &scan->arena, &env, &scan->options->wish, scan->err);
	mc_arena_rewind(&scan->arena, mark);
	MC_TRY(status);
	for (size_t i = 0; i < lock->problems_count; i++) {
		struct mc_error why = MC_ERROR_INIT;

		(void)!mc_fail(&why, MC_ERR_FORMAT, lock->path, "%.*s", MC_TEXT(lock->problems[i]));
		MC_TRY(mc_haul_keep_unreadable(scan, &scan->haul, lock->path, &why));
		mc_scan_complain(scan, lock->path, &why);
	}
	for (size_t i = 0; i < lock->packages_count; i++) {
		const struct mc_lock_package *package = lock->packages[i];

		if (package->is_wanted && package->kind != MC_LOCK_PROJECT)
			MC_TRY(wish_package(scan, lock, package));
	}
	return MC_OK;
}

enum mc_status mc_scan_wish(struct mc_scan *scan)
{
	for (size_t i = 0; i < scan->locks_count; i++)
		MC_TRY(wish_lock(scan, scan->locks[i]));
	return mc_scan_pick(scan);
}
