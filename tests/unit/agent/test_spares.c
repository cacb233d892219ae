#include "server/agent/spares.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_lends_and_remembers(void **state)
{
	const uint8_t codes[] = { 255, 254, 253 };
	struct spares s = { 0 };
	uint8_t a, b;

	(void)state;
	spares_renew(&s, codes, 3);
	assert_int_equal(spares_take(&s, 'x', 1000, &a), 1);
	assert_int_equal(spares_take(&s, 'y', 1000, &b), 1);
	assert_int_not_equal(a, b);
	assert_int_equal(spares_take(&s, 'x', 1001, &b), 0);
	assert_int_equal(a, b);
}

static void test_oldest_goes_but_not_before_it_rested(void **state)
{
	const uint8_t codes[] = { 255, 254 };
	struct spares s = { 0 };
	uint8_t x, y, z;

	(void)state;
	spares_renew(&s, codes, 2);
	assert_int_equal(spares_take(&s, 'x', 1000, &x), 1);
	assert_int_equal(spares_take(&s, 'y', 1010, &y), 1);
	assert_int_equal(spares_take(&s, 'z', 1000 + SPARES_REST_MS - 1, &z), -EAGAIN);
	assert_int_equal(spares_take(&s, 'z', 1000 + SPARES_REST_MS, &z), 1);
	assert_int_equal(z, x);
	/* Using one makes it young. */
	assert_int_equal(spares_take(&s, 'y', 2000, &y), 0);
	assert_int_equal(spares_take(&s, 'w', 2010, &x), 1);
	assert_int_equal(x, z);
}

static void test_none(void **state)
{
	struct spares s = { 0 };
	uint8_t code;

	(void)state;
	spares_renew(&s, NULL, 0);
	assert_int_equal(spares_take(&s, 'x', 0, &code), -ENOENT);
}

static void test_no_more_than_fit(void **state)
{
	uint8_t codes[SPARES_MAX + 10];
	struct spares s = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++)
		codes[i] = (uint8_t)(200 + i);
	spares_renew(&s, codes, sizeof(codes));
	assert_int_equal(s.count, SPARES_MAX);
}

static void test_renew_keeps_what_is_lent(void **state)
{
	const uint8_t codes[] = { 255, 254 }, others[] = { 253, 255 };
	struct spares s = { 0 };
	uint8_t x, y;

	(void)state;
	spares_renew(&s, codes, 2);
	assert_int_equal(spares_take(&s, 'x', 1000, &x), 1);
	spares_renew(&s, others, 2);
	assert_int_equal(s.count, 2);
	assert_int_equal(spares_take(&s, 'x', 1001, &y), 0);
	assert_int_equal(y, x);
	assert_int_equal(spares_take(&s, 'y', 1002, &y), 1);
	assert_int_equal(y, 253);
}

static void test_forget(void **state)
{
	const uint8_t codes[] = { 255 };
	struct spares s = { 0 };
	uint8_t code;

	(void)state;
	spares_renew(&s, codes, 1);
	assert_int_equal(spares_take(&s, 'x', 1000, &code), 1);
	spares_forget(&s);
	assert_int_equal(spares_take(&s, 'x', 1001, &code), 1); /* must be bound anew */
}

/* Nobody gets a key that ends the server or changes the console, only because no key had it. */
static void test_never_bound(void **state)
{
	static const uint32_t never[] = { 0, 0xfed5, 0xfed0, 0x1008fe01, 0x1008fe0c, 0x1008fe20,
		0x1008fe21, 0x1008fe22, 0xffe1, 0xffee, 0xfe03, 0xfe08, 0xfe70, 0xfee0, 0xfefa,
		0x20000000, 0xffffffff };
	static const uint32_t may[] = { 'a', 0xe4, 0x20ac, 0x6d1, 0x0101f600, 0x1fffffff, 0xfe50,
		0xff0d, 0x1008ff13 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_false(spares_may_bind(never[i]));
	for (size_t i = 0; i < ARRAY_LEN(may); i++)
		assert_true(spares_may_bind(may[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lends_and_remembers),
		cmocka_unit_test(test_oldest_goes_but_not_before_it_rested),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_no_more_than_fit),
		cmocka_unit_test(test_renew_keeps_what_is_lent),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_never_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
