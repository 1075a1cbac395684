/* SPDX-License-Identifier: MIT */
/*
 * pysrc.h - the words of a Python source.
 *
 * Takes:  the bytes of a .py file.   Hands: tokens, one at a time.
 *
 * Source: the Python language reference, "Lexical analysis", with PEP 701 (quotes inside of
 * f-strings) and PEP 750 (t-strings).  Sources of Python 2 and broken ones are read as well: a
 * string that is not closed ends with its line, and what follows is read on.  What is behind a
 * NUL is not, since no Python reads such a file.  Bytes from 0x80 on are taken for letters, so
 * that every encoding that has ASCII in it will do.
 *
 * Keeps nothing and takes no memory; time grows with the length alone.
 *
 * Threads: one reader belongs to one thread.
 */
#ifndef MUSLCHECK_PYSRC_H
#define MUSLCHECK_PYSRC_H

#include "muslcheck/mem.h"

MC_DECLS_BEGIN

enum mc_py_kind {
	MC_PY_NAME,   /* keywords too */
	MC_PY_NUMBER,
	MC_PY_STRING,
	MC_PY_OP,      /* one byte; "**" is two of them */
	MC_PY_NEWLINE, /* the end of a logical line that is not empty */
	MC_PY_END,
};

struct mc_py_token {
	enum mc_py_kind kind;
	struct mc_str text; /* as it stands there; of a string what is between its quotes */
	char op;            /* of MC_PY_OP, else 0 */
	bool is_first;      /* of its logical line ... */
	unsigned indent;    /* ... which begins in this column, tabs to the next multiple of 8 */
	bool is_raw, is_bytes, is_format; /* r"", b"", f"" and t"" */
};

/* Private fields; declared so that a reader can live on the stack.  */
struct mc_pysrc {
	const char *start, *at, *end;
	const char *counted; /* up to here 'line' is right */
	size_t line;
	unsigned indent;
	size_t depth; /* of brackets */
	bool is_line_started, has_nul;
	size_t unclosed; /* strings without an end so far */
};

/* 'source' outlives the reader.  */
void mc_pysrc_open(struct mc_pysrc *reader, struct mc_str source);

/* The next one; MC_PY_END for ever once all is read.  */
void mc_pysrc_next(struct mc_pysrc *reader, struct mc_py_token *token_out);

/* The line, from 1, of a place in the source; of one behind the places asked for before.  */
size_t mc_pysrc_line(struct mc_pysrc *reader, const char *at);

/* Strings without an end, or a NUL: no Python takes it.  */
bool mc_pysrc_is_broken(const struct mc_pysrc *reader);

MC_DECLS_END

#endif /* MUSLCHECK_PYSRC_H */
