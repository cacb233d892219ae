/* A key's public half as OpenSSH writes it (RFC 5656, 3.1): for a server that is to let it in. */
#include "common/crypto/key.h"

#include "common/base/base64.h"
#include "common/crypto/mbedtls_compat.h"

#include <errno.h>
#include <mbedtls/ecp.h>
#include <stdio.h>
#include <string.h>

#define POINT_MAX_BYTES 97 /* uncompressed, of P-384 */
#define BLOB_MAX_BYTES  (3 * 4 + 19 + 8 + POINT_MAX_BYTES)

struct blob {
	uint8_t bytes[BLOB_MAX_BYTES];
	size_t len;
};

/* RFC 4251, 5: a length of four bytes, then the bytes. They are few, and of our own making. */
static void put(struct blob *b, const void *bytes, size_t len)
{
	const uint8_t head[4] = { 0, 0, 0, (uint8_t)len };

	memcpy(b->bytes + b->len, head, sizeof(head));
	memcpy(b->bytes + b->len + sizeof(head), bytes, len);
	b->len += sizeof(head) + len;
}

int crypto_key_to_ssh(const struct crypto_key *key, char out[static CRYPTO_KEY_SSH_MAX_BYTES])
{
	const mbedtls_ecp_keypair *ec = mbedtls_pk_ec(*key->pk);
	const char *curve = ec->grp.id == MBEDTLS_ECP_DP_SECP256R1 ? "nistp256" : "nistp384";
	uint8_t point[POINT_MAX_BYTES];
	struct blob blob = { .len = 0 };
	size_t len = 0;

	int m = mbedtls_ecp_point_write_binary(
		&ec->grp, &ec->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, point, sizeof(point));
	if (m != 0)
		return crypto_errno(m, -EINVAL);
	int start = snprintf(out, CRYPTO_KEY_SSH_MAX_BYTES, "ecdsa-sha2-%s", curve);
	put(&blob, out, (size_t)start);
	put(&blob, curve, strlen(curve));
	put(&blob, point, len);
	out[start++] = ' ';
	return base64_encode(blob.bytes, blob.len, BASE64_PADDED, out + start,
		       CRYPTO_KEY_SSH_MAX_BYTES - (size_t)start)
		       ? 0
		       : -E2BIG;
}
