/*
 * What rests is exact, whatever the X server says or fails to say of its windows: random moves,
 * raises, resizes, shapes, unmaps and reparenting of windows with and without backing store (which
 * X servers move without telling of it), with and without a compositor.
 */
#include "tests/unit/agent/harness.h"

#include "common/base/clock.h"
#include "common/base/process_linux.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xcb/xfixes.h>

#include <cmocka.h>

/* Small: each round compares all of it three times. */
#define SCREEN     "1000x600x24"
#define WINDOWS    10
#define STEPS_MAX  3
#define SIDE_MAX   450
#define SILENCE_MS 400 /* longer than the agent waits before it looks */

/* With the question for a look, which saves the wait for a rest, but in each of so many rounds. */
#define ROUNDS          440
#define ROUNDS_A_REST   11
#define COMPOSED_ROUNDS 60 /* always with a rest: a compositor paints when it likes */

static struct harness h;
static xcb_window_t windows[WINDOWS];
static bool mapped[WINDOWS];
static xcb_gcontext_t gc;

static int below(int limit)
{
	return rand() % limit;
}

static void paint(xcb_window_t window)
{
	for (int i = 0; i < 12; i++) {
		const uint32_t colour = (uint32_t)rand() & 0xffffff;
		const xcb_rectangle_t r = { (int16_t)below(SIDE_MAX), (int16_t)below(SIDE_MAX),
			(uint16_t)(1 + below(300)), (uint16_t)(1 + below(200)) };
		xcb_change_gc(h.x, gc, XCB_GC_FOREGROUND, &colour);
		xcb_poly_fill_rectangle(h.x, window, gc, 1, &r);
	}
}

/* Xvfb paints a moved window with backing store unseen by damage where the move changes the shape of
 * the pointer: it is not told apart from the painting of the pointer itself. */
static void set_cursor(xcb_window_t window, uint16_t glyph)
{
	xcb_font_t font = xcb_generate_id(h.x);
	xcb_cursor_t cursor = xcb_generate_id(h.x);

	xcb_open_font(h.x, font, strlen("cursor"), "cursor");
	xcb_create_glyph_cursor(h.x, cursor, font, font, glyph, (uint16_t)(glyph + 1), 0, 0, 0,
		0xffff, 0xffff, 0xffff);
	xcb_change_window_attributes(h.x, window, XCB_CW_CURSOR, &cursor);
	xcb_free_cursor(h.x, cursor);
	xcb_close_font(h.x, font);
}

static void make_windows(void)
{
	free(xcb_xfixes_query_version_reply(h.x, xcb_xfixes_query_version(h.x, 4, 0), NULL));
	gc = xcb_generate_id(h.x);
	xcb_create_gc(h.x, gc, h.screen->root, 0, NULL);
	for (int i = 0; i < WINDOWS; i++) {
		const uint32_t values[] = { (uint32_t)rand() & 0xffffff,
			i % 2 ? XCB_BACKING_STORE_WHEN_MAPPED : XCB_BACKING_STORE_NOT_USEFUL, 1 };
		windows[i] = xcb_generate_id(h.x);
		xcb_create_window(h.x, XCB_COPY_FROM_PARENT, windows[i], h.screen->root,
			(int16_t)below(800), (int16_t)below(400), (uint16_t)(50 + below(600)),
			(uint16_t)(50 + below(500)), (uint16_t)(i % 4),
			XCB_WINDOW_CLASS_INPUT_OUTPUT, h.screen->root_visual,
			XCB_CW_BACK_PIXEL | XCB_CW_BACKING_STORE | XCB_CW_OVERRIDE_REDIRECT,
			values);
		xcb_map_window(h.x, windows[i]);
		mapped[i] = true;
		set_cursor(windows[i], (uint16_t)(2 * i));
		paint(windows[i]);
	}
}

static void shape(xcb_window_t window)
{
	const xcb_rectangle_t parts[] = {
		{ (int16_t)below(100), (int16_t)below(100), (uint16_t)(1 + below(300)), 200 },
		{ (int16_t)below(300), (int16_t)below(300), 200, (uint16_t)(1 + below(200)) },
	};
	xcb_xfixes_region_t region = XCB_NONE; /* the whole window again */

	if (below(3)) {
		region = xcb_generate_id(h.x);
		xcb_xfixes_create_region(h.x, region, ARRAY_LEN(parts), parts);
	}
	xcb_xfixes_set_window_shape_region(h.x, window, XCB_SHAPE_SK_BOUNDING, 0, 0, region);
	if (region)
		xcb_xfixes_destroy_region(h.x, region);
}

static void configure(xcb_window_t window, uint16_t mask, uint32_t first, uint32_t second)
{
	const uint32_t values[] = { first, second };

	xcb_configure_window(h.x, window, mask, values);
}

static void step(void)
{
	int i = below(WINDOWS);
	xcb_window_t window = windows[i];

	if (below(2)) /* see set_cursor */
		xcb_warp_pointer(h.x, XCB_NONE, h.screen->root, 0, 0, 0, 0, (int16_t)below(1000),
			(int16_t)below(600));
	switch (below(9)) {
	case 0:
	case 1:
	case 2:
		configure(window, XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y,
			(uint32_t)(below(1000) - 100), (uint32_t)(below(600) - 50));
		break;
	case 3:
		configure(window, XCB_CONFIG_WINDOW_STACK_MODE,
			below(2) ? XCB_STACK_MODE_ABOVE : XCB_STACK_MODE_BELOW, 0);
		break;
	case 4:
		configure(window, XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT,
			(uint32_t)(20 + below(SIDE_MAX)), (uint32_t)(20 + below(SIDE_MAX)));
		break;
	case 5:
		shape(window);
		break;
	case 6:
		mapped[i] = !mapped[i];
		if (mapped[i])
			xcb_map_window(h.x, window);
		else
			xcb_unmap_window(h.x, window);
		break;
	case 7: /* only ever into one above it in the list: never in a circle */
		xcb_reparent_window(h.x, window,
			i == 0 || below(2) ? h.screen->root : windows[below(i)],
			(int16_t)below(600), (int16_t)below(400));
		break;
	default:
		paint(window);
		break;
	}
}

static void sync_x(void)
{
	free(xcb_get_input_focus_reply(h.x, xcb_get_input_focus(h.x), NULL));
}

/*
 * Takes frames until the agent says that all is up to date, or has had nothing to say for so long
 * that nothing has changed: not every step moves a pixel.
 */
static bool comes_to_rest(struct peer *p)
{
	uint64_t end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;
	uint64_t heard_ms = clock_now_ms();
	unsigned looks = p->looks;
	unsigned taken = p->frames;

	while (clock_now_ms() < end_ms && !p->closed) {
		peer_wait(p, NULL, 1);
		if (p->frames != taken) {
			heard_ms = clock_now_ms();
			taken = p->frames;
			looks = p->looks; /* what was looked at before is void */
			peer_send(p, RECORD_FRAME_TAKEN);
			peer_send(p, RECORD_FRAME_REQUEST);
		} else if (p->looks != looks || clock_now_ms() > heard_ms + SILENCE_MS) {
			return true;
		}
	}
	return false;
}

static void play(unsigned seed, int rounds, int rounds_a_rest)
{
	struct peer p;

	srand(seed);
	make_windows();
	peer_attach(&h, &p, seed, WIRE_CAPS_VIEW);
	assert_true(peer_wait(&p, &p.framebuffers, HARNESS_TIMEOUT_MS));
	peer_send(&p, RECORD_FRAME_REQUEST);
	assert_true(comes_to_rest(&p));
	for (int round = 0; round < rounds; round++) {
		for (int steps = 1 + below(STEPS_MAX); steps > 0; steps--)
			step();
		sync_x();
		if (round % rounds_a_rest)
			peer_send(&p, RECORD_LOOK);
		assert_true(comes_to_rest(&p));
		if (!peer_is_exact(&h, &p))
			fail_msg("round %d: said to be up to date, and is not", round);
	}
	peer_finish(&p);
}

static void test_plain(void **state)
{
	(void)state;
	play(1, ROUNDS, ROUNDS_A_REST);
}

static void test_composed(void **state)
{
	const char *const argv[] = { "xcompmgr", "-d", h.display, NULL };
	const struct process_spec spec = { .path = "/usr/bin/xcompmgr",
		.argv = argv,
		.die_with_parent = true,
		.death_signal = SIGTERM };
	pid_t compositor;

	(void)state;
	if (access(spec.path, X_OK) != 0)
		skip();
	assert_int_equal(process_start_pid(&spec, &compositor), 0);
	play(2, COMPOSED_ROUNDS, 1);
	kill(compositor, SIGTERM);
	waitpid(compositor, NULL, 0);
}

static int setup(void **state)
{
	(void)state;
	harness_start_xvfb_sized(&h, SCREEN);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_composed, setup, teardown),
	};

	return harness_possible() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
