/*
 * A small DER writer (X.690), from the end to the front, for what we issue: certificates, requests,
 * CRLs. It is our own, so that an invitation's certificate is the same bytes on every version of
 * the library, and because mbedTLS writes no CRLs. Internal to common/crypto. Its error is sticky:
 * one test at the end is enough.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define DER_BOOLEAN      0x01
#define DER_INTEGER      0x02
#define DER_BIT_STRING   0x03
#define DER_OCTET_STRING 0x04
#define DER_OID          0x06
#define DER_UTF8_STRING  0x0C
#define DER_UTC_TIME     0x17
#define DER_TIME         0x18 /* GeneralizedTime */
#define DER_SEQUENCE     0x30
#define DER_SET          0x31
#define DER_CONTEXT(n)   (0x80 | (n))
#define DER_EXPLICIT(n)  (0xA0 | (n))

struct der_writer {
	uint8_t *bytes; /* borrowed; written from bytes + size downwards */
	size_t size;
	size_t at;
	bool failed;
};

/* An object identifier's content bytes. */
struct der_oid {
	const uint8_t *bytes;
	size_t len;
};
#define DER_OID_OF(array) ((struct der_oid){ (array), sizeof(array) })

void der_init(struct der_writer *w, uint8_t *bytes, size_t size);

/* How many bytes stand there, and where they start. */
size_t der_len(const struct der_writer *w);
const uint8_t *der_front(const struct der_writer *w);

void der_raw(struct der_writer *w, const void *bytes, size_t len);

/* Puts tag and length in front of all that was written since der_len was mark. */
void der_wrap(struct der_writer *w, uint8_t tag, size_t mark);

void der_value(struct der_writer *w, uint8_t tag, const void *bytes, size_t len);
void der_oid(struct der_writer *w, struct der_oid oid);

/* A whole number of at most 20 bytes, big-endian, without sign. Leading zeros are dropped, and one
 * is put where DER wants it. */
void der_unsigned(struct der_writer *w, const uint8_t *bytes, size_t len);
void der_small(struct der_writer *w, uint64_t value);

/* UTCTime until 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5). Seconds since the epoch, years
 * 1970-9999. */
void der_time(struct der_writer *w, int64_t when_s);

/* An X.509 extension (RFC 5280, 4.1) whose value was written since mark. */
void der_extension(struct der_writer *w, struct der_oid oid, bool critical, size_t mark);

/* A name of one common name, or the empty name for "". */
void der_name(struct der_writer *w, const char *common_name);

/* AlgorithmIdentifier of ecdsa-with-SHA256. */
void der_ecdsa_sha256(struct der_writer *w);

struct crypto_key;

/* Signs what stands there with key, and makes it SEQUENCE { that, algorithm, signature }. -E2BIG,
 * -EIO. */
int der_sign(struct der_writer *w, const struct crypto_key *key) MUST_CHECK;
