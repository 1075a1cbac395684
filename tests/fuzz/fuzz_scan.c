/* SPDX-License-Identifier: MIT */
/*
 * From files to a report.  The input is a letter and files: a byte for the name, two for the
 * size (little-endian), the content.
 *
 *	'w'  a wheel of these files
 *	't'  a tree of them
 *	'f'  the first is a requirements.txt, the others are a wheel that it may be had from
 *	'l'  the first is a uv.lock, the rest as above
 *	'd'  the first is a Dockerfile, the others are beside it
 *	'I'  behind the letter is an image as a tar
 *	'P'  all of it is an archive
 */
#include "fuzz.h"

#include "muslcheck/report.h"
#include "muslcheck/scan.h"

#include <jansson.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHEEL "x-1.0-cp312-cp312-musllinux_1_2_x86_64.whl"
#define SITE "lib/python3.12/site-packages/"

static const char *const names[] = {
	"x-1.0.dist-info/METADATA", "x-1.0.dist-info/WHEEL", "x-1.0.dist-info/RECORD",
	"x/m.cpython-312-x86_64-linux-musl.so", "x/n.abi3.so", "x.libs/liby.so.1", "x.libs/libz.so",
	"x/__init__.py", "x-1.0.data/scripts/run", "x-1.0.data/purelib/x/more.py", "x/tool",
	"x-1.0.dist-info/direct_url.json", "y-2.dist-info/METADATA", "y-2.dist-info/RECORD",
	"x/_vendor/z-3.dist-info/METADATA", "x.pth", "requirements.txt", "pyproject.toml", "x/o.so",
};

struct zip {
	uint8_t *bytes;
	size_t nbytes;
};

static void put(struct zip *zip, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		zip->bytes[zip->nbytes++] = (uint8_t)(value >> 8 * i);
}

static void put_text(struct zip *zip, struct mc_str text)
{
	if (text.len)
		memcpy(zip->bytes + zip->nbytes, text.ptr, text.len);
	zip->nbytes += text.len;
}

/* What the local and the central header have in common.  */
static void put_sizes(struct zip *zip, const struct fuzz_file *file)
{
	put(zip, 20, 2);
	put(zip, 0, 2 + 2);
	put(zip, 0x210000, 4);
	put(zip, libdeflate_crc32(0, file->content.ptr, file->content.len), 4);
	put(zip, file->content.len, 4);
	put(zip, file->content.len, 4);
	put(zip, strlen(file->name), 2);
	put(zip, 0, 2);
}

/* APPNOTE.TXT, all stored.  */
static const char *put_wheel(const struct fuzz_files *files)
{
	size_t room = 22, directory, offs[FUZZ_FILES_MAX];
	struct zip zip = {NULL, 0};
	const char *path;

	for (size_t i = 0; i < files->count; i++)
		room += 30 + 46 + 2 * strlen(files->items[i].name) + files->items[i].content.len;
	zip.bytes = malloc(room);
	FUZZ_CHECK(zip.bytes);
	for (size_t i = 0; i < files->count; i++) {
		offs[i] = zip.nbytes;
		put(&zip, 0x04034b50, 4);
		put_sizes(&zip, &files->items[i]);
		put_text(&zip, mc_str_of(files->items[i].name));
		put_text(&zip, files->items[i].content);
	}
	directory = zip.nbytes;
	for (size_t i = 0; i < files->count; i++) {
		put(&zip, 0x02014b50, 4);
		put(&zip, 3 << 8 | 20, 2);
		put_sizes(&zip, &files->items[i]);
		put(&zip, 0, 2 + 2 + 2);
		put(&zip, 0100755u << 16, 4);
		put(&zip, offs[i], 4);
		put_text(&zip, mc_str_of(files->items[i].name));
	}
	put(&zip, 0x06054b50, 4);
	put(&zip, 0, 4);
	put(&zip, files->count, 2);
	put(&zip, files->count, 2);
	put(&zip, zip.nbytes - directory, 4);
	put(&zip, directory, 4);
	put(&zip, 0, 2);
	path = fuzz_put(WHEEL, zip.bytes, zip.nbytes);
	free(zip.bytes);
	return path;
}

/* ---- the reports ---- */

static void write_report(const struct mc_scan *scan, const struct mc_report_format *format)
{
	const struct mc_report_style style = {.columns = 80, .show_all = true};
	char *text = NULL;
	size_t nbytes = 0;
	FILE *out = open_memstream(&text, &nbytes);

	FUZZ_CHECK(out);
	FUZZ_CHECK(!format->write(mc_scan_survey(scan), &style, out, NULL));
	fclose(out);
	fuzz_check_report(text, nbytes);
	if (format == &mc_report_json) {
		json_t *root = json_loadb(text, nbytes, JSON_REJECT_DUPLICATES, NULL);

		FUZZ_CHECK(root);
		json_decref(root);
	}
	free(text);
}

static void scan(const char *path, enum mc_scan_question question)
{
	static const char *const no_folders[1];
	const char *folders[] = {fuzz_folder()};
	bool asks = question != MC_SCAN_COPY;
	struct mc_scan_options options = {
		.target = "python:3.12-alpine3.22",
		.question = question,
		.find_links = asks ? folders : no_folders,
		.find_links_count = asks,
		.jobs = 1,
		.index = {.is_offline = true, .has_no_cache = true, .has_no_index = true},
	};
	struct mc_scan *found;
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", path);
	path = copy;
	if (mc_scan_open(&options, &path, 1, &found, NULL)) {
		FUZZ_CHECK(!found);
		return;
	}
	if (mc_scan_survey(found)) {
		write_report(found, &mc_report_json);
		write_report(found, &mc_report_text);
		write_report(found, &mc_report_dockerfile);
	}
	mc_scan_close(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct fuzz_input input = {bytes, nbytes};
	uint8_t kind = fuzz_byte(&input), ignored;
	struct mc_str first = {"", 0};
	struct fuzz_files files = {.count = 0};

	if (kind == 'P') {
		scan(fuzz_put(WHEEL, bytes, nbytes), MC_SCAN_COPY);
		return 0;
	}
	if (kind == 'I') {
		scan(fuzz_put("image.tar", input.bytes, input.nbytes), MC_SCAN_COPY);
		return 0;
	}
	if (kind == 'f' || kind == 'l' || kind == 'd')
		first = fuzz_take(&input, &ignored);
	fuzz_take_files(&input, names, sizeof(names) / sizeof(*names), &files);
	fuzz_clear();
	switch (kind) {
	case 'w': scan(put_wheel(&files), MC_SCAN_COPY); break;
	case 't':
		fuzz_put_files(&files, SITE);
		scan(fuzz_folder(), MC_SCAN_COPY);
		break;
	case 'f':
		put_wheel(&files);
		scan(fuzz_put("wanted.txt", first.ptr, first.len), MC_SCAN_AUTO);
		break;
	case 'l':
		put_wheel(&files);
		scan(fuzz_put("uv.lock", first.ptr, first.len), MC_SCAN_AUTO);
		break;
	case 'd':
		fuzz_put_files(&files, "");
		scan(fuzz_put("Dockerfile", first.ptr, first.len), MC_SCAN_AUTO);
		break;
	default: break;
	}
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t nbytes, size_t room, unsigned seed)
{
	bool is_one = nbytes && (bytes[0] == 'P' || bytes[0] == 'I');

	return is_one ? LLVMFuzzerMutate(bytes, nbytes, room) : fuzz_mutate_files(bytes, nbytes, room, seed);
}
