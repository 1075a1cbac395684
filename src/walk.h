/* SPDX-License-Identifier: MIT */
/*
 * walk.h - the entries of a folder and of those below it.  Private to the source room.
 *
 * Takes:  open folders to begin with, and bounds.
 * Hands:  entries one at a time, in the order of readdir(), each with the fd of
 *         its folder, so that a path swapped meanwhile leads nowhere else.
 * Goes into a folder only when told to, never through a link, and once: a loop of
 * bind mounts ends.  Knows nothing of dists, nor of what is in a file.
 *
 * Threads: a walk belongs to one thread.
 */
#ifndef MC_WALK_H
#define MC_WALK_H

#include "muslcheck/map.h"

#include <dirent.h>

/* A folder that the walk is in.  */
struct mc_walk_folder {
	struct mc_walk_folder *up; /* NULL: where it began */
	DIR *dir;
	size_t path_nbytes;
	uint32_t depth;
	bool is_over; /* it cannot be listed any further */
	void *place;  /* the caller's; NULL at first */
};

struct mc_walk {
	/* The caller sets these three and zeroes the rest.  */
	struct mc_arena *arena; /* holds all that the walk needs */
	uint32_t depth_max;     /* folders in one another, 1 at the least */
	uint64_t entries_max;   /* of all folders together */

	/* To be read.  */
	struct mc_walk_folder *top; /* the one being listed; NULL before and after */
	bool is_full;               /* there was more than 'entries_max' */

	/* The walk's own.  */
	struct mc_walk_folder *spare;
	struct mc_map folders; /* entered so far, by inode */
	char *path;            /* of the entry handed out last */
	size_t path_room;
	uint64_t entries_count;
};

enum mc_walk_kind {
	MC_WALK_FILE,        /* a regular one, or a link to one */
	MC_WALK_FOLDER,      /* see mc_walk_enter() */
	MC_WALK_FOLDER_LINK, /* a link to a folder */
	MC_WALK_DEAD_LINK,   /* 'number' says why */
	MC_WALK_OTHER,       /* a FIFO, a socket, a device, or a link to one */
	MC_WALK_UNLISTED,    /* the top folder itself: 'number' says why it has no more entries */
	MC_WALK_FULL,        /* the first of those past 'entries_max'; nothing comes after it */
};

struct mc_walk_entry {
	enum mc_walk_kind kind;
	bool is_link;
	struct mc_str where; /* absolute if the start was; lives until the next call */
	const char *name;    /* the end of 'where', also for the calls with 'dir_fd' */
	int dir_fd;          /* of the folder that holds it */
	uint64_t dev, ino;   /* of what a link leads to, else 0 */
	int number;          /* errno */
};

/*
 * Begin at the folder 'fd', which is 'where'; it is taken, also on failure.  A walk may
 * begin several times, one after another; its bounds are for all of them.
 * As mc_walk_enter() otherwise.
 */
enum mc_status mc_walk_start(struct mc_walk *walk, struct mc_str where, int fd) MC_MUST_CHECK;

/* The next entry; MC_END after the last, with 'top' NULL; MC_ERR_NOMEM.  */
enum mc_status mc_walk_next(struct mc_walk *walk, struct mc_walk_entry *entry_out) MC_MUST_CHECK;

/*
 * Go into the MC_WALK_FOLDER handed out last, which is the top then.  MC_END: nothing to
 * see, it was entered before or is gone.  MC_ERR_LIMIT past 'depth_max', MC_ERR_IO with
 * errno, MC_ERR_NOMEM; the walk then goes on behind it.
 */
enum mc_status mc_walk_enter(struct mc_walk *walk, const struct mc_walk_entry *entry) MC_MUST_CHECK;

/* Was the folder of this inode entered?  */
bool mc_walk_has(const struct mc_walk *walk, uint64_t dev, uint64_t ino);

/* Leave all folders; not needed after MC_END.  */
void mc_walk_stop(struct mc_walk *walk);

#endif /* MC_WALK_H */
