/* SPDX-License-Identifier: MIT */
/*
 * rootfs.h - the root file system of a container image: from a tar to a folder.  Private to src/.
 *
 * Takes:  what "docker save" writes, an OCI image layout as a tar, or the tar of a root file system
 *         ("docker export"); plain, or compressed with gzip, zstd, xz or bzip2, layers as well.
 * Hands:  a private folder with what the layers leave there, for code that looks at folders.
 *
 * It is what this program has a use for, not the image: whole are ELF files, zips and the texts
 * that name dists, packages and settings of loaders; of all else the first bytes.  Links lead
 * straight to what they mean inside of the folder, or nowhere; owners, devices and the like are
 * left out.  Nothing in it is run, and whatever the tar says nothing is written, read or removed
 * outside of the folder.  It goes when the rootfs is closed, but not when the process is killed.
 *
 * Threads: different ones are independent.
 */
#ifndef MC_ROOTFS_H
#define MC_ROOTFS_H

#include "muslcheck/mem.h"

#include <stdbool.h>

struct mc_rootfs; /* opaque */

/* Does this regular file begin as a tar, or as what a tar may be compressed with?  */
bool mc_rootfs_is_tar(const char *path);

/*
 * Unpack the image in the file 'path', or what comes from standard input for "-".  MC_ERR_FORMAT
 * when it is none or is damaged, MC_ERR_LIMIT, MC_ERR_IO, MC_ERR_NOMEM.  'arena' must outlive it.
 */
enum mc_status mc_rootfs_open(const char *path, struct mc_arena *arena, struct mc_rootfs **rootfs_out,
			      struct mc_error *err) MC_MUST_CHECK;

const char *mc_rootfs_dir(const struct mc_rootfs *rootfs); /* a real path */

/* "app:1.0", as the image calls itself; empty when it has no name.  */
struct mc_str mc_rootfs_tag(const struct mc_rootfs *rootfs);

/* NULL is allowed.  */
void mc_rootfs_close(struct mc_rootfs *rootfs);

#endif /* MC_ROOTFS_H */
