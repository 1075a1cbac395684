/* SPDX-License-Identifier: MIT */
/*
 * qsort(): whether equal elements keep their order, how often it compares, and how fast it is.
 *
 * glibc sorts by merging (stable by accident, with memory of its own), musl by smoothsort: code
 * that relies on the order of equal elements gives other results, and sorting is slower.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <time.h>
#include "measure.h"

enum { RECORDS = 1000, COMPARED = 10000, MANY = 1000000 };

struct record {
	int key, place;
};

static long compared;

static int by_key(const void *a, const void *b)
{
	const struct record *one = a, *two = b;

	return (one->key > two->key) - (one->key < two->key);
}

static int by_int(const void *a, const void *b)
{
	int one = *(const int *)a, two = *(const int *)b;

	return (one > two) - (one < two);
}

static int counting(const void *a, const void *b)
{
	compared++;
	return by_int(a, b);
}

static unsigned state;

static int random_int(void)
{
	state = state * 1664525 + 1013904223;
	return (int)(state >> 8);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure_stable(const char *name, int keys)
{
	static struct record records[RECORDS];
	long disorder = 0;
	int i;

	state = 1;
	for (i = 0; i < RECORDS; i++) {
		records[i].key = random_int() % keys;
		records[i].place = i;
	}
	qsort(records, RECORDS, sizeof(records[0]), by_key);
	for (i = 1; i < RECORDS; i++)
		if (records[i].key == records[i - 1].key && records[i].place < records[i - 1].place)
			disorder++;
	result(name, disorder ? "%ld neighbours out of order" : "order kept", disorder);
}

/* kind: 0 random, 1 sorted, 2 reversed, 3 all equal, 4 sorted but for the last.  */
static void fill(int *ints, int count, int kind)
{
	int i;

	state = 2;
	for (i = 0; i < count; i++)
		ints[i] = kind == 0                ? random_int()
			  : kind == 1 || kind == 4 ? i
			  : kind == 2              ? count - i
						   : 7;
	if (kind == 4)
		ints[count - 1] = 0;
}

int main(void)
{
	static const char *const kinds[] = {"random", "sorted", "reversed", "equal",
					    "sorted but for the last"};
	static int ints[MANY];
	int kind;

	measure_stable("1000 records with 10 keys", 10);
	measure_stable("1000 records with 100 keys", 100);
	measure_stable("1000 records with 1 key", 1);
	for (kind = 0; kind < 5; kind++) {
		char name[80];

		fill(ints, COMPARED, kind);
		compared = 0;
		qsort(ints, COMPARED, sizeof(ints[0]), counting);
		snprintf(name, sizeof(name), "comparisons for 10000 elements, %s", kinds[kind]);
		result(name, "%ld", compared);
	}
	result("qsort_r", "%s", dlsym(RTLD_DEFAULT, "qsort_r") ? "there" : "not there");
	for (kind = 0; kind < 5; kind++) {
		char name[80];
		double best = 1e9;
		int run;

		for (run = 0; run < 3; run++) {
			double began, took;

			fill(ints, MANY, kind);
			began = seconds();
			qsort(ints, MANY, sizeof(ints[0]), by_int);
			took = seconds() - began;
			best = took < best ? took : best;
		}
		snprintf(name, sizeof(name), "1000000 elements, %s", kinds[kind]);
		timed(name, "%.0f ns an element", best / MANY * 1e9);
	}
	return measured("qsort");
}
