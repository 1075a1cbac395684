/* SPDX-License-Identifier: MIT */
/* LIBS: -pthread -ldl */
/*
 * Odds and ends of threads, processes and semaphores.
 *
 * threading, multiprocessing and concurrent.futures rest on these.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "measure.h"

static pthread_mutex_t mutex;
static volatile int unwound;

static const char *error_name(int number)
{
	switch (number) {
	case 0: return "0";
	case EBUSY: return "EBUSY";
	case EDEADLK: return "EDEADLK";
	case EINVAL: return "EINVAL";
	case EOWNERDEAD: return "EOWNERDEAD";
	case EPERM: return "EPERM";
	case ERANGE: return "ERANGE";
	case ESRCH: return "ESRCH";
	case ENOENT: return "ENOENT";
	case ENAMETOOLONG: return "ENAMETOOLONG";
	case ENOSYS: return "ENOSYS";
	case ENOTSUP: return "ENOTSUP";
	default: return strerror(number);
	}
}

static void *lock_and_end(void *unused)
{
	pthread_mutex_lock(&mutex);
	return unused;
}

static void unwind(void *unused)
{
	(void)unused;
	unwound = 1;
}

static void *cancelled(void *unused)
{
	pthread_cleanup_push(unwind, NULL);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return unused;
}

static void *nothing(void *unused)
{
	return unused;
}

static void measure_sem(const char *name, const char *sem)
{
	sem_t *opened = sem_open(sem, O_CREAT, 0600, 1);

	if (opened == SEM_FAILED) {
		result(name, "%s", error_name(errno));
		return;
	}
	result(name, "opened");
	sem_close(opened);
	sem_unlink(sem);
}

static void measure_mutex(const char *name, int type)
{
	pthread_mutexattr_t attr;
	pthread_t thread;
	int robust;

	pthread_mutexattr_init(&attr);
	robust = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_settype(&attr, type);
	if (robust) {
		result(name, "not robust: %s", error_name(robust));
		return;
	}
	pthread_mutex_init(&mutex, &attr);
	pthread_create(&thread, NULL, lock_and_end, NULL);
	pthread_join(thread, NULL);
	result(name, "%s", error_name(pthread_mutex_lock(&mutex)));
}

int main(void)
{
	static const char *const clocks[] = {"CLOCK_REALTIME", "CLOCK_MONOTONIC",
					     "CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID"};
	char name[200], text[40];
	pthread_t thread;
	pthread_attr_t attr;
	pthread_mutexattr_t mutex_attr;
	struct sched_param param = {0};
	struct timespec time;
	void *end;
	size_t i, low, high;
	double loads[3];
	char *shared;
	pid_t child;
	int policy, status;

	result("pthread_setname_np, 15 letters", "%s",
	       error_name(pthread_setname_np(pthread_self(), "abcdefghijklmno")));
	result("pthread_setname_np, 16 letters", "%s",
	       error_name(pthread_setname_np(pthread_self(), "abcdefghijklmnop")));
	{
		int (*get)(pthread_t, char *, size_t);

		*(void **)&get = dlsym(RTLD_DEFAULT, "pthread_getname_np");
		text[0] = '\0';
		if (get)
			get(pthread_self(), text, sizeof(text));
		result("pthread_getname_np", "%s", get ? text : "not there");
	}
	pthread_create(&thread, NULL, cancelled, NULL);
	usleep(10000);
	status = pthread_cancel(thread);
	pthread_join(thread, &end);
	result("pthread_cancel of a thread in pause()", "%s, %s, cleanup %s", error_name(status),
	       end == PTHREAD_CANCELED ? "ended" : "not ended", unwound ? "run" : "not run");
	measure_mutex("robust mutex whose owner ended, locked again", PTHREAD_MUTEX_NORMAL);
	pthread_mutexattr_init(&mutex_attr);
	result("pthread_mutexattr_setprotocol(PTHREAD_PRIO_INHERIT)", "%s",
	       error_name(pthread_mutexattr_setprotocol(&mutex_attr, PTHREAD_PRIO_INHERIT)));
	result("pthread_mutexattr_setprotocol(PTHREAD_PRIO_PROTECT)", "%s",
	       error_name(pthread_mutexattr_setprotocol(&mutex_attr, PTHREAD_PRIO_PROTECT)));
	pthread_mutexattr_init(&mutex_attr);
	pthread_mutexattr_settype(&mutex_attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&mutex, &mutex_attr);
	pthread_mutex_lock(&mutex);
	result("error-checking mutex locked twice", "%s", error_name(pthread_mutex_lock(&mutex)));
	pthread_mutex_unlock(&mutex);
	result("error-checking mutex unlocked twice", "%s",
	       error_name(pthread_mutex_unlock(&mutex)));
	pthread_create(&thread, NULL, nothing, NULL);
	pthread_attr_init(&attr);
	pthread_getschedparam(thread, &policy, &param);
	pthread_join(thread, NULL);
	result("policy of a new thread", "%s", policy == SCHED_OTHER ? "SCHED_OTHER" : "another");
	pthread_attr_getinheritsched(&attr, &policy);
	result("inheritsched of a new pthread_attr_t", "%s",
	       policy == PTHREAD_INHERIT_SCHED ? "inherit" : "explicit");
	result("sched_getscheduler(0)", "%s",
	       sched_getscheduler(0) == -1 ? error_name(errno) : "works");
	param.sched_priority = 0;
	result("sched_setscheduler(0, SCHED_OTHER)", "%s",
	       sched_setscheduler(0, SCHED_OTHER, &param) == -1 ? error_name(errno) : "works");
	measure_sem("sem_open(\"/behaviour-a\")", "/behaviour-a");
	measure_sem("sem_open(\"behaviour-a\")", "behaviour-a");
	measure_sem("sem_open(\"/behaviour/a\")", "/behaviour/a");
	measure_sem("sem_open(\"//behaviour-a\")", "//behaviour-a");
	measure_sem("sem_open(\"\")", "");
	measure_sem("sem_open(\"/\")", "/");
	for (low = 0, high = 400; high - low > 1;) {
		size_t middle = (low + high) / 2;
		char longer[500] = "/";
		sem_t *opened;

		memset(longer + 1, 'x', middle);
		opened = sem_open(longer, O_CREAT, 0600, 1);
		if (opened == SEM_FAILED) {
			high = middle;
		} else {
			low = middle;
			sem_close(opened);
			sem_unlink(longer);
		}
	}
	result("longest name of a semaphore, without \"/\"", "%zu", low);
	{
		sem_t *opened = sem_open("/behaviour-b", O_CREAT, 0600, 1);
		sem_t *again = sem_open("/behaviour-b", O_CREAT, 0600, 1);
		int value = 77;

		result("sem_open twice gives", "%s",
		       opened == again ? "the same address" : "another address");
		sem_wait(opened);
		sem_getvalue(opened, &value);
		result("sem_getvalue of a taken semaphore", "%d", value);
		sem_close(opened);
		sem_close(again);
		sem_unlink("/behaviour-b");
	}
	result("sizeof(sem_t)", "%zu", sizeof(sem_t));
	result("sizeof(pthread_mutex_t)", "%zu", sizeof(pthread_mutex_t));
	result("sizeof(pthread_cond_t)", "%zu", sizeof(pthread_cond_t));
	result("sizeof(pthread_rwlock_t)", "%zu", sizeof(pthread_rwlock_t));
	result("sizeof(pthread_attr_t)", "%zu", sizeof(pthread_attr_t));
	result("sizeof(pthread_t)", "%zu", sizeof(pthread_t));
	result("PTHREAD_KEYS_MAX", "%d", PTHREAD_KEYS_MAX);
	for (i = 0; i < 2000; i++) {
		pthread_key_t key;

		if (pthread_key_create(&key, NULL))
			break;
	}
	result("pthread keys that can be made", "%zu", i);
	for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		snprintf(name, sizeof(name), "clock_getres(%s)", clocks[i]);
		if (clock_getres((clockid_t)i, &time))
			result(name, "%s", error_name(errno));
		else
			timed(name, "%ld ns", time.tv_nsec);
	}
	result("CLOCKS_PER_SEC", "%ld", (long)CLOCKS_PER_SEC);
	result("getloadavg", "%d numbers", getloadavg(loads, 3));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	child = fork();
	if (!child) {
		struct sigaction action = {.sa_handler = SIG_IGN};

		shared[0] = sigaction(32, &action, NULL) ? (char)errno : 0;
		shared[1] = sigaction(33, &action, NULL) ? (char)errno : 0;
		shared[2] = sigaction(34, &action, NULL) ? (char)errno : 0;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	result("sigaction of signal 32", "%s", error_name(shared[0]));
	result("sigaction of signal 33", "%s", error_name(shared[1]));
	result("sigaction of signal 34", "%s", error_name(shared[2]));
	result("SIGRTMIN", "%d", SIGRTMIN);
	result("SIGRTMAX", "%d", SIGRTMAX);
	result("sizeof(sigset_t)", "%zu", sizeof(sigset_t));
	result("sizeof(cpu_set_t)", "%zu", sizeof(cpu_set_t));
	return measured("threads");
}
