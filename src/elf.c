/* SPDX-License-Identifier: MIT */
#include "muslcheck/elf.h"

#include "elf_init.h"
#include "elf_map.h"
#include "elf_tables.h"
#include "refusal.h"
#include "reloc.h"

#include <errno.h>
#include <gelf.h>
#include <string.h>

/* Every thread gets that much; mmap() refuses much more.  */
#define TLS_MAX ((uint64_t)1 << 30)

#define PHDRS_MAX 4096 /* e_phnum of real files is below 20 */

/* Linkers let names share their tails, and versions their file; more is no linker's.  */
enum { NAMES_SLACK = 1 << 20, NAMES_SHARED = 8 };

/*
 * Memory for the tables of a file: their bytes, of which libelf has a copy, and what is made of them.
 * The largest of real ones, of libraries of a gigabyte, have 85 MB of tables.
 */
#define MEMORY_NBYTES_MAX ((uint64_t)144 << 20)

/* As much of the dynamic section as is looked at where p_filesz says less.  */
#define DYNAMIC_VIEW ((uint64_t)4096)

/* Indexes have 15 bits; a libc defines some 50.  */
#define VERSIONS_MAX 4096

struct dynamic {
	uint64_t strtab, strsz, symtab, hash, gnu_hash, versym;
	uint64_t verneed, verneed_count, verdef, verdef_count;
	uint64_t rel, relsz, rela, relasz, jmprel, pltrelsz, pltrel, relr, relrsz;
	uint64_t init, init_array, init_array_nbytes;
	uint64_t flags, soname, rpath, runpath;
	uint64_t needed_count;
	bool has_strtab, has_hash, has_gnu_hash, has_versym, has_textrel;
	bool has_soname, has_rpath, has_runpath;
};

/* What relocations do with one symbol.  */
struct use {
	uint8_t bits; /* MC_USE_* */
	uint32_t type;
};

/* One read in progress.  */
struct reader {
	Elf *elf;
	const struct mc_image *image;
	struct mc_arena *arena;
	struct mc_arena scratch; /* of what goes when it is read */
	struct mc_error *err;
	struct mc_elf *out;
	struct mc_elf_tables *tables;
	uint64_t file_nbytes;
	struct mc_elf_map map;
	struct mc_elf_init init;
	bool is_fixed; /* ET_EXEC: addresses are what they are */
	uint64_t names_left; /* bytes that names may have in all */
	uint64_t memory_left; /* bytes that are still read and taken */
	bool is_absurd;       /* more was asked for */
	struct dynamic dyn;
	Elf_Data *dynamic_data;
	size_t dynamic_count;
	struct use *uses; /* by symbol index, uses_count of them */
	size_t uses_count;
	uint32_t types[32]; /* of relocations without a symbol */
	size_t types_count;
	struct mc_version *versions; /* by index, versions_room of them */
	size_t versions_room;
	uint32_t symbols_wanted; /* 1 + the highest index any relocation names */
};

/* What libelf was refused it tells by errno alone: NULL is all that it says of any trouble.  */
static enum mc_status bad(struct reader *r, const char *text)
{
	mc_refusal_note_errno();
	return mc_fail(r->err, MC_ERR_FORMAT, NULL, "%s", r->is_absurd ? "its tables are absurdly large" : text);
}

static enum mc_status no_memory(struct reader *r)
{
	return r->is_absurd ? bad(r, "") : mc_no_memory(r->err);
}

static bool may_take(struct reader *r, uint64_t nbytes)
{
	r->is_absurd = nbytes > r->memory_left;
	if (!r->is_absurd)
		r->memory_left -= nbytes;
	return !r->is_absurd;
}

/* NULL: no_memory() says why.  */
static void *take_array(struct reader *r, struct mc_arena *arena, uint64_t count, size_t item_nbytes, size_t align)
{
	/* No count is larger than the file, and no item than a page.  */
	return may_take(r, count * item_nbytes) ? mc_arena_take_array(arena, (size_t)count, item_nbytes, align) : NULL;
}

#define TAKE_ARRAY(r, type, count) ((type *)take_array((r), (r)->arena, (count), sizeof(type), alignof(type)))

/* ---- the one way to bytes of the file ---- */

/* Are they in the file, and not more than is ever read of one?  */
static bool has_bytes(struct reader *r, uint64_t off, uint64_t nbytes)
{
	return off <= r->file_nbytes && r->file_nbytes - off >= nbytes && may_take(r, nbytes);
}

/* File bytes [off, off + nbytes) as 'type'; NULL when they are not all there.  */
static Elf_Data *chunk_at(struct reader *r, uint64_t off, uint64_t nbytes, Elf_Type type)
{
	if (!nbytes || !has_bytes(r, off, nbytes))
		return NULL;
	return elf_getdata_rawchunk(r->elf, (int64_t)off, nbytes, type);
}

/* As chunk_at(), by virtual address and inside one segment.  */
static Elf_Data *view_at(struct reader *r, uint64_t vaddr, uint64_t nbytes, Elf_Type type)
{
	uint64_t off, left;

	if (!mc_elf_map_find(&r->map, vaddr, &off, &left) || left < nbytes)
		return NULL;
	return chunk_at(r, off, nbytes, type);
}

/* Does the segment end it with a NUL?  The last page of a file is filled up with them.  */
static bool is_string_at(struct reader *r, uint64_t vaddr)
{
	uint64_t off, left;
	Elf_Data *data;

	if (!mc_elf_map_find(&r->map, vaddr, &off, &left))
		return false;
	data = chunk_at(r, off, left < 4096 ? left : 4096, ELF_T_BYTE);
	return data && (memchr(data->d_buf, '\0', data->d_size) || (off + data->d_size) % 4096);
}

static uint16_t u16_at(const struct reader *r, const uint8_t *p)
{
	return r->out->is_big_endian ? (uint16_t)(p[0] << 8 | p[1]) : (uint16_t)(p[1] << 8 | p[0]);
}

static uint32_t u32_at(const struct reader *r, const uint8_t *p)
{
	return r->out->is_big_endian
		       ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
		       : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint64_t u64_at(const struct reader *r, const uint8_t *p)
{
	uint64_t first = u32_at(r, p), second = u32_at(r, p + 4);

	return r->out->is_big_endian ? first << 32 | second : second << 32 | first;
}

/* 'count' words of 4 bytes (or the low half of 8-byte ones) into the arena.  */
static enum mc_status copy_words(struct reader *r, uint64_t vaddr, uint64_t count,
				 unsigned entry_nbytes, const uint32_t **words_out)
{
	uint32_t *words;
	Elf_Data *data;

	*words_out = NULL;
	if (!count)
		return MC_OK;
	if (count > r->file_nbytes / entry_nbytes)
		return bad(r, "a hash table is larger than the file");
	data = view_at(r, vaddr, count * entry_nbytes, ELF_T_BYTE);
	if (!data)
		return bad(r, "a hash table lies outside the file");
	words = TAKE_ARRAY(r, uint32_t, count);
	if (!words)
		return no_memory(r);
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *p = (const uint8_t *)data->d_buf + i * entry_nbytes;

		words[i] = entry_nbytes == 8 ? (uint32_t)u64_at(r, p) : u32_at(r, p);
	}
	*words_out = words;
	return MC_OK;
}

/* ---- headers ---- */

/*
 * Constants are in a segment of their own where there is one that is neither written nor run
 * ("ld -z separate-code", lld), and else beside the code.
 */
static void find_constants(struct reader *r, const struct mc_span *data, size_t count, bool has_constants)
{
	if (!has_constants || count > MC_ELF_CONSTANTS_MAX)
		return;
	memcpy(r->out->constants, data, count * sizeof(*data));
	r->out->constants_count = count;
}

static enum mc_status read_all_headers(struct reader *r)
{
	struct mc_elf *out = r->out;
	GElf_Ehdr ehdr;
	Elf_Data *interp = NULL;
	bool has_interp = false, has_dynamic = false;
	uint64_t interp_vaddr = 0;
	GElf_Phdr dynamic = {0}, tls = {0}, relro = {0};
	struct mc_span data[MC_ELF_CONSTANTS_MAX];
	size_t count, data_count = 0;
	bool has_constants = false;
	uint64_t off, left;

	if (!gelf_getehdr(r->elf, &ehdr))
		return bad(r, "the ELF header is cut short or not valid");
	out->machine = ehdr.e_machine;
	out->word_bits = gelf_getclass(r->elf) == ELFCLASS32 ? 32 : 64;
	out->is_big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	if (ehdr.e_type != ET_DYN && ehdr.e_type != ET_EXEC) {
		out->type = MC_ELF_RELOCATABLE;
		return MC_OK;
	}
	r->is_fixed = ehdr.e_type == ET_EXEC;
	if (elf_getphdrnum(r->elf, &count) || count > PHDRS_MAX)
		return bad(r, "the count of program headers makes no sense");
	/* libelf counts only those that are in the file.  */
	if (!count || (ehdr.e_phnum != PN_XNUM && ehdr.e_phnum != count))
		return bad(r, "program headers lie outside the file");
	if (count && ehdr.e_phentsize != gelf_fsize(r->elf, ELF_T_PHDR, 1, EV_CURRENT))
		return bad(r, "program headers have a wrong entry size");
	r->map.file_nbytes = r->file_nbytes;
	for (size_t i = 0; i < count; i++) {
		const char *problem;
		GElf_Phdr ph;

		if (!gelf_getphdr(r->elf, (int)i, &ph))
			return bad(r, "program headers lie outside the file");
		switch (ph.p_type) {
		case PT_LOAD:
			problem = mc_elf_map_add(&r->map, &(struct mc_elf_load){ph.p_vaddr, ph.p_offset,
										ph.p_filesz, ph.p_memsz,
										ph.p_flags});
			if (problem)
				return bad(r, problem);
			if (ph.p_flags & PF_X)
				break;
			has_constants |= !(ph.p_flags & PF_W);
			if (data_count < MC_ELF_CONSTANTS_MAX)
				data[data_count] = (struct mc_span){ph.p_offset, ph.p_filesz};
			data_count++;
			break;
		case PT_DYNAMIC:
			/* At 0 there is none, to map_library().  */
			dynamic = ph;
			has_dynamic = ph.p_vaddr != 0;
			break;
		case PT_INTERP:
			has_interp = true;
			interp_vaddr = ph.p_vaddr;
			interp = chunk_at(r, ph.p_offset, ph.p_filesz, ELF_T_BYTE);
			if (!interp || ph.p_filesz > 4096 ||
			    !memchr(interp->d_buf, '\0', interp->d_size))
				return bad(r, "PT_INTERP is no string");
			break;
		case PT_TLS:
			/* musl takes its alignment for a mask as it is.  */
			if (ph.p_memsz > TLS_MAX || ph.p_align > TLS_MAX || !ph.p_align ||
			    ph.p_filesz > ph.p_memsz)
				return bad(r, "thread-local data of absurd size or alignment");
			out->has_tls = ph.p_memsz != 0;
			tls = ph;
			break;
		case PT_GNU_RELRO:
			relro = ph;
			break;
		case PT_GNU_STACK:
			out->has_gnu_stack = true;
			out->wants_exec_stack = ph.p_flags & PF_X;
			break;
		default:
			break;
		}
	}
	find_constants(r, data, data_count, has_constants);
	out->is_dynamic = has_dynamic;
	if (has_interp) {
		struct mc_str text = {interp->d_buf, strlen(interp->d_buf)};

		out->type = MC_ELF_PROGRAM;
		if (mc_arena_copy(r->arena, text, &out->interp))
			return no_memory(r);
	} else if (ehdr.e_type == ET_EXEC) {
		out->type = MC_ELF_STATIC;
	} else if (!has_dynamic) {
		return bad(r, "a shared object without PT_DYNAMIC");
	} else {
		out->type = MC_ELF_SHARED; /* or a static-pie: see read_dynamic() */
	}
	if (!has_dynamic)
		return MC_OK;
	if (tls.p_filesz &&
	    (!mc_elf_map_find(&r->map, tls.p_vaddr, &off, &left) || left < tls.p_filesz))
		return bad(r, "the thread-local data lies outside the file");
	if (relro.p_memsz && !mc_elf_map_spans(&r->map, relro.p_vaddr, relro.p_memsz))
		return bad(r, "PT_GNU_RELRO lies outside the segments");
	/* The kernel reads it at p_offset; musl takes it for its own name, at p_vaddr.  */
	if (interp_vaddr && !is_string_at(r, interp_vaddr))
		return bad(r, "PT_INTERP lies outside the segments");
	/* Loaders read p_vaddr, never p_offset (map_library()); a file whose PT_DYNAMIC is
	 * not in a PT_LOAD cannot be loaded.  Nor do they read p_filesz: the end is DT_NULL.  */
	if (!mc_elf_map_find(&r->map, dynamic.p_vaddr, &off, &left))
		return bad(r, "PT_DYNAMIC lies outside the file");
	/* reclaim_gaps(): at a program's start musl gives such places to its heap, which
	 * fills them with 0; it then runs as if nothing were asked for.  */
	out->is_blank = has_interp && mc_elf_map_is_gap(&r->map, dynamic.p_vaddr);
	if (out->is_blank)
		return MC_OK;
	if (left > DYNAMIC_VIEW && left > dynamic.p_filesz)
		left = dynamic.p_filesz > DYNAMIC_VIEW ? dynamic.p_filesz : DYNAMIC_VIEW;
	left -= left % gelf_fsize(r->elf, ELF_T_DYN, 1, EV_CURRENT);
	r->dynamic_data = chunk_at(r, off, left, ELF_T_DYN);
	if (!r->dynamic_data)
		return bad(r, "PT_DYNAMIC lies outside the file");
	r->dynamic_count = left / gelf_fsize(r->elf, ELF_T_DYN, 1, EV_CURRENT);
	return MC_OK;
}

/*
 * The other half of a stripped file, for debuggers ("objcopy --only-keep-debug", "eu-strip -f"): the
 * sections have no bytes there, wherever its program headers lead.  No loader takes it, and none is
 * meant to.
 */
static bool is_debug_file(struct reader *r)
{
	uint64_t dynamic = 0;
	Elf_Scn *section = NULL;
	GElf_Shdr sh;
	GElf_Phdr ph;

	for (int i = 0; i < PHDRS_MAX && gelf_getphdr(r->elf, i, &ph); i++)
		if (ph.p_type == PT_DYNAMIC)
			dynamic = ph.p_vaddr;
	while (dynamic && (section = elf_nextscn(r->elf, section)))
		if (gelf_getshdr(section, &sh) && sh.sh_type == SHT_NOBITS && (sh.sh_flags & SHF_ALLOC) &&
		    sh.sh_addr == dynamic)
			return true;
	return false;
}

static enum mc_status read_headers(struct reader *r)
{
	enum mc_status status = read_all_headers(r);

	if (status != MC_ERR_FORMAT || !is_debug_file(r))
		return status;
	if (r->err)
		*r->err = MC_ERROR_INIT;
	r->out->type = MC_ELF_RELOCATABLE;
	r->out->is_dynamic = false;
	return MC_OK;
}

/*
 * A tag that stands twice: musl's decode_vec() takes the last of those below
 * DYN_CNT, search_vec() the first of the others (GNU_HASH, VERSYM).
 */
static enum mc_status read_dynamic(struct reader *r)
{
	struct dynamic *d = &r->dyn;
	bool is_ended = false, is_pie = false;

	for (size_t i = 0; i < r->dynamic_count && !is_ended; i++) {
		GElf_Dyn entry;

		if (!gelf_getdyn(r->dynamic_data, (int)i, &entry))
			return bad(r, "the dynamic section is cut short");
		switch (entry.d_tag) {
		case DT_NULL: is_ended = true; break;
		case DT_NEEDED: d->needed_count++; break;
		case DT_STRTAB: d->strtab = entry.d_un.d_ptr; d->has_strtab = true; break;
		case DT_STRSZ: d->strsz = entry.d_un.d_val; break;
		case DT_SYMTAB: d->symtab = entry.d_un.d_ptr; break;
		case DT_HASH: d->hash = entry.d_un.d_ptr; d->has_hash = true; break;
		case DT_GNU_HASH:
			if (!d->has_gnu_hash)
				d->gnu_hash = entry.d_un.d_ptr;
			d->has_gnu_hash = true;
			break;
		case DT_VERSYM:
			if (!d->has_versym)
				d->versym = entry.d_un.d_ptr;
			d->has_versym = true;
			break;
		case DT_VERNEED: d->verneed = entry.d_un.d_ptr; break;
		case DT_VERNEEDNUM: d->verneed_count = entry.d_un.d_val; break;
		case DT_VERDEF: d->verdef = entry.d_un.d_ptr; break;
		case DT_VERDEFNUM: d->verdef_count = entry.d_un.d_val; break;
		case DT_REL: d->rel = entry.d_un.d_ptr; break;
		case DT_RELSZ: d->relsz = entry.d_un.d_val; break;
		case DT_RELA: d->rela = entry.d_un.d_ptr; break;
		case DT_RELASZ: d->relasz = entry.d_un.d_val; break;
		case DT_JMPREL: d->jmprel = entry.d_un.d_ptr; break;
		case DT_PLTRELSZ: d->pltrelsz = entry.d_un.d_val; break;
		case DT_PLTREL: d->pltrel = entry.d_un.d_val; break;
		case 35 /* DT_RELRSZ */: d->relrsz = entry.d_un.d_val; break;
		case 36 /* DT_RELR */: d->relr = entry.d_un.d_ptr; break;
		case DT_INIT: d->init = entry.d_un.d_ptr; break;
		case DT_INIT_ARRAY: d->init_array = entry.d_un.d_ptr; break;
		case DT_INIT_ARRAYSZ: d->init_array_nbytes = entry.d_un.d_val; break;
		case DT_FLAGS: d->flags = entry.d_un.d_val; break;
		case DT_FLAGS_1: is_pie = entry.d_un.d_val & 0x08000000 /* DF_1_PIE */; break;
		case DT_TEXTREL: d->has_textrel = true; break;
		case DT_SONAME: d->soname = entry.d_un.d_val; d->has_soname = true; break;
		case DT_RPATH: d->rpath = entry.d_un.d_val; d->has_rpath = true; break;
		case DT_RUNPATH: d->runpath = entry.d_un.d_val; d->has_runpath = true; break;
		default: break;
		}
	}
	if (!is_ended)
		return bad(r, "the dynamic section has no end");
	if (r->out->type == MC_ELF_SHARED && is_pie)
		r->out->type = MC_ELF_STATIC;
	r->out->is_static_tls = d->flags & DF_STATIC_TLS;
	r->out->has_textrel = d->has_textrel || d->flags & DF_TEXTREL;
	r->out->has_relr = d->relrsz != 0;
	return MC_OK;
}

/* ---- strings ---- */

static enum mc_status read_strings(struct reader *r)
{
	struct mc_elf_tables *t = r->tables;
	uint64_t off, left, nbytes;
	size_t got = 0;
	char *copy;

	if (!r->dyn.has_strtab)
		return MC_OK;
	if (!mc_elf_map_find(&r->map, r->dyn.strtab, &off, &left))
		return bad(r, "the string table lies outside the file");
	/* musl never reads DT_STRSZ: the segment is the bound.  */
	nbytes = r->dyn.strsz && r->dyn.strsz < left ? r->dyn.strsz : left;
	if (nbytes > UINT32_MAX)
		return bad(r, "the string table is absurdly long");
	if (!has_bytes(r, off, nbytes))
		return bad(r, "the string table lies outside the file");
	copy = mc_arena_take(r->arena, (size_t)nbytes + 1, 1);
	if (!copy)
		return no_memory(r);
	/* Past libelf, which would make a copy of its own.  */
	if (mc_image_read(r->image, off, copy, (size_t)nbytes, &got, NULL) || got < nbytes)
		return bad(r, "the string table lies outside the file");
	t->strings = copy;
	t->strings_nbytes = (uint32_t)nbytes;
	r->names_left = NAMES_SLACK + NAMES_SHARED * nbytes;
	return MC_OK;
}

/*
 * The name at 'off' of the string table.  Symbols may share one name, and a long name
 * may be shared by a million: what they have in all is bounded too.
 */
static enum mc_status name_at(struct reader *r, uint64_t off, const char *problem,
			      struct mc_str *name_out)
{
	const struct mc_elf_tables *t = r->tables;
	struct mc_str name;

	if (off >= t->strings_nbytes)
		return bad(r, problem);
	name = mc_str_of(t->strings + off);
	if (name.len > r->names_left)
		return bad(r, "its names are absurdly long");
	r->names_left -= name.len;
	*name_out = name;
	return MC_OK;
}

static enum mc_status read_names(struct reader *r)
{
	struct mc_elf *out = r->out;
	static const char problem[] = "a name of the dynamic section lies outside the string table";
	const struct dynamic *d = &r->dyn;
	struct mc_str *needed;

	if (d->has_soname)
		MC_TRY(name_at(r, d->soname, problem, &out->soname));
	if (d->has_rpath)
		MC_TRY(name_at(r, d->rpath, problem, &out->rpath));
	if (d->has_runpath)
		MC_TRY(name_at(r, d->runpath, problem, &out->runpath));
	needed = TAKE_ARRAY(r, struct mc_str, d->needed_count + 1);
	if (!needed)
		return no_memory(r);
	out->needed = needed;
	for (size_t i = 0; out->needed_count < d->needed_count; i++) {
		GElf_Dyn entry;

		if (!gelf_getdyn(r->dynamic_data, (int)i, &entry))
			return bad(r, "the dynamic section is cut short");
		if (entry.d_tag != DT_NEEDED)
			continue;
		MC_TRY(name_at(r, entry.d_un.d_val, "a DT_NEEDED name lies outside the string table",
			       &needed[out->needed_count++]));
	}
	return MC_OK;
}

/* ---- versions ---- */

/* gABI supplement, "Symbol Versioning": the same layout in both classes.  */
enum { VERNEED_NBYTES = 16, VERNAUX_NBYTES = 16, VERDEF_NBYTES = 20, VERDAUX_NBYTES = 8 };

/*
 * A table of which the length is nowhere given: chains of offsets run through it, and its segment
 * is the bound.  Of a file more and more is read as it is wanted.
 */
struct chains {
	uint64_t off, left; /* in the file */
	const uint8_t *bytes;
	size_t nbytes; /* that are read */
};

#define CHAINS_NBYTES_MAX ((uint64_t)1 << 22)
enum { CHAINS_VIEW = 2048 }; /* more than nearly all have */

static bool open_chains(struct reader *r, uint64_t vaddr, struct chains *chains)
{
	*chains = (struct chains){0};
	if (!mc_elf_map_find(&r->map, vaddr, &chains->off, &chains->left))
		return false;
	if (chains->left > CHAINS_NBYTES_MAX)
		chains->left = CHAINS_NBYTES_MAX;
	return true;
}

/* The bytes at 'at', from the start of the table; NULL when they are not all there.  */
static const uint8_t *reach(struct reader *r, struct chains *chains, size_t at, size_t nbytes)
{
	uint64_t wanted = (uint64_t)at + nbytes;
	Elf_Data *data;

	if (wanted > chains->left)
		return NULL;
	if (wanted > chains->nbytes) {
		uint64_t room = wanted * 2 > CHAINS_VIEW ? wanted * 2 : CHAINS_VIEW;

		if (room > chains->left)
			room = chains->left;
		data = chunk_at(r, chains->off, room, ELF_T_BYTE);
		if (!data)
			return NULL;
		chains->bytes = data->d_buf;
		chains->nbytes = data->d_size;
	}
	return chains->bytes + at;
}

/* The table by index, with room for 'index'.  */
static enum mc_status version_slot(struct reader *r, uint16_t index, struct mc_version **slot_out)
{
	if (index >= r->versions_room) {
		size_t room = r->versions_room ? r->versions_room : 16;
		struct mc_version *more;

		while (room <= index)
			room *= 2;
		more = TAKE_ARRAY(r, struct mc_version, room);
		if (!more)
			return no_memory(r);
		if (r->versions_room)
			memcpy(more, r->versions, r->versions_room * sizeof(*more));
		r->tables->versions = r->versions = more;
		r->tables->versions_count = r->versions_room = room;
	}
	*slot_out = &r->versions[index];
	return MC_OK;
}

static enum mc_status read_need_versions(struct reader *r)
{
	struct mc_need_version *items = NULL;
	size_t count = 0, room = 0, off = 0;
	struct chains chains;

	if (!r->dyn.verneed || !r->dyn.verneed_count)
		return MC_OK;
	if (!open_chains(r, r->dyn.verneed, &chains) || r->dyn.verneed_count > VERSIONS_MAX)
		return bad(r, "the version needs lie outside the file");
	for (uint64_t n = 0; n < r->dyn.verneed_count; n++) {
		const uint8_t *p = reach(r, &chains, off, VERNEED_NBYTES);
		uint16_t aux_count;
		size_t aux, next;
		struct mc_str file;

		if (!p)
			return bad(r, "a version need is cut short");
		aux_count = u16_at(r, p + 2);
		MC_TRY(name_at(r, u32_at(r, p + 4), "a version need names no file", &file));
		aux = off + u32_at(r, p + 8);
		next = u32_at(r, p + 12);
		for (uint16_t a = 0; a < aux_count; a++) {
			struct mc_need_version *item;
			struct mc_version *version;
			size_t aux_next;

			p = reach(r, &chains, aux, VERNAUX_NBYTES);
			if (!p)
				return bad(r, "a version need is cut short");
			if (count == VERSIONS_MAX)
				return bad(r, "more version needs than there are indexes");
			if (count == room) {
				struct mc_need_version *more;

				room = room ? room * 2 : 16;
				more = TAKE_ARRAY(r, struct mc_need_version, room);
				if (!more)
					return no_memory(r);
				if (count)
					memcpy(more, items, count * sizeof(*items));
				items = more;
			}
			item = &items[count++];
			item->file = file;
			item->is_weak = u16_at(r, p + 4) & 2; /* VER_FLG_WEAK */
			item->index = u16_at(r, p + 6) & 0x7fff;
			MC_TRY(name_at(r, u32_at(r, p + 8), "a version need has no name",
				       &item->version));
			MC_TRY(version_slot(r, item->index, &version));
			*version = (struct mc_version){.name = item->version, .file = file};
			aux_next = u32_at(r, p + 12);
			if (!aux_next)
				break;
			aux += aux_next;
		}
		if (!next)
			break;
		off += next;
	}
	r->out->need_versions = items;
	r->out->need_versions_count = count;
	return MC_OK;
}

static enum mc_status read_version_defs(struct reader *r)
{
	struct chains chains;
	size_t off = 0;

	if (!r->dyn.verdef || !r->dyn.verdef_count)
		return MC_OK;
	if (!open_chains(r, r->dyn.verdef, &chains) || r->dyn.verdef_count > VERSIONS_MAX)
		return bad(r, "the version definitions lie outside the file");
	for (uint64_t n = 0; n < r->dyn.verdef_count; n++) {
		const uint8_t *p = reach(r, &chains, off, VERDEF_NBYTES);
		struct mc_version *version;
		size_t aux, next;

		if (!p)
			return bad(r, "a version definition is cut short");
		aux = off + u32_at(r, p + 12);
		next = u32_at(r, p + 16);
		MC_TRY(version_slot(r, u16_at(r, p + 4) & 0x7fff, &version));
		*version = (struct mc_version){.is_defined = true};
		p = reach(r, &chains, aux, VERDAUX_NBYTES);
		if (!p)
			return bad(r, "a version definition is cut short");
		MC_TRY(name_at(r, u32_at(r, p), "a version definition has no name",
			       &version->name));
		r->tables->defines_versions = true;
		if (!next)
			break;
		off += next;
	}
	return MC_OK;
}

/* ---- hash tables ---- */

/* The first word from 'start' on, of 'count' words at 'off', whose bit 0 is set.  */
static enum mc_status find_chain_end(struct reader *r, uint64_t off, uint64_t count, uint64_t start,
				     uint64_t *end_out)
{
	while (start < count) {
		uint64_t step = count - start < 4096 ? count - start : 4096;
		Elf_Data *data = chunk_at(r, off + start * 4, step * 4, ELF_T_BYTE);

		if (!data)
			break;
		for (uint64_t i = 0; i < step; i++) {
			if (u32_at(r, (const uint8_t *)data->d_buf + i * 4) & 1) {
				*end_out = start + i;
				return MC_OK;
			}
		}
		start += step;
	}
	return bad(r, "a chain of DT_GNU_HASH has no end");
}

static enum mc_status read_gnu_hash(struct reader *r)
{
	struct mc_elf_tables *t = r->tables;
	unsigned word_nbytes = t->word_bits / 8;
	uint64_t at = r->dyn.gnu_hash, off, left, end = 0;
	uint32_t last = 0;
	uint64_t *bloom;
	Elf_Data *data;

	if (!r->dyn.has_gnu_hash)
		return MC_OK;
	data = view_at(r, at, 16, ELF_T_BYTE);
	if (!data)
		return bad(r, "DT_GNU_HASH lies outside the file");
	t->gnu_buckets_count = u32_at(r, data->d_buf);
	t->gnu_first = u32_at(r, (uint8_t *)data->d_buf + 4);
	t->gnu_bloom_count = u32_at(r, (uint8_t *)data->d_buf + 8);
	t->gnu_bloom_shift = u32_at(r, (uint8_t *)data->d_buf + 12);
	if (!t->gnu_buckets_count || !t->gnu_bloom_count ||
	    t->gnu_bloom_count & (t->gnu_bloom_count - 1) || t->gnu_bloom_shift > 31)
		return bad(r, "the header of DT_GNU_HASH makes no sense");
	at += 16;
	data = view_at(r, at, (uint64_t)t->gnu_bloom_count * word_nbytes, ELF_T_BYTE);
	bloom = data ? TAKE_ARRAY(r, uint64_t, t->gnu_bloom_count) : NULL;
	if (!bloom)
		return data ? no_memory(r) : bad(r, "DT_GNU_HASH is cut short");
	for (uint32_t i = 0; i < t->gnu_bloom_count; i++) {
		const uint8_t *p = (const uint8_t *)data->d_buf + (size_t)i * word_nbytes;

		bloom[i] = word_nbytes == 8 ? u64_at(r, p) : u32_at(r, p);
	}
	t->gnu_bloom = bloom;
	at += (uint64_t)t->gnu_bloom_count * word_nbytes;
	MC_TRY(copy_words(r, at, t->gnu_buckets_count, 4, &t->gnu_buckets));
	at += (uint64_t)t->gnu_buckets_count * 4;

	/* The chain has no count: it ends where the chain of the highest bucket ends.  */
	for (uint32_t i = 0; i < t->gnu_buckets_count; i++) {
		/* musl reads in front of the chain then.  */
		if (t->gnu_buckets[i] && t->gnu_buckets[i] < t->gnu_first)
			return bad(r, "DT_GNU_HASH has a bucket below its first symbol");
		if (t->gnu_buckets[i] > last)
			last = t->gnu_buckets[i];
	}
	if (!last)
		return MC_OK;
	if (!mc_elf_map_find(&r->map, at, &off, &left))
		return bad(r, "DT_GNU_HASH is cut short");
	MC_TRY(find_chain_end(r, off, left / 4, last - t->gnu_first, &end));
	if (end >= UINT32_MAX - t->gnu_first)
		return bad(r, "a chain of DT_GNU_HASH has no end");
	t->gnu_chain_count = (uint32_t)end + 1;
	MC_TRY(copy_words(r, at, t->gnu_chain_count, 4, &t->gnu_chain));
	for (uint32_t i = 0, length = 0; i < t->gnu_chain_count; i++) {
		length = t->gnu_chain[i] & 1 ? 0 : length + 1;
		if (length > MC_CHAIN_MAX)
			return bad(r, "a chain of DT_GNU_HASH is absurdly long");
		if (length / 4 > r->out->lookup_steps) /* only words are compared */
			r->out->lookup_steps = length / 4;
	}
	return MC_OK;
}

/* Every symbol stands in one chain at most, so all chains have that many steps.  */
static enum mc_status measure_sysv_chains(struct reader *r)
{
	const struct mc_elf_tables *t = r->tables;
	uint64_t left = t->sysv_chain_count;

	for (uint32_t b = 0; b < t->sysv_buckets_count; b++) {
		uint32_t length = 0;

		for (uint32_t i = t->sysv_buckets[b]; i && i < t->sysv_chain_count; i = t->sysv_chain[i]) {
			if (!left-- || ++length > MC_CHAIN_MAX)
				return bad(r, "a chain of DT_HASH is a loop, or absurdly long");
		}
		if (length > r->out->lookup_steps)
			r->out->lookup_steps = length;
	}
	return MC_OK;
}

static enum mc_status read_sysv_hash(struct reader *r)
{
	struct mc_elf_tables *t = r->tables;
	/* The s390x ABI has 8-byte entries.  */
	unsigned entry = r->out->machine == EM_S390 && t->word_bits == 64 ? 8 : 4;
	const uint32_t *head;

	if (!r->dyn.has_hash)
		return MC_OK;
	MC_TRY(copy_words(r, r->dyn.hash, 2, entry, &head));
	MC_TRY(copy_words(r, r->dyn.hash + 2 * (uint64_t)entry, head[0], entry, &t->sysv_buckets));
	MC_TRY(copy_words(r, r->dyn.hash + (2 + (uint64_t)head[0]) * entry, head[1], entry,
			  &t->sysv_chain));
	t->sysv_buckets_count = head[0];
	t->sysv_chain_count = head[1];
	return measure_sysv_chains(r);
}

/* ---- relocations ---- */

/* So many symbols the hash tables are of: nearly always all.  */
static size_t symbols_hashed(const struct mc_elf_tables *t)
{
	size_t count = t->gnu_chain_count ? (size_t)t->gnu_first + t->gnu_chain_count : 0;

	return count > t->sysv_chain_count ? count : t->sysv_chain_count;
}

/* As many of them as can be read at all.  */
static size_t symbols_max(const struct reader *r)
{
	uint64_t nbytes = r->file_nbytes < MEMORY_NBYTES_MAX ? r->file_nbytes : MEMORY_NBYTES_MAX;

	return (size_t)(nbytes / gelf_fsize(r->elf, ELF_T_SYM, 1, EV_CURRENT));
}

/* Room for what is done with that symbol.  */
static enum mc_status use_room(struct reader *r, uint32_t symbol)
{
	size_t most = symbols_max(r), count = r->uses_count ? r->uses_count * 2 : symbols_hashed(r->tables);
	struct use *more;

	if (symbol >= most)
		return bad(r, "a relocation names a symbol outside the symbol table");
	while (count <= symbol)
		count = count ? count * 2 : 64;
	if (count > most)
		count = most;
	more = take_array(r, &r->scratch, count, sizeof(*more), alignof(struct use));
	if (!more)
		return no_memory(r);
	if (r->uses_count)
		memcpy(more, r->uses, r->uses_count * sizeof(*more));
	r->uses = more;
	r->uses_count = count;
	return MC_OK;
}

static enum mc_status note_use(struct reader *r, uint32_t symbol, uint8_t bits, uint32_t type)
{
	if (symbol >= r->uses_count)
		MC_TRY(use_room(r, symbol));
	if (!r->uses[symbol].bits || bits == MC_USE_OTHER)
		r->uses[symbol].type = type;
	r->uses[symbol].bits |= bits;
	if (symbol >= r->symbols_wanted)
		r->symbols_wanted = symbol + 1;
	return MC_OK;
}

static void note_type(struct reader *r, uint32_t type)
{
	for (size_t i = 0; i < r->types_count; i++)
		if (r->types[i] == type)
			return;
	if (r->types_count < sizeof(r->types) / sizeof(*r->types))
		r->types[r->types_count++] = type;
}

static uint8_t use_of(enum mc_reloc_kind kind)
{
	switch (kind) {
	case MC_RELOC_NONE: return 0;
	case MC_RELOC_PLT: return MC_USE_PLT;
	case MC_RELOC_PLAIN:
	case MC_RELOC_RELATIVE: return MC_USE_PLAIN;
	case MC_RELOC_COPY: return MC_USE_COPY;
	case MC_RELOC_TPOFF: return MC_USE_TPOFF;
	case MC_RELOC_TLS: return MC_USE_TLS;
	case MC_RELOC_IRELATIVE:
	case MC_RELOC_UNKNOWN: return MC_USE_OTHER;
	}
	return 0;
}

static enum mc_status read_relocs(struct reader *r, uint64_t vaddr, uint64_t nbytes, bool has_addend)
{
	Elf_Type type = has_addend ? ELF_T_RELA : ELF_T_REL;
	size_t entry_nbytes = gelf_fsize(r->elf, type, 1, EV_CURRENT);
	uint32_t last_type = 0, last_symbol = 0;
	enum mc_reloc_kind kind = MC_RELOC_NONE;
	bool is_noted = false;
	Elf_Data *data;

	if (!nbytes)
		return MC_OK;
	/* musl counts the size down to exactly 0 and runs wild when it misses that.  */
	if (nbytes % entry_nbytes || nbytes / entry_nbytes > INT32_MAX)
		return bad(r, "the size of a relocation table is no multiple of its entries");
	data = view_at(r, vaddr, nbytes, type);
	if (!data)
		return bad(r, "a relocation table lies outside the file");
	for (size_t i = 0; i < nbytes / entry_nbytes; i++) {
		uint64_t info, place;
		uint32_t symbol, reloc_type;
		GElf_Rela rela;
		GElf_Rel rel;

		if (has_addend ? !gelf_getrela(data, (int)i, &rela) : !gelf_getrel(data, (int)i, &rel))
			return bad(r, "a relocation table is cut short");
		info = has_addend ? rela.r_info : rel.r_info;
		place = has_addend ? rela.r_offset : rel.r_offset;
		symbol = (uint32_t)GELF_R_SYM(info);
		reloc_type = GELF_R_TYPE(info) & INT32_MAX; /* as musl's R_TYPE() */
		if (reloc_type != last_type) {
			last_type = reloc_type;
			kind = mc_reloc_kind(r->out->machine, reloc_type);
			is_noted = false;
		}
		if (kind == MC_RELOC_NONE)
			continue;
		/* With DT_TEXTREL all is made writable.  */
		if (!r->out->has_textrel && !mc_elf_map_is_writable(&r->map, place, 4))
			return bad(r, "a relocation writes where nothing can be written");
		if (kind == MC_RELOC_RELATIVE && has_addend)
			mc_elf_init_note_address(&r->init, place, (uint64_t)rela.r_addend);
		else
			mc_elf_init_note(&r->init, place,
					 symbol || (kind != MC_RELOC_PLAIN && kind != MC_RELOC_PLT));
		if (symbol) {
			MC_TRY(note_use(r, symbol, use_of(kind), reloc_type));
			last_symbol = symbol;
			continue;
		}
		if (!is_noted)
			note_type(r, reloc_type);
		is_noted = true;
		if (kind == MC_RELOC_TPOFF && !r->out->has_local_tpoff) {
			/* do_relocs() leaves 'name' as the entry before set it.  */
			r->out->has_local_tpoff = true;
			r->out->local_tpoff_name.len = last_symbol; /* a name: see read_imports() */
		}
	}
	return MC_OK;
}

static enum mc_status read_relr_place(struct reader *r, uint64_t place)
{
	unsigned word_nbytes = r->init.word_nbytes;

	if (!r->out->has_textrel && !mc_elf_map_is_writable(&r->map, place, word_nbytes))
		return bad(r, "DT_RELR writes where nothing can be written");
	mc_elf_init_note(&r->init, place, true);
	return MC_OK;
}

/* musl's do_relr_relocs(): a place, or a bit for each of the words behind the last one.  */
static enum mc_status read_relr(struct reader *r)
{
	unsigned word_nbytes = r->init.word_nbytes;
	uint64_t count = r->dyn.relrsz / word_nbytes, place = 0, left = r->file_nbytes / word_nbytes;
	bool has_place = false;
	Elf_Data *data;

	if (!r->dyn.relrsz)
		return MC_OK;
	if (r->dyn.relrsz % word_nbytes)
		return bad(r, "the size of DT_RELR is no multiple of its entries");
	data = view_at(r, r->dyn.relr, r->dyn.relrsz, ELF_T_BYTE);
	if (!data)
		return bad(r, "DT_RELR lies outside the file");
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *p = (const uint8_t *)data->d_buf + i * word_nbytes;
		uint64_t word = word_nbytes == 8 ? u64_at(r, p) : u32_at(r, p);

		if (!(word & 1)) {
			has_place = true;
			MC_TRY(read_relr_place(r, word));
			place = word + word_nbytes;
			continue;
		}
		if (!has_place)
			return bad(r, "DT_RELR begins with a bitmap");
		for (uint64_t bits = word >> 1, at = place; bits; bits >>= 1, at += word_nbytes) {
			if (!(bits & 1))
				continue;
			/* What it adds to stands in the file, so there are not more.  */
			if (!left--)
				return bad(r, "DT_RELR is absurdly long");
			MC_TRY(read_relr_place(r, at));
		}
		place += (8 * word_nbytes - 1) * word_nbytes;
	}
	return MC_OK;
}

/* In the order of musl's reloc_all().  */
static enum mc_status read_all_relocs(struct reader *r)
{
	const struct dynamic *d = &r->dyn;

	MC_TRY(read_relocs(r, d->jmprel, d->pltrelsz, d->pltrel == DT_RELA));
	MC_TRY(read_relocs(r, d->rel, d->relsz, false));
	MC_TRY(read_relocs(r, d->rela, d->relasz, true));
	return read_relr(r);
}

/* What is called when all is relocated.  */
static enum mc_status check_init(struct reader *r)
{
	const char *problem = mc_elf_init_problem(&r->init, r->is_fixed);

	return problem && mc_reloc_knows(r->out->machine) ? bad(r, problem) : MC_OK;
}

/* ---- symbols ---- */

static enum mc_status read_symbols(struct reader *r)
{
	struct mc_elf_tables *t = r->tables;
	uint64_t count = r->symbols_wanted, entry_nbytes = gelf_fsize(r->elf, ELF_T_SYM, 1, EV_CURRENT);
	Elf_Data *data, *versions = NULL;
	struct mc_symbol *symbols;

	if (symbols_hashed(t) > count)
		count = symbols_hashed(t);
	if (!count)
		return MC_OK;
	data = count <= r->file_nbytes / entry_nbytes
		       ? view_at(r, r->dyn.symtab, count * entry_nbytes, ELF_T_SYM)
		       : NULL;
	if (!data || count > INT32_MAX)
		return bad(r, "the symbol table lies outside the file");
	if (r->dyn.has_versym) {
		versions = view_at(r, r->dyn.versym, count * 2, ELF_T_BYTE);
		if (!versions)
			return bad(r, "DT_VERSYM lies outside the file");
		t->has_versym = true;
	}
	symbols = TAKE_ARRAY(r, struct mc_symbol, count);
	if (!symbols)
		return no_memory(r);
	for (size_t i = 0; i < count; i++) {
		struct mc_symbol *s = &symbols[i];
		GElf_Sym sym;

		if (!gelf_getsym(data, (int)i, &sym))
			return bad(r, "the symbol table is cut short");
		s->name_off = sym.st_name < t->strings_nbytes ? sym.st_name : t->strings_nbytes;
		s->info = sym.st_info;
		s->is_undefined = sym.st_shndx == SHN_UNDEF;
		s->has_value = sym.st_value != 0;
		s->version = versions ? u16_at(r, (const uint8_t *)versions->d_buf + 2 * i) : 1;
	}
	t->symbols = symbols;
	t->symbols_count = (uint32_t)count;
	return MC_OK;
}

static enum mc_status read_imports(struct reader *r)
{
	const struct mc_elf_tables *t = r->tables;
	struct mc_elf *out = r->out;
	struct mc_import *imports;
	size_t count = 0;

	for (uint32_t i = 1; i < r->symbols_wanted; i++)
		count += r->uses[i].bits != 0;
	imports = TAKE_ARRAY(r, struct mc_import, count + 1);
	if (!imports)
		return no_memory(r);
	out->imports = imports;
	for (uint32_t i = 1; i < r->symbols_wanted; i++) {
		const struct mc_symbol *s = &t->symbols[i];
		struct mc_import *import = &imports[out->imports_count];

		if (!r->uses[i].bits)
			continue;
		MC_TRY(name_at(r, s->name_off,
			       "the name of an imported symbol lies outside the string table",
			       &import->name));
		if (GELF_ST_BIND(s->info) == STB_LOCAL) {
			/* Resolved to this very file; only its TLS model can matter.  */
			note_type(r, r->uses[i].type);
			if (r->uses[i].bits & MC_USE_TPOFF && !out->has_local_tpoff) {
				out->has_local_tpoff = true;
				out->local_tpoff_name.len = i;
			}
			continue;
		}
		memcpy(import->first, import->name.ptr,
		       import->name.len < sizeof(import->first) ? import->name.len : sizeof(import->first));
		import->gnu_hash = mc_lookup(import->name).gnu_hash;
		mc_elf_version_of(t, s, &import->version, &import->from_file);
		import->uses = r->uses[i].bits;
		import->reloc_type = r->uses[i].type;
		import->is_weak = GELF_ST_BIND(s->info) == STB_WEAK;
		import->is_defined = !s->is_undefined;
		import->is_tls = GELF_ST_TYPE(s->info) == STT_TLS;
		import->is_data = GELF_ST_TYPE(s->info) == STT_OBJECT;
		out->imports_count++;
	}
	if (out->has_local_tpoff) {
		size_t symbol = out->local_tpoff_name.len;

		out->local_tpoff_name = (struct mc_str){"", 0};
		if (symbol)
			MC_TRY(name_at(r, t->symbols[symbol].name_off,
				       "the name of a symbol lies outside the string table",
				       &out->local_tpoff_name));
	}
	if (r->types_count) {
		uint32_t *types = TAKE_ARRAY(r, uint32_t, r->types_count);

		if (!types)
			return no_memory(r);
		memcpy(types, r->types, r->types_count * sizeof(*types));
		out->reloc_types = types;
		out->reloc_types_count = r->types_count;
	}
	return MC_OK;
}

/* ---- the room's door ---- */

enum mc_status mc_elf_startup(struct mc_error *err)
{
	if (elf_version(EV_CURRENT) == EV_NONE)
		return mc_fail(err, MC_ERR_UNSUPPORTED, NULL, "libelf is too old");
	return MC_OK;
}

static enum mc_status read_file(struct reader *r)
{
	MC_TRY(read_headers(r));
	if (!r->dynamic_data)
		return MC_OK;
	MC_TRY(read_dynamic(r));
	MC_TRY(read_strings(r));
	MC_TRY(read_names(r));
	MC_TRY(read_need_versions(r));
	MC_TRY(read_version_defs(r));
	MC_TRY(read_gnu_hash(r));
	MC_TRY(read_sysv_hash(r));
	r->init = (struct mc_elf_init){
		.map = &r->map,
		.init = r->dyn.init,
		.array = r->dyn.init_array,
		.array_nbytes = r->dyn.init_array_nbytes,
		.word_nbytes = r->out->word_bits / 8,
	};
	MC_TRY(read_all_relocs(r));
	MC_TRY(read_symbols(r));
	MC_TRY(read_imports(r));
	return check_init(r);
}

/*
 * libelf allocates a descriptor for every section that the header claims, and
 * with extended numbering (e_shnum 0) that claim is any 64-bit number.  No loader
 * reads sections, so such a header is shown to libelf with the sections taken off,
 * in a copy of the file: no linker writes one for a loader, small or large.
 */
#define EXTENDED_NBYTES_MAX ((uint64_t)64 << 20)

static bool has_extended_sections(const uint8_t *head, size_t nbytes)
{
	bool is_64 = nbytes > EI_CLASS && head[EI_CLASS] == ELFCLASS64;
	size_t shoff = is_64 ? 40 : 32, shoff_nbytes = is_64 ? 8 : 4, shnum = is_64 ? 60 : 48;
	bool has_offset = false;

	if (nbytes < shnum + 2)
		return false;
	for (size_t i = 0; i < shoff_nbytes; i++)
		has_offset |= head[shoff + i] != 0;
	return has_offset && !head[shnum] && !head[shnum + 1];
}

static enum mc_status open_image(struct reader *r, const struct mc_image *image)
{
	uint8_t head[64];
	size_t nbytes;
	char *copy;

	if (image->bytes.ptr) {
		r->file_nbytes = image->bytes.len;
		nbytes = image->bytes.len < sizeof(head) ? image->bytes.len : sizeof(head);
		memcpy(head, image->bytes.ptr, nbytes);
	} else {
		r->file_nbytes = image->nbytes;
		MC_TRY(mc_image_read(image, 0, head, sizeof(head), &nbytes, r->err));
	}
	if (nbytes < EI_NIDENT || memcmp(head, ELFMAG, SELFMAG))
		return bad(r, "not an ELF file");
	if (has_extended_sections(head, nbytes)) {
		if (r->file_nbytes > EXTENDED_NBYTES_MAX)
			return bad(r, "its section headers make no sense");
		copy = mc_arena_take(&r->scratch, (size_t)r->file_nbytes, 8);
		if (!copy)
			return no_memory(r);
		MC_TRY(mc_image_read(image, 0, copy, (size_t)r->file_nbytes, &nbytes, r->err));
		r->file_nbytes = nbytes;
		memset(copy + (head[EI_CLASS] == ELFCLASS64 ? 40 : 32), 0,
		       head[EI_CLASS] == ELFCLASS64 ? 8 : 4);
		r->elf = elf_memory(copy, nbytes);
	} else if (image->bytes.ptr) {
		/* libelf only writes to an image when told to; its prototype is older than const.  */
		r->elf = elf_memory((char *)(uintptr_t)image->bytes.ptr, image->bytes.len);
	} else {
		r->elf = elf_begin(image->fd, ELF_C_READ, NULL);
	}
	if (!r->elf || elf_kind(r->elf) != ELF_K_ELF)
		return bad(r, "not a readable ELF file");
	if (gelf_getclass(r->elf) == ELFCLASSNONE)
		return mc_fail(r->err, MC_ERR_UNSUPPORTED, NULL, "an ELF class that does not exist");
	return MC_OK;
}

enum mc_status mc_elf_read(const struct mc_image *image, struct mc_arena *arena,
			   struct mc_elf *elf_out, struct mc_error *err)
{
	struct reader r = {.image = image, .arena = arena, .err = err, .out = elf_out,
			   .memory_left = MEMORY_NBYTES_MAX};
	enum mc_status status;

	*elf_out = (struct mc_elf){0};
	mc_arena_init(&r.scratch, arena->alloc);
	errno = 0;
	status = open_image(&r, image);
	if (status < 0)
		goto out;
	r.tables = MC_TAKE(arena, struct mc_elf_tables);
	if (!r.tables) {
		status = no_memory(&r);
		goto out;
	}
	r.tables->strings = "";
	r.tables->word_bits = gelf_getclass(r.elf) == ELFCLASS32 ? 32 : 64;
	elf_out->tables = r.tables;
	status = read_file(&r);
out:
	elf_end(r.elf); /* NULL is allowed */
	mc_arena_clear(&r.scratch);
	return status;
}

bool mc_elf_is_irelative(uint16_t machine, uint32_t reloc_type)
{
	return mc_reloc_kind(machine, reloc_type) == MC_RELOC_IRELATIVE;
}

bool mc_elf_is_musl_reloc(uint16_t machine, uint32_t reloc_type)
{
	enum mc_reloc_kind kind = mc_reloc_kind(machine, reloc_type);

	return kind != MC_RELOC_IRELATIVE && kind != MC_RELOC_UNKNOWN;
}
