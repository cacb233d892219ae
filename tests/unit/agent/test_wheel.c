#include "server/agent/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_notches(void **state)
{
	static const struct {
		int rest, delta, notches, left;
	} cases[] = {
		{ 0, 120, 1, 0 },
		{ 0, -120, -1, 0 },
		{ 0, 30, 0, 30 },
		{ 90, 30, 1, 0 },
		{ 0, 250, 2, 10 },
		{ 0, -250, -2, -10 },
		{ 100, -30, 0, -30 }, /* turned back: the half notch is not owed */
		{ -100, 30, 0, 30 },
		{ 119, 1, 1, 0 },
		{ 50, 0, 0, 50 },
		{ 119, 32767, 274, 6 },
		{ 0, -32768, -273, -8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rest = cases[i].rest;
		assert_int_equal(wheel_notches(&rest, cases[i].delta), cases[i].notches);
		assert_int_equal(rest, cases[i].left);
	}
}

static void test_small_steps_add_up(void **state)
{
	int rest = 0, sum = 0;

	(void)state;
	for (int i = 0; i < 1200; i++)
		sum += wheel_notches(&rest, 7);
	assert_int_equal(sum, 1200 * 7 / 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notches),
		cmocka_unit_test(test_small_steps_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
