/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a folder of files that several runs share.  Private to src/.
 *
 * Files come by rename() and are never written to after that, so that who reads one reads all of
 * it, whoever is killed meanwhile.  A folder that another user may write to is not used: it could
 * hand us anything.
 *
 * Threads: any number may use one folder.
 */
#ifndef MC_FOLDER_H
#define MC_FOLDER_H

#include "muslcheck/mem.h"

struct mc_folder {
	int fd; /* -1: none */
	struct mc_str path;
};

/*
 * Make the folder, and those above it, where it is missing.  'folder_out->fd' is -1 with errno
 * when it cannot be had or is not this user's alone.  Only MC_ERR_NOMEM fails.
 */
enum mc_status mc_folder_open(struct mc_arena *arena, struct mc_str path,
			      struct mc_folder *folder_out) MC_MUST_CHECK;
void mc_folder_close(struct mc_folder *folder);

/*
 * A file below 'part' ("wheels/SHA256"), which is made, open for writing under a name of its own;
 * -1 with errno.  'temp_out' is what mc_folder_keep() takes.
 */
int mc_folder_new_file(const struct mc_folder *folder, struct mc_arena *arena, struct mc_str part,
		       struct mc_str *temp_out);

/* Give it its name, or remove it with 'name' empty.  'path_out' may be NULL.  */
enum mc_status mc_folder_keep(const struct mc_folder *folder, struct mc_arena *arena, struct mc_str part,
			      struct mc_str temp, struct mc_str name, struct mc_str *path_out) MC_MUST_CHECK;

/* A regular file that this user alone may write to, open for reading; -1: none.  */
int mc_folder_open_file(const struct mc_folder *folder, const char *path);

#endif /* MC_FOLDER_H */
