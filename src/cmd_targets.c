/* SPDX-License-Identifier: MIT */
/* muslcheck targets, muslcheck libc A B - what the tables hold.  */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "muslcheck/verdict.h"

static const char targets_usage[] =
	"Usage: muslcheck targets [--all]\n"
	"List the images that are known, with their libc.\n"
	"\n"
	"  --all   also those no longer built\n";

static const char libc_usage[] =
	"Usage: muslcheck libc A B [--machine NAME]\n"
	"Print the names that libc A exports and B lacks, each with its class, what\n"
	"gcompat does and the usual way out.  A and B are like musl-1.2.5 or glibc-2.41;\n"
	"without arguments the known ones are listed.\n"
	"\n"
	"  --machine NAME   the processor (default: x86_64)\n"
	"\n"
	"Exit: 0 B has all, 1 it lacks some, 2 the work could not be done.\n";

int mc_cmd_targets(int argc, char **argv)
{
	static const struct option options[] = {
		{"all", no_argument, NULL, 'a'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	bool shows_all = false;
	int option;

	while ((option = mc_cmd_option(argc, argv, ":ah", options)) != -1) {
		switch (option) {
		case 'a': shows_all = true; break;
		case 'h': fputs(targets_usage, stdout); return mc_cmd_finish(MC_EXIT_YES);
		default: fputs("Try 'muslcheck targets --help'.\n", stderr); return MC_EXIT_ERROR;
		}
	}
	for (size_t i = 0; mc_image_at(i); i++) {
		const struct mc_image_entry *image = mc_image_at(i);
		const struct mc_libc *libc = image->release->libc;

		if (!image->is_current && !shows_all)
			continue;
		printf("%-32s %-5s %-6s%s", image->name, libc->family == MC_LIBC_MUSL ? "musl" : "glibc",
		       libc->version, image->is_current ? "" : " (no longer built)");
		if (image->size_kb)
			printf(" %.1f MB", image->size_kb / 1000.0);
		putchar('\n');
	}
	return mc_cmd_finish(MC_EXIT_YES);
}

static bool has_name(const struct mc_libc *libc, const struct mc_export_set *like, uint32_t name_id)
{
	for (size_t i = 0; libc->sets[i]; i++)
		if (libc->sets[i]->machine == like->machine &&
		    libc->sets[i]->word_bits == like->word_bits &&
		    mc_export_set_has(libc->sets[i], name_id, 0, true))
			return true;
	return false;
}

static void print_name(const char *soname, struct mc_str name)
{
	const struct mc_name_class *c = mc_name_class(name);

	printf("%-32.*s %-16s %-9s", MC_TEXT(name), soname, mc_class_name(c->name_class));
	if (c->in_gcompat)
		printf(" gcompat");
	if (c->package)
		printf(" apk:%s", c->package);
	if (c->replacement)
		printf(" %s", c->replacement);
	putchar('\n');
}

static bool print_difference(const struct mc_libc *a, const struct mc_libc *b, const char *machine)
{
	bool is_lacking = false;

	for (size_t i = 0; a->sets[i]; i++) {
		const struct mc_export_set *set = a->sets[i];
		const char *name = mc_machine_name(set->machine, set->word_bits, false);
		uint32_t last = 0;

		if (!name || strcmp(name, machine))
			continue;
		for (uint32_t k = 0; k < set->keys_count; k++) {
			uint32_t name_id = set->keys[k] >> 12;

			if (name_id == last || !mc_export_set_has(set, name_id, 0, true) ||
			    has_name(b, set, name_id))
				continue;
			last = name_id;
			is_lacking = true;
			print_name(set->soname, mc_name_text(name_id));
		}
	}
	return is_lacking;
}

int mc_cmd_libc(int argc, char **argv)
{
	static const struct option options[] = {{"machine", required_argument, NULL, 'm'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const struct mc_libc *libcs[2] = {NULL, NULL};
	struct mc_error err = MC_ERROR_INIT;
	const char *machine = "x86_64";
	int option;

	while ((option = mc_cmd_option(argc, argv, ":h", options)) != -1) {
		switch (option) {
		case 'm': machine = optarg; break;
		case 'h': fputs(libc_usage, stdout); return mc_cmd_finish(MC_EXIT_YES);
		default: fputs("Try 'muslcheck libc --help'.\n", stderr); return MC_EXIT_ERROR;
		}
	}
	if (argc == optind) {
		for (size_t i = 0; mc_libc_at(i); i++)
			printf("%s-%s\n", mc_libc_at(i)->family == MC_LIBC_MUSL ? "musl" : "glibc",
			       mc_libc_at(i)->version);
		return mc_cmd_finish(MC_EXIT_YES);
	}
	if (argc - optind != 2) {
		mc_fail(&err, MC_ERR_USAGE, "libc", "two names are wanted; try 'muslcheck libc --help'");
		mc_cmd_print_error(&err);
		return MC_EXIT_ERROR;
	}
	for (int i = 0; i < 2; i++) {
		libcs[i] = mc_libc_find(mc_str_of(argv[optind + i]));
		if (!libcs[i]) {
			mc_fail(&err, MC_ERR_NOT_FOUND, argv[optind + i],
				"no such libc; 'muslcheck libc' lists them");
			mc_cmd_print_error(&err);
			return MC_EXIT_ERROR;
		}
		for (size_t k = 0; libcs[i]->sets[k] && machine; k++) {
			const char *name = mc_machine_name(libcs[i]->sets[k]->machine,
							   libcs[i]->sets[k]->word_bits, false);

			if (name && !strcmp(name, machine))
				break;
			if (!libcs[i]->sets[k + 1]) {
				mc_fail(&err, MC_ERR_NOT_FOUND, argv[optind + i], "no table for %s", machine);
				mc_cmd_print_error(&err);
				return MC_EXIT_ERROR;
			}
		}
	}
	return mc_cmd_finish(print_difference(libcs[0], libcs[1], machine) ? MC_EXIT_NO : MC_EXIT_YES);
}
