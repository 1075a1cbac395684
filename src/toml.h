/* SPDX-License-Identifier: MIT */
/*
 * toml.h - a TOML text as a plain tree.  Private to src/.
 *
 * Takes:  a text that may be anything.
 * Hands:  tables, arrays, texts, integers, booleans and days in an arena.  Floats and times have
 *         no value here: no lock file has a use for theirs.
 * The only file that knows the C++ library behind it (toml++) is toml.cpp.
 *
 * The bounds below hold before that library sees the text: it keeps a hundred bytes for
 * "[]," and frees its tree by recursion.  What it allocates itself is not the arena's; when
 * that fails the process ends (std::terminate), as there are no exceptions in this build.
 *
 * Threads: reentrant.
 */
#ifndef MC_TOML_H
#define MC_TOML_H

#include "muslcheck/mem.h"

#define MC_TOML_NBYTES_MAX ((size_t)64 << 20)
#define MC_TOML_MARKS_MAX ((size_t)1 << 20) /* of "[{,=." outside strings: at most so many values */
#define MC_TOML_DEPTH_MAX 32                /* brackets in brackets */
#define MC_TOML_DOTS_MAX 16                 /* in one key */

enum mc_toml_type {
	MC_TOML_OTHER, /* a float, a time, a date with one */
	MC_TOML_TEXT,
	MC_TOML_INTEGER,
	MC_TOML_BOOL,
	MC_TOML_DATE,
	MC_TOML_ARRAY,
	MC_TOML_TABLE
};

struct mc_toml {
	enum mc_toml_type type;
	unsigned line;              /* from 1; 0: not known */
	struct mc_str key;          /* in its table; empty in an array */
	struct mc_str text;         /* MC_TOML_TEXT: UTF-8; MC_TOML_DATE: "2026-11-28" */
	int64_t integer;            /* MC_TOML_INTEGER, and 0 or 1 for MC_TOML_BOOL */
	const struct mc_toml *items; /* of an array in order, of a table by key */
	size_t items_count;
};

/*
 * The document as a table, with all its texts in 'arena'.  MC_ERR_FORMAT with the line,
 * MC_ERR_LIMIT past one of the bounds, MC_ERR_NOMEM; '*root_out' is then untouched.
 */
enum mc_status mc_toml_read(struct mc_arena *arena, struct mc_str text,
			    const struct mc_toml **root_out, struct mc_error *err) MC_MUST_CHECK;

/* The value of a key; NULL when 'table' is none, NULL itself, or does not have it.  O(log n).  */
const struct mc_toml *mc_toml_get(const struct mc_toml *table, struct mc_str key);

/* As above for a text; empty when there is none.  */
struct mc_str mc_toml_text(const struct mc_toml *table, struct mc_str key);

/* As above for an array or a table: its items; NULL and 0 when there is none.  */
const struct mc_toml *mc_toml_items(const struct mc_toml *table, struct mc_str key,
				    size_t *count_out);

#endif /* MC_TOML_H */
