/* SPDX-License-Identifier: MIT */
/* build_packages.h - what probe/gen_tables makes of probe/build-packages.tsv.  Private to sdist.c.  */
#ifndef MC_BUILD_PACKAGES_H
#define MC_BUILD_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>

struct mc_build_rule {
	bool by_name;         /* else the pattern stands in a text */
	const char *pattern;
	const char *packages; /* of Alpine, with blanks between them */
	const char *why;
};

extern const struct mc_build_rule mc_gen_build_rules[];
extern const size_t mc_gen_build_rules_count;

#endif
