/* SPDX-License-Identifier: MIT */
/* muslcheck PATH... - judge venvs, trees and wheels.  */
#include "cmd.h"
#include "muslcheck/libc_file.h"
#include "muslcheck/pep440.h"
#include "muslcheck/report.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
	"Usage: muslcheck [OPTION]... PATH...\n"
	"       muslcheck ldd [OPTION]... FILE...\n"
	"       muslcheck targets | libc A B\n"
	"\n"
	"Can this Python application move from python:3.x-slim to python:3.x-alpine?\n"
	"PATH is a venv, a site-packages folder, any folder, a wheel, or a folder of wheels.\n"
	"Every native file is held against the libc, the loader's rules and the libraries\n"
	"of the image, and the answer is alpine or slim, with the evidence.\n"
	"\n"
	"  --target IMAGE      the image to move to (default: the newest alpine of the\n"
	"                      venv's or wheel's Python); see 'muslcheck targets'\n"
	"  --against IMAGE     the image to stay on otherwise (default: its slim)\n"
	"  --python 3.X        the Python, where PATH does not tell\n"
	"  --find-links DIR    wheels and source archives that pip would find (a wheelhouse):\n"
	"                      dists that do not run as they are are judged by what pip\n"
	"                      would take from there; may be given several times\n"
	"  --libc FILE         take exports and rules from a real musl loader; without\n"
	"                      --target no library but that libc is there\n"
	"  --format FORMAT     text (default) or json\n"
	"  -o [FORMAT=]FILE    write a report to FILE; may be given several times\n"
	"  --fail-on LEVEL     error (default), warning, note or never: what stands\n"
	"                      against alpine besides files that do not load\n"
	"  --color WHEN        auto (default), always, never; NO_COLOR is heeded\n"
	"  -v, --verbose       list the dists that are fine, and the notes\n"
	"  -h, --help          this text\n"
	"  -V, --version       the version\n"
	"\n"
	"Exit: 0 alpine, 1 slim, 2 the work could not be done.\n";

enum { OUTPUTS_MAX = 16, LINKS_MAX = 16 };

struct output {
	const struct mc_report_format *format;
	const char *path; /* NULL: stdout */
};

struct settings {
	const char *target, *against, *libc_path;
	const char *links[LINKS_MAX]; /* --find-links */
	size_t links_count;
	unsigned minor;
	struct mc_report_style style;
	struct output outputs[OUTPUTS_MAX];
	size_t outputs_count;
	const struct mc_report_format *format;
	enum mc_severity fail_on;
	bool fail_never;
	char **paths;
	size_t paths_count;
};

/* One run: what was gathered so far.  */
struct run {
	struct mc_arena arena;
	struct mc_objects objects;
	const struct mc_dist **dists;
	size_t dists_count, dists_room;
	bool has_error; /* a PATH could not be opened */
	struct timespec started;
	size_t wheels_done, wheels_count;
	bool shows_progress;
	struct mc_arena wheels_arena; /* of the wheels that pip would take */
	struct mc_libc bare_libc; /* what --libc stands for in reports */
};

/* ---- progress ---- */

static void show_progress(struct run *run, const char *path)
{
	struct timespec now;
	double seconds;

	if (!run->shows_progress)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = (double)(now.tv_sec - run->started.tv_sec) +
		  (double)(now.tv_nsec - run->started.tv_nsec) / 1e9;
	if (seconds < 0.5)
		return;
	fprintf(stderr, "\r\033[K%zu/%zu ", run->wheels_done, run->wheels_count);
	mc_text_put(stderr, mc_str_of(path));
}

static void end_progress(const struct run *run)
{
	if (run->shows_progress)
		fputs("\r\033[K", stderr);
}

/* ---- gathering ---- */

static enum mc_status keep_dist(struct run *run, const struct mc_dist *dist, struct mc_error *err)
{
	if (run->dists_count == run->dists_room) {
		size_t room = run->dists_room ? run->dists_room * 2 : 64;
		const struct mc_dist **more = MC_TAKE_ARRAY(&run->arena, const struct mc_dist *, room);

		if (!more)
			return mc_no_memory(err);
		if (run->dists_count)
			memcpy(more, run->dists, run->dists_count * sizeof(*more));
		run->dists = more;
		run->dists_room = room;
	}
	run->dists[run->dists_count++] = dist;
	return MC_OK;
}

/* A wheel that could not be opened at all is a dist of which nothing is known.  */
static enum mc_status keep_unreadable(struct run *run, const char *path, const struct mc_error *why,
				      struct mc_error *err)
{
	struct mc_dist *dist = MC_TAKE(&run->arena, struct mc_dist);
	const char *name = strrchr(path, '/');

	if (!dist || mc_arena_copy(&run->arena, mc_str_of(path), &dist->path))
		return mc_no_memory(err);
	dist->kind = MC_DIST_WHEEL;
	dist->name = mc_arena_printf(&run->arena, "%s", name ? name + 1 : path);
	dist->status = why->status;
	dist->problem = why->sys_errno
				? mc_arena_printf(&run->arena, "%s: %s", why->text, strerror(why->sys_errno))
				: mc_arena_printf(&run->arena, "%s", why->text);
	return keep_dist(run, dist, err);
}

/* All of an open source: its native members, then its dists.  */
static enum mc_status gather_members(struct run *run, struct mc_source *source, struct mc_error *err)
{
	const struct mc_dist *const *dists;
	struct mc_member member;
	enum mc_status status;
	size_t count;

	while ((status = mc_source_next(source, &member, err)) == MC_OK) {
		struct mc_object *object;

		MC_TRY(mc_objects_add_member(&run->objects, source, &member, &object, err));
	}
	MC_TRY(status);
	dists = mc_source_dists(source, &count);
	for (size_t i = 0; i < count; i++)
		MC_TRY(keep_dist(run, dists[i], err));
	return MC_OK;
}

static enum mc_status gather(struct run *run, const char *path, bool is_given, struct mc_error *err)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_source *source;
	const char *const *wheels;
	enum mc_status status;
	size_t count;

	show_progress(run, path);
	status = mc_source_open(path, NULL, &run->arena, &source, &why);
	if (status == MC_ERR_NOMEM)
		return mc_fail(err, MC_ERR_NOMEM, path, "out of memory");
	if (status < 0) {
		if (!why.subject[0])
			snprintf(why.subject, sizeof(why.subject), "%s", path);
		end_progress(run);
		mc_cmd_print_error(&why);
		if (is_given && (status == MC_ERR_IO || status == MC_ERR_NOT_FOUND)) {
			run->has_error = true;
			return MC_OK;
		}
		return keep_unreadable(run, path, &why, err);
	}
	status = gather_members(run, source, err);
	wheels = mc_source_wheels(source, &count);
	run->wheels_count += count;
	mc_source_close(source); /* what it handed out lives in the arena */
	MC_TRY(status);
	for (size_t i = 0; i < count; i++) {
		MC_TRY(gather(run, wheels[i], false, err));
		run->wheels_done++;
	}
	return MC_OK;
}

/* ---- judging ---- */

/* The Python that the run is for: the newest one that a dist or a module names.  */
static unsigned newest_minor(const struct run *run)
{
	unsigned newest = 0;

	for (size_t i = 0; i < run->dists_count; i++)
		if (run->dists[i]->python_minor > newest)
			newest = run->dists[i]->python_minor;
	for (size_t i = 0; !newest && i < run->objects.count; i++)
		newest = mc_suffix_minor(run->objects.items[i]->path);
	return newest;
}

static enum mc_status choose_images(const struct settings *s, struct run *run,
				    struct mc_libc_file *libc, struct mc_judge_options *o,
				    struct mc_error *err)
{
	static const struct mc_export_set *const no_sets[] = {NULL};
	unsigned minor = s->minor ? s->minor : newest_minor(run);

	o->fail_on = s->fail_on;
	o->fail_never = s->fail_never;
	o->is_target_given = s->target || s->minor;
	if (s->target) {
		MC_TRY(mc_target_find(mc_str_of(s->target), &o->target, err));
		if (s->minor)
			o->target.python_minor = s->minor;
	} else {
		o->target = mc_target_default(minor, MC_LIBC_MUSL);
		if (s->libc_path)
			o->target = (struct mc_target){.name = s->libc_path,
						       .python_minor = o->target.python_minor};
	}
	if (s->libc_path) {
		run->bare_libc = (struct mc_libc){MC_LIBC_MUSL, libc->version.ptr, no_sets};
		o->libc_elf = &libc->elf;
		o->libc_version = libc->version;
		o->target.libc = &run->bare_libc;
	}
	if (s->against)
		return mc_target_find(mc_str_of(s->against), &o->against, err);
	o->against = mc_target_default(o->target.python_minor, MC_LIBC_GLIBC);
	return MC_OK;
}

/* ---- what pip would take ---- */

/*
 * Open the chosen wheel; '*dist_out' is NULL when Python is too old or new for it: pip
 * looks at that once it has the wheel, and goes on to the next file.
 */
static enum mc_status open_choice(struct run *run, const struct mc_candidate *candidate,
				  const struct mc_chooser *chooser, const struct mc_dist **dist_out, struct mc_error *err)
{
	struct mc_error why = MC_ERROR_INIT;
	const struct mc_dist *const *dists;
	struct mc_source *source;
	enum mc_status status;
	size_t count;

	*dist_out = NULL;
	status = mc_source_open(candidate->place.ptr, NULL, &run->arena, &source, &why);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(err);
	if (status < 0) {
		mc_cmd_print_error(&why);
		MC_TRY(keep_unreadable(run, candidate->place.ptr, &why, err));
		*dist_out = run->dists[run->dists_count - 1];
		return MC_OK;
	}
	dists = mc_source_dists(source, &count);
	if (mc_chooser_fits_python(chooser, dists[0]->requires_python)) {
		*dist_out = dists[0];
		status = gather_members(run, source, err);
	}
	mc_source_close(source);
	return status;
}

static enum mc_status choose(struct run *wheels, const struct mc_candidates *house,
			     const struct mc_survey *survey, const struct mc_dist_verdict *v,
			     struct mc_choice *choice, struct mc_error *err)
{
	const struct mc_libc *libc = survey->target.libc;
	struct mc_chooser chooser = {libc->family, libc->version, v->python_minor, v->machine};
	/* The version that is there, as a pin has it; without that, any.  */
	struct mc_str pin = v->dist->version.len ? mc_arena_printf(&wheels->arena, "==%.*s",
								   MC_TEXT(v->dist->version))
						 : MC_STR("");

	for (;;) {
		struct mc_candidate *candidate =
			mc_candidates_choose(house, v->dist->name, pin, &chooser);

		if (!candidate && pin.len)
			candidate = mc_candidates_choose(house, v->dist->name, MC_STR(""), &chooser);
		choice->candidate = candidate;
		if (!candidate || candidate->is_sdist)
			return MC_OK;
		MC_TRY(open_choice(wheels, candidate, &chooser, &choice->dist, err));
		if (choice->dist)
			return MC_OK;
		candidate->is_rejected = true;
	}
}

/* Answer the reinstall question in the place of the copy question.  */
static enum mc_status reinstall(const struct settings *s, struct run *run,
				const struct mc_judge_options *options, struct mc_survey *survey,
				struct mc_error *err)
{
	struct mc_choice *choices =
		MC_TAKE_ARRAY(&run->arena, struct mc_choice, survey->dists_count + 1);
	struct mc_survey chosen, copy = *survey;
	struct mc_str source = MC_STR("");
	struct mc_candidates house;
	struct run wheels = {0};
	enum mc_status status = MC_OK;

	mc_arena_init(&wheels.arena, NULL);
	mc_objects_init(&wheels.objects, &wheels.arena);
	mc_candidates_init(&house, &run->arena);
	for (size_t i = 0; !status && i < s->links_count; i++) {
		source = mc_arena_printf(&run->arena, i ? "%s, %s" : "%s%s", source.ptr, s->links[i]);
		status = mc_candidates_add_folder(&house, s->links[i], err);
	}
	if (!status && !choices)
		status = mc_no_memory(err);
	for (size_t i = 0; !status && i < copy.dists_count; i++)
		if (!mc_verdict_is_good(copy.dists[i].verdict) && copy.dists[i].dist->name.len)
			status = choose(&wheels, &house, &copy, &copy.dists[i], &choices[i], err);
	if (!status)
		status = mc_judge(wheels.dists, wheels.dists_count, &wheels.objects, options, &run->arena,
				  &chosen, err);
	if (!status)
		status = mc_reinstall(&copy, choices, &chosen, source, options, &run->arena, survey, err);
	run->wheels_arena = wheels.arena; /* findings point into it */
	return status;
}

static enum mc_status write_reports(const struct settings *s, const struct mc_survey *survey,
				    struct mc_error *err)
{
	for (size_t i = 0; i < s->outputs_count; i++) {
		const struct output *output = &s->outputs[i];
		struct mc_report_style style = s->style;
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
		if (status < 0 && !(!output->path && err->sys_errno == EPIPE))
			return status;
		*err = MC_ERROR_INIT;
		if (status < 0)
			clearerr(stdout);
	}
	return MC_OK;
}

static enum mc_status scan(const struct settings *s, struct run *run, int *code_out,
			   struct mc_error *err)
{
	struct mc_judge_options options = {0};
	struct mc_libc_file libc = {0};
	struct mc_survey survey;

	MC_TRY(mc_elf_startup(err));
	if (s->libc_path)
		MC_TRY(mc_libc_file_read(s->libc_path, &run->arena, &libc, err));
	run->wheels_count = s->paths_count;
	for (size_t i = 0; i < s->paths_count; i++) {
		MC_TRY(gather(run, s->paths[i], true, err));
		run->wheels_done++;
	}
	end_progress(run);
	if (!run->dists_count) {
		if (run->has_error)
			return MC_OK;
		return mc_fail(err, MC_ERR_NOT_FOUND, s->paths[0],
			       "no Python dist and no native file in it");
	}
	MC_TRY(choose_images(s, run, &libc, &options, err));
	MC_TRY(mc_judge(run->dists, run->dists_count, &run->objects, &options, &run->arena, &survey,
			err));
	if (s->links_count)
		MC_TRY(reinstall(s, run, &options, &survey, err));
	*code_out = survey.advice == MC_ADVICE_ALPINE ? MC_EXIT_YES : MC_EXIT_NO;
	return write_reports(s, &survey, err);
}

/* ---- the command line ---- */

static const struct mc_report_format *format_of(const char *name, size_t nbytes)
{
	static const struct mc_report_format *const formats[] = {&mc_report_text, &mc_report_json};

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strlen(formats[i]->name) == nbytes && !memcmp(formats[i]->name, name, nbytes))
			return formats[i];
	return NULL;
}

static enum mc_status add_output(struct settings *s, const char *text, struct mc_error *err)
{
	const char *equals = strchr(text, '=');
	struct output output = {.path = text};

	if (s->outputs_count == OUTPUTS_MAX)
		return mc_fail(err, MC_ERR_USAGE, "-o", "given more than %d times", OUTPUTS_MAX);
	if (equals && (output.format = format_of(text, (size_t)(equals - text))))
		output.path = equals + 1;
	if (!strcmp(output.path, "-"))
		output.path = NULL;
	s->outputs[s->outputs_count++] = output;
	return MC_OK;
}

static enum mc_status take_fail_on(struct settings *s, const char *text, struct mc_error *err)
{
	s->fail_never = !strcmp(text, "never");
	if (s->fail_never)
		return MC_OK;
	for (int level = MC_SEVERITY_NOTE; level <= MC_SEVERITY_ERROR; level++) {
		if (!strcmp(text, mc_severity_name((enum mc_severity)level))) {
			s->fail_on = (enum mc_severity)level;
			return MC_OK;
		}
	}
	return mc_fail(err, MC_ERR_USAGE, "--fail-on", "%s is none of error, warning, note, never", text);
}

static enum mc_status take_color(struct settings *s, const char *text, struct mc_error *err)
{
	const char *no_color = getenv("NO_COLOR");

	if (!strcmp(text, "always"))
		s->style.use_color = true;
	else if (!strcmp(text, "never"))
		s->style.use_color = false;
	else if (!strcmp(text, "auto"))
		s->style.use_color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	else
		return mc_fail(err, MC_ERR_USAGE, "--color", "%s is none of auto, always, never", text);
	return MC_OK;
}

static unsigned terminal_columns(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return columns ? (unsigned)strtoul(columns, NULL, 10) : 0;
}

/* 0: go on; else exit with '*code_out'.  */
static int parse(struct settings *s, int argc, char **argv, int *code_out, struct mc_error *err)
{
	static const struct option options[] = {
		{"target", required_argument, NULL, 't'},  {"against", required_argument, NULL, 'a'},
		{"python", required_argument, NULL, 'p'},  {"libc", required_argument, NULL, 'l'},
		{"format", required_argument, NULL, 'f'},  {"output", required_argument, NULL, 'o'},
		{"fail-on", required_argument, NULL, 'F'}, {"color", required_argument, NULL, 'c'},
		{"verbose", no_argument, NULL, 'v'},       {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},       {"find-links", required_argument, NULL, 'L'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*code_out = MC_EXIT_ERROR;
	while ((option = getopt_long(argc, argv, "o:vhV", options, NULL)) != -1) {
		switch (option) {
		case 't': s->target = optarg; break;
		case 'a': s->against = optarg; break;
		case 'l': s->libc_path = optarg; break;
		case 'v': s->style.show_all = true; break;
		case 'p':
			s->minor = mc_cmd_python_minor(optarg);
			if (!s->minor)
				return mc_fail(err, MC_ERR_USAGE, "--python", "%s is no version like 3.12",
					       optarg);
			break;
		case 'f':
			s->format = format_of(optarg, strlen(optarg));
			if (!s->format)
				return mc_fail(err, MC_ERR_USAGE, "--format", "%s is none of text, json",
					       optarg);
			break;
		case 'o':
			if (add_output(s, optarg, err))
				return 1;
			break;
		case 'L':
			if (s->links_count == LINKS_MAX)
				return mc_fail(err, MC_ERR_USAGE, "--find-links", "given more than %d times",
					       LINKS_MAX);
			s->links[s->links_count++] = optarg;
			break;
		case 'F':
			if (take_fail_on(s, optarg, err))
				return 1;
			break;
		case 'c':
			if (take_color(s, optarg, err))
				return 1;
			break;
		case 'h':
			fputs(usage, stdout);
			*code_out = MC_EXIT_YES;
			return 1;
		case 'V':
			puts("muslcheck " MC_VERSION);
			*code_out = MC_EXIT_YES;
			return 1;
		default: fputs("Try 'muslcheck --help'.\n", stderr); return 1;
		}
	}
	s->paths = argv + optind;
	s->paths_count = (size_t)(argc - optind);
	if (!s->paths_count)
		return mc_fail(err, MC_ERR_USAGE, NULL, "no PATH given; try 'muslcheck --help'");
	if (!s->outputs_count)
		s->outputs_count = 1;
	for (size_t i = 0; i < s->outputs_count; i++)
		if (!s->outputs[i].format)
			s->outputs[i].format = s->format;
	return 0;
}

int mc_cmd_scan(int argc, char **argv)
{
	struct settings settings = {.format = &mc_report_text, .fail_on = MC_SEVERITY_ERROR};
	struct mc_error err = MC_ERROR_INIT;
	struct run run = {0};
	int code;

	settings.style.columns = terminal_columns();
	(void)!take_color(&settings, "auto", &err);
	if (!parse(&settings, argc, argv, &code, &err)) {
		run.shows_progress = isatty(STDERR_FILENO);
		clock_gettime(CLOCK_MONOTONIC, &run.started);
		mc_arena_init(&run.arena, NULL);
		mc_objects_init(&run.objects, &run.arena);
		code = MC_EXIT_ERROR;
		if (scan(&settings, &run, &code, &err) < 0 || run.has_error)
			code = MC_EXIT_ERROR;
		mc_arena_clear(&run.arena);
		mc_arena_clear(&run.wheels_arena);
	}
	if (err.status < 0) {
		mc_cmd_print_error(&err);
		code = MC_EXIT_ERROR;
	}
	return mc_cmd_finish(code);
}
