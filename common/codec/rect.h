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
