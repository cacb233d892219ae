/* Private keys: ECDSA on P-256 (P-384 is read too). */
#pragma once

#include "common/base/buffer.h"

#define CRYPTO_KEY_DER_MAX_BYTES 512
/* DER ECDSA-Sig-Value on P-384: 2 * (3 + 48) + 3, rounded up. */
#define CRYPTO_SIGNATURE_MAX_BYTES      144
#define CRYPTO_SCALAR_BYTES             32  /* a P-256 private scalar */
#define CRYPTO_PUBLIC_KEY_DER_MAX_BYTES 160 /* SubjectPublicKeyInfo of P-384: 120 */

struct crypto_key;

/* A new P-256 key. */
int crypto_key_generate(struct crypto_key **out) MUST_CHECK;

/* The P-256 key with this scalar (an invitation's). -EINVAL when it is not in 1 .. n-1. */
int crypto_key_from_scalar(
	struct crypto_key **out, const uint8_t scalar[static CRYPTO_SCALAR_BYTES]) MUST_CHECK;
int crypto_key_scalar(
	const struct crypto_key *key, uint8_t out[static CRYPTO_SCALAR_BYTES]) MUST_CHECK;

/* Reads SEC1 or PKCS#8, in DER or from a PEM file. passphrase: for encrypted PEM, else NULL.
 * -EINVAL; -EACCES: the passphrase is wrong or missing; -EPERM: other users may read the file
 * (file_is_secret). */
int crypto_key_from_der(struct crypto_key **out, const uint8_t *der, size_t len) MUST_CHECK;
int crypto_key_from_file(
	struct crypto_key **out, const char *path, const char *passphrase) MUST_CHECK;
/* What is wrong with the file, by the error of crypto_key_from_file: goes on after "the key PATH
 * cannot be used: ". */
const char *crypto_key_error(int error);

/*
 * Writes DER (SEC1) to out, its length to *len. The caller wipes it. -E2BIG when size is too small.
 */
int crypto_key_to_der(
	const struct crypto_key *key, uint8_t *out, size_t size, size_t *len) MUST_CHECK;

/* Writes a PEM file of mode 0600, atomically. */
int crypto_key_to_file(const struct crypto_key *key, const char *path) MUST_CHECK;

/* SubjectPublicKeyInfo DER. */
int crypto_key_public_der(
	const struct crypto_key *key, uint8_t *out, size_t size, size_t *len) MUST_CHECK;

/* The public half as text, as in authorized_keys: "ecdsa-sha2-nistp256 AAAA..." (RFC 5656, 3.1). */
#define CRYPTO_KEY_SSH_MAX_BYTES 256
int crypto_key_to_ssh(
	const struct crypto_key *key, char out[static CRYPTO_KEY_SSH_MAX_BYTES]) MUST_CHECK;

/* Signs a SHA-256 hash: DER ECDSA-Sig-Value (RFC 3279, 2.2.3), deterministic (RFC 6979). */
int crypto_key_sign(const struct crypto_key *key, const uint8_t hash[static 32],
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len) MUST_CHECK;

/* The same of a hash of SHA-256 or SHA-384 (32 or 48 bytes), as a handshake wants. -EINVAL: another
 * length. */
int crypto_key_sign_hash(const struct crypto_key *key, const uint8_t *hash, size_t hash_len,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len) MUST_CHECK;

/* Verifies with a SubjectPublicKeyInfo DER. 0 good, -EBADMSG bad signature, -EINVAL bad key. */
int crypto_verify(const uint8_t *spki, size_t spki_len, const uint8_t hash[static 32],
	const uint8_t *signature, size_t len) MUST_CHECK;

/* Wipes and frees; NULL is fine. */
void crypto_key_destroy(struct crypto_key *key);
