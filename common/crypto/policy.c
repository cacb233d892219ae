/*
 * What we speak (ARCHITECTURE.md, D-POLICY): TLS 1.2 and 1.3, ECDHE-ECDSA with AEAD, X25519 and
 * P-256, ALPN. One table for both ends and both versions of the library; anything else is never
 * offered, rather than refused later.
 */
#include "common/crypto/tls_internal.h"

#include <errno.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <string.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define HAVE_TLS13 true
#else
#define HAVE_TLS13 false
#endif

static const struct {
	const char *mbedtls_name;
	const char *iana_name;
} suites[] = {
	{ "TLS1-3-CHACHA20-POLY1305-SHA256", "TLS_CHACHA20_POLY1305_SHA256" },
	{ "TLS1-3-AES-256-GCM-SHA384", "TLS_AES_256_GCM_SHA384" },
	{ "TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256",
		"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" },
	{ "TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" },
};

/* The preferred one first, which was the faster of the two when measured. */
static const int suite_ids[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
	MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	0,
};

/* P-384 stands last, for enterprise certificates: TLS 1.2 names certificates' curves in the same
 * list. */
#if MBEDTLS_VERSION_MAJOR < 3
static const mbedtls_ecp_group_id groups[] = {
	MBEDTLS_ECP_DP_CURVE25519,
	MBEDTLS_ECP_DP_SECP256R1,
	MBEDTLS_ECP_DP_SECP384R1,
	MBEDTLS_ECP_DP_NONE,
};
static const int hashes[] = { MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_NONE };
#else
static const uint16_t groups[] = {
	MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};
static const uint16_t signatures[] = {
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
	MBEDTLS_TLS1_3_SIG_NONE,
};
#endif

struct tls_policy tls_policy_default(void)
{
	return (struct tls_policy){
		.allow_tls12 = true,
		.allow_tls13 = true,
		.resumption = true,
		.ticket_lifetime_s = TLS_TICKET_LIFETIME_MAX_S,
	};
}

static int apply_versions(mbedtls_ssl_config *conf, const struct tls_policy *policy)
{
	bool tls13 = policy->allow_tls13 && HAVE_TLS13;
	if (!policy->allow_tls12 && !tls13)
		return -ENOTSUP;
#if MBEDTLS_VERSION_MAJOR < 3
	mbedtls_ssl_conf_min_version(
		conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
	mbedtls_ssl_conf_max_version(
		conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#else
	mbedtls_ssl_conf_min_tls_version(conf,
		policy->allow_tls12 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3);
	mbedtls_ssl_conf_max_tls_version(
		conf, tls13 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
#endif
	return 0;
}

int tls_policy_apply(mbedtls_ssl_config *conf, const struct tls_policy *policy)
{
	int r = apply_versions(conf, policy);
	if (r < 0)
		return r;
	mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_cert_profile(conf, &x509_profile);
	mbedtls_ssl_conf_ciphersuites(conf, suite_ids);
#if MBEDTLS_VERSION_MAJOR < 3
	mbedtls_ssl_conf_curves(conf, groups);
	mbedtls_ssl_conf_sig_hashes(conf, hashes);
#else
	mbedtls_ssl_conf_groups(conf, groups);
	mbedtls_ssl_conf_sig_algs(conf, signatures);
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
	mbedtls_ssl_conf_tls13_key_exchange_modes(
		conf, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
	mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
	mbedtls_ssl_conf_legacy_renegotiation(conf, MBEDTLS_SSL_LEGACY_BREAK_HANDSHAKE);
	mbedtls_ssl_conf_rng(conf, crypto_rng, NULL);
	return 0;
}

const char *tls_policy_alpn(const char *name)
{
	static const char *const protocols[] = { TLS_ALPN_SESSION, TLS_ALPN_ENROLL,
		TLS_ALPN_ENROLL_UNPROVEN };

	for (size_t i = 0; name && i < ARRAY_LEN(protocols); i++)
		if (strcmp(name, protocols[i]) == 0)
			return protocols[i];
	return NULL;
}

bool tls_alpn_enrolls(const char *alpn)
{
	return strcmp(alpn, TLS_ALPN_ENROLL) == 0 || strcmp(alpn, TLS_ALPN_ENROLL_UNPROVEN) == 0;
}

const char *tls_policy_suite(const char *mbedtls_name)
{
	if (!mbedtls_name)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++)
		if (strcmp(suites[i].mbedtls_name, mbedtls_name) == 0)
			return suites[i].iana_name;
	return NULL;
}

bool tls_policy_version_ok(const char *name, const struct tls_policy *policy)
{
	if (strcmp(name, "TLSv1.2") == 0)
		return policy->allow_tls12;
	return strcmp(name, "TLSv1.3") == 0 && policy->allow_tls13;
}
