/* SPDX-License-Identifier: MIT */
/* The figures of the fixtures are those of tests/fixtures/locks/count, which knows tomllib and
 * packaging and nothing of ours.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/lock.h"
#include "starve.h"

#define HASH "sha256:00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

struct scene {
	struct fixture fixture;
	struct mc_arena arena;
	struct mc_lock lock;
	struct mc_error err;
};

static void open_scene(struct scene *s)
{
	fixture_open(&s->fixture);
	mc_arena_init(&s->arena, NULL);
	s->err = MC_ERROR_INIT;
}

static void close_scene(struct scene *s)
{
	mc_arena_clear(&s->arena);
	fixture_close(&s->fixture);
}

static enum mc_status read_text(struct scene *s, const char *name, const char *text)
{
	put_bytes(&s->fixture, name, text, strlen(text));
	s->err = MC_ERROR_INIT;
	return mc_lock_read(s->fixture.path, &s->arena, &s->lock, &s->err);
}

static void read_good(struct scene *s, const char *name, const char *text)
{
	enum mc_status status = read_text(s, name, text);

	if (status)
		print_error("%s: %s\n", s->err.subject, s->err.text);
	assert_int_equal(status, MC_OK);
}

static void choose(struct scene *s, struct mc_lock_wish wish)
{
	struct mc_marker_env env;

	assert_int_equal(mc_marker_env_linux(&s->arena, 12, MC_STR(""), MC_STR("x86_64"), &env), MC_OK);
	assert_int_equal(mc_lock_choose(&s->lock, &s->arena, &env, &wish, &s->err), MC_OK);
}

static struct mc_lock_package *find(struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->lock.packages_count; i++)
		if (mc_str_is(s->lock.packages[i]->name, mc_str_of(name)))
			return s->lock.packages[i];
	fail_msg("no package %s", name);
	return NULL;
}

static void assert_text(struct mc_str got, const char *wanted)
{
	if (!mc_str_is(got, mc_str_of(wanted)))
		fail_msg("'%.*s' is not '%s'", MC_TEXT(got), wanted);
}

static void assert_wanted(struct scene *s, const char *names)
{
	char got[1024] = "";

	for (size_t i = 0; i < s->lock.packages_count; i++)
		if (s->lock.packages[i]->is_wanted)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s",
				 *got ? " " : "", MC_TEXT(s->lock.packages[i]->name));
	assert_string_equal(got, names);
}

static void assert_no_problems(const struct mc_lock *lock)
{
	for (size_t i = 0; i < lock->problems_count; i++)
		print_error("%.*s\n", MC_TEXT(lock->problems[i]));
	assert_int_equal(lock->problems_count, 0);
}

/* ---- names ---- */

static void a_lock_is_known_by_its_name(void **state)
{
	static const char *const yes[] = {"uv.lock",	  "poetry.lock",      "pdm.lock",
					  "pylock.toml",  "pylock.prod.toml", "Pipfile.lock",
					  "pylock.a.toml"};
	static const char *const no[] = {"",		  "lock",	   "uv.lock.bak", "Pipfile",
					 "pylock..toml",  "pylock.a.b.toml", "pyproject.toml",
					 "pylocktoml",	  "requirements.txt", "report.json"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(mc_lock_is_name(mc_str_of(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(mc_lock_is_name(mc_str_of(no[i])));
}

static void what_is_no_lock_is_unsupported(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(read_text(&s, "a.json", "{\"a\": 1}"), MC_ERR_UNSUPPORTED);
	assert_int_equal(read_text(&s, "a.json", "[]"), MC_ERR_UNSUPPORTED);
	assert_int_equal(read_text(&s, "a.json", ""), MC_ERR_UNSUPPORTED);
	assert_int_equal(read_text(&s, "a.txt", "version = 1\n"), MC_ERR_UNSUPPORTED);
	assert_int_equal(read_text(&s, "a.json", "{\"install\": [}"), MC_ERR_FORMAT);
	assert_int_equal(read_text(&s, "uv.lock", "version = \n"), MC_ERR_FORMAT);
	assert_non_null(strstr(s.err.subject, "uv.lock"));
	assert_non_null(strstr(s.err.text, "line 1"));
	close_scene(&s);
}

static void another_version_is_unsupported(void **state)
{
	static const char *const texts[][2] = {
		{"uv.lock", "version = 2\n"},
		{"uv.lock", "version = '1'\n"},
		{"uv.lock", ""},
		{"poetry.lock", "[metadata]\nlock-version = '3.0'\n"},
		{"poetry.lock", "package = []\n"},
		{"pdm.lock", "[metadata]\nlock_version = '5.0'\n"},
		{"pdm.lock", ""},
		{"pylock.toml", "lock-version = '2.0'\n"},
		{"pylock.toml", "lock-version = 1\n"},
		{"Pipfile.lock", "{\"_meta\": {\"pipfile-spec\": 7}}"},
		{"Pipfile.lock", "{}"},
		{"a.json", "{\"version\": \"2\", \"install\": []}"},
		{"a.json", "{\"installed\": []}"},
	};
	struct scene s;

	(void)state;
	open_scene(&s);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_text(&s, texts[i][0], texts[i][1]), MC_ERR_UNSUPPORTED);
		assert_true(s.err.text[0]);
	}
	close_scene(&s);
}

static void what_is_no_regular_file_is_not_waited_for(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(mkfifo(fixture_path(&s.fixture, "uv.lock"), 0600), 0);
	assert_int_equal(mc_lock_read(s.fixture.path, &s.arena, &s.lock, &s.err), MC_ERR_NOT_FOUND);
	assert_int_equal(mc_lock_read(s.fixture.dir, &s.arena, &s.lock, NULL), MC_ERR_NOT_FOUND);
	assert_int_equal(mc_lock_read("/nowhere/uv.lock", &s.arena, &s.lock, NULL), MC_ERR_NOT_FOUND);
	close_scene(&s);
}

/* ---- uv.lock ---- */

static const char uv_text[] =
	"version = 1\nrequires-python = '>=3.11'\n"
	"[[package]]\nname = 'shop'\nversion = '0.1'\nsource = { editable = '.' }\n"
	"dependencies = [{ name = 'click' }, { name = 'web', extra = ['fast'] },\n"
	" { name = 'torch', version = '2.0', marker = \"sys_platform == 'darwin'\" },\n"
	" { name = 'torch', version = '2.0+cpu', marker = \"sys_platform == 'linux'\" }]\n"
	"[package.optional-dependencies]\nplot = [{ name = 'plotter' }]\n"
	"[package.dev-dependencies]\ndev = [{ name = 'tester' }]\n"
	"[[package]]\nname = 'click'\nversion = '8.1'\nsource = { registry = 'https://files.example.org/simple' }\n"
	"dependencies = [{ name = 'colorama', marker = \"sys_platform == 'win32'\" }]\n"
	"sdist = { url = 'https://files.example.org/a/click-8.1.tar.gz', hash = '" HASH "', size = 7 }\n"
	"wheels = [{ url = 'https://files.example.org/a/click-8.1-py3-none-any.whl?x=1#y', hash = '" HASH
	"', size = 9 }]\n"
	"[[package]]\nname = 'colorama'\nversion = '0.4'\nsource = { registry = '../house' }\n"
	"wheels = [{ path = 'colorama-0.4-py3-none-any.whl', hash = 'md5:0' }]\n"
	"[[package]]\nname = 'web'\nversion = '1.0'\nsource = { url = 'https://files.example.org/web-1.0%2Bx-py3-none-any.whl' }\n"
	"wheels = [{ url = 'https://files.example.org/web-1.0%2Bx-py3-none-any.whl' }]\n"
	"[package.optional-dependencies]\nfast = [{ name = 'loop' }]\nslow = [{ name = 'colorama' }]\n"
	"[[package]]\nname = 'Loop'\nversion = '1.0'\nsource = { git = 'https://files.example.org/loop?rev=1#2' }\n"
	"[[package]]\nname = 'plotter'\nversion = '1.0'\nsource = { path = '../plotter-1.0.tar.gz' }\n"
	"sdist = { hash = '" HASH "' }\n"
	"[[package]]\nname = 'tester'\nsource = { directory = 'tester' }\n"
	"[[package]]\nname = 'torch'\nversion = '2.0'\nsource = { registry = 'https://files.example.org/simple' }\n"
	"[[package]]\nname = 'torch'\nversion = '2.0+cpu'\nsource = { registry = 'https://files.example.org/cpu' }\n";

static void uv_names_files_and_where_they_are(void **state)
{
	struct scene s;
	char path[1024];
	const struct mc_lock_package *click, *plotter;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock", uv_text);
	assert_no_problems(&s.lock);
	assert_string_equal(s.lock.format, "uv.lock");
	assert_text(s.lock.requires_python, ">=3.11");
	click = find(&s, "click");
	assert_int_equal(click->kind, MC_LOCK_INDEX);
	assert_int_equal(click->files_count, 2);
	assert_true(click->has_wheels && click->has_sdist);
	assert_text(click->files[0].file_name, "click-8.1-py3-none-any.whl");
	assert_text(click->files[0].place, "https://files.example.org/a/click-8.1-py3-none-any.whl?x=1");
	assert_text(click->files[0].sha256,
		    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	assert_int_equal(click->files[0].nbytes, 9);
	assert_true(click->files[0].is_remote);
	assert_text(click->files[0].name, "click");
	snprintf(path, sizeof(path), "%s/../house/colorama-0.4-py3-none-any.whl", s.fixture.dir);
	assert_text(find(&s, "colorama")->files[0].place, path);
	assert_false(find(&s, "colorama")->files[0].is_remote);
	assert_int_equal(find(&s, "colorama")->files[0].sha256.len, 0);
	assert_text(find(&s, "web")->files[0].file_name, "web-1.0+x-py3-none-any.whl");
	plotter = find(&s, "plotter");
	assert_text(plotter->files[0].file_name, "plotter-1.0.tar.gz");
	assert_false(plotter->has_wheels);
	close_scene(&s);
}

static void uv_kinds(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock", uv_text);
	assert_int_equal(find(&s, "shop")->kind, MC_LOCK_PROJECT);
	assert_true(find(&s, "shop")->is_root);
	assert_int_equal(find(&s, "web")->kind, MC_LOCK_URL);
	assert_int_equal(find(&s, "loop")->kind, MC_LOCK_GIT);
	assert_int_equal(find(&s, "plotter")->kind, MC_LOCK_PATH);
	assert_int_equal(find(&s, "tester")->kind, MC_LOCK_PATH);
	assert_text(find(&s, "tester")->place, "tester");
	close_scene(&s);
}

static void uv_installs_what_it_reaches(void **state)
{
	const struct mc_str plot = MC_STR("plot"), dev = MC_STR("dev");
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock", uv_text);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "shop click web loop torch");
	assert_false(find(&s, "torch")->is_wanted);
	choose(&s, (struct mc_lock_wish){&plot, 1, &dev, 1});
	assert_wanted(&s, "shop click web loop plotter tester torch");
	close_scene(&s);
}

static void uv_lock_of_a_script_has_a_root_of_its_own(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock",
		  "version = 1\n[manifest]\nrequirements = [{ name = 'a' }]\n"
		  "[[package]]\nname = 'a'\nversion = '1'\n[[package]]\nname = 'b'\nversion = '1'\n");
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a script");
	assert_int_equal(find(&s, "script")->kind, MC_LOCK_PROJECT);
	close_scene(&s);
}

static void uv_workspace_members_are_all_roots(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock",
		  "version = 1\n[manifest]\nmembers = ['m1', 'M_2']\n"
		  "[[package]]\nname = 'm1'\nversion = '1'\nsource = { editable = 'a' }\n"
		  "[[package]]\nname = 'm-2'\nversion = '1'\nsource = { virtual = 'b' }\n"
		  "dependencies = [{ name = 'x' }]\n"
		  "[[package]]\nname = 'x'\nversion = '1'\n[[package]]\nname = 'y'\nversion = '1'\n");
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "m1 m-2 x");
	close_scene(&s);
}

/* uv: "conflicts" in pyproject.toml */
static void uv_conflicting_extras_have_names_of_their_own(void **state)
{
	const struct mc_str cpu = MC_STR("cpu"), gpu = MC_STR("gpu");
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock",
		  "version = 1\n[[package]]\nname = 'shop'\nsource = { virtual = '.' }\ndependencies = [\n"
		  "{ name = 'a', marker = \"extra == 'extra-4-shop-cpu'\" },\n"
		  "{ name = 'b', marker = \"extra == 'extra-4-shop-gpu'\" }]\n"
		  "[[package]]\nname = 'a'\nversion = '1'\n[[package]]\nname = 'b'\nversion = '1'\n");
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "shop");
	choose(&s, (struct mc_lock_wish){&cpu, 1, NULL, 0});
	assert_wanted(&s, "shop a");
	choose(&s, (struct mc_lock_wish){&gpu, 1, NULL, 0});
	assert_wanted(&s, "shop b");
	close_scene(&s);
}

/* ---- poetry.lock ---- */

static void poetry_2_has_groups_and_markers(void **state)
{
	const struct mc_str fast = MC_STR("fast"), dev = MC_STR("dev");
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "poetry.lock",
		  "[[package]]\nname = 'A.b'\nversion = '1'\noptional = false\npython-versions = '>=3.8'\n"
		  "groups = ['main']\nfiles = [{file = 'A.b-1.tar.gz', hash = '" HASH "'},\n"
		  "{file = 'A.b-1.win32.exe', hash = '" HASH "'}]\n"
		  "[[package]]\nname = 'win'\nversion = '1'\ngroups = ['main', 'dev']\npython-versions = '^3.8'\n"
		  "markers = {main = \"sys_platform == 'win32'\", dev = \"os_name == 'nt'\"}\n"
		  "[[package]]\nname = 'both'\nversion = '1'\ngroups = ['main', 'dev']\n"
		  "markers = {main = \"sys_platform == 'win32'\"}\n"
		  "[[package]]\nname = 'opt'\nversion = '1'\noptional = true\ngroups = ['main']\n"
		  "markers = \"extra == 'fast'\"\n"
		  "[[package]]\nname = 'tester'\nversion = '1'\ngroups = ['dev']\n"
		  "[extras]\nfast = ['opt (>=1)']\n"
		  "[metadata]\nlock-version = '2.1'\npython-versions = '>=3.11'\n");
	assert_no_problems(&s.lock);
	assert_text(s.lock.requires_python, ">=3.11");
	assert_text(find(&s, "win")->marker, "(os_name == 'nt') or (sys_platform == 'win32')");
	assert_text(find(&s, "both")->marker, "");
	assert_text(find(&s, "win")->requires_python, "");
	assert_text(find(&s, "a-b")->requires_python, ">=3.8");
	assert_int_equal(find(&s, "a-b")->files_count, 1);
	assert_text(find(&s, "a-b")->files[0].place, "");
	assert_true(find(&s, "a-b")->has_sdist && !find(&s, "a-b")->has_wheels);
	assert_int_equal(find(&s, "opt")->extras_count, 1);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a-b both");
	choose(&s, (struct mc_lock_wish){&fast, 1, &dev, 1});
	assert_wanted(&s, "a-b both opt tester");
	close_scene(&s);
}

static void poetry_1_leaves_out_what_only_windows_needs(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "poetry.lock",
		  "[[package]]\nname = 'click'\nversion = '8'\ncategory = 'main'\n"
		  "[package.dependencies]\ncolorama = {version = '*', markers = \"sys_platform == 'win32'\"}\n"
		  "ring-a = '*'\n"
		  "[[package]]\nname = 'colorama'\nversion = '1'\n[package.dependencies]\ndeep = '*'\n"
		  "[[package]]\nname = 'deep'\nversion = '1'\n"
		  "[[package]]\nname = 'ring-a'\nversion = '1'\n[package.dependencies]\nring-b = '*'\n"
		  "[[package]]\nname = 'ring-b'\nversion = '1'\n[package.dependencies]\nring-a = [{version='1'}, '2']\n"
		  "[[package]]\nname = 'tester'\nversion = '1'\ncategory = 'dev'\n"
		  "[[package]]\nname = 'url'\nversion = '1'\n[package.source]\ntype = 'url'\n"
		  "url = 'https://files.example.org/url-1-py3-none-any.whl'\n"
		  "[metadata]\nlock-version = '1.1'\npython-versions = '^3.8'\n"
		  "[metadata.files]\nclick = [{file = 'click-8-py3-none-any.whl', hash = '" HASH "'}]\n"
		  "url = [{file = 'url-1-py3-none-any.whl', hash = '" HASH "'}]\n");
	assert_no_problems(&s.lock);
	assert_text(s.lock.requires_python, "");
	assert_true(find(&s, "click")->has_wheels);
	assert_int_equal(find(&s, "url")->kind, MC_LOCK_URL);
	assert_text(find(&s, "url")->files[0].place, "https://files.example.org/url-1-py3-none-any.whl");
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "click ring-a ring-b url");
	close_scene(&s);
}

/* The project may require by itself what others do for an old Python only.  */
static void an_unknown_project_may_require_anything_for_its_python(void **state)
{
	static const char text[] =
		"[[package]]\nname = 'a'\nversion = '1'\n[package.dependencies]\n"
		"typing-extensions = {version = '*', markers = \"python_version < '3.8'\"}\n"
		"colorama = {version = '*', markers = \"os_name == 'nt'\"}\n"
		"[[package]]\nname = 'typing-extensions'\nversion = '1'\n"
		"[[package]]\nname = 'colorama'\nversion = '1'\n"
		"[[package]]\nname = 'tester'\nversion = '1'\n[package.dependencies]\nplugin = '*'\n"
		"[[package]]\nname = 'plugin'\nversion = '1'\n"
		"[metadata]\nlock-version = '2.0'\n";
	const struct mc_str dev = MC_STR("dev");
	const char *project;
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "poetry.lock", text);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a typing-extensions tester plugin");
	project = "[tool.poetry.dependencies]\npython = '^3.8'\na = '^1'\n"
		  "colorama = [{version = '1', platform = 'linux'}]\n"
		  "[tool.poetry.group.dev.dependencies]\ntester = {version = '*', extras = ['x']}\n";
	put_bytes(&s.fixture, "pyproject.toml", project, strlen(project));
	read_good(&s, "poetry.lock", text);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a colorama pyproject");
	choose(&s, (struct mc_lock_wish){NULL, 0, &dev, 1});
	assert_wanted(&s, "a colorama tester plugin pyproject");
	put_bytes(&s.fixture, "pyproject.toml", "[", 1);
	read_good(&s, "poetry.lock", text);
	assert_int_equal(s.lock.problems_count, 1);
	close_scene(&s);
}

static void pdm_projects_require_by_pep_621(void **state)
{
	const struct mc_str fast = MC_STR("fast");
	const char *project = "[project]\nname = 'p'\ndependencies = [\"a; os_name == 'posix'\", 'b; os_name == \"nt\"']\n"
			      "[project.optional-dependencies]\nfast = ['c']\n"
			      "[dependency-groups]\ndev = ['d', {include-group = 'x'}]\n";
	struct scene s;

	(void)state;
	open_scene(&s);
	put_bytes(&s.fixture, "pyproject.toml", project, strlen(project));
	read_good(&s, "pdm.lock",
		  "[metadata]\nlock_version = '4.5.0'\n[[package]]\nname = 'a'\nversion = '1'\n"
		  "[[package]]\nname = 'b'\nversion = '1'\n[[package]]\nname = 'c'\nversion = '1'\n"
		  "[[package]]\nname = 'd'\nversion = '1'\n");
	assert_no_problems(&s.lock);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a pyproject");
	choose(&s, (struct mc_lock_wish){&fast, 1, NULL, 0});
	assert_wanted(&s, "a c pyproject");
	close_scene(&s);
}

/* ---- pdm.lock ---- */

static void pdm_entries_with_extras_are_one_package(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "pdm.lock",
		  "[metadata]\nlock_version = '4.5.0'\nstrategy = ['static_urls']\n"
		  "[[metadata.targets]]\nrequires_python = '>=3.11'\n"
		  "[[package]]\nname = 'web'\nversion = '1'\nextras = ['fast']\n"
		  "dependencies = [\"loop; sys_platform != 'win32'\", 'web==1', '!!']\n"
		  "[[package]]\nname = 'web'\nversion = '1'\nrequires_python = '>=3.8'\n"
		  "dependencies = [\"colorama>=0.4; sys_platform == 'win32'\"]\n"
		  "files = [{url = 'https://files.example.org/web-1-py3-none-any.whl', hash = '" HASH "'}]\n"
		  "[[package]]\nname = 'loop'\nversion = '1'\n"
		  "[[package]]\nname = 'colorama'\nversion = '0.4.6'\n");
	assert_int_equal(s.lock.problems_count, 1);
	assert_text(s.lock.requires_python, ">=3.11");
	assert_int_equal(s.lock.packages_count, 3);
	assert_int_equal(find(&s, "web")->edges_count, 3);
	assert_text(find(&s, "web")->files[0].requires_python, ">=3.8");
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "web loop");
	close_scene(&s);
}

static void pdm_has_groups_and_markers(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "pdm.lock",
		  "[metadata]\nlock_version = '4.5.0'\nstrategy = ['inherit_metadata']\n"
		  "[[package]]\nname = 'a'\nversion = '1'\ngroups = ['default', 'dev']\n"
		  "files = [{file = 'a-1-py3-none-any.whl', hash = '" HASH "'}]\n"
		  "[[package]]\nname = 'b'\nversion = '1'\ngroups = ['dev']\n"
		  "[[package]]\nname = 'c'\nversion = '1'\ngroups = ['default']\nmarker = \"os_name == 'nt'\"\n"
		  "[[package]]\nname = 'd'\nversion = '1'\ngit = 'https://files.example.org/d'\nrevision = '1'\n");
	assert_no_problems(&s.lock);
	assert_int_equal(find(&s, "d")->kind, MC_LOCK_GIT);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a d");
	close_scene(&s);
}

/* ---- pylock.toml ---- */

static void pylock_markers_know_extras_and_groups(void **state)
{
	const struct mc_str fast = MC_STR("fast"), dev = MC_STR("dev");
	struct scene s;
	char path[1024];

	(void)state;
	open_scene(&s);
	read_good(&s, "pylock.prod.toml",
		  "lock-version = '1.0'\nrequires-python = '>=3.11'\ndefault-groups = ['default']\n"
		  "[[packages]]\nname = 'a'\nversion = '1'\nmarker = \"'default' in dependency_groups\"\n"
		  "wheels = [{name = 'a-1-py3-none-any.whl', path = 'w/a.whl', size = 5, hashes = {sha256 = "
		  "'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'}}]\n"
		  "[[packages]]\nname = 'b'\nversion = '1'\nmarker = \"'fast' in extras\"\n"
		  "[[packages]]\nname = 'c'\nversion = '1'\nmarker = \"'dev' in dependency_groups\"\n"
		  "[[packages]]\nname = 'd'\nvcs = {type = 'git', url = 'https://files.example.org/d', commit-id = '1'}\n"
		  "[[packages]]\nname = 'e'\narchive = {url = 'https://files.example.org/e-1.zip', hashes = {md5 = '0'}}\n"
		  "[[packages]]\nname = 'f'\ndirectory = {path = '.', editable = true}\n");
	assert_no_problems(&s.lock);
	snprintf(path, sizeof(path), "%s/w/a.whl", s.fixture.dir);
	assert_text(find(&s, "a")->files[0].place, path);
	assert_text(find(&s, "a")->files[0].file_name, "a-1-py3-none-any.whl");
	assert_int_equal(find(&s, "a")->files[0].sha256.len, 64);
	assert_int_equal(find(&s, "d")->kind, MC_LOCK_GIT);
	assert_int_equal(find(&s, "e")->kind, MC_LOCK_URL);
	assert_true(find(&s, "e")->has_sdist);
	assert_int_equal(find(&s, "f")->kind, MC_LOCK_PROJECT);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a d e f");
	choose(&s, (struct mc_lock_wish){&fast, 1, &dev, 1});
	assert_wanted(&s, "a b c d e f");
	close_scene(&s);
}

/* ---- JSON ---- */

static void pipfile_lock_has_sections(void **state)
{
	const struct mc_str dev = MC_STR("dev");
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "Pipfile.lock",
		  "{\"_meta\": {\"pipfile-spec\": 6}, \"default\": {"
		  "\"A_b\": {\"version\": \"==1.0\", \"hashes\": [\"" HASH "\"]},"
		  "\"win\": {\"version\": \"==1\", \"markers\": \"os_name == 'nt'\"},"
		  "\"vcs\": {\"git\": \"https://files.example.org/x\", \"ref\": \"1\"}},"
		  "\"develop\": {\"a-b\": {\"version\": \"==1.0\"}, \"tester\": {\"version\": \"==2\"},"
		  "\"odd\": {\"version\": \"*\"}, \"odder\": [], \"\\u0007\": {\"version\": \"==1\"}}}");
	assert_int_equal(s.lock.problems_count, 3);
	assert_false(s.lock.names_files);
	assert_int_equal(s.lock.packages_count, 4);
	assert_int_equal(find(&s, "a-b")->groups_count, 2);
	assert_text(find(&s, "a-b")->version, "1.0");
	assert_int_equal(find(&s, "vcs")->kind, MC_LOCK_GIT);
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a-b vcs");
	choose(&s, (struct mc_lock_wish){NULL, 0, &dev, 1});
	assert_wanted(&s, "a-b vcs tester");
	close_scene(&s);
}

static void reports_of_pip_are_told_by_their_content(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "x.json",
		  "{\"version\": \"1\", \"installed\": [{\"metadata\": {\"name\": \"A\", \"version\": \"1\"}},"
		  "{\"metadata\": {\"name\": \"b\", \"version\": \"1\"}, \"direct_url\": {\"url\": \"file:///x\","
		  "\"dir_info\": {\"editable\": true}}}, 5, {\"metadata\": {\"name\": 5}}]}");
	assert_string_equal(s.lock.format, "pip inspect");
	assert_int_equal(s.lock.problems_count, 2);
	assert_int_equal(find(&s, "b")->kind, MC_LOCK_PATH);
	read_good(&s, "x.json",
		  "{\"version\": \"1\", \"install\": [{\"metadata\": {\"name\": \"A\", \"version\": \"1\","
		  "\"requires_python\": \">=3.9\"}, \"is_direct\": false, \"download_info\": {\"url\": "
		  "\"https://files.example.org/a-1-py3-none-any.whl\", \"archive_info\": {\"hashes\": {\"sha256\": "
		  "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}}}},"
		  "{\"metadata\": {\"name\": \"l\", \"version\": \"1\"}, \"is_direct\": true, \"download_info\": "
		  "{\"url\": \"file:///a%20b/l-1-py3-none-any.whl\", \"archive_info\": {}}}]}");
	assert_string_equal(s.lock.format, "pip report");
	assert_no_problems(&s.lock);
	assert_int_equal(find(&s, "a")->kind, MC_LOCK_INDEX);
	assert_int_equal(find(&s, "a")->files[0].sha256.len, 64);
	assert_text(find(&s, "a")->files[0].requires_python, ">=3.9");
	assert_int_equal(find(&s, "l")->kind, MC_LOCK_PATH);
	assert_text(find(&s, "l")->files[0].place, "/a b/l-1-py3-none-any.whl");
	assert_false(find(&s, "l")->files[0].is_remote);
	close_scene(&s);
}

/* ---- hostile ---- */

static void a_broken_entry_is_one_line_and_the_rest_goes_on(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock",
		  "version = 1\npackage = [5, 'x', [], {}, {name = 5, version = []},\n"
		  "{name = \"e\\u001b[2J\", version = '1'}, {name = 'a', version = 'one'}, {name = 'b'},\n"
		  "{name = 'c', version = '1', source = 5, wheels = [5, {}, {url = ''}, {url = '..'}, "
		  "{url = 'https://files.example.org/a%2Fb-1.whl'}, {url = \"https://x/a b.whl\"}, "
		  "{path = \"a\\u0000b.whl\"}], sdist = 5, dependencies = [5, {}, {name = 'no'}], "
		  "optional-dependencies = {x = 5, '' = [{name = 'c'}], 'y' = [{name = 'c', extra = [5, '']}]}},\n"
		  "{name = 'd', version = '1', dependencies = 'x', wheels = 'x', sdist = [], dev-dependencies = []}]\n");
	assert_int_equal(s.lock.packages_count, 2);
	assert_int_equal(find(&s, "c")->files_count, 0);
	assert_int_equal(s.lock.problems_count, 18);
	for (size_t i = 0; i < s.lock.problems_count; i++)
		for (size_t k = 0; k < s.lock.problems[i].len; k++)
			assert_in_range(s.lock.problems[i].ptr[k], ' ', '~');
	close_scene(&s);
}

static void problems_are_counted_and_not_all_told(void **state)
{
	static char text[64 * 1024] = "version = 1\n";
	size_t n = strlen(text);
	struct scene s;

	(void)state;
	open_scene(&s);
	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "[[package]]\nname = '?'\n");
	read_good(&s, "uv.lock", text);
	assert_int_equal(s.lock.problems_count, MC_LOCK_PROBLEMS_MAX);
	assert_text(s.lock.problems[MC_LOCK_PROBLEMS_MAX - 1], "and 901 problems more");
	close_scene(&s);
}

static void one_name_is_locked_a_few_times_only(void **state)
{
	static char text[256 * 1024] = "version = 1\n";
	size_t n = strlen(text);
	struct scene s;

	(void)state;
	open_scene(&s);
	for (unsigned i = 0; i < 5000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "[[package]]\nname='a'\nversion='%u'\n", i);
	read_good(&s, "uv.lock", text);
	assert_int_equal(s.lock.packages_count, MC_LOCK_SAME_NAME_MAX);
	close_scene(&s);
}

/* A base of 8 KB for each of many files would make gigabytes.  */
static void a_long_base_is_not_repeated(void **state)
{
	static char text[32 * 1024];
	struct scene s;
	size_t n;

	(void)state;
	open_scene(&s);
	n = (size_t)snprintf(text, sizeof(text), "version = 1\n[[package]]\nname='a'\nversion='1'\n"
						 "source = {registry = '");
	memset(text + n, 'x', 10000);
	n += 10000;
	snprintf(text + n, sizeof(text) - n, "'}\nwheels = [{path = 'a-1-py3-none-any.whl'}]\n");
	read_good(&s, "uv.lock", text);
	assert_int_equal(s.lock.problems_count, 1);
	assert_int_equal(find(&s, "a")->files_count, 0);
	close_scene(&s);
}

static void a_marker_that_cannot_be_answered_holds(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	read_good(&s, "pylock.toml",
		  "lock-version = '1.0'\n[[packages]]\nname = 'a'\nversion = '1'\nmarker = 'nonsense ('\n");
	choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
	assert_wanted(&s, "a");
	close_scene(&s);
}

static void memory_that_runs_out_is_a_status(void **state)
{
	struct starve starve = {0};
	const struct mc_alloc alloc = {starve_take, starve_give, &starve};
	struct mc_marker_env env;
	const struct mc_lock_wish wish = {NULL, 0, NULL, 0};
	enum mc_status status = MC_ERR_NOMEM;
	struct scene s;
	size_t grants = 0;

	(void)state;
	open_scene(&s);
	read_good(&s, "uv.lock", uv_text);
	assert_int_equal(mc_marker_env_linux(&s.arena, 12, MC_STR(""), MC_STR("x86_64"), &env), MC_OK);
	for (; status == MC_ERR_NOMEM; grants++) {
		struct mc_arena poor;

		starve.left = grants;
		mc_arena_init(&poor, &alloc);
		status = mc_lock_read(s.fixture.path, &poor, &s.lock, NULL);
		if (!status)
			status = mc_lock_choose(&s.lock, &poor, &env, &wish, NULL);
		mc_arena_clear(&poor);
		assert_int_equal(starve.live, 0);
	}
	assert_int_equal(status, MC_OK);
	assert_true(grants > 2);
	close_scene(&s);
}

/* ---- locks that tools have made ---- */

static const struct {
	const char *path;
	size_t packages, files, hashes, wanted;
	uint64_t nbytes;
} made[] = {
#include "lock_figures.h"
};

static void locks_of_real_tools_are_read_as_others_read_them(void **state)
{
	const char *folder = getenv("MUSLCHECK_FIXTURES");
	struct scene s;

	(void)state;
	open_scene(&s);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		size_t files = 0, hashes = 0, wanted = 0;
		uint64_t nbytes = 0;
		char path[1024];

		snprintf(path, sizeof(path), "%s/locks/%s", folder ? folder : "tests/fixtures",
			 made[i].path);
		assert_int_equal(mc_lock_read(path, &s.arena, &s.lock, &s.err), MC_OK);
		assert_no_problems(&s.lock);
		choose(&s, (struct mc_lock_wish){NULL, 0, NULL, 0});
		for (size_t k = 0; k < s.lock.packages_count; k++) {
			const struct mc_lock_package *package = s.lock.packages[k];

			/* The project itself is not what 'uv export' lists.  */
			wanted += package->is_wanted && package->kind != MC_LOCK_PROJECT;
			files += package->files_count;
			for (size_t f = 0; f < package->files_count; f++) {
				hashes += package->files[f].sha256.len == 64;
				nbytes += package->files[f].nbytes;
			}
		}
		print_message("%s: %zu packages, %zu files, %zu wanted\n", made[i].path,
			      s.lock.packages_count, files, wanted);
		assert_int_equal(s.lock.packages_count, made[i].packages);
		assert_int_equal(files, made[i].files);
		assert_int_equal(hashes, made[i].hashes);
		assert_int_equal(nbytes, made[i].nbytes);
		assert_int_equal(wanted, made[i].wanted);
	}
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_is_known_by_its_name),
		cmocka_unit_test(what_is_no_lock_is_unsupported),
		cmocka_unit_test(another_version_is_unsupported),
		cmocka_unit_test(what_is_no_regular_file_is_not_waited_for),
		cmocka_unit_test(uv_names_files_and_where_they_are),
		cmocka_unit_test(uv_kinds),
		cmocka_unit_test(uv_installs_what_it_reaches),
		cmocka_unit_test(uv_lock_of_a_script_has_a_root_of_its_own),
		cmocka_unit_test(uv_workspace_members_are_all_roots),
		cmocka_unit_test(uv_conflicting_extras_have_names_of_their_own),
		cmocka_unit_test(poetry_2_has_groups_and_markers),
		cmocka_unit_test(poetry_1_leaves_out_what_only_windows_needs),
		cmocka_unit_test(an_unknown_project_may_require_anything_for_its_python),
		cmocka_unit_test(pdm_projects_require_by_pep_621),
		cmocka_unit_test(pdm_entries_with_extras_are_one_package),
		cmocka_unit_test(pdm_has_groups_and_markers),
		cmocka_unit_test(pylock_markers_know_extras_and_groups),
		cmocka_unit_test(pipfile_lock_has_sections),
		cmocka_unit_test(reports_of_pip_are_told_by_their_content),
		cmocka_unit_test(a_broken_entry_is_one_line_and_the_rest_goes_on),
		cmocka_unit_test(problems_are_counted_and_not_all_told),
		cmocka_unit_test(one_name_is_locked_a_few_times_only),
		cmocka_unit_test(a_long_base_is_not_repeated),
		cmocka_unit_test(a_marker_that_cannot_be_answered_holds),
		cmocka_unit_test(memory_that_runs_out_is_a_status),
		cmocka_unit_test(locks_of_real_tools_are_read_as_others_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
