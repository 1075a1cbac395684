/* SPDX-License-Identifier: MIT */
/*
 * A Dockerfile that does what the report says: the image, the libraries that are missing, and
 * a stage of its own for what must be built, so that the compiler is left behind.
 *
 * Every name in it comes from the tables or is a dist's, which holds no blanks and quotes.
 */
#include "muslcheck/report.h"
#include "text.h"

#include <string.h>
#include <unistd.h>

struct sheet {
	const struct mc_survey *survey;
	FILE *out;
	bool is_against; /* for the image to stay on */
	struct mc_arena arena;
};

static const struct mc_target *image_of(const struct sheet *s)
{
	return s->is_against ? &s->survey->against : &s->survey->target;
}

static bool is_alpine(const struct sheet *s)
{
	return image_of(s)->libc->family == MC_LIBC_MUSL;
}

static void put(struct sheet *s, struct mc_str text)
{
	text = mc_text_safe(&s->arena, text);
	fwrite(text.ptr, 1, text.len, s->out);
}

static enum mc_verdict verdict_of(const struct sheet *s, const struct mc_dist_verdict *v)
{
	return s->is_against ? v->against : v->verdict;
}

/* ---- remarks ---- */

/* A library that nobody has stays missing, whatever is installed.  */
static void put_homeless(struct sheet *s)
{
	for (size_t i = 0; i < s->survey->findings_count; i++) {
		const struct mc_finding *f = &s->survey->findings[i];
		bool is_glibcs = f->rule == MC_RULE_GLIBC_LIBRARY;

		if ((f->rule != MC_RULE_LIBRARY && !is_glibcs) || f->is_against != s->is_against || f->package)
			continue;
		fputs(is_glibcs ? "# no package has " : "# no package is known to have ", s->out);
		put(s, f->subject);
		fputs(is_glibcs ? ", a part of glibc, which " : ", which ", s->out);
		put(s, f->dist->name.len ? f->dist->name : f->path);
		fputs(" needs", s->out);
		/* apk knows the sonames of all its packages.  */
		if (is_alpine(s) && !is_glibcs && !memchr(f->subject.ptr, '/', f->subject.len)) {
			fputs("; try: apk add --no-cache so:", s->out);
			put(s, f->subject);
		}
		fputc('\n', s->out);
	}
}

static void put_stoppers(struct sheet *s)
{
	for (size_t i = 0; i < s->survey->dists_count; i++) {
		const struct mc_dist_verdict *v = &s->survey->dists[i];
		enum mc_verdict verdict = verdict_of(s, v);

		if (mc_verdict_is_good(verdict) || verdict == MC_VERDICT_BUILDS)
			continue;
		fputs("# stands against it: ", s->out);
		put(s, v->dist->name);
		fprintf(s->out, " %s\n", mc_verdict_name(verdict));
	}
}

/* ---- instructions ---- */

/* Words behind a command, a line of their own when it gets long.  */
struct words {
	struct sheet *sheet;
	size_t columns;
};

static void put_word(struct words *w, struct mc_str word)
{
	if (w->columns + 1 + word.len > 78) {
		fputs(" \\\n   ", w->sheet->out);
		w->columns = 3;
	}
	fputc(' ', w->sheet->out);
	put(w->sheet, word);
	w->columns += 1 + word.len;
}

static void start_install(struct words *w, bool on_alpine)
{
	w->columns = (size_t)fprintf(w->sheet->out, on_alpine ? "RUN apk add --no-cache"
							      : "RUN apt-get update && apt-get install -y "
								"--no-install-recommends");
}

static void end_install(struct words *w, bool on_alpine)
{
	if (!on_alpine) {
		put_word(w, MC_STR("&& rm -rf /var/lib/apt/lists/*"));
	}
	fputc('\n', w->sheet->out);
}

static void put_libraries(struct sheet *s)
{
	const struct mc_package_need *needs = s->is_against ? s->survey->against_packages : s->survey->packages;
	size_t count = s->is_against ? s->survey->against_packages_count : s->survey->packages_count;
	struct words words = {s, 0};

	put_homeless(s);
	if (!count)
		return;
	start_install(&words, is_alpine(s));
	for (size_t i = 0; i < count; i++)
		put_word(&words, mc_str_of(needs[i].package));
	end_install(&words, is_alpine(s));
}

static size_t count_builds(const struct sheet *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->survey->dists_count; i++)
		count += verdict_of(s, &s->survey->dists[i]) == MC_VERDICT_BUILDS;
	return count;
}

static bool is_said(struct mc_str *said, size_t count, struct mc_str package)
{
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(said[i], package))
			return true;
	return false;
}

/* What the builds need, each once; a guess, and only for Alpine.  */
static enum mc_status put_compilers(struct sheet *s)
{
	struct words words = {s, 0};
	struct mc_str *said;
	size_t room = 1, count = 0;

	for (size_t i = 0; i < s->survey->dists_count; i++)
		room += s->survey->dists[i].build ? s->survey->dists[i].build->packages_count : 0;
	said = MC_TAKE_ARRAY(&s->arena, struct mc_str, room);
	if (!said)
		return MC_ERR_NOMEM;
	start_install(&words, is_alpine(s));
	put_word(&words, is_alpine(s) ? MC_STR("build-base") : MC_STR("build-essential"));
	said[count++] = MC_STR("build-base");
	for (size_t i = 0; is_alpine(s) && i < s->survey->dists_count; i++) {
		const struct mc_sdist *build = s->survey->dists[i].build;

		for (size_t k = 0; build && k < build->packages_count; k++) {
			if (is_said(said, count, build->packages[k].package))
				continue;
			said[count++] = build->packages[k].package;
			put_word(&words, build->packages[k].package);
		}
	}
	end_install(&words, is_alpine(s));
	return MC_OK;
}

/* What must be built is built in a stage that is thrown away.  */
static enum mc_status put_builder(struct sheet *s)
{
	fprintf(s->out, "FROM %s AS build\n# built from source:", image_of(s)->name);
	for (size_t i = 0; i < s->survey->dists_count; i++) {
		if (verdict_of(s, &s->survey->dists[i]) != MC_VERDICT_BUILDS)
			continue;
		fputc(' ', s->out);
		put(s, s->survey->dists[i].dist->name);
	}
	fputs(is_alpine(s) ? "; the packages are a guess\n"
			   : "; the -dev packages of what they link to come on top\n",
	      s->out);
	MC_TRY(put_compilers(s));
	fputs("COPY requirements.txt .\n"
	      "RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt\n\n",
	      s->out);
	return MC_OK;
}

static enum mc_status write_sheet(struct sheet *s)
{
	bool has_builds = count_builds(s);

	fputs("# ", s->out);
	put(s, s->survey->reason);
	fputs("\n# requirements.txt: what 'pip freeze' says, or the lock exported\n", s->out);
	put_stoppers(s);
	if (has_builds)
		MC_TRY(put_builder(s));
	fprintf(s->out, "FROM %s\n", image_of(s)->name);
	put_libraries(s);
	if (has_builds)
		fputs("# and the libraries that the built wheels link to: muslcheck /wheels tells them\n", s->out);
	fputs("WORKDIR /app\n", s->out);
	if (has_builds)
		fputs("RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \\\n"
		      "    pip install --no-cache-dir --no-index /wheels/*.whl\n",
		      s->out);
	else
		fputs("COPY requirements.txt .\n"
		      "RUN pip install --no-cache-dir -r requirements.txt\n",
		      s->out);
	fputs("COPY . .\n", s->out);
	return MC_OK;
}

static enum mc_status write_for(const struct mc_survey *survey, bool is_against, FILE *out,
				struct mc_error *err)
{
	struct sheet sheet = {.survey = survey, .out = out, .is_against = is_against};
	enum mc_status status;

	/* Of a real image only its tar says what it is called.  */
	if (!image_of(&sheet)->image && !access(image_of(&sheet)->name, F_OK))
		return mc_fail(err, MC_ERR_USAGE, "--format", "%.100s is no image to build on: it has no name",
			       image_of(&sheet)->name);
	mc_arena_init(&sheet.arena, NULL);
	status = write_sheet(&sheet);
	mc_arena_clear(&sheet.arena);
	if (status < 0)
		return mc_no_memory(err);
	if (ferror(out))
		return mc_fail(err, MC_ERR_IO, NULL, "cannot write the Dockerfile");
	return MC_OK;
}

static enum mc_status write_advised(const struct mc_survey *survey, const struct mc_report_style *style,
				    FILE *out, struct mc_error *err)
{
	(void)style;
	return write_for(survey, survey->advice == MC_ADVICE_SLIM, out, err);
}

static enum mc_status write_target(const struct mc_survey *survey, const struct mc_report_style *style,
				   FILE *out, struct mc_error *err)
{
	(void)style;
	return write_for(survey, false, out, err);
}

const struct mc_report_format mc_report_dockerfile = {"dockerfile", write_advised};
const struct mc_report_format mc_report_dockerfile_target = {"dockerfile-target", write_target};
