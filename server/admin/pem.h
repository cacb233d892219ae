/* Certificates as text on stdout. */
#pragma once

#include "common/base/base64.h"
#include "common/crypto/cert.h"

/* The DER in lines of base64, and both marker lines. */
#define PEM_TEXT_MAX_BYTES (BASE64_LINES_BYTES(CRYPTO_CERT_DER_MAX_BYTES) + 64)

void pem_of_cert(const struct crypto_der *cert, char out[static PEM_TEXT_MAX_BYTES]);
