/* SPDX-License-Identifier: MIT */
/*
 * Most sources have nothing to tell: a venv has thousands.  No use is without one of these words,
 * so that a source without any need not be taken apart; each kind of use has a test that goes
 * through here.
 */
#include "use_impl.h"

#include <string.h>

enum {
	GRAM = 3, /* bytes that words are looked up by: no word is shorter */
	SLOTS = 4096,
};

static const char *const words[] = {
	/* calls */
	"getaddrinfo", "gethostby", "getfqdn", "create_connection", "open_connection", "getpwnam", "getpwuid",
	"getpwall", "getgrnam", "getgrgid", "getgrall", "getspnam", "strcoll", "strxfrm", "locale.currency", "libc_ver",
	"dlclose", "setrecursionlimit",
	/* calls with a literal */
	"setlocale", "strftime", "find_library", "CDLL", "PyDLL", "LoadLibrary", "dlopen", "CS_GNU_LIB",
	/* programs and paths, in literals */
	"bash", "ldconfig", "\"ldd", "'ldd", "/ldd", " ldd", "|ldd", "getent", "\"locale", "'locale", "/locale", " locale",
	"|locale", "apt-get", "\"apt", "'apt", "/apt", " apt", "|apt", "dpkg", "lscpu", "findmnt", "-linux-gnu",
	"/etc/nsswitch.conf", "/etc/ld.so", "/ld-linux", "/etc/debian_version", "/usr/share/i18n",
	/* times in f-strings */
	"%I:%M", "%k:%M", "%l:%M", "%-I:%M", "%H:%M", "%^a", "%^A", "%^b", "%^B",
};

enum { WORDS_COUNT = sizeof(words) / sizeof(*words) };

/* Words by their first bytes, in chains; 0: none.  */
struct index {
	uint8_t first[SLOTS], next[WORDS_COUNT + 1];
};

static unsigned slot_of(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;
	uint32_t gram = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;

	return (unsigned)(gram * 0x9E3779B1u >> 20);
}

bool mc_use_has_words(struct mc_str source)
{
	struct index index = {{0}, {0}};

	for (size_t i = 0; i < WORDS_COUNT; i++) {
		unsigned slot = slot_of(words[i]);

		index.next[i + 1] = index.first[slot];
		index.first[slot] = (uint8_t)(i + 1);
	}
	for (size_t at = 0; at + GRAM <= source.len; at++)
		for (unsigned n = index.first[slot_of(source.ptr + at)]; n; n = index.next[n])
			if (mc_str_starts(mc_str_skip(source, at), mc_str_of(words[n - 1])))
				return true;
	return false;
}
