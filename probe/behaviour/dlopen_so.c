/* SPDX-License-Identifier: MIT */
/* SOFLAGS: -Wl,-soname,libdlopen-measured.so.1 -Wl,-z,lazy */
/* The shared object of dlopen.c: it calls a function that nobody defines, and one that the program
 * has too.  */
int nobody_defines_this(void);
int shared_name(void);
int call_missing(void);
int call_shared(void);
int there(void);

int there(void)
{
	return 42;
}

int shared_name(void)
{
	return 2;
}

int call_missing(void)
{
	return nobody_defines_this();
}

int call_shared(void)
{
	return shared_name();
}
