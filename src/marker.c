/* SPDX-License-Identifier: MIT */
/* packaging 26.3, markers.py and _parser.py: read and answered in one go.  */
#include "marker.h"

#include "muslcheck/pep440.h"

#include <stddef.h>
#include <string.h>

/* For whom a marker is asked; one extra at a time.  */
struct scope {
	const struct mc_marker_env *env;
	struct mc_str extra; /* normalised */
};

struct reader {
	struct mc_arena *arena;
	struct mc_str text, rest;
	const struct scope *scope; /* NULL: nobody asks, only the grammar counts */
	unsigned depth;
	struct mc_error *err;
};

struct operand {
	struct mc_str text; /* of a variable its name, of a string its content */
	bool is_variable;
};

static enum mc_status expected(struct reader *r, const char *what)
{
	return mc_fail_expected(r->err, r->text, r->rest, what);
}

/* A whole word: "or" is none in "order".  */
static bool take_word(struct mc_str *rest, struct mc_str word)
{
	if (!mc_str_starts(*rest, word) ||
	    (rest->len > word.len && mc_is_word_byte(rest->ptr[word.len])))
		return false;
	*rest = mc_str_skip(*rest, word.len);
	return true;
}

/* ---- quoted strings: Python's literals ---- */

static int digit_value(char c)
{
	c = mc_ascii_lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Up to 'count_max' digits; how many there were.  */
static size_t take_number(struct mc_str *rest, int base, size_t count_max, uint32_t *number_out)
{
	size_t count = 0;

	*number_out = 0;
	while (count < count_max && rest->len && digit_value(rest->ptr[0]) < base) {
		*number_out = *number_out * (uint32_t)base + (uint32_t)digit_value(rest->ptr[0]);
		*rest = mc_str_skip(*rest, 1);
		count++;
	}
	return count;
}

/* "\x41", "\u0041", "\U00000041", "\101"; false when no number is wanted.  */
static bool take_numbered(struct mc_str *rest, uint32_t *code_out, bool *is_good_out)
{
	static const char kinds[] = "xuU";
	const char *kind = memchr(kinds, rest->ptr[0], 3);
	size_t wanted = !kind ? 0 : *kind == 'x' ? 2 : *kind == 'u' ? 4 : 8;

	if (!kind)
		return *is_good_out = take_number(rest, 8, 3, code_out) > 0;
	*rest = mc_str_skip(*rest, 1);
	*is_good_out = take_number(rest, 16, wanted, code_out) == wanted && *code_out <= 0x10ffff;
	return true;
}

/* Behind a backslash, with at least one byte there; false when Python does not take it.  */
static bool decode_escape(struct mc_str *rest, char *to, size_t *len)
{
	static const char letters[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
	const char *letter = memchr(letters, rest->ptr[0], sizeof(letters) - 1);
	bool is_good = true;
	uint32_t code;

	if (mc_take_char(rest, '\n'))
		return true;
	if (mc_take_char(rest, '\r')) {
		mc_take_char(rest, '\n');
		return true;
	}
	if (letter) {
		to[(*len)++] = values[letter - letters];
		*rest = mc_str_skip(*rest, 1);
	} else if (take_numbered(rest, &code, &is_good)) {
		if (is_good)
			*len += mc_str_put_character(to + *len, code); /* never longer than the escape was */
	} else {
		/* An escape that Python does not know stands for itself.  */
		to[(*len)++] = '\\';
		is_good = true;
	}
	return is_good;
}

/* ast.literal_eval() of what stands between the quotes.  */
static enum mc_status decode_string(struct reader *r, struct mc_str raw, struct mc_str *out)
{
	static const char wanted[] = "a string as Python has them";
	char *to = mc_arena_take(r->arena, raw.len + 1, 1);
	size_t len = 0;

	if (!to)
		return MC_ERR_NOMEM;
	while (raw.len) {
		char c = raw.ptr[0];

		raw = mc_str_skip(raw, 1);
		if (!c || c == '\n' || c == '\r')
			return expected(r, wanted);
		if (c != '\\') {
			to[len++] = c;
			continue;
		}
		if (mc_str_starts(raw, MC_STR("N")))
			return mc_fail(r->err, MC_ERR_UNSUPPORTED, NULL,
				       "\\N in a string of a marker");
		if (!raw.len || !decode_escape(&raw, to, &len))
			return expected(r, wanted);
	}
	*out = (struct mc_str){to, len};
	return MC_OK;
}

/* ---- variables ---- */

#define VARIABLE(name)                                      \
	{                                                   \
#name, offsetof(struct mc_marker_env, name) \
	}

static const struct variable {
	const char *name;
	size_t off;
} variables[] = {
	VARIABLE(python_version),
	VARIABLE(python_full_version),
	VARIABLE(implementation_name),
	VARIABLE(implementation_version),
	VARIABLE(platform_python_implementation),
	VARIABLE(os_name),
	VARIABLE(sys_platform),
	VARIABLE(platform_system),
	VARIABLE(platform_machine),
	VARIABLE(platform_release),
	VARIABLE(platform_version),
};

/* All spellings that packaging takes, and what it calls them.  */
static bool take_variable(struct mc_str *rest, struct mc_str *name_out)
{
	static const char *const names[][2] = {
		{"os.name", "os_name"},
		{"sys.platform", "sys_platform"},
		{"platform.version", "platform_version"},
		{"platform.machine", "platform_machine"},
		{"platform.python_implementation", "platform_python_implementation"},
		{"python_implementation", "platform_python_implementation"},
		{"extra", "extra"},
		{"extras", "extras"},
		{"dependency_groups", "dependency_groups"},
	};

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		*name_out = mc_str_of(variables[i].name);
		if (take_word(rest, *name_out))
			return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		*name_out = mc_str_of(names[i][1]);
		if (take_word(rest, mc_str_of(names[i][0])))
			return true;
	}
	return false;
}

static enum mc_status read_operand(struct reader *r, struct operand *out)
{
	struct mc_str raw;
	char quote;

	mc_skip_blanks(&r->rest);
	out->is_variable = take_variable(&r->rest, &out->text);
	if (out->is_variable)
		return MC_OK;
	raw = r->rest;
	quote = raw.len ? raw.ptr[0] : '\0';
	if (quote != '\'' && quote != '"')
		return expected(r, "a variable of markers or a quoted string");
	raw = mc_str_skip(raw, 1);
	if (!raw.len || !memchr(raw.ptr, quote, raw.len))
		return expected(r, "a string with both its quotes");
	r->rest = raw;
	return decode_string(r, mc_str_cut(&r->rest, quote), &out->text);
}

/* ---- answers ---- */

/* What stands on the right: a text or a set of them.  */
struct value {
	struct mc_str text;
	const struct mc_str *items;
	size_t count;
	bool is_set;
};

static bool is_set_name(struct mc_str key)
{
	return mc_str_is(key, MC_STR("extras")) || mc_str_is(key, MC_STR("dependency_groups"));
}

static enum mc_status look_up(struct reader *r, struct mc_str key, struct value *out)
{
	const struct mc_marker_env *env = r->scope->env;

	*out = (struct value){.text = r->scope->extra};
	if (!env->is_lock && mc_str_is(key, MC_STR("extra")))
		return MC_OK;
	if (env->is_lock && is_set_name(key)) {
		bool is_extras = mc_str_is(key, MC_STR("extras"));

		out->is_set = true;
		out->items = is_extras ? env->extras : env->groups;
		out->count = is_extras ? env->extras_count : env->groups_count;
		return MC_OK;
	}
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		if (!mc_str_is(key, mc_str_of(variables[i].name)))
			continue;
		memcpy(&out->text, (const char *)env + variables[i].off, sizeof(out->text));
		return MC_OK;
	}
	return mc_fail(r->err, MC_ERR_FORMAT, NULL, "'%.*s' is no variable here", MC_TEXT(key));
}

static bool has_text(struct mc_str text, struct mc_str part)
{
	for (; text.len >= part.len; text = mc_str_skip(text, 1)) {
		if (mc_str_starts(text, part))
			return true;
		if (!text.len)
			break;
	}
	return false;
}

static enum mc_status contains(struct reader *r, struct mc_str left, const struct value *right,
			       bool *out)
{
	*out = false;
	if (!right->is_set) {
		*out = has_text(right->text, left);
		return MC_OK;
	}
	for (size_t i = 0; i < right->count && !*out; i++) {
		struct mc_str name;

		MC_TRY(mc_name_normalise(r->arena, right->items[i], &name));
		*out = mc_str_is(name, left);
	}
	return MC_OK;
}

/* One specifier may have a comma, after "===" alone; for pep440.h it parts two of them.  */
static bool takes_version(struct mc_str specifier, struct mc_str version)
{
	while (mc_is_space(specifier.ptr[0]))
		specifier = mc_str_skip(specifier, 1);
	if (!memchr(specifier.ptr, ',', specifier.len))
		return mc_pep440_takes(specifier, version, true);
	specifier = mc_str_skip(specifier, 3);
	while (specifier.len && mc_is_space(specifier.ptr[0]))
		specifier = mc_str_skip(specifier, 1);
	while (specifier.len && mc_is_space(specifier.ptr[specifier.len - 1]))
		specifier.len--;
	return mc_str_is_folded(specifier, version);
}

static bool is_version_name(struct mc_str key)
{
	return mc_str_is(key, MC_STR("implementation_version")) ||
	       mc_str_is(key, MC_STR("platform_release")) ||
	       mc_str_is(key, MC_STR("python_full_version")) ||
	       mc_str_is(key, MC_STR("python_version"));
}

/* packaging.markers._operators: texts have no order, but "<=" and ">=" know the equal.  */
static enum mc_status compare_texts(struct reader *r, struct mc_str left, struct mc_str op,
				    const struct value *right, bool *out)
{
	bool is_same = !right->is_set && mc_str_is(left, right->text);

	if (mc_str_is(op, MC_STR("~=")) || mc_str_is(op, MC_STR("===")))
		return mc_fail(r->err, MC_ERR_FORMAT, NULL, "'%.*s' of what is no version",
			       MC_TEXT(op));
	if (mc_str_is(op, MC_STR("!=")))
		*out = !is_same;
	else
		*out = is_same && op.len == 2;
	return MC_OK;
}

/* Not mc_arena_printf(): a decoded string may hold a NUL.  */
static enum mc_status join(struct mc_arena *arena, struct mc_str a, struct mc_str b,
			   struct mc_str *out)
{
	char *text = mc_arena_take(arena, a.len + b.len + 1, 1);

	if (!text)
		return MC_ERR_NOMEM;
	memcpy(text, a.ptr, a.len);
	if (b.len)
		memcpy(text + a.len, b.ptr, b.len);
	*out = (struct mc_str){text, a.len + b.len};
	return MC_OK;
}

/* packaging.markers._eval_op */
static enum mc_status answer(struct reader *r, struct mc_str left, struct mc_str op,
			     const struct value *right, struct mc_str key, bool *out)
{
	if (mc_str_is(op, MC_STR("in")))
		return contains(r, left, right, out);
	if (mc_str_is(op, MC_STR("not in"))) {
		MC_TRY(contains(r, left, right, out));
		*out = !*out;
		return MC_OK;
	}
	if (is_version_name(key)) {
		struct mc_str specifier;

		MC_TRY(join(r->arena, op, right->text, &specifier));
		if (mc_is_specifier(specifier)) {
			*out = takes_version(specifier, left);
			return MC_OK;
		}
	}
	return compare_texts(r, left, op, right, out);
}

/* PEP 685: names of extras are compared as projects' names are.  */
static enum mc_status normalise_names(struct reader *r, struct operand *left, struct operand *right)
{
	const struct mc_str extra = MC_STR("extra");
	bool is_left = left->is_variable && mc_str_is(left->text, extra);
	bool is_right = right->is_variable && mc_str_is(right->text, extra);

	if (is_left && !right->is_variable)
		return mc_name_normalise(r->arena, right->text, &right->text);
	if (!left->is_variable && (is_right || is_set_name(right->text)))
		return mc_name_normalise(r->arena, left->text, &left->text);
	return MC_OK;
}

/* Of two strings the right one is looked up, and of two variables the left one.  */
static enum mc_status evaluate(struct reader *r, struct operand left, struct mc_str op,
			       struct operand right, bool *out)
{
	struct mc_str key = left.is_variable ? left.text : right.text;
	struct value value, other;

	MC_TRY(normalise_names(r, &left, &right));
	MC_TRY(look_up(r, key, &value));
	if (!left.is_variable)
		return answer(r, left.text, op, &value, key, out);
	if (value.is_set)
		return mc_fail(r->err, MC_ERR_FORMAT, NULL, "'%.*s' is a set: only \"x in %.*s\"",
			       MC_TEXT(key), MC_TEXT(key));
	other = (struct value){.text = right.text};
	return answer(r, value.text, op, &other, key, out);
}

/* ---- grammar ---- */

static enum mc_status read_operator(struct reader *r, struct mc_str *op_out)
{
	static const char *const ops[] = {"===", "==", "~=", "!=", "<=", ">=", "<", ">"};

	*op_out = MC_STR("in");
	if (take_word(&r->rest, *op_out))
		return MC_OK;
	*op_out = MC_STR("not in");
	if (take_word(&r->rest, MC_STR("not"))) {
		size_t before = r->rest.len;

		mc_skip_blanks(&r->rest);
		if (r->rest.len < before && take_word(&r->rest, MC_STR("in")))
			return MC_OK;
		return expected(r, "'in' after 'not'");
	}
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		*op_out = mc_str_of(ops[i]);
		if (!mc_str_starts(r->rest, *op_out))
			continue;
		r->rest = mc_str_skip(r->rest, op_out->len);
		return MC_OK;
	}
	return expected(r, "a comparison, 'in' or 'not in'");
}

static enum mc_status read_item(struct reader *r, bool *out)
{
	struct operand left, right;
	struct mc_str op;

	MC_TRY(read_operand(r, &left));
	mc_skip_blanks(&r->rest);
	MC_TRY(read_operator(r, &op));
	MC_TRY(read_operand(r, &right));
	*out = false;
	return r->scope ? evaluate(r, left, op, right, out) : MC_OK;
}

static enum mc_status read_marker(struct reader *r, bool *out);

static enum mc_status read_atom(struct reader *r, bool *out)
{
	mc_skip_blanks(&r->rest);
	if (mc_take_char(&r->rest, '(')) {
		if (++r->depth > MC_MARKER_DEPTH_MAX)
			return mc_fail(r->err, MC_ERR_LIMIT, NULL,
				       "more than %d parentheses in each other",
				       MC_MARKER_DEPTH_MAX);
		MC_TRY(read_marker(r, out));
		if (!mc_take_char(&r->rest, ')'))
			return expected(r, "')'");
		r->depth--;
	} else {
		MC_TRY(read_item(r, out));
	}
	mc_skip_blanks(&r->rest);
	return MC_OK;
}

/* "and" binds closer.  All of it is answered, as packaging does, which then sees all errors.  */
static enum mc_status read_marker(struct reader *r, bool *out)
{
	bool any = false, all = true;

	for (;;) {
		bool holds;

		MC_TRY(read_atom(r, &holds));
		all = all && holds;
		if (take_word(&r->rest, MC_STR("and")))
			continue;
		any = any || all;
		if (!take_word(&r->rest, MC_STR("or")))
			break;
		all = true;
	}
	*out = any;
	return MC_OK;
}

static enum mc_status read_and_rewind(struct reader *r, bool *out)
{
	struct mc_mark mark = mc_arena_mark(r->arena);
	enum mc_status status = read_marker(r, out);

	mc_arena_rewind(r->arena, mark);
	return status == MC_ERR_NOMEM ? mc_no_memory(r->err) : status;
}

enum mc_status mc_marker_skip(struct mc_arena *arena, struct mc_str text, struct mc_str *rest,
			      struct mc_error *err)
{
	struct reader r = {.arena = arena, .text = text, .rest = *rest, .err = err};
	enum mc_status status;
	bool unused;

	status = read_and_rewind(&r, &unused);
	*rest = r.rest;
	return status;
}

static enum mc_status holds_for(struct mc_arena *arena, struct mc_str marker,
				const struct scope *scope, bool *holds_out, struct mc_error *err)
{
	struct reader r = {
		.arena = arena, .text = marker, .rest = marker, .scope = scope, .err = err};

	MC_TRY(read_and_rewind(&r, holds_out));
	return r.rest.len ? expected(&r, "'and', 'or' or the end of the marker") : MC_OK;
}

enum mc_status mc_marker_holds(struct mc_arena *arena, struct mc_str marker,
			       const struct mc_marker_env *env, bool *holds_out,
			       struct mc_error *err)
{
	struct scope scope = {env, MC_STR("")};
	enum mc_status status = MC_OK;
	struct mc_mark mark;

	*holds_out = true;
	if (!marker.len)
		return MC_OK;
	if (marker.len > MC_REQUIREMENT_NBYTES_MAX)
		return mc_fail(err, MC_ERR_LIMIT, NULL, "a marker of %zu bytes", marker.len);
	MC_TRY(holds_for(arena, marker, &scope, holds_out, err));
	if (env->is_lock)
		return MC_OK;
	mark = mc_arena_mark(arena);
	for (size_t i = 0; i < env->extras_count && !*holds_out && !status; i++) {
		status = mc_name_normalise(arena, env->extras[i], &scope.extra);
		if (!status)
			status = holds_for(arena, marker, &scope, holds_out, err);
	}
	mc_arena_rewind(arena, mark);
	return status == MC_ERR_NOMEM ? mc_no_memory(err) : status;
}

enum mc_status mc_marker_env_linux(struct mc_arena *arena, unsigned minor,
				   struct mc_str full_version, struct mc_str machine,
				   struct mc_marker_env *env_out)
{
	struct mc_str version = mc_arena_printf(arena, "3.%u", minor);

	if (!full_version.len)
		full_version = mc_arena_printf(arena, "3.%u.99", minor);
	if (!version.len || !full_version.len)
		return MC_ERR_NOMEM;
	*env_out = (struct mc_marker_env){
		.python_version = version,
		.python_full_version = full_version,
		.implementation_name = MC_STR("cpython"),
		.implementation_version = full_version,
		.platform_python_implementation = MC_STR("CPython"),
		.os_name = MC_STR("posix"),
		.sys_platform = MC_STR("linux"),
		.platform_system = MC_STR("Linux"),
		.platform_machine = machine,
		.platform_release = MC_STR(""),
		.platform_version = MC_STR(""),
	};
	return MC_OK;
}
