/* SPDX-License-Identifier: MIT */
/*
 * How time zones are found and applied.
 *
 * time.localtime(), time.mktime(), time.tzset() and datetime.astimezone() are libc's. Neither
 * libc complains of a zone that it does not find: each takes UTC, with a name of its own choice.
 * timezone.run gives the program an /etc/localtime of Europe/Berlin that can be taken away.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include "measure.h"

#define WINTER 1705320000 /* 2024-01-15 12:00 UTC */
#define SUMMER 1721044800 /* 2024-07-15 12:00 UTC */

static const char *shown(time_t when)
{
	static char text[120];
	struct tm tm;

	if (!localtime_r(&when, &tm))
		return strerror(errno);
	snprintf(text, sizeof(text), "%ld-%02d-%02d %02d:%02d:%02d %+ld s %s%s", tm.tm_year + 1900L,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_gmtoff,
		 tm.tm_zone,
		 tm.tm_isdst > 0   ? " (DST)"
		 : tm.tm_isdst < 0 ? " (isdst -1)"
				   : "");
	return text;
}

static void measure_zone(const char *zone)
{
	char name[120], winter[120];

	setenv("TZ", zone, 1);
	tzset();
	snprintf(winter, sizeof(winter), "%s", shown(WINTER) + 11);
	snprintf(name, sizeof(name), "TZ=\"%s\": 12:00 UTC in January, in July", zone);
	result(name, "%s; %s", winter, shown(SUMMER) + 11);
}

static void measure_mktime(const char *name, int year, int mon, int mday, int hour, int min,
			   int isdst)
{
	struct tm tm = {.tm_year = year - 1900,
			.tm_mon = mon - 1,
			.tm_mday = mday,
			.tm_hour = hour,
			.tm_min = min,
			.tm_isdst = isdst};
	time_t when;

	errno = 0;
	when = mktime(&tm);
	if (when == (time_t)-1 && errno)
		result(name, "-1, %s", strerror(errno));
	else
		result(name, "%lld: %s", (long long)when, shown(when));
}

static int copy(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ssize_t len = in < 0 || out < 0 ? -1 : read(in, bytes, sizeof(bytes));

	if (len > 0)
		len = write(out, bytes, (size_t)len);
	close(in);
	close(out);
	return len > 0 ? 0 : -1;
}

int main(void)
{
	static const char *const zones[] = {
		"Europe/Berlin",
		":Europe/Berlin",
		"/usr/share/zoneinfo/Europe/Berlin",
		"europe/berlin",
		"UTC",
		"",
		"Nowhere/Nothing",
		"nonsense",
		"CET",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"CET-1CEST",
		"EST5EDT",
		"XYZ",
		"XYZ3",
		"<+0330>-3:30",
		"GMT+5",
		"UTC+25",
		"Etc/GMT-14",
		"right/Europe/Berlin",
		"posix/Europe/Berlin",
		"../zoneinfo/Europe/Berlin",
		"Europe",
		"EST5EDT,J60,J300",
		"IST-2IDT,M3.4.4/26,M10.5.0",
		"AAA24BBB,M3.2.0,M11.1.0",
		"Ab3",
		"A3",
		"Africa/Casablanca",
		"Europe/Dublin",
		"Asia/Kathmandu",
	};
	struct tm tm;
	time_t when;
	size_t i;

	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		measure_zone(zones[i]);
	unsetenv("TZ");
	tzset();
	result("TZ unset, /etc/localtime is Europe/Berlin: July", "%s", shown(SUMMER));
	unlink("/etc/localtime");
	result("then /etc/localtime taken away, without tzset(): July", "%s", shown(SUMMER));
	tzset();
	result("the same after tzset()", "%s", shown(SUMMER));
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	unsetenv("TZ");
	tzset();
	result("TZ unset, no /etc/localtime: July", "%s", shown(SUMMER));
	copy("/usr/share/zoneinfo/Asia/Tokyo", "/etc/localtime");
	tzset();
	result("then /etc/localtime made Asia/Tokyo, after tzset(): July", "%s", shown(SUMMER));
	if (!copy("/usr/share/zoneinfo/Europe/Berlin", "zone")) {
		char path[1000], here[900];

		snprintf(path, sizeof(path), "%s/zone", getcwd(here, sizeof(here)) ? here : ".");
		setenv("TZ", path, 1);
		tzset();
		result("TZ an absolute path outside of /usr/share/zoneinfo: July", "%s",
		       shown(SUMMER));
		copy("/usr/share/zoneinfo/Asia/Tokyo", "zone.new");
		rename("zone.new", "zone");
		tzset();
		result("then that file replaced by Asia/Tokyo's, after tzset(): July", "%s",
		       shown(SUMMER));
	}
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	setenv("TZ", "Europe/Berlin", 1);
	result("TZ changed from Tokyo to Berlin without tzset(): localtime_r", "%s", shown(SUMMER));
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	setenv("TZ", "Europe/Berlin", 1);
	when = SUMMER;
	result("TZ changed from Tokyo to Berlin without tzset(): localtime", "%02d h",
	       localtime(&when)->tm_hour);
	tzset();
	result("Europe/Berlin: tzname, timezone, daylight", "%s %s, %ld, %s", tzname[0], tzname[1],
	       timezone, daylight ? "not 0" : "0");
	result("Europe/Berlin: 1890-01-01 00:00 UTC", "%s", shown(-2524608000));
	result("Europe/Berlin: 1900-01-01 00:00 UTC", "%s", shown(-2208988800));
	result("Europe/Berlin: 1945-06-15 00:00 UTC", "%s", shown(-774748800));
	result("Europe/Berlin: 2037-07-01 00:00 UTC", "%s", shown(2130019200));
	result("Europe/Berlin: 2038-07-01 00:00 UTC", "%s", shown(2161555200));
	result("Europe/Berlin: 2500-07-01 00:00 UTC", "%s", shown(16740864000));
	result("Europe/Berlin: year 10000", "%s", shown(253402300800));
	result("Europe/Berlin: 2 to the power of 56 seconds", "%s", shown(1LL << 56));
	measure_mktime("mktime in the gap, 2024-03-31 02:30, tm_isdst -1", 2024, 3, 31, 2, 30, -1);
	measure_mktime("mktime in the gap, 2024-03-31 02:30, tm_isdst 0", 2024, 3, 31, 2, 30, 0);
	measure_mktime("mktime in the gap, 2024-03-31 02:30, tm_isdst 1", 2024, 3, 31, 2, 30, 1);
	measure_mktime("mktime of what comes twice, 2024-10-27 02:30, tm_isdst -1", 2024, 10, 27, 2,
		       30, -1);
	measure_mktime("mktime of what comes twice, 2024-10-27 02:30, tm_isdst 0", 2024, 10, 27, 2,
		       30, 0);
	measure_mktime("mktime of what comes twice, 2024-10-27 02:30, tm_isdst 1", 2024, 10, 27, 2,
		       30, 1);
	measure_mktime("mktime in winter with tm_isdst 1, 2024-01-15 12:00", 2024, 1, 15, 12, 0, 1);
	measure_mktime("mktime in summer with tm_isdst 0, 2024-07-15 12:00", 2024, 7, 15, 12, 0, 0);
	measure_mktime("mktime of month 15, day 0", 2023, 15, 0, 12, 0, -1);
	measure_mktime("mktime of 1969-12-31 23:59, UTC+1", 1969, 12, 31, 23, 59, -1);
	measure_mktime("mktime of the year 2147483647", 2147483647, 1, 1, 0, 0, -1);
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = 124;
	tm.tm_mon = 14;
	tm.tm_mday = -3;
	result("timegm of month 15, day -3 of 2024", "%lld", (long long)timegm(&tm));
	when = SUMMER;
	gmtime_r(&when, &tm);
	result("tm_zone of gmtime", "%s", tm.tm_zone);
	result("ctime", "%.24s", ctime(&when));
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	result("POSIX TZ: July 1960", "%s", shown(-299332800));
	return measured("timezone");
}
