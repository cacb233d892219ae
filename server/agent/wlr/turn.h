/* Outputs that are turned or mirrored: the compositor's pictures are as the monitor has them, and
 * everything else is upright. Pure. */
#pragma once

#include "common/ipc/records.h"

/* How an upright place becomes one of the picture: x and y change places, then either is counted from
 * the other end. */
struct wlr_turn {
	bool swaps, mirrors_x, mirrors_y;
};

/* transform: enum wl_output_transform; any other one is none. */
struct wlr_turn wlr_turn_of(int32_t transform);

/* The place in a picture of that size that an upright one stands for; both are within. */
void wlr_turn_place(
	struct wlr_turn t, uint32_t width_px, uint32_t height_px, uint32_t *x_px, uint32_t *y_px);
/* The upright rectangle that one within a picture of that size stands for. */
struct record_rect wlr_turn_upright(
	struct wlr_turn t, uint32_t width_px, uint32_t height_px, const struct record_rect *r);
