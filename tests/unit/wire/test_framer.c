/* A stream of messages, cut in every way. */
#include "tests/unit/cmocka_first.h"

#include "common/wire/framer.h"

#include <errno.h>
#include <string.h>

/* Three messages: PING, REFRESH, CAPS. */
static size_t make_stream(uint8_t *out)
{
	static const struct wire_message messages[] = {
		{ .type = WIRE_PING, .ping = { .id = 1, .sent_us = 2 } },
		{ .type = WIRE_REFRESH },
		{ .type = WIRE_CAPS, .caps = { .caps = 3 } },
	};
	uint8_t one[WIRE_MESSAGE_MAX_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < 3; i++) {
		int n = wire_encode(&messages[i], one);
		assert_true(n > 0);
		memcpy(out + len, one, (size_t)n);
		len += (size_t)n;
	}
	return len;
}

static void feed(struct wire_framer *f, const uint8_t *bytes, size_t len)
{
	size_t space;
	uint8_t *to = wire_framer_space(f, &space);

	assert_true(len <= space);
	memcpy(to, bytes, len);
	wire_framer_filled(f, len);
}

static void test_every_split(void **state)
{
	static const uint8_t types[] = { WIRE_PING, WIRE_REFRESH, WIRE_CAPS };
	static struct wire_framer f;
	uint8_t stream[128];
	size_t len = make_stream(stream);

	(void)state;
	for (size_t first = 0; first <= len; first++) {
		struct wire_header header;
		const uint8_t *payload;
		size_t got = 0;

		wire_framer_init(&f);
		feed(&f, stream, first);
		while (wire_framer_next(&f, &header, &payload) == 1)
			assert_int_equal(header.type, types[got++]);
		feed(&f, stream + first, len - first);
		while (wire_framer_next(&f, &header, &payload) == 1)
			assert_int_equal(header.type, types[got++]);
		assert_int_equal(got, 3);
	}
}

static void test_space_for_the_largest_message(void **state)
{
	static struct wire_framer f;
	static uint8_t message[WIRE_MESSAGE_MAX_BYTES] = { WIRE_FRAME, 0, 0x3f, 0xfc };
	struct wire_header header;
	const uint8_t *payload;
	size_t space;

	(void)state;
	wire_framer_init(&f);
	for (int i = 0; i < 5; i++) {
		feed(&f, message, sizeof(message) - 1);
		assert_int_equal(wire_framer_next(&f, &header, &payload), 0);
		feed(&f, message + sizeof(message) - 1, 1);
		assert_int_equal(wire_framer_next(&f, &header, &payload), 1);
		assert_int_equal(header.len, WIRE_PAYLOAD_MAX_BYTES);
		wire_framer_space(&f, &space);
		assert_true(space >= WIRE_MESSAGE_MAX_BYTES);
	}
}

static void test_malformed_header(void **state)
{
	static struct wire_framer f;
	static const uint8_t too_long[] = { WIRE_PING, 0, 0xff, 0xff };
	struct wire_header header;
	const uint8_t *payload;

	(void)state;
	wire_framer_init(&f);
	feed(&f, too_long, 3);
	assert_int_equal(wire_framer_next(&f, &header, &payload), 0);
	feed(&f, too_long + 3, 1);
	assert_int_equal(wire_framer_next(&f, &header, &payload), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_space_for_the_largest_message),
		cmocka_unit_test(test_malformed_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
