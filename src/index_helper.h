/* SPDX-License-Identifier: MIT */
/*
 * index_helper.h - a process that asks indexes for this one, which may then do without sockets,
 * without pip's configuration and without the passwords in it.  Private to src/.
 *
 * Threads: started once, before there are others; then mc_index_open() makes use of it, in
 * whichever thread, one index at a time.
 */
#ifndef MC_INDEX_HELPER_H
#define MC_INDEX_HELPER_H

#include "muslcheck/index.h"

#include <stdbool.h>

/* What this process needs files for; empty and 0: nothing.  */
struct mc_index_needs {
	struct mc_str cache_dir; /* it was made, where that was possible */
	const struct mc_str *find_links;
	size_t find_links_count;
};

/*
 * 'options' are those of every mc_index_open() to come, which may differ in the URLs, in
 * has_no_index and in limits.  'is_shared': there may be several of those.  'is_required': of its
 * sandbox, whose failure is that of mc_index_open().  MC_ERR_IO when there is no process to be had,
 * MC_ERR_NOMEM; the process ends with this one.
 */
enum mc_status mc_index_helper_start(const struct mc_index_options *options, bool is_shared, bool is_required,
				     struct mc_arena *arena, struct mc_index_needs *needs_out,
				     struct mc_error *err) MC_MUST_CHECK;

/* It ends by itself; indexes are to be closed by now.  */
void mc_index_helper_stop(void);

#endif /* MC_INDEX_HELPER_H */
