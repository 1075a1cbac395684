/* SPDX-License-Identifier: MIT */
/*
 * target.h - room 3: what a base image offers to an ELF file.
 *
 * A libc is a list of exports plus its loader's rules: musl resolves open64
 * though its table has no such name, and counts libpthread.so.0 as itself.
 * A release is an OS release: a libc plus the libraries that the image ships or
 * its package manager brings.  A target is a release plus a Python, or a bare
 * libc.
 *
 * All built-in data is const, generated at build time from probe/; see
 * probe/README.md for where each list comes from.  Threads: free to share.
 */
#ifndef MUSLCHECK_TARGET_H
#define MUSLCHECK_TARGET_H

#include "muslcheck/elf.h"

#include <stdbool.h>

MC_DECLS_BEGIN

enum mc_libc_family {
	MC_LIBC_MUSL,
	MC_LIBC_GLIBC,
};

/* The exports of one library file, of one package build, for one machine.  */
struct mc_export_set {
	const char *soname;      /* "libstdc++.so.6" */
	const char *origin;      /* "libstdc++6 14.2.0-19 (trixie)": the provenance, for people */
	uint16_t machine;        /* EM_* */
	uint8_t word_bits;       /* 32 or 64 */
	const uint32_t *keys;    /* sorted; see src/tables.h */
	uint32_t keys_count;
	const uint32_t *version_ids; /* every version the file defines, sorted */
	uint32_t version_ids_count;
	const char *const *needed; /* its DT_NEEDED names, NULL-terminated */
};

struct mc_libc {
	enum mc_libc_family family;
	const char *version; /* "1.2.5", "2.41" */
	/* musl: one set a machine.  glibc: libc.so.6, libm.so.6, ld-linux... each
	 * a set of its own.  NULL-terminated.  */
	const struct mc_export_set *const *sets;
};

/* A library outside the libc, on one release.  */
struct mc_library {
	const char *soname;
	const char *package; /* what apk or apt-get installs it with; NULL when none is known */
	bool is_shipped;     /* the python image has it already */
	const struct mc_export_set *const *sets; /* one a machine, NULL-terminated; may be empty: not known */
};

struct mc_release {
	const char *name; /* "alpine3.24", "slim-trixie" */
	const struct mc_libc *libc;
	const struct mc_library *libraries; /* sorted by soname */
	size_t libraries_count;
};

struct mc_image_entry {
	const char *name; /* "python:3.12-alpine3.24" */
	unsigned python_minor;
	const struct mc_release *release;
	uint32_t size_kb;   /* unpacked; 0 unknown */
	const char *origin; /* where this row comes from, with its date */
	bool is_current;    /* still built and updated at that date */
	bool is_prerelease; /* by that date only release candidates of this Python were built */
};

/* What it means that a glibc name is absent from musl (design: sources and classes).  */
enum mc_class {
	MC_CLASS_NONE,      /* nothing is known of the name */
	MC_CLASS_ARTEFACT,  /* fortify, __isoc23_ and the like: gone when compiled against musl */
	MC_CLASS_INTERNAL,  /* an alias or internal of glibc */
	MC_CLASS_GNU_API,   /* the source needs porting */
	MC_CLASS_PACKAGE,   /* in another Alpine package (musl-fts, musl-obstack, ...) */
};

struct mc_name_class {
	const char *name;
	enum mc_class name_class;
	bool in_gcompat;         /* LD_PRELOAD=/lib/libgcompat.so.0 supplies it */
	const char *package;     /* for MC_CLASS_PACKAGE, else NULL */
	const char *replacement; /* the usual way out, one clause; may be NULL */
};

/* An image with the choice that was made; small, copied freely.  */
struct mc_target {
	const char *name;                  /* "python:3.12-alpine3.24", or the libc file's path */
	unsigned python_minor;             /* 0: none */
	const struct mc_libc *libc;        /* table; NULL when 'libc_file' answers */
	const struct mc_release *release;  /* NULL for a bare libc: no library but the libc */
	const struct mc_image_entry *image; /* NULL for a bare libc */
};

/* ---- images ---- */

/*
 * By name.  Takes "python:3.12-alpine3.24", "python:3.12-alpine" (the newest
 * alpine that this Python was built on), "python:3.12-slim", "3.12-slim-bookworm",
 * "alpine3.21" (with the newest Python that is out); a registry before the name
 * and a patch release ("3.12.4") are allowed and ignored.  MC_ERR_NOT_FOUND names
 * the nearest ones.
 */
enum mc_status mc_target_find(struct mc_str name, struct mc_target *target_out,
			      struct mc_error *err) MC_MUST_CHECK;

/*
 * The same for a name that tells no Python ("alpine3.21"), with Python 3.minor: false, and
 * '*target_out' as it was, when the name tells one or there is no such image.
 */
bool mc_target_with_python(struct mc_str name, unsigned python_minor, struct mc_target *target_out);

/* Does it tell a Python?  */
bool mc_target_tells_python(struct mc_str name);

/*
 * The default pair for a Python 3.minor (0: the newest that is out): its newest
 * alpine and slim.  A Python that no image has gets the oldest or newest one's;
 * compare 'python_minor'.
 */
struct mc_target mc_target_default(unsigned python_minor, enum mc_libc_family family);

/* The i-th built-in image, NULL past the end.  */
const struct mc_image_entry *mc_image_at(size_t i);

/* ---- names and exports ---- */

/* The id of a name in the pool, 0 when no table has it.  */
uint32_t mc_name_id(struct mc_str name);
uint32_t mc_lookup_name_id(const struct mc_lookup *lookup);
struct mc_str mc_name_text(uint32_t name_id);

/* The id of a symbol version, 0 when no table has it or it is empty.  */
uint32_t mc_version_id(struct mc_str version);

/*
 * True when 'set' exports the name.  'version_id' 0 takes any version.  A name
 * that the set has only under hidden ("@", not "@@") versions is not found when
 * 'skip_hidden': musl never sees those.
 */
bool mc_export_set_has(const struct mc_export_set *set, uint32_t name_id, uint32_t version_id,
		       bool skip_hidden);

/*
 * The i-th version under which 'set' exports the name, "" for none at all; false past
 * the last.  A hidden one ("@") is what only files linked long ago ask for.
 */
bool mc_export_set_version(const struct mc_export_set *set, uint32_t name_id, uint32_t i,
			   const char **version_out, bool *is_hidden_out);

/* True when the file defines this symbol version (glibc checks that first).  */
bool mc_export_set_defines(const struct mc_export_set *set, uint32_t version_id);

/* The set for a machine in a NULL-terminated list; 'soname' empty: the first.  */
const struct mc_export_set *mc_export_set_pick(const struct mc_export_set *const *sets,
					       uint16_t machine, uint8_t word_bits,
					       struct mc_str soname);

/* ---- libraries ---- */

/* NULL when the release neither ships nor packages that soname.  */
const struct mc_library *mc_release_library(const struct mc_release *release, struct mc_str soname);

/*
 * As above for an image, with its Python's own library: libpython3.so and
 * libpython3.N.so.1.0 of that N are shipped, their names not listed.  NULL for
 * a bare libc.
 */
const struct mc_library *mc_target_library(const struct mc_target *target, struct mc_str soname);

/* Installed size of a package of Alpine or Debian in kB of 1000 bytes; 0: not known.  */
uint32_t mc_package_size_kb(enum mc_libc_family family, struct mc_str package);

/* ---- libcs ---- */

/* By "musl-1.2.5" or "glibc-2.41"; NULL when unknown.  */
const struct mc_libc *mc_libc_find(struct mc_str name);
const struct mc_libc *mc_libc_at(size_t i);

/* ---- classes ---- */

/* Never NULL: an entry with MC_CLASS_NONE when nothing is known.  */
const struct mc_name_class *mc_name_class(struct mc_str name);

/* ---- machines ---- */

/* "x86_64", "aarch64", "armv7l", "i686", "ppc64le", "s390x", "riscv64" as in platform
 * tags; NULL for machines that the official images do not have.  */
const char *mc_machine_name(uint16_t machine, uint8_t word_bits, bool is_big_endian);

MC_DECLS_END

#endif /* MUSLCHECK_TARGET_H */
