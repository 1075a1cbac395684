/* SPDX-License-Identifier: MIT */
/* A Dockerfile: its facts, and what is advised for each of the images.  */
#include "fuzz.h"

#include "muslcheck/docker_advice.h"

#include <string.h>

static void touch_words(struct mc_dockerfile_words words)
{
	for (size_t i = 0; i < words.count; i++) {
		FUZZ_CHECK(words.items[i].line >= 1);
		FUZZ_CHECK(!words.items[i].text.len || !memchr(words.items[i].text.ptr, '\0', words.items[i].text.len));
	}
}

static void touch_install(const struct mc_dockerfile_install *install)
{
	fuzz_touch(install->workdir);
	fuzz_touch(install->project);
	touch_words(install->files);
	touch_words(install->constraints);
	touch_words(install->arguments);
	touch_words(install->editables);
	touch_words(install->find_links);
	touch_words(install->extras);
	touch_words(install->groups);
	touch_words(install->without_groups);
	touch_words(install->only_groups);
}

static void touch_copies(const struct mc_dockerfile_copy *copies, size_t count, size_t stage)
{
	for (size_t i = 0; i < count; i++) {
		fuzz_touch(copies[i].source);
		fuzz_touch(copies[i].destination);
		fuzz_touch(copies[i].from);
		FUZZ_CHECK(!copies[i].path.len || copies[i].path.ptr[0] == '/');
		FUZZ_CHECK(copies[i].from_stage == MC_DOCKERFILE_NO_STAGE || copies[i].from_stage < stage ||
			   !copies[i].from.len);
	}
}

static void touch_stage(const struct mc_dockerfile *file, size_t i)
{
	const struct mc_dockerfile_stage *stage = &file->stages[i];
	unsigned minor;

	FUZZ_CHECK(stage->line >= 1 && stage->written.len && stage->args_count <= MC_DOCKERFILE_ARGS_MAX);
	FUZZ_CHECK(stage->base_stage == MC_DOCKERFILE_NO_STAGE || stage->base_stage < i);
	fuzz_touch(stage->name);
	fuzz_touch(stage->image);
	fuzz_touch(stage->repository);
	fuzz_touch(stage->tag);
	fuzz_touch(stage->digest);
	fuzz_touch(stage->platform);
	fuzz_touch(stage->workdir);
	touch_copies(stage->files, stage->files_count, SIZE_MAX);
	touch_copies(stage->copies, stage->copies_count, i);
	for (size_t k = 0; k < stage->args_count; k++) {
		fuzz_touch(stage->args[k].written);
		fuzz_touch(stage->args[k].value);
	}
	for (size_t k = 0; k < stage->installs_count; k++)
		touch_install(&stage->installs[k]);
	for (size_t k = 0; k < stage->packages_count; k++)
		fuzz_touch(stage->packages[k].name);
	for (size_t k = 0; k < stage->commands_count; k++)
		fuzz_touch(stage->commands[k].name);
	(void)mc_docker_base_of(file, stage, &minor);
}

static void advise(const struct mc_dockerfile *file, struct mc_arena *arena, enum mc_advice advice)
{
	static const struct mc_package_need packages[] = {{"libstdc++", "libstdc++.so.6"}};
	struct mc_survey survey = {
		.target = mc_target_default(12, MC_LIBC_MUSL),
		.against = mc_target_default(12, MC_LIBC_GLIBC),
		.advice = advice,
		.reason = {"because", 7},
		.packages = packages,
		.packages_count = 1,
	};
	struct mc_docker_changes changes;

	FUZZ_CHECK(!mc_docker_advise(file, &survey, arena, &changes, NULL));
	for (size_t i = 0; i < changes.count; i++) {
		FUZZ_CHECK(changes.items[i].line >= 1 && changes.items[i].why.len);
		FUZZ_CHECK(!i || changes.items[i - 1].line <= changes.items[i].line);
		fuzz_touch(changes.items[i].is);
		fuzz_touch(changes.items[i].becomes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct mc_str text = {(const char *)bytes, nbytes};
	struct mc_error err = MC_ERROR_INIT;
	struct mc_dockerfile file;
	struct mc_arena arena;

	mc_arena_init(&arena, NULL);
	if (!mc_dockerfile_read_text(text, "Dockerfile", &arena, &file, &err)) {
		FUZZ_CHECK(file.stages_count && file.target == file.stages_count - 1);
		for (size_t i = 0; i < file.stages_count; i++)
			touch_stage(&file, i);
		advise(&file, &arena, MC_ADVICE_ALPINE);
		(void)!mc_dockerfile_mark(&file, MC_STR("0"), &err);
		advise(&file, &arena, MC_ADVICE_SLIM);
	}
	mc_arena_clear(&arena);
	return 0;
}
