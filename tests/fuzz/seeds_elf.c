/* SPDX-License-Identifier: MIT */
/* seeds_elf FOLDER - ELF files of each class and byte order, as unit/tiny_elf.h writes them.  */
#include "tiny_elf.h"

#include <stdio.h>

static const struct tiny_spec specs[] = {
	{.needed = {"libc.so.6", "libm.so.6"}, .imports = {"puts", "memcpy"}, .weak = {"__gmon_start__"},
	 .exports = {"PyInit_x", "helper"}, .soname = "libx.so.1", .runpath = "$ORIGIN/../x.libs"},
	{.imports = {"open64"}, .exports = {"__dls3", "__libc_start_main"}, .rpath = "$ORIGIN:$LIB/${PLATFORM}"},
	{.needed = {"ld-linux-x86-64.so.2"}, .imports = {"iconv_open"}, .interp = "/lib64/ld-linux-x86-64.so.2"},
};

int main(int argc, char **argv)
{
	static const struct {
		uint16_t machine;
		bool is_32, is_big;
	} layouts[] = {{EM_X86_64, false, false}, {EM_386, true, false},   {EM_AARCH64, false, false},
		       {EM_ARM, true, false},	  {EM_PPC64, false, true}, {EM_S390, false, true}};

	for (size_t i = 0; argc == 2 && i < sizeof(layouts) / sizeof(*layouts); i++)
		for (size_t k = 0; k < sizeof(specs) / sizeof(*specs); k++) {
			struct tiny_spec spec = specs[k];
			struct tiny tiny;
			char path[4096];
			FILE *file;

			spec.machine = layouts[i].machine;
			spec.is_32 = layouts[i].is_32;
			spec.is_big = layouts[i].is_big;
			tiny_make(&tiny, &spec);
			snprintf(path, sizeof(path), "%s/tiny-%zu-%zu", argv[1], i, k);
			file = fopen(path, "wb");
			if (!file || fwrite(tiny.bytes, 1, tiny.nbytes, file) != tiny.nbytes || fclose(file))
				return 1;
		}
	return 0;
}
