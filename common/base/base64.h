/*
 * Base64 (RFC 4648): of keys and fingerprints as SSH writes them, of certificates in PEM, of
 * invitations and of HTTP's credentials.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

enum base64_form {
	BASE64_PADDED, /* section 4, with '=' */
	BASE64_BARE,   /* section 4, without '=' */
	BASE64_URL,    /* section 5, without '=' */
	BASE64_LINES,  /* section 4, with '=', in lines of 64 characters (RFC 7468, section 2) */
};

/* Room for len bytes as text with its end; in BASE64_LINES each line also ends with '\n'. */
#define BASE64_TEXT_BYTES(len)  (((len) + 2) / 3 * 4 + 1)
#define BASE64_LINES_BYTES(len) (BASE64_TEXT_BYTES(len) + (len) / 48 + 1)

/* Writes text with its end to out (size bytes). False when it does not fit; out is then as before.
 */
bool base64_encode(
	const uint8_t *bytes, size_t len, enum base64_form form, char *out, size_t size) MUST_CHECK;

/*
 * Reads text, which is hostile, to out (size bytes). Only the one canonical text of the bytes is
 * taken: no foreign characters, padding as the form has it, unused bits 0 (RFC 4648, 3.5). In
 * BASE64_LINES line ends are skipped wherever they stand. Returns how many bytes, -EINVAL for any
 * other text, or -E2BIG when they do not fit; out may then be partly written.
 */
int base64_decode(const char *text, size_t text_len, enum base64_form form, uint8_t *out,
	size_t size) MUST_CHECK;
