/* SPDX-License-Identifier: MIT */
#include "dist.h"

#include "marker.h"
#include "path.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* A value of several lines has line breaks at its ends, too.  */
static struct mc_str trim(struct mc_str text)
{
	while (text.len && (is_blank(text.ptr[0]) || text.ptr[0] == '\n'))
		text = mc_str_skip(text, 1);
	while (text.len && (is_blank(text.ptr[text.len - 1]) || text.ptr[text.len - 1] == '\n'))
		text.len--;
	return text;
}

bool mc_name_ends(struct mc_str text, struct mc_str suffix)
{
	return text.len >= suffix.len &&
	       mc_str_is_folded(mc_str_skip(text, text.len - suffix.len), suffix);
}

static bool is_alnum(char c)
{
	return is_digit(c) || (mc_ascii_lower(c) >= 'a' && mc_ascii_lower(c) <= 'z');
}

bool mc_is_name(struct mc_str raw)
{
	if (!raw.len || raw.len > 255 || !is_alnum(raw.ptr[0]) || !is_alnum(raw.ptr[raw.len - 1]))
		return false;
	for (size_t i = 0; i < raw.len; i++)
		if (!is_alnum(raw.ptr[i]) && !memchr("._-", raw.ptr[i], 3))
			return false;
	return true;
}

bool mc_text_line(struct mc_str *rest, struct mc_str *line_out)
{
	if (!rest->len)
		return false;
	*line_out = mc_str_cut(rest, '\n');
	if (line_out->len && line_out->ptr[line_out->len - 1] == '\r')
		line_out->len--;
	return true;
}

enum mc_status mc_dist_normalise(struct mc_arena *arena, struct mc_str raw, struct mc_str *name_out)
{
	return mc_name_normalise(arena, raw, name_out);
}

/* Cut a line off 'rest'; as str.splitlines() of the email package has it, CR ends one as LF does.  */
static struct mc_str cut_head_line(struct mc_str *rest)
{
	struct mc_str line = {rest->ptr, 0};

	while (line.len < rest->len && rest->ptr[line.len] != '\n' && rest->ptr[line.len] != '\r')
		line.len++;
	*rest = mc_str_skip(*rest, line.len);
	if (mc_str_starts(*rest, MC_STR("\r\n")))
		*rest = mc_str_skip(*rest, 2);
	else if (rest->len)
		*rest = mc_str_skip(*rest, 1);
	return line;
}

static bool goes_on(struct mc_str line)
{
	return line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
}

/* The bytes before its colon; SIZE_MAX when it is no field: nothing but visible ASCII stands there.  */
static size_t key_nbytes(struct mc_str line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == ':')
			return i;
		if (line.ptr[i] < '!' || line.ptr[i] > '~')
			break;
	}
	return SIZE_MAX;
}

bool mc_head_field(struct mc_str *rest, struct mc_str *key_out, struct mc_str *value_out)
{
	while (rest->len) {
		struct mc_str line = cut_head_line(rest), next = *rest;
		size_t key = key_nbytes(line);

		/* email passes over both: a line that goes on with nothing, and an mbox's "From ".  */
		if (goes_on(line) || mc_str_starts(line, MC_STR("From ")))
			continue;
		if (key == SIZE_MAX)
			break;
		for (struct mc_str more = cut_head_line(&next); goes_on(more); more = cut_head_line(&next)) {
			line.len = (size_t)(more.ptr + more.len - line.ptr);
			*rest = next;
		}
		*key_out = (struct mc_str){line.ptr, key};
		*value_out = trim(mc_str_skip(line, key + 1));
		return true;
	}
	rest->len = 0;
	return false;
}

/* On one line.  */
static enum mc_status copy_value(struct mc_arena *arena, struct mc_str value, struct mc_str *copy_out)
{
	char *copy = mc_arena_take(arena, value.len + 1, 1);

	if (!copy)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < value.len; i++)
		copy[i] = value.ptr[i] == '\n' || value.ptr[i] == '\r' ? ' ' : value.ptr[i];
	*copy_out = (struct mc_str){copy, value.len};
	return MC_OK;
}

/* Of several of a name pip takes the first.  */
enum mc_status mc_dist_metadata(struct mc_arena *arena, struct mc_str text, struct mc_str *name_out,
				struct mc_str *version_out, struct mc_str *requires_python_out)
{
	bool has_name = false, has_version = false, has_python = !requires_python_out;
	struct mc_str key, value;

	while (mc_head_field(&text, &key, &value)) {
		if (!has_name && mc_str_is_folded(key, MC_STR("Name"))) {
			if (mc_is_name(value))
				MC_TRY(mc_dist_normalise(arena, value, name_out));
			has_name = true;
		} else if (!has_version && mc_str_is_folded(key, MC_STR("Version"))) {
			if (value.len)
				MC_TRY(copy_value(arena, value, version_out));
			has_version = true;
		} else if (!has_python && mc_str_is_folded(key, MC_STR("Requires-Python"))) {
			if (value.len)
				MC_TRY(copy_value(arena, value, requires_python_out));
			has_python = true;
		}
	}
	return MC_OK;
}

/* Numbers with dots between them, the first of them 0 or 1.  */
static bool is_wheel_version(struct mc_str text)
{
	bool is_first = true;

	while (text.len || is_first) {
		struct mc_str number = mc_str_cut(&text, '.');

		while (number.len > 1 && number.ptr[0] == '0')
			number = mc_str_skip(number, 1);
		if (!number.len || (is_first && (number.len > 1 || number.ptr[0] > '1')))
			return false;
		for (size_t i = 0; i < number.len; i++)
			if (number.ptr[i] < '0' || number.ptr[i] > '9')
				return false;
		is_first = false;
	}
	return true;
}

bool mc_dist_is_wheel_text(struct mc_str text)
{
	struct mc_str key, value;

	if (!mc_str_is_utf8(text))
		return false;
	while (mc_head_field(&text, &key, &value))
		if (mc_str_is_folded(key, MC_STR("Wheel-Version")))
			return is_wheel_version(value);
	return false;
}

/* 'rest' is used up by the end of the head.  */
static bool next_requires(struct mc_str *rest, struct mc_str *value_out)
{
	struct mc_str key;

	while (mc_head_field(rest, &key, value_out))
		if (value_out->len && mc_str_is_folded(key, MC_STR("Requires-Dist")))
			return true;
	return false;
}

enum mc_status mc_dist_requires(struct mc_arena *arena, struct mc_str text,
				const struct mc_str **requires_out, size_t *count_out)
{
	struct mc_str rest = text, value, *requires;
	enum mc_status status = MC_OK;
	size_t count = 0;

	*requires_out = NULL;
	*count_out = 0;
	while (count < MC_REQUIRES_DIST_MAX && next_requires(&rest, &value))
		count++;
	if (!count)
		return MC_OK;
	if (next_requires(&rest, &value))
		status = MC_ERR_LIMIT;
	requires = MC_TAKE_ARRAY(arena, struct mc_str, count);
	if (!requires)
		return MC_ERR_NOMEM;
	for (rest = text; count && next_requires(&rest, &value); count--) {
		if (value.len > MC_REQUIREMENT_NBYTES_MAX)
			status = MC_ERR_LIMIT;
		else if (copy_value(arena, value, &requires[*count_out]))
			return MC_ERR_NOMEM;
		else
			++*count_out;
	}
	*requires_out = requires;
	return status;
}

enum mc_status mc_dist_folder_name(struct mc_arena *arena, struct mc_str stem,
				   struct mc_str *name_out, struct mc_str *version_out)
{
	struct mc_str rest = stem;
	struct mc_str name = mc_str_cut(&rest, '-');
	/* An egg's name goes on with "-py3.8" and a platform.  */
	struct mc_str version = mc_str_cut(&rest, '-');

	MC_TRY(mc_dist_normalise(arena, name, name_out));
	return mc_arena_copy(arena, version, version_out);
}

/* Parts of "a.b.c"; an empty part makes it 0.  */
static size_t count_parts(struct mc_str set)
{
	size_t count = 0;

	do {
		if (!mc_str_cut(&set, '.').len)
			return 0;
		count++;
	} while (set.len);
	return count;
}

static bool has_empty_last_part(struct mc_str set)
{
	return !set.len || set.ptr[set.len - 1] == '.';
}

/* Split "python-abi-platform" and say how many triples it stands for; 0 when malformed.  */
static size_t measure_tag(struct mc_str text, struct mc_str parts[static 3])
{
	const char *end = text.ptr + text.len;
	size_t counts[3];

	for (size_t i = 0; i < 3; i++) {
		parts[i] = mc_str_cut(&text, '-');
		if (has_empty_last_part(parts[i]))
			return 0;
		counts[i] = count_parts(parts[i]);
		/* Each is at most MC_TAGS_MAX + 1, so that the product below cannot wrap.  */
		if (counts[i] > MC_TAGS_MAX)
			counts[i] = MC_TAGS_MAX + 1;
	}
	if (parts[2].ptr + parts[2].len != end) /* a fourth part, even an empty one */
		return 0;
	if (counts[0] * counts[1] > MC_TAGS_MAX)
		return MC_TAGS_MAX + 1;
	return counts[0] * counts[1] * counts[2];
}

static struct mc_tag *fill_triples(struct mc_tag *tag, const struct mc_str parts[static 3])
{
	for (struct mc_str pythons = parts[0]; pythons.len;) {
		struct mc_str python = mc_str_cut(&pythons, '.');

		for (struct mc_str abis = parts[1]; abis.len;) {
			struct mc_str abi = mc_str_cut(&abis, '.');

			for (struct mc_str platforms = parts[2]; platforms.len;)
				*tag++ = (struct mc_tag){python, abi, mc_str_cut(&platforms, '.')};
		}
	}
	return tag;
}

enum mc_status mc_dist_expand_tag(struct mc_arena *arena, struct mc_str text,
				  struct mc_tags *tags_out)
{
	struct mc_str parts[3], copy;
	struct mc_tag *tags;
	size_t count = measure_tag(text, parts);

	if (!count)
		return MC_ERR_FORMAT;
	if (count > MC_TAGS_MAX)
		return MC_ERR_LIMIT;
	MC_TRY(mc_arena_copy(arena, text, &copy));
	measure_tag(copy, parts);
	tags = MC_TAKE_ARRAY(arena, struct mc_tag, count);
	if (!tags)
		return MC_ERR_NOMEM;
	fill_triples(tags, parts);
	*tags_out = (struct mc_tags){tags, count};
	return MC_OK;
}

static bool next_tag(struct mc_str *rest, struct mc_str *tag_out)
{
	struct mc_str key;

	while (mc_head_field(rest, &key, tag_out))
		if (mc_str_is_folded(key, MC_STR("Tag")))
			return true;
	return false;
}

enum mc_status mc_dist_wheel_tags(struct mc_arena *arena, struct mc_str text,
				  struct mc_tags *tags_out)
{
	struct mc_str rest = text, line, parts[3];
	struct mc_tag *tags, *end;
	size_t count = 0;

	while (next_tag(&rest, &line)) {
		count += measure_tag(line, parts);
		if (count > MC_TAGS_MAX)
			return MC_ERR_LIMIT;
	}
	tags = MC_TAKE_ARRAY(arena, struct mc_tag, count + 1);
	if (!tags)
		return MC_ERR_NOMEM;
	end = tags;
	for (rest = text; next_tag(&rest, &line);) {
		struct mc_str copy;

		if (!measure_tag(line, parts))
			continue;
		MC_TRY(mc_arena_copy(arena, line, &copy));
		measure_tag(copy, parts);
		end = fill_triples(end, parts);
	}
	*tags_out = (struct mc_tags){tags, count};
	return MC_OK;
}

enum mc_status mc_dist_wheel_name(struct mc_arena *arena, struct mc_str file_name,
				  struct mc_str *name_out, struct mc_str *version_out,
				  struct mc_str *build_out, struct mc_tags *tags_out)
{
	struct mc_str rest = file_name, name, version, build = {"", 0};
	size_t dashes = 0;

	/* pip's Wheel knows no other case of it, and no blanks.  */
	if (!mc_str_ends(file_name, MC_STR(".whl")))
		return MC_ERR_FORMAT;
	rest.len -= 4;
	for (size_t i = 0; i < rest.len; i++) {
		if (is_blank(rest.ptr[i]) || rest.ptr[i] == '\n')
			return MC_ERR_FORMAT;
		dashes += rest.ptr[i] == '-';
	}
	if (dashes != 4 && dashes != 5)
		return MC_ERR_FORMAT;
	name = mc_str_cut(&rest, '-');
	version = mc_str_cut(&rest, '-');
	if (dashes == 5) /* a build number, which begins with a digit (PEP 427) */
		build = mc_str_cut(&rest, '-');
	if (!name.len || !version.len || (dashes == 5 && (!build.len || !is_digit(build.ptr[0]))))
		return MC_ERR_FORMAT;
	MC_TRY(mc_dist_expand_tag(arena, rest, tags_out));
	MC_TRY(mc_dist_normalise(arena, name, name_out));
	MC_TRY(mc_arena_copy(arena, build, build_out));
	return mc_arena_copy(arena, version, version_out);
}

/* A decimal number of at most three digits at the front; 0 when there is none.  */
static unsigned leading_number(struct mc_str text, size_t *digits_out)
{
	unsigned number = 0;
	size_t i = 0;

	while (i < text.len && i < 3 && is_digit(text.ptr[i]))
		number = number * 10 + (unsigned)(text.ptr[i++] - '0');
	if (digits_out)
		*digits_out = i;
	return number;
}

unsigned mc_dist_tags_minor(struct mc_tags tags)
{
	unsigned highest = 0;

	for (size_t i = 0; i < tags.count; i++) {
		const struct mc_tag *tag = &tags.ptr[i];
		size_t digits;
		unsigned minor;

		if (!mc_str_starts(tag->python, MC_STR("cp3")) ||
		    mc_str_is(tag->abi, MC_STR("abi3")) || mc_str_is(tag->abi, MC_STR("none")))
			continue;
		minor = leading_number(mc_str_skip(tag->python, 3), &digits);
		if (digits && digits == tag->python.len - 3 && minor > highest)
			highest = minor;
	}
	return highest;
}

unsigned mc_dist_python_folder_minor(struct mc_str component)
{
	struct mc_str prefix = MC_STR("python3.");
	size_t digits;
	unsigned minor;

	if (!mc_str_starts(component, prefix))
		return 0;
	component = mc_str_skip(component, prefix.len);
	minor = leading_number(component, &digits);
	/* The free-threaded build's folder is python3.13t.  */
	if (digits < component.len && component.ptr[digits] == 't')
		digits++;
	return digits == component.len ? minor : 0;
}

unsigned mc_dist_path_minor(struct mc_str path)
{
	struct mc_str before = {"", 0};
	unsigned minor = 0;

	while (path.len) {
		struct mc_str part = mc_str_cut(&path, '/');
		unsigned found = mc_dist_python_folder_minor(part);

		if (found && mc_str_starts(before, MC_STR("lib")))
			minor = found;
		before = part;
	}
	return minor;
}

bool mc_dist_is_standard_library(struct mc_str path)
{
	const struct mc_str folder = MC_STR("/lib/python3.");
	struct mc_str rest;
	size_t at = 0;

	/* A path in an image begins with no slash.  */
	if (!mc_str_starts(path, mc_str_skip(folder, 1)) && !mc_str_find(path, folder, &at))
		return false;
	rest = mc_str_skip(path, at);
	return !mc_str_find(rest, MC_STR("/site-packages/"), NULL) && !mc_str_find(rest, MC_STR("/dist-packages/"), NULL);
}

unsigned mc_dist_venv_minor(struct mc_str text)
{
	struct mc_str line;

	while (mc_text_line(&text, &line)) {
		struct mc_str value = line;
		struct mc_str key = trim(mc_str_cut(&value, '='));

		value = trim(value);
		if ((mc_str_is_folded(key, MC_STR("version")) ||
		     mc_str_is_folded(key, MC_STR("version_info"))) &&
		    mc_str_starts(value, MC_STR("3.")))
			return leading_number(mc_str_skip(value, 2), NULL);
	}
	return 0;
}

/* Undo CSV quoting: 'rest' stands behind the opening quote and ends behind the closing one.  */
static enum mc_status unquote(struct mc_arena *arena, struct mc_str *rest, struct mc_str *path_out)
{
	size_t end = 0, len = 0;
	char *path;

	while (end < rest->len &&
	       (rest->ptr[end] != '"' || (rest->len - end > 1 && rest->ptr[end + 1] == '"')))
		end += rest->ptr[end] == '"' ? 2 : 1;
	path = mc_arena_take(arena, end + 1, 1);
	if (!path)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < end; i++) {
		path[len++] = rest->ptr[i];
		i += rest->ptr[i] == '"';
	}
	*rest = mc_str_skip(*rest, end < rest->len ? end + 1 : end);
	*path_out = (struct mc_str){path, len};
	return MC_OK;
}

/* What stands behind the last comma of a line of RECORD; 0 when that is no number.  */
static uint64_t record_size(struct mc_str line)
{
	uint64_t size = 0;
	size_t at = line.len;

	while (at && is_digit(line.ptr[at - 1]))
		at--;
	if (!at || line.ptr[at - 1] != ',' || line.len - at > 15)
		return 0;
	for (; at < line.len; at++)
		size = size * 10 + (uint64_t)(line.ptr[at] - '0');
	return size;
}

enum mc_status mc_record_path(struct mc_arena *arena, struct mc_str *rest, struct mc_str *path_out,
			      uint64_t *nbytes_out)
{
	while (rest->len) {
		struct mc_str path, line = MC_STR(""); /* nothing follows a quote that is never closed */

		if (rest->ptr[0] == '"') {
			*rest = mc_str_skip(*rest, 1);
			MC_TRY(unquote(arena, rest, &path));
			mc_text_line(rest, &line);
			*nbytes_out = record_size(line);
		} else {
			mc_text_line(rest, &line);
			*nbytes_out = record_size(line);
			path = mc_str_cut(&line, ',');
		}
		if (path.len) {
			*path_out = path;
			return MC_OK;
		}
	}
	return MC_END;
}

/* ---- URLs and digests ---- */

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = mc_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum mc_status unquote_url(struct mc_arena *arena, struct mc_str url,
				  struct mc_str *text_out)
{
	char *text = mc_arena_take(arena, url.len + 1, 1);
	size_t len = 0;

	if (!text)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < url.len; i++) {
		char c = url.ptr[i];

		if (c == '%' && url.len - i > 2 && hex_value(url.ptr[i + 1]) >= 0 &&
		    hex_value(url.ptr[i + 2]) >= 0) {
			c = (char)(hex_value(url.ptr[i + 1]) * 16 + hex_value(url.ptr[i + 2]));
			i += 2;
		}
		text[len++] = c;
	}
	*text_out = (struct mc_str){text, len};
	return MC_OK;
}

enum mc_status mc_url_file(struct mc_arena *arena, struct mc_str url, struct mc_str *path_out)
{
	url = mc_str_skip(url, 7);
	if (mc_str_starts(url, MC_STR("localhost/")))
		url = mc_str_skip(url, 9);
	return unquote_url(arena, url, path_out);
}

enum mc_status mc_url_base(struct mc_arena *arena, struct mc_str url, struct mc_str *name_out)
{
	url = mc_str_cut(&url, '#');
	url = mc_str_cut(&url, '?');
	return unquote_url(arena, mc_path_base(url), name_out);
}

enum mc_status mc_sha256_text(struct mc_arena *arena, struct mc_str text, struct mc_str *sha256_out)
{
	char *digits;

	*sha256_out = (struct mc_str){"", 0};
	if (mc_str_starts(text, MC_STR("sha256:")) || mc_str_starts(text, MC_STR("sha256=")))
		text = mc_str_skip(text, 7);
	if (text.len != 64)
		return MC_OK;
	for (size_t i = 0; i < text.len; i++)
		if (hex_value(text.ptr[i]) < 0)
			return MC_OK;
	digits = mc_arena_take(arena, text.len + 1, 1);
	if (!digits)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < text.len; i++)
		digits[i] = mc_ascii_lower(text.ptr[i]);
	*sha256_out = (struct mc_str){digits, text.len};
	return MC_OK;
}

/* ---- direct_url.json ---- */

/*
 * Cut one JSON string off 'rest', which stands behind its opening quote.
 * Escapes stay as they are: none is needed for what we look for.
 */
static struct mc_str cut_json_string(struct mc_str *rest)
{
	struct mc_str text = *rest;
	size_t end = 0;

	while (end < text.len && text.ptr[end] != '"')
		end += text.ptr[end] == '\\' && text.len - end > 1 ? 2 : 1;
	text.len = end < text.len ? end : text.len;
	*rest = mc_str_skip(*rest, end < rest->len ? end + 1 : rest->len);
	return text;
}

static struct mc_str skip_json_space(struct mc_str text)
{
	while (text.len && (is_blank(text.ptr[0]) || text.ptr[0] == '\n'))
		text = mc_str_skip(text, 1);
	return text;
}

/* "file:///home/a%20b" or "file://localhost/home" to "/home/a b"; empty for other URLs.  */
static enum mc_status copy_file_url(struct mc_arena *arena, struct mc_str url,
				    struct mc_str *dir_out)
{
	struct mc_str dir, none = {"", 0};

	*dir_out = none;
	if (!mc_str_starts(url, MC_STR("file://")))
		return MC_OK;
	MC_TRY(mc_url_file(arena, url, &dir));
	/* A NUL would cut the path short.  */
	if (dir.len && dir.ptr[0] == '/' && !memchr(dir.ptr, '\0', dir.len))
		*dir_out = dir;
	return MC_OK;
}

enum mc_status mc_dist_direct_url(struct mc_arena *arena, struct mc_str text, bool *is_editable_out,
				  struct mc_str *dir_out)
{
	struct mc_str url = {"", 0};
	bool is_editable = false;

	while (text.len) {
		struct mc_str key, value;

		if (text.ptr[0] != '"') {
			text = mc_str_skip(text, 1);
			continue;
		}
		text = mc_str_skip(text, 1);
		key = cut_json_string(&text);
		value = skip_json_space(text);
		if (!value.len || value.ptr[0] != ':')
			continue;
		text = value = skip_json_space(mc_str_skip(value, 1));
		if (mc_str_is(key, MC_STR("editable")))
			is_editable = mc_str_starts(value, MC_STR("true"));
		if (value.len && value.ptr[0] == '"') {
			text = mc_str_skip(text, 1);
			value = cut_json_string(&text);
			if (mc_str_is(key, MC_STR("url")) && !url.len)
				url = value;
		}
	}
	*is_editable_out = is_editable;
	*dir_out = (struct mc_str){"", 0};
	return is_editable ? copy_file_url(arena, url, dir_out) : MC_OK;
}

/* libfoo.so, libfoo.so.1.2 */
static bool is_native_name(struct mc_str name)
{
	size_t end = name.len;

	while (end && (is_digit(name.ptr[end - 1]) || name.ptr[end - 1] == '.'))
		end--;
	/* Versions start with a dot: "x.so7" is no such name.  */
	if (end < name.len && name.ptr[end] != '.')
		return false;
	name.len = end;
	return mc_name_ends(name, MC_STR(".so"));
}

enum { EXTENSION_ROOM = 8 };

static int order_extensions(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* What stands behind the last dot, in lower case; empty when there is none, or it is longer.  */
static void fold_extension(struct mc_str path, char folded[static EXTENSION_ROOM])
{
	struct mc_str name = mc_path_base(path);
	size_t dot = name.len;

	memset(folded, 0, EXTENSION_ROOM);
	while (dot && name.ptr[dot - 1] != '.')
		dot--;
	/* Without a dot, or with nothing before it, there is no extension.  */
	if (dot < 2 || name.len - dot >= EXTENSION_ROOM)
		return;
	for (size_t i = dot; i < name.len; i++)
		folded[i - dot] = mc_ascii_lower(name.ptr[i]);
}

static bool is_listed(const char *extension, const char (*list)[EXTENSION_ROOM], size_t count)
{
	return bsearch(extension, list, count, sizeof(*list), order_extensions);
}

enum mc_name_hint mc_name_hint(struct mc_str path)
{
	/*
	 * Python's own text and its cache are most of the files, and are not looked into; nor are .pth
	 * files, which have a meaning of their own.  All others may be anything: a look at four bytes
	 * costs less than a wrong line here.  Sorted.
	 */
	static const char ruled_out[][EXTENSION_ROOM] = {"pth", "pyc", "pyi"};
	static const char scripts[][EXTENSION_ROOM] = {"pl", "py", "sh"};
	char extension[EXTENSION_ROOM];

	if (is_native_name(mc_path_base(path)))
		return MC_NAME_NATIVE;
	fold_extension(path, extension);
	if (is_listed(extension, scripts, sizeof(scripts) / sizeof(*scripts)))
		return MC_NAME_SCRIPT;
	return is_listed(extension, ruled_out, sizeof(ruled_out) / sizeof(*ruled_out)) ? MC_NAME_RULED_OUT
										       : MC_NAME_OPEN;
}

bool mc_name_promises_data(struct mc_str path)
{
	/* Only what no build puts native code into.  Sorted.  */
	static const char data[][EXTENSION_ROOM] = {
		"1", "2", "3", "5", "7", "8", "adoc", "al", "avsc", "bib", "bz2", "c", "cc", "cfg",
		"cmake", "cnf", "conf", "cpp", "crt", "css", "csv", "cu", "cuh", "cxx", "dic", "dtd",
		"eot", "f", "f90", "g4", "gif", "graphql", "gz", "h", "hh", "hpp", "htm", "html", "http",
		"hxx", "ico", "ics", "in", "ini", "inl", "ipynb", "j2", "jinja2", "jpeg", "jpg", "js",
		"json", "lark", "less", "license", "lock", "log", "mako", "map", "mat", "md", "mjs",
		"mo", "mp3", "mp4", "msg", "npy", "npz", "otf", "parquet", "pc", "pdf", "pem", "pickle",
		"pkl", "png", "po", "pot", "proto", "pth", "pxd", "pxi", "py-tpl", "pyc", "pyi", "pyo",
		"pyx", "rs", "rst", "scss", "sql", "svg", "tab", "tcl", "tex", "tif", "tiff", "tmpl",
		"toml", "tpl", "ts", "tsv", "ttf", "txt", "typed", "wav", "webp", "whl", "woff", "woff2",
		"xml", "xsd", "xsl", "xz", "yaml", "yml", "zi", "zip",
	};
	static const char *const names[] = {"AUTHORS", "CHANGELOG", "CONTRIBUTORS", "COPYING", "LICENCE",
					    "LICENSE", "Makefile",  "NOTICE",	    "README"};
	struct mc_str name = mc_path_base(path);
	char extension[EXTENSION_ROOM];

	if (is_native_name(name))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mc_str_is(name, mc_str_of(names[i])))
			return true;
	fold_extension(path, extension);
	return is_listed(extension, data, sizeof(data) / sizeof(*data));
}

bool mc_is_dist_text(struct mc_str path)
{
	struct mc_str base = mc_path_base(path);

	return mc_name_ends(mc_path_parent(path), MC_STR(".dist-info")) &&
	       (mc_str_is(base, MC_STR("METADATA")) || mc_str_is(base, MC_STR("RECORD")) ||
		mc_str_is(base, MC_STR("WHEEL")));
}
