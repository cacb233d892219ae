/* The channel between two who should meet: handshake, bytes, records that wait, farewell, and what
 * ends it. */
#include "cmocka_all.h"

#include "pair.h"

#include "common/crypto/random.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

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

static void connect_pair(struct pair *p)
{
	pair_init(p, &world);
	pair_start(p);
	pair_handshake(p);
	assert_int_equal(p->client_result, 0);
	assert_int_equal(p->server_result, 0);
}

static void both_know_each_other(void **state)
{
	(void)state;
	struct pair p;
	struct tls_info client, server;
	uint8_t fingerprint[32];

	connect_pair(&p);
	tls_info(p.client, &client);
	tls_info(p.server, &server);
	assert_string_equal(client.peer.subject, PAIR_SERVER_NAME);
	assert_string_equal(server.peer.subject, PAIR_DEVICE_NAME);
	assert_string_equal(client.alpn, TLS_ALPN_SESSION);
	assert_string_equal(server.alpn, TLS_ALPN_SESSION);
	assert_string_equal(client.suite, server.suite);
	assert_non_null(strstr(client.suite, "CHACHA20_POLY1305"));
	assert_non_null(strstr(client.version, "TLSv1."));
	assert_false(client.resumed);
	assert_false(server.resumed);
	assert_int_equal(p.admit_calls, 1);
	assert_string_equal(p.admit_alpn, TLS_ALPN_SESSION);
	assert_int_equal(crypto_cert_fingerprint(world.device.chain[0].bytes,
				 world.device.chain[0].len, fingerprint),
		0);
	assert_memory_equal(p.admit_fingerprint, fingerprint, 32);
	assert_int_equal(tls_fault(p.client), CRYPTO_OK);
	pair_finish(&p);
}

static bool has_tls13(void)
{
	struct pair p;
	struct tls_transport transport;

	pair_init(&p, &world);
	p.server_config.policy.allow_tls12 = false;
	pair_transport(&transport, &p.server_end);
	int r = tls_create_server(&p.server, &p.server_config, &transport);
	pair_finish(&p);
	return r == 0;
}

/* An end that has one version switched off, and one that has both. */
static void versions_meet(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct pair p;
		pair_init(&p, &world);
		struct tls_policy *one = i / 2 ? &p.server_config.policy : &p.client_config.policy;
		if (i % 2)
			one->allow_tls12 = false;
		else
			one->allow_tls13 = false;
		if (i % 2 && !has_tls13())
			continue;
		pair_start(&p);
		pair_handshake(&p);
		if (p.client_result != 0 || p.server_result != 0)
			fail_msg("case %u: client: %s, server: %s", i, tls_fault_detail(p.client),
				tls_fault_detail(p.server));
		struct tls_info info;
		tls_info(p.client, &info);
		assert_string_equal(info.version, i % 2 ? "TLSv1.3" : "TLSv1.2");
		pair_finish(&p);
	}
}

/* Both ends export the same, and no two connections do. */
static void a_connection_has_a_binding_of_its_own(void **state)
{
	(void)state;
	uint8_t bindings[4][TLS_BINDING_BYTES], server[TLS_BINDING_BYTES];
	unsigned count = 0;

	for (unsigned i = 0; i < 4; i++) {
		struct pair p;

		pair_init(&p, &world);
		p.client_config.policy.allow_tls13 = i % 2;
		p.client_config.policy.allow_tls12 = i % 2 == 0 || !has_tls13();
		pair_start(&p);
		assert_int_equal(tls_binding(p.client, server), -EINVAL);
		pair_handshake(&p);
		assert_int_equal(tls_binding(p.client, bindings[count]), 0);
		assert_int_equal(tls_binding(p.server, server), 0);
		assert_memory_equal(server, bindings[count], sizeof(server));
		for (unsigned before = 0; before < count; before++)
			assert_memory_not_equal(bindings[before], server, sizeof(server));
		count++;
		pair_finish(&p);
	}
}

/* A laptop from before the second proof of enrolments is heard, so that it can be told. */
static void older_enrolment_is_heard(void **state)
{
	(void)state;
	struct pair p;
	struct tls_info info;

	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &world.invited);
	p.client_config.alpn = TLS_ALPN_ENROLL_UNPROVEN;
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(p.client_result, 0);
	assert_int_equal(p.server_result, 0);
	tls_info(p.server, &info);
	assert_string_equal(info.alpn, TLS_ALPN_ENROLL_UNPROVEN);
	pair_finish(&p);
}

static void invitation_meets_the_server(void **state)
{
	(void)state;
	struct pair p;
	struct tls_info info;

	pair_init(&p, &world);
	pair_use(&p.client_config.identity, &world.invited);
	p.client_config.alpn = TLS_ALPN_ENROLL;
	pair_start(&p);
	pair_handshake(&p);
	if (p.client_result != 0 || p.server_result != 0)
		fail_msg("client: %s, server: %s", tls_fault_detail(p.client),
			tls_fault_detail(p.server));
	assert_string_equal(p.admit_alpn, TLS_ALPN_ENROLL);
	tls_info(p.server, &info);
	assert_non_null(strstr(info.peer.subject, "farseat:invitation:"));
	uint8_t session[TLS_SESSION_MAX_BYTES];
	size_t len;
	assert_int_equal(tls_session_export(p.client, session, sizeof(session), &len), -ENOENT);
	pair_finish(&p);
}

static void send_all(struct tls *from, struct tls *to, size_t len)
{
	static uint8_t sent[TLS_RECORD_MAX_BYTES], received[TLS_RECORD_MAX_BYTES];
	size_t at = 0;

	assert_int_equal(crypto_random(sent, len), 0);
	int r = tls_write(from, sent, len);
	while (at < len || r == -EAGAIN) {
		if (r == -EAGAIN)
			r = tls_flush(from);
		ssize_t n = tls_read(to, received + at, sizeof(received) - at);
		if (n == -EAGAIN)
			continue;
		assert_true(n > 0);
		at += (size_t)n;
	}
	assert_int_equal(r, 0);
	assert_int_equal(at, len);
	assert_memory_equal(sent, received, len);
}

static void bytes_arrive(void **state)
{
	(void)state;
	static const size_t sizes[] = { 1, 2, 100, 4096, 16383, TLS_RECORD_MAX_BYTES };
	struct pair p;
	struct tls_info info;

	connect_pair(&p);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		send_all(p.client, p.server, sizes[i]);
		send_all(p.server, p.client, sizes[i]);
	}
	tls_info(p.client, &info);
	assert_int_equal(info.bytes_in, info.bytes_out);
	assert_int_equal(info.bytes_in, 1 + 2 + 100 + 4096 + 16383 + 16384);
	assert_int_equal(
		tls_write(p.client, (const uint8_t *)"", TLS_RECORD_MAX_BYTES + 1), -E2BIG);
	pair_finish(&p);
}

static void byte_by_byte(void **state)
{
	(void)state;
	struct pair p;

	pair_init(&p, &world);
	p.to_client.limit = p.to_server.limit = 1;
	p.to_client.room = p.to_server.room = 3;
	pair_start(&p);
	pair_handshake(&p);
	assert_int_equal(p.client_result, 0);
	assert_int_equal(p.server_result, 0);
	send_all(p.server, p.client, 5000);
	send_all(p.client, p.server, 5000);
	pair_finish(&p);
}

static void one_record_waits(void **state)
{
	(void)state;
	struct pair p;
	uint8_t bytes[1000] = { 1, 2, 3 }, received[2000];

	connect_pair(&p);
	p.to_client.room = 100;
	assert_int_equal(tls_flush(p.server), 0);
	assert_int_equal(tls_write(p.server, bytes, sizeof(bytes)), -EAGAIN);
	assert_int_equal(tls_wants(p.server), POLLIN | POLLOUT);
	assert_int_equal(tls_write(p.server, bytes, 10), -EBUSY);
	assert_int_equal(tls_flush(p.server), -EAGAIN);
	memset(bytes, 0, sizeof(bytes)); /* the channel has its own copy */
	p.to_client.room = 0;
	assert_int_equal(tls_flush(p.server), 0);
	assert_int_equal(tls_flush(p.server), 0);
	assert_int_equal(tls_wants(p.server), POLLIN);
	assert_int_equal(tls_read(p.client, received, 10), 10);
	assert_true(tls_pending(p.client));
	assert_int_equal(received[2], 3);
	assert_int_equal(tls_read(p.client, received, sizeof(received)), 990);
	assert_false(tls_pending(p.client));
	assert_int_equal(tls_read(p.client, received, sizeof(received)), -EAGAIN);
	pair_finish(&p);
}

static void farewell_is_not_a_cut(void **state)
{
	(void)state;
	struct pair p;
	uint8_t byte;

	connect_pair(&p);
	assert_int_equal(tls_close(p.server), 0);
	assert_int_equal(tls_close(p.server), 0);
	assert_int_equal(tls_write(p.server, &byte, 1), -EINVAL);
	assert_int_equal(tls_read(p.client, &byte, 1), 0);
	pair_finish(&p);

	connect_pair(&p);
	p.to_client.closed = true;
	assert_int_equal(tls_read(p.client, &byte, 1), -ECONNRESET);
	assert_int_equal(tls_fault(p.client), CRYPTO_CLOSED);
	assert_int_equal(tls_read(p.client, &byte, 1), -ECONNRESET);
	assert_int_equal(tls_write(p.client, &byte, 1), -ECONNRESET);
	pair_finish(&p);
}

static void changed_record_ends_the_channel(void **state)
{
	(void)state;
	struct pair p;
	uint8_t bytes[50] = { 0 };

	connect_pair(&p);
	p.to_server.flip_at = p.to_server.total + 30;
	assert_int_equal(tls_write(p.client, bytes, sizeof(bytes)), 0);
	assert_int_equal(tls_read(p.server, bytes, sizeof(bytes)), -EBADMSG);
	assert_int_equal(tls_fault(p.server), CRYPTO_TAMPERED);
	assert_int_equal(tls_write(p.server, bytes, 1), -EBADMSG);
	assert_int_equal(tls_close(p.server), 0);
	assert_int_equal(tls_read(p.client, bytes, sizeof(bytes)), -EBADMSG); /* bad_record_mac */
	assert_non_null(strstr(tls_fault_detail(p.client), "alert 20"));
	pair_finish(&p);
}

static void every_flip_in_the_handshake_is_found(void **state)
{
	(void)state;
	/* Some of thousands of bytes; the odd step walks through all fields over time. */
	for (unsigned direction = 0; direction < 2; direction++) {
		for (size_t at = 1; at < 1200; at += 17) {
			struct pair p;
			pair_init(&p, &world);
			struct pipe_queue *queue = direction == 0 ? &p.to_server : &p.to_client;
			queue->flip_at = at;
			pair_start(&p);
			/* A length that grew leaves both waiting: the cut then ends it. */
			int client = -EAGAIN, server = -EAGAIN;
			for (unsigned turn = 0; turn < 50; turn++) {
				client = tls_handshake(p.client);
				server = tls_handshake(p.server);
			}
			if (client == 0 && server == 0 && queue->total >= queue->flip_at)
				fail_msg("direction %u, byte %zu", direction, at);
			pair_finish(&p);
		}
	}
}

static void nothing_before_the_handshake(void **state)
{
	(void)state;
	struct pair p;
	uint8_t byte = 0;

	pair_init(&p, &world);
	pair_start(&p);
	assert_int_equal(tls_write(p.client, &byte, 1), -EINVAL);
	assert_int_equal(tls_read(p.client, &byte, 1), -EINVAL);
	assert_false(tls_pending(p.client));
	assert_int_equal(tls_handshake(p.client), -EAGAIN);
	assert_int_equal(tls_wants(p.client), POLLIN);
	pair_finish(&p);
	tls_destroy(NULL);
}

static void not_tls_at_all(void **state)
{
	(void)state;
	struct pair p;
	static const char text[] = "GET / HTTP/1.1\r\nHost: office\r\n\r\n";

	pair_init(&p, &world);
	pair_start(&p);
	assert_int_equal(buffer_append(&p.to_server.bytes, text, sizeof(text)), 0);
	assert_int_equal(tls_handshake(p.server), -EPROTO);
	assert_int_equal(tls_fault(p.server), CRYPTO_MALFORMED);
	assert_int_equal(p.admit_calls, 0);
	pair_finish(&p);
}

/* A worker has no key: whoever keeps it signs, once, and the client sees no difference. */
static void a_key_elsewhere_signs(void **state)
{
	(void)state;
	for (int version = 0; version < 2; version++) {
		struct pair p;
		pair_init(&p, &world);
		p.server_config.policy.allow_tls13 = version == 1;
		p.server_config.keeper.sign = pair_sign;
		p.server_config.identity.key_der = NULL;
		p.server_config.identity.key_der_len = 0;
		p.remote = world.server.key;
		pair_start(&p);
		pair_handshake(&p);
		assert_int_equal(p.client_result, 0);
		assert_int_equal(p.server_result, 0);
		assert_int_equal(p.signatures, 1);
		pair_finish(&p);
	}
	/* It refuses, or is another key's. */
	for (int other = 0; other < 2; other++) {
		struct pair p;
		pair_init(&p, &world);
		p.server_config.keeper.sign = pair_sign;
		p.remote = other ? world.device.key : NULL;
		pair_start(&p);
		pair_handshake(&p);
		assert_true(p.client_result < 0);
		assert_true(p.server_result < 0);
		pair_finish(&p);
	}
}

/* The library reads on over warnings. The caller's clock must have its turn in between. */
static void warnings_do_not_hold_the_caller(void **state)
{
	(void)state;
	/* user_canceled (RFC 8446, 6.1), in the clear */
	static const uint8_t warning[] = { 21, 3, 3, 0, 2, 1, 90 };
	enum { FLOOD = 30000 };
	struct pair p;

	pair_init(&p, &world);
	pair_start(&p);
	assert_int_equal(tls_handshake(p.client), -EAGAIN);
	for (int i = 0; i < FLOOD; i++)
		assert_int_equal(buffer_append(&p.to_client.bytes, warning, sizeof(warning)), 0);
	int r = tls_handshake(p.client);
	assert_true(r == -EAGAIN || r == -EPROTO); /* or it is an offence, as in TLS 1.3 */
	assert_true(p.to_client.bytes.len >= FLOOD * sizeof(warning) - 65536);
	pair_finish(&p);
}

static unsigned steps_seen;

static void on_step(void *user, const char *step, uint64_t at_us)
{
	(void)at_us;
	if (strcmp(step, "server certificate") == 0)
		*(bool *)user = true;
	steps_seen++;
}

static void steps_are_told(void **state)
{
	(void)state;
	struct pair p;
	bool seen = false;

	steps_seen = 0;
	pair_init(&p, &world);
	pair_start(&p);
	tls_on_step(p.client, on_step, &seen);
	pair_handshake(&p);
	assert_true(seen);
	assert_true(steps_seen >= 5);
	pair_finish(&p);
}

static void probe_shows_the_chain(void **state)
{
	(void)state;
	struct pair p;
	struct tls *probe;
	struct crypto_der chain[CRYPTO_CHAIN_MAX];
	size_t len = 0;
	int r = -EAGAIN;

	pair_init(&p, &world);
	pair_start(&p);
	/* The probe takes the client's place. */
	struct tls_transport transport = { 0 };
	pair_transport(&transport, &p.client_end);
	assert_int_equal(
		tls_create_probe(&probe, PAIR_SERVER_NAME, TLS_ALPN_ENROLL, &transport), 0);
	for (unsigned i = 0; i < 50 && r == -EAGAIN; i++) {
		r = tls_probe(probe, chain, &len);
		p.server_result = tls_handshake(p.server);
	}
	assert_int_equal(r, 0);
	assert_int_equal(len, 2);
	assert_memory_equal(chain[0].bytes, world.server.chain[0].bytes, chain[0].len);
	assert_memory_equal(chain[1].bytes, world.ca.chain[0].bytes, chain[1].len);
	assert_int_equal(tls_handshake(probe), -EBADMSG);
	assert_int_equal(tls_handshake(p.server), -EBADMSG);
	assert_int_equal(tls_fault(p.server), CRYPTO_REFUSED);
	assert_int_equal(p.admit_calls, 0);
	tls_destroy(probe);

	transport.user = &p.client_end;
	p.to_client.closed = true;
	assert_int_equal(
		tls_create_probe(&probe, PAIR_SERVER_NAME, TLS_ALPN_ENROLL, &transport), 0);
	assert_int_equal(tls_probe(probe, chain, &len), -EPROTO);
	tls_destroy(probe);
	assert_int_equal(tls_create_probe(&probe, "", TLS_ALPN_ENROLL, &transport), -EINVAL);
	assert_int_equal(tls_create_probe(&probe, "x", "h2", &transport), -EINVAL);
	pair_finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_know_each_other),
		cmocka_unit_test(versions_meet),
		cmocka_unit_test(a_connection_has_a_binding_of_its_own),
		cmocka_unit_test(invitation_meets_the_server),
		cmocka_unit_test(older_enrolment_is_heard),
		cmocka_unit_test(bytes_arrive),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(one_record_waits),
		cmocka_unit_test(farewell_is_not_a_cut),
		cmocka_unit_test(changed_record_ends_the_channel),
		cmocka_unit_test(every_flip_in_the_handshake_is_found),
		cmocka_unit_test(nothing_before_the_handshake),
		cmocka_unit_test(a_key_elsewhere_signs),
		cmocka_unit_test(not_tls_at_all),
		cmocka_unit_test(warnings_do_not_hold_the_caller),
		cmocka_unit_test(steps_are_told),
		cmocka_unit_test(probe_shows_the_chain),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
