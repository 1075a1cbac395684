/* SPDX-License-Identifier: MIT */
#include "elf_map.h"

#include <elf.h>

/* Images run on kernels with pages of 4 KiB; where they are larger, linkers align for it.  */
#define PAGE_NBYTES ((uint64_t)4096)

/* More address space than any library takes; mmap() refuses a little more.  */
#define SPAN_MAX ((uint64_t)1 << 46)

static uint64_t page_of(uint64_t number)
{
	return number & ~(PAGE_NBYTES - 1);
}

static uint64_t page_behind(uint64_t number)
{
	return page_of(number + PAGE_NBYTES - 1);
}

const char *mc_elf_map_add(struct mc_elf_map *map, const struct mc_elf_load *load)
{
	struct mc_elf_segment *s = &map->segments[map->count];

	if (map->count == MC_LOADS_MAX)
		return "more segments than any linker makes";
	/* Pages behind the end of the file are SIGBUS to the loader.  */
	if (load->file_nbytes > map->file_nbytes || load->off > map->file_nbytes - load->file_nbytes)
		return "a segment goes past the end of the file: it is cut short";
	if (load->vaddr > SPAN_MAX || load->mem_nbytes > SPAN_MAX)
		return "a segment of absurd size or place";
	*s = (struct mc_elf_segment){
		.low = page_of(load->vaddr),
		.high = page_behind(load->vaddr + load->mem_nbytes),
		.own_low = load->vaddr,
		.own_high = load->vaddr + load->mem_nbytes,
		.off = page_of(load->off),
		.is_writable = load->flags & PF_W,
		.is_readable = load->flags & (PF_R | PF_W),
		.is_executable = load->flags & PF_X,
	};
	s->file_high = s->high;
	if (s->is_writable && load->mem_nbytes > load->file_nbytes)
		s->file_high = load->vaddr + load->file_nbytes;
	map->count++;
	return NULL;
}

/* The last one wins: it was mapped over the others.  */
static const struct mc_elf_segment *segment_at(const struct mc_elf_map *map, uint64_t vaddr)
{
	for (size_t i = map->count; i--;)
		if (vaddr >= map->segments[i].low && vaddr < map->segments[i].high)
			return &map->segments[i];
	return NULL;
}

bool mc_elf_map_find(const struct mc_elf_map *map, uint64_t vaddr, uint64_t *off_out,
		     uint64_t *left_out)
{
	const struct mc_elf_segment *s = segment_at(map, vaddr);
	uint64_t off;

	if (!s || !s->is_readable || vaddr >= s->file_high)
		return false;
	off = s->off + (vaddr - s->low);
	if (off >= map->file_nbytes)
		return false;
	*off_out = off;
	*left_out = s->file_high - vaddr < map->file_nbytes - off ? s->file_high - vaddr
								  : map->file_nbytes - off;
	return true;
}

bool mc_elf_map_is_gap(const struct mc_elf_map *map, uint64_t vaddr)
{
	const struct mc_elf_segment *s = segment_at(map, vaddr);

	return s && s->is_writable && (vaddr < s->own_low || vaddr >= s->own_high);
}

bool mc_elf_map_is_code(const struct mc_elf_map *map, uint64_t vaddr)
{
	const struct mc_elf_segment *s = segment_at(map, vaddr);

	return s && s->is_executable && vaddr >= s->own_low && vaddr < s->own_high;
}

bool mc_elf_map_is_writable(const struct mc_elf_map *map, uint64_t vaddr, uint64_t nbytes)
{
	const struct mc_elf_segment *s = segment_at(map, vaddr);

	return s && s->is_writable && s->high - vaddr >= nbytes;
}

bool mc_elf_map_spans(const struct mc_elf_map *map, uint64_t vaddr, uint64_t nbytes)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < map->count; i++) {
		low = map->segments[i].low < low ? map->segments[i].low : low;
		high = map->segments[i].high > high ? map->segments[i].high : high;
	}
	return vaddr >= low && vaddr <= high && nbytes <= high - vaddr;
}
