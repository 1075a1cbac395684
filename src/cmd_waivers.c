/* SPDX-License-Identifier: MIT */
#include "cmd_waivers.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_FILE "muslcheck.toml"
#define PROJECT_FILE "pyproject.toml"

/* An option as if it had been typed, unless it was.  */
static enum mc_status set(struct mc_settings *s, const char *name, struct mc_str text, bool is_typed,
			  struct mc_error *err)
{
	return text.len && !is_typed ? mc_settings_set(s, name, text.ptr, err) : MC_OK;
}

static enum mc_status use_settings(struct mc_settings *s, const struct mc_waivers_settings *file, struct mc_error *err)
{
	MC_TRY(set(s, "target", file->target, s->scan.target || s->scan.sysroot, err));
	MC_TRY(set(s, "against", file->against, s->scan.against, err));
	MC_TRY(set(s, "python", file->python, s->scan.python_minor, err));
	MC_TRY(set(s, "fail-on", file->fail_on, s->has_fail_on, err));
	MC_TRY(set(s, "baseline", file->baseline, s->baseline || s->write_baseline, err));
	MC_TRY(set(s, "docs-url", file->docs_url, s->style.docs_url, err));
	/* Where it is asked is set; whether, the command line and the paths say.  */
	if (file->index_url.len && !s->scan.index.index_url)
		s->scan.index.index_url = file->index_url.ptr;
	return MC_OK;
}

/* Of the folder that the program is run in; NULL: none.  */
static const char *default_file(void)
{
	if (!access(DEFAULT_FILE, F_OK))
		return DEFAULT_FILE;
	return mc_waivers_are_in(PROJECT_FILE) ? PROJECT_FILE : NULL;
}

enum mc_status mc_cmd_waivers_open(struct mc_cmd_waivers *w, struct mc_settings *s, struct mc_error *err)
{
	const char *path = s->waivers ? s->waivers : s->no_waivers ? NULL : default_file();
	struct mc_waivers_settings file;
	time_t now = time(NULL);
	struct tm day;

	*w = (struct mc_cmd_waivers){.waivers = NULL};
	mc_arena_init(&w->arena, NULL);
	if (!gmtime_r(&now, &day) || !strftime(w->today, sizeof(w->today), "%Y-%m-%d", &day))
		return mc_fail(err, MC_ERR_UNSUPPORTED, NULL, "the day of today is not known");
	if (s->no_waivers && s->waivers)
		return mc_fail(err, MC_ERR_USAGE, "--no-waivers", "--waivers is given too");
	if (path) {
		MC_TRY(mc_waivers_read(&w->arena, path, &w->waivers, &file, err));
		MC_TRY(use_settings(s, &file, err));
	}
	return s->baseline ? mc_baseline_read(&w->arena, s->baseline, &w->baseline, err) : MC_OK;
}

void mc_cmd_waivers_close(struct mc_cmd_waivers *w)
{
	mc_arena_clear(&w->arena);
}

static enum mc_status write_baseline(struct mc_cmd_waivers *w, const char *path, FILE *out,
				     const struct mc_survey *survey, struct mc_error *err)
{
	enum mc_status status;

	(void)!ftruncate(fileno(out), 0);
	status = mc_baseline_write(survey, &w->arena, out, err);
	if (fclose(out) && !status)
		status = mc_fail(err, MC_ERR_IO, path, "cannot write");
	return status;
}

enum mc_status mc_cmd_waivers_excuse(const void *state, struct mc_arena *arena, const struct mc_survey **survey,
				     struct mc_error *err)
{
	const struct mc_cmd_waivers *w = state;
	struct mc_survey *excused;

	if (!w->waivers && !w->baseline)
		return MC_OK;
	excused = MC_TAKE(arena, struct mc_survey);
	if (!excused)
		return mc_no_memory(err);
	MC_TRY(mc_excuse(*survey, w->waivers, w->baseline, mc_str_of(w->today), arena, excused, err));
	*survey = excused;
	return MC_OK;
}

enum mc_status mc_cmd_waivers_apply(struct mc_cmd_waivers *w, const struct mc_settings *s,
				    const struct mc_survey **survey, struct mc_error *err)
{
	if (s->write_baseline)
		MC_TRY(write_baseline(w, s->write_baseline, s->baseline_file, *survey, err));
	return mc_cmd_waivers_excuse(w, &w->arena, survey, err);
}
