/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "muslcheck/elf.h"
#include "starve.h"
#include "tiny_elf.h"

static const struct tiny_spec whole = {
	.needed = {"libc.so.6", "libm.so.6"},
	.imports = {"puts", "memcpy"},
	.weak = {"__gmon_start__"},
	.exports = {"PyInit_x", "helper"},
	.soname = "libx.so.1",
	.runpath = "$ORIGIN/../x.libs",
};

static struct mc_arena arena;

static enum mc_status read_bytes(const uint8_t *bytes, size_t nbytes, struct mc_elf *elf,
				 struct mc_error *err)
{
	struct mc_image image = {.bytes = {bytes, nbytes}, .fd = -1, .nbytes = nbytes};

	return mc_elf_read(&image, &arena, elf, err);
}

static bool finds(const struct mc_elf *elf, const char *name, struct mc_definition *out)
{
	struct mc_lookup lookup = mc_lookup(mc_str_of(name));

	return mc_elf_find(elf, &lookup, out);
}

static void assert_text(struct mc_str text, const char *wanted)
{
	assert_int_equal(text.len, strlen(wanted));
	assert_memory_equal(text.ptr, wanted, text.len);
}

/* The same facts in each layout that machines have.  */
static void a_whole_file_gives_its_facts(void **state)
{
	static const struct {
		uint16_t machine;
		bool is_32, is_big;
	} layouts[] = {
		{EM_X86_64, false, false}, {EM_386, true, false},   {EM_AARCH64, false, false},
		{EM_ARM, true, false},     {EM_PPC64, false, true}, {EM_S390, false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		struct mc_error err = MC_ERROR_INIT;
		struct tiny_spec spec = whole;
		struct mc_definition definition;
		struct mc_elf elf;
		struct tiny tiny;

		spec.machine = layouts[i].machine;
		spec.is_32 = layouts[i].is_32;
		spec.is_big = layouts[i].is_big;
		tiny_make(&tiny, &spec);
		assert_int_equal(read_bytes(tiny.bytes, tiny.nbytes, &elf, &err), MC_OK);
		assert_int_equal(elf.type, MC_ELF_SHARED);
		assert_int_equal(elf.machine, spec.machine);
		assert_int_equal(elf.word_bits, spec.is_32 ? 32 : 64);
		assert_int_equal(elf.is_big_endian, spec.is_big);
		assert_true(elf.is_dynamic);
		assert_int_equal(elf.needed_count, 2);
		assert_text(elf.needed[0], "libc.so.6");
		assert_text(elf.needed[1], "libm.so.6");
		assert_text(elf.soname, "libx.so.1");
		assert_text(elf.runpath, "$ORIGIN/../x.libs");
		assert_int_equal(elf.rpath.len, 0);
		assert_int_equal(elf.imports_count, 3);
		assert_text(elf.imports[0].name, "puts");
		assert_false(elf.imports[0].is_weak);
		assert_text(elf.imports[2].name, "__gmon_start__");
		assert_true(elf.imports[2].is_weak);
		assert_true(finds(&elf, "PyInit_x", &definition));
		assert_false(definition.is_undefined);
		assert_true(finds(&elf, "helper", &definition));
		assert_false(finds(&elf, "nosuch", &definition));
		mc_arena_clear(&arena);
	}
}

static void a_file_that_shrinks_on_disk_is_the_same_as_a_short_one(void **state)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_elf elf;
	struct tiny tiny;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	tiny_make(&tiny, &whole);
	assert_int_equal(fwrite(tiny.bytes, 1, 300, file), 300);
	assert_int_equal(fflush(file), 0);
	/* Its size was taken before the rest of it went away.  */
	assert_int_equal(mc_elf_read(&(struct mc_image){.fd = fileno(file), .nbytes = tiny.nbytes},
				     &arena, &elf, &err),
			 MC_ERR_FORMAT);
	fclose(file);
	mc_arena_clear(&arena);
}

/* A gigabyte of nothing, which a disk and an archive have for nothing.  */
static void tables_as_large_as_a_disk_are_refused(void **state)
{
	const uint64_t nbytes = (uint64_t)1 << 30;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		FILE *file = tmpfile();
		struct mc_error err = MC_ERROR_INIT;
		struct mc_image image;
		struct tiny tiny;
		struct mc_elf elf;

		assert_non_null(file);
		tiny_make(&tiny, &whole);
		tiny_set(&tiny, tiny.phdrs + 32, 8, nbytes); /* p_filesz */
		tiny_set(&tiny, tiny.phdrs + 40, 8, nbytes); /* p_memsz */
		switch (i) {
		case 0: break; /* it is as good as a small one */
		case 1: tiny_set(&tiny, tiny_dynamic_at(&tiny, DT_STRSZ), 8, nbytes / 2); break;
		case 2: tiny_set(&tiny, tiny_dynamic_at(&tiny, DT_RELASZ), 8, nbytes / 2 / 24 * 24); break;
		case 3: tiny_set(&tiny, tiny.hash + 4, 4, nbytes / 64); break; /* as many symbols */
		default:
			tiny_set(&tiny, 40, 8, 64); /* e_shoff, with no e_shnum */
			tiny_set(&tiny, 60, 2, 0);
			break;
		}
		assert_int_equal(fwrite(tiny.bytes, 1, tiny.nbytes, file), tiny.nbytes);
		assert_int_equal(fflush(file), 0);
		assert_int_equal(ftruncate(fileno(file), (off_t)nbytes), 0);
		image = (struct mc_image){.fd = fileno(file), .nbytes = nbytes};
		mc_arena_init(&arena, NULL);
		assert_int_equal(mc_elf_read(&image, &arena, &elf, &err), i ? MC_ERR_FORMAT : MC_OK);
		if (i)
			assert_string_equal(err.text, i < 4 ? "its tables are absurdly large" : "its section headers make no sense");
		mc_arena_clear(&arena);
		fclose(file);
	}
}

/* Use all that a file gave, as the resolver would.  */
static void look_around(const struct mc_elf *elf)
{
	static const char *const names[] = {"PyInit_x", "helper", "puts", "nosuch", ""};
	struct mc_definition definition;
	size_t total = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct mc_lookup lookup = mc_lookup(mc_str_of(names[i]));

		(void)!mc_elf_find(elf, &lookup, &definition);
		(void)!mc_elf_find_version(elf, &lookup, MC_STR("V1"), &definition);
		(void)!mc_elf_find_version(elf, &lookup, MC_STR(""), &definition);
	}
	(void)!mc_elf_defines_version(elf, MC_STR("V1"));
	for (size_t i = 0; i < elf->needed_count; i++)
		total += strlen(elf->needed[i].ptr) - elf->needed[i].len;
	for (size_t i = 0; i < elf->imports_count; i++)
		total += strlen(elf->imports[i].name.ptr) - elf->imports[i].name.len;
	assert_int_equal(total, 0);
}

/* In a block of exactly its size, so that the sanitizer sees the first byte past it.  */
static enum mc_status read_exactly(const uint8_t *bytes, size_t nbytes)
{
	uint8_t *copy = malloc(nbytes ? nbytes : 1);
	struct mc_error err = MC_ERROR_INIT;
	enum mc_status status;
	struct mc_elf elf;

	assert_non_null(copy);
	memcpy(copy, bytes, nbytes);
	status = read_bytes(copy, nbytes, &elf, &err);
	free(copy); /* what was read lives in the arena alone */
	assert_true(status == MC_OK || status == MC_ERR_FORMAT || status == MC_ERR_UNSUPPORTED);
	assert_int_equal(err.status, status);
	if (status == MC_OK)
		look_around(&elf);
	else
		assert_true(err.text[0]);
	mc_arena_clear(&arena);
	return status;
}

static void cut_at_any_length_it_is_refused(void **state)
{
	struct tiny tiny;

	(void)state;
	tiny_make(&tiny, &whole);
	for (size_t nbytes = 0; nbytes < tiny.nbytes; nbytes++)
		/* The dynamic section comes last.  Where the cut is inside of it, the rest of
		 * the page is zero when it is mapped, and so a DT_NULL.  */
		if (nbytes <= tiny.dynamic)
			assert_true(read_exactly(tiny.bytes, nbytes) < 0);
		else
			(void)!read_exactly(tiny.bytes, nbytes);
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_OK);
}

static void any_byte_may_lie(void **state)
{
	static const uint8_t lies[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	static const bool layouts[][2] = {{false, false}, {true, false}, {false, true}};

	(void)state;
	for (size_t l = 0; l < 3; l++) {
		struct tiny_spec spec = whole;
		struct tiny tiny;

		spec.is_32 = layouts[l][0];
		spec.is_big = layouts[l][1];
		spec.machine = spec.is_32 ? EM_386 : spec.is_big ? EM_PPC64 : EM_X86_64;
		tiny_make(&tiny, &spec);
		for (size_t at = 0; at < tiny.nbytes; at++) {
			uint8_t was = tiny.bytes[at];

			if (at >= tiny.strings + tiny.strings_nbytes && at < tiny.symbols)
				continue; /* nothing is there */
			for (size_t i = 0; i < sizeof(lies); i++) {
				tiny.bytes[at] = lies[i];
				(void)!read_exactly(tiny.bytes, tiny.nbytes);
			}
			tiny.bytes[at] = was;
		}
	}
}

static void assert_spoilt(const struct tiny_spec *spec, uint64_t tag, uint64_t value,
			  enum mc_status wanted)
{
	struct tiny tiny;
	size_t at;

	tiny_make(&tiny, spec);
	at = tiny_dynamic_at(&tiny, tag);
	assert_true(at);
	tiny_set(&tiny, at, tiny_word(&tiny), value);
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), wanted);
}

static void addresses_outside_the_file_are_refused(void **state)
{
	static const uint64_t tags[] = {DT_STRTAB, DT_SYMTAB, DT_HASH, DT_RELA};
	static const uint64_t addresses[] = {0x10000, 0x7fffffffffff0000, 0xfffffffffffffff8};

	(void)state;
	for (size_t t = 0; t < sizeof(tags) / sizeof(*tags); t++)
		for (size_t a = 0; a < sizeof(addresses) / sizeof(*addresses); a++)
			assert_spoilt(&whole, tags[t], addresses[a], MC_ERR_FORMAT);
	assert_spoilt(&whole, DT_RELASZ, 0xfffffffffffffff0, MC_ERR_FORMAT);
	assert_spoilt(&whole, DT_RELASZ, 24 * 1000, MC_ERR_FORMAT);
	assert_spoilt(&whole, DT_NEEDED, 0xffffffff, MC_ERR_FORMAT);
	assert_spoilt(&whole, DT_SONAME, 0xfffffffffffffff0, MC_ERR_FORMAT);
	assert_spoilt(&whole, DT_RUNPATH, 0x7fffffff, MC_ERR_FORMAT);
}

/* Where this very test has them; not every linker keeps them apart.  */
static void constants_are_not_in_code(void **state)
{
	static const char marker[] = "a constant of this test and of no other";
	FILE *file = fopen("/proc/self/exe", "rb");
	static uint8_t bytes[16 << 20];
	size_t nbytes = fread(bytes, 1, sizeof(bytes), file), found = 0, all = 0;
	struct mc_elf elf;

	(void)state;
	fclose(file);
	mc_arena_init(&arena, NULL);
	assert_int_equal(read_bytes(bytes, nbytes, &elf, NULL), MC_OK);
	for (size_t i = 0; i < elf.constants_count; i++) {
		struct mc_span span = elf.constants[i];

		assert_true(span.off <= nbytes && span.nbytes <= nbytes - span.off);
		all += span.nbytes;
		for (size_t at = 0; at + sizeof(marker) <= span.nbytes; at++)
			found += !memcmp(bytes + span.off + at, marker, sizeof(marker));
	}
	assert_int_equal(found, elf.constants_count > 0);
	assert_true(all < nbytes);
	mc_arena_clear(&arena);
}

static void headers_that_make_no_sense_are_refused(void **state)
{
	struct tiny tiny;

	(void)state;
	tiny_make(&tiny, &whole);
	tiny.bytes[EI_CLASS] = 3;
	assert_true(read_exactly(tiny.bytes, tiny.nbytes) < 0);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, 56, 2, 0xfffe); /* e_phnum */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, 32, 8, 0xfffffffffffffff0); /* e_phoff */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, tiny.phdrs + 56 + 32, 8, 1ull << 40); /* p_filesz of PT_DYNAMIC */
	(void)!read_exactly(tiny.bytes, tiny.nbytes);
	assert_int_equal(read_exactly((const uint8_t *)"MZ\x90", 3), MC_ERR_FORMAT);
	assert_int_equal(read_exactly((const uint8_t *)"", 0), MC_ERR_FORMAT);
}

/* musl maps whole pages: what stands behind p_filesz in the last one is there too, but
 * with a p_memsz that is larger it is overwritten with 0 (map_library()).  */
static void what_lies_behind_a_segment_in_its_page_is_there(void **state)
{
	struct tiny tiny;
	size_t load;

	(void)state;
	tiny_make(&tiny, &whole);
	load = tiny.phdrs;
	tiny_set(&tiny, load + 32, 8, tiny.dynamic); /* p_filesz: before PT_DYNAMIC */
	tiny_set(&tiny, load + 40, 8, tiny.dynamic); /* p_memsz */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_OK);
	tiny_set(&tiny, load + 40, 8, tiny.dynamic + 1);
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, load + 4, 4, 0); /* p_flags: not readable */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, load + 4, 4, PF_R); /* a relocation writes into it */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, load + 40, 8, 1ull << 60); /* p_memsz */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, tiny.relocs, 8, 1ull << 32); /* r_offset */
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
}

/* The same in a program: musl has given the place away before it looks (reclaim_gaps()).  */
static void a_program_whose_dynamic_section_lies_in_a_gap_is_blank(void **state)
{
	struct tiny_spec program = whole;
	struct mc_error err = MC_ERROR_INIT;
	struct mc_elf elf;
	struct tiny tiny;

	(void)state;
	program.interp = "/lib64/ld-linux-x86-64.so.2";
	tiny_make(&tiny, &program);
	assert_int_equal(read_bytes(tiny.bytes, tiny.nbytes, &elf, &err), MC_OK);
	assert_false(elf.is_blank);
	tiny_set(&tiny, tiny.phdrs + 32, 8, tiny.dynamic);
	tiny_set(&tiny, tiny.phdrs + 40, 8, tiny.dynamic);
	assert_int_equal(read_bytes(tiny.bytes, tiny.nbytes, &elf, &err), MC_OK);
	assert_true(elf.is_blank);
	assert_int_equal(elf.needed_count, 0);
}

/* do_relocs() knows no type above 255, and not the low bits of a larger one either.  */
static void a_large_relocation_type_is_not_cut_to_a_small_one(void **state)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_elf elf;
	struct tiny tiny;

	(void)state;
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, tiny.relocs + 8, 4, 0x10000 + R_X86_64_64); /* r_info, type */
	assert_int_equal(read_bytes(tiny.bytes, tiny.nbytes, &elf, &err), MC_OK);
	assert_false(mc_elf_is_musl_reloc(elf.machine, elf.imports[0].reloc_type));
}

/* A hash chain that leads back to itself.  */
static void a_chain_without_an_end_is_refused(void **state)
{
	struct tiny tiny;

	(void)state;
	tiny_make(&tiny, &whole);
	for (size_t i = 0; i < tiny.symbols_count; i++)
		tiny_set(&tiny, tiny.hash + 12 + 4 * i, 4, 1);
	assert_int_equal(read_exactly(tiny.bytes, tiny.nbytes), MC_ERR_FORMAT);
}

/* Sizes that a file only claims must not be allocated.  */
static void no_more_is_allocated_than_the_file_has(void **state)
{
	struct starve starve = {.left = 4}; /* pages of 64 KiB or more */
	struct mc_alloc alloc = {starve_take, starve_give, &starve};
	struct mc_error err = MC_ERROR_INIT;
	struct mc_arena small;
	struct mc_elf elf;
	struct tiny tiny;

	(void)state;
	tiny_make(&tiny, &whole);
	tiny_set(&tiny, tiny.hash, 4, 0xffffffff);     /* nbucket */
	tiny_set(&tiny, tiny.hash + 4, 4, 0xffffffff); /* nchain */
	mc_arena_init(&small, &alloc);
	assert_int_not_equal(mc_elf_read(&(struct mc_image){.bytes = {tiny.bytes, tiny.nbytes},
							    .fd = -1,
							    .nbytes = tiny.nbytes},
					 &small, &elf, &err),
			     MC_ERR_NOMEM);
	mc_arena_clear(&small);
	assert_int_equal(starve.live, 0);
}

static void every_failed_allocation_is_reported(void **state)
{
	struct tiny tiny;

	(void)state;
	tiny_make(&tiny, &whole);
	for (size_t grant = 0;; grant++) {
		struct starve starve = {.left = grant};
		struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_error err = MC_ERROR_INIT;
		struct mc_arena starved;
		enum mc_status status;
		struct mc_elf elf;

		mc_arena_init(&starved, &alloc);
		status = mc_elf_read(&(struct mc_image){.bytes = {tiny.bytes, tiny.nbytes},
							.fd = -1,
							.nbytes = tiny.nbytes},
				     &starved, &elf, &err);
		mc_arena_clear(&starved);
		assert_int_equal(starve.live, 0);
		if (status == MC_OK)
			break;
		assert_int_equal(status, MC_ERR_NOMEM);
		assert_true(grant < 100);
	}
}

static int start(void **state)
{
	struct mc_error err = MC_ERROR_INIT;

	(void)state;
	mc_arena_init(&arena, NULL);
	return mc_elf_startup(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file_gives_its_facts),
		cmocka_unit_test(a_file_that_shrinks_on_disk_is_the_same_as_a_short_one),
		cmocka_unit_test(cut_at_any_length_it_is_refused),
		cmocka_unit_test(any_byte_may_lie),
		cmocka_unit_test(addresses_outside_the_file_are_refused),
		cmocka_unit_test(tables_as_large_as_a_disk_are_refused),
		cmocka_unit_test(constants_are_not_in_code),
		cmocka_unit_test(headers_that_make_no_sense_are_refused),
		cmocka_unit_test(what_lies_behind_a_segment_in_its_page_is_there),
		cmocka_unit_test(a_program_whose_dynamic_section_lies_in_a_gap_is_blank),
		cmocka_unit_test(a_large_relocation_type_is_not_cut_to_a_small_one),
		cmocka_unit_test(a_chain_without_an_end_is_refused),
		cmocka_unit_test(no_more_is_allocated_than_the_file_has),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests_name("elf", tests, start, NULL);
}
