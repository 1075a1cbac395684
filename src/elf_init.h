/* SPDX-License-Identifier: MIT */
/*
 * elf_init.h - what a loader calls once it has relocated a file.  Private to the elf room.
 *
 * musl's do_init_fini() calls DT_INIT and every word of DT_INIT_ARRAY without a look at them:
 * one that leads nowhere is a crash of the process that loads the file.
 *
 * Threads: one belongs to one read.
 */
#ifndef MC_ELF_INIT_H
#define MC_ELF_INIT_H

#include "elf_map.h"

struct mc_elf_init {
	const struct mc_elf_map *map;
	uint64_t init;                /* DT_INIT; 0: none */
	uint64_t array, array_nbytes; /* DT_INIT_ARRAY; 0 bytes: none */
	unsigned word_nbytes;
	uint64_t set_count; /* how often a relocation sets a word of it */
	bool leads_astray;  /* one of them to where no code is */
};

/* A relocation writes a word at 'place': 'is_pointer', one that the load address is in.  */
void mc_elf_init_note(struct mc_elf_init *init, uint64_t place, bool is_pointer);

/* It writes the address 'vaddr' there.  */
void mc_elf_init_note_address(struct mc_elf_init *init, uint64_t place, uint64_t vaddr);

/*
 * NULL, or why calling them crashes, when all relocations are noted.  'is_fixed': a file that is
 * loaded where it says needs none.
 */
const char *mc_elf_init_problem(const struct mc_elf_init *init, bool is_fixed);

#endif
