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
#include "source_tree.h"

#include "dist.h"
#include "file.h"
#include "path.h"
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct tree {
	struct mc_source base;
	struct mc_tree_found **members; /* sorted by path */
	size_t members_count, next;
	const struct mc_tree_found *current;
	struct mc_dist loose;
	int fd; /* of the member read last */
};

/* --- paths --- */

/* What a person is shown: below the root, or absolute outside of it.  */
static struct mc_str shown_path(const struct mc_tree_root *root, struct mc_str where)
{
	size_t nbytes = root->where.len;

	if (!root->is_main || where.len <= nbytes)
		return where;
	if (nbytes > 1)
		nbytes++;
	return mc_str_skip(where, nbytes);
}

enum mc_status mc_tree_copy_as_opened(const struct mc_tree_hunt *hunt, struct mc_str where,
				      struct mc_str *path_out)
{
	struct mc_str opened = mc_str_of(hunt->base->path);
	struct mc_str shown = shown_path(hunt->root, where);

	if (!hunt->root->is_main)
		return mc_arena_copy(hunt->arena, where, path_out);
	if (where.len <= hunt->root->where.len)
		return mc_arena_copy(hunt->arena, opened, path_out);
	while (opened.len && opened.ptr[opened.len - 1] == '/')
		opened.len--;
	*path_out = mc_arena_printf(hunt->arena, "%.*s/%.*s", MC_TEXT(opened), MC_TEXT(shown));
	return path_out->len ? MC_OK : MC_ERR_NOMEM;
}

/* --- what is found --- */

enum mc_status mc_tree_add_found(struct mc_tree_hunt *hunt, const struct mc_tree_found *what,
				 struct mc_str where)
{
	struct mc_tree_found *found = MC_TAKE(hunt->arena, struct mc_tree_found);

	if (!found)
		return MC_ERR_NOMEM;
	*found = *what;
	MC_TRY(mc_arena_copy(hunt->arena, where, &found->member.where));
	found->root = hunt->root;
	found->place = hunt->walk.top ? hunt->walk.top->place : NULL;
	found->owner = found->place ? found->place->owner : hunt->root->owner;
	found->member.path = shown_path(hunt->root, found->member.where);
	if (!found->member.path.len)
		found->member.path = MC_STR(".");
	if (!found->member.head.ptr)
		found->member.head = (struct mc_str){"", 0};
	if (!found->member.problem.ptr)
		found->member.problem = (struct mc_str){"", 0};
	found->next = hunt->found;
	hunt->found = found;
	return mc_map_add(&hunt->scratch, &hunt->found_by_where, mc_hash_text(found->member.where),
			  found);
}

struct mc_tree_found *mc_tree_find(const struct mc_tree_hunt *hunt, struct mc_str where)
{
	struct mc_tree_found *found;

	for (size_t at = 0; (found = mc_map_next(&hunt->found_by_where, mc_hash_text(where), &at));)
		if (mc_str_is(found->member.where, where))
			return found;
	return NULL;
}

static enum mc_status add_broken(struct mc_tree_hunt *hunt, struct mc_str where,
				 struct mc_str problem)
{
	const struct mc_tree_found found = {
		.member = {.kind = MC_MEMBER_BROKEN, .problem = problem}};

	return mc_tree_add_found(hunt, &found, where);
}

enum mc_status mc_tree_add_refused(struct mc_tree_hunt *hunt, struct mc_str where, const char *what,
				   int number)
{
	char text[96];

	return add_broken(hunt, where,
			  mc_arena_printf(hunt->arena, "%s: %s", what,
					  mc_errno_text(number, text, sizeof(text))));
}

static enum mc_status add_wheel(struct mc_tree_hunt *hunt, struct mc_str where)
{
	struct mc_tree_wheel *wheel = MC_TAKE(hunt->arena, struct mc_tree_wheel);
	struct mc_str path;

	if (!wheel)
		return MC_ERR_NOMEM;
	MC_TRY(mc_tree_copy_as_opened(hunt, where, &path));
	*wheel = (struct mc_tree_wheel){.next = hunt->wheels, .path = path.ptr};
	hunt->wheels = wheel;
	hunt->wheels_count++;
	return MC_OK;
}

/* --- what the walk meets --- */

static bool is_wheel_here(const struct mc_tree_hunt *hunt, struct mc_str name)
{
	return mc_name_ends(name, MC_STR(".whl")) && hunt->root->is_main;
}

/* By its name, if it were a file.  */
static bool would_be_read(const struct mc_tree_hunt *hunt, struct mc_str where)
{
	return mc_name_hint(where) == MC_NAME_NATIVE || is_wheel_here(hunt, where);
}

bool mc_tree_is_interpreter(struct mc_str name)
{
	const struct mc_str prefix = MC_STR("python");

	if (!mc_str_starts(name, prefix))
		return false;
	for (size_t i = prefix.len; i < name.len; i++)
		if ((name.ptr[i] < '0' || name.ptr[i] > '9') && name.ptr[i] != '.')
			return false;
	return true;
}

/* Is the open file native code or a script?  */
static enum mc_status look_into(struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry,
				int fd)
{
	uint8_t first[MC_HEAD_NBYTES + 1];
	struct mc_tree_found found = {.is_link = entry->is_link};
	const struct mc_tree_place *place = hunt->walk.top->place;
	struct mc_bytes head = {first, 0};
	bool may_be_script;
	struct stat info;

	if (mc_heed(fstat(fd, &info)) < 0)
		return mc_tree_add_refused(hunt, entry->where, "it cannot be examined", errno);
	if (!S_ISREG(info.st_mode))
		return MC_OK;
	may_be_script = place->is_bin || (info.st_mode & 0111);
	/* Files of /proc say that they are empty, and some of them wait to be read.  */
	if (info.st_size > 0) {
		int64_t got = mc_read_at(fd, 0, first, may_be_script ? sizeof(first) : 4);

		if (got < 0)
			return mc_tree_add_refused(hunt, entry->where, "it cannot be read", errno);
		head.len = (size_t)got;
	}
	if (!mc_classify(head, mc_name_hint(entry->where) == MC_NAME_NATIVE, may_be_script,
			 &found.member.kind))
		return MC_OK;
	found.member.nbytes = (uint64_t)info.st_size;
	found.member.dev = (uint64_t)info.st_dev;
	found.member.ino = (uint64_t)info.st_ino;
	if (found.member.kind == MC_MEMBER_SCRIPT)
		MC_TRY(mc_copy_head(hunt->arena, head, &found.member.head));
	return mc_tree_add_found(hunt, &found, entry->where);
}

/* It is opened when it is read.  */
static enum mc_status add_source(struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry)
{
	const struct mc_tree_found found = {.is_link = entry->is_link, .member = {.kind = MC_MEMBER_SOURCE}};

	return mc_dist_is_standard_library(entry->where) ? MC_OK : mc_tree_add_found(hunt, &found, entry->where);
}

/* What no name says more of.  */
static enum mc_status look_for_code(struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry)
{
	int fd = mc_open_at(entry->dir_fd, entry->name, entry->is_link ? 0 : O_NOFOLLOW);
	enum mc_status status;

	if (fd < 0) {
		/* Gone since it was listed, or a socket, or no longer what it was.  */
		if (errno == ENOENT || errno == ENXIO || errno == ELOOP)
			return MC_OK;
		return mc_tree_add_refused(hunt, entry->where, "it cannot be opened", errno);
	}
	status = look_into(hunt, entry, fd);
	mc_close_fd(fd);
	return status;
}

static enum mc_status look_at_file(struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry)
{
	const struct mc_tree_place *place = hunt->walk.top->place;
	struct mc_str name = mc_str_of(entry->name), egg_info = MC_STR(".egg-info");
	enum mc_name_hint hint = mc_name_hint(name);
	struct mc_tree_dist *dist;

	if (is_wheel_here(hunt, name))
		return add_wheel(hunt, entry->where);
	if (hint == MC_NAME_RULED_OUT && mc_name_ends(name, MC_STR(".pth")))
		return mc_tree_add_found(hunt, &(struct mc_tree_found){.kind = MC_FOUND_PTH},
					 entry->where);
	if (hint == MC_NAME_SCRIPT && !place->is_bin && hunt->base->wants_sources &&
	    mc_name_ends(name, MC_STR(".py")))
		return add_source(hunt, entry);
	if (hint == MC_NAME_RULED_OUT || mc_is_dist_text(entry->where) ||
	    (hint == MC_NAME_SCRIPT && !place->is_bin && mc_name_ends(name, MC_STR(".py"))) ||
	    (place->is_venv_bin && mc_tree_is_interpreter(name)))
		return MC_OK;
	if (mc_name_ends(name, egg_info))
		MC_TRY(mc_tree_add_egg(hunt, entry->where, egg_info, entry->dir_fd, entry->name, &dist));
	if (mc_name_ends(name, MC_STR(".egg")))
		return add_broken(hunt, entry->where, MC_STR("zipped eggs are not read"));
	return look_for_code(hunt, entry);
}

/* The place of the folder just entered.  */
static enum mc_status take_place(struct mc_tree_hunt *hunt, struct mc_str where)
{
	struct mc_walk_folder *folder = hunt->walk.top;
	struct mc_tree_place *place = MC_TAKE(&hunt->scratch, struct mc_tree_place);
	const struct mc_tree_place *above = folder->up ? folder->up->place : NULL;
	struct stat info;

	if (!place)
		return MC_ERR_NOMEM;
	place->owner = above ? above->owner : hunt->root->owner;
	place->is_bin = mc_str_is(mc_path_base(where), MC_STR("bin"));
	place->is_venv_bin =
		place->is_bin && above && !mc_heed(fstatat(dirfd(folder->up->dir), "pyvenv.cfg", &info, 0));
	folder->place = place;
	return MC_OK;
}

static enum mc_status look_at_folder(struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry)
{
	struct mc_tree_place *above = hunt->walk.top->place;
	enum mc_status status;

	if (!strcmp(entry->name, ".git"))
		return MC_OK;
	status = mc_walk_enter(&hunt->walk, entry);
	if (status == MC_ERR_LIMIT)
		return add_broken(hunt, entry->where,
				  mc_arena_printf(hunt->arena,
						  "folders deeper than %lu are not read",
						  (unsigned long)hunt->walk.depth_max));
	if (status == MC_ERR_IO) {
		int number = errno;

		MC_TRY(mc_tree_add_refused(hunt, entry->where, "the folder cannot be opened", number));
		return mc_tree_look_for_dist(hunt, entry->where, -1, number, NULL, above);
	}
	if (status)
		return status == MC_END ? MC_OK : status;
	MC_TRY(take_place(hunt, entry->where));
	return mc_tree_look_for_dist(hunt, entry->where, dirfd(hunt->walk.top->dir), 0,
				     hunt->walk.top->place, above);
}

static enum mc_status look_at(struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry)
{
	struct mc_tree_found link = {
		.kind = MC_FOUND_FOLDER_LINK,
		.is_link = true,
		.member = {.kind = MC_MEMBER_BROKEN, .dev = entry->dev, .ino = entry->ino},
	};

	if (mc_tree_is_systems(hunt, entry))
		return MC_OK;
	switch (entry->kind) {
	case MC_WALK_FILE: return look_at_file(hunt, entry);
	case MC_WALK_FOLDER: return look_at_folder(hunt, entry);
	case MC_WALK_FOLDER_LINK: return mc_tree_add_found(hunt, &link, entry->where);
	case MC_WALK_DEAD_LINK:
		if (!would_be_read(hunt, entry->where))
			return MC_OK;
		return mc_tree_add_refused(hunt, entry->where, "a link that leads nowhere", entry->number);
	case MC_WALK_OTHER:
		if (!would_be_read(hunt, entry->where))
			return MC_OK;
		return add_broken(hunt, entry->where, MC_STR("neither a file nor a folder"));
	case MC_WALK_UNLISTED:
		return mc_tree_add_refused(hunt, entry->where, "the folder cannot be listed",
				   entry->number);
	case MC_WALK_FULL: break;
	}
	return add_broken(hunt, entry->where,
			  mc_arena_printf(hunt->arena,
					  "the rest of the tree is not read: more than %lu files",
					  (unsigned long)hunt->walk.entries_max));
}

enum mc_status mc_tree_walk(struct mc_tree_hunt *hunt, struct mc_tree_root *root,
			    struct mc_str start, int fd)
{
	enum mc_status status = mc_walk_start(&hunt->walk, start, fd);
	struct mc_walk_entry entry;

	hunt->root = root;
	if (status == MC_ERR_IO)
		return mc_tree_add_refused(hunt, start, "the folder cannot be listed", errno);
	if (status == MC_OK)
		status = take_place(hunt, start);
	while (status == MC_OK) {
		status = mc_walk_next(&hunt->walk, &entry);
		if (status == MC_OK)
			status = look_at(hunt, &entry);
	}
	mc_walk_stop(&hunt->walk);
	return status == MC_END ? MC_OK : status;
}

/* --- what is handed out --- */

int mc_tree_order_found(const void *a, const void *b)
{
	const struct mc_tree_found *first = *(const struct mc_tree_found *const *)a;
	const struct mc_tree_found *second = *(const struct mc_tree_found *const *)b;

	return mc_str_compare(first->member.path, second->member.path);
}

static enum mc_status collect_dists(struct mc_tree_hunt *hunt, struct tree *tree)
{
	struct mc_tree_dist **sorted =
		MC_TAKE_ARRAY(&hunt->scratch, struct mc_tree_dist *, hunt->dists_count + 1);
	size_t count = 0;
	bool has_loose = false;

	tree->base.dists =
		MC_TAKE_ARRAY(hunt->arena, const struct mc_dist *, hunt->dists_count + 1);
	if (!sorted || !tree->base.dists)
		return MC_ERR_NOMEM;
	for (struct mc_tree_dist *dist = hunt->settled_dists; dist; dist = dist->next)
		if (!dist->vendor)
			sorted[count++] = dist;
	qsort(sorted, count, sizeof(*sorted), mc_tree_order_dists);

	for (size_t i = 0; i < tree->members_count; i++) {
		struct mc_tree_found *found = tree->members[i];
		const struct mc_tree_dist *owner = mc_tree_owner(found);

		/* Sources alone make no dist: in some folders there is nothing else.  */
		has_loose = has_loose || (!owner && found->member.kind != MC_MEMBER_SOURCE);
		found->member.dist = owner ? &owner->dist : &tree->loose;
	}
	/* Its name is empty: the first.  */
	if (has_loose)
		tree->base.dists[tree->base.dists_count++] = &tree->loose;
	for (size_t i = 0; i < count; i++)
		tree->base.dists[tree->base.dists_count++] = &sorted[i]->dist;
	return MC_OK;
}

/* Was what this link leads to reached by its own name?  */
static bool is_reached(const struct mc_tree_hunt *hunt, const struct mc_map *files,
		       const struct mc_member *member)
{
	uint64_t hash = mc_hash_pair(member->dev, member->ino);
	const struct mc_member *file;

	for (size_t at = 0; (file = mc_map_next(files, hash, &at));)
		if (file->dev == member->dev && file->ino == member->ino)
			return true;
	return mc_walk_has(&hunt->walk, member->dev, member->ino);
}

/* Links to what was reached by its own name say nothing new.  */
static enum mc_status collect_members(struct mc_tree_hunt *hunt, struct tree *tree)
{
	struct mc_map files = {NULL, 0, 0}; /* by inode */
	size_t room = 1;

	for (struct mc_tree_found *found = hunt->found; found; found = found->next) {
		struct mc_member *member = &found->member;

		room++;
		if (found->kind == MC_FOUND_MEMBER && !found->is_link && member->ino)
			MC_TRY(mc_map_add(&hunt->scratch, &files,
					  mc_hash_pair(member->dev, member->ino), member));
	}
	tree->members = MC_TAKE_ARRAY(hunt->arena, struct mc_tree_found *, room);
	if (!tree->members)
		return MC_ERR_NOMEM;
	for (struct mc_tree_found *found = hunt->found; found; found = found->next) {
		if (found->kind == MC_FOUND_PTH ||
		    (found->is_link && is_reached(hunt, &files, &found->member)))
			continue;
		if (found->kind == MC_FOUND_FOLDER_LINK)
			found->member.problem =
				MC_STR("a link to a folder outside of the tree, not followed");
		tree->members[tree->members_count++] = found;
	}
	qsort(tree->members, tree->members_count, sizeof(*tree->members), mc_tree_order_found);
	return MC_OK;
}

static int order_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum mc_status collect_wheels(struct mc_tree_hunt *hunt, struct mc_source *base)
{
	base->wheels = MC_TAKE_ARRAY(hunt->arena, const char *, hunt->wheels_count + 1);
	if (!base->wheels)
		return MC_ERR_NOMEM;
	for (const struct mc_tree_wheel *wheel = hunt->wheels; wheel; wheel = wheel->next)
		base->wheels[base->wheels_count++] = wheel->path;
	qsort(base->wheels, base->wheels_count, sizeof(*base->wheels), order_texts);
	return MC_OK;
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
	const struct mc_tree_found *found = tree->current;
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
	if (tree->fd < 0 || mc_heed(fstat(tree->fd, &info)) < 0)
		return mc_fail(err, MC_ERR_IO, where, "cannot be opened");
	if (found->member.kind == MC_MEMBER_SOURCE) {
		if (!S_ISREG(info.st_mode) || info.st_size < 0)
			return mc_fail(err, MC_ERR_FORMAT, where, "not a file");
	} else if ((uint64_t)info.st_dev != found->member.dev ||
		   (uint64_t)info.st_ino != found->member.ino || info.st_size < 0)
		return mc_fail(err, MC_ERR_FORMAT, where, "became another file meanwhile");
	mc_source_count_disk(source, &info);
	*image_out = (struct mc_image){.fd = tree->fd, .nbytes = (uint64_t)info.st_size};
	return MC_OK;
}

/* What was found is read by all of them, and written by none.  */
static struct mc_source *share_tree(const struct mc_source *source, struct mc_arena *arena)
{
	struct tree *tree = MC_TAKE(arena, struct tree);

	if (!tree)
		return NULL;
	*tree = *(const struct tree *)source;
	tree->base.arena = arena;
	tree->next = 0;
	tree->current = NULL;
	tree->fd = -1;
	return &tree->base;
}

static void close_tree(struct mc_source *source)
{
	struct tree *tree = (struct tree *)source;

	mc_close_fd(tree->fd);
	tree->fd = -1;
}

/* --- opening --- */

static enum mc_status read_venv(struct mc_tree_hunt *hunt, struct mc_tree_root *root, int fd)
{
	struct mc_mark mark = mc_arena_mark(&hunt->scratch);
	struct mc_str text;
	enum mc_status status =
		mc_read_text(&hunt->scratch, fd, "pyvenv.cfg", MC_TREE_TEXT_NBYTES, &text);

	root->is_venv = status == MC_OK || status == MC_ERR_IO;
	if (status == MC_OK)
		hunt->venv_minor = mc_dist_venv_minor(text);
	mc_arena_rewind(&hunt->scratch, mark);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* lib64 of a venv is a link to lib, or a folder of its own.  */
static enum mc_status walk_lib64(struct mc_tree_hunt *hunt, struct mc_tree_root *root)
{
	struct mc_str where;
	int fd;

	if (!root->is_venv)
		return MC_OK;
	MC_TRY(mc_path_join(hunt->arena, root->where, MC_STR("lib64"), &where));
	fd = mc_open_at(AT_FDCWD, where.ptr, O_DIRECTORY);
	return fd < 0 ? MC_OK : mc_tree_walk(hunt, root, where, fd);
}

/* Fill the tree.  Takes 'fd', the folder at 'where'.  */
static enum mc_status explore(struct mc_tree_hunt *hunt, struct tree *tree, struct mc_str where,
			      int fd)
{
	struct mc_tree_root *root = MC_TAKE(hunt->arena, struct mc_tree_root);
	enum mc_status status = MC_ERR_NOMEM;

	if (root) {
		*root = (struct mc_tree_root){.where = where, .is_main = true};
		status = read_venv(hunt, root, fd);
	}
	if (status == MC_OK)
		status = mc_tree_look_for_system(hunt, root, where, fd);
	if (status < 0) {
		mc_close_fd(fd);
		return status;
	}
	MC_TRY(mc_tree_walk(hunt, root, where, fd));
	MC_TRY(walk_lib64(hunt, root));
	MC_TRY(mc_tree_settle(hunt));
	if (hunt->system.is_there)
		tree->base.root = where;

	tree->loose = (struct mc_dist){
		.kind = MC_DIST_LOOSE,
		.name = {"", 0},
		.version = {"", 0},
		.path = mc_str_of(tree->base.path),
		.root = mc_str_of(tree->base.path),
		.python_minor = mc_dist_path_minor(where),
		.problem = {"", 0},
	};
	if (!tree->loose.python_minor)
		tree->loose.python_minor = hunt->venv_minor;
	MC_TRY(collect_members(hunt, tree));
	MC_TRY(collect_dists(hunt, tree));
	return collect_wheels(hunt, &tree->base);
}

enum mc_status mc_tree_open(int fd, const char *opened, const struct mc_source *base, struct mc_source **source_out,
			    struct mc_error *err)
{
	struct tree *tree = MC_TAKE(base->arena, struct tree);
	struct mc_tree_hunt hunt = {.base = base, .arena = base->arena};
	struct mc_str real;
	enum mc_status status = tree ? mc_real_path(base->arena, opened, &real) : MC_ERR_NOMEM;

	if (status < 0) {
		mc_fail(err, status, base->path,
			status == MC_ERR_IO ? "its real path is unknown" : "no memory to open it");
		mc_close_fd(fd);
		return status;
	}
	tree->base = *base;
	tree->base.kind = MC_SOURCE_TREE;
	tree->base.next = next_member;
	tree->base.read = read_current;
	tree->base.share = share_tree;
	tree->base.close = close_tree;
	tree->fd = -1;

	mc_arena_init(&hunt.scratch, base->arena->alloc);
	hunt.walk = (struct mc_walk){
		.arena = &hunt.scratch,
		.depth_max = base->limits.tree_depth,
		.entries_max = base->limits.members_count,
	};
	status = explore(&hunt, tree, real, fd);
	if (status < 0)
		mc_fail(err, status, base->path, "no memory for what it holds");
	else
		*source_out = &tree->base;
	mc_arena_clear(&hunt.scratch);
	return status;
}
