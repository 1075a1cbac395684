/* SPDX-License-Identifier: MIT */
/* LIBS: -ldl */
/*
 * Paths, temporary files, directories, and numbers that are compiled into programs.
 *
 * os.path.realpath() and tempfile are Python's own; C libraries call these. Constants of the
 * headers differ, so that a structure or a buffer has another size on the other libc.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <ftw.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <setjmp.h>
#include <stddef.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <termios.h>
#include <ucontext.h>
#include <utmpx.h>
#include <wchar.h>
#include <unistd.h>
#include "measure.h"

static const char *error_name(int number)
{
	return number == ERANGE         ? "ERANGE"
	       : number == EINVAL       ? "EINVAL"
	       : number == ENOENT       ? "ENOENT"
	       : number == ENAMETOOLONG ? "ENAMETOOLONG"
	       : number == ENOTDIR      ? "ENOTDIR"
	       : number == EEXIST       ? "EEXIST"
	       : number == 0            ? "no error"
					: strerror(number);
}

static void measure_realpath(const char *path)
{
	char name[60], here[PATH_MAX], *got;

	snprintf(name, sizeof(name), "realpath(\"%s\", NULL)", path);
	if (!getcwd(here, sizeof(here)))
		exit(1);
	errno = 0;
	got = realpath(path, NULL);
	if (!got)
		result(name, "NULL, %s", error_name(errno));
	else if (!strncmp(got, here, strlen(here)))
		result(name, "HERE%s", got + strlen(here));
	else
		result(name, "%s", got);
	free(got);
}

#define CONSTANT(name) result(#name, "%lld", (long long)(name))
#define SIZE(type) result("sizeof(" #type ")", "%zu", sizeof(type))

int main(void)
{
	char text[PATH_MAX], *got;
	struct in_addr address;
	const char *volatile null = NULL;
	int i, fd;

	if (mkdir("dir", 0777) || symlink("dir", "link") || symlink("loop", "loop"))
		return 1;
	close(open("file", O_CREAT | O_WRONLY, 0666));
	measure_realpath("link/../link");
	measure_realpath("missing");
	measure_realpath("file/");
	measure_realpath("file/..");
	measure_realpath("");
	measure_realpath("//");
	errno = 0;
	got = realpath(null, NULL);
	result("realpath(NULL, NULL)", "%s, %s", got ? "a path" : "NULL", error_name(errno));
	errno = 0;
	got = getcwd(text, 2);
	result("getcwd into 2 bytes", "%s, %s", got ? got : "NULL", error_name(errno));
	got = getcwd(NULL, 0);
	result("getcwd(NULL, 0)", "%s", got ? "allocated" : "NULL");
	free(got);
	errno = 0;
	got = getcwd(text, 0);
	result("getcwd(text, 0)", "%s, %s", got ? "a path" : "NULL", error_name(errno));
	/* A directory deeper than PATH_MAX.  */
	for (i = 0; i < 30; i++) {
		memset(text, 'd', 200);
		text[200] = '\0';
		if (mkdir(text, 0777) || chdir(text))
			return 1;
	}
	errno = 0;
	got = getcwd(NULL, 0);
	result("getcwd(NULL, 0) in a directory deeper than PATH_MAX", "%s, %s",
	       got && strlen(got) > 6000 ? "the whole path"
	       : got                     ? "a path"
					 : "NULL",
	       error_name(got ? 0 : errno));
	errno = 0;
	got = realpath(".", NULL);
	result("realpath(\".\") in a directory deeper than PATH_MAX", "%s, %s",
	       got && strlen(got) > 6000 ? "the whole path"
	       : got                     ? "a path"
					 : "NULL",
	       error_name(got ? 0 : errno));
	for (i = 0; i < 30; i++)
		if (chdir(".."))
			return 1;
	strcpy(text, "tXXXXXX");
	errno = 0;
	fd = mkstemp(text);
	result("mkstemp(\"tXXXXXX\")", "%s", fd >= 0 ? "a file" : error_name(errno));
	strcpy(text, "tXXXXX");
	errno = 0;
	fd = mkstemp(text);
	result("mkstemp with 5 X", "%s", fd >= 0 ? "a file" : error_name(errno));
	strcpy(text, "tXXXXXX.txt");
	fd = mkstemps(text, 4);
	result("mkstemps with \".txt\"", "%s", fd >= 0 ? "a file" : error_name(errno));
	strcpy(text, "tXXXXXX");
	got = ((char *(*)(char *))dlsym(RTLD_DEFAULT, "mktemp"))(text);
	result("mktemp(\"tXXXXXX\")", "%s", got && *got ? "a name" : "empty");
	got = ((char *(*)(char *))dlsym(RTLD_DEFAULT, "tmpnam"))(NULL);
	result("tmpnam(NULL), directory and length", "%.5s, %zu", got ? got : "NULL",
	       got ? strlen(got) : 0);
	setenv("TMPDIR", "dir", 1);
	got = ((char *(*)(const char *, const char *))dlsym(RTLD_DEFAULT, "tempnam"))(NULL, "pre");
	result("tempnam(NULL, \"pre\") with TMPDIR=dir", "%.4s", got ? got : "NULL");
	result("inet_aton(\"1.2.3\")", "%s",
	       inet_aton("1.2.3", &address) ? inet_ntoa(address) : "0");
	result("inet_aton(\"010.1.1.1\")", "%s",
	       inet_aton("010.1.1.1", &address) ? inet_ntoa(address) : "0");
	result("inet_aton(\"1.2.3.4 x\")", "%s",
	       inet_aton("1.2.3.4 x", &address) ? inet_ntoa(address) : "0");
	result("inet_pton(\"01.2.3.4\")", "%d", inet_pton(AF_INET, "01.2.3.4", &address));
	{
		unsigned char six[16];

		inet_pton(AF_INET6, "2001:db8:0:1:0:0:0:1", six);
		result("inet_ntop of 2001:db8:0:1:0:0:0:1", "%s",
		       inet_ntop(AF_INET6, six, text, sizeof(text)));
		inet_pton(AF_INET6, "::1.2.3.4", six);
		result("inet_ntop of ::1.2.3.4", "%s",
		       inet_ntop(AF_INET6, six, text, sizeof(text)));
		inet_pton(AF_INET6, "1:2:3:0:5:6:7:8", six);
		result("inet_ntop of 1:2:3:0:5:6:7:8", "%s",
		       inet_ntop(AF_INET6, six, text, sizeof(text)));
	}
	errno = 0;
	i = setenv("A=B", "x", 1);
	result("setenv(\"A=B\", \"x\")", "%d, %s", i, error_name(errno));
	errno = 0;
	i = unsetenv("");
	result("unsetenv(\"\")", "%d, %s", i, error_name(errno));
	setenv("ONLYNAME", "x", 1);
	putenv((char[]){"ONLYNAME"});
	result("putenv(\"ONLYNAME\") of a variable that is set", "%s",
	       getenv("ONLYNAME") ? "kept" : "removed");
	result("pathconf(\".\", _PC_NAME_MAX)", "%ld", pathconf(".", _PC_NAME_MAX));
	result("pathconf of a missing file", "%ld", pathconf("/no/such/file", _PC_NAME_MAX));
	CONSTANT(PATH_MAX);
	CONSTANT(NAME_MAX);
	CONSTANT(NI_MAXHOST);
	CONSTANT(NI_MAXSERV);
	CONSTANT(HOST_NAME_MAX);
	CONSTANT(MAXNS);
	CONSTANT(FD_SETSIZE);
	CONSTANT(IOV_MAX);
	CONSTANT(SOMAXCONN);
	CONSTANT(NSIG);
	timed("MINSIGSTKSZ", "%ld", (long)MINSIGSTKSZ);
	timed("SIGSTKSZ", "%ld", (long)SIGSTKSZ);
	CONSTANT(SSIZE_MAX);
	CONSTANT(MB_LEN_MAX);
	CONSTANT(EOF);
	CONSTANT(WEOF);
	CONSTANT(O_LARGEFILE);
	SIZE(struct stat);
	SIZE(struct dirent);
	SIZE(struct statvfs);
	SIZE(struct addrinfo);
	SIZE(struct utsname);
	SIZE(struct sysinfo);
	SIZE(struct termios);
	SIZE(struct utmpx);
	SIZE(struct rusage);
	SIZE(struct sigaction);
	SIZE(struct msghdr);
	SIZE(struct cmsghdr);
	SIZE(struct timespec);
	SIZE(struct __res_state);
	SIZE(struct ipc_perm);
	SIZE(siginfo_t);
	SIZE(stack_t);
	SIZE(ucontext_t);
	SIZE(jmp_buf);
	SIZE(fd_set);
	SIZE(mbstate_t);
	SIZE(max_align_t);
	SIZE(wchar_t);
	SIZE(time_t);
	SIZE(off_t);
	SIZE(socklen_t);
	return measured("files-and-limits");
}
