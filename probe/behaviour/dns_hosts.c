/* SPDX-License-Identifier: MIT */
/*
 * dns_hosts - /etc/hosts: when it is looked at, which lines count, and what nsswitch.conf changes.
 *
 * Docker writes /etc/hosts (--add-host, the container's own name), and tests add names to it. Only
 * one of the libcs reads /etc/nsswitch.conf, and they differ in what they do when a name has an
 * IPv4 line and IPv6 is wanted, in long lines, and in the canonical name that socket.getfqdn()
 * uses.
 */
#include "dns_lookup.h"

static void call_gethostbyaddr(const struct question *q)
{
	struct in_addr address;

	inet_pton(AF_INET, q->host, &address);
	say_hostent(gethostbyaddr(&address, sizeof(address), AF_INET));
}

static void call_getnameinfo(const struct question *q)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	char host[256] = "";
	int code;

	inet_pton(AF_INET, q->host, &to.sin_addr);
	code = getnameinfo((struct sockaddr *)&to, sizeof(to), host, sizeof(host), NULL, 0, 0);
	if (code)
		say_error(code, 0);
	else
		say("%s", host);
}

static void order(void)
{
	static const struct {
		const char *label, *text;
	} cases[] = {
		{"hosts: files dns", "hosts: files dns\n"},
		{"hosts: dns files", "hosts: dns files\n"},
		{"hosts: files", "hosts: files\n"},
		{"hosts: dns", "hosts: dns\n"},
		{"hosts: files [NOTFOUND=return] dns", "hosts: files [NOTFOUND=return] dns\n"},
		{"no hosts line in nsswitch.conf", "passwd: files\n"},
		{"no nsswitch.conf", NULL},
	};
	char label[128];

	etc("hosts", "192.0.2.200 web.ok.test\n192.0.2.201 only.hosts.example\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		etc("nsswitch.conf", cases[i].text);
		snprintf(label, sizeof(label), "%s: name in hosts and DNS", cases[i].label);
		ask(label, "web.ok.test", .family = AF_INET);
		snprintf(label, sizeof(label), "%s: name in hosts only", cases[i].label);
		ask(label, "only.hosts.example", .family = AF_INET);
		snprintf(label, sizeof(label), "%s: name in DNS only", cases[i].label);
		ask(label, "other.ok.test", .family = AF_INET);
	}
	etc("nsswitch.conf", "hosts: files dns\n");
}

static void families(void)
{
	etc("hosts", "192.0.2.200 v4.ok.test\n2001:db8::200 v6.ok.test\n"
	    "192.0.2.201 both.ok.test\n2001:db8::201 both.ok.test\n");
	ask("IPv4 line only, both wanted", "v4.ok.test");
	ask("IPv4 line only, IPv6 wanted", "v4.ok.test", .family = AF_INET6);
	ask("IPv4 line only, IPv6 wanted, AI_V4MAPPED", "v4.ok.test", .family = AF_INET6,
	    .flags = AI_V4MAPPED);
	ask("IPv6 line only, IPv4 wanted", "v6.ok.test", .family = AF_INET);
	ask("IPv6 line only, gethostbyname", "v6.ok.test", .call = call_gethostbyname);
	ask("IPv4 and IPv6 line", "both.ok.test");
	etc("hosts", "127.0.0.1 localhost\n");
	ask("'localhost' has 127.0.0.1 only, both wanted", "localhost");
	ask("'localhost' has 127.0.0.1 only, IPv6 wanted", "localhost", .family = AF_INET6);
	etc("hosts", "127.0.0.1 localhost\n::1 localhost\n");
	ask("'localhost' has 127.0.0.1 and ::1", "localhost");
	etc("host.conf", NULL);
	ask("no host.conf, 'localhost' has 127.0.0.1 and ::1", "localhost");
	etc("host.conf", "multi on\n");
	etc("hosts", "::1 localhost\n");
	ask("'localhost' has ::1 only, IPv4 wanted", "localhost", .family = AF_INET);
	etc("hosts", "127.0.0.1 localhost\n::1 ip6-localhost\n");
	ask("'localhost' has 127.0.0.1, '::1 ip6-localhost', both wanted", "localhost");
	etc("hosts", "");
	ask("'localhost', hosts empty", "localhost");
	ask("'app.localhost', hosts empty", "app.localhost");
	ask("the own host name, not in hosts", "measure");
	etc("hosts", NULL);
	ask("'localhost', no hosts file", "localhost");
}

static void lines(void)
{
	char text[8192];

	etc("hosts", "192.0.2.201 many.example\n192.0.2.202 many.example\n"
	    "192.0.2.201 many.example\n"
	    "192.0.2.200 main.example alias1 alias2\n192.0.2.203 first.example\n"
	    "192.0.2.204 second.example first.example\n192.0.2.205 one.example\n"
	    "192.0.2.205 two.example\n");
	ask("three lines, two alike", "many.example", .family = AF_INET);
	ask("three lines, two alike, gethostbyname", "many.example", .call = call_gethostbyname);
	ask("alias, canonical name", "alias1", .family = AF_INET, .canonical = 1,
	    .flags = AI_CANONNAME);
	ask("alias, gethostbyname", "alias1", .call = call_gethostbyname);
	ask("main name, gethostbyname", "main.example", .call = call_gethostbyname);
	ask("name in one line and alias in the next, canonical name", "first.example",
	    .family = AF_INET, .canonical = 1, .flags = AI_CANONNAME);
	ask("name in other case", "MAIN.Example", .family = AF_INET, .canonical = 1,
	    .flags = AI_CANONNAME);
	ask("name with a dot at the end", "main.example.", .family = AF_INET);
	ask("address back to name", "192.0.2.200", .call = call_getnameinfo);
	ask("address back to name, gethostbyaddr", "192.0.2.200", .call = call_gethostbyaddr);
	ask("address of two lines back to name", "192.0.2.205", .call = call_getnameinfo);
	ask("address of no line back to name", "192.0.2.1", .call = call_getnameinfo);

	etc("host.conf", NULL);
	ask("no host.conf, three lines, two alike", "many.example", .family = AF_INET);
	ask("no host.conf, alias, gethostbyname", "alias1", .call = call_gethostbyname);
	etc("host.conf", "multi on\n");

	etc("hosts", "192.0.2.200 a.example#b.example\n192.0.2.201\ttab.example\r\n"
	    "  192.0.2.202 blanks.example\n192.0.2 short.example\nnonsense word.example\n"
	    "192.0.2.203 under_score.example\n192.0.2.204 two..dots.example\n"
	    "192.0.2.207 st*r.example good.example\n010.0.0.1 octal.example\n"
	    "fe80::1%lo scope.example\n192.0.2.206 end.example");
	ask("comment joined to the name", "a.example", .family = AF_INET);
	ask("name in a comment", "b.example", .family = AF_INET);
	ask("tab, and CR at the end", "tab.example", .family = AF_INET);
	ask("blanks before the address", "blanks.example", .family = AF_INET);
	ask("address '192.0.2'", "short.example", .family = AF_INET);
	ask("line without an address", "word.example", .family = AF_INET);
	ask("name with underscore", "under_score.example", .family = AF_INET);
	ask("name with two dots", "two..dots.example", .family = AF_INET);
	ask("name with a star", "st*r.example", .family = AF_INET);
	ask("name behind a name with a star, canonical name", "good.example", .family = AF_INET,
	    .canonical = 1, .flags = AI_CANONNAME);
	ask("address '010.0.0.1'", "octal.example", .family = AF_INET);
	ask("address 'fe80::1%lo'", "scope.example", .family = AF_INET6);
	ask("no newline at the end", "end.example", .family = AF_INET);

	strcpy(text, "192.0.2.200");
	for (int i = 0; i < 30; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " alias-number-%03d.example", i);
	strcat(text, "\n192.0.2.201 next.example\n");
	etc("hosts", text);
	ask("line of 760 bytes, name at byte 12", "alias-number-000.example", .family = AF_INET);
	ask("line of 760 bytes, name at byte 400", "alias-number-015.example", .family = AF_INET);
	ask("line of 760 bytes, name at byte 740", "alias-number-029.example", .family = AF_INET);
	ask("line after the line of 760 bytes", "next.example", .family = AF_INET);
	text[0] = '\0';
	for (int i = 0; i < 60; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "10.9.0.%d many.example\n", i + 1);
	etc("hosts", text);
	ask("60 lines for one name", "many.example", .family = AF_INET, .count = 1);
}

/* Up to which byte of a line of hosts a name may reach and is found, newline not counted.  */
static void longest(void)
{
	int best = 0;

	for (int len = 480; len <= 540; len++) {
		const struct question q = {.host = "far.example", .family = AF_INET};
		char text[1024] = "192.0.2.200", found[256];
		size_t at = strlen(text), end = (size_t)len - strlen("far.example");
		int out;
		pid_t child;

		for (; at < end; at++)
			text[at] = at % 12 == 11 || at + 1 == end ? ' ' : 'x';
		strcpy(text + at, "far.example\n");
		etc("hosts", text);
		child = start(&q, &out);
		finish(child, out, found, sizeof(found));
		if (!strcmp(found, "192.0.2.200"))
			best = len;
	}
	control("log");
	if (best == 540)
		result("names of a line count up to byte", "540 or more");
	else
		result("names of a line count up to byte", "%d", best);
}

static void mixtures(void)
{
	etc("hosts", "192.0.2.200 db\n192.0.2.201 api.ok.test\n");
	etc("resolv.conf", S1 QUICK "search ok.test\n");
	ask("search list, short name in hosts", "db", .family = AF_INET);
	ask("search list, full name in hosts, short name wanted", "api", .family = AF_INET);
	ask("canonical name of a short name found by search", "web", .family = AF_INET,
	    .canonical = 1, .flags = AI_CANONNAME);
	ask("canonical name of a CNAME", "web.cname1.test", .family = AF_INET, .canonical = 1,
	    .flags = AI_CANONNAME);
	ask("canonical name of a number", "192.0.2.1", .canonical = 1, .flags = AI_CANONNAME);
	ask("gethostbyname of a CNAME", "web.cname2.test", .call = call_gethostbyname);
	etc("aliases", "short web.ok.test\n");
	ask("HOSTALIASES", "short", .family = AF_INET, .env = "HOSTALIASES=/etc/aliases");
	etc("resolv.conf", S1 QUICK);
}

int main(void)
{
	begin("dns-hosts");
	etc("resolv.conf", S1 QUICK);
	order();
	families();
	lines();
	mixtures();
	longest();
	return measured("dns-hosts");
}
