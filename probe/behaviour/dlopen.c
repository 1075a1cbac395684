/* SPDX-License-Identifier: MIT */
/* LIBS: -rdynamic -ldl */
/*
 * How dlopen() finds libraries and resolves what is missing.
 *
 * Extension modules come in by dlopen(). Wheels with libraries beside them rely on a library that
 * is in already being found by its soname; ctypes.CDLL("libc.so.6") is in a lot of code; and a
 * symbol that is missing but never called is no error on glibc with RTLD_LAZY.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

int shared_name(void);

int shared_name(void)
{
	return 1;
}

static const char *dir;

/* A copy of the library under its own soname, opened by path: whether it is found by that name.  */
static void measure_soname(void)
{
	char path[1000], bytes[4096];
	const char *copy = "libdlopen-measured.so.1";
	FILE *in, *out;
	size_t len;
	int status;
	pid_t child = fork();

	if (!child) {
		void *handle, *again;

		snprintf(path, sizeof(path), "%s/dlopen_so.so", dir);
		in = fopen(path, "rb");
		out = fopen(copy, "wb");
		if (!in || !out)
			_exit(9);
		while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
			fwrite(bytes, 1, len, out);
		fclose(out);
		handle = dlopen("./libdlopen-measured.so.1", RTLD_LAZY | RTLD_GLOBAL);
		again = dlopen(copy, RTLD_LAZY);
		_exit(!handle ? 9 : !again ? 1 : handle == again ? 0 : 2);
	}
	waitpid(child, &status, 0);
	status = WEXITSTATUS(status);
	result("file opened by path with RTLD_GLOBAL, then by its name, which is its soname too",
	       "%s",
	       status == 0   ? "the same handle"
	       : status == 1 ? "not found"
	       : status == 2 ? "another handle"
			     : "not measured");
}

/* dlerror()'s text with the directory taken out.  */
static const char *error_text(void)
{
	static char text[1000];
	const char *said = dlerror(), *found;

	if (!said)
		return "no error text";
	text[0] = '\0';
	while (*dir && (found = strstr(said, dir))) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*sDIR",
			 (int)(found - said), said);
		said = found + strlen(dir);
	}
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", said);
	return text;
}

static void measure_open(const char *library)
{
	char name[100];
	void *handle = dlopen(library, RTLD_NOW);

	snprintf(name, sizeof(name), "dlopen(\"%s\", RTLD_NOW)", library);
	if (handle)
		result(name, "opened");
	else
		result(name, "%s", error_text());
}

static void measure_there(const char *symbol)
{
	result(symbol, "%s", dlsym(RTLD_DEFAULT, symbol) ? "there" : "not there");
}

int main(void)
{
	static const char *const libraries[] = {
		"libc.so.6",
		"libm.so.6",
		"libpthread.so.0",
		"libdl.so.2",
		"librt.so.1",
		"libutil.so.1",
		"libresolv.so.2",
		"libcrypt.so.1",
		"libmissing.so.1",
		"./libmissing.so.1",
		"ld-linux-x86-64.so.2",
		"libc.musl-x86_64.so.1",
		"",
	};
	char path[1000], kept[200];
	void *handle, *other, *lazy;
	int (*call)(void);
	int status;
	size_t i;
	pid_t child;

	dir = getenv("BEHAVIOUR_DIR");
	dir = dir ? dir : "";
	for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		measure_open(libraries[i]);
	measure_soname();
	snprintf(path, sizeof(path), "%s/dlopen_so.so", dir);
	handle = dlopen(path, RTLD_NOW);
	result("library with an undefined function, RTLD_NOW", "%s",
	       handle ? "opened" : error_text());
	lazy = dlopen(path, RTLD_LAZY);
	result("library with an undefined function, RTLD_LAZY", "%s",
	       lazy ? "opened" : error_text());
	if (lazy) {
		int (*there)(void);

		*(void **)&there = dlsym(lazy, "there");
		result("another function of that library", "%s",
		       there && there() == 42 ? "works" : "fails");
		child = fork();
		if (!child) {
			close(2);
			*(void **)&call = dlsym(lazy, "call_missing");
			_exit(call() != 0);
		}
		waitpid(child, &status, 0);
		if (WIFSIGNALED(status))
			result("call of the undefined function", "%s", strsignal(WTERMSIG(status)));
		else
			result("call of the undefined function", "process ends with status %d",
			       WEXITSTATUS(status));
		*(void **)&call = dlsym(lazy, "call_shared");
		result("function that program and library both define, called in the library", "%s",
		       call && call() == 1 ? "the program's" : "the library's");
	}
	other = dlopen("libdlopen-measured.so.1", RTLD_LAZY);
	result("dlopen by the soname of a library that was opened by path", "%s",
	       !other          ? error_text()
	       : other == lazy ? "the same handle"
			       : "another handle");
	snprintf(path, sizeof(path), "%s/../%s/dlopen_so.so", dir,
		 strrchr(dir, '/') ? strrchr(dir, '/') + 1 : ".");
	other = dlopen(path, RTLD_LAZY);
	result("dlopen by another path to the same file", "%s",
	       !other          ? error_text()
	       : other == lazy ? "the same handle"
			       : "another handle");
	other = dlopen("dlopen_so.so", RTLD_LAZY);
	result("dlopen by the bare file name of a library that was opened by path", "%s",
	       !other          ? error_text()
	       : other == lazy ? "the same handle"
			       : "another handle");
	snprintf(path, sizeof(path), "%s/dlopen_so.so", dir);
	other = dlopen(path, RTLD_LAZY | 0x8);
	result("dlopen with flag 0x8 (glibc's RTLD_DEEPBIND)", "%s",
	       other ? "opened" : error_text());
#ifdef RTLD_DEEPBIND
	result("RTLD_DEEPBIND in the headers", "yes");
#else
	result("RTLD_DEEPBIND in the headers", "no");
#endif
	other = dlopen(NULL, RTLD_NOW);
	result("dlsym(dlopen(NULL), \"there\") of a library opened without RTLD_GLOBAL", "%s",
	       other && dlsym(other, "there") ? "found" : "not found");
	dlerror();
	result("dlsym of a missing symbol", "%s",
	       dlsym(lazy, "no_such_symbol") ? "found" : error_text());
	dlerror();
	dlopen("libmissing.so.1", RTLD_NOW);
	snprintf(kept, sizeof(kept), "%s", dlerror() ? "text" : "none");
	result("dlerror() a second time", "%s", dlerror() ? "the text again" : "NULL");
	result("dlopen with mode 0", "%s", dlopen("libc.so.6", 0) ? "opened" : error_text());
	setenv("LD_LIBRARY_PATH", dir, 1);
	other = dlopen("dlclose_so.so", RTLD_LAZY);
	result("does setenv(\"LD_LIBRARY_PATH\") in the program change dlopen", "%s",
	       other ? "yes" : "no");
	measure_there("dlmopen");
	measure_there("dlvsym");
	measure_there("dlinfo");
	measure_there("dladdr");
	measure_there("dladdr1");
	measure_there("dl_iterate_phdr");
	measure_there("_dl_find_object");
	measure_there("__tls_get_addr");
	measure_there("_r_debug");
#ifdef __GLIBC__
	other = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
	result("dlmopen(LM_ID_NEWLM, \"libc.so.6\")", "%s", other ? "opened" : error_text());
#else
	result("dlmopen(LM_ID_NEWLM, \"libc.so.6\")", "not there");
#endif
	return measured("dlopen");
}
