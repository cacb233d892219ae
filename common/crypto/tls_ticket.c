/*
 * Session tickets: an optimisation, never authority (ARCHITECTURE.md, D-TICKETS). They are sealed
 * with AES-256-GCM by the daemon's keys:
 *
 *	key id 16, nonce 12, sealed { version u8, expiry i64, length u16, peer's certificate,
 *	the library's session }, tag 16
 *
 * A ticket is opened only for a certificate that is valid and admitted at that moment; it is for
 * farseat/1 alone.
 */
#include "common/crypto/tls_internal.h"

#include "common/base/clock.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <mbedtls/gcm.h>
#include <string.h>

#define KEY_ID_BYTES   16
#define KEY_BYTES      32
#define NONCE_BYTES    12 /* NIST SP 800-38D, 5.2.1.1 */
#define TAG_BYTES      16
#define CLEAR_BYTES    (KEY_ID_BYTES + NONCE_BYTES)
#define TICKET_VERSION 1
#define HEAD_BYTES     (1 + 8 + 2)

static bool key_is_set(const uint8_t key[static TLS_TICKET_KEY_BYTES])
{
	static const uint8_t none[TLS_TICKET_KEY_BYTES];
	return !crypto_equal(key, none, sizeof(none));
}

bool tls_ticket_enabled(const struct tls *t)
{
	return t->policy.resumption && t->policy.ticket_lifetime_s > 0 &&
	       key_is_set(t->ticket_keys[0]);
}

static int seal(const uint8_t key[static TLS_TICKET_KEY_BYTES], uint8_t *ticket, size_t plain_len)
{
	mbedtls_gcm_context gcm;
	uint8_t *plain = ticket + CLEAR_BYTES;

	memcpy(ticket, key, KEY_ID_BYTES);
	int r = crypto_random(ticket + KEY_ID_BYTES, NONCE_BYTES);
	if (r < 0)
		return r;
	mbedtls_gcm_init(&gcm);
	int m = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key + KEY_ID_BYTES, 8 * KEY_BYTES);
	if (m == 0)
		m = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, plain_len,
			ticket + KEY_ID_BYTES, NONCE_BYTES, ticket, KEY_ID_BYTES, plain, plain,
			TAG_BYTES, plain + plain_len);
	mbedtls_gcm_free(&gcm);
	return m == 0 ? 0 : -EIO;
}

static int unseal(const struct tls *t, uint8_t *ticket, size_t plain_len)
{
	mbedtls_gcm_context gcm;
	uint8_t *plain = ticket + CLEAR_BYTES;
	const uint8_t *key = NULL;

	for (unsigned i = 0; i < ARRAY_LEN(t->ticket_keys); i++)
		if (key_is_set(t->ticket_keys[i]) &&
			memcmp(t->ticket_keys[i], ticket, KEY_ID_BYTES) == 0)
			key = t->ticket_keys[i];
	if (!key)
		return -ENOENT;
	mbedtls_gcm_init(&gcm);
	int m = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key + KEY_ID_BYTES, 8 * KEY_BYTES);
	if (m == 0)
		m = mbedtls_gcm_auth_decrypt(&gcm, plain_len, ticket + KEY_ID_BYTES, NONCE_BYTES,
			ticket, KEY_ID_BYTES, plain + plain_len, TAG_BYTES, plain, plain);
	mbedtls_gcm_free(&gcm);
	return m == 0 ? 0 : -EBADMSG;
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
	size_t head = CLEAR_BYTES + HEAD_BYTES + t->peer.len, session_len,
	       size = (size_t)(end - start);

	if (!is_session(t) || t->peer.len == 0 || size < head + TAG_BYTES)
		return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
	int64_t expires_s = expiry_s(t, now_s);
	if (expires_s <= now_s)
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	write_head(start + CLEAR_BYTES, expires_s, &t->peer);
	int m = mbedtls_ssl_session_save(
		session, start + head, size - head - TAG_BYTES, &session_len);
	if (m != 0)
		return m;
	size_t plain_len = HEAD_BYTES + t->peer.len + session_len;
	if (seal(t->ticket_keys[0], start, plain_len) < 0) {
		secure_wipe(start, size);
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	}
	*len = CLEAR_BYTES + plain_len + TAG_BYTES;
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

	if (len <= CLEAR_BYTES + TAG_BYTES + HEAD_BYTES)
		return MBEDTLS_ERR_SSL_INVALID_MAC;
	size_t plain_len = len - CLEAR_BYTES - TAG_BYTES;
	if (unseal(t, bytes, plain_len) < 0)
		return MBEDTLS_ERR_SSL_INVALID_MAC;
	const uint8_t *plain = bytes + CLEAR_BYTES;
	if (read_head(plain, plain_len, &expires_s, &peer) < 0)
		return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	/* A clock that went back must not lengthen a ticket's life. */
	if (now_s >= expires_s || expires_s - now_s > (int64_t)TLS_TICKET_LIFETIME_MAX_S)
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	size_t head = HEAD_BYTES + peer.len;
	int m = mbedtls_ssl_session_load(session, plain + head, plain_len - head);
	if (m != 0)
		return m;
	if (!admitted(t, &peer))
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	t->peer = peer;
	t->ticket_expires_s = expires_s;
	return 0;
}
