/* SPDX-License-Identifier: MIT */
#include "elf_pack.h"

#include "elf_tables.h"

#include <stddef.h>

/* ---- where texts are ---- */

static const size_t texts_of_text[] = {0};
static const size_t texts_of_import[] = {offsetof(struct mc_import, name), offsetof(struct mc_import, version),
					 offsetof(struct mc_import, from_file)};
static const size_t texts_of_need[] = {offsetof(struct mc_need_version, file),
				       offsetof(struct mc_need_version, version)};
static const size_t texts_of_version[] = {offsetof(struct mc_version, name), offsetof(struct mc_version, file)};
static const size_t texts_of_elf[] = {offsetof(struct mc_elf, local_tpoff_name), offsetof(struct mc_elf, interp),
				      offsetof(struct mc_elf, soname), offsetof(struct mc_elf, rpath),
				      offsetof(struct mc_elf, runpath)};

static const struct mc_pack_shape text_shape = MC_PACK_SHAPE(struct mc_str, texts_of_text),
				  import_shape = MC_PACK_SHAPE(struct mc_import, texts_of_import),
				  need_shape = MC_PACK_SHAPE(struct mc_need_version, texts_of_need),
				  version_shape = MC_PACK_SHAPE(struct mc_version, texts_of_version);

/* ---- into the block ---- */

static void *put_array(struct mc_pack *pack, const void *items, size_t count, size_t item_nbytes)
{
	return items ? mc_pack_pointer(mc_pack_put(pack, items, count * item_nbytes)) : NULL;
}

/* First, since nearly all other texts lie in its strings.  */
static void *put_tables(struct mc_pack *pack, const struct mc_elf_tables *tables)
{
	struct mc_elf_tables t = *tables;

	mc_pack_texts(pack, t.strings, t.strings_nbytes);
	t.strings = mc_pack_pointer(pack->texts_at);
	t.symbols = put_array(pack, t.symbols, t.symbols_count, sizeof(*t.symbols));
	t.gnu_bloom = put_array(pack, t.gnu_bloom, t.gnu_bloom_count, sizeof(*t.gnu_bloom));
	t.gnu_buckets = put_array(pack, t.gnu_buckets, t.gnu_buckets_count, sizeof(*t.gnu_buckets));
	t.gnu_chain = put_array(pack, t.gnu_chain, t.gnu_chain_count, sizeof(*t.gnu_chain));
	t.sysv_buckets = put_array(pack, t.sysv_buckets, t.sysv_buckets_count, sizeof(*t.sysv_buckets));
	t.sysv_chain = put_array(pack, t.sysv_chain, t.sysv_chain_count, sizeof(*t.sysv_chain));
	t.versions = mc_pack_items(pack, t.versions, t.versions_count, &version_shape);
	return mc_pack_pointer(mc_pack_put(pack, &t, sizeof(t)));
}

static struct mc_str *text_at(struct mc_elf *elf, size_t i)
{
	return (struct mc_str *)(void *)((uint8_t *)elf + texts_of_elf[i]);
}

enum { ELF_TEXTS_COUNT = sizeof(texts_of_elf) / sizeof(*texts_of_elf) };

struct mc_elf mc_elf_pack(struct mc_pack *pack, const struct mc_elf *elf)
{
	struct mc_elf e = *elf;

	pack->texts = NULL;
	if (e.tables)
		e.tables = put_tables(pack, e.tables);
	for (size_t i = 0; i < ELF_TEXTS_COUNT; i++)
		*text_at(&e, i) = mc_pack_text(pack, *text_at(&e, i));
	e.needed = mc_pack_items(pack, e.needed, e.needed_count, &text_shape);
	e.imports = mc_pack_items(pack, e.imports, e.imports_count, &import_shape);
	e.reloc_types = put_array(pack, e.reloc_types, e.reloc_types_count, sizeof(*e.reloc_types));
	e.need_versions = mc_pack_items(pack, e.need_versions, e.need_versions_count, &need_shape);
	pack->texts = NULL;
	return e;
}

uint64_t mc_elf_memory_nbytes(const struct mc_elf *e)
{
	const struct mc_elf_tables *t = e->tables;
	uint64_t nbytes = e->needed_count * sizeof(*e->needed) + e->imports_count * sizeof(*e->imports) +
			  e->need_versions_count * sizeof(*e->need_versions);

	if (!t)
		return nbytes;
	return nbytes + t->strings_nbytes + (uint64_t)t->symbols_count * sizeof(*t->symbols) +
	       (uint64_t)t->gnu_bloom_count * sizeof(*t->gnu_bloom) +
	       ((uint64_t)t->gnu_buckets_count + t->gnu_chain_count + t->sysv_buckets_count + t->sysv_chain_count) *
		       sizeof(*t->gnu_buckets) +
	       t->versions_count * sizeof(*t->versions);
}

/* ---- and out of it ---- */

#define UNPACK(unpack, pointer, count) mc_unpack_pointer((unpack), (pointer), (count), sizeof(*(pointer)))

static void take_tables(struct mc_unpack *unpack, struct mc_elf_tables *t)
{
	const char *strings = UNPACK(unpack, t->strings, (size_t)t->strings_nbytes + 1);

	t->strings = strings ? strings : "";
	t->symbols = UNPACK(unpack, t->symbols, t->symbols_count);
	t->gnu_bloom = UNPACK(unpack, t->gnu_bloom, t->gnu_bloom_count);
	t->gnu_buckets = UNPACK(unpack, t->gnu_buckets, t->gnu_buckets_count);
	t->gnu_chain = UNPACK(unpack, t->gnu_chain, t->gnu_chain_count);
	t->sysv_buckets = UNPACK(unpack, t->sysv_buckets, t->sysv_buckets_count);
	t->sysv_chain = UNPACK(unpack, t->sysv_chain, t->sysv_chain_count);
	t->versions = mc_unpack_items(unpack, t->versions, t->versions_count, &version_shape);
}

void mc_elf_unpack(struct mc_unpack *unpack, struct mc_elf *e)
{
	struct mc_elf_tables *tables = UNPACK(unpack, e->tables, 1);

	if (tables)
		take_tables(unpack, tables);
	e->tables = tables;
	for (size_t i = 0; i < ELF_TEXTS_COUNT; i++)
		mc_unpack_text(unpack, text_at(e, i));
	e->needed = mc_unpack_items(unpack, e->needed, e->needed_count, &text_shape);
	e->imports = mc_unpack_items(unpack, e->imports, e->imports_count, &import_shape);
	e->need_versions = mc_unpack_items(unpack, e->need_versions, e->need_versions_count, &need_shape);
	e->reloc_types = UNPACK(unpack, e->reloc_types, e->reloc_types_count);
}
