/* SPDX-License-Identifier: MIT */
/*
 * path.h - paths as texts: join, normalise, take apart.  Private to src/.
 *
 * Takes:  any bytes with '/' between them.
 * Hands:  slices of what it was given, or text in the caller's buffer or arena.
 * Asks no file system: ".." goes up by text alone, right for a wheel, which has no links.
 *
 * Threads: reentrant.
 */
#ifndef MC_PATH_H
#define MC_PATH_H

#include "muslcheck/mem.h"

/*
 * Append 'path' to the absolute, normalised path of 'len' bytes in 'buf' (0:
 * the root), resolving "." and ".."; NUL-terminated.  Returns the new length.
 * 'buf' has room for len + path.len + 2 bytes.
 */
size_t mc_path_append(char *buf, size_t len, struct mc_str path);

/*
 * A copy of 'path' below 'base' (absolute, normalised), in the same way; an
 * absolute 'path' stands for itself.  MC_ERR_NOMEM alone can happen.
 */
enum mc_status mc_path_join(struct mc_arena *arena, struct mc_str base, struct mc_str path,
			    struct mc_str *joined_out) MC_MUST_CHECK;

struct mc_str mc_path_base(struct mc_str path);   /* after the last '/' */
struct mc_str mc_path_parent(struct mc_str path); /* before the last '/', else empty */

#endif /* MC_PATH_H */
