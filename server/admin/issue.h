/*
 * Certificates by our CA, and what they mean in the registry. The CA's key is read here and nowhere
 * else, for the moment of a signature: by the commands that sign, and by the signer.
 */
#pragma once

#include "server/registry/registry.h"

/* The CA that signs laptops' certificates: its certificate as identity_ca says, its private key. */
struct issuer {
	struct crypto_key *key; /* owned; secret */
	struct crypto_der cert;
};

/* -ENOKEY: its private key is not here; -EKEYREJECTED: what lies there is another's; others. */
int issuer_open(struct issuer *out) MUST_CHECK;
/* What issuer_open's failure means, and what to do. Static, or in text. */
#define ISSUER_ERROR_MAX_BYTES 512
const char *issuer_error(int error, char text[static ISSUER_ERROR_MAX_BYTES]);
void issuer_close(struct issuer *issuer);

/*
 * Signs a server's certificate for <server_id>.farseat.internal.
 */
int issue_server(const struct issuer *issuer, const char *server_id, const struct crypto_key *key,
	struct crypto_der *out) MUST_CHECK;

/*
 * Signs a new device's certificate and adds the device to the registry (not yet saved).
 * public_key: of its request. name, caps: what the administrator chose; label: the laptop's word.
 * -EEXIST: an active device has that name; -E2BIG: too many devices.
 */
int issue_device(const struct issuer *issuer, struct registry *r, const char *name, uint32_t caps,
	const char *label, const uint8_t *public_key, size_t public_key_len, struct crypto_der *out,
	struct registry_device **device) MUST_CHECK;

/*
 * Signs a certificate with a new key for a device whose present one has this fingerprint; the old
 * one stays good until the new one is used. -ENOENT: no active device has it; -EALREADY: the key is
 * not new; -EKEYEXPIRED: the present one has expired; -EBUSY: it is too early (registry_renewal_due).
 */
int issue_renewal(const struct issuer *issuer, struct registry *r,
	const uint8_t fingerprint[static 32], const uint8_t *public_key, size_t public_key_len,
	struct crypto_der *out, struct registry_device **device) MUST_CHECK;

/*
 * Writes the list of revoked certificates for foreign tools, with the next number (in r, to be
 * saved). Errors as issuer_open.
 */
int issue_crl(struct registry *r) MUST_CHECK;
