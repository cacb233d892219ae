/*
 * The one policy for certificates (ARCHITECTURE.md, D-ONE-VERIFY), for both ends of a connection
 * and for files. mbedTLS checks signatures and the chain; here stands all that it leaves open by
 * default (CONTRIBUTING.md, what mbedTLS lets through). Input is a peer's.
 */
#include "common/crypto/x509.h"

#include <errno.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <string.h>

#define SERIAL_MAX_BYTES  20 /* RFC 5280, 4.1.2.2 */
#define DEVICE_PREFIX     "farseat:device:"
#define INVITATION_PREFIX "farseat:invitation:"
#define SAN_DNS_NAME      2 /* RFC 5280, 4.2.1.6 */
#define SAN_URI           6

const mbedtls_x509_crt_profile x509_profile = {
	.allowed_mds =
		MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384),
	.allowed_pks =
		MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECKEY) | MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECDSA),
	.allowed_curves = MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) |
			  MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1),
	.rsa_min_bitlen = 0,
};

static enum crypto_fault dates_fault(const mbedtls_x509_crt *crt, int64_t when_s)
{
	if (when_s > x509_time_s(&crt->valid_to))
		return CRYPTO_EXPIRED;
	return when_s < x509_time_s(&crt->valid_from) ? CRYPTO_NOT_YET_VALID : CRYPTO_OK;
}

/* Positive, not zero, at most 20 bytes. */
static bool serial_sane(const mbedtls_x509_buf *serial)
{
	if (serial->len == 0 || serial->len > SERIAL_MAX_BYTES || (serial->p[0] & 0x80) != 0)
		return false;
	for (size_t i = 0; i < serial->len; i++)
		if (serial->p[i] != 0)
			return true;
	return false;
}

static bool signed_as_agreed(const mbedtls_x509_crt *crt)
{
	return crt->sig_pk == MBEDTLS_PK_ECDSA &&
	       (crt->sig_md == MBEDTLS_MD_SHA256 || crt->sig_md == MBEDTLS_MD_SHA384);
}

static bool has_extensions(const mbedtls_x509_crt *crt, int wanted)
{
	return crt->version == 3 && (crt->ext_types & wanted) == wanted;
}

/* Exactly the one extended key usage. */
static bool usage_is(const mbedtls_x509_crt *crt, enum crypto_purpose purpose)
{
	static const char server[] = MBEDTLS_OID_SERVER_AUTH, client[] = MBEDTLS_OID_CLIENT_AUTH;
	const char *oid = purpose == CRYPTO_FOR_SERVER ? server : client;
	const mbedtls_x509_sequence *usage = &crt->ext_key_usage;
	return usage->buf.p && !usage->next && usage->buf.len == sizeof(server) - 1 &&
	       memcmp(usage->buf.p, oid, sizeof(server) - 1) == 0;
}

static bool text_clean(const mbedtls_x509_buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->p[i] <= 0x20 || text->p[i] >= 0x7F)
			return false;
	return text->len > 0 && text->len < CRYPTO_NAME_MAX_BYTES;
}

static bool starts_with(const mbedtls_x509_buf *text, const char *prefix)
{
	size_t len = strlen(prefix);
	return text->len > len && memcmp(text->p, prefix, len) == 0;
}

/* Whether this is a name of the purpose's kind. */
static bool name_fits(const mbedtls_x509_buf *san, enum crypto_purpose purpose)
{
	int kind = san->tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
	if (!text_clean(san))
		return false;
	if (purpose == CRYPTO_FOR_SERVER)
		return kind == SAN_DNS_NAME;
	return kind == SAN_URI &&
	       starts_with(san, purpose == CRYPTO_FOR_DEVICE ? DEVICE_PREFIX : INVITATION_PREFIX);
}

/* The alternative names alone count, a common name never does. A device has exactly one name, a
 * server may have several. */
static enum crypto_fault names_fault(
	const mbedtls_x509_crt *crt, enum crypto_purpose purpose, const char *name)
{
	const mbedtls_x509_sequence *san = &crt->subject_alt_names;
	bool found = name == NULL;

	if (!san->buf.p || (purpose != CRYPTO_FOR_SERVER && san->next))
		return CRYPTO_WRONG_PURPOSE;
	for (; san; san = san->next) {
		if (!name_fits(&san->buf, purpose))
			return CRYPTO_WRONG_PURPOSE;
		if (name && san->buf.len == strlen(name) &&
			memcmp(san->buf.p, name, san->buf.len) == 0)
			found = true;
	}
	return found ? CRYPTO_OK : CRYPTO_WRONG_NAME;
}

enum crypto_fault x509_leaf_fault(
	const mbedtls_x509_crt *crt, enum crypto_purpose purpose, const char *name, int64_t when_s)
{
	int wanted = MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE | MBEDTLS_X509_EXT_KEY_USAGE |
		     MBEDTLS_X509_EXT_SUBJECT_ALT_NAME;

	if (!has_extensions(crt, wanted) || crt->ca_istrue != 0)
		return CRYPTO_WRONG_PURPOSE;
	if (crt->key_usage != MBEDTLS_X509_KU_DIGITAL_SIGNATURE || !usage_is(crt, purpose))
		return CRYPTO_WRONG_PURPOSE;
	if (!crypto_pk_usable(&crt->pk) || !serial_sane(&crt->serial) || !signed_as_agreed(crt))
		return CRYPTO_WRONG_PURPOSE;
	enum crypto_fault fault = names_fault(crt, purpose, name);
	return fault != CRYPTO_OK ? fault : dates_fault(crt, when_s);
}

enum crypto_fault x509_ca_fault(const mbedtls_x509_crt *crt, int64_t when_s)
{
	if (!has_extensions(crt, MBEDTLS_X509_EXT_KEY_USAGE | MBEDTLS_X509_EXT_BASIC_CONSTRAINTS) ||
		crt->ca_istrue == 0)
		return CRYPTO_WRONG_PURPOSE;
	if ((crt->key_usage & MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0)
		return CRYPTO_WRONG_PURPOSE;
	if (!crypto_pk_usable(&crt->pk) || !signed_as_agreed(crt))
		return CRYPTO_WRONG_PURPOSE;
	return dates_fault(crt, when_s);
}

/* RFC 5280, 4.2.1.10, 4.2.1.11 and 4.2.1.14. The library refuses them where they are critical, and
 * overlooks them otherwise. */
static bool has_constraints(const mbedtls_x509_crt *crt)
{
	static const uint8_t constraints[][3] = {
		{ 0x55, 0x1d, 0x1e }, /* names */
		{ 0x55, 0x1d, 0x24 }, /* policies */
		{ 0x55, 0x1d, 0x36 }, /* any policy */
	};
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(constraints); i++)
		if (x509_extension(crt, constraints[i], sizeof(constraints[i]), &len))
			return true;
	return false;
}

/* RFC 5280, 4.2.1.12: where an issuer says what it is for, what it issues is for nothing else. */
static bool issues_for(const mbedtls_x509_crt *crt, enum crypto_purpose purpose)
{
	static const char any[] = MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE,
			  server[] = MBEDTLS_OID_SERVER_AUTH, client[] = MBEDTLS_OID_CLIENT_AUTH;
	const char *oid = purpose == CRYPTO_FOR_SERVER ? server : client;

	if ((crt->ext_types & MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE) == 0)
		return true;
	for (const mbedtls_x509_sequence *u = &crt->ext_key_usage; u && u->buf.p; u = u->next)
		if ((u->buf.len == sizeof(server) - 1 &&
			    memcmp(u->buf.p, oid, sizeof(server) - 1) == 0) ||
			(u->buf.len == sizeof(any) - 1 &&
				memcmp(u->buf.p, any, sizeof(any) - 1) == 0))
			return true;
	return false;
}

enum crypto_fault x509_issuer_fault(
	const mbedtls_x509_crt *crt, enum crypto_purpose purpose, int64_t when_s)
{
	if (has_constraints(crt) || !issues_for(crt, purpose))
		return CRYPTO_WRONG_PURPOSE;
	return x509_ca_fault(crt, when_s);
}

enum crypto_fault x509_flags_fault(uint32_t flags)
{
	static const struct {
		uint32_t flag;
		enum crypto_fault fault;
	} meanings[] = {
		{ MBEDTLS_X509_BADCERT_MISSING, CRYPTO_NO_CERTIFICATE },
		{ MBEDTLS_X509_BADCERT_REVOKED, CRYPTO_REVOKED },
		{ MBEDTLS_X509_BADCERT_NOT_TRUSTED, CRYPTO_UNKNOWN_CA },
		{ MBEDTLS_X509_BADCERT_CN_MISMATCH, CRYPTO_WRONG_NAME },
		{ MBEDTLS_X509_BADCERT_EXPIRED, CRYPTO_EXPIRED },
		{ MBEDTLS_X509_BADCERT_FUTURE, CRYPTO_NOT_YET_VALID },
	};
	if (flags == 0)
		return CRYPTO_OK;
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if ((flags & meanings[i].flag) != 0)
			return meanings[i].fault;
	return CRYPTO_WRONG_PURPOSE;
}

/* mbedTLS judges dates by the clock; here they are judged at when_s, in x509_leaf_fault and
 * x509_ca_fault. */
#define DATE_FLAGS ((uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE))

struct chain_check {
	int64_t when_s;
	enum crypto_purpose purpose;
	enum crypto_fault fault; /* of an issuer */
};

/* What signs other certificates must be a CA as we take it, in between as at the end. */
static int check_issuer(void *user, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct chain_check *check = user;

	(void)flags;
	if (depth > 0 && check->fault == CRYPTO_OK)
		check->fault = x509_issuer_fault(crt, check->purpose, check->when_s);
	return 0;
}

static enum crypto_fault chain_fault(
	mbedtls_x509_crt *crt, mbedtls_x509_crt *cas, enum crypto_purpose purpose, int64_t when_s)
{
	struct chain_check check = { .when_s = when_s, .purpose = purpose };
	uint32_t flags = 0;

	int m = mbedtls_x509_crt_verify_with_profile(
		crt, cas, NULL, &x509_profile, NULL, &flags, check_issuer, &check);
	if (m != 0 && m != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return CRYPTO_INTERNAL;
	enum crypto_fault fault = x509_flags_fault(flags & ~DATE_FLAGS);
	/* An invitation's certificate is its own issuer, and no CA. */
	return fault != CRYPTO_OK || purpose == CRYPTO_FOR_INVITATION ? fault : check.fault;
}

static int parse_list(mbedtls_x509_crt *list, const struct crypto_der *certs, size_t count)
{
	int r = count > 0 ? 0 : -EINVAL;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = x509_parse(list, certs[i].bytes, certs[i].len);
	return r;
}

enum crypto_fault crypto_chain_check(const struct crypto_der *chain, size_t chain_len,
	const struct crypto_der *cas, size_t ca_count, enum crypto_purpose purpose,
	const char *name, int64_t when_s)
{
	mbedtls_x509_crt crt, issuers;
	enum crypto_fault fault = CRYPTO_MALFORMED;

	mbedtls_x509_crt_init(&crt);
	mbedtls_x509_crt_init(&issuers);
	int r = parse_list(&crt, chain, chain_len);
	if (r == 0)
		r = parse_list(&issuers, cas, ca_count);
	if (r == -ENOMEM)
		fault = CRYPTO_INTERNAL;
	if (r == 0) {
		fault = chain_fault(&crt, &issuers, purpose, when_s);
		if (fault == CRYPTO_OK)
			fault = x509_leaf_fault(&crt, purpose, name, when_s);
	}
	mbedtls_x509_crt_free(&issuers);
	mbedtls_x509_crt_free(&crt);
	return fault;
}

enum crypto_fault crypto_cert_check(const struct crypto_der *cert, const struct crypto_der *ca,
	enum crypto_purpose purpose, const char *name, int64_t when_s)
{
	return crypto_chain_check(cert, 1, ca, 1, purpose, name, when_s);
}

/* The library never looks at a root's signature: it trusts what it is given. */
static enum crypto_fault own_signature_fault(mbedtls_x509_crt *crt)
{
	uint8_t hash[MBEDTLS_MD_MAX_SIZE];
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(crt->sig_md);

	if (crt->subject_raw.len != crt->issuer_raw.len ||
		memcmp(crt->subject_raw.p, crt->issuer_raw.p, crt->issuer_raw.len) != 0)
		return CRYPTO_OK;
	if (!md || mbedtls_md(md, crt->tbs.p, crt->tbs.len, hash) != 0)
		return CRYPTO_INTERNAL;
	return mbedtls_pk_verify(&crt->pk, crt->sig_md, hash, mbedtls_md_get_size(md), crt->sig.p,
		       crt->sig.len) == 0
		       ? CRYPTO_OK
		       : CRYPTO_UNKNOWN_CA;
}

enum crypto_fault crypto_ca_check(const struct crypto_der *ca, int64_t when_s)
{
	mbedtls_x509_crt crt;
	enum crypto_fault fault = CRYPTO_MALFORMED;

	mbedtls_x509_crt_init(&crt);
	if (x509_parse(&crt, ca->bytes, ca->len) == 0) {
		/* It signs for both ends. */
		fault = x509_issuer_fault(&crt, CRYPTO_FOR_SERVER, when_s);
		if (fault == CRYPTO_OK)
			fault = x509_issuer_fault(&crt, CRYPTO_FOR_DEVICE, when_s);
		if (fault == CRYPTO_OK)
			fault = own_signature_fault(&crt);
	}
	mbedtls_x509_crt_free(&crt);
	return fault;
}
