/* SPDX-License-Identifier: MIT */
/*
 * Who needs whom: the native files of a dist and the libraries that they name, as a drawing.
 *
 * Files of equal needs that nobody needs are one node ("_a.so + 11 more"), or there would be a
 * hundred of them.  What musl answers itself is left out: all need it.  Layers by the longest
 * path, libraries of elsewhere in the last one; in a layer each node stands near those that need
 * it.  All in the order of the files, so a survey is always drawn alike.
 */
#include "report_html_graph.h"

#include "muslcheck/resolve.h"
#include "path.h"

#include <stdlib.h>

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
	for (size_t n = 0; n < file->elf.needed_count && n < MC_GRAPH_NEEDED_MAX; n++)
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
		for (size_t n = 0; n < files[i]->elf.needed_count && n < MC_GRAPH_NEEDED_MAX; n++)
			if (files[i] != file && is_called(file, files[i]->elf.needed[n]))
				return true;
	return false;
}

static void add_files(struct mc_graph *g, const struct mc_object *const *files, size_t count)
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
		else if (g->count == MC_GRAPH_FILES_MAX)
			g->files_left++;
		else
			g->nodes[g->count++] =
				(struct mc_graph_node){.file = files[i], .name = name_of(files[i]), .is_needed = needed};
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
static const struct mc_finding *complaint_of(const struct mc_graph *g, struct mc_str soname)
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

static void place_library(struct mc_graph *g, struct mc_graph_node *node)
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

static struct mc_graph_node *node_called(struct mc_graph *g, struct mc_str soname, const struct mc_graph_node *from)
{
	for (size_t i = 0; i < g->count; i++) {
		struct mc_graph_node *node = &g->nodes[i];

		if (node == from)
			continue;
		if (node->file ? is_called(node->file, soname) && !complaint_of(g, soname) : mc_str_is(node->name, soname))
			return node;
	}
	if (g->count - g->files_count == MC_GRAPH_LIBRARIES_MAX) {
		g->libraries_left++;
		return NULL;
	}
	g->nodes[g->count] = (struct mc_graph_node){.name = soname};
	place_library(g, &g->nodes[g->count]);
	return &g->nodes[g->count++];
}

static void add_edges(struct mc_graph *g)
{
	for (size_t i = 0; i < g->files_count; i++) {
		struct mc_graph_node *from = &g->nodes[i];

		for (size_t n = 0; n < from->file->elf.needed_count && n < MC_GRAPH_NEEDED_MAX; n++) {
			struct mc_str soname = from->file->elf.needed[n];
			struct mc_graph_node *to = is_libc(g->h, soname) ? NULL : node_called(g, soname, from);

			if (to)
				g->edges[g->edges_count++] = (struct mc_graph_edge){from, to};
		}
	}
}

/* ---- where they stand ---- */

/* By the longest path; files that need each other stop at the last layer.  */
static void find_layers(struct mc_graph *g)
{
	bool is_moved = true;

	for (int round = 0; is_moved && round < MC_GRAPH_LAYERS_MAX; round++) {
		is_moved = false;
		for (size_t i = 0; i < g->edges_count; i++) {
			struct mc_graph_edge *e = &g->edges[i];

			if (e->to->layer > e->from->layer || e->from->layer == MC_GRAPH_LAYERS_MAX - 1)
				continue;
			e->to->layer = e->from->layer + 1;
			is_moved = true;
		}
	}
}

/* Libraries of elsewhere to the right; files that need each other may have left a layer empty.  */
static void close_ranks(struct mc_graph *g)
{
	bool is_used[MC_GRAPH_LAYERS_MAX] = {false};
	int ranks[MC_GRAPH_LAYERS_MAX], rank = 0, last = 0;

	for (size_t i = 0; i < g->count; i++)
		if (g->nodes[i].layer > last)
			last = g->nodes[i].layer;
	for (size_t i = 0; i < g->count; i++) {
		if (!g->nodes[i].file)
			g->nodes[i].layer = last;
		is_used[g->nodes[i].layer] = true;
	}
	for (int layer = 0; layer < MC_GRAPH_LAYERS_MAX; layer++) {
		ranks[layer] = rank;
		rank += is_used[layer];
	}
	for (size_t i = 0; i < g->count; i++)
		g->nodes[i].layer = ranks[g->nodes[i].layer];
}

static int order_of_nodes(const void *a, const void *b)
{
	const struct mc_graph_node *x = *(struct mc_graph_node *const *)a, *y = *(struct mc_graph_node *const *)b;

	if (x->layer != y->layer)
		return x->layer - y->layer;
	if (x->is_missing != y->is_missing)
		return y->is_missing - x->is_missing;
	if (x->pull < y->pull || x->pull > y->pull)
		return x->pull < y->pull ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void find_pulls(struct mc_graph *g)
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
static void find_places(struct mc_graph *g)
{
	struct mc_graph_node *sorted[MC_GRAPH_NODES_MAX];
	int heights[MC_GRAPH_LAYERS_MAX] = {0};

	for (size_t i = 0; i < g->count; i++) {
		sorted[i] = &g->nodes[i];
		sorted[i]->order = i;
		heights[g->nodes[i].layer] += MC_GRAPH_HEIGHT + MC_GRAPH_GAP;
	}
	for (int layer = 0; layer < MC_GRAPH_LAYERS_MAX; layer++)
		if (heights[layer] > g->height)
			g->height = heights[layer];
	for (int layer = 0; layer < MC_GRAPH_LAYERS_MAX && heights[layer]; layer++) {
		int y = MC_GRAPH_MARGIN + (g->height - heights[layer]) / 2;

		find_pulls(g);
		qsort(sorted, g->count, sizeof(struct mc_graph_node *), order_of_nodes);
		for (size_t i = 0; i < g->count; i++) {
			if (sorted[i]->layer != layer)
				continue;
			sorted[i]->x = MC_GRAPH_MARGIN + layer * MC_GRAPH_STEP;
			sorted[i]->y = y;
			y += MC_GRAPH_HEIGHT + MC_GRAPH_GAP;
		}
		g->width = layer * MC_GRAPH_STEP + MC_GRAPH_WIDTH + 2 * MC_GRAPH_MARGIN;
	}
	g->height += 2 * MC_GRAPH_MARGIN - MC_GRAPH_GAP;
	for (size_t i = 0; i < g->edges_count; i++)
		if (g->edges[i].to->layer <= g->edges[i].from->layer) {
			g->width += MC_GRAPH_BULGE;
			break;
		}
}

enum mc_status mc_html_graph(struct mc_html *h, const struct mc_dist_verdict *v)
{
	const struct mc_object *const *files;
	struct mc_graph *g;
	size_t count;

	if (!mc_html_has_graph(h, v))
		return MC_OK;
	if (h->graphs_count == MC_HTML_GRAPHS) {
		fprintf(h->out, "<p class=\"soft\">Who needs whom is drawn for the first %d dists alone.</p>\n",
			MC_HTML_GRAPHS);
		return MC_OK;
	}
	g = MC_TAKE(&h->arena, struct mc_graph);
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
	mc_graph_draw(g);
	return MC_OK;
}
