/* Records of the agent: with the supervisor and with workers. */
#include "common/ipc/record_coders.h"

static void encode_agent_config(struct wire_writer *w, const struct record *record)
{
	wire_write_bool(w, record->agent_config.virtual_session);
	wire_write_text(w, record->agent_config.display);
	wire_write_text(w, record->agent_config.xauthority);
	wire_write_u16(w, record->agent_config.width_px);
	wire_write_u16(w, record->agent_config.height_px);
	wire_write_text(w, record->agent_config.command);
	wire_write_text(w, record->agent_config.runtime_dir);
}

static bool decode_agent_config(struct wire_reader *r, struct record *record)
{
	record->agent_config.virtual_session = wire_read_bool(r);
	wire_read_text(r, record->agent_config.display, sizeof(record->agent_config.display));
	wire_read_text(r, record->agent_config.xauthority, sizeof(record->agent_config.xauthority));
	record->agent_config.width_px = wire_read_u16(r);
	record->agent_config.height_px = wire_read_u16(r);
	wire_read_text(r, record->agent_config.command, sizeof(record->agent_config.command));
	wire_read_text(
		r, record->agent_config.runtime_dir, sizeof(record->agent_config.runtime_dir));
	return true;
}

const struct record_coder record_agent_config_coder = {
	.name = "AGENT_CONFIG",
	.encode = encode_agent_config,
	.decode = decode_agent_config,
};

static void encode_attach(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->attach.worker);
	wire_write_u32(w, record->attach.caps);
}

static bool decode_attach(struct wire_reader *r, struct record *record)
{
	record->attach.worker = wire_read_u32(r);
	record->attach.caps = wire_read_u32(r);
	return true;
}

const struct record_coder record_attach_coder = {
	.name = "ATTACH",
	.encode = encode_attach,
	.decode = decode_attach,
};

static void encode_detach(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->detach.worker);
}

static bool decode_detach(struct wire_reader *r, struct record *record)
{
	record->detach.worker = wire_read_u32(r);
	return true;
}

const struct record_coder record_detach_coder = {
	.name = "DETACH",
	.encode = encode_detach,
	.decode = decode_detach,
};

static void encode_agent_ready(struct wire_writer *w, const struct record *record)
{
	wire_write_text(w, record->agent_ready.display);
	wire_write_u16(w, record->agent_ready.width_px);
	wire_write_u16(w, record->agent_ready.height_px);
	wire_write_bool(w, record->agent_ready.resizable);
}

static bool decode_agent_ready(struct wire_reader *r, struct record *record)
{
	wire_read_text(r, record->agent_ready.display, sizeof(record->agent_ready.display));
	record->agent_ready.width_px = wire_read_u16(r);
	record->agent_ready.height_px = wire_read_u16(r);
	record->agent_ready.resizable = wire_read_bool(r);
	return record->agent_ready.width_px >= 1 &&
	       record->agent_ready.width_px <= WIRE_SIDE_MAX_PX &&
	       record->agent_ready.height_px >= 1 &&
	       record->agent_ready.height_px <= WIRE_SIDE_MAX_PX &&
	       (uint32_t)record->agent_ready.width_px * record->agent_ready.height_px <=
		       WIRE_AREA_MAX_PX;
}

const struct record_coder record_agent_ready_coder = {
	.name = "AGENT_READY",
	.encode = encode_agent_ready,
	.decode = decode_agent_ready,
};

static void encode_agent_failed(struct wire_writer *w, const struct record *record)
{
	wire_write_text(w, record->agent_failed.reason);
}

static bool decode_agent_failed(struct wire_reader *r, struct record *record)
{
	wire_read_text(r, record->agent_failed.reason, sizeof(record->agent_failed.reason));
	return true;
}

const struct record_coder record_agent_failed_coder = {
	.name = "AGENT_FAILED",
	.encode = encode_agent_failed,
	.decode = decode_agent_failed,
};

static void encode_violation(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->violation.worker);
	wire_write_u8(w, record->violation.wire_type);
}

static bool decode_violation(struct wire_reader *r, struct record *record)
{
	record->violation.worker = wire_read_u32(r);
	record->violation.wire_type = wire_read_u8(r);
	return true;
}

const struct record_coder record_violation_coder = {
	.name = "VIOLATION",
	.encode = encode_violation,
	.decode = decode_violation,
};

static void encode_framebuffer(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->framebuffer.generation);
	wire_write_u16(w, record->framebuffer.width_px);
	wire_write_u16(w, record->framebuffer.height_px);
	wire_write_bool(w, record->framebuffer.resizable);
}

static bool decode_framebuffer(struct wire_reader *r, struct record *record)
{
	record->framebuffer.generation = wire_read_u32(r);
	record->framebuffer.width_px = wire_read_u16(r);
	record->framebuffer.height_px = wire_read_u16(r);
	record->framebuffer.resizable = wire_read_bool(r);
	return record->framebuffer.width_px >= 1 &&
	       record->framebuffer.width_px <= WIRE_SIDE_MAX_PX &&
	       record->framebuffer.height_px >= 1 &&
	       record->framebuffer.height_px <= WIRE_SIDE_MAX_PX &&
	       (uint32_t)record->framebuffer.width_px * record->framebuffer.height_px <=
		       WIRE_AREA_MAX_PX;
}

const struct record_coder record_framebuffer_coder = {
	.name = "FRAMEBUFFER",
	.encode = encode_framebuffer,
	.decode = decode_framebuffer,
};

static void encode_frame_ready(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->frame_ready.generation);
	wire_write_u32(w, record->frame_ready.input_serial);
	wire_write_u64(w, record->frame_ready.captured_ns);
	record_put_rects(w, record->frame_ready.rects, record->frame_ready.rect_count);
}

static bool decode_frame_ready(struct wire_reader *r, struct record *record)
{
	record->frame_ready.generation = wire_read_u32(r);
	record->frame_ready.input_serial = wire_read_u32(r);
	record->frame_ready.captured_ns = wire_read_u64(r);
	bool good_rects =
		record_get_rects(r, record->frame_ready.rects, &record->frame_ready.rect_count);
	return good_rects;
}

const struct record_coder record_frame_ready_coder = {
	.name = "FRAME_READY",
	.encode = encode_frame_ready,
	.decode = decode_frame_ready,
};

static void encode_cursor(struct wire_writer *w, const struct record *record)
{
	wire_write_u16(w, record->cursor.width_px);
	wire_write_u16(w, record->cursor.height_px);
	wire_write_u16(w, record->cursor.hot_x_px);
	wire_write_u16(w, record->cursor.hot_y_px);
}

static bool decode_cursor(struct wire_reader *r, struct record *record)
{
	record->cursor.width_px = wire_read_u16(r);
	record->cursor.height_px = wire_read_u16(r);
	record->cursor.hot_x_px = wire_read_u16(r);
	record->cursor.hot_y_px = wire_read_u16(r);
	return record->cursor.width_px <= WIRE_CURSOR_SIDE_MAX_PX &&
	       record->cursor.height_px <= WIRE_CURSOR_SIDE_MAX_PX &&
	       (record->cursor.width_px == 0) == (record->cursor.height_px == 0) &&
	       (record->cursor.width_px == 0 ? record->cursor.hot_x_px == 0
					     : record->cursor.hot_x_px < record->cursor.width_px) &&
	       (record->cursor.height_px == 0 ? record->cursor.hot_y_px == 0
					      : record->cursor.hot_y_px < record->cursor.height_px);
}

const struct record_coder record_cursor_coder = {
	.name = "CURSOR",
	.encode = encode_cursor,
	.decode = decode_cursor,
};
