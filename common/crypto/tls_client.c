/*
 * The client's end: a server must be of our CA and have the name that was asked for. Runs in the
 * client's link. A stored session is used only with the server, protocol, CA and device that it was
 * made with.
 */
#include "common/crypto/tls_internal.h"

#include "common/crypto/random.h"

#include <errno.h>
#include <mbedtls/sha256.h>
#include <string.h>

#define SESSION_HEAD_BYTES                                                                         \
	(sizeof(((struct tls *)0)->binding) +                                                      \
		2) /* binding, u16 length of the peer's certificate  \
						  */

/* A running hash of hashes: SHA-256 of what was before and the next part's hash. */
static int bind_part(uint8_t binding[static 32], const void *bytes, size_t len)
{
	uint8_t both[2 * CRYPTO_SHA256_BYTES];
	memcpy(both, binding, CRYPTO_SHA256_BYTES);
	int r = crypto_sha256(bytes, len, both + CRYPTO_SHA256_BYTES);
	return r < 0 ? r : crypto_sha256(both, sizeof(both), binding);
}

static int bind_session(struct tls *t, const struct tls_client_config *config)
{
	const struct tls_identity *identity = &config->identity;
	const char *library = crypto_library();

	int r = bind_part(t->binding, library, strlen(library));
	if (r == 0)
		r = bind_part(t->binding, t->server_name, strlen(t->server_name));
	if (r == 0)
		r = bind_part(t->binding, t->alpn[0], strlen(t->alpn[0]));
	if (r == 0)
		r = bind_part(t->binding, identity->chain[0].bytes, identity->chain[0].len);
	for (size_t i = 0; r == 0 && i < identity->trusted_len; i++)
		r = bind_part(t->binding, identity->trusted[i].bytes, identity->trusted[i].len);
	return r;
}

/* A session that does not fit is no error: the handshake is then a full one. */
static void offer_session(struct tls *t, const uint8_t *bytes, size_t len)
{
	mbedtls_ssl_session session;

	if (!bytes || len <= SESSION_HEAD_BYTES || len > TLS_SESSION_MAX_BYTES)
		return;
	if (!crypto_equal(bytes, t->binding, sizeof(t->binding)))
		return;
	size_t peer_len = (size_t)bytes[sizeof(t->binding)] << 8 | bytes[sizeof(t->binding) + 1];
	bytes += SESSION_HEAD_BYTES;
	len -= SESSION_HEAD_BYTES;
	if (peer_len == 0 || peer_len > sizeof(t->session_peer.bytes) || peer_len >= len)
		return;
	mbedtls_ssl_session_init(&session);
	if (mbedtls_ssl_session_load(&session, bytes + peer_len, len - peer_len) == 0 &&
		mbedtls_ssl_set_session(&t->ssl, &session) == 0) {
		memcpy(t->session_peer.bytes, bytes, peer_len);
		t->session_peer.len = peer_len;
	}
	mbedtls_ssl_session_free(&session);
}

static int configure(struct tls *t, const struct tls_client_config *config)
{
	int r = tls_use_identity(t, &config->identity);
	if (r == 0)
		r = bind_session(t, config);
	if (r < 0)
		return r;
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	mbedtls_ssl_conf_session_tickets(&t->conf, t->policy.resumption
							   ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
							   : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) &&                                                           \
	defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
		&t->conf, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
	r = tls_start(t);
	if (r < 0)
		return r;
	/* Without a name mbedTLS 2.28 takes any server of the CA. */
	if (mbedtls_ssl_set_hostname(&t->ssl, t->server_name) != 0)
		return -ENOMEM;
	if (t->policy.resumption)
		offer_session(t, config->session, config->session_len);
	return 0;
}

int tls_create_client(struct tls **out, const struct tls_client_config *config,
	const struct tls_transport *transport)
{
	struct tls *t;
	const char *alpn = tls_policy_alpn(config->alpn);

	if (!config->server_name || config->server_name[0] == '\0' || !alpn)
		return -EINVAL;
	if (strnlen(config->server_name, CRYPTO_NAME_MAX_BYTES) >= CRYPTO_NAME_MAX_BYTES)
		return -EINVAL;
	int r = tls_create(&t, TLS_CLIENT, &config->policy, transport);
	if (r < 0)
		return r;
	t->alpn[0] = alpn;
	if (strcmp(alpn, TLS_ALPN_ENROLL) == 0)
		t->alpn[1] = tls_policy_alpn(TLS_ALPN_ENROLL_UNPROVEN);
	memcpy(t->server_name, config->server_name, strlen(config->server_name) + 1);
	r = configure(t, config);
	if (r < 0) {
		tls_destroy(t);
		return r;
	}
	*out = t;
	return 0;
}

/* Binding, length, peer's certificate, the library's session. */
static int session_pack(const struct tls *t, const mbedtls_ssl_session *session, uint8_t *out,
	size_t size, size_t *len)
{
	size_t head = SESSION_HEAD_BYTES + t->peer.len, session_len;

	if (size > TLS_SESSION_MAX_BYTES)
		size = TLS_SESSION_MAX_BYTES;
	if (head > size)
		return -E2BIG;
	if (mbedtls_ssl_session_save(session, out + head, size - head, &session_len) != 0)
		return -E2BIG;
	memcpy(out, t->binding, sizeof(t->binding));
	out[sizeof(t->binding)] = (uint8_t)(t->peer.len >> 8);
	out[sizeof(t->binding) + 1] = (uint8_t)t->peer.len;
	memcpy(out + SESSION_HEAD_BYTES, t->peer.bytes, t->peer.len);
	*len = head + session_len;
	return 0;
}

static bool has_ticket(const mbedtls_ssl_session *session)
{
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	return session->ticket != NULL && session->ticket_len > 0;
#else
	(void)session;
	return false;
#endif
}

int tls_session_export(struct tls *t, uint8_t *out, size_t size, size_t *len)
{
	mbedtls_ssl_session session;

	if (t->error < 0 || !t->done || t->role != TLS_CLIENT || !t->policy.resumption)
		return -ENOENT;
	mbedtls_ssl_session_init(&session);
#if MBEDTLS_VERSION_MAJOR >= 3
	/*
	 * The library gives each session out once; a caller whose memory was too small asks again.
	 */
	if (t->ssl.session)
		t->ssl.session->exported = 0;
#endif
	int r = -ENOENT;
	if (mbedtls_ssl_get_session(&t->ssl, &session) == 0 && has_ticket(&session))
		r = session_pack(t, &session, out, size, len);
	mbedtls_ssl_session_free(&session);
	return r;
}
