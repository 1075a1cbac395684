/* SPDX-License-Identifier: MIT */
#include "muslcheck/target.h"

#include "tables.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#ifndef EM_RISCV
#define EM_RISCV 243
#endif

/* Room for the names in an error's text, less what stands around them.  */
#define NEAR_NBYTES 120

/* ---- the name pool ---- */

struct mc_str mc_name_text(uint32_t name_id)
{
	if (name_id == 0 || name_id >= mc_gen_names_count)
		return MC_STR("");
	return (struct mc_str){mc_gen_names + mc_gen_name_offs[name_id],
			       mc_gen_name_offs[name_id + 1] - mc_gen_name_offs[name_id]};
}

static struct mc_str version_text(uint32_t version_id)
{
	return mc_str_of(mc_gen_versions[version_id]);
}

static uint32_t find_id(const uint32_t *slots, uint32_t slots_count, struct mc_str (*text_of)(uint32_t id),
			const struct mc_lookup *lookup)
{
	uint32_t slot, hash = lookup->gnu_hash;

	for (uint32_t i = hash; (slot = slots[i & (slots_count - 1)]); i++)
		if (slot == MC_SLOT(hash, slot >> 12) && mc_str_is(text_of(slot >> 12), lookup->name))
			return slot >> 12;
	return 0;
}

uint32_t mc_lookup_name_id(const struct mc_lookup *lookup)
{
	return find_id(mc_gen_name_slots, mc_gen_name_slots_count, mc_name_text, lookup);
}

uint32_t mc_name_id(struct mc_str name)
{
	struct mc_lookup lookup = mc_lookup(name);

	return mc_lookup_name_id(&lookup);
}

uint32_t mc_version_id(struct mc_str version)
{
	struct mc_lookup lookup = mc_lookup(version);

	return find_id(mc_gen_version_slots, mc_gen_version_slots_count, version_text, &lookup);
}

/* ---- export sets ---- */

/* The first place in a sorted array whose value is not below 'wanted'.  */
static uint32_t lower_bound(const uint32_t *values, uint32_t count, uint32_t wanted)
{
	uint32_t low = 0;

	while (low < count) {
		uint32_t middle = low + (count - low) / 2;

		if (values[middle] < wanted)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

bool mc_export_set_has(const struct mc_export_set *set, uint32_t name_id, uint32_t version_id,
		       bool skip_hidden)
{
	uint32_t i;

	if (name_id == 0)
		return false;
	i = lower_bound(set->keys, set->keys_count, MC_KEY(name_id, 0, 0));
	for (; i < set->keys_count && MC_KEY_NAME(set->keys[i]) == name_id; i++) {
		if (skip_hidden && MC_KEY_IS_HIDDEN(set->keys[i]))
			continue;
		if (version_id == 0 || MC_KEY_VERSION(set->keys[i]) == version_id)
			return true;
	}
	return false;
}

bool mc_export_set_version(const struct mc_export_set *set, uint32_t name_id, uint32_t i,
			   const char **version_out, bool *is_hidden_out)
{
	uint32_t first = lower_bound(set->keys, set->keys_count, MC_KEY(name_id, 0, 0));

	if (!name_id || i >= set->keys_count - first || MC_KEY_NAME(set->keys[first + i]) != name_id)
		return false;
	*version_out = mc_gen_versions[MC_KEY_VERSION(set->keys[first + i])];
	*is_hidden_out = MC_KEY_IS_HIDDEN(set->keys[first + i]);
	return true;
}

bool mc_export_set_defines(const struct mc_export_set *set, uint32_t version_id)
{
	uint32_t i = lower_bound(set->version_ids, set->version_ids_count, version_id);

	return version_id && i < set->version_ids_count && set->version_ids[i] == version_id;
}

const struct mc_export_set *mc_export_set_pick(const struct mc_export_set *const *sets,
					       uint16_t machine, uint8_t word_bits,
					       struct mc_str soname)
{
	for (; sets && *sets; sets++)
		if ((*sets)->machine == machine && (*sets)->word_bits == word_bits &&
		    (soname.len == 0 || mc_str_is(soname, mc_str_of((*sets)->soname))))
			return *sets;
	return NULL;
}

/* ---- libraries, libcs, classes, machines ---- */

const struct mc_library *mc_release_library(const struct mc_release *release, struct mc_str soname)
{
	size_t low = 0, high = release->libraries_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = mc_str_compare(mc_str_of(release->libraries[middle].soname), soname);

		if (order == 0)
			return &release->libraries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct mc_library *mc_target_library(const struct mc_target *target, struct mc_str soname)
{
	static const struct mc_export_set *const unknown[] = {NULL};
	static const struct mc_library stable = {"libpython3.so", NULL, true, unknown};
	static const struct mc_library pythons[] = {
		{"libpython3.9.so.1.0", NULL, true, unknown},
		{"libpython3.10.so.1.0", NULL, true, unknown},
		{"libpython3.11.so.1.0", NULL, true, unknown},
		{"libpython3.12.so.1.0", NULL, true, unknown},
		{"libpython3.13.so.1.0", NULL, true, unknown},
		{"libpython3.14.so.1.0", NULL, true, unknown},
		{"libpython3.15.so.1.0", NULL, true, unknown},
	};
	unsigned i = target->python_minor - 9;

	if (!target->release)
		return NULL;
	/* docker-library/python configures with --enable-shared, into /usr/local/lib.  */
	if (target->python_minor >= 9 && i < sizeof(pythons) / sizeof(pythons[0])) {
		if (mc_str_is(soname, mc_str_of(stable.soname)))
			return &stable;
		if (mc_str_is(soname, mc_str_of(pythons[i].soname)))
			return &pythons[i];
	}
	return mc_release_library(target->release, soname);
}

uint32_t mc_package_size_kb(enum mc_libc_family family, struct mc_str package)
{
	for (size_t i = 0; i < mc_gen_package_sizes_count; i++)
		if (mc_gen_package_sizes[i].family == family &&
		    mc_str_is(package, mc_str_of(mc_gen_package_sizes[i].package)))
			return mc_gen_package_sizes[i].size_kb;
	return 0;
}

const struct mc_libc *mc_libc_at(size_t i)
{
	return i < mc_gen_libcs_count ? &mc_gen_libcs[i] : NULL;
}

const struct mc_libc *mc_libc_find(struct mc_str name)
{
	enum mc_libc_family family;

	if (mc_str_starts(name, mc_str_of("musl-")))
		family = MC_LIBC_MUSL;
	else if (mc_str_starts(name, mc_str_of("glibc-")))
		family = MC_LIBC_GLIBC;
	else
		return NULL;
	name = mc_str_skip(name, family == MC_LIBC_MUSL ? strlen("musl-") : strlen("glibc-"));
	for (size_t i = 0; i < mc_gen_libcs_count; i++)
		if (mc_gen_libcs[i].family == family && mc_str_is(name, mc_str_of(mc_gen_libcs[i].version)))
			return &mc_gen_libcs[i];
	return NULL;
}

const struct mc_name_class *mc_name_class(struct mc_str name)
{
	static const struct mc_name_class nothing = {"", MC_CLASS_NONE, false, NULL, NULL};
	size_t low = 0, high = mc_gen_classes_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = mc_str_compare(mc_str_of(mc_gen_classes[middle].name), name);

		if (order == 0)
			return &mc_gen_classes[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return &nothing;
}

const char *mc_machine_name(uint16_t machine, uint8_t word_bits, bool is_big_endian)
{
	if (is_big_endian)
		return machine == EM_S390 && word_bits == 64 ? "s390x" : NULL;
	switch (machine) {
	case EM_X86_64: return word_bits == 64 ? "x86_64" : NULL; /* not x32 */
	case EM_AARCH64: return word_bits == 64 ? "aarch64" : NULL;
	case EM_ARM: return word_bits == 32 ? "armv7l" : NULL;
	case EM_386: return word_bits == 32 ? "i686" : NULL;
	case EM_PPC64: return word_bits == 64 ? "ppc64le" : NULL;
	case EM_RISCV: return word_bits == 64 ? "riscv64" : NULL;
	default: return NULL;
	}
}

/* ---- images ---- */

const struct mc_image_entry *mc_image_at(size_t i)
{
	return i < mc_gen_images_count ? &mc_gen_images[i] : NULL;
}

static struct mc_target target_of(const struct mc_image_entry *image)
{
	return (struct mc_target){
		.name = image->name,
		.python_minor = image->python_minor,
		.libc = image->release->libc,
		.release = image->release,
		.image = image,
	};
}

/* What a person wrote: a Python, or none (0), and "alpine3.21", "slim" and the like.  */
struct wish {
	unsigned python_minor;
	struct mc_str flavour;
};

static unsigned take_number(struct mc_str *text)
{
	unsigned number = 0;

	while (text->len && text->ptr[0] >= '0' && text->ptr[0] <= '9') {
		if (number < 100000)
			number = number * 10 + (unsigned)(text->ptr[0] - '0');
		*text = mc_str_skip(*text, 1);
	}
	return number;
}

/* "3", "3.12", "3.12.4", "3.15-rc" and "3.15.0b3", each with the '-' that follows.  */
static bool take_python(struct mc_str *text, unsigned *minor_out)
{
	if (take_number(text) != 3)
		return false;
	if (mc_str_starts(*text, mc_str_of("."))) {
		*text = mc_str_skip(*text, 1);
		*minor_out = take_number(text);
		if (*minor_out == 0)
			return false;
	}
	while (text->len && text->ptr[0] != '-')
		*text = mc_str_skip(*text, 1);
	if (mc_str_starts(*text, mc_str_of("-rc")))
		*text = mc_str_skip(*text, 3);
	if (mc_str_starts(*text, mc_str_of("-")))
		*text = mc_str_skip(*text, 1);
	return true;
}

static bool read_wish(struct mc_str name, struct wish *wish_out)
{
	size_t len = name.len;

	/* "docker.io/library/python:3.12-slim": what stands before the last '/' is a registry.  */
	while (len && name.ptr[len - 1] != '/')
		len--;
	name = mc_str_skip(name, len);
	if (mc_str_starts(name, mc_str_of("python:")))
		name = mc_str_skip(name, strlen("python:"));
	*wish_out = (struct wish){0, name};
	if (name.len == 0 || name.ptr[0] < '0' || name.ptr[0] > '9')
		return true;
	return take_python(&wish_out->flavour, &wish_out->python_minor);
}

static bool has_flavour(const struct mc_release *release, struct mc_str flavour)
{
	if (mc_str_is(flavour, mc_str_of("alpine")))
		return release->libc->family == MC_LIBC_MUSL;
	if (mc_str_is(flavour, mc_str_of("slim")))
		return release->libc->family == MC_LIBC_GLIBC;
	return mc_str_is(flavour, mc_str_of(release->name));
}

/*
 * The newest image that has the flavour, of the Python, or, for Python 0, of
 * the newest one that is out.  Images are sorted by Python, then by age.
 */
static const struct mc_image_entry *newest_image(const struct wish *wish)
{
	const struct mc_image_entry *best = NULL;

	for (size_t i = 0; i < mc_gen_images_count; i++) {
		const struct mc_image_entry *image = &mc_gen_images[i];

		if (wish->python_minor ? image->python_minor != wish->python_minor
				       : image->is_prerelease)
			continue;
		if (has_flavour(image->release, wish->flavour))
			best = image;
	}
	return best;
}

/* Append ", NAME" while there is room; false when there is none.  */
static bool append(char near[static NEAR_NBYTES], const char *name)
{
	size_t used = strlen(near);
	int more = snprintf(near + used, NEAR_NBYTES - used, "%s%s", used ? ", " : "", name);

	if (more >= 0 && (size_t)more < NEAR_NBYTES - used)
		return true;
	near[used] = '\0';
	return false;
}

/* Same Python first, newest release first; else same flavour, newest Python first.  */
static void name_near(const struct wish *wish, char near[static NEAR_NBYTES])
{
	bool has_python = false;

	near[0] = '\0';
	for (size_t i = 0; i < mc_gen_images_count; i++)
		has_python |= mc_gen_images[i].python_minor == wish->python_minor;
	for (size_t i = mc_gen_images_count; i-- > 0;) {
		const struct mc_image_entry *image = &mc_gen_images[i];
		bool is_near = has_python ? image->python_minor == wish->python_minor
					  : has_flavour(image->release, wish->flavour);

		if (is_near && !append(near, image->name))
			return;
	}
	if (near[0])
		return;
	for (size_t i = mc_gen_releases_count; i-- > 0;)
		if (!append(near, mc_gen_releases[i].name))
			return;
}

enum mc_status mc_target_find(struct mc_str name, struct mc_target *target_out,
			      struct mc_error *err)
{
	const struct mc_image_entry *image = NULL;
	struct wish wish;
	char subject[64], near[NEAR_NBYTES];

	if (read_wish(name, &wish))
		image = newest_image(&wish);
	if (image) {
		*target_out = target_of(image);
		return MC_OK;
	}
	snprintf(subject, sizeof(subject), "%.*s", (int)(name.len < 60 ? name.len : 60), name.ptr);
	name_near(&wish, near);
	return mc_fail(err, MC_ERR_NOT_FOUND, subject, "no such image; known are %s", near);
}

bool mc_target_tells_python(struct mc_str name)
{
	struct wish wish;

	return read_wish(name, &wish) && wish.python_minor;
}

bool mc_target_with_python(struct mc_str name, unsigned python_minor, struct mc_target *target_out)
{
	const struct mc_image_entry *image = NULL;
	struct wish wish;

	if (python_minor && read_wish(name, &wish) && !wish.python_minor) {
		wish.python_minor = python_minor;
		image = newest_image(&wish);
	}
	if (image)
		*target_out = target_of(image);
	return image != NULL;
}

struct mc_target mc_target_default(unsigned python_minor, enum mc_libc_family family)
{
	struct wish wish = {python_minor,
			    family == MC_LIBC_MUSL ? MC_STR("alpine") : MC_STR("slim")};
	const struct mc_image_entry *image = newest_image(&wish);

	if (!image && python_minor) {
		/* A Python before the first or after the last that we know.  */
		wish.python_minor = mc_gen_images[0].python_minor;
		if (python_minor > wish.python_minor)
			wish.python_minor = mc_gen_images[mc_gen_images_count - 1].python_minor;
		image = newest_image(&wish);
	}
	return target_of(image);
}
