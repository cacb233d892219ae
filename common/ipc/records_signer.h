/*
 * Records between the supervisor and the signer. supervisor -> signer: SIGN. signer -> supervisor:
 * one SIGNED to each, LOG.
 */
#pragma once

#include "common/ipc/records.h"

enum record_sign_kind { RECORD_SIGN_ENROLL = 0, RECORD_SIGN_RENEW = 1 };

struct record_sign {
	uint32_t request; /* comes back in the answer */
	uint8_t kind;     /* enum record_sign_kind */
	/* ENROLL: of the invitation; RENEW: of the device's present certificate. */
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES];
	struct record_blob csr;
	char label[WIRE_NAME_MAX_BYTES];
	/* ENROLL: the supervisor's nonce, and the invitation's signature over it and the request. */
	uint8_t nonce[WIRE_NONCE_BYTES];
	struct record_blob proof;
};

struct record_signed {
	uint32_t request;
	uint16_t code; /* 0: signed; else why not (enum wire_goodbye_code) */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
	struct record_blob cert, ca;
	char device[WIRE_NAME_MAX_BYTES];
};

struct signer_record {
	enum record_type type;
	union {
		struct record_sign sign;
		struct record_signed signed_reply;
		struct record_log log;
	};
};

extern const struct record_set signer_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int signer_record_send(
	struct ipc_channel *c, const struct signer_record *record, int fd)
{
	return record_send(c, &signer_records, record, fd);
}

static inline MUST_CHECK int signer_record_receive(
	struct ipc_channel *c, struct signer_record *out, int *fd)
{
	return record_receive(c, &signer_records, out, fd);
}
