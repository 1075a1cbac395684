/* SPDX-License-Identifier: MIT */
#include "muslcheck/pysrc.h"

#include <string.h>

enum {
	FIELDS_MAX = 32,  /* {} inside of {} of one f-string */
	STRINGS_MAX = 16, /* strings inside of strings */
	TAB = 8,
};

/* What a byte can be.  */
enum {
	LETTER = 1, /* begins a name */
	DIGIT = 2,
	BLANK = 4,  /* within a line */
	PREFIX = 8, /* of a string */
};

/* Of ASCII; all else are letters.  */
static const uint8_t classes[128] = {
#define O 0
#define S BLANK
#define D DIGIT
#define L LETTER
#define P (LETTER | PREFIX)
	O, O, O, O, O, O, O, O, O, S, O, O, S, O, O, O, /* \t \f */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	S, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	D, D, D, D, D, D, D, D, D, D, O, O, O, O, O, O,
	O, L, P, L, L, L, P, L, L, L, L, L, L, L, L, L, /* B F */
	L, L, P, L, P, P, L, L, L, L, L, O, O, O, O, L, /* R T U _ */
	O, L, P, L, L, L, P, L, L, L, L, L, L, L, L, L,
	L, L, P, L, P, P, L, L, L, L, L, O, O, O, O, O,
#undef O
#undef S
#undef D
#undef L
#undef P
};

static unsigned class_of(char byte)
{
	return (unsigned char)byte < sizeof(classes) ? classes[(unsigned char)byte] : LETTER;
}

static bool is_line_end(char byte)
{
	return byte == '\n' || byte == '\r';
}

static bool is_quote(char byte)
{
	return byte == '"' || byte == '\'';
}

/* Behind the line's end that stands at 'at': one of LF, CR LF, CR.  */
static const char *skip_line_end(const char *at, const char *end)
{
	return at + 1 < end && at[0] == '\r' && at[1] == '\n' ? at + 2 : at + 1;
}

/* ---- strings ---- */

/* One that is being read.  */
struct quoted {
	char quote;
	bool is_triple, is_raw, is_format;
};

static bool is_triple(const char *at, const char *end)
{
	return end - at >= 3 && at[1] == at[0] && at[2] == at[0];
}

/* The string whose quote 'at' is, with its prefix before that.  */
static struct quoted quoted_of(struct mc_str prefix, const char *at, const char *end)
{
	struct quoted q = {.quote = *at, .is_triple = is_triple(at, end)};

	for (size_t i = 0; i < prefix.len; i++) {
		q.is_raw |= prefix.ptr[i] == 'r' || prefix.ptr[i] == 'R';
		q.is_format |= strchr("fFtT", prefix.ptr[i]) != NULL;
	}
	return q;
}

static size_t quotes_of(const struct quoted *q)
{
	return q->is_triple ? 3 : 1;
}

/* The quote, or the three, that end it stand at 'at'.  */
static bool is_closing(const struct quoted *q, const char *at, const char *end)
{
	return *at == q->quote && (!q->is_triple || is_triple(at, end));
}

/*
 * Its closing quote, from 'at' on, which is behind its opening one.  Where there is none, false
 * and the end of the line that it runs into: what was read once is never read again.
 */
static bool find_end(const struct quoted *q, const char *at, const char *end, const char **end_out)
{
	bool is_found = false;

	while (at < end && !is_found && (q->is_triple || !is_line_end(*at))) {
		is_found = is_closing(q, at, end);
		if (!is_found)
			at = *at == '\\' && at + 1 < end ? skip_line_end(at + 1, end) : at + 1;
	}
	*end_out = at;
	return is_found;
}

/* An f-string's field: before or behind its ':'.  */
struct field {
	size_t brackets;
	bool is_spec;
};

static bool find_format_end(const struct quoted *q, const char *at, const char *end, unsigned strings,
			    const char **end_out);

/* '*at' is the quote of a string in a field; then behind it, or where the line ends.  */
static bool skip_inner(const char *start, const char **at, const char *end, unsigned strings)
{
	const char *prefix = *at;
	struct quoted q;
	bool is_found;

	while (prefix > start && *at - prefix < 2 && class_of(prefix[-1]) & PREFIX)
		prefix--;
	q = quoted_of((struct mc_str){prefix, (size_t)(*at - prefix)}, *at, end);
	*at += quotes_of(&q);
	is_found = q.is_format && strings < STRINGS_MAX ? find_format_end(&q, *at, end, strings + 1, at)
							: find_end(&q, *at, end, at);
	*at += is_found ? quotes_of(&q) : 0;
	return is_found;
}

/* "\N{NAME}" stands at 'at': behind it.  */
static const char *skip_character_name(const struct quoted *q, const char *at, const char *end)
{
	while (at < end && *at != '}' && *at != q->quote && !is_line_end(*at))
		at++;
	return at;
}

/* The same as find_end() for f-strings, in whose fields quotes and lines may stand (PEP 701).  */
static bool find_format_end(const struct quoted *q, const char *at, const char *end, unsigned strings,
			    const char **end_out)
{
	struct field fields[FIELDS_MAX];
	const char *start = at;
	size_t depth = 0;
	bool is_found = false, is_lost = false;

	while (at < end && !is_found && !is_lost) {
		struct field *field = depth ? &fields[depth - 1] : NULL;
		bool is_text = !field || field->is_spec;

		if (is_text && is_closing(q, at, end)) {
			is_found = true;
		} else if (is_text && is_line_end(*at) && !q->is_triple) {
			is_lost = true;
		} else if (!field && !q->is_raw && end - at > 2 && !memcmp(at, "\\N{", 3)) {
			at = skip_character_name(q, at + 3, end);
		} else if (is_text && *at == '\\' && at + 1 < end && at[1] != '{') {
			at = skip_line_end(at + 1, end);
		} else if (!field && end - at > 1 && *at == '{' && at[1] == '{') {
			at += 2;
		} else if (is_text && *at == '{') {
			is_lost = depth == FIELDS_MAX;
			if (!is_lost)
				fields[depth++] = (struct field){0};
			at++;
		} else if (field && *at == '}' && (field->is_spec || !field->brackets)) {
			depth--;
			at++;
		} else if (is_text) {
			at++;
		} else if (is_quote(*at)) {
			is_lost = !skip_inner(start, &at, end, strings);
		} else {
			if (*at == '(' || *at == '[' || *at == '{')
				field->brackets++;
			else if (*at == ')' || *at == ']' || *at == '}')
				field->brackets -= field->brackets > 0;
			else if (*at == ':')
				field->is_spec = !field->brackets;
			at++;
		}
	}
	*end_out = at;
	return is_found;
}

/* 'at' is its quote, 'prefix' what stands before that.  */
static void take_string(struct mc_pysrc *r, struct mc_str prefix, const char *at, struct mc_py_token *token)
{
	struct quoted q = quoted_of(prefix, at, r->end);
	const char *content = at + quotes_of(&q), *close;
	bool is_found = q.is_format ? find_format_end(&q, content, r->end, 0, &close)
				    : find_end(&q, content, r->end, &close);

	token->kind = MC_PY_STRING;
	token->text = (struct mc_str){content, (size_t)(close - content)};
	token->is_raw = q.is_raw;
	token->is_format = q.is_format;
	for (size_t i = 0; i < prefix.len; i++)
		token->is_bytes |= prefix.ptr[i] == 'b' || prefix.ptr[i] == 'B';
	r->unclosed += !is_found;
	r->at = close + (is_found ? quotes_of(&q) : 0);
}

/* ---- lines ---- */

/* To the next byte that is neither blank nor comment nor a line that goes on.  */
static void skip_blanks(struct mc_pysrc *r)
{
	while (r->at < r->end) {
		if (class_of(*r->at) & BLANK) {
			r->at++;
		} else if (*r->at == '#') {
			while (r->at < r->end && !is_line_end(*r->at))
				r->at++;
		} else if (*r->at == '\\' && r->at + 1 < r->end && is_line_end(r->at[1])) {
			r->at = skip_line_end(r->at + 1, r->end);
		} else if (is_line_end(*r->at) && (r->depth || !r->is_line_started)) {
			r->at = skip_line_end(r->at, r->end);
		} else {
			return;
		}
	}
}

/* The column in which 'at' stands.  */
static unsigned column_of(const struct mc_pysrc *r, const char *at)
{
	const char *line = at;
	unsigned column = 0;

	while (line > r->start && class_of(line[-1]) & BLANK)
		line--;
	for (; line < at; line++) {
		if (*line == '\t')
			column = column / TAB * TAB + TAB;
		else
			column = *line == '\f' ? 0 : column + 1;
	}
	return column;
}

static void take_word(struct mc_pysrc *r, struct mc_py_token *token)
{
	const char *start = r->at, *at = start;
	bool is_prefix = true;

	for (; at < r->end && class_of(*at) & (LETTER | DIGIT); at++)
		is_prefix &= class_of(*at) & PREFIX && at - start < 2;
	if (is_prefix && at < r->end && is_quote(*at)) {
		take_string(r, (struct mc_str){start, (size_t)(at - start)}, at, token);
		return;
	}
	token->kind = MC_PY_NAME;
	token->text = (struct mc_str){start, (size_t)(at - start)};
	r->at = at;
}

/* Read loosely: what follows a digit is a number as long as it looks like one.  */
static void take_number(struct mc_pysrc *r, struct mc_py_token *token)
{
	const char *start = r->at, *at = start + 1;
	bool has_dot = false;

	for (; at < r->end && (class_of(*at) & (LETTER | DIGIT) || (*at == '.' && !has_dot) ||
			       ((*at == '+' || *at == '-') && (at[-1] == 'e' || at[-1] == 'E') &&
				!(at - start > 1 && (start[1] == 'x' || start[1] == 'X')))); at++)
		has_dot |= *at == '.';
	token->kind = MC_PY_NUMBER;
	token->text = (struct mc_str){start, (size_t)(at - start)};
	r->at = at;
}

static void take_op(struct mc_pysrc *r, struct mc_py_token *token)
{
	token->kind = MC_PY_OP;
	token->op = *r->at;
	token->text = (struct mc_str){r->at++, 1};
	if (strchr("([{", token->op))
		r->depth++;
	else if (strchr(")]}", token->op))
		r->depth -= r->depth > 0;
}

void mc_pysrc_open(struct mc_pysrc *r, struct mc_str source)
{
	const char *nul = source.len ? memchr(source.ptr, '\0', source.len) : NULL;

	if (mc_str_starts(source, MC_STR("\xEF\xBB\xBF")))
		source = mc_str_skip(source, 3);
	*r = (struct mc_pysrc){.start = source.ptr, .at = source.ptr, .counted = source.ptr, .line = 1};
	r->has_nul = nul != NULL;
	r->end = nul ? nul : source.ptr + source.len;
}

void mc_pysrc_next(struct mc_pysrc *r, struct mc_py_token *token)
{
	skip_blanks(r);
	*token = (struct mc_py_token){.kind = MC_PY_END, .text = {r->at, 0}};
	if (r->at == r->end || is_line_end(*r->at)) {
		if (!r->is_line_started)
			return;
		r->is_line_started = false;
		token->kind = MC_PY_NEWLINE;
		if (r->at < r->end)
			r->at = skip_line_end(r->at, r->end);
		return;
	}
	if (!r->is_line_started) {
		r->is_line_started = token->is_first = true;
		r->indent = column_of(r, r->at);
	}
	token->indent = r->indent;
	if (class_of(*r->at) & LETTER)
		take_word(r, token);
	else if (class_of(*r->at) & DIGIT)
		take_number(r, token);
	else if (is_quote(*r->at))
		take_string(r, MC_STR(""), r->at, token);
	else
		take_op(r, token);
}

size_t mc_pysrc_line(struct mc_pysrc *r, const char *at)
{
	while (r->counted < at) {
		const char *c = r->counted++;

		r->line += *c == '\n' || (*c == '\r' && !(c + 1 < r->end && c[1] == '\n'));
	}
	return r->line;
}

bool mc_pysrc_is_broken(const struct mc_pysrc *r)
{
	return r->has_nul || r->unclosed;
}
