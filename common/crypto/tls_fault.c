/*
 * From mbedTLS's numbers and the peer's alerts to our faults. A channel that failed once stays
 * failed: every further call answers the same.
 */
#include "common/crypto/tls_internal.h"

#include <errno.h>
#include <mbedtls/net_sockets.h>
#include <stdio.h>

/* RFC 5246, 7.2 and RFC 8446, 6.2. */
static const struct {
	int number;
	const char *name;
	enum crypto_fault fault; /* when the peer sends it */
} alerts[] = {
	{ 10, "unexpected_message", CRYPTO_REFUSED },
	{ 20, "bad_record_mac", CRYPTO_TAMPERED },
	{ 22, "record_overflow", CRYPTO_REFUSED },
	{ 40, "handshake_failure", CRYPTO_NO_COMMON_SUITE },
	{ 42, "bad_certificate", CRYPTO_REFUSED },
	{ 43, "unsupported_certificate", CRYPTO_REFUSED },
	{ 44, "certificate_revoked", CRYPTO_REFUSED },
	{ 45, "certificate_expired", CRYPTO_REFUSED },
	{ 46, "certificate_unknown", CRYPTO_REFUSED },
	{ 47, "illegal_parameter", CRYPTO_REFUSED },
	{ 48, "unknown_ca", CRYPTO_REFUSED },
	{ 49, "access_denied", CRYPTO_REFUSED },
	{ 50, "decode_error", CRYPTO_REFUSED },
	{ 51, "decrypt_error", CRYPTO_TAMPERED },
	{ 70, "protocol_version", CRYPTO_WRONG_VERSION },
	{ 71, "insufficient_security", CRYPTO_NO_COMMON_SUITE },
	{ 80, "internal_error", CRYPTO_REFUSED },
	{ 90, "user_canceled", CRYPTO_REFUSED },
	{ 112, "unrecognized_name", CRYPTO_REFUSED },
	{ 116, "certificate_required", CRYPTO_REFUSED },
	{ 120, "no_application_protocol", CRYPTO_WRONG_PROTOCOL },
};

static const struct {
	int number;
	enum crypto_fault fault;
} errors[] = {
	{ MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, CRYPTO_NO_CERTIFICATE },
	{ MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED, CRYPTO_UNKNOWN_CA }, /* a probe's: it trusts nobody */
	{ MBEDTLS_ERR_SSL_CONN_EOF, CRYPTO_CLOSED },
	{ MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, CRYPTO_CLOSED },
	{ MBEDTLS_ERR_NET_CONN_RESET, CRYPTO_CLOSED },
	{ MBEDTLS_ERR_NET_SEND_FAILED, CRYPTO_CLOSED },
	{ MBEDTLS_ERR_NET_RECV_FAILED, CRYPTO_CLOSED },
	{ MBEDTLS_ERR_SSL_INVALID_MAC, CRYPTO_TAMPERED },
	{ MBEDTLS_ERR_ECP_VERIFY_FAILED, CRYPTO_TAMPERED },
	{ MBEDTLS_ERR_SSL_ALLOC_FAILED, CRYPTO_INTERNAL },
	{ MBEDTLS_ERR_X509_ALLOC_FAILED, CRYPTO_INTERNAL },
	{ MBEDTLS_ERR_PK_ALLOC_FAILED, CRYPTO_INTERNAL },
	{ MBEDTLS_ERR_ECP_ALLOC_FAILED, CRYPTO_INTERNAL },
	{ MBEDTLS_ERR_MPI_ALLOC_FAILED, CRYPTO_INTERNAL },
	{ MBEDTLS_ERR_SSL_INTERNAL_ERROR, CRYPTO_INTERNAL },
#if MBEDTLS_VERSION_MAJOR < 3
	{ MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN, CRYPTO_NO_COMMON_SUITE },
	{ MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE, CRYPTO_NO_COMMON_SUITE },
	{ MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION, CRYPTO_WRONG_VERSION },
	{ MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE_VERIFY, CRYPTO_TAMPERED },
	{ MBEDTLS_ERR_SSL_BAD_HS_FINISHED, CRYPTO_TAMPERED },
#else
	{ MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, CRYPTO_NO_COMMON_SUITE },
	{ MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, CRYPTO_WRONG_VERSION },
	{ MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL, CRYPTO_WRONG_PROTOCOL },
#endif
};

static enum crypto_fault alert_received(struct tls *t, int number)
{
	t->alert = number;
	t->detail_is_code = true;
	for (size_t i = 0; i < ARRAY_LEN(alerts); i++) {
		if (alerts[i].number == number) {
			snprintf(t->detail, sizeof(t->detail), "alert %d %s", number,
				alerts[i].name);
			return alerts[i].fault;
		}
	}
	snprintf(t->detail, sizeof(t->detail), "alert %d", number);
	return CRYPTO_REFUSED;
}

/* mbedTLS 2.28 gives one number for many faults of a hello: the alert that it sent tells which. */
static bool sent_no_application_protocol(const struct tls *t)
{
#if MBEDTLS_VERSION_MAJOR < 3
	return t->ssl.state < MBEDTLS_SSL_CLIENT_CHANGE_CIPHER_SPEC && t->ssl.out_msg &&
	       t->ssl.out_msgtype == MBEDTLS_SSL_MSG_ALERT &&
	       t->ssl.out_msg[1] == MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL;
#else
	(void)t;
	return false;
#endif
}

/*
 * mbedTLS 3.6 as a TLS 1.3 client refuses a server's certificate by an alert in the clear, since it
 * has no keys for it yet. Its number, or -1. An attacker who forges such an alert ends the
 * handshake, as any other byte would; only the reason that is shown depends on it.
 */
static int plain_alert(const struct tls *t)
{
	const unsigned char *record = t->ssl.in_hdr;

	if (t->done || t->role != TLS_SERVER || !record || record[0] != MBEDTLS_SSL_MSG_ALERT ||
		record[3] != 0 || record[4] != 2)
		return -1;
	return record[6];
}

static enum crypto_fault fault_of(struct tls *t, int number)
{
	if (number == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
		return alert_received(t, t->ssl.in_msg ? t->ssl.in_msg[1] : 0);
	if (number == MBEDTLS_ERR_SSL_INVALID_MAC && plain_alert(t) >= 0)
		return alert_received(t, plain_alert(t));
	if (number == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return t->verify_fault != CRYPTO_OK ? t->verify_fault : CRYPTO_UNKNOWN_CA;
	if (sent_no_application_protocol(t))
		return CRYPTO_WRONG_PROTOCOL;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].number == number)
			return errors[i].fault;
	return CRYPTO_MALFORMED;
}

static int errno_of(enum crypto_fault fault)
{
	if (fault == CRYPTO_CLOSED)
		return -ECONNRESET;
	if (fault == CRYPTO_MALFORMED)
		return -EPROTO;
	return fault == CRYPTO_INTERNAL ? -EIO : -EBADMSG;
}

/* For faults that the library leaves without an alert, or that only we find. */
static int alert_of(enum crypto_fault fault)
{
	if (fault == CRYPTO_NO_CERTIFICATE)
		return 116;
	if (fault == CRYPTO_WRONG_PROTOCOL)
		return MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL;
	if (fault == CRYPTO_WRONG_VERSION)
		return MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION;
	if (fault == CRYPTO_EXPIRED || fault == CRYPTO_NOT_YET_VALID)
		return MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED;
	if (fault == CRYPTO_NOT_ADMITTED || fault == CRYPTO_REVOKED)
		return MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED;
	if (fault == CRYPTO_WRONG_PURPOSE || fault == CRYPTO_WRONG_NAME)
		return MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
	if (fault == CRYPTO_NO_COMMON_SUITE)
		return MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE;
	return fault == CRYPTO_INTERNAL ? MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR : TLS_ALERT_NONE;
}

static void send_alert(struct tls *t, int number)
{
	/* Best effort: tls_close tries again to send what cannot go out now. */
	if (number != TLS_ALERT_NONE)
		(void)mbedtls_ssl_send_alert_message(
			&t->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, (unsigned char)number);
}

static int end_with(struct tls *t, enum crypto_fault fault, const char *detail)
{
	t->done = false;
	t->fault = fault;
	if (t->detail[0] == '\0') {
		snprintf(t->detail, sizeof(t->detail), "%s", detail);
		t->detail_is_code = true;
	}
	t->error = errno_of(fault);
	secure_wipe(t->record, sizeof(t->record));
	t->record_len = 0;
	return t->error;
}

int tls_fail_with(struct tls *t, enum crypto_fault fault, const char *detail)
{
	send_alert(t, alert_of(fault));
	return end_with(t, fault, detail);
}

int tls_fail(struct tls *t, int mbedtls_error)
{
	char number[32];
	enum crypto_fault fault = fault_of(t, mbedtls_error);

	snprintf(number, sizeof(number), "mbedTLS -0x%04x", (unsigned)-mbedtls_error);
	if (fault == CRYPTO_NO_CERTIFICATE)
		send_alert(t, alert_of(fault));
	return end_with(t, fault, number);
}

enum crypto_fault tls_fault(const struct tls *t)
{
	return t->fault;
}

int tls_alert(const struct tls *t)
{
	/* 0 is close_notify, which is no fault: a zeroed channel has had none. */
	return t->alert > 0 ? t->alert : -1;
}

const char *tls_fault_detail(const struct tls *t)
{
	return t->detail;
}

bool tls_fault_detail_is_code(const struct tls *t)
{
	return t->detail_is_code;
}
