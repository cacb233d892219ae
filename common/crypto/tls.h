/*
 * The one secured channel: mutual TLS 1.2 or 1.3 over callbacks of the caller, non-blocking,
 * without a descriptor of its own. Versions, suites, groups, signatures: the table in policy.c
 * (ARCHITECTURE.md, D-POLICY).
 *
 * Both ends demand and verify a certificate, and there is no way to switch that off. After the
 * handshake the channel checks once more that the peer's certificate is there, verified, and for
 * the right purpose and name, and that ALPN, version and suite are as agreed. Only then does
 * tls_handshake succeed.
 */
#pragma once

#include "common/crypto/cert.h"

#define TLS_RECORD_MAX_BYTES  16384 /* RFC 8446, 5.1 */
#define TLS_SESSION_MAX_BYTES 8192  /* a client's stored session */

#define TLS_ALPN_SESSION "farseat/1"
#define TLS_ALPN_ENROLL  "farseat-enroll/2"
/* Enrolment without a second proof, as laptops did it before: a client falls back to it where the
 * server is older, a server takes it to say what is wrong. */
#define TLS_ALPN_ENROLL_UNPROVEN "farseat-enroll/1"

/* Whether it is one of the two for enrolment. */
bool tls_alpn_enrolls(const char *alpn);

/* Moves bytes: how many, 0 at the end of the stream (read only), -EAGAIN, other -errno. */
struct tls_transport {
	ssize_t (*read)(void *user, uint8_t *bytes, size_t len);
	ssize_t (*write)(void *user, const uint8_t *bytes, size_t len);
	void *user;
};

/*
 * Plain descriptors: user is an int *. Never closes nor shuts down (ARCHITECTURE.md, D-TRANSPORT).
 */
extern const struct tls_transport tls_transport_fd;

/* What a worker asks its supervisor about a certificate, at each handshake and each resumption.
 * CRYPTO_OK admits; of an invitation it says that it is pending. */
typedef enum crypto_fault (*tls_admit_fn)(
	void *user, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES], const char *alpn);

struct tls_policy {
	/* Both true by default; TLS 1.3 only where the library has it. */
	bool allow_tls12, allow_tls13;
	bool resumption;
	uint32_t ticket_lifetime_s; /* <= 12 h */
};
struct tls_policy tls_policy_default(void);

struct tls_identity {
	/* Own certificate first, then its CA's; borrowed for the call. */
	const struct crypto_der *chain;
	size_t chain_len;
	const uint8_t *key_der; /* borrowed for the call; a server's keeper may have it instead */
	size_t key_der_len;
	/* CAs; borrowed for the call. A server trusts an invitation by what admit says alone. */
	const struct crypto_der *trusted;
	size_t trusted_len;
};

/*
 * Who keeps a server's secrets, so that the process which reads the network has none of them. Each
 * blocks until it is answered. 0, or -errno: it is refused.
 */
struct tls_keeper {
	/* Signs a hash of 32 or 48 bytes by the server's key. NULL: the identity has the key. */
	int (*sign)(void *user, const uint8_t *hash, size_t hash_len,
		uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len);
	/* Seals, and opens, *len bytes in place; size is the room. NULL: no tickets. */
	int (*seal)(void *user, uint8_t *bytes, size_t *len, size_t size);
	int (*open)(void *user, uint8_t *bytes, size_t *len);
};

struct tls_server_config {
	struct tls_identity identity;
	struct tls_policy policy;
	tls_admit_fn admit;
	void *admit_user;
	struct tls_keeper keeper;
	void *keeper_user;
};

struct tls_client_config {
	struct tls_identity identity;
	struct tls_policy policy;
	/* Mandatory: the dNSName that the certificate must have; also the SNI. */
	const char *server_name;
	const char *alpn;
	const uint8_t *session; /* from tls_session_export, or NULL: full handshake */
	size_t session_len;
};

struct tls;

/* Both copy what they need and borrow nothing afterwards. -EINVAL for unusable certificates or keys
 * (logged), -ENOMEM. */
int tls_create_server(struct tls **out, const struct tls_server_config *config,
	const struct tls_transport *transport) MUST_CHECK;
int tls_create_client(struct tls **out, const struct tls_client_config *config,
	const struct tls_transport *transport) MUST_CHECK;

/* Wipes and frees; sends nothing. NULL is fine. */
void tls_destroy(struct tls *t);

/*
 * Goes on with the handshake. 0 when it is done; -EAGAIN: call again when tls_wants says so;
 * -EBADMSG when one end refused the other: tls_fault says why (an alert was sent where one is due);
 * -ECONNRESET, -EPROTO.
 */
int tls_handshake(struct tls *t) MUST_CHECK;

/* What to wait for before the next call: FD_READ, FD_WRITE or both (common/base/fd.h). */
short tls_wants(const struct tls *t);

/*
 * Reads application bytes: count, 0 after the peer's close_notify, -EAGAIN, -EBADMSG (tampered, or
 * a fatal alert: see tls_fault), -ECONNRESET when the stream ended without close_notify.
 */
ssize_t tls_read(struct tls *t, uint8_t *bytes, size_t len) MUST_CHECK;

/* Whether decrypted bytes or a record that was not looked at wait inside: read again before
 * sleeping. */
bool tls_pending(const struct tls *t);

/*
 * Takes len <= TLS_RECORD_MAX_BYTES bytes as one record: 0 when all is with the transport; -EAGAIN
 * when the record was taken into the channel's own memory but is not out yet: call tls_flush when
 * writable, before the next tls_write (which answers -EBUSY until then). Other errors end the
 * channel.
 */
int tls_write(struct tls *t, const uint8_t *bytes, size_t len) MUST_CHECK;
int tls_flush(struct tls *t) MUST_CHECK;

/* Sends close_notify (or, with a fault, the alert that belongs to it). 0, -EAGAIN, errors. */
int tls_close(struct tls *t) MUST_CHECK;

enum crypto_fault tls_fault(const struct tls *t);
/* More about the fault, such as "certificate expired 2026-01-02", the alert's name or the library's
 * number. Never NULL. */
const char *tls_fault_detail(const struct tls *t);
/* Whether that is an alert or the library's number, which tell a person nothing: for the log. */
bool tls_fault_detail_is_code(const struct tls *t);

/* The number of the fatal alert that the peer sent (RFC 8446, 6.2); -1: none came. */
int tls_alert(const struct tls *t);

struct tls_info {
	const char *version; /* "TLSv1.2" */
	const char *suite;   /* IANA name */
	const char *group;   /* or "" where the library does not tell */
	const char *alpn;
	bool resumed;
	uint64_t bytes_in, bytes_out; /* application bytes */
	struct crypto_cert_info peer; /* of the ticket's session when resumed */
};
void tls_info(const struct tls *t, struct tls_info *out);

/*
 * What this connection has at both of its ends and no other connection has, a resumed one neither:
 * the second proof is bound to it (common/crypto/proof.h). -EINVAL before the handshake is done.
 */
#define TLS_BINDING_BYTES 32
int tls_binding(const struct tls *t, uint8_t out[static TLS_BINDING_BYTES]) MUST_CHECK;

/* Told of each step of the handshake as it happens, for `farseat doctor`: step is a name such as
 * "server certificate", at_us microseconds since the start. */
typedef void (*tls_step_fn)(void *user, const char *step, uint64_t at_us);
void tls_on_step(struct tls *t, tls_step_fn fn, void *user);

/* The client's session for resumption, once the server has sent a ticket. -ENOENT when there is
 * none (yet). It is secret: keep it in a file of mode 0600. */
int tls_session_export(struct tls *t, uint8_t *out, size_t size, size_t *len) MUST_CHECK;

/*
 * Fetches the chain that a server presents, by a handshake that always fails, since it trusts
 * nobody. The caller picks the CA by its key's hash (an invitation's), then connects strictly. 0
 * when the chain is there (*chain_len <= CRYPTO_CHAIN_MAX), -EAGAIN, -EPROTO. Use:
 * tls_create_probe; tls_probe until it is not -EAGAIN (tls_wants); tls_destroy.
 */
int tls_create_probe(struct tls **out, const char *server_name, const char *alpn,
	const struct tls_transport *transport) MUST_CHECK;
int tls_probe(struct tls *t, struct crypto_der chain[static CRYPTO_CHAIN_MAX],
	size_t *chain_len) MUST_CHECK;
