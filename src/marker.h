/* SPDX-License-Identifier: MIT */
/*
 * marker.h - the half of PEP 508 behind the semicolon.  Private to its room.
 *
 * Takes:  the rest of a text that is being read.
 * Hands:  that rest without what was read.
 *
 * Threads: reentrant.
 */
#ifndef MC_MARKER_H
#define MC_MARKER_H

#include "muslcheck/requirement.h"

/* Of ASCII, whatever the locale.  */
bool mc_ascii_is_alnum(char c);

/* What Python's "\w" takes; each byte of another letter counts as one.  */
bool mc_is_word_byte(char c);

/* Python's "\s" in ASCII, which knows the separators 1c to 1f too.  */
bool mc_is_space(char c);

/* The blanks that PEP 508 allows between its parts: " " and "\t".  */
void mc_skip_blanks(struct mc_str *rest);

bool mc_take_char(struct mc_str *rest, char c);

/* PEP 503, a copy.  MC_ERR_NOMEM.  */
enum mc_status mc_name_normalise(struct mc_arena *arena, struct mc_str raw,
				 struct mc_str *name_out) MC_MUST_CHECK;

/* "==1.0": packaging's Specifier() takes it; blanks around it and its version are let pass.  */
bool mc_is_specifier(struct mc_str text);

/* "expected WHAT at character N" of 'text', of which 'rest' is the end.  */
enum mc_status mc_fail_expected(struct mc_error *err, struct mc_str text, struct mc_str rest,
				const char *what);

/* Cut a well-formed marker off 'rest', the end of 'text'.  */
enum mc_status mc_marker_skip(struct mc_arena *arena, struct mc_str text, struct mc_str *rest,
			      struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_MARKER_H */
