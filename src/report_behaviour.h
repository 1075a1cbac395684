/* SPDX-License-Identifier: MIT */
/*
 * report_behaviour.h - the part of the text report about what runs and acts differently:
 * warnings by rule with their places, and one line for each rule that only has notes, since
 * nearly every application gets those.  Private to the report room.
 *
 * Threads: as paper.h says.
 */
#ifndef MC_REPORT_BEHAVIOUR_H
#define MC_REPORT_BEHAVIOUR_H

#include "muslcheck/report.h"
#include "paper.h"

/* Rewinds the paper's arena to where it was.  */
enum mc_status mc_put_behaviour(struct mc_paper *paper, const struct mc_survey *survey,
				bool show_all) MC_MUST_CHECK;

#endif
