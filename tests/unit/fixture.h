/* SPDX-License-Identifier: MIT */
/*
 * fixture.h - folders and archives for the tests of the source room.
 *
 * The archives are written byte by byte, so that each field can lie.
 * Include after cmocka.h, with _XOPEN_SOURCE 700.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ELF_TEXT "\177ELF\2\1\1 and so on, and on, and on, and on, and on"

struct fixture {
	char dir[256];
	char path[4096]; /* of the file made last */
};

static inline void fixture_open(struct fixture *f)
{
	const char *tmp = getenv("TMPDIR");
	char *real;

	snprintf(f->dir, sizeof(f->dir), "%.200s/muslcheck-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	/* Members are found by their real path.  */
	real = realpath(f->dir, NULL);
	assert_non_null(real);
	assert_true(strlen(real) < sizeof(f->dir));
	strcpy(f->dir, real);
	free(real);
	assert_int_equal(chmod(f->dir, 0755), 0);
}

static inline void remove_below(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    unlinkat(dirfd(dir), entry->d_name, 0))
			remove_below(dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static inline void fixture_close(struct fixture *f)
{
	remove_below(AT_FDCWD, f->dir);
}

/* "DIR/rel" with its parent folders made.  */
static inline const char *fixture_path(struct fixture *f, const char *rel)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, rel);
	for (char *at = f->path + strlen(f->dir) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(f->path, 0755);
		*at = '/';
	}
	return f->path;
}

static inline void put_bytes(struct fixture *f, const char *rel, const void *bytes, size_t nbytes)
{
	FILE *file = fopen(fixture_path(f, rel), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, nbytes, file), nbytes);
	assert_int_equal(fclose(file), 0);
}

static inline void put_text(struct fixture *f, const char *rel, const char *text)
{
	put_bytes(f, rel, text, strlen(text));
}

static inline void put_link(struct fixture *f, const char *rel, const char *target)
{
	assert_int_equal(symlink(target, fixture_path(f, rel)), 0);
}

/* --- archives --- */

enum zip_lie {
	ZIP_HONEST = 0,
	ZIP_LIE_CRC = 1,
	ZIP_LIE_LOCAL_NAME = 2,
	ZIP_NO_LOCAL = 4,
	ZIP_64 = 8,         /* sizes and offset in the zip64 extra field; no lie */
	ZIP_64_CUT = 16,    /* the same with an empty extra field */
	ZIP_OVERLAP = 32,   /* the local header is that of the member before */
	ZIP_EXECUTABLE = 64 /* the mode bits say so; no lie */
};

struct zip_member {
	const char *name;
	size_t name_nbytes; /* 0: strlen() */
	const char *text;
	size_t text_nbytes; /* 0: strlen() */
	int method;         /* 0 or 8; another is written stored */
	int flags;
	int lies;
	uint64_t declared_nbytes; /* 0: the truth */
	const char *unpacked;     /* what 'text' decompresses to; NULL: 'text' itself */
};

struct zip_bytes {
	uint8_t *ptr;
	size_t nbytes;
	size_t room;
};

static inline void zip_put(struct zip_bytes *zip, const void *bytes, size_t nbytes)
{
	if (zip->nbytes + nbytes > zip->room) {
		zip->room = (zip->nbytes + nbytes) * 2;
		zip->ptr = realloc(zip->ptr, zip->room);
		assert_non_null(zip->ptr);
	}
	if (nbytes)
		memcpy(zip->ptr + zip->nbytes, bytes, nbytes);
	zip->nbytes += nbytes;
}

static inline void zip_int(struct zip_bytes *zip, uint64_t value, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		zip_put(zip, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static inline struct zip_bytes zip_pack(const struct zip_member *member, const char *text,
					size_t nbytes)
{
	struct zip_bytes packed = {NULL, 0, 0};

	if (member->method == 8) {
		struct libdeflate_compressor *packer = libdeflate_alloc_compressor(6);

		packed.room = libdeflate_deflate_compress_bound(packer, nbytes) + 1;
		packed.ptr = malloc(packed.room);
		assert_non_null(packed.ptr);
		packed.nbytes =
			libdeflate_deflate_compress(packer, text, nbytes, packed.ptr, packed.room);
		libdeflate_free_compressor(packer);
	} else {
		zip_put(&packed, text, nbytes);
	}
	return packed;
}

/* Members up to one without a name.  The caller frees 'ptr'.  */
static inline struct zip_bytes zip_build(const struct zip_member *members, bool with_end64)
{
	struct zip_bytes zip = {NULL, 0, 0}, central = {NULL, 0, 0};
	uint64_t count = 0, header_off = 0, directory_off, end64_off;

	for (const struct zip_member *m = members; m->name; m++, count++) {
		size_t name_nbytes = m->name_nbytes ? m->name_nbytes : strlen(m->name);
		const char *text = m->text ? m->text : "";
		size_t nbytes = m->text_nbytes ? m->text_nbytes : strlen(text);
		struct zip_bytes packed = zip_pack(m, text, nbytes);
		const char *whole = m->unpacked ? m->unpacked : text;
		size_t whole_nbytes = m->unpacked ? strlen(m->unpacked) : nbytes;
		uint64_t declared = m->declared_nbytes ? m->declared_nbytes : whole_nbytes;
		uint32_t crc = libdeflate_crc32(0, whole, whole_nbytes);
		bool is_64 = m->lies & (ZIP_64 | ZIP_64_CUT);

		if (m->lies & ZIP_LIE_CRC)
			crc ^= 1;
		if (!(m->lies & ZIP_OVERLAP))
			header_off = zip.nbytes;
		if (!(m->lies & (ZIP_NO_LOCAL | ZIP_OVERLAP))) {
			zip_int(&zip, 0x04034b50, 4);
			zip_int(&zip, 20, 2);
			zip_int(&zip, (uint64_t)m->flags, 2);
			zip_int(&zip, (uint64_t)m->method, 2);
			zip_int(&zip, 0x210000, 4);
			zip_int(&zip, crc, 4);
			zip_int(&zip, packed.nbytes, 4);
			zip_int(&zip, declared, 4);
			zip_int(&zip, name_nbytes, 2);
			zip_int(&zip, 0, 2);
			zip_put(&zip, m->name, name_nbytes);
			if (m->lies & ZIP_LIE_LOCAL_NAME)
				zip.ptr[zip.nbytes - 1] ^= 1;
		}
		if (!(m->lies & ZIP_OVERLAP))
			zip_put(&zip, packed.ptr, packed.nbytes);

		zip_int(&central, 0x02014b50, 4);
		zip_int(&central, 3 << 8 | 20, 2);
		zip_int(&central, 20, 2);
		zip_int(&central, (uint64_t)m->flags, 2);
		zip_int(&central, (uint64_t)m->method, 2);
		zip_int(&central, 0x210000, 4);
		zip_int(&central, crc, 4);
		zip_int(&central, is_64 ? UINT32_MAX : packed.nbytes, 4);
		zip_int(&central, is_64 ? UINT32_MAX : declared, 4);
		zip_int(&central, name_nbytes, 2);
		zip_int(&central, m->lies & ZIP_64 ? 28 : 0, 2);
		zip_int(&central, 0, 2 + 2 + 2);
		zip_int(&central, m->lies & ZIP_EXECUTABLE ? 0100755u << 16 : 0100644u << 16, 4);
		zip_int(&central, is_64 ? UINT32_MAX : header_off, 4);
		zip_put(&central, m->name, name_nbytes);
		if (m->lies & ZIP_64) {
			zip_int(&central, 1, 2);
			zip_int(&central, 24, 2);
			zip_int(&central, declared, 8);
			zip_int(&central, packed.nbytes, 8);
			zip_int(&central, header_off, 8);
		}
		free(packed.ptr);
	}
	directory_off = zip.nbytes;
	zip_put(&zip, central.ptr, central.nbytes);
	end64_off = zip.nbytes;
	if (with_end64) {
		zip_int(&zip, 0x06064b50, 4);
		zip_int(&zip, 44, 8);
		zip_int(&zip, 45, 2);
		zip_int(&zip, 45, 2);
		zip_int(&zip, 0, 8);
		zip_int(&zip, count, 8);
		zip_int(&zip, count, 8);
		zip_int(&zip, central.nbytes, 8);
		zip_int(&zip, directory_off, 8);
		zip_int(&zip, 0x07064b50, 4);
		zip_int(&zip, 0, 4);
		zip_int(&zip, end64_off, 8);
		zip_int(&zip, 1, 4);
	}
	zip_int(&zip, 0x06054b50, 4);
	zip_int(&zip, 0, 4);
	zip_int(&zip, with_end64 ? UINT16_MAX : count, 2);
	zip_int(&zip, with_end64 ? UINT16_MAX : count, 2);
	zip_int(&zip, with_end64 ? UINT32_MAX : central.nbytes, 4);
	zip_int(&zip, with_end64 ? UINT32_MAX : directory_off, 4);
	zip_int(&zip, 0, 2);
	free(central.ptr);
	return zip;
}

static inline void put_zip(struct fixture *f, const char *rel, const struct zip_member *members)
{
	struct zip_bytes zip = zip_build(members, false);

	put_bytes(f, rel, zip.ptr, zip.nbytes);
	free(zip.ptr);
}

#endif
