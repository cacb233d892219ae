/* Where two pictures differ: for displays that do not say what has changed, or are not believed. */
#pragma once

#include "server/agent/region.h"

#define COMPARE_TILE_PX 64 /* as the codec's: what is finer is coded together anyway */

/*
 * Adds the tiles of rows first to first + count - 1 in which `now` differs from `then` to out, rows
 * of tiles joined where they touch. Both are whole pictures of BGRX pixels, width_px * 4 bytes a
 * row. Returns whether there was any.
 */
bool compare_rows(const uint8_t *then, const uint8_t *now, uint16_t width_px, uint16_t first,
	uint16_t count, struct region *out);
