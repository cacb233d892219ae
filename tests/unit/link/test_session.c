/* An open session of the real programs: pictures, input, cursors, and how it ends. */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "tests/unit/link/link_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fill(
	struct rig *r, uint16_t x, uint16_t y, uint16_t w, uint16_t h, bool noise, uint32_t seed)
{
	for (uint16_t row = y; row < y + h; row++) {
		uint8_t *p = r->framebuffer.bytes + ((size_t)row * r->width_px + x) * 4;
		for (uint16_t i = 0; i < w; i++) {
			uint32_t v = seed;
			if (noise) {
				seed = seed * 1664525U + 1013904223U;
				v = seed >> 8;
			}
			*p++ = (uint8_t)v;
			*p++ = (uint8_t)(v >> 8);
			*p++ = (uint8_t)(v >> 16);
			*p++ = 0;
		}
	}
	rig_damage(r, x, y, w, h);
}

static void test_picture_is_exact(void **state)
{
	struct rig *r = link_rig_open(false);

	(void)state;
	assert_true(r->proof_good);
	assert_true(r->proof_bound);
	assert_true(r->handshake_seen);
	assert_int_equal(r->handshake.fault, CRYPTO_OK);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	for (uint32_t i = 0; i < 100; i++) {
		uint16_t x = (uint16_t)(rand() % LINK_RIG_WIDTH_PX),
			 y = (uint16_t)(rand() % LINK_RIG_HEIGHT_PX);
		uint16_t w = (uint16_t)(1 + rand() % (LINK_RIG_WIDTH_PX - x)),
			 h = (uint16_t)(1 + rand() % (LINK_RIG_HEIGHT_PX - y));
		fill(r, x, y, w, h, i % 3 == 0, i * 77777);
		if (i % 10 == 0)
			assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
		else
			rig_run(r, NULL, 2);
	}
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	assert_true(r->welcome_seen);
	assert_string_equal(r->welcome.device, "laptop");
	link_rig_close(r);
}

static bool has_checksum(const struct rig *r)
{
	return r->checksum_seen;
}

static void test_checksums_agree(void **state)
{
	struct rig *r = link_rig_open(false);
	struct wire_message ask = { .type = WIRE_CHECKSUM_ASK };

	(void)state;
	fill(r, 10, 10, 300, 200, true, 4);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	ask.checksum_ask.id = 77;
	rig_ui_wire(r, &ask);
	assert_true(rig_run(r, has_checksum, LINK_RIG_SOON_MS));
	assert_int_equal(r->checksum.id, 77);
	assert_true(r->checksum.settled);
	assert_true(r->checksum.local == r->checksum.remote);
	link_rig_close(r);
}

static bool has_inputs(const struct rig *r)
{
	return r->input_count >= 2;
}

static void test_input_reaches_the_agent(void **state)
{
	struct rig *r = link_rig_open(false);
	struct wire_message key = { .type = WIRE_KEY }, pointer = { .type = WIRE_POINTER };

	(void)state;
	key.key.serial = 5;
	key.key.evdev = 30;
	key.key.down = true;
	rig_ui_wire(r, &key);
	pointer.pointer.x_px = 12;
	pointer.pointer.y_px = 34;
	rig_ui_wire(r, &pointer);
	assert_true(rig_run(r, has_inputs, LINK_RIG_SOON_MS));
	assert_int_equal(r->inputs[0].type, WIRE_KEY);
	assert_int_equal(r->inputs[0].key.evdev, 30);
	assert_int_equal(r->inputs[1].pointer.y_px, 34);
	link_rig_close(r);
}

static bool has_cursor(const struct rig *r)
{
	return r->cursor_seen;
}

static bool has_large_cursor(const struct rig *r)
{
	return r->cursor_seen && r->cursor.width_px == 200;
}

static void test_cursor(void **state)
{
	struct rig *r = link_rig_open(false);
	uint8_t *bytes = malloc(200 * 150 * 4);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < 200 * 150 * 4; i++)
		bytes[i] = (uint8_t)(i * 7 / 5);
	rig_send_cursor(r, 16, 16, bytes);
	rig_send_cursor(r, 200, 150, bytes);
	assert_true(rig_run(r, has_large_cursor, LINK_RIG_SOON_MS));
	assert_memory_equal(r->cursor_bytes, bytes, 200 * 150 * 4);
	/* The same shape is not sent again. */
	r->cursor_seen = false;
	rig_send_cursor(r, 200, 150, bytes);
	rig_run(r, NULL, 100);
	assert_false(r->cursor_seen);
	/* Invisible. */
	rig_send_cursor(r, 0, 0, NULL);
	assert_true(rig_run(r, has_cursor, LINK_RIG_SOON_MS));
	assert_int_equal(r->cursor.width_px, 0);
	free(bytes);
	link_rig_close(r);
}

static bool shows(struct rig *r, uint16_t side_px, const uint8_t *bytes)
{
	r->cursor_seen = false;
	rig_send_cursor(r, side_px, side_px, bytes);
	return rig_run(r, has_cursor, LINK_RIG_SOON_MS) && r->cursor.width_px == side_px &&
	       memcmp(r->cursor_bytes, bytes, (size_t)side_px * side_px * 4) == 0;
}

/* Whatever is kept, sent again, broken off or too large to be kept: what is shown is what is meant. */
static void test_cursors_come_again(void **state)
{
	struct rig *r = link_rig_open(false);
	static uint8_t shapes[80][32 * 32 * 4], large[200 * 200 * 4];
	uint32_t random = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		memset(shapes[i], (int)i + 1, sizeof(shapes[i]));
	memset(large, 99, sizeof(large));
	for (size_t i = 0, last = ARRAY_LEN(shapes); i < 400; i++) {
		random = random * 1664525 + 1013904223;
		size_t next = i < 200 ? i % 30 : (random >> 16) % ARRAY_LEN(shapes);
		if (i % 50 == 49)
			assert_true(shows(r, 200, large));
		else if (next != last)
			assert_true(shows(r, 32, shapes[next]));
		last = i % 50 == 49 ? ARRAY_LEN(shapes) : next;
	}
	link_rig_close(r);
}

static void test_new_screen_size(void **state)
{
	struct rig *r = link_rig_open(false);

	(void)state;
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	rig_new_framebuffer(r, 800, 333);
	fill(r, 100, 100, 300, 200, true, 9);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	assert_int_equal(r->screen.width_px, 800);
	rig_new_framebuffer(r, 64, 48);
	fill(r, 0, 0, 64, 48, true, 10);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	link_rig_close(r);
}

static uint32_t generation_before;

static bool has_other_generation(const struct rig *r)
{
	return r->screen.generation != generation_before;
}

static void test_refresh(void **state)
{
	struct rig *r = link_rig_open(false);
	struct wire_message refresh = { .type = WIRE_REFRESH };

	(void)state;
	fill(r, 0, 0, LINK_RIG_WIDTH_PX, LINK_RIG_HEIGHT_PX, true, 3);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	generation_before = r->screen.generation;
	rig_ui_wire(r, &refresh);
	assert_true(rig_run(r, has_other_generation, LINK_RIG_SOON_MS));
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	link_rig_close(r);
}

static void test_another_agent(void **state)
{
	struct rig *r = link_rig_open(false);
	struct worker_record m = { .type = RECORD_AGENT };
	int pair[2];

	(void)state;
	fill(r, 0, 0, 100, 100, true, 3);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	ipc_channel_finish(&r->agent); /* it died */
	rig_run(r, NULL, 50);
	assert_false(r->ended_seen);
	assert_int_equal(ipc_pair(pair), 0);
	assert_int_equal(worker_record_send(&r->supervisor, &m, pair[1]), 0);
	close(pair[1]);
	assert_int_equal(ipc_channel_init(&r->agent, pair[0]), 0);
	rig_new_framebuffer(r, LINK_RIG_WIDTH_PX, LINK_RIG_HEIGHT_PX);
	fill(r, 50, 50, 200, 200, true, 12);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	link_rig_close(r);
}

/* How long it takes until both programs have ended. */
static uint64_t end_by_admin_ms(void)
{
	struct rig *r = link_rig_open(false);
	struct worker_record m = { .type = RECORD_END };
	int status;

	m.end.code = WIRE_BYE_REVOKED;
	snprintf(m.end.reason, sizeof(m.end.reason), "this device was revoked");
	uint64_t begin_ms = clock_now_ms();
	assert_int_equal(worker_record_send(&r->supervisor, &m, -1), 0);
	assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
	assert_int_equal(r->failed.code, WIRE_BYE_REVOKED);
	assert_false(r->failed.retry);
	assert_non_null(strstr(r->failed.reason, "revoked"));
	assert_true(rig_exited(&r->worker_pid, &status, LINK_RIG_SOON_MS));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(rig_exited(&r->link_pid, &status, LINK_RIG_SOON_MS));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	uint64_t took_ms = clock_now_ms() - begin_ms;
	assert_true(rig_run(r, rig_has_ended, LINK_RIG_SOON_MS));
	assert_int_equal(r->ended.code, WIRE_BYE_REVOKED);
	link_rig_close(r);
	return took_ms;
}

static void test_admin_ends_it(void **state)
{
	(void)state;
	assert_true(end_by_admin_ms() < WIRE_SILENCE_MS); /* after which they would end anyway */
}

static bool lost_input(const struct rig *r)
{
	return r->caps_seen == WIRE_CAPS_VIEW;
}

static void test_capability_taken_away(void **state)
{
	struct rig *r = link_rig_open(false);
	struct worker_record m = { .type = RECORD_SET_CAPS };
	struct wire_message key = { .type = WIRE_KEY };

	(void)state;
	key.key.evdev = 30;
	m.set_caps.worker = 1;
	m.set_caps.caps = WIRE_CAPS_VIEW;
	assert_int_equal(worker_record_send(&r->supervisor, &m, -1), 0);
	rig_ui_wire(r, &key); /* on its way while the right is taken */
	assert_true(rig_run(r, lost_input, LINK_RIG_SOON_MS));
	size_t before = r->input_count;
	rig_ui_wire(r, &key); /* the link does not even send it */
	rig_run(r, NULL, 300);
	assert_int_equal(r->input_count, before);
	assert_false(r->failed_seen);
	assert_false(r->ended_seen);
	link_rig_close(r);
}

static void test_stalled_viewer(void **state)
{
	struct rig *r = link_rig_open(false);

	(void)state;
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	rig_run(r, NULL, 200);
	r->hold_present = true;
	long worker_before = rig_rss_kib(r->worker_pid), link_before = rig_rss_kib(r->link_pid);
	unsigned ready_before = r->ready_count;
	for (uint32_t i = 0; i < 300; i++) {
		fill(r, 0, 0, LINK_RIG_WIDTH_PX, LINK_RIG_HEIGHT_PX, true, i);
		rig_run(r, NULL, 3);
	}
	/* A few frames are under way, and no more. */
	assert_in_range(r->ready_count - ready_before, 0, 40);
	assert_in_range(rig_rss_kib(r->worker_pid) - worker_before + 16384, 0, 32768);
	assert_in_range(rig_rss_kib(r->link_pid) - link_before + 16384, 0, 32768);
	r->hold_present = false;
	rig_present(r);
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	link_rig_close(r);
}

/* Flips one bit of the n-th byte that goes one way. */
struct flip {
	int direction;
	uint64_t at, seen;
	bool done;
};

static size_t flip_one(void *user, int direction, uint8_t *bytes, size_t len)
{
	struct flip *f = user;

	if (direction == f->direction) {
		if (!f->done && f->at >= f->seen && f->at < f->seen + len) {
			bytes[f->at - f->seen] ^= 0x10;
			f->done = true;
		}
		f->seen += len;
	}
	return len;
}

static void test_flipped_byte(void **state)
{
	(void)state;
	for (int direction = 0; direction < 2; direction++) {
		struct rig *r = link_rig_open(true);
		struct flip flip = { .direction = direction };
		struct wire_message pointer = { .type = WIRE_POINTER };

		assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
		rig_run(r, NULL, 100);
		unsigned updates = r->update_count;
		size_t inputs = r->input_count;
		r->on_wire = flip_one;
		r->on_wire_user = &flip;
		flip.at = 20; /* inside the next record */
		if (direction == 0)
			rig_ui_wire(r, &pointer);
		else
			fill(r, 0, 0, 100, 100, true, 5);
		if (!rig_run(r, rig_has_ended, LINK_RIG_SOON_MS))
			fail_msg("direction %d: the session goes on", direction);
		assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
		assert_true(flip.done);
		/* Nothing of it was used. */
		assert_int_equal(r->input_count, inputs);
		assert_int_equal(r->update_count, updates);
		if (direction == 1)
			assert_int_equal(r->failed.fault, CRYPTO_TAMPERED);
		link_rig_close(r);
	}
}

static void test_silence(void **state)
{
	struct rig *r = link_rig_open(true);

	(void)state;
	assert_true(rig_run(r, rig_is_equal, LINK_RIG_SOON_MS));
	uint64_t begin_ms = clock_now_ms();
	r->relay_stopped = true;
	assert_true(rig_run(r, rig_has_failed, WIRE_SILENCE_MS + LINK_RIG_SOON_MS));
	assert_true(clock_now_ms() - begin_ms >= WIRE_SILENCE_MS - 2000);
	assert_true(r->silent_seen);
	assert_true(r->failed.retry);
	assert_true(rig_run(r, rig_has_ended, LINK_RIG_SOON_MS));
	link_rig_close(r);
}

static void test_window_closed(void **state)
{
	struct rig *r = link_rig_open(false);
	int status;

	(void)state;
	ipc_channel_finish(&r->ui);
	assert_true(rig_exited(&r->link_pid, &status, LINK_RIG_SOON_MS));
	assert_true(rig_run(r, rig_has_ended, LINK_RIG_SOON_MS));
	assert_int_equal(r->ended.code, WIRE_BYE_CLOSED);
	assert_true(rig_exited(&r->worker_pid, &status, LINK_RIG_SOON_MS));
	link_rig_close(r);
}

static void test_supervisor_gone(void **state)
{
	struct rig *r = link_rig_open(false);
	int status;

	(void)state;
	ipc_channel_finish(&r->supervisor);
	assert_true(rig_exited(&r->worker_pid, &status, LINK_RIG_SOON_MS));
	assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
	assert_int_equal(r->failed.code, WIRE_BYE_SHUTDOWN);
	assert_true(r->failed.retry);
	link_rig_close(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_picture_is_exact),
		cmocka_unit_test(test_checksums_agree),
		cmocka_unit_test(test_input_reaches_the_agent),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_cursors_come_again),
		cmocka_unit_test(test_new_screen_size),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_another_agent),
		cmocka_unit_test(test_admin_ends_it),
		cmocka_unit_test(test_capability_taken_away),
		cmocka_unit_test(test_stalled_viewer),
		cmocka_unit_test(test_flipped_byte),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_window_closed),
		cmocka_unit_test(test_supervisor_gone),
	};

	int r = link_rig_begin(argc, argv);
	if (r != 0)
		return r;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	link_rig_end();
	return r;
}
