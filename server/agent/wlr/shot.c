#include "server/agent/wlr/shot.h"

#include "common/base/clock.h"
#include "server/agent/region.h"
#include "server/agent/wlr/pixels.h"

#include <limits.h>
#include <screencopy-client-protocol.h>

#define PIXEL_BYTES 4

/* --- buffers --- */

static void drop_buffers(struct wlr_shot *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->buffers); i++) {
		if (s->buffers[i].proxy)
			wl_buffer_destroy(s->buffers[i].proxy);
		s->buffers[i].proxy = NULL;
		ipc_memory_finish(&s->buffers[i].memory);
	}
	s->front = -1;
}

static int make_buffers(struct wlr_shot *s)
{
	size_t size = (size_t)s->stride_bytes * s->turned_height_px;

	for (size_t i = 0; i < ARRAY_LEN(s->buffers); i++) {
		int r = ipc_memory_create(&s->buffers[i].memory, "farseat-output", size);
		if (r < 0)
			return r;
		struct wl_shm_pool *pool = wl_shm_create_pool(
			s->shared->w->shm, s->buffers[i].memory.fd, (int32_t)size);
		s->buffers[i].proxy =
			wl_shm_pool_create_buffer(pool, 0, (int32_t)s->turned_width_px,
				(int32_t)s->turned_height_px, (int32_t)s->stride_bytes, s->format);
		wl_shm_pool_destroy(pool);
	}
	return 0;
}

static void drop_frame(struct wlr_shot *s)
{
	if (s->frame)
		zwlr_screencopy_frame_v1_destroy(s->frame);
	s->frame = NULL;
}

static void set_size(struct wlr_shot *s, uint32_t turned_width_px, uint32_t turned_height_px)
{
	s->turned_width_px = turned_width_px;
	s->turned_height_px = turned_height_px;
	s->width_px = s->turn.swaps ? turned_height_px : turned_width_px;
	s->height_px = s->turn.swaps ? turned_width_px : turned_height_px;
}

/* --- a frame, from its request to its end --- */

static void on_buffer(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
	uint32_t width_px, uint32_t height_px, uint32_t stride_bytes)
{
	struct wlr_shot *s = user;
	bool same = s->front >= 0 && s->format == format && s->turned_width_px == width_px &&
		    s->turned_height_px == height_px && s->stride_bytes == stride_bytes;

	(void)frame;
	if (same)
		return;
	if (!wire_screen_size_valid(width_px, height_px) || !wlr_pixels_known(format) ||
		stride_bytes < width_px * PIXEL_BYTES || stride_bytes > INT32_MAX / height_px) {
		display_fail(s->shared->display,
			"the compositor's pictures are of a kind that is not known here: %ux%u, format 0x%x",
			width_px, height_px, format);
		return;
	}
	drop_buffers(s);
	s->format = format;
	set_size(s, width_px, height_px);
	s->stride_bytes = stride_bytes;
	if (make_buffers(s) < 0)
		display_fail(
			s->shared->display, "no memory for a screen of %ux%u", width_px, height_px);
}

static void on_buffer_done(void *user, struct zwlr_screencopy_frame_v1 *frame)
{
	struct wlr_shot *s = user;

	if (s->shared->display->state == DISPLAY_FAILED || !s->buffers[0].proxy)
		return;
	s->damage = (struct record_rect){ 0 };
	/* The first one of a size is taken at once: what changed may be in the past, as where the size
	 * became another one between two frames, and a screen at rest never changes again. */
	if (s->front < 0)
		zwlr_screencopy_frame_v1_copy(frame, s->buffers[0].proxy);
	else
		zwlr_screencopy_frame_v1_copy_with_damage(frame, s->buffers[1 - s->front].proxy);
}

static void on_flags(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t flags)
{
	(void)frame;
	((struct wlr_shot *)user)->inverted = flags & ZWLR_SCREENCOPY_FRAME_V1_FLAGS_Y_INVERT;
}

static int within_int(uint32_t value)
{
	return (int)MIN(value, (uint32_t)INT_MAX);
}

static void on_damage(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t x, uint32_t y,
	uint32_t width_px, uint32_t height_px)
{
	struct wlr_shot *s = user;

	(void)frame;
	struct record_rect r = region_clip(within_int(x), within_int(y), within_int(width_px),
		within_int(height_px), (int)s->turned_width_px, (int)s->turned_height_px);
	/* Compositors of this family tell one box. Of more we keep the box around them. */
	if (s->damage.width_px && r.width_px)
		r = region_join(&s->damage, &r);
	if (r.width_px)
		s->damage = r;
}

static bool is_wanted(const struct wlr_shots *shared)
{
	return clock_now_ms() - shared->captured_ms < WLR_SHOT_KEEP_MS;
}

static void tell_damage(struct wlr_shot *s, bool all)
{
	const struct display_listener *to = s->shared->display->listener;
	struct record_rect r =
		wlr_turn_upright(s->turn, s->turned_width_px, s->turned_height_px, &s->damage);

	/* Where rows come last first, it is not said what the places mean. */
	if (all || s->inverted)
		r = (struct record_rect){ 0, 0, (uint16_t)s->width_px, (uint16_t)s->height_px };
	if (r.width_px == 0 || s->shared->sizes_changed)
		return; /* memory is made anew, and all of it is sent */
	r.x_px = (uint16_t)(r.x_px + s->x_px);
	r.y_px = (uint16_t)(r.y_px + s->y_px);
	to->damaged(to->user, r);
}

static void on_ready(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t s_high,
	uint32_t s_low, uint32_t ns)
{
	struct wlr_shot *s = user;
	bool first = s->front < 0;

	(void)frame;
	(void)s_high;
	(void)s_low;
	(void)ns;
	drop_frame(s);
	s->front = first ? 0 : 1 - s->front;
	s->refusals = 0;
	s->shared->sizes_changed |= first;
	tell_damage(s, first);
	if (is_wanted(s->shared))
		wlr_shot_ask(s);
}

/* The output is off, or it has become another size meanwhile. */
static void on_failed(void *user, struct zwlr_screencopy_frame_v1 *frame)
{
	struct wlr_shot *s = user;

	(void)frame;
	drop_frame(s);
	if (++s->refusals < WLR_SHOT_REFUSALS) {
		wlr_shot_ask(s);
		return;
	}
	/* Now its size is what it is told to be, and it is black. */
	s->shared->sizes_changed |= s->front < 0 && s->refusals == WLR_SHOT_REFUSALS;
	s->shared->refused = true;
}

static void on_dmabuf(void *user, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
	uint32_t width_px, uint32_t height_px)
{
	(void)user;
	(void)frame;
	(void)format;
	(void)width_px;
	(void)height_px;
}

static const struct zwlr_screencopy_frame_v1_listener frame_listener = {
	.buffer = on_buffer,
	.flags = on_flags,
	.ready = on_ready,
	.failed = on_failed,
	.damage = on_damage,
	.linux_dmabuf = on_dmabuf,
	.buffer_done = on_buffer_done,
};

void wlr_shot_ask(struct wlr_shot *s)
{
	/* What ends with an output is told after it has gone, and before its shot goes. */
	if (s->frame || !wlr_outputs_have(&s->shared->w->outputs, s->told.global))
		return;
	s->frame = zwlr_screencopy_manager_v1_capture_output(
		s->shared->w->screencopy, s->shared->overlay_cursor, s->told.proxy);
	zwlr_screencopy_frame_v1_add_listener(s->frame, &frame_listener, s);
}

/* --- what it shows --- */

bool wlr_shot_is_known(const struct wlr_shot *s)
{
	return s->front >= 0 || s->refusals >= WLR_SHOT_REFUSALS;
}

void wlr_shot_copy(const struct wlr_shot *s, const struct record_rect *rect, uint8_t *to,
	size_t to_stride_bytes)
{
	struct record_rect part = region_clip(rect->x_px - s->x_px, rect->y_px - s->y_px,
		rect->width_px, rect->height_px, (int)s->width_px, (int)s->height_px);
	ptrdiff_t row = s->inverted ? -(ptrdiff_t)s->stride_bytes : (ptrdiff_t)s->stride_bytes;
	ptrdiff_t along_x = s->turn.mirrors_x ? -PIXEL_BYTES : PIXEL_BYTES;
	ptrdiff_t along_y = s->turn.mirrors_y ? -row : row;
	uint32_t x_px = part.x_px, y_px = part.y_px;

	if (part.width_px == 0 || s->front < 0)
		return;
	wlr_turn_place(s->turn, s->turned_width_px, s->turned_height_px, &x_px, &y_px);
	const uint8_t *from =
		s->buffers[s->front].memory.bytes +
		(s->inverted ? s->turned_height_px - 1 : 0) * (ptrdiff_t)s->stride_bytes +
		(ptrdiff_t)y_px * row + (ptrdiff_t)x_px * PIXEL_BYTES;
	to += (size_t)(s->y_px + part.y_px) * to_stride_bytes +
	      (size_t)(s->x_px + part.x_px) * PIXEL_BYTES;
	wlr_pixels_copy(to, to_stride_bytes, from, s->turn.swaps ? along_y : along_x,
		s->turn.swaps ? along_x : along_y, s->format, part.width_px, part.height_px);
}

/* --- begin and end --- */

void wlr_shot_tell(struct wlr_shot *s, const struct wlr_output *output)
{
	bool resized =
		s->told.width_px != output->width_px || s->told.height_px != output->height_px;

	s->told = *output;
	s->turn = wlr_turn_of(output->transform);
	if (resized) { /* where nobody looks, no picture would tell */
		drop_frame(s);
		drop_buffers(s);
		s->refusals = 0;
		wlr_shot_ask(s);
	}
	bool shown = s->front >= 0;
	/* What is off has the size that it is told to have. */
	set_size(s, shown ? s->turned_width_px : output->width_px,
		shown ? s->turned_height_px : output->height_px);
}

void wlr_shot_init(struct wlr_shot *s, struct wlr_shots *shared, const struct wlr_output *output)
{
	*s = (struct wlr_shot){ .shared = shared, .told = *output, .front = -1 };
	for (size_t i = 0; i < ARRAY_LEN(s->buffers); i++)
		s->buffers[i].memory.fd = -1;
	wlr_shot_tell(s, output);
	wlr_shot_ask(s);
}

void wlr_shot_finish(struct wlr_shot *s)
{
	drop_frame(s);
	drop_buffers(s);
}
