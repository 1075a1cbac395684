/* SPDX-License-Identifier: MIT */
/*
 * Wheels and trees, read by several threads.  Inflating, or opening thousands of files, is nearly all
 * there is to do, and members do not depend on each other: each thread has an arena, a reader and
 * sources of its own, and what it read is put together in the order of the wheels and of their
 * members, so that nobody can see how many there were.
 */
#include "refusal.h"
#include "scan_impl.h"
#include "twins.h"
#include "zip_archive.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHARDS_MAX = 64 };

/* All that is read in a millisecond: neither threads nor a table of members are worth their start.  */
#define QUICK_NBYTES ((uint64_t)1 << 20)

/* One wheel above this is shared out among the threads by its members.  */
#define SHARED_NBYTES ((uint64_t)4 << 20)

/* Of a tree so many members are taken in one turn, by whoever has time; below MEMBERS_FEW one does them all.  */
enum { TURN = 16, MEMBERS_FEW = 100 };

/* What a member gave, and its place among those of its wheel.  */
struct found {
	struct found *next;
	enum mc_member_kind kind;
	struct mc_object *object; /* NULL: nothing of it is kept, which is a fact as well */
	size_t ordinal;
};

/* A part of a wheel: every member that falls to this shard; of a tree, that is taken in this one's turns.  */
struct part {
	struct mc_gather_wheel *wheel;
	struct mc_source *tree; /* this thread's own; NULL: a wheel */
	size_t shard, shards;
	size_t turn, turn_end;
	enum mc_status status;
	struct mc_error why;
	enum mc_status refusal; /* what the machine refused, whatever the file is said to be then */
	struct mc_error refused;
	struct found *found, **found_end;
	size_t count;
	const struct mc_dist *dist;
};

/* What the threads have in common.  */
struct crew {
	const struct mc_facts *facts; /* NULL: none are kept */
	struct mc_twins *twins;
	struct mc_gather_wheel **wheels; /* to be looked for in the facts; the largest first ... */
	struct part **order; /* ... as here, so that nobody is left with one at the end */
	size_t count;
	bool wants_sources;
	struct mc_source_kept *kept;
	atomic_size_t next;
	atomic_size_t next_turn; /* of a tree's members */
	atomic_bool has_failed; /* memory ran out somewhere */
	struct mc_arena *arenas; /* one a thread, kept until the scan ends */
};

struct worker {
	struct crew *crew;
	void (*step)(struct worker *worker, size_t i);
	size_t steps;
	struct mc_scan *scan; /* of the first, which shows how far it is; else NULL */
	struct mc_arena *arena;
	struct mc_source_reader *reader;
	pthread_t thread;
};

/* ---- one part ---- */

/*
 * Whose member is it?  Each goes to the shard with the least so far, which all of them work out
 * alike, so that nobody has to ask.
 */
static size_t take_turn(uint64_t loads[static SHARDS_MAX], size_t shards, uint64_t nbytes)
{
	size_t least = 0;

	for (size_t i = 1; i < shards; i++)
		if (loads[i] < loads[least])
			least = i;
	loads[least] += nbytes + 1;
	return least;
}

/* From the facts that are known of it, or else from its bytes.  */
static enum mc_status read_member(struct worker *w, struct part *part, struct mc_source *source,
				  const struct mc_member *member, size_t n, struct mc_object **object_out)
{
	enum mc_status status = mc_facts_object(&part->wheel->facts, n, w->arena, source, member, object_out);

	return status == MC_END ? mc_twins_read(w->crew->twins, w->arena, source, member, object_out, &part->why)
				: status;
}

/* Members of a tree are large and small, whatever their sizes: who is done takes the next ones.  */
static bool has_turn(struct worker *w, struct part *part, size_t n)
{
	if (n >= part->turn_end) {
		part->turn = atomic_fetch_add(&w->crew->next_turn, TURN);
		part->turn_end = part->turn + TURN;
	}
	return n >= part->turn;
}

static enum mc_status read_members(struct worker *w, struct part *part, struct mc_source *source)
{
	uint64_t loads[SHARDS_MAX] = {0};
	struct mc_member member;
	enum mc_status status;

	for (size_t n = 0; (status = mc_source_next(source, &member, &part->why)) == MC_OK; n++) {
		struct mc_object *object;
		struct found *found;

		if (part->tree ? !has_turn(w, part, n)
			       : take_turn(loads, part->shards, member.nbytes) != part->shard)
			continue;
		MC_TRY(read_member(w, part, source, &member, n, &object));
		if (!object && !w->crew->facts)
			continue;
		found = MC_TAKE(w->arena, struct found);
		if (!found)
			return mc_no_memory(&part->why);
		*found = (struct found){.kind = member.kind, .object = object, .ordinal = n};
		*part->found_end = found;
		part->found_end = &found->next;
		part->count++;
	}
	return status == MC_END ? MC_OK : status;
}

static enum mc_status read_part(struct worker *w, struct part *part)
{
	const struct mc_source_options options = {
		.shown_as = part->wheel->shown,
		.reader = w->reader,
		.wants_sources = w->crew->wants_sources,
		.kept = w->crew->kept,
	};
	const struct mc_dist *const *dists;
	struct mc_source *source;
	enum mc_status status;
	size_t count;

	part->found_end = &part->found;
	if (part->tree)
		return read_members(w, part, part->tree);
	MC_TRY(mc_source_open(part->wheel->path, &options, w->arena, &source, &part->why));
	status = read_members(w, part, source);
	dists = mc_source_dists(source, &count);
	part->dist = count ? dists[0] : NULL;
	mc_source_close(source); /* what it handed out lives in the arena */
	return status;
}

static void step_read(struct worker *w, size_t i)
{
	struct part *part = w->crew->order[i];

	if (w->scan && w->scan->options->show_progress)
		w->scan->options->show_progress(w->scan->options->state, w->scan->done + i,
						w->scan->done + w->crew->count, part->wheel->shown);
	part->status = read_part(w, part);
	if (part->status != MC_ERR_NOMEM)
		part->refusal = mc_refusal_take(&part->refused);
	if (part->refusal == MC_ERR_NOMEM)
		part->status = MC_ERR_NOMEM;
	if (part->status == MC_ERR_NOMEM)
		atomic_store(&w->crew->has_failed, true);
}

static void step_look(struct worker *w, size_t i)
{
	struct mc_gather_wheel *wheel = w->crew->wheels[i];

	if (mc_facts_look(w->crew->facts, wheel->path, w->crew->wants_sources, w->arena, &wheel->facts) ||
	    mc_refusal_take(NULL) == MC_ERR_NOMEM) /* else it is read without */
		atomic_store(&w->crew->has_failed, true);
}

static void *work(void *state)
{
	struct worker *w = state;
	size_t i;

	while ((i = atomic_fetch_add(&w->crew->next, 1)) < w->steps && !atomic_load(&w->crew->has_failed))
		w->step(w, i);
	return NULL;
}

/* ---- sharing out ---- */

static uint64_t size_of(const char *path)
{
	struct stat info;

	return mc_heed(stat(path, &info)) || !S_ISREG(info.st_mode) ? 0 : (uint64_t)info.st_size;
}

static int order_of_parts(const void *a, const void *b)
{
	const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;
	uint64_t p = x->wheel->nbytes / x->shards, q = y->wheel->nbytes / y->shards;

	return p != q ? (p < q) - (p > q) : (x > y) - (x < y);
}

static int order_of_wheels(const void *a, const void *b)
{
	const struct mc_gather_wheel *x = *(struct mc_gather_wheel *const *)a, *y = *(struct mc_gather_wheel *const *)b;

	return x->nbytes != y->nbytes ? (x->nbytes < y->nbytes) - (x->nbytes > y->nbytes) : (x > y) - (x < y);
}

/* One part a wheel, or, of a large one of which nothing is known, one a thread.  */
static struct part *share_out(struct mc_scan *scan, struct mc_gather_wheel *wheels, size_t count,
			      size_t threads, struct crew *crew)
{
	size_t most = threads < SHARDS_MAX ? threads : SHARDS_MAX;
	struct part *parts = MC_TAKE_ARRAY(&scan->arena, struct part, count * most);

	crew->order = MC_TAKE_ARRAY(&scan->arena, struct part *, count * most);
	if (!parts || !crew->order)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t shards = wheels[i].nbytes > SHARED_NBYTES && !wheels[i].facts.count ? most : 1;

		for (size_t s = 0; s < shards; s++) {
			parts[crew->count] = (struct part){.wheel = &wheels[i], .shard = s, .shards = shards};
			crew->order[crew->count] = &parts[crew->count];
			crew->count++;
		}
	}
	qsort(crew->order, crew->count, sizeof(*crew->order), order_of_parts);
	return parts;
}

/* ---- putting together ---- */

static int order_of_found(const void *a, const void *b)
{
	const struct found *x = *(struct found *const *)a, *y = *(struct found *const *)b;

	return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* For the next run, unless it is what this one had from there.  */
static enum mc_status keep_facts(struct mc_scan *scan, const struct mc_gather_wheel *wheel, struct found *const *all,
				 size_t count)
{
	struct mc_member_facts *members;

	if (!scan->options->facts || wheel->facts.count)
		return MC_OK;
	members = MC_TAKE_ARRAY(&scan->arena, struct mc_member_facts, count + 1);
	if (!members)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < count; i++)
		members[i] = (struct mc_member_facts){all[i]->kind, all[i]->object};
	mc_facts_keep(scan->options->facts, wheel->path, &wheel->facts, members, count);
	return MC_OK;
}

/* All that the parts of a wheel or a tree have, in the order of its members; NULL when memory ran out.  */
static struct found **sort_found(struct mc_scan *scan, const struct part *parts, size_t *count_out)
{
	struct found **all;
	size_t count = 0;

	for (size_t s = 0; s < parts[0].shards; s++)
		count += parts[s].count;
	all = MC_TAKE_ARRAY(&scan->arena, struct found *, count + 1);
	if (!all)
		return NULL;
	count = 0;
	for (size_t s = 0; s < parts[0].shards; s++)
		for (struct found *found = parts[s].found; found; found = found->next)
			all[count++] = found;
	if (count)
		qsort(all, count, sizeof(*all), order_of_found);
	*count_out = count;
	return all;
}

/* The objects of a wheel's parts, as of one dist.  */
static enum mc_status adopt(struct mc_scan *scan, struct mc_haul *haul, const struct part *parts)
{
	bool is_refused = false;
	struct found **all;
	size_t count;

	for (size_t s = 0; s < parts[0].shards; s++)
		is_refused |= parts[s].refusal < 0;
	all = sort_found(scan, parts, &count);
	if (!all)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < count; i++) {
		if (!all[i]->object)
			continue;
		all[i]->object->dist = parts[0].dist;
		MC_TRY(mc_objects_adopt(&haul->objects, all[i]->object, scan->err));
	}
	if (!is_refused) /* the next run may have what this one was refused */
		MC_TRY(keep_facts(scan, parts[0].wheel, all, count));
	return parts[0].dist ? mc_haul_keep_dist(scan, haul, parts[0].dist) : MC_OK;
}

static enum mc_status put_together(struct mc_scan *scan, struct mc_haul *haul, struct part *parts,
				   size_t count)
{
	for (size_t i = 0; i < count; i += parts[i].shards) {
		struct part *failed = NULL;

		for (size_t s = 0; s < parts[i].shards; s++)
			if (parts[i + s].status < 0 && !failed)
				failed = &parts[i + s];
		if (!failed)
			MC_TRY(adopt(scan, haul, &parts[i]));
		else if (failed->status == MC_ERR_NOMEM)
			return mc_no_memory(scan->err);
		else
			MC_TRY(mc_scan_keep_failure(scan, parts[i].wheel->shown, parts[i].wheel->is_given,
						    &failed->why));
		for (size_t s = 0; s < parts[i].shards; s++)
			MC_TRY(mc_scan_heed(scan, parts[i].wheel->shown, parts[i + s].refusal, &parts[i + s].refused));
		scan->done++;
	}
	return MC_OK;
}

/* ---- the whole ---- */

static size_t threads_wanted(const struct mc_scan *scan)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = scan->options->jobs ? scan->options->jobs : online > 1 ? (size_t)online : 1;

	return threads < SHARDS_MAX ? threads : SHARDS_MAX;
}

static size_t count_threads(const struct mc_scan *scan, size_t wheels, uint64_t nbytes)
{
	size_t threads = threads_wanted(scan);

	if (nbytes < QUICK_NBYTES)
		threads = 1;
	if (wheels == 1 && nbytes <= SHARED_NBYTES)
		threads = 1;
	return threads;
}

/* The arenas of the threads, kept by the scan: what was read lives in them.  */
static struct mc_arena *open_arenas(struct mc_scan *scan, size_t count)
{
	struct mc_gather_arenas *list = MC_TAKE(&scan->arena, struct mc_gather_arenas);
	struct mc_arena *arenas = MC_TAKE_ARRAY(&scan->arena, struct mc_arena, count);

	if (!list || !arenas)
		return NULL;
	for (size_t i = 0; i < count; i++)
		mc_arena_init(&arenas[i], NULL);
	*list = (struct mc_gather_arenas){scan->arenas, arenas, count};
	scan->arenas = list;
	return arenas;
}

static void run(struct mc_scan *scan, struct crew *crew, size_t threads,
		void (*step)(struct worker *worker, size_t i), size_t steps)
{
	struct worker workers[SHARDS_MAX];
	size_t started = 0;

	for (size_t i = 0; i < threads; i++)
		workers[i] = (struct worker){.crew = crew,
					     .step = step,
					     .steps = steps,
					     .arena = &crew->arenas[i],
					     .reader = !i && scan->options->reader
							       ? scan->options->reader
							       : mc_source_reader_open(&crew->arenas[i])};
	atomic_store(&crew->next, 0);
	/* The first is this thread; where others cannot be had it does their share.  */
	while (started + 1 < threads && !pthread_create(&workers[started + 1].thread, NULL, work, &workers[started + 1]))
		started++;
	workers[0].scan = scan;
	work(&workers[0]);
	for (size_t i = 1; i <= started; i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < threads; i++)
		if (workers[i].reader != scan->options->reader)
			mc_source_reader_close(workers[i].reader);
}

/* Which of the wheels an earlier run has read.  */
static enum mc_status look(struct mc_scan *scan, struct crew *crew, struct mc_gather_wheel *wheels, size_t count,
			   size_t threads)
{
	crew->wheels = MC_TAKE_ARRAY(&scan->arena, struct mc_gather_wheel *, count);
	if (!crew->wheels)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		crew->wheels[i] = &wheels[i];
	qsort(crew->wheels, count, sizeof(*crew->wheels), order_of_wheels);
	run(scan, crew, threads, step_look, count);
	return atomic_load(&crew->has_failed) ? MC_ERR_NOMEM : MC_OK;
}

enum mc_status mc_scan_gather_wheels(struct mc_scan *scan, struct mc_haul *haul,
				     struct mc_gather_wheel *wheels, size_t count)
{
	struct crew crew = {
		.facts = scan->options->facts,
		.twins = scan->options->twins,
		.wants_sources = !scan->options->no_sources,
		.kept = scan->kept,
	};
	struct mc_twins *own_twins = NULL;
	enum mc_status status;
	struct part *parts;
	uint64_t nbytes = 0;
	size_t threads;

	if (!count)
		return MC_OK;
	for (size_t i = 0; i < count; i++) {
		wheels[i].nbytes = size_of(wheels[i].path);
		nbytes += wheels[i].nbytes;
	}
	threads = count_threads(scan, count, nbytes);
	if (threads > 1)
		mc_zip_prepare();
	crew.arenas = open_arenas(scan, threads);
	if (!crew.arenas || (crew.facts && look(scan, &crew, wheels, count, threads)))
		return mc_no_memory(scan->err);
	parts = share_out(scan, wheels, count, threads, &crew);
	if (!parts)
		return mc_no_memory(scan->err);
	if (!crew.twins && nbytes >= QUICK_NBYTES)
		crew.twins = own_twins = mc_twins_open(&scan->arena);
	run(scan, &crew, threads, step_read, crew.count);
	status = put_together(scan, haul, parts, crew.count);
	mc_twins_close(own_twins);
	return status;
}

/* ---- trees ---- */

static bool has_many_members(struct mc_scan *scan, const struct mc_source *tree)
{
	struct mc_source *own = mc_source_share(tree, &scan->arena);
	struct mc_member member;
	size_t count = 0;

	while (own && count < MEMBERS_FEW && mc_source_next(own, &member, NULL) == MC_OK)
		count++;
	mc_source_close(own);
	return count == MEMBERS_FEW;
}

static enum mc_status adopt_tree(struct mc_scan *scan, struct mc_haul *haul, struct part *parts)
{
	struct found **all;
	size_t count;

	for (size_t s = 0; s < parts[0].shards; s++)
		if (parts[s].status < 0) /* for want of memory: of a tree nothing else fails */
			return mc_no_memory(scan->err);
	all = sort_found(scan, parts, &count);
	if (!all)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < count; i++)
		if (all[i]->object)
			MC_TRY(mc_objects_adopt(&haul->objects, all[i]->object, scan->err));
	for (size_t s = 0; s < parts[0].shards; s++)
		MC_TRY(mc_scan_heed(scan, parts[0].wheel->shown, parts[s].refusal, &parts[s].refused));
	return MC_OK;
}

enum mc_status mc_scan_gather_tree(struct mc_scan *scan, struct mc_haul *haul, struct mc_source *tree, const char *shown)
{
	struct mc_gather_wheel whole = {.shown = shown};
	struct crew crew = {.count = threads_wanted(scan)};
	struct part *parts;

	if (crew.count > 1 && !has_many_members(scan, tree))
		crew.count = 1;
	parts = MC_TAKE_ARRAY(&scan->arena, struct part, crew.count);
	crew.order = MC_TAKE_ARRAY(&scan->arena, struct part *, crew.count);
	crew.arenas = open_arenas(scan, crew.count);
	if (!parts || !crew.order || !crew.arenas)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < crew.count; i++) {
		parts[i] = (struct part){.wheel = &whole, .shard = i, .shards = crew.count,
					 .tree = mc_source_share(tree, &scan->arena)};
		if (!parts[i].tree)
			return mc_no_memory(scan->err);
		crew.order[i] = &parts[i];
	}
	run(scan, &crew, crew.count, step_read, crew.count);
	for (size_t i = 0; i < crew.count; i++)
		mc_source_close(parts[i].tree);
	return adopt_tree(scan, haul, parts);
}

void mc_scan_close_gather(struct mc_scan *scan)
{
	for (struct mc_gather_arenas *list = scan->arenas; list; list = list->next)
		for (size_t i = 0; i < list->count; i++)
			mc_arena_clear(&list->items[i]);
}
