/* SPDX-License-Identifier: MIT */
/*
 * dockerfile.h - what a Dockerfile says, as BuildKit reads it.
 *
 * The language: docs.docker.com/reference/dockerfile.
 *
 * Takes:  the path of a Dockerfile, or its text.
 * Hands:  facts, each with its line (1 is the first): stages and their images, what is copied
 *         into them, and what their RUN lines install.  Judges nothing, runs nothing, opens no
 *         other file and asks no network.
 *
 * What is meant is a build without "--build-arg": a variable has its default.  A variable is
 * *unresolved* when its value is not in the file: an ARG without default, what the builder or
 * the base image sets (TARGETARCH, PATH), what a shell assigns.  It then stays in the text as it
 * is written, and 'is_unresolved' says so.
 *
 * Of shells words, quotes, lists, pipes, groups, here-documents, "sh -c TEXT" and Docker's own
 * variables are understood, and all commands are told, whether a condition is before them or not.
 * Commands in "$(...)" and in scripts that are copied are not seen, nor are ONBUILD's instructions.
 *
 * Ownership: all is in the arena; texts may be slices of what was read.  Texts hold any byte but
 * NUL.  URLs in 'arguments', 'find_links' and 'sources' may hold passwords.
 *
 * Threads: reentrant; an arena belongs to one thread at a time.
 */
#ifndef MUSLCHECK_DOCKERFILE_H
#define MUSLCHECK_DOCKERFILE_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

/* What is past these bounds is MC_ERR_LIMIT.  */
#define MC_DOCKERFILE_NBYTES_MAX ((size_t)1 << 20)
#define MC_DOCKERFILE_INSTRUCTIONS_MAX 10000
#define MC_DOCKERFILE_STAGES_MAX 1000
#define MC_DOCKERFILE_WORDS_MAX 100000
#define MC_DOCKERFILE_VALUES_NBYTES_MAX ((size_t)16 << 20) /* of all variables put in */
/* As many ARGs are told of one FROM.  */
#define MC_DOCKERFILE_ARGS_MAX 16

#define MC_DOCKERFILE_NO_STAGE SIZE_MAX

struct mc_dockerfile_word {
	struct mc_str text; /* without quotes, with the values of variables */
	unsigned line;
	bool is_unresolved;
};

struct mc_dockerfile_words {
	struct mc_dockerfile_word *items;
	size_t count, room;
};

/* An ARG before the first FROM.  */
struct mc_dockerfile_arg {
	struct mc_str name;
	struct mc_str written; /* its default as it stands in that line, quotes and all; or empty */
	struct mc_str value;   /* the same with the values of variables, and without quotes */
	unsigned line;
	bool has_default;
	bool is_direct; /* it is in the FROM line; else it is in the default of one that is */
};

enum mc_dockerfile_copy_kind {
	MC_DOCKERFILE_COPY,
	MC_DOCKERFILE_ADD,  /* unpacks archives */
	MC_DOCKERFILE_MOUNT /* RUN --mount of type bind or cache: for that instruction alone */
};

/* One source of COPY, ADD or a mount; URLs and here-documents are left out.  */
struct mc_dockerfile_copy {
	enum mc_dockerfile_copy_kind kind;
	struct mc_str source;	   /* as written, with the values of variables */
	struct mc_str destination; /* likewise */
	struct mc_str path;	   /* the destination, absolute and normalised; empty when not known */
	bool is_folder;		   /* the destination is one: "x/", ".", or there are more sources */
	bool has_wildcards, is_unresolved; /* of the source */
	unsigned line;

	/* Of 'copies' alone: "--from", and the earlier stage that it names or MC_DOCKERFILE_NO_STAGE.  */
	struct mc_str from;
	size_t from_stage;
};

enum mc_dockerfile_install_kind {
	MC_DOCKERFILE_PIP,	 /* "pip install", "python -m pip install" */
	MC_DOCKERFILE_PIP_WHEEL, /* "pip wheel" */
	MC_DOCKERFILE_UV_PIP,	 /* "uv pip install", and "uv pip sync FILE" with its files */
	MC_DOCKERFILE_UV_SYNC,
	MC_DOCKERFILE_POETRY,
	MC_DOCKERFILE_PDM, /* "install" and "sync", as with the next */
	MC_DOCKERFILE_PIPENV,
	/* What is installed cannot be read out of the file; 'arguments' are the words that said so.  */
	MC_DOCKERFILE_UNSEEN
};

/* A command that installs for Python; which fields mean something depends on the tool.  */
struct mc_dockerfile_install {
	enum mc_dockerfile_install_kind kind;
	unsigned line;
	struct mc_str workdir; /* absolute, where relative paths begin; empty when not known */
	struct mc_str project; /* "--directory", "--project": another folder, as written; or empty */

	struct mc_dockerfile_words files;	/* "-r" */
	struct mc_dockerfile_words constraints; /* "-c" */
	struct mc_dockerfile_words arguments;	/* "flask==3.0", ".", ".[extra]" */
	struct mc_dockerfile_words editables;	/* "-e" */
	struct mc_dockerfile_words find_links;
	struct mc_dockerfile_words extras;
	struct mc_dockerfile_words groups;	   /* "--group", "--with", "-G", "--categories" */
	struct mc_dockerfile_words without_groups; /* "--no-group", "--without" */
	struct mc_dockerfile_words only_groups;

	bool has_no_cache; /* "--no-cache-dir", or its variable: ENV PIP_NO_CACHE_DIR=1 */
	bool has_no_index;
	bool has_all_extras, has_all_groups;
	bool has_dev, has_no_dev, has_no_default_groups;
	bool has_no_project; /* "--no-root", "--no-install-project", "--no-self" */
};

enum mc_dockerfile_manager { MC_DOCKERFILE_APT, MC_DOCKERFILE_APK };

struct mc_dockerfile_package {
	enum mc_dockerfile_manager manager;
	struct mc_str name; /* without version, release and machine; "./x.deb" is a path */
	unsigned line;
	bool is_unresolved;
};

/* The instruction that a command is of.  */
enum mc_dockerfile_place {
	MC_DOCKERFILE_RUN,
	MC_DOCKERFILE_SHELL,
	MC_DOCKERFILE_CMD,
	MC_DOCKERFILE_ENTRYPOINT,
	MC_DOCKERFILE_HEALTHCHECK
};

/* The first word of a command; of "sudo x" and the like both words.  Builtins are among them.  */
struct mc_dockerfile_command {
	enum mc_dockerfile_place place;
	struct mc_str name; /* as written: maybe a path */
	unsigned line;
	bool is_unresolved;
};

struct mc_dockerfile_stage {
	unsigned line;	      /* of FROM */
	struct mc_str name;   /* after AS, or empty */
	struct mc_str written; /* the image as it stands there */
	struct mc_str image;  /* with the values of variables */
	bool is_unresolved;   /* of the image */
	/* "HOST/NAME:TAG@DIGEST" in its parts: slices of 'image', those that are missing are empty.  */
	struct mc_str repository, tag, digest;
	struct mc_str platform; /* of "--platform", with the values of variables; or empty */
	size_t base_stage;	/* the earlier stage that the image is, or MC_DOCKERFILE_NO_STAGE */
	bool is_scratch;

	/* ARGs whose defaults are in 'image': those of the FROM line, then those in their defaults.  */
	struct mc_dockerfile_arg *args;
	size_t args_count;

	struct mc_dockerfile_copy *files; /* from the build context */
	size_t files_count, files_room;
	struct mc_dockerfile_copy *copies; /* from other stages and images */
	size_t copies_count, copies_room;
	struct mc_dockerfile_install *installs;
	size_t installs_count, installs_room;
	struct mc_dockerfile_package *packages;
	size_t packages_count, packages_room;
	struct mc_dockerfile_command *commands;
	size_t commands_count, commands_room;

	struct mc_str workdir; /* at its end; "/" where the base image alone could say otherwise */
	bool counts;	       /* for the image that mc_dockerfile_mark() was asked about */
};

struct mc_dockerfile {
	const char *path; /* as it was given */
	struct mc_dockerfile_stage *stages;
	size_t stages_count, stages_room;
	size_t target; /* the stage that was marked: the last one after reading */
};

/*
 * "Dockerfile", "Containerfile", "Dockerfile.dev", "dev.Dockerfile", "dev.dockerfile",
 * "Containerfile.dev": such a file is one, but for what is to be ignored in its build
 * ("Dockerfile.dockerignore").  Others are if a person says so.
 */
bool mc_dockerfile_is_name(struct mc_str path);

/*
 * Read a file; the last stage is marked.  MC_ERR_NOT_FOUND, MC_ERR_IO, MC_ERR_LIMIT,
 * MC_ERR_NOMEM; MC_ERR_FORMAT where it is no Dockerfile: without FROM, with NUL bytes, with a
 * FROM that has no image, a here-document that has no end, a strange escape character.
 * '*out' is then unspecified.  Cost: linear in the bytes and in what variables add to them.
 */
enum mc_status mc_dockerfile_read(const char *path, struct mc_arena *arena,
				  struct mc_dockerfile *out, struct mc_error *err) MC_MUST_CHECK;

/* The same of a text, which lives as long as '*out'; 'name' is for errors.  */
enum mc_status mc_dockerfile_read_text(struct mc_str text, const char *name,
				       struct mc_arena *arena, struct mc_dockerfile *out,
				       struct mc_error *err) MC_MUST_CHECK;

/*
 * Say in 'counts' which stages make the image of that stage (as "docker build --target": a name
 * in any case, or a number; empty: the last): itself, those it builds on and those it copies
 * from.  MC_ERR_NOT_FOUND leaves all as it was.
 */
enum mc_status mc_dockerfile_mark(struct mc_dockerfile *dockerfile, struct mc_str stage,
				  struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_DOCKERFILE_H */
