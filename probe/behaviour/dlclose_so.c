/* SPDX-License-Identifier: MIT */
/* SOFLAGS: -Wl,-soname,libdlclose-measured.so.1 */
/* The shared object of dlclose.c: it counts by functions of the program how often it comes and
 * goes.  */
int value = 1;

__attribute__((constructor)) static void come(void)
{
	extern void note_constructor(void);

	note_constructor();
}

__attribute__((destructor)) static void go(void)
{
	extern void note_destructor(void);

	note_destructor();
}

int get_value(void)
{
	return value;
}
