/* SPDX-License-Identifier: MIT */
/*
 * tables.h - the shape of build/CONFIG/gen/tables.c, which probe/gen_tables makes
 * from the texts in probe/tables/.  Private to the target room.
 *
 * Names live once in a sorted pool; every export list is a sorted array of
 * keys into it.  All of it is const: nothing is parsed at start.
 */
#ifndef MC_TABLES_H
#define MC_TABLES_H

#include "muslcheck/target.h"

#define MC_KEY(name_id, version_id, is_hidden) \
	((uint32_t)(name_id) << 12 | (uint32_t)(version_id) << 1 | (uint32_t)(is_hidden))
#define MC_KEY_NAME(key) ((key) >> 12)
#define MC_KEY_VERSION(key) ((key) >> 1 & 0x7ff)
#define MC_KEY_IS_HIDDEN(key) ((key) & 1)

/* Ids are indexes; id 0 is the empty name, the empty version.  Sorted bytewise.  */
extern const char mc_gen_names[];
extern const uint32_t mc_gen_name_offs[]; /* names_count + 1 of them */
extern const uint32_t mc_gen_names_count;
extern const char *const mc_gen_versions[];
extern const uint32_t mc_gen_versions_count;

/*
 * Where the ids are found by the name's GNU hash: MC_SLOT() from place 'hash & (slots - 1)' on up
 * to a 0.  The slots are a power of two and at most half of them are taken.
 */
#define MC_SLOT(hash, id) ((uint32_t)(id) << 12 | ((hash) >> 20))
extern const uint32_t mc_gen_name_slots[], mc_gen_version_slots[];
extern const uint32_t mc_gen_name_slots_count, mc_gen_version_slots_count;

extern const struct mc_libc mc_gen_libcs[];
extern const size_t mc_gen_libcs_count;
extern const struct mc_release mc_gen_releases[];
extern const size_t mc_gen_releases_count;
extern const struct mc_image_entry mc_gen_images[];
extern const size_t mc_gen_images_count;

struct mc_package_size {
	enum mc_libc_family family;
	const char *package;
	uint32_t size_kb;
};
extern const struct mc_package_size mc_gen_package_sizes[];
extern const size_t mc_gen_package_sizes_count;
extern const struct mc_name_class mc_gen_classes[]; /* sorted by name */
extern const size_t mc_gen_classes_count;

#endif
