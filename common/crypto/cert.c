/*
 * Reading certificates: what they say, their hashes, and PEM files. Bytes may come from a peer:
 * parsed by mbedTLS's DER parser, exactly one certificate, and nothing of it is printed without
 * being made safe.
 */
#include "common/crypto/cert.h"

#include "common/base/file.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"

#include <errno.h>
#include <mbedtls/asn1.h>
#include <mbedtls/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PEM_FILE_MAX_BYTES (64U * 1024)
#define PEM_MAX_BYTES      (CRYPTO_CERT_DER_MAX_BYTES * 3 / 2)
#define PEM_BEGIN          "-----BEGIN CERTIFICATE-----\n"
#define PEM_END            "-----END CERTIFICATE-----\n"

static const uint8_t oid_common_name[] = { 0x55, 0x04, 0x03 };

int x509_parse(mbedtls_x509_crt *chain, const uint8_t *der, size_t len)
{
	if (len == 0 || len > CRYPTO_CERT_DER_MAX_BYTES)
		return -EINVAL;
	int m = mbedtls_x509_crt_parse_der(chain, der, len);
	if (m != 0)
		return m == MBEDTLS_ERR_X509_ALLOC_FAILED ? -ENOMEM : crypto_errno(m, -EINVAL);
	/* The parser is content with bytes after the certificate: hashes of it would then be
	 * ambiguous. */
	const mbedtls_x509_crt *last = chain;
	while (last->next)
		last = last->next;
	return last->raw.len == len ? 0 : -EINVAL;
}

int64_t x509_time_s(const mbedtls_x509_time *t)
{
	struct tm parts = {
		.tm_year = t->year - 1900,
		.tm_mon = t->mon - 1,
		.tm_mday = t->day,
		.tm_hour = t->hour,
		.tm_min = t->min,
		.tm_sec = t->sec,
	};
	return (int64_t)timegm(&parts);
}

const uint8_t *x509_extension(
	const mbedtls_x509_crt *crt, const uint8_t *oid, size_t oid_len, size_t *len)
{
	/* mbedTLS has walked through these bytes already; a surprise only ends the search. */
	unsigned char *at = crt->v3_ext.p;
	if (!at)
		return NULL;
	const unsigned char *end = at + crt->v3_ext.len;
	size_t n;
	if (mbedtls_asn1_get_tag(&at, end, &n, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) !=
		0)
		return NULL;
	while (at < end) {
		int critical = 0;
		if (mbedtls_asn1_get_tag(
			    &at, end, &n, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) != 0)
			return NULL;
		unsigned char *next = at + n;
		if (mbedtls_asn1_get_tag(&at, next, &n, MBEDTLS_ASN1_OID) != 0)
			return NULL;
		bool wanted = n == oid_len && memcmp(at, oid, n) == 0;
		at += n;
		if (wanted) {
			(void)mbedtls_asn1_get_bool(&at, next, &critical);
			if (mbedtls_asn1_get_tag(&at, next, len, MBEDTLS_ASN1_OCTET_STRING) != 0)
				return NULL;
			return at;
		}
		at = next;
	}
	return NULL;
}

/* Printable ASCII stays; a peer chose these bytes. */
static void copy_text(char *out, size_t size, const uint8_t *bytes, size_t len)
{
	size_t n = MIN(len, size - 1);
	for (size_t i = 0; i < n; i++)
		out[i] = bytes[i] > 0x20 - 1 && bytes[i] < 0x7F ? (char)bytes[i] : '?';
	out[n] = '\0';
}

static void copy_common_name(char *out, size_t size, const mbedtls_x509_name *name)
{
	out[0] = '\0';
	for (; name; name = name->next)
		if (name->oid.len == sizeof(oid_common_name) &&
			memcmp(name->oid.p, oid_common_name, sizeof(oid_common_name)) == 0)
			copy_text(out, size, name->val.p, name->val.len);
}

static void copy_subject(char *out, size_t size, const mbedtls_x509_crt *crt)
{
	for (const mbedtls_x509_sequence *san = &crt->subject_alt_names; san && san->buf.p;
		san = san->next) {
		int kind = san->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
		if (kind == 2 || kind == 6) { /* dNSName, URI (RFC 5280, 4.2.1.6) */
			copy_text(out, size, san->buf.p, san->buf.len);
			return;
		}
	}
	copy_common_name(out, size, &crt->subject);
}

static int fill_info(struct crypto_cert_info *out, mbedtls_x509_crt *crt)
{
	const mbedtls_x509_buf *serial = &crt->serial;
	size_t skip = serial->len > 1 && serial->p[0] == 0 ? 1 : 0;

	if (serial->len == 0 || serial->len - skip > sizeof(out->serial) ||
		!crypto_pk_usable(&crt->pk))
		return -EINVAL;
	out->serial_len = serial->len - skip;
	memcpy(out->serial, serial->p + skip, out->serial_len);
	copy_subject(out->subject, sizeof(out->subject), crt);
	copy_common_name(out->issuer, sizeof(out->issuer), &crt->issuer);
	out->not_before_s = x509_time_s(&crt->valid_from);
	out->not_after_s = x509_time_s(&crt->valid_to);
	out->is_ca = crt->ca_istrue != 0;
	int r = crypto_pk_to_spki(
		&crt->pk, out->public_key, sizeof(out->public_key), &out->public_key_len);
	if (r == 0)
		r = crypto_sha256(out->public_key, out->public_key_len, out->public_key_hash);
	return r < 0 ? r : crypto_cert_fingerprint(crt->raw.p, crt->raw.len, out->fingerprint);
}

int crypto_cert_info(const uint8_t *der, size_t len, struct crypto_cert_info *out)
{
	mbedtls_x509_crt crt;
	struct crypto_cert_info info = { 0 };

	mbedtls_x509_crt_init(&crt);
	int r = x509_parse(&crt, der, len);
	if (r == 0)
		r = fill_info(&info, &crt);
	if (r == 0)
		*out = info;
	mbedtls_x509_crt_free(&crt);
	return r;
}

int crypto_cert_fingerprint(
	const uint8_t *der, size_t len, uint8_t out[static CRYPTO_FINGERPRINT_BYTES])
{
	return crypto_sha256(der, len, out);
}

/* Every certificate of a file: all or nothing. */
static int parse_file(mbedtls_x509_crt *crt, const char *path)
{
	struct buffer text;

	int r = file_read(path, PEM_FILE_MAX_BYTES, &text);
	if (r < 0)
		return r;
	text.limit_bytes = PEM_FILE_MAX_BYTES + 1;
	r = buffer_append(&text, "", 1); /* the library knows PEM by its end */
	if (r == 0) {
		/* More than 0: so many of the file's certificates failed. */
		int m = mbedtls_x509_crt_parse(crt, buffer_front(&text), text.len);
		r = m == 0 ? 0 : -EINVAL;
	}
	buffer_finish(&text);
	return r;
}

static int copy_der(const mbedtls_x509_crt *crt, struct crypto_der *out)
{
	if (crt->raw.len == 0 || crt->raw.len > sizeof(out->bytes))
		return -EINVAL;
	memcpy(out->bytes, crt->raw.p, crt->raw.len);
	out->len = crt->raw.len;
	return 0;
}

int crypto_cert_from_file(const char *path, struct crypto_der *out)
{
	mbedtls_x509_crt crt;

	mbedtls_x509_crt_init(&crt);
	int r = parse_file(&crt, path);
	if (r == 0)
		r = copy_der(&crt, out);
	mbedtls_x509_crt_free(&crt);
	return r;
}

int crypto_certs_from_file(const char *path, struct crypto_der *out, size_t max, size_t *count)
{
	mbedtls_x509_crt crt;
	size_t found = 0;

	mbedtls_x509_crt_init(&crt);
	int r = parse_file(&crt, path);
	for (const mbedtls_x509_crt *one = &crt; r == 0 && one; one = one->next) {
		if (found == max)
			r = -E2BIG;
		else if (!crypto_pk_usable(&one->pk) || one->sig_pk != MBEDTLS_PK_ECDSA)
			r = -EKEYREJECTED;
		else
			r = copy_der(one, &out[found++]);
	}
	if (r == 0)
		*count = found;
	mbedtls_x509_crt_free(&crt);
	return r;
}

int crypto_cert_to_file(const struct crypto_der *cert, const char *path, mode_t mode)
{
	unsigned char pem[PEM_MAX_BYTES];
	size_t len;

	if (cert->len == 0 || cert->len > sizeof(cert->bytes))
		return -EINVAL;
	if (mbedtls_pem_write_buffer(
		    PEM_BEGIN, PEM_END, cert->bytes, cert->len, pem, sizeof(pem), &len) != 0)
		return -EINVAL;
	return file_replace(path, pem, len - 1, mode); /* len counts the end */
}

void crypto_fingerprint_hex(
	const uint8_t fingerprint[static 32], char out[static CRYPTO_FINGERPRINT_HEX_BYTES])
{
	for (size_t i = 0; i < CRYPTO_FINGERPRINT_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", fingerprint[i]);
}
