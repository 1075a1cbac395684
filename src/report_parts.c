/* SPDX-License-Identifier: MIT */
#include "report_parts.h"

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

/* ---- counting ---- */

enum mc_status mc_counts_open(struct mc_counts *counts, struct mc_arena *arena, size_t most)
{
	*counts = (struct mc_counts){.arena = arena, .items = MC_TAKE_ARRAY(arena, struct mc_count, most + 1)};
	return counts->items ? MC_OK : MC_ERR_NOMEM;
}

enum mc_status mc_counts_add(struct mc_counts *counts, struct mc_str name, const struct mc_dist *dist,
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

/* ---- what is excused ---- */

/* One waiver that needs an eye: it ran out, or covers nothing.  */
static void put_waiver(struct mc_paper *p, const struct mc_waiver *w)
{
	mc_indent(p, 8);
	mc_start(p, MC_YELLOW);
	mc_put_word(p, w->is_expired ? MC_STR("expired") : w->uses ? MC_STR("used") : MC_STR("unused"), 10);
	mc_stop(p, MC_YELLOW);
	mc_put_words(p, mc_arena_printf(&p->arena, "line %u: %s %.*s (until %.*s): %.*s", w->line,
					     mc_rule_info(w->rule)->code, MC_TEXT(w->dist), MC_TEXT(w->expires),
					     MC_TEXT(w->reason)), 10);
	mc_end_line(p);
}

void mc_put_excuses(struct mc_paper *p, const struct mc_excuses *e, bool show_all)
{
	size_t waived = 0, expired = 0, unused = 0;

	for (size_t i = 0; i < e->waivers_count; i++) {
		waived += e->waivers[i].is_expired ? 0 : e->waivers[i].uses;
		expired += e->waivers[i].is_expired;
		unused += !e->waivers[i].is_expired && !e->waivers[i].uses;
	}
	mc_indent(p, 8);
	if (e->path)
		mc_put_words(p, mc_arena_printf(&p->arena, "Waived: %zu finding%s by %s (%zu waiver%s: %zu expired, %zu unused).",
						     waived, waived == 1 ? "" : "s", e->path, e->waivers_count,
						     e->waivers_count == 1 ? "" : "s", expired, unused), 8);
	if (e->baseline)
		mc_put_words(p, mc_arena_printf(&p->arena, "Known before: %zu finding%s, in %s.",
						     e->baseline_findings, e->baseline_findings == 1 ? "" : "s",
						     e->baseline), 8);
	mc_end_line(p);
	for (size_t i = 0; i < e->waivers_count; i++)
		if (e->waivers[i].is_expired || !e->waivers[i].uses || show_all)
			put_waiver(p, &e->waivers[i]);
}

/* ---- the end ---- */

enum mc_status mc_report_end(FILE *out, enum mc_status status, struct mc_error *err)
{
	if (status < 0)
		return mc_no_memory(err);
	return fflush(out) || ferror(out) ? mc_fail(err, MC_ERR_IO, NULL, "cannot write the report") : MC_OK;
}
