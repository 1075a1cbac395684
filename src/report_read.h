/* SPDX-License-Identifier: MIT */
/*
 * report_read.h - what a JSON report of before says of one dist.  Private to src/.
 *
 * Takes:  a report that this program wrote (docs/json.md); any bytes may come in.
 * Hands:  a page for a person: verdicts, choice, each finding, what the loader said.
 *
 * Threads: reentrant.
 */
#ifndef MC_REPORT_READ_H
#define MC_REPORT_READ_H

#include "paper.h"

/* The largest report that is read; ten thousand dists make some 50 MB.  */
#define MC_REPORT_NBYTES_MAX ((uint64_t)512 << 20)

/*
 * Put on paper what the report 'text', read from 'path', says of the dists called 'name'
 * (normalised); '*found_out': how many there are.  MC_ERR_FORMAT when it is no such report.
 */
enum mc_status mc_report_put_dist(struct mc_paper *paper, struct mc_str text, const char *path,
				  struct mc_str name, size_t *found_out,
				  struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_REPORT_READ_H */
