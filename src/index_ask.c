/* SPDX-License-Identifier: MIT */
#include "index_impl.h"

#include "dist.h"
#include "index_wire.h"
#include "marker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* pip's (_internal/index/collector.py).  */
#define ACCEPT                                        \
	"application/vnd.pypi.simple.v1+json, "       \
	"application/vnd.pypi.simple.v1+html;q=0.1, " \
	"text/html;q=0.01"

/* ---- texts for people ---- */

static bool steers(char c)
{
	return (unsigned char)c <= ' ' || (unsigned char)c >= 0x7f || strchr("\"<>\\^`{|}", c);
}

/* "https://" of it; empty where it begins otherwise: what is before a later "://" may be secret.  */
static struct mc_str scheme_of(struct mc_str url)
{
	size_t n = 0;

	while (n < url.len && (mc_ascii_is_alnum(url.ptr[n]) || strchr("+-.", url.ptr[n])) && url.ptr[n])
		n++;
	return mc_str_starts(mc_str_skip(url, n), MC_STR("://")) ? (struct mc_str){url.ptr, n + 3} : MC_STR("");
}

struct mc_str mc_url_redact(struct mc_arena *arena, struct mc_str url)
{
	struct mc_str scheme = scheme_of(url);
	char *text, *to;

	/* To the last '@', wherever it is: a password with a '/' in it is still one.  */
	for (size_t i = url.len; i-- > scheme.len;) {
		if (url.ptr[i] != '@')
			continue;
		url = mc_str_skip(url, i);
		break;
	}
	if (url.len && url.ptr[0] != '@')
		url = mc_str_skip(url, scheme.len);
	text = to = mc_arena_take(arena, scheme.len + 4 + url.len * 3 + 1, 1);
	if (!text)
		return (struct mc_str){"", 0};
	to += sprintf(to, "%.*s", MC_TEXT(scheme));
	if (url.len && url.ptr[0] == '@')
		to += sprintf(to, "****");
	for (size_t i = 0; i < url.len && url.ptr[i] != '?' && url.ptr[i] != '#'; i++)
		to += sprintf(to, steers(url.ptr[i]) ? "%%%02X" : "%c", (unsigned char)url.ptr[i]);
	return (struct mc_str){text, (size_t)(to - text)};
}

enum mc_status mc_index_keep_text(struct mc_index *index, const char *text, struct mc_str *kept_out)
{
	return mc_arena_copy(index->arena, mc_str_of(text), kept_out);
}

/* ---- open and close ---- */

static const char *get_variable(const char *name, void *state)
{
	(void)state;
	return getenv(name);
}

struct mc_index_env mc_index_own_env = {.get = get_variable, .etc = "/etc"};

/* URLs redacted, folders as they are: their '@' and '#' mean nothing.  */
static enum mc_status redact_all(struct mc_index *index, const struct mc_str *texts, size_t count,
				 bool may_be_paths, struct mc_str **redacted_out,
				 struct mc_error *err)
{
	*redacted_out = MC_TAKE_ARRAY(index->arena, struct mc_str, count + 1);
	for (size_t i = 0; *redacted_out && i < count; i++) {
		bool is_path = may_be_paths && !mc_str_find(texts[i], MC_STR("://"), NULL);

		(*redacted_out)[i] = is_path ? texts[i] : mc_url_redact(index->arena, texts[i]);
		if (texts[i].len && !(*redacted_out)[i].len)
			return mc_no_memory(err);
	}
	return *redacted_out ? MC_OK : mc_no_memory(err);
}

static enum mc_status read_urls(struct mc_index *index, struct mc_error *err)
{
	const struct mc_index_config *config = &index->config;

	MC_TRY(redact_all(index, config->urls, config->urls_count, false, &index->urls, err));
	MC_TRY(redact_all(index, config->find_links, config->find_links_count, true,
			  &index->find_links, err));
	index->indexes = MC_TAKE_ARRAY(index->arena, struct mc_url, config->urls_count + 1);
	if (!index->indexes)
		return mc_no_memory(err);
	for (size_t i = 0; i < config->urls_count; i++) {
		enum mc_status status = mc_url_read(index->arena, (struct mc_str){"", 0},
						    config->urls[i], &index->indexes[i]);

		if (status == MC_ERR_NOMEM)
			return mc_no_memory(err);
		if (status)
			return mc_fail(err, MC_ERR_UNSUPPORTED, index->urls[i].ptr,
				       "the index (from %.*s) is no URL of http or https",
				       MC_TEXT(config->origin));
	}
	return MC_OK;
}

enum mc_status mc_index_open(const struct mc_index_options *options, struct mc_arena *arena,
			     struct mc_index **index_out, struct mc_error *err)
{
	struct mc_index *index;

	*index_out = NULL;
	if (mc_index_wire)
		return mc_index_open_remote(mc_index_wire, options, arena, index_out, err);
	index = MC_TAKE(arena, struct mc_index);
	if (!index)
		return mc_no_memory(err);
	*index = (struct mc_index){.arena = arena, .cache = {.fd = -1}, .temp = {.fd = -1}};
	MC_TRY(mc_index_config_read(options, &mc_index_own_env, arena, &index->config, err));
	MC_TRY(read_urls(index, err));
	if (!options->is_offline)
		MC_TRY(mc_net_open(&index->config, index->indexes, arena, &index->stats,
				   &index->net, err));
	if (mc_index_open_cache(arena, index->config.cache_dir, &index->cache)) {
		mc_index_close(index);
		return mc_no_memory(err);
	}
	*index_out = index;
	return MC_OK;
}

void mc_index_close(struct mc_index *index)
{
	if (!index)
		return;
	if (index->net)
		index->net->close(index->net);
	mc_index_remove_temps(index);
	mc_folder_close(&index->cache);
}

const struct mc_str *mc_index_urls(const struct mc_index *index, size_t *count_out)
{
	*count_out = index->config.urls_count;
	return index->urls;
}

const struct mc_str *mc_index_find_links(const struct mc_index *index, size_t *count_out)
{
	*count_out = index->config.find_links_count;
	return index->find_links;
}

struct mc_str mc_index_origin(const struct mc_index *index)
{
	return index->config.origin;
}

struct mc_index_stats mc_index_stats(const struct mc_index *index)
{
	return index->stats;
}

/* ---- one page ---- */

/* One project at one index.  */
struct page {
	struct mc_str url, key;       /* in the scratch arena */
	struct mc_str etag, modified; /* of the one in the cache */
	struct mc_index_page offers;
	enum mc_index_state state;
	enum mc_status status;
	char problem[192];
	uint64_t nbytes;
	bool is_from_cache, is_known; /* no need to ask a server */
};

struct project {
	struct mc_str name; /* normalised; empty when it is none */
	struct page *pages; /* one an index */
	size_t same;        /* the first project of that name */
};

struct asking {
	struct mc_index *index;
	struct mc_arena scratch; /* offers, until they are added in order */
	struct project *projects;
	size_t count, pages_count;
};

static void fail_page(struct page *page, enum mc_status status, const char *problem)
{
	page->state = MC_INDEX_FAILED;
	page->status = status;
	snprintf(page->problem, sizeof(page->problem), "%s", problem);
}

/* Read the page as it came; what is wrong with it is the page's trouble.  */
static enum mc_status read_page(struct asking *a, struct page *page, long code,
				struct mc_str content_type, struct mc_str base, struct mc_str body)
{
	const char *problem;
	enum mc_status status;

	page->nbytes = body.len;
	page->state = MC_INDEX_ABSENT;
	if (code != 200)
		return MC_OK;
	status = mc_index_page_read(&a->scratch, content_type, base, body, &page->offers, &problem);
	if (status == MC_ERR_NOMEM)
		return status;
	if (status)
		fail_page(page, status, problem);
	else
		page->state = MC_INDEX_FOUND;
	return MC_OK;
}

static bool is_fresh(const struct mc_index *index, const struct mc_cached_page *cached)
{
	unsigned most_s = index->config.limits.max_age_s;
	int64_t age_s = (int64_t)time(NULL) - cached->time_s;

	if (!index->net)
		return true;
	return age_s >= 0 && age_s < (cached->max_age_s < most_s ? cached->max_age_s : most_s);
}

/* Answer from the cache, or note what there is to ask whether it changed.  */
static enum mc_status look_into_cache(struct asking *a, struct page *page)
{
	struct mc_cached_page cached;
	struct mc_arena text;
	enum mc_status status;

	mc_arena_init(&text, a->scratch.alloc);
	status = mc_cache_get_page(&a->index->cache, &text, page->key, &cached);
	if (!status && is_fresh(a->index, &cached)) {
		page->is_known = page->is_from_cache = true;
		a->index->stats.cache_hits++;
		status = read_page(a, page, cached.code, cached.content_type, cached.final_url,
				   cached.body);
	} else if (!status && cached.code == 200) {
		status = mc_arena_copy(&a->scratch, cached.etag, &page->etag);
		if (!status)
			status = mc_arena_copy(&a->scratch, cached.modified, &page->modified);
	} else if (status == MC_END && !a->index->net) {
		page->is_known = true;
		fail_page(page, MC_ERR_NETWORK,
			  "it is not in the cache, and no server is asked (offline)");
		status = MC_OK;
	}
	mc_arena_clear(&text);
	return status == MC_END ? MC_OK : status;
}

static enum mc_status plan_page(struct asking *a, struct page *page, struct mc_str name, size_t at)
{
	const struct mc_url *index = &a->index->indexes[at];
	const char *slash = mc_str_ends(index->text, MC_STR("/")) ? "" : "/";

	/* A normalised name has no byte that a URL would spell otherwise.  */
	page->url =
		mc_arena_printf(&a->scratch, "%s%s%.*s/", index->text.ptr, slash, MC_TEXT(name));
	/* Two users of an index may see different pages.  */
	page->key = mc_arena_printf(&a->scratch, "%s %.*s", page->url.ptr, MC_TEXT(index->user));
	if (!page->url.len || !page->key.len)
		return MC_ERR_NOMEM;
	return look_into_cache(a, page);
}

static void keep_page(struct asking *a, const struct page *page, const struct mc_net_job *job)
{
	struct mc_cached_page cached = {
		.final_url = job->final_url,
		.content_type = job->content_type,
		.etag = job->reply_etag,
		.modified = job->reply_modified,
		.body = job->code == 200 ? job->body : (struct mc_str){"", 0},
		.code = job->code == 200 ? 200 : 404,
		.time_s = (int64_t)time(NULL),
		.max_age_s = job->max_age_s,
	};

	if (!job->is_not_stored)
		mc_cache_put_page(&a->index->cache, &a->scratch, page->key, &cached);
}

/* 304: what is in the cache is current again.  */
static enum mc_status use_kept_page(struct asking *a, struct page *page,
				    const struct mc_net_job *job)
{
	struct mc_cached_page cached;
	struct mc_arena text;
	enum mc_status status;

	mc_arena_init(&text, a->scratch.alloc);
	status = mc_cache_get_page(&a->index->cache, &text, page->key, &cached);
	if (status == MC_END) {
		fail_page(page, MC_ERR_NETWORK, "did not change, but is gone from the cache");
		status = MC_OK;
	} else if (!status) {
		a->index->stats.revalidated++;
		status = read_page(a, page, cached.code, cached.content_type, cached.final_url,
				   cached.body);
		cached.time_s = (int64_t)time(NULL);
		cached.max_age_s = job->max_age_s;
		mc_cache_put_page(&a->index->cache, &text, page->key, &cached);
	}
	mc_arena_clear(&text);
	return status;
}

static enum mc_status page_done(void *state, struct mc_net_job *job)
{
	struct asking *a = state;
	struct page *page = job->user;

	if (job->status) {
		fail_page(page, job->status, job->problem);
		return MC_OK;
	}
	if (job->code == 304)
		return use_kept_page(a, page, job);
	MC_TRY(read_page(a, page, job->code, job->content_type, job->final_url, job->body));
	if (page->state != MC_INDEX_FAILED)
		keep_page(a, page, job);
	return MC_OK;
}

/* ---- all pages ---- */

/* PEP 508, after normalising; anything else would be a path of its own choice in a URL.  */
static bool is_name(struct mc_str name)
{
	if (!name.len || name.len > 255 || name.ptr[0] == '-' || name.ptr[name.len - 1] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static enum mc_status plan_project(struct asking *a, struct mc_map *seen, struct mc_str name,
				   size_t at)
{
	struct project *project = &a->projects[at], *other;
	size_t indexes = a->index->config.urls_count;
	uint64_t hash;

	project->same = at;
	MC_TRY(mc_dist_normalise(&a->scratch, name, &project->name));
	if (!is_name(project->name)) {
		project->name.len = 0;
		return MC_OK;
	}
	hash = mc_hash_text(project->name);
	for (size_t i = 0; (other = mc_map_next(seen, hash, &i));) {
		if (!mc_str_is(other->name, project->name))
			continue;
		project->same = (size_t)(other - a->projects);
		return MC_OK;
	}
	MC_TRY(mc_map_add(&a->scratch, seen, hash, project));
	project->pages = MC_TAKE_ARRAY(&a->scratch, struct page, indexes + 1);
	if (!project->pages)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < indexes; i++)
		MC_TRY(plan_page(a, &project->pages[i], project->name, i));
	a->pages_count += indexes;
	return MC_OK;
}

static void fill_job(struct mc_net_job *job, const struct mc_index *index, struct page *page)
{
	*job = (struct mc_net_job){
		.url = page->url,
		.accept = ACCEPT,
		.etag = page->etag,
		.modified = page->modified,
		.max_nbytes = index->config.limits.page_nbytes,
		.limit_ms = index->config.limits.page_ms,
		.fd = -1,
		.user = page,
	};
}

static enum mc_status ask_servers(struct asking *a)
{
	const struct mc_net_calls calls = {NULL, page_done, a};
	struct mc_index *index = a->index;
	struct mc_net_job *jobs = MC_TAKE_ARRAY(&a->scratch, struct mc_net_job, a->pages_count + 1);
	size_t count = 0;

	if (!jobs)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; a->projects[i].pages && k < index->config.urls_count; k++)
			if (!a->projects[i].pages[k].is_known)
				fill_job(&jobs[count++], index, &a->projects[i].pages[k]);
	return count ? mc_net_run(index->net, jobs, count, &calls) : MC_OK;
}

/* ---- answers ---- */

/*
 * Whether pip's choice between the two is a matter of their order alone.  It then takes the
 * last (pip 23.2 and 26.3: it sorts its candidates, stably, and begins at the end).
 */
static bool is_same(const struct mc_candidate *a, const struct mc_candidate *b)
{
	return a->is_yanked == b->is_yanked && mc_str_is(a->file_name, b->file_name) &&
	       mc_str_is(a->requires_python, b->requires_python);
}

/* Take the name from those of which a later index has the same.  */
static enum mc_status hide_earlier(struct asking *a, const struct project *project)
{
	struct mc_map seen = {NULL, 0, 0};

	for (size_t i = a->index->config.urls_count; i-- > 0;) {
		const struct mc_index_page *offers = &project->pages[i].offers;

		for (size_t k = offers->count; k-- > 0;) {
			struct mc_candidate *offer = &offers->offers[k], *other;
			uint64_t hash = mc_hash_text(offer->file_name);
			size_t at = 0;

			while ((other = mc_map_next(&seen, hash, &at)) && !is_same(other, offer))
				;
			if (other)
				offer->file_name.len = 0;
			else
				MC_TRY(mc_map_add(&a->scratch, &seen, hash, offer));
		}
	}
	return MC_OK;
}

static enum mc_status add_offers(const struct project *project, const struct page *page,
				 struct mc_candidates *set, struct mc_index_answer *answer)
{
	for (size_t i = 0; i < page->offers.count; i++) {
		struct mc_candidate *offer = &page->offers.offers[i];
		enum mc_status status;

		if (!offer->file_name.len)
			continue;
		offer->name = project->name;
		status = mc_candidates_add(set, offer);
		if (status == MC_ERR_NOMEM)
			return status;
		answer->files_count += !status; /* pip passes the others over as well */
	}
	return MC_OK;
}

static enum mc_status describe(struct asking *a, const struct page *page,
			       struct mc_index_answer *answer)
{
	bool is_first_failure = page->state == MC_INDEX_FAILED && answer->state != MC_INDEX_FAILED;
	bool is_first_find = page->state == MC_INDEX_FOUND && answer->state == MC_INDEX_ABSENT;

	answer->nbytes += page->nbytes;
	answer->is_from_cache = answer->is_from_cache && page->is_from_cache;
	if (!is_first_failure && !is_first_find && answer->url.len)
		return MC_OK;
	if (is_first_failure || is_first_find)
		answer->state = page->state;
	answer->status = page->status;
	answer->url = mc_url_redact(a->index->arena, page->url);
	if (!answer->url.len)
		return MC_ERR_NOMEM;
	return is_first_failure ? mc_index_keep_text(a->index, page->problem, &answer->problem)
				: MC_OK;
}

static enum mc_status answer_project(struct asking *a, const struct project *project,
				     struct mc_candidates *set, struct mc_index_answer *answer)
{
	size_t indexes = a->index->config.urls_count;

	*answer = (struct mc_index_answer){.state = MC_INDEX_ABSENT,
					   .problem = {"", 0},
					   .url = {"", 0},
					   .is_from_cache = indexes > 0};
	if (!project->name.len) {
		answer->state = MC_INDEX_FAILED;
		answer->status = MC_ERR_FORMAT;
		answer->is_from_cache = false;
		answer->problem = MC_STR("this is no name of a project");
		return MC_OK;
	}
	MC_TRY(hide_earlier(a, project));
	for (size_t i = 0; i < indexes; i++) {
		MC_TRY(describe(a, &project->pages[i], answer));
		MC_TRY(add_offers(project, &project->pages[i], set, answer));
	}
	return MC_OK;
}

static enum mc_status ask_all(struct asking *a, const struct mc_str *names,
			      struct mc_candidates *set, struct mc_index_answer *answers)
{
	struct mc_map seen = {NULL, 0, 0};

	a->projects = MC_TAKE_ARRAY(&a->scratch, struct project, a->count + 1);
	if (!a->projects)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < a->count; i++)
		MC_TRY(plan_project(a, &seen, names[i], i));
	MC_TRY(ask_servers(a));
	for (size_t i = 0; i < a->count; i++) {
		const struct project *project = &a->projects[i];

		if (project->same != i)
			answers[i] = answers[project->same];
		else
			MC_TRY(answer_project(a, project, set, &answers[i]));
	}
	return MC_OK;
}

enum mc_status mc_index_ask(struct mc_index *index, const struct mc_str *names, size_t count,
			    struct mc_candidates *set, struct mc_index_answer *answers_out,
			    struct mc_error *err)
{
	struct asking a = {.index = index, .count = count};
	enum mc_status status;

	mc_arena_init(&a.scratch, index->arena->alloc);
	status = ask_all(&a, names, set, answers_out);
	mc_arena_clear(&a.scratch);
	return status ? mc_no_memory(err) : MC_OK;
}
