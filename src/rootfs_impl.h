/* SPDX-License-Identifier: MIT */
/*
 * rootfs_impl.h - what the files of the rootfs room share.  Private to that room.
 *
 *	rootfs.c           the tar, its layers one on the other
 *	rootfs_manifest.c  which layers there are: docker's manifest.json, OCI's index.json
 *	rootfs_write.c     entries of a layer become files of the folder
 */
#ifndef MC_ROOTFS_IMPL_H
#define MC_ROOTFS_IMPL_H

#include "archive_walk.h"
#include "file.h"
#include "muslcheck/map.h"
#include "rootfs.h"

#define MC_LAYERS_MAX 2000

/* A small file of the outer tar, or a link; others have a name alone.  */
struct mc_rootfs_blob {
	struct mc_str name; /* without "./" */
	struct mc_str text; /* a NULL slice: not read */
	struct mc_str link; /* empty: none */
	bool is_other; /* its content has another digest than its name says */
};

struct mc_rootfs {
	const char *path;
	struct mc_arena *arena;
	struct mc_arena scratch; /* until it is unpacked */
	char dir[MC_TEMP_FOLDER_ROOM];
	struct mc_str real_dir;
	struct mc_str tag;

	struct mc_map blobs; /* by name */
	struct mc_str layers[MC_LAYERS_MAX]; /* names of blobs, the lowest first */
	size_t layers_count;

	uint64_t nbytes_left; /* to be written */
	struct mc_archive_limits left; /* to be read of all layers, each time they are */
	struct mc_link_list *links; /* that were made */
};

/* NULL when the tar has no such entry.  */
struct mc_rootfs_blob *mc_rootfs_blob(const struct mc_rootfs *rootfs, struct mc_str name);

/*
 * Fill 'layers' and 'tag' from the blobs; MC_END when the tar is no image: a root file system,
 * or nothing of ours.  MC_ERR_FORMAT when it contradicts itself.
 */
enum mc_status mc_rootfs_read_manifest(struct mc_rootfs *rootfs, struct mc_error *err) MC_MUST_CHECK;

/* Take off what the whiteouts of a layer name, then put its entries on; its archive is at its start.  */
enum mc_status mc_rootfs_whiteout(struct mc_rootfs *rootfs, struct mc_archive *layer,
				  struct mc_error *err) MC_MUST_CHECK;
enum mc_status mc_rootfs_write(struct mc_rootfs *rootfs, struct mc_archive *layer,
			       struct mc_error *err) MC_MUST_CHECK;

/* Make all links lead inside of the folder, or nowhere.  */
enum mc_status mc_rootfs_settle_links(struct mc_rootfs *rootfs, struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_ROOTFS_IMPL_H */
