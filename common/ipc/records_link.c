/* Coders of the records between the client's UI and its link. */
#include "common/ipc/records_link.h"

#include "common/ipc/record_coders.h"
#include "common/wire/plain_text.h"

static void encode_link_config(struct wire_writer *w, const void *body)
{
	const struct record_link_config *m = body;

	wire_write_u8(w, m->mode);
	wire_write_bool(w, m->steps);
	wire_write_text(w, m->server_name);
	wire_write_text(w, m->server_id);
	record_put_blobs(w, m->chain, m->chain_len, RECORD_CERTS_MAX);
	record_put_blob(w, &m->key);
	record_put_blobs(w, m->trusted, m->trusted_len, RECORD_CERTS_MAX);
	record_put_blob(w, &m->session);
	record_put_blob(w, &m->csr);
	wire_write_text(w, m->label);
	wire_write_u16(w, m->width_px);
	wire_write_u16(w, m->height_px);
	wire_write_u32(w, m->codec_features);
}

static bool decode_link_config(struct wire_reader *r, void *body)
{
	struct record_link_config *m = body;

	m->mode = wire_read_u8(r);
	m->steps = wire_read_bool(r);
	wire_read_text(r, m->server_name, sizeof(m->server_name));
	wire_read_text(r, m->server_id, sizeof(m->server_id));
	bool good_chain =
		record_get_blobs(r, m->chain, &m->chain_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	record_get_blob(r, &m->key, RECORD_KEY_MAX_BYTES);
	bool good_trusted = record_get_blobs(
		r, m->trusted, &m->trusted_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	record_get_blob(r, &m->session, RECORD_SESSION_MAX_BYTES);
	record_get_blob(r, &m->csr, WIRE_CSR_MAX_BYTES);
	wire_read_text(r, m->label, sizeof(m->label));
	m->width_px = wire_read_u16(r);
	m->height_px = wire_read_u16(r);
	m->codec_features = wire_read_u32(r);
	return good_chain && good_trusted && m->mode <= RECORD_LINK_PROBE;
}

static void encode_link_way(struct wire_writer *w, const void *body)
{
	const struct record_link_way *m = body;

	wire_write_u32(w, m->patience_ms);
	wire_write_u8(w, m->proxy_kind);
	wire_write_u16(w, m->port);
	wire_write_text(w, m->host);
	wire_write_text(w, m->proxy_user);
	wire_write_text(w, m->proxy_password);
}

static bool decode_link_way(struct wire_reader *r, void *body)
{
	struct record_link_way *way = body;

	way->patience_ms = wire_read_u32(r);
	way->proxy_kind = wire_read_u8(r);
	way->port = wire_read_u16(r);
	wire_read_text(r, way->host, sizeof(way->host));
	wire_read_text(r, way->proxy_user, sizeof(way->proxy_user));
	wire_read_text(r, way->proxy_password, sizeof(way->proxy_password));
	return way->patience_ms <= RECORD_PATIENCE_MAX_MS && way->proxy_kind <= RECORD_PROXY_SOCKS5;
}

static void encode_pixels(struct wire_writer *w, const void *body)
{
	const struct record_pixels *p = body;

	wire_write_u32(w, p->generation);
	wire_write_u32(w, p->stride_bytes);
}

static bool decode_pixels(struct wire_reader *r, void *body)
{
	struct record_pixels *p = body;

	p->generation = wire_read_u32(r);
	p->stride_bytes = wire_read_u32(r);
	return p->stride_bytes % 4 == 0 && p->stride_bytes <= WIRE_SIDE_MAX_PX * 4;
}

static void encode_presented(struct wire_writer *w, const void *body)
{
	const struct record_presented *m = body;

	wire_write_u32(w, m->frame);
	wire_write_u32(w, m->present_us);
}

static bool decode_presented(struct wire_reader *r, void *body)
{
	struct record_presented *m = body;

	m->frame = wire_read_u32(r);
	m->present_us = wire_read_u32(r);
	return true;
}

static void encode_link_files(struct wire_writer *w, const void *body)
{
	const struct record_link_files *m = body;

	wire_write_u8(w, m->transfer);
}

static bool decode_link_files(struct wire_reader *r, void *body)
{
	struct record_link_files *m = body;

	m->transfer = wire_read_u8(r);
	return true;
}

static void encode_link_check(struct wire_writer *w, const void *body)
{
	const struct record_link_check *m = body;

	wire_write_bool(w, m->went);
}

static bool decode_link_check(struct wire_reader *r, void *body)
{
	struct record_link_check *m = body;

	m->went = wire_read_bool(r);
	return true;
}

static void encode_link_state(struct wire_writer *w, const void *body)
{
	const struct record_link_state *m = body;

	wire_write_u8(w, m->phase);
	wire_write_text(w, m->version);
	wire_write_text(w, m->suite);
	wire_write_bool(w, m->resumed);
	wire_write_u32(w, m->silent_ms);
}

static bool decode_link_state(struct wire_reader *r, void *body)
{
	struct record_link_state *m = body;

	m->phase = wire_read_u8(r);
	plain_text_read(r, m->version, sizeof(m->version));
	plain_text_read(r, m->suite, sizeof(m->suite));
	m->resumed = wire_read_bool(r);
	m->silent_ms = wire_read_u32(r);
	return m->phase <= RECORD_LINK_SILENT;
}

static void encode_link_failed(struct wire_writer *w, const void *body)
{
	const struct record_link_failed *m = body;

	wire_write_u8(w, m->fault);
	wire_write_u16(w, m->code);
	wire_write_bool(w, m->retry);
	wire_write_bool(w, m->renews);
	wire_write_text(w, m->reason);
}

static bool decode_link_failed(struct wire_reader *r, void *body)
{
	struct record_link_failed *m = body;

	m->fault = wire_read_u8(r);
	m->code = wire_read_u16(r);
	m->retry = wire_read_bool(r);
	m->renews = wire_read_bool(r);
	plain_text_read(r, m->reason, sizeof(m->reason));
	return true;
}

static void encode_update(struct wire_writer *w, const void *body)
{
	const struct record_update *m = body;

	wire_write_u32(w, m->generation);
	wire_write_u32(w, m->frame);
	wire_write_u32(w, m->input_serial);
	wire_write_bool(w, m->exact);
	record_put_rects(w, m->rects, m->rect_count);
}

static bool decode_update(struct wire_reader *r, void *body)
{
	struct record_update *m = body;

	m->generation = wire_read_u32(r);
	m->frame = wire_read_u32(r);
	m->input_serial = wire_read_u32(r);
	m->exact = wire_read_bool(r);
	bool good_rects = record_get_rects(r, m->rects, &m->rect_count);
	return good_rects;
}

static void encode_ticket(struct wire_writer *w, const void *body)
{
	const struct record_ticket *m = body;

	record_put_blob(w, &m->session);
}

static bool decode_ticket(struct wire_reader *r, void *body)
{
	struct record_ticket *m = body;

	bool has_session = record_get_blob(r, &m->session, RECORD_SESSION_MAX_BYTES);
	return has_session;
}

static void encode_chain(struct wire_writer *w, const void *body)
{
	const struct record_chain *m = body;

	record_put_blobs(w, m->certs, m->count, RECORD_CERTS_MAX);
}

static bool decode_chain(struct wire_reader *r, void *body)
{
	struct record_chain *m = body;

	bool good_certs =
		record_get_blobs(r, m->certs, &m->count, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	return good_certs;
}

static void encode_link_checksum(struct wire_writer *w, const void *body)
{
	const struct record_link_checksum *m = body;

	wire_write_u32(w, m->generation);
	wire_write_u32(w, m->id);
	wire_write_u64(w, m->local);
	wire_write_u64(w, m->remote);
	wire_write_bool(w, m->settled);
}

static bool decode_link_checksum(struct wire_reader *r, void *body)
{
	struct record_link_checksum *m = body;

	m->generation = wire_read_u32(r);
	m->id = wire_read_u32(r);
	m->local = wire_read_u64(r);
	m->remote = wire_read_u64(r);
	m->settled = wire_read_bool(r);
	return true;
}

static void encode_link_stats(struct wire_writer *w, const void *body)
{
	const struct record_link_stats *m = body;

	wire_write_u64(w, m->bytes_in);
	wire_write_u64(w, m->bytes_out);
	wire_write_u64(w, m->frames);
	wire_write_u32(w, m->rtt_us);
	wire_write_u32(w, m->decode_us_p50);
	wire_write_u32(w, m->decode_us_p95);
	wire_write_u64(w, m->picture_bytes);
	wire_write_u32(w, m->path_rtt_us);
	wire_write_u32(w, m->path_sent);
	wire_write_u32(w, m->path_again);
	wire_write_u32(w, m->path_got);
	wire_write_u32(w, m->path_out_of_order);
}

static bool decode_link_stats(struct wire_reader *r, void *body)
{
	struct record_link_stats *m = body;

	m->bytes_in = wire_read_u64(r);
	m->bytes_out = wire_read_u64(r);
	m->frames = wire_read_u64(r);
	m->rtt_us = wire_read_u32(r);
	m->decode_us_p50 = wire_read_u32(r);
	m->decode_us_p95 = wire_read_u32(r);
	m->picture_bytes = wire_read_u64(r);
	m->path_rtt_us = wire_read_u32(r);
	m->path_sent = wire_read_u32(r);
	m->path_again = wire_read_u32(r);
	m->path_got = wire_read_u32(r);
	m->path_out_of_order = wire_read_u32(r);
	return true;
}

static void encode_link_unsent(struct wire_writer *w, const void *body)
{
	const struct record_link_unsent *m = body;

	wire_write_u8(w, m->kind);
	wire_write_u8(w, m->status);
}

static bool decode_link_unsent(struct wire_reader *r, void *body)
{
	struct record_link_unsent *m = body;

	m->kind = wire_read_u8(r);
	m->status = wire_read_u8(r);
	return m->kind < WIRE_CLIPBOARD_KINDS &&
	       (m->status == WIRE_CLIPBOARD_TOO_LARGE || m->status == WIRE_CLIPBOARD_UNUSABLE);
}

static const struct record_coder coders[] = {
	RECORD_SHARED(WIRE, wire),
	RECORD_CODER(UPDATE, update),
	RECORD_CODER(PRESENTED, presented),
	RECORD_SECRET(LINK_CONFIG, link_config),
	RECORD_SECRET(LINK_WAY, link_way),
	RECORD_CODER(PIXELS, pixels),
	RECORD_CODER(LINK_CHECK, link_check),
	RECORD_CODER(LINK_FILES, link_files),
	RECORD_EMPTY(LINK_SOUND),
	RECORD_CODER(LINK_STATE, link_state),
	RECORD_CODER(LINK_FAILED, link_failed),
	RECORD_SECRET(TICKET, ticket),
	RECORD_CODER(CHAIN, chain),
	RECORD_CODER(LINK_CHECKSUM, link_checksum),
	RECORD_CODER(LINK_STATS, link_stats),
	RECORD_CODER(LINK_UNSENT, link_unsent),
	RECORD_SHARED(LINK_STEP, link_step),
	RECORD_SHARED(LINK_CURSOR, cursor),
	RECORD_SHARED(LOG, log),
};

const struct record_set link_records = RECORD_SET(struct link_record, wire, coders);
