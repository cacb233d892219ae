/* What the client says. Every value was range-checked by wire_decode; here is decided whether it
 * may be said now, and who hears it. */
#include "server/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdio.h>
#include <string.h>

static void out_of_turn(struct worker *w, const struct wire_message *m)
{
	worker_end(w, WIRE_BYE_PROTOCOL, true, "message %s out of turn",
		wire_type_name((uint8_t)m->type));
}

static void on_hello(struct worker *w, const struct wire_message *m)
{
	struct wire_message reply = { .type = WIRE_HELLO };

	if (w->state != WORKER_HELLO && w->state != WORKER_ENROLL) {
		out_of_turn(w, m);
		return;
	}
	if (m->hello.version_min > WIRE_VERSION || m->hello.version_max < WIRE_VERSION) {
		worker_end(w, WIRE_BYE_VERSION, true,
			"this workstation speaks version %d of the protocol, you %u to %u",
			WIRE_VERSION, m->hello.version_min, m->hello.version_max);
		return;
	}
	w->login.hello = m->hello;
	reply.hello.version_min = WIRE_VERSION;
	reply.hello.version_max = WIRE_VERSION;
	reply.hello.codec_features = w->login.codec_features;
	snprintf(reply.hello.software, sizeof(reply.hello.software), "farseat %s", FARSEAT_VERSION);
	memcpy(reply.hello.server_id, w->login.server_id, sizeof(reply.hello.server_id));
	memcpy(reply.hello.nonce, w->login.nonce, sizeof(reply.hello.nonce));
	worker_send(w, &reply);
	worker_enter(w, w->state == WORKER_ENROLL ? WORKER_CLAIM : WORKER_PROOF);
}

/* Goes on to the supervisor with what it was made for. */
static void keep_claim(struct worker *w, const struct wire_proof *proof)
{
	memcpy(w->login.claim, proof->signature, proof->signature_len);
	w->login.claim_len = proof->signature_len;
	worker_enter(w, WORKER_REQUEST);
}

static void on_proof(struct worker *w, const struct wire_message *m)
{
	struct worker_record r = { .type = RECORD_PROOF };
	struct tls_info info;

	if (w->state == WORKER_CLAIM) {
		keep_claim(w, &m->proof);
		return;
	}
	if (w->state != WORKER_PROOF) {
		out_of_turn(w, m);
		return;
	}
	tls_info(w->peer.tls, &info);
	r.proof.bound =
		(w->login.codec_features & w->login.hello.codec_features & WIRE_FEATURE_BOUND) != 0;
	if (tls_binding(w->peer.tls, r.proof.binding) < 0) {
		out_of_turn(w, m);
		return;
	}
	memcpy(r.proof.fingerprint, info.peer.fingerprint, sizeof(r.proof.fingerprint));
	r.proof.signature.bytes = m->proof.signature;
	r.proof.signature.len = m->proof.signature_len;
	memcpy(r.proof.software, w->login.hello.software, sizeof(r.proof.software));
	worker_enter(w, WORKER_VERIFY);
	worker_tell(w, &r);
}

static void on_enroll(struct worker *w, const struct wire_message *m)
{
	struct worker_record r = { .type = RECORD_ENROLL };
	struct tls_info info;

	if (w->state != WORKER_REQUEST) {
		out_of_turn(w, m);
		return;
	}
	tls_info(w->peer.tls, &info);
	memcpy(r.enroll.fingerprint, info.peer.fingerprint, sizeof(r.enroll.fingerprint));
	r.enroll.csr.bytes = m->enroll.csr;
	r.enroll.csr.len = m->enroll.csr_len;
	memcpy(r.enroll.label, m->enroll.label, sizeof(r.enroll.label));
	r.enroll.proof = (struct record_blob){ w->login.claim, w->login.claim_len };
	worker_enter(w, WORKER_SIGN);
	worker_tell(w, &r);
}

static void on_renew(struct worker *w, const struct wire_message *m)
{
	struct worker_record r = { .type = RECORD_RENEW };

	if (w->renewing) {
		out_of_turn(w, m);
		return;
	}
	w->renewing = true;
	r.renew.csr.bytes = m->renew.csr;
	r.renew.csr.len = m->renew.csr_len;
	worker_tell(w, &r);
}

static void on_goodbye(struct worker *w, const struct wire_message *m)
{
	char text[LOG_ESCAPED_MAX];

	log_escape(text, m->goodbye.reason, strlen(m->goodbye.reason));
	worker_end(w, WIRE_BYE_CLOSED, false, "the client closed: %s", text);
}

static void on_input(struct worker *w, const struct wire_message *m)
{
	if (wire_typing_take(&w->typing, m, clock_now_ms()) > 0) {
		worker_end(w, WIRE_BYE_PROTOCOL, true,
			"more than %d characters a second were typed for too long",
			WIRE_TYPED_PER_S);
		return;
	}
	held_note(&w->held, m);
	worker_agent_send(w, m);
}

static void on_view(struct worker *w, const struct wire_message *m)
{
	frame_pause(&w->frame, m->view.paused);
	worker_agent_send(w, m);
}

static void on_dpi(struct worker *w, const struct wire_message *m)
{
	if (w->frame.codec_features & WIRE_FEATURE_DPI)
		worker_agent_tell_dpi(w, m->dpi.dpi);
	else
		out_of_turn(w, m);
}

static void on_refresh(struct worker *w, const struct wire_message *m)
{
	worker_channels_refresh(w, WIRE_CAPS_ALL);
	worker_agent_send(w, m); /* from pixels captured anew, after all input before it */
}

typedef void (*message_fn)(struct worker *w, const struct wire_message *m);

/* The phase was checked by the peer (wire_allowed). */
static const message_fn handlers[] = {
	[WIRE_HELLO] = on_hello,
	[WIRE_PROOF] = on_proof,
	[WIRE_GOODBYE] = on_goodbye,
	[WIRE_KEY] = on_input,
	[WIRE_TEXT] = on_input,
	[WIRE_POINTER] = on_input,
	[WIRE_BUTTON] = on_input,
	[WIRE_WHEEL] = on_input,
	[WIRE_POINTER_BY] = on_input,
	[WIRE_RELEASE_ALL] = on_input,
	[WIRE_VIEW] = on_view,
	[WIRE_REFRESH] = on_refresh,
	[WIRE_DPI] = on_dpi,
	[WIRE_ENROLL] = on_enroll,
	[WIRE_RENEW] = on_renew,
};

void worker_client_message(struct worker *w, const struct wire_message *m)
{
	uint32_t needed = wire_cap_needed((uint8_t)m->type);
	enum rights_verdict verdict = rights_of(&w->rights, needed, clock_now_ms());

	if (verdict == RIGHTS_BEYOND)
		worker_end(w, WIRE_BYE_NOT_ALLOWED, true,
			"message %s is not allowed for this device",
			wire_type_name((uint8_t)m->type));
	if (verdict != RIGHTS_ALLOWED)
		return;
	if ((size_t)m->type < ARRAY_LEN(handlers) && handlers[m->type])
		handlers[m->type](w, m);
	else if (!worker_channels_message(w, m))
		out_of_turn(w, m);
}
