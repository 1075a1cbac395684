/* SPDX-License-Identifier: MIT */
/*
 * Many words looked for in one pass, half a nanosecond a byte.
 *
 * Most sources have nothing to tell, and a venv has thousands.  No use is without one of the
 * words below, so that a source without any need not be taken apart; each kind of use has a test
 * that goes through here.
 *
 * Three bytes are looked at in every second place: of a word of four, those that it begins with
 * stand in one, or those behind its first.
 */
#include "use_impl.h"

#include <string.h>

enum { WORDS_MAX = 100, SLOT_BITS = 12, WORD_NBYTES_MIN = 4 };

/* Words by three of their bytes, in chains of numbers from 1; 0: none.  */
struct index {
	const char *const *words;
	uint32_t heads[WORDS_MAX]; /* their first four bytes */
	uint8_t first[1 << SLOT_BITS], next[2 * WORDS_MAX + 1];
};

static unsigned slot_of(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;
	uint32_t gram = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;

	return (unsigned)(gram * 0x9E3779B1u >> (32 - SLOT_BITS));
}

static uint32_t head_of(const char *at)
{
	uint32_t head;

	memcpy(&head, at, sizeof(head));
	return head;
}

/* Number 2 * i + 1 is word i by its first bytes, 2 * i + 2 by those behind the first.  */
static void make_index(struct index *index, const char *const *words, size_t count)
{
	*index = (struct index){.words = words};
	for (size_t i = 0; i < 2 * count; i++) {
		unsigned slot = slot_of(words[i / 2] + i % 2);

		index->heads[i / 2] = head_of(words[i / 2]);
		index->next[i + 1] = index->first[slot];
		index->first[slot] = (uint8_t)(i + 1);
	}
}

static bool has_word(const struct index *index, struct mc_str text)
{
	for (size_t i = 0; i + WORD_NBYTES_MIN <= text.len; i += 2) {
		for (unsigned n = index->first[slot_of(text.ptr + i + 1)]; n; n = index->next[n]) {
			size_t word = (n - 1) / 2, at = i + n % 2;

			if (at + WORD_NBYTES_MIN <= text.len && head_of(text.ptr + at) == index->heads[word] &&
			    mc_str_starts(mc_str_skip(text, at), mc_str_of(index->words[word])))
				return true;
		}
	}
	return false;
}

/* Times in f-strings, where no function is named.  */
static bool has_directive(struct mc_str text)
{
	static const char *const directives[] = {"%I:%M", "%k:%M", "%l:%M", "%-I:%M", "%H:%M", "%^a", "%^A", "%^b", "%^B"};

	for (const char *at; (at = text.len ? memchr(text.ptr, '%', text.len) : NULL);) {
		text = mc_str_skip(text, (size_t)(at - text.ptr));
		for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++)
			if (mc_str_starts(text, mc_str_of(directives[i])))
				return true;
		text = mc_str_skip(text, 1);
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
	};
	struct index index;

	_Static_assert(sizeof(words) / sizeof(*words) <= WORDS_MAX, "more words than an index holds");
	make_index(&index, words, sizeof(words) / sizeof(*words));
	return has_word(&index, source) || has_directive(source);
}
