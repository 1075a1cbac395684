/* SPDX-License-Identifier: MIT */
/*
 * dns_aaaa - the two questions A and AAAA of one look-up, and what happens when one of them fails.
 *
 * Python asks for both families by default. Many company DNS servers and load balancers answer AAAA
 * wrongly (SERVFAIL, NXDOMAIN, nothing at all), which one libc forgives and another does not: then
 * a name that resolves on the slim image does not on Alpine, though its A record is fine.
 */
#include "dns_lookup.h"

static void conf(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), S1 QUICK "%s", more);
	etc("resolv.conf", text);
}

static void one_fails(void)
{
	static const char *const actions[] = {
		"nodata", "nx", "servfail", "refused", "notimp", "formerr", "slow", "drop",
	};
	static const char *const types[] = {"aaaa", "a"};
	char host[128], label[128];

	for (int t = 0; t < 2; t++) {
		for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
			snprintf(host, sizeof(host), "web.%s-%s.ok.test", types[t], actions[i]);
			snprintf(label, sizeof(label), "%s: %s, the other good",
				 t ? "A" : "AAAA", actions[i]);
			ask(label, host, .clock = i > 5);
		}
	}
	ask("AAAA: drop, asked for AF_INET only", "web.aaaa-drop.ok.test", .family = AF_INET,
	    .clock = 1);
	ask("A: drop, asked for AF_INET6 only", "web.a-drop.ok.test", .family = AF_INET6);
	ask("AAAA: servfail, gethostbyname", "web.aaaa-servfail.ok.test",
	    .call = call_gethostbyname);
	ask("AAAA: servfail, A: nodata", "web.aaaa-servfail.nodata.test");
	ask("AAAA: nx, A: nodata", "web.aaaa-nx.nodata.test");
}

static void options(void)
{
	ask("both good, source ports", "web.ok.test", .log = LOG_PORTS);
	ask("both slow (300 ms each)", "web.slow.test", .clock = 1, .log = LOG_PORTS);
	conf("options single-request\n");
	ask("options single-request, both slow (300 ms each)", "web.slow.test", .clock = 1,
	    .log = LOG_PORTS);
	conf("options single-request-reopen\n");
	ask("options single-request-reopen", "web.ok.test", .log = LOG_PORTS);
	conf("options no-aaaa\n");
	ask("options no-aaaa", "web.ok.test");
	conf("");
	ask("AF_INET6 with AI_V4MAPPED, IPv4 only", "web.aaaa-nodata.ok.test", .family = AF_INET6,
	    .flags = AI_V4MAPPED);
	ask("AF_INET6 with AI_V4MAPPED and AI_ALL", "web.ok.test", .family = AF_INET6,
	    .flags = AI_V4MAPPED | AI_ALL);
}

/* AI_ADDRCONFIG: no AAAA where the machine has no IPv6. What counts as having it?  */
static void configured(void)
{
	static const struct {
		const char *net, *text;
	} cases[] = {
		{"net lo", "only 127.0.0.1 and ::1"},
		{"net v4", "an IPv4 address, ::1 on lo"},
		{"net both", "an IPv4 and an IPv6 address"},
		{"net v6", "an IPv6 address, 127.0.0.1 on lo"},
		{"net none6", "an IPv4 address, IPv6 off"},
	};
	char label[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		control(cases[i].net);
		snprintf(label, sizeof(label), "AI_ADDRCONFIG, %s", cases[i].text);
		ask(label, "web.ok.test", .flags = AI_ADDRCONFIG);
		snprintf(label, sizeof(label), "no flags, %s", cases[i].text);
		ask(label, "web.ok.test");
	}
	ask("IPv6 off, AI_ADDRCONFIG, host '::1'", "::1", .flags = AI_ADDRCONFIG);
	ask("IPv6 off, AF_INET6, AI_ADDRCONFIG", "web.ok.test", .family = AF_INET6,
	    .flags = AI_ADDRCONFIG);
	control("net lo");
}

int main(void)
{
	begin("dns-aaaa");
	conf("");
	one_fails();
	options();
	configured();
	return measured("dns-aaaa");
}
