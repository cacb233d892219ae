#include "server/agent/wlr/pixels.h"

#include <string.h>
#include <wayland-client-protocol.h>

#define PIXEL_BYTES 4

/* Blue and red have changed places: what OpenGL ES reads by itself. */
static bool is_swapped(uint32_t format)
{
	return format == WL_SHM_FORMAT_XBGR8888 || format == WL_SHM_FORMAT_ABGR8888;
}

bool wlr_pixels_known(uint32_t format)
{
	return format == WL_SHM_FORMAT_XRGB8888 || format == WL_SHM_FORMAT_ARGB8888 ||
	       is_swapped(format);
}

static void copy_swapped(
	uint8_t *to, const uint8_t *from, ptrdiff_t from_step_bytes, uint32_t width_px)
{
	for (uint32_t x = 0; x < width_px; x++, to += PIXEL_BYTES, from += from_step_bytes) {
		to[0] = from[2];
		to[1] = from[1];
		to[2] = from[0];
		to[3] = from[3];
	}
}

static void copy_stepped(
	uint8_t *to, const uint8_t *from, ptrdiff_t from_step_bytes, uint32_t width_px)
{
	for (uint32_t x = 0; x < width_px; x++, to += PIXEL_BYTES, from += from_step_bytes)
		memcpy(to, from, PIXEL_BYTES);
}

void wlr_pixels_copy(uint8_t *to, size_t to_stride_bytes, const uint8_t *from,
	ptrdiff_t from_step_bytes, ptrdiff_t from_stride_bytes, uint32_t format, uint32_t width_px,
	uint32_t rows)
{
	bool swapped = is_swapped(format);

	for (uint32_t y = 0; y < rows; y++) {
		uint8_t *row = to + y * to_stride_bytes;
		const uint8_t *source = from + (ptrdiff_t)y * from_stride_bytes;
		if (swapped)
			copy_swapped(row, source, from_step_bytes, width_px);
		else if (from_step_bytes != PIXEL_BYTES)
			copy_stepped(row, source, from_step_bytes, width_px);
		else
			memcpy(row, source, (size_t)width_px * PIXEL_BYTES);
	}
}
