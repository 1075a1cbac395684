/* SPDX-License-Identifier: MIT */
/*
 * sha256.h - SHA-256 (FIPS 180-4) of bytes that come in pieces.  Private to src/.
 *
 * Our own: none of the libraries that are linked hands one out (liblzma keeps its own to
 * itself), and a crypto library for one function would be the largest of them all.
 *
 * Threads: one sum belongs to one thread; nothing is allocated.
 */
#ifndef MC_SHA256_H
#define MC_SHA256_H

#include "muslcheck/mem.h"

#define MC_SHA256_HEX_NBYTES 64

/* Private fields; declared so that a sum can live on the stack.  */
struct mc_sha256 {
	uint32_t state[8];
	uint64_t nbytes;
	uint8_t block[64];
};

void mc_sha256_init(struct mc_sha256 *sum);
void mc_sha256_add(struct mc_sha256 *sum, const void *bytes, size_t nbytes);

/* 64 hex digits in lower case and a NUL; 'sum' is then used up.  */
void mc_sha256_end(struct mc_sha256 *sum, char hex_out[static MC_SHA256_HEX_NBYTES + 1]);

/* All at once.  */
void mc_sha256_of(struct mc_bytes bytes, char hex_out[static MC_SHA256_HEX_NBYTES + 1]);

/* All of the file behind 'fd', wherever it stands.  MC_ERR_IO with errno.  */
enum mc_status mc_sha256_of_file(int fd,
				 char hex_out[static MC_SHA256_HEX_NBYTES + 1]) MC_MUST_CHECK;

#endif /* MC_SHA256_H */
