#include "server/agent/x11/display.h"

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/clipboard/x11_clipboard.h"
#include "server/agent/x11/capture.h"
#include "server/agent/x11/connection.h"
#include "server/agent/x11/find.h"
#include "server/agent/x11/keyboard.h"
#include "server/agent/x11/pointer.h"
#include "server/agent/x11/screen.h"
#include "server/agent/x11/server.h"
#include "server/agent/x11/windows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/xcbext.h>

struct x11_display {
	struct display base;
	struct x11_server server; /* of a virtual screen */
	struct x11 x;
	struct x11_capture capture;
	struct x11_pointer pointer;
	struct x11_keyboard keyboard;
	struct x11_screen screen;
	struct x11_windows windows;
	uint64_t read;    /* bytes that XCB had read when take began */
	int clipboard_fd; /* -1: there is none, or it is lost */
};

static struct x11_display *of(struct display *d)
{
	return (struct x11_display *)(void *)d;
}

/* --- events --- */

static bool is_broken(struct x11_display *s)
{
	if (!xcb_connection_has_error(s->x.connection))
		return false;
	display_fail(&s->base, "the connection to the display broke");
	return true;
}

static void take_event(struct x11_display *s, const xcb_generic_event_t *event)
{
	if (event->response_type == 0) {
		const xcb_generic_error_t *e = (const xcb_generic_error_t *)(const void *)event;
		log_debug(
			"X error %u on request %u.%u", e->error_code, e->major_code, e->minor_code);
		return;
	}
	if (x11_capture_event(&s->capture, event) || x11_pointer_event(&s->pointer, event) ||
		x11_keyboard_event(&s->keyboard, event) || x11_windows_event(&s->windows, event) ||
		x11_screen_event(&s->screen, event))
		return;
}

/* The clipboard has a connection of its own. */
static void dispatch_clipboard(struct x11_display *s)
{
	int fds[CLIPBOARD_LOCAL_FDS_MAX];
	bool wants_write[CLIPBOARD_LOCAL_FDS_MAX];
	struct clipboard_local *l = s->base.clipboard;

	if (s->clipboard_fd < 0)
		return;
	l->impl->dispatch(l);
	if (l->impl->fds(l, fds, wants_write) > 0)
		return;
	display_remove_fd(&s->base, s->clipboard_fd);
	s->clipboard_fd = -1;
}

static void dispatch(struct display *d, int fd)
{
	struct x11_display *s = of(d);
	xcb_generic_event_t *event;

	if (fd == s->clipboard_fd) {
		dispatch_clipboard(s);
		return;
	}
	x11_pointer_ready(&s->pointer, fd);
	while ((event = xcb_poll_for_event(s->x.connection)) != NULL) {
		take_event(s, event);
		free(event);
	}
	is_broken(s);
}

static void follow_size(struct x11_display *s)
{
	const struct x11 *x = &s->x;

	s->screen.changed = false;
	if (s->base.width_px == x->width_px && s->base.height_px == x->height_px)
		return;
	int r = x11_capture_resize(&s->capture, x->width_px, x->height_px);
	if (r < 0)
		display_fail(
			&s->base, "no memory for a screen of %ux%u", x->width_px, x->height_px);
}

static void take(struct display *d)
{
	struct x11_display *s = of(d);
	xcb_generic_event_t *event;

	s->read = xcb_total_read(s->x.connection);
	while ((event = xcb_poll_for_queued_event(s->x.connection)) != NULL) {
		take_event(s, event);
		free(event);
	}
	if (x11_capture_poll(&s->capture) < 0 && x11_read_size(&s->x) == 0)
		s->screen.changed = true;
	x11_pointer_poll(&s->pointer);
	if (s->screen.changed)
		follow_size(s);
}

/* XCB reads whenever it writes or looks for an answer, a flush included, and no poll tells of what
 * it read: so until a whole round has read nothing. */
static bool flush(struct display *d)
{
	struct x11_display *s = of(d);

	dispatch_clipboard(s); /* sends as well */
	xcb_flush(s->x.connection);
	return !is_broken(s) && xcb_total_read(s->x.connection) != s->read;
}

/* --- what the agent asks for --- */

static int capture(struct display *d, const struct record_rect *rects, size_t count)
{
	struct x11_display *s = of(d);

	int r = x11_capture_begin(&s->capture, rects, count);
	if (r == 0) /* a program may have warped it; goes out with the fetches */
		x11_pointer_ask(&s->pointer);
	return r;
}

static int look(struct display *d)
{
	return x11_capture_look(&of(d)->capture);
}

static int resize(struct display *d, uint16_t width_px, uint16_t height_px)
{
	return x11_screen_resize(&of(d)->screen, width_px, height_px);
}

static void set_dpi(struct display *d, uint16_t dpi)
{
	x11_screen_set_dpi(&of(d)->screen, dpi);
}

static void set_in_use(struct display *d, bool used)
{
	x11_keyboard_in_use(&of(d)->keyboard, used);
}

static int tidy(struct display *d)
{
	return x11_keyboard_tidy(&of(d)->keyboard);
}

static void refresh_layout(struct display *d)
{
	x11_keyboard_refresh(&of(d)->keyboard);
}

static void child_ended(struct display *d, pid_t pid)
{
	if (x11_server_ended(&of(d)->server, pid))
		display_fail(d, "the session's X server ended");
}

/* --- opening and closing --- */

/* The display that was named, or the screen's, and its cookies: those that were named, or the server's
 * own. */
static int find_display(struct display *d, const struct record_agent_config *config)
{
	struct x11_found found = { 0 };
	const char *cookies = config->xauthority;

	if (config->display[0] == '\0') {
		int r = x11_find_screen(&found, d->reason, sizeof(d->reason));
		if (r < 0)
			return r;
		log_info("this machine's screen is display %s", found.display);
	} else {
		x11_find_cookies(config->display, found.xauthority);
	}
	snprintf(d->name, sizeof(d->name), "%s",
		config->display[0] ? config->display : found.display);
	if (found.xauthority[0] && (!cookies[0] || !file_is_there(cookies)))
		cookies = found.xauthority;
	return cookies[0] && setenv("XAUTHORITY", cookies, 1) < 0 ? -errno : 0;
}

static int open_connection(struct x11_display *s, const struct record_agent_config *config)
{
	struct display *d = &s->base;
	int r;

	if (config->virtual_session) {
		r = x11_server_start(&s->server, config->runtime_dir, d->reason, sizeof(d->reason));
		snprintf(d->name, sizeof(d->name), "%s", s->server.display);
	} else {
		r = find_display(d, config);
	}
	if (r == 0)
		r = x11_open(&s->x, d->name, d->reason);
	if (r < 0)
		return r;
	s->x.virtual_screen = config->virtual_session;
	x11_windows_init(&s->windows, &s->x, d);
	x11_screen_init(&s->screen, &s->x);
	d->resizable = s->screen.resizable;
	if (config->virtual_session &&
		(x11_screen_resize(&s->screen, config->width_px, config->height_px) < 0 ||
			x11_read_size(&s->x) < 0))
		log_warn("the virtual screen keeps its largest size");
	return 0;
}

/* A display without one is served all the same. */
static void open_clipboard(struct x11_display *s)
{
	struct display *d = &s->base;
	int fds[CLIPBOARD_LOCAL_FDS_MAX];
	bool wants_write[CLIPBOARD_LOCAL_FDS_MAX];

	int r = x11_clipboard_create(&d->clipboard, d->name);
	if (r < 0) {
		log_warn("display %s is served without its clipboard: %s", d->name, strerror(-r));
		return;
	}
	if (d->clipboard->impl->fds(d->clipboard, fds, wants_write) == 0)
		return;
	s->clipboard_fd = fds[0];
	display_add_fd(d, s->clipboard_fd);
}

static int open_parts(struct x11_display *s, const struct record_agent_config *config)
{
	struct display *d = &s->base;

	snprintf(d->reason, sizeof(d->reason), "cannot start");
	int r = open_connection(s, config);
	if (r < 0)
		return r;
	snprintf(d->reason, sizeof(d->reason), "cannot set up capture and input on display %.40s",
		d->name);
	r = x11_capture_init(&s->capture, &s->x, d);
	if (r < 0)
		return r;
	x11_pointer_init(&s->pointer, &s->x, d);
	return x11_keyboard_init(&s->keyboard, &s->x, d, &s->pointer, config->runtime_dir);
}

static int create(struct display **out, const struct record_agent_config *config,
	const char *command, const struct display_listener *listener, struct input *input)
{
	(void)command;
	struct x11_display *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base.impl = &x11_display_impl;
	s->base.listener = listener;
	s->base.input = input;
	s->base.memory.fd = -1;
	s->base.pointer.image.fd = -1;
	s->clipboard_fd = -1;
	int r = open_parts(s, config);
	if (r < 0) {
		log_debug("the display cannot be opened: %s", strerror(-r));
		s->base.state = DISPLAY_FAILED;
	} else {
		s->base.state = DISPLAY_OPEN;
		s->base.reason[0] = '\0';
		display_add_fd(&s->base, xcb_get_file_descriptor(s->x.connection));
		open_clipboard(s);
	}
	*out = &s->base;
	return 0;
}

static void destroy(struct display *d)
{
	struct x11_display *s = of(d);

	if (!d)
		return;
	if (d->clipboard)
		d->clipboard->impl->destroy(d->clipboard);
	x11_keyboard_finish(&s->keyboard);
	x11_pointer_finish(&s->pointer);
	x11_capture_finish(&s->capture);
	x11_close(&s->x);
	x11_server_finish(&s->server);
	free(s);
}

const struct display_impl x11_display_impl = {
	.name = "X11",
	.create = create,
	.destroy = destroy,
	.dispatch = dispatch,
	.take = take,
	.flush = flush,
	.capture = capture,
	.look = look,
	.resize = resize,
	.set_dpi = set_dpi,
	.set_in_use = set_in_use,
	.tidy = tidy,
	.refresh_layout = refresh_layout,
	.child_ended = child_ended,
};
