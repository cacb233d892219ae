/* Coders of the records between the supervisor and the signer. */
#include "common/ipc/records_signer.h"

#include "common/ipc/record_coders.h"
#include "common/wire/plain_text.h"

static void encode_sign(struct wire_writer *w, const void *body)
{
	const struct record_sign *m = body;

	wire_write_u32(w, m->request);
	wire_write_u8(w, m->kind);
	wire_write_bytes(w, m->fingerprint, sizeof(m->fingerprint));
	record_put_blob(w, &m->csr);
	wire_write_text(w, m->label);
	wire_write_bytes(w, m->nonce, sizeof(m->nonce));
	record_put_blob(w, &m->proof);
}

static bool decode_sign(struct wire_reader *r, void *body)
{
	struct record_sign *m = body;

	m->request = wire_read_u32(r);
	m->kind = wire_read_u8(r);
	wire_read_bytes(r, m->fingerprint, sizeof(m->fingerprint));
	bool has_csr = record_get_blob(r, &m->csr, WIRE_CSR_MAX_BYTES);
	plain_text_read(r, m->label, sizeof(m->label));
	wire_read_bytes(r, m->nonce, sizeof(m->nonce));
	bool has_proof = record_get_blob(r, &m->proof, WIRE_SIGNATURE_MAX_BYTES);
	return has_csr && m->kind <= RECORD_SIGN_RENEW &&
	       has_proof == (m->kind == RECORD_SIGN_ENROLL);
}

static void encode_signed(struct wire_writer *w, const void *body)
{
	const struct record_signed *m = body;

	wire_write_u32(w, m->request);
	wire_write_u16(w, m->code);
	wire_write_text(w, m->reason);
	record_put_blob(w, &m->cert);
	record_put_blob(w, &m->ca);
	wire_write_text(w, m->device);
}

static bool decode_signed(struct wire_reader *r, void *body)
{
	struct record_signed *m = body;

	m->request = wire_read_u32(r);
	m->code = wire_read_u16(r);
	plain_text_read(r, m->reason, sizeof(m->reason));
	record_get_blob(r, &m->cert, WIRE_CERT_MAX_BYTES);
	record_get_blob(r, &m->ca, WIRE_CERT_MAX_BYTES);
	wire_read_text(r, m->device, sizeof(m->device));
	return (m->code != 0) == (m->cert.len == 0);
}

static const struct record_coder coders[] = {
	RECORD_CODER(SIGN, sign),
	RECORD_CODER(SIGNED, signed),
	RECORD_SHARED(LOG, log),
};

const struct record_set signer_records = RECORD_SET(struct signer_record, sign, coders);
