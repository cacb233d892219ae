/*
 * What runs through the login: one stream (CONNECT, RUN), or each connection that a remote forward
 * brings (LISTEN). Ends when the stream does, the session does, or the parent goes.
 */
#include "client/tunnel/stream.h"
#include "client/tunnel/tunnel.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/net_tune.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STREAMS_MAX 24 /* connections through a reverse tunnel at once */
/* So much is read and decrypted before the descriptors and other streams get a turn: it stays in the
 * CPU's cache, and the end of a frame does not wait for the beginning of the next ones. */
#define ROUND_BYTES TUNNEL_IN_BYTES
/* Silence after which the SSH server is asked whether it is there, and is taken for lost. Measured
 * on the monotonic clock; libssh2's own counts wall time and never misses an answer. */
#define HEARTBEAT_MS 10000
#define LOST_MS      20000
#define STALLED_MS   10
#define LAST_ROUNDS  64
#define TALK_BYTES   1000 /* of a command's standard error, its end */
/* Kernel buffers of a forwarded connection's stream: small, since old pictures would wait there. */
#define STREAM_SEND_BYTES (128 * 1024)

struct pump {
	struct tunnel *t;
	struct stream streams[STREAMS_MAX];
	size_t count;
	LIBSSH2_LISTENER *listener; /* LISTEN */
	unsigned long window_bytes; /* of each stream */
	uint64_t asked_ms;          /* a heartbeat was sent, and nothing was heard since; 0: no */
};

/* ---- opening ---- */

/* Calls of libssh2 that make something answer NULL for "again". */
#define OPEN(t, result, call)                                                                      \
	do {                                                                                       \
		uint64_t until_ms_ = clock_now_ms() + TUNNEL_HANDSHAKE_MS;                         \
		while (!((result) = (call)) &&                                                     \
			libssh2_session_last_errno((t)->session) == LIBSSH2_ERROR_EAGAIN) {        \
			int waited_ = tunnel_wait(t, until_ms_);                                   \
			if (waited_ < 0)                                                           \
				return tunnel_fail_wait(t, waited_);                               \
		}                                                                                  \
	} while (0)

static int add_stream(struct pump *p, LIBSSH2_CHANNEL *channel, int *fd)
{
	int taken = *fd;

	*fd = -1;
	int r = stream_init(&p->streams[p->count], channel, taken, p->window_bytes);
	if (r == 0)
		p->count++;
	return r;
}

static int open_connect(struct pump *p)
{
	struct tunnel *t = p->t;
	uint64_t began_us = clock_now_us();
	LIBSSH2_CHANNEL *channel;

	OPEN(t, channel,
		libssh2_channel_direct_tcpip_ex(
			t->session, t->config.target, (int)t->config.target_port, "127.0.0.1", 0));
	/* A round trip and the server's own dial to the target; better too long than too short. */
	p->window_bytes = stream_window_bytes(clock_now_us() - began_us);
	if (channel)
		return add_stream(p, channel, &t->stream);
	if (libssh2_session_last_errno(t->session) != LIBSSH2_ERROR_CHANNEL_FAILURE)
		return tunnel_fail_ssh(t, "opening a channel");
	/* RFC 4254, 5.1: the server's reason code. libssh2 gives it only as its own words. */
	char *words = NULL;
	(void)libssh2_session_last_error(t->session, &words, NULL, 0);
	if (words && strstr(words, "administratively prohibited"))
		return tunnel_fail(t, RECORD_TUNNEL_FORBIDDEN, false,
			"the SSH server %.80s forbids to forward to %.80s, port %u", t->config.host,
			t->config.target, (unsigned)t->config.target_port);
	return tunnel_fail(t, RECORD_TUNNEL_TARGET, true,
		"the SSH server %.80s does not connect to %.80s, port %u (nobody listens there, or it cannot reach it)",
		t->config.host, t->config.target, (unsigned)t->config.target_port);
}

static int open_command(struct pump *p)
{
	struct tunnel *t = p->t;
	LIBSSH2_CHANNEL *channel;
	int r;

	OPEN(t, channel, libssh2_channel_open_session(t->session));
	if (!channel)
		return tunnel_fail_ssh(t, "opening a channel");
	r = add_stream(p, channel, &t->stream);
	if (r < 0)
		return r;
	TUNNEL_REPEAT(t, r, libssh2_channel_exec(channel, t->config.command));
	if (r != 0)
		return tunnel_fail(t, RECORD_TUNNEL_TARGET, false,
			"the SSH server %.80s does not run commands for us", t->config.host);
	return 0;
}

static int open_forward(struct pump *p)
{
	struct tunnel *t = p->t;
	int port = 0;

	OPEN(t, p->listener,
		libssh2_channel_forward_listen_ex(t->session,
			t->config.target[0] ? t->config.target : NULL, (int)t->config.target_port,
			&port, STREAMS_MAX));
	if (!p->listener)
		return tunnel_fail(t, RECORD_TUNNEL_TARGET, true,
			"the SSH server %.80s does not listen on port %u for us: another tunnel may hold it, or its rules (permitlisten) forbid it",
			t->config.host, (unsigned)t->config.target_port);
	t->open.port = (uint16_t)(port > 0 ? port : t->config.target_port);
	return 0;
}

/* ---- connections through a remote forward ---- */

/* The parent gets the other end of a pair; it is a transport like an accepted socket. */
static int hand_over(struct pump *p, LIBSSH2_CHANNEL *channel)
{
	const struct tunnel_record record = { .type = RECORD_TUNNEL_ACCEPTED };
	int pair[2] = { -1, -1 };

	if (p->count == STREAMS_MAX || fd_pair(pair) < 0 || fd_set_nonblock(pair[0]) < 0 ||
		fd_set_nonblock(pair[1]) < 0) {
		log_warn("too many connections through the tunnel: one was refused");
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		(void)!libssh2_channel_free(channel);
		return 0;
	}
	net_limit_send(pair[1], STREAM_SEND_BYTES);
	int r = add_stream(p, channel, &pair[0]);
	if (r == 0)
		r = tunnel_record_send(&p->t->parent, &record, pair[1]);
	fd_close(&pair[1]);
	return r;
}

static int accept_all(struct pump *p)
{
	LIBSSH2_CHANNEL *channel;
	int moved = 0;

	while ((channel = libssh2_channel_forward_accept(p->listener))) {
		int r = hand_over(p, channel);
		if (r < 0)
			return r;
		moved = 1;
	}
	switch (libssh2_session_last_errno(p->t->session)) {
	case LIBSSH2_ERROR_EAGAIN:
	case LIBSSH2_ERROR_CHANNEL_UNKNOWN: /* none waits */
		return moved;
	default:
		return -ECONNRESET;
	}
}

/* ---- pumping ---- */

static void drop_stream(struct pump *p, size_t i)
{
	stream_finish(&p->streams[i]);
	p->streams[i] = p->streams[--p->count];
	p->streams[p->count] = (struct stream){ .fd = -1 };
}

/* One turn for each: 1 something moved, 0 nothing could, -errno. */
static int pump_round(struct pump *p)
{
	int moved = 0;

	p->t->in_budget = ROUND_BYTES;
	if (p->listener) {
		int r = accept_all(p);
		if (r < 0)
			return r;
		moved |= r;
	}
	for (size_t i = 0; i < p->count; i++) {
		int r = stream_pump(p->t, &p->streams[i]);
		if (r < 0)
			return r;
		moved |= r;
	}
	for (size_t i = p->count; p->listener && i-- > 0;) {
		if (!stream_over(&p->streams[i], clock_now_ms()))
			continue;
		/* Closing one may have read bytes of the others, for which nothing would wake us.
		 */
		drop_stream(p, i);
		moved = 1;
	}
	tunnel_acknowledge(p->t);
	int r = tunnel_flush(p->t);
	if (r == 0 && !moved && p->t->lost)
		r = -p->t->lost;
	return r < 0 ? r : moved;
}

/* Asks the other end for a sign of life after a silence: 0, or -ETIMEDOUT when it gave none. */
static int heartbeat(struct pump *p, uint64_t now)
{
	struct tunnel *t = p->t;
	uint64_t silent_ms = now - t->heard_ms;
	int seconds;

	if (silent_ms < HEARTBEAT_MS) {
		p->asked_ms = 0;
		return 0;
	}
	if (p->asked_ms != 0)
		return now - p->asked_ms >= LOST_MS - HEARTBEAT_MS ? -ETIMEDOUT : 0;
	libssh2_keepalive_config(t->session, 1, 2);
	(void)!libssh2_keepalive_send(t->session, &seconds);
	p->asked_ms = now;
	return tunnel_flush(t);
}

/* Waits until something can move. -EPIPE: the parent is gone. */
static int wait_for_more(struct pump *p)
{
	struct fd_poll fds[2 + STREAMS_MAX];
	struct tunnel *t = p->t;
	bool wants_in = p->listener != NULL;
	int timeout_ms = HEARTBEAT_MS / 10;

	for (size_t i = 0; i < p->count; i++) {
		const struct stream *s = &p->streams[i];
		short events = stream_events(t, s);
		/* Even with no events asked for, poll would report its hangup again and again. */
		fds[2 + i] = (struct fd_poll){ .fd = events ? s->fd : -1, .want = events };
		/* Its input waits for room in the window, which the transport brings. */
		wants_in = wants_in || stream_wants_in(s) || s->up_len > 0;
		if (s->half_since_ms != 0)
			timeout_ms = HEARTBEAT_MS / 100;
		/* A key exchange under way holds it up, and libssh2 may have read what it needs
		 * for that already: nothing would wake us. */
		if (s->up_len > 0)
			timeout_ms = STALLED_MS;
	}
	fds[0] = (struct fd_poll){ .fd = t->transport };
	if (wants_in)
		fds[0].want |= FD_READ;
	if (t->out.len > 0)
		fds[0].want |= FD_WRITE;
	fds[1] = (struct fd_poll){ .fd = t->parent.fd };
	if (ipc_wants_write(&t->parent))
		fds[1].want |= FD_WRITE;
	int ready = fd_wait(fds, 2 + p->count, timeout_ms);
	if (ready < 0)
		return ready == -EINTR ? 0 : ready;
	if (fds[1].got & FD_END)
		return -EPIPE;
	if (fds[1].got & FD_WRITE) {
		int r = ipc_flush(&t->parent);
		return r == -EAGAIN ? 0 : r;
	}
	return 0;
}

static bool over(const struct pump *p)
{
	return !p->listener && stream_over(&p->streams[0], clock_now_ms());
}

/* The parent is gone: what was already said through streams still goes out, as far as it can at
 * once. A worker's last words are among it. */
static void last_rounds(struct pump *p)
{
	for (int i = 0; i < LAST_ROUNDS; i++)
		if (pump_round(p) <= 0)
			return;
}

static int pump_all(struct pump *p)
{
	p->t->heard_ms = clock_now_ms();
	while (!over(p)) {
		int r = pump_round(p);
		if (r == 0)
			r = wait_for_more(p);
		if (r >= 0)
			r = heartbeat(p, clock_now_ms());
		if (r == -EPIPE)
			last_rounds(p);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What a command left: its status, and the end of what it said. */
static int tell_exit(struct pump *p, const struct buffer *talk)
{
	struct tunnel *t = p->t;
	LIBSSH2_CHANNEL *channel = p->streams[0].channel;
	struct tunnel_record record = { .type = RECORD_TUNNEL_EXITED };
	size_t len = talk->len;
	int r;

	TUNNEL_REPEAT(t, r, libssh2_channel_wait_closed(channel));
	int status = r == 0 ? libssh2_channel_get_exit_status(channel) : 255;
	record.tunnel_exited.status = (uint8_t)(status & 255);
	tunnel_clean(record.tunnel_exited.talk, sizeof(record.tunnel_exited.talk),
		buffer_front(talk), len);
	return tunnel_record_send(&t->parent, &record, -1);
}

static int say_open(struct tunnel *t)
{
	struct tunnel_record record = { .type = RECORD_TUNNEL_OPEN, .tunnel_open = t->open };

	tunnel_step(t, "SSH channel",
		t->config.mode == RECORD_TUNNEL_RUN ? "command" : t->config.target);
	return tunnel_record_send(&t->parent, &record, -1);
}

static int pump_start(struct pump *p, struct buffer *talk)
{
	int r;

	switch (p->t->config.mode) {
	case RECORD_TUNNEL_CONNECT:
		r = open_connect(p);
		break;
	case RECORD_TUNNEL_RUN:
		r = open_command(p);
		if (r == 0)
			p->streams[0].talk = talk;
		break;
	default:
		r = open_forward(p);
		break;
	}
	return r < 0 ? r : say_open(p->t);
}

int tunnel_pump(struct tunnel *t)
{
	static struct pump p; /* one for each process, as what it gathers */
	static struct buffer talk;

	p.t = t;
	p.window_bytes = STREAM_WINDOW_LEAST_BYTES;
	buffer_init(&talk, TALK_BYTES);
	int r = pump_start(&p, &talk);
	if (r == 0) {
		r = pump_all(&p);
		if (r == 0 && t->config.mode == RECORD_TUNNEL_RUN)
			r = tell_exit(&p, &talk);
		else if (r < 0)
			r = tunnel_fail_wait(t, r);
	}
	while (p.count > 0)
		drop_stream(&p, p.count - 1);
	buffer_finish(&talk);
	return r;
}
