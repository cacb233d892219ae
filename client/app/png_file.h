/* Pictures as PNG files. farseat. */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Writes B G R X rows as an RGB PNG, atomically (a temporary file beside it). path "-": standard
 * output. -errno, -EIO.
 */
int png_file_write(const char *path, const uint8_t *pixels, size_t stride_bytes, unsigned width_px,
	unsigned height_px) MUST_CHECK;
