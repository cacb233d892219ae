/* The bounds-checked reader and the writer beside it. */
#include "tests/unit/cmocka_first.h"

#include "common/wire/plain_text.h"
#include "common/wire/reader.h"
#include "common/wire/writer.h"

#include <stdlib.h>
#include <string.h>

static void test_integers(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff,
		0xfe, 1 };
	struct wire_reader r;

	(void)state;
	wire_reader_init(&r, bytes, sizeof(bytes));
	assert_int_equal(wire_read_u8(&r), 0x01);
	assert_int_equal(wire_read_u16(&r), 0x0203);
	assert_int_equal(wire_read_u32(&r), 0x04050607);
	assert_int_equal(wire_read_u64(&r), 0x08090a0b0c0d0e0fULL);
	assert_int_equal(wire_read_i16(&r), -2);
	assert_false(wire_reader_done(&r));
	assert_true(wire_read_bool(&r));
	assert_true(wire_reader_done(&r));
}

static void test_short_reads_give_zero_and_stick(void **state)
{
	for (size_t len = 0; len < 8; len++) {
		uint8_t *exact =
			malloc(len ? len : 1); /* heap, so that a sanitizer sees a read past len */
		struct wire_reader r;

		assert_non_null(exact);
		memset(exact, 0xff, len ? len : 1);
		wire_reader_init(&r, exact, len);
		assert_int_equal(wire_read_u64(&r), 0);
		assert_true(r.failed);
		assert_int_equal(wire_read_u8(&r), 0); /* although a byte may be there */
		assert_int_equal(wire_reader_left(&r), 0);
		assert_false(wire_reader_done(&r));
		free(exact);
	}
	(void)state;
}

static void test_bool_is_zero_or_one(void **state)
{
	for (unsigned v = 0; v < 256; v++) {
		uint8_t byte = (uint8_t)v;
		struct wire_reader r;

		wire_reader_init(&r, &byte, 1);
		assert_int_equal(wire_read_bool(&r), v == 1);
		assert_int_equal(r.failed, v > 1);
	}
	(void)state;
}

static void test_blob(void **state)
{
	static const uint8_t bytes[] = { 0, 3, 'a', 'b', 'c' };
	struct wire_reader r;
	size_t len = 9;

	(void)state;
	wire_reader_init(&r, bytes, sizeof(bytes));
	assert_ptr_equal(wire_read_blob(&r, 3, &len), bytes + 2);
	assert_int_equal(len, 3);
	assert_true(wire_reader_done(&r));

	wire_reader_init(&r, bytes, sizeof(bytes)); /* over its limit */
	wire_read_blob(&r, 2, &len);
	assert_true(r.failed);
	assert_int_equal(len, 0);

	wire_reader_init(&r, bytes, sizeof(bytes) - 1); /* longer than what is left */
	assert_null(wire_read_blob(&r, 3, &len));
	assert_true(r.failed);
	assert_int_equal(len, 0);
}

static bool text_is_taken(const char *bytes, size_t len, size_t size)
{
	uint8_t message[300];
	char out[300];
	struct wire_reader r;

	message[0] = (uint8_t)len;
	memcpy(message + 1, bytes, len);
	wire_reader_init(&r, message, len + 1);
	wire_read_text(&r, out, size);
	if (r.failed)
		assert_string_equal(out, "");
	else
		assert_memory_equal(out, bytes, len);
	return !r.failed;
}

static void test_text(void **state)
{
	static const char *const refused[] = { "\x1b[31m", "a\nb", "\x7f", "\x80", "\xc0\x80",
		"\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc2\x85", "\xff" };

	(void)state;
	assert_true(text_is_taken("", 0, 1));
	assert_true(text_is_taken("abc", 3, 4));
	assert_false(text_is_taken("abc", 3, 3)); /* no room for the end */
	assert_true(text_is_taken("Gr\xc3\xbc\xc3\x9f"
				  "e \xe2\x82\xac \xf0\x9f\x98\x80",
		16, 64));
	assert_false(text_is_taken("a\0b", 3, 64));
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_false(text_is_taken(refused[i], strlen(refused[i]), 64));
}

static void test_sub_reader(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	struct wire_reader r;

	(void)state;
	wire_reader_init(&r, bytes, sizeof(bytes));
	struct wire_reader sub = wire_read_sub(&r, 3);
	assert_int_equal(wire_read_u16(&sub), 0x0102);
	assert_false(wire_reader_done(&sub)); /* what is left over is an error */
	assert_int_equal(wire_read_u8(&r), 4);
	assert_true(wire_reader_done(&r));
	sub = wire_read_sub(&r, 1);
	assert_true(sub.failed);
	assert_true(r.failed);
}

static void test_writer_refuses_what_does_not_fit(void **state)
{
	for (size_t size = 0; size < 15; size++) {
		uint8_t *exact = malloc(size ? size : 1);
		struct wire_writer w;

		assert_non_null(exact);
		wire_writer_init(&w, exact, size);
		wire_write_u64(&w, 1);
		wire_write_u32(&w, 2);
		wire_write_text(&w, "xy");
		assert_false(wire_writer_ok(&w));
		assert_true(w.len <= size);
		free(exact);
	}
	(void)state;
}

/* What is typed may turn the direction; what is shown may not. */
static void test_plain_text(void **state)
{
	static const char *const formats[] = { "tom\xe2\x80\xae"
					       "exe",
		"a\xe2\x80\xa8"
		"b",
		"\xe2\x80\x8b", "\xef\xbb\xbfx", "\xe2\x81\xa6", "\xd8\x9c", "\xc2\xad",
		"\xf3\xa0\x81\x81" };
	static const char *const taken[] = { "", "tom", "Gr\xc3\xbc\xc3\x9f", "\xd7\xa9\xd7\x9c",
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xd9\x87\xe2\x80\x8c" };
	uint8_t bytes[64];
	char out[64];
	struct wire_reader r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats) + ARRAY_LEN(taken); i++) {
		bool plain = i >= ARRAY_LEN(formats);
		const char *text = plain ? taken[i - ARRAY_LEN(formats)] : formats[i];
		size_t len = strlen(text);
		assert_true(wire_text_clean(text, len));
		assert_int_equal(plain_text_valid(text, len), plain);
		bytes[0] = (uint8_t)len;
		memcpy(bytes + 1, text, len);
		wire_reader_init(&r, bytes, len + 1);
		plain_text_read(&r, out, sizeof(out));
		assert_int_equal(wire_reader_done(&r), plain);
		assert_string_equal(out, plain ? text : "");
	}
	assert_false(plain_text_valid("a\nb", 3));
	assert_false(plain_text_valid("\xff", 1));
}

static void test_writer_cuts_text_between_characters(void **state)
{
	uint8_t out[300];
	char text[300];
	struct wire_writer w;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + 254, "\xc3\xbc", 2); /* its second byte is the 256th */
	text[299] = '\0';
	wire_writer_init(&w, out, sizeof(out));
	wire_write_text(&w, text);
	assert_true(wire_writer_ok(&w));
	assert_int_equal(out[0], 254);
	assert_int_equal(w.len, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_short_reads_give_zero_and_stick),
		cmocka_unit_test(test_bool_is_zero_or_one),
		cmocka_unit_test(test_blob),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_plain_text),
		cmocka_unit_test(test_sub_reader),
		cmocka_unit_test(test_writer_refuses_what_does_not_fit),
		cmocka_unit_test(test_writer_cuts_text_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
