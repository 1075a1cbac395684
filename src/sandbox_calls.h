/* SPDX-License-Identifier: MIT */
/*
 * sandbox_calls.h - the system calls that a process of ours makes.  Private to sandbox.c.
 *
 * A call that is not here is refused with EPERM; one that is newer than all of these with ENOSYS,
 * which libraries take for an old kernel.  A hostile one ends the process: no library of ours has
 * any use for it, so whoever makes it is not one.
 */
#ifndef MC_SANDBOX_CALLS_H
#define MC_SANDBOX_CALLS_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>

#if defined(__x86_64__)
#define OWN_AUDIT_ARCH AUDIT_ARCH_X86_64
#define MUSL_MACHINE "x86_64"
#elif defined(__aarch64__)
#define OWN_AUDIT_ARCH AUDIT_ARCH_AARCH64
#define MUSL_MACHINE "aarch64"
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_AUDIT_ARCH AUDIT_ARCH_RISCV64
#define MUSL_MACHINE "riscv64"
#else
#define MUSL_MACHINE ""
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* Newer than some headers.  */
#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif
#define MC_PR_SET_VMA 0x53564d41 /* names of mappings, glibc 2.39 */
#define MC_F_SETPIPE_SZ 1031
#define CALLS_LAST 462 /* mseal() of Linux 6.10; all machines count alike from 424 on */

#ifdef OWN_AUDIT_ARCH

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define AND(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (bits))
/* How many instructions to pass over, where it is so and where it is not.  */
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define HAS(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (yes), (no))
/* Where it is this call, the next instruction; else behind 'length' of them.  */
#define ON_CALL(number, length) IS((number), 0, (length))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define REFUSE(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))
/* Low half of an argument; all these machines are little-endian.  */
#define ARGUMENT(i) (offsetof(struct seccomp_data, args) + 8 * (i))

/* Beside those of mc_sandbox_enter().  */
#define NEEDS_PTRACE 0x100U

static const struct {
	int number;
	unsigned needs;  /* one of them; 0: everybody's */
	bool is_hostile; /* where it is not needed */
} calls[] = {
#define CALL(name) {__NR_##name, 0, false},
#define CALL_OF(name, needs) {__NR_##name, (needs), false},
#define HOSTILE(name, needs) {__NR_##name, (needs), true},
	/* The many first: a kernel before 5.11 goes through the list each time.  */
	CALL(pread64) CALL(futex) CALL(read) CALL(close) CALL(openat) CALL(newfstatat) CALL(fstat)
	CALL(getdents64) CALL(munmap) CALL(brk) CALL(write) CALL(lseek) CALL(mremap) CALL(madvise)
	CALL(statx) CALL(readlinkat) CALL(faccessat) CALL(readv) CALL(writev) CALL(pwrite64)
#ifdef __NR_open
	CALL(open) CALL(stat) CALL(lstat) CALL(access) CALL(readlink) CALL(mkdir) CALL(rmdir) CALL(unlink)
	CALL(rename) CALL(link) CALL(symlink) CALL(getdents) CALL(pipe) CALL(dup2) CALL(poll) CALL(select)
	CALL(epoll_wait) CALL(epoll_create) CALL(time) CALL(arch_prctl) CALL(eventfd)
#endif
#ifdef __NR_renameat
	CALL(renameat)
#endif
#ifdef __NR_faccessat2
	CALL(faccessat2)
#endif
#ifdef __NR_close_range
	CALL(close_range)
#endif
#ifdef __NR_rseq
	CALL(rseq)
#endif
	CALL(renameat2) CALL(mkdirat) CALL(unlinkat) CALL(linkat) CALL(symlinkat)
	CALL(statfs) CALL(fstatfs) CALL(getcwd) CALL(umask) CALL(ftruncate) CALL(fallocate)
	CALL(fsync) CALL(fdatasync) CALL(fadvise64) CALL(copy_file_range) CALL(preadv) CALL(pwritev)
	CALL(dup) CALL(dup3) CALL(pipe2) CALL(tee) CALL(ppoll) CALL(pselect6)
	CALL(epoll_create1) CALL(epoll_ctl) CALL(epoll_pwait) CALL(eventfd2)
	CALL(getpid) CALL(getppid) CALL(gettid) CALL(getuid) CALL(geteuid) CALL(getgid) CALL(getegid)
	CALL(set_tid_address) CALL(set_robust_list) CALL(get_robust_list) CALL(sched_yield) CALL(sched_getaffinity)
	CALL(sched_getparam) CALL(sched_getscheduler) CALL(membarrier) CALL(exit) CALL(exit_group)
	CALL(rt_sigaction) CALL(rt_sigprocmask) CALL(rt_sigreturn) CALL(rt_sigpending) CALL(rt_sigtimedwait)
	CALL(sigaltstack) CALL(restart_syscall)
	CALL(clock_gettime) CALL(clock_getres) CALL(clock_nanosleep) CALL(nanosleep) CALL(gettimeofday)
	CALL(getrandom) CALL(sysinfo) CALL(uname) CALL(getrlimit) CALL(getrusage) CALL(times)

	/* The network: as a client.  */
	HOSTILE(socket, MC_SANDBOX_NETWORK)
	HOSTILE(connect, MC_SANDBOX_NETWORK)
	HOSTILE(bind, MC_SANDBOX_NETWORK) /* netlink, to see which addresses there are */
	CALL_OF(socketpair, MC_SANDBOX_NETWORK) CALL_OF(sendto, MC_SANDBOX_NETWORK)
	CALL_OF(recvfrom, MC_SANDBOX_NETWORK) CALL_OF(sendmsg, MC_SANDBOX_NETWORK | MC_SANDBOX_MESSAGES)
	CALL_OF(recvmsg, MC_SANDBOX_NETWORK | MC_SANDBOX_MESSAGES) CALL_OF(sendmmsg, MC_SANDBOX_NETWORK)
	CALL_OF(recvmmsg, MC_SANDBOX_NETWORK) CALL_OF(setsockopt, MC_SANDBOX_NETWORK)
	CALL_OF(getsockopt, MC_SANDBOX_NETWORK) CALL_OF(getsockname, MC_SANDBOX_NETWORK)
	CALL_OF(getpeername, MC_SANDBOX_NETWORK) CALL_OF(shutdown, MC_SANDBOX_NETWORK)
	HOSTILE(listen, 0x80) HOSTILE(accept, 0x80) HOSTILE(accept4, 0x80)

	/* Other programs, and what those may do in their turn (loader_run.c).  */
	HOSTILE(execve, MC_SANDBOX_PROGRAMS)
	CALL_OF(clone, MC_SANDBOX_PROGRAMS) CALL_OF(wait4, MC_SANDBOX_PROGRAMS)
	CALL_OF(waitid, MC_SANDBOX_PROGRAMS) CALL_OF(kill, MC_SANDBOX_PROGRAMS)
	CALL_OF(tkill, MC_SANDBOX_PROGRAMS) CALL_OF(tgkill, MC_SANDBOX_PROGRAMS)
	CALL_OF(setsid, MC_SANDBOX_PROGRAMS) CALL_OF(setpgid, MC_SANDBOX_PROGRAMS)
	CALL_OF(setrlimit, MC_SANDBOX_PROGRAMS) CALL_OF(prlimit64, MC_SANDBOX_PROGRAMS)
	CALL_OF(unshare, MC_SANDBOX_PROGRAMS) CALL_OF(prctl, MC_SANDBOX_PROGRAMS)
	CALL_OF(seccomp, MC_SANDBOX_PROGRAMS) CALL_OF(mmap, MC_SANDBOX_PROGRAMS)
	CALL_OF(mprotect, MC_SANDBOX_PROGRAMS) CALL_OF(personality, NEEDS_PTRACE)
#ifdef __NR_fork
	CALL_OF(fork, MC_SANDBOX_PROGRAMS) CALL_OF(vfork, MC_SANDBOX_PROGRAMS)
#endif
#ifdef __NR_clone3
	CALL_OF(clone3, MC_SANDBOX_PROGRAMS)
#endif

	HOSTILE(ptrace, NEEDS_PTRACE) HOSTILE(process_vm_readv, NEEDS_PTRACE)
	HOSTILE(process_vm_writev, 0x80) HOSTILE(execveat, 0x80)
	HOSTILE(bpf, 0x80) HOSTILE(perf_event_open, 0x80) HOSTILE(userfaultfd, 0x80)
	HOSTILE(init_module, 0x80) HOSTILE(finit_module, 0x80) HOSTILE(delete_module, 0x80)
	HOSTILE(kexec_load, 0x80) HOSTILE(reboot, 0x80) HOSTILE(swapon, 0x80) HOSTILE(swapoff, 0x80)
	HOSTILE(add_key, 0x80) HOSTILE(request_key, 0x80) HOSTILE(keyctl, 0x80)
	HOSTILE(mount, 0x80) HOSTILE(umount2, 0x80) HOSTILE(pivot_root, 0x80) HOSTILE(chroot, 0x80)
	HOSTILE(setns, 0x80) HOSTILE(open_by_handle_at, 0x80)
	HOSTILE(setuid, 0x80) HOSTILE(setgid, 0x80) HOSTILE(setreuid, 0x80) HOSTILE(setregid, 0x80)
	HOSTILE(setresuid, 0x80) HOSTILE(setresgid, 0x80) HOSTILE(setgroups, 0x80) HOSTILE(capset, 0x80)
#ifdef __NR_io_uring_setup
	HOSTILE(io_uring_setup, 0x80) HOSTILE(io_uring_enter, 0x80) HOSTILE(io_uring_register, 0x80)
#endif
#ifdef __NR_pidfd_getfd
	HOSTILE(pidfd_getfd, 0x80)
#endif
#undef CALL
#undef CALL_OF
#undef HOSTILE
};

#endif /* OWN_AUDIT_ARCH */

#endif /* MC_SANDBOX_CALLS_H */
