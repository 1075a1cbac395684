/* SPDX-License-Identifier: MIT */
/* Who needs whom, as SVG.  */
#include "report_html_graph.h"

#include "text.h"

#include <stdlib.h>

enum { LABEL_MAX = 25 /* columns */ };

/* At most LABEL_MAX columns of a name: what is not ASCII may be as wide as two.  */
static void put_label(struct mc_graph *g, struct mc_str name)
{
	struct mc_str safe = mc_text_safe(&g->h->arena, name);
	size_t columns = 0, i = 0;

	for (; i < safe.len; i++) {
		unsigned char byte = (unsigned char)safe.ptr[i];

		if ((byte & 0xc0) == 0x80)
			continue;
		columns += byte < 0x80 ? 1 : 2;
		if (columns > LABEL_MAX)
			break;
	}
	mc_html_put(g->h, (struct mc_str){safe.ptr, i});
	if (i < safe.len)
		fputs("\xe2\x80\xa6", g->h->out); /* an ellipsis */
}

static void put_sort(struct mc_graph *g, const struct mc_graph_node *node)
{
	FILE *out = g->h->out;

	if (!node->file) {
		fputs(node->where, out);
		if (node->package) {
			fputc(' ', out);
			mc_html_word(g->h, node->package);
		}
	} else {
		fputs(node->is_needed ? "library of the dist" : "file of the dist", out);
		if (node->more)
			fprintf(out, ", and %zu like it", node->more);
	}
}

static void put_node(struct mc_graph *g, const struct mc_graph_node *node)
{
	FILE *out = g->h->out;

	fprintf(out, "<g class=\"%s\"><title>", node->is_missing ? "gone" : node->file ? "own" : "other");
	mc_html_put(g->h, node->file ? node->file->path : node->name);
	fprintf(out,
		"</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/><text x=\"%d\" y=\"%d\">",
		node->x, node->y, MC_GRAPH_WIDTH, MC_GRAPH_HEIGHT, node->x + 10, node->y + 17);
	put_label(g, node->name);
	fprintf(out, "</text><text class=\"kind\" x=\"%d\" y=\"%d\">", node->x + 10, node->y + 33);
	put_sort(g, node);
	fputs("</text></g>\n", out);
}

/* The middle between two nodes of a layer, or of the room above or below them all, that is nearest to 'y'.  */
static int gap_near(const struct mc_graph *g, int layer, double y)
{
	int best = 0, first = 0, last = 0;
	bool is_any = false;

	for (size_t i = 0; i < g->count; i++) {
		const struct mc_graph_node *node = &g->nodes[i];
		int below = node->y + MC_GRAPH_HEIGHT + MC_GRAPH_GAP / 2;

		if (node->layer != layer)
			continue;
		if (!is_any || node->y < first)
			first = node->y;
		if (!is_any || abs(below - (int)y) < abs(best - (int)y))
			best = below;
		if (below > last)
			last = below;
		is_any = true;
	}
	if (!is_any)
		return (int)y;
	if (abs(first - MC_GRAPH_GAP / 2 - (int)y) < abs(best - (int)y))
		best = first - MC_GRAPH_GAP / 2;
	/* Outside of a layer there is room for each way of its own.  */
	return y < first - MC_GRAPH_GAP || y > last ? (int)y : best;
}

static void put_bend(FILE *out, int x, int y, int to_x, int to_y)
{
	int bend = (to_x - x) / 2;

	fprintf(out, "C%d %d %d %d %d %d", x + bend, y, to_x - bend, to_y, to_x, to_y);
}

/* Round the nodes of the layers between: what goes behind a node looks as if it came out of it.  */
static void put_edge(struct mc_graph *g, const struct mc_graph_edge *e)
{
	int x = e->from->x + MC_GRAPH_WIDTH, y = e->from->y + MC_GRAPH_HEIGHT / 2, to_y = e->to->y + MC_GRAPH_HEIGHT / 2;
	int to_x = e->to->x, end = to_x + MC_GRAPH_WIDTH;
	FILE *out = g->h->out;

	fprintf(out, "<path class=\"%s\" d=\"M%d %d", e->to->is_missing ? "edge gone" : "edge", x, y);
	/* Files that need each other: from side to side.  */
	if (e->to->layer <= e->from->layer)
		fprintf(out, "C%d %d %d %d %d %d", x + MC_GRAPH_BULGE, y, end + MC_GRAPH_BULGE, to_y, end, to_y);
	for (int layer = e->from->layer + 1; layer <= e->to->layer; layer++) {
		int left = MC_GRAPH_MARGIN + layer * MC_GRAPH_STEP;
		double near = y + (to_y - y) / (double)(e->to->layer - layer + 1);
		int next = layer == e->to->layer ? to_y : gap_near(g, layer, near);

		put_bend(out, x, y, left, next);
		y = next;
		x = left + MC_GRAPH_WIDTH;
		if (layer < e->to->layer)
			fprintf(out, "H%d", x);
	}
	fputs("\"/>\n", out);
}

static void put_caption(struct mc_graph *g)
{
	FILE *out = g->h->out;
	size_t named = 0;

	fputs("<figcaption>Who needs whom: from the left to what it names.", out);
	for (size_t i = 0; i < g->count; i++) {
		if (!g->nodes[i].is_missing)
			continue;
		fputs(named++ ? ", " : " <b>Missing</b> (dashed): ", out);
		mc_html_code(g->h, g->nodes[i].name);
	}
	fputs(named ? "." : " Nothing is missing.", out);
	fputs(" Not drawn: libraries that musl is itself", out);
	if (g->plain_count) {
		fputs(", and ", out);
		mc_html_count(g->h, g->plain_count, "file");
		fputs(" that need nothing else", out);
	}
	fputs(".", out);
	if (g->files_left) {
		fputs(" Left out: ", out);
		mc_html_count(g->h, g->files_left, "file");
		fputs(".", out);
	}
	if (g->libraries_left) {
		fputs(" Left out: ", out);
		mc_html_count(g->h, g->libraries_left, "arrow");
		fputs(" to other libraries.", out);
	}
	fputs("</figcaption>\n", out);
}

void mc_graph_draw(struct mc_graph *g)
{
	FILE *out = g->h->out;
	size_t number = g->h->graphs_count;

	fputs("<figure class=\"graph\">\n", out);
	put_caption(g);
	fprintf(out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing %zu, to be scrolled\">\n"
		"<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"g%zu\">\n"
		"<title id=\"g%zu\">",
		number, g->width, g->height, g->width, g->height, number, number);
	mc_html_count(g->h, g->files_count, "node");
	fprintf(out, " of files, %zu of libraries, %zu missing</title>\n", g->count - g->files_count, g->missing_count);
	for (size_t i = 0; i < g->edges_count; i++)
		put_edge(g, &g->edges[i]);
	for (size_t i = 0; i < g->count; i++)
		put_node(g, &g->nodes[i]);
	fputs("</svg>\n</div>\n</figure>\n", out);
}
