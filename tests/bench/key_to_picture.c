/*
 * How long it takes from a key at the laptop until the picture there shows what it did in the session.
 *
 *   key_to_picture SESSION LAPTOP COUNT     two X displays; the laptop's shows the session in full screen
 *
 * In the session's display stands a window of ours, which has the focus and changes its colour with each
 * key that is pressed. At the laptop's display keys are pressed by XTEST, one after the other, with
 * uneven pauses; the clock stops when the colour stands there, of which the display's damage tells.
 * Prints "p50 p95 longest", in ms; what is not seen within LATE_MS ends the program.
 */
#include "tests/bench/percentile.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xcb/damage.h>
#include <xcb/xcb.h>
#include <xcb/xtest.h>

#define COUNT_MAX 10000
#define LATE_MS   5000
#define SIDE_PX   64
#define KEYCODE   38 /* evdev's "a": in every keymap, and harmless */
/* Between the picture of one key and the next key: longer than a person types, and in step with nothing. */
#define PAUSE_LEAST_MS 60
#define PAUSE_MORE_MS  60

struct display {
	xcb_connection_t *connection;
	const xcb_screen_t *screen;
};

struct bench {
	struct display session, laptop;
	xcb_window_t window;
	uint32_t colour; /* which the session shows, or will */
};

static void fail(const char *what)
{
	fprintf(stderr, "key_to_picture: %s\n", what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static struct display open_display(const char *name)
{
	struct display d = { .connection = xcb_connect(name, NULL) };

	if (xcb_connection_has_error(d.connection))
		fail("a display cannot be opened");
	d.screen = xcb_setup_roots_iterator(xcb_get_setup(d.connection)).data;
	return d;
}

static void make_window(struct bench *b)
{
	const struct display *d = &b->session;
	const uint32_t values[] = { d->screen->black_pixel, 1, XCB_EVENT_MASK_KEY_PRESS };

	b->window = xcb_generate_id(d->connection);
	b->colour = d->screen->black_pixel;
	xcb_create_window(d->connection, XCB_COPY_FROM_PARENT, b->window, d->screen->root, 0, 0,
		SIDE_PX, SIDE_PX, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
		XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
	xcb_map_window(d->connection, b->window);
	xcb_set_input_focus(d->connection, XCB_INPUT_FOCUS_NONE, b->window, XCB_CURRENT_TIME);
	xcb_flush(d->connection);
}

static void watch_damage(const struct display *d)
{
	xcb_discard_reply(d->connection, xcb_damage_query_version(d->connection, 1, 1).sequence);
	xcb_damage_create(d->connection, xcb_generate_id(d->connection), d->screen->root,
		XCB_DAMAGE_REPORT_LEVEL_RAW_RECTANGLES);
	xcb_flush(d->connection);
}

static void change_colour(struct bench *b)
{
	b->colour ^= 0xffffff;
	xcb_change_window_attributes(
		b->session.connection, b->window, XCB_CW_BACK_PIXEL, &b->colour);
	xcb_clear_area(b->session.connection, 0, b->window, 0, 0, 0, 0);
	xcb_flush(b->session.connection);
}

/* Reads all events; whether there was one of that type. */
static bool take_events(const struct display *d, uint8_t type)
{
	bool found = false;

	for (xcb_generic_event_t *e; (e = xcb_poll_for_event(d->connection)); free(e))
		found = found || (e->response_type & 0x7f) == type;
	if (xcb_connection_has_error(d->connection))
		fail("a display is gone");
	return found;
}

static bool shows(const struct display *d, uint32_t colour)
{
	xcb_get_image_reply_t *image = xcb_get_image_reply(d->connection,
		xcb_get_image(d->connection, XCB_IMAGE_FORMAT_Z_PIXMAP, d->screen->root,
			SIDE_PX / 2, SIDE_PX / 2, 1, 1, ~0U),
		NULL);
	bool same = image && ((const uint32_t *)(const void *)xcb_get_image_data(image))[0] << 8 ==
				     colour << 8;

	free(image);
	return same;
}

static void press(const struct display *d)
{
	xcb_test_fake_input(d->connection, XCB_KEY_PRESS, KEYCODE, 0, XCB_NONE, 0, 0, 0);
	xcb_test_fake_input(d->connection, XCB_KEY_RELEASE, KEYCODE, 0, XCB_NONE, 0, 0, 0);
	xcb_flush(d->connection);
}

/* One key; ns until its picture. */
static uint64_t measure(struct bench *b, uint8_t damage_notify)
{
	struct pollfd fds[] = {
		{ .fd = xcb_get_file_descriptor(b->session.connection), .events = POLLIN },
		{ .fd = xcb_get_file_descriptor(b->laptop.connection), .events = POLLIN },
	};
	uint64_t began_ns = now_ns();
	bool changed = false;

	press(&b->laptop);
	while (now_ns() - began_ns < LATE_MS * 1000000ULL) {
		(void)!poll(fds, 2, LATE_MS);
		if (take_events(&b->session, XCB_KEY_PRESS) && !changed) {
			change_colour(b);
			changed = true;
		}
		if (take_events(&b->laptop, damage_notify) && changed &&
			shows(&b->laptop, b->colour))
			return now_ns() - began_ns;
	}
	fail(changed ? "the picture of a key did not come" : "a key did not arrive");
	return 0;
}

static void pause_between(void)
{
	long ms = PAUSE_LEAST_MS + random() % PAUSE_MORE_MS;
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

int main(int argc, char **argv)
{
	static uint64_t times[COUNT_MAX];
	struct bench b = { 0 };
	size_t count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

	if (count == 0 || count > COUNT_MAX)
		fail("key_to_picture SESSION LAPTOP COUNT");
	b.session = open_display(argv[1]);
	b.laptop = open_display(argv[2]);
	uint8_t damage_notify =
		xcb_get_extension_data(b.laptop.connection, &xcb_damage_id)->first_event +
		XCB_DAMAGE_NOTIFY;
	make_window(&b);
	watch_damage(&b.laptop);
	measure(&b, damage_notify); /* not counted: it waits for the window, too */
	for (size_t i = 0; i < count; i++) {
		pause_between();
		times[i] = measure(&b, damage_notify);
	}
	uint64_t p50 = percentile(times, count, 50), p95 = percentile(times, count, 95);
	printf("%.1f %.1f %.1f\n", (double)p50 / 1e6, (double)p95 / 1e6,
		(double)times[count - 1] / 1e6); /* sorted now */
	xcb_disconnect(b.session.connection);
	xcb_disconnect(b.laptop.connection);
	return 0;
}
