/* SPDX-License-Identifier: MIT */
#include "muslcheck/sysroot.h"

#include "dist.h"
#include "file.h"
#include "path.h"
#include "refusal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_NBYTES_MAX ((uint64_t)64 << 10) /* of os-release and the loaders' settings */
#define FOLDERS_MAX 256
#define PYTHON_MINOR_MAX 40

/* What is needed while it is looked at.  */
struct looker {
	struct mc_sysroot *root;
	struct mc_arena *arena;
	struct mc_str folders[FOLDERS_MAX];
	struct mc_error *err;
};

/* ---- files of the image ---- */

/* The text of a small file; empty when there is none.  */
static enum mc_status read_text(struct looker *l, const char *path, struct mc_str *text_out)
{
	struct mc_str real;
	enum mc_status status = mc_real_path_in(l->arena, l->root->dir, mc_str_of(path), &real);

	*text_out = MC_STR("");
	if (!status)
		status = mc_read_text(l->arena, AT_FDCWD, real.ptr, TEXT_NBYTES_MAX, text_out);
	return status == MC_ERR_NOMEM ? mc_no_memory(l->err) : MC_OK;
}

/* The host's path of a regular file of the image; empty when there is none.  */
static enum mc_status find_file(struct looker *l, const char *path, struct mc_str *real_out)
{
	struct stat info;
	enum mc_status status = mc_real_path_in(l->arena, l->root->dir, mc_str_of(path), real_out);

	if (status || mc_heed(stat(real_out->ptr, &info)) || !S_ISREG(info.st_mode))
		*real_out = MC_STR("");
	return status == MC_ERR_NOMEM ? mc_no_memory(l->err) : MC_OK;
}

/* ---- which system ---- */

/* The value of a line 'KEY=value' or 'KEY="value"'; os-release(5).  */
static struct mc_str value_of(struct mc_str text, const char *key)
{
	struct mc_str line;

	while (mc_text_line(&text, &line)) {
		struct mc_str value = line;

		if (!mc_str_starts(line, mc_str_of(key)))
			continue;
		value = mc_str_skip(value, strlen(key));
		if (!mc_str_starts(value, MC_STR("=")))
			continue;
		value = mc_str_skip(value, 1);
		if (value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'') &&
		    value.ptr[value.len - 1] == value.ptr[0])
			value = (struct mc_str){value.ptr + 1, value.len - 2};
		return value;
	}
	return MC_STR("");
}

/* "3.24.1" is of the release "alpine3.24".  */
static struct mc_str first_two_numbers(struct mc_str version)
{
	size_t dots = 0, n = 0;

	while (n < version.len && !(version.ptr[n] == '.' && ++dots == 2))
		n++;
	return (struct mc_str){version.ptr, n};
}

static const struct mc_release *release_named(struct mc_str name)
{
	for (size_t i = 0; mc_image_at(i); i++)
		if (mc_str_is(name, mc_str_of(mc_image_at(i)->release->name)))
			return mc_image_at(i)->release;
	return NULL;
}

static enum mc_status read_os(struct looker *l)
{
	struct mc_str text, id, version, name;

	MC_TRY(read_text(l, "/etc/os-release", &text));
	if (!text.len)
		MC_TRY(read_text(l, "/usr/lib/os-release", &text));
	id = value_of(text, "ID");
	if (!id.len)
		return MC_OK;
	version = value_of(text, "VERSION_CODENAME");
	if (mc_str_is(id, MC_STR("alpine")) || !version.len)
		version = value_of(text, "VERSION_ID");
	l->root->os = mc_arena_printf(l->arena, "%.*s %.*s", MC_TEXT(id), MC_TEXT(version));
	name = mc_str_is(id, MC_STR("alpine"))
		       ? mc_arena_printf(l->arena, "alpine%.*s", MC_TEXT(first_two_numbers(version)))
		       : mc_arena_printf(l->arena, "slim-%.*s", MC_TEXT(version));
	if (!l->root->os.len || !name.len)
		return mc_no_memory(l->err);
	if (mc_str_is(id, MC_STR("alpine")) || mc_str_is(id, MC_STR("debian")))
		l->root->target.release = release_named(name);
	return MC_OK;
}

/* ---- Python, and the loader that its programs ask for ---- */

static enum mc_status read_elf(struct looker *l, struct mc_str real, struct mc_elf *elf_out, bool *is_elf_out)
{
	struct mc_error why = MC_ERROR_INIT;
	struct mc_image image = {.fd = mc_open_at(AT_FDCWD, real.ptr, 0)};
	enum mc_status status;
	struct stat info;

	*is_elf_out = false;
	if (image.fd < 0 || mc_heed(fstat(image.fd, &info))) {
		mc_close_fd(image.fd);
		return MC_OK;
	}
	image.nbytes = (uint64_t)info.st_size;
	status = mc_elf_read(&image, l->arena, elf_out, &why);
	mc_close_fd(image.fd);
	*is_elf_out = !status;
	return status == MC_ERR_NOMEM ? mc_no_memory(l->err) : MC_OK;
}

/* The interpreter of the program at 'path', when it is one.  */
static enum mc_status read_interpreter(struct looker *l, const char *path)
{
	struct mc_str real;
	struct mc_elf elf;
	bool is_elf;

	if (l->root->loader.len)
		return MC_OK;
	MC_TRY(find_file(l, path, &real));
	if (!real.len)
		return MC_OK;
	MC_TRY(read_elf(l, real, &elf, &is_elf));
	if (is_elf)
		l->root->loader = elf.interp;
	return MC_OK;
}

/* docker-library/python builds into /usr/local; the systems' own Pythons are in /usr.  */
static enum mc_status find_python(struct looker *l)
{
	static const char *const folders[] = {"/usr/local/bin", "/usr/bin"};
	char path[64];
	struct mc_str real;

	for (size_t i = 0; i < 2 && !l->root->python_minor; i++) {
		for (unsigned minor = PYTHON_MINOR_MAX; minor && !l->root->python_minor; minor--) {
			snprintf(path, sizeof(path), "%s/python3.%u", folders[i], minor);
			MC_TRY(find_file(l, path, &real));
			if (!real.len)
				continue;
			l->root->python_minor = minor;
			MC_TRY(read_interpreter(l, path));
		}
	}
	MC_TRY(read_interpreter(l, "/bin/sh"));
	return read_interpreter(l, "/bin/ls");
}

/* ---- where the loader looks ---- */

static enum mc_status add_folder(struct looker *l, struct mc_str folder)
{
	struct mc_sysroot *root = l->root;

	if (!folder.len || folder.ptr[0] != '/' || root->folders_count == FOLDERS_MAX)
		return MC_OK;
	for (size_t i = 0; i < root->folders_count; i++)
		if (mc_str_is(l->folders[i], folder))
			return MC_OK;
	if (mc_arena_copy(l->arena, folder, &l->folders[root->folders_count]))
		return mc_no_memory(l->err);
	root->folders_count++;
	return MC_OK;
}

/* musl 1.2.5 ldso/dynlink.c load_library(): /etc/ld-musl-ARCH.path, else its default.  */
static enum mc_status list_musl_folders(struct looker *l)
{
	struct mc_str name = mc_path_base(l->root->loader), text, real;
	char path[128];

	snprintf(path, sizeof(path), "/etc/%.*s.path", (int)(name.len - strlen(".so.1")), name.ptr);
	MC_TRY(find_file(l, path, &real));
	MC_TRY(read_text(l, path, &text));
	if (!real.len)
		text = MC_STR("/lib:/usr/local/lib:/usr/lib");
	while (text.len) {
		size_t n = 0;

		while (n < text.len && text.ptr[n] != ':' && text.ptr[n] != '\n')
			n++;
		MC_TRY(add_folder(l, (struct mc_str){text.ptr, n}));
		text = mc_str_skip(text, n + (n < text.len));
	}
	return MC_OK;
}

static int order_of_texts(const void *a, const void *b)
{
	return mc_str_compare(*(const struct mc_str *)a, *(const struct mc_str *)b);
}

static enum mc_status list_conf(struct looker *l, const char *path, bool may_include);

/* "include DIR/NAME*.conf": Debian and Fedora have no other kind.  */
static enum mc_status include_confs(struct looker *l, struct mc_str pattern)
{
	struct mc_str names[FOLDERS_MAX], real, folder = mc_path_parent(pattern);
	size_t count = 0;
	struct dirent *entry;
	enum mc_status status;
	DIR *dir;

	status = mc_real_path_in(l->arena, l->root->dir, folder, &real);
	if (status)
		return status == MC_ERR_NOMEM ? mc_no_memory(l->err) : MC_OK;
	dir = mc_open_folder(real.ptr);
	while (dir && count < FOLDERS_MAX && (entry = mc_next_entry(dir)))
		if (mc_str_ends(mc_str_of(entry->d_name), MC_STR(".conf")) && entry->d_name[0] != '.') {
			names[count] = mc_arena_printf(l->arena, "%.*s/%s", MC_TEXT(folder), entry->d_name);
			count += names[count].len != 0;
		}
	if (dir)
		closedir(dir);
	qsort(names, count, sizeof(*names), order_of_texts);
	for (size_t i = 0; i < count; i++)
		MC_TRY(list_conf(l, names[i].ptr, false));
	return MC_OK;
}

/* ldconfig(8)'s settings; what it would put into the cache.  */
static enum mc_status list_conf(struct looker *l, const char *path, bool may_include)
{
	struct mc_str text, line;

	MC_TRY(read_text(l, path, &text));
	while (mc_text_line(&text, &line)) {
		while (line.len && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
			line.len--;
		if (mc_str_starts(line, MC_STR("include ")) && may_include)
			MC_TRY(include_confs(l, mc_str_skip(line, strlen("include "))));
		else
			MC_TRY(add_folder(l, line));
	}
	return MC_OK;
}

/* The folders of ld.so.conf, then those that the loader is built with: Debian's and others'.  */
static enum mc_status list_glibc_folders(struct looker *l)
{
	static const char *const triplets[] = {"x86_64-linux-gnu",	 "aarch64-linux-gnu",
					       "arm-linux-gnueabihf",	 "i386-linux-gnu",
					       "powerpc64le-linux-gnu", "s390x-linux-gnu",
					       "riscv64-linux-gnu"};
	static const char *const others[] = {"/lib64", "/usr/lib64", "/lib", "/usr/lib"};
	char path[64];
	struct mc_str real;

	MC_TRY(list_conf(l, "/etc/ld.so.conf", true));
	for (size_t i = 0; i < sizeof(triplets) / sizeof(*triplets); i++) {
		snprintf(path, sizeof(path), "/lib/%s/libc.so.6", triplets[i]);
		MC_TRY(find_file(l, path, &real));
		if (!real.len)
			continue;
		snprintf(path, sizeof(path), "/lib/%s", triplets[i]);
		MC_TRY(add_folder(l, mc_str_of(path)));
		snprintf(path, sizeof(path), "/usr/lib/%s", triplets[i]);
		MC_TRY(add_folder(l, mc_str_of(path)));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		MC_TRY(add_folder(l, mc_str_of(others[i])));
	return MC_OK;
}

/* ---- its libc ---- */

static enum mc_status open_musl(struct looker *l)
{
	struct mc_sysroot *root = l->root;
	struct mc_libc_file file;
	struct mc_str real;

	MC_TRY(find_file(l, root->loader.ptr, &real));
	if (!real.len)
		return mc_fail(l->err, MC_ERR_UNSUPPORTED, root->target.name, "it has no %.*s",
			       (int)(root->loader.len < 60 ? root->loader.len : 60), root->loader.ptr);
	MC_TRY(mc_libc_file_read(real.ptr, l->arena, &file, l->err));
	root->libc_elf = file.elf;
	root->libc_version = file.version;
	return list_musl_folders(l);
}

/* The newest version that libc.so.6 defines; Debian's has no other text that is sure.  */
static enum mc_status name_glibc(struct looker *l)
{
	struct mc_elf *elf = &l->root->libc_elf;
	char text[32];

	if (mc_elf_defines_version(elf, MC_STR("no version of that name")))
		return mc_fail(l->err, MC_ERR_UNSUPPORTED, l->root->target.name,
			       "its libc.so.6 is not glibc's");
	for (unsigned minor = 99; minor; minor--) {
		snprintf(text, sizeof(text), "GLIBC_2.%u", minor);
		if (!mc_elf_defines_version(elf, mc_str_of(text)))
			continue;
		if (mc_arena_copy(l->arena, mc_str_of(text + strlen("GLIBC_")), &l->root->libc_version))
			return mc_no_memory(l->err);
		return MC_OK;
	}
	return mc_fail(l->err, MC_ERR_UNSUPPORTED, l->root->target.name, "its libc.so.6 is not glibc's");
}

static enum mc_status open_glibc(struct looker *l)
{
	bool is_elf = false;

	MC_TRY(list_glibc_folders(l));
	for (size_t i = 0; i < l->root->folders_count && !is_elf; i++) {
		struct mc_str path = mc_arena_printf(l->arena, "%.*s/libc.so.6", MC_TEXT(l->folders[i])), real;

		if (!path.len)
			return mc_no_memory(l->err);
		MC_TRY(find_file(l, path.ptr, &real));
		if (real.len)
			MC_TRY(read_elf(l, real, &l->root->libc_elf, &is_elf));
	}
	if (!is_elf)
		return mc_fail(l->err, MC_ERR_UNSUPPORTED, l->root->target.name, "it has no libc.so.6");
	return name_glibc(l);
}

/* No program says which loader it asks for: take what is there.  */
static enum mc_status guess_loader(struct looker *l)
{
	static const char *const loaders[] = {
		"/lib/ld-musl-x86_64.so.1",  "/lib/ld-musl-aarch64.so.1",     "/lib/ld-musl-armhf.so.1",
		"/lib/ld-musl-i386.so.1",    "/lib/ld-musl-powerpc64le.so.1", "/lib/ld-musl-s390x.so.1",
		"/lib/ld-musl-riscv64.so.1", "/lib64/ld-linux-x86-64.so.2",   "/lib/ld-linux-aarch64.so.1"};
	struct mc_str real;

	for (size_t i = 0; i < sizeof(loaders) / sizeof(*loaders) && !l->root->loader.len; i++) {
		MC_TRY(find_file(l, loaders[i], &real));
		if (real.len)
			l->root->loader = mc_str_of(loaders[i]);
	}
	return l->root->loader.len ? MC_OK
				   : mc_fail(l->err, MC_ERR_UNSUPPORTED, l->root->target.name,
					     "no root file system of Linux: no program and no loader in it");
}

static bool is_musl_loader(struct mc_str path)
{
	struct mc_str name = mc_path_base(path);

	return mc_str_starts(name, MC_STR("ld-musl-")) && mc_str_ends(name, MC_STR(".so.1"));
}

static enum mc_status look(struct looker *l)
{
	static const struct mc_export_set *const no_sets[] = {NULL};
	struct mc_sysroot *root = l->root;
	struct mc_str *folders;

	MC_TRY(read_os(l));
	MC_TRY(find_python(l));
	if (!root->loader.len)
		MC_TRY(guess_loader(l));
	root->family = is_musl_loader(root->loader) ? MC_LIBC_MUSL : MC_LIBC_GLIBC;
	MC_TRY(root->family == MC_LIBC_MUSL ? open_musl(l) : open_glibc(l));
	folders = MC_TAKE_ARRAY(l->arena, struct mc_str, root->folders_count + 1);
	if (!folders)
		return mc_no_memory(l->err);
	memcpy(folders, l->folders, root->folders_count * sizeof(*folders));
	root->folders = folders;
	root->libc = (struct mc_libc){root->family, root->libc_version.ptr, no_sets};
	root->target.libc = &root->libc;
	root->target.python_minor = root->python_minor;
	return MC_OK;
}

static enum mc_status open_root(const char *dir, const char *name, struct mc_str loader,
				struct mc_arena *arena, const struct mc_sysroot **sysroot_out,
				struct mc_error *err)
{
	struct looker *l = MC_TAKE(arena, struct looker);
	struct mc_sysroot *root = MC_TAKE(arena, struct mc_sysroot);
	struct stat info;
	enum mc_status status;

	*sysroot_out = NULL;
	if (!l || !root)
		return mc_no_memory(err);
	*l = (struct looker){.root = root, .arena = arena, .err = err};
	root->target.name = name;
	root->loader = loader;
	root->os = MC_STR("");
	if (mc_heed(stat(dir, &info)))
		return mc_fail(err, MC_ERR_IO, name, "cannot be opened");
	if (!S_ISDIR(info.st_mode))
		return mc_fail(err, MC_ERR_UNSUPPORTED, name, "not a folder");
	status = mc_real_path(arena, dir, &root->dir);
	if (status)
		return mc_fail(err, status, name, "cannot be opened");
	if (mc_str_is(root->dir, MC_STR("/")))
		root->dir = MC_STR("");
	MC_TRY(look(l));
	*sysroot_out = root;
	return MC_OK;
}

enum mc_status mc_sysroot_open(const char *dir, const char *name, struct mc_arena *arena,
			       const struct mc_sysroot **sysroot_out, struct mc_error *err)
{
	return open_root(dir, name, MC_STR(""), arena, sysroot_out, err);
}

enum mc_status mc_sysroot_open_loader(const char *dir, const char *loader, struct mc_arena *arena,
				      const struct mc_sysroot **sysroot_out, struct mc_error *err)
{
	return open_root(dir, loader, mc_str_of(loader), arena, sysroot_out, err);
}
