/* SPDX-License-Identifier: MIT */
/* What an application takes on either image: the image, the dists, the packages to add.  */
#include "judge.h"

/* The size of an image, or, when nobody has measured it, of its flavour with the nearest Python.  */
static void measure_image(const struct mc_target *target, struct mc_size *size)
{
	unsigned best = 0;

	if (!target->image)
		return;
	size->image_kb = target->image->size_kb;
	for (size_t i = 0; !size->image_kb && mc_image_at(i); i++)
		size->is_image_near |= mc_image_at(i)->size_kb &&
				       mc_image_at(i)->release->libc->family == target->libc->family;
	for (size_t i = 0; size->is_image_near && mc_image_at(i); i++) {
		const struct mc_image_entry *image = mc_image_at(i);
		unsigned a = image->python_minor, b = target->image->python_minor;
		unsigned distance = 1 + 2 * (a > b ? a - b : b - a) + (image->release != target->release);

		if (!image->size_kb || image->release->libc->family != target->libc->family ||
		    (best && distance >= best))
			continue;
		best = distance;
		size->image_kb = image->size_kb;
	}
}

static void measure_packages(const struct mc_target *target, const struct mc_package_need *needs,
			     size_t count, struct mc_size *size)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t kb = mc_package_size_kb(target->libc->family, mc_str_of(needs[i].package));

		size->packages_kb += kb;
		size->packages_unknown += !kb;
	}
}

void mc_survey_measure(struct mc_survey *survey)
{
	struct mc_sizes *sizes = &survey->sizes;

	*sizes = (struct mc_sizes){0};
	measure_image(&survey->target, &sizes->target);
	measure_image(&survey->against, &sizes->against);
	measure_packages(&survey->target, survey->packages, survey->packages_count, &sizes->target);
	measure_packages(&survey->against, survey->against_packages, survey->against_packages_count,
			 &sizes->against);
	for (size_t i = 0; i < survey->dists_count; i++) {
		const struct mc_dist_verdict *v = &survey->dists[i];

		/* Loose files are the same on both.  */
		if (v->dist->kind == MC_DIST_LOOSE)
			continue;
		if (!v->nbytes || !v->against_nbytes) {
			sizes->dists_unknown++;
			continue;
		}
		sizes->target.dists_nbytes += v->nbytes;
		sizes->against.dists_nbytes += v->against_nbytes;
	}
}

uint64_t mc_size_total(const struct mc_size *size)
{
	return size->dists_nbytes + (size->image_kb + size->packages_kb) * 1000;
}
