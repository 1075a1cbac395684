/* SPDX-License-Identifier: MIT */
#include "object_pack.h"

#include "elf_pack.h"

struct facts {
	enum mc_member_kind kind;
	enum mc_status status;
	bool is_kept;
	struct mc_str problem;
	struct mc_elf elf;
	struct mc_uses uses;
};

static void *put_uses(struct mc_pack *pack, struct mc_uses uses)
{
	size_t at = mc_pack_put(pack, NULL, uses.count * sizeof(*uses.items));

	for (size_t i = 0; i < uses.count; i++) {
		struct mc_use use = uses.items[i];

		use.subject = mc_pack_text(pack, use.subject);
		mc_pack_set(pack, at + i * sizeof(use), &use, sizeof(use));
	}
	return mc_pack_pointer(at);
}

size_t mc_object_pack(struct mc_pack *pack, enum mc_member_kind kind, const struct mc_object *object)
{
	struct facts facts = {.kind = kind, .is_kept = object};

	if (object) {
		facts.status = object->status;
		facts.problem = mc_pack_text(pack, object->problem);
		facts.elf = mc_elf_pack(pack, &object->elf);
		facts.uses = (struct mc_uses){put_uses(pack, object->uses), object->uses.count};
	}
	return mc_pack_put(pack, &facts, sizeof(facts));
}

static void take_uses(struct mc_unpack *unpack, struct mc_uses *uses)
{
	struct mc_use *items = mc_unpack_pointer(unpack, uses->items, uses->count, sizeof(*items));

	for (size_t i = 0; items && i < uses->count; i++)
		mc_unpack_text(unpack, &items[i].subject);
	uses->items = items;
}

enum mc_status mc_object_unpack(struct mc_unpack *unpack, size_t at, struct mc_arena *arena,
				const struct mc_source *source, const struct mc_member *member,
				struct mc_object **object_out)
{
	struct facts *facts = mc_unpack_pointer(unpack, mc_pack_pointer(at), 1, sizeof(*facts));

	*object_out = NULL;
	if (!facts || facts->kind != member->kind)
		return MC_END;
	if (!facts->is_kept)
		return MC_OK;
	mc_unpack_text(unpack, &facts->problem);
	mc_elf_unpack(unpack, &facts->elf);
	take_uses(unpack, &facts->uses);
	if (unpack->is_bad)
		return MC_END;
	*object_out = MC_TAKE(arena, struct mc_object);
	if (!*object_out)
		return MC_ERR_NOMEM;
	**object_out = mc_object_of_member(source, member);
	(*object_out)->status = facts->status;
	(*object_out)->problem = facts->problem;
	(*object_out)->elf = facts->elf;
	(*object_out)->uses = facts->uses;
	return MC_OK;
}
