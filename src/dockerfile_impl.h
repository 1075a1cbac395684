/* SPDX-License-Identifier: MIT */
/*
 * dockerfile_impl.h - lines, variables and shell words of Dockerfiles.  Private to the room
 * dockerfile.
 *
 * Takes:  the text of a Dockerfile.
 * Hands:  text in the arena of the reader, or slices of what was given.
 *
 * Threads: reentrant.
 */
#ifndef MC_DOCKERFILE_IMPL_H
#define MC_DOCKERFILE_IMPL_H

#include "muslcheck/dockerfile.h"
#include "muslcheck/map.h"

/* What all parts share.  */
struct mc_df {
	struct mc_arena *arena;
	struct mc_error *err;
	struct mc_dockerfile *out;
	char escape; /* '\\' or '`' */
	size_t words_left;
};

/* ---- dockerfile_text.c ---- */

static inline bool mc_df_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == '\n';
}

struct mc_str mc_df_strip(struct mc_str text);
/* In any case of ASCII letters.  */
bool mc_df_is_word(struct mc_str text, const char *word);

/* A failure in that line.  */
enum mc_status mc_df_fail(const struct mc_df *df, enum mc_status status, unsigned line,
			  const char *text);

/* MC_ERR_LIMIT, MC_ERR_NOMEM.  */
enum mc_status mc_df_add_word(struct mc_df *df, struct mc_dockerfile_words *words,
			      struct mc_dockerfile_word word) MC_MUST_CHECK;

/* Text that grows in the arena.  */
struct mc_df_buffer {
	char *ptr;
	size_t len, room;
};

enum mc_status mc_df_append(struct mc_df *df, struct mc_df_buffer *buffer,
			    struct mc_str more) MC_MUST_CHECK;

/* Where a line's part of a joined text begins.  */
struct mc_df_piece {
	const char *at;
	unsigned line;
};

struct mc_df_heredoc {
	struct mc_str name, body; /* the body with its newlines */
	unsigned line;		  /* of the body's first line */
};

/* One instruction, its lines joined.  */
struct mc_df_instruction {
	struct mc_str word;  /* "RUN" */
	struct mc_str flags; /* "--mount=... --network=..." */
	struct mc_str args;  /* the rest, stripped */
	struct mc_df_piece *pieces;
	size_t pieces_count, pieces_room;
	struct mc_df_heredoc *heredocs; /* in their order; not of ONBUILD */
	size_t heredocs_count, heredocs_room;
	unsigned line;
};

struct mc_df_lines {
	struct mc_df *df;
	struct mc_str rest;
	unsigned number;   /* of lines that are behind */
	char *joined;	   /* room for all that is joined */
	size_t count;	   /* of instructions */
};

/* Reads the parser directives too: '# escape=`' is then in 'df'.  */
enum mc_status mc_df_begin(struct mc_df *df, struct mc_str text,
			   struct mc_df_lines *lines_out) MC_MUST_CHECK;
/* MC_END after the last.  */
enum mc_status mc_df_next(struct mc_df_lines *lines,
			  struct mc_df_instruction *instruction_out) MC_MUST_CHECK;

unsigned mc_df_line_at(const struct mc_df_instruction *instruction, const char *at);

/* The next word with its quotes and escapes as they are; false at the end.  */
bool mc_df_cut_raw(const struct mc_df *df, struct mc_str *rest, struct mc_str *word_out);

/* "NAME" of "<<NAME", "3<<-'NAME'"; false when the word is no such thing.  */
bool mc_df_is_heredoc(struct mc_str word, struct mc_str *name_out, bool *strips_tabs_out);

/* '["a", "b"]'; MC_END when it is no such list, and then part of a shell form.  */
enum mc_status mc_df_read_json(struct mc_df *df, struct mc_str text, unsigned line,
			       struct mc_dockerfile_words *words_out) MC_MUST_CHECK;

/* ---- dockerfile_vars.c ---- */

enum mc_df_var_state {
	MC_DF_UNKNOWN, /* it has a value that is not in the file, or may have */
	MC_DF_UNSET,
	MC_DF_KNOWN
};

struct mc_df_var {
	struct mc_str name, value, written;
	struct mc_df_var **uses; /* ARGs in its default */
	size_t uses_count, scope;
	enum mc_df_var_state state;
	unsigned line;
	bool is_env, has_default;
};

#define MC_DF_GLOBAL 0 /* the scope before the first FROM; that of stage i is i + 1 */
#define MC_DF_SHADOWS_MAX 64

struct mc_df_vars {
	struct mc_df *df;
	struct mc_map map;
	size_t parents[MC_DOCKERFILE_STAGES_MAX + 1]; /* of a scope; MC_DF_GLOBAL: none */
	size_t nbytes_left;
	/* Names that a RUN line gives values to itself.  */
	struct mc_str shadows[MC_DF_SHADOWS_MAX];
	size_t shadows_count;
};

struct mc_df_value {
	struct mc_str text;
	struct mc_df_var *uses[MC_DOCKERFILE_ARGS_MAX];
	size_t uses_count;
	bool is_unresolved;
};

/* A word without quotes and with the values of variables.  */
enum mc_status mc_df_expand(struct mc_df_vars *vars, size_t scope, struct mc_str text,
			    struct mc_df_value *value_out) MC_MUST_CHECK;

/* How far a name reaches from 'text' on; 0: there is none.  */
size_t mc_df_name_len(struct mc_str text);

enum mc_status mc_df_take_arg(struct mc_df_vars *vars, size_t scope,
			      const struct mc_df_instruction *instruction) MC_MUST_CHECK;
enum mc_status mc_df_take_env(struct mc_df_vars *vars, size_t scope,
			      const struct mc_df_instruction *instruction) MC_MUST_CHECK;

/* Whether Docker sets it to something like true.  */
bool mc_df_is_true(const struct mc_df_vars *vars, size_t scope, struct mc_str name);

/* From here to the end of the instruction the name means something else.  */
void mc_df_shadow(struct mc_df_vars *vars, struct mc_str name);

/* ---- dockerfile_shell.c ---- */

struct mc_df_shell_word {
	struct mc_dockerfile_word word;
	bool is_plain; /* without quotes, escapes and variables: a keyword or an assignment may be */
	size_t name_len; /* of "NAME=" before any quote, or 0 */
};

/* A simple command.  */
struct mc_df_command {
	struct mc_df_shell_word *words;
	size_t count, room;
	unsigned line;
	const struct mc_df_heredoc *heredoc; /* of the instruction, on its standard input; or NULL */
	size_t depth, lowest; /* of groups "( )": its own, and the lowest since the command before */
};

#define MC_DF_PENDING_MAX 8

struct mc_df_shell {
	struct mc_df_vars *vars;
	size_t scope;
	struct mc_str text;
	size_t at, depth, lowest;
	/* Lines: of the instruction's pieces, or counted from 'line' on, or always 'line'.  */
	const struct mc_df_instruction *instruction;
	unsigned line;
	bool counts_lines;
	size_t piece, heredocs_count;
	/* Here-documents that begin with the next line.  */
	struct mc_str pending[MC_DF_PENDING_MAX];
	size_t pending_count;
	bool pending_strips[MC_DF_PENDING_MAX];
};

/* MC_END after the last.  */
enum mc_status mc_df_next_command(struct mc_df_shell *shell,
				  struct mc_df_command *command_out) MC_MUST_CHECK;

/* ---- dockerfile_run.c ---- */

struct mc_df_run {
	struct mc_df *df;
	struct mc_df_vars *vars;
	struct mc_dockerfile_stage *stage;
	size_t scope;
	enum mc_dockerfile_place place;
	bool is_posix; /* SHELL is one whose words are known here */
};

/* What the commands of an instruction are, into the stage.  */
enum mc_status mc_df_take_run(struct mc_df_run *run,
			      const struct mc_df_instruction *instruction) MC_MUST_CHECK;

bool mc_df_is_shell(struct mc_str command);

/* ---- dockerfile_install.c ---- */

/*
 * Takes the words of a command from the tool's name on; what it installs goes into 'stage'.
 * Another command is none.
 */
enum mc_status mc_df_take_install(struct mc_df_run *run, const struct mc_df_shell_word *words,
				  size_t count, struct mc_str workdir, bool has_no_cache) MC_MUST_CHECK;

/* The command installs what nobody can tell, as its first two words say.  */
enum mc_status mc_df_take_unseen(struct mc_df_run *run, const struct mc_df_shell_word *words,
				 size_t count) MC_MUST_CHECK;

#endif /* MC_DOCKERFILE_IMPL_H */
