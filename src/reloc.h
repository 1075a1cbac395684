/* SPDX-License-Identifier: MIT */
/*
 * reloc.h - what a dynamic relocation does with its symbol, by machine.
 * Private to the elf room.
 */
#ifndef MC_RELOC_H
#define MC_RELOC_H

#include <stdint.h>

enum mc_reloc_kind {
	MC_RELOC_NONE,
	MC_RELOC_PLT,
	MC_RELOC_PLAIN, /* an address, or relative when it names no symbol */
	MC_RELOC_COPY,
	MC_RELOC_TPOFF,
	MC_RELOC_TLS,
	MC_RELOC_IRELATIVE, /* musl: "unsupported relocation type" */
	MC_RELOC_UNKNOWN,   /* the same */
};

enum mc_reloc_kind mc_reloc_kind(uint16_t machine, uint32_t type);

#endif
