/* SPDX-License-Identifier: MIT */
/*
 * report_escape.h - any bytes as text of a format that gives some of them a meaning.  Private
 * to the report room.
 *
 * Takes:  names and messages that may hold any byte.
 * Hands:  text that means itself in XML, Markdown, a command of GitHub's log or a URI.  All but
 *         URIs are made safe as by text.h first, so that they are one line of valid UTF-8.
 *
 * Threads: reentrant.
 */
#ifndef MC_REPORT_ESCAPE_H
#define MC_REPORT_ESCAPE_H

#include "muslcheck/mem.h"

#include <stdio.h>

/* In an element or between double quotes; XML 1.0.  */
void mc_put_xml(FILE *out, struct mc_str text);

/*
 * Words in a line or a cell of a table (CommonMark, and GitHub's tables and autolinks): they
 * make no emphasis, code, link, mention or HTML.
 */
void mc_put_markdown(FILE *out, struct mc_str text);

/* The same set as code.  */
void mc_put_markdown_code(FILE *out, struct mc_str text);

/* What stands behind "::" in a workflow command, and the value of a property before it.  */
void mc_put_command_text(FILE *out, struct mc_str text);
void mc_put_command_property(FILE *out, struct mc_str text);

/*
 * A path as a URI reference (RFC 3986): relative, or "file:///..." for an absolute one.  The
 * bytes are the path's own.  The empty text when memory runs out.
 */
struct mc_str mc_uri_of(struct mc_arena *arena, struct mc_str path);

/* A message of SARIF, where "[x](y)" is a link and "{0}" an argument (3.11.5, 3.11.6): "]\x28", "{{0}}".  */
struct mc_str mc_sarif_message(struct mc_arena *arena, struct mc_str text);

#endif /* MC_REPORT_ESCAPE_H */
