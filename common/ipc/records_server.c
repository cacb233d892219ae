/* Records between the supervisor, its workers and the signer. */
#include "common/ipc/record_coders.h"

static void encode_worker_config(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->worker_config.worker);
	wire_write_text(w, record->worker_config.server_id);
	wire_write_text(w, record->worker_config.peer);
	wire_write_bytes(w, record->worker_config.nonce, sizeof(record->worker_config.nonce));
	record_put_blobs(
		w, record->worker_config.chain, record->worker_config.chain_len, RECORD_CERTS_MAX);
	record_put_blob(w, &record->worker_config.key);
	record_put_blobs(w, record->worker_config.trusted, record->worker_config.trusted_len,
		RECORD_CERTS_MAX);
	record_put_blobs(w, record->worker_config.invitations,
		record->worker_config.invitations_len, RECORD_INVITATIONS_MAX);
	wire_write_bytes(
		w, record->worker_config.ticket_keys, sizeof(record->worker_config.ticket_keys));
	wire_write_u32(w, record->worker_config.ticket_lifetime_s);
	wire_write_bool(w, record->worker_config.allow_tls12);
	wire_write_bool(w, record->worker_config.allow_tls13);
	wire_write_u32(w, record->worker_config.codec_features);
	wire_write_bool(w, record->worker_config.gateway);
}

static bool decode_worker_config(struct wire_reader *r, struct record *record)
{
	record->worker_config.worker = wire_read_u32(r);
	wire_read_text(r, record->worker_config.server_id, sizeof(record->worker_config.server_id));
	wire_read_text(r, record->worker_config.peer, sizeof(record->worker_config.peer));
	wire_read_bytes(r, record->worker_config.nonce, sizeof(record->worker_config.nonce));
	bool good_chain = record_get_blobs(r, record->worker_config.chain,
		&record->worker_config.chain_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	bool has_key = record_get_blob(r, &record->worker_config.key, RECORD_KEY_MAX_BYTES);
	bool good_trusted = record_get_blobs(r, record->worker_config.trusted,
		&record->worker_config.trusted_len, RECORD_CERTS_MAX, WIRE_CERT_MAX_BYTES);
	bool good_invitations = record_get_blobs(r, record->worker_config.invitations,
		&record->worker_config.invitations_len, RECORD_INVITATIONS_MAX,
		WIRE_CERT_MAX_BYTES);
	wire_read_bytes(
		r, record->worker_config.ticket_keys, sizeof(record->worker_config.ticket_keys));
	record->worker_config.ticket_lifetime_s = wire_read_u32(r);
	record->worker_config.allow_tls12 = wire_read_bool(r);
	record->worker_config.allow_tls13 = wire_read_bool(r);
	record->worker_config.codec_features = wire_read_u32(r);
	record->worker_config.gateway = wire_read_bool(r);
	return has_key && good_chain && good_trusted && good_invitations;
}

const struct record_coder record_worker_config_coder = {
	.name = "WORKER_CONFIG",
	.encode = encode_worker_config,
	.decode = decode_worker_config,
};

static void encode_peer(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->peer.family);
	wire_write_bytes(w, record->peer.address, sizeof(record->peer.address));
	wire_write_u16(w, record->peer.port);
}

static bool decode_peer(struct wire_reader *r, struct record *record)
{
	record->peer.family = wire_read_u8(r);
	wire_read_bytes(r, record->peer.address, sizeof(record->peer.address));
	record->peer.port = wire_read_u16(r);
	return record->peer.family == 0 || record->peer.family == 4 || record->peer.family == 6;
}

const struct record_coder record_peer_coder = {
	.name = "PEER",
	.encode = encode_peer,
	.decode = decode_peer,
};

static void encode_admit_query(struct wire_writer *w, const struct record *record)
{
	wire_write_bool(w, record->admit_query.invitation);
	wire_write_bytes(
		w, record->admit_query.fingerprint, sizeof(record->admit_query.fingerprint));
}

static bool decode_admit_query(struct wire_reader *r, struct record *record)
{
	record->admit_query.invitation = wire_read_bool(r);
	wire_read_bytes(
		r, record->admit_query.fingerprint, sizeof(record->admit_query.fingerprint));
	return true;
}

const struct record_coder record_admit_query_coder = {
	.name = "ADMIT_QUERY",
	.encode = encode_admit_query,
	.decode = decode_admit_query,
};

static void encode_admit_reply(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->admit_reply.fault);
}

static bool decode_admit_reply(struct wire_reader *r, struct record *record)
{
	record->admit_reply.fault = wire_read_u8(r);
	return true;
}

const struct record_coder record_admit_reply_coder = {
	.name = "ADMIT_REPLY",
	.encode = encode_admit_reply,
	.decode = decode_admit_reply,
};

static void encode_proof(struct wire_writer *w, const struct record *record)
{
	wire_write_bytes(w, record->proof.fingerprint, sizeof(record->proof.fingerprint));
	record_put_blob(w, &record->proof.signature);
	wire_write_text(w, record->proof.software);
}

static bool decode_proof(struct wire_reader *r, struct record *record)
{
	wire_read_bytes(r, record->proof.fingerprint, sizeof(record->proof.fingerprint));
	bool has_signature = record_get_blob(r, &record->proof.signature, WIRE_SIGNATURE_MAX_BYTES);
	wire_read_text(r, record->proof.software, sizeof(record->proof.software));
	return has_signature;
}

const struct record_coder record_proof_coder = {
	.name = "PROOF",
	.encode = encode_proof,
	.decode = decode_proof,
};

static void encode_granted(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->granted.welcome.session);
	wire_write_u32(w, record->granted.welcome.caps);
	wire_write_u32(w, record->granted.welcome.codec_features);
	wire_write_text(w, record->granted.welcome.device);
	wire_write_text(w, record->granted.welcome.workstation);
	wire_write_i64(w, record->granted.welcome.last_seen_s);
	wire_write_text(w, record->granted.welcome.last_device);
	wire_write_i64(w, record->granted.welcome.last_device_s);
	wire_write_u32(w, record->granted.welcome.refused);
	wire_write_i64(w, record->granted.welcome.cert_not_after_s);
}

static bool decode_granted(struct wire_reader *r, struct record *record)
{
	record->granted.welcome.session = wire_read_u32(r);
	record->granted.welcome.caps = wire_read_u32(r);
	record->granted.welcome.codec_features = wire_read_u32(r);
	wire_read_text(r, record->granted.welcome.device, sizeof(record->granted.welcome.device));
	wire_read_text(r, record->granted.welcome.workstation,
		sizeof(record->granted.welcome.workstation));
	record->granted.welcome.last_seen_s = wire_read_i64(r);
	wire_read_text(r, record->granted.welcome.last_device,
		sizeof(record->granted.welcome.last_device));
	record->granted.welcome.last_device_s = wire_read_i64(r);
	record->granted.welcome.refused = wire_read_u32(r);
	record->granted.welcome.cert_not_after_s = wire_read_i64(r);
	return true;
}

const struct record_coder record_granted_coder = {
	.name = "GRANTED",
	.encode = encode_granted,
	.decode = decode_granted,
};

static void encode_denied(struct wire_writer *w, const struct record *record)
{
	wire_write_u16(w, record->denied.code);
	wire_write_text(w, record->denied.reason);
}

static bool decode_denied(struct wire_reader *r, struct record *record)
{
	record->denied.code = wire_read_u16(r);
	wire_read_text(r, record->denied.reason, sizeof(record->denied.reason));
	return record->denied.code != 0;
}

const struct record_coder record_denied_coder = {
	.name = "DENIED",
	.encode = encode_denied,
	.decode = decode_denied,
};

static void encode_set_caps(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->set_caps.worker);
	wire_write_u32(w, record->set_caps.caps);
}

static bool decode_set_caps(struct wire_reader *r, struct record *record)
{
	record->set_caps.worker = wire_read_u32(r);
	record->set_caps.caps = wire_read_u32(r);
	return true;
}

const struct record_coder record_set_caps_coder = {
	.name = "SET_CAPS",
	.encode = encode_set_caps,
	.decode = decode_set_caps,
};

static void encode_end(struct wire_writer *w, const struct record *record)
{
	wire_write_u16(w, record->end.code);
	wire_write_text(w, record->end.reason);
}

static bool decode_end(struct wire_reader *r, struct record *record)
{
	record->end.code = wire_read_u16(r);
	wire_read_text(r, record->end.reason, sizeof(record->end.reason));
	return record->end.code != 0;
}

const struct record_coder record_end_coder = {
	.name = "END",
	.encode = encode_end,
	.decode = decode_end,
};

static void encode_enroll(struct wire_writer *w, const struct record *record)
{
	wire_write_bytes(w, record->enroll.fingerprint, sizeof(record->enroll.fingerprint));
	record_put_blob(w, &record->enroll.csr);
	wire_write_text(w, record->enroll.label);
}

static bool decode_enroll(struct wire_reader *r, struct record *record)
{
	wire_read_bytes(r, record->enroll.fingerprint, sizeof(record->enroll.fingerprint));
	bool has_csr = record_get_blob(r, &record->enroll.csr, WIRE_CSR_MAX_BYTES);
	wire_read_text(r, record->enroll.label, sizeof(record->enroll.label));
	return has_csr;
}

const struct record_coder record_enroll_coder = {
	.name = "ENROLL",
	.encode = encode_enroll,
	.decode = decode_enroll,
};

static void encode_renew(struct wire_writer *w, const struct record *record)
{
	record_put_blob(w, &record->renew.csr);
}

static bool decode_renew(struct wire_reader *r, struct record *record)
{
	bool has_csr = record_get_blob(r, &record->renew.csr, WIRE_CSR_MAX_BYTES);
	return has_csr;
}

const struct record_coder record_renew_coder = {
	.name = "RENEW",
	.encode = encode_renew,
	.decode = decode_renew,
};

static void encode_cert(struct wire_writer *w, const struct record *record)
{
	record_put_blob(w, &record->cert.cert);
	record_put_blob(w, &record->cert.ca);
	wire_write_text(w, record->cert.device);
	wire_write_text(w, record->cert.workstation);
}

static bool decode_cert(struct wire_reader *r, struct record *record)
{
	bool has_cert = record_get_blob(r, &record->cert.cert, WIRE_CERT_MAX_BYTES);
	bool has_ca = record_get_blob(r, &record->cert.ca, WIRE_CERT_MAX_BYTES);
	wire_read_text(r, record->cert.device, sizeof(record->cert.device));
	wire_read_text(r, record->cert.workstation, sizeof(record->cert.workstation));
	return has_cert && has_ca;
}

const struct record_coder record_cert_coder = {
	.name = "CERT",
	.encode = encode_cert,
	.decode = decode_cert,
};

static void encode_handshake(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->handshake.fault);
	wire_write_text(w, record->handshake.detail);
	wire_write_text(w, record->handshake.version);
	wire_write_text(w, record->handshake.suite);
	wire_write_text(w, record->handshake.alpn);
	wire_write_bool(w, record->handshake.resumed);
	wire_write_bytes(w, record->handshake.fingerprint, sizeof(record->handshake.fingerprint));
	wire_write_u32(w, record->handshake.took_us);
}

static bool decode_handshake(struct wire_reader *r, struct record *record)
{
	record->handshake.fault = wire_read_u8(r);
	wire_read_text(r, record->handshake.detail, sizeof(record->handshake.detail));
	wire_read_text(r, record->handshake.version, sizeof(record->handshake.version));
	wire_read_text(r, record->handshake.suite, sizeof(record->handshake.suite));
	wire_read_text(r, record->handshake.alpn, sizeof(record->handshake.alpn));
	record->handshake.resumed = wire_read_bool(r);
	wire_read_bytes(r, record->handshake.fingerprint, sizeof(record->handshake.fingerprint));
	record->handshake.took_us = wire_read_u32(r);
	return true;
}

const struct record_coder record_handshake_coder = {
	.name = "HANDSHAKE",
	.encode = encode_handshake,
	.decode = decode_handshake,
};

static void encode_ended(struct wire_writer *w, const struct record *record)
{
	wire_write_u16(w, record->ended.code);
	wire_write_text(w, record->ended.reason);
}

static bool decode_ended(struct wire_reader *r, struct record *record)
{
	record->ended.code = wire_read_u16(r);
	wire_read_text(r, record->ended.reason, sizeof(record->ended.reason));
	return record->ended.code != 0;
}

const struct record_coder record_ended_coder = {
	.name = "ENDED",
	.encode = encode_ended,
	.decode = decode_ended,
};

static void encode_stats(struct wire_writer *w, const struct record *record)
{
	wire_write_u64(w, record->stats.bytes_in);
	wire_write_u64(w, record->stats.bytes_out);
	wire_write_u64(w, record->stats.frames);
	wire_write_u64(w, record->stats.picture_bytes);
	wire_write_u32(w, record->stats.rtt_us);
	wire_write_u32(w, record->stats.base_rtt_us);
	wire_write_u32(w, record->stats.link_bytes_per_ms);
	wire_write_u32(w, record->stats.encode_us_p50);
	wire_write_u32(w, record->stats.queue_bytes);
	wire_write_u32(w, record->stats.input_events);
	wire_write_bool(w, record->stats.exact);
	for (size_t i = 0; i < ARRAY_LEN(record->stats.pixels); i++)
		wire_write_u64(w, record->stats.pixels[i]);
	for (size_t i = 0; i < ARRAY_LEN(record->stats.bytes); i++)
		wire_write_u64(w, record->stats.bytes[i]);
}

static bool decode_stats(struct wire_reader *r, struct record *record)
{
	record->stats.bytes_in = wire_read_u64(r);
	record->stats.bytes_out = wire_read_u64(r);
	record->stats.frames = wire_read_u64(r);
	record->stats.picture_bytes = wire_read_u64(r);
	record->stats.rtt_us = wire_read_u32(r);
	record->stats.base_rtt_us = wire_read_u32(r);
	record->stats.link_bytes_per_ms = wire_read_u32(r);
	record->stats.encode_us_p50 = wire_read_u32(r);
	record->stats.queue_bytes = wire_read_u32(r);
	record->stats.input_events = wire_read_u32(r);
	record->stats.exact = wire_read_bool(r);
	for (size_t i = 0; i < ARRAY_LEN(record->stats.pixels); i++)
		record->stats.pixels[i] = wire_read_u64(r);
	for (size_t i = 0; i < ARRAY_LEN(record->stats.bytes); i++)
		record->stats.bytes[i] = wire_read_u64(r);
	return true;
}

const struct record_coder record_stats_coder = {
	.name = "STATS",
	.encode = encode_stats,
	.decode = decode_stats,
};

static void encode_log(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->log.level);
	record_put_line(w, record->log.line, sizeof(record->log.line));
}

static bool decode_log(struct wire_reader *r, struct record *record)
{
	record->log.level = wire_read_u8(r);
	record_get_line(r, record->log.line, sizeof(record->log.line));
	return true;
}

const struct record_coder record_log_coder = {
	.name = "LOG",
	.encode = encode_log,
	.decode = decode_log,
};

static void encode_sign(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->sign.request);
	wire_write_u8(w, record->sign.kind);
	wire_write_bytes(w, record->sign.fingerprint, sizeof(record->sign.fingerprint));
	record_put_blob(w, &record->sign.csr);
	wire_write_text(w, record->sign.label);
}

static bool decode_sign(struct wire_reader *r, struct record *record)
{
	record->sign.request = wire_read_u32(r);
	record->sign.kind = wire_read_u8(r);
	wire_read_bytes(r, record->sign.fingerprint, sizeof(record->sign.fingerprint));
	bool has_csr = record_get_blob(r, &record->sign.csr, WIRE_CSR_MAX_BYTES);
	wire_read_text(r, record->sign.label, sizeof(record->sign.label));
	return has_csr && record->sign.kind <= RECORD_SIGN_RENEW;
}

const struct record_coder record_sign_coder = {
	.name = "SIGN",
	.encode = encode_sign,
	.decode = decode_sign,
};

static void encode_signed(struct wire_writer *w, const struct record *record)
{
	wire_write_u32(w, record->signed_reply.request);
	wire_write_u16(w, record->signed_reply.code);
	wire_write_text(w, record->signed_reply.reason);
	record_put_blob(w, &record->signed_reply.cert);
	record_put_blob(w, &record->signed_reply.ca);
	wire_write_text(w, record->signed_reply.device);
}

static bool decode_signed(struct wire_reader *r, struct record *record)
{
	record->signed_reply.request = wire_read_u32(r);
	record->signed_reply.code = wire_read_u16(r);
	wire_read_text(r, record->signed_reply.reason, sizeof(record->signed_reply.reason));
	record_get_blob(r, &record->signed_reply.cert, WIRE_CERT_MAX_BYTES);
	record_get_blob(r, &record->signed_reply.ca, WIRE_CERT_MAX_BYTES);
	wire_read_text(r, record->signed_reply.device, sizeof(record->signed_reply.device));
	return (record->signed_reply.code != 0) == (record->signed_reply.cert.len == 0);
}

const struct record_coder record_signed_coder = {
	.name = "SIGNED",
	.encode = encode_signed,
	.decode = decode_signed,
};
