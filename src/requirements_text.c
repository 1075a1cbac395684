/* SPDX-License-Identifier: MIT */
/* From bytes to lines: pip 26.3, _internal/req/req_file.py, _decode_req_file() and preprocess().  */
#include "requirements_impl.h"

#include "dist.h"

#include <string.h>

/* ---- Unicode ---- */

/* A code point of at most three bytes; others are no blanks and end no lines.  0: none.  */
static uint32_t code_at(struct mc_str text, size_t *nbytes_out)
{
	const unsigned char *p = (const unsigned char *)text.ptr;

	*nbytes_out = 1;
	if (!text.len)
		return 0;
	if (p[0] < 0x80)
		return p[0];
	if (text.len > 1 && (p[0] & 0xe0) == 0xc0) {
		*nbytes_out = 2;
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	}
	if (text.len > 2 && (p[0] & 0xf0) == 0xe0) {
		*nbytes_out = 3;
		return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	}
	return 0;
}

/* Python's str.isspace() and re's "\s".  */
static bool is_blank_code(uint32_t code)
{
	return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 ||
	       code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
	       code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
	       code == 0x3000;
}

/* Bytes of the blank that 'text' begins with; 0 when it does not.  */
static size_t blank_at_front(struct mc_str text)
{
	size_t nbytes;

	return text.len && is_blank_code(code_at(text, &nbytes)) ? nbytes : 0;
}

static size_t blank_at_end(struct mc_str text)
{
	for (size_t n = 1; n <= 3 && n <= text.len; n++)
		if (blank_at_front(mc_str_skip(text, text.len - n)) == n)
			return n;
	return 0;
}

struct mc_str mc_req_strip(struct mc_str text)
{
	size_t n;

	while ((n = blank_at_front(text)))
		text = mc_str_skip(text, n);
	while ((n = blank_at_end(text)))
		text.len -= n;
	return text;
}

/* What is no character becomes a byte that UTF-8 never has.  */
static size_t put_code(char *into, uint32_t code)
{
	if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
		into[0] = (char)0xff;
		return 1;
	}
	return mc_str_put_character(into, code);
}

/* ---- encodings ---- */

/* 'width' bytes a unit, which are all there.  */
static uint32_t unit_at(const char *at, size_t width, bool is_big)
{
	uint32_t unit = 0;

	for (size_t i = 0; i < width; i++)
		unit = unit << 8 | (unsigned char)at[is_big ? i : width - 1 - i];
	return unit;
}

static enum mc_status decode_wide(struct mc_arena *arena, struct mc_str bytes, size_t width,
				  bool is_big, struct mc_str *text_out)
{
	/* Two bytes make at most three, four at most four; and one for what is cut off.  */
	char *text = mc_arena_take_array(arena, bytes.len / width + 1, width + 1, 1);
	size_t len = 0;

	if (!text)
		return MC_ERR_NOMEM;
	while (bytes.len >= width) {
		uint32_t code = unit_at(bytes.ptr, width, is_big), low = 0;

		bytes = mc_str_skip(bytes, width);
		if (width == 2 && code >= 0xd800 && code < 0xdc00 && bytes.len >= 2)
			low = unit_at(bytes.ptr, 2, is_big);
		if (low >= 0xdc00 && low < 0xe000) {
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
			bytes = mc_str_skip(bytes, 2);
		}
		len += put_code(text + len, code);
	}
	if (bytes.len)
		text[len++] = (char)0xff;
	*text_out = (struct mc_str){text, len};
	return MC_OK;
}

/* Bytes above 'last' are none of the encoding.  */
static enum mc_status decode_bytes(struct mc_arena *arena, struct mc_str bytes, unsigned last,
				   struct mc_str *text_out)
{
	char *text = mc_arena_take_array(arena, bytes.len + 1, 2, 1);
	size_t len = 0;

	if (!text)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];

		len += put_code(text + len, byte <= last ? byte : UINT32_MAX);
	}
	*text_out = (struct mc_str){text, len};
	return MC_OK;
}

/* "coding[:=]\s*([-\w.]+)", PEP 263.  */
static struct mc_str find_coding(struct mc_str line)
{
	for (; line.len > 7; line = mc_str_skip(line, 1)) {
		struct mc_str name = line;
		size_t len = 0;

		if (!mc_str_starts(line, MC_STR("coding")) || !memchr(":=", line.ptr[6], 2))
			continue;
		name = mc_str_skip(name, 7);
		while (name.len && memchr(" \t\n\r\f\v", name.ptr[0], 6))
			name = mc_str_skip(name, 1);
		while (len < name.len &&
		       (memchr("-_.", name.ptr[len], 3) ||
			(name.ptr[len] >= '0' && name.ptr[len] <= '9') ||
			(name.ptr[len] >= 'a' && name.ptr[len] <= 'z') ||
			(name.ptr[len] >= 'A' && name.ptr[len] <= 'Z')))
			len++;
		if (len)
			return (struct mc_str){name.ptr, len};
	}
	return (struct mc_str){"", 0};
}

/* Of a comment in the first two lines.  */
static struct mc_str declared_coding(struct mc_str bytes)
{
	struct mc_str coding = {"", 0};

	for (int i = 0; i < 2 && bytes.len && !coding.len; i++) {
		struct mc_str line = mc_str_cut(&bytes, '\n');

		if (mc_str_starts(line, MC_STR("#")))
			coding = find_coding(line);
	}
	return coding;
}

/* Python's codecs by their usual names; 0 when it is none of them, else the last byte.  */
static unsigned last_byte_of(struct mc_str coding)
{
	static const struct {
		const char *name;
		unsigned last;
	} codings[] = {
		{"utf8", UINT32_MAX}, {"utf-8", UINT32_MAX}, {"u8", UINT32_MAX},
		{"ascii", 0x7f},      {"us-ascii", 0x7f},    {"646", 0x7f},
		{"latin1", 0xff},     {"latin-1", 0xff},     {"iso-8859-1", 0xff},
		{"iso8859-1", 0xff},  {"l1", 0xff},          {"8859", 0xff},
	};
	char plain[16];

	if (coding.len >= sizeof(plain))
		return 0;
	for (size_t i = 0; i < coding.len; i++) {
		char c = coding.ptr[i];

		plain[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	for (size_t i = 0; i < sizeof(codings) / sizeof(*codings); i++)
		if (mc_str_is((struct mc_str){plain, coding.len}, mc_str_of(codings[i].name)))
			return codings[i].last;
	return 0;
}

enum mc_status mc_req_decode(struct mc_arena *arena, struct mc_str bytes, struct mc_str *text_out,
			     struct mc_str *unknown_out)
{
	/* UTF-16's mark in little endian begins UTF-32's.  */
	static const struct {
		struct mc_str mark;
		size_t width;
		bool is_big;
	} marks[] = {{{"\xef\xbb\xbf", 3}, 1, false},    {{"\xff\xfe\0\0", 4}, 4, false},
		     {{"\0\0\xfe\xff", 4}, 4, true},     {{"\xff\xfe", 2}, 2, false},
		     {{"\xfe\xff", 2}, 2, true}};
	struct mc_str coding;
	unsigned last;

	*unknown_out = (struct mc_str){"", 0};
	*text_out = bytes;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (!mc_str_starts(bytes, marks[i].mark))
			continue;
		*text_out = bytes = mc_str_skip(bytes, marks[i].mark.len);
		return marks[i].width == 1 ? MC_OK
					   : decode_wide(arena, bytes, marks[i].width,
							 marks[i].is_big, text_out);
	}
	coding = declared_coding(bytes);
	if (!coding.len)
		return MC_OK;
	last = last_byte_of(coding);
	if (!last)
		*unknown_out = coding;
	return last && last <= 0xff ? decode_bytes(arena, bytes, last, text_out) : MC_OK;
}

/* ---- lines ---- */

/* Python's str.splitlines().  */
static bool cut_line(struct mc_str *rest, struct mc_str *line_out)
{
	size_t at = 0, nbytes = 0;

	if (!rest->len)
		return false;
	for (; at < rest->len; at += nbytes) {
		uint32_t code = code_at(mc_str_skip(*rest, at), &nbytes);

		if ((code >= 0x0a && code <= 0x0d) || (code >= 0x1c && code <= 0x1e) ||
		    code == 0x85 || code == 0x2028 || code == 0x2029)
			break;
	}
	*line_out = (struct mc_str){rest->ptr, at};
	*rest = mc_str_skip(*rest, at);
	if (mc_str_starts(*rest, MC_STR("\r\n")))
		nbytes = 2;
	*rest = mc_str_skip(*rest, rest->len ? nbytes : 0);
	return true;
}

/* COMMENT_RE.match(): "(^|\s+)#.*$" from the beginning on.  */
static bool is_comment(struct mc_str line)
{
	return mc_str_starts(mc_req_strip(line), MC_STR("#"));
}

/* COMMENT_RE.sub().  */
static struct mc_str cut_comment(struct mc_str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '#' && (!i || blank_at_end((struct mc_str){line.ptr, i})))
			return (struct mc_str){line.ptr, i};
	return line;
}

static struct mc_str strip_backslashes(struct mc_str line)
{
	while (line.len && line.ptr[0] == '\\')
		line = mc_str_skip(line, 1);
	while (line.len && line.ptr[line.len - 1] == '\\')
		line.len--;
	return line;
}

static void append(struct mc_req_line *line, char *buffer, struct mc_str more)
{
	if (line->wrong)
		return;
	if (more.len > MC_REQUIREMENTS_LINE_NBYTES_MAX - line->raw.len) {
		line->wrong = "it is too long";
		return;
	}
	if (more.len)
		memcpy(buffer + line->raw.len, more.ptr, more.len);
	line->raw = (struct mc_str){buffer, line->raw.len + more.len};
}

/* join_lines(): a backslash goes on, but not behind a comment.  */
static bool join(struct mc_req_lines *lines, struct mc_req_line *line)
{
	bool goes_on = true;
	struct mc_str piece;

	*line = (struct mc_req_line){.raw = {"", 0}, .number = lines->number + 1};
	while (goes_on && cut_line(&lines->rest, &piece)) {
		bool comment = is_comment(piece);

		lines->number++;
		goes_on = mc_str_ends(piece, MC_STR("\\")) && !comment;
		if (!mc_str_is_utf8(piece) && !line->wrong) {
			line->wrong = "it has bytes that are no text in its encoding";
			line->number = lines->number;
		}
		if (comment) /* so that it is one behind what it is joined to */
			append(line, lines->buffers->raw, MC_STR(" "));
		append(line, lines->buffers->raw, goes_on ? strip_backslashes(piece) : piece);
	}
	return lines->number >= line->number;
}

/* ---- variables ---- */

/* As many different ones in a line have their values put in.  */
#define VARIABLES_MAX 64

/* ENV_VAR_RE: "${NAME}" at or behind '*at', which is then behind it; the name.  */
static bool find_variable(struct mc_str line, size_t *at, struct mc_str *name_out)
{
	for (size_t i = *at; i + 3 < line.len; i++) {
		size_t end = i + 2;

		if (line.ptr[i] != '$' || line.ptr[i + 1] != '{')
			continue;
		while (end < line.len && ((line.ptr[end] >= 'A' && line.ptr[end] <= 'Z') ||
					  (line.ptr[end] >= '0' && line.ptr[end] <= '9') ||
					  line.ptr[end] == '_'))
			end++;
		if (end == i + 2 || end == line.len || line.ptr[end] != '}')
			continue;
		*name_out = (struct mc_str){line.ptr + i + 2, end - i - 2};
		*at = end + 1;
		return true;
	}
	return false;
}

/* All "${name}" in 'text' by 'value', into 'buffer'; false when that is too small.  */
static bool replace(struct mc_str *text, struct mc_str name, struct mc_str value, char *buffer)
{
	struct mc_str found;
	size_t len = 0, from = 0;

	for (size_t at = 0; from < text->len; from = at) {
		bool is_found = find_variable(*text, &at, &found);
		size_t to = is_found ? at : text->len;
		bool is_it = is_found && mc_str_is(found, name);
		size_t kept = to - from - (is_it ? name.len + 3 : 0);

		at = to;
		if (kept > MC_REQUIREMENTS_LINE_NBYTES_MAX - len ||
		    (is_it && value.len > MC_REQUIREMENTS_LINE_NBYTES_MAX - len - kept))
			return false;
		memcpy(buffer + len, text->ptr + from, kept);
		len += kept;
		if (is_it)
			memcpy(buffer + len, value.ptr, value.len);
		len += is_it ? value.len : 0;
	}
	*text = (struct mc_str){buffer, len};
	return true;
}

static bool is_known(const struct mc_str *names, size_t count, struct mc_str name)
{
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(names[i], name))
			return true;
	return false;
}

/* expand_env_variables(): those of the line as it was, one after the other; empty ones stay.  */
static void expand(const struct mc_req_lines *lines, struct mc_req_line *line)
{
	const struct mc_requirements_options *options = lines->options;
	struct mc_str names[VARIABLES_MAX], name;
	size_t count = 0;

	line->text = line->raw;
	if (!options || !options->get_env)
		return;
	for (size_t at = 0; !line->wrong && find_variable(line->raw, &at, &name);) {
		char *into = line->text.ptr == lines->buffers->one ? lines->buffers->other
								   : lines->buffers->one;
		char key[256];
		struct mc_str value;

		if (name.len >= sizeof(key) || is_known(names, count, name))
			continue;
		memcpy(key, name.ptr, name.len);
		key[name.len] = '\0';
		value = mc_str_of(options->get_env(key, options->state));
		if (!value.len)
			continue;
		if (count == VARIABLES_MAX || !replace(&line->text, name, value, into))
			line->wrong = "it is too long with its variables";
		else
			names[count++] = name;
	}
	/* A variable may hold anything.  */
	if (!mc_str_is_utf8(line->text))
		line->wrong = "the value of a variable is no UTF-8";
}

bool mc_req_next_line(struct mc_req_lines *lines, struct mc_req_line *line_out)
{
	while (join(lines, line_out)) {
		if (line_out->wrong)
			return true;
		line_out->raw = mc_req_strip(cut_comment(line_out->raw));
		if (!line_out->raw.len)
			continue;
		if (memchr(line_out->raw.ptr, '\0', line_out->raw.len))
			line_out->wrong = "it has NUL bytes";
		else
			expand(lines, line_out);
		return true;
	}
	return false;
}
