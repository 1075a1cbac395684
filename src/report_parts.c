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

/* ---- the end ---- */

enum mc_status mc_report_end(FILE *out, enum mc_status status, struct mc_error *err)
{
	if (status < 0)
		return mc_no_memory(err);
	return fflush(out) || ferror(out) ? mc_fail(err, MC_ERR_IO, NULL, "cannot write the report") : MC_OK;
}
