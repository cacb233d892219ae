/* Every record: there and back, every truncation, a byte too many, values out of range. */
#include "tests/unit/cmocka_first.h"

#include "tests/unit/ipc/record_samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_COUNT (sizeof(record_samples) / sizeof(*record_samples))

static uint8_t packet[IPC_PACKET_MAX_BYTES], again[IPC_PACKET_MAX_BYTES];

static int decode_exact(const uint8_t *bytes, size_t len)
{
	static struct record out;
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	int r = record_decode(exact, len, &out);
	free(exact);
	return r;
}

static void test_every_type_has_a_sample(void **state)
{
	size_t known = 0;

	(void)state;
	for (unsigned type = 0; type < 256; type++)
		known += strcmp(record_type_name((uint8_t)type), "?") != 0;
	assert_int_equal(known, SAMPLE_COUNT);
}

static void test_there_and_back(void **state)
{
	static struct record out;

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		int len = record_encode(&record_samples[i], packet);
		if (len < 1)
			fail_msg("%s is not encoded",
				record_type_name((uint8_t)record_samples[i].type));
		if (record_decode(packet, (size_t)len, &out) != 0)
			fail_msg("%s is not decoded",
				record_type_name((uint8_t)record_samples[i].type));
		assert_int_equal(out.type, record_samples[i].type);
		assert_int_equal(record_encode(&out, again), len);
		assert_memory_equal(packet, again, (size_t)len);
	}
}

static void test_cuts_and_a_byte_too_many(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		int len = record_encode(&record_samples[i], packet);
		assert_true(len > 0);
		for (size_t cut = 0; cut < (size_t)len; cut++)
			assert_int_equal(decode_exact(packet, cut), -EPROTO);
		packet[len] = 0;
		assert_int_equal(decode_exact(packet, (size_t)len + 1), -EPROTO);
	}
}

static void test_values_out_of_range(void **state)
{
	static const struct record wrong[] = {
		{ .type = RECORD_FRAMEBUFFER, .framebuffer = { .width_px = 0, .height_px = 1 } },
		{ .type = RECORD_FRAMEBUFFER,
			.framebuffer = { .width_px = 16385, .height_px = 1 } },
		{ .type = RECORD_FRAMEBUFFER,
			.framebuffer = { .width_px = 16384, .height_px = 16384 } },
		{ .type = RECORD_AGENT_READY, .agent_ready = { .width_px = 1, .height_px = 0 } },
		{ .type = RECORD_FRAME_READY, .frame_ready = { .rect_count = 0 } },
		{ .type = RECORD_FRAME_READY,
			.frame_ready = { .rects = { { 1, 1, 0, 1 } }, .rect_count = 1 } },
		{ .type = RECORD_FRAME_READY,
			.frame_ready = { .rects = { { 16384, 0, 1, 1 } }, .rect_count = 1 } },
		{ .type = RECORD_UPDATE,
			.update = { .rects = { { 1, 16000, 1, 385 } }, .rect_count = 1 } },
		{ .type = RECORD_CURSOR, .cursor = { .width_px = 257, .height_px = 1 } },
		{ .type = RECORD_CURSOR, .cursor = { .width_px = 1, .height_px = 0 } },
		{ .type = RECORD_CURSOR,
			.cursor = { .width_px = 4, .height_px = 4, .hot_x_px = 4 } },
		{ .type = RECORD_DENIED, .denied = { .code = 0 } },
		{ .type = RECORD_PIXELS, .pixels = { .stride_bytes = 7 } },
		{ .type = RECORD_PIXELS, .pixels = { .stride_bytes = 65540 } },
		{ .type = RECORD_LINK_CONFIG, .link_config = { .mode = 3 } },
		{ .type = RECORD_SIGN, .sign = { .kind = 2, .csr = BLOB } },
		{ .type = RECORD_SIGNED, .signed_reply = { .code = 0 } },
		{ .type = RECORD_PROOF },
		{ .type = RECORD_WIRE, .wire = { .message = { .bytes = wire_bytes, .len = 3 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		int len = record_encode(&wrong[i], packet);
		if (len > 0 && decode_exact(packet, (size_t)len) != -EPROTO)
			fail_msg("case %zu (%s) was taken", i,
				record_type_name((uint8_t)wrong[i].type));
	}
}

static void test_too_many(void **state)
{
	static struct record r = { .type = RECORD_CHAIN,
		.chain = { .count = RECORD_CERTS_MAX + 1 } };
	static struct record rects = { .type = RECORD_UPDATE,
		.update = { .rect_count = RECORD_RECTS_MAX + 1 } };
	static const uint8_t packets[][2] = { { RECORD_CHAIN, 5 }, { RECORD_CHAIN, 255 }, { 0, 0 },
		{ 255, 0 } };

	(void)state;
	assert_int_equal(record_encode(&r, packet), -EINVAL);
	assert_int_equal(record_encode(&rects, packet), -EINVAL);
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++)
		assert_int_equal(decode_exact(packets[i], 2), -EPROTO);
}

static void test_messages_inside(void **state)
{
	static const uint8_t bad[][8] = {
		{ WIRE_CAPS, 0, 0, 3, 0, 0, 0, 1 }, /* length and bytes differ */
		{ WIRE_CAPS, 0, 0, 5, 0, 0, 0, 1 },
		{ 200, WIRE_FLAG_OPTIONAL, 0, 4, 0 }, /* nobody of ours sends what we do not know */
		{ WIRE_LEDS, 0, 0, 4, 0 },
	};
	struct record_wire w = { .message = { .bytes = wire_bytes, .len = sizeof(wire_bytes) } };
	struct wire_message m;

	(void)state;
	assert_int_equal(record_wire_message(&w, &m), 0);
	assert_int_equal(m.caps.caps, 1);
	for (size_t i = 0; i < 4; i++) {
		w.message = (struct record_blob){ .bytes = bad[i], .len = 8 };
		assert_int_equal(record_wire_message(&w, &m), -EPROTO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_has_a_sample),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_cuts_and_a_byte_too_many),
		cmocka_unit_test(test_values_out_of_range),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_messages_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
