/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <string.h>

size_t mc_path_append(char *buf, size_t len, struct mc_str path)
{
	if (len == 1)
		len = 0;
	while (path.len) {
		struct mc_str part = mc_str_cut(&path, '/');

		if (!part.len || mc_str_is(part, MC_STR(".")))
			continue;
		if (mc_str_is(part, MC_STR(".."))) {
			while (len && buf[--len] != '/')
				;
			continue;
		}
		buf[len++] = '/';
		memcpy(buf + len, part.ptr, part.len);
		len += part.len;
	}
	if (!len)
		buf[len++] = '/';
	buf[len] = '\0';
	return len;
}

enum mc_status mc_path_join(struct mc_arena *arena, struct mc_str base, struct mc_str path,
			    struct mc_str *joined_out)
{
	char *joined;

	if (path.len && path.ptr[0] == '/')
		base.len = 0;
	if (base.len > SIZE_MAX - 2 || path.len > SIZE_MAX - 2 - base.len)
		return MC_ERR_NOMEM;
	joined = mc_arena_take(arena, base.len + path.len + 2, 1);
	if (!joined)
		return MC_ERR_NOMEM;
	if (base.len)
		memcpy(joined, base.ptr, base.len);
	*joined_out = (struct mc_str){joined, mc_path_append(joined, base.len, path)};
	return MC_OK;
}

/* Bytes up to the last '/' and with it; 0 when there is none.  */
static size_t folder_nbytes(struct mc_str path)
{
	size_t at = path.len;

	while (at && path.ptr[at - 1] != '/')
		at--;
	return at;
}

struct mc_str mc_path_base(struct mc_str path)
{
	return mc_str_skip(path, folder_nbytes(path));
}

struct mc_str mc_path_parent(struct mc_str path)
{
	size_t nbytes = folder_nbytes(path);

	return (struct mc_str){path.ptr, nbytes ? nbytes - 1 : 0};
}
