/* SPDX-License-Identifier: MIT */
/*
 * What each letter after % gives in strftime().
 *
 * Python's time.strftime() and datetime.strftime() hand the format to libc: what glibc adds (%-d,
 * %P, %k, %^a ...) is unknown to musl, which then returns 0: the whole text is lost, not only that
 * part.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <time.h>
#include "measure.h"

static void measure_one(const char *format, const struct tm *when)
{
	char name[60], with_end[40], text[200];
	size_t len;

	snprintf(name, sizeof(name), "%s", format);
	snprintf(with_end, sizeof(with_end), "%s.", format);
	memset(text, '?', sizeof(text));
	len = strftime(text, sizeof(text), with_end, when);
	if (!len)
		result(name, "returns 0");
	else if (text[len - 1] != '.' || text[len])
		result(name, "%.*s (the rest of the format is lost)", (int)len, text);
	else if (len == 1)
		result(name, "empty");
	else
		result(name, "%.*s", (int)len - 1, text);
}

int main(void)
{
	static const char *const more[] = {
		"%-d", "%-m", "%-H",  "%-I",  "%-j",   "%-y", "%-M", "%_d", "%_H",  "%0e",
		"%0k", "%5d", "%05Y", "%6Y",  "%10A",  "%^a", "%^B", "%#a", "%#Z",  "%#p",
		"%^p", "%Ey", "%EY",  "%EC",  "%Ex",   "%EX", "%Ec", "%Od", "%OH",  "%Oy",
		"%OB", "%Ob", "%:z",  "%::z", "%:::z", "%E",  "%O",  "%+",  "%+4Y", "%f",
		"%L",  "%N",  "%i",   "%J",   "%Q",    "%v",  "%!",  "%%",  "%1",   "%\303\251",
	};
	struct tm when = {.tm_year = 124,
			  .tm_mon = 2,
			  .tm_mday = 5,
			  .tm_hour = 13,
			  .tm_min = 5,
			  .tm_sec = 9,
			  .tm_isdst = -1};
	struct tm other;
	char format[] = "%a", text[100];
	int letter;
	size_t i, len;

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	mktime(&when);
	for (letter = 'A'; letter <= 'z'; letter++) {
		if (!isalpha(letter) || letter == 'E' || letter == 'O' ||
		    strchr("fiJLNQvKoq", letter))
			continue;
		format[1] = (char)letter;
		measure_one(format, &when);
	}
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		measure_one(more[i], &when);
	len = strftime(text, sizeof(text), "a%", &when);
	result("a% (ends in %)", len ? "%s" : "returns 0", text);
	len = strftime(text, sizeof(text), "a%Qb%Yc", &when);
	result("a%Qb%Yc (unknown letter in the middle)", len ? "%s" : "returns 0", text);
	len = strftime(text, sizeof(text), "", &when);
	result("empty format", "returns %zu", len);
	memset(text, '?', sizeof(text));
	text[9] = '\0';
	len = strftime(text, 5, "%Y-%m-%d", &when);
	result("%Y-%m-%d into 5 bytes", "returns %zu, buffer %.5s", len, text);
	other = when;
	other.tm_year = 999 - 1900;
	strftime(text, sizeof(text), "%Y", &other);
	result("%Y in the year 999", "%s", text);
	strftime(text, sizeof(text), "%F", &other);
	result("%F in the year 999", "%s", text);
	strftime(text, sizeof(text), "%C", &other);
	result("%C in the year 999", "%s", text);
	strftime(text, sizeof(text), "%G", &other);
	result("%G in the year 999", "%s", text);
	other.tm_year = 12345 - 1900;
	strftime(text, sizeof(text), "%Y %F", &other);
	result("%Y %F in the year 12345", "%s", text);
	other.tm_year = -5 - 1900;
	strftime(text, sizeof(text), "%Y %F %C %y", &other);
	result("%Y %F %C %y in the year -5", "%s", text);
	other = when;
	other.tm_mon = 14;
	other.tm_wday = 9;
	strftime(text, sizeof(text), "%b %a", &other);
	result("%b %a of month 14 and weekday 9", "%s", text);
	other = when;
	other.tm_gmtoff = -12600;
	other.tm_zone = "XYZ";
	strftime(text, sizeof(text), "%z %Z", &other);
	result("%z %Z of tm_gmtoff -12600 and tm_zone XYZ", "%s", text);
	return measured("strftime");
}
