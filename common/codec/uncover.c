#include "common/codec/uncover.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>

/* A part of fewer pixels is coded for less than its rectangle takes. */
#define PART_LEAST_PX 64

/* An uncovered corner is two strips; what is left after them is something else. */
#define TILE_PARTS_MAX 2

int codec_uncover_init(struct codec_uncover *u, const struct codec_simd *simd, size_t tile_count)
{
	u->simd = simd;
	u->homes = calloc(tile_count, sizeof(*u->homes));
	u->parts = calloc(CODEC_SECTION_PARTS_MAX, sizeof(*u->parts));
	return u->homes && u->parts ? 0 : -ENOMEM;
}

void codec_uncover_finish(struct codec_uncover *u)
{
	free(u->homes);
	free(u->parts);
	*u = (struct codec_uncover){ 0 };
}

void codec_uncover_remember(struct codec_uncover *u, size_t tile, struct codec_cache_ref ref)
{
	struct codec_cache_ref *refs = u->homes[tile].refs;

	if (refs[0].slot == ref.slot && refs[0].serial == ref.serial)
		return;
	refs[1] = refs[0];
	refs[0] = ref;
}

/*
 * The largest strip along a side of r, all of it if possible, in which captured is what kept (a
 * tile whose corner is tile's) holds; without area when there is none.
 */
static struct codec_rect matching_strip(const struct codec_uncover *u,
	const struct codec_picture *captured, const uint32_t *kept, struct codec_rect tile,
	struct codec_rect r)
{
	uint32_t width_px = r.width_px, height_px = r.height_px;
	size_t left = width_px, right = 0;
	uint32_t top = height_px, bottom = 0;

	kept += (size_t)(r.y_px - tile.y_px) * TILE_SIDE_PX + (r.x_px - tile.x_px);
	for (uint32_t y = 0; y < height_px; y++, kept += TILE_SIDE_PX) {
		const uint32_t *row = codec_picture_at(captured, r.x_px, r.y_px + y);
		size_t first = u->simd->first_difference(row, kept, width_px);
		if (first == width_px)
			continue;
		top = MIN(top, y);
		bottom = y + 1;
		left = MIN(left, first);
		right += u->simd->last_difference(row + right, kept + right, width_px - right);
	}
	if (bottom == 0)
		return r;
	const uint32_t x0 = r.x_px, y0 = r.y_px, x1 = x0 + width_px, y1 = y0 + height_px;
	const struct codec_rect strips[] = {
		codec_rect_between(x0, y0, x0 + (uint32_t)left, y1),
		codec_rect_between(x0 + (uint32_t)right, y0, x1, y1),
		codec_rect_between(x0, y0, x1, y0 + top),
		codec_rect_between(x0, y0 + bottom, x1, y1),
	};
	size_t best = 0;
	for (size_t i = 1; i < ARRAY_LEN(strips); i++)
		if (codec_rect_area(strips[i]) > codec_rect_area(strips[best]))
			best = i;
	return strips[best];
}

/* Takes one part off r; false when the cache holds none that is worth it, or all of r was taken. */
static bool take_part(struct codec_uncover *u, struct codec_cache *cache, size_t i,
	const struct codec_picture *captured, struct codec_rect tile, struct codec_rect *r)
{
	struct codec_rect best = { 0 }, rest[4];
	struct codec_cache_ref from = { 0 };

	for (size_t k = 0; k < UNCOVER_HOMES; k++) {
		struct codec_cache_ref ref = u->homes[i].refs[k];
		const uint32_t *kept = codec_cache_pixels(cache, ref);
		if (!kept)
			continue;
		struct codec_rect strip = matching_strip(u, captured, kept, tile, *r);
		if (codec_rect_area(strip) > codec_rect_area(best)) {
			best = strip;
			from = ref;
		}
	}
	if (codec_rect_area(best) < PART_LEAST_PX || u->count == CODEC_SECTION_PARTS_MAX)
		return false;
	codec_cache_used(cache, from);
	u->parts[u->count++] = (struct codec_part){ best, from.slot };
	/* A strip along a side leaves one rectangle, or nothing. */
	*r = codec_rect_outside(*r, best, rest) > 0 ? rest[0] : (struct codec_rect){ 0 };
	return r->width_px > 0;
}

void codec_uncover_find(struct codec_uncover *u, struct codec_cache *cache,
	struct codec_tiles *tiles, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_rect *bounds)
{
	u->count = 0;
	for (size_t i = 0; i < codec_tiles_count(tiles); i++) {
		if (!tiles->changed[i] || u->homes[i].refs[0].serial == 0)
			continue;
		struct codec_rect tile = codec_tiles_nth(tiles, i), left = bounds[i];
		size_t before = u->count;
		for (size_t n = 0; n < TILE_PARTS_MAX; n++)
			if (!take_part(u, cache, i, captured, tile, &left) ||
				!codec_tiles_shrink(u->simd, captured, shown, &left))
				break;
		if (u->count == before)
			continue; /* its bounds are as they were */
		bounds[i] = left;
		if (left.width_px > 0 && codec_tiles_shrink(u->simd, captured, shown, &left))
			continue;
		bounds[i].width_px = 0;
		tiles->changed[i] = 0;
	}
}
