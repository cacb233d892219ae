#include "server/agent/wlr/capture.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "server/agent/compare.h"
#include "server/agent/region.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PIXEL_BYTES 4
#define NS_IN_MS    1000000L
/* Half a logical pixel of the smallest screen, 64. */
#define SCALE_ROUNDING 0.01

/* --- the picture that they make together --- */

static bool all_known(const struct wlr_capture *c)
{
	for (size_t i = 0; i < c->shot_count; i++)
		if (!wlr_shot_is_known(&c->shots[i]))
			return false;
	return c->shot_count > 0;
}

/* Pixels of an output for a logical one: 1.5 as well. */
static double scale_of(const struct wlr_shot *s)
{
	int32_t width = s->told.logical_width;

	return width > 0 ? (double)s->width_px / width : MAX(s->told.scale, 1);
}

/* The compositor's layout counts logical pixels, which are ours only where all scales are equal; logical
 * sizes are rounded. 0: they are not. */
static double common_scale(const struct wlr_capture *c)
{
	double scale = scale_of(&c->shots[0]);

	for (size_t i = 1; i < c->shot_count; i++) {
		double other = scale_of(&c->shots[i]);
		if (other > scale + SCALE_ROUNDING || other < scale - SCALE_ROUNDING)
			return 0;
	}
	return scale;
}

static uint16_t pixels_of(int32_t logical, double scale)
{
	double at = (double)logical * scale + 0.5;

	return (uint16_t)MIN(at, (double)UINT16_MAX);
}

/* As the compositor has placed them; where its places are no pixels, beside each other. */
static void place(struct wlr_capture *c, uint32_t *width_px, uint32_t *height_px)
{
	int32_t left = INT32_MAX, top = INT32_MAX;
	double scale = common_scale(c);
	uint32_t beside = 0;

	for (size_t i = 0; i < c->shot_count; i++) {
		left = MIN(left, c->shots[i].told.x);
		top = MIN(top, c->shots[i].told.y);
	}
	*width_px = *height_px = 0;
	for (size_t i = 0; i < c->shot_count; i++) {
		struct wlr_shot *s = &c->shots[i];
		s->x_px = scale > 0 ? pixels_of(s->told.x - left, scale)
				    : (uint16_t)MIN(beside, (uint32_t)UINT16_MAX);
		s->y_px = scale > 0 ? pixels_of(s->told.y - top, scale) : 0;
		beside += s->width_px;
		*width_px = MAX(*width_px, s->x_px + s->width_px);
		*height_px = MAX(*height_px, s->y_px + s->height_px);
	}
}

static int make_memory(struct wlr_capture *c)
{
	struct display *d = c->shared.display;
	uint32_t width_px, height_px;

	place(c, &width_px, &height_px);
	if (!wire_screen_size_valid(width_px, height_px))
		return -E2BIG;
	ipc_memory_finish(&d->memory);
	d->width_px = (uint16_t)width_px;
	d->height_px = (uint16_t)height_px;
	return ipc_memory_create(
		&d->memory, "farseat-screen", (size_t)width_px * height_px * PIXEL_BYTES);
}

void wlr_capture_begin(struct wlr_capture *c, const struct record_rect *rects, size_t count)
{
	size_t stride = (size_t)c->shared.display->width_px * PIXEL_BYTES;

	c->looking = false;
	c->captured = true;
	c->shared.captured_ms = clock_now_ms();
	for (size_t i = 0; i < c->shot_count; i++) {
		for (size_t j = 0; j < count; j++)
			wlr_shot_copy(
				&c->shots[i], &rects[j], c->shared.display->memory.bytes, stride);
		wlr_shot_ask(&c->shots[i]);
	}
}

void wlr_capture_look(struct wlr_capture *c)
{
	c->looking = true;
}

/* --- what has ended --- */

static int look(struct wlr_capture *c)
{
	const struct display_listener *to = c->shared.display->listener;
	struct display *d = c->shared.display;
	const struct record_rect whole = { 0, 0, d->width_px, d->height_px };
	struct region differs = { 0 };
	struct ipc_memory now;

	int r = ipc_memory_create(&now, "farseat-look", d->memory.size);
	if (r < 0)
		return r;
	for (size_t i = 0; i < c->shot_count; i++)
		wlr_shot_copy(&c->shots[i], &whole, now.bytes, (size_t)d->width_px * PIXEL_BYTES);
	compare_rows(d->memory.bytes, now.bytes, d->width_px, 0, d->height_px, &differs);
	ipc_memory_finish(&now);
	for (size_t i = 0; i < differs.count; i++)
		to->damaged(to->user, differs.rects[i]);
	to->looked(to->user, 0);
	return 0;
}

static void retry_later(struct wlr_capture *c)
{
	const struct itimerspec soon = { .it_value.tv_nsec = WLR_CAPTURE_RETRY_MS * NS_IN_MS };

	if (timerfd_settime(c->timer_fd, 0, &soon, NULL) < 0)
		display_fail(c->shared.display, "no timer: %s", strerror(errno));
}

bool wlr_capture_has_ended(const struct wlr_capture *c)
{
	return c->captured || c->looking;
}

int wlr_capture_take(struct wlr_capture *c)
{
	const struct display_listener *to = c->shared.display->listener;
	int r = 0;

	if (c->shared.refused)
		retry_later(c);
	c->shared.refused = false;
	if (c->shared.sizes_changed && all_known(c)) {
		c->shared.sizes_changed = false;
		c->captured = false;
		c->looking = false;
		r = make_memory(c);
		if (r < 0)
			return r;
		if (c->shared.display->state == DISPLAY_OPENING)
			c->shared.display->state = DISPLAY_OPEN;
		to->resized(to->user);
	}
	if (c->captured) {
		c->captured = false;
		to->captured(to->user, 0);
	}
	if (c->looking) {
		c->looking = false;
		r = look(c);
	}
	return r;
}

void wlr_capture_ready(struct wlr_capture *c, int fd)
{
	uint64_t times;

	if (fd != c->timer_fd || read(fd, &times, sizeof(times)) < 0)
		return;
	for (size_t i = 0; i < c->shot_count; i++)
		wlr_shot_ask(&c->shots[i]);
}

/* --- begin and end --- */

static bool same_outputs(const struct wlr_capture *c)
{
	bool same = c->shot_count == c->shared.w->outputs.count;

	for (size_t i = 0; same && i < c->shot_count; i++)
		same = c->shots[i].told.global == c->shared.w->outputs.all[i].global;
	return same;
}

/* A frame's listener has the address of its shot, so that no shot ever moves: the row is made anew
 * where one has come or gone. */
bool wlr_capture_outputs_changed(struct wlr_capture *c)
{
	bool same = same_outputs(c);

	for (size_t i = 0; !same && i < c->shot_count; i++)
		wlr_shot_finish(&c->shots[i]);
	c->shot_count = same ? c->shot_count : 0;
	for (size_t i = 0; i < c->shared.w->outputs.count; i++)
		if (same)
			wlr_shot_tell(&c->shots[i], &c->shared.w->outputs.all[i]);
		else
			wlr_shot_init(&c->shots[c->shot_count++], &c->shared,
				&c->shared.w->outputs.all[i]);
	c->shared.sizes_changed = true;
	return !same;
}

int wlr_capture_init(
	struct wlr_capture *c, struct wlr *w, struct display *display, bool overlay_cursor)
{
	*c = (struct wlr_capture){ .shared = { w, display, overlay_cursor, clock_now_ms(), false,
					   false } };
	c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (c->timer_fd < 0)
		return -errno;
	display_add_fd(display, c->timer_fd);
	(void)wlr_capture_outputs_changed(c); /* the pointer begins after us */
	return 0;
}

void wlr_capture_finish(struct wlr_capture *c)
{
	if (!c->shared.w)
		return;
	for (size_t i = 0; i < c->shot_count; i++)
		wlr_shot_finish(&c->shots[i]);
	fd_close(&c->timer_fd);
	ipc_memory_finish(&c->shared.display->memory);
	c->shared.w = NULL;
}
