/* SPDX-License-Identifier: MIT */
/*
 * late.h - libraries that are loaded when they are first wanted.  Private to src/.
 *
 * libcurl, libarchive and libzip bring some forty libraries; to load and relocate those takes
 * longer than to judge a small wheel, and most runs want none of them.  For each of the three a
 * generated header (probe/gen_late) puts pointers in the place of its functions; the file that
 * includes the library's own header includes that one behind it, and calls mc_late_load() before
 * anything else.  With LATE= for make they are linked as ever, and mc_late_load() does nothing.
 *
 * Threads: safe to call from several.
 */
#ifndef MC_LATE_H
#define MC_LATE_H

#include "muslcheck/status.h"

#include <stdbool.h>
#include <stddef.h>

struct mc_late_function {
	const char *name;
	void *pointer; /* where the function's address goes */
};

struct mc_late {
	const char *soname;
	const struct mc_late_function *functions;
	size_t count;
	bool is_loaded;
};

/* MC_ERR_UNSUPPORTED with the loader's words when it cannot be had.  */
enum mc_status mc_late_load(struct mc_late *library, struct mc_error *err) MC_MUST_CHECK;

/* The same before there are threads, for whoever may want it then; that it fails is told when it is wanted.  */
void mc_late_try(struct mc_late *library);

#endif
