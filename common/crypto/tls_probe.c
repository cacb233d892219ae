/*
 * Looks at a server's chain without trusting it: a client without a certificate whose verification
 * always fails. Runs in the client's link, for invitations: the caller compares the CA's key with
 * the invitation's hash.
 */
#include "common/crypto/tls_internal.h"

#include <errno.h>
#include <string.h>

static int configure(struct tls *t)
{
	int r = tls_start(t);
	if (r < 0)
		return r;
	return mbedtls_ssl_set_hostname(&t->ssl, t->server_name) == 0 ? 0 : -ENOMEM;
}

int tls_create_probe(struct tls **out, const char *server_name, const char *alpn,
	const struct tls_transport *transport)
{
	struct tls_policy policy = tls_policy_default();
	const char *protocol = tls_policy_alpn(alpn);
	struct tls *t;

	if (!server_name || server_name[0] == '\0' || !protocol)
		return -EINVAL;
	if (strnlen(server_name, CRYPTO_NAME_MAX_BYTES) >= CRYPTO_NAME_MAX_BYTES)
		return -EINVAL;
	int r = tls_create(&t, TLS_PROBE, &policy, transport);
	if (r < 0)
		return r;
	t->alpn[0] = protocol;
	if (strcmp(protocol, TLS_ALPN_ENROLL) == 0)
		t->alpn[1] = tls_policy_alpn(TLS_ALPN_ENROLL_UNPROVEN);
	memcpy(t->server_name, server_name, strlen(server_name) + 1);
	r = configure(t);
	if (r < 0) {
		tls_destroy(t);
		return r;
	}
	*out = t;
	return 0;
}

int tls_probe(struct tls *t, struct crypto_der chain[static CRYPTO_CHAIN_MAX], size_t *chain_len)
{
	if (t->role != TLS_PROBE)
		return -EINVAL;
	if (t->error == 0) {
		int r = tls_handshake_run(t);
		if (r == -EAGAIN)
			return r;
		/* It cannot succeed. Whatever ended it, the chain is there or not. */
		(void)tls_fail(t, r != 0 ? r : MBEDTLS_ERR_SSL_INTERNAL_ERROR);
	}
	if (t->found_len == 0)
		return -EPROTO;
	memcpy(chain, t->found, t->found_len * sizeof(*chain));
	*chain_len = t->found_len;
	return 0;
}
