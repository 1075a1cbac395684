/* SPDX-License-Identifier: MIT */
/*
 * Simple commands of a shell's text: POSIX.1-2017, Shell Command Language, 2.2 (quoting), 2.3
 * (tokens) and 2.7 (redirection).  What "$(...)" says is not known, and stays as it is written.
 */
#include "dockerfile_impl.h"

#include <string.h>

struct word {
	struct mc_df_buffer text;
	unsigned line;
	size_t name_len;
	bool is_begun, is_plain, is_unresolved;
	bool is_literal; /* nothing but unquoted characters up to here */
};

struct lexer {
	struct mc_df_shell *shell;
	struct mc_df_command *command;
	struct word word;
	bool is_target; /* the next word is that of a redirection */
	bool is_heredoc, strips_tabs;
};

/* ---- characters ---- */

static char peek(const struct mc_df_shell *shell, size_t ahead)
{
	size_t at = shell->at + ahead;

	return at < shell->text.len ? shell->text.ptr[at] : '\0';
}

static void skip(struct mc_df_shell *shell, size_t count)
{
	for (; count && shell->at < shell->text.len; count--, shell->at++)
		if (shell->counts_lines && shell->text.ptr[shell->at] == '\n')
			shell->line++;
}

/* Monotonic, so that each piece is passed once.  */
static unsigned line_here(struct mc_df_shell *shell)
{
	const struct mc_df_instruction *in = shell->instruction;

	if (!in)
		return shell->line;
	while (shell->piece + 1 < in->pieces_count &&
	       in->pieces[shell->piece + 1].at <= shell->text.ptr + shell->at)
		shell->piece++;
	return in->pieces[shell->piece].line;
}

/* ---- words ---- */

static struct mc_df *df_of(const struct lexer *l)
{
	return l->shell->vars->df;
}

static void begin_word(struct lexer *l)
{
	if (l->word.is_begun)
		return;
	l->word = (struct word){.is_begun = true, .is_plain = true, .is_literal = true};
	l->word.line = line_here(l->shell);
}

static enum mc_status put(struct lexer *l, struct mc_str text)
{
	begin_word(l);
	return mc_df_append(df_of(l), &l->word.text, text);
}

/* "<<NAME": one of the instruction's, or of a script, where its body begins with the next line.  */
static void take_heredoc(struct lexer *l, struct mc_str name)
{
	struct mc_df_shell *shell = l->shell;

	if (shell->instruction) {
		if (shell->heredocs_count < shell->instruction->heredocs_count)
			l->command->heredoc =
				&shell->instruction->heredocs[shell->heredocs_count++];
	} else if (shell->pending_count < MC_DF_PENDING_MAX) {
		shell->pending_strips[shell->pending_count] = l->strips_tabs;
		shell->pending[shell->pending_count++] = name;
	}
}

static enum mc_status end_word(struct lexer *l)
{
	struct mc_df_command *command = l->command;
	struct word *word = &l->word;
	struct mc_str text = {word->text.len ? word->text.ptr : "", word->text.len};
	struct mc_df_shell_word *words;

	if (!word->is_begun)
		return MC_OK;
	word->is_begun = false;
	if (!df_of(l)->words_left)
		return mc_df_fail(df_of(l), MC_ERR_LIMIT, word->line, "too many words up to here");
	df_of(l)->words_left--;
	if (l->is_target) {
		if (l->is_heredoc)
			take_heredoc(l, text);
		l->is_target = l->is_heredoc = false;
		return MC_OK;
	}
	words = mc_arena_grow(df_of(l)->arena, command->words, command->count, &command->room,
			   sizeof(*words));
	if (!words)
		return mc_no_memory(df_of(l)->err);
	command->words = words;
	if (!command->count)
		command->line = word->line;
	words[command->count++] = (struct mc_df_shell_word){
		{text, word->line, word->is_unresolved}, word->is_plain, word->name_len};
	return MC_OK;
}

/* Unquoted values fall apart at blanks (2.6.5).  */
static enum mc_status put_fields(struct lexer *l, struct mc_str value)
{
	while (value.len) {
		size_t len = 0;

		if (mc_df_is_blank(value.ptr[0])) {
			bool is_target = l->is_target;

			if (l->word.is_begun && l->word.text.len && !is_target)
				MC_TRY(end_word(l));
			value = mc_str_skip(value, 1);
			continue;
		}
		while (len < value.len && !mc_df_is_blank(value.ptr[len]))
			len++;
		MC_TRY(put(l, (struct mc_str){value.ptr, len}));
		l->word.is_plain = l->word.is_literal = false;
		value = mc_str_skip(value, len);
	}
	return MC_OK;
}

/* "`...`" at the front; all of it without an end.  */
static size_t backquoted_len(struct mc_str text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] == '`')
			return i + 1;
		i += text.ptr[i] == '\\';
	}
	return text.len;
}

/* "$NAME", "${...}", "$(...)" or "<(...)" at the front; all of it without an end.  */
static size_t expansion_len(struct mc_str text)
{
	char open = text.len > 1 ? text.ptr[1] : '\0', close = open == '{' ? '}' : ')', quote = 0;
	size_t depth = 0, name_len = mc_df_name_len(mc_str_skip(text, 1));

	if (text.ptr[0] == '`')
		return backquoted_len(text);
	if (open != '{' && open != '(')
		return 1 + (name_len || !open || !strchr("@*#?-$!0123456789", open) ? name_len : 1);
	for (size_t i = 1; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '\\' && quote != '\'')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == open)
			depth++;
		else if (c == close && !--depth)
			return i + 1;
	}
	return text.len;
}

static enum mc_status take_expansion(struct lexer *l, bool is_quoted)
{
	struct mc_df_shell *shell = l->shell;
	struct mc_str text = mc_str_skip(shell->text, shell->at);
	struct mc_df_value value;

	text.len = expansion_len(text);
	if (!is_quoted && mc_str_starts(text, MC_STR("`#"))) {
		skip(shell, text.len); /* a comment within a line, as people write it */
		return MC_OK;
	}
	if (is_quoted)
		begin_word(l);
	if (text.len == 1 || text.ptr[0] == '`' || text.ptr[1] == '(') {
		MC_TRY(put(l, text));
		l->word.is_unresolved |= text.len > 1;
	} else {
		MC_TRY(mc_df_expand(shell->vars, shell->scope, text, &value));
		if (is_quoted || value.is_unresolved)
			MC_TRY(put(l, value.text));
		else
			MC_TRY(put_fields(l, value.text));
		l->word.is_unresolved |= value.is_unresolved;
	}
	l->word.is_plain = l->word.is_literal = false;
	skip(shell, text.len);
	return MC_OK;
}

static enum mc_status take_double_quoted(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;

	skip(shell, 1);
	while (shell->at < shell->text.len && peek(shell, 0) != '"') {
		char c = peek(shell, 0), next = peek(shell, 1);

		if (c == '$' || c == '`') {
			MC_TRY(take_expansion(l, true));
			continue;
		}
		if (c == '\\' && next && strchr("$`\"\\\n", next)) {
			skip(shell, 1);
			if (next == '\n') {
				skip(shell, 1);
				continue;
			}
		}
		MC_TRY(put(l, (struct mc_str){shell->text.ptr + shell->at, 1}));
		skip(shell, 1);
	}
	skip(shell, 1);
	return MC_OK;
}

static enum mc_status take_quoted(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;
	struct mc_str rest, text;

	begin_word(l);
	l->word.is_plain = l->word.is_literal = false;
	if (peek(shell, 0) == '"')
		return take_double_quoted(l);
	rest = mc_str_skip(shell->text, shell->at + 1);
	text = mc_str_cut(&rest, '\'');
	skip(shell, text.len + 2);
	return put(l, text);
}

static enum mc_status take_backslash(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;
	char next = peek(shell, 1);

	if (next == '\n' || (next == '\r' && peek(shell, 2) == '\n')) {
		skip(shell, next == '\r' ? 3 : 2);
		return MC_OK;
	}
	skip(shell, 1);
	if (!next)
		return MC_OK;
	MC_TRY(put(l, (struct mc_str){shell->text.ptr + shell->at, 1}));
	l->word.is_plain = l->word.is_literal = false;
	skip(shell, 1);
	return MC_OK;
}

static enum mc_status take_char(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;
	char c = peek(shell, 0);

	if (c == '\\')
		return take_backslash(l);
	if (c == '\'' || c == '"')
		return take_quoted(l);
	if (c == '$' || c == '`')
		return take_expansion(l, false);
	if (c == '=' && l->word.is_begun && l->word.is_literal && !l->word.name_len) {
		struct mc_str text = {l->word.text.ptr, l->word.text.len};

		if (text.len && mc_df_name_len(text) == text.len)
			l->word.name_len = text.len;
	}
	MC_TRY(put(l, (struct mc_str){shell->text.ptr + shell->at, 1}));
	skip(shell, 1);
	return MC_OK;
}

/* "NAME=(a b)", an array of bash.  */
static bool is_array(const struct lexer *l)
{
	return peek(l->shell, 0) == '(' && l->word.is_begun && l->word.name_len &&
	       l->word.name_len + 1 == l->word.text.len;
}

static enum mc_status take_array(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;
	/* From the "=" on, so that it looks like "$(...)".  */
	size_t len = expansion_len(mc_str_skip(shell->text, shell->at - 1)) - 1;

	MC_TRY(put(l, (struct mc_str){shell->text.ptr + shell->at, len}));
	l->word.is_plain = l->word.is_literal = false;
	skip(shell, len);
	return MC_OK;
}

/* ---- operators ---- */

static bool is_number(const struct mc_df_buffer *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->ptr[i] < '0' || text->ptr[i] > '9')
			return false;
	return true;
}

/* "2>", ">>", ">&", "<<-", "<<<" and so on; "<(...)" is a word.  */
static enum mc_status take_redirection(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;
	char c = peek(shell, 0);

	if (peek(shell, 1) == '(') {
		struct mc_str text = mc_str_skip(shell->text, shell->at);

		text.len = expansion_len(text);
		MC_TRY(put(l, text));
		l->word.is_plain = l->word.is_literal = false;
		l->word.is_unresolved = true;
		skip(shell, text.len);
		return MC_OK;
	}
	if (l->word.is_begun && l->word.is_literal && is_number(&l->word.text))
		l->word.is_begun = false;
	MC_TRY(end_word(l));
	skip(shell, 1);
	l->is_target = true;
	l->is_heredoc = c == '<' && peek(shell, 0) == '<' && peek(shell, 1) != '<';
	if (c == '<' && peek(shell, 0) == '<')
		skip(shell, l->is_heredoc ? 1 : 2);
	else if (peek(shell, 0) && strchr(">&|", peek(shell, 0)))
		skip(shell, 1);
	l->strips_tabs = l->is_heredoc && peek(shell, 0) == '-';
	if (l->strips_tabs)
		skip(shell, 1);
	return MC_OK;
}

/* At the begin of the line behind their operators.  */
static void skip_bodies(struct mc_df_shell *shell)
{
	for (size_t i = 0; i < shell->pending_count; i++) {
		bool is_end = false;

		while (!is_end && shell->at < shell->text.len) {
			struct mc_str rest = mc_str_skip(shell->text, shell->at);
			struct mc_str line = mc_str_cut(&rest, '\n');

			skip(shell, line.len + 1);
			if (mc_str_ends(line, MC_STR("\r")))
				line.len--;
			while (shell->pending_strips[i] && mc_str_starts(line, MC_STR("\t")))
				line = mc_str_skip(line, 1);
			is_end = mc_str_is(line, shell->pending[i]);
		}
	}
	shell->pending_count = 0;
}

/* "name()" is the head of a function.  */
static bool skip_function(struct lexer *l)
{
	size_t ahead = 1;

	if (l->command->count != 1)
		return false;
	while (peek(l->shell, ahead) == ' ')
		ahead++;
	if (peek(l->shell, ahead) != ')')
		return false;
	skip(l->shell, ahead + 1);
	l->command->count = 0;
	return true;
}

static void take_paren(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;

	if (peek(shell, 0) == '(') {
		if (skip_function(l))
			return;
		shell->depth++;
	} else if (shell->depth) {
		shell->depth--;
		shell->lowest = shell->depth < shell->lowest ? shell->depth : shell->lowest;
	} else {
		l->command->count = 0; /* a pattern of "case" */
	}
	skip(shell, 1);
}

/* Behind a word: true when a command ends here.  */
static bool take_separator(struct lexer *l)
{
	struct mc_df_shell *shell = l->shell;
	char c = peek(shell, 0);

	l->is_target = l->is_heredoc = false;
	if (c == '(' || c == ')') {
		l->command->depth = shell->depth;
		l->command->lowest = shell->lowest;
		take_paren(l);
		if (!l->command->count)
			return false;
		shell->lowest = shell->depth < l->command->depth ? shell->depth : l->command->depth;
		return true;
	}
	skip(shell, 1);
	if (c == '\n')
		skip_bodies(shell);
	if (!l->command->count && !l->command->heredoc)
		return false;
	l->command->depth = shell->depth;
	l->command->lowest = shell->lowest;
	shell->lowest = shell->depth;
	return true;
}

static void skip_comment(struct mc_df_shell *shell)
{
	struct mc_str rest = mc_str_skip(shell->text, shell->at);

	skip(shell, mc_str_cut(&rest, '\n').len);
}

/* One word, operator or blank; '*is_end_out' when a command ends with it.  */
static enum mc_status take_token(struct lexer *l, bool *is_end_out)
{
	struct mc_df_shell *shell = l->shell;
	char c = peek(shell, 0);

	if (c == '#' && !l->word.is_begun) {
		skip_comment(shell);
	} else if (is_array(l)) {
		return take_array(l);
	} else if (c == '&' && peek(shell, 1) == '>') {
		MC_TRY(end_word(l));
		skip(shell, 1);
		return take_redirection(l);
	} else if (strchr("&|;()\n", c)) {
		MC_TRY(end_word(l));
		*is_end_out = take_separator(l);
	} else if (mc_df_is_blank(c)) {
		MC_TRY(end_word(l));
		skip(shell, 1);
	} else if (c == '<' || c == '>') {
		return take_redirection(l);
	} else {
		return take_char(l);
	}
	return MC_OK;
}

enum mc_status mc_df_next_command(struct mc_df_shell *shell, struct mc_df_command *command_out)
{
	struct lexer l = {.shell = shell, .command = command_out};
	bool is_end = false;

	*command_out = (struct mc_df_command){.line = line_here(shell)};
	while (shell->at < shell->text.len && !is_end)
		MC_TRY(take_token(&l, &is_end));
	if (is_end)
		return MC_OK;
	MC_TRY(end_word(&l));
	command_out->depth = shell->depth;
	command_out->lowest = shell->lowest;
	return command_out->count || command_out->heredoc ? MC_OK : MC_END;
}
