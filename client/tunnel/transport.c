/*
 * A libssh2 session over the transport. libssh2 never sees a full socket: what the socket does not
 * take waits here. So a packet is never sent in parts across calls, which libssh2 bears only while
 * nothing else (a window's opening, a key exchange) has to be sent meanwhile.
 */
#include "client/tunnel/tunnel.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/net_tune.h"

#include <errno.h>
#include <string.h>

static ssize_t on_send(
	libssh2_socket_t socket, const void *bytes, size_t len, int flags, void **abstract)
{
	struct tunnel *t = *abstract;
	size_t sent = 0;

	(void)flags;                  /* SIGPIPE is avoided without them */
	if (socket != t->transport) { /* the agent's: libssh2 talks to it by the same functions */
		int r = fd_write(socket, bytes, len, &sent);
		return r < 0 ? r : (ssize_t)sent;
	}
	if (t->out.len == 0) {
		int r = fd_write(t->transport, bytes, len, &sent);
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	if (sent < len) {
		int r = buffer_append(&t->out, (const uint8_t *)bytes + sent, len - sent);
		if (r < 0)
			return r;
	}
	return (ssize_t)len;
}

static ssize_t take_in(struct tunnel *t, void *bytes, size_t len)
{
	len = MIN(len, t->in.len);
	memcpy(bytes, buffer_front(&t->in), len);
	buffer_consume(&t->in, len);
	return (ssize_t)len;
}

static ssize_t on_receive(
	libssh2_socket_t socket, void *bytes, size_t len, int flags, void **abstract)
{
	struct tunnel *t = *abstract;
	uint8_t *to = NULL;
	size_t got = 0;

	(void)flags;
	if (socket != t->transport) {
		int r = fd_read(socket, bytes, len, &got);
		return r < 0 ? r : (ssize_t)got;
	}
	if (t->in.len > 0)
		return take_in(t, bytes, len);
	if (t->in_budget == 0)
		return -EAGAIN;
	int r = buffer_reserve(&t->in, TUNNEL_IN_BYTES, &to);
	if (r == 0)
		r = fd_read(t->transport, to, MIN(TUNNEL_IN_BYTES, t->in_budget), &got);
	if (r < 0 && r != -EAGAIN)
		t->lost = -r;
	if (r < 0)
		return r;
	if (got == 0) {
		t->lost = ECONNRESET;
		return 0;
	}
	t->in_budget -= got;
	t->heard_ms = clock_now_ms();
	t->unacknowledged = true;
	buffer_commit(&t->in, got);
	return take_in(t, bytes, len);
}

/* The SSH server says goodbye: libssh2 reads no further, and few of its calls say why. */
static void on_disconnect(LIBSSH2_SESSION *session, int reason, const char *message,
	int message_len, const char *language, int language_len, void **abstract)
{
	struct tunnel *t = *abstract;

	(void)session;
	(void)reason;
	(void)message;
	(void)message_len;
	(void)language;
	(void)language_len;
	t->lost = ECONNRESET;
}

static void set_callbacks(LIBSSH2_SESSION *session)
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(
		session, LIBSSH2_CALLBACK_SEND, (libssh2_cb_generic *)on_send);
	libssh2_session_callback_set2(
		session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic *)on_receive);
	libssh2_session_callback_set2(
		session, LIBSSH2_CALLBACK_DISCONNECT, (libssh2_cb_generic *)on_disconnect);
#else
	/* Before 1.11.1 functions travel as data pointers, which POSIX allows and C does not. */
	union {
		ssize_t (*send)(libssh2_socket_t, const void *, size_t, int, void **);
		ssize_t (*receive)(libssh2_socket_t, void *, size_t, int, void **);
		void (*disconnect)(
			LIBSSH2_SESSION *, int, const char *, int, const char *, int, void **);
		void *data;
	} fn = { .send = on_send };
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, fn.data);
	fn.receive = on_receive;
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, fn.data);
	fn.disconnect = on_disconnect;
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_DISCONNECT, fn.data);
#endif
}

int tunnel_session_init(struct tunnel *t)
{
	int r = libssh2_init(0);

	if (r == 0)
		t->session = libssh2_session_init_ex(NULL, NULL, NULL, t);
	if (!t->session)
		return -ENOMEM;
	buffer_init(&t->out, TUNNEL_OUT_MAX_BYTES);
	buffer_init(&t->in, TUNNEL_IN_BYTES);
	set_callbacks(t->session);
	libssh2_session_set_blocking(t->session, 0);
	return 0;
}

void tunnel_session_finish(struct tunnel *t)
{
	if (t->agent)
		libssh2_agent_free(t->agent);
	t->agent = NULL;
	/* Never waits: what cannot be sent at once is dropped. */
	if (t->session && !t->failed && libssh2_session_disconnect(t->session, "bye") == 0 &&
		tunnel_flush(t) < 0)
		t->failed = true;
	if (t->session)
		libssh2_session_free(t->session);
	t->session = NULL;
	buffer_wipe_finish(&t->out);
	buffer_wipe_finish(&t->in);
}

int tunnel_flush(struct tunnel *t)
{
	while (t->out.len > 0) {
		size_t put = 0;
		int r = fd_write(t->transport, buffer_front(&t->out), t->out.len, &put);
		if (r < 0)
			return r == -EAGAIN ? 0 : r;
		buffer_consume(&t->out, put);
	}
	return 0;
}

void tunnel_acknowledge(struct tunnel *t)
{
	if (t->is_tcp && t->unacknowledged)
		net_acknowledge(t->transport);
	t->unacknowledged = false;
}

int tunnel_wait(struct tunnel *t, uint64_t until_ms)
{
	uint64_t now = clock_now_ms();
	struct fd_poll p[] = {
		{ .fd = t->transport, .want = FD_READ },
		{ .fd = t->parent.fd, .want = 0 }, /* only a hangup is awaited */
	};

	if (now >= until_ms)
		return -ETIMEDOUT;
	if (t->out.len > 0)
		p[0].want |= FD_WRITE;
	int r = fd_wait(p, ARRAY_LEN(p), (int)(until_ms - now));
	if (r < 0 && r != -EINTR)
		return r;
	if (p[1].got & FD_END)
		return -EPIPE;
	t->in_budget = SIZE_MAX;
	return tunnel_flush(t);
}
