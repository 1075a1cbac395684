/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "muslcheck/objects.h"

struct place {
	char dir[64];
	struct mc_arena arena;
	struct mc_objects objects;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	snprintf(p->dir, sizeof(p->dir), "/tmp/muslcheck-test-XXXXXX");
	if (!mkdtemp(p->dir) || chdir(p->dir))
		return -1;
	mc_arena_init(&p->arena, NULL);
	mc_objects_init(&p->objects, &p->arena);
	*state = p;
	return mc_elf_startup(NULL) == MC_OK ? 0 : -1;
}

static int drop_place(void **state)
{
	struct place *p = *state;
	char command[128];

	mc_arena_clear(&p->arena);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	if (chdir("/") || system(command))
		return -1;
	free(p);
	return 0;
}

/* The least that a loader takes: one PT_LOAD over the file, an empty dynamic section.  */
static void write_library(const char *path)
{
	struct {
		Elf64_Ehdr ehdr;
		Elf64_Phdr load, dynamic;
		Elf64_Dyn end;
	} file = {
		.ehdr = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			 .e_type = ET_DYN,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_phoff = sizeof(Elf64_Ehdr),
			 .e_ehsize = sizeof(Elf64_Ehdr),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 2},
		.load = {.p_type = PT_LOAD,
			 .p_flags = PF_R,
			 .p_filesz = sizeof(file),
			 .p_memsz = sizeof(file)},
	};
	size_t at = (size_t)((char *)&file.end - (char *)&file);
	FILE *out = fopen(path, "wb");

	file.dynamic = (Elf64_Phdr){.p_type = PT_DYNAMIC, .p_offset = at, .p_vaddr = at,
				    .p_filesz = sizeof(file.end), .p_memsz = sizeof(file.end)};
	assert_non_null(out);
	assert_int_equal(fwrite(&file, sizeof(file), 1, out), 1);
	assert_int_equal(fclose(out), 0);
}

static struct mc_object *add(struct place *p, const char *path)
{
	struct mc_object *object = NULL;

	assert_int_equal(mc_objects_add_file(&p->objects, mc_str_of(path), &object, NULL), MC_OK);
	assert_non_null(object);
	return object;
}

static enum mc_open try_open(struct place *p, const struct mc_object *from, const char *path,
			     bool is_literal, struct mc_object **object_out)
{
	enum mc_open answer;

	assert_int_equal(mc_objects_open(&p->objects, from, mc_str_of(path), is_literal, &answer,
					 object_out, NULL),
			 MC_OK);
	return answer;
}

static void one_file_by_two_names_is_one_object(void **state)
{
	struct place *p = *state;

	write_library("a.so");
	assert_int_equal(symlink("a.so", "b.so"), 0);
	assert_ptr_equal(add(p, "a.so"), add(p, "b.so"));
	assert_int_equal(p->objects.count, 1);
}

static void files_beside_are_met_when_they_are_opened(void **state)
{
	struct place *p = *state;
	struct mc_object *from, *found;

	write_library("a.so");
	write_library("b.so");
	from = add(p, "a.so");
	assert_int_equal(try_open(p, from, "./b.so", false, &found), MC_OPEN_FOUND);
	assert_int_equal(found->status, MC_OK);
	assert_null(found->dist);
	assert_int_equal(p->objects.count, 2);
	assert_int_equal(try_open(p, from, "./none.so", false, &found), MC_OPEN_ABSENT);
}

static void the_hosts_own_folders_are_not_the_images(void **state)
{
	struct place *p = *state;
	char path[128];
	struct mc_object *from, *found;

	write_library("a.so");
	write_library("b.so");
	from = add(p, "a.so");
	snprintf(path, sizeof(path), "%s/b.so", p->dir);
	assert_int_equal(try_open(p, from, path, true, &found), MC_OPEN_ABSENT);
	add(p, "b.so");
	assert_int_equal(try_open(p, from, path, true, &found), MC_OPEN_FOUND);
}

static void what_cannot_be_mapped_ends_a_search_differently(void **state)
{
	struct place *p = *state;
	struct mc_object *from, *found;
	int fd;

	write_library("a.so");
	from = add(p, "a.so");
	assert_int_equal(mkdir("dir.so", 0777), 0);
	assert_int_equal(symlink("loop.so", "loop.so"), 0);
	fd = open("text.so", O_WRONLY | O_CREAT, 0666);
	assert_true(fd >= 0 && write(fd, "/* GNU ld script */\n", 20) == 20 && !close(fd));
	assert_int_equal(try_open(p, from, "./dir.so", false, &found), MC_OPEN_DIRECTORY);
	assert_int_equal(try_open(p, from, "./loop.so", false, &found), MC_OPEN_FORBIDDEN);
	assert_int_equal(try_open(p, from, "./text.so", false, &found), MC_OPEN_NOT_ELF);
	assert_int_equal(try_open(p, from, "./text.so/x", false, &found), MC_OPEN_ABSENT);
}

static void an_unreadable_file_is_kept_with_its_reason(void **state)
{
	struct place *p = *state;
	struct mc_object *object;
	int fd = open("cut.so", O_WRONLY | O_CREAT, 0666);

	assert_true(fd >= 0 && write(fd, "\177ELF\2\1\1", 7) == 7 && !close(fd));
	object = add(p, "cut.so");
	assert_true(object->status < 0);
	assert_true(object->problem.len > 0);
}

static void a_missing_file_is_an_error_that_names_it(void **state)
{
	struct place *p = *state;
	struct mc_error err = MC_ERROR_INIT;
	struct mc_object *object;

	assert_int_equal(mc_objects_add_file(&p->objects, MC_STR("none.so"), &object, &err), MC_ERR_IO);
	assert_string_equal(err.subject, "none.so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_file_by_two_names_is_one_object, make_place, drop_place),
		cmocka_unit_test_setup_teardown(files_beside_are_met_when_they_are_opened, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(the_hosts_own_folders_are_not_the_images, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(what_cannot_be_mapped_ends_a_search_differently, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(an_unreadable_file_is_kept_with_its_reason, make_place,
						drop_place),
		cmocka_unit_test_setup_teardown(a_missing_file_is_an_error_that_names_it, make_place,
						drop_place),
	};

	return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
