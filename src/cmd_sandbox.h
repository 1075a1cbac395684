/* SPDX-License-Identifier: MIT */
/* cmd_sandbox.h - what each command may read and write, before it reads what others made.  */
#ifndef MC_CMD_SANDBOX_H
#define MC_CMD_SANDBOX_H

#include "cmd_options.h"
#include "file.h"

enum mc_cmd_work {
	MC_WORK_SCAN,
	MC_WORK_BATCH, /* many scans, one after another */
	MC_WORK_LIST,  /* the same, of paths that are not known yet: all may be read */
	MC_WORK_FILES, /* what a loader would read, wherever it is */
	MC_WORK_REPORT,
};

/* What is left to do when the work is over.  Start it with zeros.  */
struct mc_cmd_sandbox {
	struct mc_arena arena;
	char temp[MC_TEMP_FOLDER_ROOM]; /* a folder of this run alone; empty: none */
};

/*
 * Into the sandbox, as the settings say; before that, the process that asks indexes is started where
 * one may be wanted.  Files to write are open by now.  MC_ERR_UNSUPPORTED when it is required and
 * not to be had.
 */
enum mc_status mc_cmd_sandbox_enter(struct mc_cmd_sandbox *sandbox, const struct mc_settings *settings,
				    enum mc_cmd_work work, struct mc_error *err) MC_MUST_CHECK;

/* The last of a command, and whatever came of it.  */
void mc_cmd_sandbox_leave(struct mc_cmd_sandbox *sandbox);

#endif
