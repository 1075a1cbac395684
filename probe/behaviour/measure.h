/* SPDX-License-Identifier: MIT */
/*
 * measure.h - how a behaviour says what it measured.
 *
 * One program a behaviour; it prints one line of JSON:
 *   {"behaviour": "strftime", "results": {"%P of 13:05": "pm", ...}, "timed": {...}}
 * 'results' are the same in every run on one libc; what changes from run to run (speeds,
 * ratios) stands in 'timed' and is compared with nothing.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char measure_texts[2][1 << 16];
static size_t measure_lens[2];

static void measure_put(int which, const char *text, size_t len)
{
	if (len >= sizeof(measure_texts[0]) - measure_lens[which]) {
		fputs("measure: too many results\n", stderr);
		exit(1);
	}
	memcpy(measure_texts[which] + measure_lens[which], text, len);
	measure_lens[which] += len;
}

/* Bytes that are no printable ASCII are told as \u00XX, each by itself: the page shows what was there.  */
static void measure_quote(int which, const char *text)
{
	char escape[8];

	measure_put(which, "\"", 1);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			measure_put(which, "\\", 1);
		if (byte >= 0x20 && byte < 0x7f) {
			measure_put(which, text, 1);
			continue;
		}
		snprintf(escape, sizeof(escape), "\\u%04x", byte);
		measure_put(which, escape, 6);
	}
	measure_put(which, "\"", 1);
}

static void measure_add(int which, const char *name, const char *fmt, va_list args)
{
	char value[4096];

	vsnprintf(value, sizeof(value), fmt, args);
	if (measure_lens[which])
		measure_put(which, ", ", 2);
	measure_quote(which, name);
	measure_put(which, ": ", 2);
	measure_quote(which, value);
}

/* What was measured under this name; the same in every run on one libc.  */
__attribute__((format(printf, 2, 3), unused)) static void result(const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	measure_add(0, name, fmt, args);
	va_end(args);
}

/* The same for what changes from run to run.  */
__attribute__((format(printf, 2, 3), unused)) static void timed(const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	measure_add(1, name, fmt, args);
	va_end(args);
}

/* The line; at the end of main().  */
static int measured(const char *behaviour)
{
	printf("{\"behaviour\": \"%s\", \"results\": {%.*s}, \"timed\": {%.*s}}\n", behaviour,
	       (int)measure_lens[0], measure_texts[0], (int)measure_lens[1], measure_texts[1]);
	return fflush(stdout) ? 1 : 0;
}

#endif
