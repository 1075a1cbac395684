/* SPDX-License-Identifier: MIT */
/*
 * elf_pack.h - the facts of an ELF file in a block of bytes.  See pack.h.  Private to src/.
 */
#ifndef MC_ELF_PACK_H
#define MC_ELF_PACK_H

#include "muslcheck/elf.h"
#include "pack.h"

/* What stands for it in the block; what it points to is put.  */
struct mc_elf mc_elf_pack(struct mc_pack *pack, const struct mc_elf *elf);

/* What it takes in memory, by and large.  */
uint64_t mc_elf_memory_nbytes(const struct mc_elf *elf);

/* Make it whole where it lies.  */
void mc_elf_unpack(struct mc_unpack *unpack, struct mc_elf *elf);

#endif
