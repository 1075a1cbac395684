/* SPDX-License-Identifier: MIT */
/*
 * How /etc/passwd and /etc/group are read.
 *
 * pwd and grp of Python show libc's answers, os.getgrouplist() and os.path.expanduser() rest on
 * them. passwd.run gives the program files with long, broken and odd lines.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#include "measure.h"

static const char *error_name(int number)
{
	return number == 0        ? "no error"
	       : number == ERANGE ? "ERANGE"
	       : number == ENOENT ? "ENOENT"
				  : strerror(number);
}

static void measure_user(const char *user)
{
	char name[80];
	const struct passwd *found;

	snprintf(name, sizeof(name), "getpwnam(\"%s\")", user);
	errno = 0;
	found = getpwnam(user);
	if (found)
		result(name, "uid %lld, gid %lld, gecos of %zu bytes, home %s, shell %s",
		       (long long)found->pw_uid, (long long)found->pw_gid, strlen(found->pw_gecos),
		       found->pw_dir, found->pw_shell);
	else
		result(name, "NULL, %s", error_name(errno));
}

static void measure_group(const char *group)
{
	char name[80], members[200] = "";
	const struct group *found;
	size_t count;

	snprintf(name, sizeof(name), "getgrnam(\"%s\")", group);
	errno = 0;
	found = getgrnam(group);
	if (!found) {
		result(name, "NULL, %s", error_name(errno));
		return;
	}
	for (count = 0; found->gr_mem[count]; count++)
		if (strlen(members) < 60)
			sprintf(members + strlen(members), " \"%.20s\"", found->gr_mem[count]);
	result(name, "gid %lld, %zu members:%.60s%s", (long long)found->gr_gid, count, members,
	       count > 20 ? " ..." : "");
}

static void measure_size(const char *name, const char *user, size_t size)
{
	char *buffer = malloc(size);
	struct passwd passwd, *found = NULL;
	int status = getpwnam_r(user, &passwd, buffer, size, &found);

	result(name, "%s, %s", error_name(status), found ? "found" : "NULL");
	free(buffer);
}

int main(void)
{
	static const char *const users[] = {
		"root",
		"nobody-of-this-name",
		"",
		"short",
		"number",
		"noids",
		"extra",
		"spaced",
		" spaced",
		"negative",
		"huge",
		"toohuge",
		"long",
		"+nis",
		"after",
		"last",
		"# a comment",
	};
	static const char *const groups[] = {"root",   "missing", "short", "one", "two",
					     "spaced", "empty",   "many",  "end"};
	struct passwd passwd, *found = NULL;
	const struct passwd *entry;
	const struct group *group;
	gid_t list[20];
	char tiny[8], names[400] = "", lists[200] = "";
	int count, status, i;
	size_t k;

	for (k = 0; k < sizeof(users) / sizeof(users[0]); k++)
		measure_user(users[k]);
	for (k = 0; k < sizeof(groups) / sizeof(groups[0]); k++)
		measure_group(groups[k]);
	errno = 0;
	entry = getpwuid(12345);
	result("getpwuid(12345), missing", "%s, %s", entry ? "found" : "NULL", error_name(errno));
	entry = getpwuid(601);
	result("getpwuid(601), behind the long line", "%s", entry ? entry->pw_name : "NULL");
	group = getgrgid(705);
	result("getgrgid(705), behind the long line", "%s", group ? group->gr_name : "NULL");
	setpwent();
	while ((entry = getpwent()))
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s",
			 entry->pw_name);
	endpwent();
	result("names that getpwent() tells", "%s", names[0] ? names + 1 : "none");
	names[0] = '\0';
	setgrent();
	while ((group = getgrent()))
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s",
			 group->gr_name);
	endgrent();
	result("names that getgrent() tells", "%s", names[0] ? names + 1 : "none");
	status = getpwnam_r("root", &passwd, tiny, sizeof(tiny), &found);
	result("getpwnam_r(\"root\") with 8 bytes", "%s, %s", error_name(status),
	       found ? "found" : "NULL");
	status = getpwnam_r("missing", &passwd, tiny, sizeof(tiny), &found);
	result("getpwnam_r of a missing user with 8 bytes", "%s, %s", error_name(status),
	       found ? "found" : "NULL");
	measure_size("getpwnam_r(\"after\"), behind the long line, with 1 KiB", "after", 1024);
	measure_size("getpwnam_r(\"long\") with 1 KiB", "long", 1024);
	measure_size("getpwnam_r(\"long\") with 256 KiB", "long", 256 << 10);
	measure_size("getpwnam_r of a missing user with 1 KiB", "missing", 1024);
	result("sysconf(_SC_GETPW_R_SIZE_MAX)", "%ld", sysconf(_SC_GETPW_R_SIZE_MAX));
	result("sysconf(_SC_GETGR_R_SIZE_MAX)", "%ld", sysconf(_SC_GETGR_R_SIZE_MAX));
	count = 20;
	status = getgrouplist("after", 601, list, &count);
	for (i = 0; i < count && i < 20; i++)
		sprintf(lists + strlen(lists), " %d", (int)list[i]);
	result("getgrouplist(\"after\", 601)", "returns %d:%s", status, lists);
	count = 2;
	status = getgrouplist("after", 601, list, &count);
	result("getgrouplist with room for 2", "returns %d, count %d", status, count);
	return measured("passwd");
}
