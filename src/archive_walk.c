/* SPDX-License-Identifier: MIT */
/* The only file that knows libarchive (tests/lint/layers.sh).  */
#include "archive_walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>

#define BLOCK_NBYTES ((size_t)64 * 1024)

struct walk {
	struct archive *archive;
	const char *path;
	const struct mc_archive_calls *calls;
	const struct mc_archive_limits *limits;
	struct mc_arena *arena;
	struct mc_error *err;
	size_t count;
};

/* libarchive's own words quote names from the archive: not for a terminal.  */
static enum mc_status fail(struct walk *w, const char *text)
{
	int number = archive_errno(w->archive);

	if (number == ENOMEM)
		return mc_no_memory(w->err);
	if (number == EIO) {
		errno = number;
		return mc_fail(w->err, MC_ERR_IO, w->path, "cannot be read");
	}
	return mc_fail(w->err, MC_ERR_FORMAT, w->path, "%s", text);
}

static enum mc_status read_content(struct walk *w, struct mc_str path, size_t wanted)
{
	char *text;
	size_t used = 0;
	la_ssize_t got = 1;

	text = mc_arena_take(w->arena, wanted + 1, 1);
	if (!text)
		return mc_no_memory(w->err);
	while (used < wanted && (got = archive_read_data(w->archive, text + used, wanted - used)) > 0)
		used += (size_t)got;
	if (got < 0)
		return fail(w, "damaged archive: a file in it cannot be unpacked");
	return w->calls->text(w->calls->state, path, (struct mc_str){text, used}) == MC_ERR_NOMEM
		       ? mc_no_memory(w->err)
		       : MC_OK;
}

static enum mc_status take_entry(struct walk *w, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	struct mc_str path = mc_str_of(name);
	size_t wanted;

	if (++w->count > w->limits->entries)
		return mc_fail(w->err, MC_ERR_LIMIT, w->path, "more than %zu files in it", w->limits->entries);
	/* What is not wanted is inflated all the same to get past it.  */
	if (archive_filter_bytes(w->archive, 0) > (int64_t)w->limits->nbytes ||
	    (archive_entry_size_is_set(entry) && archive_entry_size(entry) > (int64_t)w->limits->nbytes))
		return mc_fail(w->err, MC_ERR_LIMIT, w->path, "unpacked it is larger than %llu MB",
			       (unsigned long long)(w->limits->nbytes >> 20));
	if (!path.len || archive_entry_filetype(entry) != AE_IFREG)
		return MC_OK;
	wanted = w->calls->entry(w->calls->state, path);
	if (!wanted)
		return MC_OK;
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0 &&
	    (uint64_t)archive_entry_size(entry) < wanted)
		wanted = (size_t)archive_entry_size(entry);
	return read_content(w, path, wanted);
}

static enum mc_status walk_entries(struct walk *w)
{
	for (;;) {
		struct archive_entry *entry;
		int code = archive_read_next_header(w->archive, &entry);

		if (code == ARCHIVE_EOF)
			return MC_OK;
		if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
			return fail(w, w->count ? "damaged archive: it ends too soon, or what follows is none"
						: "neither a tar nor a zip");
		MC_TRY(take_entry(w, entry));
	}
}

static enum mc_status open_archive(struct walk *w)
{
	archive_read_support_filter_gzip(w->archive);
	archive_read_support_filter_bzip2(w->archive);
	archive_read_support_filter_xz(w->archive);
	archive_read_support_format_tar(w->archive);
	archive_read_support_format_zip(w->archive);
	if (archive_read_open_filename(w->archive, w->path, BLOCK_NBYTES) == ARCHIVE_OK)
		return MC_OK;
	errno = archive_errno(w->archive);
	if (errno == ENOENT || errno == EACCES || errno == EISDIR)
		return mc_fail(w->err, MC_ERR_IO, w->path, "cannot be opened");
	return fail(w, "neither a tar nor a zip");
}

enum mc_status mc_archive_walk(const char *path, const struct mc_archive_calls *calls,
			       const struct mc_archive_limits *limits, struct mc_arena *arena,
			       struct mc_error *err)
{
	struct walk w = {archive_read_new(), path, calls, limits, arena, err, 0};
	enum mc_status status;

	if (!w.archive)
		return mc_no_memory(err);
	status = open_archive(&w);
	if (!status)
		status = walk_entries(&w);
	archive_read_free(w.archive);
	return status;
}
