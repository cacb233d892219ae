/* UTF-8: every code point both ways, and what RFC 3629 forbids. */
#include "tests/unit/cmocka_first.h"

#include "common/base/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* RFC 3629, section 3. */
static size_t encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = len; i > 1; i--, code >>= 6)
		out[i - 1] = (uint8_t)(0x80 | (code & 0x3f));
	out[0] = (uint8_t)((0xf0U << (4 - len)) | code);
	return len;
}

/* On the heap, so that a read past the end is found. */
static size_t decode(const void *bytes, size_t len, uint32_t *code)
{
	uint8_t *exact = malloc(len);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	size_t result = utf8_decode(exact, len, code);
	free(exact);
	return result;
}

static void test_every_code_point(void **state)
{
	uint8_t bytes[4];
	uint32_t code = 0;

	(void)state;
	for (uint32_t c = 0; c < 0x120000; c++) {
		bool valid = c < 0x110000 && !(c >= 0xd800 && c < 0xe000);
		size_t len = encode(c, bytes);
		size_t got = utf8_decode(bytes, len, &code);
		if (got != (valid ? len : 0) || (valid && code != c))
			fail_msg("U+%04X", c);
		for (size_t cut = 1; cut < len && c % 251 == 0; cut++)
			assert_int_equal(decode(bytes, cut, &code), 0);
	}
}

static void test_malformed(void **state)
{
	static const char *const wrong[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3",
		"\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82(", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98",
		"\xf0\x9f\x98(", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xff", "\xfe" };
	uint32_t code = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		const char *at = wrong[i];
		assert_int_equal(decode(wrong[i], strlen(wrong[i]), &code), 0);
		assert_int_equal(utf8_next(&at), 0);
		assert_ptr_equal(at, wrong[i]);
	}
	assert_int_equal(code, 7);
}

static void test_text(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	const char *at = text;

	(void)state;
	assert_int_equal(utf8_next(&at), 'a');
	assert_int_equal(utf8_next(&at), 0xe9);
	assert_int_equal(utf8_next(&at), 0x20ac);
	assert_int_equal(utf8_next(&at), 0x1f600);
	assert_int_equal(utf8_next(&at), 0);
	assert_ptr_equal(at, text + sizeof(text) - 1);

	assert_int_equal(utf8_without_last(text, sizeof(text) - 1), 6);
	assert_int_equal(utf8_without_last(text, 6), 3);
	assert_int_equal(utf8_without_last(text, 3), 1);
	assert_int_equal(utf8_without_last(text, 1), 0);
	assert_int_equal(utf8_without_last(text, 0), 0);
	assert_int_equal(utf8_without_last("\x80\x80", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_point),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
