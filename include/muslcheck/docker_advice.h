/* SPDX-License-Identifier: MIT */
/*
 * docker_advice.h - room 5: which lines of a Dockerfile to change, and to what.
 *
 * Takes:  a Dockerfile as it was read, and the survey of what it installs.
 * Hands:  changes, for a person: nobody's file is rewritten.
 *
 * Threads: reentrant.
 */
#ifndef MUSLCHECK_DOCKER_ADVICE_H
#define MUSLCHECK_DOCKER_ADVICE_H

#include "muslcheck/dockerfile.h"
#include "muslcheck/verdict.h"

MC_DECLS_BEGIN

/* What a FROM line leads to.  */
enum mc_docker_base {
	MC_DOCKER_OTHER,  /* no official Python image, or not known */
	MC_DOCKER_FULL,   /* python:3.12, python:3.12-bookworm */
	MC_DOCKER_SLIM,
	MC_DOCKER_ALPINE,
};

/* Of the image that 'stage' begins with; '*minor_out': its Python 3, 0 when the tag does not say.  */
enum mc_docker_base mc_docker_base_of(const struct mc_dockerfile *file,
				      const struct mc_dockerfile_stage *stage, unsigned *minor_out);

/* By line.  Fails only with MC_ERR_NOMEM.  */
enum mc_status mc_docker_advise(const struct mc_dockerfile *file, const struct mc_survey *survey,
				struct mc_arena *arena, struct mc_docker_changes *changes_out,
				struct mc_error *err) MC_MUST_CHECK;

MC_DECLS_END

#endif /* MUSLCHECK_DOCKER_ADVICE_H */
