#include "common/codec/plan.h"

#include "common/codec/rect.h"

/* A patch no wider than MEDZ takes it: a few of its rows stay in the L1 cache together. */
#define PATCH_WIDTH_MAX_PX SPLIT_WIDTH_MAX_PX

/* Pixels that joining two rectangles may add: they cost less than another rectangle, since they did
 * not change. */
#define JOIN_WASTE_PX 256

/* Every so many rows are looked at to tell photographs from text. */
#define SAMPLE_ROWS 4

/* Smaller patches count as text: MEDZ has to describe its codes anew in every section. */
#define MEDZ_LEAST_PX 1024

/*
 * Costs, measured (tests/bench/README.md). Time: CTX takes so much for each pixel and so much more
 * for each hard one; MEDZ takes the same for all. Bytes that CTX saves against MEDZ for each pixel
 * and for each hard one, in 1/1000.
 */
#define CTX_PIXEL_NS      4
#define CTX_HARD_NS       100
#define MEDZ_PIXEL_NS     5
#define SAVED_PIXEL_MILLI 80
#define SAVED_HARD_MILLI  450

#define DEFAULT_TIME_US 12000

/*
 * When CTX takes no longer than this for all of a frame, it gets all of it. Strips of a photograph
 * that come into view become a third of what MEDZ makes of them, since CTX knows what stands beside
 * them.
 */
#define CTX_WHOLE_NS 1500000

static bool join(struct codec_rect *into, struct codec_rect next, uint32_t area_max_px)
{
	struct codec_rect both = codec_rect_bounds(*into, next);
	uint32_t apart_px = codec_rect_area(*into) + codec_rect_area(next);

	if (both.width_px > PATCH_WIDTH_MAX_PX || codec_rect_area(both) > area_max_px ||
		codec_rect_area(both) > apart_px + JOIN_WASTE_PX)
		return false;
	*into = both;
	return true;
}

void codec_plan_bounds(struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown,
	struct codec_rect *bounds)
{
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		if (!tiles->changed[i])
			continue;
		bounds[i] = codec_tiles_nth(tiles, i);
		if (codec_tiles_shrink(simd, captured, shown, &bounds[i]))
			continue;
		bounds[i].width_px = 0;
		tiles->changed[i] = 0;
	}
}

/* The parts of a tile that are outside of the region and differ. */
static size_t border_patches(const struct codec_simd *simd, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_rect tile, struct codec_rect region,
	struct codec_patch *patches)
{
	struct codec_rect parts[4];
	size_t part_count = codec_rect_outside(tile, region, parts), count = 0;

	for (size_t i = 0; i < part_count; i++)
		if (codec_tiles_shrink(simd, captured, shown, &parts[i]))
			patches[count++].rect = parts[i];
	return count;
}

size_t codec_plan_patches(struct codec_tiles *tiles, const struct codec_simd *simd,
	const struct codec_picture *captured, const struct codec_picture *shown,
	const struct codec_rect *bounds, const struct codec_region *region, uint32_t bytes_max,
	struct codec_patch *patches)
{
	const uint32_t area_max_px =
		bytes_max > 0 ? bytes_max / CODEC_PATCH_BYTES_PER_PX : UINT32_MAX;
	size_t count = 0, row_start = 0;

	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		struct codec_rect tile = codec_tiles_nth(tiles, i);
		if (i % tiles->columns == 0)
			row_start = count;
		if (!tiles->changed[i])
			continue;
		if (codec_region_touches(region, tile)) {
			size_t more = border_patches(
				simd, captured, shown, tile, region->rect, patches + count);
			tiles->changed[i] = more > 0;
			count += more;
		} else if (count == row_start ||
			   !join(&patches[count - 1].rect, bounds[i], area_max_px)) {
			patches[count++].rect = bounds[i];
		}
	}
	return count;
}

static uint8_t hard_share(
	const struct codec_simd *simd, const struct codec_picture *picture, struct codec_rect r)
{
	size_t hard = 0, seen = 0;

	for (uint32_t y = r.y_px + 1U; y < (uint32_t)r.y_px + r.height_px; y += SAMPLE_ROWS) {
		hard += simd->count_hard(codec_picture_at(picture, r.x_px, y),
			codec_picture_at(picture, r.x_px, y - 1), r.width_px);
		seen += r.width_px;
	}
	return seen > 0 ? (uint8_t)(hard * 255 / seen) : 0;
}

uint64_t codec_plan_ctx_ns(const struct codec_patch *p)
{
	uint64_t area_px = codec_rect_area(p->rect);

	return area_px * CTX_PIXEL_NS + area_px * CTX_HARD_NS * p->hard_share / 255;
}

/*
 * Whether the additional time of CTX is less than the link takes for the additional bytes of MEDZ.
 */
static bool ctx_is_sooner(const struct codec_patch *p, uint32_t link_bytes_per_ms)
{
	uint64_t area_px = codec_rect_area(p->rect);
	uint64_t saved_milli =
		area_px * SAVED_PIXEL_MILLI + area_px * SAVED_HARD_MILLI * p->hard_share / 255;

	if (area_px < MEDZ_LEAST_PX || p->hard_share < CODEC_PHOTO_SHARE)
		return true;
	if (link_bytes_per_ms == 0)
		return false;
	return codec_plan_ctx_ns(p) <
	       area_px * MEDZ_PIXEL_NS + saved_milli * 1000 / link_bytes_per_ms;
}

/* Moves the hardest patches to MEDZ until CTX fits the time. */
static void keep_time(struct codec_patch *patches, size_t count, uint64_t time_ns)
{
	uint64_t ns_by_share[256] = { 0 }, sum_ns = 0;
	unsigned share = 0;

	for (size_t i = 0; i < count; i++)
		if (patches[i].coder == CODEC_CODER_CTX)
			ns_by_share[patches[i].hard_share] += codec_plan_ctx_ns(&patches[i]);
	while (share < ARRAY_LEN(ns_by_share) && sum_ns + ns_by_share[share] <= time_ns)
		sum_ns += ns_by_share[share++];
	for (size_t i = 0; i < count; i++)
		if (patches[i].hard_share >= share &&
			codec_rect_area(patches[i].rect) >= MEDZ_LEAST_PX)
			patches[i].coder = CODEC_CODER_MEDZ;
}

void codec_plan_choose(const struct codec_simd *simd, const struct codec_picture *captured,
	const struct codec_budget *budget, struct codec_patch *patches, size_t count)
{
	uint64_t time_us = budget->time_us > 0 ? budget->time_us : DEFAULT_TIME_US;

	uint64_t sum_ns = 0;

	for (size_t i = 0; i < count; i++) {
		struct codec_patch *p = &patches[i];
		p->is_coded = false;
		p->hard_share = hard_share(simd, captured, p->rect);
		sum_ns += codec_plan_ctx_ns(p);
	}
	for (size_t i = 0; i < count; i++)
		patches[i].coder = sum_ns <= CTX_WHOLE_NS || ctx_is_sooner(&patches[i],
								     budget->link_bytes_per_ms)
					   ? CODEC_CODER_CTX
					   : CODEC_CODER_MEDZ;
	/* The client takes as long to decode as this end to encode: half of the time is ours. */
	keep_time(patches, count, time_us * 1000 / 2);
}
