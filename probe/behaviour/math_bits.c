/* SPDX-License-Identifier: MIT */
/* LIBS: -lm */
/*
 * How exact the functions of <math.h> are, and how often their last bits differ.
 *
 * math, cmath and numpy call them: a sum or a model's output that is compared bit by bit with what
 * was computed on the other libc may differ. Reference values are MPFR's (math_reference.c). 'ulp'
 * is the distance of two neighbouring numbers at the true result.
 */
#define _GNU_SOURCE
#include <float.h>
#include <math.h>
#include <stdint.h>
#include "measure.h"
#include "math_points.h"

struct tally {
	long wrong, unlike;
	long double worst;
};

/* The size of the last bit of a number, of 'digits' bits; frexpl and ldexpl are exact.  */
static long double last_bit(long double value, int digits, int least)
{
	int exponent;

	frexpl(value, &exponent);
	exponent = exponent - digits < least ? least : exponent - digits;
	return ldexpl(1, exponent);
}

static void count(struct tally *tally, long double got, long double right, long double rest,
		  long double host, long double bit)
{
	long double off = fabsl((got - right) - rest) / bit;

	tally->wrong += got != right;
	tally->unlike += got != host;
	if (!(off <= tally->worst))
		tally->worst = off;
}

static int tally_floats(FILE *file, int number, struct tally *tally)
{
	const struct function *function = &functions[number];
	struct point_float point;
	int i;

	points_begin(number, FLOAT);
	for (i = 0; i < function->points; i++) {
		float x = (float)points_x(function, FLOAT),
		      y = function->two ? (float)points_y(function) : 0;
		volatile float got =
			function->two ? float_calls[number].two(x, y) : float_calls[number].one(x);

		if (fread(&point, sizeof(point), 1, file) != 1)
			return 1;
		count(tally, (long double)got, (long double)point.right, (long double)point.rest,
		      (long double)point.host,
		      last_bit((long double)point.right, FLT_MANT_DIG, -149));
	}
	return 0;
}

static int tally_doubles(FILE *file, int number, struct tally *tally)
{
	const struct function *function = &functions[number];
	struct point_double point;
	int i;

	points_begin(number, DOUBLE);
	for (i = 0; i < function->points; i++) {
		double x = (double)points_x(function, DOUBLE),
		       y = function->two ? (double)points_y(function) : 0;
		volatile double got = function->two ? double_calls[number].two(x, y)
						    : double_calls[number].one(x);

		if (fread(&point, sizeof(point), 1, file) != 1)
			return 1;
		count(tally, (long double)got, (long double)point.right, (long double)point.rest,
		      (long double)point.host,
		      last_bit((long double)point.right, DBL_MANT_DIG, -1074));
	}
	return 0;
}

static int tally_longs(FILE *file, int number, struct tally *tally)
{
	const struct function *function = &functions[number];
	struct point_long point;
	int i;

	points_begin(number, LONG_DOUBLE);
	for (i = 0; i < function->points; i++) {
		long double x = points_x(function, LONG_DOUBLE),
			    y = function->two ? points_y(function) : 0;
		long double got =
			function->two ? long_calls[number].two(x, y) : long_calls[number].one(x);

		if (fread(&point, sizeof(point), 1, file) != 1)
			return 1;
		count(tally, got, point.right, point.rest, point.host,
		      last_bit(point.right, LDBL_MANT_DIG, -16445));
	}
	return 0;
}

int main(void)
{
	static int (*const tallies[])(FILE *, int, struct tally *) = {tally_floats, tally_doubles,
								      tally_longs};
	static const char *const widths[] = {"float", "double", "long double"};
	char path[1000], name[100];
	const char *dir = getenv("BEHAVIOUR_DIR");
	FILE *file;
	int i, width;

	snprintf(path, sizeof(path), "%s/math_reference.bin", dir ? dir : ".");
	file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "%s cannot be read\n", path);
		return 1;
	}
#ifdef __x86_64__
	__builtin_cpu_init();
	result("the processor has FMA, on which glibc's results depend", "%s",
	       __builtin_cpu_supports("fma") ? "yes" : "no");
#endif
	for (i = 0; i < FUNCTIONS; i++) {
		for (width = 0; width < WIDTHS; width++) {
			struct tally tally = {0};

			if (tallies[width](file, i, &tally)) {
				fprintf(stderr, "%s is cut short\n", path);
				return 1;
			}
			snprintf(name, sizeof(name), "%s (%s), %d points", functions[i].name,
				 widths[width], functions[i].points);
			result(name,
			       "%ld not correctly rounded, at most %.3Lf ulp off, %ld unlike "
			       "glibc's",
			       tally.wrong, tally.worst, tally.unlike);
		}
	}
	fclose(file);
	return measured("math-bits");
}
