/* SPDX-License-Identifier: MIT */
/* pylock.toml, PEP 751: each package has its marker, and all that it takes.  */
#include "lock_impl.h"

static enum mc_status add_file(struct mc_lock_reader *r, struct mc_lock_package *package,
			       const struct mc_toml *table)
{
	const struct mc_toml *nbytes = mc_toml_get(table, MC_STR("size"));
	const struct mc_toml *hashes = mc_toml_get(table, MC_STR("hashes"));
	struct mc_lock_file file = {.file_name = mc_toml_text(table, MC_STR("name")),
				    .url = mc_toml_text(table, MC_STR("url")),
				    .path = mc_toml_text(table, MC_STR("path")),
				    .hash = mc_toml_text(hashes, MC_STR("sha256")),
				    .nbytes = nbytes ? nbytes->integer : 0};

	/* Where both are given: the path is of the machine that locked, the URL is everyone's.  */
	if (file.url.len)
		file.path.len = 0;
	return mc_lock_add_file(r, package, &file);
}

static const struct mc_toml *table_of(const struct mc_toml *table, struct mc_str key)
{
	const struct mc_toml *value = mc_toml_get(table, key);

	return value && value->type == MC_TOML_TABLE ? value : NULL;
}

static enum mc_status add_files(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	size_t count;
	const struct mc_toml *wheels = mc_toml_items(table, MC_STR("wheels"), &count);
	const struct mc_toml *sdist = table_of(table, MC_STR("sdist"));
	const struct mc_toml *archive = table_of(table, MC_STR("archive"));

	MC_TRY(mc_lock_room(r, package, count + 2));
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_file(r, package, &wheels[i]));
	if (sdist)
		MC_TRY(add_file(r, package, sdist));
	return archive ? add_file(r, package, archive) : MC_OK;
}

/* Where it is from: the table that only such a package has.  */
static enum mc_status read_kind(struct mc_lock_reader *r, struct mc_lock_package *package,
				const struct mc_toml *table)
{
	const struct mc_toml *archive = table_of(table, MC_STR("archive"));
	const struct mc_toml *folder = table_of(table, MC_STR("directory"));
	const struct mc_toml *vcs = table_of(table, MC_STR("vcs")), *from = NULL;
	struct mc_str place;

	if (archive) {
		from = archive;
		package->kind = mc_toml_text(archive, MC_STR("url")).len ? MC_LOCK_URL : MC_LOCK_PATH;
	} else if (vcs) {
		from = vcs;
		package->kind = MC_LOCK_GIT;
	} else if (folder) {
		from = folder;
		package->kind = MC_LOCK_PATH;
	}
	place = mc_toml_text(from, MC_STR("url"));
	if (!place.len)
		place = mc_toml_text(from, MC_STR("path"));
	if (folder && mc_str_is(place, MC_STR(".")))
		package->kind = MC_LOCK_PROJECT;
	return mc_lock_copy(r, place, &package->place);
}

static enum mc_status add_package(struct mc_lock_reader *r, const struct mc_toml *table)
{
	struct mc_lock_package *package;
	bool is_built = mc_toml_get(table, MC_STR("vcs")) || mc_toml_get(table, MC_STR("directory")) ||
			mc_toml_get(table, MC_STR("archive"));

	MC_TRY(mc_lock_add(r, table->line, mc_toml_text(table, MC_STR("name")),
			   mc_toml_text(table, MC_STR("version")), !is_built, &package));
	if (!package)
		return MC_OK;
	MC_TRY(mc_lock_copy(r, mc_toml_text(table, MC_STR("marker")), &package->marker));
	MC_TRY(mc_lock_copy(r, mc_toml_text(table, MC_STR("requires-python")),
			    &package->requires_python));
	MC_TRY(read_kind(r, package, table));
	return add_files(r, package, table);
}

enum mc_status mc_lock_read_pylock(struct mc_lock_reader *r, const struct mc_toml *root)
{
	struct mc_lock *lock = r->lock;
	struct mc_str version = mc_toml_text(root, MC_STR("lock-version"));
	size_t count;
	const struct mc_toml *items = mc_toml_items(root, MC_STR("default-groups"), &count);

	lock->format = "pylock.toml";
	lock->names_files = lock->is_pep751 = true;
	if (!mc_str_is(mc_str_cut(&version, '.'), MC_STR("1")))
		return mc_lock_fail(r, MC_ERR_UNSUPPORTED,
				    "only lock-version 1 of pylock.toml is read (PEP 751)");
	MC_TRY(mc_lock_copy(r, mc_toml_text(root, MC_STR("requires-python")), &lock->requires_python));
	MC_TRY(mc_lock_copy_list(r, items, count, &lock->default_groups,
				 &lock->default_groups_count));
	items = mc_toml_items(root, MC_STR("packages"), &count);
	for (size_t i = 0; i < count; i++)
		MC_TRY(add_package(r, &items[i]));
	return MC_OK;
}
