/* SPDX-License-Identifier: MIT */
/*
 * What runs on musl and behaves differently: MC401 to MC413, from imports and from uses.
 *
 * How musl behaves was measured (probe/behaviour/, docs/behaviour.md); where it bites, the pages of
 * docs/rules/ say, and how often a scan is right, docs/behaviour-rules.md.  Warnings are about one
 * subject each; notes, which most applications get, are one a dist and rule.
 */
#include "judge.h"
#include "path.h"

#include <stdlib.h>
#include <string.h>

/* One place where something was seen.  */
struct sighting {
	struct mc_dist_state *state;
	const struct mc_object *object;
	unsigned line;
	struct mc_str subject;
	enum mc_severity severity;
	enum mc_certainty certainty;
	enum mc_rule rule;
	struct mc_str message, fix;
	const char *package;
};

struct sightings {
	struct mc_judge *judge;
	struct sighting *items;
	size_t count, room;
};

#define SAY(...) mc_arena_printf(s->judge->arena, __VA_ARGS__)

static enum mc_status add(struct sightings *s, const struct sighting *from)
{
	struct sighting *items = mc_arena_grow(s->judge->arena, s->items, s->count, &s->room, sizeof(*items));

	if (!items)
		return mc_no_memory(s->judge->err);
	s->items = items;
	s->items[s->count++] = *from;
	return MC_OK;
}

/* ---- what the rules say ---- */

/* A note that one sentence does for.  */
struct note {
	enum mc_rule rule;
	enum mc_certainty certainty;
	const char *message, *fix;
};

static const struct note resolver = {
	MC_RULE_RESOLVER, MC_CERTAINTY_HEURISTIC,
	"names are looked up by musl's resolver: it asks all servers at once and takes the first answer, fails "
	"where AAAA fails though A is answered, ends its search list at the first empty answer, and reads no "
	"nsswitch.conf",
	"look up the names that it asks for where it will run; a dot at the end of a full name goes round the "
	"search list",
};
static const struct note users = {
	MC_RULE_USERS, MC_CERTAINTY_HEURISTIC,
	"users and groups are those of /etc/passwd and /etc/group: no LDAP, no sssd, no other NSS module",
	"nothing to do where the users are in these files",
};
static const struct note collation = {
	MC_RULE_LOCALE, MC_CERTAINTY_HEURISTIC,
	"whatever the locale is called: order, month names and the decimal point are those of C on musl",
	"nothing to do where the locale is C or C.UTF-8, as in the slim image; else Babel or PyICU",
};
static const struct note charset = {
	MC_RULE_ICONV, MC_CERTAINTY_HEURISTIC,
	"it calls iconv() and holds names of character sets that musl's does not know, or only reads",
	"convert in Python, or link with GNU libiconv (apk add gnu-libiconv)",
};
static const struct note stack = {
	MC_RULE_STACK, MC_CERTAINTY_HEURISTIC,
	"threads that native code starts have 128 KiB of stack on musl, 8 MiB on glibc; it sets no size",
	"where one of them crashes: set the size where it is built, or run Python with a library preloaded "
	       "that was linked with -Wl,-z,stack-size=8388608",
};
static const struct note allocator = {
	MC_RULE_MALLOC, MC_CERTAINTY_HEURISTIC,
	"it allocates and starts threads: musl's allocator has one lock for all of them",
	"measure; where it is slow, LD_PRELOAD another allocator (apk add mimalloc2 or jemalloc)",
};
static const struct note unloading = {
	MC_RULE_DLCLOSE, MC_CERTAINTY_HEURISTIC,
	"dlclose() unloads nothing on musl: destructors run at exit, and a library that is opened again is "
	       "the same one",
	"nothing to do unless it reloads a changed library",
};
static const struct note libc_name = {
	MC_RULE_LIBC_NAME, MC_CERTAINTY_STRONG,
	"asks for glibc's version: on musl the answer is empty",
	"nothing to do where it copes with an empty answer, as most do",
};
static const struct note recursion = {
	MC_RULE_STACK, MC_CERTAINTY_HEURISTIC,
	"raises the limit of recursion: a thread of Python has 1 MiB of stack on the alpine image, 8 MiB on "
	       "slim, and crashes before the limit",
	"threading.stack_size(8 * 1024 * 1024) before the threads are started",
};
static const struct note finder = {
	MC_RULE_FIND_LIBRARY, MC_CERTAINTY_HEURISTIC,
	"find_library() gives None on the alpine image, whatever library it is asked for",
	"tell it the library's path, where it has a setting for that",
};
static const struct note other_path = {
	MC_RULE_PATH, MC_CERTAINTY_HEURISTIC,
	"a path that the slim image has and the alpine image has not",
	"nothing to do where it is one of several that are tried",
};

static enum mc_status note(struct sightings *s, struct mc_dist_state *state, const struct mc_object *object,
			   unsigned line, struct mc_str subject, const struct note *what)
{
	return add(s, &(struct sighting){.state = state,
					 .object = object,
					 .line = line,
					 .subject = subject,
					 .certainty = what->certainty,
					 .rule = what->rule,
					 .message = mc_str_of(what->message),
					 .fix = mc_str_of(what->fix)});
}

/* ---- imports of native files ---- */

/* What an import is about by itself; NULL: nothing.  */
static const struct note *note_of_import(struct mc_str name)
{
	if (name.len < 7)
		return NULL;
	switch (name.ptr[0]) {
	case 'g':
		if (MC_STR_IS_ONE_OF(name, "getaddrinfo", "gethostbyname", "gethostbyname2", "gethostbyname_r",
			      "gethostbyname2_r", "gethostbyaddr", "gethostbyaddr_r"))
			return &resolver;
		if (MC_STR_IS_ONE_OF(name, "getpwnam", "getpwnam_r", "getpwuid", "getpwuid_r", "getpwent", "getgrnam",
			      "getgrnam_r", "getgrgid", "getgrgid_r", "getgrent", "getgrouplist", "getspnam",
			      "getspnam_r"))
			return &users;
		return NULL;
	case 'r': return MC_STR_IS_ONE_OF(name, "res_query", "res_search", "res_querydomain") ? &resolver : NULL;
	case '_': return MC_STR_IS_ONE_OF(name, "__res_query", "__res_search") ? &resolver : NULL;
	case 's':
		/* setlocale() and newlocale() are mostly there to ask for C.  */
		return MC_STR_IS_ONE_OF(name, "strcoll", "strcoll_l", "strxfrm", "strxfrm_l", "strfmon", "strfmon_l")
			       ? &collation
			       : NULL;
	case 'w': return MC_STR_IS_ONE_OF(name, "wcscoll", "wcsxfrm", "wcscoll_l", "wcsxfrm_l") ? &collation : NULL;
	case 'd': return MC_STR_IS_ONE_OF(name, "dlclose") ? &unloading : NULL;
	default: return NULL;
	}
}

static enum mc_status see_imports(struct sightings *s, struct mc_dist_state *state, const struct mc_object *object)
{
	bool makes_threads = false, sets_stack = false, allocates = false;

	for (size_t i = 0; i < object->elf.imports_count; i++) {
		const struct mc_import *import = &object->elf.imports[i];
		const struct note *what;

		/* A weak one is a question whether the program has threads.  */
		if (import->is_defined || import->is_weak)
			continue;
		what = note_of_import(import->name);
		if (what)
			MC_TRY(note(s, state, object, 0, import->name, what));
		makes_threads |= mc_str_is(import->name, MC_STR("pthread_create"));
		sets_stack |= MC_STR_IS_ONE_OF(import->name, "pthread_attr_setstacksize", "pthread_attr_setstack");
		allocates |= MC_STR_IS_ONE_OF(import->name, "malloc", "calloc", "realloc", "_Znwm", "posix_memalign",
				       "aligned_alloc");
	}
	/* From 3.15 on Python itself is linked with a size that holds for all threads (cpython GH-149993).  */
	if (makes_threads && !sets_stack && state->minor < 15)
		MC_TRY(note(s, state, object, 0, MC_STR("pthread_create"), &stack));
	if (makes_threads && allocates)
		MC_TRY(note(s, state, object, 0, MC_STR("malloc"), &allocator));
	return MC_OK;
}

/* ---- uses of sources ---- */

/* Of these CDLL(None), the usual next step, is the C library itself on musl.  */
static bool is_libc_part(struct mc_str name)
{
	return MC_STR_IS_ONE_OF(name, "c", "m", "pthread", "dl", "rt", "util", "libc", "libc.so.6", "c-2", "crypt");
}

/* Libraries of other systems, in code that asks for one after another.  */
static bool is_foreign_library(struct mc_str name)
{
	size_t at;

	if (mc_str_find(name, MC_STR(".dll"), &at) || mc_str_find(name, MC_STR(".dylib"), &at) ||
	    mc_str_starts(name, MC_STR("msvc")) || mc_str_starts(name, MC_STR("Core")))
		return true;
	return MC_STR_IS_ONE_OF(name, "kernel32", "user32", "ole32", "shell32", "advapi32", "crypt32", "secur32", "Security",
			 "Foundation", "AppKit", "IOKit", "objc", "System", "Carbon", "Cocoa", "ApplicationServices",
			 "SystemConfiguration", "libSystem", "gdi32", "ws2_32", "iphlpapi", "opengl32", "Quartz",
			 "Metal", "OpenGL", "LocalAuthentication", "c.dylib");
}

static enum mc_status see_find_library(struct sightings *s, struct sighting *seen)
{
	if (is_foreign_library(seen->subject))
		return MC_OK;
	seen->rule = MC_RULE_FIND_LIBRARY;
	seen->certainty = MC_CERTAINTY_STRONG;
	if (is_libc_part(seen->subject)) {
		seen->message = MC_STR("find_library() gives None on the alpine image; CDLL(None), which is what "
				       "comes of it, is the C library");
		seen->fix = MC_STR("nothing to do where None goes to CDLL()");
		return add(s, seen);
	}
	seen->severity = MC_SEVERITY_WARNING;
	seen->message = MC_STR("find_library() gives None on the alpine image, also where the library is there: it "
			       "asks ldconfig, gcc and ld, of which musl's ldconfig knows nothing");
	seen->fix = MC_STR("CDLL(\"libNAME.so.N\") by its file name, which musl's loader finds");
	return add(s, seen);
}

/* A file that is opened by its name.  */
static enum mc_status see_library(struct sightings *s, struct sighting *seen)
{
	const struct mc_target *target = &s->judge->target.target, *against = &s->judge->against.target;
	struct mc_str name = mc_path_base(seen->subject);
	const struct mc_library *here = mc_target_library(target, name), *there = mc_target_library(against, name);
	bool is_glibcs = mc_is_glibc_library(name);

	/* What musl answers itself, what is there, and what is on neither image.  */
	if ((here && here->is_shipped) || (!is_glibcs && !(there && there->is_shipped)) ||
	    mc_str_starts(name, MC_STR("libc.so")) || !target->image)
		return MC_OK;
	seen->rule = MC_RULE_CTYPES;
	seen->certainty = MC_CERTAINTY_STRONG;
	seen->severity = MC_SEVERITY_WARNING;
	seen->message = is_glibcs ? MC_STR("opened by ctypes: a part of glibc, which is not on the alpine image")
				  : SAY("opened by ctypes: on %s, and not on %s", against->name, target->name);
	if (here && here->package) {
		seen->package = here->package;
		seen->fix = SAY("apk add --no-cache %s", here->package);
	}
	return add(s, seen);
}

static enum mc_status see_locale(struct sightings *s, struct sighting *seen)
{
	seen->rule = MC_RULE_LOCALE;
	seen->certainty = MC_CERTAINTY_STRONG;
	seen->severity = MC_SEVERITY_WARNING;
	seen->message = MC_STR("setlocale() says yes to any name on musl, and nothing changes: decimal point, month "
			       "names and order stay those of C. glibc says no where the locale is not installed");
	seen->fix = MC_STR("format with Babel or PyICU, which need no locale of the system");
	return add(s, seen);
}

static enum mc_status see_strftime(struct sightings *s, struct sighting *seen)
{
	seen->rule = MC_RULE_STRFTIME;
	seen->certainty = MC_CERTAINTY_STRONG;
	seen->severity = MC_SEVERITY_WARNING;
	seen->message = MC_STR("musl's strftime() does not know it and stops: the text is lost");
	seen->fix = MC_STR("%p with lower() for %P, %_H and %_I for %k and %l, upper() for %^");
	return add(s, seen);
}

/* A program that is started: is it there, and is it the same one?  */
static enum mc_status see_command(struct sightings *s, struct sighting *seen)
{
	static const char *const only_on_slim[] = {"bash",   "apt-get",	   "apt",   "dpkg",    "dpkg-query",
						   "locale", "localedef", "lscpu", "findmnt", NULL};

	seen->rule = MC_RULE_COMMAND;
	seen->certainty = MC_CERTAINTY_STRONG;
	if (!mc_str_is_one_of(seen->subject, only_on_slim)) {
		seen->message = MC_STR("another program of that name is on the alpine image: it has other options and "
				       "says other things");
		return add(s, seen);
	}
	seen->severity = MC_SEVERITY_WARNING;
	seen->message = MC_STR("started as a program: on the slim image, and not on the alpine image");
	seen->fix = mc_str_is(seen->subject, MC_STR("bash")) ? MC_STR("apk add --no-cache bash, or sh in its place")
							     : MC_STR("");
	return add(s, seen);
}

static enum mc_status see_use(struct sightings *s, struct mc_dist_state *state, const struct mc_object *object,
			      const struct mc_use *use)
{
	struct sighting seen = {.state = state, .object = object, .line = use->line, .subject = use->subject};
	const struct note *what = NULL;

	switch (use->kind) {
	case MC_USES_RESOLVER: what = &resolver; break;
	case MC_USES_USERS: what = &users; break;
	case MC_USES_COLLATION: what = &collation; break;
	case MC_USES_RECURSION: what = &recursion; break;
	case MC_USES_UNLOAD: what = &unloading; break;
	case MC_USES_LIBC_NAME: what = &libc_name; break;
	case MC_USES_PATH: what = &other_path; break;
	case MC_USES_LOCALE: return see_locale(s, &seen);
	case MC_USES_STRFTIME: return see_strftime(s, &seen);
	case MC_USES_FIND_LIBRARY: return see_find_library(s, &seen);
	case MC_USES_FINDER: what = &finder; break;
	case MC_USES_LIBRARY: return see_library(s, &seen);
	case MC_USES_COMMAND: return see_command(s, &seen);
	case MC_USES_CHARSET:
		if (use->subject.ptr[0] != '/') {
			what = &charset;
			break;
		}
		seen.rule = MC_RULE_ICONV;
		seen.severity = MC_SEVERITY_WARNING;
		seen.certainty = MC_CERTAINTY_HEURISTIC;
		seen.message = MC_STR("it calls iconv(), and holds this suffix: musl's iconv_open() refuses it");
		seen.fix = mc_str_of(charset.fix);
		return add(s, &seen);
	case MC_USE_KINDS_COUNT: return MC_OK;
	}
	return what ? note(s, state, object, use->line, use->subject, what) : MC_OK;
}

/* ---- findings ---- */

/* By dist and rule; among warnings by subject too, so that each is together.  */
static int order_of_sightings(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	int order = ((uintptr_t)x->state > (uintptr_t)y->state) - ((uintptr_t)x->state < (uintptr_t)y->state);

	if (!order)
		order = (int)x->rule - (int)y->rule;
	if (!order)
		order = (int)y->severity - (int)x->severity;
	if (!order)
		order = mc_str_compare(x->message, y->message);
	if (!order && x->severity)
		order = mc_str_compare(x->subject, y->subject);
	if (!order)
		order = mc_str_compare(x->object->path, y->object->path);
	if (!order)
		order = (x->line > y->line) - (x->line < y->line);
	return order ? order : mc_str_compare(x->subject, y->subject);
}

static bool is_together(const struct sighting *a, const struct sighting *b)
{
	return a->state == b->state && a->rule == b->rule && a->severity == b->severity &&
	       mc_str_is(a->message, b->message) && (!a->severity || mc_str_is(a->subject, b->subject));
}

/* "getaddrinfo, gethostbyname and 2 more", in the order in which they are met.  */
static struct mc_str list_subjects(const struct sightings *s, const struct sighting *first, size_t count)
{
	enum { NAMED_MAX = 4 };
	struct mc_str text = first->subject;
	size_t distinct = 1;

	for (size_t i = 1; i < count; i++) {
		size_t n = 0;

		while (n < i && !mc_str_is(first[n].subject, first[i].subject))
			n++;
		if (n < i)
			continue;
		if (distinct++ < NAMED_MAX)
			text = SAY("%.*s, %.*s", MC_TEXT(text), MC_TEXT(first[i].subject));
		if (i > 1000) /* what is named stands in front; the rest need not be exact */
			break;
	}
	return distinct > NAMED_MAX ? SAY("%.*s and %zu more", MC_TEXT(text), distinct - NAMED_MAX) : text;
}

static enum mc_status tell(struct sightings *s, const struct sighting *first, size_t count)
{
	struct mc_finding f = {
		.severity = first->severity,
		.certainty = first->certainty,
		.dist = first->state->dist,
		.object = first->object,
		.line = first->line,
		.subject = first->severity ? first->subject : list_subjects(s, first, count),
		.package = first->package,
	};
	struct mc_str message = first->message;

	if (count > 1)
		message = SAY("%.*s (%zu places)", MC_TEXT(message), count);
	return mc_judge_say(s->judge, &f, first->rule, message, first->fix);
}

enum mc_status mc_judge_behaviour(struct mc_judge *j)
{
	struct sightings s = {.judge = j};

	if (j->target.family != MC_LIBC_MUSL)
		return MC_OK;
	for (size_t i = 0; i < j->objects_count; i++) {
		const struct mc_object *object = j->objects->items[i];
		struct mc_dist_state *state = mc_judge_dist(j, object->dist);

		if (!state || object->status < 0)
			continue;
		if (object->kind == MC_MEMBER_ELF && object->elf.type != MC_ELF_RELOCATABLE)
			MC_TRY(see_imports(&s, state, object));
		for (size_t n = 0; n < object->uses.count; n++)
			MC_TRY(see_use(&s, state, object, &object->uses.items[n]));
	}
	if (s.count)
		qsort(s.items, s.count, sizeof(*s.items), order_of_sightings);
	for (size_t i = 0, end; i < s.count; i = end) {
		for (end = i + 1; end < s.count && is_together(&s.items[i], &s.items[end]); end++)
			;
		MC_TRY(tell(&s, &s.items[i], end - i));
	}
	return MC_OK;
}
