#include "server/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/net_tune.h"
#include "common/peer/ders.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long the supervisor may take to send the configuration. */
#define CONFIG_TIMEOUT_MS 5000
/* STATS to the client: each second while much moves, else seldom: a caret that blinks should not be
 * outweighed by figures about it. */
#define STATS_MS         1000
#define STATS_QUIET_MS   5000
#define STATS_FRAMES_MIN 15

void worker_end(struct worker *w, uint16_t code, bool goodbye, const char *format, ...)
{
	va_list arguments;

	if (w->state == WORKER_ENDED)
		return;
	/* Goodbye is a message of the protocol, which the handshake comes before. */
	w->end_goodbye = goodbye && w->state > WORKER_HANDSHAKE;
	w->state = WORKER_ENDED;
	w->end_code = code;
	va_start(arguments, format);
	vsnprintf(w->end_reason, sizeof(w->end_reason), format, arguments);
	va_end(arguments);
}

static void client_lost(struct worker *w, int r)
{
	enum crypto_fault fault = tls_fault(w->peer.tls);

	if (r == -ETIMEDOUT)
		worker_end(w, WIRE_BYE_CLOSED, false, "nothing was heard of the client for %d s",
			WIRE_SILENCE_MS / 1000);
	else if (fault != CRYPTO_OK && fault != CRYPTO_CLOSED)
		worker_end(w, WIRE_BYE_PROTOCOL, false, "%s (%s)", crypto_fault_text(fault),
			tls_fault_detail(w->peer.tls));
	else if (r == -EPROTO)
		worker_end(w, WIRE_BYE_PROTOCOL, true, "message %s", w->peer.fault);
	else if (r == -E2BIG)
		worker_end(w, WIRE_BYE_BUSY, false, "the client does not read: %u KiB wait for it",
			PEER_QUEUE_MAX_BYTES / 1024);
	else if (r == -EPIPE)
		worker_end(w, WIRE_BYE_CLOSED, false, "the client closed the connection");
	else
		worker_end(w, WIRE_BYE_CLOSED, false, "the connection was lost: %s", strerror(-r));
}

void worker_send(struct worker *w, const struct wire_message *m)
{
	int r = peer_send(&w->peer, m);

	if (r == -E2BIG)
		client_lost(w, r);
	else if (r < 0)
		worker_end(w, WIRE_BYE_INTERNAL, false, "message %s could not be sent: %s",
			wire_type_name((uint8_t)m->type), strerror(-r));
}

/* ---- start ---- */

/* Makes the server's end of the TLS channel; it copies all of it. */
static int make_tls(struct worker *w, const struct record_worker_config *c)
{
	size_t count = c->chain_len + c->trusted_len + c->invitations_len;
	struct crypto_der *ders = calloc(MAX(count, 1), sizeof(*ders));
	struct tls_transport transport = peer_transport(&w->peer);
	struct tls *tls;

	if (!ders)
		return -ENOMEM;
	peer_ders(ders, c->chain, c->chain_len);
	peer_ders(ders + c->chain_len, c->trusted, c->trusted_len);
	peer_ders(ders + c->chain_len + c->trusted_len, c->invitations, c->invitations_len);

	struct tls_server_config config = { .admit = worker_admit, .admit_user = w };
	config.identity.chain = ders;
	config.identity.chain_len = c->chain_len;
	config.identity.key_der = c->key.bytes;
	config.identity.key_der_len = c->key.len;
	config.identity.trusted = ders + c->chain_len;
	config.identity.trusted_len = c->trusted_len + c->invitations_len;
	config.policy = tls_policy_default();
	config.policy.allow_tls12 = c->allow_tls12;
	config.policy.allow_tls13 = c->allow_tls13;
	config.policy.resumption = c->ticket_lifetime_s > 0;
	config.policy.ticket_lifetime_s = c->ticket_lifetime_s;
	memcpy(config.ticket_keys, c->ticket_keys, sizeof(config.ticket_keys));

	int r = tls_create_server(&tls, &config, &transport);
	secure_wipe(&config, sizeof(config));
	free(ders);
	if (r == 0)
		peer_set_tls(&w->peer, tls);
	return r;
}

int worker_configure(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_worker_config *c = body;

	(void)fd;
	memcpy(w->server_id, c->server_id, sizeof(w->server_id));
	memcpy(w->peer_name, c->peer, sizeof(w->peer_name));
	memcpy(w->nonce, c->nonce, sizeof(w->nonce));
	w->codec_features = c->codec_features & codec_features();
	w->state = c->gateway ? WORKER_GATEWAY : WORKER_HANDSHAKE;
	return make_tls(w, c);
}

int worker_init(struct worker *w)
{
	uint64_t now_ms = clock_now_ms();

	memset(w, 0, sizeof(*w));
	w->agent.fd = -1;
	w->supervisor.fd = -1;
	w->frame.encode.event_fd = -1;
	w->started_us = clock_now_us();
	w->auth_deadline_ms = now_ms + WIRE_AUTH_TIMEOUT_MS;
	peer_init(&w->peer, WORKER_CLIENT_FD, true, now_ms);
	net_tune(WORKER_CLIENT_FD);

	int r = fd_set_nonblock(WORKER_CLIENT_FD);
	if (r == 0)
		r = ipc_channel_init(&w->supervisor, WORKER_SUPERVISOR_FD);
	if (r == 0)
		r = worker_channels_init(w);
	if (r == 0)
		r = worker_supervisor_record(w, CONFIG_TIMEOUT_MS);
	if (r >= 0)
		ipc_forget(&w->supervisor); /* the server's key */
	return MIN(r, 0);
}

void worker_finish(struct worker *w)
{
	worker_channels_finish(w);
	peer_finish(&w->peer);
	ipc_channel_finish(&w->agent);
	ipc_channel_finish(&w->supervisor);
}

/* ---- the loop ---- */

static void client_messages(struct worker *w)
{
	struct wire_message m;

	for (int i = 0; i < WORKER_MESSAGES_PER_TURN && w->state != WORKER_ENDED; i++) {
		int r = peer_next(&w->peer, &m);
		if (r == -EAGAIN)
			return;
		if (r > 0)
			worker_client_message(w, &m);
		else
			client_lost(w, r);
	}
}

/* Messages, or the handshake before them. */
static void client_ready(struct worker *w)
{
	if (w->state == WORKER_GATEWAY)
		worker_gateway(w);
	if (w->state == WORKER_HANDSHAKE)
		worker_handshake(w);
	if (w->state > WORKER_HANDSHAKE && w->state != WORKER_ENDED)
		client_messages(w);
}

static void send_stats(struct worker *w, uint64_t now_ms)
{
	struct wire_message m = { .type = WIRE_STATS };
	const struct frame *s = &w->frame;
	uint64_t frames = s->frames - w->stats_frames;
	uint64_t every_ms = frames >= STATS_FRAMES_MIN ? STATS_MS : STATS_QUIET_MS;

	if (w->state != WORKER_OPEN || now_ms < w->stats_ms + every_ms || frames == 0)
		return;
	w->stats_ms = now_ms;
	w->stats_frames = s->frames;
	m.stats.frames = (uint32_t)s->frames;
	m.stats.encode_us_p50 = samples_percentile(&s->encode_us, 50);
	m.stats.queue_bytes = (uint32_t)MIN(s->pace.in_flight_bytes, UINT32_MAX);
	m.stats.link_bytes_per_ms =
		(uint32_t)MIN(pace_link_bytes_per_s(&s->pace, clock_now_ns()) / 1000, UINT32_MAX);
	worker_send(w, &m);
}

static bool unproven(const struct worker *w)
{
	return w->state < WORKER_OPEN || w->state == WORKER_ENROLL;
}

/* Nothing is heard of the client any more: nobody may be holding what it held. When the next look
 * is due, timeout_ms at most. */
static int release_if_silent(struct worker *w, uint64_t now_ms, int timeout_ms)
{
	struct wire_message m = { .type = WIRE_RELEASE_ALL };
	uint32_t silent_ms = peer_silent_ms(&w->peer, now_ms);

	if (w->state != WORKER_OPEN || !w->input_since_release || !(w->caps & WIRE_CAP_INPUT))
		return timeout_ms;
	if (silent_ms < WORKER_RELEASE_MS)
		return MIN(timeout_ms, (int)(WORKER_RELEASE_MS - silent_ms));
	m.release_all.serial = w->input_serial;
	worker_agent_send(w, &m);
	w->input_since_release = false;
	return timeout_ms;
}

/* Deadlines and heartbeats; how long the loop may sleep. */
static int tick(struct worker *w)
{
	uint64_t now_ms = clock_now_ms();
	int timeout_ms;

	if (unproven(w)) {
		if (now_ms >= w->auth_deadline_ms) {
			worker_end(w, WIRE_BYE_REFUSED, true,
				"the client did not prove itself within %d s",
				WIRE_AUTH_TIMEOUT_MS / 1000);
			return 0;
		}
		if (w->state <= WORKER_HANDSHAKE)
			return (int)(w->auth_deadline_ms - now_ms);
	}
	send_stats(w, now_ms);
	int r = peer_tick(&w->peer, now_ms);
	if (r < 0) {
		client_lost(w, r);
		return 0;
	}
	timeout_ms = release_if_silent(w, now_ms, r);
	if (unproven(w))
		timeout_ms = (int)MIN((uint64_t)timeout_ms, w->auth_deadline_ms - now_ms);
	return worker_channels_timeout_ms(w, now_ms, timeout_ms);
}

static void flush(struct worker *w)
{
	if (w->state <= WORKER_HANDSHAKE || w->state == WORKER_ENDED)
		return;
	bool more;
	do {
		/* When the last part of a frame has gone, the next one can begin without sleeping.
		 */
		uint64_t frames = w->frame.frames;
		more = worker_channels_step(w);
		int r = peer_flush(&w->peer);
		if (r < 0)
			client_lost(w, r);
		more = more || w->frame.frames != frames;
	} while (more && w->state != WORKER_ENDED);
	if (w->agent.fd >= 0 && ipc_flush(&w->agent) == -EPIPE)
		worker_agent_records(w);
	if (ipc_flush(&w->supervisor) == -EPIPE)
		worker_end(w, WIRE_BYE_SHUTDOWN, true, "the service stopped");
}

static short channel_events(const struct ipc_channel *c)
{
	return (short)(POLLIN | (ipc_wants_write(c) ? POLLOUT : 0));
}

static void turn(struct worker *w)
{
	int timeout_ms = tick(w);
	if (w->state == WORKER_ENDED)
		return;
	flush(w);
	if (w->state == WORKER_ENDED)
		return;
	struct pollfd fds[] = {
		{ .fd = w->peer.fd, .events = peer_events(&w->peer) },
		{ .fd = w->supervisor.fd, .events = channel_events(&w->supervisor) },
		{ .fd = w->frame.encode.event_fd, .events = POLLIN },
		{ .fd = w->agent.fd, .events = channel_events(&w->agent) },
	};
	if (w->state == WORKER_GATEWAY)
		fds[0].events = POLLIN;
	else if (w->state == WORKER_HANDSHAKE)
		fds[0].events = tls_wants(w->peer.tls);
	if (peer_pending(&w->peer) || worker_channels_prepare(w))
		timeout_ms = 0;
	if (poll(fds, ARRAY_LEN(fds), timeout_ms) < 0 && errno != EINTR) {
		worker_end(w, WIRE_BYE_INTERNAL, true, "poll: %s", strerror(errno));
		return;
	}
	if (fds[1].revents)
		worker_supervisor_records(w);
	if (w->state != WORKER_ENDED && (fds[0].revents || peer_pending(&w->peer)))
		client_ready(w);
	if (w->state != WORKER_ENDED && fds[3].revents)
		worker_agent_records(w);
	if (w->state != WORKER_ENDED && fds[2].revents) {
		encode_clear_event(&w->frame.encode);
		frame_collect(&w->frame);
	}
}

/* Both sides hear why. */
static void say_goodbye(struct worker *w)
{
	struct worker_record r = { .type = RECORD_ENDED };
	struct wire_message m = { .type = WIRE_GOODBYE };

	r.ended.code = w->end_code;
	snprintf(r.ended.reason, sizeof(r.ended.reason), "%s", w->end_reason);
	if (worker_record_send(&w->supervisor, &r, -1) < 0)
		log_debug("the supervisor is gone");
	if (w->end_goodbye) {
		m.goodbye.code = w->end_code;
		snprintf(m.goodbye.reason, sizeof(m.goodbye.reason), "%s", w->end_reason);
		if (peer_send(&w->peer, &m) < 0)
			log_debug("no room for GOODBYE");
	}
	/* The agent releases this client's keys as soon as the channel closes: before the last
	 * words are read. */
	ipc_channel_finish(&w->agent);
	peer_close(&w->peer, WORKER_CLOSE_TIMEOUT_MS);
	(void)!ipc_flush(&w->supervisor);
}

void worker_run(struct worker *w)
{
	while (w->state != WORKER_ENDED)
		turn(w);
	say_goodbye(w);
}
