/* Certificate revocation lists (RFC 5280, 5) for foreign tools; farseat itself asks its registry
 * (ARCHITECTURE.md, D-ALLOW-LIST). mbedTLS writes none. Runs in the commands that sign. */
#include "common/crypto/cert.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/crypto/der.h"
#include "common/crypto/x509.h"

#include <errno.h>
#include <mbedtls/pem.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S           86400
#define ENTRY_MAX_BYTES 64 /* SEQUENCE, serial 23, time 17 */
#define HEAD_MAX_BYTES  2048
#define CRL_BEGIN       "-----BEGIN X509 CRL-----\n"
#define CRL_END         "-----END X509 CRL-----\n"
#define ENTRIES_MAX     100000 /* what one machine may ever have revoked */

static const uint8_t oid_crl_number[] = { 0x55, 0x1D, 0x14 };
static const uint8_t oid_authority_key_id[] = { 0x55, 0x1D, 0x23 };
static const uint8_t oid_subject_key_id[] = { 0x55, 0x1D, 0x0E };

static void write_extensions(struct der_writer *w, const mbedtls_x509_crt *ca, int64_t number)
{
	size_t outer = der_len(w), len;

	der_small(w, (uint64_t)number);
	der_extension(w, DER_OID_OF(oid_crl_number), false, outer);
	const uint8_t *id =
		x509_extension(ca, oid_subject_key_id, sizeof(oid_subject_key_id), &len);
	if (id && len > 2 && id[0] == DER_OCTET_STRING && id[1] == len - 2) {
		size_t mark = der_len(w);
		der_value(w, DER_CONTEXT(0), id + 2, len - 2);
		der_wrap(w, DER_SEQUENCE, mark);
		der_extension(w, DER_OID_OF(oid_authority_key_id), false, mark);
	}
	der_wrap(w, DER_SEQUENCE, outer);
	der_wrap(w, DER_EXPLICIT(0), outer);
}

static void write_entries(struct der_writer *w, const struct crypto_revoked *revoked, size_t count)
{
	size_t outer = der_len(w);
	if (count == 0)
		return; /* absent, not empty (5.1.2.6) */
	for (size_t i = count; i-- > 0;) {
		size_t mark = der_len(w);
		der_time(w, revoked[i].when_s);
		der_unsigned(w, revoked[i].serial, revoked[i].serial_len);
		der_wrap(w, DER_SEQUENCE, mark);
	}
	der_wrap(w, DER_SEQUENCE, outer);
}

static int write_pem(const struct der_writer *w, const char *path)
{
	size_t size = der_len(w) * 3 / 2 + 128, len;
	unsigned char *pem = malloc(size);
	if (!pem)
		return -ENOMEM;
	int r = -EINVAL;
	if (mbedtls_pem_write_buffer(
		    CRL_BEGIN, CRL_END, der_front(w), der_len(w), pem, size, &len) == 0)
		r = file_replace(path, pem, len - 1, 0644);
	free(pem);
	return r;
}

int crypto_crl_to_file(const struct crypto_key *ca_key, const struct crypto_der *ca,
	const struct crypto_revoked *revoked, size_t count, int64_t number, int64_t days,
	const char *path)
{
	mbedtls_x509_crt issuer;
	struct der_writer w;

	if (count > ENTRIES_MAX || number < 0 || days <= 0)
		return -EINVAL;
	size_t size = HEAD_MAX_BYTES + count * ENTRY_MAX_BYTES;
	uint8_t *bytes = malloc(size);
	if (!bytes)
		return -ENOMEM;
	mbedtls_x509_crt_init(&issuer);
	int r = x509_parse(&issuer, ca->bytes, ca->len);
	if (r == 0 && compat_check_pair(&issuer.pk, ca_key->pk) != 0)
		r = -EINVAL;
	if (r == 0) {
		int64_t now_s = clock_wall_s();
		der_init(&w, bytes, size);
		write_extensions(&w, &issuer, number);
		write_entries(&w, revoked, count);
		der_time(&w, now_s + days * DAY_S);
		der_time(&w, now_s);
		der_raw(&w, issuer.subject_raw.p, issuer.subject_raw.len);
		der_ecdsa_sha256(&w);
		der_small(&w, 1); /* v2 */
		der_wrap(&w, DER_SEQUENCE, 0);
		r = der_sign(&w, ca_key);
	}
	if (r == 0)
		r = write_pem(&w, path);
	mbedtls_x509_crt_free(&issuer);
	free(bytes);
	return r;
}
