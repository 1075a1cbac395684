/* SPDX-License-Identifier: MIT */
/* The one C++ file, and the one that knows toml++.  */
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

extern "C" {
#include "toml.h"
}

/* Header only: the packaged library is built with exceptions, and has other names then.  */
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

/* ---- bounds ---- */

namespace {

struct bounds {
	struct mc_str text;
	size_t at;
	size_t marks, depth, dots, line;
};

bool is_there(const bounds &b, const char *mark)
{
	size_t len = strlen(mark);

	return b.text.len - b.at >= len && !memcmp(b.text.ptr + b.at, mark, len);
}

/* Behind a quoted text; a line that ends in one is an error that toml++ finds as well.  */
void skip_quoted(bounds &b, char quote)
{
	const char triple[] = {quote, quote, quote, '\0'};
	bool is_long = is_there(b, triple);

	b.at += is_long ? 3 : 1;
	while (b.at < b.text.len) {
		char c = b.text.ptr[b.at];

		if (c == '\n')
			b.line++;
		if (c == '\n' && !is_long)
			return;
		if (c == '\\' && quote == '"') {
			/* A newline behind it is counted by the next turn.  */
			b.at += b.at + 1 < b.text.len && b.text.ptr[b.at + 1] == '\n' ? 1 : 2;
			continue;
		}
		if (is_long ? is_there(b, triple) : c == quote) {
			b.at += is_long ? 3 : 1;
			/* One or two quotes may stand before the closing ones.  */
			for (int i = 0; is_long && i < 2 && b.at < b.text.len && b.text.ptr[b.at] == quote; i++)
				b.at++;
			return;
		}
		b.at++;
	}
}

void skip_comment(bounds &b)
{
	while (b.at < b.text.len && b.text.ptr[b.at] != '\n')
		b.at++;
}

/* What it does not see is inside a text, or behind what toml++ stops at.  */
const char *pass(bounds &b)
{
	char c = b.text.ptr[b.at];

	if (c == '"' || c == '\'') {
		skip_quoted(b, c);
		return nullptr;
	}
	if (c == '#') {
		skip_comment(b);
		return nullptr;
	}
	b.at++;
	b.line += c == '\n';
	if (c == '.' && ++b.dots > MC_TOML_DOTS_MAX)
		return "a key has too many parts";
	if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[')
		b.dots = 0;
	if (c == '[' || c == '{')
		b.depth++;
	if ((c == ']' || c == '}') && b.depth)
		b.depth--;
	if (c == '[' || c == '{' || c == ',' || c == '=' || c == '.') /* "a.b" is a table too */
		b.marks++;
	if (b.depth > MC_TOML_DEPTH_MAX)
		return "it is nested too deep";
	return b.marks > MC_TOML_MARKS_MAX ? "it has too many values" : nullptr;
}

enum mc_status check_bounds(struct mc_str text, struct mc_error *err)
{
	bounds b = {text, 0, 0, 0, 0, 1};

	if (text.len > MC_TOML_NBYTES_MAX)
		return mc_fail(err, MC_ERR_LIMIT, nullptr, "it is longer than %zu MB",
			       MC_TOML_NBYTES_MAX >> 20);
	while (b.at < text.len) {
		const char *problem = pass(b);

		if (problem)
			return mc_fail(err, MC_ERR_LIMIT, nullptr, "line %zu: %s", b.line, problem);
	}
	return MC_OK;
}

/* ---- the tree ---- */

enum mc_status convert(struct mc_arena *arena, const toml::node &node, struct mc_toml *out);

enum mc_status copy(struct mc_arena *arena, std::string_view text, struct mc_str *copy_out)
{
	return mc_arena_copy(arena, {text.data() ? text.data() : "", text.size()}, copy_out);
}

struct mc_toml *take_items(struct mc_arena *arena, size_t count)
{
	return static_cast<struct mc_toml *>(mc_arena_take_array(
		arena, count ? count : 1, sizeof(struct mc_toml), alignof(struct mc_toml)));
}

enum mc_status convert_array(struct mc_arena *arena, const toml::array &array, struct mc_toml *out)
{
	struct mc_toml *items = take_items(arena, array.size());
	size_t at = 0;

	if (!items)
		return MC_ERR_NOMEM;
	for (const toml::node &node : array)
		MC_TRY(convert(arena, node, &items[at++]));
	out->type = MC_TOML_ARRAY;
	out->items = items;
	out->items_count = at;
	return MC_OK;
}

/* toml++ keeps a table by its keys, bytewise: mc_toml_get() relies on that.  */
enum mc_status convert_table(struct mc_arena *arena, const toml::table &table, struct mc_toml *out)
{
	struct mc_toml *items = take_items(arena, table.size());
	size_t at = 0;

	if (!items)
		return MC_ERR_NOMEM;
	for (auto &&[key, node] : table) {
		MC_TRY(copy(arena, key.str(), &items[at].key));
		MC_TRY(convert(arena, node, &items[at++]));
	}
	out->type = MC_TOML_TABLE;
	out->items = items;
	out->items_count = at;
	return MC_OK;
}

/* Keeps out->key.  Recursion ends at the bounds of nesting: check_bounds().  */
enum mc_status convert(struct mc_arena *arena, const toml::node &node, struct mc_toml *out)
{
	out->line = node.source().begin.line;
	out->type = MC_TOML_OTHER;
	if (const toml::table *table = node.as_table())
		return convert_table(arena, *table, out);
	if (const toml::array *array = node.as_array())
		return convert_array(arena, *array, out);
	if (const toml::value<std::string> *text = node.as_string()) {
		out->type = MC_TOML_TEXT;
		return copy(arena, text->get(), &out->text);
	}
	if (const toml::value<int64_t> *integer = node.as_integer()) {
		out->type = MC_TOML_INTEGER;
		out->integer = integer->get();
	} else if (const toml::value<bool> *boolean = node.as_boolean()) {
		out->type = MC_TOML_BOOL;
		out->integer = boolean->get();
	}
	return MC_OK;
}

/* Its words quote the text, which may hold anything: controls are blanked.  */
enum mc_status fail_parse(const toml::parse_error &error, struct mc_error *err)
{
	char words[128];
	std::string_view said = error.description();
	size_t len = said.size() < sizeof(words) - 1 ? said.size() : sizeof(words) - 1;

	for (size_t i = 0; i < len; i++)
		words[i] = said[i] < ' ' || said[i] > '~' ? '?' : said[i];
	words[len] = '\0';
	return mc_fail(err, MC_ERR_FORMAT, nullptr, "line %u: %s",
		       static_cast<unsigned>(error.source().begin.line), words);
}

} /* namespace */

extern "C" enum mc_status mc_toml_read(struct mc_arena *arena, struct mc_str text,
				       const struct mc_toml **root_out, struct mc_error *err)
{
	struct mc_toml *root;
	enum mc_status status;

	MC_TRY(check_bounds(text, err));
	root = take_items(arena, 1);
	if (!root)
		return mc_no_memory(err);
	toml::parse_result result = toml::parse(std::string_view(text.ptr, text.len));
	if (!result)
		return fail_parse(result.error(), err);
	status = convert(arena, result.table(), root);
	if (status)
		return mc_no_memory(err);
	*root_out = root;
	return MC_OK;
}

extern "C" const struct mc_toml *mc_toml_get(const struct mc_toml *table, struct mc_str key)
{
	size_t low = 0, high = table && table->type == MC_TOML_TABLE ? table->items_count : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = mc_str_compare(table->items[middle].key, key);

		if (!order)
			return &table->items[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return nullptr;
}

extern "C" struct mc_str mc_toml_text(const struct mc_toml *table, struct mc_str key)
{
	const struct mc_toml *value = mc_toml_get(table, key);

	return value && value->type == MC_TOML_TEXT ? value->text : mc_str{"", 0};
}

extern "C" const struct mc_toml *mc_toml_items(const struct mc_toml *table, struct mc_str key,
					       size_t *count_out)
{
	const struct mc_toml *value = mc_toml_get(table, key);

	*count_out = value ? value->items_count : 0;
	return value ? value->items : nullptr;
}
