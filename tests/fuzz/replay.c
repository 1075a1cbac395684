/* SPDX-License-Identifier: MIT */
/*
 * replay FILE|FOLDER... - run a fuzz target over inputs that are there.
 *
 * Files are taken as they are, but for NAME.hex: hex digits, blanks and "#" remarks up to the end
 * of the line.  Prints each input that fails and, last, "N passed, N failed".
 *
 * All inputs are run in one child; only when that dies is each run by itself.
 */
#include "fuzz.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 60 }; /* of one input, on the slowest of machines */

static char **paths;
static size_t count;

static void add(const char *path)
{
	paths = realloc(paths, (count + 1) * sizeof(*paths));
	FUZZ_CHECK(paths && (paths[count] = strdup(path)));
	count++;
}

static int order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* For the mutators, which nobody calls here.  */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t nbytes, size_t room)
{
	(void)bytes, (void)room;
	return nbytes;
}

/* A folder's files; one that is not there has none.  */
static void gather(const char *path)
{
	const struct dirent *entry;
	char name[4096];
	struct stat info;
	DIR *dir;

	if (stat(path, &info))
		return;
	if (!S_ISDIR(info.st_mode)) {
		add(path);
		return;
	}
	dir = opendir(path);
	FUZZ_CHECK(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
			gather(name);
		}
	closedir(dir);
}

static int digit(int c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* In place.  */
static size_t decode(uint8_t *bytes, size_t nbytes)
{
	bool is_remark = false, is_half = false;
	size_t done = 0;

	for (size_t i = 0; i < nbytes; i++) {
		int c = bytes[i];

		is_remark = c == '#' || (is_remark && c != '\n');
		if (is_remark || !isxdigit(c))
			continue;
		if (is_half)
			bytes[done++] |= (uint8_t)digit(c);
		else
			bytes[done] = (uint8_t)(digit(c) << 4);
		is_half = !is_half;
	}
	return done;
}

/* The bytes of a file in a block of exactly their size, so that the first one behind it is seen.  */
static uint8_t *load(const char *path, size_t *nbytes_out)
{
	FILE *file = fopen(path, "rb");
	size_t nbytes, len = strlen(path);
	uint8_t *bytes;
	long size;

	FUZZ_CHECK(file && !fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0);
	rewind(file);
	nbytes = (size_t)size;
	bytes = malloc(nbytes ? nbytes : 1);
	FUZZ_CHECK(bytes && fread(bytes, 1, nbytes, file) == nbytes);
	fclose(file);
	if (len > 4 && !strcmp(path + len - 4, ".hex")) {
		nbytes = decode(bytes, nbytes);
		bytes = realloc(bytes, nbytes ? nbytes : 1);
		FUZZ_CHECK(bytes);
	}
	*nbytes_out = nbytes;
	return bytes;
}

/* True when a child got through these inputs.  */
static bool run(char *const *items, size_t n)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	FUZZ_CHECK(child >= 0);
	if (!child) {
		for (size_t i = 0; i < n; i++) {
			size_t nbytes;
			uint8_t *bytes = load(items[i], &nbytes);

			alarm(SECONDS_MAX);
			LLVMFuzzerTestOneInput(bytes, nbytes);
			free(bytes);
		}
		exit(0); /* a sanitizer looks for leaks then */
	}
	FUZZ_CHECK(waitpid(child, &status, 0) == child);
	return !status;
}

int main(int argc, char **argv)
{
	size_t failed = 0;

	for (int i = 1; i < argc; i++)
		gather(argv[i]);
	if (count)
		qsort(paths, count, sizeof(*paths), order);
	if (!run(paths, count)) {
		for (size_t i = 0; i < count; i++)
			if (!run(&paths[i], 1)) {
				printf("FAILED %s\n", paths[i]);
				failed++;
			}
		failed += !failed; /* only all together fail */
	}
	printf("%zu passed, %zu failed\n", count > failed ? count - failed : 0, failed);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
	return failed > 0;
}
