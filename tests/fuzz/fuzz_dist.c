/* SPDX-License-Identifier: MIT */
/* The small texts of a dist; the first byte says which.  */
#include "fuzz.h"

#include "dist.h"
#include "muslcheck/candidate.h"

static void touch_tags(struct mc_tags tags)
{
	FUZZ_CHECK(tags.count <= MC_TAGS_MAX * 16);
	for (size_t i = 0; i < tags.count && i < 64; i++) {
		fuzz_touch(tags.ptr[i].python);
		fuzz_touch(tags.ptr[i].abi);
		fuzz_touch(tags.ptr[i].platform);
		(void)mc_tag_rank(&tags.ptr[i], MC_LIBC_MUSL, "1.2.5", 12, "x86_64");
		(void)mc_tag_rank(&tags.ptr[i], MC_LIBC_GLIBC, "2.41", 12, "x86_64");
		fuzz_touch(mc_platform_machine(tags.ptr[i].platform));
	}
	(void)mc_dist_tags_minor(tags);
}

static void read_metadata(struct mc_arena *arena, struct mc_str text)
{
	struct mc_str name = {"", 0}, version = {"", 0}, requires_python = {"", 0};
	const struct mc_str *lines;
	enum mc_status status;
	size_t count;

	FUZZ_CHECK(!mc_dist_metadata(arena, text, &name, &version, &requires_python));
	FUZZ_CHECK(!name.len || mc_is_name(name));
	fuzz_touch(version);
	fuzz_touch(requires_python);
	status = mc_dist_requires(arena, text, &lines, &count);
	FUZZ_CHECK(!status || status == MC_ERR_LIMIT);
	FUZZ_CHECK(count <= MC_REQUIRES_DIST_MAX);
	for (size_t i = 0; i < count; i++)
		fuzz_touch(lines[i]);
}

static void read_record(struct mc_arena *arena, struct mc_str text)
{
	struct mc_str path;
	uint64_t nbytes;

	while (!mc_record_path(arena, &text, &path, &nbytes)) {
		fuzz_touch(path);
		(void)mc_name_hint(path);
		(void)mc_name_promises_data(path);
		(void)mc_is_dist_text(path);
		(void)mc_dist_path_minor(path);
	}
}

static void read_names(struct mc_arena *arena, struct mc_str text)
{
	struct mc_str name, version, build;
	struct mc_candidate offer = {.file_name = text, .name = {"", 0}, .place = {"x", 1}};
	struct mc_candidates set;
	struct mc_tags tags;

	if (!mc_dist_wheel_name(arena, text, &name, &version, &build, &tags)) {
		fuzz_touch(name);
		fuzz_touch(version);
		fuzz_touch(build);
		touch_tags(tags);
	}
	if (!mc_dist_folder_name(arena, text, &name, &version)) {
		fuzz_touch(name);
		fuzz_touch(version);
	}
	if (!mc_dist_expand_tag(arena, text, &tags))
		touch_tags(tags);
	(void)mc_dist_python_folder_minor(text);
	mc_candidates_init(&set, arena);
	if (!mc_candidates_add(&set, &offer))
		fuzz_touch(set.items[0]->version);
}

static void read_url(struct mc_arena *arena, struct mc_str text)
{
	struct mc_str out = {"", 0};
	bool is_editable;

	FUZZ_CHECK(!mc_dist_direct_url(arena, text, &is_editable, &out));
	fuzz_touch(out);
	if (mc_str_starts(text, MC_STR("file://")))
		FUZZ_CHECK(!mc_url_file(arena, text, &out));
	fuzz_touch(out);
	FUZZ_CHECK(!mc_url_base(arena, text, &out));
	fuzz_touch(out);
	FUZZ_CHECK(!mc_sha256_text(arena, text, &out));
	FUZZ_CHECK(!out.len || out.len == 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct fuzz_input input = {bytes, nbytes};
	uint8_t kind = fuzz_byte(&input);
	struct mc_str text = fuzz_rest(&input);
	struct mc_arena arena;
	struct mc_tags tags;

	mc_arena_init(&arena, NULL);
	switch (kind) {
	case 'm': read_metadata(&arena, text); break;
	case 'w':
		if (!mc_dist_wheel_tags(&arena, text, &tags))
			touch_tags(tags);
		break;
	case 'r': read_record(&arena, text); break;
	case 'n': read_names(&arena, text); break;
	case 'u': read_url(&arena, text); break;
	default: (void)mc_dist_venv_minor(text); break;
	}
	mc_arena_clear(&arena);
	return 0;
}
