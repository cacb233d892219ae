/* Base64 (RFC 4648, 4) of keys, as known_hosts and fingerprints have it. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define BASE64_TEXT_BYTES(len) (((len) + 2) / 3 * 4 + 1)

/* Writes text with its end to out (size bytes); false when it does not fit. padded: with '='. */
bool base64_encode(
	const uint8_t *bytes, size_t len, bool padded, char *out, size_t size) MUST_CHECK;
