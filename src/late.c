/* SPDX-License-Identifier: MIT */
#include "late.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static enum mc_status load(struct mc_late *library, struct mc_error *err)
{
	void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return mc_fail(err, MC_ERR_UNSUPPORTED, library->soname, "cannot be loaded: %.200s", dlerror());
	for (size_t i = 0; i < library->count; i++) {
		void *address = dlsym(handle, library->functions[i].name);

		if (!address)
			return mc_fail(err, MC_ERR_UNSUPPORTED, library->soname, "has no %s()", library->functions[i].name);
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
