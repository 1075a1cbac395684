/* SPDX-License-Identifier: MIT */
#include "object_pack.h"

#include "elf_pack.h"

#include <stddef.h>

struct facts {
	enum mc_member_kind kind;
	enum mc_status status;
	bool is_kept;
	struct mc_str problem;
	struct mc_elf elf;
	struct mc_uses uses;
};

static const size_t texts_of_use[] = {offsetof(struct mc_use, subject)};
static const struct mc_pack_shape use_shape = MC_PACK_SHAPE(struct mc_use, texts_of_use);

bool mc_object_is_lasting(const struct mc_object *object)
{
	return object->status != MC_ERR_IO && object->status != MC_ERR_NOMEM && object->status != MC_ERR_LIMIT;
}

size_t mc_object_pack(struct mc_pack *pack, enum mc_member_kind kind, const struct mc_object *object)
{
	struct facts facts = {.kind = kind, .is_kept = object};

	if (object) {
		facts.status = object->status;
		facts.problem = mc_pack_text(pack, object->problem);
		facts.elf = mc_elf_pack(pack, &object->elf);
		facts.uses = object->uses;
		facts.uses.items = mc_pack_items(pack, facts.uses.items, facts.uses.count, &use_shape);
	}
	return mc_pack_put(pack, &facts, sizeof(facts));
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
	facts->uses.items = mc_unpack_items(unpack, facts->uses.items, facts->uses.count, &use_shape);
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
