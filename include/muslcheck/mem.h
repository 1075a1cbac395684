/* SPDX-License-Identifier: MIT */
/*
 * mem.h - borrowed slices and the arena that owns what outlives a call.
 *
 * The arena is the only owner of muslcheck's data.  Nothing taken from it is
 * freed alone; it goes when the arena is cleared or rewound.  The allocator
 * is replaceable so that tests can make the n-th allocation fail.
 *
 * Threads: one arena belongs to one thread at a time.
 */
#ifndef MUSLCHECK_MEM_H
#define MUSLCHECK_MEM_H

#include "muslcheck/status.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

MC_DECLS_BEGIN

/* Borrowed text: 'len' bytes, no NUL promised, may hold any byte value.  */
struct mc_str {
	const char *ptr;
	size_t len;
};

/* Borrowed binary data: 'len' bytes.  */
struct mc_bytes {
	const uint8_t *ptr;
	size_t len;
};

/* A part of a file.  */
struct mc_span {
	uint64_t off, nbytes;
};

/*
 * One file's content.  'bytes.ptr' is set when it is in memory; otherwise it is
 * behind 'fd', 'nbytes' long when it was opened, and read piece by piece: a
 * file that shrinks meanwhile is then a short read and never a SIGBUS.
 */
struct mc_image {
	struct mc_bytes bytes;
	int fd; /* -1 when in memory */
	uint64_t nbytes;
};

/*
 * Up to 'nbytes' of an image from 'off' on; '*got_nbytes_out' is less only where it
 * ends.  MC_ERR_IO when the system refuses.
 */
enum mc_status mc_image_read(const struct mc_image *image, uint64_t off, void *buf, size_t nbytes,
			     size_t *got_nbytes_out, struct mc_error *err) MC_MUST_CHECK;

/* A string literal as a struct mc_str.  */
#ifdef __cplusplus
#define MC_STR(literal) (mc_str{"" literal, sizeof(literal) - 1})
#else
#define MC_STR(literal) ((struct mc_str){"" literal, sizeof(literal) - 1})
#endif

bool mc_str_is(struct mc_str a, struct mc_str b);
/* The same without the length of the other text, which is seldom wanted.  */
bool mc_str_is_word(struct mc_str text, const char *word);
bool mc_str_starts(struct mc_str text, struct mc_str head);
bool mc_str_ends(struct mc_str text, struct mc_str tail);
/* Where 'part' stands in it first; 'at_out' may be NULL.  */
bool mc_str_find(struct mc_str text, struct mc_str part, size_t *at_out);
/* Bytes of the UTF-8 character (RFC 3629) that 'text', which is not empty, begins with; 0: none.  */
size_t mc_str_character(struct mc_str text, uint32_t *code_out);
bool mc_str_is_utf8(struct mc_str text);
/* The other way: a code up to U+10FFFF, surrogates too, as so many bytes, of 4 at the most.  */
size_t mc_str_put_character(char *into, uint32_t code);
/* Of ASCII alone; the same text but for that.  */
char mc_ascii_lower(char c);
bool mc_str_is_folded(struct mc_str a, struct mc_str b);
/* Is it one of the words, which end with NULL?  */
bool mc_str_is_one_of(struct mc_str text, const char *const *words);
#define MC_STR_IS_ONE_OF(text, ...) mc_str_is_one_of((text), (const char *const[]){__VA_ARGS__, NULL})
/* Bytewise, for sorting.  */
int mc_str_compare(struct mc_str a, struct mc_str b);
struct mc_str mc_str_of(const char *text); /* NULL gives the empty text */

/* Without its first 'nbytes', of which it has at least so many.  */
struct mc_str mc_str_skip(struct mc_str text, size_t nbytes);
/* Cut what stands before 'mark' off 'rest', and the mark with it; all of it when there is none.  */
struct mc_str mc_str_cut(struct mc_str *rest, char mark);

/* For printf()'s "%.*s".  */
#define MC_TEXT(str) (int)(str).len, (str).ptr

/* malloc()-like and free()-like pair; 'state' is passed back to both.  */
struct mc_alloc {
	void *(*take)(void *state, size_t nbytes);
	void (*give)(void *state, void *ptr);
	void *state;
};

/* Private fields; declared so that an arena can live on the stack.  */
struct mc_arena {
	const struct mc_alloc *alloc;
	struct mc_page *page;
	uintptr_t next, end;
};

struct mc_mark {
	struct mc_page *page;
	uintptr_t next;
};

/* Start empty; allocates nothing.  'alloc' NULL means malloc and free.  */
void mc_arena_init(struct mc_arena *arena, const struct mc_alloc *alloc);

/* Release everything; the arena is then as after mc_arena_init().  */
void mc_arena_clear(struct mc_arena *arena);

/*
 * Take 'nbytes' zeroed bytes aligned to 'align' (a power of two).
 * Returns NULL when memory runs out; the arena stays usable.
 */
void *mc_arena_take(struct mc_arena *arena, size_t nbytes, size_t align) MC_MUST_CHECK;

/* As above for 'count' items; NULL also when the product overflows.  */
void *mc_arena_take_array(struct mc_arena *arena, size_t count, size_t item_nbytes,
			  size_t align) MC_MUST_CHECK;

/*
 * Where a list of 'count' items, in the arena or NULL, has room for one more: 'items', or a
 * larger copy with '*room' set.  NULL when memory runs out; the list stays as it is then.
 */
void *mc_arena_grow(struct mc_arena *arena, void *items, size_t count, size_t *room,
		    size_t item_nbytes) MC_MUST_CHECK;

/*
 * Copy text into the arena; the copy is also NUL-terminated.  MC_ERR_NOMEM
 * leaves '*copy_out' untouched.
 */
enum mc_status mc_arena_copy(struct mc_arena *arena, struct mc_str text,
			     struct mc_str *copy_out) MC_MUST_CHECK;

/*
 * Remember a point, and later forget all that was taken after it.  A mark
 * dies when the arena is cleared or rewound to an older mark.
 */
/* printf() into the arena; the empty text when memory runs out.  Cost: two passes.  */
struct mc_str mc_arena_printf(struct mc_arena *arena, const char *fmt, ...) MC_PRINTF(2, 3);

struct mc_mark mc_arena_mark(const struct mc_arena *arena);
void mc_arena_rewind(struct mc_arena *arena, struct mc_mark mark);

#define MC_TAKE(arena, type) ((type *)mc_arena_take((arena), sizeof(type), alignof(type)))
#define MC_TAKE_ARRAY(arena, type, count) \
	((type *)mc_arena_take_array((arena), (count), sizeof(type), alignof(type)))

MC_DECLS_END

#endif /* MUSLCHECK_MEM_H */
