/* SPDX-License-Identifier: MIT */
/*
 * json_writer.h - a JSON document, written item by item: a scan of thousands of dists never
 * stands in memory a second time as a tree.  Private to the report room.
 *
 * Takes:  values of jansson, made by the functions below; their texts may hold any bytes.
 * Hands:  UTF-8, indented or in one line; control bytes, invalid UTF-8 and bidirectional marks stand as \xNN.
 *
 * The first failure stays in 'status' and ends all writing, so only mc_json_close() is asked.
 * Threads: a writer belongs to one thread.
 */
#ifndef MC_JSON_WRITER_H
#define MC_JSON_WRITER_H

#include "muslcheck/mem.h"

#include <jansson.h>
#include <stdio.h>

struct mc_json_writer {
	FILE *out;
	struct mc_arena scratch; /* texts that are made on the way, until the item is written */
	struct mc_mark start;    /* of the scratch arena, one page already taken */
	struct mc_error *err;
	enum mc_status status;
	size_t depth;   /* of the open object or array */
	bool has_items; /* in that object or array */
	bool is_one_line;
};

/* Indented, unless 'is_one_line' is set before the first item.  */
void mc_json_open(struct mc_json_writer *w, FILE *out, struct mc_error *err);
/* All is written, or why not: MC_ERR_NOMEM, MC_ERR_IO.  */
enum mc_status mc_json_close(struct mc_json_writer *w) MC_MUST_CHECK;

/* ---- values; NULL when memory runs out, which mc_json_put() and mc_json_add() take note of ---- */

json_t *mc_json_text(struct mc_json_writer *w, struct mc_str text);
json_t *mc_json_text_or_null(struct mc_json_writer *w, struct mc_str text); /* null for the empty text */
json_t *mc_json_word_or_null(struct mc_json_writer *w, const char *word);

/* Both take 'value'.  */
void mc_json_put(struct mc_json_writer *w, json_t *object, const char *key, json_t *value);
void mc_json_add(struct mc_json_writer *w, json_t *array, json_t *value);
void mc_json_put_count(struct mc_json_writer *w, json_t *object, const char *key, size_t count);

/* ---- writing; 'key' is NULL for an item of an array, and for the document itself ---- */

/* Takes 'value'.  */
void mc_json_member(struct mc_json_writer *w, const char *key, json_t *value);
/* Takes 'value', and forgets the texts made for it.  */
void mc_json_item(struct mc_json_writer *w, json_t *value);

void mc_json_open_object(struct mc_json_writer *w, const char *key);
void mc_json_close_object(struct mc_json_writer *w);
void mc_json_open_array(struct mc_json_writer *w, const char *key);
void mc_json_close_array(struct mc_json_writer *w);

#endif /* MC_JSON_WRITER_H */
