/* SPDX-License-Identifier: MIT */
#include "muslcheck/source.h"

#include "file.h"
#include "refusal.h"
#include "source_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

bool mc_classify(struct mc_bytes first, bool is_native_name, bool may_be_script,
		 enum mc_member_kind *kind_out)
{
	if (first.len >= 4 && !memcmp(first.ptr, "\177ELF", 4))
		*kind_out = MC_MEMBER_ELF;
	else if (is_native_name)
		*kind_out = MC_MEMBER_CLAIMS;
	else if (may_be_script && first.len >= 2 && !memcmp(first.ptr, "#!", 2))
		*kind_out = MC_MEMBER_SCRIPT;
	else
		return false;
	return true;
}

enum mc_status mc_copy_head(struct mc_arena *arena, struct mc_bytes first, struct mc_str *head_out)
{
	size_t len = 0;

	while (len < first.len && len < MC_HEAD_NBYTES && first.ptr[len] != '\n')
		len++;
	if (len && first.ptr[len - 1] == '\r')
		len--;
	return mc_arena_copy(arena, (struct mc_str){(const char *)first.ptr, len}, head_out);
}

static struct mc_limits with_defaults(struct mc_limits limits)
{
	if (!limits.member_nbytes)
		limits.member_nbytes = (uint64_t)2 << 30;
	if (!limits.memory_nbytes)
		limits.memory_nbytes = (uint64_t)192 << 20;
	if (!limits.total_nbytes)
		limits.total_nbytes = (uint64_t)8 << 30;
	if (!limits.members_count)
		limits.members_count = 1000000;
	if (!limits.tree_depth)
		limits.tree_depth = 64;
	return limits;
}

struct mc_source_reader {
	struct mc_zip_reader zip;
};

struct mc_source_reader *mc_source_reader_open(struct mc_arena *arena)
{
	return MC_TAKE(arena, struct mc_source_reader);
}

void mc_source_reader_close(struct mc_source_reader *reader)
{
	if (reader)
		mc_zip_reader_clear(&reader->zip);
}

/*
 * So much, and as much again as there is on disk: 113 wheels give a ninth of what they have there, those
 * with the most names 0.9 of it.  A file that has nothing to say takes some kilobytes all the same,
 * most of them when it is judged.
 */
#define KEPT_NBYTES ((uint64_t)144 << 20)
#define KEPT_FILE_NBYTES 8192

struct mc_source_kept *mc_source_kept_open(struct mc_arena *arena)
{
	return MC_TAKE(arena, struct mc_source_kept);
}

uint64_t mc_source_kept_disk_nbytes(const struct mc_source_kept *kept)
{
	return atomic_load(&kept->disk_nbytes);
}

bool mc_source_keep(struct mc_source *source, uint64_t nbytes)
{
	struct mc_source_kept *kept = source->kept;

	nbytes += KEPT_FILE_NBYTES;
	if (atomic_fetch_add(&kept->nbytes, nbytes) + nbytes <= KEPT_NBYTES + atomic_load(&kept->disk_nbytes))
		return true;
	atomic_fetch_sub(&kept->nbytes, nbytes);
	return false;
}

void mc_source_count_disk(struct mc_source *source, const struct stat *info)
{
	uint64_t nbytes = (uint64_t)info->st_blocks * 512;

	/* Sparse files and large clusters: the less of both.  */
	if (nbytes > (uint64_t)info->st_size)
		nbytes = (uint64_t)info->st_size;
	atomic_fetch_add(&source->kept->disk_nbytes, nbytes);
}

enum mc_status mc_source_open(const char *path, const struct mc_source_options *options,
			      struct mc_arena *arena, struct mc_source **source_out,
			      struct mc_error *err)
{
	static const struct mc_source_options no_options;
	struct mc_source base = {.arena = arena};
	const char *shown = options && options->shown_as ? options->shown_as : path;
	struct mc_str shown_copy, path_copy;
	int fd;

	*source_out = NULL;
	if (!options)
		options = &no_options;
	base.limits = with_defaults(options->limits);
	base.wants_sources = options->wants_sources;
	base.reader = options->reader ? &options->reader->zip : NULL;
	base.kept = options->kept ? options->kept : mc_source_kept_open(arena);
	if (!base.kept || mc_arena_copy(arena, mc_str_of(shown), &shown_copy) < 0 ||
	    mc_arena_copy(arena, mc_str_of(path), &path_copy) < 0)
		return mc_fail(err, MC_ERR_NOMEM, path, "no memory for its name");
	base.path = shown_copy.ptr;
	base.opened = path_copy.ptr;

	fd = mc_open_at(AT_FDCWD, path, 0);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return mc_fail(err, MC_ERR_NOT_FOUND, path, "there is no such file or folder");
	if (fd < 0)
		return mc_fail(err, MC_ERR_IO, path, "cannot be opened");
	if (mc_heed(fstat(fd, &base.stamp)) < 0) {
		enum mc_status status = mc_fail(err, MC_ERR_IO, path, "cannot be examined");

		mc_close_fd(fd);
		return status;
	}
	if (S_ISDIR(base.stamp.st_mode))
		return mc_tree_open(fd, path, &base, source_out, err);
	if (S_ISREG(base.stamp.st_mode)) {
		mc_source_count_disk(&base, &base.stamp);
		return mc_wheel_open(fd, (uint64_t)base.stamp.st_size,
				     options->prefix ? options->prefix : "/usr/local", &base,
				     source_out, err);
	}
	mc_close_fd(fd);
	return mc_fail(err, MC_ERR_FORMAT, path, "neither a folder nor a file");
}

enum mc_source_kind mc_source_kind(const struct mc_source *source)
{
	return source->kind;
}

const struct mc_dist *const *mc_source_dists(const struct mc_source *source, size_t *count_out)
{
	*count_out = source->dists_count;
	return source->dists;
}

const char *const *mc_source_wheels(const struct mc_source *source, size_t *count_out)
{
	*count_out = source->wheels_count;
	return source->wheels;
}

struct mc_str mc_source_root(const struct mc_source *source)
{
	return source->root;
}

uint64_t mc_source_print(const struct mc_source *source)
{
	return source->print ? source->print(source) : 0;
}

bool mc_source_place(struct mc_source *source, struct mc_source_place *place_out)
{
	*place_out = (struct mc_source_place){.path = source->opened, .stamp = source->stamp};
	return source->place(source, &place_out->packed);
}

bool mc_source_is_like(struct mc_source *source, const struct mc_source_place *place)
{
	int fd = mc_open_at(AT_FDCWD, place->path, 0);
	struct stat info;
	bool is_like = fd >= 0 && !fstat(fd, &info) && mc_is_same_file(&info, &place->stamp) &&
		       source->is_like(source, fd, &place->packed);

	mc_close_fd(fd);
	return is_like;
}

bool mc_source_may_be_native(const struct mc_source *source)
{
	return source->kind != MC_SOURCE_WHEEL || source->may_be_native;
}

enum mc_status mc_source_next(struct mc_source *source, struct mc_member *member_out,
			      struct mc_error *err)
{
	return source->next(source, member_out, err);
}

enum mc_status mc_source_read(struct mc_source *source, struct mc_image *image_out,
			      struct mc_error *err)
{
	return source->read(source, image_out, err);
}

struct mc_source *mc_source_share(const struct mc_source *source, struct mc_arena *arena)
{
	return source->share ? source->share(source, arena) : NULL;
}

void mc_source_close(struct mc_source *source)
{
	if (source)
		source->close(source);
}
