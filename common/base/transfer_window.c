#include "common/base/transfer_window.h"

#include "common/base/macros.h"

#include <stdlib.h>
#include <string.h>

void transfer_window_init(struct transfer_window *w)
{
	memset(w, 0, sizeof(*w));
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void note_rate(struct transfer_window *w, uint64_t rate)
{
	uint64_t sorted[TRANSFER_SAMPLES];

	w->rates[w->next] = rate;
	w->next = (w->next + 1) % TRANSFER_SAMPLES;
	w->count = MIN(w->count + 1, TRANSFER_SAMPLES);
	memcpy(sorted, w->rates, w->count * sizeof(sorted[0]));
	qsort(sorted, w->count, sizeof(sorted[0]), compare);
	w->rate = sorted[w->count / TRANSFER_BETTER];
}

static uint32_t base_of(const struct transfer_window *w)
{
	if (w->base_us[0] == 0 || w->base_us[1] == 0)
		return MAX(w->base_us[0], w->base_us[1]);
	return MIN(w->base_us[0], w->base_us[1]);
}

/* What the rate makes of it; 0: not known. */
static uint64_t window_of(const struct transfer_window *w, uint64_t rate)
{
	if (rate == 0 || base_of(w) == 0)
		return TRANSFER_WINDOW_START_BYTES;
	uint64_t bytes = rate / 1000 * (base_of(w) / 1000 + TRANSFER_QUEUE_MS);
	return MIN(MAX(bytes, TRANSFER_WINDOW_LEAST_BYTES), TRANSFER_WINDOW_MAX_BYTES);
}

uint64_t transfer_window_free_bytes(struct transfer_window *w)
{
	uint64_t under_way = w->sent_bytes - w->acked_bytes, window = window_of(w, w->rate);

	if (under_way < window)
		return window - under_way;
	w->sample_limited = true;
	return 0;
}

void transfer_window_sent(struct transfer_window *w, uint64_t bytes)
{
	/* A sample never spans the time in which nothing was under way, nor the round trip after it: it
	 * begins with an acknowledgement. */
	if (w->sent_bytes == w->acked_bytes)
		w->sample_begin_us = 0;
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

static void begin_sample(struct transfer_window *w, uint64_t now_us)
{
	w->sample_begin_us = now_us;
	w->sample_begin_bytes = w->acked_bytes;
	w->sample_limited = false;
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
	/* Without a round trip a sample says nothing. */
	if (base_of(w) == 0 || w->sample_begin_us == 0) {
		begin_sample(w, now_us);
		return true;
	}
	/* Over a round trip at least: what is acknowledged in less came in one lump. */
	uint64_t least_us = MAX((uint64_t)base_of(w), TRANSFER_SAMPLE_MS * 1000ULL);
	uint64_t took_us = now_us - w->sample_begin_us;
	if (took_us < least_us)
		return true;
	uint64_t rate = (taken_bytes - w->sample_begin_bytes) * 1000000 / took_us;
	/* Where the sender had nothing to send the link may be faster, and is not known to be slower. */
	if (w->sample_limited || window_of(w, rate) > window_of(w, w->rate))
		note_rate(w, rate);
	begin_sample(w, now_us);
	return true;
}
