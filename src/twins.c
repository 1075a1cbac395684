/* SPDX-License-Identifier: MIT */
#include "twins.h"

#include "object_pack.h"
#include "refusal.h"
#include "source_impl.h"

#include <pthread.h>
#include <string.h>

/* Prints that were met, each in the one place that is its own: a new one drives out an old.  */
enum { MET_BITS = 14, KEPT_COUNT = 256 };

/* Of all that is kept, and of one; most have some ten kilobytes.  */
#define KEPT_NBYTES_MAX ((size_t)8 << 20)
#define ONE_NBYTES_MAX ((size_t)2 << 20)

struct kept {
	uint64_t print; /* 0: free */
	char digest[MC_SHA256_HEX_NBYTES + 1];
	struct mc_arena arena; /* of the block alone */
	const uint8_t *block;
	size_t nbytes, at; /* of the facts in it */
	uint64_t used;     /* when last */
};

struct mc_twins {
	pthread_mutex_t lock;
	uint64_t met[1 << MET_BITS];
	struct kept kept[KEPT_COUNT];
	size_t nbytes;
	uint64_t now;
};

struct mc_twins *mc_twins_open(struct mc_arena *arena)
{
	struct mc_twins *twins = MC_TAKE(arena, struct mc_twins);

	if (twins && pthread_mutex_init(&twins->lock, NULL))
		return NULL;
	return twins;
}

static void forget(struct mc_twins *twins, struct kept *kept)
{
	twins->nbytes -= kept->nbytes;
	mc_arena_clear(&kept->arena);
	*kept = (struct kept){.print = 0};
}

void mc_twins_close(struct mc_twins *twins)
{
	if (!twins)
		return;
	for (size_t i = 0; i < KEPT_COUNT; i++)
		if (twins->kept[i].print)
			forget(twins, &twins->kept[i]);
	pthread_mutex_destroy(&twins->lock);
}

/* True from the second time on.  */
static bool was_met(struct mc_twins *twins, uint64_t print)
{
	uint64_t *place = &twins->met[print >> (64 - MET_BITS)];
	bool is_known;

	pthread_mutex_lock(&twins->lock);
	is_known = *place == print;
	*place = print;
	pthread_mutex_unlock(&twins->lock);
	return is_known;
}

static struct kept *find(struct mc_twins *twins, uint64_t print, const char *digest)
{
	for (size_t i = 0; i < KEPT_COUNT; i++)
		if (twins->kept[i].print == print && !strcmp(twins->kept[i].digest, digest))
			return &twins->kept[i];
	return NULL;
}

/* A copy of the block, which is changed when it is unpacked; false: none is kept.  */
static bool take(struct mc_twins *twins, struct mc_arena *arena, uint64_t print, const char *digest,
		 struct mc_unpack *unpack, size_t *at_out)
{
	struct kept *kept;

	*unpack = (struct mc_unpack){NULL, 0, false};
	pthread_mutex_lock(&twins->lock);
	kept = find(twins, print, digest);
	if (kept)
		unpack->bytes = mc_arena_take(arena, kept->nbytes, alignof(uint64_t));
	if (unpack->bytes) {
		memcpy(unpack->bytes, kept->block, kept->nbytes);
		unpack->nbytes = kept->nbytes;
		*at_out = kept->at;
		kept->used = ++twins->now;
	}
	pthread_mutex_unlock(&twins->lock);
	return unpack->bytes != NULL;
}

/* A free place, after those that were not used for longest have gone.  */
static struct kept *make_place(struct mc_twins *twins, size_t nbytes)
{
	for (;;) {
		struct kept *oldest = NULL, *empty = NULL;

		for (size_t i = 0; i < KEPT_COUNT; i++) {
			struct kept *kept = &twins->kept[i];

			if (!kept->print)
				empty = kept;
			else if (!oldest || kept->used < oldest->used)
				oldest = kept;
		}
		if (empty && twins->nbytes + nbytes <= KEPT_NBYTES_MAX)
			return empty;
		forget(twins, oldest); /* there is one: a block is smaller than all may be */
	}
}

static void keep(struct mc_twins *twins, uint64_t print, const char *digest, const struct mc_object *object)
{
	struct kept one = {.print = print};
	struct mc_arena scratch;
	struct mc_pack pack;
	uint8_t *block = NULL;

	/* What the system refused this time is no fact of the member.  */
	if (object->status == MC_ERR_IO || mc_refusal_is_noted())
		return;
	mc_arena_init(&scratch, NULL);
	mc_arena_init(&one.arena, NULL);
	mc_pack_init(&pack, &scratch);
	one.at = mc_object_pack(&pack, MC_MEMBER_ELF, object);
	one.nbytes = pack.nbytes;
	if (!pack.has_failed && pack.nbytes <= ONE_NBYTES_MAX)
		block = mc_arena_take(&one.arena, pack.nbytes, alignof(uint64_t));
	if (block) {
		memcpy(block, pack.bytes, pack.nbytes);
		memcpy(one.digest, digest, sizeof(one.digest));
		one.block = block;
		pthread_mutex_lock(&twins->lock);
		one.used = ++twins->now;
		if (find(twins, print, digest)) { /* another thread was faster */
			mc_arena_clear(&one.arena);
		} else {
			*make_place(twins, one.nbytes) = one;
			twins->nbytes += one.nbytes;
		}
		pthread_mutex_unlock(&twins->lock);
	}
	mc_arena_clear(&scratch);
}

enum mc_status mc_twins_read(struct mc_twins *twins, struct mc_arena *arena, struct mc_source *source,
			     const struct mc_member *member, struct mc_object **object_out,
			     struct mc_error *err)
{
	uint64_t print = twins && member->kind == MC_MEMBER_ELF ? mc_source_print(source) : 0;
	char digest[MC_SHA256_HEX_NBYTES + 1];
	struct mc_unpack unpack;
	enum mc_status status;
	size_t at = 0;

	if (!print || !was_met(twins, print) || mc_source_digest(source, digest))
		return mc_object_read(arena, source, member, object_out, err);
	if (take(twins, arena, print, digest, &unpack, &at)) {
		status = mc_object_unpack(&unpack, at, arena, source, member, object_out);
		return status == MC_ERR_NOMEM ? mc_no_memory(err) : status;
	}
	MC_TRY(mc_object_read(arena, source, member, object_out, err));
	if (*object_out)
		keep(twins, print, digest, *object_out);
	return MC_OK;
}
