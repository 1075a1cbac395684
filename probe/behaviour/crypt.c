/* SPDX-License-Identifier: MIT */
/* LIBS: -ldl */
/*
 * Which hashes of passwords crypt() knows, and what it gives.
 *
 * Python's crypt (until 3.12) and servers that check /etc/shadow or an htpasswd file call it. On
 * Debian it is libxcrypt's in libcrypt.so.1, on musl libc's own, which has no yescrypt ($y$).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include "measure.h"

static char *(*hash)(const char *, const char *);

static void measure_hash(const char *what, const char *salt)
{
	char name[120];
	const char *got;

	snprintf(name, sizeof(name), "crypt(\"secret\", \"%s\"), %s", salt, what);
	errno = 0;
	got = hash("secret", salt);
	if (!got)
		result(name, "NULL, %s", errno ? strerror(errno) : "no error");
	else if (got[0] == '*')
		result(name, "%s, %s", got, errno ? strerror(errno) : "no error");
	else
		result(name, "%s", got);
}

int main(void)
{
	void *library;

	*(void **)&hash = dlsym(RTLD_DEFAULT, "crypt");
	result("crypt in libc itself", "%s", hash ? "yes" : "no");
	if (!hash) {
		library = dlopen("libcrypt.so.1", RTLD_NOW);
		if (library)
			*(void **)&hash = dlsym(library, "crypt");
	}
	result("crypt at all", "%s", hash ? "yes" : "no");
	if (!hash)
		return measured("crypt");
	measure_hash("DES", "ab");
	measure_hash("extended DES", "_J9..rasm");
	measure_hash("MD5", "$1$saltsalt");
	measure_hash("bcrypt", "$2b$04$abcdefghijklmnopqrstuu");
	measure_hash("bcrypt, old letter", "$2a$04$abcdefghijklmnopqrstuu");
	measure_hash("bcrypt of PHP", "$2y$04$abcdefghijklmnopqrstuu");
	measure_hash("SHA-256", "$5$rounds=1000$saltsalt");
	measure_hash("SHA-512", "$6$rounds=1000$saltsalt");
	measure_hash("SHA-512, few rounds", "$6$rounds=10$saltsalt");
	measure_hash("yescrypt", "$y$j75$saltsalt");
	measure_hash("gost-yescrypt", "$gy$j75$saltsalt");
	measure_hash("scrypt", "$7$CU..../....saltsalt");
	measure_hash("SHA-1", "$sha1$1000$saltsalt");
	measure_hash("NT", "$3$");
	measure_hash("unknown", "$9$saltsalt");
	measure_hash("locked account", "!");
	measure_hash("empty salt", "");
	return measured("crypt");
}
