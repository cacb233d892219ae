/*
 * Film as bands, one below the other, each a stream of its own: while one is on its way and is
 * decoded, the next one is coded. (openh264 gives a picture away only as a whole.)
 */
#pragma once

#include "common/codec/video.h"

/* A band has about so many pixels, which take 2 ms at either end. A smaller one costs bytes at its
 * border and gains nothing. */
#define CODEC_FILM_BAND_PX   (200U * 1000)
#define CODEC_FILM_BANDS_MAX 4

struct codec_film {
	const struct codec_video_impl *impl;
	struct codec_video_encoder *encoders[CODEC_FILM_BANDS_MAX]; /* owned; NULL: not used yet */
	unsigned bands_max;     /* 0: no film; 1 where the other end knows no bands */
	struct codec_rect rect; /* of the streams that run; width 0 none */
	unsigned count;
};

/* How many bands film has at most with these features, which were agreed on; 0: no video codec. */
unsigned codec_film_bands(uint32_t features);

/* features: what was agreed on. */
void codec_film_init(struct codec_film *f, uint32_t features);
/* There is no film after this. */
void codec_film_finish(struct codec_film *f);

/* Says that a picture of film at rect comes next: *starts tells whether its streams begin. Returns
 * the number of bands, or 0 when the codec fails. */
unsigned codec_film_begin(struct codec_film *f, struct codec_rect rect, bool *starts);

/* Where a band is; codec_film_begin was called. */
struct codec_rect codec_film_band(const struct codec_film *f, unsigned band);

/* Codes a band, at about so many bits a second for the film as a whole. Results as of
 * codec_video_encode. */
int codec_film_encode(struct codec_film *f, unsigned band, const struct codec_picture *picture,
	uint32_t bits_per_s, uint8_t *out, size_t capacity) MUST_CHECK;
