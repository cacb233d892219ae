/* The second proof, and the session that it opens. */
#include "server/supervisor/requests_parts.h"

#include "server/registry/audit.h"
#include "server/registry/seen.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/crypto/proof.h"

#include <stdio.h>
#include <string.h>

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
		requests_deny(w, WIRE_BYE_SESSION_ENDED, reason);
		return 0;
	}
	const char *full = places_take(w->supervisor, d);
	if (full) {
		requests_deny(w, WIRE_BYE_BUSY, full);
		return 0;
	}
	return grant(w, d, key, bound);
}

int requests_proof(void *owner, const void *body, int *fd)
{
	struct worker_child *w = owner;
	const struct record_proof *p = body;
	const struct supervisor *s = w->supervisor;
	const struct registry_key *key = NULL;
	uint8_t nonce[WIRE_NONCE_BYTES];

	(void)fd; /* workers pass none */
	requests_take_nonce(w, nonce);
	memcpy(w->fingerprint, p->fingerprint, sizeof(w->fingerprint));
	memcpy(w->software, p->software, sizeof(w->software));

	enum crypto_fault fault = requests_judge(s, false, p->fingerprint);
	const struct registry_device *d =
		registry_find_fingerprint(&s->registry, p->fingerprint, &key);
	if (fault != CRYPTO_OK || !d) {
		requests_deny(w, fault == CRYPTO_REVOKED ? WIRE_BYE_REVOKED : WIRE_BYE_REFUSED,
			crypto_fault_text(fault));
		return 0;
	}
	const char *why = proof_fault(s, d, key, p, nonce);
	if (why) {
		requests_deny(w, WIRE_BYE_REFUSED, why);
		return 0;
	}
	return admit(w, d, key, p->bound);
}
