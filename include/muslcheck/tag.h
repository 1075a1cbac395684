/* SPDX-License-Identifier: MIT */
/*
 * tag.h - room 3: which wheel tags pip takes on a target.
 *
 * PEP 425 (tags), PEP 600 (manylinux_X_Y), PEP 656 (musllinux_X_Y), and what
 * packaging.tags makes of them.  Threads: pure functions.
 */
#ifndef MUSLCHECK_TAG_H
#define MUSLCHECK_TAG_H

#include "muslcheck/source.h"
#include "muslcheck/target.h"

MC_DECLS_BEGIN

/* "cp312-cp312-musllinux_1_2_x86_64" fits Python 3.'minor' on that libc and machine.  */
bool mc_tag_is_taken(const struct mc_tag *tag, enum mc_libc_family family, const char *libc_version,
		     unsigned minor, const char *machine);

/*
 * Where the tag stands in pip's order of preference there (packaging.tags.sys_tags()):
 * the lower the better; -1 when it is not taken.
 */
long mc_tag_rank(const struct mc_tag *tag, enum mc_libc_family family, const char *libc_version,
		 unsigned minor, const char *machine);

/* The platform alone: "any", "linux_x86_64", "musllinux_1_2_x86_64", ...  */
bool mc_platform_is_taken(struct mc_str platform, enum mc_libc_family family,
			  const char *libc_version, const char *machine);

/* "amd64", "linux/arm64": the machine as platform tags have it; NULL for others.  */
const char *mc_machine_of_name(const char *name);

/* The machine at the end of a Linux platform tag, "" for others.  */
struct mc_str mc_platform_machine(struct mc_str platform);

MC_DECLS_END

#endif /* MUSLCHECK_TAG_H */
