/* A picture of a display, as the end-to-end tests compare it. */
#pragma once

#include <stdint.h>

struct shot {
	int width, height, depth; /* depth: how many bits of a pixel mean something, 16, 24 or 30 */
	uint32_t *pixels;         /* owned; 0xRRGGBB. NULL: it cannot be read */
};

/* Of the only output of the compositor behind the socket at that path. Waits for it. */
struct shot shot_wayland(const char *path);
