/* Base64: the vectors of RFC 4648 both ways, and every text that is not the one canonical form. */
#include "tests/unit/cmocka_first.h"

#include "common/base/base64.h"

#include <errno.h>
#include <string.h>

/* RFC 4648, section 10. */
static const struct {
	const char *bytes, *padded, *bare;
} vectors[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
};

static void check_both_ways(const char *bytes, enum base64_form form, const char *text)
{
	char out[16];
	uint8_t back[8];
	size_t len = strlen(bytes);

	assert_true(base64_encode((const uint8_t *)bytes, len, form, out, sizeof(out)));
	assert_string_equal(out, text);
	assert_int_equal(base64_decode(text, strlen(text), form, back, sizeof(back)), len);
	assert_memory_equal(back, bytes, len);
	if (len > 0)
		assert_int_equal(base64_decode(text, strlen(text), form, back, len - 1), -E2BIG);
}

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		check_both_ways(vectors[i].bytes, BASE64_PADDED, vectors[i].padded);
		check_both_ways(vectors[i].bytes, BASE64_BARE, vectors[i].bare);
		check_both_ways(vectors[i].bytes, BASE64_URL, vectors[i].bare);
	}
	check_both_ways("\xfb\xff", BASE64_PADDED, "+/8=");
	check_both_ways("\xfb\xff", BASE64_URL, "-_8");
}

static void test_lines(void **state)
{
	uint8_t bytes[97], back[97];
	char text[BASE64_LINES_BYTES(97)], as_one[BASE64_TEXT_BYTES(97)];

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 37 + len);
		assert_true(base64_encode(bytes, len, BASE64_LINES, text, sizeof(text)));
		assert_true(base64_encode(bytes, len, BASE64_PADDED, as_one, sizeof(as_one)));
		assert_true(strlen(text) < BASE64_LINES_BYTES(len));
		const char *one = as_one;
		for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
			size_t line_len = strcspn(line, "\n");
			assert_in_range(line_len, 1, 64);
			assert_memory_equal(line, one, line_len);
			one += line_len;
		}
		assert_int_equal(*one, '\0');
		assert_int_equal(
			base64_decode(text, strlen(text), BASE64_LINES, back, sizeof(back)), len);
		assert_memory_equal(back, bytes, len);
	}
	assert_int_equal(base64_decode("Z\r\nm8\n=\n", 8, BASE64_LINES, back, sizeof(back)), 2);
}

static void test_foreign_text(void **state)
{
	static const struct {
		enum base64_form form;
		const char *text;
	} wrong[] = {
		{ BASE64_PADDED, "Zg" },
		{ BASE64_PADDED, "Zg=" },
		{ BASE64_PADDED, "Zg===" },
		{ BASE64_PADDED, "Zm9v=" },
		{ BASE64_PADDED, "Zm9v====" },
		{ BASE64_PADDED, "=" },
		{ BASE64_PADDED, "Z" },
		{ BASE64_PADDED, "Zg=a" },
		{ BASE64_PADDED, "Zh==" }, /* an unused bit is set */
		{ BASE64_PADDED, "Zm9=" },
		{ BASE64_PADDED, "Zm 8=" },
		{ BASE64_PADDED, "Zm\n8=" },
		{ BASE64_PADDED, "-_8=" },
		{ BASE64_BARE, "Zg==" },
		{ BASE64_BARE, "-_8" },
		{ BASE64_URL, "+/8" },
		{ BASE64_URL, "-_8=" },
		{ BASE64_URL, "-_9" },
		{ BASE64_URL, "Zm9vY" },
		{ BASE64_LINES, "Zg\n" },
		{ BASE64_LINES, "Zm8 =" },
		{ BASE64_LINES, "Zm8=\nZm8=\n" },
	};
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(base64_decode(wrong[i].text, strlen(wrong[i].text), wrong[i].form,
					 out, sizeof(out)),
			-EINVAL);
	assert_int_equal(base64_decode("Zg\0=", 4, BASE64_PADDED, out, sizeof(out)), -EINVAL);
}

static void test_room(void **state)
{
	char out[16] = "as before";

	(void)state;
	assert_false(base64_encode(
		(const uint8_t *)"0123456789abc", 13, BASE64_PADDED, out, sizeof(out)));
	assert_string_equal(out, "as before");
	assert_false(base64_encode((const uint8_t *)"foo", 3, BASE64_PADDED, out, 4));
	assert_true(base64_encode((const uint8_t *)"foo", 3, BASE64_PADDED, out, 5));
	assert_false(base64_encode((const uint8_t *)"foo", SIZE_MAX, BASE64_PADDED, out, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_foreign_text),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
