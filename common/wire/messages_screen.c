/* Messages of the picture: its size, its parts, acknowledgements, the cursor, checksums. */
#include "common/wire/coders.h"

static void encode_screen(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->screen.generation);
	wire_write_u16(w, m->screen.width_px);
	wire_write_u16(w, m->screen.height_px);
	wire_write_bool(w, m->screen.resizable);
}

bool wire_screen_size_valid(uint32_t width_px, uint32_t height_px)
{
	return width_px >= 1 && width_px <= WIRE_SIDE_MAX_PX && height_px >= 1 &&
	       height_px <= WIRE_SIDE_MAX_PX && width_px * height_px <= WIRE_AREA_MAX_PX;
}

static bool decode_screen(struct wire_reader *r, struct wire_message *m)
{
	m->screen.generation = wire_read_u32(r);
	m->screen.width_px = wire_read_u16(r);
	m->screen.height_px = wire_read_u16(r);
	m->screen.resizable = wire_read_bool(r);

	uint32_t width = m->screen.width_px,
		 height = m->screen.height_px; /* their product fits: 2^14 * 2^14 */
	return wire_in_range(r, width >= 1 && width <= WIRE_SIDE_MAX_PX, "width_px") &&
	       wire_in_range(r, height >= 1 && height <= WIRE_SIDE_MAX_PX, "height_px") &&
	       wire_in_range(r, width * height <= WIRE_AREA_MAX_PX, "area");
}

const struct wire_coder wire_screen_coder = {
	.name = "SCREEN",
	.encode = encode_screen,
	.decode = decode_screen,
	.server_phases = IN_OPEN,
};

#define FRAME_FLAGS_ALL (WIRE_FRAME_SLICE_END | WIRE_FRAME_END | WIRE_FRAME_NO_ACK)

static void encode_frame(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->frame.frame);
	wire_write_u32(w, m->frame.input_serial);
	wire_write_u8(w, m->frame.flags);
	wire_write_bool(w, m->frame.exact);
	wire_write_bytes(w, m->frame.bytes, m->frame.len);
}

static bool decode_frame(struct wire_reader *r, struct wire_message *m)
{
	m->frame.frame = wire_read_u32(r);
	m->frame.input_serial = wire_read_u32(r);
	m->frame.flags = wire_read_u8(r);
	m->frame.exact = wire_read_bool(r);
	m->frame.len = wire_reader_left(r);
	m->frame.bytes = wire_read_view(r, m->frame.len);
	if ((m->frame.flags & ~WIRE_FRAME_NO_ACK) == WIRE_FRAME_END)
		return wire_in_range(r, m->frame.len == 0, "bytes");
	bool ends = m->frame.flags & WIRE_FRAME_END;
	bool known = (m->frame.flags & ~FRAME_FLAGS_ALL) == 0;
	return wire_in_range(
		       r, known && (ends || !(m->frame.flags & WIRE_FRAME_NO_ACK)), "flags") &&
	       wire_in_range(
		       r, m->frame.len >= 1 && m->frame.len <= WIRE_SLICE_PART_MAX_BYTES, "bytes");
}

const struct wire_coder wire_frame_coder = {
	.name = "FRAME",
	.encode = encode_frame,
	.decode = decode_frame,
	.server_phases = IN_OPEN,
};

static void encode_frame_ack(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->frame_ack.frame);
	wire_write_u32(w, m->frame_ack.decode_us);
	wire_write_u32(w, m->frame_ack.present_us);
}

static bool decode_frame_ack(struct wire_reader *r, struct wire_message *m)
{
	m->frame_ack.frame = wire_read_u32(r);
	m->frame_ack.decode_us = wire_read_u32(r);
	m->frame_ack.present_us = wire_read_u32(r);
	return true;
}

const struct wire_coder wire_frame_ack_coder = {
	.name = "FRAME_ACK",
	.encode = encode_frame_ack,
	.decode = decode_frame_ack,
	.client_phases = IN_OPEN,
};

static void encode_cursor(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u16(w, m->cursor.width_px);
	wire_write_u16(w, m->cursor.height_px);
	wire_write_u16(w, m->cursor.hot_x_px);
	wire_write_u16(w, m->cursor.hot_y_px);
	wire_write_u32(w, m->cursor.offset);
	wire_write_bytes(w, m->cursor.bytes, m->cursor.len);
}

static bool decode_cursor(struct wire_reader *r, struct wire_message *m)
{
	m->cursor.width_px = wire_read_u16(r);
	m->cursor.height_px = wire_read_u16(r);
	m->cursor.hot_x_px = wire_read_u16(r);
	m->cursor.hot_y_px = wire_read_u16(r);
	m->cursor.offset = wire_read_u32(r);
	m->cursor.len = wire_reader_left(r);
	m->cursor.bytes = wire_read_view(r, m->cursor.len);
	if (m->cursor.width_px > WIRE_CURSOR_SIDE_MAX_PX ||
		m->cursor.height_px > WIRE_CURSOR_SIDE_MAX_PX)
		return wire_in_range(r, false, "size");

	uint32_t size = (uint32_t)m->cursor.width_px * m->cursor.height_px * 4;
	if (size == 0)
		return wire_in_range(r,
			m->cursor.width_px == 0 && m->cursor.height_px == 0 &&
				m->cursor.hot_x_px == 0 && m->cursor.hot_y_px == 0 &&
				m->cursor.offset == 0 && m->cursor.len == 0,
			"shape of no size");
	return wire_in_range(r, m->cursor.hot_x_px < m->cursor.width_px, "hot_x_px") &&
	       wire_in_range(r, m->cursor.hot_y_px < m->cursor.height_px, "hot_y_px") &&
	       wire_in_range(r, m->cursor.len >= 1 && m->cursor.len <= size, "bytes") &&
	       wire_in_range(r, m->cursor.offset <= size - m->cursor.len, "offset");
}

const struct wire_coder wire_cursor_coder = {
	.name = "CURSOR",
	.encode = encode_cursor,
	.decode = decode_cursor,
	.server_phases = IN_OPEN,
};

static void encode_cursor_move(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u16(w, m->cursor_move.x_px);
	wire_write_u16(w, m->cursor_move.y_px);
}

static bool decode_cursor_move(struct wire_reader *r, struct wire_message *m)
{
	m->cursor_move.x_px = wire_read_u16(r);
	m->cursor_move.y_px = wire_read_u16(r);
	return wire_in_range(r, m->cursor_move.x_px < WIRE_SIDE_MAX_PX, "x_px") &&
	       wire_in_range(r, m->cursor_move.y_px < WIRE_SIDE_MAX_PX, "y_px");
}

const struct wire_coder wire_cursor_move_coder = {
	.name = "CURSOR_MOVE",
	.encode = encode_cursor_move,
	.decode = decode_cursor_move,
	.server_phases = IN_OPEN,
};

static void encode_cursor_again(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->cursor_again.slot);
}

static bool decode_cursor_again(struct wire_reader *r, struct wire_message *m)
{
	m->cursor_again.slot = wire_read_u8(r);
	return wire_in_range(r, m->cursor_again.slot < WIRE_CURSOR_SLOTS, "slot");
}

const struct wire_coder wire_cursor_again_coder = {
	.name = "CURSOR_AGAIN",
	.encode = encode_cursor_again,
	.decode = decode_cursor_again,
	.server_phases = IN_OPEN,
};

static void encode_leds(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->leds.leds);
}

static bool decode_leds(struct wire_reader *r, struct wire_message *m)
{
	m->leds.leds = wire_read_u8(r);
	return wire_in_range(
		r, (m->leds.leds & ~(WIRE_LED_CAPS | WIRE_LED_NUM | WIRE_LED_SCROLL)) == 0, "leds");
}

const struct wire_coder wire_leds_coder = {
	.name = "LEDS",
	.encode = encode_leds,
	.decode = decode_leds,
	.server_phases = IN_OPEN,
};

static void encode_checksum_ask(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->checksum_ask.id);
}

static bool decode_checksum_ask(struct wire_reader *r, struct wire_message *m)
{
	m->checksum_ask.id = wire_read_u32(r);
	return true;
}

const struct wire_coder wire_checksum_ask_coder = {
	.name = "CHECKSUM_ASK",
	.encode = encode_checksum_ask,
	.decode = decode_checksum_ask,
	.client_phases = IN_OPEN,
};

static void encode_checksum(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->checksum.id);
	wire_write_u32(w, m->checksum.frame);
	wire_write_u64(w, m->checksum.checksum);
	wire_write_bool(w, m->checksum.settled);
}

static bool decode_checksum(struct wire_reader *r, struct wire_message *m)
{
	m->checksum.id = wire_read_u32(r);
	m->checksum.frame = wire_read_u32(r);
	m->checksum.checksum = wire_read_u64(r);
	m->checksum.settled = wire_read_bool(r);
	return true;
}

const struct wire_coder wire_checksum_coder = {
	.name = "CHECKSUM",
	.encode = encode_checksum,
	.decode = decode_checksum,
	.server_phases = IN_OPEN,
};

static void encode_stats(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->stats.frames);
	wire_write_u32(w, m->stats.encode_us_p50);
	wire_write_u32(w, m->stats.queue_bytes);
	wire_write_u32(w, m->stats.link_bytes_per_ms);
}

static bool decode_stats(struct wire_reader *r, struct wire_message *m)
{
	m->stats.frames = wire_read_u32(r);
	m->stats.encode_us_p50 = wire_read_u32(r);
	m->stats.queue_bytes = wire_read_u32(r);
	m->stats.link_bytes_per_ms = wire_read_u32(r);
	return true;
}

const struct wire_coder wire_stats_coder = {
	.name = "STATS",
	.encode = encode_stats,
	.decode = decode_stats,
	.server_phases = IN_OPEN,
};
