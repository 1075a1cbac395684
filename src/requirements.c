/* SPDX-License-Identifier: MIT */
/* Lines, options and entries of requirements files, in the order of pip's req_file.py.  */
#include "muslcheck/requirements.h"

#include "file.h"
#include "marker.h"
#include "path.h"
#include "problems.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct mc_arena *arena;
	struct mc_requirements *out;
	struct mc_error *err;
	struct mc_problems problems;
	size_t entries_room, constraints_room, urls_room, links_room, files_count;
	struct mc_map files; /* read so far, or being read */

	/* Of the file and line that are being read.  */
	struct mc_str file;
	unsigned line, depth;
	bool is_constraint;
};

MC_PRINTF(2, 3) static enum mc_status problem(struct reader *r, const char *fmt, ...)
{
	enum mc_status status;
	va_list args;

	va_start(args, fmt);
	status = mc_problems_add(&r->problems, r->arena, r->line, fmt, args);
	va_end(args);
	return status ? mc_no_memory(r->err) : MC_OK;
}

/* Where 'items' has room for one more; NULL when memory ran out.  */
static void *grow(struct reader *r, void *items, size_t count, size_t *room, size_t nbytes)
{
	size_t more = *room ? *room * 2 : 16;
	void *larger;

	if (count < *room)
		return items;
	larger = mc_arena_take_array(r->arena, more, nbytes, _Alignof(max_align_t));
	if (!larger)
		return NULL;
	if (count)
		memcpy(larger, items, count * nbytes);
	*room = more;
	return larger;
}

/* ---- lines ---- */

/* How long the line end at 'i' is, as str.splitlines() takes it; 0: there is none.  */
static size_t line_end(struct mc_str text, size_t i)
{
	const unsigned char *c = (const unsigned char *)text.ptr + i;
	size_t left = text.len - i;

	if (*c == '\r')
		return left > 1 && c[1] == '\n' ? 2 : 1;
	if ((*c >= '\n' && *c <= '\f') || (*c >= 0x1c && *c <= 0x1e))
		return 1;
	if (left > 1 && c[0] == 0xc2 && c[1] == 0x85) /* NEL */
		return 2;
	if (left > 2 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9))
		return 3; /* the separators of lines and paragraphs */
	return 0;
}

static struct mc_str cut_line(struct mc_str *rest)
{
	struct mc_str line = *rest;
	size_t end = 0;

	for (line.len = 0; line.len < rest->len; line.len++)
		if ((end = line_end(*rest, line.len)))
			break;
	*rest = mc_str_skip(*rest, line.len + end);
	return line;
}

static struct mc_str strip(struct mc_str text)
{
	while (text.len && mc_is_space(text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && mc_is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* COMMENT_RE at the start of a line: "(^|\s+)#".  */
static bool is_comment(struct mc_str line)
{
	while (line.len && mc_is_space(line.ptr[0]))
		line = mc_str_skip(line, 1);
	return line.len && line.ptr[0] == '#';
}

static bool goes_on(struct mc_str line)
{
	return mc_str_ends(line, MC_STR("\\")) && !is_comment(line);
}

/* join_lines(): what ends in a backslash goes on in the next line.  */
static enum mc_status join_lines(struct reader *r, struct mc_str *rest, unsigned *at,
				 struct mc_str *line_out)
{
	struct mc_str line = cut_line(rest), ahead = *rest;
	size_t used = 0, nbytes = line.len;
	char *joined;

	r->line = ++*at;
	*line_out = line;
	if (!goes_on(line))
		return MC_OK;
	for (struct mc_str next = line; goes_on(next) && ahead.len; nbytes += next.len + 1)
		next = cut_line(&ahead);
	joined = mc_arena_take(r->arena, nbytes + 1, 1);
	if (!joined)
		return mc_no_memory(r->err);
	for (;; line = cut_line(rest), ++*at) {
		bool is_more = goes_on(line);

		if (is_comment(line)) /* so that it stays one */
			joined[used++] = ' ';
		while (is_more && line.len && line.ptr[0] == '\\')
			line = mc_str_skip(line, 1);
		while (is_more && line.len && line.ptr[line.len - 1] == '\\')
			line.len--;
		memcpy(joined + used, line.ptr, line.len);
		used += line.len;
		if (!is_more || !rest->len)
			break;
	}
	*line_out = (struct mc_str){joined, used};
	return MC_OK;
}

/* ignore_comments() */
static struct mc_str without_comment(struct mc_str line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '#' && (!i || mc_is_space(line.ptr[i - 1]))) {
			line.len = i;
			break;
		}
	}
	return strip(line);
}

/* "${NAME}" at the start of 'text', ENV_VAR_RE: its length, else 0.  */
static size_t variable(struct mc_str text, char name[static 128])
{
	size_t n = 2;

	if (!mc_str_starts(text, MC_STR("${")))
		return 0;
	while (n < text.len && n < 129 &&
	       ((text.ptr[n] >= 'A' && text.ptr[n] <= 'Z') || (text.ptr[n] >= '0' && text.ptr[n] <= '9') ||
		text.ptr[n] == '_'))
		n++;
	if (n == 2 || n >= text.len || n >= 129 || text.ptr[n] != '}')
		return 0;
	memcpy(name, text.ptr + 2, n - 2);
	name[n - 2] = '\0';
	return n + 1;
}

/* expand_env_variables(): those that are not set stay as they are.  */
static enum mc_status expand(struct reader *r, struct mc_str *line)
{
	struct mc_str rest = *line, out = MC_STR("");

	if (!memchr(line->ptr, '$', line->len))
		return MC_OK;
	for (size_t i = 0; i < rest.len;) {
		char name[128];
		size_t n = variable(mc_str_skip(rest, i), name);
		const char *value = n ? getenv(name) : NULL;

		if (!value || !*value) {
			i += n ? n : 1;
			continue;
		}
		out = mc_arena_printf(r->arena, "%.*s%.*s%s", MC_TEXT(out), (int)i, rest.ptr, value);
		if (!out.len)
			return mc_no_memory(r->err);
		rest = mc_str_skip(rest, i + n);
		i = 0;
		if (out.len > MC_REQUIREMENT_NBYTES_MAX)
			return problem(r, "a line that is too long");
	}
	*line = mc_arena_printf(r->arena, "%.*s%.*s", MC_TEXT(out), MC_TEXT(rest));
	return line->len || !rest.len ? MC_OK : mc_no_memory(r->err);
}

/* ---- options ---- */

enum option {
	OPTION_INDEX_URL,
	OPTION_EXTRA_URL,
	OPTION_NO_INDEX,
	OPTION_CONSTRAINT,
	OPTION_REQUIREMENT,
	OPTION_EDITABLE,
	OPTION_FIND_LINKS,
	OPTION_NO_BINARY,
	OPTION_ONLY_BINARY,
	OPTION_PRE,
	OPTION_HASH,
	OPTION_IGNORED,
};

/* SUPPORTED_OPTIONS and SUPPORTED_OPTIONS_REQ.  */
static const struct {
	const char *name;
	char letter;
	bool has_value;
	enum option option;
} known_options[] = {
	{"index-url", 'i', true, OPTION_INDEX_URL},
	{"pypi-url", 0, true, OPTION_INDEX_URL},
	{"extra-index-url", 0, true, OPTION_EXTRA_URL},
	{"no-index", 0, false, OPTION_NO_INDEX},
	{"constraint", 'c', true, OPTION_CONSTRAINT},
	{"requirement", 'r', true, OPTION_REQUIREMENT},
	{"editable", 'e', true, OPTION_EDITABLE},
	{"find-links", 'f', true, OPTION_FIND_LINKS},
	{"no-binary", 0, true, OPTION_NO_BINARY},
	{"only-binary", 0, true, OPTION_ONLY_BINARY},
	{"pre", 0, false, OPTION_PRE},
	{"hash", 0, true, OPTION_HASH},
	{"prefer-binary", 0, false, OPTION_IGNORED},
	{"require-hashes", 0, false, OPTION_IGNORED},
	{"trusted-host", 0, true, OPTION_IGNORED},
	{"use-feature", 0, true, OPTION_IGNORED},
	{"global-option", 0, true, OPTION_IGNORED},
	{"config-setting", 0, true, OPTION_IGNORED},
	{"config-settings", 'C', true, OPTION_IGNORED},
};

enum { KNOWN_COUNT = sizeof(known_options) / sizeof(*known_options) };

/* shlex.split(): the next word of 'rest' in the arena; empty ptr at the end.  */
static enum mc_status next_word(struct reader *r, struct mc_str *rest, struct mc_str *word_out)
{
	char *word, quote = 0;
	size_t used = 0, i = 0;

	*rest = strip(*rest);
	*word_out = (struct mc_str){NULL, 0};
	if (!rest->len)
		return MC_OK;
	word = mc_arena_take(r->arena, rest->len + 1, 1);
	if (!word)
		return mc_no_memory(r->err);
	for (; i < rest->len && (quote || !mc_is_space(rest->ptr[i])); i++) {
		char c = rest->ptr[i];

		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
		} else if (c == '\\' && quote != '\'' && i + 1 < rest->len) {
			/* Within double quotes only these are escaped.  */
			if (quote && rest->ptr[i + 1] != '"' && rest->ptr[i + 1] != '\\')
				word[used++] = c;
			word[used++] = rest->ptr[++i];
		} else {
			word[used++] = c;
		}
	}
	*rest = mc_str_skip(*rest, i);
	*word_out = (struct mc_str){word, used};
	return MC_OK;
}

/* optparse takes any beginning of a long name that is one name's alone.  */
static size_t find_option(struct mc_str name)
{
	size_t found = KNOWN_COUNT;

	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		struct mc_str its = mc_str_of(known_options[i].name);

		if (mc_str_is(its, name))
			return i;
		if (mc_str_starts(its, name))
			found = found == KNOWN_COUNT ? i : KNOWN_COUNT + 1;
	}
	return found > KNOWN_COUNT ? KNOWN_COUNT : found;
}

static size_t find_letter(char letter)
{
	size_t i = 0;

	while (i < KNOWN_COUNT && known_options[i].letter != letter)
		i++;
	return i;
}

/* One option with its value; '*i_out' is KNOWN_COUNT where it is none.  */
static enum mc_status next_option(struct reader *r, struct mc_str *rest, size_t *i_out,
				  struct mc_str *value_out, bool *is_end_out)
{
	struct mc_str word, name;
	bool has_value;

	MC_TRY(next_word(r, rest, &word));
	*is_end_out = !word.ptr;
	*i_out = KNOWN_COUNT;
	*value_out = MC_STR("");
	if (!word.ptr || word.len < 2 || word.ptr[0] != '-')
		return MC_OK;
	if (word.ptr[1] == '-') {
		*value_out = mc_str_skip(word, 2);
		has_value = memchr(word.ptr, '=', word.len);
		name = mc_str_cut(value_out, '=');
		*i_out = name.len ? find_option(name) : KNOWN_COUNT;
	} else {
		*i_out = find_letter(word.ptr[1]);
		*value_out = mc_str_skip(word, 2);
		has_value = value_out->len > 0;
	}
	if (*i_out == KNOWN_COUNT)
		return MC_OK;
	if (has_value != known_options[*i_out].has_value) {
		if (has_value) {
			*i_out = KNOWN_COUNT;
			return MC_OK;
		}
		MC_TRY(next_word(r, rest, value_out));
		if (!value_out->ptr) {
			*value_out = MC_STR("");
			*i_out = KNOWN_COUNT;
		}
	}
	return MC_OK;
}

/* ---- what options say ---- */

static bool is_listed(const struct mc_format_control *list, struct mc_str name)
{
	for (size_t i = 0; i < list->count; i++)
		if (mc_str_is(list->names[i], name))
			return true;
	return false;
}

static void discard(struct mc_format_control *list, struct mc_str name)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!mc_str_is(list->names[i], name))
			list->names[kept++] = list->names[i];
	list->count = kept;
}

/* FormatControl.handle_mutual_excludes(): ":all:" and ":none:" forget what came before.  */
static enum mc_status add_formats(struct reader *r, struct mc_str value, struct mc_format_control *list,
				  struct mc_format_control *other)
{
	while (value.len) {
		struct mc_str one = mc_str_cut(&value, ',');

		if (mc_str_is(one, MC_STR(":none:"))) {
			list->count = 0;
			continue;
		}
		if (mc_str_is(one, MC_STR(":all:"))) {
			list->count = other->count = 0;
		} else if (mc_name_normalise(r->arena, one, &one)) {
			return mc_no_memory(r->err);
		}
		discard(other, one);
		if (is_listed(list, one))
			continue;
		list->names = grow(r, list->names, list->count, &list->room, sizeof(*list->names));
		if (!list->names)
			return mc_no_memory(r->err);
		list->names[list->count++] = one;
	}
	return MC_OK;
}

static bool takes(const struct mc_format_control *refused, const struct mc_format_control *wanted,
		  struct mc_str name)
{
	return !is_listed(refused, name) && (!is_listed(refused, MC_STR(":all:")) || is_listed(wanted, name));
}

/* FormatControl.get_allowed_formats(): a name is stronger than ":all:".  */
bool mc_requirements_takes_wheel(const struct mc_requirements *requirements, struct mc_str name)
{
	return takes(&requirements->no_binary, &requirements->only_binary, name);
}

bool mc_requirements_takes_sdist(const struct mc_requirements *requirements, struct mc_str name)
{
	return takes(&requirements->only_binary, &requirements->no_binary, name);
}

static bool has_scheme(struct mc_str text)
{
	return mc_str_starts(text, MC_STR("http:")) || mc_str_starts(text, MC_STR("https:")) ||
	       mc_str_starts(text, MC_STR("file:")) || mc_str_starts(text, MC_STR("ftp:"));
}

static bool is_remote_url(struct mc_str text)
{
	return mc_str_starts(text, MC_STR("http:")) || mc_str_starts(text, MC_STR("https:"));
}

/* A path that the file means, relative to itself; NUL-terminated.  */
static enum mc_status beside_file(struct reader *r, struct mc_str path, struct mc_str *path_out)
{
	struct mc_str folder = mc_path_parent(r->file);
	bool is_plain = !folder.len || (path.len && path.ptr[0] == '/') || has_scheme(path);

	while (mc_str_starts(path, MC_STR("./"))) /* so that a file that includes itself is seen */
		path = mc_str_skip(path, 2);
	*path_out = is_plain ? mc_arena_printf(r->arena, "%.*s", MC_TEXT(path))
			     : mc_arena_printf(r->arena, "%.*s/%.*s", MC_TEXT(folder), MC_TEXT(path));
	return path_out->len || !path.len ? MC_OK : mc_no_memory(r->err);
}

static enum mc_status add_text(struct reader *r, struct mc_str **list, size_t *count, size_t *room,
			       struct mc_str text)
{
	*list = grow(r, *list, *count, room, sizeof(**list));
	if (!*list)
		return mc_no_memory(r->err);
	(*list)[(*count)++] = text;
	return MC_OK;
}

static enum mc_status read_file(struct reader *r, struct mc_str path, bool is_constraint);

/* handle_option_line() and the nested files of _parse_and_recurse().  */
static enum mc_status take_option(struct reader *r, enum option option, struct mc_str value)
{
	struct mc_requirements *out = r->out;
	struct mc_str path;

	switch (option) {
	case OPTION_INDEX_URL: out->index_url = value; return MC_OK;
	case OPTION_EXTRA_URL:
		return add_text(r, &out->extra_urls, &out->extra_urls_count, &r->urls_room, value);
	case OPTION_NO_INDEX: out->has_no_index = true; return MC_OK;
	case OPTION_PRE: out->takes_prereleases = true; return MC_OK;
	case OPTION_NO_BINARY: return add_formats(r, value, &out->no_binary, &out->only_binary);
	case OPTION_ONLY_BINARY: return add_formats(r, value, &out->only_binary, &out->no_binary);
	case OPTION_FIND_LINKS:
		MC_TRY(beside_file(r, value, &path));
		return add_text(r, &out->find_links, &out->find_links_count, &r->links_room, path);
	case OPTION_REQUIREMENT:
	case OPTION_CONSTRAINT:
		if (is_remote_url(value))
			return problem(r, "%.*s is not fetched", MC_TEXT(value));
		MC_TRY(beside_file(r, value, &path));
		return read_file(r, path, option == OPTION_CONSTRAINT);
	case OPTION_EDITABLE:
	case OPTION_HASH:
	case OPTION_IGNORED: break;
	}
	return MC_OK;
}

/* ---- entries ---- */

static bool is_archive_name(struct mc_str name)
{
	static const char *const ends[] = {".whl", ".zip",     ".tar.gz",  ".tgz", ".tar",
					   ".tar.bz2", ".tbz", ".tar.xz", ".txz"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (mc_str_ends(name, mc_str_of(ends[i])))
			return true;
	return false;
}

/* "#sha256=..." and the like at the end of a URL.  */
static struct mc_str without_fragment(struct mc_str url, struct mc_str *fragment_out)
{
	*fragment_out = url;
	url = mc_str_cut(fragment_out, '#');
	return url;
}

static bool is_vcs(struct mc_str url)
{
	static const char *const schemes[] = {"git+", "hg+", "bzr+", "svn+", "git:", "ssh:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (mc_str_starts(url, mc_str_of(schemes[i])))
			return true;
	return false;
}

/* "egg=NAME" of a fragment.  */
static enum mc_status name_of_fragment(struct reader *r, struct mc_str fragment, struct mc_str *name_out)
{
	while (fragment.len) {
		struct mc_str one = mc_str_cut(&fragment, '&');

		if (!mc_str_starts(one, MC_STR("egg=")))
			continue;
		one = mc_str_skip(one, 4);
		one = mc_str_cut(&one, '[');
		return mc_name_normalise(r->arena, one, name_out) ? mc_no_memory(r->err) : MC_OK;
	}
	return MC_OK;
}

/* Where a URL or a path leads to.  */
static enum mc_status read_place(struct reader *r, struct mc_str place, struct mc_wanted *wanted)
{
	struct mc_str fragment = MC_STR(""), bare = place;

	wanted->is_remote = is_remote_url(place);
	if (is_vcs(place)) {
		wanted->kind = MC_WANTED_VCS;
		wanted->is_remote = true;
		bare = without_fragment(place, &fragment);
	} else if (has_scheme(place)) {
		bare = without_fragment(place, &fragment);
		if (mc_str_starts(bare, MC_STR("file://")))
			bare = mc_str_skip(bare, 7);
		else if (mc_str_starts(bare, MC_STR("file:")))
			bare = mc_str_skip(bare, 5);
		wanted->kind = is_archive_name(mc_path_base(bare)) || wanted->is_remote
				       ? MC_WANTED_ARCHIVE
				       : MC_WANTED_FOLDER;
	} else {
		/* "./pkg[extra]" */
		if (bare.len && bare.ptr[bare.len - 1] == ']')
			bare = mc_str_cut(&place, '[');
		wanted->kind = is_archive_name(bare) ? MC_WANTED_ARCHIVE : MC_WANTED_FOLDER;
	}
	if (!wanted->requirement.name.len)
		MC_TRY(name_of_fragment(r, fragment, &wanted->requirement.name));
	/* pip takes paths from where it runs, and not from the file (parse_req_from_line()).  */
	wanted->place = mc_arena_printf(r->arena, "%.*s", MC_TEXT(bare));
	return wanted->place.len || !bare.len ? MC_OK : mc_no_memory(r->err);
}

/* _looks_like_path() or _get_url_from_path(): what stands there is no name.  */
static bool is_place(struct mc_str text)
{
	struct mc_str left = text, first;

	if (has_scheme(text) || is_vcs(text))
		return true;
	first = mc_str_cut(&left, '@');
	first = strip(first);
	return mc_str_starts(first, MC_STR(".")) || memchr(first.ptr, '/', first.len) ||
	       (first.len == strip(text).len && is_archive_name(first));
}

/* A marker may follow a place behind "; ", since ';' may stand in a URL.  */
static struct mc_str cut_marker(struct mc_str *text)
{
	bool needs_blank = has_scheme(*text) || is_vcs(*text);

	for (size_t i = 0; i < text->len; i++) {
		struct mc_str marker;

		if (text->ptr[i] != ';' || (needs_blank && (i + 1 >= text->len || text->ptr[i + 1] != ' ')))
			continue;
		marker = strip(mc_str_skip(*text, i + 1));
		*text = strip((struct mc_str){text->ptr, i});
		return marker;
	}
	return MC_STR("");
}

static bool is_pin(struct mc_str specifiers)
{
	return mc_str_starts(specifiers, MC_STR("==")) && !memchr(specifiers.ptr, ',', specifiers.len) &&
	       !mc_str_ends(strip(specifiers), MC_STR("*"));
}

static enum mc_status read_entry(struct reader *r, struct mc_str text, struct mc_wanted *wanted,
				 bool *is_good_out)
{
	struct mc_error why = MC_ERROR_INIT;
	enum mc_status status;

	*is_good_out = true;
	if (wanted->is_editable || is_place(text)) {
		wanted->requirement.marker = cut_marker(&text);
		return read_place(r, text, wanted);
	}
	status = mc_requirement_read(r->arena, text, &wanted->requirement, &why);
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	if (status) {
		*is_good_out = false;
		return problem(r, "%.*s: %s", MC_TEXT(text), why.text);
	}
	wanted->is_pinned = is_pin(wanted->requirement.specifiers);
	if (wanted->requirement.url.len)
		return read_place(r, wanted->requirement.url, wanted);
	return MC_OK;
}

static enum mc_status keep_entry(struct reader *r, const struct mc_wanted *wanted)
{
	struct mc_requirements *out = r->out;

	if (out->entries_count + out->constraints_count >= MC_REQUIREMENTS_COUNT_MAX)
		return mc_fail(r->err, MC_ERR_LIMIT, out->path, "it asks for more than %zu dists",
			       MC_REQUIREMENTS_COUNT_MAX);
	if (r->is_constraint && wanted->kind != MC_WANTED_NAME)
		return MC_OK; /* a place that a constraint names is not looked at */
	if (r->is_constraint) {
		out->constraints = grow(r, out->constraints, out->constraints_count, &r->constraints_room,
					sizeof(*wanted));
		if (!out->constraints)
			return mc_no_memory(r->err);
		out->constraints[out->constraints_count++] = *wanted;
		return MC_OK;
	}
	out->entries = grow(r, out->entries, out->entries_count, &r->entries_room, sizeof(*wanted));
	if (!out->entries)
		return mc_no_memory(r->err);
	out->entries[out->entries_count++] = *wanted;
	return MC_OK;
}

/* "sha256:HEX"; hashes of another kind cannot be compared with what an index says.  */
static enum mc_status add_hash(struct reader *r, struct mc_wanted *wanted, struct mc_str value,
			       size_t *room)
{
	struct mc_str *hashes, kind = mc_str_cut(&value, ':');
	char *lower;

	wanted->has_hashes = true;
	if (!mc_str_is(kind, MC_STR("sha256")) || value.len != 64)
		return MC_OK;
	hashes = grow(r, (void *)(uintptr_t)wanted->sha256s, wanted->sha256s_count, room, sizeof(*hashes));
	lower = mc_arena_take(r->arena, value.len + 1, 1);
	if (!hashes || !lower)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < value.len; i++)
		lower[i] = mc_ascii_lower(value.ptr[i]);
	hashes[wanted->sha256s_count++] = (struct mc_str){lower, value.len};
	wanted->sha256s = hashes;
	return MC_OK;
}

/* break_args_options(): options begin at the first word that starts with a dash.  */
static struct mc_str cut_options(struct mc_str *line)
{
	for (size_t i = 0; i < line->len; i++) {
		struct mc_str options;

		if (line->ptr[i] != '-' || (i && line->ptr[i - 1] != ' '))
			continue;
		options = mc_str_skip(*line, i);
		line->len = i;
		*line = strip(*line);
		return options;
	}
	return MC_STR("");
}

static enum mc_status read_line(struct reader *r, struct mc_str line)
{
	struct mc_wanted wanted = {.file = r->file, .line = r->line};
	struct mc_str options = cut_options(&line), asked = line;
	size_t hashes_room = 0;
	bool is_end, is_good;

	wanted.place = wanted.requirement.name = MC_STR("");
	wanted.requirement.specifiers = wanted.requirement.url = wanted.requirement.marker = MC_STR("");
	for (;;) {
		struct mc_str value;
		size_t i;

		MC_TRY(next_option(r, &options, &i, &value, &is_end));
		if (is_end)
			break;
		if (i == KNOWN_COUNT)
			return problem(r, "an option that pip does not know");
		if (known_options[i].option == OPTION_HASH)
			MC_TRY(add_hash(r, &wanted, value, &hashes_room));
		else if (known_options[i].option == OPTION_EDITABLE && !asked.len) {
			asked = value;
			wanted.is_editable = true;
		} else if (!line.len) {
			MC_TRY(take_option(r, known_options[i].option, value));
		}
	}
	if (!asked.len)
		return MC_OK;
	wanted.text = asked;
	MC_TRY(read_entry(r, asked, &wanted, &is_good));
	return is_good ? keep_entry(r, &wanted) : MC_OK;
}

/* ---- files ---- */

static struct mc_str without_mark(struct mc_str text)
{
	return mc_str_starts(text, MC_STR("\xef\xbb\xbf")) ? mc_str_skip(text, 3) : text;
}

static enum mc_status read_lines(struct reader *r, struct mc_str text)
{
	unsigned at = 0;

	for (text = without_mark(text); text.len;) {
		struct mc_str line;

		MC_TRY(join_lines(r, &text, &at, &line));
		line = without_comment(line);
		if (line.len > MC_REQUIREMENT_NBYTES_MAX) {
			MC_TRY(problem(r, "a line that is too long"));
			continue;
		}
		if (!line.len)
			continue;
		MC_TRY(expand(r, &line));
		MC_TRY(read_line(r, strip(line)));
	}
	return MC_OK;
}

/* A file once: again as a constraint is another reading.  */
static enum mc_status is_new_file(struct reader *r, struct mc_str path, bool is_constraint, bool *is_new_out)
{
	uint64_t hash = mc_hash_pair(mc_hash_text(path), is_constraint);
	const struct mc_str *other;
	struct mc_str *kept;

	*is_new_out = false;
	for (size_t at = 0; (other = mc_map_next(&r->files, hash, &at));)
		if (mc_str_is(*other, path))
			return MC_OK;
	kept = MC_TAKE(r->arena, struct mc_str);
	if (!kept || mc_map_add(r->arena, &r->files, hash, kept))
		return mc_no_memory(r->err);
	*kept = path;
	*is_new_out = true;
	return MC_OK;
}

static enum mc_status read_text(struct reader *r, struct mc_str path, struct mc_str *text_out,
				struct mc_error *err)
{
	enum mc_status status = mc_read_text(r->arena, AT_FDCWD, path.ptr, MC_REQUIREMENTS_NBYTES_MAX + 1,
					     text_out);

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	if (status == MC_ERR_NOT_FOUND || status == MC_ERR_UNSUPPORTED)
		return mc_fail(err, MC_ERR_NOT_FOUND, path.ptr, "there is no such regular file");
	if (status)
		return mc_fail(err, status, path.ptr, "cannot read it");
	if (text_out->len > MC_REQUIREMENTS_NBYTES_MAX)
		return mc_fail(err, MC_ERR_LIMIT, path.ptr, "it is longer than any requirements file");
	if (text_out->len && memchr(text_out->ptr, '\0', text_out->len))
		return mc_fail(err, MC_ERR_FORMAT, path.ptr, "it is no text: no requirements file");
	return MC_OK;
}

static enum mc_status read_file(struct reader *r, struct mc_str path, bool is_constraint)
{
	struct reader outer = *r;
	struct mc_error why = MC_ERROR_INIT;
	struct mc_str text;
	enum mc_status status;
	bool is_new;

	if (r->depth == MC_REQUIREMENTS_DEPTH_MAX || r->files_count == MC_REQUIREMENTS_FILES_MAX)
		return problem(r, "%.*s: too many files in files", MC_TEXT(path));
	MC_TRY(is_new_file(r, path, is_constraint, &is_new));
	if (!is_new)
		return MC_OK;
	r->files_count++;
	status = read_text(r, path, &text, r->depth ? &why : r->err);
	if (status == MC_ERR_NOMEM || (status && !r->depth))
		return status;
	if (status)
		return problem(r, "%.*s: %s", MC_TEXT(path), why.text);
	r->file = path;
	r->is_constraint = is_constraint;
	r->depth++;
	status = read_lines(r, text);
	r->file = outer.file;
	r->line = outer.line;
	r->is_constraint = outer.is_constraint;
	r->depth--;
	return status;
}

bool mc_requirements_is_name(struct mc_str name)
{
	static const char *const words[] = {"requirement", "constraint", "reqs", "deps"};

	if (!mc_str_ends(name, MC_STR(".txt")) && !mc_str_ends(name, MC_STR(".in")))
		return false;
	for (size_t i = 0; i < name.len; i++)
		for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
			if (mc_str_starts(mc_str_skip(name, i), mc_str_of(words[w])))
				return true;
	return false;
}

enum mc_status mc_requirements_read(const char *path, struct mc_arena *arena,
				    struct mc_requirements *out, struct mc_error *err)
{
	struct reader r = {.arena = arena, .out = out, .err = err, .file = MC_STR("")};

	*out = (struct mc_requirements){.path = path, .index_url = {"", 0}};
	MC_TRY(read_file(&r, mc_str_of(path), false));
	if (mc_problems_end(&r.problems, arena))
		return mc_no_memory(err);
	out->problems = r.problems.items;
	out->problems_count = r.problems.count;
	return MC_OK;
}
