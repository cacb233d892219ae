/* The TLS handshake: the supervisor is asked about every certificate, and what is not admitted
 * within a second is refused. */
#include "server/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Waits for the answer. What else the supervisor says meanwhile is taken as ever. */
static enum crypto_fault wait_for_reply(struct worker *w)
{
	uint64_t end_ms = clock_now_ms() + WORKER_ADMIT_TIMEOUT_MS;

	while (w->login.admit_asked && w->state != WORKER_ENDED) {
		uint64_t now_ms = clock_now_ms();
		int r = now_ms < end_ms ? worker_supervisor_record(w, (int)(end_ms - now_ms))
					: -ETIMEDOUT;
		if (r < 0 && r != -EAGAIN) {
			log_warn("no answer about a certificate: it is refused");
			return CRYPTO_NOT_ADMITTED;
		}
	}
	return w->login.admit_asked ? CRYPTO_NOT_ADMITTED : w->login.admit_fault;
}

enum crypto_fault worker_admit(
	void *worker, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES], const char *alpn)
{
	struct worker *w = worker;
	struct worker_record r = { .type = RECORD_ADMIT_QUERY };

	r.admit_query.invitation = tls_alpn_enrolls(alpn);
	memcpy(r.admit_query.fingerprint, fingerprint, sizeof(r.admit_query.fingerprint));
	if (worker_record_send(&w->supervisor, &r, -1) < 0)
		return CRYPTO_NOT_ADMITTED;
	w->login.admit_asked = true;
	return wait_for_reply(w);
}

/* How the handshake went, whatever it was. */
static void report(struct worker *w, enum crypto_fault fault)
{
	struct worker_record r = { .type = RECORD_HANDSHAKE };
	struct tls_info info;

	tls_info(w->peer.tls, &info);
	r.handshake.fault = (uint8_t)fault;
	if (fault != CRYPTO_OK)
		snprintf(r.handshake.detail, sizeof(r.handshake.detail), "%s",
			tls_fault_detail(w->peer.tls));
	snprintf(r.handshake.version, sizeof(r.handshake.version), "%s",
		info.version ? info.version : "");
	snprintf(r.handshake.suite, sizeof(r.handshake.suite), "%s", info.suite ? info.suite : "");
	snprintf(r.handshake.alpn, sizeof(r.handshake.alpn), "%s", info.alpn ? info.alpn : "");
	r.handshake.resumed = info.resumed;
	memcpy(r.handshake.fingerprint, info.peer.fingerprint, sizeof(r.handshake.fingerprint));
	r.handshake.took_us = (uint32_t)(clock_now_us() - w->login.started_us);
	worker_tell(w, &r);
}

static void failed(struct worker *w)
{
	enum crypto_fault fault = tls_fault(w->peer.tls);

	if (fault == CRYPTO_OK)
		fault = CRYPTO_CLOSED;
	report(w, fault);
	worker_end(w, WIRE_BYE_REFUSED, false, "%s", crypto_fault_text(fault));
}

/* A laptop whose Farseat cannot prove that it has the invitation. Nothing was spent. */
static void refuse_unproven(struct worker *w)
{
	worker_enter(w, WORKER_ENROLL); /* a state that speaks */
	worker_end(w, WIRE_BYE_VERSION, true,
		"this laptop's Farseat is too old to enrol here: update it, then use the same invitation again");
}

void worker_handshake(struct worker *w)
{
	struct tls_info info;

	int r = peer_handshake(&w->peer);
	if (r == -EAGAIN || w->state == WORKER_ENDED)
		return;
	if (r < 0) {
		failed(w);
		return;
	}
	report(w, CRYPTO_OK);
	tls_info(w->peer.tls, &info);
	if (strcmp(info.alpn, TLS_ALPN_ENROLL_UNPROVEN) == 0)
		refuse_unproven(w);
	else
		worker_enter(
			w, strcmp(info.alpn, TLS_ALPN_ENROLL) == 0 ? WORKER_ENROLL : WORKER_HELLO);
}
