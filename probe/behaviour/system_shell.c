/* SPDX-License-Identifier: MIT */
/*
 * What system() and popen() run, and how a program is found.
 *
 * os.system() is libc's; the shell is /bin/sh on both, which is dash or bash on Debian, and
 * BusyBox's ash on Alpine: here only what libc does is measured, with the same shell. Scripts
 * without "#!" are another matter: execvp() runs them by the shell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "measure.h"

extern char **environ;

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(1);
	close(fd);
	chmod(path, mode);
}

static const char *read_file(const char *path)
{
	static char text[300];
	int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1), i;

	close(fd);
	if (len < 0)
		return "nothing";
	for (i = 0; i < len - 1; i++)
		if (!text[i] || text[i] == '\n')
			text[i] = ' ';
	while (len > 0 && (!text[len - 1] || text[len - 1] == '\n'))
		len--;
	text[len] = '\0';
	return len ? text : "nothing";
}

static void measure_system(const char *name, const char *command)
{
	int status;

	unlink("out");
	status = system(command);
	if (status == -1)
		result(name, "-1, %s", strerror(errno));
	else if (WIFSIGNALED(status))
		result(name, "%s, %s", strsignal(WTERMSIG(status)), read_file("out"));
	else
		result(name, "status %d, %s", WEXITSTATUS(status), read_file("out"));
}

/* How execvp() of a file ends; what it prints goes to 'out'.  */
static void measure_exec(const char *name, const char *file, int by_path)
{
	int status;
	pid_t child;

	unlink("out");
	child = fork();
	if (!child) {
		char *argv[] = {"given-name", "argument", NULL};

		if (by_path)
			execvp(file, argv);
		else
			execv(file, argv);
		_exit(errno == ENOEXEC ? 101 : errno == EACCES ? 102 : errno == ENOENT ? 103 : 104);
	}
	waitpid(child, &status, 0);
	status = WEXITSTATUS(status);
	if (status > 100)
		result(name, "%s",
		       status == 101   ? "ENOEXEC"
		       : status == 102 ? "EACCES"
		       : status == 103 ? "ENOENT"
				       : "another error");
	else
		result(name, "runs: %s", read_file("out"));
}

static void measure_spawn(const char *name, const char *file, int by_path)
{
	char *argv[] = {"given-name", "argument", NULL};
	int status = 0, error;
	pid_t child;

	unlink("out");
	error = (by_path ? posix_spawnp : posix_spawn)(&child, file, NULL, NULL, argv, environ);
	if (error) {
		result(name, "returns %s",
		       error == ENOENT    ? "ENOENT"
		       : error == ENOEXEC ? "ENOEXEC"
		       : error == EACCES  ? "EACCES"
					  : strerror(error));
		return;
	}
	waitpid(child, &status, 0);
	result(name, "returns 0, status %d, %s", WEXITSTATUS(status), read_file("out"));
}

int main(void)
{
	char path[1000], text[100] = "", here[900];
	FILE *pipe_in;

	if (!getcwd(here, sizeof(here)))
		return 1;
	result("system(NULL)", "%s", system(NULL) ? "not 0: there is a shell" : "0");
	measure_system("system: arguments of the shell", "cat /proc/$$/cmdline >out");
	measure_system("system: $0", "echo \"$0\" >out");
	measure_system("system(\"exit 3\")", "exit 3");
	measure_system("system(\"kill -9 $$\")", "kill -9 $$");
	measure_system("system(\"\")", "");
	measure_system("system(\"-c\"), as text of a command", "-c 2>/dev/null");
	measure_system("system(\"-e; echo x\"), text that begins with '-'",
		       "-e 2>/dev/null; echo x >out");
	pipe_in = popen("echo \"$0\"", "r");
	if (pipe_in && fgets(text, sizeof(text), pipe_in))
		text[strcspn(text, "\n")] = '\0';
	result("popen: $0", "%s", text);
	result("pclose", "%d", pipe_in ? pclose(pipe_in) : -2);
	pipe_in = popen("true", "re");
	result("popen with mode \"re\"", "%s", pipe_in ? "works" : strerror(errno));
	if (pipe_in)
		pclose(pipe_in);
	pipe_in = popen("true", "rw");
	result("popen with mode \"rw\"", "%s", pipe_in ? "works" : strerror(errno));
	if (pipe_in)
		pclose(pipe_in);
	mkdir("bin", 0777);
	write_file("bin/no-shebang", "echo \"$0 $1\" >out\n", 0755);
	write_file("bin/bad-shebang", "#!/no/such/interpreter\n", 0755);
	write_file("bin/not-allowed", "#!/bin/sh\necho >out\n", 0644);
	write_file("bin/empty", "", 0755);
	snprintf(path, sizeof(path), "/nowhere:%s/bin:/usr/bin:/bin", here);
	setenv("PATH", path, 1);
	if (chdir("bin") || chdir(".."))
		return 1;
	measure_exec("execv of a script without #!", "bin/no-shebang", 0);
	measure_exec("execvp of a script without #!, by a path", "bin/no-shebang", 1);
	measure_exec("execvp of an empty file", "bin/empty", 1);
	measure_exec("execvp of a script with a missing interpreter", "bad-shebang", 1);
	measure_exec("execvp of a file without the right to be run, in PATH", "not-allowed", 1);
	measure_exec("execvp of a missing program", "no-such-program", 1);
	measure_exec("execvp of \"\"", "", 1);
	measure_spawn("posix_spawn of a missing program", "/no/such/program", 0);
	measure_spawn("posix_spawnp of a missing program", "no-such-program", 1);
	measure_spawn("posix_spawn of a script without #!", "bin/no-shebang", 0);
	measure_spawn("posix_spawnp of a script without #!", "bin/no-shebang", 1);
	measure_spawn("posix_spawn of a file without the right to be run", "bin/not-allowed", 0);
	setenv("PATH", "", 1);
	measure_system("system with PATH=\"\": command ls", "ls >out 2>/dev/null");
	measure_exec("execvp with PATH=\"\", program in the current directory", "no-such-program",
		     1);
	unsetenv("PATH");
	measure_exec("execvp of \"true\" without PATH", "true", 1);
	if (chdir("bin"))
		return 1;
	setenv("PATH", "", 1);
	measure_exec("execvp with PATH=\"\", script in the current directory", "no-shebang", 1);
	unsetenv("PATH");
	measure_exec("execvp without PATH, script in the current directory", "no-shebang", 1);
	return measured("system-shell");
}
