/* SPDX-License-Identifier: MIT */
/* LIBS: -pthread */
/* VARIANT: z-stack: -Wl,-z,stack-size=1048576 */
/*
 * How large the stacks of threads are, and how deep a recursion gets on them.
 *
 * glibc gives a new thread as much as 'ulimit -s' says, musl a fixed small size: deep
 * recursion in C (parsers, regular expressions, JSON, compilers of queries) that works on the one
 * ends with SIGSEGV on the other, unless threading.stack_size() is called first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

static volatile long *depth;
static size_t asked;

__attribute__((noinline)) static int recurse(volatile char *caller)
{
	volatile char frame[232];

	frame[0] = caller[0];
	if (++*depth < 0)
		return 0;
	return recurse(frame) + frame[0];
}

static void *recurse_thread(void *unused)
{
	volatile char first = 0;

	(void)unused;
	recurse(&first);
	return NULL;
}

/* Frames until the end of the stack, rounded to two digits: where it ends is no exact matter.  */
static void measure_depth(const char *name, int main_too)
{
	int status;
	long round = 1;
	pid_t child;

	*depth = 0;
	child = fork();
	if (!child) {
		pthread_t thread;
		pthread_attr_t attr;

		if (main_too) {
			recurse_thread(NULL);
			_exit(0);
		}
		pthread_attr_init(&attr);
		if (asked)
			pthread_attr_setstacksize(&attr, asked);
		if (!pthread_create(&thread, &attr, recurse_thread, NULL))
			pthread_join(thread, NULL);
		_exit(0);
	}
	waitpid(child, &status, 0);
	while (*depth / round >= 100)
		round *= 10;
	result(name, "about %ld, then %s", (*depth + round / 2) / round * round,
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no signal");
}

static void *own_stack(void *size)
{
	pthread_attr_t attr;
	void *address;

	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &address, size);
	pthread_attr_destroy(&attr);
	return NULL;
}

static size_t thread_size(pthread_attr_t *attr)
{
	size_t size = 0;
	pthread_t thread;

	if (pthread_create(&thread, attr, own_stack, &size))
		return 0;
	pthread_join(thread, NULL);
	return size;
}

int main(void)
{
	struct rlimit limit;
	pthread_attr_t attr;
	size_t size, low, high;
	const char *variant = getenv("BEHAVIOUR_VARIANT");

	depth = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (depth == MAP_FAILED)
		return 1;
	if (variant) {
		result("stack of a new thread, program linked with -Wl,-z,stack-size=1048576",
		       "%zu KiB", thread_size(NULL) / 1024);
		measure_depth(
			"frames of 256 bytes in a new thread, linked with -z,stack-size=1048576",
			0);
		return measured("thread-stack");
	}
	getrlimit(RLIMIT_STACK, &limit);
	result("limit of the main thread's stack (ulimit -s)", "%lu KiB",
	       (unsigned long)limit.rlim_cur / 1024);
	result("stack of a new thread", "%zu KiB", thread_size(NULL) / 1024);
	pthread_attr_init(&attr);
	pthread_attr_getstacksize(&attr, &size);
	result("stack size in a new pthread_attr_t", "%zu KiB", size / 1024);
	pthread_attr_getguardsize(&attr, &size);
	result("guard below the stack", "%zu bytes", size);
	size = thread_size(NULL);
	limit.rlim_cur = 2 << 20;
	setrlimit(RLIMIT_STACK, &limit);
	result("does setrlimit(RLIMIT_STACK) in the program change new threads", "%s",
	       thread_size(NULL) == size ? "no" : "yes");
	limit.rlim_cur = 8 << 20;
	setrlimit(RLIMIT_STACK, &limit);
	for (low = 0, high = 1 << 20; high - low > 1;) {
		size = (low + high) / 2;
		if (pthread_attr_setstacksize(&attr, size))
			low = size;
		else
			high = size;
	}
	result("smallest size that pthread_attr_setstacksize takes", "%zu bytes", high);
	result("PTHREAD_STACK_MIN in the headers", "%ld", (long)PTHREAD_STACK_MIN);
	result("pthread_setattr_default_np", "%s",
	       dlsym(RTLD_DEFAULT, "pthread_setattr_default_np") ? "there" : "not there");
	measure_depth("frames of 256 bytes in the main thread", 1);
	measure_depth("frames of 256 bytes in a new thread", 0);
	asked = 1 << 20;
	measure_depth(
		"frames of 256 bytes in a thread of 1 MiB, as by threading.stack_size(1 << 20)", 0);
	asked = 16 << 20;
	measure_depth("frames of 256 bytes in a thread of 16 MiB", 0);
	return measured("thread-stack");
}
