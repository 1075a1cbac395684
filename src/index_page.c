/* SPDX-License-Identifier: MIT */
/* The simple API: PEP 503 and 592 (HTML), 629 (versions), 691 and 700 (JSON); what pip makes
 * of them is in its _internal/index/collector.py and _internal/models/link.py.  */
#include "index_impl.h"

#include "json_read.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct mc_str trim(struct mc_str text)
{
	while (text.len && is_space(text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* ---- offers ---- */

struct reader {
	struct mc_arena *arena;
	struct mc_str base;
	struct mc_index_page *page;
	size_t links_nbytes; /* a short link below a long base takes more than its own bytes */
	const char *problem;
};

static enum mc_status fail(struct reader *r, enum mc_status status, const char *problem)
{
	r->problem = problem;
	return status;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = mc_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Link.filename: the last component of the path, unquoted.  Empty when it is no sane one.  */
static enum mc_status file_name_of(struct mc_arena *arena, struct mc_str url,
				   struct mc_str *name_out)
{
	char *name;
	size_t len = 0;

	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] == '?')
			url.len = i;
	while (url.len && memchr(url.ptr, '/', url.len))
		mc_str_cut(&url, '/');
	name = mc_arena_take(arena, url.len + 1, 1);
	if (!name)
		return MC_ERR_NOMEM;
	*name_out = (struct mc_str){"", 0};
	for (size_t i = 0; i < url.len; i++) {
		char c = url.ptr[i];

		if (c == '%' && url.len - i > 2 && hex_digit(url.ptr[i + 1]) >= 0 &&
		    hex_digit(url.ptr[i + 2]) >= 0) {
			c = (char)(hex_digit(url.ptr[i + 1]) * 16 + hex_digit(url.ptr[i + 2]));
			i += 2;
		}
		/* It becomes the name of a file of ours, and a person reads it.  */
		if (c == '/' || (unsigned char)c < ' ' || c == 0x7f)
			return MC_OK;
		name[len++] = c;
	}
	if (len && len < 256 && name[0] != '.')
		*name_out = (struct mc_str){name, len};
	return MC_OK;
}

/* Lower case; empty when it is no SHA-256.  */
static enum mc_status read_hash(struct mc_arena *arena, struct mc_str text, struct mc_str *hash_out)
{
	char *hash;

	*hash_out = (struct mc_str){"", 0};
	if (text.len != MC_SHA256_HEX_NBYTES)
		return MC_OK;
	for (size_t i = 0; i < text.len; i++)
		if (hex_digit(text.ptr[i]) < 0)
			return MC_OK;
	hash = mc_arena_take(arena, text.len + 1, 1);
	if (!hash)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < text.len; i++)
		hash[i] = mc_ascii_lower(text.ptr[i]);
	*hash_out = (struct mc_str){hash, text.len};
	return MC_OK;
}

/* "#sha256=..." or "#egg=x&sha256=..."  */
static struct mc_str hash_in_fragment(struct mc_str fragment)
{
	while (fragment.len) {
		struct mc_str one = mc_str_cut(&fragment, '&');

		if (mc_str_starts(one, MC_STR("sha256=")))
			return mc_str_skip(one, 7);
	}
	return fragment;
}

static enum mc_status keep(struct reader *r, const struct mc_candidate *offer)
{
	struct mc_index_page *page = r->page;
	struct mc_candidate *offers;

	if (page->count == MC_INDEX_FILES_MAX)
		return fail(r, MC_ERR_LIMIT, "it has more files than a project has");
	offers = mc_arena_grow(r->arena, page->offers, page->count, &page->room, sizeof(*offers));
	if (!offers)
		return MC_ERR_NOMEM;
	page->offers = offers;
	page->offers[page->count++] = *offer;
	return MC_OK;
}

/* What a page says of one file; all texts are slices of it or in the scratch of the reader.  */
struct entry {
	struct mc_str url, sha256, requires_python;
	uint64_t nbytes;
	bool is_yanked;
};

static enum mc_status offer_entry(struct reader *r, const struct entry *entry)
{
	struct mc_candidate offer = {
		.nbytes = entry->nbytes, .is_remote = true, .is_yanked = entry->is_yanked};
	struct mc_url url;
	struct mc_mark mark = mc_arena_mark(r->arena);
	enum mc_status status;
	struct mc_str hash;

	r->links_nbytes += r->base.len + entry->url.len;
	if (r->links_nbytes > MC_INDEX_LINKS_NBYTES_MAX)
		return fail(r, MC_ERR_LIMIT, "it has more links than a project has");
	status = mc_url_read(r->arena, r->base, entry->url, &url);
	if (status == MC_ERR_NOMEM)
		return status;
	if (!status)
		MC_TRY(file_name_of(r->arena, url.text, &offer.file_name));
	if (status || !offer.file_name.len) { /* a link to somewhere else */
		mc_arena_rewind(r->arena, mark);
		return MC_OK;
	}
	hash = entry->sha256.len ? entry->sha256 : hash_in_fragment(url.fragment);
	MC_TRY(read_hash(r->arena, hash, &offer.sha256));
	MC_TRY(mc_arena_copy(r->arena, entry->requires_python, &offer.requires_python));
	offer.place = url.text;
	return keep(r, &offer);
}

/*
 * ---- JSON ----
 *
 * jansson makes a tree of a hundred bytes out of "[]".  A page of 32 MB must not become
 * 3 GB, so the outer two levels are read here and only single entries go through jansson.
 */

struct json {
	struct mc_str rest;
};

static char peek(struct json *json)
{
	while (json->rest.len && is_space(json->rest.ptr[0]))
		json->rest = mc_str_skip(json->rest, 1);
	return json->rest.len ? json->rest.ptr[0] : '\0';
}

static bool take_mark(struct json *json, char mark)
{
	if (peek(json) != mark)
		return false;
	json->rest = mc_str_skip(json->rest, 1);
	return true;
}

/* The length of a string with its quotes at the start of 'text'; 0 when it does not end.  */
static size_t string_nbytes(struct mc_str text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Cut one value off, whatever is in it; brackets are counted, not matched.  */
static bool take_value(struct json *json, struct mc_str *value_out)
{
	struct mc_str text;
	size_t depth = 0, i = 0;

	peek(json);
	text = json->rest;
	while (i < text.len) {
		char c = text.ptr[i];

		if (c == '"') {
			size_t n = string_nbytes(mc_str_skip(text, i));

			if (!n)
				return false;
			i += n;
			if (!depth)
				break;
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		if (!depth && (c == ',' || c == '}' || c == ']' || is_space(c)))
			break; /* after a number or a word */
		i++;
		if ((c == '}' || c == ']') && !--depth)
			break;
	}
	*value_out = (struct mc_str){text.ptr, i};
	json->rest = mc_str_skip(text, i);
	return i && !depth;
}

static struct mc_str member_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return (struct mc_str){"", 0};
	return (struct mc_str){json_string_value(value), json_string_length(value)};
}

static enum mc_status offer_object(struct reader *r, const json_t *file)
{
	const json_t *yanked = json_object_get(file, "yanked");
	json_int_t nbytes = json_integer_value(json_object_get(file, "size"));
	struct entry entry = {
		.url = member_text(file, "url"),
		.sha256 = member_text(json_object_get(file, "hashes"), "sha256"),
		.requires_python = member_text(file, "requires-python"),
		.nbytes = nbytes > 0 ? (uint64_t)nbytes : 0,
		/* The reason may be any text; pip takes an empty one for none.  */
		.is_yanked = json_is_true(yanked) || json_string_length(yanked) > 0,
	};

	return offer_entry(r, &entry);
}

static enum mc_status read_entry(struct reader *r, struct mc_str text)
{
	enum mc_status status;
	json_t *file;

	if (text.len > MC_INDEX_ENTRY_NBYTES_MAX)
		return fail(r, MC_ERR_LIMIT, "an entry of a file is too long");
	file = mc_json_load(text, 0, NULL);
	if (!json_is_object(file)) {
		json_decref(file);
		return fail(r, MC_ERR_FORMAT, "an entry of a file is no JSON object");
	}
	status = offer_object(r, file);
	json_decref(file);
	return status;
}

static enum mc_status read_files(struct reader *r, struct json *json)
{
	struct mc_str value;

	if (!take_mark(json, '['))
		return fail(r, MC_ERR_FORMAT, "its JSON has no list of files");
	if (take_mark(json, ']'))
		return MC_OK;
	do {
		if (!take_value(json, &value))
			return fail(r, MC_ERR_FORMAT, "its JSON ends in the middle");
		MC_TRY(read_entry(r, value));
	} while (take_mark(json, ','));
	return take_mark(json, ']') ? MC_OK : fail(r, MC_ERR_FORMAT, "its JSON is malformed");
}

/* PEP 629: what has another major version must not be read.  */
static enum mc_status check_version(struct reader *r, struct mc_str version)
{
	if (!version.len || mc_str_is(mc_str_cut(&version, '.'), MC_STR("1")))
		return MC_OK;
	return fail(r, MC_ERR_UNSUPPORTED, "it is a version of the index API that is not known");
}

static enum mc_status read_meta(struct reader *r, struct mc_str text)
{
	json_t *meta = text.len > MC_INDEX_ENTRY_NBYTES_MAX
			       ? NULL
			       : mc_json_load(text, 0, NULL);
	enum mc_status status = check_version(r, member_text(meta, "api-version"));

	json_decref(meta);
	return status;
}

static enum mc_status read_member(struct reader *r, struct json *json, bool *has_files)
{
	struct mc_str key, value;

	if (peek(json) != '"' || !take_value(json, &key) || !take_mark(json, ':'))
		return fail(r, MC_ERR_FORMAT, "its JSON is malformed");
	if (mc_str_is(key, MC_STR("\"files\""))) {
		*has_files = true;
		return read_files(r, json);
	}
	if (!take_value(json, &value))
		return fail(r, MC_ERR_FORMAT, "its JSON ends in the middle");
	return mc_str_is(key, MC_STR("\"meta\"")) ? read_meta(r, value) : MC_OK;
}

static enum mc_status read_json(struct reader *r, struct mc_str text)
{
	struct json json = {text};
	bool has_files = false;

	if (!take_mark(&json, '{'))
		return fail(r, MC_ERR_FORMAT, "it is no JSON object");
	do {
		MC_TRY(read_member(r, &json, &has_files));
	} while (take_mark(&json, ','));
	if (!take_mark(&json, '}') || peek(&json))
		return fail(r, MC_ERR_FORMAT, "its JSON is malformed");
	return has_files ? MC_OK : fail(r, MC_ERR_FORMAT, "its JSON has no list of files");
}

/* ---- HTML ---- */

/* What "name" of "&name;" stands for; 0 when that is not known.  */
static unsigned long entity_of(struct mc_str name)
{
	static const struct {
		const char *name;
		char c;
	} named[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	unsigned long c = 0, base = 10;

	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		if (mc_str_is(name, mc_str_of(named[i].name)))
			return (unsigned long)named[i].c;
	if (name.len < 2 || name.ptr[0] != '#')
		return 0;
	name = mc_str_skip(name, 1);
	if (mc_ascii_lower(name.ptr[0]) == 'x') {
		base = 16;
		name = mc_str_skip(name, 1);
	}
	for (size_t i = 0; i < name.len; i++) {
		int digit = hex_digit(name.ptr[i]);

		if (digit < 0 || (unsigned long)digit >= base)
			return 0;
		c = c * base + (unsigned long)digit;
		if (c > 0x10ffff)
			return 0;
	}
	return c >= 0xd800 && c < 0xe000 ? 0 : c;
}

/* An entity is never shorter than its UTF-8: "&#9;" is the shortest that is known.  */
static enum mc_status decode(struct mc_arena *arena, struct mc_str text, struct mc_str *decoded_out)
{
	char *to;
	size_t len = 0;

	if (!text.len || !memchr(text.ptr, '&', text.len)) {
		*decoded_out = text;
		return MC_OK;
	}
	to = mc_arena_take(arena, text.len + 1, 1);
	if (!to)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < text.len; i++) {
		size_t room = text.len - i < 12 ? text.len - i : 12;
		const char *end = text.ptr[i] == '&' ? memchr(text.ptr + i, ';', room) : NULL;
		unsigned long c = 0;

		if (end)
			c = entity_of((struct mc_str){text.ptr + i + 1,
						      (size_t)(end - text.ptr) - i - 1});
		if (!c) {
			to[len++] = text.ptr[i];
			continue;
		}
		len += mc_str_put_character(to + len, (uint32_t)c);
		i = (size_t)(end - text.ptr);
	}
	*decoded_out = (struct mc_str){to, len};
	return MC_OK;
}

struct attribute {
	struct mc_str name, value; /* not decoded */
};

/* Cut the next attribute off the inside of a tag; false after the last.  */
static bool take_attribute(struct mc_str *tag, struct attribute *attribute_out)
{
	struct mc_str rest = *tag;
	size_t n = 0;

	while (rest.len && (is_space(rest.ptr[0]) || rest.ptr[0] == '/'))
		rest = mc_str_skip(rest, 1);
	if (!rest.len)
		return false;
	while (n < rest.len && !is_space(rest.ptr[n]) && (!n || rest.ptr[n] != '=') &&
	       rest.ptr[n] != '/')
		n++;
	*attribute_out = (struct attribute){{rest.ptr, n}, {"", 0}};
	rest = mc_str_skip(rest, n);
	while (rest.len && is_space(rest.ptr[0]))
		rest = mc_str_skip(rest, 1);
	if (rest.len && rest.ptr[0] == '=') {
		rest = trim(mc_str_skip(rest, 1));
		if (rest.len && (rest.ptr[0] == '"' || rest.ptr[0] == '\'')) {
			char quote = rest.ptr[0];

			rest = mc_str_skip(rest, 1);
			attribute_out->value = mc_str_cut(&rest, quote);
		} else {
			for (n = 0; n < rest.len && !is_space(rest.ptr[n]);)
				n++;
			attribute_out->value = (struct mc_str){rest.ptr, n};
			rest = mc_str_skip(rest, n);
		}
	}
	*tag = rest;
	return true;
}

/* Cut what stands before "-->" off, and that too.  */
static void skip_comment(struct mc_str *rest)
{
	while (rest->len && !mc_str_starts(*rest, MC_STR("-->")))
		*rest = mc_str_skip(*rest, 1);
	if (rest->len)
		*rest = mc_str_skip(*rest, 3);
}

/* Cut the next tag's inside off 'rest'; a '>' in quotes does not end it.  */
static bool take_tag(struct mc_str *rest, struct mc_str *tag_out)
{
	for (;;) {
		char quote = '\0';
		size_t n;

		mc_str_cut(rest, '<');
		if (!rest->len)
			return false;
		if (mc_str_starts(*rest, MC_STR("!--"))) {
			skip_comment(rest);
			continue;
		}
		for (n = 0; n < rest->len; n++) {
			char c = rest->ptr[n];

			if (quote ? c == quote : c == '>') {
				if (!quote)
					break;
				quote = '\0';
			} else if (!quote && (c == '"' || c == '\'')) {
				quote = c;
			}
		}
		*tag_out = (struct mc_str){rest->ptr, n};
		if (n == rest->len) /* cut off in the middle */
			return false;
		*rest = mc_str_skip(*rest, n + 1);
		return true;
	}
}

static enum mc_status read_anchor(struct reader *r, struct mc_str tag)
{
	struct entry entry = {.url = {NULL, 0}};
	struct attribute one;

	while (take_attribute(&tag, &one)) {
		if (mc_str_is_folded(one.name, MC_STR("href")) && !entry.url.ptr)
			MC_TRY(decode(r->arena, trim(one.value), &entry.url));
		else if (mc_str_is_folded(one.name, MC_STR("data-requires-python")))
			MC_TRY(decode(r->arena, one.value, &entry.requires_python));
		else if (mc_str_is_folded(one.name, MC_STR("data-yanked")))
			entry.is_yanked = true; /* PEP 592: with or without a reason */
	}
	return entry.url.len ? offer_entry(r, &entry) : MC_OK;
}

/* <base href>: relative to the page, and the first one only.  */
static enum mc_status read_base(struct reader *r, struct mc_str tag)
{
	struct attribute one;
	struct mc_str href;
	struct mc_url url;

	while (take_attribute(&tag, &one)) {
		enum mc_status status;

		if (!mc_str_is_folded(one.name, MC_STR("href")))
			continue;
		MC_TRY(decode(r->arena, trim(one.value), &href));
		status = mc_url_read(r->arena, r->base, href, &url);
		if (!status)
			r->base = url.text;
		return status == MC_ERR_NOMEM ? status : MC_OK;
	}
	return MC_OK;
}

static enum mc_status read_meta_tag(struct reader *r, struct mc_str tag)
{
	struct mc_str content = {"", 0};
	struct attribute one;
	bool is_version = false;

	while (take_attribute(&tag, &one)) {
		if (mc_str_is_folded(one.name, MC_STR("name")))
			is_version = mc_str_is_folded(one.value, MC_STR("pypi:repository-version"));
		else if (mc_str_is_folded(one.name, MC_STR("content")))
			content = one.value;
	}
	return is_version ? check_version(r, content) : MC_OK;
}

static enum mc_status read_html(struct reader *r, struct mc_str text)
{
	bool has_base = false, has_tag = false;
	struct mc_str tag;

	while (take_tag(&text, &tag)) {
		struct mc_str name = {tag.ptr, 0};

		while (name.len < tag.len && !is_space(tag.ptr[name.len]) &&
		       tag.ptr[name.len] != '/')
			name.len++;
		tag = mc_str_skip(tag, name.len);
		has_tag = true;
		if (mc_str_is_folded(name, MC_STR("a"))) {
			MC_TRY(read_anchor(r, tag));
		} else if (mc_str_is_folded(name, MC_STR("base")) && !has_base) {
			has_base = true;
			MC_TRY(read_base(r, tag));
		} else if (mc_str_is_folded(name, MC_STR("meta"))) {
			MC_TRY(read_meta_tag(r, tag));
		}
	}
	return has_tag ? MC_OK : fail(r, MC_ERR_FORMAT, "it has no HTML in it");
}

enum mc_status mc_index_page_read(struct mc_arena *arena, struct mc_str content_type,
				  struct mc_str base, struct mc_str text,
				  struct mc_index_page *page_out, const char **problem_out)
{
	struct reader r = {.arena = arena, .base = base, .page = page_out, .problem = ""};
	struct mc_str type = trim(mc_str_cut(&content_type, ';'));
	enum mc_status status;

	*page_out = (struct mc_index_page){NULL, 0, 0};
	if (mc_str_is_folded(type, MC_STR("application/vnd.pypi.simple.v1+json")))
		status = read_json(&r, text);
	else if (mc_str_is_folded(type, MC_STR("application/vnd.pypi.simple.v1+html")) ||
		 mc_str_is_folded(type, MC_STR("text/html")))
		status = read_html(&r, text);
	else /* pip passes these over as well */
		status = fail(&r, MC_ERR_UNSUPPORTED,
			      "the content type of the answer is none of an index");
	*problem_out = r.problem;
	return status;
}
