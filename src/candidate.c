/* SPDX-License-Identifier: MIT */
#include "muslcheck/candidate.h"

#include "dist.h"
#include "file.h"
#include "muslcheck/pep440.h"
#include "path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mc_candidates_init(struct mc_candidates *set, struct mc_arena *arena)
{
	*set = (struct mc_candidates){.arena = arena};
}

/* ---- file names ---- */

/* The stem of "NAME-VERSION.tar.gz" (pip's ARCHIVE_EXTENSIONS).  */
static bool cut_sdist_ending(struct mc_str *file_name)
{
	static const char *const endings[] = {".tar.gz",  ".zip", ".tar.bz2", ".tbz",     ".tgz", ".tar",
					      ".tar.xz", ".txz", ".tlz",     ".tar.lz", ".tar.lzma"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (!mc_str_ends(*file_name, mc_str_of(endings[i])))
			continue;
		file_name->len -= strlen(endings[i]);
		return true;
	}
	return false;
}

bool mc_candidate_is_sdist_name(struct mc_str file_name)
{
	return cut_sdist_ending(&file_name);
}

/*
 * "NAME-VERSION": PEP 625 has one dash only, older names may have more.  The project's
 * name tells them apart (pip's _find_name_version_sep()); without one, the version is
 * what follows the first dash behind which a PEP 440 version stands.  What is no such
 * version, as "1.0-py2.7" is none, pip passes over.
 */
static enum mc_status read_sdist_name(struct mc_arena *arena, struct mc_str stem, struct mc_str project,
				      struct mc_candidate *candidate)
{
	for (size_t i = 1; i + 1 < stem.len; i++) {
		struct mc_str version = {stem.ptr + i + 1, stem.len - i - 1};

		if (stem.ptr[i] != '-' || !mc_pep440_is_valid(version))
			continue;
		MC_TRY(mc_dist_normalise(arena, (struct mc_str){stem.ptr, i}, &candidate->name));
		if (!project.len || mc_str_is(candidate->name, project))
			return mc_arena_copy(arena, version, &candidate->version);
	}
	return MC_ERR_FORMAT;
}

static enum mc_status read_file_name(struct mc_arena *arena, struct mc_str project,
				     struct mc_candidate *candidate)
{
	struct mc_tags tags = {NULL, 0};
	struct mc_str stem = candidate->file_name;

	candidate->is_sdist = cut_sdist_ending(&stem);
	if (candidate->is_sdist)
		return read_sdist_name(arena, stem, project, candidate);
	MC_TRY(mc_dist_wheel_name(arena, candidate->file_name, &candidate->name, &candidate->version,
				  &candidate->build, &tags));
	candidate->tags = tags.ptr;
	candidate->tags_count = tags.count;
	return project.len && !mc_str_is(candidate->name, project) ? MC_ERR_FORMAT : MC_OK;
}

/* ---- gathering ---- */

static enum mc_status keep(struct mc_candidates *set, struct mc_candidate *candidate)
{
	struct mc_candidate **items = mc_arena_grow(set->arena, set->items, set->count, &set->room, sizeof(*items));

	if (!items)
		return MC_ERR_NOMEM;
	set->items = items;
	candidate->order = set->count;
	set->items[set->count++] = candidate;
	return mc_map_add(set->arena, &set->by_name, mc_hash_text(candidate->name), candidate);
}

enum mc_status mc_candidates_add(struct mc_candidates *set, const struct mc_candidate *offer)
{
	struct mc_arena *arena = set->arena;
	struct mc_candidate *candidate = MC_TAKE(arena, struct mc_candidate);

	if (!candidate)
		return MC_ERR_NOMEM;
	*candidate = *offer;
	MC_TRY(read_file_name(arena, offer->name, candidate));
	MC_TRY(mc_arena_copy(arena, offer->file_name, &candidate->file_name));
	MC_TRY(mc_arena_copy(arena, offer->place, &candidate->place));
	MC_TRY(mc_arena_copy(arena, offer->requires_python, &candidate->requires_python));
	MC_TRY(mc_arena_copy(arena, offer->sha256, &candidate->sha256));
	return keep(set, candidate);
}

enum mc_status mc_candidates_add_folder(struct mc_candidates *set, const char *path,
					struct mc_error *err)
{
	enum mc_status status = MC_OK;
	struct dirent *entry;
	DIR *dir = mc_open_folder(path);

	if (!dir)
		return mc_fail(err, MC_ERR_IO, path, "cannot open the folder");
	while (!status && (entry = mc_next_entry(dir))) {
		struct mc_candidate offer = {.file_name = mc_str_of(entry->d_name)};

		offer.place = mc_arena_printf(set->arena, "%s/%s", path, entry->d_name);
		status = offer.place.len ? mc_candidates_add(set, &offer) : MC_ERR_NOMEM;
		if (status == MC_ERR_FORMAT || status == MC_ERR_LIMIT) /* pip passes it over as well */
			status = MC_OK;
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

/* pip's _sort_key(): not yanked, then version, tag, build; the name decides ties.  */
static bool is_better(const struct mc_candidate *a, long a_rank, const struct mc_candidate *b, long b_rank)
{
	int order = (int)b->is_yanked - (int)a->is_yanked;

	if (!order)
		order = mc_pep440_compare(a->version, b->version);
	if (order)
		return order > 0;
	if (a_rank != b_rank)
		return a_rank < b_rank;
	order = compare_builds(a->build, b->build);
	if (order)
		return order > 0;
	/* pip takes the last of a page, and pages before folders; in a folder any may come first.  */
	if (a->is_remote || b->is_remote)
		return a->order > b->order;
	return mc_str_compare(a->place, b->place) < 0;
}

bool mc_chooser_fits_python(const struct mc_chooser *chooser, struct mc_str requires_python)
{
	char version[32];

	/* Which patch release the image has is not known; no sane wheel asks for that.  */
	snprintf(version, sizeof(version), "3.%u.50", chooser->minor);
	return !requires_python.len || mc_pep440_takes(requires_python, mc_str_of(version), true);
}

bool mc_candidate_fits(const struct mc_candidate *candidate, const struct mc_chooser *chooser)
{
	return rank_of(candidate, chooser) >= 0 &&
	       mc_chooser_fits_python(chooser, candidate->requires_python);
}

/* What one specifier set asks for besides its versions.  */
struct wish {
	struct mc_str specifiers;
	bool is_pin;           /* "==1.0" or "===1.0" is among them: yanked files will do */
	bool takes_prereleases;
};

/* is_pinned() of pip's resolvelib factory, and packaging's SpecifierSet.prereleases.  */
static struct wish read_wish(struct mc_str specifiers)
{
	struct wish wish = {.specifiers = specifiers};
	struct mc_str rest = specifiers;

	while (rest.len) {
		struct mc_str one = mc_str_cut(&rest, ','), version;
		size_t n = 0;

		while (n < one.len && strchr(" \t", one.ptr[n]))
			n++;
		one = mc_str_skip(one, n);
		for (n = 0; n < one.len && strchr("=<>!~", one.ptr[n]);)
			n++;
		version = mc_str_skip(one, n);
		wish.is_pin = wish.is_pin || mc_str_starts(one, MC_STR("===")) ||
			      (mc_str_starts(one, MC_STR("==")) && !mc_str_ends(version, MC_STR(".*")));
		if (!mc_str_starts(one, MC_STR("!=")) && mc_pep440_is_prerelease(version))
			wish.takes_prereleases = true;
	}
	return wish;
}

static struct mc_candidate *best_of(const struct mc_candidates *set, struct mc_str name,
				    const struct wish *wish, const struct mc_chooser *chooser)
{
	struct mc_candidate *best = NULL, *candidate;
	long best_rank = -1;

	for (size_t at = 0; (candidate = mc_map_next(&set->by_name, mc_hash_text(name), &at));) {
		long rank;

		if (candidate->is_rejected || !mc_str_is(candidate->name, name) ||
		    !mc_pep440_takes(wish->specifiers, candidate->version, wish->takes_prereleases) ||
		    !mc_chooser_fits_python(chooser, candidate->requires_python))
			continue;
		rank = rank_of(candidate, chooser);
		if (rank < 0 || (best && !is_better(candidate, rank, best, best_rank)))
			continue;
		best = candidate;
		best_rank = rank;
	}
	return best;
}

struct mc_candidate *mc_candidates_choose(const struct mc_candidates *set, struct mc_str name,
					  struct mc_str specifiers, const struct mc_chooser *chooser)
{
	struct wish wish = read_wish(specifiers);
	struct mc_candidate *best;

	wish.takes_prereleases = wish.takes_prereleases || chooser->takes_prereleases;
	best = best_of(set, name, &wish, chooser);
	if (!best && !wish.takes_prereleases) {
		wish.takes_prereleases = true; /* nothing else is there */
		best = best_of(set, name, &wish, chooser);
	}
	/* Yanked files come last: a best one means that all are (PEP 592).  Before that it
	 * keeps pre-releases away as any other does.  */
	return best && best->is_yanked && !wish.is_pin ? NULL : best;
}

void mc_candidates_range(const struct mc_candidates *set, struct mc_str name,
			 const struct mc_chooser *chooser, const struct mc_candidate **newest_out,
			 const struct mc_candidate **oldest_out)
{
	const struct mc_candidate *candidate;

	*newest_out = *oldest_out = NULL;
	for (size_t at = 0; (candidate = mc_map_next(&set->by_name, mc_hash_text(name), &at));) {
		if (candidate->is_rejected || candidate->is_yanked || candidate->is_sdist ||
		    !mc_str_is(candidate->name, name) ||
		    mc_pep440_is_prerelease(candidate->version) || !mc_candidate_fits(candidate, chooser))
			continue;
		if (!*newest_out || mc_pep440_compare(candidate->version, (*newest_out)->version) > 0)
			*newest_out = candidate;
		if (!*oldest_out || mc_pep440_compare(candidate->version, (*oldest_out)->version) < 0)
			*oldest_out = candidate;
	}
}
