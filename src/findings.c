/* SPDX-License-Identifier: MIT */
#include "judge.h"
#include "path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- small questions ---- */

/* What an extension module's file name says (PEP 3149). */
struct suffix {
	bool is_versioned;   /* ".cpython-312-x86_64-linux-gnu.so" */
	unsigned minor;
	bool is_other_build; /* free-threaded, debug, PyPy: never of this interpreter */
	bool is_gnu, is_musl;
	struct mc_str text;  /* from the dot on */
};

static struct suffix suffix_of(struct mc_str path)
{
	struct mc_str name = mc_path_base(path);
	struct suffix s = {0};
	size_t at;

	if (mc_str_find(name, MC_STR(".pypy"), &at)) {
		s.text = mc_str_skip(name, at);
		s.is_versioned = s.is_other_build = true;
		return s;
	}
	if (!mc_str_find(name, MC_STR(".cpython-3"), &at) || !mc_str_ends(name, MC_STR(".so")))
		return s;
	s.text = (struct mc_str){name.ptr + at, name.len - at};
	s.is_versioned = true;
	for (at += strlen(".cpython-3"); at < name.len && isdigit((unsigned char)name.ptr[at]); at++)
		s.minor = s.minor % 100 * 10 + (unsigned)(name.ptr[at] - '0');
	s.is_other_build = at < name.len && isalpha((unsigned char)name.ptr[at]) &&
			   !(s.minor < 8 && name.ptr[at] == 'm');
	s.is_gnu = mc_str_find(name, MC_STR("-linux-gnu"), NULL);
	s.is_musl = mc_str_find(name, MC_STR("-linux-musl"), NULL);
	return s;
}

unsigned mc_suffix_minor(struct mc_str path)
{
	struct suffix s = suffix_of(path);

	return s.is_versioned && !s.is_other_build ? s.minor : 0;
}

static bool is_extension(const struct mc_object *object)
{
	struct mc_str name = mc_path_base(object->path), parent = object->path;
	struct mc_definition definition;
	char symbol[256] = "PyInit_";
	size_t stem = 0, head = strlen(symbol);
	struct mc_lookup lookup;

	while (stem < name.len && name.ptr[stem] != '.')
		stem++;
	if (mc_str_starts(name, MC_STR("__init__."))) { /* a package: named after its folder */
		parent.len -= name.len ? name.len + 1 : 0;
		name = mc_path_base(parent);
		stem = name.len;
	}
	if (!stem || stem >= sizeof(symbol) - head)
		return false;
	memcpy(symbol + head, name.ptr, stem);
	lookup = mc_lookup((struct mc_str){symbol, head + stem});
	return mc_elf_find(&object->elf, &lookup, &definition) && !definition.is_undefined;
}

bool mc_is_linked_to_glibc(const struct mc_elf *elf)
{
	/* libgcc_s has a version GLIBC_2.0 of its own, on musl too: __register_frame_info.  */
	for (size_t i = 0; i < elf->need_versions_count; i++)
		if (mc_str_starts(elf->need_versions[i].version, MC_STR("GLIBC_")) &&
		    !mc_str_starts(elf->need_versions[i].file, MC_STR("libgcc_s")))
			return true;
	for (size_t i = 0; i < elf->needed_count; i++)
		if (mc_str_starts(elf->needed[i], MC_STR("ld-linux")))
			return true;
	return false;
}

/* ---- making findings ---- */

#define SAY(...) mc_arena_printf(j->arena, __VA_ARGS__)

struct mc_side_state *mc_judge_side(struct mc_dist_state *state, const struct mc_side *side)
{
	return side->is_against ? &state->against : &state->target;
}

/* Something that stops the dist on this side.  */
void mc_judge_break(struct mc_dist_state *state, const struct mc_side *side,
		   const struct mc_object *object, bool in_gcompat)
{
	mc_judge_side(state, side)->is_broken = true;
	if (side->is_against)
		return;
	state->is_beyond_gcompat |= !in_gcompat;
	state->has_glibc_signs |= object && mc_is_linked_to_glibc(&object->elf);
}

/* A finding that is a rule, a message and a fix and no more.  */
enum mc_status mc_judge_say(struct mc_judge *j, struct mc_finding *f, enum mc_rule rule,
				 struct mc_str message, struct mc_str fix)
{
	struct mc_finding *kept;

	f->rule = rule;
	f->message = message;
	f->fix = fix;
	return mc_judge_find(j, f, &kept);
}

/* ---- what a file is, before any loader ---- */

/* The same module for the Python in question stands beside this one.  */
uint64_t mc_judge_stem_hash(const struct mc_object *object)
{
	struct mc_str stem = object->where, name = mc_path_base(stem);

	stem.len -= name.len;
	stem.len += mc_str_cut(&name, '.').len;
	return mc_hash_pair((uintptr_t)object->dist, mc_hash_text(stem));
}

static bool has_sibling(const struct mc_judge *j, const struct mc_object *object, unsigned minor)
{
	struct mc_str name = mc_path_base(object->where), folder = object->where;
	const struct mc_object *other;
	size_t stem = 0;

	folder.len -= name.len;
	while (stem < name.len && name.ptr[stem] != '.')
		stem++;
	for (size_t at = 0; (other = mc_map_next(&j->by_stem, mc_judge_stem_hash(object), &at));) {
		struct mc_str other_name = mc_path_base(other->where);
		struct suffix s;

		if (other == object || other->dist != object->dist ||
		    other->where.len - other_name.len != folder.len ||
		    !mc_str_starts(other->where, folder) || other_name.len <= stem ||
		    other_name.ptr[stem] != '.' || memcmp(other_name.ptr, name.ptr, stem))
			continue;
		s = suffix_of(other->where);
		if (!s.is_versioned || (s.minor == minor && !s.is_other_build))
			return true;
	}
	return false;
}

static enum mc_status find_suffix(struct mc_judge *j, struct mc_side *side,
				  struct mc_dist_state *state, const struct mc_object *object,
				  bool *is_wanted_out)
{
	struct suffix s = suffix_of(object->path);
	struct mc_finding f = {
		.severity = MC_SEVERITY_ERROR,
		.is_against = side->is_against,
		.dist = state->dist,
		.object = object,
		.subject = s.text,
	};

	*is_wanted_out = true;
	if (!s.is_versioned)
		return MC_OK;
	if (s.is_other_build || s.minor != state->minor) {
		/* Wheels may carry one module for many Pythons: only one is imported.  */
		*is_wanted_out = !has_sibling(j, object, state->minor);
		if (!*is_wanted_out)
			return MC_OK;
		mc_judge_side(state, side)->is_refused = true;
		return mc_judge_say(
			j, &f, MC_RULE_SUFFIX,
			s.is_other_build ? SAY("it is for another build of Python, or PyPy; Python 3.%u "
					       "never looks for that name",
					       state->minor)
					 : SAY("it is for Python 3.%u; Python 3.%u never looks for that name",
					       s.minor, state->minor),
			SAY("take the wheel for Python 3.%u", state->minor));
	}
	/* CPython 3.11 first told musl from gnu in its SOABI (bpo-43112).  */
	if (side->family == MC_LIBC_MUSL ? !s.is_gnu || state->minor < 11 : !s.is_musl)
		return MC_OK;
	mc_judge_side(state, side)->is_refused = true;
	return mc_judge_say(
		j, &f, MC_RULE_SUFFIX,
		side->family == MC_LIBC_MUSL
			? MC_STR("Python on musl looks for -linux-musl.so, .abi3.so and .so: this file is "
				 "never imported")
			: MC_STR("Python on glibc looks for -linux-gnu.so, .abi3.so and .so: this file is "
				 "never imported"),
		side->family == MC_LIBC_MUSL ? MC_STR("install the musllinux wheel on Alpine")
					     : MC_STR("install the manylinux wheel"));
}

static bool is_named_like_module(const struct mc_object *object)
{
	struct mc_str name = mc_path_base(object->path);

	return mc_str_ends(name, MC_STR(".so")) || mc_str_find(name, MC_STR(".so."), NULL);
}

static enum mc_status find_machine(struct mc_judge *j, struct mc_side *side,
				   struct mc_dist_state *state, const struct mc_object *object,
				   bool *is_wanted_out)
{
	const struct mc_elf *elf = &object->elf;
	const char *name = mc_machine_name(elf->machine, elf->word_bits, elf->is_big_endian);
	struct mc_finding f = {
		.severity = state->natives_count ? MC_SEVERITY_NOTE : MC_SEVERITY_ERROR,
		.is_against = side->is_against,
		.dist = state->dist,
		.object = object,
		.subject = name ? mc_str_of(name) : SAY("machine %u", (unsigned)elf->machine),
	};

	*is_wanted_out = name && !strcmp(name, state->machine);
	if (*is_wanted_out)
		return MC_OK;
	/* Kernels for other processors (CUDA, BPF) are data to the loader.  */
	if (!name && !is_named_like_module(object))
		f.severity = MC_SEVERITY_NOTE;
	if (f.severity == MC_SEVERITY_ERROR)
		mc_judge_break(state, side, object, false);
	return mc_judge_say(j, &f, MC_RULE_MACHINE,
			  SAY("the rest is for %s; nothing on that machine loads it", state->machine),
			  MC_STR(""));
}

static bool fits_interp(const struct mc_side *side, struct mc_str interp)
{
	struct mc_str name = mc_path_base(interp);

	return side->family == MC_LIBC_MUSL ? mc_str_starts(name, MC_STR("ld-musl-"))
					    : !mc_str_starts(name, MC_STR("ld-musl-"));
}

static enum mc_status find_program(struct mc_judge *j, struct mc_side *side,
				   struct mc_dist_state *state, const struct mc_object *object,
				   bool *is_wanted_out)
{
	struct mc_finding f = {
		.severity = MC_SEVERITY_ERROR,
		.is_against = side->is_against,
		.dist = state->dist,
		.object = object,
		.subject = object->elf.interp,
	};

	*is_wanted_out = object->elf.type != MC_ELF_STATIC;
	if (object->elf.type != MC_ELF_PROGRAM || fits_interp(side, object->elf.interp))
		return MC_OK;
	*is_wanted_out = false;
	mc_judge_break(state, side, object, side->family == MC_LIBC_MUSL && mc_is_gcompat_library(mc_path_base(f.subject)));
	return mc_judge_say(j, &f, MC_RULE_GLIBC_PROGRAM,
			  SAY("its loader is not on %s: the kernel says \"not found\"", side->target.name),
			  side->family == MC_LIBC_MUSL
				  ? MC_STR("take a musllinux wheel or a static build of it")
				  : MC_STR("take a manylinux wheel or a static build of it"));
}

#define UTMPX(name)                                                                              \
	{name, MC_RULE_UTMPX, MC_SEVERITY_WARNING,                                               \
	 "compiled for glibc's struct utmpx of 384 bytes; musl's has 400 and does nothing",      \
	 "rebuild against musl; it keeps no utmp file"}

const struct mc_trap *mc_trap_of(struct mc_str name)
{
	static const struct mc_trap traps[] = {
		{"strerror_r", MC_RULE_STRERROR_R, MC_SEVERITY_WARNING,
		 "compiled for GNU's, which returns the text; musl's returns 0, taken for a NULL pointer",
		 "crashes where an error is told; rebuild against musl"},
		{"regexec", MC_RULE_REGEXEC, MC_SEVERITY_ERROR,
		 "compiled for 8-byte regmatch_t; musl writes 16-byte ones over what lies behind",
		 "rebuild against musl"},
		{"basename", MC_RULE_BASENAME, MC_SEVERITY_WARNING,
		 "compiled for GNU's basename; musl's changes its argument", "rebuild against musl"},
		UTMPX("getutxent"),
		UTMPX("getutxid"),
		UTMPX("getutxline"),
		UTMPX("pututxline"),
		UTMPX("updwtmpx"),
	};

	for (size_t i = 0; i < sizeof(traps) / sizeof(*traps); i++)
		if (mc_str_is(name, mc_str_of(traps[i].name)))
			return &traps[i];
	return NULL;
}

static enum mc_status find_traps(struct mc_judge *j, struct mc_dist_state *state,
				 const struct mc_object *object)
{
	if (!mc_is_linked_to_glibc(&object->elf))
		return MC_OK;
	for (size_t i = 0; i < object->elf.imports_count; i++) {
		const struct mc_import *import = &object->elf.imports[i];
		const struct mc_trap *trap = mc_trap_of(import->name);
		struct mc_finding f = {
			.certainty = MC_CERTAINTY_STRONG,
			.dist = state->dist,
			.object = object,
			.subject = import->name,
		};

		if (!trap || import->is_defined || import->is_weak)
			continue;
		f.severity = trap->severity;
		MC_TRY(mc_judge_say(j, &f, trap->rule, mc_str_of(trap->message), mc_str_of(trap->fix)));
	}
	return MC_OK;
}

static enum mc_status find_exec_stack(struct mc_judge *j, struct mc_dist_state *state,
				      const struct mc_object *object)
{
	struct mc_finding f = {
		.severity = MC_SEVERITY_WARNING,
		.certainty = MC_CERTAINTY_STRONG,
		.dist = state->dist,
		.object = object,
	};

	if (!object->elf.wants_exec_stack)
		return MC_OK;
	return mc_judge_say(j, &f, MC_RULE_EXEC_STACK,
			  MC_STR("musl loads it and leaves the stack as it is: code that runs from the "
				 "stack crashes"),
			  MC_STR("build it without nested functions' trampolines, or clear the flag"));
}

/* ---- the three passes ---- */

static bool is_native(const struct mc_object *object)
{
	return object->kind == MC_MEMBER_ELF && object->status == MC_OK &&
	       object->elf.type != MC_ELF_RELOCATABLE;
}

static enum mc_status judge_object(struct mc_judge *j, struct mc_side *side, size_t i,
				   struct mc_dist_state *state)
{
	const struct mc_object *object = j->objects->items[i];
	const struct mc_load *load = &side->loads[i];
	bool is_wanted;

	MC_TRY(find_machine(j, side, state, object, &is_wanted));
	if (!is_wanted)
		return MC_OK;
	MC_TRY(find_suffix(j, side, state, object, &is_wanted));
	if (!is_wanted)
		return MC_OK;
	if (side->family == MC_LIBC_MUSL && !side->is_against) {
		MC_TRY(find_traps(j, state, object));
		MC_TRY(find_exec_stack(j, state, object));
	}
	MC_TRY(find_program(j, side, state, object, &is_wanted));
	if (!is_wanted && !side->is_against)
		state->is_beyond_gcompat |= !mc_is_in_gcompat(load);
	/* A library that others load is judged as they load it: by their rpaths.  */
	if (!is_wanted || (j->is_reached[i] && object->elf.type != MC_ELF_PROGRAM &&
			   !is_extension(object)))
		return MC_OK;
	return mc_judge_complaints(j, side, state, object, load);
}

enum mc_status mc_judge_objects(struct mc_judge *j, struct mc_side *side)
{
	for (size_t i = 0; i < j->objects_count; i++) {
		const struct mc_object *object = j->objects->items[i];
		struct mc_dist_state *state = mc_judge_dist(j, object->dist);

		if (!state || !is_native(object))
			continue;
		/* A musllinux wheel is not what anybody installs on slim.  */
		if (side->is_against && state->against.is_refused)
			continue;
		MC_TRY(judge_object(j, side, i, state));
	}
	return MC_OK;
}

static enum mc_status find_unreadable(struct mc_judge *j, struct mc_dist_state *state,
				      const struct mc_object *object, struct mc_str problem)
{
	struct mc_finding f = {
		.severity = MC_SEVERITY_ERROR,
		.dist = state->dist,
		.object = object,
	};

	bool is_damaged = object || (state->dist->status != MC_ERR_UNSUPPORTED && state->dist->status != MC_ERR_NOT_FOUND);

	state->is_unknown = true;
	return mc_judge_say(j, &f, MC_RULE_UNREADABLE, problem,
			    is_damaged ? MC_STR("fetch or install it again; what cannot be read is not judged")
				       : MC_STR("what is not looked at is not judged"));
}

/* An object file is data, unless its name says that it is to be loaded; "x.so.debug" says no.  */
static bool is_object_file_in_disguise(const struct mc_object *object)
{
	return object->kind == MC_MEMBER_ELF && object->status == MC_OK &&
	       object->elf.type == MC_ELF_RELOCATABLE && is_named_like_module(object) &&
	       !mc_str_ends(object->path, MC_STR(".debug"));
}

/* An interpreter of scripts, and the packages that bring it; NULL: none that is known.  */
struct interpreter {
	const char *name, *apk, *apt;
	bool on_slim; /* that image has it; alpine has none of these */
};

/* NULL when the image has it.  /bin/sh, env and python are on both.  */
static const struct interpreter *lacking_interpreter(const struct mc_side *side, struct mc_str head)
{
	static const struct interpreter interpreters[] = {
		{"bash", "bash", "bash", true},	      {"perl", "perl", "perl", true},
		{"zsh", "zsh", "zsh", false},	      {"ksh", "mksh", "ksh", false},
		{"csh", "tcsh", "tcsh", false},	      {"tcsh", "tcsh", "tcsh", false},
		{"fish", "fish", "fish", false},      {"ruby", "ruby", "ruby", false},
		{"node", "nodejs", "nodejs", false},  {"php", NULL, "php-cli", false},
		{"tclsh", "tcl", "tcl", false},	      {"wish", "tk", "tk", false},
		{"lua", "lua5.4", "lua5.4", false},   {"Rscript", "R", "r-base-core", false},
		{"pwsh", NULL, NULL, false},
	};
	struct mc_str words[3] = {{"", 0}, {"", 0}, {"", 0}}, name;
	size_t count = 0;

	for (size_t i = 2; i < head.len && count < 3;) {
		size_t start;

		while (i < head.len && (head.ptr[i] == ' ' || head.ptr[i] == '\t'))
			i++;
		for (start = i; i < head.len && !isspace((unsigned char)head.ptr[i]);)
			i++;
		if (i > start)
			words[count++] = (struct mc_str){head.ptr + start, i - start};
		else
			break;
	}
	name = mc_path_base(words[0]);
	if (mc_str_is(name, MC_STR("env")))
		name = words[mc_str_is(words[1], MC_STR("-S")) ? 2 : 1];
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(*interpreters); i++)
		if (mc_str_is(name, mc_str_of(interpreters[i].name)))
			return side->family == MC_LIBC_GLIBC && interpreters[i].on_slim ? NULL
											: &interpreters[i];
	return NULL;
}

static enum mc_status find_shebang(struct mc_judge *j, struct mc_side *side,
				   struct mc_dist_state *state, const struct mc_object *object)
{
	const struct interpreter *lacking = lacking_interpreter(side, object->head);
	struct mc_finding f = {
		.severity = MC_SEVERITY_WARNING,
		.is_against = side->is_against,
		.dist = state->dist,
		.object = object,
	};
	const char *package;

	if (!lacking)
		return MC_OK;
	f.subject = mc_str_of(lacking->name);
	package = side->family == MC_LIBC_MUSL ? lacking->apk : lacking->apt;
	return mc_judge_say(j, &f, MC_RULE_SHEBANG,
			  SAY("%s has no %s: the script would not start", side->target.name, lacking->name),
			  !package ? SAY("bring %s along, if the script is used", lacking->name)
			  : side->family == MC_LIBC_MUSL
				  ? SAY("apk add --no-cache %s", package)
				  : SAY("apt-get install -y --no-install-recommends %s", package));
}

enum mc_status mc_judge_dists(struct mc_judge *j)
{
	for (size_t i = 0; i < j->dists_count; i++)
		if (j->dists[i].dist->status < 0)
			MC_TRY(find_unreadable(j, &j->dists[i], NULL, j->dists[i].dist->problem));
	for (size_t i = 0; i < j->objects_count; i++) {
		const struct mc_object *object = j->objects->items[i];
		struct mc_dist_state *state = mc_judge_dist(j, object->dist);
		const char *machine = mc_machine_name(object->elf.machine, object->elf.word_bits,
						      object->elf.is_big_endian);

		if (!state)
			continue;
		if (object->kind == MC_MEMBER_SCRIPT) {
			MC_TRY(find_shebang(j, &j->target, state, object));
			MC_TRY(find_shebang(j, &j->against, state, object));
		} else if (object->status < 0) {
			MC_TRY(find_unreadable(j, state, object, object->problem));
		} else if (is_object_file_in_disguise(object)) {
			MC_TRY(find_unreadable(j, state, object,
					       MC_STR("named like a native module, but an object file "
						      "(ET_REL) that no loader takes")));
		} else if (is_native(object) && machine && !strcmp(machine, state->machine)) {
			state->natives_count++;
		}
	}
	return MC_OK;
}

static bool takes_any(const struct mc_side *side, const struct mc_dist_state *state,
		      const struct mc_tag **taken_out)
{
	for (size_t t = 0; t < state->dist->tags_count; t++) {
		*taken_out = &state->dist->tags[t];
		if (mc_tag_is_taken(*taken_out, side->family, side->libc_version, state->minor,
				    state->machine))
			return true;
	}
	return false;
}

static enum mc_status judge_wheel_tags(struct mc_judge *j, struct mc_side *side,
				       struct mc_dist_state *state)
{
	const struct mc_tag *tag;
	struct mc_finding f = {
		.severity = MC_SEVERITY_ERROR,
		.is_against = side->is_against,
		.dist = state->dist,
	};
	bool is_platform;

	if (!state->dist->tags_count || takes_any(side, state, &tag))
		return MC_OK;
	mc_judge_side(state, side)->is_refused = true;
	tag = &state->dist->tags[0];
	is_platform = !mc_platform_is_taken(tag->platform, side->family, side->libc_version, state->machine);
	if (is_platform && !mc_platform_machine(tag->platform).len &&
	    !mc_str_is(tag->platform, MC_STR("any")))
		mc_judge_break(state, side, NULL, false); /* for Windows or macOS: nothing in it could run */
	f.subject = SAY("%.*s-%.*s-%.*s", MC_TEXT(tag->python), MC_TEXT(tag->abi), MC_TEXT(tag->platform));
	return mc_judge_say(j, &f, MC_RULE_TAG,
			  is_platform ? SAY("pip on %s (%s %s) does not take this platform",
					    side->target.name, side->libc_name, side->libc_version)
				      : SAY("Python 3.%u does not take this wheel", state->minor),
			  is_platform && side->family == MC_LIBC_MUSL
				  ? MC_STR("take its musllinux wheel, if there is one, or build it there")
				  : MC_STR(""));
}

enum mc_status mc_judge_tags(struct mc_judge *j)
{
	for (size_t i = 0; i < j->dists_count; i++) {
		struct mc_dist_state *state = &j->dists[i];

		if (state->dist->kind == MC_DIST_WHEEL) {
			MC_TRY(judge_wheel_tags(j, &j->target, state));
			MC_TRY(judge_wheel_tags(j, &j->against, state));
		}
	}
	return MC_OK;
}

/* A tag that pip trusts on musl, and in the wheel files that only glibc loads (PEP 656).  */
enum mc_status mc_judge_promises(struct mc_judge *j)
{
	for (size_t i = 0; i < j->dists_count; i++) {
		struct mc_dist_state *state = &j->dists[i];
		struct mc_finding f = {
			.severity = MC_SEVERITY_ERROR,
			.certainty = MC_CERTAINTY_STRONG,
			.dist = state->dist,
		};
		const struct mc_tag *tag;

		if (j->target.family != MC_LIBC_MUSL || !state->target.is_broken ||
		    !state->has_glibc_signs || !takes_any(&j->target, state, &tag) ||
		    mc_str_starts(tag->platform, MC_STR("linux_")))
			continue;
		f.subject = tag->platform;
		MC_TRY(mc_judge_say(j, &f, MC_RULE_TAG_LIES,
				  SAY("pip installs it on %s by this tag, but files in it were linked "
				      "against glibc and do not load",
				      j->target.target.name),
				  MC_STR("tell its maker; until then take slim")));
	}
	return MC_OK;
}
