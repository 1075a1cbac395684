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
 * bytes, invalid UTF-8 and bidirectional marks come out as \xNN.
 */
void mc_text_put(FILE *out, struct mc_str text);

/* The same into an arena; 'text' itself when there is nothing to escape.  */
struct mc_str mc_text_safe(struct mc_arena *arena, struct mc_str text);

#endif
