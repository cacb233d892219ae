#include "common/peer/heartbeat.h"

#include "common/base/clock.h"
#include "common/base/net_path.h"

#include <errno.h>

int heartbeat_take(struct peer *p, const struct wire_message *m)
{
	if (m->type == WIRE_PING) {
		struct wire_message pong = { .type = WIRE_PONG, .ping = m->ping };
		int r = peer_send(p, &pong);
		return r < 0 ? r : 1;
	}
	if (m->type != WIRE_PONG)
		return 0;
	/* Only the answer to the newest question counts: others are too old to say anything. */
	if (m->ping.id == p->ping_id && p->ping_id != 0) {
		uint64_t took_us = clock_now_us() - p->asked_us;
		p->answered_us = p->asked_us;
		p->rtt_us = (uint32_t)MIN(took_us, (uint64_t)WIRE_SILENCE_MS * 1000);
	}
	return 1;
}

uint32_t peer_silent_ms(const struct peer *p, uint64_t now_ms)
{
	return now_ms > p->heard_ms ? (uint32_t)MIN(now_ms - p->heard_ms, UINT32_MAX) : 0;
}

/* Milliseconds until since + span; 0 when it has passed. */
static uint64_t left_ms(uint64_t since_ms, uint64_t span_ms, uint64_t now_ms)
{
	uint64_t passed = now_ms > since_ms ? now_ms - since_ms : 0;

	return passed >= span_ms ? 0 : span_ms - passed;
}

void peer_suspect(struct peer *p, uint64_t now_ms)
{
	if (p->suspect_until_ms != 0 || p->phase != WIRE_PHASE_OPEN)
		return;
	p->suspect_until_ms = now_ms + PEER_SUSPECT_MS + 2 * p->rtt_us / 1000;
	p->pinged_ms = 0; /* now */
}

void peer_measure(struct peer *p)
{
	if (p->rtt_us == 0 && p->ping_id == 0)
		p->pinged_ms = 0;
}

void peer_hurry(struct peer *p, bool on)
{
	p->hurried = on;
}

bool peer_stalled(const struct peer *p, uint64_t now_ms)
{
	struct net_path path;

	/* Through a tunnel only silence tells. */
	if (net_path_measure(p->fd, &path) < 0)
		return peer_silent_ms(p, now_ms) >
		       2 * PEER_HURRY_MS + PEER_STALLED_MS + p->rtt_us / 1000;
	return path.unacked > 0 && path.ack_ms > PEER_STALLED_MS + 2 * path.rtt_us / 1000;
}

/* A sign of life: PONG, or PING where nothing was heard just now, or to measure the round trip. */
static int send_heartbeat(struct peer *p, bool for_rtt, uint64_t now_ms)
{
	struct wire_message m = { .type = WIRE_PING };

	if (!for_rtt && !p->hurried && !p->suspect_until_ms &&
		peer_silent_ms(p, now_ms) < PEER_HEARD_MS) {
		m.type = WIRE_PONG;
	} else {
		m.ping.id = ++p->ping_id;
		m.ping.sent_us = p->asked_us = clock_now_us();
		p->pinged_ms = now_ms;
	}
	p->sent_ms = now_ms;
	return peer_send(p, &m);
}

int peer_tick(struct peer *p, uint64_t now_ms)
{
	uint32_t heartbeat_ms = p->hurried ? PEER_HURRY_MS : WIRE_HEARTBEAT_MS;

	if (p->phase != WIRE_PHASE_OPEN)
		return WIRE_HEARTBEAT_MS;
	uint64_t silence = left_ms(p->heard_ms, WIRE_SILENCE_MS, now_ms);
	if (p->suspect_until_ms)
		silence = MIN(
			silence, p->suspect_until_ms > now_ms ? p->suspect_until_ms - now_ms : 0);
	if (silence == 0)
		return -ETIMEDOUT;

	uint64_t rtt = left_ms(p->pinged_ms, PEER_RTT_PING_MS, now_ms);
	uint64_t heartbeat = MIN(rtt, left_ms(p->sent_ms, heartbeat_ms, now_ms));
	if (heartbeat == 0) {
		int r = send_heartbeat(p, rtt == 0, now_ms);
		if (r < 0)
			return r;
		heartbeat = heartbeat_ms;
	}
	return (int)MIN(silence, heartbeat);
}
