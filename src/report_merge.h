/* SPDX-License-Identifier: MIT */
/*
 * report_merge.h - reports that were written before, put together as one survey.  Private to src/.
 *
 * Takes:  NDJSON of batches and JSON reports (docs/json.md); any bytes may come in.
 * Hands:  a survey of all their dists, findings and files, judged anew as a whole.
 *
 * Threads: one merge belongs to one thread.
 */
#ifndef MC_REPORT_MERGE_H
#define MC_REPORT_MERGE_H

#include "muslcheck/verdict.h"

/* The largest file that is read; ten thousand wheels make some 600 MB.  */
#define MC_MERGE_NBYTES_MAX ((uint64_t)2 << 30)

struct mc_merge; /* opaque */

/*
 * NULL when memory ran out.  All lives in 'arena'.  'keeps_excuses': what was excused when a report was
 * written is so in the survey; else all findings stand as if it had not been.
 */
struct mc_merge *mc_merge_open(struct mc_arena *arena, bool keeps_excuses);

/*
 * Add what is in a file: the lines of a batch, or one report.  An input that was there before is
 * left out.  MC_ERR_FORMAT where something in it is neither; a last line without its end is
 * passed over.  MC_ERR_IO, MC_ERR_LIMIT, MC_ERR_NOMEM.
 */
enum mc_status mc_merge_add(struct mc_merge *merge, const char *path, struct mc_error *err) MC_MUST_CHECK;

/* Once all are added: 'options' say what stands against alpine.  MC_ERR_NOT_FOUND for nothing.  */
enum mc_status mc_merge_survey(struct mc_merge *merge, const struct mc_judge_options *options,
			       struct mc_survey *survey_out, struct mc_error *err) MC_MUST_CHECK;

#endif
