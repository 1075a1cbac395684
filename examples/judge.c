/* SPDX-License-Identifier: MIT */
/*
 * judge.c - what muslcheck says of a path, by its library.
 *
 *   cc -o judge judge.c $(pkg-config --cflags --libs muslcheck)
 *   ./judge app.whl venv/
 *
 * Exits as the program does: 0 alpine, 1 slim, 2 the work could not be done.
 */
#include <muslcheck/scan.h>

#include <stdio.h>

/* A path, or a part of one, that could not be read.  */
static void complain(void *state, const struct mc_error *why)
{
	(void)state;
	fprintf(stderr, "judge: %s: %s\n", why->subject, why->text);
}

/* A survey's texts are no C strings: print them with "%.*s" and MC_TEXT().  */
static void print_survey(const struct mc_survey *survey)
{
	printf("%s: %.*s\n", survey->advice == MC_ADVICE_ALPINE ? "alpine" : "slim", MC_TEXT(survey->reason));
	for (size_t i = 0; i < survey->dists_count; i++) {
		const struct mc_dist_verdict *v = &survey->dists[i];

		if (v->dist->name.len)
			printf("%.*s %.*s: ", MC_TEXT(v->dist->name), MC_TEXT(v->dist->version));
		else
			printf("%.*s: ", MC_TEXT(v->dist->path)); /* files of no dist */
		puts(mc_verdict_name(v->verdict));
		for (size_t k = 0; k < v->findings_count; k++)
			printf("\t%s %.*s: %.*s\n", mc_rule_info(v->findings[k]->rule)->code,
			       MC_TEXT(v->findings[k]->subject), MC_TEXT(v->findings[k]->message));
	}
}

int main(int argc, char **argv)
{
	struct mc_scan_options options = {
		.question = MC_SCAN_COPY, /* these very files; nothing is asked of an index */
		.fail_on = MC_SEVERITY_ERROR,
		.complain = complain,
	};
	struct mc_error err = MC_ERROR_INIT;
	const struct mc_survey *survey;
	struct mc_scan *scan;
	int code = 2;

	if (argc < 2) {
		fputs("Usage: judge PATH...\n", stderr);
		return 2;
	}
	if (mc_scan_open(&options, (const char *const *)(argv + 1), (size_t)(argc - 1), &scan, &err)) {
		fprintf(stderr, "judge: %s: %s\n", err.subject, err.text);
		return 2;
	}
	survey = mc_scan_survey(scan); /* lives as long as the scan */
	if (survey)
		print_survey(survey);
	if (survey && mc_scan_is_whole(scan))
		code = survey->advice == MC_ADVICE_ALPINE ? 0 : 1;
	mc_scan_close(scan);
	return code;
}
