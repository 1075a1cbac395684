/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* DT_REG and the like, with glibc and musl */

#include "walk.h"

#include "file.h"
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- folders entered so far --- */

struct inode {
	uint64_t dev, ino;
};

bool mc_walk_has(const struct mc_walk *walk, uint64_t dev, uint64_t ino)
{
	const struct inode *inode;

	for (size_t at = 0; (inode = mc_map_next(&walk->folders, mc_hash_pair(dev, ino), &at));)
		if (inode->dev == dev && inode->ino == ino)
			return true;
	return false;
}

static enum mc_status remember(struct mc_walk *walk, uint64_t dev, uint64_t ino)
{
	struct inode *inode = MC_TAKE(walk->arena, struct inode);

	if (!inode)
		return MC_ERR_NOMEM;
	*inode = (struct inode){dev, ino};
	return mc_map_add(walk->arena, &walk->folders, mc_hash_pair(dev, ino), inode);
}

/* --- in and out of folders --- */

/* Set the path to 'name' below its first 'folder_nbytes'.  */
static enum mc_status set_path(struct mc_walk *walk, size_t folder_nbytes, struct mc_str name,
			       struct mc_str *path_out)
{
	size_t at = folder_nbytes;

	if (name.len + 2 > walk->path_room - folder_nbytes) {
		size_t room = walk->path_room * 2 + name.len + 2;
		char *path = mc_arena_take(walk->arena, room, 1);

		if (!path)
			return MC_ERR_NOMEM;
		if (folder_nbytes)
			memcpy(path, walk->path, folder_nbytes);
		walk->path = path;
		walk->path_room = room;
	}
	if (at && walk->path[at - 1] != '/')
		walk->path[at++] = '/';
	memcpy(walk->path + at, name.ptr, name.len);
	walk->path[at + name.len] = '\0';
	*path_out = (struct mc_str){walk->path, at + name.len};
	return MC_OK;
}

static void pop_folder(struct mc_walk *walk)
{
	struct mc_walk_folder *folder = walk->top;

	closedir(folder->dir);
	walk->top = folder->up;
	folder->up = walk->spare;
	walk->spare = folder;
}

/* Take 'fd', a folder whose path is set, as the new top.  */
static enum mc_status push_folder(struct mc_walk *walk, int fd, size_t path_nbytes)
{
	struct mc_walk_folder *folder = walk->spare;
	enum mc_status status = MC_ERR_IO;
	struct stat info;
	DIR *dir;

	if (mc_heed(fstat(fd, &info)) < 0)
		goto out;
	status = MC_END;
	if (mc_walk_has(walk, (uint64_t)info.st_dev, (uint64_t)info.st_ino))
		goto out;
	status = MC_ERR_NOMEM;
	if (!folder)
		folder = MC_TAKE(walk->arena, struct mc_walk_folder);
	if (!folder || remember(walk, (uint64_t)info.st_dev, (uint64_t)info.st_ino) < 0)
		goto out;
	status = MC_ERR_IO;
	dir = fdopendir(fd);
	if (!dir) {
		mc_refusal_note_errno();
		goto out;
	}
	if (folder == walk->spare)
		walk->spare = folder->up;
	*folder = (struct mc_walk_folder){
		.up = walk->top,
		.dir = dir,
		.path_nbytes = path_nbytes,
		.depth = walk->top ? walk->top->depth + 1 : 0,
	};
	walk->top = folder;
	return MC_OK;
out:
	mc_close_fd(fd);
	return status;
}

enum mc_status mc_walk_start(struct mc_walk *walk, struct mc_str where, int fd)
{
	struct mc_str path;

	if (set_path(walk, 0, where, &path) < 0) {
		mc_close_fd(fd);
		return MC_ERR_NOMEM;
	}
	return push_folder(walk, fd, path.len);
}

enum mc_status mc_walk_enter(struct mc_walk *walk, const struct mc_walk_entry *entry)
{
	int fd;

	if (walk->top->depth + 1 >= walk->depth_max)
		return MC_ERR_LIMIT;
	fd = mc_open_at(entry->dir_fd, entry->name, O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? MC_END : MC_ERR_IO;
	return push_folder(walk, fd, entry->where.len);
}

void mc_walk_stop(struct mc_walk *walk)
{
	while (walk->top)
		pop_folder(walk);
}

/* --- entries --- */

/* d_type spares a stat() a file, on filesystems that have it.  */
static mode_t type_of(int dir_fd, const struct dirent *from)
{
	struct stat info;

#ifdef DT_UNKNOWN
	switch (from->d_type) {
	case DT_UNKNOWN: break;
	case DT_REG: return S_IFREG;
	case DT_DIR: return S_IFDIR;
	case DT_LNK: return S_IFLNK;
	default: return S_IFIFO; /* whatever it is, it is not read */
	}
#endif
	return mc_heed(fstatat(dir_fd, from->d_name, &info, AT_SYMLINK_NOFOLLOW)) < 0
		       ? 0
		       : info.st_mode & S_IFMT;
}

/* Where a link leads.  */
static bool follow(struct mc_walk_entry *entry)
{
	struct stat info;

	entry->is_link = true;
	if (mc_heed(fstatat(entry->dir_fd, entry->name, &info, 0)) < 0) {
		entry->kind = MC_WALK_DEAD_LINK;
		entry->number = errno;
		return true;
	}
	entry->kind = S_ISDIR(info.st_mode)   ? MC_WALK_FOLDER_LINK
		      : S_ISREG(info.st_mode) ? MC_WALK_FILE
					      : MC_WALK_OTHER;
	entry->dev = (uint64_t)info.st_dev;
	entry->ino = (uint64_t)info.st_ino;
	return true;
}

/* What 'from' is; false when it is not there any more.  */
static bool classify(struct mc_walk *walk, const struct dirent *from, struct mc_walk_entry *entry)
{
	if (walk->entries_count++ >= walk->entries_max) {
		walk->is_full = true;
		entry->kind = MC_WALK_FULL;
		return true;
	}
	switch (type_of(entry->dir_fd, from)) {
	case S_IFREG: entry->kind = MC_WALK_FILE; return true;
	case S_IFDIR: entry->kind = MC_WALK_FOLDER; return true;
	case S_IFLNK: return follow(entry);
	case 0: return false; /* gone since it was listed */
	default: entry->kind = MC_WALK_OTHER; return true;
	}
}

enum mc_status mc_walk_next(struct mc_walk *walk, struct mc_walk_entry *entry_out)
{
	while (walk->top && !walk->is_full) {
		struct mc_walk_folder *folder = walk->top;
		struct mc_walk_entry entry = {.dir_fd = dirfd(folder->dir)};
		const struct dirent *from;

		errno = 0;
		from = folder->is_over ? NULL : mc_next_entry(folder->dir);
		if (!from) {
			/* A folder that was removed meanwhile has no more entries.  */
			if (!errno || errno == ENOENT) {
				pop_folder(walk);
				continue;
			}
			folder->is_over = true;
			entry.kind = MC_WALK_UNLISTED;
			entry.number = errno;
			entry.where = (struct mc_str){walk->path, folder->path_nbytes};
		} else if (!strcmp(from->d_name, ".") || !strcmp(from->d_name, "..")) {
			continue;
		} else {
			MC_TRY(set_path(walk, folder->path_nbytes, mc_str_of(from->d_name),
					&entry.where));
			entry.name = from->d_name;
			if (!classify(walk, from, &entry))
				continue;
		}
		*entry_out = entry;
		return MC_OK;
	}
	mc_walk_stop(walk);
	return MC_END;
}
