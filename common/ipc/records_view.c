/* Coders of the records between the agent and a worker. */
#include "common/ipc/records_view.h"

#include "common/ipc/record_coders.h"

static void encode_framebuffer(struct wire_writer *w, const void *body)
{
	const struct record_framebuffer *m = body;

	wire_write_u32(w, m->generation);
	wire_write_u16(w, m->width_px);
	wire_write_u16(w, m->height_px);
	wire_write_bool(w, m->resizable);
}

static bool decode_framebuffer(struct wire_reader *r, void *body)
{
	struct record_framebuffer *m = body;

	m->generation = wire_read_u32(r);
	m->width_px = wire_read_u16(r);
	m->height_px = wire_read_u16(r);
	m->resizable = wire_read_bool(r);
	return wire_screen_size_valid(m->width_px, m->height_px);
}

static void encode_frame_ready(struct wire_writer *w, const void *body)
{
	const struct record_frame_ready *m = body;

	wire_write_u32(w, m->generation);
	wire_write_u32(w, m->input_serial);
	wire_write_u64(w, m->captured_ns);
	record_put_rects(w, m->rects, m->rect_count);
}

static bool decode_frame_ready(struct wire_reader *r, void *body)
{
	struct record_frame_ready *m = body;

	m->generation = wire_read_u32(r);
	m->input_serial = wire_read_u32(r);
	m->captured_ns = wire_read_u64(r);
	bool good_rects = record_get_rects(r, m->rects, &m->rect_count);
	return good_rects;
}

static const struct record_coder coders[] = {
	RECORD_SHARED(WIRE, wire),
	RECORD_CODER(FRAME_READY, frame_ready),
	RECORD_CODER(FRAMEBUFFER, framebuffer),
	RECORD_SHARED(CURSOR, cursor),
	RECORD_EMPTY(FRAME_REQUEST),
	RECORD_EMPTY(FRAME_TAKEN),
	RECORD_EMPTY(LOOK),
	RECORD_EMPTY(LOOKED),
};

const struct record_set view_records = RECORD_SET(struct view_record, wire, coders);
