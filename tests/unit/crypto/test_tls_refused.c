/* Everybody who must not come in: each is refused at both ends, with the word that helps. */
#include "cmocka_all.h"

#include "pair.h"

#include "common/crypto/random.h"
#include "common/crypto/tls_internal.h"

#include <errno.h>
#include <string.h>

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

/* In TLS 1.3 the client is done before the server judges: it hears at its first read. */
static int hear_of_it(struct pair *p)
{
	uint8_t byte;

	return p->client_result == 0 ? (int)tls_read(p->client, &byte, 1) : p->client_result;
}

/* The server refuses: its fault is this, and the client hears of it by an alert. */
static void server_refuses(struct pair *p, enum crypto_fault fault, const char *alert)
{
	pair_start(p);
	pair_handshake(p);
	assert_int_equal(tls_fault(p->server), fault);
	assert_int_equal(p->server_result, -EBADMSG);
	assert_int_equal(hear_of_it(p), -EBADMSG);
	if (!strstr(tls_fault_detail(p->client), alert))
		fail_msg("'%s' does not speak of %s", tls_fault_detail(p->client), alert);
	pair_finish(p);
}

static void client_refuses(struct pair *p, enum crypto_fault fault, const char *alert)
{
	pair_start(p);
	pair_handshake(p);
	assert_int_equal(tls_fault(p->client), fault);
	assert_int_equal(p->client_result, -EBADMSG);
	assert_int_equal(p->server_result, -EBADMSG);
	if (!strstr(tls_fault_detail(p->server), alert))
		fail_msg("'%s' does not speak of %s", tls_fault_detail(p->server), alert);
	assert_int_equal(p->admit_calls, 0);
	pair_finish(p);
}

static void not_admitted(void **state)
{
	(void)state;
	static const enum crypto_fault answers[] = { CRYPTO_NOT_ADMITTED, CRYPTO_REVOKED,
		CRYPTO_INTERNAL };
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct pair p;
		pair_init(&p, &world);
		p.admit_answer = answers[i];
		if (answers[i] == CRYPTO_INTERNAL) {
			pair_start(&p);
			pair_handshake(&p);
			assert_int_equal(p.server_result, -EIO);
			assert_int_equal(hear_of_it(&p), -EBADMSG);
			pair_finish(&p);
		} else {
			server_refuses(&p, answers[i],
				answers[i] == CRYPTO_REVOKED ? "revoked" : "access_denied");
		}
	}
}

static struct person other_device(const struct person *ca, enum crypto_purpose purpose,
	const char *name, int64_t days, int64_t not_before_s)
{
	struct person p;
	person_make(&p);
	person_certify(&p, ca, purpose, name, days, not_before_s);
	return p;
}

static void strangers_device(void **state)
{
	(void)state;
	struct pair p;
	struct person stranger =
		other_device(&world.other_ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 0, 0);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &stranger);
	server_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	assert_int_equal(p.admit_calls, 0);
	person_free(&stranger);
}

static void expired_and_future_device(void **state)
{
	(void)state;
	struct pair p;
	struct person old = other_device(
		&world.ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 1, world.now_s - 2 * DAY_S);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &old);
	server_refuses(&p, CRYPTO_EXPIRED, "certificate_expired");
	assert_int_equal(p.admit_calls, 0);
	person_free(&old);

	struct person young = other_device(
		&world.ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 1, world.now_s + DAY_S);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &young);
	server_refuses(&p, CRYPTO_NOT_YET_VALID, "alert");
	assert_int_equal(p.admit_calls, 0);
	person_free(&young);
}

static void purposes_do_not_mix(void **state)
{
	(void)state;
	struct pair p;

	/* a server's certificate as a client's */
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &world.server);
	server_refuses(&p, CRYPTO_WRONG_PURPOSE, "unsupported_certificate");
	/* a device's for enrolment */
	pair_init(&p, &world);
	p.client_config.alpn = TLS_ALPN_ENROLL;
	server_refuses(&p, CRYPTO_WRONG_PURPOSE, "unsupported_certificate");
	/* an invitation's for a session: the CA did not sign it, and nobody is asked about it */
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &world.invited);
	server_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	assert_int_equal(p.admit_calls, 0);
	/* the CA itself */
	pair_init(&p, &world);
	world.ca.chain_len = 1;
	pair_use(&p.client_config.identity, &world.ca);
	server_refuses(&p, CRYPTO_WRONG_PURPOSE, "unsupported_certificate");
	/* a device as a server: already the server's own library has no use for it */
	pair_init(&p, &world);
	pair_use(&p.server_config.identity, &world.device);
	pair_start(&p);
	pair_handshake(&p);
	assert_true(p.client_result < 0 && p.server_result < 0);
	pair_finish(&p);
}

/* What our CA would never sign, and mbedTLS takes. */
static void server_with_more_than_its_profile(void **state)
{
	(void)state;
	static const struct {
		const char *old, *new;
	} cases[] = {
		{ "\x03\x02\x07\x80", "\x03\x02\x03\x88" },         /* key agreement too */
		{ "\x06\x03\x55\x1D\x25", "\x06\x03\x55\x1D\x63" }, /* no extended key usage */
		{ "\x06\x03\x55\x1D\x11",
			"\x06\x03\x55\x1D\x63" }, /* no alternative name but a common name */
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair p;
		struct person server = world.server;
		cert_forge(world.ca.key, &world.server.chain[0], cases[i].old, cases[i].new,
			strlen(cases[i].old), &server.chain[0]);
		pair_init(&p, &world);
		pair_use(&p.server_config.identity, &server);
		client_refuses(&p, CRYPTO_WRONG_PURPOSE, "unsupported_certificate");
	}
}

/* The same for a device. */
static void device_with_more_than_its_profile(void **state)
{
	(void)state;
	struct pair p;
	struct person device = world.device;

	cert_forge(world.ca.key, &world.device.chain[0], "\x06\x03\x55\x1D\x25",
		"\x06\x03\x55\x1D\x63", 5, &device.chain[0]);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &device);
	server_refuses(&p, CRYPTO_WRONG_PURPOSE, "unsupported_certificate");
	assert_int_equal(p.admit_calls, 0);
}

/* It is in no list of trust: the registry says what became of it. */
static void invitation_that_is_not_pending(void **state)
{
	(void)state;
	static const struct {
		enum crypto_fault answer, fault;
		const char *alert;
	} cases[] = {
		{ CRYPTO_REVOKED, CRYPTO_REVOKED, "certificate_revoked" },
		{ CRYPTO_EXPIRED, CRYPTO_EXPIRED, "certificate_expired" },
		{ CRYPTO_NOT_ADMITTED, CRYPTO_UNKNOWN_CA, "unknown_ca" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair p;
		pair_init(&p, &world);
		pair_use(&p.client_config.identity, &world.invited);
		p.client_config.alpn = TLS_ALPN_ENROLL;
		p.admit_answer = cases[i].answer;
		server_refuses(&p, cases[i].fault, cases[i].alert);
		assert_int_equal(p.admit_calls, 1);
	}
}

/* Its certificate has a date of its own, which says nothing. */
static void invitation_that_has_expired(void **state)
{
	(void)state;
	struct pair p;
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &world.invited);
	p.client_config.alpn = TLS_ALPN_ENROLL;
	p.admit_answer = CRYPTO_EXPIRED;
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(tls_fault(p.server), CRYPTO_EXPIRED);
	assert_null(strstr(tls_fault_detail(p.server), "9999"));
	pair_finish(&p);
}

/* The first handshake of an enrolment may end without a certificate: the server knows by the ALPN
 * what it was. */
static void protocol_is_known_without_certificate(void **state)
{
	(void)state;
	struct tls_info info;
	struct pair p;
	pair_init(&p, &world);
	p.client_config.alpn = TLS_ALPN_ENROLL;
	pair_start(&p);
	/* Our own client always has one: it is taken from it for a moment. */
	void *own = p.client->conf.key_cert;
	p.client->conf.key_cert = NULL;
	pair_handshake(&p);
	p.client->conf.key_cert = own;
	assert_int_equal(tls_fault(p.server), CRYPTO_NO_CERTIFICATE);
	tls_info(p.server, &info);
	assert_string_equal(info.alpn, TLS_ALPN_ENROLL);
	assert_int_equal(hear_of_it(&p), -EBADMSG);
	/* mbedTLS 3.6 has its own number for it in TLS 1.3: 41, of older versions of TLS. */
	assert_true(tls_alert(p.client) == 116 || tls_alert(p.client) == 41);
	pair_finish(&p);
}

/*
 * The registry's word lets nothing pass but an invitation: one with a fault of its own, and a
 * stranger's certificates in a session, stay refused whatever it says.
 */
static void the_registry_lets_in_invitations_alone(void **state)
{
	(void)state;
	struct pair p;
	struct person forged = world.invited;

	/* By the CA, so that only the profile is wrong. */
	cert_forge(world.invited.key, &world.invited.chain[0], "\x06\x03\x55\x1D\x25",
		"\x06\x03\x55\x1D\x63", 5, &forged.chain[0]);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &forged);
	p.client_config.alpn = TLS_ALPN_ENROLL;
	server_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	assert_int_equal(p.admit_calls, 0);

	struct person stranger = world.device;
	person_certify(&stranger, &world.other_ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 0, 0);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &stranger);
	server_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	assert_int_equal(p.admit_calls, 0);
}

/* Somebody signs a device's certificate with an invitation's key. */
static void invitation_is_no_ca(void **state)
{
	(void)state;
	struct pair p;
	struct person rogue, ca = world.invited;

	person_make(&rogue);
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = {
		.purpose = CRYPTO_FOR_DEVICE,
		.name = PAIR_DEVICE_NAME,
		.public_key = spki,
	};
	assert_int_equal(
		crypto_key_public_der(rogue.key, spki, sizeof(spki), &request.public_key_len), 0);
	/* Our own signer does not even do it. */
	assert_int_equal(crypto_ca_sign(ca.key, &ca.chain[0], &request, &rogue.chain[0]), -EINVAL);
	/* So: a CA certificate of the same key and name, and the rogue under it. */
	struct crypto_cert_info info;
	assert_int_equal(crypto_cert_info(ca.chain[0].bytes, ca.chain[0].len, &info), 0);
	assert_int_equal(crypto_ca_create(ca.key, info.subject, &ca.chain[0]), 0);
	person_certify(&rogue, &ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 0, 0);
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &rogue);
	server_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	rogue.chain_len = 2; /* and with the false CA in its chain */
	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &rogue);
	server_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	assert_int_equal(p.admit_calls, 0);
	person_free(&rogue);
}

static void wrong_server(void **state)
{
	(void)state;
	struct pair p;

	pair_init(&p, &world);
	p.client_config.server_name = "other" CRYPTO_SERVER_SUFFIX;
	client_refuses(&p, CRYPTO_WRONG_NAME, "bad_certificate");

	struct person stranger =
		other_device(&world.other_ca, CRYPTO_FOR_SERVER, PAIR_SERVER_NAME, 0, 0);
	pair_init(&p, &world);
	pair_use(&p.server_config.identity, &stranger);
	client_refuses(&p, CRYPTO_UNKNOWN_CA, "unknown_ca");
	person_free(&stranger);

	struct person old = other_device(
		&world.ca, CRYPTO_FOR_SERVER, PAIR_SERVER_NAME, 1, world.now_s - 2 * DAY_S);
	pair_init(&p, &world);
	pair_use(&p.server_config.identity, &old);
	client_refuses(&p, CRYPTO_EXPIRED, "certificate_expired");
	person_free(&old);

	/* the library's own matching would take a wildcard */
	struct person wild =
		other_device(&world.ca, CRYPTO_FOR_SERVER, "*" CRYPTO_SERVER_SUFFIX, 0, 0);
	pair_init(&p, &world);
	pair_use(&p.server_config.identity, &wild);
	client_refuses(&p, CRYPTO_WRONG_NAME, "bad_certificate");
	person_free(&wild);
}

static void expiry_is_said_in_words(void **state)
{
	(void)state;
	struct pair p;
	struct person old =
		other_device(&world.ca, CRYPTO_FOR_SERVER, PAIR_SERVER_NAME, 1, 1609459200);
	pair_init(&p, &world);
	pair_use(&p.server_config.identity, &old);
	pair_start(&p);
	pair_handshake(&p);
	assert_string_equal(tls_fault_detail(p.client), "certificate expired 2021-01-02");
	pair_finish(&p);
	person_free(&old);
}

static int create_client(struct pair *p)
{
	struct tls_transport transport;
	struct tls *t = NULL;
	pair_transport(&transport, &p->client_end);
	int r = tls_create_client(&t, &p->client_config, &transport);
	tls_destroy(t);
	return r;
}

static int create_server(struct pair *p)
{
	struct tls_transport transport;
	struct tls *t = NULL;
	pair_transport(&transport, &p->server_end);
	int r = tls_create_server(&t, &p->server_config, &transport);
	tls_destroy(t);
	return r;
}

static void unusable_configurations(void **state)
{
	(void)state;
	struct pair p;

	pair_init(&p, &world);
	assert_int_equal(create_client(&p), 0);
	assert_int_equal(create_server(&p), 0);
	p.client_config.server_name = NULL;
	assert_int_equal(create_client(&p), -EINVAL);
	p.client_config.server_name = "";
	assert_int_equal(create_client(&p), -EINVAL);
	pair_init(&p, &world);
	p.client_config.alpn = "h2";
	assert_int_equal(create_client(&p), -EINVAL);
	p.client_config.alpn = NULL;
	assert_int_equal(create_client(&p), -EINVAL);
	pair_init(&p, &world);
	p.client_config.identity.trusted_len = 0;
	assert_int_equal(create_client(&p), -EINVAL);
	pair_init(&p, &world);
	p.client_config.identity.chain_len = 0;
	assert_int_equal(create_client(&p), -EINVAL);
	pair_init(&p, &world);
	p.client_config.identity.key_der = world.server.key_der; /* another's */
	assert_int_equal(create_client(&p), -EINVAL);
	p.client_config.identity.key_der_len = 0;
	assert_int_equal(create_client(&p), -EINVAL);
	pair_init(&p, &world);
	p.server_config.admit = NULL;
	assert_int_equal(create_server(&p), -EINVAL);
	pair_init(&p, &world);
	p.server_config.policy.allow_tls12 = p.server_config.policy.allow_tls13 = false;
	assert_int_equal(create_server(&p), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_admitted),
		cmocka_unit_test(strangers_device),
		cmocka_unit_test(expired_and_future_device),
		cmocka_unit_test(purposes_do_not_mix),
		cmocka_unit_test(server_with_more_than_its_profile),
		cmocka_unit_test(device_with_more_than_its_profile),
		cmocka_unit_test(invitation_that_is_not_pending),
		cmocka_unit_test(invitation_that_has_expired),
		cmocka_unit_test(protocol_is_known_without_certificate),
		cmocka_unit_test(the_registry_lets_in_invitations_alone),
		cmocka_unit_test(invitation_is_no_ca),
		cmocka_unit_test(wrong_server),
		cmocka_unit_test(expiry_is_said_in_words),
		cmocka_unit_test(unusable_configurations),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
