/* Every record: both ways, every truncation, a byte too many, every field at and past its limits.
 */
#include "tests/unit/cmocka_first.h"

#include "tests/unit/ipc/record_samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint8_t packet[IPC_PACKET_MAX_BYTES], again[IPC_PACKET_MAX_BYTES];

/* Decodes from heap of exactly len bytes, so that a sanitizer sees a read past them. */
static int decode_exact(const struct record_set *set, const uint8_t *bytes, size_t len)
{
	union any_record out;
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, bytes, len);
	int r = record_decode(set, exact, len, &out);
	free(exact);
	return r;
}

static int encode(const struct record_sample *s)
{
	int len = record_encode(s->set, &s->record, packet);

	assert_true(len > 0);
	return len;
}

/* Each record of each set, and no record without a name. */
static void test_every_record_has_a_sample(void **state)
{
	(void)state;
	for (size_t set = 0; set < ARRAY_LEN(record_sets); set++) {
		bool seen[256] = { false };
		for (size_t i = 0; i < ARRAY_LEN(record_samples); i++)
			if (record_samples[i].set == record_sets[set])
				seen[record_samples[i].record.type] = true;
		for (unsigned type = 0; type < 256; type++)
			assert_int_equal(seen[type], record_is_of(record_sets[set], type));
	}
	for (unsigned type = 0; type < 256; type++) {
		bool known = false;
		for (size_t set = 0; set < ARRAY_LEN(record_sets); set++)
			known |= record_is_of(record_sets[set], type);
		assert_int_equal(known, strcmp(record_type_name((uint8_t)type), "?") != 0);
	}
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(record_samples); i++) {
		const struct record_sample *s = &record_samples[i];
		union any_record out = { 0 };
		int len = encode(s);
		assert_int_equal(packet[0], s->record.type);
		assert_int_equal(record_decode(s->set, packet, (size_t)len, &out), 0);
		if (!s->views)
			assert_memory_equal(&out, &s->record, sizeof(out));
		assert_int_equal(record_encode(s->set, &out, again), len);
		assert_memory_equal(again, packet, (size_t)len);
	}
}

/* Well formed, but on a channel that it is not for. */
static void test_records_of_other_channels(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(record_samples); i++) {
		size_t len = (size_t)encode(&record_samples[i]);
		for (size_t set = 0; set < ARRAY_LEN(record_sets); set++) {
			bool is_its = record_is_of(record_sets[set], packet[0]);
			assert_int_equal(
				decode_exact(record_sets[set], packet, len), is_its ? 0 : -EPROTO);
			if (!is_its)
				assert_int_equal(record_encode(record_sets[set],
							 &record_samples[i].record, again),
					-EINVAL);
		}
	}
}

/* What moves with the pointer and the picture stays small: it is zeroed each time. */
static void test_sizes(void **state)
{
	(void)state;
	assert_true(sizeof(struct link_record) <= 800);
	assert_true(sizeof(struct view_record) <= 600);
}

static void test_views_point_to_the_bytes_that_were_sent(void **state)
{
	struct worker_record out;

	(void)state;
	int len = encode(&record_samples[0]);
	assert_int_equal(record_decode(&worker_records, packet, (size_t)len, &out), 0);

	const struct record_worker_config *c = &out.worker_config;
	assert_string_equal(c->peer, "192.0.2.1:5000");
	assert_int_equal(c->chain_len, 2);
	assert_int_equal(c->chain[1].len, 2);
	assert_memory_equal(c->chain[1].bytes, record_bytes, 2);
	assert_int_equal(c->trusted_len, 1);
	assert_int_equal(c->trusted[0].len, 3);
	assert_int_equal(c->ticket_lifetime_s, 43200);
	assert_true(c->allow_tls13);
}

static void test_truncations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(record_samples); i++) {
		int len = encode(&record_samples[i]);
		for (size_t cut = 0; cut < (size_t)len; cut++)
			assert_int_equal(decode_exact(record_samples[i].set, packet, cut), -EPROTO);
	}
}

static void test_a_byte_too_many(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(record_samples); i++) {
		int len = encode(&record_samples[i]);
		packet[len] = 0;
		assert_int_equal(
			decode_exact(record_samples[i].set, packet, (size_t)len + 1), -EPROTO);
	}
}

static void test_unknown_types(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		uint8_t one = (uint8_t)type;
		for (size_t set = 0; set < ARRAY_LEN(record_sets); set++)
			if (!record_is_of(record_sets[set], type))
				assert_int_equal(decode_exact(record_sets[set], &one, 1), -EPROTO);
	}
}

/* Bytes put at an offset behind the type, and whether the record is then good. */
static const struct {
	enum record_type type;
	size_t offset;
	const char *bytes;
	size_t len;
	bool good;
} fields[] = {
#define PUT(bytes) bytes, sizeof(bytes) - 1
	{ RECORD_ADMIT_QUERY, 0, PUT("\2"), false }, { RECORD_DENIED, 0, PUT("\0\0"), false },
	{ RECORD_KEEPER_ASK, 0, PUT("\3"), false }, { RECORD_KEEPER_ASK, 1, PUT("\x30\1"), false },
	{ RECORD_KEPT, 0, PUT("\x30\1"), false }, { RECORD_DENIED, 0, PUT("\xff\xff"), true },
	{ RECORD_DENIED, 3, PUT("\n"), false }, { RECORD_END, 0, PUT("\0\0"), false },
	{ RECORD_ENDED, 0, PUT("\0\0"), false },
	{ RECORD_LOG, 1, PUT("\4\0"), false }, /* a line of 1024 bytes */
	{ RECORD_LOG, 3, PUT("\x1b"), false }, /* an escape would reach a terminal */
	{ RECORD_LOG, 3, PUT("\xff"), false }, { RECORD_AGENT_CONFIG, 0, PUT("\2"), false },
	{ RECORD_AGENT_READY, 3, PUT("\x40\0\x10\0"), true }, /* 16384 x 4096: 64 Mpx */
	{ RECORD_AGENT_READY, 3, PUT("\x40\0\x10\1"), false },
	{ RECORD_AGENT_READY, 3, PUT("\x40\1\0\1"), false },
	{ RECORD_AGENT_READY, 3, PUT("\0\0\0\1"), false },
	{ RECORD_AGENT_READY, 3, PUT("\0\1\0\0"), false }, { RECORD_SIGN, 4, PUT("\2"), false },
	{ RECORD_SIGN, 37, PUT("\x08\1"), false },  /* a request over its limit */
	{ RECORD_SIGNED, 4, PUT("\0\1"), false },   /* refused, but with a certificate */
	{ RECORD_CERT, 0, PUT("\x08\1"), false },   /* a certificate over its limit */
	{ RECORD_PROOF, 32, PUT("\0\x91"), false }, /* a signature over its limit */
	{ RECORD_TICKET, 0, PUT("\x20\1"), false }, /* a session over its limit */
	{ RECORD_CHAIN, 0, PUT("\5"), false },      /* five certificates */
	{ RECORD_CHAIN, 1, PUT("\0\0"), false },    /* an empty one */
	{ RECORD_FRAMEBUFFER, 4, PUT("\x40\0\x10\0"), true },
	{ RECORD_FRAMEBUFFER, 4, PUT("\x40\0\x10\1"), false },
	{ RECORD_FRAMEBUFFER, 4, PUT("\x40\1\0\1"), false },
	{ RECORD_FRAMEBUFFER, 4, PUT("\0\0\0\1"), false },
	{ RECORD_FRAMEBUFFER, 8, PUT("\2"), false },
	{ RECORD_FRAME_READY, 16, PUT("\0"), false }, /* no rectangle */
	{ RECORD_FRAME_READY, 16, PUT("\x41"), false },
	{ RECORD_FRAME_READY, 17, PUT("\x3f\xff\0\0\0\1"), true }, /* up to the edge */
	{ RECORD_FRAME_READY, 17, PUT("\x3f\xff\0\0\0\2"), false },
	{ RECORD_FRAME_READY, 19, PUT("\x40\0\0\1\0\1"), false },
	{ RECORD_FRAME_READY, 17, PUT("\xff\xff\0\0\xff\xff"), false },
	{ RECORD_FRAME_READY, 21, PUT("\0\0"), false },
	{ RECORD_FRAME_READY, 23, PUT("\0\0"), false },
	{ RECORD_CURSOR, 0, PUT("\1\0\1\0\0\xff\0\xff"), true }, /* 256 x 256 */
	{ RECORD_CURSOR, 0, PUT("\1\1"), false }, { RECORD_CURSOR, 2, PUT("\1\1"), false },
	{ RECORD_CURSOR, 0, PUT("\0\0"), false },
	{ RECORD_CURSOR, 4, PUT("\0\x10"), false }, /* hot spot beside it */
	{ RECORD_CURSOR, 6, PUT("\0\x18"), false },
	{ RECORD_LINK_CURSOR, 4, PUT("\0\1"), false }, /* none, with a hot spot */
	{ RECORD_LINK_CONFIG, 0, PUT("\3"), false }, { RECORD_LINK_CONFIG, 1, PUT("\2"), false },
	{ RECORD_PEER, 0, PUT("\6"), true }, { RECORD_PEER, 0, PUT("\0"), true },
	{ RECORD_PEER, 0, PUT("\5"), false },
	{ RECORD_LINK_WAY, 0, PUT("\0\x09\x27\xc0"), true }, /* ten minutes */
	{ RECORD_LINK_WAY, 0, PUT("\0\x09\x27\xc1"), false },
	{ RECORD_LINK_WAY, 4, PUT("\3"), false },
	{ RECORD_PIXELS, 4, PUT("\0\1\0\0"), true }, /* 16384 * 4 */
	{ RECORD_PIXELS, 4, PUT("\0\1\0\4"), false }, { RECORD_PIXELS, 4, PUT("\0\0\0\2"), false },
	{ RECORD_LINK_STATE, 0, PUT("\4"), false }, { RECORD_LINK_FAILED, 3, PUT("\2"), false },
	{ RECORD_UPDATE, 12, PUT("\2"), false }, { RECORD_UPDATE, 13, PUT("\0"), false },
	{ RECORD_LINK_CHECKSUM, 24, PUT("\2"), false }, { RECORD_STATS, 56, PUT("\2"), false },
	{ RECORD_WIRE, 0, PUT("\0\3"), false }, /* less than a header */
	{ RECORD_TUNNEL_CONFIG, 0, PUT("\3"), false },
	{ RECORD_TUNNEL_CONFIG, 1, PUT("\2"), false },
	{ RECORD_TUNNEL_CONFIG, 4, PUT("\0"), false }, /* no host */
	{ RECORD_TUNNEL_CONFIG, 5, PUT("\n"), false },
	{ RECORD_TUNNEL_ANSWER, 0, PUT("\2"), false },
	{ RECORD_TUNNEL_ANSWER, 1, PUT("\5"), false }, /* five texts */
	{ RECORD_TUNNEL_QUESTION, 0, PUT("\4"), false },
	{ RECORD_TUNNEL_QUESTION, 11, PUT("\5"), false },   /* five prompts */
	{ RECORD_TUNNEL_QUESTION, 13, PUT("\x1b"), false }, /* an escape would reach a terminal */
	{ RECORD_TUNNEL_FAILED, 0, PUT("\0"), false },
	{ RECORD_TUNNEL_FAILED, 0, PUT("\12"), false },
	{ RECORD_TUNNEL_FAILED, 1, PUT("\2"), false }, { RECORD_FILES_CONFIG, 0, PUT("\6"), true },
	{ RECORD_FILES_CONFIG, 0, PUT("\7"), false }, { RECORD_FILES_CONFIG, 2, PUT("\2"), false },
	{ RECORD_FILES_CONFIG, 10, PUT("\0"), false }, /* a zero byte in a name */
	{ RECORD_FILES_CONFIG, 10, PUT("a/b"), false },
	{ RECORD_FILES_CONFIG, 7, PUT("\1"), false }, /* other capabilities */
	{ RECORD_FILES_ASK, 5, PUT("\1"), false }, { RECORD_FILES_ASK, 2, PUT("\0\0\0\0"), false },
	{ RECORD_FILES_ASK, 1, PUT("\2"), false }, { RECORD_SOUND, 0, PUT("\3"), false },
	{ RECORD_SOUND_QUALITY, 0, PUT("\0\5"), false },
	{ RECORD_SOUND_QUALITY, 0, PUT("\1\0"), true },
	{ RECORD_SOUND_QUALITY, 0, PUT("\1\1"), false },
	{ RECORD_SOUND_QUALITY, 2, PUT("\0\0\0\1"), false }, { RECORD_FILES, 1, PUT("\30"), false },
	{ RECORD_FILES_FAULT, 0, PUT("\0"), false }, { RECORD_FILES_FAULT, 0, PUT("\30"), false },
	{ RECORD_FILES_RESULT, 0, PUT("\0"), true }, { RECORD_FILES_RESULT, 0, PUT("\30"), false },
	{ RECORD_FILES_RESULT, 1, PUT("\2"), false }, { RECORD_FILES_ENTRY, 0, PUT("\3"), false },
	{ RECORD_FILES_ENTRY, 20, PUT("/"), false }, /* two names */
	{ RECORD_FILES_MADE, 2, PUT("http"), false }, { RECORD_FILES_MADE, 10, PUT(" "), false },
	{ RECORD_FILES_MADE, 15, PUT("\n"), false }, /* a line without its end */
	{ RECORD_AGENT_FILES, 15, PUT("\1"), false },
	{ RECORD_TUNNEL_EXITED, 1, PUT("\4\0"), false }, /* a line of 1024 bytes */
};

/* An enrolment without a proof, and a renewal with one. */
static void test_enrolments_are_proven(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct signer_record m = { .type = RECORD_SIGN,
		.sign = { .kind = RECORD_SIGN_ENROLL, .csr = { bytes, sizeof(bytes) } } };

	(void)state;
	for (unsigned proven = 0; proven < 2; proven++) {
		for (unsigned kind = RECORD_SIGN_ENROLL; kind <= RECORD_SIGN_RENEW; kind++) {
			bool good = proven == (kind == RECORD_SIGN_ENROLL);
			m.sign.kind = (uint8_t)kind;
			m.sign.proof = (struct record_blob){ bytes, proven ? sizeof(bytes) : 0 };
			const struct record_sample sample = { .set = &signer_records,
				.record.signer = m };
			int len = encode(&sample);
			assert_int_equal(decode_exact(&signer_records, packet, (size_t)len),
				good ? 0 : -EPROTO);
		}
	}
}

static void test_limits_of_fields(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_LEN(fields); f++) {
		for (size_t i = 0; i < ARRAY_LEN(record_samples); i++) {
			if (record_samples[i].record.type != fields[f].type)
				continue;
			int len = encode(&record_samples[i]);
			assert_true(1 + fields[f].offset + fields[f].len <= (size_t)len);
			memcpy(packet + 1 + fields[f].offset, fields[f].bytes, fields[f].len);
			int r = decode_exact(record_samples[i].set, packet, (size_t)len);
			if (r != (fields[f].good ? 0 : -EPROTO))
				fail_msg("%s, case %zu", record_type_name(packet[0]), f);
		}
	}
}

/* What is longer than the array it is for must not be cut, but refused. */
static void test_text_up_to_its_array(void **state)
{
	struct agent_record longest = { .type = RECORD_AGENT_FAILED };

	(void)state;
	memset(longest.agent_failed.reason, 'x', sizeof(longest.agent_failed.reason) - 1);
	int len = record_encode(&agent_records, &longest, packet);
	assert_int_equal(decode_exact(&agent_records, packet, (size_t)len), 0);

	/* A display's name has room for one byte less than its array. */
	enum { most = RECORD_DISPLAY_MAX_BYTES - 1 };
	uint8_t ready[1 + 1 + most + 1 + 5] = { RECORD_AGENT_READY, most + 1 };
	memset(ready + 2, 'x', most + 1);
	memcpy(ready + 2 + most + 1, "\0\1\0\1\0", 5);
	assert_int_equal(decode_exact(&agent_records, ready, sizeof(ready)), -EPROTO);
	ready[1] = most;
	memcpy(ready + 2 + most, "\0\1\0\1\0", 5);
	assert_int_equal(decode_exact(&agent_records, ready, sizeof(ready) - 1), 0);
}

static void test_most_rectangles(void **state)
{
	struct view_record big = { .type = RECORD_FRAME_READY }, out = { 0 };

	(void)state;
	for (size_t i = 0; i < RECORD_RECTS_MAX; i++)
		big.frame_ready.rects[i] = (struct record_rect){ (uint16_t)i, (uint16_t)i, 1, 1 };
	big.frame_ready.rect_count = RECORD_RECTS_MAX;
	int len = record_encode(&view_records, &big, packet);
	assert_int_equal(record_decode(&view_records, packet, (size_t)len, &out), 0);
	assert_memory_equal(&out, &big, sizeof(out));
	big.frame_ready.rect_count++;
	assert_int_equal(record_encode(&view_records, &big, packet), -EINVAL);
}

static void test_most_certificates(void **state)
{
	static uint8_t cert[WIRE_CERT_MAX_BYTES + 1];
	struct link_record chain = { .type = RECORD_CHAIN, .chain = { .count = RECORD_CERTS_MAX } };

	(void)state;
	for (size_t i = 0; i < RECORD_CERTS_MAX; i++)
		chain.chain.certs[i] = (struct record_blob){ cert, WIRE_CERT_MAX_BYTES };
	int len = record_encode(&link_records, &chain, packet);
	assert_int_equal(decode_exact(&link_records, packet, (size_t)len), 0);
	chain.chain.certs[0].len++;
	len = record_encode(&link_records, &chain, packet);
	assert_int_equal(decode_exact(&link_records, packet, (size_t)len), -EPROTO);
}

static void test_a_refusal_has_no_certificate(void **state)
{
	struct signer_record refused = { .type = RECORD_SIGNED,
		.signed_reply = { .code = WIRE_BYE_INVITATION, .reason = "spent" } };

	(void)state;
	int len = record_encode(&signer_records, &refused, packet);
	assert_int_equal(decode_exact(&signer_records, packet, (size_t)len), 0);
	refused.signed_reply.code = 0; /* neither a reason nor a certificate */
	len = record_encode(&signer_records, &refused, packet);
	assert_int_equal(decode_exact(&signer_records, packet, (size_t)len), -EPROTO);
}

/* A line is never cut: up to its limit, not a byte more. */
static void test_lines_of_the_log(void **state)
{
	static uint8_t text[RECORD_LINE_MAX_BYTES];
	struct signer_record line = { .type = RECORD_LOG, .log = { .line = { text, 0 } } };

	(void)state;
	memset(text, 'x', sizeof(text));
	int len = record_encode(&signer_records, &line, packet);
	assert_int_equal(decode_exact(&signer_records, packet, (size_t)len), 0);
	line.log.line.len = RECORD_LINE_MAX_BYTES - 1;
	len = record_encode(&signer_records, &line, packet);
	assert_int_equal(decode_exact(&signer_records, packet, (size_t)len), 0);
	line.log.line.len = RECORD_LINE_MAX_BYTES;
	len = record_encode(&signer_records, &line, packet);
	assert_int_equal(decode_exact(&signer_records, packet, (size_t)len), -EPROTO);
}

static void test_wire_messages_inside(void **state)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	const struct wire_message key = { .type = WIRE_KEY,
		.key = { .serial = 4, .evdev = 30, .keysym = 'a', .down = true } };
	struct wire_message out;

	(void)state;
	int len = wire_encode(&key, bytes);
	struct record_wire in = { .message = { bytes, (size_t)len } };
	assert_int_equal(record_wire_message(&in, &out), 0);
	assert_int_equal(out.type, WIRE_KEY);
	assert_int_equal(out.key.keysym, 'a');

	for (size_t cut = 0; cut < (size_t)len; cut++) {
		in.message.len = cut;
		assert_int_equal(record_wire_message(&in, &out), -EPROTO);
	}
	in.message.len = (size_t)len + 1; /* something behind it */
	assert_int_equal(record_wire_message(&in, &out), -EPROTO);
	in.message.len = (size_t)len;
	bytes[WIRE_HEADER_BYTES + 10] = 2; /* down: neither yes nor no */
	assert_int_equal(record_wire_message(&in, &out), -EPROTO);
	/* Nothing is optional between our own processes. */
	in.message = (struct record_blob){ (const uint8_t *)"\xc8\1\0\0", 4 };
	assert_int_equal(record_wire_message(&in, &out), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_record_has_a_sample),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_records_of_other_channels),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_views_point_to_the_bytes_that_were_sent),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_a_byte_too_many),
		cmocka_unit_test(test_unknown_types),
		cmocka_unit_test(test_limits_of_fields),
		cmocka_unit_test(test_enrolments_are_proven),
		cmocka_unit_test(test_text_up_to_its_array),
		cmocka_unit_test(test_most_rectangles),
		cmocka_unit_test(test_most_certificates),
		cmocka_unit_test(test_a_refusal_has_no_certificate),
		cmocka_unit_test(test_lines_of_the_log),
		cmocka_unit_test(test_wire_messages_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
