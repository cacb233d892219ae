/* The real programs before there is a session: who is let in, tickets, enrolments. */
#include "tests/unit/cmocka_first.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "tests/unit/link/link_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void test_not_admitted(void **state)
{
	struct rig *r = link_rig_new();

	(void)state;
	r->admit_fault = CRYPTO_REVOKED;
	rig_start(r, false);
	assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
	assert_false(r->failed.retry);
	assert_int_equal(r->failed.fault, CRYPTO_REFUSED);
	assert_true(rig_run(r, rig_has_ended, LINK_RIG_SOON_MS));
	assert_true(r->handshake_seen);
	assert_int_equal(r->handshake.fault, CRYPTO_REVOKED);
	assert_false(r->open_seen);
	link_rig_close(r);
}

static void test_supervisor_does_not_answer(void **state)
{
	struct rig *r = link_rig_new();

	(void)state;
	r->admit_silent = true;
	rig_start(r, false);
	assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
	assert_true(rig_run(r, rig_has_ended, LINK_RIG_SOON_MS));
	assert_int_not_equal(r->handshake.fault, CRYPTO_OK);
	link_rig_close(r);
}

static void test_proof_denied(void **state)
{
	struct rig *r = link_rig_new();

	(void)state;
	r->deny = true;
	rig_start(r, false);
	assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
	assert_int_equal(r->failed.code, WIRE_BYE_REFUSED);
	assert_false(r->failed.retry);
	link_rig_close(r);
}

/* Either end may be from before the bound proof: the other one then goes without. */
static void test_proof_of_older_ends(void **state)
{
	(void)state;
	for (int older_link = 0; older_link < 2; older_link++) {
		struct rig *r = link_rig_new();
		struct record_link_config config = rig_session_config(link_rig_identity());
		int fds[2];

		r->unbound = !older_link;
		if (older_link)
			config.codec_features &= ~WIRE_FEATURE_BOUND;
		rig_tcp_pair(fds);
		rig_start_worker(r, fds[1], NULL);
		rig_start_link(r, fds[0], &config);
		assert_true(rig_run(r, rig_is_open, LINK_RIG_SOON_MS));
		assert_true(r->proof_good);
		assert_false(r->proof_bound);
		link_rig_close(r);
	}
}

static void test_wrong_server(void **state)
{
	struct rig *r = link_rig_new();
	struct record_link_config config = rig_session_config(link_rig_identity());
	int fds[2];

	(void)state;
	snprintf(config.server_name, sizeof(config.server_name), "other" CRYPTO_SERVER_SUFFIX);
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], NULL);
	rig_start_link(r, fds[0], &config);
	assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
	assert_int_equal(r->failed.fault, CRYPTO_WRONG_NAME);
	assert_false(r->proof_good);
	link_rig_close(r);
}

static bool has_ticket(const struct rig *r)
{
	return r->session_len > 0;
}

static void test_resumption(void **state)
{
	struct rig *r = link_rig_open(false);
	struct record_link_config config = rig_session_config(link_rig_identity());
	uint8_t session[RECORD_SESSION_MAX_BYTES];
	int fds[2];

	(void)state;
	assert_true(rig_run(r, has_ticket, LINK_RIG_SOON_MS));
	size_t len = r->session_len;
	memcpy(session, r->session, len);
	link_rig_close(r);

	for (int revoked = 0; revoked < 2; revoked++) {
		r = link_rig_new();
		r->admit_fault = revoked ? CRYPTO_REVOKED : CRYPTO_OK;
		config.session.bytes = session;
		config.session.len = len;
		rig_tcp_pair(fds);
		rig_start_worker(r, fds[1], NULL);
		rig_start_link(r, fds[0], &config);
		if (revoked) {
			assert_true(rig_run(r, rig_has_failed, LINK_RIG_SOON_MS));
			assert_false(r->granted);
		} else {
			assert_true(rig_run(r, rig_is_open, LINK_RIG_SOON_MS));
			assert_true(r->state.resumed);
			assert_true(r->proof_good); /* resumption grants nothing by itself */
			assert_int_equal(r->admit_count, 1);
		}
		link_rig_close(r);
	}
}

static bool has_chain(const struct rig *r)
{
	return r->chain_len > 0;
}

static bool has_enrolled(const struct rig *r)
{
	return r->enrolled_seen;
}

static void test_enrolment(void **state)
{
	struct rig *r = link_rig_new();
	struct record_link_config config = { .mode = RECORD_LINK_PROBE };
	struct crypto_key *once, *fresh;
	struct crypto_der invitation;
	uint8_t csr[CRYPTO_CSR_DER_MAX_BYTES], key[CRYPTO_KEY_DER_MAX_BYTES];
	int fds[2], status;

	(void)state;
	snprintf(
		config.server_name, sizeof(config.server_name), RIG_SERVER_ID CRYPTO_SERVER_SUFFIX);
	snprintf(config.server_id, sizeof(config.server_id), RIG_SERVER_ID);
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], NULL);
	rig_start_link(r, fds[0], &config);
	assert_true(rig_run(r, has_chain, LINK_RIG_SOON_MS));
	assert_int_equal(r->chain_len, 2);
	assert_memory_equal(
		r->chain[1].bytes, link_rig_identity()->ca.bytes, link_rig_identity()->ca.len);
	assert_true(rig_exited(&r->link_pid, &status, LINK_RIG_SOON_MS));
	link_rig_close(r);

	assert_int_equal(crypto_key_generate(&once), 0);
	assert_int_equal(crypto_key_generate(&fresh), 0);
	assert_int_equal(crypto_invitation_cert(once, &invitation), 0);
	config = rig_session_config(link_rig_identity());
	config.mode = RECORD_LINK_ENROLL;
	config.chain[0] = (struct record_blob){ invitation.bytes, invitation.len };
	assert_int_equal(crypto_key_to_der(once, key, sizeof(key), &config.key.len), 0);
	config.key.bytes = key;
	assert_int_equal(crypto_csr_create(fresh, csr, &config.csr.len), 0);
	config.csr.bytes = csr;
	snprintf(config.label, sizeof(config.label), "thinkpad");
	r = link_rig_new();
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], &invitation);
	rig_start_link(r, fds[0], &config);
	if (!rig_run(r, has_enrolled, LINK_RIG_SOON_MS))
		fail_msg("not enrolled: %s / %s", r->failed.reason, r->handshake.detail);
	assert_int_equal(crypto_cert_check(&r->enrolled, &link_rig_identity()->ca,
				 CRYPTO_FOR_DEVICE, NULL, clock_wall_s()),
		CRYPTO_OK);
	assert_true(rig_exited(&r->link_pid, &status, LINK_RIG_SOON_MS));
	assert_true(rig_exited(&r->worker_pid, &status, LINK_RIG_SOON_MS));
	crypto_key_destroy(once);
	crypto_key_destroy(fresh);
	link_rig_close(r);
}

/* A laptop from before enrolments were proven, as far as its TLS and its reading go. */
static struct {
	struct tls *tls;
	uint8_t heard[512];
	size_t len;
} older;

static bool older_has_heard(const struct rig *r)
{
	(void)r;
	if (tls_handshake(older.tls) < 0)
		return false;
	ssize_t n =
		tls_read(older.tls, older.heard + older.len, sizeof(older.heard) - 1 - older.len);
	if (n > 0)
		older.len += (size_t)n;
	return n == 0;
}

static void test_enrolment_of_an_older_laptop(void **state)
{
	struct rig *r = link_rig_new();
	struct crypto_key *once;
	struct crypto_der invitation;
	uint8_t key[CRYPTO_KEY_DER_MAX_BYTES];
	struct tls_client_config config = { .server_name = RIG_SERVER_ID CRYPTO_SERVER_SUFFIX,
		.policy = tls_policy_default(),
		.alpn = TLS_ALPN_ENROLL_UNPROVEN };
	int fds[2];
	const struct tls_transport transport = { tls_transport_fd.read, tls_transport_fd.write,
		&fds[0] };

	(void)state;
	memset(&older, 0, sizeof(older));
	assert_int_equal(crypto_key_generate(&once), 0);
	assert_int_equal(crypto_invitation_cert(once, &invitation), 0);
	assert_int_equal(
		crypto_key_to_der(once, key, sizeof(key), &config.identity.key_der_len), 0);
	config.identity.key_der = key;
	config.identity.chain = &invitation;
	config.identity.chain_len = 1;
	config.identity.trusted = &link_rig_identity()->ca;
	config.identity.trusted_len = 1;
	rig_tcp_pair(fds);
	rig_start_worker(r, fds[1], &invitation);
	assert_int_equal(fd_set_nonblock(fds[0]), 0);
	assert_int_equal(tls_create_client(&older.tls, &config, &transport), 0);
	/* The rig does not wait for this laptop's socket: it turns in short steps. */
	uint64_t end_ms = clock_now_ms() + LINK_RIG_SOON_MS;
	bool heard = false;
	while (!heard && clock_now_ms() < end_ms)
		heard = rig_run(r, older_has_heard, 10);
	assert_true(heard);
	assert_int_equal(older.heard[0], WIRE_GOODBYE);
	older.heard[older.len] = '\0';
	assert_non_null(strstr((const char *)older.heard + 7, "update it"));
	assert_false(r->enrolled_seen);
	tls_destroy(older.tls);
	close(fds[0]);
	crypto_key_destroy(once);
	link_rig_close(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_admitted),
		cmocka_unit_test(test_supervisor_does_not_answer),
		cmocka_unit_test(test_proof_denied),
		cmocka_unit_test(test_proof_of_older_ends),
		cmocka_unit_test(test_wrong_server),
		cmocka_unit_test(test_resumption),
		cmocka_unit_test(test_enrolment),
		cmocka_unit_test(test_enrolment_of_an_older_laptop),
	};

	int r = link_rig_begin(argc, argv);
	if (r != 0)
		return r;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	link_rig_end();
	return r;
}
