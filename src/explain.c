/* SPDX-License-Identifier: MIT */
#include "muslcheck/explain.h"

#include "judge.h"

#include <string.h>
#include <strings.h>

enum { ANSWERS_MAX = 512, NEAR_LEN_MAX = 64, NEAR_DISTANCE_MAX = 2 };

const struct mc_rule_text *mc_explain_rule(struct mc_str word)
{
	for (size_t i = 0; i < mc_rule_texts_count; i++) {
		const struct mc_rule_text *text = &mc_rule_texts[i];

		if (mc_str_is(word, mc_str_of(text->name)) ||
		    (word.len == strlen(text->code) && !strncasecmp(word.ptr, text->code, word.len)))
			return text;
	}
	return NULL;
}

/* ---- answers ---- */

struct answers {
	struct mc_answer *items;
	const char **heads; /* "musl", "glibc", "on": only the same are put together */
	size_t count;
	struct mc_arena *arena;
	bool has_failed;
};

static bool begin(struct answers *a, struct mc_arena *arena)
{
	*a = (struct answers){.arena = arena};
	a->items = MC_TAKE_ARRAY(arena, struct mc_answer, ANSWERS_MAX);
	a->heads = MC_TAKE_ARRAY(arena, const char *, ANSWERS_MAX);
	return a->items && a->heads;
}

static struct mc_str checked(struct answers *a, struct mc_str text)
{
	a->has_failed |= !text.len; /* never empty but for want of memory */
	return text;
}

static void answer(struct answers *a, const char *head, const char *label, struct mc_str text)
{
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->heads[i], head) || !mc_str_is(a->items[i].text, text))
			continue;
		a->items[i].who = checked(a, mc_arena_printf(a->arena, "%.*s %s",
							    MC_TEXT(a->items[i].who), label));
		return;
	}
	if (a->count == ANSWERS_MAX)
		return;
	a->heads[a->count] = head;
	a->items[a->count++] = (struct mc_answer){
		checked(a, mc_arena_printf(a->arena, "%s %s", head, label)), text};
}

/* ---- symbols ---- */

struct wanted {
	struct mc_str name, version;
	uint32_t name_id;
};

/* "GLIBC_2.34, GLIBC_2.2.5 (hidden)"; "as it is" without versions; empty when it is not there.  */
static struct mc_str tags_of(struct answers *a, const struct mc_export_set *set,
			     const struct wanted *w, bool has_versions)
{
	struct mc_str text = {"", 0};
	const char *version;
	bool is_hidden;

	for (uint32_t i = 0; mc_export_set_version(set, w->name_id, i, &version, &is_hidden); i++) {
		if (has_versions && w->version.len && !mc_str_is(w->version, mc_str_of(version)))
			continue;
		text = checked(a, mc_arena_printf(a->arena, "%.*s%s%s%s", MC_TEXT(text),
						 text.len ? ", " : "", *version ? version : "as it is",
						 is_hidden ? " (hidden)" : ""));
	}
	return text;
}

/* The first set of its machine and soname in the list says it for all with the same tags.  */
static struct mc_str sets_text(struct answers *a, const struct mc_export_set *const *sets,
			       const struct wanted *w, bool has_versions, bool tells_soname)
{
	struct answers groups; /* who: machines; text: soname and tags */
	size_t machines = 0, with = 0;
	struct mc_str text = {"", 0};
	uint32_t seen[32][2];

	if (!begin(&groups, a->arena)) {
		a->has_failed = true;
		return text;
	}
	for (size_t i = 0; sets[i]; i++) {
		const char *machine = mc_machine_name(sets[i]->machine, sets[i]->word_bits,
						      sets[i]->machine == 22 /* EM_S390 */);
		struct mc_str tags = tags_of(a, sets[i], w, has_versions);
		size_t n = 0;

		while (n < machines &&
		       (seen[n][0] != sets[i]->machine || seen[n][1] != sets[i]->word_bits))
			n++;
		if (n == machines && machines < 32) {
			seen[machines][0] = sets[i]->machine;
			seen[machines++][1] = sets[i]->word_bits;
		}
		if (!tags.len)
			continue;
		with++;
		if (tells_soname)
			tags = checked(a, mc_arena_printf(a->arena, "%s %.*s", sets[i]->soname, MC_TEXT(tags)));
		answer(&groups, "", machine ? machine : "another machine", tags);
	}
	for (size_t i = 0; i < groups.count; i++) {
		bool is_all = groups.count == 1 && with == machines;

		text = checked(a, mc_arena_printf(a->arena, "%.*s%s%.*s%s%.*s", MC_TEXT(text),
						 text.len ? "; " : "", MC_TEXT(groups.items[i].text),
						 is_all ? "" : " on",
						 is_all ? 0 : (int)groups.items[i].who.len,
						 groups.items[i].who.ptr));
	}
	a->has_failed |= groups.has_failed;
	return text;
}

static void answer_libc(struct answers *a, const struct mc_libc *libc, const struct wanted *w,
			size_t *known)
{
	bool is_musl = libc->family == MC_LIBC_MUSL;
	struct mc_str text = sets_text(a, libc->sets, w, !is_musl, !is_musl), base;

	if (text.len) {
		++*known;
	} else if (is_musl && (base = mc_musl_lfs64(w->name, libc->version)).len) {
		++*known;
		text = checked(a, mc_arena_printf(a->arena,
						 "not in the table: the loader takes it for %.*s "
						 "(get_lfs64() of ldso/dynlink.c)",
						 MC_TEXT(base)));
	} else {
		text = !is_musl && w->version.len ? MC_STR("not in this version") : MC_STR("no");
	}
	answer(a, is_musl ? "musl" : "glibc", libc->version, text);
}

static void answer_libraries(struct answers *a, const struct mc_release *release,
			     const struct wanted *w, size_t *known)
{
	for (size_t i = 0; i < release->libraries_count; i++) {
		const struct mc_library *library = &release->libraries[i];
		struct mc_str text = sets_text(a, library->sets, w, release->libc->family == MC_LIBC_GLIBC,
					       true);

		if (!text.len)
			continue;
		++*known;
		answer(a, "on", release->name,
		       library->is_shipped || !library->package
			       ? text
			       : checked(a, mc_arena_printf(a->arena, "%.*s, of package %s", MC_TEXT(text),
							   library->package)));
	}
}

/* The i-th image if it is the first of its release.  */
static const struct mc_release *release_at(size_t i)
{
	for (size_t n = 0; n < i; n++)
		if (mc_image_at(n)->release == mc_image_at(i)->release)
			return NULL;
	return mc_image_at(i)->release;
}

enum mc_status mc_explain_symbol(struct mc_str word, struct mc_arena *arena,
				 const struct mc_answer **answers_out, size_t *count_out,
				 struct mc_error *err)
{
	struct mc_str rest = word;
	struct wanted w = {.name = mc_str_cut(&rest, '@')};
	struct answers a;
	size_t known = 0;

	if (rest.len && rest.ptr[0] == '@')
		rest = mc_str_skip(rest, 1);
	w.version = rest;
	w.name_id = mc_name_id(w.name);
	*count_out = 0;
	if (!begin(&a, arena))
		return mc_no_memory(err);
	for (size_t i = 0; mc_libc_at(i); i++)
		answer_libc(&a, mc_libc_at(i), &w, &known);
	for (size_t i = 0; mc_image_at(i) && w.name_id; i++)
		if (release_at(i))
			answer_libraries(&a, release_at(i), &w, &known);
	if (a.has_failed)
		return mc_no_memory(err);
	*answers_out = a.items;
	*count_out = known || w.name_id || mc_name_class(w.name)->name_class != MC_CLASS_NONE ? a.count : 0;
	return MC_OK;
}

/* ---- sonames ---- */

static bool is_of_libc(const struct mc_libc *libc, struct mc_str soname)
{
	for (size_t i = 0; libc->sets[i]; i++)
		if (mc_str_is(soname, mc_str_of(libc->sets[i]->soname)))
			return true;
	return false;
}

/* libpython3.N belongs to one Python's images alone.  */
static const struct mc_library *library_of(const struct mc_release *release, struct mc_str soname)
{
	const struct mc_library *library = NULL;

	for (size_t i = 0; mc_image_at(i) && !library; i++) {
		const struct mc_image_entry *image = mc_image_at(i);
		struct mc_target target = {.python_minor = image->python_minor, .release = release};

		if (image->release == release)
			library = mc_target_library(&target, soname);
	}
	return library;
}

static struct mc_str soname_text(struct answers *a, const struct mc_release *release,
				 struct mc_str soname)
{
	bool is_musl = release->libc->family == MC_LIBC_MUSL;
	const struct mc_library *library;

	if (is_musl && mc_musl_is_libc_name(soname))
		return MC_STR("musl itself: a reserved name, no file of it is looked for "
			      "(load_library() of ldso/dynlink.c)");
	if (is_musl && mc_str_starts(soname, MC_STR("ld-musl-")))
		return MC_STR("musl itself, on its own machine");
	if (!is_musl && is_of_libc(release->libc, soname))
		return MC_STR("glibc's own, shipped");
	library = library_of(release, soname);
	if (library && library->is_shipped)
		return library->package ? checked(a, mc_arena_printf(a->arena, "shipped by the image (%s)",
								    library->package))
			: mc_str_starts(soname, MC_STR("libpython3"))
				? MC_STR("shipped by the image of that Python")
				: MC_STR("shipped by the image");
	if (library && library->package)
		return checked(a, mc_arena_printf(a->arena, "not shipped; %s %s",
						 is_musl ? "apk add --no-cache"
							 : "apt-get install -y --no-install-recommends",
						 library->package));
	if (is_musl && mc_is_glibc_library(soname))
		return mc_is_gcompat_library(soname)
			       ? MC_STR("nobody: part of glibc (MC103); gcompat has a file of that name")
			       : MC_STR("nobody: part of glibc (MC103)");
	return MC_STR("nobody that is known (MC102, unless it comes with the dist)");
}

enum mc_status mc_explain_soname(struct mc_str soname, struct mc_arena *arena,
				 const struct mc_answer **answers_out, size_t *count_out,
				 struct mc_error *err)
{
	struct answers a;

	if (!begin(&a, arena))
		return mc_no_memory(err);
	for (size_t i = 0; mc_image_at(i); i++)
		if (release_at(i))
			answer(&a, "on", release_at(i)->name,
			       soname_text(&a, release_at(i), soname));
	if (a.has_failed)
		return mc_no_memory(err);
	*answers_out = a.items;
	*count_out = a.count;
	return MC_OK;
}

/* ---- near names ---- */

/* Levenshtein's distance; NEAR_DISTANCE_MAX + 1 where it is surely more than that.  */
static size_t distance(struct mc_str a, struct mc_str b)
{
	size_t row[NEAR_LEN_MAX + 1], above, corner;

	if (a.len > NEAR_LEN_MAX || b.len > a.len + NEAR_DISTANCE_MAX || a.len > b.len + NEAR_DISTANCE_MAX)
		return NEAR_DISTANCE_MAX + 1;
	for (size_t i = 0; i <= a.len; i++)
		row[i] = i;
	for (size_t n = 0; n < b.len; n++) {
		corner = row[0]++;
		for (size_t i = 0; i < a.len; i++) {
			above = row[i + 1];
			row[i + 1] = corner + (a.ptr[i] != b.ptr[n]);
			row[i + 1] = row[i] + 1 < row[i + 1] ? row[i] + 1 : row[i + 1];
			row[i + 1] = above + 1 < row[i + 1] ? above + 1 : row[i + 1];
			corner = above;
		}
	}
	return row[a.len];
}

size_t mc_explain_near(struct mc_str word, struct mc_str *near_out, size_t room)
{
	size_t count = 0;

	for (size_t wanted = 1; wanted <= NEAR_DISTANCE_MAX; wanted++) {
		for (size_t i = 0; i < mc_rule_texts_count && count < room; i++)
			if (distance(word, mc_str_of(mc_rule_texts[i].name)) == wanted)
				near_out[count++] = mc_str_of(mc_rule_texts[i].name);
		for (uint32_t id = 1; mc_name_text(id).len && count < room; id++)
			if (distance(word, mc_name_text(id)) == wanted)
				near_out[count++] = mc_name_text(id);
	}
	return count;
}

static bool is_among(const struct mc_str *items, size_t count, struct mc_str text)
{
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(items[i], text))
			return true;
	return false;
}

size_t mc_explain_near_soname(struct mc_str word, struct mc_str *near_out, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; mc_image_at(i); i++) {
		const struct mc_release *release = release_at(i);

		for (size_t n = 0; release && n < release->libraries_count && count < room; n++) {
			struct mc_str soname = mc_str_of(release->libraries[n].soname);

			if (!is_among(near_out, count, soname) && !mc_str_is(soname, word) &&
			    (mc_str_starts(soname, word) || distance(word, soname) <= NEAR_DISTANCE_MAX))
				near_out[count++] = soname;
		}
	}
	return count;
}

const char *mc_explain_trap(struct mc_str name)
{
	const struct mc_trap *trap = mc_trap_of(name);

	return trap ? mc_rule_info(trap->rule)->code : NULL;
}
