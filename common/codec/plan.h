/* From changed tiles to the rectangles that are coded. */
#pragma once

#include "common/codec/tiles.h"

struct codec_patch {
	struct codec_rect rect;
};

/* Patches in a row of tiles at most. */
#define CODEC_PATCHES_MAX ((CODEC_SIDE_MAX_PX + TILE_SIDE_PX - 1) / TILE_SIDE_PX)

/*
 * The rectangles that differ between captured and shown in one row of tiles, neighbours joined
 * where that wastes little. Returns how many.
 */
size_t codec_plan_row(const struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown, uint32_t row,
	struct codec_patch patches[static CODEC_PATCHES_MAX]);
