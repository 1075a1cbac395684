/* SPDX-License-Identifier: MIT */
#include "elf_tables.h"

#include <elf.h>
#include <string.h>

void mc_elf_version_of(const struct mc_elf_tables *t, const struct mc_symbol *s,
		       struct mc_str *version_out, struct mc_str *file_out)
{
	uint16_t index = s->version & 0x7fff;

	*version_out = *file_out = (struct mc_str){"", 0};
	if (!t->has_versym || index < 2 || index >= t->versions_count)
		return;
	if (t->versions[index].name.ptr)
		*version_out = t->versions[index].name;
	if (t->versions[index].file.ptr)
		*file_out = t->versions[index].file;
}

struct mc_lookup mc_lookup(struct mc_str name)
{
	struct mc_lookup lookup = {.name = name, .gnu_hash = 5381};
	const uint8_t *at = (const uint8_t *)name.ptr;
	size_t left = name.len;

	/* Two at once, since each step waits for the one before.  */
	for (; left >= 2; left -= 2, at += 2)
		lookup.gnu_hash = lookup.gnu_hash * (33 * 33) + (at[0] * 33u + at[1]);
	if (left)
		lookup.gnu_hash = lookup.gnu_hash * 33 + at[0];
	return lookup;
}

struct mc_lookup mc_import_lookup(const struct mc_import *import)
{
	return (struct mc_lookup){.name = import->name, .gnu_hash = import->gnu_hash};
}

static uint32_t sysv_hash_of(struct mc_str name)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < name.len; i++) {
		hash = 16 * hash + (uint8_t)name.ptr[i];
		hash ^= hash >> 24 & 0xf0;
	}
	return hash & 0x0fffffff;
}

static bool is_named(const struct mc_elf_tables *t, uint32_t i, struct mc_str name)
{
	const struct mc_symbol *s = &t->symbols[i];

	return name.len <= t->strings_nbytes - s->name_off &&
	       !memcmp(t->strings + s->name_off, name.ptr, name.len) &&
	       !t->strings[s->name_off + name.len];
}

typedef bool takes_symbol(const struct mc_elf_tables *t, const struct mc_symbol *s, struct mc_str wish);

/* musl 1.2.5 gnu_lookup_filtered(), gnu_lookup(): 0 when not found.  */
static uint32_t find_by_gnu_hash(const struct mc_elf_tables *t, const struct mc_lookup *lookup,
				 takes_symbol *takes, struct mc_str wish)
{
	uint32_t hash = lookup->gnu_hash, bits = t->word_bits, i;
	uint64_t bloom = t->gnu_bloom[hash / bits & (t->gnu_bloom_count - 1)];

	if (!(bloom >> hash % bits & 1) ||
	    !(bloom >> (hash >> t->gnu_bloom_shift) % bits & 1))
		return 0;
	i = t->gnu_buckets[hash % t->gnu_buckets_count];
	if (!i || i < t->gnu_first)
		return 0;
	for (; i - t->gnu_first < t->gnu_chain_count; i++) {
		uint32_t other = t->gnu_chain[i - t->gnu_first];

		if ((other | 1) == (hash | 1) && is_named(t, i, lookup->name) &&
		    takes(t, &t->symbols[i], wish))
			return i;
		if (other & 1)
			break;
	}
	return 0;
}

/* musl 1.2.5 sysv_lookup(); that chains end was seen when they were read.  */
static uint32_t find_by_sysv_hash(const struct mc_elf_tables *t, struct mc_lookup *lookup,
				  takes_symbol *takes, struct mc_str wish)
{
	uint32_t i;

	if (!lookup->has_sysv_hash)
		lookup->sysv_hash = sysv_hash_of(lookup->name);
	lookup->has_sysv_hash = true;
	i = t->sysv_buckets[lookup->sysv_hash % t->sysv_buckets_count];
	for (; i && i < t->sysv_chain_count; i = t->sysv_chain[i])
		if (is_named(t, i, lookup->name) && takes(t, &t->symbols[i], wish))
			return i;
	return 0;
}

static bool find(const struct mc_elf *elf, struct mc_lookup *lookup, takes_symbol *takes,
		 struct mc_str wish, struct mc_definition *definition_out)
{
	const struct mc_elf_tables *t = elf->tables;
	const struct mc_symbol *s;
	struct mc_str file;
	uint32_t i = 0;

	if (!t || !t->symbols_count)
		return false;
	if (t->gnu_buckets_count)
		i = find_by_gnu_hash(t, lookup, takes, wish);
	else if (t->sysv_buckets_count)
		i = find_by_sysv_hash(t, lookup, takes, wish);
	if (!i)
		return false;
	s = &t->symbols[i];
	*definition_out = (struct mc_definition){
		.type = ELF64_ST_TYPE(s->info),
		.bind = ELF64_ST_BIND(s->info),
		.is_undefined = s->is_undefined,
		.has_value = s->has_value,
		.is_hidden = t->has_versym && s->version & 0x8000,
	};
	mc_elf_version_of(t, s, &definition_out->version, &file);
	return true;
}

static bool takes_visible(const struct mc_elf_tables *t, const struct mc_symbol *s, struct mc_str wish)
{
	(void)wish;
	return !t->has_versym || !(s->version & 0x8000);
}

bool mc_elf_find(const struct mc_elf *elf, struct mc_lookup *lookup,
		 struct mc_definition *definition_out)
{
	return find(elf, lookup, takes_visible, (struct mc_str){"", 0}, definition_out);
}

/* glibc elf/dl-lookup.c check_match(), for a reference with a version and one without.  */
static bool takes_version(const struct mc_elf_tables *t, const struct mc_symbol *s, struct mc_str wish)
{
	struct mc_str version, file;

	if (s->is_undefined)
		return false;
	if (!t->has_versym)
		return true;
	mc_elf_version_of(t, s, &version, &file);
	if (wish.len)
		return (s->version & 0x7fff) < 2 ? !(s->version & 0x8000) : mc_str_is(version, wish);
	return !(s->version & 0x8000) || (s->version & 0x7fff) <= 2;
}

bool mc_elf_find_version(const struct mc_elf *elf, struct mc_lookup *lookup,
			 struct mc_str version, struct mc_definition *definition_out)
{
	return find(elf, lookup, takes_version, version, definition_out);
}

bool mc_elf_defines_version(const struct mc_elf *elf, struct mc_str version)
{
	const struct mc_elf_tables *t = elf->tables;

	if (!t || !t->defines_versions)
		return true;
	for (size_t i = 0; i < t->versions_count; i++)
		if (t->versions[i].is_defined && mc_str_is(t->versions[i].name, version))
			return true;
	return false;
}

bool mc_elf_has_hash(const struct mc_elf *elf)
{
	return elf->tables && (elf->tables->gnu_buckets_count || elf->tables->sysv_buckets_count);
}
