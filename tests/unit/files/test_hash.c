/* The hash of a file by PROTOCOL.md, FILE_END: the same whichever way the bytes come. */
#include "tests/unit/cmocka_first.h"

#include "common/files/fault.h"
#include "common/files/hash.h"
#include "common/files/part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEN (2 * WIRE_FILE_BLOCK_BYTES + 777)

static void by_pieces(const uint8_t *bytes, size_t len, size_t piece, uint8_t *out)
{
	struct files_hash *h = files_hash_create();

	assert_non_null(h);
	for (size_t at = 0; at < len; at += piece)
		files_hash_bytes(h, bytes + at, len - at < piece ? len - at : piece);
	files_hash_end(h, out);
	files_hash_destroy(h);
}

/* XXH3_128bits of no bytes, as xxh128sum prints it: an empty file has no blocks. */
static void test_empty(void **state)
{
	static const uint8_t wanted[] = { 0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8, 0x60,
		0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f };
	uint8_t hash[WIRE_FILE_HASH_BYTES];

	(void)state;
	by_pieces(NULL, 0, 1, hash);
	assert_memory_equal(hash, wanted, sizeof(wanted));
}

static void test_pieces(void **state)
{
	static const size_t pieces[] = { 1000, 16000, WIRE_FILE_BLOCK_BYTES, LEN };
	uint8_t first[WIRE_FILE_HASH_BYTES], hash[WIRE_FILE_HASH_BYTES];
	uint8_t *bytes = malloc(LEN);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < LEN; i++)
		bytes[i] = (uint8_t)(i * 2654435761U >> 24);
	by_pieces(bytes, LEN, 4096, first);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		by_pieces(bytes, LEN, pieces[i], hash);
		assert_memory_equal(hash, first, sizeof(hash));
	}

	/* A block by its hash, as one that need not cross. */
	struct files_hash *h = files_hash_create();
	assert_non_null(h);
	files_hash_bytes(h, bytes, WIRE_FILE_BLOCK_BYTES);
	files_hash_of(bytes + WIRE_FILE_BLOCK_BYTES, WIRE_FILE_BLOCK_BYTES, hash);
	files_hash_block(h, hash);
	files_hash_bytes(h, bytes + LEN - 777, 777);
	files_hash_end(h, hash);
	assert_memory_equal(hash, first, sizeof(hash));

	bytes[LEN - 1] ^= 1;
	by_pieces(bytes, LEN, LEN, hash);
	assert_memory_not_equal(hash, first, sizeof(hash));
	files_hash_destroy(h);
	free(bytes);
}

static void test_zeros(void **state)
{
	uint8_t wanted[WIRE_FILE_HASH_BYTES], hash[WIRE_FILE_HASH_BYTES];
	uint8_t *bytes = calloc(1, LEN);
	struct files_hash *h = files_hash_create();

	(void)state;
	assert_non_null(bytes);
	assert_non_null(h);
	bytes[0] = 1;
	by_pieces(bytes, LEN, LEN, wanted);
	files_hash_bytes(h, bytes, 1);
	files_hash_zeros(h, LEN - 1);
	files_hash_end(h, hash);
	assert_memory_equal(hash, wanted, sizeof(hash));
	files_hash_destroy(h);
	free(bytes);
}

static void test_faults(void **state)
{
	(void)state;
	assert_int_equal(files_fault_of(-EDQUOT), WIRE_FILE_QUOTA);
	assert_int_equal(files_fault_of(-EXDEV), WIRE_FILE_OUTSIDE);
	assert_int_equal(files_fault_of(-EIO), WIRE_FILE_IO);
	assert_true(files_fault_ends(files_fault_of(-ENOSPC)));
	assert_true(files_fault_ends(files_fault_of(-EDQUOT)));
	assert_false(files_fault_ends(files_fault_of(-EACCES)));
	for (unsigned fault = 0; fault < WIRE_FILE_FAULTS; fault++)
		assert_true(strlen(files_fault_text((uint8_t)fault)) > 10);
	assert_non_null(files_fault_text(255));
}

static void test_names_of_parts(void **state)
{
	(void)state;
	assert_true(files_part_is_name(".farseat-0123456789abcdef.part"));
	assert_false(files_part_is_name(".farseat-0123456789abcde.part"));
	assert_false(files_part_is_name("farseat-0123456789abcdef.part"));
	assert_false(files_part_is_name(".farseat-0123456789abcdef.pars"));
	assert_false(files_part_is_name(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_names_of_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
