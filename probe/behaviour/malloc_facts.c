/* SPDX-License-Identifier: MIT */
/*
 * What malloc() and its kin give at the edges, and which of glibc's functions beside it there are.
 *
 * Programs tune glibc's allocator (mallopt, malloc_trim, MALLOC_ARENA_MAX) or read its state; on
 * musl there is nothing of the kind. What is freed goes back to the system at other times.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

static void measure_there(const char *symbol)
{
	result(symbol, "%s", dlsym(RTLD_DEFAULT, symbol) ? "there" : "not there");
}

static void measure_null(const char *name, const void *block)
{
	if (block)
		result(name, "a block");
	else
		result(name, "NULL, %s",
		       errno == ENOMEM ? "ENOMEM"
		       : errno         ? strerror(errno)
				       : "errno not set");
	errno = 0;
}

/* What of this process is in memory, in MiB.  */
static double resident(void)
{
	long pages = 0, all;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file) {
		if (fscanf(file, "%ld %ld", &all, &pages) != 2)
			pages = 0;
		fclose(file);
	}
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/*
 * Allocates 64 MiB in blocks, frees all but the last, and tells what is still in memory; each in
 * a process of its own.
 */
static void measure_return(const char *name, size_t size, int keep_last)
{
	size_t count = (64u << 20) / size, i;
	double *seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();

	if (!child) {
		char **blocks = mmap(NULL, count * sizeof(*blocks), PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		double before = resident();

		for (i = 0; i < count; i++) {
			blocks[i] = malloc(size);
			memset(blocks[i], 1, size);
		}
		seen[0] = resident() - before;
		for (i = 0; i < count - (keep_last ? 1 : 0); i++)
			free(blocks[i]);
		seen[1] = resident() - before;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	timed(name, "%.0f MiB of %.0f MiB", seen[1] < 0 ? 0 : seen[1], seen[0]);
	munmap(seen, 4096);
}

int main(void)
{
	static const size_t sizes[] = {1, 24, 25, 100, 1000, 4096, 100000, 131072, 200000, 1 << 20};
	volatile size_t huge = SIZE_MAX / 2;
	char name[80];
	void *block, *other;
	size_t i, least = 4096;

	/* First: what was freed before changes glibc's thresholds.  */
	measure_return("64 MiB in blocks of 64 bytes, all freed: still in memory", 64, 0);
	measure_return("64 MiB in blocks of 64 bytes, all but the last freed: still in memory", 64,
		       1);
	measure_return("64 MiB in blocks of 4 KiB, all freed: still in memory", 4096, 0);
	measure_return("64 MiB in blocks of 4 KiB, all but the last freed: still in memory", 4096,
		       1);
	measure_return("64 MiB in blocks of 64 KiB, all but the last freed: still in memory", 65536,
		       1);
	measure_return("64 MiB in blocks of 1 MiB, all but the last freed: still in memory",
		       1 << 20, 1);
	errno = 0;
	block = malloc(0);
	other = malloc(0);
	result("malloc(0)", "%s",
	       !block           ? "NULL"
	       : block == other ? "one block twice"
				: "a block, another each time");
	free(other);
	block = malloc(10);
	other = realloc(block, 0);
	result("realloc(p, 0)", "%s", other ? "a block" : "NULL, p is freed");
	free(other);
	measure_null("malloc(SIZE_MAX / 2)", malloc(huge));
	measure_null("malloc(PTRDIFF_MAX)", malloc(huge));
	measure_null("calloc(SIZE_MAX / 2, 3)", calloc(huge, 3));
	measure_null("reallocarray(NULL, SIZE_MAX / 2, 3)", reallocarray(NULL, huge, 3));
	measure_null("aligned_alloc(3, 10), no power of two",
		     aligned_alloc(3 + (size_t)(huge == 0), 10));
	measure_null("aligned_alloc(64, 10), no multiple", aligned_alloc(64, 10));
	measure_null("memalign(64, 10)", memalign(64, 10));
	block = NULL;
	result("posix_memalign with alignment 4", "%s", strerror(posix_memalign(&block, 4, 10)));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(name, sizeof(name), "malloc_usable_size(malloc(%zu))", sizes[i]);
		block = malloc(sizes[i]);
		result(name, "%zu", malloc_usable_size(block));
		free(block);
	}
	result("malloc_usable_size(NULL)", "%zu", malloc_usable_size(NULL));
	for (i = 1; i < 200; i++) {
		uintptr_t address = (uintptr_t)malloc(i);
		size_t aligned = address & -address;

		least = aligned < least ? aligned : least;
	}
	result("alignment of blocks of 1 to 200 bytes", "at least %zu", least);
	measure_there("mallopt");
	measure_there("mallinfo");
	measure_there("mallinfo2");
	measure_there("malloc_trim");
	measure_there("malloc_stats");
	measure_there("malloc_info");
	measure_there("malloc_usable_size");
	measure_there("pvalloc");
	measure_there("valloc");
	measure_there("cfree");
	measure_there("reallocarray");
	measure_there("reallocf");
	measure_there("mtrace");
	measure_there("mcheck");
	measure_there("__malloc_hook");
	measure_there("__libc_malloc");
	measure_there("free_sized");
	measure_there("sbrk");
	errno = 0;
	other = sbrk(4096);
	result("sbrk(4096)", "%s", other == (void *)-1 ? strerror(errno) : "works");
	{
		double before = resident();
		char **blocks = malloc(1000000 * sizeof(*blocks));

		for (i = 0; i < 1000000; i++)
			blocks[i] = memset(malloc(24), 1, 24);
		timed("memory of 1000000 blocks of 24 bytes", "%.0f bytes a block",
		      (resident() - before) * (1 << 20) / 1e6 - sizeof(char *));
	}
	return measured("malloc-facts");
}
