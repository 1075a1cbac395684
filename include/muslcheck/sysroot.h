/* SPDX-License-Identifier: MIT */
/*
 * sysroot.h - room 3: the root file system of a real image, in a folder.
 *
 * Takes:  a folder that is "/" to an image: a container's, a debootstrap's, an unpacked tar.
 * Hands:  what the tables hold for the official images, read from the real thing: its libc,
 *         where its loader looks for libraries, its Python; by its os-release also the
 *         packages that could be added.
 * Nothing in it is run, and links in it lead nowhere outside of it.
 *
 * Threads: reentrant; an open sysroot is const.
 */
#ifndef MUSLCHECK_SYSROOT_H
#define MUSLCHECK_SYSROOT_H

#include "muslcheck/libc_file.h"
#include "muslcheck/target.h"

MC_DECLS_BEGIN

struct mc_sysroot {
	struct mc_str dir;        /* real path; no '/' at its end */
	struct mc_str os;         /* "alpine 3.24.1", "debian trixie"; empty: no os-release */
	enum mc_libc_family family;
	struct mc_str loader;     /* in the image: "/lib/ld-musl-x86_64.so.1" */
	struct mc_elf libc_elf;   /* musl's only file, or glibc's libc.so.6 */
	struct mc_str libc_version;
	const struct mc_str *folders; /* in the image, in the order that its loader looks there */
	size_t folders_count;
	unsigned python_minor;    /* 0: there is none in it */
	/* As mc_target_find() would give it, with the real libc: name as given, the release of
	 * the tables for the packages, or NULL when that system is not known.  */
	struct mc_target target;
	struct mc_libc libc;
};

/*
 * Look at the root file system in 'dir'; 'name' stands for it in reports.  MC_ERR_IO when it
 * cannot be read, MC_ERR_UNSUPPORTED when it has neither musl nor glibc, MC_ERR_NOMEM.  All
 * that it points to is in 'arena', itself included.
 */
enum mc_status mc_sysroot_open(const char *dir, const char *name, struct mc_arena *arena,
			       const struct mc_sysroot **sysroot_out,
			       struct mc_error *err) MC_MUST_CHECK;

/* The same with musl's loader at that path of the image, whatever its programs ask for.  */
enum mc_status mc_sysroot_open_loader(const char *dir, const char *loader, struct mc_arena *arena,
				      const struct mc_sysroot **sysroot_out,
				      struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_SYSROOT_H */
