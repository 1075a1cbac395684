/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* unshare(), with glibc and musl */

#include "loader_run.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_MACHINE "x86_64"
#define OWN_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE "aarch64"
#define OWN_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#define OWN_MACHINE ""
#endif

/* ---- finding it ---- */

/* musl's names of machines (arch/ and configure), and qemu's.  */
static const struct {
	const char *machine, *musl, *qemu;
} machines[] = {
	{"x86_64", "x86_64", "x86_64"},	      {"aarch64", "aarch64", "aarch64"},
	{"armv7l", "armhf", "arm"},	      {"i686", "i386", "i386"},
	{"ppc64le", "powerpc64le", "ppc64le"}, {"s390x", "s390x", "s390x"},
	{"riscv64", "riscv64", "riscv64"},
};

static bool is_program(const char *path)
{
	return !access(path, X_OK);
}

/* "qemu-aarch64-static" or "qemu-aarch64" in PATH; NULL: neither is there.  */
static const char *find_emulator(const char *qemu, struct mc_arena *arena)
{
	const char *const ends[] = {"-static", ""};
	const char *path = getenv("PATH");
	struct mc_str rest = mc_str_of(path ? path : "/usr/local/bin:/usr/bin:/bin");

	while (rest.len) {
		struct mc_str folder = mc_str_cut(&rest, ':');

		for (size_t i = 0; i < 2 && folder.len; i++) {
			struct mc_str program = mc_arena_printf(arena, "%.*s/qemu-%s%s",
								MC_TEXT(folder), qemu, ends[i]);

			if (program.len && is_program(program.ptr))
				return program.ptr;
		}
	}
	return NULL;
}

enum mc_status mc_loader_find(const char *machine, const char *path, struct mc_arena *arena,
			      struct mc_loader *loader_out, struct mc_error *err)
{
	size_t i = 0;

	while (i < sizeof(machines) / sizeof(*machines) && strcmp(machines[i].machine, machine) != 0)
		i++;
	*loader_out = (struct mc_loader){.is_foreign = strcmp(machine, OWN_MACHINE) != 0};
	if (i == sizeof(machines) / sizeof(*machines))
		return mc_fail(err, MC_ERR_NOT_FOUND, machine, "musl has no such machine");
	if (!path)
		path = mc_arena_printf(arena, "/lib/ld-musl-%s.so.1", machines[i].musl).ptr;
	if (!*path)
		return mc_no_memory(err);
	loader_out->path = path;
	if (access(path, R_OK))
		return mc_fail(err, MC_ERR_NOT_FOUND, path,
			       "it is not on this host; Debian's package musl has it");
	if (loader_out->is_foreign)
		loader_out->emulator = find_emulator(machines[i].qemu, arena);
	return MC_OK;
}

void mc_loader_programs(const char *path, struct mc_arena *arena, void (*take)(void *state, const char *program),
			void *state)
{
	/* An emulator is a program of this machine, most often with a loader of its own.  */
	static const char *const own[] = {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"};

	if (path)
		take(state, path);
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		const char *emulator = find_emulator(machines[i].qemu, arena);

		take(state, mc_arena_printf(arena, "/lib/ld-musl-%s.so.1", machines[i].musl).ptr);
		if (emulator)
			take(state, emulator);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		take(state, own[i]);
}

/* ---- the child: async-signal-safe calls only ---- */

/* False: it is not bounded so.  A lower bound that is there already is as good.  */
static bool limit(int what, rlim_t value)
{
	const struct rlimit bound = {value, value};
	struct rlimit now;

	return !setrlimit(what, &bound) || (!getrlimit(what, &now) && now.rlim_max <= value);
}

#ifdef OWN_AUDIT_ARCH

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
/* Where it is this system call, the next instruction; else behind it.  */
#define ON_CALL(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)
#define PASS(number) ON_CALL(number), ALLOW
/* Low half of an argument; both machines are little-endian.  */
#define ARGUMENT(i) (offsetof(struct seccomp_data, args) + 8 * (i))
/* An open() is allowed when it neither writes nor makes a file.  */
#define PASS_READING(number, i)                                                                 \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4), LOAD(ARGUMENT(i)),                    \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC, 0, 1), KILL, \
		ALLOW

/* fcntl() and ioctl() by request: F_SETOWN and F_SETSIG send any signal to any process of the
   user's, and TIOCSTI types into the terminal.  */
#define PASS_FCNTL                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_fcntl, 0, 6), LOAD(ARGUMENT(1)), \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_GETFD, 3, 0),               \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETFD, 2, 0),               \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_GETFL, 1, 0), KILL, ALLOW
#define PASS_IOCTL                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ioctl, 0, 4), LOAD(ARGUMENT(1)), \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCGWINSZ, 1, 0), KILL, ALLOW

static bool close_syscalls(void)
{
	static const struct sock_filter rules[] = {
		LOAD(offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_AUDIT_ARCH, 1, 0),
		KILL,
		LOAD(offsetof(struct seccomp_data, nr)),
		PASS_READING(__NR_openat, 2),
#ifdef __NR_open
		PASS_READING(__NR_open, 1),
		PASS(__NR_stat),
		PASS(__NR_lstat),
		PASS(__NR_access),
		PASS(__NR_readlink),
		PASS(__NR_arch_prctl),
#endif
		PASS(__NR_read),
		PASS(__NR_readv),
		PASS(__NR_pread64),
		PASS(__NR_write),
		PASS(__NR_writev),
		PASS(__NR_close),
		PASS(__NR_fstat),
		PASS(__NR_newfstatat),
		PASS(__NR_statx),
		PASS(__NR_lseek),
		PASS(__NR_mmap),
		PASS(__NR_mprotect),
		PASS(__NR_munmap),
		PASS(__NR_mremap),
		PASS(__NR_madvise),
		PASS(__NR_brk),
		PASS_FCNTL,
		PASS_IOCTL,
		PASS(__NR_readlinkat),
		PASS(__NR_faccessat),
		PASS(__NR_getcwd),
		PASS(__NR_getpid),
		PASS(__NR_gettid),
		PASS(__NR_getrandom),
		PASS(__NR_futex),
		PASS(__NR_set_tid_address),
		PASS(__NR_set_robust_list),
#ifdef __NR_rseq
		PASS(__NR_rseq),
#endif
		PASS(__NR_rt_sigaction),
		PASS(__NR_rt_sigprocmask),
		PASS(__NR_rt_sigreturn),
		PASS(__NR_execve),
		PASS(__NR_exit),
		PASS(__NR_exit_group),
		KILL,
	};
	const struct sock_fprog program = {sizeof(rules) / sizeof(*rules), (struct sock_filter *)(uintptr_t)rules};

	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#else

static bool close_syscalls(void)
{
	return false;
}

#endif

/* As far as this host lets it; returns the walls that stand.  */
static unsigned build_walls(bool is_native)
{
	unsigned walls = 0;
	bool has_limits = mc_close_from(4);

	has_limits &= limit(RLIMIT_CPU, 20);
	has_limits &= limit(RLIMIT_AS, (rlim_t)16 << 30);
	has_limits &= limit(RLIMIT_FSIZE, 0);
	has_limits &= limit(RLIMIT_CORE, 0);
	has_limits &= limit(RLIMIT_NOFILE, 1024);
	if (!unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) || !unshare(CLONE_NEWNET))
		walls |= MC_WALL_NETWORK;
	/* Not earlier: other credentials take it away (prctl(2)).  */
	has_limits &= !prctl(PR_SET_PDEATHSIG, SIGKILL);
	has_limits &= !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (has_limits)
		walls |= MC_WALL_LIMITS;
	if (is_native && close_syscalls())
		walls |= MC_WALL_SYSCALLS;
	return walls;
}

/* What the child tells before it becomes the loader.  */
struct report {
	unsigned walls;
	int start_errno; /* why it did not become the loader */
};

static void say(int fd, const struct report *report)
{
	(void)!mc_write_all(fd, report, sizeof(*report));
}

/*
 * Standard input from nowhere, output into 'out', and 3 for the report, which closes itself at
 * exec().  Above them first: where this program was started with less than three, a pipe's own
 * number may be one of 0 to 3, and dup2() of a number onto itself leaves it to close at exec().
 */
static bool place_files(int out, int report_fd)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	out = fcntl(out, F_DUPFD_CLOEXEC, 4);
	return null >= 0 && out >= 0 && dup2(report_fd, 3) == 3 &&
	       fcntl(3, F_SETFD, FD_CLOEXEC) == 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 &&
	       dup2(out, 2) == 2;
}

static void become_loader(const struct mc_loader *loader, const char *file, int out, int report_fd)
{
	char *const empty[] = {NULL};
	const char *argv[7];
	struct report report = {0, 0};
	size_t n = 0;

	if (loader->emulator)
		argv[n++] = loader->emulator;
	argv[n++] = loader->path;
	/* Where an interpreter dlopen()s it, libc is there whether the file asks for it or not.  */
	argv[n++] = "--preload";
	argv[n++] = "libc.so";
	argv[n++] = "--list";
	argv[n++] = file;
	argv[n] = NULL;
	report_fd = fcntl(report_fd, F_DUPFD_CLOEXEC, 4);
	/* A session of its own is a process group too, and one without a terminal to type into.  */
	if (setsid() < 0 || !place_files(out, report_fd)) {
		report.start_errno = errno ? errno : EIO;
		say(report_fd, &report);
		_exit(127);
	}
	report.walls = build_walls(!loader->emulator && !loader->is_foreign);
	say(3, &report);
	execve(argv[0], (char *const *)(uintptr_t)argv, empty);
	report.start_errno = errno;
	say(3, &report);
	_exit(127);
}

/* ---- the parent ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Read until the end, the time or the room is over; false with errno for want of memory.  */
static bool hear(int fd, int64_t deadline, struct mc_arena *arena, struct mc_loader_said *said)
{
	size_t room = 0;
	char *text = NULL;

	said->text = MC_STR("");
	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int64_t left = deadline - now_ms();
		ssize_t got;

		if (left <= 0 || said->text.len >= MC_LOADER_OUTPUT_NBYTES_MAX) {
			said->end = left <= 0 ? MC_LOADER_TIMED_OUT : MC_LOADER_FLOODED;
			return true;
		}
		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		if (said->text.len == room) {
			char *larger = mc_arena_take(arena, room = room ? room * 2 : 4096, 1);

			if (!larger)
				return false;
			if (text)
				memcpy(larger, text, said->text.len);
			text = larger;
		}
		got = read(fd, text + said->text.len, room - said->text.len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return true;
		said->text = (struct mc_str){text, said->text.len + (size_t)got};
	}
}

/* Before setsid() of the child it is in no group of its own.  */
static void kill_all(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

/*
 * Wait until it is over, which it need not be when its output is: whoever closed that may sleep
 * for ever.  It is left a zombie, so that its number stays its own.  False with errno: it is not
 * known how it ended; where SIGCHLD is ignored, the system forgets that.
 */
static bool await(pid_t pid, int64_t deadline, struct mc_loader_said *said)
{
	siginfo_t info;

	for (int pause_ms = 0;; pause_ms = pause_ms < 20 ? pause_ms + 1 : 20) {
		memset(&info, 0, sizeof(info));
		if (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG)) {
			if (info.si_pid == pid)
				return true;
		} else if (errno != EINTR) {
			return false;
		}
		if (now_ms() >= deadline) {
			said->end = MC_LOADER_TIMED_OUT;
			return true;
		}
		poll(NULL, 0, pause_ms);
	}
}

/* The end of it, and of what it may have made: an emulated one can fork.  */
static void reap(pid_t pid, struct mc_loader_said *said)
{
	int status = 0;

	kill_all(pid);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (said->end == MC_LOADER_TIMED_OUT || said->end == MC_LOADER_FLOODED)
		return;
	said->end = WIFSIGNALED(status) ? MC_LOADER_SIGNALLED : MC_LOADER_EXITED;
	said->number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* The last of what the child told: that exec() failed comes behind the walls.  */
static struct report read_report(int fd)
{
	struct report reports[3] = {{0, EIO}}; /* it told nothing */
	char *told = (char *)&reports[1];
	size_t len = 0;
	ssize_t got;

	do {
		got = read(fd, told + len, 2 * sizeof(*reports) - len);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return reports[len / sizeof(*reports)];
}

static bool open_pipe(int ends[static 2])
{
	if (pipe(ends))
		return false;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return true;
}

static enum mc_status listen_to(const struct mc_loader *loader, pid_t pid, const int out[static 2],
				const int told[static 2], struct mc_arena *arena,
				struct mc_loader_said *said, struct mc_error *err)
{
	int64_t deadline = now_ms() + (loader->timeout_ms ? loader->timeout_ms : 10000);
	struct report report;
	bool has_memory, is_known = true;

	mc_close_fd(out[1]);
	mc_close_fd(told[1]);
	has_memory = hear(out[0], deadline, arena, said);
	if (has_memory && said->end == MC_LOADER_EXITED)
		is_known = await(pid, deadline, said);
	if (!is_known)
		return mc_fail(err, MC_ERR_IO, loader->path, "how it ended is not known: SIGCHLD is ignored");
	reap(pid, said);
	report = read_report(told[0]);
	said->walls = report.walls;
	if (!has_memory)
		return mc_no_memory(err);
	if (report.start_errno) {
		errno = report.start_errno;
		return mc_fail(err, MC_ERR_IO, loader->emulator ? loader->emulator : loader->path,
			       loader->is_foreign && !loader->emulator
				       ? "cannot be run; for another machine qemu-user is needed"
				       : "cannot be run");
	}
	return MC_OK;
}

enum mc_status mc_loader_run(const struct mc_loader *loader, const char *file, struct mc_arena *arena,
			     struct mc_loader_said *said_out, struct mc_error *err)
{
	int out[2], told[2];
	enum mc_status status;
	pid_t pid;

	*said_out = (struct mc_loader_said){.end = MC_LOADER_EXITED};
	if (!open_pipe(out))
		return mc_fail(err, MC_ERR_IO, loader->path, "no pipe to hear it");
	if (!open_pipe(told)) {
		mc_close_fd(out[0]);
		mc_close_fd(out[1]);
		return mc_fail(err, MC_ERR_IO, loader->path, "no pipe to hear it");
	}
	pid = fork();
	if (!pid)
		become_loader(loader, file, out[1], told[1]);
	if (pid < 0) {
		status = mc_fail(err, MC_ERR_IO, loader->path, "no process to run it in");
		mc_close_fd(out[1]);
		mc_close_fd(told[1]);
	} else {
		status = listen_to(loader, pid, out, told, arena, said_out, err);
	}
	mc_close_fd(out[0]);
	mc_close_fd(told[0]);
	return status;
}
