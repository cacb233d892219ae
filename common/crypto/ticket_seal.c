#include "common/crypto/ticket_seal.h"

#include "common/crypto/mbedtls_compat.h"
#include "common/crypto/random.h"

#include <assert.h>
#include <errno.h>
#include <mbedtls/gcm.h>
#include <string.h>

#define KEY_ID_BYTES 16
#define KEY_BYTES    32
#define NONCE_BYTES  12 /* NIST SP 800-38D, 5.2.1.1 */

static_assert(KEY_ID_BYTES + KEY_BYTES == TICKET_KEY_BYTES, "a key and its name");
static_assert(KEY_ID_BYTES + NONCE_BYTES == TICKET_CLEAR_BYTES, "what is not sealed");

static bool is_set(const uint8_t key[static TICKET_KEY_BYTES])
{
	static const uint8_t none[TICKET_KEY_BYTES];

	return !crypto_equal(key, none, sizeof(none));
}

static int begin(mbedtls_gcm_context *gcm, const uint8_t key[static TICKET_KEY_BYTES])
{
	mbedtls_gcm_init(gcm);
	return mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, key + KEY_ID_BYTES, 8 * KEY_BYTES);
}

int ticket_seal(const uint8_t key[static TICKET_KEY_BYTES], const uint8_t *plain, size_t plain_len,
	uint8_t *out)
{
	mbedtls_gcm_context gcm;
	uint8_t *sealed = out + TICKET_CLEAR_BYTES;

	if (!is_set(key))
		return -ENOENT;
	memcpy(out, key, KEY_ID_BYTES);
	int r = crypto_random(out + KEY_ID_BYTES, NONCE_BYTES);
	if (r < 0)
		return r;
	int m = begin(&gcm, key);
	if (m == 0)
		m = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, plain_len,
			out + KEY_ID_BYTES, NONCE_BYTES, out, KEY_ID_BYTES, plain, sealed,
			TICKET_TAG_BYTES, sealed + plain_len);
	mbedtls_gcm_free(&gcm);
	return m == 0 ? 0 : -EIO;
}

int ticket_open(const uint8_t keys[static 2][TICKET_KEY_BYTES], const uint8_t *ticket, size_t len,
	uint8_t *out, size_t *plain_len)
{
	mbedtls_gcm_context gcm;
	const uint8_t *key = NULL, *sealed = ticket + TICKET_CLEAR_BYTES;

	if (len <= TICKET_MORE_BYTES)
		return -EBADMSG;
	for (unsigned i = 0; i < 2; i++)
		if (is_set(keys[i]) && memcmp(keys[i], ticket, KEY_ID_BYTES) == 0)
			key = keys[i];
	if (!key)
		return -ENOENT;
	size_t sealed_len = len - TICKET_MORE_BYTES;
	int m = begin(&gcm, key);
	if (m == 0)
		m = mbedtls_gcm_auth_decrypt(&gcm, sealed_len, ticket + KEY_ID_BYTES, NONCE_BYTES,
			ticket, KEY_ID_BYTES, sealed + sealed_len, TICKET_TAG_BYTES, sealed, out);
	mbedtls_gcm_free(&gcm);
	if (m != 0)
		return -EBADMSG;
	*plain_len = sealed_len;
	return 0;
}
