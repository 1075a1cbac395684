/* SPDX-License-Identifier: MIT */
/* The vectors are NIST's: FIPS 180-4's examples and CAVP's SHA256ShortMsg.rsp, LongMsg.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "sha256_impl.h"

static void assert_sum(const void *bytes, size_t nbytes, const char *wanted)
{
	char hex[MC_SHA256_HEX_NBYTES + 1];

	mc_sha256_of((struct mc_bytes){bytes, nbytes}, hex);
	assert_string_equal(hex, wanted);
	/* The same in pieces of every length: each way through a block.  */
	for (size_t piece = 1; piece <= 130; piece++) {
		struct mc_sha256 sum;

		mc_sha256_init(&sum);
		for (size_t at = 0; at < nbytes; at += piece)
			mc_sha256_add(&sum, (const char *)bytes + at,
				      nbytes - at < piece ? nbytes - at : piece);
		mc_sha256_end(&sum, hex);
		assert_string_equal(hex, wanted);
	}
}

static void short_messages_have_the_standard_s_sums(void **state)
{
	(void)state;
	assert_sum("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_sum("\xd3", 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
	assert_sum("\x11\xaf", 2,
		   "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98");
	assert_sum("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_sum("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
		   "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		   112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void a_million_letters(void **state)
{
	char hex[MC_SHA256_HEX_NBYTES + 1], text[1000];
	struct mc_sha256 sum;

	(void)state;
	memset(text, 'a', sizeof(text));
	mc_sha256_init(&sum);
	for (int i = 0; i < 1000; i++)
		mc_sha256_add(&sum, text, sizeof(text));
	mc_sha256_end(&sum, hex);
	assert_string_equal(hex,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* The length decides whether the padding takes one block or two.  */
static void lengths_about_a_block(void **state)
{
	static const struct {
		size_t nbytes;
		const char *hex;
	} zeros[] = {
		{55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
		{56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
		{57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
		{64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
	};
	uint8_t bytes[64] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		assert_sum(bytes, zeros[i].nbytes, zeros[i].hex);
}

static void a_file_is_summed_as_a_whole(void **state)
{
	char hex[MC_SHA256_HEX_NBYTES + 1];
	struct fixture f;
	int fd;

	(void)state;
	fixture_open(&f);
	put_text(&f, "abc", "abc");
	fd = open(f.path, O_RDONLY);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	assert_int_equal(mc_sha256_of_file(fd, hex), MC_OK);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	close(fd);
	assert_int_equal(mc_sha256_of_file(-1, hex), MC_ERR_IO);
	fixture_close(&f);
}

/* The processor's instructions and our own rounds, over blocks like no others.  */
static void both_ways_agree(void **state)
{
	uint32_t one[8] = {1, 2, 3, 4, 5, 6, 7, 8}, other[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t blocks[64 * 50];
	uint32_t random = 1;

	(void)state;
	if (!mc_sha256_is_in_hardware())
		skip();
	for (size_t i = 0; i < sizeof(blocks); i++)
		blocks[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
	for (size_t count = 0; count <= 49; count += 7) {
		mc_sha256_add_in_hardware(one, blocks + 1, count);
		mc_sha256_add_in_software(other, blocks + 1, count);
		assert_memory_equal(one, other, sizeof(one));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_messages_have_the_standard_s_sums),
		cmocka_unit_test(a_million_letters),
		cmocka_unit_test(lengths_about_a_block),
		cmocka_unit_test(both_ways_agree),
		cmocka_unit_test(a_file_is_summed_as_a_whole),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
