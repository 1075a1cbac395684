/* SPDX-License-Identifier: MIT */
/*
 * dns_servers - several nameserver lines: who is asked, whose answer counts, how long it takes.
 *
 * One libc asks the servers one after the other, another all of them at once and takes the first
 * answer. With split DNS (an inner and an outer server) the same resolv.conf then finds a name on
 * one image and not on the other. How long a Python program hangs when no server answers differs
 * by a factor, too.
 */
#include "dns_lookup.h"

static void conf(const char *text)
{
	etc("resolv.conf", text);
}

/* Two servers that do not say the same; the answer tells by its last number who won.  */
static void disagreement(void)
{
	static const char *const names[] = {
		"ok", "s1-slow.ok", "s1-nx.ok", "s1-nodata.ok", "s1-servfail.ok", "s1-refused.ok",
		"s1-notimp.ok", "s1-formerr.ok", "s1-drop.ok", "s1-slow.s2-nx", "s1-slow.s2-nodata",
		"s1-slow.s2-servfail.ok", "s1-slow.s2-refused.ok", "s1-servfail.s2-nx",
		"s1-refused.s2-servfail", "s1-servfail.s2-drop", "s1-drop.s2-nx",
	};
	char host[128], label[128];

	conf(S1 S2 QUICK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(host, sizeof(host), "web.%s.test", names[i]);
		snprintf(label, sizeof(label), "two servers: %s", names[i]);
		ask(label, host, .family = AF_INET, .clock = strstr(names[i], "drop") != NULL);
	}
	ask("two servers, IPv4 and IPv6: ok", "web.ok.test");
	ask("two servers, IPv4 and IPv6: s1-aaaa-drop.ok", "web.s1-aaaa-drop.ok.test",
	    .clock = 1);
	ask("two servers, IPv4 and IPv6: s1-a-nx.ok", "web.s1-a-nx.ok.test");
	conf("search nx.test s1-nx.ok.test\n" S1 S2 QUICK);
	ask("two servers, search list: nx, s1-nx.ok", "web", .family = AF_INET);
	conf("nameserver ::1\n" S2 QUICK);
	ask("two servers: nobody at the first address", "web.ok.test", .family = AF_INET,
	    .clock = 1);
	conf("nameserver ::1\n" QUICK);
	ask("one server: nobody at its address", "web.ok.test", .family = AF_INET, .clock = 1);
}

static void lines(void)
{
	conf(S1 S2 "nameserver 127.0.0.53\nnameserver 127.0.0.54\n" QUICK);
	ask("four servers, only the third answers", "web.s1-nx.s2-nx.s3-ok.s4-nx.test",
	    .family = AF_INET);
	ask("four servers, only the fourth answers (others refuse)",
	    "web.s1-refused.s2-refused.s3-refused.s4-ok.test", .family = AF_INET);
	conf(S1 S1 QUICK);
	ask("the same server twice", "web.ok.test", .family = AF_INET);
	conf("# nothing\n");
	ask("no nameserver line", "web.ok.test", .family = AF_INET);
	conf(NULL);
	ask("no resolv.conf", "web.ok.test", .family = AF_INET);
	conf("nameserver 127.0.0.51 # comment\n" QUICK);
	ask("comment after the address", "web.ok.test", .family = AF_INET);
	conf("nameserver dns.example\n" S2 QUICK);
	ask("a name for an address, then a server", "web.ok.test", .family = AF_INET);
	conf("options attempts:1 timeout:1\nnameserver 127.0.0.51");
	ask("no newline at the end", "web.ok.test", .family = AF_INET);
	conf("nameserver ::ffff:127.0.0.51\n" QUICK);
	ask("IPv4 address written as ::ffff:127.0.0.51", "web.ok.test", .family = AF_INET);
}

/* The child's own time stands behind a tab.  */
static void call_and_time(const struct question *q)
{
	double begun = seconds();

	call_getaddrinfo(q);
	say("\t%.1f s", seconds() - begun);
}

/* How long until it is known that nobody answers, and how often was asked.  */
static void silence(void)
{
	static const struct {
		const char *label, *text;
	} cases[] = {
		{"timeout:1 attempts:1, one server", S1 "options timeout:1 attempts:1\n"},
		{"timeout:1 attempts:2, one server", S1 "options timeout:1 attempts:2\n"},
		{"timeout:2 attempts:1, one server", S1 "options timeout:2 attempts:1\n"},
		{"timeout:1 attempts:4, one server", S1 "options timeout:1 attempts:4\n"},
		{"timeout:1 attempts:2, two servers", S1 S2 "options timeout:1 attempts:2\n"},
	};
	const struct question defaults = {
		.label = "no options, one server: no answer", .host = "web.background.drop.test",
		.family = AF_INET, .call = call_and_time,
	};
	char label[256], text[256], *tab;
	int out;
	pid_t child;

	/* The long one runs beside the others, and has read its resolv.conf before they write.  */
	conf(S1);
	child = start(&defaults, &out);
	usleep(300000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		conf(cases[i].text);
		snprintf(label, sizeof(label), "%s: no answer", cases[i].label);
		ask(label, "web.drop.test", .family = AF_INET, .clock = 1);
	}
	finish(child, out, text, sizeof(text));
	tab = strchr(text, '\t');
	if (tab) {
		*tab = '\0';
		timed(defaults.label, "%s", tab + 1);
	}
	result(defaults.label, "%s", text);
	result("no options, one server: no answer: queries", "%s", control("log background"));
}

/* The same name twice in one process: nothing is remembered by the libc.  */
static void memory(void)
{
	conf(S1 QUICK);
	ask("the same name twice", "web.ok.test", .family = AF_INET, .times = 2);
	ask("a name that does not exist, twice", "web.nx.test", .family = AF_INET, .times = 2);
}

/* An answer with a wrong id, question or sender, then the right one: 66 would be the wrong one.  */
static void forged(void)
{
	ask("answer with a wrong id first", "web.badid.test", .family = AF_INET);
	ask("answer to another question first", "web.badname.test", .family = AF_INET);
	ask("answer from another address first", "web.badsrc.test", .family = AF_INET);
	ask("answer with the names in upper case", "web.upper.test", .family = AF_INET,
	    .canonical = 1, .flags = AI_CANONNAME);
	ask("question in mixed case", "Web.Ok.Test", .family = AF_INET, .canonical = 1,
	    .flags = AI_CANONNAME);
}

int main(void)
{
	begin("dns-servers");
	disagreement();
	lines();
	memory();
	forged();
	silence();
	return measured("dns-servers");
}
