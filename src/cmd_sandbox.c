/* SPDX-License-Identifier: MIT */
#include "cmd_sandbox.h"

#include "index_helper.h"
#include "loader_run.h"
#include "path.h"
#include "rootfs.h"
#include "sandbox.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A home folder of more is not gone through.  */
enum { HOME_ENTRIES_MAX = 500 };

/* ---- what a path brings with it ---- */

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

/* Keys and tokens are in what is hidden there.  */
static void allow_home(struct mc_sandbox *box, const char *home)
{
	DIR *dir = opendir(home);
	const struct dirent *entry;
	char path[PATH_MAX];

	for (int i = 0; dir && i < HOME_ENTRIES_MAX && (entry = readdir(dir)); i++)
		if (entry->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", home, entry->d_name) < (int)sizeof(path))
			mc_sandbox_allow(box, path, MC_SANDBOX_READ);
	if (dir)
		closedir(dir);
}

/*
 * A folder that somebody works in: the lists of a project name others of it, and so do editable
 * installs.  Of a home folder no more than is to be seen, of what is above it nothing.
 */
static void allow_project(struct mc_sandbox *box, const char *folder)
{
	const char *variable = getenv("HOME");
	char real[PATH_MAX], home[PATH_MAX];

	if (!realpath(folder, real) || !strcmp(real, "/"))
		return;
	if (variable && realpath(variable, home) && is_below(home, real)) {
		if (!strcmp(home, real))
			allow_home(box, real);
		return;
	}
	mc_sandbox_allow(box, real, MC_SANDBOX_READ);
}

/* The venv that a folder is in: its libraries need each other.  */
static void allow_venv(struct mc_sandbox *box, const char *folder)
{
	char path[PATH_MAX + 16], *slash;

	if (!realpath(folder, path))
		return;
	for (int i = 0; i < 4 && (slash = strrchr(path, '/')) && slash > path; i++) {
		strcpy(slash, "/pyvenv.cfg");
		if (!access(path, F_OK)) {
			*slash = '\0';
			mc_sandbox_allow(box, path, MC_SANDBOX_READ);
			return;
		}
		*slash = '\0';
	}
}

static void allow_path(struct mc_sandbox *box, const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat info;

	if (!strcmp(path, "-") || stat(path, &info))
		return;
	mc_sandbox_allow(box, path, MC_SANDBOX_READ);
	if (S_ISDIR(info.st_mode)) {
		allow_venv(box, path);
	} else if (!mc_str_ends(mc_str_of(path), MC_STR(".whl")) && !mc_rootfs_is_tar(path) &&
		   strlen(path) < sizeof(folder)) {
		/* A lock file, a Dockerfile and their like lead to what is beside them.  */
		strcpy(folder, path);
		if (slash)
			folder[slash - path + (slash == path)] = '\0';
		allow_project(box, slash ? folder : ".");
	}
}

static void allow_program(void *state, const char *path)
{
	mc_sandbox_allow(state, path, MC_SANDBOX_READ | MC_SANDBOX_RUN);
}

/* ---- the temporary folder ---- */

static char temp_of_signal[MC_TEMP_FOLDER_ROOM];

/* raise() of a musl's thread is a call that the sandbox refuses: kill() to itself is not.  */
static void remove_temp(int number)
{
	sigset_t one;

	rmdir(temp_of_signal); /* what is in it stays, as it would without a sandbox */
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	kill(getpid(), number);
	_exit(128 + number);
}

/*
 * A folder that was not there before may be written to as a whole.  It becomes TMPDIR, where all
 * that writes temporary files makes its own.
 */
static void make_temp(struct mc_cmd_sandbox *sandbox, struct mc_sandbox *box)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};
	const char *tmp = getenv("TMPDIR");

	if (mc_make_temp_folder(sandbox->temp)) {
		sandbox->temp[0] = '\0';
		return;
	}
	strcpy(temp_of_signal, sandbox->temp);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (signal(signals[i], remove_temp) == SIG_IGN)
			signal(signals[i], SIG_IGN); /* nohup(1) */
	mc_sandbox_allow(box, sandbox->temp, MC_SANDBOX_READ | MC_SANDBOX_WRITE | MC_SANDBOX_MAKE);
	mc_sandbox_allow(box, tmp && *tmp == '/' ? tmp : "/tmp", MC_SANDBOX_REMOVE_DIR);
	setenv("TMPDIR", sandbox->temp, 1);
}

void mc_cmd_sandbox_leave(struct mc_cmd_sandbox *sandbox)
{
	mc_index_helper_stop();
	if (sandbox->temp[0])
		rmdir(sandbox->temp);
	mc_arena_clear(&sandbox->arena);
}

/* ---- the whole ---- */

/* Of wheels an index is asked only when a person says so.  */
static bool may_ask_index(const struct mc_settings *s, enum mc_cmd_work work)
{
	bool is_wheels = work != MC_WORK_LIST;

	for (size_t i = 0; i < s->paths_count; i++)
		is_wheels = is_wheels && mc_str_ends(mc_str_of(s->paths[i]), MC_STR(".whl"));
	if (work == MC_WORK_REPORT || work == MC_WORK_FILES)
		return false;
	if (s->scan.question != MC_SCAN_AUTO)
		return s->scan.question == MC_SCAN_REINSTALL;
	return !s->scan.find_links_count && !s->scan.index.is_offline && !is_wheels;
}

static void allow_settings(struct mc_sandbox *box, const struct mc_settings *s, bool reads_all,
			   struct mc_arena *arena)
{
	const char *const named[] = {s->scan.target, s->scan.against, s->scan.sysroot, s->scan.libc_path};

	mc_sandbox_allow_system(box);
	if (reads_all)
		mc_sandbox_allow(box, "/", MC_SANDBOX_READ);
	allow_project(box, ".");
	for (size_t i = 0; i < s->paths_count; i++)
		allow_path(box, s->paths[i]);
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		if (named[i])
			mc_sandbox_allow(box, named[i], MC_SANDBOX_READ);
	for (size_t i = 0; i < s->scan.find_links_count; i++)
		mc_sandbox_allow(box, s->links[i], MC_SANDBOX_READ);
	for (size_t i = 0; i < s->reads_count; i++)
		mc_sandbox_allow(box, s->reads[i], MC_SANDBOX_READ);
	if (s->facts_dir)
		mc_sandbox_allow(box, s->facts_dir, MC_SANDBOX_READ | MC_SANDBOX_WRITE | MC_SANDBOX_MAKE);
	if (s->scan.confirm) {
		mc_sandbox_allow(box, "/etc", MC_SANDBOX_READ); /* which libraries a loader would take */
		mc_loader_programs(s->scan.confirm_loader, arena, allow_program, (void *)(uintptr_t)box);
	}
}

static void allow_index(struct mc_sandbox *box, const struct mc_index_needs *needs)
{
	if (needs->cache_dir.len)
		mc_sandbox_allow(box, needs->cache_dir.ptr, MC_SANDBOX_READ | MC_SANDBOX_WRITE | MC_SANDBOX_MAKE);
	for (size_t i = 0; i < needs->find_links_count; i++)
		mc_sandbox_allow(box, needs->find_links[i].ptr, MC_SANDBOX_READ);
}

enum mc_status mc_cmd_sandbox_enter(struct mc_cmd_sandbox *sandbox, const struct mc_settings *s,
				    enum mc_cmd_work work, struct mc_error *err)
{
	unsigned needs = s->scan.confirm ? MC_SANDBOX_PROGRAMS : 0;
	bool is_required = s->sandbox == MC_SANDBOX_MODE_REQUIRED;
	struct mc_index_needs index = {.cache_dir = MC_STR("")};
	struct mc_sandbox box;

	if (s->sandbox == MC_SANDBOX_MODE_OFF)
		return MC_OK;
	mc_arena_init(&sandbox->arena, NULL);
	if (may_ask_index(s, work)) {
		MC_TRY(mc_index_helper_start(&s->scan.index, work != MC_WORK_SCAN, is_required, &sandbox->arena,
					     &index, err));
		needs |= MC_SANDBOX_MESSAGES;
	}
	mc_sandbox_open(&box, needs);
	if (box.ruleset >= 0) {
		allow_settings(&box, s, work == MC_WORK_LIST || work == MC_WORK_FILES, &sandbox->arena);
		allow_index(&box, &index);
		if (work != MC_WORK_FILES && work != MC_WORK_REPORT)
			make_temp(sandbox, &box);
	}
	return mc_sandbox_enter(&box, needs, is_required, err);
}
