/* SPDX-License-Identifier: MIT */
/*
 * batch.h - many inputs, one line of JSON each (NDJSON), in their order and as they are done.
 *
 * Takes:  inputs one after another (a list on stdin, or what was typed), settings of a scan.
 * Hands:  lines {"input": PATH, "error": TEXT or null, "report": the JSON report or null}, each
 *         written whole and flushed.
 *
 * Inputs are judged each by itself, several at a time, and forgotten: memory does not grow with
 * their number.  What is wrong with one stands in its line, and the rest goes on.
 *
 * Threads: one batch at a time in a process; it starts threads of its own.
 */
#ifndef MUSLCHECK_BATCH_H
#define MUSLCHECK_BATCH_H

#include "muslcheck/report.h"
#include "muslcheck/scan.h"

MC_DECLS_BEGIN

/* ---- inputs ---- */

struct mc_inputs; /* opaque */

struct mc_inputs_options {
	const char *const *paths; /* as typed; a folder of nothing but wheels stands for them */
	size_t paths_count;
	/* Paths between newlines or NULs, or lines {"path": ...}; -1: none.  Taken; read as it comes.  */
	int list_fd;
	unsigned shard, shards; /* only those that fall to this one of them, from 1; 0: all */
	const char *resume;     /* an NDJSON file of before: what it holds is left out; NULL: none */
};

/* A line of the list that is longer names no path.  */
#define MC_INPUT_NBYTES_MAX ((size_t)1 << 16)

/*
 * MC_ERR_IO when 'resume' cannot be read, MC_ERR_FORMAT when it is no such file, MC_ERR_NOMEM.
 * An incomplete last line of it is not there: '*resume_nbytes_out' is what counts, 0 without a
 * file.  The inputs live in 'arena' and are closed by mc_inputs_close().
 */
enum mc_status mc_inputs_open(const struct mc_inputs_options *options, struct mc_arena *arena,
			      struct mc_inputs **inputs_out, uint64_t *resume_nbytes_out,
			      struct mc_error *err) MC_MUST_CHECK;

/*
 * The next one, in 'arena'; MC_END after the last.  MC_ERR_FORMAT for a line that names no path,
 * '*path_out' being the line: that is an input as well, and the next one can be asked for.
 * MC_ERR_IO, MC_ERR_NOMEM end the list.
 */
enum mc_status mc_inputs_next(struct mc_inputs *inputs, struct mc_arena *arena, struct mc_str *path_out,
			      struct mc_error *err) MC_MUST_CHECK;
void mc_inputs_close(struct mc_inputs *inputs); /* NULL is allowed */

/* The shard, from 1, of 'shards' that an input falls to: by its name alone, without folders.  */
unsigned mc_inputs_shard(struct mc_str path, unsigned shards);

/* Does 'fd' bring an image's tar?  What was looked at is not taken away.  */
bool mc_input_is_image(int fd);

/* ---- judging them ---- */

struct mc_batch_counts {
	size_t alpine, slim, errors; /* of lines; one with an error is counted there alone */
};

/* Done to each survey before its line is written: '*survey' may be replaced by one in 'arena'.  */
struct mc_batch_change {
	/* MC_OK or MC_ERR_NOMEM.  Several threads call it, each with an arena of its own.  */
	enum mc_status (*apply)(const void *state, struct mc_arena *arena, const struct mc_survey **survey,
				struct mc_error *err);
	const void *state;
};

/*
 * Judge all inputs with 'jobs' threads (0: one a processor) and write their lines to 'out'.
 * 'change': NULL for none.  MC_ERR_IO when a line cannot be written, MC_ERR_NOMEM; the lines before are whole.
 */
enum mc_status mc_batch_run(struct mc_inputs *inputs, const struct mc_scan_options *options, unsigned jobs,
			    const struct mc_batch_change *change, FILE *out,
			    struct mc_batch_counts *counts_out, struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_BATCH_H */
