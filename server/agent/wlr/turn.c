#include "server/agent/wlr/turn.h"

#include <wayland-client-protocol.h>

/* wl_output.transform turns against the clock, what is mirrored after it was mirrored. */
static const struct wlr_turn turns[] = {
	[WL_OUTPUT_TRANSFORM_NORMAL] = { false, false, false },
	[WL_OUTPUT_TRANSFORM_90] = { true, false, true },
	[WL_OUTPUT_TRANSFORM_180] = { false, true, true },
	[WL_OUTPUT_TRANSFORM_270] = { true, true, false },
	[WL_OUTPUT_TRANSFORM_FLIPPED] = { false, true, false },
	[WL_OUTPUT_TRANSFORM_FLIPPED_90] = { true, false, false },
	[WL_OUTPUT_TRANSFORM_FLIPPED_180] = { false, false, true },
	[WL_OUTPUT_TRANSFORM_FLIPPED_270] = { true, true, true },
};

struct wlr_turn wlr_turn_of(int32_t transform)
{
	bool known = transform >= 0 && transform < (int32_t)ARRAY_LEN(turns);

	return turns[known ? transform : WL_OUTPUT_TRANSFORM_NORMAL];
}

void wlr_turn_place(
	struct wlr_turn t, uint32_t width_px, uint32_t height_px, uint32_t *x_px, uint32_t *y_px)
{
	uint32_t x = t.swaps ? *y_px : *x_px, y = t.swaps ? *x_px : *y_px;

	*x_px = t.mirrors_x ? width_px - 1 - x : x;
	*y_px = t.mirrors_y ? height_px - 1 - y : y;
}

struct record_rect wlr_turn_upright(
	struct wlr_turn t, uint32_t width_px, uint32_t height_px, const struct record_rect *r)
{
	struct record_rect out = *r;

	if (t.mirrors_x)
		out.x_px = (uint16_t)(width_px - r->x_px - r->width_px);
	if (t.mirrors_y)
		out.y_px = (uint16_t)(height_px - r->y_px - r->height_px);
	if (t.swaps)
		out = (struct record_rect){ out.y_px, out.x_px, out.height_px, out.width_px };
	return out;
}
