/* SPDX-License-Identifier: MIT */
/*
 * dns_order - in what order, and how often, the addresses of a name come back.
 *
 * Most clients take the first address. Here it is seen whether the order of the DNS answer is kept,
 * sorted (RFC 6724) or shuffled, whether /etc/gai.conf counts, and how many entries getaddrinfo()
 * without hints gives for each address - socket.getaddrinfo("host", 80) in Python.
 */
#include "dns_lookup.h"

static void call_no_hints(const struct question *q)
{
	struct addrinfo *list;
	int code = getaddrinfo(q->host, q->service, NULL, &list);

	if (code) {
		say_error(code, 0);
		return;
	}
	say_addrinfo(q, list);
	freeaddrinfo(list);
}

static void sorted(void)
{
	static const struct {
		const char *net, *text;
	} cases[] = {
		{"net lo", "only loopback addresses"},
		{"net v4", "an IPv4 address and route"},
		{"net both", "IPv4 and IPv6 addresses and routes"},
		{"net none6", "an IPv4 address, IPv6 off"},
	};
	char label[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		control(cases[i].net);
		snprintf(label, sizeof(label), "%s", cases[i].text);
		ask(label, "web.mixed.test", .log = LOG_NONE);
		snprintf(label, sizeof(label), "%s, IPv4 only", cases[i].text);
		ask(label, "web.mixed.test", .family = AF_INET, .log = LOG_NONE);
		snprintf(label, sizeof(label), "%s, one of each", cases[i].text);
		ask(label, "web.ok.test", .log = LOG_NONE);
		snprintf(label, sizeof(label), "%s, gethostbyname", cases[i].text);
		ask(label, "web.mixed.test", .call = call_gethostbyname, .log = LOG_NONE);
	}
	control("net both");
	ask("IPv4 only, four times", "web.fit5.test", .family = AF_INET, .times = 4,
	    .log = LOG_NONE);
	etc("gai.conf", "precedence ::ffff:0:0/96 100\n");
	ask("gai.conf prefers IPv4", "web.ok.test", .log = LOG_NONE);
	etc("gai.conf", NULL);
	etc("resolv.conf", S1 QUICK "options rotate\nsortlist 192.168.0.0/255.255.0.0\n");
	ask("sortlist 192.168.0.0/255.255.0.0", "web.mixed.test", .family = AF_INET,
	    .log = LOG_NONE);
	ask("sortlist 192.168.0.0/255.255.0.0, gethostbyname", "web.mixed.test",
	    .call = call_gethostbyname, .log = LOG_NONE);
	etc("resolv.conf", S1 QUICK);
	etc("hosts", "127.0.0.1 localhost\n::1 localhost\n");
	ask("'localhost' of hosts", "localhost", .log = LOG_NONE);
	etc("hosts", "203.0.113.1 h.example\n10.0.0.1 h.example\n198.51.100.9 h.example\n");
	ask("three lines of hosts", "h.example", .log = LOG_NONE);
	etc("hosts", "");
	control("net lo");
}

static void kinds(void)
{
	etc("services", "http 80/tcp\nboth 81/tcp\nboth 81/udp\nonlyudp 82/udp\n");
	ask("no hints, number", "192.0.2.1", .call = call_no_hints, .raw = 1, .log = LOG_NONE);
	ask("no hints, name", "web.ok.test", .call = call_no_hints, .raw = 1, .log = LOG_NONE);
	ask("no hints, port 80", "192.0.2.1", .service = "80", .call = call_no_hints, .raw = 1,
	    .log = LOG_NONE);
	ask("no hints, service of tcp only", "192.0.2.1", .service = "http", .raw = 1,
	    .call = call_no_hints, .log = LOG_NONE);
	ask("no hints, service of tcp and udp", "192.0.2.1", .service = "both", .raw = 1,
	    .call = call_no_hints, .log = LOG_NONE);
	ask("no hints, service of udp only", "192.0.2.1", .service = "onlyudp", .raw = 1,
	    .call = call_no_hints, .log = LOG_NONE);
	ask("no hints, no host, port 80", NULL, .service = "80", .call = call_no_hints, .raw = 1,
	    .log = LOG_NONE);
	ask("stream", "192.0.2.1", .raw = 1, .type = SOCK_STREAM, .log = LOG_NONE);
	ask("dgram", "192.0.2.1", .raw = 1, .type = SOCK_DGRAM, .log = LOG_NONE);
	ask("raw", "192.0.2.1", .raw = 1, .type = SOCK_RAW, .log = LOG_NONE);
	ask("raw, port 80", "192.0.2.1", .service = "80", .raw = 1, .type = SOCK_RAW,
	    .log = LOG_NONE);
	ask("stream, service of udp only", "192.0.2.1", .service = "onlyudp", .raw = 1,
	    .type = SOCK_STREAM, .log = LOG_NONE);
}

int main(void)
{
	begin("dns-order");
	etc("resolv.conf", S1 QUICK);
	etc("hosts", "");
	etc("nsswitch.conf", "hosts: files dns\n");
	kinds();
	sorted();
	return measured("dns-order");
}
