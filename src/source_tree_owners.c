/* SPDX-License-Identifier: MIT */
/* After a walk: whose is what it found, and where else to look.  */
#include "dist.h"
#include "file.h"
#include "path.h"
#include "refusal.h"
#include "source_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RECORD_MAX_NBYTES ((uint64_t)256 << 20) /* a line a file */
#define PTH_LINES_MAX 4096

/* --- RECORD --- */

/* What a RECORD brings besides its own folder.  */
struct payload {
	bool has_pth, has_others;
};

static void count_payload(struct payload *payload, struct mc_str path)
{
	struct mc_str base = mc_path_base(path), folder = mc_path_parent(path);

	if (mc_name_ends(base, MC_STR(".pth")))
		payload->has_pth = true;
	else if (!mc_name_ends(folder, MC_STR(".dist-info")) &&
		 !mc_name_ends(mc_path_parent(folder), MC_STR(".dist-info")) &&
		 !mc_name_ends(folder, MC_STR("__pycache__")) &&
		 !mc_name_ends(folder, MC_STR("/bin")) &&
		 !mc_name_ends(base, MC_STR("_finder.py")) &&
		 !mc_str_starts(base, MC_STR("__editable__")))
		payload->has_others = true;
}

/* Where a walk takes all for another's: git's, the interpreter's.  */
static bool is_passed_over(const struct mc_tree_hunt *hunt, struct mc_str where)
{
	struct mc_str folder = mc_path_parent(where);

	return mc_str_find(where, MC_STR("/.git/"), NULL) || mc_tree_is_pythons(hunt, where) ||
	       (mc_str_is(mc_path_base(folder), MC_STR("bin")) && mc_tree_is_interpreter(mc_path_base(where)));
}

/* pip's RECORD is true: a dist that brings such a file is not known by what was walked.  */
static enum mc_status spoil_if_passed_over(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist, struct mc_str where,
					   struct mc_str path)
{
	struct stat info;

	if (dist->dist.status < 0 || mc_name_hint(path) == MC_NAME_SCRIPT || !is_passed_over(hunt, where) ||
	    mc_heed(lstat(where.ptr, &info)) < 0 || S_ISDIR(info.st_mode))
		return MC_OK;
	dist->dist.status = MC_ERR_FORMAT;
	dist->dist.problem = mc_arena_printf(
		hunt->arena, "its RECORD lists %.*s, in a place that is taken for another's and not looked into",
		path.len < 200 ? (int)path.len : 200, path.ptr);
	return dist->dist.problem.len ? MC_OK : MC_ERR_NOMEM;
}

static enum mc_status claim(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist,
			    struct mc_str base, struct mc_str path)
{
	struct mc_mark mark = mc_arena_mark(&hunt->scratch);
	struct mc_tree_found *found;
	struct mc_str where;

	if (mc_name_hint(path) == MC_NAME_RULED_OUT && !mc_name_ends(path, MC_STR(".pth")))
		return MC_OK;
	MC_TRY(mc_path_join(&hunt->scratch, base, path, &where));
	found = mc_tree_find(hunt, where);
	if (found && !found->owner)
		found->owner = dist;
	if (!found)
		MC_TRY(spoil_if_passed_over(hunt, dist, where, path));
	mc_arena_rewind(&hunt->scratch, mark);
	return MC_OK;
}

static struct mc_tree_dist *find_dist_info(const struct mc_tree_hunt *hunt, struct mc_str where)
{
	struct mc_tree_dist *dist;

	for (size_t at = 0; (dist = mc_map_next(&hunt->dist_infos, mc_hash_text(where), &at));)
		if (mc_str_is(dist->where, where))
			return dist;
	return NULL;
}

/*
 * A .dist-info in the RECORD of another dist is a vendored copy's (setuptools
 * has a dozen): no dist that pip knows of.  Only one further down can be, so
 * that no two can vendor each other.
 */
static enum mc_status claim_vendored(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist,
				     struct mc_str base, struct mc_str path)
{
	struct mc_mark mark = mc_arena_mark(&hunt->scratch);
	struct mc_str folder = mc_path_parent(path), where, above;
	struct mc_tree_dist *vendored;

	if (!mc_name_ends(folder, MC_STR(".dist-info")) || !mc_path_parent(folder).len)
		return MC_OK;
	MC_TRY(mc_path_join(&hunt->scratch, base, folder, &where));
	above = mc_path_parent(where);
	vendored = find_dist_info(hunt, where);
	if (vendored && !vendored->vendor && above.len > base.len && mc_str_starts(above, base) &&
	    above.ptr[base.len] == '/')
		vendored->vendor = dist;
	mc_arena_rewind(&hunt->scratch, mark);
	return MC_OK;
}

static enum mc_status claim_listed(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist,
				   struct mc_str text)
{
	struct mc_str base = dist->is_egg ? dist->where : mc_path_parent(dist->where), path;
	struct payload payload = {false, false};
	enum mc_status status = MC_OK;
	uint64_t nbytes;

	if (dist->is_egg) {
		/* installed-files.txt: a path a line */
		while (status == MC_OK && mc_text_line(&text, &path))
			if (path.len)
				status = claim(hunt, dist, base, path);
		return status;
	}
	while ((status = mc_record_path(&hunt->scratch, &text, &path, &nbytes)) == MC_OK) {
		dist->dist.nbytes += nbytes; /* of at most 2^28 lines, each below 2^50 */
		if (dist->dist.nbytes > MC_DIST_NBYTES_MAX)
			dist->dist.nbytes = MC_DIST_NBYTES_MAX;
		count_payload(&payload, path);
		MC_TRY(claim(hunt, dist, base, path));
		MC_TRY(claim_vendored(hunt, dist, base, path));
	}
	if (payload.has_pth && !payload.has_others)
		dist->dist.is_editable = true;
	return status == MC_END ? MC_OK : status;
}

static enum mc_status read_record(struct mc_tree_hunt *hunt, struct mc_tree_dist *dist)
{
	struct mc_mark mark = mc_arena_mark(&hunt->scratch);
	const char *name = dist->is_egg ? "installed-files.txt" : "RECORD";
	struct mc_str path, text;
	enum mc_status status;

	if (!dist->has_record && !dist->is_egg)
		return MC_OK;
	MC_TRY(mc_path_join(&hunt->scratch, dist->where, mc_str_of(name), &path));
	status = mc_read_text(&hunt->scratch, AT_FDCWD, path.ptr, RECORD_MAX_NBYTES, &text);
	if (status == MC_OK && text.len == RECORD_MAX_NBYTES) {
		errno = EFBIG;
		status = MC_ERR_IO;
	}
	if (status == MC_ERR_IO || status == MC_ERR_UNSUPPORTED)
		mc_tree_spoil_dist(hunt, dist, name, errno);
	else if (status == MC_OK && mc_tree_is_code(text))
		mc_tree_spoil_dist(hunt, dist, name, ENOEXEC);
	else if (status == MC_OK)
		status = claim_listed(hunt, dist, text);
	mc_arena_rewind(&hunt->scratch, mark);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

/* --- further roots --- */

/* A folder that cannot be opened, and is no dist's.  */
static enum mc_status add_unseen(struct mc_tree_hunt *hunt, struct mc_str dir, int number)
{
	struct mc_tree_root *root = MC_TAKE(hunt->arena, struct mc_tree_root);

	if (!root || mc_arena_copy(hunt->arena, dir, &dir))
		return MC_ERR_NOMEM;
	*root = (struct mc_tree_root){.where = dir};
	hunt->root = root;
	return mc_tree_add_refused(hunt, dir, "the folder cannot be opened", number);
}

/* Walk what an editable install or a .pth names, if it is a folder not yet seen.  */
static enum mc_status walk_further(struct mc_tree_hunt *hunt, struct mc_str dir,
				   struct mc_tree_dist *owner)
{
	enum mc_status status = MC_OK;
	struct mc_tree_root *root;
	struct mc_str real;
	struct stat info;
	int fd;

	if (!dir.len || hunt->walk.is_full)
		return MC_OK;
	MC_TRY(mc_tree_place_in_root(hunt, &dir));
	fd = mc_open_at(AT_FDCWD, dir.ptr, O_DIRECTORY);
	if (fd < 0) {
		/* site.py passes over what is not there; what is there is code that is not seen.  */
		bool is_there = errno != ENOENT && errno != ENOTDIR;

		if (owner && (is_there || mc_str_is(dir, owner->editable_dir)))
			mc_tree_spoil_dist(hunt, owner, "folder of sources", errno);
		return owner || !is_there ? MC_OK : add_unseen(hunt, dir, errno);
	}
	if (mc_heed(fstat(fd, &info)) < 0 ||
	    mc_walk_has(&hunt->walk, (uint64_t)info.st_dev, (uint64_t)info.st_ino))
		goto out;
	status = mc_real_path(hunt->arena, dir.ptr, &real);
	/* "/" would take in all the machine, and is nobody's package.  */
	if (status < 0 || real.len == 1)
		goto out;
	root = MC_TAKE(hunt->arena, struct mc_tree_root);
	if (!root) {
		status = MC_ERR_NOMEM;
		goto out;
	}
	*root = (struct mc_tree_root){.where = real, .owner = owner};
	if (owner)
		owner->dist.is_editable = true;
	return mc_tree_walk(hunt, root, real, fd);
out:
	mc_close_fd(fd);
	return status == MC_ERR_NOMEM ? status : MC_OK;
}

static struct mc_str trim_end(struct mc_str line)
{
	while (line.len && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
		line.len--;
	return line;
}

/* Bytes of the character that ends a line to str.splitlines() where 'text' begins; 0: none does.  */
static size_t line_end_nbytes(struct mc_str text)
{
	uint32_t code;
	size_t nbytes = text.len ? mc_str_character(text, &code) : 0;

	if (!nbytes)
		return 0;
	return (code >= '\n' && code <= '\r') || (code >= 0x1c && code <= 0x1e) || code == 0x85 || code == 0x2028 ||
			       code == 0x2029
		       ? nbytes
		       : 0;
}

/* Cut a line off 'rest', of which there is some: site.py has them end as splitlines() does.  */
static struct mc_str cut_pth_line(struct mc_str *rest)
{
	struct mc_str line = {rest->ptr, 0};

	while (rest->len && !line_end_nbytes(*rest)) {
		*rest = mc_str_skip(*rest, 1);
		line.len++;
	}
	*rest = mc_str_skip(*rest, line_end_nbytes(*rest));
	return line;
}

/* What it names is not seen: where it is nobody's, it stands for itself.  */
static enum mc_status spoil_pth(struct mc_tree_hunt *hunt, const struct mc_tree_found *pth, int number)
{
	if (!pth->owner) {
		hunt->root = pth->root;
		return mc_tree_add_refused(hunt, pth->member.where, "it cannot be read", number);
	}
	mc_tree_spoil_dist(hunt, pth->owner, ".pth file", number);
	return MC_OK;
}

/* site.py: a line that is neither a comment nor an import is a folder for sys.path.  */
static enum mc_status follow_pth(struct mc_tree_hunt *hunt, const struct mc_tree_found *pth)
{
	struct mc_str folder = mc_path_parent(pth->member.where), name = mc_path_base(folder);
	size_t lines_count = 0;
	struct mc_str text;
	enum mc_status status;

	if (!pth->place->has_dists && !mc_str_is(name, MC_STR("site-packages")) &&
	    !mc_str_is(name, MC_STR("dist-packages")))
		return MC_OK;
	status = mc_read_text(&hunt->scratch, AT_FDCWD, pth->member.where.ptr, MC_TREE_TEXT_NBYTES,
			      &text);
	if (status == MC_ERR_IO || (status == MC_ERR_UNSUPPORTED && pth->owner))
		return spoil_pth(hunt, pth, errno);
	if (status < 0)
		return status == MC_ERR_NOMEM ? status : MC_OK;
	if (text.len == MC_TREE_TEXT_NBYTES)
		return spoil_pth(hunt, pth, EFBIG);
	if (mc_str_starts(text, MC_STR("\xef\xbb\xbf")))
		text = mc_str_skip(text, 3);
	while (text.len) {
		struct mc_str line = trim_end(cut_pth_line(&text)), dir;

		if (!line.len || line.ptr[0] == '#' || memchr(line.ptr, '\0', line.len) ||
		    mc_str_starts(line, MC_STR("import ")) ||
		    mc_str_starts(line, MC_STR("import\t")))
			continue;
		if (++lines_count > PTH_LINES_MAX)
			return spoil_pth(hunt, pth, EFBIG);
		MC_TRY(mc_path_join(&hunt->scratch, folder, line, &dir));
		MC_TRY(walk_further(hunt, dir, pth->owner));
	}
	return MC_OK;
}

/* --- all of it --- */

/* Let the new dists claim their files; they move to the settled ones.  */
static enum mc_status settle_dists(struct mc_tree_hunt *hunt)
{
	struct mc_tree_dist **dists, *dist;
	size_t count = 0;

	dists = MC_TAKE_ARRAY(&hunt->scratch, struct mc_tree_dist *, hunt->dists_count + 1);
	if (!dists)
		return MC_ERR_NOMEM;
	while ((dist = hunt->dists)) {
		hunt->dists = dist->next;
		dist->next = hunt->settled_dists;
		hunt->settled_dists = dist;
		dists[count++] = dist;
	}
	/* Two that claim a file: the first by name has it, whatever readdir() said.  */
	qsort(dists, count, sizeof(*dists), mc_tree_order_dists);
	for (size_t i = 0; i < count; i++)
		MC_TRY(read_record(hunt, dists[i]));
	for (size_t i = 0; i < count; i++)
		MC_TRY(walk_further(hunt, dists[i]->editable_dir, dists[i]));
	return MC_OK;
}

static enum mc_status follow_new_pths(struct mc_tree_hunt *hunt)
{
	struct mc_tree_found **pths;
	size_t count = 0;

	for (struct mc_tree_found *found = hunt->found; found; found = found->next)
		count += found->kind == MC_FOUND_PTH && !found->is_done;
	pths = MC_TAKE_ARRAY(&hunt->scratch, struct mc_tree_found *, count + 1);
	if (!pths)
		return MC_ERR_NOMEM;
	count = 0;
	for (struct mc_tree_found *found = hunt->found; found; found = found->next)
		if (found->kind == MC_FOUND_PTH && !found->is_done)
			pths[count++] = found;
	qsort(pths, count, sizeof(*pths), mc_tree_order_found);
	for (size_t i = 0; i < count; i++) {
		pths[i]->is_done = true;
		MC_TRY(follow_pth(hunt, pths[i]));
	}
	return MC_OK;
}

enum mc_status mc_tree_settle(struct mc_tree_hunt *hunt)
{
	/* Further roots may hold dists and .pth files of their own.  */
	do {
		MC_TRY(settle_dists(hunt));
		MC_TRY(follow_new_pths(hunt));
	} while (hunt->dists);
	return MC_OK;
}

struct mc_tree_dist *mc_tree_owner(const struct mc_tree_found *found)
{
	struct mc_tree_dist *owner = found->owner ? found->owner : found->root->owner;

	while (owner && owner->vendor)
		owner = owner->vendor;
	return owner;
}
