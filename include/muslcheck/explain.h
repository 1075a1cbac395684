/* SPDX-License-Identifier: MIT */
/*
 * explain.h - what the tables and the rules' page say of one word.
 *
 * Takes:  a rule, a symbol or a soname.
 * Hands:  lines of who and what; printing them is the command's.
 *
 * Texts live in the caller's arena or are const.  Fails only with MC_ERR_NOMEM.
 * Threads: free to share; an arena belongs to one thread.
 */
#ifndef MUSLCHECK_EXPLAIN_H
#define MUSLCHECK_EXPLAIN_H

#include "muslcheck/verdict.h"

MC_DECLS_BEGIN

/* The head of a page of docs/rules/, from which probe/gen_rules makes the table.  */
struct mc_rule_text {
	const char *code, *name;
	const char *what, *when_error, *what_to_do; /* the last may be empty */
};

extern const struct mc_rule_text mc_rule_texts[];
extern const size_t mc_rule_texts_count;

/*
 * What was measured on both libcs (probe/behaviour.tsv) and says most of a rule; rows of one
 * rule stand together.
 */
struct mc_measured {
	const char *rule; /* "MC404" */
	const char *what; /* "%P" */
	const char *text; /* "glibc 2.36: pm; musl 1.2.3 1.2.5 1.2.6: nothing" */
};

extern const struct mc_measured mc_measured[];
extern const size_t mc_measured_count;

/* By code or name ("MC101", "missing-symbol"); NULL when it is no rule.  */
const struct mc_rule_text *mc_explain_rule(struct mc_str word);

/* Libcs or releases of which the same is to be said.  */
struct mc_answer {
	struct mc_str who;  /* "musl 1.2.4 1.2.5" */
	struct mc_str text; /* one line */
};

/*
 * Who exports "name" or "name@VERSION": every libc, also those that do not, then the
 * releases that have it in a library.  '*count_out' is 0 when no table has the name.
 * With a version, a glibc has the name only under that version; musl ignores it.
 */
enum mc_status mc_explain_symbol(struct mc_str word, struct mc_arena *arena,
				 const struct mc_answer **answers_out, size_t *count_out,
				 struct mc_error *err) MC_MUST_CHECK;

/* Who answers for a soname on each release, also where nobody does.  */
enum mc_status mc_explain_soname(struct mc_str soname, struct mc_arena *arena,
				 const struct mc_answer **answers_out, size_t *count_out,
				 struct mc_error *err) MC_MUST_CHECK;

/* The code of the rule that code compiled for glibc meets by this name ("MC301"), else NULL.  */
const char *mc_explain_trap(struct mc_str name);

/* Up to 'room' sonames that some release has and that begin with 'word', or differ little.  */
size_t mc_explain_near_soname(struct mc_str word, struct mc_str *near_out, size_t room);

/* Up to 'room' names of rules and tables that differ least from 'word', by two letters at most.  */
size_t mc_explain_near(struct mc_str word, struct mc_str *near_out, size_t room);

MC_DECLS_END

#endif /* MUSLCHECK_EXPLAIN_H */
