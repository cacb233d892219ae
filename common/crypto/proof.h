/*
 * The second proof (ARCHITECTURE.md, D-SECOND-PROOF): the device signs the supervisor's nonce, so
 * that a worker that was taken over cannot claim a device. What is signed is SHA-256 over
 * (PROTOCOL.md, section 4)
 *
 *	"farseat/1 device proof" NUL, u8 length of the server id, server id, nonce,
 *	fingerprint of the device's certificate
 */
#pragma once

#include "common/crypto/key.h"

#define PROOF_NONCE_BYTES 32

int proof_sign(const struct crypto_key *key, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len) MUST_CHECK;

/* 0; -EBADMSG when the signature is not by that key over these values; -EINVAL. */
int proof_verify(const uint8_t *public_key, size_t public_key_len, const char *server_id,
	const uint8_t nonce[static PROOF_NONCE_BYTES], const uint8_t fingerprint[static 32],
	const uint8_t *signature, size_t len) MUST_CHECK;
