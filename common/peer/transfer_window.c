#include "common/peer/transfer_window.h"

#include "common/base/macros.h"

#include <string.h>

void transfer_window_init(struct transfer_window *w)
{
	memset(w, 0, sizeof(*w));
}

static uint64_t rate_of(const struct transfer_window *w)
{
	uint64_t best = 0;

	for (unsigned i = 0; i < w->count; i++)
		best = MAX(best, w->rates[i]);
	return best;
}

static uint32_t base_of(const struct transfer_window *w)
{
	if (w->base_us[0] == 0 || w->base_us[1] == 0)
		return MAX(w->base_us[0], w->base_us[1]);
	return MIN(w->base_us[0], w->base_us[1]);
}

static uint64_t window_bytes(const struct transfer_window *w)
{
	uint64_t rate = rate_of(w);

	if (rate == 0 || base_of(w) == 0)
		return TRANSFER_WINDOW_START_BYTES;
	uint64_t bytes = rate / 1000 * (base_of(w) / 1000 + TRANSFER_QUEUE_MS);
	return MIN(MAX(bytes, TRANSFER_WINDOW_LEAST_BYTES), TRANSFER_WINDOW_MAX_BYTES);
}

uint64_t transfer_window_free_bytes(struct transfer_window *w)
{
	uint64_t under_way = w->sent_bytes - w->acked_bytes, window = window_bytes(w);

	if (under_way < window)
		return window - under_way;
	w->sample_limited = true;
	return 0;
}

void transfer_window_sent(struct transfer_window *w, uint64_t bytes, uint64_t now_us)
{
	/* A sample never spans the time in which nothing was under way. */
	if (w->sent_bytes == w->acked_bytes) {
		w->sample_begin_us = now_us;
		w->sample_begin_bytes = w->acked_bytes;
		w->sample_limited = false;
	}
	w->sent_bytes += bytes;
}

static void note_base(struct transfer_window *w, uint32_t rtt_us, uint64_t now_us)
{
	if (rtt_us == 0)
		return;
	if (now_us - w->base_began_us > TRANSFER_BASE_MS * 1000ULL) {
		w->base_us[1] = w->base_us[0];
		w->base_us[0] = 0;
		w->base_began_us = now_us;
	}
	w->base_us[0] = w->base_us[0] == 0 ? rtt_us : MIN(w->base_us[0], rtt_us);
}

bool transfer_window_acked(
	struct transfer_window *w, uint64_t taken_bytes, uint32_t rtt_us, uint64_t now_us)
{
	if (taken_bytes > w->sent_bytes)
		return false;
	if (taken_bytes <= w->acked_bytes)
		return true;
	w->acked_bytes = taken_bytes;
	note_base(w, rtt_us, now_us);
	/* Without a round trip a sample says nothing: it goes on until there is one. */
	if (base_of(w) == 0)
		return true;
	/* Over a round trip at least: what is acknowledged in less came in one lump. */
	uint64_t least_us = MAX((uint64_t)base_of(w), TRANSFER_SAMPLE_MS * 1000ULL);
	uint64_t took_us = now_us - w->sample_begin_us;
	if (took_us < least_us)
		return true;
	uint64_t rate = (taken_bytes - w->sample_begin_bytes) * 1000000 / took_us;
	/* Where the sender had nothing to send the link may be faster, and is not known to be slower. */
	if (w->sample_limited || rate > rate_of(w)) {
		w->rates[w->next] = rate;
		w->next = (w->next + 1) % TRANSFER_SAMPLES;
		w->count = MIN(w->count + 1, TRANSFER_SAMPLES);
	}
	w->sample_begin_us = now_us;
	w->sample_begin_bytes = taken_bytes;
	w->sample_limited = false;
	return true;
}
