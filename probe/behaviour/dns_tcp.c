/* SPDX-License-Identifier: MIT */
/* LIBS: -lresolv */
/*
 * dns_tcp - answers that do not fit in one UDP packet of 512 bytes.
 *
 * Big services and some load balancers have dozens of addresses, and DKIM keys in TXT records are
 * long. The server then sets the bit "truncated" and the libc has to ask again by TCP; musl does so
 * since 1.2.4 only. Before, a Python program got the part that fitted, or no address at all.
 */
#include <resolv.h>

#include "dns_lookup.h"

static void conf(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s", QUICK, more);
	etc("resolv.conf", text);
}

static void call_res_query(const struct question *q)
{
	static unsigned char packet[65536];
	int len = res_query(q->host, 1, q->type, packet, q->count);

	if (len < 0)
		say("-1, %s", h_error_name(h_errno));
	else
		say("%d bytes%s", len, packet[2] & 2 ? ", truncated" : "");
}

static void call_count(const struct question *q)
{
	const struct hostent *host = gethostbyname(q->host);
	int count = 0;

	if (!host) {
		say("%s", h_error_name(h_errno));
		return;
	}
	while (host->h_addr_list[count])
		count++;
	say("%d addresses", count);
}

static void addresses(void)
{
	static const int counts[] = {10, 28, 29, 47, 48, 49, 60, 250, 400, 2000};
	char host[64], label[128];

	conf(S1);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		snprintf(host, sizeof(host), "web.fit%d.test", counts[i]);
		snprintf(label, sizeof(label), "%d addresses", counts[i]);
		ask(label, host, .family = AF_INET, .count = 1);
	}
	ask("60 addresses, IPv6 asked for too", "web.fit60.test", .count = 1);
	ask("60 addresses, gethostbyname", "web.fit60.test", .call = call_count);
	for (size_t i = 0; i < 10; i++) {
		if (counts[i] < 29 || counts[i] > 400)
			continue;
		snprintf(host, sizeof(host), "web.big%d.test", counts[i]);
		snprintf(label, sizeof(label), "%d addresses in one long UDP packet", counts[i]);
		ask(label, host, .family = AF_INET, .count = 1);
	}
}

static void broken(void)
{
	ask("truncated and empty, TCP has it", "web.tcnone.test", .family = AF_INET);
	ask("truncated, TCP is reset", "web.tcfail.test", .family = AF_INET);
	ask("truncated, TCP never answers, given up after 8 s", "web.tchang.test",
	    .family = AF_INET, .limit = 8);
	conf("nameserver 127.0.0.59\n");
	ask("truncated, TCP port closed", "web.fit60.test", .family = AF_INET, .count = 1);
	ask("truncated and empty, TCP port closed", "web.tcnone.test", .family = AF_INET);
	conf("nameserver 127.0.0.59\n" S1);
	ask("truncated, TCP closed at the first of two servers", "web.fit60.test",
	    .family = AF_INET, .count = 1);
}

static void options(void)
{
	conf(S1 "options edns0\n");
	ask("options edns0, 60 addresses", "web.fit60.test", .family = AF_INET, .count = 1);
	ask("options edns0, server says FORMERR", "web.formerr.test", .family = AF_INET);
	conf(S1 "options use-vc\n");
	ask("options use-vc, one address", "web.ok.test", .family = AF_INET);
	conf(S1 "options trust-ad\n");
	ask("options trust-ad, one address", "web.ok.test", .family = AF_INET, .log = LOG_PORTS);
	conf(S1);
	ask("no options, one address", "web.ok.test", .family = AF_INET, .log = LOG_PORTS);
}

static void texts(void)
{
	conf(S1);
	ask("res_query, TXT of 300 bytes", "web.txt300.test", .type = 16, .count = 65536,
	    .call = call_res_query);
	ask("res_query, TXT of 3000 bytes", "web.txt3000.test", .type = 16, .count = 65536,
	    .call = call_res_query);
	ask("res_query, TXT of 3000 bytes, buffer of 1024", "web.txt3000.test", .type = 16,
	    .count = 1024, .call = call_res_query);
}

int main(void)
{
	begin("dns-tcp");
	addresses();
	broken();
	options();
	texts();
	return measured("dns-tcp");
}
