/* SPDX-License-Identifier: MIT */
#include "muslcheck/tag.h"

#include <ctype.h>
#include <stdlib.h>

/* Take a decimal number off the front; false when there is none.  */
static bool take_number(struct mc_str *text, unsigned long *number_out)
{
	size_t n = 0;

	*number_out = 0;
	while (n < text->len && n < 9 && isdigit((unsigned char)text->ptr[n]))
		*number_out = *number_out * 10 + (unsigned long)(text->ptr[n++] - '0');
	*text = (struct mc_str){text->ptr + n, text->len - n};
	return n > 0;
}

static bool take(struct mc_str *text, struct mc_str head)
{
	if (!mc_str_starts(*text, head))
		return false;
	*text = (struct mc_str){text->ptr + head.len, text->len - head.len};
	return true;
}

/* "_1_2_x86_64" or "_2_17_x86_64"; the libc must be at least that.  */
static bool fits_libc(struct mc_str rest, const char *libc_version, struct mc_str machine)
{
	unsigned long major, minor, own_major, own_minor;
	char *end;

	if (!take(&rest, MC_STR("_")) || !take_number(&rest, &major) || !take(&rest, MC_STR("_")) ||
	    !take_number(&rest, &minor) || !take(&rest, MC_STR("_")))
		return false;
	own_major = strtoul(libc_version, &end, 10);
	own_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return major == own_major && minor <= own_minor && mc_str_is(rest, machine);
}

bool mc_platform_is_taken(struct mc_str platform, enum mc_libc_family family,
			  const char *libc_version, const char *machine)
{
	/* PEP 600: the names before it, as glibc versions.  */
	static const struct {
		const char *name, *version;
	} legacy[] = {{"manylinux1_", "_2_5_"}, {"manylinux2010_", "_2_12_"}, {"manylinux2014_", "_2_17_"}};
	struct mc_str own = mc_str_of(machine), rest = platform;

	if (mc_str_is(platform, MC_STR("any")))
		return true;
	if (take(&rest, MC_STR("linux_")))
		return mc_str_is(rest, own);
	if (family == MC_LIBC_MUSL)
		return take(&rest, MC_STR("musllinux")) && fits_libc(rest, libc_version, own);
	for (size_t i = 0; i < 3; i++)
		if (take(&rest, mc_str_of(legacy[i].name)))
			return mc_str_is(rest, own);
	return take(&rest, MC_STR("manylinux")) && fits_libc(rest, libc_version, own);
}

/* The interpreter and ABI of packaging.tags.cpython_tags() and compatible_tags().  */
static bool fits_python(struct mc_str python, struct mc_str abi, unsigned minor)
{
	struct mc_str rest = python;
	unsigned long tag_minor, abi_minor;

	if (take(&rest, MC_STR("cp3")) && take_number(&rest, &tag_minor) && !rest.len) {
		if (mc_str_is(abi, MC_STR("abi3")))
			return tag_minor <= minor;
		if (mc_str_is(abi, MC_STR("none")))
			return tag_minor == minor;
		/* "cp37m" had a letter; a "t" is another build of Python.  */
		if (!take(&abi, MC_STR("cp3")) || !take_number(&abi, &abi_minor))
			return false;
		return tag_minor == minor && abi_minor == minor &&
		       (!abi.len || (minor < 8 && mc_str_is(abi, MC_STR("m"))));
	}
	rest = python;
	if (!mc_str_is(abi, MC_STR("none")) || !take(&rest, MC_STR("py3")))
		return false;
	return !rest.len || (take_number(&rest, &tag_minor) && !rest.len && tag_minor <= minor);
}

bool mc_tag_is_taken(const struct mc_tag *tag, enum mc_libc_family family, const char *libc_version,
		     unsigned minor, const char *machine)
{
	return fits_python(tag->python, tag->abi, minor) &&
	       mc_platform_is_taken(tag->platform, family, libc_version, machine);
}

struct mc_str mc_platform_machine(struct mc_str platform)
{
	static const char *const machines[] = {"x86_64", "aarch64", "armv7l", "i686",
					       "ppc64le", "s390x", "riscv64"};

	if (!mc_str_starts(platform, MC_STR("linux_")) &&
	    !mc_str_starts(platform, MC_STR("manylinux")) &&
	    !mc_str_starts(platform, MC_STR("musllinux")))
		return MC_STR("");
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (mc_str_ends(platform, mc_str_of(machines[i])))
			return mc_str_of(machines[i]);
	return MC_STR("");
}
