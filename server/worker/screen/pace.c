#include "server/worker/screen/pace.h"

#include "common/base/serial.h"

#include <errno.h>

void pace_init(struct pace *p, uint64_t now_ns)
{
	*p = (struct pace){ .delivered_ns = now_ns };
	minimum_init(&p->base_us, PACE_BASE_WINDOW_NS, now_ns);
}

/* Where the newest stands, if there is one. */
static size_t newest_at(const struct pace *p)
{
	return (p->first + p->count + PACE_FRAMES_MAX - 1) % PACE_FRAMES_MAX;
}

static struct pace_frame *newest(struct pace *p)
{
	return p->count ? &p->frames[newest_at(p)] : NULL;
}

void pace_begin(struct pace *p, uint32_t frame, uint64_t now_ns)
{
	if (p->count == PACE_FRAMES_MAX) /* not allowed by pace_free_bytes */
		return;
	p->count++;
	*newest(p) = (struct pace_frame){
		.frame = frame,
		.begin_ns = now_ns,
		.delivered_bytes = p->delivered_bytes,
		.delivered_ns = p->count > 1 ? p->delivered_ns : 0,
	};
}

void pace_wrote(struct pace *p, size_t bytes)
{
	struct pace_frame *f = newest(p);

	if (!f || f->ended)
		return;
	f->bytes += bytes;
	p->in_flight_bytes += bytes;
}

bool pace_needs_ack(const struct pace *p, size_t bytes, uint64_t now_ns)
{
	const struct pace_frame *f = &p->frames[newest_at(p)];

	return p->count == 0 || f->bytes + bytes > PACE_NO_ACK_BYTES ||
	       p->in_flight_bytes + bytes > PACE_NO_ACK_ALL_BYTES ||
	       p->no_ack_row >= PACE_NO_ACK_ROW ||
	       now_ns - p->no_ack_ns[p->no_ack_next] < PACE_FRAME_NS;
}

void pace_end(struct pace *p, uint64_t blocked_ns, bool needs_ack, uint64_t now_ns)
{
	struct pace_frame *f = newest(p);

	if (!f)
		return;
	f->ended = true;
	f->end_ns = now_ns;
	f->limited = blocked_ns > 0 && blocked_ns * PACE_LIMIT_PART >= now_ns - f->begin_ns;
	p->last_ended = f->frame;
	if (needs_ack) {
		p->no_ack_row = 0;
		return;
	}
	p->no_ack_row++;
	p->no_ack_ns[p->no_ack_next] = now_ns;
	p->no_ack_next = (p->no_ack_next + 1) % PACE_NO_ACK_FRAMES;
	p->in_flight_bytes -= f->bytes;
	p->count--;
}

uint32_t pace_base_rtt_us(const struct pace *p)
{
	return minimum_get(&p->base_us);
}

/* What is known of the link from one acknowledgement: between these. */
struct span_of_rate {
	uint64_t least, most;
};

/* The largest of the samples that count: those of the last second, or else the newest. */
static uint64_t best_rate(const struct pace *p, uint64_t now_ns)
{
	size_t last = (p->rate_next + PACE_RATE_SAMPLES - 1) % PACE_RATE_SAMPLES;
	uint64_t best = p->rates[last].bytes_per_s;

	for (size_t i = 0; i < PACE_RATE_SAMPLES; i++)
		if (p->rates[i].at_ns + PACE_RATE_WINDOW_NS >= now_ns)
			best = MAX(best, p->rates[i].bytes_per_s);
	return best;
}

static void add_rate(struct pace *p, struct span_of_rate rate, bool limited, uint64_t now_ns)
{
	if (!limited && rate.least <= p->rate_bytes_per_s)
		return;
	uint64_t bytes_per_s = MAX(MIN(p->rate_bytes_per_s, rate.most), rate.least);
	p->rates[p->rate_next].at_ns = now_ns;
	p->rates[p->rate_next].bytes_per_s = bytes_per_s;
	p->rate_next = (p->rate_next + 1) % PACE_RATE_SAMPLES;
	if (limited)
		p->limited_ns = now_ns;
	p->rate_bytes_per_s = best_rate(p, now_ns);
}

static uint64_t rate_of(uint64_t bytes, uint64_t since_ns, uint64_t until_ns)
{
	uint64_t took_ns = until_ns > since_ns ? until_ns - since_ns : 0;

	return bytes * 1000000000ULL / MAX(took_ns, (uint64_t)PACE_SAMPLE_LEAST_NS);
}

/*
 * The link is at least as fast as the bytes delivered between the frame's begin and its arrival
 * say; film leaves it idle in between. And it is at most as fast as the bytes of this
 * acknowledgement say in the time since the one before, or since they were begun; a client that was
 * held up acknowledges two frames at almost the same time. Where the pipe was empty at the begin,
 * the time runs from the first byte, less the way there and back.
 */
static void sample_rate(struct pace *p, const struct pace_frame *f, uint64_t acked_bytes,
	uint64_t begin_ns, uint64_t arrived_ns, uint64_t now_ns)
{
	uint64_t way_ns = (uint64_t)pace_base_rtt_us(p) * 1000;
	uint64_t since_ns = f->delivered_ns > 0 ? f->delivered_ns : f->begin_ns + way_ns;
	uint64_t bytes = p->delivered_bytes - f->delivered_bytes;

	if (bytes < PACE_SAMPLE_LEAST_BYTES)
		return;
	struct span_of_rate rate = {
		.least = rate_of(bytes, since_ns, arrived_ns),
		.most = rate_of(acked_bytes, MAX(p->delivered_ns, begin_ns + way_ns), arrived_ns),
	};
	rate.most = MAX(rate.most, rate.least);
	add_rate(p, rate, f->limited, now_ns);
}

int pace_acked(struct pace *p, uint32_t frame, uint32_t present_us, uint64_t now_ns)
{
	struct pace_frame acked = { 0 };

	if (!serial_reached(p->last_ended, frame))
		return -EPROTO;
	if (p->count == 0 || !serial_reached(frame, p->frames[p->first].frame))
		return 0; /* again, or it had needed none: says nothing new */
	uint64_t before_bytes = p->delivered_bytes, begin_ns = p->frames[p->first].begin_ns;
	while (p->count > 0 && serial_reached(frame, p->frames[p->first].frame)) {
		acked = p->frames[p->first];
		p->delivered_bytes += acked.bytes;
		p->in_flight_bytes -= acked.bytes;
		p->first = (p->first + 1) % PACE_FRAMES_MAX;
		p->count--;
	}
	uint64_t present_ns = (uint64_t)present_us * 1000;
	uint64_t arrived_ns = now_ns - MIN(present_ns, now_ns - acked.end_ns);
	sample_rate(p, &acked, p->delivered_bytes - before_bytes, begin_ns, arrived_ns, now_ns);
	p->delivered_ns = arrived_ns;
	uint64_t rtt_us = (arrived_ns - acked.end_ns) / 1000;
	/* A lie about present_us may make it 0; the least that means anything is 1. */
	p->rtt_us = (uint32_t)MIN(MAX(rtt_us, 1), UINT32_MAX - 1);
	minimum_add(&p->base_us, p->rtt_us, now_ns);
	return 0;
}

uint64_t pace_unacked_since_ns(const struct pace *p)
{
	const struct pace_frame *oldest = &p->frames[p->first];

	return p->count > 0 && oldest->ended ? MAX(oldest->end_ns, p->delivered_ns) : 0;
}

/* Whether the link was what limited, not long ago. */
static bool is_slow(const struct pace *p, uint64_t now_ns)
{
	return p->limited_ns && now_ns - p->limited_ns < PACE_LIMIT_WINDOW_NS;
}

uint64_t pace_link_bytes_per_s(const struct pace *p, uint64_t now_ns)
{
	return is_slow(p, now_ns) ? p->rate_bytes_per_s : 0;
}

uint64_t pace_window_bytes(const struct pace *p, uint64_t now_ns)
{
	uint64_t span_us = pace_base_rtt_us(p) + PACE_QUEUE_MS * 1000ULL;
	uint64_t window = p->rate_bytes_per_s / 1000 * span_us / 1000;

	return MAX(window, (uint64_t)(is_slow(p, now_ns) ? PACE_LEAST_BYTES : PACE_START_BYTES));
}

uint64_t pace_frame_bytes(const struct pace *p, uint64_t now_ns)
{
	if (p->rate_bytes_per_s > 0 && !is_slow(p, now_ns))
		return 0;
	return MAX(pace_window_bytes(p, now_ns) / PACE_FRAME_PART,
		p->rate_bytes_per_s / 1000 * PACE_WHOLE_MS);
}

uint64_t pace_free_bytes(const struct pace *p, uint64_t now_ns)
{
	uint64_t window = pace_window_bytes(p, now_ns);
	uint64_t frames = PACE_FRAMES_LEAST + (uint64_t)pace_base_rtt_us(p) * 1000 / PACE_FRAME_NS;

	if (p->count == 0)
		return window;
	if (p->count >= MIN(frames, (uint64_t)PACE_FRAMES_MAX))
		return 0;
	return p->in_flight_bytes < window ? window - p->in_flight_bytes : 0;
}
