/* SPDX-License-Identifier: MIT */
/* Where the indexes are: a pip.conf, and behind a NUL what PIP_EXTRA_INDEX_URL and the like say.  */
#include "fuzz.h"

#include "index_impl.h"

#include <string.h>

static char variables[4096];

static const char *get(const char *name, void *state)
{
	if (!strcmp(name, "PIP_CONFIG_FILE"))
		return state;
	if (!strcmp(name, "PIP_EXTRA_INDEX_URL") || !strcmp(name, "UV_INDEX") || !strcmp(name, "PIP_TIMEOUT"))
		return variables;
	return NULL;
}

static void touch_all(const struct mc_str *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fuzz_touch(texts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	/* Without any index Python would be asked for pip's own.  */
	const struct mc_index_options options = {.index_url = "https://example.org/simple/"};
	struct fuzz_input input = {bytes, nbytes};
	struct mc_str text = fuzz_cut(&input), more = fuzz_rest(&input);
	struct mc_index_env env = {.get = get, .etc = fuzz_folder()};
	struct mc_index_config config;
	struct mc_error err = MC_ERROR_INIT;
	struct mc_arena arena;
	struct mc_str path;

	mc_arena_init(&arena, NULL);
	FUZZ_CHECK(!mc_arena_copy(&arena, mc_str_of(fuzz_put("pip.conf", text.ptr, text.len)), &path));
	env.state = (void *)(uintptr_t)path.ptr;
	memset(variables, 0, sizeof(variables));
	if (more.len)
		memcpy(variables, more.ptr, more.len < sizeof(variables) ? more.len : sizeof(variables) - 1);
	if (!mc_index_config_read(&options, &env, &arena, &config, &err)) {
		FUZZ_CHECK(config.urls_count && config.limits.tries && config.limits.stall_s);
		touch_all(config.urls, config.urls_count);
		touch_all(config.find_links, config.find_links_count);
		touch_all(config.trusted_hosts, config.trusted_hosts_count);
		for (size_t i = 0; i < config.urls_count; i++) {
			struct mc_str shown = mc_url_redact(&arena, config.urls[i]);

			fuzz_check_safe(shown.ptr, shown.len);
		}
		fuzz_touch(config.origin);
		fuzz_touch(config.proxy);
	} else {
		fuzz_check_safe(err.text, strlen(err.text));
	}
	mc_arena_clear(&arena);
	return 0;
}
