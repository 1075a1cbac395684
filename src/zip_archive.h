/* SPDX-License-Identifier: MIT */
/*
 * zip_archive.h - zip archives by the rules of Python's zipfile.  Private to the source room.
 * (Were it called zip.h, nobody could include libzip's.)
 *
 * pip installs what that module sees, and where readers can disagree (prepended
 * data, several end records, NUL in a name) a hostile archive would show us one
 * thing and pip another.
 *
 * Takes:  an open file.
 * Hands:  its entries, their first bytes, and their content one at a time.
 * Knows nothing of wheels.  Trouble with one entry stays in that entry, and
 * leaves the others readable.
 *
 * Threads: an archive belongs to one thread; different archives are independent.
 */
#ifndef MC_ZIP_ARCHIVE_H
#define MC_ZIP_ARCHIVE_H

#include "muslcheck/mem.h"

struct mc_zip; /* opaque */

struct mc_zip_entry {
	struct mc_str name;    /* as it is unpacked: any bytes, at least one */
	uint64_t nbytes;       /* uncompressed size as declared, not yet trusted */
	uint32_t order;        /* its place in the central directory */
	bool is_executable;    /* says its Unix mode */
	unsigned mark;         /* the filter's */
	enum mc_status status; /* < 0: it cannot be read, or its name must not be used */
	struct mc_str problem; /* then why, one clause */

	/* The rest is the reader's own.  */
	struct mc_zip_entry *next;
	struct mc_str raw_name; /* as found */
	uint64_t packed_nbytes; /* as declared */
	uint64_t header_off;    /* of the local header, in the file */
	uint64_t data_off;      /* 0 until its local header was checked */
	uint64_t end_off;       /* where the next entry begins */
	uint32_t crc;
	uint16_t method, flags;
	uint8_t version; /* of the format, that a reader must know: 20 for 2.0 */
	int64_t libzip_index; /* in the directory shown to libzip; -1: not there */
};

/*
 * Shall the archive keep this entry?  May set 'mark'; 'name' is borrowed until it
 * returns.  Asked once for each entry that is no folder, in the archive's order.
 */
typedef bool mc_zip_filter(struct mc_zip_entry *entry);

/*
 * Memory that archives read one after another may share: pages that were touched once cost
 * no fault again.  A zeroed one is empty.
 */
struct mc_zip_reader {
	uint8_t *buffer; /* of the entry read last */
	size_t buffer_nbytes;
	struct libdeflate_decompressor *inflater;
};

void mc_zip_reader_clear(struct mc_zip_reader *reader);

/*
 * Open the archive that 'fd' is, 'nbytes' long, and read its directory.  'fd' is
 * taken, also on failure; 'path' is for messages.  MC_ERR_FORMAT when it is no
 * archive, MC_ERR_UNSUPPORTED for one of several disks, MC_ERR_LIMIT for more than
 * 'entries_max' entries, MC_ERR_IO, MC_ERR_NOMEM.  On MC_OK the caller closes
 * '*zip_out'; 'arena', 'path' and 'reader' must outlive it.  'reader' may be NULL; one that
 * is shared holds the content of one entry of all its archives.
 */
enum mc_status mc_zip_open(int fd, uint64_t nbytes, const char *path, uint32_t entries_max,
			   mc_zip_filter *filter, struct mc_zip_reader *reader,
			   struct mc_arena *arena, struct mc_zip **zip_out,
			   struct mc_error *err) MC_MUST_CHECK;

/*
 * What the filter kept, sorted by name and then by order.  Of several that are
 * called the same only the last, which an unpacker leaves behind, is readable.
 */
struct mc_zip_entry *const *mc_zip_entries(const struct mc_zip *zip, size_t *count_out);

/* Of all entries, kept or not, as declared and not to be trusted; UINT64_MAX when more.  */
uint64_t mc_zip_total_nbytes(const struct mc_zip *zip);

/* Before there are threads that may read any: see late.h.  */
void mc_zip_prepare(void);

/* Note why an entry cannot be used; the first reason stays.  'problem' must outlive it.  */
void mc_zip_spoil(struct mc_zip_entry *entry, enum mc_status status, struct mc_str problem);

/*
 * The first bytes of the content, at most 'nbytes', without a look at the CRC.
 * Returns how many; the entry may be spoilt then, as in mc_zip_read().
 */
size_t mc_zip_peek(struct mc_zip *zip, struct mc_zip_entry *entry, uint8_t *first, size_t nbytes);

/* What mc_zip_read() takes of memory by what is declared: what is packed may be more than the content.  */
uint64_t mc_zip_memory_nbytes(const struct mc_zip_entry *entry);

/*
 * The whole content, its CRC-32 checked.  Borrowed until the next call on 'zip';
 * 'ptr' is never NULL.  Returns the entry's status, which becomes MC_ERR_LIMIT
 * past 'limit_nbytes', MC_ERR_FORMAT when the archive lies, MC_ERR_UNSUPPORTED
 * (encrypted, unknown method), MC_ERR_IO, MC_ERR_NOMEM.  No more memory is taken
 * than its compressed size can fill.
 */
enum mc_status mc_zip_read(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t limit_nbytes,
			   struct mc_bytes *content_out) MC_MUST_CHECK;

/*
 * The same into an unlinked temporary file ('*fd_out', the caller's) instead of memory, of which a
 * few kilobytes are used; for the few members that are larger than a process should be.
 */
enum mc_status mc_zip_read_file(struct mc_zip *zip, struct mc_zip_entry *entry, uint64_t limit_nbytes,
				int *fd_out) MC_MUST_CHECK;

/* A number that entries of the same content, packed alike, have in common; others seldom.  */
uint64_t mc_zip_print(const struct mc_zip_entry *entry);

/* All that mc_zip_read() goes by: where the packed bytes lie, what the directory says of them.  */
struct mc_zip_place {
	uint64_t data_off, nbytes, packed_nbytes;
	uint32_t crc;
	uint16_t method, flags;
};

/* False: the entry cannot be read.  */
bool mc_zip_place(struct mc_zip *zip, struct mc_zip_entry *entry, struct mc_zip_place *place_out);

/*
 * Would mc_zip_read() give what it gave for the entry at that place in the archive 'fd'?  False
 * also where either cannot be read.
 */
bool mc_zip_is_like(struct mc_zip *zip, struct mc_zip_entry *entry, int fd, const struct mc_zip_place *place);

/* NULL is allowed.  */
void mc_zip_close(struct mc_zip *zip);

#endif /* MC_ZIP_ARCHIVE_H */
