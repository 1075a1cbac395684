/* SPDX-License-Identifier: MIT */
/* LIBS: -lresolv */
/*
 * dns_search - which names are asked for, in what order, when /etc/resolv.conf has a search list.
 *
 * Docker and Kubernetes write "search" and "ndots:5" into resolv.conf, and a Python program that
 * connects to "db" or "db.other" depends on the libc to complete the name. The libcs differ in when
 * the list is tried at all, in which failures end the search, and in how long a list may be.
 */
#include <resolv.h>

#include "dns_lookup.h"

#define CLUSTER "search default.svc.cluster.local svc.cluster.local cluster.local\n" \
	"options ndots:5\n"

static void call_res_search(const struct question *q)
{
	unsigned char packet[2048];
	int len = res_search(q->host, 1, 1, packet, sizeof(packet));

	say(len > 0 ? "an answer" : "no answer");
}

static void conf(const char *more)
{
	char text[4096];

	snprintf(text, sizeof(text), S1 QUICK "%s", more);
	etc("resolv.conf", text);
}

static void dots(void)
{
	conf("search nx.test ok.test\n");
	ask("two domains, the second has it, 'db'", "db", .family = AF_INET);
	ask("two domains, the second has it, 'db' with IPv6", "db");
	ask("name with one dot, ndots not set, 'db.svc'", "db.svc", .family = AF_INET);
	ask("name with a dot at its end 'db.'", "db.", .family = AF_INET);
	ask("res_search 'db'", "db", .call = call_res_search);
	conf("search nx.test ok.test\noptions ndots:2\n");
	ask("ndots:2, 'db.svc'", "db.svc", .family = AF_INET);
	ask("ndots:2, 'db.svc.'", "db.svc.", .family = AF_INET);
	ask("ndots:2, 'a.db.svc'", "a.db.svc", .family = AF_INET);
	conf("search nx.test ok.test\noptions ndots:0\n");
	ask("ndots:0, 'db'", "db", .family = AF_INET);
	conf("search nx.test ok.test\noptions ndots:99\n");
	ask("ndots:99, 20 dots", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.db", .family = AF_INET);
	conf(CLUSTER);
	ask("Kubernetes, 'db'", "db", .family = AF_INET);
	ask("Kubernetes, 'db.other'", "db.other", .family = AF_INET);
	ask("Kubernetes, 'db.other.svc'", "db.other.svc", .family = AF_INET);
	ask("Kubernetes, outside name 'www.ok.test'", "www.ok.test", .family = AF_INET);
	ask("Kubernetes, outside name 'www.ok.test.'", "www.ok.test.", .family = AF_INET);
	conf("search default.svc.cluster.local svc.cluster.local cluster.local\n");
	ask("Kubernetes without ndots, 'db.other'", "db.other", .family = AF_INET);
	conf("search default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:2\n");
	ask("Kubernetes with ndots:2, 'db.other.svc'", "db.other.svc", .family = AF_INET);
}

/* A failure in the first domain: does the search go on to the second, which has the name?  */
static void failures(void)
{
	static const char *const actions[] = {
		"nodata", "servfail", "refused", "notimp", "formerr", "drop", "aaaa-servfail.ok",
	};
	char text[256], label[256];

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		snprintf(text, sizeof(text), "search %s.test ok.test\n", actions[i]);
		conf(text);
		snprintf(label, sizeof(label), "first domain of the list: %s", actions[i]);
		ask(label, "db", .family = strchr(actions[i], '-') ? AF_UNSPEC : AF_INET,
		    .clock = !strcmp(actions[i], "drop"));
	}
	conf("search nx.test servfail.test\n");
	ask("last domain of the list: servfail", "single", .family = AF_INET);
	conf("search nodata.test nx.test\n");
	ask("nodata, then nx", "db", .family = AF_INET, .code = 1);
	conf("search a-nodata.aaaa-ok.test ok.test\n");
	ask("first domain has IPv6 only, IPv4 wanted", "db", .family = AF_INET);
	conf("search ok.test\noptions ndots:2\n");
	ask("the list has it and so has the name by itself", "host.example", .family = AF_INET);
}

static void lists(void)
{
	char text[2048] = "search";

	conf("");
	ask("no search list, 'db'", "db", .family = AF_INET);
	ask("no search list, 'single', which exists", "single", .family = AF_INET);
	control("host box.ok.test");
	ask("no search list, host name 'box.ok.test', 'db'", "db", .family = AF_INET);
	control("host measure");
	conf("domain ok.test\n");
	ask("'domain ok.test'", "db", .family = AF_INET);
	conf("search ok.test\ndomain nx.test\n");
	ask("'search ok.test', then 'domain nx.test'", "db", .family = AF_INET);
	conf("domain nx.test\nsearch ok.test\n");
	ask("'domain nx.test', then 'search ok.test'", "db", .family = AF_INET);
	conf("search nx.test\nsearch ok.test\n");
	ask("two 'search' lines", "db", .family = AF_INET);
	conf("search .\n");
	ask("'search .'", "db", .family = AF_INET);
	conf("search nx.test ok.test # comment\n");
	ask("comment after the list", "db", .family = AF_INET);
	conf("search\tnx.test\tok.test.\n");
	ask("tabs, and a dot at the end", "db", .family = AF_INET);
	conf("  search ok.test\n");
	ask("blanks before 'search'", "db", .family = AF_INET);
	conf("search nx.test ok.test\n");
	ask("LOCALDOMAIN=env.ok.test", "db", .family = AF_INET, .env = "LOCALDOMAIN=env.ok.test");
	ask("RES_OPTIONS=ndots:3, 'db.svc'", "db.svc", .family = AF_INET,
	    .env = "RES_OPTIONS=ndots:3");
	conf("search d1.test d2.test d3.test d4.test d5.test d6.test d7.test ok.test\n");
	ask("eight domains, the last has it", "db", .family = AF_INET);
	for (int i = 0; i < 9; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " number-%d.a-very-long-name-of-a-domain.test", i);
	strcat(text, " ok.test\n");
	conf(text);
	ask("list of 400 bytes, the last of 10 domains has it", "db", .family = AF_INET);
	strcpy(text, "search ok.test");
	for (int i = 0; i < 9; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " number-%d.a-very-long-name-of-a-domain.test", i);
	strcat(text, "\n");
	conf(text);
	ask("list of 400 bytes, the first of 10 domains has it", "db", .family = AF_INET);
	strcpy(text, "search ok.test");
	for (int i = 0; i < 4; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " number-%d.a-very-long-name-of-a-domain-that-has.more-labels.in.test", i);
	strcat(text, "\n");
	conf(text);
	ask("list of 300 bytes, the first of 5 domains has it", "db", .family = AF_INET);
	strcpy(text, "search ok.test ");
	for (int i = 0; i < 25; i++)
		strcat(text, "long-name.");
	strcat(text, "test\n");
	conf(text);
	ask("the second of two domains has 254 bytes, the first has it", "db", .family = AF_INET);
	strcpy(text, "search");
	for (int i = 0; i < 5; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " number-%d.a-very-long-name-of-a-domain.test", i);
	strcat(text, " ok.test\n");
	conf(text);
	ask("list of 230 bytes, the last of 6 domains has it", "db", .family = AF_INET);
}

/* The longest line "search ok.test xxx xxx..." with which 'db' is found, newline and all.  */
static void longest(void)
{
	int best = 0;

	for (int len = 230; len <= 300; len++) {
		const struct question q = {.host = "db", .family = AF_INET};
		char text[512] = S1 "search ok.test ", answer_text[256];
		size_t at = strlen(text), end = strlen(S1) + (size_t)len - 1;
		int out;
		pid_t child;

		for (; at < end; at++)
			text[at] = at % 20 || at + 1 == end ? 'x' : ' ';
		strcpy(text + at, "\n");
		etc("resolv.conf", text);
		child = start(&q, &out);
		finish(child, out, answer_text, sizeof(answer_text));
		if (!strcmp(answer_text, "192.0.2.1"))
			best = len;
	}
	control("log");
	if (best == 300)
		result("longest 'search' line that counts", "300 bytes or more");
	else
		result("longest 'search' line that counts", "%d bytes", best);
}

int main(void)
{
	begin("dns-search");
	dots();
	failures();
	lists();
	longest();
	return measured("dns-search");
}
