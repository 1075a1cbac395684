/* SPDX-License-Identifier: MIT */
/*
 * What the function named "basename" does.
 *
 * glibc has two: GNU's, which leaves its argument alone, under that name, and POSIX's under
 * __xpg_basename. musl's basename is POSIX's, which cuts slashes off its argument: a program
 * compiled with glibc's <string.h> that passes a constant crashes there, and "a/b/" gives another
 * answer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

static char *(*base)(char *);

static void measure_one(const char *symbol, const char *path)
{
	char name[80], copy[80], before[80];
	const char *said;

	snprintf(name, sizeof(name), "%s(\"%s\")", symbol, path);
	*(void **)&base = dlsym(RTLD_DEFAULT, symbol);
	if (!base) {
		result(name, "not there");
		return;
	}
	memset(copy, 0, sizeof(copy));
	strcpy(copy, path);
	memcpy(before, copy, sizeof(copy));
	said = base(copy);
	result(name, "\"%s\"%s", said,
	       memcmp(before, copy, sizeof(copy)) ? ", argument written to" : "");
}

/* A path in memory that cannot be written, as a string constant is.  */
static void measure_constant(const char *name, const char *path)
{
	int status;
	pid_t child;

	*(void **)&base = dlsym(RTLD_DEFAULT, "basename");
	child = fork();
	if (!child) {
		base((char *)(size_t)path);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		result(name, "crashes (%s)", strsignal(WTERMSIG(status)));
	else
		result(name, "returns");
}

int main(void)
{
	static const char *const paths[] = {"/a/b", "/a/b/", "a//", "/", "//", "", ".", ".."};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		measure_one("basename", paths[i]);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		measure_one("__xpg_basename", paths[i]);
	measure_one("dirname", "/a/b/");
	measure_one("dirname", "a");
	measure_one("dirname", "//a");
	measure_constant("basename of the constant \"/a/b\"", "/a/b");
	measure_constant("basename of the constant \"/a/b/\"", "/a/b/");
	return measured("basename");
}
