/* SPDX-License-Identifier: MIT */
/*
 * file.h - read files that may be anything: FIFOs, devices, files that shrink.  Private to src/.
 *
 * Takes:  paths and fds.
 * Hands:  bytes.  What the system refuses is told by errno, which nothing here hides.
 *
 * Threads: reentrant.
 */
#ifndef MC_FILE_H
#define MC_FILE_H

#include "muslcheck/mem.h"

#include <dirent.h>

#define MC_TEMP_FOLDER_ROOM 256

/* open() for reading that survives EINTR and never waits for a FIFO's other end.  */
int mc_open_at(int dir_fd, const char *path, int more_flags);

/*
 * Read up to 'nbytes' at 'off', less only at the end of the file; EINTR and
 * short reads are dealt with.  -1 with errno when the system refuses.
 */
int64_t mc_read_at(int fd, uint64_t off, void *into, size_t nbytes);

/*
 * The text of a small regular file, a copy; what goes past 'limit_nbytes' is cut
 * off.  MC_ERR_NOT_FOUND when there is no such file, MC_ERR_UNSUPPORTED with errno
 * when it is no regular file, MC_ERR_IO with errno, MC_ERR_NOMEM; the text is then empty.
 */
enum mc_status mc_read_text(struct mc_arena *arena, int dir_fd, const char *path,
			    uint64_t limit_nbytes, struct mc_str *text_out) MC_MUST_CHECK;

/*
 * The whole text of a regular file, a copy; an error says what is wrong: MC_ERR_NOT_FOUND,
 * MC_ERR_IO, MC_ERR_LIMIT past 'limit_nbytes', MC_ERR_NOMEM.
 */
enum mc_status mc_read_whole(struct mc_arena *arena, const char *path, uint64_t limit_nbytes,
			     struct mc_str *text_out, struct mc_error *err) MC_MUST_CHECK;

/* realpath() into the arena: absolute, no links.  MC_ERR_IO with errno, MC_ERR_NOMEM.  */
enum mc_status mc_real_path(struct mc_arena *arena, const char *path,
			    struct mc_str *real_out) MC_MUST_CHECK;

/*
 * The same for 'path' of the root file system that is in the folder 'dir' (a real path): links
 * lead to where they would with 'dir' as "/", and nothing leads out of it, as after chroot().
 * 'path' need not be absolute.
 */
enum mc_status mc_real_path_in(struct mc_arena *arena, struct mc_str dir, struct mc_str path,
			       struct mc_str *real_out) MC_MUST_CHECK;

/* All of it, or false with errno.  */
bool mc_write_all(int fd, const void *bytes, size_t nbytes);

/* One without a name, below TMPDIR; -1 with errno.  */
int mc_open_temp_file(void);

/* A new folder that only this user may enter, in TMPDIR or /tmp; -1 with errno.  */
int mc_make_temp_folder(char path[static MC_TEMP_FOLDER_ROOM]);

/* Remove a file, or a folder with all that is in it; links are not followed.  */
void mc_remove_tree(const char *path);

/* opendir(), and readdir() whose NULL may be no end: what the machine refuses is noted (refusal.h).  */
DIR *mc_open_folder(const char *path);
struct dirent *mc_next_entry(DIR *dir);

/* The same file, and nobody has written to it between the two; struct stat is of <sys/stat.h>.  */
struct stat;
bool mc_is_same_file(const struct stat *a, const struct stat *b);

/* close() that keeps errno; -1 is allowed.  */
void mc_close_fd(int fd);

/*
 * Close all from 'first' on; more than RLIMIT_NOFILE allows may be open from before it was lowered.
 * Async-signal-safe.  False when some may be left.
 */
bool mc_close_from(unsigned first);

/* strerror() that is safe on threads, into 'text'.  */
const char *mc_errno_text(int number, char *text, size_t nbytes);

#endif /* MC_FILE_H */
