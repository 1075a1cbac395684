/* SPDX-License-Identifier: MIT */
/*
 * What strptime() reads by each letter after %.
 *
 * Python has a strptime of its own; libraries in C and C++ (database drivers, Arrow, log parsers)
 * use libc's, and musl knows fewer letters than glibc.
 */
#define _GNU_SOURCE
#include <time.h>
#include "measure.h"

enum { YEAR, MON, MDAY, HOUR, MIN, SEC, WDAY, YDAY, GMTOFF, PARTS };

/* Reads into a struct tm that held 'filler' everywhere; the end, and the parts in 'parts'.  */
static const char *read_parts(const char *text, const char *format, int filler, long parts[PARTS])
{
	struct tm tm;
	const char *end;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = 70 + filler;
	tm.tm_mon = tm.tm_hour = tm.tm_min = tm.tm_sec = tm.tm_wday = tm.tm_yday = filler;
	tm.tm_mday = 1 + filler;
	tm.tm_gmtoff = filler;
	end = strptime(text, format, &tm);
	parts[YEAR] = tm.tm_year;
	parts[MON] = tm.tm_mon;
	parts[MDAY] = tm.tm_mday;
	parts[HOUR] = tm.tm_hour;
	parts[MIN] = tm.tm_min;
	parts[SEC] = tm.tm_sec;
	parts[WDAY] = tm.tm_wday;
	parts[YDAY] = tm.tm_yday;
	parts[GMTOFF] = tm.tm_gmtoff;
	return end;
}

/* Only what does not depend on what was there before was read.  */
static void measure_one(const char *text, const char *format)
{
	static const char *const names[] = {"year", "mon",  "mday", "hour",  "min",
					    "sec",  "wday", "yday", "gmtoff"};
	long parts[PARTS], others[PARTS];
	char name[120], read[300] = "";
	size_t i, len = 0;
	const char *end;

	snprintf(name, sizeof(name), "strptime(\"%s\", \"%s\")", text, format);
	end = read_parts(text, format, 1, parts);
	read_parts(text, format, 2, others);
	if (!end) {
		result(name, "NULL");
		return;
	}
	for (i = 0; i < PARTS; i++)
		if (parts[i] == others[i])
			len += (size_t)snprintf(read + len, sizeof(read) - len, " %s=%ld", names[i],
						parts[i]);
	if (*end)
		snprintf(read + len, sizeof(read) - len, " rest=\"%s\"", end);
	result(name, "%s", read[0] ? read + 1 : "taken, nothing set");
}

int main(void)
{
	static const char *const cases[][2] = {
		{"2024-03-05", "%Y-%m-%d"},
		{"2024-03-05", "%F"},
		{"13:05:09", "%T"},
		{"13:05", "%R"},
		{"03/05/24", "%D"},
		{"+0130", "%z"},
		{"+01:30", "%z"},
		{"-05", "%z"},
		{"Z", "%z"},
		{"UTC", "%Z"},
		{"CET", "%Z"},
		{"12 UTC", "%H %Z"},
		{"1709640309", "%s"},
		{"01 pm", "%I %p"},
		{"01 PM", "%I %p"},
		{"12 am", "%I %p"},
		{"01 pm", "%I %P"},
		{"PM 01", "%p %I"},
		{"065", "%j"},
		{"400", "%j"},
		{"09", "%U"},
		{"09", "%W"},
		{"10", "%V"},
		{"2024", "%G"},
		{"24", "%g"},
		{"24", "%y"},
		{"70", "%y"},
		{"20", "%C"},
		{"20 24", "%C %y"},
		{"5", "%e"},
		{" 5", "%e"},
		{"13", "%k"},
		{"1", "%l"},
		{"5", "%d"},
		{"x\ty", "x%ny"},
		{"x  y", "x y"},
		{"xy", "x y"},
		{"xy", "x%ty"},
		{"2", "%u"},
		{"2", "%w"},
		{"0", "%u"},
		{"Tuesday", "%a"},
		{"tue", "%A"},
		{"March", "%b"},
		{"mar", "%B"},
		{"Mar", "%h"},
		{"2024 065", "%Y %j"},
		{"2024-03-05", "%Y-%m-%d%n"},
		{"2024 3 5", "%Y %m %d"},
		{"Tue Mar  5 13:05:09 2024", "%c"},
		{"03/05/24", "%x"},
		{"13:05:09", "%X"},
		{"01:05:09 PM", "%r"},
		{"Tue Mar  5 13:05:09 UTC 2024", "%+"},
		{"60", "%S"},
		{"61", "%S"},
		{"62", "%S"},
		{"5", "%-d"},
		{"5", "%_d"},
		{"5", "%Od"},
		{"24", "%Ey"},
		{"12345", "%Y"},
		{"20240305", "%Y%m%d"},
		{"123456", "%f"},
		{"31", "%m"},
		{"2024-02-31", "%Y-%m-%d"},
		{"%", "%%"},
	};
	size_t i;

	setenv("TZ", "CET-1", 1);
	tzset();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		measure_one(cases[i][0], cases[i][1]);
	return measured("strptime");
}
