/* SPDX-License-Identifier: MIT */
/*
 * Pipfile.lock, 'pip inspect' and 'pip install --report' (pip's documentation, "Reference Guide":
 * "pip inspect JSON output format", "Installation Report").  One is told from another by its
 * content.
 */
#include "json_read.h"
#include "lock_impl.h"

#include <string.h>

/* jansson makes a tree of a hundred bytes out of "[]".  */
#define MARKS_MAX ((size_t)1 << 20)

static size_t count_marks(struct mc_str text)
{
	size_t count = 0;
	bool is_text = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (is_text && c == '\\')
			i++;
		else if (c == '"')
			is_text = !is_text;
		else if (!is_text)
			count += c == '[' || c == '{' || c == ',' || c == ':';
	}
	return count;
}

static struct mc_str text_of(const json_t *value)
{
	if (!json_is_string(value))
		return (struct mc_str){"", 0};
	return (struct mc_str){json_string_value(value), json_string_length(value)};
}

static struct mc_str member(const json_t *object, const char *key)
{
	return text_of(json_object_get(object, key));
}

/* ---- Pipfile.lock ---- */

/* PEP 440's "==1.0"; Pipenv writes no other operator.  */
static struct mc_str pinned_version(const json_t *entry)
{
	struct mc_str version = member(entry, "version");

	while (mc_str_starts(version, MC_STR("=")))
		version = mc_str_skip(version, 1);
	return version;
}

static enum mc_status read_pipfile_kind(struct mc_lock_reader *r, struct mc_lock_package *package,
					const json_t *entry)
{
	static const struct {
		const char *key;
		enum mc_lock_kind kind;
	} kinds[] = {{"file", MC_LOCK_URL}, {"path", MC_LOCK_PATH}, {"git", MC_LOCK_GIT},
		     {"hg", MC_LOCK_GIT},   {"svn", MC_LOCK_GIT},   {"bzr", MC_LOCK_GIT}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct mc_str place = member(entry, kinds[i].key);

		if (!place.len)
			continue;
		package->kind = kinds[i].kind;
		if (kinds[i].kind == MC_LOCK_PATH && mc_str_is(place, MC_STR(".")))
			package->kind = MC_LOCK_PROJECT;
		return mc_lock_copy(r, place, &package->place);
	}
	return MC_OK;
}

/* As many groups as one package may be in.  */
#define GROUPS_MAX 64

static enum mc_status join_group(struct mc_lock_reader *r, struct mc_lock_package *package,
				 struct mc_str group)
{
	struct mc_str *groups;

	if (package->groups_count == GROUPS_MAX)
		return MC_OK;
	groups = MC_TAKE_ARRAY(r->arena, struct mc_str, package->groups_count + 1);
	if (!groups)
		return mc_no_memory(r->err);
	if (package->groups_count)
		memcpy(groups, package->groups, package->groups_count * sizeof(*groups));
	groups[package->groups_count++] = group;
	package->groups = groups;
	return MC_OK;
}

static enum mc_status find_locked(struct mc_lock_reader *r, struct mc_str raw, struct mc_str version,
				  struct mc_str marker, struct mc_lock_package **package_out)
{
	struct mc_str name;

	MC_TRY(mc_lock_name(r, raw, &name));
	for (size_t at = 0; (*package_out = mc_lock_next(r, name, &at));)
		if (mc_str_is((*package_out)->version, version) &&
		    mc_str_is((*package_out)->marker, marker))
			return MC_OK;
	return MC_OK;
}

static enum mc_status add_pipfile_entry(struct mc_lock_reader *r, struct mc_str group,
					struct mc_str name, const json_t *entry)
{
	struct mc_str version = pinned_version(entry), marker = member(entry, "markers");
	bool is_built = json_object_get(entry, "git") || json_object_get(entry, "path") ||
			json_object_get(entry, "file") || json_object_get(entry, "hg") ||
			json_object_get(entry, "svn") || json_object_get(entry, "bzr");
	struct mc_lock_package *package;

	MC_TRY(find_locked(r, name, version, marker, &package));
	if (package) /* in "default" and in "develop" */
		return join_group(r, package, group);
	MC_TRY(mc_lock_add(r, 0, name, version, !is_built, &package));
	if (!package)
		return MC_OK;
	MC_TRY(mc_lock_copy(r, marker, &package->marker));
	MC_TRY(read_pipfile_kind(r, package, entry));
	return join_group(r, package, group);
}

static enum mc_status add_pipfile_section(struct mc_lock_reader *r, const char *key, json_t *section)
{
	struct mc_str group = {"", 0};
	const char *name;
	json_t *entry;

	if (!strcmp(key, "develop")) /* "pipenv install --dev" */
		group = MC_STR("dev");
	else if (strcmp(key, "default"))
		MC_TRY(mc_lock_name(r, mc_str_of(key), &group));
	json_object_foreach (section, name, entry)
		MC_TRY(add_pipfile_entry(r, group, mc_str_of(name), entry));
	return MC_OK;
}

static enum mc_status read_pipfile(struct mc_lock_reader *r, json_t *root)
{
	json_t *spec = json_object_get(json_object_get(root, "_meta"), "pipfile-spec");
	const char *key;
	json_t *section;

	r->lock->format = "Pipfile.lock";
	if (json_integer_value(spec) != 6)
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED, "only pipfile-spec 6 of Pipfile.lock is read");
	json_object_foreach (root, key, section)
		if (strcmp(key, "_meta"))
			MC_TRY(add_pipfile_section(r, key, section));
	return MC_OK;
}

/* ---- pip's reports ---- */

/* PEP 610, "direct_url.json".  */
static enum mc_status read_direct_url(struct mc_lock_reader *r, struct mc_lock_package *package,
				      const json_t *direct)
{
	struct mc_str url = member(direct, "url");

	if (json_object_get(direct, "vcs_info"))
		package->kind = MC_LOCK_GIT;
	else if (json_object_get(direct, "dir_info") || mc_str_starts(url, MC_STR("file:")))
		package->kind = MC_LOCK_PATH;
	else if (url.len)
		package->kind = MC_LOCK_URL;
	return mc_lock_copy(r, url, &package->place);
}

static enum mc_status add_reported(struct mc_lock_reader *r, const json_t *entry,
				   struct mc_lock_package **package_out)
{
	const json_t *metadata = json_object_get(entry, "metadata");

	MC_TRY(mc_lock_add(r, 0, member(metadata, "name"), member(metadata, "version"), true,
			   package_out));
	if (!*package_out)
		return MC_OK;
	return mc_lock_copy(r, member(metadata, "requires_python"), &(*package_out)->requires_python);
}

static enum mc_status read_inspect(struct mc_lock_reader *r, const json_t *installed)
{
	r->lock->format = "pip inspect";
	for (size_t i = 0; i < json_array_size(installed); i++) {
		const json_t *entry = json_array_get(installed, i);
		struct mc_lock_package *package;

		MC_TRY(add_reported(r, entry, &package));
		if (package)
			MC_TRY(read_direct_url(r, package, json_object_get(entry, "direct_url")));
	}
	return MC_OK;
}

static enum mc_status add_install(struct mc_lock_reader *r, const json_t *entry)
{
	const json_t *info = json_object_get(entry, "download_info");
	const json_t *archive = json_object_get(info, "archive_info");
	struct mc_lock_file file = {.url = member(info, "url"),
				    .hash = member(json_object_get(archive, "hashes"), "sha256")};
	struct mc_lock_package *package;

	MC_TRY(add_reported(r, entry, &package));
	if (!package)
		return MC_OK;
	if (!file.hash.len) /* before pip 23 */
		file.hash = member(archive, "hash");
	if (json_is_true(json_object_get(entry, "is_direct")))
		MC_TRY(read_direct_url(r, package, info));
	if (!json_is_object(archive))
		return MC_OK;
	MC_TRY(mc_lock_room(r, package, 1));
	return mc_lock_add_file(r, package, &file);
}

static enum mc_status read_report(struct mc_lock_reader *r, const json_t *install)
{
	r->lock->format = "pip report";
	r->lock->names_files = true;
	for (size_t i = 0; i < json_array_size(install); i++)
		MC_TRY(add_install(r, json_array_get(install, i)));
	return MC_OK;
}

/* "3.12": 12 */
static unsigned read_minor(struct mc_str version)
{
	unsigned minor = 0;

	if (!mc_str_starts(version, MC_STR("3.")))
		return 0;
	for (size_t i = 2; i < version.len && i < 4 && version.ptr[i] >= '0' && version.ptr[i] <= '9'; i++)
		minor = minor * 10 + (unsigned)(version.ptr[i] - '0');
	return minor;
}

/* ---- which of them ---- */

static enum mc_status read_object(struct mc_lock_reader *r, json_t *root)
{
	const json_t *installed = json_object_get(root, "installed");
	const json_t *install = json_object_get(root, "install");

	if (json_is_object(json_object_get(root, "_meta")))
		return read_pipfile(r, root);
	if (!json_is_array(installed) && !json_is_array(install))
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED,
				    "it is no lock file and no report of pip");
	if (!mc_str_is(member(root, "version"), MC_STR("1")))
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED, "only version 1 of pip's reports is read");
	r->lock->is_record = true;
	r->lock->python_minor = read_minor(
		member(json_object_get(root, "environment"), "python_version"));
	return json_is_array(installed) ? read_inspect(r, installed) : read_report(r, install);
}

static bool looks_like_json(struct mc_str text)
{
	while (text.len && memchr(" \t\r\n", text.ptr[0], 4))
		text = mc_str_skip(text, 1);
	return mc_str_starts(text, MC_STR("{"));
}

enum mc_status mc_lock_read_json(struct mc_lock_reader *r, struct mc_str text)
{
	enum mc_status status;
	json_error_t trouble;
	json_t *root;

	if (!looks_like_json(text))
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED, "it is no lock file and no report of pip");
	if (count_marks(text) > MARKS_MAX)
		return mc_lock_fail(r, MC_ERR_LIMIT, "it has too many values");
	root = mc_json_load(text, 0, &trouble);
	if (!root && json_error_code(&trouble) == json_error_out_of_memory)
		return mc_no_memory(r->err);
	/* Its own words quote the text.  */
	if (!root)
		return mc_fail(r->err, MC_ERR_FORMAT, r->path, "line %d: it is not JSON", trouble.line);
	status = read_object(r, root);
	json_decref(root);
	return status;
}
