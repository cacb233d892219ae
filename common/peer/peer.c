#include "common/peer/peer.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/peer/heartbeat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void peer_init(struct peer *p, int fd, bool is_server, uint64_t now_ms)
{
	memset(p, 0, sizeof(*p));
	p->fd = fd;
	p->is_server = is_server;
	p->phase = WIRE_PHASE_HELLO;
	p->heard_ms = p->sent_ms = p->pinged_ms = now_ms;
	wire_framer_init(&p->in);
	channels_init(&p->out);
}

struct tls_transport peer_transport(struct peer *p)
{
	struct tls_transport t = tls_transport_fd;

	t.user = &p->fd;
	return t;
}

void peer_set_tls(struct peer *p, struct tls *tls)
{
	p->tls = tls;
}

void peer_set_phase(struct peer *p, enum wire_phase phase)
{
	p->phase = phase;
	p->heard_ms = p->sent_ms = p->pinged_ms = clock_now_ms();
}

void peer_set_source(struct peer *p, enum peer_channel channel, peer_source_fn source, void *user)
{
	channels_set_source(&p->out, channel, source, user);
}

void peer_source_ready(struct peer *p, enum peer_channel channel)
{
	channels_ready(&p->out, channel);
}

void peer_finish(struct peer *p)
{
	tls_destroy(p->tls);
	p->tls = NULL;
	channels_finish(&p->out);
	secure_wipe(p->in.bytes, sizeof(p->in.bytes));
	secure_wipe(p->record, sizeof(p->record));
	fd_close(&p->fd);
}

int peer_handshake(struct peer *p)
{
	return tls_handshake(p->tls);
}

short peer_events(const struct peer *p)
{
	bool writing = p->record_waits || p->held;

	return (short)(tls_wants(p->tls) | FD_READ | (writing ? FD_WRITE : 0));
}

bool peer_pending(const struct peer *p)
{
	return p->tls && tls_pending(p->tls);
}

/* 1: *out is for the owner; 0: it was not, go on. */
static int take_message(struct peer *p, const struct wire_header *header, const uint8_t *payload,
	struct wire_message *out)
{
	if (!wire_allowed(header->type, p->phase, p->is_server)) {
		snprintf(p->fault, sizeof(p->fault), "%s is out of turn",
			wire_type_name(header->type));
		return -EPROTO;
	}
	int r = wire_decode(header, payload, out);
	if (r < 0)
		wire_explain(header, payload, p->fault);
	if (r != 0)
		return r < 0 ? r : 0;
	p->messages_in++;
	r = heartbeat_take(p, out);
	return r < 0 ? r : r == 0;
}

static int refuse_header(struct peer *p)
{
	struct wire_header header;

	wire_framer_refused(&p->in, &header);
	wire_explain(&header, NULL, p->fault);
	return -EPROTO;
}

static int read_more(struct peer *p)
{
	size_t space;
	uint8_t *at = wire_framer_space(&p->in, &space);
	ssize_t n = tls_read(p->tls, at, space);

	if (n == 0)
		return -EPIPE;
	if (n < 0)
		return (int)n;
	wire_framer_filled(&p->in, (size_t)n);
	p->heard_ms = clock_now_ms();
	p->suspect_until_ms = 0;
	return 0;
}

int peer_next(struct peer *p, struct wire_message *out)
{
	for (;;) {
		struct wire_header header;
		const uint8_t *payload;
		int r = wire_framer_next(&p->in, &header, &payload);
		if (r == 0)
			r = read_more(p);
		else if (r > 0)
			r = take_message(p, &header, payload, out);
		else
			r = refuse_header(p);
		if (r != 0)
			return r;
	}
}

int peer_send_on(struct peer *p, enum peer_channel channel, const struct wire_message *message)
{
	int len = wire_encode(message, p->record);

	return len < 0 ? len : channels_queue(&p->out, channel, p->record, (size_t)len);
}

int peer_send(struct peer *p, const struct wire_message *message)
{
	return peer_send_on(p, PEER_CONTROL, message);
}

/* Whether the kernel has sent so much that it takes another record without delaying what comes
 * after. */
static bool kernel_takes_more(int fd)
{
	return fd_wait_one(fd, FD_WRITE, 0) == 1;
}

/* The record of the channel whose turn it is. As send_one. */
static int send_turn(struct peer *p, enum peer_channel channel)
{
	const uint8_t *bytes;

	p->held = channel != PEER_CONTROL && !kernel_takes_more(p->fd);
	if (p->held)
		return -EAGAIN;
	int len = channels_record(&p->out, channel, p->record, &bytes);
	if (len <= 0)
		return len;
	int r = tls_write(p->tls, bytes, (size_t)len);
	if (r == 0 || r == -EAGAIN) {
		channels_sent(&p->out, channel, (size_t)len);
		p->sent_ms = clock_now_ms();
	}
	p->record_waits = r == -EAGAIN;
	return r;
}

/* 0: go on; 1 nothing to send; -EAGAIN later. */
static int send_one(struct peer *p)
{
	if (p->record_waits) {
		int r = tls_flush(p->tls);
		p->record_waits = r == -EAGAIN;
		return r;
	}
	enum peer_channel channel = channels_turn(&p->out);
	return channel == PEER_CHANNEL_COUNT ? 1 : send_turn(p, channel);
}

/* The kernel takes records, or does not. */
static void set_blocked(struct peer *p, bool blocked)
{
	if (blocked == (p->blocked_since_ns > 0))
		return;
	uint64_t now_ns = clock_now_ns();
	p->blocked_ns = peer_blocked_ns(p, now_ns);
	p->blocked_since_ns = blocked ? now_ns : 0;
}

uint64_t peer_blocked_ns(const struct peer *p, uint64_t now_ns)
{
	return p->blocked_ns + (p->blocked_since_ns ? now_ns - p->blocked_since_ns : 0);
}

int peer_flush(struct peer *p)
{
	int r;

	p->held = false;
	while ((r = send_one(p)) == 0)
		set_blocked(p, false);
	set_blocked(p, r == -EAGAIN);
	return r == 1 || r == -EAGAIN ? 0 : r;
}

bool peer_drained(const struct peer *p)
{
	return channels_queued_bytes(&p->out, PEER_CONTROL) == 0 && !p->record_waits;
}

/* Waits for events until end_ms; false when the time is over. */
static bool wait_until(int fd, short events, uint64_t end_ms)
{
	uint64_t now_ms = clock_now_ms();

	return now_ms < end_ms && fd_wait_one(fd, events, (int)(end_ms - now_ms)) > 0;
}

/* What may have been on its way, as it fits into the windows of a fast and long way. Whoever sends more
 * does not wait for the end. */
#define DRAIN_MAX_BYTES (8U * 1024 * 1024)

static void drain(struct peer *p, uint64_t end_ms)
{
	uint8_t bytes[4096];
	size_t all = 0;

	for (;;) {
		size_t got = 0;
		int r = fd_read(p->fd, bytes, sizeof(bytes), &got);
		all += got;
		if (all > DRAIN_MAX_BYTES)
			return;
		if (r == 0 && got > 0 && clock_now_ms() < end_ms)
			continue;
		if (r != -EAGAIN || !wait_until(p->fd, FD_READ, end_ms))
			return;
	}
}

void peer_close(struct peer *p, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;
	int r;

	if (p->fd < 0 || !p->tls)
		return;
	/* Last words are of PEER_CONTROL; nothing else is waited for. */
	channels_drop_below_control(&p->out);
	while ((r = peer_flush(p)) == 0 && !peer_drained(p))
		if (!wait_until(p->fd, FD_WRITE, end_ms))
			return;
	while (r == 0 && tls_close(p->tls) == -EAGAIN)
		if (!wait_until(p->fd, FD_WRITE, end_ms))
			break;
	fd_end_writing(p->fd);
	drain(p, end_ms);
}
