/* From changed tiles to rectangles, and which coder takes each. */
#pragma once

#include "common/codec/tiles.h"

enum codec_coder {
	CODEC_CODER_CTX,
	CODEC_CODER_MEDZ,
};

struct codec_patch {
	struct codec_rect rect;
	uint8_t coder;      /* enum codec_coder */
	uint8_t hard_share; /* pixels that neither the left nor the upper neighbour tells, in 1/255
			     */
};

/*
 * Lists the rectangles that differ between captured and shown, row by row of tiles, neighbours
 * joined where that wastes little; tiles without a difference are no longer marked as changed.
 * patches has room for every tile.
 */
size_t codec_plan_collect(struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_patch *patches);

/*
 * Chooses the coders: CTX makes fewer bytes, MEDZ takes less time on photo-like pixels. Whichever
 * is sooner at the far end of the link, and no more CTX than the time allows.
 */
void codec_plan_choose(const struct codec_simd *simd, const struct codec_picture *captured,
	const struct codec_budget *budget, struct codec_patch *patches, size_t count);
