/* SPDX-License-Identifier: MIT */
#include "twins.h"

#include "object_pack.h"
#include "refusal.h"
#include "source_impl.h"

#include <pthread.h>
#include <string.h>

/* Prints that were met, each in the one place that is its own: a new one drives out an old.  */
enum { MET_BITS = 14, KEPT_COUNT = 512 };

/* Of all that is kept, and of one; most have some ten kilobytes.  */
#define KEPT_NBYTES_MAX ((size_t)8 << 20)
#define ONE_NBYTES_MAX ((size_t)2 << 20)

/* Of those with one print that differ, which an enemy makes, so many are compared.  */
enum { ALIKE_MAX = 2 };

struct kept {
	uint64_t print; /* 0: free */
	uint64_t serial;
	uint64_t used;                /* when last */
	bool is_met_again;            /* it has twins */
	struct mc_source_place place; /* of the one that was read */
	struct mc_arena arena;        /* of its path and the block */
	const uint8_t *block;
	size_t nbytes, at; /* of the facts in it */
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

/* The n-th of a print, the newest first.  */
static struct kept *find(struct mc_twins *twins, uint64_t print, unsigned n)
{
	uint64_t below = UINT64_MAX;
	struct kept *found = NULL;

	for (unsigned i = 0; i <= n; i++) {
		found = NULL;
		for (size_t k = 0; k < KEPT_COUNT; k++)
			if (twins->kept[k].print == print && twins->kept[k].serial < below &&
			    (!found || found->serial < twins->kept[k].serial))
				found = &twins->kept[k];
		if (!found)
			break;
		below = found->serial;
	}
	return found;
}

/* Where the n-th lies that may be the same; another thread may forget it at once.  */
static bool look(struct mc_twins *twins, struct mc_arena *arena, uint64_t print, unsigned n,
		 struct mc_source_place *place_out, uint64_t *serial_out)
{
	const struct kept *kept;
	struct mc_str path;

	pthread_mutex_lock(&twins->lock);
	kept = find(twins, print, n);
	if (kept && mc_arena_copy(arena, mc_str_of(kept->place.path), &path) < 0)
		kept = NULL;
	if (kept) {
		*place_out = kept->place;
		place_out->path = path.ptr;
		*serial_out = kept->serial;
	}
	pthread_mutex_unlock(&twins->lock);
	return kept;
}

/* A copy of the block, which is changed when it is unpacked; false: it is not there any more.  */
static bool take(struct mc_twins *twins, struct mc_arena *arena, uint64_t serial, struct mc_unpack *unpack,
		 size_t *at_out)
{
	*unpack = (struct mc_unpack){NULL, 0, false};
	pthread_mutex_lock(&twins->lock);
	for (size_t i = 0; i < KEPT_COUNT; i++) {
		struct kept *kept = &twins->kept[i];

		if (!kept->print || kept->serial != serial)
			continue;
		unpack->bytes = mc_arena_take(arena, kept->nbytes, alignof(uint64_t));
		if (!unpack->bytes)
			break;
		memcpy(unpack->bytes, kept->block, kept->nbytes);
		unpack->nbytes = kept->nbytes;
		*at_out = kept->at;
		kept->used = ++twins->now;
		kept->is_met_again = true;
	}
	pthread_mutex_unlock(&twins->lock);
	return unpack->bytes != NULL;
}

/* Those without twins go first, then those that were not used for longest.  */
static bool goes_before(const struct kept *a, const struct kept *b)
{
	return a->is_met_again != b->is_met_again ? b->is_met_again : a->used < b->used;
}

static struct kept *make_place(struct mc_twins *twins, size_t nbytes)
{
	for (;;) {
		struct kept *first = NULL, *empty = NULL;

		for (size_t i = 0; i < KEPT_COUNT; i++) {
			struct kept *kept = &twins->kept[i];

			if (!kept->print)
				empty = kept;
			else if (!first || goes_before(kept, first))
				first = kept;
		}
		if (empty && twins->nbytes + nbytes <= KEPT_NBYTES_MAX)
			return empty;
		forget(twins, first); /* there is one: a block is smaller than all may be */
	}
}

/* In an arena of its own, of the right size.  */
static bool copy_block(struct kept *one, const struct mc_pack *pack, const struct mc_source_place *place)
{
	struct mc_str path;
	uint8_t *block;

	if (pack->has_failed || pack->nbytes > ONE_NBYTES_MAX ||
	    mc_arena_copy(&one->arena, mc_str_of(place->path), &path) < 0)
		return false;
	block = mc_arena_take(&one->arena, pack->nbytes, alignof(uint64_t));
	if (!block)
		return false;
	memcpy(block, pack->bytes, pack->nbytes);
	one->block = block;
	one->nbytes = pack->nbytes;
	one->place = *place;
	one->place.path = path.ptr;
	return true;
}

static void put(struct mc_twins *twins, struct kept *one)
{
	pthread_mutex_lock(&twins->lock);
	one->used = one->serial = ++twins->now;
	if (find(twins, one->print, ALIKE_MAX - 1)) {
		mc_arena_clear(&one->arena);
	} else {
		*make_place(twins, one->nbytes) = *one;
		twins->nbytes += one->nbytes;
	}
	pthread_mutex_unlock(&twins->lock);
}

static void keep(struct mc_twins *twins, uint64_t print, bool is_met_again, const struct mc_source_place *place,
		 const struct mc_object *object)
{
	struct kept one = {.print = print, .is_met_again = is_met_again};
	struct mc_arena scratch;
	struct mc_pack pack;

	/* What the system refused this time is no fact of the member.  */
	if (object->status == MC_ERR_IO || mc_refusal_is_noted())
		return;
	mc_arena_init(&scratch, NULL);
	mc_arena_init(&one.arena, NULL);
	mc_pack_init(&pack, &scratch);
	one.at = mc_object_pack(&pack, MC_MEMBER_ELF, object);
	if (copy_block(&one, &pack, place))
		put(twins, &one);
	else
		mc_arena_clear(&one.arena);
	mc_arena_clear(&scratch);
}

/* MC_END: it has to be read.  */
static enum mc_status read_known(struct mc_twins *twins, struct mc_arena *arena, struct mc_source *source,
				 const struct mc_member *member, uint64_t print, struct mc_object **object_out)
{
	struct mc_source_place place;
	struct mc_unpack unpack;
	uint64_t serial;
	size_t at = 0;

	for (unsigned n = 0; n < ALIKE_MAX && look(twins, arena, print, n, &place, &serial); n++)
		if (mc_source_is_like(source, &place))
			return take(twins, arena, serial, &unpack, &at)
				       ? mc_object_unpack(&unpack, at, arena, source, member, object_out)
				       : MC_END;
	return MC_END;
}

enum mc_status mc_twins_read(struct mc_twins *twins, struct mc_arena *arena, struct mc_source *source,
			     const struct mc_member *member, struct mc_object **object_out,
			     struct mc_error *err)
{
	uint64_t print = twins && member->kind == MC_MEMBER_ELF ? mc_source_print(source) : 0;
	struct mc_source_place place;
	bool is_met_again;

	/* Before it is read: that may spoil it, which is a fact as well.  */
	if (!print || !mc_source_place(source, &place))
		return mc_object_read(arena, source, member, object_out, err);
	is_met_again = was_met(twins, print);
	if (is_met_again) {
		enum mc_status status = read_known(twins, arena, source, member, print, object_out);

		if (status != MC_END)
			return status == MC_ERR_NOMEM ? mc_no_memory(err) : status;
	}
	MC_TRY(mc_object_read(arena, source, member, object_out, err));
	if (*object_out)
		keep(twins, print, is_met_again, &place, *object_out);
	return MC_OK;
}
