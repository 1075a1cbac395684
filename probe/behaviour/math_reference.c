/* SPDX-License-Identifier: MIT */
/*
 * usage: math_reference FILE
 *
 * Writes, for each point of math_points.h, the correctly rounded result by MPFR, the rest of the
 * true one, and the host's libm's result: math_bits.c compares with it on each libc.
 */
#define _GNU_SOURCE
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <string.h>
#include "math_points.h"

enum { PRECISION = 200 };

static int lgamma_of(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
	int sign;

	return mpfr_lgamma(result, &sign, x, round);
}

static const union {
	int (*one)(mpfr_t, const mpfr_t, mpfr_rnd_t);
	int (*two)(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t);
} exact[] = {
	{.one = mpfr_exp},   {.one = mpfr_log},   {.two = mpfr_pow},   {.one = mpfr_sin},
	{.one = mpfr_cos},   {.one = mpfr_tan},   {.one = mpfr_exp2},  {.one = mpfr_expm1},
	{.one = mpfr_log2},  {.one = mpfr_log10}, {.one = mpfr_log1p}, {.one = mpfr_asin},
	{.one = mpfr_acos},  {.one = mpfr_atan},  {.two = mpfr_atan2}, {.one = mpfr_sinh},
	{.one = mpfr_cosh},  {.one = mpfr_tanh},  {.one = mpfr_asinh}, {.one = mpfr_cbrt},
	{.two = mpfr_hypot}, {.one = mpfr_erf},   {.one = mpfr_gamma}, {.one = lgamma_of},
};

static mpfr_t arg_x, arg_y, truth, rest;

static void compute(int function)
{
	if (functions[function].two)
		exact[function].two(truth, arg_x, arg_y, MPFR_RNDN);
	else
		exact[function].one(truth, arg_x, MPFR_RNDN);
}

static int write_floats(FILE *file, int number)
{
	const struct function *function = &functions[number];
	struct point_float point;
	int i;

	points_begin(number, FLOAT);
	for (i = 0; i < function->points; i++) {
		float x = (float)points_x(function, FLOAT),
		      y = function->two ? (float)points_y(function) : 0;

		mpfr_set_flt(arg_x, x, MPFR_RNDN);
		mpfr_set_flt(arg_y, y, MPFR_RNDN);
		compute(number);
		point.right = mpfr_get_flt(truth, MPFR_RNDN);
		mpfr_set_flt(rest, point.right, MPFR_RNDN);
		mpfr_sub(rest, truth, rest, MPFR_RNDN);
		point.rest = mpfr_get_flt(rest, MPFR_RNDN);
		point.host =
			function->two ? float_calls[number].two(x, y) : float_calls[number].one(x);
		if (fwrite(&point, sizeof(point), 1, file) != 1)
			return 1;
	}
	return 0;
}

static int write_doubles(FILE *file, int number)
{
	const struct function *function = &functions[number];
	struct point_double point;
	int i;

	points_begin(number, DOUBLE);
	for (i = 0; i < function->points; i++) {
		double x = (double)points_x(function, DOUBLE),
		       y = function->two ? (double)points_y(function) : 0;

		mpfr_set_d(arg_x, x, MPFR_RNDN);
		mpfr_set_d(arg_y, y, MPFR_RNDN);
		compute(number);
		point.right = mpfr_get_d(truth, MPFR_RNDN);
		mpfr_set_d(rest, point.right, MPFR_RNDN);
		mpfr_sub(rest, truth, rest, MPFR_RNDN);
		point.rest = mpfr_get_d(rest, MPFR_RNDN);
		point.host = function->two ? double_calls[number].two(x, y)
					   : double_calls[number].one(x);
		if (fwrite(&point, sizeof(point), 1, file) != 1)
			return 1;
	}
	return 0;
}

static int write_longs(FILE *file, int number)
{
	const struct function *function = &functions[number];
	struct point_long point;
	int i;

	points_begin(number, LONG_DOUBLE);
	for (i = 0; i < function->points; i++) {
		long double x = points_x(function, LONG_DOUBLE),
			    y = function->two ? points_y(function) : 0;

		memset(&point, 0, sizeof(point));
		mpfr_set_ld(arg_x, x, MPFR_RNDN);
		mpfr_set_ld(arg_y, y, MPFR_RNDN);
		compute(number);
		point.right = mpfr_get_ld(truth, MPFR_RNDN);
		mpfr_set_ld(rest, point.right, MPFR_RNDN);
		mpfr_sub(rest, truth, rest, MPFR_RNDN);
		point.rest = mpfr_get_ld(rest, MPFR_RNDN);
		point.host =
			function->two ? long_calls[number].two(x, y) : long_calls[number].one(x);
		if (fwrite(&point, sizeof(point), 1, file) != 1)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	FILE *file;
	int i;

	if (argc != 2 || !(file = fopen(argv[1], "wb"))) {
		fprintf(stderr, "usage: math_reference FILE\n");
		return 2;
	}
	mpfr_inits2(PRECISION, arg_x, arg_y, truth, rest, NULL);
	for (i = 0; i < FUNCTIONS; i++) {
		if (write_floats(file, i) || write_doubles(file, i) || write_longs(file, i)) {
			fprintf(stderr, "math_reference: %s cannot be written\n", argv[1]);
			return 1;
		}
	}
	return fclose(file) ? 1 : 0;
}
