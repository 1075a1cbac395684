/* SPDX-License-Identifier: MIT */
/*
 * cmd.h - the program's commands.  Each takes its own argv (argv[0] is its name),
 * prints to stdout, and gives the exit code; errors go to stderr in one line.
 */
#ifndef MC_CMD_H
#define MC_CMD_H

#include "muslcheck/status.h"
#include "muslcheck/target.h"

#include <getopt.h>

enum mc_exit {
	MC_EXIT_YES = 0,   /* alpine; it loads; done */
	MC_EXIT_NO = 1,    /* slim; it does not load; something is missing */
	MC_EXIT_ERROR = 2, /* the work could not be done */
};

int mc_cmd_scan(int argc, char **argv);
int mc_cmd_report(int argc, char **argv);
int mc_cmd_ldd(int argc, char **argv);
int mc_cmd_targets(int argc, char **argv);
int mc_cmd_explain(int argc, char **argv);
int mc_cmd_libc(int argc, char **argv);

/* "muslcheck: SUBJECT: TEXT: strerror" on stderr.  */
void mc_cmd_print_error(const struct mc_error *err);

/*
 * getopt_long(), whose own word about an option that is none shows it as it is: '?' when it was
 * told in our way.  'letters' begin with ':'.
 */
int mc_cmd_option(int argc, char **argv, const char *letters, const struct option *options);

/* "3.12" or "312": 12.  0 when it is neither.  */
unsigned mc_cmd_python_minor(const char *text);

/* Of the terminal, else of COLUMNS; 0: not known.  */
unsigned mc_cmd_columns(void);

/* Stdout is a terminal, and NO_COLOR is not set.  */
bool mc_cmd_wants_color(void);

/* MC_EXIT_ERROR, and a line why, when stdout could not be written; a closed pipe is no error.  */
int mc_cmd_finish(int code);

#endif
