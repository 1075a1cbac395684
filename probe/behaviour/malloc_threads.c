/* SPDX-License-Identifier: MIT */
/* LIBS: -pthread */
/*
 * How malloc() and free() speed up, or do not, with more threads.
 *
 * musl's allocator has one lock for all threads: what many threads allocate at once (numpy, Arrow,
 * servers in C++ or Rust, free-threaded Python) waits for it. "1x" is the speed of one thread
 * of the same libc; the first case of each kind tells the time of one malloc() and free().
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include "measure.h"

enum { SLOTS = 64, RUNS = 3, RING = 1024 };

struct work {
	size_t size;
	long rounds;
	double began, ended;
};

static pthread_barrier_t start;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *churn(void *arg)
{
	struct work *work = arg;
	char *volatile slots[SLOTS] = {0};
	unsigned state = 12345;
	long i;

	pthread_barrier_wait(&start);
	work->began = seconds();
	for (i = 0; i < work->rounds; i++) {
		unsigned slot;

		state = state * 1664525 + 1013904223;
		slot = state >> 16 & (SLOTS - 1);
		free(slots[slot]);
		slots[slot] = malloc(work->size);
		slots[slot][0] = 1;
	}
	work->ended = seconds();
	for (i = 0; i < SLOTS; i++)
		free(slots[i]);
	return NULL;
}

/* The best of some runs, in rounds a second of all threads together.  */
static double speed(int threads, size_t size, long rounds)
{
	double best = 0;
	int run, i;

	for (run = 0; run < RUNS; run++) {
		struct work works[8];
		pthread_t ids[8];
		double began = 1e99, ended = 0, rate;

		pthread_barrier_init(&start, NULL, (unsigned)threads);
		for (i = 0; i < threads; i++) {
			works[i] = (struct work){.size = size, .rounds = rounds};
			pthread_create(&ids[i], NULL, churn, &works[i]);
		}
		for (i = 0; i < threads; i++) {
			pthread_join(ids[i], NULL);
			began = works[i].began < began ? works[i].began : began;
			ended = works[i].ended > ended ? works[i].ended : ended;
		}
		rate = (double)rounds * threads / (ended - began);
		best = rate > best ? rate : best;
		pthread_barrier_destroy(&start);
	}
	return best;
}

static void measure_size(const char *what, size_t size, long rounds)
{
	static const int counts[] = {2, 4};
	char name[120];
	double one = speed(1, size, rounds);
	size_t i;

	snprintf(name, sizeof(name), "%s: one malloc and free, 1 thread", what);
	timed(name, "%.0f ns", 1e9 / one);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		double many = speed(counts[i], size, rounds / counts[i]);

		snprintf(name, sizeof(name), "%s: all of %d threads together", what, counts[i]);
		timed(name, "%.2fx of 1 thread (%.0f ns each)", many / one, 1e9 / many);
	}
}

static _Atomic(char *) ring[RING];
static size_t ring_size;
static long ring_rounds;

static void *produce(void *unused)
{
	long i;

	(void)unused;
	for (i = 0; i < ring_rounds; i++) {
		char *block = malloc(ring_size);

		block[0] = 1;
		while (atomic_load(&ring[i % RING]))
			sched_yield();
		atomic_store(&ring[i % RING], block);
	}
	return NULL;
}

static void *consume(void *unused)
{
	long i;

	(void)unused;
	for (i = 0; i < ring_rounds; i++) {
		char *block;

		while (!(block = atomic_exchange(&ring[i % RING], NULL)))
			sched_yield();
		free(block);
	}
	return NULL;
}

static void measure_handing(const char *name, size_t size, long rounds)
{
	double best = 1e9;
	int run;

	ring_size = size;
	ring_rounds = rounds;
	for (run = 0; run < RUNS; run++) {
		pthread_t one, two;
		double began = seconds(), took;

		pthread_create(&one, NULL, produce, NULL);
		pthread_create(&two, NULL, consume, NULL);
		pthread_join(one, NULL);
		pthread_join(two, NULL);
		took = seconds() - began;
		best = took < best ? took : best;
	}
	timed(name, "%.0f ns a block", best / (double)rounds * 1e9);
}

int main(void)
{
	timed("processors that are online", "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	measure_size("64 bytes", 64, 1000000);
	measure_size("1 KiB", 1024, 500000);
	measure_size("16 KiB", 16384, 200000);
	measure_size("256 KiB", 256 << 10, 40000);
	measure_handing("64 bytes, allocated in one thread and freed in another", 64, 500000);
	measure_handing("256 KiB, allocated in one thread and freed in another", 256 << 10, 20000);
	return measured("malloc-threads");
}
