/* Certificates, requests and our CA (X.509 v3, RFC 5280). Profiles: ARCHITECTURE.md, D-PROFILE;
 * PROTOCOL.md, section 3. */
#pragma once

#include "common/crypto/errors.h"
#include "common/crypto/key.h"

#include <sys/types.h>

#define CRYPTO_CERT_DER_MAX_BYTES    2048
#define CRYPTO_CSR_DER_MAX_BYTES     2048
#define CRYPTO_NAME_MAX_BYTES        128 /* a name in a certificate (SAN), with its end */
#define CRYPTO_FINGERPRINT_BYTES     32  /* SHA-256 of the DER */
#define CRYPTO_FINGERPRINT_HEX_BYTES 65
#define CRYPTO_CHAIN_MAX             4 /* certificates that a peer may send */

/* Suffix of the name in a server's certificate. It is no network name (ARCHITECTURE.md,
 * D-SERVER-NAME). */
#define CRYPTO_SERVER_SUFFIX ".farseat.internal"

/* DER bytes of one certificate, by value: certificates are small and public. */
struct crypto_der {
	uint8_t bytes[CRYPTO_CERT_DER_MAX_BYTES];
	size_t len;
};

enum crypto_purpose {
	CRYPTO_FOR_SERVER, /* EKU serverAuth, SAN dNSName <server-id>.farseat.internal; 397 days */
	CRYPTO_FOR_DEVICE, /* EKU clientAuth, SAN URI farseat:device:<uuid>; 90 days */
	CRYPTO_FOR_INVITATION, /* EKU clientAuth, signed by its own one-time key; fixed template */
};

struct crypto_cert_info {
	char subject[CRYPTO_NAME_MAX_BYTES]; /* the SAN: server name, or farseat:device:<uuid> */
	char issuer[CRYPTO_NAME_MAX_BYTES];
	int64_t not_before_s, not_after_s; /* since the epoch, UTC */
	uint8_t serial[20];
	size_t serial_len;
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	uint8_t public_key_hash[CRYPTO_FINGERPRINT_BYTES]; /* SHA-256 of the SubjectPublicKeyInfo */
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES]; /* SubjectPublicKeyInfo */
	size_t public_key_len;
	bool is_ca;
};

int crypto_cert_info(const uint8_t *der, size_t len, struct crypto_cert_info *out) MUST_CHECK;
int crypto_cert_fingerprint(
	const uint8_t *der, size_t len, uint8_t out[static CRYPTO_FINGERPRINT_BYTES]) MUST_CHECK;

/* PEM files: local ones alone, never from the network. crypto_cert_from_file takes the first
 * certificate; -EINVAL when there is none or any certificate in the file is malformed. */
int crypto_cert_from_file(const char *path, struct crypto_der *out) MUST_CHECK;
/* The same, all of up to max certificates in the file's order. -E2BIG: there are more;
 * -EKEYREJECTED: one has a key or a signature that we do not take, as RSA. */
int crypto_certs_from_file(
	const char *path, struct crypto_der *out, size_t max, size_t *count) MUST_CHECK;
int crypto_cert_to_file(const struct crypto_der *cert, const char *path, mode_t mode) MUST_CHECK;

/* What is wrong with cert: whether it is signed by ca, fit for purpose (by all rules for a peer)
 * and valid at when_s. name: the SAN that it must have, or NULL. */
enum crypto_fault crypto_cert_check(const struct crypto_der *cert, const struct crypto_der *ca,
	enum crypto_purpose purpose, const char *name, int64_t when_s);

/* The same for a chain (the end entity first, then what stands between) and several CAs. */
enum crypto_fault crypto_chain_check(const struct crypto_der *chain, size_t chain_len,
	const struct crypto_der *cas, size_t ca_count, enum crypto_purpose purpose,
	const char *name, int64_t when_s);

/*
 * Whether this is a CA's certificate as we take it, valid at when_s. One that names itself as its
 * issuer must be signed by its own key; of another (a company's issuing CA) the signature is not
 * looked at, so its bytes must be known to be right.
 */
enum crypto_fault crypto_ca_check(const struct crypto_der *ca, int64_t when_s);

/* Whether the certificate is of this key. */
bool crypto_key_is_of(const struct crypto_key *key, const struct crypto_der *cert);

/* Makes a request for a key. Its subject is empty: the signer chooses every name. */
int crypto_csr_create(const struct crypto_key *key, uint8_t out[static CRYPTO_CSR_DER_MAX_BYTES],
	size_t *len) MUST_CHECK;

/*
 * Verifies the request's own signature and takes nothing but its public key (SubjectPublicKeyInfo).
 * DER alone, as it comes from the network. -EBADMSG: the signature is wrong; -EINVAL: malformed or
 * another kind of key; -E2BIG.
 */
int crypto_csr_public_key(const uint8_t *csr, size_t len,
	uint8_t out[static CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], size_t *out_len) MUST_CHECK;
/* The same of a file that a person names, which may also be PEM. */
int crypto_csr_file_public_key(const uint8_t *csr, size_t len,
	uint8_t out[static CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], size_t *out_len) MUST_CHECK;
int crypto_csr_to_pem(const uint8_t *csr, size_t len, char *out, size_t size) MUST_CHECK;

/*
 * Makes a self-signed CA: P-256, CA:TRUE pathlen 0, keyCertSign and cRLSign, 10 years, CN = name.
 */
int crypto_ca_create(
	const struct crypto_key *key, const char *name, struct crypto_der *out) MUST_CHECK;

struct crypto_cert_request {
	enum crypto_purpose purpose; /* server or device */
	const char *name;            /* SAN: full dNSName or URI */
	const uint8_t *public_key;   /* SubjectPublicKeyInfo */
	size_t public_key_len;
	int64_t days; /* 0: the profile's */
	/* 0: now less 5 minutes, since clocks differ; else exact (tests make expired ones) */
	int64_t not_before_s;
};

/* Signs with the CA's key. The serial number is random, of 128 bits; the rest is the purpose's
 * profile. */
int crypto_ca_sign(const struct crypto_key *ca_key, const struct crypto_der *ca,
	const struct crypto_cert_request *request, struct crypto_der *out) MUST_CHECK;

/* The invitation's self-signed certificate. The same key gives the same bytes on every version of
 * the library. */
int crypto_invitation_cert(const struct crypto_key *key, struct crypto_der *out) MUST_CHECK;

struct crypto_revoked {
	uint8_t serial[20];
	size_t serial_len;
	int64_t when_s;
};

/* Writes a v2 CRL (RFC 5280, 5) as PEM to path, atomically. days: until nextUpdate. */
int crypto_crl_to_file(const struct crypto_key *ca_key, const struct crypto_der *ca,
	const struct crypto_revoked *revoked, size_t count, int64_t number, int64_t days,
	const char *path) MUST_CHECK;

/* 64 hexadecimal digits and an end. */
void crypto_fingerprint_hex(
	const uint8_t fingerprint[static 32], char out[static CRYPTO_FINGERPRINT_HEX_BYTES]);
