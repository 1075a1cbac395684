/* SPDX-License-Identifier: MIT */
#include "muslcheck/docker_advice.h"

#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_MAX = 1000 };

struct adviser {
	const struct mc_dockerfile *file;
	const struct mc_survey *survey;
	const struct mc_target *image; /* that is advised */
	bool is_alpine;
	struct mc_docker_change *changes;
	size_t count;
	struct mc_arena *arena;
	bool has_failed; /* want of memory */
};

#define SAY(...) say(a, mc_arena_printf(a->arena, __VA_ARGS__))

static struct mc_str say(struct adviser *a, struct mc_str text)
{
	a->has_failed |= !text.len;
	return text;
}

/* The same line is told once.  */
static void change(struct adviser *a, unsigned line, struct mc_str is, struct mc_str becomes,
		   struct mc_str why)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->changes[i].line == line && mc_str_is(a->changes[i].is, is) &&
		    mc_str_is(a->changes[i].becomes, becomes))
			return;
	if (a->count < CHANGES_MAX)
		a->changes[a->count++] = (struct mc_docker_change){line, is, becomes, why};
}

/* ---- what an image is ---- */

/* "3.12" of "3.12.4-slim-bookworm"; false for "latest", "slim" and what is no Python 3.  */
static bool take_python(struct mc_str *tag, unsigned *minor_out)
{
	struct mc_str rest = *tag, version = mc_str_cut(&rest, '-');
	char text[16];
	char *end;

	*minor_out = 0;
	if (!version.len || version.len >= sizeof(text) || version.ptr[0] != '3')
		return false;
	memcpy(text, version.ptr, version.len);
	text[version.len] = '\0';
	if (text[1] == '.')
		*minor_out = (unsigned)strtoul(text + 2, &end, 10);
	else if (text[1])
		return false;
	*tag = rest;
	if (mc_str_starts(*tag, MC_STR("rc-")))
		*tag = mc_str_skip(*tag, 3);
	return true;
}

/* "uv:python3.12-bookworm", "uvicorn-gunicorn:python3.9": images of others say it so.  */
static unsigned minor_in(struct mc_str tag)
{
	const struct mc_str mark = MC_STR("python3.");
	unsigned minor = 0;

	while (tag.len && !mc_str_starts(tag, mark))
		tag = mc_str_skip(tag, 1);
	if (!tag.len)
		return 0;
	for (tag = mc_str_skip(tag, mark.len); tag.len && minor < 100 && tag.ptr[0] >= '0' && tag.ptr[0] <= '9';
	     tag = mc_str_skip(tag, 1))
		minor = minor * 10 + (unsigned)(tag.ptr[0] - '0');
	return minor;
}

enum mc_docker_base mc_docker_base_of(const struct mc_dockerfile *file,
				      const struct mc_dockerfile_stage *stage, unsigned *minor_out)
{
	struct mc_str flavour;

	while (stage->base_stage != MC_DOCKERFILE_NO_STAGE)
		stage = &file->stages[stage->base_stage];
	*minor_out = minor_in(stage->tag);
	if (stage->is_scratch || !mc_str_is(mc_path_base(stage->repository), MC_STR("python")))
		return MC_DOCKER_OTHER;
	flavour = stage->tag;
	if (!take_python(&flavour, minor_out) && stage->is_unresolved)
		return MC_DOCKER_OTHER;
	if (mc_str_starts(flavour, MC_STR("alpine")))
		return MC_DOCKER_ALPINE;
	if (mc_str_starts(flavour, MC_STR("slim")))
		return MC_DOCKER_SLIM;
	/* Windows has a Python image of its own.  */
	return mc_str_starts(flavour, MC_STR("windows")) || mc_str_starts(flavour, MC_STR("nano"))
		       ? MC_DOCKER_OTHER
		       : MC_DOCKER_FULL;
}

/* ---- FROM ---- */

/* "3.12-alpine3.24" of "python:3.12-alpine3.24".  */
static struct mc_str tag_of(const struct mc_target *image)
{
	struct mc_str rest = mc_str_of(image->name);

	mc_str_cut(&rest, ':');
	return rest;
}

static struct mc_str without_digest(struct mc_str image)
{
	return mc_str_cut(&image, '@');
}

/* What stands in front of the tag of the image as it is written: "registry/python:".  */
static struct mc_str before_tag(struct mc_str written)
{
	size_t n = written.len, depth = 0;

	/* The ':' of "${V:-3.12}" is none of the image's.  */
	for (; n && (depth || (written.ptr[n - 1] != ':' && written.ptr[n - 1] != '/')); n--) {
		depth += written.ptr[n - 1] == '}';
		depth -= depth && written.ptr[n - 1] == '{';
	}
	return n && written.ptr[n - 1] == ':' ? (struct mc_str){written.ptr, n} : MC_STR("");
}

static bool is_one_variable(struct mc_str text)
{
	size_t n = 1;

	if (text.len < 2 || text.ptr[0] != '$')
		return false;
	if (text.ptr[1] == '{')
		return text.ptr[text.len - 1] == '}' && !memchr(text.ptr, ':', text.len) &&
		       !memchr(text.ptr + 1, '$', text.len - 1);
	while (n < text.len && (text.ptr[n] == '_' || (text.ptr[n] >= '0' && text.ptr[n] <= '9') ||
				((text.ptr[n] | 32) >= 'a' && (text.ptr[n] | 32) <= 'z')))
		n++;
	return n == text.len;
}

/* Where the tag is one ARG with a default, that is the line to change.  */
static bool change_arg(struct adviser *a, const struct mc_dockerfile_stage *stage, struct mc_str tag,
		       struct mc_str why)
{
	for (size_t i = 0; i < stage->args_count; i++) {
		const struct mc_dockerfile_arg *arg = &stage->args[i];

		/* A bare "3.12" may stand in other tags as well: the flavour goes behind the variable.  */
		if (!arg->has_default || !mc_str_is(arg->value, stage->tag) || !arg->is_direct ||
		    !is_one_variable(tag) || !memchr(arg->value.ptr, '-', arg->value.len))
			continue;
		change(a, arg->line, SAY("ARG %.*s=%.*s", MC_TEXT(arg->name), MC_TEXT(arg->written)),
		       SAY("ARG %.*s=%.*s", MC_TEXT(arg->name), MC_TEXT(tag_of(a->image))), why);
		return true;
	}
	return false;
}

/* "${PYTHON}-slim" keeps its variable: only the flavour changes.  */
static struct mc_str new_tag(struct adviser *a, const struct mc_dockerfile_stage *stage, struct mc_str tag)
{
	struct mc_str flavour = tag_of(a->image), rest = tag, head;

	mc_str_cut(&flavour, '-');
	if (!stage->args_count && !stage->is_unresolved)
		return tag_of(a->image);
	if (mc_str_starts(tag, MC_STR("${")) && memchr(tag.ptr, '}', tag.len))
		head = (struct mc_str){tag.ptr, (size_t)((const char *)memchr(tag.ptr, '}', tag.len) - tag.ptr) + 1};
	else
		head = mc_str_cut(&rest, '-');
	return mc_str_starts(head, MC_STR("$")) ? SAY("%.*s-%.*s", MC_TEXT(head), MC_TEXT(flavour))
						: tag_of(a->image);
}

static void change_from(struct adviser *a, const struct mc_dockerfile_stage *stage, struct mc_str why)
{
	struct mc_str written = without_digest(stage->written), head = before_tag(written), tag;

	tag = mc_str_skip(written, head.len);
	if (head.len && change_arg(a, stage, tag, why))
		return;
	/* Where the whole image is a variable there is no part of the line that could be kept.  */
	if (!head.len && mc_str_starts(mc_path_base(written), MC_STR("$"))) {
		change(a, stage->line, SAY("FROM %.*s", MC_TEXT(stage->written)), MC_STR(""),
		       SAY("give that variable %s; %.*s", a->image->name, MC_TEXT(why)));
		return;
	}
	if (!head.len)
		head = SAY("%.*s:", MC_TEXT(written));
	if (stage->digest.len)
		why = SAY("%.*s; the digest is another image's then", MC_TEXT(why));
	change(a, stage->line, SAY("FROM %.*s", MC_TEXT(stage->written)),
	       SAY("FROM %.*s%.*s", MC_TEXT(head), MC_TEXT(new_tag(a, stage, head.len ? tag : MC_STR("")))),
	       why);
}

/* The image of the application is the last stage's; a builder keeps its compilers to itself.  */
static bool is_final(const struct adviser *a, const struct mc_dockerfile_stage *stage)
{
	size_t at = a->file->target;

	while (at != MC_DOCKERFILE_NO_STAGE && &a->file->stages[at] != stage)
		at = a->file->stages[at].base_stage;
	return at != MC_DOCKERFILE_NO_STAGE;
}

#define BUILDER "what is built here must be built on the libc that it runs on"

static void advise_from(struct adviser *a, const struct mc_dockerfile_stage *stage)
{
	unsigned minor;
	enum mc_docker_base base = mc_docker_base_of(a->file, stage, &minor);
	bool fits = a->is_alpine ? base == MC_DOCKER_ALPINE : base == MC_DOCKER_SLIM || base == MC_DOCKER_OTHER;

	if (stage->base_stage != MC_DOCKERFILE_NO_STAGE || stage->is_scratch || fits)
		return;
	switch (base) {
	case MC_DOCKER_OTHER:
		/* Tools are copied out of other images: uv's, for one.  */
		if (stage->installs_count || is_final(a, stage))
			change(a, stage->line, SAY("FROM %.*s", MC_TEXT(stage->written)), MC_STR(""),
			       stage->is_unresolved
				       ? SAY("no default says which image; judged for %s: --python says another",
					     a->image->name)
				       : SAY("no official Python image: look for its form on Alpine, or take %s",
					     a->image->name));
		return;
	case MC_DOCKER_FULL:
		/* To build in it is what it is for, on the same libc.  */
		if (!a->is_alpine && !is_final(a, stage))
			return;
		change_from(a, stage, is_final(a, stage)
					      ? MC_STR("the full image, 1.1 GB, has no place in production")
					      : MC_STR(BUILDER));
		return;
	case MC_DOCKER_SLIM:
		change_from(a, stage, is_final(a, stage) ? MC_STR("all of it runs there") : MC_STR(BUILDER));
		return;
	case MC_DOCKER_ALPINE:
		change_from(a, stage, SAY("%.*s", MC_TEXT(a->survey->reason)));
		return;
	}
}

/* ---- packages ---- */

/* Alpine's package for what a package of Debian brings, or the other way round.  */
static const char *twin_of(const struct adviser *a, struct mc_str package)
{
	static const struct {
		const char *debian, *alpine;
	} others[] = {
		{"build-essential", "build-base"}, {"gcc", "build-base"},	{"g++", "build-base"},
		{"make", "make"},		   {"git", "git"},		{"curl", "curl"},
		{"wget", "wget"},		   {"ca-certificates", "ca-certificates"},
		{"bash", "bash"},		   {"tzdata", "tzdata"},	{"gosu", "su-exec"},
		{"libpq-dev", "libpq-dev"},	   {"libffi-dev", "libffi-dev"},
		{"libssl-dev", "openssl-dev"},	   {"libxml2-dev", "libxml2-dev"},
		{"libxslt1-dev", "libxslt-dev"},   {"zlib1g-dev", "zlib-dev"},
		{"libjpeg-dev", "libjpeg-turbo-dev"}, {"pkg-config", "pkgconf"},
		{"postgresql-client", "postgresql-client"}, {"libsqlite3-0", "sqlite-libs"},
		{"python3-dev", NULL /* the image's own Python has its headers */},
	};
	const struct mc_release *from = a->is_alpine ? a->survey->against.release : a->survey->target.release;
	const struct mc_release *to = a->image->release;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (mc_str_is(package, mc_str_of(a->is_alpine ? others[i].debian : others[i].alpine)))
			return a->is_alpine ? others[i].alpine ? others[i].alpine : "" : others[i].debian;
	for (size_t i = 0; from && to && i < from->libraries_count; i++) {
		const struct mc_library *library = &from->libraries[i], *twin;

		if (!library->package || !mc_str_is(package, mc_str_of(library->package)))
			continue;
		twin = mc_release_library(to, mc_str_of(library->soname));
		if (twin && (twin->package || twin->is_shipped))
			return twin->is_shipped || !twin->package ? "" : twin->package;
	}
	return NULL;
}

static bool is_word(struct mc_str list, struct mc_str word)
{
	while (list.len)
		if (mc_str_is(mc_str_cut(&list, ' '), word))
			return true;
	return false;
}

/* One command of the other package manager, with the packages of its line.  */
static void advise_packages(struct adviser *a, const struct mc_dockerfile_stage *stage, unsigned line)
{
	struct mc_str is = MC_STR(""), becomes = MC_STR(""), unknown = MC_STR("");

	for (size_t i = 0; i < stage->packages_count; i++) {
		const struct mc_dockerfile_package *package = &stage->packages[i];
		const char *twin;

		if (package->line != line || (package->manager == MC_DOCKERFILE_APK) == a->is_alpine)
			continue;
		is = SAY("%.*s %.*s", MC_TEXT(is), MC_TEXT(package->name));
		twin = package->is_unresolved ? NULL : twin_of(a, package->name);
		if (!twin)
			unknown = SAY("%.*s%s%.*s", MC_TEXT(unknown), unknown.len ? ", " : "",
				      MC_TEXT(package->name));
		else if (*twin && !is_word(becomes, mc_str_of(twin)))
			becomes = SAY("%.*s %s", MC_TEXT(becomes), twin);
	}
	if (!is.len)
		return;
	is = a->is_alpine ? SAY("apt-get install%.*s", MC_TEXT(is)) : SAY("apk add%.*s", MC_TEXT(is));
	if (becomes.len)
		becomes = a->is_alpine
				  ? SAY("apk add --no-cache%.*s", MC_TEXT(becomes))
				  : SAY("apt-get update && apt-get install -y --no-install-recommends%.*s",
					MC_TEXT(becomes));
	change(a, line, is, becomes,
	       unknown.len ? SAY("%s has no name here for %.*s", a->is_alpine ? "Alpine's apk" : "Debian's apt",
				 MC_TEXT(unknown))
			   : SAY("%s has another package manager", a->image->name));
}

static void advise_commands(struct adviser *a, const struct mc_dockerfile_stage *stage)
{
	static const struct {
		const char *name, *becomes, *why;
	} missing[] = {
		{"bash", "apk add --no-cache bash", "Alpine has busybox's sh and no bash"},
		{"useradd", "adduser -D NAME", "Alpine has busybox's adduser"},
		{"groupadd", "addgroup NAME", "Alpine has busybox's addgroup"},
		{"usermod", "", "Alpine has no usermod (package shadow has)"},
		{"locale-gen", "", "musl has no locales to generate"},
		{"ldconfig", "", "musl has no cache of libraries; busybox's ldconfig does nothing"},
		{"dpkg", "", "Alpine has no .deb packages"},
		{"gosu", "apk add --no-cache su-exec", "Alpine's own is su-exec"},
	};

	for (size_t i = 0; a->is_alpine && i < stage->commands_count; i++) {
		const struct mc_dockerfile_command *command = &stage->commands[i];

		for (size_t k = 0; k < sizeof(missing) / sizeof(*missing); k++)
			if (mc_str_is(mc_path_base(command->name), mc_str_of(missing[k].name)))
				change(a, command->line, command->name, mc_str_of(missing[k].becomes),
				       mc_str_of(missing[k].why));
	}
}

/* ---- the rest ---- */

static void advise_pip(struct adviser *a, const struct mc_dockerfile_stage *stage)
{
	for (size_t i = 0; i < stage->installs_count; i++) {
		const struct mc_dockerfile_install *install = &stage->installs[i];

		if (install->kind == MC_DOCKERFILE_PIP && !install->has_no_cache && is_final(a, stage))
			change(a, install->line, MC_STR("pip install"), MC_STR("pip install --no-cache-dir"),
			       MC_STR("pip's cache would stay in the image"));
	}
}

/* What the libraries come from, behind the FROM of the last stage.  */
static void advise_libraries(struct adviser *a)
{
	const struct mc_package_need *needs =
		a->is_alpine ? a->survey->packages : a->survey->against_packages;
	size_t count = a->is_alpine ? a->survey->packages_count : a->survey->against_packages_count;
	struct mc_str names = MC_STR("");

	for (size_t i = 0; i < count; i++)
		names = SAY("%.*s %s", MC_TEXT(names), needs[i].package);
	if (names.len)
		change(a, a->file->stages[a->file->target].line, MC_STR(""),
		       a->is_alpine ? SAY("RUN apk add --no-cache%.*s", MC_TEXT(names))
				    : SAY("RUN apt-get update && apt-get install -y --no-install-recommends%.*s "
					  "&& rm -rf /var/lib/apt/lists/*",
					  MC_TEXT(names)),
		       MC_STR("libraries that the image does not have"));
}

static int order_of_changes(const void *x, const void *y)
{
	const struct mc_docker_change *a = x, *b = y;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	/* What is to be added comes behind the line.  */
	return (a->is.len == 0) - (b->is.len == 0);
}

enum mc_status mc_docker_advise(const struct mc_dockerfile *file, const struct mc_survey *survey,
				struct mc_arena *arena, struct mc_docker_changes *changes_out,
				struct mc_error *err)
{
	struct adviser adviser = {.file = file, .survey = survey, .arena = arena}, *a = &adviser;

	a->is_alpine = survey->advice == MC_ADVICE_ALPINE;
	a->image = a->is_alpine ? &survey->target : &survey->against;
	a->changes = MC_TAKE_ARRAY(arena, struct mc_docker_change, CHANGES_MAX);
	if (!a->changes)
		return mc_no_memory(err);
	for (size_t i = 0; i < file->stages_count; i++) {
		const struct mc_dockerfile_stage *stage = &file->stages[i];

		if (!stage->counts)
			continue;
		advise_from(a, stage);
		for (size_t n = 0; n < stage->packages_count; n++)
			if (!n || stage->packages[n].line != stage->packages[n - 1].line)
				advise_packages(a, stage, stage->packages[n].line);
		advise_commands(a, stage);
		advise_pip(a, stage);
	}
	advise_libraries(a);
	if (a->has_failed)
		return mc_no_memory(err);
	if (a->count)
		qsort(a->changes, a->count, sizeof(*a->changes), order_of_changes);
	*changes_out = (struct mc_docker_changes){file->path, a->changes, a->count};
	return MC_OK;
}
