/* SPDX-License-Identifier: MIT */
#include "rootfs_impl.h"

#include "path.h"
#include "refusal.h"
#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITTEN_NBYTES_MAX ((uint64_t)16 << 30)
#define SPOOLED_NBYTES_MAX ((uint64_t)64 << 30)
/* What is unpacked of it, all in all: layers are read twice, and packed to a third.  */
#define UNPACKED_NBYTES_MIN ((uint64_t)256 << 20)
#define UNPACKED_TIMES 100
#define BLOB_NBYTES_MAX ((uint64_t)8 << 20)   /* of one JSON document */
#define BLOBS_NBYTES_MAX ((uint64_t)128 << 20) /* of all that are read */

static const struct mc_archive_limits limits = {2000000, (uint64_t)64 << 30};

/* ---- is it one? ---- */

bool mc_rootfs_is_tar(const char *path)
{
	static const struct {
		size_t off;
		const char *magic;
		size_t nbytes;
	} forms[] = {{257, "ustar", 5}, {0, "\x1f\x8b", 2}, {0, "\x28\xb5\x2f\xfd", 4},
		     {0, "BZh", 3},	{0, "\xfd" "7zXZ", 5}};
	int fd = mc_open_at(AT_FDCWD, path, 0);
	char head[512] = "";
	struct stat info;
	bool is_tar = false;

	if (fd >= 0 && !mc_heed(fstat(fd, &info)) && S_ISREG(info.st_mode) && mc_read_at(fd, 0, head, sizeof(head)) > 0)
		for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
			is_tar |= !memcmp(head + forms[i].off, forms[i].magic, forms[i].nbytes);
	mc_close_fd(fd);
	return is_tar;
}

/* ---- the file ---- */

/* A pipe cannot be read twice, and a tar must: its manifest comes last.  */
static enum mc_status spool(int from, const char *path, int *fd_out, struct mc_error *err)
{
	uint64_t total = 0;
	char block[65536];
	ssize_t got = -1;
	int fd = mc_open_temp_file();

	if (fd < 0)
		return mc_fail(err, MC_ERR_IO, path, "no temporary file for it");
	*fd_out = fd;
	for (;;) {
		got = read(from, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		total += (uint64_t)got;
		if (total > SPOOLED_NBYTES_MAX)
			return mc_fail(err, MC_ERR_LIMIT, path, "it is larger than any image");
		if (!mc_write_all(fd, block, (size_t)got))
			return mc_fail(err, MC_ERR_IO, path, "cannot be kept in a temporary file");
	}
	return got < 0 ? mc_fail(err, MC_ERR_IO, path, "cannot be read") : MC_OK;
}

/* A tar ends with two blocks of zeros (POSIX ustar); without them it was cut between two files.  */
static enum mc_status check_end(int fd, const char *path, struct mc_error *err)
{
	char head[512] = "", tail[1024];
	struct stat info;

	if (mc_heed(fstat(fd, &info)) || mc_read_at(fd, 0, head, sizeof(head)) < 0)
		return mc_fail(err, MC_ERR_IO, path, "cannot be read");
	if (memcmp(head + 257, "ustar", 5) != 0)
		return MC_OK; /* compressed: its own sum tells */
	if (info.st_size < (off_t)sizeof(tail) ||
	    mc_read_at(fd, (uint64_t)info.st_size - sizeof(tail), tail, sizeof(tail)) != (ssize_t)sizeof(tail))
		return mc_fail(err, MC_ERR_FORMAT, path, "damaged archive: it ends too soon");
	for (size_t i = 0; i < sizeof(tail); i++)
		if (tail[i])
			return mc_fail(err, MC_ERR_FORMAT, path, "damaged archive: it ends too soon");
	return MC_OK;
}

static enum mc_status open_file(const char *path, int *fd_out, struct mc_error *err)
{
	struct stat info;

	*fd_out = -1;
	if (!strcmp(path, "-"))
		return spool(STDIN_FILENO, "standard input", fd_out, err);
	*fd_out = mc_open_at(AT_FDCWD, path, 0);
	if (*fd_out < 0 || mc_heed(fstat(*fd_out, &info)))
		return mc_fail(err, MC_ERR_IO, path, "cannot be opened");
	return S_ISREG(info.st_mode) ? MC_OK : mc_fail(err, MC_ERR_FORMAT, path, "not a regular file");
}

static bool is_plain(int fd)
{
	char head[512] = "";

	return mc_read_at(fd, 0, head, sizeof(head)) < 0 || !memcmp(head + 257, "ustar", 5);
}

/* A compressed one would be inflated anew for each layer.  */
static enum mc_status inflate(const struct mc_rootfs *rootfs, int *fd, struct mc_error *err)
{
	int plain;
	enum mc_status status;

	if (is_plain(*fd))
		return MC_OK;
	plain = mc_open_temp_file();
	if (plain < 0)
		return mc_fail(err, MC_ERR_IO, rootfs->path, "no temporary file for it");
	status = mc_archive_inflate(*fd, rootfs->path, &rootfs->left, plain, err);
	mc_close_fd(*fd);
	*fd = plain;
	return status;
}

/* ---- what is in it ---- */

struct mc_rootfs_blob *mc_rootfs_blob(const struct mc_rootfs *rootfs, struct mc_str name)
{
	struct mc_rootfs_blob *blob;

	for (size_t at = 0; (blob = mc_map_next(&rootfs->blobs, mc_hash_text(name), &at));)
		if (mc_str_is(blob->name, name))
			return blob;
	return NULL;
}

static struct mc_str without_dot(struct mc_str name)
{
	while (mc_str_starts(name, MC_STR("./")))
		name = mc_str_skip(name, 2);
	return name;
}

/* JSON is small, and so is nothing else of an image but by chance.  */
static bool may_be_json(const struct mc_archive_entry *entry, struct mc_str name)
{
	return entry->kind == MC_ARCHIVE_FILE && entry->has_size && entry->nbytes <= BLOB_NBYTES_MAX &&
	       (mc_str_ends(name, MC_STR(".json")) || mc_str_starts(name, MC_STR("blobs/")));
}

/* A manifest, or a layer; a root file system has few files of such names.  */
static bool is_of_image(struct mc_str name)
{
	return mc_str_ends(name, MC_STR(".json")) || mc_str_ends(name, MC_STR(".tar")) ||
	       mc_str_ends(name, MC_STR(".tar.gz")) || mc_str_starts(name, MC_STR("blobs/"));
}

/* "blobs/sha256/HEX": the digest of a blob is its name, and a runtime refuses another.  */
static enum mc_status check_digest(struct mc_rootfs_blob *blob, struct mc_archive *tar, struct mc_error *err)
{
	const struct mc_str folder = MC_STR("blobs/sha256/");
	char hex[MC_SHA256_HEX_NBYTES + 1], block[16384];
	struct mc_sha256 sum;
	size_t got = 1;

	if (!mc_str_starts(blob->name, folder) || blob->link.len)
		return MC_OK;
	mc_sha256_init(&sum);
	mc_sha256_add(&sum, blob->text.ptr, blob->text.len);
	while (got) { /* what is not held as text */
		MC_TRY(mc_archive_read(tar, block, sizeof(block), &got, err));
		mc_sha256_add(&sum, block, got);
	}
	mc_sha256_end(&sum, hex);
	blob->is_other = !mc_str_is(mc_str_skip(blob->name, folder.len), mc_str_of(hex));
	return MC_OK;
}

static enum mc_status keep_blob(struct mc_rootfs *rootfs, struct mc_archive *tar,
				const struct mc_archive_entry *entry, uint64_t *nbytes_left,
				struct mc_error *err)
{
	struct mc_rootfs_blob *blob = MC_TAKE(&rootfs->scratch, struct mc_rootfs_blob);
	struct mc_str name = without_dot(entry->path);
	size_t got = 1;
	char *text;

	if (!blob || mc_arena_copy(&rootfs->scratch, name, &blob->name) ||
	    mc_arena_copy(&rootfs->scratch, entry->link, &blob->link))
		return mc_no_memory(err);
	if (may_be_json(entry, blob->name) && entry->nbytes <= *nbytes_left) {
		text = mc_arena_take(&rootfs->scratch, (size_t)entry->nbytes + 1, 1);
		if (!text)
			return mc_no_memory(err);
		*nbytes_left -= entry->nbytes;
		blob->text = (struct mc_str){text, 0};
		while (blob->text.len < entry->nbytes && got) {
			MC_TRY(mc_archive_read(tar, text + blob->text.len,
					       (size_t)entry->nbytes - blob->text.len, &got, err));
			blob->text.len += got;
		}
	}
	if (entry->kind == MC_ARCHIVE_FILE)
		MC_TRY(check_digest(blob, tar, err));
	return mc_map_add(&rootfs->scratch, &rootfs->blobs, mc_hash_text(blob->name), blob)
		       ? mc_no_memory(err)
		       : MC_OK;
}

/* What a root file system has, and no image's tar.  */
static bool is_of_root(struct mc_str name)
{
	name = without_dot(name);
	while (mc_str_starts(name, MC_STR("/")))
		name = mc_str_skip(name, 1);
	return mc_str_is(name, MC_STR("etc/os-release")) || mc_str_is(name, MC_STR("usr/lib/os-release")) ||
	       mc_str_starts(name, MC_STR("lib/ld-musl-"));
}

static enum mc_status list_blobs(struct mc_rootfs *rootfs, int fd, bool *is_root_out, struct mc_error *err)
{
	uint64_t nbytes_left = BLOBS_NBYTES_MAX;
	struct mc_archive_entry entry;
	struct mc_archive *tar;
	enum mc_status status;

	*is_root_out = false;
	MC_TRY(mc_archive_open(fd, rootfs->path, &limits, &tar, err));
	while ((status = mc_archive_next(tar, &entry, err)) == MC_OK) {
		*is_root_out |= is_of_root(entry.path);
		if (is_of_image(without_dot(entry.path)))
			status = keep_blob(rootfs, tar, &entry, &nbytes_left, err);
		if (status)
			break;
	}
	mc_archive_close(tar);
	return status == MC_END ? MC_OK : status;
}

/* ---- layers ---- */

/* Old versions of docker save the same layer once, and links to it.  */
static struct mc_str follow_link(const struct mc_rootfs *rootfs, struct mc_str name, char buf[static 4096])
{
	for (unsigned links = 0; links < 8; links++) {
		const struct mc_rootfs_blob *blob = mc_rootfs_blob(rootfs, name);
		size_t len;

		if (!blob || !blob->link.len || name.len + blob->link.len + 4 > 4096)
			break;
		len = mc_path_append(buf, 0, mc_path_parent(name));
		len = mc_path_append(buf, len, blob->link);
		name = mc_str_skip((struct mc_str){buf, len}, 1);
	}
	return name;
}

typedef enum mc_status layer_work(struct mc_rootfs *rootfs, struct mc_archive *layer,
				  struct mc_error *err);

/* Work on the layer that is the tar itself.  */
static enum mc_status work_on_tar(struct mc_rootfs *rootfs, int fd, layer_work *work, struct mc_error *err)
{
	/* Each entry is made once; of layers it is looked at twice.  */
	const struct mc_archive_limits once = {limits.entries / 2, limits.nbytes};
	struct mc_archive *tar;
	enum mc_status status;

	MC_TRY(mc_archive_open(fd, rootfs->path, &once, &tar, err));
	status = work(rootfs, tar, err);
	mc_archive_close(tar);
	return status;
}

/* Work on a layer that is an entry of the tar.  */
static enum mc_status work_on_layer(struct mc_rootfs *rootfs, int fd, size_t i, layer_work *work,
				    struct mc_error *err)
{
	struct mc_archive *tar, *layer = NULL;
	struct mc_archive_entry entry;
	struct mc_str name, label;
	enum mc_status status;
	char buf[4096];

	name = follow_link(rootfs, rootfs->layers[i], buf);
	label = mc_arena_printf(rootfs->arena, "%s: layer %zu of %zu", rootfs->path, i + 1,
				rootfs->layers_count);
	if (!label.len)
		return mc_no_memory(err);
	MC_TRY(mc_archive_open(fd, rootfs->path, &limits, &tar, err));
	do
		status = mc_archive_next(tar, &entry, err);
	while (status == MC_OK && !mc_str_is(without_dot(entry.path), name));
	if (status == MC_END)
		status = mc_fail(err, MC_ERR_FORMAT, label.ptr, "it is not in the tar");
	if (!status)
		status = mc_archive_open_inner(tar, label.ptr, &rootfs->left, &layer, err);
	if (!status)
		status = work(rootfs, layer, err);
	mc_archive_charge(layer, &rootfs->left);
	mc_archive_close(layer);
	mc_archive_close(tar);
	return status;
}

/* What a layer takes off is of those below it, whatever comes first in its tar.  */
static enum mc_status unpack(struct mc_rootfs *rootfs, int fd, struct mc_error *err)
{
	enum mc_status status;
	bool is_root;

	MC_TRY(check_end(fd, rootfs->path, err));
	MC_TRY(list_blobs(rootfs, fd, &is_root, err));
	status = mc_rootfs_read_manifest(rootfs, err);
	if (status == MC_END && !is_root)
		return mc_fail(err, MC_ERR_FORMAT, rootfs->path,
			       "no image: neither manifest.json nor index.json nor etc/os-release in it");
	if (status == MC_END)
		return work_on_tar(rootfs, fd, mc_rootfs_write, err);
	MC_TRY(status);
	for (size_t i = 0; i < rootfs->layers_count; i++) {
		if (i) /* below the first there is nothing */
			MC_TRY(work_on_layer(rootfs, fd, i, mc_rootfs_whiteout, err));
		MC_TRY(work_on_layer(rootfs, fd, i, mc_rootfs_write, err));
	}
	return MC_OK;
}

/* ---- the whole ---- */

/* What an honest image never comes near, and what keeps a small file from taking for ever.  */
static enum mc_status bound(struct mc_rootfs *rootfs, int fd, struct mc_error *err)
{
	struct stat info;

	if (mc_heed(fstat(fd, &info)))
		return mc_fail(err, MC_ERR_IO, rootfs->path, "cannot be examined");
	rootfs->left = limits;
	if ((uint64_t)info.st_size < (limits.nbytes - UNPACKED_NBYTES_MIN) / UNPACKED_TIMES)
		rootfs->left.nbytes = UNPACKED_NBYTES_MIN + (uint64_t)info.st_size * UNPACKED_TIMES;
	return MC_OK;
}

enum mc_status mc_rootfs_open(const char *path, struct mc_arena *arena, struct mc_rootfs **rootfs_out,
			      struct mc_error *err)
{
	struct mc_rootfs *rootfs = MC_TAKE(arena, struct mc_rootfs);
	enum mc_status status;
	int fd;

	*rootfs_out = NULL;
	if (!rootfs)
		return mc_no_memory(err);
	rootfs->path = strcmp(path, "-") ? path : "standard input";
	rootfs->arena = arena;
	rootfs->tag = MC_STR("");
	rootfs->nbytes_left = WRITTEN_NBYTES_MAX;
	mc_arena_init(&rootfs->scratch, arena->alloc);
	status = open_file(path, &fd, err);
	if (!status)
		status = bound(rootfs, fd, err);
	if (!status)
		status = inflate(rootfs, &fd, err);
	if (!status && mc_make_temp_folder(rootfs->dir)) {
		rootfs->dir[0] = '\0';
		status = mc_fail(err, MC_ERR_IO, path, "no temporary folder to unpack it in");
	}
	if (!status && mc_real_path(arena, rootfs->dir, &rootfs->real_dir))
		status = mc_fail(err, MC_ERR_IO, rootfs->dir, "its real path is unknown");
	if (!status)
		status = unpack(rootfs, fd, err);
	if (!status)
		status = mc_rootfs_settle_links(rootfs, err);
	mc_close_fd(fd);
	mc_arena_clear(&rootfs->scratch);
	if (status < 0)
		mc_rootfs_close(rootfs);
	else
		*rootfs_out = rootfs;
	return status;
}

const char *mc_rootfs_dir(const struct mc_rootfs *rootfs)
{
	return rootfs->real_dir.ptr;
}

struct mc_str mc_rootfs_tag(const struct mc_rootfs *rootfs)
{
	return rootfs->tag;
}

void mc_rootfs_close(struct mc_rootfs *rootfs)
{
	if (rootfs && rootfs->dir[0])
		mc_remove_tree(rootfs->dir);
}
