/* SPDX-License-Identifier: MIT */
/*
 * Lines and instructions: the Dockerfile reference, "Format", "Parser directives" and
 * "Here-Documents"; BuildKit's frontend/dockerfile/parser where that says less.
 */
#include "dockerfile_impl.h"

#include <stdalign.h>
#include <string.h>

/* ---- texts ---- */

struct mc_str mc_df_strip(struct mc_str text)
{
	while (text.len && mc_df_is_blank(text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && mc_df_is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

bool mc_df_is_word(struct mc_str text, const char *word)
{
	return mc_str_is_folded(text, mc_str_of(word));
}

enum mc_status mc_df_fail(const struct mc_df *df, enum mc_status status, unsigned line,
			  const char *text)
{
	return mc_fail(df->err, status, df->out->path, "line %u: %s", line, text);
}

enum mc_status mc_df_add_word(struct mc_df *df, struct mc_dockerfile_words *words,
			      struct mc_dockerfile_word word)
{
	struct mc_dockerfile_word *items;

	if (!df->words_left)
		return mc_df_fail(df, MC_ERR_LIMIT, word.line, "too many words up to here");
	items = mc_arena_grow(df->arena, words->items, words->count, &words->room, sizeof(*items));
	if (!items)
		return mc_no_memory(df->err);
	df->words_left--;
	words->items = items;
	items[words->count++] = word;
	return MC_OK;
}

enum mc_status mc_df_append(struct mc_df *df, struct mc_df_buffer *buffer, struct mc_str more)
{
	if (more.len > buffer->room - buffer->len) {
		size_t room = (buffer->len + more.len) * 2 + 64;
		char *grown = mc_arena_take(df->arena, room, 1);

		if (!grown)
			return mc_no_memory(df->err);
		if (buffer->len)
			memcpy(grown, buffer->ptr, buffer->len);
		buffer->ptr = grown;
		buffer->room = room;
	}
	if (more.len)
		memcpy(buffer->ptr + buffer->len, more.ptr, more.len);
	buffer->len += more.len;
	return MC_OK;
}

/* ---- lines ---- */

/* Without its end, which may be CRLF.  */
static bool cut_line(struct mc_df_lines *lines, struct mc_str *line_out)
{
	if (!lines->rest.len)
		return false;
	*line_out = mc_str_cut(&lines->rest, '\n');
	while (line_out->len && line_out->ptr[line_out->len - 1] == '\r')
		line_out->len--;
	lines->number++;
	return true;
}

static struct mc_str strip_left(struct mc_str text)
{
	while (text.len && mc_df_is_blank(text.ptr[0]))
		text = mc_str_skip(text, 1);
	return text;
}

static bool is_comment(struct mc_str line)
{
	return mc_str_starts(strip_left(line), MC_STR("#"));
}

/* An escape character at the end, behind which blanks may be, and which is not escaped itself.  */
static bool cut_continuation(const struct mc_df *df, struct mc_str *line)
{
	size_t len = line->len;

	while (len && (line->ptr[len - 1] == ' ' || line->ptr[len - 1] == '\t'))
		len--;
	if (!len || line->ptr[len - 1] != df->escape ||
	    (len > 1 && line->ptr[len - 2] == df->escape))
		return false;
	line->len = len - 1;
	return true;
}

/* "# escape=`"; false when the line is no directive, after which there are none.  */
static bool take_directive(struct mc_df *df, struct mc_str line, struct mc_str *escape)
{
	struct mc_str name, value = strip_left(line);

	if (!mc_str_starts(value, MC_STR("#")) || !memchr(value.ptr, '=', value.len))
		return false;
	value = mc_str_skip(value, 1);
	name = mc_df_strip(mc_str_cut(&value, '='));
	value = mc_df_strip(value);
	if (mc_df_is_word(name, "escape") && !escape->len)
		*escape = value;
	else if (!mc_df_is_word(name, "syntax") && !mc_df_is_word(name, "check"))
		return false;
	if (escape->len == 1)
		df->escape = escape->ptr[0];
	return value.len;
}

enum mc_status mc_df_begin(struct mc_df *df, struct mc_str text, struct mc_df_lines *lines_out)
{
	struct mc_df_lines ahead;
	struct mc_str line, escape = {"", 0};

	if (text.len && memchr(text.ptr, '\0', text.len))
		return mc_fail(df->err, MC_ERR_FORMAT, df->out->path, "it has NUL bytes");
	if (mc_str_starts(text, MC_STR("\xef\xbb\xbf")))
		text = mc_str_skip(text, 3);
	*lines_out = (struct mc_df_lines){.df = df, .rest = text};
	lines_out->joined = mc_arena_take(df->arena, text.len + 1, 1);
	if (!lines_out->joined)
		return mc_no_memory(df->err);
	df->escape = '\\';
	ahead = *lines_out;
	while (cut_line(&ahead, &line) && take_directive(df, line, &escape))
		;
	if (escape.len && (escape.len > 1 || (df->escape != '\\' && df->escape != '`')))
		return mc_fail(df->err, MC_ERR_FORMAT, df->out->path,
			       "its escape character is neither \\ nor `");
	return MC_OK;
}

static enum mc_status join(struct mc_df_lines *lines, struct mc_df_instruction *in,
			   struct mc_str line)
{
	struct mc_df_piece *pieces = mc_arena_grow(lines->df->arena, in->pieces, in->pieces_count,
						&in->pieces_room, sizeof(*pieces));

	if (!pieces)
		return mc_no_memory(lines->df->err);
	in->pieces = pieces;
	pieces[in->pieces_count++] = (struct mc_df_piece){lines->joined, lines->number};
	if (line.len)
		memcpy(lines->joined, line.ptr, line.len);
	lines->joined += line.len;
	return MC_OK;
}

/* Comments and empty lines among continued lines are passed over.  */
static enum mc_status join_all(struct mc_df_lines *lines, struct mc_df_instruction *in,
			       struct mc_str line, struct mc_str *text_out)
{
	const char *begin = lines->joined;
	bool goes_on = cut_continuation(lines->df, &line);

	in->line = lines->number;
	MC_TRY(join(lines, in, line));
	while (goes_on && cut_line(lines, &line)) {
		if (is_comment(line) || !strip_left(line).len)
			continue;
		goes_on = cut_continuation(lines->df, &line);
		MC_TRY(join(lines, in, line));
	}
	*text_out = mc_df_strip((struct mc_str){begin, (size_t)(lines->joined - begin)});
	return MC_OK;
}

unsigned mc_df_line_at(const struct mc_df_instruction *in, const char *at)
{
	size_t low = 0, high = in->pieces_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (in->pieces[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return in->pieces_count ? in->pieces[low].line : in->line;
}

/* ---- here-documents ---- */

bool mc_df_cut_raw(const struct mc_df *df, struct mc_str *rest, struct mc_str *word_out)
{
	struct mc_str text = strip_left(*rest);
	size_t len = 0;
	char quote = 0;

	for (; len < text.len && (quote || !mc_df_is_blank(text.ptr[len])); len++) {
		char c = text.ptr[len];

		if (c == df->escape && quote != '\'' && len + 1 < text.len)
			len++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"')
			quote = c;
	}
	*word_out = (struct mc_str){text.ptr, len};
	*rest = mc_str_skip(text, len);
	return len > 0;
}

/* BuildKit: ^(\d*)<<(-?)([^<]*)$  */
bool mc_df_is_heredoc(struct mc_str word, struct mc_str *name_out, bool *strips_tabs_out)
{
	while (word.len && word.ptr[0] >= '0' && word.ptr[0] <= '9')
		word = mc_str_skip(word, 1);
	if (!mc_str_starts(word, MC_STR("<<")))
		return false;
	word = mc_str_skip(word, 2);
	*strips_tabs_out = mc_str_starts(word, MC_STR("-"));
	if (*strips_tabs_out)
		word = mc_str_skip(word, 1);
	if (word.len > 1 && (word.ptr[0] == '"' || word.ptr[0] == '\'') &&
	    word.ptr[word.len - 1] == word.ptr[0])
		word = (struct mc_str){word.ptr + 1, word.len - 2};
	*name_out = word;
	return word.len && !memchr(word.ptr, '<', word.len);
}

static enum mc_status read_body(struct mc_df_lines *lines, struct mc_df_instruction *in,
				struct mc_str name, bool strips_tabs)
{
	struct mc_df_heredoc *docs = mc_arena_grow(lines->df->arena, in->heredocs, in->heredocs_count,
						&in->heredocs_room, sizeof(*docs));
	struct mc_df_heredoc *doc;
	struct mc_str line;

	if (!docs)
		return mc_no_memory(lines->df->err);
	in->heredocs = docs;
	doc = &docs[in->heredocs_count++];
	*doc = (struct mc_df_heredoc){name, {lines->rest.ptr, 0}, lines->number + 1};
	while (cut_line(lines, &line)) {
		const char *begin = line.ptr;

		while (strips_tabs && mc_str_starts(line, MC_STR("\t")))
			line = mc_str_skip(line, 1);
		if (mc_str_is(line, name)) {
			doc->body.len = (size_t)(begin - doc->body.ptr);
			return MC_OK;
		}
	}
	return mc_df_fail(lines->df, MC_ERR_FORMAT, in->line, "its here-document has no end");
}

static enum mc_status read_heredocs(struct mc_df_lines *lines, struct mc_df_instruction *in)
{
	struct mc_str rest = in->args, word, name;
	bool strips_tabs;

	if (!mc_df_is_word(in->word, "RUN") && !mc_df_is_word(in->word, "COPY") &&
	    !mc_df_is_word(in->word, "ADD") && !mc_df_is_word(in->word, "ONBUILD"))
		return MC_OK;
	while (mc_df_cut_raw(lines->df, &rest, &word))
		if (mc_df_is_heredoc(word, &name, &strips_tabs))
			MC_TRY(read_body(lines, in, name, strips_tabs));
	return MC_OK;
}

/* ---- instructions ---- */

static void split(const struct mc_df *df, struct mc_df_instruction *in, struct mc_str text)
{
	struct mc_str flag, rest;
	size_t len = 0;

	while (len < text.len && !mc_df_is_blank(text.ptr[len]))
		len++;
	in->word = (struct mc_str){text.ptr, len};
	in->args = strip_left(mc_str_skip(text, len));
	in->flags = (struct mc_str){in->args.ptr, 0};
	for (rest = in->args; mc_df_cut_raw(df, &rest, &flag) && mc_str_starts(flag, MC_STR("--"));
	     in->args = strip_left(rest)) {
		in->flags.len = (size_t)(flag.ptr + flag.len - in->flags.ptr);
		if (flag.len == 2) {
			in->args = strip_left(rest);
			return;
		}
	}
}

enum mc_status mc_df_next(struct mc_df_lines *lines, struct mc_df_instruction *in)
{
	struct mc_str line, text;

	while (cut_line(lines, &line)) {
		*in = (struct mc_df_instruction){.line = lines->number};
		line = strip_left(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		MC_TRY(join_all(lines, in, line, &text));
		if (!text.len)
			continue;
		if (++lines->count > MC_DOCKERFILE_INSTRUCTIONS_MAX)
			return mc_df_fail(lines->df, MC_ERR_LIMIT, in->line,
					  "too many instructions up to here");
		split(lines->df, in, text);
		return read_heredocs(lines, in);
	}
	return MC_END;
}

/* ---- JSON ---- */

/* Four digits; -1 when they are none.  */
static long read_hex(struct mc_str text)
{
	long value = 0;

	for (size_t i = 0; i < 4; i++) {
		char c = i < text.len ? mc_ascii_lower(text.ptr[i]) : 0;

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* What stands behind a backslash; 0: no JSON.  A lone half of a pair is U+FFFD as in Go, and so
   is a pair here: no path of a Python project is beyond the first plane.  */
static size_t read_escape(struct mc_str *rest, char *to)
{
	static const char from[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	char c = rest->len ? rest->ptr[0] : '\0';
	const char *found = c ? strchr(from, c) : NULL;
	long code;

	if (found) {
		*to = values[found - from];
		*rest = mc_str_skip(*rest, 1);
		return 1;
	}
	code = c == 'u' ? read_hex(mc_str_skip(*rest, 1)) : -1;
	if (code <= 0)
		return 0;
	*rest = mc_str_skip(*rest, 5);
	return mc_str_put_character(to, code >= 0xd800 && code < 0xe000 ? 0xfffd : (uint32_t)code);
}

/* Behind its first quote; false when it is no JSON.  'to' has room for all of it.  */
static bool read_string(struct mc_str *rest, char *to, struct mc_str *text_out)
{
	size_t len = 0;

	while (rest->len) {
		char c = rest->ptr[0];

		*rest = mc_str_skip(*rest, 1);
		if (c == '"') {
			*text_out = (struct mc_str){to, len};
			return true;
		}
		if ((unsigned char)c < 0x20)
			return false;
		if (c == '\\') {
			size_t nbytes = read_escape(rest, to + len);

			if (!nbytes)
				return false;
			len += nbytes;
		} else {
			to[len++] = c;
		}
	}
	return false;
}

enum mc_status mc_df_read_json(struct mc_df *df, struct mc_str text, unsigned line,
			       struct mc_dockerfile_words *words_out)
{
	struct mc_str rest = mc_df_strip(text);
	char *buffer;

	*words_out = (struct mc_dockerfile_words){.items = NULL};
	if (rest.len < 2 || rest.ptr[0] != '[' || rest.ptr[rest.len - 1] != ']')
		return MC_END;
	rest = mc_df_strip((struct mc_str){rest.ptr + 1, rest.len - 2});
	buffer = mc_arena_take(df->arena, rest.len + 1, 1);
	if (!buffer)
		return mc_no_memory(df->err);
	while (rest.len) {
		struct mc_dockerfile_word word = {.line = line};

		if (rest.ptr[0] != '"')
			return MC_END;
		rest = mc_str_skip(rest, 1);
		if (!read_string(&rest, buffer, &word.text))
			return MC_END;
		buffer += word.text.len;
		MC_TRY(mc_df_add_word(df, words_out, word));
		rest = strip_left(rest);
		if (!rest.len)
			return MC_OK;
		if (rest.ptr[0] != ',')
			return MC_END;
		rest = strip_left(mc_str_skip(rest, 1));
		if (!rest.len) /* a comma at the end */
			return MC_END;
	}
	return MC_OK;
}
