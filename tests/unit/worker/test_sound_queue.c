/* Sound that waits: whole streams with some frames missing, and nothing that is old. */
#include "tests/unit/cmocka_first.h"

#include "server/worker/sound/queue.h"

#include <errno.h>
#include <string.h>

static struct sound_queue queue;

static const uint8_t packet[WIRE_SOUND_PACKET_MAX_BYTES] = { 1 };

static int push(enum wire_type type, uint32_t seq, uint64_t now_ms)
{
	struct wire_message m = { .type = type };

	if (type == WIRE_SOUND_START)
		m.sound_start = (struct wire_sound_start){ .channels = 2, .frame_us = 10000 };
	else if (type == WIRE_SOUND)
		m.sound =
			(struct wire_sound){ .seq = seq, .packet = packet, .len = sizeof(packet) };
	return sound_queue_push(&queue, &m, now_ms);
}

/* The type that comes next, 0 none; *seq of a SOUND. */
static int pop(uint64_t now_ms, uint32_t *seq)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct wire_header header;
	struct wire_message m;
	size_t len = sound_queue_pop(&queue, now_ms, bytes);

	if (len == 0)
		return 0;
	assert_int_equal(wire_header_decode(bytes, &header), 0);
	assert_int_equal(len, WIRE_HEADER_BYTES + header.len);
	assert_int_equal(wire_decode(&header, bytes + WIRE_HEADER_BYTES, &m), 0);
	*seq = m.type == WIRE_SOUND ? m.sound.seq : 0;
	return (int)m.type;
}

static int setup(void **state)
{
	(void)state;
	memset(&queue, 0, sizeof(queue));
	return 0;
}

static void test_order(void **state)
{
	uint32_t seq;

	(void)state;
	assert_int_equal(push(WIRE_SOUND, 9, 0), 1); /* no stream */
	assert_int_equal(push(WIRE_SOUND_START, 0, 0), 0);
	assert_int_equal(push(WIRE_SOUND, 0, 0), 0);
	assert_int_equal(push(WIRE_SOUND, 1, 10), 0);
	assert_int_equal(push(WIRE_SOUND_STOP, 0, 20), 0);
	assert_int_equal(push(WIRE_SOUND, 2, 30), 1); /* after its end */
	assert_int_equal(pop(30, &seq), WIRE_SOUND_START);
	assert_int_equal(pop(30, &seq), WIRE_SOUND);
	assert_int_equal(seq, 0);
	assert_int_equal(pop(30, &seq), WIRE_SOUND);
	assert_int_equal(seq, 1);
	assert_int_equal(pop(30, &seq), WIRE_SOUND_STOP);
	assert_int_equal(pop(30, &seq), 0);
}

static void test_what_is_old(void **state)
{
	uint32_t seq;

	(void)state;
	assert_int_equal(push(WIRE_SOUND_START, 0, 0), 0);
	for (uint32_t i = 0; i < 40; i++)
		assert_int_equal(push(WIRE_SOUND, i, i * 10), 0);
	assert_int_equal(push(WIRE_SOUND_STOP, 0, 400), 0);
	/* Stood still for half a second: what is left is the last 300 ms, and both ends. */
	assert_int_equal(pop(600, &seq), WIRE_SOUND_START);
	assert_int_equal(pop(600, &seq), WIRE_SOUND);
	assert_int_equal(seq, 30);
	assert_int_equal(queue.dropped, 30);
	for (int i = 0; i < 9; i++)
		assert_int_equal(pop(600, &seq), WIRE_SOUND);
	assert_int_equal(pop(600, &seq), WIRE_SOUND_STOP);
}

/* More than there is room for: the oldest frames go, START stays in front. */
static void test_full(void **state)
{
	uint32_t seq;

	(void)state;
	assert_int_equal(push(WIRE_SOUND_START, 0, 0), 0);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(push(WIRE_SOUND, i, 0), 0);
	assert_int_equal(queue.count, SOUND_QUEUE_MAX);
	assert_int_equal(pop(0, &seq), WIRE_SOUND_START);
	for (uint32_t i = 0; i < SOUND_QUEUE_MAX - 1; i++) {
		assert_int_equal(pop(0, &seq), WIRE_SOUND);
		assert_int_equal(seq, 1000 - (SOUND_QUEUE_MAX - 1) + i);
	}
	assert_int_equal(pop(0, &seq), 0);
}

/* A stream that begins anew is the only one that counts; ends alone do not fill it for ever. */
static void test_starts_and_stops(void **state)
{
	uint32_t seq;
	int r = 0;

	(void)state;
	assert_int_equal(push(WIRE_SOUND_START, 0, 0), 0);
	assert_int_equal(push(WIRE_SOUND, 7, 0), 0);
	assert_int_equal(push(WIRE_SOUND_START, 0, 0), 0);
	assert_int_equal(queue.count, 1);
	assert_int_equal(pop(0, &seq), WIRE_SOUND_START);
	for (int i = 0; i < SOUND_QUEUE_MAX; i++)
		assert_int_equal(push(WIRE_SOUND_STOP, 0, 0), 0);
	r = push(WIRE_SOUND_STOP, 0, 0);
	assert_int_equal(r, -EPROTO);
	sound_queue_clear(&queue);
	assert_int_equal(pop(0, &seq), 0);
}

/* What is of something else is never sent on. */
static void test_other_messages(void **state)
{
	(void)state;
	assert_int_equal(push(WIRE_SOUND_WANT, 0, 0), -EPROTO);
	assert_int_equal(push(WIRE_GOODBYE, 0, 0), -EPROTO);
	assert_int_equal(queue.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, setup),
		cmocka_unit_test_setup(test_what_is_old, setup),
		cmocka_unit_test_setup(test_full, setup),
		cmocka_unit_test_setup(test_starts_and_stops, setup),
		cmocka_unit_test_setup(test_other_messages, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
