/* SPDX-License-Identifier: MIT */
/*
 * Many words looked for in one pass, by their first three bytes: a nanosecond a byte.
 *
 * Most sources have nothing to tell, and a venv has thousands.  No use is without one of the
 * words below, so that a source without any need not be taken apart; each kind of use has a test
 * that goes through here.
 */
#include "use_impl.h"

#include <string.h>

enum { WORDS_MAX = 100, SLOT_BITS = 12 };

/* Words of at least three bytes, by those, in chains of numbers from 1; 0: none.  */
struct index {
	const char *const *words;
	uint8_t first[1 << SLOT_BITS], next[WORDS_MAX + 1];
};

static unsigned slot_of(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;
	uint32_t gram = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;

	return (unsigned)(gram * 0x9E3779B1u >> (32 - SLOT_BITS));
}

static void make_index(struct index *index, const char *const *words, size_t count)
{
	*index = (struct index){.words = words};
	for (size_t i = 0; i < count; i++) {
		unsigned slot = slot_of(words[i]);

		index->next[i + 1] = index->first[slot];
		index->first[slot] = (uint8_t)(i + 1);
	}
}

static bool has_word(const struct index *index, struct mc_str text)
{
	for (size_t i = 0; i + 3 <= text.len; i++) {
		const char *here = text.ptr + i;

		for (unsigned n = index->first[slot_of(here)]; n; n = index->next[n]) {
			const char *word = index->words[n - 1];

			/* Most that share a slot share no letter.  */
			if (here[0] == word[0] && here[1] == word[1] && here[2] == word[2] &&
			    mc_str_starts(mc_str_skip(text, i), mc_str_of(word)))
				return true;
		}
	}
	return false;
}

bool mc_use_has_words(struct mc_str source)
{
	static const char *const words[] = {
		/* calls */
		"getaddrinfo", "gethostby", "getfqdn", "create_connection", "open_connection", "getpwnam",
		"getpwuid", "getpwall", "getgrnam", "getgrgid", "getgrall", "getspnam", "strcoll", "strxfrm",
		"locale.currency", "libc_ver", "dlclose", "setrecursionlimit", "gnu_get_libc_version",
		/* calls with a literal */
		"setlocale", "strftime", "find_library", "CDLL", "PyDLL", "LoadLibrary", "dlopen", "CS_GNU_LIB",
		/* programs and paths, in literals */
		"bash", "ldconfig", "\"ldd", "'ldd", "/ldd", " ldd", "|ldd", "getent", "\"locale", "'locale",
		"/locale", " locale", "|locale", "apt-get", "\"apt", "'apt", "/apt", " apt", "|apt", "dpkg", "lscpu",
		"findmnt", "-linux-gnu", "/etc/nsswitch.conf", "/etc/ld.so", "/ld-linux", "/etc/debian_version",
		"/usr/share/i18n",
		/* times in f-strings */
		"%I:%M", "%k:%M", "%l:%M", "%-I:%M", "%H:%M", "%^a", "%^A", "%^b", "%^B",
	};
	struct index index;

	_Static_assert(sizeof(words) / sizeof(*words) <= WORDS_MAX, "more words than an index holds");
	make_index(&index, words, sizeof(words) / sizeof(*words));
	return has_word(&index, source);
}
