/* SPDX-License-Identifier: MIT */
/*
 * text.h - text from strangers on its way to a terminal.  Private to the report
 * room and the commands.
 */
#ifndef MC_TEXT_H
#define MC_TEXT_H

#include "muslcheck/mem.h"

#include <stdio.h>

/*
 * Write 'text' so that it cannot steer a terminal nor look like other text: control
 * bytes, invalid UTF-8 and bidirectional marks come out as \xNN, and the first byte of "##[".
 */
void mc_text_put(FILE *out, struct mc_str text);

/*
 * "::error::" at the start of a line, also behind blanks, is a command to GitHub's runners: how
 * many bytes stand before its first ':'.  SIZE_MAX: the text begins with none.
 */
size_t mc_text_command_at(struct mc_str text);

/* As mc_text_put(), for the start of a line.  */
void mc_text_put_first(FILE *out, struct mc_str text);

/* What stands for a byte where it would mean something; NULL: it stands for itself.  */
typedef const char *mc_text_spelling(char byte);

/* The same, with each byte of what comes out spelt; NULL: as mc_text_put().  */
void mc_text_spell(FILE *out, struct mc_str text, mc_text_spelling *spelling);

/* As mc_text_put(), but into an arena; 'text' itself when there is nothing to escape.  */
struct mc_str mc_text_safe(struct mc_arena *arena, struct mc_str text);

#endif
