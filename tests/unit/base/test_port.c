/* A port is one to five digits, from 1 to 65535, and nothing else. */
#include "tests/unit/cmocka_first.h"

#include "common/base/port.h"

#include <errno.h>
#include <string.h>

static void test_ports(void **state)
{
	uint16_t port = 0;

	(void)state;
	assert_int_equal(port_parse("1", 1, &port), 0);
	assert_int_equal(port, 1);
	assert_int_equal(port_parse("65535", 5, &port), 0);
	assert_int_equal(port, 65535);
	assert_int_equal(
		port_parse("7420/x", 4, &port), 0); /* what stands behind is not its matter */
	assert_int_equal(port, 7420);
}

static void test_others(void **state)
{
	static const char *const wrong[] = { "", "0", "65536", "83440", "99999", "074200", "-1",
		"+1", " 1", "1 ", "7420x", "0x1c" };
	uint16_t port = 9;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(port_parse(wrong[i], strlen(wrong[i]), &port), -EINVAL);
	assert_int_equal(port, 9); /* written only on success */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_ports),
		cmocka_unit_test(test_others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
