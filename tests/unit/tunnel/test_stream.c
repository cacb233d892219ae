/* How far a stream's window is opened. */
#include "tests/unit/cmocka_first.h"

#include "client/tunnel/stream.h"

static void test_window_of_the_way(void **state)
{
	(void)state;
	/* Loopback, and a link of 20 ms one way, which 2 MB keep busy at 50 MB/s and less. */
	assert_int_equal(stream_window_bytes(0), STREAM_WINDOW_LEAST_BYTES);
	assert_int_equal(stream_window_bytes(500), STREAM_WINDOW_LEAST_BYTES);
	assert_int_equal(stream_window_bytes(25000), STREAM_WINDOW_LEAST_BYTES);
	assert_int_equal(stream_window_bytes(40000), 40U * STREAM_WINDOW_BYTES_PER_MS);
	assert_int_equal(stream_window_bytes(100000), 100U * STREAM_WINDOW_BYTES_PER_MS);
	assert_int_equal(stream_window_bytes(300000), STREAM_WINDOW_MAX_BYTES);
	assert_int_equal(stream_window_bytes(UINT64_MAX), STREAM_WINDOW_MAX_BYTES);
	unsigned long before = 0;
	for (uint64_t us = 0; us < 400000; us += 500) {
		assert_true(stream_window_bytes(us) >= before);
		before = stream_window_bytes(us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_of_the_way),
	};
	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
