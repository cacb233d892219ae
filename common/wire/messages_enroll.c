/* Messages of enrolment and renewal: requests and certificates. */
#include "common/wire/coders.h"
#include "common/wire/plain_text.h"

static void encode_der(struct wire_writer *w, const uint8_t *der, size_t len, size_t max)
{
	if (len == 0 || len > max)
		w->failed = true;
	wire_write_blob(w, der, len);
}

static void encode_enroll(struct wire_writer *w, const struct wire_message *m)
{
	encode_der(w, m->enroll.csr, m->enroll.csr_len, WIRE_CSR_MAX_BYTES);
	wire_write_text(w, m->enroll.label);
}

static bool decode_enroll(struct wire_reader *r, struct wire_message *m)
{
	m->enroll.csr = wire_read_blob(r, WIRE_CSR_MAX_BYTES, &m->enroll.csr_len);
	plain_text_read(r, m->enroll.label, sizeof(m->enroll.label));
	return wire_in_range(r, m->enroll.csr_len > 0, "csr");
}

const struct wire_coder wire_enroll_coder = {
	.name = "ENROLL",
	.encode = encode_enroll,
	.decode = decode_enroll,
	.client_phases = IN_ENROLL,
};

static void encode_enrolled(struct wire_writer *w, const struct wire_message *m)
{
	encode_der(w, m->enrolled.cert, m->enrolled.cert_len, WIRE_CERT_MAX_BYTES);
	encode_der(w, m->enrolled.ca, m->enrolled.ca_len, WIRE_CERT_MAX_BYTES);
	wire_write_text(w, m->enrolled.device);
	wire_write_text(w, m->enrolled.workstation);
}

static bool decode_enrolled(struct wire_reader *r, struct wire_message *m)
{
	m->enrolled.cert = wire_read_blob(r, WIRE_CERT_MAX_BYTES, &m->enrolled.cert_len);
	m->enrolled.ca = wire_read_blob(r, WIRE_CERT_MAX_BYTES, &m->enrolled.ca_len);
	plain_text_read(r, m->enrolled.device, sizeof(m->enrolled.device));
	plain_text_read(r, m->enrolled.workstation, sizeof(m->enrolled.workstation));
	return wire_in_range(r, m->enrolled.cert_len > 0, "cert") &&
	       wire_in_range(r, m->enrolled.ca_len > 0, "ca");
}

const struct wire_coder wire_enrolled_coder = {
	.name = "ENROLLED",
	.encode = encode_enrolled,
	.decode = decode_enrolled,
	.server_phases = IN_ENROLL,
};

static void encode_renew(struct wire_writer *w, const struct wire_message *m)
{
	encode_der(w, m->renew.csr, m->renew.csr_len, WIRE_CSR_MAX_BYTES);
}

static bool decode_renew(struct wire_reader *r, struct wire_message *m)
{
	m->renew.csr = wire_read_blob(r, WIRE_CSR_MAX_BYTES, &m->renew.csr_len);
	return wire_in_range(r, m->renew.csr_len > 0, "csr");
}

const struct wire_coder wire_renew_coder = {
	.name = "RENEW",
	.encode = encode_renew,
	.decode = decode_renew,
	.client_phases = IN_OPEN,
};

static void encode_renewed(struct wire_writer *w, const struct wire_message *m)
{
	encode_der(w, m->renewed.cert, m->renewed.cert_len, WIRE_CERT_MAX_BYTES);
}

static bool decode_renewed(struct wire_reader *r, struct wire_message *m)
{
	m->renewed.cert = wire_read_blob(r, WIRE_CERT_MAX_BYTES, &m->renewed.cert_len);
	return wire_in_range(r, m->renewed.cert_len > 0, "cert");
}

const struct wire_coder wire_renewed_coder = {
	.name = "RENEWED",
	.encode = encode_renewed,
	.decode = decode_renewed,
	.server_phases = IN_OPEN,
};
