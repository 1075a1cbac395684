/* SPDX-License-Identifier: MIT */
/*
 * shim.c - preloaded into a program: the n-th call of a function or of the system fails.
 *
 * MC_FAULT=WHAT:N[+]:HOW   WHAT is "malloc" (and its kin), "pthread_create" or a system call of the
 *                          table below; "+": that call and all behind it; HOW is an errno's number,
 *                          "short" (a read or write of one byte), or "abort" (to see where it is)
 * MC_FAULT_COUNT=FILE      the number of calls, by WHAT, is appended to FILE at the end
 *
 * System calls are caught in the kernel (seccomp's SECCOMP_RET_TRAP) and not by their C names: what
 * stdio and the dynamic loader do within libc goes by none.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#define REG(c, name) (c)->uc_mcontext.gregs[REG_##name]
#define RESULT(c) REG(c, RAX)
#define ARGS(c) {REG(c, RDI), REG(c, RSI), REG(c, RDX), REG(c, R10), REG(c, R8), REG(c, R9)}
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#define REG(c, i) (long)(c)->uc_mcontext.regs[i]
#define RESULT(c) (c)->uc_mcontext.regs[0]
#define ARGS(c) {REG(c, 0), REG(c, 1), REG(c, 2), REG(c, 3), REG(c, 4), REG(c, 5)}
#else
#error "of this processor the registers are not known here"
#endif

enum { MALLOC, PTHREAD_CREATE, FIRST_SYSCALL };

static struct what {
	const char *name;
	long number;
	atomic_long calls;
} whats[] = {
	{"malloc", -1, 0},
	{"pthread_create", -1, 0},
	{"read", SYS_read, 0},
	{"pread", SYS_pread64, 0},
	{"write", SYS_write, 0},
	{"pwrite", SYS_pwrite64, 0},
	{"openat", SYS_openat, 0},
	{"fstat", SYS_newfstatat, 0}, /* glibc's stat(), lstat() and fstat() */
	{"getdents", SYS_getdents64, 0},
	{"lseek", SYS_lseek, 0},
	{"mmap", SYS_mmap, 0},
	{"ftruncate", SYS_ftruncate, 0},
	{"close", SYS_close, 0},
	{"fcntl", SYS_fcntl, 0},
	{"mkdirat", SYS_mkdirat, 0},
#ifdef SYS_mkdir
	{"mkdir", SYS_mkdir, 0},
	{"rename", SYS_rename, 0},
	{"readlink", SYS_readlink, 0},
	{"pipe", SYS_pipe, 0},
	{"poll", SYS_poll, 0},
#endif
	{"renameat", SYS_renameat, 0},
	{"readlinkat", SYS_readlinkat, 0},
	{"symlinkat", SYS_symlinkat, 0},
	{"pipe2", SYS_pipe2, 0},
	{"socket", SYS_socket, 0},
	{"connect", SYS_connect, 0},
	{"sendto", SYS_sendto, 0},
	{"recvfrom", SYS_recvfrom, 0},
};
enum { WHATS_COUNT = sizeof(whats) / sizeof(*whats) };

static struct {
	const struct what *what; /* NULL: none */
	long n;
	int number; /* errno */
	bool goes_on, is_short, is_abort, is_armed;
	char count_path[4096];
} fault;

/* Is this the call that fails?  */
static bool is_due(struct what *what)
{
	long call;

	if (!fault.is_armed)
		return false;
	call = atomic_fetch_add(&what->calls, 1) + 1;
	if (fault.what != what || (call != fault.n && (!fault.goes_on || call < fault.n)))
		return false;
	if (fault.is_abort)
		abort();
	return true;
}

/* ---- memory ---- */

/* ASan's own when it is there; else libc's by the names that nothing takes from it.  */
#define ORIGINAL(name, type, params)                        \
	extern type __interceptor_##name params __attribute__((weak)); \
	extern type __libc_##name params;
ORIGINAL(malloc, void *, (size_t))
ORIGINAL(calloc, void *, (size_t, size_t))
ORIGINAL(realloc, void *, (void *, size_t))
ORIGINAL(memalign, void *, (size_t, size_t))
#define CALL(name, ...) (__interceptor_##name ? __interceptor_##name(__VA_ARGS__) : __libc_##name(__VA_ARGS__))

static bool is_refused(void)
{
	if (!is_due(&whats[MALLOC]))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t nbytes)
{
	return is_refused() ? NULL : CALL(malloc, nbytes);
}

void *calloc(size_t count, size_t nbytes)
{
	return is_refused() ? NULL : CALL(calloc, count, nbytes);
}

void *realloc(void *ptr, size_t nbytes)
{
	return is_refused() ? NULL : CALL(realloc, ptr, nbytes);
}

void *reallocarray(void *ptr, size_t count, size_t nbytes)
{
	size_t product;

	if (__builtin_mul_overflow(count, nbytes, &product)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(ptr, product);
}

void *memalign(size_t align, size_t nbytes)
{
	return is_refused() ? NULL : CALL(memalign, align, nbytes);
}

void *aligned_alloc(size_t align, size_t nbytes)
{
	return memalign(align, nbytes);
}

int posix_memalign(void **ptr_out, size_t align, size_t nbytes)
{
	void *ptr = memalign(align, nbytes);

	if (!ptr)
		return ENOMEM;
	*ptr_out = ptr;
	return 0;
}

/* ---- threads ---- */

int pthread_create(pthread_t *thread_out, const pthread_attr_t *attr, void *(*run)(void *), void *state)
{
	int (*original)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (is_due(&whats[PTHREAD_CREATE]))
		return fault.number;
	*(void **)&original = dlsym(RTLD_NEXT, "pthread_create");
	return original(thread_out, attr, run, state);
}

/* A trap that is blocked kills.  */
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old_out)
{
	int (*original)(int, const sigset_t *, sigset_t *);
	sigset_t spared;

	*(void **)&original = dlsym(RTLD_NEXT, "pthread_sigmask");
	if (!set)
		return original(how, NULL, old_out);
	spared = *set;
	sigdelset(&spared, SIGSYS);
	return original(how, &spared, old_out);
}

/* ---- system calls ---- */

static void on_trap(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	long args[] = ARGS(c), result = 0;
	int saved_errno = errno;

	(void)signal;
	for (size_t i = FIRST_SYSCALL; i < WHATS_COUNT; i++) {
		if (whats[i].number != info->si_syscall)
			continue;
		if (is_due(&whats[i])) {
			if (fault.is_short)
				args[2] = args[2] > 1 ? 1 : args[2];
			else
				result = -fault.number;
			/* Linux lets go of the descriptor, whatever it says.  */
			if (info->si_syscall == SYS_close)
				syscall(SYS_close, args[0]);
		}
		break;
	}
	if (!result) {
		/* The filter lets libc's syscall() pass.  */
		result = syscall(info->si_syscall, args[0], args[1], args[2], args[3], args[4], args[5]);
		if (result == -1)
			result = -errno;
	}
	RESULT(c) = result;
	errno = saved_errno;
}

static void trap_syscalls(const struct what *only)
{
	uint64_t pass = (uintptr_t)&syscall;
	struct sock_filter code[9 + WHATS_COUNT];
	struct sock_fprog program = {0, code};
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
	unsigned short n = 0;

	/* An instruction of syscall() itself, which is shorter than 128 bytes and crosses no 4 GB.  */
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(pass >> 32), 0, 4);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)pass, 0, 2);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)pass + 128, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = FIRST_SYSCALL, left = WHATS_COUNT - FIRST_SYSCALL; i < WHATS_COUNT; i++, left--) {
		long number = only && only != &whats[i] ? -1 : whats[i].number;

		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, (uint8_t)left, 0);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	program.len = n;
	sigaction(SIGSYS, &action, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		static const char text[] = "shim: no seccomp here\n";

		if (write(2, text, sizeof(text) - 1) < 0)
			_exit(98);
		_exit(99);
	}
}

/* ---- the beginning and the end ---- */

static void read_fault(char *text)
{
	char *n = strchr(text, ':'), *how = n ? strchr(n + 1, ':') : NULL;

	if (!how)
		_exit(97);
	*n++ = *how++ = '\0';
	for (size_t i = 0; i < WHATS_COUNT; i++)
		if (!strcmp(whats[i].name, text))
			fault.what = &whats[i];
	if (!fault.what)
		_exit(96);
	fault.n = strtol(n, NULL, 10);
	fault.goes_on = strchr(n, '+') != NULL;
	fault.is_short = !strcmp(how, "short");
	fault.is_abort = !strcmp(how, "abort");
	fault.number = (int)strtol(how, NULL, 10);
}

__attribute__((constructor)) static void begin(void)
{
	char *what = getenv("MC_FAULT"), *count = getenv("MC_FAULT_COUNT");

	if (count)
		snprintf(fault.count_path, sizeof(fault.count_path), "%s", count);
	if (what)
		read_fault(what);
	unsetenv("MC_FAULT");
	unsetenv("MC_FAULT_COUNT");
	unsetenv("LD_PRELOAD"); /* not for the programs that it runs */
	if (count || (fault.what && fault.what >= &whats[FIRST_SYSCALL]))
		trap_syscalls(fault.what);
	fault.is_armed = true;
}

__attribute__((destructor)) static void end(void)
{
	char line[80];
	int fd;

	fault.is_armed = false;
	if (!fault.count_path[0])
		return;
	fd = open(fault.count_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	for (size_t i = 0; i < WHATS_COUNT; i++) {
		int len = snprintf(line, sizeof(line), "%s %ld\n", whats[i].name, atomic_load(&whats[i].calls));

		if (fd < 0 || write(fd, line, (size_t)len) != len)
			_exit(95);
	}
	close(fd);
}
