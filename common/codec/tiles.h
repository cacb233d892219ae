/* The picture as tiles of TILE_SIDE_PX, cut at the right and lower border: which of them hold
 * changes that the client lacks. */
#pragma once

#include "common/codec/picture.h"
#include "common/codec/simd.h"

struct codec_tiles {
	uint32_t columns, rows;
	uint32_t width_px, height_px;
	uint8_t *changed; /* owned; a byte for each tile, row by row: 0 or 1 */
};

int codec_tiles_init(struct codec_tiles *t, uint32_t width_px, uint32_t height_px) MUST_CHECK;
void codec_tiles_finish(struct codec_tiles *t);

static inline size_t codec_tiles_count(const struct codec_tiles *t)
{
	return (size_t)t->columns * t->rows;
}

static inline struct codec_rect codec_tiles_rect(
	const struct codec_tiles *t, uint32_t column, uint32_t row)
{
	uint32_t x = column * TILE_SIDE_PX, y = row * TILE_SIDE_PX;

	return (struct codec_rect){
		.x_px = (uint16_t)x,
		.y_px = (uint16_t)y,
		.width_px = (uint16_t)MIN(t->width_px - x, (uint32_t)TILE_SIDE_PX),
		.height_px = (uint16_t)MIN(t->height_px - y, (uint32_t)TILE_SIDE_PX),
	};
}

/* The same by the tile's number, row by row. */
static inline struct codec_rect codec_tiles_nth(const struct codec_tiles *t, size_t tile)
{
	return codec_tiles_rect(t, (uint32_t)(tile % t->columns), (uint32_t)(tile / t->columns));
}

bool codec_tiles_any_changed(const struct codec_tiles *t);

/*
 * Marks or unmarks the tiles that a rectangle touches: whether the client lacks something of them.
 */
void codec_tiles_mark(struct codec_tiles *t, struct codec_rect rect, bool is_changed);

/* Copies a captured rectangle into kept and marks the tiles where it differs. pixels is the whole
 * captured picture, rows stride_bytes apart. Returns how many pixels were looked at. */
uint64_t codec_tiles_update(struct codec_tiles *t, const struct codec_simd *simd,
	const struct codec_picture *kept, const uint8_t *pixels, size_t stride_bytes,
	struct codec_rect rect);

/* Shrinks r to what differs between two pictures of one size; false, r unchanged, when nothing
 * does. */
bool codec_tiles_shrink(const struct codec_simd *simd, const struct codec_picture *a,
	const struct codec_picture *b, struct codec_rect *r);
