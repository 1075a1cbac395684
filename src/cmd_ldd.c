/* SPDX-License-Identifier: MIT */
/* muslcheck ldd - what the target's loader says to a file in its place.  */
#include "cmd.h"
#include "cmd_sandbox.h"
#include "muslcheck/libc_file.h"
#include "muslcheck/resolve.h"
#include "text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"Usage: muslcheck ldd [OPTION]... FILE...\n"
	"Print what the loader of the target says to each ELF FILE, in its place in a\n"
	"tree: the files it would load, then its errors word for word.\n"
	"\n"
	"  --target IMAGE   the image to load on (default: the newest python:3-alpine)\n"
	"  --libc FILE      a real musl loader instead of a table; without --target\n"
	"                   nothing but that libc is installed\n"
	"  --sysroot DIR    the root file system of a real image: its loader and\n"
	"                   libraries\n"
	"  --python 3.X     the interpreter that imports it\n"
	"  --no-python      no interpreter: FILE is a program or a plain library\n"
	"  --no-sandbox     do not give up what this needs no more, which is all but to\n"
	"                   read; --sandbox=require: fail where that cannot be done\n"
	"\n"
	"Exit: 0 every FILE loads, 1 one does not, 2 the work could not be done.\n";

static void print_loaded(const struct mc_load *load)
{
	for (size_t i = 1; i < load->chain_count; i++) {
		const struct mc_loaded *loaded = &load->chain[i];

		putchar('\t');
		mc_text_put_first(stdout, loaded->asked);
		fputs(" => ", stdout);
		mc_text_put(stdout, loaded->name);
		putchar('\n');
	}
}

static enum mc_status list_file(const struct mc_process *process, struct mc_objects *objects,
				const char *path, bool *loads_out, struct mc_error *err)
{
	enum mc_libc_family family =
		process->libc_elf ? MC_LIBC_MUSL : process->target.libc->family;
	struct mc_resolver *resolver;
	struct mc_object *object;
	struct mc_load load;

	MC_TRY(mc_objects_add_file(objects, mc_str_of(path), &object, err));
	MC_TRY(mc_resolver_open(process, objects, objects->arena, &resolver, err));
	MC_TRY(mc_resolve(resolver, object, &load, err));
	print_loaded(&load);
	for (size_t i = 0; i < load.complaints_count; i++) {
		struct mc_str text = mc_complaint_text(&load.complaints[i], family, objects->arena);

		if (!text.len)
			continue;
		mc_text_put_first(stdout, text);
		putchar('\n');
	}
	if (load.is_cut)
		printf("(more than %d complaints: the rest is left out)\n", MC_COMPLAINTS_MAX);
	if (object->status < 0) {
		struct mc_error why = MC_ERROR_INIT;

		mc_fail(&why, object->status, path, "%s", object->problem.ptr);
		mc_cmd_print_error(&why);
	}
	*loads_out = load.loads;
	return MC_OK;
}

static enum mc_status list_files(struct mc_process *process, const char *libc_path,
				 const char *sysroot, char **paths, size_t paths_count, int *code_out,
				 struct mc_error *err)
{
	struct mc_arena arena;
	struct mc_libc_file libc;
	enum mc_status status = MC_OK;

	mc_arena_init(&arena, NULL);
	if (libc_path) {
		status = mc_libc_file_read(libc_path, &arena, &libc, err);
		process->libc_elf = &libc.elf;
		process->libc_version = libc.version;
	}
	if (sysroot && status == MC_OK) {
		status = mc_sysroot_open(sysroot, sysroot, &arena, &process->sysroot, err);
		if (status == MC_OK)
			process->target = process->sysroot->target;
	}
	for (size_t i = 0; status == MC_OK && i < paths_count; i++) {
		struct mc_mark mark = mc_arena_mark(&arena);
		struct mc_error why = MC_ERROR_INIT;
		struct mc_objects objects;
		bool loads = false;

		if (paths_count > 1) {
			mc_text_put_first(stdout, mc_str_of(paths[i]));
			fputs(":\n", stdout);
		}
		mc_objects_init(&objects, &arena);
		objects.is_in_place = true;
		if (list_file(process, &objects, paths[i], &loads, &why)) {
			mc_cmd_print_error(&why);
			*code_out = MC_EXIT_ERROR;
		} else if (!loads && *code_out == MC_EXIT_YES) {
			*code_out = MC_EXIT_NO;
		}
		mc_arena_rewind(&arena, mark);
	}
	process->libc_elf = NULL; /* it was of this call */
	mc_arena_clear(&arena);
	return status;
}

int mc_cmd_ldd(int argc, char **argv)
{
	static const struct option options[] = {
		{"target", required_argument, NULL, 't'},    {"libc", required_argument, NULL, 'l'},
		{"sysroot", required_argument, NULL, 's'},
		{"python", required_argument, NULL, 'p'},    {"no-python", no_argument, NULL, 'n'},
		{"no-sandbox", no_argument, NULL, 'N'},      {"sandbox", optional_argument, NULL, 'S'},
		{"help", no_argument, NULL, 'h'},            {NULL, 0, NULL, 0},
	};
	struct mc_process process = {.has_python = true};
	const char *target = NULL, *libc_path = NULL, *sysroot = NULL;
	struct mc_error err = MC_ERROR_INIT;
	struct mc_settings settings = {.sandbox = MC_SANDBOX_DEFAULT};
	struct mc_cmd_sandbox sandbox = {.temp = ""};
	int code = MC_EXIT_YES, option;
	unsigned minor = 0;

	while ((option = mc_cmd_option(argc, argv, ":h", options)) != -1) {
		switch (option) {
		case 't': target = optarg; break;
		case 'l': libc_path = optarg; break;
		case 's': sysroot = optarg; break;
		case 'n': process.has_python = false; break;
		case 'N': settings.sandbox = MC_SANDBOX_MODE_OFF; break;
		case 'S':
			if (mc_settings_set(&settings, "sandbox", optarg, &err))
				goto out;
			break;
		case 'p':
			minor = mc_cmd_python_minor(optarg);
			if (!minor) {
				mc_fail(&err, MC_ERR_USAGE, "--python", "%s is no version like 3.12", optarg);
				goto out;
			}
			break;
		case 'h': fputs(usage, stdout); return mc_cmd_finish(MC_EXIT_YES);
		default: fputs("Try 'muslcheck ldd --help'.\n", stderr); return MC_EXIT_ERROR;
		}
	}
	if (sysroot && (target || libc_path)) {
		mc_fail(&err, MC_ERR_USAGE, "--sysroot", "it is the target; give no --target and no --libc");
		goto out;
	}
	if (optind == argc) {
		mc_fail(&err, MC_ERR_USAGE, "ldd", "no FILE given; try 'muslcheck ldd --help'");
		goto out;
	}
	if (target) {
		if (mc_target_find(mc_str_of(target), &process.target, &err))
			goto out;
	} else if (!libc_path && !sysroot) {
		process.target = mc_target_default(minor, MC_LIBC_MUSL);
	}
	/* A loader looks for a library wherever the file says.  */
	if (mc_cmd_sandbox_enter(&sandbox, &settings, MC_WORK_FILES, &err) || mc_elf_startup(&err))
		goto out;
	(void)!list_files(&process, libc_path, sysroot, argv + optind, (size_t)(argc - optind), &code, &err);
out:
	mc_cmd_sandbox_leave(&sandbox);
	if (err.status < 0) {
		mc_cmd_print_error(&err);
		code = MC_EXIT_ERROR;
	}
	return mc_cmd_finish(code);
}
