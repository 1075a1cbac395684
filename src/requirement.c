/* SPDX-License-Identifier: MIT */
/* The grammar is that of packaging 26.3, _parser.py and _tokenizer.py.  */
#include "marker.h"

#include "muslcheck/pep440.h"

#include <string.h>

bool mc_ascii_is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (mc_ascii_lower(c) >= 'a' && mc_ascii_lower(c) <= 'z');
}

bool mc_is_word_byte(char c)
{
	return mc_ascii_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

bool mc_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static struct mc_str trim(struct mc_str text)
{
	while (text.len && mc_is_space(text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && mc_is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

void mc_skip_blanks(struct mc_str *rest)
{
	while (rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
		*rest = mc_str_skip(*rest, 1);
}

bool mc_take_char(struct mc_str *rest, char c)
{
	if (!rest->len || rest->ptr[0] != c)
		return false;
	*rest = mc_str_skip(*rest, 1);
	return true;
}

enum mc_status mc_name_normalise(struct mc_arena *arena, struct mc_str raw, struct mc_str *name_out)
{
	char *name = mc_arena_take(arena, raw.len + 1, 1);
	size_t len = 0;

	if (!name)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		if (c != '-' && c != '_' && c != '.')
			name[len++] = mc_ascii_lower(c);
		else if (!i || !memchr("-_.", raw.ptr[i - 1], 3))
			name[len++] = '-';
	}
	*name_out = (struct mc_str){name, len};
	return MC_OK;
}

enum mc_status mc_fail_expected(struct mc_error *err, struct mc_str text, struct mc_str rest,
				const char *what)
{
	return mc_fail(err, MC_ERR_FORMAT, NULL, "expected %s at character %zu", what,
		       text.len - rest.len + 1);
}

/* ---- specifiers ---- */

/* Longer ones first.  */
static bool take_relation(struct mc_str *text, struct mc_str *relation_out)
{
	static const char *const relations[] = {"===", "~=", "==", "!=", "<=", ">=", "<", ">"};

	for (size_t i = 0; i < sizeof(relations) / sizeof(*relations); i++) {
		struct mc_str relation = mc_str_of(relations[i]);

		if (!mc_str_starts(*text, relation))
			continue;
		*relation_out = relation;
		*text = mc_str_skip(*text, relation.len);
		return true;
	}
	return false;
}

/* packaging.specifiers: "[^\s;)]*" after "===".  */
static bool is_identity(char c)
{
	return !mc_is_space(c) && c != ';' && c != ')';
}

static bool is_all_identity(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_identity(text.ptr[i]))
			return false;
	return true;
}

static bool is_public_version(struct mc_str version)
{
	return mc_pep440_is_valid(version) && !memchr(version.ptr, '+', version.len);
}

/*
 * pep440.h says what a set takes, and a set that is none takes nothing: one that takes
 * what it must take is one.  A comma would make a set of it, which Specifier() is not.
 */
bool mc_is_specifier(struct mc_str text)
{
	struct mc_str version = trim(text), whole = version, relation, bare;

	if (!take_relation(&version, &relation))
		return false;
	version = trim(version);
	if (mc_str_is(relation, MC_STR("===")))
		return is_all_identity(version);
	if (!version.len || memchr(version.ptr, ',', version.len))
		return false;
	bare = version;
	if (mc_str_ends(version, MC_STR(".*")))
		bare.len -= 2;
	if (mc_str_is(relation, MC_STR("==")))
		return mc_pep440_takes(whole, bare, true);
	if (mc_str_is(relation, MC_STR("!=")))
		return mc_pep440_takes(whole, MC_STR("0"), true) ||
		       mc_pep440_takes(whole, MC_STR("1"), true);
	if (mc_str_is(relation, MC_STR("~=")))
		return mc_pep440_takes(whole, version, true);
	return is_public_version(version);
}

/*
 * The text of one specifier with what stands where its version should: the token is
 * followed by a blank, a comma, a parenthesis or a semicolon, or it is an error.
 */
static struct mc_str cut_specifier(struct mc_str *rest)
{
	struct mc_str token = *rest, relation;
	bool is_identical;

	if (!take_relation(rest, &relation))
		return (struct mc_str){rest->ptr, 0};
	is_identical = relation.len == 3;
	while (rest->len && mc_is_space(rest->ptr[0]))
		*rest = mc_str_skip(*rest, 1);
	while (rest->len && is_identity(rest->ptr[0]) && (is_identical || rest->ptr[0] != ','))
		*rest = mc_str_skip(*rest, 1);
	token.len -= rest->len;
	return token;
}

/* "===a,b" is one token, but SpecifierSet() cuts it at the comma.  */
static bool is_specifier_list(struct mc_str token)
{
	while (token.len) {
		struct mc_str item = trim(mc_str_cut(&token, ','));

		if (item.len && !mc_is_specifier(item))
			return false;
	}
	return true;
}

/* version_many; a comma may stand at its end.  */
static enum mc_status read_specifiers(struct mc_str text, struct mc_str *rest,
				      struct mc_str *specifiers_out, struct mc_error *err)
{
	*specifiers_out = *rest;
	for (;;) {
		struct mc_str before = *rest, token = cut_specifier(rest);

		if (!token.len)
			break;
		if (!is_specifier_list(token))
			return mc_fail_expected(err, text, before, "a version specifier");
		mc_skip_blanks(rest);
		if (!mc_take_char(rest, ','))
			break;
		mc_skip_blanks(rest);
	}
	specifiers_out->len -= rest->len;
	*specifiers_out = trim(*specifiers_out);
	return MC_OK;
}

/* ---- the rest of PEP 508 ---- */

/* packaging: "\b[a-zA-Z0-9][a-zA-Z0-9._-]*\b", so that "foo." is "foo" and a dot.  */
static struct mc_str cut_identifier(struct mc_str *rest)
{
	struct mc_str name = {rest->ptr, 0};
	size_t len = 0;

	if (!rest->len || !mc_ascii_is_alnum(rest->ptr[0]))
		return name;
	while (len < rest->len && (mc_ascii_is_alnum(rest->ptr[len]) || rest->ptr[len] == '_' ||
				   rest->ptr[len] == '.' || rest->ptr[len] == '-')) {
		len++;
		if (mc_is_word_byte(rest->ptr[len - 1]) &&
		    (len == rest->len || !mc_is_word_byte(rest->ptr[len])))
			name.len = len;
	}
	*rest = mc_str_skip(*rest, name.len);
	return name;
}

struct reader {
	struct mc_arena *arena;
	struct mc_str text, rest;
	struct mc_requirement *out;
	struct mc_str *extras;
	struct mc_error *err;
};

static enum mc_status expected(struct reader *r, const char *what)
{
	return mc_fail_expected(r->err, r->text, r->rest, what);
}

static enum mc_status add_extra(struct reader *r, struct mc_str raw)
{
	size_t count = r->out->extras_count;
	struct mc_str name;

	if (count == MC_REQUIREMENT_EXTRAS_MAX)
		return mc_fail(r->err, MC_ERR_LIMIT, NULL, "more than %d extras",
			       MC_REQUIREMENT_EXTRAS_MAX);
	MC_TRY(mc_name_normalise(r->arena, raw, &name));
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(r->extras[i], name))
			return MC_OK;
	/* A power of two, or none: full.  */
	if (!(count & (count - 1))) {
		size_t room = count ? count * 2 : 1;
		struct mc_str *extras = MC_TAKE_ARRAY(r->arena, struct mc_str, room);

		if (!extras)
			return MC_ERR_NOMEM;
		if (count)
			memcpy(extras, r->extras, count * sizeof(*extras));
		r->extras = extras;
		r->out->extras = extras;
	}
	r->extras[r->out->extras_count++] = name;
	return MC_OK;
}

static enum mc_status read_extras(struct reader *r)
{
	struct mc_str name;

	if (!mc_take_char(&r->rest, '['))
		return MC_OK;
	mc_skip_blanks(&r->rest);
	name = cut_identifier(&r->rest);
	while (name.len) {
		MC_TRY(add_extra(r, name));
		mc_skip_blanks(&r->rest);
		if (!mc_take_char(&r->rest, ','))
			break;
		mc_skip_blanks(&r->rest);
		name = cut_identifier(&r->rest);
		if (!name.len)
			return expected(r, "the name of an extra");
	}
	mc_skip_blanks(&r->rest);
	return mc_take_char(&r->rest, ']') ? MC_OK : expected(r, "',' or ']' after an extra");
}

static enum mc_status read_url(struct reader *r)
{
	struct mc_str url;

	mc_skip_blanks(&r->rest);
	url = r->rest;
	while (r->rest.len && r->rest.ptr[0] != ' ' && r->rest.ptr[0] != '\t')
		r->rest = mc_str_skip(r->rest, 1);
	url.len -= r->rest.len;
	r->out->url = url;
	return url.len ? MC_OK : expected(r, "a URL after '@'");
}

static enum mc_status read_versions(struct reader *r)
{
	bool has_parenthesis = mc_take_char(&r->rest, '(');

	mc_skip_blanks(&r->rest);
	MC_TRY(read_specifiers(r->text, &r->rest, &r->out->specifiers, r->err));
	mc_skip_blanks(&r->rest);
	if (has_parenthesis && !mc_take_char(&r->rest, ')'))
		return expected(r, "')'");
	return MC_OK;
}

static enum mc_status read_marker(struct reader *r)
{
	struct mc_str marker;

	mc_skip_blanks(&r->rest);
	if (!r->rest.len)
		return MC_OK;
	if (!mc_take_char(&r->rest, ';'))
		return expected(r, r->out->url.len          ? "';' after the URL"
				   : r->out->specifiers.len ? "',' or ';' after the versions"
							    : "a version specifier or ';'");
	marker = r->rest;
	MC_TRY(mc_marker_skip(r->arena, r->text, &r->rest, r->err));
	if (r->rest.len)
		return expected(r, "'and', 'or' or the end of the marker");
	r->out->marker = trim(marker);
	return MC_OK;
}

static enum mc_status read_requirement(struct reader *r)
{
	struct mc_str name;

	mc_skip_blanks(&r->rest);
	name = cut_identifier(&r->rest);
	if (!name.len)
		return expected(r, "the name of a project");
	MC_TRY(mc_name_normalise(r->arena, name, &r->out->name));
	mc_skip_blanks(&r->rest);
	MC_TRY(read_extras(r));
	mc_skip_blanks(&r->rest);
	if (mc_take_char(&r->rest, '@'))
		MC_TRY(read_url(r));
	else
		MC_TRY(read_versions(r));
	return read_marker(r);
}

enum mc_status mc_requirement_read(struct mc_arena *arena, struct mc_str text,
				   struct mc_requirement *out, struct mc_error *err)
{
	const struct mc_str none = MC_STR("");
	struct reader r = {.arena = arena, .out = out, .err = err};
	enum mc_status status;

	*out = (struct mc_requirement){none, NULL, 0, none, none, none};
	if (text.len > MC_REQUIREMENT_NBYTES_MAX)
		return mc_fail(err, MC_ERR_LIMIT, NULL, "a requirement of %zu bytes", text.len);
	status = mc_arena_copy(arena, text, &r.text);
	r.rest = r.text;
	if (status == MC_OK)
		status = read_requirement(&r);
	return status == MC_ERR_NOMEM ? mc_no_memory(err) : status;
}
