/* SPDX-License-Identifier: MIT */
/*
 * source.h - room 1: from a path to the dists and the files that may be native.
 *
 * Takes:  a venv, a directory tree, a wheel, or a directory of wheels.
 * Hands:  dists, and members one at a time with their bytes.
 * Knows nothing of ELF beyond its magic, nor of libcs or verdicts.
 *
 * Names come from strangers: a member's path never holds "..", never starts
 * with '/' but where a tree's file lies outside of its root, and holds no NUL;
 * other bytes are as found (report.h escapes).
 *
 * Threads: a source belongs to one thread; different sources are independent.
 */
#ifndef MUSLCHECK_SOURCE_H
#define MUSLCHECK_SOURCE_H

#include "muslcheck/mem.h"

#include <stdbool.h>

MC_DECLS_BEGIN

struct mc_source; /* opaque */

enum mc_dist_kind {
	MC_DIST_WHEEL,     /* a .whl file, judged before installation */
	MC_DIST_INSTALLED, /* a .dist-info directory and what its RECORD lists */
	MC_DIST_WANTED,    /* named by a lock file or the like: nothing of it is here */
	MC_DIST_LOOSE,     /* files that no RECORD claims; one such dist a source */
};

/* Requires-Dist of one dist; nothing real has a tenth of it.  */
#define MC_REQUIRES_DIST_MAX 10000

/* What a dist may claim to take; sums of claims stay far from overflow.  */
#define MC_DIST_NBYTES_MAX ((uint64_t)1 << 40)

/* One tag triple of PEP 425, e.g. cp312-cp312-musllinux_1_2_x86_64.  */
struct mc_tag {
	struct mc_str python, abi, platform;
};

struct mc_dist {
	enum mc_dist_kind kind;
	struct mc_str name;     /* normalised as PEP 503 says; empty for loose files */
	struct mc_str version;  /* verbatim; empty when unknown */
	struct mc_str path;     /* wheel file or .dist-info directory, as opened; loose: the root */
	struct mc_str root;     /* of a tree, as opened: relative paths of members are below it; else empty */
	const struct mc_tag *tags; /* expanded: one triple each; none when unknown */
	size_t tags_count;
	unsigned python_minor;  /* 12 for Python 3.12, from pyvenv.cfg or lib/python3.12; 0 unknown */
	struct mc_str requires_python; /* of METADATA, verbatim; empty when it says none */
	const struct mc_str *requires_dist; /* of METADATA, each verbatim: mc_requirement_read() */
	size_t requires_dist_count;
	/* Installed, as its RECORD or its archive says and nobody checked, without .pyc; 0: not known.  */
	uint64_t nbytes;
	bool is_editable;       /* direct_url.json says so, or it only brings a .pth */
	enum mc_status status;  /* < 0: this dist could not be read, or not wholly */
	struct mc_str problem;  /* then why, one clause */
};

enum mc_member_kind {
	MC_MEMBER_ELF,    /* starts with the ELF magic */
	MC_MEMBER_SCRIPT, /* starts with "#!" and is executable or in a scripts folder */
	MC_MEMBER_CLAIMS, /* named like a native module (.so, .so.N) but is no ELF file */
	MC_MEMBER_BROKEN, /* could not be read; 'problem' says why */
	MC_MEMBER_SOURCE, /* Python (.py), where the options want it; not of a standard library */
};

struct mc_member {
	enum mc_member_kind kind;
	const struct mc_dist *dist;
	/* What a person is shown: inside the wheel, or below the root; absolute where
	 * a tree goes on outside of its root (the source of an editable install).  */
	struct mc_str path;
	/*
	 * Where the loader would find it, absolute and normalised.  Trees: the
	 * real path.  Wheels: where pip puts it below 'site', see
	 * mc_source_options; "x.data/scripts/" and the other PEP 427 folders are
	 * mapped as pip does.
	 */
	struct mc_str where;
	uint64_t nbytes;    /* uncompressed size as declared, not yet trusted */
	uint64_t dev, ino;  /* of the file in a tree; 0, 0 in a wheel */
	struct mc_str head; /* the first line of a script (at most 255 bytes), else empty */
	struct mc_str problem;
};

/* Bounds on hostile input; 0 in a field means its default.  */
struct mc_limits {
	uint64_t member_nbytes; /* largest member read; default 2 GiB */
	/* A member of a wheel that takes more, packed and unpacked, goes through a temporary file; default 192 MiB.  */
	uint64_t memory_nbytes;
	uint64_t total_nbytes;  /* all members of one wheel; default 8 GiB */
	uint32_t members_count; /* default 1 000 000; of a wheel at most 250 000 */
	uint32_t tree_depth;    /* default 64 */
};

struct mc_source_reader; /* opaque: memory that sources of one thread take turns with */

/* NULL when memory ran out.  NULL may be closed; sources that use it are closed before.  */
struct mc_source_reader *mc_source_reader_open(struct mc_arena *arena);
void mc_source_reader_close(struct mc_source_reader *reader);

/*
 * How much is kept of native files that sources of one run have handed out.  Many small files with many
 * names, which pack to next to nothing, would fill any memory.  Any number of threads may share one.
 */
struct mc_source_kept; /* opaque */

/* NULL when memory ran out.  */
struct mc_source_kept *mc_source_kept_open(struct mc_arena *arena);

/* Bytes on disk of the native files and wheels that were met so far.  */
uint64_t mc_source_kept_disk_nbytes(const struct mc_source_kept *kept);

struct mc_source_options {
	struct mc_limits limits;
	/* Below which a wheel is laid out; NULL: "/usr/local".  site-packages is
	 * PREFIX/lib/python3.X/site-packages with X from the wheel's tag, else 12.  */
	const char *prefix;
	bool wants_sources; /* hand out Python sources as well */
	/* What stands for the path where it is told; NULL: the path itself.  */
	const char *shown_as;
	/* Content that one source has handed out is gone when another one reads.  NULL: none.  */
	struct mc_source_reader *reader;
	struct mc_source_kept *kept; /* of the run; NULL: the source has its own */
};

enum mc_source_kind {
	MC_SOURCE_WHEEL,
	MC_SOURCE_TREE,
};

/*
 * Open 'path': a regular file is taken as a wheel, a directory as a tree.
 * A directory that holds wheels is a tree as well; its wheels are handed out by
 * mc_source_wheels() for the caller to open one by one.
 *
 * MC_ERR_IO or MC_ERR_NOT_FOUND when 'path' cannot be opened, MC_ERR_FORMAT
 * when a file is no zip archive.  On MC_OK the caller closes '*source_out'; on
 * failure it is NULL.  'arena' must outlive the source and all it hands out.
 */
enum mc_status mc_source_open(const char *path, const struct mc_source_options *options,
			      struct mc_arena *arena, struct mc_source **source_out,
			      struct mc_error *err) MC_MUST_CHECK;

enum mc_source_kind mc_source_kind(const struct mc_source *source);

/*
 * Every dist, also those without native files; sorted by name.  Complete at
 * once after open.  A .dist-info that another dist's RECORD lists further down
 * (setuptools/_vendor/) is no dist: its files are the vendor's.
 */
const struct mc_dist *const *mc_source_dists(const struct mc_source *source, size_t *count_out);

/*
 * Of a wheel, by its directory alone: can a file in it be native code?  Files of .dist-info,
 * what ends like text, data or Python, and what is smaller than any are not; what is named like a native module, has a
 * name that must not be used, or is a script to install (.data/scripts) is, wherever it lies.
 */
bool mc_source_may_be_native(const struct mc_source *source);

/*
 * The real path of a tree that is the root file system of an image, so that "/usr" is its own
 * usr; files of the system's packages are not handed out then.  A NULL slice for all others.
 */
struct mc_str mc_source_root(const struct mc_source *source);

/* Paths of the .whl files met in a tree, sorted bytewise; none for a wheel.  */
const char *const *mc_source_wheels(const struct mc_source *source, size_t *count_out);

/* Next member in a stable, bytewise path order; MC_END after the last.  */
enum mc_status mc_source_next(struct mc_source *source, struct mc_member *member_out,
			      struct mc_error *err) MC_MUST_CHECK;

/*
 * The content of the member that mc_source_next() handed out last: in memory
 * (CRC-32 checked) for a wheel, behind an fd for a tree and for a large member.  Borrowed until the
 * next call on 'source'.  Fails with MC_ERR_FORMAT when the archive lies,
 * MC_ERR_LIMIT, MC_ERR_UNSUPPORTED (encrypted, unknown method), MC_ERR_IO; the
 * source stays usable and goes on with the next member.
 */
enum mc_status mc_source_read(struct mc_source *source, struct mc_image *image_out,
			      struct mc_error *err) MC_MUST_CHECK;

/*
 * The same open tree for another thread, from its first member on; it is closed before 'source'.
 * NULL for a wheel, and when memory ran out.
 */
struct mc_source *mc_source_share(const struct mc_source *source, struct mc_arena *arena);

/* NULL is allowed.  */
void mc_source_close(struct mc_source *source);

MC_DECLS_END

#endif /* MUSLCHECK_SOURCE_H */
