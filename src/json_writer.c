/* SPDX-License-Identifier: MIT */
#include "json_writer.h"

#include "text.h"

#include <string.h>

#define INDENT 2

static void no_memory(struct mc_json_writer *w)
{
	if (!w->status)
		w->status = mc_fail(w->err, MC_ERR_NOMEM, NULL, "out of memory");
}

/* ---- values ---- */

json_t *mc_json_text(struct mc_json_writer *w, struct mc_str text)
{
	struct mc_str safe = mc_text_safe(&w->scratch, text);

	/* What was escaped holds a backslash; the one other text says that memory ran out.  */
	if (safe.ptr != text.ptr && !memchr(safe.ptr, '\\', safe.len))
		return NULL;
	return json_stringn_nocheck(safe.len ? safe.ptr : "", safe.len);
}

json_t *mc_json_text_or_null(struct mc_json_writer *w, struct mc_str text)
{
	return text.len ? mc_json_text(w, text) : json_null();
}

json_t *mc_json_word_or_null(struct mc_json_writer *w, const char *word)
{
	return mc_json_text_or_null(w, mc_str_of(word));
}

void mc_json_put(struct mc_json_writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value))
		no_memory(w);
}

void mc_json_add(struct mc_json_writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		no_memory(w);
}

void mc_json_put_count(struct mc_json_writer *w, json_t *object, const char *key, size_t count)
{
	mc_json_put(w, object, key, json_integer((json_int_t)count));
}

/* ---- writing ---- */

static void write_bytes(struct mc_json_writer *w, const char *bytes, size_t nbytes)
{
	if (!w->status && nbytes && fwrite(bytes, 1, nbytes, w->out) != nbytes)
		w->status = mc_fail(w->err, MC_ERR_IO, NULL, "cannot write the report");
}

static void write_line_start(struct mc_json_writer *w)
{
	static const char newline[] = "\n                ";

	if (!w->is_one_line)
		write_bytes(w, newline, 1 + w->depth * INDENT);
}

/* jansson indents from column 0; here a value stands 'depth' levels deep.  */
static int write_indented(const char *bytes, size_t nbytes, void *data)
{
	struct mc_json_writer *w = data;

	while (nbytes) {
		const char *newline = memchr(bytes, '\n', nbytes);
		size_t n = newline ? (size_t)(newline - bytes) : nbytes;

		write_bytes(w, bytes, n);
		if (newline) {
			write_line_start(w);
			n++;
		}
		bytes += n;
		nbytes -= n;
	}
	return w->status ? -1 : 0;
}

static void write_value(struct mc_json_writer *w, json_t *value)
{
	size_t how = w->is_one_line ? JSON_COMPACT : JSON_INDENT(INDENT);

	if (!w->status && json_dump_callback(value, write_indented, w, how | JSON_ENCODE_ANY))
		no_memory(w); /* unless a write failed, which was noted before */
	json_decref(value);
}

/* What goes before each item of the open object or array; nothing before the document.  */
static void begin(struct mc_json_writer *w, const char *key)
{
	if (w->has_items)
		write_bytes(w, ",", 1);
	w->has_items = true;
	if (w->depth)
		write_line_start(w);
	if (!key)
		return;
	write_bytes(w, "\"", 1);
	write_bytes(w, key, strlen(key));
	write_bytes(w, "\": ", w->is_one_line ? 2 : 3);
}

void mc_json_member(struct mc_json_writer *w, const char *key, json_t *value)
{
	begin(w, key);
	write_value(w, value);
}

void mc_json_item(struct mc_json_writer *w, json_t *value)
{
	mc_json_member(w, NULL, value);
	mc_arena_rewind(&w->scratch, w->start);
}

static void open_with(struct mc_json_writer *w, const char *key, const char *mark)
{
	begin(w, key);
	write_bytes(w, mark, 1);
	w->depth++;
	w->has_items = false;
}

static void close_with(struct mc_json_writer *w, const char *mark)
{
	w->depth--;
	if (w->has_items)
		write_line_start(w);
	write_bytes(w, mark, 1);
	w->has_items = true; /* it is an item itself of what is around it */
}

void mc_json_open_object(struct mc_json_writer *w, const char *key)
{
	open_with(w, key, "{");
}

void mc_json_close_object(struct mc_json_writer *w)
{
	close_with(w, "}");
}

void mc_json_open_array(struct mc_json_writer *w, const char *key)
{
	open_with(w, key, "[");
}

void mc_json_close_array(struct mc_json_writer *w)
{
	close_with(w, "]");
}

void mc_json_open(struct mc_json_writer *w, FILE *out, struct mc_error *err)
{
	*w = (struct mc_json_writer){.out = out, .err = err};
	mc_arena_init(&w->scratch, NULL);
	if (!mc_arena_take(&w->scratch, 1, 1))
		no_memory(w);
	w->start = mc_arena_mark(&w->scratch);
}

enum mc_status mc_json_close(struct mc_json_writer *w)
{
	write_bytes(w, "\n", 1);
	if (!w->status && fflush(w->out))
		w->status = mc_fail(w->err, MC_ERR_IO, NULL, "cannot write the report");
	mc_arena_clear(&w->scratch);
	return w->status;
}
