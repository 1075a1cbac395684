/* SPDX-License-Identifier: MIT */
/*
 * Texts of errors, signals and of getaddrinfo().
 *
 * str(OSError), os.strerror(), signal.strsignal() and socket.gaierror hold libc's texts:
 * tests and log rules that compare them see others on musl.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <netdb.h>
#include <signal.h>
#include <unistd.h>
#include "measure.h"

int main(void)
{
#define ERROR(number)           \
	{                       \
		number, #number \
	}
	static const struct {
		int number;
		const char *name;
	} errors[] = {
		{0, "0"},           ERROR(EPERM),        ERROR(ENOENT),
		ERROR(EINTR),       ERROR(EIO),          ERROR(EBADF),
		ERROR(EAGAIN),      ERROR(ENOMEM),       ERROR(EACCES),
		ERROR(EEXIST),      ERROR(ENOTDIR),      ERROR(EISDIR),
		ERROR(EINVAL),      ERROR(EMFILE),       ERROR(ENOTTY),
		ERROR(ETXTBSY),     ERROR(ENOSPC),       ERROR(EROFS),
		ERROR(EPIPE),       ERROR(EDOM),         ERROR(ERANGE),
		ERROR(EDEADLK),     ERROR(ENAMETOOLONG), ERROR(ENOSYS),
		ERROR(ENOTEMPTY),   ERROR(ELOOP),        ERROR(EILSEQ),
		ERROR(EOVERFLOW),   ERROR(ENOTSUP),      ERROR(EADDRINUSE),
		ERROR(ENETUNREACH), ERROR(ECONNRESET),   ERROR(ECONNREFUSED),
		ERROR(ETIMEDOUT),   ERROR(EHOSTUNREACH), ERROR(EINPROGRESS),
		ERROR(ESTALE),      ERROR(EXDEV),        ERROR(ENOEXEC),
		ERROR(ECHRNG),      {41, "41 (unused)"}, {9999, "9999"},
		{-1, "-1"},
	};
	static const struct {
		int number;
		const char *name;
	} gai[] = {
#ifdef EAI_ADDRFAMILY
		ERROR(EAI_ADDRFAMILY),
#else
		{-9, "EAI_ADDRFAMILY"},
#endif
		ERROR(EAI_AGAIN),      ERROR(EAI_BADFLAGS), ERROR(EAI_FAIL),     ERROR(EAI_FAMILY),
		ERROR(EAI_MEMORY),     ERROR(EAI_NODATA),   ERROR(EAI_NONAME),   ERROR(EAI_SERVICE),
		ERROR(EAI_SOCKTYPE),   ERROR(EAI_SYSTEM),   ERROR(EAI_OVERFLOW), {-999, "-999"},
	};
	static const int signals[] = {0,       SIGHUP,  SIGINT,  SIGABRT, SIGBUS, SIGFPE, SIGKILL,
				      SIGSEGV, SIGPIPE, SIGTERM, SIGCHLD, 34,     64,     9999};
	char name[80], text[200];
	int (*xsi)(int, char *, size_t);
	const char *(*described)(int);
	const char *first;
	int ends[2];
	size_t i;
	ssize_t len;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		snprintf(name, sizeof(name), "strerror(%s)", errors[i].name);
		result(name, "%s", strerror(errors[i].number));
	}
	errno = 0;
	strerror(9999);
	result("errno after strerror(9999)", "%s",
	       errno == EINVAL ? "EINVAL"
	       : errno         ? "another"
			       : "not set");
	snprintf(text, sizeof(text), "%s", strerror_l(ENOENT, newlocale(LC_ALL_MASK, "C", NULL)));
	result("strerror_l(ENOENT)", "%s", text);
	first = strerror(9998);
	snprintf(text, sizeof(text), "%s", first);
	strerror(9999);
	result("does strerror(9999) overwrite the text of strerror(9998)", "%s",
	       strcmp(first, text) ? "yes" : "no");
	if (pipe(ends))
		return 1;
	dup2(ends[1], 2);
	errno = 9999;
	perror("perror of 9999");
	len = read(ends[0], text, sizeof(text) - 1);
	text[len > 0 ? len - 1 : 0] = '\0';
	result("perror with errno 9999", "%s", text);
	errno = ENOENT;
	perror("");
	len = read(ends[0], text, sizeof(text) - 1);
	text[len > 0 ? len - 1 : 0] = '\0';
	result("perror(\"\") with ENOENT", "%s", text);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		const char *said = strsignal(signals[i]);

		snprintf(name, sizeof(name), "strsignal(%d)", signals[i]);
		result(name, "%s", said ? said : "NULL");
	}
	for (i = 0; i < sizeof(gai) / sizeof(gai[0]); i++) {
		snprintf(name, sizeof(name), "gai_strerror(%s)", gai[i].name);
		result(name, "%s", gai_strerror(gai[i].number));
	}
	result("EAI_NODATA, number", "%d", EAI_NODATA);
	result("hstrerror(HOST_NOT_FOUND)", "%s", hstrerror(HOST_NOT_FOUND));
	result("hstrerror(TRY_AGAIN)", "%s", hstrerror(TRY_AGAIN));
	result("hstrerror(99)", "%s", hstrerror(99));
	*(void **)&described = dlsym(RTLD_DEFAULT, "strerrorname_np");
	result("strerrorname_np(ENOENT)", "%s", described ? described(ENOENT) : "not there");
	*(void **)&described = dlsym(RTLD_DEFAULT, "strerrordesc_np");
	result("strerrordesc_np(ENOENT)", "%s", described ? described(ENOENT) : "not there");
	*(void **)&described = dlsym(RTLD_DEFAULT, "sigabbrev_np");
	result("sigabbrev_np(SIGSEGV)", "%s", described ? described(SIGSEGV) : "not there");
	*(void **)&xsi = dlsym(RTLD_DEFAULT, "__xpg_strerror_r");
	result("__xpg_strerror_r", "%s", xsi ? "there" : "not there");
	result("ENOTSUP is EOPNOTSUPP", "%s", ENOTSUP == EOPNOTSUPP ? "yes" : "no");
	return measured("strerror");
}
