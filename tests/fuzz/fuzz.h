/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is one file with LLVMFuzzerTestOneInput().  It is linked to libFuzzer (make
 * fuzz-NAME) or to replay.c, which needs no clang (make fuzz-replay).
 *
 * Threads: none.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "muslcheck/mem.h"

/* What libFuzzer calls, and what it has for mutators.  */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t nbytes, size_t room);

/* A contract that was broken ends the process, as a sanitizer would.  */
#define FUZZ_CHECK(what) ((what) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #what))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* The input as it is used up; its end stays where it is, so that what reads on is seen.  */
struct fuzz_input {
	const uint8_t *bytes;
	size_t nbytes;
};

uint8_t fuzz_byte(struct fuzz_input *input); /* 0 when there is none */
/* What stands before the first NUL, without the NUL; all of it when there is none.  */
struct mc_str fuzz_cut(struct fuzz_input *input);
struct mc_str fuzz_rest(const struct fuzz_input *input);

/* A folder of this process, below TMPDIR; it goes at exit.  */
const char *fuzz_folder(void);

/* A file in it, its name may have folders; the path is there until the next call.  */
const char *fuzz_put(const char *name, const void *bytes, size_t nbytes);

/* Remove all that is in the folder.  */
void fuzz_clear(void);

/* Every byte of a text can be read: a slice that leads nowhere is seen here.  */
void fuzz_touch(struct mc_str text);

/* No control bytes but ends of lines: what is in struct mc_error and in problems, maybe cut.  */
void fuzz_check_safe(const char *text, size_t nbytes);

/* A report: text.h has nothing to escape in any line of it.  */
void fuzz_check_report(const char *text, size_t nbytes);

/* ---- several files in one input: a byte for the name, two for the size (little-endian), content ---- */

enum { FUZZ_FILES_MAX = 32 };

struct fuzz_file {
	const char *name;
	struct mc_str content;
};

struct fuzz_files {
	struct fuzz_file items[FUZZ_FILES_MAX];
	size_t count;
};

/* The next one; a size past the end means all that is left.  */
struct mc_str fuzz_take(struct fuzz_input *input, uint8_t *name_out);
void fuzz_take_files(struct fuzz_input *input, const char *const *names, size_t names_count,
		     struct fuzz_files *files);
/* fuzz_put() of each, its name behind 'folder'.  */
void fuzz_put_files(const struct fuzz_files *files, const char *folder);

/* ---- mutate.c ---- */

/* Spoil one field that a loader reads, or nothing when it is no ELF file.  */
void fuzz_mutate_elf(uint8_t *bytes, size_t nbytes, unsigned seed);

/* For a custom mutator: of an ELF file; of a letter and files as above, one of them.  */
size_t fuzz_mutate_elf_file(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed);
size_t fuzz_mutate_files(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed);

#endif /* FUZZ_H */
