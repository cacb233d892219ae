/*
 * A key whose private half is in another process: it verifies by itself, and has somebody else
 * sign. mbedTLS has such keys for RSA alone, and its asynchronous signatures are switched off in
 * Debian; so this is an EC key in all but the function that signs. Internal.
 */
#pragma once

#include "common/crypto/mbedtls_compat.h"

typedef int (*pk_remote_sign_fn)(void *user, const uint8_t *hash, size_t hash_len,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len);

/* pk was initialised; public_half is copied. mbedtls_pk_free frees all of it. -EINVAL: no usable EC
 * key; -ENOMEM. */
int pk_remote_setup(mbedtls_pk_context *pk, const mbedtls_pk_context *public_half,
	pk_remote_sign_fn sign, void *user) MUST_CHECK;
