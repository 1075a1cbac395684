/* SPDX-License-Identifier: MIT */
/*
 * math_points.h - the points at which math_bits.c and math_reference.c look at functions.
 *
 * Both make them by the same steps, with nothing but additions and multiplications of
 * whole and halved numbers, so that they are the same on each libc.
 */
#ifndef MATH_POINTS_H
#define MATH_POINTS_H

#include <stdint.h>

/* How x and y are spread.  */
enum spread { EVENLY, MANY_SIZES, POSITIVE_SIZES };

enum width { FLOAT, DOUBLE, LONG_DOUBLE, WIDTHS };

struct function {
	const char *name;
	int two; /* has two arguments */
	enum spread spread;
	double low, high; /* of x, or of its exponent of 2 */
	double low_y, high_y;
	double float_high; /* for float: 'high', and its negative 'low'; 0: as for double */
	int points;
};

static const struct function functions[] = {
	{"exp", 0, EVENLY, -700, 700, 0, 0, 85, 100000},
	{"log", 0, POSITIVE_SIZES, -60, 60, 0, 0, 0, 100000},
	{"pow", 1, POSITIVE_SIZES, -10, 10, -12, 12, 0, 100000},
	{"sin", 0, EVENLY, -100, 100, 0, 0, 0, 100000},
	{"cos", 0, EVENLY, -100, 100, 0, 0, 0, 100000},
	{"tan", 0, EVENLY, -100, 100, 0, 0, 0, 100000},
	{"exp2", 0, EVENLY, -1000, 1000, 0, 0, 120, 10000},
	{"expm1", 0, EVENLY, -20, 20, 0, 0, 0, 10000},
	{"log2", 0, POSITIVE_SIZES, -60, 60, 0, 0, 0, 10000},
	{"log10", 0, POSITIVE_SIZES, -60, 60, 0, 0, 0, 10000},
	{"log1p", 0, POSITIVE_SIZES, -40, 20, 0, 0, 0, 10000},
	{"asin", 0, EVENLY, -1, 1, 0, 0, 0, 10000},
	{"acos", 0, EVENLY, -1, 1, 0, 0, 0, 10000},
	{"atan", 0, EVENLY, -20, 20, 0, 0, 0, 10000},
	{"atan2", 1, MANY_SIZES, -20, 20, -100, 100, 0, 10000},
	{"sinh", 0, EVENLY, -30, 30, 0, 0, 0, 10000},
	{"cosh", 0, EVENLY, -30, 30, 0, 0, 0, 10000},
	{"tanh", 0, EVENLY, -10, 10, 0, 0, 0, 10000},
	{"asinh", 0, MANY_SIZES, -20, 20, 0, 0, 0, 10000},
	{"cbrt", 0, MANY_SIZES, -60, 60, 0, 0, 0, 10000},
	{"hypot", 1, MANY_SIZES, -20, 20, -1000, 1000, 0, 10000},
	{"erf", 0, EVENLY, -5, 5, 0, 0, 0, 10000},
	{"tgamma", 0, EVENLY, 0.1, 30, 0, 0, 0, 10000},
	{"lgamma", 0, EVENLY, 0.1, 100, 0, 0, 0, 10000},
};

enum { FUNCTIONS = sizeof(functions) / sizeof(functions[0]) };

/*
 * What the file holds for each point, function by function and width by width: the correctly
 * rounded result, the rest of the true one, and what the host's libc gave.
 */
struct point_float {
	float right, rest, host;
};

struct point_double {
	double right, rest, host;
};

struct point_long {
	long double right, rest, host;
};

static uint64_t points_state;

static uint64_t points_random(void)
{
	uint64_t mixed = points_state += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return mixed ^ mixed >> 31;
}

/* From 0 to below 1, with all the bits of a long double.  */
static long double points_unit(void)
{
	return (long double)(points_random() >> 1) / 9223372036854775808.0L;
}

static long double points_x(const struct function *function, enum width width)
{
	double high =
		width == FLOAT && function->float_high != 0 ? function->float_high : function->high;
	double low =
		width == FLOAT && function->float_high != 0 ? -function->float_high : function->low;
	long double unit = points_unit(), x;
	int exponent, negative;

	if (function->spread == EVENLY)
		return (long double)low + unit * (long double)(high - low);
	exponent = (int)low + (int)(points_random() % (uint64_t)(high - low + 1));
	negative = function->spread == MANY_SIZES && points_random() & 1;
	for (x = 1 + unit; exponent > 0; exponent--)
		x *= 2;
	for (; exponent < 0; exponent++)
		x /= 2;
	return negative ? -x : x;
}

static long double points_y(const struct function *function)
{
	return (long double)function->low_y +
	       points_unit() * (long double)(function->high_y - function->low_y);
}

/* The function's and width's own points begin.  */
static void points_begin(int function, enum width width)
{
	points_state = (uint64_t)function * 1000 + (uint64_t)width;
}

#define CALLS(one, two)                                                                         \
	one(exp), one(log), two(pow), one(sin), one(cos), one(tan), one(exp2), one(expm1),      \
		one(log2), one(log10), one(log1p), one(asin), one(acos), one(atan), two(atan2), \
		one(sinh), one(cosh), one(tanh), one(asinh), one(cbrt), two(hypot), one(erf),   \
		one(tgamma), one(lgamma)

#define ONE_FLOAT(name) {.one = name##f}
#define TWO_FLOAT(name) {.two = name##f}
#define ONE_DOUBLE(name) {.one = name}
#define TWO_DOUBLE(name) {.two = name}
#define ONE_LONG(name) {.one = name##l}
#define TWO_LONG(name) {.two = name##l}

static const union {
	float (*one)(float), (*two)(float, float);
} float_calls[] = {CALLS(ONE_FLOAT, TWO_FLOAT)};

static const union {
	double (*one)(double), (*two)(double, double);
} double_calls[] = {CALLS(ONE_DOUBLE, TWO_DOUBLE)};

static const union {
	long double (*one)(long double), (*two)(long double, long double);
} long_calls[] = {CALLS(ONE_LONG, TWO_LONG)};

#endif
