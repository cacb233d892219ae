#include "server/admin/pem.h"

#include <stdio.h>
#include <string.h>

#define LINE_BYTES 48 /* 64 characters a line (RFC 7468, 2) */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three bytes as four characters (RFC 4648, 4). */
static char *encode_three(char *at, const uint8_t *bytes, size_t len)
{
	uint32_t bits = (uint32_t)bytes[0] << 16;

	if (len > 1)
		bits |= (uint32_t)bytes[1] << 8;
	if (len > 2)
		bits |= bytes[2];
	*at++ = alphabet[bits >> 18 & 63];
	*at++ = alphabet[bits >> 12 & 63];
	*at++ = len > 1 ? alphabet[bits >> 6 & 63] : '=';
	*at++ = len > 2 ? alphabet[bits & 63] : '=';
	return at;
}

void pem_of_cert(const struct crypto_der *cert, char out[static PEM_TEXT_MAX_BYTES])
{
	static const char head[] = "-----BEGIN CERTIFICATE-----\n";
	static const char tail[] = "-----END CERTIFICATE-----\n";
	char *at = out;

	memcpy(at, head, sizeof(head) - 1);
	at += sizeof(head) - 1;
	for (size_t i = 0; i < cert->len; i += 3) {
		at = encode_three(at, cert->bytes + i, MIN((size_t)3, cert->len - i));
		if ((i + 3) % LINE_BYTES == 0 && i + 3 < cert->len)
			*at++ = '\n';
	}
	*at++ = '\n';
	memcpy(at, tail, sizeof(tail));
}
