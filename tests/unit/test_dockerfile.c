/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "muslcheck/dockerfile.h"
#include "starve.h"

struct scene {
	struct mc_arena arena;
	struct mc_dockerfile out;
	struct mc_error err;
	struct mc_dockerfile_stage *stage; /* the last */
};

static enum mc_status read_bytes(struct scene *s, const char *text, size_t len)
{
	enum mc_status status;

	mc_arena_init(&s->arena, NULL);
	s->err = MC_ERROR_INIT;
	status = mc_dockerfile_read_text((struct mc_str){text, len}, "Dockerfile", &s->arena,
					 &s->out, &s->err);
	s->stage = status ? NULL : &s->out.stages[s->out.stages_count - 1];
	return status;
}

static void open_scene(struct scene *s, const char *text)
{
	enum mc_status status = read_bytes(s, text, strlen(text));

	if (status)
		print_error("%s\n", s->err.text);
	assert_int_equal(status, MC_OK);
}

static void close_scene(struct scene *s)
{
	mc_arena_clear(&s->arena);
}

#define assert_text(text, wanted) assert_text_at(text, wanted, __LINE__)

static void assert_text_at(struct mc_str text, const char *wanted, int line)
{
	if (mc_str_is(text, mc_str_of(wanted)))
		return;
	print_error("line %d: '%.*s' is not '%s'\n", line, MC_TEXT(text), wanted);
	fail();
}

/* "a|b?": what is unresolved has a mark.  */
static void assert_words_at(const struct mc_dockerfile_words *words, const char *wanted, int line)
{
	char text[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < words->count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s%s", i ? "|" : "",
					MC_TEXT(words->items[i].text),
					words->items[i].is_unresolved ? "?" : "");
	if (!strcmp(text, wanted))
		return;
	print_error("line %d: '%s' is not '%s'\n", line, text, wanted);
	fail();
}

#define assert_words(words, wanted) assert_words_at(&(words), wanted, __LINE__)

/* "name@line name@line" */
static void assert_commands_at(const struct mc_dockerfile_stage *stage, const char *wanted,
			       int line)
{
	char text[2048] = "";
	size_t len = 0;

	for (size_t i = 0; i < stage->commands_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s@%u", i ? " " : "",
					MC_TEXT(stage->commands[i].name), stage->commands[i].line);
	if (!strcmp(text, wanted))
		return;
	print_error("line %d: '%s' is not '%s'\n", line, text, wanted);
	fail();
}

#define assert_commands(stage, wanted) assert_commands_at(stage, wanted, __LINE__)

static void assert_packages_at(const struct mc_dockerfile_stage *stage, const char *wanted,
			       int line)
{
	char text[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < stage->packages_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s%s@%u", i ? " " : "",
					MC_TEXT(stage->packages[i].name),
					stage->packages[i].is_unresolved ? "?" : "",
					stage->packages[i].line);
	if (!strcmp(text, wanted))
		return;
	print_error("line %d: '%s' is not '%s'\n", line, text, wanted);
	fail();
}

#define assert_packages(stage, wanted) assert_packages_at(stage, wanted, __LINE__)

/* ---- lines ---- */

static void lines_are_joined_as_buildkit_does(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "\xef\xbb\xbf# a comment\r\n"
		       "\r\n"
		       "  from python:3.12-slim\r\n"
		       "RUN apt-get update \\\r\n"
		       "  # the compiler \\\r\n"
		       "\r\n"
		       "  && apt-get install -y gcc \\  \r\n"
		       "     make\r\n"
		       "run echo \\\\\r\n"
		       "RUN last");
	assert_int_equal(s.stage->line, 3);
	assert_text(s.stage->image, "python:3.12-slim");
	assert_packages(s.stage, "gcc@7 make@8");
	assert_commands(s.stage, "apt-get@4 apt-get@7 echo@9 last@10");
	close_scene(&s);
}

static void the_escape_character_can_be_another(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "# syntax=docker/dockerfile:1\n# Escape = `\n"
		       "FROM a\nRUN x `\n && y\nRUN c:\\\nRUN z\n");
	assert_commands(s.stage, "x@4 y@5 c:@6 z@7");
	close_scene(&s);
	/* Behind a comment it is one itself.  */
	open_scene(&s, "# hello\n# escape=`\nFROM a\nRUN x \\\n y\n");
	assert_commands(s.stage, "x@4");
	close_scene(&s);
	assert_int_equal(read_bytes(&s, "# escape=x\nFROM a\n", 18), MC_ERR_FORMAT);
	close_scene(&s);
}

static void here_documents_are_scripts_or_files(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "FROM python:3.12-slim\n"			       /* 1 */
		       "RUN <<EOF\n"					       /* 2 */
		       "apt-get update\n"				       /* 3 */
		       "apt-get install -y \\\n"			       /* 4 */
		       "  curl # for the probe\n"			       /* 5 */
		       "cat > /etc/x <<-'END'\n"			       /* 6 */
		       "\tFROM nothing\n"				       /* 7 */
		       "\tEND\n"					       /* 8 */
		       "pip install flask\n"				       /* 9 */
		       "EOF\n"						       /* 10 */
		       "COPY <<one <<\"two\" /x/\n"			       /* 11 */
		       "FROM a\none\nRUN b\ntwo\n"			       /* 12 to 15 */
		       "RUN --network=none <<E bash -e\n"		       /* 16 */
		       "pip install bottle\nE\n"			       /* 17, 18 */
		       "RUN <<E\n#!/usr/bin/env python3\nimport os\nE\n"      /* 19 to 22 */
		       "RUN python3 <<E\nimport sys\nE\n"		       /* 23 to 25 */
		       "ONBUILD RUN <<E\nFROM x\nE\n"			       /* 26 to 28 */
		       "RUN sh <<< x && end\n");			       /* 29 */
	assert_int_equal(s.out.stages_count, 1);
	assert_int_equal(s.stage->files_count, 0);
	assert_packages(s.stage, "curl@5");
	assert_int_equal(s.stage->installs_count, 2);
	assert_int_equal(s.stage->installs[0].line, 9);
	assert_int_equal(s.stage->installs[1].line, 17);
	assert_commands(s.stage, "apt-get@3 apt-get@4 cat@6 pip@9 bash@16 pip@17 python3@20 "
				 "python3@23 sh@29 end@29");
	close_scene(&s);
}

/* ---- FROM ---- */

static void images_have_parts(void **state)
{
	static const struct {
		const char *line, *repository, *tag, *digest;
	} cases[] = {
		{"FROM python", "python", "", ""},
		{"FROM python:3.12", "python", "3.12", ""},
		{"FROM localhost:5000/python", "localhost:5000/python", "", ""},
		{"FROM localhost:5000/a/python:3@sha256:ab", "localhost:5000/a/python", "3", "sha256:ab"},
		{"FROM python@sha256:ab as x", "python", "", "sha256:ab"},
		{"FROM scratch", "scratch", "", ""},
		{"from\t--platform=linux/amd64\tpython:3 aS x", "python", "3", ""},
		{"FROM \"python:3\"", "python", "3", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene s;

		open_scene(&s, cases[i].line);
		assert_text(s.stage->repository, cases[i].repository);
		assert_text(s.stage->tag, cases[i].tag);
		assert_text(s.stage->digest, cases[i].digest);
		assert_int_equal(s.stage->is_scratch, i == 5);
		assert_int_equal(s.stage->base_stage == MC_DOCKERFILE_NO_STAGE, true);
		close_scene(&s);
	}
}

static void variables_of_from_have_their_defaults(void **state)
{
	static const struct {
		const char *image, *wanted;
		bool is_unresolved;
	} cases[] = {
		{"python:${V}", "python:3.12", false},
		{"python:$V-slim", "python:3.12-slim", false},
		{"python:$Vx", "python:$Vx", true},
		{"python:${NO}", "python:${NO}", true},
		{"python:${NO:-3.11}", "python:3.11", false},
		{"python:${NO-3.11}", "python:3.11", false},
		{"python:${EMPTY:-3.11}", "python:3.11", false},
		{"python:3${EMPTY-.11}", "python:3", false},
		{"python:${V:-3.11}", "python:3.12", false},
		{"python:3${V:+.9}", "python:3.9", false},
		{"python:3${NO:+.9}", "python:3", false},
		{"python:${NO:-${V}-slim}", "python:3.12-slim", false},
		{"python:${V:-${NO}}", "python:3.12", false},
		{"python:${NO:-$ALSO}", "python:$ALSO", true},
		{"python:${V:?must}", "python:3.12", false},
		{"python:${NO:?must}", "python:${NO:?must}", true},
		{"python:${V%.*}", "python:${V%.*}", true},
		{"python:$TARGETARCH", "python:$TARGETARCH", true},
		{"python:${TARGETARCH:-x}", "python:${TARGETARCH:-x}", true},
		{"python:${V", "python:${V", true},
		{"python:${", "python:${", true},
		{"python:${}", "python:${}", true},
		{"python:$", "python:$", false},
		{"python:\\$V", "python:$V", false},
		{"python:'$V'", "python:$V", false},
		{"python:\"${V}\"", "python:3.12", false},
		{"python:${WITHOUT:-3}", "python:3", false},
		{"python:${WITHOUT}", "python:${WITHOUT}", true},
		{"python:${LATER}", "python:${LATER}", true}, /* not made of what is known */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene s;
		char text[256];

		snprintf(text, sizeof(text),
			 "ARG V=3.12 EMPTY= WITHOUT\n"
			 "ARG TARGETARCH=arm64 LATER=${V2}-x V2=1\nFROM %s\n",
			 cases[i].image);
		open_scene(&s, text);
		assert_text(s.stage->image, cases[i].wanted);
		assert_int_equal(s.stage->is_unresolved, cases[i].is_unresolved);
		assert_text(s.stage->written, cases[i].image);
		close_scene(&s);
	}
}

static void a_from_tells_its_args(void **state)
{
	struct scene s;
	const struct mc_dockerfile_arg *args;

	(void)state;
	open_scene(&s, "ARG PYTHON_VERSION=3.11\n"
		       "ARG VARIANT=\"slim\"\n"
		       "ARG OTHER=1 \\\n"
		       "    TAG=${PYTHON_VERSION}-${VARIANT}\n"
		       "ARG PYTHON_VERSION=3.12\n"
		       "FROM --platform=${BUILDPLATFORM:-linux/amd64} python:${TAG} AS a\n"
		       "FROM python:${PYTHON_VERSION:-3}\n"
		       "FROM python:3\n");
	args = s.out.stages[0].args;
	assert_text(s.out.stages[0].image, "python:3.11-slim");
	assert_text(s.out.stages[0].platform, "${BUILDPLATFORM:-linux/amd64}");
	assert_int_equal(s.out.stages[0].args_count, 3);
	assert_text(args[0].name, "TAG");
	assert_text(args[0].written, "${PYTHON_VERSION}-${VARIANT}");
	assert_text(args[0].value, "3.11-slim");
	assert_int_equal(args[0].line, 4);
	assert_true(args[0].is_direct && args[0].has_default);
	assert_text(args[1].name, "PYTHON_VERSION");
	assert_false(args[1].is_direct);
	assert_text(args[2].written, "\"slim\"");
	assert_text(args[2].value, "slim");
	assert_int_equal(args[2].line, 2);
	assert_text(s.out.stages[1].image, "python:3.12");
	assert_int_equal(s.out.stages[1].args[0].line, 5);
	assert_int_equal(s.out.stages[2].args_count, 0);
	close_scene(&s);
}

static const char multi_stage[] =
	"ARG PYTHON_VERSION=3.12\n"						      /* 1 */
	"FROM registry.example/uv:0.9 AS uv\n"					      /* 2 */
	"FROM python:${PYTHON_VERSION}-slim-bookworm AS base\n"			      /* 3 */
	"WORKDIR /srv\n"							      /* 4 */
	"FROM base AS builder\n"						      /* 5 */
	"COPY --from=uv /uv /uvx /bin/\n"					      /* 6 */
	"ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1\n"		      /* 7 */
	"WORKDIR app\n"								      /* 8 */
	"RUN --mount=type=cache,target=/c/uv \\\n"				      /* 9 */
	"    --mount=type=bind,source=uv.lock,target=uv.lock \\\n"		      /* 10 */
	"    --mount=source=pyproject.toml,dst=/srv/app/pyproject.toml \\\n"	      /* 11 */
	"    --mount=type=secret,id=netrc \\\n"					      /* 12 */
	"    uv sync --frozen --no-install-project --no-dev --extra=pg --group web\n" /* 13 */
	"FROM base AS test\n"							      /* 14 */
	"COPY --from=BUILDER /srv/app/.venv .venv\n"				      /* 15 */
	"RUN --mount=type=bind,from=docs,target=/docs pytest\n"			      /* 16 */
	"FROM alpine:3.22 AS docs\n"						      /* 17 */
	"RUN apk add --no-cache make\n"						      /* 18 */
	"FROM base\n"								      /* 19 */
	"COPY --link --from=2 --chown=1000:1000 /srv/app /srv/app\n"		      /* 20 */
	"COPY --from=registry.example/tini:1 /tini /tini\n"			      /* 21 */
	"CMD [\"/srv/app/.venv/bin/gunicorn\", \"app\"]\n";			      /* 22 */

static void assert_counts(const struct scene *s, const char *wanted)
{
	char text[64] = "";

	for (size_t i = 0; i < s->out.stages_count; i++)
		text[i] = s->out.stages[i].counts ? '1' : '0';
	assert_string_equal(text, wanted);
}

static void stages_that_count_are_followed(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, multi_stage);
	assert_int_equal(s.out.stages_count, 6);
	assert_counts(&s, "111001");
	assert_int_equal(s.out.target, 5);
	assert_int_equal(s.out.stages[2].base_stage, 1);
	assert_int_equal(s.out.stages[0].base_stage, MC_DOCKERFILE_NO_STAGE);
	assert_text(s.stage->workdir, "/srv");
	assert_text(s.out.stages[2].workdir, "/srv/app");
	assert_int_equal(s.stage->copies[0].from_stage, 2);
	assert_int_equal(s.stage->copies[1].from_stage, MC_DOCKERFILE_NO_STAGE);
	assert_text(s.stage->copies[1].from, "registry.example/tini:1");
	/* "docs" comes later, and is an image there.  */
	assert_int_equal(s.out.stages[3].copies[1].from_stage, MC_DOCKERFILE_NO_STAGE);

	assert_int_equal(mc_dockerfile_mark(&s.out, MC_STR("Test"), NULL), MC_OK);
	assert_counts(&s, "111100");
	assert_int_equal(mc_dockerfile_mark(&s.out, MC_STR("4"), NULL), MC_OK);
	assert_counts(&s, "000010");
	assert_int_equal(mc_dockerfile_mark(&s.out, MC_STR("nosuch"), &s.err), MC_ERR_NOT_FOUND);
	assert_int_equal(mc_dockerfile_mark(&s.out, MC_STR("6"), NULL), MC_ERR_NOT_FOUND);
	assert_counts(&s, "000010");
	close_scene(&s);
}

static void mounts_bring_files_of_the_context(void **state)
{
	struct scene s;
	const struct mc_dockerfile_stage *stage;
	const struct mc_dockerfile_install *install;

	(void)state;
	open_scene(&s, multi_stage);
	stage = &s.out.stages[2];
	install = stage->installs;
	assert_int_equal(stage->files_count, 2);
	assert_int_equal(stage->files[0].kind, MC_DOCKERFILE_MOUNT);
	assert_text(stage->files[0].source, "uv.lock");
	assert_text(stage->files[0].destination, "uv.lock");
	assert_text(stage->files[0].path, "/srv/app/uv.lock");
	assert_int_equal(stage->files[0].line, 10);
	assert_text(stage->files[1].source, "pyproject.toml");
	assert_int_equal(stage->copies_count, 2);
	assert_int_equal(install->kind, MC_DOCKERFILE_UV_SYNC);
	assert_int_equal(install->line, 13);
	assert_text(install->workdir, "/srv/app");
	assert_words(install->extras, "pg");
	assert_words(install->groups, "web");
	assert_true(install->has_no_dev && install->has_no_project && install->has_no_cache);
	assert_commands(s.stage, "/srv/app/.venv/bin/gunicorn@22");
	assert_int_equal(s.stage->commands[0].place, MC_DOCKERFILE_CMD);
	assert_int_equal(s.out.stages[4].packages[0].manager, MC_DOCKERFILE_APK);
	close_scene(&s);
}

/* ---- COPY and variables of stages ---- */

static void files_of_the_context_are_told(void **state)
{
	static const struct {
		const char *source, *destination, *path;
		bool is_folder, has_wildcards, is_unresolved;
	} wanted[] = {
		{"requirements.txt", "./", "/app", true, false, false},
		{"requirements-dev.txt", "./", "/app", true, false, false},
		{"req*.txt", "/tmp/", "/tmp", true, true, false},
		{"my file", "/app/x y", "/app/x y", false, false, false},
		{"dev.txt", "/x", "/x", false, false, false},
		{"$HOME/x", "here", "/app/here", false, false, true},
		{"x.tar.gz", "/usr/local", "/usr/local", false, false, false},
		{".", ".", "/app", true, false, false},
		{"a", "$HOME/", "", true, false, false},
		{"two.txt", "/y", "/y", false, false, false},
	};
	struct scene s;

	(void)state;
	open_scene(&s, "ARG NAME=two.txt\n"
		       "FROM python:3\n"
		       "WORKDIR /\nWORKDIR app\n"
		       "COPY requirements.txt \\\n requirements-dev.txt ./\n"
		       "COPY --chown=1:1 --chmod=644 req*.txt /tmp/\n"
		       "COPY [\"my file\", \"/app/x\\u0020y\"]\n"
		       "ARG WHICH=dev\nENV FILE=$WHICH.txt\n"
		       "COPY ${FILE} /x\n"
		       "COPY $HOME/x here\n"
		       "ADD x.tar.gz https://example.org/y.whl /usr/local\n"
		       "ADD git@example.org:x.git /z\n"
		       "COPY . .\n"
		       "COPY a $HOME/\n"
		       "ARG NAME\n"
		       "COPY $NAME /y\n"
		       "COPY alone\n");
	assert_int_equal(s.stage->files_count, sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < s.stage->files_count; i++) {
		const struct mc_dockerfile_copy *file = &s.stage->files[i];
		bool is_of_add = i == 6;

		assert_text(file->source, wanted[i].source);
		assert_text(file->destination, wanted[i].destination);
		assert_text(file->path, wanted[i].path);
		assert_int_equal(file->is_folder, wanted[i].is_folder || is_of_add);
		assert_int_equal(file->has_wildcards, wanted[i].has_wildcards);
		assert_int_equal(file->is_unresolved, wanted[i].is_unresolved);
		assert_int_equal(file->kind, is_of_add ? MC_DOCKERFILE_ADD : MC_DOCKERFILE_COPY);
	}
	assert_int_equal(s.stage->files[0].line, 5);
	assert_int_equal(s.stage->files[1].line, 6);
	close_scene(&s);
}

static void scopes_of_variables_are_kept(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "ARG G=global\n"
		       "FROM a AS one\n"
		       "ARG L=local\nENV E=env\nENV A=1 B=$A\nENV OLD the older form\n"
		       "ARG E=arg\n"
		       "FROM one AS two\n"
		       "COPY $G $L $E $B \"$OLD\" ${T:-t} /x/\n"
		       "ARG G\nARG TARGETARCH=x\nARG NONE\n"
		       "COPY $G $TARGETARCH ${NONE:-none} /x/\n"
		       "FROM a\n"
		       "COPY $L /x\n");
	assert_text(s.out.stages[1].files[0].source, "$G");
	assert_text(s.out.stages[1].files[1].source, "local");
	assert_text(s.out.stages[1].files[2].source, "env");
	assert_text(s.out.stages[1].files[3].source, "$B"); /* of an A that only the base knows */
	assert_text(s.out.stages[1].files[4].source, "the older form");
	assert_text(s.out.stages[1].files[5].source, "${T:-t}");
	assert_text(s.out.stages[1].files[6].source, "global");
	assert_text(s.out.stages[1].files[7].source, "$TARGETARCH");
	assert_text(s.out.stages[1].files[8].source, "none");
	assert_text(s.stage->files[0].source, "$L");
	close_scene(&s);
}

/* ---- RUN ---- */

static void installs_of_pip_are_told(void **state)
{
	static const struct {
		const char *line, *files, *constraints, *arguments, *editables;
		bool has_no_cache;
	} cases[] = {
		{"pip install -r requirements.txt", "requirements.txt", "", "", "", false},
		{"pip3 install --no-cache-dir --requirement=a.txt -rb.txt -qr c.txt",
		 "a.txt|b.txt|c.txt", "", "", "", true},
		{"pip --no-cache-dir install -U pip 'flask>=3,<4' \".[extra]\"", "", "",
		 "pip|flask>=3,<4|.[extra]", "", true},
		{"python -m pip install -c c.txt --constraint d.txt -e . -e ./x .", "", "c.txt|d.txt", ".",
		 ".|./x", false},
		{"/opt/venv/bin/python3.12 -I -m pip install --prefix=/x --prefix /y a", "", "", "a", "",
		 false},
		{"PIP_NO_CACHE_DIR=1 pip3.12 install a==1 -i https://example.org/simple "
		 "--extra-index-url u -t /x b",
		 "", "", "a==1|b", "", true},
		{"sudo -H -u app env X=1 pip install a", "", "", "a", "", false},
		{"poetry run pip install a", "", "", "a", "", false},
		{"pip install a >/dev/null 2>&1 2>x b < y", "", "", "a|b", "", false},
		{"pip install 'a' -- -b", "", "", "a|-b", "", false},
		{"pip install $DEPS \"$DEPS\" $UNKNOWN-x", "", "", "c|d|c d|$UNKNOWN-x?", "", false},
		{"pip install $(cat x | tr a b) `cat y`", "", "", "$(cat x | tr a b)?|`cat y`?", "",
		 false},
		{"pip install -r <(uv export) a", "<(uv export)?", "", "a", "", false},
		{"sh -c 'pip install a' b", "", "", "a", "", false},
		{"bash -euxo pipefail -c \"pip install ${DEPS%x}a\"", "", "", "${DEPS%x}a?", "", false},
		{"if true; then pip install a; fi", "", "", "a", "", false},
		{"(cd /x && { pip install a; })", "", "", "a", "", false},
		{"case $X in a) pip install a ;; *) exit 1 ;; esac", "", "", "a", "", false},
		{"install() { pip install a; }; install", "", "", "a", "", false},
		{"A=(b c); time -p pip install `# why` a", "", "", "a", "", false},
		{"DEPS=z; pip install $DEPS", "", "", "$DEPS?", "", false},
		{"for DEPS in x y; do pip install $DEPS; done", "", "", "$DEPS?", "", false},
		{"pip install a # b && pip install c", "", "", "a", "", false},
		{"[\"pip\", \"install\", \"a b\", \"$DEPS\"]", "", "", "a b|$DEPS", "", false},
		/* What JSON escapes; a half of a pair is U+FFFD.  */
		{"[\"p\\u0069p\", \"install\", \"\\u00e4\\u20AC\\ud800\\/\\\"\"]", "", "",
		 "\303\244\342\202\254\357\277\275/\"", "", false},
		{"[\"sh\", \"-c\", \"pip install $DEPS\"]", "", "", "c|d", "", false},
		{"uv --quiet pip install --system --no-cache -p 3.12 -r a.txt b", "a.txt", "", "b", "",
		 true},
		{"uv pip sync --system a.txt b.txt", "a.txt|b.txt", "", "", "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct mc_dockerfile_install *install;
		struct scene s;
		char text[512];

		snprintf(text, sizeof(text), "FROM python\nENV DEPS=\"c d\"\nRUN %s\n", cases[i].line);
		open_scene(&s, text);
		if (s.stage->installs_count != 1)
			print_error("%s\n", cases[i].line);
		assert_int_equal(s.stage->installs_count, 1);
		install = s.stage->installs;
		assert_words(install->files, cases[i].files);
		assert_words(install->constraints, cases[i].constraints);
		assert_words(install->arguments, cases[i].arguments);
		assert_words(install->editables, cases[i].editables);
		assert_int_equal(install->has_no_cache, cases[i].has_no_cache);
		assert_int_equal(install->line, 3);
		assert_int_equal(install->kind, i < sizeof(cases) / sizeof(*cases) - 2
							? MC_DOCKERFILE_PIP
							: MC_DOCKERFILE_UV_PIP);
		close_scene(&s);
	}
}

static void installs_of_other_tools_are_told(void **state)
{
	struct scene s;
	const struct mc_dockerfile_install *i;

	(void)state;
	open_scene(&s, "FROM python\n"
		       "RUN pip wheel -w /wheels -r r.txt && pip install --no-index -f /wheels a\n"
		       "RUN uv sync --locked --all-extras --no-group x --only-group y --directory z\n"
		       "RUN poetry install --no-root -E 'a b' --with c,d --without e --only=main -vv\n"
		       "RUN pdm sync --prod -G a -G:all --no-self\n"
		       "RUN pipenv install --system --deploy --dev --categories 'a b'\n"
		       "RUN python -m poetry sync\n"
		       "RUN pip list && uv venv && poetry config a b && pip download x && python -m venv y\n");
	assert_int_equal(s.stage->installs_count, 7);
	i = s.stage->installs;
	assert_int_equal(i[0].kind, MC_DOCKERFILE_PIP_WHEEL);
	assert_words(i[0].files, "r.txt");
	assert_words(i[0].arguments, "");
	assert_true(i[1].has_no_index);
	assert_words(i[1].find_links, "/wheels");
	assert_int_equal(i[2].kind, MC_DOCKERFILE_UV_SYNC);
	assert_true(i[2].has_all_extras);
	assert_words(i[2].without_groups, "x");
	assert_words(i[2].only_groups, "y");
	assert_text(i[2].project, "z");
	assert_int_equal(i[3].kind, MC_DOCKERFILE_POETRY);
	assert_words(i[3].extras, "a|b");
	assert_words(i[3].groups, "c|d");
	assert_words(i[3].without_groups, "e");
	assert_words(i[3].only_groups, "main");
	assert_int_equal(i[4].kind, MC_DOCKERFILE_PDM);
	assert_true(i[4].has_no_dev && i[4].has_no_project);
	assert_words(i[4].groups, "a|:all");
	assert_int_equal(i[5].kind, MC_DOCKERFILE_PIPENV);
	assert_true(i[5].has_dev);
	assert_words(i[5].groups, "a|b");
	assert_int_equal(i[6].kind, MC_DOCKERFILE_POETRY);
	assert_int_equal(i[6].line, 7);
	close_scene(&s);
}

static void folders_are_followed(void **state)
{
	static const char *const wanted[] = {"/app", "/app/sub", "/app/sub/x", "/app/sub", "/y", "", "/z"};
	struct scene s;

	(void)state;
	open_scene(&s, "FROM python\nWORKDIR /app\n"
		       "RUN pip install a && cd sub && pip install b && (cd x; pip install c) "
		       "&& pip install d; (cd q); sh -c 'cd /y; pip install e'; cd $HOME; pip install f\n"
		       "WORKDIR $HOME\nWORKDIR /z\nRUN (cd a); (pip install g)\n");
	assert_int_equal(s.stage->installs_count, sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < s.stage->installs_count; i++)
		assert_text(s.stage->installs[i].workdir, wanted[i]);
	close_scene(&s);
}

static void packages_of_the_system_are_told(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "FROM debian\n"
		       "ARG V=12\n"
		       "RUN set -eux; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \\\n"
		       "  --no-install-recommends -o A::B=c -t bookworm-backports \\\n"
		       "  build-essential gcc=4:12.2* g++ \\\n"
		       "  libpq-dev:amd64 libx/stable ./a_1:2.deb gcc-$V lib$U x=$U; \\\n"
		       "  apt-get purge -y gcc; apt install -y curl; dpkg -i x.deb\n"
		       "RUN apk --no-cache add -t .deps musl-dev 'a>1' b=1.2 c~=3 d@edge !e \\\n"
		       " && apk del .deps && adduser --disabled-password app\n");
	assert_packages(s.stage, "build-essential@5 gcc@5 g++@5 libpq-dev@6 libx@6 ./a_1:2.deb@6 "
				 "gcc-12@6 lib$U?@6 x@6 curl@7 musl-dev@8 a@8 b@8 c@8 d@8");
	assert_int_equal(s.stage->packages[0].manager, MC_DOCKERFILE_APT);
	assert_int_equal(s.stage->packages[10].manager, MC_DOCKERFILE_APK);
	assert_commands(s.stage, "set@3 apt-get@3 apt-get@7 apt@7 dpkg@7 apk@8 apk@9 adduser@9");
	close_scene(&s);
}

static void commands_of_other_instructions_are_told(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "FROM a AS one\n"
		       "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n"
		       "RUN command -v x || nice -n 5 timeout -k 1 5 make\n"
		       "HEALTHCHECK --interval=5s CMD curl -f x || exit 1\n"
		       "ENTRYPOINT [\"bash\", \"-c\", \"exec gunicorn\"]\n"
		       "CMD pip install x\n"
		       "SHELL [\"powershell\", \"-command\"]\n"
		       "RUN Get-Item x; pip install y\n"
		       "FROM one\nRUN Get-Item x\nFROM a\nHEALTHCHECK NONE\nRUN x\n");
	assert_commands(&s.out.stages[0], "/bin/bash@2 command@3 nice@3 timeout@3 make@3 curl@4 exit@4 "
					  "bash@5 exec@5 gunicorn@5 pip@6 powershell@7");
	assert_int_equal(s.out.stages[0].commands[0].place, MC_DOCKERFILE_SHELL);
	assert_int_equal(s.out.stages[0].commands[5].place, MC_DOCKERFILE_HEALTHCHECK);
	assert_int_equal(s.out.stages[0].commands[7].place, MC_DOCKERFILE_ENTRYPOINT);
	assert_int_equal(s.out.stages[0].installs_count, 1); /* by what is no shell */
	assert_int_equal(s.out.stages[0].installs[0].kind, MC_DOCKERFILE_UNSEEN);
	assert_int_equal(s.out.stages[1].commands_count, 0);
	assert_commands(s.stage, "x@13");
	close_scene(&s);
}

/* ---- what is no Dockerfile, and what is one to hurt ---- */

static void what_is_no_dockerfile_is_told(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{"", "no FROM instruction"},
		{"# FROM a\nARG X\nRUN pip install x\n", "no FROM instruction"},
		{"ONBUILD FROM a\n", "no FROM instruction"},
		{"FROM", "line 1: its FROM is not 'FROM image' or 'FROM image AS name'"},
		{"\nFROM a b\n", "line 2: its FROM is not 'FROM image' or 'FROM image AS name'"},
		{"FROM a AS\n", "line 1: its FROM is not 'FROM image' or 'FROM image AS name'"},
		{"FROM a AS b c\n", "line 1: its FROM is not 'FROM image' or 'FROM image AS name'"},
		{"FROM a\nRUN <<EOF\nx\n", "line 2: its here-document has no end"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene s;

		assert_int_equal(read_bytes(&s, cases[i].text, strlen(cases[i].text)), MC_ERR_FORMAT);
		assert_string_equal(s.err.text, cases[i].wanted);
		assert_string_equal(s.err.subject, "Dockerfile");
		close_scene(&s);
	}
}

static void broken_texts_are_survived(void **state)
{
	static const char *const lines[] = {
		"RUN 'never", "RUN \"never $", "RUN ${${${${${${", "RUN $((((", "RUN ))))((((", "RUN `",
		"RUN \\", "RUN <", "RUN > > >", "RUN <(", "RUN a <<", "RUN &&&&;;||", "RUN [\"", "RUN [\"a\",]",
		"RUN [\"\\u12\"]", "RUN []", "RUN", "COPY", "COPY [\"a\"]", "COPY --from= a b", "COPY --from a b",
		"COPY --", "RUN --mount= x", "RUN --mount=from=,type=bind x", "RUN --mount=,,=,= x", "ENV",
		"ENV =", "ENV = =", "ARG", "ARG =", "ARG =x", "WORKDIR", "WORKDIR \"", "SHELL", "SHELL []", "CMD",
		"HEALTHCHECK", "ONBUILD", "NOSUCH thing", "\xff\xfe \x1b[1m", "RUN pip install -r",
		"RUN pip install --requirement", "RUN pip install -", "RUN apt-get install -t",
		"RUN sudo -u", "RUN sh -c", "RUN env", "RUN \x1b]0;x\a pip install \xff", "RUN case x in",
		"RUN for", "RUN cd", "RUN python -m", "RUN ${X:-${X:-${X:-${X:-", "COPY ${:} ${a:} ${a:- }",
		"RUN a() b() c()", "RUN {", "RUN <<E <<E <<E\nE\nE\nE", "RUN \\\n\\\n\\\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct scene s;
		char text[256];
		size_t len = (size_t)snprintf(text, sizeof(text), "FROM a\n%s", lines[i]);
		/* Of its own, so that a byte too far is seen.  */
		char *exact = malloc(len);

		assert_non_null(exact);
		memcpy(exact, text, len);
		if (read_bytes(&s, exact, len)) {
			print_error("'%s': %s\n", lines[i], s.err.text);
			fail();
		}
		close_scene(&s);
		free(exact);
	}
}

static void nul_bytes_are_refused(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(read_bytes(&s, "FROM a\0b\n", 9), MC_ERR_FORMAT);
	assert_string_equal(s.err.text, "it has NUL bytes");
	close_scene(&s);
}

/* 'head', and then 'part' so many times.  */
static enum mc_status read_many(struct scene *s, const char *head, const char *part, size_t count,
				const char *tail)
{
	size_t head_len = strlen(head), part_len = strlen(part), tail_len = strlen(tail);
	size_t len = head_len + part_len * count + tail_len;
	char *text = malloc(len + 1);
	enum mc_status status;

	assert_non_null(text);
	memcpy(text, head, head_len);
	for (size_t i = 0; i < count; i++)
		memcpy(text + head_len + i * part_len, part, part_len);
	memcpy(text + len - tail_len, tail, tail_len);
	status = read_bytes(s, text, len);
	close_scene(s);
	free(text);
	return status;
}

static void bounds_are_kept(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(read_many(&s, "FROM a\n", "USER x\n", 9999, ""), MC_OK);
	assert_int_equal(read_many(&s, "FROM a\n", "USER x\n", 10000, ""), MC_ERR_LIMIT);
	assert_int_equal(read_many(&s, "", "FROM a\n", 1000, ""), MC_OK);
	assert_int_equal(read_many(&s, "", "FROM a\n", 1001, ""), MC_ERR_LIMIT);
	assert_int_equal(read_many(&s, "FROM a\nRUN x", " x", 99999, ""), MC_OK);
	assert_int_equal(read_many(&s, "FROM a\nRUN x", " x", 100000, ""), MC_ERR_LIMIT);
	assert_int_equal(read_many(&s, "FROM a\n# ", "x", 1 << 20, ""), MC_ERR_LIMIT);
	/* Each value is twice the one before.  */
	assert_int_equal(read_many(&s, "FROM x\nENV A=0123456789abcdef\n", "ENV A=$A$A\n", 40, ""),
			 MC_ERR_LIMIT);
}

/* What would take minutes if it were done twice for each byte.  */
static void long_texts_take_no_time(void **state)
{
	static const char *const parts[] = {"${", "$(", "${a:-", "`", "'", "\"$", "(", ")", "\\", "<<",
					    "<(", "A=(", "[\"", "{ ", "\\\n", "#", "a()", "\"", "$a", "sh -c '", ";", "=",
					    "--", "-r"};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t count = 1000000 / strlen(parts[i]);
		enum mc_status status = read_many(&s, "FROM a\nRUN x ", parts[i], count, "");

		assert_true(status == MC_OK || status == MC_ERR_LIMIT);
		status = read_many(&s, "FROM a\nCOPY ", parts[i], count, " b");
		assert_true(status == MC_OK || status == MC_ERR_LIMIT);
		status = read_many(&s, "FROM ", parts[i], count, "");
		assert_true(status == MC_OK || status == MC_ERR_LIMIT || status == MC_ERR_FORMAT);
	}
	assert_int_equal(read_many(&s, "", "FROM a AS b\n", 1000, "COPY --from=b c d\n"), MC_OK);
}

static void files_are_read(void **state)
{
	struct fixture f;
	struct scene s;

	(void)state;
	fixture_open(&f);
	mc_arena_init(&s.arena, NULL);
	s.err = MC_ERROR_INIT;
	put_text(&f, "Dockerfile", "FROM python:3.12-slim\n");
	assert_int_equal(mc_dockerfile_read(f.path, &s.arena, &s.out, &s.err), MC_OK);
	assert_text(s.out.stages[0].tag, "3.12-slim");
	assert_int_equal(mc_dockerfile_read("/nosuch/Dockerfile", &s.arena, &s.out, &s.err),
			 MC_ERR_NOT_FOUND);
	s.err = MC_ERROR_INIT;
	assert_int_equal(mkfifo(fixture_path(&f, "Dockerfile.fifo"), 0600), 0);
	assert_int_equal(mc_dockerfile_read(f.path, &s.arena, &s.out, &s.err), MC_ERR_NOT_FOUND);
	mc_arena_clear(&s.arena);
	fixture_close(&f);
}

static void dockerfiles_are_known_by_name(void **state)
{
	static const char *const yes[] = {"Dockerfile", "a/Dockerfile", "Containerfile", "Dockerfile.dev",
					  "dev.Dockerfile", "x/dev.dockerfile", "Containerfile.dev"};
	static const char *const no[] = {"", "dockerfile.txt", "Dockerfile/x", "MyDockerfile",
					 "Dockerfile.", ".dockerfile", "Dockerfile.dockerignore", ".dockerignore"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(mc_dockerfile_is_name(mc_str_of(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(mc_dockerfile_is_name(mc_str_of(no[i])));
}

static void memory_that_runs_out_is_told(void **state)
{
	struct starve starve = {0, 0};
	const struct mc_alloc alloc = {starve_take, starve_give, &starve};
	enum mc_status status;
	size_t allowed = 0;
	/* Past one page of the arena, so that more than one allocation can fail.  */
	char *text = calloc(1, 300000);

	(void)state;
	assert_non_null(text);
	strcpy(text, multi_stage);
	for (size_t i = 0, at = strlen(text); i < 4000; i++)
		at += (size_t)sprintf(text + at, "RUN pip install -r r%zu.txt $X\nENV A%zu=1\n", i, i);
	do {
		struct mc_arena arena;
		struct mc_dockerfile out;
		struct mc_error err = MC_ERROR_INIT;

		starve.left = allowed++;
		mc_arena_init(&arena, &alloc);
		status = mc_dockerfile_read_text(mc_str_of(text), "Dockerfile", &arena, &out, &err);
		assert_true(status == MC_OK || status == MC_ERR_NOMEM);
		assert_int_equal(err.status, status);
		mc_arena_clear(&arena);
		assert_int_equal(starve.live, 0);
	} while (status);
	assert_true(allowed > 5);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_joined_as_buildkit_does),
		cmocka_unit_test(the_escape_character_can_be_another),
		cmocka_unit_test(here_documents_are_scripts_or_files),
		cmocka_unit_test(images_have_parts),
		cmocka_unit_test(variables_of_from_have_their_defaults),
		cmocka_unit_test(a_from_tells_its_args),
		cmocka_unit_test(stages_that_count_are_followed),
		cmocka_unit_test(mounts_bring_files_of_the_context),
		cmocka_unit_test(files_of_the_context_are_told),
		cmocka_unit_test(scopes_of_variables_are_kept),
		cmocka_unit_test(installs_of_pip_are_told),
		cmocka_unit_test(installs_of_other_tools_are_told),
		cmocka_unit_test(folders_are_followed),
		cmocka_unit_test(packages_of_the_system_are_told),
		cmocka_unit_test(commands_of_other_instructions_are_told),
		cmocka_unit_test(what_is_no_dockerfile_is_told),
		cmocka_unit_test(broken_texts_are_survived),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(long_texts_take_no_time),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(dockerfiles_are_known_by_name),
		cmocka_unit_test(memory_that_runs_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
