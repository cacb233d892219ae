/* Messages about the session itself: greeting, proof, end, heartbeats. */
#include "common/wire/coders.h"
#include "common/wire/plain_text.h"

static void encode_hello(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->hello.version_min);
	wire_write_u8(w, m->hello.version_max);
	wire_write_u32(w, m->hello.codec_features);
	wire_write_text(w, m->hello.software);
	wire_write_text(w, m->hello.server_id);
	wire_write_bytes(w, m->hello.nonce, sizeof(m->hello.nonce));
	wire_write_u16(w, m->hello.width_px);
	wire_write_u16(w, m->hello.height_px);
}

static bool decode_hello(struct wire_reader *r, struct wire_message *m)
{
	m->hello.version_min = wire_read_u8(r);
	m->hello.version_max = wire_read_u8(r);
	m->hello.codec_features = wire_read_u32(r);
	plain_text_read(r, m->hello.software, sizeof(m->hello.software));
	plain_text_read(r, m->hello.server_id, sizeof(m->hello.server_id));
	wire_read_bytes(r, m->hello.nonce, sizeof(m->hello.nonce));
	m->hello.width_px = wire_read_u16(r);
	m->hello.height_px = wire_read_u16(r);
	return wire_in_range(r, m->hello.version_min >= 1, "version_min") &&
	       wire_in_range(r, m->hello.version_min <= m->hello.version_max, "version_max") &&
	       wire_in_range(r, m->hello.width_px <= WIRE_SIDE_MAX_PX, "width_px") &&
	       wire_in_range(r, m->hello.height_px <= WIRE_SIDE_MAX_PX, "height_px");
}

const struct wire_coder wire_hello_coder = {
	.name = "HELLO",
	.encode = encode_hello,
	.decode = decode_hello,
	.client_phases = IN_HELLO | IN_ENROLL,
	.server_phases = IN_HELLO | IN_ENROLL,
};

static void encode_proof(struct wire_writer *w, const struct wire_message *m)
{
	if (m->proof.signature_len == 0 || m->proof.signature_len > WIRE_SIGNATURE_MAX_BYTES)
		w->failed = true;
	wire_write_blob(w, m->proof.signature, m->proof.signature_len);
}

static bool decode_proof(struct wire_reader *r, struct wire_message *m)
{
	m->proof.signature = wire_read_blob(r, WIRE_SIGNATURE_MAX_BYTES, &m->proof.signature_len);
	return wire_in_range(r, m->proof.signature_len > 0, "signature");
}

const struct wire_coder wire_proof_coder = {
	.name = "PROOF",
	.encode = encode_proof,
	.decode = decode_proof,
	.client_phases = IN_PROOF | IN_ENROLL,
};

void wire_welcome_write(struct wire_writer *w, const struct wire_welcome *m)
{
	wire_write_u32(w, m->session);
	wire_write_u32(w, m->caps);
	wire_write_u32(w, m->codec_features);
	wire_write_text(w, m->device);
	wire_write_text(w, m->workstation);
	wire_write_i64(w, m->last_seen_s);
	wire_write_text(w, m->last_device);
	wire_write_i64(w, m->last_device_s);
	wire_write_u32(w, m->refused);
	wire_write_i64(w, m->cert_not_after_s);
}

void wire_welcome_read(struct wire_reader *r, struct wire_welcome *m)
{
	m->session = wire_read_u32(r);
	m->caps = wire_read_u32(r);
	m->codec_features = wire_read_u32(r);
	plain_text_read(r, m->device, sizeof(m->device));
	plain_text_read(r, m->workstation, sizeof(m->workstation));
	m->last_seen_s = wire_read_i64(r);
	plain_text_read(r, m->last_device, sizeof(m->last_device));
	m->last_device_s = wire_read_i64(r);
	m->refused = wire_read_u32(r);
	m->cert_not_after_s = wire_read_i64(r);
}

static void encode_welcome(struct wire_writer *w, const struct wire_message *m)
{
	wire_welcome_write(w, &m->welcome);
}

static bool decode_welcome(struct wire_reader *r, struct wire_message *m)
{
	wire_welcome_read(r, &m->welcome);
	return wire_in_range(r, m->welcome.last_seen_s >= 0, "last_seen_s") &&
	       wire_in_range(r, m->welcome.last_device_s >= 0, "last_device_s");
}

const struct wire_coder wire_welcome_coder = {
	.name = "WELCOME",
	.encode = encode_welcome,
	.decode = decode_welcome,
	.server_phases = IN_PROOF,
};

static void encode_goodbye(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u16(w, m->goodbye.code);
	wire_write_text(w, m->goodbye.reason);
}

static bool decode_goodbye(struct wire_reader *r, struct wire_message *m)
{
	m->goodbye.code = wire_read_u16(r);
	plain_text_read(r, m->goodbye.reason, sizeof(m->goodbye.reason));
	return wire_in_range(r, m->goodbye.code != 0, "code");
}

const struct wire_coder wire_goodbye_coder = {
	.name = "GOODBYE",
	.encode = encode_goodbye,
	.decode = decode_goodbye,
	.client_phases = IN_ANY,
	.server_phases = IN_ANY,
};

static void encode_ping(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->ping.id);
	wire_write_u64(w, m->ping.sent_us);
}

static bool decode_ping(struct wire_reader *r, struct wire_message *m)
{
	m->ping.id = wire_read_u32(r);
	m->ping.sent_us = wire_read_u64(r);
	return true;
}

const struct wire_coder wire_ping_coder = {
	.name = "PING",
	.encode = encode_ping,
	.decode = decode_ping,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
};

const struct wire_coder wire_pong_coder = {
	.name = "PONG",
	.encode = encode_ping,
	.decode = decode_ping,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
};

static void encode_caps(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->caps.caps);
}

static bool decode_caps(struct wire_reader *r, struct wire_message *m)
{
	m->caps.caps = wire_read_u32(r);
	return true;
}

const struct wire_coder wire_caps_coder = {
	.name = "CAPS",
	.encode = encode_caps,
	.decode = decode_caps,
	.server_phases = IN_OPEN,
};

static void encode_clock(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_i64(w, m->clock.now_s);
}

static bool decode_clock(struct wire_reader *r, struct wire_message *m)
{
	m->clock.now_s = wire_read_i64(r);
	return wire_in_range(r, m->clock.now_s >= 0, "now_s");
}

const struct wire_coder wire_clock_coder = {
	.name = "CLOCK",
	.encode = encode_clock,
	.decode = decode_clock,
	.server_phases = IN_OPEN,
};
