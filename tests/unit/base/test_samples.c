/* Percentiles of the measurements made last. */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "common/base/samples.h"

static void test_percentiles(void **state)
{
	struct samples s = { 0 };

	(void)state;
	assert_int_equal(samples_percentile(&s, 50), 0);
	samples_add(&s, 9);
	assert_int_equal(samples_percentile(&s, 0), 9);
	assert_int_equal(samples_percentile(&s, 100), 9);
	for (uint32_t i = 100; i > 0; i--)
		samples_add(&s, i);
	assert_int_equal(samples_percentile(&s, 0), 1);
	assert_true(samples_percentile(&s, 50) >= 49 && samples_percentile(&s, 50) <= 51);
	assert_true(samples_percentile(&s, 95) >= 94 && samples_percentile(&s, 95) <= 96);
	assert_int_equal(samples_percentile(&s, 100), 100);
}

static void test_only_the_last_count(void **state)
{
	struct samples s = { 0 };

	(void)state;
	samples_add(&s, UINT32_MAX);
	for (unsigned i = 0; i < SAMPLES_MAX; i++)
		samples_add(&s, 5);
	assert_int_equal(samples_percentile(&s, 100), 5);
	samples_add(&s, UINT32_MAX);
	assert_int_equal(samples_percentile(&s, 100), UINT32_MAX);
	assert_int_equal(samples_percentile(&s, 50), 5);
}

static void test_clocks(void **state)
{
	uint64_t ns = clock_now_ns(), us = clock_now_us(), ms = clock_now_ms();

	(void)state;
	assert_true(ns > 0 && us >= ns / 1000 && ms >= us / 1000);
	assert_true(ms - ns / 1000000 < 10000);
	assert_true(clock_now_ns() >= ns);
	assert_true(clock_wall_s() > 1700000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_only_the_last_count),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
