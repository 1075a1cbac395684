/* SPDX-License-Identifier: MIT */
/*
 * Which numbers rand(), random() and their kin give for a seed.
 *
 * Python's random is its own and the same everywhere. Models, simulations and test data of C code
 * that calls rand() after srand(1) are others on the other libc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>
#include "measure.h"

int main(void)
{
	char name[80];
	unsigned seed = 1;
	int i, first, second;
	unsigned char bytes[300];
	static uint32_t state[8];

	result("RAND_MAX", "%d", RAND_MAX);
	result("rand() without srand", "%d", rand());
	for (i = 1; i <= 3; i++) {
		snprintf(name, sizeof(name), "rand() after srand(%d), first three", i);
		srand((unsigned)i);
		first = rand();
		second = rand();
		result(name, "%d %d %d", first, second, rand());
	}
	result("rand_r(1)", "%d", rand_r(&seed));
	for (i = 1; i <= 2; i++) {
		snprintf(name, sizeof(name), "random() after srandom(%d)", i);
		srandom((unsigned)i);
		result(name, "%ld", random());
	}
	initstate(1, (char *)state, sizeof(state));
	result("random() after initstate(1, 32 bytes)", "%ld", random());
	result("drand48() without srand48", "%.15g", drand48());
	srand48(1);
	result("drand48() after srand48(1)", "%.15g", drand48());
	result("lrand48() after that", "%ld", lrand48());
	result("mrand48() after that", "%ld", mrand48());
	result("getentropy of 256 bytes", "%s", getentropy(bytes, 256) ? strerror(errno) : "0");
	errno = 0;
	result("getentropy of 257 bytes", "%s", getentropy(bytes, 257) ? strerror(errno) : "0");
	result("arc4random", "%s", dlsym(RTLD_DEFAULT, "arc4random") ? "there" : "not there");
	return measured("random");
}
