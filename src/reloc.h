/* SPDX-License-Identifier: MIT */
/*
 * reloc.h - what a dynamic relocation does with its symbol, by machine.
 * Private to the elf room.
 */
#ifndef MC_RELOC_H
#define MC_RELOC_H

#include <stdbool.h>
#include <stdint.h>

enum mc_reloc_kind {
	MC_RELOC_NONE,
	MC_RELOC_PLT,
	MC_RELOC_PLAIN,    /* an address */
	MC_RELOC_RELATIVE, /* the load address and an addend */
	MC_RELOC_COPY,
	MC_RELOC_TPOFF,
	MC_RELOC_TLS,
	MC_RELOC_IRELATIVE, /* musl: "unsupported relocation type" */
	MC_RELOC_UNKNOWN,   /* the same */
};

enum mc_reloc_kind mc_reloc_kind(uint16_t machine, uint32_t type);

/* False: all types of that machine are unknown.  */
bool mc_reloc_knows(uint16_t machine);

#endif
