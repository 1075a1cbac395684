/* SPDX-License-Identifier: MIT */
/*
 * requirements_impl.h - lines and options of requirements files.  Private to the room requirements.
 *
 * Takes:  bytes of a file; the text of a line.
 * Hands:  text in the arena that is named, or slices of what was given.
 *
 * Threads: reentrant.
 */
#ifndef MC_REQUIREMENTS_IMPL_H
#define MC_REQUIREMENTS_IMPL_H

#include "muslcheck/requirements.h"

/* ---- requirements_text.c ---- */

/* Python's str.strip(), of UTF-8.  */
struct mc_str mc_req_strip(struct mc_str text);

/*
 * A file's bytes as UTF-8 (pip's _decode_req_file()); what is no text in its encoding is no
 * UTF-8 either.  '*unknown_out' is an encoding that is not known here, or empty; the text is
 * then taken for UTF-8.  MC_ERR_NOMEM.
 */
enum mc_status mc_req_decode(struct mc_arena *arena, struct mc_str bytes, struct mc_str *text_out,
			     struct mc_str *unknown_out) MC_MUST_CHECK;

/* Three buffers of MC_REQUIREMENTS_LINE_NBYTES_MAX bytes.  */
struct mc_req_buffers {
	char *raw, *one, *other;
};

/* One line with its continuations; slices of the buffers.  */
struct mc_req_line {
	struct mc_str raw, text; /* without comment; 'text' has the values of variables */
	unsigned number;
	const char *wrong; /* why it cannot be read, or NULL; 'number' is then where */
};

struct mc_req_lines {
	struct mc_str rest;
	unsigned number; /* of lines that are behind */
	const struct mc_requirements_options *options;
	struct mc_req_buffers *buffers;
};

/* The next line that is not empty (pip's preprocess()); false at the end.  */
bool mc_req_next_line(struct mc_req_lines *lines, struct mc_req_line *line_out);

/* ---- requirements_options.c ---- */

enum mc_req_option_id {
	MC_REQ_INDEX_URL,
	MC_REQ_EXTRA_INDEX_URL,
	MC_REQ_NO_INDEX,
	MC_REQ_CONSTRAINT,
	MC_REQ_REQUIREMENT,
	MC_REQ_EDITABLE,
	MC_REQ_FIND_LINKS,
	MC_REQ_NO_BINARY,
	MC_REQ_ONLY_BINARY,
	MC_REQ_PREFER_BINARY,
	MC_REQ_REQUIRE_HASHES,
	MC_REQ_NO_REQUIRE_HASHES,
	MC_REQ_PRE,
	MC_REQ_ALL_RELEASES,
	MC_REQ_ONLY_FINAL,
	MC_REQ_TRUSTED_HOST,
	MC_REQ_USE_FEATURE,
	MC_REQ_HASH,
	MC_REQ_CONFIG_SETTINGS,
	MC_REQ_GLOBAL_OPTION
};

struct mc_req_option {
	enum mc_req_option_id id;
	struct mc_str value;
};

struct mc_req_parsed {
	struct mc_str args; /* what stands before the first option */
	struct mc_req_option *options;
	size_t count;
	const char *wrong; /* why the line cannot be read, or NULL */
};

/* What stands before the first option (pip's break_args_options()); 'line' keeps the rest.  */
struct mc_str mc_req_cut_args(struct mc_str *line);

/* All of 'parsed_out' is in 'scratch' or a slice of 'line'.  MC_ERR_NOMEM.  */
enum mc_status mc_req_parse(struct mc_arena *scratch, struct mc_str line,
			    struct mc_req_parsed *parsed_out) MC_MUST_CHECK;

/* The first option of that kind; NULL when there is none.  */
const struct mc_req_option *mc_req_first(const struct mc_req_parsed *parsed,
					 enum mc_req_option_id id);

#endif /* MC_REQUIREMENTS_IMPL_H */
