/* SPDX-License-Identifier: MIT */
/*
 * What commands install.  Options are those of pip 26.3, uv 0.9, Poetry 2.2, PDM 2.26, pipenv 2025,
 * apt 3.0 and apk 3.0; one that is not known here is taken for one without a value.
 */
#include "dockerfile_impl.h"

#include "path.h"

#include <string.h>

enum tool { PIP = 1, UV = 2, POETRY = 4, PDM = 8, PIPENV = 16 };

enum option_id {
	/* With a value.  */
	VALUE,
	FILE_OF,
	CONSTRAINT,
	EDITABLE,
	LINKS,
	EXTRA,
	GROUP,
	WITHOUT,
	ONLY,
	PROJECT,
	/* Without.  */
	NO_CACHE,
	NO_INDEX,
	ALL_EXTRAS,
	ALL_GROUPS,
	DEV,
	NO_DEV,
	ONLY_DEV,
	NO_DEFAULT,
	NO_PROJECT,
	FLAG
};

struct option {
	const char *name;
	char letter;
	unsigned tools;
	enum option_id id;
};

static const struct option options[] = {
	{"requirement", 'r', PIP | UV, FILE_OF},
	{"requirements", 'r', UV | PIPENV, FILE_OF},
	{"constraint", 'c', PIP | UV, CONSTRAINT},
	{"constraints", 'c', UV, CONSTRAINT},
	{"editable", 'e', PIP | UV | PIPENV, EDITABLE},
	{"find-links", 'f', PIP | UV, LINKS},
	{"extra", '\0', UV, EXTRA},
	{"extras", 'E', POETRY, EXTRA},
	{"group", '\0', PIP | UV, GROUP},
	{"group", 'G', PDM, GROUP},
	{"with", '\0', POETRY | PDM, GROUP},
	{"categories", '\0', PIPENV, GROUP},
	{"no-group", '\0', UV, WITHOUT},
	{"without", '\0', POETRY | PDM, WITHOUT},
	{"only-group", '\0', UV, ONLY},
	{"only", '\0', POETRY, ONLY},
	{"project", 'p', PDM, PROJECT},
	{"project", 'P', POETRY, PROJECT},
	{"project", '\0', UV, PROJECT},
	{"directory", 'C', POETRY, PROJECT},
	{"directory", '\0', UV, PROJECT},

	{"no-cache-dir", '\0', PIP | UV, NO_CACHE},
	{"no-cache", 'n', UV, NO_CACHE},
	{"no-cache", '\0', PIP | POETRY, NO_CACHE}, /* pip takes options cut short */
	{"no-index", '\0', PIP | UV, NO_INDEX},
	{"all-extras", '\0', UV | POETRY, ALL_EXTRAS},
	{"all-groups", '\0', UV | POETRY, ALL_GROUPS},
	{"dev", '\0', UV, DEV},
	{"dev", 'd', PDM | PIPENV, DEV},
	{"no-dev", '\0', UV | POETRY, NO_DEV},
	{"prod", '\0', PDM, NO_DEV},
	{"production", '\0', PDM, NO_DEV},
	{"only-dev", '\0', UV, ONLY_DEV},
	{"only-main", '\0', POETRY, NO_DEV},
	{"no-default-groups", '\0', UV, NO_DEFAULT},
	{"no-default", '\0', PDM, NO_DEFAULT},
	{"no-install-project", '\0', UV, NO_PROJECT},
	{"no-root", '\0', POETRY, NO_PROJECT},
	{"no-self", '\0', PDM, NO_PROJECT},

	{"target", 't', PIP | UV, VALUE},
	{"index-url", 'i', PIP | UV, VALUE},
	{"index", 'i', PIPENV, VALUE},
	{"index", '\0', UV, VALUE},
	{"config-settings", 'C', PIP, VALUE},
	{"config-setting", 'C', UV, VALUE},
	{"config-settings", '\0', UV, VALUE},
	{"wheel-dir", 'w', PIP, VALUE},
	{"dest", 'd', PIP, VALUE},
	{"src", '\0', PIP, VALUE},
	{"python", 'p', UV, VALUE},
	{"python", '\0', PIP | PIPENV, VALUE},
	{"upgrade-package", 'P', UV, VALUE},
	{"build-constraint", 'b', UV, VALUE},
	{"build-constraints", '\0', UV, VALUE},
	{"build-constraint", '\0', PIP, VALUE},
	{"lockfile", 'L', PDM, VALUE},
	{"venv", '\0', PDM, VALUE},
	{"override", '\0', PDM | UV, VALUE},
	{"overrides", '\0', UV, VALUE},
	{"pypi-mirror", '\0', PIPENV, VALUE},
	{"extra-pip-args", '\0', PIPENV, VALUE},
};

/* Long ones of pip and of "uv pip", whose value says nothing here.  */
static const char *const valued[] = {
	"platform", "python-version", "implementation", "abi", "root", "prefix", "extra-index-url",
	"no-binary", "only-binary", "progress-bar", "root-user-action", "report", "global-option",
	"build-option", "install-option", "upgrade-strategy", "use-feature", "use-deprecated",
	"cache-dir", "log", "proxy", "retries", "resume-retries", "timeout", "exists-action",
	"trusted-host", "cert", "client-cert", "keyring-provider", "default-index",
	"index-strategy", "resolution", "prerelease", "exclude-newer", "exclude-newer-package",
	"link-mode", "torch-backend", "python-platform", "refresh-package", "reinstall-package",
	"no-build-package", "no-binary-package", "no-build-isolation-package", "config-file",
	"allow-insecure-host", "color", "fork-strategy", "package", "script", "no-extra",
	"no-install-package", "uploaded-prior-to", "all-releases", "only-final",
	"python-preference", "no-sources-package"};

struct parser {
	struct mc_df_run *run;
	enum tool tool;
	struct mc_dockerfile_install install;
	const struct mc_df_shell_word *words;
	size_t at, count;
	bool is_sync_of_files; /* "uv pip sync" */
};

/* ---- options ---- */

static const struct option *find_option(enum tool tool, struct mc_str name, char letter)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].tools & (unsigned)tool &&
		    (letter ? options[i].letter == letter
			    : mc_str_is(name, mc_str_of(options[i].name))))
			return &options[i];
	return NULL;
}

static bool is_valued(enum tool tool, struct mc_str name)
{
	if (!(tool & (PIP | UV)))
		return false;
	for (size_t i = 0; i < sizeof(valued) / sizeof(*valued); i++)
		if (mc_str_is(name, mc_str_of(valued[i])))
			return true;
	return false;
}

/* "-E 'a b'", "--with a,b"  */
static enum mc_status add_names(struct parser *p, struct mc_dockerfile_words *to,
				struct mc_dockerfile_word word)
{
	struct mc_str rest = word.text;

	while (rest.len) {
		struct mc_str part = mc_str_cut(&rest, ',');

		while (part.len) {
			word.text = mc_str_cut(&part, ' ');
			if (word.text.len)
				MC_TRY(mc_df_add_word(p->run->df, to, word));
		}
	}
	return MC_OK;
}

static enum mc_status take_value(struct parser *p, enum option_id id,
				 struct mc_dockerfile_word word)
{
	struct mc_dockerfile_install *install = &p->install;
	struct mc_dockerfile_words *const lists[] = {
		[FILE_OF] = &install->files,	 [CONSTRAINT] = &install->constraints,
		[EDITABLE] = &install->editables, [LINKS] = &install->find_links};
	struct mc_dockerfile_words *const names[] = {[EXTRA] = &install->extras,
						     [GROUP] = &install->groups,
						     [WITHOUT] = &install->without_groups,
						     [ONLY] = &install->only_groups};

	if (id == PROJECT)
		install->project = word.text;
	else if (id >= EXTRA && id <= ONLY)
		return add_names(p, names[id], word);
	else if (id >= FILE_OF && id <= LINKS)
		return mc_df_add_word(p->run->df, lists[id], word);
	return MC_OK;
}

static enum mc_status take_flag(struct parser *p, enum option_id id, unsigned line)
{
	struct mc_dockerfile_install *install = &p->install;
	bool *const flags[] = {[NO_CACHE] = &install->has_no_cache,
			       [NO_INDEX] = &install->has_no_index,
			       [ALL_EXTRAS] = &install->has_all_extras,
			       [ALL_GROUPS] = &install->has_all_groups,
			       [DEV] = &install->has_dev,
			       [NO_DEV] = &install->has_no_dev,
			       [NO_DEFAULT] = &install->has_no_default_groups,
			       [NO_PROJECT] = &install->has_no_project};

	if (id == ONLY_DEV)
		return mc_df_add_word(p->run->df, &install->only_groups,
				      (struct mc_dockerfile_word){MC_STR("dev"), line, false});
	if (id < sizeof(flags) / sizeof(*flags) && flags[id])
		*flags[id] = true;
	return MC_OK;
}

/* The value is the rest of the word, or the next one.  */
static enum mc_status take_next_value(struct parser *p, enum option_id id, struct mc_str rest)
{
	struct mc_dockerfile_word word = p->words[p->at].word;

	if (rest.len)
		word.text = rest;
	else if (p->at + 1 < p->count)
		word = p->words[++p->at].word;
	else
		return MC_OK;
	return take_value(p, id, word);
}

static enum mc_status take_long(struct parser *p, struct mc_str text)
{
	struct mc_dockerfile_word word = p->words[p->at].word;
	struct mc_str name = mc_str_cut(&text, '=');
	bool has_value = name.len + 2 < word.text.len;
	const struct option *option = find_option(p->tool, name, '\0');
	enum option_id id = option ? option->id : is_valued(p->tool, name) ? VALUE : FLAG;

	if (id >= NO_CACHE)
		return take_flag(p, id, word.line);
	if (!has_value)
		return take_next_value(p, id, text);
	word.text = text;
	return take_value(p, id, word);
}

/* "-qr FILE", "-rFILE"  */
static enum mc_status take_letters(struct parser *p, struct mc_str text)
{
	while (text.len) {
		const struct option *option = find_option(p->tool, MC_STR(""), text.ptr[0]);

		text = mc_str_skip(text, 1);
		if (option && option->id < NO_CACHE) {
			if (mc_str_starts(text, MC_STR("=")))
				text = mc_str_skip(text, 1);
			return take_next_value(p, option->id, text);
		}
		if (option)
			MC_TRY(take_flag(p, option->id, p->words[p->at].word.line));
	}
	return MC_OK;
}

/* ---- Python's tools ---- */

/* The subcommand; false when it installs nothing.  '*depth' counts the words of it.  */
static bool take_subcommand(struct parser *p, struct mc_str word, size_t *depth)
{
	static const struct {
		enum tool tool;
		size_t depth;
		const char *word;
		enum mc_dockerfile_install_kind kind;
	} subs[] = {
		{PIP, 1, "install", MC_DOCKERFILE_PIP},	    {PIP, 1, "wheel", MC_DOCKERFILE_PIP_WHEEL},
		{UV, 1, "sync", MC_DOCKERFILE_UV_SYNC},	    {UV, 2, "install", MC_DOCKERFILE_UV_PIP},
		{UV, 2, "sync", MC_DOCKERFILE_UV_PIP},	    {POETRY, 1, "install", MC_DOCKERFILE_POETRY},
		{POETRY, 1, "sync", MC_DOCKERFILE_POETRY},  {PDM, 1, "install", MC_DOCKERFILE_PDM},
		{PDM, 1, "sync", MC_DOCKERFILE_PDM},	    {PIPENV, 1, "install", MC_DOCKERFILE_PIPENV},
		{PIPENV, 1, "sync", MC_DOCKERFILE_PIPENV},
	};

	(*depth)++;
	if (p->tool == UV && *depth == 1 && mc_str_is(word, MC_STR("pip")))
		return true;
	for (size_t i = 0; i < sizeof(subs) / sizeof(*subs); i++)
		if (subs[i].tool == p->tool && subs[i].depth == *depth &&
		    mc_str_is(word, mc_str_of(subs[i].word))) {
			p->install.kind = subs[i].kind;
			p->is_sync_of_files = *depth == 2 && mc_str_is(word, MC_STR("sync"));
			*depth = SIZE_MAX;
			return true;
		}
	return false;
}

static enum mc_status add_install(struct parser *p)
{
	struct mc_dockerfile_stage *stage = p->run->stage;
	struct mc_dockerfile_install *installs =
		mc_arena_grow(p->run->df->arena, stage->installs, stage->installs_count,
			   &stage->installs_room, sizeof(*installs));

	if (!installs)
		return mc_no_memory(p->run->df->err);
	stage->installs = installs;
	installs[stage->installs_count++] = p->install;
	return MC_OK;
}

static enum mc_status take_tool(struct parser *p)
{
	size_t depth = 0;
	bool has_options = true;

	for (p->at = 1; p->at < p->count; p->at++) {
		const struct mc_dockerfile_word *word = &p->words[p->at].word;

		if (has_options && mc_str_is(word->text, MC_STR("--")))
			has_options = false;
		else if (has_options && mc_str_starts(word->text, MC_STR("--")))
			MC_TRY(take_long(p, mc_str_skip(word->text, 2)));
		else if (has_options && word->text.len > 1 && word->text.ptr[0] == '-')
			MC_TRY(take_letters(p, mc_str_skip(word->text, 1)));
		else if (depth == SIZE_MAX)
			MC_TRY(mc_df_add_word(p->run->df,
					      p->is_sync_of_files ? &p->install.files
								  : &p->install.arguments,
					      *word));
		else if (!take_subcommand(p, word->text, &depth))
			return MC_OK;
	}
	return depth == SIZE_MAX ? add_install(p) : MC_OK;
}

/* "python3.12", "pip3"  */
static bool is_versioned(struct mc_str name, const char *stem)
{
	size_t len = strlen(stem);

	if (name.len < len || memcmp(name.ptr, stem, len))
		return false;
	for (; len < name.len; len++)
		if (name.ptr[len] != '.' && name.ptr[len] != '-' &&
		    (name.ptr[len] < '0' || name.ptr[len] > '9'))
			return false;
	return true;
}

static unsigned tool_of(struct mc_str name)
{
	static const struct {
		const char *name;
		enum tool tool;
	} tools[] = {{"uv", UV}, {"poetry", POETRY}, {"pdm", PDM}, {"pipenv", PIPENV}};

	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++)
		if (mc_str_is(name, mc_str_of(tools[i].name)))
			return tools[i].tool;
	return is_versioned(name, "pip") ? PIP : 0;
}

/* Where "-m" has its module in "python -I -m pip"; 0: nowhere.  */
static size_t find_module(const struct mc_df_shell_word *words, size_t count)
{
	for (size_t i = 1; i + 1 < count; i++) {
		struct mc_str text = words[i].word.text;

		if (text.len < 2 || text.ptr[0] != '-')
			return 0;
		if (mc_str_ends(text, MC_STR("m")) && text.ptr[1] != '-')
			return i + 1;
		if (mc_str_is(text, MC_STR("-W")) || mc_str_is(text, MC_STR("-X")))
			i++;
	}
	return 0;
}

/* ---- the system's ---- */

static bool has_value(enum mc_dockerfile_manager manager, struct mc_str option)
{
	static const char *const names[2][16] = {
		[MC_DOCKERFILE_APT] = {"-o", "-t", "-c", "-a", "--target-release", "--default-release",
				       "--option", "--config-file", "--host-architecture"},
		[MC_DOCKERFILE_APK] = {"-t", "--virtual", "-X", "--repository", "-p", "--root",
				       "--keys-dir", "--repositories-file", "--wait", "--arch",
				       "--cache-dir", "--cache-max-age", "--timeout",
				       "--progress-fd"}};

	for (size_t i = 0; i < 16 && names[manager][i]; i++)
		if (mc_str_is(option, mc_str_of(names[manager][i])))
			return true;
	return false;
}

/* apt-get(8): "NAME=VERSION", "NAME/RELEASE", "NAME:MACHINE"; apk-add(8): "NAME~=VERSION",
   "NAME@TAG".  */
static struct mc_str package_name(enum mc_dockerfile_manager manager, struct mc_str text)
{
	const char *marks = manager == MC_DOCKERFILE_APT ? "=/:" : "=<>~@";
	size_t len = 0;

	if (mc_str_starts(text, MC_STR(".")) || mc_str_starts(text, MC_STR("/")))
		return text;
	while (len < text.len && !strchr(marks, text.ptr[len]) && text.ptr[len] != '$')
		len++;
	/* What a variable begins or continues is not to be cut.  */
	return len < text.len && text.ptr[len] == '$' ? text : (struct mc_str){text.ptr, len};
}

static enum mc_status add_package(struct mc_df_run *run, enum mc_dockerfile_manager manager,
				  const struct mc_dockerfile_word *word)
{
	struct mc_dockerfile_stage *stage = run->stage;
	struct mc_str name = package_name(manager, word->text);
	struct mc_dockerfile_package *packages;

	if (!name.len || (manager == MC_DOCKERFILE_APK && name.ptr[0] == '!'))
		return MC_OK; /* "!NAME": shall not be there */
	packages = mc_arena_grow(run->df->arena, stage->packages, stage->packages_count,
			      &stage->packages_room, sizeof(*packages));
	if (!packages)
		return mc_no_memory(run->df->err);
	stage->packages = packages;
	/* A version may be unknown where the name is not.  */
	packages[stage->packages_count++] = (struct mc_dockerfile_package){
		manager, name, word->line, word->is_unresolved && name.len == word->text.len};
	return MC_OK;
}

static enum mc_status take_packages(struct mc_df_run *run, enum mc_dockerfile_manager manager,
				    const struct mc_df_shell_word *words, size_t count)
{
	const char *sub = manager == MC_DOCKERFILE_APT ? "install" : "add";
	bool is_it = false, has_options = true;

	for (size_t i = 1; i < count; i++) {
		const struct mc_dockerfile_word *word = &words[i].word;

		if (has_options && mc_str_is(word->text, MC_STR("--")))
			has_options = false;
		else if (has_options && mc_str_starts(word->text, MC_STR("-")))
			i += has_value(manager, word->text);
		else if (is_it)
			MC_TRY(add_package(run, manager, word));
		else if (mc_str_is(word->text, mc_str_of(sub)))
			is_it = true;
		else
			return MC_OK;
	}
	return MC_OK;
}

/* ---- what installs, and does not say what in a way that is read ---- */

static bool has_word(const struct mc_df_shell_word *words, size_t count, const char *const *list)
{
	for (size_t i = 1; i < count; i++)
		for (size_t n = 0; list[n]; n++)
			if (mc_str_is(mc_path_base(words[i].word.text), mc_str_of(list[n])))
				return true;
	return false;
}

/* "pip-sync", "uv add", "$PIP install", "conda install": never as if it were not there.  */
static bool is_unseen(const struct mc_df_shell_word *words, size_t count)
{
	static const char *const installs[] = {"install", NULL};
	static const char *const adds[] = {"add", NULL};
	/* Tools that build or lock, and are no part of what runs.  */
	static const char *const helpers[] = {"poetry", "uv",	"pdm",	"pipenv",     "hatch", "build", "twine",
					      "tox",	"nox",	"ruff", "pre-commit", "black", "mypy",	NULL};
	static const char *const conda[] = {"install", "create", "update", NULL};
	static const char *const setup[] = {"install", "develop", NULL};
	struct mc_str name = mc_path_base(words[0].word.text), second = count > 1 ? words[1].word.text : MC_STR("");

	if (words[0].word.is_unresolved)
		return mc_str_is(second, MC_STR("install"));
	if (mc_str_is(name, MC_STR("conda")) || mc_str_is(name, MC_STR("mamba")) ||
	    mc_str_is(name, MC_STR("micromamba")))
		return has_word(words, count, conda);
	if (mc_str_is(name, MC_STR("uv")) || mc_str_is(name, MC_STR("poetry")) || mc_str_is(name, MC_STR("pdm")))
		return has_word(words, count < 3 ? count : 3, adds) ||
		       (mc_str_is(second, MC_STR("tool")) && has_word(words, count, installs) &&
			!has_word(words, count, helpers));
	if (mc_str_is(name, MC_STR("pipx")))
		return has_word(words, count, installs) && !has_word(words, count, helpers);
	if (is_versioned(name, "python"))
		return mc_str_is(mc_path_base(second), MC_STR("setup.py")) && has_word(words, count, setup);
	return mc_str_is(name, MC_STR("pip-sync")) || mc_str_is(name, MC_STR("uvx")) ||
	       is_versioned(name, "easy_install");
}

/* "eval pip install x", "su - app -c 'pip install x'", "find -exec pip install x ;": a command in another's words.  */
static bool hides_pip(const struct mc_df_shell_word *words, size_t count)
{
	/* They show or look for a text.  */
	if (MC_STR_IS_ONE_OF(mc_path_base(words[0].word.text), "echo", "printf", "grep", "sed", "awk", "git", "test", "["))
		return false;
	for (size_t i = 1; i < count; i++)
		if (mc_str_find(words[i].word.text, MC_STR("pip install "), NULL) ||
		    (is_versioned(mc_path_base(words[i].word.text), "pip") && i + 1 < count &&
		     mc_str_is(words[i + 1].word.text, MC_STR("install"))))
			return true;
	return false;
}

enum mc_status mc_df_take_unseen(struct mc_df_run *run, const struct mc_df_shell_word *words, size_t count)
{
	struct parser p = {.run = run};

	p.install.kind = MC_DOCKERFILE_UNSEEN;
	p.install.line = words[0].word.line;
	for (size_t i = 0; i < count && i < 2; i++)
		MC_TRY(mc_df_add_word(run->df, &p.install.arguments, words[i].word));
	return add_install(&p);
}

/* ---- the whole ---- */

enum mc_status mc_df_take_install(struct mc_df_run *run, const struct mc_df_shell_word *words,
				  size_t count, struct mc_str workdir, bool has_no_cache)
{
	struct mc_str name = mc_path_base(words[0].word.text);
	size_t module = 0;
	struct parser p;
	unsigned tool;

	if (mc_str_is(name, MC_STR("apt-get")) || mc_str_is(name, MC_STR("apt")) ||
	    mc_str_is(name, MC_STR("aptitude")))
		return take_packages(run, MC_DOCKERFILE_APT, words, count);
	if (mc_str_is(name, MC_STR("apk")))
		return take_packages(run, MC_DOCKERFILE_APK, words, count);
	if (is_unseen(words, count))
		return mc_df_take_unseen(run, words, count);
	if (is_versioned(name, "python") || is_versioned(name, "pypy")) {
		module = find_module(words, count);
		name = module ? words[module].word.text : MC_STR("");
	}
	tool = tool_of(name);
	if (!tool)
		return hides_pip(words, count) ? mc_df_take_unseen(run, words, count) : MC_OK;
	p = (struct parser){.run = run,
			    .tool = (enum tool)tool,
			    .words = words + module,
			    .count = count - module};
	p.install.line = words[0].word.line;
	p.install.workdir = workdir;
	if (tool == PIP)
		has_no_cache |= mc_df_is_true(run->vars, run->scope, MC_STR("PIP_NO_CACHE_DIR"));
	else if (tool == UV)
		has_no_cache |= mc_df_is_true(run->vars, run->scope, MC_STR("UV_NO_CACHE"));
	p.install.has_no_cache = has_no_cache && (tool == PIP || tool == UV);
	return take_tool(&p);
}
