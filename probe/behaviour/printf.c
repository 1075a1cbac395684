/* SPDX-License-Identifier: MIT */
/* LIBS: -lm */
/*
 * Formats of printf() and scanf() that are read in more than one way.
 *
 * Text that C code prints and Python code parses (or compares in a test) may change: %a, %p of
 * NULL, %s of NULL, %ls outside of ASCII, and infinities and NaNs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <wchar.h>
#include "measure.h"

static void measure_text(const char *name, const char *fmt, ...)
{
	char text[400] = "";
	va_list args;
	int len;

	errno = 0;
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len < 0)
		result(name, "-1, %s", errno == EILSEQ ? "EILSEQ" : strerror(errno));
	else
		result(name, "%s", text[0] ? text : "empty");
}

#define PRINTF(format, ...) \
	measure_text("printf(" #format ", " #__VA_ARGS__ ")", format, __VA_ARGS__)

int main(void)
{
	const wchar_t *wide = L"a\u00e9";
	char *volatile nothing = NULL;
	const char *volatile huge = "%2147483647d%d";
	double infinity = HUGE_VAL, nan = infinity - infinity;
	char text[64], *allocated = NULL, *set = NULL;
	wchar_t wtext[64];
	FILE *file;
	int count, number = 0, written;

	measure_text("%2$s %1$s", "%2$s %1$s", "a", "b");
	measure_text("%1$s %1$s", "%1$s %1$s", "a");
	measure_text("%2$d (the first left out)", "%2$d", 1, 2);
	PRINTF("%a", 1.0);
	PRINTF("%a", 0.1);
	PRINTF("%.2a", 0.1);
	PRINTF("%.0a", 1.5);
	PRINTF("%A", 1e-310);
	measure_text("%La of 1.0L", "%La", 1.0L);
	measure_text("%La of 0.1L", "%La", 0.1L);
	measure_text("%Lf of 0.1L", "%Lf", 0.1L);
	measure_text("%.40Lg of 0.1L", "%.40Lg", 0.1L);
	PRINTF("%.20f", 0.1);
	PRINTF("%.0f %.0f %.0f", 0.5, 1.5, 2.5);
	PRINTF("%.1f", 0.25);
	PRINTF("%.15g", 1e23);
	PRINTF("%f", 1e22);
	measure_text("%f %F of infinity", "%f %F", infinity, infinity);
	measure_text("%f of NaN", "%f", fabs(nan));
	measure_text("%f of -NaN", "%f", copysign(nan, -1.0));
	measure_text("%05.1f of infinity", "%05.1f", infinity);
	measure_text("%s of NULL", "%s", nothing);
	measure_text("%.3s of NULL", "%.3s", nothing);
	measure_text("%.7s of NULL", "%.7s", nothing);
	measure_text("%p of NULL", "%p", (void *)nothing);
	measure_text("%p of 0x1234", "%p", (void *)0x1234);
	measure_text("%12p of 0x1234", "%12p", (void *)0x1234);
	measure_text("%'d of 1234567 in the C locale", "%'d", 1234567);
	measure_text("%Id of 42 (glibc's own digits)", "%Id", 42);
	errno = ENOENT;
	snprintf(text, sizeof(text), "%m");
	result("%m with errno ENOENT", "%s", text);
	measure_text("%ls of L\"ab\"", "%ls", L"ab");
	measure_text("C locale: %ls of L\"a\u00e9\"", "%ls", wide);
	measure_text("C locale: %S of L\"a\u00e9\"", "%S", wide);
	measure_text("C locale: %lc of L'\u00e9'", "%lc", (wint_t)0xe9);
	measure_text("C locale: %C of L'\u00e9'", "%C", (wint_t)0xe9);
	measure_text("C locale: %.2s of UTF-8 \"\u00e9\u00e9\"", "%.2s", "\303\251\303\251");
	measure_text("C locale: %.3s of UTF-8 \"\u00e9\u00e9\"", "%.3s", "\303\251\303\251");
	setlocale(LC_ALL, "C.UTF-8");
	measure_text("C.UTF-8: %ls of L\"a\u00e9\"", "%ls", wide);
	measure_text("C.UTF-8: %.2ls of L\"a\u00e9\"", "%.2ls", wide);
	measure_text("C.UTF-8: %lc of L'\u00e9'", "%lc", (wint_t)0xe9);
	setlocale(LC_ALL, "C");
	result("length of %lcx with 0", "%d", snprintf(text, sizeof(text), "%lcx", (wint_t)0));
	measure_text("%b of 5 (binary, C23)", "%b", 5);
	measure_text("%#b of 5", "%#b", 5);
	measure_text("%w32d of 5 (C23)", "%w32d", 5);
	measure_text("x%ky of 5 (unknown letter)", "x%ky", 5);
	measure_text("%qd of 5", "%qd", 5LL);
	measure_text("%Zd of 5 (old %zd)", "%Zd", (size_t)5);
	measure_text("%Ld of 5", "%Ld", 5LL);
	measure_text("%5%", "%5%");
	measure_text("%#x of 0", "%#x", 0);
	measure_text("%#.0o of 0", "%#.0o", 0);
	measure_text("%+.3d of 5", "%+.3d", 5);
	written = snprintf(text, 4, "%s", "abcdef");
	result("snprintf of \"abcdef\" into 4 bytes", "returns %d, \"%s\"", written, text);
	errno = 0;
	written = swprintf(wtext, 4, L"%ls", L"abcdef");
	result("swprintf of \"abcdef\" into 4 characters", "returns %d, %s", written,
	       errno ? strerror(errno) : "errno not set");
	errno = 0;
	written = snprintf(text, (size_t)-1 / 2 + 2, "x");
	result("snprintf with a size above PTRDIFF_MAX", "returns %d, %s", written,
	       errno ? strerror(errno) : "no error");
	errno = 0;
	written = snprintf(NULL, 0, huge, 1, 2);
	result("snprintf of more than INT_MAX bytes", "returns %d, %s", written,
	       errno == EOVERFLOW ? "EOVERFLOW"
	       : errno            ? "another error"
				  : "no error");
	file = tmpfile();
	if (file) {
		fwide(file, 1);
		errno = 0;
		written = fprintf(file, "abc");
		result("fprintf to a stream made wide by fwide", "returns %d", written);
		errno = 0;
		written = fputs("abc", file);
		result("fputs to a stream made wide by fwide", "%s", written < 0 ? "EOF" : "taken");
		fclose(file);
	}
	file = tmpfile();
	if (file) {
		fprintf(file, "a");
		written = fwprintf(file, L"b");
		result("fwprintf to a stream that fprintf used", "returns %d", written);
		fclose(file);
	}
	count = sscanf("hello world", "%ms", &allocated);
	result("sscanf %ms of \"hello world\"", "%d, %s", count, allocated ? allocated : "NULL");
	count = sscanf("abc-1", "%m[a-z]", &set);
	result("sscanf %m[a-z] of \"abc-1\"", "%d, %s", count, set ? set : "NULL");
	number = -1;
	count = sscanf("0x", "%x", (unsigned *)&number);
	result("sscanf %x of \"0x\"", "%d, %d", count, number);
	number = -1;
	count = sscanf("99999999999", "%d", &number);
	result("sscanf %d of \"99999999999\"", "%d, %d", count, number);
	number = -1;
	count = sscanf("0b101", "%i", &number);
	result("sscanf %i of \"0b101\"", "%d, %d", count, number);
	{
		double value = -1;

		count = sscanf("nan(12)x", "%lf", &value);
		result("sscanf %lf of \"nan(12)x\"", "%d, %s", count,
		       value != value ? "NaN" : "no NaN");
		value = -1;
		count = sscanf("1e", "%lf", &value);
		result("sscanf %lf of \"1e\"", "%d, %g", count, value);
		value = -1;
		count = sscanf("0x1.8p1", "%lf", &value);
		result("sscanf %lf of \"0x1.8p1\"", "%d, %g", count, value);
		errno = 0;
		value = strtod("1e400", NULL);
		result("strtod of \"1e400\"", "%g, errno %s", value,
		       errno == ERANGE ? "ERANGE" : "none");
		errno = 0;
		value = strtod("1e-320", NULL);
		result("strtod of \"1e-320\"", "%g, errno %s", value,
		       errno == ERANGE ? "ERANGE" : "none");
		errno = 0;
	}
	errno = 0;
	count = (int)strtol("abc", NULL, 10);
	result("strtol of \"abc\"", "%d, errno %s", count, errno == EINVAL ? "EINVAL" : "none");
	errno = 0;
	count = (int)strtol("1", NULL, 99);
	result("strtol with base 99", "%d, errno %s", count, errno == EINVAL ? "EINVAL" : "none");
	result("register_printf_function", "%s",
	       dlsym(RTLD_DEFAULT, "register_printf_function") ? "there" : "not there");
	result("obstack_printf", "%s",
	       dlsym(RTLD_DEFAULT, "obstack_printf") ? "there" : "not there");
	result("__printf_chk (what -D_FORTIFY_SOURCE calls)", "%s",
	       dlsym(RTLD_DEFAULT, "__printf_chk") ? "there" : "not there");
	return measured("printf");
}
