/* SPDX-License-Identifier: MIT */
/* What a parser that was taken over can do: a child goes into the sandbox, and tries.  */
#define _GNU_SOURCE /* clone flags, MAP_ANONYMOUS */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "index_impl.h"
#include "sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1 /* the runtimes stop threads and start programs (sandbox.c) */
#else
#define IS_SANITIZED 0
#endif

static struct fixture fixture;
static char in[300], out[300], temp[300], secret[300];
static int inherited; /* a socket from before */

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	put_text(&fixture, "in/a.txt", "a");
	put_text(&fixture, "in/folder/b.txt", "b");
	put_text(&fixture, "secret.txt", "s");
	put_text(&fixture, "out.txt", "of before");
	put_link(&fixture, "in/link", "../secret.txt");
	put_text(&fixture, "temp/x", "x");
	snprintf(in, sizeof(in), "%s/in", fixture.dir);
	snprintf(out, sizeof(out), "%s/out.txt", fixture.dir);
	snprintf(temp, sizeof(temp), "%s/temp", fixture.dir);
	snprintf(secret, sizeof(secret), "%s/secret.txt", fixture.dir);
	inherited = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(inherited);
	fixture_close(&fixture);
	return 0;
}

/* ---- trying ---- */

static bool has_landlock(void)
{
	struct mc_sandbox box;

	mc_sandbox_open(&box, 0);
	if (box.ruleset < 0)
		return false;
	close(box.ruleset);
	return true;
}

static void enter(unsigned needs)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_sandbox box;

	mc_sandbox_open(&box, needs);
	mc_sandbox_allow_system(&box);
	mc_sandbox_allow(&box, in, MC_SANDBOX_READ);
	mc_sandbox_allow(&box, out, MC_SANDBOX_WRITE);
	mc_sandbox_allow(&box, temp, MC_SANDBOX_READ | MC_SANDBOX_WRITE | MC_SANDBOX_MAKE);
	mc_sandbox_allow(&box, fixture.dir, MC_SANDBOX_REMOVE_DIR);
	mc_sandbox_allow(&box, "/bin/true", MC_SANDBOX_RUN);
	mc_sandbox_allow(&box, "/lib64/ld-linux-x86-64.so.2", MC_SANDBOX_RUN);
	mc_sandbox_allow(&box, "/lib/ld-linux-aarch64.so.1", MC_SANDBOX_RUN);
	if (mc_sandbox_enter(&box, needs, true, &err)) {
		fprintf(stderr, "%s: %s\n", err.subject, err.text);
		_exit(250);
	}
}

/* In a child.  What the attempt returns: 0 or errno.  Negative: the signal that ended it.  */
static int try_as(void (*begin)(unsigned needs), unsigned needs, int (*attempt)(void))
{
	int status;
	pid_t pid;

	if (!has_landlock()) {
		print_message("no Landlock in this kernel\n");
		skip();
	}
	fflush(NULL);
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* of those that are killed */
		begin(needs);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int try_with(unsigned needs, int (*attempt)(void))
{
	return try_as(enter, needs, attempt);
}

static void stay(unsigned needs) { (void)needs; }

static int try_outside(int (*attempt)(void))
{
	return try_as(stay, 0, attempt);
}

static int try(int (*attempt)(void))
{
	return try_with(0, attempt);
}

static int open_at(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd < 0 ? errno : close(fd);
}

static int open_in(const char *name, int flags)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", in, name);
	return open_at(path, flags);
}

/* ---- files ---- */

static int read_given(void) { return open_in("folder/b.txt", O_RDONLY); }
static int read_shadow(void) { return open_at("/etc/shadow", O_RDONLY); }
static int read_secret(void) { return open_at(secret, O_RDONLY); }
static int read_link(void) { return open_in("link", O_RDONLY); }
static int read_dots(void) { return open_in("../secret.txt", O_RDONLY); }
static int read_above(void) { return open_at(fixture.dir, O_RDONLY | O_DIRECTORY); }
static int read_memory(void) { return open_at("/proc/self/mem", O_RDONLY); }
static int list_given(void) { return open_at(in, O_RDONLY | O_DIRECTORY); }

static void a_parser_reads_what_it_was_given_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(open_at(secret, O_RDONLY), 0); /* it is the sandbox that refuses it */
	assert_int_equal(try(read_given), 0);
	assert_int_equal(try(list_given), 0);
	assert_int_equal(try(read_shadow), access("/etc/shadow", F_OK) ? ENOENT : EACCES);
	assert_int_equal(try(read_secret), EACCES);
	assert_int_equal(try(read_link), EACCES);
	assert_int_equal(try(read_dots), EACCES);
	assert_int_equal(try(read_above), EACCES);
	if (!IS_SANITIZED)
		assert_int_equal(try(read_memory), EACCES);
}

static int write_given(void) { return open_in("a.txt", O_WRONLY); }
static int make_given(void) { return open_in("new", O_WRONLY | O_CREAT); }
static int chmod_given(void) { return chmod(in, 0700) ? errno : 0; }
static int truncate_given(void) { return truncate(secret, 0) ? errno : 0; }
static int write_output(void) { return open_at(out, O_WRONLY | O_TRUNC); }
static int read_output(void) { return open_at(out, O_RDONLY); }

static int remove_given(void)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/a.txt", in);
	return unlink(path) ? errno : 0;
}

static int make_beside_output(void)
{
	char path[320];

	snprintf(path, sizeof(path), "%s.more", out);
	return open_at(path, O_WRONLY | O_CREAT);
}

static int rename_output(void)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/a.txt", in);
	return rename(out, path) ? errno : 0;
}

static void it_writes_to_outputs_alone(void **state)
{
	(void)state;
	assert_int_equal(try(write_output), 0);
	assert_int_equal(try(read_output), EACCES);
	assert_int_equal(try(make_beside_output), EACCES);
	assert_int_not_equal(try(rename_output), 0);
	assert_int_equal(try(write_given), EACCES);
	assert_int_equal(try(make_given), EACCES);
	assert_int_equal(try(remove_given), EACCES);
	assert_int_equal(try(chmod_given), EPERM);
	assert_int_equal(try(truncate_given), EPERM);
	assert_int_equal(open_at(secret, O_RDONLY), 0);
}

static int use_temp(void)
{
	char from[330], to[330];
	int fd;

	snprintf(from, sizeof(from), "%s/made/file", temp);
	snprintf(to, sizeof(to), "%s/renamed", temp);
	from[strlen(from) - 5] = '\0';
	if (mkdir(from, 0700))
		return errno;
	from[strlen(from)] = '/';
	fd = open(from, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "12", 2) != 2 || ftruncate(fd, 1) || close(fd) || rename(from, to) || unlink(to))
		return errno;
	snprintf(to, sizeof(to), "%s/x", temp);
	if (unlink(to))
		return errno;
	snprintf(to, sizeof(to), "%s/made", temp);
	return rmdir(to) || rmdir(temp) ? errno : 0;
}

static void the_temporary_folder_is_its_own(void **state)
{
	(void)state;
	assert_int_equal(try(use_temp), 0);
	assert_int_equal(access(temp, F_OK), -1);
	put_text(&fixture, "temp/x", "x");
}

/* ---- the network ---- */

static int make_socket(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }
static int make_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0; }

static int connect_to(int fd)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(9)};

	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (const struct sockaddr *)&where, sizeof(where)) ? errno : 0;
}

static int connect_inherited(void) { return connect_to(inherited); }
static int connect_new(void) { return connect_to(socket(AF_INET, SOCK_STREAM, 0)); }
static int listen_inherited(void) { return listen(inherited, 1) ? errno : 0; }

static int send_message(void)
{
	static char byte[1];
	struct iovec part = {byte, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	return sendmsg(inherited, &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

static void sockets_end_it(void **state)
{
	(void)state;
	assert_int_equal(try(make_socket), -SIGSYS);
	assert_int_equal(try(make_unix_socket), -SIGSYS);
	assert_int_equal(try(connect_inherited), -SIGSYS);
	assert_int_equal(try(send_message), EPERM);
}

static void who_asks_an_index_has_them_as_a_client(void **state)
{
	(void)state;
	assert_int_equal(try_with(MC_SANDBOX_NETWORK, make_socket), 0);
	assert_int_equal(try_with(MC_SANDBOX_NETWORK, connect_new), ECONNREFUSED);
	assert_int_equal(try_with(MC_SANDBOX_NETWORK, listen_inherited), -SIGSYS);
	assert_int_equal(try_with(MC_SANDBOX_NETWORK, read_secret), EACCES);
	assert_int_equal(try_with(MC_SANDBOX_MESSAGES, send_message), EPIPE); /* it is connected to nothing */
	assert_int_equal(try_with(MC_SANDBOX_MESSAGES, make_socket), -SIGSYS);
}

/* ---- programs and processes ---- */

static int run_program(const char *path)
{
	char *const words[] = {(char *)(uintptr_t)path, NULL};

	execve(path, words, words + 1);
	return errno;
}

static int run_true(void) { return run_program("/bin/true"); }
static int run_shell(void) { return run_program("/bin/sh"); }
static int run_by_fd(void) { return (int)syscall(__NR_execveat, -1, "/bin/true", NULL, NULL, 0) ? errno : 0; }

static int make_process(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid < 0 ? errno : 0;
}

static int trace(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0; }
static int load_bpf(void) { return syscall(__NR_bpf, 0, NULL, 0) < 0 ? errno : 0; }
static int mount_it(void) { return syscall(__NR_mount, "none", in, "tmpfs", 0, NULL) ? errno : 0; }
static int queue_calls(void) { return syscall(__NR_io_uring_setup, 1, NULL) ? errno : 0; }
static int become_root(void) { return syscall(__NR_setuid, 0) ? errno : 0; }
static int signal_parent(void) { return kill(getppid(), 0) ? errno : 0; }
static int call_the_unknown(void) { return syscall(5000) ? errno : 0; }

static int abort_itself(void)
{
	abort();
}

static void it_starts_nothing(void **state)
{
	(void)state;
	if (IS_SANITIZED)
		skip();
	assert_int_equal(try(run_true), -SIGSYS);
	assert_int_equal(try(run_by_fd), -SIGSYS);
	assert_int_equal(try(make_process), EPERM);
	assert_int_equal(try(trace), -SIGSYS);
	assert_int_equal(try(signal_parent), EPERM);
	assert_int_equal(try(abort_itself), -SIGABRT);
}

static void hostile_calls_end_it(void **state)
{
	(void)state;
	assert_int_equal(try(load_bpf), -SIGSYS);
	assert_int_equal(try(mount_it), -SIGSYS);
	assert_int_equal(try(queue_calls), -SIGSYS);
	assert_int_equal(try(become_root), -SIGSYS);
	assert_int_equal(try(call_the_unknown), ENOSYS);
}

#ifdef __x86_64__
static int call_by_x32(void) { return syscall(0x40000000 | __NR_getpid) < 0 ? errno : 0; }
#endif

static void numbers_of_another_machine_are_no_way_round(void **state)
{
	(void)state;
#ifdef __x86_64__
	assert_int_equal(try(call_by_x32), -SIGSYS);
#else
	skip();
#endif
}

static void only_named_programs_run_where_some_must(void **state)
{
	(void)state;
	assert_int_equal(try_with(MC_SANDBOX_PROGRAMS, run_true), 0);
	assert_int_equal(try_with(MC_SANDBOX_PROGRAMS, run_shell), EACCES);
	assert_int_equal(try_with(MC_SANDBOX_PROGRAMS, make_process), 0);
	assert_int_equal(try_with(MC_SANDBOX_PROGRAMS, make_socket), -SIGSYS);
}

/* ---- memory, terminals ---- */

static int map_both(void)
{
	return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int turn_to_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? 201 : mprotect(page, 4096, PROT_READ | PROT_EXEC) ? errno : 0;
}

static void what_was_written_is_not_run(void **state)
{
	(void)state;
	if (IS_SANITIZED)
		skip();
	assert_int_equal(try(map_both), EPERM);
	assert_int_equal(try(turn_to_code), EPERM);
}

static int type_into_terminal(void)
{
	char c = 'x';

	return ioctl(0, TIOCSTI, &c) ? errno : 0;
}

static int own_signals(void) { return fcntl(inherited, F_SETOWN, getppid()) ? errno : 0; }

static void terminals_and_signals_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(try(type_into_terminal), ENOTTY);
	assert_int_equal(try(own_signals), EPERM);
}

/* ---- what is needed ---- */

static void *read_secret_of_thread(void *result)
{
	*(int *)result = read_secret();
	return NULL;
}

static int read_in_thread(void)
{
	pthread_t thread;
	int result = 202;

	if (pthread_create(&thread, NULL, read_secret_of_thread, &result) || pthread_join(thread, NULL))
		return 203;
	return result;
}

static void *make_socket_of_thread(void *result)
{
	*(int *)result = make_socket();
	return NULL;
}

static int make_socket_in_thread(void)
{
	pthread_t thread;
	int result = 202;

	if (pthread_create(&thread, NULL, make_socket_of_thread, &result) || pthread_join(thread, NULL))
		return 203;
	return result;
}

static void threads_are_in_it_too(void **state)
{
	(void)state;
	assert_int_equal(try(read_in_thread), EACCES);
	assert_int_equal(try(make_socket_in_thread), -SIGSYS);
}

/* libcurl with all it brings is loaded when it is wanted (late.h).  */
static int load_late(void)
{
	struct mc_arena arena;
	struct mc_url url;
	enum mc_status status;

	mc_arena_init(&arena, NULL);
	status = mc_url_read(&arena, MC_STR(""), MC_STR("https://host.example/x"), &url);
	mc_arena_clear(&arena);
	return -(int)status;
}

static void libraries_are_loaded_late(void **state)
{
	(void)state;
	assert_int_equal(try(load_late), 0);
}

/* ---- kernels without it ---- */

/* From here on that call is not there.  */
static void take_away(int number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(204);
}

/* 0: as it should be.  */
static int enter_without(int number, bool is_required, enum mc_status wanted)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_sandbox box;
	int status;
	pid_t pid = fork();

	if (!pid) {
		take_away(number);
		mc_sandbox_open(&box, 0);
		_exit(mc_sandbox_enter(&box, 0, is_required, &err) != wanted || (wanted && !err.text[0]));
	}
	waitpid(pid, &status, 0);
	return status;
}

static void without_the_kernels_help_only_who_requires_it_fails(void **state)
{
	(void)state;
	assert_int_equal(enter_without(444, true, MC_ERR_UNSUPPORTED), 0);
	assert_int_equal(enter_without(444, false, MC_OK), 0);
	assert_int_equal(enter_without(__NR_seccomp, true, MC_ERR_UNSUPPORTED), 0);
	assert_int_equal(enter_without(__NR_seccomp, false, MC_OK), 0);
}

/* What may be read later would be refused for another reason than the machine's.  */
static int enter_without_descriptors(bool is_before)
{
	struct rlimit none = {0, 0};
	struct mc_error err = MC_ERROR_INIT;
	struct mc_sandbox box;

	if (is_before && setrlimit(RLIMIT_NOFILE, &none))
		return 205;
	mc_sandbox_open(&box, 0);
	if (!is_before && setrlimit(RLIMIT_NOFILE, &none))
		return 206;
	mc_sandbox_allow(&box, in, MC_SANDBOX_READ);
	return mc_sandbox_enter(&box, 0, false, &err) != MC_ERR_IO || err.sys_errno != EMFILE;
}

static int enter_without_any(void) { return enter_without_descriptors(true); }
static int allow_without_any(void) { return enter_without_descriptors(false); }

static void what_cannot_be_named_ends_it(void **state)
{
	(void)state;
	assert_int_equal(try_outside(enter_without_any), 0);
	assert_int_equal(try_outside(allow_without_any), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parser_reads_what_it_was_given_and_nothing_else),
		cmocka_unit_test(it_writes_to_outputs_alone),
		cmocka_unit_test(the_temporary_folder_is_its_own),
		cmocka_unit_test(sockets_end_it),
		cmocka_unit_test(who_asks_an_index_has_them_as_a_client),
		cmocka_unit_test(it_starts_nothing),
		cmocka_unit_test(hostile_calls_end_it),
		cmocka_unit_test(numbers_of_another_machine_are_no_way_round),
		cmocka_unit_test(only_named_programs_run_where_some_must),
		cmocka_unit_test(what_was_written_is_not_run),
		cmocka_unit_test(terminals_and_signals_are_left_alone),
		cmocka_unit_test(threads_are_in_it_too),
		cmocka_unit_test(libraries_are_loaded_late),
		cmocka_unit_test(what_cannot_be_named_ends_it),
		cmocka_unit_test(without_the_kernels_help_only_who_requires_it_fails),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
