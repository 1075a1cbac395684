/* SPDX-License-Identifier: MIT */
#include "refusal.h"

#include <errno.h>

static _Thread_local struct {
	enum mc_status status;
	int number;
} noted;

/* What comes of files, of names and of rights is told of those.  */
bool mc_is_refusal(int number)
{
	return number == EIO || number == EINTR || number == ENOMEM || number == EMFILE || number == ENFILE ||
	       number == ESTALE || number == ENOSPC || number == EDQUOT;
}

void mc_refusal_note(enum mc_status status)
{
	if (noted.status || (status == MC_ERR_IO && !mc_is_refusal(errno)))
		return;
	noted.status = status == MC_ERR_IO && errno == ENOMEM ? MC_ERR_NOMEM : status;
	noted.number = errno;
}

void mc_refusal_note_errno(void)
{
	mc_refusal_note(MC_ERR_IO);
}

bool mc_refusal_is_noted(void)
{
	return noted.status < 0;
}

enum mc_status mc_refusal_take(struct mc_error *err)
{
	enum mc_status status = noted.status;

	errno = noted.number;
	noted.status = MC_OK;
	if (!status)
		return MC_OK;
	if (status == MC_ERR_NOMEM)
		mc_no_memory(err);
	else
		mc_fail(err, status, NULL, status == MC_ERR_IO ? "something could not be read or kept"
								: "a library that it takes could not be loaded");
	noted.status = MC_OK; /* mc_fail() notes it again */
	return status;
}
