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

/* Does one of the words that every use takes stand in it, wherever?  */
bool mc_use_has_words(struct mc_str source);

#endif
