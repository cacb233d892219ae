/* Decides which tiles of a frame come from the cache, and which are kept in it before they are
 * overwritten. */
#pragma once

#include "common/codec/uncover.h"

struct codec_reuse {
	const struct codec_simd *simd;
	struct codec_cache *cache; /* owned */
	uint64_t frame;
	struct {
		uint64_t frame;               /* when the tile was last replaced */
		uint64_t changed;             /* frame in which anything of it last changed */
		uint8_t churn;                /* how many times in close succession */
		struct codec_cache_ref ahead; /* where it is kept already, as it is shown */
	} * history;                          /* owned, for each tile */
	struct codec_cached *save, *load;     /* owned; of the frame at hand, room for every tile */
	size_t save_count, load_count;
	size_t ahead_next; /* tile that codec_reuse_prepare goes on with */
	bool parts;        /* the other end loads parts of tiles, too */
	struct codec_uncover uncover;
	uint32_t *moved_px; /* owned; of each tile, by the copies of the frame at hand */
};

/* parts: CODEC_FEATURE_PARTS was agreed on. */
int codec_reuse_create(struct codec_reuse **out, const struct codec_simd *simd, size_t tile_count,
	uint64_t seed, bool parts) MUST_CHECK;
void codec_reuse_destroy(struct codec_reuse *u);

/* Fills the lists for a frame: tiles says what changed, copies come for free. Tiles are to be saved
 * as they stand in shown before the copies, and loaded after them. */
void codec_reuse_plan(struct codec_reuse *u, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_picture *shown,
	const struct codec_copies *copies);

/* Between frames, while nothing moves: keeps some of the tiles as they are shown, so that it takes
 * no time when something covers them. Returns whether there are more. */
bool codec_reuse_prepare(
	struct codec_reuse *u, const struct codec_tiles *tiles, const struct codec_picture *shown);
