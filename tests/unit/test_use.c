/* SPDX-License-Identifier: MIT */
/* test_use.c - what is found in sources, where, and what is not.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "muslcheck/use.h"
#include "starve.h"

static const char *const kinds[MC_USE_KINDS_COUNT] = {
	"resolver", "users", "locale", "collation", "strftime", "recursion", "unload",
	"find", "finder", "library", "libc", "command", "path", "charset",
};

/* "find:magic@2 path:/bin/bash@7" */
static const char *print(const struct mc_uses *uses)
{
	static char out[4096];
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < uses->count; i++) {
		const struct mc_use *use = &uses->items[i];

		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s:%.*s@%u", i ? " " : "", kinds[use->kind],
					MC_TEXT(use->subject), use->line);
		assert_true(len < sizeof(out));
	}
	return out;
}

static void found_by_itself(const char *source, const char *wanted)
{
	struct mc_arena arena;
	struct mc_uses uses;

	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_uses_of_python(mc_str_of(source), &arena, &uses), MC_OK);
	assert_string_equal(print(&uses), wanted);
	mc_arena_clear(&arena);
}

/* Also one byte further: only every second one is looked at when words are searched for.  */
static void found(const char *source, const char *wanted)
{
	struct mc_arena arena;
	struct mc_str further;
	struct mc_uses uses;

	found_by_itself(source, wanted);
	mc_arena_init(&arena, NULL);
	for (unsigned i = 1; i < 3; i++) {
		further = mc_arena_printf(&arena, "#%.*s\n%s", (int)i - 1, "x", source);
		assert_int_equal(mc_uses_of_python(further, &arena, &uses), MC_OK);
		for (size_t n = 0; n < uses.count; n++)
			((struct mc_use *)(uintptr_t)&uses.items[n])->line--;
		assert_string_equal(print(&uses), wanted);
	}
	mc_arena_clear(&arena);
}

static void each_kind_is_found(void **state)
{
	(void)state;
	found("import socket\nsocket.getaddrinfo(h, 80)\n", "resolver:getaddrinfo@2");
	found("import socket\nx = socket.gethostbyname_ex(h)\n", "resolver:gethostbyname_ex@2");
	found("import asyncio\nawait asyncio.open_connection(h)\n", "resolver:open_connection@2");
	found("import pwd, grp\npwd.getpwnam(n)\ngrp.getgrgid(3)\n", "users:getpwnam@2 users:getgrgid@3");
	found("import locale\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\n", "locale:de_DE.UTF-8@2");
	found("import locale\nlocale.setlocale(locale.LC_ALL, ('de_DE', 'UTF-8'))\n", "locale:de_DE@2");
	found("import locale\nlocale.setlocale(category=0, locale='xx')\n", "locale:xx@2");
	found("import locale\nsorted(a, key=locale.strxfrm(b))\nlocale.currency(3)\n",
	      "collation:strxfrm@2 collation:currency@3");
	found("now.strftime('%I:%M %P')\n", "strftime:%P@1");
	found("t = strftime(d, \"%-l\")\n", "strftime:%-l@1");
	found("now.strftime('%^a %#x')\n", "strftime:%^a@1 strftime:%#x@1");
	found("x = f'{now:%I:%M %P}'\n", "strftime:%P@1");
	found("import sys\nsys.setrecursionlimit(100000)\n", "recursion:100000@2");
	found("import _ctypes\nimport ctypes\n_ctypes.dlclose(h)\n", "unload:dlclose@3");
	found("from ctypes.util import find_library\nfind_library('magic')\n", "find:magic@2");
	found("from ctypes.util import find_library as _f\n_f('magic')\n", "find:magic@2");
	found("import subprocess as sp, platform as p\nsp.run(['bash'])\np.libc_ver()\n", "command:bash@2 libc:libc_ver@3");
	found("import ctypes\nx = ctypes.util.find_library(name)\ny = 1\n", "finder:find_library@2");
	found("import ctypes\nCDLL(find_library(['a'][0]))\n", "finder:find_library@2");
	found("import ctypes\nctypes.CDLL('libmagic.so.1')\n", "library:libmagic.so.1@2");
	found("import ctypes\nctypes.cdll.LoadLibrary(\"libGL.so\")\n", "library:libGL.so@2");
	found("import cffi\nffi.dlopen('libsndfile.so.1')\n", "library:libsndfile.so.1@2");
	found("import platform\nplatform.libc_ver()\n", "libc:libc_ver@2");
	found("import ctypes\nf = ctypes.CDLL(None).gnu_get_libc_version\n", "libc:gnu_get_libc_version@2");
	found("import os\nos.confstr('CS_GNU_LIBC_VERSION')\n", "libc:CS_GNU_LIBC_VERSION@2");
	found("import subprocess\nsubprocess.run(['ldconfig', '-p'])\n", "command:ldconfig@2");
	found("import subprocess as sp\nsp.check_output([\"/usr/bin/ldd\", x])\n", "command:ldd@2");
	found("import subprocess\nsubprocess.Popen('a | LC_ALL=C getent passwd', shell=True)\n", "command:getent@2");
	found("import subprocess\nsubprocess.run(c, shell=True, executable='/bin/bash')\n", "command:bash@2");
	found("import os\nos.system('sudo apt-get update && dpkg -l')\n", "command:apt-get@2 command:dpkg@2");
	found("p = '/usr/lib/x86_64-linux-gnu/libx.so'\n", "path:/usr/lib/x86_64-linux-gnu/libx.so@1");
	found("open('/etc/nsswitch.conf')\n", "path:/etc/nsswitch.conf@1");
}

static void what_is_said_elsewhere_is_not(void **state)
{
	(void)state;
	found("# import ctypes; find_library('magic')\n", "");
	found("import ctypes\n'''\nfind_library('magic')\n'''\n", "");
	found("import ctypes\ndef find_library(name='magic'):\n\tpass\n", "");
	found("def f():\n\t'/etc/nsswitch.conf'\n", "");
	found("x = 'see /etc/nsswitch.conf'\n", "");
	found("s = '#!/bin/bash'\n", "");
	found("find_library('magic')\n", ""); /* of whom? */
	found("import socket\nself.create_connection()\n", "");
	found("import socket\nclass A:\n\tdef getaddrinfo(self): pass\n", "");
	found("import locale\nlocale.setlocale(locale.LC_ALL, '')\nlocale.setlocale(0, 'C')\nlocale.setlocale(0)\n", "");
	found("now.strftime('%Y-%m-%d %H:%M:%S %% %p %z')\n", "");
	found("now.strftime('100%%P')\n", "");
	found("func.strftime('%P', x)\n", "");
	found("x = '%I:%M %P'\n", ""); /* no time is formatted */
	found("import ctypes\nctypes.CDLL('kernel32')\n", "");
	found("run(['ldconfig'])\n", "");
	found("import subprocess\nsubprocess.run(['git', 'ldconfig'])\nsubprocess.run(['x', 'bash'])\n", "");
	found("import subprocess\nsubprocess.run(['adapt', x])\nsubprocess.run('python -c \"bash\"')\n", "");
	found("import sys\nsys.setrecursionlimit(5000)\n", "");
	found("import ctypes\nfind_library('a\\x62')\n", "finder:find_library@2");
}

static void branches_for_other_platforms_are_left_out(void **state)
{
	static const char head[] = "import ctypes, sys, os\n";
	static const struct {
		const char *body, *wanted;
	} cases[] = {
		{"if sys.platform == 'win32':\n  find_library('a')\n", ""},
		{"if sys.platform == 'win32':\n  find_library('a')\nelse:\n  find_library('b')\n", "find:b@5"},
		{"if sys.platform != 'win32':\n  find_library('a')\nelse:\n  find_library('b')\n", "find:a@3"},
		{"if sys.platform.startswith('linux'):\n  find_library('a')\nelse:\n  find_library('b')\n", "find:a@3"},
		{"if os.name == 'nt': find_library('a')\nfind_library('b')\n", "find:b@3"},
		{"if sys.platform == 'darwin':\n  if x:\n    find_library('a')\n  find_library('b')\nfind_library('c')\n",
		 "find:c@6"},
		{"if sys.platform in ('linux', 'darwin'):\n  find_library('a')\n", "find:a@3"},
		{"if x:\n  pass\nelif sys.platform == 'darwin':\n  find_library('a')\nelif y:\n  find_library('b')\n",
		 "find:b@7"},
		{"if IS_WINDOWS:\n  find_library('a')\n", ""},
		{"if not IS_WINDOWS:\n  find_library('a')\n", "find:a@3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char source[512];

		snprintf(source, sizeof(source), "%s%s", head, cases[i].body);
		found(source, cases[i].wanted);
	}
}

static void each_subject_is_told_once(void **state)
{
	(void)state;
	found("import ctypes\nfind_library('a')\nfind_library('b')\nfind_library('a')\n", "find:a@2 find:b@3");
}

static void a_list_has_an_end(void **state)
{
	static char source[1 << 20];
	struct mc_arena arena;
	struct mc_uses uses;
	size_t len = (size_t)snprintf(source, sizeof(source), "import ctypes\n");

	(void)state;
	for (int i = 0; i < 20000; i++)
		len += (size_t)snprintf(source + len, sizeof(source) - len, "find_library('%d')\n", i);
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_uses_of_python((struct mc_str){source, len}, &arena, &uses), MC_OK);
	assert_int_equal(uses.count, MC_USES_MAX);
	mc_arena_clear(&arena);
}

static void deep_brackets_and_broken_sources_are_survived(void **state)
{
	static char source[1 << 16];
	size_t len = (size_t)snprintf(source, sizeof(source), "import ctypes\n");

	(void)state;
	memset(source + len, '(', 50000);
	len += 50000;
	snprintf(source + len, sizeof(source) - len, "\nfind_library('a'\n");
	found(source, "");
	found("import ctypes\nfind_library('a\nfind_library('b')\n", "find:a@2 find:b@3");
	found("import ctypes\n)))]\nfind_library('b')\n", "find:b@3");
	found("\t\timport ctypes\n  find_library('b')", "find:b@2");
}

static void charsets_of(const struct mc_image *image, const char *wanted)
{
	struct mc_arena arena;
	struct mc_uses uses;

	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_uses_of_charsets(image, NULL, 0, &arena, &uses), MC_OK);
	assert_string_equal(print(&uses), wanted);
	mc_arena_clear(&arena);
}

static void charsets(struct mc_str content, const char *wanted)
{
	charsets_of(&(struct mc_image){.bytes = {(const uint8_t *)content.ptr, content.len}, .fd = -1,
				       .nbytes = content.len}, wanted);
}

static void names_of_charsets_stand_alone(void **state)
{
	(void)state;
	charsets(MC_STR("\0GBK\0UTF-8\0"), "charset:GBK@0");
	charsets(MC_STR("GBK"), "charset:GBK@0");
	charsets(MC_STR("\0GBK2\0XGBK\0"), "");
	charsets(MC_STR("\1GBK\0\0GBK\1"), ""); /* code */
	charsets(MC_STR("\0ASCII//TRANSLIT\0"), "charset://TRANSLIT@0");
	charsets(MC_STR("\0ASCII//TRANSLIT//IGNORE\0"), "charset://TRANSLIT@0 charset://IGNORE@0");
	charsets(MC_STR("http://IGNOREME"), "");
	charsets(MC_STR(""), "");
}

/* Code has bytes of all kinds; a name that a span's end cuts is none.  */
static void only_parts_are_looked_at(void **state)
{
	static const char content[] = "\0GBK\0....\0EUC-KR\0....\0JOHAB\0BIG5\0";
	const struct mc_image image = {.bytes = {(const uint8_t *)content, sizeof(content)}, .fd = -1,
				       .nbytes = sizeof(content)};
	const struct mc_span spans[] = {{5, 14}, {21, 8}, {sizeof(content) - 3, 100}, {1000, 10}};
	struct mc_arena arena;
	struct mc_uses uses;

	(void)state;
	mc_arena_init(&arena, NULL);
	assert_int_equal(mc_uses_of_charsets(&image, spans, 4, &arena, &uses), MC_OK);
	assert_string_equal(print(&uses), "charset:EUC-KR@0 charset:JOHAB@0");
	mc_arena_clear(&arena);
}

/* None is lost to the filter before it, wherever it stands in a block.  */
static void every_charset_is_found(void **state)
{
	static const char *const names[] = {"GBK", "GB18030", "GB2312", "BIG5", "BIG5-HKSCS", "EUC-KR", "CP949", "UTF-7",
					    "EUC-TW", "JOHAB", "MACINTOSH", "VISCII", "IBM037", "ARMSCII-8",
					    "HP-ROMAN8", "//IGNORE", "//TRANSLIT"};
	static char content[512];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t at = 1; at + 20 < sizeof(content); at++) {
			char wanted[64];

			snprintf(wanted, sizeof(wanted), "charset:%s@0", names[i]);
			memset(content, 'x', sizeof(content));
			content[at - 1] = '\0';
			memcpy(content + at, names[i], strlen(names[i]) + 1);
			charsets((struct mc_str){content, sizeof(content)}, wanted);
		}
}

/* Wherever the windows end in which a file is read.  */
static void names_across_windows_are_found(void **state)
{
	static char content[1 << 17];
	FILE *file = tmpfile();
	struct mc_image image = {.nbytes = sizeof(content)};
	struct mc_arena arena;
	struct mc_uses uses;

	(void)state;
	mc_arena_init(&arena, NULL);
	assert_non_null(file);
	image.fd = fileno(file);
	memset(content, 'x', sizeof(content));
	assert_int_equal(pwrite(image.fd, content, sizeof(content), 0), sizeof(content));
	for (int at = (1 << 16) - 200; at < (1 << 16) + 200; at++) {
		assert_int_equal(pwrite(image.fd, "x\0EUC-KR", 9, at - 1), 9);
		charsets_of(&image, "charset:EUC-KR@0");
		/* A part that ends in the middle, and one that begins there.  */
		assert_int_equal(mc_uses_of_charsets(&image, &(struct mc_span){100, (uint64_t)at + 7 - 100}, 1, &arena, &uses),
				 MC_OK);
		assert_string_equal(print(&uses), "charset:EUC-KR@0");
		assert_int_equal(mc_uses_of_charsets(&image, &(struct mc_span){(uint64_t)at + 1, sizeof(content)}, 1, &arena, &uses),
				 MC_OK);
		assert_string_equal(print(&uses), "charset:EUC-KR@0");
		assert_int_equal(mc_uses_of_charsets(&image, &(struct mc_span){100, (uint64_t)at + 4 - 100}, 1, &arena, &uses),
				 MC_OK);
		assert_string_equal(print(&uses), "");
		assert_int_equal(pwrite(image.fd, "xx", 2, at - 1), 2);
		charsets_of(&image, "");
	}
	fclose(file);
	mc_arena_clear(&arena);
}

static void what_is_aside(void **state)
{
	static const char *const aside[] = {"pkg/tests/test_a.py", "tests/a.py", "pkg/test_a.py", "a/conftest.py",
					    "setup.py", "pkg/examples/x.py", "a/b/testing/c.py", "a/b_test.py", "pip/_macos.py", "x/win32.py"};
	static const char *const inside[] = {"pkg/a.py", "tests.py", "pkg/testing.py", "attest/a.py", "contest.py",
					     "pkg/latest/a.py", "test"};

	(void)state;
	for (size_t i = 0; i < sizeof(aside) / sizeof(*aside); i++)
		assert_true(mc_use_is_aside(mc_str_of(aside[i])));
	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		assert_false(mc_use_is_aside(mc_str_of(inside[i])));
}

static void memory_may_run_out_anywhere(void **state)
{
	static const char source[] = "import ctypes\nfind_library('a')\nfind_library('b')\nopen('/etc/nsswitch.conf')\n"
				     "find_library('c')\nfind_library('d')\nfind_library('e')\n";
	enum mc_status status;
	size_t n = 0;

	(void)state;
	do {
		struct starve starve = {.left = n++};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena arena;
		struct mc_uses uses;

		mc_arena_init(&arena, &alloc);
		status = mc_uses_of_python(mc_str_of(source), &arena, &uses);
		assert_true(status == MC_OK || status == MC_ERR_NOMEM);
		mc_arena_clear(&arena);
		assert_int_equal(starve.live, 0);
	} while (status);
	assert_true(n > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_found),
		cmocka_unit_test(what_is_said_elsewhere_is_not),
		cmocka_unit_test(branches_for_other_platforms_are_left_out),
		cmocka_unit_test(each_subject_is_told_once),
		cmocka_unit_test(a_list_has_an_end),
		cmocka_unit_test(deep_brackets_and_broken_sources_are_survived),
		cmocka_unit_test(names_of_charsets_stand_alone),
		cmocka_unit_test(only_parts_are_looked_at),
		cmocka_unit_test(every_charset_is_found), cmocka_unit_test(names_across_windows_are_found),
		cmocka_unit_test(what_is_aside),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
