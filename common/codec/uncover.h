/*
 * What comes back in parts: a window that is dragged, or a menu that closes, uncovers strips of
 * tiles that the cache holds as they were at rest. The encoder knows where for each tile; the
 * decoder does what it is told (CODEC_SECTION_PART).
 */
#pragma once

#include "common/codec/cache.h"

/* Contents of a tile that are remembered: what is below, and what covers it now. */
#define UNCOVER_HOMES 2

struct codec_uncover {
	const struct codec_simd *simd;
	struct codec_home {
		struct codec_cache_ref refs[UNCOVER_HOMES]; /* the newest first */
	} * homes;                                          /* owned; for each tile */
	struct codec_part *parts;                           /* owned; of the frame at hand */
	size_t count;
};

int codec_uncover_init(
	struct codec_uncover *u, const struct codec_simd *simd, size_t tile_count) MUST_CHECK;
void codec_uncover_finish(struct codec_uncover *u);

/* Says that this slot holds the tile as it was at rest. */
void codec_uncover_remember(struct codec_uncover *u, size_t tile, struct codec_cache_ref ref);

/* Finds the parts of what changed that stand in the cache. bounds, of the change in each changed
 * tile, shrink to what is left; a tile of which nothing is left is unmarked. */
void codec_uncover_find(struct codec_uncover *u, struct codec_cache *cache,
	struct codec_tiles *tiles, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_rect *bounds);
