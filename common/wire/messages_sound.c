/* Messages of sound (PROTOCOL.md, section 8): what the session plays goes to the client in frames of
 * Opus, from START to STOP; while nothing sounds nothing is sent. */
#include "common/wire/coders.h"

static void encode_want(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_bool(w, m->sound_want.on);
}

static bool decode_want(struct wire_reader *r, struct wire_message *m)
{
	m->sound_want.on = wire_read_bool(r);
	return true;
}

const struct wire_coder wire_sound_want_coder = {
	.name = "SOUND_WANT",
	.encode = encode_want,
	.decode = decode_want,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_SOUND,
};

bool wire_sound_frame_us_valid(uint32_t frame_us)
{
	return frame_us == 2500 || frame_us == 5000 || frame_us == 10000 || frame_us == 20000 ||
	       frame_us == 40000 || frame_us == 60000;
}

static void encode_start(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->sound_start.channels);
	wire_write_u32(w, m->sound_start.frame_us);
}

static bool decode_start(struct wire_reader *r, struct wire_message *m)
{
	m->sound_start.channels = wire_read_u8(r);
	m->sound_start.frame_us = wire_read_u32(r);
	return wire_in_range(r, m->sound_start.channels >= 1 && m->sound_start.channels <= 2,
		       "channels") &&
	       wire_in_range(r, wire_sound_frame_us_valid(m->sound_start.frame_us), "frame_us");
}

const struct wire_coder wire_sound_start_coder = {
	.name = "SOUND_START",
	.encode = encode_start,
	.decode = decode_start,
	.server_phases = IN_OPEN,
};

static void encode_sound(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->sound.seq);
	wire_write_u32(w, m->sound.time_ms);
	wire_write_bytes(w, m->sound.packet, m->sound.len);
}

static bool decode_sound(struct wire_reader *r, struct wire_message *m)
{
	m->sound.seq = wire_read_u32(r);
	m->sound.time_ms = wire_read_u32(r);
	m->sound.len = wire_reader_left(r);
	m->sound.packet = wire_read_view(r, m->sound.len);
	return wire_in_range(
		r, m->sound.len >= 1 && m->sound.len <= WIRE_SOUND_PACKET_MAX_BYTES, "packet");
}

const struct wire_coder wire_sound_coder = {
	.name = "SOUND",
	.encode = encode_sound,
	.decode = decode_sound,
	.server_phases = IN_OPEN,
};

static void encode_stop(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->sound_stop.reason);
}

static bool decode_stop(struct wire_reader *r, struct wire_message *m)
{
	m->sound_stop.reason = wire_read_u8(r);
	return wire_in_range(r, m->sound_stop.reason < WIRE_SOUND_STOP_REASONS, "reason");
}

const struct wire_coder wire_sound_stop_coder = {
	.name = "SOUND_STOP",
	.encode = encode_stop,
	.decode = decode_stop,
	.server_phases = IN_OPEN,
};
