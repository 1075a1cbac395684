/* SPDX-License-Identifier: MIT */
/*
 * source_impl.h - what the kinds of source share.  Private to the source room.
 *
 * A kind embeds struct mc_source as its first field and fills it when it opens.
 *
 * Threads: as source.h says.
 */
#ifndef MC_SOURCE_IMPL_H
#define MC_SOURCE_IMPL_H

#include "muslcheck/source.h"
#include "zip_archive.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* The longest first line of a script that is handed out.  */
#define MC_HEAD_NBYTES 255

struct mc_source_kept {
	atomic_uint_least64_t nbytes, disk_nbytes;
};

struct mc_source {
	enum mc_source_kind kind;
	struct mc_arena *arena;  /* the caller's; holds all that is handed out */
	struct mc_limits limits; /* without zeros */
	struct mc_zip_reader *reader; /* NULL: each has its own */
	struct mc_source_kept *kept;
	const char *path;   /* as it is told */
	const char *opened; /* as it was opened */
	struct stat stamp;  /* from before anything was read */
	const struct mc_dist **dists;
	size_t dists_count;
	const char **wheels;
	size_t wheels_count;
	bool may_be_native, wants_sources;
	struct mc_str root; /* see mc_source_root() */
	enum mc_status (*next)(struct mc_source *source, struct mc_member *member_out,
			       struct mc_error *err);
	enum mc_status (*read)(struct mc_source *source, struct mc_image *image_out,
			       struct mc_error *err);
	/* NULL: members have none.  */
	uint64_t (*print)(const struct mc_source *source);
	bool (*place)(struct mc_source *source, struct mc_zip_place *place_out);
	bool (*is_like)(struct mc_source *source, int fd, const struct mc_zip_place *place);
	/* NULL: it has to be opened again.  */
	struct mc_source *(*share)(const struct mc_source *source, struct mc_arena *arena);
	void (*close)(struct mc_source *source);
};

/* Both take 'fd', also on failure.  'prefix' is never NULL; 'opened' is the path that 'fd' is.  */
enum mc_status mc_wheel_open(int fd, uint64_t nbytes, const char *prefix,
			     const struct mc_source *base, struct mc_source **source_out,
			     struct mc_error *err) MC_MUST_CHECK;
enum mc_status mc_tree_open(int fd, const char *opened, const struct mc_source *base, struct mc_source **source_out,
			    struct mc_error *err) MC_MUST_CHECK;

/*
 * What the first bytes of a file say: MC_MEMBER_ELF, MC_MEMBER_SCRIPT when
 * 'may_be_script' and "#!" agree, MC_MEMBER_CLAIMS when the name is a native
 * module's; false when it is none of our business.
 */
bool mc_classify(struct mc_bytes first, bool is_native_name, bool may_be_script,
		 enum mc_member_kind *kind_out);

/* The first line of 'first', at most MC_HEAD_NBYTES, without CR and LF; a copy.  */
enum mc_status mc_copy_head(struct mc_arena *arena, struct mc_bytes first,
			    struct mc_str *head_out) MC_MUST_CHECK;

/*
 * May so much more be kept of a native file?  There is room for what real files give, and more the more
 * bytes there are on disk, which mc_source_count_disk() is told.
 */
bool mc_source_keep(struct mc_source *source, uint64_t nbytes);

void mc_source_count_disk(struct mc_source *source, const struct stat *info);

/* --- members that are alike; for twins.c --- */

/*
 * A number that members of the same content, packed alike, have in common; others seldom.  0: the
 * member that was handed out last has none.
 */
uint64_t mc_source_print(const struct mc_source *source);

/* Where its packed bytes are.  */
struct mc_source_place {
	const char *path; /* the source's */
	struct stat stamp;
	struct mc_zip_place packed;
};

/* Of a member that has a print; false: it cannot be read.  */
bool mc_source_place(struct mc_source *source, struct mc_source_place *place_out);

/* Is it the same as the one there, byte for byte, in a file that nobody has touched meanwhile?  */
bool mc_source_is_like(struct mc_source *source, const struct mc_source_place *place);

#endif /* MC_SOURCE_IMPL_H */
