/* SPDX-License-Identifier: MIT */
#include "index_impl.h"

#include "file.h"
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files that are not in the cache ---- */

static enum mc_status make_temp_folder(struct mc_index *index)
{
	const char *tmp = getenv("TMPDIR");
	struct mc_str path;
	char *folder;

	if (index->temp.fd >= 0)
		return MC_OK;
	path = mc_arena_printf(index->arena, "%s/muslcheck-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	folder = mc_arena_take(index->arena, path.len + 1, 1);
	if (!path.len || !folder)
		return MC_ERR_NOMEM;
	memcpy(folder, path.ptr, path.len);
	if (!mkdtemp(folder)) {
		mc_refusal_note_errno();
		return MC_ERR_IO;
	}
	index->temp.path = (struct mc_str){folder, path.len};
	index->temp.fd = mc_open_at(AT_FDCWD, folder, O_DIRECTORY);
	return index->temp.fd < 0 ? MC_ERR_IO : MC_OK;
}

void mc_index_remove_temps(struct mc_index *index)
{
	if (index->temp.fd < 0)
		return;
	for (struct mc_index_temp *temp = index->temps; temp; temp = temp->older) {
		char path[600];

		snprintf(path, sizeof(path), "%s/%.*s", temp->folder.ptr, MC_TEXT(temp->name));
		unlinkat(index->temp.fd, path, 0);
		unlinkat(index->temp.fd, temp->folder.ptr, AT_REMOVEDIR);
	}
	rmdir(index->temp.path.ptr);
	mc_folder_close(&index->temp);
}

/* A folder of its own: two indexes may have different files of one name.  */
enum mc_status mc_index_add_temp(struct mc_index *index, struct mc_str name, struct mc_str *folder_out)
{
	struct mc_index_temp *temp = MC_TAKE(index->arena, struct mc_index_temp);

	MC_TRY(make_temp_folder(index));
	if (!temp)
		return MC_ERR_NOMEM;
	temp->older = index->temps;
	temp->folder = mc_arena_printf(index->arena, "%zu", index->temps_count++);
	MC_TRY(mc_arena_copy(index->arena, name, &temp->name));
	if (!temp->folder.len)
		return MC_ERR_NOMEM;
	index->temps = temp;
	*folder_out = temp->folder;
	return MC_OK;
}

/* ---- one file ---- */

struct fetch {
	struct mc_index *index;
	struct mc_index_file *file;
	const struct mc_folder *where; /* the cache, or the temporary folder */
	struct mc_str folder, temp;
};

static enum mc_status fail_file(struct mc_index *index, struct mc_index_file *file,
				enum mc_status status, const char *problem)
{
	file->status = status;
	return mc_index_keep_text(index, problem, &file->problem);
}

/* It becomes a path: candidates may come from elsewhere than index_page.c.  */
bool mc_index_is_file_name(struct mc_str name)
{
	if (!name.len || name.len > 255 || name.ptr[0] == '.')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == '/' || name.ptr[i] == 0x7f)
			return false;
	return true;
}

static bool is_hash(struct mc_str hash)
{
	if (hash.len != MC_SHA256_HEX_NBYTES)
		return false;
	for (size_t i = 0; i < hash.len; i++)
		if (!hash.ptr[i] || !strchr("0123456789abcdef", hash.ptr[i]))
			return false;
	return true;
}

/* MC_END: a server has to be asked.  */
static enum mc_status look_into_cache(struct mc_index *index, struct mc_index_file *file)
{
	const struct mc_candidate *candidate = file->candidate;
	struct mc_str folder;
	enum mc_status status;

	if (index->cache.fd < 0 || !is_hash(candidate->sha256))
		return MC_END;
	folder = mc_arena_printf(index->arena, "wheels/%.*s", MC_TEXT(candidate->sha256));
	if (!folder.len)
		return MC_ERR_NOMEM;
	status = mc_cache_get_file(&index->cache, index->arena, folder, candidate->file_name,
				   candidate->sha256, &file->nbytes, &file->path);
	if (status)
		return status;
	memcpy(file->sha256, candidate->sha256.ptr, MC_SHA256_HEX_NBYTES);
	file->is_from_cache = true;
	index->stats.cache_hits++;
	return MC_OK;
}

/* MC_END: it is left to the network.  */
static enum mc_status answer_at_once(struct mc_index *index, struct mc_index_file *file)
{
	const struct mc_candidate *candidate = file->candidate;
	enum mc_status status;

	*file = (struct mc_index_file){.candidate = candidate, .max_nbytes = file->max_nbytes};
	file->problem = file->path = (struct mc_str){"", 0};
	file->url = mc_url_redact(index->arena, candidate->place);
	if (!candidate->is_remote)
		return mc_arena_copy(index->arena, candidate->place, &file->path);
	if (!mc_index_is_file_name(candidate->file_name))
		return fail_file(index, file, MC_ERR_FORMAT, "its name is no name of a file");
	if (candidate->sha256.len && !is_hash(candidate->sha256))
		return fail_file(index, file, MC_ERR_FORMAT, "its sha256 is none");
	status = look_into_cache(index, file);
	if (status != MC_END)
		return status;
	if (file->max_nbytes && candidate->nbytes > file->max_nbytes)
		return fail_file(index, file, MC_ERR_LIMIT, "it is larger than wanted");
	if (!index->net)
		return fail_file(index, file, MC_ERR_NETWORK,
				 "it is not in the cache, and no server is asked (offline)");
	return MC_END;
}

/* In the cache, or where that is full or read-only outside of it.  */
static enum mc_status begin_file(void *state, struct mc_net_job *job)
{
	struct fetch *f = job->user;
	struct mc_index *index = f->index;
	const struct mc_candidate *candidate = f->file->candidate;
	enum mc_status status;

	(void)state;
	if (index->cache.fd >= 0 && candidate->sha256.len) {
		f->where = &index->cache;
		f->folder =
			mc_arena_printf(index->arena, "wheels/%.*s", MC_TEXT(candidate->sha256));
		job->fd = mc_folder_new_file(f->where, index->arena, f->folder, &f->temp);
		if (job->fd >= 0)
			return MC_OK;
	}
	f->where = &index->temp;
	status = mc_index_add_temp(index, candidate->file_name, &f->folder);
	if (status == MC_ERR_NOMEM)
		return status;
	if (!status)
		job->fd = mc_folder_new_file(f->where, index->arena, f->folder, &f->temp);
	return job->fd >= 0
		       ? MC_OK
		       : mc_net_fail(job, MC_ERR_IO, "cannot make a file for it (errno %d)", errno);
}

static void check_bytes(const struct mc_candidate *candidate, struct mc_net_job *job)
{
	if (job->code != 200)
		mc_net_fail(job, MC_ERR_NOT_FOUND, "there is no such file (%ld)", job->code);
	else if (candidate->sha256.len && !mc_str_is(candidate->sha256, mc_str_of(job->sha256)))
		mc_net_fail(job, MC_ERR_FORMAT,
			    "its sha256 begins with %.16s, the index says %.16s", job->sha256,
			    candidate->sha256.ptr);
	else if (!candidate->sha256.len && candidate->nbytes && candidate->nbytes != job->nbytes)
		mc_net_fail(job, MC_ERR_FORMAT, "it has %" PRIu64 " bytes, the index says %" PRIu64,
			    job->nbytes, candidate->nbytes);
}

static enum mc_status end_file(void *state, struct mc_net_job *job)
{
	struct fetch *f = job->user;
	struct mc_index_file *file = f->file;
	struct mc_str name = file->candidate->file_name;
	enum mc_status status = MC_OK;

	(void)state;
	if (!job->status)
		check_bytes(file->candidate, job);
	if (job->fd >= 0) {
		if (close(job->fd) && !job->status)
			mc_net_fail(job, MC_ERR_IO, "cannot write the file (errno %d)", errno);
		job->fd = -1;
		status = mc_folder_keep(f->where, f->index->arena, f->folder, f->temp,
					    job->status ? (struct mc_str){"", 0} : name,
					    &file->path);
	}
	if (status == MC_ERR_NOMEM)
		return status;
	if (status && !job->status)
		mc_net_fail(job, MC_ERR_IO, "cannot keep the file (errno %d)", errno);
	if (job->status)
		return fail_file(f->index, file, job->status, job->problem);
	file->nbytes = job->nbytes;
	memcpy(file->sha256, job->sha256, sizeof(file->sha256));
	return MC_OK;
}

/* ---- all of them ---- */

static enum mc_status fetch_all(struct mc_index *index, struct mc_arena *scratch,
				struct mc_index_file *files, size_t count)
{
	const struct mc_net_calls calls = {begin_file, end_file, NULL};
	struct mc_net_job *jobs = MC_TAKE_ARRAY(scratch, struct mc_net_job, count + 1);
	struct fetch *fetches = MC_TAKE_ARRAY(scratch, struct fetch, count + 1);
	size_t jobs_count = 0;
	enum mc_status status;

	if (!jobs || !fetches)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		status = answer_at_once(index, &files[i]);
		if (status != MC_END) {
			MC_TRY(status);
			continue;
		}
		fetches[jobs_count] = (struct fetch){.index = index, .file = &files[i]};
		jobs[jobs_count] = (struct mc_net_job){
			.url = files[i].candidate->place,
			.max_nbytes = files[i].max_nbytes ? files[i].max_nbytes : UINT64_MAX,
			.limit_ms = index->config.limits.file_ms,
			.fd = -1,
			.user = &fetches[jobs_count],
		};
		jobs_count++;
	}
	if (!jobs_count)
		return MC_OK;
	status = mc_net_run(index->net, jobs, jobs_count, &calls);
	for (size_t i = 0; i < jobs_count; i++)
		mc_close_fd(jobs[i].fd); /* of a run that ended early */
	return status;
}

enum mc_status mc_index_fetch(struct mc_index *index, struct mc_index_file *files, size_t count,
			      struct mc_error *err)
{
	struct mc_arena scratch;
	enum mc_status status;

	mc_arena_init(&scratch, index->arena->alloc);
	status = fetch_all(index, &scratch, files, count);
	mc_arena_clear(&scratch);
	return status ? mc_no_memory(err) : MC_OK;
}

enum mc_status mc_index_fetch_file(struct mc_index *index, const struct mc_candidate *candidate,
				   uint64_t max_nbytes, struct mc_str *path_out,
				   struct mc_error *err)
{
	struct mc_index_file file = {.candidate = candidate, .max_nbytes = max_nbytes};

	MC_TRY(mc_index_fetch(index, &file, 1, err));
	*path_out = file.path;
	if (file.status)
		return mc_fail(err, file.status, file.url.ptr, "%s", file.problem.ptr);
	return MC_OK;
}

/* ---- pieces ---- */

struct piece {
	struct mc_index *index;
	struct mc_index_remote *remote;
	uint64_t off;
	void *buf;
	size_t nbytes, got_nbytes;
};

static bool take_number(struct mc_str *text, uint64_t *number_out)
{
	size_t n = 0;

	*number_out = 0;
	for (; n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9' && n < 18; n++)
		*number_out = *number_out * 10 + (uint64_t)(text->ptr[n] - '0');
	*text = mc_str_skip(*text, n);
	return n > 0;
}

static bool take_mark(struct mc_str *text, struct mc_str mark)
{
	if (!mc_str_starts(*text, mark))
		return false;
	*text = mc_str_skip(*text, mark.len);
	return true;
}

/* "bytes 0-99/1234" must be what was asked for, and as long as what came.  */
bool mc_index_is_piece(const struct mc_net_job *job, uint64_t off, size_t nbytes, uint64_t *whole_out)
{
	struct mc_str text = job->content_range;
	uint64_t first, last, end;

	if (!take_mark(&text, MC_STR("bytes ")) || !take_number(&text, &first) ||
	    !take_mark(&text, MC_STR("-")) || !take_number(&text, &last) ||
	    !take_mark(&text, MC_STR("/")) || !take_number(&text, whole_out) || text.len)
		return false;
	if (off == UINT64_MAX)
		off = *whole_out > nbytes ? *whole_out - nbytes : 0;
	if (off >= *whole_out)
		return false;
	end = *whole_out - off < nbytes ? *whole_out : off + nbytes;
	return first == off && last == end - 1 && job->nbytes == end - off;
}

static bool is_strong(struct mc_str etag)
{
	return etag.len && etag.ptr[0] == '"';
}

static enum mc_status open_remote(struct piece *p, const struct mc_net_job *job, uint64_t nbytes)
{
	p->remote->is_open = true;
	p->remote->nbytes = nbytes;
	p->remote->etag = (struct mc_str){"", 0};
	if (!is_strong(job->reply_etag))
		return MC_OK;
	return mc_arena_copy(p->index->arena, job->reply_etag, &p->remote->etag);
}

static enum mc_status end_piece(void *state, struct mc_net_job *job)
{
	struct piece *p = state;
	struct mc_index_remote *remote = p->remote;
	uint64_t whole;

	/* If-Range: all of another file comes in the place of a piece.  */
	if (job->status == MC_ERR_UNSUPPORTED && remote->is_open)
		mc_net_fail(job, MC_ERR_FORMAT, "the file changed while it was read");
	if (job->status)
		return MC_OK;
	if (job->code != 206) {
		mc_net_fail(job, MC_ERR_NOT_FOUND, "there is no such file (%ld)", job->code);
		return MC_OK;
	}
	if (!mc_index_is_piece(job, p->off, p->nbytes, &whole)) {
		mc_net_fail(job, MC_ERR_FORMAT,
			    "the server sends another piece than was asked for");
		return MC_OK;
	}
	if (remote->is_open &&
	    (whole != remote->nbytes || (remote->etag.len && job->reply_etag.len &&
					 !mc_str_is(remote->etag, job->reply_etag)))) {
		mc_net_fail(job, MC_ERR_FORMAT, "the file changed while it was read");
		return MC_OK;
	}
	if (!remote->is_open)
		MC_TRY(open_remote(p, job, whole));
	memcpy(p->buf, job->body.ptr, job->body.len);
	p->got_nbytes = job->body.len;
	return MC_OK;
}

static enum mc_status ask_piece(struct piece *p, struct mc_arena *scratch, struct mc_error *err)
{
	const struct mc_net_calls calls = {NULL, end_piece, p};
	struct mc_net_job job = {
		.url = p->remote->url,
		.if_range = p->remote->etag,
		.max_nbytes = p->nbytes,
		.limit_ms = p->index->config.limits.page_ms,
		.fd = -1,
	};
	struct mc_str url = mc_url_redact(scratch, p->remote->url);

	if (p->off == UINT64_MAX)
		job.range = mc_arena_printf(scratch, "-%zu", p->nbytes);
	else
		job.range = mc_arena_printf(scratch, "%" PRIu64 "-%" PRIu64, p->off,
					    p->off + (p->nbytes - 1));
	if (!job.range.len || mc_net_run(p->index->net, &job, 1, &calls))
		return mc_no_memory(err);
	return job.status ? mc_fail(err, job.status, url.ptr, "%s", job.problem) : MC_OK;
}

enum mc_status mc_index_read_range(struct mc_index *index, struct mc_index_remote *remote,
				   uint64_t off, void *buf, size_t nbytes, size_t *got_nbytes_out,
				   struct mc_error *err)
{
	struct piece piece = {index, remote, off, buf, nbytes, 0};
	struct mc_arena scratch;
	enum mc_status status;

	*got_nbytes_out = 0;
	if (!index->net)
		return mc_fail(err, MC_ERR_NETWORK, NULL, "no server is asked (offline)");
	if (remote->is_open && off != UINT64_MAX && off >= remote->nbytes)
		return MC_OK;
	if (!nbytes || (off != UINT64_MAX && off > INT64_MAX - nbytes))
		return nbytes ? mc_fail(err, MC_ERR_LIMIT, NULL, "no file is as large") : MC_OK;
	mc_arena_init(&scratch, index->arena->alloc);
	status = ask_piece(&piece, &scratch, err);
	mc_arena_clear(&scratch);
	*got_nbytes_out = piece.got_nbytes;
	return status;
}
