#include "server/admin/pem.h"

#include <assert.h>
#include <string.h>

void pem_of_cert(const struct crypto_der *cert, char out[static PEM_TEXT_MAX_BYTES])
{
	static const char head[] = "-----BEGIN CERTIFICATE-----\n";
	static const char tail[] = "-----END CERTIFICATE-----\n";
	char *at = out + sizeof(head) - 1;

	memcpy(out, head, sizeof(head) - 1);
	bool fits = base64_encode(cert->bytes, cert->len, BASE64_LINES, at,
		PEM_TEXT_MAX_BYTES - (sizeof(head) - 1) - (sizeof(tail) - 1));
	assert(fits); /* a certificate's bytes always do */
	at += strlen(at);
	memcpy(at, tail, sizeof(tail));
}
