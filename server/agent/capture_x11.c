/*
 * Damage is watched at the level of delta rectangles: the server tells at once of each area that
 * was clean, and nothing more of it until we subtract. So a busy screen nobody asks for costs
 * nothing, and no question precedes a capture: the subtraction and the fetches go out together, and
 * what changes in between is told again.
 *
 * MIT-SHM writes packed rows. Rectangles about as wide as the screen are fetched as whole bands,
 * straight into place; others into a scratch segment, from which their rows are copied.
 */
#include "server/agent/capture_x11.h"

#include "common/base/log.h"
#include "server/agent/region.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xcb/damage.h>
#include <xcb/shm.h>
#include <xcb/xcbext.h>

#define PIXEL_BYTES 4
/*
 * A band costs one write of the whole width, a scratch copy two of the rectangle's, the second from
 * cache: equal at about half (tests/unit/agent/bench_capture.c).
 */
#define BAND_WIDTH_NUM 1
#define BAND_WIDTH_DEN 2

struct fetch {
	struct record_rect rect;
	unsigned sequence;
	size_t scratch_at; /* bytes; only where not in place */
	bool in_place;
};

struct capture_x11 {
	struct capture base;
	struct x11 *x;
	const struct capture_listener *listener;
	xcb_damage_damage_t damage;
	struct ipc_memory scratch;
	xcb_shm_seg_t segment, scratch_segment; /* 0: none */
	struct fetch fetches[REGION_RECTS_MAX];
	size_t fetch_count, fetch_done;
	int status; /* of the capture under way */
};

static struct capture_x11 *of(struct capture *c)
{
	return (struct capture_x11 *)(void *)c;
}

static size_t size_bytes(uint16_t width_px, uint16_t height_px)
{
	return (size_t)width_px * height_px * PIXEL_BYTES;
}

static void detach(struct capture_x11 *s, xcb_shm_seg_t *segment)
{
	if (*segment)
		xcb_shm_detach(s->x->connection, *segment);
	*segment = 0;
}

/* Gives the server our memory. Waits for its answer: only at start and when the size changes. */
static int attach(struct capture_x11 *s, const struct ipc_memory *memory, xcb_shm_seg_t *segment)
{
	int fd = dup(memory->fd); /* closed by XCB once it is sent */
	if (fd < 0)
		return -errno;
	xcb_shm_seg_t id = xcb_generate_id(s->x->connection);
	xcb_void_cookie_t cookie = xcb_shm_attach_fd_checked(s->x->connection, id, fd, 0);
	xcb_generic_error_t *error = xcb_request_check(s->x->connection, cookie);
	if (error) {
		log_warn("the X server refused shared memory (error %d)", error->error_code);
		free(error);
		return -EACCES;
	}
	if (xcb_connection_has_error(s->x->connection))
		return -EIO;
	*segment = id;
	return 0;
}

static void memory_finish(struct capture_x11 *s)
{
	detach(s, &s->segment);
	detach(s, &s->scratch_segment);
	ipc_memory_finish(&s->base.memory);
	ipc_memory_finish(&s->scratch);
}

static int memory_make(struct capture_x11 *s, uint16_t width_px, uint16_t height_px)
{
	if (width_px == 0 || height_px == 0 || width_px > WIRE_SIDE_MAX_PX ||
		height_px > WIRE_SIDE_MAX_PX || (uint32_t)width_px * height_px > WIRE_AREA_MAX_PX)
		return -E2BIG;
	memory_finish(s);
	s->base.width_px = width_px;
	s->base.height_px = height_px;
	int r = ipc_memory_create(
		&s->base.memory, "farseat-screen", size_bytes(width_px, height_px));
	if (r == 0)
		r = ipc_memory_create(
			&s->scratch, "farseat-scratch", size_bytes(width_px, height_px));
	if (r < 0 || !s->x->shm_by_fd)
		return r;
	r = attach(s, &s->base.memory, &s->segment);
	if (r == 0)
		r = attach(s, &s->scratch, &s->scratch_segment);
	if (r == -EACCES) {
		log_warn("pictures come through the X socket: right, but slow");
		s->x->shm_by_fd = false;
		r = 0;
	}
	return r;
}

/* --- capture --- */

static size_t fetch_shared(
	struct capture_x11 *s, struct fetch *f, const struct record_rect *r, size_t scratch_at)
{
	xcb_connection_t *c = s->x->connection;
	uint32_t width = s->base.width_px;

	f->rect = *r;
	f->in_place = (uint32_t)r->width_px * BAND_WIDTH_DEN >= width * BAND_WIDTH_NUM;
	f->scratch_at = scratch_at;
	if (f->in_place) {
		uint32_t at = (uint32_t)(r->y_px * width * PIXEL_BYTES);
		f->sequence = xcb_shm_get_image(c, s->x->root, 0, (int16_t)r->y_px, (uint16_t)width,
			r->height_px, ~0U, XCB_IMAGE_FORMAT_Z_PIXMAP, s->segment, at)
				      .sequence;
		return scratch_at;
	}
	f->sequence = xcb_shm_get_image(c, s->x->root, (int16_t)r->x_px, (int16_t)r->y_px,
		r->width_px, r->height_px, ~0U, XCB_IMAGE_FORMAT_Z_PIXMAP, s->scratch_segment,
		(uint32_t)scratch_at)
			      .sequence;
	return scratch_at + size_bytes(r->width_px, r->height_px);
}

static void fetch_plain(struct capture_x11 *s, struct fetch *f, const struct record_rect *r)
{
	f->rect = *r;
	f->in_place = false;
	f->sequence = xcb_get_image(s->x->connection, XCB_IMAGE_FORMAT_Z_PIXMAP, s->x->root,
		(int16_t)r->x_px, (int16_t)r->y_px, r->width_px, r->height_px, ~0U)
			      .sequence;
}

static int begin(struct capture *base, const struct record_rect *rects, size_t count)
{
	struct capture_x11 *s = of(base);
	size_t scratch_at = 0;

	if (xcb_connection_has_error(s->x->connection))
		return -EIO;
	/* Before the fetches: what is drawn after this line is told again. */
	xcb_damage_subtract(s->x->connection, s->damage, XCB_NONE, XCB_NONE);
	s->status = 0;
	s->fetch_done = 0;
	s->fetch_count = 0;
	for (size_t i = 0; i < count && i < ARRAY_LEN(s->fetches); i++) {
		struct fetch *f = &s->fetches[s->fetch_count++];
		/* Rectangles may overlap, so that together they may not fit the scratch: a band
		 * always does. */
		struct record_rect r = rects[i];
		if (s->segment &&
			scratch_at + size_bytes(r.width_px, r.height_px) > s->scratch.size)
			r = (struct record_rect){ 0, r.y_px, s->base.width_px, r.height_px };
		if (s->segment)
			scratch_at = fetch_shared(s, f, &r, scratch_at);
		else
			fetch_plain(s, f, &r);
	}
	xcb_flush(s->x->connection);
	return 0;
}

static void copy_rows(struct capture_x11 *s, const struct record_rect *r, const uint8_t *from)
{
	size_t stride = (size_t)s->base.width_px * PIXEL_BYTES;
	size_t row = (size_t)r->width_px * PIXEL_BYTES;
	uint8_t *to = s->base.memory.bytes + r->y_px * stride + (size_t)r->x_px * PIXEL_BYTES;

	for (int y = 0; y < r->height_px; y++, to += stride, from += row)
		memcpy(to, from, row);
}

static void take_reply(struct capture_x11 *s, const struct fetch *f, void *reply)
{
	if (s->segment) {
		if (!f->in_place)
			copy_rows(s, &f->rect, s->scratch.bytes + f->scratch_at);
	} else if ((size_t)xcb_get_image_data_length(reply) >=
		   size_bytes(f->rect.width_px, f->rect.height_px)) {
		copy_rows(s, &f->rect, xcb_get_image_data(reply));
	} else {
		s->status = -EPROTO;
	}
}

static void poll_fetches(struct capture *base)
{
	struct capture_x11 *s = of(base);

	while (s->fetch_done < s->fetch_count) {
		struct fetch *f = &s->fetches[s->fetch_done];
		xcb_generic_error_t *error = NULL;
		void *reply = NULL;

		if (!xcb_poll_for_reply(s->x->connection, f->sequence, &reply, &error))
			return;
		s->fetch_done++;
		if (reply) {
			take_reply(s, f, reply);
		} else { /* BadMatch: the screen has become smaller meanwhile */
			log_debug("capture failed (X error %d)", error ? error->error_code : 0);
			s->status = -EAGAIN;
		}
		free(reply);
		free(error);
	}
	if (s->fetch_count > 0) {
		s->fetch_count = 0;
		s->fetch_done = 0;
		s->listener->captured(s->listener->user, s->status);
	}
}

static void drop_fetches(struct capture_x11 *s)
{
	for (; s->fetch_done < s->fetch_count; s->fetch_done++)
		xcb_discard_reply(s->x->connection, s->fetches[s->fetch_done].sequence);
	s->fetch_count = 0;
	s->fetch_done = 0;
}

static int resize(struct capture *base, uint16_t width_px, uint16_t height_px)
{
	struct capture_x11 *s = of(base);

	drop_fetches(s);
	int r = memory_make(s, width_px, height_px);
	if (r < 0)
		return r;
	s->listener->resized(s->listener->user);
	return 0;
}

static void destroy(struct capture *base)
{
	struct capture_x11 *s = of(base);

	if (!base)
		return;
	drop_fetches(s);
	if (s->damage)
		xcb_damage_destroy(s->x->connection, s->damage);
	memory_finish(s);
	free(s);
}

static const struct capture_impl x11_impl = {
	.name = "X11",
	.begin = begin,
	.poll = poll_fetches,
	.resize = resize,
	.destroy = destroy,
};

int capture_x11_create(struct capture **out, struct x11 *x, const struct capture_listener *listener)
{
	struct capture_x11 *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;

	s->base.impl = &x11_impl;
	s->base.memory.fd = -1;
	s->scratch.fd = -1;
	s->x = x;
	s->listener = listener;
	if (!x->shm_by_fd)
		log_warn(
			"the X server takes no shared memory by descriptor: pictures come through its socket, slowly");
	int r = memory_make(s, x->width_px, x->height_px);
	if (r < 0) {
		destroy(&s->base);
		return r;
	}
	s->damage = xcb_generate_id(x->connection);
	xcb_damage_create(
		x->connection, s->damage, x->root, XCB_DAMAGE_REPORT_LEVEL_DELTA_RECTANGLES);
	*out = &s->base;
	return 0;
}

bool capture_x11_event(struct capture *base, const xcb_generic_event_t *event)
{
	struct capture_x11 *s = of(base);

	if (x11_event_kind(event) != s->x->damage_event + XCB_DAMAGE_NOTIFY)
		return false;
	const xcb_damage_notify_event_t *d = (const xcb_damage_notify_event_t *)(const void *)event;
	struct record_rect r = region_clip(d->area.x, d->area.y, d->area.width, d->area.height,
		s->base.width_px, s->base.height_px);
	if (d->damage == s->damage && r.width_px)
		s->listener->damaged(s->listener->user, r);
	return true;
}
