/* SPDX-License-Identifier: MIT */
/*
 * elf_map.h - which bytes of the file a loader puts at which address.  Private to the
 * elf room.
 *
 * musl's map_library() and glibc's _dl_map_segments() map whole pages: what lies before
 * and behind a segment in its pages is there as well, a later segment takes the place
 * of an earlier one, and behind p_filesz of a writable segment all is 0.
 *
 * Threads: a map belongs to one read.
 */
#ifndef MC_ELF_MAP_H
#define MC_ELF_MAP_H

#include "muslcheck/mem.h"

#include <stdbool.h>

/* Real files have 2 to 10; each relocation is held against all of them.  */
#define MC_LOADS_MAX 128

struct mc_elf_segment {
	uint64_t low, high;  /* its pages ... */
	uint64_t own_low, own_high; /* ... and what it asked for of them */
	uint64_t file_high;  /* from here on it is filled with 0 */
	uint64_t off;        /* in the file, of 'low' */
	bool is_readable, is_writable, is_executable;
};

struct mc_elf_map {
	struct mc_elf_segment segments[MC_LOADS_MAX];
	size_t count;
	uint64_t file_nbytes;
};

/* One PT_LOAD; the fields as in the file.  */
struct mc_elf_load {
	uint64_t vaddr, off, file_nbytes, mem_nbytes;
	uint32_t flags; /* PF_* */
};

/* NULL, or why no loader can map it.  */
const char *mc_elf_map_add(struct mc_elf_map *map, const struct mc_elf_load *load);

/*
 * Where a virtual address lies in the file, and how many bytes follow there that are
 * mapped by the same segment and in the file.
 */
bool mc_elf_map_find(const struct mc_elf_map *map, uint64_t vaddr, uint64_t *off_out,
		     uint64_t *left_out);

/* It lies in the pages of a segment that is read and written, but not in the segment.  */
bool mc_elf_map_is_gap(const struct mc_elf_map *map, uint64_t vaddr);

/* It lies in a segment that can be run.  */
bool mc_elf_map_is_code(const struct mc_elf_map *map, uint64_t vaddr);

/* A relocation can write 'nbytes' there.  */
bool mc_elf_map_is_writable(const struct mc_elf_map *map, uint64_t vaddr, uint64_t nbytes);

/* It lies between the first and the last page of all: mprotect() can work on it.  */
bool mc_elf_map_spans(const struct mc_elf_map *map, uint64_t vaddr, uint64_t nbytes);

#endif
