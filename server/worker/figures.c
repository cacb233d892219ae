#include "server/worker/figures.h"

#include "common/base/clock.h"
#include "server/worker/worker.h"

/* STATS to the client: each second while much moves, else seldom: a caret that blinks should not be
 * outweighed by figures about it. */
#define SEND_MS       1000
#define SEND_QUIET_MS 5000
#define MUCH_FRAMES   15

static uint32_t in_flight_bytes(const struct frame *f)
{
	return (uint32_t)MIN(f->pace.in_flight_bytes, UINT32_MAX);
}

static uint32_t link_bytes_per_ms(const struct frame *f)
{
	return (uint32_t)MIN(pace_link_bytes_per_s(&f->pace, clock_now_ns()) / 1000, UINT32_MAX);
}

void figures_send(struct worker *w, uint64_t now_ms)
{
	struct wire_message m = { .type = WIRE_STATS };
	const struct frame *f = &w->frame;
	uint64_t frames = f->frames - w->figures.sent_frames;
	uint64_t every_ms = frames >= MUCH_FRAMES ? SEND_MS : SEND_QUIET_MS;

	if (now_ms < w->figures.sent_ms + every_ms || frames == 0)
		return;
	w->figures.sent_ms = now_ms;
	w->figures.sent_frames = f->frames;
	m.stats.frames = (uint32_t)f->frames;
	m.stats.encode_us_p50 = samples_percentile(&f->encode_us, 50);
	m.stats.queue_bytes = in_flight_bytes(f);
	m.stats.link_bytes_per_ms = link_bytes_per_ms(f);
	worker_send(w, &m);
}

/* By what the picture was coded. */
static void fill_sections(struct record_stats *out, const struct codec_stats *codec)
{
	out->pixels[RECORD_SECTION_COPY] = codec->pixels_copied;
	out->pixels[RECORD_SECTION_CACHE] = codec->pixels_cached;
	out->pixels[RECORD_SECTION_CTX] = codec->pixels_ctx;
	out->pixels[RECORD_SECTION_MEDZ] = codec->pixels_medz;
	out->pixels[RECORD_SECTION_VIDEO] = codec->pixels_video;
	out->bytes[RECORD_SECTION_COPY] = codec->bytes_copy;
	out->bytes[RECORD_SECTION_CACHE] = codec->bytes_cache;
	out->bytes[RECORD_SECTION_CTX] = codec->bytes_ctx;
	out->bytes[RECORD_SECTION_MEDZ] = codec->bytes_medz;
	out->bytes[RECORD_SECTION_VIDEO] = codec->bytes_video;
	out->bytes[RECORD_SECTION_OTHER] = codec->bytes_other;
}

void figures_tell(struct worker *w)
{
	struct worker_record out = { .type = RECORD_STATS };
	struct tls_info info = { 0 };
	const struct frame *f = &w->frame;

	if (w->peer.tls)
		tls_info(w->peer.tls, &info);
	out.stats.bytes_in = info.bytes_in;
	out.stats.bytes_out = info.bytes_out;
	out.stats.frames = f->frames;
	out.stats.picture_bytes = f->picture_bytes;
	out.stats.rtt_us = f->pace.rtt_us ? f->pace.rtt_us : w->peer.rtt_us;
	out.stats.base_rtt_us = pace_base_rtt_us(&f->pace);
	out.stats.link_bytes_per_ms = link_bytes_per_ms(f);
	out.stats.encode_us_p50 = samples_percentile(&f->encode_us, 50);
	out.stats.queue_bytes = in_flight_bytes(f);
	out.stats.input_events = w->held.events;
	out.stats.exact = f->exact;
	fill_sections(&out.stats, &f->encode.stats);
	worker_tell(w, &out);
}
