/* SPDX-License-Identifier: MIT */
/* Where the inputs of a batch come from: paths that were typed, a list on stdin.  */
#define _GNU_SOURCE /* tee(), pipe2(), with glibc and musl */

#include "muslcheck/batch.h"

#include "file.h"
#include "json_read.h"
#include "path.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The beginning of a line; the rest of a long one is passed over.  */
struct line {
	FILE *file;
	int separator; /* EOF: whichever comes first, a newline or a NUL */
	size_t len;
	bool is_long, is_whole; /* it has its end */
	char text[MC_INPUT_NBYTES_MAX];
};

struct mc_inputs {
	struct mc_inputs_options options;
	struct mc_arena *arena;
	struct mc_arena folder; /* the wheels that are being handed out */
	size_t next_path;
	struct mc_str *wheels;
	size_t wheels_count, next_wheel;
	struct line list;
	struct mc_map done; /* what the file to resume holds */
};

/* False at the end.  */
static bool read_line(struct line *line)
{
	uint64_t nbytes = 0;
	int c;

	line->len = 0;
	line->is_long = line->is_whole = false;
	while (!line->is_whole && (c = getc_unlocked(line->file)) != EOF) {
		nbytes++;
		if (line->separator == EOF && (c == '\n' || c == '\0'))
			line->separator = c;
		line->is_whole = c == line->separator;
		line->is_long |= !line->is_whole && line->len == sizeof(line->text);
		if (!line->is_whole && !line->is_long)
			line->text[line->len++] = (char)c;
	}
	return nbytes > 0;
}

/* ---- shards ---- */

unsigned mc_inputs_shard(struct mc_str path, unsigned shards)
{
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	return (unsigned)(mc_hash_text(mc_path_base(path)) % shards) + 1;
}

/* ---- what is done ---- */

/* Names stand in a report as texts are told: what is no UTF-8 is escaped.  */
static bool is_done(const struct mc_inputs *inputs, struct mc_str path)
{
	struct mc_str told = mc_text_safe(inputs->arena, path);
	const struct mc_str *known;

	for (size_t at = 0; (known = mc_map_next(&inputs->done, mc_hash_text(told), &at));)
		if (mc_str_is(*known, told))
			return true;
	return false;
}

/* The input of '{"input":"x",...'; a line that begins otherwise is none of ours.  */
static enum mc_status keep_done(struct mc_inputs *inputs, const struct line *line, struct mc_error *err)
{
	const struct mc_str head = MC_STR("{\"input\":");
	struct mc_str text = {line->text, line->len};
	enum mc_status status = MC_OK;
	struct mc_str *known;
	json_t *input = NULL;

	if (mc_str_starts(text, head))
		input = mc_json_load(mc_str_skip(text, head.len), JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, NULL);
	if (!json_is_string(input)) {
		json_decref(input);
		return mc_fail(err, MC_ERR_FORMAT, inputs->options.resume,
			       "it has a line that is none of this program's: not touched");
	}
	known = MC_TAKE(inputs->arena, struct mc_str);
	if (!known ||
	    mc_arena_copy(inputs->arena, (struct mc_str){json_string_value(input), json_string_length(input)}, known) ||
	    mc_map_add(inputs->arena, &inputs->done, mc_hash_text(*known), known))
		status = mc_no_memory(err);
	json_decref(input);
	return status;
}

/* Whole lines only: the last one may have been cut by whatever ended that run.  */
static enum mc_status read_done(struct mc_inputs *inputs, uint64_t *nbytes_out, struct mc_error *err)
{
	const char *path = inputs->options.resume;
	struct line *line = MC_TAKE(inputs->arena, struct line);
	enum mc_status status = MC_OK;

	if (!line)
		return mc_no_memory(err);
	line->separator = '\n';
	line->file = fopen(path, "re");
	if (!line->file)
		return errno == ENOENT ? MC_OK : mc_fail(err, MC_ERR_IO, path, "cannot be opened");
	while (!status && read_line(line) && line->is_whole) {
		status = keep_done(inputs, line, err);
		*nbytes_out = (uint64_t)ftello(line->file);
	}
	if (!status && ferror(line->file))
		status = mc_fail(err, MC_ERR_IO, path, "cannot be read");
	fclose(line->file);
	return status;
}

/* ---- folders of wheels ---- */

static int order_of_texts(const void *a, const void *b)
{
	return mc_str_compare(*(const struct mc_str *)a, *(const struct mc_str *)b);
}

/* Of a folder that holds nothing else; none for others, which are inputs as they are.  */
static enum mc_status list_wheels(struct mc_inputs *inputs, const char *folder)
{
	const char *slash = folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/";
	const struct dirent *entry;
	DIR *dir = mc_open_folder(folder);
	size_t room = 0, count = 0;
	bool is_pure = dir != NULL, has_room = true;

	mc_arena_clear(&inputs->folder);
	inputs->wheels = NULL;
	while (is_pure && has_room && (entry = mc_next_entry(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		is_pure = mc_str_ends(mc_str_of(entry->d_name), MC_STR(".whl"));
		inputs->wheels = mc_arena_grow(&inputs->folder, inputs->wheels, count, &room, sizeof(*inputs->wheels));
		has_room = inputs->wheels != NULL;
		if (has_room) {
			inputs->wheels[count] = mc_arena_printf(&inputs->folder, "%s%s%s", folder, slash, entry->d_name);
			has_room = inputs->wheels[count++].len;
		}
	}
	if (dir)
		closedir(dir);
	if (is_pure && count && has_room)
		qsort(inputs->wheels, count, sizeof(*inputs->wheels), order_of_texts);
	inputs->wheels_count = is_pure ? count : 0;
	inputs->next_wheel = 0;
	return has_room ? MC_OK : MC_ERR_NOMEM;
}

/* ---- the list ---- */

/* The path in {"path": ...}.  */
static enum mc_status read_object(struct mc_arena *arena, struct mc_str *text, struct mc_error *err)
{
	json_t *object = mc_json_load(*text, JSON_REJECT_DUPLICATES, NULL);
	json_t *path = json_object_get(object, "path");
	enum mc_status status = MC_OK;

	if (!object)
		status = mc_fail(err, MC_ERR_FORMAT, NULL, "a line of the list that is no JSON");
	else if (!json_is_string(path))
		status = mc_fail(err, MC_ERR_FORMAT, NULL, "a line of the list without \"path\"");
	else if (mc_arena_copy(arena, (struct mc_str){json_string_value(path), json_string_length(path)}, text))
		status = mc_no_memory(err);
	json_decref(object);
	return status;
}

static enum mc_status next_in_list(struct mc_inputs *inputs, struct mc_arena *arena, struct mc_str *path_out,
				   struct mc_error *err)
{
	struct line *list = &inputs->list;

	do {
		if (!read_line(list))
			return ferror(list->file) ? mc_fail(err, MC_ERR_IO, "standard input", "cannot be read") : MC_END;
		/* "\r\n" comes from other systems; no wheel's name ends so.  */
		if (list->separator == '\n' && list->len && list->text[list->len - 1] == '\r')
			list->len--;
	} while (!list->len);
	if (mc_arena_copy(arena, (struct mc_str){list->text, list->is_long ? 200 : list->len}, path_out))
		return mc_no_memory(err);
	if (list->is_long)
		return mc_fail(err, MC_ERR_FORMAT, NULL, "a line of the list of more than %zu bytes", sizeof(list->text));
	if (memchr(path_out->ptr, '\0', path_out->len))
		return mc_fail(err, MC_ERR_FORMAT, NULL, "a line of the list with a NUL byte");
	return path_out->ptr[0] == '{' ? read_object(arena, path_out, err) : MC_OK;
}

/* ---- the whole ---- */

static enum mc_status next_path(struct mc_inputs *inputs, struct mc_arena *arena, struct mc_str *path_out,
				struct mc_error *err)
{
	const struct mc_inputs_options *o = &inputs->options;

	while (inputs->next_wheel == inputs->wheels_count && inputs->next_path < o->paths_count) {
		const char *path = o->paths[inputs->next_path++];

		if (list_wheels(inputs, path) || mc_arena_copy(arena, mc_str_of(path), path_out))
			return mc_no_memory(err);
		if (!inputs->wheels_count)
			return MC_OK;
	}
	if (inputs->next_wheel < inputs->wheels_count)
		return mc_arena_copy(arena, inputs->wheels[inputs->next_wheel++], path_out) ? mc_no_memory(err) : MC_OK;
	return inputs->list.file ? next_in_list(inputs, arena, path_out, err) : MC_END;
}

enum mc_status mc_inputs_next(struct mc_inputs *inputs, struct mc_arena *arena, struct mc_str *path_out,
			      struct mc_error *err)
{
	const struct mc_inputs_options *o = &inputs->options;

	for (;;) {
		struct mc_mark mark = mc_arena_mark(arena);
		enum mc_status status = next_path(inputs, arena, path_out, err);

		if (status && status != MC_ERR_FORMAT)
			return status;
		if ((!o->shards || mc_inputs_shard(*path_out, o->shards) == o->shard) && !is_done(inputs, *path_out))
			return status;
		mc_arena_rewind(arena, mark);
		*err = MC_ERROR_INIT;
	}
}

enum mc_status mc_inputs_open(const struct mc_inputs_options *options, struct mc_arena *arena,
			      struct mc_inputs **inputs_out, uint64_t *resume_nbytes_out, struct mc_error *err)
{
	struct mc_inputs *inputs = MC_TAKE(arena, struct mc_inputs);
	enum mc_status status = MC_OK;

	*inputs_out = NULL;
	*resume_nbytes_out = 0;
	if (!inputs)
		return mc_no_memory(err);
	inputs->options = *options;
	inputs->arena = arena;
	inputs->list.separator = EOF;
	mc_arena_init(&inputs->folder, arena->alloc);
	if (options->list_fd >= 0 && !(inputs->list.file = fdopen(options->list_fd, "r")))
		status = mc_fail(err, MC_ERR_IO, "standard input", "cannot be read");
	if (!status && options->resume)
		status = read_done(inputs, resume_nbytes_out, err);
	if (status)
		mc_inputs_close(inputs);
	else
		*inputs_out = inputs;
	return status;
}

void mc_inputs_close(struct mc_inputs *inputs)
{
	if (!inputs)
		return;
	if (inputs->list.file)
		fclose(inputs->list.file);
	mc_arena_clear(&inputs->folder);
}

/* ---- a list, or an image? ---- */

/* Up to 'room' bytes that 'fd' brings next, and that stay there; 0 where that cannot be had.  */
static size_t peek(int fd, uint8_t *first, size_t room)
{
	struct stat info;
	ssize_t got = -1;
	int ends[2];

	if (fstat(fd, &info))
		return 0;
	if (S_ISREG(info.st_mode)) {
		got = pread(fd, first, room, lseek(fd, 0, SEEK_CUR));
	} else if (S_ISSOCK(info.st_mode)) {
		got = recv(fd, first, room, MSG_PEEK);
	} else if (S_ISFIFO(info.st_mode) && !pipe2(ends, O_CLOEXEC)) {
		got = tee(fd, ends[1], room, 0);
		/* What tee() has put there comes without waiting, if not at once.  */
		for (ssize_t n = got, left = got; left > 0 && n > 0; left -= n)
			n = read(ends[0], first + (got - left), (size_t)left);
		close(ends[0]);
		close(ends[1]);
	}
	return got > 0 ? (size_t)got : 0;
}

bool mc_input_is_image(int fd)
{
	static const struct {
		const char *magic;
		size_t off, len;
	} kinds[] = {
		{"ustar", 257, 5},	{"\x1f\x8b", 0, 2}, {"\x28\xb5\x2f\xfd", 0, 4},
		{"\xfd" "7zXZ", 0, 5}, {"BZh", 0, 3},
	};
	uint8_t first[512];
	size_t got = peek(fd, first, sizeof(first));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (got >= kinds[i].off + kinds[i].len &&
		    !memcmp(first + kinds[i].off, kinds[i].magic, kinds[i].len))
			return true;
	return false;
}
