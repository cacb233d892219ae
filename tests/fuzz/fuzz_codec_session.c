/*
 * Both ends of a session: the input says what happens on the screen, what a frame may cost, and
 * which bytes on the way change. As long as none did, both ends have the same picture and it is the
 * right one.
 */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES_MAX 24

struct way {
	const uint8_t *data; /* what is left of the input */
	size_t size;
	struct codec_decoder *decoder;
	bool spoilt, refused;
};

static uint8_t next(struct way *w)
{
	if (w->size == 0)
		return 0;
	w->size--;
	return *w->data++;
}

static int carry(void *user, const uint8_t *bytes, size_t len)
{
	struct way *w = user;
	struct codec_changed changed;
	uint8_t *copy = malloc(len);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	/* Most slices arrive as they were sent. */
	if (next(w) & 1) {
		for (unsigned n = 1 + next(w) % 4; n > 0; n--) {
			size_t at = ((size_t)next(w) << 8 | next(w)) % len;
			copy[at] ^= next(w);
		}
		if (next(w) & 1)
			len = 1 + ((size_t)next(w) << 8 | next(w)) % len;
		w->spoilt = true;
	}
	w->refused = codec_decoder_decode(w->decoder, copy, len, &changed) < 0;
	if (w->refused && !w->spoilt)
		abort();
	free(copy);
	return w->refused ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct way w = { .data = data, .size = size };
	struct codec_params params = { (uint16_t)(1 + next(&w)), (uint16_t)(1 + next(&w)),
		codec_features(), 7 };
	struct codec_budget budget = { .link_bytes_per_ms = next(&w), .time_us = next(&w) };
	struct codec_encoder *encoder;
	struct desk desk;

	desk_init(&desk, params.width_px, params.height_px, next(&w));
	if (codec_encoder_create(&encoder, &params) < 0 ||
		codec_decoder_create(&w.decoder, &params) < 0)
		abort();
	for (unsigned i = 0; i < FRAMES_MAX && w.size > 0 && !w.refused; i++) {
		unsigned event = next(&w);
		desk_happen(&desk, event % DESK_EVENTS);
		if (event / DESK_EVENTS % 2)
			(void)codec_encoder_prepare(encoder);
		codec_encoder_update(
			encoder, desk.pixels, desk.stride_bytes, desk.damage, desk.damage_count);
		if (codec_encoder_encode(encoder, &budget, carry, &w) < 0)
			break;
		if (w.spoilt)
			continue;
		if (codec_encoder_checksum(encoder) != codec_decoder_checksum(w.decoder))
			abort();
		if (!codec_encoder_pending(encoder) && !codec_encoder_inexact(encoder) &&
			!desk_equals(&desk, codec_decoder_pixels(w.decoder)))
			abort();
	}
	codec_encoder_destroy(encoder);
	codec_decoder_destroy(w.decoder);
	desk_finish(&desk);
	return 0;
}
