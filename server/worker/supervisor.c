/*
 * What the supervisor says: it has authority over this process, so an end or a new set of
 * capabilities is obeyed at once. Records out of turn are our own bug and end the worker.
 */
#include "server/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <string.h>

void worker_tell(struct worker *w, const struct worker_record *r)
{
	int result = worker_record_send(&w->supervisor, r, -1);

	if (result < 0)
		worker_end(w, WIRE_BYE_INTERNAL, true, "the service cannot be reached");
}

static void granted(struct worker *w, const struct worker_record *r, int *fd)
{
	struct wire_message m = { .type = WIRE_WELCOME };

	if (w->state != WORKER_VERIFY)
		return;
	w->codec_features = codec_features_agreed(w->codec_features & w->hello.codec_features);
	w->caps = r->granted.welcome.caps;
	m.welcome = r->granted.welcome;
	m.welcome.codec_features = w->codec_features;
	w->state = WORKER_OPEN;
	peer_set_phase(&w->peer, WIRE_PHASE_OPEN);
	worker_send(w, &m);
	m.type = WIRE_CLOCK;
	m.clock.now_s = clock_wall_s();
	worker_send(w, &m);
	if (*fd >= 0) {
		worker_agent_attach(w, *fd);
		*fd = -1;
	}
}

static void denied(struct worker *w, const struct worker_record *r, int *fd)
{
	(void)fd;
	if (w->state == WORKER_OPEN && w->renewing) { /* the old certificate still holds */
		w->renewing = false;
		log_warn("renewal was refused: %s", r->denied.reason);
		return;
	}
	worker_end(w, r->denied.code, true, "%s", r->denied.reason);
}

static void set_caps(struct worker *w, const struct worker_record *r, int *fd)
{
	struct wire_message m = { .type = WIRE_CAPS };
	bool could_see = w->caps & WIRE_CAP_SEE;

	(void)fd;
	if (w->state != WORKER_OPEN)
		return;
	w->caps_before = w->caps;
	w->caps = r->set_caps.caps;
	w->caps_grace_ms = clock_now_ms() + WORKER_CAPS_GRACE_MS;
	m.caps.caps = w->caps;
	worker_send(w, &m);
	if (!could_see && (w->caps & WIRE_CAP_SEE))
		screen_refresh(w);
}

static void end(struct worker *w, const struct worker_record *r, int *fd)
{
	(void)fd;
	worker_end(w, r->end.code, true, "%s", r->end.reason);
}

static void cert(struct worker *w, const struct worker_record *r, int *fd)
{
	struct wire_message m = { .type = WIRE_ENROLLED };

	(void)fd;
	if (w->state == WORKER_SIGN) {
		m.enrolled.cert = r->cert.cert.bytes;
		m.enrolled.cert_len = r->cert.cert.len;
		m.enrolled.ca = r->cert.ca.bytes;
		m.enrolled.ca_len = r->cert.ca.len;
		memcpy(m.enrolled.device, r->cert.device, sizeof(m.enrolled.device));
		memcpy(m.enrolled.workstation, r->cert.workstation, sizeof(m.enrolled.workstation));
		worker_send(w, &m);
		worker_end(w, WIRE_BYE_CLOSED, false, "enrolled");
		return;
	}
	if (!w->renewing)
		return;
	w->renewing = false;
	m.type = WIRE_RENEWED;
	m.renewed.cert = r->cert.cert.bytes;
	m.renewed.cert_len = r->cert.cert.len;
	worker_send(w, &m);
}

static void agent(struct worker *w, const struct worker_record *r, int *fd)
{
	(void)r;
	if (w->state != WORKER_OPEN || *fd < 0)
		return;
	worker_agent_attach(w, *fd);
	*fd = -1;
}

static void stats_ask(struct worker *w, const struct worker_record *r, int *fd)
{
	struct worker_record out = { .type = RECORD_STATS };
	struct tls_info info = { 0 };
	const struct screen *s = &w->screen;
	const struct codec_stats *codec = &s->encode.stats;
	uint64_t now_ns = clock_now_ns();

	(void)r;
	(void)fd;
	if (w->peer.tls)
		tls_info(w->peer.tls, &info);
	out.stats.bytes_in = info.bytes_in;
	out.stats.bytes_out = info.bytes_out;
	out.stats.frames = s->frames;
	out.stats.picture_bytes = s->picture_bytes;
	out.stats.rtt_us = s->pace.rtt_us ? s->pace.rtt_us : w->peer.rtt_us;
	out.stats.base_rtt_us = pace_base_rtt_us(&s->pace);
	out.stats.link_bytes_per_ms = (uint32_t)(pace_link_bytes_per_s(&s->pace, now_ns) / 1000);
	out.stats.encode_us_p50 = samples_percentile(&s->encode_us, 50);
	out.stats.queue_bytes = (uint32_t)MIN(s->pace.in_flight_bytes, UINT32_MAX);
	out.stats.input_events = w->input_events;
	out.stats.exact = s->exact;
	const uint64_t pixels[] = { codec->pixels_copied, codec->pixels_cached, codec->pixels_ctx,
		codec->pixels_medz, codec->pixels_video, 0 };
	const uint64_t bytes[] = { codec->bytes_copy, codec->bytes_cache, codec->bytes_ctx,
		codec->bytes_medz, codec->bytes_video, codec->bytes_other };
	memcpy(out.stats.pixels, pixels, sizeof(pixels));
	memcpy(out.stats.bytes, bytes, sizeof(bytes));
	worker_tell(w, &out);
}

/* ADMIT_REPLY is read where it is waited for (handshake.c); one that comes later came too late. */
static void ignore(struct worker *w, const struct worker_record *r, int *fd)
{
	(void)w;
	(void)r;
	(void)fd;
}

/* A handler that keeps the descriptor sets *fd to -1. */
typedef void (*handler_fn)(struct worker *w, const struct worker_record *r, int *fd);

static const handler_fn handlers[] = {
	[RECORD_ADMIT_REPLY] = ignore,
	[RECORD_GRANTED] = granted,
	[RECORD_DENIED] = denied,
	[RECORD_SET_CAPS] = set_caps,
	[RECORD_END] = end,
	[RECORD_CERT] = cert,
	[RECORD_AGENT] = agent,
	[RECORD_STATS_ASK] = stats_ask,
};

void worker_supervisor_records(struct worker *w)
{
	struct worker_record r;
	int fd;

	while (w->state != WORKER_ENDED) {
		int got = worker_record_receive(&w->supervisor, &r, &fd);
		if (got == -EAGAIN)
			return;
		if (got < 0) {
			worker_end(w, WIRE_BYE_SHUTDOWN, true, "the service stopped");
			return;
		}
		if ((size_t)r.type < ARRAY_LEN(handlers) && handlers[r.type])
			handlers[r.type](w, &r, &fd);
		else
			worker_end(w, WIRE_BYE_INTERNAL, true, "record %s from the supervisor",
				record_type_name((uint8_t)r.type));
		fd_close(&fd);
	}
}
