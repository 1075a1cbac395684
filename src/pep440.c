/* SPDX-License-Identifier: MIT */
#include "muslcheck/pep440.h"

#include <string.h>

/* In their order at one release.  */
enum pre {
	PRE_DEV_ONLY,
	PRE_A,
	PRE_B,
	PRE_RC,
	PRE_NONE,
};

/* The parts of a version's text.  A number is digits, none for 0.  */
struct version {
	struct mc_str epoch, release;
	enum pre pre; /* never PRE_DEV_ONLY */
	struct mc_str pre_number;
	bool has_post;
	struct mc_str post_number;
	bool has_dev;
	struct mc_str dev_number;
	struct mc_str local; /* empty: none */
};

enum relation {
	REL_IDENTICAL,
	REL_COMPATIBLE,
	REL_EQUAL,
	REL_UNEQUAL,
	REL_AT_MOST,
	REL_AT_LEAST,
	REL_BELOW,
	REL_ABOVE,
};

struct specifier {
	enum relation relation;
	bool is_prefix;       /* "==1.2.*" */
	struct mc_str text;   /* what "===" compares */
	struct version value; /* of all others */
};

/* Not those of ctype.h, which ask the locale.  */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (mc_ascii_lower(c) >= 'a' && mc_ascii_lower(c) <= 'z');
}

/* The ASCII part of Python's "\s" and str.strip(), which know the separators 1c to 1f too.  */
static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static struct mc_str trim(struct mc_str text)
{
	while (text.len && is_blank(text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text.len ? text : MC_STR("");
}

/* 'word' is in lower case, 'text' in any.  */
static bool take_word(struct mc_str *text, struct mc_str word)
{
	if (text->len < word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (mc_ascii_lower(text->ptr[i]) != word.ptr[i])
			return false;
	*text = mc_str_skip(*text, word.len);
	return true;
}

/* Cut off the front what 'is_part' of it, maybe nothing.  */
static struct mc_str take_run(struct mc_str *text, bool (*is_part)(char c))
{
	struct mc_str run = {text->ptr, 0};

	while (run.len < text->len && is_part(text->ptr[run.len]))
		run.len++;
	*text = mc_str_skip(*text, run.len);
	return run;
}

static bool take_separator(struct mc_str *text)
{
	return take_word(text, MC_STR(".")) || take_word(text, MC_STR("_")) ||
	       take_word(text, MC_STR("-"));
}

/* ".alpha-2": one of 'words' with a separator and a number, all but the word optional.  */
static bool take_part(struct mc_str *text, const char *const *words, size_t *which_out,
		      struct mc_str *number_out)
{
	struct mc_str rest = *text;

	take_separator(&rest);
	for (size_t i = 0; words[i]; i++) {
		if (!take_word(&rest, mc_str_of(words[i])))
			continue;
		take_separator(&rest);
		*number_out = take_run(&rest, is_digit);
		*which_out = i;
		*text = rest;
		return true;
	}
	return false;
}

/* "-1" is a post release too.  */
static bool take_bare_post(struct mc_str *text, struct mc_str *number_out)
{
	struct mc_str rest = *text;

	if (!take_word(&rest, MC_STR("-")))
		return false;
	*number_out = take_run(&rest, is_digit);
	if (number_out->len)
		*text = rest;
	return number_out->len;
}

static bool take_release(struct mc_str *text, struct mc_str *release_out)
{
	struct mc_str rest = *text, digits = take_run(&rest, is_digit);

	if (!digits.len)
		return false;
	do {
		*release_out = (struct mc_str){text->ptr, text->len - rest.len};
	} while (take_word(&rest, MC_STR(".")) && take_run(&rest, is_digit).len);
	*text = mc_str_skip(*text, release_out->len);
	return true;
}

static bool take_local(struct mc_str *text, struct mc_str *local_out)
{
	*local_out = *text;
	do {
		if (!take_run(text, is_alnum).len)
			return false;
	} while (take_separator(text));
	local_out->len -= text->len;
	return true;
}

/* packaging.version.VERSION_PATTERN; longer words stand before their beginnings.  */
static bool parse_version(struct mc_str text, struct version *out)
{
	static const char *const pre_words[] = {"alpha", "a",  "beta", "b", "preview",
						"pre",   "rc", "c",    NULL};
	static const enum pre pres[] = {PRE_A, PRE_A, PRE_B, PRE_B, PRE_RC, PRE_RC, PRE_RC, PRE_RC};
	static const char *const post_words[] = {"post", "rev", "r", NULL};
	static const char *const dev_words[] = {"dev", NULL};
	const struct mc_str none = MC_STR("");
	struct mc_str before_epoch;
	size_t which;

	*out = (struct version){none, none, PRE_NONE, none, false, none, false, none, none};
	take_word(&text, MC_STR("v"));
	before_epoch = text;
	out->epoch = take_run(&text, is_digit);
	if (!out->epoch.len || !take_word(&text, MC_STR("!"))) {
		text = before_epoch;
		out->epoch = none;
	}
	if (!take_release(&text, &out->release))
		return false;
	if (take_part(&text, pre_words, &which, &out->pre_number))
		out->pre = pres[which];
	out->has_post = take_bare_post(&text, &out->post_number) ||
			take_part(&text, post_words, &which, &out->post_number);
	out->has_dev = take_part(&text, dev_words, &which, &out->dev_number);
	if (take_word(&text, MC_STR("+")) && !take_local(&text, &out->local))
		return false;
	return !text.len;
}

static int compare_numbers(struct mc_str a, struct mc_str b)
{
	while (a.len && a.ptr[0] == '0')
		a = mc_str_skip(a, 1);
	while (b.len && b.ptr[0] == '0')
		b = mc_str_skip(b, 1);
	return a.len == b.len ? mc_str_compare(a, b) : a.len < b.len ? -1 : 1;
}

/* With as many zeros behind them as it takes.  */
static int compare_releases(struct mc_str a, struct mc_str b)
{
	int order = 0;

	while (!order && (a.len || b.len))
		order = compare_numbers(mc_str_cut(&a, '.'), mc_str_cut(&b, '.'));
	return order;
}

static bool is_number(struct mc_str text)
{
	return take_run(&text, is_digit).len && !text.len;
}

static struct mc_str cut_segment(struct mc_str *local)
{
	struct mc_str segment = take_run(local, is_alnum);

	take_separator(local);
	return segment;
}

/* In any case.  */
static int compare_words(struct mc_str a, struct mc_str b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (mc_ascii_lower(a.ptr[i]) != mc_ascii_lower(b.ptr[i]))
			return mc_ascii_lower(a.ptr[i]) - mc_ascii_lower(b.ptr[i]);
	return (a.len > b.len) - (a.len < b.len);
}

/* PEP 440, "Local version identifiers": numbers come after words.  */
static int compare_segments(struct mc_str a, struct mc_str b)
{
	if (is_number(a) != is_number(b))
		return is_number(a) ? 1 : -1;
	return is_number(a) ? compare_numbers(a, b) : compare_words(a, b);
}

static int compare_locals(struct mc_str a, struct mc_str b)
{
	int order = 0;

	while (!order && a.len && b.len)
		order = compare_segments(cut_segment(&a), cut_segment(&b));
	return order ? order : (a.len > 0) - (b.len > 0);
}

/* PEP 440, "Summary of permitted suffixes and relative ordering": 1.0.dev1 is before 1.0a1.  */
static enum pre pre_rank(const struct version *version)
{
	return version->pre == PRE_NONE && !version->has_post && version->has_dev ? PRE_DEV_ONLY
										  : version->pre;
}

static int compare_suffixes(const struct version *a, const struct version *b)
{
	int order = (int)pre_rank(a) - (int)pre_rank(b);

	if (!order)
		order = compare_numbers(a->pre_number, b->pre_number);
	if (!order)
		order = a->has_post - b->has_post;
	if (!order)
		order = compare_numbers(a->post_number, b->post_number);
	if (!order)
		order = b->has_dev - a->has_dev;
	return order ? order : compare_numbers(a->dev_number, b->dev_number);
}

static int compare_bases(const struct version *a, const struct version *b)
{
	int order = compare_numbers(a->epoch, b->epoch);

	return order ? order : compare_releases(a->release, b->release);
}

static int compare_publics(const struct version *a, const struct version *b)
{
	int order = compare_bases(a, b);

	return order ? order : compare_suffixes(a, b);
}

static int compare_versions(const struct version *a, const struct version *b)
{
	int order = compare_publics(a, b);

	return order ? order : compare_locals(a->local, b->local);
}

static bool is_prerelease(const struct version *version)
{
	return version->pre != PRE_NONE || version->has_dev;
}

int mc_pep440_compare(struct mc_str a, struct mc_str b)
{
	struct version parsed_a, parsed_b;
	bool is_a = parse_version(trim(a), &parsed_a), is_b = parse_version(trim(b), &parsed_b);

	if (is_a && is_b)
		return compare_versions(&parsed_a, &parsed_b);
	return is_a || is_b ? is_a - is_b : mc_str_compare(a, b);
}

bool mc_pep440_is_valid(struct mc_str version)
{
	struct version parsed;

	return parse_version(trim(version), &parsed);
}

bool mc_pep440_is_prerelease(struct mc_str version)
{
	struct version parsed;

	return parse_version(trim(version), &parsed) && is_prerelease(&parsed);
}

/* packaging.specifiers: "[^\s;)]*", for markers and parentheses end there.  */
static bool is_identity(char c)
{
	return !is_blank(c) && c != ';' && c != ')';
}

/* packaging.specifiers.Specifier._specifier_regex_str */
static bool parse_specifier(struct mc_str text, struct specifier *out)
{
	static const struct {
		const char *text;
		enum relation relation;
	} relations[] = {
		{"===", REL_IDENTICAL}, {"~=", REL_COMPATIBLE}, {"==", REL_EQUAL},
		{"!=", REL_UNEQUAL},    {"<=", REL_AT_MOST},    {">=", REL_AT_LEAST},
		{"<", REL_BELOW},       {">", REL_ABOVE},
	};
	const size_t relations_count = sizeof(relations) / sizeof(*relations);
	const struct version *value = &out->value;
	size_t i = 0;

	while (i < relations_count && !take_word(&text, mc_str_of(relations[i].text)))
		i++;
	if (i == relations_count)
		return false;
	*out = (struct specifier){.relation = relations[i].relation, .text = trim(text)};
	text = out->text;
	switch (out->relation) {
	case REL_IDENTICAL: take_run(&text, is_identity); return !text.len;
	case REL_EQUAL:
	case REL_UNEQUAL:
		out->is_prefix = mc_str_ends(text, MC_STR(".*"));
		if (out->is_prefix)
			text.len -= 2;
		return parse_version(text, &out->value) &&
		       (!out->is_prefix ||
			(!is_prerelease(value) && !value->has_post && !value->local.len));
	case REL_COMPATIBLE:
		return parse_version(text, &out->value) && !value->local.len &&
		       memchr(value->release.ptr, '.', value->release.len);
	case REL_AT_MOST:
	case REL_AT_LEAST:
	case REL_BELOW:
	case REL_ABOVE: break;
	}
	return parse_version(text, &out->value) && !value->local.len;
}

/* 1.2, 1.2.3 and 1.2rc1 begin with 1.2; 1 begins with 1.0.  */
static bool begins_with(const struct version *version, struct mc_str epoch, struct mc_str prefix)
{
	struct mc_str release = version->release;

	if (compare_numbers(version->epoch, epoch))
		return false;
	while (prefix.len)
		if (compare_numbers(mc_str_cut(&release, '.'), mc_str_cut(&prefix, '.')))
			return false;
	return true;
}

static bool is_equal(const struct specifier *specifier, const struct version *version)
{
	const struct version *value = &specifier->value;

	if (specifier->is_prefix)
		return begins_with(version, value->epoch, value->release);
	/* PEP 440, "Version matching": a local label is ignored unless the specifier has one.  */
	return value->local.len ? !compare_versions(version, value)
				: !compare_publics(version, value);
}

/* PEP 440, "Compatible release": "~=2.2.post3" is ">=2.2.post3, ==2.*".  */
static bool is_compatible(const struct version *version, const struct version *value)
{
	struct mc_str prefix = value->release;

	while (prefix.ptr[--prefix.len] != '.')
		;
	return compare_publics(version, value) >= 0 && begins_with(version, value->epoch, prefix);
}

/* PEP 440, "Exclusive ordered comparison": "<1.7" ends below the prereleases of 1.7.  */
static bool is_below(const struct version *version, const struct version *value)
{
	struct version first = *value;

	/* 1.7.dev0 */
	first.has_dev = true;
	return compare_publics(version, is_prerelease(value) ? value : &first) < 0;
}

/* The same chapter: ">1.7" starts above the post releases and local versions of 1.7.  */
static bool is_above(const struct version *version, const struct version *value)
{
	if (compare_publics(version, value) <= 0)
		return false;
	if (value->has_post || value->has_dev)
		return true;
	return compare_bases(version, value) || version->pre != value->pre ||
	       compare_numbers(version->pre_number, value->pre_number);
}

/* 'version' is NULL when 'text' is none.  */
static bool takes_one(const struct specifier *specifier, struct mc_str text,
		      const struct version *version)
{
	const struct version *value = &specifier->value;

	if (specifier->relation != REL_IDENTICAL && !version)
		return false;
	switch (specifier->relation) {
	case REL_IDENTICAL: return !compare_words(text, specifier->text);
	case REL_COMPATIBLE: return is_compatible(version, value);
	case REL_EQUAL: return is_equal(specifier, version);
	case REL_UNEQUAL: return !is_equal(specifier, version);
	case REL_AT_MOST: return compare_publics(version, value) <= 0;
	case REL_AT_LEAST: return compare_publics(version, value) >= 0;
	case REL_BELOW: return is_below(version, value);
	case REL_ABOVE: return is_above(version, value);
	}
	return false;
}

bool mc_pep440_takes(struct mc_str specifiers, struct mc_str version, bool takes_prereleases)
{
	struct version parsed;
	struct specifier specifier;
	bool is_version = parse_version(trim(version), &parsed), takes = true;

	if (is_version && !takes_prereleases && is_prerelease(&parsed))
		return false;
	while (specifiers.len && takes) {
		struct mc_str one = trim(mc_str_cut(&specifiers, ','));

		/* "Specifier sets" allow an empty one: ">=1,".  */
		if (one.len)
			takes = parse_specifier(one, &specifier) &&
				takes_one(&specifier, version, is_version ? &parsed : NULL);
	}
	return takes;
}
