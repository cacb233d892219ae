/* Enrolment and renewal: what is asked of the signer, once it may be asked. */
#include "server/supervisor/requests_parts.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/proof.h"

#include <errno.h>
#include <string.h>

static int ask_signer(struct worker_child *w, struct record_sign *request)
{
	if (w->signing)
		return -EPROTO;
	request->request = w->id;
	memcpy(request->fingerprint, w->fingerprint, sizeof(request->fingerprint));
	if (signers_ask(w->supervisor, request) == 0) {
		w->signing = true;
		return 0;
	}
	if (request->kind == RECORD_SIGN_ENROLL) {
		requests_deny(w, WIRE_BYE_INTERNAL, "the signer is not running");
		return 0;
	}
	/* A renewal can wait: the session goes on. */
	const struct worker_record later = { .type = RECORD_DENIED,
		.denied = { .code = WIRE_BYE_INTERNAL, .reason = "the signer is not running" } };
	log_warn("%s: its certificate cannot be renewed now: the signer is not running", w->device);
	child_send(&w->child, &later, -1);
	return 0;
}

/* Whether the request comes from whoever has the invitation's key: the worker only says so. */
static bool enrolment_is_proven(const struct supervisor *s, const struct record_enroll *e,
	const uint8_t nonce[static WIRE_NONCE_BYTES])
{
	const struct registry_invitation *i =
		registry_find_invitation(&s->registry, e->fingerprint);
	struct proof_enrolment enrolment = {
		.csr = e->csr.bytes, .csr_len = e->csr.len, .label = e->label
	};
	struct crypto_cert_info info;

	memcpy(enrolment.fingerprint, e->fingerprint, sizeof(enrolment.fingerprint));
	return i && crypto_cert_info(i->cert.bytes, i->cert.len, &info) == 0 &&
	       proof_verify_enrolment(info.public_key, info.public_key_len, s->registry.server_id,
		       nonce, &enrolment, e->proof.bytes, e->proof.len) == 0;
}

int requests_enroll(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_enroll *e = body;
	struct record_sign request = {
		.kind = RECORD_SIGN_ENROLL, .csr = e->csr, .proof = e->proof
	};

	(void)fd; /* workers pass none */
	if (w->signing)
		return -EPROTO;
	requests_take_nonce(w, request.nonce);
	memcpy(w->fingerprint, e->fingerprint, sizeof(w->fingerprint));
	if (requests_judge(w->supervisor, true, e->fingerprint) != CRYPTO_OK) {
		requests_deny(w, WIRE_BYE_INVITATION,
			"the invitation was used, withdrawn or has expired");
		return 0;
	}
	if (!enrolment_is_proven(w->supervisor, e, request.nonce)) {
		requests_deny(
			w, WIRE_BYE_REFUSED, "the request is not proven by the invitation's key");
		return 0;
	}
	memcpy(request.label, e->label, sizeof(request.label));
	return ask_signer(w, &request);
}

/* A client that heard nothing asks again in its next session (PROTOCOL.md, RENEW). */
#define EARLY_RENEWALS_MAX 3

/* Here already: the signer would open the CA's key for it. The session goes on without an answer. */
static void refuse_early_renewal(struct worker_child *w)
{
	const struct worker_record early = { .type = RECORD_DENIED,
		.denied = { .code = WIRE_BYE_BUSY, .reason = REGISTRY_RENEWAL_EARLY } };

	if (++w->early_renewals > EARLY_RENEWALS_MAX) {
		log_warn("%s: asks for new certificates again and again: its session ends",
			w->device);
		workers_end(
			w, WIRE_BYE_PROTOCOL, "a new certificate was asked for again and again");
		return;
	}
	log_info("%s: %s", w->device, REGISTRY_RENEWAL_EARLY);
	child_send(&w->child, &early, -1);
}

int requests_renew(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_renew *renew = body;
	struct record_sign request = { .kind = RECORD_SIGN_RENEW, .csr = renew->csr };
	const struct registry *r = &w->supervisor->registry;
	const struct registry_key *present = NULL;

	(void)fd; /* workers pass none */
	const struct registry_device *d = registry_find_fingerprint(r, w->fingerprint, &present);
	/* One that is gone, or has expired, is refused by the signer, with its reason. */
	if (!w->signing && d && !registry_renewal_due(d, present, clock_wall_s())) {
		refuse_early_renewal(w);
		return 0;
	}
	return ask_signer(w, &request);
}
