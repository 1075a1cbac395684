/* SPDX-License-Identifier: MIT */
/* LIBS: -lresolv */
/*
 * dns_errors - the error codes and texts of failed look-ups, and odd names and numbers as hosts.
 *
 * socket.gaierror carries the number and the text of the libc: programs and tests that compare with
 * socket.EAI_NODATA or "Name or service not known" behave differently elsewhere. Names with an
 * underscore, a space or an umlaut, and hosts such as "127.1", are accepted by one and not by
 * another.
 */
#define _GNU_SOURCE	/* AI_IDN */

#include <resolv.h>

#include "dns_lookup.h"

#ifndef AI_IDN
#define AI_IDN 0
#endif

static void call_res_query(const struct question *q)
{
	unsigned char packet[1024];
	int len = res_query(q->host, 1, q->type, packet, sizeof(packet));

	if (len < 0)
		say("-1, %s", h_error_name(h_errno));
	else
		say("%d bytes, rcode %d", len, packet[3] & 15);
}

/* Numeric host only: what inet_aton() of the libc takes too.  */
static void call_inet(const struct question *q)
{
	struct in_addr address;

	say("inet_aton: ");
	if (inet_aton(q->host, &address))
		say_address(AF_INET, &address);
	else
		say("no");
	say(", inet_pton: ");
	if (inet_pton(AF_INET, q->host, &address) == 1)
		say_address(AF_INET, &address);
	else
		say("no");
}

static void call_getnameinfo(const struct question *q)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_scope_id = 1};
	char host[256] = "", service[64] = "";
	int code;

	if (inet_pton(AF_INET6, q->host, &to6.sin6_addr) == 1) {
		code = getnameinfo((struct sockaddr *)&to6, sizeof(to6), host, sizeof(host),
				   service, sizeof(service), q->flags);
	} else {
		inet_pton(AF_INET, q->host, &to.sin_addr);
		code = getnameinfo((struct sockaddr *)&to, sizeof(to), host,
				   q->count ? (socklen_t)q->count : sizeof(host), service,
				   sizeof(service), q->flags);
	}
	if (code)
		say_error(code, 1);
	else
		say("%s, %s", host, service);
}

static void call_gethostbyaddr(const struct question *q)
{
	struct in_addr address;

	inet_pton(AF_INET, q->host, &address);
	say_hostent(gethostbyaddr(&address, sizeof(address), AF_INET));
}

static void call_texts(const struct question *q)
{
	(void)q;
	for (int code = 0; code > -13; code--)
		say("%s%d: %s", code ? "; " : "", code, gai_strerror(code));
}

static void call_h_texts(const struct question *q)
{
	(void)q;
	for (int code = 0; code < 5; code++)
		say("%s%d: %s", code ? "; " : "", code, hstrerror(code));
}

static void failures(void)
{
	static const char *const actions[] = {
		"nx", "nodata", "servfail", "refused", "notimp", "formerr", "drop", "cnamenx",
	};
	char host[128], label[128];

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		snprintf(host, sizeof(host), "web.%s.test", actions[i]);
		snprintf(label, sizeof(label), "getaddrinfo: %s", actions[i]);
		ask(label, host, .family = AF_INET, .code = 1);
		snprintf(label, sizeof(label), "gethostbyname: %s", actions[i]);
		ask(label, host, .call = call_gethostbyname, .log = LOG_NONE);
		snprintf(label, sizeof(label), "res_query: %s", actions[i]);
		ask(label, host, .call = call_res_query, .type = 1, .log = LOG_NONE);
	}
	ask("res_query: AAAA, name has A only", "web.aaaa-nodata.ok.test", .call = call_res_query,
	    .type = 28, .log = LOG_NONE);
	ask("gethostbyname: ok", "web.ok.test", .call = call_gethostbyname, .log = LOG_NONE);
	ask("texts of gai_strerror", NULL, .call = call_texts, .log = LOG_NONE);
	ask("texts of hstrerror", NULL, .call = call_h_texts, .log = LOG_NONE);
}

static void arguments(void)
{
	ask("host and service NULL", NULL, .code = 1, .log = LOG_NONE);
	ask("host NULL, port 80", NULL, .service = "80", .code = 1, .log = LOG_NONE);
	ask("host NULL, port 80, AI_PASSIVE", NULL, .service = "80", .flags = AI_PASSIVE,
	    .log = LOG_NONE);
	ask("service 'nosuchservice'", "192.0.2.1", .service = "nosuchservice", .code = 1);
	ask("service 'http'", "192.0.2.1", .service = "http", .code = 1);
	ask("service '80'", "192.0.2.1", .service = "80", .code = 1);
	ask("service '99999'", "192.0.2.1", .service = "99999", .code = 1);
	ask("service '-1'", "192.0.2.1", .service = "-1", .code = 1);
	ask("service ''", "192.0.2.1", .service = "", .code = 1);
	ask("service ' 80'", "192.0.2.1", .service = " 80", .code = 1);
	ask("service 'http' with AI_NUMERICSERV", "192.0.2.1", .service = "http",
	    .flags = AI_NUMERICSERV, .code = 1);
	ask("name with AI_NUMERICHOST", "web.ok.test", .flags = AI_NUMERICHOST, .code = 1);
	ask("family 99", "192.0.2.1", .family = 99, .code = 1);
	ask("socket type 99", "192.0.2.1", .type = 99, .code = 1);
	ask("flags 0x8000", "192.0.2.1", .flags = 0x8000, .code = 1);
	ask("AI_CANONNAME without a host", NULL, .service = "80", .flags = AI_CANONNAME, .code = 1);
	ask("AF_INET6, host '192.0.2.1'", "192.0.2.1", .family = AF_INET6, .code = 1);
	ask("AF_INET, host '::1'", "::1", .family = AF_INET, .code = 1);
}

static void names(void)
{
	char label63[128], label64[128], long253[512], long300[512];

	memset(label63, 'a', 63);
	strcpy(label63 + 63, ".ok.test");
	memset(label64, 'a', 64);
	strcpy(label64 + 64, ".ok.test");
	long253[0] = long300[0] = '\0';
	for (int i = 0; i < 49; i++)
		strcat(long253, "abcd.");
	strcat(long253, "ok.tests");
	for (int i = 0; i < 58; i++)
		strcat(long300, "abcd.");
	strcat(long300, "ok.test");

	ask("host ''", "", .family = AF_INET, .code = 1);
	ask("host '.'", ".", .family = AF_INET, .code = 1);
	ask("host 'web..ok.test'", "web..ok.test", .family = AF_INET, .code = 1);
	ask("host '.web.ok.test'", ".web.ok.test", .family = AF_INET, .code = 1);
	ask("host 'web.ok.test..'", "web.ok.test..", .family = AF_INET, .code = 1);
	ask("label of 63 bytes", label63, .family = AF_INET, .code = 1);
	ask("label of 64 bytes", label64, .family = AF_INET, .code = 1);
	ask("name of 253 bytes", long253, .family = AF_INET, .code = 1);
	ask("name of 297 bytes", long300, .family = AF_INET, .code = 1);
	ask("host 'under_score.example'", "under_score.example", .family = AF_INET, .code = 1);
	ask("host '_http._tcp.ok.test'", "_http._tcp.ok.test", .family = AF_INET, .code = 1);
	ask("host '-dash.ok.test'", "-dash.ok.test", .family = AF_INET, .code = 1);
	ask("host 'dash-.ok.test'", "dash-.ok.test", .family = AF_INET, .code = 1);
	ask("host 'two words.example'", "two words.example", .family = AF_INET, .code = 1);
	ask("host ' web.ok.test'", " web.ok.test", .family = AF_INET, .code = 1);
	ask("host 'web.ok.test\\n'", "web.ok.test\n", .family = AF_INET, .code = 1);
	ask("host '*.ok.test'", "*.ok.test", .family = AF_INET, .code = 1);
	ask("host 'a/b.ok.test'", "a/b.ok.test", .family = AF_INET, .code = 1);
	ask("host 'us@er.ok.test'", "us@er.ok.test", .family = AF_INET, .code = 1);
	ask("host 'web:80.ok.test'", "web:80.ok.test", .family = AF_INET, .code = 1);
	ask("host with an umlaut in UTF-8", "b\xc3\xbc" "cher.example", .family = AF_INET,
	    .code = 1);
	if (AI_IDN)
		ask("the same with AI_IDN, locale C", "b\xc3\xbc" "cher.example", .family = AF_INET,
		    .flags = AI_IDN, .code = 1);
	else
		result("the same with AI_IDN, locale C", "the libc has no AI_IDN");
	ask("host with the byte 0xfc", "b\xfc" "cher.example", .family = AF_INET, .code = 1);
	ask("CNAME chain of 5", "web.cname5.test", .family = AF_INET, .code = 1);
	ask("CNAME chain of 12", "web.cname12.test", .family = AF_INET, .code = 1);
	ask("CNAME chain of 20", "web.cname20.test", .family = AF_INET, .code = 1);
	ask("CNAME without its address", "web.cnameout.test", .family = AF_INET, .code = 1);
	ask("CNAME to 'bad name/x.example'", "web.cnamebad.test", .family = AF_INET, .code = 1,
	    .flags = AI_CANONNAME, .canonical = 1);
}

static void numbers(void)
{
	static const char *const hosts[] = {
		"127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "010.0.0.1", "1.2.3.4.",
		"1.2.3.4 ", " 1.2.3.4", "1.2.3.4 x", "1.2.3", "1.2.3.256", "256.1.1.1", "1.2.3.4.5",
		"08.0.0.1", "4294967296", "0", "1.2.3.0x", "::1", "::ffff:1.2.3.4", "[::1]",
		"2001:db8::00001", "fe80::1", "fe80::1%lo", "fe80::1%1", "fe80::1%nosuch",
		"2001:db8::1%lo", "::1%lo", "1.2.3.4%lo",
	};
	char label[128];

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(label, sizeof(label), "host '%s'", hosts[i]);
		ask(label, hosts[i], .code = 1);
		if (strchr(hosts[i], ':'))
			continue;
		snprintf(label, sizeof(label), "address '%s'", hosts[i]);
		ask(label, hosts[i], .call = call_inet, .log = LOG_NONE);
	}
}

static void back(void)
{
	ask("getnameinfo: address with a name", "192.0.2.1", .call = call_getnameinfo);
	ask("getnameinfo: address with an empty answer", "192.0.2.2", .call = call_getnameinfo);
	ask("getnameinfo: unknown address", "192.0.2.99", .call = call_getnameinfo);
	ask("getnameinfo: unknown address, NI_NAMEREQD", "192.0.2.99", .call = call_getnameinfo,
	    .flags = NI_NAMEREQD);
	ask("getnameinfo: buffer of 5 bytes", "192.0.2.1", .call = call_getnameinfo, .count = 5);
	ask("getnameinfo: NI_NOFQDN", "192.0.2.1", .call = call_getnameinfo, .flags = NI_NOFQDN);
	ask("getnameinfo: fe80::1 with scope 1", "fe80::1", .call = call_getnameinfo,
	    .flags = NI_NUMERICHOST);
	ask("getnameinfo: 2001:db8::1 with scope 1", "2001:db8::1", .call = call_getnameinfo,
	    .flags = NI_NUMERICHOST);
	ask("gethostbyaddr: address with a name", "192.0.2.1", .call = call_gethostbyaddr);
	ask("gethostbyaddr: unknown address", "192.0.2.99", .call = call_gethostbyaddr);
}

int main(void)
{
	begin("dns-errors");
	etc("resolv.conf", S1 QUICK);
	etc("services", "http 80/tcp www\nhttp 80/udp\n");
	failures();
	arguments();
	names();
	numbers();
	back();
	return measured("dns-errors");
}
