/*
 * Finds where film plays: tiles that change many times in close succession, look like photographs,
 * and are not explained by moves or the cache. Together they are a rectangle, the region. Also
 * knows which tiles the client shows as an approximation.
 */
#pragma once

#include "common/codec/slice.h"
#include "common/codec/tiles.h"

/* The region's bounds are those of what changed in this many frames. What changed before, such as a
 * window that opened, does not count. */
#define REGION_BOUNDS_TICKS 6

struct codec_region {
	const struct codec_simd *simd;
	bool is_on;
	/* taken for film by how it changed, not because the link is slow */
	bool is_film;
	struct codec_rect rect; /* the region, or when it is off the last one */
	uint64_t seen_ms;       /* when something changed in it last */
	uint64_t tick_ms;
	uint32_t tick;
	unsigned still_ticks; /* frames in a row that changed little of it */
	/* Owned; for each tile whether the captured picture changed there since the last frame. */
	uint8_t *updated;
	struct {
		uint8_t history; /* the newest of 8 ticks lowest: whether the tile changed much */
		bool is_lossy;
		bool is_held; /* touches the region: kept from the other coders for a while */
		struct codec_rect changed[REGION_BOUNDS_TICKS]; /* of the tile, by tick */
		bool is_again;            /* it changed twice in close succession */
		bool is_new;              /* it changed since the last frame */
		struct codec_rect before; /* what changed of it last */
		uint64_t before_ms;       /* when that was */
		struct codec_rect bounds; /* for the search: what of it may be film */
	} * tiles;                        /* owned */
	uint16_t *queue;                  /* owned; for the search */
	size_t lossy_count;
};

int codec_region_init(
	struct codec_region *g, const struct codec_simd *simd, size_t tile_count) MUST_CHECK;
void codec_region_finish(struct codec_region *g);

/*
 * Begins a frame: decides whether the region goes on. If it does, the tiles that it touches are
 * unmarked; returns whether one was marked, so that a picture of the region is due. If it ends,
 * tiles that are approximations are marked as changed.
 */
bool codec_region_begin(struct codec_region *g, struct codec_tiles *tiles,
	const struct codec_picture *captured, uint64_t now_ms);

/* Ends the region: tiles that are approximations are marked as changed. */
void codec_region_end(struct codec_region *g, struct codec_tiles *tiles);

/* hold takes the tiles that the region touches from the other coders. release_border gives those at
 * its border back: what lies outside of the region is coded as usual. */
void codec_region_hold(struct codec_region *g, struct codec_tiles *tiles);
void codec_region_release_border(struct codec_region *g, struct codec_tiles *tiles);

/*
 * Learns from what is left to code.
 *
 * bounds             of the change in each tile, width 0 where there is none
 * has_moved          moves explained much of the picture, so what is left was uncovered by them
 * link_bytes_per_ms  of a link known to be slow, else 0
 *
 * Returns whether the region was switched on or became larger.
 */
bool codec_region_observe(struct codec_region *g, const struct codec_tiles *tiles,
	const struct codec_picture *captured, const struct codec_rect *bounds, bool has_moved,
	uint32_t link_bytes_per_ms, uint64_t now_ms);

/* The region was sent: its tiles are approximations now. */
void codec_region_sent(struct codec_region *g, const struct codec_tiles *tiles);

/* Lists the tiles that are no longer approximations: outside of the region, and no longer marked as
 * changed. Tile and slot are both the tile's number; list has room for every tile. */
size_t codec_region_settle(
	struct codec_region *g, const struct codec_tiles *tiles, struct codec_cached *list);

/* Whether a tile touches the region, which is on. */
bool codec_region_touches(const struct codec_region *g, struct codec_rect tile);

/*
 * Whether approximations are due to be made exact: nothing has changed in the region for a while.
 */
bool codec_region_refine_due(const struct codec_region *g, uint64_t now_ms);
