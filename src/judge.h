/* SPDX-License-Identifier: MIT */
/*
 * judge.h - one judgement in progress.  Private to the verdict room: verdict.c
 * runs it, survey.c draws the survey from it, findings.c says what the files are,
 * complaints.c what the loaders say to them.
 */
#ifndef MC_JUDGE_H
#define MC_JUDGE_H

#include "muslcheck/tag.h"
#include "muslcheck/verdict.h"

/* What stands against a dist on one of the two images.  */
struct mc_side_state {
	bool is_broken;      /* something in it does not load */
	bool is_refused;     /* a tag or a suffix stops pip or import */
	bool needs_packages;
};

struct mc_dist_state {
	const struct mc_dist *dist;
	unsigned minor;      /* of the Python it is judged for */
	const char *machine; /* as in platform tags */
	int machine_votes;
	size_t natives_count;
	bool is_unknown;
	bool is_overfull;       /* more was found in it than is kept */
	bool is_beyond_gcompat; /* something stops it that gcompat does not have */
	bool has_glibc_signs;   /* a file that fails was linked against glibc */
	struct mc_side_state target, against;
};

/* One of the two images.  */
struct mc_side {
	bool is_against;
	struct mc_target target;
	enum mc_libc_family family;
	const char *libc_name, *libc_version;
	struct mc_resolver *shipped, *with_packages;
	struct mc_load *loads;         /* with packages, by object index */
	struct mc_load *shipped_loads; /* as the image is */
};

struct mc_judge {
	const struct mc_judge_options *options;
	struct mc_objects *objects;
	size_t objects_count; /* of the run; loading may have met more behind them */
	struct mc_arena *arena;
	struct mc_error *err;
	struct mc_dist_state *dists; /* sorted by pointer */
	size_t dists_count;
	struct mc_side target, against;
	bool *is_reached; /* by object index: another file of the run loads it */
	struct mc_finding **findings;
	size_t findings_count, findings_room;
	struct mc_map by_stem;   /* files by dist, folder and name up to the first dot */
	struct mc_map by_soname; /* ELF files of the run, by file name and by DT_SONAME */
	struct mc_map known; /* findings, so that each is kept once */
};

/* What a survey is drawn from, in any order; sorted in place.  */
struct mc_survey_parts {
	struct mc_dist_verdict *dists;
	size_t dists_count;
	struct mc_finding *findings;
	size_t findings_count;
};

/* survey.c: order, count, list the packages, advise.  The parts live as long as the survey.  */
enum mc_status mc_survey_finish(struct mc_survey *survey, struct mc_survey_parts *parts,
				const struct mc_judge_options *options, struct mc_arena *arena,
				struct mc_error *err) MC_MUST_CHECK;

/* sizes.c: once dists and packages are listed.  */
void mc_survey_measure(struct mc_survey *survey);

/* NULL for a dist that is not of the run, also for NULL.  */
struct mc_dist_state *mc_judge_dist(const struct mc_judge *judge, const struct mc_dist *dist);

/* Keep a finding unless it is there; '*new_out' is the kept one when it was new, else NULL.  */
enum mc_status mc_judge_find(struct mc_judge *judge, const struct mc_finding *finding,
			     struct mc_finding **new_out) MC_MUST_CHECK;

/* The same for one that is a rule, a message and a fix and no more.  */
enum mc_status mc_judge_say(struct mc_judge *judge, struct mc_finding *finding, enum mc_rule rule,
			    struct mc_str message, struct mc_str fix) MC_MUST_CHECK;

struct mc_side_state *mc_judge_side(struct mc_dist_state *state, const struct mc_side *side);

/* 'object' (NULL: the dist as such) does not load on this side.  */
void mc_judge_break(struct mc_dist_state *state, const struct mc_side *side,
		    const struct mc_object *object, bool in_gcompat);

bool mc_is_linked_to_glibc(const struct mc_elf *elf);

/* A name that musl has as well, with another meaning to code compiled for glibc.  */
struct mc_trap {
	const char *name;
	enum mc_rule rule;
	enum mc_severity severity;
	const char *message, *fix;
};

const struct mc_trap *mc_trap_of(struct mc_str name); /* NULL: it is none */

/* Libraries that glibc brings and musl answers neither by name nor as a file.  */
bool mc_is_glibc_library(struct mc_str soname);

/* Files of Alpine's gcompat that musl's loader can reach by those names.  */
bool mc_is_gcompat_library(struct mc_str soname);

/* gcompat has all that the loader complains of.  */
bool mc_is_in_gcompat(const struct mc_load *load);

extern const char mc_rebuild_fix[];

/* complaints.c: what the loader says to 'root', and the packages it takes.  */
enum mc_status mc_judge_complaints(struct mc_judge *judge, struct mc_side *side,
				   struct mc_dist_state *state, const struct mc_object *root,
				   const struct mc_load *load) MC_MUST_CHECK;

/* findings.c, in this order: tags first, since what pip refuses on slim is not judged there.  */
enum mc_status mc_judge_dists(struct mc_judge *judge) MC_MUST_CHECK;
enum mc_status mc_judge_tags(struct mc_judge *judge) MC_MUST_CHECK;
enum mc_status mc_judge_objects(struct mc_judge *judge, struct mc_side *side) MC_MUST_CHECK;
enum mc_status mc_judge_promises(struct mc_judge *judge) MC_MUST_CHECK;

/* behaviour.c: what runs and acts differently.  */
enum mc_status mc_judge_behaviour(struct mc_judge *judge) MC_MUST_CHECK;

/* Of by_stem.  */
uint64_t mc_judge_stem_hash(const struct mc_object *object);

#endif
