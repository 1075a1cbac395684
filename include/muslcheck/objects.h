/* SPDX-License-Identifier: MIT */
/*
 * objects.h - room 3: the native files of a run, and what opening a path finds; Python
 * sources in which something was found.
 *
 * Takes:  members of the source room.   Hands: objects with their ELF facts, and
 * the answer to a loader's open().
 *
 * Files of a wheel live at the paths where pip puts them and are found by name
 * alone.  Files of a tree are found by asking the file system, as the loader
 * would, so that symlinks mean what they mean there.
 *
 * Threads: one struct mc_objects belongs to one thread.
 */
#ifndef MUSLCHECK_OBJECTS_H
#define MUSLCHECK_OBJECTS_H

#include "muslcheck/elf.h"
#include "muslcheck/map.h"
#include "muslcheck/source.h"
#include "muslcheck/use.h"

MC_DECLS_BEGIN

struct mc_object {
	const struct mc_dist *dist; /* NULL: met on the way, in no dist of the run */
	enum mc_member_kind kind;
	struct mc_str path;  /* for people: inside the wheel, below the root */
	/* For the loader: absolute, or as ldd was given it; with a 'root' the path below it.  */
	struct mc_str where;
	uint64_t dev, ino;   /* 0, 0: in a wheel */
	struct mc_str root;  /* real path of the folder that is "/" to it; a NULL slice: it has no other */
	bool is_of_image;    /* 'root' is the target's own, and all in it may be loaded */
	struct mc_str head;  /* a script's first line */
	enum mc_status status; /* < 0: not readable, 'problem' says why, 'elf' is zero */
	struct mc_str problem;
	struct mc_elf elf;
	struct mc_uses uses; /* in a source; names for iconv in an ELF file */
	size_t index; /* among the objects of the run */
};

struct mc_objects {
	struct mc_arena *arena;
	struct mc_object **items;
	size_t count, room;
	struct mc_map by_where, by_inode;
	struct mc_map absences; /* what open() found nothing at */
	uint64_t imports_count; /* of all of them */
	uint64_t disk_nbytes; /* that they came out of, packed: more may be said of them; 0 is allowed */
	bool is_in_place; /* relative paths count from the working directory, as for ldd */
};

/* What open() and mapping gave.  */
enum mc_open {
	MC_OPEN_FOUND,
	MC_OPEN_ABSENT,    /* ENOENT, ENOTDIR, EACCES, ENAMETOOLONG: the search goes on */
	MC_OPEN_FORBIDDEN, /* any other errno: musl's path_open() then gives the search up */
	MC_OPEN_DIRECTORY, /* opened, but read() says EISDIR */
	MC_OPEN_NOT_ELF,   /* opened, but nothing that can be mapped */
};

/* 'arena' must outlive the objects, which need no clearing of their own.  */
void mc_objects_init(struct mc_objects *objects, struct mc_arena *arena);

/*
 * Read the member that 'source' stands at, and keep it nowhere: it lives in 'arena', for
 * mc_objects_adopt().  An unreadable one has its status; NULL for a source in which nothing
 * was found.  Only MC_ERR_NOMEM fails.
 */
enum mc_status mc_object_read(struct mc_arena *arena, struct mc_source *source,
			      const struct mc_member *member, struct mc_object **object_out,
			      struct mc_error *err) MC_MUST_CHECK;

/* Keep an object that lives as long as 'objects' do.  */
enum mc_status mc_objects_adopt(struct mc_objects *objects, struct mc_object *object,
				struct mc_error *err) MC_MUST_CHECK;

/*
 * Read the member that 'source' stands at and keep it.  An unreadable one is
 * kept with its status, a source in which nothing was found is not, and NULL is handed
 * out; only MC_ERR_NOMEM fails.
 */
enum mc_status mc_objects_add_member(struct mc_objects *objects, struct mc_source *source,
				     const struct mc_member *member,
				     struct mc_object **object_out, struct mc_error *err) MC_MUST_CHECK;

/*
 * Read one file of the file system and keep it under the name given; the same
 * file by another name is handed out again.  MC_ERR_IO when it cannot be opened.
 */
enum mc_status mc_objects_add_file(struct mc_objects *objects, struct mc_str path,
				   struct mc_object **object_out, struct mc_error *err) MC_MUST_CHECK;

/*
 * Open 'path' as a loader in the place of 'from' would.  'is_literal': the path
 * does not come from $ORIGIN; such a path leads out of the scanned files into the
 * target image, of which the host's own folders say nothing, so only files that
 * the run already has are found.  It leads to where it would with from->root as "/".
 */
enum mc_status mc_objects_open(struct mc_objects *objects, const struct mc_object *from,
			       struct mc_str path, bool is_literal, enum mc_open *answer_out,
			       struct mc_object **object_out, struct mc_error *err) MC_MUST_CHECK;

/*
 * Open the absolute 'path' of the root file system in the folder 'root' (a real path); what is
 * there is kept as the image's.
 */
enum mc_status mc_objects_open_in(struct mc_objects *objects, struct mc_str root, struct mc_str path,
				  enum mc_open *answer_out, struct mc_object **object_out,
				  struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_OBJECTS_H */
