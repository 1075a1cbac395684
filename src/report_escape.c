/* SPDX-License-Identifier: MIT */
#include "report_escape.h"

#include "text.h"

#include <string.h>

/* ---- XML ---- */

static const char *spell_xml(char byte)
{
	switch (byte) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;"; /* for "]]>" */
	case '"': return "&quot;";
	case '\'': return "&apos;";
	}
	return NULL;
}

void mc_put_xml(FILE *out, struct mc_str text)
{
	/* To XML, &#58; is the same.  */
	size_t at = mc_text_command_at(text);

	if (at != SIZE_MAX) {
		fprintf(out, "%*s&#58;", (int)at, "");
		text = mc_str_skip(text, at + 1);
	}
	mc_text_spell(out, text, spell_xml);
}

/* ---- Markdown ---- */

/*
 * A reference is text wherever it stands, and is no bar to the reader of a table.  It ends no
 * autolink, mention or number of an issue, which are looked for in the text that comes out:
 * an empty comment behind their mark does.
 */
static const char *spell_markdown(char byte)
{
	switch (byte) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '|': return "&#124;";
	case '`': return "&#96;";
	case '[': return "&#91;";
	case ']': return "&#93;";
	case '!': return "&#33;";
	case '$': return "&#36;";
	case '~': return "&#126;";
	case '*': return "\\*";
	case '_': return "\\_";
	case '\\': return "&#92;";
	case '@': return "@<!-- -->";
	case '#': return "#<!-- -->";
	}
	return NULL;
}

static bool is_in(char byte, const char *set)
{
	return byte && strchr(set, byte);
}

static bool is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

/* Where a link begins that nobody wrote: behind "http:" and behind "www".  */
static bool begins_link(struct mc_str text, size_t i)
{
	if (text.ptr[i] == ':')
		return i + 1 < text.len && text.ptr[i + 1] == '/';
	return text.ptr[i] == '.' && i >= 3 && (text.ptr[i - 1] | 0x20) == 'w' && (text.ptr[i - 2] | 0x20) == 'w' &&
	       (text.ptr[i - 3] | 0x20) == 'w';
}

void mc_put_markdown(FILE *out, struct mc_str text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (!begins_link(text, i))
			continue;
		mc_text_spell(out, (struct mc_str){text.ptr + start, i - start}, spell_markdown);
		fputs(text.ptr[i] == ':' ? "&#58;<!-- -->" : "&#46;<!-- -->", out);
		start = i + 1;
	}
	mc_text_spell(out, (struct mc_str){text.ptr + start, text.len - start}, spell_markdown);
}

void mc_put_markdown_code(FILE *out, struct mc_str text)
{
	bool is_plain = text.len;

	for (size_t i = 0; i < text.len; i++)
		is_plain = is_plain && (is_word_byte(text.ptr[i]) || is_in(text.ptr[i], "_-+.,:;=/%@?!~'\" ()"));
	is_plain = is_plain && text.ptr[0] != ' ' && text.ptr[text.len - 1] != ' ';
	fputs(is_plain ? "`" : "<code>", out);
	if (is_plain)
		fwrite(text.ptr, 1, text.len, out);
	else
		mc_put_markdown(out, text);
	fputs(is_plain ? "`" : "</code>", out);
}

/* ---- workflow commands ---- */

static const char *spell_command(char byte)
{
	switch (byte) {
	case '%': return "%25";
	case '\r': return "%0D";
	case '\n': return "%0A";
	}
	return NULL;
}

static const char *spell_property(char byte)
{
	switch (byte) {
	case ':': return "%3A";
	case ',': return "%2C";
	}
	return spell_command(byte);
}

void mc_put_command_text(FILE *out, struct mc_str text)
{
	mc_text_spell(out, text, spell_command);
}

void mc_put_command_property(FILE *out, struct mc_str text)
{
	mc_text_spell(out, text, spell_property);
}

/* ---- SARIF ---- */

struct mc_str mc_uri_of(struct mc_arena *arena, struct mc_str path)
{
	static const char digits[] = "0123456789ABCDEF";
	const struct mc_str scheme = path.len && path.ptr[0] == '/' ? MC_STR("file://") : MC_STR("");
	char *uri, *at;

	if (path.len > SIZE_MAX / 4 || !(uri = mc_arena_take(arena, scheme.len + 3 * path.len + 1, 1)))
		return MC_STR("");
	memcpy(uri, scheme.ptr, scheme.len);
	at = uri + scheme.len;
	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.ptr[i];

		if (is_word_byte(path.ptr[i]) || is_in(path.ptr[i], "-._~/!")) {
			*at++ = path.ptr[i];
			continue;
		}
		*at++ = '%';
		*at++ = digits[byte >> 4];
		*at++ = digits[byte & 15];
	}
	return (struct mc_str){uri, (size_t)(at - uri)};
}

struct mc_str mc_sarif_message(struct mc_arena *arena, struct mc_str text)
{
	char *message, *at;

	if (text.len > SIZE_MAX / 8 || !(message = mc_arena_take(arena, 4 * text.len + 1, 1)))
		return MC_STR("");
	at = message;
	for (size_t i = 0; i < text.len; i++) {
		/* A backslash before the bracket would do, but for viewers that show it.  */
		if (i && text.ptr[i - 1] == ']' && text.ptr[i] == '(') {
			memcpy(at, "\\x28", 4);
			at += 4;
			continue;
		}
		if (is_in(text.ptr[i], "{}"))
			*at++ = text.ptr[i];
		*at++ = text.ptr[i];
	}
	return (struct mc_str){message, (size_t)(at - message)};
}
