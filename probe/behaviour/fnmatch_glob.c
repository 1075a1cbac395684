/* SPDX-License-Identifier: MIT */
/*
 * Patterns of file names: flags that only glibc has, and what glob() gives.
 *
 * Python's fnmatch and glob are its own; libraries in C and C++ use these. A GNU flag that musl's
 * headers do not define is no error for a program compiled on glibc: it is ignored.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>
#include "measure.h"

/* The numbers of glibc's headers: what a program compiled there passes on.  */
enum {
	GNU_CASEFOLD = 16,
	GNU_LEADING_DIR = 8,
	GNU_EXTMATCH = 32,
	GNU_ALTDIRFUNC = 1 << 9,
	GNU_BRACE = 1 << 10,
	GNU_NOMAGIC = 1 << 11,
	GNU_TILDE = 1 << 12,
	GNU_ONLYDIR = 1 << 13,
	GNU_TILDE_CHECK = 1 << 14,
	GNU_PERIOD = 1 << 7,
};

static void measure_fnmatch(const char *what, const char *pattern, const char *text, int flags)
{
	char name[160];
	int status = fnmatch(pattern, text, flags);

	snprintf(name, sizeof(name), "fnmatch(\"%s\", \"%s\", %s)", pattern, text, what);
	result(name, "%s", status == 0 ? "match" : status == FNM_NOMATCH ? "no match" : "error");
}

static void measure_glob(const char *what, const char *pattern, int flags)
{
	char name[160], found[400] = "";
	glob_t paths;
	size_t i;
	int status;

	memset(&paths, 0, sizeof(paths));
	snprintf(name, sizeof(name), "glob(\"%s\", %s)", pattern, what);
	status = glob(pattern, flags & ~GNU_ALTDIRFUNC, NULL, &paths);
	if (status) {
		result(name, "%s",
		       status == GLOB_NOMATCH   ? "no match"
		       : status == GLOB_ABORTED ? "GLOB_ABORTED"
						: "GLOB_NOSPACE");
		return;
	}
	for (i = 0; i < paths.gl_pathc; i++) {
		const char *path = paths.gl_pathv[i], *home = getenv("HOME");

		if (i)
			strcat(found, " ");
		if (home && !strncmp(path, home, strlen(home))) {
			strcat(found, "HOME");
			path += strlen(home);
		}
		strcat(found, path);
	}
	result(name, "%s", found);
	globfree(&paths);
}

static void touch(const char *path)
{
	close(open(path, O_CREAT | O_WRONLY, 0666));
}

int main(void)
{
	measure_fnmatch("0", "*.py", "a.py", 0);
	measure_fnmatch("0", "[!a]", "b", 0);
	measure_fnmatch("0", "[^a]", "b", 0);
	measure_fnmatch("0", "[a", "[a", 0);
	measure_fnmatch("0", "[[:alpha:]]", "x", 0);
	measure_fnmatch("0", "[[:foo:]]", "x", 0);
	measure_fnmatch("0", "a\\", "a\\", 0);
	measure_fnmatch("0", "?", "\303\251", 0);
	measure_fnmatch("0", "*", "\377", 0);
	measure_fnmatch("FNM_PERIOD", "*", ".hidden", FNM_PERIOD);
	measure_fnmatch("FNM_PATHNAME", "a/*", "a/b/c", FNM_PATHNAME);
	measure_fnmatch("FNM_PATHNAME", "**/c", "a/b/c", FNM_PATHNAME);
	measure_fnmatch("FNM_CASEFOLD", "A*", "abc", GNU_CASEFOLD);
	measure_fnmatch("FNM_LEADING_DIR", "a", "a/b", GNU_LEADING_DIR);
	measure_fnmatch("FNM_EXTMATCH", "@(a|b).py", "a.py", GNU_EXTMATCH);
	measure_fnmatch("FNM_EXTMATCH", "!(a).py", "b.py", GNU_EXTMATCH);
	measure_fnmatch("FNM_EXTMATCH", "+(a)", "aaa", GNU_EXTMATCH);
#ifdef FNM_EXTMATCH
	result("FNM_EXTMATCH in the headers", "yes");
#else
	result("FNM_EXTMATCH in the headers", "no");
#endif
#ifdef GLOB_BRACE
	result("GLOB_BRACE in the headers", "yes");
#else
	result("GLOB_BRACE in the headers", "no");
#endif
#ifdef GLOB_TILDE
	result("GLOB_TILDE in the headers", "yes");
#else
	result("GLOB_TILDE in the headers", "no");
#endif
#ifdef GLOB_ALTDIRFUNC
	result("GLOB_ALTDIRFUNC in the headers", "yes");
#else
	result("GLOB_ALTDIRFUNC in the headers", "no");
#endif
#ifdef GLOB_ONLYDIR
	result("GLOB_ONLYDIR in the headers", "yes");
#else
	result("GLOB_ONLYDIR in the headers", "no");
#endif
	if (mkdir("globbed", 0777) || chdir("globbed"))
		return 1;
	touch("b.txt");
	touch("B.txt");
	touch("a.txt");
	touch("_c.txt");
	touch("10.txt");
	touch("9.txt");
	touch(".hidden.txt");
	mkdir("dir", 0777);
	touch("dir/x.txt");
	symlink("gone", "dangling.txt");
	measure_glob("0", "*.txt", 0);
	measure_glob("0", "dangling.*", 0);
	measure_glob("0", "dangling.txt", 0);
	measure_glob("0", "*/*.txt", 0);
	measure_glob("GLOB_MARK", "*d*", GLOB_MARK);
	measure_glob("GLOB_NOCHECK", "*.nothing", GLOB_NOCHECK);
	measure_glob("GLOB_BRACE", "{a,b}.txt", GNU_BRACE);
	measure_glob("GLOB_TILDE", "~", GNU_TILDE);
	measure_glob("GLOB_TILDE", "~nobody-of-this-name/x", GNU_TILDE);
	measure_glob("GLOB_ONLYDIR", "*", GNU_ONLYDIR);
	measure_glob("GLOB_NOMAGIC", "nothing", GNU_NOMAGIC);
	measure_glob("GLOB_PERIOD", "*hidden*", GNU_PERIOD);
	measure_glob("0", "[a", 0);
	measure_glob("0", "\\a.txt", 0);
	return measured("fnmatch-glob");
}
