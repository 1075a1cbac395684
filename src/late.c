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

static enum mc_status load(struct mc_late *library, struct mc_error *err)
{
	void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return refuse(library, "cannot be loaded:", dlerror(), err);
	for (size_t i = 0; i < library->count; i++) {
		void *address = dlsym(handle, library->functions[i].name);

		if (!address)
			return refuse(library, "has no", library->functions[i].name, err);
		/* ISO C has no conversion between the two kinds of pointers; POSIX says they are alike.  */
		memcpy(library->functions[i].pointer, &address, sizeof(address));
	}
	library->is_loaded = true; /* and stays: its functions may be in use until the end */
	return MC_OK;
}

enum mc_status mc_late_load(struct mc_late *library, struct mc_error *err)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	enum mc_status status = MC_OK;

	pthread_mutex_lock(&mutex);
	if (!library->is_loaded)
		status = load(library, err);
	pthread_mutex_unlock(&mutex);
	return status;
}
