/* SPDX-License-Identifier: MIT */
/*
 * musl's loader, ldso/dynlink.c of 1.2.3 to 1.2.6, told as the questions it asks.
 * Functions are named after those they follow; where versions differ, it is said.
 */
#include "model.h"
#include "path.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

/* load_library(): char buf[2*NAME_MAX+2], and snprintf() must not have cut.  */
enum { PATH_ROOM = 2 * 255 + 2 };

#define STB_UNIQUE 10 /* STB_GNU_UNIQUE */

bool mc_musl_is_libc_name(struct mc_str soname)
{
	static const char *const reserved[] = {"libc.",  "libpthread.", "librt.",  "libm.",
					       "libdl.", "libutil.",    "libxnet."};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (mc_str_starts(soname, mc_str_of(reserved[i])))
			return true;
	return false;
}

struct mc_str mc_musl_lfs64(struct mc_str name, const char *musl_version)
{
	/* get_lfs64() of 1.2.4 on; before, these names were exported.  */
	static const char *const list[] = {
		"aio_cancel", "aio_error", "aio_fsync", "aio_read", "aio_return", "aio_suspend",
		"aio_write", "alphasort", "creat", "fallocate", "fgetpos", "fopen", "freopen",
		"fseeko", "fsetpos", "fstat", "fstatat", "fstatfs", "fstatvfs", "ftello",
		"ftruncate", "ftw", "getdents", "getrlimit", "glob", "globfree", "lio_listio",
		"lockf", "lseek", "lstat", "mkostemp", "mkostemps", "mkstemp", "mkstemps", "mmap",
		"nftw", "open", "openat", "posix_fadvise", "posix_fallocate", "pread", "preadv",
		"prlimit", "pwrite", "pwritev", "readdir", "scandir", "sendfile", "setrlimit",
		"stat", "statfs", "statvfs", "tmpfile", "truncate", "versionsort", "__fxstat",
		"__fxstatat", "__lxstat", "__xstat"};
	struct mc_str base = {name.ptr, name.len - 2};

	if (mc_version_compare(musl_version, "1.2.4") < 0)
		return MC_STR("");
	if (mc_str_is(name, MC_STR("readdir64_r")))
		return MC_STR("readdir_r");
	if (!mc_str_ends(name, MC_STR("64")))
		return MC_STR("");
	/* 1.2.4 and 1.2.5 copy the name into buf[16] first: "posix_fallocate64" has 17
	 * bytes and is given up.  Upstream commit 53ac44ff, in 1.2.6, uses strnlen().  */
	if (mc_version_compare(musl_version, "1.2.6") < 0 && name.len > 16)
		return MC_STR("");
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (mc_str_is(base, mc_str_of(list[i])))
			return base;
	return MC_STR("");
}

/* ---- loading ---- */

/* find_sym2(): what makes a table entry a definition.  */
static bool is_definition(const struct mc_definition *d, bool need_def)
{
	if (d->is_undefined && (need_def || d->type == STT_TLS))
		return false;
	if (!d->has_value && d->type != STT_TLS)
		return false;
	return (d->type == STT_NOTYPE || d->type == STT_OBJECT || d->type == STT_FUNC ||
		d->type == STT_COMMON || d->type == STT_TLS) &&
	       (d->bind == STB_GLOBAL || d->bind == STB_WEAK || d->bind == STB_UNIQUE);
}

static bool defines(const struct mc_elf *elf, struct mc_lookup *lookup, bool need_def)
{
	struct mc_definition definition;

	return mc_elf_find(elf, lookup, &definition) && is_definition(&definition, need_def);
}

static const char *reason_of(enum mc_open answer)
{
	switch (answer) {
	case MC_OPEN_FOUND:
	case MC_OPEN_ABSENT: return "No such file or directory";
	case MC_OPEN_FORBIDDEN: return "Symbolic link loop"; /* the one such errno seen: ELOOP */
	case MC_OPEN_DIRECTORY: return "Is a directory";
	case MC_OPEN_NOT_ELF: return "Exec format error";
	}
	return "";
}

/* What a search gave: a file, a library of the image, or why not.  */
struct find {
	enum mc_open answer;
	struct mc_object *object;
	struct mc_loaded library; /* the fields that mc_process_library() fills */
	struct mc_str path;
	bool is_void; /* an rpath on the way was dropped */
};

/* path_open() over one entry; "" ends a search there, so none is empty here.  */
static enum mc_status try_entry(struct mc_loading *l, size_t needed_by, struct mc_str entry,
				struct mc_str name, bool is_literal, struct find *find)
{
	char buf[PATH_ROOM];
	size_t nbytes = entry.len + 1 + name.len;

	if (nbytes >= sizeof(buf))
		return MC_OK;
	memcpy(buf, entry.ptr, entry.len);
	buf[entry.len] = '/';
	memcpy(buf + entry.len + 1, name.ptr, name.len);
	buf[nbytes] = '\0';
	return mc_open_for(l, needed_by, (struct mc_str){buf, nbytes}, is_literal, &find->answer,
			   &find->object, &find->path);
}

static size_t entry_length(struct mc_str text)
{
	size_t n = 0;

	while (n < text.len && text.ptr[n] != ':' && text.ptr[n] != '\n')
		n++;
	return n;
}

/*
 * fixup_rpath() and path_open(): every '$' must begin $ORIGIN or ${ORIGIN}, else
 * the whole of it counts for nothing.
 */
static enum mc_status try_rpath(struct mc_loading *l, size_t needed_by, size_t owner,
				struct mc_str name, struct find *find)
{
	const struct mc_loaded *file = &l->chain[owner];
	struct mc_str origin = mc_origin_of(file->name), rpath;
	char buf[4096];

	if (!file->object)
		return MC_OK;
	rpath = file->object->elf.runpath.ptr ? file->object->elf.runpath : file->object->elf.rpath;
	for (size_t i = 0; i < rpath.len; i++) {
		struct mc_str rest = {rpath.ptr + i, rpath.len - i};

		if (rest.ptr[0] == '$' && !mc_str_starts(rest, MC_STR("$ORIGIN")) &&
		    !mc_str_starts(rest, MC_STR("${ORIGIN}"))) {
			find->is_void = true;
			return MC_OK;
		}
	}
	while (rpath.len && find->answer == MC_OPEN_ABSENT) {
		size_t length = entry_length(rpath), n = 0;
		bool is_literal = true;
		struct mc_str made;

		for (size_t i = 0; i < length && n < sizeof(buf);) {
			if (rpath.ptr[i] != '$') {
				buf[n++] = rpath.ptr[i++];
				continue;
			}
			is_literal = false;
			i += rpath.ptr[i + 1] == '{' ? strlen("${ORIGIN}") : strlen("$ORIGIN");
			if (origin.len > sizeof(buf) - n) {
				n = sizeof(buf);
				break;
			}
			memcpy(buf + n, origin.ptr, origin.len);
			n += origin.len;
		}
		/* A ':' of the folder's own name splits the entry again.  */
		made = (struct mc_str){buf, n < sizeof(buf) ? n : 0};
		while (made.len && find->answer == MC_OPEN_ABSENT) {
			size_t part = entry_length(made);

			if (part)
				MC_TRY(try_entry(l, needed_by, (struct mc_str){made.ptr, part}, name,
						 is_literal, find));
			part += part < made.len;
			made = (struct mc_str){made.ptr + part, made.len - part};
		}
		length += length < rpath.len;
		rpath = (struct mc_str){rpath.ptr + length, rpath.len - length};
	}
	return MC_OK;
}

/* The default path; the official image has no /etc/ld-musl-ARCH.path, a sysroot says.  */
static enum mc_status try_system(struct mc_loading *l, size_t needed_by, struct mc_str name,
				 struct find *find)
{
	static const struct mc_str defaults[] = {
		{"/lib", 4}, {"/usr/local/lib", 14}, {"/usr/lib", 8}};
	const struct mc_sysroot *sysroot = l->resolver->process.sysroot;
	const struct mc_str *folders = sysroot ? sysroot->folders : defaults;
	size_t count = sysroot ? sysroot->folders_count : 3;
	char buf[PATH_ROOM];

	for (size_t i = 0; i < count && find->answer == MC_OPEN_ABSENT; i++)
		MC_TRY(try_entry(l, needed_by, folders[i], name, true, find));
	if (find->answer != MC_OPEN_ABSENT)
		return MC_OK;
	mc_process_library(l, name, &find->library);
	if (!find->library.library)
		return MC_OK;
	find->answer = MC_OPEN_FOUND;
	snprintf(buf, sizeof(buf), "/usr/lib/%.*s", (int)name.len, name.ptr);
	if (mc_arena_copy(l->resolver->arena, mc_str_of(buf), &find->path))
		return mc_no_memory(l->err);
	return MC_OK;
}

static bool is_libc_entry(const struct mc_loaded *loaded)
{
	return !loaded->object && !loaded->library;
}

static enum mc_status add_libc(struct mc_loading *l, struct mc_str asked, size_t needed_by)
{
	struct mc_loaded libc = {
		.name = MC_STR("libc.so"), .asked = asked, .needed_by = needed_by};

	for (size_t i = 0; i < l->chain_count; i++)
		if (is_libc_entry(&l->chain[i]))
			return MC_OK;
	return mc_chain_add(l, &libc);
}

/* The loader's own file: in the default path of the image, and then replaced by itself.  */
static bool is_loader_name(struct mc_str name)
{
	return mc_str_starts(name, MC_STR("ld-musl-")) && mc_str_ends(name, MC_STR(".so.1"));
}

static enum mc_status complain_of_library(struct mc_loading *l, size_t needed_by,
					  struct mc_str name, const char *reason, bool is_void)
{
	return mc_complain(l, needed_by,
			   &(struct mc_complaint){.kind = MC_COMPLAINT_NO_LIBRARY,
						  .subject = name,
						  .detail = mc_str_of(reason),
						  .is_voided_rpath = is_void});
}

static enum mc_status search(struct mc_loading *l, struct mc_str name, size_t needed_by,
			     struct find *find)
{
	if (name.len > 255)
		return MC_OK;
	for (size_t p = needed_by; p != NOBODY && find->answer == MC_OPEN_ABSENT;
	     p = l->chain[p].needed_by)
		MC_TRY(try_rpath(l, needed_by, p, name, find));
	return find->answer == MC_OPEN_ABSENT ? try_system(l, needed_by, name, find) : MC_OK;
}

/* load_library() */
static enum mc_status load_library(struct mc_loading *l, struct mc_str name, size_t needed_by)
{
	/* The program itself is never found by name or by inode (head->next).  */
	size_t first = l->is_program ? 1 : 0;
	struct find find = {.answer = MC_OPEN_ABSENT};
	bool has_slash = name.len && memchr(name.ptr, '/', name.len);
	struct mc_loaded loaded;

	MC_TRY(mc_work(l->resolver, 1 + l->chain_count / 4));
	if (!name.len)
		return complain_of_library(l, needed_by, name, "Invalid argument", false);
	if (mc_musl_is_libc_name(name) || is_loader_name(name) ||
	    (mc_str_starts(name, MC_STR("/lib/ld-musl-")) && is_loader_name(mc_path_base(name))))
		return add_libc(l, name, needed_by);
	if (has_slash) {
		MC_TRY(mc_open_for(l, needed_by, name, true, &find.answer, &find.object, &find.path));
	} else {
		for (size_t i = first; i < l->chain_count; i++)
			if (l->chain[i].shortname.len && mc_str_is(l->chain[i].shortname, name))
				return MC_OK;
		MC_TRY(search(l, name, needed_by, &find));
	}
	if (find.answer != MC_OPEN_FOUND)
		return complain_of_library(l, needed_by, name, reason_of(find.answer), find.is_void);
	for (size_t i = first; i < l->chain_count; i++) {
		struct mc_loaded *other = &l->chain[i];

		if (other->object != find.object || other->library != find.library.library)
			continue;
		if (!other->shortname.len && !has_slash)
			other->shortname = mc_path_base(other->name);
		return MC_OK;
	}
	if (find.object) {
		struct mc_lookup start = mc_lookup(MC_STR("__libc_start_main"));
		struct mc_lookup in = mc_lookup(MC_STR("stdin"));

		/* A second libc, musl's or glibc's, is thrown away for the own one.  */
		if (defines(&find.object->elf, &start, true) && defines(&find.object->elf, &in, true))
			return add_libc(l, name, needed_by);
	}
	loaded = find.library;
	loaded.object = find.object;
	loaded.asked = name;
	loaded.needed_by = needed_by;
	loaded.name = find.path;
	if (!has_slash)
		loaded.shortname = mc_path_base(find.path);
	return mc_chain_add(l, &loaded);
}

/* load_deps(): the list grows while it is walked. */
static enum mc_status load_deps(struct mc_loading *l)
{
	for (size_t i = 0; i < l->chain_count; i++) {
		const struct mc_object *object = l->chain[i].object;
		const struct mc_export_set *exports = l->chain[i].exports;

		for (size_t n = 0; object && n < object->elf.needed_count; n++)
			MC_TRY(load_library(l, object->elf.needed[n], i));
		for (size_t n = 0; exports && exports->needed && exports->needed[n]; n++)
			MC_TRY(load_library(l, mc_str_of(exports->needed[n]), i));
	}
	return MC_OK;
}

/* ---- relocating ---- */

static bool libc_has(const struct mc_resolver *r, const struct mc_elf *asking,
		     struct mc_lookup *lookup, uint32_t name_id)
{
	const struct mc_export_set *set;

	if (r->process.libc_elf)
		return defines(r->process.libc_elf, lookup, true);
	set = mc_export_set_pick(r->process.target.libc->sets, asking->machine, asking->word_bits,
				 (struct mc_str){"", 0});
	return set && mc_export_set_has(set, name_id, 0, true);
}

/* find_sym() from chain[first] on: whose definition it is; NOBODY when there is none.  */
static size_t find_sym(const struct mc_loading *l, size_t first, struct mc_lookup *lookup,
		       uint32_t name_id, bool need_def)
{
	for (size_t i = first; i < l->chain_count; i++) {
		const struct mc_loaded *loaded = &l->chain[i];

		if (loaded->object ? defines(&loaded->object->elf, lookup, need_def)
		    : loaded->exports ? mc_export_set_has(loaded->exports, name_id, 0, true)
				      : false)
			return i;
	}
	return NOBODY;
}

/*
 * A program has libc in its chain only when something needs it; the interpreter
 * that dlopen()s a library has.
 */
static bool has_libc(const struct mc_loading *l)
{
	if (l->root->elf.type != MC_ELF_PROGRAM)
		return true;
	for (size_t i = 0; i < l->chain_count; i++)
		if (is_libc_entry(&l->chain[i]))
			return true;
	return false;
}

/* do_relocs() comes to the type when it has looked for the symbol.  */
static enum mc_status check_type(struct mc_loading *l, size_t i, const struct mc_import *import)
{
	if (mc_elf_is_musl_reloc(l->root->elf.machine, import->reloc_type))
		return MC_OK;
	return mc_complain(l, i,
			   &(struct mc_complaint){.kind = MC_COMPLAINT_RELOC,
						  .subject = import->name,
						  .import = import,
						  .number = import->reloc_type});
}

/* The symbol is there; now for what the relocation does with it.  */
static enum mc_status use_symbol(struct mc_loading *l, size_t i, const struct mc_import *import,
				 size_t owner)
{
	struct mc_complaint c = {.subject = import->name, .import = import};
	const struct mc_object *object = owner == NOBODY ? NULL : l->chain[owner].object;

	/* static_tls_cnt covers what was there at start, never a dlopen()ed file; one
	 * without a TLS segment counts as there.  */
	if (import->uses & MC_USE_TPOFF && owner != NOBODY && !l->is_program &&
	    (object ? object->elf.has_tls : import->is_tls)) {
		c.kind = MC_COMPLAINT_STATIC_TLS;
		c.detail = l->chain[owner].name;
		return mc_complain(l, i, &c);
	}
	return check_type(l, i, import);
}

/* do_relocs(), for the symbol of one or more relocations. */
static enum mc_status settle(struct mc_loading *l, size_t i, const struct mc_import *import,
			     struct mc_lookup *lookup)
{
	const struct mc_resolver *r = l->resolver;
	const struct mc_elf *asking = &l->root->elf; /* the loader is the root's */
	bool need_def = import->uses & MC_USE_PLT;
	/* A copy relocation looks behind the program (head->syms_next).  */
	size_t first = import->uses & MC_USE_COPY && l->is_program ? 1 : 0;
	uint32_t name_id;
	size_t owner;
	struct mc_str base;

	if (r->process.has_python && !l->is_program && mc_is_python_import(import))
		return check_type(l, i, import);
	name_id = mc_lookup_name_id(lookup);
	owner = find_sym(l, first, lookup, name_id, need_def);
	if (owner != NOBODY || (has_libc(l) && libc_has(r, asking, lookup, name_id)))
		return use_symbol(l, i, import, owner);
	base = mc_musl_lfs64(import->name, r->libc_version);
	if (base.len) {
		struct mc_lookup base_lookup = mc_lookup(base);

		if (libc_has(r, asking, &base_lookup, mc_lookup_name_id(&base_lookup)))
			return check_type(l, i, import);
	}
	if (import->is_weak && !import->is_defined) {
		/* def.dso is NULL then, and a TLS relocation asks it for its tls_id.  */
		if (import->uses & (MC_USE_TPOFF | MC_USE_TLS))
			return mc_complain(l, i,
					   &(struct mc_complaint){.kind = MC_COMPLAINT_CRASH,
								  .subject = import->name,
								  .import = import});
		return check_type(l, i, import);
	}
	return mc_complain_of_symbol(l, i, import, name_id);
}

/* What the file itself asks of the loader, whatever is around it. */
static enum mc_status inspect(struct mc_loading *l, size_t i)
{
	const struct mc_elf *elf = &l->chain[i].object->elf;

	if (!mc_elf_has_hash(elf) && !elf->is_blank)
		MC_TRY(mc_complain(l, i, &(struct mc_complaint){.kind = MC_COMPLAINT_CRASH}));

	if (elf->has_relr && mc_version_compare(l->resolver->libc_version, "1.2.4") < 0)
		MC_TRY(mc_complain(l, i, &(struct mc_complaint){.kind = MC_COMPLAINT_RELR}));
	if (elf->has_local_tpoff && !l->is_program)
		MC_TRY(mc_complain(l, i,
				   &(struct mc_complaint){.kind = MC_COMPLAINT_STATIC_TLS,
							  .subject = elf->local_tpoff_name,
							  .detail = l->chain[i].name}));
	for (size_t n = 0; n < elf->reloc_types_count; n++)
		if (!mc_elf_is_musl_reloc(l->root->elf.machine, elf->reloc_types[n]))
			MC_TRY(mc_complain(l, i,
					   &(struct mc_complaint){.kind = MC_COMPLAINT_RELOC,
								  .number = elf->reloc_types[n]}));
	return MC_OK;
}

const struct mc_model mc_model_musl = {load_deps, settle, inspect};
