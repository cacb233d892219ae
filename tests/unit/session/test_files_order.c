/* How files are called at the other end, and how much of them was copied in words. */
#include "tests/unit/cmocka_first.h"

#include "client/session/amount.h"
#include "client/session/files_order.h"

#include <errno.h>
#include <string.h>

static void test_names(void **state)
{
	char name[WIRE_FILE_NAME_MAX_BYTES + 1], longest[WIRE_FILE_NAME_MAX_BYTES + 3];

	(void)state;
	assert_int_equal(files_order_name("/home/ann/a b", name), 0);
	assert_string_equal(name, "a b");
	assert_int_equal(files_order_name("plans//", name), 0);
	assert_string_equal(name, "plans");
	assert_int_equal(files_order_name("...", name), 0);
	static const char *const none[] = { "", "/", "//", ".", "..", "a/..", "a/./" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_int_equal(files_order_name(none[i], name), -EINVAL);
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 2] = '\0';
	assert_int_equal(files_order_name(longest, name), 0);
	longest[sizeof(longest) - 2] = 'x';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(files_order_name(longest, name), -EINVAL);
}

static void test_order(void **state)
{
	const struct wire_message m = files_order(WIRE_FILE_GET, 3, "a", WIRE_FILE_NAMES);
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];

	(void)state;
	assert_true(wire_encode(&m, bytes) > 0);
	assert_int_equal(m.file_open.transfer, 3);
	assert_int_equal(m.file_open.path_len, 1);
}

static void test_amounts(void **state)
{
	static const struct {
		uint64_t bytes, total_bytes, ms;
		const char *text;
	} cases[] = {
		{ 0, 0, 0, "0 B" },
		{ 999, 0, 0, "999 B" },
		{ 1000, 0, 0, "1.0 kB" },
		{ 12300000, 40000000, 4000, "12.3 MB of 40.0 MB, 3.1 MB/s, 0:09 left" },
		{ 40000000, 40000000, 4000, "40.0 MB of 40.0 MB, 10.0 MB/s" },
		/* More than there is: what was said of the whole is not true. */
		{ 40000001, 40000000, 4000, "40.0 MB, 10.0 MB/s" },
		{ 1, UINT64_MAX, 1000, "1 B of 18446744.1 TB, 1 B/s, " },
	};
	char text[AMOUNT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		amount_progress(text, cases[i].bytes, cases[i].total_bytes, cases[i].ms);
		assert_int_equal(strncmp(text, cases[i].text, strlen(cases[i].text)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_amounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
