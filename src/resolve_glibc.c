/* SPDX-License-Identifier: MIT */
/*
 * glibc's loader: elf/dl-load.c, dl-version.c, dl-lookup.c of 2.31 to 2.41, as far
 * as it decides whether a file loads.  The table is the judge of symbol versions.
 */
#include "model.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#ifndef EM_RISCV
#define EM_RISCV 243
#endif

static bool libc_is_at_least(const struct mc_loading *l, const char *version)
{
	return mc_version_compare(l->resolver->libc_version, version) >= 0;
}

/* ---- loading ---- */

static struct mc_str soname_of(const struct mc_loaded *loaded)
{
	if (loaded->object)
		return loaded->object->elf.soname;
	if (loaded->library)
		return mc_str_of(loaded->library->soname);
	return loaded->libc_file ? mc_str_of(loaded->libc_file->soname) : MC_STR("");
}

/* _dl_map_object(): already there under that name, or with that DT_SONAME.  */
static bool is_loaded(const struct mc_loading *l, struct mc_str name)
{
	for (size_t i = 0; i < l->chain_count; i++)
		if (mc_str_is(l->chain[i].asked, name) || mc_str_is(l->chain[i].name, name) ||
		    mc_str_is(soname_of(&l->chain[i]), name))
			return true;
	return false;
}

/* Debian's own values of $LIB and $PLATFORM.  */
static const char *lib_of(const struct mc_elf *elf)
{
	switch (elf->machine) {
	case EM_X86_64: return "lib/x86_64-linux-gnu";
	case EM_AARCH64: return "lib/aarch64-linux-gnu";
	case EM_ARM: return "lib/arm-linux-gnueabihf";
	case EM_386: return "lib/i386-linux-gnu";
	case EM_PPC64: return "lib/powerpc64le-linux-gnu";
	case EM_S390: return "lib/s390x-linux-gnu";
	default: return "lib";
	}
}

struct token {
	struct mc_str plain, braced;
};

/* _dl_dst_substitute(): tokens it does not know stay as they are.  */
static bool expand(const struct mc_elf *elf, struct mc_str origin, struct mc_str text, char *buf,
		   size_t buf_nbytes, size_t *n_out, bool *is_literal_out)
{
	const char *platform = mc_machine_name(elf->machine, elf->word_bits, elf->is_big_endian);
	const struct token tokens[] = {
		{MC_STR("$ORIGIN"), MC_STR("${ORIGIN}")},
		{MC_STR("$LIB"), MC_STR("${LIB}")},
		{MC_STR("$PLATFORM"), MC_STR("${PLATFORM}")},
	};
	const struct mc_str values[] = {origin, mc_str_of(lib_of(elf)), mc_str_of(platform)};
	size_t n = 0;

	*is_literal_out = true;
	for (size_t i = 0; i < text.len;) {
		struct mc_str rest = {text.ptr + i, text.len - i}, value = {text.ptr + i, 1};
		size_t step = 1;

		for (size_t t = 0; t < 3 && rest.ptr[0] == '$'; t++) {
			bool is_braced = mc_str_starts(rest, tokens[t].braced);

			if (!is_braced && !mc_str_starts(rest, tokens[t].plain))
				continue;
			step = is_braced ? tokens[t].braced.len : tokens[t].plain.len;
			value = values[t];
			*is_literal_out &= t != 0;
			break;
		}
		if (value.len >= buf_nbytes - n)
			return false;
		memcpy(buf + n, value.ptr, value.len);
		n += value.len;
		i += step;
	}
	*n_out = n;
	return true;
}

struct find {
	enum mc_open answer;
	struct mc_object *object;
	struct mc_str path;
};

static enum mc_status try_path(struct mc_loading *l, size_t needed_by, struct mc_str path,
			       bool is_literal, struct find *find)
{
	MC_TRY(mc_open_for(l, needed_by, path, is_literal, &find->answer, &find->object, &find->path));
	/* open_path() goes on after a file of another machine or class, and after ENOENT.  */
	if (find->answer == MC_OPEN_FOUND && (find->object->elf.machine != l->root->elf.machine ||
					      find->object->elf.word_bits != l->root->elf.word_bits))
		find->answer = MC_OPEN_ABSENT;
	return MC_OK;
}

static enum mc_status try_dirs(struct mc_loading *l, size_t needed_by, size_t owner,
			       struct mc_str dirs, struct mc_str name, struct find *find)
{
	const struct mc_loaded *file = &l->chain[owner];
	char buf[4096];

	while (dirs.len && find->answer == MC_OPEN_ABSENT) {
		const char *colon = memchr(dirs.ptr, ':', dirs.len);
		struct mc_str entry = {dirs.ptr, colon ? (size_t)(colon - dirs.ptr) : dirs.len};
		bool is_literal;
		size_t n, skip = entry.len + (colon != NULL);

		if (entry.len &&
		    expand(&file->object->elf, mc_origin_of(file->name), entry, buf, sizeof(buf), &n,
			   &is_literal) &&
		    name.len + 1 < sizeof(buf) - n) {
			buf[n++] = '/';
			memcpy(buf + n, name.ptr, name.len);
			MC_TRY(try_path(l, needed_by, (struct mc_str){buf, n + name.len}, is_literal,
					find));
		}
		dirs = (struct mc_str){dirs.ptr + skip, dirs.len - skip};
	}
	return MC_OK;
}

/* RPATH of the file and of those that led to it, each unless it has a RUNPATH; then RUNPATH.  */
static enum mc_status search_files(struct mc_loading *l, struct mc_str name, size_t needed_by,
				   struct find *find)
{
	const struct mc_object *asking = l->chain[needed_by].object;

	if (!asking)
		return MC_OK;
	for (size_t p = needed_by; !asking->elf.runpath.ptr && p != NOBODY; p = l->chain[p].needed_by) {
		const struct mc_object *owner = l->chain[p].object;

		if (owner && !owner->elf.runpath.ptr)
			MC_TRY(try_dirs(l, needed_by, p, owner->elf.rpath, name, find));
	}
	return try_dirs(l, needed_by, needed_by, asking->elf.runpath, name, find);
}

static const struct mc_export_set *libc_file_of(const struct mc_loading *l, struct mc_str name)
{
	return mc_export_set_pick(l->resolver->process.target.libc->sets, l->root->elf.machine,
				  l->root->elf.word_bits, name);
}

/* The default folders: of an official image that in its ld.so.conf, then those of the tables.  */
static enum mc_status search_image(struct mc_loading *l, struct mc_str name, size_t needed_by,
				   struct find *find, struct mc_loaded *loaded)
{
	static const struct mc_str configured = {"/usr/local/lib", 14};
	const struct mc_sysroot *sysroot = l->resolver->process.sysroot;
	const struct mc_str *folders = sysroot ? sysroot->folders : &configured;
	size_t count = sysroot ? sysroot->folders_count : 1;
	char buf[1024];

	for (size_t i = 0; i < count && find->answer == MC_OPEN_ABSENT; i++) {
		int n = snprintf(buf, sizeof(buf), "%.*s/%.*s", MC_TEXT(folders[i]), MC_TEXT(name));

		if (n > 0 && (size_t)n < sizeof(buf))
			MC_TRY(try_path(l, needed_by, (struct mc_str){buf, (size_t)n}, true, find));
	}
	if (find->answer == MC_OPEN_FOUND)
		return MC_OK;
	loaded->libc_file = libc_file_of(l, name);
	if (!loaded->libc_file)
		mc_process_library(l, name, loaded);
	return MC_OK;
}

static enum mc_status load_needed(struct mc_loading *l, struct mc_str name, size_t needed_by)
{
	struct find find = {.answer = MC_OPEN_ABSENT};
	struct mc_loaded loaded = {.asked = name, .name = name, .needed_by = needed_by};
	const struct mc_object *asking = l->chain[needed_by].object;

	MC_TRY(mc_work(l->resolver, 1 + l->chain_count));
	if (is_loaded(l, name))
		return MC_OK;
	if (name.len && memchr(name.ptr, '/', name.len)) {
		char buf[4096];
		bool is_literal;
		size_t n;

		if (asking && expand(&asking->elf, mc_origin_of(l->chain[needed_by].name), name, buf,
				     sizeof(buf), &n, &is_literal))
			MC_TRY(try_path(l, needed_by, (struct mc_str){buf, n}, is_literal, &find));
	} else {
		MC_TRY(search_files(l, name, needed_by, &find));
		if (find.answer == MC_OPEN_ABSENT)
			MC_TRY(search_image(l, name, needed_by, &find, &loaded));
	}
	if (find.answer == MC_OPEN_FOUND) {
		for (size_t i = 0; i < l->chain_count; i++)
			if (l->chain[i].object == find.object)
				return MC_OK;
		loaded.object = find.object;
		loaded.name = find.path;
	} else if (!loaded.library && !loaded.libc_file) {
		const char *why = find.answer == MC_OPEN_NOT_ELF ? "invalid ELF header"
								  : "No such file or directory";

		return mc_complain(l, needed_by,
				   &(struct mc_complaint){.kind = MC_COMPLAINT_NO_LIBRARY,
							  .subject = name,
							  .detail = mc_str_of(why)});
	}
	return mc_chain_add(l, &loaded);
}

static bool defines_version(const struct mc_loaded *loaded, struct mc_str version)
{
	const struct mc_export_set *set = loaded->libc_file ? loaded->libc_file : loaded->exports;

	if (loaded->object)
		return mc_elf_defines_version(&loaded->object->elf, version);
	if (!set || !set->version_ids_count)
		return true;
	return mc_export_set_defines(set, mc_version_id(version));
}

/* _dl_check_map_versions() */
static enum mc_status check_versions(struct mc_loading *l, size_t i)
{
	const struct mc_elf *elf = &l->chain[i].object->elf;

	for (size_t n = 0; n < elf->need_versions_count; n++) {
		const struct mc_need_version *need = &elf->need_versions[n];

		if (need->is_weak)
			continue;
		MC_TRY(mc_work(l->resolver, MC_WORK_VERSION + l->chain_count / 2));
		for (size_t k = 0; k < l->chain_count; k++) {
			if (!mc_str_is(l->chain[k].asked, need->file) &&
			    !mc_str_is(soname_of(&l->chain[k]), need->file))
				continue;
			if (!defines_version(&l->chain[k], need->version))
				MC_TRY(mc_complain(l, i, &(struct mc_complaint){
								 .kind = MC_COMPLAINT_NO_VERSION,
								 .subject = need->file,
								 .detail = need->version}));
			break;
		}
	}
	return MC_OK;
}

/* What chain['from'] and those behind it need; the list grows while it is walked.  */
static enum mc_status load_from(struct mc_loading *l, size_t from)
{
	for (size_t i = from; i < l->chain_count; i++) {
		const struct mc_loaded loaded = l->chain[i];
		const struct mc_export_set *set = loaded.libc_file ? loaded.libc_file : loaded.exports;

		for (size_t n = 0; loaded.object && n < loaded.object->elf.needed_count; n++)
			MC_TRY(load_needed(l, loaded.object->elf.needed[n], i));
		for (size_t n = 0; set && set->needed && set->needed[n]; n++)
			MC_TRY(load_needed(l, mc_str_of(set->needed[n]), i));
	}
	return MC_OK;
}

static enum mc_status load_all(struct mc_loading *l)
{
	size_t own;

	MC_TRY(load_from(l, 0));
	/* The interpreter has brought libc and libm, whatever the file needs.  */
	own = l->chain_count;
	if (l->is_program)
		return MC_OK;
	MC_TRY(load_needed(l, MC_STR("libc.so.6"), 0));
	MC_TRY(load_needed(l, MC_STR("libm.so.6"), 0));
	return load_from(l, own);
}

/* ---- relocating ---- */

/* The first version that glibc's libraries define on that machine: index 2 of their DT_VERDEF.  */
static uint32_t base_version(uint16_t machine)
{
	const char *version = "";

	switch (machine) {
	case EM_X86_64: version = "GLIBC_2.2.5"; break;
	case EM_AARCH64:
	case EM_PPC64: version = "GLIBC_2.17"; break;
	case EM_ARM: version = "GLIBC_2.4"; break;
	case EM_386: version = "GLIBC_2.0"; break;
	case EM_S390: version = "GLIBC_2.2"; break;
	case EM_RISCV: version = "GLIBC_2.27"; break;
	default: break;
	}
	return mc_version_id(mc_str_of(version));
}

static bool file_has(const struct mc_loaded *loaded, struct mc_lookup *lookup,
		     uint32_t name_id, struct mc_str version, uint32_t version_id)
{
	const struct mc_export_set *set = loaded->libc_file ? loaded->libc_file : loaded->exports;
	struct mc_definition definition;

	if (loaded->object)
		return mc_elf_find_version(&loaded->object->elf, lookup, version, &definition) &&
		       (definition.has_value || definition.type == STT_TLS);
	if (!set || !name_id)
		return false;
	/* check_match(): without a version, hidden names count too when they are of the first one.  */
	if (!version.len && mc_export_set_has(set, name_id, 0, true))
		return true;
	if (!version.len) {
		version_id = loaded->libc_file ? base_version(set->machine) : 0;
		return version_id && mc_export_set_has(set, name_id, version_id, false);
	}
	if (!set->version_ids_count) /* check_match(): a file without versions takes any */
		return mc_export_set_has(set, name_id, 0, false);
	return version_id && mc_export_set_has(set, name_id, version_id, false);
}

static enum mc_status settle(struct mc_loading *l, size_t i, const struct mc_import *import,
			     struct mc_lookup *lookup)
{
	uint32_t name_id, version_id;

	if (import->is_weak && !import->is_defined)
		return MC_OK;
	if (l->resolver->process.has_python && !l->is_program && mc_is_python_import(import))
		return MC_OK;
	/* An own definition of a version the file makes itself.  */
	if (import->is_defined)
		return MC_OK;
	/* Where a version is missing, no symbol is looked up any more.  */
	MC_TRY(mc_work(l->resolver, l->missing_count / 2));
	for (size_t n = 0; import->version.len && n < l->missing_count; n++)
		if (mc_str_is(l->complaints[l->missing_first + n].detail, import->version))
			return MC_OK;
	name_id = mc_lookup_name_id(lookup);
	version_id = mc_version_id(import->version);
	for (size_t n = 0; n < l->chain_count; n++)
		if (file_has(&l->chain[n], lookup, name_id, import->version, version_id))
			return MC_OK;
	return mc_complain_of_symbol(l, i, import, name_id);
}

static enum mc_status inspect(struct mc_loading *l, size_t i)
{
	const struct mc_elf *elf = &l->chain[i].object->elf;
	bool is_x86 = elf->machine == EM_X86_64 || elf->machine == EM_386;

	l->missing_first = l->complaints_count;
	MC_TRY(check_versions(l, i));
	l->missing_count = l->complaints_count - l->missing_first;
	/* glibc 2.41 NEWS: dlopen() no longer makes the stack executable; a file without
	 * PT_GNU_STACK asks for it where the ABI's default is executable.  */
	if (libc_is_at_least(l, "2.41") && !l->is_program &&
	    (elf->wants_exec_stack || (!elf->has_gnu_stack && is_x86)))
		MC_TRY(mc_complain(l, i, &(struct mc_complaint){.kind = MC_COMPLAINT_EXEC_STACK}));
	return MC_OK;
}

const struct mc_model mc_model_glibc = {load_all, settle, inspect};
