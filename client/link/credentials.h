/* Who this laptop is to the workstation, and whom it expects there. The key leaves this process's
 * memory as soon as it has signed. */
#pragma once

#include "common/crypto/cert.h"
#include "common/ipc/records_link.h"

struct link_credentials {
	char server_name[WIRE_NAME_MAX_BYTES], server_id[WIRE_NAME_MAX_BYTES];
	char label[WIRE_NAME_MAX_BYTES];   /* ENROLL */
	uint8_t key[RECORD_KEY_MAX_BYTES]; /* secret; wiped after the proof */
	size_t key_len;
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES]; /* of our certificate */
	uint8_t csr[WIRE_CSR_MAX_BYTES];               /* ENROLL */
	size_t csr_len;
};

/* Copies what the configuration says. -E2BIG, -EINVAL: it cannot be used. */
int credentials_keep(struct link_credentials *c, const struct record_link_config *from) MUST_CHECK;

/* Signs the supervisor's nonce, and wipes the key: nothing needs it any more. binding: as proof_sign.
 * -errno: it cannot sign. */
int credentials_prove(struct link_credentials *c, const uint8_t nonce[static WIRE_NONCE_BYTES],
	const uint8_t *binding, uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES],
	size_t *len) MUST_CHECK;

/* The same by an invitation's key, over the nonce and the request (PROTOCOL.md, section 5). */
int credentials_claim(struct link_credentials *c, const uint8_t nonce[static WIRE_NONCE_BYTES],
	uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len) MUST_CHECK;

/* Wipes the key. */
void credentials_forget(struct link_credentials *c);
