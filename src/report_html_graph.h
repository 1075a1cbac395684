/* SPDX-License-Identifier: MIT */
/*
 * report_html_graph.h - who needs whom, between what it is made of (report_html_graph.c) and how
 * it is drawn (report_html_draw.c).  Private to the report room.
 */
#ifndef MC_REPORT_HTML_GRAPH_H
#define MC_REPORT_HTML_GRAPH_H

#include "report_html.h"

enum {
	MC_GRAPH_FILES_MAX = 24, /* nodes; the rest is counted */
	MC_GRAPH_LIBRARIES_MAX = 24,
	MC_GRAPH_NODES_MAX = MC_GRAPH_FILES_MAX + MC_GRAPH_LIBRARIES_MAX,
	MC_GRAPH_NEEDED_MAX = 64, /* looked at of one file */
	MC_GRAPH_LAYERS_MAX = 5,  /* as many as are seen at once on a wide screen */
	MC_GRAPH_WIDTH = 202, MC_GRAPH_HEIGHT = 42, MC_GRAPH_GAP = 14, MC_GRAPH_STEP = MC_GRAPH_WIDTH + 60,
	MC_GRAPH_MARGIN = 12,
	MC_GRAPH_BULGE = 40, /* of a way from side to side */
};

struct mc_graph_node {
	const struct mc_object *file; /* NULL: a library of elsewhere */
	struct mc_str name;
	size_t more;         /* files like this one */
	const char *package; /* that brings it */
	bool is_missing, is_needed;
	const char *where;   /* of a library, in words */
	int layer, x, y;
	double pull; /* where those that need it stand, on average */
	size_t order;
};

struct mc_graph_edge {
	struct mc_graph_node *from, *to;
};

struct mc_graph {
	struct mc_html *h;
	const struct mc_dist_verdict *v;
	struct mc_graph_node nodes[MC_GRAPH_NODES_MAX];
	size_t count, files_count;
	struct mc_graph_edge edges[MC_GRAPH_NODES_MAX * MC_GRAPH_NEEDED_MAX];
	size_t edges_count;
	size_t files_left, libraries_left, missing_count;
	size_t plain_count; /* files that need no more than musl, and that none needs */
	int width, height;
};

/* With its caption.  */
void mc_graph_draw(struct mc_graph *graph);

#endif /* MC_REPORT_HTML_GRAPH_H */
