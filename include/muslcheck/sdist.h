/* SPDX-License-Identifier: MIT */
/*
 * sdist.h - what kind of build a source archive means.
 *
 * Takes:  an sdist (.tar with gzip, bzip2 or xz, .zip); any bytes may come in.
 * Hands:  the languages in it, its build backend, and Alpine packages that such a build
 *         usually needs.  All of that is a guess from names and texts: nothing is run, and
 *         nothing is written to disk.
 *
 * Threads: reentrant; an arena belongs to one thread at a time.
 */
#ifndef MUSLCHECK_SDIST_H
#define MUSLCHECK_SDIST_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

/* What is past these bounds is MC_ERR_LIMIT.  */
#define MC_SDIST_ENTRIES_MAX 200000
#define MC_SDIST_NBYTES_MAX ((uint64_t)2 << 30) /* unpacked */

enum mc_sdist_kind {
	MC_SDIST_C = 1 << 0,
	MC_SDIST_CXX = 1 << 1,
	MC_SDIST_RUST = 1 << 2,
	MC_SDIST_FORTRAN = 1 << 3,
	MC_SDIST_CYTHON = 1 << 4,
	MC_SDIST_GO = 1 << 5,
	MC_SDIST_CUDA = 1 << 6,
	MC_SDIST_CMAKE = 1 << 7,
	MC_SDIST_MESON = 1 << 8,
};

/* One package with the reason in a clause.  */
struct mc_build_package {
	struct mc_str package, why;
};

struct mc_sdist {
	unsigned kinds;        /* enum mc_sdist_kind, or'ed; 0: nothing native in it */
	struct mc_str kinds_text; /* "C, Rust, CMake"; "pure Python" for none */
	struct mc_str backend; /* "setuptools.build_meta"; setuptools where it does not say */
	const struct mc_build_package *packages; /* each once, build-base first */
	size_t packages_count;
	/* What it requires; empty and false when that is known at build time alone (PEP 643).  */
	const struct mc_str *requires_dist;
	size_t requires_dist_count;
	bool knows_requires;
};

/*
 * Read the archive at 'path' of the project 'name' (normalised).  MC_ERR_FORMAT when it is no
 * such archive or damaged, MC_ERR_LIMIT, MC_ERR_IO, MC_ERR_NOMEM; '*out' is then unspecified.
 * Cost: all of it is inflated once.
 */
enum mc_status mc_sdist_read(const char *path, struct mc_str name, struct mc_arena *arena,
			     struct mc_sdist *out, struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_SDIST_H */
