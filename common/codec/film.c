#include "common/codec/film.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <string.h>

#define MACROBLOCK_PX 16

unsigned codec_film_bands(uint32_t features)
{
	if (codec_video_choose(features) == &codec_video_none)
		return 0;
	return features & CODEC_FEATURE_BANDS ? CODEC_FILM_BANDS_MAX : 1;
}

void codec_film_init(struct codec_film *f, uint32_t features)
{
	*f = (struct codec_film){
		.impl = codec_video_choose(features),
		.bands_max = codec_film_bands(features),
	};
}

static void drop_encoders(struct codec_film *f, unsigned from)
{
	for (unsigned i = from; i < CODEC_FILM_BANDS_MAX; i++) {
		codec_video_encoder_destroy(f->encoders[i]);
		f->encoders[i] = NULL;
	}
}

void codec_film_finish(struct codec_film *f)
{
	drop_encoders(f, 0);
	*f = (struct codec_film){ 0 };
}

static int start(struct codec_film *f, unsigned band)
{
	struct codec_rect rect = codec_film_band(f, band);

	if (!f->encoders[band]) {
		int r = codec_video_encoder_create(&f->encoders[band], f->impl);
		if (r < 0)
			return r;
	}
	return codec_video_encoder_start(f->encoders[band], rect.width_px, rect.height_px);
}

unsigned codec_film_begin(struct codec_film *f, struct codec_rect rect, bool *starts)
{
	unsigned rows = rect.height_px / MACROBLOCK_PX;
	unsigned count = (codec_rect_area(rect) + CODEC_FILM_BAND_PX / 2) / CODEC_FILM_BAND_PX;

	*starts = memcmp(&rect, &f->rect, sizeof(rect)) != 0;
	if (!*starts)
		return f->count;
	f->rect = rect;
	f->count = MAX(MIN(MIN(count, rows), f->bands_max), 1U);
	drop_encoders(f, f->count);
	for (unsigned band = 0; band < f->count; band++)
		if (start(f, band) < 0)
			return 0;
	return f->count;
}

/* Whole macroblocks but for the last one, which takes what is left. */
struct codec_rect codec_film_band(const struct codec_film *f, unsigned band)
{
	unsigned height_px = f->rect.height_px / MACROBLOCK_PX / f->count * MACROBLOCK_PX;
	unsigned top_px = band * height_px;
	struct codec_rect rect = f->rect;

	rect.y_px = (uint16_t)(rect.y_px + top_px);
	rect.height_px = (uint16_t)(band + 1 < f->count ? height_px : f->rect.height_px - top_px);
	return rect;
}

int codec_film_encode(struct codec_film *f, unsigned band, const struct codec_picture *picture,
	uint32_t bits_per_s, uint8_t *out, size_t capacity)
{
	struct codec_rect rect = codec_film_band(f, band);
	uint64_t bits = (uint64_t)bits_per_s * codec_rect_area(rect) / codec_rect_area(f->rect);

	return codec_video_encode(f->encoders[band], picture, rect, (uint32_t)bits, out, capacity);
}
