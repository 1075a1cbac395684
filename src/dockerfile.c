/* SPDX-License-Identifier: MIT */
/*
 * Stages and what is copied into them: the Dockerfile reference, "FROM", "COPY", "ADD" and
 * "RUN --mount"; BuildKit's dockerfile2llb/convert.go where that says less.
 */
#include "dockerfile_impl.h"

#include "file.h"
#include "path.h"

#include <string.h>

struct reader {
	struct mc_df df;
	struct mc_df_vars vars;
	struct mc_dockerfile_stage *stage; /* NULL before the first FROM */
	size_t scope;
	bool is_posix[MC_DOCKERFILE_STAGES_MAX]; /* SHELL of each stage */
};

/* ---- stages by name ---- */

/* The latest of the 'count' first.  */
static size_t find_stage(const struct mc_dockerfile *out, size_t count, struct mc_str name)
{
	while (name.len && count--)
		if (mc_str_is_folded(out->stages[count].name, name))
			return count;
	return MC_DOCKERFILE_NO_STAGE;
}

/* Of "--from" and "--target", by number too.  */
static size_t find_stage_or_number(const struct mc_dockerfile *out, size_t count,
				   struct mc_str name)
{
	size_t found = find_stage(out, count, name), number = 0;

	if (found != MC_DOCKERFILE_NO_STAGE || !name.len || name.len > 4)
		return found;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] < '0' || name.ptr[i] > '9')
			return MC_DOCKERFILE_NO_STAGE;
		number = number * 10 + (size_t)(name.ptr[i] - '0');
	}
	return number < count ? number : MC_DOCKERFILE_NO_STAGE;
}

/* ---- flags ---- */

/* The value of "--NAME=VALUE", the next one from '*rest' on; false when there is none.  */
static bool next_flag(const struct reader *r, struct mc_str *rest, const char *name,
		      struct mc_str *value_out)
{
	struct mc_str word, head;

	while (mc_df_cut_raw(&r->df, rest, &word)) {
		head = mc_str_cut(&word, '=');
		if (head.len > 2 && mc_str_is(mc_str_skip(head, 2), mc_str_of(name))) {
			*value_out = word;
			return true;
		}
	}
	return false;
}

/* ---- FROM ---- */

/* "HOST:5000/NAME:TAG@DIGEST"  */
static void split_image(struct mc_dockerfile_stage *stage)
{
	struct mc_str image = stage->image, tag;

	stage->repository = mc_str_cut(&image, '@');
	stage->digest = image;
	stage->tag = (struct mc_str){"", 0};
	tag = mc_path_base(stage->repository);
	if (!memchr(tag.ptr, ':', tag.len))
		return;
	mc_str_cut(&tag, ':');
	stage->tag = tag;
	stage->repository.len -= tag.len + 1;
}

static bool is_among(struct mc_df_var *const *list, size_t count, const struct mc_df_var *var)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == var)
			return true;
	return false;
}

/* The ARGs of the line, and then those that their defaults use.  */
static enum mc_status keep_args(struct reader *r, const struct mc_df_value *value)
{
	struct mc_df_var *list[MC_DOCKERFILE_ARGS_MAX];
	size_t count = value->uses_count;

	memcpy(list, value->uses, sizeof(list));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < list[i]->uses_count && count < MC_DOCKERFILE_ARGS_MAX; k++)
			if (!is_among(list, count, list[i]->uses[k]))
				list[count++] = list[i]->uses[k];
	if (!count)
		return MC_OK;
	r->stage->args = MC_TAKE_ARRAY(r->df.arena, struct mc_dockerfile_arg, count);
	if (!r->stage->args)
		return mc_no_memory(r->df.err);
	for (size_t i = 0; i < count; i++)
		r->stage->args[i] = (struct mc_dockerfile_arg){.name = list[i]->name,
							       .written = list[i]->written,
							       .value = list[i]->value,
							       .line = list[i]->line,
							       .has_default = list[i]->has_default,
							       .is_direct = i < value->uses_count};
	r->stage->args_count = count;
	return MC_OK;
}

static enum mc_status add_stage(struct reader *r, unsigned line)
{
	struct mc_dockerfile *out = r->df.out;

	if (out->stages_count == MC_DOCKERFILE_STAGES_MAX)
		return mc_df_fail(&r->df, MC_ERR_LIMIT, line, "too many stages up to here");
	out->stages = mc_arena_grow(r->df.arena, out->stages, out->stages_count, &out->stages_room,
				 sizeof(*out->stages));
	if (!out->stages)
		return mc_no_memory(r->df.err);
	r->stage = &out->stages[out->stages_count++];
	r->scope = out->stages_count;
	*r->stage = (struct mc_dockerfile_stage){.line = line, .workdir = {"/", 1}};
	return MC_OK;
}

/* What a stage has from the one that it builds on.  */
static void inherit(struct reader *r, size_t base)
{
	size_t number = r->df.out->stages_count - 1;

	r->stage->base_stage = base;
	r->vars.parents[r->scope] = MC_DF_GLOBAL;
	r->is_posix[number] = true;
	if (base == MC_DOCKERFILE_NO_STAGE)
		return;
	r->vars.parents[r->scope] = base + 1;
	r->is_posix[number] = r->is_posix[base];
	r->stage->workdir = r->df.out->stages[base].workdir;
}

static enum mc_status take_from(struct reader *r, const struct mc_df_instruction *in)
{
	struct mc_str rest = in->args, flags = in->flags, image, as, name = {"", 0}, more;
	struct mc_df_value value;
	bool is_right;

	is_right = mc_df_cut_raw(&r->df, &rest, &image);
	if (is_right && mc_df_cut_raw(&r->df, &rest, &as))
		is_right = mc_df_is_word(as, "AS") && mc_df_cut_raw(&r->df, &rest, &name);
	if (!is_right || mc_df_cut_raw(&r->df, &rest, &more))
		return mc_df_fail(&r->df, MC_ERR_FORMAT, in->line, "its FROM is not 'FROM image' or "
								   "'FROM image AS name'");
	MC_TRY(add_stage(r, in->line));
	MC_TRY(mc_df_expand(&r->vars, MC_DF_GLOBAL, image, &value));
	r->stage->written = image;
	r->stage->image = value.text;
	r->stage->is_unresolved = value.is_unresolved;
	split_image(r->stage);
	MC_TRY(keep_args(r, &value));
	inherit(r, find_stage(r->df.out, r->df.out->stages_count - 1, value.text));
	r->stage->is_scratch = r->stage->base_stage == MC_DOCKERFILE_NO_STAGE &&
			       mc_str_is(value.text, MC_STR("scratch"));
	r->stage->name = name;
	r->stage->platform = (struct mc_str){"", 0};
	if (next_flag(r, &flags, "platform", &more)) {
		MC_TRY(mc_df_expand(&r->vars, MC_DF_GLOBAL, more, &value));
		r->stage->platform = value.text;
	}
	return MC_OK;
}

/* ---- COPY, ADD, RUN --mount ---- */

/* Absolute, from WORKDIR on; empty when that is not known.  */
static enum mc_status absolute(struct reader *r, const struct mc_df_value *value,
			       struct mc_str *path_out)
{
	struct mc_str workdir = r->stage->workdir;

	*path_out = (struct mc_str){"", 0};
	if (value->is_unresolved || !(workdir.len || mc_str_starts(value->text, MC_STR("/"))))
		return MC_OK;
	if (mc_path_join(r->df.arena, workdir.len ? workdir : MC_STR("/"), value->text, path_out))
		return mc_no_memory(r->df.err);
	return MC_OK;
}

/* Go's filepath.Match().  */
static bool has_wildcards(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("*?[", text.ptr[i]))
			return true;
	return false;
}

static bool is_folder(struct mc_str destination)
{
	struct mc_str base = mc_path_base(destination);

	return !base.len || mc_str_is(base, MC_STR(".")) || mc_str_is(base, MC_STR(".."));
}

/* ADD: "https://...", "git@host:path"; the context has none of them.  */
static bool is_remote(struct mc_str source)
{
	const char *colon = source.len ? memchr(source.ptr, ':', source.len) : NULL;

	return mc_str_starts(source, MC_STR("git@")) ||
	       (colon && mc_str_starts((struct mc_str){colon,
						       source.len - (size_t)(colon - source.ptr)},
				       MC_STR("://")));
}

static enum mc_status add_copy(struct reader *r, const struct mc_dockerfile_copy *copy)
{
	struct mc_dockerfile_stage *stage = r->stage;
	bool is_file = !copy->from.len;
	struct mc_dockerfile_copy **list = is_file ? &stage->files : &stage->copies;
	size_t *count = is_file ? &stage->files_count : &stage->copies_count;
	size_t *room = is_file ? &stage->files_room : &stage->copies_room;
	struct mc_dockerfile_copy *items =
		mc_arena_grow(r->df.arena, *list, *count, room, sizeof(*items));

	if (!items)
		return mc_no_memory(r->df.err);
	*list = items;
	items[(*count)++] = *copy;
	return MC_OK;
}

/* Earlier stages alone can be meant.  */
static enum mc_status take_copy_from(struct reader *r, struct mc_str from,
				     struct mc_dockerfile_copy *copy)
{
	struct mc_df_value value;

	MC_TRY(mc_df_expand(&r->vars, r->scope, from, &value));
	copy->from = value.text;
	copy->from_stage = find_stage_or_number(r->df.out, r->df.out->stages_count - 1, value.text);
	return MC_OK;
}

/* Blanks part them, but in the JSON form.  Here-documents are no sources.  */
static enum mc_status read_paths(struct reader *r, const struct mc_df_instruction *in,
				 struct mc_dockerfile_words *words)
{
	enum mc_status status = mc_df_read_json(&r->df, in->args, in->line, words);
	struct mc_str rest = in->args, word, name;
	bool strips_tabs;

	if (status != MC_END)
		return status;
	*words = (struct mc_dockerfile_words){.items = NULL};
	while (mc_df_cut_raw(&r->df, &rest, &word))
		if (!mc_df_is_heredoc(word, &name, &strips_tabs))
			MC_TRY(mc_df_add_word(&r->df, words,
					      (struct mc_dockerfile_word){
						      word, mc_df_line_at(in, word.ptr), false}));
	return MC_OK;
}

static enum mc_status take_copy(struct reader *r, const struct mc_df_instruction *in, bool is_add)
{
	struct mc_dockerfile_copy copy = {.kind = is_add ? MC_DOCKERFILE_ADD : MC_DOCKERFILE_COPY,
					  .from_stage = MC_DOCKERFILE_NO_STAGE};
	struct mc_str flags = in->flags, from;
	struct mc_dockerfile_words words;
	struct mc_df_value value;

	MC_TRY(read_paths(r, in, &words));
	if (words.count < 2)
		return MC_OK;
	if (!is_add && next_flag(r, &flags, "from", &from))
		MC_TRY(take_copy_from(r, from, &copy));
	MC_TRY(mc_df_expand(&r->vars, r->scope, words.items[words.count - 1].text, &value));
	copy.destination = value.text;
	MC_TRY(absolute(r, &value, &copy.path));
	copy.is_folder = words.count > 2 || is_folder(value.text);
	for (size_t i = 0; i + 1 < words.count; i++) {
		MC_TRY(mc_df_expand(&r->vars, r->scope, words.items[i].text, &value));
		if (is_add && is_remote(value.text))
			continue;
		copy.source = value.text;
		copy.is_unresolved = value.is_unresolved;
		copy.has_wildcards = has_wildcards(value.text);
		copy.line = words.items[i].line;
		MC_TRY(add_copy(r, &copy));
	}
	return MC_OK;
}

/* "type=bind,source=requirements.txt,target=/tmp/requirements.txt"  */
static enum mc_status take_mount(struct reader *r, struct mc_str text, unsigned line)
{
	struct mc_dockerfile_copy copy = {.kind = MC_DOCKERFILE_MOUNT,
					  .source = {".", 1},
					  .line = line,
					  .from_stage = MC_DOCKERFILE_NO_STAGE};
	struct mc_str type = MC_STR("bind");
	struct mc_df_value value = {.text = {"", 0}}, target = {.text = {"", 0}};

	while (text.len) {
		struct mc_str word = mc_str_cut(&text, ','), key = mc_str_cut(&word, '=');

		MC_TRY(mc_df_expand(&r->vars, r->scope, word, &value));
		if (mc_df_is_word(key, "type"))
			type = value.text;
		else if (mc_df_is_word(key, "from"))
			MC_TRY(take_copy_from(r, word, &copy));
		else if (mc_df_is_word(key, "target") || mc_df_is_word(key, "dst") ||
			 mc_df_is_word(key, "destination"))
			target = value;
		else if (mc_df_is_word(key, "source") || mc_df_is_word(key, "src")) {
			copy.source = value.text;
			copy.is_unresolved = value.is_unresolved;
		}
	}
	/* A cache without a stage to begin with has nothing that is of the build.  */
	if (!mc_df_is_word(type, "bind") && !(mc_df_is_word(type, "cache") && copy.from.len))
		return MC_OK;
	copy.destination = target.text;
	MC_TRY(absolute(r, &target, &copy.path));
	return add_copy(r, &copy);
}

static enum mc_status take_run(struct reader *r, const struct mc_df_instruction *in,
			       enum mc_dockerfile_place place)
{
	size_t number = r->df.out->stages_count - 1;
	struct mc_df_run run = {.df = &r->df,
				.vars = &r->vars,
				.stage = r->stage,
				.scope = r->scope,
				.place = place,
				.is_posix = r->is_posix[number]};
	struct mc_str flags = in->flags, mount;

	while (place == MC_DOCKERFILE_RUN && next_flag(r, &flags, "mount", &mount))
		MC_TRY(take_mount(r, mount, mc_df_line_at(in, mount.ptr)));
	MC_TRY(mc_df_take_run(&run, in));
	r->is_posix[number] = run.is_posix;
	return MC_OK;
}

/* ---- instructions ---- */

static enum mc_status take_workdir(struct reader *r, const struct mc_df_instruction *in)
{
	struct mc_df_value value;

	MC_TRY(mc_df_expand(&r->vars, r->scope, in->args, &value));
	return absolute(r, &value, &r->stage->workdir);
}

static enum mc_status take_in_stage(struct reader *r, const struct mc_df_instruction *in)
{
	static const struct {
		const char *word;
		enum mc_dockerfile_place place;
	} runs[] = {
		{"RUN", MC_DOCKERFILE_RUN},	      {"SHELL", MC_DOCKERFILE_SHELL},
		{"CMD", MC_DOCKERFILE_CMD},	      {"ENTRYPOINT", MC_DOCKERFILE_ENTRYPOINT},
		{"HEALTHCHECK", MC_DOCKERFILE_HEALTHCHECK},
	};

	if (mc_df_is_word(in->word, "COPY") || mc_df_is_word(in->word, "ADD"))
		return take_copy(r, in, mc_df_is_word(in->word, "ADD"));
	if (mc_df_is_word(in->word, "ENV"))
		return mc_df_take_env(&r->vars, r->scope, in);
	if (mc_df_is_word(in->word, "WORKDIR"))
		return take_workdir(r, in);
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++)
		if (mc_df_is_word(in->word, runs[i].word))
			return take_run(r, in, runs[i].place);
	return MC_OK;
}

static enum mc_status take(struct reader *r, const struct mc_df_instruction *in)
{
	if (mc_df_is_word(in->word, "FROM"))
		return take_from(r, in);
	if (mc_df_is_word(in->word, "ARG"))
		return mc_df_take_arg(&r->vars, r->scope, in);
	return r->stage ? take_in_stage(r, in) : MC_OK;
}

enum mc_status mc_dockerfile_read_text(struct mc_str text, const char *name,
				       struct mc_arena *arena, struct mc_dockerfile *out,
				       struct mc_error *err)
{
	struct reader *r = MC_TAKE(arena, struct reader);
	struct mc_df_instruction in;
	struct mc_df_lines lines;
	enum mc_status status;

	*out = (struct mc_dockerfile){.path = name};
	if (!r)
		return mc_no_memory(err);
	if (text.len > MC_DOCKERFILE_NBYTES_MAX)
		return mc_fail(err, MC_ERR_LIMIT, name, "it is longer than any such file");
	r->df = (struct mc_df){.arena = arena,
			       .err = err,
			       .out = out,
			       .words_left = MC_DOCKERFILE_WORDS_MAX};
	r->vars.df = &r->df;
	r->vars.nbytes_left = MC_DOCKERFILE_VALUES_NBYTES_MAX;
	MC_TRY(mc_df_begin(&r->df, text, &lines));
	while (!(status = mc_df_next(&lines, &in)))
		MC_TRY(take(r, &in));
	if (status < 0)
		return status;
	if (!out->stages_count)
		return mc_fail(err, MC_ERR_FORMAT, name, "no FROM instruction");
	return mc_dockerfile_mark(out, MC_STR(""), err);
}

enum mc_status mc_dockerfile_read(const char *path, struct mc_arena *arena,
				  struct mc_dockerfile *out, struct mc_error *err)
{
	struct mc_str text;

	MC_TRY(mc_read_whole(arena, path, MC_DOCKERFILE_NBYTES_MAX, &text, err));
	return mc_dockerfile_read_text(text, path, arena, out, err);
}

/* ---- the image ---- */

enum mc_status mc_dockerfile_mark(struct mc_dockerfile *df, struct mc_str stage,
				  struct mc_error *err)
{
	size_t target = stage.len ? find_stage_or_number(df, df->stages_count, stage)
				  : df->stages_count - 1;

	if (target == MC_DOCKERFILE_NO_STAGE)
		return mc_fail(err, MC_ERR_NOT_FOUND, df->path, "no stage is called '%.*s'",
			       stage.len < 64 ? (int)stage.len : 64, stage.ptr);
	df->target = target;
	for (size_t i = 0; i < df->stages_count; i++)
		df->stages[i].counts = i == target;
	/* A stage can need earlier ones alone.  */
	for (size_t i = target + 1; i-- > 0;) {
		const struct mc_dockerfile_stage *s = &df->stages[i];

		if (s->counts && s->base_stage != MC_DOCKERFILE_NO_STAGE)
			df->stages[s->base_stage].counts = true;
		for (size_t k = 0; s->counts && k < s->copies_count; k++)
			if (s->copies[k].from_stage != MC_DOCKERFILE_NO_STAGE)
				df->stages[s->copies[k].from_stage].counts = true;
	}
	return MC_OK;
}

bool mc_dockerfile_is_name(struct mc_str path)
{
	struct mc_str name = mc_path_base(path);

	if (mc_str_ends(name, MC_STR(".dockerignore")))
		return false;
	if (mc_str_is(name, MC_STR("Dockerfile")) || mc_str_is(name, MC_STR("Containerfile")))
		return true;
	return (name.len > 11 && mc_str_starts(name, MC_STR("Dockerfile."))) ||
	       (name.len > 14 && mc_str_starts(name, MC_STR("Containerfile."))) ||
	       (name.len > 11 && (mc_str_ends(name, MC_STR(".Dockerfile")) ||
				  mc_str_ends(name, MC_STR(".dockerfile"))));
}
