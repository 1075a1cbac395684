/* SPDX-License-Identifier: MIT */
/* One native file: what a loader sees of it, and the questions that the resolvers ask.  */
#include "fuzz.h"

#include "muslcheck/elf.h"
#include "muslcheck/use.h"

#include <stdlib.h>
#include <string.h>

/* NUL-terminated where the header says so, and not through the middle of what it is.  */
static void touch_all(const struct mc_elf *elf)
{
	fuzz_touch(elf->interp);
	fuzz_touch(elf->soname);
	fuzz_touch(elf->rpath);
	fuzz_touch(elf->runpath);
	fuzz_touch(elf->local_tpoff_name);
	for (size_t i = 0; i < elf->needed_count; i++)
		FUZZ_CHECK(!elf->needed[i].ptr[elf->needed[i].len]);
	for (size_t i = 0; i < elf->need_versions_count; i++) {
		fuzz_touch(elf->need_versions[i].file);
		fuzz_touch(elf->need_versions[i].version);
	}
	for (size_t i = 0; i < elf->reloc_types_count; i++)
		(void)mc_elf_is_irelative(elf->machine, elf->reloc_types[i]);
	FUZZ_CHECK(elf->word_bits == 32 || elf->word_bits == 64);
}

static void ask(const struct mc_elf *elf, struct mc_lookup *lookup, struct mc_str version)
{
	struct mc_definition definition;

	if (mc_elf_find(elf, lookup, &definition))
		fuzz_touch(definition.version);
	if (mc_elf_find_version(elf, lookup, version, &definition))
		FUZZ_CHECK(mc_str_is(definition.version, version) || !version.len || !definition.version.len);
	(void)mc_elf_find_version(elf, lookup, MC_STR(""), &definition);
	(void)mc_elf_defines_version(elf, version);
}

static void look_around(const struct mc_elf *elf)
{
	static const char *const names[] = {"PyInit_x", "helper", "puts", "", "f", "__dls3"};
	size_t asked = elf->imports_count < 256 ? elf->imports_count : 256;

	touch_all(elf);
	(void)mc_elf_has_hash(elf);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct mc_lookup lookup = mc_lookup(mc_str_of(names[i]));

		ask(elf, &lookup, MC_STR("V1"));
	}
	for (size_t i = 0; i < elf->imports_count; i++) {
		const struct mc_import *import = &elf->imports[i];

		FUZZ_CHECK(!import->name.ptr[import->name.len]);
		fuzz_touch(import->version);
		fuzz_touch(import->from_file);
		(void)mc_elf_is_musl_reloc(elf->machine, import->reloc_type);
	}
	for (size_t i = 0; i < asked; i++) {
		struct mc_lookup lookup = mc_import_lookup(&elf->imports[i]);

		ask(elf, &lookup, elf->imports[i].version);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	uint8_t *copy = malloc(nbytes ? nbytes : 1);
	struct mc_image image = {.bytes = {copy, nbytes}, .fd = -1, .nbytes = nbytes};
	enum mc_status status;
	static bool is_started;
	struct mc_arena arena;
	struct mc_uses uses;
	struct mc_elf elf;

	if (!is_started)
		FUZZ_CHECK(!mc_elf_startup(NULL));
	is_started = true;
	FUZZ_CHECK(copy);
	if (nbytes)
		memcpy(copy, bytes, nbytes);
	mc_arena_init(&arena, NULL);
	status = mc_elf_read(&image, &arena, &elf, NULL);
	FUZZ_CHECK(!mc_uses_of_charsets(&image, elf.constants, elf.constants_count, &arena, &uses));
	free(copy); /* nothing that was handed out may lead into it */
	if (!status)
		look_around(&elf);
	for (size_t i = 0; i < uses.count; i++)
		fuzz_touch(uses.items[i].subject);
	mc_arena_clear(&arena);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	return fuzz_mutate_elf_file(bytes, nbytes, room, seed);
}
