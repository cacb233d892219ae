/* Which channel's record is next: order, shares, sources that end, and full queues. */
#include "common/peer/channels.h"
#include "common/wire/messages.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Says its channel in each byte; ends after some messages. */
struct voice {
	uint8_t channel;
	int left; /* -1 without end */
	unsigned asked;
	bool unsure; /* says that there may be more, always */
};

static int speak(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct voice *v = user;

	v->asked++;
	if (v->left == 0)
		return 0;
	if (v->left > 0)
		v->left--;
	*more = v->unsure || v->left != 0;
	memset(out, v->channel, 100);
	return 100;
}

static void give_voice(struct channels *c, struct voice *v, enum peer_channel channel, int left)
{
	*v = (struct voice){ .channel = (uint8_t)channel, .left = left };
	channels_set_source(c, channel, speak, v);
	channels_ready(c, channel);
}

/* Sends the next record: whose it was, or PEER_CHANNEL_COUNT. */
static enum peer_channel send_next(struct channels *c)
{
	static uint8_t scratch[WIRE_MESSAGE_MAX_BYTES];
	const uint8_t *bytes;

	for (;;) {
		enum peer_channel channel = channels_turn(c);
		if (channel == PEER_CHANNEL_COUNT)
			return channel;
		int len = channels_record(c, channel, scratch, &bytes);
		assert_true(len >= 0);
		if (len == 0)
			continue;
		channels_sent(c, channel, (size_t)len);
		return channel;
	}
}

static size_t encoded(uint8_t *out, uint32_t serial)
{
	struct wire_message m = { .type = WIRE_POINTER, .pointer.serial = serial };
	int len = wire_encode(&m, out);

	assert_true(len > 0);
	return (size_t)len;
}

static void queue(struct channels *c, enum peer_channel channel, uint32_t serial)
{
	static uint8_t message[WIRE_MESSAGE_MAX_BYTES];
	size_t len = encoded(message, serial);

	assert_int_equal(channels_queue(c, channel, message, len), 0);
}

static void test_nothing(void **state)
{
	struct channels c;

	(void)state;
	channels_init(&c);
	assert_int_equal(channels_turn(&c), PEER_CHANNEL_COUNT);
	channels_ready(&c, PEER_FILES); /* nobody to ask */
	assert_int_equal(channels_turn(&c), PEER_CHANNEL_COUNT);
	channels_finish(&c);
	channels_finish(&c);
}

static void test_order(void **state)
{
	static const enum peer_channel mixed[] = { PEER_FILES, PEER_SCREEN, PEER_CONTROL,
		PEER_CLIPBOARD, PEER_CURSOR, PEER_SOUND };
	struct voice voices[PEER_CHANNEL_COUNT];
	struct channels c;

	(void)state;
	channels_init(&c);
	for (size_t i = 0; i < ARRAY_LEN(mixed); i++)
		give_voice(&c, &voices[mixed[i]], mixed[i], 2);
	for (int channel = 0; channel < PEER_CHANNEL_COUNT; channel++) {
		assert_int_equal(send_next(&c), channel);
		assert_int_equal(send_next(&c), channel);
	}
	assert_int_equal(send_next(&c), PEER_CHANNEL_COUNT);
	channels_finish(&c);
}

/* A higher channel that has something again is next, whichever was sending. */
static void test_higher_comes_between(void **state)
{
	struct voice files, sound;
	struct channels c;

	(void)state;
	channels_init(&c);
	give_voice(&c, &files, PEER_FILES, -1);
	assert_int_equal(send_next(&c), PEER_FILES);
	give_voice(&c, &sound, PEER_SOUND, 1);
	assert_int_equal(send_next(&c), PEER_SOUND);
	assert_int_equal(send_next(&c), PEER_FILES);
	queue(&c, PEER_CONTROL, 1);
	assert_int_equal(send_next(&c), PEER_CONTROL);
	assert_int_equal(send_next(&c), PEER_FILES);
	channels_finish(&c);
}

static void test_source_that_ends(void **state)
{
	struct voice screen, files;
	struct channels c;

	(void)state;
	channels_init(&c);
	give_voice(&c, &screen, PEER_SCREEN, 1);
	give_voice(&c, &files, PEER_FILES, 3);
	assert_int_equal(send_next(&c), PEER_SCREEN);
	assert_int_equal(send_next(&c), PEER_FILES);
	assert_int_equal(screen.asked, 1); /* it has said that it has no more */
	screen.left = 1;
	screen.unsure = true;
	channels_ready(&c, PEER_SCREEN);
	assert_int_equal(send_next(&c), PEER_SCREEN);
	assert_int_equal(send_next(&c), PEER_FILES);
	assert_int_equal(screen.asked, 3); /* it has nothing after all */
	assert_int_equal(send_next(&c), PEER_FILES);
	assert_int_equal(screen.asked, 3);

	/* Taken away in the middle. */
	screen.left = -1;
	channels_set_source(&c, PEER_SCREEN, NULL, NULL);
	assert_int_equal(send_next(&c), PEER_CHANNEL_COUNT);
	channels_finish(&c);
}

static int broken(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	(void)user;
	(void)out;
	(void)more;
	return -EINVAL;
}

static void test_source_that_fails(void **state)
{
	uint8_t scratch[WIRE_MESSAGE_MAX_BYTES];
	const uint8_t *bytes;
	struct channels c;

	(void)state;
	channels_init(&c);
	channels_set_source(&c, PEER_SOUND, broken, NULL);
	channels_ready(&c, PEER_SOUND);
	assert_int_equal(channels_turn(&c), PEER_SOUND);
	assert_int_equal(channels_record(&c, PEER_SOUND, scratch, &bytes), -EINVAL);
	assert_int_equal(channels_turn(&c), PEER_CHANNEL_COUNT);
	channels_finish(&c);
}

/* A screen that never rests, and files: exactly one record in PEER_SHARE_RECORDS + 1. */
static void test_share(void **state)
{
	unsigned count[PEER_CHANNEL_COUNT] = { 0 };
	struct voice screen, files;
	struct channels c;

	(void)state;
	channels_init(&c);
	give_voice(&c, &screen, PEER_SCREEN, -1);
	give_voice(&c, &files, PEER_FILES, -1);
	for (int i = 0; i < PEER_SHARE_RECORDS; i++)
		assert_int_equal(send_next(&c), PEER_SCREEN);
	assert_int_equal(send_next(&c), PEER_FILES);
	assert_int_equal(send_next(&c), PEER_SCREEN);
	for (int i = 0; i < 10 * (PEER_SHARE_RECORDS + 1); i++)
		count[send_next(&c)]++;
	assert_int_equal(count[PEER_FILES], 10);
	assert_int_equal(count[PEER_SCREEN], 10 * PEER_SHARE_RECORDS);
	channels_finish(&c);
}

/* All channels saturated: each below the highest gets its share, and no wait is longer than the
 * share and one record of each of the others. */
static void test_share_of_each(void **state)
{
	enum { FIRST = PEER_CURSOR, BELOW = PEER_CHANNEL_COUNT - FIRST - 1 };
	struct voice voices[PEER_CHANNEL_COUNT];
	int waited[PEER_CHANNEL_COUNT] = { 0 };
	struct channels c;

	(void)state;
	channels_init(&c);
	for (int i = FIRST; i < PEER_CHANNEL_COUNT; i++)
		give_voice(&c, &voices[i], (enum peer_channel)i, -1);
	for (int n = 0; n < 2000; n++) {
		enum peer_channel channel = send_next(&c);
		for (int i = FIRST; i < PEER_CHANNEL_COUNT; i++) {
			waited[i] = i == (int)channel ? 0 : waited[i] + 1;
			assert_in_range(waited[i], 0, PEER_SHARE_RECORDS + BELOW);
		}
	}
	channels_finish(&c);
}

/* A due share never stands before a key press, and what had nothing to send has no claim. */
static void test_share_is_below_control(void **state)
{
	struct voice screen, files;
	struct channels c;

	(void)state;
	channels_init(&c);
	give_voice(&c, &screen, PEER_SCREEN, -1);
	for (int i = 0; i < 3 * PEER_SHARE_RECORDS; i++)
		assert_int_equal(send_next(&c), PEER_SCREEN);
	give_voice(&c, &files, PEER_FILES, -1);
	for (int i = 0; i < PEER_SHARE_RECORDS; i++)
		assert_int_equal(send_next(&c), PEER_SCREEN);
	queue(&c, PEER_CONTROL, 1);
	assert_int_equal(send_next(&c), PEER_CONTROL);
	assert_int_equal(send_next(&c), PEER_FILES);

	/* Records of PEER_CONTROL do not count as passing over. */
	for (unsigned i = 0; i < 3 * PEER_SHARE_RECORDS; i++) {
		queue(&c, PEER_CONTROL, i);
		assert_int_equal(send_next(&c), PEER_CONTROL);
	}
	assert_int_equal(send_next(&c), PEER_SCREEN);
	channels_finish(&c);
}

/* The channel's queue goes before its source, message by message. */
static void test_queue_before_source(void **state)
{
	uint8_t scratch[WIRE_MESSAGE_MAX_BYTES], expected[WIRE_MESSAGE_MAX_BYTES];
	const uint8_t *bytes;
	struct voice screen;
	struct channels c;

	(void)state;
	channels_init(&c);
	give_voice(&c, &screen, PEER_SCREEN, 1);
	queue(&c, PEER_SCREEN, 7);
	queue(&c, PEER_SCREEN, 8);
	for (uint32_t serial = 7; serial <= 8; serial++) {
		size_t len = encoded(expected, serial);
		assert_int_equal(channels_turn(&c), PEER_SCREEN);
		assert_int_equal(channels_record(&c, PEER_SCREEN, scratch, &bytes), len);
		assert_memory_equal(bytes, expected, len);
		channels_sent(&c, PEER_SCREEN, len);
	}
	assert_int_equal(screen.asked, 0);
	assert_int_equal(send_next(&c), PEER_SCREEN);
	assert_int_equal(screen.asked, 1);
	channels_finish(&c);
}

/* Small messages share a record; one that is cut is gone on with before anything else. */
static void test_control_fills_records(void **state)
{
	uint8_t scratch[WIRE_MESSAGE_MAX_BYTES], message[WIRE_MESSAGE_MAX_BYTES];
	const uint8_t *bytes;
	struct voice cursor;
	struct channels c;
	size_t total = 0;

	(void)state;
	channels_init(&c);
	give_voice(&c, &cursor, PEER_CURSOR, -1);
	for (uint32_t i = 0; total <= WIRE_MESSAGE_MAX_BYTES; i++) {
		total += encoded(message, i);
		queue(&c, PEER_CONTROL, i);
	}
	assert_int_equal(
		channels_record(&c, PEER_CONTROL, scratch, &bytes), WIRE_MESSAGE_MAX_BYTES);
	channels_sent(&c, PEER_CONTROL, WIRE_MESSAGE_MAX_BYTES);
	assert_int_equal(channels_turn(&c), PEER_CONTROL);
	assert_int_equal(
		channels_record(&c, PEER_CONTROL, scratch, &bytes), total - WIRE_MESSAGE_MAX_BYTES);
	channels_sent(&c, PEER_CONTROL, total - WIRE_MESSAGE_MAX_BYTES);
	assert_int_equal(channels_turn(&c), PEER_CURSOR);
	channels_finish(&c);
}

static void test_full_queues(void **state)
{
	uint8_t message[WIRE_MESSAGE_MAX_BYTES];
	size_t len = encoded(message, 1);
	struct channels c;

	(void)state;
	channels_init(&c);
	for (int i = 0; i < PEER_CHANNEL_COUNT; i++) {
		size_t most =
			i == PEER_CONTROL ? PEER_QUEUE_MAX_BYTES : PEER_CHANNEL_QUEUE_MAX_BYTES;
		enum peer_channel channel = (enum peer_channel)i;
		int r = 0;
		for (size_t n = 0; n < most && r == 0; n++)
			r = channels_queue(&c, channel, message, len);
		assert_int_equal(r, -E2BIG);
		size_t held = channels_queued_bytes(&c, channel);
		assert_in_range(held, most - len + 1, most);
		assert_int_equal(held % len, 0); /* the one that did not fit left nothing */
	}
	/* One full queue is no other's. */
	channels_drop_below_control(&c);
	for (int i = PEER_CONTROL + 1; i < PEER_CHANNEL_COUNT; i++)
		assert_int_equal(channels_queued_bytes(&c, (enum peer_channel)i), 0);
	assert_true(channels_queued_bytes(&c, PEER_CONTROL) > 0);
	channels_finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_higher_comes_between),
		cmocka_unit_test(test_source_that_ends),
		cmocka_unit_test(test_source_that_fails),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_share_of_each),
		cmocka_unit_test(test_share_is_below_control),
		cmocka_unit_test(test_queue_before_source),
		cmocka_unit_test(test_control_fills_records),
		cmocka_unit_test(test_full_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
