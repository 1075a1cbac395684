/* SPDX-License-Identifier: MIT */
/*
 * report_html.h - the parts of the HTML page.  Private to the report room.
 *
 * report_html.c is the page and what stands on top of it, report_html_dists.c the table and the
 * sections of dists, report_html_plots.c what is counted, report_html_notes.c what behaves
 * differently and what is excused, report_html_graph.c who needs whom.
 *
 * Names are text: they go through mc_html_put() into an element or between double quotes, and
 * nowhere else.  Ids are numbers, classes and data attributes words of ours, and no link leads
 * out of the page.
 */
#ifndef MC_REPORT_HTML_H
#define MC_REPORT_HTML_H

#include "muslcheck/report.h"

/* Of src/html/, made into C by probe/gen_html: lines, up to a NULL.  */
extern const char *const mc_html_style[];
extern const char *const mc_html_script[];
/* What the page allows itself, with the hashes of these two.  */
extern const char mc_html_policy[];

enum {
	MC_HTML_BATCH = 60,   /* so many dists are read as a batch is */
	MC_HTML_GRAPHS = 150, /* drawn in a page */
};

struct mc_html {
	const struct mc_survey *survey;
	const struct mc_report_style *style;
	FILE *out;
	struct mc_arena arena; /* what is taken for one dist is given back after it */
	const struct mc_object **objects; /* of the survey, those of a dist together */
	size_t objects_count;
	size_t graphs_count; /* that were drawn */
	bool is_batch; /* numbers come before names */
	const struct mc_html_named *names; /* of a batch: what would not run, most obstacles first */
	size_t names_count;
	bool has_rules, has_missing, has_behaviour; /* the parts that not every page has */
};

void mc_html_put(struct mc_html *h, struct mc_str text);
void mc_html_word(struct mc_html *h, const char *text); /* of ours or of the tables */
void mc_html_code(struct mc_html *h, struct mc_str text);
/* Its code; where the pages of docs/ are known, a link to its page.  */
void mc_html_rule(struct mc_html *h, const struct mc_rule_info *rule);
void mc_html_badge(struct mc_html *h, enum mc_verdict verdict);
/* "3 dists": with an s but for one.  */
void mc_html_count(struct mc_html *h, size_t count, const char *what);
/* A name and its version, or what files without a dist are called.  */
void mc_html_dist(struct mc_html *h, const struct mc_dist *dist);

/* The verdict in a clause: "loads as it is".  */
const char *mc_html_verdict_words(enum mc_verdict verdict);

/* All fail only with MC_ERR_NOMEM.  */
enum mc_status mc_html_dists(struct mc_html *h) MC_MUST_CHECK;
void mc_html_verdicts(struct mc_html *h);
void mc_html_waivers(struct mc_html *h);
/* What of a dist somebody answers for.  */
bool mc_html_has_excused(const struct mc_dist_verdict *v);
void mc_html_excused(struct mc_html *h, const struct mc_dist_verdict *v);
enum mc_status mc_html_rules(struct mc_html *h) MC_MUST_CHECK;
enum mc_status mc_html_missing(struct mc_html *h) MC_MUST_CHECK;
/* The dists by name; of a batch, before the navigation tells whether there are any.  */
enum mc_status mc_html_take_names(struct mc_html *h) MC_MUST_CHECK;
void mc_html_names(struct mc_html *h);
enum mc_status mc_html_behaviour(struct mc_html *h) MC_MUST_CHECK;

/* Before the first graph.  */
enum mc_status mc_html_sort_objects(struct mc_html *h) MC_MUST_CHECK;
/* The graph of a dist's native files has something to show.  */
bool mc_html_has_graph(const struct mc_html *h, const struct mc_dist_verdict *v);
enum mc_status mc_html_graph(struct mc_html *h, const struct mc_dist_verdict *v) MC_MUST_CHECK;

#endif /* MC_REPORT_HTML_H */
