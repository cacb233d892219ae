/*
 * The secured channel's life: identity, handshake, what became of it. Runs in the worker (server)
 * and in the client's link; both read a stranger's bytes here, by mbedTLS. The rest of the channel:
 * tls_io.c, tls_verify.c, tls_fault.c, tls_ticket.c, tls_export.c.
 */
#include "common/crypto/pk_remote.h"
#include "common/crypto/tls_internal.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <mbedtls/net_sockets.h>
#include <stdlib.h>
#include <string.h>

static int transport_send(void *user, const unsigned char *bytes, size_t len)
{
	struct tls *t = user;
	ssize_t n = t->transport.write(t->transport.user, bytes, MIN(len, (size_t)INT32_MAX));
	if (n == -EAGAIN || n == 0)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	return n < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int)n;
}

static int transport_receive(void *user, unsigned char *bytes, size_t len)
{
	struct tls *t = user;

	len = MIN(len, t->budget_bytes);
	if (len == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	ssize_t n = t->transport.read(t->transport.user, bytes, len);
	if (n == -EAGAIN)
		return MBEDTLS_ERR_SSL_WANT_READ;
	if (n > 0)
		t->budget_bytes -= (size_t)n;
	return n < 0 ? MBEDTLS_ERR_NET_RECV_FAILED : (int)n;
}

int tls_create(struct tls **out, enum tls_role role, const struct tls_policy *policy,
	const struct tls_transport *transport)
{
	struct tls *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->role = role;
	t->policy = *policy;
	t->transport = *transport;
	t->policy.ticket_lifetime_s = MIN(policy->ticket_lifetime_s, TLS_TICKET_LIFETIME_MAX_S);
	t->wants = FD_READ | FD_WRITE;
	mbedtls_ssl_config_init(&t->conf);
	mbedtls_ssl_init(&t->ssl);
	mbedtls_x509_crt_init(&t->own);
	mbedtls_x509_crt_init(&t->trusted);
	mbedtls_pk_init(&t->key);

	int endpoint = role == TLS_SERVER ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
	int m = mbedtls_ssl_config_defaults(
		&t->conf, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	int r = m == 0 ? tls_policy_apply(&t->conf, &t->policy) : -ENOMEM;
	if (r < 0) {
		if (r == -ENOTSUP)
			log_error("tls: no version of TLS that policy and library both have");
		tls_destroy(t);
		return r;
	}
	mbedtls_ssl_conf_verify(&t->conf, tls_verify, t);
	tls_export_prepare(t);
	*out = t;
	return 0;
}

void tls_destroy(struct tls *t)
{
	if (!t)
		return;
	mbedtls_ssl_free(&t->ssl);
	mbedtls_ssl_config_free(&t->conf);
	mbedtls_x509_crt_free(&t->own);
	mbedtls_x509_crt_free(&t->trusted);
	mbedtls_pk_free(&t->key);
	secure_wipe(t, sizeof(*t));
	free(t);
}

static int parse_all(mbedtls_x509_crt *chain, const struct crypto_der *certs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int r = x509_parse(chain, certs[i].bytes, certs[i].len);
		if (r < 0)
			return r;
	}
	return count > 0 ? 0 : -EINVAL;
}

static int parse_own_key(struct tls *t, const struct tls_identity *identity)
{
	if (t->keeper.sign)
		return pk_remote_setup(&t->key, &t->own.pk, t->keeper.sign, t->keeper_user);
	/* DER only: what stands in PEM comes from files, by crypto_key_from_file. */
	if (identity->key_der_len == 0 || identity->key_der_len > CRYPTO_KEY_DER_MAX_BYTES ||
		identity->key_der[0] != 0x30)
		return -EINVAL;
	int m = compat_parse_key(&t->key, identity->key_der, identity->key_der_len, NULL, 0);
	if (m != 0)
		return crypto_errno(m, -EINVAL);
	return crypto_pk_usable(&t->key) && compat_check_pair(&t->own.pk, &t->key) == 0 ? 0
											: -EINVAL;
}

int tls_use_identity(struct tls *t, const struct tls_identity *identity)
{
	int r = parse_all(&t->own, identity->chain, identity->chain_len);
	if (r < 0) {
		log_error("tls: our own certificates cannot be read");
		return r;
	}
	r = parse_all(&t->trusted, identity->trusted, identity->trusted_len);
	if (r < 0) {
		log_error("tls: the certificates that we trust cannot be read, or there are none");
		return r;
	}
	r = parse_own_key(t, identity);
	if (r < 0) {
		log_error("tls: our key cannot be read, or is not our certificate's");
		return r;
	}
	mbedtls_ssl_conf_ca_chain(&t->conf, &t->trusted, NULL);
	return mbedtls_ssl_conf_own_cert(&t->conf, &t->own, &t->key) == 0 ? 0 : -ENOMEM;
}

int tls_start(struct tls *t)
{
	if (mbedtls_ssl_conf_alpn_protocols(&t->conf, t->alpn) != 0)
		return -EINVAL;
	if (mbedtls_ssl_setup(&t->ssl, &t->conf) != 0)
		return -ENOMEM;
	mbedtls_ssl_set_bio(&t->ssl, t, transport_send, transport_receive, NULL);
	t->start_us = clock_now_us();
	return 0;
}

void tls_on_step(struct tls *t, tls_step_fn fn, void *user)
{
	t->step = fn;
	t->step_user = user;
	t->start_us = clock_now_us();
}

static void report_step(const struct tls *t, int state)
{
	static const struct {
		int state;
		const char *name;
	} steps[] = {
		{ MBEDTLS_SSL_CLIENT_HELLO, "client hello" },
		{ MBEDTLS_SSL_SERVER_HELLO, "server hello" },
		{ MBEDTLS_SSL_SERVER_CERTIFICATE, "server certificate" },
		{ MBEDTLS_SSL_SERVER_KEY_EXCHANGE, "server key exchange" },
		{ MBEDTLS_SSL_CERTIFICATE_REQUEST, "certificate request" },
		{ MBEDTLS_SSL_CLIENT_CERTIFICATE, "client certificate" },
		{ MBEDTLS_SSL_CLIENT_KEY_EXCHANGE, "client key exchange" },
		{ MBEDTLS_SSL_CERTIFICATE_VERIFY, "certificate verify" },
		{ MBEDTLS_SSL_CLIENT_FINISHED, "client finished" },
		{ MBEDTLS_SSL_SERVER_FINISHED, "server finished" },
	};
	if (!t->step)
		return;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (steps[i].state == state)
			t->step(t->step_user, steps[i].name, clock_now_us() - t->start_us);
}

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
/* Of mbedTLS itself, in its library but in none of its public headers (3.6, ssl_misc.h). */
void mbedtls_ssl_set_outbound_transform(mbedtls_ssl_context *ssl, mbedtls_ssl_transform *transform);
int mbedtls_ssl_flush_output(mbedtls_ssl_context *ssl);

/*
 * After its Finished a server sends with the application keys (RFC 8446, 4.4.4 and 7.1).
 * mbedTLS 3.6 switches only when the client's Finished was good, so that the alert which refuses a
 * client's certificate cannot be read by the client. Between the two there is nothing to send but
 * that alert; the library's own switch sets the same keys anew.
 */
static void switch_keys_after_finished(struct tls *t)
{
	bool waits = t->ssl.state == MBEDTLS_SSL_CLIENT_CERTIFICATE;
	bool is_13 = mbedtls_ssl_get_version_number(&t->ssl) == MBEDTLS_SSL_VERSION_TLS1_3;

	if (t->role == TLS_SERVER && waits && is_13 && t->ssl.transform_application &&
		t->ssl.transform_out != t->ssl.transform_application)
		mbedtls_ssl_set_outbound_transform(&t->ssl, t->ssl.transform_application);
}

/* The client's last flight may wait in the library although its handshake is over. */
static int flush_last_flight(struct tls *t)
{
	return t->ssl.out_left > 0 ? mbedtls_ssl_flush_output(&t->ssl) : 0;
}
#else
static void switch_keys_after_finished(struct tls *t)
{
	(void)t;
}

static int flush_last_flight(struct tls *t)
{
	(void)t;
	return 0;
}
#endif

static bool must_wait(struct tls *t, int m)
{
	if (m != MBEDTLS_ERR_SSL_WANT_READ && m != MBEDTLS_ERR_SSL_WANT_WRITE)
		return false;
	t->wants = m == MBEDTLS_ERR_SSL_WANT_READ ? FD_READ : FD_WRITE;
	return true;
}

int tls_handshake_run(struct tls *t)
{
	t->budget_bytes = TLS_CALL_MAX_BYTES;
	while (t->ssl.state != MBEDTLS_SSL_HANDSHAKE_OVER) {
		int state = t->ssl.state;
		int m = mbedtls_ssl_handshake_step(&t->ssl);
		if (t->ssl.state != state) {
			report_step(t, state);
			switch_keys_after_finished(t);
			tls_ticket_renew(t);
		}
		if (must_wait(t, m))
			return -EAGAIN;
		if (m != 0)
			return m;
	}
	int m = flush_last_flight(t);
	return must_wait(t, m) ? -EAGAIN : m;
}

int tls_handshake(struct tls *t)
{
	if (t->error < 0)
		return t->error;
	if (t->done)
		return 0;
	if (t->role == TLS_PROBE)
		return -EINVAL;
	int r = tls_handshake_run(t);
	if (r == -EAGAIN)
		return r;
	if (r != 0)
		return tls_fail(t, r);
	enum crypto_fault fault = tls_verify_final(t);
	if (fault != CRYPTO_OK)
		return tls_fail_with(t, fault, "found after the handshake");
	if (tls_export(t) < 0)
		return tls_fail_with(t, CRYPTO_INTERNAL, "nothing to bind the second proof to");
	t->done = true;
	t->wants = FD_READ;
	return 0;
}

void tls_info(const struct tls *t, struct tls_info *out)
{
	*out = (struct tls_info){ .version = "", .suite = "", .group = "", .alpn = "" };
	if (t->peer.len > 0 && crypto_cert_info(t->peer.bytes, t->peer.len, &out->peer) < 0)
		out->peer = (struct crypto_cert_info){ 0 };
	out->bytes_in = t->bytes_in;
	out->bytes_out = t->bytes_out;
	/* Agreed upon early: it is there in many a handshake that failed. */
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&t->ssl);
	out->alpn = alpn ? alpn : "";
	if (t->suite[0] == '\0')
		return;
	out->version = mbedtls_ssl_get_version(&t->ssl);
	out->suite = t->suite;
	out->resumed = t->resumed;
}
