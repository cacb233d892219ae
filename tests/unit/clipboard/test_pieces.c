/* Pieces: what is put in comes out whole, whatever the parts, and no byte beyond the limit goes in. */
#include "common/clipboard/pieces.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[3 * PIECES_ONE_BYTES + 12345];

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + i / 777);
	return 0;
}

static void expect(const struct pieces *p, size_t len)
{
	const uint8_t *at;
	size_t got = 0, n;

	assert_int_equal(p->len, len);
	while ((n = pieces_from(p, got, &at)) > 0) {
		assert_memory_equal(at, bytes + got, n);
		got += n;
	}
	assert_int_equal(got, len);
}

static void test_any_parts(void **state)
{
	static const size_t parts[] = { 1000, 16000, PIECES_ONE_BYTES - 1, PIECES_ONE_BYTES,
		2 * PIECES_ONE_BYTES + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct pieces p;
		pieces_init(&p, sizeof(bytes));
		for (size_t at = 0; at < sizeof(bytes); at += parts[i])
			assert_int_equal(
				pieces_append(&p, bytes + at, MIN(parts[i], sizeof(bytes) - at)),
				0);
		expect(&p, sizeof(bytes));
		pieces_clear(&p);
		expect(&p, 0);
		assert_int_equal(pieces_append(&p, bytes, 10), 0); /* again */
		expect(&p, 10);
		pieces_clear(&p);
	}
}

static void test_limit(void **state)
{
	struct pieces p;

	(void)state;
	pieces_init(&p, PIECES_ONE_BYTES + 10);
	assert_int_equal(pieces_append(&p, bytes, PIECES_ONE_BYTES + 11), -E2BIG);
	expect(&p, 0);
	assert_int_equal(pieces_append(&p, bytes, PIECES_ONE_BYTES + 9), 0);
	assert_int_equal(pieces_append(&p, bytes + PIECES_ONE_BYTES + 9, 2), -E2BIG);
	assert_int_equal(pieces_append(&p, bytes + PIECES_ONE_BYTES + 9, 1), 0);
	assert_int_equal(pieces_append(&p, bytes, 0), 0);
	expect(&p, PIECES_ONE_BYTES + 10);
	pieces_clear(&p);
}

static void test_the_largest(void **state)
{
	struct pieces p;

	(void)state;
	pieces_init(&p, WIRE_CLIPBOARD_PNG_MAX_BYTES);
	for (size_t at = 0; at < WIRE_CLIPBOARD_PNG_MAX_BYTES; at += PIECES_ONE_BYTES)
		assert_int_equal(pieces_append(&p, bytes, PIECES_ONE_BYTES), 0);
	assert_int_equal(pieces_append(&p, bytes, 1), -E2BIG);
	pieces_clear(&p);
	pieces_clear(&p);
}

static void test_nothing(void **state)
{
	struct pieces p = { 0 };
	const uint8_t *at = NULL;

	(void)state;
	assert_int_equal(pieces_append(&p, bytes, 1), -E2BIG);
	assert_int_equal(pieces_from(&p, 0, &at), 0);
	assert_int_equal(pieces_from(&p, SIZE_MAX, &at), 0);
	pieces_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_parts),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_the_largest),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
