#include "common/crypto/pk_remote.h"

#include <errno.h>
#include <mbedtls/error.h>
#include <stdlib.h>
#include <string.h>

#if defined(MBEDTLS_ECP_RESTARTABLE)
#error "with restartable curves mbedTLS signs by other functions"
#endif

#if MBEDTLS_VERSION_MAJOR < 3
#include <mbedtls/pk_internal.h>
#else
/* Of mbedTLS 3.6 itself, in none of its public headers; fixed for as long as its library
 * has this soname, since applications have tables of this type by mbedtls_pk_info_from_type. */
typedef int (*rng_fn)(void *, unsigned char *, size_t);
struct mbedtls_pk_info_t {
	mbedtls_pk_type_t type;
	const char *name;
	size_t (*get_bitlen)(mbedtls_pk_context *);
	int (*can_do)(mbedtls_pk_type_t);
	int (*verify_func)(mbedtls_pk_context *, mbedtls_md_type_t, const unsigned char *, size_t,
		const unsigned char *, size_t);
	int (*sign_func)(mbedtls_pk_context *, mbedtls_md_type_t, const unsigned char *, size_t,
		unsigned char *, size_t, size_t *, rng_fn, void *);
	int (*decrypt_func)(mbedtls_pk_context *, const unsigned char *, size_t, unsigned char *,
		size_t *, size_t, rng_fn, void *);
	int (*encrypt_func)(mbedtls_pk_context *, const unsigned char *, size_t, unsigned char *,
		size_t *, size_t, rng_fn, void *);
	int (*check_pair_func)(mbedtls_pk_context *, mbedtls_pk_context *, rng_fn, void *);
	void *(*ctx_alloc_func)(void);
	void (*ctx_free_func)(void *);
	void (*debug_func)(mbedtls_pk_context *, mbedtls_pk_debug_item *);
};
#endif

/* What mbedTLS takes for an EC key: pair stands first, so that a pointer to one is a pointer to the
 * other. */
struct pk_remote {
	mbedtls_ecp_keypair pair; /* without its private half */
	mbedtls_pk_info_t info;   /* an EC key's, with our own way to sign and to end */
	pk_remote_sign_fn sign;
	void *user;
};

static int sign(struct pk_remote *remote, const unsigned char *hash, size_t hash_len,
	unsigned char *out, size_t size, size_t *len)
{
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t signature_len = 0;

	if (remote->sign(remote->user, hash, hash_len, signature, &signature_len) < 0 ||
		signature_len == 0 || signature_len > MIN(size, sizeof(signature)))
		return MBEDTLS_ERR_PK_BAD_INPUT_DATA;
	memcpy(out, signature, signature_len);
	*len = signature_len;
	return 0;
}

#if MBEDTLS_VERSION_MAJOR < 3
static int sign_func(void *pair, mbedtls_md_type_t md, const unsigned char *hash, size_t hash_len,
	unsigned char *out, size_t *len, int (*rng)(void *, unsigned char *, size_t),
	void *rng_user)
{
	(void)md;
	(void)rng;
	(void)rng_user;
	/* The caller has room for the longest one of any curve. */
	return sign(pair, hash, hash_len, out, CRYPTO_SIGNATURE_MAX_BYTES, len);
}
#else
static int sign_func(mbedtls_pk_context *pk, mbedtls_md_type_t md, const unsigned char *hash,
	size_t hash_len, unsigned char *out, size_t size, size_t *len, rng_fn rng, void *rng_user)
{
	(void)md;
	(void)rng;
	(void)rng_user;
	return sign(pk->pk_ctx, hash, hash_len, out, size, len);
}
#endif

static void free_func(void *pair)
{
	struct pk_remote *remote = pair;

	mbedtls_ecp_keypair_free(&remote->pair);
	free(remote);
}

int pk_remote_setup(mbedtls_pk_context *pk, const mbedtls_pk_context *public_half,
	pk_remote_sign_fn sign_elsewhere, void *user)
{
	const mbedtls_pk_info_t *ec = mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY);

	if (!crypto_pk_usable(public_half) || !ec || ec->type != MBEDTLS_PK_ECKEY)
		return -EINVAL;
	struct pk_remote *remote = calloc(1, sizeof(*remote));
	if (!remote)
		return -ENOMEM;
	mbedtls_ecp_keypair_init(&remote->pair);
	const mbedtls_ecp_keypair *from = mbedtls_pk_ec(*public_half);
	if (mbedtls_ecp_group_copy(&remote->pair.grp, &from->grp) != 0 ||
		mbedtls_ecp_copy(&remote->pair.Q, &from->Q) != 0) {
		free_func(remote);
		return -ENOMEM;
	}
	remote->info = *ec;
	remote->info.sign_func = sign_func;
	remote->info.ctx_free_func = free_func;
	remote->sign = sign_elsewhere;
	remote->user = user;
	pk->pk_info = &remote->info;
	pk->pk_ctx = &remote->pair;
	return 0;
}
