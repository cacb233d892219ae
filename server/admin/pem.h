/* Certificates as text on stdout. */
#pragma once

#include "common/crypto/cert.h"

/* Base64 of the DER, its line ends, and both marker lines. */
#define PEM_TEXT_MAX_BYTES (CRYPTO_CERT_DER_MAX_BYTES * 4 / 3 + CRYPTO_CERT_DER_MAX_BYTES / 48 + 64)

void pem_of_cert(const struct crypto_der *cert, char out[static PEM_TEXT_MAX_BYTES]);
