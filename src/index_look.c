/* SPDX-License-Identifier: MIT */
/*
 * The end of a wheel by HTTP ranges: its central directory, and METADATA, which wheels have
 * in front of it.  They are put where they belong in an otherwise empty file of the wheel's
 * size, so that what reads whole wheels reads this one too.
 */
#include "index_impl.h"

#include "file.h"
#include "muslcheck/source.h"
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define END_NBYTES ((size_t)64 * 1024)
/* A smaller file is fetched for the price of its end.  */
#define SMALL_NBYTES ((uint64_t)192 * 1024)
/* A longer directory, with METADATA before it, is worth one more request, to here.  */
#define MORE_NBYTES ((size_t)4 << 20)
#define METADATA_NBYTES ((uint64_t)48 * 1024)

struct look {
	struct mc_index *index;
	struct mc_index_look *out;
	struct mc_str folder;
	struct mc_str etag; /* a strong one, else empty */
	uint64_t nbytes; /* of the wheel */
	uint64_t end_off; /* where the piece begins that is there */
	uint64_t directory_off;
	bool has_end;
};

/* ---- the end record ---- */

static uint32_t number_at(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Where the directory begins, by the last end record (APPNOTE 4.3.16); false for zip64.  */
static bool find_directory(const unsigned char *end, size_t nbytes, uint64_t *off_out)
{
	for (size_t i = nbytes < 22 ? 0 : nbytes - 21; i-- > 0;) {
		if (memcmp(end + i, "PK\5\6", 4) != 0)
			continue;
		*off_out = number_at(end + i + 16);
		return *off_out != UINT32_MAX;
	}
	return false;
}

/* ---- files ---- */

static bool put_at(int fd, const void *bytes, size_t nbytes, uint64_t off)
{
	const char *at = bytes;

	while (nbytes) {
		ssize_t n = pwrite(fd, at, nbytes, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		off += (uint64_t)n;
		nbytes -= (size_t)n;
	}
	return true;
}

/* The empty file with its end in it.  */
static enum mc_status keep_end(struct look *l, const struct mc_str end)
{
	struct mc_index *index = l->index;
	struct mc_str temp, name = l->out->candidate->file_name, path = {"", 0};
	enum mc_status status = mc_index_add_temp(index, name, &l->folder);
	bool is_kept;
	int fd;

	if (status)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	fd = mc_folder_new_file(&index->temp, index->arena, l->folder, &temp);
	if (mc_heed(fd) < 0)
		return MC_OK;
	is_kept = !ftruncate(fd, (off_t)l->nbytes) && put_at(fd, end.ptr, end.len, l->end_off);
	if (!is_kept)
		mc_refusal_note_errno();
	is_kept = !mc_heed(close(fd)) && is_kept;
	status = mc_folder_keep(&index->temp, index->arena, l->folder, temp,
				    is_kept ? name : (struct mc_str){"", 0}, &path);
	if (status == MC_ERR_NOMEM)
		return status;
	if (status)
		mc_refusal_note_errno();
	l->out->path = path;
	l->has_end = is_kept && !status;
	return MC_OK;
}

static enum mc_status end_job(void *state, struct mc_net_job *job)
{
	struct look *l = job->user;

	(void)state;
	if (job->status || job->code != 206 ||
	    !mc_index_is_piece(job, UINT64_MAX, END_NBYTES, &l->nbytes) || l->nbytes > INT64_MAX / 2)
		return MC_OK;
	l->end_off = l->nbytes - job->body.len;
	if (!find_directory((const unsigned char *)job->body.ptr, job->body.len, &l->directory_off) ||
	    l->directory_off >= l->nbytes)
		return MC_OK;
	if (mc_str_starts(job->reply_etag, MC_STR("\"")))
		MC_TRY(mc_arena_copy(l->index->arena, job->reply_etag, &l->etag));
	return keep_end(l, job->body);
}

/* ---- more of it ---- */

/* What is missing between METADATA, about, and the piece that is there.  */
static enum mc_status read_more(struct look *l)
{
	/* As if its end had been read through it: the rest must be of the same file.  */
	struct mc_index_remote remote = {.url = l->out->candidate->place,
					 .nbytes = l->nbytes,
					 .etag = l->etag,
					 .is_open = true};
	struct mc_error why = MC_ERROR_INIT;
	struct mc_arena scratch;
	/* RECORD, about as long as the directory, stands between the two.  */
	uint64_t before = METADATA_NBYTES + (l->nbytes - l->directory_off);
	uint64_t from = l->directory_off > before ? l->directory_off - before : 0;
	size_t nbytes, got = 0;
	enum mc_status status = MC_ERR_NOMEM;
	void *bytes;
	int fd;

	l->has_end = false;
	if (from >= l->end_off || l->end_off - from > MORE_NBYTES)
		return MC_OK;
	nbytes = (size_t)(l->end_off - from);
	mc_arena_init(&scratch, l->index->arena->alloc);
	bytes = mc_arena_take(&scratch, nbytes, 1);
	if (bytes)
		status = mc_index_read_range(l->index, &remote, from, bytes, nbytes, &got, &why);
	if (!status && got == nbytes) {
		fd = open(l->out->path.ptr, O_WRONLY | O_CLOEXEC);
		l->has_end = fd >= 0 && put_at(fd, bytes, nbytes, from);
		mc_close_fd(fd);
		l->end_off = from;
	}
	mc_arena_clear(&scratch);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* Can its dist be read, and is it pure by its names?  */
static enum mc_status read_names(const struct look *l, bool *is_read_out)
{
	struct mc_error why = MC_ERROR_INIT;
	const struct mc_dist *const *dists;
	struct mc_source *source;
	struct mc_arena scratch;
	enum mc_status status;
	size_t count;

	*is_read_out = false;
	mc_arena_init(&scratch, l->index->arena->alloc);
	status = mc_source_open(l->out->path.ptr, NULL, &scratch, &source, &why);
	if (!status) {
		dists = mc_source_dists(source, &count);
		*is_read_out = !dists[0]->status && dists[0]->version.len;
		l->out->is_pure = *is_read_out && !mc_source_may_be_native(source);
		mc_source_close(source);
	}
	mc_arena_clear(&scratch);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

static enum mc_status read_end(struct look *l)
{
	bool is_read = false;

	if (l->directory_off >= l->end_off)
		MC_TRY(read_names(l, &is_read));
	if (is_read)
		return MC_OK;
	MC_TRY(read_more(l));
	return l->has_end ? read_names(l, &is_read) : MC_OK;
}

/* ---- all of them ---- */

/* A platform tag promises native code: such a wheel is fetched anyway.  */
static bool is_worth_it(const struct mc_index *index, const struct mc_candidate *candidate)
{
	if (!index->net || !candidate->is_remote || (candidate->nbytes && candidate->nbytes <= SMALL_NBYTES) ||
	    !mc_index_is_file_name(candidate->file_name) || !candidate->tags_count)
		return false;
	for (size_t i = 0; i < candidate->tags_count; i++)
		if (!mc_str_is(candidate->tags[i].platform, MC_STR("any")))
			return false;
	return true;
}

static enum mc_status look_all(struct mc_index *index, struct mc_arena *scratch,
			       struct mc_index_look *looks, size_t count)
{
	const struct mc_net_calls calls = {NULL, end_job, NULL};
	struct mc_net_job *jobs = MC_TAKE_ARRAY(scratch, struct mc_net_job, count + 1);
	struct look *all = MC_TAKE_ARRAY(scratch, struct look, count + 1);
	size_t jobs_count = 0;

	if (!jobs || !all)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		looks[i].is_pure = false;
		looks[i].path = MC_STR("");
		if (!is_worth_it(index, looks[i].candidate))
			continue;
		all[jobs_count] = (struct look){.index = index, .out = &looks[i]};
		jobs[jobs_count] = (struct mc_net_job){
			.url = looks[i].candidate->place,
			.range = mc_arena_printf(scratch, "-%zu", END_NBYTES),
			.max_nbytes = END_NBYTES,
			.limit_ms = index->config.limits.page_ms,
			.fd = -1,
			.user = &all[jobs_count],
		};
		jobs_count++;
	}
	if (!jobs_count)
		return MC_OK;
	MC_TRY(mc_net_run(index->net, jobs, jobs_count, &calls));
	for (size_t i = 0; i < jobs_count; i++)
		if (all[i].has_end)
			MC_TRY(read_end(&all[i]));
	return MC_OK;
}

enum mc_status mc_index_look(struct mc_index *index, struct mc_index_look *looks, size_t count,
			     struct mc_error *err)
{
	struct mc_arena scratch;
	enum mc_status status;

	mc_arena_init(&scratch, index->arena->alloc);
	status = look_all(index, &scratch, looks, count);
	mc_arena_clear(&scratch);
	return status ? mc_no_memory(err) : MC_OK;
}
