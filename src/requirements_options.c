/* SPDX-License-Identifier: MIT */
/*
 * Options of one line: pip 26.3, _internal/req/req_file.py, get_line_parser(); Python's shlex
 * (posix, without comments) and optparse.
 */
#include "requirements_impl.h"

#include <string.h>

static const struct {
	const char *name;
	enum mc_req_option_id id;
	bool has_value;
} long_options[] = {
	{"--index-url", MC_REQ_INDEX_URL, true},
	{"--pypi-url", MC_REQ_INDEX_URL, true},
	{"--extra-index-url", MC_REQ_EXTRA_INDEX_URL, true},
	{"--no-index", MC_REQ_NO_INDEX, false},
	{"--constraint", MC_REQ_CONSTRAINT, true},
	{"--requirement", MC_REQ_REQUIREMENT, true},
	{"--editable", MC_REQ_EDITABLE, true},
	{"--find-links", MC_REQ_FIND_LINKS, true},
	{"--no-binary", MC_REQ_NO_BINARY, true},
	{"--only-binary", MC_REQ_ONLY_BINARY, true},
	{"--prefer-binary", MC_REQ_PREFER_BINARY, false},
	{"--require-hashes", MC_REQ_REQUIRE_HASHES, false},
	{"--no-require-hashes", MC_REQ_NO_REQUIRE_HASHES, false},
	{"--pre", MC_REQ_PRE, false},
	{"--all-releases", MC_REQ_ALL_RELEASES, true},
	{"--only-final", MC_REQ_ONLY_FINAL, true},
	{"--trusted-host", MC_REQ_TRUSTED_HOST, true},
	{"--use-feature", MC_REQ_USE_FEATURE, true},
	{"--hash", MC_REQ_HASH, true},
	{"--config-settings", MC_REQ_CONFIG_SETTINGS, true},
	{"--global-option", MC_REQ_GLOBAL_OPTION, true},
};

/* All of them take a value.  */
static const struct {
	char letter;
	enum mc_req_option_id id;
} short_options[] = {
	{'i', MC_REQ_INDEX_URL},  {'c', MC_REQ_CONSTRAINT}, {'r', MC_REQ_REQUIREMENT},
	{'e', MC_REQ_EDITABLE},   {'f', MC_REQ_FIND_LINKS}, {'C', MC_REQ_CONFIG_SETTINGS},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct words {
	struct mc_str *items;
	size_t count;
};

/* ---- shlex.split() ---- */

static bool is_shell_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A quoted text from its opening quote on; false when it does not end.  */
static bool take_quoted(struct mc_str *rest, char *text, size_t *len)
{
	char quote = rest->ptr[0];

	*rest = mc_str_skip(*rest, 1);
	while (rest->len && rest->ptr[0] != quote) {
		char c = rest->ptr[0];

		*rest = mc_str_skip(*rest, 1);
		if (c == '\\' && quote == '"' && rest->len &&
		    (rest->ptr[0] == '"' || rest->ptr[0] == '\\')) {
			c = rest->ptr[0];
			*rest = mc_str_skip(*rest, 1);
		}
		text[(*len)++] = c;
	}
	if (!rest->len)
		return false;
	*rest = mc_str_skip(*rest, 1);
	return true;
}

/* A word from its first byte on; false when quote or backslash lack their other half.  */
static bool take_word(struct mc_str *rest, char *text, size_t *len)
{
	while (rest->len && !is_shell_blank(rest->ptr[0])) {
		char c = rest->ptr[0];

		if (c == '"' || c == '\'') {
			if (!take_quoted(rest, text, len))
				return false;
			continue;
		}
		if (c == '\\') {
			*rest = mc_str_skip(*rest, 1);
			if (!rest->len)
				return false;
		}
		text[(*len)++] = rest->ptr[0];
		*rest = mc_str_skip(*rest, 1);
	}
	return true;
}

static enum mc_status split_words(struct mc_arena *scratch, struct mc_str line,
				  struct words *words_out, bool *is_whole_out)
{
	char *text = mc_arena_take(scratch, line.len + 1, 1);

	words_out->count = 0;
	words_out->items = MC_TAKE_ARRAY(scratch, struct mc_str, line.len / 2 + 1);
	if (!text || !words_out->items)
		return MC_ERR_NOMEM;
	*is_whole_out = true;
	for (;;) {
		size_t len = 0;

		while (line.len && is_shell_blank(line.ptr[0]))
			line = mc_str_skip(line, 1);
		if (!line.len)
			return MC_OK;
		if (!take_word(&line, text, &len)) {
			*is_whole_out = false;
			return MC_OK;
		}
		words_out->items[words_out->count++] = (struct mc_str){text, len};
		text += len;
	}
}

/* ---- optparse ---- */

/* OptionParser._match_long_opt(): the name, or the beginning of one name alone.  */
static const char *find_long(struct mc_str name, size_t *at_out)
{
	size_t found = 0;

	for (size_t i = 0; i < COUNT(long_options); i++) {
		struct mc_str whole = mc_str_of(long_options[i].name);

		if (!mc_str_starts(whole, name))
			continue;
		*at_out = i;
		if (whole.len == name.len)
			return NULL;
		found++;
	}
	return found == 1 ? NULL : found ? "an option is cut short" : "an option is not known";
}

/* What pip's callbacks refuse: _handle_merge_hash(), _handle_config_settings() and others.  */
static const char *check_value(enum mc_req_option_id id, struct mc_str value)
{
	bool is_names = id == MC_REQ_NO_BINARY || id == MC_REQ_ONLY_BINARY ||
			id == MC_REQ_ALL_RELEASES || id == MC_REQ_ONLY_FINAL;

	if (is_names && mc_str_starts(value, MC_STR("-")))
		return "an option of names has none";
	if (id == MC_REQ_HASH && !mc_str_starts(value, MC_STR("sha256:")) &&
	    !mc_str_starts(value, MC_STR("sha384:")) && !mc_str_starts(value, MC_STR("sha512:")))
		return "--hash wants sha256:, sha384: or sha512:";
	if (id == MC_REQ_CONFIG_SETTINGS && (!value.len || !memchr(value.ptr, '=', value.len)))
		return "--config-settings wants KEY=VALUE";
	return NULL;
}

static const char *keep_option(struct mc_req_parsed *parsed, enum mc_req_option_id id,
			       struct mc_str value)
{
	parsed->options[parsed->count++] = (struct mc_req_option){id, value};
	return check_value(id, value);
}

/* The value is 'given' (ptr not NULL), or the next word.  */
static const char *take_value(struct mc_req_parsed *parsed, const struct words *words, size_t *at,
			      enum mc_req_option_id id, struct mc_str given)
{
	if (given.ptr)
		return keep_option(parsed, id, given);
	if (*at == words->count)
		return "an option lacks its value";
	return keep_option(parsed, id, words->items[(*at)++]);
}

static const char *take_long(struct mc_req_parsed *parsed, const struct words *words, size_t *at,
			     struct mc_str word)
{
	struct mc_str value = word, name = mc_str_cut(&value, '='), none = {NULL, 0};
	bool has_value = name.len < word.len;
	size_t which = 0;
	const char *wrong = find_long(name, &which);

	if (wrong)
		return wrong;
	if (long_options[which].has_value)
		return take_value(parsed, words, at, long_options[which].id,
				  has_value ? value : none);
	return has_value ? "an option has a value that takes none"
			 : keep_option(parsed, long_options[which].id, none);
}

static const char *take_short(struct mc_req_parsed *parsed, const struct words *words, size_t *at,
			      struct mc_str word)
{
	struct mc_str rest = mc_str_skip(word, 2), none = {NULL, 0};

	for (size_t i = 0; i < COUNT(short_options); i++)
		if (short_options[i].letter == word.ptr[1])
			return take_value(parsed, words, at, short_options[i].id,
					  rest.len ? rest : none);
	return "an option is not known";
}

/* OptionParser._process_args(): what is no option is passed over.  */
static const char *take_options(struct mc_req_parsed *parsed, const struct words *words)
{
	const char *wrong = NULL;

	for (size_t at = 0; !wrong && at < words->count;) {
		struct mc_str word = words->items[at++];

		if (mc_str_is(word, MC_STR("--")))
			break;
		if (mc_str_starts(word, MC_STR("--")))
			wrong = take_long(parsed, words, &at, word);
		else if (word.len > 1 && word.ptr[0] == '-')
			wrong = take_short(parsed, words, &at, word);
	}
	return wrong;
}

/* ---- a line ---- */

struct mc_str mc_req_cut_args(struct mc_str *line)
{
	struct mc_str args = *line;

	for (size_t i = 0; i < line->len; i++) {
		if (line->ptr[i] != '-' || (i && line->ptr[i - 1] != ' '))
			continue;
		args.len = i ? i - 1 : 0; /* without the blank that the words were cut at */
		*line = mc_str_skip(*line, i);
		return args;
	}
	line->len = 0;
	return args;
}

enum mc_status mc_req_parse(struct mc_arena *scratch, struct mc_str line,
			    struct mc_req_parsed *parsed_out)
{
	struct words words;
	bool is_whole;

	*parsed_out = (struct mc_req_parsed){.args = mc_req_cut_args(&line)};
	if (!line.len)
		return MC_OK;
	MC_TRY(split_words(scratch, line, &words, &is_whole));
	if (!is_whole) {
		parsed_out->wrong = "a quote or backslash has no end";
		return MC_OK;
	}
	parsed_out->options = MC_TAKE_ARRAY(scratch, struct mc_req_option, words.count + 1);
	if (!parsed_out->options)
		return MC_ERR_NOMEM;
	parsed_out->wrong = take_options(parsed_out, &words);
	return MC_OK;
}

const struct mc_req_option *mc_req_first(const struct mc_req_parsed *parsed,
					 enum mc_req_option_id id)
{
	for (size_t i = 0; i < parsed->count; i++)
		if (parsed->options[i].id == id)
			return &parsed->options[i];
	return NULL;
}
