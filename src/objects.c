/* SPDX-License-Identifier: MIT */
#include "muslcheck/objects.h"

#include "elf_pack.h"
#include "file.h"
#include "object_pack.h"
#include "path.h"
#include "refusal.h"
#include "source_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void mc_objects_init(struct mc_objects *objects, struct mc_arena *arena)
{
	*objects = (struct mc_objects){.arena = arena};
}

/* ---- found by path and by inode ---- */

enum mc_status mc_objects_adopt(struct mc_objects *objects, struct mc_object *object,
				struct mc_error *err)
{
	struct mc_object **items =
		mc_arena_grow(objects->arena, objects->items, objects->count, &objects->room, sizeof(*items));

	if (!items)
		return mc_no_memory(err);
	objects->items = items;
	object->index = objects->count;
	if (mc_map_add(objects->arena, &objects->by_where, mc_hash_text(object->where), object) ||
	    (object->ino && mc_map_add(objects->arena, &objects->by_inode,
				       mc_hash_pair(object->dev, object->ino), object)))
		return mc_no_memory(err);
	objects->items[objects->count++] = object;
	objects->imports_count += object->elf.imports_count;
	return MC_OK;
}

/* A copy of 'from'.  */
static enum mc_status add(struct mc_objects *objects, const struct mc_object *from,
			  struct mc_object **object_out, struct mc_error *err)
{
	*object_out = MC_TAKE(objects->arena, struct mc_object);
	if (!*object_out)
		return mc_no_memory(err);
	**object_out = *from;
	return mc_objects_adopt(objects, *object_out, err);
}

/* The one of the same dist as 'from' is preferred: several wheels may bring one path.  */
static struct mc_object *find_where(const struct mc_objects *objects, const struct mc_object *from,
				    struct mc_str where)
{
	struct mc_object *found = NULL, *object;

	for (size_t at = 0; (object = mc_map_next(&objects->by_where, mc_hash_text(where), &at));) {
		if (!mc_str_is(object->where, where))
			continue;
		if (from && object->dist == from->dist)
			return object;
		if (!found || object->index < found->index)
			found = object;
	}
	return found;
}

static struct mc_object *find_inode(const struct mc_objects *objects, uint64_t dev, uint64_t ino)
{
	struct mc_object *object;

	for (size_t at = 0; (object = mc_map_next(&objects->by_inode, mc_hash_pair(dev, ino), &at));)
		if (object->dev == dev && object->ino == ino)
			return object;
	return NULL;
}

/* ---- reading ---- */

/* 'source': whose member it is; NULL: of none.  */
static enum mc_status read_elf(struct mc_arena *arena, struct mc_object *object, struct mc_source *source,
			       const struct mc_image *image, struct mc_error *err)
{
	struct mc_mark mark = mc_arena_mark(arena);
	struct mc_error why = MC_ERROR_INIT;

	object->status = mc_elf_read(image, arena, &object->elf, &why);
	if (object->status == MC_ERR_NOMEM)
		return mc_no_memory(err);
	if (source && !mc_source_keep(source, mc_elf_memory_nbytes(&object->elf)))
		object->status = mc_fail(&why, MC_ERR_LIMIT, NULL, "the native files of this run say more than is kept");
	if (object->status < 0) {
		mc_arena_rewind(arena, mark);
		object->elf = (struct mc_elf){0};
		if (mc_arena_copy(arena, mc_str_of(why.text), &object->problem))
			return mc_no_memory(err);
	}
	return MC_OK;
}

/* Generated tables, at that size; a person writes a hundredth of it.  */
#define SOURCE_MAX ((uint64_t)8 << 20)

/* Only names from a file's own bytes count: "libiconv_open" has names of its own.  */
static bool has_iconv(const struct mc_elf *elf)
{
	for (size_t i = 0; i < elf->imports_count; i++)
		if (mc_str_is(elf->imports[i].name, MC_STR("iconv_open")) && !elf->imports[i].is_defined)
			return true;
	return false;
}

/* The text of a source, as a whole; a copy where it is a file.  */
static enum mc_status read_text(struct mc_arena *arena, const struct mc_image *image, struct mc_str *text_out,
				struct mc_error *why)
{
	size_t got = 0;
	char *text;

	if (image->bytes.ptr) {
		*text_out = (struct mc_str){(const char *)image->bytes.ptr, image->bytes.len};
		return MC_OK;
	}
	text = mc_arena_take(arena, (size_t)image->nbytes + 1, 1);
	if (!text)
		return MC_ERR_NOMEM;
	MC_TRY(mc_image_read(image, 0, text, (size_t)image->nbytes, &got, why));
	*text_out = (struct mc_str){text, got};
	return MC_OK;
}

/* What it uses, in an arena of its own while it is read; only what was found stays.  */
static enum mc_status read_source(struct mc_arena *arena, struct mc_source *source, struct mc_object *object,
				  struct mc_error *why)
{
	struct mc_arena scratch;
	struct mc_image image;
	struct mc_str text;
	enum mc_status status;

	MC_TRY(mc_source_read(source, &image, why));
	if (image.nbytes > SOURCE_MAX)
		return MC_OK;
	mc_arena_init(&scratch, arena->alloc);
	status = read_text(&scratch, &image, &text, why);
	if (!status)
		status = mc_uses_of_python(text, arena, &object->uses);
	mc_arena_clear(&scratch);
	return status;
}

/* A source that is read stays out when there is nothing to tell of it.  */
static bool is_worth_keeping(const struct mc_object *object)
{
	return object->kind != MC_MEMBER_SOURCE || object->status < 0 || object->uses.count;
}

struct mc_object mc_object_of_member(const struct mc_source *source, const struct mc_member *member)
{
	struct mc_object object = {
		.dist = member->dist,
		.kind = member->kind,
		.path = member->path,
		.where = member->where,
		.dev = member->dev,
		.ino = member->ino,
		.root = mc_source_root(source),
		.head = member->head,
	};

	if (object.root.ptr && mc_str_starts(object.where, object.root) && object.root.len > 1)
		object.where = mc_str_skip(object.where, object.root.len);
	return object;
}

enum mc_status mc_object_read(struct mc_arena *arena, struct mc_source *source,
			      const struct mc_member *member, struct mc_object **object_out,
			      struct mc_error *err)
{
	struct mc_object object = mc_object_of_member(source, member);

	switch (member->kind) {
	case MC_MEMBER_ELF: {
		struct mc_error why = MC_ERROR_INIT;
		struct mc_image image;

		object.status = mc_source_read(source, &image, &why);
		if (object.status == MC_ERR_NOMEM)
			return mc_no_memory(err);
		if (object.status < 0) {
			if (mc_arena_copy(arena, mc_str_of(why.text), &object.problem))
				return mc_no_memory(err);
			break;
		}
		MC_TRY(read_elf(arena, &object, source, &image, err));
		if (has_iconv(&object.elf) && mc_uses_of_charsets(&image, object.elf.constants,
								 object.elf.constants_count, arena, &object.uses))
			return mc_no_memory(err);
		break;
	}
	case MC_MEMBER_SOURCE: {
		struct mc_error why = MC_ERROR_INIT;

		if (mc_use_is_aside(object.path))
			break;
		object.status = read_source(arena, source, &object, &why);
		if (object.status == MC_ERR_NOMEM)
			return mc_no_memory(err);
		if (object.status < 0 && mc_arena_copy(arena, mc_str_of(why.text), &object.problem))
			return mc_no_memory(err);
		break;
	}
	case MC_MEMBER_SCRIPT:
		break;
	case MC_MEMBER_CLAIMS:
		object.status = MC_ERR_FORMAT;
		object.problem = MC_STR("named like a native module, but not an ELF file");
		break;
	case MC_MEMBER_BROKEN:
		object.status = MC_ERR_FORMAT;
		object.problem = member->problem;
		break;
	}
	*object_out = NULL;
	if (!is_worth_keeping(&object))
		return MC_OK;
	*object_out = MC_TAKE(arena, struct mc_object);
	if (!*object_out)
		return mc_no_memory(err);
	**object_out = object;
	return MC_OK;
}

enum mc_status mc_objects_add_member(struct mc_objects *objects, struct mc_source *source,
				     const struct mc_member *member,
				     struct mc_object **object_out, struct mc_error *err)
{
	MC_TRY(mc_object_read(objects->arena, source, member, object_out, err));
	return *object_out ? mc_objects_adopt(objects, *object_out, err) : MC_OK;
}

/* A path of the host, and what it is called where it is asked for.  */
struct opening {
	const char *host;
	struct mc_str name;
	struct mc_str root; /* a NULL slice: none */
	bool is_of_image;
	bool is_known_only; /* nothing new is read */
};

static enum mc_status add_file(struct mc_objects *objects, const struct opening *o, int fd,
			       const struct stat *st, struct mc_object **object_out,
			       struct mc_error *err)
{
	struct mc_image image = {.fd = fd, .nbytes = (uint64_t)st->st_size};
	struct mc_object object = {
		.kind = MC_MEMBER_ELF,
		.dev = (uint64_t)st->st_dev,
		.ino = (uint64_t)st->st_ino,
		.root = o->root,
		.is_of_image = o->is_of_image,
	};

	if (mc_arena_copy(objects->arena, o->name, &object.where))
		return mc_no_memory(err);
	object.path = object.where;
	MC_TRY(read_elf(objects->arena, &object, NULL, &image, err));
	return add(objects, &object, object_out, err);
}

enum mc_status mc_objects_add_file(struct mc_objects *objects, struct mc_str path,
				   struct mc_object **object_out, struct mc_error *err)
{
	struct opening o = {.name = path};
	enum mc_status status;
	struct mc_str text;
	struct stat st;
	int fd;

	if (mc_arena_copy(objects->arena, path, &text))
		return mc_no_memory(err);
	fd = open(text.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return mc_fail(err, MC_ERR_IO, text.ptr, "cannot open");
	if (mc_heed(fstat(fd, &st)))
		status = mc_fail(err, MC_ERR_IO, text.ptr, "cannot open");
	else if (!S_ISREG(st.st_mode))
		status = mc_fail(err, MC_ERR_UNSUPPORTED, text.ptr, "not a regular file");
	else if ((*object_out = find_inode(objects, (uint64_t)st.st_dev, (uint64_t)st.st_ino)))
		status = MC_OK;
	else
		status = add_file(objects, &o, fd, &st, object_out, err);
	close(fd);
	return status;
}

/* ---- a loader's open() ---- */

#define ABSENCES_MAX 100000

static enum mc_open answer_for(const struct mc_object *object)
{
	/* map_library(): ENOEXEC without PT_DYNAMIC, and for any type but ET_DYN and ET_EXEC.  */
	return object->kind != MC_MEMBER_ELF || object->status < 0 || !object->elf.is_dynamic ||
			       object->elf.type == MC_ELF_RELOCATABLE
		       ? MC_OPEN_NOT_ELF
		       : MC_OPEN_FOUND;
}

static enum mc_open answer_for_errno(int number)
{
	/* musl 1.2.5 ldso/dynlink.c path_open() */
	switch (number) {
	case ENOENT:
	case ENOTDIR:
	case EACCES:
	case ENAMETOOLONG: return MC_OPEN_ABSENT;
	default: return MC_OPEN_FORBIDDEN;
	}
}

/* A path where nothing was: the files of one folder all look for the same libraries in it.  */
struct absence {
	struct mc_str path;
	enum mc_open answer;
};

static const struct absence *find_absence(const struct mc_objects *objects, struct mc_str path)
{
	struct absence *absence;

	for (size_t at = 0; (absence = mc_map_next(&objects->absences, mc_hash_text(path), &at));)
		if (mc_str_is(absence->path, path))
			return absence;
	return NULL;
}

static enum mc_status keep_absence(struct mc_objects *objects, struct mc_str path, enum mc_open answer)
{
	struct absence *absence = MC_TAKE(objects->arena, struct absence);

	if (!absence)
		return MC_ERR_NOMEM;
	absence->answer = answer;
	MC_TRY(mc_arena_copy(objects->arena, path, &absence->path));
	return mc_map_add(objects->arena, &objects->absences, mc_hash_text(path), absence);
}

static enum mc_status open_on_disk(struct mc_objects *objects, const struct opening *o,
				   enum mc_open *answer_out, struct mc_object **object_out,
				   struct mc_error *err)
{
	const struct absence *absence = find_absence(objects, mc_str_of(o->host));
	enum mc_status status = MC_OK;
	struct stat st;
	int fd;

	if (absence || mc_heed(stat(o->host, &st))) {
		enum mc_open answer = absence ? absence->answer : answer_for_errno(errno);

		if (!o->is_known_only)
			*answer_out = answer;
		if (!absence && objects->absences.count < ABSENCES_MAX &&
		    keep_absence(objects, mc_str_of(o->host), answer))
			return mc_no_memory(err);
		return MC_OK;
	}
	*object_out = find_inode(objects, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	if (*object_out) {
		*answer_out = answer_for(*object_out);
		return MC_OK;
	}
	if (o->is_known_only)
		return MC_OK;
	if (!S_ISREG(st.st_mode)) {
		*answer_out = S_ISDIR(st.st_mode) ? MC_OPEN_DIRECTORY : MC_OPEN_NOT_ELF;
		return MC_OK;
	}
	fd = mc_open_at(AT_FDCWD, o->host, 0);
	if (fd < 0) {
		*answer_out = answer_for_errno(errno);
		return MC_OK;
	}
	if (!mc_heed(fstat(fd, &st))) {
		status = add_file(objects, o, fd, &st, object_out, err);
		if (!status)
			*answer_out = answer_for(*object_out);
	}
	mc_close_fd(fd);
	return status;
}

/* o->name with o->root as "/".  */
static enum mc_status open_in_root(struct mc_objects *objects, struct opening *o, enum mc_open *answer_out,
				   struct mc_object **object_out, struct mc_error *err)
{
	struct mc_mark mark = mc_arena_mark(objects->arena);
	struct mc_str real;
	enum mc_status status = mc_real_path_in(objects->arena, o->root, o->name, &real);
	char host[4096];

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(err);
	if (status || real.len >= sizeof(host)) {
		if (!o->is_known_only)
			*answer_out = status ? answer_for_errno(errno) : MC_OPEN_ABSENT;
		return MC_OK;
	}
	memcpy(host, real.ptr, real.len + 1);
	mc_arena_rewind(objects->arena, mark); /* thousands of files look in the same places */
	o->host = host;
	return open_on_disk(objects, o, answer_out, object_out, err);
}

enum mc_status mc_objects_open_in(struct mc_objects *objects, struct mc_str root, struct mc_str path,
				  enum mc_open *answer_out, struct mc_object **object_out,
				  struct mc_error *err)
{
	struct opening o = {.name = path, .root = root, .is_of_image = true};

	*object_out = NULL;
	*answer_out = MC_OPEN_ABSENT;
	return open_in_root(objects, &o, answer_out, object_out, err);
}

static enum mc_status open_for_file(struct mc_objects *objects, const struct mc_object *from,
				    struct mc_str path, bool is_literal, enum mc_open *answer_out,
				    struct mc_object **object_out, struct mc_error *err)
{
	char text[4096];
	struct opening o = {
		.host = text,
		.name = path,
		.root = from->root,
		.is_of_image = from->is_of_image,
		.is_known_only = is_literal && !from->is_of_image,
	};

	if (from->root.ptr)
		return open_in_root(objects, &o, answer_out, object_out, err);
	if (path.len >= sizeof(text))
		return MC_OK;
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	return open_on_disk(objects, &o, answer_out, object_out, err);
}

enum mc_status mc_objects_open(struct mc_objects *objects, const struct mc_object *from,
			       struct mc_str path, bool is_literal, enum mc_open *answer_out,
			       struct mc_object **object_out, struct mc_error *err)
{
	char buf[4096];
	struct mc_str where;

	*object_out = NULL;
	*answer_out = MC_OPEN_ABSENT;
	if (objects->is_in_place && path.len && path.ptr[0] != '/')
		is_literal = false;
	if (from && from->ino)
		return open_for_file(objects, from, path, is_literal, answer_out, object_out, err);
	if (!path.len || path.ptr[0] != '/' || path.len + 2 > sizeof(buf))
		return MC_OK;
	/* A wheel has no symlinks, so "a/../b" is "b".  */
	where = (struct mc_str){buf, mc_path_append(buf, 0, path)};
	*object_out = find_where(objects, from, where);
	if (*object_out)
		*answer_out = answer_for(*object_out);
	return MC_OK;
}
