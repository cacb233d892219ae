#include "server/agent/compare.h"

#include <string.h>

#define PIXEL_BYTES 4

static bool tile_differs(
	const uint8_t *then, const uint8_t *now, size_t stride, size_t bytes, uint16_t rows)
{
	for (uint16_t y = 0; y < rows; y++, then += stride, now += stride)
		if (memcmp(then, now, bytes) != 0)
			return true;
	return false;
}

/* One row of tiles that is known to differ somewhere. */
static void find_tiles(const uint8_t *then, const uint8_t *now, uint16_t width_px,
	struct record_rect strip, struct region *out)
{
	size_t stride = (size_t)width_px * PIXEL_BYTES;
	struct record_rect run = { .y_px = strip.y_px, .height_px = strip.height_px };

	for (uint32_t x = 0; x < width_px; x += COMPARE_TILE_PX) {
		uint16_t width = (uint16_t)MIN(width_px - x, (uint32_t)COMPARE_TILE_PX);
		size_t at = (size_t)x * PIXEL_BYTES;

		if (tile_differs(then + at, now + at, stride, (size_t)width * PIXEL_BYTES,
			    strip.height_px)) {
			if (run.width_px == 0)
				run.x_px = (uint16_t)x;
			run.width_px = (uint16_t)(x + width - run.x_px);
		} else if (run.width_px) {
			region_add(out, run);
			run.width_px = 0;
		}
	}
	region_add(out, run);
}

bool compare_rows(const uint8_t *then, const uint8_t *now, uint16_t width_px, uint16_t first,
	uint16_t count, struct region *out)
{
	size_t stride = (size_t)width_px * PIXEL_BYTES;
	bool any = false;

	for (uint32_t y = first; y < (uint32_t)first + count; y += COMPARE_TILE_PX) {
		uint16_t rows = (uint16_t)MIN(first + count - y, (uint32_t)COMPARE_TILE_PX);
		size_t at = y * stride;

		/* Nearly always all is the same: one comparison finds it. */
		if (memcmp(then + at, now + at, rows * stride) == 0)
			continue;
		any = true;
		find_tiles(then + at, now + at, width_px,
			(struct record_rect){ 0, (uint16_t)y, width_px, rows }, out);
	}
	return any;
}
