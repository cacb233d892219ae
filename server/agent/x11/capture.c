/*
 * Damage is watched at the level of delta rectangles: the server tells at once of each area that
 * was clean, and nothing more of it until we subtract. So a busy screen nobody asks for costs
 * nothing, and no question precedes a capture: the subtraction and the fetches go out together, and
 * what changes in between is told again.
 *
 * MIT-SHM writes packed rows. Rectangles as wide as the screen are fetched straight into place;
 * others into a scratch segment, from which their rows are copied. Memory changes nowhere but where
 * a capture was asked for: a look compares with it what viewers were given.
 */
#include "server/agent/x11/capture.h"

#include "common/base/log.h"
#include "server/agent/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xcb/damage.h>
#include <xcb/shm.h>
#include <xcb/xcbext.h>

#define PIXEL_BYTES 4
static size_t size_bytes(uint16_t width_px, uint16_t height_px)
{
	return (size_t)width_px * height_px * PIXEL_BYTES;
}

static void detach(struct x11_capture *s, xcb_shm_seg_t *segment)
{
	if (*segment)
		xcb_shm_detach(s->x->connection, *segment);
	*segment = 0;
}

/* Gives the server our memory. Waits for its answer: only at start and when the size changes. */
static int attach(struct x11_capture *s, const struct ipc_memory *memory, xcb_shm_seg_t *segment)
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

static void memory_finish(struct x11_capture *s)
{
	detach(s, &s->segment);
	detach(s, &s->scratch_segment);
	ipc_memory_finish(&s->display->memory);
	ipc_memory_finish(&s->scratch);
}

static int memory_make(struct x11_capture *s, uint16_t width_px, uint16_t height_px)
{
	if (!wire_screen_size_valid(width_px, height_px))
		return -E2BIG;
	memory_finish(s);
	s->display->width_px = width_px;
	s->display->height_px = height_px;
	int r = ipc_memory_create(
		&s->display->memory, "farseat-screen", size_bytes(width_px, height_px));
	if (r == 0)
		r = ipc_memory_create(
			&s->scratch, "farseat-scratch", size_bytes(width_px, height_px));
	if (r < 0 || !s->x->shm_by_fd)
		return r;
	r = attach(s, &s->display->memory, &s->segment);
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
	struct x11_capture *s, struct x11_fetch *f, const struct record_rect *r, size_t scratch_at)
{
	xcb_connection_t *c = s->x->connection;
	uint32_t width = s->display->width_px;

	f->rect = *r;
	f->in_place = r->width_px == width;
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

static void fetch_plain(struct x11_capture *s, struct x11_fetch *f, const struct record_rect *r)
{
	f->rect = *r;
	f->in_place = false;
	f->sequence = xcb_get_image(s->x->connection, XCB_IMAGE_FORMAT_Z_PIXMAP, s->x->root,
		(int16_t)r->x_px, (int16_t)r->y_px, r->width_px, r->height_px, ~0U)
			      .sequence;
}

static void drop_look(struct x11_capture *s)
{
	if (s->look.active)
		xcb_discard_reply(s->x->connection, s->look.sequence);
	s->look.active = false;
}

int x11_capture_begin(struct x11_capture *s, const struct record_rect *rects, size_t count)
{
	size_t scratch_at = 0;

	drop_look(s);
	if (xcb_connection_has_error(s->x->connection))
		return -EIO;
	/* Before the fetches: what is drawn after this line is told again. */
	xcb_damage_subtract(s->x->connection, s->damage, XCB_NONE, XCB_NONE);
	s->status = 0;
	s->fetch_done = 0;
	s->fetch_count = 0;
	for (size_t i = 0; i < count && i < ARRAY_LEN(s->fetches); i++) {
		struct x11_fetch *f = &s->fetches[s->fetch_count++];
		/* Rectangles may overlap, so that together they may not fit the scratch: a band
		 * always does. */
		struct record_rect r = rects[i];
		f->widened = s->segment &&
			     scratch_at + size_bytes(r.width_px, r.height_px) > s->scratch.size;
		if (f->widened)
			r = (struct record_rect){ 0, r.y_px, s->display->width_px, r.height_px };
		if (s->segment)
			scratch_at = fetch_shared(s, f, &r, scratch_at);
		else
			fetch_plain(s, f, &r);
	}
	xcb_flush(s->x->connection);
	return 0;
}

static void copy_rows(struct x11_capture *s, const struct record_rect *r, const uint8_t *from)
{
	size_t stride = (size_t)s->display->width_px * PIXEL_BYTES;
	size_t row = (size_t)r->width_px * PIXEL_BYTES;
	uint8_t *to = s->display->memory.bytes + r->y_px * stride + (size_t)r->x_px * PIXEL_BYTES;

	for (int y = 0; y < r->height_px; y++, to += stride, from += row)
		memcpy(to, from, row);
}

static void take_reply(struct x11_capture *s, const struct x11_fetch *f, void *reply)
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

/* --- looking --- */

static void fetch_band(struct x11_capture *s)
{
	xcb_connection_t *c = s->x->connection;
	struct x11_look *l = &s->look;
	uint16_t width = s->display->width_px;

	l->rows = MIN((uint16_t)(s->display->height_px - l->row), (uint16_t)X11_LOOK_ROWS);
	if (s->segment)
		l->sequence = xcb_shm_get_image(c, s->x->root, 0, (int16_t)l->row, width, l->rows,
			~0U, XCB_IMAGE_FORMAT_Z_PIXMAP, s->scratch_segment,
			(uint32_t)size_bytes(width, l->row))
				      .sequence;
	else
		l->sequence = xcb_get_image(c, XCB_IMAGE_FORMAT_Z_PIXMAP, s->x->root, 0,
			(int16_t)l->row, width, l->rows, ~0U)
				      .sequence;
}

int x11_capture_look(struct x11_capture *s)
{
	if (xcb_connection_has_error(s->x->connection))
		return -EIO;
	drop_look(s);
	s->look = (struct x11_look){ .active = true };
	fetch_band(s);
	return 0;
}

/* Whether it is the size that it should be. */
static bool compare_band(struct x11_capture *s, void *reply)
{
	struct x11_look *l = &s->look;
	uint16_t width = s->display->width_px;

	if (!s->segment) {
		size_t size = size_bytes(width, l->rows);
		if (!reply || (size_t)xcb_get_image_data_length(reply) < size)
			return false;
		memcpy(s->scratch.bytes + size_bytes(width, l->row), xcb_get_image_data(reply),
			size);
	}
	if (reply)
		compare_rows(s->display->memory.bytes, s->scratch.bytes, width, l->row, l->rows,
			&l->differs);
	return reply;
}

/* All at once and only now: a capture of the first of them would end the look. */
static void end_look(struct x11_capture *s, int status)
{
	const struct display_listener *to = s->display->listener;
	struct region differs = s->look.differs;

	s->look.active = false;
	if (differs.count)
		log_debug("the X server did not tell of all that it changed");
	for (size_t i = 0; i < differs.count; i++)
		to->damaged(to->user, differs.rects[i]);
	to->looked(to->user, status);
}

static void poll_look(struct x11_capture *s)
{
	struct x11_look *l = &s->look;
	xcb_generic_error_t *error = NULL;
	void *reply = NULL;

	while (l->active && xcb_poll_for_reply(s->x->connection, l->sequence, &reply, &error)) {
		bool good = compare_band(s, reply);
		free(reply);
		free(error);
		l->row = (uint16_t)(l->row + l->rows);
		if (!good)
			end_look(s, -EAGAIN);
		else if (l->row >= s->display->height_px)
			end_look(s, 0);
		else
			fetch_band(s);
		reply = NULL;
		error = NULL;
	}
}

/* --- ends --- */

/* What came into memory beside what was asked for: viewers have not been given it. */
static void tell_widened(struct x11_capture *s, size_t count)
{
	const struct display_listener *to = s->display->listener;

	for (size_t i = 0; i < count; i++)
		if (s->fetches[i].widened)
			to->damaged(to->user, s->fetches[i].rect);
}

int x11_capture_poll(struct x11_capture *s)
{
	poll_look(s);
	while (s->fetch_done < s->fetch_count) {
		struct x11_fetch *f = &s->fetches[s->fetch_done];
		xcb_generic_error_t *error = NULL;
		void *reply = NULL;

		if (!xcb_poll_for_reply(s->x->connection, f->sequence, &reply, &error))
			return 0;
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
	if (s->fetch_count == 0)
		return 0;
	size_t count = s->fetch_count;
	s->fetch_count = 0;
	s->fetch_done = 0;
	s->display->listener->captured(s->display->listener->user, s->status);
	tell_widened(s, count);
	return s->status;
}

static void drop_fetches(struct x11_capture *s)
{
	drop_look(s);
	for (; s->fetch_done < s->fetch_count; s->fetch_done++)
		xcb_discard_reply(s->x->connection, s->fetches[s->fetch_done].sequence);
	s->fetch_count = 0;
	s->fetch_done = 0;
}

int x11_capture_resize(struct x11_capture *s, uint16_t width_px, uint16_t height_px)
{
	drop_fetches(s);
	int r = memory_make(s, width_px, height_px);
	if (r < 0)
		return r;
	s->display->listener->resized(s->display->listener->user);
	return 0;
}

void x11_capture_finish(struct x11_capture *s)
{
	if (!s->x)
		return;
	drop_fetches(s);
	if (s->damage)
		xcb_damage_destroy(s->x->connection, s->damage);
	memory_finish(s);
	s->x = NULL;
}

int x11_capture_init(struct x11_capture *s, struct x11 *x, struct display *display)
{
	*s = (struct x11_capture){ .x = x, .display = display, .scratch.fd = -1 };
	if (!x->shm_by_fd)
		log_warn(
			"the X server takes no shared memory by descriptor: pictures come through its socket, slowly");
	int r = memory_make(s, x->width_px, x->height_px);
	if (r < 0)
		return r;
	s->damage = xcb_generate_id(x->connection);
	xcb_damage_create(
		x->connection, s->damage, x->root, XCB_DAMAGE_REPORT_LEVEL_DELTA_RECTANGLES);
	return 0;
}

bool x11_capture_event(struct x11_capture *s, const xcb_generic_event_t *event)
{
	if (x11_event_kind(event) != s->x->damage_event + XCB_DAMAGE_NOTIFY)
		return false;
	const xcb_damage_notify_event_t *d = (const xcb_damage_notify_event_t *)(const void *)event;
	struct record_rect r = region_clip(d->area.x, d->area.y, d->area.width, d->area.height,
		s->display->width_px, s->display->height_px);
	if (d->damage == s->damage && r.width_px)
		s->display->listener->damaged(s->display->listener->user, r);
	return true;
}
