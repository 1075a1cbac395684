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

#include <signal.h>
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
		cmocka_unit_test_setup_teardown(what_cannot_be_run_is_an_error, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("loader_run", tests, NULL, NULL);
}
