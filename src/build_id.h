/* SPDX-License-Identifier: MIT */
/*
 * build_id.h - what tells this build of the program from all others.  Private to src/.
 *
 * The linker's build ID is a hash of all that it wrote (ld(1), --build-id): code, tables and the
 * layout of structs.  Threads: nothing is shared.
 */
#ifndef MC_BUILD_ID_H
#define MC_BUILD_ID_H

#include <stddef.h>
#include <stdint.h>

enum { MC_BUILD_ID_ROOM = 64 };

/* Of the program or library that this code is in: how many bytes it has; 0: none.  */
size_t mc_build_id(uint8_t id[static MC_BUILD_ID_ROOM]);

#endif
