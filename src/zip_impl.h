/* SPDX-License-Identifier: MIT */
/*
 * zip_impl.h - what the files of the zip reader share.  Private to zip.c and zip_*.c.
 *
 *	zip.c            open, peek, read: stored and deflated entries, all that real wheels hold
 *	zip_directory.c  end records and the central directory
 *	zip_deflate.c    the beginning of a deflated entry
 *	zip_libzip.c     rarer methods
 *	zip_lzma.c       LZMA, which libzip leaves out
 *
 * Threads: as zip_archive.h says.
 */
#ifndef MC_ZIP_IMPL_H
#define MC_ZIP_IMPL_H

#include "zip_archive.h"

/* APPNOTE.TXT 6.3.10, 4.3 */
#define MC_ZIP_LOCAL_SIG 0x04034b50u
#define MC_ZIP_LOCAL_NBYTES 30
#define MC_ZIP_CENTRAL_SIG 0x02014b50u
#define MC_ZIP_CENTRAL_NBYTES 46
#define MC_ZIP_END_SIG 0x06054b50u
#define MC_ZIP_END_NBYTES 22
#define MC_ZIP_END64_SIG 0x06064b50u
#define MC_ZIP_END64_NBYTES 56
#define MC_ZIP_LOCATOR_SIG 0x07064b50u
#define MC_ZIP_LOCATOR_NBYTES 20
#define MC_ZIP_EXTRA64_ID 1
#define MC_ZIP_UNICODE_PATH_ID 0x7075

/* The same, 4.4.5 */
#define MC_ZIP_STORED 0
#define MC_ZIP_DEFLATED 8
#define MC_ZIP_BZIP2 12
#define MC_ZIP_LZMA 14
#define MC_ZIP_ZSTD 93

/* What was read last of the file: an entry's local header, its name and its beginning.  */
struct mc_zip_window {
	uint64_t off;
	size_t nbytes;
	uint8_t bytes[1024];
};

struct mc_zip {
	int fd;
	const char *path;
	struct mc_arena *arena;
	uint64_t file_nbytes;
	uint64_t lead_nbytes; /* prepended data */
	uint64_t directory_off, directory_nbytes;
	struct mc_zip_entry **entries; /* sorted by name */
	size_t entries_count;
	uint64_t total_nbytes; /* of all entries, as declared */
	struct mc_zip_reader *reader, own_reader; /* the caller's, or its own */
	struct mc_zip_window window;
	struct mc_zip_libzip *libzip; /* NULL until needed, as the one below */
	struct mc_zip_lzma *lzma;
	struct mc_zip_deflate *deflate;
};

static inline uint16_t mc_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t mc_get32(const uint8_t *at)
{
	return (uint32_t)mc_get16(at) | (uint32_t)mc_get16(at + 2) << 16;
}

static inline uint64_t mc_get64(const uint8_t *at)
{
	return (uint64_t)mc_get32(at) | (uint64_t)mc_get32(at + 4) << 32;
}

/* The name is UTF-8, and not of code page 437.  */
#define MC_ZIP_FLAG_UTF8 0x0800

/* Then the flag says nothing.  */
static inline bool mc_zip_is_ascii(struct mc_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] & 0x80)
			return false;
	return true;
}

/* As mc_read_at(), from the window where it has all of them.  */
int64_t mc_zip_read_at(const struct mc_zip *zip, uint64_t off, void *into, size_t nbytes);

/* Make room for 'nbytes' in the buffer, keeping what is there.  */
enum mc_status mc_zip_reserve(struct mc_zip *zip, uint64_t nbytes) MC_MUST_CHECK;

/* Find and read the central directory; fills the fields up to 'entries_count'.  */
enum mc_status mc_zip_read_directory(struct mc_zip *zip, uint32_t entries_max,
				     mc_zip_filter *filter, struct mc_error *err) MC_MUST_CHECK;

/*
 * A decompressor that hands out what it has so far.  An archive has one entry
 * in the works at a time: start, read, read ..., end.  What fails spoils the entry.
 */
struct mc_zip_codec {
	/* For the first 'nbytes' of the content; false: failed, and nothing is to be ended.  */
	bool (*start)(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t nbytes);
	/* As fread(): less than 'nbytes' only at the end; -1: failed.  */
	int64_t (*read)(struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *into,
			size_t nbytes);
	void (*end)(struct mc_zip *zip);
};

extern const struct mc_zip_codec mc_zip_codec_deflate, mc_zip_codec_libzip, mc_zip_codec_lzma;

/* Let them go; they may never have come.  */
void mc_zip_libzip_close(struct mc_zip *zip);
void mc_zip_deflate_close(struct mc_zip *zip);

/* The two ways in which a codec fails for other reasons than memory.  */
void mc_zip_spoil_packed(struct mc_zip *zip, struct mc_zip_entry *entry, const char *why);
void mc_zip_spoil_method(struct mc_zip *zip, struct mc_zip_entry *entry);

#endif /* MC_ZIP_IMPL_H */
