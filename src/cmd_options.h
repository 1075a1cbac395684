/* SPDX-License-Identifier: MIT */
/* cmd_options.h - what was typed, as settings.  One table says all options.  */
#ifndef MC_CMD_OPTIONS_H
#define MC_CMD_OPTIONS_H

#include "muslcheck/report.h"
#include "muslcheck/scan.h"

#include <stdio.h>

enum { MC_OUTPUTS_MAX = 16, MC_LISTS_MAX = 64 };

struct mc_output {
	const struct mc_report_format *format;
	const char *path; /* NULL: stdout */
	FILE *file;       /* of the path, once it is open */
};

enum mc_sandbox_mode { MC_SANDBOX_MODE_AUTO, MC_SANDBOX_MODE_OFF, MC_SANDBOX_MODE_REQUIRED };

#ifndef MC_SANDBOX_DEFAULT
#define MC_SANDBOX_DEFAULT MC_SANDBOX_MODE_AUTO
#endif

struct mc_settings {
	struct mc_scan_options scan;
	struct mc_report_style style;
	struct mc_output outputs[MC_OUTPUTS_MAX];
	size_t outputs_count;
	const struct mc_report_format *format;
	const char *const *paths;
	size_t paths_count;
	unsigned shard, shards; /* 0: all */
	const char *resume;
	const char *facts_dir; /* NULL: none */
	bool has_format; /* typed, not the default */
	const char *waivers, *baseline, *write_baseline; /* paths; NULL: none */
	bool no_waivers, has_fail_on;
	FILE *baseline_file; /* of write_baseline, once it is open */
	enum mc_sandbox_mode sandbox;
	const char *reads[MC_LISTS_MAX]; /* more that may be read in it */
	size_t reads_count;

	/* What the lists of 'scan' point to.  */
	const char *links[MC_LISTS_MAX], *extra_urls[MC_LISTS_MAX];
	struct mc_str extras[MC_LISTS_MAX], groups[MC_LISTS_MAX];
};

/*
 * Read the command line into '*settings_out'.  0: go on; else exit with '*code_out', after
 * telling why in 'err' (or on stdout, where help was asked for).
 */
int mc_settings_read(struct mc_settings *settings_out, int argc, char **argv, int *code_out,
		     struct mc_error *err);

/* As if "--NAME TEXT" had been typed; 'text' outlives the settings.  */
enum mc_status mc_settings_set(struct mc_settings *settings, const char *name, const char *text, struct mc_error *err);

/*
 * Open the files that reports and a baseline are to be written to, without changing what is in
 * them: in the sandbox no other file can be.  They are closed where they are written.
 */
enum mc_status mc_cmd_open_outputs(struct mc_settings *settings, struct mc_error *err) MC_MUST_CHECK;

/* Write the reports that were asked for; the exit code that the advice comes to, else MC_EXIT_ERROR.  */
int mc_cmd_write_reports(const struct mc_settings *settings, const struct mc_survey *survey, bool is_partial,
			 struct mc_error *err);

#endif
