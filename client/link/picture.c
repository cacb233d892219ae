/* Sizes and order are what the other end claims: checked here. */
#include "client/link/link.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/serial.h"

#include <errno.h>

static void acknowledge(struct link *l, uint32_t frame)
{
	struct wire_message m = { .type = WIRE_FRAME_ACK };
	uint32_t p50_us, p95_us;

	l->picture.needs_ack = !serial_reached(frame, l->picture.needs_ack_last);
	l->picture.needs_ack_first = frame + 1;
	decode_times(&l->picture.decode, &p50_us, &p95_us, &m.frame_ack.decode_us);
	m.frame_ack.frame = frame;
	if (l->picture.update_received_us)
		m.frame_ack.present_us =
			(uint32_t)MIN(clock_now_us() - l->picture.update_received_us, UINT32_MAX);
	link_send(l, &m);
}

static void on_screen(struct link *l, const struct wire_message *message)
{
	const struct wire_screen *screen = &message->screen;
	struct wire_message m = { .type = WIRE_SCREEN };
	struct codec_params params = {
		.width_px = screen->width_px,
		.height_px = screen->height_px,
		.features = l->codec_features,
	};

	/* What is left of the screen before will not be shown, and the workstation waits to hear of it. */
	l->picture.update_received_us = 0;
	if (l->picture.needs_ack)
		acknowledge(l, l->picture.needs_ack_last);
	l->picture.screen = *screen;
	buffer_clear(&l->picture.slice);
	l->picture.frame_open = false;
	if (decode_screen(&l->picture.decode, &params, screen->generation) < 0) {
		link_no_memory(l);
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

	l->picture.frame_open = false;
	l->picture.frames++;
	if (!(frame->flags & WIRE_FRAME_NO_ACK)) {
		if (!l->picture.needs_ack)
			l->picture.needs_ack_first = frame->frame;
		l->picture.needs_ack = true;
		l->picture.needs_ack_last = frame->frame;
	}
	if (decode_frame_end(&l->picture.decode, &f) < 0)
		link_no_memory(l);
}

static void on_frame(struct link *l, const struct wire_message *message)
{
	const struct wire_frame *frame = &message->frame;

	if (l->picture.screen.width_px == 0) {
		link_broken(l, "FRAME before SCREEN");
		return;
	}
	if (l->picture.frame_open ? frame->frame != l->picture.frame
				  : frame->frame != l->picture.frame + 1) {
		link_broken(l, "FRAME out of order");
		return;
	}
	l->picture.frame = frame->frame;
	l->picture.frame_open = true;
	l->picture.bytes += frame->len;
	if (frame->len > 0) {
		int r = buffer_append(&l->picture.slice, frame->bytes, frame->len);
		if (r == -E2BIG)
			link_broken(l, "a slice over the limit");
		else if (r < 0)
			link_no_memory(l);
	}
	if (l->state == LINK_ENDED)
		return;
	if ((frame->flags & WIRE_FRAME_SLICE_END) &&
		decode_slice(&l->picture.decode, &l->picture.slice) < 0)
		link_no_memory(l);
	if (frame->flags & WIRE_FRAME_END) {
		if (l->picture.slice.len > 0)
			link_broken(l, "a frame that ends in a slice");
		else
			end_frame(l, frame);
	}
	link_collect(l);
}

static void on_checksum(struct link *l, const struct wire_message *message)
{
	const struct wire_checksum *checksum = &message->checksum;

	/* It takes its turn behind the frames before it: the picture is then the one that the other end
	 * means. */
	if (decode_checksum(
		    &l->picture.decode, checksum->id, checksum->checksum, checksum->settled) < 0)
		link_no_memory(l);
	link_collect(l);
}

static int on_pixels(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_pixels *pixels = body;
	struct ipc_memory memory;
	size_t size = (size_t)pixels->stride_bytes * l->picture.screen.height_px;

	/* It belongs to a screen that is no more; memory for the newer one is under way. */
	if (l->picture.screen.width_px == 0 || pixels->generation != l->picture.screen.generation) {
		return 0;
	}
	if (pixels->stride_bytes < (uint32_t)l->picture.screen.width_px * 4) {
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window's memory is too small");
		return 0;
	}
	int r = ipc_memory_map(&memory, *fd, size, true);
	*fd = -1; /* taken over */
	if (r < 0) {
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window's memory cannot be used");
		return 0;
	}
	if (decode_pixels(&l->picture.decode, &memory, pixels->stride_bytes) < 0)
		link_no_memory(l);
	link_collect(l);
	return 0;
}

static int on_presented(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_presented *presented = body;

	(void)fd;
	if (l->picture.needs_ack && serial_reached(presented->frame, l->picture.needs_ack_first))
		acknowledge(l, presented->frame);
	decode_presented(&l->picture.decode, presented->frame);
	link_collect(l);
	return 0;
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
	l->picture.update_received_us = e->frame.received_us;
	link_tell(l, &r, -1);
}

void link_collect(struct link *l)
{
	struct decode_event e;

	decode_collect(&l->picture.decode, &e);
	if (e.error == -EPROTO)
		link_broken(l, "a picture that cannot be decoded");
	else if (e.error < 0)
		link_no_memory(l);
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

int picture_init(struct link_picture *p)
{
	buffer_init(&p->slice, WIRE_SLICE_MAX_BYTES);
	return decode_init(&p->decode);
}

static void finish(struct link *l)
{
	decode_finish(&l->picture.decode);
	buffer_finish(&l->picture.slice);
}

const struct link_channel link_picture_channel = {
	.name = "picture",
	.messages = {
		{ WIRE_FRAME, on_frame },
		{ WIRE_SCREEN, on_screen },
		{ WIRE_CHECKSUM, on_checksum },
	},
	.records = {
		{ RECORD_PRESENTED, DISPATCH_IN(LINK_OPEN), on_presented, 0 },
		{ RECORD_PIXELS, DISPATCH_IN(LINK_OPEN), on_pixels, 0 },
	},
	.finish = finish,
};
