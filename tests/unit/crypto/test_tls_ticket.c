/* Resumption is quick and gives nobody anything: every ticket is asked about, bound, and ends in
 * time. */
#include "cmocka_all.h"

#include "pair.h"

#include "common/base/clock.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DAY_S 86400

static struct world world;

static int start(void **state)
{
	(void)state;
	if (crypto_init() < 0)
		return -1;
	world_make(&world);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	world_free(&world);
	crypto_finish();
	return 0;
}

struct stored {
	uint8_t bytes[TLS_SESSION_MAX_BYTES];
	size_t len;
	uint8_t binding[TLS_BINDING_BYTES]; /* of the connection that it is from */
};

static void expect_success(struct pair *p, bool resumed)
{
	struct tls_info client, server;

	pair_handshake(p);
	assert_int_equal(p->client_result, 0);
	assert_int_equal(p->server_result, 0);
	tls_info(p->client, &client);
	tls_info(p->server, &server);
	assert_int_equal(client.resumed, resumed);
	assert_int_equal(server.resumed, resumed);
	assert_string_equal(client.peer.subject, PAIR_SERVER_NAME);
	assert_string_equal(server.peer.subject, PAIR_DEVICE_NAME);
}

/* A first, full connection, and the session that it leaves. */
static void first_connection(struct stored *out)
{
	struct pair p;
	uint8_t byte = 1;

	pair_init(&p, &world);
	pair_start(&p);
	expect_success(&p, false);
	/* TLS 1.3 brings the ticket with the first bytes */
	assert_int_equal(tls_write(p.server, &byte, 1), 0);
	assert_int_equal(tls_read(p.client, &byte, 1), 1);
	assert_int_equal(tls_session_export(p.client, out->bytes, 40, &out->len), -E2BIG);
	assert_int_equal(
		tls_session_export(p.client, out->bytes, sizeof(out->bytes), &out->len), 0);
	assert_int_equal(
		tls_session_export(p.server, out->bytes, sizeof(out->bytes), &(size_t){ 0 }),
		-ENOENT);
	assert_int_equal(tls_binding(p.client, out->binding), 0);
	pair_finish(&p);
}

static void again(struct pair *p, const struct stored *session)
{
	pair_init(p, &world);
	p->client_config.session = session->bytes;
	p->client_config.session_len = session->len;
}

static void resumes_and_asks(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;
	uint8_t byte = 7, fingerprint[32], again_binding[TLS_BINDING_BYTES];

	first_connection(&session);
	again(&p, &session);
	pair_start(&p);
	expect_success(&p, true);
	assert_int_equal(p.admit_calls, 1);
	assert_string_equal(p.admit_alpn, TLS_ALPN_SESSION);
	assert_int_equal(crypto_cert_fingerprint(world.device.chain[0].bytes,
				 world.device.chain[0].len, fingerprint),
		0);
	assert_memory_equal(p.admit_fingerprint, fingerprint, 32);
	/* A resumed session has the keys' source in common with the first, and not the binding. */
	assert_int_equal(tls_binding(p.client, again_binding), 0);
	assert_int_equal(tls_binding(p.server, fingerprint), 0);
	assert_memory_equal(fingerprint, again_binding, 32);
	assert_memory_not_equal(session.binding, again_binding, 32);
	assert_int_equal(tls_write(p.client, &byte, 1), 0);
	assert_int_equal(tls_read(p.server, &byte, 1), 1);
	pair_finish(&p);
}

/* A ticket is good once: each resumed connection has one for the next. */
static void resumed_again_and_again(void **state)
{
	(void)state;
	struct stored session;
	uint8_t byte = 7;

	first_connection(&session);
	for (unsigned i = 0; i < 3; i++) {
		struct pair p;

		again(&p, &session);
		pair_start(&p);
		expect_success(&p, true);
		assert_int_equal(tls_write(p.server, &byte, 1), 0);
		assert_int_equal(tls_read(p.client, &byte, 1), 1);
		assert_int_equal(tls_session_export(p.client, session.bytes, sizeof(session.bytes),
					 &session.len),
			0);
		assert_true(p.tickets_sealed > 0);
		pair_finish(&p);
	}
}

static void revoked_since_then(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;

	first_connection(&session);
	again(&p, &session);
	p.admit_answer = CRYPTO_REVOKED;
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(p.server_result, -EBADMSG);
	assert_int_equal(tls_fault(p.server), CRYPTO_REVOKED);
	/* In TLS 1.3 the client hears of it at its first read. */
	uint8_t byte;
	if (p.client_result == 0)
		assert_int_equal(tls_read(p.client, &byte, 1), -EBADMSG);
	assert_int_equal(tls_fault(p.client), CRYPTO_REFUSED);
	assert_int_equal(p.admit_calls, 2); /* for the ticket, then for the certificate */
	pair_finish(&p);
}

static void switched_off(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;

	first_connection(&session);
	again(&p, &session);
	p.server_config.policy.resumption = false;
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
	again(&p, &session);
	p.client_config.policy.resumption = false;
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
	again(&p, &session);
	p.server_config.keeper.open = NULL;
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
}

static void keys_turn_over(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;

	first_connection(&session);
	/* yesterday's key still opens */
	again(&p, &session);
	memcpy(p.ticket_keys[1], p.ticket_keys[0], TICKET_KEY_BYTES);
	memset(p.ticket_keys[0], 9, TICKET_KEY_BYTES);
	pair_start(&p);
	expect_success(&p, true);
	pair_finish(&p);
	/* one of the day before does not */
	again(&p, &session);
	memset(p.ticket_keys[0], 9, TICKET_KEY_BYTES);
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
	/* the same key's name with another key behind it */
	again(&p, &session);
	p.ticket_keys[0][TICKET_KEY_BYTES - 1] ^= 1;
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
}

static void sessions_belong_to_their_connection(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;

	first_connection(&session);
	/* another device of the same CA does not take it over */
	struct person other;
	person_make(&other);
	person_certify(&other, &world.ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 0, 0);
	again(&p, &session);
	pair_use(&p.client_config.identity, &other);
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
	person_free(&other);
	/* nor is it offered for another server's name */
	again(&p, &session);
	p.client_config.server_name = "other" CRYPTO_SERVER_SUFFIX;
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(tls_fault(p.client), CRYPTO_WRONG_NAME);
	pair_finish(&p);
	/* nor with other CAs */
	again(&p, &session);
	const struct crypto_der both[] = { world.ca.chain[0], world.other_ca.chain[0] };
	p.client_config.identity.trusted = both;
	p.client_config.identity.trusted_len = 2;
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
}

static void spoiled_sessions_are_not_used(void **state)
{
	(void)state;
	struct stored session;

	first_connection(&session);
	for (size_t len = 0; len < session.len; len += 61) {
		struct pair p;
		again(&p, &session);
		p.client_config.session_len = len;
		pair_start(&p);
		expect_success(&p, false);
		pair_finish(&p);
	}
	session.bytes[0] ^= 1;
	struct pair p;
	again(&p, &session);
	pair_start(&p);
	expect_success(&p, false);
	pair_finish(&p);
}

/* The ticket inside, found by its key's name, spoiled in each of its parts: never opened. */
static void spoiled_tickets_are_not_opened(void **state)
{
	(void)state;
	struct stored session;
	uint8_t name[16];

	first_connection(&session);
	memset(name, 7, sizeof(name));
	uint8_t *ticket = memmem(session.bytes, session.len, name, sizeof(name));
	assert_non_null(ticket);
	size_t rest = session.len - (size_t)(ticket - session.bytes);
	for (size_t at = 0; at < MIN(rest, (size_t)900); at += 41) {
		struct pair p;
		ticket[at] ^= 0x10;
		again(&p, &session);
		pair_start(&p);
		expect_success(&p, false);
		pair_finish(&p);
		ticket[at] ^= 0x10;
	}
}

static void enrolment_is_never_resumed(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;

	first_connection(&session);
	again(&p, &session);
	p.client_config.alpn = TLS_ALPN_ENROLL;
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(tls_fault(p.server), CRYPTO_WRONG_PURPOSE);
	pair_finish(&p);
}

/* A ticket lives no longer than its certificate. */
static void certificate_ends_first(void **state)
{
	(void)state;
	struct stored session;
	struct pair p;
	struct person brief;
	uint8_t byte = 1;

	person_make(&brief);
	int64_t end_s = clock_wall_s() + 3;
	person_certify(&brief, &world.ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 1, end_s - DAY_S);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &brief);
	pair_start(&p);
	expect_success(&p, false);
	assert_int_equal(tls_write(p.server, &byte, 1), 0);
	assert_int_equal(tls_read(p.client, &byte, 1), 1);
	int r = tls_session_export(p.client, session.bytes, sizeof(session.bytes), &session.len);
	pair_finish(&p);
	while (clock_wall_s() <= end_s)
		usleep(100000);
	again(&p, &session);
	if (r < 0)
		p.client_config.session = NULL; /* so late that there was no ticket any more */
	pair_use(&p.client_config.identity, &brief);
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(tls_fault(p.server), CRYPTO_EXPIRED);
	pair_finish(&p);
	person_free(&brief);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate_ends_first),
		cmocka_unit_test(resumes_and_asks),
		cmocka_unit_test(resumed_again_and_again),
		cmocka_unit_test(revoked_since_then),
		cmocka_unit_test(switched_off),
		cmocka_unit_test(keys_turn_over),
		cmocka_unit_test(sessions_belong_to_their_connection),
		cmocka_unit_test(spoiled_sessions_are_not_used),
		cmocka_unit_test(spoiled_tickets_are_not_opened),
		cmocka_unit_test(enrolment_is_never_resumed),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
