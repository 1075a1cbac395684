/* SPDX-License-Identifier: MIT */
/*
 * Which locales there are, and what a locale changes.
 *
 * On glibc setlocale() fails for a locale that is not installed, and an installed one has its
 * own decimal point, names of days and order of strings.  On musl each name is taken and
 * changes next to nothing, and the C locale reads bytes in another way: locale.setlocale(),
 * locale.str(), locale.strxfrm() and calendar names of Python show it.  locale.run makes
 * de_DE.UTF-8 for glibc; where it cannot, the cases of de_DE say so.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>
#include "measure.h"

static char name[200];

static const char *named(const char *fmt, const char *with)
{
	snprintf(name, sizeof(name), fmt, with);
	return name;
}

static void measure_set(const char *locale)
{
	const char *set = setlocale(LC_ALL, locale);

	result(named("setlocale(LC_ALL, \"%s\")", locale), "%s", set ? set : "NULL");
}

static const char *sign(int order)
{
	return order < 0 ? "before" : order > 0 ? "after" : "equal";
}

/* What the locale that is set now does; 'locale' is its name in the results.  */
static void measure_locale(const char *locale)
{
	struct tm day = {.tm_year = 124, .tm_mon = 2, .tm_mday = 5, .tm_wday = 2};
	const struct lconv *conv = localeconv();
	char text[100];
	wchar_t wide = 0;
	mbstate_t state = {0};
	size_t len;

	result(named("%s: nl_langinfo(CODESET)", locale), "%s", nl_langinfo(CODESET));
	result(named("%s: MB_CUR_MAX", locale), "%d", (int)MB_CUR_MAX);
	result(named("%s: decimal point", locale), "%s", conv->decimal_point);
	result(named("%s: thousands separator", locale), "%s",
	       conv->thousands_sep[0] ? conv->thousands_sep : "none");
	result(named("%s: int_curr_symbol", locale), "%s",
	       conv->int_curr_symbol[0] ? conv->int_curr_symbol : "none");
	snprintf(text, sizeof(text), "%.2f", 1234.5);
	result(named("%s: printf %%.2f of 1234.5", locale), "%s", text);
	snprintf(text, sizeof(text), "%'d", 1234567);
	result(named("%s: printf %%'d of 1234567", locale), "%s", text);
	result(named("%s: strtod of \"1,5\"", locale), "%g", strtod("1,5", NULL));
	strftime(text, sizeof(text), "%A %B", &day);
	result(named("%s: strftime %%A %%B", locale), "%s", text);
	strftime(text, sizeof(text), "%x %X %r", &day);
	result(named("%s: strftime %%x %%X %%r", locale), "%s", text);
	result(named("%s: nl_langinfo(YESEXPR)", locale), "%s", nl_langinfo(YESEXPR));
	result(named("%s: strcoll of \"a\" to \"B\"", locale), "%s", sign(strcoll("a", "B")));
	result(named("%s: strcoll of \"\u00e4\" to \"z\" (UTF-8)", locale), "%s",
	       sign(strcoll("\303\244", "z")));
	len = strxfrm(text, "aB", sizeof(text));
	result(named("%s: strxfrm of \"aB\"", locale), "%zu bytes, %s", len,
	       len < sizeof(text) && !strcmp(text, "aB") ? "the same" : "another");
	result(named("%s: mblen of \"\u00e9\" (UTF-8)", locale), "%d", mblen("\303\251", 2));
	result(named("%s: mblen of byte 0xE9 alone", locale), "%d", mblen("\351", 1));
	len = mbrtowc(&wide, "\351", 1, &state);
	result(named("%s: mbrtowc of byte 0xE9 alone", locale), "%ld, wchar_t 0x%x", (long)len,
	       (unsigned)wide);
	errno = 0;
	len = wcstombs(text, L"\u00e9", sizeof(text));
	result(named("%s: wcstombs of \u00e9", locale), "%s",
	       len == (size_t)-1 ? strerror(errno) : text);
	result(named("%s: toupper(0xE4)", locale), "0x%X", toupper(0xe4));
	result(named("%s: isalpha(0xE4)", locale), "%s", isalpha(0xe4) ? "yes" : "no");
	result(named("%s: towupper(U+00E4)", locale), "U+%04X", (unsigned)towupper(0xe4));
	result(named("%s: towlower(U+0130, dotted I)", locale), "U+%04X",
	       (unsigned)towlower(0x130));
	result(named("%s: iswalpha(U+00E4)", locale), "%s", iswalpha(0xe4) ? "yes" : "no");
	result(named("%s: iswalpha(U+0663, Arabic digit)", locale), "%s",
	       iswalpha(0x663) ? "yes" : "no");
	result(named("%s: iswspace(U+00A0)", locale), "%s", iswspace(0xa0) ? "yes" : "no");
	result(named("%s: iswprint(U+1F600)", locale), "%s", iswprint(0x1f600) ? "yes" : "no");
	result(named("%s: wcwidth(U+1F600, emoji)", locale), "%d", wcwidth(0x1f600));
	result(named("%s: wcwidth(U+1FAE8, emoji of Unicode 15)", locale), "%d", wcwidth(0x1fae8));
	result(named("%s: wcwidth(U+4E2D, CJK)", locale), "%d", wcwidth(0x4e2d));
	result(named("%s: wcwidth(U+0301, combining)", locale), "%d", wcwidth(0x301));
	result(named("%s: wcwidth(U+00AD, soft hyphen)", locale), "%d", wcwidth(0xad));
	result(named("%s: wcwidth(U+200B, zero width space)", locale), "%d", wcwidth(0x200b));
}

int main(void)
{
	locale_t locale;
	const char *german;

	result("before setlocale: nl_langinfo(CODESET)", "%s", nl_langinfo(CODESET));
	result("before setlocale: MB_CUR_MAX", "%d", (int)MB_CUR_MAX);
	unsetenv("LANG");
	measure_set("");
	measure_set("C");
	measure_locale("C");
	measure_set("C.UTF-8");
	measure_locale("C.UTF-8");
	german = setlocale(LC_ALL, "de_DE.UTF-8");
	measure_set("de_DE.UTF-8");
	if (german)
		measure_locale("de_DE.UTF-8");
	else
		result("de_DE.UTF-8: there", "no, and it could not be made");
	setlocale(LC_ALL, "C");
	measure_set("en_US.ISO-8859-1");
	setlocale(LC_ALL, "C");
	measure_set("xx_YY.nonsense");
	setlocale(LC_ALL, "C");
	measure_set("POSIX");
	setlocale(LC_ALL, "C");
	setenv("LANG", "xx_YY.UTF-8", 1);
	result("setlocale(LC_ALL, \"\") with LANG=xx_YY.UTF-8", "%s",
	       setlocale(LC_ALL, "") ? setlocale(LC_ALL, NULL) : "NULL");
	result("then nl_langinfo(CODESET)", "%s", nl_langinfo(CODESET));
	setlocale(LC_ALL, "C");
	setlocale(LC_CTYPE, "C.UTF-8");
	result("setlocale(LC_ALL, NULL) with only LC_CTYPE set to C.UTF-8", "%s",
	       setlocale(LC_ALL, NULL));
	locale = newlocale(LC_ALL_MASK, "xx_YY.nonsense", NULL);
	result("newlocale(LC_ALL_MASK, \"xx_YY.nonsense\")", "%s",
	       locale ? "taken" : strerror(errno));
	return measured("locale");
}
