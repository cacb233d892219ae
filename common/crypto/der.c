/* The DER writer. Every length is checked against what is left in front. Runs where something is
 * signed. */
#include "common/crypto/der.h"

#include "common/crypto/key.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define UNSIGNED_MAX_BYTES 20 /* the longest serial number (RFC 5280, 4.1.2.2) */

static const uint8_t oid_ecdsa_sha256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03,
	0x02 };                                                /* RFC 5758, 3.2 */
static const uint8_t oid_common_name[] = { 0x55, 0x04, 0x03 }; /* RFC 5280, A.1 */

void der_init(struct der_writer *w, uint8_t *bytes, size_t size)
{
	*w = (struct der_writer){ .bytes = bytes, .size = size, .at = size };
}

size_t der_len(const struct der_writer *w)
{
	return w->size - w->at;
}

const uint8_t *der_front(const struct der_writer *w)
{
	return w->bytes + w->at;
}

void der_raw(struct der_writer *w, const void *bytes, size_t len)
{
	if (w->failed || len > w->at) {
		w->failed = true;
		return;
	}
	w->at -= len;
	if (len > 0)
		memcpy(w->bytes + w->at, bytes, len);
}

void der_wrap(struct der_writer *w, uint8_t tag, size_t mark)
{
	uint8_t head[2 + sizeof(size_t)];
	size_t len = der_len(w) - mark, n = 0;

	head[n++] = tag;
	if (len < 0x80) {
		head[n++] = (uint8_t)len;
	} else {
		unsigned count = 1;
		while (len >> (8 * count) != 0)
			count++;
		head[n++] = (uint8_t)(0x80 | count);
		while (count-- > 0)
			head[n++] = (uint8_t)(len >> (8 * count));
	}
	der_raw(w, head, n);
}

void der_value(struct der_writer *w, uint8_t tag, const void *bytes, size_t len)
{
	size_t mark = der_len(w);
	der_raw(w, bytes, len);
	der_wrap(w, tag, mark);
}

void der_oid(struct der_writer *w, struct der_oid oid)
{
	der_value(w, DER_OID, oid.bytes, oid.len);
}

void der_unsigned(struct der_writer *w, const uint8_t *bytes, size_t len)
{
	size_t mark = der_len(w);
	while (len > 1 && bytes[0] == 0) {
		bytes++;
		len--;
	}
	if (len == 0 || len > UNSIGNED_MAX_BYTES)
		w->failed = true;
	der_raw(w, bytes, len);
	if (len > 0 && (bytes[0] & 0x80) != 0)
		der_raw(w, "", 1);
	der_wrap(w, DER_INTEGER, mark);
}

void der_small(struct der_writer *w, uint64_t value)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
	der_unsigned(w, bytes, sizeof(bytes));
}

void der_time(struct der_writer *w, int64_t when_s)
{
	char text[32];
	struct tm parts;
	time_t when = (time_t)when_s;

	if (when_s < 0 || !gmtime_r(&when, &parts) || parts.tm_year + 1900 > 9999) {
		w->failed = true;
		return;
	}
	size_t len = strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &parts);
	if (parts.tm_year + 1900 < 2050)
		der_value(w, DER_UTC_TIME, text + 2, len - 2);
	else
		der_value(w, DER_TIME, text, len);
}

/* BIT STRING without unused bits. */
static void put_bits(struct der_writer *w, const uint8_t *bytes, size_t len)
{
	size_t mark = der_len(w);
	der_raw(w, bytes, len);
	der_raw(w, "", 1); /* no unused bits */
	der_wrap(w, DER_BIT_STRING, mark);
}

void der_extension(struct der_writer *w, struct der_oid oid, bool critical, size_t mark)
{
	der_wrap(w, DER_OCTET_STRING, mark);
	if (critical)
		der_value(w, DER_BOOLEAN, "\xFF", 1);
	der_oid(w, oid);
	der_wrap(w, DER_SEQUENCE, mark);
}

void der_name(struct der_writer *w, const char *common_name)
{
	size_t mark = der_len(w);
	if (common_name[0] != '\0') {
		der_value(w, DER_UTF8_STRING, common_name, strlen(common_name));
		der_oid(w, DER_OID_OF(oid_common_name));
		der_wrap(w, DER_SEQUENCE, mark);
		der_wrap(w, DER_SET, mark);
	}
	der_wrap(w, DER_SEQUENCE, mark);
}

void der_ecdsa_sha256(struct der_writer *w)
{
	size_t mark = der_len(w);
	der_oid(w, DER_OID_OF(oid_ecdsa_sha256));
	der_wrap(w, DER_SEQUENCE, mark);
}

/* The signature stands behind what it signs, so the signed part moves down to make room for it. */
int der_sign(struct der_writer *w, const struct crypto_key *key)
{
	uint8_t hash[CRYPTO_SHA256_BYTES], signature[CRYPTO_SIGNATURE_MAX_BYTES],
		tail_bytes[2 * CRYPTO_SIGNATURE_MAX_BYTES];
	struct der_writer tail;
	size_t signature_len = 0;

	if (w->failed)
		return -E2BIG;
	size_t len = der_len(w);
	int r = crypto_sha256(der_front(w), len, hash);
	if (r == 0)
		r = crypto_key_sign(key, hash, signature, &signature_len);
	if (r < 0)
		return r;
	der_init(&tail, tail_bytes, sizeof(tail_bytes));
	put_bits(&tail, signature, signature_len);
	der_ecdsa_sha256(&tail);
	if (tail.failed || der_len(&tail) > w->at)
		return -E2BIG;
	size_t moved = w->at - der_len(&tail);
	memmove(w->bytes + moved, w->bytes + w->at, len);
	memcpy(w->bytes + moved + len, der_front(&tail), der_len(&tail));
	w->at = moved;
	der_wrap(w, DER_SEQUENCE, 0);
	return w->failed ? -E2BIG : 0;
}
