/* SPDX-License-Identifier: MIT */
/*
 * An index whose requests another process makes (index_helper.c).  Pages and wheels are read
 * here; pip's configuration, passwords and sockets are there.
 */
#include "index_wire.h"

#include <stdio.h>
#include <string.h>

struct remote {
	struct mc_net base;
	struct mc_wire *wire;
	struct mc_index_stats *stats;
};

struct run {
	struct remote *remote;
	struct mc_net_job *jobs;
	size_t count;
	const struct mc_net_calls *calls;
	struct mc_arena texts; /* of the job that is done */
	enum { OPEN, REFUSED, ENDED } *states;
};

/* ---- asking ---- */

/* What is longer than any URL or header is refused there, and need not go all the way.  */
static void put_bounded(struct mc_wire *wire, struct mc_str text)
{
	if (text.len > MC_URL_NBYTES_MAX + 1)
		text.len = MC_URL_NBYTES_MAX + 1;
	mc_wire_put_text(wire, text);
}

static bool send_jobs(struct run *run)
{
	struct mc_wire *wire = run->remote->wire;

	mc_wire_begin(wire, MC_WIRE_RUN);
	mc_wire_put_number(wire, run->count);
	mc_wire_put_number(wire, run->calls->begin != NULL);
	if (!mc_wire_send(wire, -1))
		return false;
	for (size_t i = 0; i < run->count; i++) {
		const struct mc_net_job *job = &run->jobs[i];

		mc_wire_begin(wire, MC_WIRE_JOB);
		put_bounded(wire, job->url);
		mc_wire_put_text(wire, mc_str_of(job->accept ? job->accept : ""));
		put_bounded(wire, job->etag);
		put_bounded(wire, job->modified);
		put_bounded(wire, job->range);
		put_bounded(wire, job->if_range);
		mc_wire_put_number(wire, job->max_nbytes);
		mc_wire_put_number(wire, job->limit_ms);
		if (!mc_wire_send(wire, -1))
			return false;
	}
	return true;
}

/* The job that a message is about; NULL: none that it may be about.  */
static struct mc_net_job *job_of(struct run *run)
{
	uint64_t at = mc_wire_number(run->remote->wire);

	return at < run->count && run->states[at] != ENDED ? &run->jobs[at] : NULL;
}

/* MC_END, from here on: the other one cannot be gone on with.  */
static enum mc_status begin_job(struct run *run)
{
	struct mc_wire *wire = run->remote->wire;
	struct mc_net_job *job = job_of(run);
	enum mc_status status;

	if (!job || !mc_wire_is_whole(wire) || !run->calls->begin || job->fd >= 0)
		return MC_END;
	status = run->calls->begin(run->calls->state, job);
	if (status == MC_ERR_NOMEM)
		return status;
	if (status)
		run->states[job - run->jobs] = REFUSED;
	mc_wire_begin(wire, MC_WIRE_FILE);
	return mc_wire_send(wire, status ? -1 : job->fd) ? MC_OK : MC_END;
}

static enum mc_status take_copy(struct mc_wire *wire, struct mc_arena *arena, struct mc_str *text_out)
{
	return mc_arena_copy(arena, mc_wire_text(wire), text_out);
}

/* Positive: one that nobody has.  */
static enum mc_status take_status(struct mc_wire *wire)
{
	uint64_t number = mc_wire_number(wire);

	return number > -(uint64_t)MC_ERR_NETWORK ? MC_END : (enum mc_status)-(int)number;
}

/* Into memory, piece by piece, as much of it as was said.  */
static enum mc_status take_body(struct run *run, struct mc_net_job *job)
{
	struct mc_wire *wire = run->remote->wire;
	char *body = mc_arena_take(&run->texts, (size_t)job->nbytes + 1, 1);
	size_t len = 0;

	if (!body)
		return MC_ERR_NOMEM;
	while (len < job->nbytes) {
		struct mc_str piece;

		if (mc_wire_receive(wire) != MC_WIRE_BODY)
			return MC_END;
		piece = mc_wire_text(wire);
		if (!mc_wire_is_whole(wire) || !piece.len || piece.len > job->nbytes - len)
			return MC_END;
		memcpy(body + len, piece.ptr, piece.len);
		len += piece.len;
	}
	job->body = (struct mc_str){body, len};
	return MC_OK;
}

static enum mc_status end_job(struct run *run)
{
	struct mc_wire *wire = run->remote->wire;
	struct mc_net_job *job = job_of(run);
	enum mc_status status;
	struct mc_str text;
	bool was_refused;

	if (!job)
		return MC_END;
	was_refused = run->states[job - run->jobs] == REFUSED;
	status = take_status(wire);
	job->code = (long)mc_wire_number(wire);
	job->nbytes = mc_wire_number(wire);
	job->max_age_s = (unsigned)mc_wire_number(wire);
	job->is_not_stored = mc_wire_number(wire);
	text = mc_wire_text(wire);
	/* Why it was refused is known here better than there.  */
	if (!was_refused) {
		job->status = status;
		snprintf(job->problem, sizeof(job->problem), "%.*s", MC_TEXT(text));
	}
	text = mc_wire_text(wire);
	snprintf(job->sha256, sizeof(job->sha256), "%.*s", MC_TEXT(text));
	MC_TRY(take_copy(wire, &run->texts, &job->final_url));
	MC_TRY(take_copy(wire, &run->texts, &job->content_type));
	MC_TRY(take_copy(wire, &run->texts, &job->content_range));
	MC_TRY(take_copy(wire, &run->texts, &job->reply_etag));
	MC_TRY(take_copy(wire, &run->texts, &job->reply_modified));
	if (!mc_wire_is_whole(wire) || job->nbytes > job->max_nbytes || status > 0)
		return MC_END;
	status = job->fd < 0 ? take_body(run, job) : MC_OK;
	if (status)
		return status;
	run->states[job - run->jobs] = ENDED;
	status = run->calls->done(run->calls->state, job);
	mc_arena_clear(&run->texts);
	return status;
}

static enum mc_status end_run(struct run *run)
{
	struct mc_wire *wire = run->remote->wire;
	struct mc_index_stats *stats = run->remote->stats;
	bool is_done = true;

	stats->requests += mc_wire_number(wire);
	stats->nbytes += mc_wire_number(wire);
	stats->spent_ms += mc_wire_number(wire);
	for (size_t i = 0; i < run->count; i++)
		is_done = is_done && run->states[i] == ENDED;
	return is_done && mc_wire_is_whole(wire) ? MC_OK : MC_END;
}

/* What is not done will not be.  */
static enum mc_status lose_all(struct run *run)
{
	mc_wire_close(run->remote->wire);
	for (size_t i = 0; i < run->count; i++) {
		struct mc_net_job *job = &run->jobs[i];

		if (run->states[i] == ENDED)
			continue;
		job->code = 0;
		job->nbytes = 0;
		job->final_url = job->content_type = job->content_range = job->body = MC_STR("");
		job->reply_etag = job->reply_modified = MC_STR("");
		mc_net_fail(job, MC_ERR_NETWORK, "the process that asks servers has ended");
		MC_TRY(run->calls->done(run->calls->state, job));
	}
	return MC_OK;
}

static enum mc_status hear(struct run *run)
{
	for (;;) {
		enum mc_status status = MC_END;

		switch ((int)mc_wire_receive(run->remote->wire)) {
		case MC_WIRE_BEGIN: status = begin_job(run); break;
		case MC_WIRE_DONE: status = end_job(run); break;
		case MC_WIRE_END: return end_run(run);
		default: break;
		}
		if (status)
			return status;
	}
}

static enum mc_status run_jobs(struct mc_net *base, struct mc_net_job *jobs, size_t count,
			       const struct mc_net_calls *calls)
{
	struct run run = {.remote = (struct remote *)base, .jobs = jobs, .count = count, .calls = calls};
	enum mc_status status = MC_END;
	struct mc_arena arena;

	mc_arena_init(&arena, NULL);
	mc_arena_init(&run.texts, NULL);
	run.states = mc_arena_take(&arena, sizeof(*run.states) * (count + 1), sizeof(*run.states));
	if (!run.states)
		return MC_ERR_NOMEM;
	memset(run.states, 0, sizeof(*run.states) * (count + 1));
	if (send_jobs(&run))
		status = hear(&run);
	if (status == MC_END)
		status = lose_all(&run);
	if (status)
		mc_wire_close(run.remote->wire); /* in the middle of a run */
	mc_arena_clear(&run.texts);
	mc_arena_clear(&arena);
	return status;
}

/* The next index is opened in the place of this one.  */
static void close_remote(struct mc_net *net)
{
	(void)net;
}

/* ---- opening ---- */

static bool ask_to_open(struct mc_wire *wire, const struct mc_index_options *options)
{
	mc_wire_begin(wire, MC_WIRE_OPEN);
	mc_wire_put_number(wire, options->index_url != NULL);
	mc_wire_put_text(wire, mc_str_of(options->index_url));
	mc_wire_put_number(wire, options->has_no_index);
	mc_wire_put_number(wire, options->limits.connect_ms);
	mc_wire_put_number(wire, options->limits.page_ms);
	mc_wire_put_number(wire, options->limits.tries);
	mc_wire_put_number(wire, options->extra_urls_count);
	for (size_t i = 0; i < options->extra_urls_count; i++)
		mc_wire_put_text(wire, mc_str_of(options->extra_urls[i]));
	return mc_wire_send(wire, -1);
}

static enum mc_status take_refusal(struct mc_wire *wire, struct mc_error *err)
{
	enum mc_status status = take_status(wire);
	int number = (int)mc_wire_number(wire);
	struct mc_str subject = mc_wire_text(wire), text = mc_wire_text(wire);
	struct mc_error why = MC_ERROR_INIT;

	if (!mc_wire_is_whole(wire) || status >= 0)
		return MC_END;
	mc_fail(&why, status, NULL, "%.*s", MC_TEXT(text));
	snprintf(why.subject, sizeof(why.subject), "%.*s", MC_TEXT(subject));
	why.sys_errno = number;
	if (err && !err->status)
		*err = why;
	return status;
}

static enum mc_status take_opened(struct mc_wire *wire, struct mc_index *index)
{
	struct mc_index_config *config = &index->config;
	struct mc_arena *arena = index->arena;

	MC_TRY(take_copy(wire, arena, &config->origin));
	MC_TRY(take_copy(wire, arena, &config->cache_dir));
	config->limits.page_ms = (unsigned)mc_wire_number(wire);
	config->limits.file_ms = (unsigned)mc_wire_number(wire);
	config->limits.max_age_s = (unsigned)mc_wire_number(wire);
	config->limits.page_nbytes = mc_wire_number(wire);
	config->urls_count = (size_t)mc_wire_number(wire);
	config->find_links_count = (size_t)mc_wire_number(wire);
	if (wire->is_wrong || config->urls_count > MC_WIRE_COUNT_MAX || config->find_links_count > MC_WIRE_COUNT_MAX)
		return MC_END;
	index->urls = MC_TAKE_ARRAY(arena, struct mc_str, config->urls_count + 1);
	index->indexes = MC_TAKE_ARRAY(arena, struct mc_url, config->urls_count + 1);
	index->find_links = MC_TAKE_ARRAY(arena, struct mc_str, config->find_links_count + 1);
	if (!index->urls || !index->indexes || !index->find_links)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < config->urls_count; i++) {
		MC_TRY(take_copy(wire, arena, &index->urls[i]));
		MC_TRY(take_copy(wire, arena, &index->indexes[i].text));
		MC_TRY(take_copy(wire, arena, &index->indexes[i].user));
	}
	for (size_t i = 0; i < config->find_links_count; i++)
		MC_TRY(take_copy(wire, arena, &index->find_links[i]));
	return mc_wire_is_whole(wire) ? MC_OK : MC_END;
}

enum mc_status mc_index_open_remote(struct mc_wire *wire, const struct mc_index_options *options,
				    struct mc_arena *arena, struct mc_index **index_out, struct mc_error *err)
{
	struct mc_index *index = MC_TAKE(arena, struct mc_index);
	struct remote *remote = MC_TAKE(arena, struct remote);
	enum mc_status status = MC_END;

	if (!index || !remote)
		return mc_no_memory(err);
	*index = (struct mc_index){.arena = arena, .cache = {.fd = -1}, .temp = {.fd = -1}};
	*remote = (struct remote){.base = {run_jobs, close_remote}, .wire = wire, .stats = &index->stats};
	if (ask_to_open(wire, options)) {
		switch ((int)mc_wire_receive(wire)) {
		case MC_WIRE_OPENED: status = take_opened(wire, index); break;
		case MC_WIRE_REFUSED:
			status = take_refusal(wire, err);
			if (status < 0)
				return status;
			break;
		default: break;
		}
	}
	if (!status && !options->is_offline)
		index->net = &remote->base;
	if (!status)
		status = mc_index_open_cache(arena, index->config.cache_dir, &index->cache);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(err);
	if (status) {
		mc_wire_close(wire);
		return mc_fail(err, MC_ERR_NETWORK, NULL, "the process that asks indexes has ended");
	}
	*index_out = index;
	return MC_OK;
}
