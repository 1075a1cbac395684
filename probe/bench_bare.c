/* SPDX-License-Identifier: MIT */
/*
 * bench_bare inflate | tree < LIST - the bare loops that 'bench --bare' holds muslcheck against.
 *
 *	inflate   "OFF PACKED SIZE PATH" a line: read and inflate each member into one buffer
 *	tree      "PATH" a line: open each file, read its program headers and dynamic segment
 *
 * Prints the CPU seconds (user + system) of the loop alone, without the list's reading.
 */
#include <libdeflate.h>

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct item {
	char *path;
	unsigned long long off, packed_nbytes, nbytes;
};

static double cpu_seconds(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void die(const char *path, const char *why)
{
	fprintf(stderr, "bench_bare: %s: %s\n", path, why);
	exit(2);
}

static void inflate_all(const struct item *items, size_t count)
{
	struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
	char *packed = NULL, *content = NULL;
	size_t packed_room = 0, room = 0, got;

	for (size_t i = 0; i < count; i++) {
		const struct item *item = &items[i];
		int fd = open(item->path, O_RDONLY);

		if (fd < 0)
			die(item->path, "cannot open");
		if (item->packed_nbytes > packed_room) {
			free(packed);
			packed = malloc(packed_room = item->packed_nbytes);
		}
		if (item->nbytes > room) {
			free(content);
			content = malloc(room = item->nbytes);
		}
		if (!packed || !content ||
		    pread(fd, packed, item->packed_nbytes, (off_t)item->off) !=
			    (ssize_t)item->packed_nbytes ||
		    libdeflate_deflate_decompress(inflater, packed, item->packed_nbytes, content,
						  item->nbytes, &got) != LIBDEFLATE_SUCCESS)
			die(item->path, "cannot inflate");
		close(fd);
	}
	free(packed);
	free(content);
	libdeflate_free_decompressor(inflater);
}

static void touch_all(const struct item *items, size_t count)
{
	static char dynamic[1 << 20];

	for (size_t i = 0; i < count; i++) {
		Elf64_Ehdr head;
		Elf64_Phdr segments[64];
		int fd = open(items[i].path, O_RDONLY);

		if (fd < 0 || pread(fd, &head, sizeof(head), 0) != sizeof(head) || head.e_phnum > 64 ||
		    pread(fd, segments, head.e_phnum * sizeof(*segments), (off_t)head.e_phoff) !=
			    (ssize_t)(head.e_phnum * sizeof(*segments)))
			die(items[i].path, "no ELF file of 64 bits");
		for (size_t n = 0; n < head.e_phnum; n++)
			if (segments[n].p_type == PT_DYNAMIC &&
			    (segments[n].p_filesz > sizeof(dynamic) ||
			     pread(fd, dynamic, segments[n].p_filesz, (off_t)segments[n].p_offset) < 0))
				die(items[i].path, "no dynamic segment");
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct item *items = NULL;
	size_t count = 0, room = 0, line_room = 0;
	char *line = NULL;
	int is_tree = argc == 2 && !strcmp(argv[1], "tree");
	double start;

	if (argc != 2 || (!is_tree && strcmp(argv[1], "inflate")))
		die("usage", "bench_bare inflate | tree < LIST");
	while (getline(&line, &line_room, stdin) > 0) {
		struct item item = {0};
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		if (!is_tree && sscanf(line, "%llu %llu %llu %n", &item.off, &item.packed_nbytes,
				       &item.nbytes, &at) != 3)
			die("list", line);
		item.path = strdup(line + at);
		if (count == room)
			items = realloc(items, (room = room ? room * 2 : 1024) * sizeof(*items));
		if (!items || !item.path)
			die("list", "no memory");
		items[count++] = item;
	}
	start = cpu_seconds();
	if (is_tree)
		touch_all(items, count);
	else
		inflate_all(items, count);
	printf("%.4f\n", cpu_seconds() - start);
	return 0;
}
