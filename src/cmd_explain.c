/* SPDX-License-Identifier: MIT */
/* muslcheck explain WORD... - what the rules and the tables say of it.  */
#include "cmd.h"
#include "dist.h"
#include "file.h"
#include "muslcheck/explain.h"
#include "report_read.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: muslcheck explain [--report FILE] RULE|SYMBOL|SONAME|DIST...\n"
	"What a rule means (MC101, missing-symbol), who exports a symbol\n"
	"(__register_atfork, memcpy@GLIBC_2.14), who answers for a library's name\n"
	"(libgomp.so.1), and, of a JSON report (muslcheck -o json=FILE ...), all\n"
	"that was found of a dist.\n"
	"\n"
	"  --report FILE   the report; default: muslcheck.json, where there is one\n"
	"\n"
	"Exit: 0, or 2 when nothing is known of a word.\n";

#define DEFAULT_REPORT "muslcheck.json"

enum { LABEL_COLUMNS = 11 };

/* What words are looked up in.  */
struct desk {
	struct mc_paper paper;
	const char *report_path; /* NULL: none */
	struct mc_str report;
};

/* "  what     text", wrapped behind the label.  */
static void put_row(struct desk *d, const char *label, const char *text)
{
	char padded[LABEL_COLUMNS + 1];

	if (!*text)
		return;
	mc_indent(&d->paper, 2);
	snprintf(padded, sizeof(padded), "%-*s", LABEL_COLUMNS - 2, label);
	mc_put_mark(&d->paper, padded);
	mc_put_words(&d->paper, mc_str_of(text), LABEL_COLUMNS);
	mc_end_line(&d->paper);
}

static void put_title(struct desk *d, struct mc_str word, const char *kind)
{
	mc_start(&d->paper, MC_BOLD);
	mc_put_word(&d->paper, word, 0);
	mc_stop(&d->paper, MC_BOLD);
	mc_put_mark(&d->paper, ": ");
	mc_put_mark(&d->paper, kind);
	mc_end_line(&d->paper);
}

/* How both libcs were seen to behave.  */
static void put_measured(struct desk *d, const char *code)
{
	bool is_first = true;

	for (size_t i = 0; i < mc_measured_count; i++) {
		const struct mc_measured *m = &mc_measured[i];

		if (strcmp(m->rule, code))
			continue;
		put_row(d, is_first ? "measured" : "",
			mc_arena_printf(&d->paper.arena, "%s: %s", m->what, m->text).ptr);
		is_first = false;
	}
	if (!is_first)
		put_row(d, "", "(all of it: docs/behaviour.md)");
}

static void put_rule(struct desk *d, const struct mc_rule_text *rule)
{
	put_title(d, mc_arena_printf(&d->paper.arena, "%s %s", rule->code, rule->name), "rule");
	put_row(d, "what", rule->what);
	put_row(d, "error", *rule->when_error ? rule->when_error : "never");
	put_row(d, "do", rule->what_to_do);
	put_measured(d, rule->code);
	put_row(d, "page", mc_arena_printf(&d->paper.arena, "docs/rules/%s.md", rule->code).ptr);
}

static void put_answers(struct desk *d, struct mc_str word, const char *kind,
			const struct mc_answer *answers, size_t count)
{
	put_title(d, word, kind);
	for (size_t i = 0; i < count; i++) {
		mc_indent(&d->paper, 2);
		mc_put_words(&d->paper, answers[i].who, 4);
		mc_put_mark(&d->paper, ":");
		mc_put_words(&d->paper, answers[i].text, 4);
		mc_end_line(&d->paper);
	}
}

/* What the finding would be, and the way out.  */
static void put_class(struct desk *d, struct mc_str word)
{
	struct mc_str name = mc_str_cut(&word, '@');
	const struct mc_name_class *c = mc_name_class(name);
	const char *trap = mc_explain_trap(name);

	if (c->name_class != MC_CLASS_NONE) {
		put_row(d, "class", mc_class_name(c->name_class));
		put_row(d, "finding", "MC101 where musl lacks it");
		put_row(d, "package", c->package ? c->package : "");
		put_row(d, "instead", c->replacement ? c->replacement : "");
		put_row(d, "gcompat", c->in_gcompat ? "has it, preloaded" : "does not have it");
	}
	if (trap)
		put_row(d, "finding", mc_arena_printf(&d->paper.arena,
						      "%s in files that were linked to glibc", trap).ptr);
}

static bool is_soname(struct mc_str word)
{
	return mc_str_find(word, MC_STR(".so"), NULL);
}

static enum mc_status explain_soname(struct desk *d, struct mc_str word, struct mc_error *err)
{
	struct mc_str near[4], line = MC_STR("");
	const struct mc_answer *answers;
	size_t count, near_count;

	MC_TRY(mc_explain_soname(word, &d->paper.arena, &answers, &count, err));
	put_answers(d, word, "library", answers, count);
	/* The same of all images: nobody has it, or nothing is to be asked.  */
	near_count = count == 1 ? mc_explain_near_soname(word, near, 4) : 0;
	for (size_t i = 0; i < near_count; i++)
		line = mc_arena_printf(&d->paper.arena, "%.*s%s%.*s", MC_TEXT(line), i ? ", " : "",
				       MC_TEXT(near[i]));
	put_row(d, "near", line.ptr);
	return MC_OK;
}

static enum mc_status fail_unknown(const struct desk *d, struct mc_str word, struct mc_error *err)
{
	struct mc_str near[3] = {{"", 0}, {"", 0}, {"", 0}};
	size_t count = mc_explain_near(word, near, 3);

	return mc_fail(err, MC_ERR_NOT_FOUND, word.ptr,
		       "no rule, and a symbol of no table%s%s%.*s%s%.*s%s%.*s",
		       d->report_path ? ", nor a dist of the report" : "", count ? "; near are " : "",
		       MC_TEXT(near[0]), count > 1 ? ", " : "", MC_TEXT(near[1]), count > 2 ? ", " : "",
		       MC_TEXT(near[2]));
}

/* A word may be several: strerror_r is a symbol and the name of a rule, time a symbol and a dist.  */
static enum mc_status explain(struct desk *d, struct mc_str word, struct mc_error *err)
{
	const struct mc_rule_text *rule = mc_explain_rule(word);
	const struct mc_answer *answers;
	size_t count, dists = 0;
	struct mc_str name;

	if (rule)
		put_rule(d, rule);
	if (d->report_path) {
		if (mc_dist_normalise(&d->paper.arena, word, &name))
			return mc_no_memory(err);
		MC_TRY(mc_report_put_dist(&d->paper, d->report, d->report_path, name, &dists, err));
	}
	if (is_soname(word))
		return explain_soname(d, word, err);
	MC_TRY(mc_explain_symbol(word, &d->paper.arena, &answers, &count, err));
	if (!count)
		return rule || dists ? MC_OK : fail_unknown(d, word, err);
	put_answers(d, word, "symbol", answers, count);
	put_class(d, word);
	return MC_OK;
}

/* The report that was asked for, or the one that lies there.  */
static enum mc_status open_report(struct desk *d, struct mc_error *err)
{
	if (!d->report_path && access(DEFAULT_REPORT, R_OK))
		return MC_OK;
	if (!d->report_path)
		d->report_path = DEFAULT_REPORT;
	return mc_read_whole(&d->paper.arena, d->report_path, MC_REPORT_NBYTES_MAX, &d->report, err);
}

static int explain_words(struct desk *d, char **words, struct mc_error *err)
{
	int code = MC_EXIT_YES;

	if (open_report(d, err) < 0)
		return MC_EXIT_ERROR;
	for (; *words; words++) {
		struct mc_mark mark = mc_arena_mark(&d->paper.arena);
		struct mc_error why = MC_ERROR_INIT;

		if (explain(d, mc_str_of(*words), &why) < 0) {
			fflush(stdout);
			mc_cmd_print_error(&why);
			code = MC_EXIT_ERROR;
		}
		mc_arena_rewind(&d->paper.arena, mark);
	}
	return code;
}

int mc_cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'},
						{"report", required_argument, NULL, 'r'},
						{NULL, 0, NULL, 0}};
	struct mc_error err = MC_ERROR_INIT;
	struct desk desk = {.report_path = NULL};
	int option, code = MC_EXIT_ERROR;

	while ((option = mc_cmd_option(argc, argv, ":h", options)) != -1) {
		switch (option) {
		case 'h': fputs(usage, stdout); return mc_cmd_finish(MC_EXIT_YES);
		case 'r': desk.report_path = optarg; break;
		default: fputs("Try 'muslcheck explain --help'.\n", stderr); return MC_EXIT_ERROR;
		}
	}
	mc_paper_open(&desk.paper, stdout, mc_cmd_columns(), mc_cmd_wants_color());
	if (optind == argc)
		mc_fail(&err, MC_ERR_USAGE, "explain", "a word is wanted; try 'muslcheck explain --help'");
	else
		code = explain_words(&desk, argv + optind, &err);
	mc_paper_close(&desk.paper);
	if (err.status < 0)
		mc_cmd_print_error(&err);
	return mc_cmd_finish(code);
}
