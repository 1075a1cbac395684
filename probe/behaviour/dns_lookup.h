/* SPDX-License-Identifier: MIT */
/*
 * dns_lookup.h - how the dns_* programs and nss look something up and tell what came of it.
 *
 * They run inside dns_run: /etc is empty and theirs, and dns_server.py answers on 127.0.0.51 (s1),
 * 127.0.0.52 (s2) and so on. Each look-up is made in a child of its own, so that nothing a libc
 * remembers of one reaches the next. What the servers were asked is a result too.
 */
#ifndef DNS_LOOKUP_H
#define DNS_LOOKUP_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#define UNUSED __attribute__((unused))
#define S1 "nameserver 127.0.0.51\n"
#define S2 "nameserver 127.0.0.52\n"
#define QUICK "options timeout:1 attempts:2\n"

struct question {
	const char *label;	/* the name of the result */
	const char *host;
	const char *service;
	int family, type, flags;
	int raw;		/* with the socket types: every result of the list */
	int canonical;		/* tell ai_canonname too */
	int count;		/* tell only how many */
	int code;		/* an error with its number and text */
	int times;		/* look up so often, in one process */
	const char *env;	/* NAME=VALUE for the child */
	void (*call)(const struct question *);	/* instead of getaddrinfo */
	int log;		/* what to tell of the queries: */
	int clock;		/* tell how long it took */
	unsigned int limit;	/* seconds to wait; 30 if not said */
};

enum { LOG_QUERIES, LOG_PORTS, LOG_NONE };

/* The answer of the child: what say() added up.  */
static char answer[4000];

__attribute__((format(printf, 1, 2), unused)) static void say(const char *fmt, ...)
{
	size_t len = strlen(answer);
	va_list args;

	va_start(args, fmt);
	vsnprintf(answer + len, sizeof(answer) - len, fmt, args);
	va_end(args);
}

/* No other /etc than the one that dns_server.py mounted is ever written to.  */
static void begin(const char *behaviour)
{
	if (getenv("MEASURE_DNS") && access("/etc/measured", F_OK) == 0)
		return;
	printf("{\"behaviour\": \"%s\", \"results\": {}, \"timed\": {}}\n", behaviour);
	fprintf(stderr, "%s: run me with dns_run\n", behaviour);
	exit(77);
}

static void etc_bytes(const char *name, const char *text, size_t len)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "/etc/%s", name);
	file = fopen(path, "w");
	if (!file || fwrite(text, 1, len, file) != len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

/* Write a file of /etc; no text: remove it.  */
static UNUSED void etc(const char *name, const char *text)
{
	char path[256];

	if (text) {
		etc_bytes(name, text, strlen(text));
		return;
	}
	snprintf(path, sizeof(path), "/etc/%s", name);
	unlink(path);
}

/* Tell dns_server.py something, and get its answer.  */
static const char *control(const char *command)
{
	static char reply[60000];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
	char packet[256];
	ssize_t len;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(packet, sizeof(packet), "CTL %s", command);
	alarm(20);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    send(fd, packet, strlen(packet), 0) < 0 ||
	    (len = recv(fd, reply, sizeof(reply) - 1, 0)) < 0) {
		perror("control");
		exit(1);
	}
	alarm(0);
	close(fd);
	reply[len] = '\0';
	return reply;
}

static UNUSED const char *eai_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{0, "0"}, {-1, "EAI_BADFLAGS"}, {-2, "EAI_NONAME"}, {-3, "EAI_AGAIN"},
		{-4, "EAI_FAIL"}, {-5, "EAI_NODATA"}, {-6, "EAI_FAMILY"}, {-7, "EAI_SOCKTYPE"},
		{-8, "EAI_SERVICE"}, {-9, "EAI_ADDRFAMILY"}, {-10, "EAI_MEMORY"},
		{-11, "EAI_SYSTEM"}, {-12, "EAI_OVERFLOW"}, {-105, "EAI_IDN_ENCODE"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return "unknown";
}

static UNUSED void say_error(int code, int number)
{
	if (number)
		say("%s (%d, %s)", eai_name(code), code, gai_strerror(code));
	else
		say("%s", eai_name(code));
	if (code == EAI_SYSTEM)
		say(" errno %s", strerror(errno));
}

static UNUSED void say_address(int family, const void *address)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, address, text, sizeof(text));
	say("%s", text);
}

static UNUSED void say_addrinfo(const struct question *q, const struct addrinfo *list)
{
	const struct addrinfo *one;
	int count = 0;

	for (one = list; one; one = one->ai_next, count++) {
		const struct sockaddr_in6 *six = (const void *)one->ai_addr;

		if (q->count)
			continue;
		say("%s", count ? " " : "");
		if (one->ai_family == AF_INET)
			say_address(AF_INET, &((struct sockaddr_in *)one->ai_addr)->sin_addr);
		else
			say_address(AF_INET6, &six->sin6_addr);
		if (one->ai_family == AF_INET6 && six->sin6_scope_id)
			say("%%%u", six->sin6_scope_id);
		if (q->service)
			say(" port %d", ntohs(six->sin6_port));
		if (q->raw)
			say("/%s%d", one->ai_socktype == SOCK_STREAM ? "stream" :
			    one->ai_socktype == SOCK_DGRAM ? "dgram" :
			    one->ai_socktype == SOCK_RAW ? "raw" : "type", one->ai_protocol);
	}
	if (q->count)
		say("%d results", count);
	if (q->canonical)
		say(" (%s)", list && list->ai_canonname ? list->ai_canonname : "no canonical name");
}

/* The usual look-up: getaddrinfo as socket.create_connection() of Python calls it.  */
static UNUSED void call_getaddrinfo(const struct question *q)
{
	struct addrinfo hints = {.ai_family = q->family, .ai_flags = q->flags};
	struct addrinfo *list = NULL;
	int code;

	hints.ai_socktype = q->raw ? q->type : q->type ? q->type : SOCK_STREAM;
	for (int i = 0; i < (q->times ? q->times : 1); i++) {
		if (i)
			say(", ");
		code = getaddrinfo(q->host, q->service, &hints, &list);
		if (code) {
			say_error(code, q->code);
			continue;
		}
		say_addrinfo(q, list);
		freeaddrinfo(list);
	}
}

static UNUSED const char *h_error_name(int code)
{
	switch (code) {
	case HOST_NOT_FOUND: return "HOST_NOT_FOUND";
	case TRY_AGAIN: return "TRY_AGAIN";
	case NO_RECOVERY: return "NO_RECOVERY";
	case NO_DATA: return "NO_DATA";
	case 0: return "h_errno 0";
	case -1: return "NETDB_INTERNAL";
	}
	return "unknown h_errno";
}

static UNUSED void say_hostent(const struct hostent *host)
{
	if (!host) {
		say("%s", h_error_name(h_errno));
		return;
	}
	say("%s [", host->h_name);
	for (int i = 0; host->h_aliases[i]; i++)
		say("%s%s", i ? " " : "", host->h_aliases[i]);
	say("]");
	for (int i = 0; host->h_addr_list[i]; i++) {
		say(" ");
		say_address(host->h_addrtype, host->h_addr_list[i]);
	}
}

static UNUSED void call_gethostbyname(const struct question *q)
{
	say_hostent(gethostbyname(q->host));
}

/* Start a look-up in a child; its answer comes through the pipe.  */
static pid_t start(const struct question *q, int *out)
{
	int ends[2];
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0) {
		perror("fork");
		exit(1);
	}
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		/* What a libc prints when it aborts is not for our reader: the signal is told.  */
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		if (q->env)
			putenv((char *)q->env);
		alarm(q->limit ? q->limit : 30);
		(q->call ? q->call : call_getaddrinfo)(q);
		if (write(ends[1], answer, strlen(answer)) < 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	*out = ends[0];
	return child;
}

static void finish(pid_t child, int out, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int status;

	while (len < size - 1 && (got = read(out, text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	close(out);
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(text, size, "no end in sight");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "killed: %s", strsignal(WTERMSIG(status)));
}

static UNUSED double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static UNUSED void ask_question(const struct question *q)
{
	char text[4096], label[512];
	double begun = seconds();
	int out;
	pid_t child = start(q, &out);

	finish(child, out, text, sizeof(text));
	result(q->label, "%s", text);
	if (q->clock)
		timed(q->label, "%.1f s", seconds() - begun);
	snprintf(label, sizeof(label), "%s: queries", q->label);
	if (q->log == LOG_NONE)
		control("log");
	else
		result(label, "%s", control(q->log == LOG_PORTS ? "ports" : "log"));
}

#define ask(name_of_result, name_of_host, ...) \
	ask_question(&(struct question){.label = (name_of_result), .host = (name_of_host), \
					__VA_ARGS__})

#endif
