/* SPDX-License-Identifier: MIT */
/* What is asked for: the first byte says whether a file, one requirement, a marker or versions.  */
#include "fuzz.h"

#include "muslcheck/pep440.h"
#include "muslcheck/requirements.h"

#include <string.h>

static const char *get_env(const char *name, void *state)
{
	(void)state;
	if (!strcmp(name, "LINE"))
		return "a\nb==1 # \\";
	return !strcmp(name, "A") ? "value" : !strcmp(name, "B") ? "" : NULL;
}

static void touch_requirement(struct mc_arena *arena, const struct mc_requirement *r)
{
	struct mc_marker_env env;
	struct mc_error err = MC_ERROR_INIT;
	bool holds;

	for (size_t i = 0; i < r->extras_count; i++)
		fuzz_touch(r->extras[i]);
	fuzz_touch(r->url);
	FUZZ_CHECK(!r->url.len || !r->specifiers.len);
	FUZZ_CHECK(!mc_marker_env_linux(arena, 12, MC_STR("3.12.4"), MC_STR("x86_64"), &env));
	env.extras = r->extras;
	env.extras_count = r->extras_count;
	/* requirement.h: it is well formed; that it cannot be answered has its own words.  */
	(void)!mc_marker_holds(arena, r->marker, &env, &holds, &err);
	fuzz_check_safe(err.text, strlen(err.text));
	(void)mc_pep440_takes(r->specifiers, MC_STR("1.0rc1"), true);
	(void)mc_pep440_takes(r->specifiers, MC_STR("2.0"), false);
}

static void read_file(struct mc_arena *arena, struct mc_str text)
{
	const struct mc_requirements_options options = {.get_env = get_env, .is_constraints = text.len % 7 == 3};
	const char *path = fuzz_put("base.txt", "a==1\n-c base.txt\n", 17);
	struct mc_requirements got;
	struct mc_error err = MC_ERROR_INIT;
	struct mc_str place;

	FUZZ_CHECK(!mc_arena_copy(arena, mc_str_of(path), &place));
	memcpy((char *)(uintptr_t)place.ptr + place.len - 8, "main.txt", 8);
	if (mc_requirements_read_text(text, place.ptr, &options, arena, &got, &err))
		return;
	FUZZ_CHECK(got.problems_count <= MC_REQUIREMENTS_PROBLEMS_MAX);
	for (size_t i = 0; i < got.problems_count; i++)
		fuzz_check_safe(got.problems[i].ptr, got.problems[i].len);
	for (size_t i = 0; i < got.entries_count; i++) {
		const struct mc_requirements_entry *entry = got.entries[i];
		size_t at = 0;

		FUZZ_CHECK(entry->requirement.name.len || entry->kind != MC_REQUIREMENTS_INDEX);
		FUZZ_CHECK(entry->line >= 1);
		fuzz_touch(entry->place);
		fuzz_touch(entry->text);
		touch_requirement(arena, &entry->requirement);
		for (size_t k = 0; k < entry->sha256_count; k++)
			FUZZ_CHECK(entry->sha256[k].len == 64);
		while (mc_requirements_constraint(&got, entry->requirement.name, &at))
			;
		(void)mc_requirements_takes_wheel(&got, entry->requirement.name);
		(void)mc_requirements_takes_sdist(&got, entry->requirement.name);
	}
}

static void read_one(struct mc_arena *arena, struct mc_str text)
{
	struct mc_requirement requirement;
	struct mc_error err = MC_ERROR_INIT;

	if (mc_requirement_read(arena, text, &requirement, &err)) {
		fuzz_check_safe(err.text, strlen(err.text));
		return;
	}
	FUZZ_CHECK(requirement.name.len);
	touch_requirement(arena, &requirement);
}

static void read_marker(struct mc_arena *arena, struct mc_str text)
{
	static const struct mc_str extras[] = {{"a", 1}, {"dev", 3}};
	struct mc_marker_env env;
	bool holds;

	FUZZ_CHECK(!mc_marker_env_linux(arena, 12, MC_STR(""), MC_STR("aarch64"), &env));
	(void)!mc_marker_holds(arena, text, &env, &holds, NULL);
	env.extras = extras;
	env.extras_count = 2;
	(void)!mc_marker_holds(arena, text, &env, &holds, NULL);
	env.is_lock = true;
	env.groups = extras;
	env.groups_count = 2;
	(void)!mc_marker_holds(arena, text, &env, &holds, NULL);
}

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

/* A total order: pep440.h.  */
static void compare(struct fuzz_input *input)
{
	struct mc_str a = fuzz_cut(input), b = fuzz_cut(input), c = fuzz_cut(input);
	int ab = sign(mc_pep440_compare(a, b)), bc = sign(mc_pep440_compare(b, c));
	int ac = sign(mc_pep440_compare(a, c));

	FUZZ_CHECK(ab == -sign(mc_pep440_compare(b, a)));
	FUZZ_CHECK(!mc_pep440_compare(a, a));
	if (ab == bc || !bc)
		FUZZ_CHECK(ac == ab);
	if (!ab)
		FUZZ_CHECK(ac == bc);
	(void)mc_pep440_takes(a, b, true);
	if (mc_pep440_takes(a, b, false))
		FUZZ_CHECK(!mc_pep440_is_prerelease(b));
	FUZZ_CHECK(!mc_pep440_is_prerelease(b) || mc_pep440_is_valid(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct fuzz_input input = {bytes, nbytes};
	uint8_t kind = fuzz_byte(&input);
	struct mc_arena arena;

	mc_arena_init(&arena, NULL);
	switch (kind) {
	case 'f': read_file(&arena, fuzz_rest(&input)); break;
	case 'r': read_one(&arena, fuzz_rest(&input)); break;
	case 'm': read_marker(&arena, fuzz_rest(&input)); break;
	case 'v': compare(&input); break;
	default: (void)mc_requirements_is_name(fuzz_rest(&input)); break;
	}
	mc_arena_clear(&arena);
	return 0;
}
