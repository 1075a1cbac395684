/* SPDX-License-Identifier: MIT */
#include "late.h"

#include "refusal.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

/* Nobody's file is to blame, so that it is no finding alone.  */
static enum mc_status refuse(const struct mc_late *library, const char *text, const char *what, struct mc_error *err)
{
	mc_refusal_note(MC_ERR_UNSUPPORTED);
	return mc_fail(err, MC_ERR_UNSUPPORTED, library->soname, "%s %.160s", text, what);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/*
 * glibc (2.36) keeps its loader's lock when memory ends in the middle of dlopen(): another thread
 * that tries waits for ever, and so does exit().  Hence mc_late_try(), before there are threads.
 */
static bool is_exhausted;

/* NULL, or what is wrong with it, and with what of it.  */
static const char *load(struct mc_late *library, const char **what_out)
{
	void *handle;

	*what_out = "out of memory";
	if (is_exhausted)
		return "cannot be loaded:";
	handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		*what_out = dlerror();
		is_exhausted = strstr(*what_out, "memory");
		return "cannot be loaded:";
	}
	for (size_t i = 0; i < library->count; i++) {
		void *address = dlsym(handle, library->functions[i].name);

		*what_out = library->functions[i].name;
		if (!address)
			return "has no";
		/* ISO C has no conversion between the two kinds of pointers; POSIX says they are alike.  */
		memcpy(library->functions[i].pointer, &address, sizeof(address));
	}
	library->is_loaded = true; /* and stays: its functions may be in use until the end */
	return NULL;
}

enum mc_status mc_late_load(struct mc_late *library, struct mc_error *err)
{
	const char *text = NULL, *what = "";

	pthread_mutex_lock(&mutex);
	if (!library->is_loaded)
		text = load(library, &what);
	pthread_mutex_unlock(&mutex);
	return text ? refuse(library, text, what, err) : MC_OK;
}

void mc_late_try(struct mc_late *library)
{
	const char *what;

	pthread_mutex_lock(&mutex);
	if (!library->is_loaded)
		(void)load(library, &what);
	pthread_mutex_unlock(&mutex);
}
