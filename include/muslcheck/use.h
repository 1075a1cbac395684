/* SPDX-License-Identifier: MIT */
/*
 * use.h - what a file uses of the things that behave differently on another libc.
 *
 * Takes:  a Python source, or the texts in a native file.   Hands: uses, with their lines.
 * Knows no libc and no policy: what a use means, the verdict room says.
 *
 * Found by the words of the source (pysrc.h), not by running it: an alias or a name put together
 * at run time is not seen, and neither is what stands in comments or documentation.
 *
 * Threads: nothing is shared.
 */
#ifndef MUSLCHECK_USE_H
#define MUSLCHECK_USE_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

enum mc_use_kind {
	MC_USES_RESOLVER,     /* socket.getaddrinfo(): subject is the function */
	MC_USES_USERS,        /* pwd.getpwnam() */
	MC_USES_LOCALE,       /* locale.setlocale(..., "de_DE.UTF-8"): the name */
	MC_USES_COLLATION,    /* locale.strcoll(), strxfrm(), currency() */
	MC_USES_STRFTIME,     /* strftime("%P"): the directive */
	MC_USES_RECURSION,    /* sys.setrecursionlimit(10000): the number */
	MC_USES_UNLOAD,       /* dlclose() */
	MC_USES_FIND_LIBRARY, /* ctypes.util.find_library("magic"): the name */
	MC_USES_FINDER,       /* find_library(name): "find_library" */
	MC_USES_LIBRARY,      /* ctypes.CDLL("libmagic.so.1"): the file */
	MC_USES_LIBC_NAME,    /* platform.libc_ver(), os.confstr("CS_GNU_LIBC_VERSION") */
	MC_USES_COMMAND,      /* subprocess.run(["ldconfig", "-p"]): the program */
	MC_USES_PATH,         /* "/usr/lib/x86_64-linux-gnu" */
	MC_USES_CHARSET,      /* of iconv, in a native file: "GBK", "//TRANSLIT" */
	MC_USE_KINDS_COUNT,
};

struct mc_use {
	enum mc_use_kind kind;
	struct mc_str subject; /* a copy */
	unsigned line;         /* from 1; 0: not in a text */
};

struct mc_uses {
	const struct mc_use *items; /* each kind and subject once, where it stands first */
	size_t count;
};

/* Of one file; what is beyond is not told.  */
#define MC_USES_MAX 256

/* Files of no concern: tests, examples, what builds the dist, what is named for another platform.  */
bool mc_use_is_aside(struct mc_str path);

/* Fails with MC_ERR_NOMEM only.  All handed out lives in 'arena'.  */
enum mc_status mc_uses_of_python(struct mc_str source, struct mc_arena *arena,
				 struct mc_uses *uses_out) MC_MUST_CHECK;

/*
 * Names for iconv in these parts of a native file, or in all of it when there are none; one that
 * imports iconv_open().  The same failures.
 */
enum mc_status mc_uses_of_charsets(const struct mc_image *image, const struct mc_span *spans, size_t count,
				   struct mc_arena *arena, struct mc_uses *uses_out) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_USE_H */
