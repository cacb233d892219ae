/*
 * What a device or an invitation signs and the supervisor checks: one hash over fields of fixed or
 * stated length, which begin with what the signature is for.
 */
#include "common/crypto/proof.h"

#include "common/crypto/invitation.h"
#include "common/crypto/random.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Signed with their NUL. */
static const char device_label[] = "farseat/1 device proof";
static const char bound_label[] = "farseat/1 bound device proof";
static const char enrolment_label[] = "farseat/1 enrolment proof";

/* The longest of the three: a label, two lengths and what they count, the nonce, and two hashes. */
#define STATEMENT_MAX_BYTES                                                                        \
	(sizeof(bound_label) + 1 + SERVER_ID_MAX_BYTES + PROOF_NONCE_BYTES + 32 +                  \
		CRYPTO_SHA256_BYTES + 1 + UINT8_MAX)

struct statement {
	uint8_t bytes[STATEMENT_MAX_BYTES];
	size_t len;
};

static void add(struct statement *s, const void *bytes, size_t len)
{
	assert(len <= sizeof(s->bytes) - s->len); /* every part's length was checked */
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

static void add_text(struct statement *s, const char *text, size_t len)
{
	const uint8_t count = (uint8_t)len;

	add(s, &count, 1);
	add(s, text, len);
}

static int begin(struct statement *s, const char *label, size_t label_size, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32])
{
	if (!server_id_valid(server_id))
		return -EINVAL;
	s->len = 0;
	add(s, label, label_size);
	add_text(s, server_id, strlen(server_id));
	add(s, nonce, PROOF_NONCE_BYTES);
	add(s, fingerprint, 32);
	return 0;
}

static int device_hash(const char *server_id, const uint8_t nonce[static PROOF_NONCE_BYTES],
	const uint8_t fingerprint[static 32], const uint8_t *binding,
	uint8_t out[static CRYPTO_SHA256_BYTES])
{
	const char *label = binding ? bound_label : device_label;
	size_t label_size = binding ? sizeof(bound_label) : sizeof(device_label);
	struct statement s;

	int r = begin(&s, label, label_size, server_id, nonce, fingerprint);
	if (r < 0)
		return r;
	if (binding)
		add(&s, binding, PROOF_BINDING_BYTES);
	return crypto_sha256(s.bytes, s.len, out);
}

static int enrolment_hash(const char *server_id, const uint8_t nonce[static PROOF_NONCE_BYTES],
	const struct proof_enrolment *e, uint8_t out[static CRYPTO_SHA256_BYTES])
{
	struct statement s;
	uint8_t csr_hash[CRYPTO_SHA256_BYTES];
	size_t label_len = strnlen(e->label, UINT8_MAX + 1);

	if (label_len > UINT8_MAX)
		return -EINVAL;
	int r = begin(
		&s, enrolment_label, sizeof(enrolment_label), server_id, nonce, e->fingerprint);
	if (r == 0)
		r = crypto_sha256(e->csr, e->csr_len, csr_hash);
	if (r < 0)
		return r;
	add(&s, csr_hash, sizeof(csr_hash));
	add_text(&s, e->label, label_len);
	return crypto_sha256(s.bytes, s.len, out);
}

int proof_sign(const struct crypto_key *key, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	const uint8_t *binding, uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = device_hash(server_id, nonce, fingerprint, binding, hash);
	return r < 0 ? r : crypto_key_sign(key, hash, out, len);
}

int proof_verify(const uint8_t *public_key, size_t public_key_len, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	const uint8_t *binding, const uint8_t *signature, size_t len)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = device_hash(server_id, nonce, fingerprint, binding, hash);
	return r < 0 ? r : crypto_verify(public_key, public_key_len, hash, signature, len);
}

int proof_sign_enrolment(const struct crypto_key *key, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const struct proof_enrolment *enrolment,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = enrolment_hash(server_id, nonce, enrolment, hash);
	return r < 0 ? r : crypto_key_sign(key, hash, out, len);
}

int proof_verify_enrolment(const uint8_t *public_key, size_t public_key_len, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const struct proof_enrolment *enrolment,
	const uint8_t *signature, size_t len)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = enrolment_hash(server_id, nonce, enrolment, hash);
	return r < 0 ? r : crypto_verify(public_key, public_key_len, hash, signature, len);
}
