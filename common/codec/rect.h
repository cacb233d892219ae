/* Arithmetic on rectangles. */
#pragma once

#include "common/codec/codec.h"

static inline uint32_t codec_rect_area(struct codec_rect r)
{
	return (uint32_t)r.width_px * r.height_px;
}

/* The smallest rectangle around both, which have areas. */
static inline struct codec_rect codec_rect_bounds(struct codec_rect a, struct codec_rect b)
{
	uint16_t x = MIN(a.x_px, b.x_px), y = MIN(a.y_px, b.y_px);
	uint32_t right = MAX((uint32_t)a.x_px + a.width_px, (uint32_t)b.x_px + b.width_px);
	uint32_t bottom = MAX((uint32_t)a.y_px + a.height_px, (uint32_t)b.y_px + b.height_px);

	return (struct codec_rect){ x, y, (uint16_t)(right - x), (uint16_t)(bottom - y) };
}

static inline bool codec_rect_overlaps(struct codec_rect a, struct codec_rect b)
{
	return a.x_px < b.x_px + b.width_px && b.x_px < a.x_px + a.width_px &&
	       a.y_px < b.y_px + b.height_px && b.y_px < a.y_px + a.height_px;
}

static inline struct codec_rect codec_rect_between(
	uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1)
{
	return (struct codec_rect){ (uint16_t)x0, (uint16_t)y0, (uint16_t)(x1 - x0),
		(uint16_t)(y1 - y0) };
}

/* The part of both; they overlap. */
static inline struct codec_rect codec_rect_common(struct codec_rect a, struct codec_rect b)
{
	return codec_rect_between(MAX(a.x_px, b.x_px), MAX(a.y_px, b.y_px),
		MIN((uint32_t)a.x_px + a.width_px, (uint32_t)b.x_px + b.width_px),
		MIN((uint32_t)a.y_px + a.height_px, (uint32_t)b.y_px + b.height_px));
}

/*
 * What of r lies outside of hole: 4 parts at most; above, below, left and right. Returns how many.
 */
static inline size_t codec_rect_outside(
	struct codec_rect r, struct codec_rect hole, struct codec_rect parts[static 4])
{
	uint32_t right = (uint32_t)r.x_px + r.width_px, bottom = (uint32_t)r.y_px + r.height_px;
	size_t count = 0;

	if (!codec_rect_overlaps(r, hole)) {
		parts[0] = r;
		return 1;
	}
	struct codec_rect c = codec_rect_common(r, hole);
	uint32_t c_right = (uint32_t)c.x_px + c.width_px, c_bottom = (uint32_t)c.y_px + c.height_px;
	if (c.y_px > r.y_px)
		parts[count++] = codec_rect_between(r.x_px, r.y_px, right, c.y_px);
	if (c_bottom < bottom)
		parts[count++] = codec_rect_between(r.x_px, c_bottom, right, bottom);
	if (c.x_px > r.x_px)
		parts[count++] = codec_rect_between(r.x_px, c.y_px, c.x_px, c_bottom);
	if (c_right < right)
		parts[count++] = codec_rect_between(c_right, c.y_px, right, c_bottom);
	return count;
}
