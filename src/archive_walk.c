/* SPDX-License-Identifier: MIT */
/* The only file that knows libarchive (tests/lint/layers.sh).  */
#include "archive_walk.h"
#include "file.h"
#include "refusal.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef MC_LATE
#include "gen/late_archive.h"
#define load_library(err) mc_late_load(&late_archive_library, (err))
#define try_library() mc_late_try(&late_archive_library)
#else
#define load_library(err) ((void)(err), MC_OK)
#define try_library() ((void)0)
#endif

#define TOO_LARGE "what it unpacks to is out of all proportion to the file"
#define BLOCK_NBYTES ((size_t)64 * 1024)

struct mc_archive {
	struct archive *archive;
	struct archive_entry *entry; /* that it stands at */
	const char *path;
	struct mc_archive_limits limits;
	size_t count;
	/* An inner one: what it is read from, and the bytes that were read to know its filter.  */
	struct mc_archive *outer;
	size_t head_nbytes;
	bool is_head_given;
	struct mc_arena arena; /* itself */
	char block[BLOCK_NBYTES];
};

/* libarchive's own words quote names from the archive: not for a terminal.  */
static enum mc_status fail(const struct mc_archive *a, const char *text, struct mc_error *err)
{
	int number = archive_errno(a->archive);

	mc_refusal_note_errno();
	if (number == ENOMEM)
		return mc_no_memory(err);
	if (number == EIO) {
		errno = number;
		return mc_fail(err, MC_ERR_IO, a->path, "cannot be read");
	}
	return mc_fail(err, MC_ERR_FORMAT, a->path, "%s", text);
}

/* ---- opening ---- */

/*
 * One layer and no more: left to itself libarchive unpacks gzip in gzip in gzip, and 300 KB of
 * empty members keep it busy for hours before there is a header to count bytes at.
 */
static int add_filter(struct archive *archive, const char head[static 6])
{
	static const struct {
		const char *magic;
		size_t nbytes;
		int filter;
	} filters[] = {
		{"\x1f\x8b", 2, ARCHIVE_FILTER_GZIP},
		{"BZh", 3, ARCHIVE_FILTER_BZIP2},
		{"\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD},
		{"\xfd"
		 "7zXZ\0",
		 6, ARCHIVE_FILTER_XZ},
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (!memcmp(head, filters[i].magic, filters[i].nbytes))
			return archive_read_append_filter(archive, filters[i].filter);
	return ARCHIVE_OK;
}

static struct mc_archive *make(const char *path, const struct mc_archive_limits *limits)
{
	struct mc_arena arena;
	struct mc_archive *a;

	mc_arena_init(&arena, NULL);
	a = MC_TAKE(&arena, struct mc_archive);
	if (!a) {
		mc_arena_clear(&arena);
		return NULL;
	}
	a->arena = arena;
	a->path = path;
	a->limits = *limits;
	a->archive = archive_read_new();
	/* Those that libarchive makes by itself it does not look at, the entry and, when it opens,
	   the list of its sources: NULL without memory.  */
	a->entry = archive_entry_new();
	if (a->archive && a->entry && archive_read_set_callback_data(a->archive, NULL) == ARCHIVE_OK)
		return a;
	mc_archive_close(a);
	return NULL;
}

void mc_archive_close(struct mc_archive *a)
{
	struct mc_arena arena;

	if (!a)
		return;
	archive_read_free(a->archive); /* NULL is allowed */
	archive_entry_free(a->entry);
	arena = a->arena;
	mc_arena_clear(&arena);
}

void mc_archive_prepare(void)
{
	try_library();
}

/* Raw: whatever comes of taking one compression off.  */
static enum mc_status open_as(bool is_raw, int fd, const char *path, const struct mc_archive_limits *limits,
			      struct mc_archive **archive_out, struct mc_error *err)
{
	struct mc_archive *a;
	char head[6] = "";
	enum mc_status status;

	*archive_out = NULL;
	MC_TRY(load_library(err));
	a = make(path, limits);
	if (!a)
		return mc_no_memory(err);
	if (lseek(fd, 0, SEEK_SET) < 0 || mc_read_at(fd, 0, head, sizeof(head)) < 0)
		memset(head, 0, sizeof(head)); /* libarchive comes upon the same error */
	if (is_raw) {
		archive_read_support_format_raw(a->archive);
	} else {
		archive_read_support_format_tar(a->archive);
		archive_read_support_format_zip(a->archive);
	}
	if (add_filter(a->archive, head) == ARCHIVE_OK &&
	    archive_read_open_fd(a->archive, fd, BLOCK_NBYTES) == ARCHIVE_OK) {
		*archive_out = a;
		return MC_OK;
	}
	status = fail(a, "neither a tar nor a zip", err);
	mc_archive_close(a);
	return status;
}

enum mc_status mc_archive_open(int fd, const char *path, const struct mc_archive_limits *limits,
			       struct mc_archive **archive_out, struct mc_error *err)
{
	return open_as(false, fd, path, limits, archive_out, err);
}

static enum mc_status copy_all(struct mc_archive *a, int to, struct mc_error *err)
{
	uint64_t total = 0;
	size_t got = 1;

	while (got) {
		MC_TRY(mc_archive_read(a, a->block, sizeof(a->block), &got, err));
		total += got;
		if (total > a->limits.nbytes)
			return mc_fail(err, MC_ERR_LIMIT, a->path, "%s", TOO_LARGE);
		if (!mc_write_all(to, a->block, got))
			return mc_fail(err, MC_ERR_IO, a->path, "cannot be kept in a temporary file");
	}
	return MC_OK;
}

/* The one entry of what has no format.  */
enum mc_status mc_archive_inflate(int fd, const char *path, const struct mc_archive_limits *limits, int to,
				  struct mc_error *err)
{
	struct mc_archive_entry entry;
	struct mc_archive *a;
	enum mc_status status;

	MC_TRY(open_as(true, fd, path, limits, &a, err));
	status = mc_archive_next(a, &entry, err);
	if (!status)
		status = copy_all(a, to, err);
	mc_archive_close(a);
	return status == MC_END ? MC_OK : status;
}

/* For libarchive: the next block of an inner archive.  */
static la_ssize_t read_outer(struct archive *archive, void *state, const void **block_out)
{
	struct mc_archive *a = state;
	la_ssize_t got;

	(void)archive;
	*block_out = a->block;
	if (!a->is_head_given) {
		a->is_head_given = true;
		return (la_ssize_t)a->head_nbytes;
	}
	got = archive_read_data(a->outer->archive, a->block, sizeof(a->block));
	return got < 0 ? ARCHIVE_FATAL : got;
}

enum mc_status mc_archive_open_inner(struct mc_archive *outer, const char *path,
				     const struct mc_archive_limits *limits,
				     struct mc_archive **archive_out, struct mc_error *err)
{
	struct mc_archive *a = make(path, limits);
	enum mc_status status = MC_OK;

	*archive_out = NULL;
	if (!a)
		return mc_no_memory(err);
	a->outer = outer;
	while (a->head_nbytes < 6 && status == MC_OK) {
		size_t got;

		status = mc_archive_read(outer, a->block + a->head_nbytes,
					 sizeof(a->block) - a->head_nbytes, &got, err);
		a->head_nbytes += got;
		if (!got)
			break;
	}
	archive_read_support_format_tar(a->archive);
	if (status == MC_OK && add_filter(a->archive, a->block) == ARCHIVE_OK &&
	    archive_read_open(a->archive, a, NULL, read_outer, NULL) == ARCHIVE_OK) {
		*archive_out = a;
		return MC_OK;
	}
	if (status == MC_OK)
		status = fail(a, "not a tar", err);
	mc_archive_close(a);
	return status;
}

/* ---- entries ---- */

void mc_archive_charge(const struct mc_archive *a, struct mc_archive_limits *left)
{
	int64_t nbytes;

	if (!a)
		return;
	nbytes = archive_filter_bytes(a->archive, 0);
	left->entries -= left->entries < a->count ? left->entries : a->count;
	if (nbytes > 0)
		left->nbytes -= left->nbytes < (uint64_t)nbytes ? left->nbytes : (uint64_t)nbytes;
}

static enum mc_archive_kind kind_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return MC_ARCHIVE_HARDLINK;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG: return MC_ARCHIVE_FILE;
	case AE_IFDIR: return MC_ARCHIVE_FOLDER;
	case AE_IFLNK: return MC_ARCHIVE_SYMLINK;
	default: return MC_ARCHIVE_OTHER;
	}
}

enum mc_status mc_archive_next(struct mc_archive *a, struct mc_archive_entry *entry_out,
			       struct mc_error *err)
{
	int code = archive_read_next_header2(a->archive, a->entry);
	enum mc_archive_kind kind;

	if (code == ARCHIVE_EOF)
		return MC_END;
	if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
		return fail(a, a->count ? "damaged archive: it ends too soon, or what follows is none"
					: a->outer ? "not a tar" : "neither a tar nor a zip",
			    err);
	if (++a->count > a->limits.entries)
		return mc_fail(err, MC_ERR_LIMIT, a->path, "more than %zu files in it", a->limits.entries);
	/* What is not wanted is inflated all the same to get past it.  */
	if (archive_filter_bytes(a->archive, 0) > (int64_t)a->limits.nbytes ||
	    (archive_entry_size_is_set(a->entry) &&
	     archive_entry_size(a->entry) > (int64_t)a->limits.nbytes))
		return a->outer ? mc_fail(err, MC_ERR_LIMIT, a->path, "%s", TOO_LARGE)
				: mc_fail(err, MC_ERR_LIMIT, a->path, "unpacked it is larger than %llu MB",
					  (unsigned long long)(a->limits.nbytes >> 20));
	kind = kind_of(a->entry);
	*entry_out = (struct mc_archive_entry){
		.kind = kind,
		.path = mc_str_of(archive_entry_pathname(a->entry)),
		.link = mc_str_of(kind == MC_ARCHIVE_HARDLINK ? archive_entry_hardlink(a->entry)
				  : kind == MC_ARCHIVE_SYMLINK ? archive_entry_symlink(a->entry)
							       : NULL),
		.is_executable = archive_entry_perm(a->entry) & 0111,
		.has_size = archive_entry_size_is_set(a->entry) && archive_entry_size(a->entry) >= 0,
	};
	if (entry_out->has_size)
		entry_out->nbytes = (uint64_t)archive_entry_size(a->entry);
	return MC_OK;
}

enum mc_status mc_archive_read(struct mc_archive *a, void *into, size_t nbytes, size_t *got_out,
			       struct mc_error *err)
{
	la_ssize_t got = archive_read_data(a->archive, into, nbytes);

	*got_out = got > 0 ? (size_t)got : 0;
	return got < 0 ? fail(a, "damaged archive: a file in it cannot be unpacked", err) : MC_OK;
}

/* ---- all of it ---- */

static enum mc_status read_content(struct mc_archive *a, const struct mc_archive_calls *calls,
				   struct mc_arena *arena, struct mc_str path, size_t wanted,
				   struct mc_error *err)
{
	char *text = mc_arena_take(arena, wanted + 1, 1);
	size_t used = 0, got = 1;

	if (!text)
		return mc_no_memory(err);
	while (used < wanted && got) {
		MC_TRY(mc_archive_read(a, text + used, wanted - used, &got, err));
		used += got;
	}
	return calls->text(calls->state, path, (struct mc_str){text, used}) == MC_ERR_NOMEM
		       ? mc_no_memory(err)
		       : MC_OK;
}

static enum mc_status walk_entries(struct mc_archive *a, const struct mc_archive_calls *calls,
				   struct mc_arena *arena, struct mc_error *err)
{
	struct mc_archive_entry entry;
	enum mc_status status;

	while ((status = mc_archive_next(a, &entry, err)) == MC_OK) {
		size_t wanted = 0;

		if (entry.path.len && entry.kind == MC_ARCHIVE_FILE)
			wanted = calls->entry(calls->state, entry.path);
		if (!wanted)
			continue;
		if (entry.has_size && entry.nbytes < wanted)
			wanted = (size_t)entry.nbytes;
		MC_TRY(read_content(a, calls, arena, entry.path, wanted, err));
	}
	return status == MC_END ? MC_OK : status;
}

/* A FIFO would be waited for.  */
static enum mc_status open_file(const char *path, int *fd_out, struct mc_error *err)
{
	struct stat info;

	*fd_out = mc_open_at(AT_FDCWD, path, 0);
	if (*fd_out < 0 || mc_heed(fstat(*fd_out, &info)) < 0)
		return mc_fail(err, MC_ERR_IO, path, "cannot be opened");
	if (!S_ISREG(info.st_mode))
		return mc_fail(err, MC_ERR_FORMAT, path, "not a regular file");
	return MC_OK;
}

enum mc_status mc_archive_walk(const char *path, const struct mc_archive_calls *calls,
			       const struct mc_archive_limits *limits, struct mc_arena *arena,
			       struct mc_error *err)
{
	struct mc_archive *archive = NULL;
	int fd;
	enum mc_status status = open_file(path, &fd, err);

	if (!status)
		status = mc_archive_open(fd, path, limits, &archive, err);
	if (!status)
		status = walk_entries(archive, calls, arena, err);
	mc_archive_close(archive);
	mc_close_fd(fd);
	return status;
}
