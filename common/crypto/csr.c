/*
 * Certificate requests (PKCS #10, RFC 2986). A request proves that its sender has the key, and
 * nothing more: the names and extensions in it are not looked at. Runs in the signer; the bytes are
 * a stranger's.
 */
#include "common/crypto/cert.h"

#include "common/crypto/der.h"
#include "common/crypto/mbedtls_compat.h"

#include <errno.h>
#include <mbedtls/asn1.h>
#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#include <string.h>

#define PEM_MAX_BYTES (CRYPTO_CSR_DER_MAX_BYTES * 3 / 2)
#define PEM_HEAD      "-----BEGIN CERTIFICATE REQUEST-----"
#define PEM_TAIL      "-----END CERTIFICATE REQUEST-----"

int crypto_csr_create(
	const struct crypto_key *key, uint8_t out[static CRYPTO_CSR_DER_MAX_BYTES], size_t *len)
{
	uint8_t bytes[CRYPTO_CSR_DER_MAX_BYTES], spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t spki_len;
	struct der_writer w;

	int r = crypto_key_public_der(key, spki, sizeof(spki), &spki_len);
	if (r < 0)
		return r;
	der_init(&w, bytes, sizeof(bytes));
	der_value(&w, DER_EXPLICIT(0), NULL, 0); /* no attributes */
	der_raw(&w, spki, spki_len);
	der_name(&w, "");
	der_small(&w, 0); /* version 1 */
	der_wrap(&w, DER_SEQUENCE, 0);
	r = der_sign(&w, key);
	if (r < 0)
		return r;
	*len = der_len(&w);
	memcpy(out, der_front(&w), *len);
	return 0;
}

/* The parts of a request that are looked at; all borrowed from its bytes. */
struct request {
	uint8_t *signed_part;
	size_t signed_len;
	uint8_t *spki;
	size_t spki_len;
	mbedtls_md_type_t md;
	uint8_t *signature;
	size_t signature_len;
};

static int enter(uint8_t **at, const uint8_t *end, int tag, size_t *len)
{
	int m = mbedtls_asn1_get_tag(at, end, len, tag);
	return m == 0 ? 0 : -EINVAL;
}

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

/* CertificationRequestInfo: version 0, a name, the key, attributes. */
static int parse_info(struct request *out, uint8_t *at, const uint8_t *end)
{
	size_t len;
	int version;

	if (mbedtls_asn1_get_int(&at, end, &version) != 0 || version != 0)
		return -EINVAL;
	if (enter(&at, end, SEQUENCE, &len) < 0)
		return -EINVAL;
	at += len;
	out->spki = at;
	if (enter(&at, end, SEQUENCE, &len) < 0)
		return -EINVAL;
	at += len;
	out->spki_len = (size_t)(at - out->spki);
	if (enter(&at, end, DER_EXPLICIT(0), &len) < 0)
		return -EINVAL;
	return at + len == end ? 0 : -EINVAL;
}

static int parse_algorithm(struct request *out, uint8_t **at, const uint8_t *end)
{
	static const uint8_t sha256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03,
		0x02 }; /* RFC 5758, 3.2 */
	static const uint8_t sha384[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03 };
	size_t len;

	if (enter(at, end, SEQUENCE, &len) < 0)
		return -EINVAL;
	const uint8_t *inner_end = *at + len;
	if (enter(at, inner_end, MBEDTLS_ASN1_OID, &len) < 0 || len != sizeof(sha256) ||
		*at + len != inner_end)
		return -EINVAL;
	if (memcmp(*at, sha256, len) == 0)
		out->md = MBEDTLS_MD_SHA256;
	else if (memcmp(*at, sha384, len) == 0)
		out->md = MBEDTLS_MD_SHA384;
	else
		return -EINVAL;
	*at += len;
	return 0;
}

/* Our own walk through the request, by the library's bounds-checked steps: its parser would read
 * names and extensions that nobody asks for, and 2.28 refuses the empty name that ours have. */
static int parse(struct request *out, uint8_t *at, size_t total)
{
	const uint8_t *end = at + total;
	size_t len;

	if (enter(&at, end, SEQUENCE, &len) < 0 || at + len != end)
		return -EINVAL;
	out->signed_part = at;
	if (enter(&at, end, SEQUENCE, &len) < 0)
		return -EINVAL;
	uint8_t *info = at;
	at += len;
	out->signed_len = (size_t)(at - out->signed_part);
	if (parse_info(out, info, at) < 0 || parse_algorithm(out, &at, end) < 0)
		return -EINVAL;
	if (mbedtls_asn1_get_bitstring_null(&at, end, &out->signature_len) != 0)
		return -EINVAL;
	out->signature = at;
	return at + out->signature_len == end ? 0 : -EINVAL;
}

/* The library would not check that a request is signed by the key in it. */
static int check_signature(const struct request *request)
{
	uint8_t hash[MBEDTLS_MD_MAX_SIZE];
	mbedtls_pk_context pk;
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(request->md);

	mbedtls_pk_init(&pk);
	int r = crypto_pk_from_spki(&pk, request->spki, request->spki_len);
	if (r == 0 && (!md || mbedtls_md(md, request->signed_part, request->signed_len, hash) != 0))
		r = -EIO;
	if (r == 0) {
		int m = mbedtls_pk_verify(&pk, request->md, hash, mbedtls_md_get_size(md),
			request->signature, request->signature_len);
		r = m == 0 ? 0 : crypto_errno(m, -EBADMSG);
	}
	mbedtls_pk_free(&pk);
	return r;
}

static int public_key_of(uint8_t *der, size_t len, uint8_t *out, size_t *out_len)
{
	struct request request;
	int r = parse(&request, der, len);
	if (r == 0)
		r = check_signature(&request);
	if (r == 0) {
		memcpy(out, request.spki, request.spki_len);
		*out_len = request.spki_len;
	}
	return r;
}

static int public_key_of_pem(const uint8_t *text, size_t len, uint8_t *out, size_t *out_len)
{
	unsigned char copy[PEM_MAX_BYTES + 1];
	mbedtls_pem_context pem;
	size_t used;

	memcpy(copy, text, len);
	copy[len] = '\0';
	mbedtls_pem_init(&pem);
	int m = mbedtls_pem_read_buffer(&pem, PEM_HEAD, PEM_TAIL, copy, NULL, 0, &used);
	int r = m == 0 ? 0 : crypto_errno(m, -EINVAL);
	if (r == 0)
		r = public_key_of(pem.buf, pem.buflen, out, out_len);
	mbedtls_pem_free(&pem);
	return r;
}

int crypto_csr_public_key(const uint8_t *csr, size_t len,
	uint8_t out[static CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], size_t *out_len)
{
	uint8_t der[CRYPTO_CSR_DER_MAX_BYTES];

	if (len > sizeof(der))
		return -E2BIG;
	memcpy(der, csr, len);
	return public_key_of(der, len, out, out_len);
}

int crypto_csr_file_public_key(const uint8_t *csr, size_t len,
	uint8_t out[static CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], size_t *out_len)
{
	if (len == 0 || csr[0] == DER_SEQUENCE)
		return crypto_csr_public_key(csr, len, out, out_len);
	return len > PEM_MAX_BYTES ? -E2BIG : public_key_of_pem(csr, len, out, out_len);
}

int crypto_csr_to_pem(const uint8_t *csr, size_t len, char *out, size_t size)
{
	size_t written;
	int m = mbedtls_pem_write_buffer(
		PEM_HEAD "\n", PEM_TAIL "\n", csr, len, (unsigned char *)out, size, &written);
	if (m == MBEDTLS_ERR_BASE64_BUFFER_TOO_SMALL)
		return -E2BIG;
	return m == 0 ? 0 : crypto_errno(m, -EINVAL);
}
