/* The codec's stages by themselves, on one picture. */
#pragma once

#include <stdint.h>

/* path: raw BGRX of that size. Prints nanoseconds a pixel, best of several. Returns an exit status.
 */
int codec_stages(const char *path, uint32_t width_px, uint32_t height_px);
