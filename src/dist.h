/* SPDX-License-Identifier: MIT */
/*
 * dist.h - the small text formats that describe a dist.  Private to the source room.
 *
 * Takes:  text of METADATA, WHEEL, RECORD, direct_url.json, pyvenv.cfg, wheel file names.
 * Hands:  names, versions, tags, paths, in the caller's arena where a copy is said.
 * Does no I/O, and trusts nothing: any bytes may come in.
 *
 * Threads: reentrant.
 */
#ifndef MC_DIST_H
#define MC_DIST_H

#include "muslcheck/source.h"

/* More triples than any tag set means: what "a.a.a...-b.b.b...-c.c.c..." may expand to.  */
#define MC_TAGS_MAX 4096

/* The case of ASCII letters is ignored, whatever the locale.  */
bool mc_name_ends(struct mc_str name, struct mc_str suffix);

/* Cut the next line, without its LF or CRLF, off 'rest'; false at the end.  */
bool mc_text_line(struct mc_str *rest, struct mc_str *line_out);

/* The name of a project or an extra: PEP 508, of at most 255 bytes.  */
bool mc_is_name(struct mc_str raw);

/* PEP 503: lower case, runs of "-", "_" and "." become one "-".  A copy.  */
enum mc_status mc_dist_normalise(struct mc_arena *arena, struct mc_str raw,
				 struct mc_str *name_out) MC_MUST_CHECK;

/*
 * Read name, version and Requires-Python (NULL: not wanted) from the head of METADATA
 * or PKG-INFO.  What the text lacks, or a name that is none (PEP 508), stays as it was in the out-parameters; what it has is a
 * copy.
 */
enum mc_status mc_dist_metadata(struct mc_arena *arena, struct mc_str text, struct mc_str *name_out,
				struct mc_str *version_out,
				struct mc_str *requires_python_out) MC_MUST_CHECK;

/* True when pip takes this for a WHEEL file: it has a Wheel-Version, 0.* or 1.*.  */
bool mc_dist_is_wheel_text(struct mc_str text);

/*
 * The Requires-Dist lines of the head of METADATA (core metadata specifications), copies.
 * MC_ERR_LIMIT when there were more than MC_REQUIRES_DIST_MAX or one was longer than
 * MC_REQUIREMENT_NBYTES_MAX: those are left out, the others handed.  MC_ERR_NOMEM.
 */
enum mc_status mc_dist_requires(struct mc_arena *arena, struct mc_str text,
				const struct mc_str **requires_out,
				size_t *count_out) MC_MUST_CHECK;

/* For a person.  */
#define MC_REQUIRES_TOO_MANY "its METADATA has too many or too long Requires-Dist"

/* The parts of "NAME-VERSION.dist-info" and the like; copies, the name normalised.  */
enum mc_status mc_dist_folder_name(struct mc_arena *arena, struct mc_str stem,
				   struct mc_str *name_out,
				   struct mc_str *version_out) MC_MUST_CHECK;

/* Tags, as triples.  */
struct mc_tags {
	const struct mc_tag *ptr;
	size_t count;
};

/*
 * Expand "cp38.cp39-abi3-manylinux1_x86_64.manylinux_2_5_x86_64" (PEP 425); copies.
 * MC_ERR_FORMAT when it has not three parts or an empty one, MC_ERR_LIMIT past MC_TAGS_MAX.
 */
enum mc_status mc_dist_expand_tag(struct mc_arena *arena, struct mc_str text,
				  struct mc_tags *tags_out) MC_MUST_CHECK;

/* All "Tag:" lines of a WHEEL file; malformed ones are passed over.  */
enum mc_status mc_dist_wheel_tags(struct mc_arena *arena, struct mc_str text,
				  struct mc_tags *tags_out) MC_MUST_CHECK;

/*
 * The parts of "NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl" (PEP 427).
 * MC_ERR_FORMAT when it is no such name.  Copies; the name normalised.
 */
enum mc_status mc_dist_wheel_name(struct mc_arena *arena, struct mc_str file_name,
				  struct mc_str *name_out, struct mc_str *version_out,
				  struct mc_str *build_out,
				  struct mc_tags *tags_out) MC_MUST_CHECK;

/* 12 when a tag is cp312 with an ABI of that version alone; the highest of several; else 0.  */
unsigned mc_dist_tags_minor(struct mc_tags tags);

/* 12 for "python3.12"; 0 for anything else.  */
unsigned mc_dist_python_folder_minor(struct mc_str component);

/* The last "lib/python3.X" among the components of 'path'; 0 when there is none.  */
unsigned mc_dist_path_minor(struct mc_str path);

/*
 * Cut the next field off the head of METADATA, WHEEL or PKG-INFO, as Python's email.parser, which
 * pip reads them by, finds it: a line that begins with a blank goes on with the one before, and the
 * head ends at the first that is no field.  Slices of the text, the value trimmed; it may hold line
 * breaks.  False, and 'rest' is empty: there is none.
 */
bool mc_head_field(struct mc_str *rest, struct mc_str *key_out, struct mc_str *value_out);

/* Below lib/python3.X, and in no site-packages: the image brings its own.  */
bool mc_dist_is_standard_library(struct mc_str path);

/* From the "version" or "version_info" line of pyvenv.cfg; 0 when it has none.  */
unsigned mc_dist_venv_minor(struct mc_str text);

/*
 * Cut the next line of a RECORD (CSV, PEP 376 and 427) off 'rest'; MC_END at the
 * end.  The path is a slice of the text, or in 'arena' where it was quoted; the size
 * is 0 where the line has none (.pyc).
 */
enum mc_status mc_record_path(struct mc_arena *arena, struct mc_str *rest, struct mc_str *path_out,
			      uint64_t *nbytes_out) MC_MUST_CHECK;

/*
 * Is this direct_url.json of an editable install (PEP 610)?  'dir_out' then
 * holds the folder of a file:// URL, percent decoded, a copy; else it is empty.
 */
enum mc_status mc_dist_direct_url(struct mc_arena *arena, struct mc_str text, bool *is_editable_out,
				  struct mc_str *dir_out) MC_MUST_CHECK;

/* The path of a "file://" URL (RFC 8089), percent decoded; MC_ERR_NOMEM.  A NUL may be in it.  */
enum mc_status mc_url_file(struct mc_arena *arena, struct mc_str url,
			   struct mc_str *path_out) MC_MUST_CHECK;

/* The last part of a URL's path, percent decoded, without query and fragment; MC_ERR_NOMEM.  */
enum mc_status mc_url_base(struct mc_arena *arena, struct mc_str url,
			   struct mc_str *name_out) MC_MUST_CHECK;

/*
 * "sha256:DIGITS", "sha256=DIGITS" or the digits alone: 64 of them in lower case, a copy;
 * empty when it is none.  MC_ERR_NOMEM.
 */
enum mc_status mc_sha256_text(struct mc_arena *arena, struct mc_str text,
			      struct mc_str *sha256_out) MC_MUST_CHECK;

/* What the name of a file alone says of its content.  */
enum mc_name_hint {
	MC_NAME_OPEN,     /* nothing: look at its magic */
	MC_NAME_NATIVE,   /* ends in .so or .so.N */
	MC_NAME_SCRIPT,   /* .py, .sh, .pl: worth a look where scripts live */
	MC_NAME_RULED_OUT /* not looked into, whatever it is */
};

/* 'path' may have folders before the name.  */
enum mc_name_hint mc_name_hint(struct mc_str path);

/*
 * The name is one of text or data, by its ending.  That it tells the truth is an assumption,
 * for where the file itself is not at hand.
 */
bool mc_name_promises_data(struct mc_str path);

/* METADATA, RECORD or WHEEL directly in a .dist-info folder, which are read as texts.  */
bool mc_is_dist_text(struct mc_str path);

#endif /* MC_DIST_H */
