/* SPDX-License-Identifier: MIT */
/* muslcheck report FILE... - reports of before, put together.  */
#include "cmd.h"
#include "cmd_options.h"
#include "cmd_sandbox.h"
#include "cmd_waivers.h"
#include "report_merge.h"

/* Waivers of this run, or none at all, take the place of those that the lines were written with.  */
static enum mc_status merge(const struct mc_settings *s, const struct mc_cmd_waivers *w, struct mc_arena *arena,
			    struct mc_survey *survey, struct mc_error *err)
{
	const struct mc_judge_options options = {.fail_on = s->scan.fail_on, .fail_never = s->scan.fail_never};
	struct mc_merge *merge = mc_merge_open(arena, !s->no_waivers && !w->waivers && !w->baseline);

	if (!merge)
		return mc_no_memory(err);
	for (size_t i = 0; i < s->paths_count; i++)
		MC_TRY(mc_merge_add(merge, s->paths[i], err));
	return mc_merge_survey(merge, &options, survey, err);
}

int mc_cmd_report(int argc, char **argv)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_settings settings;
	struct mc_cmd_sandbox sandbox = {.temp = ""};
	struct mc_cmd_waivers waivers;
	struct mc_survey merged;
	const struct mc_survey *survey = &merged;
	struct mc_arena arena;
	int code;

	if (mc_settings_read(&settings, argc, argv, &code, &err)) {
		if (err.status < 0)
			mc_cmd_print_error(&err);
		return mc_cmd_finish(err.status < 0 ? MC_EXIT_ERROR : code);
	}
	if (!settings.has_format)
		for (size_t i = 0; i < settings.outputs_count; i++)
			if (settings.outputs[i].format == &mc_report_text)
				settings.outputs[i].format = &mc_report_summary;
	settings.style.is_batch = true;
	mc_arena_init(&arena, NULL);
	code = MC_EXIT_ERROR;
	if (!mc_cmd_waivers_open(&waivers, &settings, &err) && !mc_cmd_open_outputs(&settings, &err) &&
	    !mc_cmd_sandbox_enter(&sandbox, &settings, MC_WORK_REPORT, &err) &&
	    !merge(&settings, &waivers, &arena, &merged, &err) &&
	    !mc_cmd_waivers_apply(&waivers, &settings, &survey, &err))
		code = mc_cmd_write_reports(&settings, survey, false, &err);
	mc_cmd_waivers_close(&waivers);
	mc_cmd_sandbox_leave(&sandbox);
	if (err.status < 0)
		mc_cmd_print_error(&err);
	mc_arena_clear(&arena);
	return mc_cmd_finish(code);
}
