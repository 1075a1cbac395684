/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

/* ---- input ---- */

uint8_t fuzz_byte(struct fuzz_input *input)
{
	if (!input->nbytes)
		return 0;
	input->nbytes--;
	return *input->bytes++;
}

struct mc_str fuzz_rest(const struct fuzz_input *input)
{
	return (struct mc_str){(const char *)input->bytes, input->nbytes};
}

struct mc_str fuzz_cut(struct fuzz_input *input)
{
	struct mc_str rest = fuzz_rest(input), text = mc_str_cut(&rest, '\0');

	*input = (struct fuzz_input){(const uint8_t *)rest.ptr, rest.len};
	return text;
}

/* ---- files ---- */

static char folder[MC_TEMP_FOLDER_ROOM];

static void remove_folder(void)
{
	mc_remove_tree(folder);
}

const char *fuzz_folder(void)
{
	static bool is_made;

	if (!is_made) {
		FUZZ_CHECK(!mc_make_temp_folder(folder));
		FUZZ_CHECK(!atexit(remove_folder));
		is_made = true;
	}
	return folder;
}

void fuzz_clear(void)
{
	mc_remove_tree(fuzz_folder());
	FUZZ_CHECK(!mkdir(folder, 0700));
}

const char *fuzz_put(const char *name, const void *bytes, size_t nbytes)
{
	static char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0) {
		for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')); at++) {
			*at = '\0';
			mkdir(path, 0700);
			*at = '/';
		}
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	}
	FUZZ_CHECK(fd >= 0);
	for (size_t done = 0; done < nbytes;) {
		ssize_t got = write(fd, (const char *)bytes + done, nbytes - done);

		FUZZ_CHECK(got > 0);
		done += (size_t)got;
	}
	close(fd);
	return path;
}

/* ---- several files ---- */

struct mc_str fuzz_take(struct fuzz_input *input, uint8_t *name_out)
{
	struct mc_str content;
	size_t nbytes;

	*name_out = fuzz_byte(input);
	nbytes = fuzz_byte(input);
	nbytes |= (size_t)fuzz_byte(input) << 8;
	if (nbytes > input->nbytes)
		nbytes = input->nbytes;
	content = (struct mc_str){(const char *)input->bytes, nbytes};
	input->bytes += nbytes;
	input->nbytes -= nbytes;
	return content;
}

void fuzz_take_files(struct fuzz_input *input, const char *const *names, size_t names_count,
		     struct fuzz_files *files)
{
	while (input->nbytes && files->count < FUZZ_FILES_MAX) {
		uint8_t name;
		struct mc_str content = fuzz_take(input, &name);

		files->items[files->count++] = (struct fuzz_file){names[name % names_count], content};
	}
}

void fuzz_put_files(const struct fuzz_files *files, const char *folder_name)
{
	char name[512];

	for (size_t i = 0; i < files->count; i++) {
		snprintf(name, sizeof(name), "%s%s", folder_name, files->items[i].name);
		fuzz_put(name, files->items[i].content.ptr, files->items[i].content.len);
	}
}

/* ---- checks ---- */

void fuzz_touch(struct mc_str text)
{
	static volatile unsigned sum; /* nobody may leave the reading out */

	for (size_t i = 0; i < text.len; i++)
		sum += (unsigned char)text.ptr[i];
}

void fuzz_check_safe(const char *text, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++) {
		unsigned char c = (unsigned char)text[i];

		FUZZ_CHECK((c >= ' ' && c != 0x7f) || c == '\n');
	}
}

void fuzz_check_report(const char *text, size_t nbytes)
{
	struct mc_str rest = {text, nbytes};
	struct mc_arena arena;

	mc_arena_init(&arena, NULL);
	while (rest.len) {
		struct mc_str line = mc_str_cut(&rest, '\n');

		FUZZ_CHECK(mc_text_safe(&arena, line).ptr == line.ptr);
	}
	mc_arena_clear(&arena);
}
