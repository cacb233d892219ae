/*
 * What TLS exports to both ends of one connection (RFC 5705; RFC 8446, 7.5): the second proof is
 * bound to it. mbedTLS 2.28 exports nothing by itself, but shows the master secret once, while it
 * derives the keys.
 */
#include "common/crypto/tls_internal.h"

#include <errno.h>
#include <string.h>

/* Of no registry, so with the prefix for private use (RFC 5705, 4). */
static const char label[] = "EXPERIMENTAL farseat proof";

#if MBEDTLS_VERSION_MAJOR < 3
#if !defined(MBEDTLS_SSL_EXPORT_KEYS)
#error "mbedTLS must be built with the export of keys"
#endif

#define MASTER_SECRET_BYTES 48 /* RFC 5246, 8.1 */
#define RANDOM_BYTES        32 /* RFC 5246, 7.4.1.2 */

static int on_keys(void *user, const unsigned char *master_secret, const unsigned char *key_block,
	size_t mac_len, size_t key_len, size_t iv_len, const unsigned char client_random[32],
	const unsigned char server_random[32], mbedtls_tls_prf_types prf)
{
	struct tls *t = user;
	uint8_t seed[2 * RANDOM_BYTES];

	(void)key_block;
	(void)mac_len;
	(void)key_len;
	(void)iv_len;
	memcpy(seed, client_random, RANDOM_BYTES);
	memcpy(seed + RANDOM_BYTES, server_random, RANDOM_BYTES);
	int m = mbedtls_ssl_tls_prf(prf, master_secret, MASTER_SECRET_BYTES, label, seed,
		sizeof(seed), t->exported, sizeof(t->exported));
	t->has_exported = m == 0;
	return m;
}

void tls_export_prepare(struct tls *t)
{
	mbedtls_ssl_conf_export_keys_ext_cb(&t->conf, on_keys, t);
}

int tls_export(struct tls *t)
{
	return t->has_exported ? 0 : -ENOTSUP;
}
#else
#if !defined(MBEDTLS_SSL_KEYING_MATERIAL_EXPORT)
#error "mbedTLS must be built with the export of keying material"
#endif

void tls_export_prepare(struct tls *t)
{
	(void)t;
}

int tls_export(struct tls *t)
{
	int m = mbedtls_ssl_export_keying_material(
		&t->ssl, t->exported, sizeof(t->exported), label, sizeof(label) - 1, NULL, 0, 0);

	t->has_exported = m == 0;
	return m == 0 ? 0 : -ENOTSUP;
}
#endif

int tls_binding(const struct tls *t, uint8_t out[static TLS_BINDING_BYTES])
{
	if (!t->done || !t->has_exported)
		return -EINVAL;
	memcpy(out, t->exported, TLS_BINDING_BYTES);
	return 0;
}
