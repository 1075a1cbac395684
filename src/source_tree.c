/* SPDX-License-Identifier: MIT */
/*
 * A folder: a venv, a site-packages, or anything that holds some.
 *
 * All is found when it is opened: the walk looks at names, and at the first
 * bytes of what its name does not rule out; then each RECORD says whose those
 * files are.  Nothing is executed, and no link to a folder is followed but a
 * venv's lib64; what .pth files and direct_url.json name outside the tree is
 * walked as a further root.
 */
#define _DEFAULT_SOURCE /* DT_REG and the like, with glibc and musl */

#include "dist.h"
#include "source_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX_NBYTES ((uint64_t)1 << 20)     /* METADATA, WHEEL, direct_url.json, .pth */
#define RECORD_MAX_NBYTES ((uint64_t)256 << 20) /* a line a file */
#define PTH_LINES_MAX 4096

struct tree_dist {
	struct tree_dist *next;
	struct mc_dist dist;
	struct mc_str where;        /* of the .dist-info or .egg-info, absolute */
	struct mc_str editable_dir; /* from direct_url.json */
	struct tree_dist *vendor;   /* whose RECORD lists this very .dist-info, further up */
	bool has_record, is_egg;
};

/* Where a walk began.  */
struct root {
	struct mc_str where;     /* real path; members are shown relative to the main root's */
	struct tree_dist *owner; /* of what no RECORD claims; NULL: loose */
	bool is_main, is_venv;
};

/* A folder where .pth files count if a dist is installed in it.  */
struct site {
	bool has_dists;
};

enum found_kind {
	FOUND_MEMBER,
	FOUND_PTH,
	FOUND_DIST,        /* a .dist-info folder */
	FOUND_FOLDER_LINK, /* to be reported unless the folder is reached by its own name */
};

struct found {
	struct found *next;
	enum found_kind kind;
	struct mc_member member; /* without dist */
	bool is_link;
	bool is_done;
	struct root *root;
	const struct site *site; /* of a .pth */
	struct tree_dist *owner; /* of a FOUND_DIST: the dist itself */
};

struct tree {
	struct mc_source base;
	struct found **members; /* sorted by path */
	size_t members_count, next;
	const struct found *current;
	struct mc_dist loose;
	int fd; /* of the member read last */
};

/* Open addressing, at most half full; 'items' NULL while empty.  */
struct inode {
	uint64_t dev, ino;
	bool is_used;
};

struct inode_set {
	struct inode *items;
	size_t room, count;
};

struct found_table {
	struct found **items; /* by 'where' */
	size_t room, count;
};

/* A folder being listed.  */
struct frame {
	struct frame *up;
	DIR *dir;
	size_t path_nbytes;
	uint32_t depth;
	bool is_bin, is_venv_bin;
	struct tree_dist *owner; /* an .egg around it, or the root's */
	struct site *site;
};

/* What is needed only while the tree is opened.  */
struct walk {
	struct tree *tree;
	struct mc_arena *arena;  /* the caller's */
	struct mc_arena scratch; /* frames, sets, texts */
	struct inode_set folders;
	struct found_table table;
	struct found *found;
	size_t members_count;
	struct tree_dist *dists, *done_dists;
	size_t dists_count;
	struct {
		struct wheel_path *first;
		size_t count;
	} wheels;
	struct root *root;
	struct frame *top, *spare;
	char *path; /* of the frame on top, and of the entry looked at */
	size_t path_room;
	uint64_t entries_count;
	unsigned venv_minor;
	bool is_full;
};

struct wheel_path {
	struct wheel_path *next;
	const char *path;
};

/* --- sets --- */

static size_t hash_inode(uint64_t dev, uint64_t ino)
{
	uint64_t hash = (ino ^ dev << 32 ^ dev >> 32) * 0x9e3779b97f4a7c15u;

	return (size_t)(hash >> 32 ^ hash);
}

static struct inode *inode_slot(const struct inode_set *set, uint64_t dev, uint64_t ino)
{
	size_t at = hash_inode(dev, ino) & (set->room - 1);

	while (set->items[at].is_used && (set->items[at].dev != dev || set->items[at].ino != ino))
		at = (at + 1) & (set->room - 1);
	return &set->items[at];
}

static bool has_inode(const struct inode_set *set, uint64_t dev, uint64_t ino)
{
	return set->items && inode_slot(set, dev, ino)->is_used;
}

static enum mc_status add_inode(struct mc_arena *scratch, struct inode_set *set, uint64_t dev,
				uint64_t ino)
{
	if (set->count >= set->room / 2) {
		struct inode_set grown = {.room = set->room ? set->room * 2 : 1024,
					  .count = set->count};

		grown.items = MC_TAKE_ARRAY(scratch, struct inode, grown.room);
		if (!grown.items)
			return MC_ERR_NOMEM;
		for (size_t i = 0; i < set->room; i++)
			if (set->items[i].is_used)
				*inode_slot(&grown, set->items[i].dev, set->items[i].ino) =
					set->items[i];
		*set = grown;
	}
	*inode_slot(set, dev, ino) = (struct inode){dev, ino, true};
	set->count++;
	return MC_OK;
}

/* FNV-1a */
static size_t hash_path(struct mc_str path)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < path.len; i++)
		hash = (hash ^ (uint8_t)path.ptr[i]) * 0x100000001b3u;
	return (size_t)(hash >> 32 ^ hash);
}

static struct found **found_slot(const struct found_table *table, struct mc_str where)
{
	size_t at = hash_path(where) & (table->room - 1);

	while (table->items[at] && !mc_str_is(table->items[at]->member.where, where))
		at = (at + 1) & (table->room - 1);
	return &table->items[at];
}

static enum mc_status add_to_table(struct mc_arena *scratch, struct found_table *table,
				   struct found *found)
{
	if (table->count >= table->room / 2) {
		struct found_table grown = {.room = table->room ? table->room * 2 : 1024,
					    .count = table->count};

		grown.items = MC_TAKE_ARRAY(scratch, struct found *, grown.room);
		if (!grown.items)
			return MC_ERR_NOMEM;
		for (size_t i = 0; i < table->room; i++)
			if (table->items[i])
				*found_slot(&grown, table->items[i]->member.where) =
					table->items[i];
		*table = grown;
	}
	*found_slot(table, found->member.where) = found;
	table->count++;
	return MC_OK;
}

/* --- paths and small files --- */

/* Set the path to that of 'frame' with 'name' below it.  */
static enum mc_status set_path(struct walk *walk, size_t frame_nbytes, const char *name,
			       struct mc_str *path_out)
{
	size_t name_nbytes = strlen(name);
	size_t at = frame_nbytes;

	if (name_nbytes + 2 > walk->path_room - frame_nbytes) {
		size_t room = walk->path_room * 2 + name_nbytes + 2;
		char *path = mc_arena_take(&walk->scratch, room, 1);

		if (!path)
			return MC_ERR_NOMEM;
		if (frame_nbytes)
			memcpy(path, walk->path, frame_nbytes);
		walk->path = path;
		walk->path_room = room;
	}
	if (at && walk->path[at - 1] != '/')
		walk->path[at++] = '/';
	memcpy(walk->path + at, name, name_nbytes + 1);
	*path_out = (struct mc_str){walk->path, at + name_nbytes};
	return MC_OK;
}

/* What a person is shown: below the root, or absolute outside of it.  */
static struct mc_str shown_path(const struct root *root, struct mc_str where)
{
	size_t nbytes = root->where.len;

	if (!root->is_main || where.len <= nbytes)
		return where;
	if (nbytes > 1)
		nbytes++;
	return (struct mc_str){where.ptr + nbytes, where.len - nbytes};
}

/* "PATH/rel" with PATH as the user gave it.  */
static enum mc_status copy_as_opened(struct walk *walk, struct mc_str where,
				     struct mc_str *path_out)
{
	struct mc_str opened = mc_str_of(walk->tree->base.path);
	struct mc_str shown = shown_path(walk->root, where);
	char *path;

	if (!walk->root->is_main)
		return mc_arena_copy(walk->arena, where, path_out);
	if (where.len <= walk->root->where.len)
		return mc_arena_copy(walk->arena, opened, path_out);
	while (opened.len > 1 && opened.ptr[opened.len - 1] == '/')
		opened.len--;
	path = mc_arena_take(walk->arena, opened.len + shown.len + 2, 1);
	if (!path)
		return MC_ERR_NOMEM;
	memcpy(path, opened.ptr, opened.len);
	path_out->ptr = path;
	path_out->len = opened.len + shown.len;
	if (path[opened.len - 1] != '/') {
		path[opened.len] = '/';
		path_out->len++;
	}
	memcpy(path + path_out->len - shown.len, shown.ptr, shown.len);
	return MC_OK;
}

/*
 * The text of a small file, in scratch: the caller rewinds.  MC_ERR_NOT_FOUND
 * when there is none, MC_ERR_IO with errno; more than 'limit_nbytes' is cut off.
 */
static enum mc_status read_text(struct walk *walk, int dir_fd, const char *name,
				uint64_t limit_nbytes, struct mc_str *text_out)
{
	enum mc_status status = MC_ERR_IO;
	int fd = mc_open_at(dir_fd, name, 0);
	struct stat info;
	uint64_t nbytes;
	int64_t got;
	char *text;

	*text_out = (struct mc_str){"", 0};
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? MC_ERR_NOT_FOUND : MC_ERR_IO;
	if (fstat(fd, &info) < 0)
		goto out;
	if (!S_ISREG(info.st_mode)) {
		status = MC_ERR_NOT_FOUND;
		goto out;
	}
	nbytes = (uint64_t)info.st_size;
	if (nbytes > limit_nbytes)
		nbytes = limit_nbytes;
	text = mc_arena_take(&walk->scratch, (size_t)nbytes + 1, 1);
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

/* --- what is found --- */

static enum mc_status add_found(struct walk *walk, const struct found *what, struct mc_str where)
{
	struct found *found = MC_TAKE(walk->arena, struct found);

	if (!found)
		return MC_ERR_NOMEM;
	*found = *what;
	MC_TRY(mc_arena_copy(walk->arena, where, &found->member.where));
	found->root = walk->root;
	if (!found->owner)
		found->owner = walk->top ? walk->top->owner : walk->root->owner;
	found->member.path = shown_path(walk->root, found->member.where);
	if (!found->member.path.len)
		found->member.path = MC_STR(".");
	if (!found->member.head.ptr)
		found->member.head = (struct mc_str){"", 0};
	if (!found->member.problem.ptr)
		found->member.problem = (struct mc_str){"", 0};
	found->next = walk->found;
	walk->found = found;
	walk->members_count += found->kind == FOUND_MEMBER;
	return add_to_table(&walk->scratch, &walk->table, found);
}

static enum mc_status add_broken(struct walk *walk, struct mc_str where, struct mc_str problem)
{
	return add_found(walk,
			 &(struct found){.member = {.kind = MC_MEMBER_BROKEN, .problem = problem}},
			 where);
}

/* 'what' could not be done, as errno says.  */
static enum mc_status add_refused(struct walk *walk, struct mc_str where, const char *what)
{
	char text[96];
	int number = errno;

	return add_broken(
		walk, where,
		mc_problem(walk->arena, "%s: %s", what, mc_errno_text(number, text, sizeof(text))));
}

/* Does it call itself after the interpreter: python, python3, python3.12?  */
static bool is_interpreter_name(struct mc_str name)
{
	const struct mc_str prefix = MC_STR("python");

	if (name.len < prefix.len || memcmp(name.ptr, prefix.ptr, prefix.len))
		return false;
	for (size_t i = prefix.len; i < name.len; i++)
		if ((name.ptr[i] < '0' || name.ptr[i] > '9') && name.ptr[i] != '.')
			return false;
	return true;
}

static enum mc_status add_if_native(struct walk *walk, struct mc_str where, int fd,
				    bool is_native_name, bool is_link)
{
	uint8_t first[MC_HEAD_NBYTES + 1];
	struct found found = {.is_link = is_link};
	struct mc_bytes head = {first, 0};
	bool may_be_script;
	struct stat info;

	if (fstat(fd, &info) < 0)
		return add_refused(walk, where, "it cannot be examined");
	if (!S_ISREG(info.st_mode))
		return MC_OK;
	may_be_script = walk->top->is_bin || (info.st_mode & 0111);
	/* Files of /proc say that they are empty, and some of them wait to be read.  */
	if (info.st_size > 0) {
		int64_t got = mc_read_at(fd, 0, first, may_be_script ? sizeof(first) : 4);

		if (got < 0)
			return add_refused(walk, where, "it cannot be read");
		head.len = (size_t)got;
	}
	if (!mc_classify(head, is_native_name, may_be_script, &found.member.kind))
		return MC_OK;
	found.member.nbytes = (uint64_t)info.st_size;
	found.member.dev = (uint64_t)info.st_dev;
	found.member.ino = (uint64_t)info.st_ino;
	if (found.member.kind == MC_MEMBER_SCRIPT)
		MC_TRY(mc_copy_head(walk->arena, head, &found.member.head));
	return add_found(walk, &found, where);
}

static enum mc_status add_wheel(struct walk *walk, struct mc_str where)
{
	struct wheel_path *wheel = MC_TAKE(walk->arena, struct wheel_path);
	struct mc_str path;

	if (!wheel)
		return MC_ERR_NOMEM;
	MC_TRY(copy_as_opened(walk, where, &path));
	wheel->path = path.ptr;
	wheel->next = walk->wheels.first;
	walk->wheels.first = wheel;
	walk->wheels.count++;
	return MC_OK;
}

static enum mc_status take_site(struct walk *walk, struct site **site_out)
{
	if (!walk->top->site)
		walk->top->site = MC_TAKE(&walk->scratch, struct site);
	*site_out = walk->top->site;
	return walk->top->site ? MC_OK : MC_ERR_NOMEM;
}

/* --- dists --- */

static enum mc_status spoil_dist(struct walk *walk, struct tree_dist *dist, const char *name)
{
	char text[96];
	int number = errno;

	dist->dist.status = MC_ERR_IO;
	dist->dist.problem = mc_problem(walk->arena, "its %s cannot be read: %s", name,
					mc_errno_text(number, text, sizeof(text)));
	return MC_OK;
}

static enum mc_status read_metadata(struct walk *walk, struct tree_dist *dist, int dir_fd,
				    const char *name)
{
	struct mc_str text;
	enum mc_status status = read_text(walk, dir_fd, name, TEXT_MAX_NBYTES, &text);

	if (status == MC_ERR_IO)
		return spoil_dist(walk, dist, name);
	if (status < 0)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	return mc_dist_metadata(walk->arena, text, &dist->dist.name, &dist->dist.version);
}

static enum mc_status read_tags(struct walk *walk, struct tree_dist *dist, int dir_fd)
{
	struct mc_str text;
	struct mc_tags tags;
	enum mc_status status = read_text(walk, dir_fd, "WHEEL", TEXT_MAX_NBYTES, &text);

	if (status == MC_OK)
		status = mc_dist_wheel_tags(walk->arena, text, &tags);
	if (status < 0)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	dist->dist.tags = tags.ptr;
	dist->dist.tags_count = tags.count;
	return MC_OK;
}

static enum mc_status read_direct_url(struct walk *walk, struct tree_dist *dist, int dir_fd)
{
	struct mc_str text;
	enum mc_status status = read_text(walk, dir_fd, "direct_url.json", TEXT_MAX_NBYTES, &text);

	if (status == MC_OK)
		status = mc_dist_direct_url(walk->arena, text, &dist->dist.is_editable,
					    &dist->editable_dir);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

static bool is_known_name(const struct walk *walk, struct mc_str name)
{
	for (const struct tree_dist *dist = walk->dists; dist; dist = dist->next)
		if (mc_str_is(dist->dist.name, name))
			return true;
	for (const struct tree_dist *dist = walk->done_dists; dist; dist = dist->next)
		if (mc_str_is(dist->dist.name, name))
			return true;
	return false;
}

/* A dist called after 'where', whose last extension has 'extension_nbytes' with the dot.  */
static enum mc_status start_dist(struct walk *walk, struct mc_str where, size_t extension_nbytes,
				 struct tree_dist **dist_out)
{
	struct tree_dist *dist = MC_TAKE(walk->arena, struct tree_dist);
	struct mc_str stem = mc_path_base(where);

	if (!dist)
		return MC_ERR_NOMEM;
	stem.len -= extension_nbytes;
	MC_TRY(mc_arena_copy(walk->arena, where, &dist->where));
	MC_TRY(mc_dist_folder_name(walk->arena, stem, &dist->dist.name, &dist->dist.version));
	dist->dist.kind = MC_DIST_INSTALLED;
	dist->dist.problem = (struct mc_str){"", 0};
	dist->editable_dir = (struct mc_str){"", 0};
	dist->dist.python_minor = mc_dist_path_minor(where);
	if (!dist->dist.python_minor)
		dist->dist.python_minor = walk->venv_minor;
	MC_TRY(copy_as_opened(walk, where, &dist->dist.path));
	*dist_out = dist;
	return MC_OK;
}

static void keep_dist(struct walk *walk, struct tree_dist *dist)
{
	dist->next = walk->dists;
	walk->dists = dist;
	walk->dists_count++;
}

/* 'dir_fd' -1: the folder could not be opened, as errno says.  */
static enum mc_status add_dist_info(struct walk *walk, struct mc_str where, int dir_fd)
{
	struct tree_dist *dist;
	int number = errno;
	struct site *site;
	struct mc_mark mark;
	enum mc_status status;

	MC_TRY(start_dist(walk, where, strlen(".dist-info"), &dist));
	MC_TRY(take_site(walk, &site));
	site->has_dists = true;
	if (dir_fd < 0) {
		errno = number;
		MC_TRY(spoil_dist(walk, dist, "folder"));
	} else {
		mark = mc_arena_mark(&walk->scratch);
		status = read_metadata(walk, dist, dir_fd, "METADATA");
		if (status == MC_OK)
			status = read_tags(walk, dist, dir_fd);
		if (status == MC_OK)
			status = read_direct_url(walk, dist, dir_fd);
		mc_arena_rewind(&walk->scratch, mark);
		MC_TRY(status);
		dist->has_record = true;
	}
	keep_dist(walk, dist);
	return add_found(walk, &(struct found){.kind = FOUND_DIST, .owner = dist}, where);
}

/*
 * An .egg-info folder or file, or an .egg with its EGG-INFO.  'name' is that
 * of the file to read.  '*dist_out' is NULL when it adds nothing.
 */
static enum mc_status add_egg(struct walk *walk, struct mc_str where, const char *extension,
			      int dir_fd, const char *name, struct tree_dist **dist_out)
{
	struct tree_dist *dist;
	struct mc_mark mark;
	enum mc_status status;

	MC_TRY(start_dist(walk, where, strlen(extension), &dist));
	mark = mc_arena_mark(&walk->scratch);
	status = read_metadata(walk, dist, dir_fd, name);
	mc_arena_rewind(&walk->scratch, mark);
	MC_TRY(status);
	dist->is_egg = true;
	dist->dist.is_editable = !walk->root->is_main;
	*dist_out = NULL;
	/* The source of an editable install, which its .dist-info stands for.  */
	if (!walk->root->is_main && is_known_name(walk, dist->dist.name))
		return MC_OK;
	/* "setup.py develop" leaves nothing but a .pth that no RECORD claims.  */
	if (!walk->root->is_main && !walk->root->owner)
		walk->root->owner = dist;
	*dist_out = dist;
	keep_dist(walk, dist);
	return MC_OK;
}

/* --- the walk --- */

static enum mc_status look_at_file(struct walk *walk, const struct frame *frame, const char *name,
				   bool is_link)
{
	struct mc_str base = mc_str_of(name), where;
	enum mc_name_hint hint = mc_name_hint(base);
	struct site *site;
	enum mc_status status;
	int fd;

	MC_TRY(set_path(walk, frame->path_nbytes, name, &where));
	if (hint == MC_NAME_RULED_OUT) {
		if (mc_name_ends(base, MC_STR(".whl")) && walk->root->is_main)
			return add_wheel(walk, where);
		if (!mc_name_ends(base, MC_STR(".pth")))
			return MC_OK;
		MC_TRY(take_site(walk, &site));
		return add_found(walk, &(struct found){.kind = FOUND_PTH, .site = site}, where);
	}
	if (hint == MC_NAME_SCRIPT && !frame->is_bin && mc_name_ends(base, MC_STR(".py")))
		return MC_OK;
	if (mc_is_dist_text(where) || (frame->is_venv_bin && is_interpreter_name(base)))
		return MC_OK;
	if (mc_name_ends(base, MC_STR(".egg-info"))) {
		struct tree_dist *dist;

		return add_egg(walk, where, ".egg-info", dirfd(frame->dir), name, &dist);
	}
	if (mc_name_ends(base, MC_STR(".egg")))
		return add_broken(walk, where, MC_STR("zipped eggs are not read"));

	fd = mc_open_at(dirfd(frame->dir), name, is_link ? 0 : O_NOFOLLOW);
	if (fd < 0) {
		/* Gone since it was listed, or a socket, or no longer what it was.  */
		if (errno == ENOENT || errno == ENXIO || errno == ELOOP)
			return MC_OK;
		return add_refused(walk, where, "it cannot be opened");
	}
	status = add_if_native(walk, where, fd, hint == MC_NAME_NATIVE, is_link);
	mc_close_fd(fd);
	return status;
}

static enum mc_status look_at_link(struct walk *walk, const struct frame *frame, const char *name)
{
	struct mc_str where;
	struct stat info;

	MC_TRY(set_path(walk, frame->path_nbytes, name, &where));
	if (fstatat(dirfd(frame->dir), name, &info, 0) < 0) {
		if (mc_name_hint(mc_str_of(name)) == MC_NAME_NATIVE)
			return add_refused(walk, where, "a link that leads nowhere");
		return MC_OK;
	}
	if (S_ISREG(info.st_mode))
		return look_at_file(walk, frame, name, true);
	if (S_ISDIR(info.st_mode))
		return add_found(walk,
				 &(struct found){.kind = FOUND_FOLDER_LINK,
						 .is_link = true,
						 .member = {.kind = MC_MEMBER_BROKEN,
							    .dev = (uint64_t)info.st_dev,
							    .ino = (uint64_t)info.st_ino}},
				 where);
	return MC_OK;
}

/* Take 'fd', a folder, as the new top; nothing when it was walked before.  */
static enum mc_status push_frame(struct walk *walk, int fd, struct mc_str where, uint32_t depth)
{
	struct frame *frame = walk->spare;
	struct mc_str name = mc_path_base(where);
	struct stat info;
	DIR *dir = NULL;
	bool is_venv_bin = false;

	if (fstat(fd, &info) < 0) {
		mc_close_fd(fd);
		return add_refused(walk, where, "the folder cannot be examined");
	}
	if (has_inode(&walk->folders, (uint64_t)info.st_dev, (uint64_t)info.st_ino)) {
		mc_close_fd(fd);
		return MC_OK;
	}
	if (!frame)
		frame = MC_TAKE(&walk->scratch, struct frame);
	if (!frame || add_inode(&walk->scratch, &walk->folders, (uint64_t)info.st_dev,
				(uint64_t)info.st_ino) < 0) {
		mc_close_fd(fd);
		return MC_ERR_NOMEM;
	}
	if (frame == walk->spare)
		walk->spare = frame->up;
	dir = fdopendir(fd);
	if (!dir) {
		frame->up = walk->spare;
		walk->spare = frame;
		mc_close_fd(fd);
		return add_refused(walk, where, "the folder cannot be listed");
	}
	if (mc_str_is(name, MC_STR("bin")) && walk->top) {
		struct stat config;

		is_venv_bin = !fstatat(dirfd(walk->top->dir), "pyvenv.cfg", &config, 0);
	}
	*frame = (struct frame){
		.up = walk->top,
		.dir = dir,
		.path_nbytes = where.len,
		.depth = depth,
		.is_bin = mc_str_is(name, MC_STR("bin")),
		.is_venv_bin = is_venv_bin,
		.owner = walk->top ? walk->top->owner : walk->root->owner,
	};
	walk->top = frame;
	return MC_OK;
}

static void pop_frame(struct walk *walk)
{
	struct frame *frame = walk->top;

	closedir(frame->dir);
	walk->top = frame->up;
	frame->up = walk->spare;
	walk->spare = frame;
}

/* What the name of a folder says about dists; '*owner' is then whose files are below it.  */
static enum mc_status look_for_dist(struct walk *walk, struct mc_str where, int fd,
				    struct tree_dist **owner)
{
	struct tree_dist *dist;

	if (mc_name_ends(where, MC_STR(".dist-info")) &&
	    mc_path_base(where).len > strlen(".dist-info"))
		return add_dist_info(walk, where, fd);
	if (fd < 0)
		return MC_OK;
	if (mc_name_ends(where, MC_STR(".egg-info"))) {
		MC_TRY(add_egg(walk, where, ".egg-info", fd, "PKG-INFO", &dist));
	} else if (mc_name_ends(where, MC_STR(".egg"))) {
		struct stat info;

		if (fstatat(fd, "EGG-INFO/PKG-INFO", &info, 0) < 0)
			return MC_OK;
		MC_TRY(add_egg(walk, where, ".egg", fd, "EGG-INFO/PKG-INFO", &dist));
		if (dist)
			*owner = dist;
	}
	return MC_OK;
}

static enum mc_status enter_folder(struct walk *walk, const struct frame *frame, const char *name)
{
	struct tree_dist *owner = frame->owner;
	enum mc_status status;
	struct mc_str where;
	uint32_t depth = frame->depth + 1;
	int fd, number;

	if (!strcmp(name, "__pycache__") || !strcmp(name, ".git"))
		return MC_OK;
	MC_TRY(set_path(walk, frame->path_nbytes, name, &where));
	if (depth >= walk->tree->base.limits.tree_depth)
		return add_broken(walk, where,
				  mc_problem(walk->arena, "folders deeper than %lu are not read",
					     (unsigned long)walk->tree->base.limits.tree_depth));
	fd = mc_open_at(dirfd(frame->dir), name, O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return MC_OK;
	number = errno;
	if (fd < 0)
		MC_TRY(add_refused(walk, where, "the folder cannot be opened"));
	errno = number;
	status = look_for_dist(walk, where, fd, &owner);
	if (status < 0 || fd < 0) {
		mc_close_fd(fd);
		return status;
	}
	MC_TRY(push_frame(walk, fd, where, depth));
	if (walk->top != frame)
		walk->top->owner = owner;
	return MC_OK;
}

enum entry_kind {
	ENTRY_FILE,
	ENTRY_FOLDER,
	ENTRY_LINK,
	ENTRY_OTHER,
};

/* d_type spares a stat() a file, on filesystems that have it.  */
static enum entry_kind kind_of_entry(int dir_fd, const struct dirent *entry)
{
	struct stat info;

#ifdef DT_UNKNOWN
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_REG   ? ENTRY_FILE
		       : entry->d_type == DT_DIR ? ENTRY_FOLDER
		       : entry->d_type == DT_LNK ? ENTRY_LINK
						 : ENTRY_OTHER;
#endif
	if (fstatat(dir_fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return ENTRY_OTHER;
	return S_ISREG(info.st_mode)   ? ENTRY_FILE
	       : S_ISDIR(info.st_mode) ? ENTRY_FOLDER
	       : S_ISLNK(info.st_mode) ? ENTRY_LINK
				       : ENTRY_OTHER;
}

static enum mc_status look_at_entry(struct walk *walk, const struct frame *frame,
				    const struct dirent *entry)
{
	const char *name = entry->d_name;
	struct mc_str where;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return MC_OK;
	if (walk->entries_count++ >= walk->tree->base.limits.members_count) {
		walk->is_full = true;
		MC_TRY(set_path(walk, frame->path_nbytes, name, &where));
		return add_broken(
			walk, where,
			mc_problem(walk->arena,
				   "the rest of the tree is not read: more than %lu files",
				   (unsigned long)walk->tree->base.limits.members_count));
	}
	switch (kind_of_entry(dirfd(frame->dir), entry)) {
	case ENTRY_FILE: return look_at_file(walk, frame, name, false);
	case ENTRY_FOLDER: return enter_folder(walk, frame, name);
	case ENTRY_LINK: return look_at_link(walk, frame, name);
	case ENTRY_OTHER: break;
	}
	return MC_OK;
}

/* Walk 'start', which 'fd' is and which is taken, unless it was walked before.  */
static enum mc_status walk_from(struct walk *walk, struct root *root, const char *start, int fd)
{
	enum mc_status status;
	struct mc_str where;

	walk->root = root;
	status = set_path(walk, 0, start, &where);
	if (status < 0) {
		mc_close_fd(fd);
		return status;
	}
	status = push_frame(walk, fd, where, 0);
	while (walk->top && status == MC_OK && !walk->is_full) {
		struct frame *frame = walk->top;
		const struct dirent *entry;

		errno = 0;
		entry = readdir(frame->dir);
		if (entry) {
			status = look_at_entry(walk, frame, entry);
		} else {
			int number = errno;

			where = (struct mc_str){walk->path, frame->path_nbytes};
			/* A folder that was removed meanwhile has no more entries.  */
			errno = number;
			if (number && number != ENOENT)
				status = add_refused(walk, where, "the folder cannot be listed");
			pop_frame(walk);
		}
	}
	while (walk->top)
		pop_frame(walk);
	return status;
}

/* --- after the walk: who owns what, and where else to look --- */

/* What a RECORD brings besides its own folder.  */
struct payload {
	bool has_pth, has_others;
};

static void count_payload(struct payload *payload, struct mc_str path)
{
	struct mc_str base = mc_path_base(path);

	if (mc_name_ends(base, MC_STR(".pth")))
		payload->has_pth = true;
	else if (!mc_name_ends(mc_path_parent(path), MC_STR(".dist-info")) &&
		 !mc_name_ends(mc_path_parent(mc_path_parent(path)), MC_STR(".dist-info")) &&
		 !mc_name_ends(mc_path_parent(path), MC_STR("__pycache__")) &&
		 !mc_name_ends(mc_path_parent(path), MC_STR("/bin")) &&
		 !mc_name_ends(base, MC_STR("_finder.py")) &&
		 !(base.len > 12 && !memcmp(base.ptr, "__editable__", 12)))
		payload->has_others = true;
}

static enum mc_status claim(struct walk *walk, struct tree_dist *dist, struct mc_str base,
			    struct mc_str path)
{
	struct mc_mark mark = mc_arena_mark(&walk->scratch);
	struct mc_str where;
	struct found *found;

	if (!walk->table.items ||
	    (mc_name_hint(path) == MC_NAME_RULED_OUT && !mc_name_ends(path, MC_STR(".pth"))))
		return MC_OK;
	MC_TRY(mc_path_join(&walk->scratch, base, path, &where));
	found = *found_slot(&walk->table, where);
	if (found && !found->owner && found->kind != FOUND_DIST)
		found->owner = dist;
	mc_arena_rewind(&walk->scratch, mark);
	return MC_OK;
}

/*
 * A .dist-info in the RECORD of another dist is a vendored copy's (setuptools
 * has a dozen): no dist that pip knows of.  Only one further down can be, so
 * that no two can vendor each other.
 */
static enum mc_status claim_vendored(struct walk *walk, struct tree_dist *dist, struct mc_str base,
				     struct mc_str path)
{
	struct mc_mark mark = mc_arena_mark(&walk->scratch);
	struct mc_str folder = mc_path_parent(path), where;
	const struct found *found;

	if (!walk->table.items || !mc_name_ends(folder, MC_STR(".dist-info")) ||
	    !mc_path_parent(folder).len)
		return MC_OK;
	MC_TRY(mc_path_join(&walk->scratch, base, folder, &where));
	found = *found_slot(&walk->table, where);
	if (found && found->kind == FOUND_DIST && !found->owner->vendor &&
	    where.len > base.len + 1 && mc_str_starts(where, base) && where.ptr[base.len] == '/' &&
	    mc_path_parent(where).len > base.len)
		found->owner->vendor = dist;
	mc_arena_rewind(&walk->scratch, mark);
	return MC_OK;
}

static enum mc_status claim_listed(struct walk *walk, struct tree_dist *dist, struct mc_str text)
{
	struct mc_str base = dist->is_egg ? dist->where : mc_path_parent(dist->where), path;
	struct payload payload = {false, false};
	enum mc_status status = MC_OK;

	if (dist->is_egg) {
		/* installed-files.txt: a path a line */
		while (status == MC_OK && mc_text_line(&text, &path))
			if (path.len)
				status = claim(walk, dist, base, path);
		return status;
	}
	while ((status = mc_record_path(&walk->scratch, &text, &path)) == MC_OK) {
		count_payload(&payload, path);
		MC_TRY(claim(walk, dist, base, path));
		MC_TRY(claim_vendored(walk, dist, base, path));
	}
	if (payload.has_pth && !payload.has_others)
		dist->dist.is_editable = true;
	return status == MC_END ? MC_OK : status;
}

static enum mc_status read_record(struct walk *walk, struct tree_dist *dist)
{
	struct mc_mark mark = mc_arena_mark(&walk->scratch);
	const char *name = dist->is_egg ? "installed-files.txt" : "RECORD";
	struct mc_str path, text;
	enum mc_status status;

	if (!dist->has_record && !dist->is_egg)
		return MC_OK;
	MC_TRY(mc_path_join(&walk->scratch, dist->where, mc_str_of(name), &path));
	status = read_text(walk, AT_FDCWD, path.ptr, RECORD_MAX_NBYTES, &text);
	if (status == MC_ERR_IO)
		status = spoil_dist(walk, dist, name);
	else if (status == MC_OK)
		status = claim_listed(walk, dist, text);
	mc_arena_rewind(&walk->scratch, mark);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* Walk what an editable install or a .pth names, if it is a folder not yet seen.  */
static enum mc_status walk_further(struct walk *walk, struct mc_str dir, struct tree_dist *owner)
{
	enum mc_status status = MC_OK;
	struct root *root;
	struct stat info;
	char *real;
	int fd;

	if (!dir.len || walk->is_full)
		return MC_OK;
	fd = mc_open_at(AT_FDCWD, dir.ptr, O_DIRECTORY);
	if (fd < 0)
		return MC_OK;
	real = realpath(dir.ptr, NULL);
	/* "/" would take in all the machine, and is nobody's package.  */
	if (!real || !strcmp(real, "/") || fstat(fd, &info) < 0 ||
	    has_inode(&walk->folders, (uint64_t)info.st_dev, (uint64_t)info.st_ino))
		goto out;
	root = MC_TAKE(walk->arena, struct root);
	if (!root || mc_arena_copy(walk->arena, mc_str_of(real), &root->where) < 0) {
		status = MC_ERR_NOMEM;
		goto out;
	}
	root->owner = owner;
	if (owner)
		owner->dist.is_editable = true;
	status = walk_from(walk, root, root->where.ptr, fd);
	fd = -1;
out:
	mc_close_fd(fd);
	free(real);
	return status;
}

static struct mc_str trim_end(struct mc_str line)
{
	while (line.len && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
		line.len--;
	return line;
}

/* site.py: a line that is neither a comment nor an import is a folder for sys.path.  */
static enum mc_status follow_pth(struct walk *walk, const struct found *pth)
{
	struct mc_str folder = mc_path_parent(pth->member.where), name = mc_path_base(folder);
	struct mc_str text, line, dir;
	size_t lines_count = 0;
	enum mc_status status;

	if (!pth->site->has_dists && !mc_str_is(name, MC_STR("site-packages")) &&
	    !mc_str_is(name, MC_STR("dist-packages")))
		return MC_OK;
	status = read_text(walk, AT_FDCWD, pth->member.where.ptr, TEXT_MAX_NBYTES, &text);
	if (status < 0)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	if (text.len >= 3 && !memcmp(text.ptr, "\xef\xbb\xbf", 3))
		text = (struct mc_str){text.ptr + 3, text.len - 3};
	while (lines_count++ < PTH_LINES_MAX && mc_text_line(&text, &line)) {
		line = trim_end(line);
		if (!line.len || line.ptr[0] == '#' || memchr(line.ptr, '\0', line.len) ||
		    (line.len > 6 && !memcmp(line.ptr, "import", 6) &&
		     (line.ptr[6] == ' ' || line.ptr[6] == '\t')))
			continue;
		MC_TRY(mc_path_join(&walk->scratch, folder, line, &dir));
		MC_TRY(walk_further(walk, dir, pth->owner));
	}
	return MC_OK;
}

static int order_dists(const void *a, const void *b)
{
	const struct tree_dist *first = *(const struct tree_dist *const *)a;
	const struct tree_dist *second = *(const struct tree_dist *const *)b;
	int order = mc_str_compare(first->dist.name, second->dist.name);

	return order ? order : mc_str_compare(first->where, second->where);
}

static int order_found(const void *a, const void *b)
{
	const struct found *first = *(const struct found *const *)a;
	const struct found *second = *(const struct found *const *)b;

	return mc_str_compare(first->member.path, second->member.path);
}

/* Let the new dists claim their files; they move to the done ones.  */
static enum mc_status settle_dists(struct walk *walk)
{
	struct tree_dist **dists, *dist;
	size_t count = 0;

	dists = MC_TAKE_ARRAY(&walk->scratch, struct tree_dist *, walk->dists_count + 1);
	if (!dists)
		return MC_ERR_NOMEM;
	while ((dist = walk->dists)) {
		walk->dists = dist->next;
		dist->next = walk->done_dists;
		walk->done_dists = dist;
		dists[count++] = dist;
	}
	/* Two that claim a file: the first by name has it, whatever readdir() said.  */
	qsort(dists, count, sizeof(*dists), order_dists);
	for (size_t i = 0; i < count; i++)
		MC_TRY(read_record(walk, dists[i]));
	for (size_t i = 0; i < count; i++)
		MC_TRY(walk_further(walk, dists[i]->editable_dir, dists[i]));
	return MC_OK;
}

static enum mc_status follow_new_pths(struct walk *walk)
{
	struct found **pths;
	size_t count = 0;

	for (struct found *found = walk->found; found; found = found->next)
		count += found->kind == FOUND_PTH && !found->is_done;
	pths = MC_TAKE_ARRAY(&walk->scratch, struct found *, count + 1);
	if (!pths)
		return MC_ERR_NOMEM;
	count = 0;
	for (struct found *found = walk->found; found; found = found->next)
		if (found->kind == FOUND_PTH && !found->is_done)
			pths[count++] = found;
	qsort(pths, count, sizeof(*pths), order_found);
	for (size_t i = 0; i < count; i++) {
		pths[i]->is_done = true;
		MC_TRY(follow_pth(walk, pths[i]));
	}
	return MC_OK;
}

/* lib64 of a venv is a link to lib, or a folder of its own.  */
static enum mc_status walk_lib64(struct walk *walk, struct root *root)
{
	struct mc_str where;
	int fd;

	if (!root->is_venv)
		return MC_OK;
	MC_TRY(mc_path_join(walk->arena, root->where, MC_STR("lib64"), &where));
	fd = mc_open_at(AT_FDCWD, where.ptr, O_DIRECTORY);
	return fd < 0 ? MC_OK : walk_from(walk, root, where.ptr, fd);
}

/* --- what is handed out --- */

static enum mc_status collect_dists(struct walk *walk, const struct root *root)
{
	struct tree *tree = walk->tree;
	struct tree_dist **sorted =
		MC_TAKE_ARRAY(&walk->scratch, struct tree_dist *, walk->dists_count + 1);
	size_t count = 0;
	bool has_loose = false;

	tree->base.dists =
		MC_TAKE_ARRAY(walk->arena, const struct mc_dist *, walk->dists_count + 1);
	if (!sorted || !tree->base.dists)
		return MC_ERR_NOMEM;
	for (struct tree_dist *dist = walk->done_dists; dist; dist = dist->next)
		if (!dist->vendor)
			sorted[count++] = dist;
	qsort(sorted, count, sizeof(*sorted), order_dists);

	for (size_t i = 0; i < tree->members_count; i++) {
		struct found *found = tree->members[i];

		if (!found->owner)
			found->owner = found->root->owner;
		while (found->owner && found->owner->vendor)
			found->owner = found->owner->vendor;
		has_loose = has_loose || !found->owner;
		found->member.dist = found->owner ? &found->owner->dist : &tree->loose;
	}
	if (has_loose) {
		tree->loose = (struct mc_dist){
			.kind = MC_DIST_LOOSE,
			.name = {"", 0},
			.version = {"", 0},
			.path = mc_str_of(tree->base.path),
			.python_minor = mc_dist_path_minor(root->where),
			.problem = {"", 0},
		};
		if (!tree->loose.python_minor)
			tree->loose.python_minor = walk->venv_minor;
		/* Its name is empty: the first.  */
		tree->base.dists[tree->base.dists_count++] = &tree->loose;
	}
	for (size_t i = 0; i < count; i++)
		tree->base.dists[tree->base.dists_count++] = &sorted[i]->dist;
	return MC_OK;
}

/* Links to what was reached by its own name say nothing new.  */
static enum mc_status collect_members(struct walk *walk)
{
	struct tree *tree = walk->tree;
	struct inode_set files = {NULL, 0, 0};
	size_t room = 1;

	for (const struct found *found = walk->found; found; found = found->next) {
		room++;
		if (found->kind == FOUND_MEMBER && !found->is_link && found->member.ino)
			MC_TRY(add_inode(&walk->scratch, &files, found->member.dev,
					 found->member.ino));
	}
	tree->members = MC_TAKE_ARRAY(walk->arena, struct found *, room);
	if (!tree->members)
		return MC_ERR_NOMEM;
	for (struct found *found = walk->found; found; found = found->next) {
		const struct inode_set *reached =
			found->kind == FOUND_FOLDER_LINK ? &walk->folders : &files;

		if (found->kind == FOUND_PTH || found->kind == FOUND_DIST ||
		    (found->is_link && has_inode(reached, found->member.dev, found->member.ino)))
			continue;
		if (found->kind == FOUND_FOLDER_LINK)
			found->member.problem =
				MC_STR("a link to a folder outside of the tree, not followed");
		tree->members[tree->members_count++] = found;
	}
	qsort(tree->members, tree->members_count, sizeof(*tree->members), order_found);
	return MC_OK;
}

static int order_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum mc_status collect_wheels(struct walk *walk)
{
	struct mc_source *base = &walk->tree->base;

	base->wheels = MC_TAKE_ARRAY(walk->arena, const char *, walk->wheels.count + 1);
	if (!base->wheels)
		return MC_ERR_NOMEM;
	for (const struct wheel_path *wheel = walk->wheels.first; wheel; wheel = wheel->next)
		base->wheels[base->wheels_count++] = wheel->path;
	qsort(base->wheels, base->wheels_count, sizeof(*base->wheels), order_texts);
	return MC_OK;
}

static enum mc_status read_venv(struct walk *walk, struct root *root, int fd)
{
	struct mc_mark mark = mc_arena_mark(&walk->scratch);
	struct mc_str text;
	enum mc_status status = read_text(walk, fd, "pyvenv.cfg", TEXT_MAX_NBYTES, &text);

	root->is_venv = status == MC_OK || status == MC_ERR_IO;
	if (status == MC_OK)
		walk->venv_minor = mc_dist_venv_minor(text);
	mc_arena_rewind(&walk->scratch, mark);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* Takes 'fd'.  */
static enum mc_status explore(struct walk *walk, struct root *root, int fd)
{
	enum mc_status status = read_venv(walk, root, fd);

	if (status < 0) {
		mc_close_fd(fd);
		return status;
	}
	MC_TRY(walk_from(walk, root, root->where.ptr, fd));
	MC_TRY(walk_lib64(walk, root));
	/* Further roots may hold dists and .pth files of their own.  */
	do {
		MC_TRY(settle_dists(walk));
		MC_TRY(follow_new_pths(walk));
	} while (walk->dists);
	MC_TRY(collect_members(walk));
	MC_TRY(collect_dists(walk, root));
	return collect_wheels(walk);
}

static enum mc_status next_member(struct mc_source *source, struct mc_member *member_out,
				  struct mc_error *err)
{
	struct tree *tree = (struct tree *)source;

	(void)err;
	tree->current = NULL;
	if (tree->next >= tree->members_count)
		return MC_END;
	tree->current = tree->members[tree->next++];
	*member_out = tree->current->member;
	return MC_OK;
}

static enum mc_status read_current(struct mc_source *source, struct mc_image *image_out,
				   struct mc_error *err)
{
	struct tree *tree = (struct tree *)source;
	const struct found *found = tree->current;
	const char *where;
	struct stat info;

	mc_close_fd(tree->fd);
	tree->fd = -1;
	if (!found)
		return mc_fail(err, MC_ERR_NOT_FOUND, source->path, "no member to read");
	where = found->member.where.ptr;
	if (found->member.kind == MC_MEMBER_BROKEN)
		return mc_fail(err, MC_ERR_FORMAT, where, "%s", found->member.problem.ptr);
	if (found->member.nbytes > source->limits.member_nbytes)
		return mc_fail(err, MC_ERR_LIMIT, where, "%llu bytes, more than the limit of %llu",
			       (unsigned long long)found->member.nbytes,
			       (unsigned long long)source->limits.member_nbytes);
	tree->fd = mc_open_at(AT_FDCWD, where, found->is_link ? 0 : O_NOFOLLOW);
	if (tree->fd < 0 || fstat(tree->fd, &info) < 0)
		return mc_fail(err, MC_ERR_IO, where, "cannot be opened");
	if ((uint64_t)info.st_dev != found->member.dev ||
	    (uint64_t)info.st_ino != found->member.ino || info.st_size < 0)
		return mc_fail(err, MC_ERR_FORMAT, where, "became another file meanwhile");
	*image_out = (struct mc_image){.fd = tree->fd, .nbytes = (uint64_t)info.st_size};
	return MC_OK;
}

static void close_tree(struct mc_source *source)
{
	struct tree *tree = (struct tree *)source;

	mc_close_fd(tree->fd);
	tree->fd = -1;
}

enum mc_status mc_tree_open(int fd, const struct mc_source *base, struct mc_source **source_out,
			    struct mc_error *err)
{
	struct tree *tree = MC_TAKE(base->arena, struct tree);
	struct root *root = MC_TAKE(base->arena, struct root);
	struct walk walk = {.tree = tree, .arena = base->arena};
	char *real = realpath(base->path, NULL);
	enum mc_status status = MC_ERR_NOMEM;

	mc_arena_init(&walk.scratch, base->arena->alloc);
	if (!real) {
		status = errno == ENOMEM ? MC_ERR_NOMEM : MC_ERR_IO;
		mc_fail(err, status, base->path, "its real path is unknown");
		mc_close_fd(fd);
		goto out;
	}
	if (!tree || !root || mc_arena_copy(base->arena, mc_str_of(real), &root->where) < 0) {
		mc_fail(err, status, base->path, "no memory to open it");
		mc_close_fd(fd);
		goto out;
	}
	tree->base = *base;
	tree->base.kind = MC_SOURCE_TREE;
	tree->base.next = next_member;
	tree->base.read = read_current;
	tree->base.close = close_tree;
	tree->fd = -1;
	root->is_main = true;

	status = explore(&walk, root, fd);
	if (status < 0)
		mc_fail(err, status, base->path, "no memory for what it holds");
	else
		*source_out = &tree->base;
out:
	mc_arena_clear(&walk.scratch);
	free(real);
	return status;
}
