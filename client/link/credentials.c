#include "client/link/credentials.h"

#include "common/base/buffer.h"
#include "common/crypto/proof.h"

#include <errno.h>
#include <string.h>

int credentials_keep(struct link_credentials *c, const struct record_link_config *from)
{
	memcpy(c->server_name, from->server_name, sizeof(c->server_name));
	memcpy(c->server_id, from->server_id, sizeof(c->server_id));
	memcpy(c->label, from->label, sizeof(c->label));
	if (from->key.len > sizeof(c->key) || from->csr.len > sizeof(c->csr))
		return -E2BIG;
	c->key_len = from->key.len;
	if (from->key.len > 0)
		memcpy(c->key, from->key.bytes, from->key.len);
	c->csr_len = from->csr.len;
	if (from->csr.len > 0)
		memcpy(c->csr, from->csr.bytes, from->csr.len);
	if (from->chain_len > 0)
		return crypto_cert_fingerprint(
			from->chain[0].bytes, from->chain[0].len, c->fingerprint);
	return from->mode == RECORD_LINK_PROBE ? 0 : -EINVAL;
}

static int take_key(struct link_credentials *c, struct crypto_key **key)
{
	int r = crypto_key_from_der(key, c->key, c->key_len);

	credentials_forget(c);
	return r;
}

int credentials_claim(struct link_credentials *c, const uint8_t nonce[static WIRE_NONCE_BYTES],
	uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	struct proof_enrolment enrolment = {
		.csr = c->csr, .csr_len = c->csr_len, .label = c->label
	};
	struct crypto_key *key = NULL;

	memcpy(enrolment.fingerprint, c->fingerprint, sizeof(enrolment.fingerprint));
	int r = take_key(c, &key);
	if (r == 0)
		r = proof_sign_enrolment(key, c->server_id, nonce, &enrolment, signature, len);
	crypto_key_destroy(key);
	return r;
}

int credentials_prove(struct link_credentials *c, const uint8_t nonce[static WIRE_NONCE_BYTES],
	const uint8_t *binding, uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	struct crypto_key *key = NULL;

	int r = take_key(c, &key);
	if (r == 0)
		r = proof_sign(key, c->server_id, nonce, c->fingerprint, binding, signature, len);
	crypto_key_destroy(key);
	return r;
}

void credentials_forget(struct link_credentials *c)
{
	secure_wipe(c->key, sizeof(c->key));
	c->key_len = 0;
}
