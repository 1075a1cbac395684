/* SPDX-License-Identifier: MIT */
#include "elf_init.h"

void mc_elf_init_note(struct mc_elf_init *init, uint64_t place, bool is_pointer)
{
	uint64_t last = init->word_nbytes - 1;

	if (!init->array_nbytes || place > UINT64_MAX - last || place + last < init->array ||
	    (place >= init->array && place - init->array >= init->array_nbytes))
		return;
	if (!is_pointer || (place - init->array) % init->word_nbytes)
		init->leads_astray = true;
	init->set_count++;
}

void mc_elf_init_note_address(struct mc_elf_init *init, uint64_t place, uint64_t vaddr)
{
	uint64_t before = init->set_count;

	mc_elf_init_note(init, place, true);
	if (init->set_count != before && !mc_elf_map_is_code(init->map, vaddr))
		init->leads_astray = true;
}

const char *mc_elf_init_problem(const struct mc_elf_init *init, bool is_fixed)
{
	uint64_t count = init->array_nbytes / init->word_nbytes, off, left;

	if (init->init && !mc_elf_map_is_code(init->map, init->init))
		return "DT_INIT leads to where no code is: loading it crashes";
	if (!count)
		return NULL;
	if (!mc_elf_map_find(init->map, init->array, &off, &left) || left / init->word_nbytes < count)
		return "DT_INIT_ARRAY lies outside the file: loading it crashes";
	if (init->leads_astray || (!is_fixed && init->set_count != count))
		return "DT_INIT_ARRAY leads to where no code is: loading it crashes";
	return NULL;
}
