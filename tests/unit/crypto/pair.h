/* Two ends of a channel in one process, over two queues that a test can narrow, cut and spoil. */
#pragma once

#include "common/base/buffer.h"
#include "common/crypto/ticket_seal.h"
#include "common/crypto/tls.h"

#define PAIR_SERVER_NAME "office" CRYPTO_SERVER_SUFFIX
#define PAIR_DEVICE_NAME "farseat:device:123e4567-e89b-12d3-a456-426614174000"

/* One direction. */
struct pipe_queue {
	struct buffer bytes;
	size_t limit; /* at most so many at once; 0: no limit */
	size_t room;  /* writes wait when so many are inside; 0: no limit */
	bool closed;
	size_t total; /* bytes that went in */
	/*
	 * Spoils this byte of all that goes in (counted from 1), or the next where it is of a
	 * record's version: that is outside of what is authenticated in the handshake, and nobody
	 * reads it (RFC 8446, 5.1).
	 */
	size_t flip_at;
	size_t record_at, record_len; /* where in a record (RFC 5246, 6.2.1) the next byte is */
};

struct pipe_end {
	struct pipe_queue *in, *out;
};

/* Somebody's key and certificates. */
struct person {
	struct crypto_key *key;
	uint8_t key_der[CRYPTO_KEY_DER_MAX_BYTES];
	size_t key_der_len;
	struct crypto_der chain[2];
	size_t chain_len;
};

struct world {
	struct person ca, other_ca, server, device, invited;
	struct crypto_der trusted[1]; /* the CA */
	int64_t now_s;
};

struct pair {
	struct pipe_queue to_server, to_client;
	struct pipe_end server_end, client_end;
	struct tls_server_config server_config;
	uint8_t ticket_keys[2][TICKET_KEY_BYTES]; /* of its keeper */
	const struct crypto_key
		*remote; /* whose keeper signs; the identity's key is not looked at */
	unsigned signatures, tickets_sealed;
	struct tls_client_config client_config;
	struct tls *server, *client;
	int server_result, client_result;
	enum crypto_fault admit_answer;
	unsigned admit_calls;
	uint8_t admit_fingerprint[CRYPTO_FINGERPRINT_BYTES];
	char admit_alpn[32];
};

void world_make(struct world *w);
void world_free(struct world *w);

/* A certificate for key by ca; days and not_before_s as in crypto_cert_request. */
void person_certify(struct person *p, const struct person *ca, enum crypto_purpose purpose,
	const char *name, int64_t days, int64_t not_before_s);
void person_make(struct person *p);
void person_free(struct person *p);

/* from again, with these bytes of its signed part replaced by others, signed by the CA as if it had
 * meant it. */
void cert_forge(const struct crypto_key *ca_key, const struct crypto_der *from, const void *old,
	const void *new, size_t len, struct crypto_der *out);

/* Both configurations as they should be; a test changes what it is about, then starts. */
/* A keeper's way to sign (struct tls_keeper), by p->remote; without one it refuses. */
int pair_sign(void *pair, const uint8_t *hash, size_t hash_len,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len);

void pair_init(struct pair *p, const struct world *w);
void pair_use(struct tls_identity *identity, const struct person *person);
void pair_start(struct pair *p);
void pair_transport(struct tls_transport *out, struct pipe_end *end);

/* Until both are done or failed; results stand in the pair. */
void pair_handshake(struct pair *p);
void pair_finish(struct pair *p);
