/* Certificates as the files of this folder share them: parsed by mbedTLS, judged by our policy.
 * Internal. */
#pragma once

#include "common/crypto/mbedtls_compat.h"

#include "common/crypto/cert.h"

#include <mbedtls/x509_crt.h>

/* Hashes, keys and curves that a chain may use: SHA-256/384, ECDSA, P-256/P-384. */
extern const mbedtls_x509_crt_profile x509_profile;

/* Appends the one certificate that these bytes are, nothing after it. -EINVAL, -ENOMEM. */
int x509_parse(mbedtls_x509_crt *chain, const uint8_t *der, size_t len) MUST_CHECK;

/*
 * The end entity's policy without its chain: version, extensions, key, names, serial number, dates.
 */
enum crypto_fault x509_leaf_fault(
	const mbedtls_x509_crt *crt, enum crypto_purpose purpose, const char *name, int64_t when_s);

/* The issuer's policy: v3, CA:TRUE, keyCertSign, key, dates. */
enum crypto_fault x509_ca_fault(const mbedtls_x509_crt *crt, int64_t when_s);

/* The same of one that issued a certificate for a purpose: it has no constraints of names or policies,
 * and where it has extended key usages, that of the purpose or any. */
enum crypto_fault x509_issuer_fault(
	const mbedtls_x509_crt *crt, enum crypto_purpose purpose, int64_t when_s);

/* What the flags of mbedTLS's own verification (MBEDTLS_X509_BADCERT_*) say, the gravest first. */
enum crypto_fault x509_flags_fault(uint32_t flags);

int64_t x509_time_s(const mbedtls_x509_time *t);

/* The value of an extension of crt, or NULL: for those that mbedTLS does not keep. */
const uint8_t *x509_extension(
	const mbedtls_x509_crt *crt, const uint8_t *oid, size_t oid_len, size_t *len);
