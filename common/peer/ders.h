/* Certificates as they cross between our processes, as the TLS channel takes them. */
#pragma once

#include "common/crypto/cert.h"
#include "common/ipc/records.h"

/* Copies count certificates. Records carry none longer than a struct crypto_der has room for. */
void peer_ders(struct crypto_der *out, const struct record_blob *blobs, size_t count);
