/* SPDX-License-Identifier: MIT */
/*
 * A lock file: the first byte says which, what is behind a NUL is the pyproject.toml beside it;
 * 's' is a setup.cfg, and 'p' a project without a lock.
 */
#include "fuzz.h"

#include "muslcheck/lock.h"
#include "muslcheck/project.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void choose(struct mc_lock *lock, struct mc_arena *arena, bool has_wish)
{
	static const struct mc_str names[] = {{"dev", 3}, {"test", 4}, {"extra", 5}, {"a", 1}, {"web", 3}};
	const struct mc_lock_wish none = {0}, some = {names, 5, names, 5};
	struct mc_marker_env env;
	enum mc_status status;
	struct mc_arena scratch;

	FUZZ_CHECK(!mc_marker_env_linux(arena, 12, MC_STR(""), MC_STR("x86_64"), &env));
	env.is_lock = lock->is_pep751;
	mc_arena_init(&scratch, NULL);
	status = mc_lock_choose(lock, &scratch, &env, has_wish ? &some : &none, NULL);
	FUZZ_CHECK(!status || status == MC_ERR_LIMIT);
	mc_arena_clear(&scratch);
}

static void touch_package(const struct mc_lock *lock, const struct mc_lock_package *package,
			  struct mc_candidates *set)
{
	FUZZ_CHECK(package->name.len && (package->version.len || package->kind != MC_LOCK_INDEX));
	fuzz_touch(package->marker);
	fuzz_touch(package->requires_python);
	fuzz_touch(package->place);
	for (size_t i = 0; i < package->files_count; i++) {
		fuzz_touch(package->files[i].place);
		(void)!mc_candidates_add(set, &package->files[i]);
	}
	for (size_t i = 0; i < package->groups_count; i++)
		fuzz_touch(package->groups[i]);
	for (size_t i = 0; i < package->extras_count; i++)
		fuzz_touch(package->extras[i]);
	for (size_t i = 0; i < package->edges_count; i++) {
		const struct mc_lock_edge *edge = &package->edges[i];

		FUZZ_CHECK(edge->to && edge->to->name.len);
		fuzz_touch(edge->marker);
		fuzz_touch(edge->extra);
		fuzz_touch(edge->group);
		for (size_t k = 0; k < edge->extras_count; k++)
			fuzz_touch(edge->extras[k]);
	}
	(void)lock;
}

static void read_lock(const char *path, struct mc_arena *arena)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_candidates set;
	struct mc_lock lock;

	if (mc_lock_read(path, arena, &lock, &err)) {
		FUZZ_CHECK(err.status != MC_OK);
		fuzz_check_safe(err.text, strlen(err.text));
		return;
	}
	mc_candidates_init(&set, arena);
	FUZZ_CHECK(lock.problems_count <= MC_LOCK_PROBLEMS_MAX);
	for (size_t i = 0; i < lock.problems_count; i++)
		fuzz_check_safe(lock.problems[i].ptr, lock.problems[i].len);
	for (size_t i = 0; i < lock.packages_count; i++)
		touch_package(&lock, lock.packages[i], &set);
	choose(&lock, arena, false);
	choose(&lock, arena, true);
}

static void read_project(struct mc_arena *arena)
{
	struct mc_project project;

	if (mc_project_read(mc_str_of(fuzz_folder()), arena, &project, NULL))
		return;
	FUZZ_CHECK(project.count <= MC_PROJECT_LINES_MAX);
	for (size_t i = 0; i < project.count; i++) {
		fuzz_touch(project.lines[i].text);
		fuzz_touch(project.lines[i].extra);
	}
	fuzz_touch(project.gap);
}

/* The first file of the folder is beside the second one only when there is one.  */
static void put_or_remove(const char *name, struct mc_str text)
{
	const char *path = fuzz_put(name, text.ptr, text.len);

	if (!text.len)
		unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	static const struct {
		uint8_t byte;
		const char *name;
	} kinds[] = {{'u', "uv.lock"},	{'o', "poetry.lock"},  {'d', "pdm.lock"},
		     {'l', "pylock.toml"}, {'i', "Pipfile.lock"}, {'j', "report.json"}};
	struct fuzz_input input = {bytes, nbytes};
	uint8_t byte = fuzz_byte(&input);
	struct mc_arena arena;
	struct mc_str text;

	mc_arena_init(&arena, NULL);
	text = fuzz_cut(&input);
	if (byte == 's' || byte == 'p') {
		put_or_remove("setup.cfg", byte == 's' ? text : MC_STR(""));
		put_or_remove("pyproject.toml", byte == 'p' ? text : fuzz_rest(&input));
		read_project(&arena);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].byte == byte) {
			put_or_remove("pyproject.toml", fuzz_rest(&input));
			read_lock(fuzz_put(kinds[i].name, text.ptr, text.len), &arena);
		}
	mc_arena_clear(&arena);
	return 0;
}
