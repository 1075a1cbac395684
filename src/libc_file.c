/* SPDX-License-Identifier: MIT */
#include "muslcheck/libc_file.h"

#include "refusal.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBC_NBYTES_MAX ((off_t)64 << 20) /* musl is 0.6 to 0.9 MB */

static bool exports(const struct mc_elf *elf, const char *name)
{
	struct mc_lookup lookup = mc_lookup(mc_str_of(name));
	struct mc_definition definition;

	return mc_elf_find(elf, &lookup, &definition) && !definition.is_undefined;
}

/* "1.2.5" or "1.2.5-git-3-gabc" with a NUL on either side.  */
static size_t version_length(const char *p, const char *end)
{
	const char *start = p;

	for (int part = 0; part < 3; part++) {
		if (part && (p == end || *p++ != '.'))
			return 0;
		if (p == end || !isdigit((unsigned char)*p))
			return 0;
		while (p < end && isdigit((unsigned char)*p))
			p++;
	}
	if (end - p > 5 && !memcmp(p, "-git-", 5))
		while (p < end && *p)
			p++;
	return p < end && !*p ? (size_t)(p - start) : 0;
}

/* __libc_version of musl's src/internal/version.c is hidden: only its text is there.  */
static struct mc_str version_in(const char *bytes, size_t nbytes)
{
	const char *end = bytes + nbytes;

	for (const char *p = bytes; p < end; p++) {
		size_t length;

		p = memchr(p, '\0', (size_t)(end - p));
		if (!p)
			break;
		length = p + 1 < end ? version_length(p + 1, end) : 0;
		if (length && p[1] == '1')
			return (struct mc_str){p + 1, length};
	}
	return MC_STR("");
}

/* The names that came and went, facts of probe/tables.  */
static const char *version_by_exports(const struct mc_elf *elf)
{
	if (exports(elf, "open64"))
		return "1.2.3";
	if (exports(elf, "renameat2"))
		return "1.2.6";
	return exports(elf, "statx") ? "1.2.5" : "1.2.4";
}

static enum mc_status read_all(int fd, const char *path, struct mc_arena *arena,
			       struct mc_image *image_out, struct mc_error *err)
{
	struct mc_image file = {.fd = fd};
	struct stat st;
	size_t got;
	char *bytes;

	if (mc_heed(fstat(fd, &st)))
		return mc_fail(err, MC_ERR_IO, path, "cannot read");
	if (!S_ISREG(st.st_mode) || st.st_size > LIBC_NBYTES_MAX)
		return mc_fail(err, MC_ERR_UNSUPPORTED, path, "not a libc: no regular file of its size");
	bytes = mc_arena_take(arena, (size_t)st.st_size + 1, 16);
	if (!bytes)
		return mc_fail(err, MC_ERR_NOMEM, path, "out of memory");
	MC_TRY(mc_image_read(&file, 0, bytes, (size_t)st.st_size, &got, err));
	*image_out = (struct mc_image){.bytes = {(const uint8_t *)bytes, got}, .fd = -1, .nbytes = got};
	return MC_OK;
}

enum mc_status mc_libc_file_read(const char *path, struct mc_arena *arena,
				 struct mc_libc_file *file_out, struct mc_error *err)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_image image;
	enum mc_status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*file_out = (struct mc_libc_file){0};
	if (fd < 0)
		return mc_fail(err, MC_ERR_IO, path, "cannot open");
	status = read_all(fd, path, arena, &image, err);
	close(fd);
	MC_TRY(status);
	status = mc_elf_read(&image, arena, &file_out->elf, &why);
	if (status < 0)
		return mc_fail(err, status, path, "%s", why.text);
	/* __dls3 is the third stage of musl's own start (ldso/dynlink.c).  */
	if (!exports(&file_out->elf, "__dls3") || !exports(&file_out->elf, "__libc_start_main"))
		return mc_fail(err, MC_ERR_UNSUPPORTED, path,
			       "not musl's loader (it does not export __dls3)");
	file_out->version = version_in((const char *)image.bytes.ptr, image.bytes.len);
	if (!file_out->version.len) {
		file_out->version = mc_str_of(version_by_exports(&file_out->elf));
		file_out->is_version_guessed = true;
	}
	return MC_OK;
}
