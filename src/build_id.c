/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dl_iterate_phdr(), with glibc and musl */

#include "build_id.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#ifndef NT_GNU_BUILD_ID
#define NT_GNU_BUILD_ID 3
#endif

struct search {
	uint8_t *id;
	size_t nbytes;
};

static size_t padded(size_t nbytes)
{
	return (nbytes + 3) & ~(size_t)3;
}

static void look_through(const uint8_t *notes, size_t nbytes, struct search *search)
{
	ElfW(Nhdr) head;

	for (size_t at = 0; nbytes - at > sizeof(head);) {
		size_t desc;

		memcpy(&head, notes + at, sizeof(head));
		desc = at + sizeof(head) + padded(head.n_namesz);
		if (desc + padded(head.n_descsz) > nbytes)
			return;
		if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && head.n_descsz <= MC_BUILD_ID_ROOM &&
		    !memcmp(notes + at + sizeof(head), "GNU", 4)) {
			memcpy(search->id, notes + desc, head.n_descsz);
			search->nbytes = head.n_descsz;
			return;
		}
		at = desc + padded(head.n_descsz);
	}
}

static int look_at_file(struct dl_phdr_info *info, size_t nbytes, void *state)
{
	uintptr_t here = (uintptr_t)&mc_build_id;
	bool is_ours = false;

	(void)nbytes;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			is_ours |= here - (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) < info->dlpi_phdr[i].p_memsz;
	for (size_t i = 0; is_ours && i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_NOTE)
			look_through((const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
				     info->dlpi_phdr[i].p_memsz, state);
	return is_ours;
}

size_t mc_build_id(uint8_t id[static MC_BUILD_ID_ROOM])
{
	struct search search = {id, 0};

	dl_iterate_phdr(look_at_file, &search);
	return search.nbytes;
}
