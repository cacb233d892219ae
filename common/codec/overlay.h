/* Approximations over the picture: what video shows is seen, while all exact coders go on in a
 * picture below, which both ends have. Tile by tile the picture below is seen again. */
#pragma once

#include "common/codec/film.h"
#include "common/codec/tiles.h"

struct codec_overlay {
	const struct codec_tiles *tiles;  /* borrowed */
	const struct codec_picture *seen; /* borrowed: the decoder's picture */
	/* in use while lossy_count > 0; else seen is exact */
	struct codec_picture below;
	const struct codec_video_impl *impl;
	unsigned bands_max; /* 0 without video */
	struct {
		struct codec_video_decoder *decoder; /* owned; NULL: not used yet */
		struct codec_rect rect;              /* of the stream that runs; width 0 none */
	} bands[CODEC_FILM_BANDS_MAX];
	uint8_t *lossy; /* owned; for each tile */
	size_t lossy_count;
};

/* features: what was agreed on. -ENOMEM. */
int codec_overlay_init(struct codec_overlay *o, const struct codec_tiles *tiles,
	const struct codec_picture *seen, uint32_t features) MUST_CHECK;
void codec_overlay_finish(struct codec_overlay *o);

/* The picture that exact coders read and draw to. */
const struct codec_picture *codec_overlay_exact(const struct codec_overlay *o);

/* Called after something exact was drawn at rect: shows it where no approximation lies over it. */
void codec_overlay_drawn(struct codec_overlay *o, struct codec_rect rect);

/*
 * Shows a picture of a band, at rect, which lies inside and has even sides. start: it is the first
 * of a new stream; with the first band a film begins that has no other bands yet. -EPROTO, -ENOMEM.
 */
int codec_overlay_video(struct codec_overlay *o, struct codec_rect rect, unsigned band, bool start,
	const uint8_t *bytes, size_t len) MUST_CHECK;

/* Shows a tile as it is below. */
void codec_overlay_settle(struct codec_overlay *o, size_t tile);
