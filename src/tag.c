/* SPDX-License-Identifier: MIT */
#include "muslcheck/tag.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Take a decimal number off the front; false when there is none.  pip compares texts: 01 is no 1.  */
static bool take_number(struct mc_str *text, unsigned long *number_out)
{
	bool is_padded = text->len > 1 && text->ptr[0] == '0' && isdigit((unsigned char)text->ptr[1]);
	size_t n = 0;

	*number_out = 0;
	while (n < text->len && n < 9 && isdigit((unsigned char)text->ptr[n]))
		*number_out = *number_out * 10 + (unsigned long)(text->ptr[n++] - '0');
	*text = (struct mc_str){text->ptr + n, text->len - n};
	return n > 0 && !is_padded;
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

/* "_2_17_x86_64": 17; 0 when it is none.  */
static unsigned long libc_minor(struct mc_str rest)
{
	unsigned long number = 0;

	if (!take(&rest, MC_STR("_")) || !take_number(&rest, &number) || !take(&rest, MC_STR("_")))
		return 0;
	take_number(&rest, &number);
	return number;
}

bool mc_platform_is_taken(struct mc_str platform, enum mc_libc_family family,
			  const char *libc_version, const char *machine)
{
	/* PEP 600: the names before it, as glibc versions.  */
	static const struct {
		const char *name, *version;
	} legacy[] = {{"manylinux2014_", "_2_17_"}, {"manylinux2010_", "_2_12_"}, {"manylinux1_", "_2_5_"}};
	struct mc_str own = mc_str_of(machine), rest = platform;
	/* packaging's _manylinux.platform_tags(): others began with 2014.  */
	bool is_old = mc_str_is(own, MC_STR("x86_64")) || mc_str_is(own, MC_STR("i686"));
	size_t legacy_count = is_old ? 3 : 1;

	if (mc_str_is(platform, MC_STR("any")))
		return true;
	if (take(&rest, MC_STR("linux_")))
		return mc_str_is(rest, own);
	if (family == MC_LIBC_MUSL)
		return take(&rest, MC_STR("musllinux")) && fits_libc(rest, libc_version, own);
	for (size_t i = 0; i < legacy_count; i++)
		if (take(&rest, mc_str_of(legacy[i].name)))
			return mc_str_is(rest, own);
	return take(&rest, MC_STR("manylinux")) && libc_minor(rest) >= (is_old ? 5 : 17) &&
	       fits_libc(rest, libc_version, own);
}

/* The interpreter and ABI of packaging.tags.cpython_tags() and compatible_tags().  */
static bool fits_python(struct mc_str python, struct mc_str abi, unsigned minor)
{
	struct mc_str rest = python;
	unsigned long tag_minor, abi_minor;

	if (take(&rest, MC_STR("cp3")) && take_number(&rest, &tag_minor) && !rest.len) {
		if (mc_str_is(abi, MC_STR("abi3")))
			return tag_minor >= 2 && tag_minor <= minor;
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
	/* An ABI is never "any" platform's.  */
	if (mc_str_is(tag->platform, MC_STR("any")) && !mc_str_is(tag->abi, MC_STR("none")))
		return false;
	return fits_python(tag->python, tag->abi, minor) &&
	       mc_platform_is_taken(tag->platform, family, libc_version, machine);
}

/* Newer libcs first, then linux_MACHINE (packaging.tags.platform_tags()); "any" is apart.  */
static long platform_rank(struct mc_str platform, const char *libc_version)
{
	static const struct {
		const char *name;
		unsigned long minor;
	} legacy[] = {{"manylinux1_", 5}, {"manylinux2010_", 12}, {"manylinux2014_", 17}};
	struct mc_str rest = platform;
	unsigned long own, major, minor = 0;
	const char *dot = strchr(libc_version, '.');

	own = dot ? strtoul(dot + 1, NULL, 10) : 0;
	if (mc_str_starts(platform, MC_STR("linux_")))
		return 999;
	for (size_t i = 0; i < 3; i++)
		if (mc_str_starts(platform, mc_str_of(legacy[i].name)))
			return (long)(own - legacy[i].minor) * 2 + 1; /* behind its manylinux_X_Y name */
	if (!take(&rest, MC_STR("musllinux_")) && !take(&rest, MC_STR("manylinux_")))
		return 999;
	if (!take_number(&rest, &major) || !take(&rest, MC_STR("_")) || !take_number(&rest, &minor))
		return 999;
	return (long)(own - minor) * 2;
}

long mc_tag_rank(const struct mc_tag *tag, enum mc_libc_family family, const char *libc_version,
		 unsigned minor, const char *machine)
{
	bool is_any = mc_str_is(tag->platform, MC_STR("any"));
	struct mc_str rest = tag->python;
	unsigned long tag_minor = 0;
	bool is_cpython, has_minor = false;
	long group;

	if (!mc_tag_is_taken(tag, family, libc_version, minor, machine))
		return -1;
	is_cpython = take(&rest, MC_STR("cp3"));
	if (is_cpython || take(&rest, MC_STR("py3")))
		has_minor = take_number(&rest, &tag_minor);
	/* cpython_tags(): the own ABI, abi3, none, then older abi3; compatible_tags():
	 * py312, py3, py311 ... by platform, then the same for "any".  */
	if (is_cpython && mc_str_is(tag->abi, MC_STR("abi3")))
		group = tag_minor == minor ? 1 : 3 + (long)(minor - tag_minor);
	else if (is_cpython && mc_str_is(tag->abi, MC_STR("none")))
		group = is_any ? 300 : 2;
	else if (is_cpython)
		group = 0;
	else
		group = (is_any ? 301 : 200) + (!has_minor	     ? 1
						: tag_minor == minor ? 0
								     : 1 + (long)(minor - tag_minor));
	return group * 1000 + (is_any ? 0 : platform_rank(tag->platform, libc_version));
}

static const char *const machines[] = {"x86_64", "aarch64", "armv7l", "i686",
				       "ppc64le", "s390x", "riscv64"};

const char *mc_machine_of_name(const char *name)
{
	/* As uname, Docker and Alpine say it.  */
	static const char *const others[][2] = {{"amd64", "x86_64"},  {"arm64", "aarch64"},
						{"arm/v7", "armv7l"}, {"armv7", "armv7l"},
						{"386", "i686"},      {"x86", "i686"}};

	if (!strncmp(name, "linux/", 6))
		name += 6;
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(name, machines[i]))
			return machines[i];
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(name, others[i][0]))
			return others[i][1];
	return NULL;
}

struct mc_str mc_platform_machine(struct mc_str platform)
{
	if (!mc_str_starts(platform, MC_STR("linux_")) &&
	    !mc_str_starts(platform, MC_STR("manylinux")) &&
	    !mc_str_starts(platform, MC_STR("musllinux")))
		return MC_STR("");
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (mc_str_ends(platform, mc_str_of(machines[i])))
			return mc_str_of(machines[i]);
	return MC_STR("");
}
