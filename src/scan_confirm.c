/* SPDX-License-Identifier: MIT */
/*
 * The proof: musl's own loader is run on each judged file, and asked whether it says the same.
 *
 * It is this host's loader, with this host's libraries, so the model is run once more for just
 * that: what the two say of a file must be equal line by line.  A finding is confirmed when the
 * loader says its line; one that it does not say is not shown by this musl, which is another
 * version than the target's, or by --list, which permits what only dlopen() refuses (MC105).
 */
#include "scan_impl.h"

#include "file.h"
#include "loader_run.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MACHINES_MAX = 8 };

/* The loader of one machine, and what the model goes by in its place.  */
struct judge {
	const char *machine;
	bool is_there;
	struct mc_loader loader;
	struct mc_process process;
};

/* A judged file where a loader can open it.  */
struct placed {
	const struct mc_object *object;
	struct mc_str path;
	bool was_run, is_equal;
	const struct mc_str *lines; /* that the loader said, sorted */
	size_t lines_count;
};

struct mc_confirm {
	struct mc_scan *scan;
	char dir[MC_TEMP_FOLDER_ROOM]; /* of copies; empty: none was needed */
	bool cannot_copy;              /* which was told */
	size_t sources_count;
	struct mc_map by_object; /* struct placed */
	struct placed **items;
	size_t count, room;
	struct judge judges[MACHINES_MAX];
	size_t judges_count;
};

/* ---- files where a loader can open them ---- */

static enum mc_status keep(struct mc_confirm *c, const struct mc_object *object, struct mc_str path)
{
	struct placed *placed = MC_TAKE(&c->scan->arena, struct placed), **items;

	items = mc_arena_grow(&c->scan->arena, c->items, c->count, &c->room, sizeof(*items));
	if (!placed || !items)
		return mc_no_memory(c->scan->err);
	*placed = (struct placed){.object = object, .path = path};
	c->items = items;
	c->items[c->count++] = placed;
	return mc_map_add(&c->scan->arena, &c->by_object, mc_hash_pair((uintptr_t)object, 0), placed)
		       ? mc_no_memory(c->scan->err)
		       : MC_OK;
}

static bool make_folders(char *path, size_t from)
{
	for (char *at = path + from; (at = strchr(at + 1, '/'));) {
		*at = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return false;
		*at = '/';
	}
	return true;
}

static bool write_file(const char *path, const struct mc_image *image)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct mc_error why = MC_ERROR_INIT;
	char block[1 << 16];
	size_t got = 1;
	bool is_fine = fd >= 0;

	for (uint64_t off = 0; is_fine && got; off += got)
		is_fine = !mc_image_read(image, off, block, sizeof(block), &got, &why) && mc_write_all(fd, block, got);
	mc_close_fd(fd);
	return is_fine;
}

static bool open_dir(struct mc_confirm *c)
{
	if (c->dir[0] || !mc_make_temp_folder(c->dir))
		return true;
	c->dir[0] = '\0';
	return false;
}

/* A file that is judged and not run: who asks for the proof has not got it.  Told of the first.  */
static enum mc_status miss_copy(struct mc_confirm *c, const struct mc_object *object, struct mc_error *why)
{
	if (why->status == MC_ERR_NOMEM)
		return mc_no_memory(c->scan->err);
	if (c->cannot_copy)
		return MC_OK;
	if (!why->status)
		mc_fail(why, MC_ERR_IO, object->path.ptr, "--confirm: no copy for the loader can be made");
	mc_scan_complain(c->scan, object->path.ptr, why);
	c->cannot_copy = c->scan->has_error = true;
	return MC_OK;
}

/* The member that 'source' stands at, as a file below a folder of its wheel.  */
static enum mc_status copy_member(struct mc_confirm *c, struct mc_source *source,
				  const struct mc_object *object)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_image image;
	struct mc_str path;

	if (!open_dir(c) || mc_source_read(source, &image, &why))
		return miss_copy(c, object, &why);
	path = mc_arena_printf(&c->scan->arena, "%s/%zu%.*s", c->dir, c->sources_count,
			       MC_TEXT(object->where));
	if (!path.len)
		return mc_no_memory(c->scan->err);
	if (!make_folders((char *)(uintptr_t)path.ptr, strlen(c->dir)) || !write_file(path.ptr, &image))
		return miss_copy(c, object, &why);
	return keep(c, object, path);
}

static bool is_loadable(const struct mc_object *object)
{
	return object->kind == MC_MEMBER_ELF && object->status == MC_OK && object->elf.is_dynamic &&
	       mc_machine_name(object->elf.machine, object->elf.word_bits, object->elf.is_big_endian);
}

enum mc_status mc_scan_place(struct mc_scan *scan, struct mc_source *source, const struct mc_object *object)
{
	struct mc_str path;

	if (!scan->confirm || !is_loadable(object))
		return MC_OK;
	if (!object->ino)
		return copy_member(scan->confirm, source, object);
	path = object->where;
	if (object->root.len > 1)
		path = mc_arena_printf(&scan->arena, "%.*s%.*s", MC_TEXT(object->root), MC_TEXT(path));
	return path.len ? keep(scan->confirm, object, path) : mc_no_memory(scan->err);
}

void mc_scan_place_next(struct mc_scan *scan)
{
	if (scan->confirm)
		scan->confirm->sources_count++;
}

/* ---- the loader of a machine ---- */

/* It cannot be asked: told once, and none of its machine's files is run.  */
static enum mc_status lose_judge(struct mc_confirm *c, struct judge *judge, struct mc_error *why)
{
	if (why->status == MC_ERR_NOMEM)
		return mc_no_memory(c->scan->err);
	judge->is_there = false;
	mc_scan_complain(c->scan, "--confirm", why);
	c->scan->has_error = true;
	return MC_OK;
}

static enum mc_status open_judge(struct mc_confirm *c, struct judge *judge, const struct mc_object *object)
{
	struct mc_error why = MC_ERROR_INIT;
	const struct mc_elf *libc;
	enum mc_status status;

	status = mc_loader_find(judge->machine, c->scan->options->confirm_loader, &c->scan->arena,
				&judge->loader, &why);
	if (!status)
		status = mc_sysroot_open_loader("/", judge->loader.path, &c->scan->arena,
						&judge->process.sysroot, &why);
	if (status)
		return lose_judge(c, judge, &why);
	judge->process.target = judge->process.sysroot->target;
	libc = &judge->process.sysroot->libc_elf;
	if (libc->machine != object->elf.machine || libc->word_bits != object->elf.word_bits) {
		mc_fail(&why, MC_ERR_UNSUPPORTED, judge->loader.path, "it is not for %s", judge->machine);
		return lose_judge(c, judge, &why);
	}
	judge->is_there = true;
	return MC_OK;
}

/* NULL: too many machines.  */
static enum mc_status judge_of(struct mc_confirm *c, const struct mc_object *object, struct judge **judge_out)
{
	const char *machine = mc_machine_name(object->elf.machine, object->elf.word_bits,
					      object->elf.is_big_endian);

	*judge_out = NULL;
	for (size_t i = 0; i < c->judges_count; i++)
		if (!strcmp(c->judges[i].machine, machine))
			*judge_out = &c->judges[i];
	if (*judge_out || c->judges_count == MACHINES_MAX)
		return MC_OK;
	*judge_out = &c->judges[c->judges_count++];
	**judge_out = (struct judge){.machine = machine};
	return open_judge(c, *judge_out, object);
}

/* ---- what it says, and what the model says ---- */

static int order_of_texts(const void *a, const void *b)
{
	return mc_str_compare(*(const struct mc_str *)a, *(const struct mc_str *)b);
}

/* Sorted, each once; it says a line for each relocation.  */
static size_t settle_lines(struct mc_str *lines, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort(lines, count, sizeof(*lines), order_of_texts);
	for (size_t i = 0; i < count; i++)
		if (!kept || !mc_str_is(lines[kept - 1], lines[i]))
			lines[kept++] = lines[i];
	return kept;
}

/* "\tlibc.so => ..." is no complaint; its own name comes before "Not a valid dynamic program".  */
static bool take_line(struct mc_str *line, const struct judge *judge)
{
	if (!line->len || line->ptr[0] == '\t')
		return false;
	if (mc_str_starts(*line, mc_str_of(judge->loader.path)))
		*line = mc_str_skip(*line, strlen(judge->loader.path) + 2);
	return line->len;
}

static enum mc_status hear(struct mc_confirm *c, struct placed *placed, struct judge *judge,
			   struct mc_loader_said *said)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_str rest, line, *lines;
	size_t room = 1, count = 0;

	if (mc_loader_run(&judge->loader, placed->path.ptr, &c->scan->arena, said, &why))
		return lose_judge(c, judge, &why);
	for (size_t i = 0; i < said->text.len; i++)
		room += said->text.ptr[i] == '\n';
	lines = MC_TAKE_ARRAY(&c->scan->arena, struct mc_str, room + 1);
	if (!lines)
		return mc_no_memory(c->scan->err);
	for (rest = said->text; rest.len;) {
		line = mc_str_cut(&rest, '\n');
		if (take_line(&line, judge))
			lines[count++] = line;
	}
	placed->lines = lines;
	placed->lines_count = settle_lines(lines, count);
	return MC_OK;
}

static enum mc_status ask_model(struct mc_confirm *c, const struct placed *placed, const struct judge *judge,
				struct mc_str **lines_out, size_t *count_out, bool *crashes_out)
{
	struct mc_arena *arena = &c->scan->arena;
	struct mc_objects *objects = MC_TAKE(arena, struct mc_objects);
	struct mc_resolver *resolver;
	struct mc_object *object;
	struct mc_load load;

	*count_out = 0;
	*crashes_out = false;
	if (!objects)
		return mc_no_memory(c->scan->err);
	mc_objects_init(objects, arena);
	objects->is_in_place = true;
	MC_TRY(mc_objects_add_file(objects, placed->path, &object, c->scan->err));
	MC_TRY(mc_resolver_open(&judge->process, objects, arena, &resolver, c->scan->err));
	MC_TRY(mc_resolve(resolver, object, &load, c->scan->err));
	*lines_out = MC_TAKE_ARRAY(arena, struct mc_str, load.complaints_count + 1);
	if (!*lines_out)
		return mc_no_memory(c->scan->err);
	for (size_t i = 0; i < load.complaints_count; i++) {
		struct mc_str text = mc_complaint_text(&load.complaints[i], MC_LIBC_MUSL, arena);

		if (load.complaints[i].kind == MC_COMPLAINT_CRASH)
			*crashes_out = true;
		else if (text.len)
			(*lines_out)[(*count_out)++] = text;
	}
	*count_out = settle_lines(*lines_out, *count_out);
	return MC_OK;
}

static bool are_equal(const struct mc_str *a, size_t a_count, const struct mc_str *b, size_t b_count,
		      struct mc_str *odd_out)
{
	size_t i = 0;

	while (i < a_count && i < b_count && mc_str_is(a[i], b[i]))
		i++;
	if (i == a_count && i == b_count)
		return true;
	*odd_out = i == a_count || (i < b_count && mc_str_compare(b[i], a[i]) < 0) ? b[i] : a[i];
	return false;
}

/* The first line that one has and the other has not; how it ended, where it did not end well.  */
static void tell_difference(struct mc_confirm *c, const struct placed *placed,
			    const struct mc_loader_said *said, struct mc_str odd)
{
	static const char *const ends[] = {"it says otherwise", "it was killed", "it takes too long",
					   "it says too much"};
	struct mc_error why = MC_ERROR_INIT;

	mc_fail(&why, MC_ERR_FORMAT, placed->object->path.ptr, "--confirm: %s: %.*s", ends[said->end],
		(int)(odd.len < 150 ? odd.len : 150), odd.ptr);
	mc_scan_complain(c->scan, placed->object->path.ptr, &why);
	c->scan->has_error = true;
}

static enum mc_status run(struct mc_confirm *c, struct placed *placed)
{
	struct mc_proof *proof = &c->scan->proof;
	struct mc_loader_said said;
	struct mc_str *model, odd = MC_STR("");
	struct judge *judge;
	size_t count;
	bool crashes;

	MC_TRY(judge_of(c, placed->object, &judge));
	if (!judge || !judge->is_there)
		return MC_OK;
	MC_TRY(hear(c, placed, judge, &said));
	if (!judge->is_there)
		return MC_OK;
	MC_TRY(ask_model(c, placed, judge, &model, &count, &crashes));
	placed->was_run = true;
	proof->files++;
	proof->walls = proof->files == 1 ? said.walls : proof->walls & said.walls;
	if (said.end == MC_LOADER_SIGNALLED && said.number == SIGSEGV)
		placed->is_equal = crashes;
	else
		placed->is_equal = said.end == MC_LOADER_EXITED && !crashes &&
				   are_equal(placed->lines, placed->lines_count, model, count, &odd);
	if (placed->is_equal)
		return MC_OK;
	proof->differ++;
	tell_difference(c, placed, &said, odd);
	return MC_OK;
}

/* ---- findings ---- */

/* Rules that are the loader's own words.  */
static bool is_loaders(enum mc_rule rule)
{
	switch ((int)rule) {
	case MC_RULE_SYMBOL:
	case MC_RULE_LIBRARY:
	case MC_RULE_GLIBC_LIBRARY:
	case MC_RULE_PRELOAD:
	case MC_RULE_RPATH:
	case MC_RULE_IFUNC:
	case MC_RULE_RELOC:
	case MC_RULE_STATIC_TLS: return true;
	default: return false;
	}
}

static bool has_text(struct mc_str line, const char *text)
{
	return mc_str_find(line, mc_str_of(text), NULL);
}

/* Does the loader say this of that file?  */
static bool is_said(const struct mc_finding *f, const struct placed *placed, struct mc_arena *arena)
{
	struct mc_str path = placed->path, wanted;

	switch ((int)f->rule) {
	case MC_RULE_SYMBOL:
	case MC_RULE_IFUNC:
		if (mc_str_starts(f->subject, MC_STR("type ")))
			break;
		wanted = mc_arena_printf(arena, "Error relocating %.*s: %.*s: symbol not found",
					 MC_TEXT(path), MC_TEXT(f->subject));
		return bsearch(&wanted, placed->lines, placed->lines_count, sizeof(wanted), order_of_texts);
	case MC_RULE_LIBRARY:
	case MC_RULE_GLIBC_LIBRARY:
	case MC_RULE_PRELOAD:
	case MC_RULE_RPATH:
		wanted = mc_arena_printf(arena, "Error loading shared library %.*s: ", MC_TEXT(f->subject));
		for (size_t i = 0; i < placed->lines_count; i++)
			if (mc_str_starts(placed->lines[i], wanted))
				return true;
		return false;
	default: break;
	}
	for (size_t i = 0; i < placed->lines_count; i++)
		if (has_text(placed->lines[i], f->rule == MC_RULE_STATIC_TLS ? "initial-exec TLS"
									      : "unsupported relocation type"))
			return true;
	return false;
}

static const struct placed *find(const struct mc_confirm *c, const struct mc_object *object)
{
	struct placed *placed;

	for (size_t at = 0; (placed = mc_map_next(&c->by_object, mc_hash_pair((uintptr_t)object, 0), &at));)
		if (placed->object == object)
			return placed;
	return NULL;
}

static enum mc_proof_kind prove(struct mc_confirm *c, const struct mc_finding *f)
{
	const struct placed *placed = f->object ? find(c, f->object) : NULL;

	if (f->is_against || !is_loaders(f->rule) || !placed || !placed->was_run)
		return MC_PROOF_NONE;
	if (is_said(f, placed, &c->scan->arena))
		return MC_PROOF_CONFIRMED;
	return placed->is_equal ? MC_PROOF_UNSHOWN : MC_PROOF_CONTRADICTED;
}

static void name_loader(struct mc_confirm *c)
{
	struct mc_proof *proof = &c->scan->proof;

	proof->loader = MC_STR("");
	for (size_t i = 0; i < c->judges_count; i++) {
		const struct judge *judge = &c->judges[i];

		if (judge->is_there)
			proof->loader = mc_arena_printf(
				&c->scan->arena, "%.*s%s%s (musl %.*s%s)", MC_TEXT(proof->loader),
				proof->loader.len ? ", " : "", judge->loader.path,
				MC_TEXT(judge->process.sysroot->libc_version),
				judge->loader.emulator ? ", emulated" : "");
	}
}

enum mc_status mc_scan_confirm(struct mc_scan *scan)
{
	struct mc_confirm *c = scan->confirm;
	struct mc_survey *survey = &scan->survey;
	enum mc_proof_kind *kinds;

	if (!c)
		return MC_OK;
	for (size_t i = 0; i < c->count; i++) {
		mc_scan_show(scan, c->items[i]->object->path.ptr);
		MC_TRY(run(c, c->items[i]));
	}
	kinds = MC_TAKE_ARRAY(&scan->arena, enum mc_proof_kind, survey->findings_count + 1);
	if (!kinds)
		return mc_no_memory(scan->err);
	for (size_t i = 0; i < survey->findings_count; i++) {
		kinds[i] = prove(c, &survey->findings[i]);
		scan->proof.counts[kinds[i]]++;
	}
	name_loader(c);
	scan->proof.kinds = kinds;
	survey->proof = &scan->proof;
	return MC_OK;
}

/* ---- coming and going ---- */

enum mc_status mc_scan_open_confirm(struct mc_scan *scan)
{
	if (!scan->options->confirm)
		return MC_OK;
	scan->confirm = MC_TAKE(&scan->arena, struct mc_confirm);
	if (!scan->confirm)
		return mc_no_memory(scan->err);
	scan->confirm->scan = scan;
	return MC_OK;
}

void mc_scan_close_confirm(struct mc_scan *scan)
{
	if (scan->confirm && scan->confirm->dir[0])
		mc_remove_tree(scan->confirm->dir);
}
