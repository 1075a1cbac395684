/* SPDX-License-Identifier: MIT */
/*
 * Streams of <stdio.h>: modes of fopen(), buffers, and odd corners.
 *
 * Python's open() does not use them, C libraries do; what they print and when it comes out (pipes,
 * logs) depends on the buffers.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>
#include "measure.h"

static void measure_mode(const char *path, const char *mode)
{
	char name[80];
	FILE *file;

	snprintf(name, sizeof(name), "fopen(\"%s\", \"%s\")", path, mode);
	file = fopen(path, mode);
	if (!file) {
		result(name, "%s", strerror(errno));
		return;
	}
	result(name, "opened%s",
	       fcntl(fileno(file), F_GETFD) & FD_CLOEXEC ? ", closed at exec" : "");
	fclose(file);
}

/* How many bytes written to a pipe by one putc() after the other come out at a time.  */
static void measure_buffer(const char *name, int type)
{
	int ends[2], i;
	char bytes[70000];
	ssize_t got = 0;
	FILE *file;

	if (pipe(ends))
		exit(1);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
	file = fdopen(ends[1], "w");
	if (type >= 0)
		setvbuf(file, NULL, type, 8192);
	for (i = 0; i < 70000 && got <= 0; i++) {
		putc('x', file);
		got = read(ends[0], bytes, sizeof(bytes));
	}
	result(name, "%zd bytes come out after %d", got, i);
	fclose(file);
	close(ends[0]);
}

int main(void)
{
	FILE *file;
	char text[300], *line = NULL, *memory = NULL;
	size_t size = 0;
	ssize_t len;
	int count, fd, ends[2], status;
	pid_t child;

	file = fopen("file", "w");
	fputs("abc\ndef", file);
	fclose(file);
	measure_mode("file", "re");
	measure_mode("file", "r,ccs=UTF-8");
	measure_mode("file", "r,ccs=nonsense");
	measure_mode("file", "rm");
	measure_mode("file", "rt");
	measure_mode("file", "rU");
	measure_mode("file", "wx");
	measure_mode("file", "x");
	measure_mode("file", "");
	measure_mode("new", "wx");
	measure_mode(".", "r");
	measure_mode(".", "w");
	file = fopen(".", "r");
	count = file ? getc(file) : 0;
	result("getc of a directory opened with \"r\"", "%s, %s", count == EOF ? "EOF" : "a byte",
	       file && ferror(file) ? strerror(errno) : "no error");
	if (file)
		fclose(file);
	result("BUFSIZ", "%d", BUFSIZ);
	result("FOPEN_MAX", "%d", FOPEN_MAX);
	result("FILENAME_MAX", "%d", FILENAME_MAX);
	result("L_tmpnam", "%d", L_tmpnam);
	result("TMP_MAX", "%d", TMP_MAX);
	measure_buffer("stream to a pipe, as opened", -1);
	measure_buffer("stream to a pipe, setvbuf(NULL, _IOFBF, 8192)", _IOFBF);
	measure_buffer("stream to a pipe, setvbuf(NULL, _IOLBF, 8192)", _IOLBF);
	measure_buffer("stream to a pipe, setvbuf(NULL, _IONBF, 8192)", _IONBF);
	file = fopen("file", "r");
	getc(file);
	for (count = 0; count < 10000 && ungetc('x', file) != EOF; count++)
		;
	result("ungetc in sequence after one getc", count == 10000 ? "10000 or more" : "%d", count);
	fclose(file);
	file = fopen("file", "r");
	getc(file);
	status = fflush(file);
	result("fflush of a stream that is read", "%d, file's offset %ld", status,
	       (long)lseek(fileno(file), 0, SEEK_CUR));
	fclose(file);
	file = fopen("file", "r");
	len = getline(&line, &size, file);
	result("getline", "%zd, buffer of %zu bytes", len, size);
	len = getline(&line, &size, file);
	result("getline of the last line without newline", "%zd", len);
	len = getline(&line, &size, file);
	result("getline at the end", "%zd", len);
	fclose(file);
	file = fopen("file", "r+");
	fseek(file, 0, SEEK_END);
	putc('!', file);
	rewind(file);
	result("read after write and rewind", "%c", getc(file));
	fclose(file);
	file = fopen("file", "a+");
	result("ftell after fopen \"a+\"", "%ld", ftell(file));
	fclose(file);
	file = fopen("file", "r");
	while (getc(file) != EOF)
		;
	fd = open("file", O_WRONLY | O_APPEND);
	len = write(fd, "more", 4);
	close(fd);
	count = getc(file);
	result("getc at the end of a file that has grown since EOF was told",
	       count == EOF ? "EOF" : "%c", count);
	fclose(file);
	file = fmemopen(text, sizeof(text), "w");
	fputs("abc", file);
	fclose(file);
	result("fmemopen for writing", "\"%s\"", text);
	file = open_memstream(&memory, &size);
	fputs("abc", file);
	fflush(file);
	result("open_memstream", "\"%s\", %zu bytes", memory, size);
	fclose(file);
	file = fopen("/dev/full", "w");
	count = fputs("abc", file);
	errno = 0;
	result("fputs, then fclose of /dev/full", "%s, %s", count == EOF ? "EOF" : "taken",
	       fclose(file) ? strerror(errno) : "0");
	/* What a child that forks with text in the buffer prints.  */
	if (pipe(ends))
		return 1;
	child = fork();
	if (!child) {
		dup2(ends[1], 1);
		close(ends[0]);
		fputs("once ", stdout);
		if (!fork())
			exit(0);
		wait(NULL);
		exit(0);
	}
	close(ends[1]);
	waitpid(child, &status, 0);
	len = read(ends[0], text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	result("text in the buffer of stdout at a fork", "\"%s\"", text);
	result("MB_LEN_MAX", "%d", MB_LEN_MAX);
	{
		static const char *const symbols[] = {
			"fopencookie",
			"fread_unlocked",
			"fwrite_unlocked",
			"fgets_unlocked",
			"__fpurge",
			"fpurge",
			"__freading",
			"__fbufsize",
			"__fsetlocking",
			"fcloseall",
			"getdelim",
			"__getdelim",
			"_IO_getc",
			"_IO_putc",
			"__overflow",
			"__uflow",
			"__underflow",
			"__fread_chk",
			"vasprintf",
			"fgetln",
			"setlinebuf",
			"renameat",
			"tempnam",
			"cuserid",
			"_flushlbf",
			"putw",
			"getw",
			"open_wmemstream",
			"fgetws_unlocked",
		};
		size_t i;

		for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
			result(symbols[i], "%s",
			       dlsym(RTLD_DEFAULT, symbols[i]) ? "there" : "not there");
	}
	return measured("stdio");
}
