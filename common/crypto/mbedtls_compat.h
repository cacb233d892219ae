/* What differs between mbedTLS 2.28 and 3.6, in one place, and what the files of this folder share.
 * Internal: nothing outside of common/crypto includes it or any header of mbedTLS. */
#pragma once

/* 3.6 renames fields that have no accessor; 2.28 ignores this. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS

#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER < 0x021C0000
#error "mbedTLS 2.28 or later is needed"
#endif
#if MBEDTLS_VERSION_MAJOR < 3
#include <mbedtls/config.h>
#else
#include <mbedtls/build_info.h>
#endif
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>

#include "common/crypto/key.h"

#if !defined(MBEDTLS_ECDSA_DETERMINISTIC) || !defined(MBEDTLS_THREADING_C)
#error "mbedTLS must be built with deterministic ECDSA and with threading"
#endif

struct crypto_key {
	mbedtls_pk_context *pk; /* owned; a pointer, since mbedTLS reads through non-const ones */
};

/* The process's generator as mbedTLS calls it; user is not used. */
int crypto_rng(void *user, unsigned char *out, size_t len);

/* The errno for a library error: -ENOMEM, -EACCES (passphrase) or, else, fallback (negative). */
int crypto_errno(int mbedtls_error, int fallback);

/* Whether this is an elliptic-curve key on P-256 or P-384, with a point that is on its curve. */
bool crypto_pk_usable(const mbedtls_pk_context *pk);

/* Reads exactly one SubjectPublicKeyInfo that is usable; pk was initialised. -EINVAL, -ENOMEM. */
int crypto_pk_from_spki(mbedtls_pk_context *pk, const uint8_t *spki, size_t len) MUST_CHECK;

/* SubjectPublicKeyInfo of pk. -E2BIG, -EINVAL. */
int crypto_pk_to_spki(mbedtls_pk_context *pk, uint8_t *out, size_t size, size_t *len) MUST_CHECK;

static inline int compat_parse_key(mbedtls_pk_context *pk, const uint8_t *key, size_t len,
	const char *passphrase, size_t passphrase_len)
{
	const unsigned char *password = (const unsigned char *)passphrase;
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_pk_parse_key(pk, key, len, password, passphrase_len);
#else
	return mbedtls_pk_parse_key(pk, key, len, password, passphrase_len, crypto_rng, NULL);
#endif
}

static inline int compat_check_pair(
	const mbedtls_pk_context *public_key, const mbedtls_pk_context *key)
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_pk_check_pair(public_key, key);
#else
	return mbedtls_pk_check_pair(public_key, key, crypto_rng, NULL);
#endif
}

static inline int compat_sign(mbedtls_pk_context *pk, mbedtls_md_type_t md, const uint8_t *hash,
	size_t hash_len, uint8_t *out, size_t size, size_t *len)
{
#if MBEDTLS_VERSION_MAJOR < 3
	(void)size; /* the caller gives CRYPTO_SIGNATURE_MAX_BYTES, more than P-384 needs */
	return mbedtls_pk_sign(pk, md, hash, hash_len, out, len, crypto_rng, NULL);
#else
	return mbedtls_pk_sign(pk, md, hash, hash_len, out, size, len, crypto_rng, NULL);
#endif
}
