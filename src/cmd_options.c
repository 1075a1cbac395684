/* SPDX-License-Identifier: MIT */
#include "cmd_options.h"

#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage_head[] =
	"Usage: muslcheck [OPTION]... PATH...\n"
	"       muslcheck ldd [OPTION]... FILE...\n"
	"       muslcheck explain RULE|SYMBOL|SONAME|DIST\n"
	"       muslcheck report [OPTION]... NDJSON...\n"
	"       muslcheck targets | libc A B\n"
	"\n"
	"Can this Python application move from python:3.x-slim to python:3.x-alpine?\n"
	"PATH is a venv, a site-packages folder, any folder, a wheel, a folder of wheels,\n"
	"a lock file (uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock), a\n"
	"requirements file, a pyproject.toml, what 'pip inspect' or 'pip install\n"
	"--report' wrote, a Dockerfile, or an image's tar ('docker save', an OCI layout,\n"
	"'docker export'). '-' is an image's tar on stdin, or a list of paths, which is\n"
	"answered with a line of JSON (ndjson) for each.\n"
	"Every native file is held against the libc, the loader's rules and the libraries\n"
	"of the image, and the answer is alpine or slim, with the evidence.\n";

static const char usage_tail[] = "\nExit: 0 alpine, 1 slim, 2 the work could not be done.\n";

/* ---- what options set ---- */

typedef enum mc_status take_option(struct mc_settings *s, const char *name, const char *text,
				   struct mc_error *err);

#define TAKE_TEXT(function, field)                                                             \
	static enum mc_status function(struct mc_settings *s, const char *name, const char *text, \
				       struct mc_error *err)                                    \
	{                                                                                      \
		(void)name, (void)err;                                                         \
		s->field = text;                                                               \
		return MC_OK;                                                                  \
	}

#define TAKE_FLAG(function, field, value)                                                      \
	static enum mc_status function(struct mc_settings *s, const char *name, const char *text, \
				       struct mc_error *err)                                    \
	{                                                                                      \
		(void)name, (void)text, (void)err;                                             \
		s->field = value;                                                              \
		return MC_OK;                                                                  \
	}

TAKE_TEXT(take_target, scan.target)
TAKE_TEXT(take_against, scan.against)
TAKE_TEXT(take_sysroot, scan.sysroot)
TAKE_TEXT(take_libc, scan.libc_path)
TAKE_TEXT(take_resume, resume)
TAKE_TEXT(take_facts_dir, facts_dir)
TAKE_TEXT(take_waivers, waivers)
TAKE_TEXT(take_baseline, baseline)
TAKE_TEXT(take_write_baseline, write_baseline)
TAKE_TEXT(take_cache, scan.index.cache_dir)
TAKE_FLAG(take_no_waivers, no_waivers, true)
TAKE_FLAG(take_verbose, style.show_all, true)
TAKE_FLAG(take_copy, scan.question, MC_SCAN_COPY)
TAKE_FLAG(take_dockerfile, format, &mc_report_dockerfile)
TAKE_FLAG(take_no_sources, scan.no_sources, true)
TAKE_FLAG(take_no_sandbox, sandbox, MC_SANDBOX_MODE_OFF)
TAKE_FLAG(take_offline, scan.index.is_offline, true)

static enum mc_status has_room(const char *name, size_t count, size_t room, struct mc_error *err)
{
	return count < room ? MC_OK
			    : mc_fail(err, MC_ERR_USAGE, name, "given more than %zu times", room);
}

static enum mc_status take_python(struct mc_settings *s, const char *name, const char *text,
				  struct mc_error *err)
{
	s->scan.python_minor = mc_cmd_python_minor(text);
	return s->scan.python_minor
		       ? MC_OK
		       : mc_fail(err, MC_ERR_USAGE, name, "%s is no version like 3.12", text);
}

static enum mc_status take_machine(struct mc_settings *s, const char *name, const char *text,
				   struct mc_error *err)
{
	s->scan.machine = mc_machine_of_name(text);
	return s->scan.machine ? MC_OK
			       : mc_fail(err, MC_ERR_USAGE, name,
					 "%s is none of x86_64, aarch64, armv7l, i686, ppc64le, s390x, "
					 "riscv64",
					 text);
}

/* --confirm, --confirm=LOADER */
static enum mc_status take_confirm(struct mc_settings *s, const char *name, const char *text,
				   struct mc_error *err)
{
	s->scan.confirm = true;
	s->scan.confirm_loader = text;
	return !text || *text ? MC_OK : mc_fail(err, MC_ERR_UNSUPPORTED, name, "no loader is named");
}

static enum mc_status take_jobs(struct mc_settings *s, const char *name, const char *text,
				struct mc_error *err)
{
	char *end;
	unsigned long jobs = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !jobs || jobs > 64)
		return mc_fail(err, MC_ERR_USAGE, name, "%.100s is no number from 1 to 64", text);
	s->scan.jobs = (unsigned)jobs;
	return MC_OK;
}

/* --shard 2/8 */
static enum mc_status take_shard(struct mc_settings *s, const char *name, const char *text, struct mc_error *err)
{
	char *end;
	unsigned long shard = strtoul(text, &end, 10), shards = *end == '/' ? strtoul(end + 1, &end, 10) : 0;

	if (*text < '0' || *text > '9' || *end || !shard || shard > shards || shards > 1000000)
		return mc_fail(err, MC_ERR_USAGE, name, "%.100s is no shard like 2/8, from 1/8 to 8/8", text);
	s->shard = (unsigned)shard;
	s->shards = (unsigned)shards;
	return MC_OK;
}

static enum mc_status take_links(struct mc_settings *s, const char *name, const char *text,
				 struct mc_error *err)
{
	MC_TRY(has_room(name, s->scan.find_links_count, MC_LISTS_MAX, err));
	s->links[s->scan.find_links_count++] = text;
	return MC_OK;
}

/* --index, --index=tags, --index=wheels */
static enum mc_status take_index(struct mc_settings *s, const char *name, const char *text,
				 struct mc_error *err)
{
	s->scan.question = MC_SCAN_REINSTALL;
	s->scan.is_by_tag = text && !strcmp(text, "tags");
	if (!text || s->scan.is_by_tag || !strcmp(text, "wheels"))
		return MC_OK;
	return mc_fail(err, MC_ERR_USAGE, name, "%.100s is none of tags, wheels; a URL goes to --index-url",
		       text);
}

static enum mc_status take_index_url(struct mc_settings *s, const char *name, const char *text,
				     struct mc_error *err)
{
	(void)name, (void)err;
	s->scan.question = MC_SCAN_REINSTALL;
	s->scan.index.index_url = text;
	return MC_OK;
}

static enum mc_status take_extra_url(struct mc_settings *s, const char *name, const char *text,
				     struct mc_error *err)
{
	s->scan.question = MC_SCAN_REINSTALL;
	MC_TRY(has_room(name, s->scan.index.extra_urls_count, MC_LISTS_MAX, err));
	s->extra_urls[s->scan.index.extra_urls_count++] = text;
	return MC_OK;
}

static enum mc_status take_extra(struct mc_settings *s, const char *name, const char *text,
				 struct mc_error *err)
{
	MC_TRY(has_room(name, s->scan.wish.extras_count, MC_LISTS_MAX, err));
	s->extras[s->scan.wish.extras_count++] = mc_str_of(text);
	return MC_OK;
}

static enum mc_status take_group(struct mc_settings *s, const char *name, const char *text,
				 struct mc_error *err)
{
	MC_TRY(has_room(name, s->scan.wish.groups_count, MC_LISTS_MAX, err));
	s->groups[s->scan.wish.groups_count++] = mc_str_of(text);
	return MC_OK;
}

static const struct mc_report_format *const formats[] = {
	&mc_report_text,   &mc_report_json, &mc_report_ndjson, &mc_report_summary, &mc_report_sarif,	   &mc_report_junit,
	&mc_report_github, &mc_report_gitlab, &mc_report_markdown, &mc_report_html,   &mc_report_dockerfile,
	&mc_report_dockerfile_target};

enum { FORMATS_COUNT = sizeof(formats) / sizeof(*formats) };

static const struct mc_report_format *format_of(const char *name, size_t nbytes)
{
	for (size_t i = 0; i < FORMATS_COUNT; i++)
		if (strlen(formats[i]->name) == nbytes && !memcmp(formats[i]->name, name, nbytes))
			return formats[i];
	return NULL;
}

static enum mc_status take_format(struct mc_settings *s, const char *name, const char *text,
				  struct mc_error *err)
{
	s->format = format_of(text, strlen(text));
	s->has_format = true;
	return s->format ? MC_OK
			 : mc_fail(err, MC_ERR_USAGE, name, "%.60s is none of text, json, ndjson, summary, sarif, junit, github, gitlab, "
						   "markdown, html, dockerfile, dockerfile-target", text);
}

static enum mc_status take_output(struct mc_settings *s, const char *name, const char *text,
				  struct mc_error *err)
{
	const char *equals = strchr(text, '=');
	struct mc_output output = {.path = text};

	MC_TRY(has_room(name, s->outputs_count, MC_OUTPUTS_MAX, err));
	if (equals && (output.format = format_of(text, (size_t)(equals - text))))
		output.path = equals + 1;
	if (!strcmp(output.path, "-"))
		output.path = NULL;
	s->outputs[s->outputs_count++] = output;
	return MC_OK;
}

/* --sandbox, --sandbox=require */
static enum mc_status take_sandbox(struct mc_settings *s, const char *name, const char *text,
				   struct mc_error *err)
{
	bool is_required = text && !strcmp(text, "require");

	s->sandbox = is_required ? MC_SANDBOX_MODE_REQUIRED : MC_SANDBOX_MODE_AUTO;
	return is_required || !text || !strcmp(text, "auto")
		       ? MC_OK
		       : mc_fail(err, MC_ERR_USAGE, name, "%.100s is none of auto, require", text);
}

static enum mc_status take_read(struct mc_settings *s, const char *name, const char *text,
				struct mc_error *err)
{
	MC_TRY(has_room(name, s->reads_count, MC_LISTS_MAX, err));
	s->reads[s->reads_count++] = text;
	return MC_OK;
}

static enum mc_status take_fail_on(struct mc_settings *s, const char *name, const char *text,
				   struct mc_error *err)
{
	s->has_fail_on = true;
	s->scan.fail_never = !strcmp(text, "never");
	if (s->scan.fail_never)
		return MC_OK;
	for (int level = MC_SEVERITY_NOTE; level <= MC_SEVERITY_ERROR; level++) {
		if (!strcmp(text, mc_severity_name((enum mc_severity)level))) {
			s->scan.fail_on = (enum mc_severity)level;
			return MC_OK;
		}
	}
	return mc_fail(err, MC_ERR_USAGE, name, "%.100s is none of error, warning, note, never", text);
}

/* It stands in attributes and in what others follow.  */
static enum mc_status take_docs_url(struct mc_settings *s, const char *name, const char *text,
				    struct mc_error *err)
{
	struct mc_str url = mc_str_of(text);

	if (!mc_str_starts(url, MC_STR("https://")) && !mc_str_starts(url, MC_STR("http://")) &&
	    !mc_str_starts(url, MC_STR("file:///")))
		return mc_fail(err, MC_ERR_USAGE, name, "%.100s is no URL", text);
	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] <= ' ' || url.ptr[i] >= 0x7f || strchr("\"<>\\^`{|}", url.ptr[i]))
			return mc_fail(err, MC_ERR_USAGE, name, "a byte in it is none of a URL's");
	s->style.docs_url = text;
	return MC_OK;
}

static enum mc_status take_color(struct mc_settings *s, const char *name, const char *text,
				 struct mc_error *err)
{
	if (!strcmp(text, "always"))
		s->style.use_color = true;
	else if (!strcmp(text, "never"))
		s->style.use_color = false;
	else if (!strcmp(text, "auto"))
		s->style.use_color = mc_cmd_wants_color();
	else
		return mc_fail(err, MC_ERR_USAGE, name, "%.100s is none of auto, always, never", text);
	return MC_OK;
}

/* ---- the table ---- */

static const struct {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* NULL: takes none; "[=X]": may be left out */
	take_option *take;    /* NULL: help and version, which end the program */
	const char *help;     /* lines of at most 56 characters */
} table[] = {
	{"target", 0, " IMAGE", take_target,
	 "the image to move to (default: the newest alpine of\n"
	 "the venv's or wheel's Python); see 'muslcheck targets';\n"
	 "or the path of a real one: its tar, or a folder"},
	{"against", 0, " IMAGE", take_against, "the image to stay on otherwise (default: its slim)"},
	{"sysroot", 0, " DIR", take_sysroot,
	 "the folder of a real image's root file system: its\n"
	 "loader, libraries and Python in the place of tables"},
	{"python", 0, " 3.X", take_python, "the Python, where PATH does not tell"},
	{"machine", 0, " NAME", take_machine, "the processor, where PATH does not tell (x86_64)"},
	{"copy", 0, NULL, take_copy,
	 "would these very files run there?  Nothing is asked\n"
	 "of an index; the question for wheels anyway"},
	{"index", 0, "[=tags]", take_index,
	 "ask the package index that pip is configured with what\n"
	 "pip would install there, for wheels too; tags: judge by\n"
	 "file names alone, fetch no wheel"},
	{"index-url", 0, " URL", take_index_url, "the same, of that index"},
	{"extra-index-url", 0, " URL", take_extra_url, "one more index; may be given several times"},
	{"find-links", 0, " DIR", take_links,
	 "wheels and source archives that pip would find (a\n"
	 "wheelhouse), and no index; may be given several times"},
	{"offline", 0, NULL, take_offline, "ask no server; what is in the cache will do"},
	{"cache-dir", 0, " DIR", take_cache, "where answers and wheels of an index are kept"},
	{"extra", 0, " NAME", take_extra, "of a locked project, to be installed with it"},
	{"group", 0, " NAME", take_group, "a dependency group of a locked project, likewise"},
	{"libc", 0, " FILE", take_libc,
	 "take exports and rules from a real musl loader; without\n"
	 "--target no library but that libc is there"},
	{"confirm", 0, "[=LOADER]", take_confirm,
	 "the proof: run musl's own loader (of this host) on each\n"
	 "judged file, in a sandbox, and see whether it agrees"},
	{"no-sources", 0, NULL, take_no_sources,
	 "read no Python sources; what may behave differently\n"
	 "(MC401 to MC413) is then told of native files alone"},
	{"jobs", 'j', " N", take_jobs, "threads that read wheels (default: one a processor)"},
	{"cache", 0, " DIR", take_facts_dir,
	 "keep what was read of wheels in DIR: those that are\n"
	 "there are known by their SHA-256 and not read again"},
	{"format", 0, " FORMAT", take_format,
	 "text (default), json, ndjson (a line for each PATH, and\n"
	 "for each wheel of a folder of wheels), summary (what\n"
	 "many come to), sarif, junit, github (annotations),\n"
	 "gitlab (code quality), markdown, html (one page),\n"
	 "dockerfile (for the image that is advised),\n"
	 "dockerfile-target (for --target anyway)"},
	{"shard", 0, " I/N", take_shard,
	 "ndjson: only the I-th of N parts of the inputs; which\n"
	 "part one is in, its name alone says"},
	{"resume", 0, " FILE", take_resume,
	 "ndjson into FILE, behind what is there: inputs that it\n"
	 "has are left out, a line that was cut is written anew"},
	{"dockerfile", 0, NULL, take_dockerfile, "the same as --format dockerfile"},
	{"output", 'o', " [FORMAT=]FILE", take_output,
	 "write a report to FILE; may be given several times:\n"
	 "one scan is behind them all"},
	{"fail-on", 0, " LEVEL", take_fail_on,
	 "error (default), warning, note or never: what stands\n"
	 "against alpine besides files that do not load"},
	{"waivers", 0, " FILE", take_waivers,
	 "findings that somebody answers for, each with a reason\n"
	 "and an expiry, and settings; default: muslcheck.toml\n"
	 "here, if there is one; docs/waivers.md"},
	{"no-waivers", 0, NULL, take_no_waivers, "leave all of them out, and the settings"},
	{"baseline", 0, " FILE", take_baseline, "findings that are in it stand against nothing"},
	{"write-baseline", 0, " FILE", take_write_baseline, "write one with all that is found now"},
	{"docs-url", 0, " URL", take_docs_url,
	 "where the pages of docs/ are for who reads a report:\n"
	 "sarif and html link to those of the rules"},
	{"sandbox", 0, "[=require]", take_sandbox,
	 "the kernel keeps this process to the files it needs\n"
	 "(default: as far as it can); require: or fail;\n"
	 "docs/sandbox.md"},
	{"no-sandbox", 0, NULL, take_no_sandbox, "without that"},
	{"allow-read", 0, " DIR", take_read,
	 "one more folder that may be read in the sandbox, for\n"
	 "links and editable installs; may be given several times"},
	{"color", 0, " WHEN", take_color, "auto (default), always, never; NO_COLOR is heeded"},
	{"verbose", 'v', NULL, take_verbose, "list the dists that are fine, and the notes"},
	{"help", 'h', NULL, NULL, "this text"},
	{"version", 'V', NULL, NULL, "the version"},
};

enum { TABLE_COUNT = sizeof(table) / sizeof(*table), HELP_COLUMN = 24 };

static void print_usage(void)
{
	fputs(usage_head, stdout);
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		const char *argument = table[i].argument ? table[i].argument : "";
		int at;

		at = table[i].letter ? printf("\n  -%c, ", table[i].letter) : printf("\n      ");
		at += printf("--%s%s", table[i].name, argument) - 1;
		if (at > HELP_COLUMN - 2) {
			putchar('\n');
			at = 0;
		}
		printf("%*s", HELP_COLUMN - at, "");
		for (const char *c = table[i].help; *c; c++) {
			putchar(*c);
			if (*c == '\n')
				printf("%*s", HELP_COLUMN, "");
		}
	}
	putchar('\n');
	fputs(usage_tail, stdout);
}

/* All that the argument of an option can be, where there is such a list.  */
static void print_words(take_option *take)
{
	static const struct {
		take_option *take;
		const char *words;
	} lists[] = {
		{take_machine, "x86_64 aarch64 armv7l i686 ppc64le s390x riscv64"},
		{take_index, "tags wheels"},
		{take_fail_on, "error warning note never"},
		{take_sandbox, "auto require"},
		{take_color, "auto always never"},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (lists[i].take == take)
			fputs(lists[i].words, stdout);
	for (size_t i = 0; i < FORMATS_COUNT && (take == take_format || take == take_output); i++)
		printf("%s%s", i ? " " : "", formats[i]->name);
}

/* An option a line, for what is made of them: letter, name, argument, its words, help; tabs between.  */
static void print_table(void)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		if (table[i].letter)
			putchar(table[i].letter);
		printf("\t%s\t%s\t", table[i].name, table[i].argument ? table[i].argument : "");
		print_words(table[i].take);
		putchar('\t');
		for (const char *c = table[i].help; *c; c++)
			putchar(*c == '\n' ? ' ' : *c);
		putchar('\n');
	}
}

static enum mc_status take(struct mc_settings *s, size_t i, const char *text, bool *ends_out,
			   struct mc_error *err)
{
	char name[32];

	*ends_out = !table[i].take;
	if (!table[i].take) {
		if (table[i].letter == 'h' && text && !strcmp(text, "table"))
			print_table();
		else if (table[i].letter == 'h')
			print_usage();
		else
			puts("muslcheck " MC_VERSION);
		return MC_OK;
	}
	snprintf(name, sizeof(name), "--%s", table[i].name);
	return table[i].take(s, name, text, err);
}

enum mc_status mc_settings_set(struct mc_settings *s, const char *name, const char *text, struct mc_error *err)
{
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (table[i].take && !strcmp(table[i].name, name))
			return table[i].take(s, table[i].name, text, err);
	return mc_fail(err, MC_ERR_USAGE, name, "no such option");
}

/* Letters and table for mc_cmd_option(); a letter is known by its place in the table, plus 256.  */
static void make_tables(struct option options[static TABLE_COUNT + 1],
			char letters[static 3 * TABLE_COUNT + 2])
{
	char *end = letters;

	*end++ = ':';

	for (size_t i = 0; i < TABLE_COUNT; i++) {
		/* "--help=table" is for packaging/, and for no one to read.  */
		options[i] = (struct option){table[i].name,
					     table[i].letter == 'h'	    ? optional_argument
					     : !table[i].argument	    ? no_argument
					     : table[i].argument[0] == '[' ? optional_argument
									    : required_argument,
					     NULL, 256 + (int)i};
		if (!table[i].letter)
			continue;
		*end++ = table[i].letter;
		if (table[i].argument)
			*end++ = ':';
	}
	*end = '\0';
	options[TABLE_COUNT] = (struct option){NULL, 0, NULL, 0};
}

static size_t place_of(int option)
{
	size_t i = 0;

	if (option >= 256)
		return (size_t)option - 256;
	while (i < TABLE_COUNT && table[i].letter != option)
		i++;
	return i;
}

/* Where the lists are; a struct that is copied would point to the old ones.  */
static void connect(struct mc_settings *s)
{
	s->scan.find_links = s->links;
	s->scan.index.extra_urls = s->extra_urls;
	s->scan.wish.extras = s->extras;
	s->scan.wish.groups = s->groups;
}

int mc_settings_read(struct mc_settings *s, int argc, char **argv, int *code_out, struct mc_error *err)
{
	struct option options[TABLE_COUNT + 1];
	char letters[3 * TABLE_COUNT + 2];
	int option;

	*s = (struct mc_settings){.format = &mc_report_text,
				  .scan = {.fail_on = MC_SEVERITY_ERROR},
				  .sandbox = MC_SANDBOX_DEFAULT};
	*code_out = MC_EXIT_ERROR;
	connect(s);
	s->style.columns = mc_cmd_columns();
	(void)!take_color(s, "--color", "auto", err);
	make_tables(options, letters);
	while ((option = mc_cmd_option(argc, argv, letters, options)) != -1) {
		bool ends = false;

		if (option == '?') {
			fputs("Try 'muslcheck --help'.\n", stderr);
			return 1;
		}
		if (take(s, place_of(option), optarg, &ends, err))
			return 1;
		if (ends) {
			*code_out = MC_EXIT_YES;
			return 1;
		}
	}
	s->paths = (const char *const *)(argv + optind);
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
