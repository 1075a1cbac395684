/* SPDX-License-Identifier: MIT */
/* muslcheck explain WORD... - what the rules and the tables say of it.  */
#include "cmd.h"
#include "muslcheck/explain.h"
#include "text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"Usage: muslcheck explain RULE|SYMBOL|SONAME...\n"
	"What a rule means (MC101, missing-symbol), who exports a symbol (__register_atfork,\n"
	"memcpy@GLIBC_2.14), who answers for a library's name (libgomp.so.1).\n"
	"\n"
	"Exit: 0, or 2 when nothing is known of a word.\n";

static void print_rule(const struct mc_rule_text *rule)
{
	printf("%s %s: rule\n  what   %s\n  error  %s\n", rule->code, rule->name, rule->what,
	       *rule->when_error ? rule->when_error : "never");
	if (*rule->what_to_do)
		printf("  do     %s\n", rule->what_to_do);
}

static void print_answers(struct mc_str word, const char *kind, const struct mc_answer *answers,
			  size_t count)
{
	mc_text_put(stdout, word);
	printf(": %s\n", kind);
	for (size_t i = 0; i < count; i++)
		printf("  %.*s: %.*s\n", MC_TEXT(answers[i].who), MC_TEXT(answers[i].text));
}

static void print_class(struct mc_str word)
{
	const struct mc_name_class *c = mc_name_class(mc_str_cut(&word, '@'));

	if (c->name_class == MC_CLASS_NONE)
		return;
	printf("  class: %s (MC101 where musl lacks it)\n", mc_class_name(c->name_class));
	if (c->package)
		printf("  Alpine package: %s\n", c->package);
	if (c->replacement)
		printf("  instead: %s\n", c->replacement);
	printf("  gcompat, preloaded: %s\n", c->in_gcompat ? "has it" : "does not have it");
}

static bool is_soname(struct mc_str word)
{
	for (size_t i = 0; i + 3 <= word.len; i++)
		if (!memcmp(word.ptr + i, ".so", 3))
			return true;
	return false;
}

static enum mc_status fail_unknown(struct mc_str word, struct mc_error *err)
{
	struct mc_str near[3] = {{"", 0}, {"", 0}, {"", 0}};
	size_t count = mc_explain_near(word, near, 3);

	return mc_fail(err, MC_ERR_NOT_FOUND, word.ptr, "no rule, and a symbol of no table%s%.*s%s%.*s%s%.*s",
		       count ? "; near are " : "", MC_TEXT(near[0]), count > 1 ? ", " : "",
		       MC_TEXT(near[1]), count > 2 ? ", " : "", MC_TEXT(near[2]));
}

/* A word may be both: strerror_r is a symbol and the name of a rule.  */
static enum mc_status explain(struct mc_str word, struct mc_arena *arena, struct mc_error *err)
{
	const struct mc_rule_text *rule = mc_explain_rule(word);
	const struct mc_answer *answers;
	size_t count;

	if (rule)
		print_rule(rule);
	if (is_soname(word)) {
		MC_TRY(mc_explain_soname(word, arena, &answers, &count, err));
		print_answers(word, "library", answers, count);
		return MC_OK;
	}
	MC_TRY(mc_explain_symbol(word, arena, &answers, &count, err));
	if (!count)
		return rule ? MC_OK : fail_unknown(word, err);
	print_answers(word, "symbol", answers, count);
	print_class(word);
	return MC_OK;
}

int mc_cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int option, code = MC_EXIT_YES;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return mc_cmd_finish(MC_EXIT_YES);
		}
		fputs("Try 'muslcheck explain --help'.\n", stderr);
		return MC_EXIT_ERROR;
	}
	if (optind == argc) {
		struct mc_error err = MC_ERROR_INIT;

		mc_fail(&err, MC_ERR_USAGE, "explain", "a word is wanted; try 'muslcheck explain --help'");
		mc_cmd_print_error(&err);
		return MC_EXIT_ERROR;
	}
	for (int i = optind; i < argc; i++) {
		struct mc_error err = MC_ERROR_INIT;
		struct mc_arena arena;

		mc_arena_init(&arena, NULL);
		if (explain(mc_str_of(argv[i]), &arena, &err) < 0) {
			fflush(stdout);
			mc_cmd_print_error(&err);
			code = MC_EXIT_ERROR;
		}
		mc_arena_clear(&arena);
	}
	return mc_cmd_finish(code);
}
