/* SPDX-License-Identifier: MIT */
/*
 * How the options of a command line are read.
 *
 * glibc's getopt() takes options behind arguments ("prog file -v") too, musl's stops at the first
 * argument. Python's getopt and argparse are its own, but programs in C that a container
 * calls read theirs by libc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <getopt.h>
#include <unistd.h>
#include "measure.h"

static char *words[16];
static int count;

static void split(const char *line)
{
	static char copy[200];
	char *word;

	snprintf(copy, sizeof(copy), "%s", line);
	count = 0;
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
}

static void measure_line(const char *line, const char *options, int kind)
{
	static const struct option longs[] = {
		{"verbose", no_argument, NULL, 'v'},
		{"version", no_argument, NULL, 'V'},
		{"output", required_argument, NULL, 'o'},
		{"color", optional_argument, NULL, 'c'},
		{NULL, 0, NULL, 0},
	};
	static const char *const kinds[] = {"getopt", "getopt_long", "getopt_long_only"};
	char name[200], text[400] = "";
	int option, i, saved;

	split(line);
	snprintf(name, sizeof(name), "%s(\"%s\", \"%s\")", kinds[kind], line, options);
#ifdef __GLIBC__
	optind = 0;
#else
	optind = 1;
	optreset = 1;
#endif
	opterr = 1;
	fflush(stderr);
	saved = dup(2);
	if (!freopen("said", "w", stderr))
		exit(1);
	for (;;) {
		optarg = NULL;
		option = kind == 0   ? getopt(count, words, options)
			 : kind == 1 ? getopt_long(count, words, options, longs, NULL)
				     : getopt_long_only(count, words, options, longs, NULL);
		if (option == -1)
			break;
		if (option == 1)
			sprintf(text + strlen(text), "argument %s, ", optarg);
		else if (optarg && option != '?' && option != ':')
			sprintf(text + strlen(text), "-%c %s, ", option, optarg);
		else
			sprintf(text + strlen(text), "-%c, ", option);
	}
	sprintf(text + strlen(text), "rest:");
	for (i = optind; i < count; i++)
		sprintf(text + strlen(text), " %s", words[i]);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	{
		FILE *said = fopen("said", "r");
		char message[200];

		if (said && fgets(message, sizeof(message), said))
			sprintf(text + strlen(text), "; it says \"%.*s\"",
				(int)strcspn(message, "\n"), message);
		if (said)
			fclose(said);
	}
	result(name, "%s", text);
}

int main(void)
{
	measure_line("prog -v file -o out", "vo:", 0);
	measure_line("prog file -v -o out", "vo:", 0);
	measure_line("prog file -v", "+vo:", 0);
	measure_line("prog file -v", "-vo:", 0);
	measure_line("prog -vo out", "vo:", 0);
	measure_line("prog -v -- -o x", "vo:", 0);
	measure_line("prog -x", "vo:", 0);
	measure_line("prog -o", "vo:", 0);
	measure_line("prog -o", ":vo:", 0);
	measure_line("prog -c5 -c 5", "c::", 0);
	measure_line("prog file --verbose", "vo:", 1);
	measure_line("prog --verb", "vo:", 1);
	measure_line("prog --ver", "vo:", 1);
	measure_line("prog --out=x --output y", "vo:", 1);
	measure_line("prog --color=x --color y", "vo:", 1);
	measure_line("prog --verbose=3", "vo:", 1);
	measure_line("prog --output", "vo:", 1);
	measure_line("prog --nothing", "vo:", 1);
	measure_line("prog -verbose -output x", "vo:", 2);
	measure_line("prog -W verbose", "vW;", 1);
	split("prog -o out -v");
#ifdef __GLIBC__
	optind = 0;
#else
	optind = 1;
	optreset = 1;
#endif
	getopt(count, words, "vo:");
	getopt(count, words, "vo:");
	result("optarg at an option without argument, behind one with",
	       optarg ? "still \"%s\"" : "NULL", optarg);
	setenv("POSIXLY_CORRECT", "1", 1);
	measure_line("prog file -v with-POSIXLY_CORRECT-set", "v", 0);
	return measured("getopt");
}
