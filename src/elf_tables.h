/* SPDX-License-Identifier: MIT */
/*
 * elf_tables.h - the lookup tables of one ELF file.  Private to the elf room:
 * elf.c reads them, elf_find.c answers from them.
 */
#ifndef MC_ELF_TABLES_H
#define MC_ELF_TABLES_H

#include "muslcheck/elf.h"

/* Linkers aim at chains of 1 to 8; a long one makes every lookup as long.  */
#define MC_CHAIN_MAX 512

/* What the tables say of one symbol, in native byte order; in 8 bytes, since there are millions.  */
struct mc_symbol {
	uint32_t name_off; /* below strings.len: checked when read */
	uint16_t version;  /* versym as in the file: bit 15 is "hidden" */
	uint8_t info;
	bool is_undefined : 1;
	bool has_value : 1;
};

/* What a version index of DT_VERSYM stands for.  */
struct mc_version {
	struct mc_str name;
	struct mc_str file; /* that it is wanted from; empty: this one */
	bool is_defined;    /* by this file, in DT_VERDEF */
};

struct mc_elf_tables {
	const char *strings; /* strings_nbytes, and a NUL behind */
	uint32_t strings_nbytes;
	uint32_t symbols_count;
	const struct mc_symbol *symbols;
	bool has_versym;
	unsigned word_bits;
	/* DT_GNU_HASH; 'buckets_count' 0: none */
	uint32_t gnu_buckets_count, gnu_first, gnu_bloom_count, gnu_bloom_shift;
	const uint64_t *gnu_bloom;
	const uint32_t *gnu_buckets, *gnu_chain;
	uint32_t gnu_chain_count;
	/* DT_HASH; 'buckets_count' 0: none */
	uint32_t sysv_buckets_count, sysv_chain_count;
	const uint32_t *sysv_buckets, *sysv_chain;
	const struct mc_version *versions; /* by index */
	size_t versions_count;
	bool defines_versions;
};

/* The version of a symbol, and the file it is wanted from; empty where there is none.  */
void mc_elf_version_of(const struct mc_elf_tables *tables, const struct mc_symbol *symbol,
		       struct mc_str *version_out, struct mc_str *file_out);

#endif
