/* What an H.264 stream says about itself, read before a decoder gets it. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a coded picture (Annex B byte stream) is what our encoder makes: every sequence parameter
 * set in it is of the baseline profile, of exactly this size in whole macroblocks, and keeps a few
 * reference pictures at most. The decoder's memory is then what the region's size needs, whatever
 * the stream claims.
 */
bool codec_h264_fits(const uint8_t *bytes, size_t len, uint32_t width_px, uint32_t height_px);
