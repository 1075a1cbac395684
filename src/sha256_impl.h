/* SPDX-License-Identifier: MIT */
/*
 * sha256_impl.h - what the two ways to do the rounds share.  Private to sha256*.c and their test.
 *
 * Threads: nothing is shared but the processor's answer.
 */
#ifndef MC_SHA256_IMPL_H
#define MC_SHA256_IMPL_H

#include "sha256.h"

extern const uint32_t mc_sha256_round_keys[64];

void mc_sha256_add_in_software(uint32_t state[static 8], const uint8_t *blocks, size_t count);

/* Only where the processor has instructions for it.  */
bool mc_sha256_is_in_hardware(void);
void mc_sha256_add_in_hardware(uint32_t state[static 8], const uint8_t *blocks, size_t count);

#endif
