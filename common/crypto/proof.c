/*
 * What the device signs and the supervisor checks: one hash over fields of fixed or stated length.
 */
#include "common/crypto/proof.h"

#include "common/crypto/invitation.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <string.h>

static const char label[] = "farseat/1 device proof"; /* signed with its NUL */

#define STATEMENT_MAX_BYTES (sizeof(label) + 1 + SERVER_ID_MAX_BYTES + PROOF_NONCE_BYTES + 32)

static int statement_hash(const char *server_id, const uint8_t nonce[static PROOF_NONCE_BYTES],
	const uint8_t fingerprint[static 32], uint8_t out[static CRYPTO_SHA256_BYTES])
{
	uint8_t statement[STATEMENT_MAX_BYTES];
	uint8_t *at = statement;

	if (!server_id_valid(server_id))
		return -EINVAL;
	size_t id_len = strlen(server_id);

	memcpy(at, label, sizeof(label));
	at += sizeof(label);
	*at++ = (uint8_t)id_len;
	memcpy(at, server_id, id_len);
	at += id_len;
	memcpy(at, nonce, PROOF_NONCE_BYTES);
	at += PROOF_NONCE_BYTES;
	memcpy(at, fingerprint, 32);
	at += 32;
	return crypto_sha256(statement, (size_t)(at - statement), out);
}

int proof_sign(const struct crypto_key *key, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = statement_hash(server_id, nonce, fingerprint, hash);
	return r < 0 ? r : crypto_key_sign(key, hash, out, len);
}

int proof_verify(const uint8_t *public_key, size_t public_key_len, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	const uint8_t *signature, size_t len)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = statement_hash(server_id, nonce, fingerprint, hash);
	return r < 0 ? r : crypto_verify(public_key, public_key_len, hash, signature, len);
}
