/* What the files of the secured channel share. Internal to common/crypto. */
#pragma once

#include "common/crypto/mbedtls_compat.h"

#include "common/crypto/tls.h"
#include "common/crypto/x509.h"

#include <mbedtls/ssl.h>

#if !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE) || !defined(MBEDTLS_SSL_ALPN)
#error "mbedTLS must be built with ALPN and keep the peer's certificate"
#endif

#define TLS_TICKET_LIFETIME_MAX_S (12U * 3600) /* ARCHITECTURE.md, D-TICKETS */
#define TLS_DETAIL_MAX_BYTES      224
#define TLS_ALERT_NONE            (-1)

/* What one call reads at most, about four records: then the caller's loop has its turn, with its
 * timers. The library itself reads on for as long as there are alerts, empty records and tickets. */
#define TLS_CALL_MAX_BYTES (64U * 1024)

enum tls_role {
	TLS_CLIENT,
	TLS_SERVER,
	TLS_PROBE, /* a client that trusts nobody and only looks */
};

struct tls {
	enum tls_role role;
	mbedtls_ssl_config conf;
	mbedtls_ssl_context ssl;
	mbedtls_x509_crt own, trusted;
	mbedtls_pk_context key;
	struct tls_transport transport;
	struct tls_policy policy;
	const char *alpn[4]; /* literals; what we offer or accept, NULL at its end */

	uint8_t exported[TLS_BINDING_BYTES]; /* tls_export.c */
	bool has_exported;

	bool done;            /* handshake finished and checked */
	bool closing, closed; /* tls_close was called; our close_notify is out */
	int error;            /* once broken: what every further call answers */
	short wants;
	enum crypto_fault fault;
	int alert; /* that came; 0 none */
	char detail[TLS_DETAIL_MAX_BYTES];
	bool detail_is_code; /* an alert, or the library's number */

	/*
	 * The peer, by its end entity certificate: from the handshake, or from a resumed session.
	 */
	struct crypto_der peer;
	bool verified; /* the verify callback admitted it, in this handshake */
	bool resumed;  /* a session's peer was taken over */
	enum crypto_fault verify_fault;
	uint32_t verify_flags; /* of all certificates of the chain so far */

	/* Client and probe */
	char server_name[CRYPTO_NAME_MAX_BYTES];
	struct crypto_der session_peer; /* of the session that we offered */
	uint8_t binding[32];            /* what a stored session belongs to */
	struct crypto_der found[CRYPTO_CHAIN_MAX];
	size_t found_len;

	/* Server */
	tls_admit_fn admit;
	void *admit_user;
	struct tls_keeper keeper;
	void *keeper_user;
	int64_t ticket_expires_s; /* of the resumed session: a new ticket lives no longer */

	/* A record that was taken but is not out: mbedTLS must get the same bytes again. */
	uint8_t record[TLS_RECORD_MAX_BYTES];
	size_t record_len, record_at;

	size_t budget_bytes; /* that this call may still read */
	uint64_t bytes_in, bytes_out;
	char suite[64];
	tls_step_fn step;
	void *step_user;
	uint64_t start_us;
};

/* policy.c: versions, suites, groups and signatures of conf. -ENOTSUP when the policy leaves no
 * version. */
int tls_policy_apply(mbedtls_ssl_config *conf, const struct tls_policy *policy) MUST_CHECK;
/* Our literal for a protocol's name, or NULL. */
const char *tls_policy_alpn(const char *name);
/* IANA's name of a suite that the policy has, by mbedTLS's; NULL for any other. */
const char *tls_policy_suite(const char *mbedtls_name);
bool tls_policy_version_ok(const char *name, const struct tls_policy *policy);

/* tls.c: everything that both ends and the probe share. */
int tls_create(struct tls **out, enum tls_role role, const struct tls_policy *policy,
	const struct tls_transport *transport) MUST_CHECK;
int tls_use_identity(struct tls *t, const struct tls_identity *identity) MUST_CHECK;
int tls_start(struct tls *t) MUST_CHECK;         /* after conf is complete */
int tls_handshake_run(struct tls *t) MUST_CHECK; /* 0, -EAGAIN, or mbedTLS's number as it is */

/* tls_verify.c: the one verification of peers. */
int tls_verify(void *user, mbedtls_x509_crt *crt, int depth, uint32_t *flags);
/* After the handshake: all again, for full and resumed ones. */
enum crypto_fault tls_verify_final(struct tls *t);

/* tls_export.c: before the handshake, and after it. -ENOTSUP: the library gave nothing. */
void tls_export_prepare(struct tls *t);
int tls_export(struct tls *t) MUST_CHECK;

/* tls_fault.c */
int tls_fail(struct tls *t, int mbedtls_error); /* ends the channel; the errno to answer */
int tls_fail_with(struct tls *t, enum crypto_fault fault, const char *detail);

/* tls_ticket.c: mbedTLS's callbacks; user is the channel. */
bool tls_ticket_enabled(const struct tls *t);
int tls_ticket_write(void *user, const mbedtls_ssl_session *session, unsigned char *start,
	const unsigned char *end, size_t *len, uint32_t *lifetime_s);
int tls_ticket_parse(void *user, mbedtls_ssl_session *session, unsigned char *bytes, size_t len);
/* After each step of a server: in TLS 1.2 the library leaves a client with the ticket that it came
 * by, and ours are good once. It has a new one made. */
void tls_ticket_renew(struct tls *t);
