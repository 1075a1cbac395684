/* SPDX-License-Identifier: MIT */
/*
 * How fast the functions for memory and strings are.
 *
 * glibc has versions of them in assembly for each kind of processor, musl plain C for most: what
 * spends its time in memchr() (reading lines), strlen() or memcmp() is slower there.
 */
#define _GNU_SOURCE
#include <time.h>
#include "measure.h"

enum { LARGEST = 1 << 20 };

static char from[LARGEST + 64], to[LARGEST + 64];
static volatile size_t sink;

enum what {
	MEMCPY,
	MEMSET,
	MEMMOVE,
	STRLEN,
	MEMCHR,
	MEMCMP,
	STRSTR,
	STRCHR,
	MEMMEM,
	STRCPY,
	WHATS
};

static const char *const names[] = {
	"memcpy", "memset", "memmove (one byte on)",
	"strlen", "memchr", "memcmp",
	"strstr", "strchr", "memmem",
	"strcpy",
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void once(enum what what, size_t size)
{
	switch (what) {
	case MEMCPY: memcpy(to, from, size); break;
	case MEMSET: memset(to, 'a', size); break;
	case MEMMOVE: memmove(to + 1, to, size); break;
	case STRLEN: sink = strlen(from); break;
	case MEMCHR: sink = (size_t)memchr(from, 'z', size); break;
	case MEMCMP: sink = (size_t)memcmp(to, from, size); break;
	case STRSTR: sink = (size_t)strstr(from, "abcz"); break;
	case STRCHR: sink = (size_t)strchr(from, 'z'); break;
	case MEMMEM: sink = (size_t)memmem(from, size, "abcz", 4); break;
	case STRCPY: strcpy(to, from); break;
	default: break;
	}
}

int main(void)
{
	static const size_t sizes[] = {16, 1024, LARGEST};
	static const char *const size_names[] = {"16 bytes", "1 KiB", "1 MiB"};
	size_t i, k;
	int what;

	for (what = 0; what < WHATS; what++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			size_t size = sizes[i], rounds = (4u << 20) / (size + 48) + 2;
			double best = 1e9, rate;
			char name[60];
			int run;

			for (k = 0; k < size; k++)
				from[k] = (char)("abcd efg hij"[k % 12]);
			from[size] = '\0';
			memcpy(to, from, size + 1);
			for (run = 0; run < 7; run++) {
				double began = seconds(), took;

				for (k = 0; k < rounds; k++)
					once((enum what)what, size);
				took = seconds() - began;
				best = took < best ? took : best;
			}
			rate = (double)size * (double)rounds / best / 1e9;
			snprintf(name, sizeof(name), "%s of %s", names[what], size_names[i]);
			timed(name, rate < 10 ? "%.2g GB/s" : "%.0f GB/s", rate);
		}
	}
	return measured("string-speed");
}
