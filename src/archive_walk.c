/* SPDX-License-Identifier: MIT */
/* The only file that knows libarchive (tests/lint/layers.sh).  */
#include "archive_walk.h"
#include "file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

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

/*
 * One layer and no more: left to itself libarchive unpacks gzip in gzip in gzip, and 300 KB of
 * empty members keep it busy for hours before there is a header to count bytes at.
 */
static int add_filter(struct archive *archive, int fd)
{
	static const struct {
		const char *magic;
		size_t nbytes;
		int filter;
	} filters[] = {
		{"\x1f\x8b", 2, ARCHIVE_FILTER_GZIP},
		{"BZh", 3, ARCHIVE_FILTER_BZIP2},
		{"\xfd"
		 "7zXZ\0",
		 6, ARCHIVE_FILTER_XZ},
	};
	char head[6] = "";

	if (mc_read_at(fd, 0, head, sizeof(head)) < 0)
		return ARCHIVE_OK; /* libarchive comes upon the same error */
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (!memcmp(head, filters[i].magic, filters[i].nbytes))
			return archive_read_append_filter(archive, filters[i].filter);
	return ARCHIVE_OK;
}

static enum mc_status open_archive(struct walk *w, int fd)
{
	archive_read_support_format_tar(w->archive);
	archive_read_support_format_zip(w->archive);
	if (add_filter(w->archive, fd) == ARCHIVE_OK &&
	    archive_read_open_fd(w->archive, fd, BLOCK_NBYTES) == ARCHIVE_OK)
		return MC_OK;
	return fail(w, "neither a tar nor a zip");
}

/* A FIFO would be waited for.  */
static enum mc_status open_file(const char *path, int *fd_out, struct mc_error *err)
{
	struct stat info;

	*fd_out = mc_open_at(AT_FDCWD, path, 0);
	if (*fd_out < 0 || fstat(*fd_out, &info) < 0)
		return mc_fail(err, MC_ERR_IO, path, "cannot be opened");
	if (!S_ISREG(info.st_mode))
		return mc_fail(err, MC_ERR_FORMAT, path, "not a regular file");
	return MC_OK;
}

enum mc_status mc_archive_walk(const char *path, const struct mc_archive_calls *calls,
			       const struct mc_archive_limits *limits, struct mc_arena *arena,
			       struct mc_error *err)
{
	struct walk w = {NULL, path, calls, limits, arena, err, 0};
	enum mc_status status;
	int fd;

	status = open_file(path, &fd, err);
	if (status)
		goto out;
	w.archive = archive_read_new();
	if (!w.archive) {
		status = mc_no_memory(err);
		goto out;
	}
	status = open_archive(&w, fd);
	if (!status)
		status = walk_entries(&w);
out:
	archive_read_free(w.archive); /* NULL is allowed */
	mc_close_fd(fd);
	return status;
}
