/* SPDX-License-Identifier: MIT */
/*
 * How regex_t and regmatch_t lie in memory, and what happens to a program that has glibc's.
 *
 * A program compiled with glibc's headers has regmatch_t of 8 bytes. musl's regexec() writes 16 for
 * each: what stands behind the array is overwritten, without an error. That is what a glibc
 * wheel does under musl with gcompat.
 */
#define _GNU_SOURCE
#include <regex.h>
#include <stddef.h>
#include <stdint.h>
#include "measure.h"

enum { CANARY = 0xA5 };

struct glibc_match {
	int32_t start, end;
};

/* Regexec() for 'count' matches, each of glibc's 8 bytes: which bytes behind them changed.  */
static void measure_canary(const char *name, size_t count)
{
	static _Alignas(16) unsigned char memory[256];
	const struct glibc_match *first = (void *)memory;
	size_t own = count * sizeof(struct glibc_match), last = 0, i;
	regex_t regex;

	memset(memory, CANARY, sizeof(memory));
	if (regcomp(&regex, "(b)(c)", REG_EXTENDED) ||
	    regexec(&regex, "abcd", count, (regmatch_t *)(void *)memory, 0)) {
		result(name, "no match");
		return;
	}
	for (i = own; i < sizeof(memory); i++)
		if (memory[i] != CANARY)
			last = i;
	if (last)
		result(name, "%zu bytes behind it overwritten; match 0 reads as %d-%d",
		       last + 1 - own, (int)first[0].start, (int)first[0].end);
	else
		result(name, "none overwritten; match 0 reads as %d-%d", (int)first[0].start,
		       (int)first[0].end);
	regfree(&regex);
}

int main(void)
{
	/* regcomp() into memory of 64 bytes, glibc's sizeof(regex_t) on 64-bit machines.  */
	static _Alignas(16) unsigned char memory[256];
	regex_t *regex = (void *)memory;
	size_t last = 0, i, nsub;

	result("sizeof(regmatch_t)", "%zu", sizeof(regmatch_t));
	result("sizeof(regoff_t)", "%zu", sizeof(regoff_t));
	result("sizeof(regex_t)", "%zu", sizeof(regex_t));
	result("offset of re_nsub in regex_t", "%zu", offsetof(regex_t, re_nsub));
	result("REG_NOTBOL, REG_NOTEOL", "%d, %d", REG_NOTBOL, REG_NOTEOL);
	result("REG_EXTENDED, REG_ICASE, REG_NEWLINE, REG_NOSUB", "%d, %d, %d, %d", REG_EXTENDED,
	       REG_ICASE, REG_NEWLINE, REG_NOSUB);
	result("REG_NOMATCH, REG_BADPAT, REG_ESPACE", "%d, %d, %d", REG_NOMATCH, REG_BADPAT,
	       REG_ESPACE);
	measure_canary("array of 1 match laid out as glibc's, bytes behind it", 1);
	measure_canary("array of 3 matches laid out as glibc's, bytes behind it", 3);
	measure_canary("array of 10 matches laid out as glibc's, bytes behind it", 10);
	memset(memory, CANARY, sizeof(memory));
	if (regcomp(regex, "(b)(c)", REG_EXTENDED))
		return 1;
	for (i = 64; i < sizeof(memory); i++)
		if (memory[i] != CANARY)
			last = i;
	if (last)
		result("regcomp into a regex_t of glibc's 64 bytes, bytes behind it",
		       "%zu overwritten", last + 1 - 64);
	else
		result("regcomp into a regex_t of glibc's 64 bytes, bytes behind it",
		       "none overwritten");
	memcpy(&nsub, memory + 48, sizeof(nsub));
	result("re_nsub of \"(b)(c)\" read at glibc's offset 48", nsub == 2 ? "2" : "not 2");
	return measured("regex-layout");
}
