/* SPDX-License-Identifier: MIT */
/*
 * pack.h - structs with pointers as bytes that can be anywhere, and back.  Private to src/.
 *
 * Takes:  structs, arrays and texts.
 * Hands:  one block in which every pointer is an offset; unpacking turns them into pointers where
 *         the block lies, and copies nothing.
 *
 * The bytes are those of this very build of the program: who keeps them sees to that, and that
 * nobody else wrote them.  Offsets are checked all the same.
 *
 * Threads: a block belongs to one thread.
 */
#ifndef MC_PACK_H
#define MC_PACK_H

#include "muslcheck/mem.h"

struct mc_pack {
	struct mc_arena *arena; /* NULL: 'room' is all there is */
	uint8_t *bytes;
	size_t nbytes, room;
	/* Texts that lie in these bytes, which are packed already, are not packed again.  */
	const char *texts;
	size_t texts_nbytes, texts_at;
	bool has_failed; /* memory or room ran out */
};

/* An empty one; 'arena' must outlive it.  */
void mc_pack_init(struct mc_pack *pack, struct mc_arena *arena);

/* One in 'room' bytes, aligned to 8, and no more.  */
void mc_pack_init_in(struct mc_pack *pack, uint8_t *bytes, size_t room);

/* Append a copy, aligned to 8; NULL: zeros.  Where it lies.  */
size_t mc_pack_put(struct mc_pack *pack, const void *bytes, size_t nbytes);

/* Fill what was put as zeros.  */
void mc_pack_set(struct mc_pack *pack, size_t at, const void *bytes, size_t nbytes);

/* What stands for a pointer to what lies there, and for a text, which is put with a NUL behind it.  */
void *mc_pack_pointer(size_t at);
struct mc_str mc_pack_text(struct mc_pack *pack, struct mc_str text);

/*
 * A struct with texts: where they stand in it.  One table for both ways, so that none is put and
 * not taken.
 */
struct mc_pack_shape {
	size_t item_nbytes;
	const size_t *texts; /* offsetof() each */
	size_t texts_count;
};

#define MC_PACK_SHAPE(type, texts) {sizeof(type), (texts), sizeof(texts) / sizeof(*(texts))}

/* What stands for a pointer to 'count' of them, which are put with their texts; NULL for NULL.  */
void *mc_pack_items(struct mc_pack *pack, const void *items, size_t count, const struct mc_pack_shape *shape);

/* Texts from here on may lie in these bytes, of which the one behind the last is a NUL.  */
void mc_pack_texts(struct mc_pack *pack, const char *texts, size_t nbytes);

struct mc_unpack {
	uint8_t *bytes; /* aligned to 8 */
	size_t nbytes;
	bool is_bad; /* an offset led out of it */
};

/* The pointer that is meant, to 'count' items; NULL for NULL, and when they are not all there.  */
void *mc_unpack_pointer(struct mc_unpack *unpack, const void *packed, size_t count, size_t item_nbytes);
void mc_unpack_text(struct mc_unpack *unpack, struct mc_str *text);

/* The items that are meant, with their texts, as mc_unpack_pointer() hands them out.  */
void *mc_unpack_items(struct mc_unpack *unpack, const void *packed, size_t count, const struct mc_pack_shape *shape);

#endif /* MC_PACK_H */
