/* Small things done to pixels: cursors as SDL wants them, pictures as PNG. farseat. */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

/* Premultiplied BGRA to straight BGRA, rounded to nearest; colours above their alpha (malformed)
 * are cut to white. */
void pixels_unpremultiply(uint8_t *out, const uint8_t *in, size_t count);

/* Writes B G R X rows as an RGB PNG, atomically (a temporary file beside it). path "-": standard
 * output. -errno, -EIO. */
int pixels_write_png(const char *path, const uint8_t *pixels, size_t stride_bytes,
	unsigned width_px, unsigned height_px) MUST_CHECK;
