/* The picture's way from the network to the UI's memory, and the acknowledgement back. Sizes and
 * order are the other end's claims: checked here. */
#include "client/link/link.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/serial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void broken(struct link *l, const char *what)
{
	const struct link_failure f = { .code = WIRE_BYE_PROTOCOL, .goodbye = WIRE_BYE_PROTOCOL };

	link_fail(l, f, "the workstation broke the protocol: %s", what);
}

static void no_memory(struct link *l)
{
	const struct link_failure f = { .retry = true, .goodbye = WIRE_BYE_INTERNAL };

	link_fail(l, f, "out of memory");
}

static void acknowledge(struct link *l, uint32_t frame)
{
	struct wire_message m = { .type = WIRE_FRAME_ACK };
	uint32_t p50_us, p95_us;

	l->needs_ack = !serial_reached(frame, l->needs_ack_last);
	l->needs_ack_first = frame + 1;
	decode_times(&l->decode, &p50_us, &p95_us, &m.frame_ack.decode_us);
	m.frame_ack.frame = frame;
	if (l->update_received_us)
		m.frame_ack.present_us =
			(uint32_t)MIN(clock_now_us() - l->update_received_us, UINT32_MAX);
	link_send(l, &m);
}

void link_screen(struct link *l, const struct wire_screen *screen)
{
	struct wire_message m = { .type = WIRE_SCREEN };
	struct codec_params params = {
		.width_px = screen->width_px,
		.height_px = screen->height_px,
		.features = l->codec_features,
	};

	/* What is left of the screen before will not be shown, and the workstation waits to hear of it. */
	l->update_received_us = 0;
	if (l->needs_ack)
		acknowledge(l, l->needs_ack_last);
	l->screen = *screen;
	buffer_clear(&l->slice);
	l->frame_open = false;
	if (decode_screen(&l->decode, &params, screen->generation) < 0) {
		no_memory(l);
		return;
	}
	m.screen = *screen;
	link_tell_wire(l, &m);
}

static void end_frame(struct link *l, const struct wire_frame *frame)
{
	const struct decode_frame f = {
		.frame = frame->frame,
		.input_serial = frame->input_serial,
		.exact = frame->exact,
		.received_us = clock_now_us(),
	};

	l->frame_open = false;
	l->frames++;
	if (!(frame->flags & WIRE_FRAME_NO_ACK)) {
		if (!l->needs_ack)
			l->needs_ack_first = frame->frame;
		l->needs_ack = true;
		l->needs_ack_last = frame->frame;
	}
	if (decode_frame_end(&l->decode, &f) < 0)
		no_memory(l);
}

void link_frame(struct link *l, const struct wire_frame *frame)
{
	if (l->screen.width_px == 0) {
		broken(l, "FRAME before SCREEN");
		return;
	}
	if (l->frame_open ? frame->frame != l->frame : frame->frame != l->frame + 1) {
		broken(l, "FRAME out of order");
		return;
	}
	l->frame = frame->frame;
	l->frame_open = true;
	l->picture_bytes += frame->len;
	if (frame->len > 0) {
		int r = buffer_append(&l->slice, frame->bytes, frame->len);
		if (r == -E2BIG)
			broken(l, "a slice over the limit");
		else if (r < 0)
			no_memory(l);
	}
	if (l->state == LINK_ENDED)
		return;
	if ((frame->flags & WIRE_FRAME_SLICE_END) && decode_slice(&l->decode, &l->slice) < 0)
		no_memory(l);
	if (frame->flags & WIRE_FRAME_END) {
		if (l->slice.len > 0)
			broken(l, "a frame that ends in a slice");
		else
			end_frame(l, frame);
	}
	link_collect(l);
}

static void tell_cursor(struct link *l)
{
	struct link_record r = { .type = RECORD_LINK_CURSOR };
	struct ipc_memory memory = { .fd = -1 };

	r.cursor.width_px = l->cursor.width_px;
	r.cursor.height_px = l->cursor.height_px;
	r.cursor.hot_x_px = l->cursor.hot_x_px;
	r.cursor.hot_y_px = l->cursor.hot_y_px;
	if (l->cursor_len > 0) {
		if (ipc_memory_create(&memory, "farseat-cursor", l->cursor_len) < 0) {
			no_memory(l);
			return;
		}
		memcpy(memory.bytes, l->cursor_bytes, l->cursor_len);
	}
	link_tell(l, &r, memory.fd);
	ipc_memory_finish(&memory);
}

/* Parts come in order from 0 on; a new shape may start before the old one is whole. */
void link_cursor(struct link *l, const struct wire_cursor *cursor)
{
	size_t len = (size_t)cursor->width_px * cursor->height_px * 4;
	bool same = l->cursor_bytes && cursor->width_px == l->cursor.width_px &&
		    cursor->height_px == l->cursor.height_px;

	if (cursor->offset == 0) {
		free(l->cursor_bytes);
		l->cursor_bytes = len > 0 ? malloc(len) : NULL;
		if (len > 0 && !l->cursor_bytes) {
			no_memory(l);
			return;
		}
		l->cursor = *cursor;
		l->cursor_len = 0;
	} else if (!same || cursor->offset != l->cursor_len) {
		broken(l, "CURSOR out of order");
		return;
	}
	if (cursor->len > len - l->cursor_len) {
		broken(l, "CURSOR longer than its size");
		return;
	}
	if (cursor->len > 0)
		memcpy(l->cursor_bytes + l->cursor_len, cursor->bytes, cursor->len);
	l->cursor_len += cursor->len;
	if (l->cursor_len == len)
		tell_cursor(l);
}

void link_checksum(struct link *l, const struct wire_checksum *checksum)
{
	/* In order with the frames before it: the decoder then shows exactly what the other end
	 * speaks of. */
	if (decode_checksum(&l->decode, checksum->id, checksum->checksum, checksum->settled) < 0)
		no_memory(l);
	link_collect(l);
}

void link_pixels(struct link *l, const struct record_pixels *pixels, int fd)
{
	struct ipc_memory memory;
	size_t size = (size_t)pixels->stride_bytes * l->screen.height_px;

	/* For a screen that is no longer: the answer to the newer one is under way. */
	if (l->screen.width_px == 0 || pixels->generation != l->screen.generation) {
		fd_close(&fd);
		return;
	}
	if (pixels->stride_bytes < (uint32_t)l->screen.width_px * 4) {
		fd_close(&fd);
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window's memory is too small");
		return;
	}
	if (ipc_memory_map(&memory, fd, size, true) < 0) {
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window's memory cannot be used");
		return;
	}
	if (decode_pixels(&l->decode, &memory, pixels->stride_bytes) < 0)
		no_memory(l);
	link_collect(l);
}

void link_presented(struct link *l, const struct record_presented *presented)
{
	if (l->needs_ack && serial_reached(presented->frame, l->needs_ack_first))
		acknowledge(l, presented->frame);
	decode_presented(&l->decode, presented->frame);
	link_collect(l);
}

static void tell_update(struct link *l, const struct decode_event *e)
{
	struct link_record r = { .type = RECORD_UPDATE };

	r.update.generation = e->frame.generation;
	r.update.frame = e->frame.frame;
	r.update.input_serial = e->frame.input_serial;
	r.update.exact = e->frame.exact;
	r.update.rect_count = MIN(e->changed.count, (size_t)RECORD_RECTS_MAX);
	for (size_t i = 0; i < r.update.rect_count; i++) {
		const struct codec_rect *from = &e->changed.rects[i];
		r.update.rects[i] = (struct record_rect){ from->x_px, from->y_px, from->width_px,
			from->height_px };
	}
	l->update_received_us = e->frame.received_us;
	link_tell(l, &r, -1);
}

void link_collect(struct link *l)
{
	struct decode_event e;

	decode_collect(&l->decode, &e);
	if (e.error == -EPROTO)
		broken(l, "a picture that cannot be decoded");
	else if (e.error < 0)
		no_memory(l);
	if (l->state == LINK_ENDED)
		return;
	if (e.update)
		tell_update(l, &e);
	if (e.checksum) {
		struct link_record r = { .type = RECORD_LINK_CHECKSUM };
		r.link_checksum.generation = e.checksum_generation;
		r.link_checksum.id = e.checksum_id;
		r.link_checksum.local = e.checksum_local;
		r.link_checksum.remote = e.checksum_remote;
		r.link_checksum.settled = e.checksum_settled;
		link_tell(l, &r, -1);
	}
}
