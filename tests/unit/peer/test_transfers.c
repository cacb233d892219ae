/* Transfers of files between a farseat-files, which is this test, and a connection, of which only the
 * queues are looked at; and how much of a transfer may be under way. */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "common/peer/transfers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct scene {
	struct peer peer;
	struct transfers transfers;
	struct ipc_channel files; /* farseat-files' end */
	uint8_t scratch[WIRE_MESSAGE_MAX_BYTES];
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	int pair[2];

	if (!s || ipc_pair(pair) < 0 || ipc_channel_init(&s->files, pair[0]) < 0)
		return -1;
	peer_init(&s->peer, -1, true, clock_now_ms());
	transfers_init(&s->transfers, &s->peer, true);
	*state = s;
	return transfers_add(&s->transfers, 7, pair[1]);
}

static int teardown(void **state)
{
	struct scene *s = *state;

	transfers_finish(&s->transfers);
	ipc_channel_finish(&s->files);
	peer_finish(&s->peer);
	free(s);
	return 0;
}

static struct wire_message data_of(uint8_t transfer, size_t len)
{
	static const uint8_t zeros[WIRE_FILE_PART_MAX_BYTES];
	struct wire_message m = { .type = WIRE_FILE_DATA };

	m.file_data.transfer = transfer;
	m.file_data.bytes = zeros;
	m.file_data.len = len;
	return m;
}

static void says(struct scene *s, const struct wire_message *m)
{
	assert_int_equal(record_send_wire(&s->files, m), 0);
	assert_int_equal(transfers_step(&s->transfers), 0);
}

/* The next message that goes out on a channel; its type, or 0. */
static uint8_t goes(struct scene *s, enum peer_channel channel)
{
	const uint8_t *bytes;
	struct wire_header header;
	int len = channels_record(&s->peer.out, channel, s->scratch, &bytes);

	if (len == 0)
		return 0;
	assert_true(len > 0);
	assert_int_equal(wire_header_decode(bytes, &header), 0);
	size_t one = WIRE_HEADER_BYTES + header.len;
	channels_sent(&s->peer.out, channel, one);
	return header.type;
}

/* What farseat-files was told last; its type, or 0. */
static uint8_t heard(struct scene *s, struct wire_message *m)
{
	struct files_wire_record r;
	int fd, result = record_receive(&s->files, &files_wire_records, &r, &fd);

	if (result != 1)
		return 0;
	assert_int_equal(record_wire_message(&r.wire, m), 0);
	return (uint8_t)m->type;
}

static void messages_go_both_ways(void **state)
{
	struct scene *s = *state;
	struct wire_message m = data_of(7, 10), got;

	transfers_take(&s->transfers, &m);
	assert_int_equal(heard(s, &got), WIRE_FILE_DATA);
	assert_int_equal(got.file_data.len, 10);
	says(s, &m);
	assert_int_equal(goes(s, PEER_CONTROL), 0);
	assert_int_equal(goes(s, PEER_FILES), WIRE_FILE_DATA);
	assert_int_equal(goes(s, PEER_FILES), 0);
	m = (struct wire_message){ .type = WIRE_FILE_ACK };
	m.file_ack.transfer = 7;
	says(s, &m); /* with control: no picture delays it */
	assert_int_equal(goes(s, PEER_CONTROL), WIRE_FILE_ACK);
}

/* No more is under way than the window, and the rest stays with farseat-files. */
static void the_window_holds_back(void **state)
{
	struct scene *s = *state;
	struct wire_message m = data_of(7, WIRE_FILE_PART_MAX_BYTES);
	const size_t one = WIRE_HEADER_BYTES + 1 + WIRE_FILE_PART_MAX_BYTES;
	uint64_t sent = 0;

	/* So long a round trip that a busy machine gives no sample of the rate: the window stays. */
	s->peer.rtt_us = 1000000000;
	for (int i = 0; i < 40; i++)
		assert_int_equal(record_send_wire(&s->files, &m), 0);
	assert_int_equal(transfers_step(&s->transfers), 0);
	while (goes(s, PEER_FILES)) {
		sent += one;
		(void)!ipc_flush(&s->files);
		assert_int_equal(transfers_step(&s->transfers), 0);
	}
	assert_true(sent >= TRANSFER_WINDOW_START_BYTES);
	assert_true(sent < TRANSFER_WINDOW_START_BYTES + one);
	m = (struct wire_message){ .type = WIRE_FILE_ACK };
	m.file_ack.transfer = 7;
	m.file_ack.taken_bytes = 2 * one;
	transfers_take(&s->transfers, &m);
	assert_int_equal(goes(s, PEER_FILES), WIRE_FILE_DATA);
	assert_int_equal(goes(s, PEER_FILES), WIRE_FILE_DATA);
	assert_int_equal(goes(s, PEER_FILES), 0);
}

/* farseat-files may have been taken over: it speaks for its own transfer alone, and begins none. */
static void a_liar_is_cut_off(void **state)
{
	struct wire_message order = { .type = WIRE_FILE_GET };
	const struct wire_message lies[] = { data_of(8, 1), order, { .type = WIRE_REFRESH } };

	teardown(state);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		assert_int_equal(setup(state), 0);
		struct scene *s = *state;
		says(s, &lies[i]);
		assert_int_equal(goes(s, PEER_FILES), 0);
		assert_int_equal(goes(s, PEER_CONTROL), WIRE_FILE_STOP);
		assert_false(transfers_has(&s->transfers, 7));
		if (i + 1 < ARRAY_LEN(lies))
			teardown(state);
	}
}

static void what_dies_is_told(void **state)
{
	struct scene *s = *state;

	ipc_channel_finish(&s->files);
	s->files.fd = -1;
	assert_int_equal(transfers_step(&s->transfers), 0);
	assert_int_equal(goes(s, PEER_CONTROL), WIRE_FILE_STOP);
	assert_int_equal(transfers_running(&s->transfers), 0);
}

/* After CLOSE its number is free, and its exit is no failure. */
static void what_is_over_ends_in_peace(void **state)
{
	struct scene *s = *state;
	struct wire_message m = { .type = WIRE_FILE_CLOSE };
	int pair[2];

	m.file_close.transfer = 7;
	says(s, &m);
	assert_int_equal(goes(s, PEER_CONTROL), WIRE_FILE_CLOSE);
	assert_false(transfers_has(&s->transfers, 7));
	assert_int_equal(ipc_pair(pair), 0);
	assert_int_equal(transfers_add(&s->transfers, 7, pair[1]), 0);
	ipc_channel_finish(&s->files);
	s->files.fd = -1;
	assert_int_equal(transfers_step(&s->transfers), 0);
	assert_int_equal(goes(s, PEER_CONTROL), 0);
	assert_true(transfers_has(&s->transfers, 7));
	fd_close(&pair[0]);
}

static void there_are_four_at_most(void **state)
{
	struct scene *s = *state;
	int pair[2], ends[WIRE_FILE_TRANSFERS_MAX];

	assert_int_equal(ipc_pair(pair), 0);
	assert_int_equal(transfers_add(&s->transfers, 7, pair[1]), -EEXIST);
	fd_close(&pair[0]);
	for (uint8_t i = 1; i <= WIRE_FILE_TRANSFERS_MAX; i++) {
		assert_int_equal(ipc_pair(pair), 0);
		assert_int_equal(transfers_add(&s->transfers, i, pair[1]),
			i < WIRE_FILE_TRANSFERS_MAX ? 0 : -EBUSY);
		ends[i - 1] = pair[0];
	}
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		fd_close(&ends[i]);
}

/* A link of so many bytes a second with a round trip, known after a while, and a sender that always has
 * something: what stands in the link's queue at the end, in ms. */
static uint64_t queue_ms_after(
	uint64_t bytes_per_s, uint32_t rtt_us, uint64_t known_after_us, uint64_t *rate)
{
	struct transfer_window w;
	uint64_t sent_at[4096], sent = 0, acked = 0, free_us = 0, now_us = 1000000, begin, bytes;
	uint64_t bytes_before = 0;
	const uint64_t part = 16000;

	transfer_window_init(&w);
	for (begin = now_us; now_us - begin < 5000000; now_us += 100) {
		while (transfer_window_free_bytes(&w) > 0) {
			free_us = MAX(free_us, now_us) + part * 1000000 / bytes_per_s;
			sent_at[sent++ % ARRAY_LEN(sent_at)] = free_us + rtt_us;
			transfer_window_sent(&w, part);
		}
		while (acked < sent && sent_at[acked % ARRAY_LEN(sent_at)] <= now_us)
			assert_true(transfer_window_acked(&w, ++acked * part,
				now_us - begin < known_after_us ? 0 : rtt_us, now_us));
		if (now_us - begin < known_after_us) {
			/* What it begins with goes on, whatever else is not known. */
			bytes_before = acked * part;
			assert_true(sent * part >= TRANSFER_WINDOW_START_BYTES);
			assert_true((sent - acked) * part < TRANSFER_WINDOW_START_BYTES + part);
		}
	}
	bytes = acked * part - bytes_before;
	*rate = bytes * 1000000 / (5000000 - known_after_us);
	return free_us > now_us ? (free_us - now_us) / 1000 : 0;
}

static void the_window_follows_the_link(void **state)
{
	static const struct {
		uint64_t bytes_per_s;
		uint32_t rtt_us;
	} links[] = { { 12500000, 400 }, { 2500000, 40000 }, { 6250000, 20000 },
		{ 1250000, 40000 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		uint64_t rate, queue;
		for (uint64_t known_after_us = 0; known_after_us <= 500000;
			known_after_us += 250000) {
			queue = queue_ms_after(
				links[i].bytes_per_s, links[i].rtt_us, known_after_us, &rate);
			assert_true(rate >= links[i].bytes_per_s * 9 / 10);
			/* A message of 16000 bytes more than the queue is allowed to be, at most. */
			assert_true(
				queue <= TRANSFER_QUEUE_MS * 2 + 32000000 / links[i].bytes_per_s);
		}
	}
}

/* What it takes a sender to begin is no measure of the link: the window stays, and does not shrink to what
 * a round trip with little in it seemed to carry. */
static void a_slow_beginning_says_nothing(void **state)
{
	struct transfer_window w;
	uint64_t now_us = 1000000, sent = 0;

	(void)state;
	transfer_window_init(&w);
	for (int i = 0; i < 20;
		i++) { /* 32000 bytes a round trip of 40 ms, with pauses and without */
		transfer_window_sent(&w, 32000);
		sent += 32000;
		now_us += 40000;
		assert_true(transfer_window_acked(&w, i % 2 ? sent : sent - 16000, 40000, now_us));
	}
	assert_true(transfer_window_free_bytes(&w) >= TRANSFER_WINDOW_START_BYTES - 32000);
}

static void what_was_not_sent_cannot_be_taken(void **state)
{
	struct transfer_window w;

	(void)state;
	transfer_window_init(&w);
	transfer_window_sent(&w, 100);
	assert_false(transfer_window_acked(&w, 101, 0, 2000));
	assert_true(transfer_window_acked(&w, 100, 0, 2000));
	assert_true(transfer_window_acked(&w, 50, 0, 3000)); /* an old one */
	assert_int_equal(w.acked_bytes, 100);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(messages_go_both_ways),
		SCENE(the_window_holds_back),
		SCENE(a_liar_is_cut_off),
		SCENE(what_dies_is_told),
		SCENE(what_is_over_ends_in_peace),
		SCENE(there_are_four_at_most),
		cmocka_unit_test(the_window_follows_the_link),
		cmocka_unit_test(a_slow_beginning_says_nothing),
		cmocka_unit_test(what_was_not_sent_cannot_be_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
