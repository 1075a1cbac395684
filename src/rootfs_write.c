/* SPDX-License-Identifier: MIT */
/*
 * Entries of a layer become files of the folder.  The folder is private, so a path that was
 * looked at stays what it was; a parent that is a link is followed as if the folder were "/".
 */
#include "rootfs_impl.h"

#include "dist.h"
#include "path.h"
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 4096
#define TEXT_NBYTES_MAX ((uint64_t)64 << 20) /* of what is wanted whole and is no program */
#define HEAD_NBYTES 4096

/* A symlink that was made, by its real path.  */
struct mc_link_list {
	struct mc_link_list *next;
	struct mc_str path;
};

struct place {
	char path[PATH_ROOM]; /* of the host: no link in it but, maybe, the last name */
	size_t folder_len;    /* of the parent */
};

/* ---- names ---- */

/* "usr/bin/x" of "./usr//bin/x/"; false for the root itself, for ".." and for what is too long.  */
static bool clean_name(struct mc_str name, char clean[static PATH_ROOM], struct mc_str *clean_out)
{
	size_t n = 0;

	while (name.len) {
		struct mc_str part = mc_str_cut(&name, '/');

		if (!part.len || mc_str_is(part, MC_STR(".")))
			continue;
		if (mc_str_is(part, MC_STR("..")) || part.len > 255 || n + part.len + 2 > PATH_ROOM)
			return false;
		if (n)
			clean[n++] = '/';
		memcpy(clean + n, part.ptr, part.len);
		n += part.len;
	}
	clean[n] = '\0';
	*clean_out = (struct mc_str){clean, n};
	return n > 0;
}

static bool append(struct place *place, size_t len, struct mc_str name)
{
	if (len + name.len + 2 > sizeof(place->path))
		return false;
	place->path[len] = '/';
	memcpy(place->path + len + 1, name.ptr, name.len);
	place->path[len + 1 + name.len] = '\0';
	return true;
}

/* The real path of what is at place->path, a link; false when it leads nowhere.  */
static bool follow(struct mc_rootfs *rootfs, struct place *place)
{
	struct mc_mark mark = mc_arena_mark(&rootfs->scratch);
	struct mc_str inside = mc_str_skip(mc_str_of(place->path), rootfs->real_dir.len), real;
	bool is_there = !mc_real_path_in(&rootfs->scratch, rootfs->real_dir, inside, &real) &&
			real.len < sizeof(place->path);

	if (is_there)
		memcpy(place->path, real.ptr, real.len + 1);
	mc_arena_rewind(&rootfs->scratch, mark);
	return is_there;
}

/* Into the next folder of a path; with 'makes' one is made where there is none.  */
static bool step(struct mc_rootfs *rootfs, struct place *place, struct mc_str name, bool makes)
{
	struct stat info;

	if (!append(place, strlen(place->path), name))
		return false;
	if (!mc_heed(lstat(place->path, &info)) && S_ISLNK(info.st_mode) &&
	    (!follow(rootfs, place) || mc_heed(lstat(place->path, &info))))
		return false;
	if (!mc_heed(lstat(place->path, &info))) {
		if (S_ISDIR(info.st_mode))
			return true;
		/* A file where a folder is to be: the layer above has it so.  */
		return makes && !unlink(place->path) && !mkdir(place->path, 0700);
	}
	return makes && !mkdir(place->path, 0700);
}

/* Where an entry called 'name' (clean) goes; false: nowhere.  */
static bool find_place(struct mc_rootfs *rootfs, struct mc_str name, bool makes, struct place *place)
{
	struct mc_str folder = mc_path_parent(name);

	memcpy(place->path, rootfs->real_dir.ptr, rootfs->real_dir.len + 1);
	while (folder.len)
		if (!step(rootfs, place, mc_str_cut(&folder, '/'), makes))
			return false;
	place->folder_len = strlen(place->path);
	return append(place, place->folder_len, mc_path_base(name));
}

/* ---- whiteouts: OCI image-spec layer.md ---- */

static void empty_folder(struct mc_rootfs *rootfs, struct place *place)
{
	struct stat info;

	place->path[place->folder_len] = '\0';
	if (place->folder_len <= rootfs->real_dir.len || mc_heed(lstat(place->path, &info)) || !S_ISDIR(info.st_mode))
		return;
	mc_remove_tree(place->path);
	mkdir(place->path, 0700);
}

enum mc_status mc_rootfs_whiteout(struct mc_rootfs *rootfs, struct mc_archive *layer, struct mc_error *err)
{
	const struct mc_str mark = MC_STR(".wh."), opaque = MC_STR(".wh..wh..opq");
	struct mc_archive_entry entry;
	enum mc_status status;

	while ((status = mc_archive_next(layer, &entry, err)) == MC_OK) {
		char clean[PATH_ROOM];
		struct place place;
		struct mc_str name, base;

		if (!clean_name(entry.path, clean, &name))
			continue;
		base = mc_path_base(name);
		if (!mc_str_starts(base, mark) || !find_place(rootfs, name, false, &place))
			continue;
		if (mc_str_is(base, opaque)) {
			empty_folder(rootfs, &place);
			continue;
		}
		base = mc_str_skip(base, mark.len);
		if (base.len && !mc_str_is(base, MC_STR(".")) && !mc_str_is(base, MC_STR("..")) &&
		    append(&place, place.folder_len, base))
			mc_remove_tree(place.path);
	}
	return status == MC_END ? MC_OK : status;
}

/* ---- what of a file is wanted ---- */

static bool is_wanted_whole(struct mc_str name)
{
	static const char *const names[] = {"pyvenv.cfg", "os-release", "ld.so.cache"};
	static const char *const folders[] = {"var/lib/dpkg/", "lib/apk/db", "usr/lib/apk/db",
					      "etc/ld.so.conf", "etc/ld-musl-"};
	struct mc_str base = mc_path_base(name), folder = mc_path_parent(name);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mc_str_is(base, mc_str_of(names[i])))
			return true;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (mc_str_starts(name, mc_str_of(folders[i])))
			return true;
	return mc_str_ends(folder, MC_STR(".dist-info")) || mc_str_ends(folder, MC_STR(".egg-info")) ||
	       mc_str_ends(folder, MC_STR("EGG-INFO")) || mc_str_ends(base, MC_STR(".egg-info")) ||
	       mc_str_ends(base, MC_STR(".pth"));
}

/* Python sources are read too, but for those of the image's own standard library.  */
static bool is_source(struct mc_str name)
{
	return mc_str_ends(name, MC_STR(".py")) && !mc_dist_is_standard_library(name);
}

/* By its first bytes: ELF files and zips (wheels) whole, of all else enough for a script's first line.  */
static uint64_t wanted_nbytes(struct mc_str name, const char *head, size_t head_nbytes)
{
	if (head_nbytes >= 4 && (!memcmp(head, "\177ELF", 4) || !memcmp(head, "PK\3\4", 4)))
		return UINT64_MAX;
	if (is_wanted_whole(name) || is_source(name))
		return TEXT_NBYTES_MAX;
	return head_nbytes >= 2 && !memcmp(head, "#!", 2) ? 512 : 64;
}

/* ---- files ---- */

static enum mc_status copy_content(struct mc_rootfs *rootfs, struct mc_archive *layer, struct mc_str name,
				   int fd, struct mc_error *err)
{
	char block[16 * HEAD_NBYTES];
	uint64_t left = UINT64_MAX;
	size_t got, held = 0;
	bool is_first = true;

	do {
		/* The head tells what is wanted: fill it before looking.  */
		MC_TRY(mc_archive_read(layer, block + held, sizeof(block) - held, &got, err));
		held += got;
		if (is_first && got && held < HEAD_NBYTES)
			continue;
		if (is_first)
			left = wanted_nbytes(name, block, held);
		is_first = false;
		if (held > left)
			held = (size_t)left;
		if (held > rootfs->nbytes_left)
			return mc_fail(err, MC_ERR_LIMIT, rootfs->path, "unpacked it is larger than any image");
		if (!mc_write_all(fd, block, held))
			return mc_fail(err, MC_ERR_IO, rootfs->dir, "cannot write what is unpacked");
		left -= held;
		rootfs->nbytes_left -= held;
		held = 0;
	} while (got && left);
	return MC_OK;
}

/* Free the place for what the layer has there; a folder gives way too.  */
static void clear_place(const struct place *place)
{
	struct stat info;

	if (mc_heed(lstat(place->path, &info)))
		return;
	if (S_ISDIR(info.st_mode))
		mc_remove_tree(place->path);
	else
		unlink(place->path);
}

static enum mc_status write_file(struct mc_rootfs *rootfs, struct mc_archive *layer,
				 const struct mc_archive_entry *entry, struct mc_str name,
				 const struct place *place, struct mc_error *err)
{
	enum mc_status status;
	int fd;

	clear_place(place);
	do
		fd = open(place->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  entry->is_executable ? 0700 : 0600);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && mc_is_refusal(errno))
		return mc_fail(err, MC_ERR_IO, rootfs->dir, "cannot write what is unpacked");
	if (fd < 0)
		return mc_fail(err, MC_ERR_LIMIT, rootfs->path, "a file in it has a name that cannot be written here");
	status = copy_content(rootfs, layer, name, fd, err);
	mc_close_fd(fd);
	return status;
}

static enum mc_status write_symlink(struct mc_rootfs *rootfs, const struct mc_archive_entry *entry,
				    const struct place *place, struct mc_error *err)
{
	struct mc_link_list *link = MC_TAKE(&rootfs->scratch, struct mc_link_list);

	clear_place(place);
	if (!link || mc_arena_copy(&rootfs->scratch, mc_str_of(place->path), &link->path))
		return mc_no_memory(err);
	if (!entry->link.len || symlink(entry->link.ptr, place->path))
		return MC_OK;
	link->next = rootfs->links;
	rootfs->links = link;
	return MC_OK;
}

static bool copy_file(const char *from, const char *to, mode_t mode)
{
	int in = mc_open_at(AT_FDCWD, from, O_NOFOLLOW);
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777);
	char block[1 << 16];
	uint64_t off = 0;
	int64_t got = 0;
	bool is_fine = out >= 0;

	while (is_fine && (got = mc_read_at(in, off, block, sizeof(block))) > 0) {
		is_fine = mc_write_all(out, block, (size_t)got);
		off += (uint64_t)got;
	}
	mc_close_fd(in);
	mc_close_fd(out);
	return is_fine && !got;
}

/* Landlock of Linux before 5.19 lets no file have names in two folders.  */
static bool link_or_copy(const char *from, const char *to, mode_t mode)
{
	return !link(from, to) || (errno == EXDEV && copy_file(from, to, mode));
}

/* To a file of this layer or of a lower one.  */
static enum mc_status write_hardlink(struct mc_rootfs *rootfs, const struct mc_archive_entry *entry,
				     const struct place *place, struct mc_error *err)
{
	char clean[PATH_ROOM];
	struct place from;
	struct mc_str name;
	struct stat info, there;

	if (!clean_name(entry->link, clean, &name) || !find_place(rootfs, name, false, &from) ||
	    mc_heed(lstat(from.path, &info)))
		return mc_fail(err, MC_ERR_FORMAT, rootfs->path, "damaged image: a hard link in it leads nowhere");
	if (!S_ISREG(info.st_mode))
		return MC_OK;
	if (!mc_heed(lstat(place->path, &there)) && there.st_ino == info.st_ino && there.st_dev == info.st_dev)
		return MC_OK;
	clear_place(place);
	return link_or_copy(from.path, place->path, info.st_mode)
		       ? MC_OK
		       : mc_fail(err, MC_ERR_IO, rootfs->dir, "cannot write what is unpacked");
}

static void write_folder(const struct place *place)
{
	struct stat info;

	if (!mc_heed(lstat(place->path, &info)) && !S_ISDIR(info.st_mode))
		unlink(place->path);
	mkdir(place->path, 0700);
}

static enum mc_status write_entry(struct mc_rootfs *rootfs, struct mc_archive *layer,
				  const struct mc_archive_entry *entry, struct mc_error *err)
{
	char clean[PATH_ROOM];
	struct place place;
	struct mc_str name;

	bool is_named = clean_name(entry->path, clean, &name);

	if (entry->kind == MC_ARCHIVE_OTHER || (is_named && mc_str_starts(mc_path_base(name), MC_STR(".wh."))))
		return MC_OK;
	/* No file is passed over in silence: it could be what stands in the way.  */
	if (!is_named || !find_place(rootfs, name, true, &place))
		return entry->kind == MC_ARCHIVE_FOLDER
			       ? MC_OK
			       : mc_fail(err, MC_ERR_LIMIT, rootfs->path,
					 "a file in it has a name that is too long or leads nowhere");
	switch (entry->kind) {
	case MC_ARCHIVE_FILE: return write_file(rootfs, layer, entry, name, &place, err);
	case MC_ARCHIVE_SYMLINK: return write_symlink(rootfs, entry, &place, err);
	case MC_ARCHIVE_HARDLINK: return write_hardlink(rootfs, entry, &place, err);
	case MC_ARCHIVE_FOLDER: write_folder(&place); break;
	case MC_ARCHIVE_OTHER: break;
	}
	return MC_OK;
}

enum mc_status mc_rootfs_write(struct mc_rootfs *rootfs, struct mc_archive *layer, struct mc_error *err)
{
	struct mc_archive_entry entry;
	enum mc_status status;

	while ((status = mc_archive_next(layer, &entry, err)) == MC_OK)
		MC_TRY(write_entry(rootfs, layer, &entry, err));
	return status == MC_END ? MC_OK : status;
}

/* ---- links ---- */

/* "../../usr/lib/x": from the folder of 'link' to 'real', both below the root.  */
static struct mc_str relative(struct mc_rootfs *rootfs, struct mc_str link, struct mc_str real)
{
	struct mc_str folder = mc_str_skip(mc_path_parent(link), rootfs->real_dir.len);
	struct mc_str inside = mc_str_skip(real, rootfs->real_dir.len), text = MC_STR("");

	for (size_t i = 0; i < folder.len; i++)
		if (folder.ptr[i] == '/')
			text = mc_arena_printf(&rootfs->scratch, "%.*s../", MC_TEXT(text));
	return mc_arena_printf(&rootfs->scratch, "%.*s.%.*s", MC_TEXT(text), MC_TEXT(inside));
}

static enum mc_status settle_link(struct mc_rootfs *rootfs, struct mc_str link, struct mc_error *err)
{
	struct mc_mark mark = mc_arena_mark(&rootfs->scratch);
	struct mc_str real, target;
	enum mc_status status;
	struct stat info;

	/* A later layer may have put something else there.  */
	if (mc_heed(lstat(link.ptr, &info)) || !S_ISLNK(info.st_mode))
		return MC_OK;
	status = mc_real_path_in(&rootfs->scratch, rootfs->real_dir,
				 mc_str_skip(link, rootfs->real_dir.len), &real);
	target = status ? MC_STR(".muslcheck-leads-nowhere") : relative(rootfs, link, real);
	if (status == MC_ERR_NOMEM || !target.len)
		return mc_no_memory(err);
	unlink(link.ptr);
	(void)!symlink(target.ptr, link.ptr);
	mc_arena_rewind(&rootfs->scratch, mark);
	return MC_OK;
}

enum mc_status mc_rootfs_settle_links(struct mc_rootfs *rootfs, struct mc_error *err)
{
	for (const struct mc_link_list *link = rootfs->links; link; link = link->next)
		MC_TRY(settle_link(rootfs, link->path, err));
	return MC_OK;
}
