/* SPDX-License-Identifier: MIT */
#include "elf_pack.h"

#include "elf_tables.h"

/* ---- into the block ---- */

static void *put_array(struct mc_pack *pack, const void *items, size_t count, size_t item_nbytes)
{
	return items ? mc_pack_pointer(mc_pack_put(pack, items, count * item_nbytes)) : NULL;
}

static void *put_texts(struct mc_pack *pack, const struct mc_str *texts, size_t count)
{
	size_t at = mc_pack_put(pack, NULL, count * sizeof(*texts));

	for (size_t i = 0; i < count; i++) {
		struct mc_str text = mc_pack_text(pack, texts[i]);

		mc_pack_set(pack, at + i * sizeof(text), &text, sizeof(text));
	}
	return mc_pack_pointer(at);
}

static void *put_imports(struct mc_pack *pack, const struct mc_import *imports, size_t count)
{
	size_t at = mc_pack_put(pack, NULL, count * sizeof(*imports));

	for (size_t i = 0; i < count; i++) {
		struct mc_import import = imports[i];

		import.name = mc_pack_text(pack, import.name);
		import.version = mc_pack_text(pack, import.version);
		import.from_file = mc_pack_text(pack, import.from_file);
		mc_pack_set(pack, at + i * sizeof(import), &import, sizeof(import));
	}
	return mc_pack_pointer(at);
}

static void *put_need_versions(struct mc_pack *pack, const struct mc_need_version *needs, size_t count)
{
	size_t at = mc_pack_put(pack, NULL, count * sizeof(*needs));

	for (size_t i = 0; i < count; i++) {
		struct mc_need_version need = needs[i];

		need.file = mc_pack_text(pack, need.file);
		need.version = mc_pack_text(pack, need.version);
		mc_pack_set(pack, at + i * sizeof(need), &need, sizeof(need));
	}
	return mc_pack_pointer(at);
}

static void *put_versions(struct mc_pack *pack, const struct mc_version *versions, size_t count)
{
	size_t at = mc_pack_put(pack, NULL, count * sizeof(*versions));

	for (size_t i = 0; i < count; i++) {
		struct mc_version version = versions[i];

		version.name = mc_pack_text(pack, version.name);
		version.file = mc_pack_text(pack, version.file);
		mc_pack_set(pack, at + i * sizeof(version), &version, sizeof(version));
	}
	return mc_pack_pointer(at);
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
	t.versions = put_versions(pack, t.versions, t.versions_count);
	return mc_pack_pointer(mc_pack_put(pack, &t, sizeof(t)));
}

struct mc_elf mc_elf_pack(struct mc_pack *pack, const struct mc_elf *elf)
{
	struct mc_elf e = *elf;

	pack->texts = NULL;
	if (e.tables)
		e.tables = put_tables(pack, e.tables);
	e.local_tpoff_name = mc_pack_text(pack, e.local_tpoff_name);
	e.interp = mc_pack_text(pack, e.interp);
	e.soname = mc_pack_text(pack, e.soname);
	e.rpath = mc_pack_text(pack, e.rpath);
	e.runpath = mc_pack_text(pack, e.runpath);
	e.needed = put_texts(pack, e.needed, e.needed_count);
	e.imports = put_imports(pack, e.imports, e.imports_count);
	e.reloc_types = put_array(pack, e.reloc_types, e.reloc_types_count, sizeof(*e.reloc_types));
	e.need_versions = put_need_versions(pack, e.need_versions, e.need_versions_count);
	pack->texts = NULL;
	return e;
}

/* ---- and out of it ---- */

#define UNPACK(unpack, pointer, count) mc_unpack_pointer((unpack), (pointer), (count), sizeof(*(pointer)))

static void take_tables(struct mc_unpack *unpack, struct mc_elf_tables *t)
{
	struct mc_version *versions = UNPACK(unpack, t->versions, t->versions_count);
	const char *strings = UNPACK(unpack, t->strings, (size_t)t->strings_nbytes + 1);

	t->versions = versions;
	t->strings = strings ? strings : "";
	t->symbols = UNPACK(unpack, t->symbols, t->symbols_count);
	t->gnu_bloom = UNPACK(unpack, t->gnu_bloom, t->gnu_bloom_count);
	t->gnu_buckets = UNPACK(unpack, t->gnu_buckets, t->gnu_buckets_count);
	t->gnu_chain = UNPACK(unpack, t->gnu_chain, t->gnu_chain_count);
	t->sysv_buckets = UNPACK(unpack, t->sysv_buckets, t->sysv_buckets_count);
	t->sysv_chain = UNPACK(unpack, t->sysv_chain, t->sysv_chain_count);
	for (size_t i = 0; versions && i < t->versions_count; i++) {
		mc_unpack_text(unpack, &versions[i].name);
		mc_unpack_text(unpack, &versions[i].file);
	}
}

void mc_elf_unpack(struct mc_unpack *unpack, struct mc_elf *e)
{
	struct mc_elf_tables *tables = UNPACK(unpack, e->tables, 1);
	struct mc_str *needed = UNPACK(unpack, e->needed, e->needed_count);
	struct mc_import *imports = UNPACK(unpack, e->imports, e->imports_count);
	struct mc_need_version *needs = UNPACK(unpack, e->need_versions, e->need_versions_count);

	if (tables)
		take_tables(unpack, tables);
	mc_unpack_text(unpack, &e->local_tpoff_name);
	mc_unpack_text(unpack, &e->interp);
	mc_unpack_text(unpack, &e->soname);
	mc_unpack_text(unpack, &e->rpath);
	mc_unpack_text(unpack, &e->runpath);
	for (size_t i = 0; needed && i < e->needed_count; i++)
		mc_unpack_text(unpack, &needed[i]);
	for (size_t i = 0; imports && i < e->imports_count; i++) {
		mc_unpack_text(unpack, &imports[i].name);
		mc_unpack_text(unpack, &imports[i].version);
		mc_unpack_text(unpack, &imports[i].from_file);
	}
	for (size_t i = 0; needs && i < e->need_versions_count; i++) {
		mc_unpack_text(unpack, &needs[i].file);
		mc_unpack_text(unpack, &needs[i].version);
	}
	e->tables = tables;
	e->needed = needed;
	e->imports = imports;
	e->need_versions = needs;
	e->reloc_types = UNPACK(unpack, e->reloc_types, e->reloc_types_count);
}
