/*
 * The agent on a display that is none: whom it tells what and when, who may do what, and what
 * becomes of what is held. The loop runs in steps between the test's own.
 */
#include "server/agent/agent.h"
#include "tests/unit/agent/fake_display.h"
#include "tests/unit/agent/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TURNS       12 /* of the loop, in which all that is under way comes to an end */
#define SOON_MS     1000
#define WORKER      100 /* number of the first */
#define KEY_A       30  /* evdev */
#define KEYCODE_A   "38"
#define ALL_OF_IT   ((struct record_rect){ 0, 0, FAKE_WIDTH_PX, FAKE_HEIGHT_PX })
#define LOOK_LATEST (FRAMES_REST_MS + SOON_MS)

static struct agent agent;
static struct harness h; /* its supervisor's end, and nothing else of it */
static struct agent_record record;

static void run(void)
{
	for (int i = 0; i < TURNS; i++)
		uv_run(&agent.loop, UV_RUN_NOWAIT);
}

/* Lets the agent and then the worker do all they can. */
static void exchange(struct peer *p)
{
	run();
	peer_wait(p, NULL, 0);
}

static bool comes(struct peer *p, const unsigned *counter, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;
	unsigned before = *counter;

	do {
		exchange(p);
		if (*counter != before)
			return true;
		harness_sleep(1);
	} while (clock_now_ms() < end_ms);
	return false;
}

static bool told(enum record_type type)
{
	run();
	return harness_wait(&h, type, &record, 0);
}

static void start(void)
{
	struct agent_record config = { .type = RECORD_AGENT_CONFIG };
	int fds[2];

	h = (struct harness){ .supervisor.fd = -1 };
	assert_int_equal(ipc_pair(fds), 0);
	assert_int_equal(ipc_channel_init(&h.supervisor, fds[0]), 0);
	assert_int_equal(agent_init(&agent, fds[1], &fake_display_impl, ""), 0);
	assert_int_equal(agent_record_send(&h.supervisor, &config, -1), 0);
	run();
}

static int setup(void **state)
{
	(void)state;
	fake_opening = (struct fake_opening){ .resizable = true };
	start();
	assert_true(told(RECORD_AGENT_READY));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	agent_finish(&agent);
	ipc_channel_finish(&h.supervisor);
	return 0;
}

static void attach(struct peer *p, uint32_t worker, uint32_t caps)
{
	peer_attach(&h, p, worker, caps);
	exchange(p);
	assert_int_equal(p->framebuffers, (caps & WIRE_CAP_SEE) ? 1 : 0);
}

/* Asks for a picture and hands it back. */
static bool pull(struct peer *p)
{
	unsigned before = p->frames;

	peer_send(p, RECORD_FRAME_REQUEST);
	exchange(p);
	peer_send(p, RECORD_FRAME_TAKEN);
	run();
	return p->frames == before + 1;
}

static bool shows_all(const struct peer *p)
{
	size_t size = (size_t)fake->base.width_px * fake->base.height_px * 4;

	return memcmp(p->memory.bytes, fake->shown, size) == 0;
}

/* --- the picture --- */

static void test_damage_gathers(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_true(pull(&p));
	assert_int_equal(p.frame.rects[0].width_px, FAKE_WIDTH_PX);
	fake_draw((struct record_rect){ 10, 10, 20, 20 }, 1, true);
	fake_draw((struct record_rect){ 500, 400, 20, 20 }, 2, true);
	exchange(&p);
	assert_int_equal(p.frames, 1); /* nobody asked */
	assert_int_equal(fake->captures, 1);
	fake_draw((struct record_rect){ 500, 400, 20, 20 }, 3, true);
	assert_true(pull(&p));
	assert_int_equal(fake->captures, 2); /* one for all of it */
	assert_int_equal(p.frame.rect_count, 2);
	assert_true(shows_all(&p));

	/* And the other way round: asked for first. */
	peer_send(&p, RECORD_FRAME_REQUEST);
	exchange(&p);
	assert_int_equal(p.frames, 2);
	fake_draw((struct record_rect){ 0, 0, 5, 5 }, 4, true);
	exchange(&p);
	assert_int_equal(p.frames, 3);
	assert_int_equal(p.frame.rects[0].width_px, 5);
	peer_finish(&p);
}

static void test_two_viewers(void **state)
{
	struct peer a, b;

	(void)state;
	attach(&a, WORKER, WIRE_CAPS_VIEW);
	attach(&b, WORKER + 1, WIRE_CAPS_VIEW);
	assert_true(pull(&a));
	exchange(&b);
	assert_int_equal(b.frames, 0);
	assert_true(pull(&b));

	/* One capture serves both that wait. */
	unsigned captures = fake->captures;
	peer_send(&a, RECORD_FRAME_REQUEST);
	peer_send(&b, RECORD_FRAME_REQUEST);
	run();
	fake_draw((struct record_rect){ 7, 8, 30, 40 }, 9, true);
	exchange(&a);
	exchange(&b);
	assert_int_equal(fake->captures, captures + 1);
	assert_int_equal(a.frames, 2);
	assert_int_equal(b.frames, 2);
	peer_send(&a, RECORD_FRAME_TAKEN);
	peer_send(&b, RECORD_FRAME_TAKEN);

	/* What one has seen is still new for the other. */
	fake_draw((struct record_rect){ 100, 100, 10, 10 }, 5, true);
	assert_true(pull(&a));
	fake_draw((struct record_rect){ 300, 300, 10, 10 }, 6, true);
	assert_true(pull(&a));
	assert_int_equal(a.frame.rect_count, 1);
	assert_true(pull(&b));
	assert_int_equal(b.frame.rect_count, 2);
	peer_finish(&a);
	peer_finish(&b);
}

/* Who copies out of the memory holds it still, but not for ever. */
static void test_a_viewer_that_holds(void **state)
{
	struct peer a, b;

	(void)state;
	attach(&a, WORKER, WIRE_CAPS_VIEW);
	attach(&b, WORKER + 1, WIRE_CAPS_VIEW);
	assert_true(pull(&b));
	peer_send(&a, RECORD_FRAME_REQUEST);
	exchange(&a);
	assert_int_equal(a.frames, 1);
	unsigned captures = fake->captures;
	fake_draw((struct record_rect){ 0, 0, 10, 10 }, 1, true);
	peer_send(&b, RECORD_FRAME_REQUEST);
	exchange(&b);
	assert_int_equal(fake->captures, captures);
	peer_send(&a, RECORD_FRAME_TAKEN);
	exchange(&b);
	assert_int_equal(b.frames, 2);
	peer_send(&b, RECORD_FRAME_TAKEN);

	peer_send(&a, RECORD_FRAME_REQUEST); /* and never TAKEN */
	exchange(&a);
	assert_int_equal(a.frames, 2);
	fake_draw((struct record_rect){ 0, 0, 10, 10 }, 2, true);
	peer_send(&b, RECORD_FRAME_REQUEST);
	assert_true(comes(&b, &b.frames, FRAMES_HOLD_MS + SOON_MS));

	/* One that goes while it holds lets go. */
	fake_draw((struct record_rect){ 0, 0, 10, 10 }, 3, true);
	peer_finish(&b);
	run();
	assert_true(pull(&a));
	assert_true(shows_all(&a));
	peer_finish(&a);
}

/* What a failed capture was to bring comes with the next one. */
static void test_failed_capture(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_true(pull(&p));
	fake_draw((struct record_rect){ 10, 20, 30, 40 }, 1, true);
	fake->fail_capture = true;
	unsigned captures = fake->captures;
	assert_true(pull(&p));
	assert_int_equal(fake->captures, captures + 2);
	assert_int_equal(p.frame.rects[0].height_px, 40);
	assert_true(shows_all(&p));
	peer_finish(&p);
}

static void test_drawn_while_captured(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_true(pull(&p));
	fake->slow = true;
	peer_send(&p, RECORD_FRAME_REQUEST);
	fake_draw((struct record_rect){ 0, 0, 10, 10 }, 1, true);
	exchange(&p);
	assert_true(fake->capturing);
	fake_draw((struct record_rect){ 200, 0, 10, 10 }, 1, true);
	exchange(&p);
	assert_int_equal(p.frames, 1);
	fake_finish_capture();
	fake->slow = false;
	exchange(&p);
	assert_int_equal(p.frames, 2);
	assert_int_equal(p.frame.rect_count, 1);
	peer_send(&p, RECORD_FRAME_TAKEN);
	assert_true(pull(&p));
	assert_int_equal(p.frame.rects[0].x_px, 200);
	peer_finish(&p);
}

static void test_resize(void **state)
{
	const struct wire_message view = { .type = WIRE_VIEW,
		.view = { .width_px = 300, .height_px = 200 } };
	struct peer viewer, owner;

	(void)state;
	attach(&viewer, WORKER, WIRE_CAPS_VIEW);
	attach(&owner, WORKER + 1, WIRE_CAPS_CONTROL);
	assert_false(viewer.framebuffer.resizable);
	assert_true(owner.framebuffer.resizable);
	uint32_t generation = viewer.framebuffer.generation;

	peer_send_wire(&viewer, &view); /* no offence, and no effect */
	exchange(&viewer);
	assert_int_equal(fake->resizes, 0);
	assert_false(viewer.closed);

	/* In the middle of a capture. */
	fake->slow = true;
	peer_send(&viewer, RECORD_FRAME_REQUEST);
	run();
	assert_true(fake->capturing);
	peer_send_wire(&owner, &view);
	exchange(&viewer);
	exchange(&owner);
	fake->slow = false;
	assert_int_equal(fake->resizes, 1);
	assert_int_equal(viewer.framebuffer.width_px, 300);
	assert_int_not_equal(viewer.framebuffer.generation, generation);
	assert_int_equal(owner.framebuffer.height_px, 200);
	assert_true(told(RECORD_AGENT_READY));
	assert_int_equal(record.agent_ready.width_px, 300);
	run();
	exchange(&viewer);
	assert_int_equal(viewer.frames, 1); /* it still waited for one */
	assert_int_equal(viewer.frame.generation, viewer.framebuffer.generation);
	assert_int_equal(viewer.frame.rects[0].width_px, 300);
	peer_finish(&viewer);
	peer_finish(&owner);
}

/* --- what the display does not tell --- */

static void test_look(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_true(pull(&p));
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(comes(&p, &p.looks, LOOK_LATEST));
	assert_int_equal(fake->looks, 1);

	/* Changed without a word, and something else with one. */
	fake_draw((struct record_rect){ 400, 300, 50, 50 }, 1, false);
	fake_draw((struct record_rect){ 0, 0, 10, 10 }, 2, true);
	exchange(&p);
	assert_int_equal(p.frames, 2);
	assert_false(fake_is_captured());
	peer_send(&p, RECORD_FRAME_TAKEN);
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(comes(&p, &p.frames, LOOK_LATEST));
	assert_int_equal(p.looks, 1); /* not before the picture is right */
	assert_true(shows_all(&p));
	peer_send(&p, RECORD_FRAME_TAKEN);
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(comes(&p, &p.looks, LOOK_LATEST));

	/* And then nothing runs, until it is asked for. */
	unsigned looks = fake->looks;
	assert_false(comes(&p, &p.looks, 2 * FRAMES_REST_MS));
	assert_int_equal(fake->looks, looks);
	assert_false(uv_is_active((const uv_handle_t *)&agent.frames.rest));
	peer_send(&p, RECORD_LOOK);
	exchange(&p);
	assert_int_equal(fake->looks, looks + 1);
	assert_int_equal(p.looks, 3);
	peer_finish(&p);
}

/* Input is followed by a look, even where the display said nothing. */
static void test_look_after_input(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_CONTROL);
	assert_true(pull(&p));
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(comes(&p, &p.looks, LOOK_LATEST));
	peer_key(&p, KEY_A, 0, true);
	fake_draw((struct record_rect){ 40, 30, 5, 5 }, 1, false);
	while (!shows_all(&p)) { /* a frame that only answers the input may come first */
		assert_true(comes(&p, &p.frames, LOOK_LATEST));
		peer_send(&p, RECORD_FRAME_TAKEN);
		peer_send(&p, RECORD_FRAME_REQUEST);
	}
	peer_finish(&p);
}

/* Nobody looks for a viewer that is gone, has not asked, or has something to come. */
static void test_look_for_nobody(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_true(pull(&p));
	assert_false(comes(&p, &p.looks, 2 * FRAMES_REST_MS));
	assert_int_equal(fake->looks, 0);
	peer_send(&p, RECORD_FRAME_REQUEST); /* now it waits for what is new */
	assert_true(comes(&p, &p.looks, LOOK_LATEST));
	peer_finish(&p);
	fake_draw(ALL_OF_IT, 1, true);
	run();
	harness_sleep(2 * FRAMES_REST_MS);
	run();
	assert_int_equal(fake->looks, 1);
}

static void test_display_that_is_trusted(void **state)
{
	struct peer p;

	(void)state;
	fake_opening.trusted = true;
	start();
	assert_true(told(RECORD_AGENT_READY));
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_true(pull(&p));
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(comes(&p, &p.looks, LOOK_LATEST));
	assert_int_equal(fake->looks, 0);
	peer_finish(&p);
}

/* --- rights and input --- */

static void test_rights(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_VIEW);
	assert_false(fake->in_use);
	peer_key(&p, KEY_A, 0, true);
	exchange(&p);
	assert_true(p.closed);
	assert_string_equal(fake->written, "");
	assert_true(told(RECORD_VIOLATION));
	assert_int_equal(record.violation.worker, WORKER);
	assert_int_equal(record.violation.wire_type, WIRE_KEY);
	peer_finish(&p);
}

static void test_rights_are_taken(void **state)
{
	struct agent_record caps = { .type = RECORD_SET_CAPS };
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_CONTROL);
	assert_true(fake->in_use);
	peer_key(&p, KEY_A, 0, true);
	run();
	caps.set_caps.worker = WORKER;
	caps.set_caps.caps = WIRE_CAPS_VIEW;
	assert_int_equal(agent_record_send(&h.supervisor, &caps, -1), 0);
	run();
	assert_string_equal(fake->written, "+" KEYCODE_A " -" KEYCODE_A " ");
	assert_false(fake->in_use);

	/* In good faith: dropped, not punished. */
	peer_key(&p, KEY_A, 0, true);
	exchange(&p);
	assert_false(p.closed);
	assert_string_equal(fake->written, "+" KEYCODE_A " -" KEYCODE_A " ");
	peer_finish(&p);
}

static void send_button(struct peer *p, uint8_t button, bool down)
{
	struct wire_message m = { .type = WIRE_BUTTON };

	m.button.button = button;
	m.button.down = down;
	peer_send_wire(p, &m);
}

static void send_pointer(struct peer *p, uint16_t x_px, uint16_t y_px)
{
	struct wire_message m = { .type = WIRE_POINTER };

	m.pointer.x_px = x_px;
	m.pointer.y_px = y_px;
	peer_send_wire(p, &m);
}

static void test_input_keeps_its_order(void **state)
{
	struct peer p, other;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_CONTROL);
	attach(&other, WORKER + 1, WIRE_CAPS_VIEW);
	send_pointer(&p, 5, 6);
	send_button(&p, 1, true);
	peer_key(&p, KEY_A, 0, true);
	send_pointer(&p, 5000, 7); /* at the edge */
	peer_key(&p, KEY_A, 0, false);
	send_button(&p, 1, false);
	exchange(&p);
	assert_string_equal(fake->written, "@5,6 b+1 +" KEYCODE_A " @639,7 -" KEYCODE_A " b-1 ");
	assert_true(fake->layouts_read >= 2);
	exchange(&other);
	assert_int_equal(other.place.x_px, 639); /* the others see where the pointer is */
	peer_finish(&p);
	peer_finish(&other);
}

static void test_released_on_close(void **state)
{
	struct peer a, b;

	(void)state;
	attach(&a, WORKER, WIRE_CAPS_CONTROL);
	attach(&b, WORKER + 1, WIRE_CAPS_CONTROL);
	peer_key(&a, KEY_A, 0, true);
	send_button(&a, 3, true);
	run();
	send_button(&b, 3, true);
	run();
	fake->written[0] = '\0';
	peer_finish(&a);
	run();
	assert_string_equal(fake->written, "-" KEYCODE_A " "); /* the button is still b's */
	assert_true(fake->in_use);
	peer_finish(&b);
	run();
	assert_string_equal(fake->written, "-" KEYCODE_A " b-3 ");
	assert_false(fake->in_use);
}

/* --- opening and failing --- */

static void test_opens_late(void **state)
{
	struct agent_record attachment = { .type = RECORD_ATTACH };

	(void)state;
	(void)attachment;
	fake_opening = (struct fake_opening){ .late = true };
	start();
	assert_false(told(RECORD_AGENT_READY));
	fake_open();
	assert_true(told(RECORD_AGENT_READY));
	assert_int_equal(record.agent_ready.width_px, FAKE_WIDTH_PX);
	assert_string_equal(record.agent_ready.display, "fake");
}

static void test_does_not_open(void **state)
{
	(void)state;
	fake_opening = (struct fake_opening){ .late = true };
	start();
	display_fail(&fake->base, "the compositor says no");
	display_fail(&fake->base, "and more of it");
	fake_draw((struct record_rect){ 0, 0, 1, 1 }, 0, false);
	assert_true(told(RECORD_AGENT_FAILED));
	assert_string_equal(record.agent_failed.reason, "the compositor says no");
}

static void test_breaks(void **state)
{
	struct peer p;

	(void)state;
	attach(&p, WORKER, WIRE_CAPS_CONTROL);
	peer_key(&p, KEY_A, 0, true);
	run();
	display_fail(&fake->base, "the compositor is gone");
	fake_draw((struct record_rect){ 0, 0, 1, 1 }, 0, false);
	assert_true(told(RECORD_AGENT_FAILED));
	assert_string_equal(record.agent_failed.reason, "the compositor is gone");
	peer_finish(&p);
}

/* Descriptors come and go while a display lives. */
static void test_descriptors_change(void **state)
{
	(void)state;
	unsigned before = fake->dispatched;
	fake->base.fd_count = 0;
	fake->base.changed |= DISPLAY_CHANGED_FDS;
	run();
	fake_draw((struct record_rect){ 0, 0, 1, 1 }, 1, false);
	run();
	assert_int_equal(fake->dispatched, before);
	display_add_fd(&fake->base, fake->event_fd);
	run();
	assert_int_equal(fake->dispatched, before + 1);
}

#define LIVE(test)  cmocka_unit_test_setup_teardown(test, setup, teardown)
#define ALONE(test) cmocka_unit_test_teardown(test, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(test_damage_gathers),
		LIVE(test_two_viewers),
		LIVE(test_a_viewer_that_holds),
		LIVE(test_failed_capture),
		LIVE(test_drawn_while_captured),
		LIVE(test_resize),
		LIVE(test_look),
		LIVE(test_look_after_input),
		LIVE(test_look_for_nobody),
		ALONE(test_display_that_is_trusted),
		LIVE(test_rights),
		LIVE(test_rights_are_taken),
		LIVE(test_input_keeps_its_order),
		LIVE(test_released_on_close),
		ALONE(test_opens_late),
		ALONE(test_does_not_open),
		LIVE(test_breaks),
		LIVE(test_descriptors_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
