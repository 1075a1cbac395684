/* SPDX-License-Identifier: MIT */
/*
 * scan_impl.h - what the files of the scan room share.  Private to that room.
 *
 *	scan.c         paths, images, the order of things
 *	scan_confirm.c musl's own loader, run on what was judged
 *	scan_docker.c  Dockerfiles: the lists that they install from, their images
 *	scan_gather.c  wheels and trees, read by several threads
 *	scan_wishes.c  lock files and requirements: dists that are wanted
 *	scan_picks.c   what pip would take for a dist: ask, choose, fetch, open
 */
#ifndef MC_SCAN_IMPL_H
#define MC_SCAN_IMPL_H

#include "facts_impl.h"
#include "muslcheck/docker_advice.h"
#include "muslcheck/requirements.h"
#include "muslcheck/scan.h"

/* Members and dists of what was opened.  */
struct mc_haul {
	struct mc_objects objects;
	const struct mc_dist **dists;
	size_t dists_count, dists_room;
};

/* A dist that a lock file or a requirement asks for.  */
struct mc_wish {
	struct mc_dist *dist; /* stands for it in the survey; gets its version when that is known */
	struct mc_str specifiers;
	bool is_locked;  /* only the files of scan->locked with that version will do */
	bool has_wheels; /* the lock has wheels of it, for whatever platform */
	struct mc_str problem; /* why nothing can be asked for it; else empty */

	/* Of requirements: */
	bool is_followed; /* what the chosen wheel requires is wanted too */
	const struct mc_requirements *list; /* whose options count */
	const struct mc_str *extras;
	size_t extras_count;
	const struct mc_requirements_entry *entry; /* with hashes: other files are refused; NULL: none */
	bool is_hash_refused; /* a wheel that fits is there, and its hash is not among them */
	struct mc_str asked_by; /* all that ask for it: "requirements.txt:3, flask" */
	unsigned changes; /* of mind, when more was asked for after the choice */
};

/* One dist for which pip's choice is wanted.  */
struct mc_pick {
	const struct mc_dist *dist;
	struct mc_wish *wish; /* NULL: it is there, in its version */
	struct mc_chooser chooser, against;
	struct mc_choice choice;
	struct mc_candidate *candidate; /* of this round */
	bool is_asked, is_done;
	bool is_expanded; /* what its wheel requires has been wished for */
};

/* A wheel to be read.  */
struct mc_gather_wheel {
	const char *path, *shown; /* 'shown' stands for it where it is told */
	bool is_given;            /* a person named it */
	uint64_t nbytes;
	struct mc_wheel_facts facts; /* what an earlier run has read of it */
};

/* Of the threads that have read.  */
struct mc_gather_arenas {
	struct mc_gather_arenas *next;
	struct mc_arena *items;
	size_t count;
};

/* What was to be judged and could not be opened or found.  */
struct mc_missed {
	const char *path;
	struct mc_error why;
};

struct mc_scan {
	struct mc_arena arena;
	const struct mc_scan_options *options;
	struct mc_gather_arenas *arenas;
	struct mc_source_kept *kept; /* of all sources */
	struct mc_gather_wheel *waiting; /* given one after another, to be read together */
	size_t waiting_count, waiting_room;
	struct mc_haul haul;   /* what is there */
	struct mc_haul wheels; /* what pip would take */
	struct mc_missed *missed;
	size_t missed_count, missed_room;
	struct mc_lock **locks;
	const struct mc_lock_wish **lock_wishes; /* of each: extras and groups */
	size_t locks_count, locks_room;
	struct mc_rootfs **images; /* that were unpacked */
	size_t images_count, images_room;
	struct mc_dockerfile **dockerfiles;
	size_t dockerfiles_count, dockerfiles_room;
	struct mc_requirements **lists;
	size_t lists_count, lists_room;
	struct mc_map wishes; /* picks of requirements, by name */
	size_t lines_read;    /* of Requires-Dist */
	bool is_extra_new;    /* a dist is wished for with one more extra */
	bool is_overfull;     /* more was wished for than is looked at */
	struct mc_pick **picks;
	size_t picks_count, picks_room;
	struct mc_map openers; /* picks, by the candidate that they open */
	struct mc_candidates set;    /* of folders and indexes */
	struct mc_candidates locked; /* files that locks name */
	struct mc_index *index; /* NULL: none */
	bool is_index_tried;
	struct mc_judge_options judge;
	struct mc_libc bare_libc; /* what --libc stands for in reports */
	struct mc_asked asked;
	struct mc_confirm *confirm; /* NULL: not asked for */
	struct mc_proof proof;
	struct mc_survey survey;
	bool has_survey, has_error;
	size_t done, count; /* for the progress */
	struct mc_error *err;
};

void mc_scan_show(const struct mc_scan *scan, const char *what);

/* Tell of trouble that does not end the scan.  */
void mc_scan_complain(const struct mc_scan *scan, const char *subject, struct mc_error *why);

/* What the machine refused meanwhile (refusal.h): without memory there is no answer, else it is not whole.  */
enum mc_status mc_scan_heed(struct mc_scan *scan, const char *subject, enum mc_status refusal, struct mc_error *why);

enum mc_status mc_haul_keep_dist(struct mc_scan *scan, struct mc_haul *haul,
				 const struct mc_dist *dist) MC_MUST_CHECK;

/* A file that could not be opened at all is a dist of which nothing is known.  */
enum mc_status mc_haul_keep_unreadable(struct mc_scan *scan, struct mc_haul *haul, const char *path,
				       const struct mc_error *why) MC_MUST_CHECK;

/* All of an open source: its native members, then its dists.  'shown' stands for it where it is told.  */
enum mc_status mc_haul_gather(struct mc_scan *scan, struct mc_haul *haul, struct mc_source *source,
			      const char *shown) MC_MUST_CHECK;

/* What a person named, or a file of theirs, is not there: told, and an error in the end.  */
enum mc_status mc_scan_miss(struct mc_scan *scan, const char *path, struct mc_error *why) MC_MUST_CHECK;

/* It could not be opened; 'is_given' when a person named it.  */
enum mc_status mc_scan_keep_failure(struct mc_scan *scan, const char *path, bool is_given,
				    struct mc_error *why) MC_MUST_CHECK;

/* ---- wheels ---- */

/* Read them all into 'haul', in that order.  */
enum mc_status mc_scan_gather_wheels(struct mc_scan *scan, struct mc_haul *haul,
				     struct mc_gather_wheel *wheels, size_t count) MC_MUST_CHECK;
/* Read the open tree's members into 'haul'.  */
enum mc_status mc_scan_gather_tree(struct mc_scan *scan, struct mc_haul *haul, struct mc_source *tree,
				   const char *shown) MC_MUST_CHECK;
void mc_scan_close_gather(struct mc_scan *scan);

/* ---- wishes ---- */

/* Read a lock or requirements file; what it wants is wished for once the target is known.  */
enum mc_status mc_scan_add_list(struct mc_scan *scan, const char *path, bool *is_list_out,
				struct mc_error *why) MC_MUST_CHECK;

/* A lock with extras and groups of its own; a requirements file that stands in another file.  */
enum mc_status mc_scan_add_lock(struct mc_scan *scan, const char *path, const struct mc_lock_wish *wish,
				struct mc_error *why) MC_MUST_CHECK;
enum mc_status mc_scan_add_requirements_text(struct mc_scan *scan, struct mc_str text, const char *path,
					     struct mc_error *why) MC_MUST_CHECK;

/* ---- the proof ---- */

enum mc_status mc_scan_open_confirm(struct mc_scan *scan) MC_MUST_CHECK;
void mc_scan_close_confirm(struct mc_scan *scan);

/* See that a loader can open the object, a member that 'source' stands at; then its next source.  */
enum mc_status mc_scan_place(struct mc_scan *scan, struct mc_source *source,
			     const struct mc_object *object) MC_MUST_CHECK;
void mc_scan_place_next(struct mc_scan *scan);

/* Once the survey is made.  */
enum mc_status mc_scan_confirm(struct mc_scan *scan) MC_MUST_CHECK;

/* ---- Dockerfiles ---- */

/* Read one, and the lists that it installs from.  */
enum mc_status mc_scan_add_dockerfile(struct mc_scan *scan, const char *path,
				      struct mc_error *why) MC_MUST_CHECK;

/* The Python 3 of the image that a Dockerfile begins with; 0: it does not say.  */
unsigned mc_scan_docker_minor(const struct mc_scan *scan);

/* The machine that a Dockerfile says, or NULL.  */
const char *mc_scan_docker_machine(const struct mc_scan *scan);

/* Its image, when it is an official one of that family that is known.  */
bool mc_scan_docker_image(const struct mc_scan *scan, enum mc_libc_family family,
			  struct mc_target *target_out);

/* Once the survey is made: what to change in them.  */
enum mc_status mc_scan_advise_dockerfiles(struct mc_scan *scan) MC_MUST_CHECK;

/* ---- wishes ---- */

/* The Python 3 that a lock was made for, or has most wheels for; 0: they do not say.  */
unsigned mc_scan_wished_minor(struct mc_scan *scan);

/* The wishes of all lists, for scan->judge.target.  */
enum mc_status mc_scan_wish(struct mc_scan *scan) MC_MUST_CHECK;

/* Wish for what the chosen wheels require.  */
enum mc_status mc_scan_expand(struct mc_scan *scan) MC_MUST_CHECK;

/* Files of the project that this wish refuses (hashes, --only-binary) are no choice.  */
void mc_scan_refuse(struct mc_scan *scan, struct mc_pick *pick);

/* ---- picks ---- */

/* NULL when memory ran out.  */
struct mc_pick *mc_scan_add_pick(struct mc_scan *scan, const struct mc_dist *dist, unsigned minor,
				 const char *machine);

/* Settle what pip would take for all picks that are open.  */
enum mc_status mc_scan_pick(struct mc_scan *scan) MC_MUST_CHECK;

/* "PIP_INDEX_URL ..., the lock uv.lock": where the choices come from.  */
struct mc_str mc_scan_name_sources(struct mc_scan *scan);

#endif /* MC_SCAN_IMPL_H */
