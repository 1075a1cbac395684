/* SPDX-License-Identifier: MIT */
/*
 * bench_bare inflate | sums | tree | tables < LIST - the bare loops that 'bench-bare' holds muslcheck against.
 *
 *	inflate   "OFF PACKED SIZE PATH" a line: read and inflate each member into one buffer
 *	sums      the same, and the CRC-32 of what came out
 *	tree      "PATH" a line: open each file, read its program headers and dynamic segment
 *	tables    "PATH" of a folder: walk it, open each file whose name is no Python source's, read
 *	          four bytes, and of ELF files all that the dynamic segment names: names, symbols,
 *	          versions, relocations
 *
 * Prints the CPU seconds (user + system) of the loop alone, without the list's reading.
 */
#include <libdeflate.h>

#include <elf.h>
#include <fcntl.h>
#include <ftw.h>
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

unsigned last_sum; /* for everybody to see, so that it has to be made */

static void inflate_all(const struct item *items, size_t count, int wants_sums)
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
		if (wants_sums)
			last_sum = libdeflate_crc32(0, content, item->nbytes);
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

/* ---- tables ---- */

static char *room;
static size_t room_nbytes;

static void read_part(int fd, unsigned long long off, unsigned long long nbytes)
{
	if (nbytes > room_nbytes) {
		free(room);
		room = malloc(room_nbytes = nbytes);
		if (!room)
			die("tables", "no memory");
	}
	if (pread(fd, room, nbytes, (off_t)off) < 0)
		die("tables", "cannot read");
}

/* By their addresses, through the one segment that has them: enough for a measure.  */
static void read_tables(int fd, const Elf64_Phdr *segments, size_t count, const Elf64_Dyn *dynamic, size_t entries)
{
	unsigned long long symtab = 0, strtab = 0, strsz = 0, versym = 0, rela = 0, relasz = 0, plt = 0, pltsz = 0;

	for (size_t i = 0; i < entries && dynamic[i].d_tag; i++)
		switch (dynamic[i].d_tag) {
		case DT_SYMTAB: symtab = dynamic[i].d_un.d_ptr; break;
		case DT_STRTAB: strtab = dynamic[i].d_un.d_ptr; break;
		case DT_STRSZ: strsz = dynamic[i].d_un.d_val; break;
		case DT_VERSYM: versym = dynamic[i].d_un.d_ptr; break;
		case DT_RELA: rela = dynamic[i].d_un.d_ptr; break;
		case DT_RELASZ: relasz = dynamic[i].d_un.d_val; break;
		case DT_JMPREL: plt = dynamic[i].d_un.d_ptr; break;
		case DT_PLTRELSZ: pltsz = dynamic[i].d_un.d_val; break;
		default: break;
		}
	/* Symbols lie before their names, as linkers lay them out; else some are taken for all.  */
	const struct {
		unsigned long long at, nbytes;
	} parts[] = {{strtab, strsz},
		     {symtab, strtab > symtab && strtab - symtab < 64 << 20 ? strtab - symtab : 24000},
		     {versym, strtab > symtab ? (strtab - symtab) / 12 : 2000},
		     {rela, relasz},
		     {plt, pltsz}};

	for (size_t p = 0; p < sizeof(parts) / sizeof(*parts); p++)
		for (size_t i = 0; i < count; i++)
			if (segments[i].p_type == PT_LOAD && parts[p].at >= segments[i].p_vaddr &&
			    parts[p].at - segments[i].p_vaddr < segments[i].p_filesz)
				read_part(fd, parts[p].at - segments[i].p_vaddr + segments[i].p_offset, parts[p].nbytes);
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	static Elf64_Dyn dynamic[4096];
	Elf64_Phdr segments[64];
	Elf64_Ehdr head;
	size_t len = strlen(path);
	char first[4];
	int fd;

	(void)info;
	(void)place;
	if (kind != FTW_F || (len > 3 && !strcmp(path + len - 3, ".py")))
		return 0;
	fd = open(path, O_RDONLY | O_NOFOLLOW);
	if (fd >= 0 && pread(fd, first, 4, 0) == 4 && !memcmp(first, ELFMAG, SELFMAG) &&
	    pread(fd, &head, sizeof(head), 0) == sizeof(head) && head.e_ident[EI_CLASS] == ELFCLASS64 && head.e_phnum <= 64 &&
	    pread(fd, segments, head.e_phnum * sizeof(*segments), (off_t)head.e_phoff) > 0)
		for (size_t n = 0; n < head.e_phnum; n++)
			if (segments[n].p_type == PT_DYNAMIC && segments[n].p_filesz <= sizeof(dynamic) &&
			    pread(fd, dynamic, segments[n].p_filesz, (off_t)segments[n].p_offset) > 0)
				read_tables(fd, segments, head.e_phnum, dynamic, segments[n].p_filesz / sizeof(*dynamic));
	if (fd >= 0)
		close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct item *items = NULL;
	size_t count = 0, items_room = 0, line_room = 0;
	char *line = NULL;
	const char *what = argc == 2 ? argv[1] : "";
	int is_sums = !strcmp(what, "sums"), is_tables = !strcmp(what, "tables");
	int is_tree = is_tables || !strcmp(what, "tree");
	double start;

	if (!is_tree && !is_sums && strcmp(what, "inflate"))
		die("usage", "bench_bare inflate | sums | tree | tables < LIST");
	while (getline(&line, &line_room, stdin) > 0) {
		struct item item = {0};
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		if (!is_tree && sscanf(line, "%llu %llu %llu %n", &item.off, &item.packed_nbytes,
				       &item.nbytes, &at) != 3)
			die("list", line);
		item.path = strdup(line + at);
		if (count == items_room)
			items = realloc(items, (items_room = items_room ? items_room * 2 : 1024) * sizeof(*items));
		if (!items || !item.path)
			die("list", "no memory");
		items[count++] = item;
	}
	start = cpu_seconds();
	for (size_t i = 0; is_tables && i < count; i++)
		if (nftw(items[i].path, visit, 64, FTW_PHYS))
			die(items[i].path, "cannot walk");
	if (is_tree && !is_tables)
		touch_all(items, count);
	else if (!is_tree)
		inflate_all(items, count, is_sums);
	printf("%.4f\n", cpu_seconds() - start);
	return 0;
}
