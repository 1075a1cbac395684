/* SPDX-License-Identifier: MIT */
#include "twins.h"

#include "object_pack.h"
#include "refusal.h"
#include "source_impl.h"

#include <pthread.h>
#include <string.h>

/* Prints that were met, each in the one place that is its own: a new one drives out an old.  */
enum { MET_BITS = 14, KEPT_COUNT = 256 };

/* Of a shelf, and of what is kept of one member; most have some ten kilobytes.  */
#define SHELF_NBYTES ((size_t)3 << 20)
#define ONE_NBYTES_MAX ((size_t)1 << 20)

/* Of those with one print that differ, which an enemy makes, so many are compared.  */
enum { ALIKE_MAX = 2 };

/* Packed facts and the path of the file, on a shelf.  */
struct kept {
	uint64_t print; /* 0: none */
	uint64_t serial;
	struct mc_source_place place;
	const uint8_t *block;
	size_t nbytes, at; /* of the block; of the facts in it */
};

/* With the path, and what it takes for the next one to be aligned.  */
static size_t whole_nbytes(const struct kept *kept)
{
	size_t nbytes = kept->nbytes + strlen(kept->place.path) + 1;

	return nbytes + (8 - nbytes % 8) % 8;
}

/* What comes drives out what is there for longest.  */
struct shelf {
	uint8_t *bytes; /* NULL until it is wanted */
	size_t end;     /* of what came last */
	struct kept kept[KEPT_COUNT];
	size_t next; /* of them */
};

/* For what came once, and for what came again, which it does not drive out.  */
enum { ONCE, AGAIN, SHELVES_COUNT };

struct mc_twins {
	pthread_mutex_t lock;
	struct mc_arena arena; /* of the shelves and of 'one' */
	uint8_t *one;          /* ONE_NBYTES_MAX, where a member's facts are packed; NULL until it is wanted */
	uint64_t met[1 << MET_BITS];
	struct shelf shelves[SHELVES_COUNT];
	uint64_t serial;
};

struct mc_twins *mc_twins_open(struct mc_arena *arena)
{
	struct mc_twins *twins = MC_TAKE(arena, struct mc_twins);

	if (twins && pthread_mutex_init(&twins->lock, NULL))
		return NULL;
	if (twins)
		mc_arena_init(&twins->arena, NULL);
	return twins;
}

void mc_twins_close(struct mc_twins *twins)
{
	if (!twins)
		return;
	mc_arena_clear(&twins->arena);
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

/* ---- shelves; the lock is held ---- */

/* Room for so many bytes, from which what was there is gone; NULL: no memory.  */
static uint8_t *make_room(struct mc_twins *twins, struct shelf *shelf, size_t nbytes)
{
	uint8_t *room;

	if (!shelf->bytes)
		shelf->bytes = mc_arena_take(&twins->arena, SHELF_NBYTES, alignof(uint64_t));
	if (!shelf->bytes)
		return NULL;
	if (nbytes > SHELF_NBYTES - shelf->end)
		shelf->end = 0;
	room = shelf->bytes + shelf->end;
	shelf->end += nbytes;
	for (size_t i = 0; i < KEPT_COUNT; i++) {
		struct kept *kept = &shelf->kept[i];

		if (kept->print && kept->block < room + nbytes && room < kept->block + whole_nbytes(kept))
			kept->print = 0;
	}
	return room;
}

/* Copies of the block and of the path.  */
static void put(struct mc_twins *twins, unsigned which, const struct kept *one)
{
	struct shelf *shelf = &twins->shelves[which];
	uint8_t *room = make_room(twins, shelf, whole_nbytes(one));
	struct kept *kept = &shelf->kept[shelf->next];

	if (!room)
		return;
	memcpy(room, one->block, one->nbytes);
	strcpy((char *)room + one->nbytes, one->place.path);
	*kept = *one;
	kept->block = room;
	kept->place.path = (const char *)room + one->nbytes;
	kept->serial = ++twins->serial;
	shelf->next = (shelf->next + 1) % KEPT_COUNT;
}

/* The newest of a print that is older than 'below'.  */
static struct kept *find(struct mc_twins *twins, uint64_t print, uint64_t below)
{
	struct kept *found = NULL;

	for (size_t s = 0; s < SHELVES_COUNT; s++)
		for (size_t i = 0; i < KEPT_COUNT; i++) {
			struct kept *kept = &twins->shelves[s].kept[i];

			if (kept->print == print && kept->serial < below && (!found || found->serial < kept->serial))
				found = kept;
		}
	return found;
}

/* ---- looking, taking, keeping ---- */

/* Where the next lies that may be the same; another thread may drive it out at once.  */
static bool look(struct mc_twins *twins, struct mc_arena *arena, uint64_t print, uint64_t *serial,
		 struct mc_source_place *place_out)
{
	const struct kept *kept;
	struct mc_str path;

	pthread_mutex_lock(&twins->lock);
	kept = find(twins, print, *serial);
	if (kept && mc_arena_copy(arena, mc_str_of(kept->place.path), &path) < 0)
		kept = NULL;
	if (kept) {
		*place_out = kept->place;
		place_out->path = path.ptr;
		*serial = kept->serial;
	}
	pthread_mutex_unlock(&twins->lock);
	return kept;
}

/* A copy of the block, which is changed when it is unpacked; false: it is not there any more.  */
static bool take(struct mc_twins *twins, struct mc_arena *arena, struct mc_source *source, uint64_t print, uint64_t serial,
		 struct mc_unpack *unpack, size_t *at_out)
{
	struct kept *kept;

	*unpack = (struct mc_unpack){NULL, 0, false};
	pthread_mutex_lock(&twins->lock);
	kept = find(twins, print, serial + 1);
	if (kept && kept->serial == serial && mc_source_keep(source, kept->nbytes))
		unpack->bytes = mc_arena_take(arena, kept->nbytes, alignof(uint64_t));
	if (unpack->bytes) {
		memcpy(unpack->bytes, kept->block, kept->nbytes);
		unpack->nbytes = kept->nbytes;
		*at_out = kept->at;
		if (kept < twins->shelves[AGAIN].kept) {
			put(twins, AGAIN, kept);
			kept->print = 0;
		}
	}
	pthread_mutex_unlock(&twins->lock);
	return unpack->bytes != NULL;
}

static void keep(struct mc_twins *twins, uint64_t print, bool is_met_again, const struct mc_source_place *place,
		 const struct mc_object *object)
{
	struct kept one = {.print = print, .place = *place};
	struct mc_pack pack;

	if (!mc_object_is_lasting(object) || mc_refusal_is_noted())
		return;
	pthread_mutex_lock(&twins->lock);
	if (!twins->one)
		twins->one = mc_arena_take(&twins->arena, ONE_NBYTES_MAX, alignof(uint64_t));
	if (twins->one) {
		mc_pack_init_in(&pack, twins->one, ONE_NBYTES_MAX);
		one.at = mc_object_pack(&pack, MC_MEMBER_ELF, object);
		one.block = pack.bytes;
		one.nbytes = pack.nbytes;
		if (!pack.has_failed && whole_nbytes(&one) <= ONE_NBYTES_MAX)
			put(twins, is_met_again ? AGAIN : ONCE, &one);
	}
	pthread_mutex_unlock(&twins->lock);
}

/* MC_END: it has to be read.  */
static enum mc_status read_known(struct mc_twins *twins, struct mc_arena *arena, struct mc_source *source,
				 const struct mc_member *member, uint64_t print, struct mc_object **object_out)
{
	uint64_t serial = UINT64_MAX;
	struct mc_source_place place;
	struct mc_unpack unpack;
	size_t at = 0;

	for (unsigned n = 0; n < ALIKE_MAX && look(twins, arena, print, &serial, &place); n++)
		if (mc_source_is_like(source, &place))
			return take(twins, arena, source, print, serial, &unpack, &at)
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
