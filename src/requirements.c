/* SPDX-License-Identifier: MIT */
/*
 * Files and entries: pip 26.3, _internal/req/req_file.py (RequirementsFileParser, handle_line())
 * and _internal/req/constructors.py.
 */
#include "requirements_impl.h"

#include "dist.h"
#include "file.h"
#include "muslcheck/pep440.h"
#include "path.h"
#include "problems.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Changes of the sets of names; each looks at all of a set.  */
#define NAMES_CHANGES_MAX 100000
#define NAMES_MAX 1000

struct reader {
	const struct mc_requirements_options *options;
	struct mc_arena *arena;
	struct mc_requirements *out;
	struct mc_error *err;
	struct mc_problems problems;
	struct mc_req_buffers buffers;
	size_t nbytes_left, files_count, entries_room, constraints_room, names_changes;
	bool has_hashes, requires_hashes, never_requires_hashes;
};

/* One that is being read, and what includes it.  */
struct file {
	const struct file *includer;
	struct mc_str path, absolute;
	struct mc_str text; /* in the place of what the file holds; a NULL slice: read it */
	bool is_constraints;
	unsigned depth;
};

/* A line with where it stands.  */
struct place {
	const struct file *file;
	unsigned line;
	struct mc_str raw;
};

/* ---- words for a person ---- */

static enum mc_status problem(struct reader *r, const struct place *place, const char *fmt,
			      ...) MC_PRINTF(3, 4);

static enum mc_status problem(struct reader *r, const struct place *place, const char *fmt, ...)
{
	struct mc_str path = place->file->path;
	enum mc_status status;
	char head[160];
	va_list args;

	if (path.len > 120)
		path = mc_str_skip(path, path.len - 120);
	if (place->line)
		snprintf(head, sizeof(head), "%.*s:%u: ", MC_TEXT(path), place->line);
	else
		snprintf(head, sizeof(head), "%.*s: ", MC_TEXT(path));
	va_start(args, fmt);
	status = mc_problems_add(&r->problems, head, fmt, args);
	va_end(args);
	return status ? mc_no_memory(r->err) : MC_OK;
}

static bool has_url(struct mc_str text)
{
	return mc_str_find(text, MC_STR("://"), NULL);
}

/* A URL may hold a password.  */
static enum mc_status bad_entry(struct reader *r, const struct place *place, const char *why)
{
	struct mc_str text = place->raw;

	if (has_url(text))
		return problem(r, place, "%s", why);
	return problem(r, place, "%s: %.*s", why, text.len < 100 ? (int)text.len : 100, text.ptr);
}

static enum mc_status copy(struct reader *r, struct mc_str text, struct mc_str *copy_out)
{
	return mc_arena_copy(r->arena, text, copy_out) ? mc_no_memory(r->err) : MC_OK;
}

/* ---- lists ---- */

static enum mc_status add_text(struct reader *r, struct mc_requirements_list *list,
			       struct mc_str text)
{
	struct mc_str *items = mc_arena_grow(r->arena, list->items, list->count, &list->room, sizeof(*items));

	if (!items)
		return mc_no_memory(r->err);
	list->items = items;
	MC_TRY(copy(r, text, &list->items[list->count]));
	list->count++;
	return MC_OK;
}

/* ---- sets of names ---- */

static void drop_name(struct mc_requirements_names *names, struct mc_str name)
{
	for (size_t i = 0; i < names->count; i++)
		if (mc_str_is(names->items[i], name)) {
			names->items[i] = names->items[--names->count];
			return;
		}
}

static enum mc_status add_name(struct reader *r, struct mc_requirements_names *names,
			       struct mc_str name)
{
	for (size_t i = 0; i < names->count; i++)
		if (mc_str_is(names->items[i], name))
			return MC_OK;
	if (!names->items)
		names->items = MC_TAKE_ARRAY(r->arena, struct mc_str, NAMES_MAX);
	if (!names->items)
		return mc_no_memory(r->err);
	if (names->count < NAMES_MAX)
		names->items[names->count++] = name;
	return MC_OK;
}

/* Where the last 'word' among the parts of 'value' is, counted from 1; 0: nowhere.  */
static size_t last_part(struct mc_str value, struct mc_str word)
{
	size_t last = 0;

	for (size_t number = 1; value.len; number++)
		if (mc_str_is(mc_str_cut(&value, ','), word))
			last = number;
	return last;
}

/* FormatControl.handle_mutual_excludes(), and the same of ReleaseControl.  */
static enum mc_status change_names(struct reader *r, const struct place *place,
				   struct mc_str value, struct mc_requirements_names *to,
				   struct mc_requirements_names *from)
{
	const struct mc_str all = MC_STR(":all:"), none = MC_STR(":none:");
	size_t last_all = last_part(value, all);

	if (last_all) {
		to->count = from->count = 0;
		MC_TRY(add_name(r, to, all));
		if (last_part(value, none) < last_all)
			return MC_OK; /* ":all:" covers the rest */
	}
	for (size_t number = 1; value.len; number++) {
		struct mc_str raw = mc_str_cut(&value, ','), name;

		if (number <= last_all || !raw.len)
			continue;
		if (mc_str_is(raw, none)) {
			to->count = 0;
			continue;
		}
		if (++r->names_changes > NAMES_CHANGES_MAX || to->count == NAMES_MAX)
			return problem(r, place, "too many names in options");
		if (mc_dist_normalise(r->arena, raw, &name))
			return mc_no_memory(r->err);
		drop_name(from, name);
		MC_TRY(add_name(r, to, name));
	}
	return MC_OK;
}

/* ---- URLs and paths ---- */

/* urlsplit().scheme, as it is written; empty when there is none.  */
static struct mc_str scheme_of(struct mc_str url)
{
	struct mc_str none = {"", 0};

	for (size_t i = 0; i < url.len; i++) {
		char c = url.ptr[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (c == ':' && i)
			return (struct mc_str){url.ptr, i};
		if (!is_letter && (!i || (!(c >= '0' && c <= '9') && !memchr("+-.", c, 3))))
			return none;
	}
	return none;
}

static bool is_folded(struct mc_str text, const char *lower_case)
{
	return mc_str_is_folded(text, mc_str_of(lower_case));
}

static bool is_vcs(struct mc_str scheme)
{
	static const char *const schemes[] = {
		"git+http", "git+https", "git+ssh",         "git+git",  "git+file", "hg+file",
		"hg+http",  "hg+https",  "hg+ssh",          "svn+ssh",  "svn+http", "svn+https",
		"svn+svn",  "svn+file",  "hg+static-http",  "bzr+http", "bzr+ssh",  "bzr+https",
		"bzr+sftp", "bzr+ftp",   "bzr+lp",          "bzr+file",
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (is_folded(scheme, schemes[i]))
			return true;
	return false;
}

static bool is_http(struct mc_str scheme)
{
	return is_folded(scheme, "http") || is_folded(scheme, "https");
}

/* pip's _internal/vcs/versioncontrol.py, is_url().  */
static bool is_url(struct mc_str text)
{
	struct mc_str scheme = scheme_of(text);

	return is_http(scheme) || is_folded(scheme, "file") || is_folded(scheme, "ftp") ||
	       is_vcs(scheme);
}

static enum mc_requirements_kind kind_of(struct mc_str url)
{
	struct mc_str scheme = scheme_of(url);

	if (is_vcs(scheme))
		return MC_REQUIREMENTS_VCS;
	return !scheme.len || is_folded(scheme, "file") ? MC_REQUIREMENTS_PATH : MC_REQUIREMENTS_URL;
}

/* pip's _internal/utils/filetypes.py.  */
static bool is_archive(struct mc_str path)
{
	static const char *const endings[] = {
		".whl",  ".zip", ".tar.gz", ".tgz", ".tar",    ".tar.bz2",   ".tbz",
		".tar.xz", ".txz", ".tlz",  ".tar.lz", ".tar.lzma",
	};
	struct mc_str name = mc_path_base(path);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (name.len > strlen(endings[i]) && mc_name_ends(name, mc_str_of(endings[i])))
			return true;
	return false;
}

/* _looks_like_path().  */
static bool looks_like_path(struct mc_str text)
{
	return mc_str_starts(text, MC_STR(".")) || (text.len && memchr(text.ptr, '/', text.len));
}

/* What follows "#KEY=" or "&KEY=", up to the next "&"; ptr NULL when there is none.  */
static struct mc_str fragment_of(struct mc_str url, struct mc_str key)
{
	for (size_t i = 0; i < url.len; i++) {
		struct mc_str value = mc_str_skip(url, i + 1);

		if ((url.ptr[i] != '#' && url.ptr[i] != '&') || !mc_str_starts(value, key))
			continue;
		value = mc_str_skip(value, key.len);
		return mc_str_cut(&value, '&');
	}
	return (struct mc_str){NULL, 0};
}

static struct mc_str folder_of(struct mc_str path)
{
	return (struct mc_str){path.ptr, path.len - mc_path_base(path).len};
}

/* os.path.join(); a NUL would end the path early for the system.  */
static enum mc_status join(struct reader *r, struct mc_str folder, struct mc_str path,
			   struct mc_str *joined_out)
{
	*joined_out = (struct mc_str){"", 0};
	if (!path.len || memchr(path.ptr, '\0', path.len) || path.len + folder.len > PATH_MAX)
		return MC_OK;
	if (path.ptr[0] == '/')
		folder.len = 0;
	*joined_out = mc_arena_printf(r->arena, "%.*s%.*s", MC_TEXT(folder), MC_TEXT(path));
	return joined_out->len ? MC_OK : mc_no_memory(r->err);
}

/* ---- entries ---- */

struct entry_reader {
	struct reader *r;
	const struct mc_req_parsed *parsed;
	struct mc_requirements_entry *entry;
	const char *wrong; /* why it is none */
};

/* A requirement, or one that is 'wrong'; MC_ERR_NOMEM.  */
static enum mc_status read_pep508(struct entry_reader *e, struct mc_str text,
				  struct mc_requirement *out, const char *wrong)
{
	enum mc_status status = mc_requirement_read(e->r->arena, text, out, NULL);

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(e->r->err);
	if (status)
		e->wrong = wrong;
	return MC_OK;
}

/* "NAME TAIL" as one requirement.  */
static enum mc_status read_joined(struct entry_reader *e, struct mc_str name, const char *between,
				  struct mc_str tail, struct mc_requirement *out, const char *wrong)
{
	struct mc_str text;

	if (name.len + tail.len > MC_REQUIREMENT_NBYTES_MAX) {
		e->wrong = "it is too long";
		return MC_OK;
	}
	if (!name.len) {
		e->wrong = wrong;
		return MC_OK;
	}
	text = mc_arena_printf(e->r->arena, "%.*s%s%.*s", MC_TEXT(name), between, MC_TEXT(tail));
	return text.len ? read_pep508(e, text, out, wrong) : mc_no_memory(e->r->err);
}

static enum mc_status read_marker(struct entry_reader *e, struct mc_str marker)
{
	struct mc_requirement probe;

	if (!marker.len)
		return MC_OK;
	MC_TRY(read_joined(e, MC_STR("x"), ";", marker, &probe, "a marker that cannot be read"));
	if (!e->wrong)
		e->entry->requirement.marker = probe.marker;
	return MC_OK;
}

/* strip_extras(): "./x[a,b]" to "./x".  */
static enum mc_status cut_extras(struct entry_reader *e, struct mc_str *path)
{
	struct mc_requirement probe;
	size_t at = path->len;

	if (!mc_str_ends(*path, MC_STR("]")))
		return MC_OK;
	while (at && path->ptr[at - 1] != '[')
		at--;
	if (at < 2 || memchr(path->ptr + at, ']', path->len - at) != path->ptr + path->len - 1 ||
	    path->len - at < 2)
		return MC_OK;
	MC_TRY(read_joined(e, MC_STR("x"), "", mc_str_skip(*path, at - 1), &probe,
			   "extras that cannot be read"));
	if (e->wrong)
		return MC_OK;
	e->entry->requirement.extras = probe.extras;
	e->entry->requirement.extras_count = probe.extras_count;
	path->len = at - 1;
	*path = mc_req_strip(*path);
	return MC_OK;
}

/* pip's Wheel(): "NAME==VERSION".  */
static enum mc_status read_wheel_name(struct entry_reader *e, struct mc_str file_name)
{
	struct mc_requirement *requirement = &e->entry->requirement;
	struct mc_str name, version, build;
	struct mc_tags tags;
	enum mc_status status = mc_dist_wheel_name(e->r->arena, file_name, &name, &version, &build,
						   &tags);

	if (status == MC_ERR_NOMEM)
		return mc_no_memory(e->r->err);
	if (status || !mc_is_name(name) || !mc_pep440_is_valid(version)) {
		e->wrong = "a wheel without a proper name";
		return MC_OK;
	}
	requirement->name = name;
	requirement->specifiers = mc_arena_printf(e->r->arena, "==%.*s", MC_TEXT(version));
	return requirement->specifiers.len ? MC_OK : mc_no_memory(e->r->err);
}

/* Link._egg_fragment(): a name, without extras.  */
static enum mc_status read_egg(struct entry_reader *e, struct mc_str url, struct mc_str *name_out)
{
	struct mc_str egg = fragment_of(url, MC_STR("egg="));

	*name_out = (struct mc_str){"", 0};
	if (!egg.ptr)
		return MC_OK;
	if (!mc_is_name(egg)) {
		e->wrong = "an egg= that is no name";
		return MC_OK;
	}
	return mc_dist_normalise(e->r->arena, egg, name_out) ? mc_no_memory(e->r->err) : MC_OK;
}

/* "name @ url".  */
static enum mc_status read_direct(struct entry_reader *e)
{
	struct mc_str egg;

	e->entry->place = e->entry->requirement.url;
	e->entry->kind = kind_of(e->entry->place);
	return read_egg(e, e->entry->place, &egg);
}

/* A link: its name by its file or its fragment.  */
static enum mc_status read_link(struct entry_reader *e, struct mc_str link, bool is_path)
{
	struct mc_str file_name = mc_path_base(link);

	MC_TRY(copy(e->r, link, &e->entry->place));
	e->entry->kind = is_path ? MC_REQUIREMENTS_PATH : kind_of(link);
	if (!is_path && mc_url_base(e->r->arena, link, &file_name))
		return mc_no_memory(e->r->err);
	if (mc_str_ends(file_name, MC_STR(".whl")))
		return read_wheel_name(e, file_name);
	return is_path ? MC_OK : read_egg(e, link, &e->entry->requirement.name);
}

/* "https://host/x.whl; marker" and "x[y]>=1; marker": where the marker begins.  */
static struct mc_str cut_marker(struct mc_str *text)
{
	size_t mark_nbytes = is_url(*text) ? 2 : 1;
	struct mc_str marker;

	for (size_t i = 0; i + mark_nbytes <= text->len; i++) {
		if (memcmp(text->ptr + i, "; ", mark_nbytes))
			continue;
		marker = mc_str_skip(*text, i + mark_nbytes);
		text->len = i;
		return mc_req_strip(marker);
	}
	return (struct mc_str){"", 0};
}

/* parse_req_from_line().  */
static enum mc_status read_line(struct entry_reader *e, struct mc_str text)
{
	struct mc_requirement *requirement = &e->entry->requirement;
	struct mc_str marker = cut_marker(&text), rest, before, bare;
	bool is_direct;

	text = rest = mc_req_strip(text);
	if (is_url(text)) {
		MC_TRY(read_link(e, text, false));
		return e->wrong ? MC_OK : read_marker(e, marker);
	}
	before = mc_str_cut(&rest, '@');
	is_direct = before.len < text.len && !looks_like_path(before);
	bare = text;
	MC_TRY(cut_extras(e, &bare));
	if (e->wrong)
		return MC_OK;
	if (!is_direct && (is_archive(bare) || (looks_like_path(text) && !has_url(text)))) {
		MC_TRY(read_link(e, bare, true));
		return e->wrong ? MC_OK : read_marker(e, marker);
	}
	MC_TRY(read_joined(e, text, marker.len ? " ; " : "", marker, requirement,
			   "no requirement"));
	return e->wrong || !requirement->url.len ? MC_OK : read_direct(e);
}

/* "git:..." means "git+git:..." (_parse_pip_syntax_editable()).  */
static enum mc_status add_vcs_name(struct entry_reader *e, struct mc_str *url)
{
	static const char *const names[] = {"git", "hg", "svn", "bzr"};
	struct mc_str scheme = scheme_of(*url);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!is_folded(scheme, names[i]))
			continue;
		*url = mc_arena_printf(e->r->arena, "%s+%.*s", names[i], MC_TEXT(*url));
		return url->len ? MC_OK : mc_no_memory(e->r->err);
	}
	return MC_OK;
}

/* "host:folder" of ssh.  */
static bool has_host(struct mc_str path)
{
	struct mc_str first = mc_str_cut(&path, '/');

	return first.len && memchr(first.ptr, ':', first.len);
}

/* parse_editable(), and what install_req_from_editable() refuses.  */
static enum mc_status read_editable(struct entry_reader *e, struct mc_str text)
{
	struct mc_requirement *requirement = &e->entry->requirement;
	struct mc_str scheme;

	e->entry->is_editable = true;
	MC_TRY(read_pep508(e, text, requirement, "no requirement"));
	if (!e->wrong && requirement->url.len) {
		MC_TRY(read_direct(e));
	} else {
		e->wrong = NULL;
		*requirement = (struct mc_requirement){.name = {"", 0}};
		if (!scheme_of(text).len)
			MC_TRY(cut_extras(e, &text));
		MC_TRY(add_vcs_name(e, &text));
		if (e->wrong)
			return MC_OK;
		e->entry->kind = kind_of(text);
		MC_TRY(copy(e->r, text, &e->entry->place));
		if (scheme_of(text).len)
			MC_TRY(read_egg(e, text, &requirement->name));
	}
	scheme = scheme_of(e->entry->place);
	if (e->wrong)
		return MC_OK;
	if (!e->entry->place.len || e->entry->kind == MC_REQUIREMENTS_URL ||
	    (!scheme.len && has_host(e->entry->place)))
		e->wrong = "an editable one is a folder or a repository";
	else if (e->entry->kind == MC_REQUIREMENTS_VCS && !requirement->name.len)
		e->wrong = "an editable repository without a name";
	return MC_OK;
}

/* InstallRequirement.is_pinned: one specifier.  */
static bool is_pinned(struct mc_str specifiers)
{
	struct mc_str only = {"", 0};

	while (specifiers.len) {
		struct mc_str specifier = mc_req_strip(mc_str_cut(&specifiers, ','));

		if (!specifier.len)
			continue;
		if (only.len)
			return false;
		only = specifier;
	}
	return mc_str_starts(only, MC_STR("==")) && !memchr(only.ptr, '*', only.len);
}

static enum mc_status keep_hash(struct entry_reader *e, struct mc_str *list, struct mc_str hash)
{
	struct mc_requirements_entry *entry = e->entry;

	if (mc_sha256_text(e->r->arena, hash, &list[entry->sha256_count]))
		return mc_no_memory(e->r->err);
	if (list[entry->sha256_count].len)
		entry->sha256_count++;
	else
		entry->has_other_hashes = true;
	return MC_OK;
}

/* InstallRequirement.hashes(): of "--hash" and of the URL.  Those of editables pip passes over.  */
static enum mc_status read_hashes(struct entry_reader *e)
{
	static const char *const others[] = {"sha512=", "sha384=", "sha224=", "sha1=", "md5="};
	struct mc_requirements_entry *entry = e->entry;
	struct mc_str in_url = fragment_of(entry->place, MC_STR("sha256=")), *list;
	size_t count = 1;

	if (entry->is_editable)
		return MC_OK;
	for (size_t i = 0; i < e->parsed->count; i++)
		count += e->parsed->options[i].id == MC_REQ_HASH;
	list = MC_TAKE_ARRAY(e->r->arena, struct mc_str, count);
	if (!list)
		return mc_no_memory(e->r->err);
	for (size_t i = 0; i < e->parsed->count; i++)
		if (e->parsed->options[i].id == MC_REQ_HASH)
			MC_TRY(keep_hash(e, list, e->parsed->options[i].value));
	e->r->has_hashes |= count > 1; /* a URL's do not ask for hash mode */
	if (in_url.ptr)
		MC_TRY(keep_hash(e, list, in_url));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		entry->has_other_hashes |= fragment_of(entry->place, mc_str_of(others[i])).ptr != NULL;
	entry->sha256 = list;
	return MC_OK;
}

/* check_invalid_constraint_type().  */
static const char *check_constraint(const struct mc_requirements_entry *entry)
{
	if (entry->is_editable)
		return "an editable one is no constraint";
	if (!entry->requirement.name.len)
		return "a constraint without a name";
	return entry->requirement.extras_count ? "a constraint with extras" : NULL;
}

static enum mc_status keep_pointer(struct reader *r, struct mc_requirements_entry ***list,
				   size_t *count, size_t *room, struct mc_requirements_entry *entry)
{
	struct mc_requirements_entry **items = mc_arena_grow(r->arena, *list, *count, room, sizeof(*items));

	if (!items)
		return mc_no_memory(r->err);
	*list = items;
	(*list)[(*count)++] = entry;
	return MC_OK;
}

static enum mc_status keep_entry(struct reader *r, const struct file *file,
				 struct mc_requirements_entry *entry)
{
	struct mc_requirements *out = r->out;

	if (out->entries_count + out->constraints_count == MC_REQUIREMENTS_ENTRIES_MAX)
		return mc_fail(r->err, MC_ERR_LIMIT, file->path.ptr, "there are too many entries");
	if (!file->is_constraints)
		return keep_pointer(r, &out->entries, &out->entries_count, &r->entries_room, entry);
	MC_TRY(keep_pointer(r, &out->constraints, &out->constraints_count, &r->constraints_room,
			    entry));
	return mc_map_add(r->arena, &out->constraints_by_name,
			  mc_hash_text(entry->requirement.name), entry)
		       ? mc_no_memory(r->err)
		       : MC_OK;
}

static enum mc_status add_entry(struct reader *r, const struct place *place,
				const struct mc_req_parsed *parsed)
{
	const struct mc_req_option *editable = mc_req_first(parsed, MC_REQ_EDITABLE);
	struct mc_mark mark = mc_arena_mark(r->arena);
	struct mc_requirements_entry *entry = MC_TAKE(r->arena, struct mc_requirements_entry);
	struct entry_reader e = {r, parsed, entry, NULL};
	struct mc_str rest = place->raw, text = mc_req_cut_args(&rest);

	if (!entry)
		return mc_no_memory(r->err);
	entry->requirement = (struct mc_requirement){.name = {"", 0}, .marker = {"", 0}};
	entry->file = place->file->path;
	entry->line = place->line;
	if (editable)
		MC_TRY(read_editable(&e, parsed->args.len ? parsed->args : editable->value));
	else
		MC_TRY(read_line(&e, parsed->args));
	if (!e.wrong && place->file->is_constraints)
		e.wrong = check_constraint(entry);
	if (e.wrong) {
		mc_arena_rewind(r->arena, mark);
		return bad_entry(r, place, e.wrong);
	}
	entry->is_pinned = is_pinned(entry->requirement.specifiers);
	MC_TRY(copy(r, mc_req_strip(text).len ? mc_req_strip(text) : place->raw, &entry->text));
	MC_TRY(read_hashes(&e));
	return keep_entry(r, place->file, entry);
}

/* ---- options ---- */

/* handle_option_line(): one "--find-links" a line, relative to the file if it is there.  */
static enum mc_status add_find_links(struct reader *r, const struct place *place, struct mc_str value)
{
	struct mc_str path;

	if (!value.len)
		value = MC_STR(".");
	MC_TRY(join(r, folder_of(place->file->path), value, &path));
	return add_text(r, &r->out->find_links, path.len && !access(path.ptr, F_OK) ? path : value);
}

/* "--no-index" empties the list for good; "--index-url" begins it anew, before the others.  */
static enum mc_status take_indexes(struct reader *r, const struct mc_req_parsed *parsed)
{
	struct mc_requirements *out = r->out;
	const struct mc_req_option *last = NULL;

	for (size_t i = 0; i < parsed->count; i++) {
		if (parsed->options[i].id == MC_REQ_INDEX_URL)
			last = &parsed->options[i];
		out->has_no_index |= parsed->options[i].id == MC_REQ_NO_INDEX;
	}
	if (out->has_no_index) {
		out->index_urls.count = 0;
		return MC_OK;
	}
	if (last && last->value.len) {
		out->index_urls.count = 0;
		out->replaces_indexes = true;
		MC_TRY(add_text(r, &out->index_urls, last->value));
	}
	for (size_t i = 0; i < parsed->count; i++)
		if (parsed->options[i].id == MC_REQ_EXTRA_INDEX_URL)
			MC_TRY(add_text(r, &out->index_urls, parsed->options[i].value));
	return MC_OK;
}

/* What a line of options alone says.  */
static enum mc_status take_option(struct reader *r, const struct place *place,
				  const struct mc_req_option *option)
{
	struct mc_requirements *out = r->out;

	switch (option->id) {
	case MC_REQ_PREFER_BINARY:
		out->prefers_binary = true;
		return MC_OK;
	case MC_REQ_REQUIRE_HASHES:
		r->requires_hashes = true;
		return MC_OK;
	case MC_REQ_NO_REQUIRE_HASHES:
		r->never_requires_hashes = true;
		return MC_OK;
	case MC_REQ_PRE:
		return add_name(r, &out->all_releases, MC_STR(":all:"));
	case MC_REQ_TRUSTED_HOST:
		return add_text(r, &out->trusted_hosts, option->value);
	case MC_REQ_USE_FEATURE:
		return add_text(r, &out->features, option->value);
	case MC_REQ_HASH:
		return problem(r, place, "--hash without a requirement");
	case MC_REQ_INDEX_URL:
	case MC_REQ_EXTRA_INDEX_URL:
	case MC_REQ_NO_INDEX:
	case MC_REQ_CONSTRAINT:
	case MC_REQ_REQUIREMENT:
	case MC_REQ_EDITABLE:
	case MC_REQ_FIND_LINKS:
	case MC_REQ_NO_BINARY:
	case MC_REQ_ONLY_BINARY:
	case MC_REQ_ALL_RELEASES:
	case MC_REQ_ONLY_FINAL:
	case MC_REQ_CONFIG_SETTINGS:
	case MC_REQ_GLOBAL_OPTION:
		break;
	}
	return MC_OK;
}

static enum mc_status take_options(struct reader *r, const struct place *place,
				   const struct mc_req_parsed *parsed)
{
	const struct mc_req_option *find_links = mc_req_first(parsed, MC_REQ_FIND_LINKS);

	for (size_t i = 0; i < parsed->count; i++)
		MC_TRY(take_option(r, place, &parsed->options[i]));
	if (find_links)
		MC_TRY(add_find_links(r, place, find_links->value));
	return take_indexes(r, parsed);
}

/* The sets of names: pip's callbacks change them on any line, also on one of a requirement.  */
static enum mc_status take_names(struct reader *r, const struct place *place,
				 const struct mc_req_parsed *parsed)
{
	struct mc_requirements *out = r->out;

	for (size_t i = 0; i < parsed->count; i++) {
		struct mc_str value = parsed->options[i].value;

		if (parsed->options[i].id == MC_REQ_NO_BINARY)
			MC_TRY(change_names(r, place, value, &out->no_binary, &out->only_binary));
		if (parsed->options[i].id == MC_REQ_ONLY_BINARY)
			MC_TRY(change_names(r, place, value, &out->only_binary, &out->no_binary));
		if (parsed->options[i].id == MC_REQ_ALL_RELEASES)
			MC_TRY(change_names(r, place, value, &out->all_releases, &out->only_final));
		if (parsed->options[i].id == MC_REQ_ONLY_FINAL)
			MC_TRY(change_names(r, place, value, &out->only_final, &out->all_releases));
	}
	return MC_OK;
}

/* ---- files ---- */

static enum mc_status read_file(struct reader *r, struct file *file, struct mc_error *err);

/* os.path.abspath(), to know loops by.  */
static enum mc_status make_absolute(struct reader *r, struct file *file)
{
	char cwd[PATH_MAX];

	if (!getcwd(cwd, sizeof(cwd)))
		strcpy(cwd, "/");
	return mc_path_join(r->arena, mc_str_of(cwd), file->path, &file->absolute)
		       ? mc_no_memory(r->err)
		       : MC_OK;
}

static bool is_loop(const struct file *file)
{
	for (const struct file *at = file->includer; at; at = at->includer)
		if (mc_str_is(at->absolute, file->absolute))
			return true;
	return false;
}

/* RequirementsFileParser._parse_and_recurse(): relative to the including file.  */
static enum mc_status read_nested(struct reader *r, const struct place *place, struct mc_str path,
				  bool is_constraints)
{
	struct file file = {.includer = place->file,
			    .is_constraints = is_constraints,
			    .depth = place->file->depth + 1};
	struct mc_error trouble = MC_ERROR_INIT;
	struct mc_str scheme = scheme_of(path);
	enum mc_status status;

	if (is_http(scheme))
		return problem(r, place, "a requirements file at a URL is not fetched");
	if (is_folded(scheme, "file") && path.len > 7 && !memcmp(path.ptr + 4, "://", 3))
		if (mc_url_file(r->arena, path, &path))
			return mc_no_memory(r->err);
	MC_TRY(join(r, folder_of(place->file->path), path, &file.path));
	if (!file.path.len)
		return bad_entry(r, place, "no path of a file");
	MC_TRY(make_absolute(r, &file));
	if (is_loop(&file))
		return bad_entry(r, place, "a file that includes itself");
	if (file.depth >= MC_REQUIREMENTS_DEPTH_MAX)
		return bad_entry(r, place, "files included too deep");
	if (r->files_count == MC_REQUIREMENTS_FILES_MAX)
		return bad_entry(r, place, "too many files included");
	status = read_file(r, &file, &trouble);
	if (trouble.status && trouble.status != MC_ERR_NOMEM) /* of the file, not of what is in it */
		return bad_entry(r, place, trouble.text);
	return trouble.status ? mc_no_memory(r->err) : status;
}

static enum mc_status read_parsed(struct reader *r, const struct place *place,
				  const struct mc_req_parsed *parsed)
{
	const struct mc_req_option *nested = mc_req_first(parsed, MC_REQ_REQUIREMENT);
	bool is_constraints = !nested;

	if (parsed->wrong)
		return bad_entry(r, place, parsed->wrong);
	MC_TRY(take_names(r, place, parsed));
	if (parsed->args.len || mc_req_first(parsed, MC_REQ_EDITABLE))
		return add_entry(r, place, parsed);
	if (!nested)
		nested = mc_req_first(parsed, MC_REQ_CONSTRAINT);
	/* Of the rest of such a line pip reads nothing.  */
	return nested ? read_nested(r, place, nested->value, is_constraints)
		      : take_options(r, place, parsed);
}

static enum mc_status read_lines(struct reader *r, const struct file *file, struct mc_arena *scratch,
				 struct mc_str text)
{
	struct mc_req_lines lines = {.rest = text, .options = r->options, .buffers = &r->buffers};
	struct mc_req_line line;

	while (mc_req_next_line(&lines, &line)) {
		struct mc_mark mark = mc_arena_mark(scratch);
		struct place place = {file, line.number, line.raw};
		struct mc_req_parsed parsed;

		if (line.wrong) {
			MC_TRY(problem(r, &place, "%s", line.wrong));
			continue;
		}
		if (mc_req_parse(scratch, line.text, &parsed))
			return mc_no_memory(r->err);
		MC_TRY(read_parsed(r, &place, &parsed));
		mc_arena_rewind(scratch, mark);
	}
	return MC_OK;
}

/* 'err' is of the file itself.  */
static enum mc_status read_file(struct reader *r, struct file *file, struct mc_error *err)
{
	const struct place whole = {file, 0, {"", 0}};
	struct mc_str bytes, text, unknown;
	struct mc_arena scratch;
	enum mc_status status;

	mc_arena_init(&scratch, r->arena->alloc);
	r->files_count++;
	bytes = file->text;
	status = bytes.ptr ? MC_OK
			   : mc_read_whole(&scratch, file->path.ptr, r->nbytes_left, &bytes, err);
	if (status)
		goto out;
	r->nbytes_left -= bytes.len;
	if (mc_req_decode(&scratch, bytes, &text, &unknown))
		status = mc_no_memory(err);
	else if (unknown.len)
		status = problem(r, &whole, "its encoding is not known here: %.*s",
				 unknown.len < 40 ? (int)unknown.len : 40, unknown.ptr);
	if (!status)
		status = read_lines(r, file, &scratch, text);
out:
	mc_arena_clear(&scratch);
	return status;
}

static enum mc_status read_all(struct reader *r, struct mc_str text, const char *path)
{
	struct file file = {.text = text, .is_constraints = r->options && r->options->is_constraints};

	MC_TRY(copy(r, mc_str_of(path), &file.path));
	MC_TRY(make_absolute(r, &file));
	MC_TRY(read_file(r, &file, r->err));
	if (mc_problems_end(&r->problems))
		return mc_no_memory(r->err);
	r->out->problems = r->problems.items;
	r->out->problems_count = r->problems.count;
	/* RequirementCommand.get_requirements().  */
	r->out->requires_hashes =
		r->requires_hashes || (r->has_hashes && !r->never_requires_hashes);
	return MC_OK;
}

/* 'text' is a NULL slice: the file's own.  */
static enum mc_status read_list(struct mc_str text, const char *path,
				const struct mc_requirements_options *options,
				struct mc_arena *arena, struct mc_requirements *out, struct mc_error *err)
{
	struct reader r = {.options = options,
			   .arena = arena,
			   .out = out,
			   .err = err,
			   .problems = {.arena = arena, .max = MC_REQUIREMENTS_PROBLEMS_MAX},
			   .nbytes_left = MC_REQUIREMENTS_NBYTES_MAX};
	enum mc_status status;
	struct mc_arena scratch;
	char *buffers;

	*out = (struct mc_requirements){.entries = NULL};
	mc_arena_init(&scratch, arena->alloc);
	buffers = mc_arena_take_array(&scratch, 3, MC_REQUIREMENTS_LINE_NBYTES_MAX, 1);
	if (buffers) {
		r.buffers.raw = buffers;
		r.buffers.one = buffers + MC_REQUIREMENTS_LINE_NBYTES_MAX;
		r.buffers.other = r.buffers.one + MC_REQUIREMENTS_LINE_NBYTES_MAX;
		status = read_all(&r, text, path);
	} else {
		status = mc_no_memory(err);
	}
	mc_arena_clear(&scratch);
	return status;
}

enum mc_status mc_requirements_read(const char *path, const struct mc_requirements_options *options,
				    struct mc_arena *arena, struct mc_requirements *out,
				    struct mc_error *err)
{
	return read_list((struct mc_str){NULL, 0}, path, options, arena, out, err);
}

enum mc_status mc_requirements_read_text(struct mc_str text, const char *path,
					 const struct mc_requirements_options *options,
					 struct mc_arena *arena, struct mc_requirements *out,
					 struct mc_error *err)
{
	if (text.len > MC_REQUIREMENTS_NBYTES_MAX)
		return mc_fail(err, MC_ERR_LIMIT, path, "it is longer than any such file");
	return read_list(text, path, options, arena, out, err);
}

/* ---- what is there ---- */

const struct mc_requirements_entry *
mc_requirements_constraint(const struct mc_requirements *requirements, struct mc_str name, size_t *at)
{
	struct mc_requirements_entry *entry;

	while ((entry = mc_map_next(&requirements->constraints_by_name, mc_hash_text(name), at)))
		if (mc_str_is(entry->requirement.name, name))
			return entry;
	return NULL;
}

static bool is_listed(const struct mc_requirements_names *list, struct mc_str name)
{
	for (size_t i = 0; i < list->count; i++)
		if (mc_str_is(list->items[i], name))
			return true;
	return false;
}

/* get_allowed_formats(): a name is stronger than ":all:".  */
static bool takes(const struct mc_requirements_names *refused, const struct mc_requirements_names *wanted,
		  struct mc_str name)
{
	return !is_listed(refused, name) && (!is_listed(refused, MC_STR(":all:")) || is_listed(wanted, name));
}

bool mc_requirements_takes_wheel(const struct mc_requirements *requirements, struct mc_str name)
{
	return takes(&requirements->no_binary, &requirements->only_binary, name);
}

bool mc_requirements_takes_sdist(const struct mc_requirements *requirements, struct mc_str name)
{
	return takes(&requirements->only_binary, &requirements->no_binary, name);
}

bool mc_requirements_takes_sha256(const struct mc_requirements_entry *entry, struct mc_str sha256)
{
	if (entry->has_other_hashes || !entry->sha256_count)
		return true;
	for (size_t i = 0; i < entry->sha256_count; i++)
		if (mc_str_is(entry->sha256[i], sha256))
			return true;
	return false;
}

/* "requirements" as one of the words between dashes, underscores and dots.  */
static bool has_word(struct mc_str stem, const char *word)
{
	while (stem.len) {
		size_t len = 0;

		while (len < stem.len && !memchr("-_.", stem.ptr[len], 3))
			len++;
		if (is_folded((struct mc_str){stem.ptr, len}, word))
			return true;
		stem = mc_str_skip(stem, len < stem.len ? len + 1 : len);
	}
	return false;
}

bool mc_requirements_is_name(struct mc_str path)
{
	struct mc_str stem = mc_path_base(path), folder = mc_path_base(mc_path_parent(path));

	if (mc_str_ends(stem, MC_STR(".in"))) {
		/* Others end so too: MANIFEST.in, config.h.in.  */
		stem.len -= 3;
		return stem.len && !memchr(stem.ptr, '.', stem.len) && !is_folded(stem, "manifest");
	}
	if (!mc_str_ends(stem, MC_STR(".txt")) || stem.len == 4)
		return false;
	stem.len -= 4;
	return is_folded(folder, "requirements") || has_word(stem, "requirements") ||
	       has_word(stem, "constraints");
}
