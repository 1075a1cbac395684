/* SPDX-License-Identifier: MIT */
/* LIBS: -rdynamic -ldl */
/*
 * Whether dlclose() takes a library away.
 *
 * musl never unloads: constructors run once, destructors at exit only, and variables keep
 * their values when the library is "opened again". What is reloaded on purpose (plugins, ctypes
 * with _ctypes.dlclose) or waits for a destructor behaves otherwise.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

static int constructed, destroyed, at_exit, end = -1;

void note_constructor(void);
void note_destructor(void);

void note_constructor(void)
{
	constructed++;
}

void note_destructor(void)
{
	destroyed++;
	if (at_exit && end >= 0 && write(end, "d", 1) < 0)
		_exit(1);
}

static int is_listed(struct dl_phdr_info *info, size_t size, void *found)
{
	(void)size;
	if (info->dlpi_name && strstr(info->dlpi_name, "dlclose_so.so"))
		*(int *)found = 1;
	return 0;
}

static int in_maps(void)
{
	char line[1000];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;

	while (maps && fgets(line, sizeof(line), maps))
		found |= strstr(line, "dlclose_so.so") != NULL;
	if (maps)
		fclose(maps);
	return found;
}

int main(void)
{
	char path[1000], byte;
	void *library, *again;
	int *value, listed = 0, ends[2], status;
	int (*get)(void);
	const char *dir = getenv("BEHAVIOUR_DIR");
	pid_t child;

	snprintf(path, sizeof(path), "%s/dlclose_so.so", dir ? dir : ".");
	library = dlopen(path, RTLD_NOW);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	result("constructor's runs after dlopen", "%d", constructed);
	value = dlsym(library, "value");
	*value = 2;
	again = dlopen(path, RTLD_NOW);
	result("second dlopen gives the same handle", "%s", library == again ? "yes" : "no");
	result("constructor's runs after the second dlopen", "%d", constructed);
	result("first dlclose returns", "%d", dlclose(again));
	result("destructor's runs after the first of two dlclose", "%d", destroyed);
	result("last dlclose returns", "%d", dlclose(library));
	result("destructor's runs after the last dlclose", "%d", destroyed);
	result("library is in /proc/self/maps after the last dlclose", "%s",
	       in_maps() ? "yes" : "no");
	dl_iterate_phdr(is_listed, &listed);
	result("library is told by dl_iterate_phdr after the last dlclose", "%s",
	       listed ? "yes" : "no");
	again = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	result("dlopen with RTLD_NOLOAD after the last dlclose", "%s", again ? "a handle" : "NULL");
	child = fork();
	if (!child) {
		*(void **)&get = dlsym(library, "get_value");
		_exit(get && get() == 2 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	result("dlsym and a call by the closed handle", "%s",
	       WIFSIGNALED(status)   ? strsignal(WTERMSIG(status))
	       : WEXITSTATUS(status) ? "fails"
				     : "works");
	library = dlopen(path, RTLD_NOW);
	result("constructor's runs after it is opened again", "%d", constructed);
	value = library ? dlsym(library, "value") : NULL;
	result("variable that was 1 and then set to 2, when opened again", "%d",
	       value ? *value : -1);
	if (pipe(ends))
		return 1;
	child = fork();
	if (!child) {
		destroyed = 0;
		at_exit = 1;
		end = ends[1];
		if (library)
			dlclose(library);
		dprintf(ends[1], "%s", "-");
		exit(0);
	}
	waitpid(child, NULL, 0);
	close(ends[1]);
	path[0] = '\0';
	while (read(ends[0], &byte, 1) == 1)
		strncat(path, &byte, 1);
	result("destructor of a library that was closed runs", "%s",
	       !strcmp(path, "d-")   ? "at dlclose"
	       : !strcmp(path, "-d") ? "at exit"
	       : path[0] == '-'      ? "never"
				     : path);
	library = dlopen(NULL, RTLD_NOW);
	result("dlclose of the program itself returns", "%d", dlclose(library));
	return measured("dlclose");
}
