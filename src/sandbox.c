/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_PATH, with glibc and musl */

#include "sandbox.h"

#ifdef __linux__

#include "sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Landlock ---- */

/* linux/landlock.h came with Linux 5.13 and grows; what the running kernel knows is asked of it.  */
#define SYS_CREATE_RULESET 444 /* on every machine but alpha */
#define SYS_ADD_RULE 445
#define SYS_RESTRICT_SELF 446
#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SYM = 1 << 12,
	FS_ALL_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,     /* ABI 2: rename() and link() from folder to folder */
	FS_TRUNCATE = 1 << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
	NET_TCP = 3, /* ABI 4: bind() and connect() */
	SCOPED = 3,  /* ABI 6: abstract sockets and signals, to outside */
};

struct ruleset {
	uint64_t fs, net, scoped;
};

struct rule {
	uint64_t fs;
	int32_t fd;
} __attribute__((packed));

static bool is_entered;

static uint64_t known_rights(unsigned abi)
{
	return FS_ALL_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static void note(struct mc_sandbox *sandbox, long result)
{
	/* EIO and ESTALE are of one path, and tell when it is read.  */
	if (result < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		sandbox->refused = errno;
}

void mc_sandbox_open(struct mc_sandbox *sandbox, unsigned needs)
{
	long abi = syscall(SYS_CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);
	struct ruleset all;

	*sandbox = (struct mc_sandbox){.ruleset = -1, .abi = abi > 0 ? (unsigned)abi : 0};
	if (abi <= 0)
		return;
	/* A kernel takes a longer structure than its own when the rest of it is zero.  */
	all = (struct ruleset){.fs = known_rights(sandbox->abi),
			       .net = abi >= 4 && !(needs & MC_SANDBOX_NETWORK) ? NET_TCP : 0,
			       .scoped = abi >= 6 ? SCOPED : 0};
	sandbox->ruleset = (int)syscall(SYS_CREATE_RULESET, &all, sizeof(all), 0U);
	note(sandbox, sandbox->ruleset);
}

void mc_sandbox_allow(struct mc_sandbox *sandbox, const char *path, unsigned rights)
{
	struct rule rule = {.fs = 0};
	struct stat info;

	if (sandbox->ruleset < 0)
		return;
	rule.fd = open(path, O_PATH | O_CLOEXEC);
	note(sandbox, rule.fd);
	if (rule.fd < 0)
		return;
	if (rights & MC_SANDBOX_READ)
		rule.fs |= FS_READ_FILE | FS_READ_DIR;
	if (rights & MC_SANDBOX_WRITE)
		rule.fs |= FS_WRITE_FILE | FS_TRUNCATE;
	if (rights & MC_SANDBOX_MAKE)
		rule.fs |= FS_MAKE_REG | FS_MAKE_DIR | FS_MAKE_SYM | FS_REMOVE_FILE | FS_REMOVE_DIR | FS_REFER;
	if (rights & MC_SANDBOX_REMOVE_DIR)
		rule.fs |= FS_REMOVE_DIR;
	if (rights & MC_SANDBOX_RUN)
		rule.fs |= FS_EXECUTE;
	rule.fs &= known_rights(sandbox->abi);
	if (!fstat(rule.fd, &info) && !S_ISDIR(info.st_mode))
		rule.fs &= FS_OF_FILES;
	/* Pipes and the like have no place in the tree of files, and need no rule.  */
	if (rule.fs)
		note(sandbox, syscall(SYS_ADD_RULE, sandbox->ruleset, RULE_PATH_BENEATH, &rule, 0U));
	close(rule.fd);
}

/* ---- system calls ---- */

#ifdef OWN_AUDIT_ARCH

enum { PROGRAM_MAX = 3 * (sizeof(calls) / sizeof(*calls)) + 64 };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short count;
};

static void put(struct program *p, struct sock_filter one)
{
	if (p->count < PROGRAM_MAX)
		p->code[p->count++] = one;
}

static void put_all(struct program *p, const struct sock_filter *code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(p, code[i]);
}

#define PUT(p, ...)                                                                          \
	do {                                                                                 \
		const struct sock_filter code_[] = {__VA_ARGS__};                            \
		put_all((p), code_, sizeof(code_) / sizeof(*code_));                         \
	} while (0)

/* Those whose arguments matter; each leaves the number of the call where it was.  */
static void put_special(struct program *p, bool may_run)
{
	if (!may_run) {
		/* Code is what came from a file: nothing that was written is run.  */
		PUT(p, ON_CALL(__NR_mmap, 5), LOAD(ARGUMENT(2)), AND(PROT_WRITE | PROT_EXEC),
		    IS(PROT_WRITE | PROT_EXEC, 0, 1), REFUSE(EPERM), ALLOW);
		PUT(p, ON_CALL(__NR_mprotect, 4), LOAD(ARGUMENT(2)), HAS(PROT_EXEC, 0, 1), REFUSE(EPERM), ALLOW);
		/* A thread and no process; glibc goes on to clone(), whose flags can be seen.  */
		PUT(p, ON_CALL(__NR_clone, 4), LOAD(ARGUMENT(0)), HAS(CLONE_THREAD, 1, 0), REFUSE(EPERM), ALLOW);
		PUT(p, ON_CALL(__NR_clone3, 1), REFUSE(ENOSYS));
		/* To itself: the end of a batch by a signal; abort() and raise(), in musl of the first thread alone.  */
		PUT(p, ON_CALL(__NR_kill, 4), LOAD(ARGUMENT(0)), IS((uint32_t)getpid(), 1, 0), REFUSE(EPERM), ALLOW);
		PUT(p, ON_CALL(__NR_tgkill, 4), LOAD(ARGUMENT(0)), IS((uint32_t)getpid(), 1, 0), REFUSE(EPERM), ALLOW);
		PUT(p, ON_CALL(__NR_tkill, 4), LOAD(ARGUMENT(0)), IS((uint32_t)getpid(), 1, 0), REFUSE(EPERM), ALLOW);
		PUT(p, ON_CALL(__NR_prctl, 5), LOAD(ARGUMENT(0)), IS(PR_SET_NAME, 2, 0), IS(MC_PR_SET_VMA, 1, 0),
		    REFUSE(EPERM), ALLOW);
		/* Limits can be asked for.  */
		PUT(p, ON_CALL(__NR_prlimit64, 6), LOAD(ARGUMENT(2)), IS(0, 0, 2), LOAD(ARGUMENT(2) + 4), IS(0, 1, 0),
		    REFUSE(EPERM), ALLOW);
	}
	/* F_SETOWN and F_SETSIG send signals, TIOCSTI types into the terminal.  */
	PUT(p, ON_CALL(__NR_fcntl, 10), LOAD(ARGUMENT(1)), IS(F_DUPFD, 7, 0), IS(F_GETFD, 6, 0), IS(F_SETFD, 5, 0),
	    IS(F_GETFL, 4, 0), IS(F_SETFL, 3, 0), IS(F_DUPFD_CLOEXEC, 2, 0), IS(MC_F_SETPIPE_SZ, 1, 0),
	    REFUSE(EPERM), ALLOW);
	PUT(p, ON_CALL(__NR_ioctl, 6), LOAD(ARGUMENT(1)), IS(TCGETS, 3, 0), IS(TIOCGWINSZ, 2, 0), IS(FIONREAD, 1, 0),
	    REFUSE(ENOTTY), ALLOW);
}

static void fill(struct program *p, unsigned needs)
{
	bool may_run = needs & MC_SANDBOX_PROGRAMS;

	p->count = 0;
	PUT(p, LOAD(offsetof(struct seccomp_data, arch)), IS(OWN_AUDIT_ARCH, 1, 0), KILL,
	    LOAD(offsetof(struct seccomp_data, nr)));
	/* x32's numbers of the same calls; none is above without that bit.  */
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), KILL);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!calls[i].needs || (calls[i].needs & needs))
			PUT(p, IS((uint32_t)calls[i].number, 0, 1), ALLOW);
		else if (calls[i].is_hostile)
			PUT(p, IS((uint32_t)calls[i].number, 0, 1), KILL);
	put_special(p, may_run);
	/* What is newer than this list a library may try, and knows how to do without.  */
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, CALLS_LAST, 0, 1), REFUSE(ENOSYS));
	PUT(p, REFUSE(EPERM));
}

static bool close_calls(unsigned needs)
{
	struct program p;
	struct sock_fprog program = {.filter = p.code};

	fill(&p, needs);
	if (p.count == PROGRAM_MAX)
		return false; /* it may have been cut */
	program.len = p.count;
	/* Without that flag kernels before 5.16 slow down all that a process does.  */
	return !syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) ||
	       !syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static bool can_close_calls(void)
{
	/* EFAULT: there are filters, and NULL is none.  */
	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) && errno == EFAULT;
}

#else

static bool close_calls(unsigned needs)
{
	(void)needs;
	return false;
}

static bool can_close_calls(void)
{
	return false;
}

#endif

/* ---- both ---- */

void mc_sandbox_allow_system(struct mc_sandbox *sandbox)
{
	/* The last: how many processors there are; both loaders' lists of libraries.  */
	static const char *const paths[] = {
		"/usr",		    "/lib",	    "/lib64",
		"/lib32",	    "/opt",	    "/nix/store",
		"/gnu/store",	    "/dev/null",    "/sys/devices/system/cpu",
		"/etc/ld.so.cache", "/etc/ld-musl-" MUSL_MACHINE ".path",
	};

	const char *more = getenv("LD_LIBRARY_PATH");
	char folder[4096];
	size_t len;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		mc_sandbox_allow(sandbox, paths[i], MC_SANDBOX_READ);
	for (; more && *more; more += len + (more[len] == ':')) {
		len = strcspn(more, ":");
		if (!len || len >= sizeof(folder))
			continue;
		memcpy(folder, more, len);
		folder[len] = '\0';
		mc_sandbox_allow(sandbox, folder, MC_SANDBOX_READ);
	}
	if (IS_SANITIZED)
		mc_sandbox_allow(sandbox, "/proc", MC_SANDBOX_READ);
}

enum mc_status mc_sandbox_enter(struct mc_sandbox *sandbox, unsigned needs, bool is_required, struct mc_error *err)
{
	int ruleset = sandbox->ruleset;
	bool has_files, has_calls;

	sandbox->ruleset = -1;
	if (sandbox->refused) {
		if (ruleset >= 0)
			close(ruleset);
		errno = sandbox->refused;
		return mc_fail(err, MC_ERR_IO, "--sandbox", "cannot name what may be read");
	}
	/* Sanitizers stop all threads, and start programs, to say what is wrong.  */
	if (IS_SANITIZED)
		needs |= MC_SANDBOX_PROGRAMS | NEEDS_PTRACE;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && is_required)
		return mc_fail(err, MC_ERR_UNSUPPORTED, "--sandbox", "this kernel has none");
	if (is_required && (ruleset < 0 || !can_close_calls())) {
		if (ruleset >= 0)
			close(ruleset);
		return mc_fail(err, MC_ERR_UNSUPPORTED, "--sandbox", "this kernel has no %s",
			       ruleset < 0 ? "Landlock" : "seccomp filters that are known");
	}
	has_files = ruleset >= 0 && !syscall(SYS_RESTRICT_SELF, ruleset, 0U);
	if (ruleset >= 0)
		close(ruleset);
	has_calls = close_calls(needs);
	is_entered = has_files;
	if (is_required && (!has_files || !has_calls))
		return mc_fail(err, MC_ERR_UNSUPPORTED, "--sandbox", "the kernel refuses it");
	return MC_OK;
}

#else /* not Linux */

static bool is_entered;

void mc_sandbox_open(struct mc_sandbox *sandbox, unsigned needs)
{
	(void)needs;
	*sandbox = (struct mc_sandbox){.ruleset = -1};
}

void mc_sandbox_allow(struct mc_sandbox *sandbox, const char *path, unsigned rights)
{
	(void)sandbox, (void)path, (void)rights;
}

void mc_sandbox_allow_system(struct mc_sandbox *sandbox)
{
	(void)sandbox;
}

enum mc_status mc_sandbox_enter(struct mc_sandbox *sandbox, unsigned needs, bool is_required, struct mc_error *err)
{
	(void)sandbox, (void)needs;
	return is_required ? mc_fail(err, MC_ERR_UNSUPPORTED, "--sandbox", "this system has none") : MC_OK;
}

#endif

bool mc_sandbox_is_entered(void)
{
	return is_entered;
}
