#include "common/codec/overlay.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>

int codec_overlay_init(struct codec_overlay *o, const struct codec_tiles *tiles,
	const struct codec_picture *seen, bool has_video)
{
	o->tiles = tiles;
	o->seen = seen;
	if (!has_video)
		return 0;
	o->lossy = calloc(codec_tiles_count(tiles), 1);
	if (!o->lossy)
		return -ENOMEM;
	int r = codec_picture_init(&o->below, seen->width_px, seen->height_px);
	return r < 0 ? r : codec_video_decoder_create(&o->decoder);
}

void codec_overlay_finish(struct codec_overlay *o)
{
	codec_video_decoder_destroy(o->decoder);
	codec_picture_finish(&o->below);
	free(o->lossy);
	*o = (struct codec_overlay){ 0 };
}

const struct codec_picture *codec_overlay_exact(const struct codec_overlay *o)
{
	return o->lossy_count > 0 ? &o->below : o->seen;
}

/* Shows the part of a tile where something was drawn. */
static void show(struct codec_overlay *o, size_t tile, struct codec_rect part)
{
	struct codec_rect parts[4];

	if (!o->lossy[tile]) {
		codec_picture_copy(o->seen, &o->below, part);
		return;
	}
	size_t count = codec_rect_outside(part, o->rect, parts);
	for (size_t i = 0; i < count; i++)
		codec_picture_copy(o->seen, &o->below, parts[i]);
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

int codec_overlay_video(struct codec_overlay *o, struct codec_rect rect, bool start,
	const uint8_t *bytes, size_t len)
{
	uint32_t right = (rect.x_px + rect.width_px - 1U) / TILE_SIDE_PX;
	uint32_t bottom = (rect.y_px + rect.height_px - 1U) / TILE_SIDE_PX;

	if (!start && memcmp(&rect, &o->rect, sizeof(rect)) != 0)
		return -EPROTO;
	int r = start ? codec_video_decoder_start(o->decoder) : 0;
	if (r < 0)
		return r;
	/* From here on the two pictures differ. */
	if (o->lossy_count == 0)
		codec_picture_copy(&o->below, o->seen,
			codec_rect_between(0, 0, o->seen->width_px, o->seen->height_px));
	o->rect = rect;
	r = codec_video_decode(o->decoder, bytes, len, o->seen, rect);
	if (r < 0)
		return r;
	for (uint32_t row = rect.y_px / TILE_SIDE_PX; row <= bottom; row++)
		for (uint32_t column = rect.x_px / TILE_SIDE_PX; column <= right; column++) {
			uint8_t *lossy = &o->lossy[(size_t)row * o->tiles->columns + column];
			o->lossy_count += !*lossy;
			*lossy = 1;
		}
	return 0;
}

void codec_overlay_settle(struct codec_overlay *o, size_t tile)
{
	if (!o->lossy[tile])
		return;
	codec_picture_copy(o->seen, &o->below, codec_tiles_nth(o->tiles, tile));
	o->lossy[tile] = 0;
	o->lossy_count--;
}
