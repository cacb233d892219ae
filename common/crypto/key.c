/*
 * Private keys and signatures by mbedTLS. A key read from anywhere is checked (curve, range, pair)
 * before it is used. Runs in the client's link, the worker (its server key, until the handshake is
 * done), the signer and the tools.
 */
#include "common/crypto/key.h"

#include "common/base/file.h"
#include "common/crypto/mbedtls_compat.h"

#include <errno.h>
#include <mbedtls/asn1.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/pem.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE_MAX_BYTES (16U * 1024)
#define ASN1_SEQUENCE      0x30 /* X.690: how every key's and certificate's DER starts */

int crypto_errno(int mbedtls_error, int fallback)
{
	switch (mbedtls_error) {
	case MBEDTLS_ERR_PK_ALLOC_FAILED:
	case MBEDTLS_ERR_ECP_ALLOC_FAILED:
	case MBEDTLS_ERR_MPI_ALLOC_FAILED:
	case MBEDTLS_ERR_PEM_ALLOC_FAILED:
	case MBEDTLS_ERR_ASN1_ALLOC_FAILED:
		return -ENOMEM;
	case MBEDTLS_ERR_PK_PASSWORD_REQUIRED:
	case MBEDTLS_ERR_PK_PASSWORD_MISMATCH:
	case MBEDTLS_ERR_PEM_PASSWORD_REQUIRED:
	case MBEDTLS_ERR_PEM_PASSWORD_MISMATCH:
		return -EACCES;
	case MBEDTLS_ERR_ASN1_BUF_TOO_SMALL:
		return -E2BIG;
	default:
		return fallback;
	}
}

bool crypto_pk_usable(const mbedtls_pk_context *pk)
{
	if (mbedtls_pk_get_type(pk) != MBEDTLS_PK_ECKEY)
		return false;
	const mbedtls_ecp_keypair *ec = mbedtls_pk_ec(*pk);
	if (ec->grp.id != MBEDTLS_ECP_DP_SECP256R1 && ec->grp.id != MBEDTLS_ECP_DP_SECP384R1)
		return false;
	return mbedtls_ecp_check_pubkey(&ec->grp, &ec->Q) == 0;
}

int crypto_pk_to_spki(mbedtls_pk_context *pk, uint8_t *out, size_t size, size_t *len)
{
	uint8_t der[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];

	/* Written at the end of the buffer. */
	int n = mbedtls_pk_write_pubkey_der(pk, der, sizeof(der));
	if (n < 0)
		return crypto_errno(n, -EINVAL);
	if ((size_t)n > size)
		return -E2BIG;
	memcpy(out, der + sizeof(der) - (size_t)n, (size_t)n);
	*len = (size_t)n;
	return 0;
}

int crypto_pk_from_spki(mbedtls_pk_context *pk, const uint8_t *spki, size_t len)
{
	uint8_t again[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t again_len;

	/* The library would also take PEM. */
	if (len == 0 || len > CRYPTO_PUBLIC_KEY_DER_MAX_BYTES || spki[0] != ASN1_SEQUENCE)
		return -EINVAL;
	int r = mbedtls_pk_parse_public_key(pk, spki, len);
	if (r != 0)
		return crypto_errno(r, -EINVAL);
	if (!crypto_pk_usable(pk))
		return -EINVAL;
	/* One key has one encoding: hashes of it are compared. */
	r = crypto_pk_to_spki(pk, again, sizeof(again), &again_len);
	if (r < 0)
		return r;
	return again_len == len && memcmp(again, spki, len) == 0 ? 0 : -EINVAL;
}

static int key_create(struct crypto_key **out)
{
	struct crypto_key *key = calloc(1, sizeof(*key));
	if (!key)
		return -ENOMEM;
	key->pk = malloc(sizeof(*key->pk));
	if (!key->pk) {
		free(key);
		return -ENOMEM;
	}
	mbedtls_pk_init(key->pk);
	*out = key;
	return 0;
}

void crypto_key_destroy(struct crypto_key *key)
{
	if (!key)
		return;
	mbedtls_pk_free(key->pk); /* wipes the scalar */
	free(key->pk);
	free(key);
}

int crypto_key_generate(struct crypto_key **out)
{
	struct crypto_key *key;
	int r = key_create(&key);
	if (r < 0)
		return r;
	int m = mbedtls_pk_setup(key->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	if (m == 0)
		m = mbedtls_ecp_gen_key(
			MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key->pk), crypto_rng, NULL);
	if (m != 0) {
		crypto_key_destroy(key);
		return crypto_errno(m, -EIO);
	}
	*out = key;
	return 0;
}

static int set_scalar(mbedtls_ecp_keypair *ec, const uint8_t *scalar)
{
	int m = mbedtls_ecp_group_load(&ec->grp, MBEDTLS_ECP_DP_SECP256R1);
	if (m == 0)
		m = mbedtls_mpi_read_binary(&ec->d, scalar, CRYPTO_SCALAR_BYTES);
	if (m == 0)
		m = mbedtls_ecp_check_privkey(&ec->grp, &ec->d);
	if (m == 0)
		m = mbedtls_ecp_mul(&ec->grp, &ec->Q, &ec->d, &ec->grp.G, crypto_rng, NULL);
	return m;
}

int crypto_key_from_scalar(
	struct crypto_key **out, const uint8_t scalar[static CRYPTO_SCALAR_BYTES])
{
	struct crypto_key *key;
	int r = key_create(&key);
	if (r < 0)
		return r;
	int m = mbedtls_pk_setup(key->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	if (m == 0)
		m = set_scalar(mbedtls_pk_ec(*key->pk), scalar);
	if (m != 0) {
		crypto_key_destroy(key);
		return crypto_errno(m, -EINVAL);
	}
	*out = key;
	return 0;
}

int crypto_key_scalar(const struct crypto_key *key, uint8_t out[static CRYPTO_SCALAR_BYTES])
{
	const mbedtls_ecp_keypair *ec = mbedtls_pk_ec(*key->pk);
	if (ec->grp.id != MBEDTLS_ECP_DP_SECP256R1)
		return -EINVAL;
	return mbedtls_mpi_write_binary(&ec->d, out, CRYPTO_SCALAR_BYTES) == 0 ? 0 : -EINVAL;
}

static int key_parse(
	struct crypto_key **out, const uint8_t *bytes, size_t len, const char *passphrase)
{
	struct crypto_key *key;
	int r = key_create(&key);
	if (r < 0)
		return r;
	int m = compat_parse_key(
		key->pk, bytes, len, passphrase, passphrase ? strlen(passphrase) : 0);
	r = m == 0 ? 0 : crypto_errno(m, -EINVAL);
	/* A file may carry a public half that is not this private half's. */
	if (r == 0 && (!crypto_pk_usable(key->pk) || compat_check_pair(key->pk, key->pk) != 0))
		r = -EINVAL;
	if (r < 0) {
		crypto_key_destroy(key);
		return r;
	}
	*out = key;
	return 0;
}

int crypto_key_from_der(struct crypto_key **out, const uint8_t *der, size_t len)
{
	if (len == 0 || len > CRYPTO_KEY_DER_MAX_BYTES || der[0] != ASN1_SEQUENCE)
		return -EINVAL;
	return key_parse(out, der, len, NULL);
}

int crypto_key_from_file(struct crypto_key **out, const char *path, const char *passphrase)
{
	struct buffer text;
	int r = file_is_secret(path);
	if (r == 0)
		return -EPERM;
	if (r > 0)
		r = file_read(path, KEY_FILE_MAX_BYTES, &text);
	if (r < 0)
		return r;
	text.limit_bytes = KEY_FILE_MAX_BYTES + 1;
	r = buffer_append(&text, "", 1); /* the library takes PEM with its end only */
	if (r == 0) {
		const uint8_t *bytes = buffer_front(&text);
		bool is_der = text.len > 1 && bytes[0] == ASN1_SEQUENCE;
		r = key_parse(out, bytes, is_der ? text.len - 1 : text.len, passphrase);
	}
	buffer_wipe_finish(&text);
	return r;
}

const char *crypto_key_error(int error)
{
	if (error == -EPERM)
		return "other users may read it ('chmod 600' takes that from them)";
	return error == -EINVAL ? "it is not an EC key (P-256, P-384) in PEM" : strerror(-error);
}

int crypto_key_to_der(const struct crypto_key *key, uint8_t *out, size_t size, size_t *len)
{
	uint8_t der[CRYPTO_KEY_DER_MAX_BYTES];

	int n = mbedtls_pk_write_key_der(key->pk, der, sizeof(der)); /* at the end of the buffer */
	int r = n < 0 ? crypto_errno(n, -EINVAL) : 0;
	if (r == 0 && (size_t)n > size)
		r = -E2BIG;
	if (r == 0) {
		memcpy(out, der + sizeof(der) - (size_t)n, (size_t)n);
		*len = (size_t)n;
	}
	secure_wipe(der, sizeof(der));
	return r;
}

int crypto_key_to_file(const struct crypto_key *key, const char *path)
{
	char pem[2 * CRYPTO_KEY_DER_MAX_BYTES];

	int m = mbedtls_pk_write_key_pem(key->pk, (unsigned char *)pem, sizeof(pem));
	int r = m == 0 ? file_replace(path, pem, strlen(pem), 0600) : crypto_errno(m, -EINVAL);
	secure_wipe(pem, sizeof(pem));
	return r;
}

int crypto_key_public_der(const struct crypto_key *key, uint8_t *out, size_t size, size_t *len)
{
	return crypto_pk_to_spki(key->pk, out, size, len);
}

int crypto_key_sign(const struct crypto_key *key, const uint8_t hash[static 32],
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	return crypto_key_sign_hash(key, hash, 32, out, len);
}

int crypto_key_sign_hash(const struct crypto_key *key, const uint8_t *hash, size_t hash_len,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	if (hash_len != 32 && hash_len != 48)
		return -EINVAL;
	int m = compat_sign(key->pk, hash_len == 32 ? MBEDTLS_MD_SHA256 : MBEDTLS_MD_SHA384, hash,
		hash_len, out, CRYPTO_SIGNATURE_MAX_BYTES, len);
	return m == 0 ? 0 : crypto_errno(m, -EIO);
}

int crypto_verify(const uint8_t *spki, size_t spki_len, const uint8_t hash[static 32],
	const uint8_t *signature, size_t len)
{
	mbedtls_pk_context pk;

	mbedtls_pk_init(&pk);
	int r = crypto_pk_from_spki(&pk, spki, spki_len);
	if (r == 0) {
		int m = mbedtls_pk_verify(&pk, MBEDTLS_MD_SHA256, hash, 32, signature, len);
		r = m == 0 ? 0 : crypto_errno(m, -EBADMSG);
	}
	mbedtls_pk_free(&pk);
	return r;
}
