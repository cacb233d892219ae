#include "server/worker/worker.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/net_tune.h"
#include "common/peer/ders.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Descriptors that a worker waits for, beside those of transfers. */
#define OWN_FDS 5

void worker_enter(struct worker *w, enum worker_state state)
{
	bool spoke = worker_state_speaks(w->state);

	if (w->state == WORKER_ENDED) /* while something was sent */
		return;
	assert(worker_state_follows(w->state, state));
	w->state = state;
	if (worker_state_speaks(state) && (!spoke || w->peer.phase != worker_state_phase(state)))
		peer_set_phase(&w->peer, worker_state_phase(state));
}

void worker_end(struct worker *w, uint16_t code, bool goodbye, const char *format, ...)
{
	va_list arguments;

	if (w->state == WORKER_ENDED)
		return;
	/* Goodbye is a message of the protocol, which the handshake comes before. */
	w->ending.goodbye = goodbye && worker_state_speaks(w->state);
	w->ending.code = code;
	va_start(arguments, format);
	vsnprintf(w->ending.reason, sizeof(w->ending.reason), format, arguments);
	va_end(arguments);
	worker_enter(w, WORKER_ENDED);
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
	if (worker_state_speaks(w->state))
		client_messages(w);
}

/* When nothing is heard of the client any more, what it holds is let go (ARCHITECTURE.md,
 * D-RELEASE). When the next look is due, timeout_ms at most. */
static int release_if_silent(struct worker *w, uint64_t now_ms, int timeout_ms)
{
	int due_ms = held_due_ms(&w->held, peer_silent_ms(&w->peer, now_ms));

	if (w->state != WORKER_OPEN || due_ms < 0 || !(w->rights.caps & WIRE_CAP_INPUT))
		return timeout_ms;
	if (due_ms > 0)
		return MIN(timeout_ms, due_ms);
	const struct wire_message m = held_release(&w->held);
	worker_agent_send(w, &m);
	return timeout_ms;
}

/* Deadlines and heartbeats; how long the loop may sleep. */
static int tick(struct worker *w)
{
	uint64_t now_ms = clock_now_ms();
	int timeout_ms = INT_MAX;

	if (worker_state_unproven(w->state)) {
		if (now_ms >= w->login.deadline_ms) {
			worker_end(w, WIRE_BYE_REFUSED, true,
				"the client did not prove itself within %d s",
				WIRE_AUTH_TIMEOUT_MS / 1000);
			return 0;
		}
		timeout_ms = (int)(w->login.deadline_ms - now_ms);
	}
	if (!worker_state_speaks(w->state))
		return timeout_ms;
	if (w->state == WORKER_OPEN)
		figures_send(w, now_ms);
	int r = peer_tick(&w->peer, now_ms);
	if (r < 0) {
		client_lost(w, r);
		return 0;
	}
	timeout_ms = release_if_silent(w, now_ms, MIN(timeout_ms, r));
	return worker_channels_timeout_ms(w, now_ms, timeout_ms);
}

static void flush(struct worker *w)
{
	if (!worker_state_speaks(w->state))
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

/* What the transfers of files wait for. */
static void poll_files(const struct worker *w, struct pollfd out[static TRANSFERS_PLACES])
{
	struct fd_poll wanted[TRANSFERS_PLACES];

	transfers_poll(&w->files.transfers, wanted);
	for (size_t i = 0; i < TRANSFERS_PLACES; i++)
		out[i] = (struct pollfd){ .fd = wanted[i].fd, .events = wanted[i].want };
}

static void turn(struct worker *w)
{
	int timeout_ms = tick(w);
	if (w->state == WORKER_ENDED)
		return;
	flush(w);
	if (w->state == WORKER_ENDED)
		return;
	struct pollfd fds[OWN_FDS + TRANSFERS_PLACES] = {
		{ .fd = w->peer.fd, .events = peer_events(&w->peer) },
		{ .fd = w->supervisor.fd, .events = channel_events(&w->supervisor) },
		{ .fd = w->frame.encode.event_fd, .events = POLLIN },
		{ .fd = w->agent.fd, .events = channel_events(&w->agent) },
		{ .fd = w->sound.channel.fd, .events = channel_events(&w->sound.channel) },
	};
	poll_files(w,
		fds + OWN_FDS); /* whatever is ready of these and of sound is taken by its step */
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

	r.ended.code = w->ending.code;
	snprintf(r.ended.reason, sizeof(r.ended.reason), "%s", w->ending.reason);
	if (worker_record_send(&w->supervisor, &r, -1) < 0)
		log_debug("the supervisor is gone");
	if (w->ending.goodbye) {
		m.goodbye.code = w->ending.code;
		snprintf(m.goodbye.reason, sizeof(m.goodbye.reason), "%s", w->ending.reason);
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
