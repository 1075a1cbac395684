/* SPDX-License-Identifier: MIT */
/* muslcheck PATH... - judge venvs, trees, wheels and lock files.  */
#include "cmd.h"
#include "cmd_options.h"
#include "cmd_sandbox.h"
#include "cmd_waivers.h"
#include "muslcheck/batch.h"
#include "refusal.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

static enum mc_status open_output(const char *path, FILE **file_out, struct mc_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	*file_out = fd < 0 ? NULL : fdopen(fd, "w");
	if (*file_out)
		return MC_OK;
	mc_fail(err, MC_ERR_IO, path, "cannot write");
	mc_close_fd(fd);
	return MC_ERR_IO;
}

enum mc_status mc_cmd_open_outputs(struct mc_settings *s, struct mc_error *err)
{
	for (size_t i = 0; i < s->outputs_count; i++)
		if (s->outputs[i].path)
			MC_TRY(open_output(s->outputs[i].path, &s->outputs[i].file, err));
	return s->write_baseline ? open_output(s->write_baseline, &s->baseline_file, err) : MC_OK;
}

static enum mc_status write_report(const struct mc_output *output, const struct mc_survey *survey,
				   struct mc_report_style style, struct mc_error *err)
{
	enum mc_status status;
	FILE *out = stdout;

	if (output->path) {
		style.use_color = false;
		style.columns = 0;
		out = output->file;
		(void)!ftruncate(fileno(out), 0); /* what is no regular file has nothing in it */
	}
	status = output->format->write(survey, &style, out, err);
	if (!status)
		status = mc_refusal_take(err);
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

int mc_cmd_write_reports(const struct mc_settings *settings, const struct mc_survey *survey, bool is_partial,
			 struct mc_error *err)
{
	struct mc_report_style style = settings->style;

	style.is_partial = is_partial;
	for (size_t i = 0; i < settings->outputs_count; i++)
		if (write_report(&settings->outputs[i], survey, style, err))
			return MC_EXIT_ERROR;
	return survey->advice == MC_ADVICE_ALPINE ? MC_EXIT_YES : MC_EXIT_NO;
}

static int report(const struct mc_settings *settings, struct mc_cmd_waivers *waivers, const struct mc_scan *scan,
		  struct mc_error *err)
{
	const struct mc_survey *survey = mc_scan_survey(scan);
	bool is_partial = !mc_scan_is_whole(scan);
	int code;

	if (!survey || mc_cmd_waivers_apply(waivers, settings, &survey, err))
		return MC_EXIT_ERROR;
	code = mc_cmd_write_reports(settings, survey, is_partial, err);
	return is_partial ? MC_EXIT_ERROR : code;
}

static int scan(struct mc_settings *settings, struct progress *progress, struct mc_error *err)
{
	struct mc_cmd_sandbox sandbox = {.temp = ""};
	struct mc_cmd_waivers waivers;
	int code = MC_EXIT_ERROR;
	struct mc_scan *scan;

	if (!mc_cmd_waivers_open(&waivers, settings, err) && !mc_cmd_open_outputs(settings, err) &&
	    !mc_cmd_sandbox_enter(&sandbox, settings, MC_WORK_SCAN, err) &&
	    !mc_scan_open(&settings->scan, settings->paths, settings->paths_count, &scan, err)) {
		end_progress(progress);
		code = report(settings, &waivers, scan, err);
		mc_scan_close(scan);
	}
	mc_cmd_waivers_close(&waivers);
	mc_cmd_sandbox_leave(&sandbox);
	return code;
}

/* ---- batches ---- */

/* "-" among the paths: taken out; true when it was there.  */
static bool take_stdin(struct mc_settings *s, const char **paths)
{
	size_t count = 0;

	for (size_t i = 0; i < s->paths_count; i++)
		if (strcmp(s->paths[i], "-") != 0)
			paths[count++] = s->paths[i];
	if (count == s->paths_count)
		return false;
	s->paths_count = count;
	return true;
}

static bool is_list_on_stdin(const struct mc_settings *s)
{
	for (size_t i = 0; i < s->paths_count; i++)
		if (!strcmp(s->paths[i], "-"))
			return !mc_input_is_image(STDIN_FILENO);
	return false;
}

/* What a batch writes to: standard output, -o FILE, or --resume FILE behind what counts of it.  */
static enum mc_status open_batch(const struct mc_settings *s, uint64_t resume_nbytes, FILE **out_out,
				 struct mc_error *err)
{
	const char *path = s->resume ? s->resume : s->outputs[0].path;

	*out_out = path ? fopen(path, s->resume ? "ae" : "we") : stdout;
	if (!*out_out || (s->resume && ftruncate(fileno(*out_out), (off_t)resume_nbytes)))
		return mc_fail(err, MC_ERR_IO, path, "cannot write");
	return MC_OK;
}

static enum mc_status check_batch(const struct mc_settings *s, struct mc_error *err)
{
	if (s->outputs_count > 1 || (s->resume && s->outputs[0].path))
		return mc_fail(err, MC_ERR_USAGE, NULL, "ndjson goes to one file: --resume FILE, -o FILE or standard output");
	if (s->outputs[0].format != &mc_report_ndjson && (s->has_format || s->outputs[0].path))
		return mc_fail(err, MC_ERR_USAGE, s->outputs[0].format->name,
			       "a list, --shard and --resume are answered with --format ndjson; 'muslcheck report' "
			       "makes others of it");
	if (s->write_baseline)
		return mc_fail(err, MC_ERR_USAGE, "--write-baseline",
			       "a baseline is written of a whole: 'muslcheck report' does it");
	if (s->scan.confirm)
		return mc_fail(err, MC_ERR_USAGE, "--confirm", "not of a batch");
	return MC_OK;
}

static enum mc_status run_batch(struct mc_settings *s, const struct mc_cmd_waivers *waivers, struct mc_arena *arena,
				struct mc_batch_counts *counts, struct mc_error *err)
{
	const struct mc_batch_change change = {mc_cmd_waivers_excuse, waivers};
	const char **paths = MC_TAKE_ARRAY(arena, const char *, s->paths_count + 1);
	struct mc_inputs_options options = {.list_fd = -1, .shard = s->shard, .shards = s->shards, .resume = s->resume};
	struct mc_cmd_sandbox sandbox = {.temp = ""};
	struct mc_inputs *inputs;
	uint64_t resume_nbytes;
	enum mc_status status;
	FILE *out;

	MC_TRY(check_batch(s, err));
	if (!paths)
		return mc_no_memory(err);
	if (take_stdin(s, paths)) {
		options.list_fd = STDIN_FILENO;
		s->paths = paths;
	}
	options.paths = s->paths;
	options.paths_count = s->paths_count;
	MC_TRY(mc_inputs_open(&options, arena, &inputs, &resume_nbytes, err));
	status = open_batch(s, resume_nbytes, &out, err);
	if (!status)
		status = mc_cmd_sandbox_enter(&sandbox, s, options.list_fd >= 0 ? MC_WORK_LIST : MC_WORK_BATCH, err);
	if (!status)
		status = mc_batch_run(inputs, &s->scan, s->scan.jobs, &change, out, counts, err);
	if (out && out != stdout && fclose(out) && !status)
		status = mc_fail(err, MC_ERR_IO, s->resume ? s->resume : s->outputs[0].path, "cannot write");
	mc_inputs_close(inputs);
	mc_cmd_sandbox_leave(&sandbox);
	return status;
}

static int batch(struct mc_settings *s, struct mc_error *err)
{
	struct mc_batch_counts counts = {0};
	struct mc_cmd_waivers waivers;
	struct mc_arena arena;
	enum mc_status status;

	mc_arena_init(&arena, NULL);
	status = mc_cmd_waivers_open(&waivers, s, err);
	if (!status)
		status = run_batch(s, &waivers, &arena, &counts, err);
	mc_cmd_waivers_close(&waivers);
	mc_arena_clear(&arena);
	/* A reader that had enough is no error.  */
	if (status == MC_ERR_IO && err->sys_errno == EPIPE) {
		clearerr(stdout);
		*err = MC_ERROR_INIT;
	}
	if (counts.errors)
		return MC_EXIT_ERROR;
	return counts.slim ? MC_EXIT_NO : MC_EXIT_YES;
}

static bool is_batch(const struct mc_settings *s)
{
	return s->outputs[0].format == &mc_report_ndjson || s->shards || s->resume || is_list_on_stdin(s);
}

/* ---- the command ---- */

/* With the facts of earlier runs, where they are wanted.  */
static int work(struct mc_settings *settings, struct progress *progress, struct mc_error *err)
{
	struct mc_facts *facts = NULL;
	struct mc_arena arena;
	int code = MC_EXIT_ERROR;

	mc_arena_init(&arena, NULL);
	if (!settings->facts_dir || !mc_facts_open(settings->facts_dir, &arena, &facts, err)) {
		settings->scan.facts = facts;
		code = is_batch(settings) ? batch(settings, err) : scan(settings, progress, err);
	}
	mc_facts_close(facts);
	mc_arena_clear(&arena);
	return code;
}

int mc_cmd_scan(int argc, char **argv)
{
	struct mc_error err = MC_ERROR_INIT;
	struct progress progress = {.is_wanted = isatty(STDERR_FILENO)};
	struct mc_settings settings;
	int code;

	if (!mc_settings_read(&settings, argc, argv, &code, &err)) {
		clock_gettime(CLOCK_MONOTONIC, &progress.started);
		settings.scan.show_progress = show_progress;
		settings.scan.complain = complain;
		settings.scan.state = &progress;
		code = work(&settings, &progress, &err);
		end_progress(&progress);
	}
	if (err.status < 0) {
		mc_cmd_print_error(&err);
		code = MC_EXIT_ERROR;
	}
	return mc_cmd_finish(code);
}
