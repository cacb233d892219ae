#include "server/agent/wlr/display.h"

#include "common/base/log.h"
#include "server/agent/wlr/capture.h"
#include "server/agent/wlr/clipboard.h"
#include "server/agent/wlr/connection.h"
#include "server/agent/wlr/keyboard.h"
#include "server/agent/wlr/pointer.h"
#include "server/agent/wlr/resizer.h"
#include "server/agent/wlr/session.h"
#include "server/agent/wlr/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wlr_display {
	struct display base;
	struct wlr_session session; /* of a virtual session */
	struct wlr w;
	struct wlr_capture capture;
	struct wlr_keyboard keyboard;
	struct wlr_pointer pointer;
	struct wlr_resizer resizer;
	int clipboard_fd; /* the one that is polled; -1: none */
};

static struct wlr_display *of(struct display *d)
{
	return (struct wlr_display *)(void *)d;
}

/* --- input --- */

static void sink_key(void *display, uint8_t keycode, bool down)
{
	wlr_keyboard_key(&((struct wlr_display *)display)->keyboard, keycode, down);
}

static void sink_lock_group(void *display, uint32_t group)
{
	wlr_keyboard_lock_group(&((struct wlr_display *)display)->keyboard, group);
}

static void sink_bind(void *display, uint8_t keycode, uint32_t plain, uint32_t shifted)
{
	wlr_keyboard_bind(&((struct wlr_display *)display)->keyboard, keycode, plain, shifted);
}

static void sink_button(void *display, uint8_t button, bool down)
{
	wlr_pointer_button(&((struct wlr_display *)display)->pointer, button, down);
}

static void sink_motion(void *display, uint16_t x_px, uint16_t y_px)
{
	wlr_pointer_motion(&((struct wlr_display *)display)->pointer, x_px, y_px);
}

static void sink_motion_by(void *display, int16_t dx_px, int16_t dy_px)
{
	wlr_pointer_motion_by(&((struct wlr_display *)display)->pointer, dx_px, dy_px);
}

static void sink_wheel(void *display, int16_t dx, int16_t dy)
{
	wlr_pointer_wheel(&((struct wlr_display *)display)->pointer, dx, dy);
}

static const struct input_sink sink = {
	.can = INPUT_CAN_BIND | INPUT_CAN_LOCK_GROUP | INPUT_CAN_MOTION_BY | INPUT_CAN_FINE_WHEEL,
	.key = sink_key,
	.button = sink_button,
	.motion = sink_motion,
	.motion_by = sink_motion_by,
	.lock_group = sink_lock_group,
	.bind = sink_bind,
	.wheel = sink_wheel,
};

/* --- the loop's part --- */

static void check(struct wlr_display *s, int result)
{
	if (result >= 0)
		return;
	if (wl_display_get_error(s->w.display) == EPROTO)
		log_error("the compositor ended the connection for an error of ours");
	display_fail(&s->base, "the connection to the display broke");
}

/* The clipboard's descriptor may have become another one. */
static void follow_clipboard(struct wlr_display *s)
{
	int fds[CLIPBOARD_LOCAL_FDS_MAX];
	bool wants_write[CLIPBOARD_LOCAL_FDS_MAX];
	const struct clipboard_local *l = s->base.clipboard;
	int now = l && l->impl->fds(l, fds, wants_write) > 0 ? fds[0] : -1;

	if (now == s->clipboard_fd)
		return;
	if (s->clipboard_fd >= 0)
		display_remove_fd(&s->base, s->clipboard_fd);
	if (now >= 0)
		display_add_fd(&s->base, now);
	s->clipboard_fd = now;
}

/* When the display is there, and its user hears: a selection's first owner is told once. A display
 * without a clipboard is served all the same. */
static void open_clipboard(struct wlr_display *s)
{
	struct display *d = &s->base;

	int r = wlr_clipboard_create(&d->clipboard, d->name);
	if (r < 0)
		log_warn("display %s is served without its clipboard: %s", d->name,
			r == -ENOTSUP ? "the compositor does not offer it (wlr-data-control)"
				      : strerror(-r));
	follow_clipboard(s);
}

static void dispatch(struct display *d, int fd)
{
	struct wlr_display *s = of(d);

	if (d->state == DISPLAY_FAILED)
		return;
	if (fd == wl_display_get_fd(s->w.display)) {
		check(s, wlr_read(&s->w));
	} else if (fd == s->clipboard_fd) {
		d->clipboard->impl->dispatch(d->clipboard);
	} else {
		wlr_capture_ready(&s->capture, fd);
		wlr_resizer_ready(&s->resizer, fd);
	}
}

static void take(struct display *d)
{
	struct wlr_display *s = of(d);

	if (d->state == DISPLAY_FAILED)
		return;
	check(s, wlr_take(&s->w));
	if (s->w.outputs.changed) {
		s->w.outputs.changed = false;
		if (wlr_capture_outputs_changed(&s->capture))
			wlr_pointer_outputs_changed(&s->pointer);
		wlr_resizer_outputs_changed(&s->resizer);
	}
	bool opening = d->state == DISPLAY_OPENING;
	int r = wlr_capture_take(&s->capture);
	if (r < 0)
		display_fail(d, "no memory for a screen of %ux%u: %s", d->width_px, d->height_px,
			strerror(-r));
	else if (opening && d->state == DISPLAY_OPEN)
		open_clipboard(s);
}

static bool flush(struct display *d)
{
	struct wlr_display *s = of(d);

	if (d->state == DISPLAY_FAILED)
		return false;
	if (d->clipboard) {
		d->clipboard->impl->flush(d->clipboard);
		follow_clipboard(s);
	}
	int r = wlr_flush(&s->w);
	check(s, r);
	bool waits = r == 1;
	if (d->fd_count && d->fds[0].wants_write != waits) {
		d->fds[0].wants_write = waits;
		d->changed |= DISPLAY_CHANGED_FDS;
	}
	/* Nothing is read but in dispatch; what was asked for is done at once, and take tells it. */
	return d->state != DISPLAY_FAILED && wlr_capture_has_ended(&s->capture);
}

/* --- what the agent asks for --- */

static int capture(struct display *d, const struct record_rect *rects, size_t count)
{
	if (d->state == DISPLAY_FAILED)
		return -EIO;
	wlr_capture_begin(&of(d)->capture, rects, count);
	return 0;
}

static int look(struct display *d)
{
	if (d->state == DISPLAY_FAILED)
		return -EIO;
	wlr_capture_look(&of(d)->capture);
	return 0;
}

static int resize(struct display *d, uint16_t width_px, uint16_t height_px)
{
	if (d->state == DISPLAY_FAILED)
		return -EIO;
	return wlr_resizer_resize(&of(d)->resizer, width_px, height_px);
}

/* Keyboard and pointer are there as long as the display: programs lose the first key on one that has
 * just come. */
static void set_in_use(struct display *d, bool used)
{
	(void)d;
	(void)used;
}

/* The layout is ours alone: nothing has to be given back. */
static int tidy(struct display *d)
{
	(void)d;
	return -1;
}

static void refresh_layout(struct display *d)
{
	(void)d;
}

static void child_ended(struct display *d, pid_t pid)
{
	if (wlr_session_ended(&of(d)->session, pid))
		display_fail(d, "the session's compositor ended");
}

/* --- opening and closing --- */

/* Nobody has named one: that of our user. */
static int find_session(struct display *d)
{
	bool more;

	if (wlr_socket_find(d->name, sizeof(d->name), &more) < 0) {
		snprintf(d->reason, sizeof(d->reason),
			"no Wayland socket of the session is found in $XDG_RUNTIME_DIR: name it with --wayland");
		return -ENOENT;
	}
	if (more)
		log_warn("there are several Wayland sockets: %s is taken, --wayland names another",
			d->name);
	return 0;
}

/* The session that is named, or one of its own, or the one that is there. */
static int open_connection(
	struct wlr_display *s, const struct record_agent_config *config, const char *command)
{
	struct display *d = &s->base;
	const char *name = config->display;

	if (config->virtual_session) {
		int r = wlr_session_start(
			&s->session, command, config->runtime_dir, d->reason, sizeof(d->reason));
		if (r < 0)
			return r;
		name = s->session.socket;
	}
	if (name[0]) {
		snprintf(d->name, sizeof(d->name), "%s", name);
	} else {
		int r = find_session(d);
		if (r < 0)
			return r;
	}
	return wlr_open(&s->w, d->name, d->reason, sizeof(d->reason));
}

static int open_parts(
	struct wlr_display *s, const struct record_agent_config *config, const char *command)
{
	struct display *d = &s->base;

	input_init(d->input, &sink, s);
	int r = open_connection(s, config, command);
	if (r < 0)
		return r;
	display_add_fd(d, wl_display_get_fd(s->w.display));
	snprintf(d->reason, sizeof(d->reason), "cannot set up capture and input on display %.60s",
		d->name);
	/* Somebody's mouse: that person's cursor has shapes which nobody tells. */
	bool painted = s->w.seat_can & WL_SEAT_CAPABILITY_POINTER;
	r = wlr_keyboard_init(&s->keyboard, &s->w, d);
	if (r == 0)
		r = wlr_capture_init(&s->capture, &s->w, d, painted);
	if (r == 0)
		r = wlr_pointer_init(&s->pointer, &s->w, d, &s->capture, painted);
	s->w.outputs.changed = false;
	if (r < 0)
		return r;
	wlr_resizer_init(&s->resizer, &s->w, d);
	if (config->virtual_session &&
		wlr_resizer_resize(&s->resizer, config->width_px, config->height_px) < 0)
		log_warn("the session has the size that its compositor gave it: %s takes no other",
			d->name);
	return 0;
}

static int create(struct display **out, const struct record_agent_config *config,
	const char *command, const struct display_listener *listener, struct input *input)
{
	struct wlr_display *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base.impl = &wlr_display_impl;
	s->base.listener = listener;
	s->base.input = input;
	s->base.memory.fd = -1;
	s->base.pointer.image.fd = -1;
	s->clipboard_fd = -1;
	int r = open_parts(s, config, command);
	if (r < 0) {
		log_debug("the display cannot be opened: %s", strerror(-r));
		s->base.state = DISPLAY_FAILED;
	}
	*out = &s->base;
	return 0;
}

static void destroy(struct display *d)
{
	struct wlr_display *s = of(d);

	if (!d)
		return;
	if (d->clipboard)
		d->clipboard->impl->destroy(d->clipboard);
	wlr_resizer_finish(&s->resizer);
	wlr_pointer_finish(&s->pointer);
	wlr_capture_finish(&s->capture);
	wlr_keyboard_finish(&s->keyboard);
	wlr_close(&s->w);
	wlr_session_finish(&s->session);
	free(s);
}

const struct display_impl wlr_display_impl = {
	.name = "wlr",
	.is_session = true,
	.create = create,
	.destroy = destroy,
	.dispatch = dispatch,
	.take = take,
	.flush = flush,
	.capture = capture,
	.look = look,
	.resize = resize,
	.set_in_use = set_in_use,
	.tidy = tidy,
	.refresh_layout = refresh_layout,
	.child_ended = child_ended,
};
