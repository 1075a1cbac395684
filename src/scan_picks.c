/* SPDX-License-Identifier: MIT */
/* What pip would take for a dist: ask, choose, fetch, open.  */
#include "scan_impl.h"

#include <errno.h>
#include <string.h>

/* Nobody asked for the network by name: a machine without one is to notice soon.  */
#define AUTO_CONNECT_MS 5000
#define AUTO_PAGE_MS 20000
#define AUTO_TRIES 2

/* It is fetched for a guess alone.  */
#define SDIST_NBYTES_MAX ((uint64_t)256 << 20)

struct mc_pick *mc_scan_add_pick(struct mc_scan *scan, const struct mc_dist *dist, unsigned minor,
				 const char *machine)
{
	const struct mc_libc *libc = scan->judge.target.libc, *against = scan->judge.against.libc;
	struct mc_pick **picks = mc_arena_grow(&scan->arena, scan->picks, scan->picks_count,
					      &scan->picks_room, sizeof(*picks));
	struct mc_pick *pick = MC_TAKE(&scan->arena, struct mc_pick);

	if (!picks || !pick)
		return NULL;
	scan->picks = picks;
	*pick = (struct mc_pick){
		.dist = dist,
		.chooser = {libc->family, libc->version, minor, machine, false},
		.against = {against->family, against->version, minor, machine, false},
		.choice = {.problem = MC_STR("")},
	};
	scan->picks[scan->picks_count++] = pick;
	return pick;
}

static bool is_locked(const struct mc_pick *pick)
{
	return pick->wish && pick->wish->is_locked;
}

/* ---- the index ---- */

static bool wants_index(const struct mc_scan *scan)
{
	const struct mc_scan_options *o = scan->options;

	if (o->question == MC_SCAN_REINSTALL)
		return true;
	return o->question == MC_SCAN_AUTO && !o->find_links_count && !o->index.is_offline;
}

/* A folder that pip is told of; pip passes over what is not there.  */
static enum mc_status add_links(struct mc_scan *scan, struct mc_str folder)
{
	struct mc_error why = MC_ERROR_INIT;

	if (mc_candidates_add_folder(&scan->set, folder.ptr, &why) == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (why.sys_errno == EACCES) /* there is something, and pip may see it where this cannot */
		mc_scan_complain(scan, folder.ptr, &why);
	return MC_OK;
}

static enum mc_status add_configured_links(struct mc_scan *scan)
{
	const struct mc_str *links;
	size_t count;

	links = mc_index_find_links(scan->index, &count);
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_links(scan, links[i]));
	return MC_OK;
}

/* What requirements files say of indexes; the command line is stronger.  */
static enum mc_status heed_lists(struct mc_scan *scan, struct mc_index_options *options)
{
	const char **urls;
	size_t count = options->extra_urls_count;

	for (size_t i = 0; i < scan->lists_count; i++)
		count += scan->lists[i]->index_urls.count;
	urls = MC_TAKE_ARRAY(&scan->arena, const char *, count + 1);
	if (!urls)
		return mc_no_memory(scan->err);
	count = 0;
	for (; count < options->extra_urls_count; count++)
		urls[count] = options->extra_urls[count];
	for (size_t i = 0; i < scan->lists_count; i++) {
		const struct mc_requirements *list = scan->lists[i];

		options->has_no_index = options->has_no_index || list->has_no_index;
		for (size_t k = 0; k < list->index_urls.count; k++) {
			if (list->replaces_indexes && !options->index_url)
				options->index_url = list->index_urls.items[k].ptr;
			else
				urls[count++] = list->index_urls.items[k].ptr;
		}
		for (size_t k = 0; k < list->find_links.count; k++)
			MC_TRY(add_links(scan, list->find_links.items[k]));
	}
	options->extra_urls = urls;
	options->extra_urls_count = count;
	return MC_OK;
}

static enum mc_status open_index(struct mc_scan *scan)
{
	struct mc_index_options options = scan->options->index;
	struct mc_error why = MC_ERROR_INIT;
	bool is_asked_for = scan->options->question == MC_SCAN_REINSTALL;
	enum mc_status status;
	size_t count;

	if (scan->is_index_tried)
		return MC_OK;
	scan->is_index_tried = true;
	if (!wants_index(scan))
		return MC_OK;
	MC_TRY(heed_lists(scan, &options));
	if (!is_asked_for && !options.limits.connect_ms) {
		options.limits.connect_ms = AUTO_CONNECT_MS;
		options.limits.page_ms = AUTO_PAGE_MS;
		options.limits.tries = AUTO_TRIES;
	}
	status = mc_index_open(&options, &scan->arena, &scan->index, &why);
	if (!status) {
		MC_TRY(add_configured_links(scan));
		mc_index_urls(scan->index, &count);
		if (count || scan->set.count)
			return MC_OK;
		/* pip's --no-index, and no folder either */
		mc_index_close(scan->index);
		scan->index = NULL;
		status = mc_fail(&why, MC_ERR_NOT_FOUND, NULL, "pip is told to ask no index (no-index)");
	}
	if (is_asked_for || status == MC_ERR_NOMEM) {
		if (scan->err && !scan->err->status)
			*scan->err = why;
		return status;
	}
	if (status != MC_ERR_NOT_FOUND)
		mc_scan_complain(scan, "the package index", &why);
	return MC_OK;
}

/* Does an index know more of it?  A lock may name files without saying where they are.  */
static bool is_asked_of_index(const struct mc_scan *scan, const struct mc_pick *pick)
{
	const struct mc_candidate *candidate;

	if (pick->is_done || pick->is_asked || (pick->wish && pick->wish->problem.len))
		return false;
	if (!is_locked(pick))
		return true;
	for (size_t at = 0; (candidate = mc_map_next(&scan->locked.by_name,
						     mc_hash_text(pick->dist->name), &at));)
		if (mc_str_is(candidate->name, pick->dist->name) && !candidate->place.len)
			return true;
	return false;
}

static enum mc_status ask(struct mc_scan *scan)
{
	struct mc_index_answer *answers =
		MC_TAKE_ARRAY(&scan->arena, struct mc_index_answer, scan->picks_count + 1);
	struct mc_str *names = MC_TAKE_ARRAY(&scan->arena, struct mc_str, scan->picks_count + 1);
	struct mc_pick **asked = MC_TAKE_ARRAY(&scan->arena, struct mc_pick *, scan->picks_count + 1);
	size_t count = 0;

	if (!answers || !names || !asked)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < scan->picks_count; i++) {
		struct mc_pick *pick = scan->picks[i];

		if (!is_asked_of_index(scan, pick))
			continue;
		pick->is_asked = true;
		names[count] = pick->dist->name;
		asked[count++] = pick;
	}
	if (!count)
		return MC_OK;
	MC_TRY(open_index(scan));
	if (!scan->index)
		return MC_OK;
	mc_scan_show(scan, "the package index");
	MC_TRY(mc_index_ask(scan->index, names, count, &scan->set, answers, scan->err));
	scan->asked.projects += count;
	for (size_t i = 0; i < count; i++) {
		if (answers[i].state != MC_INDEX_FAILED)
			continue;
		scan->asked.failed++;
		if (!is_locked(asked[i]))
			asked[i]->choice.problem = answers[i].problem;
	}
	return MC_OK;
}

/* ---- choosing ---- */

static struct mc_candidate *choose_for(struct mc_scan *scan, const struct mc_pick *pick,
				       const struct mc_chooser *chooser)
{
	struct mc_str name = pick->dist->name, version = pick->dist->version;
	struct mc_candidate *candidate;
	struct mc_str pin;

	if (is_locked(pick))
		return mc_candidates_choose(&scan->locked, name, pick->wish->specifiers, chooser);
	if (pick->wish)
		return mc_candidates_choose(&scan->set, name, pick->wish->specifiers, chooser);
	/* The version that is there, as a pin has it; without that, any.  */
	pin = version.len ? mc_arena_printf(&scan->arena, "==%.*s", MC_TEXT(version))
			  : MC_STR("");
	candidate = mc_candidates_choose(&scan->set, name, pin, chooser);
	return candidate || !pin.len ? candidate
				     : mc_candidates_choose(&scan->set, name, MC_STR(""), chooser);
}

/* A lock that has no URLs names files that the index has.  */
static const struct mc_candidate *with_place(struct mc_scan *scan, const struct mc_candidate *candidate)
{
	const struct mc_candidate *other;
	struct mc_candidate *placed;

	if (candidate->place.len)
		return candidate;
	for (size_t at = 0;
	     (other = mc_map_next(&scan->set.by_name, mc_hash_text(candidate->name), &at));) {
		if (!mc_str_is(other->file_name, candidate->file_name))
			continue;
		placed = MC_TAKE(&scan->arena, struct mc_candidate);
		if (!placed)
			return candidate;
		*placed = *candidate; /* the hash is the lock's */
		placed->place = other->place;
		placed->is_remote = other->is_remote;
		return placed;
	}
	return candidate;
}

/* ---- opening ---- */

/*
 * Open the chosen wheel.  Python may be too old or new for it: pip looks at that once it
 * has the wheel, and goes on to the next file.  With 'is_end' only its list of files is there.
 */
static enum mc_status open_wheel(struct mc_scan *scan, struct mc_pick *pick, const char *path,
				 bool is_end)
{
	const struct mc_source_options options = {
		.wants_sources = !scan->options->no_sources && !is_end,
		.kept = scan->kept,
	};
	struct mc_error why = MC_ERROR_INIT;
	const struct mc_dist *const *dists;
	struct mc_source *source;
	enum mc_status status;
	size_t count;

	status = mc_source_open(path, &options, &scan->arena, &source, &why);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	pick->is_done = true;
	if (is_end)
		scan->asked.by_names++;
	else
		scan->asked.wheels++;
	if (status < 0) {
		mc_scan_complain(scan, path, &why);
		MC_TRY(mc_haul_keep_unreadable(scan, &scan->wheels, path, &why));
		pick->choice.dist = scan->wheels.dists[scan->wheels.dists_count - 1];
		return MC_OK;
	}
	dists = mc_source_dists(source, &count);
	if (mc_chooser_fits_python(&pick->chooser, dists[0]->requires_python)) {
		pick->choice.dist = dists[0];
		status = is_end ? mc_haul_keep_dist(scan, &scan->wheels, dists[0])
				: mc_haul_gather(scan, &scan->wheels, source, path);
	} else {
		pick->candidate->is_rejected = true;
		pick->choice.candidate = NULL;
		pick->is_done = false;
	}
	mc_source_close(source);
	return status;
}

/* A source archive that cannot be looked into is still one: only the guess is lost.  */
static enum mc_status open_sdist(struct mc_scan *scan, struct mc_pick *pick, const char *path)
{
	struct mc_mark mark = mc_arena_mark(&scan->arena);
	struct mc_sdist *build = MC_TAKE(&scan->arena, struct mc_sdist);
	struct mc_error why = MC_ERROR_INIT;
	enum mc_status status;

	if (!build)
		return mc_no_memory(scan->err);
	pick->is_done = true;
	status = mc_sdist_read(path, pick->dist->name, &scan->arena, build, &why);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(scan->err);
	if (status)
		mc_arena_rewind(&scan->arena, mark);
	else
		pick->choice.build = build;
	return MC_OK;
}

static enum mc_status open_file(struct mc_scan *scan, struct mc_pick *pick, const char *path)
{
	return pick->candidate->is_sdist ? open_sdist(scan, pick, path)
					  : open_wheel(scan, pick, path, false);
}

static uint64_t hash_of_candidate(const struct mc_pick *pick)
{
	return mc_hash_pair((uintptr_t)pick->candidate, 0);
}

/*
 * Another dist of the run chose the same file before.  Where that one is still to be fetched, this one is left open:
 * it has its turn in the next round.
 */
static bool is_open(const struct mc_scan *scan, struct mc_pick *pick)
{
	const struct mc_pick *other;

	for (size_t at = 0; (other = mc_map_next(&scan->openers, hash_of_candidate(pick), &at));)
		if (other != pick && other->candidate == pick->candidate)
			break;
	if (!other || (!other->is_done && pick->candidate->is_rejected))
		return false;
	if (!other->is_done)
		return true;
	pick->choice.dist = other->choice.dist;
	pick->choice.build = other->choice.build;
	pick->choice.problem = other->choice.problem;
	pick->is_done = true;
	return true;
}

/* Pure wheels are known by their ends; what is left is to be fetched.  */
static enum mc_status look(struct mc_scan *scan, struct mc_index_file *files, struct mc_pick **picks,
			   size_t *count)
{
	struct mc_index_look *looks = MC_TAKE_ARRAY(&scan->arena, struct mc_index_look, *count + 1);
	size_t kept = 0;

	if (!looks)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < *count; i++)
		looks[i].candidate = files[i].candidate;
	MC_TRY(mc_index_look(scan->index, looks, *count, scan->err));
	for (size_t i = 0; i < *count; i++) {
		if (looks[i].is_pure) {
			MC_TRY(open_wheel(scan, picks[i], looks[i].path.ptr, true));
			continue;
		}
		files[kept] = files[i];
		picks[kept++] = picks[i];
	}
	*count = kept;
	return MC_OK;
}

static enum mc_status fetch(struct mc_scan *scan, struct mc_index_file *files, struct mc_pick **picks,
			    size_t count)
{
	mc_scan_show(scan, "wheels of the package index");
	MC_TRY(look(scan, files, picks, &count));
	MC_TRY(mc_index_fetch(scan->index, files, count, scan->err));
	for (size_t i = 0; i < count; i++) {
		if (!files[i].status) {
			MC_TRY(open_file(scan, picks[i], files[i].path.ptr));
			continue;
		}
		if (!picks[i]->candidate->is_sdist)
			picks[i]->choice.problem = files[i].problem;
		picks[i]->is_done = true;
	}
	return MC_OK;
}

/* Files of the index are fetched several at once; the others are here.  */
static enum mc_status open_chosen(struct mc_scan *scan)
{
	struct mc_index_file *files =
		MC_TAKE_ARRAY(&scan->arena, struct mc_index_file, scan->picks_count + 1);
	struct mc_pick **fetched = MC_TAKE_ARRAY(&scan->arena, struct mc_pick *, scan->picks_count + 1);
	size_t count = 0;

	if (!files || !fetched)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < scan->picks_count; i++) {
		struct mc_pick *pick = scan->picks[i];
		const struct mc_candidate *candidate;

		if (pick->is_done || is_open(scan, pick))
			continue;
		if (mc_map_add(&scan->arena, &scan->openers, hash_of_candidate(pick), pick))
			return mc_no_memory(scan->err);
		candidate = with_place(scan, pick->candidate);
		if (!candidate->is_remote && candidate->place.len) {
			MC_TRY(open_file(scan, pick, candidate->place.ptr));
			continue;
		}
		if (candidate->place.len && !scan->options->is_by_tag)
			MC_TRY(open_index(scan));
		if (!candidate->place.len || !scan->index || scan->options->is_by_tag) {
			pick->is_done = true; /* its tags must do */
			scan->asked.by_tag += !candidate->is_sdist;
		} else {
			files[count].candidate = candidate;
			files[count].max_nbytes = candidate->is_sdist ? SDIST_NBYTES_MAX : 0;
			fetched[count++] = pick;
		}
	}
	return count ? fetch(scan, files, fetched, count) : MC_OK;
}

/* ---- the rounds ---- */

static struct mc_str no_data(const struct mc_scan *scan, const struct mc_pick *pick)
{
	if (pick->wish->problem.len)
		return pick->wish->problem;
	if (is_locked(pick) || scan->index || scan->options->find_links_count)
		return MC_STR("");
	return scan->options->index.is_offline
		       ? MC_STR("no index is asked (--offline)")
		       : MC_STR("no index is known: --index-url or --find-links says where wheels are");
}

/* Each asks for something that there is, and nothing is there that is all of it.  */
static struct mc_str name_conflict(struct mc_scan *scan, const struct mc_pick *pick)
{
	const struct mc_wish *wish = pick->wish;

	if (!wish->list || wish->is_hash_refused || !memchr(wish->specifiers.ptr, ',', wish->specifiers.len) ||
	    !mc_candidates_choose(&scan->set, pick->dist->name, MC_STR(""), &pick->chooser))
		return MC_STR("");
	return mc_arena_printf(&scan->arena,
			       "no version is %.*s, as %.*s ask: pip would look for other versions of those",
			       MC_TEXT(wish->specifiers), MC_TEXT(wish->asked_by));
}

static void choose(struct mc_scan *scan, struct mc_pick *pick)
{
	struct mc_str problem = pick->wish ? no_data(scan, pick) : MC_STR("");

	if (problem.len) {
		pick->choice.problem = problem;
		pick->is_done = true;
		return;
	}
	mc_scan_refuse(scan, pick);
	pick->candidate = choose_for(scan, pick, &pick->chooser);
	pick->choice.candidate = pick->candidate;
	if (pick->candidate) /* what did not answer does not matter then */
		pick->choice.problem = MC_STR("");
	else if (pick->wish && !pick->choice.problem.len)
		pick->choice.problem = name_conflict(scan, pick);
	pick->is_done = !pick->candidate;
}

/* One of the specifiers is an exact version.  */
static bool has_pin(struct mc_str specifiers)
{
	while (specifiers.len) {
		struct mc_str one = mc_str_cut(&specifiers, ',');

		while (one.len && one.ptr[0] == ' ')
			one = mc_str_skip(one, 1);
		if (mc_str_starts(one, MC_STR("==")) && !mc_str_ends(one, MC_STR("*")))
			return true;
	}
	return false;
}

/* What is told beside the choice itself.  */
static void describe(struct mc_scan *scan, struct mc_pick *pick)
{
	struct mc_choice *choice = &pick->choice;

	choice->is_locked = pick->wish && ((pick->wish->is_locked && pick->wish->has_wheels) ||
					   pick->wish->is_hash_refused);
	if (pick->wish && pick->wish->is_followed && pick->candidate && !pick->is_expanded)
		scan->asked.unfollowed++;
	choice->against = choose_for(scan, pick, &pick->against);
	mc_candidates_range(&scan->set, pick->dist->name, &pick->chooser, &choice->newest,
			    &choice->oldest);
	if (pick->wish && !pick->dist->version.len && pick->candidate) {
		pick->wish->dist->version = pick->candidate->version;
		choice->is_newest = !has_pin(pick->wish->specifiers);
	}
}

static bool has_open(const struct mc_scan *scan, size_t first)
{
	for (size_t i = first; i < scan->picks_count; i++)
		if (!scan->picks[i]->is_done)
			return true;
	return false;
}

/* Until nothing is open any more: a wheel that is opened may send pip on to the next.  */
enum mc_status mc_scan_pick(struct mc_scan *scan)
{
	size_t first = 0;

	while (first < scan->picks_count && scan->picks[first]->is_done)
		first++;
	while (has_open(scan, first)) {
		MC_TRY(ask(scan));
		for (size_t i = first; i < scan->picks_count; i++)
			if (!scan->picks[i]->is_done)
				choose(scan, scan->picks[i]);
		MC_TRY(open_chosen(scan));
		MC_TRY(mc_scan_expand(scan));
	}
	for (size_t i = first; i < scan->picks_count; i++)
		describe(scan, scan->picks[i]);
	return MC_OK;
}

/* ---- for the report ---- */

static struct mc_str add_source(struct mc_arena *arena, struct mc_str list, struct mc_str one)
{
	return list.len ? mc_arena_printf(arena, "%.*s, %.*s", MC_TEXT(list), MC_TEXT(one)) : one;
}

/* One Dockerfile may bring several lists.  */
static bool was_named(const struct mc_scan *scan, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!strcmp(scan->lists[i]->path, scan->lists[at]->path))
			return true;
	return false;
}

struct mc_str mc_scan_name_sources(struct mc_scan *scan)
{
	struct mc_arena *arena = &scan->arena;
	struct mc_str list = MC_STR("");
	const struct mc_str *urls;
	size_t count = 0;

	for (size_t i = 0; i < scan->locks_count; i++)
		list = add_source(arena, list, mc_str_of(scan->locks[i]->path));
	for (size_t i = 0; i < scan->lists_count; i++)
		if (!was_named(scan, i))
			list = add_source(arena, list, mc_str_of(scan->lists[i]->path));
	for (size_t i = 0; i < scan->options->find_links_count; i++)
		list = add_source(arena, list, mc_str_of(scan->options->find_links[i]));
	if (!scan->index)
		return list;
	urls = mc_index_urls(scan->index, &count);
	for (size_t i = 0; i < count; i++)
		list = add_source(arena, list, urls[i]);
	return list;
}
