/* SPDX-License-Identifier: MIT */
/*
 * model.h - what the two loaders' models share.  Private to the resolve room.
 *
 * A model answers two questions: which files does this name lead to (load), and
 * is this import satisfied in that scope (settle).  resolve.c drives both and
 * remembers, for every file, the imports that its own closure leaves open: a file
 * that is content alone is content in any larger scope, so each import is looked
 * up once a run and not once for every module that leads to it.
 */
#ifndef MC_MODEL_H
#define MC_MODEL_H

#include "muslcheck/resolve.h"

#define NOBODY SIZE_MAX /* needed_by of the first file */

/* One load in progress: the chain and the complaints grow in the arena.  */
struct mc_loading {
	struct mc_resolver *resolver;
	struct mc_error *err;
	const struct mc_object *root;
	bool is_program; /* the root is the program itself, and not dlopen()ed into one */
	struct mc_loaded *chain;
	size_t chain_count, chain_room;
	struct mc_complaint *complaints;
	size_t complaints_count, complaints_room;
	/* glibc: those of the missing versions of the file that was inspected last */
	size_t missing_first, missing_count;
	uint64_t lookup_cost; /* of one name through the whole chain, in units of work */
	bool is_assumed, is_cut;
	bool has_fatal; /* a complaint for which it does not load */
};

struct mc_model {
	/* Extend the chain by what chain[0] needs, breadth first.  */
	enum mc_status (*load)(struct mc_loading *loading);
	/* Complain when the import of chain[i] stays open.  */
	enum mc_status (*settle)(struct mc_loading *loading, size_t i,
				 const struct mc_import *import, struct mc_lookup *lookup);
	/* Complain of chain[i] for what has nothing to do with the scope.  */
	enum mc_status (*inspect)(struct mc_loading *loading, size_t i);
};

extern const struct mc_model mc_model_musl, mc_model_glibc;

struct mc_memo; /* private to resolve.c */

struct mc_resolver {
	struct mc_process process;
	const struct mc_model *model;
	struct mc_objects *objects;
	struct mc_arena *arena;
	struct mc_memo *memos;
	size_t memos_count;
	const char *libc_version; /* "1.2.5", "2.41" */
	uint64_t *marks;          /* by object index: the last scope that it was in */
	size_t marks_count;
	uint64_t scopes_count;
	uint64_t work_left; /* of this root's own share ... */
	uint64_t work_done; /* ... and what all roots did beyond theirs */
	uint64_t complaints_count; /* of all roots */
};

/*
 * What work costs, in units of some 10 ns.  A closure has no bound, and files that all
 * need each other cost its cube: each root has a share, and the run a common reserve that
 * grows with what there is to judge.
 */
enum {
	MC_WORK_ROOT = 200 * 1000,       /* the share of a root */
	MC_WORK_RUN = 50 * 1000 * 1000,  /* the reserve, ... */
	MC_WORK_OBJECT = 50 * 1000,      /* ... more for each object, ... */
	MC_WORK_IMPORT = 200,            /* ... and for each import */
	MC_WORK_OPEN = 300,              /* one stat() */
	MC_WORK_LOADED = 500,            /* one file of a chain: its memory counts */
	MC_WORK_VERSION = 250,           /* one version held against those that a file defines */
	MC_WORK_COMPLAINT = 50,          /* one complaint, and its text behind it */
};

/*
 * Complaints of a run, all of which are kept: so many, and more for what lies on disk; real dists have one for
 * a kilobyte at the most.  Beyond, a root keeps the first for which it does not load.
 */
enum { MC_COMPLAINTS_RUN = 1 << 18, MC_NBYTES_A_COMPLAINT = 256 };

/* MC_ERR_LIMIT when there is none left.  */
enum mc_status mc_work(struct mc_resolver *resolver, uint64_t units) MC_MUST_CHECK;

enum mc_status mc_chain_add(struct mc_loading *loading, const struct mc_loaded *loaded) MC_MUST_CHECK;
enum mc_status mc_complain(struct mc_loading *loading, size_t i,
			   const struct mc_complaint *complaint) MC_MUST_CHECK;

/*
 * Fill 'library', 'exports' and 'is_added' of 'loaded' when the tables have a library of that
 * name for this process.
 */
void mc_process_library(const struct mc_loading *loading, struct mc_str soname,
			struct mc_loaded *loaded);

/*
 * Open 'path' for the file chain[needed_by] (the root's, when that is no file), among the files
 * of the run, then in the process's root file system; '*name_out' is what the file found is
 * called then.
 */
enum mc_status mc_open_for(struct mc_loading *loading, size_t needed_by, struct mc_str path,
			   bool is_literal, enum mc_open *answer_out, struct mc_object **object_out,
			   struct mc_str *name_out) MC_MUST_CHECK;

/* Names that the interpreter itself defines.  */
bool mc_is_python_import(const struct mc_import *import);

/*
 * Nothing that is known defines the import of chain[i]: it is missing, or assumed to be
 * in a library whose exports are not known.
 */
enum mc_status mc_complain_of_symbol(struct mc_loading *loading, size_t i,
				     const struct mc_import *import,
				     uint32_t name_id) MC_MUST_CHECK;

/* "$ORIGIN" for a file of that name: its folder, "." without one.  */
struct mc_str mc_origin_of(struct mc_str name);

#endif
