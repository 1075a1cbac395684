/* SPDX-License-Identifier: MIT */
/*
 * What of a survey can be counted: verdicts, rules, what is missing, what stands against each
 * name.  Each bar stands beside its number, and says nothing that words and number do not.
 */
#include "report_html.h"

#include "report_parts.h"

#include <stdlib.h>

enum { TOP_MAX = 15, DISTS_MAX = 40 };

/* ---- bars ---- */

static void open_bar(struct mc_html *h, const char *name)
{
	fprintf(h->out, "<svg class=\"bar%s\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", name);
}

/* Of a whole, from the left.  */
static void put_piece(struct mc_html *h, const char *name, size_t at, size_t count, size_t whole)
{
	if (count)
		fprintf(h->out, "<rect class=\"%s\" x=\"%.3f\" width=\"%.3f\" height=\"10\"/>", name,
			(double)at * 100 / (double)whole, (double)count * 100 / (double)whole);
}

static void close_bar(struct mc_html *h)
{
	fputs("</svg>", h->out);
}

/* What a colour of the bars below stands for; 'count' where it is to be told.  */
static void put_key(struct mc_html *h, const char *name, const char *words, size_t count)
{
	fprintf(h->out, "<li class=\"key %s\">", name);
	if (count)
		fprintf(h->out, "<b>%zu</b> ", count);
	fprintf(h->out, "%s</li>\n", words);
}

/* ---- verdicts ---- */

static void put_verdicts_bar(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	size_t at = 0;

	open_bar(h, " verdicts");
	for (int v = 0; v < MC_VERDICTS_COUNT; v++) {
		char name[32];

		snprintf(name, sizeof(name), "v-%s", mc_verdict_name((enum mc_verdict)v));
		put_piece(h, name, at, s->counts[v], s->dists_count);
		at += s->counts[v];
	}
	close_bar(h);
}

void mc_html_verdicts(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;

	fputs("<section class=\"card\" aria-labelledby=\"h-verdicts\">\n<h3 id=\"h-verdicts\">Verdicts</h3>\n"
	      "<p class=\"soft\">",
	      h->out);
	mc_html_count(h, s->dists_count, "dist");
	fputs(" on ", h->out);
	mc_html_word(h, s->target.name);
	fputs("</p>\n", h->out);
	if (s->dists_count)
		put_verdicts_bar(h);
	fputs("<ul class=\"legend\">\n", h->out);
	for (int v = 0; v < MC_VERDICTS_COUNT; v++)
		if (s->counts[v]) {
			const char *name = mc_verdict_name((enum mc_verdict)v);

			fprintf(h->out, "<li><a class=\"badge v-%s\" href=\"#dists\" data-f=\"verdict\" data-k=\"%s\">%s</a> "
					"<b>%zu</b> <span class=\"share\">%.1f %%</span> <span class=\"soft\">%s</span></li>\n",
				name, name, name, s->counts[v], (double)s->counts[v] * 100 / (double)s->dists_count,
				mc_html_verdict_words((enum mc_verdict)v));
		}
	fputs("</ul>\n</section>\n", h->out);
}

/* ---- a table of counts ---- */

struct plot {
	const char *caption, *what, *note;
	const char *(*name_of)(int kind); /* the class of a bar */
	bool is_rules;                    /* a link to the dists, and the severity in words */
};

static void put_count_name(struct mc_html *h, const struct plot *plot, const struct mc_count *item)
{
	fputs("<tr><th scope=\"row\">", h->out);
	if (plot->is_rules)
		/* A code of ours.  */
		fprintf(h->out, "<a class=\"rule\" href=\"#dists\" data-f=\"rule\" data-k=\"%s\">%s</a>", item->name.ptr,
			item->name.ptr);
	else
		mc_html_code(h, item->name);
	fputs("</th><td>", h->out);
	if (plot->is_rules)
		fprintf(h->out, "<span class=\"sev %s\">%s</span> ", plot->name_of(item->kind),
			mc_severity_name((enum mc_severity)item->kind));
	if (item->command)
		fprintf(h->out, "<code>%s ", item->command);
	mc_html_word(h, item->note && *item->note ? item->note : "not known");
	fputs(item->command ? "</code></td>" : "</td>", h->out);
}

static void put_count(struct mc_html *h, const struct plot *plot, const struct mc_count *item, size_t largest)
{
	put_count_name(h, plot, item);
	fprintf(h->out, "<td class=\"num\">%zu</td><td class=\"num\">%zu</td>", item->dists, item->findings);
	/* Bars of one length tell nothing.  */
	if (largest > 1) {
		fputs("<td class=\"plot\">", h->out);
		open_bar(h, "");
		put_piece(h, plot->name_of(item->kind), 0, item->dists, largest);
		close_bar(h);
		fputs("</td>", h->out);
	}
	fputs("</tr>\n", h->out);
}

static void open_table(struct mc_html *h, const char *caption, const char *what, const char *note, const char *numbers)
{
	fprintf(h->out,
		"<table class=\"counts stack sortable\">\n<caption>%s</caption>\n<thead><tr>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th>%s</tr></thead>\n<tbody>\n",
		caption, what, note, numbers);
}

static void close_table(struct mc_html *h, size_t left)
{
	fputs("</tbody>\n</table>\n", h->out);
	if (left)
		fprintf(h->out, "<p class=\"soft\">and %zu more, which <code>-v</code> lists</p>\n", left);
	fputs("</div>\n", h->out);
}

static void put_counts(struct mc_html *h, const struct plot *plot, const struct mc_counts *c)
{
	size_t shown = c->count > TOP_MAX && !h->style->show_all && !plot->is_rules ? TOP_MAX : c->count;

	open_table(h, plot->caption, plot->what, plot->note,
		   c->items[0].dists > 1 ? "<th scope=\"col\" class=\"num\">Dists</th><th scope=\"col\" class=\"num\">Findings</th>"
					   "<td class=\"plot\"></td>"
					 : "<th scope=\"col\" class=\"num\">Dists</th><th scope=\"col\" class=\"num\">Findings</th>");
	for (size_t i = 0; i < shown; i++)
		put_count(h, plot, &c->items[i], c->items[0].dists);
	close_table(h, c->count - shown);
}

/* ---- rules ---- */

static const char *severity_class(int severity)
{
	static const char *const names[] = {"s-note", "s-warning", "s-error"};

	return names[severity];
}

enum mc_status mc_html_rules(struct mc_html *h)
{
	static const struct plot plot = {"Rules, by dists that they say something of", "Rule", "About", severity_class, true};
	struct mc_counts rules;

	MC_TRY(mc_count_rules(h->survey, &h->arena, &rules));
	if (!rules.count)
		return MC_OK;
	fputs("<section id=\"rules\" aria-labelledby=\"h-rules\">\n<h2 id=\"h-rules\">Rules</h2>\n<div class=\"card\">\n", h->out);
	put_counts(h, &plot, &rules);
	fputs("</section>\n", h->out);
	return MC_OK;
}

/* ---- what is missing ---- */

static const char *symbol_class(int name_class)
{
	static const char *const names[] = {
		[MC_CLASS_NONE] = "c-none", [MC_CLASS_ARTEFACT] = "c-artefact", [MC_CLASS_INTERNAL] = "c-internal",
		[MC_CLASS_GNU_API] = "c-gnu-api", [MC_CLASS_PACKAGE] = "c-package",
	};

	return names[name_class];
}

static const char *symbol_words(int name_class)
{
	static const char *const words[] = {
		[MC_CLASS_NONE] = "not known: a library's, or nobody's",
		[MC_CLASS_ARTEFACT] = "artefact: gone when compiled against musl",
		[MC_CLASS_INTERNAL] = "internal: glibc's own",
		[MC_CLASS_GNU_API] = "gnu-api: the source needs porting",
		[MC_CLASS_PACKAGE] = "package: another Alpine package has it",
	};

	return words[name_class];
}

static const char *library_class(int kind)
{
	static const char *const names[] = {
		[MC_LIBRARY_NOWHERE] = "c-none", [MC_LIBRARY_GLIBC] = "c-gnu-api", [MC_LIBRARY_PACKAGE] = "c-package"};

	return names[kind];
}

static const char *library_words(int kind)
{
	static const char *const words[] = {
		[MC_LIBRARY_NOWHERE] = "in no package that is known",
		[MC_LIBRARY_GLIBC] = "glibc's alone",
		[MC_LIBRARY_PACKAGE] = "in an Alpine package",
	};

	return words[kind];
}

/* How many of each kind, as the key of the bars.  */
static void put_kinds(struct mc_html *h, const struct mc_counts *c, int kinds_count, const char *(*name_of)(int),
		      const char *(*words_of)(int), const char *label)
{
	fprintf(h->out, "<div class=\"card\">\n<ul class=\"keys\" aria-label=\"%s\">\n", label);
	for (int kind = kinds_count - 1; kind >= 0; kind--) {
		size_t count = 0;

		for (size_t i = 0; i < c->count; i++)
			count += c->items[i].kind == kind;
		if (count)
			put_key(h, name_of(kind), words_of(kind), count);
	}
	fputs("</ul>\n", h->out);
}

enum mc_status mc_html_missing(struct mc_html *h)
{
	static const struct plot of_symbols = {"Missing symbols, by dists that want them", "Symbol", "Class", symbol_class, false},
				 of_libraries = {"Missing libraries, by dists that want them", "Library", "Where it is",
						 library_class, false};
	struct mc_counts symbols, libraries;

	if (!h->has_missing)
		return MC_OK;
	MC_TRY(mc_count_missing(h->survey, &h->arena, &symbols, &libraries));
	for (size_t i = 0; i < libraries.count; i++)
		if (!libraries.items[i].note)
			libraries.items[i].note = library_words(libraries.items[i].kind);
	fputs("<section id=\"missing\" aria-labelledby=\"h-missing\">\n"
	      "<h2 id=\"h-missing\">What is missing there</h2>\n",
	      h->out);
	if (symbols.count) {
		put_kinds(h, &symbols, MC_CLASS_PACKAGE + 1, symbol_class, symbol_words, "Missing symbols by class");
		put_counts(h, &of_symbols, &symbols);
	}
	if (libraries.count) {
		put_kinds(h, &libraries, MC_LIBRARY_PACKAGE + 1, library_class, library_words,
			  "Missing libraries by where they are");
		put_counts(h, &of_libraries, &libraries);
	}
	fputs("</section>\n", h->out);
	return MC_OK;
}

/* ---- name by name ---- */

enum { OBSTACLE_SYMBOL, OBSTACLE_LIBRARY, OBSTACLE_NAME, OBSTACLE_OTHER, OBSTACLES_COUNT };

static const char *const obstacle_classes[] = {"c-gnu-api", "c-package", "c-internal", "c-none"};
static const char *const obstacle_words[] = {"missing symbols", "missing libraries", "tags and file names", "other errors"};

/* Wheels, or dists, of one name, and how much stands against them.  */
struct mc_html_named {
	const struct mc_dist_verdict *const *dists;
	size_t count, obstacles[OBSTACLES_COUNT], all;
};

static int obstacle_of(enum mc_rule rule)
{
	if (rule == MC_RULE_SYMBOL)
		return OBSTACLE_SYMBOL;
	if (rule == MC_RULE_LIBRARY || rule == MC_RULE_GLIBC_LIBRARY)
		return OBSTACLE_LIBRARY;
	return rule == MC_RULE_SUFFIX || rule == MC_RULE_TAG ? OBSTACLE_NAME : OBSTACLE_OTHER;
}

struct obstacle {
	enum mc_rule rule;
	struct mc_str subject;
};

static bool is_seen(const struct mc_map *seen, uint64_t hash, const struct mc_finding *f)
{
	const struct obstacle *known;

	for (size_t at = 0; (known = mc_map_next(seen, hash, &at));)
		if (known->rule == f->rule && mc_str_is(known->subject, f->subject))
			return true;
	return false;
}

/* Each subject once, in how many files it ever stands.  */
static enum mc_status count_obstacles(struct mc_html *h, struct mc_html_named *n)
{
	struct mc_map seen = {NULL, 0, 0};

	for (size_t i = 0; i < n->count; i++)
		for (size_t k = 0; k < n->dists[i]->findings_count; k++) {
			const struct mc_finding *f = n->dists[i]->findings[k];
			uint64_t hash = mc_hash_pair(f->rule, mc_hash_text(f->subject));
			struct obstacle *one;

			if (!mc_is_counted(f) || f->severity < MC_SEVERITY_ERROR || is_seen(&seen, hash, f))
				continue;
			one = MC_TAKE(&h->arena, struct obstacle);
			if (!one)
				return MC_ERR_NOMEM;
			*one = (struct obstacle){f->rule, f->subject};
			MC_TRY(mc_map_add(&h->arena, &seen, hash, one));
			n->obstacles[obstacle_of(f->rule)]++;
			n->all++;
		}
	return MC_OK;
}

static int order_of_named(const void *a, const void *b)
{
	const struct mc_html_named *x = a, *y = b;

	if (x->all != y->all)
		return x->all < y->all ? 1 : -1;
	return mc_str_compare(x->dists[0]->dist->name, y->dists[0]->dist->name);
}

static void put_named(struct mc_html *h, const struct mc_html_named *n, size_t largest)
{
	size_t at = 0;

	fputs("<tr><th scope=\"row\">", h->out);
	if (n->dists[0]->dist->name.len)
		mc_html_put(h, n->dists[0]->dist->name);
	else
		mc_html_dist(h, n->dists[0]->dist);
	fputs("</th><td>", h->out);
	for (size_t i = 0, end; i < n->count; i = end) {
		for (end = i; end < n->count && n->dists[end]->verdict == n->dists[i]->verdict; end++)
			;
		if (n->count > 1)
			fprintf(h->out, "%s%zu ", i ? " " : "", end - i);
		mc_html_badge(h, n->dists[i]->verdict);
	}
	fprintf(h->out, "</td><td class=\"num\">%zu</td><td class=\"plot\">", n->all);
	open_bar(h, "");
	for (int o = 0; o < OBSTACLES_COUNT; o++) {
		put_piece(h, obstacle_classes[o], at, n->obstacles[o], largest);
		at += n->obstacles[o];
	}
	close_bar(h);
	fputs("</td></tr>\n", h->out);
}

enum mc_status mc_html_take_names(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	const struct mc_dist_verdict **sorted = mc_dists_by_name(s, &h->arena);
	struct mc_html_named *names = MC_TAKE_ARRAY(&h->arena, struct mc_html_named, s->dists_count + 1);

	if (!sorted || !names)
		return MC_ERR_NOMEM;
	for (size_t i = 0, same; i < s->dists_count; i += same) {
		struct mc_html_named n = {.dists = &sorted[i]};
		struct mc_mark mark = mc_arena_mark(&h->arena);
		enum mc_status status;

		same = n.count = mc_same_name(&sorted[i], s->dists_count - i);
		status = count_obstacles(h, &n);
		mc_arena_rewind(&h->arena, mark);
		MC_TRY(status);
		if (n.all && !mc_verdict_is_good(n.dists[0]->verdict))
			names[h->names_count++] = n;
	}
	if (h->names_count)
		qsort(names, h->names_count, sizeof(*names), order_of_named);
	h->names = names;
	return MC_OK;
}

void mc_html_names(struct mc_html *h)
{
	size_t count = h->names_count, shown = count > DISTS_MAX && !h->style->show_all ? DISTS_MAX : count;

	if (!count)
		return;
	fputs("<section id=\"names\" aria-labelledby=\"h-names\">\n<h2 id=\"h-names\">What stands against each</h2>\n"
	      "<div class=\"card\">\n<ul class=\"keys\" aria-label=\"What the bars are made of\">\n",
	      h->out);
	for (int o = 0; o < OBSTACLES_COUNT; o++)
		put_key(h, obstacle_classes[o], obstacle_words[o], 0);
	fputs("</ul>\n", h->out);
	open_table(h, "Dists that would not run there, by how many different things stand against them", "Dist", "Verdicts",
		   "<th scope=\"col\" class=\"num\">Things</th><td class=\"plot\"></td>");
	for (size_t i = 0; i < shown; i++)
		put_named(h, &h->names[i], h->names[0].all);
	close_table(h, count - shown);
	fputs("</section>\n", h->out);
}
