/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a file's own closure leaves open; see model.h.  */
struct mc_memo {
	bool is_made;
	const struct mc_import **open;
	size_t open_count;
	const struct mc_loaded *chain;
	size_t chain_count;
};

/* ---- helpers of the models ---- */

enum mc_status mc_work(struct mc_resolver *r, uint64_t units)
{
	uint64_t reserve = MC_WORK_RUN + r->objects->count * MC_WORK_OBJECT +
			   r->objects->imports_count * MC_WORK_IMPORT;

	if (units <= r->work_left) {
		r->work_left -= units;
		return MC_OK;
	}
	units -= r->work_left;
	r->work_left = 0;
	if (r->work_done >= reserve || units > reserve - r->work_done)
		return MC_ERR_LIMIT;
	r->work_done += units;
	return MC_OK;
}

enum mc_status mc_chain_add(struct mc_loading *loading, const struct mc_loaded *loaded)
{
	struct mc_loaded *chain = mc_arena_grow(loading->resolver->arena, loading->chain, loading->chain_count,
					&loading->chain_room, sizeof(*chain));

	if (!chain)
		return mc_no_memory(loading->err);
	loading->chain = chain;
	chain[loading->chain_count++] = *loaded;
	loading->lookup_cost += 1 + (loaded->object ? loaded->object->elf.lookup_steps / 4 : 0);
	return mc_work(loading->resolver, MC_WORK_LOADED);
}

/* musl skips DT_RELR without a word, and loads the file.  */
static bool is_fatal(const struct mc_complaint *complaint)
{
	return complaint->kind != MC_COMPLAINT_RELR;
}

static bool is_full(const struct mc_loading *loading)
{
	const struct mc_resolver *r = loading->resolver;

	return loading->complaints_count == MC_COMPLAINTS_MAX ||
	       (loading->has_fatal &&
		r->complaints_count >= MC_COMPLAINTS_RUN + r->objects->disk_nbytes / MC_NBYTES_A_COMPLAINT);
}

enum mc_status mc_complain(struct mc_loading *loading, size_t i, const struct mc_complaint *complaint)
{
	struct mc_complaint *items;

	loading->is_cut |= is_full(loading);
	if (loading->is_cut)
		return MC_OK;
	loading->resolver->complaints_count++;
	loading->has_fatal |= is_fatal(complaint);
	MC_TRY(mc_work(loading->resolver, MC_WORK_COMPLAINT + complaint->subject.len +
						  complaint->detail.len + loading->chain[i].name.len +
						  loading->chain_count));
	items = mc_arena_grow(loading->resolver->arena, loading->complaints, loading->complaints_count,
		      &loading->complaints_room, sizeof(*items));
	if (!items)
		return mc_no_memory(loading->err);
	loading->complaints = items;
	items += loading->complaints_count++;
	*items = *complaint;
	items->where = loading->chain[i].name;
	items->object = loading->chain[i].object;
	return MC_OK;
}

void mc_process_library(const struct mc_loading *l, struct mc_str soname, struct mc_loaded *loaded)
{
	const struct mc_process *process = &l->resolver->process;
	const struct mc_library *library =
		process->target.release ? mc_target_library(&process->target, soname) : NULL;
	bool is_there = library && library->is_shipped && !process->sysroot;

	if (!is_there && !(library && library->package && process->has_packages))
		return;
	loaded->library = library;
	loaded->is_added = !is_there;
	loaded->exports = mc_export_set_pick(library->sets, l->root->elf.machine,
					     l->root->elf.word_bits, MC_STR(""));
}

enum mc_status mc_open_for(struct mc_loading *l, size_t needed_by, struct mc_str path, bool is_literal,
			   enum mc_open *answer_out, struct mc_object **object_out,
			   struct mc_str *name_out)
{
	const struct mc_object *from = l->chain[needed_by].object;
	const struct mc_sysroot *sysroot = l->resolver->process.sysroot;

	MC_TRY(mc_work(l->resolver, MC_WORK_OPEN));
	MC_TRY(mc_objects_open(l->resolver->objects, from ? from : l->root, path, is_literal, answer_out,
			       object_out, l->err));
	if (*answer_out == MC_OPEN_ABSENT && sysroot && is_literal && mc_str_starts(path, MC_STR("/")))
		MC_TRY(mc_objects_open_in(l->resolver->objects, sysroot->dir, path, answer_out,
					  object_out, l->err));
	if (*answer_out == MC_OPEN_ABSENT)
		return MC_OK;
	if (mc_arena_copy(l->resolver->arena, path, name_out))
		return mc_no_memory(l->err);
	return MC_OK;
}

bool mc_is_python_import(const struct mc_import *import)
{
	const char *first = import->first;

	return (first[0] == 'P' && first[1] == 'y') || (first[0] == '_' && first[1] == 'P' && first[2] == 'y');
}

/* An opaque library of the chain may have the name: nothing else is known to.  */
static bool may_be_opaque(const struct mc_loading *loading, const struct mc_import *import,
			  uint32_t name_id)
{
	/* A name that a libc has is the libc's; a version tells the library.  */
	if (mc_str_starts(import->version, MC_STR("GLIBC_")) ||
	    (!import->version.len && name_id && mc_name_class(import->name)->name_class))
		return false;
	for (size_t i = 0; i < loading->chain_count; i++) {
		const struct mc_loaded *loaded = &loading->chain[i];

		if (!loaded->library || loaded->exports)
			continue;
		if (!import->from_file.len ||
		    mc_str_is(import->from_file, mc_str_of(loaded->library->soname)))
			return true;
	}
	return false;
}

enum mc_status mc_complain_of_symbol(struct mc_loading *loading, size_t i,
				     const struct mc_import *import, uint32_t name_id)
{
	if (may_be_opaque(loading, import, name_id)) {
		loading->is_assumed = true;
		return MC_OK;
	}
	return mc_complain(loading, i,
			   &(struct mc_complaint){.kind = MC_COMPLAINT_NO_SYMBOL,
						  .subject = import->name,
						  .detail = import->version,
						  .import = import});
}

struct mc_str mc_origin_of(struct mc_str name)
{
	for (size_t n = name.len; n--;)
		if (name.ptr[n] == '/')
			return (struct mc_str){name.ptr, n};
	return MC_STR(".");
}

int mc_version_compare(const char *text, const char *other)
{
	while (*text || *other) {
		unsigned long a, b;
		char *a_end, *b_end;

		a = strtoul(text, &a_end, 10);
		b = strtoul(other, &b_end, 10);
		if (a != b)
			return a < b ? -1 : 1;
		if (a_end == text && b_end == other)
			return 0; /* "-git-..." behind the numbers says nothing of order */
		text = *a_end == '.' ? a_end + 1 : "";
		other = *b_end == '.' ? b_end + 1 : "";
	}
	return 0;
}

/* ---- the loaders' words ---- */

static struct mc_str words_of_ours(const struct mc_complaint *c, struct mc_arena *arena)
{
	return mc_arena_printf(arena, "%.*s: given up: it leads to more work than any real file does",
			       MC_TEXT(c->where));
}

static struct mc_str words_of_musl(const struct mc_complaint *c, struct mc_arena *arena)
{
	switch (c->kind) {
	case MC_COMPLAINT_TANGLED: return words_of_ours(c, arena);
	case MC_COMPLAINT_NOT_DYNAMIC:
		return mc_arena_printf(arena, "%.*s: Not a valid dynamic program", MC_TEXT(c->where));
	case MC_COMPLAINT_MACHINE:
		return mc_arena_printf(arena, "%.*s: built for another machine than the loader",
				       MC_TEXT(c->where));
	case MC_COMPLAINT_NO_LIBRARY:
		return mc_arena_printf(arena, "Error loading shared library %.*s: %.*s (needed by %.*s)",
				       MC_TEXT(c->subject), MC_TEXT(c->detail), MC_TEXT(c->where));
	case MC_COMPLAINT_NO_SYMBOL:
		return mc_arena_printf(arena, "Error relocating %.*s: %.*s: symbol not found",
				       MC_TEXT(c->where), MC_TEXT(c->subject));
	case MC_COMPLAINT_STATIC_TLS:
		return mc_arena_printf(arena,
				       "Error relocating %.*s: %.*s: initial-exec TLS resolves to "
				       "dynamic definition in %.*s",
				       MC_TEXT(c->where), MC_TEXT(c->subject), MC_TEXT(c->detail));
	case MC_COMPLAINT_RELOC:
		return mc_arena_printf(arena, "Error relocating %.*s: unsupported relocation type %u",
				       MC_TEXT(c->where), (unsigned)c->number);
	case MC_COMPLAINT_CRASH:
		/* The one thing it says in no words.  */
		return mc_arena_printf(arena, "Segmentation fault relocating %.*s: %.*s",
				       MC_TEXT(c->where),
				       MC_TEXT(c->subject.len ? c->subject : MC_STR("no hash table")));
	case MC_COMPLAINT_NO_VERSION:
	case MC_COMPLAINT_RELR:
	case MC_COMPLAINT_EXEC_STACK: break;
	}
	return MC_STR("");
}

/* As dlopen() and "ldd -r" put it.  */
static struct mc_str words_of_glibc(const struct mc_complaint *c, struct mc_arena *arena)
{
	switch (c->kind) {
	case MC_COMPLAINT_TANGLED: return words_of_ours(c, arena);
	case MC_COMPLAINT_NOT_DYNAMIC:
		return mc_arena_printf(arena, "%.*s: not a dynamic executable", MC_TEXT(c->where));
	case MC_COMPLAINT_MACHINE:
		return mc_arena_printf(arena, "%.*s: wrong ELF class or machine", MC_TEXT(c->where));
	case MC_COMPLAINT_NO_LIBRARY:
		return mc_arena_printf(arena,
				       "%.*s: cannot open shared object file: %.*s (needed by %.*s)",
				       MC_TEXT(c->subject), MC_TEXT(c->detail), MC_TEXT(c->where));
	case MC_COMPLAINT_NO_VERSION:
		return mc_arena_printf(arena, "%.*s: version `%.*s' not found (required by %.*s)",
				       MC_TEXT(c->subject), MC_TEXT(c->detail), MC_TEXT(c->where));
	case MC_COMPLAINT_NO_SYMBOL:
		if (c->detail.len)
			return mc_arena_printf(arena, "%.*s: undefined symbol: %.*s, version %.*s",
					       MC_TEXT(c->where), MC_TEXT(c->subject), MC_TEXT(c->detail));
		return mc_arena_printf(arena, "%.*s: undefined symbol: %.*s", MC_TEXT(c->where),
				       MC_TEXT(c->subject));
	case MC_COMPLAINT_EXEC_STACK:
		return mc_arena_printf(arena,
				       "%.*s: cannot enable executable stack as shared object requires",
				       MC_TEXT(c->where));
	case MC_COMPLAINT_STATIC_TLS:
	case MC_COMPLAINT_RELOC:
	case MC_COMPLAINT_CRASH:
	case MC_COMPLAINT_RELR: break;
	}
	return MC_STR("");
}

struct mc_str mc_complaint_text(const struct mc_complaint *complaint, enum mc_libc_family family,
				struct mc_arena *arena)
{
	return family == MC_LIBC_MUSL ? words_of_musl(complaint, arena)
				      : words_of_glibc(complaint, arena);
}

/* ---- the driver ---- */

static enum mc_status load_chain(struct mc_loading *loading, const struct mc_object *object)
{
	struct mc_loaded first = {.name = object->where, .object = object, .needed_by = NOBODY};

	loading->root = object;
	loading->is_program = !loading->resolver->process.has_python ||
			      object->elf.type == MC_ELF_PROGRAM || object->elf.type == MC_ELF_STATIC;
	MC_TRY(mc_chain_add(loading, &first));
	return loading->resolver->model->load(loading);
}

/* Complain of chain[i] for each of its imports, or of the given ones only.  */
static enum mc_status settle_file(struct mc_loading *loading, size_t i,
				  const struct mc_import *const *some, size_t some_count)
{
	const struct mc_elf *elf = &loading->chain[i].object->elf;
	size_t count = some ? some_count : elf->imports_count;

	MC_TRY(mc_work(loading->resolver, count * loading->lookup_cost));
	for (size_t n = 0; n < count; n++) {
		const struct mc_import *import = some ? some[n] : &elf->imports[n];
		struct mc_lookup lookup = mc_import_lookup(import);

		MC_TRY(loading->resolver->model->settle(loading, i, import, &lookup));
	}
	return MC_OK;
}

static enum mc_status memo_room(struct mc_resolver *resolver, size_t index, struct mc_error *err)
{
	size_t count = resolver->memos_count ? resolver->memos_count : 64;
	struct mc_memo *memos;

	if (index < resolver->memos_count)
		return MC_OK;
	while (count <= index)
		count *= 2;
	memos = MC_TAKE_ARRAY(resolver->arena, struct mc_memo, count);
	if (!memos)
		return mc_no_memory(err);
	if (resolver->memos_count)
		memcpy(memos, resolver->memos, resolver->memos_count * sizeof(*memos));
	resolver->memos = memos;
	resolver->memos_count = count;
	return MC_OK;
}

static enum mc_status make_memo(struct mc_resolver *resolver, const struct mc_object *object,
				struct mc_error *err)
{
	struct mc_loading alone = {.resolver = resolver, .err = err};
	struct mc_memo *memo;

	MC_TRY(memo_room(resolver, object->index, err));
	if (resolver->memos[object->index].is_made)
		return MC_OK;
	MC_TRY(load_chain(&alone, object));
	alone.complaints_count = 0; /* only those of the imports are wanted */
	MC_TRY(settle_file(&alone, 0, NULL, 0));
	/* Loading may have met new objects, but only resolver->memos may have moved.  */
	memo = &resolver->memos[object->index];
	memo->open = MC_TAKE_ARRAY(resolver->arena, const struct mc_import *, alone.complaints_count + 1);
	if (!memo->open)
		return mc_no_memory(err);
	for (size_t i = 0; i < alone.complaints_count; i++)
		memo->open[memo->open_count++] = alone.complaints[i].import;
	memo->chain = alone.chain;
	memo->chain_count = alone.chain_count;
	memo->is_made = true;
	return MC_OK;
}

/* Mark the objects of the scope, so that is_subset() need not search for them.  */
static enum mc_status mark_scope(struct mc_loading *loading)
{
	struct mc_resolver *r = loading->resolver;

	if (r->marks_count < r->objects->count) {
		uint64_t *marks = MC_TAKE_ARRAY(r->arena, uint64_t, r->objects->room);

		if (!marks)
			return mc_no_memory(loading->err);
		if (r->marks_count)
			memcpy(marks, r->marks, r->marks_count * sizeof(*marks));
		r->marks = marks;
		r->marks_count = r->objects->room;
	}
	r->scopes_count++;
	for (size_t i = 0; i < loading->chain_count; i++)
		if (loading->chain[i].object)
			r->marks[loading->chain[i].object->index] = r->scopes_count;
	return MC_OK;
}

/* The image's files in a chain are few.  */
static bool holds_library(const struct mc_loading *loading, const struct mc_loaded *loaded)
{
	for (size_t i = 0; i < loading->chain_count; i++) {
		const struct mc_loaded *other = &loading->chain[i];

		if (!other->object && other->library == loaded->library &&
		    other->libc_file == loaded->libc_file)
			return true;
	}
	return false;
}

/* All that the file finds alone is in this scope too, which is marked.  */
static enum mc_status check_subset(const struct mc_loading *loading, const struct mc_memo *memo,
				   bool *is_subset_out)
{
	const struct mc_resolver *r = loading->resolver;

	*is_subset_out = false;
	for (size_t i = 0; i < memo->chain_count; i++) {
		const struct mc_object *object = memo->chain[i].object;

		MC_TRY(mc_work(loading->resolver, object ? 1 : loading->chain_count / 8));
		/* An object that is newer than the marks was met by the memo alone.  */
		if (object ? object->index >= r->marks_count ||
				     r->marks[object->index] != r->scopes_count
			   : !holds_library(loading, &memo->chain[i]))
			return MC_OK;
	}
	*is_subset_out = true;
	return MC_OK;
}

static bool is_same_machine(const struct mc_resolver *resolver, const struct mc_elf *elf)
{
	const struct mc_elf *libc = resolver->process.sysroot ? &resolver->process.sysroot->libc_elf
							      : resolver->process.libc_elf;

	if (libc)
		return libc->machine == elf->machine && libc->word_bits == elf->word_bits &&
		       libc->is_big_endian == elf->is_big_endian;
	return mc_export_set_pick(resolver->process.target.libc->sets, elf->machine, elf->word_bits,
				  (struct mc_str){"", 0}) != NULL;
}

static bool is_loadable(const struct mc_resolver *resolver, const struct mc_object *object)
{
	return object->kind == MC_MEMBER_ELF && object->status == MC_OK && object->elf.is_dynamic &&
	       object->elf.type != MC_ELF_RELOCATABLE && is_same_machine(resolver, &object->elf);
}

/* map_library() says no before anything is looked at.  */
static enum mc_status refuse(struct mc_loading *loading, const struct mc_object *object)
{
	struct mc_loaded first = {.name = object->where, .object = object, .needed_by = NOBODY};
	bool is_readable = object->kind == MC_MEMBER_ELF && object->status == MC_OK;

	MC_TRY(mc_chain_add(loading, &first));
	return mc_complain(loading, 0,
			   &(struct mc_complaint){
				   .kind = is_readable && object->elf.is_dynamic &&
							   object->elf.type != MC_ELF_RELOCATABLE
						   ? MC_COMPLAINT_MACHINE
						   : MC_COMPLAINT_NOT_DYNAMIC});
}

/* Complain of all files of the chain.  */
static enum mc_status settle_chain(struct mc_loading *loading)
{
	struct mc_resolver *resolver = loading->resolver;

	MC_TRY(mark_scope(loading));
	for (size_t i = 0; i < loading->chain_count; i++) {
		const struct mc_object *file = loading->chain[i].object;
		const struct mc_memo *memo = NULL;
		bool is_subset = false;

		if (!file)
			continue;
		MC_TRY(resolver->model->inspect(loading, i));
		/* Memos speak of files in an interpreter.  */
		if (!loading->is_program) {
			MC_TRY(make_memo(resolver, file, loading->err));
			memo = &resolver->memos[file->index];
			MC_TRY(check_subset(loading, memo, &is_subset));
		}
		MC_TRY(is_subset ? settle_file(loading, i, memo->open, memo->open_count)
				 : settle_file(loading, i, NULL, 0));
	}
	return MC_OK;
}

/* More work than real files make: what was found so far is no answer.  */
static enum mc_status give_up(struct mc_loading *loading)
{
	loading->chain_count = 1;
	loading->complaints_count = 0;
	loading->is_cut = loading->has_fatal = false;
	loading->resolver->work_left = MC_WORK_ROOT;
	return mc_complain(loading, 0, &(struct mc_complaint){.kind = MC_COMPLAINT_TANGLED});
}

enum mc_status mc_resolve(struct mc_resolver *resolver, const struct mc_object *object,
			  struct mc_load *load_out, struct mc_error *err)
{
	struct mc_loading loading = {.resolver = resolver, .err = err};
	enum mc_status status;

	resolver->work_left = MC_WORK_ROOT;
	if (is_loadable(resolver, object)) {
		status = load_chain(&loading, object);
		if (!status)
			status = settle_chain(&loading);
		if (status == MC_ERR_LIMIT)
			status = give_up(&loading);
	} else {
		status = refuse(&loading, object);
	}
	MC_TRY(status);
	*load_out = (struct mc_load){
		.loads = true,
		.complaints = loading.complaints,
		.complaints_count = loading.complaints_count,
		.chain = loading.chain,
		.chain_count = loading.chain_count,
		.is_assumed = loading.is_assumed,
		.is_cut = loading.is_cut,
	};
	for (size_t i = 0; i < loading.complaints_count; i++)
		if (is_fatal(&loading.complaints[i]))
			load_out->loads = false;
	return MC_OK;
}

enum mc_status mc_resolver_open(const struct mc_process *process, struct mc_objects *objects,
				struct mc_arena *arena, struct mc_resolver **resolver_out,
				struct mc_error *err)
{
	struct mc_resolver *resolver = MC_TAKE(arena, struct mc_resolver);

	*resolver_out = NULL;
	if (!resolver)
		return mc_no_memory(err);
	resolver->process = *process;
	resolver->objects = objects;
	resolver->arena = arena;
	if (process->sysroot && process->sysroot->family == MC_LIBC_MUSL) {
		resolver->process.libc_elf = &process->sysroot->libc_elf;
		resolver->process.libc_version = process->sysroot->libc_version;
	}
	if (resolver->process.libc_elf) {
		resolver->model = &mc_model_musl;
		resolver->libc_version = resolver->process.libc_version.ptr;
	} else {
		resolver->model = process->target.libc->family == MC_LIBC_MUSL ? &mc_model_musl
									       : &mc_model_glibc;
		resolver->libc_version = process->target.libc->version;
	}
	*resolver_out = resolver;
	return MC_OK;
}
