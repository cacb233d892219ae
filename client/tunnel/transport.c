/*
 * A libssh2 session over the transport. libssh2 never sees a full socket: what the socket does not
 * take waits here. So a packet is never sent in parts across calls, which libssh2 bears only while
 * nothing else (a window's opening, a key exchange) has to be sent meanwhile.
 */
#include "client/tunnel/tunnel.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t on_send(
	libssh2_socket_t socket, const void *bytes, size_t len, int flags, void **abstract)
{
	struct tunnel *t = *abstract;
	size_t sent = 0;
	ssize_t n;

	if (socket != t->transport) /* the agent's: libssh2 talks to it by the same functions */
		return (n = send(socket, bytes, len, flags | MSG_NOSIGNAL)) < 0 ? -errno : n;
	if (t->out.len == 0) {
		n = send(t->transport, bytes, len, flags | MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		sent = n > 0 ? (size_t)n : 0;
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
	ssize_t n;

	if (socket != t->transport)
		return (n = recv(socket, bytes, len, flags)) < 0 ? -errno : n;
	if (t->in.len > 0)
		return take_in(t, bytes, len);
	if (t->in_budget == 0)
		return -EAGAIN;
	int r = buffer_reserve(&t->in, TUNNEL_IN_BYTES, &to);
	if (r < 0)
		return r;
	n = recv(t->transport, to, MIN(TUNNEL_IN_BYTES, t->in_budget), flags | MSG_DONTWAIT);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		t->lost = errno;
	else if (n == 0)
		t->lost = ECONNRESET;
	if (n == 0)
		return 0;
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	t->in_budget -= (size_t)n;
	t->heard_ms = clock_now_ms();
	t->unacknowledged = true;
	buffer_commit(&t->in, (size_t)n);
	return take_in(t, bytes, len);
}

static void set_callbacks(LIBSSH2_SESSION *session)
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(
		session, LIBSSH2_CALLBACK_SEND, (libssh2_cb_generic *)on_send);
	libssh2_session_callback_set2(
		session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic *)on_receive);
#else
	/* Before 1.11.1 functions travel as data pointers, which POSIX allows and C does not. */
	union {
		ssize_t (*send)(libssh2_socket_t, const void *, size_t, int, void **);
		ssize_t (*receive)(libssh2_socket_t, void *, size_t, int, void **);
		void *data;
	} fn = { .send = on_send };
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, fn.data);
	fn.receive = on_receive;
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, fn.data);
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
	/* Never waits: what cannot be said any more is not said. */
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
		ssize_t n = send(t->transport, buffer_front(&t->out), t->out.len,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		buffer_consume(&t->out, (size_t)n);
	}
	return 0;
}

void tunnel_acknowledge(struct tunnel *t)
{
	int on = 1;

	if (t->is_tcp && t->unacknowledged)
		(void)!setsockopt(t->transport, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	t->unacknowledged = false;
}

int tunnel_wait(struct tunnel *t, uint64_t until_ms)
{
	uint64_t now = clock_now_ms();
	struct pollfd p[] = {
		{ .fd = t->transport, .events = POLLIN },
		{ .fd = t->parent.fd, .events = 0 }, /* it says nothing unasked; its end is told */
	};

	if (now >= until_ms)
		return -ETIMEDOUT;
	if (t->out.len > 0)
		p[0].events |= POLLOUT;
	if (poll(p, ARRAY_LEN(p), (int)(until_ms - now)) < 0 && errno != EINTR)
		return -errno;
	if (p[1].revents & (POLLHUP | POLLERR))
		return -EPIPE;
	t->in_budget = SIZE_MAX;
	return tunnel_flush(t);
}
