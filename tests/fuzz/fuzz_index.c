/* SPDX-License-Identifier: MIT */
/* A page of an index: JSON, HTML or, by its first byte, another type; and the URLs in it.  */
#include "fuzz.h"

#include "index_impl.h"

#include <string.h>

static void use_page(struct mc_arena *arena, const struct mc_index_page *page)
{
	const struct mc_chooser chooser = {
		.family = MC_LIBC_MUSL, .libc_version = "1.2.5", .minor = 12, .machine = "x86_64"};
	const struct mc_candidate *newest, *oldest;
	struct mc_candidates set;

	mc_candidates_init(&set, arena);
	FUZZ_CHECK(page->count <= MC_INDEX_FILES_MAX);
	for (size_t i = 0; i < page->count; i++) {
		const struct mc_candidate *offer = &page->offers[i];

		FUZZ_CHECK(mc_str_starts(offer->place, MC_STR("http")) && offer->is_remote);
		FUZZ_CHECK(!offer->sha256.len || offer->sha256.len == 64);
		FUZZ_CHECK(!memchr(offer->place.ptr, '#', offer->place.len));
		fuzz_touch(offer->requires_python);
		(void)mc_index_is_file_name(offer->file_name);
		(void)!mc_candidates_add(&set, offer);
	}
	for (size_t i = 0; i < set.count && i < 4; i++) {
		(void)mc_candidates_choose(&set, set.items[i]->name, MC_STR(">=0.1,!=2.*"), &chooser);
		mc_candidates_range(&set, set.items[i]->name, &chooser, &newest, &oldest);
	}
}

static void read_url(struct mc_arena *arena, struct fuzz_input *input)
{
	struct mc_str base = fuzz_cut(input), ref = fuzz_rest(input), shown;
	struct mc_url url;

	shown = mc_url_redact(arena, ref);
	fuzz_check_safe(shown.ptr, shown.len);
	FUZZ_CHECK(!memchr(shown.ptr, '?', shown.len) && !memchr(shown.ptr, '#', shown.len));
	if (mc_url_read(arena, base, ref, &url))
		return;
	FUZZ_CHECK(mc_str_starts(url.text, MC_STR("http")) && strlen(url.text.ptr) == url.text.len);
	FUZZ_CHECK(!memchr(url.text.ptr, '#', url.text.len));
	fuzz_touch(url.origin);
	fuzz_touch(url.user);
	fuzz_touch(url.password);
	fuzz_touch(url.fragment);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	static const char *const types[] = {"application/vnd.pypi.simple.v1+json", "text/html; charset=utf-8",
					    "application/vnd.pypi.simple.v1+html", "text/plain"};
	struct fuzz_input input = {bytes, nbytes};
	struct mc_index_page page = {0};
	uint8_t kind = fuzz_byte(&input);
	const char *problem = NULL;
	struct mc_arena arena;

	mc_arena_init(&arena, NULL);
	if (kind == 'u')
		read_url(&arena, &input);
	else if (!mc_index_page_read(&arena, mc_str_of(types[kind % 4]), MC_STR("https://example.org/simple/x/"),
				     fuzz_rest(&input), &page, &problem))
		use_page(&arena, &page);
	mc_arena_clear(&arena);
	return 0;
}
