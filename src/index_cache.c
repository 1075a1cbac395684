/* SPDX-License-Identifier: MIT */
/*
 * The cache folder:
 *
 *	pages/HASH-OF-THE-KEY     lines "key: value", an empty line, the page
 *	wheels/SHA256/NAME.whl
 *
 * What is read is checked again: disks fill up, and other programs tidy caches.
 */
#include "index_impl.h"

#include "dist.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE_MAGIC "muslcheck-page 1\n"
#define HEAD_NBYTES_MAX (64 * 1024)
#define PAGE_NBYTES_MAX ((uint64_t)256 << 20)

enum mc_status mc_index_open_cache(struct mc_arena *arena, struct mc_str path, struct mc_folder *cache_out)
{
	*cache_out = (struct mc_folder){.fd = -1};
	/* XDG: relative paths do not count.  */
	return mc_str_starts(path, MC_STR("/")) ? mc_folder_open(arena, path, cache_out) : MC_OK;
}

/* ---- wheels ---- */

enum mc_status mc_cache_get_file(const struct mc_folder *cache, struct mc_arena *arena,
				 struct mc_str folder, struct mc_str name, struct mc_str sha256,
				 uint64_t *nbytes_out, struct mc_str *path_out)
{
	struct mc_str path = mc_arena_printf(arena, "%.*s/%.*s", MC_TEXT(folder), MC_TEXT(name));
	char hex[MC_SHA256_HEX_NBYTES + 1];
	struct stat info;
	bool is_good;
	int fd;

	if (!path.len)
		return MC_ERR_NOMEM;
	fd = mc_folder_open_file(cache, path.ptr);
	if (fd < 0)
		return MC_END;
	is_good = !fstat(fd, &info) && !mc_sha256_of_file(fd, hex) &&
		  mc_str_is(mc_str_of(hex), sha256);
	mc_close_fd(fd);
	if (!is_good) {
		unlinkat(cache->fd, path.ptr, 0);
		return MC_END;
	}
	*nbytes_out = (uint64_t)info.st_size;
	*path_out = mc_arena_printf(arena, "%.*s/%.*s", MC_TEXT(cache->path), MC_TEXT(path));
	return path_out->len ? MC_OK : MC_ERR_NOMEM;
}

/* ---- pages ---- */

static struct mc_str page_name(struct mc_arena *arena, struct mc_str key)
{
	char hex[MC_SHA256_HEX_NBYTES + 1];

	mc_sha256_of((struct mc_bytes){(const uint8_t *)key.ptr, key.len}, hex);
	return mc_arena_printf(arena, "%s", hex);
}

static uint64_t number_of(struct mc_str text)
{
	uint64_t number = 0;

	for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		if (number < UINT64_MAX / 100)
			number = number * 10 + (uint64_t)(text.ptr[i] - '0');
	return number;
}

static struct mc_str value_of(struct mc_str line)
{
	mc_str_cut(&line, ' ');
	return line;
}

/* The file of another key with the same hash does not happen; one that was cut short does.  */
static bool read_page(struct mc_str text, struct mc_str key, struct mc_cached_page *page)
{
	struct mc_str line, sum = {"", 0};
	char hex[MC_SHA256_HEX_NBYTES + 1];
	bool is_this = false;

	if (!mc_str_starts(text, MC_STR(PAGE_MAGIC)))
		return false;
	text = mc_str_skip(text, sizeof(PAGE_MAGIC) - 1);
	while (mc_text_line(&text, &line) && line.len) {
		if (mc_str_starts(line, MC_STR("key: ")))
			is_this = mc_str_is(value_of(line), key);
		else if (mc_str_starts(line, MC_STR("url: ")))
			page->final_url = value_of(line);
		else if (mc_str_starts(line, MC_STR("type: ")))
			page->content_type = value_of(line);
		else if (mc_str_starts(line, MC_STR("etag: ")))
			page->etag = value_of(line);
		else if (mc_str_starts(line, MC_STR("modified: ")))
			page->modified = value_of(line);
		else if (mc_str_starts(line, MC_STR("code: ")))
			page->code = (long)number_of(value_of(line));
		else if (mc_str_starts(line, MC_STR("time: ")))
			page->time_s = (int64_t)number_of(value_of(line));
		else if (mc_str_starts(line, MC_STR("max-age: ")))
			page->max_age_s = (unsigned)number_of(value_of(line));
		else if (mc_str_starts(line, MC_STR("sha256: ")))
			sum = value_of(line);
	}
	page->body = text;
	mc_sha256_of((struct mc_bytes){(const uint8_t *)text.ptr, text.len}, hex);
	return is_this && (page->code == 200 || page->code == 404) &&
	       mc_str_is(sum, mc_str_of(hex));
}

static bool is_there(const struct mc_folder *cache, const char *path)
{
	int fd = mc_folder_open_file(cache, path);

	mc_close_fd(fd);
	return fd >= 0;
}

enum mc_status mc_cache_get_page(const struct mc_folder *cache, struct mc_arena *arena,
				 struct mc_str key, struct mc_cached_page *page_out)
{
	struct mc_str name = page_name(arena, key), path, text;
	enum mc_status status;

	*page_out = (struct mc_cached_page){.code = 0};
	if (cache->fd < 0)
		return MC_END;
	path = mc_arena_printf(arena, "pages/%.*s", MC_TEXT(name));
	if (!name.len || !path.len)
		return MC_ERR_NOMEM;
	if (!is_there(cache, path.ptr))
		return MC_END;
	status = mc_read_text(arena, cache->fd, path.ptr, PAGE_NBYTES_MAX, &text);
	if (status == MC_ERR_NOMEM)
		return status;
	return !status && read_page(text, key, page_out) ? MC_OK : MC_END;
}

/* A newline in a header would begin a line of ours.  libcurl hands none out; this is cheap.  */
static bool is_one_line(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ')
			return false;
	return true;
}

static struct mc_str page_head(struct mc_arena *arena, struct mc_str key,
			       const struct mc_cached_page *page)
{
	char hex[MC_SHA256_HEX_NBYTES + 1];

	if (!is_one_line(key) || !is_one_line(page->final_url) ||
	    !is_one_line(page->content_type) || !is_one_line(page->etag) ||
	    !is_one_line(page->modified))
		return (struct mc_str){"", 0};
	mc_sha256_of((struct mc_bytes){(const uint8_t *)page->body.ptr, page->body.len}, hex);
	return mc_arena_printf(arena,
			       PAGE_MAGIC "key: %.*s\nurl: %.*s\ntype: %.*s\netag: %.*s\n"
					  "modified: %.*s\ncode: %ld\ntime: %" PRId64
					  "\nmax-age: %u\n"
					  "sha256: %s\n\n",
			       MC_TEXT(key), MC_TEXT(page->final_url), MC_TEXT(page->content_type),
			       MC_TEXT(page->etag), MC_TEXT(page->modified), page->code,
			       page->time_s, page->max_age_s, hex);
}

void mc_cache_put_page(const struct mc_folder *cache, struct mc_arena *arena,
		       struct mc_str key, const struct mc_cached_page *page)
{
	struct mc_str head = page_head(arena, key, page), name = page_name(arena, key), temp;
	bool is_written;
	int fd;

	if (cache->fd < 0 || !head.len || head.len > HEAD_NBYTES_MAX || !name.len)
		return;
	fd = mc_folder_new_file(cache, arena, MC_STR("pages"), &temp);
	if (fd < 0)
		return;
	is_written = mc_write_all(fd, head.ptr, head.len) && mc_write_all(fd, page->body.ptr, page->body.len);
	is_written = !close(fd) && is_written;
	if (!is_written)
		name.len = 0;
	if (mc_folder_keep(cache, arena, MC_STR("pages"), temp, name, NULL))
		return; /* then it is asked for again the next time */
}
