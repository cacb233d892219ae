/* Records between the client's UI and its link. */
#include "common/ipc/record_coders.h"

static void encode_link_config(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->link_config.mode);
	wire_write_bool(w, record->link_config.steps);
	wire_write_text(w, record->link_config.server_name);
	wire_write_text(w, record->link_config.server_id);
	record_put_blobs(
		w, record->link_config.chain, record->link_config.chain_len, RECORD_CERTS_MAX);
	record_put_blob(w, &record->link_config.key);
	record_put_blobs(
		w, record->link_config.trusted, record->link_config.trusted_len, RECORD_CERTS_MAX);
	record_put_blob(w, &record->link_config.session);
	record_put_blob(w, &record->link_config.csr);
	wire_write_text(w, record->link_config.label);
	wire_write_u16(w, record->link_config.width_px);
	wire_write_u16(w, record->link_config.height_px);
	wire_write_u32(w, record->link_config.codec_features);
}

static bool decode_link_config(struct wire_reader *r, struct record *record)
{
	record->link_config.mode = wire_read_u8(r);
	record->link_config.steps = wire_read_bool(r);
	wire_read_text(r, record->link_config.server_name, sizeof(record->link_config.server_name));
	wire_read_text(r, record->link_config.server_id, sizeof(record->link_config.server_id));
	bool good_chain = record_get_blobs(r, record->link_config.chain,
		&record->link_config.chain_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	record_get_blob(r, &record->link_config.key, RECORD_KEY_MAX_BYTES);
	bool good_trusted = record_get_blobs(r, record->link_config.trusted,
		&record->link_config.trusted_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	record_get_blob(r, &record->link_config.session, RECORD_SESSION_MAX_BYTES);
	record_get_blob(r, &record->link_config.csr, WIRE_CSR_MAX_BYTES);
	wire_read_text(r, record->link_config.label, sizeof(record->link_config.label));
	record->link_config.width_px = wire_read_u16(r);
	record->link_config.height_px = wire_read_u16(r);
	record->link_config.codec_features = wire_read_u32(r);
	return good_chain && good_trusted && record->link_config.mode <= RECORD_LINK_PROBE;
}

const struct record_coder record_link_config_coder = {
	.name = "LINK_CONFIG",
	.encode = encode_link_config,
	.decode = decode_link_config,
};

static void encode_link_way(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->link_way.patience_ms);
	wire_write_u8(w, record->link_way.proxy_kind);
	wire_write_u16(w, record->link_way.port);
	wire_write_text(w, record->link_way.host);
	wire_write_text(w, record->link_way.proxy_user);
	wire_write_text(w, record->link_way.proxy_password);
}

static bool decode_link_way(struct wire_reader *r, struct record *record)
{
	struct record_link_way *way = &record->link_way;

	way->patience_ms = wire_read_u32(r);
	way->proxy_kind = wire_read_u8(r);
	way->port = wire_read_u16(r);
	wire_read_text(r, way->host, sizeof(way->host));
	wire_read_text(r, way->proxy_user, sizeof(way->proxy_user));
	wire_read_text(r, way->proxy_password, sizeof(way->proxy_password));
	return way->patience_ms <= RECORD_PATIENCE_MAX_MS && way->proxy_kind <= RECORD_PROXY_SOCKS5;
}

const struct record_coder record_link_way_coder = {
	.name = "LINK_WAY",
	.encode = encode_link_way,
	.decode = decode_link_way,
};

static void encode_pixels(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->pixels.generation);
	wire_write_u32(w, record->pixels.stride_bytes);
}

static bool decode_pixels(struct wire_reader *r, struct record *record)
{
	record->pixels.generation = wire_read_u32(r);
	record->pixels.stride_bytes = wire_read_u32(r);
	return record->pixels.stride_bytes % 4 == 0 &&
	       record->pixels.stride_bytes <= WIRE_SIDE_MAX_PX * 4;
}

const struct record_coder record_pixels_coder = {
	.name = "PIXELS",
	.encode = encode_pixels,
	.decode = decode_pixels,
};

static void encode_presented(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->presented.frame);
	wire_write_u32(w, record->presented.present_us);
}

static bool decode_presented(struct wire_reader *r, struct record *record)
{
	record->presented.frame = wire_read_u32(r);
	record->presented.present_us = wire_read_u32(r);
	return true;
}

const struct record_coder record_presented_coder = {
	.name = "PRESENTED",
	.encode = encode_presented,
	.decode = decode_presented,
};

static void encode_link_check(struct wire_writer *w, const struct record *record)
{
	wire_write_bool(w, record->link_check.went);
}

static bool decode_link_check(struct wire_reader *r, struct record *record)
{
	record->link_check.went = wire_read_bool(r);
	return true;
}

const struct record_coder record_link_check_coder = {
	.name = "LINK_CHECK",
	.encode = encode_link_check,
	.decode = decode_link_check,
};

static void encode_link_state(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->link_state.phase);
	wire_write_text(w, record->link_state.version);
	wire_write_text(w, record->link_state.suite);
	wire_write_bool(w, record->link_state.resumed);
	wire_write_u32(w, record->link_state.silent_ms);
}

static bool decode_link_state(struct wire_reader *r, struct record *record)
{
	record->link_state.phase = wire_read_u8(r);
	wire_read_text(r, record->link_state.version, sizeof(record->link_state.version));
	wire_read_text(r, record->link_state.suite, sizeof(record->link_state.suite));
	record->link_state.resumed = wire_read_bool(r);
	record->link_state.silent_ms = wire_read_u32(r);
	return record->link_state.phase <= RECORD_LINK_SILENT;
}

const struct record_coder record_link_state_coder = {
	.name = "LINK_STATE",
	.encode = encode_link_state,
	.decode = decode_link_state,
};

static void encode_link_step(struct wire_writer *w, const struct record *record)
{
	wire_write_text(w, record->link_step.step);
	wire_write_u32(w, record->link_step.at_us);
	wire_write_text(w, record->link_step.detail);
}

static bool decode_link_step(struct wire_reader *r, struct record *record)
{
	wire_read_text(r, record->link_step.step, sizeof(record->link_step.step));
	record->link_step.at_us = wire_read_u32(r);
	wire_read_text(r, record->link_step.detail, sizeof(record->link_step.detail));
	return true;
}

const struct record_coder record_link_step_coder = {
	.name = "LINK_STEP",
	.encode = encode_link_step,
	.decode = decode_link_step,
};

static void encode_link_failed(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->link_failed.fault);
	wire_write_u16(w, record->link_failed.code);
	wire_write_bool(w, record->link_failed.retry);
	wire_write_bool(w, record->link_failed.renews);
	wire_write_text(w, record->link_failed.reason);
}

static bool decode_link_failed(struct wire_reader *r, struct record *record)
{
	record->link_failed.fault = wire_read_u8(r);
	record->link_failed.code = wire_read_u16(r);
	record->link_failed.retry = wire_read_bool(r);
	record->link_failed.renews = wire_read_bool(r);
	wire_read_text(r, record->link_failed.reason, sizeof(record->link_failed.reason));
	return true;
}

const struct record_coder record_link_failed_coder = {
	.name = "LINK_FAILED",
	.encode = encode_link_failed,
	.decode = decode_link_failed,
};

static void encode_update(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->update.frame);
	wire_write_u32(w, record->update.input_serial);
	wire_write_bool(w, record->update.exact);
	record_put_rects(w, record->update.rects, record->update.rect_count);
}

static bool decode_update(struct wire_reader *r, struct record *record)
{
	record->update.frame = wire_read_u32(r);
	record->update.input_serial = wire_read_u32(r);
	record->update.exact = wire_read_bool(r);
	bool good_rects = record_get_rects(r, record->update.rects, &record->update.rect_count);
	return good_rects;
}

const struct record_coder record_update_coder = {
	.name = "UPDATE",
	.encode = encode_update,
	.decode = decode_update,
};

static void encode_ticket(struct wire_writer *w, const struct record *record)
{
	record_put_blob(w, &record->ticket.session);
}

static bool decode_ticket(struct wire_reader *r, struct record *record)
{
	bool has_session = record_get_blob(r, &record->ticket.session, RECORD_SESSION_MAX_BYTES);
	return has_session;
}

const struct record_coder record_ticket_coder = {
	.name = "TICKET",
	.encode = encode_ticket,
	.decode = decode_ticket,
};

static void encode_chain(struct wire_writer *w, const struct record *record)
{
	record_put_blobs(w, record->chain.certs, record->chain.count, RECORD_CERTS_MAX);
}

static bool decode_chain(struct wire_reader *r, struct record *record)
{
	bool good_certs = record_get_blobs(r, record->chain.certs, &record->chain.count,
		RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	return good_certs;
}

const struct record_coder record_chain_coder = {
	.name = "CHAIN",
	.encode = encode_chain,
	.decode = decode_chain,
};

static void encode_link_checksum(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->link_checksum.id);
	wire_write_u64(w, record->link_checksum.local);
	wire_write_u64(w, record->link_checksum.remote);
	wire_write_bool(w, record->link_checksum.settled);
}

static bool decode_link_checksum(struct wire_reader *r, struct record *record)
{
	record->link_checksum.id = wire_read_u32(r);
	record->link_checksum.local = wire_read_u64(r);
	record->link_checksum.remote = wire_read_u64(r);
	record->link_checksum.settled = wire_read_bool(r);
	return true;
}

const struct record_coder record_link_checksum_coder = {
	.name = "LINK_CHECKSUM",
	.encode = encode_link_checksum,
	.decode = decode_link_checksum,
};

static void encode_link_stats(struct wire_writer *w, const struct record *record)
{
	wire_write_u64(w, record->link_stats.bytes_in);
	wire_write_u64(w, record->link_stats.bytes_out);
	wire_write_u64(w, record->link_stats.frames);
	wire_write_u32(w, record->link_stats.rtt_us);
	wire_write_u32(w, record->link_stats.decode_us_p50);
	wire_write_u32(w, record->link_stats.decode_us_p95);
	wire_write_u64(w, record->link_stats.picture_bytes);
	wire_write_u32(w, record->link_stats.path_rtt_us);
	wire_write_u32(w, record->link_stats.path_sent);
	wire_write_u32(w, record->link_stats.path_again);
	wire_write_u32(w, record->link_stats.path_got);
	wire_write_u32(w, record->link_stats.path_out_of_order);
}

static bool decode_link_stats(struct wire_reader *r, struct record *record)
{
	record->link_stats.bytes_in = wire_read_u64(r);
	record->link_stats.bytes_out = wire_read_u64(r);
	record->link_stats.frames = wire_read_u64(r);
	record->link_stats.rtt_us = wire_read_u32(r);
	record->link_stats.decode_us_p50 = wire_read_u32(r);
	record->link_stats.decode_us_p95 = wire_read_u32(r);
	record->link_stats.picture_bytes = wire_read_u64(r);
	record->link_stats.path_rtt_us = wire_read_u32(r);
	record->link_stats.path_sent = wire_read_u32(r);
	record->link_stats.path_again = wire_read_u32(r);
	record->link_stats.path_got = wire_read_u32(r);
	record->link_stats.path_out_of_order = wire_read_u32(r);
	return true;
}

const struct record_coder record_link_stats_coder = {
	.name = "LINK_STATS",
	.encode = encode_link_stats,
	.decode = decode_link_stats,
};

static void encode_wire(struct wire_writer *w, const struct record *record)
{
	record_put_blob(w, &record->wire.message);
}

static bool decode_wire(struct wire_reader *r, struct record *record)
{
	bool has_message = record_get_blob(r, &record->wire.message, WIRE_MESSAGE_MAX_BYTES);
	return has_message && record->wire.message.len >= WIRE_HEADER_BYTES;
}

const struct record_coder record_wire_coder = {
	.name = "WIRE",
	.encode = encode_wire,
	.decode = decode_wire,
};
