/* SPDX-License-Identifier: MIT */
/*
 * use_impl.h - what the files of the use room share.  Private to that room.
 *
 *	use.c         the list of uses; names of character sets in native files
 *	use_python.c  uses in the words of a Python source
 *	use_words.c   many words in one pass: is a source worth taking apart?
 *
 * Threads: one list belongs to one thread.
 */
#ifndef MC_USE_IMPL_H
#define MC_USE_IMPL_H

#include "muslcheck/use.h"

/* Zeroed but for the arena.  */
struct mc_use_list {
	struct mc_arena *arena;
	struct mc_use *items;
	size_t count, room;
	bool has_failed; /* memory ran out */
};

/* Unless it is there, or the list is full.  'subject' is copied.  */
void mc_use_list_add(struct mc_use_list *list, enum mc_use_kind kind, struct mc_str subject, unsigned line);

/* MC_ERR_NOMEM when it ran out on the way.  */
enum mc_status mc_use_list_end(const struct mc_use_list *list, struct mc_uses *uses_out) MC_MUST_CHECK;

enum { MC_WORDS_MAX = 100, MC_WORDS_BITS = 12 };

/* Words of at least three bytes, by those, in chains of numbers from 1; 0: none.  */
struct mc_words {
	const char *const *words;
	uint8_t first[1 << MC_WORDS_BITS], next[MC_WORDS_MAX + 1];
};

/* 'words' outlive the index.  */
void mc_words_index(struct mc_words *index, const char *const *words, size_t count);

/* The first of them from '*at' on, which then is where it stands; NULL: none.  */
const char *mc_words_find(const struct mc_words *index, struct mc_str text, size_t *at);

/* Does one of the words that every use takes stand in it, wherever?  */
bool mc_use_has_words(struct mc_str source);

#endif
