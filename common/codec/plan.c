#include "common/codec/plan.h"

#include "common/codec/rect.h"

/* A patch no wider than this: a few of its rows stay in the L1 cache together. */
#define PATCH_WIDTH_MAX_PX 1024

/* Pixels that joining two rectangles may add: what a rectangle costs by itself, as pixels that did
 * not change. */
#define JOIN_WASTE_PX 256

static bool join(struct codec_rect *into, struct codec_rect next)
{
	struct codec_rect both = codec_rect_bounds(*into, next);

	if (both.width_px > PATCH_WIDTH_MAX_PX ||
		codec_rect_area(both) >
			codec_rect_area(*into) + codec_rect_area(next) + JOIN_WASTE_PX)
		return false;
	*into = both;
	return true;
}

size_t codec_plan_row(const struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown, uint32_t row,
	struct codec_patch patches[static CODEC_PATCHES_MAX])
{
	const uint8_t *changed = tiles->changed + (size_t)row * tiles->columns;
	size_t count = 0;

	for (uint32_t column = 0; column < tiles->columns; column++) {
		struct codec_rect rect = codec_tiles_rect(tiles, column, row);
		if (!changed[column] || !codec_tiles_shrink(simd, captured, shown, &rect))
			continue;
		if (count > 0 && join(&patches[count - 1].rect, rect))
			continue;
		patches[count++].rect = rect;
	}
	return count;
}
