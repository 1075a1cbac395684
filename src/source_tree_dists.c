/* SPDX-License-Identifier: MIT */
/* Folders that stand for a dist: .dist-info (PEP 376), and setuptools' .egg-info and .egg.  */
#include "dist.h"
#include "file.h"
#include "path.h"
#include "refusal.h"
#include "source_tree.h"

#include <errno.h>
#include <sys/stat.h>

/* --- the texts in it --- */

void mc_tree_spoil_dist(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist, const char *name,
			int number)
{
	char text[96];

	dist->dist.status = MC_ERR_IO;
	dist->dist.problem = mc_arena_printf(hunt->arena, "its %s cannot be read: %s", name,
					     mc_errno_text(number, text, sizeof(text)));
}

bool mc_tree_is_code(struct mc_str text)
{
	return mc_str_starts(text, MC_STR("\177ELF"));
}

/* What is not there may be missing for a reason; what is there must be readable.  */
static bool is_in_the_way(enum mc_status status)
{
	return status == MC_ERR_IO || status == MC_ERR_UNSUPPORTED;
}

static enum mc_status read_metadata(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist,
				    int dir_fd, const char *name)
{
	struct mc_str text;
	enum mc_status status =
		mc_read_text(&hunt->scratch, dir_fd, name, MC_TREE_TEXT_NBYTES, &text);

	if (is_in_the_way(status))
		mc_tree_spoil_dist(hunt, dist, name, errno);
	if (status < 0)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	if (mc_tree_is_code(text))
		mc_tree_spoil_dist(hunt, dist, name, ENOEXEC);
	MC_TRY(mc_dist_metadata(hunt->arena, text, &dist->dist.name, &dist->dist.version,
				&dist->dist.requires_python));
	status = mc_dist_requires(hunt->arena, text, &dist->dist.requires_dist,
				  &dist->dist.requires_dist_count);
	if (status == MC_ERR_LIMIT) {
		dist->dist.status = status;
		dist->dist.problem = MC_STR(MC_REQUIRES_TOO_MANY);
		return MC_OK;
	}
	return status;
}

static enum mc_status read_tags(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist, int dir_fd)
{
	struct mc_str text;
	struct mc_tags tags;
	enum mc_status status =
		mc_read_text(&hunt->scratch, dir_fd, "WHEEL", MC_TREE_TEXT_NBYTES, &text);

	if (is_in_the_way(status))
		mc_tree_spoil_dist(hunt, dist, "WHEEL", errno);
	if (status == MC_OK && mc_tree_is_code(text))
		mc_tree_spoil_dist(hunt, dist, "WHEEL", ENOEXEC);
	if (status == MC_OK)
		status = mc_dist_wheel_tags(hunt->arena, text, &tags);
	if (status < 0)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	dist->dist.tags = tags.ptr;
	dist->dist.tags_count = tags.count;
	return MC_OK;
}

static enum mc_status read_direct_url(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist,
				      int dir_fd)
{
	struct mc_str text;
	enum mc_status status =
		mc_read_text(&hunt->scratch, dir_fd, "direct_url.json", MC_TREE_TEXT_NBYTES, &text);

	if (is_in_the_way(status))
		mc_tree_spoil_dist(hunt, dist, "direct_url.json", errno);
	/* Cut off it would name no folder, and that would not be seen.  */
	if (status == MC_OK && text.len == MC_TREE_TEXT_NBYTES)
		mc_tree_spoil_dist(hunt, dist, "direct_url.json", EFBIG);
	if (status == MC_OK)
		status = mc_dist_direct_url(hunt->arena, text, &dist->dist.is_editable,
					    &dist->editable_dir);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* --- the dist --- */

static bool has_name(const struct mc_tree_dist *dists, struct mc_str name)
{
	for (; dists; dists = dists->next)
		if (mc_str_is(dists->dist.name, name))
			return true;
	return false;
}

/* Called after 'where' without its extension, until a text says otherwise.  */
static enum mc_status start_dist(struct mc_tree_hunt *hunt, struct mc_str where,
				 struct mc_str extension, struct mc_tree_dist **dist_out)
{
	struct mc_tree_dist *dist = MC_TAKE(hunt->arena, struct mc_tree_dist);
	struct mc_str stem = mc_path_base(where);

	if (!dist)
		return MC_ERR_NOMEM;
	stem.len -= extension.len;
	MC_TRY(mc_arena_copy(hunt->arena, where, &dist->where));
	MC_TRY(mc_dist_folder_name(hunt->arena, stem, &dist->dist.name, &dist->dist.version));
	dist->dist.kind = MC_DIST_INSTALLED;
	dist->dist.root = mc_str_of(hunt->base->path);
	dist->dist.problem = (struct mc_str){"", 0};
	dist->editable_dir = (struct mc_str){"", 0};
	dist->dist.python_minor = mc_dist_path_minor(where);
	if (!dist->dist.python_minor)
		dist->dist.python_minor = hunt->venv_minor;
	MC_TRY(mc_tree_copy_as_opened(hunt, where, &dist->dist.path));
	*dist_out = dist;
	return MC_OK;
}

static void keep_dist(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist)
{
	dist->next = hunt->dists;
	hunt->dists = dist;
	hunt->dists_count++;
}

static enum mc_status read_dist_info(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist, int fd)
{
	struct mc_mark mark = mc_arena_mark(&hunt->scratch);
	enum mc_status status = read_metadata(hunt, dist, fd, "METADATA");

	if (status == MC_OK)
		status = read_tags(hunt, dist, fd);
	if (status == MC_OK)
		status = read_direct_url(hunt, dist, fd);
	mc_arena_rewind(&hunt->scratch, mark);
	dist->has_record = true;
	return status;
}

static enum mc_status add_dist_info(struct mc_tree_hunt *hunt, struct mc_str where,
				    struct mc_str extension, int fd, int number)
{
	struct mc_tree_dist *dist;

	MC_TRY(start_dist(hunt, where, extension, &dist));
	if (fd < 0)
		mc_tree_spoil_dist(hunt, dist, "folder", number);
	else
		MC_TRY(read_dist_info(hunt, dist, fd));
	keep_dist(hunt, dist);
	return mc_map_add(&hunt->scratch, &hunt->dist_infos, mc_hash_text(dist->where), dist);
}

enum mc_status mc_tree_add_egg(struct mc_tree_hunt *hunt, struct mc_str where,
			       struct mc_str extension, int dir_fd, const char *name,
			       struct mc_tree_dist **dist_out)
{
	struct mc_tree_root *root = hunt->root;
	struct mc_tree_dist *dist;
	struct mc_mark mark;
	enum mc_status status;

	*dist_out = NULL;
	MC_TRY(start_dist(hunt, where, extension, &dist));
	mark = mc_arena_mark(&hunt->scratch);
	status = read_metadata(hunt, dist, dir_fd, name);
	mc_arena_rewind(&hunt->scratch, mark);
	MC_TRY(status);
	dist->is_egg = true;
	dist->dist.is_editable = !root->is_main;
	/* The source of an editable install, which its .dist-info stands for.  */
	if (!root->is_main && (has_name(hunt->dists, dist->dist.name) ||
			       has_name(hunt->settled_dists, dist->dist.name)))
		return MC_OK;
	/* "setup.py develop" leaves nothing but a .pth that no RECORD claims.  */
	if (!root->is_main && !root->owner)
		root->owner = dist;
	*dist_out = dist;
	keep_dist(hunt, dist);
	return MC_OK;
}

enum mc_status mc_tree_look_for_dist(struct mc_tree_hunt *hunt, struct mc_str folder, int fd,
				     int number, struct mc_tree_place *place,
				     struct mc_tree_place *above)
{
	const struct mc_str dist_info = MC_STR(".dist-info"), egg_info = MC_STR(".egg-info"),
			    egg = MC_STR(".egg");
	struct mc_tree_dist *dist;
	struct stat info;

	if (mc_name_ends(folder, dist_info) && mc_path_base(folder).len > dist_info.len) {
		above->has_dists = true;
		return add_dist_info(hunt, folder, dist_info, fd, number);
	}
	if (fd < 0)
		return MC_OK;
	if (mc_name_ends(folder, egg_info))
		return mc_tree_add_egg(hunt, folder, egg_info, fd, "PKG-INFO", &dist);
	if (mc_name_ends(folder, egg) && !mc_heed(fstatat(fd, "EGG-INFO/PKG-INFO", &info, 0))) {
		MC_TRY(mc_tree_add_egg(hunt, folder, egg, fd, "EGG-INFO/PKG-INFO", &dist));
		if (dist)
			place->owner = dist;
	}
	return MC_OK;
}

int mc_tree_order_dists(const void *a, const void *b)
{
	const struct mc_tree_dist *first = *(const struct mc_tree_dist *const *)a;
	const struct mc_tree_dist *second = *(const struct mc_tree_dist *const *)b;
	int order = mc_str_compare(first->dist.name, second->dist.name);

	return order ? order : mc_str_compare(first->where, second->where);
}
