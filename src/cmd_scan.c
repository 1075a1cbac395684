/* SPDX-License-Identifier: MIT */
/* muslcheck PATH... - judge venvs, trees, wheels and lock files.  */
#include "cmd.h"
#include "cmd_options.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* ---- progress ---- */

struct progress {
	struct timespec started;
	bool is_wanted, is_shown;
};

static void end_progress(struct progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
	progress->is_shown = false;
}

/* "3/17 NAME", once the work takes over half a second.  */
static void show_progress(void *state, size_t done, size_t count, const char *what)
{
	struct progress *progress = state;
	struct timespec now;
	double seconds;

	if (!progress->is_wanted)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = (double)(now.tv_sec - progress->started.tv_sec) +
		  (double)(now.tv_nsec - progress->started.tv_nsec) / 1e9;
	if (seconds < 0.5)
		return;
	progress->is_shown = true;
	fprintf(stderr, "\r\033[K%zu/%zu ", done, count);
	mc_text_put(stderr, mc_str_of(what));
}

static void complain(void *state, const struct mc_error *why)
{
	end_progress(state);
	mc_cmd_print_error(why);
}

/* ---- reports ---- */

static enum mc_status write_report(const struct mc_output *output, const struct mc_survey *survey,
				   struct mc_report_style style, struct mc_error *err)
{
	enum mc_status status;
	FILE *out = stdout;

	if (output->path) {
		style.use_color = false;
		style.columns = 0;
		out = fopen(output->path, "w");
		if (!out)
			return mc_fail(err, MC_ERR_IO, output->path, "cannot write");
	}
	status = output->format->write(survey, &style, out, err);
	if (output->path && fclose(out) && !status)
		status = mc_fail(err, MC_ERR_IO, output->path, "cannot write");
	if (status == MC_ERR_IO && !err->subject[0])
		snprintf(err->subject, sizeof(err->subject), "%s",
			 output->path ? output->path : "standard output");
	/* A reader that had enough is no error; the advice stays.  */
	if (status == MC_ERR_IO && !output->path && err->sys_errno == EPIPE) {
		clearerr(stdout);
		*err = MC_ERROR_INIT;
		return MC_OK;
	}
	return status;
}

static int report(const struct mc_settings *settings, const struct mc_scan *scan, struct mc_error *err)
{
	const struct mc_survey *survey = mc_scan_survey(scan);
	struct mc_report_style style = settings->style;

	style.is_partial = !mc_scan_is_whole(scan);
	if (!survey)
		return MC_EXIT_ERROR;
	for (size_t i = 0; i < settings->outputs_count; i++)
		if (write_report(&settings->outputs[i], survey, style, err))
			return MC_EXIT_ERROR;
	if (!mc_scan_is_whole(scan))
		return MC_EXIT_ERROR;
	return survey->advice == MC_ADVICE_ALPINE ? MC_EXIT_YES : MC_EXIT_NO;
}

int mc_cmd_scan(int argc, char **argv)
{
	struct mc_error err = MC_ERROR_INIT;
	struct progress progress = {.is_wanted = isatty(STDERR_FILENO)};
	struct mc_settings settings;
	struct mc_scan *scan;
	int code;

	if (!mc_settings_read(&settings, argc, argv, &code, &err)) {
		clock_gettime(CLOCK_MONOTONIC, &progress.started);
		settings.scan.show_progress = show_progress;
		settings.scan.complain = complain;
		settings.scan.state = &progress;
		code = MC_EXIT_ERROR;
		if (!mc_scan_open(&settings.scan, settings.paths, settings.paths_count, &scan, &err)) {
			end_progress(&progress);
			code = report(&settings, scan, &err);
			mc_scan_close(scan);
		}
		end_progress(&progress);
	}
	if (err.status < 0) {
		mc_cmd_print_error(&err);
		code = MC_EXIT_ERROR;
	}
	return mc_cmd_finish(code);
}
