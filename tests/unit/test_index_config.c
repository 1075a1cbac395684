/* SPDX-License-Identifier: MIT */
/* What pip 23.2 answers to "pip config list" and "pip download -v" for the same files.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "index_impl.h"

#define VARIABLES_MAX 16

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_index_config config;
static struct mc_error error;
static struct mc_index_options options;
static char etc[300], home[300];
static const char *variables[VARIABLES_MAX][2];
static size_t variables_count;

static const char *get(const char *name, void *state)
{
	(void)state;
	for (size_t i = 0; i < variables_count; i++)
		if (!strcmp(variables[i][0], name))
			return variables[i][1];
	return NULL;
}

static void set(const char *name, const char *value)
{
	assert_true(variables_count < VARIABLES_MAX);
	variables[variables_count][0] = name;
	variables[variables_count++][1] = value;
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	options = (struct mc_index_options){.index_url = NULL};
	options.limits.default_ms = 1; /* pip is not asked but where a test says so */
	variables_count = 0;
	snprintf(etc, sizeof(etc), "%s/etc", fixture.dir);
	snprintf(home, sizeof(home), "%s/home", fixture.dir);
	set("HOME", home);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

static enum mc_status read_config(void)
{
	const struct mc_index_env env = {.get = get, .etc = etc};

	error = MC_ERROR_INIT;
	return mc_index_config_read(&options, &env, &arena, &config, &error);
}

/* "a b" for the URLs; their common "https://" and ".example.org" are left out.  */
static void assert_urls(const char *wanted)
{
	char got[1000] = "";

	assert_int_equal(read_config(), MC_OK);
	for (size_t i = 0; i < config.urls_count; i++) {
		struct mc_str url = config.urls[i];

		assert_true(mc_str_starts(url, MC_STR("https://")));
		assert_true(mc_str_ends(url, MC_STR(".example.org")));
		sprintf(got + strlen(got), "%s%.*s", i ? " " : "", (int)url.len - 20, url.ptr + 8);
	}
	assert_string_equal(got, wanted);
}

#define URL(name) "https://" name ".example.org"

static void options_win_over_variables_and_those_over_files(void **state)
{
	static const char *const extra[] = {URL("given-more")};

	(void)state;
	put_text(&fixture, "etc/pip.conf", "[global]\nindex-url = " URL("etc") "\n");
	assert_urls("etc");
	assert_true(mc_str_ends(config.origin, MC_STR("/etc/pip.conf")));
	put_text(&fixture, "home/.pip/pip.conf", "[global]\nindex-url = " URL("old") "\n");
	assert_urls("old");
	put_text(&fixture, "home/.config/pip/pip.conf", "[global]\nINDEX_URL: " URL("new") "\n");
	assert_urls("new");
	put_text(&fixture, "venv/pip.conf", "[global]\nindex-url=" URL("venv") "\n");
	set("VIRTUAL_ENV", mc_arena_printf(&arena, "%s/venv", fixture.dir).ptr);
	assert_urls("venv");
	set("UV_INDEX_URL", URL("uv"));
	assert_urls("uv");
	set("PIP_INDEX_URL", URL("pip"));
	assert_urls("pip");
	assert_true(mc_str_is(config.origin, MC_STR("PIP_INDEX_URL")));
	options.index_url = URL("given");
	options.extra_urls = extra;
	options.extra_urls_count = 1;
	assert_urls("given given-more");
	assert_true(mc_str_is(config.origin, MC_STR("--index-url")));
}

/* pip's OptionParser: the command's section after [global], whatever the file.  */
static void install_wins_over_global(void **state)
{
	(void)state;
	put_text(&fixture, "etc/pip.conf", "[install]\nindex-url = " URL("install") "\n");
	put_text(&fixture, "home/.pip/pip.conf",
		 "[global]\nindex-url = " URL("global") "\n[freeze]\n"
							"index-url = " URL("freeze") "\n");
	assert_urls("install");
}

static void a_named_file_replaces_the_user_s(void **state)
{
	(void)state;
	put_text(&fixture, "etc/pip.conf", "[global]\nindex-url = " URL("etc") "\n");
	put_text(&fixture, "home/.pip/pip.conf", "[global]\nextra-index-url = " URL("user") "\n");
	assert_urls("etc user");
	put_text(&fixture, "named", "[global]\nindex-url = " URL("named") "\n");
	set("PIP_CONFIG_FILE", fixture.path);
	assert_urls("named");
	variables_count = 1;
	set("PIP_CONFIG_FILE", "/dev/null");
	assert_int_equal(read_config(), MC_ERR_NOT_FOUND);
	variables_count = 1;
	set("PIP_CONFIG_FILE", "/nowhere/at/all");
	assert_urls("etc user");
}

static void the_folders_of_xdg(void **state)
{
	(void)state;
	put_text(&fixture, "etc/xdg/pip/pip.conf", "[global]\nindex-url = " URL("xdg") "\n");
	assert_urls("xdg");
	put_text(&fixture, "conf/pip/pip.conf", "[global]\nindex-url = " URL("conf") "\n");
	set("XDG_CONFIG_HOME", mc_arena_printf(&arena, "%s/conf", fixture.dir).ptr);
	assert_urls("conf");
	assert_true(mc_str_ends(config.cache_dir, MC_STR("/home/.cache/muslcheck")));
	set("XDG_CACHE_HOME", "/cache");
	assert_urls("conf");
	assert_true(mc_str_is(config.cache_dir, MC_STR("/cache/muslcheck")));
	options.has_no_cache = true;
	assert_urls("conf");
	assert_int_equal(config.cache_dir.len, 0);
}

/* RawConfigParser: values go on in lines that are further in, comments and all.  */
static void values_have_several_lines(void **state)
{
	(void)state;
	put_text(&fixture, "etc/pip.conf",
		 "\xef\xbb\xbf# first\n\n[global]\r\n"
		 "index-url = " URL(
			 "main") "\n"
				 "extra-index-url =\n"
				 "    " URL("a") "\n"
						 "# remark\n"
						 "    ; remark\n"
						 "\n"
						 "\t" URL("b") " " URL(
							 "a") "\n"
							      "trusted_host = one.example.org\n "
							      "two.example.org:8080\n"
							      "find-links =\n  /wheels\n  "
							      "https://me:pw@example.org/links\n"
							      "[other]\n"
							      "  index-url = " URL("other") "\n");
	assert_urls("main a b");
	assert_int_equal(config.trusted_hosts_count, 2);
	assert_true(mc_str_is(config.trusted_hosts[1], MC_STR("two.example.org:8080")));
	assert_int_equal(config.find_links_count, 2);
}

static void numbers_and_places(void **state)
{
	(void)state;
	put_text(&fixture, "etc/pip.conf",
		 "[global]\nindex-url = " URL("x") "\ntimeout = 7.5\nretries = 0\ncert = /ca.pem\n"
						   "proxy = http://proxy.example.org:3128\n");
	assert_urls("x");
	assert_int_equal(config.limits.connect_ms, 7000);
	assert_int_equal(config.limits.stall_s, 7);
	assert_int_equal(config.limits.tries, 1);
	assert_int_equal(config.limits.connections, 8);
	assert_true(mc_str_is(config.ca_file, MC_STR("/ca.pem")));
	assert_true(mc_str_is(config.proxy, MC_STR("http://proxy.example.org:3128")));
	set("PIP_TIMEOUT", "99999999999999999999");
	options.limits.tries = 9;
	options.ca_file = "/mine.pem";
	assert_urls("x");
	assert_int_equal(config.limits.stall_s, 600);
	assert_int_equal(config.limits.tries, 9);
	assert_true(mc_str_is(config.ca_file, MC_STR("/mine.pem")));
}

static void no_index_means_none(void **state)
{
	(void)state;
	set("PIP_INDEX_URL", URL("pip"));
	set("PIP_NO_INDEX", "False");
	assert_urls("pip");
	variables_count--;
	set("PIP_NO_INDEX", "Yes");
	assert_urls("");
	options.index_url = URL("given");
	assert_urls("given");
	options.has_no_index = true;
	assert_urls("");
}

static void what_uv_says(void **state)
{
	(void)state;
	set("UV_DEFAULT_INDEX", "corp=" URL("corp"));
	set("UV_INDEX", "one=" URL("one") " " URL("two"));
	set("UV_EXTRA_INDEX_URL", URL("hidden"));
	assert_urls("corp one two");
}

static void empty_values_are_none(void **state)
{
	(void)state;
	put_text(&fixture, "etc/pip.conf",
		 "[global]\nindex-url = " URL("etc") "\n[install]\nindex-url =\n");
	set("PIP_INDEX_URL", "  ");
	assert_urls("etc");
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
	static const char *const texts[] = {"index-url = x\n", "[global]\nindex-url\n", "[global\n",
					    "=x\n", "[global]\n= x\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put_text(&fixture, "etc/pip.conf", texts[i]);
		assert_int_equal(read_config(), MC_ERR_FORMAT);
		assert_non_null(strstr(error.subject, "pip.conf"));
		assert_non_null(strstr(error.text, "line "));
	}
}

static void a_value_has_a_bound(void **state)
{
	FILE *file = fopen(fixture_path(&fixture, "etc/pip.conf"), "w");

	(void)state;
	assert_non_null(file);
	fputs("[global]\nextra-index-url =\n", file);
	for (size_t i = 0; i < 10000; i++)
		fputs("  x\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(read_config(), MC_ERR_LIMIT);
}

/* No pip on the PATH, and none that answers in time.  */
static void without_any_index_the_error_says_how_to_give_one(void **state)
{
	const char *path = getenv("PATH");
	char *saved = strdup(path ? path : "");

	(void)state;
	options.limits.default_ms = 300;
	setenv("PATH", fixture.dir, 1);
	assert_int_equal(read_config(), MC_ERR_NOT_FOUND);
	assert_non_null(strstr(error.text, "--index-url"));
	put_text(&fixture, "python3", "#!/bin/sh\nexec /bin/sleep 20\n");
	assert_int_equal(chmod(fixture.path, 0755), 0);
	assert_int_equal(read_config(), MC_ERR_NOT_FOUND);
	put_text(&fixture, "python3", "#!/bin/sh\necho " URL("default") "\n");
	options.limits.default_ms = 5000;
	assert_urls("default");
	assert_true(mc_str_is(config.origin, MC_STR("pip's default")));
	put_text(&fixture, "python3", "#!/bin/sh\necho " URL("default") "\nexit 1\n");
	assert_int_equal(read_config(), MC_ERR_NOT_FOUND);
	put_text(&fixture, "python3", "#!/bin/sh\nwhile :; do echo aaaaaaaaaaaaaaaaa; done\n");
	assert_int_equal(read_config(), MC_ERR_NOT_FOUND);
	setenv("PATH", saved, 1);
	free(saved);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(options_win_over_variables_and_those_over_files),
		TEST(install_wins_over_global),
		TEST(a_named_file_replaces_the_user_s),
		TEST(the_folders_of_xdg),
		TEST(values_have_several_lines),
		TEST(numbers_and_places),
		TEST(no_index_means_none),
		TEST(what_uv_says),
		TEST(empty_values_are_none),
		TEST(a_file_that_cannot_be_read_is_an_error),
		TEST(a_value_has_a_bound),
		TEST(without_any_index_the_error_says_how_to_give_one),
	};

	return cmocka_run_group_tests_name("index_config", tests, NULL, NULL);
}
