#include "server/agent/x11/pointer.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <xcb/xcbext.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#define PIXEL_BYTES 4

/* A program warps the pointer when it was given something to do: looked for after each. */
#define LOOK_MS 100
#define LOOKS   20

static void start_timer(struct x11_pointer *p)
{
	const struct itimerspec soon = { .it_value.tv_nsec = LOOK_MS * 1000000L };

	if (p->timer_fd >= 0 && !p->timer_runs && p->looks_left > 0)
		p->timer_runs = timerfd_settime(p->timer_fd, 0, &soon, NULL) == 0;
}

static void rouse(struct x11_pointer *p)
{
	p->looks_left = LOOKS;
	start_timer(p);
}

static void watch_raw_motion(struct x11_pointer *p)
{
	const struct {
		xcb_input_event_mask_t head;
		uint32_t mask;
	} wanted = {
		.head = { .deviceid = XCB_INPUT_DEVICE_ALL_MASTER, .mask_len = 1 },
		.mask = XCB_INPUT_XI_EVENT_MASK_RAW_MOTION,
	};

	if (p->x->xinput_opcode)
		xcb_input_xi_select_events(p->x->connection, p->x->root, 1, &wanted.head);
}

static void ask_image(struct x11_pointer *p)
{
	if (p->image_asked) {
		p->image_stale = true;
		return;
	}
	p->image_stale = false;
	p->image_asked = xcb_xfixes_get_cursor_image(p->x->connection).sequence;
}

void x11_pointer_init(struct x11_pointer *p, struct x11 *x, struct display *display)
{
	*p = (struct x11_pointer){ .x = x, .display = display };
	p->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->timer_fd >= 0)
		display_add_fd(display, p->timer_fd);
	xcb_xfixes_select_cursor_input(
		x->connection, x->root, XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
	watch_raw_motion(p);
	ask_image(p);
	x11_pointer_ask(p);
}

void x11_pointer_finish(struct x11_pointer *p)
{
	if (p->x) {
		ipc_memory_finish(&p->display->pointer.image);
		fd_close(&p->timer_fd);
	}
	p->x = NULL;
}

static bool is_raw_motion(const struct x11_pointer *p, const xcb_generic_event_t *event)
{
	const xcb_ge_generic_event_t *ge = (const xcb_ge_generic_event_t *)(const void *)event;

	return p->x->xinput_opcode && x11_event_kind(event) == XCB_GE_GENERIC &&
	       ge->extension == p->x->xinput_opcode && ge->event_type == XCB_INPUT_RAW_MOTION;
}

bool x11_pointer_event(struct x11_pointer *p, const xcb_generic_event_t *event)
{
	if (is_raw_motion(p, event)) {
		if (p->own_motions)
			p->own_motions--;
		else
			x11_pointer_ask(p);
		return true;
	}
	if (x11_event_kind(event) == p->x->xfixes_event + XCB_XFIXES_CURSOR_NOTIFY) {
		const xcb_xfixes_cursor_notify_event_t *c =
			(const xcb_xfixes_cursor_notify_event_t *)(const void *)event;
		if (c->cursor_serial != p->serial)
			ask_image(p);
		rouse(p);
		return true;
	}
	return false;
}

void x11_pointer_own_motion(struct x11_pointer *p)
{
	if (p->x->xinput_opcode)
		p->own_motions++;
	if (p->asked) /* its answer will be older than this motion */
		p->ask_again = true;
	rouse(p);
}

static void ask_place(struct x11_pointer *p)
{
	if (p->asked) {
		p->ask_again = true;
		return;
	}
	p->ask_again = false;
	p->asked = xcb_query_pointer(p->x->connection, p->x->root).sequence;
}

void x11_pointer_ask(struct x11_pointer *p)
{
	rouse(p);
	ask_place(p);
}

void x11_pointer_ready(struct x11_pointer *p, int fd)
{
	uint64_t times;

	if (fd != p->timer_fd || read(fd, &times, sizeof(times)) < 0)
		return;
	p->timer_runs = false;
	if (p->looks_left > 0)
		p->looks_left--;
	ask_place(p);
	if (p->image_failed)
		ask_image(p);
	start_timer(p);
}

static void poll_place(struct x11_pointer *p)
{
	xcb_generic_error_t *error = NULL;
	void *answer = NULL;

	if (!p->asked || !xcb_poll_for_reply(p->x->connection, p->asked, &answer, &error))
		return;
	xcb_query_pointer_reply_t *place = answer;
	p->asked = 0;
	if (p->ask_again) {
		ask_place(p);
	} else if (place && place->same_screen && place->root_x >= 0 && place->root_y >= 0) {
		/* A motion to where the pointer is makes no event: the count is right again from
		 * here on. */
		p->own_motions = 0;
		display_put_pointer(p->display, (uint16_t)place->root_x, (uint16_t)place->root_y);
	}
	free(place);
	free(error);
}

/* Rows and columns beyond WIRE_CURSOR_SIDE_MAX_PX are cut. */
static int make_image(struct display_pointer *p, const xcb_xfixes_get_cursor_image_reply_t *in)
{
	const uint32_t *pixels = xcb_xfixes_get_cursor_image_cursor_image(in);
	uint16_t width = MIN(in->width, (uint16_t)WIRE_CURSOR_SIDE_MAX_PX);
	uint16_t height = MIN(in->height, (uint16_t)WIRE_CURSOR_SIDE_MAX_PX);

	ipc_memory_finish(&p->image);
	p->image = (struct ipc_memory){ .fd = -1 };
	p->shape = (struct record_cursor){ 0 };
	if (width == 0 || height == 0 ||
		(size_t)xcb_xfixes_get_cursor_image_cursor_image_length(in) <
			(size_t)in->width * in->height)
		return 0;
	size_t row = (size_t)width * PIXEL_BYTES;
	int r = ipc_memory_create(&p->image, "farseat-cursor", row * height);
	if (r < 0)
		return r;
	for (uint16_t y = 0; y < height; y++)
		memcpy(p->image.bytes + y * row, pixels + (size_t)y * in->width, row);
	p->shape.width_px = width;
	p->shape.height_px = height;
	p->shape.hot_x_px = MIN(in->xhot, (uint16_t)(width - 1));
	p->shape.hot_y_px = MIN(in->yhot, (uint16_t)(height - 1));
	return 0;
}

static void poll_image(struct x11_pointer *p)
{
	xcb_generic_error_t *error = NULL;
	void *answer = NULL;

	if (!p->image_asked ||
		!xcb_poll_for_reply(p->x->connection, p->image_asked, &answer, &error))
		return;
	xcb_xfixes_get_cursor_image_reply_t *image = answer;
	p->image_asked = 0;
	/* A program that grabs the server, or a server that shows no cursor yet. */
	p->image_failed = !image;
	if (image && image->cursor_serial != p->serial) {
		p->serial = image->cursor_serial;
		if (make_image(&p->display->pointer, image) < 0)
			log_warn("no memory for the cursor's image");
		else
			p->display->changed |= DISPLAY_CHANGED_SHAPE;
	}
	free(image);
	free(error);
	if (p->image_stale)
		ask_image(p);
}

void x11_pointer_poll(struct x11_pointer *p)
{
	poll_place(p);
	poll_image(p);
}
