/* SPDX-License-Identifier: MIT */
/* cmd_waivers.h - waivers, baseline and settings from a file, as the commands use them.  */
#ifndef MC_CMD_WAIVERS_H
#define MC_CMD_WAIVERS_H

#include "cmd_options.h"
#include "waivers.h"

struct mc_cmd_waivers {
	struct mc_arena arena;
	struct mc_waivers *waivers;   /* NULL: none */
	struct mc_baseline *baseline; /* NULL: none */
	char today[16];		      /* "2026-11-28" */
};

/*
 * Read --waivers, else a muslcheck.toml that lies here, and the baseline; what the file sets and
 * nobody typed is put into 'settings'.  To be closed, also after a failure.
 */
enum mc_status mc_cmd_waivers_open(struct mc_cmd_waivers *w, struct mc_settings *settings, struct mc_error *err);
void mc_cmd_waivers_close(struct mc_cmd_waivers *w);

/* '*survey' with what is excused, when something may be; the baseline is written first.  */
enum mc_status mc_cmd_waivers_apply(struct mc_cmd_waivers *w, const struct mc_settings *settings,
				    const struct mc_survey **survey, struct mc_error *err);

/* The same of one survey, into 'arena', without a baseline that is written; threads may share 'state', a mc_cmd_waivers.  */
enum mc_status mc_cmd_waivers_excuse(const void *state, struct mc_arena *arena, const struct mc_survey **survey,
				     struct mc_error *err);

#endif
