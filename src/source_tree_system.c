/* SPDX-License-Identifier: MIT */
/*
 * A tree that is the root file system of an image: what in it is the system's own.
 *
 * Files of the system's packages are not the application's: on another base image its own
 * packages stand in their place.  dpkg and apk keep lists of them.  The Python of the official
 * images is built from source, into /usr/local, and is in no list.
 */
#include "source_tree.h"

#include "dist.h"
#include "file.h"
#include "path.h"
#include "refusal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_NBYTES_MAX ((uint64_t)256 << 20) /* apk's database; a .list of dpkg is far smaller */

/* "usr/lib/x" and "lib/x" are one file where /lib is a link to /usr/lib.  */
static struct mc_str key_of(struct mc_str path)
{
	while (mc_str_starts(path, MC_STR("/")))
		path = mc_str_skip(path, 1);
	return mc_str_starts(path, MC_STR("usr/")) ? mc_str_skip(path, 4) : path;
}

/* Below these folders systems keep what is theirs; a package that writes elsewhere is an application.  */
static bool is_system_place(struct mc_str path)
{
	static const char *const places[] = {"bin/", "sbin/", "lib", "etc/", "var/", "usr/"};

	while (mc_str_starts(path, MC_STR("/")))
		path = mc_str_skip(path, 1);
	if (mc_str_starts(path, MC_STR("usr/local/")))
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (mc_str_starts(path, mc_str_of(places[i])))
			return true;
	return false;
}

static enum mc_status add_owned(struct mc_tree_hunt *hunt, struct mc_str path)
{
	struct mc_str *kept;

	if (!is_system_place(path))
		return MC_OK;
	kept = MC_TAKE(&hunt->scratch, struct mc_str);
	if (!kept)
		return MC_ERR_NOMEM;
	*kept = key_of(path);
	return mc_map_add(&hunt->scratch, &hunt->system.owned, mc_hash_text(*kept), kept);
}

/* dpkg's NAME.list: a path a line, folders too.  NAME.md5sums: a sum, two blanks, a path.  */
static enum mc_status take_dpkg(struct mc_tree_hunt *hunt, struct mc_str text, bool has_sums)
{
	struct mc_str line;

	while (mc_text_line(&text, &line))
		if (!has_sums || line.len > 34)
			MC_TRY(add_owned(hunt, has_sums ? mc_str_skip(line, 34) : line));
	return MC_OK;
}

/* apk-installed(5): "F:" names a folder, "R:" a file in it.  */
static enum mc_status take_apk(struct mc_tree_hunt *hunt, struct mc_str text)
{
	struct mc_str line, folder = MC_STR(""), path;

	while (mc_text_line(&text, &line)) {
		if (mc_str_starts(line, MC_STR("F:"))) {
			folder = mc_str_skip(line, 2);
			MC_TRY(add_owned(hunt, folder));
		} else if (mc_str_starts(line, MC_STR("R:"))) {
			path = mc_arena_printf(&hunt->scratch, "%.*s/%.*s", MC_TEXT(folder),
					       MC_TEXT(mc_str_skip(line, 2)));
			if (!path.len)
				return MC_ERR_NOMEM;
			MC_TRY(add_owned(hunt, path));
		}
	}
	return MC_OK;
}

/* The text of a file of the root; empty when there is none.  It stays until the hunt ends.  */
static enum mc_status read_list(struct mc_tree_hunt *hunt, const char *path, struct mc_str *text_out)
{
	struct mc_str real;
	enum mc_status status =
		mc_real_path_in(&hunt->scratch, hunt->system.dir, mc_str_of(path), &real);

	*text_out = MC_STR("");
	if (!status)
		status = mc_read_text(&hunt->scratch, AT_FDCWD, real.ptr, LIST_NBYTES_MAX, text_out);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

static enum mc_status read_dpkg_folder(struct mc_tree_hunt *hunt, const char *folder,
				       const char *extension, bool has_sums)
{
	enum mc_status status;
	struct dirent *entry;
	struct mc_str real, text;
	DIR *dir;

	status = mc_real_path_in(&hunt->scratch, hunt->system.dir, mc_str_of(folder), &real);
	if (status)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	dir = mc_open_folder(real.ptr);
	while (dir && !status && (entry = mc_next_entry(dir))) {
		struct mc_str path;

		if (!mc_str_ends(mc_str_of(entry->d_name), mc_str_of(extension)))
			continue;
		path = mc_arena_printf(&hunt->scratch, "%s/%s", folder, entry->d_name);
		status = path.len ? read_list(hunt, path.ptr, &text) : MC_ERR_NOMEM;
		if (!status)
			status = take_dpkg(hunt, text, has_sums);
	}
	if (dir)
		closedir(dir);
	return status;
}

static bool has_file(int fd, const char *path)
{
	struct stat info;

	return !mc_heed(fstatat(fd, path, &info, AT_SYMLINK_NOFOLLOW));
}

/* A .dist-info on top: a site-packages, or a folder that pip was given as its target.  */
static bool has_dist_info(struct mc_str where)
{
	DIR *dir = mc_open_folder(where.ptr);
	struct dirent *entry;
	bool is_there = false;

	while (dir && !is_there && (entry = mc_next_entry(dir)))
		is_there = mc_name_ends(mc_str_of(entry->d_name), MC_STR(".dist-info")) ||
			   mc_name_ends(mc_str_of(entry->d_name), MC_STR(".egg-info"));
	if (dir)
		closedir(dir);
	return is_there;
}

enum mc_status mc_tree_look_for_system(struct mc_tree_hunt *hunt, const struct mc_tree_root *root,
				       struct mc_str where, int fd)
{
	static const char *const apk[] = {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"};
	struct mc_str text;

	/* os-release(5) is a link or a file in one of these.  */
	if (!has_file(fd, "etc/os-release") && !has_file(fd, "usr/lib/os-release"))
		return MC_OK;
	if (root->is_venv || has_dist_info(where))
		return MC_OK;
	hunt->system.dir = mc_str_is(where, MC_STR("/")) ? MC_STR("") : where;
	hunt->system.is_there = true;
	for (size_t i = 0; i < 2; i++) {
		MC_TRY(read_list(hunt, apk[i], &text));
		MC_TRY(take_apk(hunt, text));
	}
	MC_TRY(read_dpkg_folder(hunt, "/var/lib/dpkg/info", ".list", false));
	/* Images without a package manager ("distroless") keep sums alone.  */
	return read_dpkg_folder(hunt, "/var/lib/dpkg/status.d", ".md5sums", true);
}

static bool is_owned(const struct mc_tree_hunt *hunt, struct mc_str path)
{
	struct mc_str key = key_of(path), *owned;

	for (size_t at = 0; (owned = mc_map_next(&hunt->system.owned, mc_hash_text(key), &at));)
		if (mc_str_is(*owned, key))
			return true;
	return false;
}

/* "usr/local/lib/python3.12/" and what is behind it but site-packages; libpython, python3.12.  */
static bool is_python_itself(struct mc_str path)
{
	if (!mc_str_starts(path, MC_STR("usr/local/")))
		return false;
	path = mc_str_skip(path, strlen("usr/local/"));
	if (mc_str_starts(path, MC_STR("bin/python3")) || mc_str_starts(path, MC_STR("lib/libpython3")))
		return true;
	if (!mc_str_starts(path, MC_STR("lib/python3.")))
		return false;
	path = mc_str_skip(path, strlen("lib/"));
	while (path.len && path.ptr[0] != '/')
		path = mc_str_skip(path, 1);
	return path.len > 1 && !mc_str_starts(path, MC_STR("/site-packages")) &&
	       !mc_str_starts(path, MC_STR("/dist-packages"));
}

bool mc_tree_is_pythons(const struct mc_tree_hunt *hunt, struct mc_str where)
{
	struct mc_str dir = hunt->system.dir;

	return hunt->system.is_there && mc_str_starts(where, dir) && where.len > dir.len + 1 &&
	       is_python_itself(mc_str_skip(where, dir.len + 1));
}

/* The kernel's, and the package managers' own.  */
static bool is_aside(struct mc_str path)
{
	static const char *const folders[] = {"proc",	 "sys",	      "dev",	    "var/lib/dpkg",
					      "lib/apk", "usr/lib/apk", "var/lib/apt", "var/cache/apt"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (mc_str_is(path, mc_str_of(folders[i])))
			return true;
	return false;
}

/* What Python would import by it may lie where nobody looks.  */
static bool is_link_to_module(const struct mc_walk_entry *entry, struct mc_str path)
{
	return entry->kind == MC_WALK_FILE && mc_name_hint(path) == MC_NAME_NATIVE &&
	       mc_str_find(path, MC_STR("-packages/"), NULL);
}

bool mc_tree_is_systems(const struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry)
{
	struct mc_str path;

	if (!hunt->system.is_there || !hunt->root->is_main)
		return false;
	if (entry->where.len <= hunt->system.dir.len) /* the root itself, which cannot be listed */
		return false;
	path = mc_str_skip(entry->where, hunt->system.dir.len + 1);
	/* All that a link can lead to is in the tree, and met there by its own name, but for what lies aside.  */
	if ((entry->is_link && !is_link_to_module(entry, path)) || is_aside(path) || is_python_itself(path))
		return true;
	/* Packages share folders, but not those of a dist.  */
	if (entry->kind == MC_WALK_FOLDER && !mc_str_ends(path, MC_STR("-info")))
		return false;
	return is_owned(hunt, path);
}

enum mc_status mc_tree_place_in_root(struct mc_tree_hunt *hunt, struct mc_str *path)
{
	struct mc_str dir = hunt->system.dir, inside = *path, real;
	enum mc_status status;

	if (!hunt->system.is_there)
		return MC_OK;
	if (mc_str_starts(inside, dir) && inside.len > dir.len && inside.ptr[dir.len] == '/')
		inside = mc_str_skip(inside, dir.len);
	status = mc_real_path_in(&hunt->scratch, dir, inside, &real);
	if (status == MC_ERR_NOMEM)
		return status;
	/* What is not there must not be found on the host.  */
	if (status)
		real = MC_STR("");
	*path = real;
	return MC_OK;
}
