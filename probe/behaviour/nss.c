/* SPDX-License-Identifier: MIT */
/*
 * nss - users, groups, services and protocols: is /etc/nsswitch.conf read, is nscd asked?
 *
 * glibc loads modules (LDAP, sssd, systemd, winbind) as nsswitch.conf says, so pwd.getpwnam() of
 * Python finds users that are in no file. musl reads the files only, and asks a running nscd for
 * the rest; it has a table of protocols built in, where glibc needs a file that slim images lack.
 */
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "dns_lookup.h"

static void say_user(const struct passwd *user)
{
	if (user)
		say("%s:%d:%s", user->pw_name, (int)user->pw_uid, user->pw_shell);
	else
		say("not found, errno %s", errno ? strerror(errno) : "0");
}

static void call_user(const struct question *q)
{
	errno = 0;
	say_user(getpwnam(q->host));
}

static void call_uid(const struct question *q)
{
	errno = 0;
	say_user(getpwuid((uid_t)q->count));
}

static void call_users(const struct question *q)
{
	const struct passwd *user;

	(void)q;
	setpwent();
	for (int i = 0; (user = getpwent()); i++)
		say("%s%s:%d", i ? ", " : "", user->pw_name, (int)user->pw_uid);
	endpwent();
}

static void call_group(const struct question *q)
{
	const struct group *group;

	errno = 0;
	group = getgrnam(q->host);
	if (!group) {
		say("not found, errno %s", errno ? strerror(errno) : "0");
		return;
	}
	say("%s:%d:", group->gr_name, (int)group->gr_gid);
	for (int i = 0; group->gr_mem[i]; i++)
		say("%s%s", i ? "," : "", group->gr_mem[i]);
}

static void call_groups(const struct question *q)
{
	gid_t groups[32];
	int count = 32, got = getgrouplist(q->host, 100, groups, &count);

	say("%d:", got);
	for (int i = 0; i < count && got >= 0; i++)
		say(" %d", (int)groups[i]);
}

static void call_service(const struct question *q)
{
	const struct servent *service = getservbyname(q->host, q->service);

	if (service)
		say("%s %d/%s", service->s_name, ntohs((uint16_t)service->s_port),
		    service->s_proto);
	else
		say("not found");
}

static void call_port(const struct question *q)
{
	const struct servent *service = getservbyport(htons((uint16_t)q->count), q->service);

	if (service)
		say("%s/%s", service->s_name, service->s_proto);
	else
		say("not found");
}

static void call_services(const struct question *q)
{
	int count = 0;

	(void)q;
	setservent(0);
	while (getservent())
		count++;
	say("%d services", count);
}

static void call_protocol(const struct question *q)
{
	const struct protoent *protocol = getprotobyname(q->host);

	if (protocol)
		say("%s %d", protocol->p_name, protocol->p_proto);
	else
		say("not found");
}

static void call_protocol_number(const struct question *q)
{
	const struct protoent *protocol = getprotobynumber(q->count);

	say("%s", protocol ? protocol->p_name : "not found");
}

static void call_protocols(const struct question *q)
{
	int count = 0;

	(void)q;
	setprotoent(0);
	while (getprotoent())
		count++;
	say("%d protocols", count);
}

static void call_net(const struct question *q)
{
	const struct netent *net = getnetbyname(q->host);

	say("%s", net ? net->n_name : "not found");
}

static void users(void)
{
	etc("passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1001:1001::/home/ann:/bin/ash\n"
	    "+bob::::::/bin/none\n-eve\n+::::::\nlate:x:1002:1002::/home/late:/bin/late\n");
	etc("group", "root:x:0:\nstaff:x:50:ann,bob\n+wheel:::\nlast:x:51:ann\n");
	etc("nsswitch.conf", "passwd: files nosuchmodule\ngroup: files nosuchmodule\n");
	ask("passwd: files nosuchmodule: 'ann'", "ann", .call = call_user, .log = LOG_NONE);
	ask("passwd: files nosuchmodule: 'nobodyhere'", "nobodyhere", .call = call_user,
	    .log = LOG_NONE);
	etc("nsswitch.conf", "passwd: nosuchmodule\ngroup: nosuchmodule\n");
	ask("passwd: nosuchmodule: 'ann'", "ann", .call = call_user, .log = LOG_NONE);
	ask("passwd: nosuchmodule: uid 1001", NULL, .count = 1001, .call = call_uid,
	    .log = LOG_NONE);
	ask("group: nosuchmodule: 'staff'", "staff", .call = call_group, .log = LOG_NONE);
	ask("group: nosuchmodule: groups of 'ann'", "ann", .call = call_groups, .log = LOG_NONE);
	etc("nsswitch.conf", "passwd: nosuchmodule files\n");
	ask("passwd: nosuchmodule files: 'ann'", "ann", .call = call_user, .log = LOG_NONE);
	etc("nsswitch.conf", "passwd: nosuchmodule [UNAVAIL=return] files\n");
	ask("passwd: nosuchmodule [UNAVAIL=return] files: 'ann'", "ann", .call = call_user,
	    .log = LOG_NONE);
	etc("nsswitch.conf", "passwd: files\ngroup: files\n");
	ask("passwd: files: user of a '+bob' line", "bob", .call = call_user, .log = LOG_NONE);
	ask("passwd: files: user '+bob'", "+bob", .call = call_user, .log = LOG_NONE);
	ask("passwd: files: user after the '+' lines", "late", .call = call_user, .log = LOG_NONE);
	ask("passwd: files: all users", NULL, .call = call_users, .log = LOG_NONE);
	ask("group: files: 'staff'", "staff", .call = call_group, .log = LOG_NONE);
	ask("group: files: groups of 'ann'", "ann", .call = call_groups, .log = LOG_NONE);
	etc("nsswitch.conf", NULL);
	ask("no nsswitch.conf: 'ann'", "ann", .call = call_user, .log = LOG_NONE);
	etc("passwd", NULL);
	ask("no passwd file: 'root'", "root", .call = call_user, .log = LOG_NONE);
	ask("no passwd file: uid 0", NULL, .count = 0, .call = call_uid, .log = LOG_NONE);
	etc("group", NULL);
	ask("no group file: 'root'", "root", .call = call_group, .log = LOG_NONE);
}

/*
 * A false nscd: it knows the user "remote" and no other, and writes down what it is asked.
 * A request is three numbers (version 2, kind, length) and the key.
 */
static void serve_nscd(int fd, int out)
{
	static const char *const kinds[] = {
		"user by name", "user by uid", "group by name", "group by gid", "host by name",
		"host by name (IPv6)", "host by address", "host by address (IPv6)", "shutdown",
		"statistics", "invalidate", "map of users", "map of groups", "map of hosts",
		"addresses of host", "groups of user", "service by name", "service by port",
		"map of services",
	};
	static const char strings[] = "remote\0x\0gecos\0/home/remote\0/bin/remote";
	int client;

	while ((client = accept(fd, NULL, NULL)) >= 0) {
		int32_t request[3] = {0, 0, 0};
		int32_t reply[9] = {2, 1, 7, 2, 4321, 4321, 6, 13, 12};
		char key[256] = "", line[512];
		ssize_t got = recv(client, request, sizeof(request), MSG_WAITALL);

		if (got == sizeof(request) && request[2] > 0 && request[2] < (int)sizeof(key))
			recv(client, key, (size_t)request[2], MSG_WAITALL);
		snprintf(line, sizeof(line), "%s '%s'\n",
			 (unsigned int)request[1] < sizeof(kinds) / sizeof(kinds[0]) ?
			 kinds[request[1]] : "unknown", key);
		if (write(out, line, strlen(line)) < 0)
			_exit(1);
		if (request[1] == 0) {
			if (strcmp(key, "remote")) {
				memset(reply, 0, sizeof(reply));
				reply[0] = 2;
			}
			send(client, reply, sizeof(reply), MSG_NOSIGNAL);
			if (reply[1])
				send(client, strings, sizeof(strings), MSG_NOSIGNAL);
		}
		close(client);
	}
	_exit(0);
}

static void ask_nscd(const char *label, const char *name, void (*call)(const struct question *))
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/var/run/nscd/socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[4096], asked[256];
	ssize_t len;
	size_t used = 0;
	int ends[2];
	pid_t child;

	mkdir("/var/run/nscd", 0755);
	unlink(at.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 16) ||
	    pipe(ends) || chmod(at.sun_path, 0666) || (child = fork()) < 0) {
		perror("nscd");
		exit(1);
	}
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		serve_nscd(fd, ends[1]);
	}
	close(fd);
	close(ends[1]);
	ask(label, name, .call = call, .log = LOG_NONE);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(at.sun_path);
	while (used < sizeof(text) - 1 &&
	       (len = read(ends[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)len;
	close(ends[0]);
	text[used] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = c[1] ? ';' : '\0';
	snprintf(asked, sizeof(asked), "%s: nscd was asked", label);
	result(asked, "%s", used ? text : "nothing");
}

static void nscd(void)
{
	etc("passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1001:1001::/home/ann:/bin/ash\n");
	etc("group", "root:x:0:\nstaff:x:50:ann,remote\n");
	etc("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
	ask_nscd("nscd runs: user of passwd", "ann", call_user);
	ask_nscd("nscd runs: user that nscd knows", "remote", call_user);
	ask_nscd("nscd runs: user unknown to all", "nobodyhere", call_user);
	ask_nscd("nscd runs: group of the file", "staff", call_group);
	ask_nscd("nscd runs: unknown group", "nogroup", call_group);
	ask_nscd("nscd runs: groups of 'ann'", "ann", call_groups);
	ask_nscd("nscd runs: getaddrinfo", "web.ok.test", call_getaddrinfo);
	ask_nscd("nscd runs: gethostbyname", "web.ok.test", call_gethostbyname);
}

static void hosts(void)
{
	etc("hosts", "");
	etc("nsswitch.conf", "hosts: files nosuchmodule [NOTFOUND=return] dns\n");
	ask("hosts: files nosuchmodule [NOTFOUND=return] dns", "web.ok.test", .family = AF_INET);
	etc("nsswitch.conf", "hosts: nosuchmodule\n");
	ask("hosts: nosuchmodule", "web.ok.test", .family = AF_INET, .code = 1);
	etc("nsswitch.conf", "hosts: files dns\n");
	ask("hosts: files dns, name 'printer.local'", "printer.local", .family = AF_INET);
}

static void databases(void)
{
	static const char *const names[] = {
		"tcp", "udp", "icmp", "ipv6-icmp", "TCP", "sctp", "own",
	};
	char label[128];

	etc("nsswitch.conf", "services: files\nprotocols: files\nnetworks: files\n");
	etc("services", "http 80/tcp www # web\nhttp 80/udp\nonlyudp 82/udp\nlast 83/tcp");
	ask("services: 'http', any", "http", .call = call_service, .log = LOG_NONE);
	ask("services: alias 'www', tcp", "www", .service = "tcp", .call = call_service,
	    .log = LOG_NONE);
	ask("services: 'onlyudp', any", "onlyudp", .call = call_service, .log = LOG_NONE);
	ask("services: 'onlyudp', tcp", "onlyudp", .service = "tcp", .call = call_service,
	    .log = LOG_NONE);
	ask("services: 'HTTP', tcp", "HTTP", .service = "tcp", .call = call_service,
	    .log = LOG_NONE);
	ask("services: '80', tcp", "80", .service = "tcp", .call = call_service, .log = LOG_NONE);
	ask("services: 'http', sctp", "http", .service = "sctp", .call = call_service,
	    .log = LOG_NONE);
	ask("services: 'last', no newline", "last", .call = call_service, .log = LOG_NONE);
	ask("services: port 80, tcp", NULL, .count = 80, .service = "tcp", .call = call_port,
	    .log = LOG_NONE);
	ask("services: port 82, any", NULL, .count = 82, .call = call_port, .log = LOG_NONE);
	ask("services: port 9999, any", NULL, .count = 9999, .call = call_port, .log = LOG_NONE);
	ask("services: all", NULL, .call = call_services, .log = LOG_NONE);
	etc("nsswitch.conf", "services: nosuchmodule\n");
	ask("services: nosuchmodule: 'http'", "http", .call = call_service, .log = LOG_NONE);
	etc("nsswitch.conf", "services: files\n");
	etc("services", NULL);
	ask("no services file: 'http'", "http", .call = call_service, .log = LOG_NONE);
	ask("no services file: getaddrinfo of 'http'", "192.0.2.1", .service = "http", .code = 1,
	    .log = LOG_NONE);
	ask("no services file: port 80", NULL, .count = 80, .call = call_port, .log = LOG_NONE);

	for (int file = 0; file < 2; file++) {
		etc("protocols", file ? "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nown 250 OWN\n" : NULL);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			snprintf(label, sizeof(label), "%s: '%s'",
				 file ? "a short protocols file" : "no protocols file", names[i]);
			ask(label, names[i], .call = call_protocol, .log = LOG_NONE);
		}
		snprintf(label, sizeof(label), "%s: number 6",
			 file ? "a short protocols file" : "no protocols file");
		ask(label, NULL, .count = 6, .call = call_protocol_number, .log = LOG_NONE);
		snprintf(label, sizeof(label), "%s: all",
			 file ? "a short protocols file" : "no protocols file");
		ask(label, NULL, .call = call_protocols, .log = LOG_NONE);
	}
	etc("networks", "loopback 127.0.0.0\n");
	ask("networks: 'loopback'", "loopback", .call = call_net, .log = LOG_NONE);
}

int main(void)
{
	begin("nss");
	etc("resolv.conf", S1 QUICK);
	users();
	hosts();
	databases();
	nscd();
	return measured("nss");
}
