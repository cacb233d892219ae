/* Coders of the records between the supervisor and a worker. */
#include "common/ipc/records_worker.h"

#include "common/ipc/record_coders.h"
#include "common/wire/plain_text.h"

static void encode_worker_config(struct wire_writer *w, const void *body)
{
	const struct record_worker_config *m = body;

	wire_write_u32(w, m->worker);
	wire_write_text(w, m->server_id);
	wire_write_text(w, m->peer);
	wire_write_bytes(w, m->nonce, sizeof(m->nonce));
	record_put_blobs(w, m->chain, m->chain_len, RECORD_CERTS_MAX);
	record_put_blobs(w, m->trusted, m->trusted_len, RECORD_CERTS_MAX);
	wire_write_u32(w, m->ticket_lifetime_s);
	wire_write_bool(w, m->allow_tls12);
	wire_write_bool(w, m->allow_tls13);
	wire_write_u32(w, m->codec_features);
	wire_write_bool(w, m->gateway);
	wire_write_u8(w, m->clipboard.kinds);
	for (size_t i = 0; i < ARRAY_LEN(m->clipboard.max_bytes); i++)
		wire_write_u32(w, m->clipboard.max_bytes[i]);
}

static bool decode_worker_config(struct wire_reader *r, void *body)
{
	struct record_worker_config *m = body;

	m->worker = wire_read_u32(r);
	wire_read_text(r, m->server_id, sizeof(m->server_id));
	wire_read_text(r, m->peer, sizeof(m->peer));
	wire_read_bytes(r, m->nonce, sizeof(m->nonce));
	bool good_chain =
		record_get_blobs(r, m->chain, &m->chain_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	bool good_trusted = record_get_blobs(
		r, m->trusted, &m->trusted_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	m->ticket_lifetime_s = wire_read_u32(r);
	m->allow_tls12 = wire_read_bool(r);
	m->allow_tls13 = wire_read_bool(r);
	m->codec_features = wire_read_u32(r);
	m->gateway = wire_read_bool(r);
	m->clipboard.kinds = wire_read_u8(r);
	for (size_t i = 0; i < ARRAY_LEN(m->clipboard.max_bytes); i++)
		m->clipboard.max_bytes[i] = wire_read_u32(r);
	return good_chain && good_trusted;
}

static void encode_peer(struct wire_writer *w, const void *body)
{
	const struct record_peer *m = body;

	wire_write_u8(w, m->family);
	wire_write_bytes(w, m->address, sizeof(m->address));
	wire_write_u16(w, m->port);
}

static bool decode_peer(struct wire_reader *r, void *body)
{
	struct record_peer *m = body;

	m->family = wire_read_u8(r);
	wire_read_bytes(r, m->address, sizeof(m->address));
	m->port = wire_read_u16(r);
	return m->family == 0 || m->family == 4 || m->family == 6;
}

static void encode_admit_query(struct wire_writer *w, const void *body)
{
	const struct record_admit_query *m = body;

	wire_write_bool(w, m->invitation);
	wire_write_bytes(w, m->fingerprint, sizeof(m->fingerprint));
}

static bool decode_admit_query(struct wire_reader *r, void *body)
{
	struct record_admit_query *m = body;

	m->invitation = wire_read_bool(r);
	wire_read_bytes(r, m->fingerprint, sizeof(m->fingerprint));
	return true;
}

static void encode_admit_reply(struct wire_writer *w, const void *body)
{
	const struct record_admit_reply *m = body;

	wire_write_u8(w, m->fault);
}

static bool decode_admit_reply(struct wire_reader *r, void *body)
{
	struct record_admit_reply *m = body;

	m->fault = wire_read_u8(r);
	return true;
}

static void encode_keeper_ask(struct wire_writer *w, const void *body)
{
	const struct record_keeper_ask *m = body;

	wire_write_u8(w, m->wish);
	record_put_blob(w, &m->bytes);
}

static bool decode_keeper_ask(struct wire_reader *r, void *body)
{
	struct record_keeper_ask *m = body;

	m->wish = wire_read_u8(r);
	return record_get_blob(r, &m->bytes, RECORD_KEPT_MAX_BYTES) &&
	       m->wish < RECORD_KEEPER_WISHES;
}

static void encode_kept(struct wire_writer *w, const void *body)
{
	const struct record_kept *m = body;

	record_put_blob(w, &m->bytes);
}

static bool decode_kept(struct wire_reader *r, void *body)
{
	struct record_kept *m = body;

	m->bytes.bytes = wire_read_blob(r, RECORD_KEPT_MAX_BYTES, &m->bytes.len);
	return true;
}

static void encode_proof(struct wire_writer *w, const void *body)
{
	const struct record_proof *m = body;

	wire_write_bytes(w, m->fingerprint, sizeof(m->fingerprint));
	record_put_blob(w, &m->signature);
	wire_write_bool(w, m->bound);
	wire_write_bytes(w, m->binding, sizeof(m->binding));
	wire_write_text(w, m->software);
}

static bool decode_proof(struct wire_reader *r, void *body)
{
	struct record_proof *m = body;

	wire_read_bytes(r, m->fingerprint, sizeof(m->fingerprint));
	bool has_signature = record_get_blob(r, &m->signature, WIRE_SIGNATURE_MAX_BYTES);
	m->bound = wire_read_bool(r);
	wire_read_bytes(r, m->binding, sizeof(m->binding));
	plain_text_read(r, m->software, sizeof(m->software));
	return has_signature;
}

static void encode_granted(struct wire_writer *w, const void *body)
{
	const struct record_granted *m = body;

	wire_welcome_write(w, &m->welcome);
}

static bool decode_granted(struct wire_reader *r, void *body)
{
	struct record_granted *m = body;

	wire_welcome_read(r, &m->welcome);
	return true;
}

static void encode_enroll(struct wire_writer *w, const void *body)
{
	const struct record_enroll *m = body;

	wire_write_bytes(w, m->fingerprint, sizeof(m->fingerprint));
	record_put_blob(w, &m->csr);
	wire_write_text(w, m->label);
	record_put_blob(w, &m->proof);
}

static bool decode_enroll(struct wire_reader *r, void *body)
{
	struct record_enroll *m = body;

	wire_read_bytes(r, m->fingerprint, sizeof(m->fingerprint));
	bool has_csr = record_get_blob(r, &m->csr, WIRE_CSR_MAX_BYTES);
	plain_text_read(r, m->label, sizeof(m->label));
	bool has_proof = record_get_blob(r, &m->proof, WIRE_SIGNATURE_MAX_BYTES);
	return has_csr && has_proof;
}

static void encode_renew(struct wire_writer *w, const void *body)
{
	const struct record_renew *m = body;

	record_put_blob(w, &m->csr);
}

static bool decode_renew(struct wire_reader *r, void *body)
{
	struct record_renew *m = body;

	bool has_csr = record_get_blob(r, &m->csr, WIRE_CSR_MAX_BYTES);
	return has_csr;
}

static void encode_files_ask(struct wire_writer *w, const void *body)
{
	const struct record_files_ask *m = body;

	wire_write_u8(w, m->transfer);
	wire_write_bool(w, m->sftp);
	wire_write_u32(w, m->caps);
}

static bool decode_files_ask(struct wire_reader *r, void *body)
{
	struct record_files_ask *m = body;

	m->transfer = wire_read_u8(r);
	m->sftp = wire_read_bool(r);
	m->caps = wire_read_u32(r);
	return m->caps != 0 && !(m->caps & ~(uint32_t)(WIRE_CAP_FILES_IN | WIRE_CAP_FILES_OUT));
}

static void encode_files(struct wire_writer *w, const void *body)
{
	const struct record_files *m = body;

	wire_write_u8(w, m->transfer);
	wire_write_u8(w, m->fault);
}

static bool decode_files(struct wire_reader *r, void *body)
{
	struct record_files *m = body;

	m->transfer = wire_read_u8(r);
	m->fault = wire_read_u8(r);
	return m->fault < WIRE_FILE_FAULTS;
}

static void encode_sound(struct wire_writer *w, const void *body)
{
	const struct record_sound *m = body;

	wire_write_u8(w, m->reason);
}

static bool decode_sound(struct wire_reader *r, void *body)
{
	struct record_sound *m = body;

	m->reason = wire_read_u8(r);
	return m->reason < WIRE_SOUND_STOP_REASONS;
}

static void encode_cert(struct wire_writer *w, const void *body)
{
	const struct record_cert *m = body;

	record_put_blob(w, &m->cert);
	record_put_blob(w, &m->ca);
	wire_write_text(w, m->device);
	wire_write_text(w, m->workstation);
}

static bool decode_cert(struct wire_reader *r, void *body)
{
	struct record_cert *m = body;

	bool has_cert = record_get_blob(r, &m->cert, WIRE_CERT_MAX_BYTES);
	bool has_ca = record_get_blob(r, &m->ca, WIRE_CERT_MAX_BYTES);
	wire_read_text(r, m->device, sizeof(m->device));
	wire_read_text(r, m->workstation, sizeof(m->workstation));
	return has_cert && has_ca;
}

static void encode_handshake(struct wire_writer *w, const void *body)
{
	const struct record_handshake *m = body;

	wire_write_u8(w, m->fault);
	wire_write_text(w, m->detail);
	wire_write_text(w, m->version);
	wire_write_text(w, m->suite);
	wire_write_text(w, m->alpn);
	wire_write_bool(w, m->resumed);
	wire_write_bytes(w, m->fingerprint, sizeof(m->fingerprint));
	wire_write_u32(w, m->took_us);
}

static bool decode_handshake(struct wire_reader *r, void *body)
{
	struct record_handshake *m = body;

	m->fault = wire_read_u8(r);
	plain_text_read(r, m->detail, sizeof(m->detail));
	plain_text_read(r, m->version, sizeof(m->version));
	plain_text_read(r, m->suite, sizeof(m->suite));
	plain_text_read(r, m->alpn, sizeof(m->alpn));
	m->resumed = wire_read_bool(r);
	wire_read_bytes(r, m->fingerprint, sizeof(m->fingerprint));
	m->took_us = wire_read_u32(r);
	return true;
}

const char *const record_section_names[RECORD_SECTIONS] = {
	[RECORD_SECTION_COPY] = "copy",
	[RECORD_SECTION_CACHE] = "cache",
	[RECORD_SECTION_CTX] = "ctx",
	[RECORD_SECTION_MEDZ] = "medz",
	[RECORD_SECTION_VIDEO] = "video",
	[RECORD_SECTION_OTHER] = "other",
};

static void encode_stats(struct wire_writer *w, const void *body)
{
	const struct record_stats *m = body;

	wire_write_u64(w, m->bytes_in);
	wire_write_u64(w, m->bytes_out);
	wire_write_u64(w, m->frames);
	wire_write_u64(w, m->picture_bytes);
	wire_write_u32(w, m->rtt_us);
	wire_write_u32(w, m->base_rtt_us);
	wire_write_u32(w, m->link_bytes_per_ms);
	wire_write_u32(w, m->encode_us_p50);
	wire_write_u32(w, m->queue_bytes);
	wire_write_u32(w, m->input_events);
	wire_write_bool(w, m->exact);
	for (size_t i = 0; i < ARRAY_LEN(m->pixels); i++)
		wire_write_u64(w, m->pixels[i]);
	for (size_t i = 0; i < ARRAY_LEN(m->bytes); i++)
		wire_write_u64(w, m->bytes[i]);
}

static bool decode_stats(struct wire_reader *r, void *body)
{
	struct record_stats *m = body;

	m->bytes_in = wire_read_u64(r);
	m->bytes_out = wire_read_u64(r);
	m->frames = wire_read_u64(r);
	m->picture_bytes = wire_read_u64(r);
	m->rtt_us = wire_read_u32(r);
	m->base_rtt_us = wire_read_u32(r);
	m->link_bytes_per_ms = wire_read_u32(r);
	m->encode_us_p50 = wire_read_u32(r);
	m->queue_bytes = wire_read_u32(r);
	m->input_events = wire_read_u32(r);
	m->exact = wire_read_bool(r);
	for (size_t i = 0; i < ARRAY_LEN(m->pixels); i++)
		m->pixels[i] = wire_read_u64(r);
	for (size_t i = 0; i < ARRAY_LEN(m->bytes); i++)
		m->bytes[i] = wire_read_u64(r);
	return true;
}

static void encode_carried(struct wire_writer *w, const void *body)
{
	const struct record_carried *m = body;

	wire_write_bool(w, m->out);
	wire_write_u8(w, m->selection);
	wire_write_u8(w, m->kind);
	wire_write_u8(w, m->status);
	wire_write_u64(w, m->bytes);
}

static bool decode_carried(struct wire_reader *r, void *body)
{
	struct record_carried *m = body;

	m->out = wire_read_bool(r);
	m->selection = wire_read_u8(r);
	m->kind = wire_read_u8(r);
	m->status = wire_read_u8(r);
	m->bytes = wire_read_u64(r);
	return m->selection < WIRE_CLIPBOARD_SELECTIONS && m->kind < WIRE_CLIPBOARD_KINDS &&
	       m->status < WIRE_CLIPBOARD_STATUSES;
}

static const struct record_coder coders[] = {
	RECORD_CODER(WORKER_CONFIG, worker_config),
	RECORD_CODER(ADMIT_QUERY, admit_query),
	RECORD_CODER(ADMIT_REPLY, admit_reply),
	RECORD_SECRET(KEEPER_ASK, keeper_ask),
	RECORD_SECRET(KEPT, kept),
	RECORD_CODER(PROOF, proof),
	RECORD_CODER(GRANTED, granted),
	RECORD_CODER(ENROLL, enroll),
	RECORD_CODER(RENEW, renew),
	RECORD_CODER(FILES_ASK, files_ask),
	RECORD_CODER(FILES, files),
	RECORD_EMPTY(SOUND_ASK),
	RECORD_CODER(SOUND, sound),
	RECORD_CODER(CERT, cert),
	RECORD_CODER(HANDSHAKE, handshake),
	RECORD_CODER(STATS, stats),
	RECORD_CODER(PEER, peer),
	RECORD_CODER(CARRIED, carried),
	RECORD_SHARED(DENIED, end),
	RECORD_SHARED(END, end),
	RECORD_SHARED(ENDED, end),
	RECORD_SHARED(SET_CAPS, set_caps),
	RECORD_SHARED(LOG, log),
	RECORD_EMPTY(AGENT),
	RECORD_EMPTY(STATS_ASK),
};

const struct record_set worker_records = RECORD_SET(struct worker_record, worker_config, coders);
