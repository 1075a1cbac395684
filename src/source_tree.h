/* SPDX-License-Identifier: MIT */
/*
 * source_tree.h - what the files of the tree source share.  Private to source_tree*.c.
 *
 *	source_tree.c         what the walk meets, and what is handed out
 *	source_tree_dists.c   .dist-info, .egg-info and .egg folders become dists
 *	source_tree_system.c  a root file system: what in it belongs to the system
 *	source_tree_owners.c  whose a file is (RECORD), and where else to look (.pth, editable)
 *
 * All is in the caller's arena where it is handed out, else in the hunt's own.
 *
 * Threads: as source.h says.
 */
#ifndef MC_SOURCE_TREE_H
#define MC_SOURCE_TREE_H

#include "muslcheck/map.h"
#include "source_impl.h"
#include "walk.h"

/* The most that is read of METADATA, WHEEL, direct_url.json, pyvenv.cfg, .pth.  */
#define MC_TREE_TEXT_NBYTES ((uint64_t)1 << 20)

struct mc_tree_dist {
	struct mc_tree_dist *next;
	struct mc_dist dist;
	struct mc_str where;         /* of the .dist-info or .egg-info, absolute */
	struct mc_str editable_dir;  /* from direct_url.json */
	struct mc_tree_dist *vendor; /* whose RECORD lists this very .dist-info, further up */
	bool has_record, is_egg;
};

/* Where a walk began.  */
struct mc_tree_root {
	struct mc_str where;        /* real path; members are shown relative to the main root's */
	struct mc_tree_dist *owner; /* of what no RECORD claims; NULL: loose */
	bool is_main, is_venv;
};

/* What is known of a folder that the walk is in; its 'place'.  */
struct mc_tree_place {
	struct mc_tree_dist *owner; /* an .egg around it, or the root's */
	bool is_bin, is_venv_bin;
	bool has_dists; /* .pth files in it count */
};

enum mc_tree_found_kind {
	MC_FOUND_MEMBER,
	MC_FOUND_PTH,
	MC_FOUND_FOLDER_LINK, /* to be reported unless the folder is reached by its own name */
};

struct mc_tree_found {
	struct mc_tree_found *next;
	enum mc_tree_found_kind kind;
	struct mc_member member; /* without dist */
	bool is_link;
	bool is_done;
	struct mc_tree_root *root;
	const struct mc_tree_place *place; /* of the folder it is in */
	struct mc_tree_dist *owner;
};

/* A .whl file met.  */
struct mc_tree_wheel {
	struct mc_tree_wheel *next;
	const char *path;
};

/* The system, when the tree is the root file system of an image.  */
struct mc_tree_system {
	bool is_there;
	struct mc_str dir;   /* the tree's real path; "" for "/" */
	struct mc_map owned; /* paths of its packages' files: see source_tree_system.c */
};

/* What is needed only while the tree is opened.  */
struct mc_tree_hunt {
	const struct mc_source *base;
	struct mc_arena *arena;  /* the caller's */
	struct mc_arena scratch; /* the walk, maps, places, texts */
	struct mc_walk walk;
	struct mc_tree_root *root; /* of the walk */
	struct mc_tree_found *found;
	struct mc_map found_by_where, dist_infos;   /* by absolute path */
	struct mc_tree_dist *dists, *settled_dists; /* before and after mc_tree_settle() */
	size_t dists_count;                         /* of both */
	struct mc_tree_wheel *wheels;
	size_t wheels_count;
	struct mc_tree_system system;
	unsigned venv_minor; /* from pyvenv.cfg, or 0 */
};

/* All below fail with MC_ERR_NOMEM only: other trouble is noted in dists and members.  */

/* --- source_tree.c --- */

/* Walk 'start', which 'fd' is and which is taken, unless it was walked before.  */
enum mc_status mc_tree_walk(struct mc_tree_hunt *hunt, struct mc_tree_root *root,
			    struct mc_str start, int fd) MC_MUST_CHECK;

/* Keep a copy of 'what' as found at 'where'; root, place and owner are as the walk has them.  */
enum mc_status mc_tree_add_found(struct mc_tree_hunt *hunt, const struct mc_tree_found *what,
				 struct mc_str where) MC_MUST_CHECK;

/* A member of which nothing is known: 'what' could not be done, as 'number' (errno) says.  */
enum mc_status mc_tree_add_refused(struct mc_tree_hunt *hunt, struct mc_str where, const char *what,
				   int number) MC_MUST_CHECK;

/* What is known under this absolute path; NULL for nothing.  */
struct mc_tree_found *mc_tree_find(const struct mc_tree_hunt *hunt, struct mc_str where);

/* "PATH/rel", with PATH as the user gave it; absolute outside of the main root.  A copy.  */
enum mc_status mc_tree_copy_as_opened(const struct mc_tree_hunt *hunt, struct mc_str where,
				      struct mc_str *path_out) MC_MUST_CHECK;

/* Does it call itself after the interpreter: python, python3, python3.12?  */
bool mc_tree_is_interpreter(struct mc_str name);

/* For qsort() of pointers: by the path that is shown.  */
int mc_tree_order_found(const void *a, const void *b);

/* --- source_tree_dists.c --- */

/*
 * What the name of 'folder' says about dists.  'fd' is the folder's, or -1 with
 * 'number' (errno).  'place' is the folder's own, 'above' that of the one it is in.
 */
enum mc_status mc_tree_look_for_dist(struct mc_tree_hunt *hunt, struct mc_str folder, int fd,
				     int number, struct mc_tree_place *place,
				     struct mc_tree_place *above) MC_MUST_CHECK;

/*
 * A dist from an .egg-info folder or file, or an .egg with its EGG-INFO.  The file
 * to read is 'name' in 'dir_fd'.  '*dist_out' is NULL when it adds nothing.
 */
enum mc_status mc_tree_add_egg(struct mc_tree_hunt *hunt, struct mc_str where,
			       struct mc_str extension, int dir_fd, const char *name,
			       struct mc_tree_dist **dist_out) MC_MUST_CHECK;

/* Note that 'name' of this dist could not be read.  */
void mc_tree_spoil_dist(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist, const char *name,
			int number);

/* Native code, where a text of the dist should be.  */
bool mc_tree_is_code(struct mc_str text);

/* For qsort() of pointers: by name, then by place.  */
int mc_tree_order_dists(const void *a, const void *b);

/* --- source_tree_system.c --- */

/*
 * Is the tree at 'where', which 'fd' is, a root file system?  Fills hunt->system.  What pip installs into
 * cannot be one, whatever an installed dist puts there.
 */
enum mc_status mc_tree_look_for_system(struct mc_tree_hunt *hunt, const struct mc_tree_root *root,
				       struct mc_str where, int fd) MC_MUST_CHECK;

/* It is the system's, or its Python's, and not to be looked at.  */
bool mc_tree_is_systems(const struct mc_tree_hunt *hunt, const struct mc_walk_entry *entry);

/* In a root file system: its Python's, by the path alone.  */
bool mc_tree_is_pythons(const struct mc_tree_hunt *hunt, struct mc_str where);

/* An absolute path that a file of the tree names: where it leads with the tree as "/"; else empty.  */
enum mc_status mc_tree_place_in_root(struct mc_tree_hunt *hunt, struct mc_str *path) MC_MUST_CHECK;

/* --- source_tree_owners.c --- */

/*
 * Let dists claim their files, and walk what editable installs and .pth files
 * name, until there is nothing new.
 */
enum mc_status mc_tree_settle(struct mc_tree_hunt *hunt) MC_MUST_CHECK;

/* The dist that a found thing belongs to; NULL: none.  Once all is settled.  */
struct mc_tree_dist *mc_tree_owner(const struct mc_tree_found *found);

#endif /* MC_SOURCE_TREE_H */
