/* Waiting before the next try. */
#include "tests/unit/cmocka_first.h"

#include "common/base/backoff.h"
#include "common/base/macros.h"

#define FIRST_MS 100
#define MAX_MS   1000

static void test_backoff(void **state)
{
	(void)state;
	struct backoff b = { .first_ms = FIRST_MS, .max_ms = MAX_MS };
	uint32_t before = 0;

	assert_int_equal(backoff_next(&b, 0), FIRST_MS);
	for (int i = 0; i < 100; i++) {
		uint32_t wait = backoff_next(&b, 0);
		assert_true(wait >= before && wait <= MAX_MS);
		before = wait;
	}
	assert_int_equal(before, MAX_MS);
	for (uint32_t random = 0; random < 5000; random += 7) {
		uint32_t wait = backoff_next(&b, random);
		assert_true(wait >= MAX_MS * 4 / 5 && wait <= MAX_MS);
	}
	b.tries = UINT32_MAX;
	assert_int_equal(backoff_next(&b, 0), MAX_MS);
	assert_int_equal(b.tries, UINT32_MAX); /* does not begin anew */
	backoff_reset(&b);
	assert_int_equal(backoff_next(&b, 0), FIRST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
