/* SPDX-License-Identifier: MIT */
/*
 * Uses in a Python source: calls by their names, and the literals in them, with as much of
 * where they stand as one pass over the words tells.  A name counts only where the source
 * has the module's name before it, and a branch for Windows or macOS is left out.
 */
#include "muslcheck/pysrc.h"
#include "muslcheck/use.h"

#include "use_impl.h"

#include <string.h>

enum {
	ALIASES_MAX = 16,
	FRAMES_MAX = 64,   /* brackets; what stands deeper is not looked at */
	SUBJECT_MAX = 200, /* bytes of a literal that means something */
};

/* Modules whose names a source has so far; bits.  */
enum {
	HAS_CTYPES = 1,
	HAS_SOCKET = 2,
	HAS_LOCALE = 4,
	HAS_PLATFORM = 8,
	HAS_SUBPROCESS = 16,
	HAS_USERS = 32,
	HAS_ASYNCIO = 64,
	HAS_OS = 128,
	HAS_SYS = 256,
	HAS_TIME = 512,
};

/* A bracket that is open.  */
struct frame {
	struct mc_str name, owner; /* of a call "owner.name(", else empty */
	struct mc_str keyword;     /* of the argument that is read */
	unsigned args;             /* commas so far */
	bool has_literal;          /* among them */
};

/* "import subprocess as sp": what a name of this source stands for.  */
struct alias {
	struct mc_str name, meaning;
};

/* An "if" that asks for the platform.  */
struct branch {
	bool is_read;                                 /* its condition is */
	bool names_linux, names_other, has_not;
	unsigned indent;
};

struct reading {
	struct mc_pysrc reader;
	struct mc_use_list list;
	unsigned has;
	struct alias aliases[ALIASES_MAX];
	size_t aliases_count;
	struct frame frames[FRAMES_MAX];
	size_t depth; /* also of those beyond FRAMES_MAX */
	struct mc_py_token last, before; /* the two tokens before this one */
	struct mc_str name, owner;       /* "owner.name", of the last name */
	bool is_defined;                 /* that name is being defined */
	struct mc_py_token pending;      /* a string that begins a line: perhaps documentation */
	bool is_pending;
	struct branch branch;
	bool is_foreign, is_after_linux; /* this block is for another platform; an else would be */
	unsigned foreign_indent, linux_indent;
};

static void add(struct reading *r, enum mc_use_kind kind, struct mc_str subject, const char *at)
{
	if (!r->is_foreign)
		mc_use_list_add(&r->list, kind, subject, (unsigned)mc_pysrc_line(&r->reader, at));
}

/* ---- calls ---- */

static const struct module {
	const char *name;
	unsigned bit;
} modules[] = {
	{"ctypes", HAS_CTYPES},	      {"cffi", HAS_CTYPES}, {"socket", HAS_SOCKET}, {"asyncio", HAS_ASYNCIO},
	{"locale", HAS_LOCALE},	      {"pwd", HAS_USERS},   {"grp", HAS_USERS},	    {"platform", HAS_PLATFORM},
	{"subprocess", HAS_SUBPROCESS}, {"os", HAS_OS},	    {"sys", HAS_SYS},	    {"time", HAS_TIME},
	{"datetime", HAS_TIME},	      {"spwd", HAS_USERS},
};

/* What a call means by itself.  */
static const struct call {
	const char *name, *owner; /* NULL: of whatever */
	unsigned needs;           /* one of these modules, before it in the source */
	enum mc_use_kind kind;
} calls[] = {
	{"getaddrinfo", NULL, HAS_SOCKET | HAS_ASYNCIO, MC_USES_RESOLVER},
	{"gethostbyname", NULL, HAS_SOCKET, MC_USES_RESOLVER},
	{"gethostbyname_ex", NULL, HAS_SOCKET, MC_USES_RESOLVER},
	{"gethostbyaddr", NULL, HAS_SOCKET, MC_USES_RESOLVER},
	{"getfqdn", NULL, HAS_SOCKET, MC_USES_RESOLVER},
	{"create_connection", NULL, HAS_SOCKET | HAS_ASYNCIO, MC_USES_RESOLVER},
	{"open_connection", NULL, HAS_ASYNCIO, MC_USES_RESOLVER},
	{"getpwnam", NULL, HAS_USERS, MC_USES_USERS},
	{"getpwuid", NULL, HAS_USERS, MC_USES_USERS},
	{"getpwall", NULL, HAS_USERS, MC_USES_USERS},
	{"getgrnam", NULL, HAS_USERS, MC_USES_USERS},
	{"getgrgid", NULL, HAS_USERS, MC_USES_USERS},
	{"getgrall", NULL, HAS_USERS, MC_USES_USERS},
	{"getspnam", NULL, HAS_USERS, MC_USES_USERS},
	{"strcoll", NULL, HAS_LOCALE, MC_USES_COLLATION},
	{"strxfrm", NULL, HAS_LOCALE, MC_USES_COLLATION},
	{"currency", "locale", HAS_LOCALE, MC_USES_COLLATION},
	{"libc_ver", NULL, HAS_PLATFORM, MC_USES_LIBC_NAME},
	{"dlclose", NULL, HAS_CTYPES, MC_USES_UNLOAD},
};

static void see_call(struct reading *r)
{
	if (r->name.len < 7 || r->name.len > 17)
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const struct call *c = &calls[i];

		/* A method of one's own is somebody else's function.  */
		if (r->has & c->needs && mc_str_is_word(r->name, c->name) &&
		    !MC_STR_IS_ONE_OF(r->owner, "self", "cls") &&
		    (!c->owner || mc_str_is_word(r->owner, c->owner)))
			add(r, c->kind, r->name, r->name.ptr);
	}
}

static void see_module(struct reading *r, struct mc_str name)
{
	if (name.len < 2 || name.len > 10)
		return;
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (mc_str_is_word(name, modules[i].name))
			r->has |= modules[i].bit;
}

/* ---- literals ---- */

static bool contains(struct mc_str text, const char *part)
{
	return mc_str_find(text, mc_str_of(part), NULL);
}

/* Directives of which musl's strftime() knows nothing: it stops there (docs/behaviour.md).  */
static void see_format(struct reading *r, struct mc_str text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		size_t at = i;
		bool is_unknown = false;

		if (text.ptr[i] != '%')
			continue;
		for (i++; i < text.len && strchr("_-0123456789^#", text.ptr[i]) && text.ptr[i]; i++)
			is_unknown |= text.ptr[i] == '^' || text.ptr[i] == '#';
		if (i < text.len && (strchr("Pkl+", text.ptr[i]) || is_unknown) && text.ptr[i] && i - at < 8)
			add(r, MC_USES_STRFTIME, (struct mc_str){text.ptr + at, i + 1 - at}, text.ptr);
	}
}

/* "{now:%H:%M %P}": the format of a field, when it is a time's.  */
static void see_fields(struct reading *r, struct mc_str text)
{
	for (size_t i = 0; i + 2 < text.len; i++) {
		struct mc_str spec = mc_str_skip(text, i + 1);

		if (text.ptr[i] != ':' || text.ptr[i + 1] != '%')
			continue;
		spec = mc_str_cut(&spec, '}');
		if (contains(spec, "%Y") || contains(spec, "%m") || contains(spec, "%d") || contains(spec, "%H") ||
		    contains(spec, "%M") || contains(spec, "%I") || contains(spec, "%b") || contains(spec, "%B"))
			see_format(r, spec);
		i += spec.len;
	}
}

/* Programs that the images have and that differ, or that only one of them has.  */
static const char *const programs[] = {"bash",	"ldconfig", "ldd",  "getent", "locale", "localedef", "apt-get",
				       "apt",	"dpkg",	    "dpkg-query", "lscpu", "findmnt", NULL};

/* The programs that a command line starts; "| ldconfig -p" too.  */
static void see_command_line(struct reading *r, struct mc_str text)
{
	const char *at = text.ptr;
	bool is_start = true;

	while (text.len) {
		struct mc_str word = text;
		size_t n = 0;

		while (n < text.len && !strchr(" \t|;&()", text.ptr[n]))
			n++;
		word.len = n;
		while (memchr(word.ptr, '/', word.len))
			mc_str_cut(&word, '/');
		if (is_start && mc_str_is_one_of(word, programs))
			add(r, MC_USES_COMMAND, word, at);
		/* "LC_ALL=C ldconfig", "sudo ldconfig" */
		if (n && !memchr(text.ptr, '=', n) && !mc_str_is(word, MC_STR("sudo")) &&
		    !mc_str_is(word, MC_STR("exec")))
			is_start = false;
		if (n < text.len && strchr("|;&(", text.ptr[n]))
			is_start = true;
		text = mc_str_skip(text, n < text.len ? n + 1 : n);
	}
}

/* Places that only one of the images has.  */
static bool is_hard_path(struct mc_str text)
{
	static const char *const parts[] = {
		"/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/ld.so.conf", "/ld-linux", "/etc/debian_version",
		"/var/lib/dpkg", "/etc/apt/", "/usr/share/i18n", "/usr/lib/locale", "/bin/bash", "/etc/default/locale",
		"/etc/locale.gen", NULL,
	};

	if (text.len < 9 || text.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ')
			return false;
	if (contains(text, "/lib") && contains(text, "-linux-gnu"))
		return true;
	for (size_t i = 0; parts[i]; i++)
		if (contains(text, parts[i]))
			return true;
	return false;
}

static bool starts_program(const struct reading *r, const struct frame *f)
{
	if (MC_STR_IS_ONE_OF(f->name, "Popen", "check_output", "check_call", "getoutput", "getstatusoutput"))
		return r->has & HAS_SUBPROCESS;
	if (MC_STR_IS_ONE_OF(f->name, "run", "call"))
		return r->has & HAS_SUBPROCESS && (!f->owner.len || mc_str_is(f->owner, MC_STR("subprocess")));
	if (MC_STR_IS_ONE_OF(f->name, "create_subprocess_exec", "create_subprocess_shell"))
		return r->has & HAS_ASYNCIO;
	return mc_str_is(f->owner, MC_STR("os")) &&
	       MC_STR_IS_ONE_OF(f->name, "system", "popen", "execv", "execvp", "execl", "execlp", "execve", "execvpe",
			 "spawnlp", "spawnvp", "posix_spawn", "posix_spawnp");
}

/* Is it the n-th argument, from 0, or given as one of that name?  */
static bool is_argument(const struct frame *f, unsigned n, const char *keyword)
{
	return f->keyword.len ? mc_str_is_word(f->keyword, keyword) : f->args == n;
}

static bool is_plain_locale(struct mc_str name)
{
	return !name.len || MC_STR_IS_ONE_OF(name, "C", "POSIX", "C.UTF-8", "C.utf8", "C.utf-8", "C.UTF8");
}

/* A literal that is an argument of the call 'f'; 'is_listed': the first of a list that is.  */
static bool see_argument(struct reading *r, const struct frame *f, bool is_listed, struct mc_str text)
{
	const char *at = text.ptr;

	if (starts_program(r, f) && is_argument(f, 0, "args")) {
		if (!is_listed || !memchr(text.ptr, ' ', text.len))
			see_command_line(r, text);
		return true;
	}
	if (is_argument(f, 1, "locale") && r->has & HAS_LOCALE && mc_str_is(f->name, MC_STR("setlocale"))) {
		if (!is_plain_locale(text))
			add(r, MC_USES_LOCALE, text, at);
		return true;
	}
	if (is_listed)
		return false;
	if (mc_str_is(f->name, MC_STR("strftime")) && !mc_str_is(f->owner, MC_STR("func"))) {
		see_format(r, text);
		return true;
	}
	if (!is_argument(f, 0, "name"))
		return false;
	if (mc_str_is(f->name, MC_STR("find_library")) && r->has & HAS_CTYPES && text.len)
		add(r, MC_USES_FIND_LIBRARY, text, at);
	else if (r->has & HAS_CTYPES && contains(text, ".so") &&
		 MC_STR_IS_ONE_OF(f->name, "CDLL", "PyDLL", "LoadLibrary", "dlopen"))
		add(r, MC_USES_LIBRARY, text, at);
	else if (r->has & HAS_OS && mc_str_is(f->name, MC_STR("confstr")) &&
		 mc_str_starts(text, MC_STR("CS_GNU_LIB")))
		add(r, MC_USES_LIBC_NAME, text, at);
	else
		return false;
	return true;
}

static struct frame *top(struct reading *r)
{
	return r->depth && r->depth <= FRAMES_MAX ? &r->frames[r->depth - 1] : NULL;
}

static void see_string(struct reading *r, const struct mc_py_token *token)
{
	struct frame *f = top(r), *call = f;
	struct mc_str text = token->text;
	bool is_listed = false, is_used = false;

	if (token->is_format)
		see_fields(r, text);
	if (text.len > SUBJECT_MAX || (!token->is_raw && memchr(text.ptr, '\\', text.len)))
		return;
	/* ["ldconfig", "-p"] and ("de_DE", "UTF-8") as an argument */
	if (f && !f->name.len && !f->args && r->depth > 1) {
		call = f - 1;
		is_listed = true;
	}
	if (f)
		f->has_literal = true;
	if (call && call->name.len)
		is_used = see_argument(r, call, is_listed, text);
	if (f && mc_str_is(f->keyword, MC_STR("executable")) && contains(text, "/bin/bash")) {
		add(r, MC_USES_COMMAND, MC_STR("bash"), text.ptr);
		is_used = true;
	}
	if (!is_used && is_hard_path(text))
		add(r, MC_USES_PATH, text, text.ptr);
}

/* ---- branches for a platform ---- */

static void see_condition(struct branch *b, const struct mc_py_token *token, struct mc_str last)
{
	struct mc_str text = token->text;

	if (token->kind == MC_PY_STRING) {
		b->names_linux |= MC_STR_IS_ONE_OF(text, "linux", "linux2", "Linux", "posix");
		b->names_other |= MC_STR_IS_ONE_OF(text, "win32", "nt", "Windows", "cygwin", "darwin", "Darwin", "win", "java",
					    "windows", "macos", "macosx", "msys", "emscripten", "wasi", "aix",
					    "android", "ios", "freebsd");
	} else if (token->kind == MC_PY_NAME) {
		b->has_not |= mc_str_is(text, MC_STR("not"));
		b->names_other |= MC_STR_IS_ONE_OF(text, "WINDOWS", "IS_WINDOWS", "is_windows", "ON_WINDOWS", "on_windows",
					    "MACOS", "IS_MACOS", "is_macos", "OSX", "IS_OSX", "is_osx", "WIN32",
					    "is_win32", "IS_WIN", "MACOSX", "_WINDOWS", "_IS_WINDOWS");
		b->names_linux |= MC_STR_IS_ONE_OF(text, "LINUX", "IS_LINUX", "is_linux", "POSIX", "IS_POSIX");
	} else {
		b->has_not |= token->op == '=' && mc_str_is(last, MC_STR("!"));
	}
}

/* A condition has been read: is what follows for Linux, for others, or for all?  */
static void end_condition(struct reading *r)
{
	struct branch *b = &r->branch;
	bool is_other = b->has_not ? b->names_linux && !b->names_other : b->names_other && !b->names_linux;
	bool is_linux = b->has_not ? b->names_other && !b->names_linux : b->names_linux && !b->names_other;

	b->is_read = false;
	if (is_other && !r->is_foreign) {
		r->is_foreign = true;
		r->foreign_indent = b->indent;
	}
	if (is_linux) {
		r->is_after_linux = true;
		r->linux_indent = b->indent;
	}
}

static void start_line(struct reading *r, const struct mc_py_token *token)
{
	bool is_else = mc_str_is(token->text, MC_STR("else")), is_elif = mc_str_is(token->text, MC_STR("elif"));

	r->depth = 0; /* a line begins outside of brackets */
	if (r->is_foreign && token->indent <= r->foreign_indent)
		r->is_foreign = false;
	if (r->is_after_linux && is_else && token->indent == r->linux_indent && !r->is_foreign) {
		r->is_foreign = true;
		r->foreign_indent = token->indent;
	}
	if (r->is_after_linux && (token->indent < r->linux_indent ||
				  (token->indent == r->linux_indent && !is_elif)))
		r->is_after_linux = false;
	r->branch = (struct branch){.indent = token->indent};
	r->branch.is_read = token->kind == MC_PY_NAME && (is_elif || mc_str_is(token->text, MC_STR("if")));
}

/* ---- the words, one by one ---- */

static struct mc_str meaning_of(const struct reading *r, struct mc_str name)
{
	for (size_t i = 0; i < r->aliases_count; i++)
		if (mc_str_is(r->aliases[i].name, name))
			return r->aliases[i].meaning;
	return name;
}

static void see_alias(struct reading *r, struct mc_str meaning, struct mc_str name)
{
	if (r->aliases_count < ALIASES_MAX &&
	    (MC_STR_IS_ONE_OF(meaning, "subprocess", "os", "locale", "find_library", "CDLL", "run", "call", "Popen",
		       "check_output", "check_call", "setlocale", "strftime", "getaddrinfo", "libc_ver")))
		r->aliases[r->aliases_count++] = (struct alias){name, meaning};
}

static void see_name(struct reading *r, const struct mc_py_token *token)
{
	bool has_dot = r->last.op == '.';

	r->owner = has_dot && r->before.kind == MC_PY_NAME ? meaning_of(r, r->before.text) : MC_STR("");
	if (has_dot && !r->owner.len)
		r->owner = MC_STR("?"); /* of a call's result, or the like */
	if (r->before.kind == MC_PY_NAME && r->last.kind == MC_PY_NAME && mc_str_is(r->last.text, MC_STR("as")))
		see_alias(r, r->before.text, token->text);
	r->name = has_dot ? token->text : meaning_of(r, token->text);
	r->is_defined = r->last.kind == MC_PY_NAME && MC_STR_IS_ONE_OF(r->last.text, "def", "class");
	see_module(r, token->text);
	/* ctypes.CDLL(None).gnu_get_libc_version: often not called where it is looked up.  */
	if (has_dot && r->has & HAS_CTYPES && mc_str_is(token->text, MC_STR("gnu_get_libc_version")))
		add(r, MC_USES_LIBC_NAME, token->text, token->text.ptr);
}

static void open_bracket(struct reading *r, char op)
{
	struct frame *f;
	bool is_call = op == '(' && r->last.kind == MC_PY_NAME && !r->is_defined;

	if (++r->depth <= FRAMES_MAX) {
		f = top(r);
		*f = (struct frame){.name = {"", 0}, .owner = {"", 0}, .keyword = {"", 0}};
		if (is_call) {
			f->name = r->name;
			f->owner = r->owner;
		}
	}
	if (is_call)
		see_call(r);
}

static void close_bracket(struct reading *r)
{
	struct frame *f = top(r);

	if (f && !f->has_literal && r->has & HAS_CTYPES && mc_str_is(f->name, MC_STR("find_library")))
		add(r, MC_USES_FINDER, f->name, r->reader.at);
	r->depth -= r->depth > 0;
}

static void see_op(struct reading *r, char op)
{
	struct frame *f = top(r);

	switch (op) {
	case '(':
	case '[':
	case '{': open_bracket(r, op); break;
	case ')':
	case ']':
	case '}': close_bracket(r); break;
	case ',':
		if (f) {
			f->args++;
			f->keyword = MC_STR("");
		}
		break;
	case '=':
		if (f && r->last.kind == MC_PY_NAME && (r->before.op == '(' || r->before.op == ','))
			f->keyword = r->last.text;
		break;
	case ':':
		if (r->branch.is_read && !r->depth)
			end_condition(r);
		break;
	default: break;
	}
}

static void see_number(struct reading *r, struct mc_str text)
{
	const struct frame *f = top(r);

	/* 1000 is what Python begins with; five digits need a larger stack than a thread has on musl.  */
	if (f && !f->args && text.len >= 5 && r->has & HAS_SYS && mc_str_is(f->name, MC_STR("setrecursionlimit")))
		add(r, MC_USES_RECURSION, text, text.ptr);
}

static void see(struct reading *r, const struct mc_py_token *token)
{
	if (r->is_pending) {
		/* A string that is a statement is documentation.  */
		if (token->kind != MC_PY_NEWLINE && token->kind != MC_PY_STRING && token->kind != MC_PY_END)
			see_string(r, &r->pending);
		r->is_pending = token->kind == MC_PY_STRING && !r->depth;
	}
	if (token->is_first)
		start_line(r, token);
	if (r->branch.is_read)
		see_condition(&r->branch, token, r->last.text);
	switch (token->kind) {
	case MC_PY_NAME: see_name(r, token); break;
	case MC_PY_NUMBER: see_number(r, token->text); break;
	case MC_PY_STRING:
		r->is_pending |= token->is_first;
		if (r->is_pending)
			r->pending = *token;
		else
			see_string(r, token);
		break;
	case MC_PY_OP: see_op(r, token->op); break;
	case MC_PY_NEWLINE:
	case MC_PY_END: break;
	}
	r->before = r->last;
	r->last = *token;
}

enum mc_status mc_uses_of_python(struct mc_str source, struct mc_arena *arena, struct mc_uses *uses_out)
{
	struct reading r = {.list = {.arena = arena}};
	struct mc_py_token token;

	*uses_out = (struct mc_uses){NULL, 0};
	if (!mc_use_has_words(source))
		return MC_OK;
	mc_pysrc_open(&r.reader, source);
	do {
		mc_pysrc_next(&r.reader, &token);
		see(&r, &token);
	} while (token.kind != MC_PY_END);
	return mc_use_list_end(&r.list, uses_out);
}

static bool is_aside_folder(struct mc_str name)
{
	return MC_STR_IS_ONE_OF(name, "tests", "test", "testing", "_tests", "_testing", "testsuite", "examples", "example",
			 "docs", "doc", "benchmarks", "benchmark");
}

bool mc_use_is_aside(struct mc_str path)
{
	static const char *const platforms[] = {"macos.py", "osx.py", "darwin.py", "windows.py", "win32.py", NULL};
	struct mc_str rest = path, name = path;

	while (memchr(rest.ptr, '/', rest.len)) {
		if (is_aside_folder(mc_str_cut(&rest, '/')))
			return true;
	}
	name = rest;
	for (size_t i = 0; platforms[i]; i++)
		if (mc_str_ends(name, mc_str_of(platforms[i])))
			return true;
	return mc_str_starts(name, MC_STR("test_")) || mc_str_ends(name, MC_STR("_test.py")) ||
	       MC_STR_IS_ONE_OF(name, "conftest.py", "setup.py");
}
