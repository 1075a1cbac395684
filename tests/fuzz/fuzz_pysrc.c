/* SPDX-License-Identifier: MIT */
/* A Python source: its words, and what it uses.  */
#include "fuzz.h"

#include "muslcheck/pysrc.h"
#include "muslcheck/use.h"

/* What pysrc.h promises of any bytes; unit/test_pysrc.c has the same for a few of them.  */
static void check_tokens(struct mc_str text)
{
	const char *end = text.ptr + text.len, *last = text.ptr;
	size_t tokens = 0, line = 1;
	struct mc_pysrc reader;
	struct mc_py_token token;

	mc_pysrc_open(&reader, text);
	do {
		size_t its_line;

		mc_pysrc_next(&reader, &token);
		FUZZ_CHECK(++tokens <= 2 * text.len + 2);
		FUZZ_CHECK(token.text.ptr >= text.ptr && token.text.ptr + token.text.len <= end);
		FUZZ_CHECK((token.kind == MC_PY_OP) == (token.op != 0) || token.kind == MC_PY_OP);
		if (token.text.ptr >= last) {
			its_line = mc_pysrc_line(&reader, token.text.ptr);
			FUZZ_CHECK(its_line >= line);
			line = its_line;
			last = token.text.ptr;
		}
	} while (token.kind != MC_PY_END);
	FUZZ_CHECK(reader.at == end || mc_pysrc_is_broken(&reader));
	mc_pysrc_next(&reader, &token);
	FUZZ_CHECK(token.kind == MC_PY_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct mc_str text = {(const char *)bytes, nbytes};
	struct mc_arena arena;
	struct mc_uses uses;

	mc_arena_init(&arena, NULL);
	check_tokens(text);
	FUZZ_CHECK(!mc_uses_of_python(text, &arena, &uses));
	FUZZ_CHECK(uses.count <= MC_USES_MAX);
	for (size_t i = 0; i < uses.count; i++) {
		FUZZ_CHECK(uses.items[i].line >= 1 && uses.items[i].kind < MC_USE_KINDS_COUNT);
		fuzz_touch(uses.items[i].subject);
		for (size_t j = 0; j < i; j++)
			FUZZ_CHECK(uses.items[i].kind != uses.items[j].kind ||
				   !mc_str_is(uses.items[i].subject, uses.items[j].subject));
	}
	(void)mc_use_is_aside(text);
	mc_arena_clear(&arena);
	return 0;
}
