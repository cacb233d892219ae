/* The pointer's image and place against an X server that is played here, and refuses things. */
#include "server/agent/x11/pointer.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

#include <cmocka.h>

#define SOON_MS 2000

static struct {
	unsigned sequence, image_asked, place_asked, images, places; /* questions */
	bool refuses;                                                /* images */
	uint32_t serial;
	int16_t x;
} server;

/* The linker puts these in place of XCB's (meson.build). */
xcb_query_pointer_cookie_t __wrap_xcb_query_pointer(xcb_connection_t *c, xcb_window_t window);
xcb_xfixes_get_cursor_image_cookie_t __wrap_xcb_xfixes_get_cursor_image(xcb_connection_t *c);
xcb_void_cookie_t __wrap_xcb_xfixes_select_cursor_input(
	xcb_connection_t *c, xcb_window_t window, uint32_t mask);
int __wrap_xcb_poll_for_reply(
	xcb_connection_t *c, unsigned request, void **reply, xcb_generic_error_t **error);

xcb_query_pointer_cookie_t __wrap_xcb_query_pointer(xcb_connection_t *c, xcb_window_t window)
{
	(void)c;
	(void)window;
	server.places++;
	server.place_asked = ++server.sequence;
	return (xcb_query_pointer_cookie_t){ server.place_asked };
}

xcb_xfixes_get_cursor_image_cookie_t __wrap_xcb_xfixes_get_cursor_image(xcb_connection_t *c)
{
	(void)c;
	server.images++;
	server.image_asked = ++server.sequence;
	return (xcb_xfixes_get_cursor_image_cookie_t){ server.image_asked };
}

xcb_void_cookie_t __wrap_xcb_xfixes_select_cursor_input(
	xcb_connection_t *c, xcb_window_t window, uint32_t mask)
{
	(void)c;
	(void)window;
	(void)mask;
	return (xcb_void_cookie_t){ 0 };
}

static void *answer_place(void)
{
	xcb_query_pointer_reply_t *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->same_screen = 1;
	r->root_x = server.x;
	return r;
}

static void *answer_image(void)
{
	xcb_xfixes_get_cursor_image_reply_t *r = calloc(1, sizeof(*r) + 4);

	assert_non_null(r);
	r->width = r->height = 1;
	r->length = 1;
	r->cursor_serial = server.serial;
	return r;
}

int __wrap_xcb_poll_for_reply(
	xcb_connection_t *c, unsigned request, void **reply, xcb_generic_error_t **error)
{
	(void)c;
	if (request == server.image_asked && server.refuses) {
		*error = calloc(1, sizeof(**error));
		*reply = NULL;
		return 1;
	}
	*error = NULL;
	*reply = request == server.image_asked ? answer_image() : answer_place();
	return 1;
}

struct scene {
	struct x11 x;
	struct display display;
	struct x11_pointer pointer;
};

static void begin(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	memset(&server, 0, sizeof(server));
	server.serial = 5;
	s->display.pointer.image.fd = -1;
	x11_pointer_init(&s->pointer, &s->x, &s->display);
}

/* The next look: whether there is one. */
static bool look(struct scene *s, int wait_ms)
{
	struct pollfd timer = { .fd = s->display.fds[0].fd, .events = POLLIN };

	if (poll(&timer, 1, wait_ms) != 1)
		return false;
	x11_pointer_ready(&s->pointer, timer.fd);
	x11_pointer_poll(&s->pointer);
	return true;
}

static void test_refused_image_is_asked_again(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	server.refuses = true;
	x11_pointer_poll(&s.pointer);
	assert_int_equal(s.display.pointer.shape.width_px, 0);
	assert_true(look(&s, SOON_MS));
	assert_int_equal(s.display.pointer.shape.width_px, 0);
	server.refuses = false;
	assert_true(look(&s, SOON_MS));
	assert_int_equal(s.display.pointer.shape.width_px, 1);
	assert_true(s.display.changed & DISPLAY_CHANGED_SHAPE);
	unsigned images = server.images;
	assert_true(look(&s, SOON_MS)); /* it is known now */
	assert_int_equal(server.images, images);
	x11_pointer_finish(&s.pointer);
}

static void test_warp_is_found_without_an_event(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	x11_pointer_poll(&s.pointer);
	server.x = 321;
	assert_true(look(&s, SOON_MS));
	assert_int_equal(s.display.pointer.x_px, 321);
	x11_pointer_finish(&s.pointer);
}

/* When nothing happens no timer runs; the next motion starts it again. */
static void test_looks_end(void **state)
{
	struct scene s;
	unsigned looks = 0;

	(void)state;
	begin(&s);
	x11_pointer_poll(&s.pointer);
	while (looks < 100 && look(&s, 500))
		looks++;
	assert_in_range(looks, 5, 50);
	unsigned places = server.places;
	x11_pointer_own_motion(&s.pointer);
	assert_true(look(&s, SOON_MS));
	assert_int_equal(server.places, places + 1);
	x11_pointer_finish(&s.pointer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_image_is_asked_again),
		cmocka_unit_test(test_warp_is_found_without_an_event),
		cmocka_unit_test(test_looks_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
