/* Every message: golden bytes both ways, every truncation, a byte too many, every field at and past
 * its limits. */
#include "tests/unit/cmocka_first.h"

#include "tests/unit/wire/samples.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_COUNT (sizeof(samples) / sizeof(*samples))

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		unsigned byte = 0;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return len;
}

/* Decodes a message whose header is adapted to len payload bytes, which stand on the heap exactly.
 */
static int decode_exact(uint8_t type, uint8_t flags, const uint8_t *payload, size_t len)
{
	const struct wire_header header = { .type = type, .flags = flags, .len = (uint16_t)len };
	struct wire_message m;
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, payload, len);
	int r = wire_decode(&header, exact, &m);
	free(exact);
	return r;
}

static void test_every_type_has_a_sample(void **state)
{
	size_t known = 0;

	(void)state;
	for (unsigned type = 0; type < 256; type++)
		known += strcmp(wire_type_name((uint8_t)type), "?") != 0;
	assert_int_equal(known, SAMPLE_COUNT);
}

static void test_golden_bytes(void **state)
{
	static uint8_t golden[WIRE_MESSAGE_MAX_BYTES], encoded[WIRE_MESSAGE_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		size_t len = from_hex(samples[i].hex, golden);
		assert_int_equal(wire_encode(&samples[i].message, encoded), len);
		assert_memory_equal(encoded, golden, len);

		struct wire_header header;
		struct wire_message m;
		assert_int_equal(wire_header_decode(golden, &header), 0);
		assert_int_equal(header.len, len - WIRE_HEADER_BYTES);
		assert_int_equal(wire_decode(&header, golden + WIRE_HEADER_BYTES, &m), 0);
		memset(encoded, 0, sizeof(encoded));
		assert_int_equal(wire_encode(&m, encoded), len);
		assert_memory_equal(encoded, golden, len);
	}
}

/* How long the samples' last fields are that take what is left. */
static size_t rest_bytes(enum wire_type type)
{
	return type == WIRE_TEXT ? 3 : type == WIRE_CURSOR ? 8 : 4;
}

static void test_truncations(void **state)
{
	static uint8_t golden[WIRE_MESSAGE_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		size_t len = from_hex(samples[i].hex, golden) - WIRE_HEADER_BYTES;
		/* Messages whose last field takes what is left lose only that: the fixed part must
		 * be whole. */
		size_t fixed =
			samples[i].open_ended ? len - rest_bytes(samples[i].message.type) + 1 : len;
		for (size_t cut = 0; cut < fixed; cut++) {
			if (samples[i].message.type == WIRE_FRAME && cut == 10)
				continue; /* a FRAME_END without bytes is one, were its flags so:
					     test_frames */
			assert_int_equal(
				decode_exact(golden[0], golden[1], golden + WIRE_HEADER_BYTES, cut),
				-EPROTO);
		}
	}
}

static void test_a_byte_too_many(void **state)
{
	static uint8_t golden[WIRE_MESSAGE_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		if (samples[i].open_ended)
			continue;
		size_t len = from_hex(samples[i].hex, golden);
		golden[len] = 0;
		assert_int_equal(decode_exact(golden[0], golden[1], golden + WIRE_HEADER_BYTES,
					 len - WIRE_HEADER_BYTES + 1),
			-EPROTO);
	}
}

/* A field's bytes at an offset of the payload, and whether the message is then good. */
struct field {
	enum wire_type type;
	size_t offset;
	const char *hex;
	bool good;
};

static const struct field fields[] = {
	/* HELLO: versions, then the window's size at the end */
	{ WIRE_HELLO, 0, "0001", false },
	{ WIRE_HELLO, 0, "0201", false },
	{ WIRE_HELLO, 0, "01ff", true },
	{ WIRE_HELLO, 57, "40000000", true },
	{ WIRE_HELLO, 57, "40010000", false },
	{ WIRE_HELLO, 59, "4001", false },
	{ WIRE_HELLO, 6, "0d1b", false }, /* an escape in the software's name */
	{ WIRE_PROOF, 0, "0000", false },
	{ WIRE_WELCOME, 22, "8000000000000000", false }, /* last seen before 1970 */
	{ WIRE_GOODBYE, 0, "0000", false },
	{ WIRE_GOODBYE, 0, "ffff", true },
	{ WIRE_GOODBYE, 3, "e282ac", true },
	{ WIRE_GOODBYE, 3, "e280ae", false }, /* it would turn the direction of writing */
	/* SCREEN: 1 to 16384 a side, 64 Mpixel */
	{ WIRE_SCREEN, 4, "00000438", false },
	{ WIRE_SCREEN, 4, "07800000", false },
	{ WIRE_SCREEN, 4, "40000001", true },
	{ WIRE_SCREEN, 4, "40010001", false },
	{ WIRE_SCREEN, 4, "00014001", false },
	{ WIRE_SCREEN, 4, "40001000", true },
	{ WIRE_SCREEN, 4, "40001001", false },
	{ WIRE_SCREEN, 8, "02", false },
	{ WIRE_FRAME, 8, "00", true },
	{ WIRE_FRAME, 8, "02", false }, /* END with bytes, but no slice's end */
	{ WIRE_FRAME, 8, "04", false },
	{ WIRE_FRAME, 9, "02", false },
	/* CURSOR: 2x1, hot 1,0, offset 0, 8 bytes */
	{ WIRE_CURSOR, 0, "01010001", false }, /* 257 wide */
	{ WIRE_CURSOR, 0, "00020000", false }, /* no height, but bytes */
	{ WIRE_CURSOR, 4, "0002", false },     /* hot spot outside */
	{ WIRE_CURSOR, 6, "0001", false },
	{ WIRE_CURSOR, 8, "00000001", false }, /* past its end */
	{ WIRE_CURSOR, 8, "ffffffff", false },
	{ WIRE_CURSOR_MOVE, 0, "3fff3fff", true },
	{ WIRE_CURSOR_MOVE, 0, "40000000", false },
	{ WIRE_CURSOR_AGAIN, 0, "3f", true },
	{ WIRE_CURSOR_AGAIN, 0, "40", false },
	{ WIRE_CURSOR_MOVE, 2, "4000", false },
	{ WIRE_LEDS, 0, "07", true },
	{ WIRE_LEDS, 0, "08", false },
	{ WIRE_CHECKSUM, 16, "02", false },
	{ WIRE_KEY, 4, "02ff", true },
	{ WIRE_KEY, 4, "0300", false },
	{ WIRE_KEY, 6, "1fffffff", true },
	{ WIRE_KEY, 6, "20000000", false },
	{ WIRE_KEY, 4, "000000000000", false },     /* neither key nor keysym */
	{ WIRE_KEY, 4, "0000000000610101", false }, /* physical without a key */
	{ WIRE_KEY, 10, "02", false },
	{ WIRE_TEXT, 4, "c3c3bc", false },
	{ WIRE_TEXT, 4, "0a4142", false },
	{ WIRE_POINTER, 4, "3fff3fff", true },
	{ WIRE_POINTER, 4, "40000000", false },
	{ WIRE_BUTTON, 4, "00", false },
	{ WIRE_BUTTON, 4, "03", true },
	{ WIRE_BUTTON, 4, "04", false },
	{ WIRE_BUTTON, 4, "07", false },
	{ WIRE_BUTTON, 4, "08", true },
	{ WIRE_BUTTON, 4, "09", true },
	{ WIRE_BUTTON, 4, "0a", false },
	{ WIRE_WHEEL, 4, "2ee0d120", true }, /* 12000, -12000 */
	{ WIRE_WHEEL, 4, "2ee1", false },
	{ WIRE_WHEEL, 6, "d11f", false },
	{ WIRE_VIEW, 0, "40004000", true },
	{ WIRE_VIEW, 0, "4001", false },
	{ WIRE_VIEW, 2, "4001", false },
	{ WIRE_DPI, 0, "0000", true },
	{ WIRE_DPI, 0, "0001", false },
	{ WIRE_DPI, 0, "002f", false },
	{ WIRE_DPI, 0, "0030", true },
	{ WIRE_DPI, 0, "03c0", true },
	{ WIRE_DPI, 0, "03c1", false },
	{ WIRE_CLIPBOARD_OFFER, 0, "00000000", false },
	{ WIRE_CLIPBOARD_OFFER, 0, "ffffffff", true },
	{ WIRE_CLIPBOARD_OFFER, 4, "01", true },
	{ WIRE_CLIPBOARD_OFFER, 4, "02", false }, /* a third selection */
	{ WIRE_CLIPBOARD_OFFER, 4, "00", true },
	{ WIRE_CLIPBOARD_OFFER, 5, "0f", true },
	{ WIRE_CLIPBOARD_OFFER, 5, "1f", true },  /* files, too */
	{ WIRE_CLIPBOARD_OFFER, 5, "20", false }, /* a sixth kind */
	{ WIRE_CLIPBOARD_OFFER, 5, "00", false },
	{ WIRE_CLIPBOARD_OFFER, 5, "0101", true },
	{ WIRE_CLIPBOARD_OFFER, 6, "02", false },
	{ WIRE_CLIPBOARD_OFFER, 7, "0000000000000000", false },
	{ WIRE_CLIPBOARD_WITHDRAW, 0, "00000000", false },
	{ WIRE_CLIPBOARD_ASK, 0, "00000000", false },
	{ WIRE_CLIPBOARD_ASK, 4, "00000000", false },
	{ WIRE_CLIPBOARD_ASK, 8, "03", true },
	{ WIRE_CLIPBOARD_ASK, 8, "04", false },
	{ WIRE_CLIPBOARD_ASK, 9, "00000000", false },
	{ WIRE_CLIPBOARD_ASK, 9, "00100000", true },
	{ WIRE_CLIPBOARD_ASK, 9, "00100001", false },
	{ WIRE_CLIPBOARD_DATA, 0, "00000000", false },
	{ WIRE_CLIPBOARD_DATA, 4, "01", true },
	{ WIRE_CLIPBOARD_DATA, 4, "02", false }, /* refused, with bytes */
	{ WIRE_CLIPBOARD_DATA, 4, "06", false },
	{ WIRE_CLIPBOARD_DATA, 4, "07", false },
	{ WIRE_CLIPBOARD_MORE, 0, "00000000", false },
	{ WIRE_CLIPBOARD_MORE, 4, "00000000", false },
	{ WIRE_CLIPBOARD_MORE, 4, "00100000", true },
	{ WIRE_CLIPBOARD_MORE, 4, "00100001", false },
	{ WIRE_CLIPBOARD_STOP, 0, "00000000", false },
	{ WIRE_SOUND_WANT, 0, "00", true },
	{ WIRE_SOUND_WANT, 0, "02", false },
	{ WIRE_SOUND_START, 0, "00", false },
	{ WIRE_SOUND_START, 0, "01", true },
	{ WIRE_SOUND_START, 0, "03", false },
	{ WIRE_SOUND_START, 1, "000009c4", true },  /* 2.5 ms */
	{ WIRE_SOUND_START, 1, "0000ea60", true },  /* 60 ms */
	{ WIRE_SOUND_START, 1, "00002711", false }, /* 10.001 ms */
	{ WIRE_SOUND_START, 1, "00000000", false },
	{ WIRE_SOUND_STOP, 0, "02", true },
	{ WIRE_SOUND_STOP, 0, "03", false },
	{ WIRE_FILE_PUT, 1, "07", true },
	{ WIRE_FILE_PUT, 1, "08", false },
	{ WIRE_FILE_PUT, 4, "00", false }, /* a zero byte in a path */
	{ WIRE_FILE_PUT, 4, "2f2e2e2f",
		true }, /* the person's word: judged by the folder's rules */
	{ WIRE_FILE_GET, 1, "07", true },
	{ WIRE_FILE_GET, 1, "10", false }, /* lent, and nothing that is copied */
	{ WIRE_FILE_GET, 1, "19", false },
	{ WIRE_FILE_GET, 1, "20", false },
	{ WIRE_FILE_GET, 1, "08", false }, /* with a path */
	{ WIRE_FILE_GET, 1, "0c", false },
	/* ENTRY: transfer, entry, kind, mode, mtime, size 0, path "docs" at 30, target "x" at 36 */
	{ WIRE_FILE_ENTRY, 1, "00000000", false },
	{ WIRE_FILE_ENTRY, 5, "03", false },
	{ WIRE_FILE_ENTRY, 5, "01", false }, /* a folder that leads somewhere */
	{ WIRE_FILE_ENTRY, 5, "00", false },
	{ WIRE_FILE_ENTRY, 6, "01ff", true },
	{ WIRE_FILE_ENTRY, 6, "0200", false }, /* sticky; setuid is 0800 */
	{ WIRE_FILE_ENTRY, 6, "0800", false },
	{ WIRE_FILE_ENTRY, 8, "8000000000000000", true },
	{ WIRE_FILE_ENTRY, 16, "3b9ac9ff", true },
	{ WIRE_FILE_ENTRY, 16, "3b9aca00", false },
	{ WIRE_FILE_ENTRY, 20, "0000000000000001", false }, /* the size of a link */
	{ WIRE_FILE_ENTRY, 30, "2f", false },
	{ WIRE_FILE_ENTRY, 33, "2f", false },
	{ WIRE_FILE_ENTRY, 30, "612f2f62", false },
	{ WIRE_FILE_ENTRY, 30, "612f2e2e", false },
	{ WIRE_FILE_ENTRY, 30, "2e2e2f61", false },
	{ WIRE_FILE_ENTRY, 30, "2e2f6161", false },
	{ WIRE_FILE_ENTRY, 30, "2e2e2e2e", true },
	{ WIRE_FILE_ENTRY, 30, "61006161", false },
	{ WIRE_FILE_ENTRY, 30, "0a1bff7f", true }, /* bytes are names */
	{ WIRE_FILE_ENTRY, 36, "00", false },
	{ WIRE_FILE_SKIP, 1, "02", false },
	{ WIRE_FILE_SKIP, 2, "0000000000000000", false },
	{ WIRE_FILE_SKIP, 2, "0000040000000000", true },
	{ WIRE_FILE_SKIP, 2, "0000040000000001", false },
	{ WIRE_FILE_END, 1, "0000040000000000", true },
	{ WIRE_FILE_END, 1, "0000040000000001", false },
	{ WIRE_FILE_HAVE, 1, "00000000", false },
	{ WIRE_FILE_HAVE, 5, "0000ffff", true },
	{ WIRE_FILE_HAVE, 5, "00010000", false },
	{ WIRE_FILE_HAVE, 5, "ffffffff", false },
	{ WIRE_FILE_FAULT, 5, "00", false },
	{ WIRE_FILE_FAULT, 5, "17", true },
	{ WIRE_FILE_FAULT, 5, "18", false },
	{ WIRE_FILE_STOP, 1, "00", true },
	{ WIRE_FILE_STOP, 1, "18", false },
	{ WIRE_ENROLL, 0, "0801", false }, /* a request of 2049 bytes */
	{ WIRE_RENEW, 0, "0000", false },
	{ WIRE_RENEWED, 0, "0000", false },
};

static void test_limits_of_fields(void **state)
{
	static uint8_t golden[WIRE_MESSAGE_MAX_BYTES], bytes[64];

	(void)state;
	for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++) {
		for (size_t i = 0; i < SAMPLE_COUNT; i++) {
			if (samples[i].message.type != fields[f].type)
				continue;
			size_t len = from_hex(samples[i].hex, golden) - WIRE_HEADER_BYTES;
			size_t n = from_hex(fields[f].hex, bytes);
			assert_true(fields[f].offset + n <= len);
			memcpy(golden + WIRE_HEADER_BYTES + fields[f].offset, bytes, n);
			int r = decode_exact(golden[0], golden[1], golden + WIRE_HEADER_BYTES, len);
			if (r != (fields[f].good ? 0 : -EPROTO))
				fail_msg("%s at %zu: %s", wire_type_name(golden[0]),
					fields[f].offset, fields[f].hex);
		}
	}
}

static void test_frames(void **state)
{
	static uint8_t payload[WIRE_PAYLOAD_MAX_BYTES];

	(void)state;
	payload[8] = WIRE_FRAME_END;
	assert_int_equal(decode_exact(WIRE_FRAME, 0, payload, 10), 0); /* END alone */
	payload[8] = WIRE_FRAME_END | WIRE_FRAME_NO_ACK;
	assert_int_equal(decode_exact(WIRE_FRAME, 0, payload, 10), 0);
	payload[8] = WIRE_FRAME_SLICE_END | WIRE_FRAME_NO_ACK; /* of a frame that goes on */
	assert_int_equal(decode_exact(WIRE_FRAME, 0, payload, 11), -EPROTO);
	payload[8] = 0x08;
	assert_int_equal(decode_exact(WIRE_FRAME, 0, payload, 11), -EPROTO);
	payload[8] = WIRE_FRAME_SLICE_END;
	assert_int_equal(decode_exact(WIRE_FRAME, 0, payload, 10), -EPROTO);
	assert_int_equal(decode_exact(WIRE_FRAME, 0, payload, 10 + WIRE_SLICE_PART_MAX_BYTES), 0);
	assert_int_equal(
		decode_exact(WIRE_FRAME, 0, payload, 10 + WIRE_SLICE_PART_MAX_BYTES + 1), -EPROTO);
}

static void test_clipboard_data(void **state)
{
	static uint8_t payload[WIRE_PAYLOAD_MAX_BYTES];

	(void)state;
	payload[3] = 1;
	for (uint8_t status = 0; status <= WIRE_CLIPBOARD_STATUSES; status++) {
		bool has_bytes = status == WIRE_CLIPBOARD_PART || status == WIRE_CLIPBOARD_END;
		bool empty = status != WIRE_CLIPBOARD_PART && status < WIRE_CLIPBOARD_STATUSES;
		payload[4] = status;
		assert_int_equal(
			decode_exact(WIRE_CLIPBOARD_DATA, 0, payload, 5), empty ? 0 : -EPROTO);
		assert_int_equal(decode_exact(WIRE_CLIPBOARD_DATA, 0, payload,
					 5 + WIRE_CLIPBOARD_PART_MAX_BYTES),
			has_bytes ? 0 : -EPROTO);
		assert_int_equal(decode_exact(WIRE_CLIPBOARD_DATA, 0, payload,
					 5 + WIRE_CLIPBOARD_PART_MAX_BYTES + 1),
			-EPROTO);
	}
}

/* Names that no receiver may make. */
static void test_paths_of_files(void **state)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 2];

	(void)state;
	memset(path, 'a', sizeof(path));
	assert_true(wire_file_path_clean((const uint8_t *)path, WIRE_FILE_NAME_MAX_BYTES));
	assert_false(wire_file_path_clean((const uint8_t *)path, WIRE_FILE_NAME_MAX_BYTES + 1));
	assert_false(wire_file_path_clean((const uint8_t *)path, 0));
	for (size_t i = 1; i < sizeof(path); i += 2)
		path[i] = '/';
	assert_true(wire_file_path_clean((const uint8_t *)path, 2 * WIRE_FILE_DEPTH_MAX - 1));
	assert_false(wire_file_path_clean((const uint8_t *)path, 2 * WIRE_FILE_DEPTH_MAX + 1));
	memset(path, 'a', sizeof(path));
	for (size_t i = 100; i < sizeof(path); i += 100)
		path[i] = '/';
	assert_true(wire_file_path_clean((const uint8_t *)path, WIRE_FILE_PATH_MAX_BYTES));
	assert_false(wire_file_path_clean((const uint8_t *)path, WIRE_FILE_PATH_MAX_BYTES + 1));
}

static void test_parts_of_files(void **state)
{
	static uint8_t payload[WIRE_PAYLOAD_MAX_BYTES];

	(void)state;
	assert_int_equal(decode_exact(WIRE_FILE_DATA, 0, payload, 1 + WIRE_FILE_PART_MAX_BYTES), 0);
	assert_int_equal(
		decode_exact(WIRE_FILE_DATA, 0, payload, 2 + WIRE_FILE_PART_MAX_BYTES), -EPROTO);
	payload[4] = 1;
	size_t most = 9 + WIRE_FILE_HAVE_PART_BLOCKS * WIRE_FILE_HASH_BYTES;
	assert_int_equal(decode_exact(WIRE_FILE_HAVE, 0, payload, most), 0);
	assert_int_equal(
		decode_exact(WIRE_FILE_HAVE, 0, payload, most + WIRE_FILE_HASH_BYTES), -EPROTO);
	assert_int_equal(decode_exact(WIRE_FILE_HAVE, 0, payload, 9), -EPROTO);
}

static void test_headers(void **state)
{
	static const struct {
		uint8_t bytes[4];
		int result;
	} cases[] = {
		{ { WIRE_PING, 0, 0x3f, 0xfc }, 0 }, /* 16380 */
		{ { WIRE_PING, 0, 0x3f, 0xfd }, -EPROTO },
		{ { WIRE_PING, 0, 0xff, 0xff }, -EPROTO },
		{ { WIRE_PING, 1, 0, 0 }, 0 },
		{ { WIRE_PING, 2, 0, 0 }, -EPROTO },
		{ { WIRE_PING, 0x81, 0, 0 }, -EPROTO },
	};
	struct wire_header h;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(wire_header_decode(cases[i].bytes, &h), cases[i].result);
}

static void test_unknown_types(void **state)
{
	(void)state;
	assert_int_equal(decode_exact(200, WIRE_FLAG_OPTIONAL, (const uint8_t *)"xyz", 3), 1);
	assert_int_equal(decode_exact(200, 0, (const uint8_t *)"xyz", 3), -EPROTO);
	assert_int_equal(decode_exact(0, 0, NULL, 0), -EPROTO);
	assert_string_equal(wire_type_name(200), "?");
}

static void test_encoding_refuses_our_own_mistakes(void **state)
{
	static uint8_t out[WIRE_MESSAGE_MAX_BYTES], big[WIRE_PAYLOAD_MAX_BYTES];
	const struct wire_message wrong[] = {
		{ .type = WIRE_SCREEN },
		{ .type = WIRE_BUTTON, .button = { .button = 4 } },
		{ .type = WIRE_FRAME,
			.frame = { .bytes = big, .len = WIRE_SLICE_PART_MAX_BYTES + 1 } },
		{ .type = WIRE_PROOF,
			.proof = { .signature = big,
				.signature_len = WIRE_SIGNATURE_MAX_BYTES + 1 } },
		{ .type = WIRE_ENROLL,
			.enroll = { .csr = big, .csr_len = WIRE_CSR_MAX_BYTES + 1 } },
		{ .type = (enum wire_type)200 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(wire_encode(&wrong[i], out), -EINVAL);
}

static void test_who_may_send_what_when(void **state)
{
	(void)state;
	assert_true(wire_allowed(WIRE_HELLO, WIRE_PHASE_HELLO, true));
	assert_false(wire_allowed(WIRE_HELLO, WIRE_PHASE_OPEN, true));
	assert_false(wire_allowed(WIRE_KEY, WIRE_PHASE_PROOF, true));
	assert_false(wire_allowed(WIRE_KEY, WIRE_PHASE_ENROLL, true));
	assert_true(wire_allowed(WIRE_KEY, WIRE_PHASE_OPEN, true));
	assert_false(wire_allowed(WIRE_KEY, WIRE_PHASE_OPEN, false));
	assert_false(wire_allowed(WIRE_FRAME, WIRE_PHASE_OPEN, true));
	assert_false(wire_allowed(WIRE_WELCOME, WIRE_PHASE_PROOF, true));
	assert_true(wire_allowed(WIRE_WELCOME, WIRE_PHASE_PROOF, false));
	assert_true(wire_allowed(WIRE_HELLO, WIRE_PHASE_ENROLL, true));
	assert_true(wire_allowed(WIRE_HELLO, WIRE_PHASE_ENROLL, false));
	assert_true(wire_allowed(WIRE_PROOF, WIRE_PHASE_ENROLL, true));
	assert_false(wire_allowed(WIRE_PROOF, WIRE_PHASE_ENROLL, false));
	assert_false(wire_allowed(WIRE_WELCOME, WIRE_PHASE_ENROLL, false));
	assert_true(wire_allowed(WIRE_ENROLL, WIRE_PHASE_ENROLL, true));
	assert_false(wire_allowed(WIRE_ENROLL, WIRE_PHASE_OPEN, true));
	assert_true(wire_allowed(WIRE_GOODBYE, WIRE_PHASE_HELLO, true));
	/* Every message that reaches the session's keyboard or pointer needs the capability. */
	for (unsigned type = WIRE_KEY; type <= WIRE_RELEASE_ALL; type++)
		assert_int_equal(wire_cap_needed((uint8_t)type), WIRE_CAP_INPUT);
	assert_int_equal(wire_cap_needed(WIRE_FRAME_ACK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_has_a_sample),
		cmocka_unit_test(test_golden_bytes),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_a_byte_too_many),
		cmocka_unit_test(test_limits_of_fields),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_clipboard_data),
		cmocka_unit_test(test_paths_of_files),
		cmocka_unit_test(test_parts_of_files),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_unknown_types),
		cmocka_unit_test(test_encoding_refuses_our_own_mistakes),
		cmocka_unit_test(test_who_may_send_what_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
