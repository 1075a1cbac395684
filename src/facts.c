/* SPDX-License-Identifier: MIT */
/*
 * The folder has a file for each wheel, KE/KEY, with the key from the wheel's sum, the build and
 * what was read: a head, then a block as pack.h has them.
 */
#include "facts_impl.h"

#include "build_id.h"
#include "file.h"
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "muslcheck facts\n"

/* More than the largest wheels give; a file is read into memory.  */
#define FACTS_NBYTES_MAX ((uint64_t)256 << 20)

struct mc_facts {
	struct mc_folder folder;
	uint8_t build[MC_BUILD_ID_ROOM];
	size_t build_nbytes;
};

/* Before the block, which begins with a list.  */
struct head {
	char magic[16];
	char key[MC_SHA256_HEX_NBYTES], sum[MC_SHA256_HEX_NBYTES];
};

struct list {
	uint64_t count, places_at;
};

enum mc_status mc_facts_open(const char *path, struct mc_arena *arena, struct mc_facts **facts_out,
			     struct mc_error *err)
{
	struct mc_facts *facts = MC_TAKE(arena, struct mc_facts);

	*facts_out = NULL;
	if (!facts || mc_folder_open(arena, mc_str_of(path), &facts->folder))
		return mc_no_memory(err);
	facts->build_nbytes = mc_build_id(facts->build);
	if (facts->folder.fd < 0)
		return errno == EPERM ? mc_fail(err, MC_ERR_UNSUPPORTED, path,
						"not used as a cache: others than this user may write to it")
				      : mc_fail(err, MC_ERR_IO, path, "cannot be used as a cache");
	if (!facts->build_nbytes) {
		mc_folder_close(&facts->folder);
		return mc_fail(err, MC_ERR_UNSUPPORTED, path,
			       "not used as a cache: this program was linked without a build ID");
	}
	*facts_out = facts;
	return MC_OK;
}

void mc_facts_close(struct mc_facts *facts)
{
	if (facts)
		mc_folder_close(&facts->folder);
}

/* ---- keys ---- */

static void make_key(const struct mc_facts *facts, const char *path, bool has_sources, struct mc_wheel_facts *wheel)
{
	char sum_of_wheel[MC_SHA256_HEX_NBYTES + 1];
	int fd = mc_open_at(AT_FDCWD, path, 0);
	struct mc_sha256 sum;

	if (fd >= 0 && !fstat(fd, &wheel->stamp) && S_ISREG(wheel->stamp.st_mode) &&
	    !mc_sha256_of_file(fd, sum_of_wheel)) {
		mc_sha256_init(&sum);
		mc_sha256_add(&sum, facts->build, facts->build_nbytes);
		mc_sha256_add(&sum, has_sources ? "+" : "-", 1);
		mc_sha256_add(&sum, sum_of_wheel, MC_SHA256_HEX_NBYTES);
		mc_sha256_end(&sum, wheel->key);
	}
	mc_close_fd(fd);
}

static struct mc_str part_of(const struct mc_wheel_facts *wheel)
{
	return (struct mc_str){wheel->key, 2};
}

/* ---- looking ---- */

static bool is_whole(const struct head *head, const struct mc_wheel_facts *wheel, const uint8_t *block, size_t nbytes)
{
	char sum[MC_SHA256_HEX_NBYTES + 1];

	if (memcmp(head->magic, MAGIC, sizeof(head->magic)) != 0 ||
	    memcmp(head->key, wheel->key, sizeof(head->key)) != 0)
		return false;
	mc_sha256_of((struct mc_bytes){block, nbytes}, sum);
	return !memcmp(head->sum, sum, sizeof(head->sum));
}

static void take_list(struct mc_wheel_facts *wheel)
{
	const struct list *list = mc_unpack_pointer(&wheel->block, mc_pack_pointer(0), 1, sizeof(*list));

	if (!list)
		return;
	wheel->places = mc_unpack_pointer(&wheel->block, mc_pack_pointer(list->places_at), list->count,
					  sizeof(*wheel->places));
	wheel->count = wheel->places ? list->count : 0;
}

static enum mc_status read_file(struct mc_arena *arena, int fd, struct mc_wheel_facts *wheel)
{
	struct head head;
	struct stat info;
	uint8_t *block;
	size_t nbytes;

	if (fstat(fd, &info) || (uint64_t)info.st_size > FACTS_NBYTES_MAX || (size_t)info.st_size <= sizeof(head) ||
	    mc_read_at(fd, 0, &head, sizeof(head)) != sizeof(head))
		return MC_OK;
	nbytes = (size_t)info.st_size - sizeof(head);
	block = (uint8_t *)MC_TAKE_ARRAY(arena, uint64_t, nbytes / 8 + 1);
	if (!block)
		return MC_ERR_NOMEM;
	if (mc_read_at(fd, sizeof(head), block, nbytes) != (int64_t)nbytes || !is_whole(&head, wheel, block, nbytes))
		return MC_OK;
	wheel->block = (struct mc_unpack){.bytes = block, .nbytes = nbytes};
	take_list(wheel);
	return MC_OK;
}

enum mc_status mc_facts_look(const struct mc_facts *facts, const char *path, bool has_sources,
			     struct mc_arena *arena, struct mc_wheel_facts *wheel_out)
{
	enum mc_status status;
	struct mc_str file;
	int fd;

	*wheel_out = (struct mc_wheel_facts){.key = ""};
	make_key(facts, path, has_sources, wheel_out);
	if (!wheel_out->key[0])
		return MC_OK;
	file = mc_arena_printf(arena, "%.*s/%s", MC_TEXT(part_of(wheel_out)), wheel_out->key);
	if (!file.len)
		return MC_ERR_NOMEM;
	fd = mc_folder_open_file(&facts->folder, file.ptr);
	if (fd < 0)
		return MC_OK;
	status = read_file(arena, fd, wheel_out);
	mc_close_fd(fd);
	return status;
}

enum mc_status mc_facts_object(struct mc_wheel_facts *wheel, size_t n, struct mc_arena *arena,
			       const struct mc_source *source, const struct mc_member *member,
			       struct mc_object **object_out)
{
	*object_out = NULL;
	if (n >= wheel->count)
		return MC_END;
	return mc_object_unpack(&wheel->block, (size_t)wheel->places[n], arena, source, member, object_out);
}

/* ---- keeping ---- */

static bool are_lasting(const struct mc_member_facts *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (members[i].object && !mc_object_is_lasting(members[i].object))
			return false;
	return true;
}

static void pack_all(struct mc_pack *pack, const struct mc_member_facts *members, size_t count)
{
	size_t list_at = mc_pack_put(pack, NULL, sizeof(struct list));
	struct list list = {count, mc_pack_put(pack, NULL, count * sizeof(uint64_t))};

	mc_pack_set(pack, list_at, &list, sizeof(list));
	for (size_t i = 0; i < count; i++) {
		uint64_t at = mc_object_pack(pack, members[i].kind, members[i].object);

		mc_pack_set(pack, (size_t)list.places_at + i * sizeof(at), &at, sizeof(at));
	}
}

static void write_file(const struct mc_facts *facts, struct mc_arena *arena, const struct mc_wheel_facts *wheel,
		       const struct mc_pack *pack)
{
	char sum[MC_SHA256_HEX_NBYTES + 1];
	struct mc_str temp, name = mc_str_of(wheel->key);
	struct head head;
	int fd;

	mc_sha256_of((struct mc_bytes){pack->bytes, pack->nbytes}, sum);
	memcpy(head.magic, MAGIC, sizeof(head.magic));
	memcpy(head.key, wheel->key, sizeof(head.key));
	memcpy(head.sum, sum, sizeof(head.sum));
	fd = mc_folder_new_file(&facts->folder, arena, part_of(wheel), &temp);
	if (fd < 0)
		return;
	if (!mc_write_all(fd, &head, sizeof(head)) || !mc_write_all(fd, pack->bytes, pack->nbytes))
		name.len = 0;
	if (close(fd))
		name.len = 0;
	(void)!mc_folder_keep(&facts->folder, arena, part_of(wheel), temp, name, NULL);
}

void mc_facts_keep(const struct mc_facts *facts, const char *path, const struct mc_wheel_facts *wheel,
		   const struct mc_member_facts *members, size_t count)
{
	struct mc_arena scratch;
	struct mc_pack pack;
	struct stat now;

	/* A wheel that was written to between the sum and the reading has other facts.  */
	if (!wheel->key[0] || stat(path, &now) || !mc_is_same_file(&now, &wheel->stamp) || !are_lasting(members, count))
		return;
	mc_arena_init(&scratch, NULL);
	mc_pack_init(&pack, &scratch);
	pack_all(&pack, members, count);
	if (!pack.has_failed && pack.nbytes < FACTS_NBYTES_MAX - sizeof(struct head))
		write_file(facts, &scratch, wheel, &pack);
	mc_arena_clear(&scratch);
}
