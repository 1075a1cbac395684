/* SPDX-License-Identifier: MIT */
/* The commands of RUN and of the instructions that are like it.  */
#include "dockerfile_impl.h"

#include "path.h"

#include <string.h>

/* "bash -c" in "su -c" in a here-document; deeper ones are not looked into.  */
#define FRAMES_MAX 4
#define GROUPS_MAX 8

/* A text of the shell that is being read.  */
struct frame {
	struct mc_df_shell shell;
	struct mc_str workdirs[GROUPS_MAX + 1]; /* of each group "( )" that is open */
};

struct runner {
	struct mc_df_run *run;
	struct frame frames[FRAMES_MAX];
	size_t count;
	/* Of the command at hand: how many groups are open, as far as they are told apart.  */
	size_t depth;
	struct mc_str workdir;
};

/* ---- words ---- */

bool mc_df_is_shell(struct mc_str command)
{
	return MC_STR_IS_ONE_OF(mc_path_base(command), "sh", "bash", "ash", "dash", "zsh", "ksh");
}

static bool is_option(const struct mc_df_shell_word *word)
{
	return mc_str_starts(word->word.text, MC_STR("-"));
}

static enum mc_status add_command(struct runner *r, const struct mc_dockerfile_word *word)
{
	struct mc_dockerfile_stage *stage = r->run->stage;
	struct mc_dockerfile_command *commands =
		mc_arena_grow(r->run->df->arena, stage->commands, stage->commands_count,
			   &stage->commands_room, sizeof(*commands));

	if (!commands)
		return mc_no_memory(r->run->df->err);
	stage->commands = commands;
	commands[stage->commands_count++] = (struct mc_dockerfile_command){
		r->run->place, word->text, word->line, word->is_unresolved};
	return MC_OK;
}

/* ---- texts in texts ---- */

/* A text that is not read as a shell's: told where it may install something.  */
static enum mc_status pass_over(struct runner *r, struct mc_str text, unsigned line)
{
	struct mc_df_shell_word word = {.word = {.text = text, .line = line}};
	bool has_tool = mc_str_find(text, MC_STR("pip"), NULL) || mc_str_find(text, MC_STR("poetry"), NULL) ||
			mc_str_find(text, MC_STR("pdm"), NULL) || mc_str_find(text, MC_STR("conda"), NULL);

	if (r->run->place != MC_DOCKERFILE_RUN || !has_tool || !mc_str_find(text, MC_STR("install"), NULL))
		return MC_OK;
	return mc_df_take_unseen(r->run, &word, 1);
}

/* Shells in shells in shells are an enemy's.  */
static enum mc_status push(struct runner *r, struct mc_df_shell shell)
{
	struct frame *frame;

	if (r->count == FRAMES_MAX)
		return pass_over(r, shell.text, shell.line);
	frame = &r->frames[r->count++];
	frame->shell = shell;
	frame->shell.vars = r->run->vars;
	frame->shell.scope = r->run->scope;
	frame->workdirs[0] = r->workdir;
	return MC_OK;
}

/* "#!/usr/bin/env -S bash -e": the name of the program, which is told.  */
static enum mc_status take_interpreter(struct runner *r, const struct mc_df_heredoc *doc,
				       bool *is_shell_out)
{
	struct mc_str rest = mc_str_skip(doc->body, 2), line = mc_str_cut(&rest, '\n'), name;

	line = mc_df_strip(line);
	name = mc_str_cut(&line, ' ');
	while (line.len && (mc_str_is(mc_path_base(name), MC_STR("env")) ||
			    mc_str_starts(name, MC_STR("-"))))
		name = mc_str_cut(&line, ' ');
	*is_shell_out = mc_df_is_shell(name);
	return add_command(r, &(struct mc_dockerfile_word){.text = name, .line = doc->line});
}

/* "RUN <<EOF" is a script, for the shell or for what "#!" names.  */
static enum mc_status push_heredoc(struct runner *r, const struct mc_df_heredoc *doc, bool is_input)
{
	bool is_shell = true;

	if (!is_input && mc_str_starts(doc->body, MC_STR("#!")))
		MC_TRY(take_interpreter(r, doc, &is_shell));
	return is_shell ? push(r, (struct mc_df_shell){.text = doc->body, .line = doc->line, .counts_lines = true})
			: pass_over(r, doc->body, doc->line);
}

/* "sh -euxo pipefail -c TEXT", or what is on its standard input.  */
static enum mc_status take_shell(struct runner *r, const struct mc_df_shell_word *words,
				 size_t count, const struct mc_df_heredoc *doc)
{
	bool has_text = false;

	for (size_t i = 1; i < count; i++) {
		struct mc_str text = words[i].word.text;

		if (!is_option(&words[i]) && !has_text)
			return MC_OK; /* a script */
		if (!is_option(&words[i]))
			return push(r, (struct mc_df_shell){.text = text, .line = words[i].word.line});
		if (mc_str_starts(text, MC_STR("--")))
			continue;
		has_text |= memchr(text.ptr, 'c', text.len) != NULL;
		if (mc_str_ends(text, MC_STR("o")))
			i++;
	}
	return doc ? push_heredoc(r, doc, true) : MC_OK;
}

/* ---- commands ---- */

static enum mc_status change_folder(struct runner *r, const struct mc_df_shell_word *words,
				    size_t count)
{
	const struct mc_dockerfile_word *to = count > 1 ? &words[count - 1].word : NULL;
	struct frame *frame = r->count ? &r->frames[r->count - 1] : NULL;

	if (!frame)
		return MC_OK;
	if (!to || to->is_unresolved || mc_str_starts(to->text, MC_STR("-")) ||
	    mc_str_starts(to->text, MC_STR("~")) ||
	    (!r->workdir.len && !mc_str_starts(to->text, MC_STR("/"))))
		frame->workdirs[r->depth] = MC_STR("");
	else if (mc_path_join(r->run->df->arena, r->workdir, to->text, &frame->workdirs[r->depth]))
		return mc_no_memory(r->run->df->err);
	return MC_OK;
}

/* Past keywords; 'count' where the words are none of a command.  */
static size_t skip_keywords(struct runner *r, const struct mc_df_command *command)
{
	static const char *const before[] = {"if", "then", "elif", "else", "while", "until", "do",
					     "!",  "{",	   "}",	   "fi",   "done",  "esac", NULL};
	static const char *const heads[] = {"for", "case", "select", "function", NULL};
	size_t i = 0;

	while (i < command->count && command->words[i].is_plain &&
	       mc_str_is_one_of(command->words[i].word.text, before))
		i++;
	if (i < command->count && command->words[i].is_plain &&
	    mc_str_is_one_of(command->words[i].word.text, heads)) {
		if (i + 1 < command->count)
			mc_df_shadow(r->run->vars, command->words[i + 1].word.text);
		return command->count;
	}
	return i;
}

static struct mc_str name_of(const struct mc_df_shell_word *word)
{
	return (struct mc_str){word->word.text.ptr, word->name_len};
}

/* Past "NAME=value".  */
static size_t skip_assignments(struct runner *r, const struct mc_df_command *command, size_t i,
			       bool *has_no_cache)
{
	size_t begin = i;

	for (; i < command->count && command->words[i].name_len; i++) {
		struct mc_str name = name_of(&command->words[i]);

		*has_no_cache |= mc_str_is(name, MC_STR("PIP_NO_CACHE_DIR")) ||
				 mc_str_is(name, MC_STR("UV_NO_CACHE"));
	}
	while (i == command->count && begin < i)
		mc_df_shadow(r->run->vars, name_of(&command->words[begin++]));
	return i;
}

static void shadow_all(struct runner *r, const struct mc_df_shell_word *words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		mc_df_shadow(r->run->vars, words[i].name_len ? name_of(&words[i])
							     : words[i].word.text);
}

/* "sudo -u x COMMAND": where the command is; 0 when the word is no such thing.  */
static size_t skip_wrapper(const struct mc_df_shell_word *words, size_t count)
{
	static const struct {
		const char *name, *letters; /* of options with a value */
		size_t operands;	    /* before the command */
	} wrappers[] = {
		{"sudo", "ugphCrtTRD", 0}, {"doas", "uC", 0},	  {"env", "uSC", 0},
		{"exec", "a", 0},	   {"nice", "n", 0},	  {"nohup", "", 0},
		{"eatmydata", "", 0},	   {"xargs", "aEILnPsd", 0}, {"gosu", "", 1},
		{"su-exec", "", 1},	   {"timeout", "ks", 1},  {"chroot", "", 1},
		{"command", "", 0},	   {"time", "fo", 0},	  {"builtin", "", 0},
	};
	struct mc_str name = mc_path_base(words[0].word.text);
	size_t i = 1;

	if (count > 1 && MC_STR_IS_ONE_OF(name, "poetry", "uv", "pdm", "pipenv") &&
	    mc_str_is(words[1].word.text, MC_STR("run"))) {
		for (i = 2; i < count && is_option(&words[i]); i++)
			;
		return i;
	}
	for (size_t k = 0; k < sizeof(wrappers) / sizeof(*wrappers); k++) {
		if (!mc_str_is(name, mc_str_of(wrappers[k].name)))
			continue;
		if (mc_str_is(name, MC_STR("command")) && count > 1 && is_option(&words[1]))
			return count; /* "command -v x" runs nothing */
		for (; i < count && is_option(&words[i]); i++)
			i += words[i].word.text.len == 2 &&
			     strchr(wrappers[k].letters, words[i].word.text.ptr[1]);
		return i + wrappers[k].operands < count ? i + wrappers[k].operands : count;
	}
	return 0;
}

static enum mc_status take_builtin(struct runner *r, const struct mc_df_shell_word *words,
				   size_t count)
{
	struct mc_str name = words[0].word.text;

	if (mc_str_is(name, MC_STR("cd")) || mc_str_is(name, MC_STR("pushd")))
		return change_folder(r, words, count);
	if (MC_STR_IS_ONE_OF(name, "export", "read", "local", "readonly", "declare", "typeset", "unset"))
		shadow_all(r, words, count);
	return MC_OK;
}

static enum mc_status take_command(struct runner *r, const struct mc_df_command *command)
{
	size_t i = skip_keywords(r, command), step = 1;
	bool has_no_cache = false;

	if (!command->count && command->heredoc)
		return push_heredoc(r, command->heredoc, false);
	for (; step; i += step) {
		const struct mc_df_shell_word *words;

		i = skip_assignments(r, command, i, &has_no_cache);
		if (i >= command->count)
			return MC_OK;
		words = &command->words[i];
		MC_TRY(add_command(r, &words->word));
		step = skip_wrapper(words, command->count - i);
	}
	if (mc_df_is_shell(command->words[i].word.text))
		return take_shell(r, &command->words[i], command->count - i, command->heredoc);
	MC_TRY(take_builtin(r, &command->words[i], command->count - i));
	if (r->run->place != MC_DOCKERFILE_RUN)
		return MC_OK;
	return mc_df_take_install(r->run, &command->words[i], command->count - i, r->workdir,
				  has_no_cache);
}

/* ---- the whole ---- */

static enum mc_status take_frames(struct runner *r)
{
	while (r->count) {
		struct frame *frame = &r->frames[r->count - 1];
		struct mc_df_command command;
		enum mc_status status = mc_df_next_command(&frame->shell, &command);
		size_t depth = command.depth < GROUPS_MAX ? command.depth : GROUPS_MAX;

		if (status < 0)
			return status;
		if (status == MC_END) {
			r->count--;
			continue;
		}
		for (size_t i = command.lowest + 1; i <= depth; i++)
			frame->workdirs[i] = frame->workdirs[i - 1];
		r->depth = depth;
		r->workdir = frame->workdirs[depth];
		MC_TRY(take_command(r, &command));
	}
	return MC_OK;
}

static enum mc_status take_exec(struct runner *r, const struct mc_dockerfile_words *list,
				unsigned line)
{
	struct mc_df_command command = {.count = list->count, .line = line};

	if (!list->count)
		return MC_OK;
	command.words = MC_TAKE_ARRAY(r->run->df->arena, struct mc_df_shell_word, list->count);
	if (!command.words)
		return mc_no_memory(r->run->df->err);
	for (size_t i = 0; i < list->count; i++)
		command.words[i].word = list->items[i];
	MC_TRY(take_command(r, &command));
	return take_frames(r);
}

static enum mc_status take_shell_setting(struct runner *r, const struct mc_dockerfile_words *list)
{
	if (!list->count)
		return MC_OK;
	/* "conda run -n x /bin/bash -c" is one as well.  */
	r->run->is_posix = false;
	for (size_t i = 0; i < list->count; i++)
		r->run->is_posix |= mc_df_is_shell(list->items[i].text);
	return add_command(r, &list->items[0]);
}

enum mc_status mc_df_take_run(struct mc_df_run *run, const struct mc_df_instruction *in)
{
	struct runner r = {.run = run, .workdir = run->stage->workdir};
	struct mc_str text = in->args, word;
	struct mc_dockerfile_words list;
	enum mc_status status;

	run->vars->shadows_count = 0;
	if (run->place == MC_DOCKERFILE_HEALTHCHECK &&
	    (!mc_df_cut_raw(run->df, &text, &word) || !mc_df_is_word(word, "CMD")))
		return MC_OK;
	status = mc_df_read_json(run->df, text, in->line, &list);
	if (status < 0)
		return status;
	if (run->place == MC_DOCKERFILE_SHELL)
		status = take_shell_setting(&r, &list);
	else if (status == MC_OK)
		status = take_exec(&r, &list, in->line);
	else if (run->is_posix)
		status = push(&r, (struct mc_df_shell){.text = text, .instruction = in});
	else
		status = pass_over(&r, text, in->line);
	if (!status)
		status = take_frames(&r);
	run->vars->shadows_count = 0;
	return status < 0 ? status : MC_OK;
}
