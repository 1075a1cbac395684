/* SPDX-License-Identifier: MIT */
/*
 * What strerror_r() gives to callers that were compiled for either of its two prototypes.
 *
 * GNU's returns the text, POSIX's (and musl's) a number. A program compiled with glibc's headers
 * and _GNU_SOURCE takes the number for a pointer on musl: 0 is read as NULL, an error's number as
 * an address, and what uses it crashes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include "measure.h"

static void *function;
static char buffer[200];

/* As a caller compiled for GNU's: a pointer comes back.  */
static void measure_gnu(const char *name, int number, size_t size)
{
	char *(*gnu)(int, char *, size_t);
	char *said;

	*(void **)&gnu = function;
	memset(buffer, 0, sizeof(buffer));
	said = gnu(number, buffer, size);
	if (!said)
		result(name, "NULL, buffer holds \"%s\"", buffer);
	else if ((uintptr_t)said < 4096)
		result(name, "the number %d as a pointer (reading it crashes), buffer holds \"%s\"",
		       (int)(uintptr_t)said, buffer);
	else if (said == buffer)
		result(name, "the buffer: \"%s\"", buffer);
	else
		result(name, "another string: \"%s\", buffer %s", said,
		       buffer[0] ? "is filled too" : "is left empty");
}

/* As a caller compiled for POSIX's: a number comes back.  */
static void measure_xsi(const char *name, const char *symbol, int number, size_t size)
{
	int (*xsi)(int, char *, size_t);
	int status;

	*(void **)&xsi = dlsym(RTLD_DEFAULT, symbol);
	if (!xsi) {
		result(name, "not there");
		return;
	}
	memset(buffer, 0, sizeof(buffer));
	status = xsi(number, buffer, size);
	if (status == 0 || status == EINVAL || status == ERANGE || status == -1)
		result(name, "returns %s, buffer holds \"%s\"",
		       status == 0        ? "0"
		       : status == EINVAL ? "EINVAL"
		       : status == ERANGE ? "ERANGE"
					  : "-1",
		       buffer);
	else
		result(name,
		       "returns a number that is no error (half of a pointer), buffer holds \"%s\"",
		       buffer);
}

int main(void)
{
	function = dlsym(RTLD_DEFAULT, "strerror_r");
	measure_gnu("strerror_r(ENOENT, 200 bytes) as GNU's", ENOENT, sizeof(buffer));
	measure_gnu("strerror_r(9999, 200 bytes) as GNU's", 9999, sizeof(buffer));
	measure_gnu("strerror_r(ENOENT, 5 bytes) as GNU's", ENOENT, 5);
	measure_gnu("strerror_r(9999, 5 bytes) as GNU's", 9999, 5);
	measure_gnu("strerror_r(ENOENT, 1 byte) as GNU's", ENOENT, 1);
	measure_xsi("strerror_r(ENOENT, 200 bytes) as POSIX's", "strerror_r", ENOENT,
		    sizeof(buffer));
	measure_xsi("strerror_r(9999, 200 bytes) as POSIX's", "strerror_r", 9999, sizeof(buffer));
	measure_xsi("strerror_r(ENOENT, 5 bytes) as POSIX's", "strerror_r", ENOENT, 5);
	measure_xsi("__xpg_strerror_r(ENOENT, 200 bytes)", "__xpg_strerror_r", ENOENT,
		    sizeof(buffer));
	measure_xsi("__xpg_strerror_r(9999, 200 bytes)", "__xpg_strerror_r", 9999, sizeof(buffer));
	measure_xsi("__xpg_strerror_r(ENOENT, 5 bytes)", "__xpg_strerror_r", ENOENT, 5);
	return measured("strerror-r");
}
