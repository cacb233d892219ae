/* What outgoing bytes wait in: order, limits, and wiping. */
#include "tests/unit/cmocka_first.h"

#include "common/base/buffer.h"

#include <errno.h>
#include <string.h>

static void test_bytes_come_out_in_order(void **state)
{
	struct buffer b;
	uint8_t next_in = 0, next_out = 0;

	(void)state;
	buffer_init(&b, 100000);
	assert_null(buffer_front(&b));
	/* Sizes that make the front wander, so that growing and moving happen in between. */
	for (unsigned round = 0; round < 500; round++) {
		uint8_t bytes[97];
		size_t in = round * 7 % sizeof(bytes), out;

		for (size_t i = 0; i < in; i++)
			bytes[i] = next_in++;
		assert_int_equal(buffer_append(&b, bytes, in), 0);
		out = MIN(b.len, (size_t)round * 5 % 90);
		for (size_t i = 0; i < out; i++)
			assert_int_equal(buffer_front(&b)[i], next_out++);
		buffer_consume(&b, out);
	}
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(buffer_front(&b)[i], next_out++);
	assert_int_equal(next_out, next_in);
	buffer_finish(&b);
	buffer_finish(&b);
}

static void test_the_limit_holds(void **state)
{
	static const uint8_t bytes[3000];
	struct buffer b;
	uint8_t *to;

	(void)state;
	buffer_init(&b, 2000);
	assert_int_equal(buffer_append(&b, bytes, 2001), -E2BIG);
	assert_int_equal(b.len, 0);
	assert_int_equal(buffer_append(&b, bytes, 1999), 0);
	assert_int_equal(buffer_append(&b, bytes, 2), -E2BIG);
	assert_int_equal(buffer_reserve(&b, 2, &to), -E2BIG);
	assert_int_equal(buffer_reserve(&b, SIZE_MAX, &to), -E2BIG);
	assert_int_equal(buffer_append(&b, bytes, 1), 0);
	assert_int_equal(b.len, 2000);
	/* What was taken makes room again. */
	buffer_consume(&b, 500);
	assert_int_equal(buffer_append(&b, bytes, 501), -E2BIG);
	assert_int_equal(buffer_append(&b, bytes, 500), 0);
	buffer_clear(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(buffer_append(&b, bytes, 2000), 0);
	buffer_finish(&b);
}

/* Growing to the exact need would copy everything with each append. */
static void test_many_appends_copy_little(void **state)
{
	static const uint8_t bytes[4096];
	struct buffer b;
	size_t moves = 0;
	const uint8_t *before = NULL;

	(void)state;
	buffer_init(&b, 16U << 20);
	while (buffer_append(&b, bytes, sizeof(bytes)) == 0) {
		moves += buffer_front(&b) != before;
		before = buffer_front(&b);
	}
	assert_int_equal(b.len, 16U << 20);
	assert_int_equal(b.capacity, 16U << 20);
	assert_true(moves < 20);
	buffer_finish(&b);
}

static void test_reserve_and_commit(void **state)
{
	struct buffer b;
	uint8_t *to;

	(void)state;
	buffer_init(&b, 5000);
	assert_int_equal(buffer_reserve(&b, 4000, &to), 0);
	memset(to, 7, 4000);
	assert_int_equal(b.len, 0); /* nothing counts before it is committed */
	buffer_commit(&b, 3);
	assert_int_equal(b.len, 3);
	assert_int_equal(buffer_front(&b)[2], 7);
	buffer_wipe_finish(&b);
	buffer_wipe_finish(&b);
	assert_null(b.data);
}

static void test_wiping(void **state)
{
	char secret[16] = "secret";
	static const char zeros[16];

	(void)state;
	secure_wipe(secret, sizeof(secret));
	assert_memory_equal(secret, zeros, sizeof(secret));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_come_out_in_order),
		cmocka_unit_test(test_the_limit_holds),
		cmocka_unit_test(test_many_appends_copy_little),
		cmocka_unit_test(test_reserve_and_commit),
		cmocka_unit_test(test_wiping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
