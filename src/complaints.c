/* SPDX-License-Identifier: MIT */
/* What a loader's complaints mean: findings with why and what to do.  */
#include "judge.h"
#include "path.h"

#include <elf.h>
#include <string.h>

#define STT_IFUNC 10 /* STT_GNU_IFUNC */

#define SAY(...) mc_arena_printf(j->arena, __VA_ARGS__)

const char mc_rebuild_fix[] =
	"gone when compiled against musl: take a musllinux wheel or build it on Alpine";

/* Libraries that glibc brings and musl answers neither by name nor as a file.  */
bool mc_is_glibc_library(struct mc_str soname)
{
	static const char *const heads[] = {
		"ld-linux",  "ld64.so.",   "ld.so.1",      "libresolv.so.",       "libcrypt.so.1",
		"libmvec.so", "libnsl.so.1", "libanl.so.",  "libthread_db.so.",    "libnss_",
		"libBrokenLocale.so.",
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (mc_str_starts(soname, mc_str_of(heads[i])))
			return true;
	return false;
}

/* The files of Alpine's gcompat that musl's loader can reach by those names.  */
bool mc_is_gcompat_library(struct mc_str soname)
{
	return mc_str_starts(soname, MC_STR("ld-linux")) ||
	       mc_str_is(soname, MC_STR("libresolv.so.2")) ||
	       mc_str_is(soname, MC_STR("libcrypt.so.1"));
}

/* The first musl newer than this one that has the name; NULL when none is known.  */
static const struct mc_libc *later_musl(const struct mc_side *side, const struct mc_elf *elf,
					struct mc_str name)
{
	const struct mc_libc *best = NULL;
	uint32_t name_id = mc_name_id(name);

	for (size_t i = 0; mc_libc_at(i); i++) {
		const struct mc_libc *libc = mc_libc_at(i);
		const struct mc_export_set *set;

		if (libc->family != MC_LIBC_MUSL ||
		    mc_version_compare(libc->version, side->libc_version) <= 0 ||
		    (best && mc_version_compare(best->version, libc->version) <= 0))
			continue;
		set = mc_export_set_pick(libc->sets, elf->machine, elf->word_bits,
					 (struct mc_str){"", 0});
		if (set && mc_export_set_has(set, name_id, 0, true))
			best = libc;
	}
	return best;
}

/* A libc of any kind has the name, so a missing library is not to blame for it.  */
static bool is_libc_symbol(const struct mc_side *side, const struct mc_complaint *c)
{
	return mc_str_starts(c->import->version, MC_STR("GLIBC_")) ||
	       mc_name_class(c->subject)->name_class != MC_CLASS_NONE ||
	       later_musl(side, &c->object->elf, c->subject);
}

/* Complaints that missing symbols may be due to; more than these a hostile file has.  */
struct causes {
	const struct mc_complaint *items[256];
	size_t count;
};

static void gather_causes(const struct mc_load *load, struct causes *causes)
{
	causes->count = 0;
	for (size_t i = 0; i < load->complaints_count; i++)
		if ((load->complaints[i].kind == MC_COMPLAINT_NO_LIBRARY ||
		     load->complaints[i].kind == MC_COMPLAINT_NO_VERSION) &&
		    causes->count < sizeof(causes->items) / sizeof(*causes->items))
			causes->items[causes->count++] = &load->complaints[i];
}

/* A symbol that is missing only because its library, or the version of it, is.  */
static bool is_folded(const struct mc_side *side, const struct causes *causes,
		      const struct mc_complaint *c)
{
	if (c->kind != MC_COMPLAINT_NO_SYMBOL)
		return false;
	for (size_t i = 0; i < causes->count; i++) {
		const struct mc_complaint *other = causes->items[i];

		if (other->kind == MC_COMPLAINT_NO_VERSION && other->object == c->object &&
		    mc_str_is(other->detail, c->import->version))
			return true;
		if (other->kind != MC_COMPLAINT_NO_LIBRARY)
			continue;
		if (c->import->from_file.len ? mc_str_is(c->import->from_file, other->subject)
					     : !is_libc_symbol(side, c))
			return true;
	}
	return false;
}

/* The first file of the run that goes by that name.  */
static const struct mc_object *find_by_soname(const struct mc_judge *j, struct mc_str soname)
{
	const struct mc_object *found = NULL, *object;

	for (size_t at = 0; (object = mc_map_next(&j->by_soname, mc_hash_text(soname), &at));)
		if ((!found || object->index < found->index) &&
		    (mc_str_is(mc_path_base(object->where), soname) ||
		     mc_str_is(object->elf.soname, soname)))
			found = object;
	return found;
}

static enum mc_status find_symbol(struct mc_judge *j, struct mc_side *side, struct mc_finding *f,
				  const struct mc_complaint *c)
{
	const struct mc_name_class *name_class = mc_name_class(c->subject);
	const struct mc_libc *later = NULL;
	struct mc_finding *kept;

	f->rule = MC_RULE_SYMBOL;
	MC_TRY(mc_judge_find(j, f, &kept));
	if (!kept)
		return MC_OK;
	if (side->family == MC_LIBC_GLIBC) {
		kept->message = SAY("nothing on %s defines it%s%.*s", side->target.name,
				    c->detail.len ? " as version " : "", MC_TEXT(c->detail));
		return MC_OK;
	}
	kept->name_class = name_class->name_class;
	kept->in_gcompat = name_class->in_gcompat;
	later = later_musl(side, &c->object->elf, c->subject);
	if (later) {
		kept->message = SAY("musl %s does not define it; musl %s does", side->libc_version,
				    later->version);
		kept->fix = SAY("take an image with musl %s or newer ('muslcheck targets')",
				later->version);
		return MC_OK;
	}
	switch (name_class->name_class) {
	case MC_CLASS_ARTEFACT:
		kept->message = SAY("%s %s has no such name: compiling against glibc put it in", side->libc_name,
				    side->libc_version);
		kept->fix = mc_str_of(mc_rebuild_fix);
		break;
	case MC_CLASS_INTERNAL:
		kept->message = SAY("%s %s has no such name: it is internal to glibc", side->libc_name,
				    side->libc_version);
		kept->fix = name_class->replacement ? SAY("%s", name_class->replacement)
						    : mc_str_of(mc_rebuild_fix);
		break;
	case MC_CLASS_GNU_API:
		kept->message = SAY("%s %s does not have this GNU function", side->libc_name,
				    side->libc_version);
		kept->fix = name_class->replacement ? SAY("port the source: %s", name_class->replacement)
						    : MC_STR("the source needs porting to musl");
		break;
	case MC_CLASS_PACKAGE:
		kept->message = SAY("%s %s does not have it; Alpine's %s does", side->libc_name,
				    side->libc_version, name_class->package);
		kept->fix = SAY("build it on Alpine with %s linked in", name_class->package);
		break;
	case MC_CLASS_NONE:
		kept->message = SAY("neither %s %s nor any library it loads defines it", side->libc_name,
				    side->libc_version);
		break;
	}
	return MC_OK;
}

static enum mc_status find_library(struct mc_judge *j, struct mc_side *side, struct mc_finding *f,
				   const struct mc_complaint *c)
{
	const struct mc_object *twin = find_by_soname(j, c->subject);
	struct mc_finding *kept;
	bool is_musl = side->family == MC_LIBC_MUSL;

	f->rule = c->is_voided_rpath && twin		    ? MC_RULE_RPATH
		  : twin				    ? MC_RULE_PRELOAD
		  : is_musl && mc_is_glibc_library(c->subject) ? MC_RULE_GLIBC_LIBRARY
							    : MC_RULE_LIBRARY;
	if (f->rule == MC_RULE_PRELOAD && !is_musl) {
		/* glibc finds it when the package loads it first, which a scan cannot see.  */
		f->severity = MC_SEVERITY_NOTE;
		f->certainty = MC_CERTAINTY_HEURISTIC;
	}
	MC_TRY(mc_judge_find(j, f, &kept));
	if (!kept)
		return MC_OK;
	kept->in_gcompat = is_musl && mc_is_gcompat_library(c->subject);
	switch ((int)f->rule) {
	case MC_RULE_RPATH:
		kept->message = SAY("%.*s has it, but musl drops an rpath with a token other than $ORIGIN",
				    MC_TEXT(twin->path));
		kept->fix = MC_STR("patchelf --set-rpath with $ORIGIN only, then rebuild the wheel");
		break;
	case MC_RULE_PRELOAD:
		kept->message = SAY("%.*s has that name, but no rpath leads to it%s", MC_TEXT(twin->path),
				    is_musl ? "; musl does not match loaded files by soname"
					    : "; it works when something loads that file first");
		kept->fix = MC_STR("patchelf --set-rpath '$ORIGIN/...' on the file that needs it");
		break;
	case MC_RULE_GLIBC_LIBRARY:
		kept->message = mc_str_starts(c->subject, MC_STR("ld-linux"))
					? MC_STR("glibc's own loader, needed for thread-local data; musl "
						 "has no such file")
					: MC_STR("part of glibc; musl has no such library");
		kept->fix = mc_str_of(mc_rebuild_fix);
		break;
	default:
		if (mc_str_starts(c->subject, MC_STR("libc.musl-")))
			kept->message = SAY("it is musl's libc, and %s has glibc", side->target.name);
		else if (c->subject.len && memchr(c->subject.ptr, '/', c->subject.len))
			kept->message = SAY("it is asked for by a path that %s does not have",
					    side->target.name);
		else
			kept->message =
				mc_str_is(c->detail, MC_STR("No such file or directory"))
					? SAY("not in %s, and in no package that is known",
					      side->target.name)
					: SAY("%.*s", MC_TEXT(c->detail));
		if (is_musl && !memchr(c->subject.ptr, '/', c->subject.len))
			kept->fix = SAY("try 'apk add --no-cache so:%.*s', or build it there",
					MC_TEXT(c->subject));
		break;
	}
	return MC_OK;
}

static bool is_defined_as_ifunc(const struct mc_load *load, struct mc_str name)
{
	struct mc_lookup lookup = mc_lookup(name);
	struct mc_definition definition;

	for (size_t i = 0; i < load->chain_count; i++)
		if (load->chain[i].object &&
		    mc_elf_find(&load->chain[i].object->elf, &lookup, &definition) &&
		    !definition.is_undefined && definition.type == STT_IFUNC)
			return true;
	return false;
}

static enum mc_status find_complaint(struct mc_judge *j, struct mc_side *side,
				     struct mc_dist_state *state, const struct mc_object *root,
				     const struct mc_load *load, const struct causes *causes,
				     const struct mc_complaint *c)
{
	struct mc_finding f = {
		.severity = MC_SEVERITY_ERROR,
		.certainty = load->is_assumed ? MC_CERTAINTY_STRONG : MC_CERTAINTY_EXACT,
		.is_against = side->is_against,
		.dist = state->dist,
		.object = c->object ? c->object : root,
		.subject = c->subject,
	};
	bool in_gcompat = false;

	if (is_folded(side, causes, c))
		return MC_OK;
	switch (c->kind) {
	case MC_COMPLAINT_NOT_DYNAMIC:
		return MC_OK; /* a static program, or an object file that nothing loads */
	case MC_COMPLAINT_MACHINE:
		/* Nothing is known either way; the advice rests on the target alone.  */
		if (side->is_against)
			f.severity = MC_SEVERITY_NOTE;
		else
			state->is_unknown = true;
		return mc_judge_say(j, &f, MC_RULE_MACHINE,
				  SAY("not judged: there is no table of %s for this machine",
				      side->target.name),
				  MC_STR(""));
	case MC_COMPLAINT_TANGLED:
		if (side->is_against)
			f.severity = MC_SEVERITY_NOTE;
		else
			state->is_unknown = true;
		return mc_judge_say(j, &f, MC_RULE_UNREADABLE,
				    MC_STR("not judged: it leads to more work than any real file does"),
				    MC_STR(""));
	case MC_COMPLAINT_NO_LIBRARY:
		MC_TRY(find_library(j, side, &f, c));
		in_gcompat = mc_is_gcompat_library(c->subject);
		if (f.severity == MC_SEVERITY_NOTE)
			return MC_OK;
		break;
	case MC_COMPLAINT_NO_SYMBOL:
		if (is_defined_as_ifunc(load, c->subject)) {
			MC_TRY(mc_judge_say(j, &f, MC_RULE_IFUNC,
					  MC_STR("it is defined as an indirect function, which musl's "
						 "loader does not see"),
					  MC_STR("build it without ifunc (target_clones, target attributes)")));
			break;
		}
		MC_TRY(find_symbol(j, side, &f, c));
		in_gcompat = mc_name_class(c->subject)->in_gcompat;
		break;
	case MC_COMPLAINT_NO_VERSION:
		f.subject = c->detail;
		MC_TRY(mc_judge_say(j, &f, MC_RULE_VERSION,
				  SAY("%.*s of %s does not have this version", MC_TEXT(c->subject),
				      side->target.name),
				  MC_STR("take a newer image, or a wheel built for an older one")));
		break;
	case MC_COMPLAINT_STATIC_TLS:
		if (!c->import) /* the name that musl prints then is by chance */
			f.subject = MC_STR("");
		MC_TRY(mc_judge_say(j, &f, MC_RULE_STATIC_TLS,
				  MC_STR("initial-exec thread-local data: musl keeps no room for files "
					 "loaded after start"),
				  MC_STR("build it with -ftls-model=global-dynamic, or preload it "
					 "(LD_PRELOAD)")));
		break;
	case MC_COMPLAINT_RELOC:
		f.subject = SAY("type %u", (unsigned)c->number);
		if (mc_elf_is_irelative(f.object->elf.machine, c->number))
			MC_TRY(mc_judge_say(j, &f, MC_RULE_IFUNC,
					  MC_STR("an IRELATIVE relocation: musl has no indirect functions"),
					  MC_STR("build it without ifunc (target_clones, target "
						 "attributes)")));
		else
			MC_TRY(mc_judge_say(j, &f, MC_RULE_RELOC,
					  MC_STR("musl's loader does not know this relocation type"),
					  MC_STR("build it on Alpine")));
		break;
	case MC_COMPLAINT_RELR:
		MC_TRY(mc_judge_say(j, &f, MC_RULE_RELR,
				  SAY("musl %s skips DT_RELR without a word: wrong pointers, then a crash",
				      side->libc_version),
				  MC_STR("take an image with musl 1.2.4 or newer")));
		break;
	case MC_COMPLAINT_CRASH:
		MC_TRY(mc_judge_say(j, &f, MC_RULE_CRASH,
				  c->import ? MC_STR("a weak thread-local symbol that nothing defines: "
						     "musl's loader crashes")
					    : MC_STR("no hash table: musl's loader crashes at the first "
						     "lookup"),
				  mc_str_of(mc_rebuild_fix)));
		break;
	case MC_COMPLAINT_EXEC_STACK:
		MC_TRY(mc_judge_say(j, &f, MC_RULE_EXEC_STACK,
				  SAY("glibc %s refuses to load it: dlopen() no longer makes the stack "
				      "executable",
				      side->libc_version),
				  MC_STR("execstack -c or patchelf --clear-execstack, if it does not "
					 "need it")));
		break;
	}
	mc_judge_break(state, side, f.object, in_gcompat);
	return MC_OK;
}

/* Libraries that the loader finds once their packages are installed.  */
static enum mc_status find_packages(struct mc_judge *j, struct mc_side *side,
				    struct mc_dist_state *state, const struct mc_object *root,
				    const struct mc_load *load)
{
	for (size_t i = 1; i < load->chain_count; i++) {
		const struct mc_loaded *loaded = &load->chain[i];
		const struct mc_object *asking;
		struct mc_finding *kept, f;

		if (!loaded->is_added)
			continue;
		mc_judge_side(state, side)->needs_packages = true;
		/* What a package needs itself comes with it.  */
		asking = load->chain[loaded->needed_by].object;
		if (!asking)
			continue;
		f = (struct mc_finding){
			.rule = MC_RULE_LIBRARY,
			.severity = MC_SEVERITY_WARNING,
			.certainty = loaded->exports ? MC_CERTAINTY_EXACT : MC_CERTAINTY_STRONG,
			.is_against = side->is_against,
			.dist = state->dist,
			.object = asking->dist ? asking : root,
			.subject = mc_str_of(loaded->library->soname),
			.package = loaded->library->package,
		};
		MC_TRY(mc_judge_find(j, &f, &kept));
		if (!kept)
			continue;
		kept->message = SAY("%s does not have it%s", side->target.name,
				    loaded->exports ? "" : "; that it has all that is asked of it is assumed");
		kept->fix = side->family == MC_LIBC_MUSL
				    ? SAY("apk add --no-cache %s", loaded->library->package)
				    : SAY("apt-get install -y --no-install-recommends %s",
					  loaded->library->package);
	}
	return MC_OK;
}

/* The program's own errors come after the missing loader's, and gcompat may not have those.  */
bool mc_is_in_gcompat(const struct mc_load *load)
{
	if (load->is_cut)
		return false;
	for (size_t i = 0; i < load->complaints_count; i++) {
		const struct mc_complaint *c = &load->complaints[i];

		if (c->kind == MC_COMPLAINT_NO_SYMBOL  ? !mc_name_class(c->subject)->in_gcompat
		    : c->kind == MC_COMPLAINT_NO_LIBRARY ? !mc_is_gcompat_library(c->subject)
							 : true)
			return false;
	}
	return true;
}

/* What was left out; whether gcompat has it is not known.  */
static enum mc_status tell_of_cut(struct mc_judge *j, struct mc_side *side, struct mc_dist_state *state,
				  const struct mc_object *root, const struct mc_load *load)
{
	struct mc_finding f = {
		.severity = MC_SEVERITY_NOTE,
		.is_against = side->is_against,
		.dist = state->dist,
		.subject = {"", 0},
	};

	if (!load->loads)
		mc_judge_break(state, side, root, false);
	return mc_judge_say(j, &f, MC_RULE_UNREADABLE, MC_STR("the loader complains of more than is kept and told here"),
			    MC_STR(""));
}

enum mc_status mc_judge_complaints(struct mc_judge *j, struct mc_side *side,
				   struct mc_dist_state *state, const struct mc_object *root,
				   const struct mc_load *load)
{
	struct causes causes;

	MC_TRY(find_packages(j, side, state, root, load));
	gather_causes(load, &causes);
	for (size_t n = 0; n < load->complaints_count; n++)
		MC_TRY(find_complaint(j, side, state, root, load, &causes, &load->complaints[n]));
	return load->is_cut ? tell_of_cut(j, side, state, root, load) : MC_OK;
}
