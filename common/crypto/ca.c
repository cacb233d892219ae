/*
 * Issues certificates by our profiles (ARCHITECTURE.md, D-PROFILE), and invitations' certificates.
 * They are written by our own DER writer: nothing of a request but its public key gets in, and an
 * invitation's certificate is the same bytes everywhere. Runs in the commands and in the one
 * process that may read the CA's key (D-CA-APART).
 */
#include "common/crypto/cert.h"

#include "common/base/clock.h"
#include "common/crypto/der.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DAY_S           86400
#define CA_DAYS         3652 /* 10 years */
#define SERVER_DAYS     397  /* CA/Browser Forum, Baseline Requirements 6.3.2 */
#define DEVICE_DAYS     90
#define BACKDATED_S     300 /* clocks differ */
#define SERIAL_BYTES    16
#define KEY_ID_BYTES    20 /* RFC 7093, 2, method 4: SHA-256 of the whole key, its first 160 bits */
#define COMMON_NAME_MAX 64 /* RFC 5280, A.1, ub-common-name */
#define INVITATION_START_S                                                                         \
	1577836800 /* 2020-01-01 00:00:00: fixed, so that both ends write the same */
#define FOREVER_S           253402300799 /* 9999-12-31 23:59:59 (RFC 5280, 4.1.2.5) */
#define INVITATION_ID_BYTES 16

static const uint8_t oid_basic_constraints[] = { 0x55, 0x1D, 0x13 };
static const uint8_t oid_key_usage[] = { 0x55, 0x1D, 0x0F };
static const uint8_t oid_extended_key_usage[] = { 0x55, 0x1D, 0x25 };
static const uint8_t oid_alternative_name[] = { 0x55, 0x1D, 0x11 };
static const uint8_t oid_subject_key_id[] = { 0x55, 0x1D, 0x0E };
static const uint8_t oid_authority_key_id[] = { 0x55, 0x1D, 0x23 };
static const uint8_t oid_server_auth[] = { 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 };
static const uint8_t oid_client_auth[] = { 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02 };

/* BIT STRINGs with their count of unused bits (RFC 5280, 4.2.1.3). */
static const uint8_t digital_signature[] = { 7, 0x80 };
static const uint8_t cert_and_crl_sign[] = { 1, 0x06 };

/* One certificate to write. */
struct profile {
	bool is_ca;
	enum crypto_purpose purpose; /* unless is_ca */
	const char *name;            /* common name of a CA, alternative name of others */
	const uint8_t *issuer;       /* the issuer's name in DER, or NULL: itself */
	size_t issuer_len;
	const uint8_t *authority; /* the issuer's key identifier, or NULL */
	size_t authority_len;
	uint8_t serial[SERIAL_BYTES];
	int64_t not_before_s, not_after_s;
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t public_key_len;
};

static void write_basic_constraints(struct der_writer *w, bool is_ca)
{
	size_t mark = der_len(w);
	if (is_ca) {
		der_small(w, 0); /* it signs end entities only */
		der_value(w, DER_BOOLEAN, "\xFF", 1);
	}
	der_wrap(w, DER_SEQUENCE, mark);
	der_extension(w, DER_OID_OF(oid_basic_constraints), true, mark);
}

static void write_key_usage(struct der_writer *w, bool is_ca)
{
	size_t mark = der_len(w);
	der_value(w, DER_BIT_STRING, is_ca ? cert_and_crl_sign : digital_signature,
		sizeof(digital_signature));
	der_extension(w, DER_OID_OF(oid_key_usage), true, mark);
}

static void write_extended_key_usage(struct der_writer *w, enum crypto_purpose purpose)
{
	size_t mark = der_len(w);
	der_oid(w, purpose == CRYPTO_FOR_SERVER ? DER_OID_OF(oid_server_auth)
						: DER_OID_OF(oid_client_auth));
	der_wrap(w, DER_SEQUENCE, mark);
	der_extension(w, DER_OID_OF(oid_extended_key_usage), false, mark);
}

static void write_alternative_name(struct der_writer *w, const struct profile *p, bool critical)
{
	size_t mark = der_len(w);
	der_value(w, p->purpose == CRYPTO_FOR_SERVER ? DER_CONTEXT(2) : DER_CONTEXT(6), p->name,
		strlen(p->name));
	der_wrap(w, DER_SEQUENCE, mark);
	der_extension(w, DER_OID_OF(oid_alternative_name), critical, mark);
}

static void write_key_ids(
	struct der_writer *w, const struct profile *p, const uint8_t key_id[static KEY_ID_BYTES])
{
	size_t mark = der_len(w);
	if (p->authority) {
		der_value(w, DER_CONTEXT(0), p->authority, p->authority_len);
		der_wrap(w, DER_SEQUENCE, mark);
		der_extension(w, DER_OID_OF(oid_authority_key_id), false, mark);
		mark = der_len(w);
	}
	der_value(w, DER_OCTET_STRING, key_id, KEY_ID_BYTES);
	der_extension(w, DER_OID_OF(oid_subject_key_id), false, mark);
}

/* From the last field to the first. */
static void write_extensions(
	struct der_writer *w, const struct profile *p, bool unnamed, const uint8_t *key_id)
{
	size_t mark = der_len(w);
	write_key_ids(w, p, key_id);
	if (!p->is_ca) {
		write_alternative_name(w, p, unnamed);
		write_extended_key_usage(w, p->purpose);
	}
	write_key_usage(w, p->is_ca);
	write_basic_constraints(w, p->is_ca);
	der_wrap(w, DER_SEQUENCE, mark);
	der_wrap(w, DER_EXPLICIT(3), mark);
}

static void write_validity(struct der_writer *w, const struct profile *p)
{
	size_t mark = der_len(w);
	der_time(w, p->not_after_s);
	der_time(w, p->not_before_s);
	der_wrap(w, DER_SEQUENCE, mark);
}

static void write_tbs(struct der_writer *w, const struct profile *p, const uint8_t *key_id)
{
	/* A name that is too long for a common name stands in the alternative name alone, which is
	 * then critical (RFC 5280, 4.2.1.6). */
	bool unnamed = strlen(p->name) > COMMON_NAME_MAX;
	const char *common_name = unnamed ? "" : p->name;

	write_extensions(w, p, unnamed, key_id);
	der_raw(w, p->public_key, p->public_key_len);
	der_name(w, common_name);
	write_validity(w, p);
	if (p->issuer)
		der_raw(w, p->issuer, p->issuer_len);
	else
		der_name(w, common_name);
	der_ecdsa_sha256(w);
	der_unsigned(w, p->serial, sizeof(p->serial));
	size_t mark = der_len(w);
	der_small(w, 2); /* v3 */
	der_wrap(w, DER_EXPLICIT(0), mark);
	der_wrap(w, DER_SEQUENCE, 0);
}

static int issue(const struct profile *p, const struct crypto_key *key, struct crypto_der *out)
{
	uint8_t bytes[CRYPTO_CERT_DER_MAX_BYTES], key_hash[CRYPTO_SHA256_BYTES];
	struct der_writer w;

	int r = crypto_sha256(p->public_key, p->public_key_len, key_hash);
	if (r < 0)
		return r;
	der_init(&w, bytes, sizeof(bytes));
	write_tbs(&w, p, key_hash);
	r = der_sign(&w, key);
	if (r < 0)
		return r;
	out->len = der_len(&w);
	memcpy(out->bytes, der_front(&w), out->len);
	return 0;
}

/* 126 random bits or more: never 0, never negative, always as long. */
static int random_serial(uint8_t out[static SERIAL_BYTES])
{
	int r = crypto_random(out, SERIAL_BYTES);
	out[0] = (uint8_t)((out[0] & 0x7F) | 0x40);
	return r;
}

static bool name_clean(const char *name)
{
	size_t len = strnlen(name, CRYPTO_NAME_MAX_BYTES);
	if (len == 0 || len >= CRYPTO_NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] < 0x20 || name[i] == 0x7F)
			return false;
	return true;
}

int crypto_ca_create(const struct crypto_key *key, const char *name, struct crypto_der *out)
{
	struct profile p = { .is_ca = true, .name = name };

	if (!name_clean(name) || strlen(name) > COMMON_NAME_MAX)
		return -EINVAL;
	p.not_before_s = clock_wall_s() - BACKDATED_S;
	p.not_after_s = p.not_before_s + (int64_t)CA_DAYS * DAY_S;
	int r = random_serial(p.serial);
	if (r == 0)
		r = crypto_key_public_der(
			key, p.public_key, sizeof(p.public_key), &p.public_key_len);
	return r < 0 ? r : issue(&p, key, out);
}

static bool request_fits(const struct crypto_cert_request *request)
{
	static const char prefix[] = "farseat:device:";

	if (!name_clean(request->name) || strchr(request->name, ' ') || request->days < 0 ||
		request->not_before_s < 0)
		return false;
	if (request->purpose == CRYPTO_FOR_DEVICE)
		return strncmp(request->name, prefix, sizeof(prefix) - 1) == 0 &&
		       strlen(request->name) >= sizeof(prefix);
	return request->purpose == CRYPTO_FOR_SERVER;
}

static int set_public_key(struct profile *p, const struct crypto_cert_request *request)
{
	mbedtls_pk_context pk;

	mbedtls_pk_init(&pk);
	int r = crypto_pk_from_spki(&pk, request->public_key, request->public_key_len);
	mbedtls_pk_free(&pk);
	if (r < 0)
		return r;
	memcpy(p->public_key, request->public_key, request->public_key_len);
	p->public_key_len = request->public_key_len;
	return 0;
}

static void set_dates(struct profile *p, const struct crypto_cert_request *request)
{
	int64_t days = request->days;
	if (days == 0)
		days = request->purpose == CRYPTO_FOR_SERVER ? SERVER_DAYS : DEVICE_DAYS;
	p->not_before_s =
		request->not_before_s != 0 ? request->not_before_s : clock_wall_s() - BACKDATED_S;
	p->not_after_s = days > (FOREVER_S - p->not_before_s) / DAY_S
				 ? FOREVER_S
				 : p->not_before_s + days * DAY_S;
}

/* Takes the issuer's name and key identifier as they stand in its certificate. */
static void set_issuer(struct profile *p, mbedtls_x509_crt *ca)
{
	size_t len, id_len;

	p->issuer = ca->subject_raw.p;
	p->issuer_len = ca->subject_raw.len;
	const uint8_t *value =
		x509_extension(ca, oid_subject_key_id, sizeof(oid_subject_key_id), &len);
	/* OCTET STRING of a short length */
	if (value && len > 2 && value[0] == DER_OCTET_STRING && value[1] < 0x80) {
		id_len = value[1];
		if (id_len == len - 2) {
			p->authority = value + 2;
			p->authority_len = id_len;
		}
	}
}

static bool key_is_of(const struct crypto_key *key, const mbedtls_x509_crt *crt)
{
	return compat_check_pair(&crt->pk, key->pk) == 0;
}

bool crypto_key_is_of(const struct crypto_key *key, const struct crypto_der *cert)
{
	mbedtls_x509_crt crt;

	mbedtls_x509_crt_init(&crt);
	bool is = x509_parse(&crt, cert->bytes, cert->len) == 0 && key_is_of(key, &crt);
	mbedtls_x509_crt_free(&crt);
	return is;
}

int crypto_ca_sign(const struct crypto_key *ca_key, const struct crypto_der *ca,
	const struct crypto_cert_request *request, struct crypto_der *out)
{
	struct profile p = { .purpose = request->purpose, .name = request->name };
	mbedtls_x509_crt issuer;

	if (!request_fits(request))
		return -EINVAL;
	mbedtls_x509_crt_init(&issuer);
	int r = x509_parse(&issuer, ca->bytes, ca->len);
	if (r == 0 && (issuer.ca_istrue == 0 || !key_is_of(ca_key, &issuer)))
		r = -EINVAL;
	if (r == 0)
		r = set_public_key(&p, request);
	if (r == 0)
		r = random_serial(p.serial);
	if (r == 0) {
		set_dates(&p, request);
		set_issuer(&p, &issuer);
		r = issue(&p, ca_key, out);
	}
	mbedtls_x509_crt_free(&issuer);
	return r;
}

int crypto_invitation_cert(const struct crypto_key *key, struct crypto_der *out)
{
	char name[CRYPTO_NAME_MAX_BYTES] = "farseat:invitation:";
	uint8_t hash[CRYPTO_SHA256_BYTES] = { 0 };
	struct profile p = {
		.purpose = CRYPTO_FOR_INVITATION,
		.name = name,
		.not_before_s = INVITATION_START_S,
		.not_after_s = FOREVER_S,
	};

	int r = crypto_key_public_der(key, p.public_key, sizeof(p.public_key), &p.public_key_len);
	if (r == 0)
		r = crypto_sha256(p.public_key, p.public_key_len, hash);
	if (r < 0)
		return r;
	char *at = name + strlen(name);
	for (size_t i = 0; i < INVITATION_ID_BYTES; i++)
		snprintf(at + 2 * i, 3, "%02x", hash[i]);
	memcpy(p.serial, hash + sizeof(hash) - SERIAL_BYTES, SERIAL_BYTES);
	p.serial[0] = (uint8_t)((p.serial[0] & 0x7F) | 0x40);
	return issue(&p, key, out);
}
