/* SPDX-License-Identifier: MIT */
#include "muslcheck/wheelhouse.h"

#include "dist.h"
#include "muslcheck/pep440.h"
#include "path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

void mc_wheelhouse_init(struct mc_wheelhouse *house, struct mc_arena *arena)
{
	*house = (struct mc_wheelhouse){.arena = arena};
}

/* ---- reading the folder ---- */

/* The stem of "NAME-VERSION.tar.gz" or ".zip" (pip's SDIST_EXTENSIONS that are in use).  */
static bool cut_sdist_ending(struct mc_str *file_name)
{
	static const char *const endings[] = {".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (!mc_str_ends(*file_name, mc_str_of(endings[i])))
			continue;
		file_name->len -= strlen(endings[i]);
		return true;
	}
	return false;
}

/*
 * "NAME-VERSION": PEP 625 has one dash only, older names may have more; the version
 * is what follows the first dash behind which a PEP 440 version stands.
 */
static enum mc_status read_sdist_name(struct mc_arena *arena, struct mc_str stem,
				      struct mc_candidate *candidate)
{
	for (size_t i = 1; i + 1 < stem.len; i++) {
		struct mc_str version = {stem.ptr + i + 1, stem.len - i - 1};

		if (stem.ptr[i] != '-' || !mc_pep440_is_valid(version))
			continue;
		MC_TRY(mc_dist_normalise(arena, (struct mc_str){stem.ptr, i}, &candidate->name));
		return mc_arena_copy(arena, version, &candidate->version);
	}
	return MC_ERR_FORMAT;
}

static enum mc_status read_file_name(struct mc_arena *arena, struct mc_str file_name,
				     struct mc_candidate *candidate)
{
	struct mc_tags tags = {NULL, 0};
	struct mc_str stem = file_name;

	if (cut_sdist_ending(&stem)) {
		candidate->is_sdist = true;
		return read_sdist_name(arena, stem, candidate);
	}
	MC_TRY(mc_dist_wheel_name(arena, file_name, &candidate->name, &candidate->version,
				  &candidate->build, &tags));
	candidate->tags = tags.ptr;
	candidate->tags_count = tags.count;
	return MC_OK;
}

static enum mc_status keep(struct mc_wheelhouse *house, const struct mc_candidate *candidate)
{
	struct mc_candidate *copy = MC_TAKE(house->arena, struct mc_candidate);

	if (house->count == house->room) {
		size_t room = house->room ? house->room * 2 : 64;
		struct mc_candidate **items =
			MC_TAKE_ARRAY(house->arena, struct mc_candidate *, room);

		if (!items)
			return MC_ERR_NOMEM;
		if (house->count)
			memcpy(items, house->items, house->count * sizeof(*items));
		house->items = items;
		house->room = room;
	}
	if (!copy)
		return MC_ERR_NOMEM;
	*copy = *candidate;
	house->items[house->count++] = copy;
	return mc_map_add(house->arena, &house->by_name, mc_hash_text(copy->name), copy);
}

enum mc_status mc_wheelhouse_add(struct mc_wheelhouse *house, const char *path, struct mc_error *err)
{
	enum mc_status status = MC_OK;
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return mc_fail(err, MC_ERR_IO, path, "cannot open the folder");
	while (!status && (errno = 0, entry = readdir(dir))) {
		struct mc_candidate candidate = {0};

		status = read_file_name(house->arena, mc_str_of(entry->d_name), &candidate);
		if (status == MC_ERR_NOMEM)
			break;
		if (status < 0) { /* pip passes it over as well */
			status = MC_OK;
			continue;
		}
		candidate.path = mc_arena_printf(house->arena, "%s/%s", path, entry->d_name);
		status = candidate.path.len ? keep(house, &candidate) : MC_ERR_NOMEM;
	}
	if (!status && errno)
		status = mc_fail(err, MC_ERR_IO, path, "cannot read the folder");
	closedir(dir);
	return status == MC_ERR_NOMEM ? mc_no_memory(err) : status;
}

/* ---- choosing ---- */

/* The best of its tags; LONG_MAX for an sdist, -1 when pip takes none of them.  */
static long rank_of(const struct mc_candidate *candidate, const struct mc_chooser *c)
{
	long best = -1;

	if (candidate->is_sdist)
		return LONG_MAX;
	for (size_t i = 0; i < candidate->tags_count; i++) {
		long rank = mc_tag_rank(&candidate->tags[i], c->family, c->libc_version, c->minor,
					c->machine);

		if (rank >= 0 && (best < 0 || rank < best))
			best = rank;
	}
	return best;
}

/* PEP 427: the build tag sorts by its number, then by the rest; none comes first.  */
static int compare_builds(struct mc_str a, struct mc_str b)
{
	unsigned long x, y;

	if (!a.len || !b.len)
		return (a.len > 0) - (b.len > 0);
	x = strtoul(a.ptr, NULL, 10);
	y = strtoul(b.ptr, NULL, 10);
	return x != y ? (x > y) - (x < y) : mc_str_compare(a, b);
}

/* packaging's and pip's _sort_key(): version, then tag, then build; the name decides ties.  */
static bool is_better(const struct mc_candidate *a, long a_rank, const struct mc_candidate *b, long b_rank)
{
	int order = mc_pep440_compare(a->version, b->version);

	if (order)
		return order > 0;
	if (a_rank != b_rank)
		return a_rank < b_rank;
	order = compare_builds(a->build, b->build);
	return order ? order > 0 : mc_str_compare(a->path, b->path) < 0;
}

static struct mc_candidate *best_of(const struct mc_wheelhouse *house, struct mc_str name,
				    struct mc_str version, const struct mc_chooser *chooser,
				    bool takes_prereleases)
{
	struct mc_candidate *best = NULL, *candidate;
	long best_rank = -1;

	for (size_t at = 0; (candidate = mc_map_next(&house->by_name, mc_hash_text(name), &at));) {
		long rank;

		if (candidate->is_rejected || !mc_str_is(candidate->name, name))
			continue;
		if (version.len ? mc_pep440_compare(candidate->version, version) != 0
				: !takes_prereleases && mc_pep440_is_prerelease(candidate->version))
			continue;
		rank = rank_of(candidate, chooser);
		if (rank < 0 || (best && !is_better(candidate, rank, best, best_rank)))
			continue;
		best = candidate;
		best_rank = rank;
	}
	return best;
}

struct mc_candidate *mc_wheelhouse_choose(const struct mc_wheelhouse *house, struct mc_str name,
					  struct mc_str version, const struct mc_chooser *chooser)
{
	struct mc_candidate *best = best_of(house, name, version, chooser, false);

	return best || version.len ? best : best_of(house, name, version, chooser, true);
}
