#include "client/link/link.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/net_path.h"

static void say_silence(struct link *l, uint64_t now_ms)
{
	uint32_t silent_ms = peer_silent_ms(&l->peer, now_ms);

	if (silent_ms < LINK_SILENT_MS) {
		if (l->health.silent)
			link_say_state(l, RECORD_LINK_OPEN, 0);
		l->health.silent = false;
	} else if (!l->health.silent || now_ms >= l->health.silent_said_ms + LINK_SILENT_SAY_MS) {
		l->health.silent = true;
		l->health.silent_said_ms = now_ms;
		link_say_state(l, RECORD_LINK_SILENT, silent_ms);
	}
}

/* The ticket may come some time after the handshake (TLS 1.3). */
static void tell_ticket(struct link *l)
{
	struct link_record r = { .type = RECORD_TICKET };
	uint8_t session[TLS_SESSION_MAX_BYTES];

	if (l->health.ticket_sent || tls_session_export(l->peer.tls, session, sizeof(session),
					     &r.ticket.session.len) < 0)
		return;
	l->health.ticket_sent = true;
	r.ticket.session.bytes = session;
	link_tell(l, &r, -1);
	secure_wipe(session, sizeof(session));
}

/* What is typed while the connection is made anew would be lost: it waits for a quiet moment, but
 * not for ever. */
static bool must_renew(const struct link *l, uint64_t now_ms, uint64_t bytes)
{
	uint64_t age_ms = now_ms - l->health.opened_ms;
	bool due = age_ms >= LINK_RENEW_MS || bytes >= LINK_RENEW_BYTES;
	bool late = age_ms >= LINK_RENEW_MS / 2 * 3 || bytes >= LINK_RENEW_BYTES / 2 * 3;
	bool quiet = !pressed_any(&l->pressed) && now_ms >= l->input_ms + LINK_RENEW_QUIET_MS;

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
	r.link_stats.frames = l->picture.frames;
	r.link_stats.rtt_us = l->peer.rtt_us;
	decode_times(&l->picture.decode, &r.link_stats.decode_us_p50, &r.link_stats.decode_us_p95,
		&last_us);
	r.link_stats.picture_bytes = l->picture.bytes;
	struct net_path path;
	if (net_path_measure(l->peer.fd, &path) == 0) {
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

int link_health_tick(struct link *l, uint64_t now_ms)
{
	struct link_health *h = &l->health;

	say_silence(l, now_ms);
	if (l->state == LINK_OPEN && now_ms >= h->stats_ms + LINK_STATS_MS) {
		if (h->stats_ms)
			tell_stats(l);
		h->stats_ms = now_ms;
		if (l->state == LINK_OPEN)
			tell_ticket(l);
	}
	return MIN((int)(h->stats_ms + LINK_STATS_MS - now_ms), LINK_SILENT_SAY_MS * 2);
}
