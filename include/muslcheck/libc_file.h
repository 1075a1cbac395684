/* SPDX-License-Identifier: MIT */
/*
 * libc_file.h - room 3: a real musl loader read from a file, in place of a table.
 *
 * Takes:  a path.   Hands: its exports (as ELF facts) and its version, which
 * stands for the loader's rules.  The file is read and never run.
 *
 * Threads: what it hands out is const.
 */
#ifndef MUSLCHECK_LIBC_FILE_H
#define MUSLCHECK_LIBC_FILE_H

#include "muslcheck/elf.h"

MC_DECLS_BEGIN

struct mc_libc_file {
	struct mc_elf elf;
	struct mc_str version;   /* "1.2.5"; NUL-terminated */
	bool is_version_guessed; /* no version text in it: told by its exports */
};

/*
 * Read 'path' into 'arena'.  MC_ERR_IO when it cannot be opened, MC_ERR_FORMAT when
 * it is no ELF file, MC_ERR_UNSUPPORTED when it is not musl's loader.
 */
enum mc_status mc_libc_file_read(const char *path, struct mc_arena *arena,
				 struct mc_libc_file *file_out, struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_LIBC_FILE_H */
