/* SPDX-License-Identifier: MIT */
/*
 * Fields of an ELF file, spoiled one at a time.  Bytes at random nearly never hit them: a file of
 * 10 KB has some hundred that lead anywhere.
 */
#include "fuzz.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct file {
	uint8_t *bytes;
	size_t nbytes;
	bool is_32, is_big;
	uint64_t state; /* of the generator */
};

/* xorshift64: the same seed spoils the same field.  */
static uint64_t draw(struct file *f)
{
	f->state ^= f->state << 13;
	f->state ^= f->state >> 7;
	f->state ^= f->state << 17;
	return f->state;
}

static size_t below(struct file *f, size_t bound)
{
	return bound ? (size_t)(draw(f) % bound) : 0;
}

static bool has(const struct file *f, uint64_t at, uint64_t nbytes)
{
	return at <= f->nbytes && nbytes <= f->nbytes - at;
}

/* 0 where there is nothing.  */
static uint64_t get(const struct file *f, uint64_t at, unsigned width)
{
	uint64_t value = 0;

	if (!has(f, at, width))
		return 0;
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)f->bytes[at + (f->is_big ? width - 1 - i : i)] << 8 * i;
	return value;
}

static void set(struct file *f, uint64_t at, unsigned width, uint64_t value)
{
	if (!has(f, at, width))
		return;
	for (unsigned i = 0; i < width; i++)
		f->bytes[at + (f->is_big ? width - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static unsigned word(const struct file *f)
{
	return f->is_32 ? 4 : 8;
}

/* What a number is most likely to be wrong as.  */
static uint64_t bad_value(struct file *f, uint64_t old, unsigned width)
{
	uint64_t all = width == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * width) - 1;

	switch (below(f, 14)) {
	case 0: return 0;
	case 1: return 1;
	case 2: return all;
	case 3: return all / 2 + 1; /* the sign bit */
	case 4: return all / 2;
	case 5: return f->nbytes;
	case 6: return f->nbytes - 1;
	case 7: return f->nbytes + 1;
	case 8: return old + 1;
	case 9: return old - 1;
	case 10: return old * 2;
	case 11: return old ^ (uint64_t)1 << below(f, 8 * width);
	case 12: return below(f, f->nbytes);
	default: return all - below(f, 64);
	}
}

static void spoil(struct file *f, uint64_t at, unsigned width)
{
	set(f, at, width, bad_value(f, get(f, at, width), width));
}

static void swap(struct file *f, uint64_t a, uint64_t b, size_t nbytes)
{
	if (!has(f, a, nbytes) || !has(f, b, nbytes))
		return;
	for (size_t i = 0; i < nbytes; i++) {
		uint8_t byte = f->bytes[a + i];

		f->bytes[a + i] = f->bytes[b + i];
		f->bytes[b + i] = byte;
	}
}

static void copy(struct file *f, uint64_t to, uint64_t from, size_t nbytes)
{
	if (has(f, to, nbytes) && has(f, from, nbytes))
		memmove(f->bytes + to, f->bytes + from, nbytes);
}

/* One entry of a table: a field of it, or all of it for another's.  */
static void spoil_entry(struct file *f, uint64_t table, size_t count, size_t entry_nbytes,
			const uint8_t *fields, size_t fields_count)
{
	uint64_t one = table + below(f, count) * entry_nbytes, other = table + below(f, count) * entry_nbytes;
	size_t at = below(f, fields_count);
	unsigned off = fields[2 * at], width = fields[2 * at + 1];

	switch (below(f, 6)) {
	case 0: swap(f, one, other, entry_nbytes); break;
	case 1: copy(f, one, other, entry_nbytes); break;
	case 2: set(f, one + off, width, get(f, other + off, width)); break;
	default: spoil(f, one + off, width); break;
	}
}

/* ---- the header ---- */

static void spoil_header(struct file *f)
{
	/* Offset and width of each number.  */
	static const uint8_t of_32[] = {
		4, 1, 5, 1, 6, 1, 7, 1, 16, 2, 18, 2, 20, 4, 28, 4, 32, 4, 36, 4, 40, 2, 42, 2,
		44, 2, 46, 2, 48, 2, 50, 2,
	};
	static const uint8_t of_64[] = {
		4, 1, 5, 1, 6, 1, 7, 1, 16, 2, 18, 2, 20, 4, 32, 8, 40, 8, 48, 4, 52, 2, 54, 2,
		56, 2, 58, 2, 60, 2, 62, 2,
	};
	static const uint16_t machines[] = {
		EM_X86_64, EM_386, EM_AARCH64, EM_ARM, EM_PPC64, EM_S390, 243, EM_MIPS, EM_PPC,
	};
	const uint8_t *fields = f->is_32 ? of_32 : of_64;
	size_t at = below(f, sizeof(of_32) / 2);

	if (fields[2 * at] == 18 && below(f, 2))
		set(f, 18, 2, machines[below(f, sizeof(machines) / sizeof(*machines))]);
	else if (fields[2 * at] == 16 && below(f, 2))
		set(f, 16, 2, below(f, 5));
	else
		spoil(f, fields[2 * at], fields[2 * at + 1]);
}

/* ---- program headers ---- */

struct segments {
	uint64_t at;
	size_t count, entry_nbytes;
};

static struct segments segments_of(const struct file *f)
{
	struct segments s = {.at = get(f, f->is_32 ? 28 : 32, word(f)), .entry_nbytes = f->is_32 ? 32 : 56};

	s.count = (size_t)get(f, f->is_32 ? 44 : 56, 2);
	if (!has(f, s.at, s.count * s.entry_nbytes))
		s.count = s.at < f->nbytes ? (f->nbytes - (size_t)s.at) / s.entry_nbytes : 0;
	return s;
}

static void spoil_segment(struct file *f)
{
	static const uint8_t of_32[] = {0, 4, 4, 4, 8, 4, 16, 4, 20, 4, 24, 4, 28, 4};
	static const uint8_t of_64[] = {0, 4, 4, 4, 8, 8, 16, 8, 32, 8, 40, 8, 48, 8};
	static const uint32_t types[] = {
		PT_NULL, PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_TLS, PT_GNU_STACK, PT_PHDR,
	};
	struct segments s = segments_of(f);

	if (s.count && below(f, 4) == 0)
		set(f, s.at + below(f, s.count) * s.entry_nbytes, 4, types[below(f, sizeof(types) / sizeof(*types))]);
	else if (s.count)
		spoil_entry(f, s.at, s.count, s.entry_nbytes, f->is_32 ? of_32 : of_64, sizeof(of_32) / 2);
}

/* Where in the file an address is; beyond it when it is nowhere.  */
static uint64_t offset_of(const struct file *f, uint64_t address)
{
	struct segments s = segments_of(f);

	for (size_t i = 0; i < s.count; i++) {
		uint64_t at = s.at + i * s.entry_nbytes;
		uint64_t off = get(f, at + (f->is_32 ? 4 : 8), word(f));
		uint64_t start = get(f, at + (f->is_32 ? 8 : 16), word(f));
		uint64_t nbytes = get(f, at + (f->is_32 ? 16 : 32), word(f));

		if (get(f, at, 4) == PT_LOAD && address >= start && address - start < nbytes)
			return off + (address - start);
	}
	return UINT64_MAX;
}

/* ---- the dynamic section ---- */

struct dynamic {
	uint64_t at;
	size_t count;
};

static struct dynamic dynamic_of(const struct file *f)
{
	struct segments s = segments_of(f);
	struct dynamic d = {UINT64_MAX, 0};

	for (size_t i = 0; i < s.count; i++)
		if (get(f, s.at + i * s.entry_nbytes, 4) == PT_DYNAMIC)
			d.at = get(f, s.at + i * s.entry_nbytes + (f->is_32 ? 4 : 8), word(f));
	while (has(f, d.at, 2 * word(f)) && d.count < 256 && get(f, d.at, word(f))) {
		uint64_t at = d.at + d.count * 2 * word(f);

		d.count++;
		if (!has(f, at, 2 * word(f)) || !get(f, at, word(f)))
			break;
	}
	return d;
}

/* UINT64_MAX when there is none.  */
static uint64_t value_of(const struct file *f, uint64_t tag)
{
	struct dynamic d = dynamic_of(f);

	for (size_t i = 0; i < d.count; i++)
		if (get(f, d.at + i * 2 * word(f), word(f)) == tag)
			return get(f, d.at + i * 2 * word(f) + word(f), word(f));
	return UINT64_MAX;
}

static void spoil_dynamic(struct file *f)
{
	static const uint32_t tags[] = {
		DT_NULL, DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_RELAENT,
		DT_STRSZ, DT_SYMENT, DT_SONAME, DT_RPATH, DT_REL, DT_RELSZ, DT_RELENT, DT_PLTREL,
		DT_JMPREL, DT_PLTRELSZ, DT_TEXTREL, DT_RUNPATH, DT_FLAGS, 35, 36, 37, DT_GNU_HASH,
		DT_VERSYM, DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM, DT_FLAGS_1,
		0x70000013, 0x6ffffef5,
	};
	struct dynamic d = dynamic_of(f);
	uint8_t w = (uint8_t)word(f), fields[] = {0, w, w, w};

	if (d.count && below(f, 4) == 0)
		set(f, d.at + below(f, d.count) * 2 * word(f), word(f), tags[below(f, sizeof(tags) / sizeof(*tags))]);
	else if (d.count)
		spoil_entry(f, d.at, d.count, 2 * word(f), fields, 2);
}

/* ---- tables that it leads to ---- */

static void spoil_symbol(struct file *f)
{
	static const uint8_t of_32[] = {0, 4, 4, 4, 12, 1, 13, 1, 14, 2}, of_64[] = {0, 4, 8, 8, 4, 1, 5, 1, 6, 2};
	uint64_t at = offset_of(f, value_of(f, DT_SYMTAB)), end = offset_of(f, value_of(f, DT_STRTAB));
	size_t nbytes = f->is_32 ? 16 : 24, count = end > at ? (size_t)(end - at) / nbytes : 16;

	if (has(f, at, nbytes))
		spoil_entry(f, at, count < 512 ? count : 512, nbytes, f->is_32 ? of_32 : of_64, sizeof(of_32) / 2);
}

/* gABI, "Hash Table": counts, buckets, chains; and GNU's: counts, a Bloom filter, buckets, chains.  */
static void spoil_hash(struct file *f)
{
	uint64_t at = offset_of(f, value_of(f, below(f, 2) ? DT_HASH : (uint64_t)DT_GNU_HASH));
	size_t numbers = at < f->nbytes ? (f->nbytes - (size_t)at) / 4 : 0, i;
	static const uint8_t field[] = {0, 4};

	if (!numbers)
		return;
	i = below(f, 3) ? below(f, numbers < 4 ? numbers : 4) : below(f, numbers < 64 ? numbers : 64);
	spoil_entry(f, at + 4 * i, below(f, 8) + 1, 4, field, 1);
}

static void spoil_relocation(struct file *f)
{
	static const uint64_t tags[] = {DT_RELA, DT_REL, DT_JMPREL, 36};
	uint64_t at = offset_of(f, value_of(f, tags[below(f, 4)]));
	uint8_t w = (uint8_t)word(f), fields[] = {0, w, w, w, (uint8_t)(2 * w), w};

	if (at < f->nbytes)
		spoil_entry(f, at, 16, (below(f, 2) ? 3 : 2) * word(f), fields, 3);
}

/* Records that lead to each other: all of their fields are read.  */
static void spoil_versions(struct file *f)
{
	static const uint64_t tags[] = {DT_VERSYM, DT_VERDEF, DT_VERNEED};
	uint64_t at = offset_of(f, value_of(f, tags[below(f, 3)]));
	unsigned width = below(f, 2) ? 2 : 4;

	if (at < f->nbytes)
		spoil(f, at + below(f, 32) * width, width);
}

static void spoil_string(struct file *f)
{
	static const char *const texts[] = {
		"$ORIGIN", "libc.so", "libc.so.6", "/", "..", ":", "\0", "$LIB", "GLIBC_2.17",
		"open64",
	};
	uint64_t at = offset_of(f, value_of(f, DT_STRTAB));
	uint64_t nbytes = value_of(f, DT_STRSZ);
	const char *text = texts[below(f, sizeof(texts) / sizeof(*texts))];

	if (at >= f->nbytes || !nbytes || nbytes > f->nbytes)
		return;
	at += below(f, (size_t)nbytes);
	if (has(f, at, strlen(text) + 1))
		memcpy(f->bytes + at, text, strlen(text) + below(f, 2));
}

void fuzz_mutate_elf(uint8_t *bytes, size_t nbytes, unsigned seed)
{
	struct file f = {.bytes = bytes, .nbytes = nbytes, .state = (uint64_t)seed * 0x9e3779b97f4a7c15u | 1};

	if (nbytes < 64 || memcmp(bytes, ELFMAG, SELFMAG))
		return;
	f.is_32 = bytes[EI_CLASS] == ELFCLASS32;
	f.is_big = bytes[EI_DATA] == ELFDATA2MSB;
	for (int i = 0; i < 8; i++)
		draw(&f);
	switch (below(&f, 10)) {
	case 0: spoil_header(&f); break;
	case 1: spoil_segment(&f); break;
	case 2:
	case 3: spoil_dynamic(&f); break;
	case 4: spoil_symbol(&f); break;
	case 5:
	case 6: spoil_hash(&f); break;
	case 7: spoil_relocation(&f); break;
	case 8: spoil_versions(&f); break;
	default: spoil_string(&f); break;
	}
}

size_t fuzz_mutate_elf_file(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	if (seed % 4 == 0)
		return LLVMFuzzerMutate(bytes, nbytes, room);
	for (unsigned i = 0; i <= seed / 4 % 3; i++)
		fuzz_mutate_elf(bytes, nbytes, seed ^ i * 2654435761u);
	return nbytes;
}

/* ---- several files ---- */

/* The content of one file changes its size, and the rest moves.  */
static size_t mutate_content(uint8_t *bytes, size_t nbytes, size_t room, size_t start, size_t len)
{
	size_t others = nbytes - len, most = room - others < 65535 ? room - others : 65535, grown;
	uint8_t *copy_of_it;

	if (!most)
		return nbytes;
	copy_of_it = malloc(65535);
	FUZZ_CHECK(copy_of_it);
	memcpy(copy_of_it, bytes + start, len);
	grown = LLVMFuzzerMutate(copy_of_it, len, most);
	memmove(bytes + start + grown, bytes + start + len, nbytes - start - len);
	memcpy(bytes + start, copy_of_it, grown);
	bytes[start - 2] = (uint8_t)grown;
	bytes[start - 1] = (uint8_t)(grown >> 8);
	free(copy_of_it);
	return others + grown;
}

size_t fuzz_mutate_files(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	size_t starts[FUZZ_FILES_MAX], sizes[FUZZ_FILES_MAX], count = 0, i;

	for (size_t at = 1; nbytes > 3 && at + 3 <= nbytes && count < FUZZ_FILES_MAX; count++) {
		size_t len = bytes[at + 1] | (size_t)bytes[at + 2] << 8;

		starts[count] = at + 3;
		sizes[count] = len < nbytes - at - 3 ? len : nbytes - at - 3;
		at = starts[count] + sizes[count];
	}
	if (!count || seed % 16 == 0)
		return LLVMFuzzerMutate(bytes, nbytes, room);
	i = seed / 16 % count;
	if (sizes[i] <= 64 || memcmp(bytes + starts[i], ELFMAG, SELFMAG) || seed % 16 >= 14)
		return mutate_content(bytes, nbytes, room, starts[i], sizes[i]);
	for (unsigned n = 0; n <= seed % 3; n++)
		fuzz_mutate_elf(bytes + starts[i], sizes[i], seed ^ n * 2654435761u);
	return nbytes;
}
