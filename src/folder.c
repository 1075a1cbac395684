/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* mkdir -p; what is there is left as it is.  */
static void make_folders(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
	mkdir(path, 0700);
}

/* Another user who may write here could hand us any page.  */
static bool is_private(int fd)
{
	struct stat info;

	return !fstat(fd, &info) && info.st_uid == geteuid() && !(info.st_mode & 022);
}

enum mc_status mc_folder_open(struct mc_arena *arena, struct mc_str path, struct mc_folder *folder_out)
{
	char *copy = mc_arena_take(arena, path.len + 1, 1);

	*folder_out = (struct mc_folder){.fd = -1};
	if (!copy)
		return MC_ERR_NOMEM;
	memcpy(copy, path.ptr, path.len);
	make_folders(copy);
	folder_out->path = (struct mc_str){copy, path.len};
	folder_out->fd = mc_open_at(AT_FDCWD, copy, O_DIRECTORY);
	if (folder_out->fd >= 0 && !is_private(folder_out->fd)) {
		mc_folder_close(folder_out);
		errno = EPERM;
	}
	return MC_OK;
}

void mc_folder_close(struct mc_folder *folder)
{
	mc_close_fd(folder->fd);
	folder->fd = -1;
}

/* mkdir -p below the folder.  */
static bool make_below(int fd, const char *path)
{
	char copy[256];

	if (strlen(path) >= sizeof(copy))
		return false;
	strcpy(copy, path);
	for (char *at = copy; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdirat(fd, copy, 0700);
		*at = '/';
	}
	return !mkdirat(fd, copy, 0700) || errno == EEXIST;
}

/* ---- new files ---- */

/* mkstemp() below a folder that is open.  */
static int create_file(int fd, struct mc_arena *arena, struct mc_str part,
		       struct mc_str *temp_out)
{
	for (int i = 0; i < 100; i++) {
		struct timespec now;
		int file;

		clock_gettime(CLOCK_MONOTONIC, &now);
		*temp_out = mc_arena_printf(arena, "%.*s/.new-%ld-%ld", MC_TEXT(part),
					    (long)getpid(), now.tv_nsec + i);
		if (!temp_out->len) {
			errno = ENOMEM;
			return -1;
		}
		file = openat(fd, temp_out->ptr, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			      0600);
		if (file >= 0 || errno != EEXIST)
			return file;
	}
	return -1;
}

int mc_folder_new_file(const struct mc_folder *folder, struct mc_arena *arena, struct mc_str part,
		       struct mc_str *temp_out)
{
	struct mc_str path = mc_arena_printf(arena, "%.*s", MC_TEXT(part));

	if (!path.len || !make_below(folder->fd, path.ptr))
		return -1;
	return create_file(folder->fd, arena, part, temp_out);
}

enum mc_status mc_folder_keep(const struct mc_folder *folder, struct mc_arena *arena, struct mc_str part,
			      struct mc_str temp, struct mc_str name, struct mc_str *path_out)
{
	struct mc_str to = mc_arena_printf(arena, "%.*s/%.*s", MC_TEXT(part), MC_TEXT(name));

	if (!name.len || !to.len || renameat(folder->fd, temp.ptr, folder->fd, to.ptr)) {
		int saved_errno = errno;

		unlinkat(folder->fd, temp.ptr, 0);
		errno = saved_errno;
		return !name.len ? MC_OK : to.len ? MC_ERR_IO : MC_ERR_NOMEM;
	}
	if (!path_out)
		return MC_OK;
	*path_out = mc_arena_printf(arena, "%.*s/%.*s", MC_TEXT(folder->path), MC_TEXT(to));
	return path_out->len ? MC_OK : MC_ERR_NOMEM;
}

int mc_folder_open_file(const struct mc_folder *folder, const char *path)
{
	int fd = mc_open_at(folder->fd, path, O_NOFOLLOW);
	struct stat info;

	if (fd >= 0 && (fstat(fd, &info) || !S_ISREG(info.st_mode) || !is_private(fd))) {
		mc_close_fd(fd);
		return -1;
	}
	return fd;
}
