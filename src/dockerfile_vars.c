/* SPDX-License-Identifier: MIT */
/*
 * ARG and ENV: the Dockerfile reference, "Environment replacement", "ARG" ("Scope", "Using ARG
 * variables", "Predefined ARGs", "Automatic platform ARGs"); BuildKit's shell/lex.go where that
 * says less.
 */
#include "dockerfile_impl.h"

#include <string.h>

/* "${A:-${B:-...}}"; deeper ones stay as they are written.  */
#define DEPTH_MAX 16
/* A stage on a stage on a stage: beyond that a variable is unknown.  */
#define PARENTS_MAX 32

/* ---- variables ---- */

static uint64_t hash_of(size_t scope, struct mc_str name)
{
	return mc_hash_pair(scope, mc_hash_text(name));
}

static struct mc_df_var *find_in(const struct mc_df_vars *vars, size_t scope, struct mc_str name)
{
	struct mc_df_var *var;

	for (size_t at = 0; (var = mc_map_next(&vars->map, hash_of(scope, name), &at));)
		if (var->scope == scope && mc_str_is(var->name, name))
			return var;
	return NULL;
}

/* What the builder sets, whatever an ARG says.  */
static bool is_predefined(struct mc_str name)
{
	static const char *const names[] = {
		"TARGETPLATFORM", "TARGETOS",	"TARGETARCH",  "TARGETVARIANT", "TARGETSTAGE",
		"BUILDPLATFORM",  "BUILDOS",	"BUILDARCH",   "BUILDVARIANT",	"HTTP_PROXY",
		"http_proxy",	  "HTTPS_PROXY", "https_proxy", "FTP_PROXY",	"ftp_proxy",
		"NO_PROXY",	  "no_proxy",	"ALL_PROXY",   "all_proxy"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mc_str_is(name, mc_str_of(names[i])))
			return true;
	return false;
}

/* Its state where nothing in the file says more; '*var_out' may be NULL.  */
static enum mc_df_var_state look_up(const struct mc_df_vars *vars, size_t scope, struct mc_str name,
				    struct mc_df_var **var_out)
{
	bool is_global = scope == MC_DF_GLOBAL;

	*var_out = NULL;
	for (size_t i = 0; i < vars->shadows_count; i++)
		if (mc_str_is(vars->shadows[i], name))
			return MC_DF_UNKNOWN;
	if (vars->shadows_count == MC_DF_SHADOWS_MAX)
		return MC_DF_UNKNOWN;
	for (size_t depth = 0; depth < PARENTS_MAX; depth++) {
		*var_out = find_in(vars, scope, name);
		if (*var_out)
			return (*var_out)->state;
		scope = vars->parents[scope];
		if (scope == MC_DF_GLOBAL)
			break;
	}
	/* The base image may set it.  */
	return is_global && !is_predefined(name) ? MC_DF_UNSET : MC_DF_UNKNOWN;
}

void mc_df_shadow(struct mc_df_vars *vars, struct mc_str name)
{
	if (vars->shadows_count < MC_DF_SHADOWS_MAX)
		vars->shadows[vars->shadows_count++] = name;
}

static enum mc_status set(struct mc_df_vars *vars, const struct mc_df_var *from)
{
	struct mc_df_var *var = find_in(vars, from->scope, from->name), *found;

	/* "Environment variables defined using ENV always override an ARG of the same name."  */
	if (!from->is_env && from->scope != MC_DF_GLOBAL &&
	    look_up(vars, from->scope, from->name, &found) != MC_DF_UNSET && found && found->is_env)
		return MC_OK;
	if (!var) {
		var = MC_TAKE(vars->df->arena, struct mc_df_var);
		if (!var || mc_map_add(vars->df->arena, &vars->map,
				       hash_of(from->scope, from->name), var))
			return mc_no_memory(vars->df->err);
	}
	*var = *from;
	return MC_OK;
}

/* ---- substitution ---- */

/* "${NAME:-" whose word is being read.  */
struct frame {
	size_t begin;	/* of the output */
	const char *at; /* of the "$" */
	struct mc_df_var *var;
	enum mc_df_var_state state;
	size_t uses_count; /* before the word */
	bool is_unresolved, counts_empty;
	char modifier, quote;
};

struct expander {
	struct mc_df_vars *vars;
	size_t scope, depth;
	struct mc_str rest;
	struct mc_df_buffer out;
	struct mc_df_value *value;
	struct frame frames[DEPTH_MAX];
	char quote;
};

size_t mc_df_name_len(struct mc_str text)
{
	size_t len = 0;

	while (len < text.len &&
	       ((text.ptr[len] >= 'a' && text.ptr[len] <= 'z') ||
		(text.ptr[len] >= 'A' && text.ptr[len] <= 'Z') || text.ptr[len] == '_' ||
		(len && text.ptr[len] >= '0' && text.ptr[len] <= '9')))
		len++;
	return len;
}

static enum mc_status put(struct expander *e, struct mc_str text)
{
	return mc_df_append(e->vars->df, &e->out, text);
}

/* What stays as it is written.  */
static enum mc_status put_written(struct expander *e, const char *from, const char *to)
{
	e->value->is_unresolved = true;
	return put(e, (struct mc_str){from, (size_t)(to - from)});
}

static enum mc_status put_value(struct expander *e, struct mc_df_var *var)
{
	struct mc_df_value *value = e->value;
	size_t i = 0;

	if (var->value.len > e->vars->nbytes_left)
		return mc_fail(e->vars->df->err, MC_ERR_LIMIT, e->vars->df->out->path,
			       "the values of its variables are too long");
	e->vars->nbytes_left -= var->value.len;
	while (i < value->uses_count && value->uses[i] != var)
		i++;
	if (i == value->uses_count && i < MC_DOCKERFILE_ARGS_MAX)
		value->uses[value->uses_count++] = var;
	return put(e, var->value);
}

/* "$NAME" or "${NAME}", all of which is from 'at' to the rest.  */
static enum mc_status put_plain(struct expander *e, struct mc_str name, const char *at)
{
	struct mc_df_var *var;

	if (look_up(e->vars, e->scope, name, &var) == MC_DF_KNOWN)
		return put_value(e, var);
	return put_written(e, at, e->rest.ptr);
}

/* Behind "${": true with a frame that was opened, or with all that was put.  */
static enum mc_status begin_braces(struct expander *e, const char *at)
{
	struct mc_str name = {e->rest.ptr, mc_df_name_len(e->rest)};
	struct frame *frame = &e->frames[e->depth];

	e->rest = mc_str_skip(e->rest, name.len);
	if (name.len && mc_str_starts(e->rest, MC_STR("}"))) {
		e->rest = mc_str_skip(e->rest, 1);
		return put_plain(e, name, at);
	}
	if (!name.len || !e->rest.len || e->depth == DEPTH_MAX)
		return put_written(e, at, e->rest.ptr);
	*frame = (struct frame){.begin = e->out.len, .at = at, .quote = e->quote};
	frame->counts_empty = e->rest.ptr[0] == ':' && e->rest.len > 1;
	frame->modifier = e->rest.ptr[frame->counts_empty];
	frame->state = look_up(e->vars, e->scope, name, &frame->var);
	frame->uses_count = e->value->uses_count;
	frame->is_unresolved = e->value->is_unresolved;
	e->rest = mc_str_skip(e->rest, 1 + (size_t)frame->counts_empty);
	e->quote = 0;
	e->depth++;
	return MC_OK;
}

/* At "}": the word is behind frame.begin.  */
static enum mc_status end_braces(struct expander *e)
{
	const struct frame *frame = &e->frames[--e->depth];
	bool is_set = frame->state == MC_DF_KNOWN &&
		      !(frame->counts_empty && !frame->var->value.len);
	bool is_known = frame->state != MC_DF_UNKNOWN;

	e->quote = frame->quote;
	if (is_known && ((frame->modifier == '-' && !is_set) || (frame->modifier == '+' && is_set)))
		return MC_OK; /* the word */
	e->out.len = frame->begin;
	e->value->uses_count = frame->uses_count;
	e->value->is_unresolved = frame->is_unresolved;
	if (is_known && frame->modifier == '+')
		return MC_OK;
	if (is_set && (frame->modifier == '-' || frame->modifier == '?'))
		return put_value(e, frame->var);
	return put_written(e, frame->at, e->rest.ptr);
}

static enum mc_status take_dollar(struct expander *e)
{
	const char *at = e->rest.ptr;
	struct mc_str name;

	e->rest = mc_str_skip(e->rest, 1);
	if (mc_str_starts(e->rest, MC_STR("{"))) {
		e->rest = mc_str_skip(e->rest, 1);
		return begin_braces(e, at);
	}
	name = (struct mc_str){e->rest.ptr, mc_df_name_len(e->rest)};
	if (name.len) {
		e->rest = mc_str_skip(e->rest, name.len);
		return put_plain(e, name, at);
	}
	if (e->rest.len && memchr("@*#?-$!0123456789", e->rest.ptr[0], 17)) {
		e->rest = mc_str_skip(e->rest, 1);
		return put_written(e, at, e->rest.ptr);
	}
	return put(e, MC_STR("$"));
}

static enum mc_status take_escape(struct expander *e)
{
	struct mc_str more;

	e->rest = mc_str_skip(e->rest, 1);
	if (!e->rest.len)
		return MC_OK;
	more = (struct mc_str){e->rest.ptr, 1};
	if (e->quote && e->rest.ptr[0] != '"' && e->rest.ptr[0] != '$' &&
	    e->rest.ptr[0] != e->vars->df->escape)
		more = (struct mc_str){e->rest.ptr - 1, 2};
	e->rest = mc_str_skip(e->rest, 1);
	return put(e, more);
}

static enum mc_status take_char(struct expander *e)
{
	char c = e->rest.ptr[0];

	if (c == e->quote || (!e->quote && (c == '\'' || c == '"'))) {
		e->quote = e->quote ? 0 : c;
		e->rest = mc_str_skip(e->rest, 1);
		return MC_OK;
	}
	if (e->quote != '\'') {
		if (c == '$')
			return take_dollar(e);
		if (c == e->vars->df->escape)
			return take_escape(e);
	}
	e->rest = mc_str_skip(e->rest, 1);
	if (c == '}' && !e->quote && e->depth)
		return end_braces(e);
	return put(e, (struct mc_str){e->rest.ptr - 1, 1});
}

enum mc_status mc_df_expand(struct mc_df_vars *vars, size_t scope, struct mc_str text,
			    struct mc_df_value *value_out)
{
	struct expander e = {.vars = vars, .scope = scope, .rest = text, .value = value_out};

	*value_out = (struct mc_df_value){.text = text};
	if (!text.len)
		return MC_OK;
	while (e.rest.len)
		MC_TRY(take_char(&e));
	if (e.depth) { /* no "}" */
		e.out.len = e.frames[0].begin;
		MC_TRY(put_written(&e, e.frames[0].at, text.ptr + text.len));
	}
	value_out->text = e.out.len ? (struct mc_str){e.out.ptr, e.out.len} : (struct mc_str){"", 0};
	return MC_OK;
}

/* ---- instructions ---- */

static enum mc_status keep_uses(struct mc_df_vars *vars, const struct mc_df_value *value,
				struct mc_df_var *var)
{
	var->uses_count = value->uses_count;
	if (!value->uses_count)
		return MC_OK;
	var->uses = MC_TAKE_ARRAY(vars->df->arena, struct mc_df_var *, value->uses_count);
	if (!var->uses)
		return mc_no_memory(vars->df->err);
	memcpy(var->uses, value->uses, value->uses_count * sizeof(*var->uses));
	return MC_OK;
}

static enum mc_status count_word(struct mc_df *df, unsigned line)
{
	if (!df->words_left)
		return mc_df_fail(df, MC_ERR_LIMIT, line, "too many words up to here");
	df->words_left--;
	return MC_OK;
}

/* "NAME" or "NAME=value" of ARG.  */
static enum mc_status read_arg(struct mc_df_vars *vars, size_t scope, struct mc_str word,
			       unsigned line, struct mc_df_var *var_out)
{
	const struct mc_df_var *global;
	struct mc_df_value value;

	*var_out = (struct mc_df_var){.scope = scope, .line = line, .state = MC_DF_UNSET};
	var_out->has_default = memchr(word.ptr, '=', word.len) != NULL;
	var_out->name = mc_str_cut(&word, '=');
	var_out->written = word;
	if (is_predefined(var_out->name)) {
		var_out->state = MC_DF_UNKNOWN;
		return MC_OK;
	}
	if (var_out->has_default) {
		MC_TRY(mc_df_expand(vars, scope, word, &value));
		var_out->value = value.text;
		var_out->state = value.is_unresolved ? MC_DF_UNKNOWN : MC_DF_KNOWN;
		return scope == MC_DF_GLOBAL ? keep_uses(vars, &value, var_out) : MC_OK;
	}
	global = scope == MC_DF_GLOBAL ? NULL : find_in(vars, MC_DF_GLOBAL, var_out->name);
	if (global) {
		var_out->value = global->value;
		var_out->state = global->state;
	}
	return MC_OK;
}

enum mc_status mc_df_take_arg(struct mc_df_vars *vars, size_t scope,
			      const struct mc_df_instruction *in)
{
	struct mc_str rest = in->args, word;

	while (mc_df_cut_raw(vars->df, &rest, &word)) {
		unsigned line = mc_df_line_at(in, word.ptr);
		struct mc_df_var var;

		MC_TRY(count_word(vars->df, line));
		MC_TRY(read_arg(vars, scope, word, line, &var));
		MC_TRY(set(vars, &var));
	}
	return MC_OK;
}

/* The older form is "ENV NAME all the rest".  */
static bool cut_pair(const struct mc_df *df, struct mc_str *rest, bool is_first,
		     struct mc_str *name_out, struct mc_str *value_out)
{
	struct mc_str word;

	if (!mc_df_cut_raw(df, rest, &word))
		return false;
	*value_out = word;
	*name_out = mc_str_cut(value_out, '=');
	if (is_first && name_out->len == word.len) {
		*value_out = mc_df_strip(*rest);
		*rest = (struct mc_str){"", 0};
	}
	return true;
}

/* All values are those of before the instruction.  */
enum mc_status mc_df_take_env(struct mc_df_vars *vars, size_t scope,
			      const struct mc_df_instruction *in)
{
	struct mc_str rest = in->args, name, text;
	struct mc_df_var *list = NULL;
	size_t count = 0, room = 0;

	while (cut_pair(vars->df, &rest, !count, &name, &text)) {
		struct mc_df_value value;

		list = mc_arena_grow(vars->df->arena, list, count, &room, sizeof(*list));
		if (!list)
			return mc_no_memory(vars->df->err);
		MC_TRY(count_word(vars->df, in->line));
		MC_TRY(mc_df_expand(vars, scope, text, &value));
		list[count++] = (struct mc_df_var){
			.name = name,
			.value = value.text,
			.scope = scope,
			.state = value.is_unresolved ? MC_DF_UNKNOWN : MC_DF_KNOWN,
			.line = in->line,
			.is_env = true};
	}
	for (size_t i = 0; i < count; i++)
		MC_TRY(set(vars, &list[i]));
	return MC_OK;
}

bool mc_df_is_true(const struct mc_df_vars *vars, size_t scope, struct mc_str name)
{
	struct mc_df_var *var;

	return look_up(vars, scope, name, &var) == MC_DF_KNOWN && var->value.len &&
	       !mc_str_is(var->value, MC_STR("0")) && !mc_df_is_word(var->value, "false") &&
	       !mc_df_is_word(var->value, "off") && !mc_df_is_word(var->value, "no");
}
