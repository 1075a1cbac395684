/* SPDX-License-Identifier: MIT */
/*
 * pep440.h - Python's versions: their order, and which of them a specifier set takes.
 *
 * Takes texts as metadata and wheel names hold them.  Hands what packaging 26.3 says of
 * them (packaging.version, packaging.specifiers).  Any bytes are allowed; numbers have
 * any length.  Blanks and letters are those of ASCII: what packaging does to other blanks
 * of Unicode, and to the case of other letters after "===", is not done here.
 *
 * Knows no projects, extras or markers.  Threads: pure functions, nothing is allocated.
 */
#ifndef MUSLCHECK_PEP440_H
#define MUSLCHECK_PEP440_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

/*
 * Below, at or above 0.  A total order: what is no version comes before all that are,
 * bytewise.  Equal does not mean the same text: "1.0" is "v1".
 */
int mc_pep440_compare(struct mc_str a, struct mc_str b);

/* "1.0", also "v1.0-ALPHA_2 ": all spellings that PEP 440 lets pass.  */
bool mc_pep440_is_valid(struct mc_str version);

/* An a, b, rc or dev; not what is no version.  */
bool mc_pep440_is_prerelease(struct mc_str version);

/*
 * Whether 'version' is in the comma-separated set, as SpecifierSet(specifiers).contains(
 * version, prereleases=takes_prereleases) says: without 'takes_prereleases' no prerelease
 * is taken, not even one that a specifier names.  The empty set takes all else, also what
 * is no version.  A set with a specifier that cannot be parsed takes nothing.
 */
bool mc_pep440_takes(struct mc_str specifiers, struct mc_str version, bool takes_prereleases);

MC_DECLS_END

#endif /* MUSLCHECK_PEP440_H */
