/* SPDX-License-Identifier: MIT */
/* Dockerfiles: the lists that they install from, and the image that they begin with.  */
#include "scan_impl.h"

#include "path.h"
#include "refusal.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STAGES_DEPTH_MAX = 32 };

struct reading {
	struct mc_scan *scan;
	const struct mc_dockerfile *file;
	struct mc_str context; /* the folder of the Dockerfile, the build context by default */
	struct mc_error *why;
};

static struct mc_str joined(const struct reading *r, struct mc_str a, struct mc_str b)
{
	return a.len ? mc_arena_printf(&r->scan->arena, "%.*s/%.*s", MC_TEXT(a), MC_TEXT(b)) : b;
}

/* ---- from a path in the image to a file of the build context ---- */

static bool is_there(struct mc_str path, bool wants_folder)
{
	struct stat info;

	return path.len && !mc_heed(stat(path.ptr, &info)) &&
	       (wants_folder ? S_ISDIR(info.st_mode) : S_ISREG(info.st_mode));
}

/* "app/x" of "/app/x" below "/"; false when it is not below.  */
static bool cut_folder(struct mc_str path, struct mc_str folder, struct mc_str *rest_out)
{
	while (folder.len && folder.ptr[folder.len - 1] == '/')
		folder.len--;
	if (!mc_str_starts(path, folder) || path.len <= folder.len || path.ptr[folder.len] != '/')
		return false;
	*rest_out = mc_str_skip(path, folder.len + 1);
	return true;
}

/* The file of the context that this COPY puts at 'path' of the image; empty: another one's.  */
static struct mc_str source_of(const struct reading *r, const struct mc_dockerfile_copy *copy,
			       struct mc_str path)
{
	struct mc_str source = copy->source, rest, found;

	while (mc_str_starts(source, MC_STR("/")) || mc_str_starts(source, MC_STR("./")))
		source = mc_str_skip(source, source.ptr[0] == '/' ? 1 : 2);
	if (!copy->path.len)
		return MC_STR("");
	if (mc_str_is(copy->path, path) && is_there(joined(r, r->context, source), false))
		return joined(r, r->context, source);
	if (!cut_folder(path, copy->path, &rest))
		return MC_STR("");
	if (copy->has_wildcards) {
		const char *pattern = mc_arena_printf(&r->scan->arena, "%.*s", MC_TEXT(source)).ptr;
		struct mc_str name = joined(r, mc_path_parent(source), rest);

		found = joined(r, r->context, name);
		return !fnmatch(pattern, name.ptr, FNM_PATHNAME) && is_there(found, false) ? found
											   : MC_STR("");
	}
	if (mc_str_is(mc_path_base(source), rest) && is_there(joined(r, r->context, source), false))
		return joined(r, r->context, source);
	/* The content of a folder is copied, not the folder.  */
	found = joined(r, r->context, mc_str_is(source, MC_STR(".")) || !source.len ? rest
										     : joined(r, source, rest));
	return is_there(found, false) ? found : MC_STR("");
}

/* The file of the context behind 'path' in that stage's file system.  */
static struct mc_str find_file(const struct reading *r, size_t stage_at, struct mc_str path, unsigned depth)
{
	struct mc_str found = MC_STR("");

	while (stage_at != MC_DOCKERFILE_NO_STAGE && !found.len && depth < STAGES_DEPTH_MAX) {
		const struct mc_dockerfile_stage *stage = &r->file->stages[stage_at];

		for (size_t i = stage->files_count; i-- && !found.len;)
			found = source_of(r, &stage->files[i], path);
		for (size_t i = stage->copies_count; i-- && !found.len;) {
			const struct mc_dockerfile_copy *copy = &stage->copies[i];
			struct mc_str rest, from = copy->source;

			if (copy->from_stage == MC_DOCKERFILE_NO_STAGE || !copy->path.len)
				continue;
			if (cut_folder(path, copy->path, &rest) && !mc_str_is(mc_path_base(from), rest))
				from = joined(r, from, rest);
			else if (!mc_str_is(copy->path, path) && !cut_folder(path, copy->path, &rest))
				continue;
			found = find_file(r, copy->from_stage, from, depth + 1);
		}
		stage_at = stage->base_stage;
		depth++;
	}
	return found;
}

static struct mc_str find_named(const struct reading *r, size_t stage_at,
				const struct mc_dockerfile_install *install, struct mc_str name)
{
	struct mc_str folder = install->workdir, path;

	if (install->project.len && mc_path_join(&r->scan->arena, folder, install->project, &folder))
		return MC_STR("");
	if (mc_path_join(&r->scan->arena, folder.len ? folder : MC_STR("/"), name, &path))
		return MC_STR("");
	return find_file(r, stage_at, path, 0);
}

/* ---- what is installed ---- */

/* A file that cannot be found: the answer is about less than the image then.  */
static enum mc_status miss(const struct reading *r, unsigned line, struct mc_str name)
{
	struct mc_error why = MC_ERROR_INIT;

	mc_fail(&why, MC_ERR_NOT_FOUND, r->file->path,
		"line %u: %.*s is not copied from the folder of the Dockerfile, or is not there", line,
		(int)(name.len < 100 ? name.len : 100), name.ptr);
	return mc_scan_miss(r->scan, r->file->path, &why);
}

static struct mc_str lock_name(enum mc_dockerfile_install_kind kind)
{
	switch (kind) {
	case MC_DOCKERFILE_UV_SYNC: return MC_STR("uv.lock");
	case MC_DOCKERFILE_POETRY: return MC_STR("poetry.lock");
	case MC_DOCKERFILE_PDM: return MC_STR("pdm.lock");
	case MC_DOCKERFILE_PIPENV: return MC_STR("Pipfile.lock");
	case MC_DOCKERFILE_PIP:
	case MC_DOCKERFILE_PIP_WHEEL:
	case MC_DOCKERFILE_UV_PIP:
	case MC_DOCKERFILE_UNSEEN: break;
	}
	return MC_STR("");
}

static enum mc_status copy_names(struct mc_scan *scan, const struct mc_dockerfile_words *words,
				 const struct mc_str *more, size_t more_count,
				 const struct mc_str **names_out, size_t *count_out)
{
	struct mc_str *names = MC_TAKE_ARRAY(&scan->arena, struct mc_str, words->count + more_count + 1);

	if (!names)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < words->count; i++)
		names[i] = words->items[i].text;
	for (size_t i = 0; i < more_count; i++)
		names[words->count + i] = more[i];
	*names_out = names;
	*count_out = words->count + more_count;
	return MC_OK;
}

static enum mc_status add_lock_file(const struct reading *r, struct mc_str found,
				    const struct mc_dockerfile_install *install)
{
	const struct mc_lock_wish *asked = &r->scan->options->wish;
	struct mc_lock_wish *wish = MC_TAKE(&r->scan->arena, struct mc_lock_wish);

	/* The same lock is synced twice: without the project, then with it.  */
	for (size_t i = 0; i < r->scan->locks_count; i++)
		if (mc_str_is(found, mc_str_of(r->scan->locks[i]->path)))
			return MC_OK;
	if (!wish)
		return mc_no_memory(r->scan->err);
	MC_TRY(copy_names(r->scan, &install->extras, asked->extras, asked->extras_count, &wish->extras,
			  &wish->extras_count));
	MC_TRY(copy_names(r->scan, &install->groups, asked->groups, asked->groups_count, &wish->groups,
			  &wish->groups_count));
	return mc_scan_add_lock(r->scan, found.ptr, wish, r->why);
}

static enum mc_status add_lock(const struct reading *r, size_t stage_at,
			       const struct mc_dockerfile_install *install)
{
	struct mc_str name = lock_name(install->kind), found = find_named(r, stage_at, install, name);

	if (found.len)
		return add_lock_file(r, found, install);
	return miss(r, install->line, name);
}
/* "poetry export > requirements.txt": the file is made from the lock that is beside it.  */
static bool is_exported(const struct reading *r, struct mc_str *lock_out)
{
	static const struct {
		const char *tool, *lock;
	} tools[] = {{"poetry", "poetry.lock"}, {"uv", "uv.lock"}, {"pdm", "pdm.lock"}, {"pipenv", "Pipfile.lock"}};

	for (size_t s = 0; s < r->file->stages_count; s++) {
		const struct mc_dockerfile_stage *stage = &r->file->stages[s];

		for (size_t i = 0; stage->counts && i < stage->commands_count; i++)
			for (size_t t = 0; t < sizeof(tools) / sizeof(*tools); t++) {
				*lock_out = joined(r, r->context, mc_str_of(tools[t].lock));
				if (mc_str_is(mc_path_base(stage->commands[i].name), mc_str_of(tools[t].tool)) &&
				    is_there(*lock_out, false))
					return true;
			}
	}
	return false;
}

/* Paths in a list are relative to it, and it stands in for the Dockerfile.  */
static struct mc_str below_context(const struct reading *r, struct mc_str path)
{
	return r->context.len ? mc_str_skip(path, r->context.len + 1) : path;
}

/* ---- projects: "pip install .", and the wheel that was made of one ---- */

/* "[dev]" of "/app[dev]" is cut off.  */
static struct mc_str cut_extras(struct mc_str *word)
{
	struct mc_str whole = *word, path = mc_str_cut(word, '[');

	*word = path;
	return mc_str_skip(whole, path.len);
}

/* "-e ./FOLDER[extras]", relative to the Dockerfile; 'name' is a file of the project that is there.  */
static struct mc_str project_line(const struct reading *r, struct mc_str file, struct mc_str extras)
{
	struct mc_str folder = mc_path_parent(below_context(r, file));

	return mc_arena_printf(&r->scan->arena, "-e ./%.*s%.*s\n", MC_TEXT(folder), MC_TEXT(extras));
}

/* The project in that folder of the image, when it is copied from the context.  */
static struct mc_str find_project(const struct reading *r, size_t stage_at,
				  const struct mc_dockerfile_install *install, struct mc_str folder)
{
	static const char *const names[] = {"pyproject.toml", "setup.cfg", "setup.py"};
	struct mc_str found = MC_STR("");

	while (folder.len > 1 && folder.ptr[folder.len - 1] == '/')
		folder.len--;
	for (size_t i = 0; !found.len && i < sizeof(names) / sizeof(*names); i++)
		found = find_named(r, stage_at, install,
				   mc_str_is(folder, MC_STR(".")) ? mc_str_of(names[i])
								  : joined(r, folder, mc_str_of(names[i])));
	return found;
}

static bool is_url(struct mc_str word)
{
	while (word.len && !mc_str_starts(word, MC_STR("://")))
		word = mc_str_skip(word, 1);
	return word.len > 0;
}

static bool is_folder(struct mc_str word)
{
	return mc_str_is(word, MC_STR(".")) || mc_str_starts(word, MC_STR("./")) ||
	       mc_str_starts(word, MC_STR("../")) || mc_str_starts(word, MC_STR("/"));
}

/* "./dist/app-*.whl", "/wheels/x.whl": what is made in the image.  */
static bool is_made_there(struct mc_str word)
{
	return memchr(word.ptr, '*', word.len) || mc_str_ends(word, MC_STR(".whl"));
}

/* Does a stage make wheels of all that a list asks for?  They are judged by that list then.  */
static bool makes_wheels(const struct mc_dockerfile *file)
{
	for (size_t s = 0; s < file->stages_count; s++)
		for (size_t i = 0; file->stages[s].counts && i < file->stages[s].installs_count; i++)
			if (file->stages[s].installs[i].kind == MC_DOCKERFILE_PIP_WHEEL)
				return true;
	return false;
}

/* Adds its project as a line of requirements, unless what it requires is judged otherwise.  */
static enum mc_status add_place(const struct reading *r, size_t stage_at,
				const struct mc_dockerfile_install *install,
				const struct mc_dockerfile_word *word, struct mc_str *text)
{
	struct mc_str path = word->text, extras = cut_extras(&path), found;

	if (is_made_there(path)) { /* of the project that is beside the Dockerfile, as a rule */
		if (makes_wheels(r->file))
			return MC_OK;
		found = joined(r, r->context, MC_STR("pyproject.toml"));
		if (!is_there(found, false) && r->scan->locks_count)
			return MC_OK; /* a lock holds what its project requires */
		if (!is_there(found, false))
			found = MC_STR("");
	} else {
		found = find_project(r, stage_at, install, path);
	}
	if (!found.len)
		return miss(r, word->line, word->text);
	*text = mc_arena_printf(&r->scan->arena, "%.*s%.*s", MC_TEXT(*text),
				MC_TEXT(project_line(r, found, extras)));
	return MC_OK;
}

/* "-r FILE" for each word; 'text' grows.  */
static enum mc_status add_files(const struct reading *r, size_t stage_at,
				const struct mc_dockerfile_install *install,
				const struct mc_dockerfile_words *words, const char *option,
				struct mc_str *text)
{
	for (size_t i = 0; i < words->count; i++) {
		struct mc_str found = find_named(r, stage_at, install, words->items[i].text), lock;

		if (!found.len && is_exported(r, &lock))
			MC_TRY(add_lock_file(r, lock, install));
		else if (!found.len)
			MC_TRY(miss(r, words->items[i].line, words->items[i].text));
		else if (mc_str_is(mc_path_base(found), MC_STR("pyproject.toml"))) /* as uv takes them */
			*text = mc_arena_printf(&r->scan->arena, "%.*s%.*s", MC_TEXT(*text),
						MC_TEXT(project_line(r, found, MC_STR(""))));
		else
			*text = mc_arena_printf(&r->scan->arena, "%.*s%s %.*s\n", MC_TEXT(*text), option,
						MC_TEXT(below_context(r, found)));
	}
	return MC_OK;
}

static enum mc_status add_words(const struct reading *r, size_t stage_at,
				const struct mc_dockerfile_install *install,
				const struct mc_dockerfile_words *words, const char *option,
				struct mc_str *text)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct mc_dockerfile_word *word = &words->items[i];

		if (word->is_unresolved)
			MC_TRY(miss(r, word->line, word->text));
		else if (!is_url(word->text) && (is_folder(word->text) || is_made_there(word->text)))
			MC_TRY(add_place(r, stage_at, install, word, text));
		else
			*text = mc_arena_printf(&r->scan->arena, "%.*s%s%.*s\n", MC_TEXT(*text), option,
						MC_TEXT(word->text));
	}
	return MC_OK;
}

/* "uv add", "xargs pip", conda.  */
static enum mc_status tell_unseen(const struct reading *r, const struct mc_dockerfile_install *install)
{
	const struct mc_dockerfile_words *words = &install->arguments;
	struct mc_str first = words->count ? words->items[0].text : MC_STR("pip install");
	struct mc_str second = words->count > 1 ? words->items[1].text : MC_STR("");
	struct mc_error why = MC_ERROR_INIT;

	mc_fail(&why, MC_ERR_UNSUPPORTED, r->file->path, "line %u: what '%.*s%s%.*s' installs is not looked at",
		install->line, first.len > 60 ? 60 : (int)first.len, first.ptr, second.len ? " " : "", second.len > 60 ? 60 : (int)second.len, second.ptr);
	mc_scan_complain(r->scan, r->file->path, &why);
	return mc_haul_keep_unreadable(r->scan, &r->scan->haul, r->file->path, &why);
}

/*
 * What pip was told, as the requirements file that would say the same.  But for --no-index and
 * --find-links: they mean wheels that an earlier stage has made, of what an index has.
 */
static enum mc_status add_pip(const struct reading *r, size_t stage_at,
			      const struct mc_dockerfile_install *install)
{
	struct mc_str text = MC_STR("");

	/* The list comes from elsewhere: xargs, PIP_REQUIREMENT, a dependency group.  */
	if (!install->files.count && !install->arguments.count && !install->editables.count)
		return tell_unseen(r, install);
	MC_TRY(add_files(r, stage_at, install, &install->files, "-r", &text));
	MC_TRY(add_files(r, stage_at, install, &install->constraints, "-c", &text));
	MC_TRY(add_words(r, stage_at, install, &install->arguments, "", &text));
	MC_TRY(add_words(r, stage_at, install, &install->editables, "-e ", &text));
	return text.len ? mc_scan_add_requirements_text(r->scan, text, r->file->path, r->why) : MC_OK;
}

static enum mc_status add_install(const struct reading *r, size_t stage_at,
				  const struct mc_dockerfile_install *install)
{
	switch (install->kind) {
	case MC_DOCKERFILE_PIP:
	case MC_DOCKERFILE_PIP_WHEEL:
	case MC_DOCKERFILE_UV_PIP: return add_pip(r, stage_at, install);
	case MC_DOCKERFILE_UV_SYNC:
	case MC_DOCKERFILE_POETRY:
	case MC_DOCKERFILE_PDM:
	case MC_DOCKERFILE_PIPENV: return add_lock(r, stage_at, install);
	case MC_DOCKERFILE_UNSEEN: return tell_unseen(r, install);
	}
	return MC_OK;
}

/* ---- what no list tells ---- */

/* The answer is about less than the image then, and never alpine.  */
static enum mc_status tell_blind_spot(const struct reading *r, unsigned line, struct mc_str what, const char *why)
{
	struct mc_error error = MC_ERROR_INIT;

	mc_fail(&error, MC_ERR_UNSUPPORTED, r->file->path, "line %u: what %.*s %s", line,
		what.len > 100 ? 100 : (int)what.len, what.ptr, why);
	mc_scan_complain(r->scan, r->file->path, &error);
	return mc_haul_keep_unreadable(r->scan, &r->scan->haul, r->file->path, &error);
}

/* Images that bring Python or a system, and no dist that somebody has put there.  */
static bool brings_nothing(const struct mc_dockerfile_stage *stage)
{
	static const char *const systems[] = {
		"python", "debian", "ubuntu", "alpine", "buildpack-deps", "fedora", "centos", "rockylinux", "almalinux",
		"amazonlinux", "archlinux", "busybox", "ubi8", "ubi9", "ubi10", "ubi8-minimal", "ubi9-minimal",
		"ubi10-minimal", "oraclelinux", "photon", "wolfi-base", "debian-slim", NULL,
	};
	struct mc_str name = stage->repository, base = mc_path_base(name);

	if (stage->is_scratch || stage->is_unresolved)
		return true; /* an image that is not known is told elsewhere */
	if (mc_str_find(name, MC_STR("distroless/"), NULL) || mc_str_find(name, MC_STR("chainguard/"), NULL) ||
	    mc_str_is(base, MC_STR("uv")) || mc_str_starts(base, MC_STR("ubi")))
		return true;
	/* Many have the official ones in a registry of their own; AWS has its own python.  */
	return mc_str_is_one_of(base, systems) && !mc_str_find(name, MC_STR("lambda/"), NULL);
}

/* A folder of installed dists, or native code, that comes from elsewhere.  */
static bool is_installed_elsewhere(struct mc_str source)
{
	static const char *const names[] = {"venv", ".venv", "env", "virtualenv", "site-packages", "dist-packages", NULL};

	while (source.len > 1 && source.ptr[source.len - 1] == '/')
		source.len--;
	return mc_str_is_one_of(mc_path_base(source), names) || mc_str_find(source, MC_STR("site-packages/"), NULL) ||
	       mc_str_find(source, MC_STR("dist-packages/"), NULL) || mc_str_ends(source, MC_STR(".so"));
}

static enum mc_status look_at_stage(const struct reading *r, const struct mc_dockerfile_stage *stage)
{
	static const char *const installers[] = {"pip", "pip3", "conda", "mamba", "micromamba", NULL};

	for (size_t i = 0; i < stage->files_count; i++)
		if (stage->files[i].kind != MC_DOCKERFILE_MOUNT && is_installed_elsewhere(stage->files[i].source))
			MC_TRY(tell_blind_spot(r, stage->files[i].line, stage->files[i].source,
					       "holds is copied from the folder, and not looked at: scan it itself"));
	for (size_t i = 0; i < stage->copies_count; i++)
		if (stage->copies[i].from_stage == MC_DOCKERFILE_NO_STAGE && is_installed_elsewhere(stage->copies[i].source))
			MC_TRY(tell_blind_spot(r, stage->copies[i].line, stage->copies[i].from, "has there is not looked at"));
	for (size_t i = 0; i < stage->commands_count; i++)
		if ((stage->commands[i].place == MC_DOCKERFILE_CMD || stage->commands[i].place == MC_DOCKERFILE_ENTRYPOINT) &&
		    mc_str_is_one_of(mc_path_base(stage->commands[i].name), installers))
			MC_TRY(tell_blind_spot(r, stage->commands[i].line, stage->commands[i].name,
					       "does when the container starts is not looked at"));
	return MC_OK;
}

/* The stages that the image is: the last one, and those that it goes on from.  */
static enum mc_status look_at_blind_spots(const struct reading *r)
{
	const struct mc_dockerfile_stage *stage = &r->file->stages[r->file->target];

	for (unsigned depth = 0; depth < STAGES_DEPTH_MAX; depth++) {
		MC_TRY(look_at_stage(r, stage));
		if (stage->base_stage == MC_DOCKERFILE_NO_STAGE)
			break;
		stage = &r->file->stages[stage->base_stage];
	}
	return brings_nothing(stage) ? MC_OK
				     : tell_blind_spot(r, stage->line, stage->image,
						       "brings is not looked at: its tar can be scanned");
}

/* ---- the file ---- */

static enum mc_status refuse_python2(const struct reading *r, const struct mc_dockerfile_stage *stage)
{
	if (!mc_str_is(mc_path_base(stage->repository), MC_STR("python")) ||
	    !(mc_str_is(stage->tag, MC_STR("2")) || mc_str_starts(stage->tag, MC_STR("2.")) ||
	      mc_str_starts(stage->tag, MC_STR("2-"))))
		return MC_OK;
	return mc_fail(r->why, MC_ERR_UNSUPPORTED, r->file->path, "line %u: Python 2 has no image to move to",
		       stage->line);
}

enum mc_status mc_scan_add_dockerfile(struct mc_scan *scan, const char *path, struct mc_error *why)
{
	struct mc_dockerfile *file = MC_TAKE(&scan->arena, struct mc_dockerfile), **files;
	struct reading r = {scan, file, mc_path_parent(mc_str_of(path)), why};
	size_t installs = 0;

	files = mc_arena_grow(&scan->arena, scan->dockerfiles, scan->dockerfiles_count,
			     &scan->dockerfiles_room, sizeof(*files));
	if (!file || !files)
		return MC_ERR_NOMEM;
	MC_TRY(mc_dockerfile_read(path, &scan->arena, file, why));
	scan->dockerfiles = files;
	scan->dockerfiles[scan->dockerfiles_count++] = file;
	for (size_t s = 0; s < file->stages_count; s++) {
		if (file->stages[s].counts)
			MC_TRY(refuse_python2(&r, &file->stages[s]));
	}
	for (size_t s = 0; s < file->stages_count; s++) {
		for (size_t i = 0; file->stages[s].counts && i < file->stages[s].installs_count; i++) {
			installs++;
			MC_TRY(add_install(&r, s, &file->stages[s].installs[i]));
		}
	}
	if (installs)
		return look_at_blind_spots(&r);
	return mc_fail(why, MC_ERR_NOT_FOUND, path,
		       "no pip, uv, poetry, pdm or pipenv in it installs anything: give the venv or the lock itself");
}

/* The Python image that the last stage begins with, else one that a stage for it does.  */
static enum mc_docker_base base_of(const struct mc_dockerfile *file, unsigned *minor_out,
				   const struct mc_dockerfile_stage **stage_out)
{
	enum mc_docker_base base = mc_docker_base_of(file, &file->stages[file->target], minor_out);

	*stage_out = &file->stages[file->target];
	for (size_t i = file->stages_count; base == MC_DOCKER_OTHER && i--;) {
		unsigned minor;

		if (!file->stages[i].counts)
			continue;
		base = mc_docker_base_of(file, &file->stages[i], &minor);
		*minor_out = minor ? minor : *minor_out;
		*stage_out = &file->stages[i];
	}
	while ((*stage_out)->base_stage != MC_DOCKERFILE_NO_STAGE)
		*stage_out = &file->stages[(*stage_out)->base_stage];
	return base;
}

unsigned mc_scan_docker_minor(const struct mc_scan *scan)
{
	unsigned minor = 0;

	for (size_t i = 0; i < scan->dockerfiles_count && !minor; i++) {
		const struct mc_dockerfile_stage *stage;

		(void)base_of(scan->dockerfiles[i], &minor, &stage);
	}
	return minor;
}

/* "linux/arm64" of "FROM --platform"; a variable is the builder's own.  */
const char *mc_scan_docker_machine(const struct mc_scan *scan)
{
	const char *machine = NULL;

	for (size_t i = 0; i < scan->dockerfiles_count && !machine; i++) {
		const struct mc_dockerfile_stage *stage;
		char name[32] = "";
		unsigned minor;

		(void)base_of(scan->dockerfiles[i], &minor, &stage);
		if (stage->platform.len < sizeof(name))
			memcpy(name, stage->platform.ptr, stage->platform.len);
		machine = mc_machine_of_name(name);
	}
	return machine;
}

bool mc_scan_docker_image(const struct mc_scan *scan, enum mc_libc_family family,
			  struct mc_target *target_out)
{
	enum mc_docker_base wanted = family == MC_LIBC_MUSL ? MC_DOCKER_ALPINE : MC_DOCKER_SLIM;

	for (size_t i = 0; i < scan->dockerfiles_count; i++) {
		const struct mc_dockerfile_stage *stage;
		struct mc_error none = MC_ERROR_INIT;
		unsigned minor;

		if (base_of(scan->dockerfiles[i], &minor, &stage) == wanted &&
		    mc_target_find(stage->tag, target_out, &none) == MC_OK)
			return true;
	}
	return false;
}

enum mc_status mc_scan_advise_dockerfiles(struct mc_scan *scan)
{
	struct mc_docker_changes *changes =
		MC_TAKE_ARRAY(&scan->arena, struct mc_docker_changes, scan->dockerfiles_count + 1);

	if (!changes)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < scan->dockerfiles_count; i++)
		MC_TRY(mc_docker_advise(scan->dockerfiles[i], &scan->survey, &scan->arena, &changes[i],
					scan->err));
	scan->survey.dockerfiles = changes;
	scan->survey.dockerfiles_count = scan->dockerfiles_count;
	return MC_OK;
}
