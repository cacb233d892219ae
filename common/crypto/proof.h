/*
 * The second proof (ARCHITECTURE.md, D-SECOND-PROOF): the device signs the supervisor's nonce, so
 * that a worker that was taken over cannot claim a device. What is signed is SHA-256 over
 * (PROTOCOL.md, section 4)
 *
 *	"farseat/1 bound device proof" NUL, u8 length of the server id, server id, nonce,
 *	fingerprint of the device's certificate, what TLS exports of the connection
 *
 * so that nobody between two connections can hand a proof on from one to the other. Where one end
 * is older, it begins with "farseat/1 device proof", and the last part is not there.
 *
 * An enrolment is proven in the same way by the invitation's key, with what is asked for
 * (PROTOCOL.md, section 5):
 *
 *	"farseat/1 enrolment proof" NUL, u8 length of the server id, server id, nonce,
 *	fingerprint of the invitation's certificate, SHA-256 of the request,
 *	u8 length of the label, label
 */
#pragma once

#include "common/crypto/key.h"

#define PROOF_NONCE_BYTES   32
#define PROOF_BINDING_BYTES 32

/* binding: of the connection (tls_binding), PROOF_BINDING_BYTES; NULL: the other end is older. */
int proof_sign(const struct crypto_key *key, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	const uint8_t *binding, uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES],
	size_t *len) MUST_CHECK;

/* What an enrolment asks for. */
struct proof_enrolment {
	uint8_t fingerprint[32]; /* of the invitation's certificate */
	const uint8_t *csr;      /* borrowed */
	size_t csr_len;
	const char *label; /* borrowed; at most 255 bytes */
};

int proof_sign_enrolment(const struct crypto_key *key, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const struct proof_enrolment *enrolment,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len) MUST_CHECK;

/* As proof_verify. */
int proof_verify_enrolment(const uint8_t *public_key, size_t public_key_len, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const struct proof_enrolment *enrolment,
	const uint8_t *signature, size_t len) MUST_CHECK;

/* 0; -EBADMSG when the signature is not by that key over these values; -EINVAL. */
int proof_verify(const uint8_t *public_key, size_t public_key_len, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	const uint8_t *binding, const uint8_t *signature, size_t len) MUST_CHECK;
