/* SPDX-License-Identifier: MIT */
/*
 * tiny_elf.h - a small shared object written byte by byte, of either class and
 * byte order, so that a test can spoil any field of it and know which.
 *
 * One PT_LOAD maps the whole file at address 0: an address is an offset.
 */
#ifndef TINY_ELF_H
#define TINY_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TINY_NAMES_MAX 8

struct tiny_spec {
	uint16_t machine; /* 0: EM_X86_64 */
	bool is_32, is_big;
	const char *needed[TINY_NAMES_MAX];
	const char *imports[TINY_NAMES_MAX]; /* an address each, in DT_RELA */
	const char *weak[TINY_NAMES_MAX];    /* the same, STB_WEAK */
	const char *exports[TINY_NAMES_MAX];
	const char *soname, *rpath, *runpath, *interp;
	uint32_t reloc_type; /* of the imports; 0: the machine's plain address */
};

struct tiny {
	uint8_t bytes[4096];
	size_t nbytes;
	bool is_32, is_big;
	unsigned hash_nbytes; /* of a number in DT_HASH: 8 on s390x */
	/* where the parts are */
	size_t phdrs, phdrs_count, dynamic, dynamic_count, strings, strings_nbytes, symbols,
		symbols_count, hash, relocs, relocs_count;
};

static inline void tiny_set(struct tiny *t, size_t at, unsigned nbytes, uint64_t value)
{
	for (unsigned i = 0; i < nbytes; i++)
		t->bytes[at + (t->is_big ? nbytes - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

/* A field of the next bytes; a word is 4 or 8 bytes wide.  */
static inline void tiny_put(struct tiny *t, unsigned nbytes, uint64_t value)
{
	tiny_set(t, t->nbytes, nbytes, value);
	t->nbytes += nbytes;
}

static inline unsigned tiny_word(const struct tiny *t)
{
	return t->is_32 ? 4 : 8;
}

static inline void tiny_align(struct tiny *t)
{
	t->nbytes = (t->nbytes + 7) & ~(size_t)7;
}

static inline size_t tiny_string(struct tiny *t, const char *text)
{
	size_t at = t->strings_nbytes, nbytes = strlen(text) + 1;

	memcpy(t->bytes + t->strings + at, text, nbytes);
	t->strings_nbytes += nbytes;
	return at;
}

static inline void tiny_symbol(struct tiny *t, const char *name, unsigned bind, bool is_defined)
{
	size_t at = name ? tiny_string(t, name) : 0;
	unsigned info = name ? bind << 4 | STT_FUNC : 0;

	tiny_put(t, 4, at);
	if (t->is_32) {
		tiny_put(t, 4, is_defined ? 0x40 : 0);
		tiny_put(t, 4, 0);
	}
	tiny_put(t, 1, info);
	tiny_put(t, 1, 0);
	tiny_put(t, 2, is_defined ? 1 : 0);
	if (!t->is_32) {
		tiny_put(t, 8, is_defined ? 0x40 : 0);
		tiny_put(t, 8, 0);
	}
	t->symbols_count++;
}

static inline void tiny_dynamic(struct tiny *t, uint64_t tag, uint64_t value)
{
	tiny_put(t, tiny_word(t), tag);
	tiny_put(t, tiny_word(t), value);
	t->dynamic_count++;
}

static inline void tiny_segment(struct tiny *t, uint32_t type, uint64_t off, uint64_t nbytes)
{
	unsigned word = tiny_word(t);

	tiny_put(t, 4, type);
	if (!t->is_32)
		tiny_put(t, 4, PF_R | PF_W);
	tiny_put(t, word, off);
	tiny_put(t, word, off);
	tiny_put(t, word, off);
	tiny_put(t, word, nbytes);
	tiny_put(t, word, nbytes);
	if (t->is_32)
		tiny_put(t, 4, PF_R | PF_W);
	tiny_put(t, word, 8);
	t->phdrs_count++;
}

static inline void tiny_header(struct tiny *t, uint16_t machine)
{
	unsigned word = tiny_word(t);

	memcpy(t->bytes, ELFMAG, SELFMAG);
	t->bytes[EI_CLASS] = t->is_32 ? ELFCLASS32 : ELFCLASS64;
	t->bytes[EI_DATA] = t->is_big ? ELFDATA2MSB : ELFDATA2LSB;
	t->bytes[EI_VERSION] = EV_CURRENT;
	t->nbytes = EI_NIDENT;
	tiny_put(t, 2, ET_DYN);
	tiny_put(t, 2, machine);
	tiny_put(t, 4, EV_CURRENT);
	tiny_put(t, word, 0);
	tiny_put(t, word, t->is_32 ? 52 : 64); /* e_phoff: right behind */
	tiny_put(t, word, 0);
	tiny_put(t, 4, 0);
	tiny_put(t, 2, t->is_32 ? 52 : 64);
	tiny_put(t, 2, t->is_32 ? 32 : 56);
	tiny_put(t, 2, 0); /* e_phnum, later */
	tiny_put(t, 2, 0);
	tiny_put(t, 2, 0);
	tiny_put(t, 2, 0);
}

static inline void tiny_write_symbols(struct tiny *t, const struct tiny_spec *spec)
{
	t->symbols = t->nbytes;
	tiny_symbol(t, NULL, 0, false);
	for (size_t i = 0; i < TINY_NAMES_MAX && spec->imports[i]; i++)
		tiny_symbol(t, spec->imports[i], STB_GLOBAL, false);
	for (size_t i = 0; i < TINY_NAMES_MAX && spec->weak[i]; i++)
		tiny_symbol(t, spec->weak[i], STB_WEAK, false);
	t->relocs_count = t->symbols_count - 1;
	for (size_t i = 0; i < TINY_NAMES_MAX && spec->exports[i]; i++)
		tiny_symbol(t, spec->exports[i], STB_GLOBAL, true);
}

/* gABI, "Hash Table", with one bucket: a chain of all symbols.  */
static inline void tiny_write_hash(struct tiny *t)
{
	unsigned n = t->hash_nbytes;

	t->hash = t->nbytes;
	tiny_put(t, n, 1);
	tiny_put(t, n, t->symbols_count);
	tiny_put(t, n, t->symbols_count > 1 ? 1 : 0);
	tiny_put(t, n, 0);
	for (size_t i = 1; i < t->symbols_count; i++)
		tiny_put(t, n, i + 1 < t->symbols_count ? i + 1 : 0);
	tiny_align(t);
}

static inline void tiny_write_relocs(struct tiny *t, uint32_t type)
{
	unsigned word = tiny_word(t);

	t->relocs = t->nbytes;
	for (size_t i = 1; i <= t->relocs_count; i++) {
		tiny_put(t, word, 0x40);
		tiny_put(t, word, t->is_32 ? i << 8 | type : (uint64_t)i << 32 | type);
		tiny_put(t, word, 0);
	}
}

static inline void tiny_write_dynamic(struct tiny *t, const struct tiny_spec *spec,
				      const size_t *needed, size_t needed_count)
{
	unsigned word = tiny_word(t);
	/* All strings are there before, so that their addresses stand.  */
	size_t soname = spec->soname ? tiny_string(t, spec->soname) : 0;
	size_t rpath = spec->rpath ? tiny_string(t, spec->rpath) : 0;
	size_t runpath = spec->runpath ? tiny_string(t, spec->runpath) : 0;

	t->dynamic = t->nbytes;
	for (size_t i = 0; i < needed_count; i++)
		tiny_dynamic(t, DT_NEEDED, needed[i]);
	if (spec->soname)
		tiny_dynamic(t, DT_SONAME, soname);
	if (spec->rpath)
		tiny_dynamic(t, DT_RPATH, rpath);
	if (spec->runpath)
		tiny_dynamic(t, DT_RUNPATH, runpath);
	tiny_dynamic(t, DT_STRTAB, t->strings);
	tiny_dynamic(t, DT_STRSZ, t->strings_nbytes);
	tiny_dynamic(t, DT_SYMTAB, t->symbols);
	tiny_dynamic(t, DT_SYMENT, t->is_32 ? 16 : 24);
	tiny_dynamic(t, DT_HASH, t->hash);
	if (t->relocs_count) {
		tiny_dynamic(t, DT_RELA, t->relocs);
		tiny_dynamic(t, DT_RELASZ, t->relocs_count * 3 * word);
		tiny_dynamic(t, DT_RELAENT, 3 * word);
	}
	tiny_dynamic(t, DT_NULL, 0);
}

static inline uint32_t tiny_plain_type(uint16_t machine)
{
	switch (machine) {
	case EM_AARCH64: return 257;
	case EM_PPC64: return R_PPC64_ADDR64;
	case EM_S390: return R_390_64;
	case EM_ARM: return R_ARM_ABS32;
	case EM_386: return R_386_32;
	default: return R_X86_64_64;
	}
}

static inline void tiny_make(struct tiny *t, const struct tiny_spec *spec)
{
	uint16_t machine = spec->machine ? spec->machine : EM_X86_64;
	size_t needed[TINY_NAMES_MAX] = {0}, needed_count = 0, interp = 0, end;

	memset(t, 0, sizeof(*t));
	t->is_32 = spec->is_32;
	t->is_big = spec->is_big;
	t->hash_nbytes = machine == EM_S390 && !spec->is_32 ? 8 : 4;
	tiny_header(t, machine);
	t->phdrs = t->nbytes;
	t->strings = t->nbytes + 3 * 56;
	t->strings_nbytes = 1;
	for (; needed_count < TINY_NAMES_MAX && spec->needed[needed_count]; needed_count++)
		needed[needed_count] = tiny_string(t, spec->needed[needed_count]);
	if (spec->interp)
		interp = tiny_string(t, spec->interp);
	t->nbytes = t->strings + 1024; /* room for all strings */
	tiny_write_symbols(t, spec);
	tiny_align(t);
	tiny_write_hash(t);
	tiny_write_relocs(t, spec->reloc_type ? spec->reloc_type : tiny_plain_type(machine));
	tiny_align(t);
	tiny_write_dynamic(t, spec, needed, needed_count);
	end = t->nbytes;
	t->nbytes = t->phdrs;
	tiny_segment(t, PT_LOAD, 0, end);
	tiny_segment(t, PT_DYNAMIC, t->dynamic, t->dynamic_count * 2 * tiny_word(t));
	if (spec->interp)
		tiny_segment(t, PT_INTERP, t->strings + interp, strlen(spec->interp) + 1);
	tiny_set(t, t->is_32 ? 44 : 56, 2, t->phdrs_count);
	t->nbytes = end;
}

/* Where the value of a dynamic entry stands; 0 when there is none.  */
static inline size_t tiny_dynamic_at(const struct tiny *t, uint64_t tag)
{
	unsigned word = tiny_word(t);

	for (size_t i = 0; i < t->dynamic_count; i++) {
		size_t at = t->dynamic + i * 2 * word;
		uint64_t value = 0;

		for (unsigned n = 0; n < word; n++)
			value |= (uint64_t)t->bytes[at + (t->is_big ? word - 1 - n : n)] << 8 * n;
		if (value == tag)
			return at + word;
	}
	return 0;
}

#endif
