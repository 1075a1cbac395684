/* SPDX-License-Identifier: MIT */
#include "muslcheck/sdist.h"

#include "archive_walk.h"
#include "build_packages.h"
#include "dist.h"
#include "muslcheck/requirement.h"
#include "path.h"
#include "toml.h"

#include <string.h>

/* Of texts that are looked into; setup.py of the largest projects has 100 KB.  */
#define TEXT_NBYTES_MAX ((size_t)1 << 20)
#define TEXTS_MAX 64
#define PACKAGES_MAX 64

struct looker {
	struct mc_arena *arena;
	struct mc_sdist *out;
	struct mc_str name;
	struct mc_build_package packages[PACKAGES_MAX];
	size_t packages_count, texts_count;
	bool has_metadata;
};

/* ---- packages ---- */

static bool has_package(const struct looker *l, struct mc_str package)
{
	for (size_t i = 0; i < l->packages_count; i++)
		if (mc_str_is(l->packages[i].package, package))
			return true;
	return false;
}

/* "a-dev b-dev" */
static void add_packages(struct looker *l, struct mc_str packages, struct mc_str why)
{
	while (packages.len) {
		struct mc_str one = mc_str_cut(&packages, ' ');

		if (one.len && l->packages_count < PACKAGES_MAX && !has_package(l, one))
			l->packages[l->packages_count++] = (struct mc_build_package){one, why};
	}
}

static bool has_text(struct mc_str text, struct mc_str wanted)
{
	for (const char *at = text.ptr, *end = text.ptr + text.len;
	     (size_t)(end - at) >= wanted.len && (at = memchr(at, wanted.ptr[0], (size_t)(end - at) - wanted.len + 1));
	     at++)
		if (!memcmp(at, wanted.ptr, wanted.len))
			return true;
	return false;
}

static void match(struct looker *l, bool by_name, struct mc_str text)
{
	for (size_t i = 0; i < mc_gen_build_rules_count; i++) {
		const struct mc_build_rule *rule = &mc_gen_build_rules[i];
		struct mc_str pattern = mc_str_of(rule->pattern);

		if (rule->by_name == by_name &&
		    (by_name ? mc_str_is(text, pattern) : has_text(text, pattern)))
			add_packages(l, mc_str_of(rule->packages), mc_str_of(rule->why));
	}
}

/* ---- files ---- */

/* What is built for tests and examples is not built by pip.  */
static bool is_aside(struct mc_str path)
{
	static const char *const folders[] = {"test",     "tests",   "testing",   "doc",       "docs",
					      "example",  "examples", "benchmark", "benchmarks", "fuzz",
					      "tools",    "ci",      ".github",
					      "test cases"}; /* Meson's own, which numpy carries */

	while (memchr(path.ptr, '/', path.len)) {
		struct mc_str part = mc_str_cut(&path, '/');

		for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
			if (mc_str_is(part, mc_str_of(folders[i])))
				return true;
	}
	return false;
}

static unsigned kind_of_file(struct mc_str name)
{
	static const struct {
		const char *ending;
		unsigned kind;
	} endings[] = {
		{".c", MC_SDIST_C},	  {".cpp", MC_SDIST_CXX},   {".cc", MC_SDIST_CXX},
		{".cxx", MC_SDIST_CXX},	  {".c++", MC_SDIST_CXX},   {".hpp", MC_SDIST_CXX},
		{".rs", MC_SDIST_RUST},	  {".f", MC_SDIST_FORTRAN}, {".f90", MC_SDIST_FORTRAN},
		{".F90", MC_SDIST_FORTRAN}, {".pyf", MC_SDIST_FORTRAN}, {".pyx", MC_SDIST_CYTHON},
		{".go", MC_SDIST_GO},	  {".cu", MC_SDIST_CUDA},
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (mc_str_ends(name, mc_str_of(endings[i].ending)))
			return endings[i].kind;
	return 0;
}

/* The path below the one folder that an sdist has.  */
static struct mc_str below_top(struct mc_str path)
{
	if (mc_str_starts(path, MC_STR("./")))
		path = mc_str_skip(path, 2);
	if (!memchr(path.ptr, '/', path.len))
		return MC_STR("");
	mc_str_cut(&path, '/');
	return path;
}

static bool is_text_wanted(struct mc_str path)
{
	static const char *const names[] = {"setup.py",	   "setup.cfg",	 "CMakeLists.txt", "meson.build",
					    "Cargo.toml", "configure.ac", "pyproject.toml", "PKG-INFO"};
	struct mc_str name = mc_path_base(path);
	bool is_top = !memchr(path.ptr, '/', path.len);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mc_str_is(name, mc_str_of(names[i])))
			return is_top || (i > 1 && i < 5); /* CMake, Meson and Cargo further down too */
	return false;
}

/* What the build requires, where CPython on Linux does: pyzmq wants cffi for PyPy alone.  */
static enum mc_status take_build_requirement(struct looker *l, struct mc_str text)
{
	struct mc_requirement wanted;
	struct mc_marker_env env;
	bool holds = true;
	enum mc_status status = mc_requirement_read(l->arena, text, &wanted, NULL);

	if (status)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	/* The Python and the machine of the target are not known here; any will do.  */
	MC_TRY(mc_marker_env_linux(l->arena, 12, MC_STR(""), MC_STR("x86_64"), &env));
	if (mc_marker_holds(l->arena, wanted.marker, &env, &holds, NULL) == MC_ERR_NOMEM)
		return MC_ERR_NOMEM;
	if (!holds)
		return MC_OK;
	if (mc_str_is(wanted.name, MC_STR("maturin")) || mc_str_is(wanted.name, MC_STR("setuptools-rust")))
		l->out->kinds |= MC_SDIST_RUST;
	if (mc_str_starts(wanted.name, MC_STR("scikit-build")))
		l->out->kinds |= MC_SDIST_CMAKE;
	if (mc_str_is(wanted.name, MC_STR("meson-python")))
		l->out->kinds |= MC_SDIST_MESON;
	if (mc_str_is(wanted.name, MC_STR("pybind11")) || mc_str_is(wanted.name, MC_STR("nanobind")))
		l->out->kinds |= MC_SDIST_CXX;
	if (mc_str_is(wanted.name, MC_STR("cffi")))
		add_packages(l, MC_STR("libffi-dev"), MC_STR("cffi, where it has no wheel"));
	return MC_OK;
}

static enum mc_status read_project(struct looker *l, struct mc_str text)
{
	const struct mc_toml *root, *build, *requires;
	size_t count;
	enum mc_status status = mc_toml_read(l->arena, text, &root, NULL);

	if (status)
		return status == MC_ERR_NOMEM ? status : MC_OK; /* pip would say what is wrong with it */
	build = mc_toml_get(root, MC_STR("build-system"));
	if (mc_toml_text(build, MC_STR("build-backend")).len)
		l->out->backend = mc_toml_text(build, MC_STR("build-backend"));
	requires = mc_toml_items(build, MC_STR("requires"), &count);
	for (size_t i = 0; i < count; i++)
		if (requires[i].type == MC_TOML_TEXT)
			MC_TRY(take_build_requirement(l, requires[i].text));
	return MC_OK;
}

/* Requires-Dist counts from metadata 2.2 on, unless it is dynamic (PEP 643).  */
static enum mc_status read_metadata(struct looker *l, struct mc_str text)
{
	struct mc_str rest = text, key, value;
	bool is_new = false, is_dynamic = false;

	l->has_metadata = true;
	while (mc_head_field(&rest, &key, &value)) {
		if (mc_str_is_folded(key, MC_STR("Metadata-Version")))
			is_new = mc_str_compare(value, MC_STR("2.2")) >= 0;
		if (mc_str_is_folded(key, MC_STR("Dynamic")) && mc_str_is_folded(value, MC_STR("Requires-Dist")))
			is_dynamic = true;
	}
	l->out->knows_requires = is_new && !is_dynamic;
	if (!l->out->knows_requires)
		return MC_OK;
	if (mc_dist_requires(l->arena, text, &l->out->requires_dist, &l->out->requires_dist_count) ==
	    MC_ERR_NOMEM)
		return MC_ERR_NOMEM;
	return MC_OK;
}

static enum mc_status take_text(void *state, struct mc_str path, struct mc_str text)
{
	struct looker *l = state;
	struct mc_str name;

	path = below_top(path);
	name = mc_path_base(path);
	if (mc_str_is(name, MC_STR("PKG-INFO")))
		return l->has_metadata ? MC_OK : read_metadata(l, text);
	if (mc_str_is(name, MC_STR("pyproject.toml")))
		MC_TRY(read_project(l, text));
	if (mc_str_is(name, MC_STR("CMakeLists.txt")) && mc_str_is(path, name))
		l->out->kinds |= MC_SDIST_CMAKE;
	if (mc_str_is(name, MC_STR("meson.build")) && mc_str_is(path, name))
		l->out->kinds |= MC_SDIST_MESON;
	match(l, false, text);
	return MC_OK;
}

static size_t take_entry(void *state, struct mc_str path)
{
	struct looker *l = state;

	path = below_top(path);
	if (!path.len || is_aside(path))
		return 0;
	l->out->kinds |= kind_of_file(path);
	if (!is_text_wanted(path) || l->texts_count == TEXTS_MAX)
		return 0;
	l->texts_count++;
	return TEXT_NBYTES_MAX;
}

/* ---- the whole ---- */

static enum mc_status name_kinds(struct looker *l)
{
	static const char *const names[] = {"C",  "C++",  "Rust",  "Fortran", "Cython",
					    "Go", "CUDA", "CMake", "Meson"};
	struct mc_str text = MC_STR("");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!(l->out->kinds & 1u << i))
			continue;
		text = mc_arena_printf(l->arena, "%.*s%s%s", MC_TEXT(text), text.len ? ", " : "", names[i]);
		if (!text.len)
			return MC_ERR_NOMEM;
	}
	l->out->kinds_text = text.len ? text : MC_STR("pure Python");
	return MC_OK;
}

/* What the languages need comes before what the libraries need.  */
static enum mc_status list_packages(struct looker *l)
{
	struct mc_build_package libraries[PACKAGES_MAX], *list;
	size_t count = l->packages_count;
	unsigned kinds = l->out->kinds;

	memcpy(libraries, l->packages, sizeof(libraries));
	l->packages_count = 0;
	if (kinds)
		add_packages(l, MC_STR("build-base"), MC_STR("a C and C++ compiler, make, musl's headers"));
	if (kinds & MC_SDIST_RUST)
		add_packages(l, MC_STR("cargo"), MC_STR("Rust"));
	if (kinds & MC_SDIST_FORTRAN)
		add_packages(l, MC_STR("gfortran"), MC_STR("Fortran"));
	if (kinds & MC_SDIST_GO)
		add_packages(l, MC_STR("go"), MC_STR("Go"));
	if (kinds & MC_SDIST_CMAKE)
		add_packages(l, MC_STR("cmake"), MC_STR("CMake"));
	if (kinds & MC_SDIST_MESON)
		add_packages(l, MC_STR("samurai pkgconf"), MC_STR("Meson's ninja and pkg-config"));
	for (size_t i = 0; kinds && i < count; i++)
		add_packages(l, libraries[i].package, libraries[i].why);
	list = MC_TAKE_ARRAY(l->arena, struct mc_build_package, l->packages_count + 1);
	if (!list)
		return MC_ERR_NOMEM;
	memcpy(list, l->packages, l->packages_count * sizeof(*list));
	l->out->packages = list;
	l->out->packages_count = l->packages_count;
	return MC_OK;
}

enum mc_status mc_sdist_read(const char *path, struct mc_str name, struct mc_arena *arena,
			     struct mc_sdist *out, struct mc_error *err)
{
	struct looker l = {.arena = arena, .out = out, .name = name};
	const struct mc_archive_calls calls = {take_entry, take_text, &l};
	const struct mc_archive_limits limits = {MC_SDIST_ENTRIES_MAX, MC_SDIST_NBYTES_MAX};

	*out = (struct mc_sdist){.backend = MC_STR("setuptools")};
	match(&l, true, name);
	MC_TRY(mc_archive_walk(path, &calls, &limits, arena, err));
	if (list_packages(&l) || name_kinds(&l))
		return mc_no_memory(err);
	return MC_OK;
}
