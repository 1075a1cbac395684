/* SPDX-License-Identifier: MIT */
#include "sha256_impl.h"

#include "file.h"

#include <string.h>

/* FIPS 180-4, 4.2.2: the fractions of the cube roots of the first 64 primes.  */
const uint32_t mc_sha256_round_keys[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t turn(uint32_t word, unsigned nbits)
{
	return word >> nbits | word << (32 - nbits);
}

static void spread(const uint8_t *block, uint32_t words[static 64])
{
	for (size_t i = 0; i < 16; i++, block += 4)
		words[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
			   (uint32_t)block[2] << 8 | block[3];
	for (size_t i = 16; i < 64; i++) {
		uint32_t a = words[i - 15], b = words[i - 2];

		words[i] = words[i - 16] + words[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) +
			   (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
	}
}

/* 6.2.2; the letters are the standard's.  */
static void add_block(uint32_t state[static 8], const uint8_t *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t words[64];

	spread(block, words);
	for (size_t i = 0; i < 64; i++) {
		uint32_t one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) +
			       mc_sha256_round_keys[i] + words[i];
		uint32_t two =
			(turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));

		h = g, g = f, f = e, e = d + one;
		d = c, c = b, b = a, a = one + two;
	}
	state[0] += a, state[1] += b, state[2] += c, state[3] += d;
	state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void mc_sha256_add_in_software(uint32_t state[static 8], const uint8_t *blocks, size_t count)
{
	for (; count; count--, blocks += 64)
		add_block(state, blocks);
}

static void add_blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count)
{
	if (mc_sha256_is_in_hardware())
		mc_sha256_add_in_hardware(state, blocks, count);
	else
		mc_sha256_add_in_software(state, blocks, count);
}

void mc_sha256_init(struct mc_sha256 *sum)
{
	/* 5.3.3  */
	*sum = (struct mc_sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void mc_sha256_add(struct mc_sha256 *sum, const void *bytes, size_t nbytes)
{
	size_t held = sum->nbytes % sizeof(sum->block);
	const uint8_t *at = bytes;

	sum->nbytes += nbytes;
	if (held) {
		size_t n = sizeof(sum->block) - held < nbytes ? sizeof(sum->block) - held : nbytes;

		memcpy(sum->block + held, at, n);
		at += n;
		nbytes -= n;
		if (held + n < sizeof(sum->block))
			return;
		add_blocks(sum->state, sum->block, 1);
	}
	add_blocks(sum->state, at, nbytes / sizeof(sum->block));
	if (nbytes % sizeof(sum->block))
		memcpy(sum->block, at + nbytes / sizeof(sum->block) * sizeof(sum->block), nbytes % sizeof(sum->block));
}

void mc_sha256_end(struct mc_sha256 *sum, char hex_out[static MC_SHA256_HEX_NBYTES + 1])
{
	static const uint8_t padding[64] = {0x80};
	uint64_t nbits = sum->nbytes * 8;
	size_t held = sum->nbytes % sizeof(sum->block);
	uint8_t tail[8];

	for (size_t i = 0; i < sizeof(tail); i++)
		tail[i] = (uint8_t)(nbits >> (56 - 8 * i));
	mc_sha256_add(sum, padding, held < 56 ? 56 - held : 120 - held);
	mc_sha256_add(sum, tail, sizeof(tail));
	for (size_t i = 0; i < MC_SHA256_HEX_NBYTES; i++)
		hex_out[i] = "0123456789abcdef"[sum->state[i / 8] >> (28 - i % 8 * 4) & 15];
	hex_out[MC_SHA256_HEX_NBYTES] = '\0';
}

void mc_sha256_of(struct mc_bytes bytes, char hex_out[static MC_SHA256_HEX_NBYTES + 1])
{
	struct mc_sha256 sum;

	mc_sha256_init(&sum);
	mc_sha256_add(&sum, bytes.ptr, bytes.len);
	mc_sha256_end(&sum, hex_out);
}

enum mc_status mc_sha256_of_file(int fd, char hex_out[static MC_SHA256_HEX_NBYTES + 1])
{
	struct mc_sha256 sum;
	uint8_t piece[64 * 1024];
	uint64_t off = 0;
	int64_t got;

	mc_sha256_init(&sum);
	while ((got = mc_read_at(fd, off, piece, sizeof(piece))) > 0) {
		mc_sha256_add(&sum, piece, (size_t)got);
		off += (uint64_t)got;
	}
	mc_sha256_end(&sum, hex_out);
	return got < 0 ? MC_ERR_IO : MC_OK;
}
