/* The process's random generator (CTR-DRBG, seeded from getrandom after exec). Thread-safe. */
#pragma once

#include "common/base/macros.h"

#include <stdint.h>

/*
 * Seeds the generator, starts PSA where the library wants it (3.6), and uses AES once, before
 * threads start and before the sandbox is loaded (ARCHITECTURE.md, D-EXEC). Call it first in main.
 * -EIO when the kernel gives no entropy.
 */
int crypto_init(void) MUST_CHECK;
void crypto_finish(void);

int crypto_random(void *out, size_t len) MUST_CHECK;

/* SHA-256 of len bytes. */
#define CRYPTO_SHA256_BYTES 32
int crypto_sha256(
	const void *bytes, size_t len, uint8_t out[static CRYPTO_SHA256_BYTES]) MUST_CHECK;

/* Equal or not, in time that depends on len alone. */
_Bool crypto_equal(const void *a, const void *b, size_t len);

/* The library and its version, such as "mbed TLS 2.28.3". Static. */
const char *crypto_library(void);
