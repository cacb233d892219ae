#include "common/codec/overlay.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>

int codec_overlay_init(struct codec_overlay *o, const struct codec_tiles *tiles,
	const struct codec_picture *seen, uint32_t features)
{
	o->tiles = tiles;
	o->seen = seen;
	o->impl = codec_video_choose(features);
	o->bands_max = codec_film_bands(features);
	if (o->bands_max == 0)
		return 0;
	o->lossy = calloc(codec_tiles_count(tiles), 1);
	if (!o->lossy)
		return -ENOMEM;
	return codec_picture_init(&o->below, seen->width_px, seen->height_px);
}

void codec_overlay_finish(struct codec_overlay *o)
{
	for (size_t i = 0; i < CODEC_FILM_BANDS_MAX; i++)
		codec_video_decoder_destroy(o->bands[i].decoder);
	codec_picture_finish(&o->below);
	free(o->lossy);
	*o = (struct codec_overlay){ 0 };
}

const struct codec_picture *codec_overlay_exact(const struct codec_overlay *o)
{
	return o->lossy_count > 0 ? &o->below : o->seen;
}

/* Shows what of an exact part lies outside of the bands from this one on. */
static void show_outside(struct codec_overlay *o, struct codec_rect part, unsigned band)
{
	struct codec_rect parts[4];

	while (band < o->bands_max && o->bands[band].rect.width_px == 0)
		band++;
	if (band == o->bands_max) {
		codec_picture_copy(o->seen, &o->below, part);
		return;
	}
	size_t count = codec_rect_outside(part, o->bands[band].rect, parts);
	for (size_t i = 0; i < count; i++)
		show_outside(o, parts[i], band + 1);
}

/* Shows the part of a tile where something was drawn. */
static void show(struct codec_overlay *o, size_t tile, struct codec_rect part)
{
	show_outside(o, part, o->lossy[tile] ? 0 : o->bands_max);
}

void codec_overlay_drawn(struct codec_overlay *o, struct codec_rect rect)
{
	uint32_t right = (rect.x_px + rect.width_px - 1U) / TILE_SIDE_PX;
	uint32_t bottom = (rect.y_px + rect.height_px - 1U) / TILE_SIDE_PX;

	if (o->lossy_count == 0)
		return;
	for (uint32_t row = rect.y_px / TILE_SIDE_PX; row <= bottom; row++)
		for (uint32_t column = rect.x_px / TILE_SIDE_PX; column <= right; column++)
			show(o, (size_t)row * o->tiles->columns + column,
				codec_rect_common(rect, codec_tiles_rect(o->tiles, column, row)));
}

/* A new stream for a band. */
static int start_band(struct codec_overlay *o, unsigned band)
{
	for (unsigned i = 1; band == 0 && i < o->bands_max; i++) {
		codec_video_decoder_destroy(o->bands[i].decoder);
		o->bands[i].decoder = NULL;
		o->bands[i].rect.width_px = 0;
	}
	if (!o->bands[band].decoder) {
		int r = codec_video_decoder_create(&o->bands[band].decoder, o->impl);
		if (r < 0)
			return r;
	}
	return codec_video_decoder_start(o->bands[band].decoder);
}

static void mark_lossy(struct codec_overlay *o, struct codec_rect rect)
{
	uint32_t right = (rect.x_px + rect.width_px - 1U) / TILE_SIDE_PX;
	uint32_t bottom = (rect.y_px + rect.height_px - 1U) / TILE_SIDE_PX;

	for (uint32_t row = rect.y_px / TILE_SIDE_PX; row <= bottom; row++)
		for (uint32_t column = rect.x_px / TILE_SIDE_PX; column <= right; column++) {
			uint8_t *lossy = &o->lossy[(size_t)row * o->tiles->columns + column];
			o->lossy_count += !*lossy;
			*lossy = 1;
		}
}

int codec_overlay_video(struct codec_overlay *o, struct codec_rect rect, unsigned band, bool start,
	const uint8_t *bytes, size_t len)
{
	if (band >= o->bands_max)
		return -EPROTO;
	if (!start && memcmp(&rect, &o->bands[band].rect, sizeof(rect)) != 0)
		return -EPROTO;
	int r = start ? start_band(o, band) : 0;
	if (r < 0)
		return r;
	/* From here on the two pictures differ. */
	if (o->lossy_count == 0)
		codec_picture_copy(&o->below, o->seen,
			codec_rect_between(0, 0, o->seen->width_px, o->seen->height_px));
	o->bands[band].rect = rect;
	r = codec_video_decode(o->bands[band].decoder, bytes, len, o->seen, rect);
	if (r == 0)
		mark_lossy(o, rect);
	return r;
}

void codec_overlay_settle(struct codec_overlay *o, size_t tile)
{
	if (!o->lossy[tile])
		return;
	codec_picture_copy(o->seen, &o->below, codec_tiles_nth(o->tiles, tile));
	o->lossy[tile] = 0;
	o->lossy_count--;
}
