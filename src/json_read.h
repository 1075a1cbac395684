/* SPDX-License-Identifier: MIT */
/* json_read.h - JSON texts, and the memory that jansson was refused for them.  Private to src/.  */
#ifndef MC_JSON_READ_H
#define MC_JSON_READ_H

#include "muslcheck/mem.h"
#include "refusal.h"

#include <errno.h>
#include <jansson.h>

/* json_loadb(); 'why' may be NULL.  A text that there was no memory for is none that is broken.  */
static inline json_t *mc_json_load(struct mc_str text, size_t flags, json_error_t *why)
{
	json_t *root;

	errno = 0;
	root = json_loadb(text.ptr, text.len, flags, why);
	if (errno != ENOMEM)
		return root;
	/* jansson 2.14 may hand out a text that it could not copy.  */
	mc_refusal_note(MC_ERR_NOMEM);
	json_decref(root);
	return NULL;
}

#endif
