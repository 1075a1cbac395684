/* SPDX-License-Identifier: MIT */
#include "pack.h"

#include <string.h>

enum { ALIGN = 8 };

void mc_pack_init(struct mc_pack *pack, struct mc_arena *arena)
{
	*pack = (struct mc_pack){.arena = arena};
}

void mc_pack_init_in(struct mc_pack *pack, uint8_t *bytes, size_t room)
{
	*pack = (struct mc_pack){.bytes = bytes, .room = room};
}

static bool make_room(struct mc_pack *pack, size_t nbytes)
{
	size_t room = pack->room ? pack->room : 4096;
	uint8_t *bytes;

	if (!pack->arena)
		return nbytes <= pack->room - pack->nbytes;
	if (nbytes > SIZE_MAX / 4 - pack->nbytes)
		return false;
	while (room < pack->nbytes + nbytes)
		room *= 2;
	if (room == pack->room)
		return true;
	bytes = mc_arena_take(pack->arena, room, ALIGN);
	if (!bytes)
		return false;
	if (pack->nbytes)
		memcpy(bytes, pack->bytes, pack->nbytes);
	pack->bytes = bytes;
	pack->room = room;
	return true;
}

size_t mc_pack_put(struct mc_pack *pack, const void *bytes, size_t nbytes)
{
	size_t at = pack->nbytes, padded = nbytes + ALIGN - 1;

	padded -= padded % ALIGN;
	if (pack->has_failed || padded < nbytes || !make_room(pack, padded)) {
		pack->has_failed = true;
		return 0;
	}
	if (!bytes)
		nbytes = 0;
	if (nbytes)
		memcpy(pack->bytes + at, bytes, nbytes);
	memset(pack->bytes + at + nbytes, 0, padded - nbytes);
	pack->nbytes += padded;
	return at;
}

void mc_pack_set(struct mc_pack *pack, size_t at, const void *bytes, size_t nbytes)
{
	if (!pack->has_failed)
		memcpy(pack->bytes + at, bytes, nbytes);
}

/* An offset of 0 is a place as others are.  */
void *mc_pack_pointer(size_t at)
{
	return (void *)(uintptr_t)(at + 1);
}

struct mc_str mc_pack_text(struct mc_pack *pack, struct mc_str text)
{
	uintptr_t from = (uintptr_t)pack->texts, here = (uintptr_t)text.ptr;
	size_t at;

	if (!text.ptr)
		return text;
	if (pack->texts && here >= from && here - from <= pack->texts_nbytes) {
		at = pack->texts_at + (size_t)(here - from);
	} else {
		at = mc_pack_put(pack, NULL, text.len + 1);
		if (text.len)
			mc_pack_set(pack, at, text.ptr, text.len);
	}
	return (struct mc_str){mc_pack_pointer(at), text.len};
}

void *mc_pack_items(struct mc_pack *pack, const void *items, size_t count, const struct mc_pack_shape *shape)
{
	size_t at;

	if (!items)
		return NULL;
	at = mc_pack_put(pack, items, count * shape->item_nbytes);
	for (size_t i = 0; i < count && !pack->has_failed; i++)
		for (size_t n = 0; n < shape->texts_count; n++) {
			size_t off = i * shape->item_nbytes + shape->texts[n];
			struct mc_str text;

			memcpy(&text, (const uint8_t *)items + off, sizeof(text));
			text = mc_pack_text(pack, text);
			mc_pack_set(pack, at + off, &text, sizeof(text));
		}
	return mc_pack_pointer(at);
}

void mc_pack_texts(struct mc_pack *pack, const char *texts, size_t nbytes)
{
	pack->texts_at = mc_pack_put(pack, NULL, nbytes + 1);
	if (nbytes)
		mc_pack_set(pack, pack->texts_at, texts, nbytes);
	pack->texts = texts;
	pack->texts_nbytes = nbytes;
}

void *mc_unpack_pointer(struct mc_unpack *unpack, const void *packed, size_t count, size_t item_nbytes)
{
	size_t at = (size_t)(uintptr_t)packed;

	if (!at--)
		return NULL;
	if (at > unpack->nbytes || at % ALIGN || count > (unpack->nbytes - at) / item_nbytes) {
		unpack->is_bad = true;
		return NULL;
	}
	return unpack->bytes + at;
}

void mc_unpack_text(struct mc_unpack *unpack, struct mc_str *text)
{
	size_t at = (size_t)(uintptr_t)text->ptr;

	if (!at--)
		return;
	if (at >= unpack->nbytes || text->len >= unpack->nbytes - at || unpack->bytes[at + text->len]) {
		unpack->is_bad = true;
		*text = (struct mc_str){"", 0};
		return;
	}
	text->ptr = (const char *)unpack->bytes + at;
}

void *mc_unpack_items(struct mc_unpack *unpack, const void *packed, size_t count, const struct mc_pack_shape *shape)
{
	uint8_t *items = mc_unpack_pointer(unpack, packed, count, shape->item_nbytes);

	for (size_t i = 0; items && i < count; i++)
		for (size_t n = 0; n < shape->texts_count; n++)
			mc_unpack_text(unpack, (struct mc_str *)(void *)(items + i * shape->item_nbytes + shape->texts[n]));
	return items;
}
