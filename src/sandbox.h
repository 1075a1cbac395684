/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - what a process may do from now on, as the kernel holds it.  Private to src/.
 *
 * Takes:  paths with rights, and what else is needed.
 * Hands:  a process that has no more than that, with all threads it starts: Landlock for files,
 *         a seccomp filter for system calls.  docs/sandbox.md tells what falls short.
 *
 * Threads: entered once, before there are others.  Linux; elsewhere there is none.
 */
#ifndef MC_SANDBOX_H
#define MC_SANDBOX_H

#include "muslcheck/status.h"

#include <stdbool.h>

/* Of a path, and of all below it where it is a folder.  */
enum mc_sandbox_rights {
	MC_SANDBOX_READ = 1,
	MC_SANDBOX_WRITE = 2,      /* files that are there */
	MC_SANDBOX_MAKE = 4,       /* make and remove files, folders and links */
	MC_SANDBOX_REMOVE_DIR = 8, /* folders that are empty */
	MC_SANDBOX_RUN = 16,
};

enum mc_sandbox_needs {
	MC_SANDBOX_NETWORK = 1,  /* sockets */
	MC_SANDBOX_PROGRAMS = 2, /* processes, and programs that MC_SANDBOX_RUN names */
	MC_SANDBOX_MESSAGES = 4, /* over a socket that is there already */
};

struct mc_sandbox {
	int ruleset;  /* -1: the kernel has no Landlock */
	unsigned abi; /* of Landlock: what it knows of */
	int refused;  /* errno of the machine, with which what is allowed was not named; 0: none */
};

/* 'needs': of mc_sandbox_enter().  */
void mc_sandbox_open(struct mc_sandbox *sandbox, unsigned needs);

/* What is not there is passed over.  'rights' are of enum mc_sandbox_rights.  */
void mc_sandbox_allow(struct mc_sandbox *sandbox, const char *path, unsigned rights);

/* Where the libraries and the programs of a system are, and LD_LIBRARY_PATH, for reading.  */
void mc_sandbox_allow_system(struct mc_sandbox *sandbox);

/*
 * From here on.  With 'is_required' MC_ERR_UNSUPPORTED where the kernel has not both parts, and
 * then nothing has changed but that the process gains no privileges any more; else as much as it
 * has, which may be nothing.  MC_ERR_IO when the machine refused a path above: what is read later
 * would fail for another reason than is told.
 */
enum mc_status mc_sandbox_enter(struct mc_sandbox *sandbox, unsigned needs, bool is_required,
				struct mc_error *err) MC_MUST_CHECK;

/* A file is refused with EACCES by Landlock and by its mode alike: can it have been Landlock?  */
bool mc_sandbox_is_entered(void);

#endif /* MC_SANDBOX_H */
