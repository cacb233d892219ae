/* Capture, cursor, rights and life of the real agent on an Xvfb. */
#include "tests/unit/agent/harness.h"

#include "common/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xcb/randr.h>
#include <xcb/xtest.h>

#include <cmocka.h>

static struct harness h;

static int setup(void **state)
{
	(void)state;
	harness_start_xvfb(&h);
	harness_start_agent(&h);
	harness_configure(&h);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	harness_finish(&h);
	return 0;
}

static void draw(xcb_rectangle_t r, uint32_t colour)
{
	xcb_gcontext_t gc = xcb_generate_id(h.x);
	const uint32_t values[] = { colour, XCB_SUBWINDOW_MODE_INCLUDE_INFERIORS };

	xcb_create_gc(h.x, gc, h.screen->root, XCB_GC_FOREGROUND | XCB_GC_SUBWINDOW_MODE, values);
	xcb_poly_fill_rectangle(h.x, h.screen->root, gc, 1, &r);
	xcb_free_gc(h.x, gc);
}

static void sync_x(void)
{
	free(xcb_get_input_focus_reply(h.x, xcb_get_input_focus(h.x), NULL));
}

static void attach(struct peer *p, uint32_t caps)
{
	static uint32_t worker = 100;

	peer_attach(&h, p, worker++, caps);
	if (caps & WIRE_CAP_SEE)
		assert_true(peer_wait(p, &p->framebuffers, HARNESS_TIMEOUT_MS));
}

static void detach(struct peer *p)
{
	peer_finish(p);
}

static void test_first_frame_is_whole(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	assert_int_equal(p.framebuffer.width_px, 1920);
	assert_int_equal(p.framebuffer.height_px, 1080);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.frame.rect_count, 1);
	assert_int_equal(p.frame.rects[0].width_px, 1920);
	assert_int_equal(p.frame.rects[0].height_px, 1080);
	assert_int_equal(p.frame.generation, p.framebuffer.generation);
	assert_true(peer_is_exact(&h, &p));
	detach(&p);
}

static void test_memory_is_readonly(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	assert_ptr_equal(
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, p.memory.fd, 0), MAP_FAILED);
	detach(&p);
}

static void test_random_drawing_is_exact(void **state)
{
	struct peer p;

	(void)state;
	srand(1);
	attach(&p, WIRE_CAPS_VIEW);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	peer_send(&p, RECORD_FRAME_REQUEST);
	for (int i = 0; i < 2000; i++) {
		int big = rand() % 20 == 0;
		draw((xcb_rectangle_t){ (int16_t)(rand() % 1400 - 100),
			     (int16_t)(rand() % 800 - 50),
			     (uint16_t)(1 + rand() % (big ? 1300 : 60)),
			     (uint16_t)(1 + rand() % (big ? 700 : 40)) },
			(uint32_t)rand() & 0xffffff);
		if (i % 7 == 0) {
			xcb_flush(h.x);
			/* Some frames are waited for, however long they take here. */
			if (peer_wait(&p, &p.frames, i % 70 == 63 ? HARNESS_TIMEOUT_MS : 0)) {
				peer_send(&p, RECORD_FRAME_TAKEN);
				peer_send(&p, RECORD_FRAME_REQUEST);
			}
		}
	}
	sync_x();
	while (!peer_is_exact(&h, &p)) { /* what is still missing comes */
		assert_true(peer_wait(&p, &p.frames, HARNESS_TIMEOUT_MS));
		peer_send(&p, RECORD_FRAME_TAKEN);
		peer_send(&p, RECORD_FRAME_REQUEST);
	}
	assert_true(p.frames > 5);
	detach(&p);
}

static void test_small_damage_is_small(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	peer_send(&p, RECORD_FRAME_REQUEST);
	draw((xcb_rectangle_t){ 300, 200, 11, 7 }, 0x123456);
	sync_x();
	assert_true(peer_wait(&p, &p.frames, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.frame.rect_count, 1);
	assert_int_equal(p.frame.rects[0].x_px, 300);
	assert_int_equal(p.frame.rects[0].y_px, 200);
	assert_int_equal(p.frame.rects[0].width_px, 11);
	assert_int_equal(p.frame.rects[0].height_px, 7);
	peer_send(&p, RECORD_FRAME_TAKEN);
	assert_true(peer_is_exact(&h, &p));
	/* Nothing changes: nothing comes. */
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_false(peer_wait(&p, &p.frames, 300));
	detach(&p);
}

static void test_damage_gathers_until_asked(void **state)
{
	struct peer p, q;

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	attach(&q, WIRE_CAPS_VIEW);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS));
	draw((xcb_rectangle_t){ 10, 10, 50, 50 }, 0xff0000);
	sync_x();
	assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS)); /* one is faster than the other */
	draw((xcb_rectangle_t){ 900, 600, 50, 50 }, 0x00ff00);
	sync_x();
	harness_sleep(50);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.frame.rect_count, 2);
	assert_true(peer_is_exact(&h, &p));
	assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS));
	assert_int_equal(q.frame.rect_count, 1);
	detach(&p);
	detach(&q);
}

static void test_stuck_worker_does_not_hold_others(void **state)
{
	struct peer p, q;

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	attach(&q, WIRE_CAPS_VIEW);
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(peer_wait(&p, &p.frames, HARNESS_TIMEOUT_MS)); /* and never says TAKEN */
	assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS));
	uint64_t shortest_ms = UINT64_MAX; /* on a busy machine any one may take longer */
	for (uint32_t i = 0; i < 10 && shortest_ms >= 100; i++) {
		draw((xcb_rectangle_t){ 10, 10, 50, 50 }, 0x0000ff + i);
		sync_x();
		uint64_t start = clock_now_ms();
		assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS));
		shortest_ms = MIN(shortest_ms, clock_now_ms() - start);
	}
	assert_true(shortest_ms < 100);
	detach(&p);
	detach(&q);
}

static void test_cursor(void **state)
{
	struct peer p;
	xcb_font_t font = xcb_generate_id(h.x);
	xcb_cursor_t cursor = xcb_generate_id(h.x);

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	while (p.cursors == 0)
		assert_true(peer_wait(&p, &p.cursors, HARNESS_TIMEOUT_MS));
	peer_wait(&p, NULL, 100);
	unsigned before = p.cursors;
	xcb_open_font(h.x, font, 6, "cursor");
	xcb_create_glyph_cursor(h.x, cursor, font, font, 58, 59, 0, 0, 0, 65535, 65535, 65535);
	const uint32_t value = cursor;
	xcb_change_window_attributes(h.x, h.screen->root, XCB_CW_CURSOR, &value);
	xcb_flush(h.x);
	while (p.cursors == before)
		assert_true(peer_wait(&p, &p.cursors, HARNESS_TIMEOUT_MS));
	assert_true(p.cursor.width_px > 0 && p.cursor.hot_x_px < p.cursor.width_px);
	bool visible = false;
	for (size_t i = 0; i < (size_t)p.cursor.width_px * p.cursor.height_px; i++)
		visible |= p.cursor_memory.bytes[i * 4 + 3] != 0;
	assert_true(visible);
	detach(&p);
}

static void test_pointer_moved_by_another_program(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WIRE_CAPS_CONTROL);
	peer_wait(&p, NULL, 100);
	/* As xdotool and a mouse at the machine do it. */
	xcb_test_fake_input(h.x, XCB_MOTION_NOTIFY, 0, 0, h.screen->root, 321, 123, 0);
	xcb_flush(h.x);
	while (p.place.x_px != 321 || p.place.y_px != 123)
		assert_true(peer_wait(&p, &p.places, HARNESS_TIMEOUT_MS));
	/* A warp with a change on the screen. */
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	peer_send(&p, RECORD_FRAME_REQUEST);
	xcb_warp_pointer(h.x, XCB_NONE, h.screen->root, 0, 0, 0, 0, 77, 66);
	draw((xcb_rectangle_t){ 5, 5, 5, 5 }, 0xabcdef);
	xcb_flush(h.x);
	while (p.place.x_px != 77 || p.place.y_px != 66)
		assert_true(peer_wait(&p, &p.places, HARNESS_TIMEOUT_MS));
	detach(&p);
}

static void test_own_motion_is_not_echoed(void **state)
{
	struct peer p, q;
	struct wire_message m = { .type = WIRE_POINTER };

	(void)state;
	attach(&p, WIRE_CAPS_CONTROL);
	attach(&q, WIRE_CAPS_VIEW);
	peer_wait(&p, NULL, 100);
	peer_wait(&q, NULL, 100);
	unsigned before = p.places;
	for (uint16_t i = 0; i < 50; i++) {
		m.pointer.serial++;
		m.pointer.x_px = (uint16_t)(200 + i);
		m.pointer.y_px = 210;
		peer_send_wire(&p, &m);
	}
	while (q.place.x_px != 249 || q.place.y_px != 210)
		assert_true(peer_wait(&q, &q.places, HARNESS_TIMEOUT_MS));
	peer_wait(&p, NULL, 200);
	assert_int_equal(p.places, before);
	/* Beyond the screen: clipped. */
	m.pointer.x_px = 5000;
	m.pointer.y_px = 5000;
	peer_send_wire(&p, &m);
	while (q.place.x_px != 1919 || q.place.y_px != 1079)
		assert_true(peer_wait(&q, &q.places, HARNESS_TIMEOUT_MS));
	detach(&p);
	detach(&q);
}

static void test_input_serial(void **state)
{
	struct peer p;
	struct wire_message m = { .type = WIRE_POINTER,
		.pointer = { .serial = 4711, .x_px = 5, .y_px = 5 } };

	(void)state;
	attach(&p, WIRE_CAPS_CONTROL);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.frame.input_serial, 0);
	peer_send_wire(&p, &m);
	harness_sleep(50);
	draw((xcb_rectangle_t){ 5, 5, 5, 5 }, 0x445566);
	sync_x();
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.frame.input_serial, 4711);
	detach(&p);
}

/* --- rights --- */

static const struct wire_message inputs[] = {
	{ .type = WIRE_KEY, .key = { .evdev = 30, .keysym = 'a', .down = true } },
	{ .type = WIRE_TEXT, .text = { .utf8 = (const uint8_t *)"a", .len = 1 } },
	{ .type = WIRE_POINTER, .pointer = { .x_px = 9, .y_px = 9 } },
	{ .type = WIRE_BUTTON, .button = { .button = 1, .down = true } },
	{ .type = WIRE_WHEEL, .wheel = { .dy = 120 } },
	{ .type = WIRE_POINTER_BY, .pointer_by = { .dx_px = 9 } },
	{ .type = WIRE_RELEASE_ALL },
};

static void test_viewer_cannot_do_anything(void **state)
{
	struct agent_record record;

	(void)state;
	xcb_warp_pointer(h.x, XCB_NONE, h.screen->root, 0, 0, 0, 0, 500, 400);
	sync_x();
	for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
		struct peer p;
		attach(&p, WIRE_CAPS_VIEW);
		peer_send_wire(&p, &inputs[i]);
		assert_true(harness_wait(&h, RECORD_VIOLATION, &record, HARNESS_TIMEOUT_MS));
		assert_int_equal(record.violation.wire_type, inputs[i].type);
		peer_wait(&p, NULL, HARNESS_TIMEOUT_MS); /* ends with the channel */
		assert_true(p.closed);
		detach(&p);
	}
	xcb_query_pointer_reply_t *q =
		xcb_query_pointer_reply(h.x, xcb_query_pointer(h.x, h.screen->root), NULL);
	assert_int_equal(q->root_x, 500);
	assert_int_equal(q->root_y, 400);
	assert_int_equal(q->mask & 0x1f00, 0);
	free(q);
	xcb_query_keymap_reply_t *k = xcb_query_keymap_reply(h.x, xcb_query_keymap(h.x), NULL);
	for (int i = 0; i < 32; i++)
		assert_int_equal(k->keys[i], 0);
	free(k);
}

static void test_blind_worker_gets_no_picture(void **state)
{
	struct agent_record record;
	struct peer p;

	(void)state;
	attach(&p, WIRE_CAP_INPUT);
	peer_wait(&p, NULL, 100);
	assert_int_equal(p.framebuffers, 0);
	assert_int_equal(p.cursors, 0);
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(harness_wait(&h, RECORD_VIOLATION, &record, HARNESS_TIMEOUT_MS));
	peer_wait(&p, NULL, HARNESS_TIMEOUT_MS);
	assert_true(p.closed);
	detach(&p);
}

static void test_viewers_window_size_is_no_offence(void **state)
{
	struct wire_message m = { .type = WIRE_VIEW,
		.view = { .width_px = 800, .height_px = 600 } };
	struct peer p;

	(void)state;
	attach(&p, WIRE_CAPS_VIEW);
	peer_send_wire(&p, &m);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.framebuffer.width_px, 1920);
	detach(&p);
}

static void test_nonsense_closes_only_that_worker(void **state)
{
	const uint8_t nonsense[] = { 0xff, 0, 1, 2 };
	struct peer p, q;

	(void)state;
	attach(&q, WIRE_CAPS_VIEW);
	attach(&p, WIRE_CAPS_CONTROL);
	assert_int_equal(ipc_send(&p.channel, nonsense, sizeof(nonsense), -1), 0);
	peer_wait(&p, NULL, HARNESS_TIMEOUT_MS);
	assert_true(p.closed);
	detach(&p);
	attach(&p, WIRE_CAPS_CONTROL);
	peer_send(&p, RECORD_STATS_ASK); /* a record of ours, but not from a worker */
	peer_wait(&p, NULL, HARNESS_TIMEOUT_MS);
	assert_true(p.closed);
	detach(&p);
	assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS));
	detach(&q);
}

/* The key of inputs[0]. */
static bool key_is_down(void)
{
	xcb_query_keymap_reply_t *k = xcb_query_keymap_reply(h.x, xcb_query_keymap(h.x), NULL);
	bool down = k->keys[38 / 8] >> 38 % 8 & 1;

	free(k);
	return down;
}

static bool key_becomes(bool down)
{
	HARNESS_WAIT_UNTIL(key_is_down() == down);
	return key_is_down() == down;
}

static void test_capability_taken_away(void **state)
{
	struct agent_record record = { .type = RECORD_SET_CAPS,
		.set_caps = { .worker = 9000, .caps = WIRE_CAPS_VIEW } };
	struct peer p;

	(void)state;
	peer_attach(&h, &p, 9000, WIRE_CAPS_CONTROL);
	peer_send_wire(&p, &inputs[0]); /* a key down */
	assert_true(key_becomes(true));
	assert_int_equal(agent_record_send(&h.supervisor, &record, -1), 0);
	assert_true(key_becomes(false));
	/* In good faith for a while: dropped, not punished. */
	peer_send_wire(&p, &inputs[0]);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_false(key_is_down());
	detach(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_frame_is_whole),
		cmocka_unit_test(test_memory_is_readonly),
		cmocka_unit_test(test_random_drawing_is_exact),
		cmocka_unit_test(test_small_damage_is_small),
		cmocka_unit_test(test_damage_gathers_until_asked),
		cmocka_unit_test(test_stuck_worker_does_not_hold_others),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_pointer_moved_by_another_program),
		cmocka_unit_test(test_own_motion_is_not_echoed),
		cmocka_unit_test(test_input_serial),
		cmocka_unit_test(test_viewer_cannot_do_anything),
		cmocka_unit_test(test_blind_worker_gets_no_picture),
		cmocka_unit_test(test_viewers_window_size_is_no_offence),
		cmocka_unit_test(test_nonsense_closes_only_that_worker),
		cmocka_unit_test(test_capability_taken_away),
	};

	if (!harness_possible()) {
		fprintf(stderr, "Xvfb is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
