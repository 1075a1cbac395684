/* SPDX-License-Identifier: MIT */
/*
 * loader_run.h - run musl's own loader on a file, and hear what it says.  Private to src/.
 *
 * Takes:  the loader of a machine, and an ELF file.
 * Hands:  its lines, word for word.
 *
 * "ld-musl-ARCH.so.1 --list FILE" maps FILE and its libraries, relocates them, and ends before
 * any code of theirs runs (ldso/dynlink.c, ldd_mode).  But relocations write where a hostile
 * file wants, so the process counts as taken over: it gets no network, may open files for
 * reading only, makes no process and no file, has bounds on time, memory and output, and an
 * empty environment.  What of that this host does not grant is told in 'walls'.
 *
 * Threads: reentrant; a run forks.
 */
#ifndef MC_LOADER_RUN_H
#define MC_LOADER_RUN_H

#include "muslcheck/mem.h"

#include <stdbool.h>

#define MC_LOADER_OUTPUT_NBYTES_MAX ((size_t)64 << 20)

struct mc_loader {
	const char *path;     /* the loader */
	const char *emulator; /* for another machine's: a qemu-user program; NULL: none is needed */
	unsigned timeout_ms;  /* 0: 10 s */
	bool is_foreign;      /* for another machine than this program: seccomp would kill it */
};

/* What stands between a loader that was taken over and this host.  */
enum mc_loader_wall {
	MC_WALL_LIMITS = 1,   /* rlimits, an empty environment, no file descriptors, no terminal */
	MC_WALL_NETWORK = 2,  /* a network namespace of its own, with nothing in it */
	MC_WALL_SYSCALLS = 4, /* seccomp: all but a few system calls kill it; not under an emulator */
};

enum mc_loader_end {
	MC_LOADER_EXITED,    /* 'number' is the exit code */
	MC_LOADER_SIGNALLED, /* 'number' is the signal */
	MC_LOADER_TIMED_OUT,
	MC_LOADER_FLOODED,   /* more output than anybody reads */
};

struct mc_loader_said {
	enum mc_loader_end end;
	int number;
	unsigned walls; /* of enum mc_loader_wall */
	struct mc_str text; /* all that it wrote, in the arena */
};

/*
 * The musl loader of that machine ("x86_64", as in platform tags), at 'path' or, when that is
 * NULL, in its place on this host; and what runs it.  MC_ERR_NOT_FOUND says what to install.
 */
enum mc_status mc_loader_find(const char *machine, const char *path, struct mc_arena *arena,
			      struct mc_loader *loader_out, struct mc_error *err) MC_MUST_CHECK;

/* Name all programs that a run may start: loaders, 'path' if that is one, and emulators.  */
void mc_loader_programs(const char *path, struct mc_arena *arena, void (*take)(void *state, const char *program),
			void *state);

/*
 * Run "LOADER --preload libc.so --list FILE".  MC_ERR_IO when it could not be started, or when
 * how it ended is not known (SIGCHLD is ignored); MC_ERR_NOMEM.  What it says of the file, and
 * how it ends, is no error.  All of its process group is dead when this returns.
 */
enum mc_status mc_loader_run(const struct mc_loader *loader, const char *file, struct mc_arena *arena,
			     struct mc_loader_said *said_out, struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_LOADER_RUN_H */
