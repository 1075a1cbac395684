/* SPDX-License-Identifier: MIT */
/* LIBS: -rdynamic -ldl -pthread */
/*
 * What runs at the end of a program, of a thread and of a library, and in which order.
 *
 * Libraries save files and stop threads in atexit() functions and destructors. A library that is
 * closed before the end has its own run at dlclose() on glibc, and at the end on musl.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

void note(const char *what);

static int end = -1;
static char library_path[1000];

void note(const char *what)
{
	if (end >= 0 && (write(end, what, strlen(what)) < 0 || write(end, ", ", 2) < 0))
		_exit(9);
}

static void first(void)
{
	note("first atexit");
}

static void second(void)
{
	note("second atexit");
}

static void late(void)
{
	note("atexit of an atexit function");
}

static void nested(void)
{
	note("nesting atexit");
	atexit(late);
}

static void exiting(void)
{
	note("exiting function");
	exit(5);
}

static void quick(void)
{
	note("at_quick_exit");
}

__attribute__((destructor)) static void destructor(void)
{
	note("program's destructor");
}

static void thread_end(void *unused)
{
	(void)unused;
	note("destructor of a pthread key");
}

static pthread_key_t key;

static void *thread_main(void *exits)
{
	pthread_setspecific(key, &key);
	if (exits)
		exit(0);
	return NULL;
}

static void tls_end(void *unused)
{
	(void)unused;
	note("C++ thread_local destructor");
}

/* What 'run' and the end of its process note.  */
static void measure_end(const char *name, void (*run)(void))
{
	char text[400];
	size_t len = 0;
	ssize_t got;
	int ends[2], status;
	pid_t child;

	if (pipe(ends))
		exit(1);
	child = fork();
	if (!child) {
		close(ends[0]);
		end = ends[1];
		alarm(10);
		run();
		exit(0);
	}
	close(ends[1]);
	while (len < sizeof(text) - 1 &&
	       (got = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	close(ends[0]);
	waitpid(child, &status, 0);
	text[len > 2 ? len - 2 : 0] = '\0';
	if (WIFSIGNALED(status))
		result(name, "%s; then %s", text[0] ? text : "nothing",
		       WTERMSIG(status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		result(name, "%s; status %d", text[0] ? text : "nothing", WEXITSTATUS(status));
	else
		result(name, "%s", text[0] ? text : "nothing");
}

static void run_order(void)
{
	atexit(first);
	atexit(second);
}

static void run_nested(void)
{
	atexit(first);
	atexit(nested);
}

static void run_exiting(void)
{
	atexit(first);
	atexit(exiting);
}

static void run_under_exit(void)
{
	atexit(first);
	_exit(0);
}

static void run_quick(void)
{
	atexit(first);
	at_quick_exit(quick);
	quick_exit(0);
}

static void *open_library(void)
{
	void *library = dlopen(library_path, RTLD_NOW);
	void (*call)(void);

	if (!library)
		_exit(8);
	*(void **)&call = dlsym(library, "register_end");
	call();
	return library;
}

static void run_library(void)
{
	atexit(first);
	open_library();
	atexit(second);
}

static void run_closed_library(void)
{
	atexit(first);
	dlclose(open_library());
	note("(dlclose done)");
}

static void run_thread_returns(void)
{
	pthread_t thread;

	pthread_key_create(&key, thread_end);
	pthread_create(&thread, NULL, thread_main, NULL);
	pthread_join(thread, NULL);
	note("(joined)");
}

static void run_thread_exits(void)
{
	pthread_t thread;

	atexit(first);
	pthread_key_create(&key, thread_end);
	pthread_create(&thread, NULL, thread_main, &key);
	pthread_join(thread, NULL);
}

static void run_main_key(void)
{
	atexit(first);
	pthread_key_create(&key, thread_end);
	pthread_setspecific(key, &key);
}

static void run_main_pthread_exit(void)
{
	atexit(first);
	pthread_key_create(&key, thread_end);
	pthread_setspecific(key, &key);
	pthread_exit(NULL);
}

extern void *__dso_handle;

static int (*tls_register)(void (*)(void *), void *, void *);

static void *tls_thread(void *unused)
{
	(void)unused;
	tls_register(tls_end, NULL, &__dso_handle);
	return NULL;
}

static void run_tls(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, tls_thread, NULL);
	pthread_join(thread, NULL);
	note("(joined)");
}

static void run_many(void)
{
	int i, failed = 0;

	for (i = 0; i < 100000; i++)
		failed |= atexit(late) != 0;
	note(failed ? "fails" : "taken");
	_exit(0);
}

int main(void)
{
	const char *dir = getenv("BEHAVIOUR_DIR");

	snprintf(library_path, sizeof(library_path), "%s/exit_handlers_so.so", dir ? dir : ".");
	*(void **)&tls_register = dlsym(RTLD_DEFAULT, "__cxa_thread_atexit_impl");
	measure_end("exit after two atexit", run_order);
	measure_end("atexit called by an atexit function", run_nested);
	measure_end("exit(5) called by an atexit function", run_exiting);
	measure_end("_exit", run_under_exit);
	measure_end("quick_exit", run_quick);
	measure_end("100000 times atexit", run_many);
	measure_end("atexit, library opened and with an atexit of its own, atexit", run_library);
	measure_end("library with an atexit of its own, closed before the end", run_closed_library);
	measure_end("thread returns with a pthread key set", run_thread_returns);
	measure_end("exit called in a thread with a pthread key set", run_thread_exits);
	measure_end("main thread returns with a pthread key set", run_main_key);
	measure_end("main thread calls pthread_exit", run_main_pthread_exit);
	result("__cxa_thread_atexit_impl (C++ thread_local)", "%s",
	       tls_register ? "there" : "not there");
	if (tls_register)
		measure_end("end of a thread with a C++ thread_local destructor", run_tls);
	else
		result("end of a thread with a C++ thread_local destructor", "left to libstdc++");
	result("on_exit", "%s", dlsym(RTLD_DEFAULT, "on_exit") ? "there" : "not there");
	result("__cxa_at_quick_exit", "%s",
	       dlsym(RTLD_DEFAULT, "__cxa_at_quick_exit") ? "there" : "not there");
	result("__cxa_finalize", "%s",
	       dlsym(RTLD_DEFAULT, "__cxa_finalize") ? "there" : "not there");
	return measured("exit-handlers");
}
