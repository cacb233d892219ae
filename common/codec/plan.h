/* From changed tiles to rectangles, and which coder takes each. */
#pragma once

#include "common/codec/region.h"

enum codec_coder {
	CODEC_CODER_CTX,
	CODEC_CODER_MEDZ,
};

struct codec_patch {
	struct codec_rect rect;
	bool is_coded;
	uint8_t coder;      /* enum codec_coder */
	uint8_t hard_share; /* of hard pixels (simd.h, count_hard), in 1/255 */
};

/* Finds what differs between captured and shown in each changed tile, and writes its bounds, one
 * for each tile of the picture. Width 0: nothing differs; such tiles are unmarked. */
void codec_plan_bounds(struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_rect *bounds);

/* How many bytes a patch becomes is known only afterwards, but it is hardly more than this. */
#define CODEC_PATCH_BYTES_PER_PX 2

/*
 * Makes patches of the bounds of changed tiles, by rows of tiles. Neighbours are joined where that
 * wastes little and does not exceed a frame's bytes_max (0 no limit), since a frame takes whole
 * patches. Of tiles that the region touches, only what differs outside of it becomes a patch.
 * patches has room for CODEC_PATCHES_MAX(tiles).
 */
#define CODEC_PATCHES_MAX(tile_count) (4 * (tile_count))
size_t codec_plan_patches(struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown,
	const struct codec_rect *bounds, const struct codec_region *region, uint32_t bytes_max,
	struct codec_patch *patches);

/*
 * Above this share of hard pixels a patch counts as a photograph when the link's speed is unknown.
 */
#define CODEC_PHOTO_SHARE 100

/* Below this share it is text and drawings, in which a search for matches pays (measured on first
 * pages). */
#define CODEC_REPEATS_SHARE 70

/* Chooses the coders. CTX makes fewer bytes, MEDZ takes less time on photo-like pixels. Takes the
 * one that is sooner at the far end of the link, and no more CTX than the time allows. */
void codec_plan_choose(const struct codec_simd *simd, const struct codec_picture *captured,
	const struct codec_budget *budget, struct codec_patch *patches, size_t count);

/* How long CTX takes for a patch whose coder was chosen, about. */
uint64_t codec_plan_ctx_ns(const struct codec_patch *p);
