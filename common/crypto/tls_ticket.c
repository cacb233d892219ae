/*
 * Session tickets: an optimisation, never authority (ARCHITECTURE.md, D-TICKETS). What is sealed:
 *
 *	version u8, expiry i64, length u16, peer's certificate, the library's session
 *
 * The keeper seals it and opens it again, once; its keys are not in this process. A ticket is taken
 * only for a certificate that is valid and admitted at that moment; it is for farseat/1 alone.
 */
#include "common/crypto/tls_internal.h"

#include "common/base/clock.h"

#include <errno.h>
#if MBEDTLS_VERSION_MAJOR < 3
#include <mbedtls/ssl_internal.h>
#endif
#include <string.h>

#define TICKET_VERSION 1
#define HEAD_BYTES     (1 + 8 + 2)

bool tls_ticket_enabled(const struct tls *t)
{
	return t->policy.resumption && t->policy.ticket_lifetime_s > 0 && t->keeper.seal &&
	       t->keeper.open;
}

static bool is_session(const struct tls *t)
{
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&t->ssl);
	return alpn && strcmp(alpn, TLS_ALPN_SESSION) == 0;
}

/* When a ticket that is written now ends: never after the certificate, nor after the ticket that
 * this session came by. */
static int64_t expiry_s(const struct tls *t, int64_t now_s)
{
	struct crypto_cert_info info;
	int64_t end_s = now_s + t->policy.ticket_lifetime_s;

	if (crypto_cert_info(t->peer.bytes, t->peer.len, &info) < 0)
		return now_s;
	end_s = MIN(end_s, info.not_after_s);
	return t->ticket_expires_s != 0 && !t->verified ? MIN(end_s, t->ticket_expires_s) : end_s;
}

static void write_head(uint8_t *at, int64_t expires_s, const struct crypto_der *peer)
{
	*at++ = TICKET_VERSION;
	for (unsigned i = 0; i < 8; i++)
		*at++ = (uint8_t)((uint64_t)expires_s >> (56 - 8 * i));
	*at++ = (uint8_t)(peer->len >> 8);
	*at++ = (uint8_t)peer->len;
	memcpy(at, peer->bytes, peer->len);
}

int tls_ticket_write(void *user, const mbedtls_ssl_session *session, unsigned char *start,
	const unsigned char *end, size_t *len, uint32_t *lifetime_s)
{
	struct tls *t = user;
	int64_t now_s = clock_wall_s();
	size_t head = HEAD_BYTES + t->peer.len, session_len, size = (size_t)(end - start);

	if (!is_session(t) || t->peer.len == 0 || size < head)
		return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
	int64_t expires_s = expiry_s(t, now_s);
	if (expires_s <= now_s)
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	write_head(start, expires_s, &t->peer);
	int m = mbedtls_ssl_session_save(session, start + head, size - head, &session_len);
	if (m != 0)
		return m;
	*len = head + session_len;
	if (t->keeper.seal(t->keeper_user, start, len, size) < 0) {
		secure_wipe(start, size);
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	}
	*lifetime_s = (uint32_t)(expires_s - now_s);
	return 0;
}

/* Checks what the ticket says: 0, or there is nothing to resume. */
static int read_head(const uint8_t *at, size_t len, int64_t *expires_s, struct crypto_der *peer)
{
	uint64_t expiry = 0;

	if (len <= HEAD_BYTES || at[0] != TICKET_VERSION)
		return -EINVAL;
	for (unsigned i = 0; i < 8; i++)
		expiry = expiry << 8 | at[1 + i];
	peer->len = (size_t)at[9] << 8 | at[10];
	if (peer->len == 0 || peer->len > sizeof(peer->bytes) || peer->len >= len - HEAD_BYTES)
		return -EINVAL;
	memcpy(peer->bytes, at + HEAD_BYTES, peer->len);
	*expires_s = (int64_t)expiry;
	return 0;
}

static bool admitted(const struct tls *t, const struct crypto_der *peer)
{
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	return crypto_cert_fingerprint(peer->bytes, peer->len, fingerprint) == 0 &&
	       t->admit(t->admit_user, fingerprint, TLS_ALPN_SESSION) == CRYPTO_OK;
}

/* Any refusal leads to a full handshake, which then tells the peer what is wrong. */
int tls_ticket_parse(void *user, mbedtls_ssl_session *session, unsigned char *bytes, size_t len)
{
	struct tls *t = user;
	struct crypto_der peer;
	int64_t expires_s, now_s = clock_wall_s();

	if (t->keeper.open(t->keeper_user, bytes, &len) < 0)
		return MBEDTLS_ERR_SSL_INVALID_MAC;
	if (read_head(bytes, len, &expires_s, &peer) < 0)
		return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	/* A clock that went back must not lengthen a ticket's life. */
	if (now_s >= expires_s || expires_s - now_s > (int64_t)TLS_TICKET_LIFETIME_MAX_S)
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	size_t head = HEAD_BYTES + peer.len;
	int m = mbedtls_ssl_session_load(session, bytes + head, len - head);
	if (m != 0)
		return m;
	if (!admitted(t, &peer))
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	t->peer = peer;
	t->ticket_expires_s = expires_s;
	return 0;
}

#if MBEDTLS_VERSION_MAJOR < 3
void tls_ticket_renew(struct tls *t)
{
	if (t->role == TLS_SERVER && t->ssl.state == MBEDTLS_SSL_SERVER_HELLO &&
		t->ssl.handshake->resume == 1 && t->ticket_expires_s != 0)
		t->ssl.handshake->new_session_ticket = 1;
}
#else
void tls_ticket_renew(struct tls *t)
{
	(void)t; /* 1.3 does it by itself; in 1.2 nothing public of 3.6 can */
}
#endif
