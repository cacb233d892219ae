/* What workers ask before a session: whose connection it is, and whether it may be served. */
#include "server/supervisor/requests_parts.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum crypto_fault requests_judge(
	const struct supervisor *s, bool invitation, const uint8_t fingerprint[static 32])
{
	int64_t now = clock_wall_s();

	if (invitation) {
		const struct registry_invitation *i =
			registry_find_invitation(&s->registry, fingerprint);
		if (!i)
			return CRYPTO_NOT_ADMITTED;
		if (i->state != REGISTRY_PENDING)
			return CRYPTO_REVOKED;
		return now < i->expires_s ? CRYPTO_OK : CRYPTO_EXPIRED;
	}
	const struct registry_key *key = NULL;
	if (registry_find_fingerprint(&s->registry, fingerprint, &key))
		return now < key->expires_s ? CRYPTO_OK : CRYPTO_EXPIRED;
	const struct registry_device *d = registry_find_any(&s->registry, fingerprint);
	return d && d->revoked ? CRYPTO_REVOKED : CRYPTO_NOT_ADMITTED;
}

void requests_refuse(struct worker_child *w, const char *why, const char *detail)
{
	char escaped[LOG_ESCAPED_MAX], name[WORKER_CHILD_NAME_MAX_BYTES];
	const struct registry_device *d =
		registry_find_any(&w->supervisor->registry, w->fingerprint);

	w->supervisor->visits.refused++;
	log_escape(escaped, detail, strlen(detail));
	log_warn("refused %s: %s%s%s%s", worker_child_name(w, &w->supervisor->registry, name), why,
		detail[0] ? " (" : "", escaped, detail[0] ? ")" : "");
	refusals_note(&w->supervisor->refusals, &w->source, w->peer, d ? d->name : "", why, escaped,
		clock_wall_s());
}

void requests_deny(struct worker_child *w, uint16_t code, const char *reason)
{
	struct worker_record record = { .type = RECORD_DENIED, .denied = { .code = code } };

	snprintf(record.denied.reason, sizeof(record.denied.reason), "%.*s",
		(int)sizeof(record.denied.reason) - 1, reason);
	requests_refuse(w, reason, "");
	w->phase = WORKER_ENDING;
	child_send(&w->child, &record, -1);
	child_end(&w->child, 2 * CHILD_END_MS);
}

void requests_take_nonce(struct worker_child *w, uint8_t out[static WIRE_NONCE_BYTES])
{
	memcpy(out, w->nonce, WIRE_NONCE_BYTES);
	memset(w->nonce, 0, sizeof(w->nonce));
}

/* A gateway has named its client. From now on this address stands for the connection, in the
 * limiter, the log and the audit log. The worker has read it: one that was taken over can lie
 * here once, and do no more. */
int requests_peer(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_peer *p = body;
	struct supervisor *s = w->supervisor;
	struct sockaddr_storage address = { 0 };
	socklen_t len = 0;

	(void)fd; /* workers pass none */
	memcpy(w->gateway, w->peer, sizeof(w->gateway));
	if (p->family == 4) {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(p->port) };
		memcpy(&in.sin_addr, p->address, sizeof(in.sin_addr));
		memcpy(&address, &in, len = sizeof(in));
	} else if (p->family == 6) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(p->port) };
		memcpy(&in6.sin6_addr, p->address, sizeof(in6.sin6_addr));
		memcpy(&address, &in6, len = sizeof(in6));
	} else {
		w->phase = WORKER_ENDING; /* a health check: no client, and no line in the log */
		child_end(&w->child, 2 * CHILD_END_MS);
		return 0;
	}
	listeners_describe((const struct sockaddr *)&address, len, w->peer);
	const struct limiter_source source = limiter_source_of((const struct sockaddr *)&address);
	enum limiter_verdict verdict = limiter_learn(&s->limiter, &source, clock_now_ms());
	if (verdict != LIMITER_ADMIT) {
		listeners_refused(verdict, w->peer);
		w->phase = WORKER_ENDING;
		child_end(&w->child, 0);
		return 0;
	}
	w->source = source;
	w->phase = WORKER_HANDSHAKE;
	log_debug("%s comes through the gateway %s", w->peer, w->gateway);
	return 0;
}

int requests_admit(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_admit_query *q = body;
	enum crypto_fault fault = requests_judge(w->supervisor, q->invitation, q->fingerprint);
	const struct worker_record reply = { .type = RECORD_ADMIT_REPLY,
		.admit_reply = { .fault = (uint8_t)fault } };

	(void)fd; /* workers pass none */
	child_send(&w->child, &reply, -1);
	return 0;
}

int requests_keeper(void *owner, const void *body, int *fd)
{
	(void)fd; /* workers pass none */
	keeper_answer(owner, body);
	return 0;
}

/* Used, withdrawn and expired are told apart: the administrator does something else about each. */
static void refuse_invitation(struct worker_child *w, const struct registry_invitation *i)
{
	char why[REGISTRY_NAME_MAX_BYTES + 64];
	const char *what = i->state == REGISTRY_SPENT       ? "was used already"
			   : i->state == REGISTRY_WITHDRAWN ? "was withdrawn"
							    : "has expired";

	snprintf(why, sizeof(why), "the invitation for %s %s", i->name, what);
	requests_refuse(w, why, "");
}

/*
 * The client went away by itself, which is no refusal: a port scanner does that, and so does a
 * laptop that looks at our chain before it enrols. The laptop may end by an alert, close, or show
 * no certificate (PROTOCOL.md, section 5).
 */
static bool only_looked(const struct record_handshake *h)
{
	return h->fault == CRYPTO_REFUSED || h->fault == CRYPTO_CLOSED ||
	       (h->fault == CRYPTO_NO_CERTIFICATE && tls_alpn_enrolls(h->alpn));
}

static void handshake_failed(struct worker_child *w, const struct record_handshake *h)
{
	const struct registry_invitation *i =
		registry_find_invitation(&w->supervisor->registry, h->fingerprint);
	char escaped[LOG_ESCAPED_MAX];

	if (only_looked(h))
		log_info("%s went away in the handshake (%s)", w->peer,
			log_escape(escaped, h->detail, strlen(h->detail)));
	else if (i && (h->fault == CRYPTO_REVOKED || h->fault == CRYPTO_EXPIRED))
		refuse_invitation(w, i);
	else
		requests_refuse(w, crypto_fault_text((enum crypto_fault)h->fault), h->detail);
	w->phase = WORKER_ENDING;
	/* It still drains the connection, so that the alert arrives. */
	child_end(&w->child, 2 * CHILD_END_MS);
}

int requests_handshake(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_handshake *h = body;

	(void)fd; /* workers pass none */
	memcpy(w->fingerprint, h->fingerprint, sizeof(w->fingerprint));
	memcpy(w->version, h->version, sizeof(w->version));
	memcpy(w->suite, h->suite, sizeof(w->suite));
	w->resumed = h->resumed;
	if (h->fault != CRYPTO_OK) {
		handshake_failed(w, h);
		return 0;
	}
	w->phase = tls_alpn_enrolls(h->alpn) ? WORKER_ENROLL : WORKER_PROOF;
	log_debug("%s: %s %s in %u us%s", w->peer, w->version, w->suite, h->took_us,
		h->resumed ? ", resumed" : "");
	return 0;
}
