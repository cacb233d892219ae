/* The worker's supervisor: admits, verifies the second proof, grants and signs as the test told it.
 */
#include "tests/support/rig/rig_internal.h"

#include "common/crypto/proof.h"
#include "common/crypto/ticket_seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void grant(struct rig *r)
{
	struct worker_record m = { .type = RECORD_GRANTED };
	int pair[2];

	rig_must(ipc_pair(pair) == 0, "agent's channel");
	m.granted.welcome.session = 1;
	m.granted.welcome.caps = r->caps;
	snprintf(m.granted.welcome.device, sizeof(m.granted.welcome.device), "laptop");
	snprintf(m.granted.welcome.workstation, sizeof(m.granted.welcome.workstation), "office");
	rig_told(worker_record_send(&r->supervisor, &m, pair[1]), "GRANTED");
	close(pair[1]);
	rig_must(ipc_channel_init(&r->agent, pair[0]) == 0, "agent's channel");
	r->granted = true;
	rig_send_framebuffer(r);
}

static void verify(struct rig *r, const struct record_proof *proof)
{
	r->proof_good = memcmp(proof->fingerprint, r->id->device_fingerprint, 32) == 0 &&
			proof_verify(r->id->device_spki, r->id->device_spki_len, RIG_SERVER_ID,
				r->nonce, proof->fingerprint, proof->bound ? proof->binding : NULL,
				proof->signature.bytes, proof->signature.len) == 0;
	r->proof_bound = proof->bound;
	if (r->proof_good && !r->deny) {
		grant(r);
		return;
	}
	struct worker_record m = { .type = RECORD_DENIED };
	m.denied.code = WIRE_BYE_REFUSED;
	snprintf(m.denied.reason, sizeof(m.denied.reason), "this device is not admitted");
	rig_told(worker_record_send(&r->supervisor, &m, -1), "DENIED");
}

static void enroll(struct rig *r, const struct record_enroll *in)
{
	struct worker_record m = { .type = RECORD_CERT };
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = CRYPTO_FOR_DEVICE };
	struct crypto_der cert;

	struct proof_enrolment enrolment = {
		.csr = in->csr.bytes, .csr_len = in->csr.len, .label = in->label
	};
	struct crypto_cert_info info;
	memcpy(enrolment.fingerprint, in->fingerprint, sizeof(enrolment.fingerprint));
	rig_must(crypto_cert_info(r->invitation->bytes, r->invitation->len, &info) == 0 &&
			 proof_verify_enrolment(info.public_key, info.public_key_len, RIG_SERVER_ID,
				 r->nonce, &enrolment, in->proof.bytes, in->proof.len) == 0,
		"the enrolment's proof");
	request.name = "farseat:device:00000000-0000-4000-8000-000000000002";
	rig_must(crypto_csr_public_key(in->csr.bytes, in->csr.len, spki, &request.public_key_len) ==
			 0,
		"CSR");
	request.public_key = spki;
	rig_must(crypto_ca_sign(r->id->ca_key, &r->id->ca, &request, &cert) == 0, "sign");
	m.cert.cert = rig_blob(cert.bytes, cert.len);
	m.cert.ca = rig_blob(r->id->ca.bytes, r->id->ca.len);
	snprintf(m.cert.device, sizeof(m.cert.device), "%s", in->label);
	snprintf(m.cert.workstation, sizeof(m.cert.workstation), "office");
	rig_told(worker_record_send(&r->supervisor, &m, -1), "CERT");
}

/* As farseatd does. */
static void keep(struct rig *r, const struct record_keeper_ask *ask)
{
	static const uint8_t keys[2][TICKET_KEY_BYTES] = { { 7 } };
	static uint8_t out[RECORD_KEPT_MAX_BYTES + TICKET_MORE_BYTES];
	struct worker_record reply = { .type = RECORD_KEPT };
	const struct record_blob *in = &ask->bytes;
	size_t len = in->len + TICKET_MORE_BYTES;
	int result;

	if (ask->wish == RECORD_KEEPER_SIGN)
		result = crypto_key_sign_hash(r->id->server_key, in->bytes, in->len, out, &len);
	else if (ask->wish == RECORD_KEEPER_SEAL)
		result = ticket_seal(keys[0], in->bytes, in->len, out);
	else
		result = ticket_open(keys, in->bytes, in->len, out, &len);
	if (result == 0)
		reply.kept.bytes = rig_blob(out, len);
	rig_told(worker_record_send(&r->supervisor, &reply, -1), "KEPT");
}

void rig_from_worker(struct rig *r, const struct worker_record *m)
{
	struct worker_record reply = { .type = RECORD_ADMIT_REPLY };

	switch ((int)m->type) {
	case RECORD_ADMIT_QUERY:
		r->admit_count++;
		reply.admit_reply.fault = (uint8_t)r->admit_fault;
		if (!r->admit_silent)
			rig_told(worker_record_send(&r->supervisor, &reply, -1), "ADMIT_REPLY");
		break;
	case RECORD_KEEPER_ASK:
		keep(r, &m->keeper_ask);
		break;
	case RECORD_PROOF:
		verify(r, &m->proof);
		break;
	case RECORD_ENROLL:
		enroll(r, &m->enroll);
		break;
	case RECORD_HANDSHAKE:
		r->handshake = m->handshake;
		r->handshake_seen = true;
		break;
	case RECORD_ENDED:
		r->ended = m->ended;
		r->ended_seen = true;
		break;
	case RECORD_STATS:
		r->stats = m->stats;
		r->stats_seen = true;
		break;
	case RECORD_LOG:
		if (getenv("RIG_LOG"))
			fprintf(stderr, "worker: %.*s\n", (int)m->log.line.len,
				(const char *)m->log.line.bytes);
		break;
	default:
		rig_must(false, record_type_name((uint8_t)m->type));
	}
}
