/* SPDX-License-Identifier: MIT */
/*
 * paper.h - words for a person, wrapped and coloured.  Private to src/.
 *
 * Takes:  texts that may hold anything; they are made safe for a terminal (text.h).
 * Hands:  lines of at most so many columns.  That a line could not be written is seen by ferror().
 *
 * Threads: a paper belongs to one thread.
 */
#ifndef MC_PAPER_H
#define MC_PAPER_H

#include "muslcheck/mem.h"

#include <stdbool.h>
#include <stdio.h>

struct mc_paper {
	FILE *out;
	bool use_color;
	size_t columns;
	size_t at;     /* column of the next character */
	bool has_word; /* on this line, so that the next one needs a space */
	struct mc_arena arena; /* for texts that are made on the way; the user rewinds it */
};

enum mc_color { MC_PLAIN, MC_BOLD, MC_RED, MC_GREEN, MC_YELLOW, MC_DIM };

/* 'columns' below 40 are taken for 80, and those above 120 for 120.  */
void mc_paper_open(struct mc_paper *p, FILE *out, size_t columns, bool use_color);
void mc_paper_close(struct mc_paper *p); /* the file stays open */

void mc_start(struct mc_paper *p, enum mc_color color);
void mc_stop(struct mc_paper *p, enum mc_color color);
void mc_end_line(struct mc_paper *p);
void mc_indent(struct mc_paper *p, size_t columns);

/* A mark that belongs to what stands before it.  */
void mc_put_mark(struct mc_paper *p, const char *mark);

/* One word that is not broken, on this line if it fits, else on the next, behind 'margin' columns.  */
void mc_put_word(struct mc_paper *p, struct mc_str word, size_t margin);

/* Words apart by spaces, each as above.  */
void mc_put_words(struct mc_paper *p, struct mc_str text, size_t margin);

/* "17 dists" */
void mc_put_count(struct mc_paper *p, size_t count, const char *rest, size_t margin);

/* What stands before site-packages is the same for all: left out.  */
struct mc_str mc_short_path(struct mc_str path);

#endif /* MC_PAPER_H */
