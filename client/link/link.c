#include "client/link/link.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/net_path.h"
#include "common/base/net_tune.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- ends ---- */

static void say_goodbye(struct link *l, uint16_t code, const char *reason)
{
	struct wire_message m = { .type = WIRE_GOODBYE };

	if (code == 0 || l->state < LINK_HELLO)
		return;
	m.goodbye.code = code;
	snprintf(m.goodbye.reason, sizeof(m.goodbye.reason), "%s", reason);
	if (peer_send(&l->peer, &m) < 0)
		log_debug("no room for GOODBYE");
}

void link_fail(struct link *l, struct link_failure failure, const char *format, ...)
{
	struct link_record r = { .type = RECORD_LINK_FAILED };
	va_list arguments;

	if (l->state == LINK_ENDED)
		return;
	r.link_failed.fault = (uint8_t)failure.fault;
	r.link_failed.code = failure.code;
	r.link_failed.retry = failure.retry;
	r.link_failed.renews = failure.renews;
	va_start(arguments, format);
	vsnprintf(r.link_failed.reason, sizeof(r.link_failed.reason), format, arguments);
	va_end(arguments);
	/* What is not whole after the cut is not told: the record carries clean text only. */
	for (size_t len = strlen(r.link_failed.reason);
		len > 0 && !wire_text_clean(r.link_failed.reason, len); len--)
		r.link_failed.reason[len - 1] = '\0';

	say_goodbye(l, failure.goodbye, r.link_failed.reason);
	l->state = LINK_ENDED;
	if (link_record_send(&l->ui, &r, -1) < 0)
		log_debug("the window is gone");
}

void link_done(struct link *l, uint16_t goodbye, const char *reason)
{
	if (l->state == LINK_ENDED)
		return;
	say_goodbye(l, goodbye, reason);
	l->state = LINK_ENDED;
}

/* ---- sending ---- */

static void check_told(struct link *l, int r)
{
	if (r == -EPIPE)
		link_done(l, WIRE_BYE_CLOSED, "the window was closed");
	else if (r < 0)
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window does not respond");
}

void link_tell(struct link *l, const struct link_record *r, int fd)
{
	check_told(l, link_record_send(&l->ui, r, fd));
}

void link_tell_wire(struct link *l, const struct wire_message *m)
{
	check_told(l, record_send_wire(&l->ui, m));
}

void link_send(struct link *l, const struct wire_message *m)
{
	int r = peer_send(&l->peer, m);

	if (r < 0)
		link_fail(l, (struct link_failure){ .retry = true },
			r == -E2BIG ? "the workstation does not read"
				    : "a message could not be sent");
}

/* ---- start ---- */

static int keep_config(struct link *l, const struct record_link_config *c)
{
	l->mode = c->mode;
	l->steps = c->steps;
	memcpy(l->server_name, c->server_name, sizeof(l->server_name));
	memcpy(l->server_id, c->server_id, sizeof(l->server_id));
	memcpy(l->label, c->label, sizeof(l->label));
	l->width_px = c->width_px;
	l->height_px = c->height_px;
	l->codec_features = c->codec_features & codec_features();
	if (c->key.len > sizeof(l->key) || c->csr.len > sizeof(l->csr))
		return -E2BIG;
	l->key_len = c->key.len;
	if (c->key.len > 0)
		memcpy(l->key, c->key.bytes, c->key.len);
	l->csr_len = c->csr.len;
	if (c->csr.len > 0)
		memcpy(l->csr, c->csr.bytes, c->csr.len);
	if (c->chain_len > 0)
		return crypto_cert_fingerprint(c->chain[0].bytes, c->chain[0].len, l->fingerprint);
	return c->mode == RECORD_LINK_PROBE ? 0 : -EINVAL;
}

int link_configure(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_link_config *c = body;

	(void)fd;
	int r = keep_config(l, c);
	if (r == 0)
		r = link_make_tls(l, c);
	if (r < 0)
		return r;
	l->state = c->mode == RECORD_LINK_PROBE ? LINK_PROBE : LINK_HANDSHAKE;
	if (l->proxy.way.proxy_kind != RECORD_PROXY_NONE) {
		l->after_proxy = l->state;
		l->state = LINK_PROXY;
	}
	l->deadline_ms =
		clock_now_ms() + l->patience_ms +
		(c->mode == RECORD_LINK_ENROLL ? LINK_ENROLL_TIMEOUT_MS : LINK_OPEN_TIMEOUT_MS);
	return 0;
}

/* Whatever ends this process takes its unsent bytes with it (a reset instead of an orderly end that
 * the kernel goes on sending for minutes): no key press of a connection that was given up arrives
 * after those of the next one. peer_close has sent what must arrive before. */
static void drop_unsent_at_end(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)!setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int link_init(struct link *l)
{
	memset(l, 0, sizeof(*l));
	l->ui.fd = -1;
	l->decode.event_fd = -1;
	l->started_us = clock_now_us();
	buffer_init(&l->slice, WIRE_SLICE_MAX_BYTES);
	peer_init(&l->peer, LINK_TRANSPORT_FD, false, clock_now_ms());
	net_tune(LINK_TRANSPORT_FD);
	drop_unsent_at_end(LINK_TRANSPORT_FD);

	int r = fd_set_nonblock(LINK_TRANSPORT_FD);
	if (r == 0)
		r = ipc_channel_init(&l->ui, LINK_UI_FD);
	if (r == 0)
		r = decode_init(&l->decode);
	if (r < 0)
		return r;
	r = link_ui_config(l);
	if (r < 0)
		link_fail(l, (struct link_failure){ 0 },
			"this laptop's key or certificates cannot be used (%s): enrol again",
			strerror(-r));
	return r;
}

void link_finish(struct link *l)
{
	decode_finish(&l->decode);
	peer_finish(&l->peer);
	ipc_channel_finish(&l->ui);
	buffer_finish(&l->slice);
	free(l->cursor_bytes);
	secure_wipe(l->key, sizeof(l->key));
	proxy_finish(&l->proxy);
}

/* ---- the loop ---- */

static void server_ready(struct link *l)
{
	struct wire_message m;

	if (l->state == LINK_PROXY)
		link_proxy(l);
	else if (l->state == LINK_PROBE)
		link_probe(l);
	else if (l->state == LINK_HANDSHAKE)
		link_handshake(l);
	if (l->state < LINK_HELLO)
		return;
	for (int i = 0; i < LINK_MESSAGES_PER_TURN && l->state != LINK_ENDED; i++) {
		if (decode_full(&l->decode))
			return;
		int r = peer_next(&l->peer, &m);
		if (r == -EAGAIN)
			return;
		if (r > 0)
			link_server_message(l, &m);
		else
			link_lost(l, r);
	}
}

static void say_silence(struct link *l, uint64_t now_ms)
{
	uint32_t silent_ms = peer_silent_ms(&l->peer, now_ms);

	if (silent_ms < LINK_SILENT_MS) {
		if (l->silent)
			link_say_state(l, RECORD_LINK_OPEN, 0);
		l->silent = false;
	} else if (!l->silent || now_ms >= l->silent_said_ms + LINK_SILENT_SAY_MS) {
		l->silent = true;
		l->silent_said_ms = now_ms;
		link_say_state(l, RECORD_LINK_SILENT, silent_ms);
	}
}

/* The ticket may come some time after the handshake (TLS 1.3). */
static void tell_ticket(struct link *l)
{
	struct link_record r = { .type = RECORD_TICKET };
	uint8_t session[TLS_SESSION_MAX_BYTES];

	if (l->ticket_sent || tls_session_export(l->peer.tls, session, sizeof(session),
				      &r.ticket.session.len) < 0)
		return;
	l->ticket_sent = true;
	r.ticket.session.bytes = session;
	link_tell(l, &r, -1);
	secure_wipe(session, sizeof(session));
}

/* What is typed while the connection is made anew would be lost: it waits for a quiet moment, but
 * not for ever. */
static bool must_renew(const struct link *l, uint64_t now_ms, uint64_t bytes)
{
	uint64_t age_ms = now_ms - l->opened_ms;
	bool due = age_ms >= LINK_RENEW_MS || bytes >= LINK_RENEW_BYTES;
	bool late = age_ms >= LINK_RENEW_MS / 2 * 3 || bytes >= LINK_RENEW_BYTES / 2 * 3;
	bool quiet = l->held_count == 0 && l->held_buttons == 0 &&
		     now_ms >= l->forwarded_ms + LINK_RENEW_QUIET_MS;

	return late || (due && quiet);
}

static void tell_stats(struct link *l)
{
	struct link_record r = { .type = RECORD_LINK_STATS };
	struct tls_info info = { 0 };
	uint32_t last_us;

	tls_info(l->peer.tls, &info);
	r.link_stats.bytes_in = info.bytes_in;
	r.link_stats.bytes_out = info.bytes_out;
	r.link_stats.frames = l->frames;
	r.link_stats.rtt_us = l->peer.rtt_us;
	decode_times(
		&l->decode, &r.link_stats.decode_us_p50, &r.link_stats.decode_us_p95, &last_us);
	r.link_stats.picture_bytes = l->picture_bytes;
	struct path path;
	if (path_measure(l->peer.fd, &path) == 0) {
		r.link_stats.path_rtt_us = path.rtt_us;
		r.link_stats.path_sent = path.sent;
		r.link_stats.path_again = path.again;
		r.link_stats.path_got = path.got;
		r.link_stats.path_out_of_order = path.out_of_order;
	}
	link_tell(l, &r, -1);
	if (must_renew(l, clock_now_ms(), info.bytes_in + info.bytes_out))
		link_fail(l, (struct link_failure){ .renews = true, .goodbye = WIRE_BYE_CLOSED },
			"the connection is renewed with new keys");
}

/* Deadlines, heartbeats, statistics; how long the loop may sleep. */
static int tick(struct link *l)
{
	uint64_t now_ms = clock_now_ms();

	if (l->state != LINK_OPEN) {
		if (now_ms < l->deadline_ms)
			return (int)(l->deadline_ms - now_ms);
		link_fail(l, (struct link_failure){ .fault = CRYPTO_CLOSED, .retry = true },
			"the workstation did not answer in time");
		return 0;
	}
	int r = peer_tick(&l->peer, now_ms);
	if (r < 0) {
		link_lost(l, r);
		return 0;
	}
	say_silence(l, now_ms);
	if (l->state == LINK_OPEN && now_ms >= l->stats_ms + LINK_STATS_MS) {
		if (l->stats_ms)
			tell_stats(l);
		l->stats_ms = now_ms;
		if (l->state == LINK_OPEN)
			tell_ticket(l);
	}
	int stats_ms = (int)(l->stats_ms + LINK_STATS_MS - now_ms);
	return MIN(MIN(r, stats_ms), LINK_SILENT_SAY_MS * 2);
}

static void flush(struct link *l)
{
	if (l->state == LINK_ENDED)
		return;
	if (l->state >= LINK_HELLO) {
		int r = peer_flush(&l->peer);
		if (r < 0)
			link_lost(l, r);
	}
	if (ipc_flush(&l->ui) == -EPIPE)
		link_done(l, WIRE_BYE_CLOSED, "the window was closed");
}

static short wanted(const struct link *l)
{
	if (l->state == LINK_PROXY)
		return link_proxy_events(l);
	return l->state < LINK_HELLO ? tls_wants(l->peer.tls) : peer_events(&l->peer);
}

static void turn(struct link *l)
{
	int timeout_ms = tick(l);
	flush(l);
	if (l->state == LINK_ENDED)
		return;
	bool full = decode_full(&l->decode);
	struct pollfd fds[] = {
		{ .fd = l->peer.fd, .events = wanted(l) },
		{ .fd = l->ui.fd,
			.events = (short)(POLLIN | (ipc_wants_write(&l->ui) ? POLLOUT : 0)) },
		{ .fd = l->decode.event_fd, .events = POLLIN },
	};
	if (full)
		fds[0].events &= (short)~POLLIN;
	else if (peer_pending(&l->peer) || decode_prepare(&l->decode))
		timeout_ms = 0;
	if (poll(fds, ARRAY_LEN(fds), timeout_ms) < 0 && errno != EINTR) {
		link_fail(l, (struct link_failure){ .retry = true }, "poll: %s", strerror(errno));
		return;
	}
	if (fds[1].revents)
		link_ui_records(l);
	if (l->state != LINK_ENDED && (fds[0].revents || (!full && peer_pending(&l->peer))))
		server_ready(l);
	if (l->state != LINK_ENDED && fds[2].revents) {
		decode_clear_event(&l->decode);
		link_collect(l);
	}
}

void link_run(struct link *l)
{
	link_say_state(l, RECORD_LINK_HANDSHAKE, 0);
	while (l->state != LINK_ENDED)
		turn(l);
	(void)!ipc_flush(&l->ui);
	peer_close(&l->peer, LINK_CLOSE_TIMEOUT_MS);
	/* What was still queued for the UI when the end came. */
	(void)!ipc_flush(&l->ui);
}
