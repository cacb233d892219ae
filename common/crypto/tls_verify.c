/* The one verification of peers, for both ends (ARCHITECTURE.md, D-ONE-VERIFY). mbedTLS has checked
 * signatures and chain before it calls; here flags are only ever added, never taken away, but for
 * the one that every invitation has (invited). */
#include "common/crypto/tls_internal.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What the peer's certificate has to be for. */
static enum crypto_purpose peer_purpose(const struct tls *t, const char *alpn)
{
	if (t->role != TLS_SERVER)
		return CRYPTO_FOR_SERVER;
	return tls_alpn_enrolls(alpn) ? CRYPTO_FOR_INVITATION : CRYPTO_FOR_DEVICE;
}

/* The flag that makes mbedTLS send the alert that belongs to the fault. */
static uint32_t flag_of(enum crypto_fault fault)
{
	if (fault == CRYPTO_OK)
		return 0;
	if (fault == CRYPTO_UNKNOWN_CA)
		return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
	if (fault == CRYPTO_EXPIRED)
		return MBEDTLS_X509_BADCERT_EXPIRED;
	if (fault == CRYPTO_NOT_YET_VALID)
		return MBEDTLS_X509_BADCERT_FUTURE;
	if (fault == CRYPTO_WRONG_NAME)
		return MBEDTLS_X509_BADCERT_CN_MISMATCH;
	if (fault == CRYPTO_WRONG_PURPOSE)
		return MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
	if (fault == CRYPTO_REVOKED)
		return MBEDTLS_X509_BADCERT_REVOKED;
	return MBEDTLS_X509_BADCERT_OTHER;
}

static const char *name_wanted(const struct tls *t)
{
	return t->role == TLS_SERVER ? NULL : t->server_name;
}

static void note_dates(struct tls *t, const mbedtls_x509_crt *crt, enum crypto_fault fault)
{
	/* An invitation ends by the registry's word, before its certificate does. */
	if (fault == CRYPTO_EXPIRED && mbedtls_x509_time_is_past(&crt->valid_to))
		snprintf(t->detail, sizeof(t->detail), "certificate expired %04d-%02d-%02d",
			crt->valid_to.year, crt->valid_to.mon, crt->valid_to.day);
	if (fault == CRYPTO_NOT_YET_VALID)
		snprintf(t->detail, sizeof(t->detail), "certificate is valid from %04d-%02d-%02d",
			crt->valid_from.year, crt->valid_from.mon, crt->valid_from.day);
}

/* Tells who answered instead of the server that was asked for. What a stranger calls itself is only
 * shown. */
static void note_names(struct tls *t)
{
	struct crypto_cert_info info;

	if (t->role != TLS_CLIENT || t->peer.len == 0 ||
		(t->verify_fault != CRYPTO_WRONG_NAME && t->verify_fault != CRYPTO_UNKNOWN_CA) ||
		crypto_cert_info(t->peer.bytes, t->peer.len, &info) < 0)
		return;
	snprintf(t->detail, sizeof(t->detail), "%s %.80s, asked for was %.80s",
		t->verify_fault == CRYPTO_WRONG_NAME ? "it is" : "it calls itself", info.subject,
		t->server_name);
}

static enum crypto_fault leaf_fault(struct tls *t, const mbedtls_x509_crt *crt)
{
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&t->ssl);

	/* TLS 1.3 and a server's hello in TLS 1.2 have settled it by now; a client checks its own
	 * at the end. */
	if (!alpn && t->role == TLS_SERVER)
		return CRYPTO_WRONG_PROTOCOL;
	/* A spoiled list of certificates can leave the library with an empty one. */
	if (!crt->raw.p || crt->raw.len == 0)
		return CRYPTO_NO_CERTIFICATE;
	if (crt->raw.len > sizeof(t->peer.bytes))
		return CRYPTO_WRONG_PURPOSE;
	memcpy(t->peer.bytes, crt->raw.p, crt->raw.len);
	t->peer.len = crt->raw.len;
	enum crypto_purpose purpose = peer_purpose(t, alpn);
	return x509_leaf_fault(crt, purpose, name_wanted(t), clock_wall_s());
}

/* The registry is asked last of all, and only about a certificate without any fault. */
static enum crypto_fault admit_fault(struct tls *t)
{
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	if (t->role != TLS_SERVER)
		return CRYPTO_OK;
	if (crypto_cert_fingerprint(t->peer.bytes, t->peer.len, fingerprint) < 0)
		return CRYPTO_INTERNAL;
	return t->admit(t->admit_user, fingerprint, mbedtls_ssl_get_alpn_protocol(&t->ssl));
}

/*
 * An invitation signs itself and is in no list of trust, since a worker is not told which are
 * pending. It is nobody's otherwise without a fault. The registry knows it by the hash of all its
 * bytes, which is what a list of trust would compare: the registry's word stands for that list.
 */
static bool may_be_invited(const struct tls *t, enum crypto_fault fault, uint32_t flags)
{
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&t->ssl);

	return t->role == TLS_SERVER && alpn && tls_alpn_enrolls(alpn) && fault == CRYPTO_OK &&
	       flags == MBEDTLS_X509_BADCERT_NOT_TRUSTED && t->verify_flags == 0;
}

/* Asks about it. The flag goes by the word CRYPTO_OK, and by nothing else. */
static enum crypto_fault invited(struct tls *t, uint32_t *flags)
{
	enum crypto_fault fault = admit_fault(t);

	if (fault == CRYPTO_OK)
		*flags = 0; /* it was BADCERT_NOT_TRUSTED alone */
	return fault == CRYPTO_NOT_ADMITTED ? CRYPTO_UNKNOWN_CA : fault;
}

/* A device's certificate is issued by the CA itself; a server's may have others in between. */
static enum crypto_fault issuer_fault(const struct tls *t, const mbedtls_x509_crt *crt, int depth)
{
	if (t->role == TLS_SERVER && depth > 1)
		return CRYPTO_UNKNOWN_CA;
	return x509_issuer_fault(
		crt, t->role == TLS_SERVER ? CRYPTO_FOR_DEVICE : CRYPTO_FOR_SERVER, clock_wall_s());
}

static enum crypto_fault one_fault(
	struct tls *t, const mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	enum crypto_fault fault = depth == 0 ? leaf_fault(t, crt) : issuer_fault(t, crt, depth);
	uint32_t grave =
		*flags & ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);

	if (depth == 0 && may_be_invited(t, fault, *flags))
		return invited(t, flags);
	/* That a stranger issued it says more than what else is wrong with it. */
	if (x509_flags_fault(grave) != CRYPTO_OK)
		return x509_flags_fault(grave);
	if (fault == CRYPTO_OK)
		fault = x509_flags_fault(*flags);
	if (depth == 0 && fault == CRYPTO_OK && t->verify_flags == 0)
		fault = admit_fault(t);
	return fault;
}

static void collect(struct tls *t, const mbedtls_x509_crt *crt)
{
	t->found_len = 0;
	for (; crt && crt->raw.p; crt = crt->next) {
		if (t->found_len == CRYPTO_CHAIN_MAX || crt->raw.len > CRYPTO_CERT_DER_MAX_BYTES) {
			t->found_len = 0; /* nobody's chain is like this */
			return;
		}
		struct crypto_der *der = &t->found[t->found_len++];
		memcpy(der->bytes, crt->raw.p, crt->raw.len);
		der->len = crt->raw.len;
	}
}

/* mbedTLS calls from the root (the greatest depth) down to the end entity (0). */
int tls_verify(void *user, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct tls *t = user;

	if (t->role == TLS_PROBE) {
		if (depth == 0)
			collect(t, crt);
		*flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
		return 0;
	}
	enum crypto_fault fault = one_fault(t, crt, depth, flags);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS)
	/* TLS 1.3 writes tickets by itself: an enrolment has none. */
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&t->ssl);
	if (t->role == TLS_SERVER && alpn && peer_purpose(t, alpn) == CRYPTO_FOR_INVITATION)
		mbedtls_ssl_conf_new_session_tickets(&t->conf, 0);
#endif
	*flags |= flag_of(fault);
	t->verify_flags |= *flags;
	if (fault != CRYPTO_OK && t->verify_fault == CRYPTO_OK) {
		t->verify_fault = fault;
		note_dates(t, crt, fault);
	}
	if (depth == 0) {
		note_names(t);
		t->verified = t->verify_flags == 0;
	}
	return 0;
}

static enum crypto_fault peer_fault(const struct tls *t, const char *alpn)
{
	mbedtls_x509_crt crt;
	mbedtls_x509_crt_init(&crt);
	enum crypto_fault fault = CRYPTO_INTERNAL;
	if (x509_parse(&crt, t->peer.bytes, t->peer.len) == 0)
		fault = x509_leaf_fault(
			&crt, peer_purpose(t, alpn), name_wanted(t), clock_wall_s());
	mbedtls_x509_crt_free(&crt);
	return fault;
}

/* The library's own memory of the peer, where it has one, is the one we judged. */
static bool peer_is_the_same(const struct tls *t)
{
	const mbedtls_x509_crt *crt = mbedtls_ssl_get_peer_cert(&t->ssl);
	if (!crt || !crt->raw.p)
		return t->resumed;
	return crt->raw.len == t->peer.len && memcmp(crt->raw.p, t->peer.bytes, t->peer.len) == 0;
}

static bool offered(const struct tls *t, const char *alpn)
{
	for (size_t i = 0; t->alpn[i]; i++)
		if (strcmp(alpn, t->alpn[i]) == 0)
			return true;
	return false;
}

enum crypto_fault tls_verify_final(struct tls *t)
{
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&t->ssl);
	const char *suite = tls_policy_suite(mbedtls_ssl_get_ciphersuite(&t->ssl));

	/* No verification in this handshake: the library resumed the one session that could be. */
	if (!t->verified) {
		if (t->role == TLS_CLIENT)
			t->peer = t->session_peer;
		t->resumed = true;
	} else {
		t->resumed = false;
	}
	if (t->peer.len == 0)
		return CRYPTO_NO_CERTIFICATE;
	if (mbedtls_ssl_get_verify_result(&t->ssl) != 0)
		return t->verify_fault != CRYPTO_OK ? t->verify_fault : CRYPTO_UNKNOWN_CA;
	if (!tls_policy_version_ok(mbedtls_ssl_get_version(&t->ssl), &t->policy))
		return CRYPTO_WRONG_VERSION;
	if (!suite)
		return CRYPTO_NO_COMMON_SUITE;
	snprintf(t->suite, sizeof(t->suite), "%s", suite);
	if (!alpn || (t->role == TLS_CLIENT && !offered(t, alpn)))
		return CRYPTO_WRONG_PROTOCOL;
	if (t->resumed && (!t->policy.resumption || strcmp(alpn, TLS_ALPN_SESSION) != 0))
		return CRYPTO_WRONG_PROTOCOL;
	if (!peer_is_the_same(t))
		return CRYPTO_INTERNAL;
	return peer_fault(t, alpn);
}
