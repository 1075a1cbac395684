/* SPDX-License-Identifier: MIT */
/* The shared object of exit_handlers.c: it registers functions for the end and tells when they run.
 */
#include <stdlib.h>

void note(const char *what);
void register_end(void);

static void at_end(void)
{
	note("library's atexit");
}

void register_end(void)
{
	atexit(at_end);
}

__attribute__((destructor)) static void destructor(void)
{
	note("library's destructor");
}
