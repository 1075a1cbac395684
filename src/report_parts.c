/* SPDX-License-Identifier: MIT */
#include "report_parts.h"

#include <stdlib.h>

/* Loose wheels are no application whose image is asked for.  */
static bool is_application(const struct mc_survey *survey)
{
	bool is_one = survey->question == MC_QUESTION_REINSTALL;

	for (size_t i = 0; i < survey->dists_count && !is_one; i++)
		is_one = survey->dists[i].dist->kind == MC_DIST_INSTALLED;
	return is_one;
}

bool mc_install_of(const struct mc_survey *s, struct mc_install *out)
{
	bool is_alpine = s->advice == MC_ADVICE_ALPINE;

	*out = (struct mc_install){
		.image = is_alpine ? &s->target : &s->against,
		.packages = is_alpine ? s->packages : s->against_packages,
		.packages_count = is_alpine ? s->packages_count : s->against_packages_count,
		.is_alpine = is_alpine,
		.is_whole = is_application(s),
	};
	return !s->dockerfiles_count && out->image->image && (out->packages_count || out->is_whole);
}

bool mc_has_sizes(const struct mc_survey *s)
{
	return s->sizes.target.image_kb && s->sizes.against.image_kb && s->target.libc && s->against.libc &&
	       s->target.libc->family == MC_LIBC_MUSL && s->against.libc->family == MC_LIBC_GLIBC && is_application(s);
}

/* ---- what is excused ---- */

const char *mc_waiver_state(const struct mc_waiver *waiver)
{
	return waiver->is_expired ? "expired" : waiver->uses ? "used" : "unused";
}

struct mc_str mc_waived_text(struct mc_arena *arena, const struct mc_excuses *e)
{
	size_t waived = 0, expired = 0, unused = 0;

	if (!e || !e->path)
		return MC_STR("");
	for (size_t i = 0; i < e->waivers_count; i++) {
		const struct mc_waiver *w = &e->waivers[i];

		waived += w->is_expired ? 0 : w->uses;
		expired += w->is_expired;
		unused += !w->is_expired && !w->uses;
	}
	return mc_arena_printf(arena, "Waived: %zu finding%s by %s (%zu waiver%s: %zu expired, %zu unused).", waived,
			       waived == 1 ? "" : "s", e->path, e->waivers_count, e->waivers_count == 1 ? "" : "s",
			       expired, unused);
}

struct mc_str mc_known_text(struct mc_arena *arena, const struct mc_excuses *e)
{
	if (!e || !e->baseline)
		return MC_STR("");
	return mc_arena_printf(arena, "Known before: %zu finding%s, in %s.", e->baseline_findings,
			       e->baseline_findings == 1 ? "" : "s", e->baseline);
}

/* One waiver that needs an eye: it ran out, or covers nothing.  */
static void put_waiver(struct mc_paper *p, const struct mc_waiver *w)
{
	mc_indent(p, 8);
	mc_start(p, MC_YELLOW);
	mc_put_word(p, mc_str_of(mc_waiver_state(w)), 10);
	mc_stop(p, MC_YELLOW);
	mc_put_words(p, mc_arena_printf(&p->arena, "line %u: %s %.*s (until %.*s): %.*s", w->line,
					mc_rule_info(w->rule)->code, MC_TEXT(w->dist), MC_TEXT(w->expires),
					MC_TEXT(w->reason)), 10);
	mc_end_line(p);
}

void mc_put_excuses(struct mc_paper *p, const struct mc_excuses *e, bool show_all)
{
	mc_indent(p, 8);
	mc_put_words(p, mc_waived_text(&p->arena, e), 8);
	mc_put_words(p, mc_known_text(&p->arena, e), 8);
	mc_end_line(p);
	for (size_t i = 0; i < e->waivers_count; i++)
		if (e->waivers[i].is_expired || !e->waivers[i].uses || show_all)
			put_waiver(p, &e->waivers[i]);
}

/* ---- counting ---- */

bool mc_is_counted(const struct mc_finding *finding)
{
	return !finding->is_against && !finding->excuse;
}

static enum mc_status open_counts(struct mc_counts *counts, struct mc_arena *arena, size_t most)
{
	*counts = (struct mc_counts){.arena = arena, .items = MC_TAKE_ARRAY(arena, struct mc_count, most + 1)};
	return counts->items ? MC_OK : MC_ERR_NOMEM;
}

static enum mc_status add_count(struct mc_counts *counts, struct mc_str name, const struct mc_dist *dist,
				struct mc_count **item_out)
{
	struct mc_count *item;

	for (size_t at = 0; (item = mc_map_next(&counts->by_name, mc_hash_text(name), &at));)
		if (mc_str_is(item->name, name))
			break;
	if (!item) {
		item = &counts->items[counts->count++];
		*item = (struct mc_count){.name = name};
		MC_TRY(mc_map_add(counts->arena, &counts->by_name, mc_hash_text(name), item));
	}
	item->findings++;
	item->dists += item->last != dist;
	item->last = dist;
	*item_out = item;
	return MC_OK;
}

static int order_of_counts(const void *a, const void *b)
{
	const struct mc_count *x = a, *y = b;

	if (x->dists != y->dists)
		return x->dists < y->dists ? 1 : -1;
	return mc_str_compare(x->name, y->name);
}

/* No more is found in them after this.  */
static void sort_counts(struct mc_counts *c)
{
	if (c->count)
		qsort(c->items, c->count, sizeof(*c->items), order_of_counts);
	c->by_name = (struct mc_map){NULL, 0, 0};
}

enum mc_status mc_count_rules(const struct mc_survey *s, struct mc_arena *arena, struct mc_counts *rules)
{
	struct mc_count *item;

	MC_TRY(open_counts(rules, arena, MC_RULES_COUNT));
	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];
		const struct mc_rule_info *info = mc_rule_info(f->rule);

		if (!mc_is_counted(f))
			continue;
		MC_TRY(add_count(rules, mc_str_of(info->code), f->dist, &item));
		item->note = info->title;
		if ((int)f->severity > item->kind)
			item->kind = (int)f->severity;
	}
	sort_counts(rules);
	return MC_OK;
}

static void note_library(struct mc_count *item, const struct mc_finding *f)
{
	if (f->package) {
		item->kind = MC_LIBRARY_PACKAGE;
		item->command = "apk add";
		item->note = f->package;
	} else if (f->rule == MC_RULE_GLIBC_LIBRARY) {
		item->kind = MC_LIBRARY_GLIBC;
		item->note = "glibc's alone";
	}
}

enum mc_status mc_count_missing(const struct mc_survey *s, struct mc_arena *arena, struct mc_counts *symbols,
				struct mc_counts *libraries)
{
	struct mc_count *item;

	MC_TRY(open_counts(symbols, arena, s->findings_count));
	MC_TRY(open_counts(libraries, arena, s->findings_count));
	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		if (!mc_is_counted(f))
			continue;
		if (f->rule == MC_RULE_SYMBOL) {
			MC_TRY(add_count(symbols, f->subject, f->dist, &item));
			item->kind = (int)f->name_class;
			item->note = mc_class_name(f->name_class);
		} else if (f->rule == MC_RULE_LIBRARY || f->rule == MC_RULE_GLIBC_LIBRARY) {
			MC_TRY(add_count(libraries, f->subject, f->dist, &item));
			if (item->findings == 1)
				note_library(item, f);
		}
	}
	sort_counts(symbols);
	sort_counts(libraries);
	return MC_OK;
}

static int order_of_names(const void *a, const void *b)
{
	const struct mc_dist_verdict *x = *(const struct mc_dist_verdict *const *)a,
				     *y = *(const struct mc_dist_verdict *const *)b;
	int order = mc_str_compare(x->dist->name, y->dist->name);

	return order ? order : (int)y->verdict - (int)x->verdict;
}

const struct mc_dist_verdict **mc_dists_by_name(const struct mc_survey *s, struct mc_arena *arena)
{
	const struct mc_dist_verdict **sorted = MC_TAKE_ARRAY(arena, const struct mc_dist_verdict *, s->dists_count + 1);

	for (size_t i = 0; sorted && i < s->dists_count; i++)
		sorted[i] = &s->dists[i];
	if (sorted && s->dists_count)
		qsort(sorted, s->dists_count, sizeof(*sorted), order_of_names);
	return sorted;
}

size_t mc_same_name(const struct mc_dist_verdict *const *sorted, size_t count)
{
	size_t same = 1;

	while (same < count && mc_str_is(sorted[same]->dist->name, sorted[0]->dist->name))
		same++;
	return same;
}

/* ---- the end ---- */

enum mc_status mc_report_end(FILE *out, enum mc_status status, struct mc_error *err)
{
	if (status < 0)
		return mc_no_memory(err);
	return fflush(out) || ferror(out) ? mc_fail(err, MC_ERR_IO, NULL, "cannot write the report") : MC_OK;
}
