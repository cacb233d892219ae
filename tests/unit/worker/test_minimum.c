/* The least of the last one to two windows. */
#include "server/worker/screen/minimum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define WINDOW 10000

static void test_windows(void **state)
{
	struct minimum m;

	(void)state;
	minimum_init(&m, WINDOW, 0);
	assert_int_equal(minimum_get(&m), 0);
	minimum_add(&m, 50, 10);
	minimum_add(&m, 70, 20);
	assert_int_equal(minimum_get(&m), 50);
	minimum_add(&m, 90, WINDOW + 1);
	assert_int_equal(minimum_get(&m), 50);
	minimum_add(&m, 95, 2 * WINDOW + 2);
	assert_int_equal(minimum_get(&m), 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_windows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
