/* The screen's channels with a worker and an agent that are none: what they send, ask and answer. */
#include "common/base/clock.h"
#include "common/crypto/random.h"
#include "server/worker/screen/checksum.h"
#include "server/worker/screen/cursor.h"
#include "server/worker/screen/frame.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WIDTH  320
#define HEIGHT 200

/* What the channels said to their worker. */
struct scene {
	struct peer peer; /* no descriptor and no TLS: what it would send stays inside */
	struct worker_host host;
	bool agent;
	unsigned asked, taken, looks; /* FRAME_REQUEST, FRAME_TAKEN, LOOK */
	uint16_t failed;              /* code, 0 not */
	char reason[128];

	struct frame frame;
	struct cursor cursor;
	struct checksum checksum;
	struct ipc_memory memory; /* the agent's */
};

static bool has_agent(const void *worker)
{
	const struct scene *s = worker;

	return s->agent;
}

static void tell_agent(void *worker, enum record_type type)
{
	struct scene *s = worker;

	s->asked += type == RECORD_FRAME_REQUEST;
	s->taken += type == RECORD_FRAME_TAKEN;
	s->looks += type == RECORD_LOOK;
}

static void PRINTF_LIKE(3, 4) note_failure(void *worker, uint16_t code, const char *format, ...)
{
	struct scene *s = worker;
	va_list arguments;

	s->failed = code;
	va_start(arguments, format);
	vsnprintf(s->reason, sizeof(s->reason), format, arguments);
	va_end(arguments);
}

static struct scene *open_scene(void)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	peer_init(&s->peer, -1, true, clock_now_ms());
	s->host = (struct worker_host){
		.peer = &s->peer,
		.worker = s,
		.has_agent = has_agent,
		.tell_agent = tell_agent,
		.fail = note_failure,
	};
	s->agent = true;
	s->memory.fd = -1;
	cursor_init(&s->cursor, &s->host);
	checksum_init(&s->checksum, &s->host, &s->frame);
	assert_int_equal(frame_init(&s->frame, &s->host), 0);
	return s;
}

static void close_scene(struct scene *s)
{
	frame_channel.finish(&s->frame);
	cursor_channel.finish(&s->cursor);
	ipc_memory_finish(&s->memory);
	peer_finish(&s->peer);
	free(s);
}

/* A descriptor of the agent's memory, as it comes with a record. */
static int memory_fd(struct scene *s, size_t size)
{
	ipc_memory_finish(&s->memory);
	assert_int_equal(ipc_memory_create(&s->memory, "test", size), 0);
	int fd = dup(s->memory.fd);
	assert_true(fd >= 0);
	return fd;
}

static void handle(const struct worker_channel *table, void *self, enum record_type type,
	const void *body, int fd)
{
	for (size_t i = 0; i < WORKER_CHANNEL_RECORDS_MAX; i++)
		if (table->records[i].type == type) {
			assert_int_equal(table->records[i].handle(self, body, &fd), 0);
			assert_int_equal(fd, -1);
			return;
		}
	fail();
}

/* Steps and sends as the worker's loop would, until nothing more happens. The last message of the
 * frame, or type 0. */
static struct wire_message send_all(struct scene *s)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct wire_message m, last = { 0 };
	struct wire_header header;
	bool more = true, moved = true;

	while (moved || s->frame.state == FRAME_CODING) {
		if (s->frame.state == FRAME_CODING) {
			struct pollfd f = { .fd = s->frame.encode.event_fd, .events = POLLIN };
			assert_true(poll(&f, 1, 10000) > 0);
			encode_clear_event(&s->frame.encode);
			frame_collect(&s->frame);
		}
		moved = frame_channel.step(&s->frame);
		while (frame_has_part(&s->frame)) {
			int len = frame_next_part(&s->frame, bytes, &more);
			assert_true(len > 0);
			assert_int_equal(wire_header_decode(bytes, &header), 0);
			assert_int_equal(wire_decode(&header, bytes + WIRE_HEADER_BYTES, &m), 0);
			last = m;
			moved = true;
		}
	}
	return last;
}

static void give_framebuffer(struct scene *s, uint32_t generation)
{
	const struct record_framebuffer f = {
		.generation = generation, .width_px = WIDTH, .height_px = HEIGHT
	};

	handle(&frame_channel, &s->frame, RECORD_FRAMEBUFFER, &f,
		memory_fd(s, (size_t)WIDTH * HEIGHT * 4));
}

static void give_ready(struct scene *s, uint32_t generation, uint32_t input_serial)
{
	const struct record_frame_ready r = { .generation = generation,
		.input_serial = input_serial,
		.rects = { { 10, 10, 20, 20 } },
		.rect_count = 1 };

	memset(s->memory.bytes, (int)input_serial, (size_t)WIDTH * HEIGHT * 4);
	handle(&frame_channel, &s->frame, RECORD_FRAME_READY, &r, -1);
}

static void give_looked(struct scene *s)
{
	handle(&frame_channel, &s->frame, RECORD_LOOKED, NULL, -1);
}

static void test_cursor(void **state)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	const struct record_cursor shape = { .width_px = 100, .height_px = 100, .hot_x_px = 3 };
	const struct record_cursor none = { 0 };
	struct scene *s = open_scene();
	struct wire_header header;
	struct wire_message m;
	bool more = true;
	size_t got = 0;

	(void)state;
	assert_int_equal(cursor_channel.source(&s->cursor, bytes, &more), 0);
	handle(&cursor_channel, &s->cursor, RECORD_CURSOR, &shape, memory_fd(s, 40000));
	for (more = true; more; got += m.cursor.len) {
		int len = cursor_channel.source(&s->cursor, bytes, &more);
		assert_true(len > 0);
		assert_int_equal(wire_header_decode(bytes, &header), 0);
		assert_int_equal(wire_decode(&header, bytes + WIRE_HEADER_BYTES, &m), 0);
		assert_int_equal(m.type, WIRE_CURSOR);
		assert_int_equal(m.cursor.offset, got);
		assert_int_equal(m.cursor.hot_x_px, 3);
	}
	assert_int_equal(got, 40000);

	/* The same again is nothing new; REFRESH is. */
	handle(&cursor_channel, &s->cursor, RECORD_CURSOR, &shape, memory_fd(s, 40000));
	assert_false(s->cursor.waits);
	cursor_channel.refresh(&s->cursor);
	assert_true(s->cursor.waits);

	/* An invisible one has no bytes, and is told as well. */
	handle(&cursor_channel, &s->cursor, RECORD_CURSOR, &none, -1);
	assert_true(cursor_channel.source(&s->cursor, bytes, &more) > 0);
	assert_false(more);
	assert_false(s->cursor.waits);
	close_scene(s);
}

/* What the channel sends until it has nothing more: bytes, and the newest message. */
static size_t send_cursor(struct scene *s, struct wire_message *m)
{
	static uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct wire_header header;
	size_t all = 0;
	bool more = true;

	while (more) {
		more = false;
		int len = cursor_channel.source(&s->cursor, bytes, &more);
		assert_true(len >= 0);
		if (len == 0)
			break;
		assert_int_equal(wire_header_decode(bytes, &header), 0);
		assert_int_equal(wire_decode(&header, bytes + WIRE_HEADER_BYTES, m), 0);
		all += (size_t)len;
	}
	return all;
}

static size_t show_cursor(struct scene *s, uint8_t value, struct wire_message *m)
{
	const struct record_cursor shape = { .width_px = 24, .height_px = 24 };
	int fd = memory_fd(s, 24 * 24 * 4);

	memset(s->memory.bytes, value, 24 * 24 * 4);
	handle(&cursor_channel, &s->cursor, RECORD_CURSOR, &shape, fd);
	return send_cursor(s, m);
}

/* An animated cursor: its pictures are sent once, and named from then on. */
static void test_cursor_again(void **state)
{
	struct scene *s = open_scene();
	struct wire_message m = { 0 };

	(void)state;
	s->cursor.keeps = true;
	for (uint8_t i = 0; i < 30; i++)
		assert_true(show_cursor(s, i, &m) > 24 * 24 * 4);
	for (unsigned round = 0; round < 3; round++)
		for (uint8_t i = 0; i < 30; i++) {
			assert_int_equal(show_cursor(s, i, &m), WIRE_HEADER_BYTES + 1);
			assert_int_equal(m.type, WIRE_CURSOR_AGAIN);
			assert_int_equal(m.cursor_again.slot, i);
		}
	/* The oldest goes when all slots are full; the others stay. */
	for (uint8_t i = 30; i < WIRE_CURSOR_SLOTS + 1; i++)
		assert_true(show_cursor(s, i, &m) > 24 * 24 * 4);
	assert_int_equal(show_cursor(s, 1, &m), WIRE_HEADER_BYTES + 1);
	assert_true(show_cursor(s, 0, &m) > 24 * 24 * 4);
	/* REFRESH: the client is told once more. */
	cursor_channel.refresh(&s->cursor);
	assert_int_equal(send_cursor(s, &m), WIRE_HEADER_BYTES + 1);
	assert_int_equal(m.cursor_again.slot, 1);
	close_scene(s);
}

/* A client that keeps none is sent all of it each time. */
static void test_cursor_again_for_an_older_client(void **state)
{
	struct scene *s = open_scene();
	struct wire_message m = { 0 };

	(void)state;
	for (uint8_t i = 0; i < 4; i++) {
		assert_true(show_cursor(s, i % 2, &m) > 24 * 24 * 4);
		assert_int_equal(m.type, WIRE_CURSOR);
	}
	close_scene(s);
}

/* A framebuffer: SCREEN, the whole picture, and the agent is asked what changed. */
static void test_first_picture(void **state)
{
	struct scene *s = open_scene();

	(void)state;
	assert_false(frame_channel.step(&s->frame)); /* there is nothing yet */
	give_framebuffer(s, 1);
	struct wire_message m = send_all(s);
	assert_int_equal(m.type, WIRE_FRAME);
	assert_int_equal(m.frame.frame, 1);
	assert_true(m.frame.flags & WIRE_FRAME_END);
	assert_true(channels_queued_bytes(&s->peer.out, PEER_SCREEN) > 0); /* SCREEN */
	assert_int_equal(s->asked, 1);
	assert_int_equal(s->frame.request, FRAME_ASKED);
	assert_false(frame_is_settled(&s->frame)); /* the agent has not looked yet */
	assert_false(m.frame.exact);
	give_looked(s);
	assert_true(frame_is_settled(&s->frame));

	/* A change: one frame, which says which input is in it; then it is asked again. */
	give_ready(s, 1, 77);
	m = send_all(s);
	assert_int_equal(m.frame.frame, 2);
	assert_false(m.frame.exact);
	assert_int_equal(m.frame.input_serial, 77);
	assert_int_equal(s->taken, 1);
	assert_int_equal(s->asked, 2);
	assert_int_equal(s->failed, 0);
	close_scene(s);
}

/* What is exact is said once, by a frame of its own, and only after the agent has looked. */
static void test_exact(void **state)
{
	struct scene *s = open_scene();

	(void)state;
	give_framebuffer(s, 1);
	assert_false(send_all(s).frame.exact);
	assert_int_equal(s->frame.number, 1);
	give_looked(s);
	struct wire_message m = send_all(s);
	assert_int_equal(m.frame.frame, 2);
	assert_int_equal(m.frame.len, 0);
	assert_true(m.frame.exact);
	give_looked(s);
	send_all(s);
	assert_int_equal(s->frame.number, 2);

	/* A look of before a change says nothing of it. */
	give_ready(s, 1, 1);
	give_looked(s);
	assert_false(send_all(s).frame.exact);
	frame_channel.agent_changed(&s->frame);
	give_looked(s);
	assert_false(frame_is_settled(&s->frame));
	close_scene(s);
}

/* Rectangles of another framebuffer mean nothing, and the agent gets its turn back. */
static void test_stale_rectangles(void **state)
{
	struct scene *s = open_scene();

	(void)state;
	give_framebuffer(s, 1);
	send_all(s);
	give_ready(s, 9, 1);
	send_all(s);
	assert_int_equal(s->frame.number, 1);
	assert_int_equal(s->taken, 1);
	assert_int_equal(s->asked, 2);

	/* An agent that is gone leaves nothing to wait for. */
	s->agent = false;
	frame_channel.agent_changed(&s->frame);
	assert_int_equal(s->frame.request, FRAME_NOT_ASKED);
	send_all(s);
	assert_int_equal(s->asked, 2);
	close_scene(s);
}

static void announce(struct scene *s, uint16_t x_px, size_t count)
{
	struct record_frame_ready r = { .generation = 1, .rect_count = count };

	for (size_t i = 0; i < count; i++)
		r.rects[i] = (struct record_rect){ x_px, (uint16_t)(2 * i), 1, 1 };
	handle(&frame_channel, &s->frame, RECORD_FRAME_READY, &r, -1);
}

static bool job_looks_at(const struct scene *s, size_t x_px, size_t y_px)
{
	const struct encode_job *job = &s->frame.encode.job;

	for (size_t i = 0; i < job->rect_count; i++) {
		const struct codec_rect *r = &job->rects[i];
		if (x_px >= r->x_px && x_px < (size_t)r->x_px + r->width_px && y_px >= r->y_px &&
			y_px < (size_t)r->y_px + r->height_px)
			return true;
	}
	return false;
}

/* What the agent announced is looked at, however many announcements wait for the encoder. */
static void test_two_announcements(void **state)
{
	struct scene *s = open_scene();

	(void)state;
	give_framebuffer(s, 1);
	send_all(s);
	frame_pause(&s->frame, true);
	announce(s, 10, 1);
	announce(s, 30, 2);
	frame_pause(&s->frame, false);
	send_all(s);
	assert_true(job_looks_at(s, 10, 0));
	assert_true(job_looks_at(s, 30, 0));
	assert_true(job_looks_at(s, 30, 2));
	assert_int_equal(s->taken, 1);

	/* More than one job can hold. */
	frame_pause(&s->frame, true);
	announce(s, 50, CODEC_RECTS_MAX);
	announce(s, 70, CODEC_RECTS_MAX - 1);
	frame_pause(&s->frame, false);
	send_all(s);
	for (size_t i = 0; i < CODEC_RECTS_MAX; i++)
		assert_true(job_looks_at(s, 50, 2 * i));
	for (size_t i = 0; i < CODEC_RECTS_MAX - 1; i++)
		assert_true(job_looks_at(s, 70, 2 * i));
	assert_int_equal(s->taken, 2);
	assert_int_equal(s->failed, 0);
	close_scene(s);
}

/* An announcement that comes while a job still copies the one before it waits for the next job. */
static void test_announcement_during_job(void **state)
{
	struct scene *s = open_scene();

	(void)state;
	give_framebuffer(s, 1);
	frame_channel.step(&s->frame); /* the whole picture, which takes a while */
	announce(s, 10, 1);
	frame_channel.step(&s->frame);
	announce(s, 30, 1);
	send_all(s);
	assert_true(job_looks_at(s, 10, 0));
	assert_true(job_looks_at(s, 30, 0));

	const struct record_frame_ready large = {
		.generation = 1, .rects = { { 0, 0, WIDTH, HEIGHT } }, .rect_count = 1
	};
	handle(&frame_channel, &s->frame, RECORD_FRAME_READY, &large, -1);
	frame_channel.step(&s->frame);
	if (s->frame.request == FRAME_TAKING) {
		announce(s, 50, 1);
		assert_int_equal(s->frame.request, FRAME_READY);
	}
	send_all(s);
	assert_int_equal(s->frame.request, FRAME_ASKED);
	assert_int_equal(s->failed, 0);
	close_scene(s);
}

static void test_paused(void **state)
{
	struct scene *s = open_scene();

	(void)state;
	give_framebuffer(s, 1);
	frame_pause(&s->frame, true);
	send_all(s);
	assert_int_equal(s->frame.number, 0);
	assert_int_equal(s->asked, 0);
	frame_pause(&s->frame, false);
	send_all(s);
	assert_int_equal(s->frame.number, 1);
	close_scene(s);
}

static void test_checksum(void **state)
{
	const struct wire_message ask = { .type = WIRE_CHECKSUM_ASK, .checksum_ask.id = 5 };
	struct scene *s = open_scene();

	(void)state;
	checksum_channel.messages[0].handle(&s->checksum, &ask);
	checksum_channel.step(&s->checksum);
	assert_true(s->checksum.asked); /* no picture yet */
	give_framebuffer(s, 1);
	send_all(s);
	assert_int_equal(s->looks, 1);
	checksum_channel.step(&s->checksum);
	assert_true(s->checksum.asked); /* the agent still looks */
	give_looked(s);
	size_t before = channels_queued_bytes(&s->peer.out, PEER_SCREEN);
	checksum_channel.step(&s->checksum);
	assert_false(s->checksum.asked);
	assert_true(channels_queued_bytes(&s->peer.out, PEER_SCREEN) > before);

	/* With a change that is not coded yet it waits, but not for ever. */
	checksum_channel.messages[0].handle(&s->checksum, &ask);
	give_ready(s, 1, 1);
	checksum_channel.step(&s->checksum);
	assert_true(s->checksum.asked);
	assert_in_range(
		checksum_channel.timeout_ms(&s->checksum, clock_now_ms()), 1, CHECKSUM_WAIT_MS);
	s->checksum.until_ms = clock_now_ms();
	checksum_channel.step(&s->checksum);
	assert_false(s->checksum.asked);
	close_scene(s);
}

/* Nothing acknowledged for 10 s: only one that has got the frame, and is not paused, is ended. */
static void test_acknowledges_nothing(void **state)
{
	struct scene *s = open_scene();
	const uint64_t late_ns = (FRAME_ACK_TIMEOUT_MS + 1) * 1000000ULL;

	(void)state;
	give_framebuffer(s, 1);
	for (int i = 0; s->frame.pace.count == 0 && i < 100; i++) {
		send_all(s);
		give_ready(s, 1, (uint32_t)i + 1);
	}
	uint64_t end_ns = pace_unacked_since_ns(&s->frame.pace);
	assert_true(end_ns > 0);
	frame_check_acks(&s->frame);
	assert_int_equal(s->failed, 0);

	/* As if it had been sent long ago. */
	s->frame.pace.frames[s->frame.pace.first].end_ns -= late_ns;
	s->frame.pace.delivered_ns -= late_ns;
	frame_check_acks(&s->frame);
	assert_int_equal(s->failed, 0); /* it may still be on its way */
	s->peer.answered_us = clock_now_us();
	s->frame.paused = true;
	frame_check_acks(&s->frame);
	assert_int_equal(s->failed, 0);
	frame_pause(&s->frame, false); /* its time begins anew */
	frame_check_acks(&s->frame);
	assert_int_equal(s->failed, 0);
	s->frame.resumed_ns -= late_ns;
	frame_check_acks(&s->frame);
	assert_int_equal(s->failed, WIRE_BYE_BUSY);
	assert_string_equal(s->reason, "the client acknowledged no picture for 10 s");
	close_scene(s);
}

static void test_acknowledged_too_early(void **state)
{
	const struct wire_message ack = { .type = WIRE_FRAME_ACK, .frame_ack.frame = 5 };
	struct scene *s = open_scene();

	(void)state;
	frame_acked(&s->frame, &ack);
	assert_int_equal(s->failed, WIRE_BYE_PROTOCOL);
	close_scene(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_cursor_again),
		cmocka_unit_test(test_cursor_again_for_an_older_client),
		cmocka_unit_test(test_first_picture),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_stale_rectangles),
		cmocka_unit_test(test_two_announcements),
		cmocka_unit_test(test_announcement_during_job),
		cmocka_unit_test(test_paused),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_acknowledges_nothing),
		cmocka_unit_test(test_acknowledged_too_early),
	};

	if (crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
