#include "client/link/link.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/net_tune.h"
#include "common/wire/plain_text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void link_enter(struct link *l, enum link_state state)
{
	assert(link_state_follows(l->state, state));
	l->state = state;
	if (link_state_speaks(state))
		peer_set_phase(&l->peer, link_state_phase(state));
}

/* ---- ends ---- */

static void say_goodbye(struct link *l, uint16_t code, const char *reason)
{
	struct wire_message m = { .type = WIRE_GOODBYE };

	if (code == 0 || !link_state_speaks(l->state))
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
	/* A cut may have left a part of a character; the record carries clean text only. */
	for (size_t len = strlen(r.link_failed.reason);
		len > 0 && !plain_text_valid(r.link_failed.reason, len); len--)
		r.link_failed.reason[len - 1] = '\0';

	say_goodbye(l, failure.goodbye, r.link_failed.reason);
	link_enter(l, LINK_ENDED);
	if (link_record_send(&l->ui, &r, -1) < 0)
		log_debug("the window is gone");
}

void link_broken(struct link *l, const char *format, ...)
{
	const struct link_failure f = { .code = WIRE_BYE_PROTOCOL, .goodbye = WIRE_BYE_PROTOCOL };
	char what[RECORD_DETAIL_MAX_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	link_fail(l, f, "the workstation broke the protocol: %s", what);
}

void link_no_memory(struct link *l)
{
	const struct link_failure f = { .retry = true, .goodbye = WIRE_BYE_INTERNAL };

	link_fail(l, f, "out of memory");
}

void link_done(struct link *l, uint16_t goodbye, const char *reason)
{
	if (l->state == LINK_ENDED)
		return;
	say_goodbye(l, goodbye, reason);
	link_enter(l, LINK_ENDED);
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

int link_configure(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_link_config *c = body;

	(void)fd;
	l->mode = (enum record_link_mode)c->mode;
	l->steps = c->steps;
	l->width_px = c->width_px;
	l->height_px = c->height_px;
	l->codec_features = c->codec_features & codec_features();
	int r = credentials_keep(&l->credentials, c);
	if (r == 0)
		r = link_make_tls(l, c);
	if (r < 0)
		return r;
	bool by_proxy = l->way.proxy.way.proxy_kind != RECORD_PROXY_NONE;
	l->way.after = l->mode == RECORD_LINK_PROBE ? LINK_PROBE : LINK_HANDSHAKE;
	link_enter(l, by_proxy ? LINK_PROXY : l->way.after);
	l->deadline_ms =
		clock_now_ms() + l->way.patience_ms +
		(c->mode == RECORD_LINK_ENROLL ? LINK_ENROLL_TIMEOUT_MS : LINK_OPEN_TIMEOUT_MS);
	return 0;
}

int link_init(struct link *l)
{
	memset(l, 0, sizeof(*l));
	l->ui.fd = -1;
	l->picture.decode.event_fd = -1;
	l->started_us = clock_now_us();
	peer_init(&l->peer, LINK_TRANSPORT_FD, false, clock_now_ms());
	link_files_init(l);
	link_sound_init(l);
	net_tune(LINK_TRANSPORT_FD);
	/* However this process ends, its unsent bytes are dropped: the connection is reset, where the kernel
	 * would go on sending for minutes. A key press of a connection that was given up must not arrive
	 * after those of the next one. What must arrive was sent by peer_close before. */
	net_drop_unsent(LINK_TRANSPORT_FD);

	int r = fd_set_nonblock(LINK_TRANSPORT_FD);
	if (r == 0)
		r = ipc_channel_init(&l->ui, LINK_UI_FD);
	if (r == 0)
		r = picture_init(&l->picture);
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
	link_channels_finish(l);
	peer_finish(&l->peer);
	ipc_channel_finish(&l->ui);
	credentials_forget(&l->credentials);
	proxy_finish(&l->way.proxy);
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
	if (!link_state_speaks(l->state))
		return;
	for (int i = 0; i < LINK_MESSAGES_PER_TURN && l->state != LINK_ENDED; i++) {
		if (decode_full(&l->picture.decode))
			return;
		int r = peer_next(&l->peer, &m);
		if (r == -EAGAIN)
			return;
		if (r > 0)
			link_channels_message(l, &m);
		else
			link_lost(l, r);
	}
}

/* Deadlines, heartbeats, health; how long the loop may sleep. */
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
	return MIN(r, link_health_tick(l, now_ms));
}

static void flush(struct link *l)
{
	if (l->state == LINK_ENDED)
		return;
	link_files_step(l);
	if (link_state_speaks(l->state)) {
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
	return link_state_speaks(l->state) ? peer_events(&l->peer) : tls_wants(l->peer.tls);
}

static void turn(struct link *l)
{
	int timeout_ms = tick(l);
	flush(l);
	if (l->state == LINK_ENDED)
		return;
	bool full = decode_full(&l->picture.decode);
	struct fd_poll fds[3 + TRANSFERS_PLACES] = {
		{ .fd = l->peer.fd, .want = wanted(l) },
		{ .fd = l->ui.fd,
			.want = (short)(FD_READ | (ipc_wants_write(&l->ui) ? FD_WRITE : 0)) },
		{ .fd = l->picture.decode.event_fd, .want = FD_READ },
	};
	transfers_poll(&l->files, fds + 3); /* whatever is ready is taken by its step */
	if (full)
		fds[0].want &= (short)~FD_READ;
	else if (peer_pending(&l->peer) || decode_prepare(&l->picture.decode))
		timeout_ms = 0;
	int r = fd_wait(fds, ARRAY_LEN(fds), timeout_ms);
	if (r < 0 && r != -EINTR) {
		link_fail(l, (struct link_failure){ .retry = true }, "waiting: %s", strerror(-r));
		return;
	}
	if (fds[1].got)
		link_ui_records(l);
	if (l->state != LINK_ENDED && (fds[0].got || (!full && peer_pending(&l->peer))))
		server_ready(l);
	if (l->state != LINK_ENDED && fds[2].got) {
		decode_clear_event(&l->picture.decode);
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
	/* What the UI had not taken yet. */
	(void)!ipc_flush(&l->ui);
}
