/*
 * What a worker may ask, phase by phase, as if it were taken over: the table of requests.c with
 * everything around it played by the test. Real are the registry, the keys and the proofs.
 */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/crypto/proof.h"
#include "common/crypto/random.h"
#include "common/crypto/tls.h"
#include "server/registry/audit.h"
#include "server/supervisor/supervisor.h"
#include "tests/unit/registry/home.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHASES (WORKER_ENDING + 1)

static struct {
	struct worker_record sent[8];
	size_t count;
	unsigned ends;      /* child_end calls */
	unsigned connected; /* agents_connect calls */
	unsigned asked;     /* signers_ask calls */
	unsigned reloads;   /* supervisor_reload calls */
	int signer_result;
	struct record_sign sign;
	char line[2048]; /* logged last */
} played;

static void keep_line(void *user, enum log_level level, const char *line)
{
	(void)user;
	(void)level;
	snprintf(played.line, sizeof(played.line), "%s", line);
}

/* ---- what requests.c calls ---- */

void child_send(struct child *c, const void *record, int fd)
{
	(void)c;
	(void)fd;
	assert_true(played.count < ARRAY_LEN(played.sent));
	played.sent[played.count++] = *(const struct worker_record *)record;
}

void child_end(struct child *c, unsigned ms)
{
	(void)c;
	(void)ms;
	played.ends++;
}

int agents_connect(
	struct supervisor *s, struct worker_child *w, const struct worker_record *announce)
{
	(void)s;
	played.connected++;
	child_send(&w->child, announce, -1);
	return 0;
}

void workers_end(struct worker_child *w, uint16_t code, const char *reason)
{
	(void)code;
	(void)reason;
	w->phase = WORKER_ENDING;
}

int supervisor_reload(struct supervisor *s)
{
	(void)s;
	played.reloads++;
	return 0;
}

int signers_ask(struct supervisor *s, const struct record_sign *request)
{
	(void)s;
	played.asked++;
	played.sign = *request;
	return played.signer_result;
}

enum wire_file_fault files_begin(
	struct worker_child *w, const struct record_files_ask *ask, int *channel)
{
	(void)w;
	(void)channel;
	played.asked++;
	return ask->caps & WIRE_CAP_FILES_IN ? WIRE_FILE_NOT_ALLOWED : WIRE_FILE_BUSY;
}

enum wire_sound_stop_reason sound_begin(struct worker_child *w, int *channel)
{
	(void)channel;
	played.asked++;
	return w->caps & WIRE_CAP_SOUND ? WIRE_SOUND_NONE : WIRE_SOUND_NOT_ALLOWED;
}

void listeners_describe(
	const struct sockaddr *address, socklen_t len, char out[static WIRE_NAME_MAX_BYTES])
{
	char host[64], port[16];

	assert_int_equal(getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
				 NI_NUMERICHOST | NI_NUMERICSERV),
		0);
	snprintf(out, WIRE_NAME_MAX_BYTES, "%s %s", host, port);
}

void listeners_refused(enum limiter_verdict verdict, const char *peer)
{
	snprintf(played.line, sizeof(played.line), "%d %s", (int)verdict, peer);
}

/* ---- a workstation with one device and one invitation ---- */

struct scene {
	void *home;
	struct supervisor s;
	struct worker_child w;
	struct crypto_key *key, *once; /* the device's, the invitation's */
	uint8_t fingerprint[32], invited[32];
};

static int setup(void **state)
{
	struct scene *t = calloc(1, sizeof(*t));
	struct registry_device d = { .name = "tom", .caps = WIRE_CAPS_VIEW };
	struct registry_invitation i = { .name = "eve" };
	char path[PATH_MAX];

	if (!t || home_setup(&t->home) < 0 || dir_make(home_file("state/log", path), 0700) < 0 ||
		dir_make(home_file("state/seen", path), 0700) < 0 ||
		crypto_key_generate(&t->key) < 0 || crypto_key_generate(&t->once) < 0 ||
		crypto_invitation_cert(t->once, &i.cert) < 0)
		return -1;
	memset(&played, 0, sizeof(played));
	memset(t->fingerprint, 0x11, sizeof(t->fingerprint));
	memset(t->invited, 0x22, sizeof(t->invited));
	t->s.settings = settings_default();
	snprintf(t->s.registry.server_id, sizeof(t->s.registry.server_id), "ws-1");
	if (registry_new_id(d.id) < 0 ||
		crypto_key_public_der(t->key, d.key.public_key, sizeof(d.key.public_key),
			&d.key.public_key_len) < 0)
		return -1;
	memcpy(d.key.fingerprint, t->fingerprint, sizeof(t->fingerprint));
	memcpy(i.fingerprint, t->invited, sizeof(t->invited));
	d.key.expires_s = i.expires_s = clock_wall_s() + 1000;
	if (registry_add_device(&t->s.registry, &d) < 0 ||
		registry_add_invitation(&t->s.registry, &i) < 0)
		return -1;
	t->w.supervisor = &t->s;
	t->w.child.owner = &t->w;
	t->w.id = 5;
	t->w.agent_fd = -1;
	snprintf(t->w.peer, sizeof(t->w.peer), "127.0.0.1:5555");
	memset(t->w.nonce, 0x33, sizeof(t->w.nonce));
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct scene *t = *state;
	int r = home_teardown(&t->home);

	registry_finish(&t->s.registry);
	crypto_key_destroy(t->key);
	crypto_key_destroy(t->once);
	free(t);
	return r;
}

static int handle(struct scene *t, const struct worker_record *record)
{
	int fd = -1;

	return dispatch_record(&requests_dispatch, &t->w, record, &fd);
}

/* The answer sent last. */
static const struct worker_record *last(void)
{
	assert_true(played.count > 0);
	return &played.sent[played.count - 1];
}

/* A proof as the device's key makes it, over what the caller says. */
static struct worker_record proof_over(const struct scene *t, const struct crypto_key *key,
	const char *server_id, uint8_t nonce_byte, const uint8_t fingerprint[static 32],
	uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES])
{
	struct worker_record r = { .type = RECORD_PROOF };
	uint8_t nonce[PROOF_NONCE_BYTES];

	memset(nonce, nonce_byte, sizeof(nonce));
	memcpy(r.proof.fingerprint, t->fingerprint, sizeof(r.proof.fingerprint));
	r.proof.signature.bytes = signature;
	assert_int_equal(proof_sign(key, server_id, nonce, fingerprint, NULL, signature,
				 &r.proof.signature.len),
		0);
	snprintf(r.proof.software, sizeof(r.proof.software), "farseat test");
	return r;
}

static struct worker_record good_proof(
	const struct scene *t, uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES])
{
	return proof_over(t, t->key, "ws-1", 0x33, t->fingerprint, signature);
}

static struct worker_record good_handshake(const char *alpn)
{
	struct worker_record r = { .type = RECORD_HANDSHAKE };

	snprintf(r.handshake.alpn, sizeof(r.handshake.alpn), "%s", alpn);
	snprintf(r.handshake.version, sizeof(r.handshake.version), "TLSv1.2");
	return r;
}

/* ---- the table ---- */

/* Everything that is not in the list for a phase ends the worker; nothing is sent, granted or
 * signed. */
static void out_of_turn_ends_the_worker(void **state)
{
	static const struct {
		enum record_type type;
		unsigned phases;
	} allowed[] = {
		{ RECORD_PEER, 1U << WORKER_GATEWAY },
		{ RECORD_ADMIT_QUERY, 1U << WORKER_HANDSHAKE },
		{ RECORD_KEEPER_ASK, 1U << WORKER_HANDSHAKE },
		{ RECORD_HANDSHAKE, 1U << WORKER_HANDSHAKE },
		{ RECORD_PROOF, 1U << WORKER_PROOF },
		{ RECORD_ENROLL, 1U << WORKER_ENROLL },
		{ RECORD_RENEW, 1U << WORKER_SESSION },
		{ RECORD_FILES_ASK, 1U << WORKER_SESSION },
		{ RECORD_SOUND_ASK, 1U << WORKER_SESSION },
		{ RECORD_STATS, 1U << WORKER_SESSION },
		{ RECORD_CARRIED, 1U << WORKER_SESSION },
		{ RECORD_ENDED, ~0U },
		{ RECORD_LOG, ~0U },
	};
	struct scene *t = *state;

	for (unsigned type = 0; type < 256; type++) {
		for (unsigned phase = 0; phase < WORKER_ENDING; phase++) {
			const struct worker_record r = { .type = (enum record_type)type };
			bool good = false;
			for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
				good |= allowed[i].type == (enum record_type)type &&
					(allowed[i].phases >> phase & 1);
			if (good)
				continue;
			memset(&played, 0, sizeof(played));
			t->w.phase = (enum worker_phase)phase;
			assert_int_equal(handle(t, &r), -EPROTO);
			assert_int_equal(t->w.phase, WORKER_ENDING);
			assert_int_equal(played.count + played.connected + played.asked, 0);
		}
	}
}

/* What was on its way when it was told to end has no effect and is no offence. */
static void an_ending_worker_gets_nothing(void **state)
{
	static const enum record_type asked[] = { RECORD_ADMIT_QUERY, RECORD_HANDSHAKE,
		RECORD_PROOF, RECORD_ENROLL, RECORD_RENEW, RECORD_FILES_ASK, RECORD_SOUND_ASK };
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct worker_record r = { .type = asked[i] };
		if (asked[i] == RECORD_PROOF)
			r = good_proof(t, signature);
		t->w.phase = WORKER_ENDING;
		assert_int_equal(handle(t, &r), 0);
		assert_int_equal(t->w.phase, WORKER_ENDING);
		assert_int_equal(played.count + played.connected + played.asked, 0);
	}
}

/* ---- admission ---- */

static enum crypto_fault admit(struct scene *t, bool invitation, const uint8_t *fingerprint)
{
	struct worker_record r = { .type = RECORD_ADMIT_QUERY,
		.admit_query = { .invitation = invitation } };

	memcpy(r.admit_query.fingerprint, fingerprint, 32);
	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(last()->type, RECORD_ADMIT_REPLY);
	enum crypto_fault fault = (enum crypto_fault)last()->admit_reply.fault;
	played.count = 0;
	return fault;
}

static void only_the_registry_admits(void **state)
{
	struct scene *t = *state;
	uint8_t unknown[32] = { 9 };
	struct registry_device *d = &t->s.registry.devices[0];
	struct registry_invitation *i = &t->s.registry.invitations[0];

	assert_int_equal(admit(t, false, t->fingerprint), CRYPTO_OK);
	assert_int_equal(admit(t, true, t->invited), CRYPTO_OK);
	/* A device is no invitation, and the reverse. */
	assert_int_equal(admit(t, true, t->fingerprint), CRYPTO_NOT_ADMITTED);
	assert_int_equal(admit(t, false, t->invited), CRYPTO_NOT_ADMITTED);
	assert_int_equal(admit(t, false, unknown), CRYPTO_NOT_ADMITTED);
	assert_int_equal(admit(t, true, unknown), CRYPTO_NOT_ADMITTED);

	d->key.expires_s = clock_wall_s();
	assert_int_equal(admit(t, false, t->fingerprint), CRYPTO_EXPIRED);
	d->revoked = true;
	assert_int_equal(admit(t, false, t->fingerprint), CRYPTO_REVOKED);
	i->expires_s = clock_wall_s();
	assert_int_equal(admit(t, true, t->invited), CRYPTO_EXPIRED);
	i->state = REGISTRY_SPENT;
	assert_true(admit(t, true, t->invited) != CRYPTO_OK);
	i->state = REGISTRY_WITHDRAWN;
	assert_true(admit(t, true, t->invited) != CRYPTO_OK);
}

static void a_handshake_leads_to_its_phase(void **state)
{
	struct scene *t = *state;
	struct worker_record session = good_handshake(TLS_ALPN_SESSION);
	struct worker_record enroll = good_handshake(TLS_ALPN_ENROLL);

	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(handle(t, &session), 0);
	assert_int_equal(t->w.phase, WORKER_PROOF);
	assert_int_equal(handle(t, &session), -EPROTO); /* once */

	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(handle(t, &enroll), 0);
	assert_int_equal(t->w.phase, WORKER_ENROLL);

	t->w.phase = WORKER_HANDSHAKE;
	session.handshake.fault = CRYPTO_EXPIRED;
	assert_int_equal(handle(t, &session), 0);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_true(played.ends > 0);
}

/* What ended in the handshake, by the log's line and the count that the next person is told. */
static void ended_in_handshake(
	struct scene *t, enum crypto_fault fault, const char *alpn, const char *line, bool counts)
{
	struct worker_record r = good_handshake(alpn);
	uint32_t before = t->s.visits.refused;

	memcpy(r.handshake.fingerprint, t->invited, sizeof(r.handshake.fingerprint));
	r.handshake.fault = (uint8_t)fault;
	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_non_null(strstr(played.line, line));
	assert_int_equal(t->s.visits.refused - before, counts);
}

static void an_ended_invitation_is_called_so(void **state)
{
	struct scene *t = *state;
	struct registry_invitation *i = &t->s.registry.invitations[0];

	i->expires_s = clock_wall_s();
	ended_in_handshake(t, CRYPTO_EXPIRED, TLS_ALPN_ENROLL, "for eve has expired", true);
	i->state = REGISTRY_SPENT;
	ended_in_handshake(t, CRYPTO_REVOKED, TLS_ALPN_ENROLL, "for eve was used already", true);
	i->state = REGISTRY_WITHDRAWN;
	ended_in_handshake(t, CRYPTO_REVOKED, TLS_ALPN_ENROLL, "for eve was withdrawn", true);
	memset(t->invited, 0x23, sizeof(t->invited));
	ended_in_handshake(t, CRYPTO_UNKNOWN_CA, TLS_ALPN_ENROLL, "authority", true);
}

/* The first handshake of an enrolment is none. */
static void a_look_at_the_chain_is_no_refusal(void **state)
{
	struct scene *t = *state;

	ended_in_handshake(t, CRYPTO_REFUSED, TLS_ALPN_ENROLL, "went away", false);
	ended_in_handshake(t, CRYPTO_CLOSED, TLS_ALPN_ENROLL, "went away", false);
	ended_in_handshake(t, CRYPTO_NO_CERTIFICATE, TLS_ALPN_ENROLL, "went away", false);
	ended_in_handshake(t, CRYPTO_NO_CERTIFICATE, TLS_ALPN_SESSION, "refused", true);
	ended_in_handshake(t, CRYPTO_NO_CERTIFICATE, "", "refused", true);
}

/* Also before WELCOME: a line about an address alone helps nobody who looks for a device. */
static void the_log_names_the_device(void **state)
{
	struct scene *t = *state;
	struct worker_record r = good_handshake(TLS_ALPN_SESSION);
	const struct worker_record ended = { .type = RECORD_ENDED,
		.ended = { .code = WIRE_BYE_PROTOCOL, .reason = "message HELLO is malformed" } };

	memcpy(r.handshake.fingerprint, t->fingerprint, sizeof(r.handshake.fingerprint));
	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(handle(t, &ended), 0);
	assert_non_null(strstr(played.line,
		"127.0.0.1:5555 with the certificate of tom: message HELLO is malformed"));
}

/* ---- gateways ---- */

/* As listeners.c leaves a gateway's connection. */
static void come_through_gateway(struct scene *t)
{
	const struct limiter_source unknown = { 0 };

	assert_int_equal(
		limiter_begin(&t->s.limiter, &unknown, clock_now_ms(), UINT32_MAX), LIMITER_ADMIT);
	t->w.source = unknown;
	t->w.counted = true;
	t->w.phase = WORKER_GATEWAY;
	snprintf(t->w.peer, sizeof(t->w.peer), "10.0.0.1:5555");
}

static void a_gateway_says_who_comes(void **state)
{
	struct scene *t = *state;
	struct worker_record four = { .type = RECORD_PEER,
		.peer = { .family = 4, .address = { 192, 0, 2, 9 }, .port = 4711 } };
	struct worker_record six = { .type = RECORD_PEER,
		.peer = { .family = 6, .address = { 0x20, 1, 0xd, 0xb8, [15] = 1 }, .port = 1 } };

	come_through_gateway(t);
	assert_int_equal(handle(t, &four), 0);
	assert_int_equal(t->w.phase, WORKER_HANDSHAKE);
	assert_string_equal(t->w.peer, "192.0.2.9 4711");
	assert_string_equal(t->w.gateway, "10.0.0.1:5555");
	assert_int_equal(t->w.source.family, AF_INET);
	assert_int_equal(t->s.limiter.preauth, 1);
	assert_int_equal(handle(t, &four), -EPROTO); /* once */
	come_through_gateway(t);
	assert_int_equal(handle(t, &six), 0);
	assert_string_equal(t->w.peer, "2001:db8::1 1");
}

static void a_health_check_is_nobody(void **state)
{
	struct scene *t = *state;
	struct worker_record nobody = { .type = RECORD_PEER };

	come_through_gateway(t);
	assert_int_equal(handle(t, &nobody), 0);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_int_equal(played.ends, 1);
}

/* The limits of a source hold for the client, not for the gateway. */
static void clients_of_a_gateway_are_limited_each(void **state)
{
	struct scene *t = *state;
	struct worker_record r = { .type = RECORD_PEER,
		.peer = { .family = 4, .address = { 192, 0, 2, 9 }, .port = 4711 } };

	for (int i = 0; i < LIMITER_SOURCE_PREAUTH_MAX; i++) {
		come_through_gateway(t);
		assert_int_equal(handle(t, &r), 0);
		assert_int_equal(t->w.phase, WORKER_HANDSHAKE);
	}
	come_through_gateway(t);
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_non_null(strstr(played.line, "192.0.2.9"));
	limiter_end(&t->s.limiter, &t->w.source); /* as the worker's end does: still unknown */
	assert_int_equal(t->s.limiter.preauth, LIMITER_SOURCE_PREAUTH_MAX);
	come_through_gateway(t);
	r.peer.address[3] = 10;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(t->w.phase, WORKER_HANDSHAKE);
}

/* ---- the second proof ---- */

static void a_good_proof_is_granted_once(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES], zeros[32] = { 0 };
	struct worker_record r = good_proof(t, signature);

	t->w.phase = WORKER_PROOF;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(t->w.phase, WORKER_SESSION);
	assert_int_equal(played.connected, 1);
	assert_int_equal(last()->type, RECORD_GRANTED);
	assert_int_equal(last()->granted.welcome.caps, WIRE_CAPS_VIEW);
	assert_string_equal(last()->granted.welcome.device, "tom");
	assert_memory_equal(t->w.nonce, zeros, sizeof(zeros));

	assert_int_equal(handle(t, &r), -EPROTO);
	assert_int_equal(played.connected, 1);
}

static void refused(struct scene *t, const struct worker_record *r, uint16_t code)
{
	played.count = 0;
	t->w.phase = WORKER_PROOF;
	memset(t->w.nonce, 0x33, sizeof(t->w.nonce));
	assert_int_equal(handle(t, r), 0);
	assert_int_equal(last()->type, RECORD_DENIED);
	assert_int_equal(last()->denied.code, code);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_int_equal(played.connected, 0);
}

static void a_bad_proof_is_denied(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES], other_print[32] = { 7 };
	struct crypto_key *other = NULL;
	struct worker_record r;

	assert_int_equal(crypto_key_generate(&other), 0);
	r = proof_over(t, other, "ws-1", 0x33, t->fingerprint, signature);
	refused(t, &r, WIRE_BYE_REFUSED);
	r = proof_over(t, t->key, "ws-2", 0x33, t->fingerprint, signature);
	refused(t, &r, WIRE_BYE_REFUSED);
	r = proof_over(t, t->key, "ws-1", 0x34, t->fingerprint, signature);
	refused(t, &r, WIRE_BYE_REFUSED);
	r = proof_over(t, t->key, "ws-1", 0x33, other_print, signature);
	refused(t, &r, WIRE_BYE_REFUSED);

	r = good_proof(t, signature);
	for (size_t i = 0; i < r.proof.signature.len; i += 5) {
		signature[i] ^= 0x10;
		refused(t, &r, WIRE_BYE_REFUSED);
		signature[i] ^= 0x10;
	}
	r.proof.signature.len--;
	refused(t, &r, WIRE_BYE_REFUSED);
	r.proof.signature.len = 0;
	refused(t, &r, WIRE_BYE_REFUSED);
	crypto_key_destroy(other);
}

/* As a laptop makes it that binds its proof; the worker says that of its own connection. */
static struct worker_record bound_proof(const struct scene *t, uint8_t signed_byte,
	uint8_t told_byte, uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES])
{
	struct worker_record r = good_proof(t, signature);
	uint8_t nonce[PROOF_NONCE_BYTES], binding[PROOF_BINDING_BYTES];

	memset(nonce, 0x33, sizeof(nonce));
	memset(binding, signed_byte, sizeof(binding));
	assert_int_equal(proof_sign(t->key, "ws-1", nonce, t->fingerprint, binding, signature,
				 &r.proof.signature.len),
		0);
	r.proof.bound = true;
	memset(r.proof.binding, told_byte, sizeof(r.proof.binding));
	return r;
}

static void granted(struct scene *t, const struct worker_record *r)
{
	t->w.phase = WORKER_PROOF;
	memset(t->w.nonce, 0x33, sizeof(t->w.nonce));
	assert_int_equal(handle(t, r), 0);
	assert_int_equal(t->w.phase, WORKER_SESSION);
}

/* Whoever stands between two connections has the proof that was made for the other one. */
static void a_proof_for_another_connection_is_denied(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct worker_record r = bound_proof(t, 0x55, 0x66, signature);

	refused(t, &r, WIRE_BYE_REFUSED);
	r.proof.bound = false;
	refused(t, &r, WIRE_BYE_REFUSED);
	r = good_proof(t, signature);
	r.proof.bound = true;
	refused(t, &r, WIRE_BYE_REFUSED);
	r = bound_proof(t, 0x55, 0x55, signature);
	granted(t, &r);
}

/* A laptop from before is let in, until it has bound its proof once. */
static void a_device_that_binds_goes_on_binding(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES], bound_signature[CRYPTO_SIGNATURE_MAX_BYTES];
	const struct worker_record older = good_proof(t, signature);
	const struct worker_record bound = bound_proof(t, 0x55, 0x55, bound_signature);

	granted(t, &older);
	granted(t, &older);
	granted(t, &bound);
	played.connected = 0;
	refused(t, &older, WIRE_BYE_REFUSED);
	assert_non_null(strstr(last()->denied.reason, "Update it, or enrol it again"));
	granted(t, &bound);
}

/* A worker that was taken over names a device whose key it does not have. */
static void another_device_cannot_be_claimed(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct registry_device victim = { .name = "boss", .caps = WIRE_CAPS_CONTROL };
	struct crypto_key *victims = NULL;

	assert_int_equal(crypto_key_generate(&victims), 0);
	assert_int_equal(registry_new_id(victim.id), 0);
	memset(victim.key.fingerprint, 0x44, sizeof(victim.key.fingerprint));
	assert_int_equal(crypto_key_public_der(victims, victim.key.public_key,
				 sizeof(victim.key.public_key), &victim.key.public_key_len),
		0);
	victim.key.expires_s = clock_wall_s() + 1000;
	assert_int_equal(registry_add_device(&t->s.registry, &victim), 0);

	struct worker_record r =
		proof_over(t, t->key, "ws-1", 0x33, victim.key.fingerprint, signature);
	memcpy(r.proof.fingerprint, victim.key.fingerprint, sizeof(r.proof.fingerprint));
	refused(t, &r, WIRE_BYE_REFUSED);
	crypto_key_destroy(victims);
}

static void revoked_and_expired_devices_are_denied(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct worker_record r = good_proof(t, signature);

	t->s.registry.devices[0].key.expires_s = clock_wall_s();
	played.count = 0;
	t->w.phase = WORKER_PROOF;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(last()->type, RECORD_DENIED);
	t->s.registry.devices[0].revoked = true;
	refused(t, &r, WIRE_BYE_REVOKED);
}

/* ---- the signer ---- */

static const uint8_t csr[] = { 1, 2, 3 };

/* A renewal, or an enrolment that nobody has proven. */
static struct worker_record request_for(enum record_type type, const uint8_t *fingerprint)
{
	static const uint8_t nothing[] = { 0 };
	struct worker_record r = { .type = type };

	if (type == RECORD_RENEW) {
		r.renew.csr = (struct record_blob){ csr, sizeof(csr) };
		return r;
	}
	r.enroll.proof = (struct record_blob){ nothing, sizeof(nothing) };
	r.enroll.csr = (struct record_blob){ csr, sizeof(csr) };
	memcpy(r.enroll.fingerprint, fingerprint, 32);
	snprintf(r.enroll.label, sizeof(r.enroll.label), "laptop");
	return r;
}

/* Why there is no farseat-files goes back to the worker, which goes on. */
static void files_are_asked_for(void **state)
{
	struct scene *t = *state;
	const struct worker_record r = { .type = RECORD_FILES_ASK,
		.files_ask = { .transfer = 7, .caps = WIRE_CAP_FILES_IN } };

	t->w.phase = WORKER_SESSION;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(played.asked, 1);
	assert_int_equal(last()->type, RECORD_FILES);
	assert_int_equal(last()->files.transfer, 7);
	assert_int_equal(last()->files.fault, WIRE_FILE_NOT_ALLOWED);
	assert_int_equal(t->w.phase, WORKER_SESSION);
}

/* The same of farseat-sound. */
static void sound_is_asked_for(void **state)
{
	struct scene *t = *state;
	const struct worker_record r = { .type = RECORD_SOUND_ASK };

	t->w.phase = WORKER_SESSION;
	t->w.caps = WIRE_CAP_SEE;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(played.asked, 1);
	assert_int_equal(last()->type, RECORD_SOUND);
	assert_int_equal(last()->sound.reason, WIRE_SOUND_NOT_ALLOWED);
	assert_int_equal(t->w.phase, WORKER_SESSION);
}

/* An enrolment by the invitation, signed by key over what it says. */
static struct worker_record enrolment_by(const struct scene *t, const struct crypto_key *key,
	uint8_t nonce_byte, uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES])
{
	struct worker_record r = request_for(RECORD_ENROLL, t->invited);
	struct proof_enrolment e = { .csr = csr, .csr_len = sizeof(csr), .label = r.enroll.label };
	uint8_t nonce[PROOF_NONCE_BYTES];

	memset(nonce, nonce_byte, sizeof(nonce));
	memcpy(e.fingerprint, t->invited, sizeof(e.fingerprint));
	r.enroll.proof.bytes = signature;
	assert_int_equal(
		proof_sign_enrolment(key, "ws-1", nonce, &e, signature, &r.enroll.proof.len), 0);
	return r;
}

static void enrolment_is_refused(struct scene *t, const struct worker_record *r)
{
	memset(&played, 0, sizeof(played));
	memset(t->w.nonce, 0x33, sizeof(t->w.nonce));
	t->w.phase = WORKER_ENROLL;
	t->w.signing = false;
	assert_int_equal(handle(t, r), 0);
	assert_int_equal(played.asked, 0);
	assert_int_equal(last()->type, RECORD_DENIED);
	assert_int_equal(last()->denied.code, WIRE_BYE_REFUSED);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_int_equal(t->s.registry.invitations[0].state, REGISTRY_PENDING);
}

/* A worker that was taken over names a pending invitation whose key it does not have. */
static void an_invitation_cannot_be_claimed(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct worker_record r = request_for(RECORD_ENROLL, t->invited);

	enrolment_is_refused(t, &r);
	r = enrolment_by(t, t->key, 0x33, signature);
	enrolment_is_refused(t, &r);
	r = enrolment_by(t, t->once, 0x34, signature); /* heard in another connection */
	enrolment_is_refused(t, &r);
	r = enrolment_by(t, t->once, 0, signature);
	enrolment_is_refused(t, &r);
	/* The real laptop's proof, with another key to sign or another name. */
	static const uint8_t others[] = { 1, 2, 4 };
	r = enrolment_by(t, t->once, 0x33, signature);
	r.enroll.csr.bytes = others;
	enrolment_is_refused(t, &r);
	r = enrolment_by(t, t->once, 0x33, signature);
	snprintf(r.enroll.label, sizeof(r.enroll.label), "another");
	enrolment_is_refused(t, &r);
}

static void an_invitation_reaches_the_signer(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct worker_record r = enrolment_by(t, t->once, 0x33, signature);

	t->w.phase = WORKER_ENROLL;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(played.sign.nonce[0], 0x33);
	assert_int_equal(played.sign.proof.len, r.enroll.proof.len);
	assert_int_equal(played.asked, 1);
	assert_int_equal(played.sign.kind, RECORD_SIGN_ENROLL);
	assert_int_equal(played.sign.request, t->w.id);
	assert_memory_equal(played.sign.fingerprint, t->invited, 32);
	/* One at a time. */
	assert_int_equal(handle(t, &r), -EPROTO);
	assert_int_equal(played.asked, 1);
}

static void what_is_no_invitation_does_not(void **state)
{
	struct scene *t = *state;
	struct worker_record device = request_for(RECORD_ENROLL, t->fingerprint);
	struct worker_record spent = request_for(RECORD_ENROLL, t->invited);

	t->w.phase = WORKER_ENROLL;
	assert_int_equal(handle(t, &device), 0);
	assert_int_equal(last()->type, RECORD_DENIED);
	t->s.registry.invitations[0].state = REGISTRY_SPENT;
	t->w.phase = WORKER_ENROLL;
	assert_int_equal(handle(t, &spent), 0);
	assert_int_equal(last()->denied.code, WIRE_BYE_INVITATION);
	assert_int_equal(played.asked, 0);
}

/* A renewal is for the device that this session was granted to, whatever the worker says. */
static void a_renewal_is_for_the_sessions_own_device(void **state)
{
	struct scene *t = *state;
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct worker_record proof = good_proof(t, signature), r = request_for(RECORD_RENEW, NULL);

	t->w.phase = WORKER_PROOF;
	assert_int_equal(handle(t, &proof), 0);
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(played.asked, 1);
	assert_int_equal(played.sign.kind, RECORD_SIGN_RENEW);
	assert_memory_equal(played.sign.fingerprint, t->fingerprint, 32);
}

/* The signer is not asked before the last third of the certificate's life, and not in a row. */
static void early_renewals_end_the_session(void **state)
{
	struct scene *t = *state;
	const struct worker_record r = request_for(RECORD_RENEW, NULL);
	struct registry_key *key = &t->s.registry.devices[0].key;

	key->issued_s = clock_wall_s() - 86400;
	key->expires_s = clock_wall_s() + INT64_C(86400) * 89;
	memcpy(t->w.fingerprint, t->fingerprint, sizeof(t->fingerprint));
	t->w.phase = WORKER_SESSION;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(handle(t, &r), 0);
		assert_int_equal(last()->type, RECORD_DENIED);
		assert_int_equal(t->w.phase, WORKER_SESSION);
	}
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(t->w.phase, WORKER_ENDING);
	assert_int_equal(played.asked, 0);
}

/* ---- the keeper ---- */

static const struct record_kept *wish(
	struct scene *t, uint8_t what, const uint8_t *bytes, size_t len)
{
	const struct worker_record r = { .type = RECORD_KEEPER_ASK,
		.keeper_ask = { .wish = what, .bytes = { bytes, len } } };

	played.count = 0;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(last()->type, RECORD_KEPT);
	return &last()->kept;
}

/* A ticket that was used is worth nothing to anybody else, whoever recorded it. */
static void a_ticket_is_opened_once(void **state)
{
	static const uint8_t session[48] = { 1, 2, 3 };
	struct scene *t = *state;
	uint8_t ticket[sizeof(session) + TICKET_MORE_BYTES];

	memset(t->s.tickets.keys[0], 7, sizeof(t->s.tickets.keys[0]));
	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(ticket_seal(t->s.tickets.keys[0], session, sizeof(session), ticket), 0);
	/* The connection that has it may ask again, after a second hello. */
	for (int again = 0; again < 2; again++)
		assert_int_equal(wish(t, RECORD_KEEPER_OPEN, ticket, sizeof(ticket))->bytes.len,
			sizeof(session));
	/* Another one not, nor after the keys have turned over. */
	for (int turned = 0; turned < 2; turned++) {
		memset(t->w.ticket, 0, sizeof(t->w.ticket));
		memset(t->w.wishes, 0, sizeof(t->w.wishes));
		assert_int_equal(wish(t, RECORD_KEEPER_OPEN, ticket, sizeof(ticket))->bytes.len, 0);
		memcpy(t->s.tickets.keys[1], t->s.tickets.keys[0], TICKET_KEY_BYTES);
		memset(t->s.tickets.keys[0], 8, sizeof(t->s.tickets.keys[0]));
		t->s.tickets.used[1] = t->s.tickets.used[0];
		t->s.tickets.used[0].count = 0;
	}
}

/* Where no more can be remembered, no ticket from before opens: none a second time. */
static void many_used_tickets_end_all(void **state)
{
	struct scene *t = *state;
	struct tickets *tickets = &t->s.tickets;
	const uint8_t session[] = { 1 };
	uint8_t first[1 + TICKET_MORE_BYTES], one[sizeof(first)], out[sizeof(first)];
	size_t len;

	tickets->rotation.data = tickets;
	memset(tickets->keys[0], 7, sizeof(tickets->keys[0]));
	assert_int_equal(ticket_seal(tickets->keys[0], session, 1, first), 0);
	assert_int_equal(tickets_take(tickets, first, sizeof(first), out, &len), 0);
	for (unsigned i = 1; i < TICKETS_USED_MAX; i++) {
		assert_int_equal(tickets_take(tickets, first, sizeof(first), out, &len), -EALREADY);
		assert_int_equal(ticket_seal(tickets->keys[0], session, 1, one), 0);
		assert_int_equal(tickets_take(tickets, one, sizeof(one), out, &len), 0);
	}
	assert_int_equal(tickets_take(tickets, first, sizeof(first), out, &len), -ENOENT);
	assert_int_equal(ticket_seal(tickets->keys[0], session, 1, one), 0);
	assert_int_equal(tickets_take(tickets, one, sizeof(one), out, &len), 0);
}

/* A worker gets what one handshake needs: a signature, and tickets that it cannot make or read. */
static void the_keeper_signs_once(void **state)
{
	static const uint8_t hash[48] = { 1, 2, 3 };
	struct scene *t = *state;

	t->s.identity.key = t->key;
	memset(t->s.tickets.keys[0], 7, sizeof(t->s.tickets.keys[0]));
	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(wish(t, RECORD_KEEPER_SIGN, hash, 31)->bytes.len, 0);
	t->w.wishes[RECORD_KEEPER_SIGN] = 0;
	assert_true(wish(t, RECORD_KEEPER_SIGN, hash, 32)->bytes.len > 64);
	assert_int_equal(wish(t, RECORD_KEEPER_SIGN, hash, 32)->bytes.len, 0);
	assert_int_equal(wish(t, RECORD_KEEPER_SEAL, hash, 48)->bytes.len, 48 + TICKET_MORE_BYTES);
	assert_int_equal(wish(t, RECORD_KEEPER_OPEN, hash, 48)->bytes.len, 0); /* no ticket */
	t->s.settings.resumption = false;
	assert_int_equal(wish(t, RECORD_KEEPER_SEAL, hash, 48)->bytes.len, 0);
}

/* ---- nobody shuts out another ---- */

/* count sessions, the first own of which are of the device; w: room for them. */
static void fill_places(struct scene *t, struct worker_child *w, size_t count, size_t own)
{
	t->s.workers.first = NULL;
	for (size_t i = 0; i < count; i++) {
		w[i] = (struct worker_child){ .phase = WORKER_SESSION, .begun_ms = 100 + i };
		snprintf(w[i].device_id, sizeof(w[i].device_id), "%s",
			i < own ? t->s.registry.devices[0].id : "another");
		w[i].next = t->s.workers.first;
		t->s.workers.first = &w[i];
	}
}

static void a_device_shuts_nobody_out(void **state)
{
	struct scene *t = *state;
	struct registry_device *d = &t->s.registry.devices[0]; /* of the role view */
	struct worker_child w[32];

	fill_places(t, w, 30, 0);
	assert_null(places_take(&t->s, d));
	fill_places(t, w, 31, 0); /* the last place */
	assert_non_null(places_take(&t->s, d));
	d->caps = WIRE_CAPS_CONTROL;
	assert_null(places_take(&t->s, d));
	fill_places(t, w, 32, 0);
	assert_non_null(places_take(&t->s, d));
	/* Its own oldest session makes room, where it has its share or all places are taken. */
	fill_places(t, w, 32, 2);
	assert_null(places_take(&t->s, d));
	assert_int_equal(w[0].phase, WORKER_ENDING);
	assert_int_equal(w[1].phase, WORKER_SESSION);
	fill_places(t, w, PLACES_OF_DEVICE_MAX - 1, PLACES_OF_DEVICE_MAX - 1);
	assert_null(places_take(&t->s, d));
	assert_int_equal(w[0].phase, WORKER_SESSION);
	fill_places(t, w, PLACES_OF_DEVICE_MAX, PLACES_OF_DEVICE_MAX);
	assert_null(places_take(&t->s, d));
	assert_int_equal(w[0].phase, WORKER_ENDING);
	t->s.workers.first = NULL;
}

/* How many lines the audit log has, and whether the last one holds text. */
static size_t audit_lines(const char *text)
{
	char path[PATH_MAX], line[1024] = "";
	size_t count = 0;

	assert_int_equal(audit_path(clock_wall_s(), path), 0);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		count++;
	if (f)
		fclose(f);
	assert_non_null(strstr(line, text));
	return count;
}

static void a_flood_of_refusals_is_two_lines(void **state)
{
	struct scene *t = *state;
	struct refusals *r = &t->s.refusals;
	struct limiter_source source = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } };
	const int64_t now_s = clock_wall_s();

	for (int i = 0; i < 10000; i++)
		refusals_note(r, &source, "192.0.2.1:5", "", "unknown", "", now_s);
	assert_int_equal(audit_lines("unknown"), 1);
	refusals_note(r, &source, "192.0.2.1:6", "tom", "revoked", "", now_s); /* we know whose */
	assert_int_equal(audit_lines("revoked"), 2);
	refusals_sum(r, now_s + REFUSALS_SUM_S - 1);
	assert_int_equal(audit_lines("revoked"), 2);
	refusals_sum(r, now_s + REFUSALS_SUM_S);
	assert_int_equal(audit_lines("\"count\":9999"), 3);
	/* More sources than are told apart. */
	for (int i = 0; i < REFUSALS_SOURCES_MAX + 100; i++) {
		memcpy(source.bytes, &i, sizeof(i));
		refusals_note(r, &source, "192.0.2.2:5", "", "unknown", "", now_s);
	}
	assert_int_equal(audit_lines("unknown"), 3 + REFUSALS_SOURCES_MAX);
	refusals_sum(r, INT64_MAX);
	assert_int_equal(audit_lines("\"count\":100"), 4 + REFUSALS_SOURCES_MAX);
}

static void a_log_line_cannot_forge_another(void **state)
{
	struct scene *t = *state;
	static const char forged[] = "x\nfarseatd: error: forged\x1b[31m";
	struct worker_record r = { .type = RECORD_LOG,
		.log = { .level = LOG_INFO,
			.line = { (const uint8_t *)forged, sizeof(forged) - 1 } } };

	t->w.phase = WORKER_HANDSHAKE;
	assert_int_equal(handle(t, &r), 0);
	assert_int_equal(t->w.phase, WORKER_HANDSHAKE);
	assert_non_null(strstr(played.line, "127.0.0.1:5555"));
	assert_null(strchr(played.line, '\n'));
	assert_null(strchr(played.line, '\x1b'));
	r.log.level = 200; /* out of range: debug at most */
	played.line[0] = '\0';
	assert_int_equal(handle(t, &r), 0);
	assert_string_equal(played.line, "");
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(out_of_turn_ends_the_worker),
		SCENE(an_ending_worker_gets_nothing),
		SCENE(only_the_registry_admits),
		SCENE(a_handshake_leads_to_its_phase),
		SCENE(an_ended_invitation_is_called_so),
		SCENE(a_look_at_the_chain_is_no_refusal),
		SCENE(the_log_names_the_device),
		SCENE(a_gateway_says_who_comes),
		SCENE(a_health_check_is_nobody),
		SCENE(clients_of_a_gateway_are_limited_each),
		SCENE(a_good_proof_is_granted_once),
		SCENE(a_bad_proof_is_denied),
		SCENE(a_proof_for_another_connection_is_denied),
		SCENE(a_device_that_binds_goes_on_binding),
		SCENE(another_device_cannot_be_claimed),
		SCENE(revoked_and_expired_devices_are_denied),
		SCENE(files_are_asked_for),
		SCENE(sound_is_asked_for),
		SCENE(an_invitation_cannot_be_claimed),
		SCENE(an_invitation_reaches_the_signer),
		SCENE(what_is_no_invitation_does_not),
		SCENE(a_renewal_is_for_the_sessions_own_device),
		SCENE(early_renewals_end_the_session),
		SCENE(the_keeper_signs_once),
		SCENE(a_ticket_is_opened_once),
		SCENE(many_used_tickets_end_all),
		SCENE(a_device_shuts_nobody_out),
		SCENE(a_flood_of_refusals_is_two_lines),
		SCENE(a_log_line_cannot_forge_another),
	};

	if (crypto_init() < 0)
		return 1;
	log_set_sink(keep_line, NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
