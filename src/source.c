/* SPDX-License-Identifier: MIT */
#include "muslcheck/source.h"

#include "source_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int mc_open_at(int dir_fd, const char *path, int more_flags)
{
	int fd;

	do
		fd = openat(dir_fd, path,
			    O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | more_flags);
	while (fd < 0 && errno == EINTR);
	return fd;
}

int64_t mc_read_at(int fd, uint64_t off, void *into, size_t nbytes)
{
	size_t done = 0;

	if (off > INT64_MAX || nbytes > INT64_MAX - off) {
		errno = EOVERFLOW;
		return -1;
	}
	while (done < nbytes) {
		ssize_t got = pread(fd, (uint8_t *)into + done, nbytes - done, (off_t)(off + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (int64_t)done;
}

void mc_close_fd(int fd)
{
	int saved_errno = errno;

	if (fd >= 0)
		close(fd);
	errno = saved_errno;
}

const char *mc_errno_text(int number, char *text, size_t nbytes)
{
	if (strerror_r(number, text, nbytes))
		snprintf(text, nbytes, "error %d", number);
	return text;
}

struct mc_str mc_problem(struct mc_arena *arena, const char *fmt, ...)
{
	char text[192];
	struct mc_str copy = MC_STR("out of memory");
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* A problem without its text is still a problem.  */
	if (mc_arena_copy(arena, (struct mc_str){text, strlen(text)}, &copy) < 0)
		return MC_STR("out of memory");
	return copy;
}

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
	if (!limits.total_nbytes)
		limits.total_nbytes = (uint64_t)16 << 30;
	if (!limits.members_count)
		limits.members_count = 1000000;
	if (!limits.tree_depth)
		limits.tree_depth = 64;
	return limits;
}

enum mc_status mc_source_open(const char *path, const struct mc_source_options *options,
			      struct mc_arena *arena, struct mc_source **source_out,
			      struct mc_error *err)
{
	static const struct mc_source_options no_options;
	struct mc_source base = {.arena = arena};
	struct mc_str path_copy;
	struct stat info;
	int fd;

	*source_out = NULL;
	if (!options)
		options = &no_options;
	base.limits = with_defaults(options->limits);
	if (mc_arena_copy(arena, (struct mc_str){path, strlen(path)}, &path_copy) < 0)
		return mc_fail(err, MC_ERR_NOMEM, path, "no memory for its name");
	base.path = path_copy.ptr;

	fd = mc_open_at(AT_FDCWD, path, 0);
	if (fd < 0)
		return mc_fail(err,
			       errno == ENOENT || errno == ENOTDIR ? MC_ERR_NOT_FOUND : MC_ERR_IO,
			       path, "cannot be opened");
	if (fstat(fd, &info) < 0) {
		enum mc_status status = mc_fail(err, MC_ERR_IO, path, "cannot be examined");

		mc_close_fd(fd);
		return status;
	}
	if (S_ISDIR(info.st_mode))
		return mc_tree_open(fd, &base, source_out, err);
	if (S_ISREG(info.st_mode))
		return mc_wheel_open(fd, (uint64_t)info.st_size,
				     options->prefix ? options->prefix : "/usr/local", &base,
				     source_out, err);
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

void mc_source_close(struct mc_source *source)
{
	if (source)
		source->close(source);
}
