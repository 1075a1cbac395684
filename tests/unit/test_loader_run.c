/* SPDX-License-Identifier: MIT */
/* What a loader that was taken over can do: programs in its place try.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "loader_run.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct fixture fixture;
static struct mc_arena arena;
static bool can_compile;

/* Without a libc: what a libc does at start is another matter.  */
static const char prologue[] =
	"static long call(long n, long a, long b, long c)\n"
	"{ long r; __asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(n), \"D\"(a), \"S\"(b), \"d\"(c) :\n"
	"  \"rcx\", \"r11\", \"memory\"); return r; }\n"
	"static void put(const char *s) { long n = 0; while (s[n]) n++; call(1, 1, (long)s, n); }\n"
	"__asm__(\".globl _start\\n_start: mov %rsp, %rdi\\nand $-16, %rsp\\ncall run\\n\");\n"
	"void run(long *stack);\n"
	"void run(long *stack) { (void)put; (void)stack;\n";

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
#ifdef __x86_64__
	can_compile = !system("cc --version >/dev/null 2>&1");
#endif
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

/* Run a program with that body in the loader's place.  */
static struct mc_loader_said run(const char *body, unsigned timeout_ms)
{
	struct mc_loader loader = {.timeout_ms = timeout_ms};
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;
	char text[4096];

	if (!can_compile)
		skip();
	snprintf(text, sizeof(text), "%s%s\ncall(60, 0, 0, 0); }\n", prologue, body);
	put_text(&fixture, "program.c", text);
	snprintf(text, sizeof(text), "cd '%s' && cc -w -O1 -fno-stack-protector -nostdlib -static -o program program.c",
		 fixture.dir);
	assert_int_equal(system(text), 0);
	snprintf(text, sizeof(text), "%s/program", fixture.dir);
	loader.path = text;
	assert_int_equal(mc_loader_run(&loader, "/x", &arena, &said, &err), MC_OK);
	assert_true(said.walls & MC_WALL_LIMITS);
	if (!(said.walls & MC_WALL_SYSCALLS))
		skip(); /* a host, or a sanitizer, without seccomp */
	return said;
}

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void assert_killed(const char *body)
{
	struct mc_loader_said said = run(body, 5000);

	assert_int_equal(said.end, MC_LOADER_SIGNALLED);
	assert_int_equal(said.number, SIGSYS);
	assert_string_equal(said.text.ptr, "");
}

static void what_it_says_is_heard(void **state)
{
	struct mc_loader_said said =
		run("put(\"one\\n\"); call(1, 2, (long)\"two\\n\", 4); call(60, 3, 0, 0);", 5000);

	(void)state;
	assert_int_equal(said.end, MC_LOADER_EXITED);
	assert_int_equal(said.number, 3);
	assert_true(mc_str_is(said.text, MC_STR("one\ntwo\n")));
}

static void its_arguments_are_those_of_list_and_its_environment_is_empty(void **state)
{
	struct mc_loader_said said;

	(void)state;
	setenv("MUSLCHECK_SECRET", "x", 1);
	said = run("char **argv = (char **)(stack + 1); for (int i = 1; i < 5; i++) { put(argv[i]); put(\" \"); }\n"
		   "if (argv[*stack + 1]) put(argv[*stack + 1]);",
		   5000);
	unsetenv("MUSLCHECK_SECRET");
	assert_true(mc_str_is(said.text, MC_STR("--preload libc.so --list /x ")));
}

static void it_has_no_files_but_its_output(void **state)
{
	struct mc_loader_said said = run("for (long fd = 3; fd < 1000; fd++)\n"
					 "if (call(72, fd, 1, 0) >= 0) put(\"open\");",
					 5000);

	(void)state;
	assert_true(mc_str_is(said.text, MC_STR("")));
}

static void it_opens_no_socket(void **state)
{
	(void)state;
	assert_killed("call(41, 2, 1, 0); put(\"socket\");");
}

static void it_writes_no_file(void **state)
{
	(void)state;
	assert_killed("call(2, (long)\"/tmp/muslcheck-escape\", 0101, 0600); put(\"open\");");
	assert_killed("call(257, -100, (long)\"/tmp/muslcheck-escape\", 01); put(\"openat\");");
	assert_killed("call(87, (long)\"/tmp/muslcheck-escape\", 0, 0); put(\"unlink\");");
	assert_int_equal(access("/tmp/muslcheck-escape", F_OK), -1);
}

static void it_makes_no_process(void **state)
{
	(void)state;
	assert_killed("call(57, 0, 0, 0); put(\"fork\");");
	assert_killed("call(56, 0x100, 0, 0); put(\"clone\");");
	assert_killed("call(62, 1, 9, 0); put(\"kill\");");
	assert_killed("call(101, 16, 1, 0); put(\"ptrace\");");
}

static void it_may_read(void **state)
{
	struct mc_loader_said said =
		run("if (call(2, (long)\"/dev/null\", 0, 0) >= 0) put(\"read\");", 5000);

	(void)state;
	assert_true(mc_str_is(said.text, MC_STR("read")));
}

static void its_time_and_its_words_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(run("for (;;) __asm__ volatile(\"\");", 300).end, MC_LOADER_TIMED_OUT);
	assert_int_equal(run("for (;;) put(\"0123456789012345678901234567890123456789\");", 20000).end,
			 MC_LOADER_FLOODED);
}

static void silence_is_not_the_end(void **state)
{
	double start = now();
	struct mc_loader_said said = run("static int word; call(3, 1, 0, 0); call(3, 2, 0, 0);\n"
					 "for (;;) call(202, (long)&word, 0, 0);",
					 300);

	(void)state;
	assert_int_equal(said.end, MC_LOADER_TIMED_OUT);
	assert_true(now() - start < 10);
	said = run("call(3, 1, 0, 0); call(3, 2, 0, 0); call(60, 5, 0, 0);", 5000);
	assert_int_equal(said.end, MC_LOADER_EXITED);
	assert_int_equal(said.number, 5);
}

/* F_SETOWN, F_SETSIG and O_ASYNC send a signal as well as kill() does.  */
static void it_sends_no_signal_and_types_into_no_terminal(void **state)
{
	(void)state;
	assert_killed("call(72, 1, 8, 1); put(\"F_SETOWN\");");
	assert_killed("call(72, 1, 10, 9); put(\"F_SETSIG\");");
	assert_killed("call(72, 1, 4, 020001); put(\"F_SETFL\");");
	assert_killed("call(16, 0, 0x5412, (long)\"x\"); put(\"TIOCSTI\");");
	assert_true(mc_str_is(run("if (call(2, (long)\"/dev/tty\", 0, 0) < 0) put(\"none\");", 5000).text,
			      MC_STR("none")));
	assert_true(mc_str_is(run("if (call(72, 1, 1, 0) >= 0 && call(72, 1, 3, 0) >= 0 &&\n"
				  "call(16, 1, 0x5413, (long)stack) < 0) put(\"ok\");",
				  5000)
				      .text,
			      MC_STR("ok")));
}

static void a_high_file_is_closed_too(void **state)
{
	struct rlimit old, bound;
	struct mc_loader_said said;
	int high;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	bound = (struct rlimit){old.rlim_max < 4096 ? old.rlim_max : 4096, old.rlim_max};
	if (bound.rlim_cur < 2001 || setrlimit(RLIMIT_NOFILE, &bound))
		skip();
	high = dup2(1, 2000);
	said = run("if (call(72, 2000, 1, 0) >= 0) put(\"open\");", 5000);
	close(high);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_true(mc_str_is(said.text, MC_STR("")));
}

/* In a child of its own: this one needs its files.  Hands its exit code.  */
static int run_without(const int *closed, size_t count)
{
	struct mc_loader loader = {.path = fixture_path(&fixture, "program"), .timeout_ms = 5000};
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		for (size_t i = 0; i < count; i++)
			close(closed[i]);
		_exit(mc_loader_run(&loader, "/x", &arena, &said, &err) ? 1 :
		      mc_str_is(said.text, MC_STR("one\ntwo\n"))	  ? 0 :
									    2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void it_is_heard_with_few_files_open(void **state)
{
	(void)state;
	run("put(\"one\\n\"); call(1, 2, (long)\"two\\n\", 4);", 5000);
	for (unsigned set = 0; set < 8; set++) {
		int closed[3];
		size_t count = 0;

		for (int fd = 0; fd < 3; fd++)
			if (set & 1U << fd)
				closed[count++] = fd;
		assert_int_equal(run_without(closed, count), 0);
	}
}

static void a_forgotten_end_is_an_error(void **state)
{
	struct mc_loader loader = {.timeout_ms = 5000};
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;
	enum mc_status status;

	(void)state;
	run("", 5000);
	loader.path = fixture_path(&fixture, "program");
	signal(SIGCHLD, SIG_IGN);
	status = mc_loader_run(&loader, "/x", &arena, &said, &err);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(status, MC_ERR_IO);
}

/* The filter of this machine would kill it at its first call.  */
static void a_foreign_one_has_no_filter_and_that_is_told(void **state)
{
	struct mc_loader loader = {.timeout_ms = 5000, .is_foreign = true};
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;

	(void)state;
	run("", 5000);
	loader.path = fixture_path(&fixture, "program");
	assert_int_equal(mc_loader_run(&loader, "/x", &arena, &said, &err), MC_OK);
	assert_true(said.walls & MC_WALL_LIMITS);
	assert_false(said.walls & MC_WALL_SYSCALLS);
}

/* It has no filter to keep it from that.  */
static void what_a_foreign_one_leaves_behind_is_dead(void **state)
{
	struct mc_loader loader = {.timeout_ms = 5000, .is_foreign = true};
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;
	long pid = 0;

	(void)state;
	run("", 5000);
	run("long child = call(57, 0, 0, 0); char digits[20]; int n = 20;\n"
	    "if (!child) { call(3, 1, 0, 0); call(3, 2, 0, 0); for (;;) call(34, 0, 0, 0); }\n"
	    "digits[--n] = 0; do digits[--n] = '0' + child % 10; while (child /= 10); put(digits + n);",
	    5000);
	loader.path = fixture_path(&fixture, "program");
	assert_int_equal(mc_loader_run(&loader, "/x", &arena, &said, &err), MC_OK);
	assert_true(said.text.len);
	pid = strtol(said.text.ptr, NULL, 10);
	assert_true(pid > 1);
	for (int i = 0; i < 200 && !kill((pid_t)pid, 0); i++)
		poll(NULL, 0, 10); /* whoever inherits it has to reap it */
	assert_int_equal(kill((pid_t)pid, 0), -1);
}

/* ---- musl's own ---- */

static struct mc_loader_said list(const char *file)
{
	struct mc_loader loader;
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;

	if (mc_loader_find("x86_64", NULL, &arena, &loader, &err))
		skip(); /* Debian's package musl */
	assert_int_equal(mc_loader_run(&loader, file, &arena, &said, &err), MC_OK);
	assert_int_equal(said.end, MC_LOADER_EXITED);
	return said;
}

static bool has_line(struct mc_str text, struct mc_str wanted)
{
	while (text.len)
		if (mc_str_is(mc_str_cut(&text, '\n'), wanted))
			return true;
	return false;
}

static const char *build(const char *source, const char *options)
{
	char text[4096];

	if (!can_compile)
		skip();
	put_text(&fixture, "library.c", source);
	snprintf(text, sizeof(text), "cd '%s' && cc -w -shared -fPIC -nostdlib library.c -o library.so %s",
		 fixture.dir, options);
	assert_int_equal(system(text), 0);
	return fixture_path(&fixture, "library.so");
}

static void musls_loader_says_what_is_missing(void **state)
{
	struct mc_loader_said said;
	const char *file = build("int nosuch(void); int f(void) { return nosuch(); }", "");

	(void)state;
	said = list(file);
	assert_int_equal(said.number, 127);
	assert_true(has_line(said.text, mc_arena_printf(&arena, "Error relocating %s: nosuch: symbol not found",
							file)));
	put_text(&fixture, "other.c", "int g(void) { return 1; }");
	file = build("int g(void); int f(void) { return g(); }",
		     "$(cc -w -shared -fPIC -nostdlib -Wl,-soname,libnosuch.so other.c -o other.so "
		     "&& echo ./other.so)");
	said = list(file);
	assert_int_equal(said.number, 127);
	assert_true(has_line(said.text, mc_arena_printf(&arena,
							"Error loading shared library libnosuch.so: No such "
							"file or directory (needed by %s)",
							file)));
}

static void musls_loader_has_nothing_to_say_of_a_good_one(void **state)
{
	struct mc_loader_said said = list(build("int puts(const char *); int f(void) { return puts(\"\"); }", ""));

	(void)state;
	assert_int_equal(said.number, 0);
	while (said.text.len)
		assert_true(mc_str_starts(mc_str_cut(&said.text, '\n'), MC_STR("\t")));
}

static void what_cannot_be_run_is_an_error(void **state)
{
	struct mc_loader loader = {.path = "/nosuch/loader"};
	struct mc_loader_said said;
	struct mc_error err = MC_ERROR_INIT;

	(void)state;
	assert_int_equal(mc_loader_run(&loader, "/x", &arena, &said, &err), MC_ERR_IO);
	assert_string_equal(err.subject, "/nosuch/loader");
	assert_int_equal(mc_loader_find("z80", NULL, &arena, &loader, &err), MC_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_it_says_is_heard, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			its_arguments_are_those_of_list_and_its_environment_is_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_has_no_files_but_its_output, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_opens_no_socket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_writes_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_makes_no_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_may_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(its_time_and_its_words_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silence_is_not_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_sends_no_signal_and_types_into_no_terminal, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_high_file_is_closed_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_heard_with_few_files_open, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_forgotten_end_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_foreign_one_has_no_filter_and_that_is_told, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_a_foreign_one_leaves_behind_is_dead, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(musls_loader_says_what_is_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(musls_loader_has_nothing_to_say_of_a_good_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_run_is_an_error, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("loader_run", tests, NULL, NULL);
}
