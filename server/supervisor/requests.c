/*
 * What workers ask of the supervisor: one table, each request with the phases in which it is
 * allowed. Anything out of turn ends that worker. Values are checked again here, as if the worker
 * were taken over.
 */
#include "server/registry/audit.h"
#include "server/registry/seen.h"
#include "server/supervisor/child_log.h"
#include "server/supervisor/supervisor.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/clipboard/kind.h"
#include "common/crypto/proof.h"
#include "common/crypto/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* What the registry says of a certificate: CRYPTO_OK admits. */
static enum crypto_fault judge(
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

/* A gateway has named its client. From now on this address stands for the connection, in the
 * limiter, the log and the audit log. The worker has read it: one that was taken over can lie
 * here once, and do no more. */
static int handle_peer(void *owner, const void *body, int *fd)
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

static int handle_admit(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_admit_query *q = body;
	enum crypto_fault fault = judge(w->supervisor, q->invitation, q->fingerprint);
	const struct worker_record reply = { .type = RECORD_ADMIT_REPLY,
		.admit_reply = { .fault = (uint8_t)fault } };

	(void)fd; /* workers pass none */
	child_send(&w->child, &reply, -1);
	return 0;
}

static int handle_keeper(void *owner, const void *body, int *fd)
{
	(void)fd; /* workers pass none */
	keeper_answer(owner, body);
	return 0;
}

static void refuse(struct worker_child *w, const char *why, const char *detail)
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

/* Used, withdrawn and expired are told apart: the administrator does something else about each. */
static void refuse_invitation(struct worker_child *w, const struct registry_invitation *i)
{
	char why[REGISTRY_NAME_MAX_BYTES + 64];
	const char *what = i->state == REGISTRY_SPENT       ? "was used already"
			   : i->state == REGISTRY_WITHDRAWN ? "was withdrawn"
							    : "has expired";

	snprintf(why, sizeof(why), "the invitation for %s %s", i->name, what);
	refuse(w, why, "");
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
		refuse(w, crypto_fault_text((enum crypto_fault)h->fault), h->detail);
	w->phase = WORKER_ENDING;
	/* It still drains the connection, so that the alert arrives. */
	child_end(&w->child, 2 * CHILD_END_MS);
}

static int handle_handshake(void *owner, const void *body, int *fd)
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

static void deny(struct worker_child *w, uint16_t code, const char *reason)
{
	struct worker_record record = { .type = RECORD_DENIED, .denied = { .code = code } };

	snprintf(record.denied.reason, sizeof(record.denied.reason), "%.*s",
		(int)sizeof(record.denied.reason) - 1, reason);
	refuse(w, reason, "");
	w->phase = WORKER_ENDING;
	child_send(&w->child, &record, -1);
	child_end(&w->child, 2 * CHILD_END_MS);
}

/* What the person is told at connect: who was here last, and how many were refused. */
static void fill_welcome(
	struct worker_child *w, const struct registry_key *key, struct wire_welcome *welcome)
{
	const struct supervisor *s = w->supervisor;

	welcome->session = w->id;
	welcome->caps = w->caps;
	welcome->codec_features = UINT32_MAX;
	memcpy(welcome->device, w->device, sizeof(w->device));
	memcpy(welcome->workstation, s->registry.workstation, sizeof(welcome->workstation));
	welcome->last_seen_s = s->visits.has_device && strcmp(s->visits.device, w->device) == 0
				       ? s->visits.device_s
				       : 0;
	memcpy(welcome->last_device, s->visits.device, sizeof(s->visits.device));
	welcome->last_device_s = s->visits.device_s;
	welcome->refused = s->visits.refused;
	welcome->cert_not_after_s = key->expires_s;
}

/* The device has used its renewed certificate, so the one before it ends. Where the registry is
 * busy, the next session does this. */
static void drop_previous(struct supervisor *s, const char *id)
{
	char error[REGISTRY_ERROR_MAX_BYTES];
	int lock;

	if (registry_try_lock(&lock) < 0)
		return;
	if (registry_refresh(&s->registry, error) == 0) {
		struct registry_device *d = registry_find_id(&s->registry, id);
		if (d)
			d->previous = (struct registry_key){ 0 };
		if (d && registry_save(&s->registry) < 0)
			log_warn("the registry cannot be written");
		supervisor_reload(s);
	}
	fd_close(&lock);
}

static int grant(struct worker_child *w, const struct registry_device *d,
	const struct registry_key *key, bool bound)
{
	struct supervisor *s = w->supervisor;
	struct worker_record granted = { .type = RECORD_GRANTED };

	memcpy(w->device_id, d->id, sizeof(w->device_id));
	memcpy(w->device, d->name, sizeof(w->device));
	w->caps = settings_caps(&s->settings, d->caps);
	w->since_s = clock_wall_s();
	w->expires_s = key->expires_s;
	fill_welcome(w, key, &granted.granted.welcome);
	limiter_authorised(&s->limiter, &w->source);
	w->counted = false;
	w->phase = WORKER_SESSION;

	s->visits.has_device = true;
	memcpy(s->visits.device, w->device, sizeof(w->device));
	s->visits.device_s = w->since_s;
	log_info("%s (%s): session %u begins, %s, %s %s%s", w->device, w->peer, w->id,
		registry_role_name(w->caps), w->version, w->suite, w->resumed ? ", resumed" : "");
	seen_note(w->device_id);
	if (bound)
		seen_mark_bound(w->device_id);
	audit_write("session-begin",
		json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "device", w->device, "device_id",
			w->device_id, "peer", w->peer, "session", (int)w->id, "role",
			registry_role_name(w->caps), "tls", w->version));
	bool renewed = key == &d->key && d->previous.public_key_len > 0;
	int r = agents_connect(s, w, &granted);
	if (r == 0 && renewed)
		drop_previous(s, w->device_id);
	return r;
}

/* It is good once. A phase that needs one comes only once, too. */
static void take_nonce(struct worker_child *w, uint8_t out[static WIRE_NONCE_BYTES])
{
	memcpy(out, w->nonce, WIRE_NONCE_BYTES);
	memset(w->nonce, 0, sizeof(w->nonce));
}

#define UNBOUND                                                                                             \
	"this laptop no longer ties its proof to the connection, as it did: its Farseat has become older, " \
	"or somebody stands in between. Update it, or enrol it again"

/* Why the proof opens nothing; NULL: it is the device's, of this connection. */
static const char *proof_fault(const struct supervisor *s, const struct registry_device *d,
	const struct registry_key *key, const struct record_proof *p,
	const uint8_t nonce[static WIRE_NONCE_BYTES])
{
	if (proof_verify(key->public_key, key->public_key_len, s->registry.server_id, nonce,
		    p->fingerprint, p->bound ? p->binding : NULL, p->signature.bytes,
		    p->signature.len) < 0)
		return p->bound
			       ? "the second proof is not by this device's key, or of another connection"
			       : "the second proof is not by this device's key";
	/* Else whoever stands between two connections would only have to say that one end is old. */
	return !p->bound && seen_is_bound(d->id) ? UNBOUND : NULL;
}

/* The proof is good: a session, where there is one to show and a place for it. */
static int admit(struct worker_child *w, const struct registry_device *d,
	const struct registry_key *key, bool bound)
{
	const struct agent_child *agent = &w->supervisor->agent;

	/* An agent that is only restarting is waited for. A session that cannot be shown is a
	 * refusal. */
	if (!agent->ready && agent->failure[0] != '\0') {
		char reason[RECORD_DETAIL_MAX_BYTES];
		snprintf(reason, sizeof(reason), "the workstation has no session to show: %.200s",
			agent->failure);
		deny(w, WIRE_BYE_SESSION_ENDED, reason);
		return 0;
	}
	const char *full = places_take(w->supervisor, d);
	if (full) {
		deny(w, WIRE_BYE_BUSY, full);
		return 0;
	}
	return grant(w, d, key, bound);
}

static int handle_proof(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_proof *p = body;
	const struct supervisor *s = w->supervisor;
	const struct registry_key *key = NULL;
	uint8_t nonce[WIRE_NONCE_BYTES];

	(void)fd; /* workers pass none */
	take_nonce(w, nonce);
	memcpy(w->fingerprint, p->fingerprint, sizeof(w->fingerprint));
	memcpy(w->software, p->software, sizeof(w->software));

	enum crypto_fault fault = judge(s, false, p->fingerprint);
	const struct registry_device *d =
		registry_find_fingerprint(&s->registry, p->fingerprint, &key);
	if (fault != CRYPTO_OK || !d) {
		deny(w, fault == CRYPTO_REVOKED ? WIRE_BYE_REVOKED : WIRE_BYE_REFUSED,
			crypto_fault_text(fault));
		return 0;
	}
	const char *why = proof_fault(s, d, key, p, nonce);
	if (why) {
		deny(w, WIRE_BYE_REFUSED, why);
		return 0;
	}
	return admit(w, d, key, p->bound);
}

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
		deny(w, WIRE_BYE_INTERNAL, "the signer is not running");
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

static int handle_enroll(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_enroll *e = body;
	struct record_sign request = {
		.kind = RECORD_SIGN_ENROLL, .csr = e->csr, .proof = e->proof
	};

	(void)fd; /* workers pass none */
	if (w->signing)
		return -EPROTO;
	take_nonce(w, request.nonce);
	memcpy(w->fingerprint, e->fingerprint, sizeof(w->fingerprint));
	if (judge(w->supervisor, true, e->fingerprint) != CRYPTO_OK) {
		deny(w, WIRE_BYE_INVITATION, "the invitation was used, withdrawn or has expired");
		return 0;
	}
	if (!enrolment_is_proven(w->supervisor, e, request.nonce)) {
		deny(w, WIRE_BYE_REFUSED, "the request is not proven by the invitation's key");
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

static int handle_renew(void *owner, const void *body, int *fd)
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

static int handle_ended(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_end *ended = body;
	char reason[LOG_ESCAPED_MAX], name[WORKER_CHILD_NAME_MAX_BYTES];

	(void)fd; /* workers pass none */
	log_escape(reason, ended->reason, strlen(ended->reason));
	if (w->phase == WORKER_GATEWAY && ended->code == WIRE_BYE_PROTOCOL)
		refuse(w, reason, "");
	else if (w->phase != WORKER_ENDING) /* else it was said why */
		log_info("%s: %s", worker_child_name(w, &w->supervisor->registry, name), reason);
	w->phase = WORKER_ENDING;
	child_end(&w->child, 2 * CHILD_END_MS);
	return 0;
}

static int handle_files(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_files_ask *ask = body;
	struct worker_record reply = { .type = RECORD_FILES,
		.files = { .transfer = ask->transfer } };
	int channel = -1;

	(void)fd; /* workers pass none */
	reply.files.fault = (uint8_t)files_begin(w, ask, &channel);
	child_send(&w->child, &reply, channel);
	fd_close(&channel);
	return 0;
}

static int handle_sound(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	struct worker_record reply = { .type = RECORD_SOUND };
	int channel = -1;

	(void)body;
	(void)fd; /* workers pass none */
	reply.sound.reason = (uint8_t)sound_begin(w, &channel);
	child_send(&w->child, &reply, channel);
	fd_close(&channel);
	return 0;
}

static int handle_stats(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_stats *stats = body;

	(void)fd; /* workers pass none */
	w->stats = *stats;
	w->has_stats = true;
	return 0;
}

/* What has crossed, and how much of it: never what it was. */
static int handle_carried(void *owner, const void *body, int *fd)
{
	static const char *const ends[WIRE_CLIPBOARD_STATUSES] = { "stopped", "whole", "refused",
		"too large", "gone", "late", "unusable" };
	struct worker_child *w = owner;
	const struct record_carried *c = body;
	const char *selection = clipboard_selection_name((enum clipboard_selection)c->selection);
	const char *kind = clipboard_kind_name((enum clipboard_kind)c->kind);
	const char *way = c->out ? "out" : "in";

	(void)fd; /* workers pass none */
	log_info("%s (%s): %s %s: %s, %llu bytes, %s", w->device, w->peer, selection, way, kind,
		(unsigned long long)c->bytes, ends[c->status]);
	audit_write("clipboard",
		json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:s}", "device", w->device, "id",
			w->device_id, "session", (int)w->id, "way", way, "selection", selection,
			"kind", kind, "bytes", (json_int_t)c->bytes, "end", ends[c->status]));
	return 0;
}

static int handle_log(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_log *log = body;
	char who[WORKER_CHILD_NAME_MAX_BYTES + 32], name[WORKER_CHILD_NAME_MAX_BYTES];

	(void)fd; /* workers pass none */
	snprintf(who, sizeof(who), "worker %u (%s)", w->id,
		worker_child_name(w, &w->supervisor->registry, name));
	child_log(who, log);
	return 0;
}

static unsigned phase_of(const void *owner)
{
	const struct worker_child *w = owner;

	return (unsigned)w->phase;
}

static void refuse_request(void *owner, const char *record, const char *what)
{
	struct worker_child *w = owner;
	char name[WORKER_CHILD_NAME_MAX_BYTES];

	log_error("the worker of %s sent %s: it is ended",
		worker_child_name(w, &w->supervisor->registry, name), what);
	audit_write(
		"worker-violation", json_pack("{s:s, s:s}", "peer", w->peer, "request", record));
	w->phase = WORKER_ENDING;
}

/* What was under way when the worker was told to end is no offence. */
#define ENDING DISPATCH_IN(WORKER_ENDING)

static const struct dispatch_rule rules[] = {
	{ RECORD_PEER, DISPATCH_IN(WORKER_GATEWAY), handle_peer, ENDING },
	{ RECORD_ADMIT_QUERY, DISPATCH_IN(WORKER_HANDSHAKE), handle_admit, ENDING },
	{ RECORD_KEEPER_ASK, DISPATCH_IN(WORKER_HANDSHAKE), handle_keeper, ENDING },
	{ RECORD_HANDSHAKE, DISPATCH_IN(WORKER_HANDSHAKE), handle_handshake, ENDING },
	{ RECORD_PROOF, DISPATCH_IN(WORKER_PROOF), handle_proof, ENDING },
	{ RECORD_ENROLL, DISPATCH_IN(WORKER_ENROLL), handle_enroll, ENDING },
	{ RECORD_RENEW, DISPATCH_IN(WORKER_SESSION), handle_renew, ENDING },
	{ RECORD_STATS, DISPATCH_IN(WORKER_SESSION) | ENDING, handle_stats, 0 },
	{ RECORD_CARRIED, DISPATCH_IN(WORKER_SESSION) | ENDING, handle_carried, 0 },
	{ RECORD_ENDED, DISPATCH_ALWAYS, handle_ended, 0 },
	{ RECORD_FILES_ASK, DISPATCH_IN(WORKER_SESSION), handle_files, ENDING },
	{ RECORD_SOUND_ASK, DISPATCH_IN(WORKER_SESSION), handle_sound, ENDING },
	{ RECORD_LOG, DISPATCH_ALWAYS, handle_log, 0 },
};

const struct dispatch requests_dispatch = {
	.records = &worker_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse_request,
};
