/* SPDX-License-Identifier: MIT */
/*
 * Who needs whom: the native files of a dist and the libraries that they name, as a drawing.
 *
 * Files of equal needs that nobody needs are one node ("_a.so + 11 more"), or there would be a
 * hundred of them.  What musl answers itself is left out: all need it.  Layers by the longest
 * path, libraries of elsewhere in the last one; in a layer each node stands near those that need
 * it.  All in the order of the files, so a survey is always drawn alike.
 */
#include "report_html.h"

#include "muslcheck/resolve.h"
#include "path.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum {
	FILES_MAX = 24, /* nodes; the rest is counted */
	LIBRARIES_MAX = 24,
	NODES_MAX = FILES_MAX + LIBRARIES_MAX,
	NEEDED_MAX = 64, /* looked at of one file */
	LAYERS_MAX = 6,
	LABEL_MAX = 27, /* columns */
	WIDTH = 216, HEIGHT = 42, GAP = 10, STEP = WIDTH + 74, MARGIN = 8,
};

struct node {
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

struct edge {
	struct node *from, *to;
};

struct graph {
	struct mc_html *h;
	const struct mc_dist_verdict *v;
	struct node nodes[NODES_MAX];
	size_t count, files_count;
	struct edge edges[NODES_MAX * NEEDED_MAX];
	size_t edges_count;
	size_t files_left, libraries_left, missing_count;
	size_t plain_count; /* files that need no more than musl, and that none needs */
	int width, height;
};

/* ---- files by dist ---- */

static int order_of_objects(const void *a, const void *b)
{
	const struct mc_object *x = *(const struct mc_object *const *)a, *y = *(const struct mc_object *const *)b;

	/* Any order of the dists will do: they are looked for.  */
	if (x->dist != y->dist)
		return (uintptr_t)x->dist < (uintptr_t)y->dist ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

enum mc_status mc_html_sort_objects(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;

	h->objects = MC_TAKE_ARRAY(&h->arena, const struct mc_object *, s->objects_count + 1);
	if (!h->objects)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < s->objects_count; i++) {
		const struct mc_object *object = s->objects[i].object;

		if (object->dist && object->kind == MC_MEMBER_ELF && object->status >= 0 && object->elf.needed_count)
			h->objects[h->objects_count++] = object;
	}
	if (h->objects_count)
		qsort(h->objects, h->objects_count, sizeof(*h->objects), order_of_objects);
	return MC_OK;
}

/* Those of a dist; the number of them.  */
static size_t files_of(const struct mc_html *h, const struct mc_dist *dist, const struct mc_object *const **files_out)
{
	size_t low = 0, high = h->objects_count, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)h->objects[middle]->dist < (uintptr_t)dist)
			low = middle + 1;
		else
			high = middle;
	}
	*files_out = h->objects + low;
	while (low + count < h->objects_count && h->objects[low + count]->dist == dist)
		count++;
	return count;
}

/* ---- nodes ---- */

static bool is_libc(const struct mc_html *h, struct mc_str soname)
{
	const struct mc_target *target = &h->survey->target;

	return (!target->libc || target->libc->family == MC_LIBC_MUSL) && mc_musl_is_libc_name(soname);
}

static bool needs_more(const struct mc_html *h, const struct mc_object *file)
{
	for (size_t n = 0; n < file->elf.needed_count && n < NEEDED_MAX; n++)
		if (!is_libc(h, file->elf.needed[n]))
			return true;
	return false;
}

static struct mc_str name_of(const struct mc_object *file)
{
	return mc_path_base(file->path);
}

static bool is_called(const struct mc_object *file, struct mc_str soname)
{
	return mc_str_is(name_of(file), soname) || mc_str_is(file->elf.soname, soname);
}

static bool needs_alike(const struct mc_object *a, const struct mc_object *b)
{
	if (a->elf.needed_count != b->elf.needed_count)
		return false;
	for (size_t i = 0; i < a->elf.needed_count; i++)
		if (!mc_str_is(a->elf.needed[i], b->elf.needed[i]))
			return false;
	return true;
}

/* Any of the first files names it: a bound on what a hostile dist costs.  */
static bool is_needed(const struct mc_object *const *files, size_t count, const struct mc_object *file)
{
	for (size_t i = 0; i < count && i < 256; i++)
		for (size_t n = 0; n < files[i]->elf.needed_count && n < NEEDED_MAX; n++)
			if (files[i] != file && is_called(file, files[i]->elf.needed[n]))
				return true;
	return false;
}

static void add_files(struct graph *g, const struct mc_object *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool needed = is_needed(files, count, files[i]);
		size_t n = 0;

		if (!needed && !needs_more(g->h, files[i])) {
			g->plain_count++;
			continue;
		}
		while (n < g->count && (needed || g->nodes[n].is_needed || !needs_alike(g->nodes[n].file, files[i])))
			n++;
		if (n < g->count)
			g->nodes[n].more++;
		else if (g->count == FILES_MAX)
			g->files_left++;
		else
			g->nodes[g->count++] =
				(struct node){.file = files[i], .name = name_of(files[i]), .is_needed = needed};
	}
	g->files_count = g->count;
}

bool mc_html_has_graph(const struct mc_html *h, const struct mc_dist_verdict *v)
{
	const struct mc_object *const *files;
	size_t count = files_of(h, v->dist, &files);

	/* What pip would take instead has other files than those that are here.  */
	for (size_t i = 0; i < count && !v->choice.len; i++)
		if (needs_more(h, files[i]))
			return true;
	return false;
}

/* What the findings say of a library by this name; NULL: nothing.  */
static const struct mc_finding *complaint_of(const struct graph *g, struct mc_str soname)
{
	for (size_t i = 0; i < g->v->findings_count; i++) {
		const struct mc_finding *f = g->v->findings[i];

		if (!f->is_against && mc_str_is(f->subject, soname) &&
		    (f->rule == MC_RULE_LIBRARY || f->rule == MC_RULE_GLIBC_LIBRARY || f->rule == MC_RULE_PRELOAD ||
		     f->rule == MC_RULE_RPATH))
			return f;
	}
	return NULL;
}

static void place_library(struct graph *g, struct node *node)
{
	const struct mc_target *target = &g->h->survey->target;
	const struct mc_finding *f = complaint_of(g, node->name);
	const struct mc_library *library = mc_target_library(target, node->name);

	if (f) {
		node->is_missing = true;
		node->package = f->package;
		node->where = f->package ? "missing: apk add" : "missing";
		g->missing_count++;
	} else {
		node->where = library && library->is_shipped ? "in the image" : "outside of the dist";
	}
}

static struct node *node_called(struct graph *g, struct mc_str soname, const struct node *from)
{
	for (size_t i = 0; i < g->count; i++) {
		struct node *node = &g->nodes[i];

		if (node == from)
			continue;
		if (node->file ? is_called(node->file, soname) && !complaint_of(g, soname) : mc_str_is(node->name, soname))
			return node;
	}
	if (g->count - g->files_count == LIBRARIES_MAX) {
		g->libraries_left++;
		return NULL;
	}
	g->nodes[g->count] = (struct node){.name = soname};
	place_library(g, &g->nodes[g->count]);
	return &g->nodes[g->count++];
}

static void add_edges(struct graph *g)
{
	for (size_t i = 0; i < g->files_count; i++) {
		struct node *from = &g->nodes[i];

		for (size_t n = 0; n < from->file->elf.needed_count && n < NEEDED_MAX; n++) {
			struct mc_str soname = from->file->elf.needed[n];
			struct node *to = is_libc(g->h, soname) ? NULL : node_called(g, soname, from);

			if (to)
				g->edges[g->edges_count++] = (struct edge){from, to};
		}
	}
}

/* ---- where they stand ---- */

/* By the longest path; files that need each other stop at the last layer.  */
static void find_layers(struct graph *g)
{
	bool is_moved = true;

	for (int round = 0; is_moved && round < LAYERS_MAX; round++) {
		is_moved = false;
		for (size_t i = 0; i < g->edges_count; i++) {
			struct edge *e = &g->edges[i];

			if (e->to->layer > e->from->layer || e->from->layer == LAYERS_MAX - 1)
				continue;
			e->to->layer = e->from->layer + 1;
			is_moved = true;
		}
	}
}

/* Libraries of elsewhere to the right; files that need each other may have left a layer empty.  */
static void close_ranks(struct graph *g)
{
	bool is_used[LAYERS_MAX] = {false};
	int ranks[LAYERS_MAX], rank = 0, last = 0;

	for (size_t i = 0; i < g->count; i++)
		if (g->nodes[i].layer > last)
			last = g->nodes[i].layer;
	for (size_t i = 0; i < g->count; i++) {
		if (!g->nodes[i].file)
			g->nodes[i].layer = last;
		is_used[g->nodes[i].layer] = true;
	}
	for (int layer = 0; layer < LAYERS_MAX; layer++) {
		ranks[layer] = rank;
		rank += is_used[layer];
	}
	for (size_t i = 0; i < g->count; i++)
		g->nodes[i].layer = ranks[g->nodes[i].layer];
}

static int order_of_nodes(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	if (x->layer != y->layer)
		return x->layer - y->layer;
	if (x->is_missing != y->is_missing)
		return y->is_missing - x->is_missing;
	if (x->pull < y->pull || x->pull > y->pull)
		return x->pull < y->pull ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void find_pulls(struct graph *g)
{
	for (size_t i = 0; i < g->count; i++) {
		double sum = 0;
		size_t count = 0;

		for (size_t n = 0; n < g->edges_count; n++)
			if (g->edges[n].to == &g->nodes[i]) {
				sum += g->edges[n].from->y;
				count++;
			}
		g->nodes[i].pull = count ? sum / (double)count : 0;
	}
}

/* Layer by layer from the left: those that need a node stand already.  */
static void find_places(struct graph *g)
{
	struct node *sorted[NODES_MAX];
	int heights[LAYERS_MAX] = {0};

	for (size_t i = 0; i < g->count; i++) {
		sorted[i] = &g->nodes[i];
		sorted[i]->order = i;
		heights[g->nodes[i].layer] += HEIGHT + GAP;
	}
	for (int layer = 0; layer < LAYERS_MAX; layer++)
		if (heights[layer] > g->height)
			g->height = heights[layer];
	for (int layer = 0; layer < LAYERS_MAX && heights[layer]; layer++) {
		int y = MARGIN + (g->height - heights[layer]) / 2;

		find_pulls(g);
		qsort(sorted, g->count, sizeof(struct node *), order_of_nodes);
		for (size_t i = 0; i < g->count; i++) {
			if (sorted[i]->layer != layer)
				continue;
			sorted[i]->x = MARGIN + layer * STEP;
			sorted[i]->y = y;
			y += HEIGHT + GAP;
		}
		g->width = layer * STEP + WIDTH + 2 * MARGIN;
	}
	g->height += 2 * MARGIN - GAP;
}

/* ---- the drawing ---- */

/* At most LABEL_MAX columns of a name: what is not ASCII may be as wide as two.  */
static void put_label(struct graph *g, struct mc_str name)
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

static void put_sort(struct graph *g, const struct node *node)
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

static void put_node(struct graph *g, const struct node *node)
{
	FILE *out = g->h->out;

	fprintf(out, "<g class=\"%s\"><title>", node->is_missing ? "gone" : node->file ? "own" : "other");
	mc_html_put(g->h, node->file ? node->file->path : node->name);
	fprintf(out,
		"</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/><text x=\"%d\" y=\"%d\">",
		node->x, node->y, WIDTH, HEIGHT, node->x + 10, node->y + 17);
	put_label(g, node->name);
	fprintf(out, "</text><text class=\"kind\" x=\"%d\" y=\"%d\">", node->x + 10, node->y + 33);
	put_sort(g, node);
	fputs("</text></g>\n", out);
}

static void put_edge(struct graph *g, const struct edge *e)
{
	int x = e->from->x + WIDTH, y = e->from->y + HEIGHT / 2, to_x = e->to->x, to_y = e->to->y + HEIGHT / 2;
	int bend = to_x > x ? (to_x - x) / 2 : 40;

	fprintf(g->h->out, "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n",
		e->to->is_missing ? "edge gone" : "edge", x, y, x + bend, y, to_x - bend, to_y, to_x, to_y);
}

static void put_caption(struct graph *g)
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

static void put_graph(struct graph *g)
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

enum mc_status mc_html_graph(struct mc_html *h, const struct mc_dist_verdict *v)
{
	const struct mc_object *const *files;
	struct graph *g;
	size_t count;

	if (!mc_html_has_graph(h, v))
		return MC_OK;
	if (h->graphs_count == MC_HTML_GRAPHS) {
		fprintf(h->out, "<p class=\"soft\">Who needs whom is drawn for the first %d dists alone.</p>\n",
			MC_HTML_GRAPHS);
		return MC_OK;
	}
	g = MC_TAKE(&h->arena, struct graph);
	if (!g)
		return MC_ERR_NOMEM;
	g->h = h;
	g->v = v;
	h->graphs_count++;
	count = files_of(h, v->dist, &files);
	add_files(g, files, count);
	add_edges(g);
	find_layers(g);
	close_ranks(g);
	find_places(g);
	put_graph(g);
	return MC_OK;
}
