/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* syscall(), with glibc and musl */

#include "file.h"

#include "path.h"
#include "refusal.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

int mc_open_at(int dir_fd, const char *path, int more_flags)
{
	int fd;

	do
		fd = openat(dir_fd, path,
			    O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | more_flags);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		mc_refusal_note_errno();
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
		if (got < 0) {
			mc_refusal_note_errno();
			return -1;
		}
		if (!got)
			break;
		done += (size_t)got;
	}
	return (int64_t)done;
}

enum mc_status mc_read_text(struct mc_arena *arena, int dir_fd, const char *path,
			    uint64_t limit_nbytes, struct mc_str *text_out)
{
	enum mc_status status = MC_ERR_IO;
	int fd = mc_open_at(dir_fd, path, 0);
	struct stat info;
	uint64_t nbytes;
	int64_t got;
	char *text;

	*text_out = (struct mc_str){"", 0};
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? MC_ERR_NOT_FOUND : MC_ERR_IO;
	if (mc_heed(fstat(fd, &info)) < 0)
		goto out;
	if (!S_ISREG(info.st_mode)) {
		errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
		status = MC_ERR_UNSUPPORTED;
		goto out;
	}
	nbytes = (uint64_t)info.st_size;
	if (nbytes > limit_nbytes)
		nbytes = limit_nbytes;
	text = mc_arena_take(arena, (size_t)nbytes + 1, 1);
	if (!text) {
		status = MC_ERR_NOMEM;
		goto out;
	}
	got = mc_read_at(fd, 0, text, (size_t)nbytes);
	if (got < 0)
		goto out;
	*text_out = (struct mc_str){text, (size_t)got};
	status = MC_OK;
out:
	mc_close_fd(fd);
	return status;
}

/* Nothing is read of it, then.  */
static bool is_longer(const char *path, uint64_t limit_nbytes)
{
	struct stat info;

	return !mc_heed(stat(path, &info)) && S_ISREG(info.st_mode) && (uint64_t)info.st_size > limit_nbytes;
}

enum mc_status mc_read_whole(struct mc_arena *arena, const char *path, uint64_t limit_nbytes,
			     struct mc_str *text_out, struct mc_error *err)
{
	enum mc_status status = MC_ERR_LIMIT;

	*text_out = (struct mc_str){"", 0};
	if (!is_longer(path, limit_nbytes))
		status = mc_read_text(arena, AT_FDCWD, path, limit_nbytes + 1, text_out);
	if (status == MC_ERR_LIMIT)
		return mc_fail(err, status, path, "it is longer than any such file");
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(err);
	if (status == MC_ERR_NOT_FOUND || status == MC_ERR_UNSUPPORTED)
		return mc_fail(err, MC_ERR_NOT_FOUND, path, "there is no such regular file");
	if (status)
		return mc_fail(err, status, path, "cannot read it");
	if (text_out->len > limit_nbytes)
		return mc_fail(err, MC_ERR_LIMIT, path, "it is longer than any such file");
	return MC_OK;
}

enum mc_status mc_real_path(struct mc_arena *arena, const char *path, struct mc_str *real_out)
{
	char *real = realpath(path, NULL);
	enum mc_status status;

	if (!real) {
		mc_refusal_note_errno();
		return errno == ENOMEM ? MC_ERR_NOMEM : MC_ERR_IO;
	}
	status = mc_arena_copy(arena, mc_str_of(real), real_out);
	free(real);
	return status;
}

/* A path on its way through a root: what is real so far, and what is still to be walked.  */
struct way {
	char real[4096], rest[4096];
	size_t real_len, root_len, rest_off;
	unsigned links;
};

/* Put a link's target in front of what is left.  */
static bool follow_link(struct way *way)
{
	char target[4096];
	ssize_t got = readlink(way->real, target, sizeof(target));
	size_t rest_len = strlen(way->rest + way->rest_off), len = (size_t)got;

	if (mc_heed((int)got) < 0)
		return false;
	/* path_resolution(7): at most 40 of them.  */
	if (++way->links > 40) {
		errno = ELOOP;
		return false;
	}
	if (len + 1 + rest_len >= sizeof(way->rest)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memmove(way->rest + len + 1, way->rest + way->rest_off, rest_len + 1);
	memcpy(way->rest, target, len);
	way->rest[len] = '/';
	way->rest_off = 0;
	way->real_len = target[0] == '/' ? way->root_len : mc_path_parent(
			(struct mc_str){way->real, way->real_len}).len;
	way->real[way->real_len] = '\0';
	return true;
}

/* One name of the path; false with errno.  */
static bool step(struct way *way, struct mc_str name)
{
	struct stat info;

	if (mc_str_is(name, MC_STR(".")))
		return true;
	if (mc_str_is(name, MC_STR(".."))) {
		if (way->real_len > way->root_len)
			way->real_len = mc_path_parent((struct mc_str){way->real, way->real_len}).len;
		way->real[way->real_len] = '\0';
		return true;
	}
	if (name.len + 2 > sizeof(way->real) - way->real_len) {
		errno = ENAMETOOLONG;
		return false;
	}
	way->real[way->real_len++] = '/';
	memcpy(way->real + way->real_len, name.ptr, name.len);
	way->real_len += name.len;
	way->real[way->real_len] = '\0';
	if (mc_heed(lstat(way->real, &info)))
		return false;
	return !S_ISLNK(info.st_mode) || follow_link(way);
}

enum mc_status mc_real_path_in(struct mc_arena *arena, struct mc_str dir, struct mc_str path,
			       struct mc_str *real_out)
{
	struct way way = {.links = 0};

	if (mc_str_is(dir, MC_STR("/")))
		dir.len = 0;
	if (dir.len + 1 >= sizeof(way.real) || path.len >= sizeof(way.rest)) {
		errno = ENAMETOOLONG;
		return MC_ERR_IO;
	}
	memcpy(way.real, dir.ptr, dir.len);
	way.real_len = way.root_len = dir.len;
	memcpy(way.rest, path.ptr, path.len);
	while (way.rest[way.rest_off]) {
		char name[256];
		size_t len = strcspn(way.rest + way.rest_off, "/");

		if (len >= sizeof(name)) {
			errno = ENAMETOOLONG;
			return MC_ERR_IO;
		}
		memcpy(name, way.rest + way.rest_off, len);
		way.rest_off += len;
		way.rest_off += way.rest[way.rest_off] == '/';
		if (len && !step(&way, (struct mc_str){name, len}))
			return MC_ERR_IO;
	}
	if (!way.real_len)
		way.real[way.real_len++] = '/';
	return mc_arena_copy(arena, (struct mc_str){way.real, way.real_len}, real_out);
}

enum mc_status mc_image_read(const struct mc_image *image, uint64_t off, void *buf, size_t nbytes,
			     size_t *got_nbytes_out, struct mc_error *err)
{
	struct mc_bytes bytes = image->bytes;
	int64_t got = 0;

	*got_nbytes_out = 0;
	if (!bytes.ptr) {
		got = mc_read_at(image->fd, off, buf, nbytes);
	} else if (off < bytes.len) {
		got = (int64_t)(bytes.len - off < nbytes ? bytes.len - off : nbytes);
		memcpy(buf, bytes.ptr + off, (size_t)got);
	}
	if (got < 0)
		return mc_fail(err, MC_ERR_IO, NULL, "cannot read");
	*got_nbytes_out = (size_t)got;
	return MC_OK;
}

bool mc_write_all(int fd, const void *bytes, size_t nbytes)
{
	const char *at = bytes;

	while (nbytes) {
		ssize_t n = write(fd, at, nbytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		nbytes -= (size_t)n;
	}
	return true;
}

/* For mkstemp() and mkdtemp(); false with errno.  */
static bool set_temp_path(char path[static MC_TEMP_FOLDER_ROOM])
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(path, MC_TEMP_FOLDER_ROOM, "%s/muslcheck-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");

	if (n >= 0 && n < MC_TEMP_FOLDER_ROOM)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

int mc_open_temp_file(void)
{
	char path[MC_TEMP_FOLDER_ROOM];
	int fd = set_temp_path(path) ? mkstemp(path) : -1;

	if (fd >= 0) {
		unlink(path);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
}

int mc_make_temp_folder(char path[static MC_TEMP_FOLDER_ROOM])
{
	return set_temp_path(path) && mkdtemp(path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info, (void)kind, (void)place;
	remove(path);
	return 0;
}

void mc_remove_tree(const char *path)
{
	nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS);
}

DIR *mc_open_folder(const char *path)
{
	DIR *dir;

	do
		dir = opendir(path);
	while (!dir && errno == EINTR);
	if (!dir)
		mc_refusal_note_errno();
	return dir;
}

struct dirent *mc_next_entry(DIR *dir)
{
	struct dirent *entry;

	errno = 0;
	entry = readdir(dir);
	if (!entry)
		mc_refusal_note_errno();
	return entry;
}

bool mc_is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void mc_close_fd(int fd)
{
	int saved_errno = errno;

	if (fd >= 0)
		close(fd);
	errno = saved_errno;
}

bool mc_close_from(unsigned first)
{
	struct rlimit bound;

#ifdef __NR_close_range
	if (!syscall(__NR_close_range, first, ~0U, 0))
		return true;
#endif
	if (getrlimit(RLIMIT_NOFILE, &bound))
		return false;
	for (rlim_t fd = first; fd < bound.rlim_max && fd < (1 << 20); fd++)
		close((int)fd);
	return bound.rlim_max <= (1 << 20);
}

const char *mc_errno_text(int number, char *text, size_t nbytes)
{
	/* Both refuse in the same words, and only the one can be asked to let it pass.  */
	if (number == EACCES && mc_sandbox_is_entered())
		snprintf(text, nbytes, "Permission denied, by its mode or by the sandbox (--allow-read)");
	else if (strerror_r(number, text, nbytes))
		snprintf(text, nbytes, "error %d", number);
	return text;
}
