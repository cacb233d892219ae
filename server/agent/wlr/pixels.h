/* The compositor's pixels as ours: B G R X, rows from the top. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether pixels of this wl_shm format can be taken. */
bool wlr_pixels_known(uint32_t format);

/*
 * Copies rows of width_px pixels of that format, which is a known one. The fourth byte of what is
 * written means nothing. In the source the next pixel is from_step_bytes further on and the next row
 * from_stride_bytes: any two, so that what is turned becomes upright.
 */
void wlr_pixels_copy(uint8_t *to, size_t to_stride_bytes, const uint8_t *from,
	ptrdiff_t from_step_bytes, ptrdiff_t from_stride_bytes, uint32_t format, uint32_t width_px,
	uint32_t rows);
