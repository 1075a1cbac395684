/* SPDX-License-Identifier: MIT */
/* LIBS: -Wl,--no-as-needed -ldl -lm -lresolv -lutil */
/*
 * How a program finds out which libc it runs on, and what it is told of the machine.
 *
 * platform.libc_ver(), os.confstr(), os.sysconf() and installers rest on this. Numbers, not names,
 * are asked: a program compiled on glibc passes on glibc's numbers. Symbols are asked for by
 * dlsym(), as ctypes does, with libm, libresolv and libutil loaded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <limits.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "measure.h"

static void measure_there(const char *symbol)
{
	char name[80];

	snprintf(name, sizeof(name), "dlsym(\"%s\")", symbol);
	result(name, "%s", dlsym(RTLD_DEFAULT, symbol) ? "there" : "not there");
}

static void measure_confstr(const char *name, int number)
{
	char text[300];
	size_t len;

	errno = 0;
	len = confstr(number, text, sizeof(text));
	if (len)
		result(name, "%s", text[0] ? text : "empty");
	else
		result(name, errno ? "0, %s" : "0, no error", strerror(errno));
}

static void measure_sysconf(const char *name, int number, int steady)
{
	long value;

	errno = 0;
	value = sysconf(number);
	if (value == -1)
		result(name, errno ? "-1, %s" : "-1, no error", strerror(errno));
	else if (steady)
		result(name, "%ld", value);
	else
		result(name, value > 0 ? "a number" : "0");
}

/* Names of the libraries that are libc's; its version in the path of a loader is not told.  */
static int tell_library(struct dl_phdr_info *info, size_t size, void *found)
{
	const char *base = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
	char name[60];

	(void)size;
	if (base && (!strncmp(base, "/libc.", 6) || !strncmp(base, "/ld-", 4))) {
		snprintf(name, sizeof(name), "library %d of libc that is loaded", ++*(int *)found);
		result(name, "%s", base + 1);
	}
	return 0;
}

int main(void)
{
	static const char *const symbols[] = {
		"gnu_get_libc_version",
		"gnu_get_libc_release",
		"__libc_start_main",
		"__cxa_thread_atexit_impl",
		"__errno_location",
		"__stack_chk_fail",
		"__fprintf_chk",
		"__memcpy_chk",
		"__isoc99_sscanf",
		"__isoc23_strtol",
		"__xstat",
		"stat64",
		"fopen64",
		"lseek64",
		"getdents64",
		"copy_file_range",
		"gettid",
		"getrandom",
		"getentropy",
		"arc4random",
		"issetugid",
		"uselocale",
		"newlocale",
		"strlcpy",
		"explicit_bzero",
		"memfd_create",
		"renameat2",
		"statx",
		"close_range",
		"pidfd_open",
		"posix_spawn_file_actions_addclosefrom_np",
		"posix_spawn_file_actions_addchdir_np",
		"preadv2",
		"mlock2",
		"pkey_mprotect",
		"getcontext",
		"makecontext",
		"backtrace",
		"obstack_free",
		"argp_parse",
		"error",
		"fts_open",
		"glob64",
		"ftw",
		"nftw",
		"envz_add",
		"rpmatch",
		"strfry",
		"secure_getenv",
		"program_invocation_name",
		"res_init",
		"res_search",
		"ns_initparse",
		"dn_expand",
		"pthread_attr_setaffinity_np",
		"pthread_setaffinity_np",
		"pthread_getname_np",
		"pthread_tryjoin_np",
		"pthread_mutexattr_setprotocol",
		"pthread_mutex_consistent",
		"pthread_cond_clockwait",
		"sem_clockwait",
		"thrd_create",
		"timer_create",
		"aio_read",
		"mq_open",
		"shm_open",
		"lio_listio",
		"getaddrinfo_a",
		"lutimes",
		"lchmod",
		"euidaccess",
		"eaccess",
		"qsort_r",
		"mempcpy",
		"strchrnul",
		"strverscmp",
		"rawmemchr",
		"canonicalize_file_name",
		"get_current_dir_name",
		"get_nprocs",
		"sigabbrev_np",
		"twalk_r",
		"hsearch_r",
		"random_r",
		"drand48_r",
		"lgamma_r",
		"exp10",
		"pow10",
		"sincos",
		"scalb",
		"fgetspent",
		"utmpxname",
		"getutxent",
		"login_tty",
		"forkpty",
		"openpty",
		"gai_cancel",
		"innetgr",
		"rcmd",
		"ruserok",
		"getservbyname_r",
		"gethostbyname_r",
		"getprotobyname_r",
		"if_nameindex",
		"getifaddrs",
		"_Fork",
		"strtold_l",
		"strtoull_l",
		"wcsftime_l",
		"__ctype_b_loc",
		"__res_state",
		"_obstack_begin",
		"__rawmemchr",
		"__strdup",
		"environ",
		"__environ",
		"__progname",
		"__register_atfork",
		"__sched_cpucount",
	};
	static const struct {
		const char *name;
		int number;
	} confs[] = {
		{"confstr(0), _CS_PATH", 0},
		{"confstr(2), _CS_GNU_LIBC_VERSION", 2},
		{"confstr(3), _CS_GNU_LIBPTHREAD_VERSION", 3},
		{"confstr(99999)", 99999},
	};
	const char *(*version)(void);
	unsigned long value;
	int found = 0;
	size_t i;

	*(void **)&version = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
	result("gnu_get_libc_version()", "%s", version ? version() : "not there");
	for (i = 0; i < sizeof(confs) / sizeof(confs[0]); i++)
		measure_confstr(confs[i].name, confs[i].number);
#ifdef __GLIBC__
	result("__GLIBC__ in the headers", "%d.%d", __GLIBC__, __GLIBC_MINOR__);
#else
	result("__GLIBC__ in the headers", "no");
#endif
	measure_sysconf("sysconf(84), _SC_NPROCESSORS_ONLN", 84, 0);
	measure_sysconf("sysconf(83), _SC_NPROCESSORS_CONF", 83, 0);
	measure_sysconf("sysconf(30), _SC_PAGESIZE", 30, 1);
	measure_sysconf("sysconf(85), _SC_PHYS_PAGES", 85, 0);
	measure_sysconf("sysconf(86), _SC_AVPHYS_PAGES", 86, 0);
	measure_sysconf("sysconf(2), _SC_CLK_TCK", 2, 1);
	measure_sysconf("sysconf(0), _SC_ARG_MAX (stack limit 8 MiB)", 0, 1);
	measure_sysconf("sysconf(1), _SC_CHILD_MAX", 1, 0);
	measure_sysconf("sysconf(60), _SC_IOV_MAX", 60, 1);
	measure_sysconf("sysconf(180), _SC_HOST_NAME_MAX", 180, 1);
	measure_sysconf("sysconf(75), _SC_THREAD_STACK_MIN", 75, 0);
	measure_sysconf("sysconf(76), _SC_THREAD_THREADS_MAX", 76, 1);
	measure_sysconf("sysconf(74), _SC_THREAD_KEYS_MAX", 74, 1);
	measure_sysconf("sysconf(190), _SC_LEVEL1_DCACHE_LINESIZE", 190, 0);
	measure_sysconf("sysconf(188), _SC_LEVEL1_DCACHE_SIZE", 188, 0);
	measure_sysconf("sysconf(194), _SC_LEVEL2_CACHE_SIZE", 194, 0);
	measure_sysconf("sysconf(249), _SC_MINSIGSTKSZ", 249, 0);
	measure_sysconf("sysconf(99999)", 99999, 1);
	result("getauxval(AT_PAGESZ)", "%lu", getauxval(AT_PAGESZ));
	errno = 0;
	value = getauxval(99999);
	result("getauxval(99999)", "%lu, %s", value, errno == ENOENT ? "ENOENT" : "no error");
	dl_iterate_phdr(tell_library, &found);
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		measure_there(symbols[i]);
	return measured("libc-detect");
}
