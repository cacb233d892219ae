/* Bytes through the channel once it stands. At most one record waits inside, in the channel's own
 * memory. */
#include "common/crypto/tls_internal.h"

#include "common/base/fd.h"

#include <errno.h>
#include <string.h>

static ssize_t read_fd(void *user, uint8_t *bytes, size_t len)
{
	const int *fd = user;
	size_t got = 0;
	int r = fd_read(*fd, bytes, len, &got);

	return r < 0 ? r : (ssize_t)got;
}

static ssize_t write_fd(void *user, const uint8_t *bytes, size_t len)
{
	const int *fd = user;
	size_t put = 0;
	int r = fd_write(*fd, bytes, len, &put);

	return r < 0 ? r : (ssize_t)put;
}

const struct tls_transport tls_transport_fd = { .read = read_fd, .write = write_fd };

/* Whether this number only says to try again; wants is set then. */
static bool try_again(struct tls *t, int m)
{
	if (m == MBEDTLS_ERR_SSL_WANT_READ)
		t->wants = FD_READ;
	else if (m == MBEDTLS_ERR_SSL_WANT_WRITE)
		t->wants = FD_READ | FD_WRITE;
	else
		return false;
	return true;
}

static bool is_ticket(int m)
{
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
	return m == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
#else
	(void)m;
	return false;
#endif
}

/* TLS 1.3 has seen that a ticket came and leaves it for the next call. */
static bool ticket_waits(const struct tls *t, int m)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
	return m == MBEDTLS_ERR_SSL_WANT_READ &&
	       t->ssl.state == MBEDTLS_SSL_TLS1_3_NEW_SESSION_TICKET &&
	       mbedtls_ssl_check_pending(&t->ssl) != 0;
#else
	(void)t;
	(void)m;
	return false;
#endif
}

short tls_wants(const struct tls *t)
{
	if (!t->done || t->closing)
		return t->wants;
	return t->record_len > 0 ? FD_READ | FD_WRITE : t->wants;
}

ssize_t tls_read(struct tls *t, uint8_t *bytes, size_t len)
{
	if (t->error < 0)
		return t->error;
	if (!t->done || len == 0)
		return -EINVAL;
	int m;
	t->budget_bytes = TLS_CALL_MAX_BYTES;
	do
		m = mbedtls_ssl_read(&t->ssl, bytes, len);
	while (is_ticket(m) || ticket_waits(t, m));
	if (m > 0) {
		t->bytes_in += (uint64_t)m;
		t->wants = FD_READ;
		return m;
	}
	if (try_again(t, m))
		return -EAGAIN;
	if (m == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		return 0;
	/* 0 is the stream's end without close_notify: somebody may have cut it. */
	return tls_fail(t, m == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : m);
}

bool tls_pending(const struct tls *t)
{
	return t->done && (mbedtls_ssl_get_bytes_avail(&t->ssl) > 0 ||
				  mbedtls_ssl_check_pending(&t->ssl) != 0);
}

/* Goes on writing; *at is how far it got. mbedTLS may cut a record where the peer asked for short
 * ones. */
static int write_on(struct tls *t, const uint8_t *bytes, size_t len, size_t *at)
{
	while (*at < len) {
		int m = mbedtls_ssl_write(&t->ssl, bytes + *at, len - *at);
		if (try_again(t, m))
			return -EAGAIN;
		if (m <= 0)
			return tls_fail(t, m == 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : m);
		*at += (size_t)m;
		t->bytes_out += (uint64_t)m;
	}
	return 0;
}

int tls_write(struct tls *t, const uint8_t *bytes, size_t len)
{
	size_t at = 0;

	t->budget_bytes = TLS_CALL_MAX_BYTES; /* to write may need to read */
	if (t->error < 0)
		return t->error;
	if (!t->done || t->closing)
		return -EINVAL;
	if (len > TLS_RECORD_MAX_BYTES)
		return -E2BIG;
	if (t->record_len > 0)
		return -EBUSY;
	int r = write_on(t, bytes, len, &at);
	if (r == -EAGAIN) {
		memcpy(t->record, bytes + at, len - at);
		t->record_len = len - at;
		t->record_at = 0;
	}
	return r;
}

int tls_flush(struct tls *t)
{
	t->budget_bytes = TLS_CALL_MAX_BYTES;
	if (t->error < 0)
		return t->error;
	if (t->record_len == 0)
		return 0;
	int r = write_on(t, t->record, t->record_len, &t->record_at);
	if (r == 0) {
		secure_wipe(t->record, t->record_len);
		t->record_len = 0;
		t->wants = FD_READ;
	}
	return r;
}

int tls_close(struct tls *t)
{
	if (t->closed)
		return 0;
	if (t->error == 0 && t->record_len > 0) {
		int r = tls_flush(t);
		if (r < 0)
			return r;
	}
	t->closing = true;
	/* After a fault only the alert that waits goes out. The library flushes first, and then
	 * alone. */
	bool only_flush = t->error < 0 || !t->done;
	int m = only_flush && t->ssl.out_left == 0 ? 0 : mbedtls_ssl_close_notify(&t->ssl);
	if (m == MBEDTLS_ERR_SSL_WANT_WRITE || m == MBEDTLS_ERR_SSL_WANT_READ) {
		t->wants = FD_WRITE;
		return -EAGAIN;
	}
	if (m == 0 && !only_flush && t->ssl.out_left > 0) {
		t->wants = FD_WRITE;
		return -EAGAIN;
	}
	t->closed = true;
	return m == 0 ? 0 : -ECONNRESET;
}
